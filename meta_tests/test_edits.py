"""What the exhaustive tests say of edited specs: all the edits below, in one copy."""

from __future__ import annotations

import pytest

from meta_tests.copies import copy_project, edit, run

ITEM = "test_1_1_item.py::TestItem::test_item_of_a"


@pytest.mark.exhaustive
def test_every_weakness_is_named(tmp_path):
    copy = copy_project(tmp_path)
    item = copy / "specs" / "test_1_1_item.py"
    edit(
        item,
        "        number = tensor.to(device).item()\n\n        assert type(number) is int\n"
        "        assert number == as_array(tensor).item()\n",
        "        pass\n",
    )
    edit(item, "        assert type(number) is bool\n", "")
    edit(item, "tensors(FLOATS, ONE_ELEMENT, layouts=WITH_EXPANDED)", "st.just(torch.ones(1))")
    edit(item, "tensors(COMPLEX, ONE_ELEMENT", "tensors((torch.complex64,), ONE_ELEMENT")
    names = 'parametrize("name", ["weight", "bias"])'
    edit(copy / "specs" / "test_2_1_layers.py", names, names.replace(', "bias"', ""))
    plain = "{0} = tensor.to(device).requires_grad_()\n\n        for x in ({0}, {0}.clone()"
    edit(item, plain.format("leaf"), plain.format("renamed"))
    mutants = "item_of_an_integer_is_a_float or item_of_a_bool_is_an_int"
    chosen = f"is_proven or varies and item or {mutants}"
    tests = "meta_tests/test_every_claim_can_fail.py"

    said = run(tests, "--exhaustive", "-k", chosen, cwd=copy).stdout

    for sentence in (
        f"{ITEM}n_integer_tensor_is_the_same_int: had 2 checks, has 0",
        "a PyTorch in which item() of an integer is a float goes unnoticed by",
        f"{ITEM}_bool_tensor_is_the_same_bool: had 2 checks, has 1",
        "a PyTorch in which item() of a bool is an int goes unnoticed by",
        f"{ITEM}_floating_point_tensor_is_the_same_float: tensor is always the same",
        f"{ITEM}_complex_tensor_is_the_same_complex: tensor is never torch.complex128 any more",
        "had the cases ['weight', 'bias'], has ['weight']",
        "pytest meta_tests --prove -k 1.1.1",
    ):
        assert sentence in said
    assert f"{ITEM}_tensor_that_requires_grad" not in said  # there only a variable was renamed
