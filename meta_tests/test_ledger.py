"""The ledger refuses entries that a reader could not trust."""

from __future__ import annotations

import ast
import dataclasses
import warnings
from pathlib import Path

import pytest

from harness.run.failures import preface
from harness.run.outline import sentence
from specs.ledger import CHAPTERS, LEDGER, Claim, Verdict
from specs.observed.snippets import HEADER
from specs.releases import RELEASE, before, since

GOOD = Claim("1.1.9", "A sentence.", Verdict.HOLDS, "https://docs.pytorch.org/")


@pytest.mark.parametrize(
    "change",
    [
        {"id": "1"},
        {"id": "9.9.9"},
        {"id": "one"},
        {"says": ""},
        {"docs": "docs.pytorch.org"},
        {"truth": "Not for a claim that holds."},
        {"since": "2.0"},
        {"verdict": Verdict.CORRECTED},
        {"verdict": Verdict.DRIFTED, "truth": "But since when?"},
    ],
    ids=str,
)
def test_an_incomplete_claim_is_refused_by_its_id(change):
    with pytest.raises(ValueError, match="claim"):
        dataclasses.replace(GOOD, **change)


def test_the_ledger_is_in_the_order_of_its_ids_and_uses_every_chapter():
    numbers = [[int(part) for part in id.split(".")] for id in LEDGER]

    assert numbers == sorted(numbers)
    used = {claim.chapter for claim in LEDGER.values()}
    assert used | {chapter.partition(".")[0] for chapter in used} == set(CHAPTERS)


def test_no_spec_is_within_a_function_where_pytest_does_not_find_it():
    for path in Path(__file__).parents[1].glob("specs/test_*.py"):
        module = ast.parse(path.read_text("utf-8"))
        classes = [it for it in module.body if isinstance(it, ast.ClassDef)]
        found = [it for outer in (module, *classes) for it in outer.body]

        for it in ast.walk(module):
            if isinstance(it, ast.FunctionDef) and it.name.startswith("test_"):
                assert it in found, f"{path.name}: {it.name}"


@pytest.mark.parametrize("id", [id for id, claim in LEDGER.items() if claim.instead])
def test_what_to_write_instead_runs_without_a_warning(id, tmp_path, monkeypatch):
    lines = LEDGER[id].instead
    monkeypatch.chdir(tmp_path)  # for what writes a file

    assert len(lines.splitlines()) <= 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # PyTorch 2.1 warns of itself in its own torch.load.
        warnings.filterwarnings("ignore", "TypedStorage is deprecated")
        exec(HEADER + lines, {})


def test_a_preface_says_claim_verdict_truth_release_counterexample_and_link():
    claim = LEDGER["2.3.2"]

    text = preface(claim, "x=tensor(0.)")

    for part in (claim.id, "drifted", claim.says, claim.truth, "2.12", "PyTorch", claim.docs):
        assert part in text
    assert "Smallest counterexample: x=tensor(0.)" in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("test_item_is_a_method[cpu]", "item is a method"),
        ("test_xavier_normal_has_the_std", "xavier_normal has the std"),
        ("test_there_is_no_kamiming_normal_", "there is no kamiming_normal_"),
        ("test_print_of_a_sum_names_its_grad_fn", "print of a sum names its grad_fn"),
        ("test_a_leaf_has_no_grad_fn", "a leaf has no grad_fn"),
        (
            "test_a_write_to_weight_data_shows_in_the_weight",
            "a write to weight.data shows in the weight",
        ),
        ("test_a_leaf_refuses_an_in_place_operation", "a leaf refuses an in-place operation"),
        ("test_a_leaf_that_requires_grad_refuses", "a leaf that requires grad refuses"),
    ],
)
def test_a_name_reads_as_a_sentence_that_keeps_code_as_code(name, expected):
    assert sentence(name) == expected


def test_guards_divide_the_releases_between_them():
    releases = ("1.0", ".".join(map(str, RELEASE)), "99.0")  # the middle one is in use

    assert [since(it).mark.args[0] for it in releases] == [False, False, True]  # True: skipped
    assert [before(it).mark.args[0] for it in releases] == [True, True, False]
