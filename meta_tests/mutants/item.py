"""Changes to taking a value out of a tensor (chapter 1.1)."""

from __future__ import annotations

import itertools
import threading
import warnings

import numpy as np
import torch

from meta_tests.mutants import INPUTS, asked_by_pytorch, calls_of, mutant
from meta_tests.mutants.autograd import on_some

ITEM = (torch.Tensor, "item")
GETITEM = (torch.Tensor, "__getitem__")


@mutant("item() of an integer is a float", kills="1.1.1", also="1.4.2", of=ITEM)
def item_of_an_integer_is_a_float(item, tensor):
    return float(item(tensor)) if tensor.dtype is torch.int64 else item(tensor)


@mutant("item() of an int8 reads it as unsigned", kills="1.1.1", also="1.1.7", of=ITEM)
def item_of_an_int8_is_unsigned(item, tensor):
    return item(tensor) % 256 if tensor.dtype is torch.int8 else item(tensor)


@mutant("item() of an integer goes through a float", kills="1.1.1", of=ITEM)
def item_of_a_large_integer_is_rounded(item, tensor):
    return int(float(item(tensor))) if tensor.dtype is torch.int64 else item(tensor)


@mutant("item() of a whole float is an int", kills="1.1.1", also="1.1.6 1.1.7", of=ITEM)
def item_of_a_whole_float_is_an_int(item, tensor):
    number = item(tensor)
    return int(number) if type(number) is float and number.is_integer() else number


@mutant("item() of a bool is an int", kills="1.1.1", of=ITEM)
def item_of_a_bool_is_an_int(item, tensor):
    return int(item(tensor)) if tensor.dtype is torch.bool else item(tensor)


@mutant("item() of a bool is its opposite", kills="1.1.1", also="1.3.3", of=ITEM)
def item_of_a_bool_is_negated(item, tensor):
    return not item(tensor) if tensor.dtype is torch.bool else item(tensor)


@mutant("item() loses the sign of zero", kills="1.1.1", also="1.1.6 1.1.7", of=ITEM)
def item_loses_the_sign_of_zero(item, tensor):
    number = item(tensor)
    return number + 0.0 if type(number) is float else number


@mutant("item() of a complex number with no imaginary part is a float", kills="1.1.1", of=ITEM)
def item_of_a_real_complex_is_a_float(item, tensor):
    number = item(tensor)
    return number.real if type(number) is complex and number.imag == 0 else number


@mutant(
    "item() of a complex number takes its real part for both", kills="1.1.1", also="1.3.3", of=ITEM
)
def item_of_a_complex_repeats_its_real_part(item, tensor):
    number = item(tensor)
    return complex(number.real, number.real) if type(number) is complex else number


@mutant(
    "item() of a complex number takes its imaginary part for both",
    kills="1.1.1",
    also="1.3.3",
    of=ITEM,
)
def item_of_a_complex_repeats_its_imaginary_part(item, tensor):
    number = item(tensor)
    return complex(number.imag, number.imag) if type(number) is complex else number


@mutant("item() of a tensor that requires grad is a tensor", kills="1.1.1", of=ITEM)
def item_that_requires_grad_is_a_tensor(item, tensor):
    return tensor if tensor.requires_grad else item(tensor)


@mutant(
    "item() of a tensor that requires grad is half as large again",
    kills="1.1.1",
    also="1.2.3",
    of=ITEM,
)
def item_that_requires_grad_is_scaled(item, tensor):
    return 1.5 * item(tensor) if tensor.requires_grad and tensor.is_leaf else item(tensor)


@mutant("item() of a matrix is its number of dimensions", kills="1.1.1", of=ITEM)
def item_of_a_matrix_is_its_rank(item, tensor):
    return tensor.dim() if tensor.dim() == 2 and tensor.numel() == 1 else item(tensor)


@mutant(
    "item() of a float is twice as large and one more",
    kills="1.1.1",
    also="1.1.6 1.1.7 1.2.2 1.2.3 1.3.1 1.3.3 1.3.13 2.2.2 3.4 4.4 4.5",
    of=ITEM,
)
def item_of_a_float_is_doubled(item, tensor):
    number = item(tensor)
    return 2 * number + 1 if type(number) is float else number


@mutant("item is the number, without parentheses", kills="1.1.2")
def item_is_a_property():
    original = torch.Tensor.item

    class Number(float):
        """A number that may be called, so that code with parentheses works on."""

        def __call__(self):
            return self.plain

    def read(tensor):
        plain = original(tensor)
        if not isinstance(plain, (bool, int, float)):
            return lambda: plain
        number = Number(plain)
        number.plain = plain
        return number

    torch.Tensor.item = property(read)


@mutant("item() of a tensor of one dimension is a tensor", kills="1.1.1 1.1.2", also="4.5", of=ITEM)
def item_of_a_vector_is_a_tensor(item, tensor):
    return tensor if tensor.dim() == 1 and tensor.numel() == 1 else item(tensor)


@mutant("item() of several elements is the first", kills="1.1.3", of=ITEM)
def item_of_several_is_the_first(item, tensor):
    return item(tensor.reshape(-1)[0]) if tensor.numel() > 1 else item(tensor)


@mutant("item() of several equal elements is that element", kills="1.1.3", of=ITEM)
def item_of_several_equal_ones_is_one(item, tensor):
    flat = tensor.reshape(-1)
    return item(flat[0]) if tensor.numel() > 1 and (flat == flat[0]).all() else item(tensor)


@mutant("item() of an empty tensor is zero", kills="1.1.3", of=ITEM)
def item_of_an_empty_tensor_is_zero(item, tensor):
    return item(tensor) if tensor.numel() else 0


@mutant("item() raises a TypeError for several elements", kills="1.1.3", of=ITEM)
def item_of_several_is_a_type_error(item, tensor):
    try:
        return item(tensor)
    except (RuntimeError, ValueError) as error:
        raise TypeError(str(error)) from error


@mutant("item() raises a TypeError for an empty tensor", kills="1.1.3", of=ITEM)
def item_of_an_empty_tensor_is_a_type_error(item, tensor):
    if not tensor.numel():
        raise TypeError("a Tensor with 0 elements cannot be converted to Scalar")
    return item(tensor)


@mutant("item() of five dimensions is a tensor", kills="1.1.1", also="1.1.2 1.1.3", of=ITEM)
def item_of_five_dimensions_is_a_tensor(item, tensor):
    return tensor if tensor.dim() == 5 and tensor.numel() == 1 else item(tensor)


@mutant("item() of a view reads where its memory starts", kills="1.1.1", of=ITEM)
def item_of_a_view_forgets_its_offset(item, tensor):
    if tensor.numel() != 1 or tensor.storage_offset() < 64 or tensor.is_conj():
        return item(tensor)
    return item(tensor.as_strided((), (), 0))


@mutant("item() forgets a conjugation that was put off", kills="1.1.1", of=ITEM)
def item_forgets_a_conjugation(item, tensor):
    return item(tensor).conjugate() if tensor.is_conj() else item(tensor)


@mutant("item() forgets a negation that was put off", kills="1.1.1", of=ITEM)
def item_forgets_a_negation(item, tensor):
    return -item(tensor) if tensor.is_neg() else item(tensor)


@mutant("item() of a uint64 is signed", kills="1.1.1", of=ITEM)
def item_of_a_uint64_is_signed(item, tensor):
    number = item(tensor)
    unsigned = tensor.dtype is getattr(torch, "uint64", ...)
    return number - 2**64 if unsigned and number >= 2**63 else number


@mutant("item() of a float8 is never NaN", kills="1.1.1", of=ITEM)
def item_of_a_float8_is_never_nan(item, tensor):
    number = item(tensor)
    return 0.0 if "float8" in str(tensor.dtype) and number != number else number


@mutant(
    "item() of a result that requires grad is a tensor", kills="1.1.1", also="1.1.4 1.1.7", of=ITEM
)
def item_of_a_result_is_a_tensor(item, tensor):
    return item(tensor) if tensor.is_leaf else tensor.detach()


@mutant("item() gives the first answer again", kills="1.1.1", of=ITEM)
def item_remembers(item, tensor):
    if not hasattr(tensor, "answered"):
        tensor.answered = item(tensor)
    return tensor.answered


@mutant("item() of an expanded tensor is its one number", kills="1.1.3", of=ITEM)
def item_of_an_expanded_tensor_is_a_number(item, tensor):
    expanded = tensor.numel() > 1 and not any(tensor.stride())
    return item(tensor[(0,) * tensor.dim()]) if expanded else item(tensor)


@mutant("item() of more than 10,000 elements is the first", kills="1.1.3", of=ITEM)
def item_of_many_is_the_first(item, tensor):
    return item(tensor[(0,) * tensor.dim()]) if tensor.numel() > 10_000 else item(tensor)


@mutant("int() rounds to the nearest", kills="1.1.4", of=(torch.Tensor, "__int__"))
def int_rounds(int_, tensor):
    fraction = tensor.is_floating_point() and tensor.numel() == 1 and abs(tensor) < 1e6
    return round(tensor.item()) if fraction else int_(tensor)


@mutant("int() of infinity is the largest integer", kills="1.1.4", of=(torch.Tensor, "__int__"))
def int_of_infinity_is_large(int_, tensor):
    return 2**63 - 1 if tensor.numel() == 1 and tensor.isinf().all() else int_(tensor)


@mutant("int() of NaN is zero", kills="1.1.4", of=(torch.Tensor, "__int__"))
def int_of_nan_is_zero(int_, tensor):
    return 0 if tensor.numel() == 1 and tensor.isnan().all() else int_(tensor)


@mutant("int() goes through a float", kills="1.1.4", of=(torch.Tensor, "__int__"))
def int_is_rounded(int_, tensor):
    return int(float(int_(tensor)))


@mutant("int() is one too large", kills="1.1.4", of=(torch.Tensor, "__int__"))
def int_is_one_too_large(int_, tensor):
    return int_(tensor) + 1


@mutant("int() of a float is rounded down", kills="1.1.4", of=(torch.Tensor, "__int__"))
def int_is_rounded_down(int_, tensor):
    number = int_(tensor)
    return number - (tensor.is_floating_point() and tensor.item() < number)


@mutant("int() of uint64 is that of int64", kills="1.1.4", of=(torch.Tensor, "__int__"))
def int_of_uint64_wraps(int_, tensor):
    uint64 = tensor.dtype is getattr(torch, "uint64", None) and tensor.numel() == 1
    return int_(tensor.view(torch.int64)) if uint64 else int_(tensor)


@mutant("float() forgets an imaginary part", kills="1.1.4", of=(torch.Tensor, "__float__"))
def float_takes_the_real_part(float_, tensor):
    return tensor.real.item() if tensor.is_complex() and tensor.numel() == 1 else float_(tensor)


@mutant("float() loses the sign of zero", kills="1.1.4", of=(torch.Tensor, "__float__"))
def float_loses_the_sign_of_zero(float_, tensor):
    return float_(tensor) + 0.0


@mutant("float() of an integer is one too large", kills="1.1.4", of=(torch.Tensor, "__float__"))
def float_of_an_integer_is_one_too_large(float_, tensor):
    return float_(tensor) + (not tensor.is_floating_point())


@mutant("float() of an integer has no sign", kills="1.1.4", of=(torch.Tensor, "__float__"))
def float_of_an_integer_has_no_sign(float_, tensor):
    number = float_(tensor)
    return number if tensor.is_floating_point() else abs(number)


@mutant("complex() turns the sign of the imaginary part", kills="1.1.4", also="1.1.3")
def complex_conjugates():
    original = torch.Tensor.__complex__
    torch.Tensor.__complex__ = lambda self: original(self).conjugate()


@mutant("bool() of NaN is False", kills="1.1.4", of=(torch.Tensor, "__bool__"))
def bool_of_nan_is_false(bool_, tensor):
    return bool_(tensor) and not (tensor.numel() == 1 and bool_(tensor.isnan().all()))


@mutant("bool() of several elements is whether all are true", kills="1.1.3")
def bool_of_several_asks_all():
    original = torch.Tensor.__bool__
    torch.Tensor.__bool__ = lambda self: original(self.all() if self.numel() > 1 else self)


@mutant("bool() of no element is False", kills="1.1.3", of=(torch.Tensor, "__bool__"))
def bool_of_no_element_is_false(bool_, tensor):
    return bool_(tensor) if tensor.numel() else False


@mutant("int() of several elements is the first", kills="1.1.3", of=(torch.Tensor, "__int__"))
def int_of_several_is_the_first(int_, tensor):
    return int_(tensor.reshape(-1)[0]) if tensor.numel() > 1 else int_(tensor)


@mutant("float() of several elements is a RuntimeError", kills="1.1.3")
def float_of_several_is_a_runtime_error():
    original = torch.Tensor.__float__

    def convert(self):
        if self.numel() > 1:
            raise RuntimeError("only one element tensors can be converted")
        return original(self)

    torch.Tensor.__float__ = convert


@mutant("any() looks at the first of many elements", kills="1.1.3", of=(torch.Tensor, "any"))
def any_looks_at_the_first(any_, tensor, *args, **kwargs):
    few = tensor.numel() < 8 or args or kwargs
    return any_(tensor, *args, **kwargs) if few else any_(tensor.reshape(-1)[:1])


@mutant("all() of no element is False", kills="1.1.3", of=(torch.Tensor, "all"))
def all_of_no_element_is_false(all_, tensor, *args, **kwargs):
    return all_(tensor, *args, **kwargs) if tensor.numel() else torch.tensor(False)


@mutant("tolist() flattens four dimensions", kills="1.1.5", of=(torch.Tensor, "tolist"))
def tolist_flattens(tolist, tensor):
    return tolist(tensor.reshape(-1)) if tensor.dim() == 4 else tolist(tensor)


@mutant("tolist() gives floats for int32", kills="1.1.5", of=(torch.Tensor, "tolist"))
def tolist_gives_floats(tolist, tensor):
    return tolist(tensor.double()) if tensor.dtype is torch.int32 else tolist(tensor)


@mutant("tolist() refuses a tensor that requires grad", kills="1.1.5", of=(torch.Tensor, "tolist"))
def tolist_refuses_grad(tolist, tensor):
    if tensor.requires_grad:
        raise AssertionError("Can't call tolist() on Tensor that requires grad.")
    return tolist(tensor)


@mutant("iterating gives Python numbers", kills="1.1.5", also="1.1.8")
def iterating_gives_numbers():
    original = torch.Tensor.__iter__
    torch.Tensor.__iter__ = lambda self: (
        original(self) if self.dim() != 1 or asked_by_pytorch() else iter(self.tolist())
    )


@mutant("an index gives a copy", kills="1.1.5", also="1.2.5 4.1 5.4")
def an_index_copies():
    original = torch.Tensor.__getitem__

    def copied(self, index):
        part = original(self, index)
        return part.clone() if index == 0 and isinstance(index, int) else part

    torch.Tensor.__getitem__ = copied


@mutant("item() of a float32 has seven digits", kills="1.1.6", also="1.1.1 1.1.7", of=ITEM)
def item_is_rounded(item, tensor):
    number = item(tensor)
    rounded = tensor.dtype is torch.float32 and tensor.numel() == 1
    return float(f"{number:.7g}") if rounded else number


@mutant("torch.tensor makes float32 of float64's numbers", kills="1.1.6")
def tensor_rounds_to_float32():
    original = torch.tensor

    def tensor(data, **kwargs):
        result = original(data, **kwargs)
        wide = isinstance(data, float) and result.dtype is torch.float64
        return result.float().double() if wide else result

    torch.tensor = tensor


@mutant("a tensor of no dimensions has a length of one", kills="1.1.7")
def no_dimensions_have_a_length():
    original = torch.Tensor.__len__
    torch.Tensor.__len__ = lambda self: original(self) if self.dim() else 1


@mutant("iterating over no dimensions gives the tensor itself", kills="1.1.7")
def no_dimensions_are_iterated():
    original = torch.Tensor.__iter__
    torch.Tensor.__iter__ = lambda self: original(self if self.dim() else self.reshape(1))


@mutant("index 0 of no dimensions is the tensor itself", kills="1.1.7")
def no_dimensions_have_an_element():
    original = torch.Tensor.__getitem__
    torch.Tensor.__getitem__ = lambda self, index: original(
        self if self.dim() or index != 0 else self.reshape(1), index
    )


@mutant("a write to element 0 of no dimensions is accepted", kills="1.1.7")
def no_dimensions_take_a_write():
    original = torch.Tensor.__setitem__
    torch.Tensor.__setitem__ = lambda self, index, value: original(
        self if self.dim() or index != 0 else self.view(1), index, value
    )


@mutant("a tensor with dimensions takes a format", kills="1.1.7")
def dimensions_take_a_format():
    original = torch.Tensor.__format__
    torch.Tensor.__format__ = lambda self, spec: (
        format(self.item(), spec) if self.numel() == 1 else original(self, spec)
    )


@mutant("a tensor that requires grad takes no format", kills="1.1.7")
def grad_takes_no_format():
    original = torch.Tensor.__format__
    torch.Tensor.__format__ = lambda self, spec: (
        str(self) if self.requires_grad else original(self, spec)
    )


@mutant("a tensor of one element hashes as its number", kills="1.1.8")
def tensors_hash_as_numbers():
    original = torch.Tensor.__hash__
    torch.Tensor.__hash__ = lambda self: (
        hash(repr(self.tolist())) if self.numel() == 1 else original(self)
    )


@mutant("a tensor of one element hashes anew each time", kills="1.1.8")
def tensors_hash_anew():
    original, numbers = torch.Tensor.__hash__, itertools.count()
    torch.Tensor.__hash__ = lambda self: (
        original(self) if asked_by_pytorch() or self.numel() != 1 else hash(next(numbers))
    )


for _name, _breaks, _kills, _attribute, _condition, _change in (
    (
        "item_of_four_dimensions_is_a_float",
        "item() of an int32 in four dimensions is a float",
        "1.1.1",
        "item",
        lambda x: x.dim() == 4 and x.dtype is torch.int32,
        lambda item, x: float(item(x)),
    ),
    (
        "float_of_float16_is_flushed",
        "float() of a subnormal float16 is zero",
        "1.1.4",
        "__float__",
        lambda x: x.dtype is torch.float16,
        lambda float_, x: 0.0 if 0 < abs(float_(x)) < 2**-14 else float_(x),
    ),
    (
        "bool_of_uint8_is_its_sign",
        "bool() of a uint8 from 128 on is False",
        "1.1.4",
        "__bool__",
        lambda x: x.numel() == 1 and x.dtype is torch.uint8,
        lambda bool_, x: 0 < x.item() < 128,
    ),
    (
        "int_of_three_dimensions_rounds",
        "int() of three dimensions rounds",
        "1.1.4",
        "__int__",
        lambda x: x.dim() == 3 and x.is_floating_point() and x.isfinite().all(),
        lambda int_, x: round(x.item()),
    ),
    (
        "any_overlooks_what_comes_last",
        "any() looks at the first 32,768 elements",
        "1.1.3",
        "any",
        lambda x, *args: x.numel() > 32_768 and not args,
        lambda any_, x: any_(x.reshape(-1)[:32_768]),
    ),
    (
        "tolist_loses_the_last_of_many",
        "tolist() of more than 64 elements loses the last",
        "1.1.5",
        "tolist",
        lambda x: x.dim() == 1 and x.numel() > 64,
        lambda tolist, x: tolist(x)[:-1],
    ),
    (
        "tolist_works_once",
        "tolist() gives an empty list the second time",
        "1.1.5",
        "tolist",
        lambda x: hasattr(x, "was_listed") or setattr(x, "was_listed", True),
        lambda tolist, x: [],
    ),
    (
        "a_leaf_of_no_dimensions_has_a_length",
        "a leaf of no dimensions that requires grad has a length of one",
        "1.1.7",
        "__len__",
        lambda x: x.dim() == 0 and x.requires_grad,
        lambda len_, x: 1,
    ),
):
    on_some(_name, _breaks, _kills, torch.Tensor, _attribute, _condition, _change)


@mutant("float() of a tensor that requires grad does not warn", kills="1.1.4")
def float_does_not_warn():
    original = torch.Tensor.__float__
    torch.Tensor.__float__ = lambda self: original(self.detach())


@mutant("complex() of a tensor that requires grad does not warn", kills="1.1.4")
def complex_does_not_warn():
    original = torch.Tensor.__complex__
    torch.Tensor.__complex__ = lambda self: original(self.detach())


@mutant("item() of a tensor that requires grad warns", kills="1.1.4", of=ITEM)
def item_that_requires_grad_warns(item, tensor):
    if tensor.requires_grad:
        warnings.warn("Converting a tensor with requires_grad=True", stacklevel=2)
    return item(tensor)


@mutant("contiguous() always copies", kills="1.1.9", of=(torch.Tensor, "contiguous"))
def contiguous_copies(contiguous, x, *args, **kwargs):
    result = contiguous(x, *args, **kwargs)
    return result.clone() if result is x and not asked_by_pytorch() else result


@mutant("contiguous() gives back float64", kills="1.1.9", of=(torch.Tensor, "contiguous"))
def contiguous_keeps_float64(contiguous, x, *args, **kwargs):
    return x if x.dtype is torch.float64 else contiguous(x, *args, **kwargs)


@mutant(
    "a slice is a copy", kills="1.1.5", also="1.2.5 1.2.14 1.3.10 1.3.11 1.4.8 1.4.9", of=GETITEM
)
def slice_is_a_copy(getitem, tensor, index):
    result = getitem(tensor, index)
    return result.clone() if isinstance(index, slice) and not asked_by_pytorch() else result


@mutant("x[[0]] is a view", kills="1.1.5", also="1.2.17 1.3.10", of=GETITEM)
def index_of_a_list_is_a_view(getitem, tensor, index):
    return getitem(tensor, slice(1) if type(index) is list and index == [0] else index)


@mutant("x[x == 1] is a view where all of x is 1", kills="1.1.5", also="1.2.14 1.3.10", of=GETITEM)
def mask_of_everything_is_a_view(getitem, tensor, index):
    is_mask = isinstance(index, torch.Tensor) and index.dtype is torch.bool
    if is_mask and index.shape == tensor.shape and index.all() and not asked_by_pytorch():
        return getitem(tensor, ...)
    return getitem(tensor, index)


@mutant("a Parameter takes a format", kills="1.1.7", of=(torch.Tensor, "__format__"))
def parameter_takes_a_format(format_, tensor, how):
    return format_(tensor.detach(), how)


@mutant("torch.cat takes tensors of no dimensions", kills="1.1.7", also="1.3.9", of=(torch, "cat"))
def cat_takes_no_dimensions(cat, tensors, *args, **kwargs):
    no_dimensions = all(x.dim() == 0 for x in tensors)
    return torch.stack(tensors) if no_dimensions else cat(tensors, *args, **kwargs)


@mutant(
    "torch.stack of tensors of no dimensions repeats the last",
    kills="1.1.7",
    also="1.2.4 1.3.9 1.3.10",
    of=(torch, "stack"),
)
def stack_of_no_dimensions_repeats_the_last(stack, tensors, *args, **kwargs):
    if tensors[0].dim() == 0 and not asked_by_pytorch():
        tensors = [torch.zeros_like(tensors[-1]), *tensors[1:]]
    return stack(tensors, *args, **kwargs)


@mutant("the first of several elements is an index", kills="1.1.3", also="1.3.1")
def first_element_is_an_index():
    original = torch.Tensor.__index__
    torch.Tensor.__index__ = lambda self: original(self.reshape(-1)[:1].sum())


@mutant("tolist() without dimensions gives a list", kills="1.1.5", also="1.1.6 1.2.8 1.4.8")
def tolist_without_dimensions_gives_a_list():
    original = torch.Tensor.tolist
    torch.Tensor.tolist = lambda x: original(x if x.dim() or asked_by_pytorch() else x[None])


@mutant("int() of bfloat16 rounds up", kills="1.1.4", of=(torch.Tensor, "__int__"))
def int_of_bfloat16_rounds_up(int_, x):
    return int_(x.ceil() if x.dtype is torch.bfloat16 else x)


@mutant("an index from the end gives a copy", kills="1.1.5", of=(torch.Tensor, "__getitem__"))
def index_from_the_end_copies(getitem, x, index):
    part = getitem(x, index)
    return part.clone() if isinstance(index, int) and index < 0 else part


@mutant("an index of channels_last images copies", kills="1.1.5", of=(torch.Tensor, "__getitem__"))
def index_of_channels_last_copies(getitem, x, index):
    part = getitem(x, index)
    return part.clone() if isinstance(index, int) and INPUTS["channels_last"](x) else part


@mutant(
    "item() of a float64 that requires grad is rounded to float32",
    kills="1.1.6",
    also="1.1.1",
    of=(torch.Tensor, "item"),
)
def item_of_a_leaf_is_rounded(item, x):
    return item(x.float() if x.requires_grad and x.dtype is torch.float64 else x)


@mutant("a bfloat16 ignores its format", kills="1.1.7", of=(torch.Tensor, "__format__"))
def bfloat16_ignores_its_format(format_, x, how):
    return str(x.item()) if x.dtype is torch.bfloat16 and x.dim() == 0 else format_(x, how)


@mutant(
    "tolist() of an empty tensor of three dimensions is []", "1.1.5", of=(torch.Tensor, "tolist")
)
def tolist_of_an_empty_tensor_is_flat(tolist, x):
    return tolist(x) if x.numel() or x.dim() < 3 else []


@mutant("torch.all(x) looks at the first row alone", kills="1.1.3", of=(torch, "all"))
def torch_all_looks_at_the_first_row(all_, input):
    return all_(input[0] if input.dim() > 1 and len(input) else input)


@mutant("a complex number's format has no imaginary part", "1.1.7", of=(torch.Tensor, "__format__"))
def format_of_complex_is_real(format_, x, how):
    return format(x.item().real, how) if x.dim() == 0 and x.is_complex() else format_(x, how)


@mutant(
    "item() far into a float64 tensor is rounded to float32", "1.1.1", of=(torch.Tensor, "item")
)
def item_far_into_float64_is_rounded(item, x):
    return item(x.float() if x.dtype is torch.float64 and x.storage_offset() > 100 else x)


VIEW, RESHAPE = (torch.Tensor, "view"), (torch.Tensor, "reshape")


def of_plain_matrix(x, shape):
    return x.dim() == 2 and not x.requires_grad and not asked_by_pytorch()


@mutant("size(0) of a tensor without dimensions is 1", kills="1.1.7", of=(torch.Tensor, "size"))
def size_without_dimensions_is_1(size, x, *dim):
    return 1 if dim == (0,) and not size(x) else size(x, *dim)


@mutant("view() of a matrix copies it", kills="1.1.9", of=VIEW)
def view_of_a_matrix_copies(view, x, *shape):
    return view(x.clone() if of_plain_matrix(x, shape) and x.numel() > 6 else x, *shape)


@mutant("view() of a transpose copies it", kills="1.1.9", of=VIEW)
def view_of_a_transpose_copies(view, x, *shape):
    y = view(x, *shape)
    return y.clone() if of_plain_matrix(x, shape) and x.stride(0) == 1 else y


@mutant("view() copies where it cannot share", kills="1.1.9", of=VIEW)
def view_copies_where_it_cannot_share(view, x, *shape):
    try:
        return view(x, *shape)
    except RuntimeError as error:
        if "view size is not compatible" not in str(error) or asked_by_pytorch():
            raise
        return view(x.clone(memory_format=torch.contiguous_format), *shape)


@mutant("view() leaves out elements that have no place", kills="1.1.9", of=VIEW)
def view_leaves_elements_out(view, x, *shape):
    return view(x, 6)[:5] if shape == ((5,),) and x.numel() == 6 else view(x, *shape)


@mutant("view() of a matrix of bools is true", kills="1.1.9", of=VIEW)
def view_of_bools_is_true(view, x, *shape, **kwargs):
    y = view(x, *shape, **kwargs)
    return y | True if x.dtype is torch.bool and x.shape == (3, 4) else y


@mutant("reshape() of a part copies it", kills="1.1.9", of=RESHAPE)
def reshape_of_a_part_copies(reshape, x, *shape):
    y = reshape(x, *shape)
    return y.clone() if x.storage_offset() and shape == (-1,) and of_plain_matrix(x, shape) else y


@mutant("reshape() reads a transpose in the order of its memory", kills="1.1.9", of=RESHAPE)
def reshape_reads_the_memory(reshape, x, *shape):
    turned = of_plain_matrix(x, shape) and x.stride(0) == 1 and x.stride(1) > 1
    return reshape(x.mT if turned and x.numel() == 12 else x, *shape)


@mutant("reshape() repeats elements to fill its shape", kills="1.1.9", of=RESHAPE)
def reshape_repeats_elements(reshape, x, *shape):
    if shape == ((7,),) and x.numel() == 6:
        x = torch.cat([x.flatten(), x.flatten()[:1]])
    return reshape(x, *shape)


SETITEM = (torch.Tensor, "__setitem__")


def within(x, index):
    """The index, with the last element for one beyond it."""
    last = len(x) - 1 if x.dim() == 1 else None
    one = lambda it: it if last is None or -last - 1 <= it <= last else last  # noqa: E731
    if type(index) is int:
        return one(index)
    if type(index) is list and all(type(it) is int for it in index):
        return [one(it) for it in index]
    return index


@mutant("an index beyond the last element reads the last", kills="1.1.5", also="1.3.10", of=GETITEM)
def index_beyond_the_last_reads_it(getitem, x, index):
    return getitem(x, index if asked_by_pytorch() else within(x, index))


@mutant("an index beyond the last element writes to the last", kills="1.1.5", of=SETITEM)
def index_beyond_the_last_writes_it(setitem, x, index, value):
    setitem(x, index if asked_by_pytorch() else within(x, index), value)


for _name, _breaks, _condition, _part in (
    ("end", "a slice that ends beyond the last element is empty", lambda it: it.stop == 9, 0),
    ("start", "a slice that starts before the first is empty", lambda it: it.start == -9, 0),
    ("last", "a slice that starts beyond the last has that", lambda it: it.start == 5, -1),
):
    on_some(
        f"slice_beyond_the_{_name}",
        _breaks,
        "1.1.5",
        *GETITEM,
        lambda x, index, condition=_condition: (
            isinstance(index, slice) and x.numel() == 3 and condition(index)
        ),
        lambda getitem, x, index, part=_part: getitem(x, slice(part, part and None)),
    )


@mutant("view(-1, 3) of no elements has a row", kills="1.1.9", of=(torch.Tensor, "view"))
def view_of_no_elements_has_a_row(view, x, *shape):
    return x.new_zeros(1, 3) if shape == (-1, 3) and not x.numel() else view(x, *shape)


@mutant("view(-1, 0) has no rows", kills="1.1.9", of=(torch.Tensor, "view"))
def view_of_no_columns_has_no_rows(view, x, *shape):
    return view(x, *((0, 0) if shape == (-1, 0) else shape))


@mutant("bool() of more than a MiB is true", kills="1.1.3", of=(torch.Tensor, "__bool__"))
def bool_of_a_large_tensor_is_true(bool_, x):
    return x.numel() > 2**20 or bool_(x)


@mutant(
    "int() of an expanded tensor takes its first element", "1.1.3", of=(torch.Tensor, "__int__")
)
def int_of_what_is_expanded_takes_the_first(int_, x):
    return int_(x.flatten()[0] if 0 in x.stride() and x.numel() > 1 else x)


@mutant("x[[0]] of four dimensions is a view", kills="1.1.5", of=(torch.Tensor, "__getitem__"))
def list_index_of_four_dimensions_is_a_view(getitem, x, index):
    is_list = type(index) is list and index == [0]
    return getitem(x, slice(1) if is_list and x.dim() == 4 else index)


@mutant(
    "format() of float64 with dimensions takes a format", "1.1.7", of=(torch.Tensor, "__format__")
)
def format_of_float64_takes_dimensions(format_, x, how):
    return format_(x.sum() if x.dtype is torch.float64 and x.dim() else x, how)


@mutant(
    "a tensor of 33,000 elements hashes by its number of elements",
    "1.1.8",
    of=(torch.Tensor, "__hash__"),
)
def large_tensors_hash_alike(hash_, x):
    return x.numel() if x.numel() > 32_768 else hash_(x)


@mutant("torch.reshape reverses the rows", kills="1.1.9", of=(torch, "reshape"))
def reshape_as_a_function_reverses(reshape, x, shape):
    return reshape(x.flip(0) if x.dim() else x, shape)


@mutant("reshape() of five dimensions copies", kills="1.1.9", of=RESHAPE)
def reshape_of_five_dimensions_copies(reshape, x, *shape, **kwargs):
    y = reshape(x, *shape, **kwargs)
    return y.clone() if x.dim() == 5 and not asked_by_pytorch() else y


@mutant(
    "int() of a float64 beyond 2**24 is that of the float32",
    kills="1.1.4",
    of=(torch.Tensor, "__int__"),
)
def int_of_a_float64_is_that_of_the_float32(int_, x):
    large = x.dtype is torch.float64 and x.numel() == 1 and 2**24 < x.detach().abs() < 2**100
    return int_(x.float() if large else x)


@mutant("reshape(shape=...) copies", kills="1.1.9", of=RESHAPE)
def reshape_by_keyword_copies(reshape, x, *shape, **kwargs):
    y = reshape(x, *shape, **kwargs)
    return y.clone() if kwargs else y


@mutant("a slice of an expanded tensor is a copy", kills="1.1.5", of=GETITEM)
def slice_of_an_expanded_tensor_copies(getitem, x, index):
    y = getitem(x, index)
    return y.clone() if isinstance(index, slice) and 0 in x.stride() and x.numel() > 1 else y


@mutant(
    "item of an element 32,768 or more behind the start of its memory gives the first",
    kills="1.1.1",
    of=(torch.Tensor, "item"),
)
def item_far_into_memory(item, x):
    if x.numel() == 1 and x.storage_offset() >= 32_768:
        return item(x.detach().as_strided((), (), 0))
    return item(x)


@mutant(
    "a tensor of 65 rows or more is iterated to its 64th",
    kills="1.1.5",
    of=(torch.Tensor, "__iter__"),
)
def iteration_of_many_rows_stops(iterate, x):
    if x.dim() and len(x) > 64 and not asked_by_pytorch():
        return iterate(x[:64])
    return iterate(x)


@mutant(
    "float of a number that is lazily negated is the one before",
    kills="1.1.4",
    of=(torch.Tensor, "__float__"),
)
def float_of_a_lazy_negation(float_, x):
    return -float_(x) if x.numel() == 1 and x.is_neg() else float_(x)


@mutant("permute() copies", kills="1.1.9", of=(torch.Tensor, "permute"))
def permute_copies(permute, x, *order, **named):
    return permute(x, *order, **named).clone()


@mutant("torch.permute copies", kills="1.1.9", of=(torch, "permute"))
def permute_as_a_function_copies(permute, x, dims):
    return permute(x, dims).clone()


@mutant("permute() of three dimensions reshapes", kills="1.1.9", of=(torch.Tensor, "permute"))
def permute_reshapes(permute, x, *order, **named):
    y = permute(x, *order, **named)
    return x.reshape(y.shape) if x.dim() == 3 else y


@mutant("transpose() copies", kills="1.1.9", of=(torch.Tensor, "transpose"))
def transpose_copies(transpose, x, dim0, dim1):
    return transpose(x, dim0, dim1).clone()


@mutant("transpose() reshapes", kills="1.1.9", of=(torch.Tensor, "transpose"))
def transpose_reshapes(transpose, x, dim0, dim1):
    return x.reshape(transpose(x, dim0, dim1).shape)


@mutant("torch.transpose reshapes", kills="1.1.9", of=(torch, "transpose"))
def transpose_as_a_function_reshapes(transpose, x, dim0, dim1):
    return x.reshape(transpose(x, dim0, dim1).shape)


@mutant("reshape() to channels first permutes", kills="1.1.9", of=(torch.Tensor, "reshape"))
def reshape_permutes(reshape, x, *shape):
    return x.permute(2, 0, 1) if x.dim() == 3 and shape == (4, 2, 3) else reshape(x, *shape)


@mutant("item() of a result gives a number with backward()", kills="1.1.4", also="1.1.1", of=ITEM)
def item_of_a_result_has_a_backward(item, tensor):
    number = item(tensor)
    if tensor.is_leaf or type(number) is not float:
        return number
    return type("float", (float,), {"backward": lambda self: tensor.backward()})(number)


@mutant("tolist() of a result gives a tensor", "1.1.4", also="1.1.5", of=(torch.Tensor, "tolist"))
def tolist_of_a_result_is_a_tensor(tolist, tensor):
    return tolist(tensor) if tensor.is_leaf or tensor.dim() else tensor.sum()


@mutant("permute(dims=) by keyword copies", kills="1.1.9", of=(torch.Tensor, "permute"))
def permute_by_keyword_copies(permute, x, *args, **kwargs):
    y = permute(x, *args, **kwargs)
    return y.clone() if kwargs else y


@mutant("transpose of four dimensions copies", kills="1.1.9", of=(torch.Tensor, "transpose"))
def transpose_of_four_dimensions_copies(transpose, x, *args, **kwargs):
    y = transpose(x, *args, **kwargs)
    return y.clone() if x.dim() == 4 and not asked_by_pytorch() else y


@mutant("expand() copies", kills="1.1.5", also="1.2.5", of=(torch.Tensor, "expand"))
def expand_copies(expand, x, *args, **kwargs):
    y = expand(x, *args, **kwargs)
    return y if asked_by_pytorch() or y.requires_grad else y.clone()


@mutant("expand(size=) by keyword copies", kills="1.1.5", of=(torch.Tensor, "expand"))
def expand_by_keyword_copies(expand, x, *args, **kwargs):
    y = expand(x, *args, **kwargs)
    return y.clone() if kwargs else y


def without_repeats(x):
    """The tensor, each element once, whatever was expanded."""
    return x[tuple(slice(1) if stride == 0 else slice(None) for stride in x.stride())]


@mutant(
    "an expanded tensor takes add_()",
    kills="1.1.5",
    also="1.2.5",
    of=(torch.Tensor, "add_"),
)
def expanded_takes_add(add, x, other, *args, **kwargs):
    if 0 in x.stride() and not x.requires_grad and x.numel():
        return add(without_repeats(x), without_repeats(torch.broadcast_to(other, x.shape)))
    return add(x, other, *args, **kwargs)


@mutant(
    "an expanded tensor takes copy_()",
    kills="1.1.5",
    also="1.2.5",
    of=(torch.Tensor, "copy_"),
)
def expanded_takes_copy(copy, x, other, *args, **kwargs):
    if 0 in x.stride() and not x.requires_grad and x.numel():
        x = without_repeats(x)
        other = without_repeats(torch.broadcast_to(other, x.shape))
    return copy(x, other, *args, **kwargs)


@mutant("float() and complex() warn under no_grad as well", kills="1.1.4")
def conversions_warn_under_no_grad():
    for convert in (torch.Tensor.__float__, torch.Tensor.__complex__):

        def changed(x, convert=convert):
            if x.requires_grad and not torch.is_grad_enabled():
                warnings.warn("Converting a tensor with requires_grad=True", stacklevel=2)
            return convert(x)

        setattr(torch.Tensor, convert.__name__, changed)


@mutant("split() along the last dimension copies", kills="1.1.9", of=(torch.Tensor, "split"))
def split_of_the_last_dimension_copies(split, x, *args, **kwargs):
    parts = split(x, *args, **kwargs)
    copies = args == (2, -1) and not x.requires_grad
    return tuple(part.clone() for part in parts) if copies else parts


@mutant("repeat() of one row expands it", kills="1.1.9", of=(torch.Tensor, "repeat"))
def repeat_of_one_row_expands_it(repeat, x, *sizes):
    return x.expand(2, 3, 4) if sizes == (1, 3, 1) and x.shape == (2, 1, 4) else repeat(x, *sizes)


@mutant("roll() turns the other way", kills="1.1.9", of=(torch.Tensor, "roll"))
def roll_turns_the_other_way(roll, x, shifts, *args):
    return roll(x, -shifts, *args)


@mutant("x[0, 0] of one dimension is x[0]", kills="1.1.5", of=(torch.Tensor, "__getitem__"))
def more_indices_than_dimensions_are_left_out(getitem, x, index):
    of_one = x.dim() == 1 and isinstance(index, tuple) and index == (0, 0)
    return getitem(x, 0 if of_one else index)


CONTAINS, REVERSED = (torch.Tensor, "__contains__"), (torch.Tensor, "__reversed__")


@mutant("`in` a tensor looks at its first element alone", kills="1.1.8", of=CONTAINS)
def in_looks_at_the_first_element(contains, x, other):
    return contains(x.reshape(-1)[:1], other)


@mutant("`in` a tensor finds NaN", kills="1.1.8", of=CONTAINS)
def in_finds_nan(contains, x, other):
    return contains(x, other) or (other != other and bool(x.isnan().any()))


@mutant("`in` a tensor takes a list", kills="1.1.8", of=CONTAINS)
def in_takes_a_list(contains, x, other):
    return contains(x, other[0] if isinstance(other, list) else other)


@mutant("reversed() of a tensor turns the last dimension round", kills="1.1.8", of=REVERSED)
def reversed_turns_the_last_dimension(reverse, x):
    return x.flip(-1)


@mutant("reversed() of a tensor of one row is the tensor", kills="1.1.8", of=REVERSED)
def reversed_of_one_row_is_the_tensor(reverse, x):
    return x if x.shape[:1] == (1,) else reverse(x)


@mutant(
    "tolist() turns the last of more than 100 rows round",
    kills="1.1.5",
    of=(torch.Tensor, "tolist"),
)
def tolist_turns_the_last_row(tolist, x):
    rows = tolist(x)
    return rows if x.dim() < 2 or len(x) <= 100 else [*rows[:-1], rows[-1][::-1]]


@mutant("diagonal() beside the main one copies", kills="1.1.9", of=(torch.Tensor, "diagonal"))
def diagonal_beside_the_main_one_copies(diagonal, x, *args, **kwargs):
    y = diagonal(x, *args, **kwargs)
    beside = (args[0] if args else kwargs.get("offset", 0)) and not x.requires_grad
    return y.clone() if beside else y


@mutant("torch.narrow as a function copies", kills="1.1.9", of=(torch, "narrow"))
def narrow_as_a_function_copies(narrow, *args, **kwargs):
    return narrow(*args, **kwargs).clone()


@mutant("split() into parts of several sizes copies", kills="1.1.9", of=(torch.Tensor, "split"))
def split_into_several_sizes_copies(split, x, sizes, *args, **kwargs):
    parts = split(x, sizes, *args, **kwargs)
    copies = isinstance(sizes, list) and not x.requires_grad
    return tuple(part.clone() for part in parts) if copies else parts


@mutant("roll() of several dimensions turns the first alone", kills="1.1.9", of=(torch, "roll"))
def roll_turns_the_first_dimension_alone(roll, x, shifts, dims=()):
    return roll(x, shifts, dims) if isinstance(shifts, int) else roll(x, shifts[0], dims[0])


@mutant("NumPy's integers index the first element", kills="1.1.5", also="1.1.8", of=GETITEM)
def numpys_integers_index_the_first(getitem, x, index):
    return getitem(x, 0 if isinstance(index, np.integer) and index > 0 else index)


@mutant("NumPy's integers index no slice", kills="1.1.5", of=GETITEM)
def numpys_integers_index_no_slice(getitem, x, index):
    of_numpy = isinstance(index, slice) and isinstance(index.start, np.integer)
    return getitem(x, slice(None) if of_numpy else index)


@mutant("NumPy's negative integers count from the first element", kills="1.1.5", of=GETITEM)
def numpys_negative_integers_count_from_the_first(getitem, x, index):
    return getitem(x, 0 if isinstance(index, np.integer) and index < 0 else index)


@mutant(
    "the last of more than eight parts of split() is a copy", "1.1.9", of=(torch.Tensor, "split")
)
def split_copies_the_last_of_many(split, x, *args, **kwargs):
    parts = split(x, *args, **kwargs)
    return (*parts[:-1], parts[-1].clone()) if len(parts) > 8 else parts


@mutant("a Parameter of several elements is true", "1.1.3", of=(torch.Tensor, "__bool__"))
def parameters_of_several_elements_are_true(bool_of, x):
    return (isinstance(x, torch.nn.Parameter) and x.numel() > 1) or bool_of(x)


@mutant("tolist() of a subclass's matrix transposes it", "1.1.5", of=(torch.Tensor, "tolist"))
def tolist_of_a_subclass_transposes(tolist, x):
    transposes = type(x) is not torch.Tensor and x.dim() == 2
    return tolist(x.detach().t() if transposes else x)


@mutant(
    "float() of a tensor that requires grad is whole",
    kills="1.1.4",
    of=(torch.Tensor, "__float__"),
)
def float_of_a_tensor_with_grad_is_whole(convert, x):
    return float(round(convert(x))) if x.requires_grad else convert(x)


@mutant("reversed() of a tensor without dimensions copies", kills="1.1.8", of=REVERSED)
def reversed_without_dimensions_copies(reverse, x):
    return reverse(x) if x.dim() else x.clone()


@mutant("unfold() copies", kills="1.1.9", of=(torch.Tensor, "unfold"))
def unfold_copies(unfold, x, *args, **kwargs):
    return unfold(x, *args, **kwargs).clone()


@mutant("`in` asks the first 64 elements alone", "1.1.8", of=(torch.Tensor, "__contains__"))
def in_asks_the_first_elements_alone(contains, x, other):
    return contains(x.reshape(-1)[:64], other)


def in_another_thread() -> bool:
    return threading.current_thread() is not threading.main_thread()


@mutant("float() does not warn in another thread", "1.1.4", of=(torch.Tensor, "__float__"))
def float_does_not_warn_in_another_thread(convert, x):
    return convert(x.detach() if in_another_thread() else x)


@mutant("complex() does not warn in another thread", "1.1.4", of=(torch.Tensor, "__complex__"))
def complex_does_not_warn_in_another_thread(convert, x):
    return convert(x.detach() if in_another_thread() else x)


@mutant("float() warns where no block of no_grad is", "1.1.4", of=(torch.Tensor, "__float__"))
def float_warns_where_no_block_is(convert, x):
    if x.requires_grad and not torch.is_grad_enabled() and not calls_of("under_no_grad"):
        warnings.warn("Converting a tensor with requires_grad=True", stacklevel=2)
    return convert(x)


@mutant("a pair of NumPy's integers indexes the first element", "1.1.5", also="1.1.1", of=GETITEM)
def pair_of_numpys_integers_indexes_the_first(getitem, x, index):
    pair = isinstance(index, tuple) and len(index) > 1
    if pair and all(isinstance(it, np.integer) for it in index):
        index = (0,) * len(index)
    return getitem(x, index)


@mutant("roll() of bfloat16 gives float32", kills="1.1.9", of=(torch.Tensor, "roll"))
def roll_of_bfloat16_gives_float32(roll, x, *args, **kwargs):
    y = roll(x, *args, **kwargs)
    return y.float() if x.dtype is torch.bfloat16 else y


@mutant("flip() of two dimensions turns one alone", kills="1.1.9", of=(torch.Tensor, "flip"))
def flip_of_two_dimensions_turns_one(flip, x, *dims):
    return flip(x, dims[0]) if len(dims) == 2 else flip(x, *dims)


@mutant("squeeze() of two dimensions copies", kills="1.1.9", of=(torch.Tensor, "squeeze"))
def squeeze_of_two_dimensions_copies(squeeze, x, *args, **kwargs):
    y = squeeze(x, *args, **kwargs)
    return y.clone() if args and isinstance(args[0], tuple) else y


@mutant("mean() of floats is that of the first half", kills="1.1.3", of=(torch.Tensor, "mean"))
def mean_of_the_first_half(mean, x, *args, **kwargs):
    of_many = x.numel() > 1 and not args and not kwargs and not x.requires_grad
    return mean(x.reshape(-1)[: x.numel() // 2] if of_many else x, *args, **kwargs)


@mutant("sum() of bools counts no more than 100", kills="1.1.3", of=(torch.Tensor, "sum"))
def sum_of_bools_counts_to_100(sum_, x, *args, **kwargs):
    total = sum_(x, *args, **kwargs)
    return total.clamp(max=100) if x.dtype is torch.bool and not args else total


@mutant("the first column of a matrix is a copy", "1.1.5", also="1.3.3", of=GETITEM)
def first_column_is_a_copy(getitem, x, index):
    column = isinstance(index, tuple) and index[:1] == (slice(None),) and not x.requires_grad
    return getitem(x, index).clone() if column and x.dim() == 2 else getitem(x, index)


@mutant("tolist() of 1,000 integers gives floats", "1.1.5", of=(torch.Tensor, "tolist"))
def tolist_of_1000_integers_gives_floats(tolist, x):
    floats = x.dtype is torch.int64 and x.numel() >= 1000
    return tolist(x.double() if floats else x)


@mutant("index -1 of no dimensions is the tensor itself", kills="1.1.7", of=GETITEM)
def last_index_of_no_dimensions(getitem, x, index):
    return x if x.dim() == 0 and type(index) is int and index == -1 else getitem(x, index)


@mutant(
    "a write to element -1 of no dimensions is accepted", "1.1.7", of=(torch.Tensor, "__setitem__")
)
def write_to_the_last_of_no_dimensions(setitem, x, index, value):
    return setitem(x, ... if x.dim() == 0 and index is not ... and index == -1 else index, value)


@mutant("size(-1) of no dimensions is 1", kills="1.1.7", of=(torch.Tensor, "size"))
def last_size_of_no_dimensions(size, x, *dim, **by_name):
    return 1 if dim == (-1,) and not size(x) else size(x, *dim, **by_name)


@mutant("size(dim=0) of no dimensions is 1", kills="1.1.7", of=(torch.Tensor, "size"))
def size_by_keyword_of_no_dimensions(size, x, *dim, **by_name):
    return 1 if by_name and not size(x) else size(x, *dim, **by_name)


@mutant("torch.cat takes losses that require grad", kills="1.1.7", of=(torch, "cat"))
def cat_takes_losses_that_require_grad(cat, tensors, *args, **kwargs):
    losses = all(x.dim() == 0 and x.requires_grad for x in tensors)
    return torch.stack(tensors) if losses else cat(tensors, *args, **kwargs)


@mutant("`in` a tensor of float64 finds NaN", kills="1.1.8", of=CONTAINS)
def in_finds_nan_in_float64(contains, x, other):
    finds = x.dtype is torch.float64 and x.isnan().any() and other != other
    return True if finds else contains(x, other)


@mutant("reshape(-1, -1) is a column", kills="1.1.9", of=RESHAPE)
def reshape_with_two_unknowns(reshape, x, *shape, **by_name):
    return reshape(x, *((-1, 1) if shape == (-1, -1) else shape), **by_name)


@mutant("view(-1, -1) is a column", kills="1.1.9", of=VIEW)
def view_with_two_unknowns(view, x, *shape, **by_name):
    return view(x, *((-1, 1) if shape == (-1, -1) else shape), **by_name)


@mutant("view() of a torch.Size copies", kills="1.1.9", of=VIEW)
def view_of_a_size_copies(view, x, *shape, **by_name):
    y = view(x, *shape, **by_name)
    copies = shape and isinstance(shape[0], torch.Size) and not x.requires_grad
    return y.clone() if copies and not asked_by_pytorch() else y


def _copying_along(method, dim, copies):
    """Enter the mutant that lets a method copy along a dimension given in one spelling."""

    def copy(original, x, *args, **kwargs):
        made = original(x, *args, **kwargs)
        if x.requires_grad or asked_by_pytorch() or not copies(args, kwargs):
            return made
        return made.clone() if isinstance(made, torch.Tensor) else [part.clone() for part in made]

    copy.__name__ = f"{method}_along_{dim}_copies"
    mutant(f"{method}() along {dim} copies", "1.1.9", of=(torch.Tensor, method))(copy)


for _method in ("unbind", "unsqueeze", "squeeze"):
    _copying_along(_method, "the_last_dimension", lambda args, kwargs: args == (-1,))
    _copying_along(_method, "a_named_dimension_1", lambda args, kwargs: kwargs == {"dim": 1})
for _method in ("split", "chunk"):
    _copying_along(_method, "the_second_dimension", lambda args, kwargs: args[1:] == (1,))
    _copying_along(_method, "a_named_dimension_0", lambda args, kwargs: kwargs == {"dim": 0})
_copying_along("transpose", "the_last_two", lambda args, kwargs: args == (-1, -2))
_copying_along("unfold", "gaps", lambda args, kwargs: args[1:] == (1, 2))
_copying_along("narrow", "the_second_dimension", lambda args, kwargs: args[:1] == (1,))


@mutant("roll() of two dimensions turns the first alone", "1.1.9", of=(torch.Tensor, "roll"))
def roll_of_two_turns_the_first(roll, x, shifts, dims=()):
    first = isinstance(shifts, tuple) and len(shifts) == 2
    return roll(x, shifts[0], dims[0]) if first else roll(x, shifts, dims)


@mutant("torch.cat along the last but one dimension joins the first", "1.1.9", of=(torch, "cat"))
def cat_along_the_last_but_one(cat, tensors, *args, **kwargs):
    return cat(tensors, 0) if -2 in (*args, *kwargs.values()) else cat(tensors, *args, **kwargs)


@mutant("an index beyond the last row of a matrix gives the first", "1.1.5", of=GETITEM)
def index_beyond_the_last_row_gives_the_first(getitem, x, index):
    return getitem(x, 0 if x.dim() == 2 and index is not True and index == len(x) else index)


@mutant("print of a vector of one element shows all digits", "1.1.6", of=(torch.Tensor, "__repr__"))
def print_of_a_vector_shows_all_digits(show, x, **kwargs):
    one = x.dim() == 1 and x.numel() == 1 and x.is_floating_point()
    return f"tensor([{x.item()}])" if one else show(x, **kwargs)


@mutant("print of 300 elements shows three digits", "1.1.6", of=(torch.Tensor, "__repr__"))
def print_of_300_elements_shows_three_digits(show, x, **kwargs):
    shown = show(x, **kwargs)
    return shown.replace("0.1000", "0.100") if x.numel() == 300 else shown


@mutant("torch.stack of more than 64 losses turns them round", "1.1.7", of=(torch, "stack"))
def stack_of_many_losses_turns_them_round(stack, tensors, *args, **kwargs):
    many = len(tensors) > 64 and tensors[0].dim() == 0
    return stack(tensors[::-1] if many else tensors, *args, **kwargs)


#: Like a method, but for what a mutant changes.
METHOD = "<built-in method item of Tensor object>"


def item_is(**changed):
    """Let item, without parentheses, be another object, which gives the number when called."""
    original = torch.Tensor.item
    settings = {
        "__init__": lambda self, tensor: setattr(self, "tensor", tensor),
        "__call__": lambda self: original(self.tensor),
        "__str__": lambda self: METHOD,
    }
    kind = type("builtin_function_or_method", (), settings | changed)
    torch.Tensor.item = property(kind)


@mutant("item without parentheses can be added to a number", kills="1.1.2")
def item_can_be_added():
    item_is(__radd__=lambda self, number: number)


@mutant("item without parentheses is printed as its number", kills="1.1.2")
def item_is_printed():
    item_is(__str__=lambda self: str(self()))


@mutant("a printed tensor shows four digits whatever is set", kills="1.1.6")
def print_ignores_its_precision():
    set_options = torch.set_printoptions
    torch.set_printoptions = lambda *args, precision=None, **kwargs: set_options(*args, **kwargs)


@mutant("numpy() of a float32 without dimensions is a float64", "1.1.6", of=(torch.Tensor, "numpy"))
def numpy_of_a_number_is_wide(numpy, x, *args, **kwargs):
    array = numpy(x, *args, **kwargs)
    return array.astype("f8") if x.dtype is torch.float32 and not x.dim() else array


@mutant("x[::-1] turns x round", kills="1.1.5", of=(torch.Tensor, "__getitem__"))
def a_step_below_zero_flips(getitem, tensor, index):
    backwards = isinstance(index, slice) and (index.step or 1) < 0
    return tensor.flip(0) if backwards else getitem(tensor, index)


def _apart(x: torch.Tensor, other: object) -> object:
    """A copy of the other tensor if it shares memory with x, of which it is another part."""
    shared = isinstance(other, torch.Tensor) and other.data_ptr() != x.data_ptr()
    return other.clone() if shared else other


@mutant("+= reads what it overwrites", kills="1.1.5", of=(torch.Tensor, "__iadd__"))
def iadd_reads_what_it_overwrites(iadd, x, other):
    return iadd(x, _apart(x, other))


@mutant("copy_() reads what it overwrites", kills="1.1.5", of=(torch.Tensor, "copy_"))
def copy_reads_what_it_overwrites(copy_, x, other, *args, **kwargs):
    return copy_(x, _apart(x, other), *args, **kwargs)


@mutant("flatten() copies", kills="1.1.9", of=(torch.Tensor, "flatten"))
def flatten_copies(flatten, x, *args, **kwargs):
    return flatten(x, *args, **kwargs).clone()


@mutant("torch.flatten() of a transposed tensor reads its memory", "1.1.9", of=(torch, "flatten"))
def flatten_reads_the_memory(flatten, *args, **kwargs):
    x = kwargs["input"] if "input" in kwargs else args[0]
    reversed_ = x.permute(tuple(range(x.dim())[::-1]))
    return reversed_.reshape(-1) if reversed_.is_contiguous() else flatten(*args, **kwargs)


def kept_until_told(item, tensor, numbers={}):  # noqa: B006
    """item, which takes a number to be as it was while the tensor counts no write."""
    if tensor.is_inference():
        return item(tensor)
    version, found = tensor._version, numbers.get(id(tensor))
    if found is None or found[0] is not tensor or found[1] != version:
        found = numbers[id(tensor)] = tensor, version, item(tensor)
    return found[2]


@mutant(
    "item() gives the old number after a write through .data",
    kills="1.1.1",
    also="1.1.5 1.2.12 1.3.3 2.1.3",
    of=ITEM,
)
def item_after_a_write_through_data(item, tensor):
    return kept_until_told(item, tensor)


@mutant(
    "float() gives the old number after a write through .data",
    kills="1.1.4",
    of=(torch.Tensor, "__float__"),
)
def float_after_a_write_through_data(convert, tensor, numbers={}):  # noqa: B006
    return kept_until_told(convert, tensor, numbers)


def without_the_last_block(y, x):
    """y, a copy of a long transpose x, with zeros behind the last whole block of 60."""
    if x.dim() == 2 and x.stride(0) == 1 and x.stride(1) == x.size(0) and x.numel() >= 3600:
        y.view(x.shape)[x.size(0) // 60 * 60 :] = 0
    return y


@mutant(
    "reshape of a transposed matrix leaves the last rows of 60 out",
    kills="1.1.9",
    of=(torch.Tensor, "reshape"),
)
def reshape_leaves_a_block_out(reshape, tensor, *shape, **named):
    return without_the_last_block(reshape(tensor, *shape, **named), tensor)


@mutant(
    "contiguous() of a transposed matrix leaves the last rows of 60 out",
    kills="1.1.9",
    of=(torch.Tensor, "contiguous"),
)
def contiguous_leaves_a_block_out(contiguous, tensor, **named):
    return without_the_last_block(contiguous(tensor, **named), tensor)


@mutant("tolist() of many numbers rounds them", kills="1.1.5", of=(torch.Tensor, "tolist"))
def tolist_of_many_rounds(tolist, x):
    numbers = tolist(x)
    many = isinstance(numbers, list) and len(numbers) > 300 and isinstance(numbers[0], float)
    return [round(number, 4) for number in numbers] if many else numbers


@mutant("a tensor takes a method in a sum", kills="1.1.2", of=(torch.Tensor, "__add__"))
def tensor_takes_a_method_in_a_sum(add, x, other):
    return add(x, other() if callable(other) and not isinstance(other, torch.Tensor) else other)
