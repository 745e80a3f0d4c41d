"""Checks the packages of requirements.txt: one sentence says what is wrong, before any import."""

from __future__ import annotations

import faulthandler
import gc
import importlib
import sys
from importlib import metadata, util
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

REQUIREMENTS = Path(__file__).parents[2] / "requirements.txt"


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Stop if PyTorch or another requirement cannot be used.

    pytest calls this hook between importing conftest.py and the plugins that it lists. Most of
    those import PyTorch, and would end in a page of traceback.
    """
    if sys.flags.optimize:
        raise pytest.UsageError(
            "Python runs with -O or PYTHONOPTIMIZE, which removes assertions: every spec would "
            "pass; run it without"
        )
    if problem := unmet_requirement() or unfit_numpy():
        raise pytest.UsageError(problem)
    gc.disable()  # imports leave no garbage; harness/run/speed.py enables it again
    capture = pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.suspend_global_capture()  # so that the stack of an import that crashes is seen
    if sys.__stderr__ is not None:
        faulthandler.enable(sys.__stderr__)
    try:
        for package in ("numpy", "torch", "hypothesis"):
            gc.freeze()  # no later collection looks through NumPy and PyTorch
            importlib.import_module(package)
    except Exception as error:
        message = " ".join(f"{type(error).__name__}: {error}".split())
        raise pytest.UsageError(
            f"{package} is installed but cannot be imported: {message}"
        ) from None
    finally:
        if capture is not None:
            capture.resume_global_capture()


def unmet_requirement() -> str | None:
    """The first requirement that is not installed, or too old."""
    if sys.version_info < (3, 10):  # noqa: UP036  for those who have an older one
        return f"Python 3.10 or later is needed; this is {sys.version.split()[0]}"
    for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines():
        required = Requirement(line.partition("#")[0])
        try:
            version = metadata.version(required.name)
        except metadata.PackageNotFoundError:
            if util.find_spec(required.name.replace("-", "_")) is not None:
                continue  # it runs from its sources, which have no metadata
            return f"{required.name} is not installed: pip install -r requirements.txt"
        if not required.specifier.contains(version, prereleases=True):
            return (
                f"{required.name} {version} is too old, {required} is needed: "
                "pip install -r requirements.txt"
            )
    return None


def unfit_numpy() -> str | None:
    """Whether PyTorch was built for NumPy 1 and NumPy 2 is installed.

    Such a PyTorch prints a page when it is imported, and its from_numpy fails.
    """
    try:
        torch, numpy = metadata.version("torch"), metadata.version("numpy")
    except metadata.PackageNotFoundError:
        return None
    if Version(torch).release < (2, 3) and Version(numpy).major >= 2:
        return f"PyTorch {torch} does not work with NumPy {numpy}: pip install 'numpy<2'"
    return None
