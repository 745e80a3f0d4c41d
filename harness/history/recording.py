"""What a run saw, as a record: ``--record FILE``.

The record is built from the tests' reports, where the specs run or where pytest-xdist gathers them.
"""

from __future__ import annotations

import os
import platform
import re
import stat
import tempfile
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import torch

from harness.history.record import ANY, BadRecord, CostSeen, Record, Result, load, save
from harness.run.devices import KNOWN
from harness.run.properties import CLAIM, COST, DEVICE, OBSERVED, OBSERVES
from harness.run.text import one_line
from specs.ledger import LEDGER

KEY = pytest.StashKey["Recorder"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("specification").addoption(
        "--record",
        metavar="FILE",
        type=Path,
        help="write what this run sees to FILE (JSON), to compare others with",
    )


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):  # of pytest-xdist: what gathers the reports records
        return
    if (path := config.getoption("record")) is not None:
        path = config.invocation_params.dir / path
        if (problem := why_not_written(path)) is not None:
            raise pytest.UsageError(f"--record {problem}")
        config.option.record = real(path)
    config.stash[KEY] = recorder = Recorder(devices(config))
    config.pluginmanager.register(recorder)


def _foreign(path: Path) -> str | None:
    """Why the file is no record that may be replaced; None if it is one."""
    try:
        load(path)
    except BadRecord as error:
        return f"would replace what is no record ({error}): choose another name"
    return None


def why_not_written(path: Path, foreign: Callable[[Path], str | None] = _foreign) -> str | None:
    """Why no file can be written there; None if one can. ``foreign`` says what may not be lost."""
    name = one_line(path)
    try:
        if os.path.isdir(path):
            return f"{name} is a folder, and no file"
        if not os.path.isdir(path.parent):
            return f"{name}: there is no folder {one_line(path.parent)}"
        if _is_there(path):
            if not stat.S_ISREG(path.stat().st_mode) or _A_STREAM.match(os.path.abspath(path)):
                return f"{name} is no ordinary file"
            if path.stat().st_size and (reason := foreign(path)) is not None:
                return reason
        handle, probe = tempfile.mkstemp(dir=real(path).parent, prefix=f".{path.name}.")
        os.close(handle)
        os.unlink(probe)
    except OSError as error:
        return f"{name} cannot be written: {error.strerror}"
    return None


#: What stands for a stream of the process, whatever that is connected to.
_A_STREAM = re.compile("/dev/(std|fd)|/proc/")


def _is_there(path: Path) -> bool:
    """Whether there is something at the end of all links. Raises OSError if nobody can tell."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True


def real(path: Path) -> Path:
    """The file itself that a link leads to, so that it is replaced and the link stays."""
    return Path(os.path.realpath(path))


class Recorder:
    """The plugin that gathers what the run sees."""

    def __init__(self, devices: list[str]) -> None:
        self._devices = devices
        self._outcomes: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._failed: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._seen: dict[tuple[str, str], dict] = defaultdict(dict)
        self._costs: list[CostSeen] = []
        self._said = self.why_not = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        properties = dict(report.user_properties)
        device = properties.get(DEVICE, ANY)
        if CLAIM in properties:
            key = properties[CLAIM], device
            crashed = report.when not in ("setup", "call", "teardown")
            if report.when == "call" or not report.passed:
                self._outcomes[key].add("crashed" if crashed else report.outcome)
            if report.failed:
                self._failed[key].add(one_line(report.nodeid.rpartition("specs/")[2]))
        elif OBSERVES in properties and report.when == "call":
            for name, value in report.user_properties:
                if name.startswith(OBSERVED):
                    key = properties[OBSERVES], device
                    self._seen[key][name.removeprefix(OBSERVED)] = value
        elif COST in properties and report.when == "call":
            self._costs.append(_cost_seen(properties[COST]))

    @property
    def is_whole(self) -> bool:
        """Whether the run came to every claim, and observed something."""
        return {id for id, _ in self._outcomes} == set(LEDGER) and bool(self._seen)

    def record(self) -> Record:
        """What was seen up to now."""
        claims: dict[str, dict[str, Result]] = defaultdict(dict)
        for id, device in sorted({*self._outcomes, *self._seen}):
            if device in (ANY, *self._devices):
                key = id, device
                claims[id][device] = Result(
                    _outcome(self._outcomes[key]), self._seen[key], sorted(self._failed[key])
                )
        today = date.today().isoformat()
        return Record(today, environment(), self._devices, claims, self._costs)

    @pytest.hookimpl(trylast=True)  # after what may still fail the run
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        path = session.config.getoption("record")
        if path is None:
            return
        if (reason := why_not_whole(session, exitstatus)) is not None:
            self.why_not = f"Nothing recorded: {reason}; {path.name} is as it was"
            return
        record = self.record()
        if (loss := _loss(path, record)) is not None:
            self.why_not = f"Nothing recorded: {loss}"
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            return
        try:
            save(record, path)
            claims = len({id for id, _ in record.checked})
            self._said = f"Recorded in {one_line(path)}: {claims} of {len(LEDGER)} claims"
        except BadRecord as error:
            self.why_not = f"Nothing recorded: the record {error}"
        except OSError as error:
            self.why_not = f"Nothing recorded: {one_line(path)} cannot be written: {error.strerror}"
        if self.why_not:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._said:
            terminalreporter.line(self._said)
        elif self.why_not:
            terminalreporter.line(self.why_not, red=True)


def _loss(path: Path, record: Record) -> str | None:
    """What would be lost if the record replaced the one in the file; None if nothing."""
    try:
        former = load(path)
    except BadRecord:  # none is there; what is something else was refused before the run
        return None
    for (what, has), (_, had) in zip(_extent(record), _extent(former), strict=True):
        if has < had:
            return (
                f"{one_line(path)} has {had:,} {what} and this run {has:,}; "
                "delete it first if that is meant"
            )
    return None


def _extent(record: Record) -> list[tuple[str, int]]:
    """How much the record holds, in what depends on which tests ran alone."""
    results = [(id, it) for id, of in record.claims.items() for it in of.values()]
    return [
        ("claims", len({id for id, _ in record.checked})),
        ("claims with observations", len({id for id, it in results if it.observations})),
        ("costs", len(record.costs)),
    ]


def why_not_whole(session: pytest.Session, exitstatus: int) -> str | None:
    """Why the run did not see all that it was to see; None if it did."""
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        return "no test ran"
    if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return "the run was interrupted"
    if session.shouldstop or session.shouldfail:
        return f"the run ended early ({session.shouldstop or session.shouldfail})"
    return None


def environment() -> dict[str, str]:
    """What the run ran on, that could make a difference."""
    return {
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def devices(config: pytest.Config) -> list[str]:
    """The devices that the run uses."""
    asked = config.getoption("device") or KNOWN
    return [name for name, why_not in KNOWN.items() if name in asked and why_not() is None]


def _outcome(seen: set[str]) -> str:
    for outcome in ("crashed", "failed"):
        if outcome in seen:
            return outcome
    return "confirmed" if "passed" in seen else "not checked"


def _cost_seen(cost: dict) -> CostSeen:
    parameters = cost["parameters"].items()
    return CostSeen(
        cost["question"],
        ", ".join(f"{name}={value}" for name, value in parameters),
        cost["alternative"],
        cost["device"],
        cost["peak_bytes"],
        cost["predicted_peak_bytes"],
        cost["retained_bytes"],
        cost["time_ratio"],
    )
