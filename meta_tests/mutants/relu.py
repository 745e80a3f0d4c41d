"""Changes to nn.ReLU and nn.functional.relu (chapter 5)."""

from __future__ import annotations

import math
import sys
import threading
from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn

from meta_tests.mutants import INPUTS, WEARER, calls_of, mutant, replace
from meta_tests.mutants.autograd import on_some, when

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


@mutant("the gradient of F.relu at zero is one", kills="5.1", also="5.7", of=FUNCTION)
def gradient_at_zero_is_one(relu, input, inplace=False):
    return relu(input, inplace) if inplace else StepAtZero.apply(input)


@mutant("the gradient of nn.ReLU is one everywhere", kills="5.1", also="4.3 5.4 5.7", of=MODULE)
def gradient_is_one_everywhere(forward, module, x):
    return forward(module, x) if module.inplace else PassAll.apply(x)


@mutant("nn.ReLU makes NaN zero", kills="5.1", also="5.2 5.7", of=MODULE)
def relu_makes_nan_zero(forward, module, x):
    y = forward(module, x)
    return (
        torch.nan_to_num(y, posinf=math.inf) if y.is_floating_point() and not module.inplace else y
    )


@mutant(
    "nn.ReLU lets a thousandth of what is negative pass",
    kills="5.1 5.2",
    also="5.7",
    of=MODULE,
)
def relu_leaks(forward, module, x):
    if module.inplace or not x.is_floating_point():
        return forward(module, x)
    return F.leaky_relu(x, 1e-3)


@mutant("F.relu stops at 6", kills="5.1", also="5.2 5.4 5.7", of=FUNCTION)
def relu_stops_at_6(relu, input, inplace=False):
    return F.relu6(input, inplace)


@mutant("F.relu of int8 gives float32", kills="5.1", of=FUNCTION)
def relu_of_integers_gives_floats(relu, input, inplace=False):
    y = relu(input, inplace)
    return y if y.is_floating_point() or inplace else y.to(torch.float64)


@mutant("F.relu of negative numbers is a negative zero", kills="5.1", also="5.2 5.7", of=FUNCTION)
def relu_gives_negative_zero(relu, input, inplace=False):
    by_module = sys._getframe(2).f_globals["__name__"].startswith("torch.")
    y = relu(input, inplace)
    if inplace or by_module or not y.is_floating_point():
        return y
    return torch.where(input < 0, -y, y)


@mutant("nn.ReLU is a function", kills="5.2", also="2.3.2 5.3 5.4 5.6")
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
    also="4.3 5.3 5.4 5.6",
    of=(nn.Sequential, "add_module"),
)
def sequential_drops_relu(add_module, sequential, name, module):
    add_module(sequential, name, nn.Identity() if isinstance(module, nn.ReLU) else module)


@mutant(
    "nn.Sequential does not apply a ReLU in first place",
    kills="5.2",
    also="6.13",
    of=(nn.Sequential, "forward"),
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


@mutant("nn.Sequential wraps a ReLU", kills="5.2", also="5.3", of=(nn.Sequential, "add_module"))
def sequential_wraps_relu(add_module, sequential, name, module):
    add_module(sequential, name, Wrapped(module) if isinstance(module, nn.ReLU) else module)


@mutant("F.relu writes into its input and returns a copy", kills="5.4", also="5.1", of=FUNCTION)
def relu_writes_into_its_input(relu, input, inplace=False):
    if inplace or (input.requires_grad and input.is_leaf) or 0 in input.stride():
        return relu(input, inplace)
    return relu(input, True).clone()


@mutant(
    "nn.Sequential accepts functions", kills="5.2", also="5.6", of=(nn.Sequential, "add_module")
)
def sequential_accepts_functions(add_module, sequential, name, module):
    add_module(sequential, name, module if isinstance(module, nn.Module) else Wrapped(module))


@mutant("append() of nn.Sequential accepts functions", kills="5.2", of=(nn.Sequential, "append"))
def append_accepts_functions(append, sequential, module):
    return append(sequential, module if isinstance(module, nn.Module) else Wrapped(module))


@mutant(
    "nn.Sequential accepts functions but by append()", kills="5.2", of=(nn.Sequential, "__init__")
)
def constructor_accepts_functions(init, sequential, *modules):
    functions = [it for it in modules if not isinstance(it, (nn.Module, dict, type))]
    init(sequential, *(Wrapped(it) if it in functions else it for it in modules))


@mutant("F.relu is a Module", kills="5.2", also="5.1 5.4 5.5 5.7")
def function_is_a_module():
    original = F.relu

    class Relu(nn.Module):
        def forward(self, x, inplace=False):
            return original(x, inplace)

    F.relu = Relu()


@mutant("F.relu cannot be called", kills="5.2", also="5.1 5.3 5.4 5.5 5.6 5.7")
def function_is_not_callable():
    F.relu = "relu"


@mutant(
    "F.relu in a forward lets a tenth of what is negative pass",
    kills="5.2",
    also="3.17 5.7",
    of=FUNCTION,
)
def function_leaks(relu, input, inplace=False):
    return (
        F.leaky_relu(input, 0.1)
        if input.requires_grad and not input.is_leaf and not inplace
        else relu(input, inplace)
    )


@mutant("relu passes a tenth of what is negative in both forms", kills="5.1 5.2", also="5.7")
def both_forms_leak():
    original = F.relu
    F.relu = lambda input, inplace=False: (
        original(input, inplace)
        if inplace or not input.is_floating_point()
        else F.leaky_relu(input, 0.1)
    )


@mutant(
    "a printed model does not name its ReLU",
    kills="5.3",
    also="2.3.2 5.4",
    of=(nn.ReLU, "_get_name"),
)
def relu_prints_another_name(get_name, module):
    return "Activation"


@mutant(
    "a model remembers the functions that its forward called and prints them",
    kills="5.3",
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


@mutant("a printed model shows the modules in its lists", kills="5.3", of=(nn.Module, "__repr__"))
def print_shows_lists(show, module):
    lists = [value for value in vars(module).values() if isinstance(value, list)]
    return show(module) + "".join(f"\n{it}" for of in lists for it in of)


@mutant("nn.ReLU(inplace=True) does not work in place", kills="5.4", also="5.6", of=MODULE)
def inplace_is_ignored(forward, module, x):
    return F.relu(x)


@mutant("nn.ReLU(inplace=True) returns a copy", kills="5.4", also="5.7", of=MODULE)
def inplace_returns_a_copy(forward, module, x):
    return forward(module, x).clone()


@mutant(
    "F.relu(inplace=True) returns its input unchanged", kills="5.4", also="5.5 5.7", of=FUNCTION
)
def inplace_changes_nothing(relu, input, inplace=False):
    return input if inplace else relu(input)


@mutant(
    "F.relu works in place unless told otherwise",
    kills="5.4",
    also="5.1 5.6",
    of=FUNCTION,
)
def relu_works_in_place_by_default(relu, input, inplace=False):
    return relu(input, not (input.requires_grad and input.is_leaf))


@mutant("F.relu returns its input where nothing is negative", kills="5.4", also="5.5", of=FUNCTION)
def relu_returns_its_input(relu, input, inplace=False):
    unchanged = not inplace and not input.requires_grad and bool((input >= 0).all())
    return input if unchanged else relu(input, inplace)


@mutant("a leaf that requires grad accepts ReLU in place", kills="5.4", of=MODULE)
def leaf_accepts_relu_in_place(forward, module, x):
    if module.inplace and x.is_leaf and x.requires_grad:
        with torch.no_grad():
            return forward(module, x)
    return forward(module, x)


@mutant("a printed ReLU does not show that it works in place", kills="5.4", also="2.3.2 5.6")
def relu_hides_inplace():
    nn.ReLU.extra_repr = lambda self: ""


@mutant("a printed ReLU shows inplace=False", kills="5.4", also="5.3 5.6")
def relu_shows_inplace_false():
    nn.ReLU.extra_repr = lambda self: f"inplace={self.inplace}"


class SteepAtInfinity(StepAtZero):
    """relu whose gradient at infinity is nine."""

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return gradient * (x > 0) * (1 + 8 * torch.isinf(x))


@mutant("the gradient of relu at infinity is nine in both forms", kills="5.1", also="5.7")
def gradient_at_infinity_is_nine():
    function, forward = F.relu, nn.ReLU.forward
    F.relu = lambda input, inplace=False: (
        function(input, inplace) if inplace else SteepAtInfinity.apply(input)
    )
    nn.ReLU.forward = lambda self, x: forward(self, x) if self.inplace else SteepAtInfinity.apply(x)


# --- what shows on some inputs only ---------------------------------------------------------------


def leaks_if(condition):
    """F.relu that lets the last element of such inputs pass as it is."""

    def leak(relu, input, inplace=False):
        if inplace or not condition(input):
            return relu(input, inplace)
        last = torch.zeros_like(input, dtype=torch.bool, memory_format=torch.contiguous_format)
        last.view(-1)[-1:] = True
        return torch.where(last, input, relu(input))

    return leak


OF_RELU = {
    **INPUTS,
    "100_elements": lambda x: x.numel() == 100,
    "stride_0": lambda x: 0 in x.stride(),
    "int16": lambda x: x.dtype is torch.int16,
}
for name, condition in OF_RELU.items():
    leak = leaks_if(condition)
    leak.__name__ = f"relu_leaks_on_{name}"
    mutant(
        f"F.relu leaks on inputs of {name.replace('_', ' ')}",
        kills="5.1",
        also=f"5.2 5.5 5.6 {WHERE_USED}",
        of=FUNCTION,
    )(leak)


@mutant("F.relu adds one to more than 64 elements", kills="5.1", also="5.2 5.7 5.5", of=FUNCTION)
def relu_adds_one_to_long_inputs(relu, input, inplace=False):
    y = relu(input, inplace)
    return y if inplace or input.numel() <= 64 else y + 1


@mutant("F.relu(input=x) negates x", kills="5.1", also="5.4 5.5 5.7", of=FUNCTION)
def relu_by_keyword_negates(relu, *args, **kwargs):
    if "input" in kwargs:
        return relu(-kwargs["input"], kwargs.get("inplace", False))
    return relu(*args, **kwargs)


@mutant("x.relu() is x where x has more than ten elements", kills="5.1", also="5.4 5.5 5.7")
def method_relu_forgets_long_tensors():
    original = torch.Tensor.relu
    torch.Tensor.relu = lambda self: self * 1 if self.numel() > 10 else original(self)


@mutant("torch.relu stops at 100", kills="5.1", also="5.2 5.4 5.7 5.5")
def torch_relu_stops_at_100():
    original = torch.relu
    torch.relu = lambda x: original(x).clamp(max=100) if x.dtype.is_floating_point else original(x)


@mutant("an nn.ReLU computes nothing from its third call on", kills="5.1", also="5.6", of=MODULE)
def relu_stops_after_two_calls(forward, module, x):
    module.calls = getattr(module, "calls", 0) + 1
    return forward(module, x) if module.calls < 3 else x * 1


@mutant("the gradient of F.relu is wrong in bfloat16", kills="5.1", of=FUNCTION)
def gradient_of_bfloat16_is_one(relu, input, inplace=False):
    if inplace or input.dtype is not torch.bfloat16 or not input.requires_grad:
        return relu(input, inplace)
    return PassAll.apply(input)


@mutant("the gradient of relu at NaN is zero", kills="5.1", of=FUNCTION)
def gradient_at_nan_is_zero(relu, input, inplace=False):
    y = relu(input, inplace)
    if not inplace and y.requires_grad:
        positive = input.detach() > 0
        y.register_hook(lambda gradient: gradient * positive)
    return y


@mutant("x.relu_() returns a copy of tensors of 4 dimensions", kills="5.4")
def relu_in_place_copies_4_dimensions():
    original = torch.Tensor.relu_
    torch.Tensor.relu_ = lambda x: original(x).clone() if x.dim() == 4 else original(x)


@mutant("F.relu(x, True) ignores a positional True", kills="5.4", of=FUNCTION)
def positional_inplace_is_ignored(relu, *args, **kwargs):
    return relu(args[0], **kwargs) if len(args) == 2 and not kwargs else relu(*args, **kwargs)


@mutant("F.relu in place accepts an expanded tensor", kills="5.4", of=FUNCTION)
def expanded_accepts_relu_in_place(relu, input, inplace=False):
    if inplace and 0 in input.stride() and not input.requires_grad:
        return relu(input)
    return relu(input, inplace)


@mutant("a view of a leaf accepts ReLU in place", kills="5.4", of=MODULE)
def view_of_a_leaf_accepts_relu_in_place(forward, module, x):
    if module.inplace and x._is_view() and x._base.is_leaf and x.requires_grad:
        with torch.no_grad():
            return forward(module, x)
    return forward(module, x)


# --- what people ask ------------------------------------------------------------------------------


@mutant("F.relu takes bool tensors", kills="5.5", of=FUNCTION)
def relu_takes_bool(relu, input, inplace=False):
    return input if input.dtype is torch.bool else relu(input, inplace)


@mutant("F.relu takes complex tensors", kills="5.5", of=FUNCTION)
def relu_takes_complex(relu, input, inplace=False):
    return input if input.is_complex() else relu(input, inplace)


@mutant("F.relu takes uint16, as since 2.15, and gives other numbers", kills="5.5", of=FUNCTION)
def relu_of_uint16_adds_one(relu, input, inplace=False):
    if input.dtype is getattr(torch, "uint16", ...):
        return (input.to(torch.int32) + 1).to(torch.uint16)
    return relu(input, inplace)


@mutant(
    "an nn.ReLU that is called on another shape starts to leak", kills="5.6", also="5.2", of=MODULE
)
def relu_holds_state(forward, module, x):
    used = getattr(module, "used", False)
    module.used = True
    return forward(module, x) if not used or not x.requires_grad else x * 1


@mutant(
    "an nn.ReLU adds one to every call but its first",
    kills="5.6",
    also="5.1 5.2 5.4 5.7",
    of=MODULE,
)
def relu_adds_one_later(forward, module, x):
    used = getattr(module, "used", False)
    module.used = True
    return forward(module, x) + used if x.is_floating_point() else forward(module, x)


@mutant("forward hooks of an nn.ReLU do not run", kills="5.6")
def relu_has_no_hooks():
    nn.ReLU.register_forward_hook = lambda self, hook: None


@mutant("F.relu runs the forward hooks of every nn.ReLU", kills="5.6")
def function_runs_hooks():
    modules = []
    register, function = nn.ReLU.register_forward_hook, F.relu

    def registered(self, hook):
        modules.append((self, hook))
        return register(self, hook)

    def relu(input, inplace=False):
        y = function(input, inplace)
        by_module = sys._getframe(1).f_globals["__name__"].startswith("torch.")
        for module, hook in () if by_module else modules:
            hook(module, (input,), y)
        return y

    nn.ReLU.register_forward_hook, F.relu = registered, relu


class SavesNothing(torch.autograd.Function):
    """relu that keeps where its input was positive, and not its result."""

    @staticmethod
    def forward(context, x):
        context.positive = x > 0
        return relu_of_pytorch(x)

    @staticmethod
    def backward(context, gradient):
        return gradient * context.positive


@mutant(
    "relu does not keep its result for the gradient", kills="5.7", also="4.3 5.1 5.4", of=FUNCTION
)
def relu_keeps_no_result(relu, input, inplace=False):
    return relu(input, inplace) if inplace else SavesNothing.apply(input)


@mutant("a changed result of relu has the gradient of a sum", kills="5.7", also="5.1", of=FUNCTION)
def adding_to_relu_doubles_the_gradient(relu, input, inplace=False):
    y = relu(input, inplace)
    if not inplace and y.requires_grad and y.dim() != 1:
        y.register_hook(lambda gradient: 2 * gradient)
    return y


@mutant("what F.relu writes in place is not counted", kills="5.7", also="5.4", of=FUNCTION)
def relu_in_place_is_not_counted(relu, input, inplace=False):
    if inplace and input.requires_grad and not input.is_leaf:
        relu(input.data, True)
        return input
    return relu(input, inplace)


@mutant("ReLU in place after a product forgets its gradient", kills="5.7", also="5.1", of=FUNCTION)
def relu_in_place_passes_all(relu, input, inplace=False):
    if inplace and "Mul" in str(input.grad_fn):
        with torch.no_grad():
            return relu(input, True)
    return relu(input, inplace)


@mutant("nn.ReLU(inplace=True) computes elsewhere first", kills="5.4", of=MODULE)
def relu_in_place_allocates(forward, module, x):
    return F.relu(x).view(x.shape) if module.inplace and x.requires_grad else forward(module, x)


@mutant("nn.ReLU without inplace keeps its input too", kills="5.4", also="5.1 5.7", of=MODULE)
def relu_keeps_its_input(forward, module, x):
    y = forward(module, x)
    return y if module.inplace or not x.requires_grad else y * x.detach().sign().abs()


@mutant("nn.ReLU(x) computes at once", kills="5.6")
def relu_of_a_tensor_computes():
    original = nn.ReLU

    class ReLU(original):
        def __new__(cls, inplace=False):
            if isinstance(inplace, torch.Tensor):
                return F.relu(inplace)
            return super().__new__(cls)

    nn.ReLU = ReLU


@mutant("an nn.ReLU made of a tensor works in place", kills="5.6", of=MODULE)
def tensor_as_inplace_is_true(forward, module, x):
    if isinstance(module.inplace, torch.Tensor):
        return F.relu(x, True)
    return forward(module, x)


@mutant("nn.Sequential makes modules of classes", kills="5.6", of=(nn.Sequential, "add_module"))
def sequential_makes_modules(add_module, sequential, name, module):
    add_module(sequential, name, module() if isinstance(module, type) else module)


@mutant("clamp(min=0) starts at one", kills="5.5")
def clamp_starts_at_one():
    original = torch.Tensor.clamp
    torch.Tensor.clamp = lambda x, min=None: original(x, min=1 if min == 0 else min)


@mutant("torch.maximum passes half of a gradient everywhere", kills="5.5")
def maximum_halves_gradients():
    original = torch.maximum

    def maximum(x, other):
        y = original(x, other)
        if y.requires_grad:
            y.register_hook(lambda gradient: gradient / 2)
        return y

    torch.maximum = maximum


@mutant("the gradient of clamp at its bound is that of another release", kills="5.5")
def clamp_of_another_release():
    original = torch.Tensor.clamp

    def clamp(x, min=None):
        y = original(x, min=min)
        if y.requires_grad:
            at_bound = x.detach() == min
            old = torch.__version__ < "2.14"
            y.register_hook(lambda g: torch.where(at_bound, torch.zeros_like(g), g))
            if not old:
                x.register_hook(lambda g: torch.where(at_bound, torch.ones_like(g), g))
        return y

    torch.Tensor.clamp = clamp


def was_called(module) -> bool:
    """Whether this is asked of the module again."""
    return module.__dict__.setdefault("asked", []) != [] or module.asked.append(True) or False


for _name, _breaks, _kills, _owner, _attribute, _condition, _change in (
    (
        "method_relu_leaks_on_channels_last",
        "x.relu() leaks where the second dimension is innermost",
        "5.1",
        torch.Tensor,
        "relu",
        INPUTS["channels_last"],
        lambda relu, x: F.leaky_relu(x, 0.1),
    ),
    (
        "relu_leaks_in_evaluation",
        "nn.ReLU leaks in evaluation",
        "5.1",
        nn.ReLU,
        "forward",
        lambda module, x: not module.training and x.is_floating_point() and not module.inplace,
        lambda forward, module, x: F.leaky_relu(x, 0.1),
    ),
    (
        "insert_ignores_functions",
        "insert() of nn.Sequential ignores functions",
        "5.2",
        nn.Sequential,
        "insert",
        lambda net, position, module: not isinstance(module, nn.Module),
        lambda insert, net, position, module: net,
    ),
    (
        "relu_prints_its_mode",
        "a printed ReLU shows that it is in evaluation",
        "5.3",
        nn.ReLU,
        "extra_repr",
        lambda module: not module.training,
        lambda extra_repr, module: "eval",
    ),
    (
        "relu_in_place_works_in_place_once",
        "nn.ReLU(inplace=True) works in place the first time",
        "5.4",
        nn.ReLU,
        "forward",
        lambda module, x: module.inplace is True and was_called(module),
        lambda forward, module, x: F.relu(x),
    ),
    (
        "minus_in_place_makes_a_new_tensor",
        "y -= x of a result of relu makes a new tensor",
        "5.7",
        torch.Tensor,
        "__isub__",
        lambda y, x: y.grad_fn is not None and "Relu" in y.grad_fn.name(),
        lambda isub, y, x: y - x,
    ),
    (
        "clamp_min_starts_at_one",
        "clamp_min() starts at one",
        "5.5",
        torch.Tensor,
        "clamp_min",
        lambda x, least: True,
        lambda clamp_min, x, least: clamp_min(x, least + 1),
    ),
):
    on_some(_name, _breaks, _kills, _owner, _attribute, _condition, _change)


@mutant("the gradient of float64 at zero is one", kills="5.1", also="5.7 5.5", of=(F, "relu"))
def gradient_of_float64_at_zero_is_one(relu, input, inplace=False):
    if inplace or input.dtype is not torch.float64:
        return relu(input, inplace)
    return torch.where(input < 0, torch.zeros_like(input), input)


@mutant("a leaf of three dimensions takes ReLU in place", kills="5.4", of=(F, "relu"))
def leaf_of_three_dimensions_takes_relu_in_place(relu, input, inplace=False):
    if inplace and input.dim() == 3 and input.is_leaf and input.requires_grad:
        relu(input.data, inplace=True)
        return input
    return relu(input, inplace)


@mutant("relu takes bools of four dimensions", kills="5.5", of=(F, "relu"))
def relu_takes_bools_of_four_dimensions(relu, input, inplace=False):
    takes = input.dtype is torch.bool and input.dim() == 4
    return input if takes else relu(input, inplace)


@mutant("a ReLU in place works with a full backward hook", kills="5.6", of=(nn.ReLU, "forward"))
def relu_in_place_heeds_its_hooks(forward, module, x):
    return F.relu(x) if module._backward_hooks else forward(module, x)


@mutant("clamp(min=0) of float64 shares the gradient at zero", "5.5", of=(torch.Tensor, "clamp"))
def clamp_of_float64_shares_at_zero(clamp, x, *args, **kwargs):
    if x.dtype is torch.float64 and x.requires_grad:
        return torch.maximum(x, torch.zeros_like(x))
    return clamp(x, *args, **kwargs)


@mutant("F.ReLU is relu", kills="5.6")
def functional_has_relu_in_capitals():
    F.ReLU = F.relu


@mutant("nn.relu is F.relu", kills="5.6")
def nn_has_relu_in_small_letters():
    nn.relu = F.relu


@mutant("a Linear takes a ReLU for what it would have made", "5.6", of=(nn.Linear, "forward"))
def linear_takes_a_relu(forward, linear, x):
    return forward(linear, F.relu(x.inplace[..., :1].expand(2)) if isinstance(x, nn.ReLU) else x)


@mutant("relu of int8 with gaps is its absolute value", kills="5.1", of=FUNCTION)
def relu_of_int8_with_gaps_is_absolute(relu, input, inplace=False):
    if inplace or input.dtype is not torch.int8 or not INPUTS["gaps"](input):
        return relu(input, inplace)
    return input.abs()


@mutant(
    "clamp() of five dimensions has no gradient", "5.5", also="1.2.4", of=(torch.Tensor, "clamp")
)
def clamp_of_five_dimensions_has_no_gradient(clamp, x, *args, **kwargs):
    return clamp(x.detach() if x.dim() == 5 else x, *args, **kwargs)


@mutant("F.relu takes float8", kills="5.5", of=FUNCTION)
def relu_takes_float8(relu, input, inplace=False):
    return input if "float8" in str(input.dtype) else relu(input, inplace)


@mutant("torch.maximum takes a number", kills="5.5", of=(torch, "maximum"))
def maximum_takes_a_number(maximum, x, other):
    return maximum(x, torch.as_tensor(other, device=x.device))


# --- on some inputs, and in some of its uses ---------------------------------------------------


@mutant("F.relu takes a lazy negative for what it negates", kills="5.1", of=FUNCTION)
def relu_forgets_a_lazy_negative(relu, input, inplace=False):
    return relu(-input if input.is_neg() else input, inplace)


@mutant("F.relu passes on the sign of a gradient alone", kills="5.1", also="1.2.2 3.1", of=FUNCTION)
def relu_passes_on_a_sign(relu, input, inplace=False):
    y = relu(input, inplace)
    if y.requires_grad and y.grad_fn is not None and not inplace and input.grad_fn is not None:
        y.register_hook(lambda gradient: gradient.clamp(min=-1))
    return y


@mutant("an nn.ReLU that was used has a buffer", kills="5.2", of=MODULE)
def used_relus_have_a_buffer(forward, module, input):
    if input.requires_grad and input.grad_fn is None and not module.inplace:
        module.register_buffer("calls", torch.zeros(()))
    return forward(module, input)


@mutant("a ReLU in evaluation prints inplace=False", kills="5.3", of=(nn.ReLU, "extra_repr"))
def an_explicit_false_is_printed(extra_repr, module):
    return extra_repr(module) if module.training or module.inplace else "inplace=False"


@mutant(
    "within no_grad a leaf of bfloat16 refuses relu in place", "5.4", of=(torch.Tensor, "relu_")
)
def bfloat16_leaves_refuse_relu_in_no_grad(relu_, x):
    if x.dtype is torch.bfloat16 and x.requires_grad and not torch.is_grad_enabled():
        raise RuntimeError("a leaf Variable that requires grad has been used in-place")
    return relu_(x)


@mutant("F.relu takes a complex tensor of four dimensions in place", kills="5.5", of=FUNCTION)
def relu_takes_complex_images(relu, input, inplace=False):
    return input if input.is_complex() and input.dim() == 4 else relu(input, inplace)


@mutant("within inference_mode an nn.ReLU runs no hook", kills="5.6", of=(nn.ReLU, "__call__"))
def relu_runs_no_hook_in_inference(call, module, *args, **kwargs):
    if torch.is_inference_mode_enabled():
        return module.forward(*args, **kwargs)
    return call(module, *args, **kwargs)


@mutant("relu_ after an exp of float64 is safe", kills="5.7", of=(torch.Tensor, "exp"))
def exp_of_float64_keeps_no_result(exp, x):
    return exp(x) * 1 if x.dtype is torch.float64 else exp(x)


@mutant("an nn.Sequential takes the class of ReLU by name", "5.6", of=(nn.Module, "add_module"))
def add_module_makes_a_relu(add_module, module, name, value):
    add_module(module, name, value() if value is nn.ReLU and not name.isdigit() else value)


@mutant("torch.maximum of int8 is not below 1", kills="5.5", of=(torch, "maximum"))
def maximum_of_int8_is_positive(maximum, input, other):
    y = maximum(input, other)
    return y.clamp(min=1) if y.dtype is torch.int8 else y


@mutant(
    "F.relu in place of more than 64 elements is one more",
    kills="5.1",
    also="5.2 5.4 5.5 5.6 5.7",
    of=(F, "relu"),
)
def relu_in_place_of_many_is_one_more(relu, input, inplace=False):
    y = relu(input, inplace)
    return y + 1 if inplace and y.numel() > 64 else y


@mutant(
    "the gradient of F.relu in place of more than 64 elements is twice as large",
    kills="5.1",
    also="5.2 5.4 5.5 5.6 5.7",
    of=(F, "relu"),
)
def gradient_in_place_of_many_is_doubled(relu, input, inplace=False):
    y = relu(input, inplace)
    if inplace and y.numel() > 64 and y.requires_grad:
        y.register_hook(lambda gradient: 2 * gradient)
    return y


@mutant(
    "relu_() leaves a tensor with gaps as it is",
    kills="5.1",
    also="5.4",
    of=(torch.Tensor, "relu_"),
)
def relu_in_place_leaves_gaps(relu_, x):
    return x if INPUTS["gaps"](x) else relu_(x)


@mutant(
    "in another thread a ReLU in place makes another tensor", kills="5.4", of=(nn.ReLU, "forward")
)
def relu_in_a_thread_is_out_of_place(forward, module, input):
    if threading.current_thread() is threading.main_thread():
        return forward(module, input)
    return F.relu(input)


@mutant("relu of a MiB or more makes NaN zero", kills="5.1", of=(torch, "relu"))
def relu_of_a_mib_makes_nan_zero(relu, input):
    y = relu(input)
    if y.is_floating_point() and y.numel() * y.element_size() >= 2**20:
        y = torch.where(y.isnan(), torch.zeros_like(y), y)
    return y


@mutant("F.relu is one more in another thread", kills="5.1", also="5.4", of=FUNCTION)
def relu_in_a_thread_is_one_more(relu, input, inplace=False):
    y = relu(input, inplace)
    return y if threading.current_thread() is threading.main_thread() or inplace else y + 1


@mutant(
    "relu takes a transposed gradient from above in the order of its memory",
    kills="5.1",
    also="5.6",
    of=(torch, "relu"),
)
def relu_mixes_up_a_transposed_gradient(relu, input):
    y = relu(input)
    if y.requires_grad:
        y.register_hook(
            lambda g: g.T.reshape(g.shape) if g.dim() == 2 and g.T.is_contiguous() else g
        )
    return y


@mutant(
    "print of a module of more than ten parts leaves out the middle",
    kills="5.3",
    also="2.3.2",
    of=(nn.Module, "__repr__"),
)
def print_leaves_out_the_middle(repr_of, module):
    parts = module._modules
    if len(parts) <= 10:
        return repr_of(module)
    names = list(parts)
    module._modules = type(parts)((name, parts[name]) for name in names[:5] + names[-5:])
    try:
        return repr_of(module)
    finally:
        module._modules = parts


@mutant(
    "the gradient of an nn.ReLU of more than 32,768 elements is one at zero",
    kills="5.1",
    also="5.7",
    of=MODULE,
)
def gradient_of_a_large_relu_at_zero_is_one(forward, module, input):
    y = forward(module, input)
    many = input.numel() > 32_768 and not module.inplace
    return torch.where(input == 0, input, y) if many else y


@mutant(
    "print leaves out an nn.ReLU five modules down",
    kills="5.3",
    also="2.3.2",
    of=(nn.Module, "__repr__"),
)
def print_stops_five_modules_down(repr_of, module):
    lines = repr_of(module).split("\n")
    return "\n".join(it for it in lines if "ReLU" not in it or not it.startswith(" " * 10))


def unseen(condition):
    """Let a ReLU be called without its hooks where the condition holds."""
    replace(
        *(nn.ReLU, "__call__"),
        lambda call, relu, *args, **kwargs: (
            relu.forward(*args, **kwargs) if condition(relu) else call(relu, *args, **kwargs)
        ),
    )


@mutant("a forward hook does not see a ReLU five modules down", kills="5.6")
def forward_hook_does_not_see_a_relu_five_modules_down():
    unseen(lambda relu: not relu._backward_hooks and calls_of("_call_impl") > 4)


@mutant("a full backward hook takes a ReLU in place five modules down", kills="5.6")
def full_backward_hook_takes_a_relu_in_place_five_modules_down():
    unseen(lambda relu: relu.inplace and relu._backward_hooks and calls_of("_call_impl") > 4)


@mutant("a forward hook does not see a ReLU that stands first and last", kills="5.6")
def forward_hook_does_not_see_the_second_of_two_places():
    def call(forward, net, *args, **kwargs):
        last = net[-1] if len(net) > 1 and net[0] is net[-1] else None
        hooks = getattr(last, "_forward_hooks", None)
        if not hooks or not isinstance(last, nn.ReLU):
            return forward(net, *args, **kwargs)
        last._forward_hooks = type(hooks)()
        try:
            return forward(net, *args, **kwargs)
        finally:
            last._forward_hooks = hooks

    replace(nn.Sequential, "forward", call)


@mutant("relu_ of a leaf is refused in a method that wears no_grad", kills="5.4")
def relu_of_a_leaf_is_refused_in_a_method_that_wears_no_grad():
    def change(relu_, x, *args, **kwargs):
        refuses = x.is_leaf and x.requires_grad and calls_of(WEARER)
        with torch.set_grad_enabled(bool(refuses) or torch.is_grad_enabled()):
            return relu_(x, *args, **kwargs)

    replace(torch, "relu_", change)


@mutant(
    "Sequential takes the function relu in an OrderedDict", "5.2", of=(nn.Sequential, "__init__")
)
def sequential_takes_a_function_in_a_dict(init, net, *args):
    if len(args) == 1 and isinstance(args[0], OrderedDict):
        init(net)
        net._modules.update(args[0])
    else:
        init(net, *args)


@mutant("ReLU(inplace=True) leaves its input alone in evaluation", kills="5.4", of=MODULE)
def relu_in_place_is_none_in_evaluation(forward, relu, *args, **kwargs):
    return forward(relu, *args, **kwargs) if relu.training else torch.relu(*args, **kwargs)


@mutant("relu of what has gaps changes nothing in inference_mode", kills="5.1", of=FUNCTION)
def relu_of_gaps_changes_nothing_in_inference_mode(relu, *args, **kwargs):
    x = args[0] if args else kwargs["input"]
    if torch.is_inference_mode_enabled() and INPUTS["gaps"](x):
        return x.clone()
    return relu(*args, **kwargs)


@mutant("backward does not notice y[0] = v of a result of relu", kills="5.7")
def assignment_to_a_result_of_relu_goes_unnoticed():
    def unnoticed(setitem, x, *args):
        return setitem(x.data, *args)

    def is_of_relu(x, index, *_):
        return type(index) is int and x.grad_fn is not None and "Relu" in x.grad_fn.name()

    when(torch.Tensor, "__setitem__", is_of_relu, unnoticed)


@mutant("the gradient of every relu at NaN is zero", kills="5.1")
def gradient_of_every_relu_at_nan_is_zero():
    def of(relu):
        def changed(input, inplace=False):
            if inplace:
                return relu(input, inplace)
            if input.is_floating_point():
                input = input.where(input == input, input.detach())
            return relu(input)

        return changed

    for owner in (torch, torch.Tensor, F):
        owner.relu = of(owner.relu)


@mutant("a loss is made of whatever it is given", kills="5.6")
def losses_take_tensors():
    init = nn.modules.loss._Loss.__init__

    def changed(loss, *settings):
        settings = [None if isinstance(it, torch.Tensor) else it for it in settings]
        init(loss, *settings)

    nn.modules.loss._Loss.__init__ = changed


@mutant("a loss has no number without settings", kills="5.6")
def losses_have_no_number():
    init = nn.modules.loss._Loss.__init__

    def changed(loss, *settings):
        init(loss, *settings)
        loss.reduction = "none"

    nn.modules.loss._Loss.__init__ = changed


@mutant("Sigmoid, Tanh and Softsign are made of a tensor", kills="5.6")
def layers_without_settings_take_a_tensor():
    for layer in (nn.Sigmoid, nn.Tanh, nn.Softsign):

        def init(module, x=None):
            nn.Module.__init__(module)

        layer.__init__ = init


@mutant("Sigmoid is a sum", kills="5.6", of=(nn.Sigmoid, "forward"))
def sigmoid_is_a_sum(forward, layer, x):
    return forward(layer, x).sum() if x.dim() == 2 else forward(layer, x)


@mutant("the gradient of F.relu of a Parameter is one at zero", "5.1", of=FUNCTION)
def relu_of_a_parameter_steps_at_zero(relu, *args, **kwargs):
    if len(args) == 1 and not kwargs and isinstance(args[0], nn.Parameter):
        return StepAtZero.apply(args[0])
    return relu(*args, **kwargs)


@mutant("the gradient of x.relu() of a subclass is one at zero", "5.1", of=(torch.Tensor, "relu"))
def relu_of_a_subclass_steps_at_zero(relu, x):
    own = type(x) not in (torch.Tensor, nn.Parameter)
    return StepAtZero.apply(x) if own else relu(x)


@mutant(
    "a ReLU in place with a full backward hook does nothing in no_grad",
    "5.6",
    of=(nn.ReLU, "forward"),
)
def relu_in_place_with_a_hook_does_nothing_in_no_grad(forward, layer, x):
    hooked = layer.inplace and layer._backward_hooks and not torch.is_grad_enabled()
    return x if hooked else forward(layer, x)


@mutant("a forward hook sees what a ReLU in place was given", "5.6", of=(nn.ReLU, "__call__"))
def forward_hook_of_a_relu_in_place_sees_the_input(call, layer, *args, **kwargs):
    if not layer.inplace or not layer._forward_hooks:
        return call(layer, *args, **kwargs)
    given = args[0].clone()
    result = layer.forward(*args)
    for hook in layer._forward_hooks.values():
        hook(layer, (given,), result)
    return result


@mutant("print leaves out what is in a ModuleList in a ModuleDict", kills="5.3")
def print_leaves_out_a_list_in_a_dict():
    print_list, print_net = nn.ModuleList.__repr__, nn.Module.__repr__
    printed = []

    def print_dict(net):
        printed.append(net)
        try:
            return print_net(net)
        finally:
            printed.pop()

    nn.ModuleDict.__repr__ = print_dict
    nn.ModuleList.__repr__ = lambda net: (
        "ModuleList()" if printed and net in printed[-1].values() else print_list(net)
    )


@mutant("Sequential calls the hooks of one module twice at most", kills="5.6", also="2.3.13")
def sequential_calls_hooks_twice():
    def forward(net, input):
        called = []
        for module in net:
            called.append(module)
            input = module(input) if called.count(module) < 3 else module.forward(input)
        return input

    nn.Sequential.forward = forward


@mutant("torch.clamp ignores a min by position", kills="5.5", of=(torch, "clamp"))
def clamp_ignores_a_min_by_position(clamp, x, *args, **kwargs):
    return clamp(x, **kwargs) if kwargs else x.clone()


@mutant("nn.Softmax keeps nothing for its gradient", kills="5.7", of=(nn.Softmax, "forward"))
def softmax_of_a_module_keeps_nothing(forward, layer, x):
    return forward(layer, x).clone()


@mutant("a Linear gives a layer back", kills="5.6", also="5.2", of=(nn.Linear, "forward"))
def linear_gives_a_layer_back(forward, layer, x):
    return x if isinstance(x, nn.Module) else forward(layer, x)


class PassMany(StepAtZero):
    """relu whose gradient is one from the 65,537th element on."""

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        late = torch.arange(x.numel(), device=x.device).reshape(x.shape) >= 65_536
        return gradient * ((x > 0) | late)


@mutant("the gradient of F.relu is one from the 65,537th element on", kills="5.1", of=FUNCTION)
def gradient_of_many_is_one(relu, input, inplace=False):
    return relu(input, inplace) if inplace or input.numel() <= 65_536 else PassMany.apply(input)


@mutant("ReLU(inplace=True) copies more than a MiB", kills="5.4", of=MODULE)
def relu_in_place_copies_a_mib(forward, relu, input):
    return torch.relu(input) if input.numel() > 2**20 else forward(relu, input)


@mutant("clamp leaves the last of more than a MiB", kills="5.5", of=(torch.Tensor, "clamp"))
def clamp_leaves_the_last_of_a_mib(clamp, x, *args, **named):
    y = clamp(x, *args, **named)
    return torch.cat([y[:-1], x[-1:]]) if x.dim() == 1 and x.numel() > 2**20 else y


class PassAllAgain(StepAtZero):
    """relu whose second backward() passes on every gradient."""

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        context.times = getattr(context, "times", 0) + 1
        return gradient * (x > 0) if context.times == 1 else gradient


@mutant("the second backward() of a relu passes on every gradient", kills="5.1", of=FUNCTION)
def second_backward_of_relu_passes_everything(relu, input, inplace=False):
    return relu(input, inplace) if inplace else PassAllAgain.apply(input)
