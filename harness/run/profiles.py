"""Hypothesis profiles, chosen by its own option ``--hypothesis-profile``.

specification  the default: the same examples in every run, so that a result that changes after an
               upgrade changed because of PyTorch
smoke          the first example of each property alone; -m smoke chooses it
explore        1,000 new examples a property in every run; failures are kept in ``.hypothesis``

``--hypothesis-seed=N`` asks each of them for other examples, which N brings again.
"""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, Phase, register_random, seed, settings
from hypothesis.internal import entropy

from harness.run.isolation import seed_torch

_BOTH = settings(
    deadline=None,
    report_multiple_bugs=False,
    # What Hypothesis explains is which lines of PyTorch ran, which tells a reader nothing.
    phases=[phase for phase in Phase if phase is not Phase.explain],
    # A spec that runs on two devices is one method of two instances, which does no harm.
    suppress_health_check=[HealthCheck.differing_executors],
)
settings.register_profile(
    "specification", _BOTH, max_examples=20, derandomize=True, database=None, print_blob=False
)
settings.register_profile("smoke", settings.get_profile("specification"), max_examples=1)
settings.register_profile("explore", _BOTH, max_examples=1000, derandomize=False, print_blob=True)
settings.load_profile("specification")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Give each property a seed of its own, by its name.

    Hypothesis would derive one from its source, which takes as long as ten examples, and heed
    --hypothesis-seed only in profiles that are not derandomized.
    """
    number = session.config.getoption("hypothesis_seed", None)
    if number is None and not settings.default.derandomize:
        return
    for item in session.items:
        function = getattr(item.obj, "__func__", item.obj)
        if hasattr(function, "hypothesis"):
            name = f"{function.__module__}.{function.__qualname__}"
            seed(name if number is None else f"{name} {number}")(function)
            # Likewise what it would keep failures under, if it kept any where there is a seed.
            function._hypothesis_internal_database_key = name.encode()


class _TorchGenerator:
    """PyTorch's global generators, as Hypothesis manages those of Python and NumPy.

    Hypothesis seeds it before every example, so that an example means the same draws wherever it
    is tried, and puts the former state back.
    """

    def seed(self, seed: int) -> None:
        seed_torch(seed)

    def getstate(self) -> torch.Tensor:
        return torch.get_rng_state()

    def setstate(self, state: torch.Tensor) -> None:
        torch.set_rng_state(state)


_GENERATOR = _TorchGenerator()  # Hypothesis itself holds it only weakly
register_random(_GENERATOR)

# Hypothesis saves and restores NumPy's generator around every example, which takes longer than the
# example. No spec draws from it, so say that it is seen to; a Hypothesis that asks otherwise does.
if getattr(entropy, "NP_RANDOM", ...) is None:
    entropy.NP_RANDOM = object()
