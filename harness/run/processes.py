"""``--processes=N``: the specs run in N forks of pytest, by default one a core, two to four.

A fork begins where imports and collection ended, which each worker of pytest-xdist does for itself,
in more time than most of the specs take. A spec that crashes PyTorch takes only its fork with it:
it fails, and a new fork runs what is left.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, groupby, pairwise
from mmap import mmap
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from types import CodeType
from typing import NoReturn

import pytest
import torch

from harness.run.claims import claim_of, function_of, is_observation, is_spec
from harness.run.devices import accelerators
from harness.run.failures import pytest_handlecrashitem
from harness.run.smoke import SLOW

#: With fewer tests, a run in one process is as fast.
_FEW = 100
#: How many seconds a fork keeps what it has to say; most tests take less, and each message wakes
#: the process that listens, which has no core of its own.
_PATIENCE = 0.03
#: Options that speak with the user while a test runs, or keep what they collect in the process.
_TOGETHER = {
    "usepdb": "--pdb",
    "trace": "--trace",
    "setupshow": "--setup-show",
    "hypothesis_show_statistics": "--hypothesis-show-statistics",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("specification").addoption(
        "--processes",
        type=int,
        metavar="N",
        help="run the specs in N processes (default: one a core, two to four)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if (number := config.getoption("processes")) is None:
        return
    if number < 1:
        raise pytest.UsageError(f"--processes {number}: give a number from 1 on")
    if number > 1 and (reason := _why_not(config)) is not None:
        raise pytest.UsageError(f"--processes {number}: {reason}")


def _why_not(config: pytest.Config) -> str | None:
    """Why the run cannot be forked, or None."""
    if sys.platform != "linux":
        return "PyTorch can be forked on Linux only"
    if devices := accelerators():
        return f"{devices[0]} cannot be used in a fork"
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        return "pytest-xdist starts processes of its own"
    together = [option for name, option in _TOGETHER.items() if config.getoption(name, None)]
    return f"{together[0]} needs one process" if together else None


def _number(session: pytest.Session) -> int:
    config, items = session.config, session.items
    if (asked := config.getoption("processes")) is not None:
        return asked
    if len(items) < _FEW or not all(is_spec(item) or is_observation(item) for item in items):
        return 1
    if config.getoption("capture") == "no" or _why_not(config) is not None:
        return 1
    if torch.get_num_threads() > 1:  # OMP_NUM_THREADS asks for them; they take the cores
        return 1
    return min(4, max(2, len(os.sched_getaffinity(0))))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    number = _number(session)
    if number == 1 or session.testsfailed or session.config.getoption("collectonly"):
        return None  # pytest's own loop follows
    waiting = {item.nodeid: item for item in session.items}
    while waiting:  # again after a crash
        items = list(waiting.values())
        forks = _forks(session, items, number)
        try:
            _listen(session, {there: at for there, (_, at) in forks.items()}, waiting)
        finally:
            for pid, _ in forks.values():
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        if len(waiting) == len(items):
            raise session.Interrupted("each process ended before it ran a test")
    return True


def _forks(
    session: pytest.Session, items: list[pytest.Item], number: int
) -> dict[Connection, tuple[int, mmap]]:
    """Processes that share the items, by the connection on which each reports.

    Beside its id stands the memory in which it keeps the node id of the test that it runs.

    The cases of one spec stay together, so that what it makes first is made once. What imports
    torch._dynamo, which takes half a second, or SymPy, which takes half of that, the first fork
    runs first and the others last.
    """

    def name(item: pytest.Item) -> str:
        return item.nodeid.partition("[")[0] if is_spec(item) else item.nodeid

    groups = [list(group) for _, group in groupby(items, name)]
    much = dict(enumerate(map(imports_much, groups)))
    slow = sorted(filter(much.get, much), key=much.get, reverse=True)
    others = [group for group in much if not much[group]]
    # Made here, pytest's temporary folder is of all forks, and this process removes its lock.
    session.config._tmp_path_factory.getbasetemp()
    queues = [_queue(slow), _queue(others)]  # whoever is free takes the next number
    forks = {}
    longest = max(len(item.nodeid.encode()) for item in items)
    for _ in range(number):
        here, there = Pipe(duplex=False)
        at = mmap(-1, longest)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # NumPy's threads survive a fork
            pid = os.fork()
        if pid == 0:
            reporter = _Reporter(there, at)
            _run(session, groups, queues if not forks else queues[::-1], reporter)
        there.close()  # so that its end is seen here
        forks[here] = pid, at
    for queue in queues:
        os.close(queue)
    return forks


def _queue(numbers: list[int]) -> int:
    """A pipe from which several processes take the numbers."""
    read, write = os.pipe()
    os.write(write, b"".join(number.to_bytes(2, "big") for number in numbers))
    os.close(write)
    return read


def imports_much(cases: list[pytest.Item]) -> int:
    """How much PyTorch imports for the cases of a test, as far as can be seen.

    Two for an optimizer, a checkpoint, the compiler or the device "meta" (a thousand modules), one
    for a gradient that is given to backward() (half as many), else zero.
    """
    if not is_spec(cases[0]):
        return 0
    function = function_of(cases[0])
    if hasattr(function, "hypothesis"):
        function = function.hypothesis.inner_test
    given = [
        it for case in cases if hasattr(case, "callspec") for it in case.callspec.params.values()
    ]
    names = {it for code in (function, *given) if hasattr(code, "__code__") for it in _names(code)}
    if claim_of(cases[0]).id.startswith(SLOW) or names & {"optim", "checkpoint", "meta"}:
        return 2
    return 1 if names & {"backward", "grad"} else 0


def _names(function: Callable | CodeType) -> Iterator[str]:
    """The names and texts that the function and those in it use."""
    code = getattr(function, "__code__", function)
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
        elif isinstance(constant, str):
            yield constant


def _run(
    session: pytest.Session, groups: list[list[pytest.Item]], queues: list[int], reporter: _Reporter
) -> NoReturn:
    """Run groups until none is left, and end the process."""
    try:
        plugins = session.config.pluginmanager
        capture = plugins.get_plugin("capturemanager")
        capture.stop_global_capturing()  # into a file that all processes would write
        capture.start_global_capturing()
        plugins.unregister(name="terminalreporter")
        plugins.register(reporter)
        reporter.heard.clear()  # pytest repeats the warnings of the collection
        # PyTorch makes a fork's pool of threads when it is first asked for; 2.15 aborts if several
        # threads ask at once, as those of backward() do.
        torch.set_num_threads(torch.get_num_threads())
        taken = chain.from_iterable(iter(partial(os.read, it, 2), b"") for it in queues)
        items = chain.from_iterable(groups[int.from_bytes(number, "big")] for number in taken)
        for item, following in pairwise(chain(items, [None])):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        reporter.send()
    except BaseException as error:  # pytest.exit(), Ctrl-C, or a plugin's own fault
        reporter.send()
        reporter.there.send(error)
    finally:
        os._exit(0)  # whoever listens knows what it has not heard of


class _Reporter:
    """The plugin of a fork that sends what pytest's hooks say, some at a time.

    If the fork crashes, what it has not sent is lost, and these tests run again in the next.
    """

    def __init__(self, there: Connection, at: mmap) -> None:
        self.there = there
        self._at = at
        self._sent = 0.0
        self.heard: list[tuple[str, dict[str, object]]] = []

    def send(self) -> None:
        self.there.send(self.heard)
        self.heard.clear()
        self._sent = time.monotonic()

    def pytest_runtest_logstart(self, nodeid: str, location: tuple) -> None:
        self._at[:] = nodeid.encode().ljust(len(self._at), b"\0")
        self.heard.append(("pytest_runtest_logstart", {"nodeid": nodeid, "location": location}))
        if time.monotonic() > self._sent + _PATIENCE:
            self.send()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.heard.append(("pytest_runtest_logreport", {"report": report}))

    def pytest_runtest_logfinish(self, nodeid: str, location: tuple) -> None:
        self._at[:1] = b"\0"
        self.heard.append(("pytest_runtest_logfinish", {"nodeid": nodeid, "location": location}))

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: tuple
    ) -> None:
        warning_message.source = None  # it may be anything
        said = {"warning_message": warning_message, "when": when}
        said |= {"nodeid": nodeid, "location": location}
        self.heard.append(("pytest_warning_recorded", said))


def _listen(
    session: pytest.Session, at: dict[Connection, mmap], waiting: dict[str, pytest.Item]
) -> None:
    """Hand on what the forks report until all have ended; take what they ran from `waiting`.

    ``at`` has, by the connection of each fork, the node id of the test that it runs.
    """
    running = {}
    connections = set(at)
    while connections:
        for connection in wait(connections):
            try:
                if isinstance(reports := connection.recv(), BaseException):
                    raise reports
            except EOFError:
                connections.remove(connection)
                if not (nodeid := at[connection][:].partition(b"\0")[0].decode()):
                    continue
                item = waiting[nodeid]
                end = {"nodeid": nodeid, "location": item.location}
                reports = [
                    ("pytest_runtest_logstart", end),
                    ("pytest_runtest_logreport", {"report": _crash(item)}),
                    ("pytest_runtest_logfinish", end),
                ]
                if running.get(connection) == nodeid:  # it has been said that it starts
                    del reports[0]
            for name, arguments in reports:
                if name == "pytest_runtest_logstart":
                    running[connection] = arguments["nodeid"]
                elif name == "pytest_runtest_logfinish":
                    waiting.pop(running.pop(connection))
                hook = getattr(session.config.hook, name)
                if hook.is_historic():  # as warnings are
                    hook.call_historic(kwargs=arguments)
                else:
                    hook(**arguments)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)


def _crash(item: pytest.Item) -> pytest.TestReport:
    """A failure in no phase of the test, as pytest-xdist reports it."""
    report = pytest.TestReport(
        item.nodeid, item.location, {}, "failed", "It ended its process", "???"
    )
    pytest_handlecrashitem(item.nodeid, report)
    return report
