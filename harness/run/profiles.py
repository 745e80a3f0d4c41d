"""Hypothesis profiles, chosen with ``--hypothesis-profile``.

specification  the default: the same six examples of each property in every run, so that a result
               that changes after an upgrade changed because of PyTorch
smoke          the first example of each property alone; -m smoke chooses it
explore        1,000 new examples of each property in every run; failures are kept in .hypothesis

``--hypothesis-seed=N`` chooses other examples, the same for the same N, in each of them.
"""

from __future__ import annotations

import sys

import pytest
from hypothesis import HealthCheck, Phase, register_random, seed, settings
from hypothesis.internal import entropy

from harness.run.claims import function_of
from harness.run.isolation import random_state, seed_torch, set_random_state

_ALL = settings(
    deadline=None,
    report_multiple_bugs=False,
    # Phase.explain names the lines of PyTorch that ran only in failures, which tells little.
    phases=[phase for phase in Phase if phase is not Phase.explain],
    # A spec that runs on two devices is one method of two instances, which does no harm.
    suppress_health_check=[HealthCheck.differing_executors],
)
settings.register_profile(
    "specification", _ALL, max_examples=6, derandomize=True, database=None, print_blob=False
)
settings.register_profile("smoke", settings.get_profile("specification"), max_examples=1)
settings.register_profile("explore", _ALL, max_examples=1000, derandomize=False, print_blob=True)
settings.load_profile("specification")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Seed each property by its name, and by --hypothesis-seed if given.

    Hypothesis would compute a seed from its source, which takes as long as ten examples, and ignore
    --hypothesis-seed in profiles that are derandomized.
    """
    number = session.config.getoption("hypothesis_seed", None)
    if number is None and not settings.default.derandomize:
        return
    for item in session.items:
        function = function_of(item)
        if hasattr(function, "hypothesis"):
            name = f"{function.__module__}.{function.__qualname__}"
            seed(name if number is None else f"{name} {number}")(function)
            # Likewise the key of its database, which no profile with a seed uses; not public.
            function._hypothesis_internal_database_key = name.encode()


class _TorchGenerators:
    """Hypothesis seeds them before every example, so that it always draws the same numbers."""

    seed = staticmethod(seed_torch)
    getstate = staticmethod(random_state)
    setstate = staticmethod(set_random_state)


register_random(_TorchGenerators)

# Hypothesis also saves and restores NumPy's generator around every example, which takes longer than
# the example. No spec draws from it, and there is no public way to leave it out.
if getattr(entropy, "NP_RANDOM", ...) is None:
    entropy.NP_RANDOM = object()

# And it tries the numbers that it finds in a project's source, so that an edit of one spec changes
# the examples of others. There is no public way to leave them out either.
_providers = sys.modules.get("hypothesis.internal.conjecture.providers")
if hasattr(_providers, "_get_local_constants"):
    _providers._get_local_constants = lambda: _providers._local_constants  # which stay empty
