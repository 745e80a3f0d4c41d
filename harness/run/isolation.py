"""Every test begins with the same state of PyTorch, and fails if it changes that state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from functools import cache

import numpy as np
import pytest
import torch

_SEED = 20221103


def seed_torch(seed: int) -> None:
    """Seed the generators in use, as torch.manual_seed does.

    torch.manual_seed also queues the call for when CUDA is initialized, with a stack trace, which
    takes a third of the specification's time.
    """
    torch.default_generator.manual_seed(seed)
    if _has_cuda():
        torch.cuda.manual_seed_all(seed)


@cache  # called for every example
def _has_cuda() -> bool:
    return torch.cuda.is_available()


def _state() -> dict[str, object]:
    return {
        "grad mode": torch.is_grad_enabled(),
        "default dtype": torch.get_default_dtype(),
        "number of threads": torch.get_num_threads(),
        "inference mode": torch.is_inference_mode_enabled(),
        "deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
        "anomaly detection": torch.is_anomaly_enabled(),
        "warn_always": torch.is_warn_always_enabled(),
        # A default device is one; since 2.0.
        "number of function modes": getattr(torch._C, "_len_torch_function_stack", int)(),
    }


def pytest_collection_finish() -> None:
    """Reset PyTorch to its defaults, which a plugin may have changed."""
    torch.set_printoptions(profile="default")
    torch.set_warn_always(False)
    torch.autograd.set_detect_anomaly(False)
    if hasattr(torch, "set_default_device"):  # since 2.0
        torch.set_default_device(None)


@pytest.fixture(autouse=True)
def unchanged_torch_state() -> Iterator[None]:
    """Give each test the same seed and PyTorch's defaults, and fail it if it changes these.

    NumPy computes with NaN and overflows without warnings, since oracles do so on purpose.
    """
    dtype = torch.get_default_dtype()
    in_inference_mode = torch.is_inference_mode_enabled()
    with (
        torch.random.fork_rng(),
        torch.inference_mode(False) if in_inference_mode else nullcontext(),
        torch.enable_grad(),
        np.errstate(all="ignore"),
    ):
        seed_torch(_SEED)
        torch.set_default_dtype(torch.float32)
        before = _state()
        yield
        after = _state()
        torch.set_default_dtype(dtype)
        torch.set_num_threads(before["number of threads"])
    changed = [f"{it} from {before[it]} to {after[it]}" for it in before if before[it] != after[it]]
    assert not changed, "the test changed " + ", ".join(changed)
