"""What the benchmarks saw: pictures, the answers in words, and the numbers in a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from page.words import Words


@dataclass(frozen=True)
class Figure:
    """A picture, as addresses that hold it whole: on white, and on black."""

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


def shown(reports: Iterable[pytest.TestReport]) -> list[Question]:
    """The questions that the benchmarks of the run answer; none if none ran."""
    return []
