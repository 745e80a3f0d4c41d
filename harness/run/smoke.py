"""``-m smoke``: one spec a claim on one example, for an answer right after the import."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from harness.run.claims import OBSERVATIONS, claim_of, is_spec


def pytest_configure(config: pytest.Config) -> None:
    """Choose the profile before the specs are imported, unless the person chose one."""
    config.addinivalue_line("markers", "smoke: one spec a claim, tried on one example")
    if _is_smoke(config) and not config.getoption("hypothesis_profile", None):
        settings.load_profile("smoke")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Spend no time on importing observations, of which none will be chosen."""
    return (_is_smoke(config) and OBSERVATIONS in collection_path.parents) or None


@pytest.hookimpl(tryfirst=True)  # before -m takes specs away
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the first spec of each claim; one that will be skipped only if there is no other."""
    seen = set()
    for item in sorted(filter(is_spec, items), key=_is_skipped):
        id = claim_of(item).id
        if id not in seen:
            item.add_marker("smoke")
            seen.add(id)


def _is_smoke(config: pytest.Config) -> bool:
    return config.getoption("markexpr") == "smoke"


def _is_skipped(item: pytest.Item) -> bool:
    skipped = any(all(marker.args) for marker in item.iter_markers("skipif"))
    return skipped or item.get_closest_marker("skip") is not None
