"""Turns off what costs time and does nothing for specs: most garbage collection, extra threads."""

from __future__ import annotations

import atexit
import gc
import os
import sys

import pytest
import torch

from harness.run.claims import is_observation, is_spec


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.enable()  # harness/run/requirements.py disabled it for the imports
    # Tensors here are small, and a second thread only waits for a core on a busy machine.
    asked = any(os.environ.get(name) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"))
    if not asked and all(is_spec(item) or is_observation(item) for item in session.items):
        torch.set_num_threads(1)


def pytest_sessionfinish() -> None:
    """Leave nothing to pytest's collections at the end of a run, which take seconds."""
    gc.freeze()
    if "triton" in sys.modules:
        atexit.register(gc.unfreeze)  # Triton would report what stays frozen as leaked
