"""What differs between records is shown, the most serious first, and nothing else is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.history import __main__ as command
from harness.history import add_release, releases
from harness.history.advice import advise
from harness.history.changes import changes
from harness.history.changes_page import as_markdown
from harness.history.compare import differences, unchecked
from harness.history.record import BadRecord, Record, RecordedCost, Result, save
from harness.history.releases import changes_by_release, find, keep, minor, numbers, shipped
from harness.history.terminal import labels, lines_of_comparison
from meta_tests.copies import PROJECT
from meta_tests.test_records import a_record
from specs.ledger import LEDGER, Verdict
from specs.observed.snippets import all_snippets


def seen(torch: str, outcome: str = "confirmed", costs: tuple = (), **snippets) -> Record:
    """A record of claim 1.1.3 alone."""
    claims = {"1.1.3": {"cpu": Result(outcome, snippets)}}
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
        assert "Nothing changed" in said(before, after)


class TestComparison:
    def test_a_change_shows_the_snippet_before_and_after_and_what_to_do(self):
        text = said(seen("2.3", a="raises ValueError: x"), seen("2.5", a="raises KeyError: x"))

        assert "Changes that may break code: 1\n\n  1.1.3   a\n" in text
        assert f"{'':10}before: raises ValueError: x\n{'':10}after:  raises KeyError: x\n" in text
        assert f"{'':10}-> Code that catches ValueError must also catch KeyError." in text

    def test_what_may_break_code_comes_first_and_the_rest_takes_a_line_each(self):
        before = seen("2.4", a="raises ValueError: x", b="1")
        after = seen("2.5", a="raises ValueError: y", b="raises ValueError")

        text = said(before, after)

        assert text.index("1.1.3   b\n") < text.index("Other changes: 1")
        assert "  1.1.3    a  Only the message changed; code that matches it must" in text

    def test_a_claim_that_fails_is_named_with_its_specs(self):
        after = seen("2.13.0", "failed")
        after.claims["1.1.3"]["cpu"].failed.append("test_1_1_item.py::test_it[cpu]")

        text = said(seen("2.4.1"), after)

        assert "Claims that do not hold: 1" in text
        assert f"1.1.3 [cpu] {LEDGER['1.1.3'].says[:40]}" in text
        assert re.search(r"2.4.1: confirmed\n +2.13.0: failed\n +test_1_1", text)

    def test_records_of_one_release_are_told_apart_by_what_else_differs(self):
        other = a_record()
        other.environment["numpy"] = "1.26.4"

        assert labels([a_record(), other]) == ["2.13.0, NumPy 2.4.6", "2.13.0, NumPy 1.26.4"]
        assert labels([a_record(), a_record("2.13.0+cu132")]) == [
            "2.13.0, build 2.13.0+cpu",
            "2.13.0, build 2.13.0+cu132",
        ]
        assert labels([a_record(), a_record()]) == ["2.13.0 (1)", "2.13.0 (2)"]

    def test_rows_of_a_table_that_changed_in_the_same_way_stand_together(self):
        def of(**values: str) -> Record:
            template = "torch.ones(1, dtype=torch.{}).item()"
            snippets = {template.format(dtype): value for dtype, value in values.items()}
            return a_record(claims={"1.1.1": {"any": Result("confirmed", snippets)}})

        before = of(int8="raises A: 'Int8' no", int16="raises A: 'Int16' no", bool="1")
        (first, second) = changes(differences([before, of(int8="1", int16="1", bool="2")]))

        assert first.titles == ["torch.ones(1, dtype=torch.bool).item()"]
        assert second.titles == ["torch.ones(1, dtype=DTYPE).item()\n# for torch.int16; torch.int8"]
        assert (second.before, second.after) == ("raises A: '<it>' no", "1")

    def test_a_change_names_the_release_of_the_history_that_brought_it(self):
        text = said(find("2.8"), find("2.10"))

        assert "(since 2.9.0)" in text
        assert (
            "Release notes of 2.9.0: https://github.com/pytorch/pytorch/releases/tag/v2.9.0" in text
        )

    def test_a_change_among_releases_that_did_not_run_the_snippet_says_so(
        self, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(releases, "HISTORY", tmp_path / "history.json")
        releases.forget()

        def of(release: str, **snippets: str) -> Record:
            claims = {"1.1.3": {"any": Result("confirmed", {"old": "1", **snippets})}}
            return a_record(release, claims=claims, costs=[])

        records = [of("2.3.0", new="1"), of("2.4.0"), of("2.4.1"), of("2.5.0", new="2")]
        for record in records:
            keep(record)
        kept, text, page = list(shipped()), said(records[0], records[3]), as_markdown(shipped())
        releases.forget()

        assert kept == records
        assert "(since a release from 2.4.0 to 2.5.0)" in text
        assert "(since a release from 2.4.0 to 2.5.0)" in page
        assert text.count("Release notes of") == 2

    @pytest.mark.parametrize(
        ("values", "since"),
        [
            (("1", "raises A: b", "raises A: c"), "2.4.0"),  # only the words are of 2.5.0
            (("1", "1; warns A: b", "1; warns A: c"), "2.4.0"),
            (("raises A: a", "raises A: b", "raises A: c"), "2.5.0"),
            (("1; warns A: a", "1; warns A: b", "1; warns A: c"), "2.5.0"),
            (("1", "1; warns A: b", "raises A: b"), "2.5.0"),
            (("1", "raises B: b", "raises A: b"), "2.5.0"),
            (("1", "2", "3"), "2.5.0"),
        ],
    )
    def test_the_release_that_brought_an_exception_counts_and_not_that_of_its_last_words(
        self, tmp_path, monkeypatch, values, since
    ):
        monkeypatch.setattr(releases, "HISTORY", tmp_path / "history.json")
        releases.forget()
        records = [
            a_record(release, claims={"1.1.3": {"any": Result("confirmed", {"a": value})}})
            for release, value in zip(("2.3.0", "2.4.0", "2.5.0"), values, strict=True)
        ]
        for record in records:
            keep(record)
        text = said(records[0], records[2])
        releases.forget()

        assert f"(since {since})" in text

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

    def test_a_claim_is_not_missed_on_a_device_that_the_last_run_did_not_use(self):
        claims = {"1.1.3": {"cuda": Result("confirmed")}}

        assert unchecked([a_record(claims=claims, devices=["cuda"]), seen("2.4")]) == []

    def test_a_claim_is_not_missed_for_what_only_an_older_release_does_without_a_device(self):
        on_both = a_record(
            claims={"1.1.3": {"any": Result("confirmed"), "cpu": Result("confirmed")}}
        )

        assert unchecked([on_both, seen("2.4")]) == []
        assert unchecked([seen("2.4"), a_record(claims={"1.1.3": {}})]) == ["1.1.3"]


class TestReleases:
    def test_every_claim_holds_on_every_release_from_1_13_to_2_15(self):
        found = [record.release for record in shipped()]

        assert list(dict.fromkeys(map(minor, found))) == ["1.13", *(f"2.{i}" for i in range(16))]
        assert found == sorted(found, key=numbers)
        for record in shipped():
            outcomes = {r.outcome for of in record.claims.values() for r in of.values()}
            assert outcomes <= {"confirmed", "not checked"}

    def test_the_file_is_small_and_a_fact_has_one_line(self):
        text = releases.HISTORY.read_text("utf-8")

        assert len(text) < 800_000
        assert sum('"torch.ones(1).item"' in line for line in text.splitlines()) == 1

    def test_every_name_that_is_asked_for_was_there_in_some_release(self):
        observed = {
            seen
            for record in shipped()
            for of in record.claims.values()
            for result in of.values()
            for seen in result.observations.items()
        }
        names = {it.text for it in all_snippets() if it.template == "NAME is not None"}

        assert {it for it in names & dict(observed).keys() if (it, "True") not in observed} == set()

    def test_two_processes_lose_nothing_of_each_other(self, tmp_path):
        code = (
            "import sys; from pathlib import Path; from harness.history import releases\n"
            "from meta_tests.test_records import a_record\n"
            "releases.HISTORY = Path(sys.argv[1])\n"
            "for i in range(10): releases.keep(a_record(f'{sys.argv[2]}.{i}.0', costs=[]))\n"
        )
        path = tmp_path / "history.json"
        command = [sys.executable, "-c", code, str(path)]
        both = [subprocess.Popen([*command, major], cwd=PROJECT) for major in ("2", "3")]

        assert [it.wait() for it in both] == [0, 0]
        assert len(json.loads(path.read_text("utf-8"))["cpu"]["releases"]) == 20

    def test_what_was_kept_is_found_again_and_what_is_new_needs_no_old_release(
        self, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(releases, "HISTORY", tmp_path / "history.json")
        releases.forget()

        def of(release: str, **snippets: str) -> Record:
            result = Result("confirmed", snippets, [], ["ValueError: no"])
            return a_record(release, costs=[], claims={"1.1.1": {"any": result}})

        first, second, third = of("2.4.0", a="1"), of("2.4.1", a="1"), of("2.5.0", a="2", new="1")
        for record in (third, second, first, second):
            keep(record)
        kept = list(shipped())
        releases.forget()

        assert kept == [first, second, third]

    def test_rows_that_always_gave_the_same_stand_on_one_line_and_are_found_again(
        self, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(releases, "HISTORY", tmp_path / "history.json")
        releases.forget()

        def of(release: str, **of_dtypes: str) -> Record:
            text = "torch.ones(1, dtype=torch.{}).item()"
            values = {text.format(dtype): value for dtype, value in of_dtypes.items()}
            result = Result("confirmed", values)
            return a_record(release, costs=[], claims={"1.1.1": {"any": result}})

        first, second = of("2.4.0", int8="1", bool="1", int16="1"), of("2.5.0", int8="1", bool="2")
        for record in (first, second):
            keep(record)
        kept, lines = list(shipped()), releases.HISTORY.read_text("utf-8").splitlines()
        releases.forget()

        assert kept == [first, second]
        assert '"torch.int8":"1",' in lines

    def test_a_message_of_other_dtypes_or_numbers_stands_once_for_all_releases(
        self, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(releases, "HISTORY", tmp_path / "history.json")
        releases.forget()
        for release, dtype in (("2.3.0", "Half"), ("2.4.0", "Float"), ("2.5.0", "Half")):
            result = Result("confirmed", {}, [], [f"TypeError: no 'x' for {dtype}"])
            keep(a_record(release, costs=[], claims={"1.1.1": {"any": result}}))
        found = releases.messages()
        releases.forget()

        assert found == {"TypeError: no 'x' for Float": {"1.1.1"}}

    def test_a_record_of_another_device_is_kept_apart_and_found_by_its_release(
        self, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(releases, "HISTORY", tmp_path / "history.json")
        releases.forget()

        def on(device: str, *messages: str) -> Record:
            results = {
                device: Result("confirmed", {}, [], list(messages)),
                "any": Result("confirmed", {}, [], [f"without a device, {messages[-1]}"]),
            }
            claims = {"1.1.1": results}
            return a_record("2.9.0", costs=[], devices=[device], claims=claims)

        keep(on("cpu", "ValueError: no"))
        save(on("xla", "ValueError: no", "ValueError: never"), tmp_path / "xla.json")
        ended = command.main(["--add", str(tmp_path / "xla.json")])
        kept, other, messages = find("2.9", platform="xla"), find("2.9"), releases.messages()
        releases.forget()

        assert ended == 0
        assert (kept.devices, other.devices) == (["xla"], ["cpu"])
        assert kept.claims["1.1.1"]["any"].messages == ["ValueError: never"]
        assert set(messages) == {
            "ValueError: no",
            "ValueError: never",
            "without a device, ValueError: no",
        }

    @pytest.mark.parametrize(
        "id", [id for id, it in LEDGER.items() if it.verdict is Verdict.DRIFTED]
    )
    def test_a_drifted_claim_changed_with_the_release_that_the_ledger_names(self, id):
        changes = changes_by_release(shipped())[f"{LEDGER[id].since}.0"]

        assert id in {it.fact.subject for it in changes}

    def test_a_release_is_found_by_its_minor_or_whole_number(self):
        assert find("2.4").release == find("2.4.1").release == "2.4.1"
        with pytest.raises(BadRecord, match=r"no release 2\.99; it has 1\.13\.0, 1\.13\.1"):
            find("2.99")

    def test_a_change_belongs_to_the_first_release_that_has_the_new_value(self):
        records = [seen("2.0", name="a"), seen("2.1"), seen("2.2", name="b"), seen("2.3", name="b")]

        found = {name: [it.values for it in of] for name, of in changes_by_release(records).items()}

        assert found == {"2.0": [], "2.1": [], "2.2": [("a", "b")], "2.3": []}

    def test_what_numpy_changed_is_not_attributed_to_pytorch(self):
        older = seen("2.3.1", name="a")
        older.environment["numpy"] = "1.26.4"

        assert len(changes_by_release([older, seen("2.3.1", name="b")])["2.3.1, NumPy 2.4"]) == 1


def test_changes_md_is_what_the_records_say():
    assert (PROJECT / "docs/changes.md").read_text("utf-8") == as_markdown(shipped())


_ADVICE = [
    ("raises ValueError: a", "raises TypeError: a", True, "must also catch TypeError"),
    ("raises RuntimeError: a", "raises NotImplementedError: a", False, "catches RuntimeError"),
    ("raises ValueError: a", "raises ValueError: b", False, "Only the message changed"),
    ("raises ValueError: a", "1.0", False, "It failed before"),
    ("1.0", "raises ValueError: a", True, "fails now"),
    ("1.0", "1.0; warns UserWarning: a", False, "It warns now"),
    ("1.0; warns UserWarning: a", "1.0", False, "no longer warns"),
    ("1; warns A: a", "1; warns B: a", False, "Only the warning changed"),
    ("1.0", "2.0; warns UserWarning: a", True, "The result changed"),
    ("['a', 'b']", "['b', 'c']", True, "Gone: `a`."),
    ("['a']", "['a', 'c', 'd']", False, "New: `c` and `d`."),
    ("['a', 'b']", "['b', 'a']", False, "New: only the order."),
    ("[]", str([*"abcdefgh"]), False, "`a`, `b`, `c`, `d`, `e`, `f` and 2 more"),
    ("{'lr': 1}", "{'lr': 2}", True, "`lr=1` is `lr=2` now."),
    ("['a', 'b=1']", "['b=2']", True, "Gone: `a`. `b=1` is `b=2` now."),
    ("{'lr': 1}", "{'lr': 1, 'foreach': None}", False, "New: `foreach=None`."),
]


@pytest.mark.parametrize(("before", "after", "may_break", "expected"), _ADVICE)
def test_advice_follows_from_before_and_after(before, after, may_break, expected):
    breaks, sentence, _ = advise(before, after)

    assert expected in sentence
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
            (["--add", "--python", "python"], "--python needs --add with the one release"),
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


def test_add_records_what_is_missing_with_the_numpys_it_supports_and_names_what_fails(
    tmp_path, monkeypatch, capsys
):
    installed = []

    def run(arguments: list, **_: object) -> subprocess.CompletedProcess:  # pip or pytest
        words = [str(word) for word in arguments]
        installed.extend(word for word in words if word.startswith(("torch=", "numpy")))
        if "torch==2.98.0" in words:
            raise subprocess.CalledProcessError(1, "pip")
        for word in words:
            if word.startswith("--record="):
                torch, numpy = installed[-2:]
                record = a_record(torch.removeprefix("torch=="), costs=[])
                record.environment["numpy"] = {"numpy<2": "1.26.4", "numpy>=2": "2.4.6"}[numpy]
                save(record, Path(word.removeprefix("--record=")))
        return subprocess.CompletedProcess(arguments, 0)

    monkeypatch.setattr(add_release.subprocess, "run", run)
    monkeypatch.setattr(add_release.venv, "create", lambda *_, **__: None)
    for module in (releases, add_release):
        monkeypatch.setattr(module, "HISTORY", tmp_path / "history.json")
    releases.forget()

    snippets = {"1.1.3": {"any": Result("not checked", {"1": "1"})}}  # without specs: not complete
    only_snippets = a_record("2.2.2", claims=snippets)
    only_snippets.environment["numpy"] = "1.26.4"
    releases.keep(only_snippets)

    assert command.main(["--add", "2.2.2", "2.98.0", "2.3.0"]) == 1
    assert capsys.readouterr().out.endswith("Not recorded: 2.98.0 with numpy>=2\n")
    assert command.main(["--add", "2.2.2", "2.3.0"]) == 0  # both are there
    names = releases.steps(shipped())
    releases.forget()

    assert names == ["2.2.2", "2.3.0", "2.3.0, NumPy 2.4"]
    assert " ".join(installed) == (
        "torch==2.2.2 numpy<2 torch==2.98.0 numpy>=2 torch==2.3.0 numpy<2 torch==2.3.0 numpy>=2"
    )
