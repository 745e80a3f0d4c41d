"""One experiment: some specs are run while a mutant is in force, in a process of its own.

A spec notices the mutant if one of its own checks fails: an assertion, or a block that must raise.
Any other exception does not count.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import traceback
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import UnsatisfiedAssumption

from meta_tests import checks
from meta_tests.mutants import CATALOGUE
from meta_tests.variety import traits


@dataclass(frozen=True)
class Spec:
    """What a spec proves, in which cases, and by which checks."""

    claim: str
    cases: tuple[str, ...]  # the ids of its parameters, "" if it has none
    checks: tuple[str, ...]  # the source of each, on one line


@dataclass(frozen=True)
class Experiment:
    """What to run in one process. Its findings are asked for by its name."""

    name: str
    examples: dict[str, int]  # the specs to run, and how many examples of each
    mutant: str | None = None  # None: run no spec, but draw its examples
    without: frozenset[tuple[str, int]] = frozenset()  # run the spec without this check as well
    search: bool = False  # run each spec that notices without the check that failed
    seed: int | None = None  # None: the examples of the default profile


@dataclass
class Findings:
    """What one experiment saw, by the names of specs."""

    #: The position of the check that failed, and the number of the example that it failed for.
    noticed: dict[str, tuple[int, int]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)  # any other exception
    #: The checks without which the spec passed.
    passed_without: set[tuple[str, int]] = field(default_factory=set)
    #: For each argument that Hypothesis draws, the share of its values that has each trait.
    drawn: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    trouble: str = ""  # why there are no findings: a crash, or no end within the time limit


class Specs:
    """The collected specs by name: file, class and function."""

    def __init__(self, items: list[pytest.Function]) -> None:
        self.items: dict[str, list[pytest.Function]] = defaultdict(list)
        for item in items:
            self.items[item.nodeid.removeprefix("specs/").partition("[")[0]].append(item)
        self.bodies = {name: _body(its[0]) for name, its in self.items.items()}
        self.checks = {name: checks.checks_of(body) for name, body in self.bodies.items()}

    def describe(self) -> dict[str, Spec]:
        return {
            name: Spec(
                items[0].get_closest_marker("claim").args[0],
                tuple(item.nodeid.partition("[")[2].rstrip("]") for item in items),
                tuple(map(checks.text, self.checks[name])),
            )
            for name, items in self.items.items()
        }

    def run(self, experiment: Experiment) -> Findings:
        """Put the mutant into force for good, and run the specs."""
        findings = Findings()
        if experiment.mutant is not None:
            CATALOGUE[experiment.mutant].apply()
        for name, count in experiment.examples.items():
            item, body = self.items[name][0], self.bodies[name]
            _set_examples(item, count, experiment.seed)
            if experiment.mutant is None:
                findings.drawn[name] = _draw(item, body)
                continue
            noticed, error = self._run(name, body)
            if noticed:
                findings.noticed[name] = noticed
            elif error:
                findings.errors[name] = error
            for position in range(len(self.checks[name])):
                wanted = (name, position) in experiment.without
                wanted |= experiment.search and noticed is not None and noticed[0] == position
                if wanted and self._run(name, checks.without(body, position)) == (None, ""):
                    findings.passed_without.add((name, position))
        return findings

    def _run(self, name: str, body: Callable) -> tuple[tuple[int, int] | None, str]:
        """Run the cases of a spec with this body until a check fails; else its last error."""
        error = ""
        for item in self.items[name]:
            raised, example = _run(item, body)
            if raised is None:
                continue
            frames = traceback.walk_tb(raised.__traceback__)
            lines = [line for frame, line in frames if frame.f_code is body.__code__]
            for position, check in enumerate(self.checks[name]):
                failed = isinstance(check, ast.With) or isinstance(raised, AssertionError)
                if failed and lines and check.lineno <= lines[-1] <= check.end_lineno:
                    return (position, example), ""
            error = repr(raised)
        return None, error


def _function(item: pytest.Function) -> Callable:
    return getattr(item.obj, "__func__", item.obj)


def _body(item: pytest.Function) -> Callable:
    """The function in the source, which Hypothesis may have wrapped."""
    function = _function(item)
    return function.hypothesis.inner_test if hasattr(function, "hypothesis") else function


def _set_body(item: pytest.Function, body: Callable) -> None:
    if hasattr(_function(item), "hypothesis"):
        _function(item).hypothesis.inner_test = body
    else:
        item.obj = body if item.cls is None else body.__get__(item.obj.__self__)


def _set_examples(item: pytest.Function, count: int, seed_: int | None) -> None:
    function = _function(item)
    if hasattr(function, "hypothesis"):
        settings(
            max_examples=count,
            phases=(Phase.explicit, Phase.generate),  # the first failure is enough
            derandomize=seed_ is None,
            suppress_health_check=list(HealthCheck),  # a busy machine draws slowly
        )(function)
        if seed_ is not None:
            seed(seed_)(function)


class _Failed(BaseException):
    """Ends a spec at its first failure; Hypothesis would run again what raised an Exception."""


def _run(item: pytest.Function, body: Callable) -> tuple[BaseException | None, int]:
    """Run one case of a spec with this body: what it raised, and in which example.

    Errors in teardown do not count: there the harness reports a changed grad mode and the like,
    but specs must notice by themselves.
    """
    example = 0
    raised = None

    @functools.wraps(body)
    def stop_at_first_failure(*args: object, **kwargs: object) -> None:
        nonlocal example, raised
        example += 1
        try:
            body(*args, **kwargs)
        except UnsatisfiedAssumption:
            raise
        except (Exception, pytest.fail.Exception) as error:
            raised = error
            raise _Failed from error

    _set_body(item, stop_at_first_failure)
    item._initrequest()  # fresh fixtures, as pytest's runner does for an item that runs again
    try:
        item.ihook.pytest_runtest_setup(item=item)
        item.ihook.pytest_runtest_call(item=item)
    except (_Failed, pytest.skip.Exception):
        pass
    except BaseException as error:
        raised = error
    with contextlib.suppress(BaseException):
        item.ihook.pytest_runtest_teardown(item=item, nextitem=None)
    return raised, example


def _draw(item: pytest.Function, body: Callable) -> dict[str, dict[str, float]]:
    """The traits of what Hypothesis draws for each argument, in the order of the arguments."""
    drawn: dict[str, list[object]] = defaultdict(list)

    @functools.wraps(body)
    def keep(*_: object, **values: object) -> None:
        for name, value in values.items():
            if name != "self" and name not in item.funcargs:
                drawn[name].append(value)

    if hasattr(_function(item), "hypothesis"):
        _run(item, keep)
    return {name: traits(values) for name, values in drawn.items()}
