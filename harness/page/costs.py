"""What the benchmarks saw: pictures, the answers in words, and the numbers in a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from benchmarks.groups import Cost
from harness.page.words import Words
from harness.run.text import shown as plain


@dataclass(frozen=True)
class Figure:
    """A picture, as addresses that hold it whole: on white paper, and on a dark screen."""

    light: str
    dark: str
    says: Words
    width: int
    height: int


@dataclass(frozen=True)
class Question:
    title: str
    answer: list[str]
    figures: list[Figure]
    headings: list[str]
    rows: list[list[str]]


HEADINGS = ["case", "way", "peak bytes", "predicted", "retained", "time", "time ratio"]


def shown(reports: Iterable[pytest.TestReport]) -> list[Question]:
    """The questions that the benchmarks of the run answer; none if none ran."""
    reports = list(reports)
    return list(_questions(reports)) if reports else []


def _questions(reports: Sequence[pytest.TestReport]) -> Iterator[Question]:
    from benchmarks.questions import answer
    from benchmarks.report import by_question, costs_of
    from harness.page.plots import figures

    for (question, device), costs in by_question(costs_of(reports)).items():
        yield Question(
            plain(f"{question} [{device}]"),
            [plain(line) for line in answer(question, costs)],
            list(figures(question, costs)),
            HEADINGS,
            [[plain(cell) for cell in _row(cost)] for cost in costs],
        )


def _row(cost: Cost) -> Iterator[str]:
    from benchmarks.units import format_seconds

    predicted = cost.predicted_peak_bytes
    yield cost.case or "-"
    yield cost.alternative
    yield f"{cost.peak_bytes:,}"
    yield "-" if predicted is None else f"{predicted:,}"
    yield f"{cost.retained_bytes:,}"
    yield "-" if cost.seconds is None else format_seconds(cost.seconds)
    yield "-" if cost.time_ratio is None else cost.time_ratio_and_range
