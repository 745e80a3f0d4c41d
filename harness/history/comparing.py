"""What changed since another run (``--against``), or with which release (``--history``).

``last`` stands for the last run on another PyTorch, of which pytest's cache keeps the record.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import pytest

from harness.history import recording, timeline
from harness.history.facts import differences
from harness.history.record import BadRecord, Record, load, save
from harness.history.releases import find, shipped
from harness.history.report import is_reason_to_fail, lines
from harness.run.text import encode_anything, one_line

KEPT = "specification"  # the folder in pytest's cache, with a record for each PyTorch
LAST = "last"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("specification")
    group.addoption(
        "--against",
        metavar="FILE-or-RELEASE",
        help="say what changed since a record, a release of the history (2.4), or the last run "
        "on another PyTorch (last)",
    )
    group.addoption(
        "--against-strict",
        action="store_true",
        help="with --against: fail if anything changed, or was not looked at again",
    )
    group.addoption(
        "--history",
        action="store_true",
        help="say what changed with which release, from 1.13 on, and run nothing",
    )


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):  # of pytest-xdist: what gathers the reports compares
        return
    option = config.getoption
    if option("against_strict") and not option("against"):
        raise pytest.UsageError("--against-strict needs something to compare with: --against=2.4")
    before = before_of(config)
    config.pluginmanager.register(Reminder() if before is None else Comparer(config, before))


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if config.getoption("history"):
        encode_anything(sys.stdout)
        try:
            records = shipped()
        except BadRecord as error:
            raise pytest.UsageError(f"--history: {error}") from None
        for line in timeline.lines(records):
            print(line)
        return pytest.ExitCode.OK
    return None


def before_of(config: pytest.Config) -> Record | None:
    """The record that this run is to be compared with, if it is to be.

    Raises pytest.UsageError if there is none, or one of other devices.
    """
    name = config.getoption("against")
    if name is None:
        return None
    before = _found(config, name)
    name = one_line(name)
    ours = recording.devices(config)
    missing = [device for device in ours if device not in before.devices]
    if missing:
        raise pytest.UsageError(
            f"--against {name}: it was recorded on {' and '.join(before.devices)}, "
            f"and not on {' and '.join(missing)}; add --device {before.devices[0]} to compare"
        )
    lost = [device for device in before.devices if device not in ours]
    if lost and not config.getoption("device"):
        raise pytest.UsageError(
            f"--against {name}: it was recorded on {' and '.join(lost)} too, which this run has "
            f"not; add --device {ours[0]} to compare the rest"
        )
    return before


def _found(config: pytest.Config, name: str) -> Record:
    path = config.invocation_params.dir / name
    is_there = os.path.lexists(path)  # which, unlike Path.exists, no name can make fail
    if name == LAST and not is_there:
        kept = _last_of_another(config)
        if kept is None:
            raise pytest.UsageError(
                "--against last: no run on another PyTorch is remembered here; "
                "name a record or a release, such as 2.4"
            )
        return kept
    try:
        return find(str(path) if is_there else name)
    except BadRecord as error:
        raise pytest.UsageError(f"--against: {error}") from None


class Comparer:
    """The plugin that says what changed, at the end of the run."""

    def __init__(self, config: pytest.Config, before: Record) -> None:
        self._config, self._before = config, before
        self._lines: list[tuple[str, str]] = []

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if (reason := recording.why_not_whole(session, exitstatus)) is not None:
            self._lines = [(f"Not compared: {reason}", "red")]
            return
        records = [self._before, self._config.stash[recording.KEY].record()]
        found = differences(records)
        self._lines = list(lines(records, found))
        if self._config.getoption("against_strict") and is_reason_to_fail(records, found):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            if not found:
                self._lines.append(("--against-strict fails what was not looked at again", "red"))

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("what changed")
        for line, colour in self._lines:
            terminalreporter.line(line, **_markup(colour))


class Reminder:
    """The plugin that keeps each whole run's record in pytest's cache, one for each PyTorch.

    It ends a run on another PyTorch than the last with how much changed since.
    """

    def __init__(self) -> None:
        self._said = ""

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if recording.why_not_whole(session, exitstatus) is None:
            with contextlib.suppress(OSError, ValueError):  # a convenience must fail no run
                self._remember(session.config)

    def _remember(self, config: pytest.Config) -> None:
        folder, recorder = _folder(config), config.stash[recording.KEY]
        if folder is None or not recorder.is_whole:
            return
        record = recorder.record()
        before = _last_of_another(config)
        if before is not None and before.devices == record.devices:
            found = differences([before, record])
            changed = f"{len(found)} things changed" if len(found) != 1 else "1 thing changed"
            self._said = f"Since your last run on PyTorch {before.release} ({before.date}): " + (
                f"{changed}; pytest --against=last says which" if found else "nothing changed"
            )
        folder.mkdir(parents=True, exist_ok=True)
        save(record, folder / f"{record.environment['torch']}.json")

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._said:
            terminalreporter.line(self._said)


def _folder(config: pytest.Config) -> Path | None:
    cache = getattr(config, "cache", None)
    return None if cache is None else Path(cache._cachedir, "d", KEPT)


def _last_of_another(config: pytest.Config) -> Record | None:
    """The record of the last run on another PyTorch than this one, if one is kept."""
    folder = _folder(config)
    if folder is None:
        return None
    ours = recording.environment()["torch"]
    for path in sorted(folder.glob("*.json"), key=_age):
        with contextlib.suppress(BadRecord):
            if (record := load(path)).environment["torch"] != ours:
                return record
    return None


def _age(path: Path) -> float:
    """To have the newest file first, and last what is there in name only, such as a broken link."""
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0


def _markup(colour: str) -> dict[str, bool]:
    return {colour: True} if colour else {}
