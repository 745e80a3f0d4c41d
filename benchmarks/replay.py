"""Hands times that were measured elsewhere to pytest-benchmark.

pytest-benchmark times one test after the other. Alternatives that are to be compared are timed in
turns (``benchmarks.timing``), and then each test replays its times: to pytest-benchmark's clock,
each call of the function that it believes to time takes as long as the next of them says. So its
tables, plots, files and comparisons show them as they were.
"""

from __future__ import annotations

from collections.abc import Iterable

_now = 0.0


def clock() -> float:
    """The clock of the replay, in seconds; tests name it by ``benchmark(timer=clock)``."""
    return _now


def replay(benchmark, times: Iterable[float]) -> None:
    """Let the ``benchmark`` fixture see a round for each of the times, in seconds."""
    times = list(times)
    left = iter(times)

    def advance() -> None:
        global _now
        _now += next(left, 0.0)

    benchmark.pedantic(advance, rounds=max(1, len(times)))
