"""Compare records without a run, and show the history.

::

    python -m history before.json after.json    what differs between two records, or among more
    python -m history 2.4 after.json            a release of the history is as good as a file
    python -m history                           what changed with which release
    python -m history --write                   the same, as HISTORY.md
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from history import page, timeline
from history.facts import differences
from history.record import BadRecord
from history.releases import find, shipped
from history.report import lines

HISTORY = Path(__file__).parent.parent / "HISTORY.md"


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked; the exit status is 1 if strict and anything differs, 2 if asked wrongly."""
    parser = argparse.ArgumentParser("python -m history", description="Compare records of runs.")
    parser.add_argument("records", nargs="*", metavar="FILE-or-RELEASE")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if anything differs")
    parser.add_argument("--write", action="store_true", help="write HISTORY.md")
    asked = parser.parse_args(arguments)
    if len(asked.records) == 1:
        parser.error("name two records or more")
    if asked.records:
        try:
            records = [find(name) for name in asked.records]
        except BadRecord as error:
            parser.error(str(error))
        found = differences(records)
        for line, _ in lines(records, found):
            print(line)
        return int(asked.strict and bool(found))
    if asked.write:
        HISTORY.write_text(page.text(shipped()), encoding="utf-8")
        print(f"Wrote {HISTORY.name}")
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
