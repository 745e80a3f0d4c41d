"""No test is lost: a test that pytest-xdist gave to a worker and that came to no end fails the run.

A worker that fails by itself, for example to send a report, takes its tests with it, and the run
would end as if they had not been there.
"""

from __future__ import annotations

import pytest

from harness.run.text import one_line

#: Tests that are named; of the others the number is said.
NAMED = 10


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Lost())


class _Lost:
    """The plugin that counts the tests that were given out, and those that came back."""

    def __init__(self) -> None:
        self._awaited: dict[str, None] = {}  # in order
        self._ended: set[str] = set()
        self._lost: list[str] = []

    @pytest.hookimpl(optionalhook=True)  # of pytest-xdist
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self._awaited.update(dict.fromkeys(ids))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when not in ("setup", "call"):  # the teardown, or a crash, which has no phase
            self._ended.add(report.nodeid)

    @pytest.hookimpl(tryfirst=True)  # before what says whether the run was whole
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        stopped = session.shouldstop or session.shouldfail
        if stopped or exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return
        self._lost = [id for id in self._awaited if id not in self._ended]
        if self._lost:
            session.shouldfail = f"{_tests(self._lost)} came to no end"
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._lost:
            return
        terminalreporter.line(
            f"LOST: {_tests(self._lost)} came to no end, since a worker of pytest-xdist failed:",
            red=True,
        )
        for id in self._lost[:NAMED]:
            terminalreporter.line(f"    {one_line(id)}")
        if len(self._lost) > NAMED:
            terminalreporter.line(f"    and {len(self._lost) - NAMED:,} more")


def _tests(lost: list[str]) -> str:
    return f"{len(lost):,} test{'s' * (len(lost) != 1)}"
