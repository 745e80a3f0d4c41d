"""1.4 From a tensor to a NumPy array."""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.reduction import ForkingPickler

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from specs.grad_modes import GRAD_OFF, GRAD_ON, GRAD_ON_AGAIN, UNDER_NO_GRAD
from specs.lacking import there
from specs.ledger import claim
from specs.oracles import as_array, same_bits, share_memory
from specs.releases import RELEASE
from specs.strategies import (
    BITS_OF,
    COMPLEX,
    FLOATS,
    MIB,
    NOT_EMPTY,
    NUMPY_DTYPE,
    OF_ARRAYS,
    POSITIONS,
    SHARED_DTYPES,
    STORED,
    UP_TO_MIB,
    WITH_EXPANDED,
    arrays,
    every_kind,
    every_kind_of_array,
    more_than_a_mib,
    numbered,
    one_of_each,
    other_value,
    tensors,
)
from specs.threads import in_another_thread

#: The article's lines, of which it prints the first two the other way round.
ASSIGN = "device = 'cpu'"
USE = "x = torch.ones([2, 2], device=device, requires_grad=True)"
CONVERT = "array = x.to(device).detach().clone().numpy()"

DIFFERENTIABLE = tuple(dtype for dtype in FLOATS + COMPLEX if dtype in NUMPY_DTYPE)

#: Dtypes that NumPy lacks.
LACKING = (torch.bfloat16, *STORED)

#: torch.tensor in its spellings.
COPIES = (
    lambda array: torch.tensor(array),
    lambda array: torch.tensor(data=array),
    lambda array: torch.tensor(array, device="cpu"),
    lambda array: torch.tensor(array, dtype=torch.tensor(array).dtype),
    lambda array: torch.tensor(array, requires_grad=array.dtype.kind in "fc"),
    lambda array: torch.tensor(array, requires_grad=False),
)

#: One of each rank, and two with more elements than a vector register.
SHAPES = ((), (3,), (100,), (2, 3), (2, 3, 4), (2, 3, 2, 2), (1, 2, 3, 2, 1))


def in_every_layout(dtype: torch.dtype) -> Iterator[torch.Tensor]:
    """Zeros of each rank, contiguous, transposed, with gaps and with an offset."""
    for shape in SHAPES:
        yield torch.zeros(shape, dtype=dtype)
        if shape:
            yield torch.zeros(shape[::-1], dtype=dtype).permute(*range(len(shape))[::-1])
            yield torch.zeros((*shape, 2), dtype=dtype)[..., 1]
        if len(shape) == 4:
            yield torch.zeros(shape, dtype=dtype).to(memory_format=torch.channels_last)


def differentiable_ones(dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """Tensors that require grad: a leaf, a Parameter, and results, one of which is a view."""
    leaf = torch.ones(2, 3, dtype=dtype, requires_grad=True)
    parameter = torch.nn.Parameter(torch.ones(3, dtype=dtype))
    return {"leaf": leaf, "Parameter": parameter, "result": leaf + 1, "view": leaf.clone()[0]}


KINDS = ("leaf", "Parameter", "result", "view")


class TestNumpy:
    """Tensor.numpy: a tensor seen as a NumPy array."""

    @claim("1.4.1")
    @given(tensor=tensors(SHARED_DTYPES, UP_TO_MIB, layouts=WITH_EXPANDED))
    def test_numpy_keeps_dtype_shape_and_values(self, tensor):
        array = tensor.numpy()

        assert type(array) is np.ndarray
        assert array.flags.writeable
        assert same_bits(array, as_array(tensor))

    @claim("1.4.1")
    @given(tensor=tensors(SHARED_DTYPES, NOT_EMPTY), position=POSITIONS)
    def test_a_write_to_one_element_of_the_array_shows_in_the_tensor(self, tensor, position):
        array = tensor.numpy()
        index = np.unravel_index(position % array.size, array.shape)
        value = other_value(array[index])

        array[index] = value

        assert tensor[index].item() == value.item()

    @claim("1.4.1")
    def test_every_rank_and_layout_is_shared_in_every_spelling_and_none_by_clone(self):
        clear = itertools.cycle(
            (
                lambda x: x.fill_(0),
                lambda x: x.zero_(),
                lambda x: x.copy_(torch.zeros_like(x)),
                lambda x: operator.setitem(x, ..., 0),
            )
        )
        for dtype in SHARED_DTYPES:
            for tensor in in_every_layout(dtype):
                tensor.clone().numpy()[...] = 1
                torch.clone(tensor).numpy()[...] = 1
                assert not as_array(tensor).any()
                for convert in (
                    lambda x: x.numpy(),
                    lambda x: x.numpy(force=False),
                    lambda x: torch.nn.Parameter(x, requires_grad=False).numpy(),
                ):
                    array = convert(tensor)
                    array[...] = numbers = numbered(tensor.shape, dtype)
                    assert same_bits(as_array(tensor), numbers)
                    next(clear)(tensor)
                    assert not array.any()

    @claim("1.4.1")
    def test_the_array_of_a_clone_of_an_expanded_tensor_is_independent(self):
        for dtype in SHARED_DTYPES:
            row = torch.zeros(3, dtype=dtype)

            for shape in ((2, 3), (200, 3), (2, 1, 3), (2, 1, 2, 3), (1, 2, 1, 2, 3)):
                row.expand(shape).clone().numpy()[...] = 1
                assert not as_array(row).any()
                array = row.expand(shape).numpy()
                assert array.ctypes.data == row.data_ptr()
                assert array.shape == shape

    @claim("1.4.1")
    def test_more_than_a_mib_is_shared_as_well(self):
        for dtype in SHARED_DTYPES:
            tensor = torch.zeros(more_than_a_mib(dtype), dtype=dtype)

            tensor.clone().numpy()[-1] = 1
            assert tensor[-1].item() == 0
            tensor.numpy()[-1] = 1

            assert tensor[-1].item() == 1

    @claim("1.4.1")
    @given(tensor=tensors(SHARED_DTYPES, NOT_EMPTY))
    def test_all_arrays_of_one_tensor_share_its_memory(self, tensor):
        first, *others = (tensor.numpy() for _ in range(3))
        others.append(in_another_thread(tensor.numpy))
        value = other_value(first.flat[0])

        first[...] = value

        for array in (*others, as_array(tensor)):
            assert np.all(array == value)

    @claim("1.4.1")
    @given(tensor=tensors(SHARED_DTYPES, NOT_EMPTY, layouts=WITH_EXPANDED))
    def test_numpy_starts_at_the_tensors_address_with_its_strides(self, tensor):
        array = tensor.numpy()

        strides = tuple(step * array.itemsize for step in tensor.stride())
        assert (array.ctypes.data, array.strides) == (tensor.data_ptr(), strides)

    @claim("1.4.8")
    @pytest.mark.filterwarnings("ignore:ComplexHalf")
    def test_numpy_refuses_a_dtype_that_numpy_lacks(self):
        for dtype in LACKING:
            for shape in (*SHAPES, (0,), (33_000,), MIB):
                x = torch.empty(shape, dtype=dtype)
                for y in (x, x.transpose(0, -1), x.expand(2, *shape)) if shape else (x,):
                    for convert in (
                        *(torch.Tensor.numpy, lambda y: y.numpy(force=False), np.asarray),
                        lambda y: y.numpy(force=True),
                    ):
                        with pytest.raises(TypeError, match="unsupported ScalarType"):
                            convert(y)

    @claim("1.4.1")
    def test_a_clone_is_independent_for_the_values_of_the_article(self):
        a = torch.tensor(np.array([1, 2, 3, 4]))
        b = a.clone().numpy()

        b[0] = -1

        assert a.tolist() == [1, 2, 3, 4]
        assert b.tolist() == [-1, 2, 3, 4]

    @claim("1.4.1")
    @given(tensor=tensors(SHARED_DTYPES, layouts=WITH_EXPANDED))
    def test_the_array_of_a_clone_has_the_same_values(self, tensor):
        for clone in (torch.Tensor.clone, torch.clone):
            assert same_bits(clone(tensor).numpy(), as_array(tensor))

    @claim("1.4.1")
    def test_numpy_shares_and_clone_copies_in_every_mode(self):
        for way in (*GRAD_ON, *GRAD_OFF):
            tensor = torch.zeros(3)
            array, apart = way(lambda x=tensor: (x.numpy(), x.clone().numpy()))

            array[0] = 5
            way(lambda x=tensor: x.add_(1))

            assert (tensor.tolist(), array.tolist()) == ([6, 1, 1], [6, 1, 1])
            assert apart.tolist() == [0, 0, 0]


class TestTorchTensor:
    """torch.tensor of an array: a copy of its own."""

    @claim("1.4.2")
    def test_torch_tensor_keeps_the_integers_of_the_article_as_int64(self):
        tensor = torch.tensor(np.array([1, 2, 3, 4], dtype=np.int64))

        assert tensor.dtype is torch.int64

    @claim("1.4.2")
    def test_print_of_the_tensor_of_the_article_shows_no_dtype(self):
        tensor = torch.tensor(np.array([1, 2, 3, 4], dtype=np.int64))

        assert str(tensor) == "tensor([1, 2, 3, 4])"

    @claim("1.4.2")
    @given(array=arrays(shapes=UP_TO_MIB))
    def test_torch_tensor_keeps_dtype_shape_and_values(self, array):
        assert same_bits(torch.tensor(array), array)

    @claim("1.4.2")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_a_write_to_the_tensor_leaves_the_array_alone(self, array, device):
        before = array.copy()

        for copy in (*COPIES, lambda array: torch.tensor(array, device=device)):
            copy(array).detach().fill_(other_value(before.flat[0]).item())
            assert same_bits(array, before)

    @claim("1.4.2")
    def test_every_rank_and_order_is_copied_in_every_spelling(self):
        for turn, dtype in enumerate(SHARED_DTYPES):
            shapes = itertools.product((*SHAPES, (33_000,), (40, 50)), "CF")
            ranks = [numbered(shape, dtype, order) for shape, order in shapes]
            kinds = every_kind_of_array((dtype,), (*OF_ARRAYS, "expanded"))
            for at, array in enumerate((*ranks, *kinds), turn):
                before = array.copy()
                for tensor in [copy(array) for copy in (*COPIES[at % 2 :: 2], COPIES[at % 2])]:
                    assert same_bits(tensor, before)
                    tensor.detach().fill_(other_value(before.flat[0]).item())
                    assert same_bits(array, before)

    @claim("1.4.2")
    def test_more_than_a_mib_is_copied_as_well(self):
        for dtype in SHARED_DTYPES:
            array = np.zeros(more_than_a_mib(dtype), NUMPY_DTYPE[dtype])
            array[::-3] = 1

            copy = torch.tensor(array)
            assert same_bits(copy, array)
            copy[-1] = 0
            in_another_thread(torch.tensor, array[-1:])[-1] = 0

            assert array[-1] == 1

    @claim("1.4.2")
    @given(array=arrays(shapes=NOT_EMPTY))
    def test_a_write_to_the_array_leaves_the_tensor_alone(self, array, device):
        before = array.copy()
        plain, on_device = torch.tensor(array), torch.tensor(array, device=device)

        array[...] = other_value(array.flat[0])

        for tensor in (plain, on_device):
            assert same_bits(tensor, before)

    @claim("1.4.2")
    def test_torch_tensor_refuses_what_from_numpy_refuses(self):
        for array, exception in [
            (np.ones(2)[::-1], ValueError),
            (np.ones((2, 3))[:, ::-1], ValueError),
            (np.ones((2, 3, 4))[::-1], ValueError),
            (np.arange(3)[::-1], ValueError),
            (np.ones((2, 2, 2, 2), bool)[..., ::-1], ValueError),
            (np.ones(2, np.dtype(np.float64).newbyteorder()), ValueError),
            (np.zeros(3, [("number", np.int32), ("flag", np.int8)])["number"], ValueError),
            (np.array([None]), TypeError),
            (np.array(["text"]), TypeError),
        ]:
            for convert in (
                *(torch.tensor, torch.as_tensor, torch.from_numpy),
                lambda array: torch.tensor(data=array),
                lambda array: torch.tensor(array, device="cpu"),
                lambda array: torch.tensor(array, dtype=torch.float32),
            ):
                with pytest.raises(exception):
                    convert(array)

    @claim("1.4.2")
    def test_so_it_does_in_every_kind_of_array(self):
        for dtype in SHARED_DTYPES:
            ranks = (np.ones(shape[::-1], NUMPY_DTYPE[dtype]) for shape in (*SHAPES[1:], (33_000,)))
            for array in (*ranks, *every_kind_of_array((dtype,))):
                refused = [array[::-1]] if len(array) > 1 else [np.stack([array, array])[::-1]]
                if array.itemsize > 1:
                    refused.append(array.astype(array.dtype.newbyteorder()))
                for it in refused:
                    with pytest.raises(ValueError, match=r"negative|byte order"):
                        torch.tensor(it)

    @claim("1.4.2")
    def test_torch_tensor_copies_in_every_mode(self):
        for way in (*GRAD_ON, *GRAD_OFF):
            array = np.zeros(3)
            tensor = way(lambda array=array: torch.tensor(array))

            array[0] = 5
            way(lambda tensor=tensor: tensor.add_(1))

            assert (tensor.dtype, tensor.tolist()) == (torch.float64, [1, 1, 1])
            assert array.tolist() == [5, 0, 0]


class TestAccelerator:
    """The border between an accelerator and NumPy."""

    @claim("1.4.3")
    @given(tensor=tensors(SHARED_DTYPES))
    def test_a_tensor_on_an_accelerator_cannot_become_an_array(self, tensor, accelerator):
        with pytest.raises(TypeError, match="can't convert"):
            tensor.to(accelerator).numpy()

    @claim("1.4.3")
    @given(tensor=tensors(SHARED_DTYPES))
    def test_a_tensor_on_an_accelerator_becomes_an_array_by_way_of_the_cpu(
        self, tensor, accelerator
    ):
        x, expected = tensor.to(accelerator), as_array(tensor)

        for way in (
            *(lambda x: x.to("cpu").numpy(), lambda x: x.cpu().numpy()),
            lambda x: x.numpy(force=True),
        ):
            assert same_bits(way(x), expected)


class TestDetach:
    """Tensor.detach: the same memory without its gradient history."""

    @claim("1.4.4")
    def test_parameters_and_views_that_require_grad_cannot_either(self):
        for dtype in DIFFERENTIABLE:
            for kind in KINDS:
                with pytest.raises(RuntimeError, match="requires grad"):
                    differentiable_ones(dtype)[kind].numpy()

    @claim("1.4.4")
    def test_every_rank_size_and_layout_is_refused_each_time(self):
        options = itertools.cycle(({}, {}, {"force": False}))
        for dtype in DIFFERENTIABLE:
            for x in (
                *in_every_layout(dtype),
                *(torch.zeros(n, dtype=dtype) for n in (0, 33_000, more_than_a_mib(dtype))),
            ):
                leaf = x.requires_grad_()
                for source in (leaf, leaf, leaf.clone(), leaf.expand(2, *leaf.shape)):
                    with pytest.raises(RuntimeError, match="requires grad"):
                        source.numpy(**next(options))

    @claim("1.4.4")
    def test_detach_shares_memory_in_every_rank_and_layout_each_time(self, device):
        for dtype in there(DIFFERENTIABLE):
            for x in in_every_layout(dtype):
                leaf = x.to(device).requires_grad_()
                for source in (leaf, leaf.clone(), torch.nn.Parameter(leaf.detach())):
                    for detach in (torch.Tensor.detach, torch.Tensor.detach, torch.detach):
                        assert share_memory(detach(source), source)
        for off, x in itertools.product(GRAD_OFF, (leaf, leaf.clone())):
            assert share_memory(off(x.detach), x), off.__name__
        assert share_memory(in_another_thread(torch.Tensor.detach, leaf), leaf)

    @claim("1.4.4")
    @pytest.mark.parametrize(
        "without_grad",
        [
            lambda: torch.no_grad(),
            lambda: torch.set_grad_enabled(False),
            lambda: torch.inference_mode(),
        ],
        ids=["no_grad", "set_grad_enabled(False)", "inference_mode"],
    )
    @given(tensor=tensors(DIFFERENTIABLE, NOT_EMPTY), computed=st.booleans())
    def test_where_grad_mode_is_off_numpy_takes_it_and_shares_its_memory(
        self, without_grad, tensor, computed
    ):
        x = tensor.requires_grad_()
        x = x.clone() if computed else x
        before = as_array(x)

        with without_grad():
            assert same_bits(x.numpy(), before)
            array = x.numpy()

        array[...] = other_value(before.flat[0])
        assert same_bits(x, array)

    @claim("1.4.4")
    def test_within_enable_grad_it_is_refused_again(self):
        kinds = (x for dtype in DIFFERENTIABLE for x in differentiable_ones(dtype).values())
        again = itertools.cycle(GRAD_ON_AGAIN)
        for turn, x in enumerate(kinds):
            for under, on in zip(UNDER_NO_GRAD[turn % 3 :: 3], again, strict=False):
                takes = (x.numpy, functools.partial(on, x.numpy), x.numpy)
                first, refused, last = under(lambda takes=takes: [address(it) for it in takes])
                assert first == last == x.data_ptr()
                assert "requires grad" in str(refused), on.__name__

    @claim("1.4.4")
    def test_in_every_rank_and_layout_numpy_takes_it_where_grad_mode_is_off(self):
        ways = itertools.cycle(GRAD_OFF)
        for x in one_of_each(DIFFERENTIABLE, WITH_EXPANDED, (MIB,)):
            leaf = x.requires_grad_()
            for y, off in itertools.product(
                (leaf, leaf.clone(), torch.nn.Parameter(x.detach()), leaf[...]),
                itertools.islice(ways, 5),
            ):
                arrays = []
                with suppress(RuntimeError):  # after which there are none
                    arrays += off(
                        lambda y=y: [y.numpy(), y.numpy(force=False), y.numpy(force=True)]
                    )
                assert len(arrays) == 3, off.__name__
                arrays += [torch.no_grad()(torch.Tensor.numpy)(y), y.numpy(force=True)]
                arrays += [y.detach().numpy(), torch.detach(y).numpy()]
                for array in arrays:
                    assert (array.ctypes.data, array.shape) == (y.data_ptr(), y.shape)

    @claim("1.4.4")
    @given(tensor=tensors(DIFFERENTIABLE, layouts=WITH_EXPANDED))
    def test_what_detach_returns_becomes_an_array_of_the_same_values(self, tensor):
        x = tensor.requires_grad_()

        for source in (x, x.clone()):
            assert same_bits(source.detach().numpy(), as_array(tensor))

    @claim("1.4.4")
    @given(tensor=tensors(DIFFERENTIABLE, NOT_EMPTY))
    def test_numpy_with_force_detaches_by_itself(self, tensor):
        x = tensor.requires_grad_()

        for source in (x, x.clone()):
            array = source.numpy(force=True)
            assert same_bits(array, as_array(tensor))
            assert array.ctypes.data == source.data_ptr()

    @claim("1.4.4")
    @given(tensor=tensors(DIFFERENTIABLE))
    def test_detach_gives_a_leaf_without_grad_and_leaves_its_source_alone(self, tensor, device):
        x = tensor.to(device).requires_grad_()
        y = x.clone()

        for source in (x, y, y.unsqueeze(0), torch.nn.Parameter(tensor.to(device))):
            history = source.grad_fn
            detached = source.detach()
            assert not detached.requires_grad
            assert detached.grad_fn is None
            assert detached.is_leaf
            assert source.requires_grad
            assert source.grad_fn == history


class TestFullRecipe:
    """x.to('cpu').detach().clone().numpy(): an independent array of any tensor."""

    @claim("1.4.5")
    @given(tensor=tensors(DIFFERENTIABLE), requires_grad=st.booleans(), computed=st.booleans())
    def test_the_full_recipe_works_with_and_without_grad(
        self, tensor, requires_grad, computed, device
    ):
        x = tensor.to(device).requires_grad_(requires_grad)
        x = x.clone() if computed else x

        array = x.to("cpu").detach().clone().numpy()

        assert same_bits(array, as_array(x))

    @claim("1.4.5")
    def test_the_full_recipe_gives_an_array_apart_in_every_rank_layout_and_dtype(self, device):
        recipes = (
            lambda x: x.to("cpu").detach().clone().numpy(),
            lambda x: x.to(device="cpu").detach().clone().numpy(),
            lambda x: x.to(torch.device("cpu")).detach().clone().numpy(),
            lambda x: torch.clone(torch.detach(x.to("cpu"))).numpy(),
        )
        for x in (*one_of_each(SHARED_DTYPES, WITH_EXPANDED, ((0,),)), torch.ones(MIB)):
            x, before = x.to(device), as_array(x)
            sources = [x]
            if x.numel() > 2**20:
                recipes = recipes[:1]
            if x.is_floating_point() or x.is_complex():
                leaf = x.detach().requires_grad_()
                sources += [leaf, leaf.clone(), torch.nn.Parameter(x.detach())]
            for source, recipe in itertools.product(sources, recipes):
                array = recipe(source)
                assert same_bits(array, before)
                array[...] = other_value(before.flat[0]) if before.size else 0
                assert same_bits(x, before)

    @claim("1.4.5")
    @given(tensor=tensors(DIFFERENTIABLE, NOT_EMPTY), requires_grad=st.booleans())
    def test_a_write_to_the_tensor_leaves_the_array_of_the_full_recipe_alone(
        self, tensor, requires_grad, device
    ):
        x = tensor.to(device).requires_grad_(requires_grad)
        before = as_array(x)
        array = x.to("cpu").detach().clone().numpy()

        x.detach().fill_(other_value(before.flat[0]).item())

        assert same_bits(array, before)

    @claim("1.4.6")
    def test_a_device_named_before_it_is_assigned_is_a_name_error(self):
        with pytest.raises(NameError, match="device"):
            exec("\n".join([USE, ASSIGN, CONVERT]), {"torch": torch})

    @claim("1.4.6")
    def test_a_device_assigned_before_it_is_used_works(self):
        names = {"torch": torch}

        exec("\n".join([ASSIGN, USE, CONVERT]), names)

        assert names["array"].tolist() == [[1.0, 1.0], [1.0, 1.0]]


class TestWithoutClone:
    """x.detach().cpu().numpy(): the same recipe without clone()."""

    @claim("1.4.7")
    def test_without_clone_the_array_shares_memory_with_a_tensor_of_the_cpu(self):
        for dtype in DIFFERENTIABLE:
            for x in (*in_every_layout(dtype), torch.zeros(33_000, dtype=dtype)):
                leaf = x.requires_grad_()
                for array in (
                    leaf.detach().cpu().numpy(),
                    leaf.numpy(force=True),
                    leaf[None].numpy(force=True),
                    leaf.cpu().detach().numpy(),
                    leaf.detach().numpy(force=True),
                ):
                    assert array.ctypes.data == leaf.data_ptr()

    @claim("1.4.7")
    @given(tensor=tensors(DIFFERENTIABLE, NOT_EMPTY))
    def test_without_clone_the_array_of_an_accelerators_tensor_is_a_copy(self, tensor, accelerator):
        for way in (lambda x: x.detach().cpu().numpy(), lambda x: x.numpy(force=True)):
            x = tensor.to(accelerator)
            assert same_bits(way(x), tensor)
            array = way(x)
            x.fill_(other_value(array.flat[0]).item())
            assert same_bits(array, as_array(tensor))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # NumPy 2's, of __array__
class TestNumpysConversions:
    """np.asarray and np.array of a tensor."""

    @claim("1.4.7")
    @given(tensor=tensors((torch.float32, torch.int32, torch.bool), NOT_EMPTY))
    def test_asarray_of_another_dtype_copies(self, tensor):
        before = as_array(tensor)
        array = np.asarray(tensor, dtype=np.float64)

        assert same_bits(array, before.astype(np.float64))
        array[...] = 7
        assert same_bits(tensor, before)

    @claim("1.4.7")
    def test_array_of_a_list_stacks_tensors_of_one_shape_and_refuses_grad(self):
        for x in one_of_each(SHARED_DTYPES, WITH_EXPANDED):
            listed, expected = [x, x.clone(), x], np.stack([as_array(x)] * 3)
            for array in (np.array(listed), np.asarray(listed), np.array((*listed,))):
                assert same_bits(array, expected)
        pairs = [[n, n + 1] for n in range(70)]
        assert np.array([torch.tensor(pair) for pair in pairs]).tolist() == pairs
        with pytest.raises(RuntimeError, match="requires grad"):
            np.array([torch.ones(2), torch.ones(2, requires_grad=True)])

    @claim("1.4.7")
    def test_in_every_rank_and_layout_asarray_shares_and_array_copies(self):
        for dtype in SHARED_DTYPES:
            own = NUMPY_DTYPE[dtype]
            other = np.complex128 if dtype is torch.complex64 else np.complex64

            for x in (*in_every_layout(dtype), torch.zeros(33_000, dtype=dtype)):
                for array in (
                    *(np.array(x), np.array(x, own), np.array(x, other), np.asarray(x, other)),
                    *(np.array(x, copy=True), np.array(x, dtype=own), np.asarray(x, dtype=other)),
                    np.asarray(x).copy(),
                    x.numpy().copy(),
                ):
                    array[...] = 1
                assert not as_array(x).any()
                for array in (np.asarray(x), np.asarray(x, own), np.asanyarray(x), np.asarray(a=x)):
                    array[...] = 1
                    assert as_array(x).all()
                    x.zero_()
            for x in (
                torch.zeros((), dtype=dtype).expand(3),
                torch.zeros(3, dtype=dtype).expand(2, 3),
            ):
                assert np.asarray(x).ctypes.data == x.data_ptr()
        assert in_another_thread(np.asarray, x).ctypes.data == x.data_ptr()
        assert in_another_thread(np.array, x).ctypes.data != x.data_ptr()

    @claim("1.4.7")
    def test_they_refuse_grad_in_every_rank(self):
        ways = itertools.cycle(GRAD_OFF)
        for x in one_of_each(DIFFERENTIABLE, WITH_EXPANDED, (*SHAPES, MIB)):
            leaf = x.requires_grad_()
            for y in (leaf, leaf.clone(), torch.nn.Parameter(x.detach())):
                for convert in (
                    np.asarray,
                    np.array,
                    np.asanyarray,
                    lambda x: np.array(x, np.float64),
                ):
                    with pytest.raises(RuntimeError, match="requires grad"):
                        convert(y)
                shared, copied = next(ways)(lambda y=y: (np.asarray(y), np.array(y)))
                assert shared.ctypes.data == y.data_ptr()
                assert copied.ctypes.data != y.data_ptr()

    @claim("1.4.7")
    def test_numpys_conversions_refuse_a_tensor_that_requires_grad(self):
        converts = itertools.cycle((np.asarray, np.array, lambda x: np.asarray(x, np.float64)))
        kinds = differentiable_ones(torch.float32).values()
        for x, on, convert in ((*it, next(converts)) for it in itertools.product(kinds, GRAD_ON)):
            with pytest.raises(RuntimeError, match="requires grad"):
                on(lambda take=convert, x=x: take(x))

    @claim("1.4.7")
    def test_where_grad_mode_is_off_they_take_it(self):
        for kind in KINDS:
            for off in GRAD_OFF:
                x, arrays = differentiable_ones(torch.float32)[kind], []
                with suppress(RuntimeError):  # after which there are none
                    arrays += off(
                        lambda x=x: [np.asarray(x), np.array(x), np.asarray(x, np.float64)]
                    )
                with torch.no_grad():
                    x.fill_(7)

                assert [bool(np.all(it == 7)) for it in arrays] == [True, False, False], (
                    off.__name__
                )

    @claim("1.4.7")
    def test_a_tensor_that_is_not_on_the_cpu_is_refused(self):
        for convert in [np.asarray, np.array, lambda x: x.numpy()]:
            for x in one_of_each(SHARED_DTYPES):
                with pytest.raises(TypeError, match="can't convert meta device type tensor"):
                    convert(x.to("meta"))

    @claim("1.4.7")
    def test_from_dlpack_shares_memory_in_every_rank_layout_and_dtype(self):
        known = RELEASE >= (2, 2)
        dtypes = [d for d in SHARED_DTYPES if known or d is not torch.bool]
        for x in one_of_each(tuple(dtypes), WITH_EXPANDED, (MIB,)):
            array = np.from_dlpack(x)
            assert array.ctypes.data == x.data_ptr()
            assert same_bits(array, as_array(x))

    @claim("1.4.7")
    def test_from_dlpack_refuses_grad_in_every_mode(self):
        for grad_mode in [True, False]:
            for kind in KINDS:
                for dtype in DIFFERENTIABLE:
                    x = differentiable_ones(dtype)[kind]

                    with torch.set_grad_enabled(grad_mode):
                        for y in (x, x.expand(2, *x.shape), x[None, None]) if grad_mode else (x,):
                            with pytest.raises(
                                (RuntimeError, BufferError), match="require gradient"
                            ):
                                np.from_dlpack(y)


class TestConjugates:
    """What conj() marks, and the imaginary part of it."""

    @claim("1.4.8")
    @given(tensor=tensors(COMPLEX))
    def test_numpy_refuses_a_conjugate_and_its_imaginary_part(self, tensor):
        conjugate = tensor.conj()

        for convert in (lambda x: x.numpy(), np.asarray):
            with pytest.raises(RuntimeError, match="conjugate bit"):
                convert(conjugate)
            with pytest.raises(RuntimeError, match="negative bit"):
                convert(conjugate.imag)

    @claim("1.4.8")
    @pytest.mark.parametrize(
        "resolve",
        [
            lambda x: x.resolve_conj().resolve_neg().numpy(),
            lambda x: x.clone().numpy(),
            lambda x: x.numpy(force=True),
        ],
        ids=["resolve", "clone()", "force=True"],
    )
    @given(tensor=tensors(COMPLEX, NOT_EMPTY))
    def test_a_conjugate_becomes_an_array_of_its_own_once_it_is_computed(self, resolve, tensor):
        conjugate, imaginary = resolve(tensor.conj()), resolve(tensor.conj().imag)

        expected = as_array(tensor).conj()
        tensor.fill_(7)

        for array, numbers in ((conjugate, expected), (imaginary, expected.imag)):
            assert np.array_equal(array, numbers, equal_nan=True)

    @claim("1.4.8")
    def test_conjugates_are_refused_and_resolved_in_every_rank_and_spelling(self):
        for dtype in COMPLEX:
            for shape in (*SHAPES, (33_000,)):
                x = torch.full(shape, 1 + 2j, dtype=dtype)
                conjugates = [x.conj(), torch.conj(x), x.expand(2, *shape).conj()]
                if shape:
                    conjugates += [x.transpose(0, -1).conj(), x.conj()[-1:], x[..., ::2].conj()]
                if len(shape) >= 2:
                    conjugates += [x.mH, x.adjoint()]

                for y in conjugates:
                    with pytest.raises(RuntimeError, match="conjugate bit"):
                        y.numpy()
                    resolved = y.resolve_conj()
                    assert not resolved.is_conj()
                    for array in (resolved.numpy(), y.clone().numpy(), y.numpy(force=True)):
                        assert np.all(array == 1 - 2j)
                    z = y.imag
                    resolved = z.resolve_neg()
                    assert not resolved.is_neg()
                    for array in (resolved.numpy(), z.clone().numpy(), z.numpy(force=True)):
                        assert np.all(array == -2)

    @claim("1.4.8")
    @given(tensor=tensors(COMPLEX))
    def test_what_was_conjugated_twice_becomes_an_array(self, tensor):
        assert same_bits(tensor.conj().conj().numpy(), as_array(tensor))


class TestDtypesThatNumpyLacks:
    """bfloat16, float8 and complex32, and the way out."""

    @claim("1.4.8")
    @given(tensor=tensors(tuple(d for d in LACKING if not d.is_complex), layouts=WITH_EXPANDED))
    def test_float_keeps_every_value(self, tensor):
        array, expected = tensor.float().numpy(), as_array(tensor)

        assert same_bits(
            np.where(np.isnan(array), 0, array), np.where(np.isnan(expected), 0, expected)
        )

    @claim("1.4.8")
    def test_float_keeps_what_each_pattern_of_bits_stands_for(self):
        for dtype in (d for d in LACKING if not d.is_complex):
            bits = np.arange(2 ** (8 * BITS_OF[dtype].itemsize)).astype(BITS_OF[dtype])
            tensor = torch.frombuffer(bits, dtype=dtype)

            expected, number = as_array(tensor), tensor.float()

            assert np.array_equal(as_array(number), expected, equal_nan=True)
            same_sign = np.signbit(as_array(number)) == np.signbit(expected)
            assert np.all(same_sign | np.isnan(expected))

    @claim("1.4.8")
    @pytest.mark.filterwarnings("ignore:ComplexHalf")
    def test_force_and_asarray_refuse_it_as_well(self):
        for dtype in LACKING:
            for convert in (np.asarray, lambda x: x.numpy(force=True)):
                with pytest.raises(TypeError, match="unsupported ScalarType"):
                    convert(torch.empty(3, dtype=dtype))

    @claim("1.4.8")
    def test_in_every_rank_float_and_tolist_take_it_and_numpy_does_not(self):
        for dtype in (d for d in LACKING if not d.is_complex):
            ranks = [torch.full(shape, -1.5).to(dtype) for shape in SHAPES]
            for x in (*ranks, *every_kind((dtype,))):
                assert np.array_equal(x.float().numpy(), as_array(x), equal_nan=True)
                assert repr(x.tolist()) == repr(as_array(x).tolist())
                with pytest.raises(TypeError, match="unsupported ScalarType"):
                    x.numpy()

    @claim("1.4.8")
    @given(tensor=tensors(LACKING, ((), (3,), (2, 3), (2, 1, 3, 1))))
    def test_tolist_takes_it_as_it_is(self, tensor):
        assert repr(tensor.tolist()) == repr(as_array(tensor).tolist())


class TestEndOfSharing:
    """What moves or resizes the memory that a tensor and an array share."""

    @claim("1.4.9")
    def test_share_memory_leaves_the_array_of_from_numpy_behind(self):
        for shape in [(), (2, 3), (1, 2, 1, 3), (2, 1, 2, 1, 2), (33_000,)]:
            array = np.ones(shape)
            tensor = torch.from_numpy(array)

            tensor.share_memory_()
            tensor.fill_(7)

            assert np.all(array == 1)

    @claim("1.4.9")
    def test_it_leaves_arrays_of_every_dtype_and_views_behind(self):
        for dtype in SHARED_DTYPES:
            for array in every_kind_of_array((dtype,)):
                array[...] = 0
                parameter = torch.nn.Parameter(torch.from_numpy(array), requires_grad=False)
                for tensor in (torch.from_numpy(array), torch.from_numpy(array)[1:], parameter):
                    tensor.share_memory_().fill_(1)

                assert not array.any()

    @claim("1.4.9")
    def test_in_every_dtype_neither_can_grow_while_both_share(self):
        for dtype in SHARED_DTYPES:
            array, lender = np.zeros((2, 3), NUMPY_DTYPE[dtype]), torch.zeros(2, 3, 2, dtype=dtype)
            tensor, borrowed = torch.from_numpy(array), lender.numpy()

            for size in (50_000, (50, 20, 10)):
                for x in (tensor, lender, torch.from_numpy(array)[1:]):
                    with pytest.raises(RuntimeError, match="not resizable"):
                        x.resize_(size)
                for a in (array, borrowed):
                    with pytest.raises(ValueError, match="resize"):
                        a.resize(size)
            sent = torch.from_numpy(array)
            ForkingPickler.dumps(sent)
            sent.fill_(1)
            assert not array.any()

    @claim("1.4.9")
    def test_share_memory_moves_a_tensor_once(self):
        for shape in [(), (2, 3), (1, 2, 1, 3), (2, 1, 2, 1, 2), (33_000,)]:
            tensor = torch.ones(shape)
            address = tensor.data_ptr()  # which an array of numpy() would go on pointing to

            tensor.share_memory_()
            assert tensor.data_ptr() != address

            array = tensor.numpy()
            tensor.share_memory_()
            tensor.fill_(7)
            assert np.all(array == 7)

    @claim("1.4.9")
    def test_sending_a_tensor_to_another_process_moves_it_as_well(self):
        for shape in [(2,), (2, 1, 3, 2), (1, 2, 1, 2, 1), (33_000,)]:
            array = np.ones(shape)
            tensor = torch.from_numpy(array)

            ForkingPickler.dumps(tensor)  # as a queue does
            tensor.fill_(7)

            assert np.all(array == 1)

    @claim("1.4.9")
    def test_a_computed_result_cannot_be_sent_to_another_process(self):
        for x in one_of_each(DIFFERENTIABLE):
            y = 2 * x.requires_grad_()

            for it in (y, [y], {"y": y}, y[...]):
                with pytest.raises(RuntimeError, match="non-leaf tensor which requires_grad"):
                    ForkingPickler.dumps(it)
            ForkingPickler.dumps(y.detach())

    @claim("1.4.9")
    def test_a_tensor_cannot_grow_even_once_the_array_is_gone(self):
        for shape in [(2,), (2, 1, 3, 2), (1, 2, 1, 2, 1), (33_000,)]:
            tensor = torch.ones(shape)

            tensor.numpy()

            assert len(tensor.clone().resize_(50_000)) == 50_000
            with pytest.raises(RuntimeError, match="not resizable"):
                tensor.resize_(50_000)
            assert tensor.shape == (50_000,)  # over memory of fewer elements, which may not be read
            assert torch.all(tensor.resize_(shape) == 1)

            lender = torch.ones(shape)
            array = np.from_dlpack(lender)
            with suppress(RuntimeError):
                lender.resize_(2_000_000)
            assert array.ctypes.data != lender.data_ptr()

    @claim("1.4.9")
    def test_an_array_can_grow_once_the_tensor_is_gone_or_without_refcheck(self):
        for shape in [(2,), (2, 1, 3, 2), (1, 2, 1, 2, 1), (33_000,)]:
            array, other = np.ones(shape), np.ones(shape)
            tensor, gone = torch.from_numpy(array), torch.from_numpy(other)
            address = tensor.data_ptr()

            del gone
            other.resize(200_000)
            array.resize(200_000, refcheck=False)

            assert (len(other), len(array)) == (200_000, 200_000)
            # Where the array was, which need not be where it is.
            assert tensor.data_ptr() == address

    @claim("1.4.9")
    def test_neither_can_grow_while_both_share(self):
        for shape in [(), (2, 3), (1, 2, 1, 3), (2, 1, 2, 1, 2), (33_000,)]:
            array = np.ones(shape)
            tensor, lender = torch.from_numpy(array), torch.ones(shape)
            borrowed = lender.numpy()

            for x in (tensor, lender):
                with pytest.raises(RuntimeError, match="not resizable"):
                    x.resize_(50_000)
            for a in (array, borrowed):
                with pytest.raises(ValueError, match="resize"):
                    a.resize(50_000)


def address(take: Callable) -> int | str:
    """Where the array that it gives lies in memory, or what the RuntimeError says."""
    try:
        return take().ctypes.data
    except RuntimeError as error:
        return str(error)
