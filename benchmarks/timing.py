"""Time alternatives in turns, so that a disturbance affects all of them.

What makes the ratio of two times vary from run to run, and what is done about it:

* other processes   PyTorch computes on one thread, CPU time is measured, and ratios are of lower
                    quartiles, since other work only ever adds time
* memory layout     the alternatives are rebuilt several times, at other addresses
* the system        freed memory is kept and reused (``benchmarks.allocator``), and returned once
                    before each rebuild: where the system places 256 MiB changes times by a fifth

Rounds and iterations are those of pytest-benchmark: a round is one timing of many calls.
"""

from __future__ import annotations

import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from benchmarks.allocator import keep_memory, trim_memory
from benchmarks.groups import Group
from harness.run.garbage import no_garbage_collection

#: PyTorch computes on one thread while it is measured. With more, an operation ends when its last
#: thread does, so another process on one of the cores slows some alternatives and not others.
THREADS = 1

#: How often the alternatives are rebuilt. Where arrays lie relative to each other and to the caches
#: changes the time of a copy of a few MiB by a quarter, sometimes by half.
REBUILDS = 16

#: The least time of a round, in seconds, so that the timer's own cost does not count.
MIN_TIME = 0.001


def time_in_turns(
    build: Callable[[], Group], device: str, max_time: float, min_rounds: int
) -> dict[str, list[float]]:
    """The seconds per call in each round, for each alternative of the group.

    A round times every alternative once, in random order, so that none always finds the caches as
    the same other one left them. Rounds go on for ``max_time`` seconds per alternative on average,
    but there are at least ``min_rounds``, and three per rebuild. The first round after a rebuild is
    a warm-up.
    """
    keep_memory()
    times: dict[str, list[float]] = {}
    iterations: dict[str, int] = {}
    with no_garbage_collection():
        for seed in range(REBUILDS):
            chance = random.Random(seed)
            trim_memory()
            padding = [bytearray(chance.randrange(2**20)) for _ in range(4)]  # moves what follows
            functions = {name: it.function for name, it in build().alternatives.items()}
            for name, function in functions.items():
                if name not in iterations:
                    iterations[name] = _calibrate(function, device)
                _time(function, iterations[name], device)
            end = time.perf_counter() + max_time * len(functions) / REBUILDS
            for rounds in itertools.count():
                if rounds >= max(min_rounds / REBUILDS, 3) and time.perf_counter() > end:
                    break
                for name in chance.sample(list(functions), len(functions)):
                    seconds = _time(functions[name], iterations[name], device)
                    times.setdefault(name, []).append(seconds)
            del padding
    return times


@contextmanager
def fixed_threads() -> Iterator[None]:
    """Let PyTorch compute on THREADS threads, and restore the number afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def time_ratio(times: list[float], baseline: list[float]) -> float:
    """The ratio of the lower quartiles."""
    lower, of_baseline = (statistics.quantiles(it, n=4)[0] for it in (times, baseline))
    return lower / of_baseline


def ratio_quartiles(times: list[float], baseline: list[float]) -> tuple[float, float, float]:
    """The quartiles of the ratios in each round; the second is the median."""
    ratios = [time / base for time, base in zip(times, baseline, strict=True)]
    first, median, third = statistics.quantiles(ratios, n=4, method="inclusive")
    return first, median, third


def _calibrate(function: Callable[[], object], device: str) -> int:
    """How many iterations take MIN_TIME seconds."""
    iterations = 1
    while _time(function, iterations, device) * iterations < MIN_TIME:
        iterations *= 2
    return iterations


def _time(function: Callable[[], object], iterations: int, device: str) -> float:
    """Seconds per call, until the device has finished them all."""
    synchronize = (lambda: None) if device == "cpu" else getattr(torch, device).synchronize
    timer = _timer(device)
    synchronize()
    start = timer()
    for _ in itertools.repeat(None, iterations):
        function()
    synchronize()
    return (timer() - start) / iterations


def _timer(device: str) -> Callable[[], float]:
    """CPU time if the CPU does all the work and its clock is precise, else wall-clock time."""
    is_precise = time.get_clock_info("process_time").resolution <= 1e-6
    return time.process_time if device == "cpu" and is_precise else time.perf_counter
