"""1.1 Taking a value out of a tensor."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from specs.ledger import claim
from specs.oracles import as_array, same_number
from specs.releases import before, since
from specs.strategies import (
    BOOL,
    COMPLEX,
    DTYPES,
    EMPTY,
    FLOATS,
    INTEGERS,
    ONE_ELEMENT,
    SEVERAL,
    tensors,
)


class TestItem:
    """Tensor.item: the one element of a tensor as a Python number."""

    @claim("1.1.1")
    def test_item_of_a_one_by_one_matrix_is_its_number(self, device):
        tensor = torch.tensor([[1]], device=device)

        assert tensor.item() == 1

    @claim("1.1.1")
    @given(tensor=tensors(INTEGERS, ONE_ELEMENT))
    def test_item_of_an_integer_tensor_is_the_same_int(self, tensor, device):
        number = tensor.to(device).item()

        assert type(number) is int
        assert number == as_array(tensor).item()

    @claim("1.1.1")
    @given(tensor=tensors(FLOATS, ONE_ELEMENT))
    def test_item_of_a_floating_point_tensor_is_the_same_float(self, tensor, device):
        number = tensor.to(device).item()

        assert type(number) is float
        assert same_number(number, as_array(tensor).item())

    @claim("1.1.1")
    @given(tensor=tensors(BOOL, ONE_ELEMENT))
    def test_item_of_a_bool_tensor_is_the_same_bool(self, tensor, device):
        number = tensor.to(device).item()

        assert type(number) is bool
        assert number == as_array(tensor).item()

    @claim("1.1.1")
    @given(tensor=tensors(COMPLEX, ONE_ELEMENT))
    def test_item_of_a_complex_tensor_is_the_same_complex(self, tensor, device):
        number = tensor.to(device).item()

        assert type(number) is complex
        assert same_number(number.real, as_array(tensor).item().real)
        assert same_number(number.imag, as_array(tensor).item().imag)

    @claim("1.1.1")
    @given(tensor=tensors(FLOATS, ONE_ELEMENT))
    def test_item_of_a_tensor_that_requires_grad_is_the_plain_float(self, tensor, device):
        number = tensor.to(device).requires_grad_().item()

        assert type(number) is float
        assert same_number(number, as_array(tensor).item())

    @claim("1.1.2")
    @given(tensor=tensors(DTYPES, ONE_ELEMENT))
    def test_item_without_parentheses_is_a_method_and_no_number(self, tensor):
        method = tensor.item

        assert not isinstance(method, (bool, int, float, complex))
        assert type(method()) in (bool, int, float, complex)

    @claim("1.1.3")
    @since("2.0")
    @given(tensor=tensors(DTYPES, SEVERAL))
    def test_item_of_several_elements_raises_a_runtime_error(self, tensor, device):
        with pytest.raises(RuntimeError, match="cannot be converted to Scalar"):
            tensor.to(device).item()

    @claim("1.1.3")
    @before("2.0")
    @given(tensor=tensors(DTYPES, SEVERAL))
    def test_item_of_several_elements_raises_a_value_error(self, tensor, device):
        with pytest.raises(ValueError, match="only one element tensors"):
            tensor.to(device).item()

    @claim("1.1.3")
    @since("2.0")
    @given(dtype=st.sampled_from(DTYPES), shape=st.sampled_from(EMPTY))
    def test_item_of_an_empty_tensor_raises_a_runtime_error(self, dtype, shape, device):
        with pytest.raises(RuntimeError, match="cannot be converted to Scalar"):
            torch.empty(shape, dtype=dtype, device=device).item()

    @claim("1.1.3")
    @before("2.0")
    @given(dtype=st.sampled_from(DTYPES), shape=st.sampled_from(EMPTY))
    def test_item_of_an_empty_tensor_raises_a_value_error(self, dtype, shape, device):
        with pytest.raises(ValueError, match="only one element tensors"):
            torch.empty(shape, dtype=dtype, device=device).item()
