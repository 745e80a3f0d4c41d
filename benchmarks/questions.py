"""The questions that the benchmarks ask, and how the measured costs answer them in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from benchmarks.groups import Cost
from benchmarks.units import format_bytes, format_ratio, format_seconds

CONTEXT = "What does it cost to enter and leave a grad mode?"
SMALL = "What does a grad mode cost around an operation on one number?"
LAYERS = "What does a grad mode save in the forward pass of Linear+ReLU layers?"
NET = "What does a grad mode save in the forward pass of the article's net?"
FROM_NUMPY = "What does it cost to make a tensor from a NumPy array?"
TO_NUMPY = "What does it cost to make a NumPy array from a tensor?"


def answer(question: str, costs: list[Cost]) -> Iterator[str]:
    """Sentences that answer the question, from its costs on one device, smallest case first."""
    yield from _ANSWERS[question](costs)


def _entering(costs: list[Cost]) -> Iterator[str]:
    for cost in costs:
        time = f" and {format_seconds(cost.seconds)}" if cost.seconds is not None else ""
        yield f"{cost.alternative}: {format_bytes(cost.peak_bytes)}{time}"
    yield from _no_grad_and_set_grad_enabled(costs)


def _grad_modes(costs: list[Cost]) -> Iterator[str]:
    baselines = {cost.case: cost for cost in costs if cost.alternative == cost.baseline}
    for cost in _smallest_and_largest(costs):
        if cost.alternative != cost.baseline:
            case = f" ({cost.case})" if cost.case else ""
            yield f"{cost.alternative}: {_compared(cost, baselines.get(cost.case))}{case}"
    yield from _bytes_per_layer(costs)
    yield from _no_grad_and_set_grad_enabled(costs)


def _smallest_and_largest(costs: list[Cost]) -> list[Cost]:
    """The costs with the least and the greatest first parameter, at the last of the others."""
    values = [tuple(cost.parameters.values()) for cost in costs]
    first_values = {value[:1] for value in values}
    wanted = [first + values[-1][1:] for first in (min(first_values), max(first_values))]
    return [cost for cost, value in zip(costs, values, strict=True) if value in wanted]


def _compared(cost: Cost, baseline: Cost | None) -> str:
    shares = []
    if cost.memory_ratio is not None:
        shares.append(f"{format_ratio(cost.memory_ratio)} the peak")
    if baseline and baseline.retained_bytes:
        retained = cost.retained_bytes / baseline.retained_bytes
        shares.append(f"{format_ratio(retained)} the retained bytes")
    if cost.time_ratio is not None:
        shares.append(f"{cost.time_ratio_and_range} the time")
    return f"{', '.join(shares)} of {cost.baseline}" if shares else "not compared"


def _bytes_per_layer(costs: list[Cost]) -> Iterator[str]:
    """What each additional layer adds to the peak, at the greatest width."""
    costs = [cost for cost in costs if "layers" in cost.parameters]
    width = max((cost.parameters["width"] for cost in costs), default=0)
    peaks: dict[str, dict[int, int]] = {}
    for cost in costs:
        if cost.parameters["width"] == width:
            peaks.setdefault(cost.alternative, {})[cost.parameters["layers"]] = cost.peak_bytes
    alternatives_by_growth: dict[str, list[str]] = {}
    for alternative, by_layers in peaks.items():
        added = {
            (by_layers[more] - by_layers[fewer]) / (more - fewer)
            for fewer, more in pairwise(sorted(by_layers))
        }
        if len(by_layers) > 2:
            low, high = min(added), max(added)
            growth = f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"
            alternatives_by_growth.setdefault(growth, []).append(alternative)
    for growth, alternatives in alternatives_by_growth.items():
        names = ", ".join(alternatives)
        yield f"each additional layer of width {width} adds {growth} bytes to the peak: {names}"


def _no_grad_and_set_grad_enabled(costs: list[Cost]) -> Iterator[str]:
    """How no_grad and set_grad_enabled(False) compare, which should do the same."""
    by_case: dict[str, dict[str, Cost]] = {}
    for cost in costs:
        by_case.setdefault(cost.case, {})[cost.alternative] = cost
    pairs = [
        (case["no_grad"], case["set_grad_enabled(False)"])
        for case in by_case.values()
        if {"no_grad", "set_grad_enabled(False)"} <= set(case)
    ]
    if not pairs:
        return
    same = sum(a.peak_bytes == b.peak_bytes for a, b in pairs)
    cases = f"{len(pairs)} case" + "s" * (len(pairs) != 1)
    sentence = f"no_grad and set_grad_enabled(False): the same bytes in {same} of {cases}"
    quartiles = [(a.time_ratio_quartiles, b.time_ratio_quartiles) for a, b in pairs]
    if all(map(all, quartiles)):
        close = sum(a[0] <= b[1] and b[0] <= a[1] for a, b in quartiles)
        sentence += f", the same time within noise in {close} of {len(pairs)}"
    yield sentence


def _conversions(costs: list[Cost]) -> Iterator[str]:
    """Each way to convert; by dtype where that changes how many bytes it takes."""
    ways: dict[str, dict[str, list[Cost]]] = {}
    for cost in costs:
        ways.setdefault(cost.alternative, {}).setdefault(cost.parameters["dtype"], []).append(cost)
    for alternative, by_dtype in ways.items():
        seen: list[set[float]] = []
        for dtype, of_dtype in by_dtype.items():
            shares = {cost.peak_bytes / cost.parameters["nbytes"] for cost in of_dtype}
            if shares not in seen:
                suffix = f" of {dtype}" if seen else ""
                yield f"{alternative}{suffix}: {_share_of_array(shares)}{_times(of_dtype)}"
                seen.append(shares)


def _share_of_array(shares: set[float]) -> str:
    low, high = format_ratio(min(shares)), format_ratio(max(shares))
    if max(shares) == 0:
        return "0 bytes"
    return f"{low if low == high else f'{low} to {high}'} the array's bytes"


def _times(costs: list[Cost]) -> str:
    """The times of the smallest and the largest case, and how the largest compares."""
    timed = [cost for cost in costs if cost.seconds is not None]
    if not timed:
        return ""
    smallest, largest = timed[0], timed[-1]
    fastest, slowest = min(it.seconds for it in timed), max(it.seconds for it in timed)
    if len(timed) > 1 and slowest < 1.5 * fastest:
        return f", {format_seconds(fastest)} to {format_seconds(slowest)} at any size"
    times = ", ".join(
        f"{format_seconds(cost.seconds)} at {format_bytes(cost.parameters['nbytes'])}"
        for cost in ([smallest, largest] if len(timed) > 1 else [largest])
    )
    if largest.alternative == largest.baseline:
        return f", {times}"
    return f", {times}, which is {largest.time_ratio_and_range} the time of a {largest.baseline}"


_ANSWERS: dict[str, Callable[[list[Cost]], Iterator[str]]] = {
    CONTEXT: _entering,
    SMALL: _grad_modes,
    LAYERS: _grad_modes,
    NET: _grad_modes,
    FROM_NUMPY: _conversions,
    TO_NUMPY: _conversions,
}
