"""How long alternatives take, timed in turns so that what disturbs one disturbs all."""

from __future__ import annotations

import gc
import itertools
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch

#: PyTorch computes on one thread while it is measured. With more, an operation ends when the last
#: of them does, so that any other process on their cores slows some alternatives and spares others.
THREADS = 1

#: Seconds that one timing takes at least, so that the clock's own cost does not count.
AT_LEAST = 0.001


def race(
    works: Mapping[str, Callable[[], object]], device: str, seconds: float, rounds: int
) -> dict[str, list[float]]:
    """For each of the works, the seconds a call in each round.

    In a round each is timed once, for at least a millisecond, in an order that rotates from round
    to round. A first round warms up and does not count. There are as many rounds as take
    ``seconds`` for each of the works on average, and at least ``rounds``, and two.
    """
    calls = {name: _calls(work, device) for name, work in works.items()}
    times: dict[str, list[float]] = {name: [] for name in works}
    names = list(works)
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        for name in names:
            _time(works[name], calls[name], device)
        end = time.perf_counter() + seconds * len(works)
        for round in itertools.count():
            if round >= max(rounds, 2) and time.perf_counter() > end:
                return times
            first = round % len(names)
            for name in names[first:] + names[:first]:
                times[name].append(_time(works[name], calls[name], device))
    finally:
        if is_collecting:
            gc.enable()


@contextmanager
def stated_threads() -> Iterator[None]:
    """Let PyTorch compute on THREADS threads; afterwards, on as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def ratios(times: list[float], baseline: list[float]) -> tuple[float, float, float]:
    """The first quartile, the median and the third quartile of the ratios in each round."""
    in_rounds = [time / base for time, base in zip(times, baseline, strict=True)]
    lower, median, upper = statistics.quantiles(in_rounds, n=4, method="inclusive")
    return lower, median, upper


def _calls(work: Callable[[], object], device: str) -> int:
    """How many calls take AT_LEAST seconds."""
    calls = 1
    while _time(work, calls, device) * calls < AT_LEAST:
        calls *= 2
    return calls


def _time(work: Callable[[], object], calls: int, device: str) -> float:
    """Seconds a call, until the device has done all of them."""
    synchronise = torch.cuda.synchronize if device == "cuda" else lambda: None
    synchronise()
    start = time.perf_counter()
    for _ in itertools.repeat(None, calls):
        work()
    synchronise()
    return (time.perf_counter() - start) / calls
