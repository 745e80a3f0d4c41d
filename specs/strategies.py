"""Hypothesis strategies: the tensors, arrays, numbers and sizes that the specs are tried on.

An example costs a few draws whatever its size: a shape, a layout, a dtype, and one string of
bytes that holds every element. Of each element the first byte picks from a palette of telling
values (zero, one, NaN, infinities, extremes, ...) ordered from plain to odd, or else says that
the element's bits come from the string itself. So all-zero bytes are a tensor of zeros, and
shrinking the bytes makes the tensor plainer.
"""

from __future__ import annotations

import itertools
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
    torch.float16: np.dtype(np.float16),
    torch.float32: np.dtype(np.float32),
    torch.float64: np.dtype(np.float64),
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

_BY_RANK = [sorted(itertools.product((1, 2, 3), repeat=rank), key=np.prod) for rank in range(4)]

EMPTY = st.sampled_from([(0,), (0, 2), (3, 0), (2, 0, 3), (0, 0)])
NOT_EMPTY = st.one_of([st.sampled_from(shapes) for shapes in _BY_RANK])
ANY_SHAPE = NOT_EMPTY | EMPTY
ONE_ELEMENT = st.sampled_from([(1,) * rank for rank in range(4)])
SEVERAL = st.sampled_from([shape for shapes in _BY_RANK for shape in shapes if np.prod(shape) > 1])

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


@cache
def _bytes(size: int) -> SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


def _elements(draw, dtype: torch.dtype, count: int, small: bool) -> np.ndarray:
    """Draw ``count`` elements, 1-d, of the NumPy dtype that carries ``dtype``'s bits."""
    carrier = palette(dtype).dtype
    if small:
        picks = np.frombuffer(draw(_bytes(count)), np.uint8)
        return _carried(SMALL[picks % len(SMALL)], dtype)
    if dtype is torch.bool:
        return np.frombuffer(draw(_bytes(count)), np.uint8) % 2 == 1
    drawn = draw(_bytes(count * (1 + carrier.itemsize)))
    picks = np.frombuffer(drawn[:count], np.uint8)
    bits = np.frombuffer(drawn[count:], carrier)
    return np.where(picks < _FROM_PALETTE, palette(dtype)[picks % len(palette(dtype))], bits)


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
    """A tensor over the array's memory, without the functions that the specs are about."""
    if array.size == 0:
        return torch.empty(array.shape, dtype=dtype)
    memory = array if array.base is None else array.base
    offset = (array.ctypes.data - memory.ctypes.data) // array.itemsize
    strides = [stride // array.itemsize for stride in array.strides]
    whole = torch.frombuffer(memory.reshape(-1, order="A"), dtype=dtype)
    return whole.as_strided(array.shape, strides, offset)


@st.composite
def arrays(
    draw,
    dtypes: tuple[torch.dtype, ...] = SHARED_DTYPES,
    shapes: SearchStrategy[tuple[int, ...]] = ANY_SHAPE,
    small: bool = False,
    layouts: tuple[str, ...] = LAYOUTS,
) -> np.ndarray:
    """Arrays of NumPy's counterparts of ``dtypes``, contiguous, transposed or strided."""
    dtype = dtypes[0] if len(dtypes) == 1 else draw(st.sampled_from(dtypes))
    shape = draw(shapes)
    layout = draw(st.sampled_from(layouts)) if shape else "contiguous"
    count = int(np.prod(shape))
    elements = _elements(draw, dtype, count, small) if count else np.zeros(0, palette(dtype).dtype)
    return _laid_out(elements.reshape(shape), layout)


@st.composite
def tensors(
    draw,
    dtypes: tuple[torch.dtype, ...] = FLOATS,
    shapes: SearchStrategy[tuple[int, ...]] = ANY_SHAPE,
    small: bool = False,
    layouts: tuple[str, ...] = LAYOUTS,
) -> torch.Tensor:
    """Tensors on the CPU, without grad; ``small`` values make arithmetic exact."""
    dtype = dtypes[0] if len(dtypes) == 1 else draw(st.sampled_from(dtypes))
    return _tensor_over(draw(arrays((dtype,), shapes, small, layouts)), dtype)


def other_value(value: np.generic) -> np.generic:
    """A value of the same dtype, 0 or 1, that is not this one."""
    return value.dtype.type(0 if value == 1 else 1)
