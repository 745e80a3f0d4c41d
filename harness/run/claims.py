"""Specs, observations and claims belong together: checked at collection, carried into reports."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from harness.run.devices import KNOWN
from harness.run.properties import CLAIM, DEVICE, OBSERVES
from harness.run.text import encodable
from specs.ledger import LEDGER, Claim

PROJECT = Path(__file__).parents[2]
SPECS = PROJECT / "specs"
OBSERVATIONS = SPECS / "observed"


def claim_of(item: pytest.Item) -> Claim:
    """The claim that the spec proves, or the observation belongs to.

    Raises pytest.UsageError if it names none, or one that the ledger does not have.
    """
    marker = item.get_closest_marker("claim")
    if marker is None or len(marker.args) != 1 or marker.kwargs:
        raise pytest.UsageError(f'{item.nodeid} names no claim; mark it @claim("1.2.3")')
    if marker.args[0] not in LEDGER:
        raise pytest.UsageError(
            f"{item.nodeid} names claim {marker.args[0]!r}, which is not in specs/ledger.py"
        )
    return LEDGER[marker.args[0]]


def claim_at(nodeid: str) -> Claim | None:
    """The claim that the spec with this node id proves; None if it is no spec of a claim.

    Read from the spec's source, for where there is no item to ask: a process that crashed leaves
    nothing but the name of what it ran.
    """
    file, _, name = nodeid.partition("[")[0].partition("::")
    path = SPECS / file.rpartition("specs/")[2]
    return LEDGER.get(_claims_in(path).get(name, "")) if path.is_file() else None


@cache
def _claims_in(path: Path) -> dict[str, str]:
    """The id of each spec's claim, by "test" or "Class::test" as in a node id."""
    found: dict[str, str] = {}

    def look(body: Iterable[ast.stmt], prefix: str, inherited: str) -> None:
        for node in body:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
                id = next(filter(None, map(_claim_named, node.decorator_list)), inherited)
                found[prefix + node.name] = id
                if isinstance(node, ast.ClassDef):
                    look(node.body, f"{prefix}{node.name}::", id)

    look(ast.parse(path.read_text(encoding="utf-8")).body, "", "")
    return found


def _claim_named(decorator: ast.expr) -> str:
    """ "1.2.3" for the decorator ``@claim("1.2.3")``, "" for any other."""
    named = isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "claim"
    return ast.literal_eval(decorator.args[0]) if named else ""


def is_spec(item: pytest.Item) -> bool:
    """Whether the item is a spec, and not an observation, a benchmark or a meta-test."""
    return item.path.parent == SPECS


def is_observation(item: pytest.Item) -> bool:
    """Whether the item notes what a release chose, and proves nothing."""
    return OBSERVATIONS in item.path.parents


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", 'claim(id): the claim of specs/ledger.py that the spec proves, such as "1.3.4"'
    )


def pytest_itemcollected(item: pytest.Item) -> None:
    """Refuse what could not be recorded, nor sent by pytest-xdist."""
    if (name := encodable(item.nodeid)) != item.nodeid:
        raise pytest.UsageError(f"{name}: the file's name is no text; give it another")


@pytest.hookimpl(tryfirst=True)  # before -k, -m and --deselect take specs away
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    specs = [item for item in items if is_spec(item)]
    for item in items:
        if is_spec(item) or is_observation(item):
            item.user_properties.append((CLAIM if is_spec(item) else OBSERVES, claim_of(item).id))
            if (device := device_of(item)) is not None:
                item.user_properties.append((DEVICE, device))
    if session.testsfailed or not _is_whole(session, specs):
        return
    proven = {claim_of(item).id for item in specs}
    if unproven := [id for id in LEDGER if id not in proven]:
        raise pytest.UsageError(f"no spec proves claim {', '.join(unproven)} of specs/ledger.py")


def device_of(item: pytest.Item) -> str | None:
    """The device that the item takes as an argument, if it does."""
    arguments = item.callspec.params if hasattr(item, "callspec") else {}
    return arguments.get("device", arguments.get("accelerator"))


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_handlecrashitem(crashitem: str, report: pytest.TestReport) -> None:
    """Say the claim in the report of a spec whose process crashed, as in every other report."""
    if (claim := claim_at(crashitem)) is not None:
        report.user_properties.append((CLAIM, claim.id))
        parameters = crashitem.partition("[")[2].rstrip("]").split("-")
        report.user_properties += [(DEVICE, name) for name in parameters if name in KNOWN]


def _is_whole(session: pytest.Session, specs: list[pytest.Item]) -> bool:
    """Whether the whole specification was collected, not files or tests picked from it."""
    if any("::" in str(argument) for argument in session.config.args):
        return False
    return {item.path for item in specs} >= set(SPECS.glob("test_*.py"))
