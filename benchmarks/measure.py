"""Measure every alternative of a group: first its memory, then its time."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.fresh import Fresh, measure_in_fresh_memory
from benchmarks.groups import Cost, Group
from benchmarks.memory import measure_memory
from benchmarks.timing import fixed_threads, ratio_quartiles, time_in_turns, time_ratio

#: The least rounds in fresh memory. Page faults hardly vary, but a round may have one more.
_FRESH_ROUNDS, _FRESH_ROUNDS_WITHOUT_TIMES = 15, 4


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
        times: dict[str, list[float]] = {}
        if max_time and group.timed:
            times = time_in_turns(lambda: build(device, **parameters), device, max_time, min_rounds)
    fresh: dict[str, Fresh] = {}
    if group.in_fresh_memory and device == "cpu":
        least = max(min_rounds, _FRESH_ROUNDS) if max_time else _FRESH_ROUNDS_WITHOUT_TIMES
        fresh = measure_in_fresh_memory(build, parameters, max_time, least)

    measurements = {}
    for name, alternative in group.alternatives.items():
        there = dict(alternative.there)
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
            memory_ratio=_ratio(memory[name].peak, memory[group.baseline].peak),
            there=there,
            ratio_in_all=_ratio(
                memory[name].peak + sum(there.values()),
                memory[group.baseline].peak
                + sum(group.alternatives[group.baseline].there.values()),
            ),
            first_call_seconds=memory[name].first_call_seconds,
        )
        if times:
            pair = times[name], times[group.baseline]
            cost = dataclasses.replace(
                cost,
                seconds=statistics.median(times[name]),
                time_ratio=time_ratio(*pair),
                time_ratio_quartiles=ratio_quartiles(*pair)[::2],
            )
        if fresh:
            cost = dataclasses.replace(
                cost,
                page_faults=fresh[name].page_faults,
                predicted_page_faults=alternative.prediction.page_faults,
            )
        if fresh and max_time:
            pair = fresh[name].times, fresh[group.baseline].times
            cost = dataclasses.replace(
                cost,
                fresh_seconds=statistics.median(fresh[name].times),
                fresh_time_ratio=time_ratio(*pair),
                fresh_time_ratio_quartiles=ratio_quartiles(*pair)[::2],
            )
        measurements[name] = Measurement(cost, times.get(name, []))
    return measurements


def _ratio(number: int, baseline: int) -> float | None:
    return number / baseline if baseline else None
