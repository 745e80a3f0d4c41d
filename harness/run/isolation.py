"""Every test begins from the same state of PyTorch, and leaves it as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import cache

import numpy as np
import pytest
import torch

_SEED = 20221103


def seed_torch(seed: int) -> None:
    """Seed the generators that are in use.

    torch.manual_seed would do, but where CUDA is not initialised it notes each call, with a whole
    stack trace, for when it is: a third of the specification's time.
    """
    torch.default_generator.manual_seed(seed)
    if _has_cuda():
        torch.cuda.manual_seed_all(seed)


@cache  # asked for every example
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
        # Which see every call of PyTorch's, as a default device does; since 2.0.
        "number of function modes": getattr(torch._C, "_len_torch_function_stack", int)(),
    }


def pytest_collection_finish() -> None:
    """Let PyTorch be as for a person who has set nothing, whatever a plugin of theirs set."""
    torch.set_printoptions(profile="default")
    torch.set_warn_always(False)
    torch.autograd.set_detect_anomaly(False)
    if hasattr(torch, "set_default_device"):  # since 2.0
        torch.set_default_device(None)


def _no_inference_mode() -> AbstractContextManager:
    return torch.inference_mode(False) if torch.is_inference_mode_enabled() else nullcontext()


@pytest.fixture(autouse=True)
def unchanged_torch_state() -> Iterator[None]:
    """Give each test the same seed and PyTorch's defaults; fail it if it changed the latter.

    The user's seed and default dtype are put back, so that no order of tests changes a result.
    NumPy computes with NaN and beyond the largest number in silence: oracles do so on purpose.
    """
    dtype = torch.get_default_dtype()
    with (
        torch.random.fork_rng(),
        _no_inference_mode(),
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
    changed = [
        f"{name} from {before[name]} to {after[name]}"
        for name in before
        if before[name] != after[name]
    ]
    assert not changed, "the test changed " + ", ".join(changed)
