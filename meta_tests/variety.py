"""What the examples of a strategy have in common, and how they differ.

A strategy that was narrowed, to one dtype, one shape or one value, loses traits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch

from specs.oracles import as_array

CONSTANT = "always the same"
#: Counts of different values, or dtypes, that are traits: "2+ values", "3+ values".
LEVELS = (2, 3, 5, 10, 20)
#: Sizes from which PyTorch may compute differently, for example with several threads.
SIZES = (65, 300, 33_000)
#: How many elements of a tensor or an array are examined and compared.
SOME = 1000
#: A new trait must have this share of the values: a rarer one may be missing in other examples.
FREQUENT = 0.04


def traits(values: list[object]) -> dict[str, float]:
    """The share of the values with each trait; a trait of all of them together has a share of 1."""
    counts = Counter(trait for value in values for trait in set(_traits(value)))
    different = len(set(map(_key, values)))
    dtypes = len({value.dtype for value in values if isinstance(value, (torch.Tensor, np.ndarray))})
    found = {trait: count / len(values) for trait, count in counts.items()}
    found |= {f"{level}+ values": 1.0 for level in LEVELS if different >= level}
    found |= {f"{level}+ dtypes": 1.0 for level in LEVELS if dtypes >= level}
    return found if different > 1 else {**found, CONSTANT: 1.0}


def lasting(found: dict[str, float], known: Iterable[str] = ()) -> list[str]:
    """The traits to expect next time: the frequent ones, and known ones that are still there.

    Of "2+ values", "3+ values" and the like only the largest.
    """
    kept = {trait for trait, share in found.items() if share >= FREQUENT or trait in known}
    for levels, what in ((LEVELS, "values"), (LEVELS, "dtypes"), (SIZES, "elements")):
        reached = [f"{level}+ {what}" for level in levels if f"{level}+ {what}" in kept]
        kept -= {*reached[:-1]}
    return sorted(kept)


def _key(value: object) -> object:
    if isinstance(value, (torch.Tensor, np.ndarray)):
        elements = _some(value)
        return (type(value), value.dtype, tuple(value.shape), elements.tobytes())
    return repr(value)


def _some(value: torch.Tensor | np.ndarray) -> np.ndarray:
    """The first elements, as a flat array."""
    if isinstance(value, torch.Tensor):
        return as_array(value.detach().reshape(-1)[:SOME])
    return np.asarray(value).reshape(-1)[:SOME]


def _traits(value: object) -> Iterator[str]:
    if isinstance(value, (torch.Tensor, np.ndarray)):
        yield from _traits_of_memory(value)
        yield from _traits_of_elements(_some(value))
    elif isinstance(value, (list, tuple)):
        yield f"{type(value).__name__} of {min(len(value), 5)}"
        for part in value:
            yield from _traits(part)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) > 5:
        yield "large" if value > 0 else "large and negative"
    else:
        yield getattr(value, "__name__", None) or repr(value)


def _traits_of_memory(value: torch.Tensor | np.ndarray) -> Iterator[str]:
    """Type, dtype, shape and layout."""
    if type(value) not in (torch.Tensor, np.ndarray):
        yield type(value).__name__
    yield str(value.dtype)
    yield f"{value.ndim}-d"
    is_tensor = isinstance(value, torch.Tensor)
    count = value.numel() if is_tensor else value.size
    yield "empty" if count == 0 else "one element" if count == 1 else "several elements"
    for size in SIZES:
        if count >= size:
            yield f"{size}+ elements"
    if count * (value.element_size() if is_tensor else value.itemsize) >= 2**20:
        yield "1 MiB"
    if is_tensor:
        yield "contiguous" if value.is_contiguous() else "not contiguous"
        strides = value.stride()
        is_4d = value.dim() == 4 and not value.is_contiguous()
        if is_4d and value.is_contiguous(memory_format=torch.channels_last):
            yield "channels_last"
        if value.storage_offset():
            yield "offset"
        if value.requires_grad:
            yield "requires grad"
    else:
        yield "contiguous" if value.flags.c_contiguous else "not contiguous"
        strides = [stride // (value.itemsize or 1) for stride in value.strides]
        if not value.flags.writeable:
            yield "read-only"
        if not value.dtype.isnative:
            yield "foreign byte order"
    sides = [(stride, side) for stride, side in zip(strides, value.shape, strict=True) if side > 1]
    if any(stride == 0 for stride, _ in sides):
        yield "expanded"
    if any(stride < 0 for stride, _ in sides):
        yield "negative stride"
    steps = [abs(stride) for stride, _ in sides if stride]
    if steps != sorted(steps, reverse=True):
        yield "transposed"
    if count and min(steps, default=1) > 1:
        yield "strided"


#: For each trait: the kinds of dtype that can have it, as in NumPy, and which elements do.
_OF_ELEMENTS: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "NaN": ("fc", np.isnan),
    "infinite": ("fc", np.isinf),
    "huge": ("fc", lambda elements: np.isfinite(elements) & (abs(elements) > 1e10)),
    "negative": ("fi", lambda elements: elements < 0),
    "zero": ("fciub", lambda elements: elements == 0),
    "not zero": ("fciub", lambda elements: elements != 0),
}


def _traits_of_elements(elements: np.ndarray) -> Iterator[str]:
    with np.errstate(invalid="ignore"):
        for trait, (kinds, has) in _OF_ELEMENTS.items():
            if elements.dtype.kind in kinds and has(elements).any():
                yield trait
