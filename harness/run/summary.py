"""The end of a run: what it ran on, how many claims are confirmed, which ones failed."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable

import pytest

from harness.run.environment import devices, versions
from harness.run.properties import CLAIM
from specs.ledger import LEDGER, Verdict

_STARTED = time.monotonic()

_CONFIRMED = {
    Verdict.HOLDS: "hold as written",
    Verdict.CORRECTED: "as corrected",
    Verdict.DRIFTED: "drifted as noted",
    Verdict.NEIGHBOUR: "neighbours",
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    categories = ("passed", "failed", "skipped", "error")
    stats = (report for name in categories for report in terminalreporter.stats.get(name, []))
    reports = reports_by_claim(stats)
    if not reports:
        return
    terminalreporter.section("specification")
    for line, markup in _lines(reports):
        terminalreporter.line(line, **markup)


def reports_by_claim(reports: Iterable[object]) -> dict[str, list[pytest.TestReport]]:
    """The reports of each claim's specs, in the ledger's order; of benchmarks and such none."""
    found: dict[str, list[pytest.TestReport]] = defaultdict(list)
    for report in reports:
        for name, value in getattr(report, "user_properties", ()):
            if name == CLAIM:
                found[value].append(report)
    return {id: found[id] for id in LEDGER if id in found}


def outcome(reports: list[pytest.TestReport]) -> str:
    """A claim's outcome: "failed" if any spec of it failed, else "confirmed" if any passed."""
    seen = {report.outcome for report in reports}
    return "failed" if "failed" in seen else "confirmed" if "passed" in seen else "not checked"


def _lines(reports: dict[str, list[pytest.TestReport]]) -> Iterable[tuple[str, dict[str, bool]]]:
    yield versions(), {}
    yield f"Devices: {devices()}", {}

    ids: dict[str, list[str]] = defaultdict(list)
    for id in reports:
        ids[outcome(reports[id])].append(id)

    verdicts = Counter(LEDGER[id].verdict for id in ids["confirmed"])
    counts = [f"{verdicts[verdict]} {words}" for verdict, words in _CONFIRMED.items()]
    yield (
        f"{len(ids['confirmed'])} of {len(LEDGER)} claims confirmed: {', '.join(counts)}",
        {"bold": True, "green": not ids["failed"]},
    )
    reasons: dict[str, list[str]] = defaultdict(list)
    for id in ids["not checked"]:
        reasons[_reason(reports[id][0])].append(id)
    for reason, claims in reasons.items():
        yield f"Not checked: {', '.join(claims)} ({reason})", {"yellow": True}
    if len(reports) < len(LEDGER):
        yield f"Not asked for: the other {len(LEDGER) - len(reports)} claims", {"yellow": True}
    for id in ids["failed"]:
        yield f"FAILED {id} ({LEDGER[id].verdict.value}): {LEDGER[id].says}", {"red": True}
        for line in sorted({_at(report) for report in reports[id] if report.failed}):
            yield f"    {line}", {}
    yield f"In {time.monotonic() - _STARTED:.1f} s", {}


def _at(failed: pytest.TestReport) -> str:
    """Where it failed. A crash has no phase that pytest-xdist could name."""
    crashed = failed.when not in ("setup", "call", "teardown")
    return f"{failed.nodeid} (its process crashed)" if crashed else failed.nodeid


def _reason(skipped: pytest.TestReport) -> str:
    return skipped.longrepr[2].removeprefix("Skipped: ")
