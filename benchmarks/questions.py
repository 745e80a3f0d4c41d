"""The questions that the benchmarks ask, and how the measured costs answer them in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from benchmarks.groups import Cost
from benchmarks.units import format_bytes, format_ratio, format_seconds

CONTEXT = "What does it cost to enter and leave a grad mode?"
SMALL = "What does a grad mode cost around an operation on one number?"
LAYERS = "What does a grad mode save in the forward pass of Linear+ReLU layers?"
NET = "What does a grad mode save in the forward pass of the article's net?"
BLOCK = "What does a grad mode save in the forward pass of a Transformer's block?"
COMPILED = "What does a grad mode save in a compiled forward pass?"
KEPT = "What keeps memory although no_grad is on?"
FROM_NUMPY = "What does it cost to make a tensor from a NumPy array?"
TO_NUMPY = "What does it cost to make a NumPy array from a tensor?"


def answer(question: str, costs: list[Cost]) -> Iterator[str]:
    """Sentences that answer the question, from its costs on one device, smallest case first."""
    yield from _ANSWERS[question](costs)


def _entering(costs: list[Cost]) -> Iterator[str]:
    for cost in costs:
        time = ""
        if cost.seconds is not None:
            time = f", {format_seconds(cost.seconds)}"
            if cost.alternative != cost.baseline:
                time += f", {cost.time_ratio_and_range} the time of {cost.baseline}"
        yield f"{cost.alternative}: {format_bytes(cost.peak_bytes)}{time}"
    by_name = {cost.alternative: cost.seconds for cost in costs}
    no_grad, other = by_name.get("with no_grad"), by_name.get("with set_grad_enabled(False)")
    if no_grad and other:
        yield (
            f"with set_grad_enabled(False) takes {format_ratio(other / no_grad)} the time of "
            f"with no_grad; the difference is {format_seconds(abs(no_grad - other))} per block"
        )


def _grad_modes(costs: list[Cost]) -> Iterator[str]:
    baselines = {cost.case: cost for cost in costs if cost.alternative == cost.baseline}
    varied = {name: along(costs, name) for name in costs[0].parameters}
    for cost in _smallest_and_largest(next(iter(varied.values()), costs)):
        if cost.alternative != cost.baseline:
            case = f" ({cost.case})" if cost.case else ""
            yield f"{cost.alternative}: {_compared(cost, baselines.get(cost.case))}{case}"
    yield from _bytes_per_layer(varied.get("layers", []))
    yield from _what_was_there(costs)
    for name, cases in varied.items():
        yield from _when_no_grad_matters(name, cases)
    yield from _no_grad_and_set_grad_enabled(costs)


def along(costs: Sequence[Cost], name: str) -> list[Cost]:
    """The costs in which only this parameter varies; the others have their usual values."""
    usual = {}
    for other in costs[0].parameters:
        values = [cost.parameters[other] for cost in costs]
        usual[other] = max(reversed(values), key=values.count)
    return [
        cost
        for cost in costs
        if all(cost.parameters[it] == usual[it] for it in usual if it != name)
    ]


def _smallest_and_largest(costs: list[Cost]) -> list[Cost]:
    """Of costs in ascending order, those of the first and the last case."""
    return [cost for cost in costs if cost.case in (costs[0].case, costs[-1].case)]


def _what_was_there(costs: list[Cost]) -> Iterator[str]:
    """The shares of all memory at the peak, in the usual case, with grad and in training."""
    for cost in along(costs, ""):
        if cost.there and cost.alternative in (cost.baseline, "training step"):
            allocated = (
                "the step, its gradients included" if "step" in cost.alternative else "the pass"
            )
            parts = {**cost.there, f"allocated by {allocated}": cost.peak_bytes}
            shares = ", ".join(
                f"{name} {size / cost.bytes_in_all:.0%}" for name, size in parts.items() if size
            )
            yield f"all memory at the peak of {cost.alternative} ({cost.case}): {shares}"


def _when_no_grad_matters(name: str, costs: list[Cost]) -> Iterator[str]:
    """How its share of all memory changes with a number: the depth, the width or the batch."""
    shares = {
        cost.parameters[name]: cost.ratio_in_all
        for cost in costs
        if cost.alternative == "no_grad" and cost.there and cost.ratio_in_all
    }
    if len(shares) > 1 and not any(isinstance(value, str) for value in shares):
        listed = ", ".join(f"{format_ratio(share)} at {it:,}" for it, share in shares.items())
        others = {other: value for other, value in costs[0].parameters.items() if other != name}
        case = replace(costs[0], parameters=others).case
        suffix = f" ({case})" if case else ""
        yield f"all memory, no_grad to enable_grad, by {name}{suffix}: {listed}"


def _compared(cost: Cost, baseline: Cost | None) -> str:
    shares = []
    if cost.memory_ratio is not None:
        beyond = " beyond what was there" if cost.there else ""
        shares.append(f"{format_ratio(cost.memory_ratio)} the peak{beyond}")
        if cost.there:
            shares.append(f"{format_ratio(cost.ratio_in_all)} in all")
    if baseline and baseline.retained_bytes:
        retained = cost.retained_bytes / baseline.retained_bytes
        shares.append(f"{format_ratio(retained)} the retained bytes")
    if cost.time_ratio is not None:
        shares.append(f"{cost.time_ratio_and_range} the time")
    return f"{', '.join(shares)} of {cost.baseline}" if shares else "not compared"


def _bytes_per_layer(costs: list[Cost]) -> Iterator[str]:
    """What each additional layer adds to the peak, at the usual width and batch."""
    peaks: dict[str, dict[int, int]] = {}
    for cost in costs:
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
        yield f"each additional layer adds {growth} bytes to the peak: {names}"


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
    """Each way to convert, and which to use for the largest array."""
    ways: dict[str, list[Cost]] = {}
    for cost in costs:
        ways.setdefault(cost.alternative, []).append(cost)
    for alternative, of_way in ways.items():
        shares = {cost.peak_bytes / cost.parameters["nbytes"] for cost in of_way}
        yield f"{alternative}: {_share_of_array(shares)}{_times(of_way)}"
    yield from _in_fresh_memory([of_way[-1] for of_way in ways.values()])


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
    compared = f"{largest.time_ratio_and_range} the time of a {largest.baseline}"
    if largest.fresh_time_ratio is None:
        return f", {times}, which is {compared}"
    fresh = largest.fresh_time_ratio_and_range
    return f", {times}, which is {compared} in reused memory, {fresh} in fresh memory"


def _in_fresh_memory(largest: list[Cost]) -> Iterator[str]:
    """Which copy of all numbers to choose in fresh memory, and why."""
    size = largest[0].parameters["nbytes"] if largest else 0
    copies = [it for it in largest if it.page_faults is not None and it.peak_bytes == size]
    if len(copies) < 2:
        return
    most, fewest = (choose(copies, key=_page_faults) for choose in (max, min))
    array = f"an array of {format_bytes(size)}"
    if _page_faults(most) > 2 * _page_faults(fewest):
        yield (
            f"{array} in fresh memory: {_page_faults(fewest):,} page faults with "
            f"{fewest.alternative}, because NumPy asks for huge pages; "
            f"{_page_faults(most):,} with {most.alternative}"
        )
    if all(it.fresh_time_ratio for it in copies):
        fastest, *_, slowest = sorted(copies, key=lambda it: it.fresh_time_ratio)
        sentence = f"{array}: write to memory that is there (target.copy_()) where you can"
        if fastest.fresh_time_ratio_quartiles[1] < slowest.fresh_time_ratio_quartiles[0]:
            sentence += f"; the fastest new copy in fresh memory is {fastest.alternative}"
        yield sentence


def _page_faults(cost: Cost) -> int:
    return cost.page_faults


def _kept(costs: list[Cost]) -> Iterator[str]:
    for cost in costs:
        yield f"{cost.alternative}: keeps {format_bytes(cost.retained_bytes)}, as {cost.reason}"


def _compiled(costs: list[Cost]) -> Iterator[str]:
    by_case: dict[str, dict[str, Cost]] = {}
    for cost in costs:
        by_case.setdefault(cost.case, {})[cost.alternative] = cost
    for case, by_name in by_case.items():
        for mode in ("enable_grad", "no_grad"):
            plain, compiled = by_name.get(f"plain, {mode}"), by_name.get(f"compiled, {mode}")
            if plain and compiled:
                time = ""
                if compiled.time_ratio is not None:
                    ratio = compiled.time_ratio / plain.time_ratio
                    time = f", {format_ratio(ratio)} the time, which leaves out the first call"
                peak = format_ratio(compiled.peak_bytes / plain.peak_bytes)
                yield (
                    f"{case}, compiled, {mode}: {peak} the peak of plain{time}; "
                    f"the first call takes {format_seconds(compiled.first_call_seconds)}"
                )


_ANSWERS: dict[str, Callable[[list[Cost]], Iterator[str]]] = {
    CONTEXT: _entering,
    SMALL: _grad_modes,
    LAYERS: _grad_modes,
    NET: _grad_modes,
    BLOCK: _grad_modes,
    COMPILED: _compiled,
    KEPT: _kept,
    FROM_NUMPY: _conversions,
    TO_NUMPY: _conversions,
}
