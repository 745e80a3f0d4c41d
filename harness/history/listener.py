"""What PyTorch says while the specs run: the exceptions and warnings that they provoke."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from harness.run.claims import is_spec
from harness.run.user_properties import MESSAGES
from specs.observed.snippets import reproducible

#: Characters of a message that are kept: enough to recognise it.
LONGEST = 320


class Listener:
    """The plugin that hears what the specs catch: exceptions they expect, and warnings."""

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        if not is_spec(item):
            yield
            return
        heard: set[str] = set()
        with pytest.MonkeyPatch.context() as patch:
            for module, name in (
                (pytest, "raises"),
                (pytest, "warns"),
                (warnings, "catch_warnings"),
            ):
                patch.setattr(module, name, _heard(getattr(module, name), heard))
            yield
        if heard:
            item.user_properties.append((MESSAGES, sorted(heard)))


def _heard(expect: Callable[..., AbstractContextManager], heard: set[str]) -> Callable:
    return lambda *arguments, **keywords: _Heard(expect(*arguments, **keywords), heard)


class _Heard:
    """A context manager that also notes what was raised or warned of in it."""

    def __init__(self, context: AbstractContextManager, heard: set[str]) -> None:
        self._context = context
        self._heard = heard
        self._caught: object = None  # of warnings a list

    def __enter__(self) -> object:
        self._caught = self._context.__enter__()
        return self._caught

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool | None:
        if error is not None and error.args and str(error) and not _is_ours(error):
            self._heard.add(_text(error))
        try:
            return self._context.__exit__(kind, error, traceback)
        finally:
            if isinstance(self._caught, list | pytest.WarningsRecorder):
                self._heard.update(_text(it.message) for it in self._caught)


def _is_ours(error: BaseException) -> bool:
    """Whether the specs, or Hypothesis, raised it to end a block."""
    return type(error).__module__.partition(".")[0] in ("specs", "hypothesis")


def _text(error: BaseException | str) -> str:
    """The class and the first paragraph of the message, without the stack in or after it."""
    message = reproducible(re.split(r"\n\n|\n *File ", str(error).strip())[0])
    return f"{type(error).__name__}: {message[:LONGEST]}"
