"""The examples that Hypothesis tries: how many, and the most extreme, noted while a spec runs.

An example is the more extreme, the more features it has that a plain value lacks: no element, no
dimension, memory that is not contiguous, NaN, infinity, negative zero, the largest numbers that its
dtype has, numbers too small for full precision. All its arguments count together; of equals the one
with the most elements wins, then the one that was tried first.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Container, Generator, Iterator, Mapping

import numpy as np
import pytest
import torch
from hypothesis.errors import UnsatisfiedAssumption

from harness.run.claims import is_spec
from harness.run.properties import EXAMPLES
from specs.oracles import as_array

#: Elements and characters of an argument that are shown.
ELEMENTS, CHARACTERS = 6, 120


class Examples:
    """The plugin that notes the examples of each property in its report."""

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        handle = getattr(getattr(item, "obj", None), "hypothesis", None)
        if handle is None or not is_spec(item):
            yield
            return
        tried = Tried(others={"self", *item.funcargs})
        body = handle.inner_test
        handle.inner_test = tried.noting(body)
        try:
            yield
        finally:
            handle.inner_test = body
            item.user_properties.append((EXAMPLES, tried.as_data()))


class Tried:
    """What is kept of the examples of one property."""

    def __init__(self, others: Container[str]) -> None:
        self._others = others  # arguments that Hypothesis does not draw
        self.count = 0
        self._rank: tuple[int, int] = (-1, -1)
        self._extreme: list[str] = []

    def noting(self, body: Callable[..., None]) -> Callable[..., None]:
        """The body, which notes each example before it runs; to Hypothesis the same function."""

        @functools.wraps(body)
        def noted(*arguments: object, **keywords: object) -> None:
            self.count += 1
            drawn = {name: it for name, it in keywords.items() if name not in self._others}
            before = self._rank, self._extreme
            self._note(drawn)  # before the body, which may write into them
            try:
                body(*arguments, **keywords)
            except UnsatisfiedAssumption:
                self.count -= 1
                self._rank, self._extreme = before
                raise

        return noted

    def _note(self, drawn: Mapping[str, object]) -> None:
        found = [features(value) for value in drawn.values()]
        rank = sum(map(len, found)), sum(map(_size, drawn.values()))
        if rank > self._rank:
            self._rank = rank
            self._extreme = [described(name, value) for name, value in drawn.items()]

    def as_data(self) -> dict[str, object]:
        return {"tried": self.count, "extreme": self._extreme}


def features(value: object) -> list[str]:
    """What the value has that a plain one lacks, in words."""
    if isinstance(value, (list, tuple)):
        return list(dict.fromkeys(word for part in value for word in features(part)))
    if isinstance(value, torch.Tensor):
        array = _elements(value)
        shape = _of_shape(tuple(value.shape), value.is_contiguous())
        return [*shape, *(_of_elements(array, _limits(value.dtype)) if array is not None else ())]
    if isinstance(value, np.ndarray):
        limits = _limits(value.dtype) if value.dtype.kind in "fciu" else None
        return [*_of_shape(value.shape, value.flags.c_contiguous), *_of_elements(value, limits)]
    if isinstance(value, (float, complex)):
        return list(_of_elements(np.asarray(value), np.finfo(np.float64)))
    return []


def _of_shape(shape: tuple[int, ...], is_contiguous: bool) -> Iterator[str]:
    if 0 in shape:
        yield "no element"
    if not shape:
        yield "no dimension"
    if not is_contiguous:
        yield "not contiguous"


def _of_elements(array: np.ndarray, limits: object) -> Iterator[str]:
    if not array.size or limits is None:
        return
    if array.dtype.kind == "c":
        array = np.stack([array.real, array.imag])
    if array.dtype.kind == "f":
        if np.isnan(array).any():
            yield "NaN"
        if np.isinf(array).any():
            yield "infinity"
        if (np.signbit(array) & (array == 0)).any():
            yield "-0.0"
        if ((array != 0) & (abs(array) < limits.tiny)).any():
            yield "subnormal"
    if limits.min < 0 and (array == limits.min).any():
        yield "the least number"
    if (array == limits.max).any():
        yield "the greatest number"


def _limits(dtype: torch.dtype | np.dtype) -> object:
    """The dtype's limits as torch or NumPy tells them; None for bool."""
    if isinstance(dtype, np.dtype):
        return np.iinfo(dtype) if dtype.kind in "iu" else np.finfo(dtype)
    if dtype.is_floating_point or dtype.is_complex:
        return torch.finfo(dtype)
    return None if dtype is torch.bool else torch.iinfo(dtype)


def _elements(tensor: torch.Tensor) -> np.ndarray | None:
    """The tensor's elements; None for a dtype that the specs' oracles do not read."""
    try:
        return as_array(tensor)
    except KeyError:
        return None


def _size(value: object) -> int:
    if isinstance(value, torch.Tensor):
        return value.numel()
    if isinstance(value, np.ndarray):
        return value.size
    return sum(map(_size, value)) if isinstance(value, (list, tuple)) else 1


def described(name: str, value: object) -> str:
    """An argument in one line: dtype and shape, what is odd about it, its first elements."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        dtype = str(value.dtype).removeprefix("torch.")
        what = "tensor" if isinstance(value, torch.Tensor) else "array"
        words = [f"{dtype} {what} of shape {tuple(value.shape)}", *features(value)]
        return f"{name}: {', '.join(words)}{_first_elements(value)}"
    return f"{name} = {_shortened(repr(value))}"


def _first_elements(value: torch.Tensor | np.ndarray) -> str:
    array = _elements(value) if isinstance(value, torch.Tensor) else value
    if array is None or not array.size:
        return ""
    first = [f"{it:.6g}" if isinstance(it, (float, complex)) else str(it) for it in _flat(array)]
    rest = ", ..." if math.prod(array.shape) > ELEMENTS else ""
    return f": {_shortened(', '.join(first))}{rest}"


def _flat(array: np.ndarray) -> list[object]:
    return array.reshape(-1)[:ELEMENTS].tolist()


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= CHARACTERS else text[:CHARACTERS] + "..."
