"""Options with which pytest runs nothing, so that nothing that a run sees can be had with them."""

from __future__ import annotations

import pytest

#: By the name that pytest keeps them under.
_OPTIONS = {
    "collectonly": "--collect-only",
    "claims": "--claims",
    "history": "--history",
    "setupplan": "--setup-plan",
    "setuponly": "--setup-only",
    "showfixtures": "--fixtures",
    "show_fixtures_per_test": "--fixtures-per-test",
}


def refuse_to_be_idle(config: pytest.Config, wanted: str) -> None:
    """Raise pytest.UsageError if the person asks for ``wanted`` and for no run."""
    for name, option in _OPTIONS.items():
        if config.getoption(name, None):
            raise pytest.UsageError(f"{wanted} needs a run; {option} runs nothing")
