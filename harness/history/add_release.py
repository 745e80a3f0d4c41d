"""``--add 2.16.0``: install a release, run the specification on it, and keep the record."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

from harness.history.output import write
from harness.history.releases import RECORDS, numbers

PROJECT = Path(__file__).parents[2]


def add(releases: Sequence[str]) -> list[str]:
    """Record each release, replacing its former record; return those that could not be recorded."""
    failed = []
    for release in releases:
        for file, numpy in _records_of(release).items():
            print(f"--- PyTorch {release} with {numpy}", flush=True)
            try:
                _record(release, numpy, RECORDS / file)
            except (OSError, subprocess.CalledProcessError) as error:
                print(error)
                failed.append(file)
    return failed


def _records_of(release: str) -> dict[str, str]:
    """The record to make, and the NumPy to install. 2.3, the first to support NumPy 2, has two."""
    minor = numbers(release)[:2]
    if minor < [2, 3]:
        return {f"{release}.json": "numpy<2"}
    numpy_1 = {f"{release}-numpy1.json": "numpy<2"} if minor == [2, 3] else {}
    return {**numpy_1, f"{release}.json": "numpy>=2"}


def _record(release: str, numpy: str, path: Path) -> None:
    """Install the release in a temporary environment of some 5 GB, and run it there."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder, "Scripts" if sys.platform == "win32" else "bin", "python")
        new = Path(folder, "record.json")
        install = (python, "-m", "pip", "install", "--quiet", "--no-cache-dir")
        requirements = PROJECT / "requirements.txt"
        subprocess.run([*install, f"torch=={release}", numpy, "-r", requirements], check=True)
        options = ("-q", "--device=cpu", "--benchmark-disable", f"--record={new}")
        subprocess.run([python, "-m", "pytest", *options, "specs", "benchmarks"], cwd=PROJECT)
        # It is there even if a claim failed, but not if the run did not end.
        write(new.read_text("utf-8"), path)
