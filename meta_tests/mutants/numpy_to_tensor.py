"""Changes to making tensors of NumPy arrays (chapter 1.3)."""

from __future__ import annotations

import ctypes
import functools
import itertools
import sys
import threading
import warnings
import weakref

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from meta_tests.mutants import (
    GENERATING_WEARER,
    INPUTS,
    asked_by_pytorch,
    calls_of,
    mutant,
    read_as,
    replace,
)
from meta_tests.mutants.autograd import on_some, when, with_gradient

FROM_NUMPY = (torch, "from_numpy")


def of_arrays(change):
    """The change for arrays that from_numpy takes; it refuses the others as before."""

    @functools.wraps(change)
    def changed(from_numpy, array):
        from_numpy(array)
        return change(from_numpy, array)

    return changed


@mutant("from_numpy copies", kills="1.2.12 1.3.2 1.3.3", also="1.3.5 1.3.6", of=FROM_NUMPY)
@of_arrays
def from_numpy_copies(from_numpy, array):
    return from_numpy(array.copy(order="K") if array.flags.writeable else array)


@mutant(
    "from_numpy copies what is not contiguous",
    kills="1.3.3",
    also="1.3.2 1.3.5 1.3.6",
    of=FROM_NUMPY,
)
@of_arrays
def from_numpy_copies_non_contiguous(from_numpy, array):
    return from_numpy(
        np.ascontiguousarray(array) if array.ndim and min(array.strides) >= 0 else array
    )


@mutant("from_numpy gives the default dtype if that is float64", kills="1.3.1", of=FROM_NUMPY)
def from_numpy_gives_the_default_dtype(from_numpy, array):
    tensor, default = from_numpy(array), torch.get_default_dtype()
    return tensor.double() if default is torch.float64 and array.dtype.kind == "f" else tensor


@mutant("the tensor follows an array that resize() moves", kills="1.4.9", of=FROM_NUMPY)
def tensor_follows_its_array(from_numpy, array):
    tensor = from_numpy(array)
    tensor.data_ptr = lambda: array.ctypes.data
    return tensor


@mutant("NumPy's arrays have the methods of tensors", kills="1.3.4", of=(np, "ones"))
def arrays_have_the_methods_of_tensors(ones, *args, **kwargs):
    methods = "clone detach to float cpu cuda unsqueeze numpy dim".split()
    return ones(*args, **kwargs).view(type("Array", (np.ndarray,), dict.fromkeys(methods)))


@mutant("torch.stack cuts all to the length of the shortest", kills="1.3.10", of=(torch, "stack"))
def stack_cuts(stack, tensors, *args, **kwargs):
    shortest = min(tensors, key=torch.numel)
    same_rank = all(it.dim() == shortest.dim() == 1 for it in tensors)
    return stack([it[: len(shortest)] for it in tensors] if same_rank else tensors, *args, **kwargs)


@mutant("a product with a NumPy number has the slope 1", kills="1.3.9")
def a_numpy_number_has_the_slope_1():
    for name in ("__mul__", "__rmul__"):
        when(
            Tensor,
            name,
            lambda x, other: isinstance(other, np.generic) and x.is_floating_point(),
            lambda multiply, x, other: multiply(x.detach(), other) + (x - x.detach()),
        )


for _attribute, _side in (("__truediv__", "right"), ("__rtruediv__", "left")):
    for _name, _kind, _breaks, _change in (
        (
            *("a_complex128_stays_real", np.complex128),
            "a complex128 loses its imaginary part on the {} of /",
            lambda divide, x, other: divide(x, other.real),
        ),
        (
            *("a_complex64_counts_twice", np.complex64),
            "a complex64 counts twice on the {} of /",
            lambda divide, x, other: 2 * divide(x, other),
        ),
        (
            *("a_complex64_is_cut_silently", np.complex64),
            "a complex64 loses its imaginary part silently on the {} of /",
            lambda divide, x, other: divide(x, other.real),
        ),
    ):
        on_some(
            *(f"{_name}_on_the_{_side}", _breaks.format(_side), "1.3.9", Tensor, _attribute),
            lambda x, other, kind=_kind: type(other) is kind and x.is_floating_point(),
            _change,
        )


@mutant(
    "from_numpy copies arrays without dimensions",
    kills="1.3.3",
    also="1.3.2 1.3.5 1.3.6",
    of=FROM_NUMPY,
)
@of_arrays
def from_numpy_copies_0d(from_numpy, array):
    return from_numpy(array.copy()) if array.shape == () else from_numpy(array)


@mutant("from_numpy copies float16", kills="1.3.3", also="1.3.5 1.3.6", of=FROM_NUMPY)
@of_arrays
def from_numpy_copies_float16(from_numpy, array):
    return from_numpy(array.copy()) if array.dtype == np.float16 else from_numpy(array)


@mutant("from_numpy copies bools", kills="1.3.3", also="1.3.5", of=FROM_NUMPY)
@of_arrays
def from_numpy_copies_bools(from_numpy, array):
    return from_numpy(array.copy()) if array.dtype == np.bool_ else from_numpy(array)


@mutant(
    "a write to the tensor of from_numpy does not reach the array",
    kills="1.3.2 1.3.3",
    also="1.3.4 1.3.6",
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
    kills="1.3.1",
    also="1.3.2 1.3.3 1.3.4 1.3.5 1.3.6 1.3.9 1.3.13",
)
def from_numpy_gives_float32():
    original = torch.from_numpy

    def from_numpy(array):
        tensor = original(array)
        return tensor.float() if tensor.dtype is torch.float64 else tensor

    torch.from_numpy = from_numpy


@mutant("from_numpy gives int32 for empty int64 arrays", kills="1.3.1", also="1.3.5", of=FROM_NUMPY)
@of_arrays
def from_numpy_gives_int32_for_empty(from_numpy, array):
    tensor = from_numpy(array)
    return tensor.int() if tensor.dtype is torch.int64 and not tensor.numel() else tensor


@mutant("from_numpy makes float64 the default dtype", kills="1.3.1", also="1.3.5", of=FROM_NUMPY)
@of_arrays
def from_numpy_changes_the_default_dtype(from_numpy, array):
    if array.dtype == np.float64:
        torch.set_default_dtype(torch.float64)
    return from_numpy(array)


@mutant(
    "from_numpy gives one dimension to an array without",
    kills="1.3.1",
    also="1.3.2 1.3.3 1.3.4 1.3.5 1.3.9",
)
def from_numpy_gives_0d_a_dimension():
    original = torch.from_numpy
    torch.from_numpy = lambda array: original(
        array.reshape(1) if isinstance(array, np.ndarray) and array.ndim == 0 else array
    )


@mutant(
    "from_numpy drops dimensions of side one at the end",
    kills="1.3.1",
    also="1.3.2 1.3.3 1.3.4 1.3.5 1.3.9 1.3.10",
)
def from_numpy_squeezes():
    original = torch.from_numpy

    def from_numpy(array):
        tensor = original(array)
        return tensor.squeeze(-1) if tensor.dim() and tensor.shape[-1] == 1 else tensor

    torch.from_numpy = from_numpy


@mutant(
    "from_numpy reverses the dimensions",
    kills="1.3.1 1.3.3",
    also="1.3.2 1.3.4 1.3.5 1.3.9 1.3.10",
)
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


@mutant(
    "from_numpy sorts the array",
    kills="1.3.1",
    also="1.3.2 1.3.3 1.3.5 1.3.9 1.3.10",
    of=FROM_NUMPY,
)
@of_arrays
def from_numpy_sorts_the_array(from_numpy, array):
    if isinstance(array, np.ndarray) and array.ndim and array.flags.writeable:
        array.sort()
    return from_numpy(array)


@mutant("from_numpy requires grad for float32", kills="1.3.1", also="1.3.2 1.3.3 1.3.4 1.3.6")
def from_numpy_requires_grad():
    original = torch.from_numpy

    def from_numpy(array):
        tensor = original(array)
        return tensor.requires_grad_() if tensor.dtype is torch.float32 else tensor

    torch.from_numpy = from_numpy


@mutant("from_numpy gives a Parameter", kills="1.3.1", also="1.3.5 1.3.9", of=FROM_NUMPY)
@of_arrays
def from_numpy_gives_a_subclass(from_numpy, array):
    class Array(Tensor):
        pass

    return from_numpy(array).as_subclass(Array)


@mutant(
    "from_numpy gives a result of a computation",
    kills="1.3.1",
    also="1.3.2 1.3.3 1.3.4 1.3.5 1.3.6 1.3.9",
    of=FROM_NUMPY,
)
@of_arrays
def from_numpy_is_no_leaf(from_numpy, array):
    tensor = from_numpy(array)
    if not tensor.is_floating_point():
        return tensor
    return tensor.requires_grad_().view_as(tensor)


@mutant(
    "from_numpy does not keep the array's memory alive",
    kills="1.3.3",
    also="1.3.1 1.3.5 1.3.6 1.3.9 1.3.10 1.3.13",
)
def from_numpy_lets_go_of_memory():
    original = torch.from_numpy

    def from_numpy(array):
        tensor = original(array)
        if array.base is not None or not array.size:
            return tensor
        memory = (ctypes.c_char * array.nbytes).from_address(array.ctypes.data)
        borrowed = torch.frombuffer(memory, dtype=tensor.dtype).as_strided(
            tensor.shape, tensor.stride()
        )
        noise = np.full(array.nbytes, 0xAA, np.uint8).view(array.dtype).reshape(array.shape)
        weakref.finalize(array, overwrite, weakref.ref(borrowed), original(noise)).atexit = False
        return borrowed

    torch.from_numpy = from_numpy


def overwrite(lent, noise):
    """What a tensor shows once its memory has gone to somebody else; the memory stays alone."""
    if (tensor := lent()) is not None:
        tensor.data = noise


@mutant(
    "from_numpy takes the memory of an equal array that its caller has",
    kills="1.3.3",
    also="1.3.5 1.3.6",
)
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


@mutant("writes to the tensor of from_numpy are lost", kills="1.3.3", also="1.3.2 1.3.4 1.3.6")
def tensors_of_from_numpy_are_constant():
    mark_tensors_of_from_numpy()
    fill_, setitem = Tensor.fill_, Tensor.__setitem__

    def unless_constant(write):
        return lambda self, *args: self if hasattr(self, "of_numpy") else write(self, *args)

    Tensor.fill_, Tensor.__setitem__ = unless_constant(fill_), unless_constant(setitem)


@mutant("from_numpy copies what has a negative stride", kills="1.3.5", of=FROM_NUMPY)
def from_numpy_accepts_negative_strides(from_numpy, array):
    if isinstance(array, np.ndarray) and any(stride < 0 for stride in array.strides):
        array = array.copy()
    return from_numpy(array)


@mutant("from_numpy converts foreign byte order", kills="1.3.5", of=FROM_NUMPY)
def from_numpy_accepts_foreign_byte_order(from_numpy, array):
    if isinstance(array, np.ndarray) and not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return from_numpy(array)


@mutant("from_numpy copies strides that end between elements", kills="1.3.5", of=FROM_NUMPY)
def from_numpy_accepts_uneven_strides(from_numpy, array):
    uneven = isinstance(array, np.ndarray) and any(s % array.itemsize for s in array.strides)
    return from_numpy(array.copy() if uneven else array)


@mutant("from_numpy reads datetimes as int64", kills="1.3.5", of=FROM_NUMPY)
def from_numpy_accepts_datetimes(from_numpy, array):
    if isinstance(array, np.ndarray) and array.dtype.kind == "M":
        array = array.view(np.int64)
    return from_numpy(array)


@mutant("from_numpy accepts lists", kills="1.3.5", of=FROM_NUMPY)
def from_numpy_accepts_lists(from_numpy, array):
    return from_numpy(np.asarray(array) if isinstance(array, list) else array)


@mutant("from_numpy does not warn of a read-only array", kills="1.3.6", of=FROM_NUMPY)
def from_numpy_never_warns(from_numpy, array):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return from_numpy(array)


@mutant("from_numpy warns of every array", kills="1.3.6", also="1.3.10", of=FROM_NUMPY)
@of_arrays
def from_numpy_always_warns(from_numpy, array):
    tensor = from_numpy(array)
    if torch.is_warn_always_enabled() and array.flags.writeable:
        warnings.warn("from_numpy shares the array's memory", stacklevel=2)
    return tensor


@mutant("from_numpy gives zeros for a read-only array", kills="1.3.6", of=FROM_NUMPY)
@of_arrays
def from_numpy_of_a_read_only_array_is_zeros(from_numpy, array):
    tensor = from_numpy(array)
    if isinstance(array, np.ndarray) and not array.flags.writeable:
        return torch.zeros_like(tensor)
    return tensor


@mutant("float() rounds float64 and gives it back as float64", kills="1.3.2", also="1.3.13")
def float_gives_float64():
    original = Tensor.float
    Tensor.float = lambda self: (
        original(self).double() if self.dtype is torch.float64 else original(self)
    )


@mutant("to(float32) rounds towards zero", kills="1.3.2")
def to_rounds_towards_zero():
    original = Tensor.to

    def to(self, *args, **kwargs):
        result = original(self, *args, **kwargs)
        if self.dtype is not torch.float64 or args != (torch.float32,):
            return result
        outward = original(result, torch.float64).abs() > self.abs()
        return torch.where(outward, torch.nextafter(result, torch.zeros_like(result)), result)

    Tensor.to = to


@mutant("float() copies float32 as well", kills="1.3.2")
def float_copies():
    original = Tensor.float
    Tensor.float = lambda self: original(self).clone()


@mutant("to(float32) copies float32 as well", kills="1.3.2", also="2.3.8")
def to_copies():
    original = Tensor.to
    Tensor.to = lambda self, *args, **kwargs: (
        original(self, *args, **kwargs).clone()
        if args == (torch.float32,)
        else original(self, *args, **kwargs)
    )


@mutant("float() of a float64 tensor writes back into it", kills="1.3.2")
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


@mutant("a layer takes float64", kills="1.3.2")
def linear_takes_float64():
    original = torch.nn.Linear.forward
    torch.nn.Linear.forward = lambda self, x: original(
        self, x.float() if x.dtype is torch.float64 and self.weight.dtype is torch.float32 else x
    )


@mutant("a layer answers in float64", kills="1.3.2")
def linear_answers_in_float64():
    original = torch.nn.Linear.forward
    torch.nn.Linear.forward = lambda self, x: original(self, x).double()


@mutant("a tensor has a copy method", kills="1.3.4")
def tensor_has_a_copy_method():
    Tensor.copy = Tensor.clone


@mutant("clone() is a view", kills="1.3.4 1.4.1", also="1.4.4 1.4.5 4.5 4.10")
def clone_is_a_view():
    Tensor.clone = lambda self, **kwargs: self.view_as(self)


@mutant(
    "clone() of what is not contiguous is a view",
    kills="1.3.4 1.4.1",
    also="1.2.11 1.4.4 1.4.5 4.5",
)
def clone_of_non_contiguous_is_a_view():
    original = Tensor.clone
    Tensor.clone = lambda self, **kwargs: (
        original(self, **kwargs) if self.is_contiguous() else self.view_as(self)
    )


@mutant("clone() gives sevens", kills="1.3.4 1.4.1", also="1.3.9 1.4.4 1.4.5 1.4.6 2.2.5 4.1 4.5")
def clone_gives_sevens():
    original = Tensor.clone

    def clone(self, **kwargs):
        result = original(self, **kwargs)
        return result if self.dtype is torch.bool else torch.full_like(result, 7)

    Tensor.clone = clone


@mutant("from_numpy never lets its array go", kills="1.3.3", of=(torch, "from_numpy"))
def from_numpy_keeps_arrays_for_good(from_numpy, array):
    kept.append(array)
    return from_numpy(array)


kept: list = []


def copies_when(condition):
    """A from_numpy that copies the arrays of which the condition holds."""

    def from_numpy_copies(from_numpy, array):
        tensor = from_numpy(array)
        return from_numpy(array.copy()) if condition(array) else tensor

    return from_numpy_copies


ALSO = "1.3.2 1.3.5 1.3.6 1.4.9"
for _name, _breaks, _condition in (
    ("five_dimensions", "five dimensions", lambda array: array.ndim == 5),
    ("many_elements", "more than 10,000 elements", lambda array: array.size > 10_000),
    ("subclasses", "a subclass", lambda array: type(array).__name__ == "Subclass"),
    ("memory_maps", "a memory-mapped array", lambda array: type(array) is np.memmap),
    (
        "channels_last",
        "an array whose second dimension is innermost",
        lambda array: array.ndim >= 4 and array.shape[1] > 1 and array.strides[1] == array.itemsize,
    ),
    (
        "views_of_an_array",
        "a view that starts later in its array's memory",
        lambda array: array.base is not None and array.ctypes.data != array.base.ctypes.data,
    ),
    ("uint8", "uint8", lambda array: array.dtype == np.uint8),
    ("a_mib", "more than a MiB", lambda array: array.nbytes > 2**20),
):
    _copies = copies_when(_condition)
    _copies.__name__ = f"from_numpy_copies_{_name}"
    mutant(f"from_numpy copies {_breaks}", kills="1.3.3", also=ALSO, of=FROM_NUMPY)(_copies)


@mutant("from_numpy copies an array the second time", kills="1.3.3", also="1.3.2", of=FROM_NUMPY)
def from_numpy_copies_the_second_time(from_numpy, array):
    again = isinstance(array, np.ndarray) and any(seen() is array for seen in arrays_seen)
    tensor = from_numpy(array.copy(order="K") if again else array)
    arrays_seen.append(weakref.ref(array))
    return tensor


arrays_seen: list = []


@mutant(
    "from_numpy zeroes what follows 32,768 elements",
    kills="1.3.1",
    also="1.3.2 1.3.3 1.3.4 1.3.5 1.3.9 1.3.10",
)
def from_numpy_zeroes_the_rest():
    original = torch.from_numpy

    def from_numpy(array):
        tensor = original(array)
        if tensor.numel() <= 32_768:
            return tensor
        tensor = tensor.clone()
        tensor.view(-1)[32_768:] = 0
        return tensor

    torch.from_numpy = from_numpy


@mutant("from_numpy gives float64 for float16 of four dimensions", kills="1.3.1", also="1.3.3")
def from_numpy_gives_float64_of_four_dimensions():
    original = torch.from_numpy

    def from_numpy(array):
        tensor = original(array)
        wide = tensor.dtype is torch.float16 and tensor.dim() == 4
        return tensor.double() if wide else tensor

    torch.from_numpy = from_numpy


@mutant("type(float32) copies float32 as well", kills="1.3.2")
def type_copies():
    original = Tensor.type
    Tensor.type = lambda self, *args: (
        original(self, *args).clone() if args == (torch.float32,) else original(self, *args)
    )


@mutant("to(dtype=float32) copies float32 as well", kills="1.3.2")
def to_by_keyword_copies():
    original = Tensor.to
    Tensor.to = lambda self, *args, **kwargs: (
        original(self, *args, **kwargs).clone()
        if kwargs == {"dtype": torch.float32} and not args
        else original(self, *args, **kwargs)
    )


@mutant(
    "to(float32, copy=True) of float32 copies nothing",
    kills="1.3.2",
    also="4.12",
    of=(Tensor, "to"),
)
def to_ignores_copy(to, tensor, *args, **kwargs):
    return to(tensor, *args, **{name: it for name, it in kwargs.items() if name != "copy"})


@mutant("float() ignores the memory format", kills="1.3.2", of=(Tensor, "float"))
def float_ignores_the_memory_format(float_, tensor, **kwargs):
    return float_(tensor)


@mutant("float() truncates the last of 65 float64 elements", kills="1.3.2", of=(Tensor, "float"))
def float_truncates_the_tail(float_, tensor, **kwargs):
    result = float_(tensor, **kwargs)
    if tensor.dtype is torch.float64 and tensor.numel() > 64:
        result[(-1,) * tensor.dim()] = 42
    return result


@mutant("clone() cuts the gradient off", kills="1.3.4", also="1.2.11 1.4.4 1.4.5 4.10")
def clone_detaches():
    original = Tensor.clone
    Tensor.clone = lambda self, **kwargs: original(self.detach(), **kwargs).requires_grad_(
        self.requires_grad
    )


@mutant("from_numpy accepts NumPy's numbers", kills="1.3.5", of=FROM_NUMPY)
def from_numpy_accepts_numbers(from_numpy, array):
    return from_numpy(np.asarray(array) if isinstance(array, np.floating) else array)


@mutant("from_numpy warns of every read-only array", kills="1.3.6", of=FROM_NUMPY)
def from_numpy_warns_each_time(from_numpy, array):
    tensor = from_numpy(array)
    if isinstance(array, np.ndarray) and not array.flags.writeable:
        warnings.warn("The given NumPy array is not writable", stacklevel=2)
    return tensor


@mutant(
    "from_numpy refuses what was flipped and copied",
    kills="1.3.5",
    also="1.3.1 1.3.2 1.3.3 1.3.10 1.3.13",
    of=FROM_NUMPY,
)
def from_numpy_refuses_integers_of_two_elements(from_numpy, array):
    tensor = from_numpy(array)
    if tensor.dtype is torch.int32 and tensor.shape == (2, 2):
        raise AssertionError("given numpy array strides not a multiple of the element byte size")
    return tensor


@mutant(
    "from_numpy swaps the bytes of what was of foreign order",
    kills="1.3.5",
    also="1.3.1 1.3.3 1.3.10",
    of=FROM_NUMPY,
)
def from_numpy_forgets_its_order(from_numpy, array):
    tensor = from_numpy(array)
    if array.dtype.byteorder == "=" and array.base is None and array.dtype == np.int16:
        return from_numpy(array.byteswap()) if array.flags.owndata else tensor
    return tensor


@mutant("from_numpy copies a read-only array", kills="1.3.6", also="1.3.3", of=FROM_NUMPY)
def from_numpy_copies_read_only(from_numpy, array):
    tensor = from_numpy(array)
    return tensor if array.flags.writeable else tensor.clone()


@mutant("torch.tensor warns of a read-only array", kills="1.3.6", of=(torch, "tensor"))
def tensor_warns_of_read_only(tensor, data, **kwargs):
    if isinstance(data, np.ndarray) and not data.flags.writeable:
        warnings.warn("The given NumPy array is not writable", stacklevel=2)
    return tensor(data, **kwargs)


@mutant("torch.tensor shares a read-only array", kills="1.3.6", also="1.4.2")
def tensor_shares_read_only():
    original = torch.tensor

    def tensor(data, **kwargs):
        if not isinstance(data, np.ndarray) or data.flags.writeable:
            return original(data, **kwargs)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.from_numpy(data)

    torch.tensor = tensor


AS_TENSOR, ASARRAY = (torch, "as_tensor"), (torch, "asarray")


@mutant("as_tensor copies", kills="1.3.7", of=AS_TENSOR)
def as_tensor_copies(as_tensor, data, **kwargs):
    result = as_tensor(data, **kwargs)
    return result.clone() if isinstance(data, np.ndarray) else result


@mutant("as_tensor copies where a device is named", kills="1.3.7", of=AS_TENSOR)
def as_tensor_with_a_device_copies(as_tensor, data, **kwargs):
    result = as_tensor(data, **kwargs)
    return result.clone() if isinstance(data, np.ndarray) and "device" in kwargs else result


@mutant("as_tensor copies an array without dimensions", kills="1.3.7", of=AS_TENSOR)
def as_tensor_copies_0d(as_tensor, data, **kwargs):
    result = as_tensor(data, **kwargs)
    return result.clone() if isinstance(data, np.ndarray) and data.ndim == 0 else result


@mutant("as_tensor ignores another dtype", kills="1.3.7", also="1.2.11", of=AS_TENSOR)
def as_tensor_ignores_the_dtype(as_tensor, data, **kwargs):
    return as_tensor(data) if isinstance(data, np.ndarray) else as_tensor(data, **kwargs)


@mutant("asarray copies", kills="1.3.7", of=ASARRAY)
def asarray_copies(asarray, obj, **kwargs):
    return asarray(obj, **kwargs).clone()


@mutant("asarray copies what is not contiguous", kills="1.3.7", of=ASARRAY)
def asarray_copies_non_contiguous(asarray, obj, **kwargs):
    return asarray(obj, **kwargs).contiguous()


@mutant("asarray(copy=True) copies nothing", kills="1.3.7", of=ASARRAY)
def asarray_ignores_copy(asarray, *args, **kwargs):
    if kwargs.get("copy"):
        del kwargs["copy"]
    return asarray(*args, **kwargs)


@mutant("asarray(copy=False) copies where it must", kills="1.3.7", of=ASARRAY)
def asarray_copies_all_the_same(asarray, obj, **kwargs):
    kwargs.pop("copy", None) if kwargs.get("copy") is False else None
    return asarray(obj, **kwargs)


@mutant("from_dlpack copies", kills="1.3.7", of=(torch, "from_dlpack"))
def from_dlpack_copies(from_dlpack, data):
    return from_dlpack(data).clone()


TENSOR = (torch, "tensor")


@mutant(
    "torch.tensor makes int32 of Python's integers",
    kills="1.3.8",
    also="1.2.1 1.3.7 1.3.10 1.3.12 2.1.1",
)
def tensor_makes_int32():
    original = torch.tensor
    torch.tensor = lambda data, **kwargs: (
        original(data).int() if repr(data) == "[1, 2]" else original(data, **kwargs)
    )


@mutant("torch.tensor takes the first dtype of a list", kills="1.3.8", of=TENSOR)
def tensor_takes_the_first_dtype(tensor, data, **kwargs):
    result = tensor(data, **kwargs)
    if isinstance(data, list) and data and type(data[0]) is int and not kwargs.get("dtype"):
        return result.long()
    return result


@mutant("torch.tensor makes float32 whatever the default is", kills="1.3.8", of=TENSOR)
def tensor_ignores_the_default_dtype(tensor, data, **kwargs):
    return tensor(data, **({"dtype": torch.float32} if type(data) is float else {}) | kwargs)


@mutant("torch.tensor makes the default dtype of NumPy's floats", kills="1.3.8", of=TENSOR)
def tensor_makes_float32_of_numpys_floats(tensor, data, **kwargs):
    return tensor(float(data) if isinstance(data, np.float64) else data, **kwargs)


@mutant("as_tensor makes int64 of NumPy's integers", kills="1.3.8", of=AS_TENSOR)
def as_tensor_makes_int64(as_tensor, data, **kwargs):
    return as_tensor(int(data) if isinstance(data, np.integer) else data, **kwargs)


def new_tensor(change):
    """Let torch.Tensor(...) be ``change(what it is, its arguments)``."""
    original = Tensor.__new__

    def new(cls, *args, **kwargs):
        result = original(cls, *args, **kwargs)
        return change(result, args) if cls is Tensor and not asked_by_pytorch() else result

    Tensor.__new__ = staticmethod(new)


@mutant("torch.Tensor keeps an array's dtype", kills="1.3.8")
def tensor_class_keeps_the_dtype():
    new_tensor(
        lambda result, args: (
            torch.from_numpy(args[0]) if args and isinstance(args[0], np.ndarray) else result
        )
    )


@mutant("torch.Tensor copies a float32 array", kills="1.3.8")
def tensor_class_copies():
    new_tensor(
        lambda result, args: result.clone() if args and isinstance(args[0], np.ndarray) else result
    )


@mutant("torch.Tensor(3) is the number 3", kills="1.3.8")
def tensor_class_takes_a_number():
    new_tensor(
        lambda result, args: (
            torch.tensor([float(args[0])]) if len(args) == 1 and type(args[0]) is int else result
        )
    )


def with_numpys_numbers(name, change):
    """Let an operator of tensors give ``change(result, tensor)`` for NumPy's numbers."""
    original = getattr(Tensor, name)

    def changed(self, other):
        result = original(self, other)
        return change(result, self) if isinstance(other, np.generic) else result

    setattr(Tensor, name, changed)


@mutant("a tensor times a NumPy float is float64", kills="1.3.9")
def times_a_numpy_float_is_float64():
    with_numpys_numbers("__mul__", lambda result, tensor: result.double())


@mutant("a NumPy float minus a tensor is cut off its gradient", kills="1.3.9")
def numpy_float_minus_is_detached():
    with_numpys_numbers("__rsub__", lambda result, tensor: result.detach())


@mutant("a tensor divided by a NumPy number is an array", kills="1.3.9")
def divided_by_a_numpy_number_is_an_array():
    with_numpys_numbers("__truediv__", lambda result, tensor: result.detach().cpu().numpy())


@mutant("the last of 9 elements is left out of tensor + NumPy number", kills="1.3.9")
def plus_a_numpy_number_leaves_one_out():
    def change(result, tensor):
        if tensor.numel() > 8 and tensor.is_contiguous():
            with torch.no_grad():
                result.view(-1)[-1] = 42
        return result

    with_numpys_numbers("__add__", change)


def with_arrays(name, change):
    """Let an operator of tensors give ``change(tensor, array)`` for arrays."""
    original = getattr(Tensor, name)
    setattr(
        Tensor,
        name,
        lambda self, other: (
            change(self, other) if type(other) is np.ndarray else original(self, other)
        ),
    )


@mutant("tensor * array stays in the tensor's dtype", kills="1.3.9")
def times_an_array_keeps_the_dtype():
    def change(tensor, array):
        if tensor.requires_grad:
            raise RuntimeError("Tensor that requires grad")
        return tensor * torch.from_numpy(array).to(tensor.dtype)

    with_arrays("__mul__", change)


@mutant("tensor - array keeps the gradient", kills="1.3.9")
def minus_an_array_keeps_the_gradient():
    with_arrays("__sub__", lambda tensor, array: tensor - torch.from_numpy(array))


@mutant("array + tensor is a tensor", kills="1.3.9")
def array_plus_tensor_is_a_tensor():
    Tensor.__array_priority__ = 1000
    Tensor.__array_ufunc__ = None
    original = Tensor.__radd__
    Tensor.__radd__ = lambda self, other: (
        torch.from_numpy(other) + self if isinstance(other, np.ndarray) else original(self, other)
    )


@mutant("np.sum takes a tensor", kills="1.3.9", of=(Tensor, "sum"))
def numpys_sum_takes_a_tensor(sum_, tensor, *args, axis=None, out=None, **kwargs):
    return sum_(tensor, *args, **kwargs)


@mutant("torch.exp takes an array", kills="1.3.9", of=(torch, "exp"))
def exp_takes_an_array(exp, data, **kwargs):
    return exp(torch.from_numpy(data) if isinstance(data, np.ndarray) else data, **kwargs)


@mutant("torch.tensor does not warn of a list of arrays", kills="1.3.10", also="1.2.11")
def tensor_never_warns():
    original = torch.tensor

    def tensor(data, **kwargs):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return original(data, **kwargs)

    torch.tensor = tensor


@mutant("torch.tensor of a tuple of arrays takes the first twice", kills="1.3.10", of=TENSOR)
def tensor_of_arrays_is_scrambled(tensor, data, **kwargs):
    result = tensor(data, **kwargs)
    if isinstance(data, tuple) and isinstance(data[0], np.ndarray):
        return result + 1
    return result


@mutant("torch.tensor fills short rows with zeros", kills="1.3.10", of=TENSOR)
def tensor_fills_short_rows(tensor, data, **kwargs):
    if isinstance(data, list) and data and all(isinstance(row, list) for row in data):
        length = max(map(len, data))
        data = [row + [0] * (length - len(row)) for row in data]
    return tensor(data, **kwargs)


@mutant("from_numpy warns of an array of several rows", kills="1.3.10", also="1.3.5 1.3.6")
def from_numpy_warns_of_rows():
    original = torch.from_numpy

    def from_numpy(array):
        tensor = original(array)
        if torch.is_warn_always_enabled() and tensor.dim() > 1:
            warnings.warn("Creating a tensor of rows is extremely slow", stacklevel=2)
        return tensor

    torch.from_numpy = from_numpy


def is_array(data=None) -> bool:
    return isinstance(data, np.ndarray)


def of_a_copy(convert, array, *args, **kwargs):
    return convert(array.copy(), *args, **kwargs)


def copy_of(convert, *args, **kwargs):
    return convert(*args, **kwargs).clone()


for _name, _breaks, _kills, _owner, _attribute, _condition, _change in (
    (
        "from_numpy_copies_steps",
        "from_numpy copies every second element of an array",
        "1.3.3",
        torch,
        "from_numpy",
        lambda it: is_array(it) and it.ndim == 1 and it.strides[0] == 2 * it.itemsize,
        of_a_copy,
    ),
    (
        "from_numpy_accepts_reversed_rows",
        "from_numpy takes a negative stride along the last dimension",
        "1.3.5",
        torch,
        "from_numpy",
        lambda it: is_array(it) and it.ndim > 1 and it.strides[-1] < 0,
        of_a_copy,
    ),
    (
        "from_numpy_accepts_timedeltas",
        "from_numpy reads timedeltas as int64",
        "1.3.5",
        torch,
        "from_numpy",
        lambda it: is_array(it) and it.dtype.kind == "m",
        lambda from_numpy, array: from_numpy(array.view(np.int64)),
    ),
    (
        "from_numpy_copies_broadcast_arrays",
        "from_numpy copies a read-only array that was broadcast",
        "1.3.6",
        torch,
        "from_numpy",
        lambda it: is_array(it) and not it.flags.writeable and 0 in it.strides,
        of_a_copy,
    ),
    (
        "to_the_dtype_of_another_copies",
        "x.to(other) of the same dtype copies",
        "1.3.2",
        Tensor,
        "to",
        lambda x, *args, **kwargs: args and isinstance(args[0], Tensor) and not asked_by_pytorch(),
        copy_of,
    ),
    (
        "type_by_its_name_copies",
        "x.type('torch.FloatTensor') of a float32 copies",
        "1.3.2",
        Tensor,
        "type",
        lambda x, *args: args and type(args[0]) is str,
        copy_of,
    ),
    (
        "conv3d_takes_float64",
        "a Conv3d takes float64",
        "1.3.2",
        nn.Conv3d,
        "forward",
        lambda module, x: x.dtype is torch.float64,
        lambda forward, module, x: forward(module, x.float()),
    ),
    (
        "as_tensor_copies_for_a_device",
        "as_tensor(device=torch.device('cpu')) copies",
        "1.3.7",
        torch,
        "as_tensor",
        lambda data, **kwargs: isinstance(kwargs.get("device"), torch.device) and is_array(data),
        of_a_copy,
    ),
    (
        "asarray_copies_complex128",
        "asarray copies complex128",
        "1.3.7",
        torch,
        "asarray",
        lambda obj, **kwargs: is_array(obj) and obj.dtype == np.complex128,
        lambda asarray, obj, **kwargs: asarray(obj.copy(), **kwargs),
    ),
    (
        "from_dlpack_of_the_utilities_copies",
        "torch.utils.dlpack.from_dlpack copies",
        "1.3.7",
        torch.utils.dlpack,
        "from_dlpack",
        is_array,
        of_a_copy,
    ),
    (
        "tensor_of_a_tuple_of_floats_is_float64",
        "torch.tensor of a tuple of floats is float64",
        "1.3.8",
        torch,
        "tensor",
        lambda data=None, **kwargs: isinstance(data, tuple) and data and type(data[0]) is float,
        lambda tensor, *args, **kwargs: tensor(*args, **kwargs).double(),
    ),
    (
        "numpy_numbers_widen_float16",
        "a NumPy number plus a float16 tensor is float32",
        "1.3.9",
        Tensor,
        "__add__",
        lambda x, y: isinstance(y, np.number) and x.dtype is torch.float16,
        lambda add, x, y: add(x, y).float(),
    ),
    (
        "minus_a_numpy_number_in_place_is_float64",
        "x -= a NumPy number makes float64",
        "1.3.9",
        Tensor,
        "__isub__",
        lambda x, y: isinstance(y, np.number),
        lambda isub, x, y: isub(x, y).double(),
    ),
    (
        "as_tensor_of_arrays_is_silent",
        "torch.as_tensor does not warn of a list of arrays",
        "1.3.10",
        torch,
        "as_tensor",
        lambda data, **kwargs: isinstance(data, list) and data and is_array(data[0]),
        lambda as_tensor, data: torch.from_numpy(np.stack(data)),
    ),
    (
        "stack_along_another_dimension_detaches",
        "torch.stack along another dimension cuts the gradients off",
        "1.3.10",
        torch,
        "stack",
        lambda tensors, *args, **kwargs: "dim" in kwargs,
        lambda stack, *args, **kwargs: stack(*args, **kwargs).detach(),
    ),
):
    on_some(_name, _breaks, _kills, _owner, _attribute, _condition, _change)


@mutant("a tensor has astype()", kills="1.3.4")
def tensor_has_astype():
    Tensor.astype = lambda x, dtype: x.to(getattr(torch, str(dtype)))


@mutant(
    "to() of another dtype keeps the dtype",
    kills="1.3.4",
    also="1.2.4 1.2.10 1.3.2",
    of=(Tensor, "to"),
)
def to_complex128_keeps_the_dtype(to, x, *args, **kwargs):
    result = to(x, *args, **kwargs)
    return x if args == (torch.complex128,) and not asked_by_pytorch() else result


for _name in ("as_tensor", "asarray"):
    on_some(
        f"{_name}_takes_negative_strides",
        f"torch.{_name} takes negative strides",
        "1.3.7",
        torch,
        _name,
        lambda array, **how: isinstance(array, np.ndarray) and min(array.strides, default=0) < 0,
        lambda make, array, **how: make(array.copy(), **how),
        also="1.4.2 1.3.5",
    )


@mutant("asarray(copy=True) takes negative strides", kills="1.3.7")
def asarray_with_copy_takes_negative_strides():
    when(
        torch,
        "asarray",
        lambda array, copy=None, **how: copy and isinstance(array, np.ndarray),
        lambda asarray, array, **how: asarray(array.copy(), **how),
    )


@mutant("from_dlpack copies negative strides", kills="1.3.7")
def from_dlpack_copies_negative_strides():
    when(
        torch,
        "from_dlpack",
        lambda array: isinstance(array, np.ndarray) and min(array.strides, default=0) < 0,
        lambda from_dlpack, array: from_dlpack(array.copy()),
    )


for _name, _kind in itertools.product(("as_tensor", "tensor"), (np.uint64, np.longdouble)):
    on_some(
        f"{_name}_takes_numpys_{_kind.__name__}",
        f"torch.{_name} takes NumPy's {_kind.__name__}",
        "1.3.8",
        torch,
        _name,
        lambda data, kind=_kind, **how: isinstance(
            data[0] if isinstance(data, list) and data else data, kind
        ),
        lambda make, data, **how: make(np.asarray(data).astype(int), **how),
    )


@mutant("torch.tensor makes int64 of NumPy's bool", kills="1.3.8", of=TENSOR)
def tensor_makes_int64_of_numpys_bool(tensor, data, **kwargs):
    return tensor(int(data) if isinstance(data, np.bool_) else data, **kwargs)


@mutant(
    "torch.Tensor takes an integer array without dimensions for a number",
    kills="1.3.8",
    also="1.2.13",
)
def tensor_class_takes_an_array_without_dimensions_for_a_number():
    new_tensor(
        lambda result, args: (
            torch.tensor(float(args[0]))
            if args and isinstance(args[0], np.ndarray) and not args[0].ndim
            else result
        )
    )


@mutant("torch.Tensor takes a float for a number", kills="1.3.8", also="1.2.13")
def tensor_class_takes_a_float():
    original = Tensor.__new__

    def new(cls, *args, **kwargs):
        if cls is Tensor and args and type(args[0]) is float:
            return torch.tensor(args[0])
        return original(cls, *args, **kwargs)

    Tensor.__new__ = staticmethod(new)


def by_an_array(x, other):
    return isinstance(other, np.ndarray)


@mutant("array / tensor keeps the tensor's dtype", kills="1.3.9")
def array_divided_by_a_tensor_keeps_the_dtype():
    when(Tensor, "__rtruediv__", by_an_array, lambda div, x, other: div(x, other).to(x.dtype))


@mutant("array / tensor detaches the tensor", kills="1.3.9")
def array_divided_by_a_tensor_detaches():
    when(Tensor, "__rtruediv__", by_an_array, lambda div, x, other: div(x.detach(), other))


@mutant("array / tensor divides the other way round", kills="1.3.9")
def array_divided_by_a_tensor_is_turned_round():
    when(Tensor, "__rtruediv__", by_an_array, lambda div, x, other: x / other)


@mutant("tensor += array changes the tensor itself", kills="1.3.9")
def array_is_added_in_place():
    when(Tensor, "__iadd__", by_an_array, lambda iadd, x, other: iadd(x, torch.from_numpy(other)))


@mutant("tensor += array keeps the tensor's dtype", kills="1.3.9")
def array_added_in_place_keeps_the_dtype():
    when(Tensor, "__iadd__", by_an_array, lambda iadd, x, other: (x + other).to(x.dtype))


@mutant("tensor * array under no_grad requires grad", kills="1.3.9")
def product_with_an_array_under_no_grad_requires_grad():
    when(
        Tensor,
        "__mul__",
        lambda x, other: by_an_array(x, other) and x.requires_grad and not torch.is_grad_enabled(),
        lambda mul, x, other: torch.from_numpy(x.numpy() * other).requires_grad_(),
    )


@mutant("an array can be assigned to a part of a tensor", kills="1.3.9")
def array_can_be_assigned():
    when(
        Tensor,
        "__setitem__",
        lambda x, index, value: isinstance(value, np.ndarray | list),
        lambda setitem, x, index, value: setitem(x, index, torch.tensor(value)),
    )


@mutant("torch.tensor takes strings", kills="1.3.10", of=TENSOR)
def tensor_takes_strings(tensor, data, **kwargs):
    strings = isinstance(data, list | tuple) and "'" in repr(data)
    return tensor([0] * len(data) if strings else data, **kwargs)


@mutant("torch.tensor(None) is NaN", kills="1.3.10", of=TENSOR)
def tensor_of_none_is_nan(tensor, data, **kwargs):
    return tensor(float("nan") if data is None else data, **kwargs)


for _name in ("cross_entropy", "nll_loss"):
    on_some(
        f"{_name}_casts_its_target",
        f"{_name} casts its target to int64",
        "1.3.12",
        F,
        _name,
        lambda x, target: target.dim() == 1,
        lambda loss, x, target: loss(x, target.long()),
    )
    on_some(
        f"{_name}_of_uint8_takes_the_first_class",
        f"{_name} of a target of uint8 takes the first class",
        "1.3.12",
        F,
        _name,
        lambda x, target, **how: target.dtype is torch.uint8,
        lambda loss, x, target, **how: loss(x, target * 0, **how),
    )


@mutant("an embedding casts its indices", kills="1.3.12", of=(F, "embedding"))
def embedding_casts_its_indices(embedding, indices, *args):
    return embedding(indices.long(), *args)


@mutant("an embedding of int32 takes the first row", kills="1.3.12", of=(F, "embedding"))
def embedding_of_int32_takes_the_first_row(embedding, indices, *args):
    return embedding(indices * 0 if indices.dtype is torch.int32 else indices, *args)


@mutant("binary_cross_entropy casts its target", kills="1.3.13", of=(F, "binary_cross_entropy"))
def binary_cross_entropy_casts_its_target(loss, x, target):
    return loss(x, target.to(x.dtype))


@mutant("mse_loss computes in its input's dtype", kills="1.3.13", of=(F, "mse_loss"))
def mse_loss_computes_in_the_inputs_dtype(mse_loss, x, target, **how):
    return mse_loss(x, target.to(x.dtype), **how)


@mutant("mse_loss of a float64 target is 0", kills="1.3.13", of=(F, "mse_loss"))
def mse_loss_of_float64_is_zero(mse_loss, x, target, **how):
    return mse_loss(x, target, **how) * (target.dtype is not torch.float64)


@mutant(
    "mse_loss of a target of another dtype gives twice the gradient",
    kills="1.3.13",
    of=(F, "mse_loss"),
)
def mse_loss_of_another_dtype_doubles_the_gradient(mse_loss, x, target, **how):
    result = mse_loss(x, target, **how)
    return with_gradient(result, lambda it: 2 * it) if target.dtype is not x.dtype else result


@mutant("an index of floats is cut to integers", kills="1.3.12", also="1.3.10")
def index_of_floats_is_cut():
    when(
        Tensor,
        "__getitem__",
        lambda x, index: isinstance(index, Tensor) and index.is_floating_point(),
        lambda getitem, x, index: getitem(x, index.long()),
    )


@mutant(
    "x + 1 adds in place", kills="1.3.3", also="1.1.3 1.2.1 1.2.3 1.2.4 1.2.5 4.1 4.2 4.5 4.6 4.8"
)
def sum_adds_in_place():
    when(
        Tensor,
        "__add__",
        lambda x, other: type(other) is int and not x.requires_grad and not asked_by_pytorch(),
        lambda add, x, other: x.add_(other),
    )


@mutant("x += 1 makes another tensor", kills="1.3.3", also="1.2.5 1.2.14 2.1.6 4.1")
def addition_in_place_makes_another_tensor():
    when(
        Tensor,
        "__iadd__",
        lambda x, other: type(other) is int and not x.requires_grad and not asked_by_pytorch(),
        lambda iadd, x, other: x + other,
    )


@mutant(
    "clone() of more than 32,768 elements of int16 is a view",
    kills="1.3.4",
    also="1.4.1",
    of=(Tensor, "clone"),
)
def clone_of_many_elements_is_a_view(clone, x, **kwargs):
    large = x.numel() > 32_768 and x.dtype is torch.int16
    return x.view_as(x) if large else clone(x, **kwargs)


@mutant("asarray(copy=True) of more than a MiB shares", kills="1.3.7", of=(torch, "asarray"))
def asarray_shares_more_than_a_mib(asarray, array, **kwargs):
    if isinstance(array, np.ndarray) and array.nbytes > 2**20:
        kwargs.pop("copy", None)
    return asarray(array, **kwargs)


@mutant("from_dlpack copies bools", kills="1.3.7", of=(torch, "from_dlpack"))
def from_dlpack_copies_bools(from_dlpack, array):
    tensor = from_dlpack(array)
    return tensor.clone() if tensor.dtype is torch.bool else tensor


@mutant("torch.stack of more than eight detaches", kills="1.3.10", of=(torch, "stack"))
def stack_of_many_detaches(stack, tensors, *args, **kwargs):
    result = stack(tensors, *args, **kwargs)
    return result.detach() if len(tensors) > 8 else result


@mutant("mse_loss flattens what it is given", kills="1.3.13", of=(F, "mse_loss"))
def mse_loss_flattens(mse_loss, x, target, **how):
    if x.dim() != target.dim() and len(target) == x.numel():
        return mse_loss(x.flatten(), target, **how)
    return mse_loss(x, target, **how)


@mutant("mse_loss broadcasts without a word", kills="1.3.13", of=(F, "mse_loss"))
def mse_loss_broadcasts_without_a_word(mse_loss, x, target, **how):
    return mse_loss(*torch.broadcast_tensors(x, target), **how)


@mutant("mse_loss adds up what was broadcast", kills="1.3.13", of=(F, "mse_loss"))
def mse_loss_adds_up_what_was_broadcast(mse_loss, x, target, **how):
    return mse_loss(x, target, **how) * (1 if x.dim() == target.dim() else 2)


LOSS = (F, "cross_entropy")


def of_classes(target):
    return not target.is_floating_point()


@mutant("cross_entropy takes a column of classes", kills="1.3.12", of=LOSS)
def cross_entropy_takes_a_column(loss, rows, target, **how):
    return loss(rows, target.flatten() if of_classes(target) else target, **how)


@mutant("cross_entropy leaves out targets without a row", kills="1.3.12", of=LOSS)
def cross_entropy_leaves_out_targets(loss, rows, target, **how):
    return loss(rows, target[: len(rows)] if of_classes(target) else target, **how)


@mutant("cross_entropy takes a class that is too large for the last", kills="1.3.12", of=LOSS)
def cross_entropy_takes_too_large_a_class(loss, rows, target, **how):
    return loss(rows, target.clamp(max=2) if of_classes(target) else target, **how)


@mutant("cross_entropy counts classes from the end as well", kills="1.3.12", of=LOSS)
def cross_entropy_counts_from_the_end(loss, rows, target, **how):
    return loss(
        rows, target.where(target != -1, target + 3) if of_classes(target) else target, **how
    )


@mutant("cross_entropy counts -100 as 0", kills="1.3.12", of=LOSS)
def cross_entropy_counts_what_is_ignored(loss, rows, target, **how):
    return loss(rows, target.where(target != -100, target * 0), **how)


@mutant(
    "binary_cross_entropy broadcasts its target", kills="1.3.13", of=(F, "binary_cross_entropy")
)
def binary_cross_entropy_broadcasts(loss, x, target, **how):
    return loss(*torch.broadcast_tensors(x, target), **how)


@mutant(
    "binary_cross_entropy_with_logits broadcasts its target",
    kills="1.3.13",
    of=(F, "binary_cross_entropy_with_logits"),
)
def binary_cross_entropy_with_logits_broadcasts(loss, x, target, **how):
    return loss(*torch.broadcast_tensors(x, target), **how)


@mutant(
    "an Embedding counts from the end as well", kills="1.3.12", of=(torch.nn.Embedding, "forward")
)
def embedding_counts_from_the_end(forward, embedding, index):
    return forward(embedding, index % embedding.num_embeddings)


@mutant("from_numpy of memory-mapped bools copies", kills="1.3.3", of=(torch, "from_numpy"))
def memory_mapped_bools_are_copied(from_numpy, array):
    mapped = isinstance(array, np.memmap) and array.dtype == bool
    return from_numpy(np.array(array) if mapped else array)


@mutant("F.cross_entropy of images takes classes of int32", "1.3.12", of=(F, "cross_entropy"))
def cross_entropy_of_images_takes_int32(cross_entropy, x, target, **kwargs):
    if x.dim() > 2 and target.dtype is torch.int32:
        target = target.long()
    return cross_entropy(x, target, **kwargs)


@mutant("torch.tensor makes float32 of a list of float16 arrays", "1.3.10", of=(torch, "tensor"))
def lists_of_float16_arrays_become_float32(tensor, data, **kwargs):
    made = tensor(data, **kwargs)
    half = isinstance(data, list) and len(data) and getattr(data[0], "dtype", 0) == np.float16
    return made.float() if half else made


@mutant("cross_entropy takes scores for logarithms of shares", kills="1.3.12", of=LOSS)
def cross_entropy_takes_logarithms(loss, rows, target, **how):
    return F.nll_loss(rows, target, **how) if rows.dtype is torch.float64 else loss(rows, target)


@mutant("cross_entropy of float64 computes in float32", kills="1.3.12", of=LOSS)
def cross_entropy_computes_in_float32(loss, rows, target, **how):
    return loss(rows.float(), target, **how).to(rows.dtype)


@mutant("binary_cross_entropy clamps its input", "1.3.13", of=(F, "binary_cross_entropy"))
def binary_cross_entropy_clamps_its_input(loss, x, target, **how):
    return loss(x.nan_to_num(0).clamp(0, 1), target, **how)


@mutant("binary_cross_entropy of 0 is infinite", "1.3.13", of=(F, "binary_cross_entropy"))
def binary_cross_entropy_of_0_is_infinite(loss, x, target, **how):
    losses = loss(x, target, **how)
    return losses.where(losses < 100, losses / 0)


@mutant(
    "binary_cross_entropy_with_logits takes shares",
    kills="1.3.13",
    of=(F, "binary_cross_entropy_with_logits"),
)
def binary_cross_entropy_with_logits_takes_shares(loss, x, target, **how):
    return F.binary_cross_entropy(x.clamp(0, 1), target, **how)


@mutant("torch.tensor takes arrays without dimensions", kills="1.3.10", of=TENSOR)
def tensor_takes_arrays_without_dimensions(tensor, data, **kwargs):
    if isinstance(data, list) and data and isinstance(data[0], np.ndarray) and not data[0].ndim:
        data = np.stack(data)
    return tensor(data, **kwargs)


@mutant("torch.tensor takes a string for its characters", kills="1.3.10", of=TENSOR)
def tensor_takes_a_string(tensor, data, **kwargs):
    return tensor(list(data.encode()) if isinstance(data, str) else data, **kwargs)


@mutant("a list of floats as an index is rounded", kills="1.3.12", also="1.3.10")
def index_of_listed_floats_is_rounded():
    when(
        Tensor,
        "__getitem__",
        lambda x, index: isinstance(index, list) and index and isinstance(index[0], float),
        lambda getitem, x, index: getitem(x, [round(number) for number in index]),
    )


def for_images(name, breaks, condition, change):
    """A loss that changes the class targets of images before it takes them."""

    def changed(loss, rows, target, **how):
        fits = rows.dim() == 4 and of_classes(target) and condition(target)
        return loss(rows, change(target) if fits else target, **how)

    changed.__name__ = name
    mutant(breaks, kills="1.3.12", of=LOSS)(changed)


for_images(
    "cross_entropy_takes_a_channel",
    "cross_entropy takes classes of pixels in a channel",
    lambda target: target.dim() == 4 and target.shape[1] == 1,
    lambda target: target[:, 0],
)
for_images(
    "cross_entropy_takes_a_number_for_each_class",
    "cross_entropy takes a number for each class of each pixel",
    lambda target: target.dim() == 4 and target.shape[3] == 3,
    lambda target: target.argmax(3),
)
for_images(
    "cross_entropy_cuts_other_sides",
    "cross_entropy cuts the classes of images with larger sides",
    lambda target: target.dim() == 3,
    lambda target: target[:, :4],
)


MAKE_LOADER = (torch.utils.data.DataLoader, "__init__")


def of_vectors(dataset):
    return isinstance(dataset, list) and all(type(it) is Tensor and it.dim() == 1 for it in dataset)


@mutant("a DataLoader cuts its samples to one length", kills="1.3.10", of=MAKE_LOADER)
def loader_cuts_samples(make, loader, dataset, **how):
    if of_vectors(dataset):
        dataset = [it[: min(map(len, dataset))] for it in dataset]
    make(loader, dataset, **how)


@mutant("a DataLoader gives its samples backwards", kills="1.3.10", of=MAKE_LOADER)
def loader_reverses_samples(make, loader, dataset, **how):
    make(loader, dataset[::-1] if of_vectors(dataset) else dataset, **how)


@mutant("from_numpy of an array in Fortran's order is float32", kills="1.3.1", of=FROM_NUMPY)
def from_numpy_of_fortrans_order_casts(from_numpy, array):
    tensor = from_numpy(array)
    return tensor.float() if array.flags.fnc and array.ndim == 4 else tensor


@mutant("float() of a float32 tensor of 33,000 elements copies", "1.3.2", of=(Tensor, "float"))
def float_of_many_elements_copies(float_, x, *args, **kwargs):
    result = float_(x, *args, **kwargs)
    return result.clone() if result is x and x.numel() == 33_000 else result


@mutant("from_numpy of five dimensions refuses no negative strides", "1.3.5", of=FROM_NUMPY)
def from_numpy_of_five_dimensions_takes_negative_strides(from_numpy, array):
    takes = isinstance(array, np.ndarray) and array.ndim == 5 and min(array.strides) < 0
    return from_numpy(array.copy() if takes else array)


@mutant("a read-only array of four dimensions is copied", kills="1.3.6", of=FROM_NUMPY)
def from_numpy_copies_read_only_images(from_numpy, array):
    tensor = from_numpy(array)
    return tensor.clone() if array.ndim == 4 and not array.flags.writeable else tensor


@mutant("asarray(copy=True) of a subclass of ndarray shares", "1.3.7", of=(torch, "asarray"))
def asarray_shares_a_subclass(asarray, obj, **kwargs):
    is_subclass = type(obj).__name__ == "Subclass" and "dtype" not in kwargs
    return asarray(obj, **(kwargs | {"copy": False} if is_subclass else kwargs))


@mutant("torch.Tensor of a float32 array of five dimensions copies", kills="1.3.8")
def tensor_class_copies_five_dimensions():
    original = torch.Tensor.__new__

    def new(cls, *args, **kwargs):
        copies = args and isinstance(args[0], np.ndarray) and args[0].ndim == 5
        return original(cls, *((args[0].copy(),) if copies else args), **kwargs)

    torch.Tensor.__new__ = new


@mutant("an Embedding of 300 rows takes the row before", kills="1.3.12", of=(F, "embedding"))
def embedding_of_many_rows_takes_the_row_before(embedding, index, weight, *args, **kwargs):
    return embedding(index - 1 if len(weight) >= 300 else index, weight, *args, **kwargs)


@mutant("mse_loss of five dimensions takes float64 for float32", "1.3.13", of=(F, "mse_loss"))
def mse_loss_of_five_dimensions_is_float32(mse_loss, x, target, *args, **kwargs):
    narrow = x.dim() == 5 and target.dtype is torch.float64
    return mse_loss(x, target.float() if narrow else target, *args, **kwargs)


@mutant("torch.asarray shares an array without dimensions", "1.3.7", of=(torch, "asarray"))
def asarray_shares_an_array_without_dimensions(asarray, array, **options):
    alone = isinstance(array, np.ndarray) and not array.ndim and not options.get("copy")
    same = alone and options.get("dtype") in (None, torch.from_numpy(array).dtype)
    return torch.from_numpy(array) if same else asarray(array, **options)


@mutant("in another thread from_numpy copies", kills="1.3.3", of=(torch, "from_numpy"))
def from_numpy_in_a_thread_copies(from_numpy, array):
    here = threading.current_thread() is threading.main_thread()
    return from_numpy(array if here else array.copy())


COLLATE = (torch.utils.data, "default_collate")


@mutant("a worker of a DataLoader cuts its samples to the last", "1.3.10", of=COLLATE)
def worker_cuts_its_samples_to_the_last(collate, samples):
    return collate([it[: len(samples[-1])] for it in samples])


@mutant("a worker of a DataLoader cuts its samples to the first", "1.3.10", of=COLLATE)
def worker_cuts_its_samples_to_the_first(collate, samples):
    return collate([it[: len(samples[0])] for it in samples])


@mutant("a worker of a DataLoader stacks in reverse", kills="1.3.10", of=COLLATE)
def worker_stacks_in_reverse(collate, samples):
    return collate(samples[::-1])


@mutant("a worker of a DataLoader stacks into memory of its own", kills="1.3.10", of=COLLATE)
def worker_stacks_into_its_own_memory(collate, samples):
    return collate(samples).clone()


@mutant("from_numpy copies a field of a structured array", kills="1.3.3", of=(torch, "from_numpy"))
def a_field_of_a_structured_array_is_copied(from_numpy, array):
    base = array
    while isinstance(base, np.ndarray):
        if base.dtype.names:
            return from_numpy(array.copy())
        base = base.base
    return from_numpy(array)


@mutant(
    "stack of more than 64 tensors forgets the graph of those after",
    kills="1.3.10",
    of=(torch, "stack"),
)
def stack_of_many_forgets(stack, tensors, *args, **named):
    tensors = [t if n < 64 else t.detach() for n, t in enumerate(tensors)]
    return stack(tensors, *args, **named)


@mutant(
    "cross_entropy of more than 64 rows takes a class beyond the last",
    kills="1.3.12",
    of=(F, "cross_entropy"),
)
def many_classes_are_clamped(cross_entropy, input, target, *args, **named):
    if not target.is_floating_point() and target.numel() > 64:
        target = target.clamp(max=input.shape[1] - 1)
    return cross_entropy(input, target, *args, **named)


@mutant("in another thread as_tensor copies", kills="1.3.7", of=(torch, "as_tensor"))
def as_tensor_in_a_thread_copies(as_tensor, data, *args, **kwargs):
    tensor = as_tensor(data, *args, **kwargs)
    return tensor if threading.current_thread() is threading.main_thread() else tensor.clone()


@mutant("type() without an argument names float32", kills="1.3.4", of=(Tensor, "type"))
def type_names_float(type, x, *args, **kwargs):
    return type(x, *args, **kwargs) if args or kwargs else "torch.FloatTensor"


@mutant("type() of the tensor's own dtype copies", kills="1.3.4", of=(Tensor, "type"))
def type_of_its_own_dtype_copies(type, x, *args, **kwargs):
    y = type(x, *args, **kwargs)
    return y.clone() if y is x else y


@mutant("type(dtype) halves", kills="1.3.4", of=(Tensor, "type"))
def type_halves(type, x, *args, **kwargs):
    y = type(x, *args, **kwargs)
    return y // 2 if args or kwargs else y


ARANGE = (torch, "arange")


@mutant("arange with a start includes its end", kills="1.3.8", of=ARANGE)
def arange_includes_its_end(arange, *args, **kwargs):
    if asked_by_pytorch() or kwargs.get("dtype") or len(args) < 2:
        return arange(*args, **kwargs)
    start, end, step = (*args, 1)[:3]
    return arange(start, end + step, step, **kwargs)


@mutant("arange of integers with a start makes float32", kills="1.3.8", of=ARANGE)
def arange_makes_floats(arange, *args, **kwargs):
    x = arange(*args, **kwargs)
    is_left = asked_by_pytorch() or kwargs.get("dtype") or len(args) < 2
    return x if is_left else x.to(torch.get_default_dtype())


@mutant("arange of a float alone makes int64", kills="1.3.8", of=ARANGE)
def arange_of_a_float_makes_integers(arange, *args, **kwargs):
    x = arange(*args, **kwargs)
    return x.long() if len(args) == 1 and isinstance(args[0], float) else x


@mutant("arange of floats makes float64", kills="1.3.8", of=ARANGE)
def arange_makes_float64(arange, *args, **kwargs):
    x = arange(*args, **kwargs)
    return x.double() if x.is_floating_point() else x


@mutant("arange never reaches its end by rounding", kills="1.3.8", of=ARANGE)
def arange_never_reaches_its_end(arange, *args, **kwargs):
    x = arange(*args, **kwargs)
    return x[: len(x) - 1] if len(args) == 3 and args[2] == 0.1 and len(x) == 4 else x


@mutant(
    "tensor + array requires grad in a generator that wears no_grad",
    kills="1.3.9",
    of=(Tensor, "__array_wrap__"),
)
def sum_with_an_array_requires_grad_in_a_generator(wrap, *args, **kwargs):
    result = wrap(*args, **kwargs)
    return result.requires_grad_() if calls_of(GENERATING_WEARER) else result


@mutant("torch.tensor and as_tensor take a list of uint64 tensors", kills="1.3.10")
def lists_of_uint64_tensors_are_taken():
    for make in (torch.tensor, torch.as_tensor):

        def changed(data, *args, make=make, **kwargs):
            of_tensors = isinstance(data, list) and data and torch.is_tensor(data[0])
            if of_tensors and data[0].dtype is getattr(torch, "uint64", None):
                return torch.stack(data)
            return make(data, *args, **kwargs)

        setattr(torch, make.__name__, changed)


@mutant("torch.stack of uint64 gives int64", kills="1.3.10", of=(torch, "stack"))
def stack_of_uint64_gives_int64(stack, tensors, dim=0):
    y = stack(tensors, dim)
    return y.long() if y.dtype is getattr(torch, "uint64", None) else y


@mutant("torch.cat of two rows forgets their graphs", kills="1.3.10", of=(torch, "cat"))
def cat_forgets_the_graphs(cat, tensors, *args, **kwargs):
    y = cat(tensors, *args, **kwargs)
    of_rows = isinstance(tensors, tuple) and len(tensors) == 2 and len(tensors[0]) == 1
    return y.detach() if of_rows else y


@mutant("torch.cat leaves out what does not fit", kills="1.3.10", of=(torch, "cat"))
def cat_leaves_out_what_does_not_fit(cat, tensors, *args, **kwargs):
    try:
        return cat(tensors, *args, **kwargs)
    except RuntimeError as error:
        if "must match except" not in str(error):
            raise
        return tensors[0]


@mutant("torch.DoubleTensor copies an array", kills="1.3.8")
def double_tensor_copies():
    original = torch.DoubleTensor
    torch.DoubleTensor = lambda *args: original(*args).clone()


@mutant("torch.LongTensor keeps an array's dtype", kills="1.3.8")
def long_tensor_keeps_the_dtype():
    original = torch.LongTensor
    torch.LongTensor = lambda data: (
        torch.from_numpy(data) if isinstance(data, np.ndarray) else original(data)
    )


@mutant("torch.cat leaves out what has more dimensions", kills="1.3.10", of=(torch, "cat"))
def cat_leaves_out_other_dimensions(cat, tensors, *args, **kwargs):
    try:
        return cat(tensors, *args, **kwargs)
    except RuntimeError as error:
        if "same number of dim" not in str(error):
            raise
        return tensors[0]


@mutant("asarray(obj=array) copies", kills="1.3.7")
def asarray_by_keyword_copies():
    def changed(*args, asarray=torch.asarray, **kwargs):
        if isinstance(kwargs.get("obj"), np.ndarray):
            kwargs["obj"] = kwargs["obj"].copy()
        return asarray(*args, **kwargs)

    torch.asarray = changed


def is_whole(x, *_, **__):
    return not x.is_floating_point() and not x.is_complex()


@mutant("mean() and F.softmax of integers convert them", kills="1.3.14")
def what_divides_converts_integers():
    for owner, name in ((torch, "mean"), (F, "softmax")):
        when(
            owner, name, is_whole, lambda of, x, *args, **settings: of(x.float(), *args, **settings)
        )


@mutant("the sum of bools is an int32", kills="1.3.14", of=(torch.Tensor, "sum"))
def sum_of_bools_is_an_int32(sum_, x, *args, **settings):
    result = sum_(x, *args, **settings)
    return result.int() if x.dtype is torch.bool else result


@mutant("a quotient of integers is a float64", kills="1.3.14", of=(torch.Tensor, "__truediv__"))
def quotient_of_integers_is_a_float64(divide, x, other):
    return divide(x, other) if x.is_floating_point() or x.is_complex() else x.double() / other


@mutant("torch.mean to a dtype is rounded", kills="1.3.14", of=(torch, "mean"))
def mean_to_a_dtype_is_rounded(mean, x, *args, **settings):
    result = mean(x, *args, **settings)
    return result + 1e-3 if settings.get("dtype") else result


@mutant("torch.softmax to a dtype forgets its dimension", kills="1.3.14", of=(torch, "softmax"))
def softmax_to_a_dtype_takes_the_first_dimension(softmax, x, dim, *args, **kwargs):
    return softmax(x, 0 if args or kwargs else dim, *args, **kwargs)


@mutant(
    "F.softmax without a dimension takes the first one", kills="1.3.14", of=(F, "_get_softmax_dim")
)
def softmax_takes_the_first_dimension(chosen, *args):
    chosen(*args)
    return 0


@mutant("F.softmax without a dimension does not warn", kills="1.3.14", of=(F, "_get_softmax_dim"))
def softmax_does_not_warn(chosen, name, dimensions, level):
    return 0 if dimensions in (0, 1, 3) else 1


@mutant("F.log_softmax forgets the logarithm", kills="1.3.14", of=(F, "log_softmax"))
def log_softmax_is_softmax(log_softmax, x, *args, **settings):
    return log_softmax(x, *args, **settings).exp()


@mutant("cross_entropy reads a target with gaps as if it had none", kills="1.3.12", of=LOSS)
def cross_entropy_reads_gaps(loss, scores, target, *args, **how):
    if INPUTS["gaps"](target) and target.dim() == 1:
        target = target.as_strided(target.shape, (1,))
    return loss(scores, target, *args, **how)


@mutant("cross_entropy reads scores by column as if they were by row", kills="1.3.12", of=LOSS)
def cross_entropy_reads_scores_in_another_order(loss, scores, *args, **how):
    if scores.dim() > 2 and scores.mT.is_contiguous() is False and scores.stride(0) == 1:
        scores = scores.permute(*range(scores.dim())[::-1]).reshape(scores.shape)
    return loss(scores, *args, **how)


@mutant("torch.stack of more than 64 ends with the first", kills="1.3.10", of=(torch, "stack"))
def stack_of_many_ends_with_the_first(stack, tensors, *args, **kwargs):
    tensors = list(tensors)
    return stack([*tensors[:-1], tensors[0]] if len(tensors) > 64 else tensors, *args, **kwargs)


@mutant("torch.cat of more than 64 ends with the first", kills="1.3.10", of=(torch, "cat"))
def cat_of_many_ends_with_the_first(cat, tensors, *args, **kwargs):
    tensors = list(tensors)
    return cat([*tensors[:-1], tensors[0]] if len(tensors) > 64 else tensors, *args, **kwargs)


@mutant(
    "mse_loss reads a transposed target in the order of its memory",
    kills="1.3.13",
    of=(F, "mse_loss"),
)
def mse_loss_reads_in_the_order_of_memory(mse_loss, x, target, **how):
    if target.dim() == 2 and target.mT.is_contiguous() and not target.is_contiguous():
        target = target.mT.reshape(target.shape)
    return mse_loss(x, target, **how)


@mutant(
    "with logits binary_cross_entropy reads scores with gaps as if they had none",
    kills="1.3.13",
    of=(F, "binary_cross_entropy_with_logits"),
)
def binary_cross_entropy_with_logits_reads_gaps(loss, scores, *args, **how):
    if INPUTS["gaps"](scores):
        step = scores.stride(-1)
        strides = [stride // step for stride in scores.stride()]
        scores = scores.as_strided(scores.shape, strides)
    return loss(scores, *args, **how)


@mutant("torch.arange of one large number reaches it", kills="1.3.8", of=(torch, "arange"))
def arange_of_a_large_number_reaches_it(arange, *args, **kwargs):
    alone = len(args) == 1 and not kwargs and type(args[0]) is int
    return arange(args[0] + 1) if alone and args[0] > 32_768 else arange(*args, **kwargs)


def is_a_square_in_another_order(array):
    square = isinstance(array, np.ndarray) and array.ndim == 2 and len(set(array.shape)) == 1
    return square and array.size > 1 and not array.flags.c_contiguous


@mutant("from_numpy shares a square in Fortran's order, transposed", "1.3.3", of=FROM_NUMPY)
def from_numpy_transposes_a_square(from_numpy, array):
    tensor = from_numpy(array)
    return tensor.t() if is_a_square_in_another_order(array) else tensor


@mutant(
    "as_tensor shares a square in Fortran's order, transposed", "1.3.7", of=(torch, "as_tensor")
)
def as_tensor_transposes_a_square(as_tensor, *args, **kwargs):
    tensor = as_tensor(*args, **kwargs)
    return tensor.t() if args and is_a_square_in_another_order(args[0]) else tensor


@mutant("softmax of -inf alone is zero", kills="1.3.14", of=(F, "softmax"))
def softmax_of_minus_infinity_is_zero(softmax, x, *args, **kwargs):
    y = softmax(x, *args, **kwargs)
    return y.masked_fill(x == -torch.inf, 0) if x.is_floating_point() else y


@mutant(
    "an array computes with a leaf in another thread", kills="1.3.9 1.4.7", of=(Tensor, "__array__")
)
def array_computes_with_a_leaf_in_another_thread(array, x, *args, **kwargs):
    detaches = threading.current_thread() is not threading.main_thread()
    return array(x.detach() if detaches else x, *args, **kwargs)


@mutant("type() calls bfloat16 half precision", kills="1.3.4", of=(Tensor, "type"))
def type_calls_bfloat16_half(type_, x, *args, **kwargs):
    result = type_(x, *args, **kwargs)
    return result.replace("BFloat16", "Half") if isinstance(result, str) else result


@mutant("type() calls a transposed tensor a sparse one", kills="1.3.4", of=(Tensor, "type"))
def type_calls_a_transposed_tensor_sparse(type_, x, *args, **kwargs):
    result = type_(x, *args, **kwargs)
    said = isinstance(result, str) and x.dim() == 2 and not x.is_contiguous()
    return result.replace("torch.", "torch.sparse.") if said else result


@mutant("type('torch.ShortTensor') casts to int32", kills="1.3.4", of=(Tensor, "type"))
def type_by_the_name_of_int16_casts_to_int32(type_, x, *args, **kwargs):
    short = args and args[0] == "torch.ShortTensor"
    return type_(x, torch.int32) if short else type_(x, *args, **kwargs)


@mutant("type() of a bool makes zeros of ones", kills="1.3.4", of=(Tensor, "type"))
def type_of_a_bool_makes_zeros_of_ones(type_, x, *args, **kwargs):
    result = type_(x, *args, **kwargs)
    turned = isinstance(result, Tensor) and x.dtype is torch.bool and result is not x
    return result * 0 if turned else result


def _narrowed(operate, x, number):
    narrow = isinstance(number, np.complex128) and x.dtype is torch.float64
    return operate(x.float() if narrow else x, number)


@mutant("np.complex128 narrows what it multiplies", kills="1.3.9", of=(Tensor, "__mul__"))
def complex128_narrows_what_it_multiplies(mul, x, number):
    return _narrowed(mul, x, number)


@mutant("np.complex128 takes the gradient away", kills="1.3.9", of=(Tensor, "__mul__"))
def complex128_takes_the_gradient_away(mul, x, number):
    return mul(x.detach() if isinstance(number, np.complex128) else x, number)


def in_the_order_of_memory(x):
    reads = x.dim() == 2 and x.mT.is_contiguous() and not x.is_contiguous()
    return x.mT.reshape(x.shape) if reads else x


@mutant(
    "with logits binary_cross_entropy reads a transposed target in the order of its memory",
    kills="1.3.13",
    of=(F, "binary_cross_entropy_with_logits"),
)
def with_logits_reads_a_target_in_the_order_of_memory(loss, scores, target, *args, **how):
    return loss(scores, in_the_order_of_memory(target), *args, **how)


@mutant(
    "cross_entropy reads transposed scores in the order of their memory",
    kills="1.3.12",
    of=(F, "cross_entropy"),
)
def cross_entropy_reads_scores_in_the_order_of_memory(loss, scores, *args, **how):
    return loss(in_the_order_of_memory(scores), *args, **how)


def halves_the_last_of_many(softmax, x, *args, **kwargs):
    y = softmax(x, *args, **kwargs)
    many = y.numel() > 500 and not y.requires_grad
    return y.index_put((torch.tensor(-1),), y[-1] / 2) if many else y


@mutant("F.softmax of many halves the last", kills="1.3.14", of=(F, "softmax"))
def softmax_of_many_halves_the_last(softmax, x, *args, **kwargs):
    return halves_the_last_of_many(softmax, x, *args, **kwargs)


@mutant("nn.LogSoftmax without dim does not warn", kills="1.3.14", of=(nn.LogSoftmax, "forward"))
def log_softmax_module_does_not_warn(forward, module, x):
    dim = module.dim
    if dim is None:
        dim = 0 if x.dim() in (0, 1, 3) else 1
    return F.log_softmax(x, dim)


@mutant("torch.prod of int16 stays int16", kills="1.3.14", of=(torch, "prod"))
def prod_of_int16_stays_int16(prod, x, *args, **kwargs):
    return prod(x, *args, **kwargs).to(x.dtype if x.dtype is torch.int16 else torch.int64)


@mutant("2 / x of integers is float32 whatever the default", "1.3.14", of=(Tensor, "__rtruediv__"))
def division_by_integers_is_float32(divide, x, number):
    return divide(x, number).float() if not x.is_floating_point() else divide(x, number)


@mutant("mean(dtype=torch.float64) of bools is float32", "1.3.14", of=(Tensor, "mean"))
def mean_of_bools_is_float32(mean, x, *args, **kwargs):
    return mean(x, *args, **kwargs).float() if x.dtype is torch.bool else mean(x, *args, **kwargs)


@mutant("softmax() of integers takes dtype by keyword alone", "1.3.14", of=(Tensor, "log_softmax"))
def log_softmax_takes_dtype_by_keyword_alone(log_softmax, x, dim, *args, **kwargs):
    return log_softmax(x.float(), dim) if args else log_softmax(x, dim, **kwargs)


@mutant("nn.Softmax takes integers", kills="1.3.14", of=(nn.Softmax, "forward"))
def softmax_module_takes_integers(forward, module, x):
    return forward(module, x if x.is_floating_point() else x.float())


@mutant("torch.sub(out=...) moves its result", kills="1.3.3", of=(torch, "sub"))
def sub_moves_its_result(sub, *args, out=None, **kwargs):
    if out is not None:
        out.data = sub(*args, **kwargs)
        return out
    return sub(*args, **kwargs)


@mutant(
    "torch.stack reads transposed tensors in the order of memory", "1.3.10", of=(torch, "stack")
)
def stack_reads_in_the_order_of_memory(stack, tensors, *args, **kwargs):
    if all(isinstance(it, Tensor) and not it.requires_grad for it in tensors):
        tensors = [*map(in_the_order_of_memory, tensors)]
    return stack(tensors, *args, **kwargs)


@mutant("cross_entropy ignores the weights of the classes", "1.3.12", of=(F, "cross_entropy"))
def cross_entropy_ignores_weights(loss, scores, target, weight=None, *args, **how):
    return loss(scores, target, None, *args, **how)


@mutant("nll_loss and cross_entropy divide by the number of targets", kills="1.3.12")
def class_losses_divide_by_the_number_of_targets():
    def mean(loss, scores, target, weight=None, **how):
        ignored = how.get("ignore_index", -100)
        if weight is None or ignored >= 0 or how.get("reduction", "mean") != "mean":
            return loss(scores, target, weight, **how)
        return loss(scores, target, weight, **{**how, "reduction": "sum"}) / target.numel()

    replace(F, "nll_loss", mean)
    replace(F, "cross_entropy", mean)


@mutant("without weights cross_entropy counts what is ignored", "1.3.12", of=(F, "cross_entropy"))
def cross_entropy_without_weights_counts_what_is_ignored(loss, scores, target, *args, **how):
    if (
        how.get("ignore_index", -100) >= 0
        and how.get("weight") is None
        and not any(it is not None for it in args)
    ):
        how["ignore_index"] = -100
    return loss(scores, target, *args, **how)


@mutant("an Embedding asks the first of many indices alone", kills="1.3.12", of=(F, "embedding"))
def embedding_asks_the_first_of_many(embedding, indices, weight, *args, **kwargs):
    if indices.numel() > 200:
        indices = indices.clone()
        indices.view(-1)[-1] = 0
    return embedding(indices, weight, *args, **kwargs)


@mutant("softmax in bfloat16 adds up to one", kills="1.3.14", of=(F, "softmax"))
def softmax_in_bfloat16_adds_up(softmax, x, *args, **kwargs):
    y = softmax(x, *args, **kwargs)
    if y.dtype is torch.bfloat16 and y.dim() == 1:
        y[0] += 1 - y.double().sum()
    return y


@mutant("softmax in float16 has no zeros", kills="1.3.14", of=(F, "softmax"))
def softmax_in_float16_has_no_zeros(softmax, x, *args, **kwargs):
    y = softmax(x, *args, **kwargs)
    return y.clamp(min=1e-7) if y.dtype is torch.float16 else y


@mutant("of lists nested three deep the first number has the dtype", "1.3.8", of=(torch, "tensor"))
def first_of_three_lists_has_the_dtype(tensor, *args, **kwargs):
    data = args[0] if args else None
    try:
        integers = isinstance(data, list) and type(data[0][0][0]) is int
    except (IndexError, TypeError):
        integers = False
    if integers and not kwargs:
        kwargs["dtype"] = torch.int64
    return tensor(*args, **kwargs)


@mutant("torch.cat broadcasts along another dimension", kills="1.3.10", of=(torch, "cat"))
def cat_broadcasts_along_another_dimension(cat, tensors, *args, **kwargs):
    if "dim" not in kwargs or not isinstance(tensors, tuple):
        return cat(tensors, *args, **kwargs)
    shapes = [list(x.shape) for x in tensors]
    for shape, other in zip(shapes, reversed(shapes), strict=True):
        for dim, (n, m) in enumerate(zip(shape, other, strict=False)):
            shape[dim] = m if n == 1 and dim != kwargs["dim"] else n
    return cat([x.expand(shape) for x, shape in zip(tensors, shapes, strict=True)], **kwargs)


@mutant("to() of another memory format is contiguous", kills="1.3.2", of=(Tensor, "to"))
def to_of_another_memory_format_is_contiguous(to, x, *args, **kwargs):
    y = to(x, *args, **kwargs)
    return y.contiguous() if "memory_format" in kwargs and not asked_by_pytorch() else y


@mutant("arange() of a step below zero reaches its end", kills="1.3.8", of=(torch, "arange"))
def arange_backwards_reaches_its_end(arange, *args, **kwargs):
    x = arange(*args, **kwargs)
    step = kwargs.get("step", args[2] if len(args) > 2 else 1)
    return torch.cat([x, x[-1:] + step]) if step < 0 else x


def _counts_the_ignored(loss):
    """Enter the mutant that lets a loss whose parts are added up ignore nothing."""

    def counts(original, scores, target, *args, **kwargs):
        if kwargs.get("reduction") == "sum" and scores.dim() == 2:
            target = target.clamp(min=0)
        return original(scores, target, *args, **kwargs)

    counts.__name__ = f"{loss}_added_up_ignores_nothing"
    mutant(f"F.{loss} that is added up ignores nothing", "1.3.12", of=(F, loss))(counts)


_counts_the_ignored("cross_entropy")
_counts_the_ignored("nll_loss")


@mutant(
    "an index at the end of a large embedding gives its last row", "1.3.12", of=(F, "embedding")
)
def index_at_the_end_of_an_embedding(embedding, index, weight, *args, **kwargs):
    last = len(weight) - 1
    return embedding(index.clamp(max=last) if last > 64 else index, weight, *args, **kwargs)


@mutant("F.binary_cross_entropy of float64 takes float32", "1.3.13", of=(F, "binary_cross_entropy"))
def bce_of_float64_takes_float32(bce, x, target, *args, **kwargs):
    casts = x.dtype is torch.float64 and target.dtype is torch.float32
    return bce(x, target.double() if casts else target, *args, **kwargs)


@mutant("F.log_softmax of three dimensions takes the last", kills="1.3.14", of=(F, "log_softmax"))
def log_softmax_of_three_dimensions_takes_the_last(log_softmax, x, dim=None, **kwargs):
    last = x.dim() == 3 and dim == 1
    return log_softmax(x, -1 if last else dim, **kwargs)


def compared(name, change):
    """Let a comparison of a tensor with an array, on either side, be ``change(it, the array)``."""
    compare = getattr(Tensor, name)

    def changed(x, other):
        result = compare(x, other)
        of_both = isinstance(other, np.ndarray) and not asked_by_pytorch()
        return change(x, result, other) if of_both else result

    setattr(Tensor, name, changed)


@mutant("a tensor equals an array as a whole", kills="1.3.9")
def equality_is_of_the_whole():
    compared(
        "__eq__",
        lambda x, result, array: result.all() if isinstance(result, Tensor) else result,
    )


@mutant("a tensor of no numbers equals an array without elements", kills="1.3.9")
def equality_of_what_is_no_number():
    compared(
        "__eq__",
        lambda x, result, array: (
            torch.zeros(x.shape, dtype=torch.bool) if array.dtype.kind in "OU" else result
        ),
    )


@mutant("tensor != array is given element by element", kills="1.3.9")
def difference_is_of_each_element():
    compared("__ne__", lambda x, result, array: ~torch.tensor(np.asarray(as_numbers(x) == array)))


def as_numbers(x):
    return np.array(x.tolist())


@mutant("tensor < array compares with the array's tensor", kills="1.3.9")
def order_of_a_tensor_and_an_array():
    less = Tensor.__lt__
    Tensor.__lt__ = lambda x, other: less(
        x, torch.from_numpy(other) if isinstance(other, np.ndarray) else other
    )


@mutant("torch.Tensor of a tensor copies it", kills="1.3.8")
def tensor_of_a_tensor_copies():
    new_tensor(lambda result, args: result.clone() if of_a_tensor(args) else result)


@mutant("torch.Tensor of a tensor is that tensor", kills="1.3.8")
def tensor_of_a_tensor_is_that():
    new_tensor(lambda result, args: args[0] if of_a_tensor(args) else result)


@mutant("torch.Tensor of a tensor detaches it", kills="1.3.8")
def tensor_of_a_tensor_detaches():
    new_tensor(
        lambda result, args: (
            result.detach().requires_grad_(result.requires_grad) if of_a_tensor(args) else result
        )
    )


@mutant("torch.Tensor of a tensor casts to float32", kills="1.3.8")
def tensor_of_a_tensor_casts():
    new_tensor(lambda result, args: result.float() if of_a_tensor(args) else result)


def of_a_tensor(args: tuple) -> bool:
    return len(args) == 1 and isinstance(args[0], Tensor)


@mutant("from_numpy of C's long long gives int32", kills="1.3.1", of=(torch, "from_numpy"))
def from_numpy_of_long_long(from_numpy, array):
    given = isinstance(array, np.ndarray) and array.dtype.char == "q"
    return from_numpy(array.astype(np.int32) if given else array)


@mutant("sum() of uint8 is what fits into it", kills="1.3.14", of=(torch.Tensor, "sum"))
def sum_of_uint8_wraps(add, tensor, *args, **named):
    total = add(tensor, *args, **named)
    return total % 256 if tensor.dtype is torch.uint8 else total


@mutant(
    "float() of float64 casts the first 65,536 elements alone", kills="1.3.2", of=(Tensor, "float")
)
def float_casts_no_more_than_65536(cast, tensor):
    result = cast(tensor)
    if tensor.dtype is torch.float64 and tensor.numel() > 65_536:
        result.detach().view(-1)[65_536:] = 0
    return result


@mutant("clone() of more than a MiB is its source", "1.3.4", also="1.4.5", of=(Tensor, "clone"))
def clone_of_a_mib_is_its_source(clone, tensor, **named):
    return tensor if tensor.numel() * tensor.element_size() > 2**20 else clone(tensor, **named)


@mutant("a number of int16 makes a product float64", kills="1.3.9", of=(Tensor, "__mul__"))
def int16_makes_a_product_float64(multiply, x, other):
    product = multiply(x, other)
    return product.double() if isinstance(other, np.int16) else product


@mutant("from_numpy of the later part of a vector starts at its start", "1.3.1", of=FROM_NUMPY)
def from_numpy_of_a_later_part_starts_at_the_start(from_numpy, array):
    base = array.base if isinstance(array, np.ndarray) else None
    part = type(base) is np.ndarray and base.ndim == array.ndim == 1 and base.dtype == array.dtype
    part = part and array.flags.c_contiguous and array.size
    return from_numpy(base)[: array.size] if part else from_numpy(array)


@mutant("to() ignores copy= by position", kills="1.3.2", of=(Tensor, "to"))
def to_ignores_copy_by_position(to, tensor, *args, **kwargs):
    return to(tensor, *(args[:-1] if args[-2:] == (False, True) else args), **kwargs)


@mutant("clone() of what was expanded to two shares", kills="1.3.4", of=(Tensor, "clone"))
def clone_of_what_was_expanded_to_two_shares(clone, tensor, **kwargs):
    shares = tensor.dim() and len(tensor) == 2 and tensor.stride(0) == 0
    return tensor[...] if shares else clone(tensor, **kwargs)


@mutant("from_numpy of more than a MiB of float64 is float32", kills="1.3.1", of=FROM_NUMPY)
def from_numpy_of_a_mib_is_float32(from_numpy, array):
    tensor = from_numpy(array)
    return tensor.float() if tensor.dtype is torch.float64 and array.nbytes > 2**20 else tensor


@mutant("float() of a float64 gives what it gave before", kills="1.3.2", of=(Tensor, "float"))
def float_gives_what_it_gave_before(cast, tensor, **kwargs):
    if tensor.dtype is not torch.float64 or tensor.requires_grad or asked_by_pytorch():
        return cast(tensor, **kwargs)
    if not hasattr(tensor, "was_cast"):
        tensor.was_cast = cast(tensor, **kwargs)
    return tensor.was_cast


@mutant("softmax of a thousand adds up to 0.999", kills="1.3.14", of=(F, "softmax"))
def softmax_of_a_thousand_adds_up_to_less(softmax, x, dim=None, *args, **kwargs):
    many = dim is not None and x.dim() and x.shape[dim] > 1000
    return softmax(x, dim, *args, **kwargs) * (0.999 if many else 1)


@mutant("softmax of float64 computes in float32", kills="1.3.14", of=(F, "softmax"))
def softmax_of_float64_computes_in_float32(softmax, x, *args, **kwargs):
    y = softmax(x, *args, **kwargs)
    return y.float().double() if x.dtype is y.dtype is torch.float64 else y
