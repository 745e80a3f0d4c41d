"""Gathers the results of a run, and writes the page at its end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from harness.history import recorder
from harness.history.output import write
from harness.history.record import ANY, Record
from harness.history.releases import last_of_each_minor
from harness.page import model, render
from harness.run.environment import devices, versions
from harness.run.outcomes import outcome_of_test
from harness.run.text import one_line
from harness.run.user_properties import CLAIM, COST, DEVICE, EXAMPLES


class PageWriter:
    """The plugin of a run with ``--page``; under pytest-xdist, of the controller."""

    def __init__(self, path: Path, before: Record | None) -> None:
        self._path, self._before = path, before
        self.results: dict[str, model.ItemResult] = {}
        self._costs: list[pytest.TestReport] = []  # of benchmarks
        self._said = self._note = ""
        self._markup: dict[str, bool] = {}

    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        file, line, _ = location  # which the report of a crash lacks
        self.results[nodeid] = model.ItemResult(nodeid, file, 0 if line is None else line + 1)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        properties = dict(report.user_properties)
        result = self.results.setdefault(report.nodeid, model.ItemResult(report.nodeid))
        result.claim = properties.get(CLAIM, "")
        result.device = properties.get(DEVICE, ANY)
        if report.failed:
            result.outcome = outcome_of_test(report)
            result.text = report.longreprtext
        elif report.skipped:
            result.outcome = "skipped"
            result.text = report.longrepr[2].removeprefix("Skipped: ")
        if EXAMPLES in properties:
            result.tried = properties[EXAMPLES]["tried"]
            result.extreme = properties[EXAMPLES]["extreme"]
        if COST in properties and report.when == "call":
            self._costs.append(report)

    @pytest.hookimpl(trylast=True)  # after everything that may still fail the run
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        start, name = time.perf_counter(), one_line(self._path)
        if (reason := recorder.why_not_whole(session, exitstatus)) is not None:
            self._said, self._markup = f"No page written: {reason}", {"red": True}
            return
        try:
            write(self._text(session.config), self._path)
        except OSError as error:
            self._said, self._markup = f"No page written: {name}: {error.strerror}", {"red": True}
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
            return
        size, seconds = self._path.stat().st_size / 1e6, time.perf_counter() - start
        self._said = f"Page written to {name}: {size:.1f} MB in {seconds:.1f} s{self._note}"

    def _text(self, config: pytest.Config) -> str:
        questions = []
        if self._costs:
            from harness.page import costs  # which imports the benchmarks

            questions = costs.questions(self._costs)
            if not costs.HAS_MATPLOTLIB:
                self._note = " (no figures: pip install matplotlib)"
        record, results = config.stash[recorder.KEY].record(), self.results.values()
        page = model.build(
            record, last_of_each_minor(), self._before, results, versions(), devices()
        )
        return render.html(page, questions)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._said:
            terminalreporter.line(self._said, **self._markup)
