"""Reads the Python files of somebody's code, in several processes if that is much.

::

    python -m harness.history.reading < files > codes    one of these processes
"""

from __future__ import annotations

import ast
import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from harness.history.usage import Code, Reader
from harness.run.garbage import no_garbage_collection

PROJECT = Path(__file__).parents[2]

#: How many bytes of code are worth the start of more processes; they take a second or two.
MUCH = 3_000_000

#: More processes would wait for the one that gets their results.
MOST = 8

#: What a file uses, or why it cannot be read.
Read = Code | str


def read(files: Sequence[Path], own: frozenset[str]) -> dict[Path, Read]:
    """What each file uses that speaks of PyTorch, in the order of the files."""
    found: dict[Path, Read | None] = {}
    size = 0
    for file in files:
        try:
            text = file.read_bytes()
        except OSError as error:
            found[file] = _reason(error)
        else:
            if b"torch" in text:
                found[file] = None
                size += len(text)
    left = [(at, file) for at, file in enumerate(found) if found[file] is None]
    count = min(_cores(), MOST) if size > MUCH else 1
    found.update(_in_processes(left, own, count) if count > 1 else _read(left, own))
    return found


def _read(files: Sequence[tuple[int, Path]], own: frozenset[str]) -> dict[Path, Read]:
    found: dict[Path, Read] = {}
    # What is read makes no cycles, and the search for some would take a fifth of the time.
    with warnings.catch_warnings(), no_garbage_collection():
        warnings.simplefilter("ignore")  # of invalid escapes in the code that is read
        for at, file in files:
            code = Code(str(at))
            try:
                Reader(code, own).visit(ast.parse(file.read_bytes()))
                found[file] = code
            except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
                found[file] = _reason(error)
    return found


def _in_processes(
    files: Sequence[tuple[int, Path]], own: frozenset[str], count: int
) -> dict[Path, Read]:
    """Not by multiprocessing, which would fork a process that has PyTorch's threads."""
    parts = [[(at, file.absolute()) for at, file in files[i::count]] for i in range(count)]
    started = [_start(part, own) for part in parts]
    found: dict[Path, Read] = {}
    with no_garbage_collection():
        for part, process in zip(parts, started, strict=True):
            found |= _answer(process) or _read(part, own)
    return {file: found[file.absolute()] for _, file in files}


def _start(files: Sequence[tuple[int, Path]], own: frozenset[str]) -> subprocess.Popen | None:
    command = (sys.executable, "-m", "harness.history.reading")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    try:
        process = subprocess.Popen(command, **pipes, cwd=PROJECT)
        with process.stdin as pipe:
            pickle.dump((files, own), pipe)
    except OSError:  # there is no room for another process, or it has ended
        return None
    return process


def _answer(process: subprocess.Popen | None) -> dict[Path, Read] | None:
    """What the process has read, or None if it could not."""
    if process is None:
        return None
    with process:
        answer = process.stdout.read()
    return pickle.loads(answer) if process.returncode == 0 else None


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _reason(error: Exception) -> str:
    """Why a file is passed over."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, (RecursionError, MemoryError)):
        return "it is nested too deeply"
    line = f", line {error.lineno}" if getattr(error, "lineno", None) else ""
    return f"it is not valid Python: {getattr(error, 'msg', error)}{line}"


if __name__ == "__main__":
    pickle.dump(_read(*pickle.load(sys.stdin.buffer)), sys.stdout.buffer)
