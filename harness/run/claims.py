"""Every spec names its claim and every claim has a spec; reports carry the claim."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from harness.run.user_properties import CLAIM, DEVICE, OBSERVES
from specs.ledger import LEDGER, Claim

PROJECT = Path(__file__).parents[2]
SPECS = PROJECT / "specs"
OBSERVATIONS = SPECS / "observed"


def claim_of(item: pytest.Item) -> Claim:
    """The claim that the spec proves, or that the observation belongs to.

    Raises pytest.UsageError if it names none, or one that is not in the ledger.
    """
    marker = item.get_closest_marker("claim")
    if marker is None or len(marker.args) != 1 or marker.kwargs:
        raise pytest.UsageError(f'{item.nodeid} names no claim; mark it @claim("1.2.3")')
    if marker.args[0] not in LEDGER:
        raise pytest.UsageError(
            f"{item.nodeid} names claim {marker.args[0]!r}, which is not in specs/ledger.py"
        )
    return LEDGER[marker.args[0]]


def is_spec(item: pytest.Item) -> bool:
    """Whether the item is a spec, not an observation, a benchmark or a meta-test."""
    return item.path.parent == SPECS


def is_observation(item: pytest.Item) -> bool:
    """Whether the item records what a release chose; it proves nothing."""
    return _is_observed(item.path)


@cache  # called for every item, of which a file has hundreds
def _is_observed(path: Path) -> bool:
    return OBSERVATIONS in path.parents


def function_of(item: pytest.Item) -> Callable:
    """The test as a function, which takes ``self`` if it stands in a class."""
    return getattr(item.obj, "__func__", item.obj)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", 'claim(id): the claim of specs/ledger.py that the spec proves, such as "1.3.4"'
    )


@pytest.hookimpl(tryfirst=True)  # before -k, -m and --deselect remove specs
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    specs = [item for item in items if is_spec(item)]
    for kind, of_kind in ((CLAIM, specs), (OBSERVES, filter(is_observation, items))):
        for item in of_kind:
            item.user_properties.append((kind, claim_of(item).id))
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


def _is_whole(session: pytest.Session, specs: list[pytest.Item]) -> bool:
    """Whether the whole specification was collected, not only some files or tests of it."""
    if any("::" in str(argument) for argument in session.config.args):
        return False
    return {item.path for item in specs} >= set(SPECS.glob("test_*.py"))
