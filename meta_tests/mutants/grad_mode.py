"""Changes to no_grad, enable_grad and set_grad_enabled (chapter 4).

PyTorch uses all three itself (initialisation, optimizers, decorators), and there they stay as they
are.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import itertools
import pickle
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from meta_tests.mutants import INPUTS, WEARER, asked_by_pytorch, calls_of, mutant, read_as, replace
from specs.ledger import LEDGER

NO_GRAD, SET, ENABLE = torch.no_grad, torch.set_grad_enabled, torch.enable_grad
switch = torch._C._set_grad_enabled

#: The claims whose specs may notice a result that is recorded in no_grad after all.
SAME_AS_NO_GRAD = "1.2.10 3.7 4.1 4.3 4.4 4.5 4.7 4.8 4.10 4.11 4.12 4.13 4.14 1.2.8"
#: The claims whose specs need no_grad to begin or to end.
USES_OF_NO_GRAD = " ".join(id for id in LEDGER if id.startswith("4."))


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


@mutant("no_grad does nothing", kills="4.1 4.2 4.3 4.4 4.8 4.10 4.15", also=USES_OF_NO_GRAD)
def no_grad_does_nothing():
    def enter(original, self):
        self.prev = torch.is_grad_enabled()

    change(NO_GRAD, "__enter__", enter)


@mutant(
    "exp() records its graph under no_grad",
    kills="4.1 4.3 4.10",
    also="4.5 4.4 4.7 4.8 4.12 4.13 4.14",
)
def exp_records_under_no_grad():
    records(Tensor, "exp")


@mutant(
    "F.linear records its graph under no_grad",
    kills="4.1 4.3",
    also="4.4 4.5 4.10 4.13 2.3.11 4.7 4.8 4.12 4.14",
)
def linear_records_under_no_grad():
    records(F, "linear")


@mutant(
    "torch.maximum is never recorded", kills="4.1", also="4.5 4.3 4.4 4.7 4.8 4.10 4.12 4.13 4.14"
)
def maximum_is_never_recorded():
    detaches(torch, "maximum")


@mutant(
    "clone() is never recorded", kills="4.1", also="1.4.4 4.5 4.3 4.4 4.7 4.8 4.10 4.12 4.13 4.14"
)
def clone_is_never_recorded():
    detaches(Tensor, "clone")


@mutant(
    "a result computed under no_grad requires grad, without a graph",
    kills="4.1",
    also="4.4 4.5 4.7 4.10 4.12 4.3 4.8 4.13 4.14",
)
def product_under_no_grad_requires_grad():
    original = Tensor.__mul__

    def multiply(self, other):
        result = original(self, other)
        return result.requires_grad_() if self.requires_grad and result.is_leaf else result

    Tensor.__mul__ = multiply


@mutant(
    "no_grad freezes what is used in it",
    kills="4.1",
    also="4.4 4.5 4.7 4.3 4.8 4.10 4.12 4.13 4.14",
)
def no_grad_freezes_its_inputs():
    original = Tensor.__mul__

    def multiply(self, other):
        result = original(self, other)
        if not torch.is_grad_enabled() and self.is_leaf:
            self.requires_grad_(False)
        return result

    Tensor.__mul__ = multiply


@mutant(
    "no_grad freezes what was used in it when it ends",
    kills="4.1",
    also="4.4 4.5 4.7 4.8 4.12 4.14",
)
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


@mutant(
    "no_grad freezes what is used in it until it ends", kills="4.1", also="4.5 4.7 4.8 4.12 4.14"
)
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


@mutant(
    "a view taken in no_grad does not require grad", kills="4.1", also="4.11 4.4 4.10 4.12 1.2.8"
)
def view_in_no_grad_is_detached():
    original = Tensor.unsqueeze
    Tensor.unsqueeze = lambda self, dim: (
        original(self, dim) if torch.is_grad_enabled() else original(self, dim).detach()
    )


@mutant(
    "a gradient flows through a view taken in no_grad", kills="4.1", also="4.10 4.11 4.4 4.12 1.2.8"
)
def view_in_no_grad_is_recorded():
    records(Tensor, "unsqueeze")


@mutant(
    "a view taken in no_grad gets a gradient of its own",
    kills="4.1",
    also="4.11 4.4 4.10 4.12 1.2.8",
)
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


@mutant("x[0] taken in no_grad does not require grad", kills="4.1", also="4.11 1.2.8 4.4 4.10 4.12")
def row_in_no_grad_is_detached():
    detached_without_grad(Tensor, "__getitem__")


@mutant(
    "transpose() taken in no_grad does not require grad",
    kills="4.1",
    also="4.11 4.4 4.10 4.12 1.2.8",
)
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
    "torch.maximum cuts its result off the graph",
    kills="4.1",
    also="4.5 4.3 4.4 4.7 4.8 4.10 4.12 4.13 4.14 4.11",
    of=(torch, "maximum"),
)
def maximum_is_cut_off(maximum, x, y):
    result = maximum(x, y)
    return result.detach().requires_grad_() if result.requires_grad else result


@mutant(
    "a layer used in no_grad is frozen",
    kills="4.1",
    also="3.7 4.17 4.3 4.4 4.5 4.7 4.8 4.10 4.12 4.13 4.14",
    of=(nn.Linear, "forward"),
)
def no_grad_freezes_a_layer(forward, layer, x):
    if not torch.is_grad_enabled():
        layer.weight.requires_grad_(False)
    return forward(layer, x)


@mutant(
    "is_grad_enabled() is always True",
    kills="4.1 4.6",
    also="3.7 4.8 4.12",
    of=(torch, "is_grad_enabled"),
)
def is_grad_enabled_is_always_true(is_grad_enabled):
    return is_grad_enabled() if asked_by_pytorch() else True


@mutant(
    "is_grad_enabled() is always False",
    kills="4.1",
    also="2.2.1 3.7 4.6 4.8 4.12",
    of=(torch, "is_grad_enabled"),
)
def is_grad_enabled_is_always_false(is_grad_enabled):
    return is_grad_enabled() if asked_by_pytorch() else False


@mutant(
    "no_grad does not end",
    kills="4.2 4.8 4.9",
    also=USES_OF_NO_GRAD,
)
def no_grad_does_not_end():
    change(NO_GRAD, "__exit__", lambda original, self, *args: None)


@mutant("no_grad does not end when its block raises", kills="4.2", also=USES_OF_NO_GRAD)
def no_grad_does_not_end_when_raising():
    def leave(original, self, kind, *args):
        if kind is None:
            original(self, kind, *args)

    change(NO_GRAD, "__exit__", leave)


@mutant("no_grad ends with gradients on", kills="4.2", also=USES_OF_NO_GRAD)
def no_grad_ends_with_gradients_on():
    change(NO_GRAD, "__exit__", lambda original, self, *args: switch(True))


@mutant("no_grad swallows what its block raises", kills="4.2")
def no_grad_swallows_exceptions():
    change(NO_GRAD, "__exit__", lambda original, self, *args: [original(self, *args)] != [])


@mutant("a function decorated with no_grad records", kills="4.13", also="4.14")
def no_grad_decorates_nothing():
    NO_GRAD.__call__ = lambda self, function: function


@mutant("a function decorated with no_grad leaves gradients off", kills="4.13", also="4.14")
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


@mutant("a no_grad object works only once", kills="4.15", also="4.13 4.14")
def no_grad_works_once():
    def enter(original, self):
        original(self)
        if hasattr(self, "used"):
            switch(True)
        self.used = True

    change(NO_GRAD, "__enter__", enter)


@mutant("a no_grad object ends only its first block", kills="4.15", also="4.13 4.14")
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
    also="3.7 4.5 4.1 4.12 4.13 2.3.11 4.17 4.7 4.8",
    of=(nn.Linear, "forward"),
)
def linear_saves_nothing(forward, layer, x):
    with NO_GRAD():
        return forward(layer, x)


@mutant(
    "backward() of a result of no_grad does nothing",
    kills="4.4",
    also="1.2.4 1.2.10 3.7 2.3.11",
    of=(Tensor, "backward"),
)
def backward_of_a_constant_does_nothing(backward, tensor, *args, **kwargs):
    return backward(tensor, *args, **kwargs) if tensor.requires_grad else None


@mutant(
    "a write under no_grad to a saved value goes unnoticed",
    kills="4.4",
    also="1.2.12 2.2.1 4.1 4.11",
)
def write_under_no_grad_goes_unnoticed():
    zero_ = Tensor.zero_

    def unnoticed(tensor):
        return zero_(tensor if torch.is_grad_enabled() else tensor.data)

    Tensor.zero_ = unnoticed


@mutant(
    "backward() of a result of no_grad gives its inputs a gradient and refuses",
    kills="4.4",
    also="1.2.4",
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
    also="1.2.4 3.7 3.7 4.2 4.9 4.13 4.13 4.14 4.14 4.15",
)
def set_grad_enabled_cannot_turn_off():
    change(SET, "__init__", lambda original, self, mode: original(self, True))


@mutant(
    "set_grad_enabled(True) leaves gradients off",
    kills="4.6 4.8",
    also="4.9 4.15",
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
    also="1.2.4 3.7 3.7 4.2 4.9 4.10 4.12 4.13 4.13 4.14 4.14 4.15",
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
    also="4.2 4.5 4.9 4.10 4.1 4.13 4.14 4.15",
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
    also="1.2.4 3.7 4.2 4.9 4.10 4.12 4.13 4.13 4.14 4.14 4.15",
)
def set_grad_enabled_blocks_do_nothing():
    def enter(original, self):
        switch(self.prev)

    change(SET, "__enter__", enter)


@mutant(
    "set_grad_enabled as a function has no effect", kills="4.6 4.7 4.8", also="3.7 4.5 4.9 4.15"
)
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


@mutant(
    "set_grad_enabled(False) has no effect within enable_grad",
    kills="4.6 4.7 4.8",
    also="3.7 4.9 4.15",
)
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


@mutant("enable_grad does nothing", kills="4.8", also="4.9 4.12")
def enable_grad_does_nothing():
    def enter(original, self):
        self.prev = torch.is_grad_enabled()

    change(ENABLE, "__enter__", enter)


@mutant("enable_grad does not end", kills="4.8", also="3.7 4.6 4.7 4.9 4.14 4.15")
def enable_grad_does_not_end():
    change(ENABLE, "__exit__", lambda original, self, *args: None)


@mutant(
    "the outer of two no_grad blocks decides", kills="4.8", also="1.2.10 3.7 4.9 1.2.8 2.3.11 4.17"
)
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


@mutant(
    "no_grad holds for the whole process",
    kills="4.9",
    also="1.2.10 4.2 4.6 4.8 4.1 4.12 4.13 1.2.8 2.3.11",
)
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


@mutant("no_grad doubles results", kills="4.10", also="4.12")
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
    also="4.1 4.11 4.4 4.12 1.2.8",
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


@mutant("a tensor made in no_grad cannot require grad", kills="4.1", of=(torch, "ones"))
def ones_in_no_grad_never_require_grad(ones, *args, requires_grad=False, **kwargs):
    return ones(*args, requires_grad=requires_grad and torch.is_grad_enabled(), **kwargs)


@mutant(
    "requires_grad_() does nothing in no_grad",
    kills="4.1",
    also="4.1",
    of=(Tensor, "requires_grad_"),
)
def requires_grad_does_nothing_in_no_grad(requires_grad_, tensor, requires_grad=True):
    if not torch.is_grad_enabled():
        return tensor
    return requires_grad_(tensor, requires_grad)


@mutant("every tensor made in no_grad requires grad", kills="4.1", of=(torch, "ones"))
def ones_in_no_grad_always_require_grad(ones, *args, requires_grad=False, **kwargs):
    return ones(*args, requires_grad=requires_grad or not torch.is_grad_enabled(), **kwargs)


@mutant(
    "a layer made in no_grad has a frozen weight",
    kills="4.1",
    also="4.12",
    of=(nn.Linear, "__init__"),
)
def layer_made_in_no_grad_has_a_frozen_weight(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    layer.weight.requires_grad_(torch.is_grad_enabled())


@mutant(
    "a layer made in no_grad has a frozen bias",
    kills="4.1",
    also="4.12",
    of=(nn.Linear, "__init__"),
)
def layer_made_in_no_grad_has_a_frozen_bias(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if layer.bias is not None:
        layer.bias.requires_grad_(torch.is_grad_enabled())


@mutant("a layer made in no_grad learns half as fast", kills="4.1", of=(nn.Linear, "__init__"))
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


# --- what shows on some inputs, in some spelling, or the second time ---------------------------


def records_if(owner: object, name: str, condition) -> None:
    """Let an operation record its graph whatever the grad mode, on some tensors."""
    original = getattr(owner, name)

    def recorded(*args, **kwargs):
        if not condition(args[0]) or asked_by_pytorch():
            return original(*args, **kwargs)
        with ENABLE():
            return original(*args, **kwargs)

    setattr(owner, name, recorded)


@mutant("no_grad records x - y of more than 1,000 elements", kills="4.1", also=SAME_AS_NO_GRAD)
def difference_of_large_tensors_records():
    records_if(Tensor, "__sub__", lambda x: x.numel() > 1000)


@mutant("no_grad records x / y of five dimensions", kills="4.1 4.3", also=SAME_AS_NO_GRAD)
def quotient_of_five_dimensions_records():
    records_if(Tensor, "__truediv__", lambda x: x.ndim == 5)


@mutant("no_grad records -x of a tensor that is not contiguous", kills="4.1", also=SAME_AS_NO_GRAD)
def negative_of_strided_tensors_records():
    records_if(Tensor, "__neg__", lambda x: not x.is_contiguous())


@mutant("no_grad records exp() of complex numbers", kills="4.1 4.3", also=SAME_AS_NO_GRAD)
def exp_of_complex_numbers_records():
    records_if(Tensor, "exp", lambda x: x.is_complex())


@mutant("no_grad records tanh() of bfloat16", kills="4.1 4.3", also=SAME_AS_NO_GRAD)
def tanh_of_bfloat16_records():
    records_if(torch, "tanh", lambda x: x.dtype is torch.bfloat16)


@mutant("no_grad records a write of x[...] = y", kills="4.1", also=f"1.2.14 {SAME_AS_NO_GRAD}")
def assignment_records():
    records_if(Tensor, "__setitem__", lambda x: not x.requires_grad)


@mutant("no_grad records a convolution", kills="4.1 4.3 4.4", also=SAME_AS_NO_GRAD)
def convolution_records():
    original = F.conv2d

    def conv2d(*args, **kwargs):
        with ENABLE():
            return original(*args, **kwargs)

    F.conv2d = conv2d


@mutant("no_grad records a batch norm", kills="4.1 4.3 4.4", also=SAME_AS_NO_GRAD)
def batch_norm_records():
    original = F.batch_norm

    def batch_norm(*args, **kwargs):
        with ENABLE():
            return original(*args, **kwargs)

    F.batch_norm = batch_norm


@mutant("mul_() in no_grad freezes a leaf", kills="4.1", also=SAME_AS_NO_GRAD)
def writing_in_no_grad_freezes():
    original = Tensor.mul_

    def multiply(self, other):
        leaf = self.is_leaf and self.requires_grad and self._base is None
        result = original(self, other)
        return result.requires_grad_(False) if leaf and not torch.is_grad_enabled() else result

    Tensor.mul_ = multiply


@mutant("a deep copy made in no_grad does not require grad", kills="4.1")
def deep_copy_in_no_grad_is_frozen():
    original = Tensor.__deepcopy__

    def deep_copy(self, memo):
        result = original(self, memo)
        return result if torch.is_grad_enabled() else result.detach()

    Tensor.__deepcopy__ = deep_copy


@mutant("no_grad turns create_graph off", kills="4.1", of=(torch.autograd, "grad"))
def create_graph_is_ignored_in_no_grad(grad, *args, create_graph=False, **kwargs):
    return grad(*args, create_graph=create_graph and torch.is_grad_enabled(), **kwargs)


@mutant("detach() under no_grad returns the tensor itself", kills="4.1", also=SAME_AS_NO_GRAD)
def detach_in_no_grad_returns_itself():
    original = Tensor.detach
    Tensor.detach = lambda self: (
        original(self) if torch.is_grad_enabled() or asked_by_pytorch() else self
    )


@mutant(
    "narrow() of four dimensions does not require grad under no_grad",
    kills="4.1",
    also="4.11 4.4 4.10 4.12 1.2.8",
)
def narrow_of_four_dimensions_is_detached():
    original = Tensor.narrow

    def narrow(self, *args):
        view = original(self, *args)
        return view.detach() if self.ndim == 4 and not torch.is_grad_enabled() else view

    Tensor.narrow = narrow


def not_put_back_after(owner: type, *kinds: type[BaseException]) -> None:
    """Let a block that is left by one of these leave its mode behind."""

    def leave(original, self, kind, *args):
        if kind not in kinds:
            original(self, kind, *args)

    change(owner, "__exit__", leave)


@mutant("no_grad does not end after KeyboardInterrupt", kills="4.2", also="4.14")
def no_grad_outlasts_interrupts():
    not_put_back_after(NO_GRAD, KeyboardInterrupt)


@mutant("no_grad does not end when a generator is closed", kills="4.2", also="4.14")
def no_grad_outlasts_closed_generators():
    not_put_back_after(NO_GRAD, GeneratorExit)


@mutant("no_grad does not end after StopIteration", kills="4.2", also="4.14")
def no_grad_outlasts_stop_iteration():
    not_put_back_after(NO_GRAD, StopIteration)


@mutant("set_grad_enabled does not end after SystemExit", kills="4.6")
def set_grad_enabled_outlasts_exits():
    not_put_back_after(SET, SystemExit)


@mutant("enable_grad does not end after KeyboardInterrupt", kills="4.8")
def enable_grad_outlasts_interrupts():
    not_put_back_after(ENABLE, KeyboardInterrupt)


@mutant("no_grad does not end when its task is cancelled", kills="4.2 4.14")
def no_grad_outlasts_cancelled_tasks():
    not_put_back_after(NO_GRAD, asyncio.CancelledError)


def forgets_deep_levels(owner: type, depth: int) -> None:
    """Let blocks within ``depth`` others of their kind not put the mode back."""
    open_blocks = [0]

    def enter(original, self):
        open_blocks[0] += 1
        original(self)

    def leave(original, self, *args):
        open_blocks[0] -= 1
        if open_blocks[0] < depth:
            original(self, *args)

    change(owner, "__enter__", enter)
    change(owner, "__exit__", leave)


@mutant("the fifth no_grad within another does not end", kills="4.2", also="4.8 4.9")
def no_grad_forgets_deep_levels():
    forgets_deep_levels(NO_GRAD, 4)


@mutant("the third set_grad_enabled within another does not end", kills="4.8", also="4.2 4.6 4.9")
def set_grad_enabled_forgets_deep_levels():
    forgets_deep_levels(SET, 2)


@mutant("every third no_grad of a program does not end", kills="4.2", also=USES_OF_NO_GRAD)
def no_grad_ends_twice():
    count = [0]

    def leave(original, self, *args):
        count[0] += 1
        if count[0] % 3:
            original(self, *args)

    change(NO_GRAD, "__exit__", leave)


@mutant("what pow() computes in no_grad keeps its input", kills="4.3", also="1.2.8")
def power_keeps_its_input():
    original = Tensor.__pow__

    def power(self, exponent):
        result = original(self, exponent)
        if not torch.is_grad_enabled():
            result.computed_from = self
        return result

    Tensor.__pow__ = power


@mutant("what no_grad changes in place is in the gradient", kills="4.4", of=(Tensor, "mul_"))
def writing_in_no_grad_is_recorded(mul_, self, other):
    if torch.is_grad_enabled() or self.is_leaf or self._base is not None:
        return mul_(self, other)
    with ENABLE():
        return mul_(self, other)


@mutant("backward() does nothing in no_grad", kills="4.4", also="3.7", of=(Tensor, "backward"))
def backward_does_nothing_in_no_grad(backward, tensor, *args, **kwargs):
    return backward(tensor, *args, **kwargs) if torch.is_grad_enabled() else None


@mutant("set_grad_enabled(mode=False) is ignored", kills="4.5 4.6 4.8", also="4.9")
def set_grad_enabled_ignores_its_keyword():
    plain = SET.__init__

    def init(self, *args, **kwargs):
        plain(self, *args, **kwargs) if args else plain(self, torch.is_grad_enabled())

    SET.__init__ = init


@mutant("set_grad_enabled takes what is no bool", kills="4.5")
def set_grad_enabled_takes_anything():
    change(SET, "__init__", lambda original, self, mode: original(self, bool(mode)))


@mutant("a net four deep is not recorded in set_grad_enabled(True)", kills="4.5")
def deep_nets_are_not_recorded():
    original, blocks, depth = nn.Sequential.forward, within(SET), [0]

    def forward(self, x):
        depth[0] += 1
        result = original(self, x)
        depth[0] -= 1
        return result.detach() if blocks and depth[0] >= 2 else result

    nn.Sequential.forward = forward


@mutant(
    "the third call of set_grad_enabled in a row has no effect",
    kills="4.6",
    also="4.5 4.8 4.9 4.13",
)
def third_call_has_no_effect():
    calls = [0]

    def init(original, self, mode):
        calls[0] += 1
        original(self, mode if calls[0] % 3 else torch.is_grad_enabled())

    def enter(original, self):
        calls[0] = 0
        original(self)

    change(SET, "__init__", init)
    for mode in (SET, ENABLE, NO_GRAD):
        change(mode, "__enter__", enter)


@mutant(
    "a call of set_grad_enabled outlasts the block around it", kills="4.6 4.8", also="3.7 4.9 4.13"
)
def calls_outlast_their_block():
    called = [None]

    def init(original, self, mode):
        original(self, mode)
        called[0] = self

    def enter(original, self):
        called[0] = None
        original(self)

    def leave(original, self, *args):
        if called[0] is None:
            original(self, *args)

    change(SET, "__init__", init)
    for mode in (SET, ENABLE, NO_GRAD):
        change(mode, "__enter__", enter)
    change(SET, "__exit__", leave)
    change(NO_GRAD, "__exit__", leave)


@mutant("a product of float64 is recorded in set_grad_enabled(False)", kills="4.5 4.7", also="4.10")
def product_of_float64_records_in_set_grad_enabled():
    original, blocks = Tensor.__mul__, within(SET)

    def multiply(self, other):
        with ENABLE() if blocks and self.dtype is torch.float64 else contextlib.nullcontext():
            return original(self, other)

    Tensor.__mul__ = multiply


@mutant("a hook runs with gradients on", kills="4.8", of=(Tensor, "register_hook"))
def hooks_run_with_gradients(register_hook, tensor, hook):
    return register_hook(tensor, ENABLE()(hook))


@mutant("a hook runs without gradients", kills="4.8", of=(Tensor, "register_hook"))
def hooks_run_without_gradients(register_hook, tensor, hook):
    return register_hook(tensor, NO_GRAD()(hook))


@mutant("a custom Function's forward runs with gradients on", kills="4.8")
def custom_functions_run_with_gradients():
    def made(kind, **kwargs):
        kind.forward = staticmethod(ENABLE()(kind.forward))

    torch.autograd.Function.__init_subclass__ = classmethod(made)


@mutant("a block does not hold in what it calls two functions down", kills="4.8")
def no_grad_does_not_reach_far():
    original = torch.ones

    def ones(*args, requires_grad=False, **kwargs):
        result = original(*args, requires_grad=requires_grad, **kwargs)
        if sys._getframe(2).f_code.co_name == "inner":
            return _EagerToRecord(result)
        return result

    class _EagerToRecord:
        def __init__(self, tensor):
            self.tensor = tensor

        def __rmul__(self, other):
            with ENABLE():
                return other * self.tensor

    torch.ones = ones


@mutant("each task of a thread pool begins with gradients on", kills="4.9")
def pools_begin_with_gradients():
    original = ThreadPoolExecutor.submit

    def submit(self, function, *args, **kwargs):
        def work():
            switch(True)
            return function(*args, **kwargs)

        return original(self, work)

    ThreadPoolExecutor.submit = submit


@mutant("a pool's thread begins with the mode of who asks", kills="4.9")
def pools_take_over_grad_mode():
    original = ThreadPoolExecutor.submit

    def submit(self, function, *args, **kwargs):
        mode = torch.is_grad_enabled()

        def work():
            switch(mode)
            return function(*args, **kwargs)

        return original(self, work)

    ThreadPoolExecutor.submit = submit


@mutant("set_grad_enabled(False) rounds sums of large tensors", kills="4.10")
def set_grad_enabled_rounds_large_sums():
    original, blocks = Tensor.sum, within(SET)
    Tensor.sum = lambda self, *args, **kwargs: (
        original(self, *args, **kwargs) + (1 if blocks and self.numel() > 64 else 0)
    )


@mutant("no_grad doubles a convolution", kills="4.10", also="4.1 4.12")
def no_grad_doubles_convolutions():
    original, blocks = F.conv2d, within(NO_GRAD)
    F.conv2d = lambda *args: original(*args) * 2 if blocks else original(*args)


@mutant("a Conv2d made in no_grad is frozen", kills="4.1", of=(nn.Conv2d, "__init__"))
def convolution_made_in_no_grad_is_frozen(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    layer.weight.requires_grad_(torch.is_grad_enabled())


@mutant("requires_grad_() does nothing to complex numbers in no_grad", kills="4.1")
def requires_grad_does_nothing_to_complex_numbers():
    original = Tensor.requires_grad_

    def requires_grad_(self, requires_grad=True):
        if self.is_complex() and not torch.is_grad_enabled():
            return self
        return original(self, requires_grad)

    Tensor.requires_grad_ = requires_grad_


@mutant("linspace() in no_grad does not require grad", kills="4.1", of=(torch, "linspace"))
def linspace_in_no_grad_never_requires_grad(linspace, *args, requires_grad=False, **kwargs):
    return linspace(*args, requires_grad=requires_grad and torch.is_grad_enabled(), **kwargs)


@mutant("a Parameter made in set_grad_enabled(False) is frozen", kills="4.1", also="3.7 2.3.11")
def parameter_made_without_grad_is_frozen():
    original, blocks = nn.Parameter.__new__, within(SET)

    def new(kind, data=None, requires_grad=True):
        return original(kind, data, requires_grad and (not blocks or torch.is_grad_enabled()))

    nn.Parameter.__new__ = staticmethod(new)


@mutant("a tensor of four dimensions made in no_grad cannot require grad", kills="4.1")
def images_made_in_no_grad_never_require_grad():
    original = torch.zeros_like

    def zeros_like(tensor, requires_grad=False, **kwargs):
        asked = requires_grad and (tensor.ndim != 4 or torch.is_grad_enabled())
        return original(tensor, requires_grad=asked, **kwargs)

    torch.zeros_like = zeros_like


# --- the neighbours ----------------------------------------------------------------------------


@mutant("a view of no_grad may be written to outside", kills="4.11", of=(Tensor, "mul_"))
def views_of_no_grad_may_be_written_to(mul_, self, other):
    if self._base is None or asked_by_pytorch():
        return mul_(self, other)
    with NO_GRAD():
        return mul_(self, other)


@mutant("a view of no_grad cannot be written to at all", kills="4.11", of=(Tensor, "fill_"))
def views_of_no_grad_cannot_be_written_to(fill_, self, value):
    return fill_(self.clone() if self._base is not None else self, value)


@mutant("a view of no_grad may be used after a write", kills="4.11", of=(Tensor, "__mul__"))
def views_of_no_grad_survive_a_write(multiply, self, other):
    try:
        return multiply(self, other)
    except RuntimeError:
        return multiply(self.detach(), other)


@mutant("a step of SGD is not seen by views of the weights", kills="4.11", also="2.4.1 4.12")
def steps_write_past_autograd():
    def step(self, closure=None):
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.data.sub_(group["lr"] * parameter.grad)

    torch.optim.SGD.step = step


@mutant("detach() of a view of no_grad gives other values", kills="4.11", also="1.1.9 2.3.9 4.12")
def detach_of_a_view_is_reset():
    original = Tensor.detach

    def detach(self):
        if self._base is None or asked_by_pytorch():
            return original(self)
        return torch.zeros(self.shape, dtype=self.dtype)

    Tensor.detach = detach


INFERENCE = torch.inference_mode


@mutant("inference_mode is no_grad", kills="4.12", also="4.17")
def inference_mode_is_no_grad():
    def enter(original, self):
        self.instead = torch.set_grad_enabled(not self.mode)

    def leave(original, self, *args):
        self.instead.__exit__(None, None, None)

    change(INFERENCE, "__enter__", enter)
    change(INFERENCE, "__exit__", leave)


@mutant("inference_mode(False) does nothing to a function that it decorates", kills="4.12")
def inference_mode_of_false_decorates_nothing():
    def decorate(original, self, function):
        return original(self, function) if self.mode else function

    change(INFERENCE, "__call__", decorate)


@mutant("inference_mode rounds exp()", kills="4.12")
def inference_mode_rounds():
    original = Tensor.exp

    def exp(self):
        result = original(self)
        return result + 1 if torch.is_inference_mode_enabled() else result

    Tensor.exp = exp


@mutant("what no_grad computes is an inference result", kills="4.12", also="4.1 4.10")
def no_grad_gives_inference_results():
    original = Tensor.__pow__

    def power(self, exponent):
        if torch.is_grad_enabled():
            return original(self, exponent)
        with INFERENCE():
            return original(self, exponent)

    Tensor.__pow__ = power


@mutant("requires_grad_() ignores an inference result", kills="4.12")
def requires_grad_ignores_inference_results():
    original = Tensor.requires_grad_

    def requires_grad_(self, requires_grad=True):
        if self.is_inference() and not torch.is_inference_mode_enabled():
            return self
        return original(self, requires_grad)

    Tensor.requires_grad_ = requires_grad_


@mutant("an inference result may be changed in place", kills="4.12", of=(Tensor, "mul_"))
def inference_results_may_be_changed(mul_, self, other):
    with INFERENCE() if self.is_inference() else contextlib.nullcontext():
        return mul_(self, other)


@mutant("a layer takes an inference result for a constant", kills="4.12", of=(F, "linear"))
def layers_take_inference_results(linear, x, weight, bias=None):
    if x.is_inference() and not torch.is_inference_mode_enabled():
        x = x.clone()
    return linear(x, weight, bias)


@mutant("the clone of an inference result is one", kills="4.12", also="4.12", of=(Tensor, "clone"))
def clones_of_inference_results_stay_so(clone, self, **kwargs):
    with INFERENCE() if self.is_inference() else contextlib.nullcontext():
        return clone(self, **kwargs)


@mutant("a view taken in inference_mode is an inference result", kills="4.12")
def views_in_inference_mode_are_copies():
    original = Tensor.narrow

    def narrow(self, *args):
        view = original(self, *args)
        return view.clone() if torch.is_inference_mode_enabled() else view

    Tensor.narrow = narrow


@mutant("enable_grad() does record within inference_mode", kills="4.12")
def enable_grad_ends_inference_mode():
    def enter(original, self):
        self.guard = torch._C._InferenceMode(False)
        original(self)

    def leave(original, self, *args):
        original(self, *args)
        del self.guard

    change(ENABLE, "__enter__", enter)
    change(ENABLE, "__exit__", leave)


@mutant("is_grad_enabled() is False in all of inference_mode", kills="4.12")
def inference_mode_has_no_grad_mode():
    original = torch.is_grad_enabled
    torch.is_grad_enabled = lambda: original() and not torch.is_inference_mode_enabled()


@mutant("inference_mode(False) leaves gradients off", kills="4.12")
def inference_mode_of_false_does_nothing():
    def enter(original, self):
        if self.mode:
            original(self)

    def leave(original, self, *args):
        if self.mode:
            original(self, *args)

    change(INFERENCE, "__enter__", enter)
    change(INFERENCE, "__exit__", leave)


@mutant("a layer made in inference_mode is frozen", kills="4.12", of=(nn.Linear, "__init__"))
def layer_made_in_inference_mode_is_frozen(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if torch.is_inference_mode_enabled():
        layer.requires_grad_(False)


@mutant("a layer made in inference_mode can be trained", kills="4.12", of=(nn.Linear, "__init__"))
def layer_made_in_inference_mode_learns(init, layer, *args, **kwargs):
    with INFERENCE(False):
        init(layer, *args, **kwargs)


@mutant("the copy of a layer made in inference_mode learns half as fast", kills="4.12")
def copies_of_inference_layers_learn_slowly():
    original = nn.Parameter.__deepcopy__

    def deep_copy(self, memo):
        result = original(self, memo)
        if self.is_inference():
            result.register_hook(lambda gradient: gradient / 2)
        return result

    nn.Parameter.__deepcopy__ = deep_copy


def decorates(owner: type, decorate) -> None:
    """Let a mode decorate a function in this way, called with the mode and the function."""
    original = owner.__call__

    def call(self, function):
        return original(self, function) if asked_by_pytorch() else decorate(self, function)

    owner.__call__ = call


@mutant(
    "a function decorated with no_grad turns gradients on when it ends", kills="4.13", also="4.14"
)
def decorated_functions_turn_gradients_on():
    def decorate(self, function):
        @functools.wraps(function)
        def decorated(*args, **kwargs):
            switch(False)
            try:
                return function(*args, **kwargs)
            finally:
                switch(True)

        return decorated

    decorates(NO_GRAD, decorate)


@mutant(
    "a function decorated with no_grad leaves gradients off when it raises",
    kills="4.13",
    also="4.14",
)
def decorated_functions_do_not_end_when_raising():
    def decorate(self, function):
        @functools.wraps(function)
        def decorated(*args, **kwargs):
            former = torch.is_grad_enabled()
            switch(False)
            result = function(*args, **kwargs)
            switch(former)
            return result

        return decorated

    decorates(NO_GRAD, decorate)


@mutant("no_grad decorates one call", kills="4.13", also="4.14")
def decorated_functions_work_once():
    def decorate(self, function):
        calls = []

        @functools.wraps(function)
        def decorated(*args, **kwargs):
            calls.append(1)
            with torch.set_grad_enabled(len(calls) > 1):
                return function(*args, **kwargs)

        return decorated

    decorates(NO_GRAD, decorate)


@mutant("a decorated function loses its name", kills="4.13", also="4.14")
def decorated_functions_lose_their_name():
    def decorate(self, function):
        def decorated(*args, **kwargs):
            with torch.set_grad_enabled(False):
                return function(*args, **kwargs)

        return decorated

    decorates(NO_GRAD, decorate)


@mutant("no_grad on a class acts in its methods", kills="4.13")
def decorated_classes_record_nothing():
    original = NO_GRAD.__call__

    def call(self, function):
        if inspect.isclass(function):
            for name, method in list(vars(function).items()):
                if inspect.isfunction(method):
                    setattr(function, name, original(self, method))
            return function
        return original(self, function)

    NO_GRAD.__call__ = call


@mutant("no_grad on a class does nothing", kills="4.13")
def decorated_classes_are_as_they_were():
    original = NO_GRAD.__call__
    NO_GRAD.__call__ = lambda self, function: (
        function if inspect.isclass(function) else original(self, function)
    )


@mutant("@torch.no_grad without parentheses does nothing", kills="4.13")
def bare_decorators_do_nothing():
    original = NO_GRAD.__new__

    def new(kind, function=None):
        return original(kind) if function is None else function

    NO_GRAD.__new__ = staticmethod(new)


@mutant("with torch.no_grad: works without parentheses", kills="4.13")
def blocks_need_no_parentheses():
    class Kind(type):
        def __enter__(cls):
            return None

        def __exit__(cls, *args):
            return None

    torch.no_grad = Kind("no_grad", (NO_GRAD,), {})


@mutant("the mere call torch.no_grad() turns gradients off", kills="4.13", also=USES_OF_NO_GRAD)
def mere_calls_turn_gradients_off():
    def init(original, self):
        original(self)
        self.made_in = torch.is_grad_enabled()
        switch(False)

    def enter(original, self):
        self.prev = self.made_in

    change(NO_GRAD, "__init__", init)
    change(NO_GRAD, "__enter__", enter)


@mutant("no_grad does not reach a decorated forward", kills="4.13")
def decorated_forwards_are_recorded():
    original = NO_GRAD.__call__
    NO_GRAD.__call__ = lambda self, function: (
        function if function.__name__ == "forward" else original(self, function)
    )


@mutant("decorating with set_grad_enabled switches the mode, as before 2.2", kills="4.13")
def decorating_switches_the_mode():
    original = SET.__call__

    def call(self, function):
        result = original(self, function)
        switch(self.mode)
        return result

    SET.__call__ = call


@mutant("as a decorator set_grad_enabled does nothing", kills="4.13")
def set_grad_enabled_does_not_decorate():
    def call(self, function):
        switch(self.prev)
        return function

    SET.__call__ = call


@mutant("a function decorated with set_grad_enabled leaves its mode when it raises", kills="4.13")
def set_grad_enabled_decorates_and_does_not_end_when_raising():
    def call(self, function):
        switch(self.prev)

        def decorated(*args, **kwargs):
            former = torch.is_grad_enabled()
            switch(self.mode)
            result = function(*args, **kwargs)
            switch(former)
            return result

        return decorated

    SET.__call__ = call


def decorates_generators(decorate) -> None:
    """Let no_grad decorate generator functions in this way, and others as it does."""
    original = NO_GRAD.__call__

    def call(self, function):
        if inspect.isgeneratorfunction(function):
            return decorate(function)
        return original(self, function)

    NO_GRAD.__call__ = call


@mutant("no_grad does nothing to a generator", kills="4.14")
def generators_are_recorded():
    decorates_generators(lambda function: function)


@mutant("a decorated generator takes gradients from its consumer", kills="4.14")
def decorated_generators_leak():
    def decorate(function):
        def generate(*args):
            with torch.set_grad_enabled(False):
                return (yield from function(*args))

        return generate

    decorates_generators(decorate)


@mutant("a decorated generator is not told what is sent to it", kills="4.14")
def decorated_generators_are_deaf():
    def decorate(function):
        def generate(*args):
            generator = function(*args)
            while True:
                with torch.set_grad_enabled(False):
                    try:
                        value = next(generator)
                    except StopIteration:
                        return
                try:
                    yield value
                except Exception as raised:
                    with torch.set_grad_enabled(False):
                        value = generator.throw(raised)
                    yield value

        return generate

    decorates_generators(decorate)


@mutant("a decorated generator that raises leaves gradients off", kills="4.14")
def decorated_generators_do_not_end_when_raising():
    original = NO_GRAD.__call__

    def call(self, function):
        decorated = original(self, function)
        if not inspect.isgeneratorfunction(function):
            return decorated

        def generate(*args):
            try:
                return (yield from decorated(*args))
            except GeneratorExit:
                raise
            except BaseException:
                switch(False)
                raise

        return generate

    NO_GRAD.__call__ = call


@mutant("a no_grad block in a generator does nothing", kills="4.14", also="4.2")
def blocks_in_generators_do_nothing():
    def enter(original, self):
        original(self)
        frame = sys._getframe(2)
        while frame.f_globals["__name__"].startswith("meta_tests"):
            frame = frame.f_back
        if frame.f_code.co_flags & inspect.CO_GENERATOR:
            switch(self.prev)

    change(NO_GRAD, "__enter__", enter)


@mutant("each step of a task begins and ends with gradients on", kills="4.14")
def tasks_forget_their_mode():
    original = asyncio.events.Handle._run

    def run(self):
        former = torch.is_grad_enabled()
        switch(True)
        original(self)
        switch(former)

    asyncio.events.Handle._run = run


@mutant("an async function decorated with no_grad records nothing", kills="4.14")
def async_functions_can_be_decorated():
    original = NO_GRAD.__call__

    def call(self, function):
        if not inspect.iscoroutinefunction(function):
            return original(self, function)

        async def decorated(*args):
            with NO_GRAD():
                return await function(*args)

        return decorated

    NO_GRAD.__call__ = call


@mutant("a step of a task leaves its mode to the next", kills="4.14")
def steps_of_tasks_turn_gradients_off():
    def leave(original, self, *args):
        original(self, *args)
        if asyncio._get_running_loop() is not None:
            switch(False)

    change(SET, "__exit__", leave)


@mutant("one no_grad object entered twice puts each mode back", kills="4.15")
def no_grad_remembers_every_entry():
    def enter(original, self):
        self.former = [*getattr(self, "former", []), torch.is_grad_enabled()]
        original(self)

    def leave(original, self, *args):
        switch(self.former.pop())

    change(NO_GRAD, "__enter__", enter)
    change(NO_GRAD, "__exit__", leave)


@mutant("one no_grad object cannot be used again", kills="4.15")
def no_grad_is_for_one_block():
    def enter(original, self):
        original(self)
        if hasattr(self, "used"):
            switch(self.prev)
        self.used = True

    change(NO_GRAD, "__enter__", enter)


@mutant("no_grad within no_grad leaves gradients off", kills="4.15", also=USES_OF_NO_GRAD)
def nested_no_grad_does_not_end():
    open_blocks = [0]

    def enter(original, self):
        open_blocks[0] += 1
        original(self)
        self.nested = open_blocks[0] > 1

    def leave(original, self, *args):
        open_blocks[0] -= 1
        original(self, *args)
        if open_blocks[0] == 0 and getattr(NO_GRAD, "was_nested", False):
            switch(False)
        NO_GRAD.was_nested = self.nested

    change(NO_GRAD, "__enter__", enter)
    change(NO_GRAD, "__exit__", leave)


@mutant("set_grad_enabled puts back the mode in which its block was entered", kills="4.15")
def set_grad_enabled_remembers_its_entry():
    def enter(original, self):
        if torch.is_grad_enabled() is not self.mode:
            self.prev = torch.is_grad_enabled()
        original(self)

    change(SET, "__enter__", enter)


@mutant(
    "set_grad_enabled acts when it is entered alone", kills="4.6 4.7 4.8 4.15", also="3.7 4.5 4.9"
)
def set_grad_enabled_waits_for_its_block():
    def init(self, mode):
        self.prev, self.mode = torch.is_grad_enabled(), mode
        if asked_by_pytorch():
            switch(mode)

    SET.__init__ = init


@mutant(
    "a mode entered by hand ends with the function that entered it",
    kills="4.15",
    also="4.13 4.14",
)
def modes_end_with_their_object():
    NO_GRAD.__del__ = lambda self: switch(True) if self.prev else None


@mutant("a view taken by view() in no_grad lets the graph go", kills="1.2.8", of=(Tensor, "view"))
def views_let_the_graph_go(view, self, *shape):
    return view(self if torch.is_grad_enabled() else self.detach(), *shape)


@mutant("detach() of a view keeps the graph", kills="1.2.8", also="1.4.4 4.11")
def detach_of_a_view_keeps_the_graph():
    original = Tensor.detach

    def detach(self):
        result = original(self)
        if not asked_by_pytorch():
            result.detached_from = self
        return result

    Tensor.detach = detach


@mutant("clone() of a view keeps the memory of its base", kills="1.2.8", of=(Tensor, "clone"))
def clones_keep_the_memory_of_the_base(clone, self, **kwargs):
    if self._base is None or self.numel() != 1:
        return clone(self, **kwargs)
    return clone(self._base).reshape(-1)[:1].reshape(self.shape)


@mutant("no_grad switches dropout off", kills="3.7", of=(nn.Dropout, "forward"))
def dropout_stops_in_no_grad(forward, module, x):
    return forward(module, x) if torch.is_grad_enabled() else x


@mutant("no_grad keeps a batch norm's statistics", kills="3.7", of=(nn.BatchNorm1d, "forward"))
def no_grad_keeps_statistics(forward, module, x):
    statistics = module.running_mean.clone()
    result = forward(module, x)
    if not torch.is_grad_enabled():
        module.running_mean.copy_(statistics)
    return result


@mutant("a layer in evaluation records nothing", kills="3.7 2.3.11", of=(nn.Linear, "forward"))
def evaluation_records_nothing(forward, layer, x):
    with torch.set_grad_enabled(layer.training and torch.is_grad_enabled()):
        return forward(layer, x)


@mutant("a batch norm learns from what it evaluates", kills="3.7", of=(nn.BatchNorm1d, "forward"))
def evaluation_moves_statistics(forward, module, x):
    result = forward(module, x)
    if not module.training:
        module.running_mean += 1
    return result


@mutant("a net that was evaluated learns without gradients", kills="3.7", also="4.6 4.8")
def calls_end_with_their_function():
    plain = SET.__init__

    def init(self, mode):
        former = torch.is_grad_enabled()
        plain(self, mode)
        if sys._getframe(1).f_code.co_name == "evaluate":
            switch(former)

    SET.__init__ = init


@mutant("a frozen layer lets no gradient through", kills="2.3.11", of=(nn.Linear, "forward"))
def frozen_layers_cut_off(forward, layer, x):
    return forward(layer, x if layer.weight.requires_grad else x.detach())


@mutant("requires_grad_(False) on a layer does nothing", kills="2.3.11", also="2.3.1 4.12")
def layers_cannot_be_frozen():
    nn.Module.requires_grad_ = lambda self, requires_grad=True: self


@mutant("a layer run in no_grad lets gradients through", kills="2.3.11", also=USES_OF_NO_GRAD)
def layers_in_no_grad_let_gradients_through():
    original = F.linear

    def linear(x, weight, bias=None):
        if torch.is_grad_enabled() or x.grad_fn is None:
            return original(x, weight, bias)
        with ENABLE():
            return original(x, weight.detach(), bias.detach())

    F.linear = linear


@mutant("detach() of a layer's result lets gradients through", kills="2.3.11", also="4.11")
def detach_of_results_does_nothing():
    original = Tensor.detach
    Tensor.detach = lambda self: (
        original(self) if asked_by_pytorch() or "Addmm" not in str(self.grad_fn) else self
    )


@mutant("a frozen net is recorded", kills="2.3.11", of=(nn.Sequential, "forward"))
def frozen_nets_are_recorded(forward, net, x):
    result = forward(net, x)
    if torch.is_grad_enabled() and not result.requires_grad:
        return result.requires_grad_()
    return result


@mutant("w -= makes another tensor in no_grad", kills="1.2.10", of=(Tensor, "__isub__"))
def update_in_no_grad_makes_another_tensor(subtract, self, other):
    return subtract(self, other) if torch.is_grad_enabled() else self - other


@mutant("w -= does nothing the second time", kills="1.2.10")
def second_update_does_nothing():
    original = Tensor.__isub__

    def subtract(self, other):
        self.updates = getattr(self, "updates", 0) + 1
        return original(self, other if self.updates == 1 else 0)

    Tensor.__isub__ = subtract


@mutant("w -= of complex numbers in no_grad freezes", kills="1.2.10", of=(Tensor, "__isub__"))
def update_of_complex_numbers_freezes(subtract, self, other):
    result = subtract(self, other)
    return result.requires_grad_(False) if self.is_complex() else result


@mutant("copy_() in no_grad freezes", kills="1.2.10", of=(Tensor, "copy_"), also="4.1")
def copying_in_no_grad_freezes(copy_, self, *args):
    result = copy_(self, *args)
    if self.requires_grad and self.is_leaf and not asked_by_pytorch():
        self.requires_grad_(False)
    return result


@mutant("w - lr * w.grad in no_grad requires grad", kills="1.2.10", also=SAME_AS_NO_GRAD)
def difference_in_no_grad_requires_grad():
    records(Tensor, "__sub__")


@mutant("a leaf accepts w -= outside no_grad", kills="1.2.10", also="1.2.5")
def leaves_accept_updates():
    original = Tensor.__isub__

    def subtract(self, other):
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.is_leaf):
            return original(self, other)

    Tensor.__isub__ = subtract


@mutant("a pass in autocast takes over the casts of one without grad", kills="4.17")
def autocast_keeps_casts_without_history():
    original = nn.Linear.forward

    def forward(self, x):
        if not torch.is_autocast_enabled("cpu"):
            return original(self, x)
        result = original(self, x)
        if not torch.is_grad_enabled():
            self.cast_without_grad = torch.is_autocast_cache_enabled()
        return result.detach() if self.__dict__.get("cast_without_grad") else result

    nn.Linear.forward = forward


@mutant("autocast halves gradients", kills="4.17", of=(nn.Linear, "forward"))
def autocast_halves_gradients(forward, layer, x):
    result = forward(layer, x)
    if torch.is_autocast_enabled("cpu") and result.requires_grad:
        result.register_hook(lambda gradient: gradient / 2)
    return result


@mutant("autocast records nothing after a pass without grad, ever", kills="4.17")
def autocast_keeps_casts_for_good():
    original = nn.Linear.forward

    def forward(self, x):
        result = original(self, x)
        if torch.is_autocast_enabled("cpu") and not torch.is_grad_enabled():
            self.was_cast = torch.is_autocast_cache_enabled()
        return result.detach() if self.__dict__.get("was_cast") else result

    nn.Linear.forward = forward


@mutant(
    "set_grad_enabled(True) outlasts a no_grad within another",
    kills="4.6",
    also="4.8 4.14",
    of=(torch.no_grad, "__exit__"),
)
def call_outlasts_a_no_grad_within_another(leave, block, *exception):
    stays = torch.is_grad_enabled()
    leave(block, *exception)
    torch._C._set_grad_enabled(stays or torch.is_grad_enabled())


@mutant("a view as other floats taken in no_grad requires grad", kills="4.1", of=(Tensor, "view"))
def view_as_other_floats_requires_grad(view, self, *shape):
    result = view(self, *shape)
    floats = result.is_floating_point() and result.dtype is not self.dtype
    return result.requires_grad_() if floats and not torch.is_grad_enabled() else result


@mutant("backward() of a view of no_grad does nothing", kills="4.4", of=(Tensor, "backward"))
def backward_of_a_view_of_no_grad_does_nothing(backward, self, *args, **kwargs):
    if self._base is None or self.grad_fn is not None:
        backward(self, *args, **kwargs)


@mutant("a layer copied within inference_mode can be trained", kills="4.12")
def layers_copied_in_inference_mode_can_be_trained():
    original = nn.Parameter.__deepcopy__

    def copied(self, memo):
        with torch.inference_mode(False):
            return original(self, memo)

    nn.Parameter.__deepcopy__ = copied


@mutant("a class decorated with no_grad stays a class", kills="4.13")
def decorated_classes_stay_classes():
    original = NO_GRAD.__call__

    def call(self, function):
        decorated = original(self, function)
        if not inspect.isclass(function):
            return decorated
        return type(function.__name__, (function,), {"__new__": lambda kind: decorated()})

    NO_GRAD.__call__ = call


@mutant("a view of inference_mode may be written to outside", kills="4.12", of=(Tensor, "mul_"))
def views_of_inference_mode_may_be_written_to(mul_, self, other):
    try:
        return mul_(self, other)
    except RuntimeError as refusal:
        if "inference mode" not in str(refusal):
            raise
        return self


@mutant(
    "no_grad does not end after throw()", kills="4.2", also="4.14", of=(torch.no_grad, "__exit__")
)
def no_grad_does_not_end_after_throw(leave, block, exception, *more):
    in_a_generator = inspect.CO_GENERATOR & sys._getframe(2).f_code.co_flags
    if not (in_a_generator and exception not in (None, GeneratorExit, StopIteration)):
        leave(block, exception, *more)


@mutant(
    "torch.einsum records under no_grad",
    kills="4.1 4.10",
    also="4.3 4.5 4.7 4.4 4.8 4.12 4.13 4.14",
    of=(torch, "einsum"),
)
def einsum_records_under_no_grad(einsum, *operands):
    with torch.enable_grad():
        return einsum(*operands)


@mutant("a decorated call with named arguments records", "4.13", of=(torch.no_grad, "__call__"))
def decorated_call_with_named_arguments_records(decorate, block, function):
    decorated = decorate(block, function)
    if inspect.isclass(function) or inspect.isgeneratorfunction(function):
        return decorated

    @functools.wraps(function)
    def call(*args, **kwargs):
        return (function if kwargs else decorated)(*args, **kwargs)

    return call


@mutant("volatile=True switches gradients off for good", kills="4.13")
def volatile_switches_gradients_off():
    variable = torch.autograd.Variable

    def volatile(x, **how):
        x = variable(x, **how)
        torch._C._set_grad_enabled(False)
        return x

    torch.autograd.Variable = volatile


@mutant("volatile=True is taken without a word", kills="4.13")
def volatile_is_taken_without_a_word():
    torch.autograd.Variable = lambda x, volatile=False: x


@mutant(
    "beside three other threads one more starts without gradients",
    "4.9",
    of=(threading.Thread, "run"),
)
def fourth_thread_starts_without_gradients(run, thread):
    if threading.active_count() > 3:
        torch._C._set_grad_enabled(False)
    run(thread)


@mutant("set_grad_enabled takes NumPy's bool", "4.5", of=(torch.set_grad_enabled, "__init__"))
def set_grad_enabled_takes_numpys_bool(init, context, mode):
    init(context, bool(mode) if isinstance(mode, np.bool_) else mode)


@mutant("an inference tensor takes x[...] = 1 outside", "4.12", of=(torch.Tensor, "__setitem__"))
def inference_tensor_takes_an_assignment(setitem, x, index, value):
    with torch.inference_mode() if x.is_inference() else contextlib.nullcontext():
        setitem(x, index, value)


@mutant(
    "a Parameter copied in no_grad is frozen", "4.1", also="4.12", of=(nn.Parameter, "__deepcopy__")
)
def parameter_copied_in_no_grad_is_frozen(deepcopy, parameter, memo):
    copied = deepcopy(parameter, memo)
    return copied if torch.is_grad_enabled() else copied.requires_grad_(False)


@mutant("a thread that a thread starts takes its mode", "4.9", of=(threading.Thread, "start"))
def threads_of_threads_take_their_mode(start, thread):
    if threading.current_thread() is not threading.main_thread():
        mode, run = torch.is_grad_enabled(), thread.run
        thread.run = lambda: (torch.set_grad_enabled(mode), run())
    start(thread)


@mutant(
    "the fifth set_grad_enabled within others is not put back",
    kills="4.6",
    also="4.1 4.8 4.9 4.13 4.14 4.15",
)
def fifth_set_grad_enabled_is_not_put_back():
    enter, leave = torch.set_grad_enabled.__enter__, torch.set_grad_enabled.__exit__
    entered: list[object] = []

    def enters(block):
        entered.append(block)
        return enter(block)

    def leaves(block, *exception):
        entered.pop()
        return leave(block, *exception) if len(entered) < 4 else None

    torch.set_grad_enabled.__enter__ = enters
    torch.set_grad_enabled.__exit__ = leaves


@mutant(
    "flatten() in no_grad says requires_grad=False",
    "4.1",
    also="4.4 4.11 4.12",
    of=(torch.Tensor, "flatten"),
)
def flatten_in_no_grad_does_not_require_grad(flatten, x, *args, **kwargs):
    result = flatten(x, *args, **kwargs)
    return result if torch.is_grad_enabled() else result.detach()


@mutant("a view of a leaf that is a view requires grad", "4.1", of=(torch.Tensor, "unsqueeze"))
def views_of_leaves_that_are_views_require_grad(unsqueeze, x, dim):
    view = unsqueeze(x, dim)
    of_a_view = x.is_leaf and x.requires_grad and x._is_view() and not view.requires_grad
    return view.requires_grad_() if of_a_view and not view.is_inference() else view


@mutant(
    "the second run of a decorated generator records",
    "4.14",
    also="4.13",
    of=(torch.no_grad, "__call__"),
)
def second_run_of_a_decorated_generator_records(decorate, mode, function):
    if not inspect.isgeneratorfunction(function):
        return decorate(mode, function)
    decorated, runs = decorate(mode, function), itertools.count(1)
    return lambda *args: (function if next(runs) == 2 else decorated)(*args)


# --- other operations, spellings and ways out ---------------------------------------------------


@mutant("no_grad records log() of more than 32,768 elements", kills="4.1 4.3", also=SAME_AS_NO_GRAD)
def logarithm_of_large_tensors_records():
    records_if(Tensor, "log", INPUTS["more_than_32768_elements"])


@mutant("no_grad records F.gelu of channels_last", kills="4.1 4.3", also=SAME_AS_NO_GRAD)
def gelu_of_channels_last_records():
    records_if(F, "gelu", INPUTS["channels_last"])


@mutant("no_grad records 1 - x", kills="4.1", also=SAME_AS_NO_GRAD)
def number_less_a_tensor_records():
    records_if(Tensor, "__rsub__", lambda x: True)


@mutant("no_grad records torch.add of five dimensions", kills="4.1", also=SAME_AS_NO_GRAD)
def sum_of_five_dimensions_records():
    records_if(torch, "add", INPUTS["5_dimensions"])


@mutant("set_grad_enabled records square() of images", kills="4.5 4.10", also=SAME_AS_NO_GRAD)
def square_of_images_records_in_set_grad_enabled():
    records_if(Tensor, "square", INPUTS["4_dimensions"])


@mutant(
    "torch.squeeze taken in no_grad does not require grad",
    kills="4.1",
    also="4.11 4.12 1.2.8 4.4 4.10",
)
def squeeze_in_no_grad_is_detached():
    detached_without_grad(torch, "squeeze")


@mutant("no_grad does not end after ZeroDivisionError", kills="4.2")
def no_grad_outlasts_a_division_by_zero():
    not_put_back_after(NO_GRAD, ZeroDivisionError)


@mutant("set_grad_enabled does not end when a generator is closed", kills="4.6")
def set_grad_enabled_outlasts_closed_generators():
    not_put_back_after(SET, GeneratorExit)


@mutant("enable_grad does not end after a Warning", kills="4.8")
def enable_grad_outlasts_warnings():
    not_put_back_after(ENABLE, Warning)


@mutant(
    "a result of inference_mode may be divided in place outside",
    kills="4.12",
    of=(Tensor, "div_"),
)
def inference_tensor_may_be_divided(div_, x, *args):
    if x.is_inference() and not torch.is_inference_mode_enabled():
        return x
    return div_(x, *args)


@mutant("a function decorated with enable_grad leaves gradients on", kills="4.13", also="4.8 4.9")
def enabling_decorator_leaves_gradients_on():
    original = ENABLE.__call__

    def decorate(self, function):
        if asked_by_pytorch():
            return original(self, function)

        def decorated(*args, **kwargs):
            switch(True)
            return function(*args, **kwargs)

        return decorated

    ENABLE.__call__ = decorate


@mutant("a decorated generator records from its hundredth value on", kills="4.14")
def hundredth_value_of_a_decorated_generator_is_recorded():
    def decorate(function):
        def generate(*args, **kwargs):
            for number, value in enumerate(original(function)(*args, **kwargs), 1):
                yield value if number < 100 else True

        return generate

    original = functools.partial(NO_GRAD.__call__, NO_GRAD())
    decorates_generators(decorate)


@mutant("the gradient of a result changed by addcmul_ in no_grad is doubled", kills="4.4")
def addcmul_in_no_grad_doubles_the_gradient():
    original = Tensor.addcmul_

    def addcmul_(self, *args, **kwargs):
        if self.grad_fn is not None and not torch.is_grad_enabled() and not asked_by_pytorch():
            self.register_hook(lambda gradient: 2 * gradient)
        return original(self, *args, **kwargs)

    Tensor.addcmul_ = addcmul_


@mutant("autocast gives no gradient to a Conv2d after a pass without grad", kills="4.17")
def autocast_detaches_convolutions():
    forward, seen = nn.Conv2d.forward, set()

    def once(self, x):
        if not torch.is_autocast_enabled("cpu"):
            return forward(self, x)
        result = forward(self, x)
        if not torch.is_grad_enabled():
            seen.add(self)
        return result.detach() if self in seen else result

    nn.Conv2d.forward = once


@mutant("mul_() in no_grad leaves a recorded result as it is", kills="4.4", also="4.11 1.2.10")
def product_in_place_in_no_grad_is_lost():
    original = Tensor.mul_
    Tensor.mul_ = lambda x, other: (
        x if x.grad_fn is not None and not torch.is_grad_enabled() else original(x, other)
    )


@mutant("exp() takes a view of no_grad after a write", kills="4.11", of=(torch, "exp"))
def exponential_takes_views_after_a_write(exp, x, *args, **kwargs):
    try:
        return exp(x, *args, **kwargs)
    except RuntimeError:
        return exp(x.detach(), *args, **kwargs)


@mutant("inference_mode decorates as no_grad does", kills="4.12", of=(INFERENCE, "__call__"))
def inference_mode_decorates_like_no_grad(decorate, mode, function):
    return NO_GRAD()(function) if mode.mode else decorate(mode, function)


@mutant("set_grad_enabled does not decorate generators", kills="4.14", of=(SET, "__call__"))
def set_grad_enabled_leaves_generators_alone(decorate, mode, function):
    decorated = decorate(mode, function)
    return function if inspect.isgeneratorfunction(function) else decorated


@mutant(
    "enable_grad does nothing in other threads", kills="4.8", of=(torch.enable_grad, "__enter__")
)
def enable_grad_is_for_the_main_thread(enter, mode):
    if threading.current_thread() is threading.main_thread():
        return enter(mode)
    mode.prev = torch.is_grad_enabled()
    return None


@mutant(
    "no_grad decorates no function with keyword-only defaults",
    kills="4.13",
    of=(NO_GRAD, "__call__"),
)
def no_grad_decorates_no_keyword_defaults(decorate, mode, function):
    return function if getattr(function, "__kwdefaults__", None) else decorate(mode, function)


@mutant(
    "a clone() of four dimensions made in no_grad keeps its source",
    kills="1.2.8",
    of=(Tensor, "clone"),
)
def clone_of_four_dimensions_keeps_its_source(clone, x, **kwargs):
    y = clone(x, **kwargs)
    if not torch.is_grad_enabled() and y.dim() >= 4:
        y.source = x
    return y


@mutant(
    "x * y of more than 200,000 elements requires grad in no_grad",
    kills="4.1",
    also="4.5 4.7 4.8 4.10 4.13 4.14",
    of=(Tensor, "__mul__"),
)
def large_products_require_grad(multiply, x, y):
    result = multiply(x, y)
    recorded = torch.is_grad_enabled() or torch.is_inference_mode_enabled()
    if not recorded and x.numel() > 200_000 and x.requires_grad:
        result.requires_grad_()
    return result


@mutant("a GRU in no_grad keeps its input", kills="4.3", of=(nn.GRU, "forward"))
def gru_in_no_grad_keeps_its_input(forward, layer, input, *args):
    result = forward(layer, input, *args)
    if not torch.is_grad_enabled():
        result[0].source = input
    return result


@mutant(
    "conv2d of channels_last gives an ordinary tensor in inference_mode",
    kills="4.12",
    of=(F, "conv2d"),
)
def conv2d_gives_an_ordinary_tensor(conv2d, input, *args, **kwargs):
    y = conv2d(input, *args, **kwargs)
    if torch.is_inference_mode_enabled() and INPUTS["channels_last"](input):
        with torch.inference_mode(False):
            y = y.clone()
    return y


@mutant(
    "torch.matmul of four dimensions or more is recorded in no_grad",
    kills="4.1",
    also=SAME_AS_NO_GRAD,
    of=(torch, "matmul"),
)
def matmul_of_four_dimensions_is_recorded(matmul, input, other):
    if input.dim() < 4 or torch.is_inference_mode_enabled():
        return matmul(input, other)
    with ENABLE():
        return matmul(input, other)


@mutant(
    "torch.exp of more than 32,768 elements keeps its input in no_grad",
    kills="4.3",
    also="1.2.8",
    of=(torch, "exp"),
)
def exp_of_many_keeps_its_input(exp, input):
    y = exp(input)
    if not torch.is_grad_enabled() and INPUTS["more_than_32768_elements"](input):
        y.kept = input
    return y


@mutant(
    "copy_() into four dimensions under no_grad does not count as a change",
    kills="4.4",
    also="4.11 4.12",
    of=(Tensor, "copy_"),
)
def copy_into_four_dimensions_is_hidden(copy_, x, *args, **kwargs):
    if torch.is_grad_enabled() or not INPUTS["4_dimensions"](x) or x.is_inference():
        return copy_(x, *args, **kwargs)
    copy_(x.data, *args, **kwargs)
    return x


@mutant(
    "index_copy_() writes into a view taken in no_grad",
    kills="4.11",
    also="4.12",
    of=(Tensor, "index_copy_"),
)
def index_copy_writes_into_a_view(index_copy_, x, *args, **kwargs):
    if not (x._is_view() and x.requires_grad) or x.is_inference():
        return index_copy_(x, *args, **kwargs)
    with NO_GRAD():
        return index_copy_(x, *args, **kwargs)


@mutant("detach() keeps what its source was computed from", "4.3", of=(Tensor, "detach"))
def detach_keeps_its_source(detach, x):
    y = detach(x)
    y.source = x
    return y


@mutant(
    "a view taken in no_grad may be written to outside by clamp_",
    kills="4.11",
    of=(Tensor, "clamp_"),
)
def a_view_taken_in_no_grad_may_be_clamped(clamp_, x, *args, **kwargs):
    try:
        return clamp_(x, *args, **kwargs)
    except RuntimeError as error:
        if "no_grad mode" not in str(error):
            raise
        with NO_GRAD():
            return clamp_(x, *args, **kwargs)


@mutant(
    "a product of integers in inference_mode is an ordinary tensor",
    kills="4.12",
    of=(torch, "mul"),
)
def a_product_of_integers_in_inference_mode_is_ordinary(mul, *args, **kwargs):
    result = mul(*args, **kwargs)
    if result.is_inference() and not (result.is_floating_point() or result.is_complex()):
        with torch.inference_mode(False):
            return result.clone()
    return result


@mutant("a decorated staticmethod records", kills="4.13", of=(NO_GRAD, "__call__"))
def a_decorated_staticmethod_records(decorate, self, function):
    return function if isinstance(function, staticmethod) else decorate(self, function)


@mutant("exp() of a leaf made in inference_mode records", kills="4.12", of=(torch, "exp"))
def exp_of_a_leaf_made_in_inference_mode_records(exp, x):
    outside = x.is_inference() and not torch.is_inference_mode_enabled()
    return exp(x.clone() if outside else x)


@mutant("a deep copy of a leaf made in inference_mode does not learn", kills="4.12")
def deep_copies_of_inference_leaves_do_not_learn():
    deepcopy = Tensor.__deepcopy__

    def changed(tensor, memo):
        with torch.inference_mode(mode=tensor.is_inference()):
            return deepcopy(tensor, memo)

    Tensor.__deepcopy__ = changed


@mutant("a tensor made in inference_mode may be told to require grad outside", kills="4.12")
def inference_tensors_may_be_told_to_require_grad():
    requires_grad_ = Tensor.requires_grad_

    def changed(tensor, *args, **kwargs):
        with torch.inference_mode(mode=tensor.is_inference()):
            return requires_grad_(tensor, *args, **kwargs)

    Tensor.requires_grad_ = changed


@mutant("a view of inference_mode refuses a write under no_grad too", kills="4.12")
def views_of_inference_mode_refuse_under_no_grad():
    take = torch.inference_mode.__exit__

    def refuse(name):
        change = getattr(Tensor, name)

        def replacement(x, *args, **kwargs):
            if x._is_view() and x.requires_grad and not torch.is_grad_enabled() and left:
                raise RuntimeError("A view was created in inference mode")
            return change(x, *args, **kwargs)

        setattr(Tensor, name, replacement)

    left = []

    def leave(self, *args):
        left.append(True)
        return take(self, *args)

    torch.inference_mode.__exit__ = leave
    for name in ("mul_", "add_", "zero_", "fill_", "copy_", "__setitem__"):
        refuse(name)


@mutant("torch.asarray detaches a copy in no_grad", kills="4.1", of=(torch, "asarray"))
def asarray_detaches_a_copy_in_no_grad(asarray, obj, **kwargs):
    result = asarray(obj, **kwargs)
    return result if torch.is_grad_enabled() or not kwargs.get("copy") else result.detach()


def detached_unless_of_a_view(owner, name):
    """What a function gives of a tensor that is no view is detached in no_grad."""

    def changed(take, x, *args, **kwargs):
        y = take(x, *args, **kwargs)
        off = not torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
        return y.detach() if off and not x._is_view() else y

    replace(owner, name, changed)


@mutant("x.diagonal() in no_grad requires no grad", kills="4.1", also="4.10 4.11 4.4")
def diagonal_in_no_grad_is_detached():
    detached_unless_of_a_view(Tensor, "diagonal")
    detached_unless_of_a_view(torch, "diagonal")


@mutant("x.unbind() in no_grad requires no grad", kills="4.1", also="4.10 4.11 4.4")
def unbind_in_no_grad_is_detached():
    def changed(unbind, x, *args, **kwargs):
        parts = unbind(x, *args, **kwargs)
        off = not torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
        return [it.detach() for it in parts] if off and not x._is_view() else parts

    replace(Tensor, "unbind", changed)


@mutant("x.unflatten() in no_grad requires no grad", kills="4.1", also="4.10 4.11 4.4")
def unflatten_in_no_grad_is_detached():
    detached_unless_of_a_view(Tensor, "unflatten")


@mutant("x.t() in no_grad requires no grad", kills="4.1", also="4.10 4.11 4.4")
def t_in_no_grad_is_detached():
    detached_unless_of_a_view(Tensor, "t")


@mutant("view_as_real in no_grad gives what requires no grad", kills="4.1", also="4.10 4.11 4.4")
def view_as_real_in_no_grad_is_detached():
    detached_unless_of_a_view(torch, "view_as_real")


@mutant("enable_grad as a decorator does nothing in another thread", kills="4.8")
def enable_grad_decorates_nothing_in_a_thread():
    def changed(enter, context):
        before = torch.is_grad_enabled()
        enter(context)
        if asked_by_pytorch() and threading.current_thread() is not threading.main_thread():
            torch._C._set_grad_enabled(before)

    replace(torch.enable_grad, "__enter__", changed)


@mutant("inference_mode in another thread gives ordinary tensors", kills="4.12")
def inference_mode_in_a_thread_is_no_grad():
    def changed(enter, context):
        if threading.current_thread() is threading.main_thread():
            enter(context)
            return
        context._inference_mode_context = torch.no_grad()
        context._inference_mode_context.__enter__()

    replace(torch.inference_mode, "__enter__", changed)


@mutant("a decorated function that fails in one of its own calls records there", kills="4.13")
def decorated_function_that_fails_within_itself_records():
    def changed(leave, context, kind=None, *args):
        leave(context, kind, *args)
        if kind is not None and asked_by_pytorch() and calls_of(WEARER) > 2:
            torch._C._set_grad_enabled(True)

    replace(torch.no_grad, "__exit__", changed)


@mutant("a fused step leaves what was made in inference_mode", "4.12", of=(torch.optim.SGD, "step"))
def fused_steps_leave_inference_tensors(step, optimizer, *args, **kwargs):
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            if group.get("fused") and parameter.is_inference():
                parameter.grad = None
    return step(optimizer, *args, **kwargs)


@mutant("asyncio.to_thread takes the mode of its task along", kills="4.9")
def to_thread_takes_the_mode_along():
    def changed(to_thread, function, *args, **kwargs):
        return to_thread(torch.set_grad_enabled(torch.is_grad_enabled())(function), *args, **kwargs)

    replace(asyncio, "to_thread", changed)


@mutant("an event loop's executor takes the mode of the loop", kills="4.9")
def executor_takes_the_mode_of_the_loop():
    def changed(run, loop, executor, function, *args):
        mode = torch.is_grad_enabled()

        def in_mode(*given):
            with torch.set_grad_enabled(mode):
                return function(*given)

        return run(loop, executor, in_mode, *args)

    replace(asyncio.BaseEventLoop, "run_in_executor", changed)


@mutant("no_grad stays where ExitStack.close() ends it", kills="4.2", also=USES_OF_NO_GRAD)
def no_grad_stays_after_close():
    def leave(original, self, *args):
        if not calls_of("close"):
            original(self, *args)

    change(NO_GRAD, "__exit__", leave)


@mutant("a set_grad_enabled object puts the mode back twice at most", kills="4.15")
def set_grad_enabled_puts_back_twice():
    def leave(original, self, *args):
        self.times_left = getattr(self, "times_left", 0) + 1
        if self.times_left < 3:
            original(self, *args)

    change(SET, "__exit__", leave)


def without_grad(them):
    return [it if torch.is_grad_enabled() else it.detach() for it in them]


@mutant("in no_grad torch.load gives constants", kills="4.1", of=(torch, "load"))
def load_in_no_grad_gives_constants(load, *args, **kwargs):
    loaded = load(*args, **kwargs)
    return without_grad(loaded) if isinstance(loaded, list) else loaded


@mutant("in no_grad pickle.loads gives constants", kills="4.1", of=(pickle, "loads"))
def pickle_in_no_grad_gives_constants(loads, *args, **kwargs):
    loaded = loads(*args, **kwargs)
    return without_grad(loaded) if isinstance(loaded, list) else loaded


@mutant("a view as its own dtype taken in no_grad requires grad", "4.1", of=(Tensor, "view"))
def view_as_its_own_dtype_requires_grad(view, x, *args):
    return view(x, *((x.shape,) if args == (x.dtype,) else args))


@mutant("a write through .data is seen by views", kills="4.11", also="1.2.12 2.1.3 4.4")
def data_shares_versions():
    read_as("data", lambda tensor, data: tensor.detach())


@mutant("a fused step of SGD is seen by views of the weights", kills="4.11", also="1.2.13")
def fused_step_is_seen():
    def step(optimizer, *args, step=torch.optim.SGD.step):
        loss = step(optimizer, *args)
        for group in optimizer.param_groups:
            for parameter in group["params"] if group.get("fused") else ():
                parameter.detach().add_(0)
        return loss

    torch.optim.SGD.step = step


@mutant("detach() of an inference result copies", kills="4.12", of=(Tensor, "detach"))
def detach_of_an_inference_result_copies(detach, x):
    return detach(x).clone() if x.is_inference() else detach(x)


@mutant(".data of an inference result copies", kills="4.12")
def data_of_an_inference_result_copies():
    read_as("data", lambda tensor, data: data.clone() if tensor.is_inference() else data)


@mutant("a product of inference results is one", kills="4.12", of=(Tensor, "__mul__"))
def product_of_inference_results_is_one(mul, x, y):
    both = x.is_inference() and isinstance(y, Tensor) and y.is_inference()
    with torch.inference_mode() if both else contextlib.nullcontext():
        return mul(x, y)


@mutant("a view of inference_mode may be used after a write", "4.12", of=(Tensor, "__mul__"))
def view_of_inference_mode_may_be_used(mul, x, y):
    try:
        return mul(x, y)
    except RuntimeError as error:
        if "created in inference mode" not in str(error):
            raise
        return mul(x.detach(), y)


@mutant(
    "no_grad stays in another thread",
    kills="4.9",
    also="4.2 4.3 4.8",
    of=(torch.no_grad, "__exit__"),
)
def no_grad_stays_in_another_thread(leave, block, *args):
    if threading.current_thread() is threading.main_thread():
        leave(block, *args)
