"""What the examples of a strategy have in common, and in what they differ.

A strategy that was narrowed, to one dtype, one shape or one value, loses traits.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import numpy as np
import torch

from specs.oracles import as_array

#: So many different values, or dtypes, are told apart; where there are more, all count as many.
LEVELS = (2, 3, 5, 10, 20)
CONSTANT = "always the same"


def traits(values: list[object]) -> dict[str, float]:
    """The share of the values that has each trait; what is said of them all has a share of 1."""
    counts = Counter(trait for value in values for trait in set(_traits(value)))
    different = len({_key(value) for value in values})
    dtypes = len({value.dtype for value in values if isinstance(value, (torch.Tensor, np.ndarray))})
    found = {trait: count / len(values) for trait, count in counts.items()}
    found |= {f"of {level} or more values": 1.0 for level in LEVELS if different >= level}
    found |= {f"of {level} or more dtypes": 1.0 for level in LEVELS if dtypes >= level}
    return found if different > 1 else {**found, CONSTANT: 1.0}


def _key(value: object) -> object:
    if isinstance(value, (torch.Tensor, np.ndarray)):
        array = as_array(value) if isinstance(value, torch.Tensor) else value
        return (str(value.dtype), array.shape, array.tobytes())
    return repr(value)


def _traits(value: object) -> Iterable[str]:
    if isinstance(value, (torch.Tensor, np.ndarray)):
        yield from _traits_of_tensor(value)
    elif isinstance(value, (list, tuple)):
        yield f"{type(value).__name__} of {min(len(value), 5)}"
        for part in value:
            yield from _traits(part)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) > 5:
        yield "large" if value > 0 else "large and negative"
    else:
        yield getattr(value, "__name__", None) or repr(value)


def _traits_of_tensor(value: torch.Tensor | np.ndarray) -> Iterable[str]:
    is_tensor = isinstance(value, torch.Tensor)
    array = as_array(value) if is_tensor else value
    yield str(value.dtype)
    yield f"{array.ndim}-d"
    yield "empty" if array.size == 0 else "one element" if array.size == 1 else "several elements"
    contiguous = value.is_contiguous() if is_tensor else value.flags.c_contiguous
    yield "contiguous" if contiguous else "not contiguous"
    if array.dtype.kind in "fc" and array.size:
        with np.errstate(invalid="ignore"):
            if np.isnan(array).any():
                yield "NaN"
            if np.isinf(array).any():
                yield "infinite"
            if (np.isfinite(array) & (abs(array) > 1e10)).any():
                yield "huge"
    if array.dtype.kind in "fi" and (array < 0).any():
        yield "negative"
    if (array == 0).any():
        yield "zero"
    if math.prod(array.shape) and (array != 0).any():
        yield "not zero"
