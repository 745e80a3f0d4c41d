"""What changed with each release, made only from the history: ``--history``, docs/changes.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import indent

from harness.history.changes import Change, changes
from harness.history.compare import Difference
from harness.history.record import Record
from harness.history.releases import NOTES, changes_by_release, first_with, shipped
from harness.history.terminal import lines_of_changes
from harness.run.text import one_line
from specs.observed.snippets import HEADER

_HEAD = f"""\
# What changed, release by release

Each release of PyTorch was installed and run with this specification, and what it did was recorded.
This page lists what differs from one release to the next. `python -m harness.history --write`
writes it from `harness/history/history.json`. `pytest --history` prints the same changes, and
`pytest --against=2.4` tells you what changed between that release and your own PyTorch.

Each piece of code runs below these lines:

{indent(HEADER, "    ")}
Where several pieces changed in the same way, a word in capitals stands for what differs between
them, and in values `<it>` does. The number is that of the claim to which the code belongs.
"""


def as_text(records: Sequence[Record]) -> str:
    """What changed with each release, the oldest first."""
    return "\n\n".join(f"{title}\n{text}" for title, _, text in _releases(records))


def as_markdown(records: Sequence[Record]) -> str:
    """The same, the newest first; the changes are blocks of code, where Markdown has no effect."""
    parts = [
        f"## {title}\n\n{link}\n{indent(text, '    ')}\n"
        for title, link, text in _releases(records)
    ]
    return "\n".join([_HEAD, *reversed(parts)])


def _releases(records: Sequence[Record]) -> Iterator[tuple[str, str, str]]:
    """The title of each release that changed anything, a link to its notes, and the changes."""
    by_release = changes_by_release(records)
    for record, (release, found) in zip(records, by_release.items(), strict=True):
        if of := changes(found):
            breaking = sum(it.breaks for it in of) or "none"
            title = f"PyTorch {release}: {len(of)} changes, {breaking} of which may break code"
            link = f"[Release notes]({NOTES}{record.release}). " + _recorded(record)
            yield (
                title,
                link,
                "\n".join(line for line, _ in lines_of_changes(list(_pairs(of, found, record)))),
            )


def _pairs(
    of: Sequence[Change], found: Sequence[Difference], record: Record
) -> Iterator[tuple[Change, tuple[str, str] | None]]:
    """The changes, and from which release on each may hold if that is not this one alone."""
    by_text = {it.fact.name: it for it in found}
    oldest = shipped()[0]
    for change in of:
        since = first_with(by_text[change.snippets[0]], oldest, record)
        yield change, since if since and since[0] != since[1] else None


def _recorded(record: Record) -> str:
    versions = ", ".join(f"{name} {it}" for name, it in record.environment.items())
    return f"Recorded on {one_line(record.date)}: {one_line(versions)}."
