"""1.2 Automatic differentiation: what a release chooses."""

from __future__ import annotations

import copy

import torch

from specs.ledger import claim
from specs.observed.dtypes import by_dtype, torch_dtypes
from specs.observed.surface import names, signature


def leaf(device: str = "cpu") -> torch.Tensor:
    return torch.tensor([1.0, 2.0], device=device, requires_grad=True)


@claim("1.2.1")
def test_signatures_of_what_makes_a_tensor(observe):
    for function in "tensor ones zeros rand randn full arange empty as_tensor asarray".split():
        observe(f"signature of torch.{function}", signature, f"torch.{function}")
    for method in "pow sum view add_ is_floating_point".split():
        observe(f"signature of Tensor.{method}", signature, f"torch.Tensor.{method}")
    observe("signature of Tensor.requires_grad_", signature, "torch.Tensor.requires_grad_")


@claim("1.2.1")
def test_what_making_a_tensor_of_a_tensor_does(observe):
    observe("torch.tensor(tensor)", lambda: torch.tensor(torch.ones(1)))
    observe("torch.tensor(tensor that requires grad)", lambda: torch.tensor(leaf()))
    observe(
        "torch.tensor([tensor, tensor])", lambda: torch.tensor([torch.ones(()), torch.ones(())])
    )
    observe("torch.tensor([tensor that requires grad])", lambda: torch.tensor([leaf()[0]]))
    observe("torch.tensor(ragged lists)", lambda: torch.tensor([[1], [1, 2]]))
    observe("torch.tensor(strings)", lambda: torch.tensor(["a"]))
    observe("torch.tensor(None)", lambda: torch.tensor(None))
    observe("torch.tensor([])", lambda: torch.tensor([]))
    observe("torch.tensor() without data", torch.tensor)
    observe("torch.tensor(an int beyond int64)", lambda: torch.tensor(2**64))
    observe("torch.tensor(-1, dtype=uint8)", lambda: torch.tensor(-1, dtype=torch.uint8))
    observe("torch.tensor(300, dtype=uint8)", lambda: torch.tensor(300, dtype=torch.uint8))
    observe("torch.Tensor(2) is filled", lambda: torch.Tensor(2).shape)
    observe("torch.Tensor(floats, requires_grad)", lambda: torch.Tensor([1.0], requires_grad=True))
    observe("dtype of a list of ints", lambda: torch.tensor([1]).dtype)
    observe("dtype of a list of bools and ints", lambda: torch.tensor([True, 2]).dtype)
    observe("dtype of a list of ints and floats", lambda: torch.tensor([1, 2.0]).dtype)
    observe("dtype of a list of complexes", lambda: torch.tensor([1j]).dtype)


@claim("1.2.2")
def test_signatures_of_backward(observe):
    observe("signature of Tensor.backward", signature, "torch.Tensor.backward")
    observe("signature of torch.autograd.backward", signature, "torch.autograd.backward")
    observe("signature of torch.autograd.grad", signature, "torch.autograd.grad")
    observe("signature of Tensor.retain_grad", signature, "torch.Tensor.retain_grad")
    observe("signature of Tensor.register_hook", signature, "torch.Tensor.register_hook")


@claim("1.2.2")
def test_what_a_gradient_looks_like(observe, device):
    def gradient(compute):
        x = leaf(device)
        compute(x).backward()
        return x.grad

    observe("print of the article's gradient", gradient, lambda x: x.pow(2).sum())
    observe("gradient of abs() at zero", gradient, lambda x: (x - x.detach()).abs().sum())
    observe("gradient of sqrt() at zero", gradient, lambda x: (x * 0).sqrt().sum())
    observe("gradient of max() where two are the greatest", gradient, lambda x: (x * 0).max())
    observe("gradient of amax() where two are the greatest", gradient, lambda x: (x * 0).amax())
    observe("gradient of norm() at zero", gradient, lambda x: (x * 0).norm())
    observe("gradient of clamp() at its bound", gradient, lambda x: x.clamp(1, 2).sum())
    observe("gradient of sign()", gradient, lambda x: x.sign().sum())
    observe("gradient of pow(0) at zero", gradient, lambda x: (x * 0).pow(0).sum())
    observe("gradient of std() of equals", gradient, lambda x: (x * 0).std())
    observe("gradient of a median", gradient, lambda x: x.median())
    observe("layout of a gradient", lambda: gradient(lambda x: x.sum()).stride())


@claim("1.2.2")
def test_what_a_line_looks_like(observe, device):
    x = torch.tensor(2.5, device=device, requires_grad=True)

    observe("print of the article's line", lambda: (5 * x + 2).cpu())
    observe("type of a gradient", lambda: type(torch.autograd.grad(5 * x + 2, x)))


@claim("1.2.3")
def test_how_tensors_print(observe):
    x = leaf()
    printed = {
        "a leaf": x,
        "a sum": x + 1,
        "no grad": torch.ones(2),
        "no dimension": torch.tensor(2.5),
        "none": torch.ones(0),
        "none, by shape": torch.ones(0, 3),
        "large and small": torch.tensor([1e-8, 1.0, 1e8]),
        "infinite": torch.tensor([float("inf"), float("nan"), -0.0]),
        "whole floats": torch.tensor([1.0, 2.0, 30.0]),
        "ints": torch.tensor([1, -20]),
        "bools": torch.tensor([True, False]),
        "complex": torch.tensor([1 + 2j]),
        "float64": torch.ones(2, dtype=torch.float64),
        "many": torch.arange(2000),
        "a wide matrix": torch.arange(40.0).reshape(1, 40),
        "a parameter": torch.nn.Parameter(torch.ones(2)),
        "a parameter without grad": torch.nn.Parameter(torch.ones(2), requires_grad=False),
        "meta": torch.ones(2, device="meta"),
        "sparse": torch.eye(2).to_sparse(),
        "a shape": torch.ones(2, 3).shape,
        "a device": torch.device("cpu"),
        "a conjugate": torch.tensor([1 + 2j]).conj(),
        "a view": torch.ones(2, 2, requires_grad=True)[0],
        "detached": x.detach(),
        "bfloat16": torch.ones(1, dtype=torch.bfloat16),
        "float16": torch.ones(1, dtype=torch.float16),
    }
    observe("print of a tensor", {name: it.__repr__ for name, it in printed.items()})
    observe("str of a tensor", {name: it.__str__ for name, it in list(printed.items())[:4]})
    observe(
        "print of a one, by dtype",
        by_dtype(lambda one: one),
    )


@claim("1.2.3")
def test_how_functions_of_the_graph_are_named(observe):
    x, matrix = leaf(), torch.ones(2, 2, requires_grad=True)
    results = {
        "x + 1": lambda: x + 1,
        "1 + x": lambda: 1 + x,
        "x - 1": lambda: x - 1,
        "1 - x": lambda: 1 - x,
        "5 * x": lambda: 5 * x,
        "x / 2": lambda: x / 2,
        "2 / x": lambda: 2 / x,
        "x // 2": lambda: x // 2,
        "x % 2": lambda: x % 2,
        "-x": lambda: -x,
        "x ** 2": lambda: x**2,
        "2 ** x": lambda: 2**x,
        "x.pow(2)": lambda: x.pow(2),
        "x.sum()": lambda: x.sum(),
        "x.mean()": lambda: x.mean(),
        "x.exp()": lambda: x.exp(),
        "x.sqrt()": lambda: x.sqrt(),
        "x.abs()": lambda: x.abs(),
        "x.max()": lambda: x.max(),
        "x.clone()": lambda: x.clone(),
        "x.to(float64)": lambda: x.to(torch.float64),
        "x.double()": lambda: x.double(),
        "x.view(2)": lambda: x.view(2),
        "x.reshape(2, 1)": lambda: x.reshape(2, 1),
        "x[0]": lambda: x[0],
        "x[[0, 1]]": lambda: x[[0, 1]],
        "x.t()": lambda: matrix.t(),
        "matrix.T": lambda: matrix.T,
        "matrix @ matrix": lambda: matrix @ matrix,
        "matrix @ x": lambda: matrix @ x,
        "torch.cat": lambda: torch.cat([x, x]),
        "torch.stack": lambda: torch.stack([x, x]),
        "torch.relu": lambda: torch.relu(x),
        "sigmoid": lambda: x.sigmoid(),
        "softmax": lambda: x.softmax(0),
        "linear": lambda: torch.nn.functional.linear(x, matrix),
        "dropout": lambda: torch.nn.functional.dropout(x, 0.5),
        "conv2d": lambda: torch.nn.Conv2d(1, 1, 1)(torch.ones(1, 1, 2, 2)),
        "batch_norm": lambda: torch.nn.BatchNorm2d(1)(torch.ones(1, 1, 2, 2)),
        "mse_loss": lambda: torch.nn.functional.mse_loss(x, torch.ones(2)),
        "cross_entropy": lambda: torch.nn.functional.cross_entropy(matrix, torch.tensor([0, 1])),
        "add_": lambda: (x + 1).add_(1),
        "relu_": lambda: (x + 1).relu_(),
    }
    observe(
        "name of grad_fn",
        {name: lambda make=make: make().grad_fn.name() for name, make in results.items()},
    )
    observe("print of grad_fn", lambda: (x + 1).grad_fn)
    observe("type of grad_fn", lambda: type((x + 1).grad_fn).__mro__)
    observe("grad_fn of a leaf", lambda: x.grad_fn)
    observe("next_functions of a sum", lambda: str((x + 1).grad_fn.next_functions))
    observe("attributes of a product's grad_fn", lambda: _saved(x * 2))
    observe("attributes of a power's grad_fn", lambda: _saved(x**2))


def _saved(result: torch.Tensor) -> list[str]:
    return [name for name in dir(result.grad_fn) if not name.startswith("__")]


@claim("1.2.4")
def test_how_backward_without_a_graph_is_refused(observe, device):
    observe("backward() without grad", lambda: torch.ones((), device=device).backward())
    observe("backward() of a detached result", lambda: leaf(device).sum().detach().backward())
    observe("autograd.grad without grad", lambda: torch.autograd.grad(torch.ones(()), leaf(device)))
    observe("autograd.grad of an unused input", lambda: torch.autograd.grad(leaf().sum(), leaf()))
    observe("backward() of integers", lambda: torch.ones((), dtype=torch.int64).backward())
    observe("backward() of a leaf", lambda: torch.ones((), requires_grad=True).backward())


@claim("1.2.5")
def test_how_operations_in_place_are_refused(observe, device):
    def on_leaf(change):
        x = leaf(device)
        change(x)
        return x

    def after_saving(change):
        x = leaf(device)
        y = x.exp()
        change(y)
        y.sum().backward()

    changes = {
        "add_(1)": lambda t: t.add_(1),
        "+= 1": lambda t: t.__iadd__(1),
        "zero_()": lambda t: t.zero_(),
        "t[0] = 1": lambda t: t.__setitem__(0, 1.0),
        "t[:] = 1": lambda t: t.__setitem__(slice(None), 1.0),
        "copy_": lambda t: t.copy_(torch.zeros(2, device=device)),
        "relu_": lambda t: t.relu_(),
        "fill_ of a view": lambda t: t[0].fill_(1),
        "data.add_(1)": lambda t: t.data.add_(1),
        "detach_": lambda t: t.detach_(),
        "resize_": lambda t: t.resize_(3),
        "set data": lambda t: setattr(t, "data", torch.zeros(3, device=device)),
        "requires_grad_(False)": lambda t: t.requires_grad_(False),
    }
    observe(
        "in place on a leaf",
        {name: lambda change=change: on_leaf(change).cpu() for name, change in changes.items()},
    )
    observe(
        "backward() after a change in place of what exp() saved",
        {name: lambda change=change: after_saving(change) for name, change in changes.items()},
    )
    observe("requires_grad_(False) of a result", lambda: (leaf(device) + 1).requires_grad_(False))
    observe(
        "requires_grad = False of a result", lambda: setattr(leaf() + 1, "requires_grad", False)
    )
    observe("in place on an expanded tensor", lambda: torch.ones(1).expand(2).add_(1))
    observe("_version after a change in place", lambda: torch.ones(1).add_(1)._version)


@claim("1.2.1")
def test_which_dtypes_may_require_grad(observe, device):
    observe(
        "ones() by dtype",
        {
            name: lambda dtype=dtype: torch.ones(1, dtype=dtype, device=device).shape
            for name, dtype in torch_dtypes().items()
        },
    )
    observe(
        "ones(requires_grad=True) by dtype",
        by_dtype(
            lambda one: (
                torch.ones(1, dtype=one.dtype, device=device, requires_grad=True).requires_grad
            )
        ),
    )
    observe("requires_grad_() by dtype", by_dtype(_asked_for_grad, device))
    observe(
        "requires_grad = True of ints", lambda: setattr(torch.ones(1).int(), "requires_grad", True)
    )
    observe("requires_grad = 1", lambda: setattr(torch.ones(1), "requires_grad", 1))
    observe("torch.tensor([1], requires_grad=True)", lambda: torch.tensor([1], requires_grad=True))
    observe("dtypes", lambda: list(torch_dtypes()))


def _asked_for_grad(one: torch.Tensor) -> bool:
    return one.clone().requires_grad_().requires_grad


@claim("1.2.6")
def test_how_a_second_backward_and_other_mistakes_are_refused(observe, device):
    def twice(compute):
        y = compute(leaf(device))
        y.backward()
        y.backward()

    observe("a second backward() of exp()", twice, lambda x: x.exp().sum())
    observe("a second backward() of a sum", twice, lambda x: x.sum())
    observe("backward() of several elements", lambda: (leaf(device) * 2).backward())
    observe(
        "backward() with a gradient of another shape", lambda: (leaf() * 2).backward(torch.ones(3))
    )
    observe("backward() with a number for a gradient", lambda: (leaf() * 2).backward(1.0))
    observe("backward() of a complex result", lambda: (leaf() * 1j).sum().backward())
    observe("grad of a result that is no leaf", lambda: (leaf(device) + 1).grad)
    observe("grad of a leaf before backward()", lambda: leaf(device).grad)
    observe("is_leaf of a result", lambda: (leaf() + 1).is_leaf)
    observe("grad = of another shape", lambda: setattr(leaf(), "grad", torch.ones(3)))
    observe("grad = of another dtype", lambda: setattr(leaf(), "grad", torch.ones(2).double()))
    observe("grad = of a number", lambda: setattr(leaf(), "grad", 1.0))
    observe("deepcopy of a result", lambda: copy.deepcopy(leaf() + 1))
    observe("deepcopy of a leaf", lambda: copy.deepcopy(leaf()))
    observe(
        "backward(create_graph=True)", lambda: leaf(device).exp().sum().backward(create_graph=True)
    )
    observe("retain_grad() of a leaf", lambda: leaf().retain_grad())
    observe("retain_grad() without grad", lambda: torch.ones(1).retain_grad())
    observe("register_hook without grad", lambda: torch.ones(1).register_hook(print))
    observe("pickle of a result", lambda: __import__("pickle").dumps(leaf() + 1)[:0])


@claim("1.2.6")
def test_attributes_of_a_tensor(observe):
    observe("public names of torch.Tensor", names, "torch.Tensor")
    observe("types above Tensor", lambda: torch.Tensor.__mro__)
