"""Groups of alternatives, the cost predicted for each, and the cost measured; plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.units import format_bytes, format_ratio


@dataclass(frozen=True)
class Prediction:
    """How many bytes a function must allocate, derived on paper, or why nothing is predicted."""

    reason: str
    peak: int | None = None
    retained: int | None = None


@dataclass(frozen=True)
class Alternative:
    """One way to do something. The caller keeps what ``function`` returns."""

    function: Callable[[], object]
    prediction: Prediction


@dataclass(frozen=True)
class Group:
    """Alternatives by name. All are compared with the first, the baseline."""

    question: str  # one of benchmarks/questions.py
    alternatives: Mapping[str, Alternative]

    @property
    def baseline(self) -> str:
        return next(iter(self.alternatives))


@dataclass(frozen=True)
class Cost:
    """The measured cost of one alternative."""

    question: str
    parameters: dict[str, int | str]  # of the case, such as {"layers": 8, "width": 512}
    alternative: str
    baseline: str  # the alternative that this one is compared with
    device: str
    peak_bytes: int
    retained_bytes: int
    predicted_peak_bytes: int | None
    predicted_retained_bytes: int | None
    reason: str  # for the prediction, or why there is none
    memory_ratio: float | None  # peak / the baseline's peak; None if that is 0 bytes
    seconds: float | None = None  # per call, the median of the rounds; None without timing
    time_ratio: float | None = None  # to the baseline, the median of the rounds
    time_ratio_quartiles: tuple[float, float] | None = None  # the first and the third

    @property
    def case(self) -> str:
        """The parameters in words, such as "8 layers, width 512"; empty without parameters."""
        return ", ".join(_in_words(name, value) for name, value in self.parameters.items())

    @property
    def time_ratio_and_range(self) -> str:
        """The time ratio and its interquartile range: "0.93x (0.91-0.95)"."""
        low, high = (format_ratio(ratio).removesuffix("x") for ratio in self.time_ratio_quartiles)
        return f"{format_ratio(self.time_ratio)} ({low}-{high})"

    def wrong_predictions(self) -> list[str]:
        """A sentence for each prediction that differs from what was measured."""
        return [
            f"{self.alternative}: {what} is {measured:,} bytes, predicted {predicted:,} "
            f"({self.reason})"
            for what, measured, predicted in (
                ("peak", self.peak_bytes, self.predicted_peak_bytes),
                ("retained", self.retained_bytes, self.predicted_retained_bytes),
            )
            if predicted is not None and measured != predicted
        ]


def _in_words(name: str, value: int | str) -> str:
    if name == "nbytes":
        return format_bytes(int(value))
    if name in ("layers", "nets"):
        return f"{value} {name}" if value != 1 else f"1 {name.removesuffix('s')}"
    return f"{name} {value}" if isinstance(value, int) else value
