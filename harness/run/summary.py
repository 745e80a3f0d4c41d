"""The end of a run: what it ran on, how many claims are confirmed, and which failed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from harness.run.environment import devices, versions
from harness.run.outcomes import outcome_of_claim, outcome_of_test
from harness.run.user_properties import CLAIM, DEVICE, LEFT_OUT
from specs.ledger import LEDGER, Verdict

_CONFIRMED = {
    Verdict.HOLDS: "hold as written",
    Verdict.CORRECTED: "as corrected",
    Verdict.DRIFTED: "drifted as noted",
    Verdict.NEIGHBOUR: "neighbours",
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    found: dict[str, list[pytest.TestReport]] = defaultdict(list)
    for category in ("passed", "failed", "skipped", "error"):
        for report in terminalreporter.stats.get(category, ()):
            if (id := dict(getattr(report, "user_properties", ())).get(CLAIM)) is not None:
                found[id].append(report)
    if found:
        terminalreporter.section("specification")
        for line, markup in _lines({id: found[id] for id in LEDGER if id in found}):
            terminalreporter.line(line, **markup)


def _lines(reports: dict[str, list[pytest.TestReport]]) -> Iterator[tuple[str, dict[str, bool]]]:
    yield versions(), {}
    yield f"Devices: {devices()}", {}
    yield from _left_out(reports)

    ids: dict[str, list[str]] = defaultdict(list)
    for id, of_claim in reports.items():
        ids[outcome_of_claim(map(outcome_of_test, of_claim))].append(id)
    failed = [id for id in reports if id in ids["failed"] + ids["crashed"]]

    verdicts = Counter(LEDGER[id].verdict for id in ids["confirmed"])
    counts = [f"{verdicts[verdict]} {words}" for verdict, words in _CONFIRMED.items()]
    yield (
        f"{len(ids['confirmed'])} of {len(LEDGER)} claims confirmed: {', '.join(counts)}",
        {"bold": True, "green": not failed},
    )
    reasons: dict[str, list[str]] = defaultdict(list)
    for id in ids["not checked"]:
        reasons[reports[id][0].longrepr[2].removeprefix("Skipped: ")].append(id)
    for reason, claims in reasons.items():
        yield f"Not checked: {', '.join(claims)} ({reason})", {"yellow": True}
    if len(reports) < len(LEDGER):
        yield f"Not selected: the other {len(LEDGER) - len(reports)} claims", {"yellow": True}
    for id in failed:
        yield f"FAILED {id} ({LEDGER[id].verdict.value}): {LEDGER[id].says}", {"red": True}
        for line in dict.fromkeys(_at(report) for report in reports[id] if report.failed):
            yield f"    {line}", {}


def _left_out(reports: dict[str, list[pytest.TestReport]]) -> Iterator[tuple[str, dict[str, bool]]]:
    """What each device lacks: "mps: without complex128 and float64"."""
    lacking: dict[str, set[str]] = defaultdict(set)
    for of_claim in reports.values():
        for report in of_claim:
            properties = dict(report.user_properties)
            if LEFT_OUT in properties:
                lacking[properties[DEVICE]].update(properties[LEFT_OUT])
    for device, things in lacking.items():
        words = " and ".join(", ".join(sorted(things)).rsplit(", ", 1))
        yield f"{device}: without {words}", {"yellow": True}


def _at(failed: pytest.TestReport) -> str:
    crashed = " (its process crashed)" * (outcome_of_test(failed) == "crashed")
    return f"{failed.nodeid}{crashed}"
