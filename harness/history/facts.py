"""Records taken apart into facts, and the facts in which records differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from harness.history.record import ANY, Record, numbers_of


class Kind(IntEnum):
    """What a fact is about, the most serious first."""

    OUTCOME = 0  # whether a claim holds
    OBSERVATION = 1  # what was seen where a release may choose
    COST = 2  # how many bytes a benchmark took


@dataclass(frozen=True)
class Fact:
    """One thing that a record says, by which it is found in another."""

    kind: Kind
    subject: str  # a claim's id, or a benchmark's question
    name: str = ""  # of the observation, or the benchmark's case and alternative
    device: str = ANY
    row: str = ""  # of a table: a dtype, a way, which bytes


#: A text, or a list of names.
Value = str | tuple[str, ...]

#: What a table says of a row that it does not have.
NO_ROW = "(not there)"


@dataclass(frozen=True)
class Difference:
    """A fact on which records disagree: what each says, None for those that did not look."""

    fact: Fact
    values: tuple[Value | None, ...]


def facts(record: Record) -> dict[Fact, Value]:
    """All that the record says."""
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
        bytes_ = {"retained": cost.retained_bytes}
        if cost.predicted_peak_bytes is not None:  # else another processor, not PyTorch, changes it
            bytes_["peak"] = cost.peak_bytes
        for row, number in bytes_.items():
            yield Fact(Kind.COST, cost.question, name, cost.device, row), f"{number:,} bytes"


def differences(records: Sequence[Record]) -> list[Difference]:
    """Where the records disagree, the most serious first, then in the order of the claims.

    A record that did not look, since it was made by other specs or without benchmarks, disagrees
    with none; but a row that is missing from a table that it has is a difference.
    """
    said = [facts(record) for record in records]
    tables = [{_table(fact) for fact in of} for of in said]
    found = []
    for fact in sorted(set().union(*said), key=_order):
        values = tuple(
            of[fact] if fact in of else NO_ROW if fact.row and _table(fact) in has else None
            for of, has in zip(said, tables, strict=True)
        )
        if len(set(values) - {None}) > 1:
            found.append(Difference(fact, values))
    return sorted(found, key=_seriousness)


def compared(records: Sequence[Record]) -> tuple[int, int]:
    """How many facts more than one of the records states, and how many only one does."""
    said = [facts(record).keys() for record in records]
    counts = [sum(fact in of for of in said) for fact in set().union(*said)]
    return sum(count > 1 for count in counts), sum(count == 1 for count in counts)


def unchecked(records: Sequence[Record]) -> list[str]:
    """The claims that an earlier record checked on a device of the last, which did not."""
    *earlier, last = records
    missing = set().union(*(record.checked for record in earlier)) - last.checked
    ids = {id for id, device in missing if device in (ANY, *last.devices)}
    return sorted(ids, key=numbers_of)


def _table(fact: Fact) -> tuple:
    return fact.kind, fact.subject, fact.name, fact.device


#: A part of a claim's id; of a question nothing more is a number.
_NUMBER = re.compile("[0-9]{1,9}")


def _order(fact: Fact) -> tuple:
    numbers = [int(part) if _NUMBER.fullmatch(part) else 0 for part in fact.subject.split(".")]
    subject = fact.subject if fact.kind is Kind.COST else ""
    return fact.kind, numbers, subject, fact.name, fact.device, fact.row


def _seriousness(difference: Difference) -> tuple[int, bool]:
    """Claims that hold no longer come before those that hold now; the sort keeps the rest."""
    last = next(value for value in reversed(difference.values) if value is not None)
    return difference.fact.kind, difference.fact.kind is Kind.OUTCOME and last == "confirmed"
