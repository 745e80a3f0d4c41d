"""The checks of a spec are found in its source, and can be taken away one by one."""

from __future__ import annotations

import pytest

from meta_tests.checks import checks_of, without


def checks_its_arguments(x, y):
    """A spec in miniature."""
    assert x > 0
    with pytest.raises(
        ZeroDivisionError,
        match="zero",
    ):
        x / y
    for _ in range(2):
        assert x > 0


def test_checks_are_assertions_and_blocks_that_must_raise_in_the_order_of_the_source():
    assert [check.text for check in checks_of(checks_its_arguments)] == [
        "assert x > 0",
        "with pytest.raises(ZeroDivisionError, match='zero')",
        "assert x > 0 #2",
    ]


def test_a_spec_less_a_check_does_all_but_that():
    first, raising, last = checks_of(checks_its_arguments)
    checks_its_arguments(1, 0)

    with pytest.raises(pytest.fail.Exception):
        checks_its_arguments(1, 2)
    without(checks_its_arguments, raising)(1, 2)
    without(checks_its_arguments, raising)(1, 0)
    with pytest.raises(AssertionError):
        without(checks_its_arguments, first)(-1, 0)
    with pytest.raises(AssertionError):
        without(checks_its_arguments, last)(-1, 0)


def test_a_function_without_source_is_an_error_that_names_it():
    def first():
        pass

    first.__code__ = first.__code__.replace(co_firstlineno=1)

    with pytest.raises(ValueError, match="has no function first in line 1"):
        checks_of(first)
