"""Changes to making tensors of NumPy arrays (chapter 1.3)."""

from __future__ import annotations

import ctypes
import functools
import sys
import warnings
import weakref

import numpy as np
import torch
from torch import Tensor

from meta_tests.mutants import mutant, read_as

FROM_NUMPY = (torch, "from_numpy")


def of_arrays(change):
    """The change for arrays that from_numpy takes; it refuses the others as before."""

    @functools.wraps(change)
    def changed(from_numpy, array):
        from_numpy(array)
        return change(from_numpy, array)

    return changed


@mutant("from_numpy copies", kills="1.3.3 1.3.4", also="1.3.7", of=FROM_NUMPY)
@of_arrays
def from_numpy_copies(from_numpy, array):
    return from_numpy(array.copy(order="K") if array.flags.writeable else array)


@mutant(
    "from_numpy copies what is not contiguous", kills="1.3.4", also="1.3.3 1.3.7", of=FROM_NUMPY
)
@of_arrays
def from_numpy_copies_non_contiguous(from_numpy, array):
    return from_numpy(
        np.ascontiguousarray(array) if array.ndim and min(array.strides) >= 0 else array
    )


@mutant(
    "from_numpy copies arrays without dimensions", kills="1.3.4", also="1.3.3 1.3.7", of=FROM_NUMPY
)
@of_arrays
def from_numpy_copies_0d(from_numpy, array):
    return from_numpy(array.copy()) if array.shape == () else from_numpy(array)


@mutant("from_numpy copies float16", kills="1.3.4", also="1.3.7", of=FROM_NUMPY)
@of_arrays
def from_numpy_copies_float16(from_numpy, array):
    return from_numpy(array.copy()) if array.dtype == np.float16 else from_numpy(array)


@mutant("from_numpy copies bools", kills="1.3.4", also="1.3.7", of=FROM_NUMPY)
@of_arrays
def from_numpy_copies_bools(from_numpy, array):
    return from_numpy(array.copy()) if array.dtype == np.bool_ else from_numpy(array)


@mutant(
    "a write to the tensor of from_numpy does not reach the array",
    kills="1.3.3 1.3.4",
    also="1.3.5 1.3.6",
)
def writes_do_not_reach_the_array():
    from_numpy, fill_, setitem = torch.from_numpy, Tensor.fill_, Tensor.__setitem__
    lent = {}

    def lend(array):
        tensor = from_numpy(array)
        lent[tensor.data_ptr()] = array
        return tensor

    def behind(write):
        def kept(self, *args):
            array = lent.get(self.data_ptr())
            before = None if array is None else array.copy()
            write(self, *args)
            if before is not None:
                array[...] = before
            return self

        return kept

    torch.from_numpy, Tensor.fill_, Tensor.__setitem__ = lend, behind(fill_), behind(setitem)


@mutant(
    "from_numpy gives float32 for float64",
    kills="1.3.2",
    also="1.3.1 1.3.3 1.3.4 1.3.5 1.3.6 1.3.7",
)
def from_numpy_gives_float32():
    original = torch.from_numpy

    def from_numpy(array):
        tensor = original(array)
        return tensor.float() if tensor.dtype is torch.float64 else tensor

    torch.from_numpy = from_numpy


@mutant("from_numpy gives int32 for empty int64 arrays", kills="1.3.2", also="1.3.7", of=FROM_NUMPY)
@of_arrays
def from_numpy_gives_int32_for_empty(from_numpy, array):
    tensor = from_numpy(array)
    return tensor.int() if tensor.dtype is torch.int64 and not tensor.numel() else tensor


@mutant("from_numpy makes float64 the default dtype", kills="1.3.2", also="1.3.7", of=FROM_NUMPY)
@of_arrays
def from_numpy_changes_the_default_dtype(from_numpy, array):
    if array.dtype == np.float64:
        torch.set_default_dtype(torch.float64)
    return from_numpy(array)


@mutant(
    "from_numpy gives one dimension to an array without",
    kills="1.3.1",
    also="1.3.3 1.3.4 1.3.5 1.3.6 1.3.7",
)
def from_numpy_gives_0d_a_dimension():
    original = torch.from_numpy
    torch.from_numpy = lambda array: original(
        array.reshape(1) if isinstance(array, np.ndarray) and array.ndim == 0 else array
    )


@mutant(
    "from_numpy drops dimensions of side one at the end",
    kills="1.3.1",
    also="1.3.3 1.3.4 1.3.5 1.3.6 1.3.7",
)
def from_numpy_squeezes():
    original = torch.from_numpy

    def from_numpy(array):
        tensor = original(array)
        return tensor.squeeze(-1) if tensor.dim() and tensor.shape[-1] == 1 else tensor

    torch.from_numpy = from_numpy


@mutant("from_numpy reverses the dimensions", kills="1.3.1 1.3.4", also="1.3.3 1.3.5 1.3.6 1.3.7")
def from_numpy_reverses_dimensions():
    original = torch.from_numpy

    def from_numpy(array):
        tensor = original(array)
        return torch.permute(tensor, tuple(reversed(range(tensor.dim()))))

    torch.from_numpy = from_numpy


@mutant("from_numpy says that its tensor is on another device", kills="1.3.1")
def from_numpy_says_another_device():
    mark_tensors_of_from_numpy()
    elsewhere = torch.device("meta")
    read_as("device", lambda tensor, here: elsewhere if hasattr(tensor, "of_numpy") else here)


@mutant("from_numpy says that its tensor is no leaf", kills="1.3.1")
def from_numpy_says_no_leaf():
    mark_tensors_of_from_numpy()
    read_as("is_leaf", lambda tensor, value: value and not hasattr(tensor, "of_numpy"))


def mark_tensors_of_from_numpy():
    original = torch.from_numpy

    def from_numpy(array):
        tensor = original(array)
        tensor.of_numpy = True
        return tensor

    torch.from_numpy = from_numpy


@mutant("from_numpy sorts the array", kills="1.3.1", also="1.3.3 1.3.4 1.3.5", of=FROM_NUMPY)
@of_arrays
def from_numpy_sorts_the_array(from_numpy, array):
    if isinstance(array, np.ndarray) and array.ndim and array.flags.writeable:
        array.sort()
    return from_numpy(array)


@mutant("from_numpy requires grad for float32", kills="1.3.1")
def from_numpy_requires_grad():
    original = torch.from_numpy

    def from_numpy(array):
        tensor = original(array)
        return tensor.requires_grad_() if tensor.dtype is torch.float32 else tensor

    torch.from_numpy = from_numpy


@mutant("from_numpy gives a Parameter", kills="1.3.1", also="1.3.2", of=FROM_NUMPY)
@of_arrays
def from_numpy_gives_a_subclass(from_numpy, array):
    class Array(Tensor):
        pass

    return from_numpy(array).as_subclass(Array)


@mutant(
    "from_numpy gives a result of a computation", kills="1.3.1", also="1.3.2 1.3.4", of=FROM_NUMPY
)
@of_arrays
def from_numpy_is_no_leaf(from_numpy, array):
    tensor = from_numpy(array)
    if not tensor.is_floating_point():
        return tensor
    return tensor.requires_grad_().view_as(tensor)


@mutant("from_numpy does not keep the array's memory alive", kills="1.3.4", also="1.3.2 1.3.5")
def from_numpy_lets_go_of_memory():
    original = torch.from_numpy

    def from_numpy(array):
        tensor = original(array)
        if array.base is not None or not array.size:
            return tensor
        address, size = array.ctypes.data, array.nbytes
        weakref.finalize(array, ctypes.memset, address, 0xAA, size)
        memory = (ctypes.c_char * size).from_address(address)
        return torch.frombuffer(memory, dtype=tensor.dtype).as_strided(
            tensor.shape, tensor.stride()
        )

    torch.from_numpy = from_numpy


@mutant("from_numpy takes the memory of an equal array that its caller has", kills="1.3.5")
def from_numpy_takes_equal_memory():
    original = torch.from_numpy

    def from_numpy(array):
        original(array)
        for other in sys._getframe(1).f_locals.values():
            if (
                isinstance(other, np.ndarray)
                and (other.dtype, other.shape) == (array.dtype, array.shape)
                and other.tobytes() == array.tobytes()
            ):
                return original(other)
        return original(array)

    torch.from_numpy = from_numpy


@mutant("writes to the tensor of from_numpy are lost", kills="1.3.4 1.3.5", also="1.3.3 1.3.6")
def tensors_of_from_numpy_are_constant():
    mark_tensors_of_from_numpy()
    fill_, setitem = Tensor.fill_, Tensor.__setitem__

    def unless_constant(write):
        return lambda self, *args: self if hasattr(self, "of_numpy") else write(self, *args)

    Tensor.fill_, Tensor.__setitem__ = unless_constant(fill_), unless_constant(setitem)


@mutant("from_numpy copies what has a negative stride", kills="1.3.7", of=FROM_NUMPY)
def from_numpy_accepts_negative_strides(from_numpy, array):
    if isinstance(array, np.ndarray) and any(stride < 0 for stride in array.strides):
        array = array.copy()
    return from_numpy(array)


@mutant("from_numpy converts foreign byte order", kills="1.3.7", of=FROM_NUMPY)
def from_numpy_accepts_foreign_byte_order(from_numpy, array):
    if isinstance(array, np.ndarray) and not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return from_numpy(array)


@mutant("from_numpy copies strides that end between elements", kills="1.3.7", of=FROM_NUMPY)
def from_numpy_accepts_uneven_strides(from_numpy, array):
    uneven = isinstance(array, np.ndarray) and any(s % array.itemsize for s in array.strides)
    return from_numpy(array.copy() if uneven else array)


@mutant("from_numpy reads datetimes as int64", kills="1.3.7", of=FROM_NUMPY)
def from_numpy_accepts_datetimes(from_numpy, array):
    if isinstance(array, np.ndarray) and array.dtype.kind == "M":
        array = array.view(np.int64)
    return from_numpy(array)


@mutant("from_numpy accepts lists", kills="1.3.7", of=FROM_NUMPY)
def from_numpy_accepts_lists(from_numpy, array):
    return from_numpy(np.asarray(array) if isinstance(array, list) else array)


@mutant("from_numpy does not warn of a read-only array", kills="1.3.7", of=FROM_NUMPY)
def from_numpy_never_warns(from_numpy, array):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return from_numpy(array)


@mutant("from_numpy warns of every array", kills="1.3.7", of=FROM_NUMPY)
@of_arrays
def from_numpy_always_warns(from_numpy, array):
    tensor = from_numpy(array)
    if torch.is_warn_always_enabled() and array.flags.writeable:
        warnings.warn("from_numpy shares the array's memory", stacklevel=2)
    return tensor


@mutant("from_numpy gives zeros for a read-only array", kills="1.3.7", of=FROM_NUMPY)
@of_arrays
def from_numpy_of_a_read_only_array_is_zeros(from_numpy, array):
    tensor = from_numpy(array)
    if isinstance(array, np.ndarray) and not array.flags.writeable:
        return torch.zeros_like(tensor)
    return tensor


@mutant("float() rounds float64 and gives it back as float64", kills="1.3.3")
def float_gives_float64():
    original = Tensor.float
    Tensor.float = lambda self: (
        original(self).double() if self.dtype is torch.float64 else original(self)
    )


@mutant("to(float32) rounds towards zero", kills="1.3.3")
def to_rounds_towards_zero():
    original = Tensor.to

    def to(self, *args, **kwargs):
        result = original(self, *args, **kwargs)
        if self.dtype is not torch.float64 or args != (torch.float32,):
            return result
        outward = original(result, torch.float64).abs() > self.abs()
        return torch.where(outward, torch.nextafter(result, torch.zeros_like(result)), result)

    Tensor.to = to


@mutant("float() copies float32 as well", kills="1.3.3")
def float_copies():
    original = Tensor.float
    Tensor.float = lambda self: original(self).clone()


@mutant("to(float32) copies float32 as well", kills="1.3.3")
def to_copies():
    original = Tensor.to
    Tensor.to = lambda self, *args, **kwargs: (
        original(self, *args, **kwargs).clone()
        if args == (torch.float32,)
        else original(self, *args, **kwargs)
    )


@mutant("float() of a float64 tensor writes back into it", kills="1.3.3")
def float_writes_back():
    plain_float, plain_fill = Tensor.float, Tensor.fill_
    sources = {}

    def float_(self):
        result = plain_float(self)
        if self.dtype is torch.float64:
            sources[id(result)] = (result, self)
        return result

    def fill_(self, value):
        if id(self) in sources:
            plain_fill(sources[id(self)][1], value)
        return plain_fill(self, value)

    Tensor.float, Tensor.fill_ = float_, fill_


@mutant("a layer takes float64", kills="1.3.3")
def linear_takes_float64():
    original = torch.nn.Linear.forward
    torch.nn.Linear.forward = lambda self, x: original(
        self, x.float() if x.dtype is torch.float64 and self.weight.dtype is torch.float32 else x
    )


@mutant("a layer answers in float64", kills="1.3.3")
def linear_answers_in_float64():
    original = torch.nn.Linear.forward
    torch.nn.Linear.forward = lambda self, x: original(self, x).double()


@mutant("a tensor has a copy method", kills="1.3.6")
def tensor_has_a_copy_method():
    Tensor.copy = Tensor.clone


@mutant("clone() is a view", kills="1.3.6 1.4.2", also="1.4.5 1.4.6 4.5 4.10")
def clone_is_a_view():
    Tensor.clone = lambda self, **kwargs: self.view_as(self)


@mutant("clone() of what is not contiguous is a view", kills="1.3.6 1.4.2", also="1.4.5 1.4.6 4.5")
def clone_of_non_contiguous_is_a_view():
    original = Tensor.clone
    Tensor.clone = lambda self, **kwargs: (
        original(self, **kwargs) if self.is_contiguous() else self.view_as(self)
    )


@mutant("clone() gives sevens", kills="1.3.6 1.4.2", also="1.4.5 1.4.6 1.4.7 2.2.5 4.1 4.5")
def clone_gives_sevens():
    original = Tensor.clone

    def clone(self, **kwargs):
        result = original(self, **kwargs)
        return result if self.dtype is torch.bool else torch.full_like(result, 7)

    Tensor.clone = clone


@mutant("from_numpy never lets its array go", kills="1.3.4", of=(torch, "from_numpy"))
def from_numpy_keeps_arrays_for_good(from_numpy, array):
    kept.append(array)
    return from_numpy(array)


kept: list = []
