"""The page shows what a run saw, and nothing that a run saw can act in it."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from harness.history.output import write
from harness.history.record import ANY, Record, Result
from harness.page import japanese
from harness.run.properties import EXAMPLES
from meta_tests.copies import PROJECT, copy_project, edit, run
from specs.ledger import CHAPTERS, LEDGER
from specs.strategies import FLOATS, tensors

pytest.importorskip("jinja2", reason="PyTorch brings Jinja2 since its version 2.0 only")
from harness.page import model, render, sources
from harness.page.examples import Tried, described, features
from harness.page.files import MARK, why_not_written
from harness.page.gathering import Gatherer, Seen
from harness.page.sources import highlighted, source
from harness.page.strips import columns, observed
from harness.page.words import WORDS

ITEM = "specs/test_1_1_item.py"
VOID = {"meta", "input", "br", "img", "source"}


class Document(HTMLParser):
    """The elements and texts of a page; refuses elements that do not close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data):
        if self._open and self._open[-1] not in ("style", "script"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def ids(self) -> list[str]:
        return [attrs["id"] for _, attrs in self.elements if "id" in attrs]

    def claim(self, id: str) -> dict[str, str]:
        """The attributes of a claim's article."""
        return next(attrs for tag, attrs in self.elements if attrs.get("id") == id)


def record(release="2.13.0", **claims: dict[str, Result]) -> Record:
    environment = {"torch": release, "numpy": "2.4.6", "python": "3.11.7"}
    return Record("2026-11-25", environment, ["cpu"], claims or {"1.1.1": {"cpu": CONFIRMED}})


def saw(**observations) -> dict[str, Result]:
    return {"1.1.3": {"cpu": Result("confirmed", observations)}}


CONFIRMED = Result("confirmed")


def document(run: Record, history=(), before=None, seen=()) -> Document:
    return Document(html(run, history, before, seen))


def html(run: Record, history=(), before=None, seen=()) -> str:
    return render.html(model.page(run, history, before, seen, "PyTorch 2.13.0", "cpu"), [])


def spec(outcome="passed", text="", claim="1.1.1", **more) -> Seen:
    test = f"{ITEM}::TestItem::test_item_of_a_one_by_one_matrix_is_its_number[cpu]"
    return Seen(test, claim, "", "cpu", outcome, text, **more)


@pytest.fixture(scope="module")
def page(whole_page) -> Document:
    return Document(whole_page.path.read_text(encoding="utf-8"))


class TestOfARun:
    """The page of the whole specification, as pytest writes it."""

    def test_every_claim_and_chapter_has_an_anchor_and_no_two_share_one(self, page):
        ids = page.ids()

        assert [id for id in ids if id in LEDGER] == list(LEDGER)
        assert [id for id in ids if id.startswith("chapter-")] == [
            f"chapter-{id}" for id in CHAPTERS
        ]
        assert [id for id, count in Counter(ids).items() if count > 1] == []

    def test_every_link_within_the_page_leads_somewhere(self, page):
        links = [a["href"][1:] for tag, a in page.elements if a.get("href", "").startswith("#")]

        assert set(LEDGER) <= set(links) <= set(page.ids())

    def test_every_claim_is_there_in_both_languages_with_what_is_true(self, page):
        for claim in LEDGER.values():
            ja, truth_ja = japanese.CLAIMS[claim.id], japanese.TRUTHS.get(claim.id, "")
            for words in (claim.says, ja, claim.truth, truth_ja):
                assert words in page.text

    def test_headings_are_in_order_from_one_first(self, page):
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]

        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_it_needs_nothing_from_elsewhere(self, page):
        loading = [
            attrs.get(name)
            for tag, attrs in page.elements
            for name in ("src", "srcset", "data", "href")
            if name in attrs and tag != "a"
        ]

        assert [it for it in loading if not it.startswith("data:")] == []

    def test_it_is_small_and_written_soon(self, whole_page):
        assert whole_page.path.stat().st_size < 2_000_000
        size, seconds = re.search(r": (\S+) MB in (\S+) s", whole_page.said).groups()
        assert float(size) < 2
        assert float(seconds) < 20  # 2 on a machine that does nothing else

    def test_the_policy_names_the_hashes_of_the_one_script_and_the_one_style(self, whole_page):
        text = whole_page.path.read_text(encoding="utf-8")

        for tag in ("script", "style"):
            (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
            assert f"{tag}-src &#39;sha256-{digest}&#39;" in text
        assert "default-src &#39;none&#39;" in text

    def test_a_spec_stands_with_its_source_and_the_examples_tried(self, page):
        assert "tensor = torch.tensor([[1]], device=device)\n\n    assert tensor.item() == 1" in (
            page.text
        )
        assert "20 examples tried" in page.text
        assert re.search(r"tensor: complex\d+ tensor of shape \(.*\), .*infinity", page.text)

    def test_strips_show_the_history(self, page):
        assert "raises ValueError: only one element tensors" in page.text
        assert "1.13.1" in page.text
        assert page.claim("1.1.3")["data-differs"]  # on this PyTorch or on later ones


class TestOptions:
    """Asked for wrongly, pytest says so in a sentence and runs nothing."""

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--page=."], "--page {here} is a folder"),
            (["--page=missing/page.html"], "--page {here}/missing/page.html: there is no folder"),
            (["--page=p.html", "--claims"], "--page needs a run; --claims runs nothing"),
            (["--page=p.html", "--collect-only"], "--page needs a run; --collect-only runs"),
            (["--page=p.html", "--setup-plan"], "--page needs a run; --setup-plan runs nothing"),
            (["--page=letter.txt"], "--page would replace what is no page of ours"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_a_usage_error(self, arguments, said, tmp_path):
        (tmp_path / "letter.txt").write_text("Dear reader,")

        result = run(
            "--rootdir",
            PROJECT,
            "-c",
            PROJECT / "pytest.ini",
            *arguments,
            PROJECT / ITEM,
            cwd=tmp_path,
        )

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert said.format(here=tmp_path) in result.stdout
        assert result.stdout.count("\n") < 6
        assert (tmp_path / "letter.txt").read_text() == "Dear reader,"

    @pytest.mark.parametrize("workers", [0, 1])
    def test_benchmarks_need_matplotlib_and_say_so_before_they_run(
        self, workers, without, tmp_path
    ):
        arguments = ["-n1"] if workers and pytest.importorskip("xdist") else []

        result = run(
            "benchmarks/test_grad_modes.py",
            f"--page={tmp_path / 'p.html'}",
            *arguments,
            PYTHONPATH=without("matplotlib"),
        )

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert "Matplotlib, which is not here: pip install matplotlib" in result.stdout
        assert "passed" not in result.stdout

    def test_without_benchmarks_it_needs_no_matplotlib(self, without, tmp_path):
        result = run(ITEM, f"--page={tmp_path / 'p.html'}", PYTHONPATH=without("matplotlib"))

        assert result.returncode == 0
        assert (tmp_path / "p.html").exists()

    def test_without_jinja_it_is_a_usage_error(self, monkeypatch, pytestconfig):
        from harness.page import plugin

        class Config:
            def getoption(self, name, default=None):
                return Path("page.html") if name == "page" else None

        monkeypatch.setattr(plugin, "find_spec", lambda name: None)

        with pytest.raises(
            pytest.UsageError, match="Jinja2, which is not here: pip install jinja2"
        ):
            plugin.pytest_configure(Config())

    @pytest.fixture
    def without(self, tmp_path):
        """Where Python finds that a package is not installed, whether it is or not."""

        def without(package: str) -> str:
            (tmp_path / "sitecustomize.py").write_text(
                f"import sys; sys.modules['{package}'] = None"
            )
            return os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])

        return without

    def test_a_former_page_is_replaced_and_an_empty_file_too(self, tmp_path):
        (tmp_path / "old.html").write_text(f"<!DOCTYPE html>{MARK}")
        (tmp_path / "empty.html").touch()

        assert why_not_written(tmp_path / "old.html") is None
        assert why_not_written(tmp_path / "empty.html") is None

    def test_without_the_option_nothing_of_it_is_imported(self):
        code = (
            "import sys, harness.page.plugin; "
            "print([name for name in sys.modules if name.startswith('harness.page.')])"
        )

        result = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True)

        assert result.stdout.decode().strip() == "['harness.page.plugin']"


class TestRuns:
    """A part of the specification, several processes, failures and crashes."""

    def test_two_workers_write_the_same_page_as_one_process(self, tmp_path):
        pytest.importorskip("xdist")

        run(ITEM, f"--page={tmp_path / 'one.html'}", "--device=cpu")
        run(ITEM, f"--page={tmp_path / 'two.html'}", "--device=cpu", "-n2")

        one, two = (Document((tmp_path / name).read_text()) for name in ("one.html", "two.html"))
        assert one.texts == two.texts
        assert "20 examples tried" in one.text

    def test_the_order_in_which_tests_ran_does_not_change_the_page(self):
        names = ["one_by_one_matrix_is_its_number", "bool_tensor_is_the_same_bool"]
        one, other = (
            Seen(f"{ITEM}::TestItem::test_item_of_a_{name}[cpu]", "1.1.1", "", "cpu")
            for name in names
        )

        assert html(record(), seen=[one, other]) == html(record(), seen=[other, one])

    def test_failures_and_crashes_of_a_part_are_shown_as_text(self, tmp_path):
        pytest.importorskip("xdist")
        copy = copy_project(tmp_path)
        edit(copy / ITEM, "assert tensor.item() == 1", "assert '<img src=x>\\x1b[31m' == 1")
        edit(copy / ITEM, "method = tensor.item\n", "__import__('os')._exit(1)\n")

        result = run("-k", "TestItem", ITEM, "--page=p.html", "--device=cpu", "-n1", cwd=copy)

        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        page = Document((copy / "p.html").read_text())
        assert page.claim("1.1.1")["data-outcome"] == "failed"
        assert page.claim("1.1.2")["data-outcome"] == "crashed"
        assert page.claim("5.1")["data-outcome"] == "not checked"
        assert "1\xa0claim confirmed, 2\xa0failed" in page.text
        assert "<img src=x>" in page.text
        assert "img" not in [tag for tag, _ in page.elements]
        assert "crashed while running" in page.text

    def test_a_run_that_ends_early_leaves_the_former_page(self, tmp_path):
        copy = copy_project(tmp_path)
        edit(copy / ITEM, "assert tensor.item() == 1", "assert 0")
        (copy / "p.html").write_text(MARK)

        result = run(ITEM, "-x", "--page=p.html", cwd=copy)

        assert "No page written: the run ended early" in result.stdout
        assert (copy / "p.html").read_text() == MARK


class TestSentences:
    def test_the_first_counts_claims_and_changes_since_the_release_before(self):
        history = [record("1.13.1"), record("2.4.1", **saw(a="x")), record("2.15.0")]

        page = document(record(**saw(a="y")), history, seen=[spec(), spec("failed", claim="5.1")])

        expected = (
            "PyTorch 2.13.0: 1\xa0claim confirmed, 1\xa0failed; 1\xa0thing changed since\xa02.4.1"
        )
        assert expected in page.text
        assert "2.4.1 から 1 件が変化" in page.text

    def test_it_counts_changes_since_the_record_that_was_asked_for(self):
        page = document(record(**saw(a="y")), [record("2.4.1")], before=record("9.9.9"))

        assert "0\xa0things changed since\xa09.9.9" in page.text

    def test_without_a_history_it_says_nothing_of_changes_and_shows_what_was_observed(self):
        page = document(record(**saw(a="seen once")))

        assert "changed since\xa0" not in page.text
        assert "seen once" in page.text
        assert "strip" not in [attrs.get("class", "").split(" ")[0] for _, attrs in page.elements]

    def test_what_was_not_checked_is_named_with_the_reason(self):
        page = document(record(), seen=[spec("skipped", "no cuda: none here", claim="1.4.4")])

        assert "1.4.4 (no cuda: none here)" in page.text
        assert "62 (not in this run)" in page.text


class TestHostileData:
    """Records, messages and names are somebody else's: they show as text, and in bounds."""

    MARKUP = '</script><script>alert(1)</script><img src=x onerror="alert(2)">{{ 7 * 7 }}'
    CONTROL = "\x00\x1b[31m\u202e\ud800\x85"

    def test_markup_from_anywhere_shows_as_text(self):
        hostile = self.MARKUP
        seen = [
            spec("failed", hostile, extreme=[hostile], tried=1),
            Seen(f"benchmarks/{hostile}", "", "", ANY, "failed", hostile),
            Seen(f"{ITEM}::test[{hostile}]", "1.1.2", "", hostile, "skipped", hostile),
        ]
        history = [record(f"1.13{hostile}", **saw(**{hostile: hostile}))]

        text = html(record(f"2.0{hostile}", **saw(**{hostile: "other"})), history, None, seen)
        page = Document(text)

        assert Counter(tag for tag, _ in page.elements)["script"] == 1
        assert "img" not in [tag for tag, _ in page.elements]
        assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
        assert page.text.count("alert(1)") > 5
        assert page.text.count("{{ 7 * 7 }}") > 5

    def test_control_characters_are_written_out(self):
        control = self.CONTROL
        history = [record("1.13.1", **saw(**{control: control}))]

        text = html(record(**saw(**{control: "x"})), history, None, [spec("failed", control)])

        text.encode()  # which a lone surrogate would refuse
        assert not [it for it in text if not it.isprintable() and it not in "\n\t\xa0"]
        assert r"\x1b[31m\u202e\ud800" in text

    def test_a_release_is_one_short_line_at_the_head_of_its_column(self):
        history = [record(f"2.4\n{self.CONTROL}" + "x" * 10**6), record("2.5.0")]

        first, _, run = columns(history, record("2.6.0\x1b" + "y" * 10**6))

        assert len(first.short) <= 20
        assert all(len(it.name) < 5000 for it in (first, run))
        assert all(it.isprintable() for it in (first.short, first.name, run.name))

    def test_the_name_of_a_specs_file_is_one_line(self, tmp_path, monkeypatch):
        name = "test_\x1b[31m\n\udcff.py"
        (tmp_path / name).write_text("def test_it():\n    pass\n")
        monkeypatch.setattr(sources, "PROJECT", tmp_path)

        assert source(f"{name}::test_it").file == r"test_\x1b[31m\n\udcff.py"

    def test_text_that_no_file_can_hold_is_written_out(self, tmp_path):
        write("<p>\udcff</p>", tmp_path / "page.html")

        assert (tmp_path / "page.html").read_bytes() == rb"<p>\udcff</p>"

    def test_huge_values_are_cut(self):
        huge = "x" * 10**6
        history = [record("1.13.1", **saw(a=huge, b=huge, c=[huge] * 9))]

        text = html(record(**saw(a="y", b=huge, c=["z"])), history, None, [spec("failed", huge)])

        assert len(text) < len(html(record())) + 30_000
        assert "994,000 more characters" in text


class TestStrips:
    @staticmethod
    def of(*values):
        records = [record(f"2.{i}.0", **(saw(a=it) if it else {})) for i, it in enumerate(values)]
        return observed(records[:-1], records[-1])["1.1.3"]

    def test_neighbours_that_saw_the_same_are_one_segment(self):
        (strip,) = self.of("x", "x", "y", "x", "x").changed

        assert [(it.span, it.letter, it.value) for it in strip.history] == [
            (2, "A", "x"),
            (1, "B", "y"),
            (1, "A", "x"),
        ]
        assert (strip.run.letter, strip.run.value) == ("A", "x")

    def test_a_release_that_did_not_look_is_told_from_one_that_saw_something(self):
        (strip,) = self.of("x", None, "y", "y").changed

        assert [it.kind for it in strip.history] == ["0", "unseen", "1"]

    def test_a_claim_names_the_releases_that_differ_from_the_run(self):
        assert self.of("x", "y", "x", "y").differs == [0, 2]
        assert self.of("x", "x", "x").differs == []

    def test_what_never_changed_is_listed_once(self):
        found = self.of("x", "x", "x")

        assert found.changed == []
        assert found.same == [("a [cpu]", "x")]


class TestExamples:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (torch.ones(2, 2), []),
            (torch.ones(2, 3).T, ["not contiguous"]),
            (torch.ones(0, 3), ["no element"]),
            (torch.tensor(1.5), ["no dimension"]),
            (torch.tensor([torch.nan, -torch.inf]), ["NaN", "infinity"]),
            (torch.tensor([-0.0, 1e-42]), ["-0.0", "subnormal"]),
            (torch.tensor([-128], dtype=torch.int8), ["the least number"]),
            (torch.tensor([0, 255], dtype=torch.uint8), ["the greatest number"]),
            (torch.tensor([True]), []),
            (torch.tensor([complex(0.0, torch.inf)]), ["infinity"]),
            (np.ones((2, 3), np.float16)[:, ::2], ["not contiguous"]),
            ([1, torch.ones(0)], ["no element"]),
            (float("-inf"), ["infinity"]),
            ("text", []),
        ],
        ids=str,
    )
    def test_features_of_a_value(self, value, expected):
        assert features(value) == expected

    def test_a_value_reads_in_one_short_line(self):
        assert described("x", torch.tensor([[1.0, -2.5]])) == (
            "x: float32 tensor of shape (1, 2): 1, -2.5"
        )
        assert described("p", 0.5) == "p = 0.5"
        assert len(described("x", "long " * 1000)) < 200

    def test_noting_leaves_the_examples_as_they_are_and_keeps_the_most_extreme(self):
        drawn = []

        @settings(database=None, derandomize=True, max_examples=20)
        @given(x=tensors(FLOATS))
        def property(x):
            drawn.append(described("x", x))
            x.zero_()  # as some specs write into their tensors

        property()
        without, drawn[:] = drawn[:], []
        tried = Tried(others=set())
        property.hypothesis.inner_test = tried.noting(property.hypothesis.inner_test)
        property()

        assert drawn == without
        assert tried.as_data()["tried"] == len(drawn)
        (extreme,) = tried.as_data()["extreme"]
        assert extreme in drawn
        assert extreme.partition("), ")[2].count(",") >= 1


class TestSources:
    def test_a_source_is_that_of_the_file_from_its_first_decorator_on(self):
        found = source("meta_tests/test_page.py::TestSources::test_a_source_has_a_decorator")

        assert found.text.startswith("@pytest.mark.parametrize(")
        assert found.text.endswith("assert number == 1")
        line = (PROJECT / found.file).read_text().splitlines()[found.line - 1]
        assert line.strip() == "@pytest.mark.parametrize("

    @pytest.mark.parametrize(
        "number",
        [1],
    )
    def test_a_source_has_a_decorator(self, number):
        assert number == 1

    @pytest.mark.parametrize(
        "test", ["../outside.py::test", "missing.py::test", f"{ITEM}::none", ""]
    )
    def test_what_is_not_there_has_no_source(self, test):
        assert source(test) is None

    def test_code_is_highlighted_and_escaped(self):
        pytest.importorskip("pygments")

        shown = str(highlighted('return "<b>" if x < 1 else 2  # why'))

        assert '<b class="k">return</b>' in shown
        assert "&lt;b&gt;" in shown
        assert "x &lt; " in shown
        assert '<b class="m">1</b>' in shown
        assert '<b class="c"># why</b>' in shown


def test_a_report_of_each_phase_is_gathered_into_one_outcome():
    class Report:
        nodeid, user_properties = "specs/a.py::b[x-cpu]", [("claim", "1.1.1"), ("device", "cpu")]
        passed, failed, skipped, when, longreprtext = True, False, False, "call", ""

    gatherer, report = Gatherer(), Report()
    report.user_properties = [*report.user_properties, (EXAMPLES, {"tried": 7, "extreme": ["x"]})]
    gatherer.pytest_runtest_logreport(report)
    report.passed, report.failed, report.when, report.longreprtext = False, True, "teardown", "why"
    gatherer.pytest_runtest_logreport(report)

    (seen,) = gatherer.seen.values()
    assert (seen.test, seen.parameters) == ("specs/a.py::b", "x-cpu")
    assert (seen.outcome, seen.text, seen.tried) == ("failed", "why", 7)


def test_every_word_of_the_page_is_there_in_both_languages():
    for name, words in WORDS.items():
        assert words.en, name
        assert re.search("[\u3041-\u30ff\u4e00-\u9fff]", words.ja), name
