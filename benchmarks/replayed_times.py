"""Pass times to pytest-benchmark that were measured before.

pytest-benchmark times one test after another. Alternatives that are compared must be timed in turns
(``benchmarks.timing``), so each test replays its times: it runs with a timer of its own, which each
call of the benchmarked function advances by the next time. pytest-benchmark's tables, plots and
files then show the times as measured.
"""

from __future__ import annotations

from collections.abc import Iterable

_now = 0.0


def timer() -> float:
    """The timer for ``pytest.mark.benchmark(timer=...)``, in seconds."""
    return _now


def replay(benchmark, times: Iterable[float]) -> None:
    """Let the ``benchmark`` fixture see one round for each time, in seconds."""
    times = list(times)
    remaining = iter(times)

    def advance() -> None:
        global _now
        _now += next(remaining, 0.0)

    benchmark.pedantic(advance, rounds=max(1, len(times)))
