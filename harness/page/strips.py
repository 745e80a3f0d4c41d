"""What each release of the history and then this run did, as strips for each claim."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from string import ascii_uppercase

from harness.history.changes import title_of, without
from harness.history.compare import Difference, Kind, differences, facts
from harness.history.record import ANY, Record
from harness.history.releases import steps
from harness.history.terminal import labels
from harness.run.text import one_line, shown
from specs.observed.snippets import snippet_of

#: Characters of a value that are shown: where something changed, and where nothing did.
LONGEST, LONGEST_OF_SAME = 500, 200

#: Values of one strip that have their own colour; the letters go on.
COLOURS = 6

_SIGNS = {"confirmed": "\N{CHECK MARK}", "failed": "\N{BALLOT X}", "crashed": "\N{BALLOT X}"}


@dataclass(frozen=True)
class Release:
    """A column of the strips."""

    short: str  # "2.3"
    name: str  # "2.3.1, NumPy 1.26.4"


@dataclass(frozen=True)
class Segment:
    """Neighbouring releases that did the same."""

    releases: str
    span: int
    kind: str  # an outcome, "unseen", or the number of a colour
    letter: str
    value: str


@dataclass(frozen=True)
class Strip:
    """What one outcome or observation was in all releases, and apart from them in this run."""

    name: str
    history: list[Segment]
    run: Segment | None


@dataclass
class Observed:
    """All that was observed of one claim."""

    outcomes: list[Strip] = field(default_factory=list)
    changed: list[Strip] = field(default_factory=list)
    same: list[tuple[str, str]] = field(default_factory=list)  # what was observed, and the value
    differs: set[int] = field(default_factory=set)  # the releases that differ from the run


def columns(history: Sequence[Record], run: Record) -> list[Release]:
    """The releases of the history, and the run."""
    names = zip(steps(history), labels(history), strict=True)
    return [*(Release(*pair) for pair in names), Release("run", one_line(run.release))]


def observed(history: Sequence[Record], run: Record) -> dict[str, Observed]:
    """What was observed of each claim, by its id."""
    records = [*history, run]
    releases = columns(history, run)
    said = [facts(record) for record in records]
    changes = [it for it in differences(records) if it.fact.kind is not Kind.COST]
    found: dict[str, Observed] = defaultdict(Observed)

    outcomes = {fact for of in said for fact in of if fact.kind is Kind.OUTCOME}
    for fact in sorted(outcomes, key=lambda fact: fact.device):
        name = "" if fact.device == ANY else fact.device
        values = [of.get(fact) for of in said]
        kinds = {it: (str(it), _SIGNS.get(str(it), "")) for it in values}
        found[fact.subject].outcomes.append(_strip(name, values, releases, kinds))
    for claim, texts, values in _alike(it for it in changes if it.fact.kind is Kind.SNIPPET):
        values = [*_without_gaps(values[:-1]), values[-1]]
        strip = _strip(title_of(texts), values, releases, _letters(values))
        found[claim].changed.append(strip)
    changed = {it.fact for it in changes}
    same = (
        Difference(fact, (value,))
        for fact, value in said[-1].items()
        if fact.kind is Kind.SNIPPET and fact not in changed
    )
    for claim, texts, (value,) in _alike(same):
        found[claim].same.append((title_of(texts), _cut(shown(value), LONGEST_OF_SAME)))
    for it in changes:
        last = next(value for value in reversed(it.values) if value is not None)
        other = (i for i, value in enumerate(it.values) if value not in (None, last))
        found[it.fact.subject].differs.update(other)
    return found


def _alike(found: Iterable[Difference]) -> Iterator[tuple[str, list[str], tuple]]:
    """The claim, the snippets of one template that have the same values, and these values."""
    groups: dict[tuple, list[str]] = {}
    for it in found:
        snippet = snippet_of(it.fact.name)
        values = tuple(value and without(snippet.rows, value) for value in it.values)
        groups.setdefault((it.fact.subject, snippet.template, values), []).append(it.fact.name)
    for (claim, _, values), texts in groups.items():
        yield claim, texts, values


def _without_gaps(values: Sequence[str | None]) -> Iterator[str | None]:
    """The values, where a release that did not run the snippet counts as those around it.

    Only if the last before it and the first after it gave the same.
    """
    for i, value in enumerate(values):
        before = next((it for it in reversed(values[:i]) if it is not None), None)
        after = next((it for it in values[i:] if it is not None), None)
        yield before if value is None and before == after else value


def _letters(values: Sequence[str | None]) -> dict[str | None, tuple[str, str]]:
    """A colour and a letter for each value."""
    there = dict.fromkeys(value for value in values if value is not None)
    return {it: (str(i % COLOURS), ascii_uppercase[i % 26]) for i, it in enumerate(there)}


def _strip(
    name: str,
    values: Sequence[str | None],
    releases: Sequence[Release],
    kinds: dict[str | None, tuple[str, str]],
) -> Strip:
    kinds = {**kinds, None: ("unseen", "\N{MIDDLE DOT}")}

    def segment(columns: Sequence[int]) -> Segment:
        value = values[columns[0]]
        names = dict.fromkeys(releases[i].name for i in (columns[0], columns[-1]))
        text = _cut(shown(value or ""), LONGEST)
        return Segment(" \N{EN DASH} ".join(names), len(columns), *kinds[value], text)

    *history, run = range(len(values))
    segments: list[Segment] = []
    for _, of in groupby(history, key=lambda i: values[i]):
        it = segment(list(of))
        same = [other for other in segments if other.letter == it.letter and it.kind.isdecimal()]
        if same:  # after releases that did not run it, or that gave another value
            it = replace(it, releases=f"{it.releases} = {same[0].releases}", value="")
        segments.append(it)
    now = segment([run]) if values[run] is not None else None
    alike = [it for it in segments if now and it.kind.isdecimal() and it.letter == now.letter]
    if alike:  # which show the value
        now = replace(now, releases=f"{now.releases} = {alike[-1].releases}", value="")
    return Strip(shown(name), segments, now)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}..."
