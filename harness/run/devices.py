"""Which devices each spec runs on, and ``--device``.

A spec chooses by the name of an argument:

``device``       it runs on each known device; for specs whose result could depend on the device
``accelerator``  it runs on each known device but the CPU; for specs about leaving an accelerator

Specs for a device that is not available are skipped, with the reason. With ``--device`` only the
devices asked for are used, and it is an error if one is not available.
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


#: For each device, a function that says why it is not available, or None if it is.
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
            raise pytest.UsageError(f"--device {name}: not available: {reason}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    asked = metafunc.config.getoption("device")
    for argument in {"device", "accelerator"}.intersection(metafunc.fixturenames):
        names = [name for name in KNOWN if argument == "device" or name != "cpu"]
        names = [name for name in names if name in asked] or names
        metafunc.parametrize(argument, [_parameter(name, asked) for name in names])


def _parameter(name: str, asked: list[str]):
    reason = KNOWN[name]()
    if asked and name not in asked:
        reason = f"not selected by --device {' --device '.join(asked)}"
    marks = [pytest.mark.skip(reason=f"no {name}: {reason}")] if reason else []
    return pytest.param(name, id=name, marks=marks)
