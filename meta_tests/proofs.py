"""The proofs: for each check of each spec, a mutant that only this check notices.

``pytest meta_tests --prove`` searches for them and writes ``proofs.json``, a line for each spec;
``pytest meta_tests --exhaustive`` tries them all. So a check that is removed or weakened is
missed: its mutant survives.
"""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import pytest

from meta_tests.experiment import Experiment, Findings, Spec
from meta_tests.laboratory import Laboratory
from meta_tests.mutants import CATALOGUE, Mutant
from meta_tests.variety import lasting

FILE = Path(__file__).with_name("proofs.json")

FULL = 6  # examples of a property, as in the default profile
DRAWS = 300  # examples of an argument that show its traits
#: How many claims that a mutant should not affect are tried, and on how many examples each.
UNRELATED, FEW = 2, 2
#: A proof must hold for the default profile's examples and from other seeds too. One that holds
#: within the first examples is better: it will hold with other versions of Hypothesis.
SEEDS = (None, 1, 2)
EARLY = 5


@dataclass
class Proof:
    """What is known of one spec."""

    cases: list[str] = field(default_factory=list)  # the ids of its parameters
    #: For each check, the mutant that the spec notices with it and not without it.
    checks: list[str | None] = field(default_factory=list)
    also: list[str] = field(default_factory=list)  # other mutants that the spec notices
    #: For each argument that Hypothesis draws, the traits of its values (``variety``).
    draws: list[list[str]] = field(default_factory=list)

    def notices(self) -> list[str]:
        return [*filter(None, self.checks), *self.also]


Proofs = dict[str, Proof]
Specs = dict[str, Spec]


def read() -> Proofs:
    """The proofs by the name of their spec."""
    entries = json.loads(FILE.read_text(encoding="utf-8"))
    return {name: Proof(**entry) for name, entry in entries.items()}


def write(proofs: Proofs) -> None:
    lines = [f"{json.dumps(name)}: {json.dumps(asdict(proofs[name]))}" for name in sorted(proofs)]
    scratch = FILE.with_suffix(".new")
    scratch.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    os.replace(scratch, FILE)


def unproven(specs: Specs, proofs: Proofs) -> dict[str, str]:
    """The specs whose proofs are missing or out of date, and why."""
    found = {}
    known = {name: proof for name, proof in proofs.items() if name in specs}
    tried = {(by, specs[name].claim) for name, proof in known.items() for by in proof.notices()}
    for name, spec in specs.items():
        proof = proofs.get(name, Proof())
        killing = [mutant.name for mutant in CATALOGUE.values() if spec.claim in mutant.kills]
        other = [mutant for mutant in killing if (mutant, spec.claim) not in tried]
        other += [mutant for mutant in proof.notices() if mutant not in CATALOGUE]
        if name not in proofs:
            found[name] = "not yet proven"
        elif proof.cases != [*spec.cases]:
            found[name] = f"had the cases {proof.cases}, has {[*spec.cases]}"
        elif len(proof.checks) != len(spec.checks):
            found[name] = f"had {len(proof.checks)} checks, has {len(spec.checks)}"
        elif other:
            found[name] = f"mutants that are new or gone: {', '.join(other)}"
        elif not proof.notices():
            found[name] = "it is not known to notice a mutant"
    return found


def unwatched(specs: Specs, proofs: Proofs) -> list[str]:
    """The checks without which every mutant of their claim is noticed still, as far as is known."""
    return [
        f"{name}: no mutant is noticed by this check alone: {spec.checks[position]}"
        for name, spec in specs.items()
        if name in proofs and len(proofs[name].checks) == len(spec.checks)
        for position, by in enumerate(proofs[name].checks)
        if by is None
    ]


# --- trying proofs ----------------------------------------------------------------------------


def trials(names: Iterable[str], exhaustive: bool, specs: Specs) -> list[Experiment]:
    """The experiments of these names: of mutants, or of spec files whose examples are drawn."""
    proofs = read()
    return [
        trial(CATALOGUE[name], exhaustive, proofs, specs)
        if name in CATALOGUE
        else drawing(name, specs)
        for name in names
    ]


def trial(mutant: Mutant, exhaustive: bool, proofs: Proofs, specs: Specs) -> Experiment:
    """Try a mutant on one spec of each claim that is known to notice it, or on all if none is.

    If exhaustive, on all specs that are known to notice it, also without the checks that it proves,
    and on specs of claims that it should not affect.
    """
    known: dict[str, list[str]] = defaultdict(list)
    for name, spec in specs.items():
        if name in proofs and mutant.name in proofs[name].notices():
            known[spec.claim].append(name)
    must = [name for names in known.values() for name in (names if exhaustive else names[:1])]
    new = {*mutant.kills} - known.keys()
    must += [name for name, spec in specs.items() if spec.claim in new]
    if not exhaustive:
        return Experiment(mutant.name, dict.fromkeys(must, FULL), mutant.name)
    few = dict.fromkeys(unrelated(mutant, specs), FEW)
    without = {
        (name, position)
        for names in known.values()
        for name in names
        for position, by in enumerate(proofs[name].checks)
        if by == mutant.name
    }
    examples = few | dict.fromkeys(must, FULL)
    return Experiment(mutant.name, examples, mutant.name, frozenset(without))


def unrelated(mutant: Mutant, specs: Specs) -> list[str]:
    """One spec each of some claims that the mutant should not affect.

    Which ones depends on the names alone, so that a new claim changes hardly any choice.
    """

    def rank(name: str) -> int:
        return zlib.crc32(f"{mutant.name} {name}".encode())

    by_claim: dict[str, list[str]] = defaultdict(list)
    for name, spec in specs.items():
        if spec.claim not in (*mutant.kills, *mutant.also):
            by_claim[spec.claim].append(name)
    return [min(by_claim[claim], key=rank) for claim in sorted(by_claim, key=rank)[:UNRELATED]]


def drawing(file: str, names: Iterable[str]) -> Experiment:
    """Draw examples for these specs, as far as they are in the file."""
    examples = {name: DRAWS for name in names if name.startswith(f"{file}::")}
    return Experiment(file, examples)


# --- searching for proofs ---------------------------------------------------------------------


def chosen(words: str, specs: Specs, proofs: Proofs) -> list[str]:
    """The specs of a claim ("1.2.6"), a section ("1.2") or a name; "": the unproven ones."""
    if not words:
        return list(unproven(specs, proofs))
    return [
        name
        for name, spec in specs.items()
        if any(
            f"{spec.claim}.".startswith(f"{word.strip()}.") or word.strip() in name
            for word in words.split(" or ")
        )
    ]


def searches(words: str, specs: Specs) -> list[Experiment]:
    """Try every mutant of a chosen spec's claim from every seed, and draw examples.

    A search for what is unproven draws for all specs, as a strategy may draw more than it did.
    """
    wanted = chosen(words, specs, read())
    drawn = wanted if words else list(specs)
    made = [drawing(file, drawn) for file in sorted({name.partition("::")[0] for name in drawn})]
    for mutant in CATALOGUE.values():
        examples = {name: FULL for name in wanted if specs[name].claim in mutant.kills}
        for seed in SEEDS if examples else ():
            name = f"{mutant.name} {seed}"
            made.append(Experiment(name, examples, mutant.name, search=True, seed=seed))
    return made


def prove(words: str) -> int:
    """Search for the proofs of the chosen specs, write them, and name what remains unproven."""
    plan = partial(searches, words)
    found: dict[str, list[Findings]] = defaultdict(list)  # by mutant
    drawings = {}
    with tempfile.TemporaryDirectory() as folder:
        laboratory = Laboratory(Path(folder), plan, os.cpu_count() or 1)
        try:
            specs, skipped, known = laboratory.specs, laboratory.skipped, read()
            for made in plan(specs):
                findings = laboratory.findings(made.name)
                print(".", end="", flush=True)
                if findings.trouble:
                    print(f"\n{made.name}: {findings.trouble}")
                elif made.mutant is None:
                    drawings |= findings.drawn
                else:
                    found[made.mutant].append(findings)
        finally:
            laboratory.close()
    print()
    wanted = chosen(words, specs, known)
    if not wanted and words:
        raise pytest.UsageError(f"-k {words!r}: no claim or spec has this id or name")
    proofs = {name: proof for name, proof in known.items() if name in {*specs, *skipped}}
    proofs |= {name: Proof([*specs[name].cases]) for name in wanted}
    for name, drawn in drawings.items():
        before = known[name].draws if name in known else []
        before = before if len(before) == len(drawn) else [()] * len(drawn)
        proofs[name].draws = [*map(lasting, drawn.values(), before)]
    _enter(found, wanted, specs, proofs)
    write(proofs)
    searched = {name: specs[name] for name in wanted}
    stale = unproven(specs, proofs).items()
    left = [f"{name}: {why}" for name, why in stale if name in searched]
    left += unwatched(searched, proofs)
    print(*left, sep="\n")
    checks = sum(len(spec.checks) for spec in searched.values())
    print(f"searched {len(searched)} specs with {checks} checks; not proven: {len(left)}")
    return pytest.ExitCode.TESTS_FAILED if left else pytest.ExitCode.OK


def _enter(
    found: dict[str, list[Findings]], wanted: list[str], specs: Specs, proofs: Proofs
) -> None:
    """Enter into the proofs what the experiments with each mutant showed, one from each seed."""
    #: By which example a spec notices a mutant from every seed; more than FULL: not from all.
    by_example: dict[tuple[str, str], int] = {}
    alone: dict[tuple[str, int], list[str]] = defaultdict(list)
    for mutant, trials_ in found.items():
        for name in trials_[0].noticed:
            by_example[name, mutant] = max(
                findings.noticed.get(name, (0, FULL + 1))[1] for findings in trials_
            )
        for key in set.intersection(*(findings.passed_without for findings in trials_)):
            alone[key].append(mutant)
    for name in wanted:
        proofs[name].checks = [
            min(alone[name, n], key=lambda m, name=name: by_example[name, m], default=None)
            for n in range(len(specs[name].checks))
        ]
    for name, mutant in by_example:
        rivals = [other for other in wanted if specs[other].claim == specs[name].claim]
        first = min(by_example.get((other, mutant), FULL + 1) for other in rivals)
        if by_example[name, mutant] <= max(EARLY, first) and mutant not in proofs[name].checks:
            proofs[name].also.append(mutant)
