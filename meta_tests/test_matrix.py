"""The matrix shows which claim notices which mutant."""

from __future__ import annotations

from types import SimpleNamespace

from meta_tests import matrix
from meta_tests.mutants import Mutant
from specs.ledger import LEDGER


def report(**properties: str) -> SimpleNamespace:
    return SimpleNamespace(user_properties=list(properties.items()), when="call")


def test_a_line_marks_the_claims_that_noticed_and_says_what_was_broken():
    first, second, third, *others = LEDGER
    mutant = Mutant("name", "something breaks", (first, third), (second,), lambda: None)
    untried = Mutant("untried", "something else breaks", (first,), (), lambda: None)
    seen = report(mutant="name", noticed=f"{first} {second}", tried=f"{first} {second} {third}")
    reports = {"passed": [seen, report()]}

    lines = list(matrix.lines(reports, [mutant, untried]))

    assert f"#+.{' ' * len(others)}  something breaks" in lines
    assert "1 mutants; each claim notices so many:" in lines
    assert lines[-1] == f"11{'0' * (1 + len(others))}"
    assert not any("something else" in line for line in lines)


def test_every_column_is_headed_by_its_claim():
    lines = list(matrix.lines({}, []))
    height = max(map(len, LEDGER))

    columns = ["".join(letters).strip() for letters in zip(*lines[2 : 2 + height], strict=True)]
    assert columns == list(LEDGER)
