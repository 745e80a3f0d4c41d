"""2.1 A layer's weight and bias: what a release chooses."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from specs.ledger import claim
from specs.observed.surface import names, signature

_LAYERS = "Linear Conv2d BatchNorm2d ReLU Dropout Sequential Module".split()


@claim("2.1.1")
@pytest.mark.parametrize("layer", _LAYERS)
def test_signature_and_names_of_a_layer(observe, layer):
    observe(f"signature of nn.{layer}", signature, f"torch.nn.{layer}")
    observe(f"public names of nn.{layer}", _own_names, layer)
    observe(f"types above nn.{layer}", lambda: getattr(nn, layer).__mro__)


def _own_names(layer: str) -> list[str]:
    """Those of Module are not told again by each of its kind."""
    of_all = [] if layer == "Module" else names("torch.nn.Module")
    return [name for name in names(f"torch.nn.{layer}") if name not in of_all]


@claim("2.1.1")
def test_what_a_parameter_is(observe):
    parameter = nn.Parameter(torch.ones(2))

    observe("signature of nn.Parameter", signature, "torch.nn.Parameter")
    observe("types above nn.Parameter", lambda: nn.Parameter.__mro__)
    observe("print of a parameter", lambda: repr(parameter))
    observe("print of a weight", lambda: repr(nn.init.ones_(nn.Linear(3, 2).weight)))
    observe("nn.Parameter of ints", lambda: nn.Parameter(torch.ones(1, dtype=torch.int64)))
    observe("nn.Parameter without data", lambda: nn.Parameter())
    observe("nn.Parameter of a list", lambda: nn.Parameter([1.0]))
    observe("nn.Parameter of a result", lambda: nn.Parameter(parameter * 2))
    observe("type of parameter + 1", lambda: type(parameter + 1))
    observe("type of parameter.clone()", lambda: type(parameter.clone()))
    observe("type of parameter[0]", lambda: type(parameter[0]))
    observe("type of parameter.detach()", lambda: type(parameter.detach()))
    observe("type of parameter.data", lambda: type(parameter.data))
    observe("isinstance(tensor, nn.Parameter)", lambda: isinstance(torch.ones(1), nn.Parameter))


@claim("2.1.1")
def test_what_a_layer_keeps(observe):
    of_all = vars(nn.Module()).keys()
    observe("attributes of a Module", lambda: sorted(of_all))
    for name in _LAYERS[:5]:
        layer = _layers()[name]
        observe(f"attributes of {name}", lambda layer=layer: sorted(vars(layer).keys() - of_all))
        observe(
            f"names of {name}'s parameters",
            lambda layer=layer: dict(layer.named_parameters()).keys(),
        )
    observe(
        "setting a weight to a tensor", lambda: setattr(nn.Linear(1, 1), "weight", torch.ones(1, 1))
    )
    observe("setting a weight to None", lambda: setattr(nn.Linear(1, 1), "weight", None))
    observe("deleting a weight", lambda: delattr(nn.Linear(1, 1), "weight"))
    observe("an attribute that a layer lacks", lambda: nn.Linear(1, 1).no_such_attribute)
    observe("weight of a ReLU", lambda: nn.ReLU().weight)
    observe("bias of Linear(bias=False)", lambda: nn.Linear(1, 1, bias=False).bias)
    observe("constants of Linear", lambda: nn.Linear.__constants__)
    observe("constants of Conv2d", lambda: nn.Conv2d.__constants__)
    observe("constants of BatchNorm2d", lambda: nn.BatchNorm2d.__constants__)


@claim("2.1.1")
def test_how_a_layer_refuses_what_does_not_fit(observe, device):
    linear = nn.Linear(3, 2).to(device)

    observe("Linear of another width", lambda: linear(torch.ones(1, 4, device=device)))
    observe("Linear of an array", lambda: linear([1.0, 2.0, 3.0]))
    observe("Linear without inputs", lambda: linear())
    observe("Linear of no dimension", lambda: linear(torch.tensor(1.0, device=device)))
    observe("Conv2d of two dimensions", lambda: nn.Conv2d(1, 1, 1)(torch.ones(2, 2)))
    observe("Conv2d of one dimension", lambda: nn.Conv2d(1, 1, 1)(torch.ones(2)))
    observe("Conv2d of other channels", lambda: nn.Conv2d(3, 1, 1)(torch.ones(1, 2, 2, 2)))
    observe("Conv2d of images too small", lambda: nn.Conv2d(1, 1, 3)(torch.ones(1, 1, 2, 2)))
    observe("Conv2d of unequal groups", lambda: nn.Conv2d(3, 4, 1, groups=2))
    observe("Conv2d of groups=0", lambda: nn.Conv2d(2, 2, 1, groups=0))
    observe("Conv2d of an unknown padding", lambda: nn.Conv2d(1, 1, 1, padding="no_such"))
    observe("Conv2d of an unknown padding mode", lambda: nn.Conv2d(1, 1, 1, padding_mode="no_such"))
    observe("Conv2d of padding='same' and a stride", lambda: nn.Conv2d(1, 1, 1, 2, padding="same"))
    observe("Linear(0, 2)", lambda: nn.Linear(0, 2))
    observe("Linear(-1, 2)", lambda: nn.Linear(-1, 2))
    observe("Linear('3', 2)", lambda: nn.Linear("3", 2))
    observe("Linear(3)", lambda: nn.Linear(3))


@claim("2.1.2")
def test_how_layers_print(observe):
    observe("print of a layer", {name: layer.__repr__ for name, layer in _layers().items()})
    observe("print of Linear without bias", lambda: nn.Linear(3, 2, bias=False))
    observe("print of a Sequential", lambda: nn.Sequential(nn.Linear(3, 2), nn.ReLU()))
    observe(
        "print of a Sequential of equals", lambda: nn.Sequential(nn.ReLU(), nn.ReLU(), nn.ReLU())
    )
    observe("print of a ModuleList of equals", lambda: nn.ModuleList([nn.Linear(3, 2)] * 3))
    observe("extra_repr of Linear", lambda: nn.Linear(3, 2).extra_repr())


@claim("2.1.3")
def test_what_the_data_of_a_weight_is(observe):
    weight = nn.Linear(1, 1).weight

    observe("type of weight.data", lambda: type(weight.data))
    observe("_version of weight after data.add_", lambda: _version(weight))
    observe("weight.data of another shape", lambda: setattr(weight, "data", torch.ones(2, 2)))
    observe(
        "weight.data of another dtype", lambda: setattr(weight, "data", torch.ones(1, 1).double())
    )
    observe("weight.data of a list", lambda: setattr(weight, "data", [1.0]))


def _version(weight: torch.Tensor) -> int:
    weight.data.add_(1)
    return weight._version


def _layers() -> dict[str, nn.Module]:
    return {
        "Linear": nn.Linear(3, 2),
        "Conv2d": nn.Conv2d(3, 5, kernel_size=2),
        "Conv2d with all": nn.Conv2d(
            4, 4, 3, stride=2, padding=1, dilation=2, groups=2, bias=False
        ),
        "Conv2d of padding mode": nn.Conv2d(1, 1, 3, padding="same", padding_mode="reflect"),
        "BatchNorm1d": nn.BatchNorm1d(5),
        "BatchNorm2d": nn.BatchNorm2d(5),
        "BatchNorm2d without affine": nn.BatchNorm2d(5, affine=False),
        "BatchNorm2d without statistics": nn.BatchNorm2d(5, track_running_stats=False),
        "ReLU": nn.ReLU(),
        "ReLU in place": nn.ReLU(inplace=True),
        "Dropout": nn.Dropout(0.5),
        "Dropout in place": nn.Dropout(0.5, inplace=True),
        "LayerNorm": nn.LayerNorm(5),
        "GroupNorm": nn.GroupNorm(1, 5),
        "InstanceNorm2d": nn.InstanceNorm2d(5),
        "Identity": nn.Identity(),
        "Flatten": nn.Flatten(),
        "MaxPool2d": nn.MaxPool2d(2),
        "Embedding": nn.Embedding(3, 2),
        "LSTM": nn.LSTM(3, 2),
        "MultiheadAttention": nn.MultiheadAttention(2, 1),
    }
