"""Which devices each spec runs on, and ``--device``.

A spec chooses by the name of an argument:

``device``       it runs on each device; for specs whose result could depend on the device
``accelerator``  it runs on each device but the CPU; for specs about leaving an accelerator

The devices are the CPU, CUDA, and each other that PyTorch knows and can use here: Apple's, Intel's,
or one that a package registers, such as ``-p torch_xla``. Without CUDA one case of each claim is
skipped, with the reason. With ``--device`` only the devices asked for are used, and it is an error
if one is not available.
"""

from __future__ import annotations

import re
import shlex
import warnings
from functools import cache

import pytest
import torch

from harness.run.claims import claim_of, device_of, is_spec

#: Devices that specs name also where they are not available.
ALWAYS_NAMED = ("cpu", "cuda")


@cache
def known() -> tuple[str, ...]:
    """The names of the devices that this PyTorch knows.

    A package may register one under its own name, in the place of "privateuseone".
    """
    names = ["cpu", "cuda", "mps", "xpu", "privateuseone"]
    try:
        torch.device("unknown")
    except RuntimeError as error:  # it lists them
        if (listed := re.search("one of (.+) device type", str(error))) is not None:
            names = listed[1].split(", ")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some names are deprecated
        return tuple(dict.fromkeys(torch.device(name).type for name in names))


@cache
def why_not(name: str) -> str | None:
    """Why the device is not available, or None if a tensor can be made there and brought back."""
    try:
        tensor = torch.empty(1, device=name)
    except Exception as error:
        return _reason(error)
    try:
        tensor.cpu()
    except Exception as error:
        return f"no tensor can be brought back from there ({_reason(error)})"
    return None


def _reason(error: Exception) -> str:
    text = str(error)
    if "INTERNAL ASSERT" in text:
        return "PyTorch makes no tensors there"
    if "aten::empty" in text or isinstance(error, ModuleNotFoundError):
        return "neither this PyTorch nor a loaded package implements it"
    return re.split(r"[.;!](?:\s|$)", text, maxsplit=1)[0]


def named() -> list[str]:
    """The devices that specs name: those that are available, and CUDA."""
    return [name for name in known() if name in ALWAYS_NAMED or why_not(name) is None]


def accelerators() -> list[str]:
    """The devices that are available, but for the CPU."""
    return [name for name in known() if name != "cpu" and why_not(name) is None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("specification").addoption(
        "--device",
        action="append",
        default=[],
        metavar="NAME",
        help="run on this device alone, such as cpu, cuda or mps; may be given more than once",
    )


def pytest_configure(config: pytest.Config) -> None:
    known()  # a backend that a test registers later is none of the run's
    for name in config.getoption("device"):
        if (problem := _problem(name)) is not None:
            raise pytest.UsageError(f"--device {shlex.quote(name)}: {problem}")


def _problem(name: str) -> str | None:
    """What is wrong with a name given to --device, or None."""
    kind, _, index = name.partition(":")
    if "," in name:
        return "give --device once for each"
    if kind not in known():
        if (meant := _meant(kind)) is not None:
            return f"PyTorch calls it {meant}"
        here = [it for it in known() if why_not(it) is None]
        others = [it for it in known() if it not in here]
        return (
            f"unknown device; available are {', '.join(here)}; "
            f"PyTorch also knows {', '.join(others)}"
        )
    if index or kind != name:
        return f"give the kind alone, {kind}; the specs run on its current device"
    reason = why_not(name)
    return reason and f"not available: {reason}"


def _meant(kind: str) -> str | None:
    """A known device that is meant by "CPU", or by "privateuseone" if that has another name."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            meant = torch.device(kind.lower()).type
    except RuntimeError:
        return None
    return meant if meant in known() else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    asked = metafunc.config.getoption("device")
    for argument in {"device", "accelerator"}.intersection(metafunc.fixturenames):
        names = [name for name in named() if argument == "device" or name != "cpu"]
        names = [name for name in names if name in asked] or names
        metafunc.parametrize(argument, [_parameter(name, asked) for name in names])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep one case of each claim for a device that is missing; the others would say the same.

    To skip a case takes pytest about as long as to run a small one. A spec that needs an
    accelerator keeps a case of its own, the only one that it has.
    """
    asked = config.getoption("device")
    kept = {}
    for item in items:
        device = device_of(item)
        if not device or not _why_skipped(device, asked):
            key = item
        elif is_spec(item) and "device" in item.callspec.params:
            key = claim_of(item).id, device
        else:
            key = item.parent, item.originalname, device
        kept.setdefault(key, item)
    items[:] = kept.values()


def _parameter(name: str, asked: list[str]):
    reason = _why_skipped(name, asked)
    marks = [pytest.mark.skip(reason=f"no {name}: {reason}")] if reason else []
    return pytest.param(name, id=name, marks=marks)


def _why_skipped(name: str, asked: list[str]) -> str | None:
    if asked and name not in asked:
        return f"not selected by --device {' --device '.join(asked)}"
    return why_not(name)
