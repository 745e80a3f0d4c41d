"""Hypothesis strategies: the tensors, arrays, positions and sizes that the specs are tried on.

What they cover, and why:

dtypes     all that a claim speaks of; unsigned integers since 2.3, float8 and complex32 on request
values     zero, one, NaN, infinities, both extremes, subnormal numbers, any bits
ranks      0 to 5, since loops over dimensions are often written for four at most
sizes      0 to 27 elements; up to 10,000, since vectorised kernels take 4 to 64 at a time and treat
           the rest apart; over 32,768, where kernels start to use threads, and over 65,536; on
           request a MiB
layouts    contiguous, transposed, with gaps, with an offset into the memory, channels_last; on
           request expanded (stride 0), which in-place operations refuse
arrays     the same, and memory-mapped ones and subclasses of ndarray

An example costs two or three draws whatever its size: perhaps a dtype, a shape with a layout, and
a string of bytes that the elements repeat from the start when it ends. Each byte picks from a
palette of telling values ordered from plain to odd, or, if it is large, says that its element's
bits come from the string itself. So one zero byte is a tensor of zeros, and a shorter string or a
smaller byte is a plainer tensor. Shapes and layouts are ordered too, so that a failure shrinks to
the smallest shape that shows it.

The default profile tries six examples a property, half of them with more than 64 elements, and a
quarter each of four and of five dimensions. No property sees every combination in six examples. So
what must be tried in every run is no draw: ``every_form`` is each size, rank and layout,
``EACH_RANK`` each rank for loops over many operations, ``every_kind`` each dtype in each layout,
``ones`` the latter two, ``relaid`` layouts in turn, ``numbered`` an array of numbers by which its
elements can be told apart, ``one_of_each`` a few tensors in which each size, rank, layout and dtype
occurs, and a loop in the spec goes through the spellings, the repetitions, the kinds of net and the
ways out of a block that it names: ``grad_modes`` has the ways to turn grad mode off and on,
``nets_around`` nets that hold a module, alone or among others, in one level to eight. Combinations
of more, such as a rare dtype in a rare layout of a rare size, are tried at random: few by the
default profile, many by ``explore``.
"""

from __future__ import annotations

import itertools
import math
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache

import numpy as np
import torch
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from specs.lacking import layouts_there, there, without_subnormals
from specs.releases import RELEASE

# --- dtypes -----------------------------------------------------------------------------------


def _there(*names: str) -> tuple[torch.dtype, ...]:
    return tuple(getattr(torch, name) for name in names if hasattr(torch, name))


FLOATS = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
COMPLEX = (torch.complex64, torch.complex128)
UNSIGNED = _there("uint16", "uint32", "uint64") if RELEASE >= (2, 3) else ()
COMPUTING_INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)
INTEGERS = COMPUTING_INTEGERS + UNSIGNED
BOOL = (torch.bool,)
DTYPES = FLOATS + COMPLEX + INTEGERS + BOOL

#: Dtypes to store numbers in: PyTorch copies and views them, and computes with hardly any.
STORED = (*_there("float8_e4m3fn", "float8_e5m2"), torch.complex32)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    torch.empty(0, dtype=torch.complex32)  # that it is experimental, PyTorch says once

#: The real dtypes that CPU kernels compute with; old releases cannot in half precision.
COMPUTING_FLOATS = FLOATS if RELEASE >= (2, 4) else (torch.float32, torch.float64, torch.bfloat16)

#: The NumPy dtype that each dtype of PyTorch shares memory with.
#: Source: https://docs.pytorch.org/docs/stable/generated/torch.from_numpy.html
NUMPY_DTYPE = {
    dtype: np.dtype(str(dtype).removeprefix("torch."))
    for dtype in (*FLOATS[:3], *COMPLEX, *INTEGERS, *BOOL)
}
SHARED_DTYPES = tuple(NUMPY_DTYPE)

#: The NumPy dtype that holds the bits of those that NumPy lacks.
BITS_OF = {torch.bfloat16: np.dtype(np.uint16), torch.complex32: np.dtype(np.uint32)}
BITS_OF |= {dtype: np.dtype(np.uint8) for dtype in _there("float8_e4m3fn", "float8_e5m2")}


def carrier(dtype: torch.dtype) -> np.dtype:
    """The NumPy dtype of the same numbers, or of the same bits where NumPy has no such numbers."""
    return NUMPY_DTYPE[dtype] if dtype in NUMPY_DTYPE else BITS_OF[dtype]


# --- shapes -----------------------------------------------------------------------------------

Shape = tuple[int, ...]


# A shape that stands in a tuple more often is drawn more often. Tuples have fewer than 127 shapes:
# from longer ones Hypothesis prefers the first. Six examples are few: so that most properties see
# four dimensions, five, and more than 64 elements, each of these has a fifth or more.
_SMALL: tuple[Shape, ...] = (
    *((),) * 14,
    *((1,), (2,), (3,)) * 2,
    *((1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3)),
    *((1, 1, 1), (2, 1, 1), (1, 3, 1), (1, 2, 3), (2, 1, 3), (2, 3, 1), (3, 2, 2)),
    *((1, 1, 1, 1), (1, 2, 2, 1), (2, 2, 1, 2), (2, 1, 3, 2), (1, 3, 2, 2), (2, 2, 3, 1)),
    *((1, 1, 1, 1, 1), (1, 2, 1, 2, 1), (2, 1, 2, 1, 3), (1, 2, 2, 2, 1), (1, 3, 2, 1, 2)),
)
_LONG: tuple[Shape, ...] = (
    *((n,) for n in (8, 9, 17, 33, 64, 65, 100, 129, 300, 1000, 4097, 10_000)),
    *((2, 9), (9, 8), (17, 33), (3, 100), (61, 65)),  # the last is transposed by blocks of 60
    *((2, 5, 13), (3, 33, 17)),
    *((1, 3, 5, 5), (2, 3, 4, 5), (2, 5, 8, 9), (3, 4, 17, 16)) * 3,
    *((1, 2, 3, 4, 5), (2, 2, 2, 3, 3), (2, 3, 5, 8, 9)) * 4,
)
_THREADED: tuple[Shape, ...] = (
    *((32_769,), (40_000,), (65_549,), (182, 181)),
    *((3, 105, 105), (2, 3, 74, 75), (2, 3, 4, 37, 38)),
)
EMPTY: tuple[Shape, ...] = ((0,), (0, 2), (3, 0), (2, 0, 3), (0, 0), (2, 0, 3, 1), (1, 2, 3, 0, 1))
NOT_EMPTY = _SMALL + _LONG + _THREADED
ANY_SHAPE = NOT_EMPTY + EMPTY
ONE_ELEMENT: tuple[Shape, ...] = ((), (1,), (1, 1), (1, 1, 1), (1, 1, 1, 1), (1, 1, 1, 1, 1))
#: For loops over many operations: one of each rank, and one that kernels share among threads.
EACH_RANK: tuple[Shape, ...] = (
    *((), (3,), (2, 3), (2, 1, 3), (1, 2, 1, 3), (2, 1, 2, 1, 3)),
    (40_001,),
)
SEVERAL = tuple(shape for shape in NOT_EMPTY if math.prod(shape) > 1)
#: For loops over dtypes and layouts.
_OF_KINDS: tuple[Shape, ...] = ((2, 3, 4, 5), (3, 50), (2, 1, 3, 2, 3), (3, 4, 5), (5, 2))
#: For specs that are quick at any size: now and then more than a MiB, whatever the dtype.
UP_TO_MIB = (*ANY_SHAPE, (2**20 + 1,), (4, 3, 300, 300))
#: For specs whose work or rounding grows with the size.
AT_MOST_27 = (*_SMALL, *EMPTY)

#: How many inputs, outputs, channels or rows a layer has.
SIZES = st.sampled_from((1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 8, 17, 33, 65, 100, 129))

#: Which element is written to or read, modulo the number of elements; 0 is the first, -1 the last.
POSITIONS = st.sampled_from((0, -1)) | st.integers(0, 2**20)

LAYOUTS = ("contiguous", "transposed", "gaps", "offset", "channels_last")
WITH_EXPANDED = (*LAYOUTS, "expanded")
#: How many dimensions it takes for a layout to differ from the contiguous one.
_RANK_OF = {"transposed": 2, "gaps": 1, "channels_last": 4, "expanded": 1}
OF_ARRAYS = (*LAYOUTS, "memory-mapped", "subclass")

# --- elements ---------------------------------------------------------------------------------


def _carried(values: np.ndarray, dtype: torch.dtype) -> np.ndarray:
    """The values in the NumPy dtype that carries ``dtype``."""
    if dtype is torch.bfloat16:  # the upper half of a float32
        return (values.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    if dtype is torch.complex32:  # two of float16
        parts = np.stack([values.real, values.imag], axis=-1).astype(np.float16)
        return parts.view(np.uint32)[..., 0]
    return values.astype(carrier(dtype))


@cache
def palette(dtype: torch.dtype) -> np.ndarray:
    """The telling values of ``dtype``, plain ones first, in the NumPy dtype that carries it."""
    if dtype is torch.bool:
        return np.array([False, True])
    if dtype is torch.bfloat16:
        return _carried(palette(torch.float32), dtype)
    if dtype is torch.complex32:
        with np.errstate(over="ignore"):
            return _carried(palette(torch.complex64), dtype)
    if dtype in BITS_OF:  # float8: zeros, ones, twos, NaN, infinities and extremes of either kind
        bits = "00 38 3c b8 bc 40 80 7f ff 7e fe 7c fc 7b 01 81"
        return np.frombuffer(bytes.fromhex(bits), np.uint8)
    numpy_dtype = NUMPY_DTYPE[dtype]
    if not dtype.is_floating_point and not dtype.is_complex:
        limits = np.iinfo(numpy_dtype)
        values = [0, 1, 2, 3, limits.max, limits.min, limits.max - 1, limits.min + 1, 100]
        return np.array(values + [-v for v in values if limits.min < 0 and v > 0], numpy_dtype)
    limits = np.finfo(numpy_dtype)
    subnormal = np.nextafter(limits.dtype.type(0), limits.dtype.type(1))
    reals = [0, 1, -1, 2, -2, 0.5, 2.5, -0.0, np.nan, np.inf, -np.inf, limits.max, limits.min]
    reals += [limits.tiny, subnormal, -subnormal, limits.eps, 1 + limits.eps, -3, 1 / 3]
    if not dtype.is_complex:
        return np.array(reals, numpy_dtype)
    pairs = [*zip(reals, reversed(reals), strict=True), *zip(reals, reals, strict=True)]
    return np.array([complex(real, imaginary) for real, imaginary in pairs], numpy_dtype)


#: Values whose sums and products of a few are exact in float32 and float64; so is the sum of the
#: squares of 65,549 of them in float32, if no pattern is longer than 32.
SMALL = np.array([0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 4, -4, 1.5, -1.5, 6, -7, 8])

_FROM_PALETTE = 200  # of the 256 values of a picking byte; the others take bits as they come


_BYTES = st.binary(min_size=1, max_size=32)


def _repeated(drawn: bytes, count: int) -> np.ndarray:
    """``count`` bytes; np.resize takes ten times as long."""
    return np.frombuffer((drawn * (count // len(drawn) + 1))[:count], np.uint8)


def _elements(drawn: bytes, dtype: torch.dtype, count: int, small: bool) -> np.ndarray:
    """``count`` elements, 1-d, of the NumPy dtype that carries ``dtype``."""
    if count > 4096:  # compute a period, and repeat that
        period = len(drawn) * 8  # bytes; a multiple of every element's size
        first = _elements(drawn * 8, dtype, period, small)
        return _repeated(first.tobytes(), count * first.itemsize).view(first.dtype)
    picks = _repeated(drawn, count)
    if small:
        return _carried(SMALL[picks % len(SMALL)], dtype)
    picked = np.take(palette(dtype), picks, mode="wrap")
    if dtype is torch.bool:
        return picked
    bits = _repeated(drawn, count * picked.itemsize).view(picked.dtype)
    return np.where(picks < _FROM_PALETTE, picked, bits)


class Subclass(np.ndarray):
    """A subclass of ndarray, as matrices, masked arrays and units of measurement are."""


def _laid_out(elements: np.ndarray, layout: str) -> np.ndarray:
    """The elements in a fresh array whose memory is laid out as asked, where its shape allows."""
    shape, dtype = elements.shape, elements.dtype
    if layout == "transposed":
        array = np.zeros(shape[::-1], dtype).T
    elif layout == "gaps" and shape:
        array = np.zeros((*shape[:-1], 2 * shape[-1]), dtype)[..., 1::2]
    elif layout == "offset":
        array = np.zeros(3 + elements.size, dtype)[3:].reshape(shape)
    elif layout == "channels_last" and len(shape) >= 4:  # the second dimension innermost
        array = np.moveaxis(np.zeros((shape[0], *shape[2:], shape[1]), dtype), -1, 1)
    elif layout == "expanded" and shape and elements.size:  # along the first dimension
        return np.broadcast_to(elements[:1].copy(), shape)
    elif layout == "memory-mapped" and elements.size:
        with tempfile.TemporaryFile() as file:  # the mapping outlives it
            array = np.memmap(file, dtype, "w+", shape=shape or (1,)).reshape(shape)
    elif layout == "subclass":
        array = np.zeros(shape, dtype).view(Subclass)
    else:
        array = np.zeros(shape, dtype)
    array[...] = elements
    return array


def _tensor_over(array: np.ndarray, dtype: torch.dtype) -> torch.Tensor:
    """A tensor over the array's memory, without the functions that the specs are about.

    To PyTorch it is no view of another tensor, for whose sake its ``requires_grad`` would differ.
    """
    if array.size == 0:
        return torch.empty(array.shape, dtype=dtype)
    memory = array
    while memory.base is not None:
        memory = memory.base
    offset = 0
    if memory is not array:
        start, begin = (it.__array_interface__["data"][0] for it in (array, memory))
        offset = (start - begin) // array.itemsize
    strides = [stride // array.itemsize for stride in array.strides]
    whole = torch.frombuffer(memory.reshape(-1, order="A"), dtype=dtype)
    return torch.empty(0, dtype=dtype).set_(whole, offset, array.shape, strides)


def _example(layout: str) -> torch.Tensor:
    """A tensor with this layout, to see whether a device takes it."""
    return _tensor_over(_laid_out(np.zeros((2, 3, 2, 2), np.float32), layout), torch.float32)


@cache
def _shapes(shapes: tuple[Shape, ...], layout: str) -> SearchStrategy[Shape]:
    """One of these shapes, of those that can have the layout; it shrinks to the plainest."""
    fitting = [shape for shape in shapes if len(shape) >= _RANK_OF.get(layout, 0)] or shapes
    return st.sampled_from(sorted(fitting, key=lambda it: (0 in it, math.prod(it), len(it))))


@cache
def _kinds(
    dtypes: tuple[torch.dtype, ...], layouts: tuple[str, ...]
) -> SearchStrategy[tuple[torch.dtype, str]]:
    return st.sampled_from(list(itertools.product(dtypes, layouts)))


def _drawn(
    draw, dtypes: tuple[torch.dtype, ...], shapes, small: bool, layouts: tuple[str, ...]
) -> tuple[np.ndarray, torch.dtype]:
    dtype, layout = draw(_kinds(there(dtypes), layouts))
    shape = shapes[0] if len(shapes) == 1 else draw(_shapes(shapes, layout))
    elements = _elements(draw(_BYTES), dtype, math.prod(shape), small)
    elements = without_subnormals(elements, dtype)
    return _laid_out(elements.reshape(shape), layout), dtype


@st.composite
def arrays(
    draw,
    dtypes: tuple[torch.dtype, ...] = SHARED_DTYPES,
    shapes: tuple[Shape, ...] = ANY_SHAPE,
    small: bool = False,
    layouts: tuple[str, ...] = OF_ARRAYS,
) -> np.ndarray:
    """Arrays of NumPy's counterparts of ``dtypes``, which can be written to."""
    array, _ = _drawn(draw, dtypes, shapes, small, layouts)
    return array


@st.composite
def tensors(
    draw,
    dtypes: tuple[torch.dtype, ...] = FLOATS,
    shapes: tuple[Shape, ...] = ANY_SHAPE,
    small: bool = False,
    layouts: tuple[str, ...] = LAYOUTS,
) -> torch.Tensor:
    """Tensors on the CPU, without grad; ``small`` values make arithmetic exact."""
    layouts = layouts_there(layouts, _example)
    return _tensor_over(*_drawn(draw, dtypes, shapes, small, layouts))


def every_form(
    dtype: torch.dtype = torch.float32, layouts: tuple[str, ...] = LAYOUTS
) -> Iterator[torch.Tensor]:
    """A new tensor of each telling size and rank in each layout.

    For what must be tried in every run, whatever Hypothesis draws. The numbers are whole, from -5
    to 5 and not zero, so that sums of their squares are exact. Signs alternate, and the layouts of
    a shape take turns in which begins; what has but one layout comes twice. So of each shape every
    element is positive once and negative once.
    """
    layouts = layouts_there(layouts, _example)
    for start, shape in enumerate(dict.fromkeys((*ONE_ELEMENT, (2, 3), *_LONG, *_THREADED))):
        fitting = [it for it in layouts if len(shape) >= _RANK_OF.get(it, 0)]
        fitting = fitting if math.prod(shape) < 4000 and len(fitting) > 1 else [layouts[0]] * 2
        for turn, layout in enumerate(fitting, start):
            yield _tensor_over(_laid_out(_alternating(shape, dtype, turn % 2), layout), dtype)


@cache
def _alternating(shape: Shape, dtype: torch.dtype, first: int) -> np.ndarray:
    """Numbers from 1 to 5, of which every second is negative, from this one on."""
    numbers = np.arange(math.prod(shape)) % 5 + 1
    numbers[first::2] *= -1
    return _carried(numbers.reshape(shape), dtype)


def every_kind(
    dtypes: tuple[torch.dtype, ...] = FLOATS,
    layouts: tuple[str, ...] = WITH_EXPANDED,
    whole: bool = False,
) -> Iterator[torch.Tensor]:
    """A new tensor of each dtype in each layout: of its telling values, or of whole numbers.

    The ranks from two to five take turns, since it takes two for most layouts to differ.
    """
    for array, dtype in _every_kind(there(dtypes), layouts_there(layouts, _example), whole):
        yield _tensor_over(array, dtype)


def ones(
    dtypes: tuple[torch.dtype, ...] = COMPUTING_FLOATS, layouts: tuple[str, ...] = LAYOUTS
) -> Iterator[torch.Tensor]:
    """New ones of each rank in the first of the dtypes, and of each dtype in each layout."""
    yield from (torch.ones(shape, dtype=there(dtypes)[0]) for shape in EACH_RANK)
    yield from (x.fill_(1) for x in every_kind(dtypes, layouts, whole=True))


#: The shapes of ``one_of_each``: which ranks and layouts go together matters little.
_OF_LAYOUT: dict[str, Shape] = {
    "contiguous": (40_003,),  # whose last number is not the first
    "transposed": (4, 3, 2),  # not (2, 3, 2), whose memory reads 1 to 5 in turn as well
    "offset": (2, 1, 2, 1, 3),
    "channels_last": (2, 3, 4, 2),
    "gaps": (5, 17),
    "expanded": (4, 3),
}
#: More elements than a MiB holds, whatever the dtype.
MIB: Shape = (2**20 + 1,)


def more_than_a_mib(dtype: torch.dtype) -> Shape:
    """More elements than a MiB holds of this dtype; of float32, the most common, ``MIB``."""
    return MIB if dtype is torch.float32 else (2**20 // carrier(dtype).itemsize + 1,)


def one_of_each(
    dtypes: tuple[torch.dtype, ...] = COMPUTING_FLOATS,
    layouts: tuple[str, ...] = LAYOUTS,
    more: tuple[Shape, ...] = (),
) -> Iterator[torch.Tensor]:
    """New tensors of whole numbers from 1 to 5, in which each size, rank, layout and dtype occurs.

    Fewer than a dozen, for loops over many operations that must meet each of these in every run.
    """
    first, *others = there(dtypes)
    forms = [(shape, first, "contiguous") for shape in ((), *more)]
    for layout in layouts_there(layouts, _example):
        dtype = others.pop(0) if others and layout == "gaps" else first
        forms.append((_OF_LAYOUT[layout], dtype, layout))
    forms += [((5, 17), dtype, "contiguous") for dtype in others]
    for shape, dtype, layout in forms:
        yield _tensor_over(_laid_out(_one_to_five(shape, dtype), layout), dtype)


@cache
def _one_to_five(shape: Shape, dtype: torch.dtype) -> np.ndarray:
    return _carried((np.arange(math.prod(shape)) % 5 + 1).reshape(shape), dtype)


def filled(value: float, shape: Shape, dtype: torch.dtype, layout: str) -> torch.Tensor:
    """A new tensor of this value everywhere."""
    array = _laid_out(_carried(np.full(shape, value), dtype), layout)
    return _tensor_over(array, dtype)


def each_of(
    forms: tuple[tuple[Shape, torch.dtype, str], ...], value: float = 1
) -> Iterator[torch.Tensor]:
    """A new tensor of this value in each of these forms that the device has."""
    _, dtypes, layouts = zip(*forms, strict=True)
    dtypes, layouts = there(dtypes), layouts_there(layouts, _example)
    return (filled(value, *it) for it in forms if it[1] in dtypes and it[2] in layouts)


def relaid(x: torch.Tensor, turn: int) -> torch.Tensor:
    """x in another layout each turn: as it is, with gaps, expanded, or in another order."""
    if turn == 1:
        return torch.stack([x, x], dim=-1)[..., 1]  # with gaps, and later in its memory
    if turn == 2:
        return x.reshape(-1)[-1].expand(x.shape) if x.numel() else x
    reverse = tuple(reversed(range(x.dim())))
    return x.permute(reverse).contiguous().permute(reverse) if turn == 3 else x


def every_kind_of_array(
    dtypes: tuple[torch.dtype, ...] = SHARED_DTYPES, layouts: tuple[str, ...] = OF_ARRAYS
) -> Iterator[np.ndarray]:
    """The same of arrays, and one of the other type of C: of int64, perhaps np.longlong."""
    yield from (array for array, _ in _every_kind(dtypes, layouts, whole=False))
    if "offset" in layouts:
        yield numbered((65,), dtypes[0])[2:]  # the others have two dimensions or more
    for name in "ilq":  # two of these types of C have the same size
        array = np.array([[1, 0, -2], [3, 5, -1]], name)
        if array.dtype.num != np.dtype(array.dtype.name).num:
            yield from (array for dtype in dtypes if NUMPY_DTYPE[dtype] == array.dtype)


def _every_kind(dtypes, layouts, whole: bool) -> Iterator[tuple[np.ndarray, torch.dtype]]:
    for (turn, dtype), (start, layout) in itertools.product(enumerate(dtypes), enumerate(layouts)):
        shape = _OF_KINDS[(start + turn) % len(_OF_KINDS)]
        if len(shape) < _RANK_OF.get(layout, 0):
            shape = (2, 3, 4, 5)
        yield _laid_out(without_subnormals(_values(dtype, shape, whole), dtype), layout), dtype


@cache
def _values(dtype: torch.dtype, shape: Shape, whole: bool) -> np.ndarray:
    elements = _carried(np.array([1, -2, 3, -4, 5]), dtype) if whole else palette(dtype)
    return np.resize(elements, shape)


class TensorSubclass(torch.Tensor):
    """A tensor of a class of one's own."""


def numbered(shape: Shape, dtype: torch.dtype, order: str = "C") -> np.ndarray:
    """A new array whose elements differ from their neighbours."""
    return _numbers(shape, dtype).copy(order)


@cache
def _numbers(shape: Shape, dtype: torch.dtype) -> np.ndarray:
    numbers = np.arange(math.prod(shape)).reshape(shape)
    numbers = np.asarray(numbers % 3 == 0 if dtype is torch.bool else numbers % 5)
    return _carried(numbers, dtype)


def other_value(value: np.generic) -> np.generic:
    """A value of the same dtype, 0 or 1, that is not this one."""
    return value.dtype.type(0 if value == 1 else 1)
