"""``--time-limit SECONDS``: a spec that takes longer fails, and the rest goes on.

Three ways to end a spec, each for where the one before does not reach:

1. a signal raises an exception in the spec, once PyTorch is back in Python;
2. a thread names the spec and its claim and ends the process, while PyTorch is in C++;
3. a thread of C's, which needs no lock of Python's, prints the stack and ends the process.

Where the process ends, pytest-xdist reports the crash and goes on with a new one.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import pytest

from harness.run.claims import claim_of, is_spec


class TimeLimitPassed(BaseException):
    """Raised in a spec. Not an Exception, which Hypothesis would provoke again to shrink it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("specification").addoption(
        "--time-limit",
        type=float,
        # The slowest takes half a second, or ten in the profile explore.
        default=300.0,
        metavar="SECONDS",
        help="how long a spec may take; 0 for as long as it likes (default: %(default)s)",
    )


def pytest_configure(config: pytest.Config) -> None:
    limit = config.getoption("time_limit")
    if not 0 <= limit < threading.TIMEOUT_MAX:
        raise pytest.UsageError(f"--time-limit {limit}: it takes a number of seconds, or 0")
    if limit:
        config.pluginmanager.register(_TimeLimit(limit), "time limit")


class _TimeLimit:
    """The plugin that ends specs."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.grace = max(2.0, limit / 10)  # from each way to the next
        self._stderr = _stderr()
        self._running: tuple[pytest.Item, float] | None = None  # and when to end it
        self._watches = False

    def pytest_unconfigure(self) -> None:
        if self._stderr is not None:
            self._watches = False
            faulthandler.cancel_dump_traceback_later()
            self._stderr.close()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        if not is_spec(item):
            yield
            return
        if not self._watches:  # only now, so that a run that tests nothing has no thread
            self._watches = True
            threading.Thread(target=self._watch, daemon=True).start()
        self._running = (item, time.monotonic() + self.limit + self.grace)
        yield
        self._running = None

    def pytest_enter_pdb(self) -> None:
        """Whoever looks into a spec may take their time."""
        self._running = None
        _stop_alarm()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        if not is_spec(item):
            yield
            return
        with _alarm(self.limit):
            yield

    def _watch(self) -> None:
        while self._watches:
            if self._stderr is not None:  # for when this thread waits in vain for Python's lock
                last = self.limit + 2 * self.grace
                faulthandler.dump_traceback_later(last, exit=True, file=self._stderr)
            time.sleep(0.5)
            running = self._running
            if running is not None and time.monotonic() > running[1]:
                self._end(running[0])

    def _end(self, item: pytest.Item) -> None:
        claim = claim_of(item)
        if self._stderr is not None:
            self._stderr.write(
                f"\nClaim {claim.id} hangs, so this process ends: {claim.says} {item.nodeid} "
                f"is not done after {self.limit:g} s, and PyTorch does not return. "
                "With -n 1 of pytest-xdist the rest is reported.\n\n"
            )
            self._stderr.flush()
            faulthandler.dump_traceback(self._stderr)
        os._exit(pytest.ExitCode.TESTS_FAILED)


def _stderr() -> TextIO | None:
    """The process's stderr as it is before pytest captures it, if it has one."""
    try:
        return os.fdopen(os.dup(sys.__stderr__.fileno()), "w", encoding="utf-8")
    except (AttributeError, OSError, ValueError):
        return None


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise TimeLimitPassed in this block after so many seconds, if signals can do that here."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not hasattr(signal, "setitimer") or not in_main_thread:
        yield
        return
    if signal.getitimer(signal.ITIMER_REAL)[0]:  # somebody else's, such as pytest-timeout's
        yield
        return

    def stop(signum: int, frame: object) -> None:
        raise TimeLimitPassed(f"not done after {seconds:g} s, the --time-limit")

    former = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        _stop_alarm()
        signal.signal(signal.SIGALRM, former)


def _stop_alarm() -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)
