"""The page's file: what may be replaced by it, and how it is written."""

from __future__ import annotations

from pathlib import Path

from harness.history import output
from harness.run.text import one_line

#: What every page says of itself near its beginning, and no other file does.
MARK = '<meta name="generator" content="pytest --page, an executable specification of PyTorch">'


def why_not_written(path: Path) -> str | None:
    """Why no page can be written there; None if one can."""
    return output.why_not_written(path, _foreign)


def _foreign(path: Path) -> str | None:
    with path.open("rb") as file:
        if MARK.encode() in file.read(1024):
            return None
    return f"would replace what is no page of ours ({one_line(path)}): choose another name"
