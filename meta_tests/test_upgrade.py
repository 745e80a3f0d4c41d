"""The upgrade check as a user runs it: a record before, what changed after."""

from __future__ import annotations

import re
import subprocess

import pytest
import torch

from harness.history import releases
from harness.history.record import load, save
from harness.history.wording import words
from meta_tests.copies import IN_ITEM, ITEM, PROJECT, SMALL, copy_project, edit, run
from meta_tests.test_records import a_record
from specs.ledger import LEDGER


@pytest.fixture(scope="module")
def recorded(small_run):
    """The record of a run in a process of its own."""
    path = small_run.folder / "record.json"
    assert f"Recorded in {path}: {len(IN_ITEM)} of {len(LEDGER)} claims" in small_run.said
    return path


@pytest.fixture
def kept(recorded, tmp_path):
    """A copy of that record."""
    path = tmp_path / "kept.json"
    path.write_bytes(recorded.read_bytes())
    return path


@pytest.fixture
def run_here(capsys, monkeypatch):
    """pytest in this process, which has imported PyTorch already."""
    monkeypatch.chdir(PROJECT)
    threads = torch.get_num_threads()

    def run_here(*arguments: object, plugins: tuple = ()) -> subprocess.CompletedProcess:
        options = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--processes=1"]
        status = pytest.main([*options, *map(str, arguments)], plugins)
        torch.set_num_threads(threads)
        captured = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, status, captured.out + captured.err)

    return run_here


class _Fail:
    """A plugin that raises an exception in place of the first spec."""

    def __init__(self, exception: BaseException) -> None:
        self.exceptions = [exception]

    def pytest_runtest_call(self, item: pytest.Item) -> None:
        if self.exceptions:
            raise self.exceptions.pop()


class TestRecord:
    def test_claims_have_an_outcome_and_observations_by_device(self, recorded):
        record = load(recorded)

        assert list(record.claims) == IN_ITEM
        assert record.devices == ["cpu"]
        assert record.environment["torch"] == torch.__version__
        assert record.claims["1.1.3"]["cpu"].outcome == "confirmed"
        seen = record.claims["1.1.3"]["any"].observations["len(torch.tensor(1.0))"]
        assert seen == "raises TypeError: len() of a 0-d tensor"

    def test_what_pytorch_says_in_a_claims_specs_is_recorded_once(self, recorded):
        messages = load(recorded).claims["1.1.3"]["cpu"].messages

        assert [it for it in messages if "elements cannot be converted to Scalar" in it]
        assert len({tuple(words(it)) for it in messages}) == len(messages)

    @pytest.mark.exhaustive
    def test_workers_another_order_and_another_hash_seed_give_the_same_bytes(
        self, recorded, parallel_run
    ):
        assert (parallel_run.folder / "record.json").read_bytes() == recorded.read_bytes()

    def test_benchmarks_add_their_bytes_and_no_times(self, tmp_path, run_here):
        path = tmp_path / "costs.json"
        picked = ("benchmarks", "-k", "entering", "--benchmark-disable", "--device=cpu")

        result = run_here(*picked, f"--record={path}")

        assert result.returncode == 0, result.stdout
        costs = load(path).costs
        assert {cost.alternative for cost in costs} >= {"with no_grad", "with enable_grad"}
        assert {cost.time_ratio for cost in costs} == {None}

    def test_a_failing_claim_is_recorded_with_its_spec(self, tmp_path, run_here):
        path = tmp_path / "record.json"

        result = run_here(*SMALL, f"--record={path}", plugins=(_Fail(ValueError()),))

        assert result.returncode == 1
        claim = load(path).claims["1.1.1"]["cpu"]
        assert claim.outcome == "failed"
        assert claim.failed == [
            "test_1_1_item.py::TestItem::test_item_of_a_one_by_one_matrix_is_its_number[cpu]"
        ]

    @pytest.mark.parametrize(
        ("options", "exception", "says"),
        [
            ((), KeyboardInterrupt(), "the run was interrupted"),
            (("--processes=2",), KeyboardInterrupt(), "the run was interrupted"),
            (("-x",), ValueError(), "the run ended early (stopping after 1 failures)"),
            (("--collect-only",), None, "no test ran"),
            (("--setup-plan",), None, "no test ran"),
            (("-k", "no_such_spec"), None, "no test ran"),
        ],
    )
    def test_a_run_that_did_not_end_leaves_the_former_record_and_compares_nothing(
        self, kept, recorded, run_here, options, exception, says
    ):
        plugins = (_Fail(exception),) if exception else ()

        result = run_here(
            *SMALL, *options, f"--record={kept}", f"--against={kept}", plugins=plugins
        )

        assert result.returncode != 0
        assert f"Nothing recorded: {says}" in result.stdout
        assert f"Not compared: {says}" in result.stdout
        assert kept.read_bytes() == recorded.read_bytes()

    def test_a_run_that_the_last_worker_did_not_survive_is_not_recorded(self, tmp_path):
        pytest.importorskip("xdist")
        copy = copy_project(tmp_path)
        edit(copy / ITEM, "method = tensor.item\n", "__import__('os').abort()\n")
        path = tmp_path / "record.json"
        options = ("-n1", "--max-worker-restart=0", "-p", "no:randomly", "--device=cpu")

        result = run(ITEM, *options, f"--record={path}", cwd=copy)

        assert result.returncode == 1
        early = r"Nothing recorded: the run ended early \(\d+ of \d+ tests did not run\)"
        assert re.search(early, result.stdout)
        assert not path.exists()

    @pytest.mark.exhaustive
    def test_a_crash_is_recorded_and_the_rest_goes_on(self, crashing_run):
        claims = load(crashing_run.folder / "record.json").claims

        outcomes = {id: {it.outcome for it in of.values()} for id, of in claims.items()}
        expected = {id: {"confirmed"} for id in IN_ITEM}
        assert outcomes == expected | {
            "1.1.1": {"confirmed", "failed"},
            "1.1.2": {"confirmed", "crashed"},
        }
        (crashed,) = (it for it in claims["1.1.2"].values() if it.outcome == "crashed")
        assert "test_item_without_parentheses" in crashed.failed[0]

    def test_another_file_is_not_replaced_and_that_is_said_before_the_run(self, tmp_path, run_here):
        letter = tmp_path / "letter.txt"
        letter.write_text("Dear reader,")

        result = run_here(*SMALL, f"--record={letter}")

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert "it is not JSON, and would be overwritten; choose another name" in result.stdout
        assert len(result.stdout.strip().splitlines()) == 1
        assert letter.read_text() == "Dear reader,"

    @pytest.mark.parametrize("part", [SMALL[:1], SMALL[1:-1]])
    def test_a_smaller_run_does_not_replace_a_record(self, recorded, kept, run_here, part):
        result = run_here(*part, "--device=cpu", f"--record={kept}")

        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        message = (
            f"Nothing recorded: {kept} has more results than this run, for 1.1.1, 1.1.2, 1.1.3"
        )
        assert message in result.stdout
        assert kept.read_bytes() == recorded.read_bytes()


class TestAgainst:
    def test_nothing_changed_is_one_line_and_the_record_can_be_replaced(self, kept, run_here):
        result = run_here(*SMALL, f"--against={kept}", "--against-strict", f"--record={kept}")

        assert result.returncode == 0
        assert "\nNothing changed: " in result.stdout
        assert f"Recorded in {kept}" in result.stdout

    @pytest.mark.parametrize("options", [(), ("--against-strict",)])
    def test_a_changed_pytorch_is_shown_and_fails_only_if_strict(
        self, recorded, run_here, monkeypatch, options
    ):
        contains = torch.Tensor.__contains__
        monkeypatch.setattr(
            torch.Tensor,
            "__contains__",
            lambda self, it: False if isinstance(it, str) and it == "a" else contains(self, it),
        )

        result = run_here(*SMALL, f"--against={recorded}", *options)

        assert result.returncode == len(options)
        assert ("This fails --against-strict" in result.stdout) is bool(options)
        assert "Other changes: 1" in result.stdout
        assert "'a' in torch.ones(2)  It failed before." in result.stdout

    def test_a_release_of_the_history_serves_as_a_record(self, run_here):
        result = run_here(*SMALL, "--against=1.13")

        assert result.returncode == 0
        assert "What changed: PyTorch 1.13.1" in result.stdout
        assert "before: raises ValueError: only one element tensors" in result.stdout

    @pytest.mark.parametrize(
        ("content", "option", "says"),
        [
            ('{"schema": 1, "date', "--against={}", "only part of one"),
            (a_record(devices=["none"]).as_json(), "--against={}", "recorded on none, this run u"),
            ("", "--against=2.99", "no release 2.99; it has 1.13.0"),
            ("", "--against-strict", "--against-strict needs --against, such as --against=2.4"),
        ],
    )
    def test_what_cannot_be_compared_is_refused_in_one_sentence_before_the_run(
        self, tmp_path, run_here, content, option, says
    ):
        (tmp_path / "record.json").write_text(content)

        result = run_here(*SMALL, option.format(tmp_path / "record.json"))

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert says in result.stdout
        assert len(result.stdout.strip().splitlines()) == 1

    @pytest.mark.skipif(torch.cuda.is_available(), reason="CUDA is here")
    def test_a_record_of_more_devices_is_refused_unless_the_run_names_its_own(
        self, tmp_path, run_here
    ):
        path = tmp_path / "record.json"
        save(a_record(devices=["cpu", "cuda"]), path)

        without, named = (run_here(ITEM, *it, f"--against={path}") for it in ((), SMALL[-1:]))

        assert without.returncode == pytest.ExitCode.USAGE_ERROR
        assert "recorded on cpu and cuda, this run uses cpu; choose" in without.stdout
        assert named.returncode == 0


@pytest.mark.parametrize("option", ["--history", "--against=2.4"])
def test_a_damaged_history_is_named_in_one_sentence(tmp_path, monkeypatch, run_here, option):
    (tmp_path / "history.json").write_text("{")
    monkeypatch.setattr(releases, "HISTORY", tmp_path / "history.json")
    releases.forget()

    result = run_here(*SMALL, option)

    releases.forget()
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert "history.json cannot be read" in result.stdout


def test_the_history_is_printed_without_a_run(run_here):
    result = run_here("--history")

    assert result.returncode == 0
    assert "\nPyTorch 2.1.0: " in result.stdout
    assert "-> Code that catches ValueError must also catch" in result.stdout
    assert "passed" not in result.stdout


def test_a_run_that_records_nothing_leaves_the_snippets_out(run_here):
    result = run_here("specs", "--collect-only")

    assert "test_snippets" not in result.stdout
