"""Hypothesis strategies: the tensors, arrays, numbers and sizes that the specs are tried on.

An example costs two or three draws whatever its size: perhaps a dtype, a shape with a layout, and
a string of bytes that the elements repeat from the start when it ends. Each byte picks from a
palette of telling values (zero, one, NaN, infinities, extremes, ...) ordered from plain to odd, or,
if it is large, says that its element's bits come from the string itself. So one zero byte is a
tensor of zeros, and a shorter string or a smaller byte is a plainer tensor.
"""

from __future__ import annotations

import itertools
import math
from functools import cache

import numpy as np
import torch
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from specs.releases import RELEASE

# --- dtypes -----------------------------------------------------------------------------------

FLOATS = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
COMPLEX = (torch.complex64, torch.complex128)
INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)
BOOL = (torch.bool,)
DTYPES = FLOATS + COMPLEX + INTEGERS + BOOL

#: The real dtypes that CPU kernels compute with; old releases cannot in half precision.
COMPUTING_FLOATS = FLOATS if RELEASE >= (2, 4) else (torch.float32, torch.float64, torch.bfloat16)

#: The NumPy dtype that each dtype of PyTorch shares memory with.
#: Source: https://docs.pytorch.org/docs/stable/generated/torch.from_numpy.html
NUMPY_DTYPE = {
    torch.float32: np.dtype(np.float32),
    torch.float64: np.dtype(np.float64),
    torch.float16: np.dtype(np.float16),
    torch.complex64: np.dtype(np.complex64),
    torch.complex128: np.dtype(np.complex128),
    torch.uint8: np.dtype(np.uint8),
    torch.int8: np.dtype(np.int8),
    torch.int16: np.dtype(np.int16),
    torch.int32: np.dtype(np.int32),
    torch.int64: np.dtype(np.int64),
    torch.bool: np.dtype(np.bool_),
}
SHARED_DTYPES = tuple(NUMPY_DTYPE)

# --- shapes -----------------------------------------------------------------------------------

Shape = tuple[int, ...]


def _of_rank(rank: int) -> list[Shape]:
    """The shapes of so many dimensions with sides from 1 to 3, the smallest first."""
    return sorted(itertools.product((1, 2, 3), repeat=rank), key=math.prod)


# Ranks are equally frequent: 27 shapes of each, of which rank 0 has one, rank 1 three, ...
NOT_EMPTY = tuple(shape for rank in range(4) for shape in _of_rank(rank) * 3 ** (3 - rank))
EMPTY: tuple[Shape, ...] = ((0,), (0, 2), (3, 0), (2, 0, 3), (0, 0))
ANY_SHAPE = NOT_EMPTY + EMPTY * 5
ONE_ELEMENT: tuple[Shape, ...] = ((), (1,), (1, 1), (1, 1, 1))
SEVERAL = tuple(shape for shape in NOT_EMPTY if math.prod(shape) > 1)

#: How many inputs, outputs, channels or rows a small layer has.
SIZES = st.integers(1, 5)

LAYOUTS = ("contiguous", "transposed", "strided")

# --- elements ---------------------------------------------------------------------------------


def _carried(values: np.ndarray, dtype: torch.dtype) -> np.ndarray:
    """The values in the NumPy dtype with ``dtype``'s bits: uint16 for bfloat16, which has none."""
    if dtype is torch.bfloat16:  # the upper half of a float32
        return (values.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    return values.astype(NUMPY_DTYPE[dtype])


@cache
def palette(dtype: torch.dtype) -> np.ndarray:
    """The telling values of ``dtype``, plain ones first; bfloat16's as their bits in uint16."""
    if dtype is torch.bool:
        return np.array([False, True])
    if dtype is torch.bfloat16:
        return _carried(palette(torch.float32), dtype)
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


#: Values whose sums and products of a few are exact in float32 and float64.
SMALL = np.array([0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 4, -4, 1.5, -1.5, 6, -7, 8])

_FROM_PALETTE = 200  # of the 256 values of a picking byte; the others take bits as they come


_BYTES = st.binary(min_size=1, max_size=32)


def _elements(drawn: bytes, dtype: torch.dtype, count: int, small: bool) -> np.ndarray:
    """``count`` elements, 1-d, of the NumPy dtype that carries ``dtype``'s bits."""
    carrier = palette(dtype).dtype
    unsigned = np.frombuffer(drawn, np.uint8)
    picks = np.resize(unsigned, count)
    if small:
        return _carried(SMALL[picks % len(SMALL)], dtype)
    picked = palette(dtype)[picks % len(palette(dtype))]
    if dtype is torch.bool:
        return picked
    bits = np.resize(unsigned, count * carrier.itemsize).view(carrier)
    return np.where(picks < _FROM_PALETTE, picked, bits)


def _laid_out(elements: np.ndarray, layout: str) -> np.ndarray:
    """The elements in a fresh array whose memory is laid out as asked."""
    shape = elements.shape
    if layout == "transposed":
        array = np.zeros(shape[::-1], elements.dtype).T
    elif layout == "strided" and shape:
        array = np.zeros((*shape[:-1], 2 * shape[-1]), elements.dtype)[..., 1::2]
    else:
        array = np.zeros(shape, elements.dtype)
    array[...] = elements
    return array


def _tensor_over(array: np.ndarray, dtype: torch.dtype) -> torch.Tensor:
    """A tensor over the array's memory, without the functions that the specs are about.

    To PyTorch it is no view of another tensor, for whose sake its ``requires_grad`` would differ.
    """
    if array.size == 0:
        return torch.empty(array.shape, dtype=dtype)
    memory = array if array.base is None else array.base
    offset = (array.ctypes.data - memory.ctypes.data) // array.itemsize
    strides = [stride // array.itemsize for stride in array.strides]
    whole = torch.frombuffer(memory.reshape(-1, order="A"), dtype=dtype)
    return torch.empty(0, dtype=dtype).set_(whole, offset, array.shape, strides)


@cache
def _forms(shapes: tuple[Shape, ...]) -> SearchStrategy[tuple[Shape, str]]:
    """A shape with a layout; a tensor without dimensions has only one."""
    return st.sampled_from(
        [(shape, layout) for layout in LAYOUTS for shape in shapes if shape or layout == LAYOUTS[0]]
    )


@cache
def _one_of(dtypes: tuple[torch.dtype, ...]) -> SearchStrategy[torch.dtype]:
    return st.sampled_from(dtypes)


def _array(draw, dtype: torch.dtype, shapes: tuple[Shape, ...], small: bool) -> np.ndarray:
    shape, layout = draw(_forms(shapes))
    elements = _elements(draw(_BYTES), dtype, math.prod(shape), small)
    return _laid_out(elements.reshape(shape), layout)


@st.composite
def arrays(
    draw,
    dtypes: tuple[torch.dtype, ...] = SHARED_DTYPES,
    shapes: tuple[Shape, ...] = ANY_SHAPE,
    small: bool = False,
) -> np.ndarray:
    """Arrays of NumPy's counterparts of ``dtypes``, contiguous, transposed or strided."""
    dtype = dtypes[0] if len(dtypes) == 1 else draw(_one_of(dtypes))
    return _array(draw, dtype, shapes, small)


@st.composite
def tensors(
    draw,
    dtypes: tuple[torch.dtype, ...] = FLOATS,
    shapes: tuple[Shape, ...] = ANY_SHAPE,
    small: bool = False,
) -> torch.Tensor:
    """Tensors on the CPU, without grad; ``small`` values make arithmetic exact."""
    dtype = dtypes[0] if len(dtypes) == 1 else draw(_one_of(dtypes))
    return _tensor_over(_array(draw, dtype, shapes, small), dtype)


def other_value(value: np.generic) -> np.generic:
    """A value of the same dtype, 0 or 1, that is not this one."""
    return value.dtype.type(0 if value == 1 else 1)
