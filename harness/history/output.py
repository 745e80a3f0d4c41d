"""The files that a run writes at its end: checked before the run, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from harness.run.text import one_line


def why_not_written(path: Path, why_not_replaced: Callable[[Path], str | None]) -> str | None:
    """Why the file cannot be written, or None; asks ``why_not_replaced`` if there is one."""
    name = one_line(path)
    try:
        if path.is_dir():
            return f"{name} is a folder"
        if path.exists() and not path.is_file():
            return f"{name} is not a regular file"
        if not path.parent.is_dir():
            return f"{name}: there is no folder {one_line(path.parent)}"
        if path.exists() and path.stat().st_size and (reason := why_not_replaced(path)):
            return reason
        tempfile.NamedTemporaryFile(prefix=f".{path.name}.", dir=real(path).parent).close()
    except OSError as error:
        return f"{name} cannot be written: {error.strerror}"
    return None


def real(path: Path) -> Path:
    """The file that a link leads to, so that the file is replaced and the link stays."""
    return Path(os.path.realpath(path))


def write(text: str, path: Path) -> None:
    """Write the whole text, or leave the file as it was. Raises OSError if it cannot."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
