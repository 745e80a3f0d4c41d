"""2.2 Initialisation.

The statistical specs draw about 50,000 numbers an example. How probable a false alarm is (below
1e-10 a run), and what is noticed (a scale wrong by 1.2, another shape), is derived in
``specs/oracles.py``.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from specs.ledger import claim
from specs.oracles import as_array, chance, follows, normal_cdf, same_bits, same_values, uniform_cdf
from specs.strategies import SIZES

INITIALISATIONS = {
    "normal_": lambda w: nn.init.normal_(w, 3.0, 0.5),
    "uniform_": lambda w: nn.init.uniform_(w, 2.0, 3.0),
    "trunc_normal_": lambda w: nn.init.trunc_normal_(w, 3.0, 0.5),
    "constant_": lambda w: nn.init.constant_(w, 2.0),
    "ones_": lambda w: nn.init.ones_(w),
    "zeros_": lambda w: nn.init.zeros_(w),
    "eye_": lambda w: nn.init.eye_(w),
    "dirac_": lambda w: nn.init.dirac_(w),
    "orthogonal_": lambda w: nn.init.orthogonal_(w),
    "sparse_": lambda w: nn.init.sparse_(w, 0.5, std=2.0),
    "xavier_normal_": lambda w: nn.init.xavier_normal_(w),
    "xavier_uniform_": lambda w: nn.init.xavier_uniform_(w),
    "kaiming_normal_": lambda w: nn.init.kaiming_normal_(w),
    "kaiming_uniform_": lambda w: nn.init.kaiming_uniform_(w),
}
#: Shapes of about 50,000 elements, with their fan_in and fan_out: a Linear's weight is outputs by
#: inputs, a Conv2d's outputs by inputs by kernel, whose area counts for both fans.
WEIGHTS = st.sampled_from(
    [
        ((250, 200), 200, 250),
        ((1000, 50), 50, 1000),
        ((50, 1000), 1000, 50),
        ((80, 70, 3, 3), 70 * 9, 80 * 9),
        ((200, 50, 1, 5), 50 * 5, 200 * 5),
    ]
)
MEANS = st.integers(-20, 20).map(lambda k: k / 4)
SCALES = st.integers(1, 20).map(lambda k: k / 4)


def layer_for(name: str, inputs: int, outputs: int) -> nn.Module:
    """A layer whose weight the function takes: dirac_ takes that of a convolution alone."""
    return nn.Conv1d(inputs, outputs, 1) if name == "dirac_" else nn.Linear(inputs, outputs)


def empty(shape: tuple[int, ...], device: str) -> nn.Parameter:
    """A parameter yet to be initialised; NaN shows what was left out."""
    return nn.Parameter(torch.full(shape, math.nan, device=device))


class TestInit:
    """nn.init: the functions whose names end in _ change a parameter in place."""

    @claim("2.2.1")
    @given(inputs=SIZES, outputs=SIZES)
    def test_init_changes_the_parameter_itself_and_returns_it(self, inputs, outputs):
        for name, initialise in INITIALISATIONS.items():
            weight = layer_for(name, inputs, outputs).weight
            address, shape, old = weight.data_ptr(), weight.shape, weight.detach().tolist()

            returned = initialise(weight)

            assert returned is weight, name
            assert weight.data_ptr() == address, name
            assert weight.shape == shape, name
            assert weight.tolist() != old, name

    @claim("2.2.1")
    @given(inputs=SIZES, outputs=SIZES)
    def test_init_leaves_a_parameter_that_requires_grad(self, inputs, outputs):
        for name, initialise in INITIALISATIONS.items():
            layer = layer_for(name, inputs, outputs)

            initialise(layer.weight)

            assert type(layer.weight) is nn.Parameter, name
            assert layer.weight.requires_grad, name
            assert dict(layer.named_parameters())["weight"] is layer.weight, name

    @claim("2.2.1")
    @given(inputs=SIZES, outputs=SIZES)
    def test_init_is_not_recorded_by_autograd(self, inputs, outputs):
        for name, initialise in INITIALISATIONS.items():
            weight = layer_for(name, inputs, outputs).weight

            initialise(weight)

            assert weight.grad_fn is None, name
            assert weight.grad is None, name
            (2 * weight).sum().backward()
            assert same_values(weight.grad, np.full(weight.shape, 2.0)), name

    @claim("2.2.1")
    def test_init_leaves_grad_mode_on(self):
        for name, initialise in INITIALISATIONS.items():
            initialise(layer_for(name, 3, 2).weight)

            assert torch.is_grad_enabled(), name

    @claim("2.2.2")
    @given(weight=WEIGHTS, mean=MEANS, std=SCALES)
    def test_normal_draws_from_the_normal_distribution_asked_for(self, weight, mean, std, device):
        weight = nn.init.normal_(empty(weight[0], device), mean, std)

        assert follows(weight, normal_cdf(mean, std))

    @claim("2.2.2")
    @given(weight=WEIGHTS, low=MEANS, width=SCALES)
    def test_uniform_draws_from_the_uniform_distribution_asked_for(
        self, weight, low, width, device
    ):
        weight = nn.init.uniform_(empty(weight[0], device), low, low + width)

        assert follows(weight, uniform_cdf(low, low + width))
        assert low <= weight.min().item()
        assert weight.max().item() <= low + width

    @claim("2.2.2")
    @given(inputs=SIZES, outputs=SIZES, value=MEANS)
    def test_constant_sets_every_element(self, inputs, outputs, value, device):
        weight = nn.init.constant_(nn.Linear(inputs, outputs).to(device).weight, value)

        assert same_values(weight, np.full((outputs, inputs), value))

    @claim("2.2.2")
    def test_normal_and_uniform_are_standard_unless_told_otherwise(self, device):
        assert follows(nn.init.normal_(empty((250, 200), device)), normal_cdf(0, 1))
        assert follows(nn.init.uniform_(empty((250, 200), device)), uniform_cdf(0, 1))

    @claim("2.2.3")
    @given(weight=WEIGHTS, gain=SCALES)
    def test_xavier_normal_has_the_std_of_both_fans_times_gain(self, weight, gain, device):
        shape, fan_in, fan_out = weight

        weight = nn.init.xavier_normal_(empty(shape, device), gain)

        assert follows(weight, normal_cdf(0, gain * math.sqrt(2 / (fan_in + fan_out))))

    @claim("2.2.3")
    @given(weight=WEIGHTS)
    def test_xavier_normal_has_a_gain_of_1_unless_told_otherwise(self, weight, device):
        shape, fan_in, fan_out = weight

        weight = nn.init.xavier_normal_(empty(shape, device))

        assert follows(weight, normal_cdf(0, math.sqrt(2 / (fan_in + fan_out))))

    @claim("2.2.4")
    @given(weight=WEIGHTS)
    def test_kaiming_normal_has_the_std_of_fan_in(self, weight, device):
        shape, fan_in, _ = weight

        weight = nn.init.kaiming_normal_(empty(shape, device))

        assert follows(weight, normal_cdf(0, math.sqrt(2 / fan_in)))

    @claim("2.2.4")
    def test_there_is_no_kamiming_normal_(self):
        assert hasattr(nn.init, "kaiming_normal_")
        assert not hasattr(nn.init, "kamiming_normal_")


class TestInitialisationOfABias:
    """nn.init on a bias, which has one dimension."""

    @claim("2.2.5")
    def test_normal_and_uniform_draw_for_a_bias_as_for_a_weight(self, device):
        bias = nn.Linear(1, 50_000).to(device).bias

        assert follows(nn.init.normal_(bias, 1.0, 2.0), normal_cdf(1, 2))
        assert follows(nn.init.uniform_(bias, -1.0, 3.0), uniform_cdf(-1, 3))

    @claim("2.2.5")
    @given(outputs=SIZES, value=MEANS)
    def test_constant_sets_every_element_of_a_bias(self, outputs, value, device):
        bias = nn.init.constant_(nn.Linear(3, outputs).to(device).bias, value)

        assert same_values(bias, np.full(outputs, value))

    @claim("2.2.5")
    @pytest.mark.parametrize(
        "name", ["xavier_normal_", "xavier_uniform_", "kaiming_normal_", "kaiming_uniform_"]
    )
    @given(outputs=SIZES)
    def test_xavier_and_kaiming_refuse_a_bias_and_leave_it_alone(self, name, outputs):
        bias = nn.Linear(3, outputs).bias
        before = bias.detach().clone()

        with pytest.raises(ValueError, match="fewer than 2 dimensions"):
            INITIALISATIONS[name](bias)
        assert same_bits(bias, before)


class TestDefaultInitialisationOfLinear:
    """How nn.Linear draws its weight and bias unless told otherwise."""

    @claim("2.2.6")
    @given(inputs=st.integers(1, 300))
    def test_weight_of_a_linear_is_uniform_within_one_over_the_root_of_fan_in(self, inputs):
        bound = 1 / math.sqrt(inputs)

        weight = nn.Linear(inputs, 50_000 // inputs).weight

        assert follows(weight, uniform_cdf(-bound, bound))

    @claim("2.2.6")
    @given(inputs=st.integers(1, 8))
    def test_bias_of_a_linear_is_uniform_within_one_over_the_root_of_fan_in(self, inputs):
        bound = 1 / math.sqrt(inputs)

        bias = nn.Linear(inputs, 50_000).bias

        assert follows(bias, uniform_cdf(-bound, bound))

    @claim("2.2.6")
    @given(inputs=st.integers(1, 300))
    def test_weight_of_a_linear_has_a_sixth_of_the_variance_that_kaiming_gives(self, inputs):
        weight = as_array(nn.Linear(inputs, 50_000 // inputs).weight).astype(np.float64)
        he, largest_square = 2 / inputs, 1 / inputs

        assert abs(np.mean(weight**2) - he / 6) <= largest_square * chance(weight.size)
