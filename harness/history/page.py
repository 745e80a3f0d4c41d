"""docs/changes.md: the history as a page, made from the records and from nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from harness.history.advice import effect
from harness.history.facts import Difference, Kind, facts
from harness.history.record import Record
from harness.history.report import grouped, heading, texts, title
from harness.history.timeline import Drift, drifts, steps
from harness.run.text import backticks, code, one_line

_HEAD = """\
# What changed, release by release

Each release of PyTorch was installed and run with this specification; what it did was recorded, and
this page is what differs from one record to the next. It is written by `python -m harness.history
--write` from the files in `harness/history/records/`. `pytest --history` prints the changes, and
`pytest --against=2.4` says what changed between that release and the PyTorch that you have.
"""


def text(records: Sequence[Record]) -> str:
    """The whole page, in Markdown."""
    return "\n".join([_HEAD, *_table(records), "", *_releases(records)]).rstrip() + "\n"


def _table(records: Sequence[Record]) -> Iterator[str]:
    found = drifts(records)
    yield "| PyTorch | NumPy | Python | seen on | facts | claims that hold | changed | may break |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for record, since in zip(records, steps(records), strict=True):
        of = record.environment
        said = facts(record)
        outcomes = [value for fact, value in said.items() if fact.kind is Kind.OUTCOME]
        changed = grouped_drifts([drift for drift in found if drift.since == since])
        breaking = sum(effect(it.fact, it.before, it.after, since).breaks for _, it in changed)
        link = f"[{len(changed)}](#{_anchor(since)})" if changed else "-"
        claims = len({fact.subject for fact in said if fact.kind is Kind.OUTCOME})
        kept = "all" if set(outcomes) <= {"confirmed"} else "not all"
        versions = (of["torch"], of.get("numpy", "-"), of.get("python", "-"), record.date)
        yield (
            f"| {' | '.join(map(_escaped, versions))} | "
            f"{len(said):,} | {kept} {claims} | {link} | {breaking or '-'} |"
        )


def _releases(records: Sequence[Record]) -> Iterator[str]:
    by_release = groupby(drifts(records), key=lambda drift: drift.since)
    for since, of_release in reversed([(since, list(of)) for since, of in by_release]):
        yield f"## {_escaped(_title(since))}"
        yield ""
        for subject, of in groupby(of_release, key=lambda drift: drift.fact.subject):
            yield f"**{_escaped(heading(subject))}**"
            yield ""
            for rows, example in grouped_drifts(list(of)):
                yield from _drift(rows, example)
            yield ""


def grouped_drifts(of: Sequence[Drift]) -> list[tuple[list[Difference], Drift]]:
    """Drifts of rows that changed in the same way together, each with one of them as example."""
    by_fact = {(drift.fact, drift.before, drift.after): drift for drift in of}
    found = grouped(Difference(drift.fact, (drift.before, drift.after)) for drift in of)
    examples = {drift.fact: drift for drift in by_fact.values()}
    return [(rows, examples[rows[0].fact]) for rows in found]


def _drift(rows: list[Difference], example: Drift) -> Iterator[str]:
    before, after = texts(list(rows[0].values))
    yield f"- {_escaped(title(rows) or 'outcome')}"
    if "\n" in before + after:
        yield from _block("before", before)
        yield from _block("after", after)
    else:
        yield f"  - before: {code(before)}"
        yield f"  - after: {code(after)}"
    since = _escaped(example.since)
    breaks, advice = effect(example.fact, example.before, example.after, since)
    if breaks or advice:
        yield "  - " + " ".join(
            [*["**May break code.**"] * breaks, *[one_line(advice)] * bool(advice)]
        )


def _block(name: str, value: str) -> Iterator[str]:
    yield f"  - {name}:"
    yield ""
    fence = "`" * max(3, backticks(value) + 1)
    yield f"    {fence}text"
    yield from (f"    {line}" for line in value.splitlines())
    yield f"    {fence}"
    yield ""


def _escaped(value: str) -> str:
    """The value as plain text in a line of Markdown: no markup, no link, no line of its own."""
    value = re.sub(r"[\\`*_<>\[\]|#~&]", r"\\\g<0>", " ".join(value.split()))
    return re.sub(r"://|www\.", lambda found: f"{found[0][:-1]}\\{found[0][-1]}", value)


def _title(since: str) -> str:
    return since if since.startswith("NumPy") else f"PyTorch {since}"


def _anchor(since: str) -> str:
    return re.sub(r"[^\w -]", "", _title(since).lower()).replace(" ", "-")
