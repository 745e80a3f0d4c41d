"""How many bytes a function allocates, as the allocators themselves count.

PyTorch's bytes come from the profiler's allocation events on the CPU, and from the statistics of
the allocator on an accelerator. NumPy reports the data of its arrays to tracemalloc.

https://docs.pytorch.org/docs/stable/profiler.html
https://docs.pytorch.org/docs/stable/generated/torch.cuda.max_memory_allocated.html
https://numpy.org/doc/stable/release/1.13.0-notes.html
"""

from __future__ import annotations

import json
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile

#: Temporary bytes below this may be Python objects, which tracemalloc counts as well.
PYTHON_OBJECTS = 16 * 1024

#: What a device's module has if it counts bytes.
_STATISTICS = (
    *("synchronize", "memory_allocated"),
    *("max_memory_allocated", "reset_peak_memory_stats"),
)

_CPU = 0  # the profiler's number for the CPU


@dataclass(frozen=True)
class Memory:
    """Bytes in addition to those allocated before the call."""

    peak: int  # most bytes allocated at once
    retained: int  # still allocated while the result is held, with its graph
    first_call_seconds: float = field(default=0.0, compare=False)


def measure_memory(function: Callable[[], object], device: str) -> Memory:
    """The bytes that one call allocates on the CPU, on this device and in NumPy.

    An earlier call is not measured, so what is set up on first use does not count. If a function
    uses several allocators, the peak is an upper bound: the sum of their peaks.
    """
    start = time.perf_counter()
    function()
    first_call_seconds = time.perf_counter() - start
    accounts = [_on_cpu(), _in_numpy()]
    if device != "cpu":
        accounts.append(_on_accelerator(getattr(torch, device)))
    with ExitStack() as stack:
        found = [stack.enter_context(account) for account in accounts]
        result = function()
    del result  # held until now, so that it counts as retained
    peak, retained = (sum(getattr(it[0], name) for it in found) for name in ("peak", "retained"))
    return Memory(peak, retained, first_call_seconds)


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
    allocated = peak = 0
    for event in sorted(events, key=lambda event: event["ts"]):
        if event["args"]["Device Type"] == _CPU:
            allocated += event["args"]["Bytes"]  # negative when memory is freed
            peak = max(peak, allocated)
    found.append(Memory(peak, allocated))


def reports_memory(device: str) -> bool:
    """Whether the bytes on this device can be asked for, as with torch.cuda and torch.xpu."""
    module = getattr(torch, device, None)
    return device == "cpu" or all(hasattr(module, name) for name in _STATISTICS)


@contextmanager
def _on_accelerator(module: ModuleType) -> Iterator[list[Memory]]:
    found: list[Memory] = []
    module.synchronize()
    module.reset_peak_memory_stats()
    before = module.memory_allocated()
    yield found
    module.synchronize()
    peak, after = module.max_memory_allocated(), module.memory_allocated()
    found.append(Memory(peak - before, after - before))


@contextmanager
def _in_numpy() -> Iterator[list[Memory]]:
    found: list[Memory] = []
    was_tracing = tracemalloc.is_tracing()
    tracemalloc.start()
    before = _array_bytes()
    tracemalloc.reset_peak()
    yield found
    allocated, peak = tracemalloc.get_traced_memory()
    retained = _array_bytes() - before
    if not was_tracing:
        tracemalloc.stop()
    temporary = peak - allocated  # arrays and Python objects
    found.append(Memory(retained + (temporary if temporary > PYTHON_OBJECTS else 0), retained))


def _array_bytes() -> int:
    only_arrays = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
    snapshot = tracemalloc.take_snapshot().filter_traces([only_arrays])
    return sum(trace.size for trace in snapshot.traces)
