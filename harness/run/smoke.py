"""``-m smoke``: one spec for each claim, on one example, in little more time than the imports.

Left out are the claims on optimizers and on torch.compile, which import torch._dynamo, and the one
on TransformerEncoder, whose nested tensors import SymPy: each of these imports takes as long as all
other specs.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import filterfalse

import pytest
from hypothesis import settings

from harness.run.claims import claim_of, is_spec

#: The chapters and claims whose specs take too long on first use.
SLOW = ("1.2.13", "2.4.", "3.17", "6.")


def pytest_configure(config: pytest.Config) -> None:
    """Load the profile before the specs are imported, unless another was asked for."""
    config.addinivalue_line("markers", "smoke: one spec for each claim, tried on one example")
    if _is_smoke(config) and not config.getoption("hypothesis_profile", None):
        settings.load_profile("smoke")


@pytest.hookimpl(tryfirst=True)  # before -m deselects specs
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the first spec of each claim, or one that will be skipped if there is no other."""
    specs: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in filter(is_spec, items):
        specs[claim_of(item).id].append(item)
    for id, of_claim in specs.items():
        if not id.startswith(SLOW):
            next(filterfalse(is_skipped, of_claim), of_claim[0]).add_marker("smoke")


def _is_smoke(config: pytest.Config) -> bool:
    return config.getoption("markexpr") == "smoke"


def is_skipped(item: pytest.Item) -> bool:
    """Whether a marker skips the item, without running it."""
    skipped = any(all(marker.args) for marker in item.iter_markers("skipif"))
    return skipped or item.get_closest_marker("skip") is not None
