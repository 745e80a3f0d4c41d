"""A user's surroundings, as a plugin: ``-p meta_tests.tools.surroundings`` with

--shuffle SEED       tests in random order
--torch-threads N    torch.set_num_threads
--default-dtype NAME torch.set_default_dtype
--examples N         how many examples a property is tried on
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
    """Choose a profile before the specs are imported."""
    from hypothesis import settings

    count = config.getoption("examples")
    if count:
        settings.register_profile("examples", settings(), max_examples=count)
        settings.load_profile("examples")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("shuffle") is not None:
        random.Random(config.getoption("shuffle")).shuffle(items)


@pytest.hookimpl(trylast=True)  # after the harness has chosen its own number
def pytest_collection_finish(session: pytest.Session) -> None:
    import torch

    if session.config.getoption("torch_threads"):
        torch.set_num_threads(session.config.getoption("torch_threads"))
    if session.config.getoption("default_dtype"):
        torch.set_default_dtype(getattr(torch, session.config.getoption("default_dtype")))
