"""The proofs: for each check of each spec, a mutant that this check alone notices.

They were found by ``pytest meta_tests --prove`` and are kept in ``proofs.json``; a run of the
meta-tests tries each again. So a check that is removed or weakened is missed: its mutant survives.

For each spec, the file holds

cases    the values of its parameters
checks   for each check, by its source, the mutant that the spec notices with it and not without
notices  the mutants that the spec notices, of those that break its claim
draws    for each argument that Hypothesis draws, the traits of what it draws (``variety``)
"""

from __future__ import annotations

import json
import os
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from meta_tests.experiment import Experiment, Spec
from meta_tests.laboratory import Laboratory
from meta_tests.mutants import CATALOGUE, Mutant

FILE = Path(__file__).with_name("proofs.json")

FULL = 20  # examples a property, as in the default profile
#: A proof must hold for the default profile's examples and from other seeds too, and is better if
#: one of the first examples shows it: so it holds with another version of Hypothesis as well.
SEEDS = (None, 1, 2, 3, 4, 5)
EARLY = 5
#: How many claims that a mutant should not reach are looked at, on so many examples each.
UNRELATED, FEW = 10, 2
#: Examples an argument, to see their traits; one that fewer of them have than this share may be
#: missing next time, with another version of Hypothesis, and is not kept.
DRAWS, SHARE = 200, 0.06


@dataclass
class Proof:
    """What is known of one spec."""

    cases: list[str] = field(default_factory=list)
    checks: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    draws: dict[str, list[str]] = field(default_factory=dict)


def read() -> dict[str, Proof]:
    """The proofs by the name of their spec."""
    entries = json.loads(FILE.read_text(encoding="utf-8"))
    return {name: Proof(**entry) for name, entry in entries.items()}


def write(proofs: dict[str, Proof]) -> None:
    entries = {name: asdict(proof) for name, proof in sorted(proofs.items())}
    scratch = FILE.with_suffix(".new")
    scratch.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    os.replace(scratch, FILE)


def search(laboratory: Laboratory) -> dict[str, Proof]:
    """Prove all that can be proven on this PyTorch; keep what is known of other releases."""
    proofs = {name: proof for name, proof in read().items() if name in laboratory.not_here}
    for spec in laboratory.specs.values():
        proofs[spec.name] = Proof(cases=list(spec.cases))

    trials = {
        mutant: [_trial(mutant, laboratory.specs.values(), seed) for seed in SEEDS]
        for mutant in CATALOGUE.values()
    }
    draw = drawing(laboratory.specs)
    laboratory.ask([draw, *(trial for trials_ in trials.values() for trial in trials_)])
    for name, drawn in laboratory.findings(draw).drawn.items():
        proofs[name].draws = kept(drawn)

    late: dict[tuple[str, str], str] = {}
    for position, (mutant, trials_) in enumerate(trials.items(), start=1):
        found = [laboratory.findings(trial) for trial in trials_]
        noticing = set.intersection(*(set(findings.noticed) for findings in found))
        early = {
            name
            for name in noticing
            if max(min(findings.noticed[name].values()) for findings in found) <= EARLY
        }
        claims = {laboratory.specs[name].claim for name in early}
        for name in noticing:
            if name in early or laboratory.specs[name].claim not in claims:
                proofs[name].notices.append(mutant.name)
        for name, check in set.intersection(*(findings.passed_less for findings in found)):
            if name in early:
                proofs[name].checks.setdefault(check, mutant.name)
            else:
                late.setdefault((name, check), mutant.name)
        print(f"[{position}/{len(trials)}] {mutant.name}", flush=True)
    for (name, check), by in late.items():
        proofs[name].checks.setdefault(check, by)
    return proofs


def kept(drawn: dict[str, dict[str, float]]) -> dict[str, list[str]]:
    """The traits of each argument that are frequent enough to be there next time."""
    return {
        argument: sorted(trait for trait, share in traits.items() if share >= SHARE)
        for argument, traits in sorted(drawn.items())
    }


def _trial(mutant: Mutant, specs: Iterable[Spec], seed: int | None) -> Experiment:
    examples = tuple((spec.name, FULL) for spec in specs if spec.claim in mutant.kills)
    return Experiment(mutant.name, examples, search=True, seed=seed)


def drawing(specs: Iterable[str]) -> Experiment:
    """The experiment that draws examples for every spec, of PyTorch as it is."""
    return Experiment(examples=tuple((name, DRAWS) for name in specs), draw_only=True)


def checking(mutant: Mutant, proofs: dict[str, Proof], specs: dict[str, Spec]) -> Experiment:
    """The experiment that tries all proofs that lean on this mutant, and a few other specs."""
    must = {
        name: FULL
        for name, proof in proofs.items()
        if name in specs and mutant.name in (*proof.notices, *proof.checks.values())
    }
    proven = {specs[name].claim for name in must}
    for spec in specs.values():
        if spec.claim in mutant.kills and spec.claim not in proven:
            must[spec.name] = FULL
    few = {name: FEW for name in unrelated(specs.values(), mutant)}
    less = [
        (name, check)
        for name, proof in proofs.items()
        for check, by in proof.checks.items()
        if by == mutant.name and name in specs
    ]
    return Experiment(mutant.name, tuple({**must, **few}.items()), tuple(less))


def unrelated(specs: Iterable[Spec], mutant: Mutant) -> list[str]:
    """A spec each of some claims that the mutant should not reach, others for another mutant."""
    chance = random.Random(mutant.name)
    by_claim: dict[str, list[str]] = defaultdict(list)
    for spec in specs:
        if spec.claim not in (*mutant.kills, *mutant.also):
            by_claim[spec.claim].append(spec.name)
    return [chance.choice(by_claim[claim]) for claim in chance.sample(sorted(by_claim), UNRELATED)]
