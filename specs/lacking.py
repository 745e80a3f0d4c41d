"""What the device of the running spec lacks, found by trying it.

The harness says which device that is; strategies and loops over dtypes leave out what it lacks.
The CPU is taken to lack nothing: what it cannot do is for the specs to say.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import torch

#: The device that the running spec takes as an argument.
device = "cpu"
#: What the spec left out, in words; a dict keeps the order.
left_out: dict[str, None] = {}


def begin(on: str) -> None:
    """A spec begins on this device."""
    global device
    device = on
    left_out.clear()


def there(dtypes: tuple[torch.dtype, ...]) -> tuple[torch.dtype, ...]:
    """Those of the dtypes that the device has; skips the spec if it has none of them."""
    if device == "cpu":
        return dtypes
    return _without({it: _name(it) for it in dtypes if not _has_dtype(device, it)}, dtypes)


def layouts_there(
    layouts: tuple[str, ...], example: Callable[[str], torch.Tensor]
) -> tuple[str, ...]:
    """Those of the layouts in which the device takes a tensor such as the example."""
    if device == "cpu":
        return layouts
    lacking = {it: f"{it} tensors" for it in layouts if not _takes(device, it, example)}
    return _without(lacking, layouts)


def without_subnormals(elements: np.ndarray, dtype: torch.dtype) -> np.ndarray:
    """The elements, with zero for each subnormal number if the device takes them for zero.

    IEEE 754 leaves room for that, and GPUs do it too with fast settings.
    """
    computes = dtype is torch.bfloat16 or elements.dtype.kind in "fc"
    if device == "cpu" or not computes or _keeps_subnormals(device, dtype):
        return elements
    left_out[f"subnormal numbers of {_name(dtype)}"] = None
    if dtype is torch.bfloat16:  # as bits: a sign, 8 bits of exponent, 7 of mantissa
        return np.where(elements & 0x7F80, elements, elements & 0x8000)
    parts = elements.view(elements.real.dtype)
    tiny = np.finfo(parts.dtype).tiny
    return np.where(np.abs(parts) < tiny, parts.dtype.type(0), parts).view(elements.dtype)


def _without(lacking: dict[object, str], them: tuple) -> tuple:
    left_out.update(dict.fromkeys(lacking.values()))
    if lacking and len(lacking) == len(set(them)):
        pytest.skip(f"{device} lacks {', '.join(lacking.values())}")
    return tuple(it for it in them if it not in lacking)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


@cache
def _has_dtype(device: str, dtype: torch.dtype) -> bool:
    """Whether the device holds tensors of the dtype, and computes with them if the CPU does."""
    zeros = torch.zeros(2, dtype=torch.uint8).to(dtype)
    if not _works(lambda: zeros.to(device).cpu()):
        return False
    moved = zeros.to(device)
    return not _works(lambda: zeros * zeros) or _works(lambda: (moved * moved).cpu())


@cache
def _takes(device: str, layout: str, example: Callable[[str], torch.Tensor]) -> bool:
    return _works(lambda: example(layout).to(device).cpu())


@cache
def _keeps_subnormals(device: str, dtype: torch.dtype) -> bool:
    real = {torch.complex64: torch.float32, torch.complex128: torch.float64}.get(dtype, dtype)
    subnormal = torch.tensor([torch.finfo(real).tiny / 2], dtype=torch.float64).to(real)
    moved = subnormal.to(device)
    return bool((moved > 0).cpu()) and torch.equal((moved * 1).cpu(), subnormal)


def _works(attempt: Callable[[], object]) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # complex32 is experimental, PyTorch says
        try:
            attempt()
        except Exception:
            return False
    return True
