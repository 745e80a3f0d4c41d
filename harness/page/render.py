"""The page as HTML: Jinja's templates, with every value escaped, and a policy for the browser.

The policy lets the browser run the one script and use the one style of this page, known by their
hashes, show pictures that are in the page itself, and do nothing else: not even load a file. So
markup that got past the escaping would still do nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.page import words
from harness.page.costs import Question
from harness.page.files import MARK
from harness.page.model import Page
from specs.ledger import Verdict

HERE = Path(__file__).parent


def html(page: Page, costs: Sequence[Question]) -> str:
    """The whole file."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = _asset("page.css"), _asset("page.js")
    return environment.get_template("page.html").render(
        page=page,
        costs=costs,
        mark=Markup(MARK),
        style=Markup(style),
        script=Markup(script),
        policy=policy(style, script),
        verdicts=Verdict,
        words=words,
        w=words.WORDS,
    )


def policy(style: str, script: str) -> str:
    """What the browser may do with the page."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _asset(name: str) -> str:
    return (HERE / "templates" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
