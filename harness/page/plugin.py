"""``pytest --page=FILE``: the option, and when pytest refuses it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.history import against
from harness.history.output import real, why_not_written
from harness.history.record import BadRecord
from harness.history.releases import shipped
from harness.page import MARK
from harness.run.text import one_line


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("specification").addoption(
        "--page",
        metavar="FILE",
        type=Path,
        help="write the claims and the results of this run to FILE, a self-contained web page",
    )


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("page")
    if path is None:
        return
    is_worker = hasattr(config, "workerinput")  # of pytest-xdist, whose controller writes the page
    if not is_worker:
        _register_writer(config, config.invocation_params.dir / path)
    if is_worker or not config.getoption("numprocesses", None):  # where the specs run
        from harness.page import examples

        config.pluginmanager.register(examples)


def _register_writer(config: pytest.Config, path: Path) -> None:
    if find_spec("jinja2") is None:  # PyTorch requires it from 2.0 on
        raise pytest.UsageError("--page needs Jinja2: pip install jinja2")
    if (problem := why_not_written(path, why_not_replaced)) is not None:
        raise pytest.UsageError(f"--page: {problem}")
    try:
        shipped()
    except BadRecord as error:
        raise pytest.UsageError(f"--page: {error}") from None
    from harness.page.writer import PageWriter

    config.pluginmanager.register(PageWriter(real(path), against.record_before(config)))


def why_not_replaced(path: Path) -> str | None:
    """Why this file may not be replaced; None if it is a page."""
    with path.open("rb") as file:
        if MARK.encode() in file.read(1024):
            return None
    return f"{one_line(path)} exists and is not a page of this specification: choose another name"
