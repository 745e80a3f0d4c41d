"""What a result was seen on: the versions and devices, in words; and whether it counts."""

from __future__ import annotations

import platform
import sys

import numpy as np
import pytest
import torch

from harness.run.devices import KNOWN


def pytest_configure(config: pytest.Config) -> None:
    if sys.flags.optimize:
        raise pytest.UsageError(
            "Python was told to leave out assertions (-O or PYTHONOPTIMIZE), "
            "so every spec would pass unseen; run without it"
        )
    if config.getoption("forked", False):
        raise pytest.UsageError(
            "--forked ends specs before they report; -n 1 of pytest-xdist outlives crashes as well"
        )


def versions() -> str:
    """PyTorch's, NumPy's and Python's versions, and the platform, in one line."""
    return (
        f"PyTorch {torch.__version__}, NumPy {np.__version__}, "
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    )


def devices() -> str:
    """Every known device, and why one cannot be used if it cannot, in one line."""
    return "; ".join(_in_words(name, why_not()) for name, why_not in KNOWN.items())


def _in_words(name: str, reason: str | None) -> str:
    if reason:
        return f"{name} not here ({reason})"
    if name == "cuda":
        return f"cuda {torch.version.cuda or torch.version.hip} on {torch.cuda.get_device_name()}"
    return name
