"""The fixture ``observe``, with which a test records what it saw under a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from harness.run.user_properties import OBSERVED
from specs.observed.seen import check_name, in_one_line, result_of


@pytest.fixture
def observe(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Record what a call does: ``observe("item() of two elements", torch.ones(2).item)``.

    Or a table of calls, one in each row: ``observe("numpy() by dtype", {"float32": call, ...})``.
    """

    def observe(name: str, what: Callable | Mapping[str, Callable], *arguments, **keywords) -> None:
        for it in (name, *(what if isinstance(what, Mapping) else ())):
            check_name(it)
        if isinstance(what, Mapping):
            found = {row: in_one_line(result_of(call)) for row, call in what.items()}
        else:
            found = result_of(what, *arguments, **keywords)
        # Not by record_property, which warns if --junitxml is given too.
        request.node.user_properties.append((f"{OBSERVED}{name}", found))

    return observe
