"""One experiment: specs run with a mutant in force, in a process that is thrown away afterwards.

A spec is named by its file, class and function. It notices a mutant if a check of its own fails: an
assertion, or a block that was to raise. Any other exception does not count.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, seed, settings

from harness.run.claims import claim_of
from meta_tests.checks import Check, checks_of, without
from meta_tests.mutants import CATALOGUE
from meta_tests.variety import traits


@dataclass(frozen=True)
class Spec:
    """A spec as it was collected: which claim it proves, in which cases, by which checks."""

    name: str
    claim: str
    cases: tuple[str, ...]  # the values of its parameters, "" if it has none
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Experiment:
    """What to run in one process."""

    mutant: str | None = None  # none: PyTorch as it is
    examples: tuple[tuple[str, int], ...] = ()  # the specs to run, each on so many examples
    less: tuple[tuple[str, str], ...] = ()  # specs to run again less one check of theirs
    search: bool = False  # run again each spec that notices, less each check that noticed
    seed: int | None = None  # none: the examples of the default profile
    draw_only: bool = False  # draw examples, and run no spec on them


@dataclass
class Findings:
    """What one experiment saw, by the names of specs."""

    experiment: Experiment
    #: The checks that failed, each with the number of the first example that it failed for.
    noticed: dict[str, dict[str, int]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)  # what else was raised
    passed_less: set[tuple[str, str]] = field(default_factory=set)  # passed less this check
    #: For each argument that Hypothesis draws, what share of its values has which trait.
    drawn: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    trouble: str = ""  # why there are no findings: a crash, a time limit


class Specs:
    """The collected items by the name of their spec."""

    def __init__(self, items: list[pytest.Function]) -> None:
        self.items: dict[str, list[pytest.Function]] = defaultdict(list)
        for item in items:
            self.items[item.nodeid.removeprefix("specs/").partition("[")[0]].append(item)

    def describe(self) -> dict[str, Spec]:
        return {
            name: Spec(
                name,
                claim_of(items[0]).id,
                tuple(item.nodeid.partition("[")[2].rstrip("]") for item in items),
                tuple(check.text for check in checks_of(_body(items[0]))),
            )
            for name, items in self.items.items()
        }

    def run(self, experiment: Experiment) -> Findings:
        """Put the mutant into force for good, and run the specs."""
        findings = Findings(experiment)
        if experiment.mutant is not None:
            CATALOGUE[experiment.mutant].apply()
        for name, count in experiment.examples:
            items = self.items[name]
            _set_examples(_function(items[0]), count, experiment.seed)
            if experiment.draw_only:
                findings.drawn[name] = _draw(items[0])
                continue
            body = _body(items[0])
            checks = checks_of(body)
            noticed, errors = _outcome(items, body, checks)
            if noticed:
                findings.noticed[name] = noticed
            elif errors:
                findings.errors[name] = errors[0]
            for check in checks:
                wanted = (name, check.text) in experiment.less
                wanted |= experiment.search and check.text in noticed
                if wanted and _outcome(items, without(body, check), checks) == ({}, []):
                    findings.passed_less.add((name, check.text))
        return findings


def _function(item: pytest.Function) -> Callable:
    return getattr(item.obj, "__func__", item.obj)


def _body(item: pytest.Function) -> Callable:
    """The function that a person wrote, below what Hypothesis wraps around it."""
    function = _function(item)
    return function.hypothesis.inner_test if hasattr(function, "hypothesis") else function


def _set_examples(function: Callable, count: int, seed_: int | None) -> None:
    if hasattr(function, "hypothesis"):
        phases = (Phase.explicit, Phase.generate)  # no shrinking: that it fails is enough
        settings(max_examples=count, phases=phases, derandomize=seed_ is None)(function)
        if seed_ is not None:
            seed(seed_)(function)


@contextlib.contextmanager
def _replaced_body(items: list[pytest.Function], body: Callable) -> Iterator[None]:
    """Give the spec another body for a while."""
    function = _function(items[0])
    if hasattr(function, "hypothesis"):
        original, function.hypothesis.inner_test = function.hypothesis.inner_test, body
        yield
        function.hypothesis.inner_test = original
        return
    originals = [item.obj for item in items]
    for item in items:
        instance = getattr(item.obj, "__self__", None)
        item.obj = body if instance is None else body.__get__(instance)
    yield
    for item, original in zip(items, originals, strict=True):
        item.obj = original


def _outcome(
    items: list[pytest.Function], body: Callable, checks: list[Check]
) -> tuple[dict[str, int], list[str]]:
    """Run the spec with this body: the checks that failed in any case, and other exceptions."""
    noticed: dict[str, int] = {}
    errors = []
    for item in items:
        tried = itertools.count(1)
        number = 0

        @functools.wraps(body)
        def counted(*args: object, tried: Iterator[int] = tried, **kwargs: object) -> None:
            nonlocal number
            number = next(tried)
            body(*args, **kwargs)

        watcher = _Watcher()
        item.config.pluginmanager.register(watcher)
        with _replaced_body([item], counted):
            runtestprotocol(item, log=False)
        item.config.pluginmanager.unregister(watcher)
        for raised in watcher.raised:
            failed = _failed_check(raised, body, checks)
            if failed:
                noticed[failed.text] = min(number, noticed.get(failed.text, number))
            else:
                errors.append(raised.exconly())
    return noticed, errors


class _Watcher:
    """A plugin that keeps the exceptions of an item, with their tracebacks.

    Not those of its teardown, where the harness would notice grad mode and such that was left
    changed: the specs must see by themselves.
    """

    def __init__(self) -> None:
        self.raised: list[pytest.ExceptionInfo] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo) -> None:
        if call.excinfo is not None and call.when != "teardown":
            self.raised.append(call.excinfo)


def _failed_check(
    raised: pytest.ExceptionInfo, body: Callable, checks: list[Check]
) -> Check | None:
    """The check of the spec that raised, if one did and no other code of the spec."""
    lines = [
        entry.lineno + 1
        for entry in raised.traceback
        if entry.frame.code.raw.co_name == body.__name__
        and Path(entry.path) == Path(body.__code__.co_filename)
    ]
    for check in checks:
        counts = check.must_raise or raised.errisinstance(AssertionError)
        if counts and lines and check.first <= lines[-1] <= check.last:
            return check
    return None


def _draw(item: pytest.Function) -> dict[str, dict[str, float]]:
    """The traits of what Hypothesis draws for each argument of the spec."""
    drawn: dict[str, list[object]] = defaultdict(list)
    if hasattr(_function(item), "hypothesis"):
        arguments = set(_function(item).hypothesis._given_kwargs)

        def keep(*_: object, **values: object) -> None:
            for name in arguments:
                drawn[name].append(values[name])

        with _replaced_body([item], keep):
            runtestprotocol(item, log=False)
    return {name: traits(values) for name, values in drawn.items()}
