"""Compare records without a run, and show the history.

::

    python -m harness.history before.json after.json    what differs between two records, or more
    python -m harness.history 2.4 after.json            a release of the history instead of a file
    python -m harness.history                           what changed with which release
    python -m harness.history --write                   the same, as docs/changes.md
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from harness.history import page, timeline
from harness.history.facts import differences
from harness.history.record import BadRecord, write
from harness.history.releases import find, shipped
from harness.history.report import is_reason_to_fail, lines
from harness.run.text import encode_anything

CHANGES = Path(__file__).parents[2] / "docs" / "changes.md"


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked; the exit status is 1 if strict and anything differs or was not looked at
    again, 2 if asked wrongly.
    """
    parser = argparse.ArgumentParser(
        "python -m harness.history", description="Compare records of runs."
    )
    parser.add_argument("records", nargs="*", metavar="FILE-or-RELEASE")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit with 1 if anything differs, or was not looked at again",
    )
    parser.add_argument("--write", action="store_true", help="write docs/changes.md")
    asked = parser.parse_args(arguments)
    if len(asked.records) == 1:
        parser.error("name two records or more")
    encode_anything(sys.stdout)
    try:
        return _answer(asked)
    except BadRecord as error:
        parser.error(str(error))


def _answer(asked: argparse.Namespace) -> int:
    if asked.records:
        records = [find(name) for name in asked.records]
        found = differences(records)
        for line, _ in lines(records, found):
            print(line)
        return int(asked.strict and is_reason_to_fail(records, found))
    if asked.write:
        try:
            write(page.text(shipped()), CHANGES)
        except OSError as error:
            raise BadRecord(f"{CHANGES} cannot be written: {error.strerror}") from None
        print(f"Wrote {CHANGES.name}")
        return 0
    for line in timeline.lines(shipped()):
        print(line)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # whoever read it has seen enough, such as head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
