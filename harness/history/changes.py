"""Changes: differences between two records, with the snippets that changed in the same way as one.

A change says since which release, whether it may break code, and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from harness.history.advice import advise
from harness.history.compare import Difference, Kind
from specs.observed.snippets import snippet_of

#: How many snippets of one change are shown.
MOST = 3

#: What a snippet gives that catches an exception to show its class.
CAUGHT = r"(\w+Error|Unsupported|\w+LimitHit)"


@dataclass(frozen=True)
class Change:
    """What one snippet, or several that changed in the same way, gave before and after."""

    claim: str
    snippets: tuple[str, ...]
    before: str
    after: str
    breaks: bool  # code that worked before may fail, or get another result
    advice: str  # what to do, empty if there is nothing to say

    @property
    def titles(self) -> list[str]:
        """The first snippets; of several of one template that, and what stands in it."""
        of: dict[str, list[str]] = {}
        for text in self.snippets:
            of.setdefault(snippet_of(text).template, []).append(text)
        titles = list(map(title_of, of.values()))
        left = len(titles) - MOST
        return titles[:MOST] + [f"... and {left} more that changed in the same way"] * (left > 0)


def title_of(texts: list[str]) -> str:
    """The snippet; of several of one template that, and what stands for its words in capitals."""
    if len(texts) == 1:
        return texts[0]
    rows = [", ".join(snippet_of(text).rows) for text in texts]
    left = len(rows) - 2 * MOST
    more = f"; and {left} more" if left > 0 else ""
    return f"{snippet_of(texts[0]).template}\n# for {'; '.join(rows[: 2 * MOST])}{more}"


def changes(found: Iterable[Difference]) -> list[Change]:
    """The changes of snippets, those that may break code first."""
    groups: dict[tuple, list[Difference]] = {}
    for it in found:
        if it.fact.kind is Kind.SNIPPET:
            groups.setdefault(_kind_of_change(it), []).append(it)
    made = [_change(of) for of in groups.values()]
    return sorted(made, key=lambda change: not change.breaks)


def _kind_of_change(difference: Difference) -> tuple:
    """Changes of the same kind are shown as one: equal ones, and other results of one template."""
    snippet = snippet_of(difference.fact.name)
    before, after = ends(difference)
    advice = advise(before, after)
    if advice.is_of_results:
        caught = (re.fullmatch(CAUGHT, value) is not None for value in (before, after))
        return difference.fact.subject, snippet.template, advice.sentence, *caught
    rows = snippet.rows
    return difference.fact.subject, without(rows, before), without(rows, after)


def _change(of: list[Difference]) -> Change:
    before, after = ends(of[0])
    breaks, advice, is_of_results = advise(before, after)
    if len(of) > 1 and not is_of_results:
        rows = snippet_of(of[0].fact.name).rows
        before, after = (without(rows, value) for value in (before, after))
    texts = tuple(it.fact.name for it in of)
    return Change(of[0].fact.subject, texts, before, after, breaks, advice)


def ends(difference: Difference) -> tuple[str, str]:
    """The first value and the last."""
    first, *_, last = [value for value in difference.values if value is not None]
    return first, last


def without(rows: Iterable[str], value: str) -> str:
    """The value with "<it>" where it repeats the row's name: messages of a table read the same."""
    for row in rows:
        name = re.escape(row.rpartition(".")[2])
        value = re.sub(rf"(?<!\w){name}(?!\w)", "<it>", value, flags=re.IGNORECASE)
    return value
