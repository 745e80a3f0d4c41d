"""The options of the meta-tests, and the laboratory that they share.

--exhaustive  run what is marked exhaustive as well, as .ci/run does: what takes long
--matrix      print which claim notices which mutant
--prove       search for the proofs anew, write them to proofs.json, and run nothing else
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from meta_tests import matrix, proofs
from meta_tests.copies import run
from meta_tests.experiment import Experiment
from meta_tests.laboratory import Laboratory
from meta_tests.mutants import CATALOGUE


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("meta-tests")
    group.addoption(
        "--exhaustive", action="store_true", help="run what is marked exhaustive as well"
    )
    group.addoption("--matrix", action="store_true", help="print which claim notices which mutant")
    group.addoption(
        "--prove", action="store_true", help="search for the proofs of every check, and write them"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "exhaustive: takes long; run with --exhaustive alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long, unless it is asked for.

    Put what waits for the laboratory last, as it works while the other meta-tests run.
    """
    if not config.getoption("exhaustive"):
        long = [item for item in items if item.get_closest_marker("exhaustive")]
        if long:
            config.hook.pytest_deselected(items=long)
            items[:] = [item for item in items if item not in long]
    items.sort(key=lambda item: "laboratory" in getattr(item, "fixturenames", ()))


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if not config.getoption("prove"):
        return None
    laboratory = Laboratory(os.cpu_count() or 1)
    try:
        proofs.write(proofs.search(laboratory))
    finally:
        laboratory.close()
    return 0


@pytest.fixture(scope="session")
def laboratory(request: pytest.FixtureRequest) -> Iterator[Laboratory]:
    """The process that runs experiments, as many at a time as there are cores."""
    if not hasattr(os, "fork"):
        pytest.skip("it needs os.fork, which this system lacks")
    worker = hasattr(request.config, "workerinput")  # of pytest-xdist, which has others beside it
    laboratory = Laboratory(jobs=1 if worker else os.cpu_count() or 1)
    yield laboratory
    laboratory.close()


@pytest.fixture(scope="session")
def experiments(laboratory: Laboratory, request: pytest.FixtureRequest) -> dict[str, Experiment]:
    """The experiment for each mutant; those of this run are already asked for."""
    known = proofs.read()
    made = {
        name: proofs.checking(mutant, known, laboratory.specs) for name, mutant in CATALOGUE.items()
    }
    if not hasattr(request.config, "workerinput"):  # a worker learns its tests one by one
        selected = {
            item.callspec.params["name"]
            for item in request.session.items
            if "experiments" in item.fixturenames and hasattr(item, "callspec")
        }
        laboratory.ask(made[name] for name in CATALOGUE if name in selected)
    return made


@pytest.fixture(scope="session", autouse=True)
def at_work(request: pytest.FixtureRequest) -> None:
    """Let the laboratory begin with the session, if anything will wait for it."""
    if any("experiments" in item.fixturenames for item in request.session.items):
        request.getfixturevalue("experiments")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if terminalreporter.config.getoption("matrix"):
        for line in matrix.lines(terminalreporter.stats, CATALOGUE.values()):
            terminalreporter.line(line)


class Written(NamedTuple):
    """A page, and what pytest said when it wrote it."""

    path: Path
    said: str


@pytest.fixture(scope="session")
def whole_page(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The page of a run of the whole specification."""
    pytest.importorskip("jinja2", reason="PyTorch brings Jinja2 since its version 2.0 only")
    path = tmp_path_factory.mktemp("page") / "page.html"
    return Written(path, run("specs", f"--page={path}").stdout)
