"""``pytest --page FILE``: write the specification, and what this run saw of it, as a web page."""

from __future__ import annotations

import time
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.history import comparing, recording
from harness.history.record import BadRecord, Record, write
from harness.history.releases import shipped
from harness.run.environment import devices, versions
from harness.run.text import one_line

BENCHMARKS = "benchmarks/"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("specification").addoption(
        "--page",
        metavar="FILE",
        type=Path,
        help="write the claims, and what this run sees of them, to FILE (HTML), to be looked at",
    )


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("page")
    if path is None:
        return
    if hasattr(config, "workerinput"):  # of pytest-xdist: what gathers the reports writes
        _note_examples(config)
        return
    if find_spec("jinja2") is None:  # which PyTorch brings since its version 2.0
        raise pytest.UsageError("--page needs Jinja2, which is not here: pip install jinja2")
    from harness.page import files

    path = config.invocation_params.dir / path
    if (problem := files.why_not_written(path)) is not None:
        raise pytest.UsageError(f"--page {problem}")
    config.option.page = path = recording.real(path)
    try:
        shipped()
    except BadRecord as error:
        raise pytest.UsageError(f"--page: {error}") from None
    if not config.getoption("numprocesses", None):  # else the specs run in the workers alone
        _note_examples(config)
    config.pluginmanager.register(PageWriter(path, comparing.before_of(config)))


def _note_examples(config: pytest.Config) -> None:
    from harness.page.examples import Examples

    config.pluginmanager.register(Examples())


class PageWriter:
    """The plugin that gathers what the run sees, and writes the page at its end."""

    def __init__(self, path: Path, before: Record | None) -> None:
        from harness.page.gathering import Gatherer

        self._path, self._before = path, before  # read now, as the run may replace its file
        self._gathered = Gatherer()
        self._said = ("", "")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        _need_a_plotting_library(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)  # of pytest-xdist, where only workers have items
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        _need_a_plotting_library(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._gathered.pytest_runtest_logreport(report)

    @pytest.hookimpl(trylast=True)  # after what may still fail the run
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if (reason := recording.why_not_whole(session, exitstatus)) is not None:
            self._said = (f"No page written: {reason}; {self._path.name} is as it was", "red")
            return
        start, name = time.perf_counter(), one_line(self._path)
        try:
            write(self._text(session.config), self._path)
            size, seconds = self._path.stat().st_size / 1e6, time.perf_counter() - start
            self._said = (f"Page written to {name}: {size:.1f} MB in {seconds:.1f} s", "")
        except OSError as error:
            self._said = (f"No page written: {name}: {error.strerror}", "red")
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR

    def _text(self, config: pytest.Config) -> str:
        from harness.page import costs, model, render

        found = model.page(
            config.stash[recording.KEY].record(),
            shipped(),
            self._before,
            self._gathered.seen.values(),
            versions(),
            devices(),
        )
        return render.html(found, costs.shown(self._gathered.costs))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        line, colour = self._said
        if line:
            terminalreporter.line(line, **({colour: True} if colour else {}))


def _need_a_plotting_library(ids: Iterable[str]) -> None:
    if any(id.startswith(BENCHMARKS) for id in ids) and find_spec("matplotlib") is None:
        raise pytest.UsageError(
            "--page draws what the benchmarks cost with Matplotlib, which is not here: "
            "pip install matplotlib"
        )
