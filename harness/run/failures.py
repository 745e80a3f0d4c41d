"""What a failing spec says before its traceback: the claim, the versions, the smallest example."""

from __future__ import annotations

import re
from collections.abc import Generator

import pytest
from _pytest._code.code import ExceptionChainRepr, ReprEntryNative

from harness.run.claims import claim_at, claim_of, is_spec
from harness.run.environment import versions
from harness.run.text import all_encodable
from specs.ledger import Claim

#: Hypothesis's note of the arguments that it shrank to, in its older and newer words.
_EXAMPLE = r"^(?:Falsifying example|Failing test case): \w+\(\n(.*?)^\)"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, object, None]:
    report = (yield).get_result()
    if report.failed and is_spec(item) and isinstance(report.longrepr, ExceptionChainRepr):
        text = preface(claim_of(item), smallest_counterexample(call.excinfo.value))
        # An entry of the traceback, since those alone come before it and pass through xdist.
        report.longrepr.chain[0][0].reprentries.insert(0, ReprEntryNative([text]))


@pytest.hookimpl(hookwrapper=True)
def pytest_report_to_serializable() -> Generator[None, object, None]:
    """Let every report pass through pytest-xdist, which drops the test of one that cannot."""
    outcome = yield
    outcome.force_result(all_encodable(outcome.get_result()))


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_handlecrashitem(crashitem: str, report: pytest.TestReport) -> None:
    if (claim := claim_at(crashitem)) is not None:
        report.longrepr = preface(claim, None) + str(report.longrepr)


def preface(claim: Claim, counterexample: str | None) -> str:
    """The lines that come before the traceback of a spec of this claim."""
    lines = [f"Claim {claim.id} ({claim.verdict.value}): {claim.says}"]
    if claim.truth:
        lines.append(f"What is true: {claim.truth}")
    if claim.since:
        lines.append(f"Changed in: PyTorch {claim.since}")
    lines.append(f"Seen on: {versions()}")
    if counterexample:
        lines.append(f"Smallest counterexample: {counterexample}")
    lines.append(f"Documentation: {claim.docs}")
    return "\n".join(lines) + "\n\n"


def smallest_counterexample(error: BaseException) -> str | None:
    """The arguments that Hypothesis shrank to, as "x=tensor(0.), p=0.5"; None without any."""
    notes = "\n".join(getattr(error, "__notes__", ()))
    found = re.search(_EXAMPLE, notes, re.DOTALL | re.MULTILINE)
    if found is None:
        return None
    arguments = re.sub(r"^ +self=.*\n", "", found[1], flags=re.MULTILINE)
    arguments = re.sub(r"^ {4}", "", arguments, flags=re.MULTILINE).rstrip().rstrip(",")
    lines = [line.rstrip() for line in arguments.split("\n")]
    joined = " ".join(line.strip() for line in lines)
    return joined if len(joined) < 80 else "\n    " + "\n    ".join(lines)
