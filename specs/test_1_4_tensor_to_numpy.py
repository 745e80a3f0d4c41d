"""1.4 From a tensor to a NumPy array."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from specs.ledger import claim
from specs.oracles import as_array, same_bits
from specs.strategies import (
    COMPLEX,
    FLOATS,
    NOT_EMPTY,
    NUMPY_DTYPE,
    SHARED_DTYPES,
    arrays,
    other_value,
    tensors,
)

#: The article's lines, of which it prints the first two the other way round.
ASSIGN = "device = 'cpu'"
USE = "x = torch.ones([2, 2], device=device, requires_grad=True)"
CONVERT = "array = x.to(device).detach().clone().numpy()"

DIFFERENTIABLE = tuple(dtype for dtype in FLOATS + COMPLEX if dtype in NUMPY_DTYPE)


class TestNumpy:
    """Tensor.numpy: a tensor seen as a NumPy array."""

    @claim("1.4.1")
    @given(tensor=tensors(SHARED_DTYPES))
    def test_numpy_keeps_dtype_shape_and_values(self, tensor):
        array = tensor.numpy()

        assert type(array) is np.ndarray
        assert same_bits(array, as_array(tensor))

    @claim("1.4.1")
    @given(tensor=tensors(SHARED_DTYPES, NOT_EMPTY))
    def test_a_write_to_the_array_shows_in_the_tensor(self, tensor):
        array = tensor.numpy()
        value = other_value(array.flat[-1])

        array[...] = value

        assert np.all(as_array(tensor) == value)

    @claim("1.4.1")
    @given(tensor=tensors(SHARED_DTYPES, NOT_EMPTY))
    def test_a_write_to_the_tensor_shows_in_the_array(self, tensor):
        array = tensor.numpy()
        value = other_value(array.flat[-1])

        tensor.fill_(value.item())

        assert np.all(array == value)

    @claim("1.4.1")
    @given(tensor=tensors(SHARED_DTYPES, NOT_EMPTY))
    def test_numpy_starts_at_the_tensors_address_with_its_strides(self, tensor):
        array = tensor.numpy()

        assert array.ctypes.data == tensor.data_ptr()
        assert array.strides == tuple(s * array.itemsize for s in tensor.stride())

    @claim("1.4.1")
    def test_numpy_refuses_a_dtype_that_numpy_lacks(self):
        with pytest.raises(TypeError, match="BFloat16"):
            torch.ones(3, dtype=torch.bfloat16).numpy()

    @claim("1.4.2")
    def test_a_clone_is_independent_for_the_values_of_the_article(self):
        a = torch.tensor(np.array([1, 2, 3, 4]))
        b = a.clone().numpy()

        b[0] = -1

        assert a.tolist() == [1, 2, 3, 4]
        assert b.tolist() == [-1, 2, 3, 4]

    @claim("1.4.2")
    @given(tensor=tensors(SHARED_DTYPES))
    def test_the_array_of_a_clone_has_the_same_values(self, tensor):
        assert same_bits(tensor.clone().numpy(), as_array(tensor))

    @claim("1.4.2")
    @given(tensor=tensors(SHARED_DTYPES, NOT_EMPTY))
    def test_a_write_to_the_array_of_a_clone_leaves_the_tensor_alone(self, tensor):
        before = as_array(tensor)
        array = tensor.clone().numpy()

        array[...] = other_value(array.flat[0])

        assert same_bits(tensor, before)

    @claim("1.4.2")
    @given(tensor=tensors(SHARED_DTYPES, NOT_EMPTY))
    def test_a_write_to_the_tensor_leaves_the_array_of_a_clone_alone(self, tensor):
        before = as_array(tensor)
        array = tensor.clone().numpy()

        tensor.fill_(other_value(array.flat[0]).item())

        assert same_bits(array, before)


class TestTorchTensor:
    """torch.tensor of an array: a copy of its own."""

    @claim("1.4.3")
    def test_torch_tensor_keeps_the_integers_of_the_article_as_int64(self):
        tensor = torch.tensor(np.array([1, 2, 3, 4], dtype=np.int64))

        assert tensor.dtype is torch.int64

    @claim("1.4.3")
    def test_print_of_the_tensor_of_the_article_shows_no_dtype(self):
        tensor = torch.tensor(np.array([1, 2, 3, 4], dtype=np.int64))

        assert str(tensor) == "tensor([1, 2, 3, 4])"

    @claim("1.4.3")
    @given(array=arrays())
    def test_torch_tensor_keeps_dtype_shape_and_values(self, array, device):
        tensor = torch.tensor(array, device=device)

        assert same_bits(tensor, array)

    @claim("1.4.3")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_a_write_to_the_tensor_leaves_the_array_alone(self, array, device):
        before = array.copy()
        tensor = torch.tensor(array, device=device)

        tensor.fill_(other_value(array.flat[0]).item())

        assert same_bits(array, before)

    @claim("1.4.3")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_a_write_to_the_array_leaves_the_tensor_alone(self, array, device):
        before = array.copy()
        tensor = torch.tensor(array, device=device)

        array[...] = other_value(array.flat[0])

        assert same_bits(tensor, before)


class TestAccelerator:
    """The border between an accelerator and NumPy."""

    @claim("1.4.4")
    @given(tensor=tensors(SHARED_DTYPES))
    def test_a_tensor_on_an_accelerator_cannot_become_an_array(self, tensor, accelerator):
        with pytest.raises(TypeError, match="can't convert"):
            tensor.to(accelerator).numpy()

    @claim("1.4.4")
    @given(tensor=tensors(SHARED_DTYPES))
    def test_a_tensor_on_an_accelerator_becomes_an_array_by_way_of_the_cpu(
        self, tensor, accelerator
    ):
        array = tensor.to(accelerator).to("cpu").numpy()

        assert same_bits(array, as_array(tensor))


class TestDetach:
    """Tensor.detach: the same memory without its gradient history."""

    @claim("1.4.5")
    @given(tensor=tensors(DIFFERENTIABLE))
    def test_a_leaf_that_requires_grad_cannot_become_an_array(self, tensor):
        with pytest.raises(RuntimeError, match="requires grad"):
            tensor.requires_grad_().numpy()

    @claim("1.4.5")
    @given(tensor=tensors((torch.float32, torch.float64)))
    def test_a_result_that_requires_grad_cannot_become_an_array(self, tensor):
        with pytest.raises(RuntimeError, match="requires grad"):
            (2 * tensor.requires_grad_()).numpy()

    @claim("1.4.5")
    @given(tensor=tensors(DIFFERENTIABLE))
    def test_what_detach_returns_becomes_an_array_of_the_same_values(self, tensor):
        assert same_bits(tensor.requires_grad_().detach().numpy(), as_array(tensor))

    @claim("1.4.5")
    @given(tensor=tensors(DIFFERENTIABLE, NOT_EMPTY))
    def test_numpy_with_force_detaches_by_itself(self, tensor):
        array = tensor.requires_grad_().numpy(force=True)

        assert same_bits(array, as_array(tensor))
        assert array.ctypes.data == tensor.data_ptr()

    @claim("1.4.5")
    @given(tensor=tensors(DIFFERENTIABLE))
    def test_detach_gives_a_leaf_without_grad_and_leaves_its_source_alone(self, tensor, device):
        x = tensor.to(device).requires_grad_()
        y = x.clone()

        for source in (x, y):
            detached = source.detach()
            assert not detached.requires_grad
            assert detached.grad_fn is None
            assert detached.is_leaf
            assert source.requires_grad
        assert y.grad_fn is not None

    @claim("1.4.5")
    @given(tensor=tensors(DIFFERENTIABLE, NOT_EMPTY))
    def test_detach_shares_memory_with_its_source(self, tensor, device):
        x = tensor.to(device).requires_grad_()
        detached = x.detach()
        value = other_value(as_array(x).flat[0])

        detached.fill_(value.item())

        assert np.all(as_array(x) == value)

    @claim("1.4.5")
    @given(tensor=tensors(DIFFERENTIABLE, NOT_EMPTY))
    def test_the_array_of_a_detached_tensor_still_writes_to_its_source(self, tensor):
        array = tensor.requires_grad_().detach().numpy()
        value = other_value(array.flat[0])

        array[...] = value

        assert np.all(as_array(tensor) == value)

    @claim("1.4.5")
    @given(tensor=tensors(DIFFERENTIABLE, NOT_EMPTY))
    def test_a_clone_of_a_detached_tensor_does_not_write_to_its_source(self, tensor):
        before = as_array(tensor)
        array = tensor.requires_grad_().detach().clone().numpy()

        array[...] = other_value(array.flat[0])

        assert same_bits(tensor, before)


class TestFullRecipe:
    """x.to('cpu').detach().clone().numpy(): an independent array of any tensor."""

    @claim("1.4.6")
    @given(tensor=tensors(DIFFERENTIABLE), requires_grad=st.booleans(), computed=st.booleans())
    def test_the_full_recipe_works_with_and_without_grad(
        self, tensor, requires_grad, computed, device
    ):
        x = tensor.to(device).requires_grad_(requires_grad)
        x = x.clone() if computed else x

        array = x.to("cpu").detach().clone().numpy()

        assert same_bits(array, as_array(x))

    @claim("1.4.6")
    @given(tensor=tensors(SHARED_DTYPES))
    def test_the_full_recipe_works_for_every_dtype_that_numpy_has(self, tensor, device):
        array = tensor.to(device).to("cpu").detach().clone().numpy()

        assert same_bits(array, as_array(tensor))

    @claim("1.4.6")
    @given(tensor=tensors(DIFFERENTIABLE, NOT_EMPTY), requires_grad=st.booleans())
    def test_a_write_to_the_array_of_the_full_recipe_leaves_the_tensor_alone(
        self, tensor, requires_grad, device
    ):
        x = tensor.to(device).requires_grad_(requires_grad)
        before = as_array(x)
        array = x.to("cpu").detach().clone().numpy()

        array[...] = other_value(before.flat[0])

        assert same_bits(x, before)

    @claim("1.4.6")
    @given(tensor=tensors(DIFFERENTIABLE, NOT_EMPTY), requires_grad=st.booleans())
    def test_a_write_to_the_tensor_leaves_the_array_of_the_full_recipe_alone(
        self, tensor, requires_grad, device
    ):
        x = tensor.to(device).requires_grad_(requires_grad)
        before = as_array(x)
        array = x.to("cpu").detach().clone().numpy()

        x.detach().fill_(other_value(before.flat[0]).item())

        assert same_bits(array, before)

    @claim("1.4.7")
    def test_a_device_named_before_it_is_assigned_is_a_name_error(self):
        with pytest.raises(NameError, match="device"):
            exec("\n".join([USE, ASSIGN, CONVERT]), {"torch": torch})

    @claim("1.4.7")
    def test_a_device_assigned_before_it_is_used_works(self):
        names = {"torch": torch}

        exec("\n".join([ASSIGN, USE, CONVERT]), names)

        assert names["array"].tolist() == [[1.0, 1.0], [1.0, 1.0]]
