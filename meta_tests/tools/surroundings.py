"""What a user may have set, as options of a plugin: ``-p meta_tests.tools.surroundings`` with

--shuffle SEED       tests in random order
--torch-threads N    torch.set_num_threads
--default-dtype NAME torch.set_default_dtype
--examples N         how many examples of each property Hypothesis tries
"""

from __future__ import annotations

import random

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("surroundings")
    group.addoption("--shuffle", type=int, metavar="SEED")
    group.addoption("--torch-threads", type=int, metavar="N")
    group.addoption("--default-dtype", metavar="NAME")
    group.addoption("--examples", type=int, metavar="N")


def pytest_configure(config: pytest.Config) -> None:
    """Load a profile before the specs are imported."""
    from hypothesis import settings

    if (count := config.getoption("examples")) is not None:
        settings.register_profile("examples", settings(), max_examples=count)
        settings.load_profile("examples")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if (seed := config.getoption("shuffle")) is not None:
        random.Random(seed).shuffle(items)


@pytest.hookimpl(trylast=True)  # after harness/run/speed.py has set the number of threads
def pytest_collection_finish(session: pytest.Session) -> None:
    import torch

    if (threads := session.config.getoption("torch_threads")) is not None:
        torch.set_num_threads(threads)
    if (name := session.config.getoption("default_dtype")) is not None:
        torch.set_default_dtype(getattr(torch, name))
