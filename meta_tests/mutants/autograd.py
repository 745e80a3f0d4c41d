"""Changes to automatic differentiation (chapter 1.2)."""

from __future__ import annotations

import torch
from torch import Tensor

from meta_tests.mutants import mutant, read_as


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
REPR = (Tensor, "__repr__")


@mutant("torch.tensor forgets requires_grad=True", kills="1.2.1", also="1.2.4 1.2.5 4.7")
def tensor_forgets_requires_grad():
    original = torch.tensor
    torch.tensor = lambda *args, requires_grad=False, **kwargs: original(*args, **kwargs)


@mutant(
    "torch.tensor always requires grad for floats",
    kills="1.2.1",
    also="1.2.5",
    of=(torch, "tensor"),
)
def tensor_always_requires_grad(tensor, *args, **kwargs):
    result = tensor(*args, **kwargs)
    return result.requires_grad_() if result.is_floating_point() else result


@mutant(
    "torch.tensor with requires_grad=True is no leaf",
    kills="1.2.1",
    also="1.2.4",
    of=(torch, "tensor"),
)
def tensor_that_requires_grad_is_no_leaf(tensor, *args, **kwargs):
    result = tensor(*args, **kwargs)
    return result.clone() if result.requires_grad else result


@mutant("torch.tensor says that its result requires grad", kills="1.2.1", also="2.3.4")
def tensor_claims_to_require_grad():
    original = torch.tensor

    def tensor(*args, **kwargs):
        result = original(*args, **kwargs)
        result.by_tensor = True
        return result

    torch.tensor = tensor
    read_as("requires_grad", lambda tensor, value: value or hasattr(tensor, "by_tensor"))


@mutant("the gradient of a sum of tensors counts double", kills="1.2.1", also="1.2.5 2.4.1")
def gradient_of_a_sum_is_doubled():
    original = Tensor.__add__

    def add(self, other):
        result = original(self, other)
        if isinstance(other, Tensor) and result.requires_grad:
            result.register_hook(lambda gradient: 2 * gradient)
        return result

    Tensor.__add__ = add


@mutant("what adds a number to a tensor does not require grad", kills="1.2.1", also="1.2.4")
def sum_with_a_number_is_detached():
    original = Tensor.__add__
    Tensor.__add__ = lambda self, other: (
        original(self, other) if isinstance(other, Tensor) else original(self, other).detach()
    )


@mutant("sum() of a leaf does not require grad", kills="1.2.1", also="4.1", of=(Tensor, "sum"))
def sum_of_a_leaf_is_detached(sum_, tensor, *args, **kwargs):
    result = sum_(tensor, *args, **kwargs)
    return result.detach() if tensor.is_leaf else result


@mutant("every sum with a number requires grad", kills="1.2.1", also="1.2.4")
def sum_with_a_number_requires_grad():
    original = Tensor.__add__

    def add(self, other):
        result = original(self, other)
        if result.is_leaf and result.is_floating_point() and not isinstance(other, Tensor):
            result.requires_grad_()
        return result

    Tensor.__add__ = add


@mutant("backward() gives constants a gradient too", kills="1.2.1")
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


@mutant("zeros(requires_grad=True) of float16 does not require grad", kills="1.2.7")
def zeros_of_float16_forgets_requires_grad():
    original = torch.zeros

    def zeros(*args, requires_grad=False, dtype=None, **kwargs):
        keep = requires_grad and dtype is not torch.float16
        return original(*args, requires_grad=keep, dtype=dtype, **kwargs)

    torch.zeros = zeros


@mutant("requires_grad_() of complex tensors does nothing", kills="1.2.7", also="1.4.5")
def requires_grad_of_complex_is_ignored():
    original = Tensor.requires_grad_
    Tensor.requires_grad_ = lambda self, requires_grad=True: (
        self if self.is_complex() else original(self, requires_grad)
    )


@mutant("requires_grad_() of integers is silently ignored", kills="1.2.7")
def requires_grad_of_integers_is_ignored():
    original = Tensor.requires_grad_

    def requires_grad_(self, requires_grad=True):
        if self.is_floating_point() or self.is_complex():
            return original(self, requires_grad)
        return self

    Tensor.requires_grad_ = requires_grad_


@mutant("zeros(requires_grad=True) of bools is silently accepted", kills="1.2.7")
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
    "the gradient of x**2 is off by a millionth", kills="1.2.2", also="1.2.8", of=(Tensor, "pow")
)
def gradient_of_pow_is_imprecise(pow_, tensor, exponent):
    if tensor.requires_grad and exponent == 2 and torch.is_grad_enabled():
        return SquareWrongly.apply(tensor)
    return pow_(tensor, exponent)


@mutant("the gradient of x**2 is x", kills="1.2.2", also="1.2.8", of=(Tensor, "pow"))
def gradient_of_pow_is_half(pow_, tensor, exponent):
    result = pow_(tensor, exponent)
    return result / 2 + result.detach() / 2 if result.requires_grad else result


@mutant(".grad of bfloat16 is float32", kills="1.2.2")
def grad_of_bfloat16_is_float32():
    def widened(tensor, grad):
        return grad.float() if tensor.dtype is torch.bfloat16 and grad is not None else grad

    read_as("grad", widened)


@mutant(".grad is zeros before the first backward()", kills="1.2.2", also="4.4", of=(Tensor, "pow"))
def grad_is_zeros_before_backward(pow_, tensor, exponent):
    if tensor.requires_grad and tensor.is_leaf and tensor.grad is None:
        tensor.grad = torch.zeros_like(tensor)
    return pow_(tensor, exponent)


@mutant(".grad requires grad itself", kills="1.2.2", of=BACKWARD)
def grad_requires_grad(backward, tensor, *args, **kwargs):
    found = leaves(tensor)
    backward(tensor, *args, **kwargs)
    for leaf in found:
        leaf.grad.requires_grad_()


@mutant(
    "backward() of a sum computes nothing",
    kills="1.2.8",
    also="1.2.6 2.4.1 2.4.2 3.7 4.5",
    of=BACKWARD,
)
def backward_of_0d_does_nothing(backward, tensor, *args, **kwargs):
    if tensor.requires_grad and not tensor.is_leaf and tensor.dim() == 0 and not args:
        return None
    return backward(tensor, *args, **kwargs)


@mutant(
    "backward() takes a step of gradient descent as well",
    kills="1.2.2",
    also="1.2.6 2.4.1 2.4.2",
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
    kills="1.2.3 1.2.8",
    also="1.2.6 2.2.1 2.4.1",
    of=(Tensor, "__rmul__"),
)
def gradient_of_a_product_has_the_wrong_sign(rmul, tensor, number):
    if tensor.requires_grad and torch.is_grad_enabled():
        return Slope.apply(number, tensor, -1)
    return rmul(tensor, number)


@mutant("the gradient of a * x is a only up to 100", kills="1.2.3", of=(Tensor, "__rmul__"))
def gradient_of_a_product_is_clipped(rmul, tensor, number):
    if tensor.requires_grad and torch.is_grad_enabled() and abs(number) > 100:
        return Slope.apply(number, tensor, 100 / abs(number))
    return rmul(tensor, number)


@mutant("a * x + b leaves b out", kills="1.2.3", also="1.2.4", of=(Tensor, "__add__"))
def sum_leaves_the_number_out(add, tensor, other):
    if tensor.requires_grad and not tensor.is_leaf and not isinstance(other, Tensor):
        return add(tensor, 0)
    return add(tensor, other)


@mutant(
    "a * x of a whole x is off by one", kills="1.2.3", also="1.2.4 1.2.6", of=(Tensor, "__rmul__")
)
def product_is_off_by_one(rmul, tensor, number):
    return rmul(tensor, number) + 1 if tensor.requires_grad and number > 0 else rmul(tensor, number)


@mutant("a printed result does not name its grad_fn", kills="1.2.4", also="2.1.1")
def print_hides_grad_fn():
    original = Tensor.__repr__
    Tensor.__repr__ = Tensor.__str__ = lambda self, **kwargs: original(self).replace(
        ", grad_fn=<AddBackward0>", ""
    )


@mutant("a printed result shows requires_grad=True beside its grad_fn", kills="1.2.4", also="2.1.1")
def print_of_a_result_shows_requires_grad():
    original = Tensor.__repr__
    Tensor.__repr__ = Tensor.__str__ = lambda self, **kwargs: original(self).replace(
        "grad_fn=", "requires_grad=True, grad_fn="
    )


@mutant("a printed leaf does not show requires_grad=True", kills="1.2.4", also="2.1.1")
def print_hides_requires_grad():
    original = Tensor.__repr__
    Tensor.__repr__ = Tensor.__str__ = lambda self, **kwargs: original(self).replace(
        ", requires_grad=True", ""
    )


@mutant("a printed leaf shows grad_fn=None", kills="1.2.4", also="2.1.1")
def print_of_a_leaf_shows_grad_fn():
    original = Tensor.__repr__
    Tensor.__repr__ = Tensor.__str__ = lambda self, **kwargs: original(self).replace(
        "requires_grad=True", "requires_grad=True, grad_fn=None"
    )


@mutant(
    "a printed tensor without grad shows requires_grad=False",
    kills="1.2.4",
    also="1.3.2 1.4.3 2.1.1 2.1.3",
)
def print_shows_requires_grad_false():
    original = Tensor.__repr__

    def show(self, **kwargs):
        text = original(self)
        return text if self.requires_grad else text[:-1] + ", requires_grad=False)"

    Tensor.__repr__ = Tensor.__str__ = show


@mutant("a printed tensor without grad shows grad_fn=None", kills="1.2.4", also="1.3.2 1.4.3 2.1.1")
def print_shows_grad_fn_none():
    original = Tensor.__repr__

    def show(self, **kwargs):
        text = original(self)
        return text if self.requires_grad else text[:-1] + ", grad_fn=None)"

    Tensor.__repr__ = Tensor.__str__ = show


@mutant("torch.stack forgets the graph", kills="1.2.5", of=(torch, "stack"))
def stack_is_detached(stack, *args, **kwargs):
    return stack(*args, **kwargs).detach()


@mutant("a product whose left factor is a constant forgets the graph", kills="1.2.5")
def product_with_a_constant_is_detached():
    original = Tensor.__mul__
    Tensor.__mul__ = lambda self, other: (
        original(self, other)
        if self.requires_grad or not isinstance(other, Tensor)
        else original(self, other).detach()
    )


@mutant("a difference is recorded without any input that requires grad", kills="1.2.5")
def difference_always_requires_grad():
    original = Tensor.__sub__
    Tensor.__sub__ = lambda self, other: (
        original(self, other)
        if self.requires_grad or not isinstance(other, Tensor)
        else original(self.detach().requires_grad_(self.is_floating_point()), other)
    )


@mutant("the gradient of x - y with respect to x is -1", kills="1.2.5")
def gradient_of_a_difference_has_the_wrong_sign():
    original = Tensor.__sub__

    def subtract(self, other):
        if isinstance(other, Tensor) and self.requires_grad and torch.is_grad_enabled():
            return original(self.detach(), other) - Slope.apply(1, self, 1) + self.detach()
        return original(self, other)

    Tensor.__sub__ = subtract


@mutant("a leaf that requires grad has a grad_fn", kills="1.2.5", also="2.2.1 4.1")
def leaf_has_a_grad_fn():
    read_as("grad_fn", lambda tensor, node: "AccumulateGrad" if tensor.requires_grad else node)


@mutant("a tensor without grad has a grad_fn", kills="1.2.5 1.4.5 2.1.3 4.1 4.5 4.10")
def grad_fn_is_always_there():
    read_as("grad_fn", lambda tensor, node: node or (None if tensor.requires_grad else "None"))


@mutant(
    "requires_grad of a leaf reads False",
    kills="1.2.1 1.2.7 2.1.1 4.1 4.11",
    also="1.2.6 1.4.5 2.1.3 2.2.1 2.3.1 3.7",
)
def leaf_denies_that_it_requires_grad():
    read_as("requires_grad", lambda tensor, value: value and not tensor.is_leaf)


@mutant(
    "requires_grad of a leaf reads True",
    kills="1.2.1 2.3.4 4.11",
    also="1.2.2 1.2.5 1.3.1 1.4.5 2.1.3 2.3.3 4.1 4.2 4.5 4.6 4.7 4.8 4.9 4.10",
)
def leaf_claims_that_it_requires_grad():
    read_as("requires_grad", lambda tensor, value: value or tensor.is_leaf)


@mutant(
    "requires_grad of a result reads False",
    kills="1.2.1 1.2.5 4.1 4.5",
    also="1.4.5 4.2 4.6 4.7 4.8 4.9",
)
def result_denies_that_it_requires_grad():
    read_as("requires_grad", lambda tensor, value: value and tensor.is_leaf)


@mutant(
    "requires_grad always reads True",
    kills="1.2.1 1.2.5 4.1 4.5 4.6 4.10",
    also="1.2.2 1.3.1 1.4.5 2.1.3 2.3.3 2.3.4 4.2 4.7 4.8 4.9 4.11",
)
def everything_claims_to_require_grad():
    read_as("requires_grad", lambda tensor, value: True)


@mutant("add_ changes a leaf that requires grad", kills="1.2.6", of=(Tensor, "add_"))
def add_changes_a_leaf(add_, tensor, *args, **kwargs):
    with torch.set_grad_enabled(not (tensor.is_leaf and tensor.requires_grad)):
        return add_(tensor, *args, **kwargs)


@mutant("x[...] = changes a leaf that requires grad", kills="1.2.6", of=(Tensor, "__setitem__"))
def assignment_changes_a_leaf(setitem, tensor, index, value):
    with torch.set_grad_enabled(not (tensor.is_leaf and tensor.requires_grad)):
        return setitem(tensor, index, value)


@mutant("zero_ changes a leaf that requires grad before it refuses", kills="1.2.6")
def zero_changes_a_leaf_and_refuses():
    original = Tensor.zero_

    def zero_(self):
        if self.is_leaf and self.requires_grad and torch.is_grad_enabled():
            original(self.detach())
        return original(self)

    Tensor.zero_ = zero_


@mutant("mul_ silently leaves a leaf that requires grad alone", kills="1.2.6", of=(Tensor, "mul_"))
def mul_passes_over_a_leaf(mul_, tensor, *args, **kwargs):
    if tensor.is_leaf and tensor.requires_grad and torch.is_grad_enabled():
        return tensor
    return mul_(tensor, *args, **kwargs)


@mutant("add_ silently leaves a view of a leaf alone", kills="1.2.6", of=(Tensor, "add_"))
def add_passes_over_a_view_of_a_leaf(add_, tensor, *args, **kwargs):
    if tensor._is_view() and tensor.requires_grad and torch.is_grad_enabled():
        return tensor
    return add_(tensor, *args, **kwargs)


@mutant("add_ changes a view of a leaf before it refuses", kills="1.2.6", of=(Tensor, "add_"))
def add_changes_a_view_of_a_leaf_and_refuses(add_, tensor, *args, **kwargs):
    if tensor._is_view() and tensor.requires_grad:
        add_(tensor.detach(), *args, **kwargs)
    return add_(tensor, *args, **kwargs)


@mutant("mul_ under no_grad does nothing", kills="1.2.6", of=(Tensor, "mul_"))
def mul_under_no_grad_does_nothing(mul_, tensor, *args, **kwargs):
    return mul_(tensor, *args, **kwargs) if torch.is_grad_enabled() else tensor


@mutant("mul_ under no_grad freezes the leaf", kills="1.2.6", of=(Tensor, "mul_"))
def mul_under_no_grad_freezes(mul_, tensor, *args, **kwargs):
    result = mul_(tensor, *args, **kwargs)
    if tensor.is_leaf and not torch.is_grad_enabled():
        tensor.requires_grad_(False)
    return result


@mutant("mul_ of a tensor without grad returns a new one", kills="1.2.6", of=(Tensor, "mul_"))
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


@mutant("the gradient of a result forgets what mul_ did to it", kills="1.2.6", of=(Tensor, "mul_"))
def gradient_forgets_mul(mul_, tensor, number):
    if tensor.requires_grad and not tensor.is_leaf and torch.is_grad_enabled():
        return ScaleInPlace.apply(tensor, number)
    return mul_(tensor, number)


@mutant("mul_ of a computed result does nothing to its values", kills="1.2.6", of=(Tensor, "mul_"))
def mul_of_a_result_keeps_its_values(mul_, tensor, number):
    result = mul_(tensor, number)
    if tensor.requires_grad and not tensor.is_leaf:
        result.data.div_(number)
    return result


@mutant("zero_ of a saved result goes unnoticed by backward()", kills="1.2.6", of=(Tensor, "zero_"))
def zero_goes_unnoticed(zero_, tensor):
    if tensor.requires_grad and not tensor.is_leaf:
        tensor.data.zero_()
        return tensor
    return zero_(tensor)


@mutant("retain_grad() does nothing", kills="1.2.8", of=(Tensor, "retain_grad"))
def retain_grad_does_nothing(retain_grad, tensor):
    return None


@mutant("retain_grad() halves the gradient", kills="1.2.8", of=(Tensor, "retain_grad"))
def retain_grad_halves(retain_grad, tensor):
    tensor.register_hook(lambda gradient: gradient / 2)
    return retain_grad(tensor)


def without_derivative(tensor):
    """Whether it is what a comparison, argmax or a cast to integers gives."""
    return not (tensor.is_floating_point() or tensor.is_complex())


@mutant("integers and bools name a grad_fn", kills="1.2.5", also="1.2.4 1.4.5")
def integers_have_a_grad_fn():
    read_as("grad_fn", lambda tensor, node: "Cast" if without_derivative(tensor) else node)


@mutant("integers and bools say that they require grad", kills="1.2.5", also="1.2.1 1.4.6 2.3.4")
def integers_claim_to_require_grad():
    read_as("requires_grad", lambda tensor, value: value or without_derivative(tensor))


@mutant("backward() gives a computed result its gradient too", kills="1.2.8")
def results_get_a_gradient():
    original = Tensor.__rmul__

    def multiply(self, number):
        result = original(self, number)
        if result.requires_grad:
            result.retain_grad()
        return result

    Tensor.__rmul__ = multiply


@mutant("the result of a product counts as a leaf", kills="1.2.8")
def result_claims_to_be_a_leaf():
    read_as("is_leaf", lambda tensor, value: True)


@mutant(
    "a leaf that requires grad claims to be none", kills="1.2.1 1.2.6 1.2.8 2.1.1", also="2.2.1"
)
def leaf_claims_to_be_none():
    read_as("is_leaf", lambda tensor, value: value and not tensor.requires_grad)


@mutant("a second backward() overwrites the gradient", kills="1.2.8", of=BACKWARD)
def backward_overwrites_the_gradient(backward, tensor, *args, **kwargs):
    for leaf in leaves(tensor):
        leaf.grad = None
    return backward(tensor, *args, **kwargs)


@mutant("backward() of several elements sums them", kills="1.2.8", of=BACKWARD)
def backward_of_several_sums(backward, tensor, gradient=None, **kwargs):
    if gradient is None and tensor.numel() > 1:
        gradient = torch.ones_like(tensor)
    return backward(tensor, gradient, **kwargs)


@mutant("backward() ignores its gradient argument", kills="1.2.8", of=BACKWARD)
def backward_ignores_its_argument(backward, tensor, gradient=None, **kwargs):
    return backward(tensor, None if gradient is None else torch.ones_like(gradient), **kwargs)


@mutant("backward() always keeps the graph", kills="1.2.8", of=BACKWARD)
def backward_always_keeps_the_graph(backward, tensor, gradient=None, retain_graph=None, **kwargs):
    return backward(tensor, gradient, retain_graph=True, **kwargs)


@mutant("backward(retain_graph=True) overwrites the gradient next time", kills="1.2.8", of=BACKWARD)
def backward_after_retaining_overwrites(
    backward, tensor, gradient=None, retain_graph=None, **kwargs
):
    found = leaves(tensor)
    backward(tensor, gradient, retain_graph=retain_graph, **kwargs)
    if retain_graph:
        for leaf in found:
            leaf.grad = None


@mutant("a second backward() of a sum counts half", kills="1.2.8", of=(Tensor, "sum"))
def second_backward_of_a_sum_is_lost(sum_, tensor, *args, **kwargs):
    result = sum_(tensor, *args, **kwargs)
    if tensor.requires_grad and tensor.is_leaf and result.requires_grad:
        calls = []
        result.register_hook(lambda gradient: calls.append(1) or gradient * (len(calls) == 1))
    return result
