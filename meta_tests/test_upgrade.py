"""The upgrade check as a user runs it: a record before, what changed after."""

from __future__ import annotations

import json
import os
import re
import types
from typing import ClassVar

import pytest
import torch

from harness.history.comparing import Reminder
from harness.history.record import load, save
from harness.history.recording import KEY, real, why_not_written
from meta_tests.copies import PROJECT, copy_project, edit, run
from meta_tests.test_records import a_record
from specs.ledger import LEDGER

ITEM = "specs/test_1_1_item.py"
SEEN = "specs/observed/test_1_1_item.py"
PICKED = (ITEM, SEEN, "--device=cpu")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The record of a run of these files."""
    path = tmp_path_factory.mktemp("recorded") / "before.json"
    result = run(*PICKED, f"--record={path}")
    assert result.returncode == 0, result.stdout
    assert f"Recorded in {path}: 3 of {len(LEDGER)} claims" in result.stdout
    return path


@pytest.fixture
def copy(tmp_path):
    return copy_project(tmp_path)


class TestRecord:
    def test_claims_have_outcome_and_observations_by_device(self, recorded):
        record = load(recorded)

        assert list(record.claims) == ["1.1.1", "1.1.2", "1.1.3"]
        assert record.devices == ["cpu"]
        assert record.environment["torch"] == torch.__version__
        assert record.claims["1.1.3"]["cpu"].outcome == "confirmed"
        seen = record.claims["1.1.3"]["cpu"].observations["len() of no dimension"]
        assert seen.startswith("raises TypeError: len() of a 0-d tensor")

    def test_two_workers_another_order_and_another_hash_seed_give_the_same_bytes(
        self, recorded, tmp_path
    ):
        pytest.importorskip("xdist")
        path = tmp_path / "again.json"

        result = run(SEEN, ITEM, *PICKED[2:], "-n2", f"--record={path}", PYTHONHASHSEED="7")

        assert result.returncode == 0, result.stdout
        assert path.read_bytes() == recorded.read_bytes()

    def test_benchmarks_add_their_bytes_and_no_times(self, tmp_path):
        path = tmp_path / "costs.json"

        result = run(
            *("benchmarks", "-k", "entering", "--benchmark-disable", "--device=cpu"),
            f"--record={path}",
        )

        assert result.returncode == 0, result.stdout
        costs = json.loads(path.read_text(encoding="utf-8"))["costs"]
        assert {cost["alternative"] for cost in costs} >= {"no_grad", "enable_grad"}
        assert set(costs[0]) == {
            *("question", "case", "alternative", "device", "peak_bytes"),
            *("predicted_peak_bytes", "retained_bytes", "time_ratio"),
        }

    def test_a_failing_claim_is_recorded_with_its_spec(self, copy):
        edit(copy / ITEM, "assert type(number) is float", "assert type(number) is str")

        result = run(*PICKED, "--record=after.json", cwd=copy)

        assert result.returncode == 1
        claim = load(copy / "after.json").claims["1.1.1"]["cpu"]
        assert claim.outcome == "failed"
        assert claim.failed == [
            "test_1_1_item.py::TestItem::test_item_of_a_floating_point_tensor_is_the_same_float[cpu]"
        ]

    @pytest.mark.parametrize(
        ("exception", "says"),
        [("KeyboardInterrupt", "the run was interrupted"), ("SystemExit(3)", None)],
    )
    def test_an_interrupted_run_leaves_the_former_record(self, copy, recorded, exception, says):
        former = recorded.read_bytes()
        (copy / "record.json").write_bytes(former)
        edit(copy / ITEM, "method = tensor.item\n", f"raise {exception}\n")

        result = run(*PICKED, "--record=record.json", cwd=copy)

        assert result.returncode != 0
        if says:
            assert f"Nothing recorded: {says}" in result.stdout
            assert (copy / "record.json").read_bytes() == former

    def test_a_run_that_stops_at_the_first_failure_leaves_the_former_record(self, copy, recorded):
        (copy / "record.json").write_bytes(recorded.read_bytes())
        edit(copy / ITEM, "method = tensor.item\n", "assert False\n")

        result = run(*PICKED, "-x", "--record=record.json", cwd=copy)

        assert result.returncode != 0
        assert "Nothing recorded: the run ended early" in result.stdout
        assert (copy / "record.json").read_bytes() == recorded.read_bytes()

    def test_a_crash_is_recorded_and_the_rest_goes_on(self, copy):
        pytest.importorskip("xdist")
        edit(copy / ITEM, "method = tensor.item\n", "__import__('os').abort()\n")

        result = run(*PICKED, "-n1", "--record=record.json", cwd=copy)

        assert result.returncode == 1
        claims = load(copy / "record.json").claims
        assert [claims[id]["cpu"].outcome for id in ("1.1.1", "1.1.3")] == ["confirmed"] * 2
        crashed = [it for it in claims["1.1.2"].values() if it.outcome == "crashed"]
        assert len(crashed) == 1
        assert "test_item_without_parentheses" in crashed[0].failed[0]

    @pytest.mark.parametrize(
        ("name", "content", "says"),
        [
            ("folder", None, "is a folder"),
            ("none/record.json", None, "there is no folder"),
            ("letter.txt", "Dear reader,", "would replace what is no record"),
            ("other.json", '{"name": "left-pad"}', "would replace what is no record"),
        ],
    )
    def test_a_file_that_cannot_be_written_is_refused_before_the_run(
        self, tmp_path, name, content, says
    ):
        (tmp_path / "folder").mkdir()
        if content:
            (tmp_path / name).write_text(content)

        result = run(*PICKED, f"--record={tmp_path / name}")

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert says in result.stdout
        assert len(result.stdout.strip().splitlines()) == 1
        if content:
            assert (tmp_path / name).read_text() == content

    @pytest.mark.parametrize("name", ["/dev/null", "/dev/stdout", "pipe.json", "link.json"])
    def test_what_is_no_ordinary_file_is_not_replaced_by_one(self, tmp_path, name):
        os.mkfifo(tmp_path / "pipe.json")
        (tmp_path / "link.json").symlink_to("pipe.json")

        assert why_not_written(tmp_path / name) == f"{tmp_path / name} is no ordinary file"

    @pytest.mark.parametrize("option", ["--record", "--page", "--against"])
    @pytest.mark.parametrize(
        ("name", "says"), [("x" * 5000, "too long"), ("loop", "Too many levels"), ("1.1", "no ")]
    )
    def test_any_name_of_a_file_is_answered_in_one_sentence(self, tmp_path, option, name, says):
        (tmp_path / "loop").symlink_to("loop")
        if name == "1.1" and option != "--against":
            name, says = "\x1b[2J\n/a", r"\x1b[2J\n/a: there is no folder"

        result = run(
            *("--rootdir", PROJECT, "-c", PROJECT / "pytest.ini", PROJECT / ITEM),
            f"{option}={name}",
            cwd=tmp_path,
        )

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert says in result.stdout
        assert len(result.stdout.strip().splitlines()) == 1
        assert result.stdout.replace("\n", "").isprintable()
        assert len(result.stdout) < 2500

    def test_a_link_stays_and_the_file_at_its_end_is_replaced(self, tmp_path):
        (tmp_path / "link.json").symlink_to("file.json")

        assert why_not_written(tmp_path / "link.json") is None
        assert real(tmp_path / "link.json") == tmp_path / "file.json"
        assert list(tmp_path.iterdir()) == [tmp_path / "link.json"]

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ((SEEN,), "3 claims and this run 0"),
            ((ITEM,), "claims with observations and this run 0"),
        ],
    )
    def test_a_part_does_not_replace_a_record_that_holds_more(
        self, recorded, tmp_path, arguments, says
    ):
        path = tmp_path / "kept.json"
        path.write_bytes(recorded.read_bytes())

        result = run(*arguments, "--device=cpu", f"--record={path}")

        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        assert f"Nothing recorded: {path} has " in result.stdout
        assert f"{says}; delete it first if that is meant" in result.stdout
        assert path.read_bytes() == recorded.read_bytes()

    @pytest.mark.parametrize(
        "option", ["--claims", "--collect-only", "--setup-plan", "--setup-only", "--fixtures"]
    )
    @pytest.mark.parametrize("wanted", ["--record=a.json", "--against=2.13"])
    def test_options_that_run_nothing_are_refused(self, wanted, option):
        result = run(option, wanted)

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        name = wanted.partition("=")[0]
        assert f"{name} needs a run; {option} runs nothing" in result.stdout


class TestAgainst:
    def test_nothing_changed_is_one_line(self, recorded):
        result = run(*PICKED, f"--against={recorded}", "--against-strict")

        assert result.returncode == 0
        assert "\nNothing changed: " in result.stdout
        assert "differ" not in result.stdout

    def test_a_change_is_shown_before_and_after_and_fails_only_if_strict(self, recorded, tmp_path):
        before = load(recorded)
        before.claims["1.1.3"]["cpu"].observations["item() of two elements"] = "raises ValueError"
        save(before, tmp_path / "before.json")

        for options, status in (([], 0), (["--against-strict"], 1)):
            result = run(*PICKED, f"--against={tmp_path / 'before.json'}", *options)

            assert result.returncode == status
            assert "Observations that differ, and may break code: 1" in result.stdout
            assert "item() of two elements [cpu]\n" in result.stdout
            assert "raises ValueError\n" in result.stdout

    def test_what_was_not_checked_again_is_said_and_fails_only_if_strict(self, recorded):
        one = f"{ITEM}::TestItem::test_item_of_a_one_by_one_matrix_is_its_number"

        result = run(one, "--device=cpu", f"--against={recorded}")
        strict = run(one, "--device=cpu", f"--against={recorded}", "--against-strict")

        assert (result.returncode, strict.returncode) == (0, 1)
        for said in (result.stdout, strict.stdout):
            assert "Not checked again: 2 claims (1.1.2, 1.1.3)" in said
        assert "--against-strict fails what was not looked at again" in strict.stdout

    def test_a_comparison_of_nothing_is_said_and_fails_only_if_strict(self, tmp_path):
        save(a_record(claims={}, costs=[]), tmp_path / "none.json")

        result = run(ITEM, "--device=cpu", f"--against={tmp_path / 'none.json'}")
        strict = run(
            ITEM, "--device=cpu", f"--against={tmp_path / 'none.json'}", "--against-strict"
        )

        assert (result.returncode, strict.returncode) == (0, 1)
        assert "Nothing was compared: the records have no fact in common" in result.stdout
        assert "Nothing changed" not in result.stdout

    def test_a_claim_that_no_longer_holds_is_said_first(self, copy, recorded):
        edit(copy / ITEM, "assert type(number) is float", "assert type(number) is str")

        result = run(*PICKED, f"--against={recorded}", cwd=copy)

        assert "Claims that do not hold: 1" in result.stdout
        assert "[cpu] confirmed on" in result.stdout

    def test_a_changed_pytorch_is_told_from_the_one_before(self, copy, recorded):
        with (copy / "conftest.py").open("a") as conftest:
            conftest.write("import torch\ntorch.Tensor.__len__ = lambda self: 1\n")

        result = run(*PICKED, f"--against={recorded}", "--against-strict", cwd=copy)

        assert result.returncode == 1
        assert "Observations that differ otherwise: 1" in result.stdout
        assert re.search(r"len\(\) of no dim.*\n.* raises TypeError: .*\n.*  1\n", result.stdout)

    def test_a_record_can_be_compared_with_and_replaced_in_one_run(self, recorded, tmp_path):
        path = tmp_path / "kept.json"
        path.write_bytes(recorded.read_bytes())

        result = run(*PICKED, f"--against={path}", f"--record={path}")

        assert result.returncode == 0
        assert "Nothing changed" in result.stdout
        assert f"Recorded in {path}" in result.stdout

    def test_a_release_of_the_history_is_as_good_as_a_file(self):
        result = run(*PICKED, "--against=1.13")

        assert result.returncode == 0
        assert "What changed: PyTorch 1.13.1" in result.stdout
        assert "raises ValueError: only one element tensors" in result.stdout

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (None, "does not exist"),
            ("", "is empty"),
            ('{"schema": 1, "date', "only a part of one"),
            ('{"schema": 99}', "of a newer kind"),
            ("{}", "no record of this specification"),
            (a_record(devices=["cuda"]).as_json(), "recorded on cuda, and not on cpu"),
        ],
    )
    def test_a_bad_record_is_refused_in_one_sentence_before_the_run(self, tmp_path, content, says):
        path = tmp_path / "record.json"
        if content is not None:
            path.write_text(content)

        result = run(*PICKED, f"--against={path}")

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert says in result.stdout
        assert len(result.stdout.strip().splitlines()) == 1

    @pytest.mark.skipif(torch.cuda.is_available(), reason="CUDA is here")
    def test_a_record_of_more_devices_is_refused_unless_this_run_names_its_own(self, tmp_path):
        path = tmp_path / "record.json"
        save(a_record(devices=["cpu", "cuda"]), path)

        without = run(ITEM, f"--against={path}")
        named = run(ITEM, "--device=cpu", f"--against={path}")

        assert without.returncode == pytest.ExitCode.USAGE_ERROR
        assert "recorded on cuda too" in without.stdout
        assert "add --device cpu" in without.stdout
        assert named.returncode == 0

    @pytest.mark.parametrize(
        ("options", "says"),
        [
            (["--against=2.99"], "no release 2.99; it has 1.13.1"),
            (["--against-strict"], "--against-strict needs something to compare with"),
        ],
    )
    def test_what_cannot_be_compared_is_refused(self, options, says):
        result = run(*PICKED, *options)

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert says in result.stdout


class TestLast:
    """A run on another PyTorch than the last says that something changed."""

    def test_the_last_run_on_another_pytorch_is_remembered(self, tmp_path):
        cache = ("-o", f"cache_dir={tmp_path}")
        first = run(*cache, "--device=cpu", cache=True)
        kept = tmp_path / "d" / "specification" / f"{torch.__version__}.json"
        assert first.returncode == 0, first.stdout
        assert "Since your last run" not in first.stdout
        before = load(kept)
        before.environment["torch"] = "1.0.1"
        before.claims["1.1.3"]["cpu"].observations["item() of no element"] = "0"
        save(before, kept.with_name("1.0.1.json"))
        kept.unlink()

        second = run(*cache, "--device=cpu", cache=True)
        third = run(*cache, *PICKED, "--against=last", cache=True)

        assert "Since your last run on PyTorch 1.0.1" in second.stdout
        assert "1 thing changed; pytest --against=last says which" in second.stdout
        assert "item() of no element" in third.stdout

    def test_what_is_no_file_among_the_remembered_is_passed_over(self, tmp_path):
        folder = tmp_path / "d" / "specification"
        folder.mkdir(parents=True)
        save(a_record("1.0.1"), folder / "1.0.1.json")
        (folder / "loop.json").symlink_to("loop.json")
        (folder / "broken.json").symlink_to("nowhere.json")
        os.mkfifo(folder / "pipe.json")
        (folder / "damaged.json").write_text("{")

        result = run("-o", f"cache_dir={tmp_path}", *PICKED, "--against=last", cache=True)

        assert result.returncode == 0
        assert "What changed: PyTorch 1.0.1" in result.stdout

    def test_a_record_that_cannot_be_remembered_fails_no_run(self, tmp_path):
        class Config:
            cache = types.SimpleNamespace(_cachedir=tmp_path)
            stash: ClassVar = {KEY: types.SimpleNamespace(is_whole=True, record=a_record)}

        folder = tmp_path / "d" / "specification"
        folder.mkdir(parents=True)
        (folder / "2.13.0+cpu.json").mkdir()  # where the record would have to be
        (folder / "loop.json").symlink_to("loop.json")
        session = types.SimpleNamespace(config=Config, shouldstop=False, shouldfail=False)

        Reminder().pytest_sessionfinish(session, pytest.ExitCode.OK)

    def test_without_one_last_is_refused(self, tmp_path):
        result = run("-o", f"cache_dir={tmp_path}", "--against=last", cache=True)

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert "no run on another PyTorch is remembered" in result.stdout


@pytest.mark.parametrize("option", ["--history", "--page=p.html", "--against=2.4"])
def test_a_damaged_record_of_the_history_is_named_in_one_sentence(copy, option):
    (copy / "harness/history/records/2.4.1.json").write_text("{")

    result = run(*PICKED, option, cwd=copy)

    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"{option.partition('=')[0]}: {copy}/harness/history/records/2.4.1.json is no rec" in (
        result.stdout
    )
    assert len(result.stdout.strip().splitlines()) == 1


def test_history_is_printed_where_there_are_few_characters(copy):
    record = load(copy / "harness/history/records/2.4.1.json")
    record.claims["1.1.3"]["cpu"].observations["item() of two elements"] = "\xe9"
    save(record, copy / "harness/history/records/2.4.1.json")

    result = run("--history", cwd=copy, PYTHONIOENCODING="ascii")

    assert result.returncode == 0
    assert r"\xe9" in result.stdout


def test_history_prints_what_changed_with_which_release_and_runs_nothing():
    result = run("--history")

    assert result.returncode == 0
    assert "PyTorch 2.0\n" in result.stdout
    assert "passed" not in result.stdout
