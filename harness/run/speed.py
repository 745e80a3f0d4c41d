"""What a run of specs has nothing from, and so spends no time on."""

from __future__ import annotations

import atexit
import gc
import os
import sys

import pytest
import torch

from harness.run.claims import is_observation, is_spec


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.freeze()  # what was imported is no garbage
    gc.enable()  # harness/run/requirements.py stopped it for the imports
    if not all(is_spec(item) or is_observation(item) for item in session.items):
        return
    gc.set_threshold(1_000_000, 20, 20)  # some 200 MB of garbage
    # A second thread of PyTorch's waits for a core wherever the machine has other work, or
    # another worker of pytest-xdist. Who sets a number of threads means it.
    if not any(os.environ.get(name) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")):
        torch.set_num_threads(1)
    plugins = session.config.pluginmanager
    if plugins.has_plugin("logging-plugin") and not _wants_logs(session.config):
        # It would catch what each of PyTorch's fifty loggers logs, one by one, thrice a test.
        plugins.unregister(name="logging-plugin")
    # PyTorch imports a thousand modules on first use; none has asserts that pytest is to explain.
    sys.meta_path[:] = [
        finder for finder in sys.meta_path if type(finder).__name__ != "AssertionRewritingHook"
    ]


def pytest_sessionfinish() -> None:
    """Leave what remains to the process's end: pytest would look through it for garbage.

    There it is looked through if Triton is in it, which reports as leaked what is left frozen.
    """
    gc.freeze()
    if "triton" in sys.modules:
        atexit.register(gc.unfreeze)


def _wants_logs(config: pytest.Config) -> bool:
    """Whether the person asked for logs, by an option or a setting."""
    names = ("log_level", "log_cli_level", "log_file", "log_file_level")
    return config.getini("log_cli") or any(
        config.getoption(name, None) or config.getini(name) for name in names
    )
