"""The fixture ``check_cost``, and the report at the end of a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
import torch

from benchmarks.groups import Group
from benchmarks.measure import Measurement, measure
from benchmarks.memory import reports_memory
from benchmarks.replayed_times import replay
from benchmarks.report import pytest_terminal_summary  # noqa: F401  a hook
from benchmarks.timing import THREADS
from harness.run.user_properties import COST

#: The share of --benchmark-max-time for each alternative, so that all take under three minutes.
_SHARE_OF_MAX_TIME = 0.21


def pytest_configure(config: pytest.Config) -> None:
    """Hide pytest-benchmark's tables, which repeat ours, unless one of its options is given."""
    arguments = map(str, config.invocation_params.args)
    if not any(argument.startswith("--benchmark-") for argument in arguments):
        config.option.benchmark_quiet = True


@pytest.fixture(scope="session")
def measured() -> dict[object, dict[str, Measurement]]:
    """The measurements of this run, by case."""
    return {}


@pytest.fixture
def check_cost(benchmark, device, measured, request) -> Callable[..., None]:
    """Report the cost of one alternative of a group, and compare it with its prediction.

    The first test of a case measures all its alternatives; the others use the same measurements.
    """

    if not reports_memory(device):
        pytest.skip(f"PyTorch does not count the bytes on {device}")

    def check_cost(build: Callable[..., Group], alternative: str, **parameters: int | str) -> None:
        case = (build, device, *parameters.items())
        if case not in measured:
            option = request.config.getoption
            max_time = float(option("benchmark_max_time")) * _SHARE_OF_MAX_TIME
            measured[case] = measure(
                build,
                device,
                parameters,
                max_time if benchmark.enabled else 0,
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
            page_faults=cost.page_faults,
            fresh_time_ratio=cost.fresh_time_ratio,
            threads=THREADS,
            torch=torch.__version__,
        )
        replay(benchmark, times)
        if device == "cpu":  # on other devices no prediction has been confirmed yet
            assert not cost.wrong_predictions(), (
                f"{benchmark.group} {'; '.join(cost.wrong_predictions())}"
            )

    return check_cost
