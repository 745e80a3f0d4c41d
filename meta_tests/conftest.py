"""The options of the project's own tests, and the laboratory that they share.

--exhaustive  run what is marked exhaustive as well: what takes long
--prove       search for the missing proofs and write them to proofs.json; run no test.
              With -k 1.2.6, 1.2 or a spec's name: search for the proofs of these specs
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

from meta_tests import proofs
from meta_tests.copies import ITEM, SMALL, copy_project, edit, run
from meta_tests.laboratory import Laboratory


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("meta-tests")
    group.addoption("--exhaustive", action="store_true", help="also run what is marked exhaustive")
    text = "search for the missing proofs, or with -k for those of a claim such as 1.2.6"
    group.addoption("--prove", action="store_true", help=text)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "exhaustive: takes long; runs only with --exhaustive")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what takes long, and put last what waits for the laboratory."""
    if not config.getoption("exhaustive"):
        long = [item for item in items if item.get_closest_marker("exhaustive")]
        if long:
            config.hook.pytest_deselected(items=long)
            items[:] = [item for item in items if item not in long]
    items.sort(key=lambda item: "laboratory" in getattr(item, "fixturenames", ()))


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if config.getoption("prove"):
        return proofs.prove(config.getoption("keyword"))
    return None


@pytest.fixture(scope="session")
def laboratory(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Laboratory]:
    """The process that runs the experiments of this session's tests, in their order."""
    if not hasattr(os, "fork"):
        pytest.skip("needs os.fork, which this system lacks")
    names = {
        item.callspec.params["name"]: None  # a dict keeps the order
        for item in request.session.items
        if "laboratory" in item.fixturenames and hasattr(item, "callspec")
    }
    plan = partial(proofs.trials, list(names), request.config.getoption("exhaustive"))
    worker = hasattr(request.config, "workerinput")  # of pytest-xdist, which runs others beside it
    folder = tmp_path_factory.mktemp("laboratory")
    laboratory = Laboratory(folder, plan, jobs=1 if worker else os.cpu_count() or 1)
    yield laboratory
    laboratory.close()


@pytest.fixture(scope="session", autouse=True)
def at_work(request: pytest.FixtureRequest) -> None:
    """Start the laboratory with the session, so that it works while other tests run."""
    if any("laboratory" in item.fixturenames for item in request.session.items):
        request.getfixturevalue("laboratory")


class Run(NamedTuple):
    """What pytest said, and the files that it wrote: page.html, record.json, report.xml."""

    said: str
    folder: Path


def _run(folder: Path, *options: str, **more: object) -> Run:
    options += (f"--record={folder}/record.json", f"--junitxml={folder}/report.xml")
    if find_spec("jinja2") is not None:  # PyTorch requires it from 2.0 on
        options += (f"--page={folder}/page.html",)
    return Run(run(*options, **more).stdout, folder)


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of one file of specs and the snippets of its claims."""
    return _run(tmp_path_factory.mktemp("small"), *SMALL, "-W", "error")


@pytest.fixture(scope="session")
def parallel_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same in two workers of pytest-xdist, in another order and with another hash seed."""
    pytest.importorskip("xdist")
    options = (*reversed(SMALL), "-n2")
    return _run(tmp_path_factory.mktemp("parallel"), *options, PYTHONHASHSEED="7")


@pytest.fixture(scope="session")
def crashing_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same in two processes; claim 1.1.1 fails, and the spec of 1.1.2 crashes."""
    folder = tmp_path_factory.mktemp("crashing")
    copy = copy_project(folder)
    edit(copy / ITEM, "assert tensor.item() == 1", "assert '<img src=x>' == 1")
    edit(copy / ITEM, "assert type(number) is float", "assert False")
    edit(copy / ITEM, "method = tensor.item\n", "__import__('os').abort()\n")
    edit(copy / ITEM, "assert type(number) is int", "__import__('warnings').warn('one')")
    return _run(folder, *SMALL, "--processes=2", cwd=copy)


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of the whole specification."""
    return _run(tmp_path_factory.mktemp("whole"), "specs")
