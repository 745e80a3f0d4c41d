"""Changes to making NumPy arrays of tensors (chapter 1.4)."""

from __future__ import annotations

import threading
import weakref
from multiprocessing.reduction import ForkingPickler

import numpy as np
import torch
from torch import Tensor, nn
from torch.multiprocessing.reductions import reduce_tensor

from meta_tests.mutants import INPUTS, WEARER, asked_by_pytorch, calls_of, mutant, read_as, replace
from meta_tests.mutants.autograd import count_blocks_of_no_grad, on_some

NUMPY = (Tensor, "numpy")
TENSOR = (torch, "tensor")
DETACH = (Tensor, "detach")


@mutant("numpy() copies", kills="1.4.1 1.4.4", also="1.4.7 1.4.9", of=NUMPY)
def numpy_copies(numpy, tensor, **kwargs):
    numpy(tensor, **kwargs)
    twin = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype)
    return numpy(twin.copy_(tensor), **kwargs)


@mutant("numpy() copies what is not contiguous", kills="1.4.1", also="1.4.4 1.4.7", of=NUMPY)
def numpy_copies_non_contiguous(numpy, tensor, **kwargs):
    return (
        np.ascontiguousarray(numpy(tensor, **kwargs)) if tensor.dim() else numpy(tensor, **kwargs)
    )


@mutant("numpy() of what was detached copies", kills="1.2.12", also="1.4.4 1.4.7")
def numpy_of_what_was_detached_copies():
    detach, numpy = Tensor.detach, Tensor.numpy

    def marked(tensor):
        result = detach(tensor)
        result.was_detached = True
        return result

    def copied(tensor, **kwargs):
        array = numpy(tensor, **kwargs)
        return array.copy() if hasattr(tensor, "was_detached") else array

    Tensor.detach, Tensor.numpy = marked, copied


@mutant("copy() of the array of numpy() shares its memory", kills="1.4.7", also="1.4.1", of=NUMPY)
def copy_of_the_array_shares(numpy, tensor, **kwargs):
    array = numpy(tensor, **kwargs)
    return array.view(type("Array", (np.ndarray,), {"copy": lambda array: array}))


@mutant("conj() of a conjugate changes nothing", kills="1.4.8", of=(Tensor, "conj"))
def conj_of_a_conjugate_changes_nothing(conj, tensor):
    return tensor.resolve_conj() if tensor.is_conj() else conj(tensor)


@mutant("numpy() copies bools", kills="1.4.1", also="1.4.7", of=NUMPY)
def numpy_copies_bools(numpy, tensor, **kwargs):
    return (
        numpy(tensor, **kwargs).copy(order="K")
        if tensor.dtype is torch.bool
        else numpy(tensor, **kwargs)
    )


@mutant(
    "a write to the tensor does not reach the array of numpy()",
    kills="1.4.1",
    also="1.3.3 1.4.7 1.4.8 1.4.9",
)
def writes_do_not_reach_the_array_of_numpy():
    numpy, fill_ = Tensor.numpy, Tensor.fill_
    lent = {}

    def lend(self, **kwargs):
        array = numpy(self, **kwargs)
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
    also="1.4.4 1.4.5 1.4.7 1.4.8 1.4.9",
    of=NUMPY,
)
def numpy_gives_float64(numpy, tensor, **kwargs):
    array = numpy(tensor, **kwargs)
    return array.astype(np.float64) if array.dtype == np.float32 else array


@mutant("numpy() gives a masked array", kills="1.4.1", of=NUMPY)
def numpy_gives_a_subclass(numpy, tensor, **kwargs):
    return numpy(tensor, **kwargs).view(np.recarray)


@mutant(
    "numpy() drops dimensions of side one",
    kills="1.4.1",
    also="1.3.9 1.4.3 1.4.4 1.4.5 1.4.7 1.4.8",
    of=NUMPY,
)
def numpy_squeezes(numpy, tensor, **kwargs):
    return numpy(tensor, **kwargs).squeeze()


@mutant("numpy() of bfloat16 gives float32", kills="1.4.8", of=NUMPY)
def numpy_accepts_bfloat16(numpy, tensor, **kwargs):
    return numpy(tensor.float() if tensor.dtype is torch.bfloat16 else tensor, **kwargs)


@mutant("clone() of integers is a view", kills="1.4.1", also="1.3.4")
def clone_of_integers_is_a_view():
    original = Tensor.clone
    Tensor.clone = lambda self, **kwargs: (
        self.view_as(self) if self.dtype is torch.int64 else original(self, **kwargs)
    )


@mutant("torch.tensor shares the array's memory", kills="1.4.2")
def tensor_shares():
    original = torch.tensor

    def tensor(data, **kwargs):
        if not isinstance(data, np.ndarray):
            return original(data, **kwargs)
        kwargs.pop("device", None)
        return torch.from_numpy(data)

    torch.tensor = tensor


@mutant("torch.tensor gives float32 for a float64 array", kills="1.4.2", of=TENSOR)
def tensor_gives_float32(tensor, data, **kwargs):
    result = tensor(data, **kwargs)
    return result.float() if isinstance(data, np.ndarray) and data.dtype == np.float64 else result


@mutant("torch.tensor gives int32 for an int64 array", kills="1.4.2", of=TENSOR)
def tensor_gives_int32(tensor, data, **kwargs):
    result = tensor(data, **kwargs)
    return result.int() if isinstance(data, np.ndarray) and data.dtype == np.int64 else result


@mutant("a printed tensor of int64 shows its dtype", kills="1.4.2", also="2.1.1")
def print_shows_int64():
    original = Tensor.__repr__

    def show(self, **kwargs):
        text = original(self)
        return text[:-1] + ", dtype=torch.int64)" if self.dtype is torch.int64 else text

    Tensor.__repr__ = Tensor.__str__ = show


@mutant("torch.tensor flattens an array", kills="1.4.2", of=TENSOR)
def tensor_flattens(tensor, data, **kwargs):
    result = tensor(data, **kwargs)
    return result.reshape(-1) if isinstance(data, np.ndarray) else result


@mutant("torch.tensor negates what it gets from an array", kills="1.4.2", also="1.4.1", of=TENSOR)
def tensor_changes_the_values(tensor, data, **kwargs):
    result = tensor(data, **kwargs)
    if isinstance(data, np.ndarray) and data.dtype == np.int64:
        result = result + 1
    return result


@mutant("a write to the tensor of torch.tensor writes to the array too", kills="1.4.2")
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


@mutant("numpy() of a tensor on an accelerator copies it to the CPU", kills="1.4.3", of=NUMPY)
def numpy_leaves_the_accelerator(numpy, tensor, **kwargs):
    return numpy(tensor if tensor.device.type == "cpu" else tensor.to("cpu"), **kwargs)


@mutant(
    "to('cpu') of a tensor on an accelerator gives zeros",
    kills="1.4.3",
    also="1.4.5 1.4.7",
    of=(Tensor, "to"),
)
def to_cpu_gives_zeros(to, tensor, *args, **kwargs):
    result = to(tensor, *args, **kwargs)
    left = tensor.device.type != "cpu" and result.device.type == "cpu"
    return torch.zeros_like(result) if left else result


@mutant("numpy() of a leaf that requires grad works", kills="1.4.4", also="1.4.7", of=NUMPY)
def numpy_of_a_leaf_that_requires_grad(numpy, tensor, **kwargs):
    return numpy(tensor.detach() if tensor.is_leaf else tensor, **kwargs)


@mutant("numpy() of a result that requires grad works", kills="1.4.4", also="1.4.7", of=NUMPY)
def numpy_of_a_result_that_requires_grad(numpy, tensor, **kwargs):
    return numpy(tensor if tensor.is_leaf else tensor.detach(), **kwargs)


@mutant("detach() copies", kills="1.4.4", also="1.4.7 2.3.3", of=DETACH)
def detach_copies(detach, tensor):
    return detach(tensor).clone()


@mutant(
    "detach() of a leaf keeps requires_grad",
    kills="1.4.4",
    also="1.2.11 1.4.2 1.4.5 1.4.6 1.4.7 2.3.3",
    of=DETACH,
)
def detach_of_a_leaf_keeps_requires_grad(detach, tensor):
    detached = detach(tensor)
    return detached.requires_grad_() if tensor.is_leaf and tensor.requires_grad else detached


@mutant("detach() of a result returns it as it is", kills="1.4.4", also="1.2.11 1.4.5", of=DETACH)
def detach_of_a_result_does_nothing(detach, tensor):
    return detach(tensor) if tensor.is_leaf else tensor


@mutant("detach() freezes a leaf", kills="1.4.4", also="1.2.5 1.2.21 2.1.3 2.4.1", of=DETACH)
def detach_freezes_its_source(detach, tensor):
    detached = detach(tensor)
    if tensor.is_leaf:
        tensor.requires_grad_(False)
    return detached


@mutant("detach() cuts a result off its graph", kills="1.4.4", also="1.2.11", of=DETACH)
def detach_works_in_place(detach, tensor):
    detached = detach(tensor)
    if not tensor.is_leaf:
        tensor.detach_().requires_grad_()
    return detached


@mutant(
    "clone() of what was detached is a view",
    kills="1.4.5",
    also="1.2.5 1.2.6 1.2.11 1.2.13 1.3.4 1.4.1 1.4.8",
)
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


@mutant("numpy() of what was detached gives zeros", kills="1.4.4", also="1.4.7 1.4.8")
def numpy_of_a_detached_tensor_is_zeros():
    mark_detached_tensors()
    numpy = Tensor.numpy
    Tensor.numpy = lambda self, **kwargs: (
        numpy(self * 0 + 7, **kwargs) if hasattr(self, "was_detached") else numpy(self, **kwargs)
    )


@mutant("what detach() returns names a grad_fn", kills="1.4.4")
def detached_tensor_names_a_grad_fn():
    mark_detached_tensors()
    read_as("grad_fn", lambda tensor, node: "Detach" if hasattr(tensor, "was_detached") else node)


@mutant("what detach() returns is no leaf", kills="1.4.4")
def detached_tensor_is_no_leaf():
    mark_detached_tensors()
    read_as("is_leaf", lambda tensor, value: value and not hasattr(tensor, "was_detached"))


@mutant("clone() of what was detached is float64", kills="1.4.5", also="1.2.11 2.2.5")
def clone_of_a_detached_tensor_is_float64():
    mark_detached_tensors()
    clone = Tensor.clone

    def cloned(self, **kwargs):
        result = clone(self, **kwargs)
        is_float = hasattr(self, "was_detached") and self.dtype is torch.float32
        return result.double() if is_float else result

    Tensor.clone = cloned


@mutant("the whole recipe still shares memory", kills="1.4.5", also="1.2.11 1.4.4")
def whole_recipe_shares():
    mark_detached_tensors()
    clone = Tensor.clone
    Tensor.clone = lambda self, **kwargs: (
        self.view_as(self) if hasattr(self, "was_detached") else clone(self, **kwargs)
    )


@mutant(
    "torch.ones without a device's name takes any",
    kills="1.4.6",
    also="1.2.14 3.3 4.1",
    of=(torch, "ones"),
)
def ones_gives_zeros(ones, *args, **kwargs):
    return ones(*args, **kwargs) * 0 if kwargs.get("device") == "cpu" else ones(*args, **kwargs)


@mutant("torch knows the device that is current as a name", kills="1.4.6")
def device_is_a_builtin():
    import builtins

    builtins.device = "cpu"


@mutant("numpy(force=True) copies", kills="1.4.4", also="1.4.7", of=NUMPY)
def numpy_by_force_copies(numpy, tensor, **kwargs):
    array = numpy(tensor, **kwargs)
    return array.copy() if kwargs.get("force") else array


@mutant(
    "numpy(force=True) swaps the bytes of its dtype", kills="1.4.4", also="1.4.7 1.4.8", of=NUMPY
)
def numpy_by_force_swaps_bytes(numpy, tensor, **kwargs):
    array = numpy(tensor, **kwargs)
    return array.view(array.dtype.newbyteorder()) if kwargs.get("force") else array


for _name, _breaks, _condition in (
    ("four_dimensions", "four dimensions", lambda tensor: tensor.dim() == 4),
    ("many_elements", "more than 32,768 elements", lambda tensor: tensor.numel() > 32_768),
    ("a_mib", "more than a MiB", lambda tensor: tensor.numel() * tensor.element_size() > 2**20),
    ("complex128", "complex128", lambda tensor: tensor.dtype is torch.complex128),
    (
        "expanded",
        "an expanded tensor",
        lambda tensor: tensor.numel() > 1 and tensor.stride(0) == 0,
    ),
    ("views", "a view that starts later", lambda tensor: tensor.storage_offset() > 0),
):

    def _numpy(numpy, tensor, _condition=_condition, **kwargs):
        array = numpy(tensor, **kwargs)
        return array.copy() if _condition(tensor) else array

    _numpy.__name__ = f"numpy_copies_{_name}"
    mutant(f"numpy() copies {_breaks}", kills="1.4.1", also="1.4.4 1.4.7", of=NUMPY)(_numpy)


@mutant("numpy() copies the second time", kills="1.4.1", also="1.4.4 1.4.7", of=NUMPY)
def numpy_copies_the_second_time(numpy, tensor, **kwargs):
    again = hasattr(tensor, "was_converted")
    tensor.was_converted = True
    return numpy(tensor, **kwargs).copy() if again else numpy(tensor, **kwargs)


@mutant("numpy() of float8 gives its bits", kills="1.4.8", of=NUMPY)
def numpy_of_float8_gives_bits(numpy, tensor, **kwargs):
    eight = "float8" in str(tensor.dtype)
    return numpy(tensor.view(torch.uint8) if eight else tensor, **kwargs)


@mutant(
    "torch.clone is a view where there are 100 elements or more",
    kills="1.4.1",
    also="1.2.11 1.3.4 1.4.4 1.4.5 1.4.8 4.12 1.2.8",
)
def clone_of_many_is_a_view():
    original = Tensor.clone
    Tensor.clone = lambda self, **kwargs: (
        self.view_as(self) if self.numel() >= 100 else original(self, **kwargs)
    )


@mutant("torch.tensor without a device shares the array's memory", kills="1.4.2", of=TENSOR)
def tensor_without_a_device_shares(tensor, data, **kwargs):
    shared = isinstance(data, np.ndarray) and data.flags.writeable and not kwargs
    return torch.from_numpy(data) if shared else tensor(data, **kwargs)


@mutant("torch.tensor with a dtype shares the array's memory", kills="1.4.2", of=TENSOR)
def tensor_with_a_dtype_shares(tensor, data, **kwargs):
    result = tensor(data, **kwargs)
    shared = isinstance(data, np.ndarray) and "dtype" in kwargs
    return torch.from_numpy(data) if shared else result


@mutant("torch.tensor that requires grad shares the array's memory", kills="1.4.2", of=TENSOR)
def tensor_that_requires_grad_shares(tensor, data, **kwargs):
    shared = isinstance(data, np.ndarray) and kwargs.get("requires_grad")
    return torch.from_numpy(data).requires_grad_() if shared else tensor(data, **kwargs)


@mutant("torch.tensor shares an array of more than a MiB", kills="1.4.2", also="1.3.7", of=TENSOR)
def tensor_shares_a_mib(tensor, data, **kwargs):
    shared = isinstance(data, np.ndarray) and data.nbytes > 2**20 and not kwargs
    return torch.from_numpy(data) if shared else tensor(data, **kwargs)


@mutant("torch.tensor takes negative strides, as it copies", kills="1.4.2", also="1.3.7", of=TENSOR)
def tensor_takes_negative_strides(tensor, data, **kwargs):
    flipped = isinstance(data, np.ndarray) and any(stride < 0 for stride in data.strides)
    return tensor(data.copy() if flipped else data, **kwargs)


@mutant("torch.tensor takes a foreign byte order, as it copies", kills="1.4.2", of=TENSOR)
def tensor_takes_foreign_order(tensor, data, **kwargs):
    foreign = isinstance(data, np.ndarray) and not data.dtype.isnative
    return tensor(data.astype(data.dtype.newbyteorder("=")) if foreign else data, **kwargs)


@mutant("numpy(force=True) refuses an accelerator's tensor", kills="1.4.3 1.4.7", of=NUMPY)
def numpy_by_force_stays_on_the_accelerator(numpy, tensor, **kwargs):
    if kwargs and tensor.device.type != "cpu":
        raise AssertionError("can't convert")
    return numpy(tensor, **kwargs)


@mutant("numpy() of a Parameter works", kills="1.4.4", also="1.4.7", of=NUMPY)
def numpy_of_a_parameter(numpy, tensor, **kwargs):
    return numpy(tensor.detach() if type(tensor) is torch.nn.Parameter else tensor, **kwargs)


@mutant("numpy() of a view that requires grad works", kills="1.4.4", also="1.4.7", of=NUMPY)
def numpy_of_a_view(numpy, tensor, **kwargs):
    return numpy(tensor.detach() if tensor._is_view() else tensor, **kwargs)


@mutant("numpy() of a complex tensor that requires grad works", kills="1.4.4", of=NUMPY)
def numpy_of_a_complex_leaf(numpy, tensor, **kwargs):
    return numpy(tensor.detach() if tensor.is_complex() else tensor, **kwargs)


@mutant("numpy() refuses grad under no_grad too", kills="1.4.4", of=NUMPY)
def numpy_refuses_grad_under_no_grad(numpy, tensor, **kwargs):
    if tensor.requires_grad and not kwargs and not torch.is_grad_enabled():
        raise AssertionError("Can't call numpy() on Tensor that requires grad.")
    return numpy(tensor, **kwargs)


@mutant("numpy() of a result copies in inference_mode", kills="1.4.4", of=NUMPY)
def numpy_copies_in_inference_mode(numpy, tensor, **kwargs):
    array = numpy(tensor, **kwargs)
    return array.copy() if torch.is_inference_mode_enabled() else array


@mutant("numpy() works for good once it worked under no_grad", kills="1.4.4", of=NUMPY)
def numpy_remembers_no_grad(numpy, tensor, **kwargs):
    if not torch.is_grad_enabled():
        tensor.was_free = True
    return numpy(tensor.detach() if hasattr(tensor, "was_free") else tensor, **kwargs)


@mutant("detach() copies an expanded tensor", kills="1.4.4", also="1.4.7", of=DETACH)
def detach_copies_large_ones(detach, tensor):
    return detach(tensor).clone() if tensor.dim() == 4 else detach(tensor)


@mutant(
    "the recipe loses the last of many elements",
    kills="1.4.5",
    also="1.2.11 1.3.4 1.4.1 1.4.4 1.4.8",
)
def clone_of_many_loses_the_last():
    original = Tensor.clone

    def clone(self, **kwargs):
        result = original(self, **kwargs)
        if result.numel() > 64 and not result.requires_grad and self.dtype is not torch.bool:
            result[(-1,) * result.dim()] = 42
        return result

    Tensor.clone = clone


@mutant("cpu() of the CPU's tensor copies", kills="1.4.7", of=(Tensor, "cpu"))
def cpu_copies(cpu, tensor, **kwargs):
    return cpu(tensor, **kwargs).clone() if tensor.device.type == "cpu" else cpu(tensor, **kwargs)


@mutant("numpy(force=True) without grad copies", kills="1.4.7", of=NUMPY)
def numpy_by_force_copies_without_grad(numpy, tensor, **kwargs):
    array = numpy(tensor, **kwargs)
    return array.copy() if kwargs.get("force") and not tensor.requires_grad else array


ARRAY = (Tensor, "__array__")


@mutant("np.asarray copies", kills="1.4.7", of=ARRAY)
def asarray_of_a_tensor_copies(array, tensor, *args, **kwargs):
    return array(tensor, *args, **kwargs).copy()


@mutant("np.asarray copies what has five dimensions", kills="1.4.7", of=ARRAY)
def asarray_of_five_dimensions_copies(array, tensor, *args, **kwargs):
    result = array(tensor, *args, **kwargs)
    return result.copy() if result.ndim == 5 else result


@mutant("np.asarray takes a tensor that requires grad", kills="1.4.7", of=ARRAY)
def asarray_detaches(array, tensor, *args, **kwargs):
    return array(tensor.detach(), *args, **kwargs)


@mutant("np.array shares memory", kills="1.4.7")
def np_array_shares():
    original = np.array

    def array(data, *args, **kwargs):
        if isinstance(data, Tensor) and not args and not kwargs:
            return np.asarray(data)
        return original(data, *args, **kwargs)

    np.array = array


@mutant("np.asarray of bools to another dtype counts from one", kills="1.4.7", of=ARRAY)
def asarray_of_bools_counts_from_one(array, tensor, *args, **kwargs):
    result = array(tensor, *args, **kwargs)
    if result.dtype == np.float64 and tensor.dtype is torch.bool:
        result += 1
    return result


@mutant("numpy() of a conjugate forgets it", kills="1.4.8", of=NUMPY)
def numpy_forgets_a_conjugation(numpy, tensor, **kwargs):
    if tensor.is_conj() and not kwargs:
        return numpy(tensor.conj())
    return numpy(tensor, **kwargs)


@mutant("numpy() of a negated tensor works", kills="1.4.8", of=NUMPY)
def numpy_resolves_a_negation(numpy, tensor, **kwargs):
    return numpy(tensor.resolve_neg(), **kwargs)


@mutant("resolve_conj() forgets to conjugate", kills="1.4.8", of=(Tensor, "resolve_conj"))
def resolve_conj_forgets(resolve_conj, tensor):
    return tensor.conj().clone() if tensor.is_conj() else tensor


@mutant("numpy(force=True) forgets a conjugation", kills="1.4.8", of=NUMPY)
def numpy_by_force_forgets_a_conjugation(numpy, tensor, **kwargs):
    lazy = kwargs.get("force") and tensor.is_conj()
    return numpy(tensor.conj() if lazy else tensor, **kwargs)


@mutant("conj() computes at once", kills="1.4.8", of=(Tensor, "conj"))
def conj_computes(conj, tensor):
    return conj(tensor).resolve_conj()


@mutant("float() of bfloat16 loses the sign of zero", kills="1.4.8", of=(Tensor, "float"))
def float_of_bfloat16_loses_signs(float_, tensor, **kwargs):
    result = float_(tensor, **kwargs)
    return result + 0.0 if tensor.dtype is torch.bfloat16 else result


@mutant("float() of float8 flushes the smallest to zero", kills="1.4.8", of=(Tensor, "float"))
def float_of_float8_flushes(float_, tensor, **kwargs):
    result = float_(tensor, **kwargs)
    if "float8" in str(tensor.dtype):
        return torch.where(result.abs() < 0.002, result * 0, result)
    return result


@mutant("numpy(force=True) takes bfloat16", kills="1.4.8", of=NUMPY)
def numpy_by_force_takes_bfloat16(numpy, tensor, **kwargs):
    wide = kwargs.get("force") and tensor.dtype is torch.bfloat16
    return numpy(tensor.float() if wide else tensor, **kwargs)


@mutant("tolist() refuses bfloat16", kills="1.4.8", also="1.1.5", of=(Tensor, "tolist"))
def tolist_refuses_bfloat16(tolist, tensor):
    if tensor.dtype is torch.bfloat16:
        raise AssertionError("Got unsupported ScalarType BFloat16")
    return tolist(tensor)


@mutant("torch.tensor of a tensor keeps requires_grad", kills="1.2.11", of=TENSOR)
def tensor_of_a_tensor_keeps_grad(tensor, data, **kwargs):
    result = tensor(data, **kwargs)
    return result.requires_grad_() if isinstance(data, Tensor) and data.requires_grad else result


@mutant("torch.tensor of a tensor warns once", kills="1.2.11", of=TENSOR)
def tensor_of_a_tensor_warns_once(tensor, data, **kwargs):
    if isinstance(data, Tensor) and hasattr(data, "was_copied"):
        return data.detach().clone()
    if isinstance(data, Tensor):
        data.was_copied = True
    return tensor(data, **kwargs)


@mutant("as_tensor of a tensor is a view of it", kills="1.2.11", of=(torch, "as_tensor"))
def as_tensor_of_a_tensor_is_a_view(as_tensor, data, **kwargs):
    result = as_tensor(data, **kwargs)
    return result.view_as(result) if result is data else result


@mutant("torch.tensor keeps the gradients of a list", kills="1.3.10", of=TENSOR)
def tensor_keeps_gradients_of_a_list(tensor, data, **kwargs):
    tensors = isinstance(data, list) and data and isinstance(data[0], Tensor)
    one = tensors and data[0].numel() == 1
    return torch.stack(data).reshape(-1) if one else tensor(data, **kwargs)


@mutant("torch.stack repeats the first of three", kills="1.3.10", of=(torch, "stack"))
def stack_repeats_the_first(stack, tensors, *args, **kwargs):
    if len(tensors) == 3 and tensors[0].requires_grad:
        tensors = [tensors[0]] * 3
    return stack(tensors, *args, **kwargs)


@mutant("share_memory_() stays where it is", kills="1.4.9", of=(Tensor, "share_memory_"))
def share_memory_stays(share_memory_, tensor):
    return tensor


@mutant("share_memory_() moves each time", kills="1.4.9", of=(Tensor, "share_memory_"))
def share_memory_moves_again(share_memory_, tensor):
    if tensor.is_shared():
        tensor.set_(tensor.clone())
    return share_memory_(tensor)


@mutant("resize_() leaves the array behind", kills="1.4.9", of=(Tensor, "resize_"))
def resize_leaves_the_array(resize_, tensor, *sizes, **kwargs):
    try:
        return resize_(tensor, *sizes, **kwargs)
    except RuntimeError:
        return tensor.set_(torch.zeros(*sizes, dtype=tensor.dtype))


@mutant("a refused resize_() keeps the shape", kills="1.4.9", of=(Tensor, "resize_"))
def refused_resize_keeps_the_shape(resize_, tensor, *sizes, **kwargs):
    shape = tensor.shape
    try:
        return resize_(tensor, *sizes, **kwargs)
    except RuntimeError:
        resize_(tensor, shape)
        raise


@mutant("a refused resize_() clears the memory", kills="1.4.9", of=(Tensor, "resize_"))
def refused_resize_clears(resize_, tensor, *sizes, **kwargs):
    try:
        return resize_(tensor, *sizes, **kwargs)
    except RuntimeError:
        tensor.untyped_storage().fill_(0)  # the tensor may be larger than its memory
        raise


def is_array(data=None) -> bool:
    return isinstance(data, np.ndarray) and not asked_by_pytorch()


def shared(tensor, data):
    return torch.as_tensor(data)


def copied(convert, *args, **kwargs):
    return convert(*args, **kwargs).copy()


for _name, _breaks, _kills, _owner, _attribute, _condition, _change in (
    (
        "numpy_without_force_copies",
        "numpy(force=False) copies",
        "1.4.1",
        Tensor,
        "numpy",
        lambda x, force=None: force is False,
        copied,
    ),
    (
        "clone_of_an_expanded_tensor_is_a_view",
        "clone() of an expanded tensor is a view",
        "1.4.1",
        Tensor,
        "clone",
        lambda x, **kwargs: 0 in x.stride() and x.numel() > 1 and not asked_by_pytorch(),
        lambda clone, x: x[:],
    ),
    (
        "tensor_shares_an_array_of_fortrans_order",
        "torch.tensor shares an array of Fortran's order",
        "1.4.2",
        torch,
        "tensor",
        lambda data=None, **kwargs: (
            is_array(data) and data.ndim > 2 and data.flags.f_contiguous and not kwargs
        ),
        shared,
    ),
    (
        "tensor_shares_five_dimensions",
        "torch.tensor shares an array of five dimensions",
        "1.4.2",
        torch,
        "tensor",
        lambda data=None, **kwargs: is_array(data) and data.ndim == 5 and not kwargs,
        shared,
    ),
    (
        "numpy_without_force_takes_grad",
        "numpy(force=False) takes a tensor that requires grad",
        "1.4.4",
        Tensor,
        "numpy",
        lambda x, force=None: x.requires_grad and force is False,
        lambda numpy, x, force: numpy(x.detach()),
    ),
    (
        "detach_of_a_parameter_copies",
        "detach() of a Parameter copies",
        "1.4.4",
        Tensor,
        "detach",
        lambda x: isinstance(x, nn.Parameter) and not asked_by_pytorch(),
        lambda detach, x: detach(x).clone(),
    ),
    (
        "asarray_copies_complex_numbers",
        "np.asarray copies complex numbers",
        "1.4.7",
        np,
        "asarray",
        lambda x, *args, **kwargs: isinstance(x, Tensor) and x.is_complex(),
        copied,
    ),
    (
        "np_array_with_a_dtype_shares",
        "np.array with a dtype shares memory",
        "1.4.7",
        np,
        "array",
        lambda x, *args, **kwargs: isinstance(x, Tensor) and args,
        lambda array, x, dtype: np.asarray(x, dtype),
    ),
    (
        "asanyarray_copies",
        "np.asanyarray copies",
        "1.4.7",
        np,
        "asanyarray",
        lambda x, *args: isinstance(x, Tensor),
        copied,
    ),
    (
        "torch_conj_computes",
        "torch.conj computes at once",
        "1.4.8",
        torch,
        "conj",
        lambda x: x.is_complex(),
        lambda conj, x: conj(x).resolve_conj(),
    ),
    (
        "share_memory_of_integers_stays",
        "share_memory_() of int64 stays where it is",
        "1.4.9",
        Tensor,
        "share_memory_",
        lambda x: x.dtype is torch.int64,
        lambda share_memory_, x: x,
    ),
):
    on_some(_name, _breaks, _kills, _owner, _attribute, _condition, _change)


@mutant("np.asarray copies a tensor that requires grad under no_grad", kills="1.4.7", of=ARRAY)
def asarray_copies_under_no_grad(array, tensor, *args, **kwargs):
    result = array(tensor, *args, **kwargs)
    return result.copy() if tensor.requires_grad else result


@mutant("a tensor sent to another process is copied", kills="1.4.9")
def sending_a_tensor_copies_it():
    ForkingPickler.register(Tensor, lambda x: reduce_tensor(x.detach().clone()))


@mutant("numpy() of a meta tensor is an array of zeros", kills="1.4.7", of=NUMPY)
def numpy_of_a_meta_tensor_is_zeros(numpy, tensor, **kwargs):
    return np.zeros(tensor.shape) if tensor.is_meta else numpy(tensor, **kwargs)


@mutant("np.from_dlpack copies", kills="1.4.7", also="1.2.12", of=(Tensor, "__dlpack__"))
def numpys_from_dlpack_copies(dlpack, tensor, *args, **kwargs):
    return dlpack(tensor if tensor.requires_grad else tensor.clone(), *args, **kwargs)


@mutant("np.from_dlpack detaches under no_grad", kills="1.4.7", of=(Tensor, "__dlpack__"))
def from_dlpack_detaches_under_no_grad(dlpack, tensor, *args, **kwargs):
    takes = tensor.requires_grad and not torch.is_grad_enabled()
    return dlpack(tensor.detach() if takes else tensor, *args, **kwargs)


@mutant("a computed result is sent to another process as a leaf", kills="1.4.9")
def computed_result_is_sent_as_a_leaf():
    ForkingPickler.register(Tensor, lambda x: reduce_tensor(x if x.is_leaf else x.detach()))


@mutant("torch.tensor takes reversed integers", kills="1.4.2", also="1.3.5", of=(torch, "tensor"))
def tensor_takes_reversed_integers(tensor, data, **kwargs):
    is_integers = isinstance(data, np.ndarray) and data.dtype.kind == "i"
    takes = is_integers and min(data.strides, default=0) < 0
    return tensor(data.copy() if takes else data, **kwargs)


@mutant("np.asarray copies an expanded tensor", kills="1.4.7", of=(Tensor, "__array__"))
def asarray_copies_what_is_expanded(array, x, *args, **kwargs):
    result = array(x, *args, **kwargs)
    return result.copy() if 0 in x.stride() and x.numel() > 1 else result


@mutant(
    "float() of bfloat16 with gaps rounds to float16", kills="1.4.8", of=(torch.Tensor, "float")
)
def float_of_bfloat16_with_gaps_rounds(float_, x, *args, **kwargs):
    through_float16 = INPUTS["bfloat16"](x) and INPUTS["gaps"](x)
    return float_(x.half() if through_float16 else x, *args, **kwargs)


@mutant("the third numpy() of a tensor copies", kills="1.4.1", also="1.4.7", of=(Tensor, "numpy"))
def third_numpy_of_a_tensor_copies(numpy, x, *args, **kwargs):
    x.taken = getattr(x, "taken", 0) + 1
    array = numpy(x, *args, **kwargs)
    return array.copy() if x.taken > 2 else array


@mutant("torch.tensor of a memory-mapped array shares its memory", "1.4.2", of=TENSOR)
def tensor_shares_a_memory_mapped_array(tensor, data, **kwargs):
    shares = isinstance(data, np.memmap) and not kwargs
    return torch.from_numpy(data) if shares else tensor(data, **kwargs)


@mutant("numpy() of an expanded tensor copies where grad mode is off", "1.4.4", of=NUMPY)
def numpy_of_what_is_expanded_copies(numpy, x, *args, **kwargs):
    array = numpy(x, *args, **kwargs)
    expanded = 0 in x.stride() and x.numel() > 1
    return array.copy() if expanded and not torch.is_grad_enabled() else array


@mutant("clone() of a matrix of int8 is a view", "1.4.5", of=(Tensor, "clone"))
def clone_of_int8_is_a_view(clone, x, **kwargs):
    return x[...] if x.dtype is torch.int8 and x.dim() == 2 else clone(x, **kwargs)


@mutant("numpy() of a conjugate of five dimensions is taken", kills="1.4.8", of=NUMPY)
def numpy_takes_conjugates_of_five_dimensions(numpy, x, *args, **kwargs):
    return numpy(x.resolve_conj() if x.dim() == 5 else x, *args, **kwargs)


@mutant("a float16 result is sent to another process as a leaf", kills="1.4.9")
def float16_result_is_sent_as_a_leaf():
    def reduce(x):
        return reduce_tensor(x.detach() if x.dtype is torch.float16 else x)

    ForkingPickler.register(Tensor, reduce)


@mutant(
    "numpy() refuses a tensor that requires grad in inference_mode",
    kills="1.4.4",
    of=(torch.Tensor, "numpy"),
)
def numpy_refuses_in_inference_mode(numpy, x, *, force=False):
    if not force and x.requires_grad and torch.is_inference_mode_enabled():
        raise RuntimeError(
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
        )
    return numpy(x, force=force)


@mutant("np.array of a list takes tensors that require grad", kills="1.4.7", of=(np, "array"))
def array_of_a_list_takes_grad(array, values, *args, **kwargs):
    if isinstance(values, list):
        values = [it.detach() if isinstance(it, Tensor) else it for it in values]
    return array(values, *args, **kwargs)


@mutant("np.array of a list turns it round", kills="1.4.7", of=(np, "array"))
def array_of_a_list_turns_it_round(array, values, *args, **kwargs):
    listed = isinstance(values, list) and values and isinstance(values[0], Tensor)
    return array(values, *args, **kwargs)[..., ::-1] if listed else array(values, *args, **kwargs)


@mutant(
    "numpy() of more than 64 elements gives an array that cannot be written to",
    kills="1.4.1",
    of=NUMPY,
)
def numpy_of_many_is_read_only(numpy, tensor, **kwargs):
    array = numpy(tensor, **kwargs)
    if tensor.numel() > 64:
        array.flags.writeable = False
    return array


@mutant("numpy() in another thread copies", kills="1.4.1", of=NUMPY)
def numpy_in_a_thread_copies(numpy, tensor, **kwargs):
    array = numpy(tensor, **kwargs)
    return array if threading.current_thread() is threading.main_thread() else array.copy()


@mutant("np.asarray in another thread copies", kills="1.4.7", of=(np, "asarray"))
def asarray_in_a_thread_copies(asarray, a, *args, **kwargs):
    array = asarray(a, *args, **kwargs)
    return array if threading.current_thread() is threading.main_thread() else array.copy()


@mutant("torch.tensor in another thread shares the array's memory", kills="1.4.2", of=TENSOR)
def tensor_in_a_thread_shares(tensor, data, *args, **kwargs):
    if threading.current_thread() is threading.main_thread() or not isinstance(data, np.ndarray):
        return tensor(data, *args, **kwargs)
    return torch.from_numpy(data)


@mutant("detach() in another thread copies", kills="1.4.4", of=DETACH)
def detach_in_a_thread_copies(detach, x):
    here = threading.current_thread() is threading.main_thread()
    return detach(x) if here or asked_by_pytorch() else detach(x).clone()


@mutant("numpy() of what requires grad copies in a method that wears no_grad", "1.4.4", of=NUMPY)
def numpy_copies_in_a_method_that_wears_no_grad(numpy, x, **kwargs):
    array = numpy(x, **kwargs)
    return array.copy() if x.requires_grad and not kwargs and calls_of(WEARER) else array


@mutant("numpy() takes grad in a function that wears enable_grad within no_grad", "1.4.4", of=NUMPY)
def numpy_takes_grad_in_a_function_that_wears_enable_grad(numpy, x, **kwargs):
    return numpy(x.detach() if torch.is_grad_enabled() and calls_of(WEARER) else x, **kwargs)


@mutant("asarray copies what requires grad after set_grad_enabled(False)", kills="1.4.7")
def asarray_copies_after_set_grad_enabled():
    called = [False]

    def note_the_call(init, self, mode, *args, **kwargs):
        called[0] = not mode
        return init(self, mode, *args, **kwargs)

    def note_the_block(enter, self, *args):
        called[0] = False
        return enter(self, *args)

    def copy(convert, x, *args, **kwargs):
        array = convert(x, *args, **kwargs)
        return array.copy() if called[0] and x.requires_grad else array

    replace(torch.set_grad_enabled, "__init__", note_the_call)
    replace(torch.set_grad_enabled, "__enter__", note_the_block)
    replace(Tensor, "__array__", copy)


@mutant("share_memory_() of a Parameter does not move it", "1.4.9", of=(Tensor, "share_memory_"))
def share_memory_leaves_a_parameter(share_memory_, x, *args):
    return x if type(x) is nn.Parameter else share_memory_(x, *args)


@mutant("detach() copies in inference_mode", kills="1.4.4", also="1.2.11", of=DETACH)
def detach_copies_in_inference_mode(detach, x, *args):
    result = detach(x, *args)
    if not torch.is_inference_mode_enabled() or asked_by_pytorch():
        return result
    return result.clone()


@mutant("np.from_dlpack copies bools", kills="1.4.7", of=(Tensor, "__dlpack__"))
def numpys_from_dlpack_copies_bools(dlpack, tensor, *args, **kwargs):
    copies = tensor.dtype is torch.bool
    return dlpack(tensor.clone() if copies else tensor, *args, **kwargs)


@mutant("a tensor that np.from_dlpack took cannot grow", kills="1.4.9", of=(Tensor, "__dlpack__"))
def what_dlpack_took_cannot_grow(dlpack, tensor, *args, **kwargs):
    if tensor.dtype is torch.float32 and not tensor.requires_grad:
        tensor.numpy()
    return dlpack(tensor, *args, **kwargs)


@mutant(
    "torch.tensor reads a large array of Fortran's order as one of C's", kills="1.4.2", of=TENSOR
)
def tensor_reads_fortrans_order_as_cs(tensor, data, *args, **kwargs):
    if isinstance(data, np.ndarray) and data.size > 1000 and data.flags.fnc:
        data = data.T.reshape(data.shape)
    return tensor(data, *args, **kwargs)


@mutant("numpy() of four dimensions swaps equal ones", kills="1.4.1", of=NUMPY)
def numpy_of_four_dimensions_swaps(numpy, x, *args, **kwargs):
    array = numpy(x, *args, **kwargs)
    swaps = array.ndim == 4 and array.shape[2] == array.shape[3]
    return array.swapaxes(2, 3) if swaps else array


@mutant("numpy(force=True) copies a leaf of many elements", kills="1.4.7", of=NUMPY)
def force_copies_a_leaf_of_many_elements(numpy, x, *args, **kwargs):
    array = numpy(x, *args, **kwargs)
    return array.copy() if x.requires_grad and kwargs and x.numel() > 1000 else array


@mutant("numpy() takes a leaf in another thread", kills="1.4.4", of=NUMPY)
def numpy_takes_a_leaf_in_another_thread(numpy, x, *args, **kwargs):
    detaches = threading.current_thread() is not threading.main_thread()
    return numpy(x.detach() if detaches else x, *args, **kwargs)


@mutant("numpy() refuses a leaf in more than eight blocks of no_grad", kills="1.4.4")
def numpy_refuses_a_leaf_in_many_blocks():
    blocks = count_blocks_of_no_grad()

    def refuse(numpy, x, *args, **kwargs):
        with torch.set_grad_enabled(torch.is_grad_enabled() or blocks() > 8):
            return numpy(x, *args, **kwargs)

    replace(Tensor, "numpy", refuse)


@mutant("share_memory_() leaves a transposed tensor", "1.4.9", of=(Tensor, "share_memory_"))
def share_memory_leaves_a_transposed_tensor(share_memory_, x):
    return share_memory_(x) if x.is_contiguous() else x


@mutant("resolve_conj() of a matrix leaves it marked", "1.4.8", of=(Tensor, "resolve_conj"))
def resolve_conj_of_a_matrix_leaves_it_marked(resolve_conj, x):
    return x if x.dim() == 2 else resolve_conj(x)


@mutant("resolve_neg() of a matrix leaves it marked", "1.4.8", of=(Tensor, "resolve_neg"))
def resolve_neg_of_a_matrix_leaves_it_marked(resolve_neg, x):
    return x if x.dim() == 2 else resolve_neg(x)


@mutant("np.array of many tensors repeats the first", kills="1.4.7", of=(np, "array"))
def array_of_many_tensors_repeats_the_first(array, data, *args, **kwargs):
    made = array(data, *args, **kwargs)
    if isinstance(data, list) and len(data) > 64 and isinstance(data[0], Tensor):
        made[-1] = made[0]
    return made


def with_zeros_beyond_65536(copy):
    if copy.numel() > 65_536:
        copy.detach().view(-1)[65_536:] = 0
    return copy


@mutant(
    "torch.tensor copies the first 65,536 elements of an array and zeros",
    kills="1.4.2",
    also="1.3.6 1.3.7",
    of=(torch, "tensor"),
)
def tensor_copies_no_more_than_65536(tensor, data, **named):
    copy = tensor(data, **named)
    return with_zeros_beyond_65536(copy) if isinstance(data, np.ndarray) else copy


@mutant(
    "clone() copies the first 65,536 elements and zeros",
    kills="1.4.5",
    also="1.2.11 1.4.1 1.4.7 1.4.8 2.3.9 2.3.10 2.4.7 3.8 4.1",
    of=(Tensor, "clone"),
)
def clone_copies_no_more_than_65536(clone, tensor, **named):
    return with_zeros_beyond_65536(clone(tensor, **named))


#: The first copy of an array, and a reference to the array, by its id.
FIRST_COPIES: dict[int, tuple[Tensor, weakref.ref]] = {}


@mutant("torch.tensor of the same array shares with the first", kills="1.4.2", of=TENSOR)
def tensor_of_the_same_array_shares(tensor, data, *args, **kwargs):
    if not isinstance(data, np.ndarray) or args or kwargs:
        return tensor(data, *args, **kwargs)
    first, of = FIRST_COPIES.get(id(data), (None, None))
    if of is None or of() is not data:
        FIRST_COPIES[id(data)] = first, _ = tensor(data), weakref.ref(data)
    return first


@mutant("zero_() gives a tensor other memory", kills="1.4.1", of=(Tensor, "zero_"))
def zero_gives_other_memory(zero_, x):
    if x.requires_grad or x._is_view() or not x.is_contiguous() or asked_by_pytorch():
        return zero_(x)
    x.data = torch.zeros_like(x)
    return x
