"""The page in Chromium: what only a browser can tell.

Needs Chromium (``apt-get install chromium``) and ``pip install playwright axe-playwright-python``.
Skips what is not installed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.page.words import JAPANESE
from harness.run.outline import first_sentence
from specs.ledger import LEDGER, Verdict

pytestmark = pytest.mark.exhaustive  # they need the page of a whole run

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def file(whole_run) -> Path:
    return whole_run.folder / "page.html"


@pytest.fixture
def opened(browser, file) -> Iterator[Callable]:
    """Opens the page, which must write nothing to the console and request nothing."""
    contexts, trouble = [], []

    def opened(address: str = "", **settings: object):
        settings = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **settings}
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("request", lambda request: requested(request.url))
        page.goto(file.as_uri() + address)
        return page

    def requested(url: str) -> None:
        if not url.startswith((file.as_uri(), "data:")):
            trouble.append(f"requested {url}")

    yield opened
    for context in contexts:
        context.close()
    assert trouble == []


def shown(page) -> list[str]:
    """The ids of the claims that are shown."""
    return [it.get_attribute("id") for it in page.locator("article.claim:not([hidden])").all()]


def test_the_keyboard_searches_and_the_address_keeps_it(opened):
    page = opened()
    assert page.locator("#count").inner_text() == f"{len(LEDGER)} of {len(LEDGER)} claims"

    page.keyboard.press("/")
    page.keyboard.type("numpy CLONE")

    found = shown(page)
    assert 0 < len(found) < len(LEDGER)
    page.reload()
    assert shown(page) == found
    page.keyboard.press("/")
    page.keyboard.type("no such thing anywhere")
    assert page.locator("#none").is_visible()


def test_a_message_is_found_by_the_question_that_a_claim_answers(opened):
    page = opened()

    types = "Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor)"
    page.fill("#q", f"RuntimeError: {types} should be the same")

    assert shown(page) == ["2.3.8"]


def test_three_words_that_stand_in_a_row_in_a_claim_are_not_sought_one_by_one(opened):
    page = opened()

    page.fill("#q", "only one element tensors")

    assert "1.1.3" in shown(page)
    for id in shown(page):
        text = page.locator(f"[id='{id}']").text_content()
        assert "only one element tensors" in " ".join(text.lower().split())


def test_the_keyboard_filters_and_shows_all_again(opened):
    page = opened()

    page.focus("#verdict")
    page.keyboard.type("corr")

    assert shown(page) == [it.id for it in LEDGER.values() if it.verdict is Verdict.CORRECTED]
    assert "verdict=corrected" in page.url
    page.focus("button[type=reset]")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "verdict" not in url)
    assert shown(page) == list(LEDGER)


def test_the_address_filters(opened):
    expected = [it.id for it in LEDGER.values() if it.id.startswith("1.")]
    assert shown(opened("?chapter=1&verdict=unheard-of")) == expected

    changed = shown(opened("?since=1.13.1&verdict=neighbour"))
    assert "1.1.3" in changed
    assert {LEDGER[id].verdict for id in changed} == {Verdict.NEIGHBOUR}


def test_an_anchor_shows_its_claim_whatever_the_filter(opened):
    page = opened("?verdict=holds#4.8")

    assert 0 <= page.locator("[id='4.8']").bounding_box()["y"] < 100


@pytest.mark.parametrize("scripts", [True, False])
def test_the_keyboard_switches_the_language(opened, scripts):
    page = opened(java_script_enabled=scripts)
    heading, more = page.locator("[id='1.3.3'] h4"), page.locator("[id='1.3.3'] .more")
    for part, words in zip((heading, more), first_sentence(LEDGER["1.3.3"].says), strict=True):
        assert words in part.inner_text()

    page.focus("#lang-en")
    page.keyboard.press("ArrowRight")

    japanese = first_sentence(JAPANESE["claims"]["1.3.3"]["says"])
    for part, words in zip((heading, more), japanese, strict=True):
        assert words in part.inner_text()
    assert first_sentence(LEDGER["1.3.3"].says)[0] not in heading.inner_text()
    if scripts:
        assert "lang=ja" in page.url
        assert "要訂正" in page.locator("#verdict").inner_text()


def test_a_japanese_browser_shows_japanese_at_first(opened):
    page = opened(locale="ja-JP")

    heading, _ = first_sentence(JAPANESE["claims"]["1.3.3"]["says"])
    assert heading in page.locator("[id='1.3.3'] h4").inner_text()


def test_focus_shows_a_value_and_escape_hides_it(opened):
    page = opened("#1.1.3")
    segment = page.locator("[id='1.1.3'] .seg", has_text="ValueError").first
    assert not segment.locator("small").is_visible()

    segment.focus()

    assert segment.locator("small").is_visible()
    page.keyboard.press("Escape")
    assert not segment.locator("small").is_visible()


def test_the_policy_stops_a_script_that_got_into_the_page(browser, file, tmp_path):
    text = file.read_text(encoding="utf-8")
    hostile = "<script>document.title = 'mine'</script><img src='x' onerror='document.title = 1'>"
    (tmp_path / "page.html").write_text(text.replace("</header>", f"</header>{hostile}"))
    page = browser.new_page()

    page.goto((tmp_path / "page.html").as_uri())

    assert page.title().startswith("PyTorch ")
    page.close()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_is_wider_than_the_window(opened, width, language):
    page = opened(f"?lang={language}", viewport={"width": width, "height": 800})
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")

    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(opened, scheme):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe is not installed"
    )
    page = opened(color_scheme=scheme)
    page.evaluate(  # one claim of each verdict, which takes a tenth of the time
        "document.querySelectorAll('article.claim').forEach(it =>"
        " ['1.1.3', '1.2.5', '1.4.3', '2.3.2', '5.1'].includes(it.id) || it.remove());"
        "document.querySelectorAll('details').forEach(it => it.open = true)"
    )

    found = axe.Axe().run(page).response["violations"]

    assert [(it["id"], it["nodes"][0]["html"]) for it in found] == []
