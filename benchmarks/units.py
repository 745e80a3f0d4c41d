"""Bytes, seconds and ratios as people read them."""

from __future__ import annotations


def in_bytes(number: int) -> str:
    """1024 is "1 KiB", 5000 is "5,000 bytes": larger units only where nothing is rounded off."""
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if number and number % size == 0:
            return f"{number // size:,} {unit}"
    return f"{number:,} byte" + "s" * (number != 1)


def in_seconds(seconds: float) -> str:
    """0.00123 is "1.23 ms": three digits, in the largest unit of which it is one or more."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= 0.9995 * size:
            return f"{_three_digits(seconds / size)} {unit}"
    return f"{_three_digits(seconds / 1e-9)} ns"


def in_ratio(ratio: float) -> str:
    """0.9312 is "0.93x", 0.00001234 is "0.000012x": two decimals, and two digits at least."""
    return f"{ratio:.2f}x" if ratio >= 0.1 or ratio == 0 else f"{_plain(f'{ratio:.2g}')}x"


def _three_digits(value: float) -> str:
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"


def _plain(number: str) -> str:
    """Without an exponent."""
    mantissa, _, exponent = number.partition("e")
    if not exponent:
        return number
    decimals = -int(exponent) + len(mantissa.partition(".")[2])
    return f"{float(number):.{decimals}f}"
