"""The source of a test, highlighted by Pygments where that is installed."""

from __future__ import annotations

import inspect
import linecache
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup, escape

from harness.run.text import one_line

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Source:
    """A test function, decorators included."""

    file: str
    line: int  # the first is 1
    text: str
    html: Markup


def source_at(file: str, line: int) -> Source | None:
    """The source of the function that starts at this line (the first is 1), None if none does."""
    lines = linecache.getlines(str(PROJECT / file))[line - 1 :]
    if line < 1 or not lines:
        return None
    text = textwrap.dedent("".join(inspect.getblock(lines))).rstrip()
    return Source(one_line(file), line, text, highlighted(text))


#: Tokens that the page shows like any other text; without their elements it is a third smaller.
_PLAIN = re.compile(r'<span class="(?!k|s|m|c|ow|nd|nf)\w+">([^<]*)</span>')
_KEYWORD = re.compile(r'<span class="(?:k\w*|ow)">([^<]*)</span>')
#: Pygments has a class for each kind of string, number or name; the page has one for all.
_CLASS = re.compile(r'<span class="(\w)\w*">')


def highlighted(code: str) -> Markup:
    """The code as HTML, with an element around each token to highlight.

    Keywords, the most frequent, are in <b>, which is short; the others have a class: s (string), m
    (number), c (comment) or n (name).
    """
    try:
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer
    except ImportError:  # pytest requires Pygments from 8.4 on
        return escape(code)
    html = highlight(code, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip("\n")
    html = _KEYWORD.sub(r"<b>\1</b>", _PLAIN.sub(r"\1", html))
    return Markup(_CLASS.sub(r"<span class=\1>", html))
