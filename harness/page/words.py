"""The page's own words, in English and Japanese. Claims and chapters: the ledger, japanese.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from specs.ledger import Verdict


class Words(NamedTuple):
    """The same thing said in both languages."""

    en: str
    ja: str | None  # None if it is not translated: the page shows the English, marked as such


_FILE = Path(__file__).parent / "templates" / "words.json"
_PARTS = {
    part: {name: Words(*both) for name, both in entries.items()}
    for part, entries in json.loads(_FILE.read_text(encoding="utf-8")).items()
}
VERDICTS = {Verdict(name): words for name, words in _PARTS["verdicts"].items()}
MEANINGS = {Verdict(name): words for name, words in _PARTS["meanings"].items()}
OUTCOMES, WORDS = _PARTS["outcomes"], _PARTS["words"]
