"""The records that come with the project: one of a real run on each minor release of PyTorch."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from harness.history.record import BadRecord, Record, load
from harness.run.text import one_line

RECORDS = Path(__file__).parent / "records"


@cache
def shipped() -> tuple[Record, ...]:
    """All of them, the oldest release first."""
    records = [load(path) for path in RECORDS.glob("*.json")]
    return tuple(sorted(records, key=_age))


def _age(record: Record) -> tuple[list[int], list[int]]:
    return numbers(record.release), numbers(record.environment.get("numpy", ""))


def minor(release: str) -> str:
    """The minor release: "2.13" of "2.13.0"."""
    return ".".join(release.split(".")[:2])


def numbers(release: str) -> list[int]:
    """To compare releases by: [2, 13, 0] of "2.13.0"."""
    return [int(number) for number in re.findall(r"\d+", release)]


def find(name: str) -> Record:
    """The record at a path, or of a release such as "2.4" or "2.4.1".

    Raises BadRecord, with a sentence, if there is none.
    """
    if re.fullmatch(r"\d+\.\d+(\.\d+)?", name) and not os.path.exists(name):
        for record in reversed(shipped()):  # the newest NumPy first
            if name in (record.release, minor(record.release)):
                return record
        known = ", ".join(record.release for record in shipped()) or "none yet"
        raise BadRecord(f"the history has no release {one_line(name)}; it has {known}")
    return load(Path(name))
