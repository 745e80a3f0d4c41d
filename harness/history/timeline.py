"""What changed with which release: the shipped records, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from harness.history.facts import Difference, Fact, Value, differences
from harness.history.record import Record
from harness.history.releases import minor
from harness.history.report import change, grouped, heading, title, wrapped


@dataclass(frozen=True)
class Drift:
    """A fact that changed: with which release, and from what to what."""

    since: str  # "2.0", or "NumPy 2.4" where PyTorch stayed the same
    fact: Fact
    before: Value
    after: Value


def steps(records: Sequence[Record]) -> list[str]:
    """With what each record came: PyTorch's minor release, or NumPy's for the same release."""
    found = []
    for i, record in enumerate(records):
        same = i > 0 and records[i - 1].release == record.release
        found.append(
            f"NumPy {minor(record.environment.get('numpy', 'unknown'))}"
            if same
            else minor(record.release)
        )
    return found


def drifts(records: Sequence[Record]) -> list[Drift]:
    """All changes from one record to the next that looked, in order of the records."""
    names = steps(records)
    found = []
    for it in differences(records):
        seen = [
            (name, value) for name, value in zip(names, it.values, strict=True) if value is not None
        ]
        for (_, before), (name, after) in pairwise(seen):
            if before != after:
                found.append(Drift(name, it.fact, before, after))
    return sorted(found, key=lambda drift: names.index(drift.since))


def lines(records: Sequence[Record]) -> Iterator[str]:
    """For each release what changed with it, the oldest first."""
    found = drifts(records)
    if not records:
        yield "There is no history yet."
        return
    yield (
        f"What changed from PyTorch {records[0].release} to {records[-1].release}, "
        "by the release that changed it"
    )
    for since, of_release in groupby(found, key=lambda drift: drift.since):
        yield ""
        yield since if since.startswith("NumPy") else f"PyTorch {since}"
        for subject, of in groupby(of_release, key=lambda drift: drift.fact.subject):
            yield ""
            yield from wrapped(heading(subject), "  ")
            for rows in grouped(Difference(it.fact, (it.before, it.after)) for it in of):
                yield from wrapped(title(rows) or "outcome", "      ")
                yield from change(rows[0].values, ["before", since], "          ", rows[0].fact)
