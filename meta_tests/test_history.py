"""What differs between records is shown, the most serious first, and nothing else is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.history import __main__ as command
from harness.history import add_release
from harness.history.advice import advise
from harness.history.changes_page import as_markdown
from harness.history.compare import NO_ROW, Difference, Fact, Kind, differences, facts, unchecked
from harness.history.record import BadRecord, Record, RecordedCost, Result, load, save
from harness.history.releases import changes_by_release, find, minor, shipped
from harness.history.terminal import labels, lines_of_comparison, texts
from meta_tests.copies import PROJECT
from meta_tests.test_records import a_record
from specs.ledger import LEDGER, Verdict


def seen(torch: str, outcome: str = "confirmed", costs: tuple = (), **observations) -> Record:
    """A record of claim 1.1.3 alone."""
    claims = {"1.1.3": {"cpu": Result(outcome, observations)}}
    return a_record(torch, claims=claims, costs=list(costs))


def said(*records: Record) -> str:
    return "\n".join(line for line, _ in lines_of_comparison(records))


def cost(peak: int, predicted: int | None, ratio: float = 0.93) -> RecordedCost:
    return RecordedCost("What?", "8 layers", "no_grad", "cpu", peak, predicted, 512, ratio)


class TestDifferences:
    @pytest.mark.parametrize(
        ("before", "after", "changed"),
        [
            (cost(1, 1), cost(2, 1), True),
            (cost(1, None), cost(2, None), False),  # the processor decides the peak
            (cost(1, 1, ratio=0.5), cost(1, 1, ratio=0.9), False),
        ],
    )
    def test_bytes_that_pytorch_decides_are_compared_and_times_are_not(
        self, before, after, changed
    ):
        found = differences([seen("2.4", costs=[before]), seen("2.5", costs=[after])])

        assert bool(found) is changed

    def test_the_most_serious_comes_first(self):
        def record(first: str, second: str, third: str, peak: int) -> Record:
            results = Result(first), Result("confirmed", {"name": second}), Result(third)
            claims = {f"1.{i}": {"cpu": result} for i, result in enumerate(results, 9)}
            return a_record(claims=claims, costs=[cost(peak, 1)])

        found = differences(
            [record("failed", "a", "confirmed", 1), record("confirmed", "b", "crashed", 2)]
        )

        assert [(it.fact.subject, it.values) for it in found] == [
            ("1.11", ("confirmed", "crashed")),
            ("1.9", ("failed", "confirmed")),
            ("1.10", ("a", "b")),
            ("What?", ("1 bytes", "2 bytes")),
        ]

    def test_what_is_in_only_one_record_does_not_differ(self):
        before, after = seen("2.4", name="value", other="a"), seen("2.5", other="a")
        on_cuda = a_record(claims={"1.1.3": {"cuda": Result("failed")}})

        assert differences([before, after, on_cuda]) == []
        assert differences([seen("2.4"), seen("2.5", "not checked")]) == []
        assert "1 more are in only one record" in said(before, after)

    def test_a_row_missing_from_a_table_is_a_difference(self):
        (found,) = differences([seen("2", t={"a": "1"}), seen("3", t={"a": "1", "b": "2"})])

        assert (found.fact.row, found.values) == ("b", (NO_ROW, "2"))


class TestComparison:
    def test_each_value_stands_once_under_its_claim_after_the_releases_that_have_it(self):
        text = said(seen("2.3", name="a"), seen("2.4", name="a"), seen("2.5", name="b"))

        assert f"1.1.3 {LEDGER['1.1.3'].says[:40]}" in text
        assert "name [cpu]\n          2.3, 2.4  a\n          2.5       b\n" in text

    def test_what_may_break_code_comes_first(self):
        before = seen("2.4", a="raises ValueError: x", b="1")
        after = seen("2.5", a="raises ValueError: y", b="raises ValueError")

        text = said(before, after)

        assert "Changes that may break code: 1" in text
        assert text.index("b [cpu]") < text.index("Other changes: 1") < text.index("a [cpu]")

    def test_a_claim_that_fails_is_named_with_its_specs(self):
        after = seen("2.13.0", "failed")
        after.claims["1.1.3"]["cpu"].failed.append("test_1_1_item.py::test_it[cpu]")

        text = said(seen("2.4.1"), after)

        assert "Claims that do not hold: 1" in text
        assert re.search(
            r"outcome \[cpu\]\n +2.4.1   confirmed\n +2.13.0  failed\n +test_1_1", text
        )

    def test_records_of_one_release_are_told_apart_by_what_else_differs(self):
        other = a_record()
        other.environment["numpy"] = "1.26.4"

        assert labels([a_record(), other]) == ["2.13.0, NumPy 2.4.6", "2.13.0, NumPy 1.26.4"]
        assert labels([a_record(), a_record("2.13.0+cu132")]) == [
            "2.13.0, build 2.13.0+cpu",
            "2.13.0, build 2.13.0+cu132",
        ]
        assert labels([a_record(), a_record()]) == ["2.13.0 (1)", "2.13.0 (2)"]

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ([("a", "b"), ("b", "c", "d")], ["..., a", "..., c, d"]),
            ([("a",), ("a", "b")], ["...", "..., b"]),
            ([("a", "b"), ("b", "a")], ["a, b", "b, a"]),
            (["x\na\ny", "x\nb\ny"], ["...\na\n...", "...\nb\n..."]),
            (["a", "a\nb"], ["...", "...\nb"]),
            (["a"], ["a"]),
        ],
    )
    def test_of_lists_and_lines_what_all_share_is_left_out(self, values, expected):
        assert texts(values) == expected

    def test_rows_that_changed_in_the_same_way_stand_together(self):
        before = seen("2.4", table={"int8": "'Int8' no", "int16": "'Int16' no", "bool": "no"})
        after = seen("2.5", table={"int8": "yes", "int16": "yes", "bool": "yes"})

        text = said(before, after)

        assert "table [cpu]: int16, int8\n" in text
        assert "2.4  '<it>' no" in text
        assert "table [cpu]: bool\n" in text

    def test_every_text_of_a_record_is_escaped_and_cut(self):
        evil = "\x1b[2J\r"
        records = [
            Record(
                f"2026{evil}",
                {"torch": f"2.13{evil}", "numpy": f"{release}{evil}"},
                [f"cpu{evil}"],
                {f"1{evil}": {f"cpu{evil}": Result(outcome, {evil: value}, [evil])}},
            )
            for release, outcome, value in ((1, "confirmed", evil * 999), (2, "failed", "b"))
        ]

        assert said(*records).replace("\n", "").isprintable()
        assert "(2,995 more characters)" in said(*records)

    def test_a_claim_is_not_missed_on_a_device_that_the_last_run_did_not_use(self):
        claims = {"1.1.3": {"cuda": Result("confirmed")}}

        assert unchecked([a_record(claims=claims, devices=["cuda"]), seen("2.4")]) == []


class TestReleases:
    def test_every_claim_holds_on_every_minor_release_from_1_13_to_2_15(self):
        minors = list(dict.fromkeys(minor(record.release) for record in shipped()))

        assert minors == ["1.13", *(f"2.{number}" for number in range(16))]
        for record in shipped():
            outcomes = {r.outcome for of in record.claims.values() for r in of.values()}
            assert outcomes <= {"confirmed", "not checked"}

    def test_the_records_of_the_history_have_the_same_facts(self):
        looked = [{(f.kind, f.subject, f.name, f.device) for f in facts(r)} for r in shipped()]

        assert all(of == looked[0] for of in looked)

    @pytest.mark.parametrize(
        "id", [id for id, it in LEDGER.items() if it.verdict is Verdict.DRIFTED]
    )
    def test_a_drifted_claim_changed_with_the_release_that_the_ledger_names(self, id):
        changes = changes_by_release(shipped())[f"PyTorch {LEDGER[id].since}"]

        assert id in {it.fact.subject for it in changes}

    def test_a_release_is_found_by_its_minor_or_whole_number(self):
        assert find("2.4").release == find("2.4.1").release == "2.4.1"
        with pytest.raises(BadRecord, match=r"no release 2\.99; it has 1\.13\.1, 2\.0\.1"):
            find("2.99")

    def test_a_change_belongs_to_the_first_release_that_has_the_new_value(self):
        records = [seen("2.0", name="a"), seen("2.1"), seen("2.2", name="b"), seen("2.3", name="b")]

        found = {name: [it.values for it in of] for name, of in changes_by_release(records).items()}

        nothing = {"PyTorch 2.0": [], "PyTorch 2.1": [], "PyTorch 2.3": []}
        assert found == {"PyTorch 2.2": [("a", "b")], **nothing}

    def test_what_numpy_changed_is_not_attributed_to_pytorch(self):
        older = seen("2.3.1", name="a")
        older.environment["numpy"] = "1.26.4"

        assert len(changes_by_release([older, seen("2.3.1", name="b")])["NumPy 2.4"]) == 1


def test_changes_md_is_what_the_records_say():
    assert (PROJECT / "docs/changes.md").read_text("utf-8") == as_markdown(shipped())


_ADVICE = [
    ("x", "raises ValueError: a", "raises TypeError: a", True, "must also catch TypeError"),
    ("x", "raises ValueError: a", "raises ValueError: b", False, "Only the message changed"),
    ("x", "raises ValueError: a", "1.0", False, "needs PyTorch 2.5 or later"),
    ("x", "1.0", "raises ValueError: a", True, "fails in PyTorch 2.5 and later"),
    ("x", "1.0", "1.0; warns UserWarning: a", False, "Now warns"),
    ("x", "1.0; warns UserWarning: a", "1.0", False, "No longer warns"),
    ("x", "1; warns A: a", "1; warns B: a", False, "Only the warning changed"),
    ("x", "1.0", "2.0; warns UserWarning: a", True, "The result changed"),
    ("print of x", "a", "b", True, "accept both"),
    ("x", "1.0", "2.0", True, "The result changed in PyTorch 2.5"),
    ("x", NO_ROW, "2.0", False, ""),
    ("x", "1.0", NO_ROW, True, "Removed in PyTorch 2.5"),
    ("documented of f: words", "True", "False", False, ""),
    ("names", ("a", "b"), ("b", "c"), True, "Code that uses `a` fails in PyTorch 2.5"),
    ("names", ("a",), ("a", "c", "d"), False, "`c` and `d` needs PyTorch 2.5"),
    ("names", ("a", "b"), ("b", "a"), True, "order"),
    ("names", (), tuple("abcdefgh"), False, "`a`, `b`, `c`, `d`, `e`, `f` and 2 more needs"),
    ("signature of f", "not there", "f(a)", False, "needs PyTorch 2.5"),
    ("signature of f", "f(a)", "not there", True, "fails in PyTorch 2.5"),
    ("signature of f", "f(a, b=1)", "f(a, b=2)", True, "Pass `b=1` to keep"),
    ("signature of f", "f(a, b=1)", "f(a, b)", True, "Pass `b=1` to keep"),
    ("signature of f", "f(a, b=1)", "f(a)", True, "Code that passes `b` fails"),
    ("signature of f", "f(a)", "f(a, *, b=(1, 2), c=0, **d) -> T", False, "`b` and `c` needs"),
    ("signature of f", "f(a)", "no signature", False, ""),
    ("signature of f", "f(a=<required parameter>)", "f(a=1)", False, ""),
    ("signature of f", "f(a, b=1)", "f(a: int, b: int = 1)", False, ""),
]


@pytest.mark.parametrize(("name", "before", "after", "may_break", "expected"), _ADVICE)
def test_advice_follows_from_before_and_after(name, before, after, may_break, expected):
    change = Difference(Fact(Kind.OBSERVATION, "1.1.3", name), (before, after))

    breaks, sentence = advise(change, "PyTorch 2.5")

    assert expected in sentence if expected else sentence == ""
    assert breaks is may_break


class TestCommand:
    """python -m harness.history."""

    def test_records_are_compared_without_any_package(self):
        result = subprocess.run(
            [sys.executable, "-S", "-m", "harness.history", "2.4", "2.5"],
            cwd=PROJECT,
            env={**os.environ, "PYTHONIOENCODING": "ascii"},
            capture_output=True,
            text=True,
            check=True,
        )

        assert "Changes that may break code: " in result.stdout

    @pytest.mark.parametrize(
        ("before", "after", "status", "says"),
        [
            ("more", "other", 1, "Other changes: 1"),
            ("none", "none", 1, "Nothing was compared: the records have no fact"),
            ("more", "less", 1, "Not checked this time: 1 claim (2.3.3)"),
            ("less", "more", 0, "Nothing changed"),
        ],
    )
    def test_strict_fails_if_anything_differs_or_is_missing(
        self, before, after, status, says, tmp_path, capsys
    ):
        claims = a_record().claims
        tables = {"cpu": Result("confirmed", {"item() of two elements": "1"})}
        for name, of in (
            ("more", claims),
            ("less", {"1.1.3": claims["1.1.3"]}),
            ("other", {**claims, "1.1.3": tables}),
            ("none", {}),
        ):
            save(a_record(claims=of, costs=[]), tmp_path / name)
        paths = [str(tmp_path / before), str(tmp_path / after)]

        assert command.main(paths) == 0
        assert says in capsys.readouterr().out
        assert command.main(["--strict", *paths]) == status

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["2.4"], "name two or more records"),
            (["2.4", "none.json"], "none.json does not exist"),
            (["2.4", "2.99"], "no release 2.99"),
            (["2.4", "a\n\x1b[2J"], r"a\n\x1b[2J does not exist"),
        ],
    )
    def test_a_wrong_call_is_answered_in_one_sentence(self, arguments, says, capsys):
        with pytest.raises(SystemExit, match="2"):
            command.main(arguments)

        last = capsys.readouterr().err.splitlines()[-1]
        assert last.startswith("python -m harness.history: error: ")
        assert says in last
        assert last.isprintable()


def test_add_records_releases_with_the_numpys_they_support_and_names_those_that_fail(
    tmp_path, monkeypatch, capsys
):
    installed = []

    def run(arguments: list, **_: object) -> None:  # pip or pytest
        words = [str(word) for word in arguments]
        installed.extend(word for word in words if word.startswith(("torch=", "numpy")))
        if "torch==2.98.0" in words:
            raise subprocess.CalledProcessError(1, "pip")
        for word in words:
            if word.startswith("--record="):
                save(a_record(), Path(word.removeprefix("--record=")))

    monkeypatch.setattr(add_release.subprocess, "run", run)
    monkeypatch.setattr(add_release.venv, "create", lambda *_, **__: None)
    monkeypatch.setattr(add_release, "RECORDS", tmp_path)

    assert command.main(["--add", "2.2.2", "2.98.0", "2.3.1"]) == 1

    assert capsys.readouterr().out.endswith("Not recorded: 2.98.0.json\n")
    assert " ".join(installed) == (
        "torch==2.2.2 numpy<2 torch==2.98.0 numpy>=2 torch==2.3.1 numpy<2 torch==2.3.1 numpy>=2"
    )
    names = ["2.2.2.json", "2.3.1-numpy1.json", "2.3.1.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert load(tmp_path / "2.3.1.json") == a_record()
