"""Changes to taking a value out of a tensor (chapter 1.1)."""

from __future__ import annotations

import torch

from meta_tests.mutants import mutant

ITEM = (torch.Tensor, "item")


@mutant("item() of an integer is a float", kills="1.1.1", also="1.4.3", of=ITEM)
def item_of_an_integer_is_a_float(item, tensor):
    return float(item(tensor)) if tensor.dtype is torch.int64 else item(tensor)


@mutant("item() of an int8 reads it as unsigned", kills="1.1.1", of=ITEM)
def item_of_an_int8_is_unsigned(item, tensor):
    return item(tensor) % 256 if tensor.dtype is torch.int8 else item(tensor)


@mutant("item() of an integer goes through a float", kills="1.1.1", of=ITEM)
def item_of_a_large_integer_is_rounded(item, tensor):
    return int(float(item(tensor))) if tensor.dtype is torch.int64 else item(tensor)


@mutant("item() of a whole float is an int", kills="1.1.1", of=ITEM)
def item_of_a_whole_float_is_an_int(item, tensor):
    number = item(tensor)
    return int(number) if type(number) is float and number.is_integer() else number


@mutant("item() of a bool is an int", kills="1.1.1", of=ITEM)
def item_of_a_bool_is_an_int(item, tensor):
    return int(item(tensor)) if tensor.dtype is torch.bool else item(tensor)


@mutant("item() of a bool is its opposite", kills="1.1.1", also="1.3.4", of=ITEM)
def item_of_a_bool_is_negated(item, tensor):
    return not item(tensor) if tensor.dtype is torch.bool else item(tensor)


@mutant("item() loses the sign of zero", kills="1.1.1", of=ITEM)
def item_loses_the_sign_of_zero(item, tensor):
    number = item(tensor)
    return number + 0.0 if type(number) is float else number


@mutant("item() of a complex number with no imaginary part is a float", kills="1.1.1", of=ITEM)
def item_of_a_real_complex_is_a_float(item, tensor):
    number = item(tensor)
    return number.real if type(number) is complex and number.imag == 0 else number


@mutant(
    "item() of a complex number takes its real part for both", kills="1.1.1", also="1.3.4", of=ITEM
)
def item_of_a_complex_repeats_its_real_part(item, tensor):
    number = item(tensor)
    return complex(number.real, number.real) if type(number) is complex else number


@mutant(
    "item() of a complex number takes its imaginary part for both",
    kills="1.1.1",
    also="1.3.4",
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
    also="1.2.4",
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
    also="1.2.3 1.2.4 1.3.2 1.3.4 2.2.2 3.4 4.4 4.5",
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
