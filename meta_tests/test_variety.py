"""Traits tell a strategy from one that was narrowed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from meta_tests.variety import CONSTANT, traits


def test_one_value_however_often_is_constant():
    assert CONSTANT in traits([torch.zeros(2), torch.zeros(2)])
    assert CONSTANT not in traits([torch.zeros(2), torch.ones(2)])
    assert CONSTANT in traits([3, 3, 3])


@pytest.mark.parametrize(
    ("value", "trait"),
    [
        (torch.zeros(()), "0-d"),
        (torch.zeros(0, 2), "empty"),
        (torch.zeros(3, 2).T, "not contiguous"),
        (torch.tensor([torch.nan]), "NaN"),
        (torch.tensor([torch.inf]), "infinite"),
        (torch.tensor([1e30]), "huge"),
        (torch.tensor([-1]), "negative"),
        (torch.zeros(1, dtype=torch.bfloat16), "torch.bfloat16"),
        (np.zeros((2, 2), np.int8)[:, ::2], "not contiguous"),
        ((1, [True]), "True"),
        ([1, 2, 3], "list of 3"),
        (1000, "large"),
        (-0.5, "-0.5"),
        (torch.exp, "exp"),
    ],
    ids=str,
)
def test_a_value_has_the_trait(value, trait):
    assert trait in traits([value])


def test_the_share_of_a_trait_is_that_of_the_values_that_have_it():
    found = traits([torch.zeros(0), torch.zeros(1), torch.zeros(2), torch.zeros(2)])

    assert found["empty"] == 0.25
    assert found["several elements"] == 0.5
    assert found["of 3 or more values"] == 1
    assert "of 5 or more values" not in found


def test_the_dtypes_of_all_values_are_counted():
    found = traits([torch.zeros(1, dtype=dtype) for dtype in (torch.int8, torch.bool, torch.int8)])

    assert "of 2 or more dtypes" in found
    assert "of 3 or more dtypes" not in found
