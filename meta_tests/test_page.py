"""The page shows what a run saw, and whatever a run saw is harmless in it."""

from __future__ import annotations

import base64
import hashlib
import inspect
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from harness.history.record import Record, Result
from harness.history.recording import why_not_written
from harness.page import MARK, japanese
from harness.run.properties import CLAIM, DEVICE, EXAMPLES
from meta_tests.copies import PROJECT, copy_project, edit, run
from specs import test_1_1_item
from specs.ledger import CHAPTERS, LEDGER
from specs.strategies import FLOATS, tensors

pytest.importorskip("jinja2", reason="PyTorch requires Jinja2 from 2.0 on")
from harness.page import costs, model, plugin, render
from harness.page.examples import Examples, described, unusual
from harness.page.model import ItemResult
from harness.page.source import highlighted, source_at
from harness.page.strips import observed
from harness.page.words import MEANINGS, OUTCOMES, VERDICTS, WORDS
from harness.page.writer import PageWriter

ITEM = "specs/test_1_1_item.py"


class Document(HTMLParser):
    """The elements and texts of a page; refuses elements that do not close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "br", "img"):
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data):
        if self._open and self._open[-1] not in ("style", "script"):
            self.text += data

    def ids(self) -> list[str]:
        return [attrs["id"] for _, attrs in self.elements if "id" in attrs]

    def claim(self, id: str) -> dict[str, str]:
        """The attributes of a claim's article."""
        return next(attrs for _, attrs in self.elements if attrs.get("id") == id)


def record(release="2.13.0", **observations) -> Record:
    """A record of one claim, with these observations."""
    environment = {"torch": release, "numpy": "2.4.6", "python": "3.11.7"}
    claims = {"1.1.3": {"cpu": Result("confirmed", observations)}}
    return Record("2026-11-25", environment, ["cpu"], claims)


def result(outcome="passed", text="", claim="1.1.1", **more) -> ItemResult:
    nodeid = f"{ITEM}::TestItem::test_item_of_a_one_by_one_matrix_is_its_number[cpu]"
    return ItemResult(nodeid, ITEM, 29, claim, "", "cpu", outcome, text, **more)


def html(run: Record, history=(), before=None, results=()) -> str:
    return render.html(model.build(run, history, before, results, "PyTorch 2.13.0", "cpu"), [])


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """The page that a run of one file of specs writes."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    assert "Page written" in run(ITEM, f"--page={path}", "--device=cpu").stdout
    return path


@pytest.fixture(scope="module")
def page(written) -> Document:
    return Document(written.read_text(encoding="utf-8"))


class TestDocument:
    def test_every_claim_and_chapter_has_an_anchor_and_no_two_share_one(self, page):
        ids = page.ids()

        assert [id for id in ids if id in LEDGER] == list(LEDGER)
        assert [id for id in ids if id.startswith("chapter-")] == [f"chapter-{c}" for c in CHAPTERS]
        assert [id for id, count in Counter(ids).items() if count > 1] == []

    def test_every_link_within_the_page_leads_somewhere(self, page):
        links = [a["href"][1:] for _, a in page.elements if a.get("href", "").startswith("#")]

        assert set(LEDGER) <= set(links) <= set(page.ids())

    def test_every_claim_is_there_in_both_languages(self, page):
        translations = [*japanese.CLAIMS.values(), *japanese.TRUTHS.values()]
        for words in [text for it in LEDGER.values() for text in (it.says, it.truth)]:
            assert words in page.text
        assert [it for it in translations if it not in page.text] == []

    def test_headings_are_in_order_from_one_first(self, page):
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]

        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_it_loads_nothing(self, page):
        loading = [
            (tag, name, value)
            for tag, attrs in page.elements
            for name, value in attrs.items()
            if name in ("src", "srcset", "data", "href") and tag != "a"
        ]

        assert loading == []

    def test_the_policy_allows_the_one_script_and_the_one_style_by_their_hashes(self, written):
        text = written.read_text(encoding="utf-8")

        for tag in ("script", "style"):
            (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
            assert f"{tag}-src &#39;sha256-{digest}&#39;" in text
        assert "default-src &#39;none&#39;" in text

    def test_a_spec_is_shown_with_its_source_and_examples(self, page):
        source = "tensor = torch.tensor([[1]], device=device)\n\n    assert tensor.item() == 1"
        assert source in page.text
        assert re.search(r"Examples tried.*: 20; ", page.text)
        assert re.search(r"tensor = tensor\(.*dtype=torch.complex.*infinity", page.text)

    def test_strips_show_the_history(self, page):
        assert "raises ValueError: only one element tensors" in page.text
        assert "1.13.1" in page.text

    @pytest.mark.exhaustive
    def test_the_whole_page_is_small_and_written_soon(self, whole_page):
        size, seconds = re.search(r": (\S+) MB in (\S+) s", whole_page.said).groups()

        assert whole_page.path.stat().st_size < 2_000_000
        assert float(size) < 2
        assert float(seconds) < 20  # 2 on an idle machine


class TestOption:
    @staticmethod
    def configure(folder: Path, page: str, **options: object) -> None:
        options |= {"page": Path(page)}
        plugin.pytest_configure(
            SimpleNamespace(
                getoption=lambda name, default=None: options.get(name, default),
                invocation_params=SimpleNamespace(dir=folder),
            )
        )

    @pytest.mark.parametrize(
        ("page", "options", "says"),
        [
            (".", {}, "--page {folder} is a folder"),
            ("missing/page.html", {}, "--page {folder}/missing/page.html: there is no folder"),
            ("letter.txt", {}, "--page {folder}/letter.txt exists and is not a page of this"),
            ("page.html", {"claims": True}, "--page needs a run; --claims runs"),
            ("page.html", {"collectonly": True}, "--page needs a run; --collect-only runs"),
        ],
    )
    def test_what_cannot_be_is_a_usage_error(self, tmp_path, page, options, says):
        (tmp_path / "letter.txt").write_text("Dear reader,")

        with pytest.raises(pytest.UsageError, match=re.escape(says.format(folder=tmp_path))):
            self.configure(tmp_path, page, **options)

        assert (tmp_path / "letter.txt").read_text() == "Dear reader,"

    def test_it_needs_jinja(self, tmp_path, monkeypatch):
        monkeypatch.setattr(plugin, "find_spec", lambda name: None)

        with pytest.raises(pytest.UsageError, match="--page needs Jinja2: pip install jinja2"):
            self.configure(tmp_path, "page.html")

    def test_an_older_page_is_replaced_and_an_empty_file_too(self, tmp_path):
        (tmp_path / "old.html").write_text(f"<!DOCTYPE html>{MARK}")
        (tmp_path / "empty.html").touch()

        for name in ("old.html", "empty.html"):
            assert why_not_written(tmp_path / name, plugin.why_not_replaced) is None

    def test_without_it_nothing_for_the_page_is_imported(self):
        code = (
            "import sys, harness.page.plugin; "
            "print([it for it in sys.modules if it.startswith(('harness.page.', 'jinja2'))])"
        )

        result = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True)

        assert result.stdout.decode().strip() == "['harness.page.plugin']"


class TestRun:
    def test_the_reports_of_all_phases_make_one_result(self):
        properties = [(CLAIM, "1.1.1"), (DEVICE, "cpu")]
        examples = (EXAMPLES, {"tried": 7, "extreme": ["x"]})
        passed = {"passed": True, "failed": False, "skipped": False}
        failed = {"failed": True, "when": "teardown", "longreprtext": "why"}
        report = SimpleNamespace(nodeid="a.py::b[x-cpu]", when="call", **passed)
        writer = PageWriter(Path("page.html"), None)

        writer.pytest_runtest_logstart("a.py::b[x-cpu]", ("a.py", 8, "b"))
        report.user_properties = [*properties, examples]
        writer.pytest_runtest_logreport(report)
        vars(report).update(failed, user_properties=properties)
        writer.pytest_runtest_logreport(report)

        (result,) = writer.results.values()
        assert result == ItemResult(
            *("a.py::b[x-cpu]", "a.py", 9, "1.1.1", "", "cpu", "failed", "why", 7, ["x"])
        )
        assert (result.test, result.parameters) == ("a.py::b", "x-cpu")

    def test_a_run_that_ends_early_leaves_the_older_page(self, tmp_path):
        (tmp_path / "page.html").write_text(MARK)
        session = SimpleNamespace(shouldstop="stopping after 1 failures", shouldfail=False)
        writer, lines = PageWriter(tmp_path / "page.html", None), []

        writer.pytest_sessionfinish(session, pytest.ExitCode.TESTS_FAILED)
        writer.pytest_terminal_summary(SimpleNamespace(line=lambda it, **_: lines.append(it)))

        assert "No page written: the run ended early" in lines[0]
        assert (tmp_path / "page.html").read_text() == MARK

    def test_the_order_in_which_tests_ran_does_not_change_the_page(self):
        results = [result(), ItemResult(f"{ITEM}::TestItem::test_b[cpu]", ITEM, 40, "1.1.1")]

        assert html(record(), results=results) == html(record(), results=results[::-1])

    @pytest.mark.exhaustive
    def test_two_workers_write_the_same_page_as_one_process(self, page, tmp_path):
        pytest.importorskip("xdist")

        run(ITEM, f"--page={tmp_path / 'page.html'}", "--device=cpu", "-n2")

        assert Document((tmp_path / "page.html").read_text()).text == page.text

    @pytest.mark.exhaustive
    def test_failures_and_crashes_are_shown(self, tmp_path):
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
        assert "crashed while running" in page.text
        assert "__import__('os')._exit(1)" in page.text  # the source of what crashed


class TestSentences:
    def test_the_first_counts_claims_and_changes_since_the_release_before(self):
        history = [record("1.13.1"), record("2.4.1", a="x"), record("2.15.0")]

        page = html(record(a="y"), history, None, [result(), result("failed", claim="5.1")])

        expected = "PyTorch 2.13.0: 1\xa0claim confirmed, 1\xa0failed; 1\xa0change since\xa02.4.1"
        assert expected in page
        assert "2.4.1 からの変化は 1 件" in page

    def test_it_counts_changes_since_the_record_that_was_asked_for(self):
        page = html(record(a="y"), [record("2.4.1")], before=record("9.9.9"))

        assert "0\xa0changes since\xa09.9.9" in page

    def test_without_a_history_it_shows_what_was_observed_and_no_changes(self):
        page = Document(html(record(a="seen once")))

        assert "changes since" not in page.text
        assert "seen once" in page.text
        assert "strip" not in [attrs.get("class", "").split(" ")[0] for _, attrs in page.elements]

    def test_what_was_not_checked_is_named_with_the_reason(self):
        page = html(record(), results=[result("skipped", "no cuda", claim="1.4.4")])

        assert "1.4.4 (no cuda)" in page
        assert f"{len(LEDGER) - 1} (not in this run)" in page


class TestLanguages:
    def test_every_word_of_the_page_is_there_in_both(self):
        for name, words in {**VERDICTS, **MEANINGS, **OUTCOMES, **WORDS}.items():
            assert words.en, name
            assert re.search("[\u3041-\u30ff\u4e00-\u9fff]", words.ja), name

    def test_an_untranslated_claim_or_chapter_is_shown_in_english_and_marked(self, monkeypatch):
        title, says = CHAPTERS["5"], LEDGER["5.1"].says
        mark = '<span lang="ja" class="w"> (未訳)</span>'
        assert mark not in html(record())
        monkeypatch.delitem(japanese.CHAPTERS, "5")
        monkeypatch.delitem(japanese.CLAIMS, "5.1")

        page = html(record())

        assert f"5 {title}{mark}</h2>" in page
        assert f'data-ja="5 {title} (未訳)"' in page
        assert f"{says}{mark}</h3>" in page


class TestHostileData:
    """Messages and names are somebody else's: they are shown as text, and cut."""

    def test_markup_from_anywhere_is_shown_as_text(self):
        hostile = '</script><script>alert(1)</script><img src=x onerror="alert(2)">{{ 7 * 7 }}'
        results = [
            result("failed", hostile, extreme=[hostile], tried=1),
            ItemResult(f"benchmarks/{hostile}", outcome="failed", text=hostile),
            ItemResult(f"{ITEM}::test[{hostile}]", "", 0, "1.1.2", "", hostile, "skipped", hostile),
        ]
        history = [record("1.13.1", **{hostile: hostile})]

        page = Document(html(record(**{hostile: "other"}), history, None, results))

        tags = Counter(tag for tag, _ in page.elements)
        assert (tags["script"], tags["img"]) == (1, 0)
        assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
        assert page.text.count("alert(1)") > 5
        assert page.text.count("{{ 7 * 7 }}") > 5

    def test_control_characters_are_escaped(self):
        control = "\x00\x1b[31m\u202e\ud800\x85"
        results = [result("failed", control), ItemResult(control, outcome="failed")]

        text = html(record(**{control: "x"}), [record("1.13.1", **{control: "y"})], None, results)

        text.encode()  # which a lone surrogate would refuse
        assert not [it for it in text if not it.isprintable() and it not in "\n\t\xa0"]
        assert text.count(r"\x1b[31m\u202e\ud800") >= 3

    def test_huge_values_are_cut(self):
        huge = "x" * 10**6
        history = [record("1.13.1", a=huge, b=huge, c=[huge] * 9)]

        text = html(record(a="y", b=huge, c=["z"]), history, None, [result("failed", huge)])

        assert len(text) < len(html(record())) + 30_000
        assert "994,000 more characters" in text


class TestStrips:
    @staticmethod
    def of(*values):
        records = [record(f"2.{i}.0", **({"a": it} if it else {})) for i, it in enumerate(values)]
        return observed(records[:-1], records[-1])["1.1.3"]

    def test_neighbours_with_the_same_value_are_one_segment(self):
        (strip,) = self.of("x", "x", "y", "x", "x").changed

        assert [(it.releases, it.span, it.letter, it.value) for it in strip.history] == [
            ("2.0.0 \N{EN DASH} 2.1.0", 2, "A", "x"),
            ("2.2.0", 1, "B", "y"),
            ("2.3.0", 1, "A", "x"),
        ]
        assert (strip.run.letter, strip.run.value) == ("A", "x")

    def test_a_release_that_did_not_look_is_told_from_one_that_saw_something(self):
        (strip,) = self.of("x", None, "y", "y").changed

        assert [it.kind for it in strip.history] == ["0", "unseen", "1"]

    def test_a_claim_names_the_releases_that_differ_from_the_run(self):
        assert self.of("x", "y", "x", "y").differs == {0, 2}
        assert self.of("x", "x", "x").differs == set()

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
            (torch.ones(0, 3), ["empty"]),
            (torch.tensor(1.5), ["0-dimensional"]),
            (torch.tensor([torch.nan, -torch.inf]), ["NaN", "infinity"]),
            (torch.tensor([-0.0, 1e-42]), ["-0.0", "subnormal"]),
            (torch.tensor([complex(0.0, torch.inf)]), ["infinity"]),
            (torch.tensor([True]), []),
            (torch.zeros(2, dtype=torch.bfloat16), []),
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
        (line,) = described({"x": torch.arange(900.0)})
        assert len(line) < 160
        assert "\n" not in line

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
    @pytest.mark.parametrize("name", [it for it in vars(test_1_1_item.TestItem) if "test_" in it])
    def test_a_source_is_that_of_the_function_with_its_decorators(self, name):
        lines, first = inspect.getsourcelines(getattr(test_1_1_item.TestItem, name))

        found = source_at(ITEM, first)

        assert (found.file, found.line) == (ITEM, first)
        assert found.text.startswith("@claim(")
        assert found.text == inspect.cleandoc("\n" + "".join(lines)).rstrip()

    @pytest.mark.parametrize("place", [("missing.py", 1), (ITEM, 0), (ITEM, 10**6), ("", 0)])
    def test_what_is_not_there_has_no_source(self, place):
        assert source_at(*place) is None

    def test_code_is_highlighted_and_escaped(self):
        pytest.importorskip("pygments")

        shown = highlighted('return "<b>" if x < 1 else 2  # why')

        assert '<span class="k">return</span>' in shown
        assert "&lt;b&gt;" in shown
        assert '<span class="mi">1</span>' in shown
        assert '<span class="c1"># why</span>' in shown


class TestCosts:
    @staticmethod
    def questions() -> list[costs.Question]:
        from benchmarks.questions import FROM_NUMPY, LAYERS
        from benchmarks.test_numpy_border import COPY, FROM

        def report(question, parameters, way, baseline) -> SimpleNamespace:
            cost = {"question": question, "parameters": parameters, "alternative": way}
            numbers = dict.fromkeys(("peak_bytes", "predicted_peak_bytes", "retained_bytes"), 4096)
            cost |= {"baseline": baseline, "device": "cpu", "because": "<b>", **numbers}
            cost |= {"predicted_retained_bytes": None, "memory_ratio": 1.0, "seconds": 1e-5}
            cost |= {"time_ratio": 1.0, "time_ratio_quartiles": (0.9, 1.1)}
            return SimpleNamespace(user_properties=[("cost", cost)], when="call")

        deep = [{"layers": layers, "width": 8} for layers in (1, 2)]
        large = [{"nbytes": 2**n, "dtype": "float64"} for n in (10, 20)]
        return costs.questions(
            [
                report(LAYERS, it, way, "no_grad")
                for it in deep
                for way in ("enable_grad", "no_grad")
            ]
            + [report(FROM_NUMPY, it, way, COPY) for it in large for way in (COPY, *FROM)]
        )

    def test_they_are_shown_in_words_and_in_a_table(self, monkeypatch):
        monkeypatch.setattr(costs, "HAS_MATPLOTLIB", False)
        page = model.build(record(), (), None, (), "", "")

        text = Document(render.html(page, self.questions())).text

        assert "from_numpy(a): 0.0039x to 4.00x the array's bytes" in text
        assert "2 layers, width 8" in text
        assert "4,096" in text

    def test_two_questions_have_a_figure_where_matplotlib_is_installed(self):
        pytest.importorskip("matplotlib")

        questions = self.questions()

        assert [len(it.figures) for it in questions] == [1, 1]
        for (figure,) in (it.figures for it in questions):
            svg = base64.b64decode(figure.url.partition(",")[2]).decode()
            assert "logarithmic" in figure.caption.en or "peak memory" in svg
            assert "<text" in svg
