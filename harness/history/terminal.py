"""What changed, as lines for a terminal: the most serious first, before and after together."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from harness.history.advice import advise
from harness.history.compare import Difference, Kind, Value, count_facts, differences, unchecked
from harness.history.record import ANY, Record, Result
from harness.run.text import one_line, shown
from specs.ledger import LEDGER

WIDTH = 100


def lines_of_comparison(records: Sequence[Record]) -> Iterator[tuple[str, str]]:
    """What differs between the records, each line with its colour."""
    names, found = labels(records), differences(records)
    yield from ((line, "") for line in _heading(records, names))
    common, alone = count_facts(records)
    rest = f"; {alone:,} more are in only one record" if alone else ""
    missing = unchecked(records)
    if not common:
        yield f"Nothing was compared: the records have no fact in common{rest}", "red"
    elif not found:
        yield f"Nothing changed: {common:,} facts are the same{rest}", "" if missing else "green"
    for name, colour, kind, belongs in _SECTIONS:
        if section := [it for it in found if it.fact.kind is kind and belongs(it)]:
            yield "", ""
            yield f"{name}: {len(section)}", colour
            yield from ((line, "") for line in _section(section, names, records[-1]))
    if found:
        yield "", ""
        yield f"The other {common - len(found):,} facts are the same{rest}", ""
    if missing:
        ids = one_line(", ".join(missing[:10]))
        ids += f" and {len(missing) - 10} more" if len(missing) > 10 else ""
        claims = f"{len(missing)} claim{'s' * (len(missing) != 1)}"
        yield f"Not checked this time: {claims} ({ids})", "yellow"


def lines_of_release(name: str, changes: Sequence[Difference]) -> Iterator[str]:
    """What changed with a release such as "PyTorch 2.0", and what that means for code."""
    return _section(changes, ["before", name.removeprefix("PyTorch ")], release=name)


_SECTIONS = (
    ("Claims that do not hold", "red", Kind.OUTCOME, lambda it: it.values[-1] != "confirmed"),
    ("Claims that now hold", "green", Kind.OUTCOME, lambda it: it.values[-1] == "confirmed"),
    ("Changes that may break code", "yellow", Kind.OBSERVATION, lambda it: advise(it, "").breaks),
    ("Other changes", "", Kind.OBSERVATION, lambda it: not advise(it, "").breaks),
    ("Changes in memory use", "yellow", Kind.COST, lambda it: True),
)


_PARTS = {"torch": "build", "numpy": "NumPy", "python": "Python", "system": "on"}


def labels(records: Sequence[Record]) -> list[str]:
    """A short name for each record: its release, and what distinguishes it from the others."""
    found: list[str] = []
    for record in records:
        same = [it.environment for it in records if it.release == record.release]
        differing = [part for part in _PARTS if len({it.get(part) for it in same}) > 1]
        words = [f"{_PARTS[part]} {record.environment.get(part, '?')}" for part in differing]
        found.append(one_line(", ".join([record.release, *words])))
    return [
        f"{name} ({found[: i + 1].count(name)})" if found.count(name) > 1 else name
        for i, name in enumerate(found)
    ]


def _heading(records: Sequence[Record], names: Sequence[str]) -> Iterator[str]:
    pairs = zip(names, records, strict=True)
    versions = [f"PyTorch {name} ({one_line(record.date)})" for name, record in pairs]
    joined = " to ".join(versions) if len(versions) == 2 else ", ".join(versions)
    yield from wrapped(f"What changed: {joined}", "")
    for part, word in (("numpy", "NumPy"), ("python", "Python"), ("system", "The system")):
        values = dict.fromkeys(one_line(it.environment.get(part, "unknown")) for it in records)
        if len(values) > 1:
            yield f"{word} differs too: {', '.join(values)}"


def _section(
    found: Iterable[Difference],
    names: Sequence[str],
    last: Record | None = None,
    release: str = "",
) -> Iterator[str]:
    for subject, of_subject in groupby(found, key=lambda it: it.fact.subject):
        yield ""
        yield from wrapped(heading(subject), "  ")
        for rows in grouped(of_subject):
            yield from wrapped(title(rows), " " * 6)
            yield from _values(rows[0].values, names, " " * 10)
            if rows[0].fact.kind is Kind.OUTCOME and last:
                result = last.claims.get(subject, {}).get(rows[0].fact.device, Result())
                yield from (" " * 14 + one_line(spec) for spec in result.failed)
            if release and any(advice := advise(rows[0], release)):
                text = "May break code. " * advice.breaks + one_line(advice.sentence)
                yield from wrapped(text, " " * 10 + "-> ", " " * 13)


def _values(values: Sequence[Value | None], names: Sequence[str], indent: str) -> Iterator[str]:
    """Each value once, after the records that have it."""
    records_with: dict[Value, list[str]] = {}
    for value, name in zip(values, names, strict=True):
        if value is not None:
            records_with.setdefault(value, []).append(name)
    heads = [", ".join(of) for of in records_with.values()]
    width = min(max(map(len, heads)), 24)
    for head, text in zip(heads, texts(list(records_with)), strict=True):
        if len(head) > width:
            yield from wrapped(head, indent)
            head = ""
        for line in text.splitlines() or [""]:
            start = f"{indent}{head:{width}}  "
            yield from wrapped(line, start, " " * len(start) + "  ") or [start.rstrip()]
            head = ""


def heading(subject: str) -> str:
    """A claim's id and sentence, or a benchmark's question."""
    claim = LEDGER.get(subject)
    return f"{subject} {claim.says}" if claim else one_line(subject)


def title(rows: Sequence[Difference]) -> str:
    """What differs: the observation's name, the device, and the rows of its table."""
    fact = rows[0].fact
    device = "" if fact.device == ANY else f" [{fact.device}]"
    of = ", ".join(it.fact.row for it in rows)
    return one_line(f"{fact.name or 'outcome'}{device}" + (f": {of}" if of else ""))


def grouped(found: Iterable[Difference]) -> list[list[Difference]]:
    """The differences, with the rows of a table that changed in the same way together.

    Messages that differ only by the name of their row count as the same.
    """
    groups: dict[tuple, list[Difference]] = {}
    for it in found:
        values = tuple(_without_row(value, it.fact.row) for value in it.values)
        key = (it.fact.subject, it.fact.name, it.fact.device, values)
        groups.setdefault(key, []).append(it)
    return [
        [replace(it, values=values) for it in rows] if len(rows) > 1 else rows
        for (*_, values), rows in groups.items()
    ]


def _without_row(value: Value | None, row: str) -> Value | None:
    """The value with "<it>" in place of the row's name, where it is a word of its own."""
    if not row or not isinstance(value, str) or row.lower() not in value.lower():
        return value
    word = rf"(?<![a-z0-9]){re.escape(row)}(?![a-z0-9])"
    return re.sub(word, "<it>", value, flags=re.IGNORECASE)


def texts(values: Sequence[Value]) -> list[str]:
    """Each value as text; in lists and in several lines, "..." stands for what all share."""
    if all(isinstance(value, tuple) for value in values):
        separator, split = ", ", values
    else:
        strings = [", ".join(value) if isinstance(value, tuple) else value for value in values]
        separator, split = "\n", [text.split("\n") for text in strings]
    shared = set(split[0]).intersection(*split[1:])
    if all(shared.issuperset(parts) for parts in split):  # at most the order differs
        shared = set()
    if separator == ", ":
        split = [sorted(parts, key=lambda name: name not in shared) for parts in split]
    joined = (
        separator.join(
            part
            for is_shared, run in groupby(parts, key=shared.__contains__)
            for part in (["..."] if is_shared else run)
        )
        for parts in split
    )
    return [shown(text) or "(empty)" for text in joined]


def wrapped(text: str, indent: str, further: str = "") -> list[str]:
    """The text wrapped and indented; all lines but the first are indented a little further."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=further or indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
