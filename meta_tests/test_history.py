"""What differs between records is said, the most serious first, and nothing else is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.history import __main__ as command
from harness.history import page, timeline
from harness.history.advice import arguments, effect
from harness.history.facts import NO_ROW, Fact, Kind, differences, facts, unchecked
from harness.history.record import BadRecord, CostSeen, Record, Result, save
from harness.history.releases import find, minor, shipped
from harness.history.report import labels, lines, texts
from harness.history.timeline import drifts, steps
from meta_tests.copies import PROJECT, copy_project
from meta_tests.test_records import a_record
from specs.ledger import LEDGER, Verdict


def seen(torch: str, outcome: str = "confirmed", costs: tuple = (), **observations) -> Record:
    """A record of claim 1.1.3 alone."""
    claims = {"1.1.3": {"cpu": Result(outcome, observations)}}
    return a_record(torch, claims=claims, costs=list(costs))


def said(*records: Record) -> str:
    return "\n".join(line for line, _ in lines(records, differences(records)))


def cost(peak: int, predicted: int | None) -> CostSeen:
    return CostSeen("What?", "8 layers", "no_grad", "cpu", peak, predicted, 512, 0.93)


class TestDifferences:
    def test_two_equal_records_differ_in_nothing_and_that_is_one_line(self):
        assert differences([a_record(), a_record()]) == []
        assert said(a_record(), a_record()).splitlines()[-1].startswith("Nothing changed: ")

    def test_time_ratios_are_no_fact(self):
        faster = CostSeen("What?", "8 layers", "no_grad", "cpu", 1024, 1024, 512, 0.5)

        assert differences([a_record(), a_record(costs=[faster])]) == []

    def test_a_peak_that_the_processor_decides_is_no_fact(self):
        assert (
            differences([seen("2.4", costs=[cost(1, None)]), seen("2.5", costs=[cost(2, None)])])
            == []
        )
        assert differences([seen("2.4", costs=[cost(1, 1)]), seen("2.5", costs=[cost(2, 1)])])

    def test_the_most_serious_comes_first(self):
        before = a_record(
            claims={
                "1.1.1": {"cpu": Result("failed")},
                "1.1.2": {"cpu": Result("confirmed", {"name": "before"})},
                "1.1.3": {"cpu": Result("confirmed")},
            },
            costs=[cost(1, 1)],
        )
        after = a_record(
            claims={
                "1.1.1": {"cpu": Result("confirmed")},
                "1.1.2": {"cpu": Result("confirmed", {"name": "after"})},
                "1.1.3": {"cpu": Result("crashed")},
            },
            costs=[cost(2, 1)],
        )

        found = [(it.fact.subject, it.values) for it in differences([before, after])]

        assert found == [
            ("1.1.3", ("confirmed", "crashed")),
            ("1.1.1", ("failed", "confirmed")),
            ("1.1.2", ("before", "after")),
            ("What?", ("1 bytes", "2 bytes")),
        ]

    @pytest.mark.parametrize("question", ["²", "9" * 5000, "1.²", ""])
    def test_a_question_may_look_like_a_number(self, question):
        before, after = (CostSeen(question, "", "a", "cpu", peak, peak, 0) for peak in (1, 2))

        assert len(differences([seen("2.4", costs=[before]), seen("2.5", costs=[after])])) == 1

    def test_a_record_that_did_not_look_differs_in_nothing(self):
        assert differences([seen("2.4", name="value"), seen("2.5")]) == []
        assert "1 more are in one record alone" in said(
            seen("2.4", name="value", other="a"), seen("2.5", other="b")
        )

    def test_a_claim_that_was_not_checked_differs_in_nothing(self):
        assert differences([seen("2.4"), seen("2.5", "not checked")]) == []

    def test_a_row_that_a_table_lacks_is_a_difference(self):
        found = differences(
            [seen("2.4", table={"a": "1"}), seen("2.5", table={"a": "1", "b": "2"})]
        )

        assert [(it.fact.row, it.values) for it in found] == [("b", (NO_ROW, "2"))]

    def test_devices_are_not_mixed_up(self):
        claims = {"1.1.3": {"cpu": Result("confirmed"), "cuda": Result("failed")}}

        found = differences([a_record(claims=claims), seen("2.5")])

        assert found == []

    def test_every_fact_of_a_record_is_compared(self):
        for fact, value in facts(a_record()).items():
            other = a_record()
            _spoil(other, fact)
            found = differences([a_record(), other])
            assert [it.fact for it in found] == [fact], (fact, value)


def _spoil(record: Record, fact: Fact) -> None:
    """Change in the record what this fact says, and nothing else."""
    if fact.kind is Kind.COST:
        kind = {"peak": "peak_bytes", "retained": "retained_bytes"}[fact.row]
        it = record.costs[0]
        record.costs[0] = CostSeen(**{**vars(it), kind: getattr(it, kind) + 1})
        return
    result = record.claims[fact.subject][fact.device]
    if fact.kind is Kind.OUTCOME:
        result.outcome = "failed"
    elif fact.row:
        result.observations[fact.name] = {fact.row: "otherwise"}
    elif isinstance(result.observations[fact.name], list):
        result.observations[fact.name] = ["otherwise"]
    else:
        result.observations[fact.name] = "otherwise"


class TestReport:
    def test_before_and_after_stand_under_the_claim_with_their_releases(self):
        text = said(
            seen("2.4.1", name="raises ValueError"), seen("2.13.0", name="raises TypeError")
        )

        assert f"1.1.3 {LEDGER['1.1.3'].says[:40]}" in text
        assert (
            "name [cpu]\n          2.4.1   raises ValueError\n          2.13.0  raises TypeError"
            in text
        )

    def test_what_may_break_code_comes_first(self):
        before = seen("2.4", a="raises ValueError: x", b="1")
        after = seen("2.5", a="raises ValueError: y", b="raises ValueError")

        text = said(before, after)

        assert "may break code: 1" in text
        assert text.index("b [cpu]") < text.index("otherwise: 1") < text.index("a [cpu]")

    def test_a_claim_that_fails_is_named_with_its_specs(self):
        after = seen("2.13.0", "failed")
        after.claims["1.1.3"]["cpu"].failed.append("test_1_1_item.py::test_it[cpu]")

        text = said(seen("2.4.1"), after)

        assert "Claims that do not hold: 1" in text
        assert "[cpu] confirmed on 2.4.1, then failed on 2.13.0" in text
        assert "test_1_1_item.py::test_it[cpu]" in text

    def test_many_records_stand_side_by_side_each_value_once(self):
        text = said(seen("2.3", name="a"), seen("2.4", name="a"), seen("2.5", name="b"))

        assert "2.3, 2.4  a\n" in text
        assert "2.5       b\n" in text

    def test_records_of_one_release_are_told_apart_by_what_else_differs(self):
        other = a_record()
        other.environment["numpy"] = "1.26.4"

        assert labels([a_record(), other]) == ["2.13.0, NumPy 2.4.6", "2.13.0, NumPy 1.26.4"]
        assert labels([a_record(), a_record("2.13.0+cu132")]) == ["2.13.0+cpu", "2.13.0+cu132"]
        assert labels([a_record(), a_record()]) == ["2.13.0 (first)", "2.13.0 (second)"]

    def test_of_names_only_those_that_are_not_in_both_are_shown(self):
        assert texts([("a", "b"), ("b", "c", "d")]) == ["the same 1, and a", "the same 1, and c, d"]
        assert texts([("a",), ("a", "b")]) == ["the same 1", "the same 1, and b"]
        assert texts([("a", "b"), ("b", "a")]) == ["a, b", "b, a"]

    def test_of_many_lines_only_those_that_are_not_in_both_are_shown(self):
        assert texts(["x\na\ny", "x\nb\ny"]) == ["...\na\n...", "...\nb\n..."]

    def test_rows_that_changed_in_the_same_way_are_told_together(self):
        before = seen("2.4", table={"int8": "'Int8' no", "int16": "'Int16' no", "bool": "no"})
        after = seen("2.5", table={"int8": "yes", "int16": "yes", "bool": "yes"})

        text = said(before, after)

        assert "table [cpu]: int16, int8\n" in text
        assert "2.4  '<it>' no" in text
        assert "table [cpu]: bool\n" in text

    def test_what_could_move_the_cursor_is_shown_as_text_and_not_too_much_of_it(self):
        text = said(seen("2.4", name="\x1b[2J\r<b>"), seen("2.5", name="x" * 10_000))

        assert "\x1b" not in text
        assert "\r" not in text
        assert r"\x1b[2J" in text
        assert "(8,000 more characters)" in text


def _of_long_names():
    return [{"-" * 60_000 + "x": "-" * 120_000 + it} for it in "ab"]


def _of_rows_that_their_values_name():
    return [{f"r{i}": f"r{i} {it}" for i in range(40_000)} for it in "ab"]


def _of_values_that_repeat_the_row():
    return [{"a" * 100: "a" * 4_000_000 + it, "-": "-" * 4_000_000 + it} for it in "ab"]


def _of_a_signature():
    return [f"f({'a,' * 300_000}{it})" for it in "ab"]


def _of_a_list():
    return [[f"{i}{it}" for i in range(300_000)] for it in "ab"]


@pytest.mark.parametrize(
    "values",
    [
        _of_long_names,
        _of_rows_that_their_values_name,
        _of_values_that_repeat_the_row,
        _of_a_signature,
        _of_a_list,
    ],
)
def test_no_record_takes_long_or_fills_the_screen(values):
    records = [
        seen(release, **{"signature of f": it})
        for release, it in zip(("2.4", "2.5"), values(), strict=True)
    ]
    start = time.process_time()  # of this process alone, whatever else the machine does

    text = said(*records)

    assert time.process_time() - start < 10  # 1 as it is; 10 to 40 where it grew as the square
    assert len(text) < 20_000


class TestReleases:
    def test_the_history_has_every_minor_release_from_1_13_to_2_15(self):
        expected = ["1.13", *(f"2.{number}" for number in range(16))]

        assert list(dict.fromkeys(minor(record.release) for record in shipped())) == expected

    def test_every_claim_holds_on_every_release_of_the_history(self):
        for record in shipped():
            assert set(LEDGER) - set(record.claims) == {"1.4.4"}  # it needs an accelerator
            outcomes = {r.outcome for of in record.claims.values() for r in of.values()}
            assert outcomes <= {"confirmed", "not checked"}

    def test_the_records_of_the_history_looked_at_the_same_things(self):
        looked = [{(f.kind, f.subject, f.name, f.device) for f in facts(r)} for r in shipped()]

        assert all(of == looked[0] for of in looked)

    @pytest.mark.parametrize(
        "id", [id for id, it in LEDGER.items() if it.verdict is Verdict.DRIFTED]
    )
    def test_a_drifted_claim_changed_in_the_history_with_the_release_that_the_ledger_says(self, id):
        since = {drift.since for drift in drifts(shipped()) if drift.fact.subject == id}

        assert LEDGER[id].since in since

    def test_releases_that_the_sentences_of_the_ledger_name_are_those_of_the_history(self):
        of_item = [d for d in drifts(shipped()) if d.fact.name == "item() of two elements"]

        assert [(d.since, d.before.split(":")[0], d.after.split(":")[0]) for d in of_item] == [
            ("2.0", "raises ValueError", "raises RuntimeError")
        ]
        assert "ValueError before PyTorch 2.0" in LEDGER["1.1.3"].says

    def test_a_release_is_found_by_its_minor_or_whole_number(self):
        assert find("2.4").release == find("2.4.1").release == "2.4.1"
        with pytest.raises(BadRecord, match=r"no release 2\.99; it has 1\.13\.1, 2\.0\.1"):
            find("2.99")

    def test_history_md_is_what_the_records_say(self):
        assert (PROJECT / "docs/changes.md").read_text(encoding="utf-8") == page.text(shipped())


class TestMarkdown:
    """A record is somebody else's: in docs/changes.md it shows as text."""

    HOSTILE = "``` ```` ` <img src=x> [a](http://b) | # www.c.d **e** &lt;"

    def page(self, *values: object) -> str:
        records = [seen(f"2.{i}", **{self.HOSTILE: value}) for i, value in enumerate(values, 4)]
        for i, record in enumerate(records):
            record.environment["numpy"] = f"{i}.{self.HOSTILE}"
            record.environment["torch"] = "2.4.0"
        return page.text(records)

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("a", HOSTILE),
            ("a\n" + HOSTILE, "b\n    ```\n# mine"),
            (["a", HOSTILE], ["a"]),
            (["a", "b`\n\n# mine"], ["a"]),
        ],
    )
    def test_markup_from_anywhere_shows_as_text(self, before, after):
        text = self.page(before, after)

        outside = _without_code(text)
        assert "img" in outside
        for markup in ("<img", "http://", "[a]", "| # ", "**e**", "&lt;", "www.c"):
            assert not re.search(rf"(?<!\\){re.escape(markup)}", outside), markup
        assert not re.search("^ *# mine", outside, re.MULTILINE)

    def test_advice_on_a_signature_shows_as_text(self):
        before, after = (f"f(a=`<img>`, {name})" for name in ("`b``<img>`", "c"))
        fact = Fact(Kind.OBSERVATION, "1.1.3", "signature of f")

        _, advice = effect(fact, before, after, "2.5")

        assert "img" in advice
        assert "img" not in _without_code(advice)


def _without_code(text: str) -> str:
    """The Markdown less what stands in blocks and spans of code, by CommonMark's rules."""
    text = re.sub(r"^ *(`{3,})text\n.*?^ *\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = r"(?<![\\`])(`+)(?!`)[^\n]*?(?<!`)\1(?!`)"
    return re.sub(spans, "", text)


class TestTimeline:
    def test_a_drift_says_since_when_and_skips_what_did_not_look(self):
        records = [seen("2.0", name="a"), seen("2.1"), seen("2.2", name="b"), seen("2.3", name="b")]

        assert [(d.since, d.before, d.after) for d in drifts(records)] == [("2.2", "a", "b")]

    def test_what_numpy_changed_is_not_put_down_to_pytorch(self):
        older = seen("2.3.1", name="a")
        older.environment["numpy"] = "1.26.4"

        assert steps([older, seen("2.3.1", name="b")]) == ["2.3", "NumPy 2.4"]
        assert [d.since for d in drifts([older, seen("2.3.1", name="b")])] == ["NumPy 2.4"]

    def test_records_of_one_release_need_no_version_of_numpy(self):
        older, newer = seen("2.3.1", name="a"), seen("2.3.1", name="b")
        del older.environment["numpy"], newer.environment["numpy"]

        assert steps([older, newer]) == ["2.3", "NumPy unknown"]
        assert "NumPy unknown" in "\n".join(timeline.lines([older, newer]))

    def test_without_records_there_is_no_history(self):
        assert list(timeline.lines([])) == ["There is no history yet."]


@pytest.mark.parametrize(
    ("name", "before", "after", "may_break", "expected"),
    [
        ("x", "raises ValueError: a", "raises TypeError: a", True, "must catch TypeError as well"),
        ("x", "raises ValueError: a", "raises ValueError: b", False, "message is another"),
        ("x", "raises ValueError: a", "1.0", False, "needs PyTorch 2.5 or later"),
        ("x", "1.0", "raises ValueError: a", True, "fails since 2.5"),
        ("x", "1.0", "1.0; warns UserWarning: a", False, "A warning is new"),
        ("x", "1.0; warns UserWarning: a", "1.0", False, "warns no longer"),
        ("x", "1; warns A: a", "1; warns B: a", False, "warning is another"),
        ("x", "raises A: a", "raises A: a; warns B: a", False, "A warning is new"),
        ("x", "1.0", "2.0; warns UserWarning: a", True, "result is another"),
        ("print of x", "a", "b", True, "accept both"),
        ("x", "1.0", "2.0", True, "result is another since 2.5"),
        ("x", NO_ROW, "2.0", False, ""),
        ("x", "1.0", NO_ROW, True, "no longer since 2.5"),
        ("documented of f: words", "True", "False", False, ""),
        ("names", ("a", "b"), ("b", "c"), True, "Code that uses `a` fails since 2.5"),
        ("names", ("a",), ("a", "c", "d"), False, "`c` and `d` needs PyTorch 2.5"),
        ("names", ("a", "b"), ("b", "a"), True, "order"),
        ("signature of f", "not there", "f(a)", False, "needs PyTorch 2.5"),
        ("signature of f", "f(a)", "not there", True, "fails since 2.5"),
        ("signature of f", "f(a, b=1)", "f(a, b=2)", True, "pass `b=1` to keep"),
        ("signature of f", "f(a, b=1)", "f(a)", True, "`b` can be passed no longer"),
        ("signature of f", "f(a)", "f(a, *, b=(1, 2), c=0)", False, "`b` and `c` can be passed"),
        ("signature of f", "f(a)", "f(a=1)", True, "`a` has a default now"),
        ("signature of f", "f(a, b=1)", "f(a: int, b: int = 1)", False, ""),
    ],
)
def test_advice_is_what_the_records_can_say(name, before, after, may_break, expected):
    breaks, advice = effect(Fact(Kind.OBSERVATION, "1.1.3", name), before, after, "2.5")

    assert expected in advice if expected else advice == ""
    assert breaks is may_break


def test_arguments_are_told_from_the_commas_of_their_defaults():
    assert arguments("f(self, a, *, b=(1, 2), **c) -> Tensor") == {
        "a": "",
        "b": "(1, 2)",
        "**c": "",
    }
    assert arguments("no signature") is None


class TestCommand:
    """python -m harness.history."""

    def run(
        self, *arguments: object, cwd: Path = PROJECT, **environment: str
    ) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "harness.history", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, **environment},
            text=True,
            capture_output=True,
            check=False,
        )

    @pytest.fixture
    def files(self, tmp_path):
        save(seen("2.4.1", name="a"), tmp_path / "before.json")
        save(seen("2.13.0", name="b"), tmp_path / "after.json")
        return tmp_path / "before.json", tmp_path / "after.json"

    def test_files_are_compared_without_pytorch_and_without_a_run(self, files):
        result = self.run(*files)

        assert result.returncode == 0
        assert "Observations that differ, and may break code: 1" in result.stdout
        code = "import sys; import harness.history.__main__; sys.exit('torch' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT).returncode == 0

    def test_strict_fails_if_anything_differs_and_only_then(self, files):
        assert self.run("--strict", *files).returncode == 1
        assert self.run("--strict", files[0], files[0]).returncode == 0

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["2.4"], "two records or more"),
            (["2.4", "none.json"], "none.json does not exist"),
            (["2.4", "2.99"], "no release 2.99"),
            (["--no-such"], "unrecognized arguments"),
        ],
    )
    def test_a_wrong_call_is_answered_in_one_sentence(self, arguments, says):
        result = self.run(*arguments)

        assert result.returncode == 2
        assert says in result.stderr
        assert "Traceback" not in result.stderr

    def test_strict_fails_too_if_nothing_was_compared_or_a_claim_was_not_checked_again(
        self, files, tmp_path
    ):
        save(a_record("2.4.1", claims={}, costs=[]), tmp_path / "none.json")
        save(a_record("2.4.1", costs=[]), tmp_path / "more.json")
        less = a_record("2.4.1", costs=[])
        del less.claims["2.3.3"]
        save(less, tmp_path / "less.json")

        for names, says in (
            (("none.json", "none.json"), "Nothing was compared: the records have no fact in"),
            (("more.json", "less.json"), "Not checked again: 1 claim (2.3.3)"),
        ):
            result = self.run(*(tmp_path / name for name in names))
            strict = self.run("--strict", *(tmp_path / name for name in names))

            assert says in result.stdout
            assert (result.returncode, strict.returncode) == (0, 1)
        assert "Not checked" not in self.run(tmp_path / "less.json", tmp_path / "more.json").stdout

    def test_a_device_that_is_not_in_the_last_record_is_not_missed(self):
        claims = {"1.1.3": {"cuda": Result("confirmed")}}

        assert unchecked([a_record(claims=claims, devices=["cuda"]), seen("2.4")]) == []

    @pytest.mark.parametrize("arguments", [[], ["--write"], ["2.4", "2.5"]], ids=str)
    @pytest.mark.parametrize("damage", ["{", None])
    def test_a_damaged_record_of_the_history_is_named_in_one_sentence(
        self, arguments, damage, tmp_path
    ):
        copy = copy_project(tmp_path)
        record = copy / "harness/history/records/2.4.1.json"
        record.unlink()
        if damage is None:
            record.symlink_to(record)
        else:
            record.write_text(damage)

        result = self.run(*arguments, cwd=copy)

        assert result.returncode == 2
        assert "2.4.1.json " in result.stderr.splitlines()[-1]
        assert "Traceback" not in result.stderr

    def test_a_history_that_cannot_be_written_is_as_it_was(self, tmp_path, monkeypatch, capsys):
        (tmp_path / "changes.md").write_text("as it was")
        monkeypatch.setattr(command, "CHANGES", tmp_path / "changes.md")
        monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))

        with pytest.raises(SystemExit):
            command.main(["--write"])

        assert "changes.md cannot be written: full" in capsys.readouterr().err
        assert (tmp_path / "changes.md").read_text() == "as it was"

    def test_what_the_terminal_has_no_character_for_is_written_out(self, tmp_path):
        save(seen("2.4", name="é"), tmp_path / "a.json")
        save(seen("2.5", name="e"), tmp_path / "b.json")

        result = self.run(tmp_path / "a.json", tmp_path / "b.json", PYTHONIOENCODING="ascii")

        assert result.returncode == 0
        assert "2.4  \\xe9" in result.stdout

    @pytest.mark.parametrize("name", ["x" * 5000, "1." + "1" * 5000, "a\n\x1b[2J"])
    def test_any_name_of_a_file_is_answered_in_one_sentence(self, name):
        result = self.run("2.4", name)

        assert result.returncode == 2
        assert result.stderr.splitlines()[-1].startswith("python -m harness.history: error: ")
        assert result.stderr.replace("\n", "").isprintable()
        assert len(result.stderr) < 3000

    def test_the_history_is_shown(self):
        result = self.run()

        assert result.returncode == 0
        assert "PyTorch 2.0\n" in result.stdout
        assert "raises ValueError: only one element tensors" in result.stdout


def test_records_are_compared_without_any_package():
    result = subprocess.run(
        [sys.executable, "-S", "-m", "harness.history", "2.12", "2.13"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert "What changed: PyTorch 2.12.1" in result.stdout
