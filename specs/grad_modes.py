"""Ways to call a function where grad mode is off, which PyTorch's functions must not tell apart."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import ExitStack, suppress

import torch

from specs.threads import in_another_thread


def under_no_grad(function: Callable) -> object:
    with torch.no_grad():
        return function()


def _in_the_last_of_many_blocks(function: Callable) -> object:
    with ExitStack() as stack:
        for mode in (torch.no_grad, torch.enable_grad, *[torch.no_grad] * 9):
            stack.enter_context(mode())
        return function()


def _leave_blocks_of(mode: Callable) -> None:
    """Leave blocks of this mode: at the end, by an exception, and by closing a generator."""

    def generate():
        with mode():
            yield

    with mode():
        pass
    with suppress(KeyboardInterrupt), mode():
        raise KeyboardInterrupt
    generator = generate()
    next(generator)
    generator.close()


def _in_a_block_after_others_in_it(function: Callable) -> object:
    with torch.no_grad():
        _leave_blocks_of(torch.enable_grad)
        _leave_blocks_of(torch.no_grad)
        return function()


def _in_a_block_that_an_exception_ends(function: Callable) -> object:
    with suppress(KeyboardInterrupt), torch.no_grad():
        result = function()
        raise KeyboardInterrupt
    return result


def _in_the_second_block_of_one_object(function: Callable) -> object:
    off = torch.no_grad()
    with off:
        pass
    with off:
        return function()


def _in_a_block_by_its_other_name(function: Callable) -> object:
    with torch.autograd.no_grad():
        return function()


def _in_a_block_of_an_exit_stack(function: Callable) -> object:
    with ExitStack() as stack:
        stack.enter_context(torch.no_grad())
        return function()


def _in_the_second_call_of_a_decorated_function(function: Callable) -> object:
    @torch.no_grad()
    def call(function):
        return function()

    call(int)
    return call(function)


def _in_a_decorated_method(function: Callable) -> object:
    class Caller:
        @torch.no_grad()
        def call(self, function):
            return function()

    return Caller().call(function)  # the class would keep what it mentions


def _in_a_decorated_generator(function: Callable) -> object:
    @torch.no_grad()
    def generate():
        yield 0
        yield function()

    _, result = generate()
    return result


def _in_a_block_of_a_generator(function: Callable) -> object:
    def generate():
        with torch.no_grad():
            yield function()

    (result,) = generate()
    return result


def _in_a_block_of_a_coroutine(function: Callable) -> object:
    async def call():
        with torch.no_grad():
            return function()

    try:
        call().send(None)
    except StopIteration as end:
        return end.value


def _in_another_thread(function: Callable) -> object:
    return in_another_thread(under_no_grad, function)


#: Ways to call a function under no_grad.
UNDER_NO_GRAD = (
    under_no_grad,
    _in_a_decorated_generator,
    _in_the_last_of_many_blocks,
    _in_a_decorated_method,
    _in_a_block_after_others_in_it,
    _in_a_block_of_a_generator,
    _in_the_second_call_of_a_decorated_function,
    _in_a_block_that_an_exception_ends,
    _in_the_second_block_of_one_object,
    _in_a_block_of_an_exit_stack,
    _in_a_block_of_a_coroutine,
    _in_a_block_by_its_other_name,
    _in_another_thread,
)


def _in_a_block_of_set_grad_enabled(function: Callable) -> object:
    with torch.set_grad_enabled(mode=False):
        return function()


def _in_a_function_that_set_grad_enabled_decorates(function: Callable) -> object:
    decorated = torch.set_grad_enabled(False)(function)
    torch.set_grad_enabled(True)  # which older releases have switched off by now
    return decorated()


def _after_a_call_of_set_grad_enabled(function: Callable) -> object:
    torch.set_grad_enabled(False)
    try:
        return function()
    finally:
        torch.set_grad_enabled(True)


def _in_a_block_of_inference_mode(function: Callable) -> object:
    with torch.inference_mode():
        return function()


def _in_a_function_that_inference_mode_decorates(function: Callable) -> object:
    return torch.inference_mode()(function)()


#: Ways to call a function where grad mode is off.
GRAD_OFF = (
    *UNDER_NO_GRAD,
    _in_a_block_of_set_grad_enabled,
    _in_a_function_that_set_grad_enabled_decorates,
    _after_a_call_of_set_grad_enabled,
    _in_a_block_of_inference_mode,
    _in_a_function_that_inference_mode_decorates,
)


def _in_a_block_of_enable_grad(function: Callable) -> object:
    with torch.enable_grad():
        return function()


def _in_a_function_that_enable_grad_decorates(function: Callable) -> object:
    return torch.enable_grad()(function)()


def _in_a_generator_that_enable_grad_decorates(function: Callable) -> object:
    @torch.enable_grad()
    def generate():
        yield function()

    (result,) = generate()
    return result


def _in_another_block_of_set_grad_enabled(function: Callable) -> object:
    with torch.set_grad_enabled(True):
        return function()


def _in_the_last_of_three_blocks(function: Callable) -> object:
    with torch.enable_grad(), torch.no_grad(), torch.enable_grad():
        return function()


def _in_a_thread_that_another_one_starts(function: Callable) -> object:
    return in_another_thread(in_another_thread, function)


#: Ways to call a function with grad mode on again, within no_grad.
GRAD_ON_AGAIN = (
    _in_a_block_of_enable_grad,
    _in_a_function_that_enable_grad_decorates,
    _in_a_generator_that_enable_grad_decorates,
    _in_another_block_of_set_grad_enabled,
    _in_the_last_of_three_blocks,
    in_another_thread,
    _in_a_thread_that_another_one_starts,
)


def at_once(function: Callable) -> object:
    return function()


def _after_blocks_of_no_grad(function: Callable) -> object:
    _leave_blocks_of(torch.no_grad)
    torch.no_grad()(lambda: None)()
    return function()


def _within_no_grad(on: Callable) -> Callable:
    @functools.wraps(on)
    def call(function: Callable) -> object:
        return under_no_grad(lambda: on(function))

    return call


#: Ways to call a function where grad mode is on.
GRAD_ON = (at_once, _after_blocks_of_no_grad, *map(_within_no_grad, GRAD_ON_AGAIN))
