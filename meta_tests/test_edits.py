"""What the meta-tests say when somebody weakens the specification.

Each edit is made in a copy of the project, all together, and the proofs are tried there.
"""

from __future__ import annotations

import pytest

from meta_tests.copies import copy_project, edit, run

PROOFS = "meta_tests/test_every_claim_can_fail.py"


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What the meta-tests say of a copy with one weakness of each kind."""
    copy = copy_project(tmp_path_factory.mktemp("edits"))
    specs = copy / "specs"
    edit(
        specs / "test_1_1_item.py",
        "        number = tensor.to(device).item()\n\n        assert type(number) is int\n"
        "        assert number == as_array(tensor).item()\n",
        "        pass\n",
    )
    edit(specs / "test_1_1_item.py", "        assert type(number) is bool\n", "")
    edit(
        specs / "test_1_3_numpy_to_tensor.py",
        "    @given(array=arrays())\n    def test_from_numpy_keeps_shape_and_values",
        "    @given(array=st.just(np.zeros(2)))\n    def test_from_numpy_keeps_shape_and_values",
    )
    edit(
        specs / "test_1_4_tensor_to_numpy.py",
        "    @given(tensor=tensors(SHARED_DTYPES))\n    def test_numpy_keeps",
        "    @given(tensor=tensors((torch.float32,)))\n    def test_numpy_keeps",
    )
    edit(
        specs / "test_5_relu.py",
        'FORMS = {"nn.ReLU": lambda: nn.ReLU(), "F.relu"',
        'FORMS = {"nn.ReLU"',
    )
    edit(specs / "strategies.py", "SIZES = st.integers(1, 5)", "SIZES = st.just(2)")
    mutants = "item_of_an_integer_is_a_float or item_of_a_bool_is_an_int"
    chosen = f"cases_and_checks or varies or {mutants}"
    return run(PROOFS, "-k", chosen, cwd=copy).stdout


class TestEdits:
    def test_a_spec_with_an_empty_body_is_named(self, said):
        name = "test_1_1_item.py::TestItem::test_item_of_an_integer_tensor_is_the_same_int"

        assert f"{name} lost its check: assert type(number) is int" in said
        assert "a PyTorch in which item() of an integer is a float goes unnoticed by" in said

    def test_a_removed_assertion_is_named(self, said):
        name = "test_1_1_item.py::TestItem::test_item_of_a_bool_tensor_is_the_same_bool"

        assert f"{name} lost its check: assert type(number) is bool" in said
        assert "a PyTorch in which item() of a bool is an int goes unnoticed by" in said

    def test_a_strategy_of_one_value_is_named(self, said):
        spec = "test_1_3_numpy_to_tensor.py::TestFromNumpy::test_from_numpy_keeps_shape_and_values"

        assert f"{spec}: array is always the same" in said
        assert "test_weight_data_is_a_plain_tensor_without_grad: inputs is always the same" in said

    def test_a_strategy_of_fewer_dtypes_is_named(self, said):
        name = "TestNumpy::test_numpy_keeps_dtype_shape_and_values"

        assert f"{name}: tensor is never torch.int64 any more" in said

    def test_a_lost_case_is_named(self, said):
        name = "TestValuesAndGradient::test_relu_is_the_larger_of_element_and_zero"

        assert f"{name} lost its case 'cpu-F.relu'" in said
