"""How many examples a property gets, by profile."""

from __future__ import annotations

import re

import pytest
from hypothesis import settings

from harness.run.smoke import SLOW
from meta_tests.copies import ITEM, PROJECT, run
from specs.ledger import LEDGER

PROPERTY = "test_item_of_an_integer_tensor_is_the_same_int"


def ends(*arguments: str) -> dict[str, str]:
    """Why Hypothesis stopped trying each property: enough examples, or no more to try."""
    said = run("--hypothesis-show-statistics", "--device=cpu", *arguments).stdout
    return dict(re.findall(r"^(\S+::\S+):$.*?Stopped because (.*?)$", said, re.MULTILINE | re.S))


@pytest.mark.exhaustive
def test_every_property_tries_all_examples_of_the_profile():
    stopped = ends("specs")

    assert len(stopped) > 150
    enough = {
        f"settings.max_examples={settings.get_profile('specification').max_examples}",
        "nothing left to do",
    }
    assert {name: why for name, why in stopped.items() if why not in enough} == {}


def test_smoke_is_one_spec_for_each_claim_on_one_example():
    said = run("-m", "smoke", "--hypothesis-show-statistics", "-rA").stdout

    ran = len(re.findall(r"^PASSED ", said, re.MULTILINE)) + said.count("SKIPPED [1]")
    left_out = [claim for claim in LEDGER.values() if claim.id.startswith(SLOW)]
    assert ran == len(LEDGER) - len(left_out)
    assert f"Not selected: the other {len(left_out)} claims" in said
    stopped = set(re.findall(r"Stopped because (.*)", said))
    assert "settings.max_examples=1" in stopped
    assert stopped <= {"settings.max_examples=1", "nothing left to do"}


def test_smoke_imports_neither_the_compiler_nor_sympy(tmp_path):
    """Each takes as long as all other specs of that profile."""
    (tmp_path / "says.py").write_text(
        "import sys\n"
        "def pytest_terminal_summary(terminalreporter):\n"
        "    found = {'torch', 'torch._dynamo', 'sympy'}.intersection(sys.modules)\n"
        "    terminalreporter.line(f'imported: {sorted(found)}')\n"
    )
    said = run(
        "-m", "smoke", "-p", "no:randomly", "-p", "says", "--processes=1", PYTHONPATH=str(tmp_path)
    ).stdout

    assert "imported: ['torch']" in said


def tried(*arguments: str) -> list[str]:
    """The tensors that the property was tried on."""
    said = run("-s", "--hypothesis-verbosity=verbose", "--device=cpu", "-k", PROPERTY, *arguments)
    return re.findall(r"^ +tensor=(.*)$", said.stdout, re.MULTILINE)


@pytest.mark.exhaustive
def test_the_examples_are_the_same_in_every_run_and_others_from_each_seed():
    in_every_run = tried(ITEM)

    assert len(in_every_run) >= 6
    assert tried("specs") == in_every_run
    assert tried(ITEM, "--hypothesis-seed=1") != in_every_run
    assert tried(ITEM, "--hypothesis-seed=1") == tried("specs", "--hypothesis-seed=1")
    assert tried(ITEM, "--hypothesis-seed=1") != tried(ITEM, "--hypothesis-seed=2")


@pytest.mark.exhaustive
def test_a_profile_that_was_asked_for_is_not_replaced_by_smoke():
    stopped = ends("-m", "smoke", "--hypothesis-profile=specification", ITEM)

    assert "settings.max_examples=6" in stopped.values()


def test_no_spec_draws_from_numpys_generator():
    for path in (PROJECT / "specs").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"compiled\(.*", "", text)  # compiled code draws from PyTorch's
        assert not re.search(r"\b(np|numpy)\.random\.(?!get_state)", text), path
