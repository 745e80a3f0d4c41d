"""Measure alternatives in memory that is new to the process.

The measuring process is another one, because this one keeps the memory that it has freed. Results
are held until a round is over, so that none is written where another was.
"""

from __future__ import annotations

import functools
import gc
import itertools
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

import torch

from benchmarks.allocator import is_glibc, return_memory
from benchmarks.groups import Group

#: Small results are made until they fill so many bytes, so that faults and times can be counted.
_BYTES_OF_A_ROUND = 2**22

#: How often the alternatives are rebuilt, as in ``benchmarks.timing``.
_REBUILDS = 5


class Fresh(NamedTuple):
    page_faults: int  # of every call, in the round that has the fewest: the process has some too
    times: list[float]  # seconds per call in each round, with freeing the result


def measure_in_fresh_memory(
    build: Callable[..., Group], parameters: dict[str, int], max_time: float, min_rounds: int
) -> dict[str, Fresh]:
    """By alternative, on the CPU; nothing where malloc is not glibc's."""
    if not is_glibc():
        return {}
    return _process().submit(_measure, build, parameters, max_time, min_rounds).result()


@functools.cache
def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, get_context("spawn"))


def _measure(
    build: Callable[..., Group], parameters: dict[str, int], max_time: float, min_rounds: int
) -> dict[str, Fresh]:
    torch.set_num_threads(1)
    gc.disable()
    calls = max(1, _BYTES_OF_A_ROUND // parameters["nbytes"])
    rounds: dict[str, list[tuple[int, float]]] = defaultdict(list)
    rebuilds = _REBUILDS if max_time else 1
    for _ in range(rebuilds):
        group = build("cpu", **parameters)
        functions = {name: it.function for name, it in group.alternatives.items()}
        end = time.perf_counter() + max_time * len(functions) / rebuilds
        for number in itertools.count():
            if number >= max(min_rounds / rebuilds, 2) and time.perf_counter() > end:
                break
            for name, function in functions.items():
                rounds[name].append(_round(function, calls))
    fresh = {}
    for name, (_, *warm) in rounds.items():  # the first is a warm-up
        faults, times = zip(*warm, strict=True)
        fresh[name] = Fresh(min(faults), list(times))
    return fresh


def _round(function: Callable[[], object], calls: int) -> tuple[int, float]:
    """The page faults that every call has, and the seconds per call."""
    import resource  # which Windows lacks

    held = [None] * calls
    return_memory()
    small = [torch.empty(0) for _ in range(4 * calls)]  # memory for the objects around the data
    del small
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    start = time.process_time()
    for i in range(calls):
        held[i] = function()
    held.clear()
    seconds = time.process_time() - start
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    return faults // calls, seconds / calls
