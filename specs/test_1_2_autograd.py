"""1.2 Automatic differentiation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from specs.ledger import claim
from specs.oracles import as_array, same_bits, same_values
from specs.strategies import (
    BOOL,
    COMPLEX,
    COMPUTING_FLOATS,
    FLOATS,
    INTEGERS,
    NOT_EMPTY,
    SEVERAL,
    tensors,
)

EXACT = (torch.float32, torch.float64)  # small sums and products in these are exact

OPERATIONS = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x * y": lambda x, y: x * y,
    "torch.stack": lambda x, y: torch.stack([x, y]),
}

#: Operations of which there is no derivative.
NOT_DIFFERENTIABLE = {
    "x > 0": lambda x: x > 0,
    "x == x": lambda x: x == x,
    "x.argmax()": lambda x: x.argmax(),
    "x.to(torch.int64)": lambda x: x.to(torch.int64),
    "x.bool()": lambda x: x.bool(),
}

VIEWS = {
    "x[...]": lambda x: x[...],
    "x.unsqueeze(0)": lambda x: x.unsqueeze(0),
    "x.view_as(x)": lambda x: x.view_as(x),
}

IN_PLACE = {
    "add_": lambda x: x.add_(1),
    "mul_": lambda x: x.mul_(2),
    "zero_": lambda x: x.zero_(),
    "fill_": lambda x: x.fill_(3),
    "copy_": lambda x: x.copy_(torch.ones_like(x)),
    "+=": lambda x: x.__iadd__(1),
    "x[...] = ": lambda x: x.__setitem__(..., 5),
}


class TestRequiresGrad:
    """requires_grad=True: the tensor takes part in automatic differentiation."""

    @claim("1.2.1")
    @given(tensor=tensors(COMPUTING_FLOATS + COMPLEX))
    def test_a_sum_with_a_tensor_that_requires_grad_requires_grad(self, tensor, device):
        x = torch.tensor(tensor.tolist(), dtype=tensor.dtype, device=device, requires_grad=True)

        assert x.requires_grad
        assert x.is_leaf
        assert (x + 1).requires_grad
        assert x.sum().requires_grad

    @claim("1.2.1")
    @given(tensor=tensors(COMPUTING_FLOATS + COMPLEX))
    def test_a_tensor_does_not_require_grad_unless_asked_to(self, tensor, device):
        x = torch.tensor(tensor.tolist(), dtype=tensor.dtype, device=device)

        assert not x.requires_grad
        assert not (x + 1).requires_grad

    @claim("1.2.1")
    @given(tensor=tensors(EXACT, small=True))
    def test_only_the_inputs_that_require_grad_get_a_gradient(self, tensor, device):
        x = tensor.to(device, copy=True).requires_grad_()
        constant = tensor.to(device)

        (x + constant).sum().backward()

        assert same_values(x.grad, np.ones(tensor.shape))
        assert constant.grad is None

    @claim("1.2.7")
    @given(dtype=st.sampled_from(FLOATS + COMPLEX), shape=st.sampled_from(NOT_EMPTY))
    def test_floating_point_and_complex_tensors_may_require_grad(self, dtype, shape, device):
        assert torch.zeros(shape, dtype=dtype, device=device, requires_grad=True).requires_grad
        assert torch.zeros(shape, dtype=dtype, device=device).requires_grad_().requires_grad

    @claim("1.2.7")
    @given(dtype=st.sampled_from(INTEGERS + BOOL), shape=st.sampled_from(NOT_EMPTY))
    def test_integer_and_bool_tensors_refuse_to_require_grad(self, dtype, shape, device):
        with pytest.raises(RuntimeError, match="floating point and complex"):
            torch.zeros(shape, dtype=dtype, device=device, requires_grad=True)
        with pytest.raises(RuntimeError, match="floating point"):
            torch.zeros(shape, dtype=dtype, device=device).requires_grad_()


class TestBackward:
    """Tensor.backward: it computes the gradients that .grad holds."""

    @claim("1.2.2")
    def test_gradient_of_a_sum_of_squares_for_the_values_of_the_article(self, device):
        x = torch.tensor([[1.0, -1.0], [1.0, 1.0]], device=device, requires_grad=True)

        x.pow(2).sum().backward()

        assert x.grad.tolist() == [[2.0, -2.0], [2.0, 2.0]]

    @claim("1.2.2")
    @given(tensor=tensors(COMPUTING_FLOATS))
    def test_gradient_of_a_sum_of_squares_is_exactly_twice_the_tensor(self, tensor, device):
        x = tensor.to(device).requires_grad_()

        x.pow(2).sum().backward()

        assert x.grad.dtype is tensor.dtype
        assert same_values(x.grad, doubled(tensor))

    @claim("1.2.2")
    @given(tensor=tensors(EXACT))
    def test_there_is_no_gradient_before_backward(self, tensor, device):
        x = tensor.to(device).requires_grad_()
        result = x.pow(2).sum()

        assert x.grad is None
        result.backward()
        assert not x.grad.requires_grad

    @claim("1.2.2")
    @given(tensor=tensors(COMPUTING_FLOATS))
    def test_backward_leaves_the_values_alone(self, tensor, device):
        x = tensor.to(device, copy=True).requires_grad_()

        x.pow(2).sum().backward()

        assert same_bits(x, tensor)

    @claim("1.2.3")
    def test_value_and_gradient_of_a_line_for_the_numbers_of_the_article(self, device):
        x = torch.tensor(2.5, device=device, requires_grad=True)

        y = 5 * x + 2
        y.backward()

        assert y.item() == 14.5
        assert x.grad.item() == 5

    @claim("1.2.3")
    @given(x=tensors(EXACT), a=st.integers(-1000, 1000), b=st.integers(-1000, 1000))
    def test_gradient_of_a_line_is_its_slope_everywhere(self, x, a, b, device):
        x = x.to(device).requires_grad_()

        (a * x + b).sum().backward()

        assert same_values(x.grad, np.full(x.shape, float(a)))

    @claim("1.2.3")
    @given(x=tensors(EXACT, small=True), a=st.integers(-9, 9), b=st.integers(-9, 9))
    def test_value_of_a_line_is_a_times_x_plus_b(self, x, a, b, device):
        y = a * x.to(device).requires_grad_() + b

        assert same_values(y, a * as_array(x) + b)

    @claim("1.2.8")
    @given(tensor=tensors(EXACT, small=True))
    @pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
    def test_only_leaves_get_a_gradient(self, tensor, device):
        x = tensor.to(device).requires_grad_()
        y = 3 * x

        y.sum().backward()

        assert x.is_leaf
        assert not y.is_leaf
        assert same_values(x.grad, np.full(x.shape, 3.0))
        assert y.grad is None

    @claim("1.2.8")
    @given(tensor=tensors(EXACT, small=True), asked=st.booleans())
    @pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
    def test_a_result_gets_a_gradient_if_retain_grad_asks_for_it(self, tensor, asked, device):
        y = 3 * tensor.to(device).requires_grad_()
        if asked:
            y.retain_grad()

        (2 * y).sum().backward()

        assert (y.grad is not None) is asked
        assert y.grad is None or same_values(y.grad, np.full(y.shape, 2.0))

    @claim("1.2.8")
    @given(tensor=tensors(EXACT, small=True))
    def test_a_second_backward_adds_to_the_gradient(self, tensor, device):
        x = tensor.to(device).requires_grad_()

        (2 * x).sum().backward()
        (5 * x).sum().backward()

        assert same_values(x.grad, np.full(x.shape, 7.0))

    @claim("1.2.8")
    @given(tensor=tensors(EXACT, SEVERAL))
    def test_backward_of_several_elements_needs_a_gradient_argument(self, tensor, device):
        y = 2 * tensor.to(device).requires_grad_()

        with pytest.raises(RuntimeError, match="only for scalar outputs"):
            y.backward()

    @claim("1.2.8")
    @given(tensor=tensors(EXACT, SEVERAL, small=True))
    def test_gradient_argument_weighs_the_elements(self, tensor, device):
        x = tensor.to(device).requires_grad_()
        weights = np.arange(x.numel(), dtype=np.float64).reshape(x.shape)

        (2 * x).backward(torch.tensor(weights.tolist(), dtype=x.dtype, device=device))

        assert same_values(x.grad, 2 * weights)

    @claim("1.2.8")
    @given(tensor=tensors(EXACT))
    def test_a_graph_that_saved_values_is_freed_by_its_first_backward(self, tensor, device):
        y = tensor.to(device).requires_grad_().exp().sum()
        y.backward()

        with pytest.raises(RuntimeError, match="a second time"):
            y.backward()

    @claim("1.2.8")
    @given(tensor=tensors(EXACT, small=True))
    def test_a_graph_kept_by_retain_graph_can_be_walked_again(self, tensor, device):
        x = tensor.to(device).requires_grad_()
        y = x.pow(2).sum()

        y.backward(retain_graph=True)
        y.backward()

        assert same_values(x.grad, 4 * as_array(tensor))

    @claim("1.2.8")
    @given(tensor=tensors(EXACT))
    def test_a_graph_that_saved_nothing_survives_its_first_backward(self, tensor, device):
        x = tensor.to(device).requires_grad_()
        y = x.sum()

        y.backward()
        y.backward()

        assert same_values(x.grad, np.full(x.shape, 2.0))


class TestPrintedTensor:
    """What a tensor shows of its part in automatic differentiation when printed."""

    @claim("1.2.4")
    def test_print_of_the_result_and_leaf_of_the_article(self):
        x = torch.tensor(2.5, requires_grad=True)

        assert str(5 * x + 2) == "tensor(14.5000, grad_fn=<AddBackward0>)"
        assert str(x) == "tensor(2.5000, requires_grad=True)"

    @claim("1.2.4")
    @given(tensor=tensors(COMPUTING_FLOATS))
    def test_print_of_a_sum_names_its_grad_fn(self, tensor):
        printed = str(tensor.requires_grad_() + 1)

        assert "grad_fn=<AddBackward0>" in printed
        assert "requires_grad" not in printed

    @claim("1.2.4")
    @given(tensor=tensors(COMPUTING_FLOATS))
    def test_print_of_a_leaf_shows_that_it_requires_grad(self, tensor):
        printed = str(tensor.requires_grad_())

        assert "requires_grad=True" in printed
        assert "grad_fn" not in printed

    @claim("1.2.4")
    @given(tensor=tensors(COMPUTING_FLOATS))
    def test_print_of_a_tensor_without_grad_shows_neither(self, tensor):
        printed = str(tensor + 1)

        assert "requires_grad" not in printed
        assert "grad_fn" not in printed


class TestGradFn:
    """Tensor.grad_fn: the step of the graph that a result came from."""

    @claim("1.2.5")
    @pytest.mark.parametrize("operation", sorted(OPERATIONS))
    @given(x_requires_grad=st.booleans(), y_requires_grad=st.booleans(), grad_mode=st.booleans())
    def test_grad_fn_is_there_when_an_input_requires_grad_and_grad_mode_is_on(
        self, operation, x_requires_grad, y_requires_grad, grad_mode, device
    ):
        x = torch.tensor([1.0, 2.0], device=device, requires_grad=x_requires_grad)
        y = torch.tensor([3.0, 4.0], device=device, requires_grad=y_requires_grad)

        with torch.set_grad_enabled(grad_mode):
            result = OPERATIONS[operation](x, y).sum()

        recorded = grad_mode and (x_requires_grad or y_requires_grad)
        assert (result.grad_fn is not None) == recorded
        assert result.requires_grad == recorded

    @claim("1.2.5")
    @pytest.mark.parametrize("operation", sorted(OPERATIONS))
    @given(shape=st.sampled_from(NOT_EMPTY))
    def test_backward_is_possible_with_a_grad_fn(self, operation, shape, device):
        x = torch.ones(shape, device=device, requires_grad=True)
        y = torch.ones(shape, device=device)

        OPERATIONS[operation](x, y).sum().backward()

        assert same_values(x.grad, np.ones(shape))

    @claim("1.2.5")
    @pytest.mark.parametrize("operation", sorted(OPERATIONS))
    @given(shape=st.sampled_from(NOT_EMPTY))
    def test_backward_is_refused_without_a_grad_fn(self, operation, shape, device):
        x, y = torch.ones(shape, device=device), torch.ones(shape, device=device)

        with pytest.raises(RuntimeError, match="does not require grad"):
            OPERATIONS[operation](x, y).sum().backward()

    @claim("1.2.5")
    @given(tensor=tensors(EXACT, NOT_EMPTY, small=True))
    def test_a_result_that_has_no_derivative_has_no_grad_fn(self, tensor, device):
        x = tensor.to(device).requires_grad_()

        for name, compute in NOT_DIFFERENTIABLE.items():
            result = compute(x)

            assert result.grad_fn is None, name
            assert not result.requires_grad, name

    @claim("1.2.5")
    @given(tensor=tensors(COMPUTING_FLOATS))
    def test_a_leaf_has_no_grad_fn(self, tensor, device):
        assert tensor.to(device).requires_grad_().grad_fn is None


class TestInPlaceOperations:
    """In-place operations and automatic differentiation."""

    @claim("1.2.6")
    @pytest.mark.parametrize("operation", sorted(IN_PLACE))
    @given(tensor=tensors(COMPUTING_FLOATS, NOT_EMPTY))
    def test_a_leaf_that_requires_grad_refuses_an_in_place_operation(
        self, tensor, operation, device
    ):
        x = tensor.to(device, copy=True).requires_grad_()

        with pytest.raises(RuntimeError, match=r"a (view of a )?leaf Variable"):
            IN_PLACE[operation](x)
        assert same_bits(x, tensor)

    @claim("1.2.6")
    @pytest.mark.parametrize("take", sorted(VIEWS))
    @given(tensor=tensors(COMPUTING_FLOATS, NOT_EMPTY))
    def test_a_view_of_a_leaf_that_requires_grad_refuses_an_in_place_operation(
        self, tensor, take, device
    ):
        x = tensor.to(device, copy=True).requires_grad_()

        with pytest.raises(RuntimeError, match="a view of a leaf Variable"):
            VIEWS[take](x).add_(1)
        assert same_bits(x, tensor)

    @claim("1.2.6")
    @given(tensor=tensors(EXACT, small=True))
    def test_a_leaf_accepts_an_in_place_operation_under_no_grad(self, tensor, device):
        x = tensor.to(device, copy=True).requires_grad_()

        with torch.no_grad():
            x.mul_(2)

        assert same_values(x, 2 * as_array(tensor))
        assert x.is_leaf
        assert x.requires_grad

    @claim("1.2.6")
    @given(tensor=tensors(EXACT, small=True))
    def test_a_leaf_without_grad_accepts_an_in_place_operation(self, tensor, device):
        x = tensor.to(device, copy=True)

        x.mul_(2)

        assert same_values(x, 2 * as_array(tensor))

    @claim("1.2.6")
    @given(tensor=tensors(EXACT, small=True))
    def test_a_computed_result_accepts_one_and_its_gradient_counts_it(self, tensor, device):
        x = tensor.to(device).requires_grad_()
        y = 3 * x

        y.mul_(2)
        y.sum().backward()

        assert same_values(y, 6 * as_array(tensor))
        assert same_values(x.grad, np.full(x.shape, 6.0))

    @claim("1.2.6")
    @pytest.mark.parametrize("operation", sorted(IN_PLACE))
    @given(
        tensor=tensors(EXACT, NOT_EMPTY),
        save=st.sampled_from([torch.exp, torch.sigmoid, torch.tanh]),
    )
    def test_backward_refuses_when_a_value_it_saved_was_overwritten(
        self, tensor, save, operation, device
    ):
        y = save(tensor.to(device).requires_grad_())  # saves its result for the gradient

        IN_PLACE[operation](y)

        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            y.sum().backward()


def doubled(tensor: torch.Tensor) -> np.ndarray:
    """2x as NumPy rounds it; bfloat16's in float32, where doubling is exact as well."""
    return as_array(tensor) * as_array(tensor).dtype.type(2)
