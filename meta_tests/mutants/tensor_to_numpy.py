"""Changes to making NumPy arrays of tensors (chapter 1.4)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from meta_tests.mutants import mutant, read_as

NUMPY = (Tensor, "numpy")
TENSOR = (torch, "tensor")
DETACH = (Tensor, "detach")


@mutant("numpy() copies", kills="1.4.1 1.4.5", of=NUMPY)
def numpy_copies(numpy, tensor, **kwargs):
    numpy(tensor)
    twin = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype)
    return numpy(twin.copy_(tensor))


@mutant("numpy() copies what is not contiguous", kills="1.4.1", also="1.4.5", of=NUMPY)
def numpy_copies_non_contiguous(numpy, tensor, **kwargs):
    return np.ascontiguousarray(numpy(tensor)) if tensor.dim() else numpy(tensor)


@mutant("numpy() copies bools", kills="1.4.1", of=NUMPY)
def numpy_copies_bools(numpy, tensor, **kwargs):
    return numpy(tensor).copy(order="K") if tensor.dtype is torch.bool else numpy(tensor)


@mutant("a write to the tensor does not reach the array of numpy()", kills="1.4.1")
def writes_do_not_reach_the_array_of_numpy():
    numpy, fill_ = Tensor.numpy, Tensor.fill_
    lent = {}

    def lend(self):
        array = numpy(self)
        lent[self.data_ptr()] = array
        return array

    def kept(self, value):
        array = lent.get(self.data_ptr())
        before = None if array is None else array.copy()
        fill_(self, value)
        if before is not None:
            array[...] = before
        return self

    Tensor.numpy, Tensor.fill_ = lend, kept


@mutant(
    "numpy() gives NumPy's default float for float32",
    kills="1.4.1",
    also="1.4.2 1.4.5 1.4.6",
    of=NUMPY,
)
def numpy_gives_float64(numpy, tensor):
    array = numpy(tensor)
    return array.astype(np.float64) if array.dtype == np.float32 else array


@mutant("numpy() gives a masked array", kills="1.4.1", of=NUMPY)
def numpy_gives_a_subclass(numpy, tensor, **kwargs):
    return numpy(tensor).view(np.recarray)


@mutant(
    "numpy() drops dimensions of side one", kills="1.4.1", also="1.4.2 1.4.5 1.4.6 1.4.4", of=NUMPY
)
def numpy_squeezes(numpy, tensor, **kwargs):
    return numpy(tensor).squeeze()


@mutant("numpy() of bfloat16 gives float32", kills="1.4.1", of=NUMPY)
def numpy_accepts_bfloat16(numpy, tensor, **kwargs):
    return numpy(tensor.float() if tensor.dtype is torch.bfloat16 else tensor)


@mutant("clone() of integers is a view", kills="1.4.2", also="1.3.6")
def clone_of_integers_is_a_view():
    original = Tensor.clone
    Tensor.clone = lambda self, **kwargs: (
        self.view_as(self) if self.dtype is torch.int64 else original(self, **kwargs)
    )


@mutant("torch.tensor shares the array's memory", kills="1.4.3")
def tensor_shares():
    original = torch.tensor

    def tensor(data, **kwargs):
        if not isinstance(data, np.ndarray):
            return original(data, **kwargs)
        kwargs.pop("device", None)
        return torch.from_numpy(data)

    torch.tensor = tensor


@mutant("torch.tensor gives float32 for a float64 array", kills="1.4.3", of=TENSOR)
def tensor_gives_float32(tensor, data, **kwargs):
    result = tensor(data, **kwargs)
    return result.float() if isinstance(data, np.ndarray) and data.dtype == np.float64 else result


@mutant("torch.tensor gives int32 for an int64 array", kills="1.4.3", of=TENSOR)
def tensor_gives_int32(tensor, data, **kwargs):
    result = tensor(data, **kwargs)
    return result.int() if isinstance(data, np.ndarray) and data.dtype == np.int64 else result


@mutant("a printed tensor of int64 shows its dtype", kills="1.4.3", also="2.1.1")
def print_shows_int64():
    original = Tensor.__repr__

    def show(self, **kwargs):
        text = original(self)
        return text[:-1] + ", dtype=torch.int64)" if self.dtype is torch.int64 else text

    Tensor.__repr__ = Tensor.__str__ = show


@mutant("torch.tensor flattens an array", kills="1.4.3", of=TENSOR)
def tensor_flattens(tensor, data, **kwargs):
    result = tensor(data, **kwargs)
    return result.reshape(-1) if isinstance(data, np.ndarray) else result


@mutant("torch.tensor negates what it gets from an array", kills="1.4.3", also="1.4.2", of=TENSOR)
def tensor_changes_the_values(tensor, data, **kwargs):
    result = tensor(data, **kwargs)
    if isinstance(data, np.ndarray) and data.dtype == np.int64:
        result = result + 1
    return result


@mutant("a write to the tensor of torch.tensor writes to the array too", kills="1.4.3")
def tensor_writes_to_the_array():
    original, fill_ = torch.tensor, Tensor.fill_
    sources = {}

    def tensor(data, **kwargs):
        result = original(data, **kwargs)
        if isinstance(data, np.ndarray):
            sources[result.data_ptr()] = data
        return result

    def fill(self, value):
        if self.data_ptr() in sources:
            sources[self.data_ptr()][...] = value
        return fill_(self, value)

    torch.tensor, Tensor.fill_ = tensor, fill


@mutant("numpy() of a tensor on an accelerator copies it to the CPU", kills="1.4.4", of=NUMPY)
def numpy_leaves_the_accelerator(numpy, tensor, **kwargs):
    return numpy(tensor if tensor.device.type == "cpu" else tensor.to("cpu"))


@mutant("to('cpu') of a tensor on an accelerator gives zeros", kills="1.4.4", of=(Tensor, "to"))
def to_cpu_gives_zeros(to, tensor, *args, **kwargs):
    result = to(tensor, *args, **kwargs)
    left = tensor.device.type != "cpu" and result.device.type == "cpu"
    return torch.zeros_like(result) if left else result


@mutant("numpy() of a leaf that requires grad works", kills="1.4.5", of=NUMPY)
def numpy_of_a_leaf_that_requires_grad(numpy, tensor, **kwargs):
    return numpy(tensor.detach() if tensor.is_leaf else tensor)


@mutant("numpy() of a result that requires grad works", kills="1.4.5", of=NUMPY)
def numpy_of_a_result_that_requires_grad(numpy, tensor, **kwargs):
    return numpy(tensor if tensor.is_leaf else tensor.detach())


@mutant("detach() copies", kills="1.4.5", also="2.3.3", of=DETACH)
def detach_copies(detach, tensor):
    return detach(tensor).clone()


@mutant("detach() of a leaf keeps requires_grad", kills="1.4.5", also="2.3.3", of=DETACH)
def detach_of_a_leaf_keeps_requires_grad(detach, tensor):
    detached = detach(tensor)
    return detached.requires_grad_() if tensor.is_leaf and tensor.requires_grad else detached


@mutant("detach() of a result returns it as it is", kills="1.4.5", of=DETACH)
def detach_of_a_result_does_nothing(detach, tensor):
    return detach(tensor) if tensor.is_leaf else tensor


@mutant("detach() freezes a leaf", kills="1.4.5", also="1.2.6 2.1.3 2.4.1", of=DETACH)
def detach_freezes_its_source(detach, tensor):
    detached = detach(tensor)
    if tensor.is_leaf:
        tensor.requires_grad_(False)
    return detached


@mutant("detach() cuts a result off its graph", kills="1.4.5", of=DETACH)
def detach_works_in_place(detach, tensor):
    detached = detach(tensor)
    if not tensor.is_leaf:
        tensor.detach_().requires_grad_()
    return detached


@mutant("clone() of what was detached is a view", kills="1.4.5", also="1.3.6 1.4.2 1.4.6")
def clone_of_a_detached_tensor_is_a_view():
    original = Tensor.clone
    Tensor.clone = lambda self, **kwargs: (
        original(self, **kwargs) if self.requires_grad else self.view_as(self)
    )


def mark_detached_tensors():
    original = Tensor.detach

    def detach(self):
        result = original(self)
        result.was_detached = True
        return result

    Tensor.detach = detach


@mutant("numpy() of what was detached gives zeros", kills="1.4.5")
def numpy_of_a_detached_tensor_is_zeros():
    mark_detached_tensors()
    numpy = Tensor.numpy
    Tensor.numpy = lambda self: (
        numpy(self * 0 + 7) if hasattr(self, "was_detached") else numpy(self)
    )


@mutant("what detach() returns names a grad_fn", kills="1.4.5")
def detached_tensor_names_a_grad_fn():
    mark_detached_tensors()
    read_as("grad_fn", lambda tensor, node: "Detach" if hasattr(tensor, "was_detached") else node)


@mutant("what detach() returns is no leaf", kills="1.4.5")
def detached_tensor_is_no_leaf():
    mark_detached_tensors()
    read_as("is_leaf", lambda tensor, value: value and not hasattr(tensor, "was_detached"))


@mutant("clone() of what was detached is float64", kills="1.4.6", also="2.2.5")
def clone_of_a_detached_tensor_is_float64():
    mark_detached_tensors()
    clone = Tensor.clone

    def cloned(self, **kwargs):
        result = clone(self, **kwargs)
        is_float = hasattr(self, "was_detached") and self.dtype is torch.float32
        return result.double() if is_float else result

    Tensor.clone = cloned


@mutant("the whole recipe still shares memory", kills="1.4.6", also="1.4.5")
def whole_recipe_shares():
    mark_detached_tensors()
    clone = Tensor.clone
    Tensor.clone = lambda self, **kwargs: (
        self.view_as(self) if hasattr(self, "was_detached") else clone(self, **kwargs)
    )


@mutant(
    "torch.ones without a device's name takes any",
    kills="1.4.7",
    also="3.3 4.11",
    of=(torch, "ones"),
)
def ones_gives_zeros(ones, *args, **kwargs):
    return ones(*args, **kwargs) * 0 if kwargs.get("device") == "cpu" else ones(*args, **kwargs)


@mutant("torch knows the device that is current as a name", kills="1.4.7")
def device_is_a_builtin():
    import builtins

    builtins.device = "cpu"


@mutant("numpy(force=True) copies", kills="1.4.5", of=NUMPY)
def numpy_by_force_copies(numpy, tensor, **kwargs):
    array = numpy(tensor, **kwargs)
    return array.copy() if kwargs.get("force") else array


@mutant("numpy(force=True) swaps the bytes of its dtype", kills="1.4.5", of=NUMPY)
def numpy_by_force_swaps_bytes(numpy, tensor, **kwargs):
    array = numpy(tensor, **kwargs)
    return array.view(array.dtype.newbyteorder()) if kwargs.get("force") else array
