"""``--against`` says what changed since another run; ``--history``, with which release."""

from __future__ import annotations

import sys

import pytest

from harness.history import recorder
from harness.history.changes_page import as_text
from harness.history.compare import failing, fails_strictly
from harness.history.record import BadRecord, Record
from harness.history.releases import find, shipped
from harness.history.terminal import lines_of_comparison
from harness.history.used_by import NothingToRead, Uses, uses
from harness.run.text import one_line


def pytest_addoption(parser: pytest.Parser) -> None:
    add = parser.getgroup("specification").addoption
    add(
        "--against",
        metavar="FILE-or-RELEASE",
        help="say what changed since a record, or since a release such as 2.4",
    )
    add(
        "--used-by",
        metavar="PATH",
        help="with --against: show only what touches the Python code below PATH, and where",
    )
    text = "with --against: fail if anything changed or was not checked this time"
    add("--against-strict", action="store_true", help=text)
    text = "say what changed with each release since 1.13, and run nothing"
    add("--history", action="store_true", help=text)


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):  # in pytest-xdist, only the controller compares
        return
    if (before := record_before(config)) is not None:
        config.pluginmanager.register(Comparer(before, code_that_uses_it(config)))
    for option in ("against_strict", "used_by"):
        if before is None and config.getoption(option):
            name = option.replace("_", "-")
            raise pytest.UsageError(f"--{name} needs --against, such as --against=2.4")


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if not config.getoption("history"):
        return None
    try:
        text = as_text(shipped())
    except BadRecord as error:
        raise pytest.UsageError(f"--history: {error}") from None
    sys.stdout.reconfigure(errors="backslashreplace")  # not every terminal is UTF-8
    print(text)
    return pytest.ExitCode.OK


def record_before(config: pytest.Config) -> Record | None:
    """The record that ``--against`` names, if any.

    Raises pytest.UsageError if it cannot be used, or is from other devices than this run's.
    """
    name = config.getoption("against")
    if name is None:
        return None
    devices = recorder.devices_of(config)
    try:
        before = find(name, config.invocation_params.dir, devices[0])
    except BadRecord as error:
        raise pytest.UsageError(f"--against: {error}") from None
    ours, theirs = set(devices), set(before.devices)
    if not ours <= theirs or (ours < theirs and not config.getoption("device")):
        on, here = " and ".join(sorted(theirs)), " and ".join(sorted(ours))
        raise pytest.UsageError(
            f"--against: {one_line(name)} was recorded on {one_line(on)}, this run uses {here}; "
            "choose with --device what to compare"
        )
    return before


def code_that_uses_it(config: pytest.Config) -> Uses | None:
    """What the code that ``--used-by`` names uses of PyTorch, if any is named."""
    if (name := config.getoption("used_by")) is None:
        return None
    try:
        return uses(config.invocation_params.dir / name)
    except NothingToRead as error:
        raise pytest.UsageError(f"--used-by: {error}") from None


class Comparer:
    """The plugin that says what changed, at the end of the run."""

    def __init__(self, before: Record, used_by: Uses | None) -> None:
        self._before = before
        self._used_by = used_by
        self._lines: list[tuple[str, str]] = []

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if (reason := recorder.why_not_whole(session, exitstatus)) is not None:
            self._lines = [(f"Not compared: {reason}", "red")]
            return
        records = [self._before, session.config.stash[recorder.KEY].record()]
        self._lines = list(lines_of_comparison(records, self._used_by))
        if not session.config.getoption("against_strict"):
            return
        if fails_strictly(records):
            self._lines.append(("This fails --against-strict", "red"))
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        elif session.testsfailed and session.testsfailed == len(failing(records[1])):
            self._lines.append(("What fails failed before too: --against-strict passes", "green"))
            session.exitstatus = pytest.ExitCode.OK

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("what changed")
        for line, colour in self._lines:
            terminalreporter.line(line, **({colour: True} if colour else {}))
