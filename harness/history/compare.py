"""Records taken apart into facts, and the facts in which records differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from harness.history.record import ANY, Record, numbers_of


class Kind(IntEnum):
    """What a fact is about, the most serious first."""

    OUTCOME = 0  # whether a claim holds
    OBSERVATION = 1  # what the release does where it has a choice
    COST = 2  # how many bytes a benchmark took


@dataclass(frozen=True)
class Fact:
    """The address of one value in a record, the same in every record."""

    kind: Kind
    subject: str  # a claim's id, or a benchmark's question
    name: str = ""  # of the observation, or the benchmark's case and alternative
    device: str = ANY
    row: str = ""  # of a table: a dtype, a way, which bytes


#: A text, or a list of names.
Value = str | tuple[str, ...]

#: The value of a row that a table does not have.
NO_ROW = "(not there)"


@dataclass(frozen=True)
class Difference:
    """A fact on which records disagree: each record's value, None if it has none."""

    fact: Fact
    values: tuple[Value | None, ...]


def facts(record: Record) -> dict[Fact, Value]:
    """Everything that the record says."""
    return dict(_facts(record))


def _facts(record: Record) -> Iterator[tuple[Fact, Value]]:
    for id, results in record.claims.items():
        for device, result in results.items():
            if result.outcome != "not checked":
                yield Fact(Kind.OUTCOME, id, "", device), result.outcome
            for name, seen in result.observations.items():
                rows: Mapping = seen if isinstance(seen, dict) else {"": seen}
                for row, value in rows.items():
                    value = tuple(value) if isinstance(value, list) else value
                    yield Fact(Kind.OBSERVATION, id, name, device, row), value
    for cost in record.costs:
        name = f"{cost.case}: {cost.alternative}" if cost.case else cost.alternative
        sizes = {"retained": cost.retained_bytes}
        if cost.predicted_peak_bytes is not None:  # else the peak depends on the processor
            sizes["peak"] = cost.peak_bytes
        for row, size in sizes.items():
            yield Fact(Kind.COST, cost.question, name, cost.device, row), f"{size:,} bytes"


def differences(records: Sequence[Record]) -> list[Difference]:
    """Where the records disagree, the most serious first, then in the order of the claims.

    A record without a fact, because other specs or no benchmarks ran, does not disagree about it;
    but a row missing from a table that the record has is a difference.
    """
    values_of = [facts(record) for record in records]
    tables = [set(map(_table, values)) for values in values_of]
    found = []
    for fact in sorted(set().union(*values_of), key=_order):
        values = tuple(
            values.get(fact, NO_ROW if fact.row and _table(fact) in has else None)
            for values, has in zip(values_of, tables, strict=True)
        )
        if len(set(values) - {None}) > 1:
            found.append(Difference(fact, values))
    return sorted(found, key=_seriousness)


def count_facts(records: Sequence[Record]) -> tuple[int, int]:
    """How many facts are in more than one of the records, and how many in only one."""
    values_of = [facts(record) for record in records]
    counts = [sum(fact in values for values in values_of) for fact in set().union(*values_of)]
    return sum(count > 1 for count in counts), sum(count == 1 for count in counts)


def unchecked(records: Sequence[Record]) -> list[str]:
    """The claims that an earlier record checked on a device of the last, which did not."""
    *earlier, last = records
    missing = set().union(*(record.checked for record in earlier)) - last.checked
    ids = {id for id, device in missing if device in (ANY, *last.devices)}
    return sorted(ids, key=numbers_of)


def fails_strictly(records: Sequence[Record]) -> bool:
    """Whether ``--strict`` fails: anything differs, was not checked again, or nothing compares."""
    return bool(differences(records) or unchecked(records) or not count_facts(records)[0])


def _table(fact: Fact) -> tuple:
    return fact.kind, fact.subject, fact.name, fact.device


def _order(fact: Fact) -> tuple:
    subject = fact.subject if fact.kind is Kind.COST else numbers_of(fact.subject)
    return fact.kind, subject, fact.name, fact.device, fact.row


def _seriousness(difference: Difference) -> tuple[int, bool]:
    """Claims that no longer hold come before those that now hold; the sort keeps the rest."""
    last = next(value for value in reversed(difference.values) if value is not None)
    return difference.fact.kind, difference.fact.kind is Kind.OUTCOME and last == "confirmed"
