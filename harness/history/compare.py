"""Records taken apart into facts, and the facts in which records differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from harness.history.record import ANY, Record, numbers_of


class Kind(IntEnum):
    """What a fact is about, the most serious first."""

    OUTCOME = 0  # whether a claim holds
    SNIPPET = 1  # what the release does where it has a choice
    COST = 2  # how many bytes a benchmark took


@dataclass(frozen=True)
class Fact:
    """The address of one value in a record, the same in every record."""

    kind: Kind
    subject: str  # a claim's id, or a benchmark's question
    name: str = ""  # the text of the snippet, or the benchmark's case, alternative and which bytes
    device: str = ANY


@dataclass(frozen=True)
class Difference:
    """A fact on which records disagree: each record's value, None if it has none."""

    fact: Fact
    values: tuple[str | None, ...]


def facts(record: Record) -> dict[Fact, str]:
    """Everything that the record says."""
    return dict(_facts(record))


def _facts(record: Record) -> Iterator[tuple[Fact, str]]:
    for id, results in record.claims.items():
        for device, result in results.items():
            if result.outcome != "not checked":
                yield Fact(Kind.OUTCOME, id, "", device), result.outcome
            for text, value in result.observations.items():
                yield Fact(Kind.SNIPPET, id, text, device), value
    for cost in record.costs:
        name = f"{cost.case}: {cost.alternative}" if cost.case else cost.alternative
        sizes = {"retained": cost.retained_bytes}
        if cost.predicted_peak_bytes is not None:  # else the peak depends on the processor
            sizes["peak"] = cost.peak_bytes
        for which, size in sizes.items():
            fact = Fact(Kind.COST, cost.question, f"{name}: {which}", cost.device)
            yield fact, f"{size:,} bytes"


def differences(records: Sequence[Record]) -> list[Difference]:
    """Where the records disagree, the most serious first, then in the order of the claims.

    A record without a fact does not disagree about it: it may be older than the snippet, or of a
    run without benchmarks.
    """
    values_of = [facts(record) for record in records]
    found = []
    for fact in sorted(set().union(*values_of), key=_order):
        values = tuple(values.get(fact) for values in values_of)
        if len(set(values) - {None}) > 1:
            found.append(Difference(fact, values))
    return sorted(found, key=_seriousness)


def common(records: Sequence[Record]) -> int:
    """How many facts are in more than one of the records."""
    values_of = [facts(record) for record in records]
    return sum(sum(it in values for values in values_of) > 1 for it in set().union(*values_of))


def unchecked(records: Sequence[Record]) -> list[str]:
    """The claims that an earlier record checked on a device of the last, which did not.

    Of some claims only what an older release did needs no device.
    """
    *earlier, last = records
    missing = set().union(*(record.checked for record in earlier)) - last.checked
    ids = {id for id, device in missing if device in last.devices}
    ids |= {id for id, device in missing if device == ANY} - {id for id, _ in last.checked}
    return sorted(ids, key=numbers_of)


def failing(record: Record) -> set[str]:
    """The specs that failed."""
    results = [it for by_device in record.claims.values() for it in by_device.values()]
    return {spec for result in results for spec in result.failed}


def still_failing(records: Sequence[Record]) -> tuple[set[str], set[str]]:
    """The specs that fail in the last record alone and in the first alone, where a claim fails in
    both. Where it fails in one of them, that is a difference.
    """
    first, last = records[0], records[-1]
    began, ended = set(), set()
    for id, results in last.claims.items():
        for device, now in results.items():
            before = first.claims.get(id, {}).get(device)
            if before is not None and before.failed and now.failed:
                began |= set(now.failed) - set(before.failed)
                ended |= set(before.failed) - set(now.failed)
    return began, ended


def fails_strictly(records: Sequence[Record]) -> bool:
    """Whether ``--strict`` fails: anything differs, was not checked again, or nothing compares."""
    differ = differences(records) or any(still_failing(records))
    return bool(differ or unchecked(records) or not common(records))


def _order(fact: Fact) -> tuple:
    subject = fact.subject if fact.kind is Kind.COST else numbers_of(fact.subject)
    return fact.kind, subject, fact.name, fact.device


def _seriousness(difference: Difference) -> tuple[int, bool]:
    """Claims that no longer hold come before those that now hold; the sort keeps the rest."""
    last = next(value for value in reversed(difference.values) if value is not None)
    return difference.fact.kind, difference.fact.kind is Kind.OUTCOME and last == "confirmed"
