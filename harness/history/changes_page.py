"""What changed with each release, made only from records: ``pytest --history``, docs/changes.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import indent

from harness.history.advice import advise
from harness.history.record import Record
from harness.history.releases import changes_by_release
from harness.history.terminal import grouped, lines_of_release
from harness.run.text import one_line

_HEAD = """\
# What changed, release by release

Each release of PyTorch was installed and run with this specification, and what it did was recorded.
This page lists what differs from one record to the next. `python -m harness.history --write` writes
it from the files in `harness/history/records/`. `pytest --history` prints the same changes, and
`pytest --against=2.4` tells you what changed between that release and your own PyTorch.

In lists and long texts, `...` stands for what did not change. In messages, `<it>` stands for the
dtype, layer or other subject of the row.
"""


def as_text(records: Sequence[Record]) -> str:
    """What changed with each release, the oldest first."""
    return "\n\n".join(f"{title}\n{text}" for title, text in _releases(records))


def as_markdown(records: Sequence[Record]) -> str:
    """The same, the newest first; the changes are blocks of code, where Markdown has no effect."""
    releases = [f"## {title}\n\n{indent(text, '    ')}\n" for title, text in _releases(records)]
    return "\n".join([_HEAD, *reversed(releases)])


def _releases(records: Sequence[Record]) -> Iterator[tuple[str, str]]:
    """The title of each release that changed anything, and the changes."""
    for record, (release, changes) in zip(
        records, changes_by_release(records).items(), strict=True
    ):
        of = grouped(changes)
        breaking = sum(advise(rows[0], release).breaks for rows in of)
        versions = ", ".join(f"{name} {version}" for name, version in record.environment.items())
        if changes:
            title = f"{release}: {len(of)} changes, {breaking or 'none'} of which may break code"
            recorded = f"Recorded on {one_line(record.date)}: {one_line(versions)}"
            yield title, "\n".join([recorded, *lines_of_release(release, changes)])
