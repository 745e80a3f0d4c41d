"""What each release of the history was seen to do, and this run after it, claim by claim."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from harness.history.compare import NO_ROW, Difference, Fact, Kind, Value, differences, facts
from harness.history.record import ANY, Record
from harness.history.releases import minor
from harness.history.terminal import grouped, labels, texts, title
from harness.run.text import one_line, shown

#: Characters of a value that are shown: where something changed, and where nothing did.
LONGEST, LONGEST_OF_SAME = 700, 240

#: Characters of a release at the head of its column.
LONGEST_OF_A_COLUMN = 20

#: So many values of one strip have a colour of their own; the letters go on.
COLOURS = 6

_SIGNS = {"confirmed": "\N{CHECK MARK}", "failed": "\N{BALLOT X}", "crashed": "\N{BALLOT X}"}


@dataclass(frozen=True)
class Release:
    """A column of the strips."""

    short: str  # "2.3"
    name: str  # "2.3.1, NumPy 1.26.4"


@dataclass(frozen=True)
class Segment:
    """Neighbouring releases in which the same was seen."""

    first: Release
    last: Release
    span: int
    kind: str  # an outcome, "unseen", or the number of a colour
    letter: str
    value: str


@dataclass(frozen=True)
class Strip:
    """One thing over all releases; the run stands apart, as a segment of its own."""

    name: str
    history: list[Segment]
    run: Segment | None


@dataclass
class Observed:
    """All that was observed of one claim."""

    outcomes: list[Strip] = field(default_factory=list)
    changed: list[Strip] = field(default_factory=list)
    same: list[tuple[str, str]] = field(default_factory=list)  # what, and what was seen
    differs: list[int] = field(default_factory=list)  # the releases that disagree with the run


def columns(history: Sequence[Record], run: Record) -> list[Release]:
    """The releases of the history, and the run."""
    names = [*labels(history), one_line(run.release)]
    short = [
        f"NumPy {minor(record.environment.get('numpy', ''))}"
        if i and history[i - 1].release == record.release
        else minor(record.release)
        for i, record in enumerate(history)
    ]
    short = [one_line(name)[:LONGEST_OF_A_COLUMN] for name in short]
    return [Release(*pair) for pair in zip([*short, "run"], names, strict=True)]


def observed(history: Sequence[Record], run: Record) -> dict[str, Observed]:
    """Of each claim's id, what was seen of it."""
    found: dict[str, Observed] = {}
    records = [*history, run]
    releases = columns(history, run)
    said = [facts(record) for record in records]
    changes = [it for it in differences(records) if it.fact.kind is not Kind.COST]

    for fact in _outcomes(said):
        name = "" if fact.device == ANY else fact.device
        strip = _strip(name, tuple(of.get(fact) for of in said), releases, fact)
        found.setdefault(fact.subject, Observed()).outcomes.append(strip)
    observations = [it for it in changes if it.fact.kind is Kind.OBSERVATION]
    for rows in grouped(observations):
        strip = _strip(title(rows), rows[0].values, releases, rows[0].fact)
        found.setdefault(rows[0].fact.subject, Observed()).changed.append(strip)
    for subject, what, value in _unchanged(said, {it.fact for it in changes}):
        found.setdefault(subject, Observed()).same.append((what, value))
    for it in changes:
        of = found[it.fact.subject]
        of.differs = sorted({*of.differs, *_disagreeing(it.values)})
    return found


def _outcomes(said: Sequence[dict[Fact, Value]]) -> list[Fact]:
    every = {fact for of in said for fact in of if fact.kind is Kind.OUTCOME}
    return sorted(every, key=lambda fact: (fact.subject, fact.device))


def _unchanged(
    said: Sequence[dict[Fact, Value]], changed: set[Fact]
) -> Iterator[tuple[str, str, str]]:
    alike = [
        Difference(fact, (value,))
        for fact, value in said[-1].items()
        if fact.kind is Kind.OBSERVATION and fact not in changed
    ]
    for rows in grouped(alike):
        (value,) = texts(list(rows[0].values))
        yield rows[0].fact.subject, title(rows), _cut(value, LONGEST_OF_SAME)


def _disagreeing(values: Sequence[Value | None]) -> Iterator[int]:
    """The releases that were not as the run is, or as the last release where it did not look."""
    *history, _ = values
    last = next(value for value in reversed(values) if value is not None)
    return (i for i, value in enumerate(history) if value not in (None, last))


def _strip(
    name: str, values: Sequence[Value | None], releases: Sequence[Release], fact: Fact
) -> Strip:
    distinct = list(dict.fromkeys(value for value in values if value is not None))
    words = dict(zip(distinct, texts(distinct), strict=True))
    kinds = _kinds(distinct, fact)

    def segment(first: int, last: int) -> Segment:
        value = values[first]
        kind, letter = kinds[value] if value is not None else ("unseen", "\N{MIDDLE DOT}")
        text = "" if value is None else _cut(words[value], LONGEST)
        return Segment(releases[first], releases[last], last - first + 1, kind, letter, text)

    *history, run = range(len(values))
    groups = [list(of) for _, of in groupby(history, key=lambda i: values[i])]
    return Strip(
        shown(name),
        [segment(of[0], of[-1]) for of in groups],
        segment(run, run) if values[run] is not None else None,
    )


def _kinds(distinct: Sequence[Value], fact: Fact) -> dict[Value, tuple[str, str]]:
    if fact.kind is Kind.OUTCOME:
        return {value: (str(value), _SIGNS.get(str(value), "")) for value in distinct}
    there = [value for value in distinct if value != NO_ROW]
    found = {value: (str(i % COLOURS), _letter(i)) for i, value in enumerate(there)}
    return {**found, NO_ROW: ("absent", "\N{EN DASH}")}


def _letter(number: int) -> str:
    """A, B, ..., Z, A2, B2, ..."""
    round, place = divmod(number, 26)
    return chr(ord("A") + place) + (str(round + 1) if round else "")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}..."
