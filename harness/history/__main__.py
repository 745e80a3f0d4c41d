"""Compare records, print the history or add a release to it, without PyTorch.

::

    python -m harness.history before.json after.json    what differs between two or more records
    python -m harness.history 2.4 after.json            a release of the history instead of a file
    python -m harness.history 2.4 2.13 --used-by=src    only what touches the code in a folder
    python -m harness.history                           what changed with each release
    python -m harness.history --write                   the same, as docs/changes.md
    python -m harness.history --add 2.16.0              install the release, and record a run on it
    python -m harness.history --add                     the same for every release that is missing
    python -m harness.history --add xla.json            keep a record made on another device
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from harness.history.add_release import add
from harness.history.changes_page import as_markdown, as_text
from harness.history.compare import fails_strictly
from harness.history.output import write
from harness.history.record import BadRecord
from harness.history.releases import find, shipped
from harness.history.terminal import lines_of_comparison
from harness.history.used_by import NothingToRead, uses

CHANGES = Path(__file__).parents[2] / "docs" / "changes.md"


def main(arguments: list[str] | None = None) -> int:
    """The exit status is 1 if a strict comparison or a release fails, 2 for a wrong call."""
    parser = argparse.ArgumentParser(
        "python -m harness.history", description=__doc__.split("\n")[0]
    )
    parser.add_argument(
        "records", nargs="*", metavar="RECORD", help="a file, or a release such as 2.4"
    )
    parser.add_argument(
        "--strict", action="store_true", help="fail if anything differs or was not checked again"
    )
    parser.add_argument(
        "--used-by", type=Path, metavar="PATH", help="show only what touches the Python code below"
    )
    parser.add_argument("--write", action="store_true", help="write docs/changes.md")
    parser.add_argument(
        "--add",
        nargs="*",
        metavar="RECORD",
        help="record these releases, or all that are missing; or keep these files",
    )
    parser.add_argument("--again", action="store_true", help="with --add: also those it has")
    parser.add_argument(
        "--python", type=Path, help="with --add: use this interpreter and install nothing"
    )
    asked = parser.parse_args(arguments)
    if asked.python and len(asked.add or ()) != 1:
        parser.error("--python needs --add with the one release that it has")
    if len(asked.records) == 1:
        parser.error("name two or more records")
    sys.stdout.reconfigure(errors="backslashreplace")  # not every terminal is UTF-8
    try:
        return _answer(asked)
    except (BadRecord, NothingToRead) as error:
        parser.error(str(error))


def _answer(asked: argparse.Namespace) -> int:
    if asked.add is not None:
        failed = add(asked.add, asked.python, asked.again)
        print(f"Not recorded: {', '.join(failed)}" if failed else "Recorded; now run with --write")
        return int(bool(failed))
    if asked.write:
        write(as_markdown(shipped()), CHANGES)
        return 0
    if not asked.records:
        print(as_text(shipped()))
        return 0
    records = [find(name) for name in asked.records]
    used_by = None if asked.used_by is None else uses(asked.used_by)
    print("\n".join(line for line, _ in lines_of_comparison(records, used_by)))
    return int(asked.strict and fails_strictly(records))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # head, for example, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
