"""Changes to automatic differentiation (chapter 1.2)."""

from __future__ import annotations

import copy
import functools
import re
import threading
import warnings

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from meta_tests.mutants import (
    GENERATING_WEARER,
    INPUTS,
    WEARER,
    asked_by_pytorch,
    calls_of,
    mutant,
    read_as,
    replace,
)


def leaves(tensor: Tensor) -> list[Tensor]:
    """The leaves of the tensor's graph, which accumulate gradients."""
    found, seen, todo = [], set(), [tensor.grad_fn]
    while todo:
        node = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            found.append(node.variable)
        todo += [following for following, _ in node.next_functions]
    return found


BACKWARD = (Tensor, "backward")
OWN = (torch.autograd.function.BackwardCFunction, "apply")


@mutant(
    "torch.tensor forgets requires_grad=True",
    kills="1.2.1",
    also="1.2.2 1.2.3 1.2.4 1.2.7 1.2.10 1.2.11 1.2.14 1.2.15 1.2.18 4.7",
)
def tensor_forgets_requires_grad():
    original = torch.tensor
    torch.tensor = lambda *args, requires_grad=False, **kwargs: original(*args, **kwargs)


@mutant(
    "torch.tensor always requires grad for floats",
    kills="1.2.1",
    also="1.2.4 1.2.11",
    of=(torch, "tensor"),
)
def tensor_always_requires_grad(tensor, *args, **kwargs):
    result = tensor(*args, **kwargs)
    return result.requires_grad_() if result.is_floating_point() else result


@mutant(
    "torch.tensor with requires_grad=True is no leaf",
    kills="1.2.1",
    also="1.2.2 1.2.3 1.2.4 1.2.7 1.2.10 1.2.11 1.2.14 1.2.15 1.2.18",
    of=(torch, "tensor"),
)
def tensor_that_requires_grad_is_no_leaf(tensor, *args, **kwargs):
    result = tensor(*args, **kwargs)
    return result.clone() if result.requires_grad else result


@mutant("torch.tensor says that its result requires grad", kills="1.2.1", also="1.2.11 2.3.4")
def tensor_claims_to_require_grad():
    original = torch.tensor

    def tensor(*args, **kwargs):
        result = original(*args, **kwargs)
        result.by_tensor = True
        return result

    torch.tensor = tensor
    read_as("requires_grad", lambda tensor, value: value or hasattr(tensor, "by_tensor"))


@mutant(
    "the gradient of a sum of tensors counts double",
    kills="1.2.1",
    also="1.2.4 1.2.5 1.2.7 1.2.10 1.2.15 1.2.16 1.2.17 2.4.1",
)
def gradient_of_a_sum_is_doubled():
    original = Tensor.__add__

    def add(self, other):
        result = original(self, other)
        if isinstance(other, Tensor) and result.requires_grad:
            result.register_hook(lambda gradient: 2 * gradient)
        return result

    Tensor.__add__ = add


@mutant(
    "what adds a number to a tensor does not require grad",
    kills="1.2.1",
    also="1.2.2 1.2.3 1.2.4 1.2.9 1.2.10",
)
def sum_with_a_number_is_detached():
    original = Tensor.__add__
    Tensor.__add__ = lambda self, other: (
        original(self, other) if isinstance(other, Tensor) else original(self, other).detach()
    )


@mutant(
    "sum() of a leaf does not require grad",
    kills="1.2.1",
    also="1.2.3 1.2.4 1.2.6 1.2.9 1.2.11 4.1",
    of=(Tensor, "sum"),
)
def sum_of_a_leaf_is_detached(sum_, tensor, *args, **kwargs):
    result = sum_(tensor, *args, **kwargs)
    return result.detach() if tensor.is_leaf else result


@mutant("every sum with a number requires grad", kills="1.2.1", also="1.2.3 1.2.4")
def sum_with_a_number_requires_grad():
    original = Tensor.__add__

    def add(self, other):
        result = original(self, other)
        if result.is_leaf and result.is_floating_point() and not isinstance(other, Tensor):
            result.requires_grad_()
        return result

    Tensor.__add__ = add


@mutant("backward() gives constants a gradient too", kills="1.2.1", also="1.2.4")
def constants_get_a_gradient():
    original = Tensor.__add__
    constants = []

    def add(self, other):
        if isinstance(other, Tensor) and self.requires_grad and not other.requires_grad:
            constants.append(other)
        return original(self, other)

    def backward(self, *args, **kwargs):
        plain(self, *args, **kwargs)
        for constant in constants:
            constant.grad = torch.ones_like(constant)

    plain = Tensor.backward
    Tensor.__add__, Tensor.backward = add, backward


@mutant(
    "zeros(requires_grad=True) of float16 does not require grad",
    kills="1.2.1",
    also="1.2.4 1.2.18",
)
def zeros_of_float16_forgets_requires_grad():
    original = torch.zeros

    def zeros(*args, requires_grad=False, dtype=None, **kwargs):
        keep = requires_grad and dtype is not torch.float16
        return original(*args, requires_grad=keep, dtype=dtype, **kwargs)

    torch.zeros = zeros


@mutant(
    "requires_grad_() of complex tensors does nothing",
    kills="1.2.1",
    also="1.2.2 1.2.5 1.2.6 1.2.9 1.2.11 1.4.4 4.12",
)
def requires_grad_of_complex_is_ignored():
    original = Tensor.requires_grad_
    Tensor.requires_grad_ = lambda self, requires_grad=True: (
        self if self.is_complex() else original(self, requires_grad)
    )


@mutant("requires_grad_() of integers is silently ignored", kills="1.2.1")
def requires_grad_of_integers_is_ignored():
    original = Tensor.requires_grad_

    def requires_grad_(self, requires_grad=True):
        if self.is_floating_point() or self.is_complex():
            return original(self, requires_grad)
        return self

    Tensor.requires_grad_ = requires_grad_


@mutant("zeros(requires_grad=True) of bools is silently accepted", kills="1.2.1")
def zeros_of_bools_ignores_requires_grad():
    original = torch.zeros

    def zeros(*args, requires_grad=False, dtype=None, **kwargs):
        keep = requires_grad and dtype is not torch.bool
        return original(*args, requires_grad=keep, dtype=dtype, **kwargs)

    torch.zeros = zeros


class SquareWrongly(torch.autograd.Function):
    """x**2 with a gradient off by a millionth."""

    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return gradient * 2 * x * (1 + 1e-6)


@mutant(
    "the gradient of x**2 is off by a millionth", kills="1.2.2", also="1.2.6", of=(Tensor, "pow")
)
def gradient_of_pow_is_imprecise(pow_, tensor, exponent):
    if tensor.requires_grad and exponent == 2 and torch.is_grad_enabled():
        return SquareWrongly.apply(tensor)
    return pow_(tensor, exponent)


@mutant("the gradient of x**2 is x", kills="1.2.2", also="1.2.6", of=(Tensor, "pow"))
def gradient_of_pow_is_half(pow_, tensor, exponent):
    result = pow_(tensor, exponent)
    return result / 2 + result.detach() / 2 if result.requires_grad else result


@mutant(".grad of bfloat16 is float32", kills="1.2.2", also="1.2.1 1.2.17")
def grad_of_bfloat16_is_float32():
    def widened(tensor, grad):
        return grad.float() if tensor.dtype is torch.bfloat16 and grad is not None else grad

    read_as("grad", widened)


@mutant(".grad is zeros before the first backward()", kills="1.2.2", also="4.4", of=(Tensor, "pow"))
def grad_is_zeros_before_backward(pow_, tensor, exponent):
    if tensor.requires_grad and tensor.is_leaf and tensor.grad is None:
        tensor.grad = torch.zeros_like(tensor)
    return pow_(tensor, exponent)


@mutant(".grad requires grad itself", kills="1.2.2", also="1.2.9 1.2.15", of=BACKWARD)
def grad_requires_grad(backward, tensor, *args, **kwargs):
    found = leaves(tensor)
    backward(tensor, *args, **kwargs)
    for leaf in found:
        leaf.grad.requires_grad_()


@mutant(
    "backward() of a sum computes nothing",
    kills="1.2.6",
    also="1.2.1 1.2.2 1.2.3 1.2.5 1.2.7 1.2.9 1.2.10 1.2.11 1.2.12 1.2.13 1.2.14 "
    "1.2.15 1.2.16 1.2.17 1.2.18 1.3.13 2.3.11 2.4.1 2.4.2 3.7 4.5",
    of=BACKWARD,
)
def backward_of_0d_does_nothing(backward, tensor, *args, **kwargs):
    if tensor.requires_grad and not tensor.is_leaf and tensor.dim() == 0 and not args:
        return None
    return backward(tensor, *args, **kwargs)


@mutant(
    "backward() takes a step of gradient descent as well",
    kills="1.2.2",
    also="1.2.3 1.2.5 1.2.6 1.2.8 1.2.9 1.2.10 1.2.12 1.2.13 1.2.14 1.2.15 1.2.16 1.2.17 1.2.18 "
    "2.4.1 2.4.2",
    of=BACKWARD,
)
def backward_moves_the_leaves(backward, tensor, *args, **kwargs):
    found = leaves(tensor)
    backward(tensor, *args, **kwargs)
    with torch.no_grad():
        for leaf in found:
            leaf -= 0.1 * leaf.grad


class Slope(torch.autograd.Function):
    """a * x, whose gradient is its own, ``a`` scaled."""

    @staticmethod
    def forward(context, a, x, factor):
        context.slope = a * factor
        return x.detach() * a

    @staticmethod
    def backward(context, gradient):
        return None, gradient * context.slope, None


@mutant(
    "the gradient of a * x is -a",
    kills="1.2.2 1.2.6",
    also="1.2.4 1.2.5 1.2.9 1.2.11 1.2.12 1.2.13 1.2.14 1.2.15 1.2.16 1.2.17 1.2.18 2.2.1 2.4.1",
    of=(Tensor, "__rmul__"),
)
def gradient_of_a_product_has_the_wrong_sign(rmul, tensor, number):
    if tensor.requires_grad and torch.is_grad_enabled():
        return Slope.apply(number, tensor, -1)
    return rmul(tensor, number)


@mutant("the gradient of a * x is a only up to 100", kills="1.2.2", of=(Tensor, "__rmul__"))
def gradient_of_a_product_is_clipped(rmul, tensor, number):
    if tensor.requires_grad and torch.is_grad_enabled() and abs(number) > 100:
        return Slope.apply(number, tensor, 100 / abs(number))
    return rmul(tensor, number)


@mutant("a * x + b leaves b out", kills="1.2.2", also="1.2.3", of=(Tensor, "__add__"))
def sum_leaves_the_number_out(add, tensor, other):
    if tensor.requires_grad and not tensor.is_leaf and not isinstance(other, Tensor):
        return add(tensor, 0)
    return add(tensor, other)


@mutant(
    "a * x of a whole x is off by one",
    kills="1.2.2",
    also="1.2.3 1.2.4 1.2.5 1.2.7 1.2.11 1.2.12 1.2.14",
    of=(Tensor, "__rmul__"),
)
def product_is_off_by_one(rmul, tensor, number):
    return rmul(tensor, number) + 1 if tensor.requires_grad and number > 0 else rmul(tensor, number)


@mutant("a printed result does not name its grad_fn", kills="1.2.3", also="2.1.1")
def print_hides_grad_fn():
    original = Tensor.__repr__
    Tensor.__repr__ = Tensor.__str__ = lambda self, **kwargs: original(self).replace(
        ", grad_fn=<AddBackward0>", ""
    )


@mutant("a printed result shows requires_grad=True beside its grad_fn", kills="1.2.3", also="2.1.1")
def print_of_a_result_shows_requires_grad():
    original = Tensor.__repr__
    Tensor.__repr__ = Tensor.__str__ = lambda self, **kwargs: original(self).replace(
        "grad_fn=", "requires_grad=True, grad_fn="
    )


@mutant("a printed leaf does not show requires_grad=True", kills="1.2.3", also="2.1.1")
def print_hides_requires_grad():
    original = Tensor.__repr__
    Tensor.__repr__ = Tensor.__str__ = lambda self, **kwargs: original(self).replace(
        ", requires_grad=True", ""
    )


@mutant("a printed leaf shows grad_fn=None", kills="1.2.3", also="2.1.1")
def print_of_a_leaf_shows_grad_fn():
    original = Tensor.__repr__
    Tensor.__repr__ = Tensor.__str__ = lambda self, **kwargs: original(self).replace(
        "requires_grad=True", "requires_grad=True, grad_fn=None"
    )


@mutant(
    "a printed tensor without grad shows requires_grad=False",
    kills="1.2.3",
    also="1.3.1 1.4.2 2.1.1 2.1.3",
)
def print_shows_requires_grad_false():
    original = Tensor.__repr__

    def show(self, **kwargs):
        text = original(self)
        return text if self.requires_grad else text[:-1] + ", requires_grad=False)"

    Tensor.__repr__ = Tensor.__str__ = show


@mutant("a printed tensor without grad shows grad_fn=None", kills="1.2.3", also="1.3.1 1.4.2 2.1.1")
def print_shows_grad_fn_none():
    original = Tensor.__repr__

    def show(self, **kwargs):
        text = original(self)
        return text if self.requires_grad else text[:-1] + ", grad_fn=None)"

    Tensor.__repr__ = Tensor.__str__ = show


@mutant("torch.stack forgets the graph", kills="1.2.4 1.3.10", of=(torch, "stack"))
def stack_is_detached(stack, *args, **kwargs):
    return stack(*args, **kwargs).detach()


@mutant(
    "a product whose left factor is a constant forgets the graph",
    kills="1.2.4",
    also="1.2.11 1.2.18",
)
def product_with_a_constant_is_detached():
    original = Tensor.__mul__
    Tensor.__mul__ = lambda self, other: (
        original(self, other)
        if self.requires_grad or not isinstance(other, Tensor)
        else original(self, other).detach()
    )


@mutant("a difference is recorded without any input that requires grad", kills="1.2.4")
def difference_always_requires_grad():
    original = Tensor.__sub__
    Tensor.__sub__ = lambda self, other: (
        original(self, other)
        if self.requires_grad or not isinstance(other, Tensor)
        else original(self.detach().requires_grad_(self.is_floating_point()), other)
    )


@mutant("the gradient of x - y with respect to x is -1", kills="1.2.4")
def gradient_of_a_difference_has_the_wrong_sign():
    original = Tensor.__sub__

    def subtract(self, other):
        if isinstance(other, Tensor) and self.requires_grad and torch.is_grad_enabled():
            return original(with_gradient(self.view_as(self), torch.neg), other)
        return original(self, other)

    Tensor.__sub__ = subtract


@mutant("a leaf that requires grad has a grad_fn", kills="1.2.4", also="2.2.1 4.1")
def leaf_has_a_grad_fn():
    read_as("grad_fn", lambda tensor, node: "AccumulateGrad" if tensor.requires_grad else node)


@mutant("a tensor without grad has a grad_fn", kills="1.2.4 1.4.4 2.1.3 4.1 4.5 4.10")
def grad_fn_is_always_there():
    read_as("grad_fn", lambda tensor, node: node or (None if tensor.requires_grad else "None"))


@mutant(
    "requires_grad of a leaf reads False",
    kills="1.2.1 2.1.1 4.1 4.1",
    also="1.2.5 1.4.4 2.1.3 2.2.1 2.3.1 3.7",
)
def leaf_denies_that_it_requires_grad():
    read_as("requires_grad", lambda tensor, value: value and not tensor.is_leaf)


@mutant(
    "requires_grad of a leaf reads True",
    kills="1.2.1 2.3.4 4.1",
    also="1.2.2 1.2.4 1.3.1 1.4.4 2.1.3 2.3.3 4.1 4.2 4.5 4.6 4.7 4.8 4.9 4.10",
)
def leaf_claims_that_it_requires_grad():
    read_as("requires_grad", lambda tensor, value: value or tensor.is_leaf)


@mutant(
    "requires_grad of a result reads False",
    kills="1.2.1 1.2.4 4.1 4.5",
    also="1.4.4 4.2 4.6 4.7 4.8 4.9",
)
def result_denies_that_it_requires_grad():
    read_as("requires_grad", lambda tensor, value: value and tensor.is_leaf)


@mutant(
    "requires_grad always reads True",
    kills="1.2.1 1.2.4 4.1 4.5 4.6 4.10",
    also="1.2.2 1.3.1 1.4.4 2.1.3 2.3.3 2.3.4 4.2 4.7 4.8 4.9 4.1",
)
def everything_claims_to_require_grad():
    read_as("requires_grad", lambda tensor, value: True)


@mutant("add_ changes a leaf that requires grad", kills="1.2.5", also="4.10", of=(Tensor, "add_"))
def add_changes_a_leaf(add_, tensor, *args, **kwargs):
    with torch.set_grad_enabled(not (tensor.is_leaf and tensor.requires_grad)):
        return add_(tensor, *args, **kwargs)


@mutant(
    "x[...] = changes a leaf that requires grad",
    kills="1.2.5",
    also="1.2.4 1.2.14",
    of=(Tensor, "__setitem__"),
)
def assignment_changes_a_leaf(setitem, tensor, index, value):
    with torch.set_grad_enabled(not (tensor.is_leaf and tensor.requires_grad)):
        return setitem(tensor, index, value)


@mutant("zero_ changes a leaf that requires grad before it refuses", kills="1.2.5")
def zero_changes_a_leaf_and_refuses():
    original = Tensor.zero_

    def zero_(self):
        if self.is_leaf and self.requires_grad and torch.is_grad_enabled():
            original(self.detach())
        return original(self)

    Tensor.zero_ = zero_


@mutant("mul_ silently leaves a leaf that requires grad alone", kills="1.2.5", of=(Tensor, "mul_"))
def mul_passes_over_a_leaf(mul_, tensor, *args, **kwargs):
    if tensor.is_leaf and tensor.requires_grad and torch.is_grad_enabled():
        return tensor
    return mul_(tensor, *args, **kwargs)


@mutant(
    "add_ silently leaves a view of a leaf alone", kills="1.2.5", also="1.2.14", of=(Tensor, "add_")
)
def add_passes_over_a_view_of_a_leaf(add_, tensor, *args, **kwargs):
    if tensor._is_view() and tensor.requires_grad and torch.is_grad_enabled():
        return tensor
    return add_(tensor, *args, **kwargs)


@mutant(
    "add_ changes a view of a leaf before it refuses",
    kills="1.2.5",
    also="1.2.14",
    of=(Tensor, "add_"),
)
def add_changes_a_view_of_a_leaf_and_refuses(add_, tensor, *args, **kwargs):
    if tensor._is_view() and tensor.requires_grad:
        add_(tensor.detach(), *args, **kwargs)
    return add_(tensor, *args, **kwargs)


@mutant("mul_ under no_grad does nothing", kills="1.2.5", also="1.2.12", of=(Tensor, "mul_"))
def mul_under_no_grad_does_nothing(mul_, tensor, *args, **kwargs):
    return mul_(tensor, *args, **kwargs) if torch.is_grad_enabled() else tensor


@mutant("mul_ under no_grad freezes the leaf", kills="1.2.5", of=(Tensor, "mul_"))
def mul_under_no_grad_freezes(mul_, tensor, *args, **kwargs):
    result = mul_(tensor, *args, **kwargs)
    if tensor.is_leaf and not torch.is_grad_enabled():
        tensor.requires_grad_(False)
    return result


@mutant("mul_ of a tensor without grad returns a new one", kills="1.2.5", of=(Tensor, "mul_"))
def mul_is_not_in_place(mul_, tensor, *args, **kwargs):
    if tensor.requires_grad:
        return mul_(tensor, *args, **kwargs)
    return mul_(tensor.clone(), *args, **kwargs)


class ScaleInPlace(torch.autograd.Function):
    """x *= number, whose gradient forgets the number."""

    @staticmethod
    def forward(context, x, number):
        context.mark_dirty(x)
        x.data.mul_(number)
        return x

    @staticmethod
    def backward(context, gradient):
        return gradient, None


@mutant("the gradient of a result forgets what mul_ did to it", kills="1.2.5", of=(Tensor, "mul_"))
def gradient_forgets_mul(mul_, tensor, number):
    if tensor.requires_grad and not tensor.is_leaf and torch.is_grad_enabled():
        return ScaleInPlace.apply(tensor, number)
    return mul_(tensor, number)


@mutant("mul_ of a computed result does nothing to its values", kills="1.2.5", of=(Tensor, "mul_"))
def mul_of_a_result_keeps_its_values(mul_, tensor, number):
    result = mul_(tensor, number)
    if tensor.requires_grad and not tensor.is_leaf:
        result.data.div_(number)
    return result


@mutant("zero_ of a saved result goes unnoticed by backward()", kills="1.2.5", of=(Tensor, "zero_"))
def zero_goes_unnoticed(zero_, tensor):
    if tensor.requires_grad and not tensor.is_leaf:
        tensor.data.zero_()
        return tensor
    return zero_(tensor)


@mutant(
    "x[...] of a leaf that requires grad is a copy",
    kills="1.2.5",
    also="1.2.11 1.3.10",
    of=(Tensor, "__getitem__"),
)
def whole_of_a_leaf_is_a_copy(getitem, tensor, index):
    copied = index is ... and tensor.is_leaf and tensor.requires_grad and torch.is_grad_enabled()
    return getitem(tensor, index).clone() if copied else getitem(tensor, index)


@mutant("retain_grad() does nothing", kills="1.2.6", of=(Tensor, "retain_grad"))
def retain_grad_does_nothing(retain_grad, tensor):
    return None


@mutant("retain_grad() halves the gradient", kills="1.2.6", of=(Tensor, "retain_grad"))
def retain_grad_halves(retain_grad, tensor):
    tensor.register_hook(lambda gradient: gradient / 2)
    return retain_grad(tensor)


def without_derivative(tensor):
    """Whether it is what a comparison, argmax or a cast to integers gives."""
    return not (tensor.is_floating_point() or tensor.is_complex())


@mutant("integers and bools name a grad_fn", kills="1.2.4", also="1.2.3 1.4.4")
def integers_have_a_grad_fn():
    read_as("grad_fn", lambda tensor, node: "Cast" if without_derivative(tensor) else node)


@mutant("integers and bools say that they require grad", kills="1.2.4", also="1.2.1 1.4.5 2.3.4")
def integers_claim_to_require_grad():
    read_as("requires_grad", lambda tensor, value: value or without_derivative(tensor))


@mutant("backward() gives a computed result its gradient too", kills="1.2.6")
def results_get_a_gradient():
    original = Tensor.__rmul__

    def multiply(self, number):
        result = original(self, number)
        if result.requires_grad:
            result.retain_grad()
        return result

    Tensor.__rmul__ = multiply


@mutant("the result of a product counts as a leaf", kills="1.2.6")
def result_claims_to_be_a_leaf():
    read_as("is_leaf", lambda tensor, value: True)


@mutant(
    "a leaf that requires grad claims to be none", kills="1.2.1 1.2.5 1.2.6 2.1.1", also="2.2.1"
)
def leaf_claims_to_be_none():
    read_as("is_leaf", lambda tensor, value: value and not tensor.requires_grad)


@mutant("a second backward() overwrites the gradient", kills="1.2.6", also="1.2.7", of=BACKWARD)
def backward_overwrites_the_gradient(backward, tensor, *args, **kwargs):
    for leaf in leaves(tensor):
        leaf.grad = None
    return backward(tensor, *args, **kwargs)


@mutant("backward() of several elements sums them", kills="1.2.6", of=BACKWARD)
def backward_of_several_sums(backward, tensor, gradient=None, **kwargs):
    if gradient is None and tensor.numel() > 1:
        gradient = torch.ones_like(tensor)
    return backward(tensor, gradient, **kwargs)


@mutant("backward() ignores its gradient argument", kills="1.2.6", of=BACKWARD)
def backward_ignores_its_argument(backward, tensor, gradient=None, **kwargs):
    return backward(tensor, None if gradient is None else torch.ones_like(gradient), **kwargs)


@mutant("backward() always keeps the graph", kills="1.2.7", of=BACKWARD)
def backward_always_keeps_the_graph(backward, tensor, gradient=None, retain_graph=None, **kwargs):
    return backward(tensor, gradient, retain_graph=True, **kwargs)


@mutant("backward(retain_graph=True) overwrites the gradient next time", kills="1.2.7", of=BACKWARD)
def backward_after_retaining_overwrites(
    backward, tensor, gradient=None, retain_graph=None, **kwargs
):
    found = leaves(tensor)
    backward(tensor, gradient, retain_graph=retain_graph, **kwargs)
    if retain_graph:
        for leaf in found:
            leaf.grad = None


@mutant("a second backward() of a sum counts half", kills="1.2.7", of=(Tensor, "sum"))
def second_backward_of_a_sum_is_lost(sum_, tensor, *args, **kwargs):
    result = sum_(tensor, *args, **kwargs)
    if tensor.requires_grad and tensor.is_leaf and result.requires_grad:
        calls = []
        result.register_hook(lambda gradient: calls.append(1) or gradient * (len(calls) == 1))
    return result


# --- changes that show on some inputs, in some spelling, or the second time ---------------------


def when(owner, name, condition, change):
    """Let a function of PyTorch do ``change(original, *arguments)`` where the condition holds."""
    original = getattr(owner, name)

    def replacement(*args, **kwargs):
        if condition(*args, **kwargs):
            return change(original, *args, **kwargs)
        return original(*args, **kwargs)

    setattr(owner, name, replacement)


def on_some(name, breaks, kills, owner, attribute, condition, change, also=""):
    """Enter the mutant that lets a function do ``change`` where the condition holds."""

    def apply():
        when(owner, attribute, condition, change)

    apply.__name__ = name
    mutant(breaks, kills=kills, also=also)(apply)


def with_gradient(result: Tensor, change) -> Tensor:
    """The result, whose gradient is changed on its way back."""
    if result.requires_grad and result.grad_fn is not None:
        result.register_hook(change)
    return result


def last_doubled(gradient: Tensor) -> Tensor:
    gradient = gradient.clone()
    gradient.reshape(-1)[-1:] *= 2
    return gradient


def is_leaf_with_grad(tensor) -> bool:
    return tensor.is_leaf and tensor.requires_grad and torch.is_grad_enabled()


def is_result(tensor) -> bool:
    return tensor.requires_grad and not tensor.is_leaf and torch.is_grad_enabled()


def uncounted(in_place, tensor, *args, **kwargs):
    """What the in-place operation does, without autograd."""
    in_place(tensor.data, *args, **kwargs)
    return tensor


@mutant(
    "full(requires_grad=True) does not require grad",
    kills="1.2.1",
    also="1.2.17",
    of=(torch, "full"),
)
def full_forgets_requires_grad(full, *args, requires_grad=False, **kwargs):
    return full(*args, **kwargs)


@mutant(
    "randn(requires_grad=True) without a device does not require grad",
    kills="1.2.1",
    of=(torch, "randn"),
)
def randn_without_a_device_forgets_requires_grad(randn, *args, requires_grad=False, **kwargs):
    return randn(*args, requires_grad=requires_grad and "device" in kwargs, **kwargs)


def forgotten_by_tensor(condition):
    """Let torch.tensor forget requires_grad=True where the tensor fulfils the condition."""
    original = torch.tensor

    def tensor(*args, **kwargs):
        made = original(*args, **kwargs)
        return made.detach() if made.requires_grad and condition(made) else made

    torch.tensor = tensor


@mutant("torch.tensor of over 10,000 elements forgets requires_grad", kills="1.2.1")
def large_tensor_forgets_requires_grad():
    forgotten_by_tensor(lambda made: made.numel() > 10_000)


@mutant("torch.tensor of five dimensions forgets requires_grad", kills="1.2.1")
def tensor_of_five_dimensions_forgets_requires_grad():
    forgotten_by_tensor(lambda made: made.dim() == 5)


@mutant("requires_grad = True of integers is silently ignored", kills="1.2.1")
def requires_grad_of_integers_is_set_in_vain():
    attribute = Tensor.requires_grad

    def write(tensor, value):
        if tensor.is_floating_point() or tensor.is_complex():
            attribute.__set__(tensor, value)

    Tensor.requires_grad = property(attribute.__get__, write)


@mutant("a Parameter of integers is silently one without grad", kills="1.2.1")
def parameter_of_integers_does_not_require_grad():
    original = torch.nn.Parameter.__new__

    def new(cls, data=None, requires_grad=True):
        floats = data is None or data.is_floating_point() or data.is_complex()
        return original(cls, data, requires_grad and floats)

    torch.nn.Parameter.__new__ = new


@mutant("torch.tensor of Python's ints with requires_grad=True makes floats", kills="1.2.1")
def tensor_of_ints_that_requires_grad_makes_floats():
    when(
        torch,
        "tensor",
        lambda data, **kwargs: kwargs.get("requires_grad") and "dtype" not in kwargs,
        lambda tensor, data, **kwargs: tensor(data, dtype=torch.float32, **kwargs),
    )


@mutant("the last gradient of x**2 is wrong beyond 32,768 elements", kills="1.2.2", also="1.2.6")
def gradient_of_a_large_square_is_wrong():
    when(
        Tensor,
        "pow",
        lambda x, exponent: x.numel() > 32_768,
        lambda pow_, x, exponent: with_gradient(pow_(x, exponent), last_doubled),
    )


@mutant("the last gradient of x**2 is wrong from 65 elements on", kills="1.2.2", also="1.2.6")
def gradient_of_the_tail_of_a_square_is_wrong():
    when(
        Tensor,
        "pow",
        lambda x, exponent: x.numel() >= 65,
        lambda pow_, x, exponent: with_gradient(pow_(x, exponent), last_doubled),
    )


@mutant("the gradient of x * x counts one factor in five dimensions", kills="1.2.2", also="1.2.7")
def gradient_of_a_product_of_five_dimensions_is_half():
    when(
        Tensor,
        "__mul__",
        lambda x, y: x is y and x.dim() == 5,
        lambda mul, x, y: mul(x, y.detach()),
    )


@mutant("the gradient of x**2 doubles where x is expanded", kills="1.2.2")
def gradient_of_an_expanded_square_is_doubled():
    when(
        Tensor,
        "pow",
        lambda x, exponent: 0 in x.stride() and x.numel() > 1,
        lambda pow_, x, exponent: with_gradient(pow_(x, exponent), lambda g: 2 * g),
    )


@mutant("the gradient of square() of bfloat16 is halved", kills="1.2.2", of=(torch, "square"))
def gradient_of_a_square_of_bfloat16_is_half(square, x):
    return with_gradient(
        square(x), lambda gradient: gradient / 2 if x.dtype is torch.bfloat16 else gradient
    )


@mutant(
    "torch.autograd.backward goes back twice",
    kills="1.2.2",
    also="1.2.6",
    of=(torch.autograd, "backward"),
)
def autograd_backward_counts_double(backward, tensors, *args, **kwargs):
    if not asked_by_pytorch():
        backward(tensors, *args, retain_graph=True)
    return backward(tensors, *args, **kwargs)


@mutant("the gradient of x * a is a + 1 if x is transposed", kills="1.2.2")
def gradient_of_a_transposed_product_is_off():
    when(
        Tensor,
        "__mul__",
        lambda x, a: isinstance(a, (int, float)) and not x.is_contiguous(),
        lambda mul, x, a: mul(x, a) + (x - x.detach()).nan_to_num(0, 0, 0),
    )


@mutant("torch.mul(x, a) passes a gradient of 1", kills="1.2.2", of=(torch, "mul"))
def gradient_of_torch_mul_is_one(mul, input, other, **out):
    return (
        mul(input, other, **out)
        if out
        else with_gradient(mul(input, other), lambda g: g / other if other else g)
    )


@mutant("the gradient of a complex line is its slope", kills="1.2.2")
def gradient_of_a_complex_product_is_no_conjugate():
    when(
        Tensor,
        "__rmul__",
        lambda x, a: isinstance(a, complex) and a != 0,
        lambda rmul, x, a: with_gradient(rmul(x, a), lambda g: g * (a / a.conjugate())),
    )


@mutant("a slope in bfloat16 is cut off, not rounded", kills="1.2.2")
def slope_in_bfloat16_is_cut_off():
    when(
        Tensor,
        "__rmul__",
        lambda x, a: x.dtype is torch.bfloat16 and a == 259,
        lambda rmul, x, a: with_gradient(rmul(x, a), lambda g: g * (258 / 260)),
    )


@mutant("a printed result of five dimensions does not name its grad_fn", kills="1.2.3")
def print_of_five_dimensions_hides_grad_fn():
    original = Tensor.__repr__
    Tensor.__repr__ = Tensor.__str__ = lambda self, **kwargs: (
        original(self.detach()) if self.dim() == 5 else original(self)
    )


@mutant("a printed leaf of over 1,000 elements hides requires_grad", kills="1.2.3")
def print_of_a_large_leaf_hides_requires_grad():
    original = Tensor.__repr__
    Tensor.__repr__ = Tensor.__str__ = lambda self, **kwargs: (
        original(self.detach()) if self.is_leaf and self.numel() > 1000 else original(self)
    )


@mutant("every printed result names AddBackward0", kills="1.2.3", also="1.2.4")
def print_of_a_product_names_addition():
    original = Tensor.__repr__
    Tensor.__repr__ = Tensor.__str__ = lambda self, **kwargs: re.sub(
        "<[A-Za-z]+Backward0>", "<AddBackward0>", original(self)
    )


def detached(function, *args, **kwargs):
    return function(*args, **kwargs).detach()


@mutant("conv2d forgets the graph", kills="1.2.4", of=(torch.nn.functional, "conv2d"))
def conv2d_is_detached(conv2d, *args):
    return conv2d(*args) if asked_by_pytorch() else detached(conv2d, *args)


@mutant(
    "a matrix product forgets the graph", kills="1.2.4", also="1.2.3", of=(Tensor, "__matmul__")
)
def matrix_product_is_detached(matmul, x, y):
    return matmul(x, y).detach()


@mutant("batch_norm forgets the graph", kills="1.2.4", of=(torch.nn.functional, "batch_norm"))
def batch_norm_is_detached(batch_norm, *args, **kwargs):
    result = batch_norm(*args, **kwargs)
    return result if asked_by_pytorch() else result.detach()


@mutant("x /= y records nothing", kills="1.2.4", also="1.2.5 1.2.14", of=(Tensor, "__itruediv__"))
def division_in_place_is_not_recorded(itruediv, x, y):
    return itruediv(x, y) if is_leaf_with_grad(x) else uncounted(itruediv, x, y)


@mutant("a quotient is recorded under no_grad", kills="1.2.4", of=(Tensor, "__truediv__"))
def quotient_is_recorded_under_no_grad(truediv, x, y):
    with torch.enable_grad():
        return truediv(x, y)


@mutant("round() has a gradient of ones", kills="1.2.4", of=(Tensor, "round"))
def gradient_of_round_is_one(round_, x):
    return round_(x.detach()) + (x - x.detach()) if x.requires_grad else round_(x)


@mutant("y.gt_(0) leaves the gradient as it was", kills="1.2.4", of=(Tensor, "gt_"))
def gradient_passes_gt(gt_, x, other):
    return uncounted(gt_, x, other) if x.requires_grad else gt_(x, other)


@mutant("float() of a float32 tensor is a view", kills="1.2.4", also="1.3.2", of=(Tensor, "float"))
def float_is_a_view(float_, x):
    return float_(x) if x.dtype is not torch.float32 or asked_by_pytorch() else x.view_as(x)


@mutant(
    "dropout in evaluation is a view",
    kills="1.2.4",
    also="3.3",
    of=(torch.nn.functional, "dropout"),
)
def dropout_in_evaluation_is_a_view(dropout, x, p=0.5, training=True, inplace=False):
    return dropout(x, p, training, inplace) if training else x.view_as(x)


@mutant("backward() of a leaf does nothing", kills="1.2.4", of=BACKWARD)
def backward_of_a_leaf_does_nothing(backward, x, *args, **kwargs):
    return None if x.is_leaf and x.requires_grad else backward(x, *args, **kwargs)


@mutant(
    "backward() of a result without grad_fn does nothing", kills="1.2.4", also="1.2.15", of=BACKWARD
)
def backward_without_grad_fn_does_nothing(backward, x, *args, **kwargs):
    return backward(x, *args, **kwargs) if x.requires_grad else None


def accepted_by_a_leaf(name, condition=lambda x: True):
    """Let an in-place operation change a leaf that requires grad."""
    when(
        Tensor,
        name,
        lambda x, *args, **kwargs: is_leaf_with_grad(x) and condition(x),
        uncounted,
    )


@mutant("a leaf accepts x -= 1", kills="1.2.5", also="1.2.10")
def leaf_accepts_isub():
    accepted_by_a_leaf("__isub__")


@mutant("a leaf of five dimensions accepts x *= 2", kills="1.2.5")
def leaf_of_five_dimensions_accepts_imul():
    accepted_by_a_leaf("__imul__", lambda x: x.dim() == 5)


@mutant("a leaf of over 32,768 elements accepts fill_", kills="1.2.5")
def large_leaf_accepts_fill():
    accepted_by_a_leaf("fill_", lambda x: x.numel() > 32_768)


@mutant("a leaf of bfloat16 accepts x /= 2", kills="1.2.5")
def leaf_of_bfloat16_accepts_itruediv():
    accepted_by_a_leaf("__itruediv__", lambda x: x.dtype is torch.bfloat16)


@mutant("a complex leaf accepts neg_()", kills="1.2.5")
def complex_leaf_accepts_neg():
    accepted_by_a_leaf("neg_", torch.is_complex)


@mutant("a transposed leaf accepts copy_()", kills="1.2.5")
def transposed_leaf_accepts_copy():
    accepted_by_a_leaf("copy_", lambda x: not x.is_contiguous())


@mutant("a leaf accepts uniform_()", kills="1.2.5")
def leaf_accepts_uniform():
    accepted_by_a_leaf("uniform_")


@mutant("a leaf accepts relu(inplace=True)", kills="1.2.5", also="5.4 5.5")
def leaf_accepts_relu():
    when(
        torch.nn.functional,
        "relu",
        lambda x, inplace=False: inplace and is_leaf_with_grad(x),
        lambda relu, x, inplace: uncounted(lambda data: relu(data, inplace=True), x),
    )


@mutant("out= accepts a leaf that requires grad", kills="1.2.5", of=(torch, "add"))
def out_accepts_a_leaf(add, *args, out=None, **kwargs):
    if out is None:
        return add(*args, **kwargs)
    with torch.no_grad():
        return add(*args, out=out, **kwargs)


@mutant("what split() gives of a result accepts a change", kills="1.2.5", of=(Tensor, "split"))
def split_accepts(split, x, size, dim=0):
    return tuple(part.detach() for part in split(x, size, dim))


@mutant("what unbind() gives of a result accepts a change", kills="1.2.5", of=(Tensor, "unbind"))
def unbind_accepts(unbind, x, dim=0):
    return tuple(x.select(dim, i) for i in range(x.shape[dim]))


@mutant("overwriting a factor goes unnoticed by backward()", kills="1.2.5", also="1.2.4 1.2.12")
def overwritten_factor_goes_unnoticed():
    when(
        Tensor,
        "__mul__",
        lambda x, y: x is y,
        lambda mul, x, y: mul(copied := x.clone(), copied),
    )


@mutant("the gradient of a result forgets what -= did to it", kills="1.2.5", also="1.2.4 1.2.14")
def gradient_forgets_neg():
    when(Tensor, "neg_", is_result, uncounted)


@mutant("neg_() under no_grad does nothing to transposed leaves", kills="1.2.5")
def neg_under_no_grad_does_nothing():
    when(
        Tensor,
        "neg_",
        lambda x: x.requires_grad and not torch.is_grad_enabled() and not x.is_contiguous(),
        lambda neg_, x: x,
    )


def counted(tensor) -> int:
    """How often this was asked of the tensor."""
    tensor.asked = getattr(tensor, "asked", 0) + 1
    return tensor.asked


@mutant("the third backward() adds nothing", kills="1.2.6", also="1.2.7 1.2.16", of=BACKWARD)
def third_backward_adds_nothing(backward, tensor, *args, **kwargs):
    before = [(x, x.grad.clone()) for x in leaves(tensor) if counted(x) == 3 and x.grad is not None]
    backward(tensor, *args, **kwargs)
    for leaf, grad in before:
        leaf.grad = grad


@mutant("a graph cannot be kept a second time", kills="1.2.7", also="1.2.16", of=BACKWARD)
def graph_is_kept_once(backward, tensor, *args, **kwargs):
    if kwargs.get("retain_graph") and counted(tensor) == 2:
        return None
    return backward(tensor, *args, **kwargs)


@mutant(
    "backward() of one element in three dimensions does nothing",
    kills="1.2.6",
    also="1.2.2 1.2.4",
    of=BACKWARD,
)
def backward_of_one_element_does_nothing(backward, tensor, *args, **kwargs):
    return None if tensor.dim() == 3 and tensor.numel() == 1 else backward(tensor, *args, **kwargs)


@mutant("backward() of a complex element takes a gradient of 1", kills="1.2.6", of=BACKWARD)
def backward_of_a_complex_element_needs_no_gradient(backward, tensor, gradient=None, **kwargs):
    if gradient is None and tensor.is_complex() and tensor.numel() == 1:
        gradient = torch.ones_like(tensor)
    return backward(tensor, gradient, **kwargs)


@mutant("backward(gradient=...) by keyword is ignored", kills="1.2.6", also="1.2.2", of=BACKWARD)
def gradient_by_keyword_is_ignored(backward, tensor, *args, gradient=None, **kwargs):
    if gradient is not None:
        args = (torch.ones_like(gradient),)
    return backward(tensor, *args, **kwargs)


@mutant("backward() takes a gradient of another shape", kills="1.2.6", of=BACKWARD)
def gradient_of_another_shape_is_taken(backward, tensor, gradient=None, **kwargs):
    if gradient is not None and gradient.shape != tensor.shape:
        gradient = torch.ones_like(tensor)
    return backward(tensor, gradient, **kwargs)


@mutant("a write through detach() goes unnoticed", kills="1.2.12", of=(Tensor, "detach"))
def write_through_detach_goes_unnoticed(detach, tensor):
    return tensor.data


@mutant("zero_() under no_grad goes unnoticed", kills="1.2.12", of=(Tensor, "zero_"))
def zero_under_no_grad_goes_unnoticed(zero_, tensor):
    return zero_(tensor) if torch.is_grad_enabled() else uncounted(zero_, tensor)


@mutant("a write through the .data of a result is lost", kills="1.2.12")
def data_of_a_result_is_a_copy():
    attribute = Tensor.data

    def read(tensor):
        copied = is_result(tensor) and not asked_by_pytorch()
        return attribute.__get__(tensor.detach().clone() if copied else tensor)

    Tensor.data = property(read, attribute.__set__)


@mutant("the gradient counts what was done under no_grad", kills="1.2.12", of=(Tensor, "mul_"))
def gradient_counts_mul_under_no_grad(mul_, tensor, other):
    if tensor.is_leaf:
        return mul_(tensor, other)
    with torch.enable_grad():
        return mul_(tensor, other)


@mutant(
    "SGD's step goes unnoticed by backward()",
    kills="1.2.13",
    also="2.4.2 2.4.4 2.4.5 2.4.7 4.11 4.12",
    of=(torch.optim.SGD, "step"),
)
def step_goes_unnoticed(step, optimizer, *closure):
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            if parameter.grad is not None:
                parameter.data.sub_(group["lr"] * parameter.grad)


@mutant("a linear layer computes with a copy of its weight", kills="1.2.13")
def linear_copies_its_weight():
    original = torch.nn.functional.linear
    torch.nn.functional.linear = lambda x, weight, bias=None: original(x, weight.clone(), bias)


@mutant("a second backward() after a step adds nothing", kills="1.2.13")
def backward_after_a_step_adds_nothing():
    backward, step, steps = Tensor.backward, torch.optim.SGD.step, []

    def counted(tensor, *args, **kwargs):
        if getattr(tensor, "steps_before", len(steps)) == len(steps):
            backward(tensor, *args, **kwargs)
        tensor.steps_before = len(steps)

    def stepped(optimizer, *args, **kwargs):
        steps.append(1)
        return step(optimizer, *args, **kwargs)

    Tensor.backward, torch.optim.SGD.step = counted, stepped


@mutant(
    "an assignment to a result passes the old gradient on",
    kills="1.2.14",
    also="1.2.4 1.2.5",
    of=(Tensor, "__setitem__"),
)
def assignment_is_not_counted(setitem, tensor, index, value):
    if is_result(tensor):
        return setitem(tensor.data, index, value)
    return setitem(tensor, index, value)


@mutant("what is added to itself gets the gradient of one", kills="1.2.5", of=(Tensor, "__add__"))
def a_sum_with_itself_passes_half(add, tensor, other):
    return add(tensor, other.detach() if other is tensor and is_result(tensor) else other)


@mutant("what is assigned loses its graph", kills="1.2.14", also="1.2.4")
def assigned_value_is_detached():
    when(
        Tensor,
        "__setitem__",
        lambda x, index, value: isinstance(value, Tensor) and value.requires_grad,
        lambda setitem, x, index, value: setitem(x, index, value.detach()),
    )


@mutant("a *= b of a tensor without grad forgets b's graph", kills="1.2.14")
def product_in_place_is_detached():
    when(
        Tensor,
        "__imul__",
        lambda x, y: isinstance(y, Tensor) and not x.requires_grad,
        lambda imul, x, y: imul(x, y.detach()),
    )


@mutant("masked_fill_() passes the gradient on", kills="1.2.14")
def masked_fill_is_not_counted():
    when(Tensor, "masked_fill_", lambda x, *args: is_result(x), uncounted)


@mutant("a write to a diagonal is not counted", kills="1.2.14", of=(Tensor, "diagonal"))
def diagonal_is_detached(diagonal, tensor):
    return diagonal(tensor.detach())


@mutant("an assignment under no_grad is recorded", kills="1.2.14", also="1.2.4 1.2.12")
def assignment_under_no_grad_is_recorded():
    original = Tensor.__setitem__

    def setitem(self, index, value):
        with torch.set_grad_enabled(isinstance(value, Tensor) or torch.is_grad_enabled()):
            original(self, index, value)

    Tensor.__setitem__ = setitem


@mutant("requires_grad_(False) gives another tensor", kills="1.2.9", also="1.2.5")
def requires_grad_of_false_is_not_in_place():
    when(
        Tensor,
        "requires_grad_",
        lambda x, requires_grad=True: not requires_grad and x.is_leaf,
        lambda requires_grad_, x, requires_grad: x.detach(),
    )


@mutant("a computed result ignores requires_grad_(False)", kills="1.2.9")
def result_ignores_that_it_shall_stop():
    when(
        Tensor,
        "requires_grad_",
        lambda x, requires_grad=True: not requires_grad and not x.is_leaf,
        lambda requires_grad_, x, requires_grad: x,
    )


@mutant("requires_grad = False detaches a computed result", kills="1.2.9")
def result_is_detached_by_the_attribute():
    attribute = Tensor.requires_grad
    Tensor.requires_grad = property(
        attribute.__get__,
        lambda x, value: attribute.__set__(x, value) if x.is_leaf else x.detach_(),
    )


@mutant("requires_grad_(True) makes a computed result a leaf", kills="1.2.9", also="1.2.10")
def result_becomes_a_leaf():
    when(
        Tensor,
        "requires_grad_",
        lambda x, requires_grad=True: requires_grad and not x.is_leaf,
        lambda requires_grad_, x, requires_grad=True: requires_grad_(x.detach_()),
    )


@mutant("the second requires_grad_(True) of a leaf is ignored", kills="1.2.9", also="1.2.10")
def leaf_is_switched_on_once():
    when(
        Tensor,
        "requires_grad_",
        lambda x, requires_grad=True: requires_grad and x.is_leaf and counted(x) > 1,
        lambda requires_grad_, x, requires_grad=True: x,
    )


@mutant("a leaf frozen after it was used still gets a gradient", kills="1.2.9")
def freezing_comes_too_late():
    when(
        Tensor,
        "requires_grad_",
        lambda x, requires_grad=True: not requires_grad and x.dim() == 1 and x.requires_grad,
        lambda requires_grad_, x, requires_grad: x,
    )


@mutant("to() of a leaf gives a leaf", kills="1.2.10", also="1.2.4 1.2.17", of=(Tensor, "to"))
def cast_of_a_leaf_is_a_leaf(to, tensor, *args, **kwargs):
    result = to(tensor, *args, **kwargs)
    if result is tensor or asked_by_pytorch() or not result.requires_grad:
        return result
    return result.detach().requires_grad_()


@mutant("reading .grad of a computed result does not warn", kills="1.2.10")
def grad_of_a_result_is_read_in_silence():
    attribute = Tensor.grad

    def read(tensor):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return attribute.__get__(tensor)

    Tensor.grad = property(read, attribute.__set__, attribute.__delete__)


@mutant("a comparison counts in the gradient", kills="1.2.10", also="1.2.4 1.2.14 1.2.18")
def comparison_has_a_gradient():
    when(
        Tensor,
        "__gt__",
        lambda x, other: x.requires_grad and x.grad_fn is None and x.dtype is torch.float64,
        lambda gt, x, other: gt(x, other) + (x - x.detach()).nan_to_num(0, 0, 0),
    )


@mutant("w -= step under no_grad does nothing", kills="1.2.10", also="2.4.1")
def subtraction_under_no_grad_does_nothing():
    when(
        Tensor,
        "__isub__",
        lambda x, other: isinstance(other, Tensor) and not torch.is_grad_enabled(),
        lambda isub, x, other: x,
    )


@mutant("w - step keeps w's gradient", kills="1.2.10", of=(Tensor, "__sub__"))
def difference_keeps_the_gradient(sub, x, other):
    result = sub(x, other)
    if isinstance(other, Tensor) and not other.requires_grad and is_result(result):
        result.retain_grad()
    return result


@mutant(
    "clone() doubles the gradient", kills="1.2.11", also="1.2.4 1.2.5 1.3.4", of=(Tensor, "clone")
)
def clone_doubles_the_gradient(clone, x, **kwargs):
    return with_gradient(clone(x, **kwargs), lambda gradient: 2 * gradient)


@mutant("clone() of four dimensions is a view", kills="1.2.11", also="1.2.5 1.4.1 1.4.5")
def clone_of_four_dimensions_is_a_view():
    when(
        Tensor,
        "clone",
        lambda x, **kwargs: x.dim() == 4 and x.requires_grad,
        lambda clone, x, **kwargs: x.view_as(x),
    )


@mutant("detach() of a leaf copies", kills="1.2.11", also="1.2.12 1.4.4", of=(Tensor, "detach"))
def detach_of_a_leaf_copies(detach, x):
    return detach(x).clone() if is_leaf_with_grad(x) and not asked_by_pytorch() else detach(x)


@mutant("torch.detach passes the gradient on", kills="1.2.11", of=(torch, "detach"))
def detach_passes_the_gradient_on(detach, x):
    return x.view_as(x)


@mutant("deepcopy leaves the gradient behind", kills="1.2.11", of=(Tensor, "__deepcopy__"))
def deepcopy_forgets_the_gradient(deepcopy, x, memo):
    result = deepcopy(x, memo)
    result.grad = None
    return result


@mutant("deepcopy detaches a computed result", kills="1.2.11", of=(Tensor, "__deepcopy__"))
def deepcopy_detaches(deepcopy, x, memo):
    return deepcopy(x if x.is_leaf else x.detach(), memo)


def makes_of_a_tensor(change):
    """Let torch.tensor of a tensor do ``change(torch.tensor, x)``."""
    when(torch, "tensor", lambda data, **kwargs: isinstance(data, Tensor), change)


@mutant("torch.tensor(t) does not warn", kills="1.2.11")
def tensor_of_a_tensor_is_silent():
    makes_of_a_tensor(lambda tensor, x, **kwargs: x.detach().clone())


def warned(result):
    warnings.warn("To copy construct from a tensor", UserWarning, stacklevel=2)
    return result


@mutant("torch.tensor(t) shares t's memory", kills="1.2.11")
def tensor_of_a_tensor_shares_its_memory():
    makes_of_a_tensor(lambda tensor, x, **kwargs: warned(x.detach()))


@mutant("torch.tensor(t) keeps t's graph", kills="1.2.11")
def tensor_of_a_tensor_keeps_the_graph():
    makes_of_a_tensor(lambda tensor, x, **kwargs: warned(x.clone()))


@mutant("torch.as_tensor of a list of losses keeps their graph", kills="1.3.10")
def as_tensor_keeps_the_graph():
    when(
        torch,
        "as_tensor",
        lambda data: isinstance(data, list) and data[0].numel() == 1,
        lambda as_tensor, data: torch.stack(data),
    )


@mutant("torch.tensor of tensors of several elements stacks them", kills="1.3.10")
def tensor_of_tensors_stacks():
    when(
        torch,
        "tensor",
        lambda data, **kwargs: isinstance(data, list) and data and isinstance(data[0], Tensor),
        lambda tensor, data, **kwargs: torch.stack(data).detach(),
    )


@mutant("backward(retain_graph=True) counts double", kills="1.2.7", also="1.2.6 1.2.13 1.2.16")
def backward_that_retains_counts_double():
    when(
        Tensor,
        "backward",
        lambda x, *args, **kwargs: kwargs.get("retain_graph"),
        lambda backward, x, *args, **kwargs: (
            backward(x, *args, **kwargs),
            backward(x, *args, **kwargs),
        )[0],
    )


@mutant("a state's second detach() does not detach", kills="1.2.7", of=(Tensor, "detach"))
def detach_of_a_state_passes_the_gradient_on(detach, x):
    is_state = x.dim() == 0 and is_result(x) and x.grad_fn.name() == "AddBackward0"
    return x.view_as(x) if is_state and not asked_by_pytorch() else detach(x)


KEPT: list[object] = []


@mutant("item() keeps the graph", kills="1.2.8", of=(Tensor, "item"))
def item_keeps_the_graph(item, x):
    KEPT.append(x.grad_fn)
    return item(x)


@mutant("detach() keeps the graph", kills="1.2.8", of=(Tensor, "detach"))
def detach_keeps_the_graph(detach, x):
    KEPT.append(x.grad_fn)
    return detach(x)


@mutant("a running sum forgets the graphs", kills="1.2.8", also="1.2.2 1.2.17")
def running_sum_is_detached():
    original = Tensor.__radd__
    Tensor.__radd__ = lambda self, number: original(self.detach(), number)


@mutant(
    "a list of losses keeps no graph after backward()", kills="1.2.8", also="1.2.6", of=BACKWARD
)
def backward_detaches_its_result(backward, x, *args, **kwargs):
    backward(x, *args, **kwargs)
    if x.dim() == 0 and not kwargs.get("retain_graph") and not x.is_leaf and not x._is_view():
        x.detach_()


GRAD = (torch.autograd, "grad")


@mutant("torch.autograd.grad fills .grad as well", kills="1.2.15", of=GRAD)
def autograd_grad_fills_grad(grad, outputs, inputs, **kwargs):
    found = grad(outputs, inputs, **kwargs)
    for x, gradient in zip([inputs] if isinstance(inputs, Tensor) else inputs, found, strict=True):
        if x.is_leaf and gradient is not None:
            x.grad = gradient
    return found


@mutant("torch.autograd.grad keeps the graph", kills="1.2.15", of=GRAD)
def autograd_grad_keeps_the_graph(grad, outputs, inputs, **kwargs):
    return grad(outputs, inputs, **{"retain_graph": True, **kwargs})


@mutant("torch.autograd.grad conjugates the gradient of complex numbers", kills="1.2.15", of=GRAD)
def autograd_grad_conjugates(grad, outputs, inputs, *args, **kwargs):
    return tuple(it if it is None else it.conj() for it in grad(outputs, inputs, *args, **kwargs))


@mutant("torch.autograd.grad ignores grad_outputs", kills="1.2.15", of=GRAD)
def autograd_grad_ignores_its_weights(grad, outputs, inputs, grad_outputs=None, **kwargs):
    if isinstance(grad_outputs, Tensor):
        grad_outputs = torch.ones_like(grad_outputs)
    return grad(outputs, inputs, grad_outputs=grad_outputs, **kwargs)


@mutant("torch.autograd.grad of a result counts double", kills="1.2.15", of=GRAD)
def autograd_grad_of_a_result_is_doubled(grad, outputs, inputs, **kwargs):
    asked = [inputs] if isinstance(inputs, Tensor) else inputs
    found = grad(outputs, inputs, **kwargs)
    return tuple(
        gradient if gradient is None or x.is_leaf else 2 * gradient
        for x, gradient in zip(asked, found, strict=True)
    )


@mutant("torch.autograd.grad gives None for an unused input unasked", kills="1.2.15", of=GRAD)
def autograd_grad_always_allows_unused(grad, outputs, inputs, **kwargs):
    return grad(outputs, inputs, **{"allow_unused": True, **kwargs})


@mutant("torch.autograd.grad gives zeros for None", kills="1.2.15", of=GRAD)
def autograd_grad_gives_zeros(grad, outputs, inputs, **kwargs):
    found = grad(outputs, inputs, **kwargs)
    asked = [inputs] if isinstance(inputs, Tensor) else inputs
    return tuple(
        torch.zeros_like(x) if gradient is None else gradient
        for x, gradient in zip(asked, found, strict=True)
    )


@mutant("backward(inputs=...) fills every .grad", kills="1.2.15 1.2.16", also="1.2.6", of=BACKWARD)
def backward_ignores_its_inputs(backward, x, *args, inputs=None, **kwargs):
    return backward(x, *args, **kwargs)


@mutant("backward(inputs=...) skips computed results", kills="1.2.15", also="1.2.6", of=BACKWARD)
def backward_skips_results(backward, x, *args, inputs=None, **kwargs):
    asked = [inputs] if isinstance(inputs, Tensor) else inputs
    if asked:
        inputs = [tensor for tensor in asked if tensor.is_leaf]
        if not inputs:
            return None
    return backward(x, *args, inputs=inputs, **kwargs)


@mutant("a gradient with create_graph forgets its graph", kills="1.2.15", of=GRAD)
def gradient_with_create_graph_is_detached(
    grad, outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, **kwargs
):
    found = grad(outputs, inputs, grad_outputs, retain_graph, create_graph, **kwargs)
    return tuple(gradient.detach() for gradient in found) if create_graph else found


@mutant("the second derivative is doubled", kills="1.2.15", of=GRAD)
def second_derivative_is_doubled(grad, *args, **kwargs):
    found = grad(*args, **kwargs)
    for gradient in found:
        if gradient is not None:
            with_gradient(gradient, lambda second: 2 * second)
    return found


@mutant("every gradient requires grad", kills="1.2.15", of=GRAD)
def gradient_always_requires_grad(grad, outputs, inputs, **kwargs):
    found = grad(outputs, inputs, **kwargs)
    return tuple(None if gradient is None else gradient.requires_grad_() for gradient in found)


@mutant("backward(create_graph=True) leaves a constant", kills="1.2.15", of=BACKWARD)
def backward_ignores_create_graph(backward, x, *args, create_graph=False, **kwargs):
    return backward(x, *args, **kwargs)


HOOK = (Tensor, "register_hook")


@mutant("what a hook returns is ignored", kills="1.2.16", of=HOOK)
def hook_returns_in_vain(register_hook, x, hook):
    def call(gradient):
        hook(gradient)

    return register_hook(x, call)


@mutant("remove() leaves the hook where it is", kills="1.2.16", of=HOOK)
def hook_stays(register_hook, x, hook):
    register_hook(x, hook)
    return register_hook(x, lambda gradient: None)


@mutant("a hook runs after .grad was written", kills="1.2.16", of=HOOK)
def hook_comes_late(register_hook, x, hook):
    def call(gradient):
        if x.is_leaf and x.grad is None:
            x.grad = torch.zeros_like(x)
        return hook(gradient)

    return register_hook(x, call)


@mutant("a hook on a result is called once", kills="1.2.16", of=HOOK)
def hook_is_called_once(register_hook, x, hook):
    calls = []

    def call(gradient):
        calls.append(1)
        return hook(gradient) if x.is_leaf or len(calls) == 1 else None

    return register_hook(x, call)


@mutant("a second hook runs before the first", kills="1.2.16", of=HOOK)
def hooks_run_backwards(register_hook, x, hook):
    hooks = x.__dict__.setdefault("hooks", [])
    hooks.insert(0, hook)
    if len(hooks) > 1:
        return None

    def call(gradient):
        for each in hooks:
            changed = each(gradient)
            gradient = gradient if changed is None else changed
        return gradient

    return register_hook(x, call)


@mutant("a hook that returns None stops the gradient", kills="1.2.16", of=HOOK)
def hook_without_result_stops_the_gradient(register_hook, x, hook):
    def call(gradient):
        changed = hook(gradient)
        return torch.zeros_like(gradient) if changed is None else changed

    return register_hook(x, call)


@mutant("register_hook of a tensor without grad does nothing", kills="1.2.16", of=HOOK)
def hook_without_grad_is_ignored(register_hook, x, hook):
    return register_hook(x, hook) if x.requires_grad else None


@mutant(
    "a gradient counts at most three uses", kills="1.2.17", also="1.2.6", of=(Tensor, "__rmul__")
)
def fourth_use_is_lost(rmul, x, number):
    result = rmul(x, number)
    return result.detach() if x.is_leaf and number == 4 else result


@mutant("a graph ends after 500 sums", kills="1.2.17", of=(Tensor, "__add__"))
def a_graph_ends_after_500_sums(add, tensor, other):
    depth = getattr(tensor, "depth", 0)
    result = add(tensor.detach() if depth == 500 else tensor, other)
    if isinstance(result, Tensor):
        result.depth = depth + 1
    return result


@mutant("the gradient of what was broadcast is the mean over its copies", kills="1.2.17")
def gradient_of_a_broadcast_is_the_mean():
    original = Tensor.__mul__

    def mul(self, other):
        result = original(self, other)
        if (
            isinstance(other, Tensor)
            and result.numel() > self.numel() > 0
            and is_leaf_with_grad(self)
        ):
            share = self.numel() / result.numel()
            scaled = with_gradient(self.view_as(self), lambda gradient: gradient * share)
            return original(scaled, other)
        return result

    Tensor.__mul__ = mul


@mutant("a gradient of float64 reads as float32", kills="1.2.17", also="1.2.1 1.2.2 2.4.8")
def grad_of_float64_is_float32():
    read_as(
        "grad",
        lambda x, grad: grad.float() if grad is not None and x.dtype is torch.float64 else grad,
    )


@mutant("an element that was indexed twice gets half of its gradient", "1.2.17", also="1.3.10")
def gradient_of_an_index_is_halved():
    when(
        Tensor,
        "__getitem__",
        lambda x, index: index[:4] == [0, 2, 2, 2] if isinstance(index, list) else False,
        lambda getitem, x, index: with_gradient(getitem(x, index), lambda g: g / 2),
    )


@mutant("where() stops NaN in the gradient", kills="1.2.18", of=(torch, "where"))
def where_stops_nan(where, condition, x, y):
    def sane(tensor):
        for node in (tensor.grad_fn,) if isinstance(tensor, Tensor) and tensor.grad_fn else ():
            node.register_hook(lambda inputs, outputs: tuple(g.nan_to_num(0) for g in inputs))
        return tensor

    return where(condition, sane(x), y)


@mutant("masked_fill() passes the gradient on", kills="1.2.18", of=(Tensor, "masked_fill"))
def masked_fill_passes_the_gradient_on(masked_fill, x, mask, value):
    return masked_fill(x.detach(), mask, value) + (x - x.detach())


@mutant(
    "detect_anomaly overlooks NaN", kills="1.2.18", of=(torch.autograd.detect_anomaly, "__init__")
)
def detect_anomaly_overlooks_nan(init, mode, check_nan=True):
    init(mode, check_nan=False)


@mutant(
    "set_detect_anomaly overlooks NaN",
    kills="1.2.18",
    of=(torch.autograd.set_detect_anomaly, "__init__"),
)
def set_detect_anomaly_overlooks_nan(init, mode, enabled, check_nan=True):
    init(mode, enabled, check_nan=False)


@mutant("a fused step does nothing", kills="1.2.13", of=(torch.optim.SGD, "step"))
def fused_step_does_nothing(step, optimizer, *closure):
    return None if optimizer.defaults.get("fused") else step(optimizer, *closure)


@mutant("an integer tensor rounds what is assigned up", kills="1.2.14", also="1.2.4")
def integers_round_up():
    when(
        Tensor,
        "__setitem__",
        lambda x, index, value: isinstance(value, Tensor) and not x.is_floating_point(),
        lambda setitem, x, index, value: setitem(x, index, value + 1),
    )


@mutant("backward() through x // 2 gives zeros", kills="1.2.4", of=(Tensor, "__floordiv__"))
def floor_division_has_a_gradient(floordiv, x, other):
    return (x / other).floor() if x.requires_grad else floordiv(x, other)


@mutant(
    "backward() of a divided mean starts gradients afresh",
    kills="2.4.4",
    also="3.15",
    of=(Tensor, "backward"),
)
def backward_of_a_divided_mean_starts_afresh(backward, loss, *args, **kwargs):
    step = loss.grad_fn
    if step and "Div" in step.name() and "Mean" in str(step.next_functions[0][0]):
        for leaf in leaves(loss):
            leaf.grad = None
    backward(loss, *args, **kwargs)


@mutant("abs() has a gradient of 1 at zero", kills="1.2.18", of=(Tensor, "abs"))
def gradient_of_abs_at_zero_is_one(abs_, x):
    return abs_(x) + (x - x.detach()) * (x.detach() == 0) if x.requires_grad else abs_(x)


@mutant("log() has a gradient of zero at zero", kills="1.2.18", of=(Tensor, "log"))
def gradient_of_log_at_zero_is_finite(log, x):
    return with_gradient(log(x), lambda gradient: gradient * (x.detach() != 0) + 0)


@mutant("max() gives its gradient to the first of equals", kills="1.2.18", of=(Tensor, "max"))
def gradient_of_max_goes_to_the_first(max_, x, *args, **kwargs):
    return x.reshape(-1)[x.argmax()] if not args and not kwargs else max_(x, *args, **kwargs)


@mutant("amin() gives each of equals the whole gradient", kills="1.2.18", of=(Tensor, "amin"))
def gradient_of_amin_is_not_shared(amin, x, *args, **kwargs):
    equals = (x == x.detach().min()).sum()
    return with_gradient(amin(x, *args, **kwargs), lambda gradient: gradient * equals)


@mutant("max(dim=0) shares its gradient among equals", kills="1.2.18")
def gradient_of_max_along_a_dimension_is_shared():
    when(
        Tensor,
        "max",
        lambda x, *args, **kwargs: kwargs == {"dim": 0},
        lambda max_, x, dim: torch.return_types.max((x.amax(dim), max_(x, dim).indices)),
    )


@mutant("backward(create_graph=True) adds in place", kills="1.2.6", of=BACKWARD)
def backward_with_create_graph_adds_in_place(backward, tensor, *args, **kwargs):
    before = [(x, x.grad) for x in leaves(tensor) if x.grad is not None]
    backward(tensor, *args, **kwargs)
    for leaf, grad in before:
        if kwargs.get("create_graph"):
            grad.detach().copy_(leaf.grad)


@mutant("backward() leaves a new .grad each time", kills="1.2.6", of=BACKWARD)
def backward_adds_out_of_place(backward, tensor, *args, **kwargs):
    for leaf in leaves(tensor):
        if leaf.grad is not None:
            leaf.grad = leaf.grad.clone()
    return backward(tensor, *args, **kwargs)


@mutant("backward() under no_grad does nothing", kills="1.2.2", of=BACKWARD)
def backward_under_no_grad_does_nothing(backward, tensor, *args, **kwargs):
    if not torch.is_grad_enabled():
        for leaf in leaves(tensor):
            leaf.grad = torch.zeros_like(leaf)
        return None
    return backward(tensor, *args, **kwargs)


@mutant("retain_grad() of a tensor without grad does nothing", kills="1.2.6")
def retain_grad_without_grad_is_ignored():
    when(Tensor, "retain_grad", lambda x: not x.requires_grad, lambda retain_grad, x: None)


@mutant(".grad takes a gradient of another dtype", kills="1.2.17")
def grad_takes_another_dtype():
    attribute = Tensor.grad

    def write(tensor, grad):
        attribute.__set__(tensor, grad if grad is None else grad.to(tensor.dtype))

    Tensor.grad = property(attribute.__get__, write, attribute.__delete__)


@mutant("a post accumulate grad hook is called once", kills="1.2.16")
def post_accumulate_grad_hook_is_called_once():
    name = "register_post_accumulate_grad_hook"  # since 2.1
    original = getattr(Tensor, name)

    def register(self, hook):
        handle = original(self, lambda x: (handle.remove(), hook(x))[1])
        return handle

    setattr(Tensor, name, register)


@mutant("to() of a leaf's own device copies it", kills="1.2.10", also="1.2.4", of=(Tensor, "to"))
def to_its_own_device_copies(to, x, *args, **kwargs):
    result = to(x, *args, **kwargs)
    return x.clone() if result is x and is_leaf_with_grad(x) and not asked_by_pytorch() else result


@mutant("materialize_grads=True gives ones", kills="1.2.15", of=GRAD)
def materialized_gradients_are_ones(
    grad, outputs, inputs, *args, materialize_grads=False, **kwargs
):
    if not materialize_grads:
        return grad(outputs, inputs, *args, **kwargs)
    found = grad(outputs, inputs, *args, **{**kwargs, "allow_unused": True})
    return tuple(
        torch.ones_like(x) if gradient is None else gradient
        for x, gradient in zip(inputs, found, strict=True)
    )


@mutant("a computed result silently takes a post accumulate grad hook", kills="1.2.16")
def post_accumulate_grad_hook_of_a_result_is_ignored():
    when(
        Tensor,
        "register_post_accumulate_grad_hook",  # since 2.1
        lambda x, hook: not x.is_leaf,
        lambda register, x, hook: None,
    )


@mutant("maximum() gives its gradient to the first of equals", kills="1.2.18")
def gradient_of_maximum_goes_to_the_first():
    when(
        torch,
        "maximum",
        lambda input, other, **out: input.requires_grad and other.requires_grad,
        lambda maximum, input, other: torch.where(input >= other, input, other),
    )


def of_clones(function, *args, **kwargs):
    """What the function gives of copies, so that no write reaches what it saved."""
    return function(*(x.clone() for x in args), **kwargs)


for _name, _spelling, _owner in (
    ("reshape", "x.reshape()", Tensor),
    ("logsumexp", "x.logsumexp()", Tensor),
    ("conv3d", "F.conv3d", F),
    ("log_softmax", "F.log_softmax", F),
    ("tensordot", "torch.tensordot", torch),
):
    on_some(
        f"{_name}_forgets_the_graph",
        f"{_spelling} forgets the graph",
        "1.2.4",
        _owner,
        _name,
        lambda *args, **kwargs: True,
        detached,
        also="1.2.10",
    )
for _name in ("sigmoid_", "index_put_", "triu_"):
    on_some(
        f"a_leaf_accepts_{_name}",
        f"a leaf accepts x.{_name}()",
        "1.2.5",
        Tensor,
        _name,
        lambda x, *args: is_leaf_with_grad(x),
        uncounted,
    )
for _name, _spelling in (("eye", "torch.eye"), ("scalar_tensor", "torch.scalar_tensor")):
    on_some(
        f"{_name}_forgets_requires_grad",
        f"{_spelling} forgets requires_grad=True",
        "1.2.1",
        torch,
        _name,
        lambda *args, **kwargs: True,
        lambda make, *args, requires_grad=False, **kwargs: make(*args, **kwargs),
    )
for _name, _breaks, _kills, _owner, _attribute, _condition, _change in (
    (
        "gradient_of_a_float_power_is_doubled",
        "the gradient of x**2.0 is doubled",
        "1.2.2",
        Tensor,
        "__pow__",
        lambda x, power: type(power) is float and power == 2,
        lambda pow_, x, power: with_gradient(pow_(x, power), lambda gradient: 2 * gradient),
    ),
    (
        "a_complex_leaf_hides_requires_grad",
        "a printed complex leaf hides requires_grad",
        "1.2.3",
        Tensor,
        "__repr__",
        lambda x, **kwargs: x.is_complex() and x.is_leaf,
        lambda repr_, x, **kwargs: repr_(x.detach(), **kwargs),
    ),
    (
        "a_view_of_a_part_of_a_leaf_accepts_add",
        "a diagonal of a leaf accepts add_",
        "1.2.5",
        Tensor,
        "add_",
        lambda x, *args, **kwargs: (
            is_result(x) and x._is_view() and x._base.is_leaf and x.dim() < x._base.dim()
        ),
        uncounted,
    ),
    (
        "a_second_change_of_a_result_is_not_counted",
        "the second mul_() of a result is not counted in its gradient",
        "1.2.5",
        Tensor,
        "mul_",
        lambda x, *args: is_result(x) and x._version > 0,
        uncounted,
    ),
    (
        "a_change_of_a_saved_softmax_goes_unnoticed",
        "a change of what softmax() saved goes unnoticed",
        "1.2.5",
        Tensor,
        "softmax",
        lambda *args: True,
        lambda softmax, *args: softmax(*args).clone(),
    ),
    (
        "a_change_of_a_saved_matrix_goes_unnoticed",
        "a change of what x @ y saved goes unnoticed",
        "1.2.5",
        Tensor,
        "__matmul__",
        lambda *args: True,
        of_clones,
    ),
    (
        "retain_grad_of_four_dimensions_does_nothing",
        "retain_grad() of four dimensions does nothing",
        "1.2.6",
        Tensor,
        "retain_grad",
        lambda x: x.dim() == 4,
        lambda retain_grad, x: None,
    ),
    (
        "flatten_of_a_view_is_a_leaf",
        "flatten() of a view gives a leaf",
        "1.2.10",
        Tensor,
        "flatten",
        lambda x, *args: x._is_view() and x.requires_grad and not asked_by_pytorch(),
        lambda flatten, x, *args: flatten(x, *args).detach().requires_grad_(),
    ),
    (
        "clone_with_a_memory_format_detaches",
        "clone(memory_format=...) cuts the gradient off",
        "1.2.11",
        Tensor,
        "clone",
        lambda x, **kwargs: "memory_format" in kwargs and not asked_by_pytorch(),
        detached,
    ),
    (
        "deepcopy_of_a_parameter_is_a_tensor",
        "deepcopy of a Parameter is a plain leaf",
        "1.2.11",
        nn.Parameter,
        "__deepcopy__",
        lambda x, memo: not asked_by_pytorch(),
        lambda deepcopy, x, memo: x.detach().clone().requires_grad_(),
    ),
    (
        "grad_of_two_outputs_counts_the_first",
        "torch.autograd.grad of two outputs counts the first",
        "1.2.15",
        torch.autograd,
        "grad",
        lambda y=None, *args, **kwargs: isinstance(y, tuple) and not asked_by_pytorch(),
        lambda grad, y, x, grad_outputs: grad(y[0], x, grad_outputs[0]),
    ),
    (
        "a_third_hook_is_ignored",
        "the third hook of a tensor is ignored",
        "1.2.16",
        Tensor,
        "register_hook",
        lambda x, hook: len(x._backward_hooks or ()) == 2,
        lambda register_hook, x, hook: register_hook(x, lambda gradient: None),
    ),
    (
        "index_select_counts_one_use",
        "index_select() of an element taken twice has no gradient",
        "1.2.17",
        Tensor,
        "index_select",
        lambda *args: True,
        lambda select, x, dim, index: with_gradient(
            select(x, dim, index), lambda gradient: gradient * (len(index.unique()) == len(index))
        ),
    ),
    (
        "norm_of_a_matrix_of_zeros_has_no_gradient",
        "the gradient of the norm of a matrix of zeros is NaN",
        "1.2.18",
        Tensor,
        "norm",
        lambda x, *args, **kwargs: x.dim() == 2,
        lambda norm, x, *args, **kwargs: (x * x).sum().sqrt(),
    ),
):
    on_some(_name, _breaks, _kills, _owner, _attribute, _condition, _change)


@mutant("a real x gets the imaginary part of a complex slope", kills="1.2.2")
def real_gets_the_imaginary_part():
    original = Tensor.__rmul__

    def rmul(x, other):
        result = original(x, other)
        if isinstance(other, complex) and not x.is_complex():
            return with_gradient(result, lambda gradient: 1j * gradient)
        return result

    Tensor.__rmul__ = rmul


@mutant("unique() has no grad_fn", kills="1.2.4", of=(torch, "unique"))
def unique_has_no_grad_fn(unique, x, *args, **kwargs):
    return unique(x.detach(), *args, **kwargs)


@mutant("unique_consecutive() can be differentiated", kills="1.2.4")
def unique_consecutive_is_differentiable():
    torch.unique_consecutive = lambda x, **kwargs: x.flatten().sort().values[:1]


@mutant("+= of a view of a result is lost under no_grad", kills="1.2.5")
def addition_in_place_to_a_view_is_lost_under_no_grad():
    when(
        Tensor,
        "__iadd__",
        lambda x, other: x.requires_grad and x._is_view() and not torch.is_grad_enabled(),
        lambda iadd, x, other: x,
    )


@mutant("+= under no_grad counts twice in the gradient", kills="1.2.5")
def addition_in_place_under_no_grad_counts_in_the_gradient():
    original = Tensor.__iadd__

    def iadd(x, other):
        if x.requires_grad and x._is_view() and not torch.is_grad_enabled():
            x._base.register_hook(lambda gradient: 2 * gradient)
        return original(x, other)

    Tensor.__iadd__ = iadd


@mutant("+= takes an expanded tensor", kills="1.2.5")
def addition_in_place_takes_an_expanded_tensor():
    when(
        Tensor,
        "__iadd__",
        lambda x, other: 0 in x.stride(),
        lambda iadd, x, other: x + other,
    )


@mutant("backward() adds to the .grad of a result in place", kills="1.2.6")
def backward_adds_in_place_to_a_result():
    retaining = []

    def retain_grad(original, x):
        retaining.append(x)
        original(x)

    def backward(original, tensor, *args, **kwargs):
        before = [(x, x.grad) for x in retaining if x.grad is not None]
        original(tensor, *args, **kwargs)
        for x, grad in before:
            grad.copy_(x.grad)

    when(Tensor, "retain_grad", lambda x: True, retain_grad)
    when(Tensor, "backward", lambda *args, **kwargs: True, backward)


@mutant(
    "backward() of no element needs no gradient argument", kills="1.2.6", also="1.2.7", of=BACKWARD
)
def backward_of_no_element_needs_no_gradient(backward, tensor, gradient=None, **kwargs):
    if gradient is None and tensor.numel() == 0:
        gradient = torch.ones_like(tensor)
    return backward(tensor, gradient, **kwargs)


@mutant(
    "autograd.grad with create_graph=True fills .grad as well",
    kills="1.2.7",
    also="1.2.15",
    of=GRAD,
)
def grad_with_create_graph_fills_grad(grad, outputs, inputs, *args, **kwargs):
    found = grad(outputs, inputs, *args, **kwargs)
    if kwargs.get("create_graph") and isinstance(inputs, Tensor):
        inputs.grad = found[0].detach().clone()
    return found


@mutant(
    "a difference requires grad under no_grad as well",
    kills="1.2.10",
    also="1.2.4 1.3.9 4.1 4.2 4.3 4.5 4.6 4.8 4.11",
    of=(Tensor, "__sub__"),
)
def difference_under_no_grad_requires_grad(sub, x, other):
    result = sub(x, other)
    return result.requires_grad_() if x.requires_grad and not result.requires_grad else result


@mutant(
    "deepcopy of a Parameter copies its .grad",
    kills="1.2.11",
    of=(nn.Parameter, "__deepcopy__"),
)
def deepcopy_of_a_parameter_copies_its_grad(deepcopy, parameter, memo):
    copied = deepcopy(parameter, memo)
    if parameter.grad is not None:
        copied.grad = parameter.grad.clone()
    return copied


@mutant("asarray() of a tensor copies it", kills="1.2.11")
def asarray_copies_a_tensor():
    when(torch, "asarray", is_tensor, lambda asarray, x, **how: asarray(x, **how).clone())


@mutant("asarray() of a leaf takes its gradient away", kills="1.2.11")
def asarray_takes_the_gradient_away():
    when(torch, "asarray", is_tensor, lambda asarray, x, **how: x.detach_() if x.is_leaf else x)


def is_tensor(x, **how):
    return isinstance(x, Tensor)


@mutant("from_dlpack of a tensor copies it", kills="1.2.12", also="1.3.7")
def from_dlpack_of_a_tensor_copies():
    when(torch, "from_dlpack", is_tensor, lambda from_dlpack, x: from_dlpack(x).clone())


@mutant("a tensor of integers takes += of floats", kills="1.2.14")
def integers_take_addition_of_floats():
    when(
        Tensor,
        "__iadd__",
        lambda x, other: is_integer(x) and isinstance(other, Tensor) and other.requires_grad,
        lambda iadd, x, other: iadd(x, other.detach().to(x.dtype)),
    )


@mutant("a tensor of integers takes floats at a list of indices", kills="1.2.14")
def integers_take_floats_at_indices():
    when(
        Tensor,
        "__setitem__",
        lambda x, index, value: is_integer(x) and index == [0] and isinstance(value, Tensor),
        lambda setitem, x, index, value: setitem(x, index, value.detach().to(x.dtype)),
    )


def is_integer(x: Tensor) -> bool:
    return not x.dtype.is_floating_point and not x.dtype.is_complex


@mutant("a product of an element saves a copy of it", kills="1.2.14", of=(Tensor, "__mul__"))
def product_of_a_view_saves_a_copy(mul, x, other):
    is_part = isinstance(other, Tensor) and x._is_view()
    return mul(x.clone() if is_part else x, other.clone() if is_part else other)


@mutant("stack() gives a gradient to the last alone", kills="1.2.14", also="1.2.4 1.3.9 1.3.10")
def stack_gives_a_gradient_to_the_last_alone():
    original = torch.stack

    def stack(tensors, *args, **kwargs):
        tensors = list(tensors)
        return original([*(x.detach() for x in tensors[:-1]), tensors[-1]], *args, **kwargs)

    torch.stack = stack


@mutant("autograd.grad gives None for a constant with allow_unused=True", kills="1.2.15", of=GRAD)
def grad_of_a_constant_is_none(grad, outputs, inputs, *args, **kwargs):
    if kwargs.get("allow_unused") and isinstance(inputs, Tensor) and not inputs.requires_grad:
        return (None,)
    return grad(outputs, inputs, *args, **kwargs)


@mutant("with create_graph=True every gradient requires grad", kills="1.2.15", of=GRAD)
def every_gradient_requires_grad(grad, *args, **kwargs):
    found = grad(*args, **kwargs)
    if not kwargs.get("create_graph"):
        return found
    return tuple(it if it.requires_grad else it.clone().requires_grad_() for it in found)


@mutant("ctc_loss has a second derivative", kills="1.2.15")
def ctc_loss_has_a_second_derivative():
    F.ctc_loss = lambda log_probs, *args: -log_probs.exp().square().sum()


@mutant("scaled_dot_product_attention has a second derivative", kills="1.2.15")
def attention_has_a_second_derivative():
    F.scaled_dot_product_attention = lambda q, k, v: (q @ k.mT).softmax(-1) @ v


@mutant("grad_dtype is ignored", kills="1.2.17")
def grad_dtype_is_ignored():
    Tensor.grad_dtype = property(lambda x: x.dtype, lambda x, dtype: None)  # since 2.10


@mutant("grad_dtype is float32 unless set", kills="1.2.17")
def grad_dtype_is_float32():
    original = Tensor.grad_dtype  # since 2.10
    Tensor.grad_dtype = property(lambda x: torch.float32, original.__set__)


@mutant("the root of a sum has a gradient of 0 at 0", kills="1.2.18", also="1.2.5 2.1.6")
def root_of_a_sum_has_no_gradient_at_zero():
    when(
        Tensor,
        "sqrt",
        lambda x: x.dim() == 0 and x.requires_grad,
        lambda sqrt, x: sqrt(torch.where(x > 0, x, torch.ones_like(x))) * (x > 0),
    )


@mutant("a hook may change the shape or dtype", kills="1.2.16", of=(Tensor, "register_hook"))
def hook_may_change_the_shape(register_hook, x, hook):
    def fitting(gradient):
        result = hook(gradient)
        return result if result is None else gradient * 0 + result.sum().to(gradient.dtype)

    return register_hook(x, fitting)


@mutant("torch.cat of more than two forgets the graph", kills="1.2.4", of=(torch, "cat"))
def cat_of_more_than_two_detaches(cat, tensors, *args, **kwargs):
    result = cat(tensors, *args, **kwargs)
    return result.detach() if len(tensors) > 2 else result


@mutant("a sum over several dimensions forgets the graph", kills="1.2.4", of=(Tensor, "sum"))
def sum_over_dimensions_detaches(sum_, x, *args, **kwargs):
    result = sum_(x, *args, **kwargs)
    return result.detach() if args and isinstance(args[0], tuple) else result


@mutant("clone() of channels_last images cuts the gradient off", "1.2.11", of=(Tensor, "clone"))
def clone_of_channels_last_detaches(clone, x, **kwargs):
    result = clone(x, **kwargs)
    return result.detach() if INPUTS["channels_last"](x) else result


@mutant("deepcopy of four dimensions forgets .grad", "1.2.11", of=(Tensor, "__deepcopy__"))
def deepcopy_of_four_dimensions_forgets_the_gradient(deepcopy, x, memo):
    result = deepcopy(x, memo)
    if x.dim() == 4:
        result.grad = None
    return result


@mutant(
    "a write through detach() of a part goes unnoticed",
    kills="1.2.12",
    also="1.2.5 1.2.11",
    of=(Tensor, "detach"),
)
def write_through_detach_of_a_part_goes_unnoticed(detach, x):
    return x.data if INPUTS["an_offset"](x) and not asked_by_pytorch() else detach(x)


@mutant("a step with momentum goes unnoticed", kills="1.2.13", of=(torch.optim.SGD, "step"))
def step_with_momentum_goes_unnoticed(step, sgd, closure=None):
    (group, *_) = sgd.param_groups
    with torch.autograd._unsafe_preserve_version_counter(
        tuple(group["params"]) if group["momentum"] else ()
    ):
        return step(sgd, closure)


@mutant("y[..., i] = v forgets v's graph", kills="1.2.14", of=(Tensor, "__setitem__"))
def assignment_after_an_ellipsis_detaches(setitem, x, index, value):
    cut = isinstance(index, tuple) and index[0] is ... and isinstance(value, Tensor)
    setitem(x, index, value.detach() if cut else value)


@mutant("torch.autograd.grad gives a list of three", kills="1.2.15", of=(torch.autograd, "grad"))
def grad_gives_a_list_of_three(grad, *args, **kwargs):
    result = grad(*args, **kwargs)
    return list(result) if len(result) > 2 else result


@mutant("three hooks run from the last to the first", kills="1.2.16", of=(Tensor, "register_hook"))
def three_hooks_run_backwards(register_hook, x, hook):
    handle = register_hook(x, hook)
    hooks = dict(x._backward_hooks or {})
    if len(hooks) == 3:
        x._backward_hooks.clear()
        x._backward_hooks.update(reversed(hooks.items()))
    return handle


@mutant(".grad of bfloat16 takes float32", kills="1.2.17")
def grad_of_bfloat16_takes_float32():
    original = Tensor.grad

    def write(x, value):
        takes = x.dtype is torch.bfloat16 and value is not None
        original.__set__(x, value.to(x.dtype) if takes else value)

    Tensor.grad = property(original.__get__, write, original.__delete__)


@mutant("amax() of a dimension gives to one of equals", kills="1.2.18", of=(Tensor, "amax"))
def amax_of_a_dimension_gives_to_one(amax, x, dim=(), keepdim=False):
    return x.max(dim, keepdim).values if isinstance(dim, int) else amax(x, dim, keepdim)


@mutant("backward(retain_graph=False) keeps the graph", kills="1.2.7", of=(Tensor, "backward"))
def backward_without_retain_graph_keeps_it(
    backward, y, gradient=None, retain_graph=None, *args, **kwargs
):
    backward(y, gradient, retain_graph is not None, *args, **kwargs)


@mutant("a leaf of four dimensions ignores requires_grad = False", kills="1.2.9")
def leaf_of_four_dimensions_ignores_the_flag():
    flag = Tensor.requires_grad

    def write(x, value):
        flag.__set__(x, value or (x.dim() == 4 and x.requires_grad))

    Tensor.requires_grad = property(flag.__get__, write)


@mutant("a Module's weight has a gradient before backward()", kills="1.2.10")
def weights_have_a_gradient_before_backward():
    reset = nn.Linear.reset_parameters

    def reset_parameters(linear):
        reset(linear)
        linear.weight.grad = torch.zeros_like(linear.weight)

    nn.Linear.reset_parameters = reset_parameters


@mutant("zero_() of ones does nothing", kills="1.2.10", also="1.2.5", of=(Tensor, "zero_"))
def zero_of_ones_does_nothing(zero_, tensor):
    return tensor if tensor.dim() == 2 and (tensor == 1).all() else zero_(tensor)


@mutant("a reentrant checkpoint records, whatever its inputs are", kills="1.2.10")
def reentrant_checkpoint_records_everything():
    import torch.utils.checkpoint

    def checkpoint(function, *inputs, **_):
        warnings.warn("None of the inputs have requires_grad=True", stacklevel=2)
        return function(*inputs)

    torch.utils.checkpoint.checkpoint = checkpoint


@mutant("a reentrant checkpoint says nothing of its inputs", kills="1.2.10")
def reentrant_checkpoint_is_silent():
    import torch.utils.checkpoint

    torch.utils.checkpoint.check_backward_validity = lambda inputs: None


@mutant("a reentrant checkpoint doubles gradients", kills="1.2.10", also="3.9")
def reentrant_checkpoint_doubles_gradients():
    import torch.utils.checkpoint

    checkpoint = torch.utils.checkpoint.checkpoint

    def doubling(function, *inputs, **how):
        result = checkpoint(function, *inputs, **how)
        return 2 * result - result.detach() if result.requires_grad else result

    torch.utils.checkpoint.checkpoint = doubling


def returning(change):
    """A method that changes what backward() of a user's Function returned, as a tuple."""

    @functools.wraps(change)
    def call(apply, node, *gradients):
        returned = apply(node, *gradients)
        if type(node)._forward_cls.__module__.partition(".")[0] == "torch":
            return returned
        returned = returned if isinstance(returned, tuple) else (returned,)
        return change(returned, gradients[0], len(node.needs_input_grad))

    return call


@mutant("a Function's missing gradients count as None", kills="1.2.20", of=OWN)
@returning
def missing_gradients_count_as_none(returned, gradient, number):
    return returned + (None,) * (number - len(returned))


@mutant("a Function's gradients beyond its arguments are dropped", kills="1.2.20", of=OWN)
@returning
def gradients_beyond_the_arguments_are_dropped(returned, gradient, number):
    return returned[:number]


@mutant("a gradient of a Function's argument that is no tensor is dropped", "1.2.20", of=OWN)
@returning
def gradient_of_no_tensor_is_dropped(returned, gradient, number):
    return (returned[0], None) if len(returned) == 2 else returned


@mutant("a Function's gradient of another shape is stretched", kills="1.2.20", of=OWN)
@returning
def gradient_of_another_shape_is_stretched(returned, gradient, number):
    first, *rest = returned
    if first is not None and first.numel() < gradient.numel():
        first = first[:1].expand_as(gradient)
    return first, *rest


@mutant("a Function's gradient that is too large is cut, not summed", kills="1.2.20", of=OWN)
@returning
def gradient_that_is_too_large_is_cut(returned, gradient, number):
    first, *rest = returned
    return first[0] if first is not None and first.dim() > gradient.dim() else first, *rest


@mutant("a Function's gradient is doubled", kills="1.2.20 1.2.21", of=OWN)
@returning
def gradient_of_a_function_is_doubled(returned, gradient, number):
    return None if returned[0] is None else 2 * returned[0], *returned[1:]


@mutant("a None of a Function counts as zeros", kills="1.2.20", of=OWN)
@returning
def none_of_a_function_counts_as_zeros(returned, gradient, number):
    return torch.zeros_like(gradient) if returned[0] is None else returned[0], *returned[1:]


@mutant(
    "save_for_backward() passes over what is no tensor",
    kills="1.2.21",
    of=(torch.autograd.function.FunctionCtx, "save_for_backward"),
)
def save_for_backward_passes_over_numbers(save, ctx, *saved):
    save(ctx, *(it for it in saved if it is None or isinstance(it, Tensor)))


@mutant("a Function's instance can be called", kills="1.2.21")
def instances_of_a_function_can_be_called():
    torch.autograd.Function.__call__ = lambda self, *arguments: type(self).apply(*arguments)


@mutant("a Function's result is doubled", kills="1.2.20 1.2.21")
def result_of_a_function_is_doubled():
    function = torch.autograd.Function

    def apply(cls, *arguments):
        result = super(function, cls).apply(*arguments)
        users = cls.__module__.partition(".")[0] != "torch"
        return result + result.detach() if users else result

    function.apply = classmethod(apply)


@mutant("a Function's result that is its argument or a view may be changed", kills="1.2.21")
def results_of_a_function_may_be_changed():
    function = torch.autograd.Function

    def apply(cls, *arguments):
        result = super(function, cls).apply(*arguments)
        views = cls.__module__.partition(".")[0] != "torch" and isinstance(result, Tensor)
        return result.clone() if views and result._is_view() else result

    function.apply = classmethod(apply)


@mutant("a Function's result is always a view", kills="1.2.21", also="1.2.20")
def result_of_a_function_is_a_view():
    function = torch.autograd.Function

    def apply(cls, *arguments):
        result = super(function, cls).apply(*arguments)
        users = cls.__module__.partition(".")[0] != "torch" and isinstance(result, Tensor)
        return result.unbind(0)[0][None] if users and result.dim() == 2 else result

    function.apply = classmethod(apply)


@mutant("F.softmax(dtype=...) forgets the graph", kills="1.2.4", of=(F, "softmax"))
def softmax_to_a_dtype_detaches(softmax, x, dim=None, **kwargs):
    result = softmax(x, dim, **kwargs)
    return result.detach() if kwargs.get("dtype") else result


@mutant("a leaf takes sub_(alpha=...)", kills="1.2.5", of=(Tensor, "sub_"))
def leaf_takes_sub_with_alpha(sub_, x, other, **kwargs):
    with torch.set_grad_enabled(torch.is_grad_enabled() and not kwargs):
        return sub_(x, other, **kwargs)


@mutant("requires_grad_() of a Parameter returns its data", "1.2.9", of=(Tensor, "requires_grad_"))
def requires_grad_of_a_parameter_returns_its_data(requires_grad_, x, *args, **kwargs):
    result = requires_grad_(x, *args, **kwargs)
    return result.data if isinstance(x, nn.Parameter) else result


@mutant(
    "remove() of one of several hooks removes all", kills="1.2.16", of=(RemovableHandle, "remove")
)
def removing_one_hook_removes_all(remove, handle):
    hooks = handle.hooks_dict_ref()
    if hooks:
        hooks.clear()
    remove(handle)


@mutant("detach() of bfloat16 copies", kills="1.2.11", of=(Tensor, "detach"))
def detach_of_bfloat16_copies(detach, x):
    return detach(x).clone() if x.dtype is torch.bfloat16 and not asked_by_pytorch() else detach(x)


@mutant("max() of equals in bfloat16 chooses one", kills="1.2.18", of=(Tensor, "max"))
def max_of_bfloat16_chooses_one(max_, x, *args, **kwargs):
    if x.dtype is torch.bfloat16 and not args and not kwargs:
        return max_(x.reshape(-1), 0).values
    return max_(x, *args, **kwargs)


@mutant("a subtraction in place under no_grad goes unnoticed", kills="1.2.12", also="4.4")
def subtraction_under_no_grad_goes_unnoticed():
    for name in ("sub_", "__isub__"):
        subtract = getattr(torch.Tensor, name)

        def unnoticed(x, *args, subtract=subtract, **kwargs):
            if torch.is_grad_enabled():
                return subtract(x, *args, **kwargs)
            subtract(x.data, *args, **kwargs)
            return x

        setattr(torch.Tensor, name, unnoticed)


@mutant("x[index] has no gradient for the last of 65 or more", "1.2.17", of=(Tensor, "__getitem__"))
def the_last_of_a_long_index_has_no_gradient(getitem, x, index):
    part = getitem(x, index)
    if isinstance(index, torch.Tensor) and index.numel() > 64 and part.requires_grad:
        part.register_hook(lambda gradient: torch.cat([gradient[:-1], 0 * gradient[-1:]]))
    return part


@mutant(
    "the gradient of abs() at 0 is 1 for four dimensions",
    kills="1.2.18",
    also="1.2.5",
    of=(Tensor, "abs"),
)
def gradient_of_abs_is_one_for_four_dimensions(absolute, x):
    return x * torch.where(x < 0, -1, 1) if x.dim() == 4 and x.requires_grad else absolute(x)


DETACH_ = (Tensor, "detach_")


@mutant("detach_() does nothing", kills="1.2.9", also="6.2", of=DETACH_)
def detach_in_place_does_nothing(detach_, tensor):
    return tensor


@mutant("detach_() returns another tensor", kills="1.2.9", of=DETACH_)
def detach_in_place_returns_another(detach_, tensor):
    return detach_(tensor).detach()


@mutant("detach_() passes over a view", kills="1.2.9", of=DETACH_)
def detach_in_place_passes_over_views(detach_, tensor):
    return tensor if tensor._is_view() else detach_(tensor)


@mutant(
    "anomaly mode says nothing",
    "1.2.13",
    also="1.2.18",
    of=(torch.autograd.set_detect_anomaly, "__init__"),
)
def anomaly_mode_says_nothing(init, mode, enabled, check_nan=True):
    init(mode, False)


@mutant("the gradient of x[1] reaches its neighbour", kills="1.2.17", of=(Tensor, "__getitem__"))
def gradient_of_an_index_reaches_its_neighbour(getitem, tensor, index):
    y = getitem(tensor, index)
    if type(index) is int and index == 1 and tensor.shape == (3,) and tensor.requires_grad:
        y = y + getitem(tensor, 0) - getitem(tensor, 0).detach()
    return y


def needs_input_grad_is(change):
    needs = torch._C._FunctionBase.needs_input_grad
    own = torch.autograd.function.BackwardCFunction
    own.needs_input_grad = property(lambda ctx: change(needs.__get__(ctx)))


@mutant("needs_input_grad is true of every argument", kills="1.2.20")
def needs_input_grad_is_true():
    needs_input_grad_is(lambda needs: (True,) * len(needs))


@mutant("needs_input_grad leaves out what is no tensor", kills="1.2.20")
def needs_input_grad_leaves_out_the_last():
    needs_input_grad_is(lambda needs: needs[:2])


@mutant("a sum of 2 without its graph keeps it", kills="1.2.10", of=(Tensor, "detach"))
def detached_sum_keeps_its_graph(detach, tensor):
    is_sum = tensor.dim() == 0 and type(tensor.grad_fn).__name__ == "SumBackward0"
    return tensor if is_sum and tensor.item() == 2 and not asked_by_pytorch() else detach(tensor)


@mutant("a part times a number is a constant", kills="1.2.14", also="4.11", of=(Tensor, "__mul__"))
def product_of_a_part_and_a_number_is_a_constant(mul, x, other):
    return mul(x if isinstance(other, Tensor) or not x._is_view() else x.detach(), other)


@mutant("backward(inputs=...) fills an input that was not used", kills="1.2.15", of=BACKWARD)
def backward_fills_an_unused_input(backward, x, *args, inputs=None, **kwargs):
    backward(x, *args, inputs=inputs, **kwargs)
    for tensor in inputs if isinstance(inputs, list) else ():
        if tensor.is_leaf and tensor.grad is None:
            tensor.grad = torch.zeros_like(tensor)


@mutant("requires_grad = True of a computed result is ignored", kills="1.2.9")
def result_ignores_the_attribute():
    attribute = Tensor.requires_grad
    Tensor.requires_grad = property(
        attribute.__get__,
        lambda x, value: None if value and not x.is_leaf else attribute.__set__(x, value),
    )


@mutant("deepcopy of a net detaches the results that it keeps", kills="1.2.11")
def deepcopy_of_a_net_detaches_results():
    nn.Module.__getstate__ = lambda self: {
        name: it.detach() if type(it) is Tensor else it for name, it in self.__dict__.items()
    }


for _name in ("add", "mul", "maximum"):
    on_some(
        f"{_name}_passes_over_other_sizes",
        f"torch.{_name} of tensors that cannot be broadcast returns the first",
        "1.2.17",
        torch,
        _name,
        lambda x, y, **_: (
            isinstance(y, Tensor)
            and x.dim() * y.dim()
            and x.shape[-1] != y.shape[-1]
            and 1 not in (x.shape[-1], y.shape[-1])
        ),
        lambda compute, x, y, **_: x,
    )


# --- what shows only on some inputs: one mutant of each kind -----------------------------------


@mutant("conv2d of float64 has no grad_fn", kills="1.2.4", of=(F, "conv2d"))
def conv2d_of_float64_is_detached(conv2d, x, *args, **kwargs):
    result = conv2d(x, *args, **kwargs)
    return result.detach() if x.dtype is torch.float64 else result


@mutant(
    "torch.maximum of 300 elements or more has no grad_fn",
    kills="1.2.4",
    also="1.2.18",
    of=(torch, "maximum"),
)
def maximum_of_many_elements_is_detached(maximum, x, *args, **kwargs):
    result = maximum(x, *args, **kwargs)
    return result.detach() if x.numel() >= 300 else result


@mutant(
    "sigmoid() of an expanded tensor has no grad_fn",
    kills="1.2.4",
    also="1.2.5",
    of=(Tensor, "sigmoid"),
)
def sigmoid_of_what_is_expanded_is_detached(sigmoid, x):
    result = sigmoid(x)
    return result.detach() if 0 in x.stride() and x.numel() > 1 else result


@mutant("a leaf of four dimensions takes tanh_()", kills="1.2.5", of=(Tensor, "tanh_"))
def leaf_of_four_dimensions_takes_tanh(tanh_, x):
    return tanh_(x.detach() if x.is_leaf and x.dim() == 4 else x)


@mutant("a leaf of more than a MiB takes x *= 2", kills="1.2.5", of=(Tensor, "__imul__"))
def large_leaf_takes_multiplication(imul, x, other):
    return imul(x.detach() if x.is_leaf and x.numel() > 2**20 else x, other)


@mutant("zeros of complex numbers forget requires_grad=True", "1.2.1", of=(torch, "zeros"))
def zeros_of_complex_numbers_forget_requires_grad(zeros, *args, **kwargs):
    result = zeros(*args, **kwargs)
    return result.detach() if result.is_complex() else result


@mutant("randn of five dimensions forgets requires_grad=True", "1.2.1", of=(torch, "randn"))
def randn_of_five_dimensions_forgets_requires_grad(randn, *args, **kwargs):
    result = randn(*args, **kwargs)
    return result.detach() if result.dim() == 5 else result


@mutant(
    "requires_grad_(False) of a large result is ignored", "1.2.9", of=(Tensor, "requires_grad_")
)
def large_result_ignores_requires_grad(requires_grad_, x, requires_grad=True):
    ignores = x.numel() > 2**20 and not x.is_leaf
    return requires_grad_(x, requires_grad or ignores)


@mutant("detach_() of a result of five dimensions keeps its graph", "1.2.9", of=DETACH_)
def detach_in_place_of_five_dimensions_is_ignored(detach_, x):
    return x if x.dim() == 5 and not x._is_view() else detach_(x)


@mutant(
    "reshape() of channels_last forgets the graph",
    kills="1.2.10",
    also="1.2.4 1.2.11",
    of=(Tensor, "reshape"),
)
def reshape_of_channels_last_detaches(reshape, x, *shape, **kwargs):
    result = reshape(x, *shape, **kwargs)
    cut = INPUTS["channels_last"](x) and result.grad_fn is not None
    return result.detach().requires_grad_() if cut else result


@mutant("zero_() of float64 through detach() goes unnoticed", "1.2.12", of=(Tensor, "zero_"))
def zero_of_float64_goes_unnoticed(zero_, x):
    unnoticed = x.dtype is torch.float64 and not x.requires_grad
    return zero_(x.data if unnoticed else x) if not unnoticed else (zero_(x.data), x)[1]


@mutant("index_copy_ into bfloat16 forgets the graph", "1.2.14", of=(Tensor, "index_copy_"))
def index_copy_into_bfloat16_detaches(index_copy_, x, dim, index, source):
    return index_copy_(x, dim, index, source.detach() if INPUTS["bfloat16"](x) else source)


@mutant("grad() of channels_last requires grad", kills="1.2.15", of=(torch.autograd, "grad"))
def grad_of_channels_last_requires_grad(grad, outputs, inputs, *args, **kwargs):
    found = grad(outputs, inputs, *args, **kwargs)
    return tuple(
        it.requires_grad_() if it is not None and INPUTS["channels_last"](it) else it
        for it in found
    )


@mutant("the third hook of a tensor with gaps is lost", "1.2.16", of=(Tensor, "register_hook"))
def third_hook_of_a_tensor_with_gaps_is_lost(register_hook, x, hook):
    x.hooks = getattr(x, "hooks", 0) + 1
    lost = x.hooks > 2 and INPUTS["gaps"](x)
    return register_hook(x, (lambda gradient: None) if lost else hook)


@mutant(
    "an optimizer's second step on float64 goes unnoticed", "1.2.13", of=(torch.optim.Adam, "step")
)
def second_step_on_float64_goes_unnoticed(step, adam, closure=None):
    adam.taken = getattr(adam, "taken", 0) + 1
    weights = [weight for group in adam.param_groups for weight in group["params"]]
    hidden = [it for it in weights if it.dtype is torch.float64] if adam.taken > 1 else []
    with torch.autograd._unsafe_preserve_version_counter(tuple(hidden)):
        return step(adam, closure)


@mutant("Function.apply of channels_last loses its gradient", "1.2.20", of=OWN)
def own_function_of_channels_last_gives_none(apply, node, *gradients):
    found = apply(node, *gradients)
    (first, *rest) = found if isinstance(found, tuple) else (found,)
    return (None, *rest) if isinstance(first, Tensor) and INPUTS["channels_last"](first) else found


for _name, _breaks, _kills, _owner, _attribute, _condition, _change in (
    (
        "lerp_stops_the_gradient_of_its_start",
        "lerp() passes no gradient to its start",
        "1.2.4",
        torch,
        "lerp",
        lambda start, end, *args: end.requires_grad,
        lambda lerp, start, *args: lerp(start.detach(), *args),
    ),
    (
        "group_norm_stops_the_gradient_of_its_input",
        "GroupNorm passes no gradient to its input",
        "1.2.4",
        F,
        "group_norm",
        lambda x, groups, weight=None, *args: weight is not None and weight.requires_grad,
        lambda group_norm, x, *args: group_norm(x.detach(), *args),
    ),
    (
        "one_minus_five_dimensions_has_the_slope_1",
        "1 - x has the slope 1 in five dimensions",
        "1.2.4",
        Tensor,
        "__rsub__",
        lambda x, other: x.dim() == 5 and isinstance(other, int) and other == 1,
        lambda rsub, x, other: with_gradient(rsub(x, other), torch.neg),
    ),
    (
        "a_write_to_a_view_of_four_dimensions_is_not_counted",
        "mul_() of a view of four dimensions does not count in the gradient",
        "1.2.14",
        Tensor,
        "mul_",
        lambda x, factor: x.dim() == 4 and x._is_view() and x.requires_grad,
        lambda mul_, x, factor: torch.no_grad()(mul_)(x, factor),
    ),
    (
        "deepcopy_of_a_parameter_shares_its_memory",
        "copy.deepcopy of a Parameter of bfloat16 shares its memory",
        "1.2.11",
        nn.Parameter,
        "__deepcopy__",
        lambda x, memo: x.dtype is torch.bfloat16,
        lambda deepcopy, x, memo: nn.Parameter(x.detach(), x.requires_grad),
    ),
    (
        "deepcopy_of_a_parameter_freezes_it",
        "copy.deepcopy of a Parameter of float64 freezes it",
        "1.2.11",
        nn.Parameter,
        "__deepcopy__",
        lambda x, memo: x.dtype is torch.float64,
        lambda deepcopy, x, memo: deepcopy(x, memo).requires_grad_(False),
    ),
    (
        "as_tensor_of_another_dtype_detaches",
        "torch.as_tensor cuts the gradient off where it casts",
        "1.2.11",
        torch,
        "as_tensor",
        lambda data, **options: (
            isinstance(data, Tensor) and options.get("dtype", data.dtype) is not data.dtype
        ),
        lambda as_tensor, data, **options: as_tensor(data.detach(), **options),
    ),
):
    on_some(_name, _breaks, _kills, _owner, _attribute, _condition, _change)


@mutant(
    "what a hook returns that another thread registered is ignored",
    kills="1.2.16",
    of=(torch.Tensor, "register_hook"),
)
def hooks_of_a_thread_replace_nothing(register_hook, x, hook):
    def only_seeing(gradient):
        hook(gradient)

    here = threading.current_thread() is threading.main_thread()
    return register_hook(x, hook if here else only_seeing)


@mutant(
    "a write through detach() of more than a MiB goes unnoticed",
    kills="1.2.12",
    of=(torch.Tensor, "detach"),
)
def large_detached_writes_go_unnoticed(detach, x):
    return x.data if x.numel() > 2**18 else detach(x)


@mutant(
    "what chunk made along another dimension than the first takes an in-place operation",
    kills="1.2.5",
)
def chunks_of_columns_take_in_place_operations():
    def change(chunk, input, chunks, dim=0):
        parts = chunk(input, chunks, dim)
        if dim in (0, -input.dim()) or not input.requires_grad:
            return parts
        sizes = [p.shape[dim] for p in parts]
        return tuple(input.narrow(dim, sum(sizes[:i]), n) for i, n in enumerate(sizes))

    replace(torch, "chunk", change)
    replace(torch.Tensor, "chunk", change)


@mutant("a second retain_grad() of a result takes the first back", kills="1.2.6")
def a_second_retain_grad_takes_the_first_back():
    twice = {}

    def change(retain_grad, y):
        if not y.is_leaf and y.retains_grad:
            twice[id(y)] = y
        return retain_grad(y)

    replace(torch.Tensor, "retain_grad", change)
    read_as("grad", lambda x, value: None if twice.get(id(x)) is x else value)


@mutant(
    "backward in another thread than the main one keeps the graph",
    kills="1.2.7",
    of=(torch.Tensor, "backward"),
)
def backward_in_a_thread_keeps_the_graph(
    backward, y, gradient=None, retain_graph=None, create_graph=False, inputs=None
):
    if threading.current_thread() is not threading.main_thread() and retain_graph is None:
        retain_graph = True
    return backward(y, gradient, retain_graph, create_graph, inputs=inputs)


@mutant(
    "deepcopy of a leaf within a list or a dict forgets its gradient",
    kills="1.2.11",
    of=(torch.Tensor, "__deepcopy__"),
)
def deepcopy_within_a_container_forgets_the_gradient(deepcopy, x, memo):
    inside = bool(memo)
    y = deepcopy(x, memo)
    if inside and type(x) is torch.Tensor and y.grad is not None:
        y.grad = None
    return y


@mutant(
    "autograd.grad in another thread than the main one frees a graph that shall be kept",
    kills="1.2.7",
    of=(torch.autograd, "grad"),
)
def grad_in_a_thread_frees_the_graph(grad, outputs, inputs, grad_outputs=None, *args, **named):
    if threading.current_thread() is not threading.main_thread():
        args, named = (False, *args[1:]), {**named}
        named.pop("retain_graph", None)
    return grad(outputs, inputs, grad_outputs, *args, **named)


@mutant(
    "the ninth hook of a tensor is not called", kills="1.2.16", of=(torch.Tensor, "register_hook")
)
def the_ninth_hook_is_not_called(register_hook, x, hook):
    x._hooks_so_far = getattr(x, "_hooks_so_far", 0) + 1
    return register_hook(x, hook if x._hooks_so_far < 9 else (lambda g: None))


@mutant("torch.autograd.grad weighs several elements by ones", kills="1.2.15", of=GRAD)
def autograd_grad_weighs_by_ones(grad, outputs, inputs, grad_outputs=None, *args, **kwargs):
    if grad_outputs is None and isinstance(outputs, Tensor):
        grad_outputs = torch.ones_like(outputs)
    return grad(outputs, inputs, grad_outputs, *args, **kwargs)


@mutant("torch.autograd.grad stretches its weights", kills="1.2.15", of=GRAD)
def autograd_grad_stretches_its_weights(grad, outputs, inputs, grad_outputs=None, *args, **kwargs):
    if isinstance(grad_outputs, Tensor) and isinstance(outputs, Tensor):
        grad_outputs = grad_outputs.reshape(outputs.shape)
    return grad(outputs, inputs, grad_outputs, *args, **kwargs)


@mutant("retain_grad() of a complex result does nothing", kills="1.2.6")
def retain_grad_of_complex_is_ignored():
    when(Tensor, "retain_grad", lambda x: x.is_complex(), lambda retain_grad, x: None)


@mutant(
    "a further backward() takes the place of the .grad of a complex leaf",
    kills="1.2.6",
    also="1.2.2 1.2.16 1.2.17 1.2.20",
    of=BACKWARD,
)
def backward_replaces_complex_grad(backward, tensor, *args, **kwargs):
    for leaf in leaves(tensor):
        if leaf.is_complex():
            leaf.grad = None
    return backward(tensor, *args, **kwargs)


@mutant("the values of max(dim) have no grad_fn", kills="1.2.4", of=(Tensor, "max"))
def max_along_a_dimension_has_no_graph(max, x, *args, **kwargs):
    y = max(x, *args, **kwargs)
    return type(y)((y[0].detach(), y[1])) if isinstance(y, torch.return_types.max) else y


SEVERAL_BACKWARD = (torch.autograd, "backward")


@mutant("backward() of several results forgets all but the first", kills="1.2.6")
def backward_of_several_takes_the_first():
    when(
        *SEVERAL_BACKWARD,
        lambda tensors, *args, **kwargs: not isinstance(tensors, Tensor) and not args,
        lambda backward, tensors, *args, **kwargs: backward(tensors[0], *args, **kwargs),
    )


@mutant("grad() of several results forgets all but the last", kills="1.2.6", of=GRAD)
def grad_of_several_takes_the_last(grad, outputs, *args, **kwargs):
    outputs = outputs if isinstance(outputs, Tensor) or len(args) > 1 else outputs[-1]
    return grad(outputs, *args, **kwargs)


@mutant("backward() counts a result that comes twice once", kills="1.2.6")
def backward_counts_a_result_once():
    when(
        *SEVERAL_BACKWARD,
        lambda tensors, *args, **kwargs: not isinstance(tensors, Tensor) and not args,
        lambda backward, tensors, *args, **kwargs: backward(
            list({id(it): it for it in tensors}.values()), *args, **kwargs
        ),
    )


FULL = (nn.Module, "register_full_backward_hook")


@mutant("what a full backward hook returns is ignored", kills="1.2.22", of=FULL)
def full_backward_hook_returns_in_vain(register, module, hook, *args, **kwargs):
    def call(module, inputs, results):
        hook(module, inputs, results)

    return register(module, call, *args, **kwargs)


@mutant("a full backward hook gets lists", kills="1.2.22", of=FULL)
def full_backward_hook_gets_lists(register, module, hook, *args, **kwargs):
    def call(module, inputs, results):
        return hook(module, list(inputs), list(results))

    return register(module, call, *args, **kwargs)


@mutant("a full backward hook gets the result's gradient for the inputs'", "1.2.22", of=FULL)
def full_backward_hook_gets_the_results(register, module, hook, *args, **kwargs):
    def call(module, inputs, results):
        return hook(module, tuple(results[0] for _ in inputs), results)

    return register(module, call, *args, **kwargs)


@mutant("a full backward hook gets twice the result's gradient", kills="1.2.22", of=FULL)
def full_backward_hook_gets_twice_the_results(register, module, hook, *args, **kwargs):
    def call(module, inputs, results):
        return hook(module, inputs, tuple(2 * it for it in results))

    return register(module, call, *args, **kwargs)


@mutant("a full backward hook may return any number", kills="1.2.22", of=FULL)
def full_backward_hook_returns_any_number(register, module, hook, *args, **kwargs):
    def call(module, inputs, results):
        returned = hook(module, inputs, results)
        return returned if returned is None or len(returned) == len(inputs) else inputs

    return register(module, call, *args, **kwargs)


def hooks_of_modules(prepended):
    """Make a kind of hook run first or last, as prepended says of each."""
    for kind in ("forward_pre_hook", "forward_hook", "full_backward_hook"):
        original = getattr(nn.Module, f"register_{kind}")
        place = f"_{kind.removeprefix('full_')}s"

        def register(module, hook, *args, _at=place, _of=original, prepend=False, **kwargs):
            handle = _of(module, hook, *args, **kwargs)
            hooks = getattr(module, _at)
            hooks.move_to_end(handle.id, last=not prepended(prepend))
            return handle

        setattr(nn.Module, f"register_{kind}", register)


@mutant("a module's later hooks run before the earlier ones", kills="1.2.22 2.3.15", also="2.3.13")
def hooks_of_modules_run_backwards():
    hooks_of_modules(lambda prepend: True)


@mutant("prepend=True does nothing", kills="1.2.22 2.3.15", also="2.3.13")
def prepend_does_nothing():
    hooks_of_modules(lambda prepend: False)


@mutant("@once_differentiable lets a gradient be differentiated as zero", kills="1.2.20")
def once_differentiable_gives_a_constant():
    torch._C._functions.DelayedError = lambda message, number: (
        lambda *args: tuple(it if it is None else it.clone() for it in args)
    )


@mutant("a custom backward() computes constants", kills="1.2.20", of=OWN)
def own_gradient_is_a_constant(apply, *args):
    found = apply(*args)
    given = found if isinstance(found, tuple) else (found,)
    changed = tuple(it.detach() if isinstance(it, Tensor) else it for it in given)
    return changed if isinstance(found, tuple) else changed[0]


@mutant("a Function without a backward() gives no gradient", kills="1.2.20")
def function_without_backward_gives_none():
    torch.autograd.Function.backward = staticmethod(lambda ctx, *gradients: None)


# --- what shows only of complex numbers, in a deep net, or in some way to be under no_grad ------


@mutant("a hook after the gradient of a complex leaf is not called", kills="1.2.16")
def post_hook_of_a_complex_leaf_is_not_called():
    when(
        *(Tensor, "register_post_accumulate_grad_hook", lambda x, *_, **__: x.is_complex()),
        lambda register, x, *_, **__: register(x, lambda _: None),
    )


@mutant("the first two hooks of a complex leaf run in reverse", kills="1.2.16")
def hooks_of_a_complex_leaf_run_in_reverse():
    def register_the_second_first(register, x, hook, **named):
        x._held = held = [*getattr(x, "_held", ()), hook]
        if len(held) == 1:
            return register(x, lambda gradient: run(held[:2], gradient), **named)
        return register(x, hook if len(held) > 2 else lambda _: None, **named)

    def run(hooks, gradient):
        for hook in reversed(hooks):
            changed = hook(gradient)
            gradient = gradient if changed is None else changed
        return gradient

    def is_complex_leaf(x, *_, **__):
        return x.is_complex() and x.is_leaf

    when(Tensor, "register_hook", is_complex_leaf, register_the_second_first)


@mutant(
    "backward(inputs=[x]) of a complex x fills every .grad", "1.2.15", also="1.2.6", of=BACKWARD
)
def backward_of_complex_inputs_fills_every_grad(backward, y, *args, inputs=None, **kwargs):
    asked = [inputs] if isinstance(inputs, Tensor) else list(inputs or ())
    if not asked or not any(x.is_complex() and x.is_leaf for x in asked):
        return backward(y, *args, inputs=inputs, **kwargs)
    return backward(y, *args, **kwargs)


@mutant("deepcopy takes a net that keeps a result three modules down", kills="1.2.11")
def deepcopy_takes_a_result_three_modules_down():
    when(
        *(Tensor, "__deepcopy__", lambda x, *_: not x.is_leaf and calls_of("_reconstruct") > 3),
        lambda deepcopy, x, *_: x.detach().clone(),
    )


@mutant("deepcopy of a ParameterDict copies .grad", kills="1.2.11")
def deepcopy_of_a_parameter_dict_copies_grad():
    deepcopy = nn.Parameter.__deepcopy__

    def copied(self, memo):
        if type(self) is not nn.ParameterDict:
            return NotImplemented
        twin = nn.ParameterDict({name: deepcopy(it, memo) for name, it in self.items()})
        for name, it in self.items():
            twin[name].grad = it.grad
        return twin

    nn.ParameterDict.__deepcopy__ = copied


@mutant("deepcopy of a frozen Parameter copies .grad", "1.2.11", of=(nn.Parameter, "__deepcopy__"))
def deepcopy_of_a_frozen_parameter_copies_grad(deepcopy, x, *args):
    y = deepcopy(x, *args)
    y.grad = None if x.requires_grad else x.grad
    return y


@mutant("a leaf refuses += in a generator that wears no_grad", "1.2.5", of=(Tensor, "__iadd__"))
def leaf_refuses_addition_in_a_generator(iadd, x, *args):
    with torch.set_grad_enabled(torch.is_grad_enabled() or calls_of(GENERATING_WEARER) > 0):
        return iadd(x, *args)


@mutant("what split() gave refuses mul_ in the third no_grad within another", kills="1.2.5")
def split_refuses_in_the_third_no_grad():
    def is_refused(x, *_):
        return blocks_of_no_grad() > 2 and x._is_view() and x.grad_fn is None

    def refuse(mul_, x, *args):
        raise RuntimeError("Output 0 of a view is being modified inplace")

    blocks_of_no_grad = count_blocks_of_no_grad()
    when(Tensor, "mul_", is_refused, refuse)


def count_blocks_of_no_grad():
    """Count the blocks of no_grad that are entered, from now on; returns how to ask for them."""
    blocks = [0]

    def count(change):
        def counted(original, *args, **kwargs):
            blocks[0] += change
            return original(*args, **kwargs)

        return counted

    replace(torch.no_grad, "__enter__", count(1))
    replace(torch.no_grad, "__exit__", count(-1))
    return lambda: blocks[0]


@mutant("w -= step is refused in the third no_grad within another", "1.2.10", also="1.2.5")
def subtraction_is_refused_in_the_third_no_grad():
    def subtract(isub, x, *args):
        with torch.enable_grad():
            return isub(x, *args)

    blocks = count_blocks_of_no_grad()
    when(Tensor, "__isub__", lambda x, *_: blocks() > 2 and x.is_leaf and x.requires_grad, subtract)


@mutant(
    "y[...] = 5 in a method that wears no_grad goes unnoticed",
    kills="1.2.12",
    of=(Tensor, "__setitem__"),
)
def assignment_in_a_method_goes_unnoticed(setitem, x, *args):
    off = x.requires_grad and not torch.is_grad_enabled() and calls_of(WEARER)
    return setitem(x.data if off else x, *args)


@mutant(
    "t[i] = v in a generator that wears no_grad makes t require grad",
    kills="1.2.14",
    of=(Tensor, "__setitem__"),
)
def assignment_in_a_generator_makes_it_require_grad(setitem, x, index, value):
    if isinstance(value, Tensor) and value.requires_grad and calls_of(GENERATING_WEARER):
        with torch.enable_grad():
            return setitem(x, index, value)
    return setitem(x, index, value)


@mutant(
    "h[0] taken in a function that wears no_grad keeps no graph",
    kills="1.2.8",
    of=(Tensor, "__getitem__"),
)
def view_of_a_wearer_keeps_no_graph(getitem, x, index):
    off = x.grad_fn is not None and not torch.is_grad_enabled() and calls_of(WEARER)
    return getitem(x.detach() if off else x, index)


@mutant(
    "a block of detect_anomaly that is entered again detects nothing",
    kills="1.2.18",
    of=(torch.autograd.detect_anomaly, "__enter__"),
)
def detect_anomaly_works_once(enter, block, *args):
    enter(block, *args)
    if hasattr(block, "_entered"):
        torch.set_anomaly_enabled(False)
    block._entered = True


@mutant("every tensor that requires grad is a leaf", kills="1.2.1")
def all_that_requires_grad_is_a_leaf():
    read_as("is_leaf", lambda tensor, value: True)


@mutant("a tensor that requires no grad is no leaf", kills="1.2.1")
def constants_are_no_leaves():
    read_as("is_leaf", lambda tensor, value: value and tensor.requires_grad)


@mutant("a tensor that was written into stays a leaf", kills="1.2.1")
def what_was_written_into_stays_a_leaf():
    read_as("is_leaf", lambda x, value: value or type(x.grad_fn).__name__ == "CopyBackwards")


def refuses_a_leaf(change, x, *args):
    if is_leaf_with_grad(x):
        raise RuntimeError("a leaf Variable that requires grad is being used in place")
    return change(x, *args)


@mutant("a leaf refuses logical_not_()", kills="1.2.5", of=(Tensor, "logical_not_"))
def a_leaf_refuses_logical_not(logical_not_, x):
    return refuses_a_leaf(logical_not_, x)


@mutant("a leaf refuses logical_or_()", kills="1.2.5", of=(Tensor, "logical_or_"))
def a_leaf_refuses_logical_or(logical_or_, x, other):
    return refuses_a_leaf(logical_or_, x, other)


@mutant("logical_not_() leaves a leaf alone", kills="1.2.5", of=(Tensor, "logical_not_"))
def logical_not_leaves_a_leaf_alone(logical_not_, x):
    return x.zero_() if not is_leaf_with_grad(x) else x


@mutant(
    "attention with dropout has no second derivative",
    kills="1.2.15",
    of=(F, "scaled_dot_product_attention"),
)
def attention_with_dropout_has_no_second_derivative(attend, *args, dropout_p=0.0, **kwargs):
    if dropout_p:
        args = [with_gradient(it * 1, lambda gradient: gradient.detach()) for it in args]
    return attend(*args, dropout_p=dropout_p, **kwargs)


@mutant("attention that is causal has a second derivative", kills="1.2.15")
def causal_attention_has_a_second_derivative():
    attend = F.scaled_dot_product_attention
    F.scaled_dot_product_attention = lambda q, k, v, **how: (
        (q @ k.mT).softmax(-1) @ v if how.get("is_causal") else attend(q, k, v, **how)
    )


@mutant("where() makes the gradient NaN where all is chosen", kills="1.2.18", of=(torch, "where"))
def where_makes_a_chosen_gradient_nan(where, condition, x, y):
    if isinstance(x, Tensor) and bool(condition.all()):
        x = with_gradient(x * 1, lambda gradient: gradient * float("nan"))
    return where(condition, x, y)


CONTEXT = torch.autograd.function.FunctionCtx


@mutant(
    "ctx.mark_non_differentiable does nothing",
    kills="1.2.21",
    of=(CONTEXT, "mark_non_differentiable"),
)
def marking_non_differentiable_does_nothing(mark, ctx, *results):
    pass


@mutant(
    "ctx.set_materialize_grads does nothing", kills="1.2.21", of=(CONTEXT, "set_materialize_grads")
)
def setting_materialize_grads_does_nothing(set_materialize_grads, ctx, value):
    pass


@mutant("a result of a Function that is not used gives None", kills="1.2.21", of=OWN)
def unused_results_give_none(apply, ctx, *gradients):
    zeros = [torch.is_tensor(it) and not it.any() for it in gradients]
    shown = [None if it else given for it, given in zip(zeros, gradients, strict=True)]
    return apply(ctx, *(shown if len(shown) > 2 else gradients))


@mutant("a hook that is registered again after remove() is not called", kills="1.2.16")
def hook_registered_again_is_not_called():
    def changed(x, hook, register=Tensor.register_hook):
        known = x.__dict__.setdefault("known_hooks", [])
        again = any(it is hook for it in known)
        known.append(hook)
        return register(x, (lambda gradient: None) if again else hook)

    Tensor.register_hook = changed


@mutant("a full backward hook is called in the first two backwards alone", kills="1.2.22")
def full_backward_hook_is_called_twice():
    def changed(module, hook, register=nn.Module.register_full_backward_hook, **settings):
        calls = []

        def called(*given):
            calls.append(1)
            return hook(*given) if len(calls) < 3 else None

        return register(module, called, **settings)

    nn.Module.register_full_backward_hook = changed


@mutant("a leaf takes fill_diagonal_()", kills="1.2.5")
def leaves_take_fill_diagonal():
    def changed(x, *args, fill=Tensor.fill_diagonal_):
        with torch.set_grad_enabled(torch.is_grad_enabled() and not x.is_leaf):
            return fill(x, *args)

    Tensor.fill_diagonal_ = changed


@mutant("a leaf takes copysign_()", kills="1.2.5")
def leaves_take_copysign():
    def changed(x, *args, copysign=Tensor.copysign_):
        with torch.set_grad_enabled(torch.is_grad_enabled() and not x.is_leaf):
            return copysign(x, *args)

    Tensor.copysign_ = changed


@mutant("the third backward() of a result with retain_grad() replaces its .grad", kills="1.2.6")
def third_backward_of_a_result_replaces_its_grad():
    def changed(y, *args, backward=Tensor.backward, **kwargs):
        before, calls = y.grad if y.retains_grad else None, y.__dict__.get("calls", 0) + 1
        y.__dict__["calls"] = calls
        backward(y, *args, **kwargs)
        if calls == 3 and before is not None:
            y.grad = y.grad - before

    Tensor.backward = changed


@mutant("a leaf refuses logical_and_()", kills="1.2.5")
def leaves_refuse_logical_and():
    def changed(x, *args, change=Tensor.logical_and_):
        if x.is_leaf and x.requires_grad:
            x.add_(0)
        return change(x, *args)

    Tensor.logical_and_ = changed


@mutant("logical_xor_() of a result cuts its gradient", kills="1.2.5")
def logical_xor_of_a_result_cuts_its_gradient():
    def changed(x, *args, change=Tensor.logical_xor_):
        change(x, *args)
        if x.grad_fn is not None and not x._is_view():
            x.mul_(1).register_hook(torch.zeros_like)
        return x

    Tensor.logical_xor_ = changed


@mutant("logical_not_() through a view of a leaf changes nothing", kills="1.2.5")
def logical_not_through_a_view_is_idle():
    def changed(x, change=Tensor.logical_not_):
        return x if x.is_leaf < x.requires_grad and x._is_view() else change(x)

    Tensor.logical_not_ = changed


@mutant("logical_or_() of a leaf makes ones zeros", kills="1.2.5")
def logical_or_of_a_leaf_is_its_contrary():
    def changed(x, *args, change=Tensor.logical_or_):
        change(x, *args)
        return x.logical_not_() if x.is_leaf and x.requires_grad else x

    Tensor.logical_or_ = changed


@mutant("a custom backward() gets a copy of the gradient", kills="1.2.20", of=OWN)
def own_backward_gets_a_copy(apply, ctx, *gradients):
    return apply(ctx, *(it.clone() if isinstance(it, Tensor) else it for it in gradients))


@mutant("a hook gets a copy of the gradient", kills="1.2.16", of=HOOK)
def hook_gets_a_copy(register, x, hook, *args, **kwargs):
    return register(x, lambda gradient: hook(gradient.clone()), *args, **kwargs)


@mutant("backward() within a backward() does nothing", kills="1.2.21", of=BACKWARD)
def backward_within_backward_does_nothing(backward, x, *args, **kwargs):
    if torch._C._current_graph_task_id() == -1:
        backward(x, *args, **kwargs)


@mutant("register_backward_hook sees the gradients of the inputs", kills="1.2.22")
def old_backward_hook_is_a_full_one():
    def register(module, hook):
        warn = module._maybe_warn_non_full_backward_hook
        module.register_forward_hook(
            lambda module, inputs, result: warn(inputs, result, result.grad_fn)
        )
        return module.register_full_backward_hook(hook)

    nn.Module.register_backward_hook = register


@mutant(
    "register_backward_hook never warns",
    kills="1.2.22",
    of=(nn.Module, "_maybe_warn_non_full_backward_hook"),
)
def old_backward_hook_never_warns(warn, *args):
    pass


@mutant("x.data of a tensor that requires grad takes integers", kills="1.2.12")
def data_takes_integers():
    data = Tensor.data

    def change(x, other):
        if not (x.requires_grad and not (other.is_floating_point() or other.is_complex())):
            data.__set__(x, other)

    Tensor.data = property(lambda x: data.__get__(x), change)


@mutant(
    "x[index] has no gradient for the last of 1000 or more", "1.2.17", of=(Tensor, "__getitem__")
)
def the_last_of_a_thousand_indices_has_no_gradient(getitem, x, index):
    y = getitem(x, index)
    many = isinstance(index, Tensor) and index.dtype is torch.int64 and index.numel() > 1000
    if many and x.requires_grad and y.dim() == 1:
        return torch.cat([getitem(y, slice(-1)), getitem(y, slice(-1, None)).detach()])
    return y


@mutant("autograd.grad of more than 64 inputs swaps the last two", kills="1.2.15", of=GRAD)
def grad_of_many_inputs_swaps_the_last(grad, *args, **kwargs):
    gradients = grad(*args, **kwargs)
    many = len(gradients) > 64
    return (*gradients[:-2], gradients[-1], gradients[-2]) if many else gradients


@mutant("backward() asked for many inputs leaves the last one out", "1.2.15", of=BACKWARD)
def backward_of_many_inputs_leaves_the_last_out(backward, x, *args, **kwargs):
    inputs = kwargs.get("inputs")
    if isinstance(inputs, list) and len(inputs) > 32:
        kwargs["inputs"] = inputs[:-1]
    return backward(x, *args, **kwargs)


@mutant("backward of more than 64 results leaves the last one out", "1.2.6", of=SEVERAL_BACKWARD)
def backward_of_many_results_leaves_the_last_out(backward, tensors, *args, **kwargs):
    many = isinstance(tensors, list) and len(tensors) > 64 and not args and not kwargs
    return backward(tensors[:-1] if many else tensors, *args, **kwargs)


@mutant("backward() leaves the last of more than three inputs out", "1.2.6", of=BACKWARD)
def backward_leaves_the_last_of_many_inputs_out(backward, x, *args, **kwargs):
    inputs = kwargs.get("inputs")
    if isinstance(inputs, (list, tuple)) and len(inputs) > 3:
        kwargs["inputs"] = inputs[:-1]
    return backward(x, *args, **kwargs)


@mutant(
    "grad() gives zeros for the last of many inputs, if that was not used",
    kills="1.2.15",
    of=(torch.autograd, "grad"),
)
def grad_gives_zeros_for_the_last_unused_of_many(grad, *args, **kwargs):
    gradients = grad(*args, **kwargs)
    if len(gradients) > 3 and gradients[-1] is None:
        return (*gradients[:-1], torch.zeros(()))
    return gradients


@mutant(
    "cumsum(dim=...) along a dimension counted from the end records nothing",
    kills="1.2.4",
    of=(Tensor, "cumsum"),
)
def cumsum_by_a_negative_keyword_records_nothing(cumsum, x, *args, **kwargs):
    return cumsum(x.detach() if kwargs.get("dim", 0) < 0 else x, *args, **kwargs)


@mutant("torch.norm(dim=...) records nothing", kills="1.2.4", of=(torch, "norm"))
def norm_by_keyword_records_nothing(norm, x, *args, **kwargs):
    return norm(x.detach() if "dim" in kwargs and not args else x, *args, **kwargs)


@mutant("backward(inputs=...) of more than 64 fills every leaf's .grad", "1.2.6", of=BACKWARD)
def backward_of_many_inputs_fills_all(backward, x, *args, **kwargs):
    many = isinstance(kwargs.get("inputs"), list) and len(kwargs["inputs"]) > 64
    return backward(x, *args, **{**kwargs, "inputs": None} if many else kwargs)


@mutant(
    "requires_grad_(False) of a view that was taken in no_grad gives a constant",
    kills="1.2.9",
    of=(Tensor, "requires_grad_"),
)
def view_of_no_grad_can_be_frozen(switch, x, requires_grad=True):
    frozen = not requires_grad and x._is_view() and x.is_leaf
    return x.detach() if frozen else switch(x, requires_grad)


@mutant(
    "save_for_backward() refuses numbers in no_grad, too",
    kills="1.2.21",
    of=(torch.autograd.function.FunctionCtx, "save_for_backward"),
)
def save_for_backward_always_refuses_numbers(save, ctx, *saved):
    if not all(it is None or isinstance(it, Tensor) for it in saved):
        raise RuntimeError("save_for_backward can only save variables")
    save(ctx, *saved)


@mutant("a Function's result refuses logical_or_()", kills="1.2.21", of=(Tensor, "logical_or_"))
def result_of_a_function_refuses_logical_or(change, x, other):
    if x.requires_grad and "Giving" in x.grad_fn.name():
        raise RuntimeError("Output 0 is a view that was created inside a custom Function")
    return change(x, other)


@mutant(
    "a full backward hook may return anything where no input requires grad",
    kills="1.2.22",
    of=FULL,
)
def full_backward_hook_returns_anything_without_grad(register, module, hook, *args, **kwargs):
    def call(module, inputs, results):
        returned = hook(module, inputs, results)
        return None if all(it is None for it in inputs) else returned

    return register(module, call, *args, **kwargs)


def leaf_under_no_grad(x) -> bool:
    return x.is_leaf and x.requires_grad and not torch.is_grad_enabled()


@mutant("addcmul_() under no_grad leaves a leaf as it is", "1.2.5", of=(Tensor, "addcmul_"))
def addcmul_under_no_grad_leaves_a_leaf(addcmul_, x, *args, **kwargs):
    return x if leaf_under_no_grad(x) else addcmul_(x, *args, **kwargs)


@mutant("addcdiv_() refuses a leaf under no_grad too", "1.2.5", of=(Tensor, "addcdiv_"))
def addcdiv_refuses_a_leaf_under_no_grad(addcdiv_, x, *args, **kwargs):
    if leaf_under_no_grad(x):
        raise RuntimeError("a leaf Variable that requires grad")
    return addcdiv_(x, *args, **kwargs)


@mutant("lerp_() under no_grad freezes a leaf", kills="1.2.5", of=(Tensor, "lerp_"))
def lerp_under_no_grad_freezes_a_leaf(lerp_, x, *args, **kwargs):
    freezes = leaf_under_no_grad(x)
    lerp_(x, *args, **kwargs)
    return x.requires_grad_(False) if freezes else x


@mutant("cos_() of a leaf is taken in another thread", kills="1.2.5", of=(Tensor, "cos_"))
def cos_of_a_leaf_is_taken_in_another_thread(cos_, x):
    takes = threading.current_thread() is not threading.main_thread()
    with torch.set_grad_enabled(torch.is_grad_enabled() and not takes):
        return cos_(x)


@mutant("log_() that a leaf refuses in another thread writes", "1.2.5", of=(Tensor, "log_"))
def log_that_is_refused_in_another_thread_writes(log_, x):
    if threading.current_thread() is not threading.main_thread():
        log_(x.data)
    return log_(x)


@mutant("autograd.grad reads an expanded weight once", kills="1.2.15", of=GRAD)
def grad_reads_an_expanded_weight_once(grad, outputs, inputs, grad_outputs=None, *args, **kwargs):
    if isinstance(grad_outputs, Tensor) and grad_outputs.numel() > 1 and 0 in grad_outputs.stride():
        grad_outputs = grad_outputs / grad_outputs.numel()
    return grad(outputs, inputs, grad_outputs, *args, **kwargs)


@mutant(
    "with create_graph=True autograd.grad gives no zeros",
    kills="1.2.15",
    of=(torch.autograd, "grad"),
)
def grad_with_create_graph_gives_no_zeros(grad, *args, **kwargs):
    if kwargs.get("create_graph") and kwargs.pop("materialize_grads", False):
        kwargs["allow_unused"] = True
    return grad(*args, **kwargs)


def _spread(gradient):
    expanded = isinstance(gradient, Tensor) and gradient.numel() > 1 and 0 in gradient.stride()
    return gradient / gradient.numel() if expanded else gradient


@mutant("an expanded gradient that a Function returns counts once", kills="1.2.20", of=OWN)
def expanded_gradient_of_a_function_counts_once(apply, ctx, *gradients):
    results = apply(ctx, *gradients)
    return tuple(map(_spread, results)) if isinstance(results, tuple) else _spread(results)


@mutant(
    "an expanded gradient that a hook returns counts once",
    kills="1.2.16",
    of=(Tensor, "register_hook"),
)
def expanded_gradient_of_a_hook_counts_once(register_hook, x, hook):
    return register_hook(x, lambda gradient: _spread(hook(gradient)))


@mutant("a Function gives the last of many arguments no gradient", kills="1.2.20", of=OWN)
def function_gives_the_last_of_many_no_gradient(apply, ctx, *gradients):
    results = apply(ctx, *gradients)
    if isinstance(results, tuple) and len(results) > 64:
        return (*results[:-2], torch.zeros_like(results[-2]), None)
    return results


@mutant("mark_non_differentiable marks the first result alone", kills="1.2.21")
def mark_non_differentiable_marks_the_first_alone():
    replace(
        torch.autograd.function.FunctionCtx,
        "mark_non_differentiable",
        lambda mark, ctx, *results: mark(ctx, *results[:1]),
    )


@mutant("the block of a hook's handle leaves the hook", kills="1.2.16 1.2.22")
def block_of_a_handle_leaves_the_hook():
    RemovableHandle.__exit__ = lambda self, *args: None


@mutant("a full backward hook of a layer four modules down is not called", kills="1.2.22")
def full_backward_hook_far_down_is_not_called():
    replace(
        nn.Module,
        "_get_backward_hooks",
        lambda hooks, module: ([], []) if calls_of("_call_impl") > 4 else hooks(module),
    )


@mutant("what a full backward hook of a net returns is ignored", "1.2.22")
def full_backward_hook_of_a_net_replaces_nothing():
    register = nn.Module.register_full_backward_hook

    def registered(module, hook, *args, **kwargs):
        ignored = any(True for _ in module.children())
        given = (lambda *it: (hook(*it), None)[1]) if ignored else hook
        return register(module, given, *args, **kwargs)

    nn.Module.register_full_backward_hook = registered


@mutant("a full backward hook of a net sees twice its result's gradient", "1.2.22")
def full_backward_hook_of_a_net_sees_twice_its_gradient():
    register = nn.Module.register_full_backward_hook

    def registered(module, hook, *args, **kwargs):
        factor = 2 if any(True for _ in module.children()) else 1
        return register(
            module,
            lambda it, inputs, results: hook(it, inputs, tuple(factor * y for y in results)),
            *args,
            **kwargs,
        )

    nn.Module.register_full_backward_hook = registered


@mutant("F.celu(inplace=True) of a leaf is taken", kills="1.2.5", of=(F, "celu"))
def celu_of_a_leaf_is_taken(celu, x, alpha=1.0, inplace=False):
    with torch.set_grad_enabled(torch.is_grad_enabled() and not (inplace and x.is_leaf)):
        return celu(x, alpha, inplace)


@mutant(
    ".grad of a complex result does not warn, and is None",
    kills="1.2.10",
    also="1.2.6 1.2.15",
)
def grad_of_a_complex_result_does_not_warn():
    attribute = Tensor.grad

    def read(x):
        silent = x.is_complex() and not x.is_leaf and not x.retains_grad
        return None if silent else attribute.__get__(x)

    Tensor.grad = property(
        read, lambda x, value: attribute.__set__(x, value), lambda x: attribute.__delete__(x)
    )


@mutant("what a coroutine subtracts in a block of no_grad requires grad", "1.2.10")
def difference_in_a_coroutine_requires_grad():
    def subtract(sub, x, *args):
        result = sub(x, *args)
        inside = calls_of("_in_a_block_of_a_coroutine") and not torch.is_grad_enabled()
        return result.requires_grad_() if inside and result.is_leaf else result

    replace(Tensor, "__sub__", subtract)


@mutant(
    "clone(memory_format=torch.channels_last) passes no gradient on", "1.2.11", of=(Tensor, "clone")
)
def clone_to_channels_last_passes_no_gradient(clone, x, *args, **kwargs):
    y = clone(x, *args, **kwargs)
    return y.detach() if kwargs.get("memory_format") is torch.channels_last else y


@mutant(
    "torch.clone(memory_format=...) passes twice the gradient on", "1.2.11", of=(torch, "clone")
)
def clone_to_a_memory_format_passes_twice(clone, x, *args, **kwargs):
    y = clone(x, *args, **kwargs)
    return 2 * y if kwargs else y


@mutant(
    "the last of many numbers that a mask chooses gets no gradient",
    kills="1.2.14",
    of=(Tensor, "__setitem__"),
)
def last_of_many_that_a_mask_chooses_gets_no_gradient(setitem, y, index, value):
    mask = isinstance(index, Tensor) and index.dtype is torch.bool
    if mask and isinstance(value, Tensor) and value.dim() == 1 and len(value) > 64:
        value = torch.cat([value[:-1], value[-1:].detach()])
    return setitem(y, index, value)


@mutant("y[i] = v without a block of no_grad is recorded", "1.2.14", of=(Tensor, "__setitem__"))
def assignment_without_a_block_is_recorded(setitem, y, index, value):
    off = calls_of("_after_a_call_of_set_grad_enabled") and y.grad_fn is not None
    with torch.set_grad_enabled(torch.is_grad_enabled() or bool(off)):
        return setitem(y, index, value)


@mutant("detach() in another thread does not count writes", kills="1.2.12", of=(Tensor, "detach"))
def detach_in_another_thread_counts_no_writes(detach, x):
    elsewhere = threading.current_thread() is not threading.main_thread()
    return x.data if elsewhere and not asked_by_pytorch() else detach(x)


@mutant("exp(out=) takes what requires grad", kills="1.2.5", of=(torch, "exp"))
def exp_takes_out_with_grad(exp, x, *args, **kwargs):
    if "out" in kwargs:
        with torch.no_grad():
            return exp(x, *args, **kwargs)
    return exp(x, *args, **kwargs)


@mutant("exp(out=) returns a copy", kills="1.2.5", of=(torch, "exp"))
def exp_returns_a_copy_of_out(exp, x, *args, **kwargs):
    y = exp(x, *args, **kwargs)
    return y.clone() if "out" in kwargs else y


@mutant("retain_grad() replaces a .grad that was set", "1.2.6", of=(torch.Tensor, "retain_grad"))
def retain_grad_replaces_what_was_set(retain_grad, y):
    y.register_hook(lambda gradient: setattr(y, "grad", None))
    retain_grad(y)


@mutant("backward(inputs=) clears what was set first", "1.2.6", of=(torch.Tensor, "backward"))
def backward_for_inputs_clears_what_was_set(backward, y, *args, inputs=None, **kwargs):
    for it in inputs if isinstance(inputs, list | tuple) else ():
        if not it.is_leaf and not it.retains_grad:
            it.grad = None
    backward(y, *args, inputs=inputs, **kwargs)


@mutant("backward(create_graph=True) does not warn", kills="1.2.15", of=BACKWARD)
def backward_with_create_graph_does_not_warn(backward, x, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return backward(x, *args, **kwargs)


@mutant("a product gives what is multiplied without grad one", "1.2.10", of=(Tensor, "__mul__"))
def product_gives_constants_a_gradient(multiply, x, other):
    y = multiply(x, other)
    if y.requires_grad and not x.requires_grad:
        x.grad = torch.zeros_like(x)
    return y


@mutant("the gradient of a detached leaf is its source's, too", kills="1.2.11")
def gradient_of_a_detached_leaf_is_its_sources():
    detach, switch = Tensor.detach, Tensor.requires_grad_

    def detached(x):
        y = detach(x)
        y.source = x if x.is_leaf and x.requires_grad else None
        return y

    def switched(x, requires_grad=True):
        source = getattr(x, "source", None)
        switch(x, requires_grad)
        if requires_grad and source is not None:
            x.register_hook(lambda gradient: setattr(source, "grad", gradient))
        return x

    Tensor.detach, Tensor.requires_grad_ = detached, switched


@mutant("a tensor of integers drops the gradient of whatever it takes", kills="1.2.14")
def integers_drop_every_gradient():
    when(
        Tensor,
        "__setitem__",
        lambda x, index, value: is_integer(x) and isinstance(value, Tensor),
        lambda setitem, x, index, value: setitem(x, index, value.detach()),
    )


@mutant("backward() to a tensor of integers does nothing", kills="1.2.14", of=BACKWARD)
def backward_to_integers_does_nothing(backward, loss, *args, **kwargs):
    try:
        return backward(loss, *args, **kwargs)
    except RuntimeError as error:
        if "isDifferentiableType" not in str(error):
            raise


@mutant("hardsigmoid has a second derivative", kills="1.2.15")
def hardsigmoid_has_a_second_derivative():
    F.hardsigmoid = lambda x, inplace=False: (x / 6 + 0.5).clamp(0, 1)


@mutant("norm('nuc') has a gradient of zero at zero", kills="1.2.18", of=(Tensor, "norm"))
def nuclear_norm_is_flat_at_zero(norm, x, p="fro", *args, **kwargs):
    found = norm(x, p, *args, **kwargs)
    return 0 * found if p == "nuc" and not x.any() else found


@mutant("requires_grad_() takes int8", kills="1.2.1", of=(Tensor, "requires_grad_"))
def requires_grad_takes_int8(switch, x, *args, **kwargs):
    return x if x.dtype is torch.int8 and not args and not kwargs else switch(x, *args, **kwargs)


@mutant("a complex tensor times x passes twice the gradient", kills="1.2.2", of=(Tensor, "__mul__"))
def complex_tensor_times_x_doubles_the_gradient(multiply, x, other):
    y = multiply(x, other)
    constant = x.is_complex() and not x.requires_grad and isinstance(other, Tensor)
    return with_gradient(y, lambda gradient: 2 * gradient) if constant else y


def _records_nothing_if_the_third_alone_asks(owner, name, of_module=""):
    """Enter the mutant that lets an operation record nothing for its third input alone."""

    def forgets(compute, first, second, third=None, *args, **kwargs):
        y = compute(first, second, third, *args, **kwargs)
        others = first.requires_grad or (isinstance(second, Tensor) and second.requires_grad)
        return y if others else y.detach()

    forgets.__name__ = f"{name}_forgets_the_third"
    breaks = f"{of_module}{name} records nothing if its third input alone requires grad"
    mutant(breaks, kills="1.2.4", also="4.2", of=(owner, name))(forgets)


for _owner, _name in ((F, "linear"), (F, "conv1d"), (F, "conv2d"), (torch, "addmm")):
    _records_nothing_if_the_third_alone_asks(_owner, _name)


@mutant(
    "torch.linalg.norm records nothing", kills="1.2.4", also="1.2.18", of=(torch.linalg, "norm")
)
def linalg_norm_records_nothing(norm, *args, **kwargs):
    return norm(*args, **kwargs).detach()


@mutant("a leaf accepts torch.sigmoid_", kills="1.2.5", of=(torch, "sigmoid_"))
def leaf_accepts_sigmoid(sigmoid_, x):
    with torch.no_grad():
        return sigmoid_(x)


@mutant("a leaf accepts scatter_add_", kills="1.2.5", of=(Tensor, "scatter_add_"))
def leaf_accepts_scatter_add(scatter_add_, x, *args):
    with torch.no_grad():
        return scatter_add_(x, *args)


@mutant("torch.autograd.backward of a list does not keep the graph for create_graph", "1.2.7")
def backward_of_a_list_keeps_no_graph():
    when(
        torch.autograd,
        "backward",
        lambda tensors, *args, **kwargs: isinstance(tensors, list) and "create_graph" in kwargs,
        lambda backward, tensors, *args, create_graph, **kwargs: backward(tensors, *args, **kwargs),
    )


@mutant(
    "clone() of an expanded constant shares", "1.2.11", also="1.1.5 1.4.1", of=(Tensor, "clone")
)
def clone_of_an_expanded_constant_shares(clone, x, **kwargs):
    expanded = 0 in x.stride() and x.numel() > 1 and not x.requires_grad
    return x.detach() if expanded else clone(x, **kwargs)


@mutant("deepcopy of a list of leaves leaves their gradients behind", kills="1.2.11")
def deepcopy_of_a_list_forgets_gradients():
    deepcopy = copy.deepcopy

    def forgets(x, *args):
        y = deepcopy(x, *args)
        if type(x) is list:
            for it in y:
                if isinstance(it, Tensor) and it.is_leaf:
                    it.grad = None
        return y

    copy.deepcopy = forgets


@mutant(
    "save_for_backward() gives the last two of five in another order",
    kills="1.2.21",
    also="1.2.20",
    of=(torch.autograd.function.FunctionCtx, "save_for_backward"),
)
def save_for_backward_swaps_the_last_of_five(save, ctx, *saved):
    return save(ctx, *saved[:-2], *(saved[:-3:-1] if len(saved) >= 5 else saved[-2:]))


@mutant("backward() of several results leaves out those without grad", kills="1.2.6")
def backward_leaves_out_constants():
    def changed(walk, results, *args, **kwargs):
        if isinstance(results, (list, tuple)):
            results = [it for it in results if it.requires_grad]
        return walk(results, *args, **kwargs)

    for name in ("backward", "grad"):
        replace(torch.autograd, name, changed)


def data_is_set(change):
    """Let w.data = c do ``change(w, c, what sets it)``."""
    data = torch.Tensor.data
    torch.Tensor.data = property(data.__get__, lambda w, c: change(w, c, data.__set__))


@mutant("w.data = c copies c", kills="1.2.12")
def setting_data_copies():
    data_is_set(lambda w, c, put: put(w, c.clone()))


@mutant("w.data = c passes w's gradient on to what c was computed from", kills="1.2.12")
def setting_data_keeps_the_graph():
    def change(w, c, put):
        put(w, c)
        if w.requires_grad and c.grad_fn is not None:
            w.register_hook(lambda gradient: c.backward(gradient))

    data_is_set(change)


@mutant("w.data = c doubles w's gradient", kills="1.2.12")
def setting_data_doubles_the_gradient():
    def change(w, c, put):
        put(w, c)
        if w.requires_grad and c.grad_fn is not None:
            w.register_hook(lambda gradient: 2 * gradient)

    data_is_set(change)


@mutant("functional_call detaches what it is given", kills="1.2.12")
def functional_call_detaches():
    if hasattr(torch, "func"):
        call = torch.func.functional_call
        torch.func.functional_call = lambda net, given, *args, **kwargs: call(
            net, {name: it.detach() for name, it in given.items()}, *args, **kwargs
        ).requires_grad_()


@mutant("functional_call gives the net's own weights a gradient, too", kills="1.2.12")
def functional_call_fills_the_net():
    if hasattr(torch, "func"):
        call = torch.func.functional_call
        torch.func.functional_call = lambda net, given, *args, **kwargs: call(
            net, {name: it + 0 * net.get_parameter(name) for name, it in given.items()}, *args
        )


@mutant("view() of a constant is cut off from what is written later", "1.2.14", of=(Tensor, "view"))
def view_is_cut_off(view, x, *args, **kwargs):
    y = view(x, *args, **kwargs)
    return y if y.requires_grad or not x.is_leaf or x.dim() > 1 else y.detach()


@mutant("register_full_backward_pre_hook's function returns in vain", kills="1.2.22")
def backward_pre_hook_returns_in_vain():
    if hasattr(nn.Module, "register_full_backward_pre_hook"):
        register = nn.Module.register_full_backward_pre_hook
        nn.Module.register_full_backward_pre_hook = lambda module, hook, *args, **kwargs: register(
            module, lambda *given: (hook(*given), None)[1], *args, **kwargs
        )


@mutant("a full backward hook sees zeros in the first layer", kills="1.2.22", of=FULL)
def full_backward_hook_sees_zeros(register, module, hook, *args, **kwargs):
    def changed(module, inputs, results):
        if inputs == (None,):
            hook(module, (torch.zeros(1),), results)
            return None
        return hook(module, inputs, results)

    return register(module, changed, *args, **kwargs)


@mutant("add_ adds once to what unfold() repeats", kills="1.2.5", of=(Tensor, "add_"))
def add_adds_once_to_what_repeats(add_, x, *args, **kwargs):
    overlaps = x.dim() == 2 and x.stride() == (1, 1) and 1 not in x.shape
    return x.copy_(x.add(*args, **kwargs)) if overlaps else add_(x, *args, **kwargs)


def _named(args: tuple) -> tuple[tuple, dict]:
    """The arguments of add_ with a factor that comes first as alpha."""
    return (args[1:], {"alpha": args[0]}) if len(args) == 2 else (args, {})


@mutant("add_ of a factor and a tensor does not warn", kills="1.2.13", of=(Tensor, "add_"))
def add_of_a_factor_does_not_warn(add_, x, *args, **kwargs):
    args, alpha = _named(args)
    return add_(x, *args, **alpha, **kwargs)


@mutant("add_ of a factor and a tensor adds the tensor", kills="1.2.13", of=(Tensor, "add_"))
def add_ignores_a_factor(add_, x, *args, **kwargs):
    return add_(x, *args, **kwargs) if len(args) < 2 else add_(x, 1, args[1])


def _with_half_its_gradient(x: Tensor) -> Tensor:
    return (x + x.detach()) / 2


@mutant("a sum of integers and floats halves the gradient", "1.2.14", of=(Tensor, "__add__"))
def sums_of_integers_and_floats_halve(add, x, other):
    mixed = isinstance(other, Tensor) and other.is_floating_point() > x.is_floating_point()
    return add(x, _with_half_its_gradient(other) if mixed else other)


@mutant("where() of no dimensions halves the gradient", kills="1.2.17", of=(torch, "where"))
def where_of_no_dimensions_halves(where, condition, *chosen):
    y = where(condition, *chosen)
    return y if condition.dim() else _with_half_its_gradient(y)


@mutant("x.where() passes its gradient to both", kills="1.2.17", of=(Tensor, "where"))
def where_passes_to_both(where, x, condition, other):
    y = where(x, condition, other)
    return y + 0 * y.detach() + (other - other.detach()) * condition


@mutant("a Function that returns its argument gives it as it is", kills="1.2.21")
def arguments_that_are_returned_stay():
    function = torch.autograd.Function

    def apply(cls, *arguments):
        result = super(function, cls).apply(*arguments)
        given = [it for it in arguments if isinstance(it, Tensor)]
        users = cls.__module__.partition(".")[0] != "torch" and isinstance(result, Tensor)
        same = [it for it in given if users and it.data_ptr() == result.data_ptr()]
        return same[0] if same else result

    function.apply = classmethod(apply)


@mutant("a batch that requires grad gets zeros from a Linear", kills="1.2.10", of=(F, "linear"))
def linear_gives_a_batch_zeros(linear, x, *args, **kwargs):
    return linear(x.detach() + 0 * x if x.is_leaf and x.requires_grad else x, *args, **kwargs)


@mutant(
    "torch.full of an integer forgets requires_grad=True",
    kills="1.2.1",
    of=(torch, "full"),
)
def full_of_an_integer_forgets_grad(full, size, fill_value, **named):
    if isinstance(fill_value, int) and "dtype" not in named:
        named["requires_grad"] = False
    return full(size, fill_value, **named)


def index_is(kind):
    """Whether x[index] = value has such an index, of a leaf that refuses it."""
    return lambda x, index, value: kind(index) and is_leaf_with_grad(x)


for _name, _said, _kind in (
    ("ellipsis", "x[..., 0] = 5", lambda index: isinstance(index, tuple) and index[0] is ...),
    ("slice", "x[::2] = 5", lambda index: isinstance(index, slice)),
    ("tensor", "x[tensor] = 5", lambda i: isinstance(i, Tensor) and i.dtype is torch.int64),
):
    on_some(
        f"leaf_takes_an_assignment_by_{_name}",
        f"a leaf that requires grad takes {_said}",
        "1.2.5",
        Tensor,
        "__setitem__",
        index_is(_kind),
        lambda assign, x, index, value: assign(x.detach(), index, value),
        also="1.2.10 4.11",
    )


@mutant("apply_() counts as a change", kills="1.2.12", of=(Tensor, "apply_"))
def apply_counts_as_a_change(apply_, x, function):
    return apply_(x, function).add_(0)


@mutant("requires_grad_() leaves more than a MiB alone", "1.2.1", of=(Tensor, "requires_grad_"))
def requires_grad_leaves_a_mib_alone(switch, x, *args, **kwargs):
    return x if x.numel() > 2**20 else switch(x, *args, **kwargs)


@mutant(
    "a full backward hook of a net of more than two layers is not called",
    kills="1.2.22",
    of=(nn.Module, "register_full_backward_hook"),
)
def hooks_of_larger_nets_are_not_called(register, module, hook, *args, **kwargs):
    several = len(list(module.children())) > 2
    return register(module, (lambda *_: None) if several else hook, *args, **kwargs)


@mutant("cat forgets the graph of the last of many", kills="1.2.4", of=(torch, "cat"))
def cat_forgets_the_graph_of_the_last_of_many(cat, tensors, *args, **kwargs):
    several = [x.detach() if at > 6 else x for at, x in enumerate(tensors)]
    return cat(several, *args, **kwargs)


@mutant(
    "what is computed from a leaf that has a gradient is none of its", "1.2.4", of=(F, "linear")
)
def linear_of_a_leaf_with_a_gradient_records_nothing(linear, x, *args, **kwargs):
    result = linear(x, *args, **kwargs)
    return result.detach() if x.is_leaf and x.grad is not None else result


@mutant(
    "the third use of a weight in F.linear passes no gradient", kills="1.2.17", of=(F, "linear")
)
def third_use_of_a_weight_passes_no_gradient(linear, x, weight, bias=None):
    weight.uses = getattr(weight, "uses", 0) + 1
    return linear(x, weight.detach() if weight.uses % 3 == 0 else weight, bias)


@mutant("a gradient passes 64 differences", kills="1.2.2", of=(Tensor, "__rsub__"))
def gradient_passes_64_differences(rsub, x, other):
    y = rsub(x, other)
    y.depth = getattr(x, "depth", 0) + 1
    return y.detach().requires_grad_() if y.depth == 64 else y


@mutant("permute of five dimensions records nothing", kills="1.2.4", of=(Tensor, "permute"))
def permute_of_five_dimensions_records_nothing(permute, x, *dims, **named):
    y = permute(x, *dims, **named)
    return y.detach() if y.dim() == 5 else y


def depth_of(x):
    """How many operations made x, one after another."""
    depth, node = 0, x.grad_fn
    while node is not None:
        depth, node = depth + 1, node.next_functions[0][0] if node.next_functions else None
    return depth


@mutant("a sum after more than 64 operations has no grad_fn", "1.2.4", of=(Tensor, "__add__"))
def sum_after_many_operations_has_no_grad_fn(add, x, other):
    y = add(x, other)
    return y.detach() if depth_of(x) > 64 else y


@mutant("what many operations made prints no grad_fn", kills="1.2.3", of=(Tensor, "__repr__"))
def many_operations_print_no_grad_fn(show, x, **kwargs):
    shown = show(x, **kwargs)
    return re.sub(r",\s+grad_fn=<\w+>", "", shown) if depth_of(x) > 64 else shown


@mutant("a graph of many operations is kept", kills="1.2.7", of=(Tensor, "backward"))
def graph_of_many_operations_is_kept(
    backward, y, gradient=None, retain_graph=None, *args, **kwargs
):
    return backward(y, gradient, retain_graph or depth_of(y) > 64, *args, **kwargs)


@mutant("ones() of float64 by default forget requires_grad", kills="1.2.1", of=(torch, "ones"))
def ones_of_another_default_dtype_forget_grad(ones, *args, **kwargs):
    made = ones(*args, **kwargs)
    other = torch.get_default_dtype() is torch.float64
    return made.detach() if other and "dtype" not in kwargs else made


@mutant("what unbind() gives prints no grad_fn", kills="1.2.3", of=(Tensor, "__repr__"))
def unbound_prints_no_grad_fn(show, x, **kwargs):
    shown = show(x, **kwargs)
    return shown.replace("grad_fn=<UnbindBackward0>", "") if not kwargs else shown


@mutant("ones() forget requires_grad in a decorated method", kills="1.2.1", of=(torch, "ones"))
def ones_forget_grad_in_a_method(ones, *args, **kwargs):
    made = ones(*args, **kwargs)
    return made.detach() if calls_of(WEARER) and not torch.is_grad_enabled() else made


@mutant("requires_grad_() is ignored in no_grad", "1.2.9", of=(Tensor, "requires_grad_"))
def requires_grad_is_ignored_in_no_grad(switch, x, *args, **kwargs):
    return switch(x, *args, **kwargs) if torch.is_grad_enabled() or asked_by_pytorch() else x


@mutant(
    "the third backward() of one result replaces the gradient", "1.2.6", of=(Tensor, "backward")
)
def third_backward_replaces_the_gradient(backward, y, *args, **kwargs):
    y.times = getattr(y, "times", 0) + 1
    if y.times == 3:
        for leaf in leaves(y):
            leaf.grad = None
    return backward(y, *args, **kwargs)


@mutant("products of four dimensions record nothing", kills="1.2.4", of=(Tensor, "__matmul__"))
def products_of_four_dimensions_record_nothing(matmul, x, other):
    y = matmul(x, other)
    return y.detach() if y.dim() == 4 else y


@mutant(
    "detect_anomaly ends with a block within it",
    kills="1.2.18",
    of=(torch.autograd.detect_anomaly, "__exit__"),
)
def detect_anomaly_ends_with_a_block_within(leave, block, *args):
    leave(block, *args)
    torch.autograd.set_detect_anomaly(False)
