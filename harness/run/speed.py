"""Turns off what costs time and does nothing for specs."""

from __future__ import annotations

import atexit
import ctypes
import gc
import os
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.run.claims import is_observation, is_spec

#: Parameters of mallopt(). Source: https://man7.org/linux/man-pages/man3/mallopt.3.html
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3

_THREADS = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Collect on one thread: a fork lacks the other threads of its parent, and waits for them."""
    config.stash[_THREADS] = torch.get_num_threads()
    torch.set_num_threads(1)


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.freeze()  # no collection looks through what was collected here, in forks neither
    gc.enable()  # harness/run/requirements.py disabled it for the imports
    are_specs = all(is_spec(item) or is_observation(item) for item in session.items)
    # Tensors here are small, and a second thread only waits for a core on a busy machine.
    if not are_specs or any(map(os.environ.get, ("OMP_NUM_THREADS", "MKL_NUM_THREADS"))):
        torch.set_num_threads(session.config.stash[_THREADS])
    if not are_specs:
        return
    gc.set_threshold(1_000_000, 20, 20)  # some 200 MB of garbage
    _first_property()
    _keep_freed_memory()
    plugins = session.config.pluginmanager
    if plugins.has_plugin("logging-plugin") and not _wants_logs(session.config):
        # It attaches handlers to PyTorch's fifty loggers, three times a test.
        plugins.unregister(name="logging-plugin")
    # PyTorch imports a thousand modules on first use; pytest need not rewrite their assertions.
    sys.meta_path[:] = [
        finder for finder in sys.meta_path if type(finder).__name__ != "AssertionRewritingHook"
    ]


@settings(max_examples=1, database=None)
@given(st.none())
def _first_property(_: None) -> None:
    """Hypothesis collects garbage at the first, which takes 0.1 s after PyTorch's imports."""


def _keep_freed_memory() -> None:
    """Have glibc keep what tensors of a MiB free, which else it maps anew for each of them."""
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        mallopt(_TRIM_THRESHOLD, 2**28)
        mallopt(_MMAP_THRESHOLD, 2**25)


def pytest_sessionfinish() -> None:
    """Leave nothing to pytest's collections at the end of a run, which take seconds."""
    gc.freeze()
    if "triton" in sys.modules:
        atexit.register(gc.unfreeze)  # Triton would report what stays frozen as leaked


def _wants_logs(config: pytest.Config) -> bool:
    names = ("log_level", "log_cli_level", "log_file", "log_file_level")
    return config.getini("log_cli") or any(
        config.getoption(name, None) or config.getini(name) for name in names
    )
