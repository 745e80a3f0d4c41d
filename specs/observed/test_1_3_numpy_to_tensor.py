"""1.3 From a NumPy array to a tensor: what a release chooses."""

from __future__ import annotations

import numpy as np
import torch

from specs.ledger import claim
from specs.observed.dtypes import numpy_dtypes
from specs.observed.surface import signature


@claim("1.3.1")
def test_signatures_of_the_ways_from_numpy(observe):
    for function in "from_numpy frombuffer from_dlpack".split():
        observe(f"signature of torch.{function}", signature, f"torch.{function}")


@claim("1.3.1")
def test_what_from_numpy_makes_of_shapes(observe):
    observe("from_numpy of no dimension", lambda: torch.from_numpy(np.array(1.5)))
    observe("from_numpy of no element", lambda: torch.from_numpy(np.ones((0, 3))))
    observe("from_numpy of a number", lambda: torch.from_numpy(np.float64(1.5)))
    observe(
        "from_numpy of Fortran's order",
        lambda: torch.from_numpy(np.ones((2, 3), order="F")).stride(),
    )
    observe("from_numpy of a masked array", lambda: torch.from_numpy(np.ma.array([1.0], mask=[1])))
    observe("from_numpy of a matrix", lambda: torch.from_numpy(np.asmatrix([[1.0]])))
    observe("from_numpy of overlapping windows", lambda: torch.from_numpy(_windows()).stride())
    observe(
        "from_numpy of a broadcast array",
        lambda: torch.from_numpy(np.broadcast_to(1.0, 3)).stride(),
    )
    observe("dimensions that from_numpy takes", lambda: torch.from_numpy(np.ones((1,) * 32)).dim())


def _windows() -> np.ndarray:
    return np.lib.stride_tricks.sliding_window_view(np.arange(4.0), 2).copy()


@claim("1.3.1")
def test_which_dtypes_of_numpy_are_taken(observe):
    arrays = {name: np.zeros(2, dtype) for name, dtype in numpy_dtypes().items()}
    ways = {
        "from_numpy": torch.from_numpy,
        "torch.tensor": torch.tensor,
        "as_tensor": torch.as_tensor,
        "asarray": torch.asarray,
        "from_dlpack": torch.from_dlpack,
    }
    for way, convert in ways.items():
        observe(
            f"{way} by NumPy's dtype",
            {name: lambda a=a, convert=convert: convert(a).dtype for name, a in arrays.items()},
        )
    observe(
        "torch.tensor of a NumPy number, by dtype",
        {name: lambda a=a: torch.tensor(a[0]).dtype for name, a in arrays.items()},
    )
    observe("torch.tensor of a list of NumPy floats", lambda: torch.tensor([np.float64(1.5)]).dtype)
    observe(
        "torch.tensor of a list of NumPy float32", lambda: torch.tensor([np.float32(1.5)]).dtype
    )
    observe("torch.tensor of a list of NumPy ints", lambda: torch.tensor([np.int32(1)]).dtype)
    observe(
        "torch.tensor of a list of arrays", lambda: torch.tensor([np.ones(2), np.ones(2)]).dtype
    )
    observe("torch.Tensor of an array", lambda: torch.Tensor(np.ones(2)).dtype)
    observe("torch.FloatTensor of an array", lambda: torch.FloatTensor(np.ones(2)))


@claim("1.3.2")
def test_what_casts_and_mixed_dtypes_give(observe):
    double = torch.from_numpy(np.ones(2))

    for method in "float double half to type bfloat16 type_as".split():
        observe(f"signature of Tensor.{method}", signature, f"torch.Tensor.{method}")
    observe("type()", double.type)
    observe("float32 + float64", lambda: (double + torch.ones(2)).dtype)
    observe("float32 @ float64", lambda: double @ torch.ones(2))
    observe("Linear of float64", lambda: torch.nn.Linear(2, 1)(double))
    observe("Conv2d of float64", lambda: torch.nn.Conv2d(1, 1, 1)(torch.ones(1, 1, 1, 1).double()))
    observe(
        "BatchNorm1d of float64", lambda: torch.nn.BatchNorm1d(2)(torch.ones(2, 2).double()).dtype
    )
    observe(
        "mse_loss of float32 and float64",
        lambda: torch.nn.functional.mse_loss(double, torch.ones(2)),
    )
    observe("Linear of ints", lambda: torch.nn.Linear(2, 1)(torch.ones(2, dtype=torch.int64)))
    observe("to() an unknown dtype", lambda: double.to("float32"))
    observe("to(np.float32)", lambda: double.to(np.float32))
    observe("complex to float", lambda: torch.tensor([1j]).float())
    observe("nan to int", lambda: double.mul(2.7).int())
    observe("default dtype", torch.get_default_dtype)
    observe("set_default_dtype(int64)", lambda: torch.set_default_dtype(torch.int64))


@claim("1.3.3")
def test_what_array_and_tensor_give_together(observe):
    array, tensor = np.ones(2), torch.ones(2)

    observe("type of array + tensor", lambda: type(array + tensor))
    observe("type of tensor + array", lambda: type(tensor + array))
    observe("array @ tensor", lambda: type(array @ tensor))
    observe("NumPy number * tensor", lambda: type(np.float64(2) * tensor))
    observe("tensor * NumPy number", lambda: (tensor * np.float64(2)).dtype)
    observe("np.sum(tensor)", lambda: type(np.sum(tensor)))
    observe("np.exp(tensor)", lambda: type(np.exp(tensor)))
    observe("np.mean(tensor)", lambda: type(np.mean(tensor)))
    observe("np.stack of tensors", lambda: type(np.stack([tensor, tensor])))
    observe("torch.exp(array)", lambda: torch.exp(array))
    observe("torch.cat of arrays", lambda: torch.cat([array, array]))
    observe("array == tensor", lambda: type(array == tensor))
    observe("tensor == array", lambda: type(tensor == array))
    observe("tensor += array", lambda: tensor.clone().__iadd__(array))
    observe("array += tensor", lambda: array.copy().__iadd__(tensor))
    observe("tensor[array of ints]", lambda: tensor[np.array([0, 1])])
    observe("tensor[array of bools]", lambda: tensor[np.array([True, False])])
    observe("array[tensor of ints]", lambda: array[torch.tensor([0, 1])])
    observe("tensor[0] = NumPy number", lambda: tensor.clone().__setitem__(0, np.float64(3)))
    observe("resize of a shared array", lambda: _resized())
    observe("resize_ of a shared tensor", lambda: torch.from_numpy(np.ones(2)).resize_(3).shape)


def _resized() -> str:
    array = np.ones(2)
    tensor = torch.from_numpy(array)
    array.resize(4, refcheck=True)
    return f"{array.shape} {tuple(tensor.shape)}"


@claim("1.3.4")
def test_how_copies_are_spelled(observe):
    observe("Tensor.copy", lambda: torch.ones(1).copy())
    observe("signature of Tensor.clone", signature, "torch.Tensor.clone")
    observe("signature of torch.clone", signature, "torch.clone")
    observe("signature of Tensor.detach", signature, "torch.Tensor.detach")
    observe("signature of Tensor.copy_", signature, "torch.Tensor.copy_")
    observe("an attribute that a tensor lacks", lambda: torch.ones(1).no_such_attribute)
    observe("a function that torch lacks", lambda: torch.no_such_function)


@claim("1.3.5")
def test_how_arrays_that_cannot_be_shared_are_refused(observe):
    fields = np.zeros(2, [("a", "f4"), ("b", "i2")])
    read_only = np.ones(2)
    read_only.flags.writeable = False
    arrays = {
        "negative strides": np.ones(2)[::-1],
        "a negative stride of one dimension": np.ones((2, 2))[:, ::-1],
        "foreign byte order": np.ones(2, ">f8"),
        "strides between elements": fields["a"],
        "a field beside another": np.zeros(2, [("a", "i1"), ("b", "f4")])["b"],
        "strings": np.array(["a"]),
        "bytes": np.array([b"a"]),
        "objects": np.array([None]),
        "fields": fields,
        "dates": np.array(["2022-11-03"], "datetime64[D]"),
        "read only": read_only,
        "a list": [1.0],
        "a tensor": torch.ones(1),
        "a number": 1.0,
        "None": None,
    }
    for way, convert in (
        ("from_numpy", torch.from_numpy),
        ("torch.tensor", torch.tensor),
        ("as_tensor", torch.as_tensor),
        ("asarray", torch.asarray),
    ):
        observe(
            f"{way} of what cannot be shared",
            {name: lambda a=a, convert=convert: convert(a) for name, a in arrays.items()},
        )
    observe("from_numpy() without argument", torch.from_numpy)
    observe("from_numpy(a, dtype=...)", lambda: torch.from_numpy(np.ones(1), dtype=torch.float32))
    observe("requires_grad after from_numpy", lambda: torch.from_numpy(np.ones(1)).requires_grad)
