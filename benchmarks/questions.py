"""What the benchmarks ask, and how the costs that were seen answer it in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from benchmarks.comparison import Cost
from benchmarks.units import in_bytes, in_ratio, in_seconds

CONTEXT = "What does it cost to enter and leave a grad mode?"
SMALL = "What does a grad mode cost around an operation on one number?"
LAYERS = "What does a grad mode save in the forward pass of Linear+ReLU layers?"
NET = "What does a grad mode save in the forward pass of the article's net?"
FROM_NUMPY = "What does it cost to make a tensor from a NumPy array?"
TO_NUMPY = "What does it cost to make a NumPy array from a tensor?"


def answer(question: str, costs: list[Cost]) -> Iterator[str]:
    """Sentences that answer the question, from its costs on one device, smallest case first."""
    yield from _ANSWERS[question](costs)


def _context(costs: list[Cost]) -> Iterator[str]:
    for cost in costs:
        time = f" and {in_seconds(cost.seconds)}" if cost.seconds is not None else ""
        yield f"{cost.alternative}: {in_bytes(cost.peak_bytes)}{time}"
    yield from _twins(costs)


def _modes(costs: list[Cost]) -> Iterator[str]:
    baselines = {cost.case: cost for cost in costs if cost.alternative == cost.baseline}
    for cost in _extremes(costs):
        if cost.alternative != cost.baseline:
            case = f", for {cost.case}" if cost.case else ""
            yield f"{cost.alternative} {_needs(cost, baselines.get(cost.case))}{case}"
    yield from _growth(costs)
    yield from _twins(costs)


def _extremes(costs: list[Cost]) -> list[Cost]:
    """Those with the least or the greatest first parameter, at the last value of the others."""
    values = [list(cost.parameters.values()) for cost in costs]
    firsts, others = {tuple(it[:1]) for it in values}, values[-1][1:]
    ends = {min(firsts), max(firsts)}
    return [
        cost
        for cost, it in zip(costs, values, strict=True)
        if tuple(it[:1]) in ends and it[1:] == others
    ]


def _needs(cost: Cost, baseline: Cost | None) -> str:
    shares = []
    if cost.memory_ratio is not None:
        share = f"{in_ratio(cost.memory_ratio)} the memory"
        if baseline and baseline.retained_bytes:
            done = in_ratio(cost.retained_bytes / baseline.retained_bytes)
            share += f" ({done} once done)"
        shares.append(share)
    if cost.time_ratio is not None:
        shares.append(f"{ratio_with_spread(cost)} the time")
    return f"needs {' and '.join(shares)} of {cost.baseline}" if shares else "was not compared"


def _growth(costs: list[Cost]) -> Iterator[str]:
    """What a further layer adds to the peak, at the greatest width."""
    deep = [cost for cost in costs if "layers" in cost.parameters]
    widest = max((cost.parameters["width"] for cost in deep), default=0)
    peaks: dict[str, dict[int, int]] = {}
    for cost in deep:
        if cost.parameters["width"] == widest:
            peaks.setdefault(cost.alternative, {})[cost.parameters["layers"]] = cost.peak_bytes
    growing: dict[str, list[str]] = {}
    for alternative, by_layers in peaks.items():
        added = {
            (by_layers[more] - by_layers[fewer]) / (more - fewer)
            for fewer, more in pairwise(sorted(by_layers))
        }
        if len(by_layers) > 2:
            low, high = min(added), max(added)
            how_much = f"{low:,.0f}" if low == high else f"from {low:,.0f} to {high:,.0f}"
            growing.setdefault(how_much, []).append(alternative)
    for how_much, alternatives in growing.items():
        yield (
            f"each further layer of width {widest} adds {how_much} bytes to the peak: "
            f"{', '.join(alternatives)}"
        )


def _twins(costs: list[Cost]) -> Iterator[str]:
    """How no_grad and set_grad_enabled(False), which promise the same, compare."""
    by_case: dict[str, dict[str, Cost]] = {}
    for cost in costs:
        by_case.setdefault(cost.case, {})[cost.alternative] = cost
    pairs = [
        (of["no_grad"], of["set_grad_enabled(False)"])
        for of in by_case.values()
        if {"no_grad", "set_grad_enabled(False)"} <= set(of)
    ]
    if not pairs:
        return
    same = sum(a.peak_bytes == b.peak_bytes for a, b in pairs)
    cases = f"of {len(pairs)} case" + "s" * (len(pairs) != 1)
    sentence = f"no_grad and set_grad_enabled(False): the same bytes in {same} {cases}"
    timed = [(a, b) for a, b in pairs if a.time_ratio_quartiles and b.time_ratio_quartiles]
    if timed:
        close = sum(_overlap(a.time_ratio_quartiles, b.time_ratio_quartiles) for a, b in timed)
        sentence += f", the same time within noise in {close} of {len(timed)}"
    yield sentence


def _overlap(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return a[0] <= b[1] and b[0] <= a[1]


def _border(costs: list[Cost]) -> Iterator[str]:
    """Each way over the border; by dtype where that makes a difference to its bytes."""
    ways: dict[str, dict[str, list[Cost]]] = {}
    for cost in costs:
        ways.setdefault(cost.alternative, {}).setdefault(cost.parameters["dtype"], []).append(cost)
    for alternative, by_dtype in ways.items():
        said: list[set[float]] = []
        for dtype, of_dtype in by_dtype.items():
            shares = {cost.peak_bytes / cost.parameters["nbytes"] for cost in of_dtype}
            if shares not in said:
                of = f" of {dtype}" if said else ""
                yield f"{alternative}{of}: {_shares(shares)}{_times(of_dtype)}"
                said.append(shares)


def _shares(shares: set[float]) -> str:
    if shares == {0.0}:
        return "0 bytes"
    low, high = min(shares), max(shares)
    return in_ratio(low) + (f" to {in_ratio(high)}" if low != high else "") + " the array's bytes"


def _times(costs: list[Cost]) -> str:
    """The times of the smallest and the largest case, and how the largest compares."""
    timed = [cost for cost in costs if cost.seconds is not None]
    if not timed:
        return ""
    smallest, largest = timed[0], timed[-1]
    if smallest is largest:
        times = _at(largest)
    else:
        low, *_, high = sorted(cost.seconds for cost in timed)
        if high < 1.5 * low:
            return f", {in_seconds(low)} to {in_seconds(high)} at any size"
        times = f"{_at(smallest)} and {_at(largest)}"
    if largest.alternative == largest.baseline:
        return f", {times}"
    return f", {times}, there {ratio_with_spread(largest)} the time of a {largest.baseline}"


def _at(cost: Cost) -> str:
    return f"{in_seconds(cost.seconds)} at {in_bytes(cost.parameters['nbytes'])}"


def ratio_with_spread(cost: Cost) -> str:
    """The ratio of times, and between what half of the rounds' ratios lie: "0.93x (0.91-0.95)"."""
    low, high = (in_ratio(ratio).removesuffix("x") for ratio in cost.time_ratio_quartiles)
    return f"{in_ratio(cost.time_ratio)} ({low}-{high})"


_ANSWERS: dict[str, Callable[[list[Cost]], Iterator[str]]] = {
    CONTEXT: _context,
    SMALL: _modes,
    LAYERS: _modes,
    NET: _modes,
    FROM_NUMPY: _border,
    TO_NUMPY: _border,
}
