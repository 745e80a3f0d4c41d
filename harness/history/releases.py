"""The records that come with the project, one per minor release of PyTorch, and what changed."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from harness.history.compare import Difference, differences
from harness.history.record import BadRecord, Record, load

RECORDS = Path(__file__).parent / "records"


@cache
def shipped() -> tuple[Record, ...]:
    """All of them, the oldest release first. Raises BadRecord if one cannot be used."""
    records = [load(path) for path in RECORDS.glob("*.json")]
    return tuple(sorted(records, key=lambda it: (numbers(it.release), numbers(_numpy(it)))))


def find(name: str, folder: Path = Path()) -> Record:
    """The record in a file, or of a release such as "2.4" or "2.4.1".

    Raises BadRecord, with a sentence, if there is none.
    """
    path = folder / name
    if os.path.lexists(path) or not re.fullmatch(r"\d+\.\d+(\.\d+)?", name):
        return load(path)
    for record in reversed(shipped()):  # of two records of a release, the one with NumPy 2
        if name in (record.release, minor(record.release)):
            return record
    known = ", ".join(dict.fromkeys(record.release for record in shipped()))
    raise BadRecord(f"the history has no release {name}; it has {known}")


def minor(release: str) -> str:
    """The minor release: "2.13" for "2.13.0"."""
    return ".".join(release.split(".")[:2])


def numbers(release: str) -> list[int]:
    """Sort key for releases: [2, 13, 0] for "2.13.0"."""
    return [int(number) for number in re.findall(r"\d+", release)]


def steps(records: Sequence[Record]) -> list[str]:
    """What each record adds: "2.0", or "NumPy 2.4" if the one before it is of the same PyTorch."""
    return [
        f"NumPy {minor(_numpy(record))}"
        if i and records[i - 1].release == record.release
        else minor(record.release)
        for i, record in enumerate(records)
    ]


def changes_by_release(records: Sequence[Record]) -> dict[str, list[Difference]]:
    """What changed, by the release that changed it, such as "PyTorch 2.0" or "NumPy 2.4".

    Each difference has two values: before and after. Records without the fact are skipped.
    """
    names = [step if step.startswith("NumPy") else f"PyTorch {step}" for step in steps(records)]
    found: dict[str, list[Difference]] = {name: [] for name in names}
    for it in differences(records):
        seen = [pair for pair in zip(names, it.values, strict=True) if pair[1] is not None]
        for (_, before), (name, after) in pairwise(seen):
            if before != after:
                found[name].append(Difference(it.fact, (before, after)))
    return found


def _numpy(record: Record) -> str:
    return record.environment.get("numpy", "unknown")
