"""Runs experiments: the specification on changed PyTorchs, each in a process of its own.

One process, the laboratory, imports PyTorch and collects the specs once. For each experiment it
forks: the child puts the mutant into force, runs specs, tells what it saw and ends. So a mutant
costs about a second, and cannot reach another. What a spec's module took from PyTorch while it was
imported stays as it was; all else the specs look up when they run.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import sys
import tempfile
import threading
import traceback
from collections import deque
from collections.abc import Iterable
from multiprocessing.connection import Connection, wait
from pathlib import Path

import pytest

from meta_tests import stand_in
from meta_tests.copies import PROJECT
from meta_tests.experiment import Experiment, Findings, Spec, Specs

TIME_LIMIT = 120  # seconds an experiment


class Laboratory:
    """The laboratory, seen from the process that asks; runs ``jobs`` experiments at a time."""

    def __init__(self, jobs: int) -> None:
        self._log = Path(tempfile.mkdtemp(), "log")
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, jobs, self._log), daemon=True)
        self._process.start()
        theirs.close()
        self._asked: set[Experiment] = set()
        self._found: dict[Experiment, Findings] = {}
        # Read at once by a thread, so that neither side waits for the other to listen.
        self._arrived: queue.SimpleQueue = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        #: The specs by name, and the names of those that this PyTorch skips.
        self.specs: dict[str, Spec]
        self.not_here: set[str]
        self.specs, self.not_here = self._next()

    def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._arrived.put(self._connection.recv())
        self._arrived.put(None)

    def _next(self) -> object:
        arrived = self._arrived.get()
        if arrived is None:
            said = self._log.read_text(errors="replace")[-4000:]
            raise RuntimeError(f"the specs could not be collected:\n{said}")
        return arrived

    def ask(self, experiments: Iterable[Experiment]) -> None:
        """Have these run, in this order, while the caller goes on."""
        for experiment in experiments:
            if experiment not in self._asked:
                self._asked.add(experiment)
                self._connection.send(experiment)

    def findings(self, experiment: Experiment) -> Findings:
        """What the experiment saw; waits for it."""
        self.ask([experiment])
        while experiment not in self._found:
            findings = self._next()
            self._found[findings.experiment] = findings
        return self._found[experiment]

    def close(self) -> None:
        self._process.terminate()
        self._process.join()
        self._connection.close()
        self._log.unlink()
        self._log.parent.rmdir()


# --- in the laboratory ------------------------------------------------------------------------


def _work(connection: Connection, jobs: int, log: Path) -> None:
    """Collect the specs, and serve experiments until the other side closes the connection."""
    with log.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.chdir(PROJECT)
    options = "--capture=no -p no:cacheprovider -p no:randomly -p no:xdist --device cpu".split()
    options += ["--ignore=specs/observed", "-o", "faulthandler_timeout=0"]  # each has a limit
    if stand_in.why_not() is None:
        options += ["--device", stand_in.NAME]
    sys.exit(pytest.main(["specs", *options], plugins=[stand_in, _Worker(connection, jobs)]))


class _Worker:
    """The pytest plugin that collects once, and then runs experiments in forks."""

    def __init__(self, connection: Connection, jobs: int) -> None:
        self.connection, self.jobs = connection, jobs
        self.not_here: set[str] = set()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what would be skipped, and what runs on the CPU as well."""
        everything = Specs(items).items.keys()
        items[:] = [item for item in items if _is_wanted(item)]
        self.not_here = everything - Specs(items).items.keys()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            return True
        _warm_up()
        specs = Specs(session.items)
        self.connection.send((specs.describe(), self.not_here))
        waiting: deque[Experiment] = deque()
        running: dict[Connection, tuple[Experiment, int]] = {}
        is_open = True
        while is_open or running:
            while waiting and len(running) < self.jobs:
                experiment = waiting.popleft()
                ours, child = _fork(specs, experiment)
                running[ours] = (experiment, child)
            for ready in wait([*running, *([self.connection] if is_open else [])]):
                try:
                    if ready is self.connection:
                        waiting.append(self.connection.recv())
                    else:
                        self.connection.send(_findings(ready, *running.pop(ready)))
                except (EOFError, BrokenPipeError):  # nobody wants to know any more
                    is_open = False
                    waiting.clear()
        return True


def _is_wanted(item: pytest.Function) -> bool:
    skipped = any(all(marker.args) for marker in item.iter_markers("skipif"))
    elsewhere = any(item.iter_markers("skip"))
    twice = getattr(item, "callspec", None) and item.callspec.params.get("device") == stand_in.NAME
    return not (skipped or elsewhere or twice)


def _fork(specs: Specs, experiment: Experiment) -> tuple[Connection, int]:
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = os.fork()
    if child:
        theirs.close()
        return ours, child
    try:
        signal.alarm(TIME_LIMIT)
        theirs.send(specs.run(experiment))
    except BaseException:
        theirs.send(Findings(experiment, trouble=traceback.format_exc()))
    finally:
        os._exit(0)


def _findings(connection: Connection, experiment: Experiment, child: int) -> Findings:
    try:
        findings = connection.recv()
    except EOFError:
        findings = None
    connection.close()
    _, status = os.waitpid(child, 0)
    if findings is None:
        code = os.waitstatus_to_exitcode(status)
        reason = f"ran longer than {TIME_LIMIT} s" if code == -signal.SIGALRM else f"died ({code})"
        findings = Findings(experiment, trouble=f"its process {reason}")
    return findings


def _warm_up() -> None:
    """Let PyTorch import before the first fork what it imports on first use."""
    import torch

    torch.set_num_threads(1)  # experiments share the cores, and a fork must not inherit threads
    parameter = torch.nn.Parameter(torch.ones(1))
    parameter.grad = torch.ones(1)  # without backward(), which may start threads
    torch.optim.SGD([parameter], lr=1).step()
