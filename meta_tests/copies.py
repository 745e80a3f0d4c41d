"""Copies of the project to make mistakes in, and pytest as a user runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from specs.ledger import LEDGER

PROJECT = Path(__file__).parent.parent

ITEM = "specs/test_1_1_item.py"
#: The claims that its specs prove.
IN_ITEM = [id for id in LEDGER if id.startswith("1.1.")]
#: A small run: one file of specs and the snippets of its claims.
SNIPPETS = "specs/observed/test_snippets.py::test_what_the_snippets_give"
SMALL = (ITEM, *(f"{SNIPPETS}[1.1.{i}]" for i in (1, 2, 3)), "--device=cpu")


def run(
    *arguments: str,
    cwd: Path = PROJECT,
    cache: bool = False,
    python: Sequence[str] = (),
    **environment: str,
) -> subprocess.CompletedProcess:
    """pytest in a process of its own; stdout and stderr come together in ``stdout``."""
    options = ["-q"] if cache else ["-q", "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, *python, "-m", "pytest", *options, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
        encoding="utf-8",
        errors="replace",
    )


def copy_project(folder: Path) -> Path:
    """A copy of the project in this folder, without what Git and the tools keep beside it."""
    ignore = shutil.ignore_patterns(".*", "__pycache__")
    return Path(shutil.copytree(PROJECT, folder / "copy", ignore=ignore))


def edit(path: Path, old: str, new: str) -> None:
    """Replace the first ``old`` in the file, which must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
