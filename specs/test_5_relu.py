"""5 nn.ReLU and nn.functional.relu."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from torch import nn

from specs.ledger import claim
from specs.oracles import as_array, same_bits, same_values
from specs.strategies import COMPUTING_FLOATS, COMPUTING_INTEGERS, NOT_EMPTY, tensors

FORMS = {"nn.ReLU": lambda: nn.ReLU(), "F.relu": lambda: F.relu}
EITHER = pytest.mark.parametrize("form", sorted(FORMS))


class Functional(nn.Module):
    """A net that calls F.relu in its forward."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.dense(x))


class TestValuesAndGradient:
    """What both forms compute."""

    @claim("5.1")
    @EITHER
    @given(x=tensors(COMPUTING_FLOATS + COMPUTING_INTEGERS))
    def test_relu_is_the_larger_of_element_and_zero(self, form, x, device):
        y = FORMS[form]()(x.to(device))

        assert y.dtype is x.dtype
        assert same_values(y, np.maximum(as_array(x), 0))  # which keeps NaN, as relu does

    @claim("5.1")
    @EITHER
    @given(x=tensors((torch.float32, torch.float64)))
    def test_gradient_of_relu_is_one_above_zero_and_zero_at_and_below_it(self, form, x, device):
        elements = np.where(np.isnan(as_array(x)), 0, as_array(x))  # NaN is neither
        x = torch.tensor(elements.tolist(), dtype=x.dtype, device=device, requires_grad=True)

        FORMS[form]()(x).sum().backward()

        assert same_values(x.grad, (elements > 0).astype(np.float64).reshape(x.shape))

    @claim("5.1")
    @EITHER
    def test_gradient_of_relu_at_zero_is_zero(self, form, device):
        x = torch.tensor([0.0, -0.0], device=device, requires_grad=True)

        FORMS[form]()(x).sum().backward()

        assert x.grad.tolist() == [0.0, 0.0]

    @claim("5.1")
    @given(x=tensors(COMPUTING_FLOATS))
    def test_module_and_function_agree_in_every_bit_of_value_and_gradient(self, x, device):
        one = x.to(device, copy=True).requires_grad_()
        other = x.to(device, copy=True).requires_grad_()

        by_module, by_function = nn.ReLU()(one), F.relu(other)
        by_module.sum().backward()
        by_function.sum().backward()

        assert same_bits(by_module, by_function)
        assert same_bits(one.grad, other.grad)


class TestModule:
    """nn.ReLU as a part of models."""

    @claim("5.2")
    def test_relu_is_a_module_without_parameters_or_buffers(self):
        relu = nn.ReLU()

        assert isinstance(relu, nn.Module)
        assert list(relu.parameters()) == []
        assert list(relu.buffers()) == []
        assert list(relu.state_dict()) == []

    @claim("5.2")
    @given(x=tensors((torch.float32,), NOT_EMPTY))
    def test_relu_fits_into_sequential(self, x, device):
        net = nn.Sequential(nn.ReLU(), nn.Identity())

        assert isinstance(net[0], nn.ReLU)
        assert same_values(net(x.to(device)), np.maximum(as_array(x), 0))

    @claim("5.3")
    def test_the_function_is_no_module(self):
        assert callable(F.relu)
        assert not isinstance(F.relu, nn.Module)

    @claim("5.3")
    def test_sequential_refuses_the_function(self):
        with pytest.raises(TypeError, match="not a Module subclass"):
            nn.Sequential(nn.Linear(3, 2), F.relu)

    @claim("5.3")
    @given(x=tensors((torch.float32,), ((2, 3),), small=True))
    def test_the_function_called_in_forward_does_what_the_module_does(self, x, device):
        net = Functional().to(device)
        sequential = nn.Sequential(net.dense, nn.ReLU())
        x = x.to(device)

        assert same_bits(net(x), sequential(x))
        assert net(x).min().item() >= 0

    @claim("5.4")
    def test_print_of_a_model_shows_the_module(self):
        printed = str(nn.Sequential(nn.Linear(3, 2), nn.ReLU()))

        assert printed.splitlines()[2] == "  (1): ReLU()"

    @claim("5.4")
    def test_print_of_a_model_never_shows_the_function(self):
        net = Functional()
        net(torch.ones(1, 3))

        assert str(net).splitlines() == [
            "Functional(",
            "  (dense): Linear(in_features=3, out_features=2, bias=True)",
            ")",
        ]


class TestInplace:
    """ReLU with inplace=True."""

    @claim("5.5")
    @pytest.mark.parametrize(
        "relu",
        [lambda x: nn.ReLU(inplace=True)(x), lambda x: F.relu(x, inplace=True)],
        ids=["nn.ReLU", "F.relu"],
    )
    @given(x=tensors(COMPUTING_FLOATS, NOT_EMPTY))
    def test_relu_in_place_writes_into_its_input_and_returns_it(self, relu, x, device):
        expected = np.maximum(as_array(x), 0)
        x = x.to(device, copy=True)

        y = relu(x)

        assert y is x
        assert same_values(x, expected)

    @claim("5.5")
    @EITHER
    @given(x=tensors(COMPUTING_FLOATS, NOT_EMPTY))
    def test_relu_leaves_its_input_alone_unless_told_otherwise(self, form, x, device):
        before = as_array(x)
        x = x.to(device, copy=True)

        y = FORMS[form]()(x)

        assert same_bits(x, before)
        assert y.data_ptr() != x.data_ptr()

    @claim("5.5")
    @given(x=tensors((torch.float32,), NOT_EMPTY))
    def test_a_leaf_that_requires_grad_refuses_relu_in_place(self, x, device):
        with pytest.raises(RuntimeError, match="leaf Variable"):
            nn.ReLU(inplace=True)(x.to(device).requires_grad_())

    @claim("5.5")
    def test_print_shows_that_relu_works_in_place(self):
        assert str(nn.ReLU(inplace=True)) == "ReLU(inplace=True)"
        assert str(nn.ReLU()) == "ReLU()"
