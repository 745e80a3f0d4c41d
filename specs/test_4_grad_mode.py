"""4 torch.no_grad() and torch.set_grad_enabled()."""

from __future__ import annotations

import asyncio
import copy
import itertools
import operator
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from specs.ledger import claim
from specs.oracles import same_bits, same_values
from specs.releases import RELEASE, before, since
from specs.strategies import (
    COMPLEX,
    COMPUTING_FLOATS,
    EACH_RANK,
    NOT_EMPTY,
    WITH_EXPANDED,
    ones,
    tensors,
)


def assigned(target: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """The target, into which the value was written."""
    target[...] = value
    return target


class Double(torch.autograd.Function):
    """A function of a user's own."""

    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, gradient):
        return 2 * gradient


#: Computations of many kinds, of two tensors of one shape, whose results have memory of their own.
OF_NUMBERS = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x * 2": lambda x, y: x * 2,
    "x / y": lambda x, y: x / y,
    "-x": lambda x, y: -x,
    "x ** 2": lambda x, y: x**2,
    "x.exp()": lambda x, y: x.exp(),
    "x.pow(2)": lambda x, y: x.pow(2),
    "torch.tanh(x)": lambda x, y: torch.tanh(x),
    "x.sum()": lambda x, y: x.sum(),
    "x.mean()": lambda x, y: x.mean(),
    "x.clone()": lambda x, y: x.clone(),
    "x.to(x.dtype, copy=True)": lambda x, y: x.to(x.dtype, copy=True),
    "torch.stack": lambda x, y: torch.stack([x, y]),
    "torch.cat": lambda x, y: torch.cat([x.reshape(-1), y.reshape(-1)]),
    "torch.where": lambda x, y: torch.where(x == y, x, y),
    "x[mask]": lambda x, y: x[x == x],
    "matmul": lambda x, y: x.reshape(1, -1) @ y.reshape(-1, 1),
    "F.linear": lambda x, y: F.linear(x.reshape(1, -1), y.reshape(1, -1)),
    "x.abs()": lambda x, y: x.abs(),
    "zeros.add_(x)": lambda x, y: torch.zeros_like(x).add_(x),
    "zeros -= x": lambda x, y: operator.isub(torch.zeros_like(x), x),
    "zeros.copy_(x)": lambda x, y: torch.zeros_like(x).copy_(x),
    "Double.apply(x)": lambda x, y: Double.apply(x),
    "zeros[...] = x": lambda x, y: assigned(torch.zeros_like(x), x),
}
OF_REAL_NUMBERS = {
    "torch.maximum(x, y)": lambda x, y: torch.maximum(x, y),
    "x.max()": lambda x, y: x.max(),
    "x.sort()": lambda x, y: x.reshape(-1).sort().values,
    "x.clamp(min=0)": lambda x, y: x.clamp(min=0),
    "F.relu(x)": lambda x, y: F.relu(x),
    "x.sigmoid()": lambda x, y: x.sigmoid(),
    "F.softmax": lambda x, y: F.softmax(x.reshape(1, -1), dim=1),
    "torch.einsum": lambda x, y: torch.einsum("i,j->ij", x.reshape(-1)[:5], y.reshape(-1)),
    "torch.lerp": lambda x, y: torch.lerp(x, y, 0.5),
    "x.cumsum(0)": lambda x, y: x.reshape(-1).cumsum(0),
    "F.pad": lambda x, y: F.pad(x.reshape(1, -1), (1, 1)),
    "x.to(complex)": lambda x, y: x.to(torch.complex64),
}
#: Layers of many kinds, some without parameters, and the shape of what they take.
LAYERS = {
    "Linear": (lambda: nn.Linear(3, 2), (4, 3)),
    "Conv1d": (lambda: nn.Conv1d(2, 3, 2), (1, 2, 5)),
    "Conv2d": (lambda: nn.Conv2d(2, 3, 2), (1, 2, 5, 5)),
    "Conv3d": (lambda: nn.Conv3d(2, 3, 2), (1, 2, 3, 3, 3)),
    "ConvTranspose2d": (lambda: nn.ConvTranspose2d(2, 3, 2), (1, 2, 4, 4)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(2), (3, 2, 4, 4)),
    "LayerNorm": (lambda: nn.LayerNorm(3), (4, 3)),
    "GroupNorm": (lambda: nn.GroupNorm(1, 2), (3, 2, 4, 4)),
    "InstanceNorm2d": (lambda: nn.InstanceNorm2d(2), (3, 2, 4, 4)),
    "MaxPool2d": (lambda: nn.MaxPool2d(2), (3, 2, 4, 4)),
    "AvgPool2d": (lambda: nn.AvgPool2d(2), (3, 2, 4, 4)),
    "Upsample": (lambda: nn.Upsample(scale_factor=2), (3, 2, 4, 4)),
    "GELU": (lambda: nn.GELU(), (4, 3)),
    "Softmax": (lambda: nn.Softmax(dim=1), (4, 3)),
    "PReLU": (lambda: nn.PReLU(), (4, 3)),
    "GRUCell": (lambda: nn.GRUCell(3, 2), (4, 3)),
    "four deep": (
        lambda: nn.Sequential(nn.Sequential(nn.Sequential(nn.Sequential(nn.Linear(3, 2))))),
        (4, 3),
    ),
}
#: Views, whose results have the memory of x, which must have a dimension.
VIEWS = {
    "x[0]": lambda x: x[0],
    "x[:1]": lambda x: x[:1],
    "x[..., None]": lambda x: x[..., None],
    "x.view_as(x)": lambda x: x.view_as(x),
    "x.unsqueeze(0)": lambda x: x.unsqueeze(0),
    "x.squeeze()": lambda x: x.squeeze(),
    "x.transpose(0, -1)": lambda x: x.transpose(0, -1),
    "x.movedim(0, -1)": lambda x: x.movedim(0, -1),
    "x.expand_as(x)": lambda x: x.expand_as(x),
    "x.narrow(0, 0, 1)": lambda x: x.narrow(0, 0, 1),
    "x.select(0, 0)": lambda x: x.select(0, 0),
    "x.permute": lambda x: x.permute(*reversed(range(x.dim()))),
    "x[None].diagonal()": lambda x: x[None].diagonal(),
    "x.unfold(0, 1, 1)": lambda x: x.unfold(0, 1, 1),
    "x.swapaxes(0, -1)": lambda x: x.swapaxes(0, -1),
    "x.reshape(x.shape)": lambda x: x.reshape(x.shape),
    "x.view(x.shape)": lambda x: x.view(x.shape),
    "x.split(1)[0]": lambda x: x.split(1)[0],
    "x[None].flatten(0, 1)": lambda x: x[None].flatten(0, 1),
    "x[None].unflatten(0, (1, 1))": lambda x: x[None].unflatten(0, (1, 1)),
    "x[None].squeeze(0)": lambda x: x[None].squeeze(0),
    "x.tensor_split(2)[0]": lambda x: x.tensor_split(2)[0],
    "torch.transpose(x, 0, -1)": lambda x: torch.transpose(x, 0, -1),
    "torch.unsqueeze(x, 0)": lambda x: torch.unsqueeze(x, 0),
    "x.chunk(2)[0]": lambda x: x.chunk(2)[0],
    "x[None].unbind()[0]": lambda x: x[None].unbind()[0],
}
#: What returns x itself.
ITSELF = {
    "x.to(x.dtype)": lambda x: x.to(x.dtype),
    "+x": lambda x: +x,
    "x.cpu()": lambda x: x.to(x.device),
    "nn.Identity": lambda x: nn.Identity()(x),
    "Dropout in evaluation": lambda x: nn.Dropout().eval()(x),
    "x.mul_(2)": lambda x: x.mul_(2),
    "x.copy_(x)": lambda x: x.copy_(torch.zeros_like(x)),
}
#: Functions that make a tensor.
MAKERS = {
    "tensor": lambda **options: torch.tensor([1.0, 2.0], **options),
    "empty": lambda **options: torch.empty(2, **options),
    "zeros": lambda **options: torch.zeros(2, **options),
    "full": lambda **options: torch.full((2,), 1.0, **options),
    "rand": lambda **options: torch.rand(2, **options),
    "randn": lambda **options: torch.randn(2, **options),
    "arange": lambda **options: torch.arange(2.0, **options),
    "linspace": lambda **options: torch.linspace(0, 1, 2, **options),
    "eye": lambda **options: torch.eye(2, **options),
}
#: The integers that take as many bytes.
AS_INTEGERS = {
    torch.float64: torch.int64,
    torch.float32: torch.int32,
    torch.float16: torch.int16,
    torch.bfloat16: torch.int16,
}
DTYPES = COMPUTING_FLOATS + COMPLEX
#: Large ones more often than elsewhere, since what they show may show on them alone.
SHAPES = (*NOT_EMPTY, *((4097,), (40_000,)) * 4)
OPERANDS = tensors(DTYPES, SHAPES, small=True, layouts=WITH_EXPANDED)
WRITABLE = tensors(DTYPES, SHAPES, small=True)
COMPARED = tensors(
    (torch.float32, torch.float64, torch.complex64), NOT_EMPTY, small=True, layouts=WITH_EXPANDED
)
VIEWED = tensors(DTYPES, tuple(shape for shape in SHAPES if shape), small=True)

CONTEXTS: dict[str, tuple[Callable, bool]] = {
    "no_grad()": (lambda: torch.no_grad(), False),
    "enable_grad()": (lambda: torch.enable_grad(), True),
    "set_grad_enabled(False)": (lambda: torch.set_grad_enabled(False), False),
    "set_grad_enabled(True)": (lambda: torch.set_grad_enabled(True), True),
    "set_grad_enabled(mode=False)": (lambda: torch.set_grad_enabled(mode=False), False),
    "set_grad_enabled(mode=True)": (lambda: torch.set_grad_enabled(mode=True), True),
}


class Stop(Exception):
    """Raised within a block on purpose."""


#: What a block may be left by, some of which are no Exceptions, and some steer loops.
RAISED = (
    Stop,
    RuntimeError,
    MemoryError,
    KeyError,
    OSError,
    AssertionError,
    KeyboardInterrupt,
    SystemExit,
    GeneratorExit,
    StopIteration,
    StopAsyncIteration,
    asyncio.CancelledError,
)


def computations(x: torch.Tensor) -> dict[str, Callable]:
    """The computations that x, by its dtype, can take part in."""
    return OF_NUMBERS if x.is_complex() else OF_NUMBERS | OF_REAL_NUMBERS


def recording() -> bool:
    """Whether a computation on a tensor that requires grad is being recorded."""
    return (2 * torch.ones(1, requires_grad=True)).requires_grad


# A program nests grad modes: a list of steps, each either a bool, the call set_grad_enabled(bool),
# or a block (context, steps within, whether it ends by raising).

PROGRAMS = st.recursive(
    st.lists(st.booleans(), max_size=2),
    lambda programs: st.lists(
        st.booleans() | st.tuples(st.sampled_from(sorted(CONTEXTS)), programs, st.booleans()),
        min_size=1,
        max_size=3,
    ),
    max_leaves=5,
)


def run(program: list, seen: list[bool]) -> None:
    """Run the program, and note after each step, and at the start of a block, what is recorded."""
    for step in program:
        if isinstance(step, bool):
            torch.set_grad_enabled(step)
        else:
            context, body, raises = step
            try:
                with CONTEXTS[context][0]():
                    seen.append(recording())
                    run(body, seen)
                    if raises:
                        raise Stop
            except Stop:
                pass
        seen.append(recording())


def model(program: list, mode: bool, seen: list[bool]) -> None:
    """What ``run`` should see: a call sets the mode, a block sets it and puts it back."""
    for step in program:
        if isinstance(step, bool):
            mode = step
        else:
            context, body, _ = step
            seen.append(CONTEXTS[context][1])
            model(body, CONTEXTS[context][1], seen)
        seen.append(mode)


def in_thread(function: Callable) -> object:
    """What the function returns in a new thread."""
    results: list = []
    thread = threading.Thread(target=lambda: results.append(function()), daemon=True)
    thread.start()
    thread.join(timeout=30)
    return results[0]


class TestNoGrad:
    """torch.no_grad: a block in which nothing is recorded."""

    @claim("4.1")
    @given(x=OPERANDS, y_requires_grad=st.booleans())
    def test_a_result_computed_in_no_grad_does_not_require_grad(self, x, y_requires_grad, device):
        x = x.to(device).requires_grad_()
        y = torch.ones_like(x).requires_grad_(y_requires_grad)

        for name, compute in computations(x).items():
            with torch.no_grad():
                result = compute(x, y)

            assert not result.requires_grad, name
            assert result.grad_fn is None, name

    @claim("4.1")
    @pytest.mark.parametrize("dtype", DTYPES, ids=str)
    def test_neither_does_one_of_any_dtype_rank_and_layout(self, dtype, device):
        for x in ones((dtype,), ("channels_last", "gaps")):
            x = x.to(device).requires_grad_()

            for name, compute in computations(x).items():
                with torch.no_grad():
                    assert not compute(x, x).requires_grad, name

    @claim("4.1")
    @given(x=OPERANDS)
    def test_a_result_computed_outside_no_grad_requires_grad(self, x, device):
        x = x.to(device).requires_grad_()

        for name, compute in computations(x).items():
            result = compute(x, torch.ones_like(x))

            assert result.requires_grad, name
            assert result.grad_fn is not None, name

    @claim("4.1")
    def test_a_layer_used_in_no_grad_gives_a_result_without_grad(self, device):
        for kind, (make, shape) in LAYERS.items():
            layer, x = make().to(device), torch.ones(shape, device=device, requires_grad=True)

            with torch.no_grad():
                result = layer(x)

            assert not result.requires_grad, kind
            assert all(parameter.requires_grad for parameter in layer.parameters()), kind

    @claim("4.1")
    @given(x=OPERANDS)
    def test_no_grad_leaves_its_inputs_requiring_grad(self, x, device):
        x = x.to(device).requires_grad_()

        with torch.no_grad():
            x * 2
            assert x.requires_grad

        assert x.requires_grad

    @claim("4.1")
    @given(x=VIEWED)
    def test_a_view_taken_in_no_grad_still_says_that_it_requires_grad(self, x, device):
        x = x.to(device).requires_grad_()

        for name, take in VIEWS.items():
            with torch.no_grad():
                view = take(x)

            # It answers for x. See https://github.com/pytorch/pytorch/issues/11390.
            assert view.requires_grad, name
            assert view.grad_fn is None, name

    @claim("4.1")
    def test_a_view_of_a_leaf_that_is_itself_a_view_does_not_and_may_be_written_to(self, device):
        for x in ones(DTYPES, ("contiguous", "channels_last")):
            leaf = x.to(device)[None][0].requires_grad_()

            for name, take in VIEWS.items() if x.dim() else ():
                with torch.no_grad():
                    assert not take(leaf).requires_grad, name
            with torch.no_grad():
                view = leaf.view_as(leaf)
            view.fill_(7)
            assert same_values(leaf, np.full(x.shape, 7))

    @claim("4.1")
    @given(x=VIEWED)
    def test_no_gradient_flows_through_a_view_taken_in_no_grad(self, x, device):
        x = x.to(device).requires_grad_()
        with torch.no_grad():
            views = [take(x) for take in VIEWS.values()]

        torch.autograd.backward([2 * view for view in views], [torch.ones_like(v) for v in views])

        assert x.grad is None
        assert all(view.grad is None for view in views)

    @claim("4.1")
    @given(x=tensors(tuple(AS_INTEGERS), NOT_EMPTY))
    def test_detach_and_a_view_as_integers_do_not_require_grad_in_no_grad(self, x, device):
        x = x.to(device).requires_grad_()

        with torch.no_grad():
            detached, integers = x.detach(), x.view(AS_INTEGERS[x.dtype])

        assert not detached.requires_grad
        assert not integers.requires_grad

    @claim("4.1")
    @pytest.mark.parametrize(
        ("dtype", "other"),
        [
            (torch.float16, torch.bfloat16),
            (torch.float32, torch.float16),
            (torch.complex64, torch.float32),
        ],
        ids=str,
    )
    def test_neither_does_a_view_as_other_floats(self, dtype, other, device):
        x = torch.ones(2, dtype=dtype, device=device, requires_grad=True)

        with torch.no_grad():
            view = x.view(other)

        assert view.data_ptr() == x.data_ptr()
        assert not view.requires_grad

    @claim("4.1")
    @given(x=WRITABLE)
    def test_what_returns_its_input_itself_leaves_it_requiring_grad_in_no_grad(self, x, device):
        x = x.to(device).requires_grad_()

        for name, compute in ITSELF.items():
            with torch.no_grad():
                result = compute(x)

            assert result is x, name
            assert result.requires_grad, name
            assert result.is_leaf, name

    @claim("4.1")
    def test_a_deep_copy_of_a_leaf_and_a_gradient_of_create_graph_require_grad(self, device):
        x = torch.ones(3, device=device, requires_grad=True)
        parameter, y = nn.Parameter(x.detach()), (x**3).sum()

        with torch.no_grad():
            copies = copy.deepcopy([x, parameter, *nn.Linear(3, 2).parameters()])
            (gradient,) = torch.autograd.grad(y, x, create_graph=True)

        assert all(copied.requires_grad for copied in copies)
        assert gradient.requires_grad

    @claim("4.1")
    def test_is_grad_enabled_is_false_in_no_grad(self):
        assert torch.is_grad_enabled()
        with torch.no_grad():
            assert not torch.is_grad_enabled()

    @claim("4.2")
    @given(mode=st.booleans(), times=st.integers(1, 4))
    def test_no_grad_puts_the_former_mode_back_at_the_end_of_its_block(self, mode, times):
        with torch.set_grad_enabled(mode):
            for _ in range(times):
                with torch.no_grad():
                    assert not recording()

                assert recording() is mode

    @claim("4.2")
    @pytest.mark.parametrize("mode", [True, False])
    def test_no_grad_puts_the_former_mode_back_when_its_block_raises(self, mode):
        with torch.set_grad_enabled(mode):
            for raised in RAISED:
                with pytest.raises(raised), torch.no_grad():
                    raise raised

                assert recording() is mode, raised

    @claim("4.2")
    def test_no_grad_ends_when_pytorch_itself_raises_in_its_block(self):
        with pytest.raises(RuntimeError), torch.no_grad():
            torch.ones(2) @ torch.ones(3)

        assert recording()

    @claim("4.2")
    def test_no_grad_ends_when_its_block_is_left_by_return_break_or_continue(self):
        def leave_by_return() -> bool:
            with torch.no_grad():
                return recording()

        assert not leave_by_return()
        assert recording()
        for leave_by_break in (False, True):
            with torch.no_grad():
                if leave_by_break:
                    break
                continue
        assert recording()

    @claim("4.2")
    def test_no_grad_ends_when_a_generator_is_closed_in_its_block(self):
        def generate():
            with torch.no_grad():
                yield recording()

        generator = generate()

        assert not next(generator)
        generator.close()
        assert recording()

    @claim("4.2")
    def test_no_grad_ends_when_an_exception_is_thrown_into_a_generator_in_its_block(self):
        def generate():
            with torch.no_grad():
                yield recording()

        for raised in set(RAISED) - {StopIteration}:  # which becomes a RuntimeError
            generator = generate()
            assert not next(generator)
            with pytest.raises(raised):
                generator.throw(raised())
            assert recording(), raised

    @claim("4.2")
    @given(levels=st.integers(1, 8))
    def test_each_of_nested_no_grad_blocks_puts_the_mode_around_it_back(self, levels):
        def nest(level: int) -> list[bool]:
            if level == 0:
                return [recording()]
            with torch.set_grad_enabled(level % 2 == 0):
                with torch.no_grad():
                    within = nest(level - 1)
                return [*within, recording()]

        assert nest(levels) == [False, *(level % 2 == 0 for level in range(1, levels + 1))]
        assert recording()

    @claim("4.3")
    @given(x=OPERANDS)
    def test_nothing_is_saved_for_backward_in_no_grad(self, x, device):
        x = x.to(device).requires_grad_()
        y = torch.full_like(x, 3).requires_grad_()

        for name, compute in computations(x).items():
            saved = []
            with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda packed: packed):
                with torch.no_grad():
                    compute(x, y)

            assert saved == [], name

    @claim("4.3")
    @pytest.mark.parametrize("dtype", DTYPES, ids=str)
    def test_nothing_is_saved_in_no_grad_whatever_the_dtype_rank_and_layout(self, dtype, device):
        for x in ones((dtype,), ("channels_last", "gaps")):
            x = x.to(device).requires_grad_()
            saved = []

            with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda packed: packed):
                for name, compute in computations(x).items():
                    with torch.no_grad():
                        compute(x, x)
                    assert saved == [], name

    @claim("4.3")
    @given(depth=st.integers(1, 6))
    def test_a_stack_of_layers_saves_more_with_depth_and_nothing_in_no_grad(self, depth, device):
        layers = [module for _ in range(depth) for module in (nn.Linear(3, 3), nn.ReLU())]
        net = nn.Sequential(*layers).to(device)
        x = torch.ones(2, 3, device=device)
        saved, saved_in_no_grad = [], []

        with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda packed: packed):
            net(x)
        with torch.autograd.graph.saved_tensors_hooks(
            saved_in_no_grad.append, lambda packed: packed
        ):
            with torch.no_grad():
                net(x)

        assert len(saved) >= 2 * depth  # an input of each Linear, a result of each ReLU
        assert saved_in_no_grad == []

    @claim("4.3")
    def test_a_layer_saves_nothing_for_backward_in_no_grad(self, device):
        for kind, (make, shape) in LAYERS.items():
            layer, x = make().to(device), torch.ones(shape, device=device, requires_grad=True)
            saved = []

            with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda packed: packed):
                with torch.no_grad():
                    layer(x)

            assert saved == [], kind

    @claim("4.3")
    def test_what_a_result_was_computed_from_is_freed_in_no_grad_alone(self, device):
        x = torch.ones(3, device=device, requires_grad=True)
        source, source_in_no_grad = 2 * x, 2 * x
        kept, freed = weakref.ref(source), weakref.ref(source_in_no_grad)

        square = source**2
        with torch.no_grad():
            square_in_no_grad = source_in_no_grad**2
        del source, source_in_no_grad

        assert kept() is not None
        assert freed() is None
        assert same_bits(square, square_in_no_grad)

    @claim("4.4")
    def test_backward_refuses_what_a_layer_computed_in_no_grad(self, device):
        for make, shape in LAYERS.values():
            layer, x = make().to(device), torch.ones(shape, device=device, requires_grad=True)

            with torch.no_grad():
                result = layer(x)

            with pytest.raises(RuntimeError, match="does not require grad"):
                result.sum().backward()
            assert all(leaf.grad is None for leaf in (x, *layer.parameters()))

    @claim("4.4")
    @given(x=OPERANDS)
    def test_backward_refuses_a_result_computed_in_no_grad(self, x, device):
        x = x.to(device).requires_grad_()

        for compute in (torch.exp, lambda x: x * 2, lambda x: x - 1, lambda x: -x):
            with torch.no_grad():
                result = compute(x)

            with pytest.raises(RuntimeError, match="does not require grad"):
                result.backward(torch.ones_like(result))
            assert x.grad is None

    @claim("4.4")
    def test_backward_refuses_a_view_taken_in_no_grad_and_takes_what_is_computed_from_it(
        self, device
    ):
        x = torch.ones(3, device=device, requires_grad=True)

        for name, take in VIEWS.items():
            with torch.no_grad():
                view = take(x)

            with pytest.raises(RuntimeError, match="does not require grad"):
                view.backward(torch.ones_like(view))
            (2 * view).backward(torch.ones_like(view))
            assert view.grad is None, name
            assert x.grad is None, name

    @claim("4.4")
    def test_a_result_of_no_grad_counts_as_a_constant_afterwards(self, device):
        x = torch.tensor(3.0, device=device, requires_grad=True)
        with torch.no_grad():
            square = x * x

        (square * x).backward()

        assert x.grad.item() == 9  # and not 27, the slope of x**3

    @claim("4.4")
    @given(x=OPERANDS, factor=st.integers(2, 9))
    def test_what_no_grad_changed_in_a_recorded_result_is_not_in_its_gradient(
        self, x, factor, device
    ):
        x = x.to(device).requires_grad_()
        result = 2 * x
        with torch.no_grad():
            result.mul_(factor)

        result.backward(torch.ones_like(result))

        assert same_bits(result, x.detach() * (2 * factor))
        assert same_bits(x.grad, torch.full_like(x, 2))  # and not 2 * factor

    @claim("4.4")
    @given(x=OPERANDS)
    def test_backward_refuses_if_no_grad_overwrote_a_value_that_was_saved(self, x, device):
        x = x.to(device).requires_grad_()
        result = x.exp()  # whose gradient is itself
        with torch.no_grad():
            result.zero_()

        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            result.backward(torch.ones_like(result))

    @claim("4.4")
    @given(x=OPERANDS)
    def test_backward_called_in_no_grad_differentiates_what_was_recorded_before(self, x, device):
        x = x.to(device).requires_grad_()
        ones = torch.ones_like(x)

        for spelling, walk in {
            "backward(gradient)": lambda y: y.backward(ones),
            "backward(gradient=...)": lambda y: y.backward(gradient=ones),
            "backward(inputs=...)": lambda y: y.backward(ones, inputs=[x]),
            "autograd.backward": lambda y: torch.autograd.backward([y], [ones]),
            "sum().backward()": lambda y: y.backward(ones, retain_graph=True),
        }.items():
            x.grad, result = None, 2 * x
            with torch.no_grad(), suppress(RuntimeError):
                walk(result)

            assert x.grad is not None, spelling
            assert same_bits(x.grad, torch.full_like(x, 2)), spelling


class TestSetGradEnabled:
    """torch.set_grad_enabled: gradients on or off, by argument."""

    @claim("4.5")
    @given(x=OPERANDS)
    def test_results_in_its_block_require_grad_as_its_argument_says(self, x, device):
        x = x.to(device).requires_grad_()

        for name, compute in computations(x).items():
            with torch.set_grad_enabled(True):
                on = compute(x, torch.ones_like(x))
            with torch.set_grad_enabled(mode=False):
                off = compute(x, torch.ones_like(x))

            assert on.requires_grad, name
            assert on.grad_fn is not None, name
            assert not off.requires_grad, name
            assert off.grad_fn is None, name

    @claim("4.5")
    @given(phases=st.lists(st.booleans(), min_size=1, max_size=4))
    def test_one_block_serves_training_and_validation(self, phases, device):
        layer = nn.Linear(3, 1).to(device)
        x = torch.ones(2, 3, device=device)

        for training in phases:
            layer.zero_grad()
            with torch.set_grad_enabled(training):
                loss = layer(x).sum()
                if training:
                    loss.backward()

            assert loss.requires_grad is training
            assert (layer.bias.grad is not None and layer.bias.grad.item() == 2) is training

    @claim("4.5")
    @pytest.mark.parametrize("training", [True, False])
    def test_a_layer_in_its_block_is_recorded_as_its_argument_says(self, training, device):
        for kind, (make, shape) in LAYERS.items():
            layer, x = make().to(device), torch.ones(shape, device=device, requires_grad=True)

            with torch.set_grad_enabled(training):
                result = layer(x)

            assert result.requires_grad is training, kind

    @claim("4.5")
    def test_an_argument_that_is_no_bool_is_refused(self):
        for argument in (0, 1, 1.0, None, "no", [], np.True_, np.False_, torch.tensor(True)):
            with pytest.raises(TypeError, match="bool"):
                torch.set_grad_enabled(argument)
            assert recording()

    @claim("4.6")
    @given(former=st.booleans(), mode=st.booleans(), times=st.integers(1, 4))
    def test_as_a_context_manager_it_puts_the_former_mode_back(self, former, mode, times):
        with torch.enable_grad() if former else torch.no_grad():
            for _ in range(times):
                with torch.set_grad_enabled(mode):
                    assert recording() is mode

                assert recording() is former

    @claim("4.6")
    @pytest.mark.parametrize("outermost", [True, False])
    def test_each_of_six_within_one_another_puts_the_former_mode_back(self, outermost):
        modes, blocks = [outermost, not outermost] * 3, []

        with torch.set_grad_enabled(outermost):
            for mode in modes:
                blocks.append(torch.set_grad_enabled(not mode))
                blocks[-1].__enter__()
                assert recording() is not mode
            for former in reversed(modes):
                blocks.pop().__exit__(None, None, None)
                assert recording() is former

    @claim("4.6")
    @pytest.mark.parametrize("mode", [True, False])
    def test_as_a_context_manager_it_puts_the_former_mode_back_when_its_block_raises(self, mode):
        with torch.set_grad_enabled(not mode):
            for raised in RAISED:
                with pytest.raises(raised), torch.set_grad_enabled(mode):
                    raise raised

                assert recording() is not mode, raised

    @claim("4.6")
    @given(modes=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=7))
    def test_as_a_function_it_takes_effect_at_once_and_stays(self, modes):
        with torch.enable_grad():  # ends what the calls leave
            for mode, by_keyword in modes:
                torch.set_grad_enabled(mode=mode) if by_keyword else torch.set_grad_enabled(mode)
                assert recording() is mode
                assert torch.is_grad_enabled() is mode

    @claim("4.6")
    @given(mode=st.booleans())
    def test_a_call_within_a_function_outlasts_it(self, mode):
        def call() -> None:
            torch.set_grad_enabled(mode)

        with torch.enable_grad():
            call()
            assert recording() is mode

    @claim("4.6")
    @pytest.mark.parametrize("outside", [True, False])
    def test_a_call_within_a_block_ends_with_the_block(self, outside):
        for name, (context, _) in CONTEXTS.items():
            for mode in (True, False):
                with torch.set_grad_enabled(outside):
                    with context():
                        torch.set_grad_enabled(mode)
                        assert recording() is mode

                    assert recording() is outside, name

    @claim("4.7")
    @given(x=OPERANDS)
    def test_the_sequence_of_the_article_gives_false_true_false(self, x, device):
        x = x.to(device).requires_grad_()
        seen = []

        with torch.enable_grad():
            with torch.set_grad_enabled(False):
                seen.append((x * 2).requires_grad)
            torch.set_grad_enabled(True)
            seen.append((x * 2).requires_grad)
            torch.set_grad_enabled(False)
            seen.append((x * 2).requires_grad)

        assert seen == [False, True, False]


class TestNesting:
    """Grad modes within grad modes."""

    @claim("4.8")
    def test_set_grad_enabled_false_does_have_an_effect_within_enable_grad(self):
        with torch.enable_grad():
            with torch.set_grad_enabled(False):
                assert not recording()
            assert recording()

            torch.set_grad_enabled(False)
            assert not recording()

    @claim("4.8")
    def test_the_innermost_of_nested_blocks_decides(self):
        def seen_in(names: tuple[str, ...]) -> list[bool]:
            """Whether gradients are on, on the way in and out of the nested blocks."""
            first, *others = names
            with CONTEXTS[first][0]():
                before = recording()
                return [before, *(seen_in(others) if others else ()), recording()]

        pairs = itertools.product(CONTEXTS, repeat=2)
        for names in [*itertools.product(CONTEXTS, repeat=3), *(pair * 5 for pair in pairs)]:
            modes = [CONTEXTS[name][1] for name in names]
            assert seen_in(names) == [*modes, *reversed(modes)], names
            assert recording(), names

    @claim("4.8")
    @given(program=PROGRAMS, mode=st.booleans())
    @example(program=[("enable_grad()", [False, ("no_grad()", [True], True)], False)], mode=True)
    def test_the_innermost_block_or_latest_call_decides_in_every_nesting(self, program, mode):
        seen, expected = [], []

        with torch.set_grad_enabled(mode):
            run(program, seen)
        model(program, mode, expected)

        assert seen == expected

    @claim("4.8")
    def test_enable_grad_in_no_grad_puts_no_grad_back_when_its_block_raises(self):
        with torch.no_grad():
            for raised in RAISED:
                with pytest.raises(raised), torch.enable_grad():
                    raise raised

                assert not recording(), raised

    @claim("4.8")
    def test_a_block_holds_in_the_functions_that_are_called_in_it(self):
        def outer() -> bool:
            return inner()

        def inner() -> bool:
            return recording()

        with torch.no_grad():
            assert not outer()
        assert outer()

    @claim("4.8")
    @pytest.mark.filterwarnings("ignore:Using backward")
    @pytest.mark.parametrize("create_graph", [True, False])
    def test_a_hook_runs_without_grad_unless_backward_creates_a_graph(self, create_graph):
        x, net = torch.ones(1, requires_grad=True), nn.Linear(1, 1)
        modes = {}
        y = net(x * 2)

        def noting(hook: str) -> Callable:
            return lambda *_: modes.update({hook: torch.is_grad_enabled()})

        y.register_hook(noting("of a result"))
        x.register_hook(noting("of a leaf"))
        y.grad_fn.register_hook(noting("of a grad_fn"))
        if RELEASE >= (2, 0):
            y.grad_fn.register_prehook(noting("before a grad_fn"))
        if RELEASE >= (2, 1):
            x.register_post_accumulate_grad_hook(noting("after a leaf's grad"))
        y.backward(create_graph=create_graph)

        assert len(modes) == 3 + (RELEASE >= (2, 0)) + (RELEASE >= (2, 1))
        assert set(modes.values()) == {create_graph}, modes

    @claim("4.8")
    @pytest.mark.parametrize("create_graph", [True, False])
    def test_the_forward_of_a_custom_function_runs_without_grad_and_its_backward_like_a_hook(
        self, create_graph
    ):
        modes = []

        class Noting(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                modes.append(recording())
                with torch.enable_grad():
                    modes.append(recording())
                return 2 * x

            @staticmethod
            def backward(ctx, gradient):
                modes.append(recording())
                return 2 * gradient

        x = torch.ones((), requires_grad=True)
        torch.autograd.grad(Noting.apply(x), x, create_graph=create_graph)

        assert modes == [False, True, create_graph]


class TestThreads:
    """Grad mode belongs to its thread."""

    @claim("4.9")
    def test_a_new_thread_records_whatever_the_mode_of_its_maker(self):
        def makes_another() -> bool:
            with torch.no_grad():
                return in_thread(recording)

        for name, (context, mode) in CONTEXTS.items():
            with context():
                assert in_thread(recording) is True, name
                assert in_thread(makes_another) is True, name
                assert recording() is mode, name

    @claim("4.9")
    @given(program=PROGRAMS, mode=st.booleans())
    def test_what_another_thread_does_leaves_this_threads_mode_alone(self, program, mode):
        def work() -> list[bool]:
            seen: list[bool] = []
            run(program, seen)
            return seen

        expected: list[bool] = []
        model(program, True, expected)

        with torch.set_grad_enabled(mode):
            assert in_thread(work) == expected
            assert recording() is mode

    @claim("4.9")
    def test_a_thread_within_no_grad_leaves_another_thread_recording_meanwhile(self):
        entered, seen = threading.Event(), threading.Event()
        within: list[bool] = []

        def stay_in_no_grad() -> None:
            with torch.no_grad():
                within.append(recording())
                entered.set()
                seen.wait(timeout=30)

        thread = threading.Thread(target=stay_in_no_grad, daemon=True)
        thread.start()
        entered.wait(timeout=30)
        recorded = recording()
        seen.set()
        thread.join(timeout=30)

        assert recorded
        assert within == [False]

    @claim("4.9")
    @pytest.mark.parametrize("mode", [True, False])
    def test_of_many_threads_at_once_each_starts_recording_and_keeps_its_own_mode(self, mode):
        together = threading.Barrier(9, timeout=30)
        seen: dict[int, tuple[bool, bool]] = {}

        def work(number: int) -> None:
            together.wait()
            first = recording()
            torch.set_grad_enabled(number % 3 > 0)
            together.wait()
            seen[number] = first, recording()

        with torch.set_grad_enabled(mode):
            threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(9)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(timeout=30)
            assert recording() is mode

        assert seen == {number: (True, number % 3 > 0) for number in range(9)}

    @claim("4.9")
    def test_a_thread_of_a_pool_keeps_its_mode_from_one_task_to_the_next(self):
        with ThreadPoolExecutor(1) as pool, torch.no_grad():
            assert pool.submit(recording).result()
            pool.submit(torch.set_grad_enabled, False).result()
            assert not pool.submit(recording).result()
            pool.submit(torch.set_grad_enabled, True).result()
            assert pool.submit(recording).result()

        assert recording()


class TestNoGradAgainstSetGradEnabled:
    """The chapter's question: what tells the two apart."""

    @claim("4.10")
    @given(x=COMPARED)
    def test_no_grad_and_set_grad_enabled_false_give_the_same_results_as_recording(self, x, device):
        x = x.to(device).requires_grad_()
        y = torch.full_like(x, 3).requires_grad_()

        for name, compute in computations(x).items():
            recorded = compute(x, y)
            with torch.no_grad():
                one = compute(x, y)
            with torch.set_grad_enabled(False):
                other = compute(x, y)

            for result in (one, other):
                assert same_bits(result, recorded), name
                assert not result.requires_grad, name
                assert result.grad_fn is None, name

    @claim("4.10")
    @given(x=VIEWED)
    def test_no_grad_and_set_grad_enabled_false_give_the_same_views(self, x, device):
        x = x.to(device).requires_grad_()

        for name, take in VIEWS.items():
            with torch.no_grad():
                one = take(x)
            with torch.set_grad_enabled(False):
                other = take(x)

            assert one.requires_grad == other.requires_grad, name
            assert one.grad_fn is None, name
            assert other.grad_fn is None, name

    @claim("4.10")
    def test_no_grad_and_set_grad_enabled_false_do_the_same_to_a_layer(self, device):
        for kind, (make, shape) in LAYERS.items():
            layer, x = make().to(device), torch.ones(shape, device=device, requires_grad=True)

            with torch.no_grad():
                one = layer(x)
            with torch.set_grad_enabled(False):
                other = layer(x)

            assert same_bits(one, other), kind
            assert not one.requires_grad, kind
            assert not other.requires_grad, kind


class TestLeavesMadeInNoGrad:
    """What no_grad leaves alone: leaves that ask for grad."""

    @claim("4.1")
    @pytest.mark.parametrize("context", [name for name in CONTEXTS if not CONTEXTS[name][1]])
    @pytest.mark.parametrize("dtype", DTYPES, ids=str)
    def test_a_tensor_made_without_grad_mode_may_require_grad(self, dtype, context, device):
        for shape in EACH_RANK:
            with CONTEXTS[context][0]():
                plain = torch.ones(shape, dtype=dtype, device=device)
                asked = torch.ones(shape, dtype=dtype, device=device, requires_grad=True)
                switched = torch.zeros(shape, dtype=dtype, device=device).requires_grad_()
                assigned = torch.zeros(shape, dtype=dtype, device=device)
                assigned.requires_grad = True
                like = torch.zeros_like(plain, requires_grad=True)
                parameter = nn.Parameter(plain)

            assert not plain.requires_grad
            for leaf in (asked, switched, assigned, like, parameter):
                assert leaf.requires_grad
                assert (leaf * 2).requires_grad

    @claim("4.1")
    def test_a_function_that_makes_a_tensor_heeds_requires_grad_in_no_grad(self, device):
        for name, make in MAKERS.items():
            with torch.no_grad():
                assert make(device=device, requires_grad=True).requires_grad, name
                assert not make(device=device).requires_grad, name

    @claim("4.1")
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_a_layer_made_in_no_grad_requires_grad_and_gets_gradients(self, dtype, device):
        for kind, (make, shape) in LAYERS.items():
            with torch.no_grad():
                layer = make().to(device, dtype)
                x = torch.ones(shape, dtype=dtype, device=device, requires_grad=True)

            layer(x).sum().backward()

            for leaf in (x, *layer.parameters()):
                assert leaf.requires_grad, kind
                assert leaf.grad is not None, kind

    @claim("4.1")
    def test_a_layer_made_in_no_grad_gets_the_right_gradients(self, device):
        with torch.no_grad():
            layer = nn.Linear(3, 2, device=device)

        layer(torch.ones(1, 3, device=device)).sum().backward()

        assert layer.weight.grad.tolist() == [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
        assert layer.bias.grad.tolist() == [1.0, 1.0]


class TestViewsTakenInNoGrad:
    """A view that autograd was not told of, and writes to its memory."""

    @claim("4.11")
    @given(x=VIEWED)
    def test_such_a_view_refuses_a_write_outside_and_takes_one_within_no_grad(self, x, device):
        x = x.to(device).requires_grad_()

        for value, (name, take) in enumerate(VIEWS.items(), 10):
            with torch.no_grad():
                view = take(x)

            # See https://github.com/pytorch/pytorch/issues/103185.
            with pytest.raises(RuntimeError, match="view was created in no_grad mode"):
                view.mul_(0)
            with torch.no_grad():
                view.fill_(value)
            assert (x.detach() == value).any(), name

    @claim("4.11")
    @given(x=VIEWED)
    def test_a_view_of_a_recorded_result_refuses_a_write_outside_too(self, x, device):
        result = 2 * x.to(device).requires_grad_()

        with torch.no_grad():
            view = result[:1]

        assert view.requires_grad
        assert view.grad_fn is None
        with pytest.raises(RuntimeError, match="view was created in no_grad mode"):
            view.mul_(0)

    @claim("4.11")
    @pytest.mark.parametrize("written", ["base", "view"])
    def test_after_a_write_within_no_grad_such_a_view_can_only_be_detached(self, written, device):
        for x in ones(DTYPES):
            x = x.to(device).requires_grad_()
            with torch.no_grad():
                view = x[None][:1]
                (view if written == "view" else x).mul_(3)

            with pytest.raises(RuntimeError, match="view was created in no_grad mode"):
                view * 2
            assert same_values(view, np.full((1, *x.shape), 3))
            assert (2 * x).requires_grad

    @claim("4.11")
    def test_a_write_to_the_base_outside_no_grad_has_the_same_effect(self, device):
        base = 2 * torch.ones(3, device=device, requires_grad=True)
        with torch.no_grad():
            view = base[:2]

        base[2] = 7

        with pytest.raises(RuntimeError, match="view was created in no_grad mode"):
            view * 2
        assert view.detach().tolist() == [2.0, 2.0]

    @claim("4.11")
    def test_a_step_of_an_optimizer_is_such_a_write_to_a_view_of_a_weight(self, device):
        weight = nn.Parameter(torch.ones(3, device=device))
        with torch.no_grad():
            view, cloned = weight[:2], weight[:2].clone()
        weight.sum().backward()
        torch.optim.SGD([weight], lr=1).step()

        with pytest.raises(RuntimeError, match="view was created in no_grad mode"):
            view + 1
        assert (cloned + 1).tolist() == [2.0, 2.0]

    @claim("4.11")
    @given(x=VIEWED)
    def test_a_view_of_a_plain_tensor_may_be_written_to_until_a_gradient_comes_in(self, x, device):
        x = x.to(device)
        with torch.no_grad():
            view = x[:1]

        view.fill_(5)

        assert (x[:1] == 5).all()
        with pytest.raises(RuntimeError, match="view was created in no_grad mode"):
            view.mul_(torch.ones_like(view, requires_grad=True))


class TestInferenceMode:
    """torch.inference_mode: no_grad for results that will never meet autograd again."""

    @claim("4.12")
    @given(x=COMPARED)
    def test_inference_mode_gives_the_values_of_no_grad(self, x, device):
        x = x.to(device).requires_grad_()
        y = torch.full_like(x, 3).requires_grad_()

        for name, compute in computations(x).items():
            with torch.no_grad():
                expected = compute(x, y)
            with torch.inference_mode():
                result = compute(x, y)

            assert same_bits(result, expected), name
            assert not result.requires_grad, name
            assert result.is_inference(), name
            assert not expected.is_inference(), name

    @claim("4.12")
    @given(x=OPERANDS)
    def test_what_a_result_of_inference_mode_refuses_one_of_no_grad_takes(self, x, device):
        x = x.to(device)
        weight = torch.ones_like(x, requires_grad=True)

        for mode, refuses in ((torch.inference_mode, True), (torch.no_grad, False)):
            for use in (
                lambda result: (result * weight).sum(),  # which saves it for the gradient of weight
                lambda result: result.mul_(2),
                lambda result: operator.iadd(result, 1),
                lambda result: result.copy_(x),
                lambda result: result.zero_(),
                lambda result: operator.setitem(result, ..., 1) or result,
                lambda result: operator.setitem(result, result == 2, 1) or result,
                lambda result: torch.add(x, 1, out=result),
                lambda result: result.exp_(),
                lambda result: result.requires_grad_(),
                lambda result: nn.Parameter(result),
            ):
                with mode():
                    result = x * 2

                if refuses:
                    with pytest.raises(RuntimeError, match=r"[Ii]nference tensor"):
                        use(result)
                else:
                    assert use(result) is not None

    @claim("4.12")
    def test_a_layer_that_learns_refuses_a_result_of_inference_mode(self, device):
        layer = nn.Linear(3, 2).to(device)
        with torch.inference_mode():
            features = torch.ones(1, 3, device=device) * 2

        with pytest.raises(RuntimeError, match=r"[Ii]nference tensor"):
            layer(features)
        assert layer.requires_grad_(False)(features).shape == (1, 2)

    @claim("4.12")
    @given(x=OPERANDS)
    def test_a_clone_made_outside_is_an_ordinary_tensor(self, x, device):
        x = x.to(device)
        weight = torch.ones_like(x, requires_grad=True)
        with torch.inference_mode():
            result = x * 2

        cloned = result.clone()

        assert not cloned.is_inference()
        (cloned * weight).backward(torch.ones_like(x))
        assert (weight.grad == cloned).all()  # what it was multiplied by
        assert cloned.mul_(2).requires_grad_().requires_grad

    @claim("4.12")
    @given(x=VIEWED)
    def test_a_view_of_an_ordinary_tensor_is_ordinary_in_inference_mode_too(self, x, device):
        x = x.to(device)

        for name, take in VIEWS.items():
            with torch.inference_mode():
                view = take(x)

            assert not view.is_inference(), name

    @claim("4.12")
    def test_such_a_view_of_what_requires_grad_refuses_a_write_outside(self, device):
        for x in ones(DTYPES):
            x = x.to(device).requires_grad_()

            for name, take in VIEWS.items() if x.dim() else ():
                with torch.inference_mode():
                    view = take(x)

                assert view.requires_grad, name
                with pytest.raises(RuntimeError, match="view was created in inference mode"):
                    view.mul_(2)

    @claim("4.12")
    @pytest.mark.parametrize("on", ["enable_grad()", "set_grad_enabled(True)"])
    def test_in_inference_mode_nothing_is_recorded_though_grad_mode_is_on(self, on):
        x = torch.ones(1, requires_grad=True)

        with torch.inference_mode():
            assert not torch.is_grad_enabled()
            with CONTEXTS[on][0]():
                assert torch.is_grad_enabled()
                assert not (x * 2).requires_grad
                assert (x * 2).is_inference()

    @claim("4.12")
    def test_inference_mode_of_false_turns_recording_on_within_inference_mode_and_no_grad(self):
        for outside in (torch.inference_mode, torch.no_grad):
            with outside():
                with torch.inference_mode(False):
                    assert recording()
                with torch.inference_mode(mode=False), torch.no_grad():
                    assert not recording()
                assert not recording()

        assert recording()

    @claim("4.12")
    def test_a_layer_made_in_inference_mode_requires_grad_and_cannot_be_trained(self, device):
        with torch.inference_mode():
            layer = nn.Linear(3, 2).to(device)
        optimizer = torch.optim.SGD(layer.parameters(), lr=1)

        assert layer.weight.requires_grad
        with pytest.raises(RuntimeError, match=r"[Ii]nference tensor"):
            layer(torch.ones(1, 3, device=device, requires_grad=True))
        layer(torch.ones(1, 3, device=device)).sum().backward()
        assert layer.weight.grad is None
        with pytest.raises(RuntimeError, match=r"[Ii]nference tensor"):
            optimizer.step()

    @claim("4.12")
    def test_a_deep_copy_of_a_layer_made_in_inference_mode_can_be_trained_if_made_outside(
        self, device
    ):
        with torch.inference_mode():
            layer = nn.Linear(3, 2).to(device)
            inside = copy.deepcopy(layer)

        outside = copy.deepcopy(layer)
        for copied in (inside, outside):
            copied(torch.ones(1, 3, device=device)).sum().backward()

        assert inside.weight.grad is None
        assert outside.weight.grad.tolist() == [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]


class TestDecorators:
    """Grad modes as decorators."""

    @claim("4.13")
    def test_a_function_decorated_with_no_grad_records_nothing_and_ends_the_mode(self):
        decorated = torch.no_grad()(recording)

        for _ in range(3):
            assert not decorated()
            assert recording()

    @claim("4.13")
    def test_a_decorated_function_puts_back_the_mode_of_its_caller(self):
        decorated = torch.no_grad()(recording)
        enabling = torch.enable_grad()(recording)

        for mode in (False, True, False):
            with torch.set_grad_enabled(mode):
                assert not decorated()
                assert recording() is mode
                assert enabling()
                assert recording() is mode

    @claim("4.13")
    def test_a_decorated_function_puts_the_mode_back_when_it_raises(self):
        @torch.no_grad()
        def fail(raised: type[BaseException]) -> None:
            raise raised

        for raised in RAISED:
            with pytest.raises(raised):
                fail(raised)
            assert recording(), raised

    @claim("4.13")
    def test_a_decorated_function_may_call_itself(self):
        @torch.no_grad()
        def seen(depth: int) -> list[bool]:
            return [recording(), *(seen(depth - 1) if depth else []), recording()]

        assert seen(5) == [False] * 12
        assert recording()

    @claim("4.13")
    def test_a_decorated_function_takes_and_returns_what_it_did(self):
        @torch.no_grad()
        def add(x, y=1, *, z=0):
            """Add."""
            return x + y + z

        @torch.no_grad()
        def modes(*positional, **named):
            return recording()

        assert add(1, y=2, z=3) == 6
        assert [modes(), modes(1), modes(x=1), modes(1, x=1)] == [False] * 4
        assert (add.__name__, add.__doc__) == ("add", "Add.")

    @claim("4.13")
    def test_methods_of_all_kinds_can_be_decorated(self):
        class Recorder:
            @torch.no_grad()
            def method(self) -> bool:
                return recording()

            @classmethod
            @torch.no_grad()
            def class_method(cls) -> bool:
                return recording()

            @staticmethod
            @torch.no_grad()
            def static_method() -> bool:
                return recording()

            @property
            @torch.no_grad()
            def attribute(self) -> bool:
                return recording()

        seen = Recorder()

        assert not seen.method()
        assert not seen.class_method()
        assert not Recorder.static_method()
        assert not seen.attribute
        assert recording()

    @claim("4.13")
    def test_a_decorated_forward_gives_results_without_grad(self, device):
        class Frozen(nn.Linear):
            @torch.no_grad()
            def forward(self, x):
                return super().forward(x)

        x = torch.ones(1, 3, device=device, requires_grad=True)

        assert not Frozen(3, 2).to(device)(x).requires_grad
        assert nn.Linear(3, 2).to(device)(x).requires_grad

    @claim("4.13")
    @pytest.mark.filterwarnings("ignore")  # which is deprecated
    def test_on_a_class_no_grad_acts_in_the_constructor_alone(self):
        class Kind:
            def __init__(self):
                self.in_constructor = recording()

            def method(self):
                return recording()

        decorated = torch.no_grad()(Kind)
        made = decorated()

        assert not isinstance(decorated, type)
        assert not made.in_constructor
        assert made.method()

    @claim("4.13")
    @since("2.1")
    def test_the_parentheses_may_be_left_out(self):
        class Recorder:
            @torch.no_grad
            def method(self) -> bool:
                return recording()

            @staticmethod
            @torch.no_grad
            def static_method(*_, **named) -> bool:
                return recording()

        @torch.no_grad
        def generator():
            yield recording()
            yield recording()

        for _ in range(3):
            assert not Recorder().method()
            assert not Recorder.static_method(1, x=1)
            assert [(mode, recording()) for mode in generator()] == [(False, True)] * 2
        assert not torch.no_grad(recording)()
        assert not torch.inference_mode(recording)()
        with torch.no_grad():
            assert torch.enable_grad(recording)()

        assert recording()

    @claim("4.13")
    @before("2.1")
    @pytest.mark.parametrize("mode", ["no_grad", "enable_grad", "inference_mode"])
    def test_without_parentheses_the_decorated_function_cannot_be_called(self, mode):
        with pytest.raises(TypeError):
            getattr(torch, mode)(recording)()

    @claim("4.13")
    @pytest.mark.parametrize("mode", ["no_grad", "enable_grad", "inference_mode"])
    def test_a_block_without_parentheses_is_an_error(self, mode):
        # See https://github.com/pytorch/pytorch/issues/107086.
        with pytest.raises((TypeError, AttributeError)):  # the latter on Python 3.10
            with getattr(torch, mode):
                pass

    @claim("4.13")
    def test_no_grad_as_a_mere_call_does_nothing(self):
        torch.no_grad()
        torch.inference_mode()

        assert recording()

    @claim("4.13")
    def test_volatile_does_nothing_but_warn(self, device):
        with pytest.warns(UserWarning, match="volatile was removed and now has no effect"):
            x = torch.autograd.Variable(torch.ones(2, device=device), volatile=True)

        assert nn.Linear(2, 1).to(device)(x).requires_grad

    @claim("4.13")
    @since("2.2")
    @pytest.mark.parametrize("mode", [True, False])
    def test_set_grad_enabled_as_a_decorator_acts_in_the_calls_alone(self, mode):
        with torch.set_grad_enabled(not mode):
            decorated = torch.set_grad_enabled(mode)(recording)
            assert recording() is not mode

            for _ in range(3):
                assert decorated() is mode
                assert recording() is not mode

    @claim("4.13")
    @before("2.2")
    @pytest.mark.parametrize("mode", [True, False])
    def test_decorating_with_set_grad_enabled_switches_the_mode_itself(self, mode):
        # See https://github.com/pytorch/pytorch/issues/113298.
        with torch.set_grad_enabled(not mode):
            torch.set_grad_enabled(mode)(recording)

            assert recording() is mode

    @claim("4.13")
    @pytest.mark.parametrize("mode", [True, False])
    def test_a_decorated_function_that_raises_leaves_the_mode_that_it_found(self, mode):
        @torch.set_grad_enabled(mode)
        def fail() -> None:
            raise Stop

        with torch.set_grad_enabled(not mode):
            with pytest.raises(Stop):
                fail()
            assert recording() is not mode
        torch.set_grad_enabled(True)  # which before 2.2 the decoration may have changed


class TestGeneratorsAndTasks:
    """Grad mode where functions take turns."""

    @claim("4.14")
    @pytest.mark.parametrize("outside", [True, False])
    # PyTorch's wrapper calls throw() in a way that Python 3.12 deprecated.
    @pytest.mark.filterwarnings("ignore:the .* signature of throw:DeprecationWarning")
    def test_a_decorated_generator_records_nothing_and_its_consumer_does(self, outside):
        @torch.no_grad()
        def generate():
            received = yield recording()
            try:
                yield recording(), received
            except Stop:
                yield recording()

        with torch.set_grad_enabled(outside):
            for _ in range(3):
                generator = generate()
                assert next(generator) is False
                assert recording() is outside
                assert generator.send("sent") == (False, "sent")
                assert recording() is outside
                assert generator.throw(Stop()) is False
                assert recording() is outside
                generator.close()
                assert recording() is outside

    @claim("4.14")
    def test_a_decorated_generator_puts_the_mode_back_when_it_ends_by_itself(self):
        @torch.no_grad()
        def generate(raised):
            yield recording()
            if raised:
                raise raised

        assert list(generate(None)) == [False]
        assert recording()
        for raised in (Stop, KeyboardInterrupt):
            with pytest.raises(raised):
                list(generate(raised))
            assert recording(), raised

    @claim("4.14")
    def test_decorated_generators_may_be_nested(self):
        @torch.no_grad()
        def generate(depth):
            yield recording()
            if depth:
                yield from generate(depth - 1)
            yield recording()

        assert list(generate(4)) == [False] * 10
        assert recording()

    @claim("4.14")
    def test_a_block_in_a_generator_holds_for_its_consumer_while_it_waits(self):
        def generate():
            with torch.no_grad():
                yield
                yield

        seen = [recording()]
        for _ in generate():
            seen.append(recording())
        seen.append(recording())

        assert seen == [True, False, False, True]

    @claim("4.14")
    def test_a_block_that_awaits_holds_for_the_other_tasks_of_its_event_loop(self):
        async def evaluate() -> bool:
            with torch.no_grad():
                await asyncio.sleep(0)
                return recording()

        async def train() -> bool:
            return recording()

        async def main() -> list[bool]:
            return [*await asyncio.gather(evaluate(), train()), recording()]

        assert asyncio.run(main()) == [False, False, True]

    @claim("4.14")
    def test_two_blocks_that_overlap_across_an_await_leave_gradients_off(self):
        async def block(entered, leave) -> None:
            with torch.no_grad():
                entered.set()
                await leave.wait()

        async def main() -> bool:
            first_in, first_out, second_in, second_out = (asyncio.Event() for _ in range(4))
            first = asyncio.create_task(block(first_in, first_out))
            await first_in.wait()
            second = asyncio.create_task(block(second_in, second_out))
            await second_in.wait()
            first_out.set()
            await first
            second_out.set()
            await second
            return recording()

        with torch.enable_grad():  # ends what the blocks leave
            assert not asyncio.run(main())

    @claim("4.14")
    def test_blocks_that_do_not_await_leave_each_other_alone(self):
        async def task(mode: bool) -> list[bool]:
            seen = []
            for _ in range(3):
                with torch.set_grad_enabled(mode):
                    seen.append(recording())
                await asyncio.sleep(0)
                seen.append(recording())
            return seen

        async def main() -> list[list[bool]]:
            return await asyncio.gather(task(False), task(True))

        assert asyncio.run(main()) == [[False, True] * 3, [True, True] * 3]

    @claim("4.14")
    def test_a_block_ends_when_its_task_is_cancelled(self):
        async def wait() -> None:
            with torch.no_grad():
                await asyncio.sleep(30)

        async def main() -> list[bool]:
            task = asyncio.create_task(wait())
            await asyncio.sleep(0)
            seen = [recording()]
            task.cancel()
            await asyncio.wait([task])
            return [*seen, recording()]

        assert asyncio.run(main()) == [False, True]

    @claim("4.14")
    @pytest.mark.parametrize("mode", ["no_grad", "inference_mode"])
    def test_a_decorated_async_function_is_recorded_all_the_same(self, mode):
        @getattr(torch, mode)()
        async def evaluate() -> bool:
            return recording()

        @getattr(torch, mode)()
        async def generate():
            yield recording()

        async def main() -> list[bool]:
            return [await evaluate(), *[seen async for seen in generate()]]

        assert asyncio.run(main()) == [True, True]


class TestModesAsObjects:
    """What leaves gradients off for good."""

    @claim("4.15")
    @pytest.mark.parametrize("outside", [True, False])
    def test_one_no_grad_object_may_be_entered_again_once_it_was_left(self, outside):
        mode = torch.no_grad()

        with torch.set_grad_enabled(outside):
            for _ in range(3):
                with mode:
                    assert not recording()
                assert recording() is outside

    @claim("4.15")
    def test_one_no_grad_object_entered_twice_at_once_leaves_gradients_off(self):
        mode = torch.no_grad()

        with torch.enable_grad():  # ends what the object leaves
            with mode, mode:
                assert not recording()
            assert not recording()

    @claim("4.15")
    def test_two_no_grad_objects_entered_at_once_do_not(self):
        with torch.no_grad(), torch.no_grad():
            assert not recording()

        assert recording()

    @claim("4.15")
    @given(made_in=st.booleans(), mode=st.booleans(), entered_in=st.booleans())
    def test_set_grad_enabled_ends_with_the_mode_in_which_it_was_made(
        self, made_in, mode, entered_in
    ):
        with torch.enable_grad():  # ends what the object leaves
            with torch.set_grad_enabled(made_in):
                made = torch.set_grad_enabled(mode)
                assert recording() is mode  # it acts before it is entered

            with torch.set_grad_enabled(entered_in):
                with made:
                    pass
                assert recording() is made_in

    @claim("4.15")
    @pytest.mark.parametrize("raises", [True, False])
    def test_a_mode_entered_by_hand_lasts_until_it_is_left_by_hand(self, raises):
        mode = torch.no_grad()

        try:
            mode.__enter__()
            if raises:
                raise Stop
        except Stop:
            pass
        assert not recording()
        mode.__exit__(None, None, None)

        assert recording()

    @claim("4.15")
    def test_a_mode_entered_by_hand_outlasts_the_object_and_the_function(self):
        def enter() -> None:
            torch.no_grad().__enter__()

        with torch.enable_grad():  # ends what is not left
            enter()
            assert not recording()


class TestMemory:
    """What keeps memory although gradients are off."""

    @claim("4.16")
    @given(steps=st.integers(1, 4))
    def test_a_view_kept_from_no_grad_keeps_the_graph_of_what_it_views(self, steps, device):
        def graphs_alive(keep: Callable) -> int:
            history, leaves = [], []
            for _ in range(steps):
                x = torch.ones(3, device=device, requires_grad=True)
                leaves.append(weakref.ref(x))
                result = x.exp()
                with torch.no_grad():
                    history.append(keep(result))
            del x, result
            return sum(leaf() is not None for leaf in leaves)

        for keep in (lambda h: h[0], lambda h: h.view(3, 1), lambda h: h.float(), lambda h: h):
            assert graphs_alive(keep) == steps
        for keep in (
            lambda h: h[0].clone(),
            lambda h: h[0].detach(),
            lambda h: h.detach(),
            lambda h: h[0].item(),
            lambda h: 2 * h,
        ):
            assert graphs_alive(keep) == 0

    @claim("4.16")
    @given(steps=st.integers(1, 4))
    def test_a_view_kept_from_no_grad_keeps_all_the_memory_of_what_it_views(self, steps, device):
        history = []

        for _ in range(steps):
            with torch.no_grad():
                result = torch.ones(1000, device=device)
                history.append((result[0], result[0].clone()))

        for view, cloned in history:
            assert len(view.untyped_storage() if RELEASE >= (2, 0) else view.storage()) >= 1000
            assert len(cloned.untyped_storage() if RELEASE >= (2, 0) else cloned.storage()) < 1000


class TestEvaluation:
    """Evaluating between training: no_grad beside eval()."""

    @claim("3.7")
    def test_no_grad_alone_leaves_dropout_dropping_and_statistics_moving(self, device):
        net = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout()).to(device)
        x = torch.ones(100, 3, device=device)

        with torch.no_grad():
            net[1](x)
            assert (net[1](x) == 0).any()
            net(x)

        assert net.training
        assert net[0].running_mean.tolist() != [0.0, 0.0, 0.0]

    @claim("3.7")
    def test_eval_alone_records_a_graph_and_saves_values_for_it(self, device):
        net = nn.Sequential(nn.Linear(3, 3), nn.Dropout(), nn.Linear(3, 1)).to(device).eval()
        saved = []

        with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda packed: packed):
            result = net(torch.ones(2, 3, device=device))

        assert result.requires_grad
        assert saved

    @claim("3.7")
    @given(epochs=st.integers(1, 3))
    def test_an_evaluation_with_both_leaves_training_as_it_was(self, epochs, device):
        net = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Linear(3, 1)).to(device)
        evaluated = copy.deepcopy(net)
        x = torch.arange(12.0, device=device).reshape(4, 3)

        for _ in range(epochs):
            for each in (net, evaluated):
                optimizer = torch.optim.SGD(each.parameters(), lr=0.001)
                each(x).square().sum().backward()
                optimizer.step()
            total = 0
            evaluated.eval()
            with torch.no_grad():
                for _ in range(2):
                    total = total + evaluated(x + 1).sum()
            evaluated.train()

            assert not total.requires_grad
        for mine, its in zip(
            net.state_dict().values(), evaluated.state_dict().values(), strict=True
        ):
            assert same_bits(mine, its)

    @claim("3.7")
    def test_a_function_that_calls_set_grad_enabled_leaves_training_without_gradients(self):
        net = nn.Linear(3, 1)

        def evaluate() -> None:
            torch.set_grad_enabled(False)
            net(torch.ones(1, 3))

        with torch.enable_grad():  # ends what the call leaves
            evaluate()
            with pytest.raises(RuntimeError, match="does not require grad"):
                net(torch.ones(1, 3)).sum().backward()


def learns(how: Callable[[nn.Module, torch.Tensor], torch.Tensor], position: int) -> list[bool]:
    """Which of four layers in a row get a gradient if one is run in this way."""
    layers = [nn.Linear(2, 2) for _ in range(4)]
    result = torch.ones(1, 2)
    for index, layer in enumerate(layers):
        result = how(layer, result) if index == position else layer(result)
    result.sum().backward()
    return [layer.weight.grad is not None for layer in layers]


class TestFreezing:
    """requires_grad=False, no_grad and detach(): which layers still learn."""

    @claim("2.3.11")
    @given(position=st.integers(0, 2))
    def test_a_layer_that_does_not_require_grad_lets_gradients_through(self, position):
        def frozen(layer: nn.Module, x: torch.Tensor) -> torch.Tensor:
            return layer.requires_grad_(False)(x)

        assert learns(frozen, position) == [index != position for index in range(4)]

    @claim("2.3.11")
    @given(position=st.integers(0, 2))
    def test_a_layer_run_in_no_grad_or_detached_cuts_off_the_layers_before_it(self, position):
        def in_no_grad(layer: nn.Module, x: torch.Tensor) -> torch.Tensor:
            with torch.no_grad():
                return layer(x)

        after = [index > position for index in range(4)]

        assert learns(in_no_grad, position) == after
        assert learns(lambda layer, x: layer(x).detach(), position) == after

    @claim("2.3.11")
    def test_eval_does_not_freeze(self):
        assert learns(lambda layer, x: layer.eval()(x), 1) == [True, True, True, True]

    @claim("2.3.11")
    def test_a_frozen_net_gives_its_input_a_gradient(self, device):
        net = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1)).to(device)
        x = torch.ones(1, 3, device=device, requires_grad=True)

        net.eval().requires_grad_(False)(x).sum().backward()

        assert x.grad is not None
        assert all(parameter.grad is None for parameter in net.parameters())

    @claim("2.3.11")
    def test_backward_refuses_a_net_that_is_frozen_as_a_whole(self, device):
        net = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1)).to(device)
        saved = []

        net.requires_grad_(False)
        with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda packed: packed):
            loss = net(torch.ones(1, 3, device=device)).sum()

        assert saved == []
        with pytest.raises(RuntimeError, match="does not require grad"):
            loss.backward()


class TestUpdatesByHand:
    """Gradient descent without an optimizer."""

    @claim("1.2.10")
    @given(x=WRITABLE, steps=st.integers(1, 3))
    def test_an_update_in_place_in_no_grad_keeps_the_leaf(self, x, steps, device):
        weight = x = x.to(device).requires_grad_()
        expected = x.detach().clone()

        for _ in range(steps):
            (2 * weight).backward(torch.ones_like(weight))
            with torch.no_grad():
                weight -= 0.5 * weight.grad
            assert weight is x
            weight.grad = None
            expected = expected - 1

        assert weight.is_leaf
        assert weight.requires_grad
        assert same_bits(weight, expected)

    @claim("1.2.10")
    @given(x=WRITABLE)
    def test_a_leaf_in_no_grad_takes_operators_methods_and_assignments_in_place(self, x, device):
        x = x.to(device).requires_grad_()

        with torch.no_grad():
            x += 1
            x -= 1
            x *= 2
            x /= 2
            x.add_(1)
            x.copy_(torch.zeros_like(x))
            x[...] = 3
            x.fill_(5)

        assert (x == 5).all()
        assert x.is_leaf
        assert x.requires_grad

    @claim("1.2.10")
    def test_an_update_that_makes_a_new_tensor_ends_the_training(self, device):
        weight = torch.ones(3, device=device, requires_grad=True)
        (2 * weight).sum().backward()

        with torch.no_grad():
            weight = weight - 0.5 * weight.grad

        assert not weight.requires_grad
        assert weight.grad is None
        with pytest.raises(RuntimeError, match="does not require grad"):
            (2 * weight).sum().backward()

    @claim("1.2.10")
    def test_without_no_grad_the_one_is_refused_and_the_other_is_no_leaf(self, device):
        weight = torch.ones(3, device=device, requires_grad=True)
        (2 * weight).sum().backward()

        with pytest.raises(RuntimeError, match="leaf"):
            weight -= 0.5 * weight.grad
        assert not (weight - 0.5 * weight.grad).is_leaf


class TestAutocast:
    """no_grad within torch.autocast, which keeps its casts of the weights."""

    @claim("4.17")
    @since("2.11")
    @pytest.mark.parametrize("mode", ["no_grad", "inference_mode"])
    def test_a_pass_after_one_without_grad_in_the_same_block_gives_gradients(self, mode):
        layer, x = nn.Linear(3, 2), torch.ones(1, 3)

        with torch.autocast("cpu", dtype=torch.bfloat16):
            with getattr(torch, mode)():
                layer(x)
            result = layer(x)

        assert result.requires_grad
        result.sum().backward()
        assert layer.weight.grad.tolist() == [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]

    @claim("4.17")
    @before("2.11")
    @pytest.mark.parametrize("mode", ["no_grad", "inference_mode"])
    def test_a_pass_after_one_without_grad_in_the_same_block_gives_none(self, mode):
        # See https://github.com/pytorch/pytorch/issues/112583.
        layer, x = nn.Linear(3, 2), torch.ones(1, 3)

        with torch.autocast("cpu", dtype=torch.bfloat16):
            with getattr(torch, mode)():
                layer(x)
            result = layer(x)

        assert not result.requires_grad

    @claim("4.17")
    def test_a_block_of_its_own_or_without_a_cache_gives_gradients(self):
        layer, x = nn.Linear(3, 2), torch.ones(1, 3)

        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            layer(x)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert layer(x).requires_grad
        with torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=False):
            with torch.no_grad():
                layer(x)
            assert layer(x).requires_grad
