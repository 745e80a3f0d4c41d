"""The checks of a spec, read from its source: its assertions, and its blocks that must raise.

``without`` gives a spec less one of its checks, to see whether anything notices the loss.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: The context managers whose blocks check something by themselves.
_CHECKING = ("pytest.raises", "pytest.warns")


@dataclass(frozen=True)
class Check:
    """One check: its source on one line, and the lines that it stands on."""

    text: str
    first: int
    last: int
    must_raise: bool


def checks_of(function: Callable) -> list[Check]:
    """The checks of the spec, in the order of its source.

    Of two with the same source the second ends in "#2", so that each has a text of its own.
    """
    found: list[Check] = []
    for node in ast.walk(_definition(function)):
        if _is_check(node):
            found.append(_check(node))
    found.sort(key=lambda check: check.first)
    seen: dict[str, int] = {}
    for position, check in enumerate(found):
        seen[check.text] = seen.get(check.text, 0) + 1
        if seen[check.text] > 1:
            text = f"{check.text} #{seen[check.text]}"
            found[position] = Check(text, check.first, check.last, check.must_raise)
    return found


def without(function: Callable, check: Check) -> Callable:
    """The spec less this check: an assertion is passed over, a block may raise or not."""
    definition = _definition(function)

    class Remove(ast.NodeTransformer):
        def visit_Assert(self, node: ast.Assert) -> ast.AST:
            return ast.copy_location(ast.Pass(), node) if node.lineno == check.first else node

        def visit_With(self, node: ast.With) -> ast.AST:
            self.generic_visit(node)
            if check.must_raise and node.lineno == check.first:
                suppress = ast.parse("suppressing(Exception)", mode="eval").body
                for item in node.items:
                    if _checks(item):
                        item.context_expr = ast.copy_location(suppress, node)
            return node

    definition.decorator_list = []
    module = ast.fix_missing_locations(ast.Module([Remove().visit(definition)], []))
    names = {**function.__globals__, "suppressing": contextlib.suppress}
    exec(compile(module, inspect.getsourcefile(function), "exec"), names)
    return names[definition.name]


def _is_check(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert) or (
        isinstance(node, ast.With) and any(_checks(item) for item in node.items)
    )


def _checks(item: ast.withitem) -> bool:
    call = item.context_expr
    return isinstance(call, ast.Call) and ast.unparse(call.func) in _CHECKING


def _check(node: ast.Assert | ast.With) -> Check:
    if isinstance(node, ast.Assert):
        return Check(ast.unparse(node), node.lineno, node.end_lineno, must_raise=False)
    items = ", ".join(ast.unparse(item) for item in node.items)
    return Check(f"with {items}", node.lineno, node.end_lineno, must_raise=True)


def _definition(function: Callable) -> ast.FunctionDef:
    """A fresh syntax tree of the function, with the line numbers of its file."""
    path = Path(inspect.getsourcefile(function))
    first = function.__code__.co_firstlineno
    for node in ast.walk(ast.parse(_source(path))):
        if isinstance(node, ast.FunctionDef) and node.name == function.__name__:
            lines = [decorator.lineno for decorator in node.decorator_list] + [node.lineno]
            if min(lines) == first:
                return node
    raise ValueError(f"{path} has no function {function.__name__} in line {first}")


@cache
def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8")
