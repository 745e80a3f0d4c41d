"""What a spec that fails or crashes says before its traceback: its claim, versions, an example."""

from __future__ import annotations

import importlib
import re
from collections.abc import Generator
from pathlib import PurePath

import pytest

from harness.run.claims import claim_of, is_spec
from harness.run.devices import known
from harness.run.environment import versions
from harness.run.user_properties import CLAIM, DEVICE
from specs.ledger import LEDGER, Claim

#: Hypothesis's note of the arguments that it shrank to, or that an ``@example`` gives, in the words
#: of older and newer versions.
_EXAMPLE = re.compile(
    r"^(?:Falsifying|Failing) (?:explicit )?(?:example|test case): \w+\(\n(.*?)^\)\n?",
    re.DOTALL | re.MULTILINE,
)
#: A function that an assertion calls, such as "<built-in method all of type object at 0x...>".
_FUNCTION = re.compile(r"<(?:built-in )?(?:function|method) ([\w.]+)[^<>]* at 0x[0-9a-f]+>")


class FailedSpec:
    """What pytest shows of a failed spec: the preface, then pytest's own representation."""

    def __init__(self, preface: str, failure: object) -> None:
        self._preface, self._failure = preface, failure
        self.reprcrash = getattr(failure, "reprcrash", None)  # for the short test summary

    def toterminal(self, writer) -> None:
        writer.line(self._preface)
        self._failure.toterminal(writer)

    def __str__(self) -> str:  # what pytest-xdist sends
        return f"{self._preface}\n{self._failure}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, object, None]:
    if call.excinfo is None or not is_spec(item):
        yield
        return
    example = take_smallest_example(call.excinfo.value)
    tidy(call.excinfo.value)
    report = (yield).get_result()
    if report.failed and hasattr(report.longrepr, "toterminal"):
        report.longrepr = FailedSpec(preface(claim_of(item), example), report.longrepr)


def preface(claim: Claim, example: str | None) -> str:
    """The lines that come before the traceback of a spec of this claim."""
    lines = [f"Claim {claim.id} ({claim.verdict.value}): {claim.says}"]
    if claim.truth:
        lines.append(f"In fact: {claim.truth}")
    if claim.since:
        lines.append(f"Changed in: PyTorch {claim.since}")
    lines.append(f"Seen on: {versions()}")
    if example:
        lines.append(f"Smallest counterexample: {example}")
    lines.append(f"Documentation: {claim.docs}")
    return "\n".join(lines) + "\n"


def take_smallest_example(error: BaseException) -> str | None:
    """The arguments that Hypothesis shrank to, as "x=tensor(0.), p=0.5"; None without any.

    Removes them from the error's notes, so that they are shown once.
    """
    notes = getattr(error, "__notes__", [])
    for position, note in enumerate(notes):
        if (found := _EXAMPLE.search(note)) is not None:
            notes[position] = note[: found.start()] + note[found.end() :]
            if not notes[position].strip():
                del notes[position]
            return _in_short(found[1])
    return None


def _in_short(arguments: str) -> str:
    arguments = re.sub(r"^ +self=.*\n", "", arguments, flags=re.MULTILINE)
    lines = [line.removeprefix("    ").rstrip() for line in arguments.rstrip(",\n ").split("\n")]
    joined = " ".join(line.strip() for line in lines)
    return joined if len(joined) < 80 else "\n    " + "\n    ".join(lines)


def tidy(error: BaseException) -> None:
    """Show functions by name in the message of an assertion, and not where each comes from."""
    if isinstance(error, AssertionError) and error.args and isinstance(error.args[0], str):
        message = _FUNCTION.sub(r"\1", error.args[0])
        message = re.sub(r"\n +\+ +where (\w+) = (?:[\w.]+\.)?\1(?=\n|$)", "", message)
        error.args = (message, *error.args[1:])


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_handlecrashitem(crashitem: str, report: pytest.TestReport) -> None:
    if (claim := claim_at(crashitem)) is None:
        return
    report.longrepr = f"{preface(claim, None)}\n{report.longrepr}"
    parameters = crashitem.partition("[")[2].rstrip("]").split("-")
    report.user_properties.append((CLAIM, claim.id))
    report.user_properties += [(DEVICE, name) for name in parameters if name in known()]


def claim_at(nodeid: str) -> Claim | None:
    """The claim of the spec with this node id, which is all that a crash leaves; else None."""
    file, *names = nodeid.partition("[")[0].split("::")
    if PurePath(file).parent.name != "specs":
        return None
    found = importlib.import_module(f"specs.{PurePath(file).stem}")
    claim = None
    for name in names:
        found = getattr(found, name)
        for mark in getattr(found, "pytestmark", ()):
            claim = mark.args[0] if mark.name == "claim" else claim
    return LEDGER.get(claim)
