"""Every claim can fail: the specification notices when PyTorch changes.

The mutants are in ``mutants``; what each spec is known to notice is in ``proofs.json``. By default
a mutant is tried on one spec of each claim that must notice it; with --exhaustive, on all specs
that are known to notice it, and on some that must not.
"""

from __future__ import annotations

import pytest

from meta_tests import proofs
from meta_tests.copies import PROJECT
from meta_tests.mutants import CATALOGUE
from meta_tests.variety import CONSTANT
from specs.ledger import LEDGER

PROOFS = proofs.read()
FILES = sorted(path.name for path in (PROJECT / "specs").glob("test_*.py"))


def listing(offenders: list[str]) -> str:
    return "\n  " + "\n  ".join(offenders)


def test_every_claim_has_a_mutant_and_mutants_name_claims_of_the_ledger():
    killed = {id for mutant in CATALOGUE.values() for id in mutant.kills}
    named = killed | {id for mutant in CATALOGUE.values() for id in mutant.also}

    assert not LEDGER.keys() - killed, "no mutant breaks these claims"
    assert not named - LEDGER.keys(), "mutants name claims that are not in the ledger"


def test_no_two_mutants_say_the_same():
    assert len({mutant.breaks for mutant in CATALOGUE.values()}) == len(CATALOGUE)


@pytest.mark.exhaustive
def test_every_spec_is_proven(laboratory):
    gone = PROOFS.keys() - laboratory.specs.keys() - laboratory.skipped
    wrong = [f"{name} is gone; run pytest meta_tests --prove" for name in sorted(gone)]
    for name, why in proofs.unproven(laboratory.specs, PROOFS).items():
        command = f"pytest meta_tests --prove -k {laboratory.specs[name].claim}"
        wrong.append(f"{name}: {why}; run {command}")

    assert not wrong, listing(wrong)


@pytest.mark.exhaustive
def test_of_ten_checks_six_are_proven(laboratory):
    checks = sum(len(spec.checks) for spec in laboratory.specs.values())
    without = proofs.unwatched(laboratory.specs, PROOFS)

    assert len(without) <= checks * 4 / 10, listing(without)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", FILES)
def test_every_argument_varies_as_it_did(name, laboratory):
    findings = laboratory.findings(name)
    assert not findings.trouble, findings.trouble

    narrowed = []
    for spec, arguments in findings.drawn.items():
        known = PROOFS[spec].draws if spec in PROOFS else [[]] * len(arguments)
        if len(known) != len(arguments):
            narrowed.append(f"{spec}: drew {len(known)} arguments, draws {len(arguments)}")
            continue
        for (argument, traits), before in zip(arguments.items(), known, strict=True):
            if CONSTANT in traits:
                narrowed.append(f"{spec}: {argument} is {CONSTANT}")
            lost = [trait for trait in before if trait not in traits]
            narrowed += [f"{spec}: {argument} is never {trait} any more" for trait in lost]

    assert not narrowed, listing(narrowed)


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_specification_notices(name, laboratory, pytestconfig):
    mutant = CATALOGUE[name]
    changed = f"a PyTorch in which {mutant.breaks}"
    specs = laboratory.specs
    findings = laboratory.findings(name)
    assert not findings.trouble, findings.trouble

    tried = proofs.trial(mutant, pytestconfig.getoption("exhaustive"), PROOFS, specs)
    survived = [
        f"{spec} (it raised {findings.errors[spec]})" if spec in findings.errors else spec
        for spec in tried.examples.keys() - findings.noticed.keys()
        if spec in PROOFS and name in PROOFS[spec].notices()
    ]
    assert not survived, f"{changed} goes unnoticed by" + listing(survived)

    claims = {specs[spec].claim for spec in findings.noticed}
    unnoticed = {*mutant.kills} - claims
    assert not unnoticed, f"{changed} is no failure of {unnoticed}"

    elsewhere = claims - {*mutant.kills, *mutant.also}
    assert not elsewhere, f"unrelated claims notice too; if they should, name them: {elsewhere}"

    superfluous = [
        f"{spec}: {specs[spec].checks[position]}"
        for spec, position in tried.without - findings.passed_without
        if position < len(specs[spec].checks)
    ]
    assert not superfluous, f"{changed} is also noticed without" + listing(superfluous)
