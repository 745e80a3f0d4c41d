"""2.2 Initialisation: what a release chooses."""

from __future__ import annotations

import torch
from torch import nn

from specs.ledger import claim
from specs.observed.surface import names, signature

_FUNCTIONS = (
    "normal_ uniform_ constant_ ones_ zeros_ eye_ dirac_ xavier_normal_ xavier_uniform_ "
    "kaiming_normal_ kaiming_uniform_ trunc_normal_ orthogonal_ sparse_ calculate_gain"
).split()


@claim("2.2.1")
def test_signatures_of_the_initialisers(observe):
    for function in _FUNCTIONS:
        observe(f"signature of nn.init.{function}", signature, f"torch.nn.init.{function}")
    observe("public names of nn.init", names, "torch.nn.init")


@claim("2.2.1")
def test_what_initialisers_do_with_other_tensors(observe, device):
    kinds = {
        "no dimension": lambda: torch.ones((), device=device),
        "one dimension": lambda: torch.ones(2, device=device),
        "no element": lambda: torch.ones(0, 2, device=device),
        "ints": lambda: torch.ones(2, 2, dtype=torch.int64, device=device),
    }
    for kind, make in kinds.items():
        observe(
            f"nn.init of {kind}",
            {
                function: lambda function=function, make=make: type(_initialised(function, make()))
                for function in _FUNCTIONS[:-1]
            },
        )
    observe("nn.init.normal_ of a list", lambda: nn.init.normal_([1.0]))
    observe(
        "nn.init.normal_ of a deviation below zero", lambda: nn.init.normal_(torch.ones(2), 0, -1)
    )
    observe("nn.init.uniform_ of swapped bounds", lambda: nn.init.uniform_(torch.ones(2), 1, 0))
    observe("nn.init.kaiming_normal_ of an unknown mode", lambda: _kaiming(mode="no_such"))
    observe("nn.init.kaiming_normal_ of an unknown gain", lambda: _kaiming(nonlinearity="no_such"))
    observe("nn.init.kamiming_normal_", lambda: nn.init.kamiming_normal_)
    observe("nn.init.normal without underscore", lambda: nn.init.normal(torch.zeros(1)).shape)
    observe(
        "nn.init.xavier_normal without underscore",
        lambda: nn.init.xavier_normal(torch.zeros(1, 1)).shape,
    )


def _initialised(function: str, tensor: torch.Tensor) -> torch.Tensor:
    arguments = {"constant_": (0.5,), "sparse_": (0.5,)}.get(function, ())
    return getattr(nn.init, function)(tensor, *arguments)


def _kaiming(**settings: str) -> torch.Tensor:
    return nn.init.kaiming_normal_(torch.ones(2, 2), **settings)


@claim("2.2.2")
def test_which_numbers_a_seed_gives(observe):
    def after_seed(make):
        torch.manual_seed(0)
        return [f"{number:.4f}" for number in make().flatten().tolist()[:6]]

    draws = {
        "rand": lambda: torch.rand(6),
        "rand float64": lambda: torch.rand(6, dtype=torch.float64),
        "randn": lambda: torch.randn(6),
        "randn of many": lambda: torch.randn(32),
        "randn float64": lambda: torch.randn(6, dtype=torch.float64),
        "randint": lambda: torch.randint(100, (6,)),
        "randperm": lambda: torch.randperm(6),
        "multinomial": lambda: torch.multinomial(torch.ones(6), 6),
        "normal_": lambda: nn.init.normal_(torch.empty(2, 3)),
        "uniform_": lambda: nn.init.uniform_(torch.empty(2, 3)),
        "trunc_normal_": lambda: nn.init.trunc_normal_(torch.empty(2, 3)),
        "xavier_normal_": lambda: nn.init.xavier_normal_(torch.empty(2, 3)),
        "kaiming_normal_": lambda: nn.init.kaiming_normal_(torch.empty(2, 3)),
        "orthogonal_": lambda: nn.init.orthogonal_(torch.empty(2, 3)).abs(),
        "Linear": lambda: nn.Linear(3, 2).weight,
        "Linear's bias": lambda: nn.Linear(3, 6).bias,
        "Conv2d": lambda: nn.Conv2d(3, 2, 2).weight,
        "Embedding": lambda: nn.Embedding(3, 2).weight,
        "LSTM": lambda: nn.LSTM(3, 2).weight_ih_l0,
    }
    observe(
        "numbers after manual_seed(0)",
        {name: lambda make=make: ", ".join(after_seed(make)) for name, make in draws.items()},
    )
    observe("signature of torch.manual_seed", signature, "torch.manual_seed")
    observe("type of manual_seed's result", lambda: type(torch.manual_seed(0)))
    observe("manual_seed(-1)", lambda: torch.manual_seed(-1).initial_seed())
    observe("manual_seed(2 ** 64)", lambda: torch.manual_seed(2**64))
    observe("manual_seed('0')", lambda: torch.manual_seed("0"))


@claim("2.2.3")
def test_which_gains_there_are(observe):
    nonlinearities = "linear conv2d sigmoid tanh relu leaky_relu selu gelu no_such".split()
    observe(
        "calculate_gain",
        {name: lambda name=name: f"{nn.init.calculate_gain(name):.6f}" for name in nonlinearities},
    )


@claim("2.2.6")
def test_how_layers_initialise_themselves(observe):
    observe("Linear has reset_parameters", lambda: signature("torch.nn.Linear.reset_parameters"))
    observe("Linear(0, 2)'s weight", lambda: nn.Linear(0, 2).weight.shape)
    observe("skip_init", signature, "torch.nn.utils.skip_init")
