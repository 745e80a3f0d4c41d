"""The checks of a spec, read from its source: its assertions, and its blocks that must raise."""

from __future__ import annotations

import ast
import contextlib
import inspect
import textwrap
from collections.abc import Callable

Check = ast.Assert | ast.With

#: The context managers whose blocks are checks.
_CHECKING = ("pytest.raises", "pytest.warns")


def checks_of(function: Callable) -> list[Check]:
    """The checks in the order of the source, with the line numbers of the file."""
    return _checks(_definition(function))


def text(check: Check) -> str:
    """The source of a check on one line, for messages."""
    if isinstance(check, ast.Assert):
        return ast.unparse(check)
    return "with " + ", ".join(ast.unparse(item) for item in check.items)


def without(function: Callable, position: int) -> Callable:
    """The function with one check removed: an assertion is skipped, a block need not raise."""
    definition = _definition(function)
    definition.decorator_list = []
    check = _checks(definition)[position]
    if isinstance(check, ast.Assert):
        check.test = ast.copy_location(ast.Constant(True), check.test)
    else:
        for item in filter(_must_raise, check.items):
            suppress = ast.parse("suppressing(Exception)", mode="eval").body
            item.context_expr = ast.copy_location(suppress, item.context_expr)
    module = ast.fix_missing_locations(ast.Module([definition], []))
    names = {**function.__globals__, "suppressing": contextlib.suppress}
    exec(compile(module, inspect.getsourcefile(function), "exec"), names)
    return names[definition.name]


def _checks(definition: ast.AST) -> list[Check]:
    found = [
        node
        for node in ast.walk(definition)
        if isinstance(node, ast.Assert)
        or (isinstance(node, ast.With) and any(map(_must_raise, node.items)))
    ]
    return sorted(found, key=lambda check: check.lineno)


def _must_raise(item: ast.withitem) -> bool:
    call = item.context_expr
    return isinstance(call, ast.Call) and ast.unparse(call.func) in _CHECKING


def _definition(function: Callable) -> ast.FunctionDef:
    lines, first = inspect.getsourcelines(function)
    tree = ast.parse(textwrap.dedent("".join(lines)))
    return ast.increment_lineno(tree, first - 1).body[0]
