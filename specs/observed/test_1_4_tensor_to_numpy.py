"""1.4 From a tensor to a NumPy array: what a release chooses."""

from __future__ import annotations

import numpy as np
import torch

from specs.ledger import claim
from specs.observed.dtypes import by_dtype
from specs.observed.surface import signature


@claim("1.4.1")
def test_which_dtypes_become_an_array(observe):
    ways = {
        "numpy()": lambda t: t.numpy().dtype,
        "np.asarray": lambda t: np.asarray(t).dtype,
        "numpy(force=True)": lambda t: t.numpy(force=True).dtype,
        "np.from_dlpack": lambda t: np.from_dlpack(t).dtype,
        "tolist()": lambda t: t.tolist(),
    }
    for way, convert in ways.items():
        observe(f"{way} by PyTorch's dtype", by_dtype(convert))


@claim("1.4.1")
def test_signatures_of_the_ways_to_numpy(observe):
    for method in "numpy __array__ __dlpack__ cpu to tolist data_ptr".split():
        observe(f"signature of Tensor.{method}", signature, f"torch.Tensor.{method}")


@claim("1.4.1")
def test_what_numpy_makes_of_special_tensors(observe):
    tensors = {
        "no dimension": lambda: torch.tensor(1.5),
        "no element": lambda: torch.ones(0, 2),
        "a conjugate": lambda: torch.tensor([1 + 2j]).conj(),
        "a negative view": lambda: torch.tensor([1 + 2j]).conj().imag,
        "sparse": lambda: torch.eye(2).to_sparse(),
        "meta": lambda: torch.ones(2, device="meta"),
        "a parameter": lambda: torch.nn.Parameter(torch.ones(1)),
        "a parameter without grad": lambda: torch.nn.Parameter(torch.ones(1), requires_grad=False),
        "expanded": lambda: torch.ones(1).expand(3),
        "transposed": lambda: torch.ones(2, 3).t(),
        "quantized": lambda: torch.quantize_per_tensor(torch.ones(1), 1.0, 0, torch.quint8),
        "nested": lambda: torch.nested.nested_tensor([torch.ones(1)]),
    }
    for way, convert in (
        ("numpy()", lambda t: t.numpy()),
        ("np.asarray", np.asarray),
        ("numpy(force=True)", lambda t: t.numpy(force=True)),
    ):
        observe(
            f"{way} of special tensors",
            {
                name: lambda make=make, convert=convert: _array(convert(make()))
                for name, make in tensors.items()
            },
        )
    observe("np.array(tensor, copy=False)", lambda: _array(np.array(torch.ones(1), copy=False)))
    observe("np.array(tensor, dtype=float32)", lambda: _array(np.array(torch.ones(1), dtype="f4")))
    observe("numpy() is writable", lambda: torch.ones(1).numpy().flags.writeable)
    observe("numpy() owns its data", lambda: torch.ones(1).numpy().flags.owndata)
    observe("type of the array's base", lambda: type(torch.ones(1).numpy().base).__name__)
    observe("resize_ of a tensor whose array lives", _resized)
    observe(
        "npy written of a tensor", lambda: np.testing.assert_allclose(torch.ones(1), np.ones(1))
    )


def _array(array: np.ndarray) -> str:
    return f"{array.dtype} {array.shape} {array.strides} {array.tolist()}"


def _resized() -> str:
    tensor = torch.ones(2)
    array = tensor.numpy()
    tensor.resize_(4)
    return f"{tuple(tensor.shape)} {array.shape}"


@claim("1.4.2")
def test_what_torch_tensor_makes_of_an_array(observe):
    observe("dtype of the article's array", lambda: torch.tensor(np.array([1, 2, 3, 4])).dtype)
    observe("print of the article's array", lambda: torch.tensor(np.array([1, 2, 3, 4])))
    observe(
        "torch.tensor(array, requires_grad=True)",
        lambda: torch.tensor(np.ones(1), requires_grad=True),
    )


@claim("1.4.3")
def test_how_an_accelerators_tensor_is_refused(observe, accelerator):
    tensor = torch.ones(2, device=accelerator)

    observe("numpy() on an accelerator", tensor.numpy)
    observe("np.asarray on an accelerator", lambda: np.asarray(tensor))
    observe("numpy(force=True) on an accelerator", lambda: tensor.numpy(force=True).tolist())
    observe("print on an accelerator", lambda: tensor)
    observe("tensor + tensor of the CPU", lambda: tensor + torch.ones(2))


@claim("1.4.4")
def test_how_a_tensor_that_requires_grad_is_refused(observe):
    x = torch.ones(2, requires_grad=True)

    observe("numpy() with grad", x.numpy)
    observe("numpy() of a result with grad", (x + 1).numpy)
    observe("np.asarray with grad", lambda: np.asarray(x))
    observe("np.array with grad", lambda: np.array(x))
    observe("np.sum with grad", lambda: np.sum(x))
    observe("np.exp with grad", lambda: np.exp(x))
    observe("np.array([tensor with grad])", lambda: np.array([x[0], x[1]]).dtype)
    observe("array + tensor with grad", lambda: np.ones(2) + x)
    observe("tensor with grad + array", lambda: x + np.ones(2))
    observe("array *= tensor with grad", lambda: np.ones(2).__imul__(x))
    observe("numpy(force=True) with grad", lambda: x.numpy(force=True).tolist())
    observe("numpy() with grad under no_grad", lambda: torch.no_grad()(x.numpy)())
    observe("tolist() with grad", x.tolist)
    observe("__dlpack__ with grad", lambda: str(type(x.__dlpack__())))
    observe("from_dlpack with grad", lambda: torch.from_dlpack(x))


@claim("1.4.5")
def test_how_devices_are_asked_for(observe):
    observe("to() an unknown device", lambda: torch.ones(1).to("no_such_device"))
    observe("to() a device of PyTorch 1", lambda: torch.ones(1).to("fpga"))
    observe("to('cpu') of the CPU's tensor is itself", lambda: _is_itself(torch.ones(1)))
    observe("to('meta')", lambda: torch.ones(1).to("meta"))
    observe("to('cpu') of meta", lambda: torch.ones(1, device="meta").to("cpu"))
    observe("torch.device()", torch.device)
    observe("torch.device('cpu') as a context", lambda: _entered(torch.device("cpu")))
    observe("get_device() of the CPU's tensor", lambda: torch.ones(1).get_device())
    observe("print of torch.device('cuda:0')", lambda: repr(torch.device("cuda:0")))
    observe("signature of torch.device", signature, "torch.device")
    observe("signature of torch.get_default_device", signature, "torch.get_default_device")
    observe("signature of torch.set_default_device", signature, "torch.set_default_device")


def _is_itself(tensor: torch.Tensor) -> bool:
    return tensor.to("cpu") is tensor


def _entered(context: object) -> object:
    """What a context manager gives as it is entered; left again."""
    entered = context.__enter__()
    context.__exit__(None, None, None)
    return entered
