"""The fixture ``cost``, which measures, tells pytest-benchmark, and checks the predictions."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import pytest
import torch

from benchmarks import answers
from benchmarks.comparison import Comparison, Cost, case_in_words
from benchmarks.memory import measure
from benchmarks.replay import replay
from benchmarks.timing import THREADS, race, ratios, stated_threads
from harness.run.properties import COST

#: The time that an alternative is given, as a share of --benchmark-max-time.
_SHARE = 0.4


def pytest_configure(config: pytest.Config) -> None:
    """Show pytest-benchmark's own tables only to who gives an option of its; ours say the same."""
    asked = (str(argument) for argument in config.invocation_params.args)
    if not any(argument.startswith("--benchmark-") for argument in asked):
        config.option.benchmark_quiet = True


class Measured(NamedTuple):
    cost: Cost
    times: list[float]  # seconds a call, in each round; empty if no time was taken


@pytest.fixture(scope="session")
def measured() -> dict[object, dict[str, Measured]]:
    """The alternatives of each case that was measured in this run."""
    return {}


@pytest.fixture
def cost(benchmark, device, measured, request) -> Callable[..., None]:
    """Measure a comparison, unless another test has; report one alternative, and check it."""

    def cost(build: Callable[..., Comparison], alternative: str, **parameters: int | str) -> None:
        case = (build, device, *parameters.items())
        if case not in measured:
            if benchmark.enabled:
                _say_what_takes_time(request.config, build, device, parameters)
            option = request.config.getoption
            seconds = float(option("benchmark_max_time")) * _SHARE if benchmark.enabled else 0.0
            measured[case] = _measure(
                partial(build, device=device, **parameters),
                parameters,
                device,
                seconds,
                option("benchmark_min_rounds"),
            )
        cost, times = measured[case][alternative]
        request.node.user_properties.append((COST, dataclasses.asdict(cost)))
        benchmark.group = f"{cost.question} {cost.case}".strip() + f" [{device}]"
        benchmark.extra_info.update(
            peak_bytes=cost.peak_bytes,
            retained_bytes=cost.retained_bytes,
            predicted_peak_bytes=cost.predicted_peak_bytes,
            time_ratio=cost.time_ratio,
            time_ratio_quartiles=cost.time_ratio_quartiles,
            threads=THREADS,
            torch=torch.__version__,
        )
        replay(benchmark, times)
        if device == "cpu":  # elsewhere the predictions are shown; none was ever seen to hold
            assert not cost.problems(), f"{benchmark.group} {'; '.join(cost.problems())}"

    return cost


def _say_what_takes_time(
    config: pytest.Config, build: Callable, device: str, parameters: dict
) -> None:
    terminal = config.pluginmanager.getplugin("terminalreporter")
    capture = config.pluginmanager.getplugin("capturemanager")
    if terminal and capture and terminal.verbosity >= 0:  # a worker of pytest-xdist has no terminal
        words = (build.__name__.replace("_", " "), case_in_words(parameters), device)
        with capture.global_and_fixture_disabled():
            terminal.write_line(f"    {', '.join(filter(None, words))} ...")


def _measure(
    build: Callable[[], Comparison], parameters: dict, device: str, seconds: float, rounds: int
) -> dict[str, Measured]:
    """Memory first, in a pass of its own that disturbs no timing; then time, if any is given."""
    comparison = build()
    alternatives, baseline = comparison.alternatives, comparison.baseline
    with stated_threads():
        memory = {name: measure(it.work, device) for name, it in alternatives.items()}
        times = race(lambda: build().works, device, seconds, rounds) if seconds else {}
    measured = {}
    for name, prediction in ((name, it.prediction) for name, it in alternatives.items()):
        cost = Cost(
            question=comparison.question,
            parameters=parameters,
            alternative=name,
            baseline=baseline,
            device=device,
            peak_bytes=memory[name].peak,
            retained_bytes=memory[name].retained,
            predicted_peak_bytes=prediction.peak,
            predicted_retained_bytes=prediction.retained,
            because=prediction.because,
            memory_ratio=_divided(memory[name].peak, memory[baseline].peak),
        )
        if seconds:
            lower, ratio, upper = ratios(times[name], times[baseline])
            cost = dataclasses.replace(
                cost,
                seconds=statistics.median(times[name]),
                time_ratio=ratio,
                time_ratio_quartiles=(lower, upper),
            )
        measured[name] = Measured(cost, times.get(name, []))
    return measured


def _divided(number: int, by: int) -> float | None:
    return number / by if by else None


pytest_terminal_summary = answers.pytest_terminal_summary
