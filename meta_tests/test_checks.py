"""The checks of a spec are found in its source, and can be removed one by one."""

from __future__ import annotations

import pytest

from meta_tests.checks import checks_of, text, without


class TestSpec:
    @staticmethod
    def spec(x, y):
        assert x > 0
        with pytest.raises(
            ZeroDivisionError,
            match="zero",
        ):
            x / y
        for _ in range(2):
            assert x > 0


def test_checks_are_assertions_and_blocks_that_must_raise_in_the_order_of_the_source():
    assert [text(check) for check in checks_of(TestSpec.spec)] == [
        "assert x > 0",
        "with pytest.raises(ZeroDivisionError, match='zero')",
        "assert x > 0",
    ]


def test_a_spec_without_a_check_still_has_the_others():
    TestSpec.spec(1, 0)
    with pytest.raises(pytest.fail.Exception):
        TestSpec.spec(1, 2)

    without(TestSpec.spec, 1)(1, 2)
    without(TestSpec.spec, 1)(1, 0)
    for position in (0, 2):
        with pytest.raises(AssertionError):
            without(TestSpec.spec, position)(-1, 0)
