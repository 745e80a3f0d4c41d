"""What the tests' reports say that a record does not: sources, reasons, failures, examples, costs.

The reports come from this process or, under pytest-xdist, from its workers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from harness.history.record import ANY
from harness.run.properties import CLAIM, COST, DEVICE, EXAMPLES, OBSERVES


@dataclass
class Seen:
    """What became of one test, all its phases together."""

    nodeid: str
    claim: str  # empty for what proves none: benchmarks, meta-tests
    observes: str
    device: str
    outcome: str = "passed"  # or failed, crashed, skipped
    text: str = ""  # of the failure, or why it was skipped
    tried: int = 0
    extreme: list[str] = field(default_factory=list)

    @property
    def test(self) -> str:
        """Where it is, without its parameters: "specs/test_5_relu.py::TestModule::test_..."."""
        return self.nodeid.partition("[")[0]

    @property
    def parameters(self) -> str:
        return self.nodeid.partition("[")[2].removesuffix("]")


class Gatherer:
    """The plugin that keeps what the page needs of each report."""

    def __init__(self) -> None:
        self.seen: dict[str, Seen] = {}
        self.costs: list[pytest.TestReport] = []  # the reports that carry one

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        properties = dict(report.user_properties)
        seen = self.seen.setdefault(
            report.nodeid,
            Seen(
                report.nodeid,
                properties.get(CLAIM, ""),
                properties.get(OBSERVES, ""),
                properties.get(DEVICE, ANY),
            ),
        )
        if report.failed:
            crashed = report.when not in ("setup", "call", "teardown")
            seen.outcome = "crashed" if crashed else "failed"
            seen.text = report.longreprtext
        elif report.skipped:
            seen.outcome = "skipped"
            seen.text = report.longrepr[2].removeprefix("Skipped: ")
        if EXAMPLES in properties:
            seen.tried = properties[EXAMPLES]["tried"]
            seen.extreme = properties[EXAMPLES]["extreme"]
        if COST in properties and report.when == "call":
            self.costs.append(report)
