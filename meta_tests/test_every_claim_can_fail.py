"""Every claim can fail: the specification notices when PyTorch changes.

The mutants are in ``mutants``, what each spec is known to notice in ``proofs.json``. A legitimate
change of a spec, a strategy or a mutant needs new proofs: ``pytest meta_tests --prove``.
"""

from __future__ import annotations

import pytest

from meta_tests import proofs
from meta_tests.experiment import Experiment
from meta_tests.mutants import CATALOGUE
from meta_tests.variety import CONSTANT
from specs.ledger import LEDGER

PROOFS = proofs.read()

#: Claims with one side, for which one mutant is enough.
ONE_SIDED: set[str] = set()


def listing(offenders: list[str]) -> str:
    return "\n  " + "\n  ".join(offenders)


def test_there_are_at_least_120_mutants_with_two_for_every_claim_that_has_two_sides():
    watched = [claim for mutant in CATALOGUE.values() for claim in mutant.kills]

    assert len(CATALOGUE) >= 120
    assert not [id for id in LEDGER if watched.count(id) < (1 if id in ONE_SIDED else 2)]


def test_mutants_name_claims_of_the_ledger_and_say_different_things():
    named = {id for mutant in CATALOGUE.values() for id in (*mutant.kills, *mutant.also)}

    assert named <= set(LEDGER)
    assert len({mutant.breaks for mutant in CATALOGUE.values()}) == len(CATALOGUE)


def test_an_unchanged_pytorch_is_confirmed(laboratory):
    everything = tuple((name, proofs.FULL) for name in laboratory.specs)

    findings = laboratory.findings(Experiment(examples=everything))

    assert not findings.trouble
    assert findings.noticed == {}
    assert findings.errors == {}


def test_every_spec_has_the_cases_and_checks_that_were_proven(laboratory):
    changed = []
    for name in PROOFS.keys() - laboratory.specs.keys() - laboratory.not_here:
        changed.append(f"{name} is gone")
    for name, spec in laboratory.specs.items():
        proof = PROOFS.get(name, proofs.Proof())
        changed += [f"{name} lost its case {case!r}" for case in set(proof.cases) - {*spec.cases}]
        changed += [
            f"{name} lost its check: {text}" for text in proof.checks.keys() - {*spec.checks}
        ]
        changed += [
            f"{name} has a check that no mutant is known to fail: {text}"
            for text in spec.checks
            if text not in proof.checks
        ]

    assert not changed, listing(changed)


def test_every_spec_notices_a_mutant(laboratory):
    known = {name: PROOFS.get(name, proofs.Proof()) for name in laboratory.specs}
    idle = [name for name, proof in known.items() if not proof.notices and not proof.checks]

    assert not idle, "no mutant is noticed by" + listing(idle)


def test_every_argument_varies_as_it_did(laboratory):
    narrowed = []
    drawn = laboratory.findings(proofs.drawing(laboratory.specs)).drawn
    for name, arguments in drawn.items():
        known = PROOFS.get(name, proofs.Proof()).draws
        for argument in arguments.keys() | known.keys():
            traits = arguments.get(argument, {})
            if CONSTANT in traits:
                narrowed.append(f"{name}: {argument} is {CONSTANT}")
            for lost in known.get(argument, ()):
                if lost not in traits:
                    narrowed.append(f"{name}: {argument} is never {lost} any more")

    assert not narrowed, listing(narrowed)


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_specification_notices(name, laboratory, experiments, record_property):
    mutant = CATALOGUE[name]
    experiment = experiments[name]
    findings = laboratory.findings(experiment)
    claims = {laboratory.specs[spec].claim for spec in findings.noticed}
    record_property("mutant", name)
    record_property("noticed", " ".join(claims))
    record_property(
        "tried", " ".join({laboratory.specs[spec].claim for spec, _ in experiment.examples})
    )
    assert not findings.trouble, findings.trouble

    survived = [
        f"{spec}" + (f" (it raised {findings.errors[spec]})" if spec in findings.errors else "")
        for spec, proof in PROOFS.items()
        if spec in laboratory.specs and name in proof.notices and spec not in findings.noticed
    ]
    assert not survived, f"a PyTorch in which {mutant.breaks} goes unnoticed by" + listing(survived)

    unnoticed = [id for id in mutant.kills if id not in claims]
    assert not unnoticed, f"a PyTorch in which {mutant.breaks} is no failure of {unnoticed}"

    superfluous = [
        f"{spec}: {check}" for spec, check in set(experiment.less) - findings.passed_less
    ]
    assert not superfluous, "another check notices as well, so nothing proves" + listing(
        superfluous
    )

    elsewhere = claims - {*mutant.kills, *mutant.also}
    assert not elsewhere, f"unrelated claims notice too; if they should, name them: {elsewhere}"
