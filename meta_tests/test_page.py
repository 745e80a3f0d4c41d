"""The page shows what a run saw, and whatever a run saw is harmless in it."""

from __future__ import annotations

import base64
import hashlib
import inspect
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from benchmarks.questions import FROM_NUMPY
from harness.history.output import why_not_written
from harness.history.record import Record, Result
from harness.page import MARK
from harness.run.outline import first_sentence
from meta_tests.copies import ITEM, PROJECT
from meta_tests.test_benchmarks import a_report, cost
from meta_tests.test_records import a_record
from specs import test_1_1_item
from specs.ledger import CHAPTERS, LEDGER, SCOPE
from specs.strategies import FLOATS, tensors

pytest.importorskip("jinja2", reason="PyTorch requires Jinja2 from 2.0 on")
from harness.page import costs, model, plugin, render
from harness.page.examples import Examples, described, unusual
from harness.page.model import ItemResult
from harness.page.source import highlighted, source_at
from harness.page.strips import observed
from harness.page.words import JAPANESE as IN_JAPANESE
from harness.page.words import MEANINGS, OUTCOMES, VERDICTS, WORDS
from harness.page.writer import PageWriter

JAPANESE = re.compile("[\u3041-\u30ff\u4e00-\u9fff]")


def text_of(page: str) -> str:
    """What a reader sees of a page, in both languages."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return unescape(re.sub("<[^>]*>", "", body))


def values(page: str, name: str) -> list[str]:
    """The values of this attribute in a page."""
    return [unescape(value) for value in re.findall(f' {name}="([^"]*)"', page)]


def record(release="2.13.0", **observations) -> Record:
    """A record of claim 1.1.3 alone, with these observations."""
    return a_record(release, claims={"1.1.3": {"cpu": Result("confirmed", observations)}}, costs=[])


def result(outcome="passed", text="", claim="1.1.1", **more) -> ItemResult:
    nodeid = f"{ITEM}::TestItem::test_item_of_a_one_by_one_matrix_is_its_number[cpu]"
    return ItemResult(nodeid, ITEM, 29, claim, "cpu", outcome, text, **more)


def html(run: Record, history=(), before=None, results=()) -> str:
    return render.html(model.build(run, history, before, results, "PyTorch 2.13.0", "cpu"), [])


@pytest.fixture(scope="module")
def page(small_run) -> str:
    """The page that a run of one file of specs writes."""
    return (small_run.folder / "page.html").read_text(encoding="utf-8")


class TestContent:
    def test_every_claim_and_chapter_has_an_anchor_and_every_link_leads_to_one(self, page):
        ids = values(page, "id")
        links = [address[1:] for address in values(page, "href") if address.startswith("#")]

        assert [id for id in ids if id in LEDGER] == list(LEDGER)
        assert [id for id in ids if id.startswith("chapter-")] == [f"chapter-{c}" for c in CHAPTERS]
        assert [id for id, count in Counter(ids).items() if count > 1] == []
        assert set(LEDGER) <= set(links) <= set(ids)

    def test_every_claim_is_there_in_both_languages(self, page):
        both = [SCOPE, IN_JAPANESE["scope"]]
        for claim in LEDGER.values():
            both += [*first_sentence(claim.says), claim.truth, claim.asks]
        for texts in IN_JAPANESE["claims"].values():
            both += [part for words in texts.values() for part in first_sentence(words)]

        text = text_of(page)

        assert [words for words in both if words not in text] == []

    def test_it_loads_nothing_and_allows_only_its_own_script_and_style(self, page):
        for tag in ("script", "style"):
            (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
            assert f"{tag}-src &#39;sha256-{digest}&#39;" in page
        assert "default-src &#39;none&#39;" in page
        assert not re.search("<(link|img|iframe|object)| src=", page)

    def test_specs_have_their_source_and_examples_and_releases_their_observations(self, page):
        text = text_of(page)

        assert (
            "tensor = torch.tensor([[1]], device=device)\n\n    assert tensor.item() == 1" in text
        )
        assert re.search(r"Examples tried.*: 6; ", text)
        assert re.search(r"tensor = tensor\(.*0-dimensional", text)
        assert "raises ValueError: only one element tensors" in text

    def test_a_claim_shows_what_pytorch_says_and_what_to_do_instead(self, monkeypatch):
        claim = replace(LEDGER["1.1.3"], instead="torch.ones(2).tolist()")
        monkeypatch.setitem(LEDGER, "1.1.3", claim)
        run = a_record(costs=[])
        run.claims["1.1.3"]["cpu"].messages.append("ValueError: only one <element>")

        text = text_of(html(run))

        assert "ValueError: only one <element>" in text
        assert "torch.ones(2).tolist()" in text

    @pytest.mark.exhaustive
    def test_the_whole_page_is_small_and_written_soon(self, whole_run):
        seconds = re.search(r"Page written .* in (\S+) s", whole_run.said)[1]

        assert (whole_run.folder / "page.html").stat().st_size < 4_000_000
        assert float(seconds) < 20  # 2 on an idle machine


class TestOption:
    def test_it_needs_jinja(self, monkeypatch, pytestconfig):
        monkeypatch.setattr(plugin, "find_spec", lambda name: None)

        with pytest.raises(pytest.UsageError, match="--page needs Jinja2: pip install jinja2"):
            plugin._register_writer(pytestconfig, Path("page.html"))

    def test_it_replaces_an_older_page_but_no_other_file(self, tmp_path):
        (tmp_path / "old.html").write_text(f"<!DOCTYPE html>{MARK}")
        (tmp_path / "letter.txt").write_text("Dear reader,")

        assert why_not_written(tmp_path / "old.html", plugin.why_not_replaced) is None
        assert "exists and is not a page of this" in (
            why_not_written(tmp_path / "letter.txt", plugin.why_not_replaced)
        )

    @pytest.mark.exhaustive
    def test_without_it_nothing_for_the_page_is_imported(self):
        code = (
            "import sys, harness.page.plugin; "
            "print([it for it in sys.modules if it.startswith(('harness.page.', 'jinja2'))])"
        )

        result = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True)

        assert result.stdout.decode().strip() == "['harness.page.plugin']"


class TestRun:
    def test_a_failure_in_any_phase_fails_the_item(self):
        writer = PageWriter(Path("page.html"), None)
        common = ("a.py::b[x-cpu]", ("a.py", 8, "b"), {})

        writer.pytest_runtest_logstart(*common[:2])
        writer.pytest_runtest_logreport(pytest.TestReport(*common, "passed", None, "call"))
        writer.pytest_runtest_logreport(pytest.TestReport(*common, "failed", "why", "teardown"))

        failed = ItemResult("a.py::b[x-cpu]", "a.py", 9, outcome="failed", text="why")
        assert [*writer.results.values()] == [failed]

    def test_one_that_ends_early_leaves_the_older_page(self, tmp_path):
        (tmp_path / "page.html").write_text(MARK)
        session = SimpleNamespace(shouldstop="stopping after 1 failures", shouldfail=False)
        writer, lines = PageWriter(tmp_path / "page.html", None), []

        writer.pytest_sessionfinish(session, pytest.ExitCode.TESTS_FAILED)
        writer.pytest_terminal_summary(SimpleNamespace(line=lambda it, **_: lines.append(it)))

        assert "No page written: the run ended early" in lines[0]
        assert (tmp_path / "page.html").read_text() == MARK

    @pytest.mark.exhaustive
    def test_two_workers_write_the_same_page_as_one_process(self, page, parallel_run):
        other = (parallel_run.folder / "page.html").read_text("utf-8")

        assert text_of(other) == text_of(page)

    @pytest.mark.exhaustive
    def test_failures_and_crashes_are_shown(self, crashing_run):
        page = (crashing_run.folder / "page.html").read_text(encoding="utf-8")

        assert values(page, "data-outcome")[:2] == ["failed", "crashed"]
        assert "confirmed, 2\xa0failed" in page
        assert "<img" not in page
        assert "<img src=x>" in text_of(page)
        assert "It ended its process" in page
        assert "__import__('os').abort()" in text_of(page)  # the source of what crashed


class TestSentences:
    def test_the_first_counts_claims_and_changes_since_the_release_before(self):
        history = [record("1.13.1"), record("2.4.1", a="x"), record("2.15.0")]

        page = html(record(a="y"), history, None, [result(), result("failed", claim="5.1")])
        other = html(record(a="y"), history, before=record("9.9.9"))

        expected = "PyTorch 2.13.0: 1\xa0claim confirmed, 1\xa0failed; 1\xa0change since\xa02.4.1"
        assert expected in page
        assert "2.4.1 からの変化は 1 件" in page
        assert "0\xa0changes since\xa09.9.9" in other  # which was asked for

    def test_the_second_names_what_was_not_checked_with_the_reason(self):
        page = html(record(), results=[result("skipped", "no cuda", claim="1.4.3")])

        assert "1.4.3 (no cuda)" in page
        assert f"{len(LEDGER) - 1} (not in this run)" in page

    def test_without_a_history_there_are_no_changes_and_no_strips(self):
        page = html(record(a="seen once"))

        assert "changes since" not in page
        assert 'class="strip' not in page
        assert "seen once" in page


class TestLanguages:
    def test_every_word_of_the_page_is_there_in_both(self):
        for name, words in {**VERDICTS, **MEANINGS, **OUTCOMES, **WORDS}.items():
            assert words.en, name
            assert JAPANESE.search(words.ja), name

    def test_an_untranslated_claim_or_chapter_is_shown_in_english_and_marked(self, monkeypatch):
        monkeypatch.setitem(IN_JAPANESE, "chapters", {})
        monkeypatch.setitem(IN_JAPANESE, "claims", {})

        page = html(record())

        mark = '<span lang="ja"> (未訳)</span>'
        assert f"5 {CHAPTERS['5']}{mark}</h2>" in page
        assert f'data-ja="5 {CHAPTERS["5"]} (未訳)"' in page
        heading, _ = first_sentence(LEDGER["5.1"].says)
        assert f"{heading}{mark}</h3>" in page

    @pytest.mark.exhaustive  # so that a claim can be added before its translation
    def test_what_ships_is_translated_in_full(self):
        assert list(IN_JAPANESE["chapters"]) == list(CHAPTERS)
        assert list(IN_JAPANESE["claims"]) == list(LEDGER)
        for id, claim in LEDGER.items():
            fields = [name for name in ("says", "truth", "asks") if getattr(claim, name)]
            assert list(IN_JAPANESE["claims"][id]) == fields, id

    def test_a_translation_is_japanese_and_keeps_every_name_from_code(self):
        for id, texts in IN_JAPANESE["claims"].items():
            for field, text in texts.items():
                names = set(re.findall(r"\w*_\w*|\w+(?=\()", getattr(LEDGER[id], field)))
                assert JAPANESE.search(text), (id, field)
                assert [name for name in names if name not in text] == [], (id, field)


class TestHostileData:
    """Messages and names are somebody else's: they are shown as text, and cut."""

    def test_markup_and_control_characters_from_anywhere_are_shown_as_text(self):
        markup = '</script><script>alert(1)</script><img src=x onerror="alert(2)">{{ 7 * 7 }}'
        hostile = markup + "\x00\x1b[31m\u202e\ud800\x85"
        results = [
            result("failed", hostile, extreme=[hostile], tried=1),
            ItemResult(f"benchmarks/{hostile}", outcome="failed", text=hostile),
            ItemResult(f"{ITEM}::test[{hostile}]", "", 0, "1.1.2", hostile, "skipped", hostile),
        ]
        history = [record("1.13.1", **{hostile: hostile})]

        page = html(record(**{hostile: "other"}), history, None, results)

        assert page.count("<script") == 1
        assert "<img" not in page
        assert text_of(page).count(markup) > 3
        assert "&#34;alert(2)&#34;" in page  # in an attribute, a quote would end it
        assert page.count(r"\x1b[31m\u202e\ud800") > 5
        assert not [it for it in page if not it.isprintable() and it not in "\n\t\xa0"]

    def test_huge_values_are_cut(self):
        huge = "x" * 10**6
        history = [record("1.13.1", a=huge, b=huge)]

        text = html(record(a="y", b=huge), history, None, [result("failed", huge)])

        assert len(text) < len(html(record())) + 30_000
        assert "994,000 more characters" in text


class TestStrips:
    @staticmethod
    def of(*values):
        records = [record(f"2.{i}.0", **({"a": it} if it else {})) for i, it in enumerate(values)]
        return observed(records[:-1], records[-1])["1.1.3"]

    def test_neighbours_with_the_same_value_are_one_segment(self):
        (strip,) = self.of("x", "x", None, "y", "x").changed

        assert [(it.releases, it.span, it.letter, it.value) for it in strip.history] == [
            ("2.0.0 \N{EN DASH} 2.1.0", 2, "A", "x"),
            ("2.2.0", 1, "\N{MIDDLE DOT}", ""),
            ("2.3.0", 1, "B", "y"),
        ]
        now = strip.run  # whose value stands in the history
        assert (now.releases, now.letter) == ("2.4.0 = 2.0.0 \N{EN DASH} 2.1.0", "A")
        assert now.value == ""

    def test_a_value_that_no_release_of_the_history_gave_stands_at_the_run(self):
        (strip,) = self.of("x", "y").changed

        assert (strip.run.releases, strip.run.letter, strip.run.value) == ("2.1.0", "B", "y")

    def test_a_claim_names_the_releases_that_differ_from_the_run(self):
        changed, same = self.of("x", "y", None, "y"), self.of("x", "x")

        assert (changed.same, changed.differs) == ([], {0})
        assert (same.changed, same.same, same.differs) == ([], [("a", "x")], set())


class TestExamples:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (torch.ones(2, 2), []),
            (torch.ones(2, 3).T, ["not contiguous"]),
            (torch.ones(0, 3), ["empty"]),
            (torch.tensor(1.5), ["0-dimensional"]),
            (torch.tensor([torch.nan, -torch.inf]), ["NaN", "infinity"]),
            (torch.tensor([-0.0, 1e-42]), ["-0.0", "subnormal"]),
            (torch.tensor([complex(0.0, torch.inf)]), ["infinity"]),
            (torch.tensor([True]), []),
            (np.ones((2, 3), np.float16)[:, ::2], ["not contiguous"]),
            ([1, torch.ones(0)], ["empty"]),
            (float("-inf"), ["infinity"]),
            ("text", []),
        ],
        ids=str,
    )
    def test_what_is_unusual_about_a_value(self, value, expected):
        assert unusual(value) == expected

    def test_a_value_is_described_in_a_short_line(self):
        assert described({"x": torch.tensor([[1.0, np.nan]]), "p": 0.5}) == [
            "x = tensor([[1., nan]]) (shape (1, 2), NaN)",
            "p = 0.5",
        ]
        assert len(described({"x": torch.arange(900.0)})[0]) < 160

    def test_counting_leaves_the_examples_as_they_are_and_keeps_the_most_extreme(self):
        drawn = []

        @settings(database=None, derandomize=True, max_examples=20)
        @given(x=tensors(FLOATS))
        def property(x):
            drawn.append((len(unusual(x)), *described({"x": x})))
            x.zero_()  # as some specs write into their tensors

        property()
        without, drawn[:] = drawn[:], []
        examples = Examples(not_drawn=set())
        property.hypothesis.inner_test = examples.counted(property.hypothesis.inner_test)
        property()

        assert drawn == without
        assert examples.tried == len(drawn)
        assert (max(drawn)[0], *examples.extreme) in drawn


class TestSources:
    def test_a_source_is_that_of_the_function_with_its_decorators(self):
        for function in vars(test_1_1_item.TestItem).values():
            if inspect.isfunction(function):
                lines, first = inspect.getsourcelines(function)
                expected = inspect.cleandoc("\n" + "".join(lines))
                assert expected.startswith("@claim")
                assert source_at(ITEM, first).text == expected

    @pytest.mark.parametrize("place", [("missing.py", 1), (ITEM, 0), (ITEM, 10**6), ("", 0)])
    def test_what_is_not_there_has_no_source(self, place):
        assert source_at(*place) is None

    def test_code_is_highlighted_and_escaped(self):
        pytest.importorskip("pygments")

        assert highlighted("return x < 2  # <b>") == (
            "<b>return</b> x &lt; <span class=m>2</span>  <span class=c># &lt;b&gt;</span>"
        )


def test_costs_are_shown_in_words_in_a_table_and_as_figures_where_matplotlib_is_installed():
    modes = [
        cost(mode, 4096, 1.0, layers=n, width=8, batch=4)
        for n in (1, 2)
        for mode in ("enable_grad", "no_grad")
    ]
    ways = [
        replace(
            cost(way, 4096, 1.0, FROM_NUMPY, nbytes=2**10),
            page_faults=2,
            fresh_seconds=3e-6,
            fresh_time_ratio=3.0,
            fresh_time_ratio_quartiles=(2.9, 3.1),
        )
        for way in ("enable_grad", "from_numpy(a)", "from_numpy(a.copy())", "torch.tensor(a)")
    ]
    questions = costs.questions(list(map(a_report, modes + ways)))
    page = render.html(model.build(record(), (), None, (), "", ""), questions)

    assert "from_numpy(a): 4.00x the array's bytes" in text_of(page)
    assert "2 layers, width 8, batch 4" in page
    assert "3.00x (2.90-3.10)" in page
    assert page.count("data:image/svg") == (2 if costs.HAS_MATPLOTLIB else 0)
