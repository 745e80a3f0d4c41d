"""Imports go one way, and in no circle."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter

from meta_tests.copies import PROJECT

#: The other parts of the project that each part may import.
MAY_IMPORT = {
    "specs": (),
    "harness.run": ("specs",),
    "benchmarks": ("specs", "harness.run"),
    "harness.history": ("specs", "harness.run"),
    "harness.page": ("specs", "harness.run", "harness.history", "benchmarks"),
}
MODULES = {
    ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in ("specs", "harness", "benchmarks", "meta_tests")
    for path in (PROJECT / folder).rglob("*.py")
}


def imported(module: str) -> set[str]:
    """The project's modules that a module imports, at its top or in a function."""
    names = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{it.name}" for it in node.names)}
        elif isinstance(node, ast.Import):
            names |= {it.name for it in node.names}
    return names & MODULES.keys()


def test_imports_go_one_way_and_in_no_circle():
    graph = {module: imported(module) for module in MODULES}

    TopologicalSorter(graph).prepare()  # raises a CycleError
    for part, others in MAY_IMPORT.items():
        for module in MODULES:
            if module.startswith(part):
                back = [it for it in graph[module] if not it.startswith((part, *others))]
                assert back == [], module
