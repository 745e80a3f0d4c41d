"""Traits tell a strategy from one that was narrowed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from meta_tests.variety import CONSTANT, lasting, traits

ARRAY = np.arange(6).reshape(2, 3)
READ_ONLY = np.zeros(2)
READ_ONLY.flags.writeable = False


def test_one_value_however_often_is_constant():
    assert CONSTANT in traits([torch.zeros(2), torch.zeros(2)])
    assert CONSTANT not in traits([torch.zeros(2), torch.ones(2)])
    assert CONSTANT in traits([3, 3, 3])


@pytest.mark.parametrize(
    ("value", "trait"),
    [
        (torch.zeros(()), "0-d"),
        (torch.zeros(1, 1, 1, 1, 1), "5-d"),
        (torch.zeros(0, 2), "empty"),
        (torch.zeros(3, 2).T, "not contiguous"),
        (torch.zeros(3, 2).T, "transposed"),
        (torch.zeros(2, 3, 4, 4).to(memory_format=torch.channels_last), "channels_last"),
        (torch.zeros(1, 3).expand(2, 3), "expanded"),
        (torch.zeros(3)[1:], "offset"),
        (torch.zeros(2, 6)[:, ::2], "strided"),
        (torch.nn.Parameter(torch.zeros(1)), "Parameter"),
        (torch.zeros(1, requires_grad=True), "requires grad"),
        (torch.zeros(65), "65+ elements"),
        (torch.zeros(600, 600).T, "40000+ elements"),
        (torch.zeros(2**18), "1 MiB"),
        (torch.tensor([torch.nan]), "NaN"),
        (torch.tensor([torch.inf]), "infinite"),
        (torch.tensor([1e30]), "huge"),
        (torch.tensor([-1]), "negative"),
        (torch.zeros(1, dtype=torch.bfloat16), "torch.bfloat16"),
        (ARRAY[:, ::2], "not contiguous"),
        (ARRAY[::-1], "negative stride"),
        (ARRAY.view(np.recarray), "recarray"),
        (ARRAY.astype(">i4"), "foreign byte order"),
        (READ_ONLY, "read-only"),
        ((1, [True]), "True"),
        ([1, 2, 3], "list of 3"),
        (1000, "large"),
        (-0.5, "-0.5"),
        (torch.exp, "exp"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_value_has_the_trait(value, trait):
    assert trait in traits([value])


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
