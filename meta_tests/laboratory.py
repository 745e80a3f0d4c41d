"""Runs experiments: the specs on a changed PyTorch, each in a process of its own.

One process, the laboratory, imports PyTorch and collects the specs. For each experiment it forks a
child, which puts the mutant into force, runs specs, saves its findings and exits. So an experiment
takes a fraction of a second and cannot affect another. A name that a spec's module imported from
PyTorch keeps its meaning; all else the specs look up when they run.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import multiprocessing
import os
import pickle
import signal
import time
import traceback
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from harness.run.smoke import is_skipped
from meta_tests import simulated_accelerator
from meta_tests.copies import PROJECT
from meta_tests.experiment import Experiment, Findings, Spec, Specs

TIME_LIMIT = 120  # seconds an experiment

#: Chooses the experiments, given the specs by name.
Plan = Callable[[dict[str, Spec]], list[Experiment]]


class Laboratory:
    """The laboratory as seen by the process that waits for findings, which are files in a folder.

    It runs as many experiments at a time as there are ``jobs``.
    """

    def __init__(self, folder: Path, plan: Plan, jobs: int) -> None:
        self._folder = folder
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=_work, args=(folder, plan, jobs))
        self._process.start()

    @cached_property
    def specs(self) -> dict[str, Spec]:
        """The specs by name."""
        return self._wait("specs")

    @cached_property
    def skipped(self) -> set[str]:
        """The names of the specs that this PyTorch skips."""
        return self._wait("skipped")

    def findings(self, name: str) -> Findings:
        """What the experiment of this name saw; waits for it."""
        return self._wait(f"experiment {name}")

    def _wait(self, name: str) -> object:
        file = self._folder / name
        while not file.exists():
            if not self._process.is_alive() and not file.exists():
                log = (self._folder / "log").read_text(errors="replace")
                raise RuntimeError(f"the laboratory ended without {name}:\n{log[-4000:]}")
            time.sleep(0.02)
        return pickle.loads(file.read_bytes())

    def close(self) -> None:
        self._process.terminate()
        self._process.join()


# --- in the laboratory ------------------------------------------------------------------------


def _work(folder: Path, plan: Plan, jobs: int) -> None:
    """Collect the specs, and run the experiments."""
    with (folder / "log").open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.chdir(PROJECT)
    options = "--capture=no -p no:cacheprovider -p no:randomly -p no:xdist --device cpu".split()
    options += ["-o", "faulthandler_timeout=0"]  # each experiment has its own limit
    if simulated_accelerator.why_not() is None:
        options += ["--device", simulated_accelerator.NAME]
    plugins = [simulated_accelerator, _Worker(folder, plan, jobs)]
    pytest.main(["specs", "--ignore=specs/observed", *options], plugins=plugins)


class _Worker:
    """The pytest plugin that collects once, and then runs experiments in forks."""

    def __init__(self, folder: Path, plan: Plan, jobs: int) -> None:
        self.folder, self.plan, self.jobs = folder, plan, jobs
        self.skipped: set[str] = set()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Remove what would be skipped, and what runs on the CPU as well."""
        everything = Specs(items).items.keys()
        items[:] = [item for item in items if _is_wanted(item)]
        self.skipped = everything - Specs(items).items.keys()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            return True
        _warm_up()
        specs = Specs(session.items)
        described = specs.describe()
        _write(self.folder / "specs", described)
        _write(self.folder / "skipped", self.skipped)
        experiments = self.plan(described)
        gc.freeze()  # forks share memory as long as they do not write to it
        gc.disable()
        running: dict[int, Experiment] = {}
        for experiment in experiments:
            if len(running) == self.jobs:
                _wait_for_one(running, self.folder)
            running[_fork(specs, experiment, self.folder)] = experiment
        while running:
            _wait_for_one(running, self.folder)
        return True


def _is_wanted(item: pytest.Function) -> bool:
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return not is_skipped(item) and parameters.get("device") != simulated_accelerator.NAME


def _warm_up() -> None:
    """Do what PyTorch and Hypothesis do on first use, once and not in every fork."""
    torch.set_num_threads(1)  # experiments share the cores, and a fork must not inherit threads
    parameter = torch.nn.Parameter(torch.ones(1))
    parameter.grad = torch.ones(1)  # without backward(), which may start threads
    torch.optim.SGD([parameter], lr=1).step()
    with contextlib.suppress(Exception):  # before 2.0, and on a Python that is too new for it
        importlib.import_module("torch._inductor.lowering")  # as the first torch.compile does
    gc.freeze()  # Hypothesis collects garbage when it first runs a property
    given(st.binary())(lambda drawn: None)()


def _fork(specs: Specs, experiment: Experiment, folder: Path) -> int:
    child = os.fork()
    if child:
        return child
    try:
        signal.alarm(TIME_LIMIT)
        try:
            findings = specs.run(experiment)
        except BaseException:
            findings = Findings(trouble=traceback.format_exc())
        _write(folder / f"experiment {experiment.name}", findings)
    finally:
        os._exit(0)


def _wait_for_one(running: dict[int, Experiment], folder: Path) -> None:
    child, status = _ended(running)
    file = folder / f"experiment {running.pop(child).name}"
    if not file.exists():
        code = os.waitstatus_to_exitcode(status)
        reason = f"ran longer than {TIME_LIMIT} s" if code == -signal.SIGALRM else f"died ({code})"
        _write(file, Findings(trouble=f"its process {reason}"))


def _ended(children: Iterable[int]) -> tuple[int, int]:
    """The process id and status of one of these children, which may not be the only ones."""
    while True:
        for child in children:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return ended, status
        time.sleep(0.01)


def _write(file: Path, value: object) -> None:
    scratch = file.with_name(f"{file.name} scratch")  # so that a file that exists is complete
    scratch.write_bytes(pickle.dumps(value))
    scratch.replace(file)
