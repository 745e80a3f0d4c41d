"""How many bytes a piece of work allocates, by the allocators' own accounting.

PyTorch's bytes come from the profiler's allocation events on the CPU, and from the caching
allocator's counters on CUDA; NumPy's from tracemalloc, to which it reports its arrays' data.

https://docs.pytorch.org/docs/stable/profiler.html
https://docs.pytorch.org/docs/stable/generated/torch.cuda.max_memory_allocated.html
https://numpy.org/doc/stable/release/1.13.0-notes.html
"""

from __future__ import annotations

import json
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile

#: What Python's own objects may come to for a moment, in bytes; tracemalloc counts them as well.
PYTHON_OBJECTS = 16 * 1024

_CPU = 0  # as the profiler's events name the CPU's allocator


@dataclass(frozen=True)
class Memory:
    """Bytes beyond those that were held when the work began."""

    peak: int  # the most at any moment
    retained: int  # at the end, while the result is held, and its graph with it


def measure(work: Callable[[], object], device: str) -> Memory:
    """The bytes that one call of ``work`` allocates on the CPU, on this device, and in NumPy.

    It is called once before, unmeasured, so that what is set up on first use does not count. For
    work that allocates by more than one allocator, the peak is an upper bound: the sum of theirs.
    """
    work()
    accounts = [_on_cpu, _in_numpy] + [_on_cuda] * (device == "cuda")
    with ExitStack() as stack:
        found = [stack.enter_context(account()) for account in accounts]
        result = work()
    del result  # which had to live until all had looked
    return Memory(sum(it[0].peak for it in found), sum(it[0].retained for it in found))


@contextmanager
def _on_cpu() -> Iterator[list[Memory]]:
    found: list[Memory] = []
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        yield found
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder, "trace.json")
        profiler.export_chrome_trace(str(trace))
        events = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    events = [event for event in events if event["name"] == "[memory]"]
    held = peak = 0
    for event in sorted(events, key=lambda event: event["ts"]):
        if event["args"]["Device Type"] == _CPU:
            held += event["args"]["Bytes"]  # negative where memory is given back
            peak = max(peak, held)
    found.append(Memory(peak, held))


@contextmanager
def _on_cuda() -> Iterator[list[Memory]]:
    found: list[Memory] = []
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    yield found
    torch.cuda.synchronize()
    peak, held = torch.cuda.max_memory_allocated(), torch.cuda.memory_allocated()
    found.append(Memory(peak - before, held - before))


@contextmanager
def _in_numpy() -> Iterator[list[Memory]]:
    found: list[Memory] = []
    traced_by_user = tracemalloc.is_tracing()
    tracemalloc.start()
    before = _bytes_of_arrays()
    tracemalloc.reset_peak()
    yield found
    held, peak = tracemalloc.get_traced_memory()
    retained = _bytes_of_arrays() - before
    if not traced_by_user:
        tracemalloc.stop()
    temporary = peak - held  # of arrays and Python's objects alike
    found.append(Memory(retained + (temporary if temporary > PYTHON_OBJECTS else 0), retained))


def _bytes_of_arrays() -> int:
    only_arrays = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
    snapshot = tracemalloc.take_snapshot().filter_traces([only_arrays])
    return sum(trace.size for trace in snapshot.traces)
