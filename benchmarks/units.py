"""Format bytes, seconds and ratios."""

from __future__ import annotations


def format_bytes(number: int) -> str:
    """1024 is "1 KiB", 5000 is "5,000 bytes": never rounded."""
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if number and number % size == 0:
            return f"{number // size:,} {unit}"
    return f"{number:,} byte" + "s" * (number != 1)


def format_seconds(seconds: float) -> str:
    """0.00123 is "1.23 ms": three digits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= 0.9995 * size:
            return f"{_three_digits(seconds / size)} {unit}"
    return f"{_three_digits(seconds / 1e-9)} ns"


def format_ratio(ratio: float) -> str:
    """0.9312 is "0.93x", 0.00001234 is "0.000012x": two decimals, or two significant digits."""
    if ratio >= 0.1 or ratio == 0:
        return f"{ratio:.2f}x"
    decimals = 1 - int(f"{ratio:e}".partition("e")[2])
    return f"{ratio:.{decimals}f}x"


def _three_digits(value: float) -> str:
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"
