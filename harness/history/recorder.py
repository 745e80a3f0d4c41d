"""``--record FILE``: write what a run saw as a record.

The record is built from the tests' reports, which also reach us from pytest-xdist's workers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from operator import attrgetter
from pathlib import Path

import pytest

from harness.history.compare import facts
from harness.history.listener import Listener
from harness.history.output import real, why_not_written
from harness.history.record import (
    ANY,
    BadRecord,
    Record,
    RecordedCost,
    Result,
    load,
    numbers_of,
    save,
)
from harness.history.wording import kind
from harness.run.claims import OBSERVATIONS
from harness.run.devices import accelerators
from harness.run.environment import environment
from harness.run.outcomes import outcome_of_claim, outcome_of_test
from harness.run.text import one_line
from harness.run.user_properties import CLAIM, COST, DEVICE, MESSAGES, OBSERVED, OBSERVES
from specs.ledger import LEDGER

KEY = pytest.StashKey["Recorder"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("specification").addoption(
        "--record",
        metavar="FILE",
        type=Path,
        help="write what this run sees to FILE (JSON), to compare other runs with",
    )


def pytest_configure(config: pytest.Config) -> None:
    if is_recording(config):
        config.pluginmanager.register(Listener())
    if hasattr(config, "workerinput"):  # in pytest-xdist, only the controller records
        return
    if (path := config.getoption("record")) is not None:
        path = config.invocation_params.dir / path
        if (problem := why_not_written(path, _why_not_replaced)) is not None:
            raise pytest.UsageError(f"--record: {problem}")
        config.option.record = real(path)
    config.stash[KEY] = recorder = Recorder(devices_of(config))
    config.pluginmanager.register(recorder)


def is_recording(config: pytest.Config) -> bool:
    """Whether the run needs more than the specs: what the snippets give, and what PyTorch says."""
    return any(config.getoption(name, None) for name in ("record", "against", "page"))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the snippets out of a run that records nothing: they prove nothing."""
    return True if collection_path == OBSERVATIONS and not is_recording(config) else None


def _why_not_replaced(path: Path) -> str | None:
    try:
        load(path)
    except BadRecord as error:
        return f"{error}, and would be overwritten; choose another name"
    return None


class Recorder:
    """The plugin that collects what the run sees."""

    def __init__(self, devices: list[str]) -> None:
        self._devices = devices
        self.ran = False  # no test does with --collect-only or --setup-plan
        self._collected: set[str] = set()
        self._reported: set[str] = set()
        self._outcomes: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._failed: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._observations: dict[tuple[str, str], dict] = defaultdict(dict)
        self._messages: dict[tuple[str, str], dict] = defaultdict(dict)
        self._costs: list[RecordedCost] = []
        self._message = ("", "")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._collected.update(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        self._collected.update(ids)  # in pytest-xdist, only the workers collect

    def left_out(self) -> str | None:
        """How many of the tests have not run, as after pytest-xdist's last crash, or None."""
        number = len(self._collected - self._reported)
        return f"{number} of {len(self._collected)} tests did not run" if number else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._reported.add(report.nodeid)
        self.ran |= report.when == "call" or report.failed
        properties = dict(report.user_properties)
        device = properties.get(DEVICE, ANY)
        if CLAIM in properties:
            key = properties[CLAIM], device
            if report.when == "call" or not report.passed:
                self._outcomes[key].add(outcome_of_test(report))
                for text in properties.get(MESSAGES, ()):  # one of those that differ in numbers
                    of = kind(text)
                    self._messages[key][of] = min(text, self._messages[key].get(of, text))
            if report.failed:
                self._failed[key].add(one_line(report.nodeid.rpartition("specs/")[2]))
        elif OBSERVES in properties and report.when == "call":
            observations = self._observations[properties[OBSERVES], device]
            for name, value in report.user_properties:
                if name.startswith(OBSERVED):
                    observations[name.removeprefix(OBSERVED)] = value
        elif COST in properties and report.when == "call":
            cost = properties[COST]
            case = ", ".join(f"{name}={value}" for name, value in cost["parameters"].items())
            cost = {**cost, "case": case}
            names = [field.name for field in fields(RecordedCost)]
            self._costs.append(RecordedCost(**{name: cost[name] for name in names}))

    def record(self) -> Record:
        """What the run has seen up to now."""
        claims: dict[str, dict[str, Result]] = {}
        keys = {*self._outcomes, *self._observations}
        for id, device in sorted(keys, key=lambda key: (numbers_of(key[0]), key[1])):
            if device in (ANY, *self._devices):
                key = id, device
                claims.setdefault(id, {})[device] = Result(
                    outcome_of_claim(self._outcomes[key]),
                    dict(sorted(self._observations[key].items())),
                    sorted(self._failed[key]),
                    sorted(self._messages[key].values()),
                )
        costs = sorted(self._costs, key=attrgetter("question", "device", "case", "alternative"))
        return Record(date.today().isoformat(), environment(), self._devices, claims, costs)

    @pytest.hookimpl(trylast=True)  # after hooks that may still fail the run
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        path, record = session.config.getoption("record"), self.record()
        if path is None:
            return
        problem = why_not_whole(session, exitstatus) or _why_kept(path, record)
        if problem is None:
            try:
                save(record, path)
            except OSError as error:
                problem = f"{one_line(path)} cannot be written: {error.strerror}"
        if problem is None:
            claims = len({id for id, _ in record.checked})
            text = f"Recorded in {one_line(path)}: {claims} of {len(LEDGER)} claims"
            self._message = text, "green"
        else:
            self._message = f"Nothing recorded: {problem}", "red"
            if session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        text, colour = self._message
        if text:
            terminalreporter.line(text, **{colour: True})


def why_not_whole(session: pytest.Session, exitstatus: int) -> str | None:
    """Why the run did not see everything that it was meant to see, or None."""
    endings = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)
    if exitstatus not in endings:
        return "the run was interrupted"
    if session.shouldstop or session.shouldfail:
        return f"the run ended early ({session.shouldstop or session.shouldfail})"
    if not session.config.stash[KEY].ran:
        return "no test ran"
    left_out = session.config.stash[KEY].left_out()
    return left_out and f"the run ended early ({left_out})"


def _why_kept(path: Path, record: Record) -> str | None:
    """Why the record must not replace the one in the file, or None."""
    try:
        former = load(path)
    except BadRecord:  # there is none; any other file was refused before the run
        return None
    has, had = ({(fact.kind, fact.subject) for fact in facts(it)} for it in (record, former))
    if lost := sorted({subject for _, subject in had - has}):
        subjects = one_line(", ".join(lost[:10])) + ", ..." * (len(lost) > 10)
        return (
            f"{one_line(path)} has more results than this run, for {subjects}; "
            "delete it first if you mean to replace it"
        )
    return None


def devices_of(config: pytest.Config) -> list[str]:
    """The devices that the run uses."""
    there = ["cpu", *accelerators()]
    asked = config.getoption("device") or there
    return [name for name in there if name in asked]
