"""What changed with each release, made only from records: ``pytest --history``, docs/changes.md."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import indent

from harness.history.advice import advise
from harness.history.compare import facts
from harness.history.record import Record
from harness.history.releases import changes_by_release
from harness.history.terminal import grouped, lines_of_release

_HEAD = """\
# What changed, release by release

Each release of PyTorch was installed and run with this specification, and what it did was recorded.
This page lists what differs from one record to the next. `python -m harness.history --write` writes
it from the files in `harness/history/records/`. `pytest --history` prints the same changes, and
`pytest --against=2.4` tells you what changed between that release and your own PyTorch.

| PyTorch | NumPy | Python | recorded | facts | claims | changes | may break code |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


def as_text(records: Sequence[Record]) -> str:
    """What changed with each release, the oldest first."""
    parts = [f"What changed from PyTorch {records[0].release} to {records[-1].release}, by release"]
    for release, changes in changes_by_release(records).items():
        if changes:
            parts.append("\n".join([release, *lines_of_release(release, changes)]))
    return "\n\n".join(parts)


def as_markdown(records: Sequence[Record]) -> str:
    """The same, the newest first, below a table of the releases."""
    parts = [_HEAD + "\n".join(_rows(records))]
    for release, changes in reversed(changes_by_release(records).items()):
        if changes:
            # Indented text is a block of code, in which no Markdown means anything.
            parts.append(f"## {_cell(release)}")
            parts.append(indent("\n".join(lines_of_release(release, changes)).strip("\n"), "    "))
    return "\n\n".join(parts) + "\n"


def _rows(records: Sequence[Record]) -> Iterator[str]:
    for record, (release, found) in zip(records, changes_by_release(records).items(), strict=True):
        changes = grouped(found)
        anchor = re.sub(r"[^\w-]", "", release.lower().replace(" ", "-"))
        counts = Counter(it.outcome for of in record.claims.values() for it in of.values())
        failing = counts["failed"] + counts["crashed"]
        cells = (
            *(_cell(record.environment.get(part, "-")) for part in ("torch", "numpy", "python")),
            _cell(record.date),
            f"{len(facts(record)):,}",
            f"{failing} fail" if failing else "all hold",
            f"[{len(changes)}](#{anchor})" if changes else "-",
            str(sum(advise(rows[0], release).breaks for rows in changes) or "-"),
        )
        yield f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """The text without anything that Markdown could interpret."""
    return re.sub(r"[^\w .+-]", "?", text)
