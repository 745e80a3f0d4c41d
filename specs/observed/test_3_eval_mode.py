"""3 model.eval(): what a release chooses."""

from __future__ import annotations

import torch
from torch import nn

from specs.ledger import claim
from specs.observed.surface import documents, signature


@claim("3.1")
def test_which_modules_heed_the_mode(observe):
    observe(
        "modules that differ between the modes",
        lambda: sorted(name for name, make in _MODULES.items() if _differs(make())),
    )


def _differs(module: nn.Module) -> bool:
    inputs = torch.linspace(-1, 1, 32).reshape(2, 4, 2, 2)
    return not torch.equal(module.train()(inputs), module.eval()(inputs))


_MODULES = {
    "Linear": lambda: nn.Linear(2, 2),
    "Conv2d": lambda: nn.Conv2d(4, 4, 1),
    "ReLU": nn.ReLU,
    "RReLU": nn.RReLU,
    "Dropout": nn.Dropout,
    "Dropout2d": nn.Dropout2d,
    "AlphaDropout": nn.AlphaDropout,
    "FeatureAlphaDropout": nn.FeatureAlphaDropout,
    "BatchNorm2d": lambda: nn.BatchNorm2d(4),
    "SyncBatchNorm": lambda: nn.Identity(),
    "LayerNorm": lambda: nn.LayerNorm(2),
    "GroupNorm": lambda: nn.GroupNorm(2, 4),
    "InstanceNorm2d": lambda: nn.InstanceNorm2d(4),
    "InstanceNorm2d that tracks": lambda: nn.InstanceNorm2d(4, track_running_stats=True),
    "MaxPool2d": lambda: nn.MaxPool2d(2),
}


@claim("3.2")
def test_which_sentences_of_the_article_eval_still_documents(observe):
    for words in (
        "Sets the module in evaluation mode",
        "This has any effect only on certain modules",
        "Dropout, BatchNorm, etc.",
        "This is equivalent with self.train(False)",
    ):
        observe(f"documented of eval(): {words}", documents, "torch.nn.Module.eval", words)


@claim("3.2")
def test_signatures_of_the_modes(observe):
    observe("signature of Module.eval", signature, "torch.nn.Module.eval")
    observe("signature of Module.train", signature, "torch.nn.Module.train")
    observe("train(1)", lambda: nn.ReLU().train(1))
    observe("train('no')", lambda: nn.ReLU().train("no"))
    observe("train(None)", lambda: nn.ReLU().train(None))
    observe("training of a new module", lambda: nn.ReLU().training)
    observe("training = 0", lambda: setattr(nn.ReLU(), "training", 0))


@claim("3.3")
def test_what_dropout_refuses(observe, device):
    ones = torch.ones(2, device=device)

    for function in "dropout dropout2d alpha_dropout".split():
        observe(f"signature of F.{function}", signature, f"torch.nn.functional.{function}")
    observe("signature of torch.dropout", signature, "torch.dropout")
    observe("Dropout(-0.1)", lambda: nn.Dropout(-0.1))
    observe("Dropout(1.1)", lambda: nn.Dropout(1.1))
    observe("Dropout(1)", lambda: nn.Dropout(1)(ones).cpu())
    observe("Dropout('a')", lambda: nn.Dropout("a"))
    observe("F.dropout(p=1.1)", lambda: nn.functional.dropout(ones, 1.1))
    observe(
        "Dropout of ints", lambda: nn.Dropout()(torch.ones(2, dtype=torch.int64, device=device))
    )
    observe(
        "Dropout2d of two dimensions",
        lambda: nn.Dropout2d(0.0)(torch.ones(2, 2, device=device)).shape,
    )
    observe("Dropout2d of three dimensions", lambda: nn.Dropout2d(0.0)(torch.ones(2, 2, 2)).shape)
    observe("Dropout in evaluation returns its input", lambda: nn.Dropout().eval()(ones) is ones)
    observe("Dropout(0) returns its input", lambda: nn.Dropout(0.0)(ones) is ones)
    observe(
        "Dropout in place on a leaf",
        lambda: nn.Dropout(inplace=True)(torch.ones(2, device=device, requires_grad=True)),
    )


@claim("3.4")
def test_what_batch_norm_in_training_refuses(observe, device):
    norm = nn.BatchNorm2d(2).to(device)

    observe("signature of nn.BatchNorm1d", signature, "torch.nn.BatchNorm1d")
    observe("signature of nn.LayerNorm", signature, "torch.nn.LayerNorm")
    observe("signature of F.batch_norm", signature, "torch.nn.functional.batch_norm")
    observe(
        "BatchNorm2d of one value a channel", lambda: norm(torch.ones(1, 2, 1, 1, device=device))
    )
    observe("BatchNorm2d of no images", lambda: norm(torch.ones(0, 2, 1, 1, device=device)).shape)
    observe("BatchNorm2d of three dimensions", lambda: norm(torch.ones(2, 2, 2, device=device)))
    observe("BatchNorm2d of two dimensions", lambda: norm(torch.ones(2, 2, device=device)))
    observe("BatchNorm1d of one dimension", lambda: nn.BatchNorm1d(2)(torch.ones(2)))
    observe("BatchNorm2d of other channels", lambda: norm(torch.ones(2, 3, 2, 2, device=device)))
    observe(
        "BatchNorm2d of ints",
        lambda: norm(torch.ones(2, 2, 2, 2, dtype=torch.int64, device=device)),
    )
    observe("BatchNorm2d(0)", lambda: nn.BatchNorm2d(0).num_features)
    observe("BatchNorm2d(-1)", lambda: nn.BatchNorm2d(-1).num_features)
    observe("BatchNorm2d(2, momentum=None)", lambda: nn.BatchNorm2d(2, momentum=None).momentum)
    observe("running_var after one batch", lambda: _after_batch().running_var)
    observe("num_batches_tracked after one batch", lambda: _after_batch().num_batches_tracked)


def _after_batch() -> nn.BatchNorm2d:
    norm = nn.BatchNorm2d(1)
    norm(torch.tensor([[[[0.0, 2.0]]]]))
    return norm


@claim("3.5")
def test_what_batch_norm_in_evaluation_refuses(observe):
    norm = nn.BatchNorm2d(2).eval()

    observe("evaluation of one value a channel", lambda: norm(torch.ones(1, 2, 1, 1)))
    observe("evaluation of other channels", lambda: norm(torch.ones(2, 3, 2, 2)))
    observe("evaluation of no images", lambda: norm(torch.ones(0, 2, 1, 1)).shape)
    observe("name of grad_fn in evaluation", lambda: norm(torch.ones(1, 2, 2, 2)).grad_fn.name())


@claim("3.7")
def test_what_eval_returns(observe):
    observe("requires_grad after eval()", lambda: nn.Linear(1, 1).eval().weight.requires_grad)
    observe("grad mode after eval()", lambda: (nn.Linear(1, 1).eval(), torch.is_grad_enabled())[1])
