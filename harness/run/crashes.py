"""With pytest-xdist, a spec that crashes its worker fails, and its report says its claim."""

from __future__ import annotations

import importlib
from pathlib import PurePath

import pytest

from harness.run.devices import KNOWN
from harness.run.failures import preface
from harness.run.properties import CLAIM, DEVICE
from specs.ledger import LEDGER, Claim


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_handlecrashitem(crashitem: str, report: pytest.TestReport) -> None:
    if (claim := claim_at(crashitem)) is None:
        return
    report.longrepr = f"{preface(claim, None)}\n{report.longrepr}"
    parameters = crashitem.partition("[")[2].rstrip("]").split("-")
    report.user_properties.append((CLAIM, claim.id))
    report.user_properties += [(DEVICE, name) for name in parameters if name in KNOWN]


def claim_at(nodeid: str) -> Claim | None:
    """The claim of the spec with this node id, which is all that a crash leaves; else None."""
    file, *names = nodeid.partition("[")[0].split("::")
    if PurePath(file).parent.name != "specs":
        return None
    found = importlib.import_module(f"specs.{PurePath(file).stem}")
    claim = None
    for name in names:
        found = getattr(found, name)
        for mark in getattr(found, "pytestmark", ()):
            claim = mark.args[0] if mark.name == "claim" else claim
    return LEDGER.get(claim)
