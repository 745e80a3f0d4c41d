"""The page's words in English and Japanese.

Its own words are in ``templates/words.json``. The claims, their questions and the chapters are in
the ledger, and their Japanese in ``japanese.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from specs.ledger import Verdict


class Words(NamedTuple):
    """The same thing said in both languages."""

    en: str
    ja: str | None  # None if it is not translated: the page shows the English, marked as such


_HERE = Path(__file__).parent
_PARTS = {
    part: {name: Words(*both) for name, both in entries.items()}
    for part, entries in json.loads((_HERE / "templates" / "words.json").read_text("utf-8")).items()
}
VERDICTS = {Verdict(name): words for name, words in _PARTS["verdicts"].items()}
MEANINGS = {Verdict(name): words for name, words in _PARTS["meanings"].items()}
OUTCOMES, WORDS = _PARTS["outcomes"], _PARTS["words"]

#: The ledger in Japanese: "scope", "chapters" by id, and "claims" by id with what each says.
JAPANESE = json.loads((_HERE / "japanese.json").read_text("utf-8"))
