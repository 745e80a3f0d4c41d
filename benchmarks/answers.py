"""The end of a run of the benchmarks: a table for each question, then the answers in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from benchmarks.comparison import Cost
from benchmarks.questions import answer, ratio_with_spread
from benchmarks.timing import THREADS
from benchmarks.units import in_seconds
from harness.run.environment import versions
from harness.run.properties import COST

_LEGEND = (
    "Memory: the bytes of data at the most at any moment; once done: while the result is held.",
    "Time: what the process computes for; in brackets, between what half of the ratios lie.",
)
_HEADINGS = ("", "peak bytes", "predicted", "ratio", "retained", "time", "time ratio (quartiles)")


def lines(reports: Iterable[object]) -> Iterator[str]:
    """The tables and the answers, from the tests' reports; none if no cost was measured."""
    tables = by_question(costs_of(reports))
    for (question, device), costs in tables.items():
        yield from (f"{question} [{device}]", "", *_table(costs), "")
    if tables:
        yield "In words"
        yield ""
        yield from _LEGEND
        yield f"{versions()}; {threads()}"
    for (question, device), costs in tables.items():
        yield from (
            f"{question} [{device}]",
            *(f"    {words}" for words in answer(question, costs)),
        )


def threads() -> str:
    """How many threads PyTorch computes with, in words."""
    return f"{THREADS} thread" + "s" * (THREADS != 1)


def costs_of(reports: Iterable[object]) -> list[Cost]:
    """The costs in the reports of the tests that measured one."""
    return [
        Cost(**value)
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == COST and report.when == "call"
    ]


def by_question(costs: list[Cost]) -> dict[tuple[str, str], list[Cost]]:
    """The costs of each question and device, smallest case first, in it the baseline first."""
    tables: dict[tuple[str, str], list[Cost]] = {}
    for cost in costs:
        tables.setdefault((cost.question, cost.device), []).append(cost)
    for table in tables.values():
        table.sort(key=lambda cost: (*cost.parameters.values(), cost.alternative != cost.baseline))
    return tables


def _table(costs: list[Cost]) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [_HEADINGS]
    reasons: list[str] = []
    case = None
    for cost in costs:
        if cost.case != case:
            case = cost.case
            if case:
                rows.append((case, *[""] * (len(_HEADINGS) - 1)))
        rows.append(_row(cost, indent="  " if case else ""))
        if cost.predicted_peak_bytes is None and cost.because not in reasons:
            reasons.append(cost.because)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join((first.ljust(widths[0]), *cells)).rstrip()
    for reason in reasons:
        yield f"No prediction of a peak: {reason}"


def _row(cost: Cost, indent: str) -> tuple[str, ...]:
    return (
        indent + cost.alternative,
        f"{cost.peak_bytes:,}",
        "-" if cost.predicted_peak_bytes is None else f"{cost.predicted_peak_bytes:,}",
        _ratio(cost.peak_bytes, cost.predicted_peak_bytes),
        f"{cost.retained_bytes:,}" + " !" * _retains_otherwise(cost),
        "-" if cost.seconds is None else in_seconds(cost.seconds),
        "-" if cost.time_ratio is None else ratio_with_spread(cost),
    )


def _ratio(seen: int, predicted: int | None) -> str:
    """Exactly 1 only if it is; a difference too small to show is marked."""
    if predicted is None:
        return "-"
    if seen == predicted:
        return "1"
    return f"{seen / predicted:.4f} !" if predicted else "inf !"


def _retains_otherwise(cost: Cost) -> bool:
    return cost.predicted_retained_bytes not in (None, cost.retained_bytes)


@pytest.hookimpl(trylast=True)  # below pytest-benchmark's own tables, where people look
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [it for reports in terminalreporter.stats.values() for it in reports]
    found = list(lines(reports))
    if found:
        terminalreporter.section("what it costs")
    for line in found:
        terminalreporter.line(line)
