"""``--add 2.16.0``: install a release, run the specification on it, and keep what it did."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

from harness.history.record import load
from harness.history.releases import HISTORY, keep, numbers, shipped

PROJECT = Path(__file__).parents[2]


def add(releases: Sequence[str], python: Path | None = None, again: bool = False) -> list[str]:
    """Record each release, or all that pip can install here; return those that failed.

    Each is in the history as soon as it is done, and those on which the specs ran already are left
    out, so the command may be stopped and started again. With ``python``, the release that this
    interpreter has is recorded, and nothing is installed. A file is a record that was made on
    another device; it is kept under the name of the device. Raises BadRecord if it cannot be read.
    """
    failed = []
    for release in releases or available():
        if release.endswith(".json"):
            keep(load(Path(release)))
            continue
        for numpy in ("numpy<2", "numpy>=2"):
            if not _fits(release, numpy) or (_has(release, numpy) and not again and not python):
                continue
            print(f"--- PyTorch {release} with {numpy}", flush=True)
            try:
                _record(release, numpy, python)
            except (OSError, ValueError, subprocess.CalledProcessError) as error:
                print(error)
                failed.append(f"{release} with {numpy}")
            if python:
                break
    return failed


def available() -> list[str]:
    """The releases from 1.13 on that pip can install in this Python, the oldest first."""
    index = (sys.executable, "-m", "pip", "index", "versions", "torch")
    said = subprocess.run(index, check=True, capture_output=True, text=True).stdout
    line = re.search("Available versions: (.*)", said)[1]
    found = {version.partition("+")[0] for version in line.split(", ")}
    return sorted((it for it in found if numbers(it) >= [1, 13]), key=numbers)


def _fits(release: str, numpy: str) -> bool:
    """NumPy 2 needs 2.3 or later, and 2.3.0 is recorded with both, to tell their changes apart."""
    if numpy == "numpy>=2":
        return numbers(release) >= [2, 3]
    return numbers(release) < [2, 3] or release == "2.3.0"


def _has(release: str, numpy: str) -> bool:
    major = "1" if numpy == "numpy<2" else "2"
    return HISTORY.exists() and any(
        it.release == release and it.environment["numpy"].startswith(f"{major}.") and it.checked
        for it in shipped()
    )


def _record(release: str, numpy: str, python: Path | None) -> None:
    """Run on the release, in a temporary environment of some 5 GB unless one is given."""
    with tempfile.TemporaryDirectory() as folder:
        new = Path(folder, "record.json")
        if python is None:
            venv.create(folder, with_pip=True)
            python = Path(folder, "Scripts" if sys.platform == "win32" else "bin", "python")
            install = (python, "-m", "pip", "install", "--quiet", "--no-cache-dir")
            requirements = PROJECT / "requirements.txt"
            subprocess.run([*install, f"torch=={release}", numpy, "-r", requirements], check=True)
        options = ("-q", "-p", "no:cacheprovider", "--device=cpu", f"--record={new}")
        ended = subprocess.run([python, "-m", "pytest", *options, "specs"], cwd=PROJECT)
        if ended.returncode > 1:  # 1: a claim failed, which is a result
            raise ValueError(f"the run ended with exit status {ended.returncode}")
        record = load(new)
        if record.release != release:
            raise ValueError(f"{python} has PyTorch {record.release}, not {release}")
        keep(record)
