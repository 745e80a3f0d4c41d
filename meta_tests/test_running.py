"""Running pytest as a user does: options, mistakes, reports."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
import torch

from meta_tests.copies import PROJECT, copy_project, edit, run
from specs.ledger import LEDGER

ITEM = "specs/test_1_1_item.py"


@pytest.fixture
def copy(tmp_path):
    """A copy of the project to make mistakes in."""
    return copy_project(tmp_path)


class TestOptions:
    def test_an_unknown_device_is_a_usage_error_that_names_the_known_ones(self):
        result = run("--device", "tpu", ITEM)

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert "--device tpu: unknown device; the known ones are cpu, cuda" in result.stdout

    @pytest.mark.skipif(torch.cuda.is_available(), reason="CUDA is here")
    def test_a_device_that_is_asked_for_and_not_there_is_an_error(self):
        result = run("--device", "cuda", ITEM)

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert "--device cuda: not available here" in result.stdout

    @pytest.mark.skipif(torch.cuda.is_available(), reason="CUDA is here")
    def test_a_device_that_is_not_there_is_skipped_with_the_reason(self):
        result = run("-rs", f"{ITEM}::TestItem::test_item_of_a_one_by_one_matrix_is_its_number")

        assert "1 passed, 1 skipped" in result.stdout
        assert re.search(r"SKIPPED .*no cuda: ", result.stdout)

    def test_a_device_asked_for_leaves_the_others_out(self):
        result = run("--device", "cpu", "--collect-only", ITEM)

        assert "[cpu]" in result.stdout
        assert "[cuda]" not in result.stdout

    def test_claims_prints_every_claim_with_verdict_truth_and_sentences(self):
        result = run("--claims")

        assert result.returncode == 0
        unwrapped = " ".join(result.stdout.split())
        for claim in LEDGER.values():
            assert f"{claim.id} [{claim.verdict.value}" in unwrapped
            assert claim.says in unwrapped
            assert claim.truth in unwrapped
        assert "- item without parentheses is a method and no number" in unwrapped
        assert "passed" not in result.stdout

    def test_python_without_assertions_is_refused(self):
        result = run(ITEM, PYTHONOPTIMIZE="1")

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert "every spec would pass unseen" in result.stdout


class TestMistakes:
    def test_a_spec_without_claim_stops_the_run_and_is_named(self, copy):
        edit(copy / ITEM, '    @claim("1.1.2")\n', "")

        result = run(cwd=copy)

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert "test_item_without_parentheses" in result.stdout
        assert "names no claim" in result.stdout

    def test_a_claim_that_is_not_in_the_ledger_stops_the_run_and_is_named(self, copy):
        edit(copy / ITEM, '@claim("1.1.2")', '@claim("7.7")')

        result = run(cwd=copy)

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert "names claim '7.7', which is not in specs/ledger.py" in result.stdout

    def test_a_claim_without_spec_stops_the_run_and_is_named(self, copy):
        edit(copy / ITEM, '@claim("1.1.2")', '@claim("1.1.1")')

        result = run("-k", "item", cwd=copy)

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert "no spec proves claim 1.1.2" in result.stdout

    def test_a_spec_that_changes_the_state_of_pytorch_fails(self, copy):
        edit(
            copy / ITEM,
            "method = tensor.item\n",
            "method = tensor.item; torch.set_default_dtype(torch.float64)\n",
        )

        result = run(f"{ITEM}::TestItem", cwd=copy)

        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        assert "the test changed default dtype" in result.stdout


class TestReports:
    def test_a_failure_says_its_claim_and_smallest_counterexample_before_the_traceback(self, copy):
        edit(copy / ITEM, "assert type(number) is float", "assert number < 1")

        result = run(f"{ITEM}::TestItem", cwd=copy)

        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        said = result.stdout.index("Claim 1.1.1 (holds): item() turns")
        assert said < result.stdout.index("Smallest counterexample: ")
        assert result.stdout.index("Smallest counterexample: ") < result.stdout.index("assert n")
        assert f"Seen on: PyTorch {torch.__version__}" in result.stdout
        assert "tensor=tensor(1.)" in result.stdout
        assert "FAILED 1.1.1 (holds)" in result.stdout

    def test_the_end_of_a_run_counts_the_claims_and_names_the_versions(self):
        result = run(f"{ITEM}::TestItem", "--device", "cpu")

        assert f"PyTorch {torch.__version__}, NumPy" in result.stdout
        assert f"3 of {len(LEDGER)} claims confirmed: 2 hold as written" in result.stdout

    def test_junit_xml_carries_the_claims(self, tmp_path):
        run(f"{ITEM}::TestItem", f"--junitxml={tmp_path / 'report.xml'}")

        root = ElementTree.parse(tmp_path / "report.xml").getroot()
        for case in root.iter("testcase"):
            claims = [p.get("value") for p in case.iter("property") if p.get("name") == "claim"]
            assert len(claims) == 1
            assert claims[0] in LEDGER

    def test_two_workers_give_the_same_count_of_claims(self):
        pytest.importorskip("xdist")

        result = run(f"{ITEM}::TestItem", "-n", "2")

        assert result.returncode == 0
        assert f"3 of {len(LEDGER)} claims confirmed" in result.stdout


class TestCrashes:
    @pytest.fixture
    def crashing(self, copy):
        """A copy in which PyTorch aborts in a spec of claim 1.1.2."""
        pytest.importorskip("xdist")
        edit(copy / ITEM, "method = tensor.item\n", "__import__('os').abort()\n")
        return copy

    def test_a_crash_is_a_failure_of_its_claim_and_the_rest_is_reported(self, crashing):
        result = run(ITEM, "-n", "1", "--device", "cpu", cwd=crashing)

        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        assert f"2 of {len(LEDGER)} claims confirmed" in result.stdout
        assert f"FAILED 1.1.2 (holds): {LEDGER['1.1.2'].says}" in result.stdout
        assert "is_a_method_and_no_number (its process crashed)" in result.stdout
        assert "Claim 1.1.2 (holds): " in result.stdout
        assert "crashed while running" in result.stdout


class TestReadme:
    def test_ci_runs_the_readmes_test_command(self):
        assert "pytest specs meta_tests" in (PROJECT / "README.md").read_text()
        assert 'pytest" specs meta_tests' in (PROJECT / ".ci/run").read_text()
