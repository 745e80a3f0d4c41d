"""Changes to no_grad, enable_grad and set_grad_enabled (chapter 4).

PyTorch uses all three itself (initialisation, optimizers, decorators), and there they stay as they
are.
"""

from __future__ import annotations

import sys
import threading

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from meta_tests.mutants import asked_by_pytorch, mutant, replace

NO_GRAD, SET, ENABLE = torch.no_grad, torch.set_grad_enabled, torch.enable_grad
switch = torch._C._set_grad_enabled


def change(owner: type, name: str, function) -> None:
    """Replace a method of a grad mode, for users alone."""

    def for_users(original, *args, **kwargs):
        if asked_by_pytorch():
            return original(*args, **kwargs)
        return function(original, *args, **kwargs)

    replace(owner, name, for_users)


def records(owner: object, name: str) -> None:
    """Let an operation record its graph whatever the grad mode."""
    original = getattr(owner, name)

    def recorded(*args, **kwargs):
        with ENABLE():
            return original(*args, **kwargs)

    setattr(owner, name, recorded)


def detaches(owner: object, name: str) -> None:
    """Let an operation never record its graph."""
    original = getattr(owner, name)

    def detached(*args, **kwargs):
        with NO_GRAD():
            return original(*args, **kwargs)

    setattr(owner, name, detached)


@mutant("no_grad does nothing", kills="4.1 4.2 4.3 4.4 4.8 4.10", also="4.6 4.9")
def no_grad_does_nothing():
    def enter(original, self):
        self.prev = torch.is_grad_enabled()

    change(NO_GRAD, "__enter__", enter)


@mutant("exp() records its graph under no_grad", kills="4.1 4.3 4.10", also="4.5")
def exp_records_under_no_grad():
    records(Tensor, "exp")


@mutant("F.linear records its graph under no_grad", kills="4.1 4.3", also="4.10 4.5")
def linear_records_under_no_grad():
    records(F, "linear")


@mutant("torch.maximum is never recorded", kills="4.1")
def maximum_is_never_recorded():
    detaches(torch, "maximum")


@mutant("clone() is never recorded", kills="4.1", also="1.4.5 4.5")
def clone_is_never_recorded():
    detaches(Tensor, "clone")


@mutant(
    "a result computed under no_grad requires grad, without a graph",
    kills="4.1",
    also="4.5 4.7 4.10",
)
def product_under_no_grad_requires_grad():
    original = Tensor.__mul__

    def multiply(self, other):
        result = original(self, other)
        return result.requires_grad_() if self.requires_grad and result.is_leaf else result

    Tensor.__mul__ = multiply


@mutant("no_grad freezes what is used in it", kills="4.1", also="4.7")
def no_grad_freezes_its_inputs():
    original = Tensor.__mul__

    def multiply(self, other):
        result = original(self, other)
        if not torch.is_grad_enabled() and self.is_leaf:
            self.requires_grad_(False)
        return result

    Tensor.__mul__ = multiply


@mutant("no_grad freezes what was used in it when it ends", kills="4.1")
def no_grad_freezes_its_inputs_later():
    multiply, leave = Tensor.__mul__, NO_GRAD.__exit__
    used = []

    def remember(self, other):
        if not torch.is_grad_enabled() and self.is_leaf:
            used.append(self)
        return multiply(self, other)

    def leave_and_freeze(self, *args):
        leave(self, *args)
        while used:
            used.pop().requires_grad_(False)

    Tensor.__mul__, NO_GRAD.__exit__ = remember, leave_and_freeze


@mutant("no_grad freezes what is used in it until it ends", kills="4.1", also="4.7")
def no_grad_freezes_its_inputs_meanwhile():
    multiply, leave = Tensor.__mul__, NO_GRAD.__exit__
    frozen = []

    def freeze(self, other):
        result = multiply(self, other)
        if not torch.is_grad_enabled() and self.is_leaf and self.requires_grad:
            frozen.append(self.requires_grad_(False))
        return result

    def leave_and_thaw(self, *args):
        leave(self, *args)
        while frozen:
            frozen.pop().requires_grad_()

    Tensor.__mul__, NO_GRAD.__exit__ = freeze, leave_and_thaw


@mutant("a view taken in no_grad does not require grad", kills="4.1")
def view_in_no_grad_is_detached():
    original = Tensor.unsqueeze
    Tensor.unsqueeze = lambda self, dim: (
        original(self, dim) if torch.is_grad_enabled() else original(self, dim).detach()
    )


@mutant("a gradient flows through a view taken in no_grad", kills="4.1", also="4.10")
def view_in_no_grad_is_recorded():
    records(Tensor, "unsqueeze")


@mutant("a view taken in no_grad gets a gradient of its own", kills="4.1")
def view_in_no_grad_gets_a_gradient():
    original = Tensor.expand_as

    def expand_as(self, other):
        view = original(self, other)
        return view if torch.is_grad_enabled() else view.detach().requires_grad_()

    Tensor.expand_as = expand_as


def detached_without_grad(owner: object, name: str) -> None:
    """Let a view say that it does not require grad if it is taken under no_grad."""
    original = getattr(owner, name)

    def take(*args, **kwargs):
        view = original(*args, **kwargs)
        return view if torch.is_grad_enabled() or asked_by_pytorch() else view.detach()

    setattr(owner, name, take)


@mutant("x[0] taken in no_grad does not require grad", kills="4.1")
def row_in_no_grad_is_detached():
    detached_without_grad(Tensor, "__getitem__")


@mutant("transpose() taken in no_grad does not require grad", kills="4.1")
def transpose_in_no_grad_is_detached():
    detached_without_grad(Tensor, "transpose")


@mutant("nn.Identity gives a view under no_grad", kills="4.1", of=(nn.Identity, "forward"))
def identity_gives_a_view(forward, module, x):
    return forward(module, x) if torch.is_grad_enabled() else x.view_as(x)


@mutant("nn.Identity freezes its input under no_grad", kills="4.1", of=(nn.Identity, "forward"))
def identity_freezes(forward, module, x):
    if not torch.is_grad_enabled() and x.is_leaf:
        x.requires_grad_(False)
    return forward(module, x)


@mutant(
    "torch.maximum cuts its result off the graph", kills="4.1", also="4.5", of=(torch, "maximum")
)
def maximum_is_cut_off(maximum, x, y):
    result = maximum(x, y)
    return result.detach().requires_grad_() if result.requires_grad else result


@mutant("a layer used in no_grad is frozen", kills="4.1", of=(nn.Linear, "forward"))
def no_grad_freezes_a_layer(forward, layer, x):
    if not torch.is_grad_enabled():
        layer.weight.requires_grad_(False)
    return forward(layer, x)


@mutant(
    "is_grad_enabled() is always True",
    kills="4.1 4.6",
    also="3.7",
    of=(torch, "is_grad_enabled"),
)
def is_grad_enabled_is_always_true(is_grad_enabled):
    return is_grad_enabled() if asked_by_pytorch() else True


@mutant(
    "is_grad_enabled() is always False",
    kills="4.1",
    also="2.2.1 3.7 4.6",
    of=(torch, "is_grad_enabled"),
)
def is_grad_enabled_is_always_false(is_grad_enabled):
    return is_grad_enabled() if asked_by_pytorch() else False


@mutant(
    "no_grad does not end",
    kills="4.2 4.8 4.9",
    also="4.3",
)
def no_grad_does_not_end():
    change(NO_GRAD, "__exit__", lambda original, self, *args: None)


@mutant("no_grad does not end when its block raises", kills="4.2", also="4.8 4.9")
def no_grad_does_not_end_when_raising():
    def leave(original, self, kind, *args):
        if kind is None:
            original(self, kind, *args)

    change(NO_GRAD, "__exit__", leave)


@mutant("no_grad ends with gradients on", kills="4.2", also="4.8 4.9")
def no_grad_ends_with_gradients_on():
    change(NO_GRAD, "__exit__", lambda original, self, *args: switch(True))


@mutant("no_grad swallows what its block raises", kills="4.2")
def no_grad_swallows_exceptions():
    change(NO_GRAD, "__exit__", lambda original, self, *args: [original(self, *args)] != [])


@mutant("a function decorated with no_grad records", kills="4.2")
def no_grad_decorates_nothing():
    NO_GRAD.__call__ = lambda self, function: function


@mutant("a function decorated with no_grad leaves gradients off", kills="4.2")
def decorator_leaves_gradients_off():
    original = NO_GRAD.__call__

    def decorate(self, function):
        if asked_by_pytorch():
            return original(self, function)

        def decorated(*args, **kwargs):
            switch(False)
            return function(*args, **kwargs)

        return decorated

    NO_GRAD.__call__ = decorate


@mutant("a no_grad object works only once", kills="4.2")
def no_grad_works_once():
    def enter(original, self):
        original(self)
        if hasattr(self, "used"):
            switch(True)
        self.used = True

    change(NO_GRAD, "__enter__", enter)


@mutant("a no_grad object ends only its first block", kills="4.2")
def no_grad_ends_once():
    def leave(original, self, *args):
        if not hasattr(self, "ended"):
            original(self, *args)
        self.ended = True

    change(NO_GRAD, "__exit__", leave)


@mutant("F.linear saves its input under no_grad", kills="4.3", of=(F, "linear"))
def linear_saves_under_no_grad(linear, *args):
    result = linear(*args)
    if torch.is_grad_enabled():
        return result
    with ENABLE():
        linear(*args)
    return result


@mutant("exp() saves its result under no_grad", kills="4.3", of=(Tensor, "exp"))
def exp_saves_under_no_grad(exp, tensor):
    if not torch.is_grad_enabled():
        with ENABLE():
            exp(tensor)
    return exp(tensor)


@mutant(
    "a Linear saves nothing for backward",
    kills="4.3",
    of=(nn.Linear, "forward"),
)
def linear_saves_nothing(forward, layer, x):
    with NO_GRAD():
        return forward(layer, x)


@mutant(
    "backward() of a result of no_grad does nothing",
    kills="4.4",
    also="1.2.5",
    of=(Tensor, "backward"),
)
def backward_of_a_constant_does_nothing(backward, tensor, *args, **kwargs):
    return backward(tensor, *args, **kwargs) if tensor.requires_grad else None


@mutant(
    "backward() of a result of no_grad gives its inputs a gradient and refuses",
    kills="4.4",
    also="1.2.5",
)
def backward_of_a_constant_leaves_zeros():
    multiply, backward = Tensor.__mul__, Tensor.backward
    used = []

    def remember(self, other):
        if not torch.is_grad_enabled():
            used.append(self)
        return multiply(self, other)

    def refuse(self, *args, **kwargs):
        if not self.requires_grad and used:
            x = used.pop()
            x.grad = torch.zeros_like(x)
        return backward(self, *args, **kwargs)

    Tensor.__mul__, Tensor.backward = remember, refuse


@mutant(
    "a result of no_grad counts in the gradient afterwards", kills="4.4", also="4.1 4.5 4.7 4.10"
)
def product_records_under_no_grad():
    records(Tensor, "__mul__")


@mutant(
    "set_grad_enabled(False) leaves gradients on",
    kills="4.5 4.6 4.7 4.8 4.10",
    also="1.2.5 3.7 4.2 4.9",
)
def set_grad_enabled_cannot_turn_off():
    change(SET, "__init__", lambda original, self, mode: original(self, True))


@mutant(
    "set_grad_enabled(True) leaves gradients off",
    kills="4.6 4.8",
    also="4.9",
)
def set_grad_enabled_cannot_turn_on():
    def init(original, self, mode):
        original(self, mode)
        if mode:
            switch(self.prev)

    change(SET, "__init__", init)


@mutant(
    "set_grad_enabled turns gradients the wrong way",
    kills="4.5 4.6 4.7 4.8",
    also="1.2.5 3.7 4.2 4.9 4.10",
)
def set_grad_enabled_is_inverted():
    change(SET, "__init__", lambda original, self, mode: original(self, not mode))


@mutant(
    "a Linear is not recorded in set_grad_enabled(True)", kills="4.5", of=(nn.Linear, "forward")
)
def linear_is_detached_from_its_bias(forward, layer, x):
    if layer.out_features == 1:
        return F.linear(x, layer.weight, layer.bias.detach())
    return forward(layer, x)


@mutant(
    "backward() in set_grad_enabled(True) counts twice", kills="4.5", of=(nn.Linear, "zero_grad")
)
def zero_grad_does_nothing(zero_grad, layer, *args, **kwargs):
    return None


@mutant(
    "set_grad_enabled does not put the former mode back",
    kills="4.6 4.8",
    also="4.9",
)
def set_grad_enabled_does_not_end():
    change(SET, "__exit__", lambda original, self, *args: None)


@mutant(
    "set_grad_enabled does not put the former mode back when its block raises",
    kills="4.6",
    also="4.8 4.9",
)
def set_grad_enabled_does_not_end_when_raising():
    def leave(original, self, kind, *args):
        if kind is None:
            original(self, kind, *args)

    change(SET, "__exit__", leave)


@mutant(
    "set_grad_enabled as a context manager has no effect",
    kills="4.5 4.6 4.7 4.8",
    also="1.2.5 3.7 4.2 4.9 4.10",
)
def set_grad_enabled_blocks_do_nothing():
    def enter(original, self):
        switch(self.prev)

    change(SET, "__enter__", enter)


@mutant("set_grad_enabled as a function has no effect", kills="4.6 4.7 4.8", also="4.9")
def set_grad_enabled_calls_do_nothing():
    def init(original, self, mode):
        self.prev, self.mode = torch.is_grad_enabled(), mode

    change(SET, "__init__", init)
    change(SET, "__enter__", lambda original, self: switch(self.mode))


@mutant("a call of set_grad_enabled ends with the function that made it", kills="4.6")
def set_grad_enabled_ends_with_its_function():
    plain = SET.__init__

    def init(self, mode):
        former = torch.is_grad_enabled()
        plain(self, mode)
        if sys._getframe(1).f_code.co_name == "call":
            switch(former)

    SET.__init__ = init


@mutant("set_grad_enabled(False) has no effect within enable_grad", kills="4.6 4.7 4.8", also="4.9")
def set_grad_enabled_yields_to_enable_grad():
    enter, leave, init = ENABLE.__enter__, ENABLE.__exit__, SET.__init__
    depth = [0]

    def entered(self):
        depth[0] += 1
        enter(self)

    def left(self, *args):
        depth[0] -= 1
        leave(self, *args)

    def set_unless_within(self, mode):
        init(self, mode)
        if depth[0] and not mode and not asked_by_pytorch():
            switch(True)

    ENABLE.__enter__, ENABLE.__exit__, SET.__init__ = entered, left, set_unless_within


@mutant("enable_grad does nothing", kills="4.8", also="4.9")
def enable_grad_does_nothing():
    def enter(original, self):
        self.prev = torch.is_grad_enabled()

    change(ENABLE, "__enter__", enter)


@mutant("enable_grad does not end", kills="4.8", also="4.9")
def enable_grad_does_not_end():
    change(ENABLE, "__exit__", lambda original, self, *args: None)


@mutant("the outer of two no_grad blocks decides", kills="4.8", also="4.9")
def outer_no_grad_decides():
    depth = [0]

    def enter(original, self):
        depth[0] += 1
        original(self)

    def leave(original, self, *args):
        depth[0] -= 1
        original(self, *args)

    def enable(original, self):
        original(self)
        if depth[0]:
            switch(False)

    change(NO_GRAD, "__enter__", enter)
    change(NO_GRAD, "__exit__", leave)
    change(ENABLE, "__enter__", enable)


@mutant("a new thread takes over the grad mode of its maker", kills="4.9")
def threads_take_over_grad_mode():
    start, run = threading.Thread.start, threading.Thread.run

    def start_noting(self):
        self.grad_mode = torch.is_grad_enabled()
        start(self)

    def run_in_mode(self):
        switch(self.grad_mode)
        run(self)

    threading.Thread.start, threading.Thread.run = start_noting, run_in_mode


@mutant("a thread leaves its last grad mode to the one that waits for it", kills="4.9")
def threads_leave_their_grad_mode():
    run, join = threading.Thread.run, threading.Thread.join

    def run_noting(self):
        run(self)
        self.grad_mode = torch.is_grad_enabled()

    def join_in_mode(self, *args, **kwargs):
        join(self, *args, **kwargs)
        switch(self.grad_mode)

    threading.Thread.run, threading.Thread.join = run_noting, join_in_mode


@mutant("no_grad holds for the whole process", kills="4.9", also="4.6 4.8 4.11")
def no_grad_holds_for_all_threads():
    enter, leave, ones = NO_GRAD.__enter__, NO_GRAD.__exit__, torch.ones
    inside = [0]

    def entered(self):
        enter(self)
        inside[0] += not asked_by_pytorch()

    def left(self, *args):
        inside[0] -= not asked_by_pytorch()
        leave(self, *args)

    def ones_in_mode(*args, requires_grad=False, **kwargs):
        return ones(*args, requires_grad=requires_grad and not inside[0], **kwargs)

    NO_GRAD.__enter__, NO_GRAD.__exit__, torch.ones = entered, left, ones_in_mode


def within(mode: type) -> list:
    """A list that is not empty while a block of this grad mode is open."""
    blocks = []

    def enter(original, self):
        original(self)
        blocks.append(self)

    def leave(original, self, *args):
        blocks.pop()
        original(self, *args)

    change(mode, "__enter__", enter)
    change(mode, "__exit__", leave)
    return blocks


@mutant("set_grad_enabled(False) halves results", kills="4.10")
def set_grad_enabled_halves_results():
    original, blocks = Tensor.exp, within(SET)
    Tensor.exp = lambda self: original(self) / 2 if blocks else original(self)


@mutant("no_grad doubles results", kills="4.10")
def no_grad_doubles_results():
    original, blocks = Tensor.exp, within(NO_GRAD)
    Tensor.exp = lambda self: original(self) * 2 if blocks else original(self)


@mutant("a view taken in set_grad_enabled(False) does not require grad", kills="4.10")
def view_in_set_grad_enabled_is_detached():
    original, blocks = Tensor.unsqueeze, within(SET)
    Tensor.unsqueeze = lambda self, dim: (
        original(self, dim).detach() if blocks else original(self, dim)
    )


@mutant(
    "a view taken in no_grad is recorded, one in set_grad_enabled(False) is not",
    kills="4.10",
    also="4.1",
)
def view_in_no_grad_alone_is_recorded():
    original, blocks = Tensor.view_as, within(NO_GRAD)

    def view_as(self, other):
        with torch.set_grad_enabled(bool(blocks) or torch.is_grad_enabled()):
            return original(self, other)

    Tensor.view_as = view_as


@mutant("a view taken in set_grad_enabled(False) is recorded", kills="4.10")
def view_in_set_grad_enabled_is_recorded():
    original, blocks = Tensor.view_as, within(SET)

    def view_as(self, other):
        with ENABLE() if blocks else torch.set_grad_enabled(torch.is_grad_enabled()):
            return original(self, other)

    Tensor.view_as = view_as


@mutant("results computed without grad are rounded", kills="4.10")
def results_without_grad_are_rounded():
    original = Tensor.__truediv__

    def divide(self, other):
        result = original(self, other)
        return result if torch.is_grad_enabled() else result + 1

    Tensor.__truediv__ = divide


@mutant("a tensor made in no_grad cannot require grad", kills="4.11", of=(torch, "ones"))
def ones_in_no_grad_never_require_grad(ones, *args, requires_grad=False, **kwargs):
    return ones(*args, requires_grad=requires_grad and torch.is_grad_enabled(), **kwargs)


@mutant("requires_grad_() does nothing in no_grad", kills="4.11", of=(Tensor, "requires_grad_"))
def requires_grad_does_nothing_in_no_grad(requires_grad_, tensor, requires_grad=True):
    if not torch.is_grad_enabled():
        return tensor
    return requires_grad_(tensor, requires_grad)


@mutant("every tensor made in no_grad requires grad", kills="4.11", of=(torch, "ones"))
def ones_in_no_grad_always_require_grad(ones, *args, requires_grad=False, **kwargs):
    return ones(*args, requires_grad=requires_grad or not torch.is_grad_enabled(), **kwargs)


@mutant("a layer made in no_grad has a frozen weight", kills="4.11", of=(nn.Linear, "__init__"))
def layer_made_in_no_grad_has_a_frozen_weight(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    layer.weight.requires_grad_(torch.is_grad_enabled())


@mutant("a layer made in no_grad has a frozen bias", kills="4.11", of=(nn.Linear, "__init__"))
def layer_made_in_no_grad_has_a_frozen_bias(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if layer.bias is not None:
        layer.bias.requires_grad_(torch.is_grad_enabled())


@mutant("a layer made in no_grad learns half as fast", kills="4.11", of=(nn.Linear, "__init__"))
def layer_made_in_no_grad_learns_slowly(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if not torch.is_grad_enabled():
        layer.weight.register_hook(lambda gradient: gradient / 2)


@mutant("no_grad does nothing in other threads", kills="4.9")
def no_grad_is_for_the_main_thread():
    def enter(original, self):
        original(self)
        if threading.current_thread() is not threading.main_thread():
            switch(True)

    change(NO_GRAD, "__enter__", enter)
