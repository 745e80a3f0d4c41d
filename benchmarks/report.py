"""The report at the end of a run: a table for each question, then the answers in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from benchmarks.groups import Cost
from benchmarks.questions import answer
from benchmarks.timing import THREADS
from benchmarks.units import format_seconds
from harness.run.environment import versions
from harness.run.user_properties import COST

_LEGEND = (
    "Peak: most bytes allocated at once, beyond what was there before the call. In all: with that.",
    "Retained: bytes still allocated while the result is held.",
    "Time: median per call, in memory that is used again; fresh: in memory new to the process.",
    "Ratios are to the first row; brackets show the interquartile range.",
)
_HEADINGS = ("", "peak bytes", "predicted", "ratio", "retained", "time", "time ratio")
_IN_ALL, _FRESH = ("in all",), ("page faults", "predicted", "fresh time ratio")


def lines(reports: Iterable[object]) -> Iterator[str]:
    """The tables and the answers from the tests' reports; nothing if no benchmark ran."""
    tables = by_question(costs_of(reports))
    for (question, device), costs in tables.items():
        yield from (f"{question} [{device}]", "", *_table(costs), "")
    if tables:
        threads = f"{THREADS} thread" + "s" * (THREADS != 1)
        yield from ("Answers", "", *_LEGEND, f"{versions()}; {threads}")
    for (question, device), costs in tables.items():
        yield f"{question} [{device}]"
        yield from (f"    {sentence}" for sentence in answer(question, costs))


def costs_of(reports: Iterable[object]) -> list[Cost]:
    """The costs in the reports of the benchmarks."""
    return [
        Cost(**value)
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == COST and report.when == "call"
    ]


def by_question(costs: list[Cost]) -> dict[tuple[str, str], list[Cost]]:
    """The costs by question and device: the smallest case first, and in it the baseline."""
    tables: dict[tuple[str, str], list[Cost]] = {}
    for cost in costs:
        tables.setdefault((cost.question, cost.device), []).append(cost)
    for table in tables.values():
        table.sort(key=lambda cost: (*cost.parameters.values(), cost.alternative != cost.baseline))
    return tables


def _table(costs: list[Cost]) -> Iterator[str]:
    in_all, fresh = any(it.there for it in costs), any(it.page_faults is not None for it in costs)
    headings = _HEADINGS + _IN_ALL * in_all + _FRESH * fresh
    rows: list[tuple[str, ...]] = [headings]
    case = ""
    for cost in costs:
        if cost.case != case:
            case = cost.case
            rows.append((case, *[""] * (len(headings) - 1)))
        row = _row(cost, indent="  " if case else "")
        rows.append(row + (f"{cost.bytes_in_all:,}",) * in_all + _fresh(cost) * fresh)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join((first.ljust(widths[0]), *cells)).rstrip()
    for reason in dict.fromkeys(it.reason for it in costs if it.predicted_peak_bytes is None):
        yield f"The peak is not predicted: {reason}"


def _row(cost: Cost, indent: str) -> tuple[str, ...]:
    predicted = cost.predicted_peak_bytes
    wrong_retained = cost.predicted_retained_bytes not in (None, cost.retained_bytes)
    return (
        indent + cost.alternative,
        f"{cost.peak_bytes:,}",
        "-" if predicted is None else f"{predicted:,}",
        "-" if predicted is None else _ratio(cost.peak_bytes, predicted),
        f"{cost.retained_bytes:,}" + " !" * wrong_retained,
        "-" if cost.seconds is None else format_seconds(cost.seconds),
        "-" if cost.time_ratio is None else cost.time_ratio_and_range,
    )


def _fresh(cost: Cost) -> tuple[str, ...]:
    if cost.page_faults is None:
        return "-", "-", "-"
    return (
        f"{cost.page_faults:,}",
        " to ".join(f"{it:,}" for it in dict.fromkeys(cost.predicted_page_faults or ())),
        "-" if cost.fresh_time_ratio is None else cost.fresh_time_ratio_and_range,
    )


def _ratio(measured: int, predicted: int) -> str:
    """Exactly "1" if equal; otherwise marked, as four digits may not show the difference."""
    if measured == predicted:
        return "1"
    return f"{measured / predicted:.4f} !" if predicted else "inf !"


@pytest.hookimpl(trylast=True)  # below pytest-benchmark's tables, at the end of the output
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [it for reports in terminalreporter.stats.values() for it in reports]
    report = list(lines(reports))
    if report:
        terminalreporter.section("what it costs")
    for line in report:
        terminalreporter.line(line)
