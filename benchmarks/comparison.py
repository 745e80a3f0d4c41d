"""What is compared with what, what it is expected to cost, and what it cost; as plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.units import in_bytes


@dataclass(frozen=True)
class Prediction:
    """The bytes that a piece of work must allocate, derived on paper, or why they cannot be."""

    because: str
    peak: int | None = None
    retained: int | None = None


@dataclass(frozen=True)
class Alternative:
    """One way to do a thing; what ``work`` returns is what the user holds afterwards."""

    work: Callable[[], object]
    prediction: Prediction


@dataclass(frozen=True)
class Comparison:
    """Alternatives by name, of which all are compared with the first."""

    question: str  # one of benchmarks/questions.py
    alternatives: Mapping[str, Alternative]

    @property
    def baseline(self) -> str:
        return next(iter(self.alternatives))

    @property
    def works(self) -> dict[str, Callable[[], object]]:
        return {name: alternative.work for name, alternative in self.alternatives.items()}


@dataclass(frozen=True)
class Cost:
    """What one alternative was seen to cost; plain values, to be kept in reports and records."""

    question: str
    parameters: dict[str, int | str]  # of the case, such as {"layers": 8, "width": 512}
    alternative: str
    baseline: str  # the alternative that it is compared with
    device: str
    peak_bytes: int
    retained_bytes: int
    predicted_peak_bytes: int | None
    predicted_retained_bytes: int | None
    because: str  # where the prediction comes from, or why there is none
    memory_ratio: float | None  # of the peaks, to the baseline's; None if that is 0 bytes
    seconds: float | None = None  # a call, the median of the rounds; None if no time was taken
    time_ratio: float | None = None  # to the baseline, the median of the rounds' ratios
    time_ratio_quartiles: tuple[float, float] | None = None  # between which half of them lie

    @property
    def case(self) -> str:
        """The parameters in words, such as "8 layers, width 512"; empty if there are none."""
        return case_in_words(self.parameters)

    def problems(self) -> list[str]:
        """A sentence for each prediction that was not met."""
        return [
            f"{self.alternative} {verb} {seen:,} bytes, and not {predicted:,}: {self.because}"
            for verb, seen, predicted in (
                ("peaked at", self.peak_bytes, self.predicted_peak_bytes),
                ("retained", self.retained_bytes, self.predicted_retained_bytes),
            )
            if predicted is not None and seen != predicted
        ]


def case_in_words(parameters: Mapping[str, int | str]) -> str:
    return ", ".join(_in_words(name, value) for name, value in parameters.items())


def _in_words(name: str, value: int | str) -> str:
    if name == "nbytes":
        return in_bytes(int(value))
    if name in ("layers", "nets"):
        return f"{value} {name}" if value != 1 else f"1 {name.removesuffix('s')}"
    return f"{name} {value}" if isinstance(value, int) else value
