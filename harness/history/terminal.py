"""What changed, as lines for a terminal: what breaks first, before and after together."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from harness.history.changes import Change, changes
from harness.history.compare import (
    Difference,
    Kind,
    common,
    differences,
    facts,
    still_failing,
    unchecked,
)
from harness.history.record import ANY, Record, Result
from harness.history.releases import NOTES, first_with, numbers
from harness.history.used_by import Touch, Uses, touches
from harness.run.text import one_line, shown
from specs.ledger import LEDGER

WIDTH = 100

#: Characters of a value that are shown; records and the history have it whole.
LONGEST = 300

#: Lines of the code that are named for each change.
MOST_LINES = 5


def lines_of_comparison(
    records: Sequence[Record], used_by: Uses | None = None
) -> Iterator[tuple[str, str]]:
    """What differs between the records, each line with its colour.

    With ``used_by``, the changes that touch this code come first, with its lines, and the others
    are only counted.
    """
    names, found = labels(records), differences(records)
    yield from ((line, "") for line in _heading(records, names))
    in_common, missing = common(records), unchecked(records)
    alike = in_common - len(found)
    if not in_common:
        yield "Nothing was compared: the records have no fact in common", "red"
    elif not found:
        yield f"Nothing changed: {alike:,} facts are the same", "" if missing else "green"
    yield from _outcomes(found, names, records[-1])
    for title, specs in zip(
        ("began to fail", "no longer fail"), still_failing(records), strict=True
    ):
        if specs:
            yield from (("", ""), (f"Specs that {title}, of claims that fail in both:", "yellow"))
            yield from ((f"  {one_line(spec)}", "") for spec in sorted(specs))
    yield from _changes(found, records, used_by)
    costs = [it for it in found if it.fact.kind is Kind.COST]
    if costs:
        yield from (("", ""), (f"Changes in memory use: {len(costs)}", "yellow"))
        for it in costs:
            yield f"  {one_line(it.fact.subject)}: {one_line(it.fact.name)}", ""
            yield from ((line, "") for line in _values(it, names))
    if found:
        yield from (("", ""), (f"{alike:,} facts are the same", ""))
    if missing:
        ids = one_line(", ".join(missing[:10]))
        ids += f" and {len(missing) - 10} more" if len(missing) > 10 else ""
        claims = f"{len(missing)} claim{'s' * (len(missing) != 1)}"
        yield f"Not checked this time: {claims} ({ids})", "yellow"


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


def _outcomes(
    found: Sequence[Difference], names: Sequence[str], last: Record
) -> Iterator[tuple[str, str]]:
    outcomes = [it for it in found if it.fact.kind is Kind.OUTCOME]
    for title, colour, holds in (
        ("Claims that do not hold", "red", False),
        ("Claims that now hold", "green", True),
    ):
        of = [it for it in outcomes if (it.values[-1] == "confirmed") is holds]
        if of:
            yield from (("", ""), (f"{title}: {len(of)}", colour))
        for it in of:
            claim = LEDGER.get(it.fact.subject)
            device = "" if it.fact.device == ANY else f" [{it.fact.device}]"
            sentence = claim.says if claim else ""
            head = one_line(f"{it.fact.subject}{device} {sentence}")
            yield from ((line, "") for line in wrapped(head, "  "))
            yield from ((line, "") for line in _values(it, names))
            result = last.claims.get(it.fact.subject, {}).get(it.fact.device, Result())
            yield from ((" " * 10 + one_line(spec), "") for spec in result.failed)


def _values(difference: Difference, names: Sequence[str]) -> Iterator[str]:
    """Each value once, after the records that have it."""
    records_with: dict[str, list[str]] = {}
    for value, name in zip(difference.values, names, strict=True):
        if value is not None:
            records_with.setdefault(value, []).append(name)
    for value, of in records_with.items():
        yield from wrapped(f"{', '.join(of)}: {cut(value)}", " " * 6)


def _changes(
    found: Sequence[Difference], records: Sequence[Record], used_by: Uses | None
) -> Iterator[tuple[str, str]]:
    """What may break code, each with its values; a line for each other change."""
    all_changes = changes(found)
    differing = {it.fact.name: it for it in found}
    since = [first_with(differing[it.snippets[0]], records[0], records[-1]) for it in all_changes]
    pairs = list(zip(all_changes, since, strict=True))
    if used_by is not None:
        same = [fact.name for fact in facts(records[-1]) if fact.name not in differing]
        touched = touches(all_changes, same, used_by, _before(records))
        yield from _touching(pairs, touched, used_by)
        pairs = [pair for pair, lines in zip(pairs, touched, strict=True) if lines]
    else:
        yield from lines_of_changes(pairs)
    ends = {name.partition(",")[0] for _, since in pairs for name in since or ()}
    for release in sorted(ends, key=numbers):
        yield f"Release notes of {release}: {NOTES}{release}", ""


def _before(records: Sequence[Record]) -> Iterator[tuple[str, str]]:
    """What each snippet gave in the first record that has it."""
    for record in reversed(records):
        yield from ((fact.name, value) for fact, value in facts(record).items())


def lines_of_changes(
    pairs: Sequence[tuple[Change, tuple[str, str] | None]],
) -> Iterator[tuple[str, str]]:
    """The changes, each with the release that brought it, as lines with their colours."""
    if breaking := [pair for pair in pairs if pair[0].breaks]:
        yield from (("", ""), (f"Changes that may break code: {len(breaking)}", "yellow"))
        for pair in breaking:
            yield from ((line, "") for line in lines_of_change(*pair))
    if others := [pair for pair in pairs if not pair[0].breaks]:
        yield from (("", ""), (f"Other changes: {len(others)}", ""))
        for change, since in others:
            title = cut(change.titles[0], 100 - 11 - len(change.advice))
            line = f"  {one_line(change.claim):8} {title}  {one_line(change.advice)}"
            yield f"{line}{_since(since)}", ""


def _touching(
    pairs: Sequence[tuple[Change, tuple[str, str] | None]],
    touched: Sequence[Sequence[Touch]],
    used_by: Uses,
) -> Iterator[tuple[str, str]]:
    """The changes that touch the code, with its lines; how many do not."""
    shown_ones = [(*pair, lines) for pair, lines in zip(pairs, touched, strict=True) if lines]
    yield from (("", ""), (f"Changes that touch your code: {len(shown_ones)}", "yellow"))
    for change, since, lines in shown_ones:
        yield from ((line, "") for line in lines_of_change(change, since))
        for it in lines[:MOST_LINES]:
            yield from ((line, "") for line in wrapped(str_of(it), " " * 10))
        if rest := [f"{one_line(it.file)}:{it.line}" for it in lines[MOST_LINES:]]:
            yield from ((line, "") for line in wrapped(f"also {', '.join(rest)}", " " * 10))
    others = len(pairs) - len(shown_ones)
    yield from (("", ""), (f"{others} other changes touch none of it", ""))
    for file in used_by.passed_over:
        yield f"Not read: {one_line(file)}", "yellow"


def str_of(touch: Touch) -> str:
    """The place as editors know it, and why the change touches it."""
    return f"{one_line(touch.file)}:{touch.line} {one_line(touch.why)}"


def _since(ends: tuple[str, str] | None) -> str:
    if ends is None:
        return ""
    first, last = ends
    return f" (since {last})" if first == last else f" (since a release from {first} to {last})"


def lines_of_change(change: Change, since: tuple[str, str] | None = None) -> Iterator[str]:
    """The snippet, what it gave before and gives now, since when, and what to do."""
    yield ""
    head = f"  {one_line(change.claim):8}"
    for title in change.titles:
        for line in shown(title).split("\n"):
            yield f"{head}{line}"
            head = " " * 10
    yield from wrapped(f"before: {cut(change.before)}", " " * 10)
    yield from wrapped(f"after:  {cut(change.after)}", " " * 10)
    if change.advice:
        advice = f"{one_line(change.advice)}{_since(since)}"
        yield from wrapped(advice, " " * 10 + "-> ", " " * 13)


def cut(value: str, longest: int = LONGEST) -> str:
    """The value in one line, with the middle left out if it is long."""
    value, half = one_line(value), max(longest // 2, 10)
    return value if len(value) <= 2 * half else f"{value[:half]} ... {value[-half:]}"


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
