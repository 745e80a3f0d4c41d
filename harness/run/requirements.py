"""What must be there before anything is imported: else one sentence says what is missing."""

from __future__ import annotations

import faulthandler
import gc
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata, util

import pytest


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Refuse to go on without PyTorch and its like.

    This hook is the one that pytest calls between the conftest.py that names it and the plugins
    named there, most of which import PyTorch; an error of theirs would be a page of traceback.
    """
    capture = pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.suspend_global_capture()  # it would swallow the last words of a dying process
    if sys.__stderr__ is not None:
        faulthandler.enable(sys.__stderr__)
    try:
        trouble = missing() or outdated_for_numpy() or broken()
    finally:
        if capture is not None:
            capture.resume_global_capture()
    if trouble:
        raise pytest.UsageError(trouble)


def missing() -> str | None:
    """Which requirement is not there."""
    if sys.version_info < (3, 10):  # noqa: UP036  for those who have an older one
        return f"Python 3.10 or later is needed; this is {sys.version.split()[0]}"
    if util.find_spec("torch") is None:
        return "PyTorch is not installed: pip install torch"
    for package in ("numpy", "hypothesis"):
        if util.find_spec(package) is None:
            return f"{package} is not installed: pip install -r requirements.txt"
    return None


def outdated_for_numpy() -> str | None:
    """Whether PyTorch was built before NumPy 2, and NumPy is not.

    Asked before the import, at which PyTorch prints a page; from_numpy then fails.
    """
    try:
        torch, numpy = metadata.version("torch"), metadata.version("numpy")
    except metadata.PackageNotFoundError:  # run from its sources
        return None
    if _release(torch) < (2, 3) and _release(numpy) >= (2,):
        return f"PyTorch {torch} cannot work with NumPy {numpy}: pip install 'numpy<2'"
    return None


def broken() -> str | None:
    """Import the requirements; say which cannot be, and why."""
    gc.disable()  # imports make no garbage; harness/run/overhead.py enables it again
    with _witness() as say:
        for module, name in _NAMES.items():
            say(f"{name} is installed but its import ends the process")
            try:
                imported = importlib.import_module(module)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                said = " ".join(f"{type(error).__name__}: {error}".split())
                return f"{name} is installed but fails to import: {said}"
            if not hasattr(imported, "__version__"):
                where = imported.__file__ or next(iter(imported.__path__))
                return f"what is imported as {module} is not {name}: {where}"
    gc.freeze()  # nor is what they made to be looked through whenever somebody collects garbage
    return None


@contextmanager
def _witness() -> Iterator[Callable[[str], None]]:
    """A function that leaves a sentence to another process, which prints the latest of them
    if this process does not survive the block."""
    if not hasattr(os, "fork") or threading.active_count() > 1 or sys.__stderr__ is None:
        yield lambda sentence: None
        return
    stderr = sys.__stderr__.fileno()
    reader, writer = os.pipe()
    witness = os.fork()
    if not witness:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # which stops pytest alone
        os.close(writer)
        heard = b""
        while more := os.read(reader, 1024):  # nothing more once the other end is closed
            heard += more
        sentences, _, end = heard.rpartition(b"\n")
        if end != b"survived":
            os.write(stderr, b"\nERROR: " + sentences.rpartition(b"\n")[2] + b"\n\n")
        os._exit(0)
    os.close(reader)
    try:
        yield lambda sentence: os.write(writer, f"{sentence}\n".encode())
    finally:
        os.write(writer, b"survived")
        os.close(writer)
        os.waitpid(witness, 0)


#: What is imported, in this order, and its name.
_NAMES = {"numpy": "NumPy", "torch": "PyTorch", "hypothesis": "Hypothesis"}


def _release(version: str) -> tuple[int, ...]:
    """(2, 13) for "2.13.0+cpu"."""
    return tuple(int(part) for part in version.split(".")[:2])
