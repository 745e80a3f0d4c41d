"""5 nn.ReLU and nn.functional.relu: what a release chooses."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from specs.ledger import claim
from specs.observed.dtypes import by_dtype
from specs.observed.surface import names, signature


@claim("5.1")
def test_which_dtypes_relu_takes(observe, device):
    observe("F.relu by dtype", by_dtype(lambda one: functional.relu(one).dtype, device))
    observe("nn.ReLU() by dtype", by_dtype(lambda one: nn.ReLU()(one).dtype, device))


@claim("5.1")
def test_what_relu_does_at_the_edges(observe, device):
    edges = torch.tensor([float("nan"), float("inf"), float("-inf"), -0.0, 0.0], device=device)

    observe("relu of the edges", lambda: functional.relu(edges).cpu())
    observe("gradient of relu at the edges", lambda: _gradient(edges).cpu())
    observe("relu of no element", lambda: functional.relu(torch.ones(0, device=device)).shape)
    observe("relu of a list", lambda: functional.relu([1.0]))
    observe("nn.ReLU of a list", lambda: nn.ReLU()([1.0]))
    observe("relu of an array", lambda: functional.relu(torch.ones(1).numpy()))
    observe("relu of complex numbers", lambda: functional.relu(torch.tensor([1j], device=device)))
    observe("name of relu's grad_fn", lambda: functional.relu(_leaf(device)).grad_fn.name())


def _gradient(edges: torch.Tensor) -> torch.Tensor:
    x = edges.clone().requires_grad_()
    functional.relu(x).sum().backward()
    return x.grad


def _leaf(device: str) -> torch.Tensor:
    return torch.ones(2, device=device, requires_grad=True)


@claim("5.2")
def test_what_a_sequential_is(observe):
    sequential = nn.Sequential(nn.Linear(1, 1), nn.ReLU())

    observe("keys of a Sequential's state_dict()", lambda: list(sequential.state_dict()))
    observe("Sequential[5]", lambda: sequential[5])
    observe("Sequential['a']", lambda: sequential["a"])
    observe("Sequential[0:1]", lambda: sequential[0:1])
    observe("Sequential + Sequential", lambda: sequential + sequential)
    observe("Sequential * 2", lambda: sequential * 2)
    observe("len(Sequential)", lambda: len(sequential))
    observe("Sequential()", lambda: nn.Sequential()(torch.ones(1)))
    observe("Sequential of a list", lambda: nn.Sequential([nn.ReLU()]))
    observe("Sequential of a dict", lambda: nn.Sequential({"a": nn.ReLU()}))
    observe("append to a Sequential", lambda: nn.Sequential().append(nn.ReLU()))
    observe("Sequential of two inputs", lambda: sequential(torch.ones(1), torch.ones(1)))


@claim("5.2")
def test_how_functions_are_refused(observe):
    observe("Sequential of F.relu", lambda: nn.Sequential(functional.relu))
    observe("Sequential of the class nn.ReLU", lambda: nn.Sequential(nn.ReLU))
    observe("nn.ReLU called with the tensor", lambda: nn.ReLU(torch.ones(1)))
    observe("nn.ReLU called with two", lambda: nn.ReLU(True, True))
    observe("append of F.relu", lambda: nn.Sequential().append(functional.relu))
    observe("module attribute set to F.relu", lambda: setattr(nn.Module(), "relu", functional.relu))


@claim("5.2")
def test_signatures_of_relu(observe):
    observe("signature of F.relu", signature, "torch.nn.functional.relu")
    observe("signature of F.relu_", signature, "torch.nn.functional.relu_")
    observe("signature of torch.relu", signature, "torch.relu")
    observe("signature of Tensor.relu", signature, "torch.Tensor.relu")
    for (
        function
    ) in "linear conv2d leaky_relu gelu softmax sigmoid tanh mse_loss cross_entropy".split():
        observe(f"signature of F.{function}", signature, f"torch.nn.functional.{function}")
    observe("public names of nn.functional", names, "torch.nn.functional")
    observe("F.tanh", lambda: functional.tanh(torch.ones(1)))
    observe("F.sigmoid", lambda: functional.sigmoid(torch.ones(1)))
    observe("F.softmax without dim", lambda: functional.softmax(torch.ones(2)))
    observe("nn.Softmax without dim", lambda: nn.Softmax()(torch.ones(2)))


@claim("5.3")
def test_how_relu_prints(observe):
    observe("print of nn.ReLU()", lambda: nn.ReLU())
    observe("print of nn.ReLU(inplace=True)", lambda: nn.ReLU(inplace=True))
    observe("print of F.relu", lambda: functional.relu)


@claim("5.4")
def test_what_relu_in_place_refuses(observe, device):
    observe("nn.ReLU(inplace=True) of a leaf", lambda: nn.ReLU(inplace=True)(_leaf(device)))
    observe("F.relu(inplace=True) of a leaf", lambda: functional.relu(_leaf(device), inplace=True))
    observe("relu in place of what exp() saved", lambda: _backward_after(device))
    observe("relu in place of ints", lambda: functional.relu(torch.ones(1).int(), inplace=True))


def _backward_after(device: str) -> None:
    saved = _leaf(device).exp()
    functional.relu(saved, inplace=True).sum().backward()
