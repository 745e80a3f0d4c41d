"""4 torch.no_grad() and torch.set_grad_enabled()."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from specs.ledger import claim
from specs.oracles import same_bits
from specs.strategies import NOT_EMPTY, tensors

#: Computations of many kinds, of two tensors of one shape, whose results have memory of their own.
COMPUTATIONS = {
    "x + y": lambda x, y: x + y,
    "x * 2": lambda x, y: x * 2,
    "x / y": lambda x, y: x / y,
    "x.exp()": lambda x, y: x.exp(),
    "x.pow(2)": lambda x, y: x.pow(2),
    "x.sum()": lambda x, y: x.sum(),
    "torch.stack": lambda x, y: torch.stack([x, y]),
    "x.clone()": lambda x, y: x.clone(),
    "torch.maximum(x, y)": lambda x, y: torch.maximum(x, y),
    "torch.cat": lambda x, y: torch.cat([x.reshape(-1), y.reshape(-1)]),
    "F.relu(x)": lambda x, y: F.relu(x),
    "matmul": lambda x, y: x.reshape(1, -1) @ y.reshape(-1, 1),
    "F.linear": lambda x, y: F.linear(x.reshape(1, -1), y.reshape(1, -1)),
}
#: Views, whose results have the memory of x, which must have a dimension.
VIEWS = {
    "x[0]": lambda x: x[0],
    "x[..., None]": lambda x: x[..., None],
    "x.view_as(x)": lambda x: x.view_as(x),
    "x.unsqueeze(0)": lambda x: x.unsqueeze(0),
    "x.transpose(0, -1)": lambda x: x.transpose(0, -1),
    "x.expand_as(x)": lambda x: x.expand_as(x),
}
#: What returns x itself.
ITSELF = {
    "x.to(x.dtype)": lambda x: x.to(x.dtype),
    "nn.Identity": lambda x: nn.Identity()(x),
    "Dropout in evaluation": lambda x: nn.Dropout().eval()(x),
}
OPERANDS = tensors((torch.float32, torch.float64), NOT_EMPTY, small=True)
VIEWED = tensors(
    (torch.float32, torch.float64), tuple(shape for shape in NOT_EMPTY if shape), small=True
)

CONTEXTS: dict[str, tuple[Callable, bool]] = {
    "no_grad()": (lambda: torch.no_grad(), False),
    "enable_grad()": (lambda: torch.enable_grad(), True),
    "set_grad_enabled(False)": (lambda: torch.set_grad_enabled(False), False),
    "set_grad_enabled(True)": (lambda: torch.set_grad_enabled(True), True),
}


class Stop(Exception):
    """Raised within a block on purpose."""


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

        for name, compute in COMPUTATIONS.items():
            with torch.no_grad():
                result = compute(x, y)

            assert not result.requires_grad, name
            assert result.grad_fn is None, name

    @claim("4.1")
    @given(x=VIEWED)
    def test_a_view_taken_in_no_grad_still_says_that_it_requires_grad(self, x, device):
        x = x.to(device).requires_grad_()

        for name, take in VIEWS.items():
            with torch.no_grad():
                view = take(x)

            # It answers for x, see https://github.com/pytorch/pytorch/issues/11390.
            assert view.requires_grad, name
            assert view.grad_fn is None, name

    @claim("4.1")
    @given(x=VIEWED)
    def test_no_gradient_flows_through_a_view_taken_in_no_grad(self, x, device):
        x = x.to(device).requires_grad_()

        for name, take in VIEWS.items():
            with torch.no_grad():
                view = take(x)
            (2 * view).sum().backward()

            assert x.grad is None, name
            assert view.grad is None, name

    @claim("4.1")
    @given(x=OPERANDS)
    def test_what_returns_its_input_itself_leaves_it_requiring_grad_in_no_grad(self, x, device):
        x = x.to(device).requires_grad_()

        for name, compute in ITSELF.items():
            with torch.no_grad():
                result = compute(x)

            assert result is x, name
            assert result.requires_grad, name

    @claim("4.1")
    @given(x=OPERANDS)
    def test_a_result_computed_outside_no_grad_requires_grad(self, x, device):
        x = x.to(device).requires_grad_()

        for name, compute in COMPUTATIONS.items():
            result = compute(x, torch.ones_like(x))

            assert result.requires_grad, name
            assert result.grad_fn is not None, name

    @claim("4.1")
    @given(x=OPERANDS)
    def test_no_grad_leaves_its_inputs_requiring_grad(self, x, device):
        x = x.to(device).requires_grad_()

        with torch.no_grad():
            x * 2
            assert x.requires_grad

        assert x.requires_grad

    @claim("4.1")
    def test_a_layer_used_in_no_grad_gives_a_result_without_grad(self, device):
        layer = nn.Linear(3, 2).to(device)

        with torch.no_grad():
            result = layer(torch.ones(1, 3, device=device, requires_grad=True))

        assert not result.requires_grad
        assert layer.weight.requires_grad

    @claim("4.1")
    def test_is_grad_enabled_is_false_in_no_grad(self):
        assert torch.is_grad_enabled()
        with torch.no_grad():
            assert not torch.is_grad_enabled()

    @claim("4.2")
    @given(mode=st.booleans())
    def test_no_grad_puts_the_former_mode_back_at_the_end_of_its_block(self, mode):
        with torch.set_grad_enabled(mode):
            with torch.no_grad():
                assert not recording()

            assert recording() is mode

    @claim("4.2")
    @given(mode=st.booleans())
    def test_no_grad_puts_the_former_mode_back_when_its_block_raises(self, mode):
        with torch.set_grad_enabled(mode):
            with pytest.raises(Stop), torch.no_grad():
                raise Stop

            assert recording() is mode

    @claim("4.2")
    def test_a_function_decorated_with_no_grad_records_nothing_and_ends_the_mode(self):
        decorated = torch.no_grad()(recording)

        assert not decorated()
        assert recording()

    @claim("4.2")
    def test_one_no_grad_object_may_be_used_again(self):
        context = torch.no_grad()

        for _ in range(2):
            with context:
                assert not recording()
            assert recording()

    @claim("4.3")
    @given(x=OPERANDS)
    def test_nothing_is_saved_for_backward_in_no_grad(self, x, device):
        x = x.to(device).requires_grad_()
        y = torch.full_like(x, 3).requires_grad_()

        for name, compute in COMPUTATIONS.items():
            saved = []
            with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda packed: packed):
                with torch.no_grad():
                    compute(x, y)

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

    @claim("4.4")
    @given(x=OPERANDS)
    def test_backward_refuses_a_result_computed_in_no_grad(self, x, device):
        x = x.to(device).requires_grad_()

        for compute in COMPUTATIONS.values():
            with torch.no_grad():
                result = compute(x, torch.ones_like(x)).sum()

            with pytest.raises(RuntimeError, match="does not require grad"):
                result.backward()
            assert x.grad is None

    @claim("4.4")
    def test_a_result_of_no_grad_counts_as_a_constant_afterwards(self, device):
        x = torch.tensor(3.0, device=device, requires_grad=True)
        with torch.no_grad():
            square = x * x

        (square * x).backward()

        assert x.grad.item() == 9  # and not 27, the slope of x**3


class TestSetGradEnabled:
    """torch.set_grad_enabled: gradients on or off, by argument."""

    @claim("4.5")
    @given(x=OPERANDS, training=st.booleans())
    def test_results_in_its_block_require_grad_as_its_argument_says(self, x, training, device):
        x = x.to(device).requires_grad_()

        for name, compute in COMPUTATIONS.items():
            with torch.set_grad_enabled(training):
                result = compute(x, torch.ones_like(x))

            assert result.requires_grad is training, name
            assert (result.grad_fn is not None) is training, name

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

    @claim("4.6")
    @given(former=st.booleans(), mode=st.booleans(), raises=st.booleans())
    def test_as_a_context_manager_it_puts_the_former_mode_back(self, former, mode, raises):
        with torch.enable_grad() if former else torch.no_grad():
            try:
                with torch.set_grad_enabled(mode):
                    assert recording() is mode
                    if raises:
                        raise Stop
            except Stop:
                pass

            assert recording() is former

    @claim("4.6")
    @given(modes=st.lists(st.booleans(), min_size=1, max_size=5))
    def test_as_a_function_it_takes_effect_at_once_and_stays(self, modes):
        with torch.enable_grad():  # ends what the calls leave
            for mode in modes:
                torch.set_grad_enabled(mode)
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

    @claim("4.7")
    def test_the_sequence_of_the_article_gives_false_true_false(self, device):
        x = torch.tensor([1.0], device=device, requires_grad=True)
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
    @given(outer=st.sampled_from(sorted(CONTEXTS)), inner=st.sampled_from(sorted(CONTEXTS)))
    def test_the_inner_of_two_blocks_decides(self, outer, inner):
        with CONTEXTS[outer][0]():
            with CONTEXTS[inner][0]():
                assert recording() is CONTEXTS[inner][1]
            assert recording() is CONTEXTS[outer][1]

    @claim("4.8")
    @given(program=PROGRAMS, mode=st.booleans())
    @example(program=[("enable_grad()", [False, ("no_grad()", [True], True)], False)], mode=True)
    def test_the_innermost_block_or_latest_call_decides_in_every_nesting(self, program, mode):
        seen, expected = [], []

        with torch.set_grad_enabled(mode):
            run(program, seen)
        model(program, mode, expected)

        assert seen == expected


class TestThreads:
    """Grad mode belongs to its thread."""

    @claim("4.9")
    @pytest.mark.parametrize("context", sorted(CONTEXTS))
    def test_a_new_thread_records_whatever_the_mode_of_its_maker(self, context):
        with CONTEXTS[context][0]():
            assert in_thread(recording) is True
            assert recording() is CONTEXTS[context][1]

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


class TestNoGradAgainstSetGradEnabled:
    """The chapter's question: what tells the two apart."""

    @claim("4.10")
    @given(x=OPERANDS)
    def test_no_grad_and_set_grad_enabled_false_do_the_same_to_every_result(self, x, device):
        x = x.to(device).requires_grad_()
        y = torch.full_like(x, 3).requires_grad_()

        for name, compute in COMPUTATIONS.items():
            with torch.no_grad():
                one = compute(x, y)
            with torch.set_grad_enabled(False):
                other = compute(x, y)

            assert same_bits(one, other), name
            for result in (one, other):
                assert not result.requires_grad, name
                assert result.grad_fn is None, name

    @claim("4.10")
    @given(x=VIEWED)
    def test_no_grad_and_set_grad_enabled_false_do_the_same_to_every_view(self, x, device):
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
    @given(x=OPERANDS)
    def test_neither_no_grad_nor_set_grad_enabled_changes_the_values_of_a_result(self, x, device):
        x = x.to(device).requires_grad_()
        y = torch.full_like(x, 3).requires_grad_()

        for name, compute in COMPUTATIONS.items():
            recorded = compute(x, y)
            with torch.no_grad():
                one = compute(x, y)
            with torch.set_grad_enabled(False):
                other = compute(x, y)

            assert same_bits(one, recorded), name
            assert same_bits(other, recorded), name


class TestLeavesMadeInNoGrad:
    """What no_grad leaves alone: leaves that ask for grad."""

    @claim("4.11")
    @given(shape=st.sampled_from(NOT_EMPTY))
    def test_a_tensor_made_in_no_grad_may_require_grad(self, shape, device):
        with torch.no_grad():
            ones = torch.ones(shape, device=device, requires_grad=True)
            switched = torch.zeros(shape, device=device).requires_grad_()
            plain = torch.ones(shape, device=device)

        assert ones.requires_grad
        assert switched.requires_grad
        assert not plain.requires_grad

    @claim("4.11")
    def test_a_layer_made_in_no_grad_requires_grad(self, device):
        with torch.no_grad():
            layer = nn.Linear(3, 2, device=device)

        assert layer.weight.requires_grad
        assert layer.bias.requires_grad

    @claim("4.11")
    def test_a_layer_made_in_no_grad_gets_gradients(self, device):
        with torch.no_grad():
            layer = nn.Linear(3, 2, device=device)

        layer(torch.ones(1, 3, device=device)).sum().backward()

        assert layer.weight.grad.tolist() == [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
