"""Traits tell a strategy from one that was narrowed."""

from __future__ import annotations

import torch

from meta_tests.variety import CONSTANT, lasting, traits


def test_one_value_however_often_is_constant():
    assert CONSTANT in traits([torch.zeros(2), torch.zeros(2)])
    assert CONSTANT not in traits([torch.zeros(2), torch.ones(2)])
    assert CONSTANT in traits([3, 3, 3])


def test_a_plain_tensor_has_no_trait_of_an_unusual_layout():
    assert set(traits([torch.ones(2, 3)])) == {
        *("torch.float32", "2-d", "several elements", "contiguous", "not zero", CONSTANT)
    }


def test_the_share_of_a_trait_is_that_of_the_values_that_have_it():
    found = traits([torch.zeros(0), torch.zeros(1), torch.zeros(2), torch.zeros(2)])

    assert found["empty"] == 0.25
    assert found["several elements"] == 0.5
    assert "3+ values" in found
    assert "5+ values" not in found


def test_the_dtypes_of_all_values_are_counted():
    found = traits([torch.zeros(1, dtype=dtype) for dtype in (torch.int8, torch.bool, torch.int8)])

    assert "2+ dtypes" in found
    assert "3+ dtypes" not in found


def test_frequent_and_known_traits_last_and_of_levels_the_highest():
    found = {"rare": 0.01, "known": 0.01, "often": 0.5, "2+ values": 1.0, "3+ values": 1.0}

    assert lasting(found, ["known", "lost"]) == ["3+ values", "known", "often"]
