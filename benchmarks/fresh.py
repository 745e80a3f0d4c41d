"""Measure alternatives in memory that is new to the process.

The measuring process is another one, because this one keeps the memory that it has freed. Results
are held until a round is over, so that none is written where another was.
"""

from __future__ import annotations

import functools
import gc
import itertools
import statistics
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
    page_faults: float  # per call, the median of the rounds
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
    import resource  # which Windows lacks

    def page_faults() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

    torch.set_num_threads(1)
    gc.disable()
    calls = max(1, _BYTES_OF_A_ROUND // parameters["nbytes"])
    faults: dict[str, list[float]] = defaultdict(list)
    times: dict[str, list[float]] = defaultdict(list)
    is_warm = False
    for _ in range(_REBUILDS if max_time else 1):
        group = build("cpu", **parameters)
        functions = {name: it.function for name, it in group.alternatives.items()}
        end = time.perf_counter() + max_time * len(functions) / _REBUILDS
        for rounds in itertools.count():
            if rounds >= max(min_rounds / _REBUILDS, 2) and time.perf_counter() > end:
                break
            for name, function in functions.items():
                held = [None] * calls
                return_memory()
                before, start = page_faults(), time.process_time()
                for i in range(calls):
                    held[i] = function()
                held.clear()
                seconds = time.process_time() - start
                if is_warm:
                    faults[name].append((page_faults() - before) / calls)
                    times[name].append(seconds / calls)
            is_warm = True
    return {name: Fresh(statistics.median(faults[name]), times[name]) for name in times}
