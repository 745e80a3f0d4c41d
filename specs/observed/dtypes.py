"""Every dtype of PyTorch and of NumPy, by name."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
import torch


def torch_dtypes() -> dict[str, torch.dtype]:
    """The dtypes that this PyTorch has, under the names that they print themselves by."""
    found = {str(it).removeprefix("torch."): it for it in vars(torch).values() if _is_dtype(it)}
    return dict(sorted(found.items()))


def numpy_dtypes() -> dict[str, np.dtype]:
    """The dtypes that NumPy has, by name, and by the letter that tells those of a name apart."""
    found = {f"{np.dtype(code).name} ({code})": np.dtype(code) for code in np.typecodes["All"]}
    # Of texts and raw bytes one character, not none: older releases divide by an item's size, and
    # where that is 0 the process ends.
    return {
        name: dtype if dtype.itemsize else np.dtype((dtype, 1)) for name, dtype in found.items()
    }


def by_dtype(
    use: Callable[[torch.Tensor], object], device: str = "cpu"
) -> dict[str, Callable[[], object]]:
    """A table to observe: for each dtype that ones() makes, the use of a one of it.

    Which dtypes ones() does not make, and of which it warns, is a table of its own.
    """
    rows = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, dtype in torch_dtypes().items():
            with contextlib.suppress(Exception):
                rows[name] = partial(use, torch.ones(1, dtype=dtype, device=device))
    return rows


def _is_dtype(it: object) -> bool:
    return isinstance(it, torch.dtype)
