"""The source of a test, from the file itself, with what Pygments knows about it as markup."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

from harness.run.claims import PROJECT
from harness.run.text import one_line


@dataclass(frozen=True)
class Source:
    """A function as its file has it."""

    file: str
    line: int
    text: str

    @property
    def lines(self) -> int:
        return self.text.count("\n") + 1

    @property
    def html(self) -> Markup:
        return highlighted(self.text)


def source(test: str) -> Source | None:
    """The source of "specs/test_5_relu.py::TestModule::test_..."; None if it is not there."""
    file, _, name = test.partition("::")
    path = (PROJECT / file).resolve()
    if PROJECT.resolve() not in path.parents or not path.is_file():
        return None
    return _sources_in(path, file).get(name)


@cache
def _sources_in(path: Path, file: str) -> dict[str, Source]:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()

    def functions(body: Iterable[ast.stmt], prefix: str) -> Iterator[tuple[str, Source]]:
        for node in body:
            if isinstance(node, ast.ClassDef):
                yield from functions(node.body, f"{prefix}{node.name}::")
            elif isinstance(node, ast.FunctionDef):
                first = min([node.lineno, *(it.lineno for it in node.decorator_list)])
                of = "\n".join(lines[first - 1 : node.end_lineno])
                yield prefix + node.name, Source(one_line(file), first, textwrap.dedent(of))

    return dict(functions(ast.parse(text).body, ""))


#: The classes of the page's style for kinds of tokens, the first that fits; all else stays plain.
_CLASSES = (
    ("Comment", "c"),
    ("Literal.String", "s"),
    ("Literal.Number", "m"),
    ("Keyword", "k"),
    ("Operator.Word", "k"),
    ("Name.Decorator", "d"),
    ("Name.Function", "f"),
)


def highlighted(text: str) -> Markup:
    """The code as HTML: escaped, and its keywords, texts and numbers in an element each."""
    return Markup("".join(_element(escape(value), _class(kind)) for kind, value in _tokens(text)))


def _element(escaped: Markup, name: str) -> str:
    return f'<b class="{name}">{escaped}</b>' if name else str(escaped)


@cache
def _class(kind: object) -> str:
    """For a kind of Pygments's, such as Token.Literal.Number.Float."""
    return next((name for start, name in _CLASSES if str(kind).startswith(f"Token.{start}")), "")


def _tokens(text: str) -> Iterable[tuple[object, str]]:
    try:
        from pygments.lexers.python import PythonLexer
    except ImportError:  # which pytest brings since its version 8.4 only
        return [("", text)]
    return PythonLexer(ensurenl=False).get_tokens(text)
