"""Runs the snippets, claim by claim; it proves nothing, but records what this release chose."""

from __future__ import annotations

from itertools import groupby

import pytest
import torch

from specs.observed.snippets import Snippet, all_snippets, run


def _by_claim() -> list:
    of_claim = groupby(sorted(all_snippets(), key=lambda it: it.claim), key=lambda it: it.claim)
    return [pytest.param(list(of), id=id, marks=pytest.mark.claim(id)) for id, of in of_claim]


@pytest.mark.parametrize("snippets", _by_claim())
def test_what_the_snippets_give(request, snippets: list[Snippet]):
    asked = request.config.getoption("device")
    if (elsewhere := asked and asked != ["cpu"]) and hasattr(torch, "set_default_device"):
        torch.set_default_device(asked[0])
    try:
        seen = {it.text: run(it) for it in snippets}
    finally:
        if elsewhere and hasattr(torch, "set_default_device"):
            torch.set_default_device(None)
    # Not by record_property, which warns if --junitxml is given too.
    seen = {text: it for text, it in seen.items() if it is not None}
    request.node.user_properties += [(f"observed: {text}", it) for text, it in seen.items()]
