"""2.1 A layer's weight and bias."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from specs.ledger import claim
from specs.oracles import as_array, same_bits, same_values
from specs.strategies import SIZES, tensors


@st.composite
def operands_of_a_linear(draw) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """An input, a weight and a bias that fit each other."""
    rows, inputs, outputs = draw(SIZES), draw(SIZES), draw(SIZES)
    x, weight, bias = (
        draw(tensors((torch.float32,), (shape,), small=True))
        for shape in [(rows, inputs), (outputs, inputs), (outputs,)]
    )
    return x, weight, bias


class TestWeightAndBias:
    """layer.weight and layer.bias: the parameters of a layer."""

    @claim("2.1.1")
    def test_linear_of_3_and_2_has_a_weight_of_2_by_3_and_a_bias_of_2(self, device):
        dense = nn.Linear(3, 2).to(device)

        assert dense.weight.shape == (2, 3)
        assert dense.bias.shape == (2,)

    @claim("2.1.1")
    @given(inputs=SIZES, outputs=SIZES)
    def test_weight_of_a_linear_is_outputs_by_inputs_and_its_bias_outputs(self, inputs, outputs):
        dense = nn.Linear(inputs, outputs)

        assert dense.weight.shape == (outputs, inputs)
        assert dense.bias.shape == (outputs,)

    @claim("2.1.1")
    @given(inputs=SIZES, outputs=SIZES, height=SIZES, width=SIZES)
    def test_weight_of_a_conv2d_is_outputs_by_inputs_by_kernel_and_its_bias_outputs(
        self, inputs, outputs, height, width
    ):
        conv = nn.Conv2d(inputs, outputs, kernel_size=(height, width))

        assert conv.weight.shape == (outputs, inputs, height, width)
        assert conv.bias.shape == (outputs,)

    @claim("2.1.1")
    @pytest.mark.parametrize(
        "layer", [lambda: nn.Linear(3, 2), lambda: nn.Conv2d(3, 5, 2)], ids=["Linear", "Conv2d"]
    )
    def test_weight_and_bias_are_parameters_that_require_grad(self, layer, device):
        layer = layer().to(device)

        for parameter in (layer.weight, layer.bias):
            assert type(parameter) is nn.Parameter
            assert parameter.requires_grad
            assert parameter.is_leaf
            assert parameter.dtype is torch.float32
        assert {id(p) for p in layer.parameters()} == {id(layer.weight), id(layer.bias)}

    @claim("2.1.1")
    @pytest.mark.parametrize(
        "layer", [lambda: nn.Linear(3, 2), lambda: nn.Conv2d(3, 5, 2)], ids=["Linear", "Conv2d"]
    )
    def test_weight_and_bias_print_as_parameter_containing(self, layer):
        layer = layer()

        for parameter in (layer.weight, layer.bias):
            assert str(parameter).startswith("Parameter containing:\ntensor([")
            assert str(parameter).endswith("requires_grad=True)")

    @claim("2.1.1")
    @given(inputs=SIZES, outputs=SIZES)
    def test_the_bias_of_a_layer_made_without_one_is_none(self, inputs, outputs):
        dense = nn.Linear(inputs, outputs, bias=False)

        assert dense.bias is None
        assert len(list(dense.parameters())) == 1

    @claim("2.1.1")
    @given(operands=operands_of_a_linear())
    def test_a_linear_multiplies_by_its_weight_and_adds_its_bias(self, operands, device):
        x, weight, bias = operands
        outputs, inputs = weight.shape
        dense = nn.Linear(inputs, outputs).to(device)
        with torch.no_grad():
            dense.weight.copy_(weight)
            dense.bias.copy_(bias)

        y = dense(x.to(device))

        assert same_values(y, as_array(x) @ as_array(weight).T + as_array(bias))

    @claim("2.1.2")
    def test_print_of_the_linear_of_the_article(self):
        assert str(nn.Linear(3, 2)) == "Linear(in_features=3, out_features=2, bias=True)"

    @claim("2.1.2")
    @given(inputs=SIZES, outputs=SIZES, bias=st.booleans())
    def test_print_of_a_linear_shows_in_features_out_features_and_bias(self, inputs, outputs, bias):
        printed = str(nn.Linear(inputs, outputs, bias=bias))

        assert printed == f"Linear(in_features={inputs}, out_features={outputs}, bias={bias})"


class TestWeightData:
    """weight.data: the weight as a plain tensor."""

    @claim("2.1.3")
    @given(inputs=SIZES, outputs=SIZES)
    def test_weight_data_is_a_plain_tensor_without_grad(self, inputs, outputs, device):
        weight = nn.Linear(inputs, outputs).to(device).weight

        assert type(weight.data) is torch.Tensor
        assert not weight.data.requires_grad
        assert weight.data.grad_fn is None
        assert same_bits(weight.data, weight)

    @claim("2.1.3")
    @given(inputs=SIZES, outputs=SIZES)
    def test_print_of_weight_data_shows_no_requires_grad(self, inputs, outputs, device):
        weight = nn.Linear(inputs, outputs).to(device).weight

        assert "requires_grad" not in str(weight.data)

    @claim("2.1.3")
    @given(inputs=SIZES, outputs=SIZES)
    def test_a_write_to_weight_data_shows_in_the_weight(self, inputs, outputs, device):
        weight = nn.Linear(inputs, outputs).to(device).weight

        weight.data.fill_(7)

        assert same_values(weight, np.full((outputs, inputs), 7.0))
        assert weight.requires_grad

    @claim("2.1.3")
    @given(inputs=SIZES, outputs=SIZES)
    def test_a_write_to_the_weight_shows_in_weight_data(self, inputs, outputs, device):
        weight = nn.Linear(inputs, outputs).to(device).weight
        data = weight.data

        with torch.no_grad():
            weight.fill_(7)

        assert same_values(data, np.full((outputs, inputs), 7.0))
