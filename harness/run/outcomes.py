"""The outcome of a test, and of a claim from the outcomes of its tests."""

from __future__ import annotations

from collections.abc import Iterable

import pytest


def outcome_of_test(report: pytest.TestReport) -> str:
    """ "passed", "failed", "skipped", or "crashed" if the test ended its process.

    A crash is reported as a failure in no phase of the test, by pytest-xdist as well.
    """
    return report.outcome if report.when in ("setup", "call", "teardown") else "crashed"


def outcome_of_claim(tests: Iterable[str]) -> str:
    """The worst outcome of the tests; skipped counts only if no test ran."""
    found = set(tests)
    worst = next((it for it in ("crashed", "failed", "passed") if it in found), "skipped")
    return {"passed": "confirmed", "skipped": "not checked"}.get(worst, worst)
