"""Records and pages of real runs on releases of PyTorch, made with nox (``pip install nox``).

::

    nox -s record                  every release of RELEASES, some 4 GB and three minutes each
    nox -s record -- 2.16.0        this one, to be added to the history
    nox -s history                 write HISTORY.md from the records
    nox -s page                    run the newest release, and write dist/how-pytorch-behaves.html

Each release is installed in an environment of its own, which is deleted when its run has ended.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nox

PROJECT = Path(__file__).parent
RECORDS = PROJECT / "history" / "records"
PAGE = PROJECT / "dist" / "how-pytorch-behaves.html"

#: The last patch of each minor release. Those before 2.3 know NumPy 1 alone; 2.3 is run with both,
#: which tells what NumPy 2 changed from what PyTorch did.
RELEASES = (
    "1.13.1 2.0.1 2.1.2 2.2.2 2.3.1 2.4.1 2.5.1 2.6.0 2.7.1 2.8.0 2.9.1 2.10.0 2.11.0 2.12.1 "
    "2.13.0 2.14.1 2.15.0"
).split()


@nox.session(venv_backend="none")
def record(session: nox.Session) -> None:
    """Run the specification and the benchmarks' memory on releases, and keep what they saw."""
    for release in session.posargs or RELEASES:
        major, minor = map(int, release.split(".")[:2])
        if (major, minor) <= (2, 3):
            one = RECORDS / f"{release}{'-numpy1' * ((major, minor) == (2, 3))}.json"
            _record(session, release, "numpy<2", one)
        if (major, minor) >= (2, 3):
            _record(session, release, "numpy>=2", RECORDS / f"{release}.json")


def _record(session: nox.Session, release: str, numpy: str, file: Path) -> None:
    with _installed(session, f"torch=={release}", numpy) as python:
        _run(session, python, "--benchmark-disable", f"--record={file}")


@nox.session(venv_backend="none")
def page(session: nox.Session) -> None:
    """Run the newest release, times and all, and write the page of it: part of what is released."""
    PAGE.parent.mkdir(exist_ok=True)
    release = session.posargs[0] if session.posargs else RELEASES[-1]
    with _installed(session, f"torch=={release}", "matplotlib") as python:
        _run(session, python, f"--page={PAGE}")


@contextmanager
def _installed(session: nox.Session, *packages: str) -> Iterator[str]:
    """Python in an environment of its own, with the requirements and these packages."""
    with tempfile.TemporaryDirectory() as folder:
        session.run(sys.executable, "-m", "venv", folder)
        python = f"{folder}/bin/python"
        install = ("-m", "pip", "install", "--quiet", "--no-cache-dir")
        session.run(python, *install, *packages, "-r", "requirements.txt")
        yield python


def _run(session: nox.Session, python: str, *options: str) -> None:
    rooms = ("specs", "observations", "benchmarks")
    session.run(python, "-m", "pytest", "--quiet", "--device=cpu", *rooms, *options)


@nox.session(venv_backend="none")
def history(session: nox.Session) -> None:
    """Write HISTORY.md from the records."""
    session.run(sys.executable, "-m", "history", "--write")
