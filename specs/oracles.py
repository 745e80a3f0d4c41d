"""What the specs compare with: exact bits, exact arithmetic and exact probabilities.

Nothing here asks PyTorch whether PyTorch is right. A tensor is read bit by bit; expected values
come from NumPy or plain Python.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import torch

from specs.strategies import NUMPY_DTYPE, carrier


def as_array(tensor: torch.Tensor) -> np.ndarray:
    """A NumPy copy of the tensor, bit by bit.

    What NumPy lacks becomes the smallest that holds it exactly: bfloat16 and float8 become float32,
    complex32 becomes complex64.
    """
    elements = np.empty(tensor.shape, carrier(tensor.dtype))
    if elements.size:  # PyTorch writes into NumPy's memory, so that numpy() is not asked
        source = tensor.detach() if tensor.requires_grad else tensor
        if not source.is_cpu:
            # First as it is: a device that computes later computes no tensor of which it only
            # copies a view, and begins with all that led to it when the next one is read.
            source = torch.empty(source.shape, dtype=source.dtype, device="cpu").copy_(source)
        torch.frombuffer(elements, dtype=tensor.dtype).copy_(source.reshape(-1))
    if tensor.dtype in NUMPY_DTYPE:
        return elements
    return _decoded(elements.reshape(-1), tensor.dtype).reshape(elements.shape)


def _decoded(bits: np.ndarray, dtype: torch.dtype) -> np.ndarray:
    """The numbers that are meant by the bits of a dtype that NumPy lacks."""
    if dtype is torch.bfloat16:  # the upper half of a float32
        return (bits.astype(np.uint32) << 16).view(np.float32)
    if dtype is torch.complex32:  # two of float16
        return bits.view(np.float16).astype(np.float32).view(np.complex64)
    if dtype is getattr(torch, "float8_e5m2", ...):  # the upper half of a float16
        return (bits.astype(np.uint16) << 8).view(np.float16).astype(np.float32)
    if dtype is getattr(torch, "float8_e4m3fn", ...):
        # A sign, 4 bits of exponent (bias 7), 3 of mantissa; no infinity, NaN if all are set.
        # Source: https://arxiv.org/abs/2209.05433
        sign = np.where(bits & 0x80, -1.0, 1.0)
        exponent, mantissa = (bits >> 3 & 15).astype(int), (bits & 7) / 8
        value = np.where(exponent, (1 + mantissa) * 2.0 ** (exponent - 7), mantissa * 2.0**-6)
        return np.where((bits & 0x7F) == 0x7F, np.nan, sign * value).astype(np.float32)
    raise TypeError(f"no decoder of {dtype}")


def same_bits(
    actual: torch.Tensor | np.ndarray | None, expected: torch.Tensor | np.ndarray
) -> bool:
    """Same dtype, shape and every bit: NaN is NaN, and -0.0 is not 0.0; None has no bits."""
    if actual is None:
        return False
    a = as_array(actual) if isinstance(actual, torch.Tensor) else actual
    b = as_array(expected) if isinstance(expected, torch.Tensor) else expected
    same_dtype = a.dtype == b.dtype
    if a is not actual and b is not expected:
        same_dtype = actual.dtype is expected.dtype  # which tells bfloat16 from float32
    return same_dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def share_memory(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether both begin at the same place in memory.

    Where a device tells no addresses, a write into the one must show in the other.
    """
    if a.data_ptr() or b.data_ptr() or not a.numel():
        return a.data_ptr() == b.data_ptr()
    first, seen = (it.data[(0,) * it.dim()] for it in (a, b))
    kept = first.clone()
    found = []
    for value in (0, 1):
        first.fill_(value)
        found.append(seen.item())
    first.copy_(kept)
    for it in (a, b):
        as_array(it)  # a device that computes later would begin the next with all of these writes
    return found == [0, 1]


def same_number(actual: float, expected: float) -> bool:
    """The same Python float: NaN is NaN, and -0.0 is not 0.0."""
    if math.isnan(expected):
        return math.isnan(actual)
    return actual == expected and math.copysign(1, actual) == math.copysign(1, expected)


def same_values(actual: torch.Tensor | None, expected: np.ndarray) -> bool:
    """Same shape and equal numbers, NaN equal to NaN; the sign of zero does not count.

    None, as a gradient is that is not there, has no values.
    """
    if actual is None or actual.shape != expected.shape:
        return False
    numbers = as_array(actual)
    equal = numbers == expected
    return bool(equal.all() or (equal | ((numbers != numbers) & (expected != expected))).all())


def within(actual: torch.Tensor, expected: np.ndarray, bound: float | np.ndarray) -> bool:
    """Same shape, and no element further than ``bound`` (absolute) from the expected one."""
    if tuple(actual.shape) != expected.shape:
        return False
    return bool(np.all(np.abs(as_array(actual).astype(np.float64) - expected) <= bound))


def refusal(change: Callable, given: object) -> str:
    """What the RuntimeError says with which PyTorch refuses the change of it, or nothing."""
    try:
        change(given)
    except RuntimeError as error:
        return str(error)
    return ""


def rounding(operations: int, dtype: torch.dtype) -> float:
    """Relative error of so many roundings in a row: Higham's gamma, k*u / (1 - k*u)."""
    unit = torch.finfo(dtype).eps / 2
    return operations * unit / (1 - operations * unit)


# --- chance -----------------------------------------------------------------------------------
#
# Each check below rejects PyTorch as it should be with a probability below FALSE_ALARM, whatever
# the sample's size: both bounds are exact for finite samples. A run makes fewer than 10 ** 5 such
# checks, also when exploring with 1,000 examples a spec, so a run's probability stays below 1e-10.

FALSE_ALARM = 1e-15


def chance(n: int) -> float:
    """How far the mean of n independent draws from [0, 1] may lie from what is expected.

    Hoeffding's inequality: further than e with probability at most 2 * exp(-2 * n * e**2). The
    Dvoretzky-Kiefer-Wolfowitz inequality, with Massart's constant, says the same of the largest
    distance between the empirical distribution function of n draws and the true one.
    """
    return math.sqrt(math.log(2 / FALSE_ALARM) / (2 * n))


def follows(
    sample: torch.Tensor, cdf: Callable[[np.ndarray], np.ndarray], slack: float = 1e-4
) -> bool:
    """Whether the empirical distribution is as close to ``cdf`` as chance allows.

    For 50,000 draws ``chance`` allows a distance of 0.019, while a scale wrong by 1.2 lies at 0.044
    (normal) or 0.083 (uniform), and a uniform in a normal's place at 0.057. Rounding to 65,535
    equal steps adds less than 1e-4; ``slack`` says what other rounding adds.
    About 250 of the order statistics are looked at, which can only lower the distance.
    """
    drawn = as_array(sample).reshape(-1).astype(np.float32, copy=False)
    low, high = drawn.min(), drawn.max()
    if not 0 < high - low < math.inf:
        return False
    # NumPy sorts integers of 16 bits in a fifth of the time that numbers take.
    steps = ((drawn - low) * (65_535 / (high - low))).astype(np.uint16)
    steps.sort(kind="stable")
    n, ranks = drawn.size, _ranks(drawn.size)
    expected = cdf(low + steps[ranks] * ((high - low) / np.float64(65_535)))
    distance = max(np.max((ranks + 1) / n - expected), np.max(expected - ranks / n))
    return bool(distance <= chance(n) + slack)


@cache
def _ranks(n: int) -> np.ndarray:
    """About 250 ranks of n numbers, evenly spaced."""
    return np.unique(np.linspace(0, n - 1, 250).astype(int))


def frequency_agrees(hits: int, trials: int, probability: float) -> bool:
    """Whether so many hits in independent trials are what chance allows.

    Chernoff's bound: a relative entropy of x between the frequency and the probability is
    exceeded, on either side, with probability at most 2 * exp(-trials * x).
    """
    frequency = hits / trials
    entropy = 0.0
    for seen, expected in ((frequency, probability), (1 - frequency, 1 - probability)):
        if seen > 0:
            entropy += seen * math.log(seen / expected) if expected > 0 else math.inf
    return trials * entropy <= math.log(2 / FALSE_ALARM)


def normal_cdf(mean: float, std: float) -> Callable[[np.ndarray], np.ndarray]:
    """The normal distribution's cumulative distribution function."""
    erf = np.vectorize(math.erf, otypes=[np.float64])
    return lambda x: (1 + erf((x - mean) / (std * math.sqrt(2)))) / 2


def uniform_cdf(low: float, high: float) -> Callable[[np.ndarray], np.ndarray]:
    """The uniform distribution's cumulative distribution function."""
    return lambda x: np.clip((x - low) / (high - low), 0, 1)
