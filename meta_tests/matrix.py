"""The kill matrix: a line a mutant, a column a claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meta_tests.mutants import Mutant
from specs.ledger import LEDGER

NOTICED, ALSO, UNNOTICED, UNTRIED = "#", "+", ".", " "


def lines(stats: dict[str, list], mutants: Iterable[Mutant]) -> Iterator[str]:
    """The matrix of the mutants that were tried in this run, from the tests' reports."""
    noticed: dict[str, list[str]] = {}
    tried: dict[str, list[str]] = {}
    for reports in stats.values():
        for report in reports:
            properties = dict(getattr(report, "user_properties", ()))
            if "mutant" in properties and report.when == "call":
                noticed[properties["mutant"]] = properties["noticed"].split()
                tried[properties["mutant"]] = properties["tried"].split()

    yield f"{NOTICED} the claim must notice and does   {ALSO} it notices as well   " + (
        f"{UNNOTICED} it was tried and does not"
    )
    yield ""
    height = max(map(len, LEDGER))
    for row in range(height):
        yield "".join(id.rjust(height)[row] for id in LEDGER)
    times = dict.fromkeys(LEDGER, 0)
    for mutant in mutants:
        if mutant.name in noticed:
            marks = (_mark(mutant, id, noticed[mutant.name], tried[mutant.name]) for id in LEDGER)
            yield f"{''.join(marks)}  {mutant.breaks}"
            for id in noticed[mutant.name]:
                times[id] += 1
    yield ""
    yield f"{len(noticed)} mutants; each claim notices so many:"
    for row in range(3):
        yield "".join(str(times[id]).rjust(3)[row] for id in LEDGER)


def _mark(mutant: Mutant, id: str, noticed: list[str], tried: list[str]) -> str:
    if id not in noticed:
        return UNNOTICED if id in tried else UNTRIED
    return NOTICED if id in mutant.kills else ALSO
