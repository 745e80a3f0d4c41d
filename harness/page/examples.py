"""The examples that Hypothesis tries on each spec: how many, and the most extreme one.

An example is more extreme the more unusual its values are: empty, NaN, infinite and so on. Among
equals the one with the most elements wins.
"""

from __future__ import annotations

import contextlib
import functools
import math
import reprlib
from collections.abc import Callable, Container, Generator, Mapping

import numpy as np
import pytest
import torch
from hypothesis.errors import UnsatisfiedAssumption

from harness.run.claims import is_spec
from harness.run.user_properties import EXAMPLES
from specs.oracles import as_array


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Add the examples of a spec to its report."""
    test = getattr(getattr(item, "obj", None), "hypothesis", None)
    if test is None or not is_spec(item):
        yield
        return
    body, examples = test.inner_test, Examples(not_drawn={"self", *item.funcargs})
    test.inner_test = examples.counted(body)
    try:
        yield
    finally:
        test.inner_test = body
        value = {"tried": examples.tried, "extreme": examples.extreme}
        item.user_properties.append((EXAMPLES, value))


class Examples:
    """The examples of one spec."""

    def __init__(self, not_drawn: Container[str]) -> None:
        self._not_drawn = not_drawn  # arguments that are fixtures
        self.tried = 0
        self.extreme: list[str] = []
        self._rank = (-1, -1)

    def counted(self, body: Callable[..., None]) -> Callable[..., None]:
        """The body of the test, which counts each example that ``assume`` does not reject."""

        @functools.wraps(body)
        def counted(*args: object, **kwargs: object) -> None:
            drawn = {name: kwargs[name] for name in kwargs if name not in self._not_drawn}
            before = self.tried, self._rank, self.extreme
            self.tried += 1
            rank = sum(len(unusual(it)) for it in drawn.values()), _size([*drawn.values()])
            if rank > self._rank:  # described now, since the body may write into the values
                self._rank, self.extreme = rank, described(drawn)
            try:
                body(*args, **kwargs)
            except UnsatisfiedAssumption:
                self.tried, self._rank, self.extreme = before
                raise

        return counted


_UNUSUAL = {
    "NaN": np.isnan,
    "infinity": np.isinf,
    "-0.0": lambda array: np.signbit(array) & (array == 0),
    "subnormal": lambda array: (array != 0) & (abs(array) < np.finfo(array.dtype).tiny),
}


def unusual(value: object) -> list[str]:
    """What is unusual about the value, in words."""
    found = []
    if isinstance(value, (list, tuple)):
        found += [word for part in value for word in unusual(part)]
    if isinstance(value, (torch.Tensor, np.ndarray)):
        is_tensor = isinstance(value, torch.Tensor)
        contiguous = value.is_contiguous() if is_tensor else value.flags.c_contiguous
        found += ["empty"] * (0 in value.shape)
        found += ["0-dimensional"] * (not value.shape)
        found += ["not contiguous"] * (not contiguous)
    if isinstance(value, torch.Tensor):
        with contextlib.suppress(KeyError):  # of a dtype that the oracles do not read
            value = as_array(value)
    if isinstance(value, (np.ndarray, float, complex)) and np.asarray(value).dtype.kind in "fc":
        numbers = np.stack([np.real(value), np.imag(value)])
        found += [word for word, are in _UNUSUAL.items() if are(numbers).any()]
    return list(dict.fromkeys(found))


def _size(value: object) -> int:
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return math.prod(value.shape)
    return sum(map(_size, value)) if isinstance(value, (list, tuple)) else 1


_short = reprlib.Repr()  # which also survives a repr() that raises
_short.maxother = _short.maxstring = 120


def described(arguments: Mapping[str, object]) -> list[str]:
    """A line for each argument: its value, and its shape and what is unusual about it."""
    found = []
    for name, value in arguments.items():
        notes = unusual(value)
        if isinstance(value, (torch.Tensor, np.ndarray)):
            notes.insert(0, f"shape {tuple(value.shape)}")
        text = " ".join(_short.repr(value).split())
        found.append(f"{name} = {text}" + (f" ({', '.join(notes)})" if notes else ""))
    return found
