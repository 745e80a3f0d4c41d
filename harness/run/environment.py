"""What a run ran on, in words: the versions and the devices."""

from __future__ import annotations

import platform

import numpy as np
import torch

from harness.run.devices import named, why_not


def environment() -> dict[str, str]:
    """The versions and the platform, as in records."""
    return {
        "numpy": np.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "torch": torch.__version__,
    }


def versions() -> str:
    """The versions of PyTorch, NumPy and Python, and the platform, in one line."""
    return "PyTorch {torch}, NumPy {numpy}, Python {python}, {system}".format(**environment())


def devices() -> str:
    """Every device that specs name, and why it is not available if it is not, in one line."""
    return "; ".join(_in_words(name, why_not(name)) for name in named())


def _in_words(name: str, reason: str | None) -> str:
    if reason:
        return f"{name} not available ({reason})"
    if name == "cuda":
        return f"cuda {torch.version.cuda or torch.version.hip} on {torch.cuda.get_device_name()}"
    return name
