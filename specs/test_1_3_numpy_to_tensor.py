"""1.3 From a NumPy array to a tensor."""

from __future__ import annotations

import warnings
import weakref

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from specs.ledger import claim
from specs.oracles import as_array, same_bits
from specs.strategies import NOT_EMPTY, NUMPY_DTYPE, SHARED_DTYPES, arrays, other_value


class TestFromNumpy:
    """torch.from_numpy: a NumPy array seen as a tensor."""

    @claim("1.3.1")
    @given(array=arrays())
    def test_from_numpy_keeps_shape_and_values(self, array):
        tensor = torch.from_numpy(array)

        assert same_bits(tensor, array)

    @claim("1.3.1")
    @given(array=arrays())
    def test_from_numpy_leaves_the_array_alone(self, array):
        before = array.copy()

        torch.from_numpy(array)

        assert same_bits(array, before)

    @claim("1.3.1")
    @given(array=arrays())
    def test_from_numpy_makes_a_leaf_without_grad_on_the_cpu(self, array):
        tensor = torch.from_numpy(array)

        assert type(tensor) is torch.Tensor
        assert tensor.device.type == "cpu"
        assert tensor.is_leaf
        assert not tensor.requires_grad

    @claim("1.3.2")
    def test_from_numpy_of_numpys_default_float_is_float64(self):
        tensor = torch.from_numpy(np.array([2.1, 3.6, 4.9]))

        assert tensor.dtype is torch.float64
        assert torch.get_default_dtype() is torch.float32

    @claim("1.3.2")
    def test_print_of_the_tensor_of_the_article_shows_float64(self):
        tensor = torch.from_numpy(np.array([2.1, 3.6, 4.9]))

        assert str(tensor) == "tensor([2.1000, 3.6000, 4.9000], dtype=torch.float64)"

    @claim("1.3.2")
    @pytest.mark.parametrize("dtype", SHARED_DTYPES, ids=lambda dtype: str(NUMPY_DTYPE[dtype]))
    def test_from_numpy_gives_the_dtype_of_the_same_name(self, dtype):
        for shape in [(), (3,), (2, 2), (0,)]:
            assert torch.from_numpy(np.zeros(shape, NUMPY_DTYPE[dtype])).dtype is dtype

    @claim("1.3.4")
    def test_a_write_to_the_tensor_shows_in_the_array_of_the_article(self):
        a = np.array([2.1, 3.6, 4.9])
        b = torch.from_numpy(a)

        b[0] = 1.1

        assert a.tolist() == [1.1, 3.6, 4.9]

    @claim("1.3.4")
    @given(array=arrays(shapes=NOT_EMPTY), position=st.integers(0, 26))
    def test_a_write_to_the_tensor_shows_in_the_array(self, array, position):
        tensor = torch.from_numpy(array)
        index = np.unravel_index(position % array.size, array.shape)
        value = other_value(array[index])

        tensor[index] = value.item()

        assert array[index] == value

    @claim("1.3.4")
    @given(array=arrays(shapes=NOT_EMPTY), position=st.integers(0, 26))
    def test_a_write_to_the_array_shows_in_the_tensor(self, array, position):
        tensor = torch.from_numpy(array)
        index = np.unravel_index(position % array.size, array.shape)
        value = other_value(array[index])

        array[index] = value

        assert tensor[index].item() == value.item()

    @claim("1.3.4")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_an_in_place_operation_on_the_tensor_changes_the_whole_array(self, array):
        torch.from_numpy(array).fill_(1)

        assert np.all(array == 1)

    @claim("1.3.4")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_from_numpy_starts_at_the_arrays_address_with_its_strides(self, array):
        tensor = torch.from_numpy(array)

        assert tensor.data_ptr() == array.ctypes.data
        assert tuple(s * array.itemsize for s in tensor.stride()) == array.strides

    @claim("1.3.4")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_the_array_lives_as_long_as_the_tensor_even_without_a_name(self, array):
        own = array.copy(order="K")
        known = weakref.ref(own)
        tensor = torch.from_numpy(own)

        del own
        assert known() is not None
        assert same_bits(tensor, array)

        del tensor
        assert known() is None

    @claim("1.3.5")
    def test_a_tensor_of_a_copy_is_independent_for_the_values_of_the_article(self):
        a = np.array([2.1, 3.6, 4.9])
        b = torch.from_numpy(a.copy())

        b[0] = 1.1

        assert a.tolist() == [2.1, 3.6, 4.9]
        assert b.tolist() == [1.1, 3.6, 4.9]

    @claim("1.3.5")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_a_write_to_the_tensor_of_a_copy_leaves_the_array_alone(self, array):
        before = array.copy()
        tensor = torch.from_numpy(array.copy())

        tensor.fill_(other_value(array.flat[0]).item())

        assert same_bits(array, before)
        assert not same_bits(tensor, before)

    @claim("1.3.5")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_a_write_to_the_array_leaves_the_tensor_of_a_copy_alone(self, array):
        before = array.copy()
        tensor = torch.from_numpy(array.copy())

        array[...] = other_value(array.flat[0])

        assert same_bits(tensor, before)


class TestCastToFloat32:
    """Casting what from_numpy gives to float32, the dtype of layers."""

    @claim("1.3.3")
    @given(array=arrays((torch.float64,)))
    def test_the_cast_of_a_float64_tensor_rounds_to_the_nearest_float32(self, array):
        expected = array.astype(np.float32)

        for cast in (torch.from_numpy(array).float(), torch.from_numpy(array).to(torch.float32)):
            assert cast.dtype is torch.float32
            assert np.array_equal(as_array(cast), expected, equal_nan=True)

    @claim("1.3.3")
    @given(array=arrays((torch.float64,), NOT_EMPTY))
    def test_the_cast_of_a_float64_tensor_shares_no_memory(self, array):
        before = array.copy()

        torch.from_numpy(array).float().fill_(7)
        torch.from_numpy(array).to(torch.float32).fill_(7)

        assert same_bits(array, before)

    @claim("1.3.3")
    @given(array=arrays((torch.float32,), NOT_EMPTY))
    def test_the_cast_of_a_float32_tensor_still_shares_memory(self, array):
        torch.from_numpy(array).float().fill_(7)
        assert np.all(array == 7)

        torch.from_numpy(array).to(torch.float32).fill_(8)
        assert np.all(array == 8)

    @claim("1.3.3")
    def test_a_layer_takes_the_cast_and_refuses_the_float64_tensor(self):
        layer = torch.nn.Linear(3, 2)
        tensor = torch.from_numpy(np.array([2.1, 3.6, 4.9]))

        assert layer(tensor.float()).dtype is torch.float32
        with pytest.raises(RuntimeError, match=r"dtype|scalar type"):
            layer(tensor)


class TestCopyIsNumpys:
    """copy() is the array's word; a Tensor's is clone()."""

    @claim("1.3.6")
    def test_a_tensor_has_no_copy_method(self, device):
        np.ones(3).copy()
        with pytest.raises(AttributeError, match="copy"):
            torch.ones(3, device=device).copy()

    @claim("1.3.6")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_clone_is_an_independent_copy_with_the_same_values(self, array, device):
        tensor = torch.from_numpy(array).to(device)
        clone = tensor.clone()

        assert same_bits(clone, array)
        tensor.fill_(other_value(array.flat[0]).item())
        assert not same_bits(tensor, clone)


class TestWhatFromNumpyCannotShare:
    """from_numpy refuses, or warns of, arrays that a tensor cannot share."""

    @claim("1.3.7")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_from_numpy_refuses_negative_strides(self, array):
        flipped = np.flip(np.stack([array, array]), axis=0)

        with pytest.raises(ValueError, match="negative"):
            torch.from_numpy(flipped)

    @claim("1.3.7")
    @given(array=arrays(tuple(d for d in SHARED_DTYPES if NUMPY_DTYPE[d].itemsize > 1), NOT_EMPTY))
    def test_from_numpy_refuses_foreign_byte_order(self, array):
        with pytest.raises(ValueError, match="byte order"):
            torch.from_numpy(array.astype(array.dtype.newbyteorder()))

    @claim("1.3.7")
    def test_from_numpy_refuses_strides_that_end_between_elements(self):
        records = np.zeros(3, [("number", np.int32), ("flag", np.int8)])

        with pytest.raises(ValueError, match="multiple of the element"):
            torch.from_numpy(records["number"])

    @claim("1.3.7")
    @pytest.mark.parametrize(
        "array",
        [
            np.array(["text"]),
            np.array([b"bytes"]),
            np.array([None]),
            np.zeros(2, "datetime64[s]"),
            np.zeros(2, [("field", np.int32)]),
        ],
        ids=["str", "bytes", "object", "datetime64", "record"],
    )
    def test_from_numpy_refuses_dtypes_that_are_no_numbers(self, array):
        with pytest.raises(TypeError, match=r"can't convert np\.ndarray"):
            torch.from_numpy(array)

    @claim("1.3.7")
    def test_from_numpy_refuses_what_is_no_array(self):
        with pytest.raises(TypeError, match="ndarray"):
            torch.from_numpy([1.0, 2.0])

    @claim("1.3.7")
    @given(array=arrays())
    def test_from_numpy_warns_of_a_read_only_array(self, array):
        array.flags.writeable = False
        torch.set_warn_always(True)  # else PyTorch says it once a process
        try:
            with pytest.warns(UserWarning, match="not writ(e)?able"):
                tensor = torch.from_numpy(array)
        finally:
            torch.set_warn_always(False)

        assert same_bits(tensor, array)

    @claim("1.3.7")
    @given(array=arrays())
    def test_from_numpy_does_not_warn_of_a_writable_array(self, array):
        torch.set_warn_always(True)
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                torch.from_numpy(array)
        finally:
            torch.set_warn_always(False)

        assert caught == []
