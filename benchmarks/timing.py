"""How long alternatives take, timed in turns so that what disturbs one disturbs all.

What makes the ratio of two times differ from run to run, and what is done about it:

* other processes   PyTorch computes on one thread, what counts is the time that it computes for,
                    and each ratio is of two times next to each other
* where data lies   the alternatives are built anew, elsewhere in memory, for each of several heats
* the system        memory is kept and used again (``benchmarks.allocator``), not given back
"""

from __future__ import annotations

import gc
import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch

from benchmarks.allocator import keep_memory

#: PyTorch computes on one thread while it is measured. With more, an operation ends when the last
#: of them does, so that any other process on their cores slows some alternatives and spares others.
THREADS = 1

#: How often the alternatives are built anew. Where arrays lie to each other and in the caches makes
#: a copy of some MiB slower or faster by a quarter, and some even by half.
HEATS = 16

#: Seconds that one timing takes at least, so that the clock's own cost does not count.
AT_LEAST = 0.001


def race(
    build: Callable[[], Mapping[str, Callable[[], object]]],
    device: str,
    seconds: float,
    rounds: int,
) -> dict[str, list[float]]:
    """For each of the works that ``build`` returns, the seconds a call in each round.

    In a round each is timed once, for at least a millisecond, in an order drawn anew, so that none
    always follows the same one, in the caches that it leaves. There are as many rounds as take
    ``seconds`` for each of the works on average, but at least ``rounds``, and three a heat. A
    heat's first round warms up and does not count.
    """
    keep_memory()
    times: dict[str, list[float]] = {}
    calls: dict[str, int] = {}
    with _no_collection():
        for heat in range(HEATS):
            chance = random.Random(heat)
            elsewhere = _take_some_memory(chance)
            works = build()
            calls = calls or {name: _calls(work, device) for name, work in works.items()}
            for name, work in works.items():
                _time(work, calls[name], device)
            end = time.perf_counter() + seconds * len(works) / HEATS
            for round in itertools.count():
                if round >= max(rounds / HEATS, 3) and time.perf_counter() > end:
                    break
                for name in chance.sample(list(works), len(works)):
                    times.setdefault(name, []).append(_time(works[name], calls[name], device))
            del elsewhere
    return times


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


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python's garbage collector from running within a timing."""
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_collecting:
            gc.enable()


def _take_some_memory(chance: random.Random) -> list[bytearray]:
    """Memory that, while it is held, makes what is allocated next lie elsewhere."""
    return [bytearray(chance.randrange(2**20)) for _ in range(4)]


def _calls(work: Callable[[], object], device: str) -> int:
    """How many calls take AT_LEAST seconds."""
    calls = 1
    while _time(work, calls, device) * calls < AT_LEAST:
        calls *= 2
    return calls


def _time(work: Callable[[], object], calls: int, device: str) -> float:
    """Seconds a call, until the device has done all of them."""
    synchronise = torch.cuda.synchronize if device == "cuda" else lambda: None
    clock = _clock(device)
    synchronise()
    start = clock()
    for _ in itertools.repeat(None, calls):
        work()
    synchronise()
    return (clock() - start) / calls


def _clock(device: str) -> Callable[[], float]:
    """The time that this process computes for, where that is all there is and is told precisely."""
    is_precise = time.get_clock_info("process_time").resolution <= 1e-6
    return time.process_time if device == "cpu" and is_precise else time.perf_counter
