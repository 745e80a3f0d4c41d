"""The oracles tell right from wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from specs.oracles import (
    FALSE_ALARM,
    as_array,
    chance,
    follows,
    frequency_agrees,
    normal_cdf,
    rounding,
    same_bits,
    same_number,
    same_values,
    share_memory,
    uniform_cdf,
    within,
)

RANDOM = np.random.default_rng(1)
NORMAL = RANDOM.normal(1, 2, 50_000)
UNIFORM = RANDOM.uniform(-1, 3, 50_000)


def test_same_bits_tells_signed_zeros_dtypes_shapes_and_nans_apart():
    zero = torch.tensor([0.0])

    assert same_bits(zero, np.zeros(1, np.float32))
    assert not same_bits(torch.tensor([-0.0]), zero)
    assert not same_bits(None, zero)
    assert not same_bits(zero.double(), zero)
    assert not same_bits(zero.bfloat16(), zero)
    assert not same_bits(zero.reshape(1, 1), zero)
    assert same_bits(torch.tensor([math.nan]), torch.tensor([math.nan]))
    assert not same_bits(torch.tensor([math.nan]), zero)


def test_share_memory_tells_a_view_from_a_copy_also_without_addresses(monkeypatch):
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)

    for _ in range(2):
        assert share_memory(x, x.detach())
        assert not share_memory(x, x.clone())
        assert not share_memory(x, x.detach()[:, 1:])
        assert x.tolist() == [[1.0, 2.0]]
        monkeypatch.setattr(torch.Tensor, "data_ptr", lambda tensor: 0)


def test_as_array_decodes_what_numpy_lacks():
    bits = np.array([0x00, 0x01, 0x38, 0xB8, 0x7E, 0x7F], np.uint8)
    half = np.array([1.5, -2.0, 65504.0, math.inf], np.float16)

    if hasattr(torch, "float8_e4m3fn"):
        decoded = as_array(torch.frombuffer(bits, dtype=torch.float8_e4m3fn))
        assert np.array_equal(decoded, [0, 2**-9, 1, -1, 448, math.nan], equal_nan=True)
        decoded = as_array(torch.frombuffer(bits, dtype=torch.float8_e5m2))
        assert np.array_equal(decoded, [0, 2**-16, 0.5, -0.5, math.nan, math.nan], equal_nan=True)
    assert as_array(torch.frombuffer(half, dtype=torch.complex32)).tolist() == [
        1.5 - 2j,
        complex(65504, math.inf),
    ]


def test_same_number_tells_signed_zeros_apart_and_knows_nan():
    assert same_number(math.nan, math.nan)
    assert not same_number(0.0, math.nan)
    assert not same_number(math.nan, 0.0)
    assert not same_number(-0.0, 0.0)
    assert not same_number(1.0, 2.0)


def test_same_values_ignores_the_sign_of_zero_and_no_more():
    assert same_values(torch.tensor([-0.0, math.nan]), np.array([0.0, math.nan]))
    assert not same_values(torch.tensor([1.0]), np.array([1.0 + 1e-7]))
    assert not same_values(torch.tensor([1.0]), np.array(1.0))


def test_within_rejects_other_shapes_nan_and_what_lies_beyond_the_bound():
    assert within(torch.tensor([1.0]), np.array([1.5]), 0.5)
    assert not within(torch.tensor([1.0]), np.array([1.6]), 0.5)
    assert not within(torch.tensor([math.nan]), np.array([1.0]), 0.5)
    assert not within(torch.tensor([1.0]), np.array(1.0), 0.5)


def test_rounding_is_a_unit_in_the_last_place_a_step():
    assert rounding(1, torch.float32) == pytest.approx(2**-24)
    assert rounding(10, torch.float64) == pytest.approx(10 * 2**-53)


def test_follows_accepts_the_distribution_that_a_sample_was_drawn_from():
    assert follows(torch.tensor(NORMAL), normal_cdf(1, 2))
    assert follows(torch.tensor(UNIFORM), uniform_cdf(-1, 3))


OTHERS = {
    "normal 1.2 times wider": ((NORMAL - 1) * 1.2 + 1, normal_cdf(1, 2)),
    "normal 1.2 times narrower": ((NORMAL - 1) / 1.2 + 1, normal_cdf(1, 2)),
    "normal shifted by a tenth of its std": (NORMAL + 0.2, normal_cdf(1, 2)),
    "uniform of a normal's mean and std": ((UNIFORM - 1) * math.sqrt(3) + 1, normal_cdf(1, 2)),
    "constant": (np.full(50_000, 1.0), normal_cdf(1, 2)),
    "uniform 1.2 times wider": ((UNIFORM - 1) * 1.2 + 1, uniform_cdf(-1, 3)),
    "uniform 1.2 times narrower": ((UNIFORM - 1) / 1.2 + 1, uniform_cdf(-1, 3)),
    "NaN": (np.full(50_000, math.nan), uniform_cdf(-1, 3)),
}


@pytest.mark.parametrize("other", OTHERS)
def test_follows_rejects(other):
    sample, cdf = OTHERS[other]

    assert not follows(torch.tensor(sample), cdf)


@pytest.mark.parametrize("p", [k / 16 for k in range(1, 16)])
def test_frequency_agrees_accepts_chance_and_notices_a_factor_of_1_2(p):
    n = 50_000

    assert frequency_agrees(RANDOM.binomial(n, p), n, p)
    assert not frequency_agrees(round(n * p / 1.2), n, p)
    assert not frequency_agrees(min(n, round(n * p * 1.2)), n, p)


def test_chance_is_hoeffdings_bound():
    n = 50_000

    assert 2 * math.exp(-2 * n * chance(n) ** 2) == pytest.approx(FALSE_ALARM)
