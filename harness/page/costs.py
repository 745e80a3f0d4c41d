"""The costs that benchmarks measured: figures, the answers in words, and a table of all numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import pytest

from benchmarks.groups import Cost
from benchmarks.questions import answer
from benchmarks.report import by_question, costs_of
from benchmarks.units import format_seconds
from harness.run.text import shown

HAS_MATPLOTLIB = find_spec("matplotlib") is not None
if HAS_MATPLOTLIB:
    from harness.page.figures import Figure, figures


@dataclass(frozen=True)
class Question:
    """A question of the benchmarks, and all that answers it."""

    title: str
    answer: list[str]
    figures: list[Figure]
    rows: list[list[str]]


def questions(reports: Sequence[pytest.TestReport]) -> list[Question]:
    """The questions that the benchmarks in these reports answer."""
    return [
        Question(
            shown(f"{question} [{device}]"),
            [shown(line) for line in answer(question, costs)],
            list(figures(question, costs)) if HAS_MATPLOTLIB else [],
            [[shown(cell) for cell in _row(cost)] for cost in costs],
        )
        for (question, device), costs in by_question(costs_of(reports)).items()
    ]


def _row(cost: Cost) -> Iterator[str]:
    predicted = cost.predicted_peak_bytes
    yield cost.case or "-"
    yield cost.alternative
    yield f"{cost.peak_bytes:,}"
    yield "-" if predicted is None else f"{predicted:,}"
    yield f"{cost.retained_bytes:,}"
    yield "-" if cost.seconds is None else format_seconds(cost.seconds)
    yield "-" if cost.time_ratio is None else cost.time_ratio_and_range
    yield f"{cost.bytes_in_all:,}"
    yield "-" if cost.page_faults is None else f"{cost.page_faults:,}"
    yield "-" if cost.fresh_time_ratio is None else cost.fresh_time_ratio_and_range
