"""What changed, in lines that people read: the most serious first, before and after together."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from harness.history.advice import effect
from harness.history.facts import Difference, Fact, Kind, Value, compared, unchecked
from harness.history.record import ANY, Record
from harness.run.text import one_line, shown
from specs.ledger import LEDGER

WIDTH = 100

#: Characters of a row's name that is looked for in values, and how often it may stand in one.
LONGEST_NAME, MOST_NAMES = 100, 100


def labels(records: Sequence[Record]) -> list[str]:
    """A short name for each record: its release, and what else tells it from the others."""
    found = [record.release for record in records]
    for part in ("torch", "numpy", "python", "system"):
        for name in {name for name in found if found.count(name) > 1}:
            same = [i for i, it in enumerate(found) if it == name]
            values = [records[i].environment.get(part, "unknown") for i in same]
            if len(set(values)) > 1:
                for i, value in zip(same, values, strict=True):
                    found[i] = value if part == "torch" else f"{name}, {_NAMES[part]} {value}"
    for name in {name for name in found if found.count(name) > 1}:
        for number, i in enumerate((i for i, it in enumerate(found) if it == name), 1):
            found[i] = f"{name} ({_ordinal(number)})"
    return [one_line(name) for name in found]


_NAMES = {"numpy": "NumPy", "python": "Python", "system": "on"}


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def lines(records: Sequence[Record], found: Sequence[Difference]) -> Iterator[tuple[str, str]]:
    """What changed between the records, or differs among them; each line with its colour."""
    names = labels(records)
    yield from ((line, "") for line in _heading(records, names))
    both, alone = compared(records)
    rest = f"; {alone:,} more are in one record alone" if alone else ""
    missing = unchecked(records)
    if not both:
        yield f"Nothing was compared: the records have no fact in common{rest}", "red"
    elif not found:
        yield f"Nothing changed: {both:,} facts are the same{rest}", "" if missing else "green"
    else:
        yield from _differences(records, found, names)
        yield "", ""
        yield f"The other {both - len(found):,} facts are the same{rest}", ""
    if missing:
        yield from ((line, "yellow") for line in wrapped(_not_checked(missing), ""))


def is_reason_to_fail(records: Sequence[Record], found: Sequence[Difference]) -> bool:
    """Whether a strict comparison fails: something differs, or was not looked at again."""
    return bool(found or unchecked(records) or not compared(records)[0])


def _not_checked(missing: Sequence[str]) -> str:
    number = f"{len(missing)} claim{'s' * (len(missing) != 1)}"
    rest = f" and {len(missing) - 10} more" if len(missing) > 10 else ""
    return f"Not checked again: {number} ({', '.join(missing[:10])}{rest})"


def _differences(
    records: Sequence[Record], found: Sequence[Difference], names: Sequence[str]
) -> Iterator[tuple[str, str]]:
    for title, kind, colour, wanted in _SECTIONS:
        of = [it for it in found if it.fact.kind is kind and wanted(it)]
        if of:
            yield "", ""
            yield f"{title}: {len(of)}", colour
            yield from ((line, "") for line in _section(of, names, records))


def _breaks(it: Difference) -> bool:
    before, *_, after = [value for value in it.values if value is not None]
    return before == after or effect(it.fact, before, after, "").breaks


_SECTIONS = (
    ("Claims that do not hold", Kind.OUTCOME, "red", lambda it: it.values[-1] != "confirmed"),
    ("Claims that hold now", Kind.OUTCOME, "green", lambda it: it.values[-1] == "confirmed"),
    ("Observations that differ, and may break code", Kind.OBSERVATION, "yellow", _breaks),
    ("Observations that differ otherwise", Kind.OBSERVATION, "", lambda it: not _breaks(it)),
    ("Costs whose bytes differ", Kind.COST, "yellow", lambda it: True),
)


def _heading(records: Sequence[Record], names: Sequence[str]) -> Iterator[str]:
    pairs = zip(names, records, strict=True)
    versions = [f"PyTorch {name} ({one_line(record.date)})" for name, record in pairs]
    joined = " to ".join(versions) if len(versions) == 2 else ", ".join(versions)
    yield from textwrap.wrap(f"What changed: {joined}", WIDTH)
    for part, word in (("numpy", "NumPy"), ("python", "Python"), ("system", "System")):
        values = [one_line(record.environment.get(part, "unknown")) for record in records]
        if len(set(values)) > 1:
            yield f"{word} is not the same either: {', '.join(dict.fromkeys(values))}"


def _section(
    found: Iterable[Difference], names: Sequence[str], records: Sequence[Record]
) -> Iterator[str]:
    for subject, of_subject in groupby(found, key=lambda it: it.fact.subject):
        yield ""
        yield from wrapped(heading(subject), "  ")
        for rows in grouped(of_subject):
            fact = rows[0].fact
            if fact.kind is not Kind.OUTCOME:
                yield from wrapped(title(rows), "      ")
            yield from change(rows[0].values, names, "          ", fact)
            if fact.kind is Kind.OUTCOME:
                yield from _failed(fact, records[-1])


def _failed(fact: Fact, record: Record) -> Iterator[str]:
    result = record.claims.get(fact.subject, {}).get(fact.device)
    for spec in result.failed if result else ():
        yield f"              {one_line(spec)}"


def heading(subject: str) -> str:
    """A claim's id and sentence, or a benchmark's question."""
    claim = LEDGER.get(subject)
    return f"{subject} {claim.says}" if claim else one_line(subject)


def grouped(found: Iterable[Difference]) -> list[list[Difference]]:
    """The differences, those rows of a table together that changed in the same way.

    A message that differs from row to row only by the row's own name is the same.
    """
    together: dict[tuple, list[Difference]] = {}
    for it in found:
        values = tuple(_less_name(value, it.fact.row) for value in it.values)
        key = (it.fact.subject, it.fact.name, it.fact.device, values)
        together.setdefault(key, []).append(it)
    return [
        [replace(it, values=values) for it in rows] if len(rows) > 1 else rows
        for (*_, values), rows in together.items()
    ]


def _less_name(value: Value | None, row: str) -> Value | None:
    """The value with "<it>" in place of the row's name, where that stands as a word of its own.

    By hand, since a regular expression for each row, and one of a long name, take their time.
    """
    if not row or len(row) > LONGEST_NAME or not isinstance(value, str):
        return value
    text, name = value.lower(), row.lower()
    if len(text) != len(value) or not 0 < text.count(name) <= MOST_NAMES:
        return value
    parts, end, at = [], 0, text.find(name)
    while at >= 0:
        stop = at + len(name)
        if not (_is_of_a_word(text[at - 1 : at]) or _is_of_a_word(text[stop : stop + 1])):
            parts += [value[end:at], "<it>"]
            end = stop
        at = text.find(name, stop)
    return "".join([*parts, value[end:]])


def _is_of_a_word(character: str) -> bool:
    return character.isascii() and character.isalnum()


def title(rows: Sequence[Difference]) -> str:
    """What differs: the observation's name, the device, and which rows of it."""
    fact = rows[0].fact
    device = "" if fact.device == ANY else f" [{fact.device}]"
    of = ", ".join(it.fact.row for it in rows)
    return one_line(f"{fact.name}{device}" + (f": {of}" if of else ""))


def change(
    values: Sequence[Value | None], names: Sequence[str], indent: str, fact: Fact
) -> Iterator[str]:
    """Which records say what: each value once, with the records that it was seen in."""
    if fact.kind is Kind.OUTCOME:
        device = "" if fact.device == ANY else f"[{one_line(fact.device)}] "
        yield indent + device + _in_turn(values, names)
        return
    by_value: dict[Value, list[str]] = {}
    for value, name in zip(values, names, strict=True):
        if value is not None:
            by_value.setdefault(value, []).append(name)
    heads = [", ".join(of) for of in by_value.values()]
    width = min(max(map(len, heads)), 24)
    for head, text in zip(heads, texts(list(by_value)), strict=True):
        if len(head) > width:
            yield from wrapped(head, indent)
            head = ""
        first, *others = text.splitlines() or [""]
        body = indent + " " * width + "  "
        for i, line in enumerate([first, *others]):
            start = f"{indent}{head:{width}}  " if i == 0 else body
            yield from textwrap.wrap(
                line,
                WIDTH,
                initial_indent=start,
                subsequent_indent=body + "  ",
                break_long_words=False,
                break_on_hyphens=False,
                drop_whitespace=True,
            ) or [start.rstrip()]


def _in_turn(values: Sequence[Value | None], names: Sequence[str]) -> str:
    pairs = [(value, name) for value, name in zip(values, names, strict=True) if value is not None]
    return ", then ".join(
        f"{value} on {', '.join(name for _, name in of)}"
        for value, of in groupby(pairs, key=lambda it: it[0])
    )


def texts(values: Sequence[Value]) -> list[str]:
    """Each value as text: of lists and of many lines, only what is not the same in all."""
    if all(isinstance(value, tuple) for value in values):
        return _of_lists([list(value) for value in values])
    plain = [", ".join(value) if isinstance(value, tuple) else value for value in values]
    if all("\n" in text for text in plain):
        return [shown(text) for text in _without_common_lines(plain)]
    return [shown(text) for text in plain]


def _of_lists(lists: Sequence[list[str]]) -> list[str]:
    """What each of the lists has that not all have, or their order if that is all."""
    common = set(lists[0]).intersection(*lists[1:])
    own = [[it for it in of if it not in common] for of in lists]
    if not any(own):
        return [shown(", ".join(of)) for of in lists]
    same = [f"the same {len(common)}"] if common else []
    return [shown(", and ".join([*same, *([", ".join(of)] if of else [])]) or "none") for of in own]


def _without_common_lines(plain: Sequence[str]) -> list[str]:
    split = [text.splitlines() for text in plain]
    common = set(split[0]).intersection(*split[1:])
    return ["\n".join(_elided(of, common)) for of in split]


def _elided(of: Iterable[str], common: set[str]) -> Iterator[str]:
    for is_common, group in groupby(of, key=lambda line: line in common):
        if is_common:
            yield "..."
        else:
            yield from group


def wrapped(text: str, indent: str) -> list[str]:
    """The text in lines that begin with the indent, and the later ones a little further in."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
