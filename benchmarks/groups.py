"""Groups of alternatives, the cost predicted for each, and the cost measured; plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks.units import format_bytes, format_ratio


@dataclass(frozen=True)
class Prediction:
    """How many bytes a function must allocate, derived on paper, or why nothing is predicted."""

    reason: str
    peak: int | None = None
    retained: int | None = None
    page_faults: tuple[int, int] | None = None  # the least and the most, in fresh memory


@dataclass(frozen=True)
class Alternative:
    """One way to do something. The caller keeps what ``function`` returns."""

    function: Callable[[], object]
    prediction: Prediction
    there: Mapping[str, int] = field(default_factory=dict)  # bytes held before, by what they are


@dataclass(frozen=True)
class Group:
    """Alternatives by name. All are compared with the first, the baseline."""

    question: str  # one of benchmarks/questions.py
    alternatives: Mapping[str, Alternative]
    in_fresh_memory: bool = False  # measured in memory new to the process as well
    timed: bool = True

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
    there: dict[str, int] = field(default_factory=dict)  # bytes held before the call
    ratio_in_all: float | None = None  # the same with what was there; None if that is 0 bytes
    first_call_seconds: float = 0.0  # in wall-clock time, with what is set up or compiled once
    seconds: float | None = None  # per call, the median of the rounds; None without timing
    time_ratio: float | None = None  # to the baseline, of the lower quartiles
    time_ratio_quartiles: tuple[float, float] | None = None  # of the ratios in each round
    page_faults: int | None = None  # of every call in fresh memory
    predicted_page_faults: tuple[int, int] | None = None
    fresh_seconds: float | None = None  # per call in fresh memory, with freeing the result
    fresh_time_ratio: float | None = None  # to the baseline, in fresh memory
    fresh_time_ratio_quartiles: tuple[float, float] | None = None

    @property
    def case(self) -> str:
        """The parameters in words, such as "8 layers, width 512"; empty without parameters."""
        return ", ".join(_in_words(name, value) for name, value in self.parameters.items())

    @property
    def bytes_in_all(self) -> int:
        """The peak together with what was there before."""
        return self.peak_bytes + sum(self.there.values())

    @property
    def time_ratio_and_range(self) -> str:
        """The time ratio and its interquartile range: "0.93x (0.91-0.95)"."""
        return _with_range(self.time_ratio, self.time_ratio_quartiles)

    @property
    def fresh_time_ratio_and_range(self) -> str:
        return _with_range(self.fresh_time_ratio, self.fresh_time_ratio_quartiles)

    def wrong_predictions(self) -> list[str]:
        """A sentence for each prediction that differs from what was measured."""
        wrong = [
            f"{self.alternative}: {what} is {measured:,} bytes, predicted {predicted:,} "
            f"({self.reason})"
            for what, measured, predicted in (
                ("peak", self.peak_bytes, self.predicted_peak_bytes),
                ("retained", self.retained_bytes, self.predicted_retained_bytes),
            )
            if predicted is not None and measured != predicted
        ]
        if self.page_faults is not None and self.predicted_page_faults:
            least, most = self.predicted_page_faults
            if not least <= self.page_faults <= most:
                wrong.append(
                    f"{self.alternative}: {self.page_faults:,} page faults, predicted "
                    f"{least:,} to {most:,} ({self.reason})"
                )
        return wrong


def _with_range(ratio: float, quartiles: tuple[float, float]) -> str:
    low, high = (format_ratio(it).removesuffix("x") for it in quartiles)
    return f"{format_ratio(ratio)} ({low}-{high})"


def _in_words(name: str, value: int | str) -> str:
    if name == "nbytes":
        return format_bytes(int(value))
    if name in ("layers", "nets"):
        return f"{value} {name}" if value != 1 else f"1 {name.removesuffix('s')}"
    return f"{name} {value}" if isinstance(value, int) else value
