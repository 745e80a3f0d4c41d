"""The fixture ``observe``: a test notes what a call does, under a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from harness.run.properties import OBSERVED
from specs.observed.seen import check_name, in_one_line, result_of


@pytest.fixture
def observe(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Note what a call does: ``observe("item() of two elements", torch.ones(2).item)``.

    Or a table, one call per row: ``observe("numpy() by dtype", {"float32": call, ...})``.
    """

    def observe(name: str, what: Callable | Mapping[str, Callable], *arguments, **keywords) -> None:
        check_name(name)
        if isinstance(what, Mapping):
            for row in what:
                check_name(row)
            found = {row: in_one_line(result_of(call)) for row, call in what.items()}
        else:
            found = result_of(what, *arguments, **keywords)
        # record_property would warn if JUnit's XML is asked for as well.
        request.node.user_properties.append((f"{OBSERVED}{name}", found))

    return observe
