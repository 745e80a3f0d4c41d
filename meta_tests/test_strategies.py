"""The strategies produce the edge cases that they promise, and shrink to plain ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, Phase, find, given, settings

from meta_tests.variety import traits
from specs.oracles import as_array, same_bits
from specs.strategies import (
    AT_MOST_27,
    COMPLEX,
    DTYPES,
    FLOATS,
    INTEGERS,
    LAYOUTS,
    NOT_EMPTY,
    NUMPY_DTYPE,
    ONE_ELEMENT,
    SEVERAL,
    SHARED_DTYPES,
    STORED,
    UP_TO_MIB,
    WITH_EXPANDED,
    arrays,
    other_value,
    palette,
    tensors,
)

QUICK = settings(database=None, derandomize=True, suppress_health_check=list(HealthCheck))


def drawn(strategy, count=400):
    """So many examples of the strategy."""
    examples = []
    collect = given(strategy)(lambda example: examples.append(example))
    settings(QUICK, max_examples=count, phases=[Phase.generate])(collect)()
    return examples


@pytest.fixture(scope="module")
def floats():
    return drawn(tensors((torch.float32,)))


def test_tensors_have_unusual_shapes_layouts_and_values(floats):
    shapes = {"empty", "0-d", "3-d", "4-d", "5-d", "65+ elements", "33000+ elements"}
    layouts = {"not contiguous", "channels_last", "offset", "transposed"}

    assert shapes | layouts | {"NaN", "infinite", "huge", "negative"} <= traits(floats).keys()


@pytest.mark.parametrize(
    ("narrower", "lost"),
    [
        ({"shapes": AT_MOST_27}, {"65+ elements", "300+ elements", "33000+ elements"}),
        ({"shapes": ((), (2, 3), (1000,), (2, 5, 13), (33_000,))}, {"4-d", "5-d", "empty"}),
        ({"layouts": ("contiguous", "transposed")}, {"offset", "strided"}),
        ({"layouts": LAYOUTS[:-1], "shapes": ((2, 3, 4, 5),)}, {"channels_last"}),
        ({"layouts": ("contiguous", "offset")}, {"not contiguous", "transposed", "strided"}),
    ],
    ids=[
        "no large ones",
        "up to three dimensions",
        "no offset",
        "no channels_last",
        "contiguous ones",
    ],
)
def test_a_strategy_of_fewer_sizes_ranks_or_layouts_loses_their_traits(narrower, lost, floats):
    found = traits(drawn(tensors((torch.float32,), **narrower))).keys()

    assert lost <= traits(floats).keys()
    assert not lost & found


NUMBERS = {
    "infinity": np.isposinf,
    "negative infinity": np.isneginf,
    "negative zero": lambda a: np.signbit(a) & (a == 0),
    "a subnormal number": lambda a: (a != 0) & (np.abs(a) < np.finfo(np.float32).tiny),
    "the largest number": lambda a: a == np.finfo(np.float32).max,
    "a number outside the palette": lambda a: ~np.isin(a, palette(torch.float32)),
}


@pytest.mark.parametrize("number", NUMBERS)
def test_tensors_have(number, floats):
    assert any(NUMBERS[number](as_array(tensor)).any() for tensor in floats)


def test_tensors_are_expanded_or_reach_a_mib_on_request():
    assert "expanded" in traits(drawn(tensors(shapes=SEVERAL, layouts=WITH_EXPANDED), 100))
    assert "1 MiB" in traits(drawn(tensors((torch.uint8,), UP_TO_MIB)))


def test_there_are_arrays_of_every_kind():
    found = drawn(arrays(), 200)

    assert {"memmap", "Subclass", "transposed"} <= traits(found).keys()
    assert any(a.base is not None and a.ctypes.data != a.base.ctypes.data for a in found)


@pytest.mark.parametrize("dtype", STORED, ids=str)
def test_dtypes_that_only_store_are_drawn_bit_by_bit(dtype):
    found = drawn(tensors((dtype,), ((300,),)), 50)

    assert any(np.isnan(as_array(tensor)).any() for tensor in found)
    assert len({number for tensor in found for number in as_array(tensor)}) > 50


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_integer_tensors_reach_both_extremes(dtype):
    limits = np.iinfo(NUMPY_DTYPE[dtype])
    values = {number for t in drawn(tensors((dtype,)), 150) for number in as_array(t).flat}

    assert {limits.min, limits.max, 0, 1} <= values


@pytest.mark.parametrize("dtype", [*FLOATS, *COMPLEX], ids=str)
def test_small_tensors_are_exact_in_every_floating_point_dtype(dtype):
    for tensor in drawn(tensors((dtype,), small=True), 50):
        array = as_array(tensor)
        assert np.all(np.abs(array) <= 8)
        assert np.array_equal(array * 2, np.round(array * 2))


def test_no_tensor_is_a_view_of_another(floats):
    assert not any(tensor._is_view() for tensor in floats)


def test_every_dtype_is_drawn():
    assert {tensor.dtype for tensor in drawn(tensors(DTYPES))} == set(DTYPES)
    found = {array.dtype for array in drawn(arrays())}
    assert found == {NUMPY_DTYPE[dtype] for dtype in SHARED_DTYPES}


def test_shapes_have_the_number_of_elements_that_they_promise():
    assert {t.numel() for t in drawn(tensors(shapes=ONE_ELEMENT), 50)} == {1}
    assert min(t.numel() for t in drawn(tensors(shapes=SEVERAL), 100)) == 2


@given(tensor=tensors(DTYPES))
def test_a_tensor_has_memory_of_its_own_that_can_be_written(tensor):
    before = as_array(tensor)
    if tensor.numel():
        tensor.fill_(other_value(before.flat[0]).item())
        assert not same_bits(tensor, before)


def test_tensors_shrink_to_zeros_of_the_smallest_shape():
    quick = settings(QUICK, max_examples=500, deadline=None)

    assert find(tensors(), lambda t: True, settings=quick).tolist() == 0
    matrix = find(tensors(shapes=NOT_EMPTY), lambda t: t.dim() == 2, settings=quick)
    assert matrix.tolist() == [[0.0]]
    nan = find(tensors(), lambda t: bool(np.isnan(as_array(t)).any()), settings=quick)
    assert nan.dim() == 0
    several = find(tensors(), lambda t: t.numel() > 2, settings=quick)
    assert several.tolist() == [0.0, 0.0, 0.0]
