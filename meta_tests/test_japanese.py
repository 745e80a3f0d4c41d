"""The claims in Japanese say what they say in English."""

from __future__ import annotations

import re

import pytest

from harness.page import japanese
from specs.ledger import CHAPTERS, LEDGER

TRANSLATED = [
    *((CHAPTERS.get(id), text) for id, text in japanese.CHAPTERS.items()),
    *((LEDGER[id].says, text) for id, text in japanese.CLAIMS.items() if id in LEDGER),
    *((LEDGER[id].truth, text) for id, text in japanese.TRUTHS.items() if id in LEDGER),
]


@pytest.mark.exhaustive  # so that a claim can be added before its translation
def test_what_ships_is_translated_in_full():
    assert list(japanese.CHAPTERS) == list(CHAPTERS)
    assert list(japanese.CLAIMS) == list(LEDGER)
    assert list(japanese.TRUTHS) == [id for id, claim in LEDGER.items() if claim.truth]


@pytest.mark.parametrize(("english", "text"), TRANSLATED)
def test_a_translation_is_japanese_and_keeps_every_name_from_code(english, text):
    names = set(re.findall(r"\w*_\w*|\w+(?=\()", english))

    assert re.search("[\u3041-\u30ff\u4e00-\u9fff]", text)
    assert [name for name in names if name not in text] == []
