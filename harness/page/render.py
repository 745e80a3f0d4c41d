"""The page as HTML: Jinja's templates, with every value escaped, and a policy for the browser.

The policy allows the one script and the one style of the page, known by their hashes, and pictures
in the page itself, and nothing else. So markup that got past the escaping would still do nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.page import MARK, words
from harness.page.model import Page
from specs.ledger import SCOPE, Verdict

if TYPE_CHECKING:
    from harness.page.costs import Question

TEMPLATES = Path(__file__).parent / "templates"


def html(page: Page, costs: Sequence[Question]) -> str:
    """The whole file."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (TEMPLATES / "page.css").read_text("utf-8") + _columns(len(page.releases))
    script = (TEMPLATES / "page.js").read_text("utf-8")
    return environment.get_template("page.html").render(
        page=page,
        costs=costs,
        mark=Markup(MARK),
        style=Markup(style),
        script=Markup(script),
        policy=(
            f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        ),
        scope=words.Words(SCOPE, words.JAPANESE["scope"]),
        verdicts=Verdict,
        words=words,
        w=words.WORDS,
    )


def _columns(most: int) -> str:
    """The style of grids of so many columns, since the policy allows no style in an element."""
    return "".join(
        f".n{i} {{ --n: {i}; }} .s{i} {{ grid-column: span {i}; }}\n" for i in range(1, most + 1)
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
