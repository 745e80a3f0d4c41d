"""1.1 Taking a value out of a tensor."""

from __future__ import annotations

import itertools
import math
import operator
import warnings

import numpy as np
import pytest
import torch
from hypothesis import assume, example, given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from specs.grad_modes import GRAD_OFF, GRAD_ON
from specs.lacking import there, without_subnormals
from specs.ledger import claim
from specs.oracles import as_array, same_bits, same_number, same_values, share_memory
from specs.releases import RELEASE, before, since
from specs.strategies import (
    AT_MOST_27,
    BOOL,
    COMPLEX,
    COMPUTING_INTEGERS,
    DTYPES,
    EACH_RANK,
    EMPTY,
    FLOATS,
    INTEGERS,
    MIB,
    NOT_EMPTY,
    ONE_ELEMENT,
    POSITIONS,
    SEVERAL,
    STORED,
    UNSIGNED,
    WITH_EXPANDED,
    TensorSubclass,
    every_kind,
    one_of_each,
    palette,
    tensors,
)

#: With a few that kernels take apart; a list of more takes long to make.
LISTED = (*AT_MOST_27, (100,), (1000,), (2, 3, 4, 5), (2, 2, 2, 3, 2))
#: All but uint64, of which int() and bool() refuse the upper half.
CONVERTED = tuple(dtype for dtype in INTEGERS if dtype not in UNSIGNED[2:])
#: Unsigned integers beyond uint8 are indexed by few releases, and flipped along few dimensions.
INDEXED = tuple(dtype for dtype in DTYPES if dtype not in UNSIGNED)
WITH_DIMENSIONS = tuple(shape for shape in NOT_EMPTY if shape)
#: Each rank and size, and each dtype, for tensors whose last element alone is not zero.
WITH_ONE_ALONE = (
    *zip((*EACH_RANK, (20, 50)), itertools.cycle(FLOATS + COMPUTING_INTEGERS)),
    *itertools.product(((65,), (300,)), FLOATS + COMPUTING_INTEGERS),
)


def telling_elements(dtype: torch.dtype) -> torch.Tensor:
    """One dimension of the telling values of a dtype: both zeros, extremes, NaN and the rest."""
    return torch.frombuffer(without_subnormals(palette(dtype), dtype).copy(), dtype=dtype)


class TestItem:
    """Tensor.item: the one element of a tensor as a Python number."""

    @claim("1.1.1")
    def test_item_of_a_one_by_one_matrix_is_its_number(self, device):
        tensor = torch.tensor([[1]], device=device)

        assert tensor.item() == 1

    @claim("1.1.1")
    @given(tensor=tensors(INTEGERS, ONE_ELEMENT, layouts=WITH_EXPANDED))
    @example(tensor=torch.tensor(2**53 + 1))  # which no float holds
    def test_item_of_an_integer_tensor_is_the_same_int(self, tensor, device):
        number = tensor.to(device).item()

        assert type(number) is int
        assert number == as_array(tensor).item()

    @claim("1.1.1")
    @given(tensor=tensors(FLOATS, ONE_ELEMENT, layouts=WITH_EXPANDED))
    def test_item_of_a_floating_point_tensor_is_the_same_float(self, tensor, device):
        number = tensor.to(device).item()

        assert type(number) is float
        assert same_number(number, as_array(tensor).item())

    @claim("1.1.1")
    @given(tensor=tensors(BOOL, ONE_ELEMENT, layouts=WITH_EXPANDED))
    def test_item_of_a_bool_tensor_is_the_same_bool(self, tensor, device):
        number = tensor.to(device).item()

        assert type(number) is bool
        assert number == as_array(tensor).item()

    @claim("1.1.1")
    @given(tensor=tensors(COMPLEX, ONE_ELEMENT, layouts=WITH_EXPANDED))
    def test_item_of_a_complex_tensor_is_the_same_complex(self, tensor, device):
        number = tensor.to(device).item()

        assert type(number) is complex
        assert same_number(number.real, as_array(tensor).item().real)
        assert same_number(number.imag, as_array(tensor).item().imag)

    @claim("1.1.1")
    @given(tensor=tensors(COMPLEX, ONE_ELEMENT))
    def test_item_heeds_a_conjugation_or_negation_that_was_put_off(self, tensor):
        number = as_array(tensor).item()
        conjugate = tensor.conj()

        assert repr(conjugate.item()) == repr(number.conjugate())
        assert same_number(conjugate.imag.item(), -number.imag)

    @claim("1.1.1")
    @given(tensor=tensors(STORED, ONE_ELEMENT))
    def test_item_of_a_dtype_to_store_numbers_in_is_the_same_number(self, tensor):
        number = tensor.item()

        assert repr(number) == repr(as_array(tensor).item())

    @claim("1.1.1")
    @given(tensor=tensors(FLOATS + COMPLEX, ONE_ELEMENT))
    def test_item_of_a_tensor_that_requires_grad_is_the_plain_number(self, tensor, device):
        leaf = tensor.to(device).requires_grad_()

        for x in (leaf, leaf.clone(), torch.nn.Parameter(tensor.to(device))):
            numbers = x.item(), torch.no_grad()(x.item)(), torch.inference_mode()(x.item)()
            assert [*map(repr, numbers)] == [repr(as_array(tensor).item())] * 3

    @claim("1.1.1")
    @given(tensor=tensors(DTYPES, NOT_EMPTY), position=POSITIONS)
    def test_item_of_an_element_of_a_larger_tensor_is_that_element(self, tensor, position, device):
        index = np.unravel_index(position % tensor.numel(), tuple(tensor.shape))
        x = tensor.to(device).zero_()

        x[index] = 1

        assert x[index].item() == 1

    @claim("1.1.1")
    @given(tensor=tensors(DTYPES, ONE_ELEMENT))
    def test_item_gives_the_new_number_after_a_write_and_the_same_when_asked_again(
        self, tensor, device
    ):
        x = tensor.to(device)

        assert repr(x.item()) == repr(x.item()) == repr(as_array(tensor).item())
        for written, number in ((x, 1), (x.data, 0), (x.detach(), 1)):
            written.fill_(number)
            assert x.item() == number

    @claim("1.1.1")
    def test_item_gives_each_telling_value_in_every_rank_and_wherever_it_lies(self, device):
        for dtype in there(DTYPES):
            elements = telling_elements(dtype)
            expected = [repr(number) for number in as_array(elements).tolist()]

            far = torch.cat([elements.repeat(33_000 // len(elements)), elements])
            late = far.to(device)[-len(elements) :]
            for shape in ONE_ELEMENT:
                for elements_of_one in (
                    [x.reshape(shape) for x in late],
                    [x.clone().expand(shape) for x in elements.to(device)],
                ):
                    assert [repr(x.item()) for x in elements_of_one] == expected

    @claim("1.1.2")
    @given(tensor=tensors(DTYPES, ONE_ELEMENT))
    @example(tensor=torch.ones(1))
    def test_item_without_parentheses_is_a_method_and_no_number(self, tensor):
        method = tensor.item

        assert not isinstance(method, (bool, int, float, complex))
        assert type(method()) in (bool, int, float, complex)

    @claim("1.1.2")
    def test_item_without_parentheses_cannot_be_added_and_is_printed_as_a_method(self, device):
        for loss in one_of_each(DTYPES, more=((0,),)):
            method = loss.to(device).item
            for total, add in itertools.product((0, loss[...]), (operator.add, operator.iadd)):
                with pytest.raises(TypeError, match="and 'builtin_function_or_method'"):
                    add(total, method)
                with pytest.raises(TypeError, match="'builtin_function_or_method' and"):
                    add(method, total)
            assert f"{method}".startswith("<built-in method item of Tensor object")

    @claim("1.1.3")
    @since("2.0")
    @given(tensor=tensors(DTYPES, SEVERAL, layouts=WITH_EXPANDED))
    def test_item_of_several_elements_raises_a_runtime_error(self, tensor, device):
        with pytest.raises(RuntimeError, match="cannot be converted to Scalar"):
            tensor.to(device).item()

    @claim("1.1.3")
    @before("2.0")
    @given(tensor=tensors(DTYPES, SEVERAL, layouts=WITH_EXPANDED))
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

    @claim("1.1.1")
    def test_item_is_that_number_in_every_mode(self, device):
        x = torch.tensor(2.5, device=device, requires_grad=True)
        for way in (*GRAD_ON, *GRAD_OFF):
            for y, number in ((x, 2.5), (x.detach(), 2.5), (2 * x, 5.0)):
                assert way(lambda y=y: (y.item(), (2 * y).item())) == (number, 2 * number)


class TestConversions:
    """int(), float(), complex() and bool() of a tensor of one element."""

    @claim("1.1.4")
    def test_a_python_number_has_no_backward(self, device):
        for dtype in (*FLOATS, *COMPLEX):
            loss = 2 * torch.ones((), device=device, dtype=dtype, requires_grad=True)
            x = loss.detach().abs()

            power = math.pow(x.real, 3)
            for number in (loss.item(), loss.tolist(), complex(x), float(x), int(x), power):
                with pytest.raises(AttributeError, match="object has no attribute 'backward'"):
                    number.backward()

    @claim("1.1.4")
    def test_int_cuts_towards_zero(self, device):
        for shape, dtype in itertools.product(ONE_ELEMENT, FLOATS):
            assert int(torch.full(shape, 2.7, dtype=dtype, device=device)) == 2
            assert int(torch.full(shape, -2.7, dtype=dtype, device=device)) == -2

    @claim("1.1.4")
    @given(tensor=tensors(CONVERTED + BOOL + FLOATS, ONE_ELEMENT))
    def test_int_of_a_finite_number_is_what_python_makes_of_it(self, tensor, device):
        number = as_array(tensor).item()
        assume(math.isfinite(number))

        assert repr(int(tensor.to(device))) == repr(int(number))

    @claim("1.1.4")
    @given(tensor=tensors(FLOATS, ONE_ELEMENT))
    @example(tensor=torch.tensor(-0.0))
    def test_float_of_a_floating_point_tensor_is_its_number(self, tensor, device):
        assert same_number(float(tensor.to(device)), as_array(tensor).item())

    @claim("1.1.4")
    @given(tensor=tensors(INTEGERS + BOOL, ONE_ELEMENT))
    def test_float_of_an_integer_or_bool_is_what_python_makes_of_it(self, tensor, device):
        assert repr(float(tensor.to(device))) == repr(float(as_array(tensor).item()))

    @claim("1.1.4")
    def test_each_makes_it_of_the_number_that_is_there_now(self, device):
        for dtype in there(FLOATS + COMPLEX):
            x = torch.zeros(1, dtype=dtype, device=device)
            for written, number in ((x, 1), (x.data, 0), (x, 3)):
                written.fill_(number)
                converts = (bool, complex) if dtype.is_complex else (bool, complex, int, float)
                for convert in converts:
                    assert convert(x) == convert(number)

    @claim("1.1.4")
    def test_they_heed_a_conjugation_or_negation_that_was_put_off(self, device):
        for dtype, shape in itertools.product(there(COMPLEX), ONE_ELEMENT):
            conjugate = torch.full(shape, 3 + 2j, dtype=dtype, device=device).conj()

            assert complex(conjugate) == 3 - 2j
            for convert in (int, float, complex):
                assert convert(conjugate.imag) == -2

    @claim("1.1.4")
    @given(tensor=tensors(DTYPES, ONE_ELEMENT))
    def test_complex_is_what_python_makes_of_the_number(self, tensor, device):
        assert repr(complex(tensor.to(device))) == repr(complex(as_array(tensor).item()))

    @claim("1.1.4")
    @given(tensor=tensors(FLOATS + COMPLEX + CONVERTED + BOOL, ONE_ELEMENT))
    @example(tensor=torch.tensor(math.nan))
    def test_bool_is_false_for_zero_alone(self, tensor, device):
        assert bool(tensor.to(device)) is (as_array(tensor).item() != 0)

    @claim("1.1.4")
    def test_they_make_of_each_telling_value_what_python_makes_of_its_number(self, device):
        for start, dtype in enumerate(there(FLOATS + COMPLEX + CONVERTED + BOOL)):
            for turn, x in enumerate(telling_elements(dtype).to(device), start):
                number = as_array(x).item()
                conversions = [bool, complex] if dtype.is_complex else [bool, complex, float]
                if not dtype.is_complex and math.isfinite(number):
                    conversions.append(int)

                for place, convert in enumerate(conversions, turn):  # the ranks take turns
                    one = x.reshape(ONE_ELEMENT[place % len(ONE_ELEMENT)])
                    assert repr(convert(one)) == repr(convert(number))

    @claim("1.1.4")
    def test_functions_of_pythons_math_give_a_number_without_a_graph(self, device):
        for shape, dtype in itertools.product(ONE_ELEMENT, there(FLOATS)):
            x = torch.full(shape, 2.5, dtype=dtype, device=device, requires_grad=True)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # as float() does
                for compute in (math.exp, math.sqrt, math.log, math.sin, math.fabs):
                    assert repr(compute(x)) == repr(compute(2.5))
                assert repr(math.pow(2 * x, x)) == repr(math.pow(5.0, 2.5))

    @claim("1.1.4")
    def test_they_keep_every_digit_of_a_large_number(self, device):
        for dtype, numbers in (
            (torch.float64, (2.0**24 + 1, 2.0**53 - 1, 2.0**53 + 2, 1e300)),
            (torch.float32, (2.0**24 - 1, 2.0**33 + 2**10, 1e30)),
            (torch.bfloat16, (2.0**7 - 1, 2.0**120)),
            (torch.float16, (2047.0, 65504.0)),
            (torch.int64, (2**24 + 1, 2**31, 2**53 + 1, 2**62 + 1)),
        ):
            for number, sign, shape in itertools.product(numbers, (1, -1), ONE_ELEMENT):
                x = torch.full(shape, sign * number, dtype=dtype).to(device)
                number = as_array(x).item()

                for convert in (int, float, complex):
                    assert convert(x) == convert(number)

    @claim("1.1.4")
    @since("2.3")
    @pytest.mark.parametrize("number", [2**63, 2**64 - 1])
    def test_int_and_bool_refuse_the_upper_half_of_uint64(self, number):
        for shape in ONE_ELEMENT:
            tensor = torch.from_numpy(np.full(shape, number, np.uint64))

            for convert in (int, bool):
                with pytest.raises(RuntimeError, match="without overflow"):
                    convert(tensor)

    @claim("1.1.4")
    def test_int_refuses_nan_and_infinity(self, device):
        for dtype in there(FLOATS):
            for shape in ONE_ELEMENT:
                with pytest.raises(ValueError, match="NaN"):
                    int(torch.full(shape, math.nan, dtype=dtype, device=device))
                for infinity in (math.inf, -math.inf):
                    with pytest.raises(OverflowError, match="infinity"):
                        int(torch.full(shape, infinity, dtype=dtype, device=device))

    @claim("1.1.4")
    def test_int_and_float_refuse_an_imaginary_part(self, device):
        for dtype in there(COMPLEX):
            for convert, shape in itertools.product((int, float), ONE_ELEMENT):
                assert repr(convert(torch.full(shape, 2 + 0j, dtype=dtype, device=device))) in "2.0"
                for number in (2 + 1j, -1j, 2 - 0.5j):
                    with pytest.raises(RuntimeError, match="cannot be converted"):
                        convert(torch.full(shape, number, dtype=dtype, device=device))

    @claim("1.1.4")
    @since("2.8")
    @pytest.mark.parametrize("convert", [float, complex])
    def test_float_and_complex_of_a_tensor_that_requires_grad_warn(self, convert, warn_always):
        ways = itertools.cycle(GRAD_ON)
        for shape, dtype in itertools.product(ONE_ELEMENT, FLOATS):
            x = torch.ones(shape, dtype=dtype, requires_grad=True)

            for y, on in zip((x, 1 * x), ways, strict=False):
                with pytest.warns(UserWarning, match="Converting a tensor with requires_grad=True"):
                    assert on(lambda y=y: convert(y)) == 1

    @claim("1.1.4")
    def test_item_int_and_bool_of_a_tensor_that_requires_grad_do_not_warn(self, warn_always):
        for shape, dtype in itertools.product(ONE_ELEMENT, FLOATS):
            x = torch.ones(shape, dtype=dtype, requires_grad=True)

            with warnings.catch_warnings(record=True) as caught:
                numbers = x.item(), int(x), bool(x), float(x.detach())

            assert numbers == (1.0, 1, True, 1.0)
            assert caught == []

    @claim("1.1.4")
    def test_where_grad_mode_is_off_float_and_complex_do_not_warn_either(self, warn_always):
        for off, convert in itertools.product(GRAD_OFF, (float, complex)):
            x = torch.ones(1, requires_grad=True)
            y = 2 * x

            with warnings.catch_warnings(record=True) as caught:
                numbers = off(lambda x=x, y=y, to=convert: (to(x), to(2 * x), to(y)))

            assert (numbers, caught) == ((1, 2, 2), []), off.__name__

    @claim("1.1.4")
    @before("2.8")
    def test_float_of_a_tensor_that_requires_grad_did_not_warn_before(self, warn_always):
        with warnings.catch_warnings(record=True) as caught:
            assert float(torch.ones(1, requires_grad=True)) == 1

        assert caught == []


class TestTruth:
    """A tensor of several elements, where Python wants one truth or one number."""

    @claim("1.1.3")
    def test_the_sum_of_a_comparison_counts_what_agrees_and_the_mean_as_float_is_its_share(
        self, device
    ):
        for y in one_of_each(FLOATS + COMPUTING_INTEGERS, WITH_EXPANDED):
            agree = y.to(device) == torch.full_like(y, 3).to(device)
            count = int(np.count_nonzero(as_array(y) == 3))

            assert repr(agree.sum().item()) == repr(count)
            assert agree.float().mean().item() == pytest.approx(count / y.numel(), rel=1e-6)

    @claim("1.1.3")
    @given(dtype=st.sampled_from(DTYPES), shape=st.sampled_from(EMPTY))
    def test_bool_of_no_element_raises_a_runtime_error(self, dtype, shape, device):
        with pytest.raises(RuntimeError, match="no values is ambiguous"):
            bool(torch.empty(shape, dtype=dtype, device=device))

    @claim("1.1.3")
    def test_what_asks_several_elements_for_one_truth_raises_a_runtime_error(self, device):
        for line in [
            "if x: pass",
            "while x: break",
            "assert x == x",
            "not x",
            "x and True",
            "x or True",
            "0 < x < 2",
            "x in [x + 1]",
            "[x + 1, x].index(x)",
            "max([x, x])",
        ]:
            code = compile(line, "a line", "exec")
            for x in one_of_each(FLOATS if "<" in line or "max" in line else DTYPES, WITH_EXPANDED):
                if x.dim() and x.dtype not in UNSIGNED:  # which not every release adds
                    with pytest.raises(RuntimeError, match="more than one value is ambiguous"):
                        exec(code, {"x": x.to(device)})

    @claim("1.1.3")
    def test_several_elements_cannot_be_an_index_or_the_end_of_a_range(self):
        for x in one_of_each((*INTEGERS, *BOOL), WITH_EXPANDED, ((0,),)):
            if x.dim():
                for convert in (range, operator.index, lambda x: range(0, x), lambda x: [1, 2][x]):
                    with pytest.raises(TypeError, match="only integer tensors of a single element"):
                        convert(x)

    @claim("1.1.3")
    @given(tensor=tensors((*BOOL, torch.float32, torch.int64), SEVERAL), position=POSITIONS)
    def test_any_finds_the_one_that_is_true_and_all_the_one_that_is_not(
        self, tensor, position, device
    ):
        index = np.unravel_index(position % tensor.numel(), tuple(tensor.shape))
        x = tensor.to(device)

        for value in (0, 1):
            x.fill_(value)
            assert [x.any(), x.all()] == [value, value]
            x[index] = 1 - value
            assert [x.any(), x.all()] == [True, False]

    @claim("1.1.3")
    def test_every_rank_and_size_of_several_elements_or_none_is_refused(self, device):
        for turn, dtype in enumerate(there(DTYPES)):
            several = [torch.ones(shape, dtype=dtype, device=device) for shape in EMPTY]
            several += [x.to(device) for x in one_of_each((dtype,), WITH_EXPANDED) if x.dim()]
            several.append(several[-1][(0,) * several[-1].dim()].expand(2, 3))
            if dtype is torch.float32:
                shapes = ((2, 1), (1, 2), (1, 1, 2), (2, 1, 1, 1), (1, 1, 1, 2, 1))
                several += [torch.zeros(shape, device=device) for shape in shapes]
                several.append(torch.zeros(MIB, device=device))
            classes = (torch.nn.Parameter, TensorSubclass) if dtype is torch.float32 else ()
            of_classes = [torch.zeros(1, 2, device=device).as_subclass(it) for it in classes]

            for start, (convert, exception) in enumerate(
                (
                    (torch.Tensor.item, (RuntimeError, ValueError)),
                    (bool, RuntimeError),
                    (int, ValueError),
                    (float, ValueError),
                    (complex, ValueError),
                ),
                turn,
            ):
                for x in (*several[start % 2 :: 2], *of_classes):
                    with pytest.raises(exception, match=r"Scalar|ambiguous|only one element"):
                        convert(x)

    @claim("1.1.3")
    def test_any_and_all_look_at_the_last_element_of_every_rank_and_size(self, device):
        for dtype in there((*BOOL, torch.float32, torch.int64, torch.uint8)):
            for shape in (*EACH_RANK[1:], (65,), (4097,), *[MIB] * (dtype is torch.bool)):
                x = torch.zeros(shape, dtype=dtype, device=device)
                x[(-1,) * x.dim()] = 1
                for y in (x, x.transpose(0, -1)):
                    others = y == 0 if dtype is torch.bool else (1 - y.int()).to(dtype)
                    assert all([y.any(), torch.any(y), torch.any(input=y)])
                    assert not any([others.all(), torch.all(others), torch.all(input=others)])

    @claim("1.1.3")
    def test_any_of_no_element_is_false_and_all_of_them_true(self, device):
        for shape in EMPTY:
            empty = torch.empty(shape, device=device)

            assert [empty.any(), empty.all()] == [False, True]


class TestTolist:
    """Tensor.tolist: Python numbers; what iterating and indexing give instead."""

    @claim("1.1.5")
    @given(tensor=tensors(DTYPES, LISTED, layouts=WITH_EXPANDED), grad=st.booleans())
    @example(tensor=torch.ones(2, 3), grad=True)
    def test_tolist_nests_the_python_numbers_as_the_dimensions_are(self, tensor, grad, device):
        differentiable = tensor.is_floating_point() or tensor.is_complex()

        x = tensor.to(device).requires_grad_(grad and differentiable)

        assert repr(x.tolist()) == repr(as_array(tensor).tolist())

    @claim("1.1.5")
    @given(tensor=tensors(DTYPES, ((),)))
    def test_tolist_without_dimensions_gives_a_number(self, tensor, device):
        assert repr(tensor.to(device).tolist()) == repr(as_array(tensor).item())

    @claim("1.1.5")
    def test_tolist_takes_every_rank_size_and_layout_again_and_again(self, device):
        for dtype in there(DTYPES):
            ranks = [torch.ones(shape, dtype=dtype) for shape in (*EACH_RANK[1:-1], *EMPTY)]

            for tensor in (*ranks, telling_elements(dtype), *every_kind((dtype,))):
                x, expected = tensor.to(device), repr(as_array(tensor).tolist())

                assert repr(x.tolist()) == repr(x.tolist()) == expected
        for kind in (torch.nn.Parameter, TensorSubclass):
            for shape in ((), (3,), (2, 2), (2, 1, 2), (2, 2, 1, 3)):
                expected = np.arange(math.prod(shape), dtype=float).reshape(shape)
                x = torch.tensor(expected, device=device).as_subclass(kind)
                assert x.tolist() == expected.tolist()

    @claim("1.1.5")
    def test_tolist_of_33000_elements_gives_each_of_them(self, device):
        shapes = (33_000,), (1_100, 3), (3, 1_100), (11, 300), (5, 110, 6), (2, 3, 5, 110)
        for shape in (*shapes, (110, 1, 2, 3, 5)):
            expected = np.arange(math.prod(shape)).reshape(shape)

            for numbers in (expected, expected / 3):
                x = torch.tensor(numbers, device=device)
                assert repr(x.tolist()) == repr(numbers.tolist())

    @claim("1.1.5")
    @given(tensor=tensors(DTYPES, ((1,), (3,), (2, 3), (2, 1, 3), (2, 1, 2, 1))))
    @example(tensor=torch.arange(600).reshape(300, 2))
    def test_iterating_gives_tensors_of_one_dimension_less(self, tensor, device):
        parts = list(tensor.to(device))

        assert len(parts) == len(tensor)
        for part, expected in zip(parts, as_array(tensor), strict=False):
            assert type(part) is torch.Tensor
            assert same_bits(as_array(part), np.asarray(expected))

    @claim("1.1.5")
    @given(tensor=tensors(DTYPES, WITH_DIMENSIONS))
    def test_what_an_index_gives_changes_with_the_tensor_and_what_item_gave_does_not(
        self, tensor, device
    ):
        x = tensor.to(device)
        parts, number = (x[0], x[:2], x[...]), x[(0,) * x.dim()].item()
        value = 0 if number == 1 else 1

        x.fill_(value)

        for part in parts:
            assert np.all(as_array(part) == value)
        assert number != value

    @claim("1.1.5")
    def test_an_index_beyond_the_last_element_is_refused(self):
        for index in [3, -4, [3], (..., 3)]:
            x = torch.tensor([1.0, 2.0, 3.0])

            with pytest.raises(IndexError, match=r"out of (bounds|range)"):
                x[index]
            with pytest.raises(IndexError, match=r"out of (bounds|range)"):
                x[index] = 1.0
            with pytest.raises(IndexError, match="too many indices for tensor of dimension 1"):
                x[0, 0]
        for shape in ((2, 3), (2, 1, 3), (1, 2, 1, 3), (2, 1, 2, 1, 3), (100,)):
            x = torch.zeros(shape)
            for index in (*(shape[0], -shape[0] - 1, (..., shape[-1]), (0,) * 6),):
                with pytest.raises(IndexError, match=r"out of (bounds|range)|too many indices"):
                    x[index]

    @claim("1.1.5")
    def test_a_step_below_zero_is_refused(self, device):
        for shape in ((3,), (2, 3), (2, 1, 3), (1, 2, 1, 3)):
            x = torch.zeros(shape, device=device)
            for index in (slice(None, None, -1), (..., slice(2, 0, -2))):
                with pytest.raises(ValueError, match="step must be greater than zero"):
                    x[index]

    @claim("1.1.5")
    def test_a_slice_ends_with_the_last_element(self, device):
        x = torch.tensor([1.0, 2.0, 3.0], device=device)

        assert x[1:9].tolist() == [2.0, 3.0]
        assert x[-9:1].tolist() == [1.0]
        assert x[5:].tolist() == []

    @claim("1.1.5")
    def test_every_index_without_a_list_gives_a_view_in_every_rank_and_layout(self, device):
        for x in one_of_each(DTYPES, more=EACH_RANK[1:-1]):
            if x.dim():
                x = x.to(device)
                indices = [0, -1, slice(1), slice(None, None, 2), (..., 0), (-1, ...), None, ...]
                columns = (slice(None),) * (x.dim() - 1)
                indices += [(*columns, 0), (*columns, -1), (*columns, slice(1)), (0,) * x.dim()]
                indices += [(slice(-1, None), ..., None), (slice(None, 9), *columns)]
                indices += [(slice(None), 0)] if x.dim() > 1 else []
                parts = [x[index] for index in indices] + [*x[:5]]

                x.zero_()

                assert not any(as_array(part).any() for part in parts)

    @claim("1.1.5")
    def test_so_it_does_of_an_expanded_tensor(self, device):
        for shape, size in (
            *(((1,), (3,)), ((1, 4), (3, 4)), ((3, 1), (3, 4)), ((1, 2, 3), (70, 2, 3))),
            *(((2, 1, 1, 2), (2, 3, 3, 2)), ((1, 1, 2, 1, 1), (2, 1, 2, 3, 3))),
        ):
            base = torch.zeros(shape, device=device)
            x = base.expand(size)
            parts = [x[index] for index in (0, -1, slice(2), slice(1, 9), (..., 0), None, ...)]

            base.fill_(1)

            assert all(as_array(part).all() for part in [*parts, *x])

    @claim("1.1.5")
    def test_an_expanded_tensor_changes_with_its_source_and_refuses_a_write(self, device):
        sizes = (((), (3,)), ((3, 1), (-1, 2)), ((1, 3, 1), (2, 3, 2)))
        for dtype, (shape, size) in zip(there(DTYPES), itertools.cycle(sizes), strict=False):
            x = torch.zeros(shape, dtype=dtype, device=device)
            one = torch.ones((), dtype=dtype, device=device)
            expanded = [x.expand(size), x.expand(*size), x.expand(size=size)]
            expanded.append(torch.broadcast_to(x, expanded[0].shape))

            for change in (torch.Tensor.copy_, operator.iadd, torch.Tensor.add_):
                for y in expanded if dtype in INDEXED or change is torch.Tensor.copy_ else ():
                    with pytest.raises(RuntimeError, match="more than one element of the written"):
                        change(y, one)
                    copied = y.clone()
                    change(copied, one)

                    assert as_array(copied).all()
                    assert not any(as_array(it).any() for it in (x, y))
            x.fill_(1)
            assert all(as_array(y).all() for y in expanded)

    @claim("1.1.5")
    def test_a_write_that_reads_what_it_overwrites_is_refused_unless_it_is_cloned(self):
        for dtype, shape in itertools.product(INDEXED, ((3,), (300,), (3, 2), (5, 1, 2))):
            x = torch.zeros(shape, dtype=dtype)
            x[0] = 1
            expected = as_array(x)

            for change in (operator.iadd, torch.Tensor.copy_, torch.Tensor.add_):
                with pytest.raises(RuntimeError, match="some elements of the input tensor and the"):
                    change(x[1:], x[:-1])
                assert same_values(x, expected)
            x[1:] += x[:-1].clone()
            expected[1] = 1
            assert same_values(x, expected)

    @claim("1.1.5")
    def test_an_index_of_a_list_a_tensor_or_a_mask_copies(self, device):
        for x in one_of_each(INDEXED, WITH_EXPANDED, EACH_RANK[1:-1]):
            if x.dim():
                x = x.to(device)
                zero = torch.tensor([0], device=device)
                copies = [x[[0]], x[zero], x[x == 1], x[x > 0] if not x.is_complex() else x[x != 0]]
                copies += [x[zero, ...], x[..., [0]], x[[-1]], x[zero.cpu().numpy()], x[[0], ...]]
                copies += [x[range(1)], x[np.ones(len(x), bool)], x[[True] * len(x)]]

                (x if x.stride(0) else x[0]).zero_()

                assert all(as_array(copied).any() for copied in copies)

    @claim("1.1.6")
    def test_item_of_a_tenth_shows_what_float32_holds(self):
        for dtype in (torch.float32, torch.float64):
            kind = "" if dtype is torch.float32 else ", dtype=torch.float64"
            for rank, shape in enumerate(ONE_ELEMENT):
                shown = f"tensor({'[' * rank}0.1000{']' * rank}{kind})"
                assert repr(torch.full(shape, 0.1, dtype=dtype)) == shown
            assert str(torch.full((300,), 0.1, dtype=dtype)).count("0.1000") == 300
        for shape in ONE_ELEMENT:
            array = np.full(shape, 0.1)
            for x in (torch.tensor(0.1), torch.full(shape, 0.1), torch.from_numpy(array).float()):
                assert repr(x.item()) == "0.10000000149011612"
            for x in (
                torch.tensor(0.1, dtype=torch.float64, requires_grad=True),
                torch.tensor([0.1] * 300, dtype=torch.float64)[299],
                torch.full(shape, 0.1, dtype=torch.float64),
                torch.from_numpy(array),
            ):
                assert x.item() == 0.1

    @claim("1.1.6")
    def test_numpy_and_a_printed_tensor_show_fewer_digits_of_the_same_number(self):
        for number in (0.1, 1 / 3, -2 / 3, 1.9209411, 0.7, 2.5, 123.456):
            x, held = torch.tensor(number), np.float32(number)
            for shown in (np.float32(x.item()), x.numpy()[()]):
                assert str(shown) == str(held)
            texts = [str(x)]
            torch.set_printoptions(precision=10)
            texts.append(str(x))
            torch.set_printoptions(profile="default")

            assert texts == [f"tensor({x.item():.{digits}f})" for digits in (4, 10)]

    @claim("1.1.6")
    @given(number=st.floats(width=64, allow_subnormal=False))
    def test_a_float_comes_back_as_the_nearest_float32_and_from_float64_as_it_was(self, number):
        assert same_number(torch.tensor(number).item(), float(np.float32(number)))
        assert same_number(torch.tensor(number, dtype=torch.float64).item(), number)


class TestNoDimensions:
    """A tensor of no dimensions, as a loss is, is no sequence."""

    @claim("1.1.7")
    @given(tensor=tensors(DTYPES, ((),)))
    def test_a_tensor_of_no_dimensions_has_no_len_and_cannot_be_iterated(self, tensor, device):
        leaf = torch.ones((), device=device, requires_grad=True)

        for x in (tensor.to(device), leaf, 2 * leaf):
            for iterate in (len, list, sum):
                with pytest.raises(TypeError, match="0-d"):
                    iterate(x)

    @claim("1.1.7")
    @given(tensor=tensors(DTYPES, ((),)))
    def test_a_tensor_of_no_dimensions_has_no_element_to_read_or_write(self, tensor, device):
        x = tensor.to(device)

        for index in (0, -1, slice(1), (0, 0), (..., 0)):
            with pytest.raises(IndexError, match=r"0-dim|too many indices|out of bounds"):
                x[index]
            with pytest.raises(IndexError, match=r"0-dim|too many indices|out of bounds"):
                x[index] = 1
        for size in (x.size, lambda dim: x.shape[dim]):
            for dim in (0, -1):
                with pytest.raises(IndexError, match=r"tensor has no dimensions|out of range"):
                    size(dim)
        with pytest.raises(IndexError, match="tensor has no dimensions"):
            x.size(dim=0)

    @claim("1.1.7")
    @given(tensor=tensors(FLOATS + COMPLEX, ((),)), grad=st.booleans())
    def test_a_tensor_of_no_dimensions_takes_the_format_of_its_number(self, tensor, grad, device):
        loss = tensor.to(device).requires_grad_(grad)

        assert f"{loss:.4f}" == format(as_array(tensor).item(), ".4f")

    @claim("1.1.7")
    def test_it_takes_every_format_of_a_number_in_every_dtype(self, device):
        for dtype in there(DTYPES):
            formats = (".4f", ".2e", "8.3f", "+.1f") if dtype.is_complex else (".4f", ".2e", "+.1%")

            elements = telling_elements(dtype).to(device)
            for x in elements:
                for how in formats:
                    assert format(x, how) == format(as_array(x).item(), how)
            assert same_bits(torch.stack([*elements] * 4), elements.repeat(4))

    @claim("1.1.7")
    def test_a_tensor_with_dimensions_refuses_a_format(self, device):
        for x in one_of_each(DTYPES, WITH_EXPANDED, ((0,), *ONE_ELEMENT[1:])):
            if x.dim():
                for how in (".4f", ".2e", "d", "8.3f"):
                    with pytest.raises(TypeError, match="unsupported format string"):
                        format(x.to(device), how)

    @claim("1.1.7")
    def test_a_parameter_refuses_a_format_and_its_item_takes_one(self, device):
        for dtype in there(FLOATS):
            parameter = torch.nn.Parameter(torch.tensor(1.5, dtype=dtype, device=device))

            for how in (".4f", ".2e", "+.1%"):
                with pytest.raises(TypeError, match="unsupported format string"):
                    format(parameter, how)
            assert f"{parameter.item():.4f}" == f"{1 * parameter:.4f}" == "1.5000"

    @claim("1.1.7")
    @given(tensor=tensors(DTYPES, ((),)))
    def test_cat_refuses_tensors_of_no_dimensions_and_stack_takes_them(self, tensor, device):
        x = tensor.to(device)

        takes_grad = x.is_floating_point() or x.is_complex()
        results = (
            [it for y in (x.clone().requires_grad_(),) for it in (y, 2 * y)] if takes_grad else []
        )
        for y in (x, *results):
            for losses, dim in (([y, y], 0), ((y,) * 9, -1), ([x, y], 0)):
                with pytest.raises(RuntimeError, match="zero-dimensional tensor"):
                    torch.cat(losses, dim)
        assert same_bits(as_array(torch.stack([x, x])), np.stack([as_array(tensor)] * 2))


class TestShapes:
    """x.view() and x.reshape(): the same elements in another shape."""

    SHAPES = ((12,), (3, 4), (2, 6), (2, 3, 2), (1, 12, 1), (-1,), (-1, 4), (2, -1, 3))

    @claim("1.1.9")
    def test_view_and_reshape_keep_the_order_of_the_elements(self, device):
        for turn, dtype in enumerate(there(DTYPES)):
            x = torch.arange(12).reshape(3, 4).to(device, dtype)

            for start, shape in enumerate(self.SHAPES, turn):
                for y in (x, x.mT.contiguous(), x.mT):
                    expected = as_array(y).reshape(shape)
                    shaped = [y.reshape(*shape), y.reshape(shape), torch.reshape(y, shape)]
                    shaped += [y.reshape(shape=shape)]
                    if y.is_contiguous():
                        shaped += [y.view(shape), y.view(*shape), y.view(size=shape)]
                    for z in shaped[start % 2 :: 2]:
                        assert same_bits(as_array(z), expected)

    @claim("1.1.9")
    def test_permute_and_transpose_reorder_dimensions_and_share_memory(self, device):
        orders = [*itertools.permutations(range(3))]
        pairs = [*itertools.permutations((0, 1, 2, -1, -2), 2)]
        for turn, dtype in enumerate(there(DTYPES)):
            image = torch.arange(24).reshape(2, 3, 4).to(device, dtype)
            pixels = as_array(image)

            for order in orders[turn % 3 :: 3]:
                expected = pixels.transpose(order)
                for y in (
                    *(image.permute(order), image.permute(*order), torch.permute(image, order)),
                    *(image.permute(dims=order), torch.permute(image, dims=order)),
                ):
                    assert same_bits(as_array(y), expected)
                    assert share_memory(y, image)
            for one, other in pairs[turn % 4 :: 4]:
                expected = np.swapaxes(pixels, one, other)
                for y in (
                    *(image.transpose(one, other), torch.transpose(image, one, other)),
                    image.transpose(dim0=one, dim1=other),
                ):
                    assert same_bits(as_array(y), expected)
                    assert share_memory(y, image)

        image = torch.arange(24, device=device).reshape(2, 3, 4)
        for shaped in (image.reshape(4, 2, 3), image.view(4, 2, 3)):
            assert not same_bits(as_array(shaped), as_array(image).transpose(2, 0, 1))

    @claim("1.1.9")
    def test_what_picks_splits_or_widens_shares_memory_and_what_repeats_or_turns_copies(
        self, device
    ):
        views = {
            lambda x: x.squeeze(): np.squeeze,
            lambda x: torch.squeeze(x, -2): np.squeeze,
            lambda x: x.squeeze(dim=1): np.squeeze,
            lambda x: x.squeeze(0): np.asarray,
            lambda x: x.unsqueeze(1): lambda a: a[:, None],
            lambda x: torch.unsqueeze(x, -1): lambda a: a[..., None],
            lambda x: x.unsqueeze(dim=0): lambda a: a[None],
            lambda x: x.mT: lambda a: a.swapaxes(-1, -2),
            lambda x: x.unbind()[1]: lambda a: a[1],
            lambda x: torch.unbind(x, dim=-1)[2]: lambda a: a[..., 2],
            lambda x: x.split(2, -1)[1]: lambda a: a[..., 2:],
            lambda x: torch.split(x, 3, dim=2)[1]: lambda a: a[..., 3:],
            lambda x: x.split([1, 3], dim=-1)[1]: lambda a: a[..., 1:],
            lambda x: x.chunk(2)[1]: lambda a: a[1:],
            lambda x: torch.chunk(x, 3, dim=-1)[1]: lambda a: a[..., 2:],
            lambda x: x.narrow(-1, 1, 2): lambda a: a[..., 1:3],
            lambda x: torch.narrow(x, dim=0, start=1, length=1): lambda a: a[1:],
            lambda x: x.unfold(-1, 2, 1): lambda a: sliding_window_view(a, 2, -1),
            lambda x: x.unfold(dimension=0, size=1, step=2): lambda a: a[:1, ..., None],
            lambda x: x.diagonal(): np.diagonal,
            lambda x: x.diagonal(0, 1, 2): lambda a: a.diagonal(0, 1, 2),
            lambda x: x.diagonal(-2, -1, 0): lambda a: a.diagonal(-2, 2, 0),
            lambda x: x.diagonal(dim1=0, dim2=2, offset=2): lambda a: a.diagonal(2, 0, 2),
            lambda x: torch.diagonal(x, -1, 0, 2): lambda a: a.diagonal(-1, 0, 2),
            lambda x: x.expand(3, 2, 1, 4): lambda a: np.stack([a] * 3),
            lambda x: x.expand(-1, 3, -1): lambda a: np.repeat(a, 3, 1),
            lambda x: x.expand(size=(2, 3, 4)): lambda a: np.repeat(a, 3, 1),
            lambda x: x.expand_as(x.new_empty(2, 3, 4)): lambda a: np.repeat(a, 3, 1),
            lambda x: x.narrow(2, -2, 1): lambda a: a[..., -2:-1],
            lambda x: x[None].squeeze(0): np.asarray,
            lambda x: torch.squeeze(x): np.squeeze,
        }
        if RELEASE >= (2, 0):
            views[lambda x: x[None].squeeze((0, 2))] = np.squeeze
            views[lambda x: torch.squeeze(x, dim=(1,))] = np.squeeze
        copies = {
            lambda x: x.flip(0): lambda a: a[::-1],
            lambda x: x.roll(1, -1): lambda a: np.roll(a, 1, -1),
            lambda x: x.roll(3): lambda a: np.roll(a, 3),
            lambda x: torch.roll(x, shifts=(1, -1), dims=(0, 2)): lambda a: np.roll(
                a, (1, -1), (0, 2)
            ),
            lambda x: x.repeat(1, 3, 1): lambda a: np.tile(a, (1, 3, 1)),
            lambda x: x.repeat(2, 1, 1, 1): lambda a: np.stack([a] * 2),
            lambda x: x.repeat(1, 1, 1): np.copy,
            lambda x: x.repeat((1, 3, 1)): lambda a: np.tile(a, (1, 3, 1)),
            lambda x: torch.cat([x]): np.copy,
            lambda x: torch.cat((x, x[:1]), dim=0): lambda a: np.concatenate([a, a[:1]]),
            lambda x: torch.cat([x, x], -1): lambda a: np.concatenate([a, a], -1),
        }
        for turn, dtype in enumerate(there(DTYPES)):
            x = torch.arange(8).reshape(2, 1, 4).to(device, dtype)
            array, made = as_array(x).copy(), {make: make(x) for make in (views | copies)}
            for make, expect in [*(views | copies).items()][turn % 2 :: 2]:
                assert made[make].dtype is dtype
                assert same_bits(as_array(made[make]), expect(array))
            x.zero_()
            for make, y in made.items():
                assert as_array(y).any() == (make in copies)
        for dtype in (*FLOATS, *COMPUTING_INTEGERS):
            x = torch.arange(24).reshape(2, 3, 4).to(device, dtype)
            for y in (x.flip(0, -1), torch.flip(x, dims=(-1, 0)), x.flip((0, 2))):
                assert (y.dtype, same_values(y, as_array(x)[::-1, :, ::-1])) == (dtype, True)
        x = torch.arange(210, device=device).reshape(70, 3)
        parts = [
            *(x.split(1), torch.split(x, [1] * 70), x.chunk(70), torch.chunk(x, 70)),
            *(x.unbind(), torch.unbind(x), [x.narrow(0, start, 1) for start in range(70)]),
        ]
        x.neg_()
        for many in parts:
            assert torch.cat([it.reshape(-1) for it in many]).tolist() == [*range(0, -210, -1)]

    @claim("1.1.9")
    def test_so_they_do_along_every_dimension_in_every_spelling(self, device):
        forms = [((3, 4, 5), dim) for dim in range(-3, 3)]
        forms += [((2, 3), 1), ((2, 1200), -2), ((2, 3, 1, 4), 1), ((3, 2, 2, 2), -1)]
        forms += [((2, 1, 3, 2, 2), 2), ((2, 2, 1, 2, 3), -5), ((2, 1, 2, 1, 2), 4)]
        for (shape, dim), dtype in zip(forms, itertools.cycle(there(INDEXED)), strict=False):
            x = torch.arange(math.prod(shape)).reshape(shape).to(device, dtype)
            array, n, rank = as_array(x), shape[dim], len(shape)
            other = (dim - 1) % rank - rank
            both, parts = (dim, other), np.split(array, n, dim)
            widened, gaps = np.expand_dims(array, dim), np.concatenate(parts[::2], dim)
            views = (
                ("unbind", (), {"dim": dim}, [part.squeeze(dim) for part in parts]),
                ("split", (1,), {"dim": dim}, parts),
                ("split", ([1] * n,), {"dim": dim}, parts),
                ("chunk", (n,), {"dim": dim}, parts),
                ("narrow", (), {"dim": dim, "start": 0, "length": 1}, parts[:1]),
                ("unfold", (), {"dimension": dim, "size": 1, "step": 2}, [gaps[..., None]]),
                ("unsqueeze", (), {"dim": dim}, [widened]),
                ("squeeze", (), {"dim": dim}, [array]),
                ("transpose", (other,), {"dim1": dim}, [array.swapaxes(*both)]),
                ("diagonal", (0,), {"dim1": other, "dim2": dim}, [array.diagonal(0, other, dim)]),
            )
            copies = (
                ("flip", (), {"dims": (dim,)}, [np.flip(array, dim)]),
                ("flip", (), {"dims": both}, [np.flip(array, both)]),
                ("roll", (2,), {"dims": dim}, [np.roll(array, 2, dim)]),
                ("roll", ((2, 1),), {"dims": both}, [np.roll(array, (2, 1), both)]),
                ("cat", (), {"dim": dim}, [np.concatenate([array] * 2, dim)]),
            )
            made = []
            for name, first, last, expected in views + copies:
                owners = {"cat": [torch], "unfold": [torch.Tensor]}.get(name, [torch, torch.Tensor])
                for way in [getattr(owner, name) for owner in owners]:
                    given = [x, x] if name == "cat" else x
                    for y in (way(given, *first, *last.values()), way(given, *first, **last)):
                        got = [y] if isinstance(y, torch.Tensor) else y
                        assert all(itertools.starmap(same_bits, zip(got, expected, strict=True)))
                        made += [(it, name in ("flip", "roll", "cat")) for it in got]
            x.zero_()
            assert all(as_array(y).any() == copied for y, copied in made)

    @claim("1.1.9")
    def test_so_they_do_from_every_rank_size_and_layout_sharing_memory_where_they_can(self, device):
        halves = itertools.cycle((slice(0, None, 2), slice(1, None, 2)))
        for x in one_of_each(DTYPES, WITH_EXPANDED, ((0,), (4, 3, 2), (100, 7), MIB)):
            x = x.to(device)
            array, contiguous = as_array(x), x.contiguous()
            count, in_order = x.numel(), [step // array.itemsize for step in array.strides]
            steps = zip(x.shape, x.stride(), in_order, strict=True)
            lies_in_order = not count or all(n == 1 or a == b for n, a, b in steps)
            assert (contiguous is x) is lies_in_order
            assert same_bits(contiguous, x)
            shapes = [(count,), (1, count), (count, 1, 1), (1, 1, count, 1), (1, 1, 1, 1, count)]
            for shape in shapes[:1] if x.shape == MIB else shapes:  # the largest takes long
                expected = array.reshape(shape)
                for y in (x.reshape(shape), torch.reshape(x, shape), contiguous.view(shape)):
                    assert same_bits(as_array(y), expected)
                shaped = (
                    *(contiguous.view(shape), contiguous.view(*shape), contiguous.view(size=shape)),
                    *(contiguous.view(torch.Size(shape)), contiguous.view([*shape])),
                    *(contiguous.reshape(shape), contiguous.reshape(*shape)),
                    *(contiguous.reshape(shape=shape), torch.reshape(contiguous, shape)),
                    torch.reshape(input=contiguous, shape=shape),
                )
                for y in shaped[next(halves)]:
                    assert share_memory(y, contiguous)
                    assert same_bits(as_array(y), expected)
            views = [x.view(*x.shape, 1), x.view(1, *x.shape), x.reshape(*x.shape, 1)]
            flat = (x.reshape(-1), x.flatten(), torch.flatten(input=x))
            assert all(same_bits(it, array.reshape(-1)) for it in flat)
            views += [x.view(-1), *flat] if evenly_spaced(x) else []
            if x.dim():
                views += [x.transpose(0, -1), x.permute(*range(x.dim())[::-1])]
                assert same_bits(as_array(views[-2]), array.swapaxes(0, -1))
                assert same_bits(as_array(views[-1]), array.T)
            for view in views:
                assert share_memory(view, x)
            if not evenly_spaced(x):
                with pytest.raises(RuntimeError, match="view size is not compatible"):
                    x.view(-1)
                assert not any(share_memory(it, x) for it in flat)

    @claim("1.1.9")
    def test_both_share_memory_and_reshape_copies_what_view_refuses(self, device):
        long = torch.arange(61 * 70, device=device).reshape(70, 61)  # copied by blocks of 60 by 60
        for turned in (long.mT, long.reshape(7, 10, 61).permute(2, 1, 0)):
            expected = as_array(long).reshape(turned.shape[::-1]).T.reshape(-1)
            assert same_bits(turned.reshape(-1), expected)
            assert same_bits(turned.contiguous().view(-1), expected)

        x = torch.zeros(3, 4, device=device)
        parts = x, x[1:], x[:2].view(2, 2, 2)
        views = [y for it in parts for y in (it.view(-1), it.reshape(-1), torch.reshape(it, (-1,)))]
        views += [x.mT.view(2, 2, 3), x.mT.reshape(2, 2, 3)]
        copies = [it.reshape(-1) for it in (x.mT, x[:, ::3], x.expand(2, 3, 4))]

        for it in (x.mT, x[:, :2], x.expand(2, 3, 4)):
            with pytest.raises(RuntimeError, match="view size is not compatible"):
                it.view(-1)
        x.fill_(1)

        assert all(as_array(view).all() for view in views)
        assert not any(as_array(copy).any() for copy in copies)

    @claim("1.1.9")
    def test_both_refuse_another_number_of_elements(self, device):
        for x in one_of_each(DTYPES, WITH_EXPANDED, ((0,), (2, 3), MIB)):
            x, n = x.to(device), x.numel()
            for change in (x.view, x.reshape):
                with pytest.raises(RuntimeError, match="only one dimension can be inferred"):
                    change(-1, -1)
            for change in (x.view, x.reshape, x.contiguous().view):
                shapes = [(n + 1,), (n + 2, -1) if n else (3,), (2, n + 1)]
                for shape in [*shapes, (n - 1,), ()] if n > 1 else shapes:
                    with pytest.raises(RuntimeError, match=f"is invalid for input of size {n}"):
                        change(shape)
        assert torch.ones(0, 3, device=device).view(-1, 3).shape == (0, 3)
        with pytest.raises(RuntimeError, match="unspecified dimension size -1 can be any value"):
            torch.ones(0, 3, device=device).view(-1, 0)


def evenly_spaced(x: torch.Tensor) -> bool:
    """Whether each element of x lies as far in memory behind the one before it."""
    steps = [step for step in zip(x.shape, x.stride(), strict=True) if step[0] > 1]
    return all(outer == n * inner for (_, outer), (n, inner) in itertools.pairwise(steps))


class TestKeys:
    """Tensors as keys of a dict or elements of a set."""

    @claim("1.1.8")
    @given(tensor=tensors(DTYPES, ONE_ELEMENT))
    def test_a_tensor_is_not_found_under_another_of_the_same_value(self, tensor, device):
        x, y = tensor.to(device), tensor.to(device).clone()

        found = {x: "found"}

        assert found.get(x) == "found"
        assert y not in found

    @claim("1.1.5")
    def test_numpys_integers_index_as_pythons_do(self, device):
        for x in one_of_each(layouts=WITH_EXPANDED):
            if x.dim():
                x = x.to(device)

                for kind in (np.int64, np.int32, np.uint8):
                    assert same_values(x[kind(1)], as_array(x)[1])
                    assert same_values(x[kind(1) :], as_array(x)[1:])
                assert same_values(x[np.int16(-1)], as_array(x)[-1])
                for kind in (np.int64, np.uint8):
                    place = tuple(kind(min(n - 1, 100)) for n in x.shape)
                    for index in (place, (*place[:-1], slice(None)), (..., place[-1])):
                        assert same_values(x[index], np.asarray(as_array(x)[index]))

    @claim("1.1.8")
    def test_in_asks_whether_an_element_equals_a_number(self, device):
        alone = [torch.zeros(shape, dtype=dtype) for shape, dtype in WITH_ONE_ALONE]
        for x in alone:
            x.view(-1)[-1] = 6
        for x in (*one_of_each(FLOATS + COMPUTING_INTEGERS, WITH_EXPANDED, ((0,),)), *alone):
            x = x.to(device)
            held = set(as_array(x).ravel().tolist())

            for number in (1, 5.0, 6, math.nan):
                for it in (number, torch.tensor(number, device=device)):
                    assert (it in x) is (number in held)
        for dtype in there(FLOATS):
            nan = torch.full((2, 3), math.nan, device=device, dtype=dtype)
            assert not any(it in nan for it in (math.nan, nan[0, 0]))
        for other in ("1", [1], (1,), None, np.ones(1)):
            with pytest.raises(RuntimeError, match="only supports Tensor or scalar"):
                operator.contains(nan, other)

    @claim("1.1.8")
    def test_reversed_copies_with_the_first_dimension_turned_round(self, device):
        for x in one_of_each(FLOATS + COMPUTING_INTEGERS, WITH_EXPANDED, ((0,), (1, 3))):
            x = x.to(device)
            y = reversed(x)

            if x.dim():
                assert same_values(y, as_array(x)[::-1])
                y.zero_()
                assert x.all()
            else:
                assert y is x

    @claim("1.1.8")
    def test_nor_is_one_of_any_rank_size_layout_and_dtype(self, device):
        tensors = [x.to(device) for x in one_of_each(DTYPES, WITH_EXPANDED, ((0,),))]
        found = {x: n for n, x in enumerate(tensors)}

        for n, x in enumerate(tensors):
            for y in (x.clone(), x.detach(), x[...], torch.nn.Parameter(x, requires_grad=False)):
                assert hash(y) != hash(x)
                assert y not in found
            assert found.get(x) == n

    @claim("1.1.8")
    @given(tensor=tensors((torch.int64,), ((3,), (100,))), number=st.integers(0, 100))
    def test_a_set_of_a_tensor_counts_elements_and_that_of_a_list_values(
        self, tensor, number, device
    ):
        x = torch.full_like(tensor, number).to(device)

        assert [len(set(x)), len(set(x.tolist()))] == [len(x), 1]
