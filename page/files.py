"""The page's file: what may be replaced by it, and how it is written."""

from __future__ import annotations

from pathlib import Path

from history.recording import save_nothing_beside

#: What every page says of itself near its beginning, and no other file does.
MARK = '<meta name="generator" content="pytest --page, an executable specification of PyTorch">'


def why_not_written(path: Path) -> str | None:
    """Why no page can be written there; None if one can."""
    if path.is_dir():
        return f"{path} is a folder, and no file"
    if not path.parent.is_dir():
        return f"{path}: there is no folder {path.parent}"
    try:
        if path.exists() and path.stat().st_size and not _is_page(path):
            return f"would replace what is no page of ours ({path}): choose another name"
        save_nothing_beside(path)
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}"
    return None


def _is_page(path: Path) -> bool:
    with path.open("rb") as file:
        return MARK.encode() in file.read(1024)
