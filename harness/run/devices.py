"""The device axis: which specs take it, which devices there are, and ``--device``.

The rule: a spec takes the axis by naming an argument.

``device``       runs once for each known device; for specs to which a device could matter
``accelerator``  runs once for each known device but the CPU; for specs about leaving it

A device that is not there shows as skipped, with the reason. ``--device`` runs the specs of the
devices asked for alone, and then one that is not there is an error.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch


def _why_no_cuda() -> str | None:
    if torch.cuda.is_available():
        return None
    if torch.version.cuda is None and torch.version.hip is None:
        return "this PyTorch was built without CUDA"
    return "PyTorch finds no CUDA device"


#: For each device, a function that says why it cannot be used here, or None if it can.
KNOWN: dict[str, Callable[[], str | None]] = {
    "cpu": lambda: None,
    "cuda": _why_no_cuda,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("specification").addoption(
        "--device",
        action="append",
        default=[],
        metavar="NAME",
        help=f"run on this device alone ({', '.join(KNOWN)}); may be given more than once",
    )


def pytest_configure(config: pytest.Config) -> None:
    for name in config.getoption("device"):
        if name not in KNOWN:
            raise pytest.UsageError(
                f"--device {name}: unknown device; the known ones are {', '.join(KNOWN)}"
            )
        if (reason := KNOWN[name]()) is not None:
            raise pytest.UsageError(f"--device {name}: not available here: {reason}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for argument in {"device", "accelerator"}.intersection(metafunc.fixturenames):
        names = [name for name in KNOWN if argument == "device" or name != "cpu"]
        asked = metafunc.config.getoption("device")
        if asked:
            names = [name for name in names if name in asked] or names
        metafunc.parametrize(argument, [_parameter(name, asked) for name in names])


def _parameter(name: str, asked: list[str]):
    reason = KNOWN[name]()
    if asked and name not in asked:
        reason = f"--device {' --device '.join(asked)} leaves it out"
    marks = [pytest.mark.skip(reason=f"no {name}: {reason}")] if reason else []
    return pytest.param(name, id=name, marks=marks)
