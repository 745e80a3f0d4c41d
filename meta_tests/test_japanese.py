"""The page in Japanese says what it says in English."""

from __future__ import annotations

import re

import pytest

from harness.page import japanese
from specs.ledger import CHAPTERS, LEDGER

TRANSLATED = [
    *((CHAPTERS[id], text) for id, text in japanese.CHAPTERS.items()),
    *((LEDGER[id].says, text) for id, text in japanese.CLAIMS.items()),
    *((LEDGER[id].truth, text) for id, text in japanese.TRUTHS.items()),
]


@pytest.mark.exhaustive  # so that a claim can be added before its translation
def test_what_ships_is_translated_in_full():
    assert list(japanese.CHAPTERS) == list(CHAPTERS)
    assert list(japanese.CLAIMS) == list(LEDGER)
    assert list(japanese.TRUTHS) == [id for id, claim in LEDGER.items() if claim.truth]


def test_every_translation_is_japanese():
    assert all(_is_japanese(text) for _, text in TRANSLATED)


def test_a_translation_keeps_every_name_from_code():
    for english, text in TRANSLATED:
        names = set(re.findall(r"\w*_\w*|\w+(?=\()", english))
        assert not [name for name in names if name not in text], english


def _is_japanese(text: str) -> bool:
    """Whether it has a letter of kana, or of kanji."""
    return re.search("[\u3041-\u30ff\u4e00-\u9fff]", text) is not None
