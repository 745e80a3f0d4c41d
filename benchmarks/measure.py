"""Measure every alternative of a group: first its memory, then its time."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.groups import Cost, Group
from benchmarks.memory import measure_memory
from benchmarks.timing import fixed_threads, ratio_quartiles, time_in_turns


class Measurement(NamedTuple):
    cost: Cost
    times: list[float]  # seconds per call in each round; empty without timing


def measure(
    build: Callable[..., Group],
    device: str,
    parameters: dict[str, int | str],
    max_time: float = 0,
    min_rounds: int = 1,
) -> dict[str, Measurement]:
    """The measurements by alternative, with times if ``max_time`` seconds are given for each.

    ``build(device, **parameters)`` returns the group.
    """
    group = build(device, **parameters)
    with fixed_threads():
        memory = {
            name: measure_memory(it.function, device) for name, it in group.alternatives.items()
        }
        times = {}
        if max_time:
            times = time_in_turns(lambda: build(device, **parameters), device, max_time, min_rounds)
    baseline_peak = memory[group.baseline].peak
    measurements = {}
    for name, alternative in group.alternatives.items():
        cost = Cost(
            question=group.question,
            parameters=parameters,
            alternative=name,
            baseline=group.baseline,
            device=device,
            peak_bytes=memory[name].peak,
            retained_bytes=memory[name].retained,
            predicted_peak_bytes=alternative.prediction.peak,
            predicted_retained_bytes=alternative.prediction.retained,
            reason=alternative.prediction.reason,
            memory_ratio=memory[name].peak / baseline_peak if baseline_peak else None,
        )
        if times:
            first, median, third = ratio_quartiles(times[name], times[group.baseline])
            cost = dataclasses.replace(
                cost,
                seconds=statistics.median(times[name]),
                time_ratio=median,
                time_ratio_quartiles=(first, third),
            )
        measurements[name] = Measurement(cost, times.get(name, []))
    return measurements
