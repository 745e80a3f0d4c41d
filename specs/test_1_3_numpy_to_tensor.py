"""1.3 From a NumPy array to a tensor."""

from __future__ import annotations

import faulthandler
import functools
import itertools
import math
import operator
import os
import subprocess
import sys
import tracemalloc
import warnings
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from specs.grad_modes import GRAD_OFF, GRAD_ON
from specs.lacking import there
from specs.ledger import claim
from specs.oracles import as_array, same_bits, same_values, share_memory
from specs.releases import RELEASE, before, since
from specs.settings import all_warnings, default_dtype
from specs.strategies import (
    COMPLEX,
    COMPUTING_INTEGERS,
    DTYPES,
    EACH_RANK,
    EMPTY,
    FLOATS,
    MIB,
    NOT_EMPTY,
    NUMPY_DTYPE,
    OF_ARRAYS,
    ONE_ELEMENT,
    POSITIONS,
    SHARED_DTYPES,
    UNSIGNED,
    UP_TO_MIB,
    WITH_EXPANDED,
    arrays,
    every_form,
    every_kind_of_array,
    more_than_a_mib,
    numbered,
    one_of_each,
    other_value,
    relaid,
    tensors,
)
from specs.threads import in_another_thread

#: Those whose casts to float32 round once, in PyTorch as in NumPy.
CAST = (torch.float64, torch.float16, torch.int64, torch.int32, torch.uint8, torch.bool)

#: Those whose numbers torch.tensor takes one by one, with every NumPy and PyTorch.
IN_LISTS = tuple(dtype for dtype in SHARED_DTYPES if dtype not in (*UNSIGNED[2:], torch.bool))

#: Shapes without and with dimensions, some with more elements than a vector register.
SOME_SHAPES = ((), (3,), (0,), (2, 0, 3), (100,), (2, 2), (2, 1, 3), (1, 2, 3, 2), (1, 2, 1, 2, 1))

#: The sides of an image, each element of which a class target has one class for.
TARGETS = ((), (4,), (2, 2), (1, 2, 2))

#: Shapes of what losses of numbers take.
OF_LOSSES = ((2,), (300,), (2, 3), (2, 1, 3, 2), (1, 2, 1, 2, 2))

#: The modules of the losses that take classes.
MODULES = {"cross_entropy": torch.nn.CrossEntropyLoss, "nll_loss": torch.nn.NLLLoss}

#: Each kind of softmax of a tensor along a dimension, as a function, a method and a module.
SOFTMAX = {
    "softmax": (
        *(lambda x, dim: F.softmax(x, dim), lambda x, dim: torch.softmax(x, dim=dim)),
        *(lambda x, dim: x.softmax(dim), lambda x, dim: torch.nn.Softmax(dim)(x)),
    ),
    "log_softmax": (
        *(lambda x, dim: F.log_softmax(x, dim=dim), lambda x, dim: torch.log_softmax(x, dim)),
        *(lambda x, dim: x.log_softmax(dim), lambda x, dim: torch.nn.LogSoftmax(dim=dim)(x)),
    ),
}

#: What type() calls the tensors of each dtype.
CLASSES = {
    **{torch.float32: "Float", torch.float64: "Double", torch.float16: "Half"},
    **{torch.bfloat16: "BFloat16", torch.int64: "Long", torch.int32: "Int"},
    **{torch.int16: "Short", torch.int8: "Char", torch.uint8: "Byte", torch.bool: "Bool"},
    **{torch.complex64: "ComplexFloat", torch.complex128: "ComplexDouble"},
}

#: How a tensor is cast to float32.
CASTS = (
    lambda x: x.float(),
    lambda x: x.to(torch.float32),
    lambda x: x.to(dtype=torch.float32),
    lambda x: x.type(torch.float32),
    lambda x: x.type("torch.FloatTensor"),
    lambda x: x.to("cpu", torch.float32),
    lambda x: x.to(torch.float32, non_blocking=True),
    lambda x: x.to(torch.empty(0, dtype=torch.float32)),
)


def _where(x: torch.Tensor) -> torch.Tensor:
    """Every index of a flat x."""
    return torch.arange(x.numel())


def _flat(x: torch.Tensor) -> torch.Tensor:
    """x without its dimensions, sharing its memory, which lies from the last one to the first."""
    return x.permute(tuple(range(x.dim()))[::-1]).view(-1)


#: Ways to write to a tensor of a number, each of which makes a one of it.
WRITES = {
    "add(out=x)": (3, lambda x: torch.add(x, -2, out=x)),
    "sub(out=x)": (3, lambda x: torch.sub(x, 2, out=x)),
    "mul(out=x)": (1, lambda x: torch.mul(x.add_(1), x - 1, out=x).sub_(1)),
    "mul(2, out=x)": (2, lambda x: torch.mul(x, 2, out=x).sub_(3)),
    "neg(out=x)": (-1, lambda x: torch.neg(x, out=x)),
    "abs(out=x)": (-1, lambda x: torch.abs(x, out=x)),
    "sign(out=x)": (5, lambda x: torch.sign(x, out=x)),
    "square(out=x)": (-1, lambda x: torch.square(x, out=x)),
    "pow(out=x)": (5, lambda x: torch.pow(x, 0, out=x)),
    "clamp(out=x)": (5, lambda x: torch.clamp(x, 0, 1, out=x)),
    "maximum(out=x)": (0, lambda x: torch.maximum(x, x + 1, out=x)),
    "minimum(out=x)": (2, lambda x: torch.minimum(x, x - 1, out=x)),
    "remainder(out=x)": (5, lambda x: torch.remainder(x, 2, out=x)),
    "floor_divide(out=x)": (5, lambda x: torch.floor_divide(x, 4, out=x)),
    "where(out=x)": (5, lambda x: torch.where(x > 5, x, x - 4, out=x)),
    "full(out=x)": (5, lambda x: torch.full(x.shape, 1, out=x)),
    "ones(out=x)": (5, lambda x: torch.ones(x.shape, out=x)),
    "stack(out=...)": (5, lambda x: torch.stack([x - 4], out=x[None])),
    "cat(out=...)": (5, lambda x: torch.cat([(x - 4)[None]], out=x[None])),
    "sum(out=...)": (5, lambda x: torch.sum((x - 4)[None], 0, out=x)),
    "exp(out=x)": (0, lambda x: torch.exp(x, out=x)),
    "div(out=x)": (2, lambda x: torch.div(x, 2, out=x)),
    "cos(out=x)": (0, lambda x: torch.cos(x, out=x)),
    "exp_": (0, lambda x: x.exp_()),
    "div_": (2, lambda x: x.div_(2)),
    "sqrt_": (1, lambda x: x.mul_(4).sqrt_().sub_(1)),
    "reciprocal_": (0.5, lambda x: x.reciprocal_().sub_(1)),
    "uniform_": (5, lambda x: x.uniform_(1, 1)),
    "normal_": (5, lambda x: x.normal_(1, 0)),
    "lerp_": (5, lambda x: x.lerp_(x - 4, 1)),
    "addcdiv_": (0, lambda x: x.addcdiv_(x + 1, x + 1)),
    "init.ones_": (5, lambda x: torch.nn.init.ones_(x)),
    "init.constant_": (5, lambda x: torch.nn.init.constant_(x, 1)),
    "random_": (5, lambda x: x.random_(1, 2)),
    "bernoulli_": (5, lambda x: x.bernoulli_(1)),
    "mul_": (2, lambda x: x.mul_(3).sub_(5)),
    "neg_": (-1, lambda x: x.neg_()),
    "abs_": (-1, lambda x: x.abs_()),
    "sign_": (5, lambda x: x.sign_()),
    "square_": (-1, lambda x: x.square_()),
    "pow_": (-1, lambda x: x.pow_(2)),
    "**=": (-1, lambda x: operator.ipow(x, 2)),
    "//=": (5, lambda x: operator.ifloordiv(x, 4)),
    "%=": (5, lambda x: operator.imod(x, 2)),
    "clamp_": (5, lambda x: x.clamp_(max=1)),
    "clamp_min_": (-1, lambda x: x.clamp_min_(1)),
    "clip_": (0, lambda x: x.clip_(1, 2)),
    "eq_": (5, lambda x: x.eq_(5)),
    "gt_": (5, lambda x: x.gt_(4)),
    "logical_not_": (0, lambda x: x.logical_not_()),
    "addcmul_": (0, lambda x: x.addcmul_(x + 1, x + 1)),
    "zero_": (5, lambda x: x.zero_().add_(1)),
    "sub_(alpha=2)": (5, lambda x: x.sub_(x - 3, alpha=2)),
    "masked_fill_": (5, lambda x: x.masked_fill_(x == 5, 1)),
    "masked_scatter_": (5, lambda x: x.masked_scatter_(x == 5, x - 4)),
    "put_": (5, lambda x: x.put_(_where(x), x.flatten() - 4)),
    "scatter_": (5, lambda x: _flat(x).scatter_(0, _where(x), 1)),
    "scatter_add_": (5, lambda x: _flat(x).scatter_add_(0, _where(x), -4 * _flat(x) // 5)),
    "index_fill_": (5, lambda x: _flat(x).index_fill_(0, _where(x), 1)),
    "index_add_": (5, lambda x: _flat(x).index_add_(0, _where(x), _flat(x) - 9)),
    "index_copy_": (5, lambda x: _flat(x).index_copy_(0, _where(x), _flat(x) - 4)),
    "index_put_": (5, lambda x: _flat(x).index_put_((_where(x),), _flat(x) - 4)),
    "x[mask] =": (5, lambda x: operator.setitem(x, x == 5, 1)),
    "x[[...]] =": (5, lambda x: operator.setitem(_flat(x), _where(x).tolist(), 1)),
    "x[None] =": (5, lambda x: operator.setitem(x, None, 1)),
    "x[...] +=": (0, lambda x: operator.setitem(x, ..., operator.iadd(x[...], 1))),
    "copy_ of a number": (5, lambda x: x.copy_(torch.tensor(1.0))),
    "foreach": (5, lambda x: torch._foreach_sub_([x], 4)),
    "a view": (5, lambda x: x[None].transpose(0, -1).squeeze().unsqueeze(0).sub_(4)),
    "the array of numpy()": (5, lambda x: np.subtract(x.numpy(), 4, out=x.numpy())),
    "apply_": (5, lambda x: x.apply_(lambda number: number - 4)),
}
#: Those that integers lack, or that give none.
OF_FLOATS_ALONE = (
    *("exp(out=x)", "div(out=x)", "cos(out=x)", "exp_", "div_", "sqrt_", "reciprocal_", "uniform_"),
    *("normal_", "lerp_", "addcdiv_", "init.ones_", "init.constant_", "addcmul_"),
)


class TestFromNumpy:
    """torch.from_numpy: a NumPy array seen as a tensor."""

    @claim("1.3.1")
    @given(array=arrays(shapes=UP_TO_MIB))
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

    @claim("1.3.1")
    def test_from_numpy_of_numpys_default_float_is_float64(self):
        tensor = torch.from_numpy(np.array([2.1, 3.6, 4.9]))

        assert tensor.dtype is torch.float64
        assert torch.get_default_dtype() is torch.float32

    @claim("1.3.1")
    def test_the_default_dtype_does_not_matter(self):
        with default_dtype(torch.float64):
            for dtype in SHARED_DTYPES:
                assert torch.from_numpy(np.ones((2, 3), NUMPY_DTYPE[dtype])).dtype is dtype

    @claim("1.3.1")
    def test_print_of_the_tensor_of_the_article_shows_float64(self):
        tensor = torch.from_numpy(np.array([2.1, 3.6, 4.9]))

        assert str(tensor) == "tensor([2.1000, 3.6000, 4.9000], dtype=torch.float64)"

    @claim("1.3.1")
    def test_from_numpy_gives_the_dtype_of_the_same_name_shape_and_values(self):
        for dtype in SHARED_DTYPES:
            ranks = [numbered(shape, dtype) for shape in (*SOME_SHAPES, *EMPTY)]

            fortrans = (
                np.asfortranarray(array) for array in every_kind_of_array((dtype,), OF_ARRAYS[:3])
            )
            for array in (*ranks, *fortrans, *every_kind_of_array((dtype,))):
                tensor = torch.from_numpy(array)

                assert same_bits(tensor, array)

    @claim("1.3.3")
    def test_a_write_to_the_tensor_shows_in_the_array_of_the_article(self):
        a = np.array([2.1, 3.6, 4.9])
        b = torch.from_numpy(a)

        b[0] = 1.1

        assert a.tolist() == [1.1, 3.6, 4.9]

    @claim("1.3.3")
    @given(array=arrays(shapes=NOT_EMPTY), position=POSITIONS)
    def test_a_write_to_the_tensor_shows_in_the_array(self, array, position):
        tensor = torch.from_numpy(array)
        index = np.unravel_index(position % array.size, array.shape)
        value = other_value(array[index])

        tensor[index] = value.item()

        assert array[index] == value

    @claim("1.3.3")
    @given(array=arrays(shapes=NOT_EMPTY), position=POSITIONS)
    def test_a_write_to_the_array_shows_in_the_tensor(self, array, position):
        tensor = torch.from_numpy(array)
        index = np.unravel_index(position % array.size, array.shape)
        value = other_value(array[index])

        array[index] = value

        assert tensor[index].item() == value.item()

    @claim("1.3.3")
    @given(array=arrays((torch.float64, torch.int64), NOT_EMPTY, small=True))
    def test_addition_in_place_shows_in_the_array_and_a_sum_is_another_tensor(self, array):
        before = array.copy()
        tensor = torch.from_numpy(array)

        other = tensor + 1
        other += 1
        tensor += 1

        assert same_bits(array, before + 1)

    @claim("1.3.3")
    def test_more_than_a_mib_is_shared_as_well(self):
        for dtype in SHARED_DTYPES:
            array = np.zeros(more_than_a_mib(dtype), NUMPY_DTYPE[dtype])

            torch.from_numpy(array.copy())[-1] = 1
            assert array[-1] == 0
            torch.from_numpy(array)[-1] = 1

            assert array[-1] == 1

    @claim("1.3.3")
    def test_whatever_writes_to_the_tensor_shows_in_the_array(self):
        for turn, dtype in enumerate(SHARED_DTYPES):
            writes = [
                *(lambda x: x.fill_(1), lambda x: operator.setitem(x, ..., 1)),
                *(lambda x: x.copy_(torch.ones_like(x)), lambda x: torch.fill_(x, 1)),
                *(lambda x: x.numpy().fill(1), lambda x: x.detach().fill_(1)),
                *(lambda x: x.data.fill_(1), lambda x: x.view(x.shape).fill_(1)),
            ]
            if dtype not in (torch.bool, *UNSIGNED):
                writes += [
                    *(lambda x: operator.iadd(x, 1), lambda x: operator.imul(x.sub_(1), x)),
                    *(lambda x: x.add_(1), lambda x: torch.add(x, 1, out=x)),
                    *(lambda x: operator.isub(x.fill_(2), 1), lambda x: x.sub_(1).mul_(x)),
                ]
            if dtype.is_floating_point or dtype.is_complex:
                writes.append(lambda x: operator.itruediv(x.fill_(2), 2))
            arrays = (
                np.zeros(shape, NUMPY_DTYPE[dtype]) for shape in SOME_SHAPES if 0 not in shape
            )
            for at, array in enumerate((*arrays, *every_kind_of_array((dtype,))), turn):
                for write in writes[at % 2 :: 2]:
                    array[...] = 0
                    write(torch.from_numpy(array))
                    assert np.all(array == 1)

    @claim("1.3.3")
    def test_so_does_every_other_way_to_write(self):
        ranks = itertools.cycle(((), (2, 3), (2, 1, 3, 2), (2, 3, 2), (1, 2, 1, 2, 2)))
        dtypes = (np.float32, np.int64)
        for (name, (number, write)), dtype in itertools.product(WRITES.items(), dtypes):
            if dtype is np.float32 or name not in OF_FLOATS_ALONE:
                for shape in ((300,), next(ranks)):
                    array = np.full(shape[::-1], number, dtype).T
                    write(torch.from_numpy(array))
                    assert np.all(array == 1), name

    @claim("1.3.3")
    def test_an_array_is_shared_in_whatever_order_its_dimensions_lie_in_memory(self):
        for dtype in SHARED_DTYPES:
            for shape in (shape for shape in SOME_SHAPES if 0 not in shape):
                numbers = numbered(shape, dtype)
                tensor = torch.tensor(numbers)
                for axes in itertools.permutations(range(len(shape))):
                    array = np.zeros(shape, NUMPY_DTYPE[dtype]).transpose(axes)
                    torch.from_numpy(array).copy_(tensor.permute(axes))
                    assert (array == numbers.transpose(axes)).all()
            for array in every_kind_of_array((dtype,)):
                numbers = numbered(array.shape, dtype)
                torch.from_numpy(array).copy_(torch.tensor(numbers))
                assert (array == numbers).all()

    @claim("1.3.3")
    def test_arrays_of_every_kind_are_shared(self):
        for array in [
            np.zeros(9)[::2],
            np.zeros((4, 9), np.float32)[1::2, ::3],
            np.lib.stride_tricks.as_strided(np.zeros(3), (2, 3), (0, 8)),
            np.ma.zeros((2, 3)),
            np.zeros((2, 3, 4), order="F"),
            np.frombuffer(bytearray(16), np.int16),
            np.zeros((2, 3), [("x", "f4"), ("y", "f8"), ("z", "f4")])["y"][:, 1:],
            np.zeros(3, [("x", "f4"), ("y", "f4")]).view(np.recarray).y,
        ]:
            tensor = torch.from_numpy(array)
            tensor.view(tensor.shape).fill_(7) if 0 not in tensor.stride() else tensor[0].fill_(7)

            assert np.all(np.asarray(array) == 7)

    @claim("1.3.3")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_all_tensors_of_one_array_share_its_memory(self, array):
        first, *others = (torch.from_numpy(array) for _ in range(4))
        value = other_value(array.flat[0])

        first.fill_(value.item())

        assert all(np.all(as_array(other) == value) for other in others)

    @claim("1.3.3")
    def test_so_do_those_that_another_thread_makes_or_writes_to(self):
        with ThreadPoolExecutor(1) as pool:
            for shape in ((), (3,), (2, 3, 2), (33_001,)):
                array = np.zeros(shape)
                tensor = pool.submit(torch.from_numpy, array).result()
                pool.submit(torch.from_numpy(array).fill_, 2).result()

                assert np.all(as_array(tensor) == 2)
                assert np.all(array == 2)

    @claim("1.3.3")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_from_numpy_starts_at_the_arrays_address_with_its_strides(self, array):
        tensor = torch.from_numpy(array)

        assert tensor.data_ptr() == array.ctypes.data
        assert tuple(s * array.itemsize for s in tensor.stride()) == array.strides

    @claim("1.3.3")
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

    @claim("1.3.3")
    def test_a_tensor_of_a_copy_is_independent_for_the_values_of_the_article(self):
        a = np.array([2.1, 3.6, 4.9])
        b = torch.from_numpy(a.copy())

        b[0] = 1.1

        assert a.tolist() == [2.1, 3.6, 4.9]
        assert b.tolist() == [1.1, 3.6, 4.9]

    @claim("1.3.3")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_a_write_to_the_array_leaves_the_tensor_of_a_copy_alone(self, array):
        before = array.copy()
        tensor = torch.from_numpy(array.copy())

        array[...] = other_value(array.flat[0])

        assert same_bits(tensor, before)

    @claim("1.3.1")
    def test_from_numpy_keeps_the_dtype_of_more_than_a_mib(self):
        for dtype in SHARED_DTYPES:
            shape = more_than_a_mib(dtype)
            tensor = torch.from_numpy(np.ones(shape, NUMPY_DTYPE[dtype]))

            assert (tensor.dtype, tensor.shape) == (dtype, shape)
            assert tensor.all()

    @claim("1.3.1")
    def test_from_numpy_keeps_values_and_dtype_in_every_mode(self):
        for way, dtype in zip((*GRAD_ON, *GRAD_OFF), itertools.cycle(SHARED_DTYPES)):
            array = numbered((2, 3), dtype)

            assert same_bits(way(lambda array=array: torch.from_numpy(array)), array)

    @claim("1.3.3")
    def test_from_numpy_shares_and_a_copy_does_not_in_every_mode(self):
        for way in (*GRAD_ON, *GRAD_OFF):
            array, other = np.zeros(3), np.zeros(3)
            tensor = way(lambda array=array: torch.from_numpy(array))
            copy = way(lambda other=other: torch.from_numpy(other.copy()))

            array[0] = 5
            way(lambda tensor=tensor, copy=copy: (tensor.add_(1), copy.add_(1)))

            assert (array.tolist(), tensor.tolist()) == ([6, 1, 1], [6, 1, 1])
            assert (other.tolist(), copy.tolist()) == ([0, 0, 0], [1, 1, 1])


class TestCastToFloat32:
    """Casting what from_numpy gives to float32, the dtype of layers."""

    @claim("1.3.2")
    @given(array=arrays(CAST))
    @example(array=np.array([1 / 3, -1 / 3]))  # which float32 has not
    def test_a_cast_rounds_to_the_nearest_float32(self, array):
        expected = array.astype(np.float32)

        for cast in CASTS:
            result = cast(torch.from_numpy(array))
            assert result.dtype is torch.float32
            assert np.array_equal(as_array(result), expected, equal_nan=True)

    @claim("1.3.2")
    def test_a_cast_of_float64_rounds_to_the_nearest_in_every_size_and_rank(self):
        for x in every_form(torch.float64, ("contiguous", "channels_last")):
            x /= 3
            expected = as_array(x).astype(np.float32)
            for cast in CASTS:
                assert same_bits(cast(x), expected)

    @claim("1.3.2")
    def test_a_cast_is_right_and_shares_if_there_is_nothing_to_cast_in_every_rank(self):
        for dtype in (torch.float32, *CAST):
            for shape in (*SOME_SHAPES, (65_549 if dtype is torch.float64 else 33_000,)):
                array = (np.arange(np.prod(shape, dtype=int)) * 5 % 256).reshape(shape)
                array = array.astype(NUMPY_DTYPE[dtype])
                for cast in CASTS:
                    tensor = torch.from_numpy(array)
                    result = cast(tensor)
                    assert same_bits(result, array.astype(np.float32))
                    assert (result is tensor) is (dtype is torch.float32)
            for array, cast in itertools.product(every_kind_of_array((dtype,)), CASTS):
                before, tensor = array.copy(), torch.from_numpy(array)
                expected = array.astype(np.float32)

                for result in [cast(tensor) for _ in range(1 + (dtype is not torch.float32))]:
                    assert np.array_equal(as_array(result), expected, equal_nan=True)
                    result.fill_(1)
                    assert same_bits(array, before) is (dtype is not torch.float32)
                array[...] = before

    @claim("1.3.2")
    def test_the_cast_of_a_float32_tensor_copies_on_request(self):
        for array in (*every_kind_of_array((torch.float32,)), np.ones(MIB, np.float32)):
            before = array.copy()
            tensor = torch.from_numpy(array)
            tensor.to(torch.float32, copy=True).fill_(7)
            tensor.to(dtype=torch.float32, copy=True).fill_(7)
            tensor.to("cpu", torch.float32, copy=True).fill_(7)
            tensor.to(torch.float32, False, True).fill_(7)
            tensor.to("cpu", torch.float32, False, True).fill_(7)
            tensor.to(torch.ones(1), False, True).fill_(7)

            assert same_bits(array, before)

    @claim("1.3.2")
    def test_the_cast_of_a_float32_tensor_to_another_memory_format_copies(self):
        for shape, to in (
            ((2, 3, 2, 2), torch.channels_last),
            ((3, 5, 20, 20), torch.channels_last),
            ((2, 3, 2, 2, 2), torch.channels_last_3d),
        ):
            array = np.zeros(shape, np.float32)

            for copied in (
                torch.from_numpy(array).to(torch.float32, memory_format=to),
                torch.from_numpy(array).to("cpu", torch.float32, memory_format=to),
                torch.from_numpy(array).float(memory_format=to),
            ):
                assert copied.is_contiguous(memory_format=to)
                copied.fill_(7)

            assert not array.any()

    @claim("1.3.2")
    def test_a_layer_takes_the_cast_and_refuses_the_float64_tensor(self):
        for make, shape in [
            (lambda: torch.nn.Linear(3, 2), (3,)),
            (lambda: torch.nn.Linear(100, 7), (4, 100)),
            (lambda: torch.nn.Conv1d(2, 3, 1), (1, 2, 4)),
            (lambda: torch.nn.Conv2d(2, 3, 2), (1, 2, 4, 4)),
            (lambda: torch.nn.Conv3d(2, 3, 1), (1, 2, 4, 4, 4)),
            (lambda: torch.nn.ConvTranspose2d(2, 3, 2), (1, 2, 4, 4)),
            (lambda: torch.nn.LSTM(3, 2), (4, 1, 3)),
            (lambda: torch.nn.GRU(3, 2), (4, 1, 3)),
            (lambda: torch.nn.RNN(3, 2), (4, 1, 3)),
        ]:
            layer, tensor = make(), torch.from_numpy(np.full(shape, 2.1))

            result = layer(tensor.float())

            assert (result[0] if isinstance(result, tuple) else result).dtype is torch.float32
            with pytest.raises((RuntimeError, ValueError), match="type"):
                layer(tensor)

    @claim("1.3.2")
    def test_a_cast_is_a_copy_unless_there_is_nothing_to_cast_in_every_mode(self):
        for way, cast in zip((*GRAD_ON, *GRAD_OFF) * 2, itertools.cycle(CASTS)):
            tensor, same = torch.ones(3, dtype=torch.float64), torch.ones(3)
            result, itself = way(lambda to=cast, it=(tensor, same): [to(x) for x in it])

            tensor.fill_(7)
            assert (result.dtype, result.tolist()) == (torch.float32, [1, 1, 1])
            assert itself is same


class TestCopyIsNumpys:
    """copy() is the array's word; a Tensor's is clone()."""

    @claim("1.3.4")
    def test_a_tensor_has_no_copy_method(self, device):
        np.ones(3).copy()
        for kind in one_of_each(SHARED_DTYPES):
            tensor = kind.to(device)
            for x in (tensor, torch.nn.Parameter(tensor, requires_grad=False)):
                with pytest.raises(AttributeError, match="copy"):
                    x.copy()

    @claim("1.3.4")
    def test_a_tensor_has_no_astype_method_and_casts_by_to(self, device):
        for x in one_of_each(SHARED_DTYPES):
            x = x.to(device)

            for leaf in (x, torch.nn.Parameter(x, requires_grad=False)):
                with pytest.raises(AttributeError, match="astype"):
                    leaf.astype("float64")
                for to in (torch.complex128, torch.complex64):
                    assert {leaf.to(to).dtype, leaf.to(dtype=to).dtype} == {to}

    @claim("1.3.4")
    def test_type_casts_as_to_does_and_alone_names_the_type(self, device):
        for dtype, name in CLASSES.items():
            x = torch.ones(2, 3, dtype=dtype, device=device)
            forms = [*one_of_each((dtype,))] if dtype in FLOATS[:2] else []
            for form in (x, x.mT, *forms):
                said = form.to(device).type()
                assert said == f"torch.{name}Tensor" if x.is_cpu else name in said
            for other, its_name in CLASSES.items():
                if dtype.is_complex and not other.is_complex:
                    continue  # which drops the imaginary part
                casts = [(it, it.type(other)) for it in (x, x.mT, *forms)]
                casts.append((x, x.type(dtype=other)))
                if x.device.type == "cpu":
                    casts.append((x, x.type(f"torch.{its_name}Tensor")))
                    if not other.is_complex:
                        casts.append((x, x.type(getattr(torch, f"{its_name}Tensor"))))
                for it, y in casts:
                    expected = as_array(it) != 0 if other is torch.bool else as_array(it)
                    assert (y.dtype, y is it) == (other, other is dtype)
                    assert same_values(y, expected)

    @claim("1.3.4")
    def test_an_array_has_no_methods_of_a_tensor(self):
        for name in "clone detach to float cpu cuda unsqueeze numpy dim".split():
            for array in (np.ones(3), *every_kind_of_array(SHARED_DTYPES[:2])):
                with pytest.raises(AttributeError, match=name):
                    getattr(array, name)

    @claim("1.3.4")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_clone_is_an_independent_copy_with_the_same_values(self, array, device):
        tensor = torch.from_numpy(array).to(device)
        clone = tensor.clone()

        assert same_bits(clone, array)
        tensor.fill_(other_value(array.flat[0]).item())
        assert not same_bits(tensor, clone)

    @claim("1.3.4")
    def test_a_clone_has_memory_of_its_own_in_every_rank_and_spelling(self, device):
        for dtype in there(SHARED_DTYPES):
            for x in one_of_each((dtype,), more=(*SOME_SHAPES[4:], more_than_a_mib(dtype))):
                tensor = x.to(device).zero_()
                twice = tensor.expand(2, *tensor.shape)
                for clone in (
                    *(tensor.clone(), tensor.clone(), torch.clone(tensor), torch.clone(tensor)),
                    torch.clone(input=tensor),
                    tensor.clone(memory_format=torch.contiguous_format),
                    *(twice.clone()[0], torch.clone(twice)[1]),
                ):
                    assert not as_array(clone).any()
                    clone.fill_(1)
                    assert not as_array(tensor).any()

    @claim("1.3.4")
    def test_clone_passes_the_gradient_on_to_its_source(self, device):
        for x in one_of_each(FLOATS + COMPLEX, WITH_EXPANDED, ((0,),)):
            x = x.to(device).requires_grad_()

            for clone in (torch.Tensor.clone, torch.clone):
                x.grad = None
                y = clone(x)
                y.backward(torch.ones_like(y))

                assert same_values(x.grad, np.ones(x.shape))

    @claim("1.3.4")
    def test_a_clone_has_memory_of_its_own_in_every_mode(self, device):
        for way in (*GRAD_ON, *GRAD_OFF):
            tensor = torch.zeros(3, device=device)
            clone = way(tensor.clone)

            way(lambda clone=clone: clone.add_(1))
            assert (tensor.tolist(), clone.tolist()) == ([0.0] * 3, [1.0] * 3)


#: Prints what a PyTorch that finds no NumPy says to both.
WITHOUT_NUMPY = """
import sys
sys.modules["numpy"] = None
import torch
for convert in (torch.ones(2).numpy, lambda: torch.from_numpy([1.0])):
    try:
        convert()
    except RuntimeError as error:
        print(error)
"""


class TestWhatFromNumpyCannotShare:
    """from_numpy refuses, or warns of, arrays that a tensor cannot share."""

    @claim("1.3.5")
    @pytest.mark.skipif(
        settings.default.max_examples < settings.get_profile("explore").max_examples,
        reason="another PyTorch takes seconds to start: --hypothesis-profile=explore tries it",
    )
    def test_without_numpy_it_is_not_available(self):
        said = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", WITHOUT_NUMPY],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()

        assert len(said) == 2
        for message in said:
            with pytest.raises(RuntimeError, match="Numpy is not available"):
                raise RuntimeError(message)

    @claim("1.3.5")
    def test_from_numpy_refuses_negative_strides_and_foreign_byte_order_and_takes_copies(self):
        for dtype in SHARED_DTYPES:
            shapes = ((3,), (2, 2), (2, 2, 3), (2, 2, 3, 2), (2, 2, 1, 2, 2))
            ranks = [numbered(shape, dtype) for shape in shapes]
            for array in (*ranks, *every_kind_of_array((dtype,))):
                for axis in (axis for axis, length in enumerate(array.shape) if length > 1):
                    flipped = np.flip(array, axis)
                    with pytest.raises(ValueError, match="negative"):
                        torch.from_numpy(flipped)
                    assert same_bits(torch.from_numpy(flipped.copy()), np.asarray(flipped))
                if array.itemsize > 1:
                    foreign = array.astype(array.dtype.newbyteorder())
                    with pytest.raises(ValueError, match="byte order"):
                        torch.from_numpy(foreign)
                    assert same_bits(
                        torch.from_numpy(foreign.astype(array.dtype)), np.asarray(array)
                    )

    @claim("1.3.5")
    def test_from_numpy_refuses_strides_that_end_between_elements(self):
        for shape in ((3,), (100,), (2, 3), (2, 2, 2, 2), (2, 1, 2, 1, 2)):
            for dtype in (d for d in map(NUMPY_DTYPE.get, SHARED_DTYPES) if d.itemsize > 1):
                numbers = np.ones(shape, [("number", dtype), ("flag", np.int8)])["number"]

                with pytest.raises(ValueError, match="multiple of the element"):
                    torch.from_numpy(numbers)
                assert same_bits(torch.from_numpy(numbers.copy()), numbers)

    @claim("1.3.5")
    def test_from_numpy_refuses_dtypes_that_are_no_numbers(self):
        for array in [
            np.array(["text"]),
            np.array([b"bytes"]),
            np.array([None]),
            np.zeros(2, "datetime64[s]"),
            np.zeros(2, "timedelta64[s]"),
            np.zeros(2, np.longdouble),
            np.zeros(2, [("field", np.int32)]),
        ]:
            for of_dtype in (
                array,
                array[:0],
                array.repeat(100),
                array[0:1].reshape(1, 1, 1, 1),
                array[None],
            ):
                with pytest.raises(TypeError, match=r"can't convert np\.ndarray"):
                    torch.from_numpy(of_dtype)

    @claim("1.3.5")
    @before("2.3")
    def test_from_numpy_refuses_larger_unsigned_integers(self):
        for dtype in ("uint16", "uint32", "uint64"):
            with pytest.raises(TypeError, match=r"can't convert np\.ndarray"):
                torch.from_numpy(np.ones(3, dtype))

    @claim("1.3.5")
    def test_from_numpy_refuses_what_is_no_array(self):
        for value in [
            [1.0, 2.0],
            (1,),
            1.0,
            np.float64(1.5),
            None,
            torch.ones(1),
            memoryview(b"1"),
            range(3),
        ]:
            with pytest.raises(TypeError, match="ndarray"):
                torch.from_numpy(value)

    @claim("1.3.6")
    def test_from_numpy_warns_of_a_read_only_array_and_shares_it(self):
        large = [np.zeros(shape, np.float32) for shape in ((), (33_000,), MIB)]
        for array in (*every_kind_of_array(layouts=(*OF_ARRAYS, "expanded")), *large):
            read_only = array.view()
            read_only.flags.writeable = False
            with all_warnings() as caught:
                tensor = torch.from_numpy(read_only)

            assert [warning.category for warning in caught] == [UserWarning]
            assert "writable" in str(caught[0].message) or "writeable" in str(caught[0].message)
            value = other_value(array.flat[0])
            (tensor if 0 not in tensor.stride() else tensor[0]).fill_(value.item())
            assert np.all(array == value)

    @claim("1.3.6")
    def test_from_numpy_warns_of_read_only_arrays_once_a_process(self):
        arrays = [np.ones(2), np.ones(3)]
        for array in arrays:
            array.flags.writeable = False

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            torch.from_numpy(arrays[0])  # perhaps the first of this process
            caught.clear()
            torch.from_numpy(arrays[1])

        assert caught == []

    @claim("1.3.6")
    @given(array=arrays())
    def test_from_numpy_does_not_warn_of_a_writable_array(self, array):
        with all_warnings() as caught:
            torch.from_numpy(array)

        assert caught == []


class TestReadOnly:
    """A tensor of an array that is read-only."""

    @claim("1.3.6")
    def test_a_broadcast_array_is_shared_as_well(self):
        row = np.zeros(3)
        with all_warnings() as caught:
            tensor = torch.from_numpy(np.broadcast_to(row, (2, 3)))

        tensor[0].fill_(7)

        assert len(caught) == 1
        assert row.tolist() == [7.0] * 3

    @claim("1.3.6")
    def test_a_copy_neither_warns_nor_writes_to_the_array(self):
        copies = {
            "from_numpy(array.copy())": lambda array: torch.from_numpy(array.copy()),
            "tensor(array)": lambda array: torch.tensor(array),
            "device": lambda array: torch.tensor(array, device="cpu"),
            "grad": lambda array: torch.tensor(array, requires_grad=False),
            "dtype": lambda array: torch.tensor(array, dtype=torch.from_numpy(array.copy()).dtype),
        }
        turns = itertools.cycle(copies.items())  # each meets each layout, and half of its dtypes
        for array in every_kind_of_array(layouts=(*OF_ARRAYS, "expanded")):
            before = array.copy()
            array.flags.writeable = False

            for name, copied in itertools.islice(turns, 2):
                with all_warnings() as caught:
                    copied(array).fill_(other_value(before.flat[0]).item())

                assert caught == [], name
                assert same_bits(array, before), name


#: With dimensions: asarray copies an array that has none.
WITH_DIMENSIONS = tuple(shape for shape in NOT_EMPTY if shape)

#: as_tensor and asarray where no other dtype is asked for.
SHARING = (
    lambda array: torch.as_tensor(array),
    lambda array: torch.as_tensor(array, dtype=torch.tensor(array).dtype),
    lambda array: torch.as_tensor(array, device="cpu"),
    lambda array: torch.as_tensor(array, device=torch.device("cpu")),
    lambda array: torch.as_tensor(data=array),
    lambda array: torch.asarray(array),
    lambda array: torch.asarray(array, dtype=torch.tensor(array).dtype),
    lambda array: torch.asarray(obj=array, device="cpu"),
    lambda array: torch.asarray(array, copy=False),
)
#: NumPy's side of DLPack knows bool since 1.25, and PyTorch's since 2.2.
KNOWS_BOOL = RELEASE >= (2, 2) and np.lib.NumpyVersion(np.__version__) >= "1.25.0"
EXCHANGED = tuple(
    dtype
    for dtype in SHARED_DTYPES
    if dtype not in UNSIGNED and (KNOWS_BOOL or dtype is not torch.bool)
)


#: PyTorch 2.0.0 alone refuses an array without dimensions where it must copy.
TAKEN_BY_ASARRAY = tuple(shape for shape in NOT_EMPTY if shape or RELEASE != (2, 0, 0))


class TestWhichShare:
    """as_tensor, asarray and from_dlpack of an array."""

    @claim("1.3.7")
    @given(array=arrays(shapes=WITH_DIMENSIONS))
    def test_as_tensor_and_asarray_share_the_arrays_memory(self, array):
        for way in SHARING:
            tensor = way(array)
            value = other_value(array.flat[0])
            tensor.fill_(value.item())
            assert np.all(array == value)

    @claim("1.3.7")
    def test_as_tensor_shares_the_memory_of_an_array_without_dimensions(self):
        for dtype in SHARED_DTYPES:
            for make in (torch.as_tensor, functools.partial(torch.as_tensor, dtype=dtype)):
                array = np.zeros((), NUMPY_DTYPE[dtype])

                make(array).fill_(1)

                assert array == 1

    @claim("1.3.7")
    def test_they_share_every_dtype_and_rank(self):
        for turn, dtype in enumerate(SHARED_DTYPES):
            ways = [*SHARING]
            if dtype in EXCHANGED:
                ways += [torch.from_dlpack, torch.utils.dlpack.from_dlpack]

            if dtype.is_floating_point or dtype.is_complex:
                ways += [lambda array: torch.asarray(array, requires_grad=True).detach()]
            shapes = (*SOME_SHAPES[4:], (33_000,), *([MIB] if dtype is torch.float32 else []))
            ranks = [np.zeros(shape, NUMPY_DTYPE[dtype]) for shape in shapes]
            square = np.zeros((2, 2), NUMPY_DTYPE[dtype], order="F")
            for at, array in enumerate((*ranks, square, *every_kind_of_array((dtype,))), turn):
                numbers = numbered(array.shape, dtype)
                tensor = torch.tensor(numbers)
                for way in ways[at % 2 :: 2]:
                    array[...] = 0
                    way(array).copy_(tensor)
                    assert (array == numbers).all()
        for way in SHARING:
            array, numbers = np.ones((2, 3), np.float32), numbered((2, 3), torch.float32)
            in_another_thread(way, array).copy_(torch.tensor(numbers))
            assert (array == numbers).all()

    @claim("1.3.7")
    @given(array=arrays(EXCHANGED, NOT_EMPTY))
    def test_from_dlpack_shares_the_arrays_memory(self, array):
        tensor = torch.from_dlpack(array)
        value = other_value(array.flat[0])

        tensor.fill_(value.item())
        assert np.all(array == value)

    @claim("1.3.7")
    @given(array=arrays(CAST, TAKEN_BY_ASARRAY))
    def test_as_tensor_and_asarray_copy_for_another_dtype(self, array):
        before = array.copy()

        for tensor in (
            torch.as_tensor(array, dtype=torch.float32),
            torch.asarray(array, dtype=torch.float32),
        ):
            assert np.array_equal(as_array(tensor), array.astype(np.float32), equal_nan=True)
            tensor.fill_(7)
            assert same_bits(array, before)

    @claim("1.3.7")
    def test_so_they_do_of_every_kind_and_in_every_spelling(self):
        for dtype in SHARED_DTYPES:
            other = torch.complex64 if dtype is not torch.complex64 else torch.complex128
            for array in (*every_kind_of_array((dtype,)), np.ones((33_000,), NUMPY_DTYPE[dtype])):
                before = array.copy()
                for tensor in (
                    torch.as_tensor(array, dtype=other),
                    torch.as_tensor(data=array, dtype=other, device="cpu"),
                    torch.asarray(array, dtype=other),
                    torch.asarray(obj=array, dtype=other, copy=None),
                    torch.asarray(array, dtype=other, copy=True),
                    torch.asarray(array, copy=True),
                    torch.tensor(array, dtype=other),
                    torch.tensor(array),
                ):
                    tensor.fill_(7)
                    assert same_bits(array, before)
                with pytest.raises(ValueError, match="can't alias"):
                    torch.asarray(array, dtype=other, copy=False)

    @claim("1.3.7")
    @since("2.0.1")
    def test_asarray_copies_an_array_without_dimensions(self):
        for dtype in SHARED_DTYPES:
            array = np.zeros((), NUMPY_DTYPE[dtype])

            for tensor in (torch.asarray(array), torch.asarray(array, dtype=dtype)):
                tensor.fill_(1)
                assert array == 0

    @claim("1.3.7")
    @before("2.0")
    def test_asarray_shared_an_array_without_dimensions_before(self):
        array = np.zeros(())

        torch.asarray(array).fill_(1)

        assert array == 1

    @since("2.0")
    @before("2.0.1")
    @claim("1.3.7")
    def test_asarray_refused_an_array_without_dimensions_for_another_dtype(self):
        with pytest.raises(TypeError, match=r"can't convert np\.ndarray"):
            torch.asarray(np.array(1.5), dtype=torch.float32)

    @claim("1.3.7")
    @given(array=arrays(shapes=TAKEN_BY_ASARRAY))
    def test_torch_tensor_and_asarray_with_copy_share_no_memory(self, array):
        before = array.copy()

        dtype = torch.from_numpy(array).dtype
        for tensor in (
            torch.tensor(array),
            torch.tensor(array, dtype=dtype),
            torch.asarray(array, copy=True),
            torch.asarray(array, dtype=dtype, copy=True),
            torch.asarray(obj=array, device="cpu", copy=True),
        ):
            assert same_bits(tensor, before)
            tensor.fill_(other_value(array.flat[0]).item())
            assert same_bits(array, before)

    @claim("1.3.7")
    @given(array=arrays(EXCHANGED, NOT_EMPTY))
    def test_all_of_them_refuse_negative_strides(self, array):
        flipped = np.flip(np.stack([array, array]), axis=0)

        for make in (torch.as_tensor, torch.asarray, torch.tensor):
            with pytest.raises(ValueError, match="negative"):
                make(flipped)
        with pytest.raises(ValueError, match="negative"):
            torch.asarray(flipped, copy=True)

    @claim("1.3.7")
    @since("2.14")
    @given(array=arrays(EXCHANGED, NOT_EMPTY))
    def test_from_dlpack_refuses_negative_strides_as_well(self, array):
        with pytest.raises(RuntimeError, match="strides"):
            torch.from_dlpack(np.flip(np.stack([array, array]), axis=0))

    @claim("1.3.7")
    @before("2.14")
    @pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
    @pytest.mark.filterwarnings("ignore:This process")  # has threads, as Python 3.12 warns
    def test_from_dlpack_of_negative_strides_ended_the_process_before(self):
        child = os.fork()
        if not child:
            try:
                faulthandler.disable()
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                torch.from_dlpack(np.arange(3.0)[::-1])
            finally:
                os._exit(0)

        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status)

    @claim("1.3.7")
    def test_they_copy_in_every_rank_and_more_than_a_mib_as_well(self):
        for dtype in SHARED_DTYPES:
            for shape in (*SOME_SHAPES[4:], (2**17 + 1,)):
                array = np.zeros(shape, NUMPY_DTYPE[dtype])
                for tensor in (torch.tensor(array), torch.asarray(array, copy=True)):
                    tensor[..., -1] = 1
                    assert not array[..., -1].any()

    @claim("1.3.7")
    def test_asarray_without_copy_refuses_what_it_would_have_to_copy(self):
        for data in [[1, 2], (1.5,), 1]:
            with pytest.raises(ValueError, match="can't alias"):
                torch.asarray(data, copy=False)


NUMBERS = {
    "1": torch.int64,
    "True": torch.bool,
    "1.0": torch.float32,
    "1j": torch.complex64,
    "[1, 2]": torch.int64,
    "[True, False]": torch.bool,
    "[[True], [False]]": torch.bool,
    "[True, 1]": torch.int64,
    "(1, 2.5)": torch.float32,
    "[[1], [2.5]]": torch.float32,
    "[[1.5, 2], [1, 1j]]": torch.complex64,
    "[1, 2.5]": torch.float32,
    "[[True, 1], [1, 2.5]]": torch.float32,
    "[1.5, 1j]": torch.complex64,
    "[]": torch.float32,
    "[[]]": torch.float32,
    "2**40": torch.int64,
    "(1.5, 2)": torch.float32,
    "((1, 2), (3, 4))": torch.int64,
    "[[[1.5]], [[2]]]": torch.float32,
    "[[[True]]]": torch.bool,
    "[1] * 5000": torch.int64,
    "[True] * 300": torch.bool,
    "[1] * 300 + [2.5]": torch.float32,
    "[1.5] * 300 + [1j]": torch.complex64,
    "[[[[[1]]]]]": torch.int64,
    "[[[[1, 2.5]]]]": torch.float32,
    "[[[[1j]]]]": torch.complex64,
    "range(3)": torch.int64,
    "[[[1, 2], [3, 4.5]]]": torch.float32,
    "[[[True, False]], [[True, 2]]]": torch.int64,
    "[[[[1, 2]]], [[[3, 4j]]]]": torch.complex64,
    "(((1, 2),), ((3, 4.5),))": torch.float32,
    "[(1, 2), [3, 4.5]]": torch.float32,
    "[[1] * 200] * 50 + [[1] * 199 + [2.5]]": torch.float32,
    "[np.float32(1), np.float32(2)]": torch.float32,
    "[np.int16(1), np.int16(2)]": torch.int16,
}


#: Those of NumPy's numbers that PyTorch takes on every release: not bool, nor uint64.
NUMPYS = tuple(d for d in SHARED_DTYPES if d not in (torch.bool, *UNSIGNED[2:]))


class TestDtypeOfNumbers:
    """torch.tensor, whose dtype follows its data; torch.Tensor, whose dtype does not."""

    @claim("1.3.8")
    def test_torch_tensor_takes_the_widest_dtype_of_pythons_numbers(self, device):
        for text, dtype in NUMBERS.items():
            data = eval(text)
            for make in (
                *(torch.tensor, torch.as_tensor, lambda data: torch.tensor(data=data)),
                lambda data: torch.tensor(data, device=device),
            ):
                assert make(data).dtype is dtype, text

    @claim("1.3.8")
    def test_torch_tensor_makes_the_default_dtype_of_floats(self):
        with default_dtype(torch.float64):
            for data in (1.0, [1, 2.5], [[[[[1.5]]]]]):
                assert torch.tensor(data).dtype is torch.float64
            assert torch.Tensor([1]).dtype is torch.float64
            for array in every_kind_of_array((torch.float64,)):
                torch.Tensor(array).fill_(7)
                assert np.all(array == 7)
            for dtype in (torch.float32, torch.int64, torch.bool):
                assert torch.Tensor(np.ones((2, 3), NUMPY_DTYPE[dtype])).dtype is torch.float64
            assert torch.tensor(1j).dtype is torch.complex128

    @claim("1.3.8")
    def test_torch_tensor_keeps_the_dtype_of_numpys_numbers(self):
        for dtype in NUMPYS:
            number = NUMPY_DTYPE[dtype].type(1)

            arrays = (np.ones(shape, number.dtype) for shape in SOME_SHAPES)
            lists = ([number, number], [[[number]], [[number]]], (number,) * 100)
            for data, make in itertools.product(
                (number, *lists, *arrays), (torch.tensor, torch.as_tensor)
            ):
                assert make(data).dtype is dtype

    @claim("1.3.8")
    def test_torch_tensor_refuses_this_number_of_numpy(self):
        for make in ["tensor", "as_tensor"]:
            for number in [np.uint64(1), np.longdouble(1)]:
                for numbers in (number, [number]):
                    with pytest.raises(TypeError, match=r"integer is required|can't convert"):
                        getattr(torch, make)(numbers)

    @claim("1.3.8")
    @since("2.9")
    def test_torch_tensor_keeps_numpys_bool(self):
        assert torch.tensor(np.bool_(True)).dtype is torch.bool

    @claim("1.3.8")
    @before("2.9")
    @pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.0.0", reason="needs NumPy 2")
    def test_torch_tensor_refused_the_bool_of_numpy_2_before(self):
        with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
            torch.tensor(np.bool_(True))

    @claim("1.3.8")
    @given(array=arrays(CAST, NOT_EMPTY))
    def test_torch_tensor_class_casts_an_array_to_float32(self, array):
        tensor = torch.Tensor(array if array.ndim else array.reshape(1))

        assert np.array_equal(
            as_array(tensor).reshape(array.shape), array.astype(np.float32), equal_nan=True
        )

    @claim("1.3.8")
    def test_torch_tensor_class_casts_and_shares_in_every_rank_and_layout(self):
        for dtype in (torch.float32, *CAST):
            ranks = (numbered(shape, dtype) for shape in (*SOME_SHAPES[1:], (33_000,)))
            for array in (*ranks, *every_kind_of_array((dtype,))):
                array[...] = before = numbered(array.shape, dtype)
                tensor = torch.Tensor(array)

                assert same_bits(tensor, before.astype(np.float32))
                tensor.fill_(7)
                assert np.all(array == (7 if dtype is torch.float32 else before))

    @claim("1.3.8")
    def test_each_class_of_a_dtype_makes_that_one_and_shares_an_array_of_it(self):
        classes = {torch.DoubleTensor: np.float64, torch.FloatTensor: np.float32}
        classes |= {torch.LongTensor: np.int64, torch.IntTensor: np.int32}
        for (make, own), other in itertools.product(classes.items(), classes.values()):
            array = np.arange(1, 7, dtype=other).reshape(2, 3)
            tensor = make(array)

            assert same_bits(tensor, array.astype(own))
            tensor.fill_(7)
            assert np.all(array == 7) == (own is other)
            assert same_bits(make([1, 2]), np.array([1, 2], own))

    @claim("1.3.8")
    def test_torch_tensor_class_makes_another_tensor_in_a_tensors_memory_and_graph(self):
        for x in one_of_each(DTYPES, WITH_EXPANDED):
            tensor = torch.Tensor(x)

            assert tensor is not x
            assert same_bits(tensor, x)
            assert share_memory(tensor, x)
        for x in one_of_each((torch.float32, torch.float64)):
            leaf = x.detach().clone().requires_grad_()
            for source in (leaf, 2 * leaf):
                leaf.grad = None
                torch.Tensor(source).sum().backward()
                assert same_values(leaf.grad, np.full(x.shape, 1.0 if source is leaf else 2.0))

    @claim("1.3.8")
    def test_torch_tensor_class_takes_integers_for_a_shape_and_a_list_for_numbers(self):
        for shape in [(3,), (2, 3), (100,), (1, 2, 3, 4)]:
            assert torch.Tensor(*shape).shape == shape
            for make in (torch.Tensor, torch.tensor):
                assert make(list(shape)).tolist() == list(shape)

    @claim("1.3.8")
    def test_torch_tensor_class_takes_an_integer_array_without_dimensions_for_a_shape(self):
        assert torch.Tensor(np.array(3)).shape == (3,)
        assert torch.Tensor(np.array([3])).tolist() == [3.0]

    @claim("1.3.8")
    def test_torch_tensor_class_refuses_one_number_that_is_no_integer(self):
        for number in [3.0, np.float32(3), True, None]:
            with pytest.raises(TypeError, match="must be a sequence"):
                torch.Tensor(number)

    @claim("1.3.8")
    @pytest.mark.parametrize("default", [torch.float32, torch.float64], ids=str)
    def test_arange_makes_int64_or_the_default_dtype_and_leaves_its_end_out(self, default, device):
        with default_dtype(default):
            for start, end, step in itertools.product((-3, 0, 2), (2, 7, 500), (1, 3, 100)):
                for given in itertools.product(*((it, float(it)) for it in (start, end, step))):
                    is_float = any(isinstance(it, float) for it in given)
                    x = torch.arange(*given, **({} if end == 7 else {"device": device}))

                    assert x.dtype is (default if is_float else torch.int64)
                    assert x.tolist() == list(range(start, end, step))
            for given in ((3, 0, -1), (2, -500, -3), (0, 2, 1), (3, 3, 1), (3, 3, -1)):
                for kind, dtype in ((int, torch.int64), (float, default)):
                    start, end, step = map(kind, given)
                    for x in (
                        torch.arange(start, end, step),
                        torch.arange(start=start, end=end, step=step, device=device),
                    ):
                        assert (x.dtype, x.tolist()) == (dtype, list(range(*given)))
            for count, (kind, dtype) in itertools.product(
                (5, 33_000), ((int, torch.int64), (float, default))
            ):
                for x in (
                    *(torch.arange(kind(count)), torch.arange(kind(count), device=device)),
                    torch.arange(end=kind(count), device=device),
                ):
                    assert (x.dtype, same_values(x, np.arange(count))) == (dtype, True)

    @claim("1.3.8")
    def test_rounding_lets_arange_reach_its_end(self, device):
        for end, count in ((1.2, 2), (1.3, 4)):
            x = torch.arange(1, end, 0.1, dtype=torch.float64, device=device)

            assert x.tolist() == pytest.approx([1 + 0.1 * it for it in range(count)])


OPERATORS = (operator.add, operator.sub, operator.mul, operator.truediv)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # NumPy 2's, of __array_wrap__
class TestArithmetic:
    """Numbers and arrays of NumPy in a formula with tensors."""

    @claim("1.3.9")
    @given(x=tensors((torch.float32, torch.float64), small=True), grad=st.booleans())
    def test_a_numpy_number_leaves_a_tensor_its_dtype_and_gradient(self, x, grad, device):
        values, two = as_array(x), NUMPY_DTYPE[x.dtype].type(2)
        x = x.to(device).requires_grad_(grad)

        for number, operate in itertools.product(
            (np.float64(2), np.float32(2), np.int64(2)), OPERATORS
        ):
            after, before = operate(x, number), operate(number, x)
            for result in (after, before):
                assert result.dtype is x.dtype
                assert result.requires_grad is grad
            assert same_values(after, operate(values, two))
            assert same_values(before, operate(two, values))

    @claim("1.3.9")
    def test_so_do_powers_and_numbers_of_every_dtype_in_every_rank(self, device):
        numbers = [np.dtype(dtype).type(2) for dtype in np.typecodes["AllInteger"] + "efd"]
        for turn, dtype in enumerate(there(FLOATS)):
            pairs = itertools.product(SOME_SHAPES, numbers)
            for shape, number in itertools.islice(pairs, turn % 2, None, 2):
                x = torch.ones(shape, dtype=dtype, device=device, requires_grad=True)
                in_place = 2 * x.detach()
                in_place -= number
                results = [operate(x, number) for operate in (*OPERATORS, operator.pow)]
                results += [operate(number, x) for operate in OPERATORS]

                for result in (*results, in_place):
                    assert result.dtype is dtype
                assert all(result.requires_grad for result in results)

    @claim("1.3.9")
    def test_a_complex128_makes_a_tensor_complex(self, device):
        number = np.complex128(4j)
        for dtype, shape in itertools.product(there(COMPLEX), SOME_SHAPES):
            values = np.full(shape, 2 + 0j, NUMPY_DTYPE[dtype])
            x = torch.full(shape, 2 + 0j, dtype=dtype, device=device).real

            for operate, y in itertools.product(OPERATORS, (x, x.clone().requires_grad_())):
                for result, expected in (
                    (operate(y, number), operate(values, 4j)),
                    (operate(number, y), operate(4j, values)),
                ):
                    assert (result.dtype, result.requires_grad) == (dtype, y.requires_grad)
                    assert same_values(result, expected)

    @claim("1.3.9")
    def test_of_a_complex64_only_the_real_part_counts_and_numpy_warns(self, device):
        for dtype, operate in itertools.product(there(FLOATS), OPERATORS):
            x = torch.full((2, 3), 2.0, dtype=dtype, device=device)

            for number in (np.complex64(1 + 4j), np.complex64(1)):
                with pytest.warns(Warning, match="discards the imaginary part"):
                    after = operate(x, number)
                with pytest.warns(Warning, match="discards the imaginary part"):
                    before = operate(number, x)

                assert same_values(after, operate(as_array(x), 1))
                assert same_values(before, operate(1, as_array(x)))

    @claim("1.3.9")
    def test_the_gradient_of_a_product_with_a_numpy_number_is_that_number(self, device):
        for x in one_of_each(layouts=WITH_EXPANDED):
            x = x.to(device).requires_grad_()

            for number in (np.float64(2), np.float32(2), np.int64(2), np.float16(2)):
                x.grad = None
                (number * x + x * number + x / number - number + (number - x)).sum().backward()

                assert same_values(x.grad, np.full(x.shape, 3.5))

    @claim("1.3.9")
    def test_an_array_added_in_place_makes_a_new_tensor_of_its_dtype(self):
        for kind in one_of_each((torch.float32, torch.float16, torch.int64)):
            x, values = kind, as_array(kind)

            x += np.ones(x.shape)

            assert same_bits(x, values + np.ones(x.shape))
            assert same_values(kind, values)

    @claim("1.3.9")
    def test_a_tensor_and_an_array_give_what_numpy_computes_without_grad(self):
        for x in one_of_each((torch.float32, torch.float16, torch.float64)):
            if not x.dim():
                continue  # with which NumPy gives a number
            values, leaf = as_array(x), x.detach().clone().requires_grad_()
            with_grad = itertools.cycle((leaf, leaf.clone()))
            for dtype in (np.float64, np.float32, np.complex64):
                array = np.full(x.shape, 2, dtype)
                for operate in OPERATORS:
                    assert same_bits(operate(x, array), operate(values, array))
                    with pytest.raises(RuntimeError, match="requires grad"):
                        operate(next(with_grad), array)
                assert same_bits(array / x, (1 / values) * array)
                with pytest.raises(RuntimeError, match="requires grad"):
                    array / next(with_grad)
            for function in (np.sum, np.mean, np.max, np.prod, np.std):
                with pytest.raises(TypeError):
                    function(x)
            for function in (torch.exp, torch.sum, F.relu, torch.abs, torch.neg):
                with pytest.raises(TypeError, match="must be Tensor"):
                    function(values)

    @claim("1.3.9")
    @since("2.4")
    def test_a_tensor_equals_an_array_element_by_element(self):
        for x in one_of_each((torch.float32, torch.float16, torch.int64, torch.bool)):
            values = as_array(x)
            for array in (values, values.astype(np.float64), values[:1] if x.dim() else values):
                for y in (x, x.requires_grad_() if x.is_floating_point() else x):
                    for equal in (y == array, array == y):
                        assert same_bits(equal, np.asarray(values == array))
        x, array = torch.ones(3), np.ones(3)
        for other in (array.astype(np.longdouble), array.astype(str), array.astype(object)):
            assert (x == other) is False

    @claim("1.3.9")
    @before("2.4")
    def test_a_tensor_never_equalled_an_array_before(self):
        for x in one_of_each((torch.float32, torch.int64)):
            if x.dim():
                for equal in (x == as_array(x), as_array(x) == x):
                    assert equal is False

    @claim("1.3.9")
    def test_a_tensor_always_differs_from_an_array_and_they_have_no_order(self):
        for x in one_of_each((torch.float32, torch.float16, torch.int64)):
            for array in (as_array(x), as_array(x) + 1):
                if x.dim():
                    assert [it is True for it in (x != array, array != x)] == [True, True]
                    for compare in (operator.lt, operator.le, operator.gt, operator.ge):
                        for pair in ((x, array), (array, x)):
                            with pytest.raises(TypeError, match="not supported between instances"):
                                compare(*pair)

    @claim("1.3.9")
    def test_an_array_before_the_operator_refuses_a_tensor(self):
        for operate in [operator.add, operator.sub, operator.mul, operator.pow]:
            for x in one_of_each(FLOATS[:2]):
                if x.dim():
                    for y in (x, x.detach().requires_grad_()):
                        with pytest.raises(TypeError):
                            operate(np.ones(x.shape), y)

    @claim("1.3.9")
    @pytest.mark.parametrize("computed", [False, True], ids=["leaf", "result"])
    def test_where_grad_mode_is_off_numpy_computes_with_a_tensor_that_requires_grad(self, computed):
        x = torch.ones(2, requires_grad=True)
        x = x.clone() if computed else x

        for off in GRAD_OFF:
            results = off(lambda: [operate(x, np.full(2, 2.0)) for operate in OPERATORS])

            numbers = [result.tolist() for result in results]
            assert numbers == [[3.0] * 2, [-1.0] * 2, [2.0] * 2, [0.5] * 2]
            assert not any(result.requires_grad for result in results)
        for on, operate in itertools.product(GRAD_ON, OPERATORS):
            with pytest.raises(RuntimeError, match="requires grad"):
                on(lambda it=operate: it(x, np.full(2, 2.0)))

    @claim("1.3.9")
    def test_pytorchs_functions_refuse_an_array(self):
        for function in [
            lambda array: torch.exp(array),
            lambda array: torch.nn.functional.relu(array),
            lambda array: torch.add(torch.ones(2), array),
            lambda array: torch.ones(2).mul(array),
            lambda array: torch.nn.Linear(2, 1)(array),
            lambda array: torch.nn.functional.linear(array, torch.ones(2, 2)),
            lambda array: torch.matmul(torch.ones(2), array),
            lambda array: torch.stack([array, array]),
            lambda array: torch.cat([array, array]),
        ]:
            with pytest.raises(
                TypeError, match=r"must be (Tensor|tuple of Tensors)|expected Tensor"
            ):
                function(np.ones(2))

    @claim("1.3.9")
    def test_an_array_or_a_list_cannot_be_assigned_to_a_part(self, device):
        for index in [0, -1, slice(1), ...]:
            for value in [np.ones(3), [1.0, 2.0, 3.0]]:
                x = torch.zeros(2, 3, device=device)

                with pytest.raises(TypeError, match="can't assign"):
                    x[index] = value
                x[index] = torch.tensor(value)


class TestListsOfArrays:
    """torch.tensor of several arrays or rows."""

    @claim("1.3.10")
    @pytest.mark.parametrize("sequence", [list, tuple])
    @given(array=arrays(IN_LISTS, ((1,), (3,), (2, 3), (2, 1, 3, 2), (1, 2, 1, 2, 2), (70,))))
    def test_torch_tensor_of_arrays_warns_and_gives_what_stack_gives(self, sequence, array):
        for make, length in itertools.product((torch.tensor, torch.as_tensor), (2, 3)):
            arrays = sequence([array, np.flip(array).copy(), array][:length])
            with all_warnings() as caught:
                tensor = make(arrays)

            assert any("extremely slow" in str(warning.message) for warning in caught)
            stacked = np.stack(arrays)
            assert as_array(tensor).dtype == stacked.dtype
            assert same_values(tensor, stacked)  # the bits of a NaN may change

    @claim("1.3.10")
    def test_torch_tensor_refuses_arrays_without_dimensions_and_stack_takes_them(self):
        for dtype in (np.float32, np.float64, np.int64):
            losses = [np.array(loss, dtype) for loss in (1, 2, 3)]

            for way in (torch.tensor, torch.as_tensor):
                with pytest.raises(TypeError, match="len\\(\\) of unsized object"):
                    way(losses)

            assert torch.from_numpy(np.stack(losses)).tolist() == [1, 2, 3]

    @claim("1.3.10")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_from_numpy_of_stacked_arrays_does_not_warn(self, array):
        with all_warnings() as caught:
            torch.from_numpy(np.stack([array, array]))

        assert caught == []

    @claim("1.3.10")
    def test_torch_tensor_refuses_rows_of_different_lengths(self):
        for rows in [
            *([[1, 2], [3]], [[1], [2, 3]], [[1.0, 2.0], [3.0, 4.0, 5.0]], [[[1]], [[2, 3]]]),
            *(((1, 2), (3,)), [[1, 2], [3, 4], [5]], [[True], []]),
        ]:
            for way in (torch.tensor, torch.as_tensor, torch.Tensor):
                with pytest.raises(ValueError, match="expected sequence of length"):
                    way(rows)

    @claim("1.3.10")
    def test_torch_tensor_refuses_strings(self):
        for words in [["text"], ["1", "2"], [["text"]], ("a", "b")]:
            for way in (torch.tensor, torch.as_tensor):
                with pytest.raises(ValueError, match="too many dimensions 'str'"):
                    way(words)
                for text in ("text", [""]):
                    with pytest.raises(TypeError, match="invalid data type 'str'"):
                        way(text)

    @claim("1.3.10")
    def test_torch_tensor_refuses_what_has_no_dtype(self):
        for data in [None, [None], {"a": 1}, {1}]:
            for way in (torch.tensor, torch.as_tensor):
                for how, error, message in (
                    ({}, RuntimeError, "Could not infer dtype"),
                    ({"dtype": torch.float32}, TypeError, "must be real number"),
                ):
                    with pytest.raises(error, match=message):
                        way(data, **how)


class TestListsOfTensors:
    """torch.tensor and torch.stack of several tensors."""

    @claim("1.3.10")
    def test_a_list_of_tensors_of_several_elements_is_refused(self):
        for make in ["tensor", "as_tensor", "Tensor"]:
            shapes = ((2,), (3, 1), (1, 2), (2, 2, 2), (2, 1, 1, 2), (1, 2, 1, 1, 2), (100,), (0,))
            xs = [torch.ones(shape) for shape in shapes] + [torch.ones(1).expand(300)]
            xs += [torch.ones(2, dtype=dtype) for dtype in (torch.float64, torch.int64, torch.bool)]
            for x, sequence in itertools.product(xs, (list, tuple)):
                of_integers = not x.is_floating_point() and make != "Tensor"
                with pytest.raises(
                    TypeError if of_integers else ValueError,
                    match="only integer tensors of a single" if of_integers else "only one element",
                ):
                    getattr(torch, make)(sequence([x, x]))

    @claim("1.3.10")
    @pytest.mark.filterwarnings("ignore:Converting a tensor with requires_grad=True")  # since 2.8
    def test_a_list_of_losses_loses_their_graphs(self):
        for make in ["tensor", "as_tensor", "Tensor"]:
            for shape, dtype in itertools.product(ONE_ELEMENT, FLOATS):
                leaf = torch.ones(shape, dtype=dtype, requires_grad=True)

                made = getattr(torch, make)([leaf, 2 * leaf, 3 * leaf])

                assert made.flatten().tolist() == [1.0, 2.0, 3.0]
                assert not made.requires_grad

    @claim("1.3.10")
    @since("2.3")
    def test_of_uint64_they_refuse_single_elements_too_and_stack_takes_them(self):
        for shape, make in itertools.product(ONE_ELEMENT, (torch.tensor, torch.as_tensor)):
            parts = [torch.ones(shape).to(torch.uint64)] * 2

            with pytest.raises(TypeError, match="an integer is required"):
                make(parts)
            assert torch.stack(parts).dtype is torch.uint64

    @claim("1.3.10")
    @given(tensor=tensors((torch.float32, torch.float64), small=True), number=st.integers(1, 4))
    def test_stack_takes_any_one_shape_and_keeps_the_graphs(self, tensor, number, device):
        x = tensor.to(device).requires_grad_()

        stacked = torch.stack([n * x for n in range(number)])
        assert stacked.requires_grad
        stacked.sum().backward()

        assert same_values(stacked, np.stack([n * as_array(tensor) for n in range(number)]))
        assert same_values(x.grad, np.full(x.shape, float(sum(range(number)))))

    @claim("1.3.10")
    def test_a_data_loader_stacks_samples_of_one_shape(self):
        load = functools.partial(torch.utils.data.DataLoader, batch_size=2)

        (batch,) = load([torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])])
        assert batch.tolist() == [[1.0, 2.0], [3.0, 4.0]]
        with pytest.raises(RuntimeError, match="stack expects each tensor to be equal size"):
            list(load([torch.ones(2), torch.ones(3)]))

    @claim("1.3.10")
    def test_so_does_a_worker_of_a_data_loader_which_stacks_into_shared_memory(self, monkeypatch):
        collate = torch.utils.data.default_collate
        monkeypatch.setattr(torch.utils.data, "get_worker_info", lambda: "a worker's")

        for dtype in (torch.float32, torch.int64):
            one, other = torch.tensor([1, 2], dtype=dtype), torch.tensor([3, 4], dtype=dtype)
            batch = collate([one, other])
            assert (batch.tolist(), batch.is_shared()) == ([[1, 2], [3, 4]], True)
            for fewer in (other[:1], other[:0]):
                with pytest.raises(RuntimeError, match="resize storage that is not resizable"):
                    collate([one, fewer])
                with pytest.raises(RuntimeError, match="stack expects each tensor to be equal"):
                    collate([fewer, one])

    @claim("1.3.10")
    def test_stack_keeps_the_graphs_in_every_rank_and_along_every_dimension(self, device):
        for x in one_of_each(FLOATS + COMPLEX, WITH_EXPANDED, ((0,),)):
            x = x.to(device).requires_grad_()
            for stacked in (
                torch.stack((x, 2 * x)),
                torch.stack([x, 2 * x], dim=-1),
                torch.stack([x, 2 * x], x.dim()),
                torch.stack(tensors=[x] * 20 + [-17 * x]),
                torch.cat((x[None], 2 * x[None])),
                torch.cat([x[..., None], 2 * x[..., None].expand(*x.shape, 1)], dim=-1),
            ):
                x.grad = None
                assert stacked.requires_grad
                stacked.backward(torch.ones_like(stacked))
                assert same_values(x.grad, np.full(x.shape, 3.0))

        matrix = torch.arange(30, device=device).reshape(5, 6)
        for turn, dim, join in itertools.product(range(4), (0, 1, -1), (torch.stack, torch.cat)):
            of_numpy = np.stack if join is torch.stack else np.concatenate
            x = relaid(matrix, turn)
            assert same_bits(join([x, matrix], dim), of_numpy([as_array(x), as_array(matrix)], dim))
        for join in (torch.stack, torch.cat):
            x = torch.ones(2, dtype=torch.float32, device=device, requires_grad=True)
            joined = join([n * x for n in range(200)])
            joined.sum().backward()
            assert joined.flatten().tolist() == [n // 2 for n in range(400)]
            assert x.grad.tolist() == [200 * 199 / 2] * 2

    @claim("1.3.10")
    def test_stack_refuses_different_shapes(self, device):
        for x in one_of_each():
            rows = x[None].to(device)
            for other in (rows[None], rows.new_ones(1, *x.shape, 7), rows.new_ones(1, *x.shape)[0]):
                with pytest.raises(RuntimeError, match=r"must have same number of dim|zero-dim"):
                    torch.cat([rows, other])
            assert torch.cat([rows.new_ones(0), rows, rows.new_ones(0)]).shape == rows.shape
            for other in (rows[..., None], rows.new_ones(1, *x.shape, 7)):
                with pytest.raises(RuntimeError, match="must match except in dimension"):
                    torch.cat([rows.new_ones(1, *x.shape, 2), other])
            for dim in range(x.dim() + 2):  # nor does it broadcast what is of size one
                one, other = rows.new_ones(1, *x.shape, 1), rows.new_ones(1, *x.shape, 1)
                one = torch.cat([one, one], (dim + 1) % one.dim())
                for tensors_of_two in ([one, other], (other, one)):
                    with pytest.raises(RuntimeError, match="must match except in dimension"):
                        torch.cat(tensors_of_two, dim=dim)
            wider = x[..., None].expand(*x.shape, 2)
            for one, other in (
                *((x, x[None]), (x, x.new_ones(7)), (x, x.expand(2, *x.shape))),
                *((x[None], x.expand(2, *x.shape)), (wider, x[..., None])),
            ):
                with pytest.raises(RuntimeError, match=r"equal size|Cannot concatenate"):
                    torch.stack([one.to(device), other.to(device)])


class TestTargetsAndIndices:
    """The dtypes that targets and indices need, where NumPy makes others."""

    @claim("1.3.12")
    @pytest.mark.parametrize("dtype", [torch.int64, torch.uint8])
    @pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
    def test_a_class_target_is_int64_or_uint8(self, name, dtype, device):
        for sides in TARGETS if dtype is torch.int64 else TARGETS[:1]:
            scores = torch.zeros(2, 3, *sides, device=device)
            scores[:, 2] = -4

            targets = [torch.full((2, *sides), n, device=device).to(dtype) for n in (0, 2)]
            first, last = (getattr(F, name)(scores, target) for target in targets)

            of_module = MODULES[name]()(scores.double(), targets[0])
            assert [round(loss.item() - first.item(), 4) for loss in (last, of_module)] == [4, 0]

    @claim("1.3.12")
    def test_a_class_target_of_another_dtype_is_refused(self, device):
        names = ("cross_entropy", "nll_loss")
        losses = [getattr(F, name) for name in names]
        losses += [MODULES[name](reduction=it) for name in names for it in ("mean", "sum")]
        for dtype in ("int32", "int16", "float64", "float32", "bool", "uint8"):
            for sides in TARGETS if dtype != "uint8" else TARGETS[1:]:
                target = torch.from_numpy(np.ones((2, *sides), dtype)).to(device)

                for kind in (torch.float32, torch.float64):
                    scores = torch.zeros(2, 3, *sides, dtype=kind, device=device)
                    for loss in losses:
                        with pytest.raises(RuntimeError, match=r"Long|not implemented"):
                            loss(scores, target)

    @claim("1.3.12")
    def test_an_embedding_takes_indices_of_int64_and_int32(self, device):
        for dtype in there((torch.int64, torch.int32)):
            for rows, width in ((3, 2), (300, 65)):
                embedding = torch.nn.Embedding(rows, width).to(device)
                vectors = as_array(embedding.weight)

                for shape in (*EACH_RANK[:-1], (0,), (300,)):
                    index = (torch.arange(math.prod(shape)) - 1) % rows  # the last, the first, ...
                    index = index.reshape(shape).to(device, dtype)
                    for taken in (embedding(index), F.embedding(index, embedding.weight)):
                        assert same_bits(as_array(taken), vectors[as_array(index)])

    @claim("1.3.12")
    def test_an_embedding_refuses_indices_of_another_dtype(self, device):
        for dtype in ("int16", "uint8", "float64", "float32", "bool"):
            embedding = torch.nn.Embedding(3, 2).to(device)

            for shape in ((), (2,), (100,), (2, 3), (2, 1, 2, 3)):
                indices = torch.from_numpy(np.ones(shape, dtype)).to(device)
                for look_up in (embedding, functools.partial(F.embedding, weight=embedding.weight)):
                    with pytest.raises(
                        RuntimeError, match="'indices' to have one of the following"
                    ):
                        look_up(indices)

    @claim("1.3.13")
    def test_binary_cross_entropy_refuses_a_target_of_another_dtype(self, device):
        for dtype, kind in (
            *((dtype, torch.float32) for dtype in ("float64", "int64", "int32", "bool")),
            *((dtype, torch.float64) for dtype in ("float32", "int64")),
        ):
            for shape in OF_LOSSES:
                x = torch.full(shape, 0.5, device=device, dtype=kind)
                target = torch.from_numpy(np.ones(shape, dtype)).to(device)

                for loss in (F.binary_cross_entropy, torch.nn.BCELoss()):
                    with pytest.raises(RuntimeError, match="Found dtype"):
                        loss(x, target)
                    loss(x, target.to(kind))

    @claim("1.3.13")
    @pytest.mark.parametrize("value", [-0.5, 1.5, float("nan")])
    def test_binary_cross_entropy_refuses_an_input_outside_0_and_1(self, value):
        of_0_and_1 = F.binary_cross_entropy(torch.arange(2.0), torch.ones(2), reduction="none")
        assert of_0_and_1.tolist() == [100.0, 0.0]
        for shape, dtype in itertools.product((*OF_LOSSES, (33_000,)), FLOATS[:2]):
            x = torch.zeros(shape, dtype=dtype)
            x[(-1,) * len(shape)] = value
            for loss in (F.binary_cross_entropy, torch.nn.BCELoss(reduction="sum")):
                with pytest.raises(RuntimeError, match="should be between 0 and 1"):
                    loss(x, torch.ones_like(x))

    @claim("1.3.13")
    def test_binary_cross_entropy_with_logits_takes_scores_of_any_size(self, device):
        layouts = itertools.cycle(((0, 3), (3, 0), (1, 0), (0, 1), (3, 3), (1, 3)))
        for score in [0.0, -1.0, -40.0, -1000.0, 2.0, 1000.0]:
            for shape in OF_LOSSES:  # five: each has each of the layouts once
                count = math.prod(shape)
                scores = np.resize([score, score, score, -score, -score / 2], count).reshape(shape)
                targets = np.resize([0, 0.25, 1], count).reshape(shape)
                given = (torch.tensor(it, device=device) for it in (scores, targets))
                given = [relaid(*it) for it in zip(given, next(layouts), strict=True)]
                expected = np.logaddexp(0, scores) - targets * scores

                losses = F.binary_cross_entropy_with_logits(*given, reduction="none")
                assert np.allclose(as_array(losses), expected)
                for loss in (F.binary_cross_entropy_with_logits, torch.nn.BCEWithLogitsLoss()):
                    assert np.isclose(loss(*given).item(), expected.mean())

    @claim("1.3.13")
    def test_mse_loss_computes_in_the_wider_dtype(self):
        dtypes = ("float64", "float32", "float16", "int64")
        layouts = itertools.cycle((0, 1, 3))  # each shape has each in turn
        for dtype, shape in itertools.product(dtypes, OF_LOSSES):
            kind = "float64" if dtype == "float64" else "float32"
            numbers = np.arange(math.prod(shape)).reshape(shape)
            squares = np.square(numbers % 5 - 3.0 * (numbers % 3)).astype(kind)
            x = torch.from_numpy(3.0 * (numbers % 3)).float()
            target = relaid(torch.from_numpy((numbers % 5).astype(dtype)), next(layouts))

            assert same_bits(F.mse_loss(x, target, reduction="none"), squares)
            for loss in (F.mse_loss, torch.nn.MSELoss()):
                result = as_array(loss(x, target))
                assert (result.dtype, np.isclose(result, squares.mean())) == (kind, True)

    @claim("1.3.13")
    @before("2.12")
    def test_backward_of_mse_loss_refused_a_target_of_another_dtype_before(self, device):
        for dtype in ("float64", "int64"):
            x = torch.zeros(2, device=device, requires_grad=True)
            loss = F.mse_loss(x, torch.from_numpy(np.ones(2, dtype)).to(device))

            with pytest.raises(RuntimeError, match=r"Found dtype (Double|Long) but expected Float"):
                loss.backward()

    @claim("1.3.13")
    @since("2.12")
    def test_backward_of_mse_loss_takes_a_target_of_another_dtype(self, device):
        for dtype in ("float64", "int64"):
            for shape in OF_LOSSES:
                x = torch.zeros(shape, device=device, requires_grad=True)
                target = torch.from_numpy(np.ones(shape, dtype)).to(device)

                F.mse_loss(x, target, reduction="sum").backward()

                assert same_values(x.grad, np.full(shape, -2.0))

    @claim("1.3.13")
    def test_mse_loss_broadcasts_a_target_of_another_shape_and_warns(self, device):
        for shape in [(2, 1), (1, 2), (1, 1), (2, 3, 1)]:
            x, target = torch.zeros(shape, device=device), torch.tensor([1.0, 3.0], device=device)

            squares = np.broadcast_to([1.0, 9.0], (*shape[:-1], 2))
            for dtype, (reduction, expected) in itertools.product(
                FLOATS[:2], {"none": squares, "sum": squares.sum(), "mean": squares.mean()}.items()
            ):
                x, target = x.to(dtype), target.to(dtype)
                for loss in (
                    functools.partial(F.mse_loss, reduction=reduction),
                    torch.nn.MSELoss(reduction=reduction),
                ):
                    with pytest.warns(UserWarning, match="Using a target size"):
                        losses = loss(x, target)
                    assert same_values(losses, np.asarray(expected))

    @claim("1.3.13")
    def test_binary_cross_entropy_refuses_a_target_of_another_shape(self, device):
        x = torch.full((2, 1), 0.5, device=device)

        for loss, message in (
            (F.binary_cross_entropy, "Using a target size .* different to the input size"),
            (F.binary_cross_entropy_with_logits, "Target size .* must be the same as input size"),
        ):
            for other in (x[:, 0], x[None], x[:1], x.expand(2, 3), x[..., None], x.new_ones(300)):
                with pytest.raises(ValueError, match=message):
                    loss(x, other)

    @claim("1.3.14")
    def test_what_divides_refuses_integers_and_bools_and_takes_what_float_makes(self, device):
        names = ("mean", "std", "var", "norm")
        alone = [getattr(owner, name) for owner in (torch, torch.Tensor) for name in names]
        along = [softmax for kinds in SOFTMAX.values() for softmax in kinds]
        along += [lambda x, dim, it=name: getattr(x, it)(dim=dim) for name in names]
        along += [lambda x, dim, it=name: getattr(torch, it)(x, dim=dim) for name in names]
        along = [functools.partial(it, dim=n % 2 - 1) for n, it in enumerate(along)]
        shapes = itertools.cycle([(2,), (300, 2), (2, 3, 2, 2)])
        for dtype in (*COMPUTING_INTEGERS, torch.bool):
            x = torch.ones(next(shapes), dtype=dtype, device=device)
            for compute in (*alone, *along):
                with pytest.raises(
                    RuntimeError, match=r"not implemented for|output dtype|floating point"
                ):
                    compute(x)
                compute(x.float())
            for shape in ((2,), (2, 3, 1, 2), (300, 2)):
                x = torch.ones(shape, dtype=dtype, device=device)
                added = (x.sum(), torch.sum(x), x.sum(0), torch.sum(x, dim=-1), x.sum((0,)))
                multiplied = (x.prod(), torch.prod(x), x.prod(0), torch.prod(x, dim=-1))
                assert {it.dtype for it in (*added, *multiplied)} == {torch.int64}
                y, total = (x, x.numel()) if dtype is torch.bool else (100 * x, 100 * x.numel())
                added = (y.sum(), torch.sum(y), y.sum(0), torch.sum(y, dim=-1), y.sum((0,)))
                assert {as_array(it).sum() for it in added} == {total}
            for to in FLOATS[:2]:
                with default_dtype(to):
                    divided = (x / 2, 2 / x, x.div(2), torch.div(x, 2), torch.true_divide(x, 2))
                    roots = (x.sqrt(), torch.sqrt(x))
                assert {it.dtype for it in (*divided, *roots)} == {to}
                means = (torch.mean(x, 0, dtype=to), x.mean(0, dtype=to), x.to(to).mean(0))
                assert [same_bits(it, np.ones(2, NUMPY_DTYPE[to])) for it in means] == [True] * 3
                for name, dim in itertools.product(("softmax", "log_softmax"), (0, 1)):
                    of_torch, of_x, share = getattr(torch, name), getattr(x, name), 1 / x.shape[dim]
                    share = share if name == "softmax" else math.log(share)
                    for y in (
                        *(of_torch(x, dim, to), of_torch(x, dim=dim, dtype=to), of_x(dim, to)),
                        *(of_x(dim=dim, dtype=to), getattr(F, name)(x, dim, dtype=to)),
                    ):
                        assert (y.dtype, np.abs(as_array(y) - share).max() < 1e-6) == (to, True)

    @claim("1.3.14")
    def test_softmax_adds_up_to_one_along_its_dimension_and_chooses_one_with_a_warning(
        self, device
    ):
        chosen = {(): 0, (4,): 0, (2, 3): 1, (3, 4, 2): 0, (2, 3, 1, 2): 1, (1, 2, 1, 2, 2): 1}
        layouts = itertools.cycle((0, 1, 3))
        for (shape, dim), dtype in itertools.product(
            {**chosen, (3000,): 0, (300, 3): 1, (3, 300): 1}.items(), FLOATS[:2]
        ):
            x = torch.arange(math.prod(shape), dtype=dtype).square().remainder(7).reshape(shape)
            x = relaid(x.to(device), next(layouts))
            powers = np.exp(as_array(x).astype(np.float64))

            for name, of in (("softmax", lambda it: it), ("log_softmax", np.log)):
                for along in {dim, -1, len(shape) // 2 - 1, len(shape) // 2 - 1 + len(shape) % 2}:
                    expected = of(powers / (powers.sum(along, keepdims=True) if shape else powers))
                    results = [compute(x, along) for compute in SOFTMAX[name]]
                    if along == dim:
                        module = {"softmax": torch.nn.Softmax, "log_softmax": torch.nn.LogSoftmax}
                        for implicit in (getattr(F, name), module[name](), module[name](None)):
                            with pytest.warns(UserWarning, match="Implicit dimension choice for"):
                                results.append(implicit(x))
                    for y in results:
                        off = np.abs(as_array(y) - expected).max()
                        bound = 1e-5 if dtype is torch.float32 else 1e-13
                        assert off <= bound * np.abs(expected).max()

    @claim("1.3.14")
    def test_softmax_of_infinity_nan_or_minus_infinity_alone_is_nan(self, device):
        nan, inf = math.nan, math.inf
        for numbers, dtype in itertools.product(([inf, 0], [nan, 1], [-inf, -inf]), FLOATS[:2]):
            x = torch.tensor([numbers, [-inf, 0]], dtype=dtype, device=device)

            assert same_values(F.softmax(x, 1), np.array([[nan, nan], [0, 1]]))
            assert same_values(F.log_softmax(x, 1), np.array([[nan, nan], [-inf, 0]]))

    @claim("1.3.14")
    def test_in_half_precision_rounding_shows_in_what_softmax_adds_up_to(self, device):
        shares = F.softmax(torch.zeros(5000, dtype=torch.bfloat16, device=device), 0)

        assert 1e-4 < abs(as_array(shares).astype(float).sum() - 1) < 2**-8
        if RELEASE >= (2, 2):  # when the CPU began to compute this
            x = torch.tensor([0, -20], dtype=torch.float16, device=device)
            assert F.softmax(x, 0).tolist() == [1, 0]

    @claim("1.3.12")
    def test_cross_entropy_wants_one_class_below_the_number_of_classes_for_each_row(self):
        for classes, error, message in [
            (
                [0, 1, 2],
                ValueError,
                r"Expected input batch_size \(2\) to match target batch_size \(3\)",
            ),
            (
                [[0], [1]],
                RuntimeError,
                "0D or 1D target tensor expected, multi-target not supported",
            ),
            ([0, 3], IndexError, "Target 3 is out of bounds"),
            ([0, -1], IndexError, "Target -1 is out of bounds"),
        ]:
            rows = torch.zeros(2, 3)

            for loss in (F.cross_entropy, F.nll_loss):
                for kind in (torch.float32, torch.float64):
                    with pytest.raises(error, match=message):
                        loss(rows.to(kind), torch.tensor(classes))
                some, none = torch.tensor([0, -100]), rows.new_zeros(1, 3)
                assert loss(rows + 1, some, reduction="none")[1] == 0
                for how in ("sum", "mean"):
                    of_one = loss(none + 1, some[:1], reduction=how)
                    assert loss(rows + 1, some, reduction=how) == of_one
                images = torch.ones(2, 3, 4, 5)
                some = torch.zeros(2, 4, 5, dtype=torch.int64)
                some[:, 1] = -100
                assert loss(images, some) == loss(images[:, :, :1], some[:, :1])

    @claim("1.3.12")
    @pytest.mark.parametrize("wrong", [3, -1])
    def test_so_it_does_for_each_of_many_rows_and_pixels(self, wrong):
        for sides in ((), (20, 30)):
            scores = torch.zeros(100, 3, *sides)
            classes = torch.zeros(100, *sides, dtype=torch.int64)
            classes.view(-1)[-1] = wrong

            for loss in (F.cross_entropy, F.nll_loss):
                with pytest.raises(IndexError, match="out of bounds"):
                    loss(scores, classes)

    @claim("1.3.12")
    def test_cross_entropy_of_images_wants_one_class_for_each_pixel(self):
        for shape, error, message in [
            ((2, 1, 4, 4), RuntimeError, "only batches of spatial targets supported"),
            ((2, 4, 4, 3), RuntimeError, "only batches of spatial targets supported"),
            ((2, 5, 4), RuntimeError, "size mismatch"),
            ((3, 4, 4), ValueError, "to match target batch_size"),
        ]:
            images = torch.zeros(2, 3, 4, 4)

            for loss in (F.cross_entropy, F.nll_loss):
                with pytest.raises(error, match=message):
                    loss(images, torch.zeros(shape, dtype=torch.int64))

    @claim("1.3.12")
    def test_cross_entropy_applies_softmax_itself(self, device):
        shapes = (2, 3), (65, 100), (3, 4, 5), (2, 3, 4, 5), (2, 3, 2, 1, 2)
        dtypes = itertools.cycle(FLOATS[:2])
        for layout, shape in itertools.product((0, 1, 3), shapes):
            dtype = next(dtypes)
            scores = torch.arange(np.prod(shape)).reshape(shape).remainder(7).to(device, dtype)
            target = torch.arange(scores[:, 0].numel()).remainder(3).reshape(scores[:, 0].shape)
            target = target.to(device)
            scores, target = (relaid(it, layout) for it in (scores, target))
            shares = np.exp(as_array(scores)) / np.exp(as_array(scores)).sum(1, keepdims=True)
            chosen = np.take_along_axis(shares, as_array(target)[:, None], 1)[:, 0]

            loss = F.cross_entropy(scores, target, reduction="none")

            assert np.allclose(as_array(loss), -np.log(chosen), rtol=1e-4)
            weights = 1.0 + np.arange(scores.shape[1]) % 3
            weight = torch.from_numpy(weights).to(device, dtype)
            losses = -np.log(chosen) * weights[as_array(target)]
            kept = as_array(target) != 1
            count = weights[as_array(target)]
            for how, expected in (
                ({}, losses.sum() / count.sum()),
                ({"reduction": "sum"}, losses.sum()),
                ({"ignore_index": 1}, losses[kept].sum() / count[kept].sum()),
            ):
                shares = scores.log_softmax(1)
                of_module = torch.nn.CrossEntropyLoss(**how)(scores, target)
                assert same_bits(of_module, F.nll_loss(shares, target, **how))
                of_module = torch.nn.CrossEntropyLoss(weight, **how)(scores, target)
                assert same_bits(of_module, F.nll_loss(shares, target, weight, **how))
                assert np.isclose(of_module.item(), expected, rtol=1e-4)

    @claim("1.3.12")
    def test_an_embedding_refuses_an_index_beyond_its_last(self):
        small, large = torch.nn.Embedding(3, 2), torch.nn.Embedding(100, 5)
        for (embedding, index), shape in itertools.product(
            ((small, 3), (small, -1), (large, 100), (large, -1)),
            ((), (1,), (300,), (33_001,), (2, 3), (2, 1, 2, 2)),
        ):
            for dtype in (torch.int64, torch.int32):
                indices = torch.zeros(shape, dtype=dtype)
                indices.view(-1)[-1] = index
                with pytest.raises(IndexError, match="index out of range in self"):
                    embedding(indices)

    @claim("1.3.12")
    def test_an_index_of_floats_is_refused(self, device):
        places = itertools.cycle((lambda it: it, lambda it: (it, ...), lambda it: (..., it)))
        sources = [x.to(device) for x in one_of_each() if x.dim()]
        for dtype, shape in itertools.product(there(FLOATS), ((), (2,), (100,), (2, 1, 2, 2))):
            index = torch.zeros(shape, dtype=dtype, device=device)
            for x in sources:
                with pytest.raises(IndexError, match="tensors used as indices must be"):
                    x[next(places)(index)]

    @claim("1.3.12")
    def test_a_list_of_floats_is_cut_to_integers(self, device):
        for index in [[1.9], [0.1, 2.0], [-0.9, -1.5]]:
            for dtype in there((torch.int64, torch.float32, torch.bool)):
                x = torch.arange(3, device=device).to(dtype)

                for numbers in (index, np.array(index), np.array(index, np.float32)):
                    expected = [x[int(number)].item() for number in index]
                    for y in (x, x[:, None, None]):
                        assert y[numbers].flatten().tolist() == expected


#: Of each rank and size, and of each kind of dtype.
ALLOCATED = (
    *(((1,), "float64"), ((300,), "complex64"), ((10**5,), "int64"), ((2**21,), "uint8")),
    *(((2, 3), "bool"), ((2, 1, 3), "float16"), ((2, 3, 4, 5), "float32")),
    ((1, 2, 1, 2, 3), "int32"),
)


class TestWhoAllocates:
    """NumPy reports its arrays' memory to tracemalloc; PyTorch reports none."""

    @claim("1.3.11")
    def test_numpy_allocates_a_copy_by_its_copy(self):
        for shape, dtype in ALLOCATED:
            array = np.ones(shape, dtype)
            with numpys_memory() as allocated:
                tensor = torch.from_numpy(array.copy())[-1:].flatten()
                assert allocated() == array.nbytes

                del tensor
                assert allocated() == 0

    @claim("1.3.11")
    def test_pytorch_allocates_its_own_copies(self):
        for shape, dtype in ALLOCATED:
            for copied in [
                lambda array: torch.tensor(array),
                lambda array: torch.from_numpy(array).clone(),
                lambda array: torch.clone(torch.from_numpy(array)).numpy(),
            ]:
                array = np.ones(shape, dtype)
                with numpys_memory() as allocated:
                    copy = copied(array)
                    assert allocated() == 0
                    del copy  # alive until here


@contextmanager
def numpys_memory() -> Iterator[Callable[[], int]]:
    """Yield a function that returns how many bytes of NumPy's arrays have been added."""
    was_tracing = tracemalloc.is_tracing()
    tracemalloc.start()

    def now() -> int:
        only_arrays = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
        snapshot = tracemalloc.take_snapshot().filter_traces([only_arrays])
        return sum(trace.size for trace in snapshot.traces)

    before = now()
    try:
        yield lambda: now() - before
    finally:
        if not was_tracing:
            tracemalloc.stop()
