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

    def test_claims_are_printed_in_the_same_order_whatever_shuffles_the_specs(self):
        shuffled = ["-p", "no:randomly", "-p", "meta_tests.tools.surroundings", "--shuffle"]

        one, other = (run("--claims", *shuffled, seed).stdout for seed in ("1", "2"))

        assert one[: one.rindex("\n\n")] == other[: other.rindex("\n\n")]

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

    def test_a_file_whose_name_is_no_text_is_named(self, copy):
        try:
            (copy / ITEM).rename(copy / "specs/test_\udcff.py")
        except (OSError, UnicodeEncodeError):
            pytest.skip("no file can have such a name here")

        result = run("specs", "--device=cpu", "--record=record.json", cwd=copy)

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert r"specs/test_\udcff.py::" in result.stdout
        assert "the file's name is no text" in result.stdout

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

    def test_junit_xml_is_written_of_a_worker_too(self, tmp_path):
        pytest.importorskip("xdist")

        result = run(ITEM, "-n1", f"--junitxml={tmp_path / 'report.xml'}")

        assert result.returncode == 0
        assert ElementTree.parse(tmp_path / "report.xml").getroot().find(".//skipped") is not None

    def test_two_workers_give_the_same_count_of_claims(self):
        pytest.importorskip("xdist")

        result = run(f"{ITEM}::TestItem", "-n", "2")

        assert result.returncode == 0
        assert f"3 of {len(LEDGER)} claims confirmed" in result.stdout


class TestCrashes:
    """A PyTorch that dies or hangs in the one spec of claim 1.1.2."""

    REST = f"2 of {len(LEDGER)} claims confirmed"
    FAILED = f"FAILED 1.1.2 (holds): {LEDGER['1.1.2'].says}"

    #: Sleeps that no signal wakes, without Python's global lock and with it.
    DEAF = "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM]); "
    HANGS_IN_CPLUSPLUS = f"{DEAF}ctypes.CDLL(None).sleep(100)"
    HANGS_WITH_THE_LOCK = f"{DEAF}ctypes.PyDLL(None).sleep(100)"

    @staticmethod
    def run(copy, trouble, *arguments):
        before = "method = tensor.item\n"
        edit(copy / ITEM, before, f"import ctypes, os, signal, time\n        {trouble}\n")
        return run(ITEM, "--device=cpu", "--time-limit=0.5", *arguments, cwd=copy)

    @pytest.mark.parametrize(
        ("trouble", "said"),
        [
            ("os.abort()", "crashed while running"),
            ("os._exit(0)", "crashed while running"),
            (HANGS_IN_CPLUSPLUS, "PyTorch does not return"),
            (HANGS_WITH_THE_LOCK, "Timeout (0:00:04"),
        ],
    )
    def test_with_xdist_its_claim_fails_and_the_rest_is_reported(self, copy, trouble, said):
        pytest.importorskip("xdist")

        result = self.run(copy, trouble, "-n", "1")

        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        assert said in result.stdout
        assert "Claim 1.1.2 (holds): " in result.stdout
        assert self.REST in result.stdout
        assert self.FAILED in result.stdout
        assert "is_a_method_and_no_number (its process crashed)" in result.stdout

    @pytest.mark.parametrize("workers", [0, 1])
    @pytest.mark.parametrize("hang", ["while True: pass", "time.sleep(100)"])
    def test_a_hang_in_python_is_a_failure_among_others(self, copy, hang, workers):
        result = self.run(
            copy, hang, *(["-n1"] if workers and pytest.importorskip("xdist") else [])
        )

        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        assert self.REST in result.stdout
        assert self.FAILED in result.stdout
        assert "TimeLimitPassed: not done after 0.5 s, the --time-limit" in result.stdout

    def test_a_hang_in_cplusplus_ends_the_run_with_the_claims_name(self, copy):
        result = self.run(copy, self.HANGS_IN_CPLUSPLUS)

        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        assert f"Claim 1.1.2 hangs, so this process ends: {LEDGER['1.1.2'].says}" in result.stdout

    def test_no_time_limit_is_a_choice_and_a_negative_one_a_mistake(self):
        assert run(f"{ITEM}::TestItem", "--time-limit=0").returncode == 0

        result = run(ITEM, "--time-limit=-1")

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert "--time-limit -1.0: it takes a number of seconds, or 0" in result.stdout


class TestLost:
    """Under pytest-xdist a report that cannot be sent takes its test with it."""

    @pytest.mark.parametrize("trouble", ["raise RuntimeError(text)", "print(text); assert False"])
    def test_a_failure_whose_message_no_file_can_hold_is_a_failure_among_others(
        self, copy, trouble
    ):
        pytest.importorskip("xdist")
        edit(copy / ITEM, "method = tensor.item\n", f"text = '\\udcff'; {trouble}\n")

        result = run(ITEM, "--device=cpu", "-n1", cwd=copy)

        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        assert r"\udcff" in result.stdout
        assert f"FAILED 1.1.2 (holds): {LEDGER['1.1.2'].says}" in result.stdout
        assert f"2 of {len(LEDGER)} claims confirmed" in result.stdout

    def test_a_test_that_comes_to_no_end_fails_the_run_by_name_and_nothing_is_written(self, copy):
        pytest.importorskip("xdist")
        with (copy / ITEM).open("a") as spec:
            spec.write(
                '\n\n@claim("1.1.1")\ndef test_last(record_property):\n'
                '    record_property("a", object())  # which no worker can send\n'
            )

        result = run(
            *(ITEM, "--device=cpu", "-n1", "-p", "no:randomly"),
            *("--record=r.json", "--against=2.13"),
            cwd=copy,
        )

        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        assert "LOST: 1 test came to no end" in result.stdout
        assert f"    {ITEM}::test_last\n" in result.stdout
        assert "Nothing recorded: the run ended early (1 test came to no end)" in result.stdout
        assert "Not compared: " in result.stdout
        assert not (copy / "r.json").exists()


class TestReadme:
    def test_ci_runs_the_readmes_test_command(self):
        assert "pytest specs meta_tests" in (PROJECT / "README.md").read_text()
        assert 'pytest" specs meta_tests' in (PROJECT / ".ci/run").read_text()
