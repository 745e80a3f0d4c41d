"""Every test begins with the same state of PyTorch, and fails if it changes that state."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import cache
from types import ModuleType

import numpy as np
import pytest
import torch

from harness.run.devices import accelerators

_SEED = 20221103


def seed_torch(seed: int) -> None:
    """Seed the generators of all devices, as torch.manual_seed does.

    torch.manual_seed also queues the call for when CUDA is initialized, with a stack trace, which
    takes a third of the specification's time.
    """
    torch.default_generator.manual_seed(seed)
    for module in _modules():
        one = getattr(module, "manual_seed", module.set_rng_state)
        getattr(module, "manual_seed_all", one)(seed)


def random_state() -> list[torch.Tensor | int]:
    """The state of the generators of all devices."""
    return [module.get_rng_state() for module in (torch, *_modules())]


def set_random_state(states: list[torch.Tensor | int]) -> None:
    for module, state in zip((torch, *_modules()), states, strict=True):
        module.set_rng_state(state)


@pytest.fixture(scope="session")
def settle_generators() -> Callable[[], None]:
    """Set the generator of each accelerator to the state that it has, which changes no draw.

    On a device that computes later, the state follows from every draw before, all of which would be
    compiled anew with each new one. Specs that draw and read many times in a row do this between.
    """

    def settle() -> None:
        for module in _modules():
            module.set_rng_state(module.get_rng_state())

    return settle


@pytest.fixture
def warn_always() -> Iterator[None]:
    """Let PyTorch say each time what it says once a process."""
    torch.set_warn_always(True)
    yield
    torch.set_warn_always(False)


@cache  # called for every example
def _modules() -> tuple[ModuleType, ...]:
    """The modules of the accelerators that have generators, such as torch.cuda.

    torch_xla keeps its own in torch_xla.core.xla_model, where the state is the seed.
    """
    beside = "torch_{0}.core.{0}_model".format
    found = [getattr(torch, it, sys.modules.get(beside(it))) for it in accelerators()]
    return tuple(module for module in found if _has_generator(module))


def _has_generator(module: ModuleType | None) -> bool:
    try:
        state = module.get_rng_state()
        module.set_rng_state(state)
        return isinstance(state, int) or callable(module.manual_seed)
    except Exception:
        return False


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
    random = random_state()
    with (
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
    set_random_state(random)
    changed = [f"{it} from {before[it]} to {after[it]}" for it in before if before[it] != after[it]]
    assert not changed, "the test changed " + ", ".join(changed)
