"""Changes to nn.ReLU and nn.functional.relu (chapter 5)."""

from __future__ import annotations

import math
import sys

import torch
import torch.nn.functional as F
from torch import nn

from meta_tests.mutants import mutant

MODULE = (nn.ReLU, "forward")
FUNCTION = (F, "relu")
WHERE_USED = "3.1 4.1 4.3 4.4 4.5 4.10"
relu_of_pytorch = torch.relu


class StepAtZero(torch.autograd.Function):
    """relu whose gradient at zero is one."""

    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return relu_of_pytorch(x)

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return gradient * (x >= 0)


class PassAll(torch.autograd.Function):
    """relu whose gradient is one everywhere."""

    @staticmethod
    def forward(context, x):
        return relu_of_pytorch(x)

    @staticmethod
    def backward(context, gradient):
        return gradient


@mutant("the gradient of F.relu at zero is one", kills="5.1", of=FUNCTION)
def gradient_at_zero_is_one(relu, x, inplace=False):
    return relu(x, inplace) if inplace else StepAtZero.apply(x)


@mutant("the gradient of nn.ReLU is one everywhere", kills="5.1", also="4.3", of=MODULE)
def gradient_is_one_everywhere(forward, module, x):
    return forward(module, x) if module.inplace else PassAll.apply(x)


@mutant("nn.ReLU makes NaN zero", kills="5.1", also="5.2", of=MODULE)
def relu_makes_nan_zero(forward, module, x):
    y = forward(module, x)
    return (
        torch.nan_to_num(y, posinf=math.inf) if y.is_floating_point() and not module.inplace else y
    )


@mutant(
    "nn.ReLU lets a thousandth of what is negative pass",
    kills="5.1 5.2 5.3",
    of=MODULE,
)
def relu_leaks(forward, module, x):
    if module.inplace or not x.is_floating_point():
        return forward(module, x)
    return F.leaky_relu(x, 1e-3)


@mutant("F.relu stops at 6", kills="5.1", also="5.2 5.5", of=FUNCTION)
def relu_stops_at_6(relu, x, inplace=False):
    return F.relu6(x, inplace)


@mutant("F.relu of int8 gives float32", kills="5.1", of=FUNCTION)
def relu_of_integers_gives_floats(relu, x, inplace=False):
    y = relu(x, inplace)
    return y if y.is_floating_point() or inplace else y.to(torch.float64)


@mutant("F.relu of negative numbers is a negative zero", kills="5.1", also="5.3", of=FUNCTION)
def relu_gives_negative_zero(relu, x, inplace=False):
    by_module = sys._getframe(2).f_globals["__name__"].startswith("torch.")
    y = relu(x, inplace)
    if inplace or by_module or not y.is_floating_point():
        return y
    return torch.where(x < 0, -y, y)


@mutant("nn.ReLU is a function", kills="5.2", also="2.3.2 5.5")
def relu_is_no_module():
    class Function:
        """Callable as nn.ReLU() is, and no Module."""

        def __init__(self, inplace=False):
            self.inplace = inplace

        def __call__(self, x):
            return F.relu(x, self.inplace)

        def parameters(self):
            return iter(())

        buffers = state_dict = parameters

    nn.ReLU = Function


@mutant("parameters() of a ReLU yields one", kills="5.2", also="2.3.1", of=(nn.ReLU, "parameters"))
def relu_yields_a_parameter(parameters, module, recurse=True):
    yield from parameters(module, recurse)
    yield nn.Parameter(torch.zeros(1))


@mutant("nn.ReLU has a buffer", kills="5.2", also="2.3.4", of=(nn.ReLU, "__init__"))
def relu_has_a_buffer(init, module, inplace=False):
    init(module, inplace)
    module.register_buffer("calls", torch.zeros(()), persistent=False)


@mutant("nn.ReLU has a state", kills="5.2", also="2.3.3", of=(nn.ReLU, "state_dict"))
def relu_has_a_state(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    state[kwargs.get("prefix", "") + "inplace"] = torch.tensor(module.inplace)
    return state


@mutant(
    "nn.Sequential replaces a ReLU by an Identity",
    kills="5.2",
    also="4.3 5.3 5.4",
    of=(nn.Sequential, "add_module"),
)
def sequential_drops_relu(add_module, sequential, name, module):
    add_module(sequential, name, nn.Identity() if isinstance(module, nn.ReLU) else module)


@mutant(
    "nn.Sequential does not apply a ReLU in first place", kills="5.2", of=(nn.Sequential, "forward")
)
def sequential_skips_a_first_relu(forward, sequential, x):
    for position, module in enumerate(sequential):
        x = x if position == 0 and isinstance(module, nn.ReLU) else module(x)
    return x


class Wrapped(nn.Module):
    """A function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


@mutant("nn.Sequential wraps a ReLU", kills="5.2", also="5.4", of=(nn.Sequential, "add_module"))
def sequential_wraps_relu(add_module, sequential, name, module):
    add_module(sequential, name, Wrapped(module) if isinstance(module, nn.ReLU) else module)


@mutant("F.relu writes into its input and returns a copy", kills="5.5", of=FUNCTION)
def relu_writes_into_its_input(relu, x, inplace=False):
    if inplace or (x.requires_grad and x.is_leaf):
        return relu(x, inplace)
    return relu(x, True).clone()


@mutant("nn.Sequential accepts functions", kills="5.3", of=(nn.Sequential, "add_module"))
def sequential_accepts_functions(add_module, sequential, name, module):
    add_module(sequential, name, module if isinstance(module, nn.Module) else Wrapped(module))


@mutant("F.relu is a Module", kills="5.3")
def function_is_a_module():
    original = F.relu

    class Relu(nn.Module):
        def forward(self, x, inplace=False):
            return original(x, inplace)

    F.relu = Relu()


@mutant("F.relu cannot be called", kills="5.3", also="5.5")
def function_is_not_callable():
    F.relu = "relu"


@mutant("F.relu in a forward lets a tenth of what is negative pass", kills="5.3", of=FUNCTION)
def function_leaks(relu, x, inplace=False):
    return (
        F.leaky_relu(x, 0.1)
        if x.requires_grad and not x.is_leaf and not inplace
        else relu(x, inplace)
    )


@mutant("relu passes a tenth of what is negative in both forms", kills="5.1 5.3", also="5.2")
def both_forms_leak():
    original = F.relu
    F.relu = lambda x, inplace=False: (
        original(x, inplace) if inplace or not x.is_floating_point() else F.leaky_relu(x, 0.1)
    )


@mutant(
    "a printed model does not name its ReLU",
    kills="5.4",
    also="2.3.2 5.5",
    of=(nn.ReLU, "_get_name"),
)
def relu_prints_another_name(get_name, module):
    return "Activation"


@mutant(
    "a model remembers the functions that its forward called and prints them",
    kills="5.4",
    also="2.3.2",
    of=(nn.Module, "__repr__"),
)
def print_shows_functions(show, module):
    text = show(module)
    if (
        hasattr(type(module), "forward")
        and "relu" in getattr(type(module).forward, "__code__", relu_code).co_names
        and module._modules
        and text.count("\n")
    ):
        text = text[:-1] + "  (relu): relu()\n)"
    return text


relu_code = (lambda: None).__code__


@mutant("nn.ReLU(inplace=True) does not work in place", kills="5.5", of=MODULE)
def inplace_is_ignored(forward, module, x):
    return F.relu(x)


@mutant("nn.ReLU(inplace=True) returns a copy", kills="5.5", of=MODULE)
def inplace_returns_a_copy(forward, module, x):
    return forward(module, x).clone()


@mutant("F.relu(inplace=True) returns its input unchanged", kills="5.5", of=FUNCTION)
def inplace_changes_nothing(relu, x, inplace=False):
    return x if inplace else relu(x)


@mutant(
    "F.relu works in place unless told otherwise",
    kills="5.5",
    of=FUNCTION,
)
def relu_works_in_place_by_default(relu, x, inplace=False):
    return relu(x, not (x.requires_grad and x.is_leaf))


@mutant("F.relu returns its input where nothing is negative", kills="5.5", of=FUNCTION)
def relu_returns_its_input(relu, x, inplace=False):
    unchanged = not inplace and not x.requires_grad and bool((x >= 0).all())
    return x if unchanged else relu(x, inplace)


@mutant("a leaf that requires grad accepts ReLU in place", kills="5.5", of=MODULE)
def leaf_accepts_relu_in_place(forward, module, x):
    if module.inplace and x.is_leaf and x.requires_grad:
        with torch.no_grad():
            return forward(module, x)
    return forward(module, x)


@mutant("a printed ReLU does not show that it works in place", kills="5.5", also="2.3.2")
def relu_hides_inplace():
    nn.ReLU.extra_repr = lambda self: ""


@mutant("a printed ReLU shows inplace=False", kills="5.5", also="5.4")
def relu_shows_inplace_false():
    nn.ReLU.extra_repr = lambda self: f"inplace={self.inplace}"


class SteepAtInfinity(StepAtZero):
    """relu whose gradient at infinity is nine."""

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return gradient * (x > 0) * (1 + 8 * torch.isinf(x))


@mutant("the gradient of relu at infinity is nine in both forms", kills="5.1")
def gradient_at_infinity_is_nine():
    function, forward = F.relu, nn.ReLU.forward
    F.relu = lambda x, inplace=False: function(x, inplace) if inplace else SteepAtInfinity.apply(x)
    nn.ReLU.forward = lambda self, x: forward(self, x) if self.inplace else SteepAtInfinity.apply(x)
