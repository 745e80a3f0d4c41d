"""``pytest --claims``: the claims by chapter, each with its verdict and its specs' sentences."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from functools import cache

import pytest

from harness.run.claims import SPECS, claim_of, is_spec
from specs.ledger import CHAPTERS, LEDGER, SCOPE


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("specification").addoption(
        "--claims", action="store_true", help="print the claims and their specs, and run nothing"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("claims") and config.getoption("numprocesses", None):
        raise pytest.UsageError("--claims cannot be used with -n")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    if not session.config.getoption("claims"):
        return None
    writer = session.config.get_terminal_writer()
    specs = [item for item in session.items if is_spec(item)]
    for line in outline(sorted(specs, key=lambda item: item.location)):  # not as a plugin shuffled
        writer.line(line)
    return True  # instead of running the specs


def sentence(test: str) -> str:
    """The name of a test as a sentence: "test_item_is_a_method[cpu]" gives "item is a method"."""
    name = re.sub(r"\[.*\]$", "", test).removeprefix("test_")
    for spelt, written in _written().items():
        name = re.sub(rf"(?<![^_]){spelt}(?![^_])", written.replace("_", "\0"), name)
    return re.sub(r"_(?!$)", " ", name).replace("\0", "_")


def first_sentence(text: str) -> tuple[str, str]:
    """The first sentence, English or Japanese, and the rest, which is empty if there is no other.

    A claim's first sentence is its heading where there is room for the rest below it.
    """
    first, *rest = re.split(r"(?<=\.) |(?<=。)", text, maxsplit=1)
    return first, "".join(rest)


@cache
def _written() -> dict[str, str]:
    """How to write what a test's name spells with underscores alone: from_numpy, weight.data.

    Code is what specs use as an attribute or a keyword, and what the ledger writes as code. From
    the ledger come "in-place operation" and "batch's mean" too. Where it also has the words with
    spaces, as "requires grad", they stay words.
    """
    specs = "".join(path.read_text(encoding="utf-8") for path in SPECS.glob("test_*.py"))
    prose = " ".join(f"{claim.says} {claim.truth}" for claim in LEDGER.values())
    written = {
        *re.findall(r"\.([a-z]+(?:_[a-z]+)+)", specs),
        *re.findall(r"\b([a-z]+(?:_[a-z]+)+)=", specs),
        *re.findall(r"(?<![a-z_])[a-z]+(?:_[a-z]+)+", prose),
        *re.findall(r"\b[a-z]+\.[a-z]+\b", prose),
        *re.findall(r"\b\w+(?:-\w+|'s) \w+", prose),
    }
    spelt = {re.sub(r"[.\- ]", "_", it.replace("'", "")).lower(): it for it in written}
    return {
        name: spelt[name]
        for name in sorted(spelt, key=lambda name: (-len(name), name))
        if not re.search(rf"\b{name.replace('_', ' ')}\b", prose)
    }


def outline(specs: Iterable[pytest.Item]) -> Iterator[str]:
    """The lines of the outline of these specs' claims."""
    sentences: dict[str, dict[str, None]] = {}
    for spec in specs:
        guards = [
            f" ({mark.kwargs['reason'].partition(';')[0]})" for mark in spec.iter_markers("skipif")
        ]
        line = sentence(spec.name) + "".join(guards)
        sentences.setdefault(claim_of(spec).id, {})[line] = None
    yield from _wrapped(SCOPE, "")
    chapter = None
    for id, claim in LEDGER.items():
        if id not in sentences:
            continue
        for heading in (claim.chapter.partition(".")[0], claim.chapter):
            if chapter is None or not f"{chapter}.".startswith(f"{heading}."):
                yield from ("", f"{heading} {CHAPTERS[heading]}")
                chapter = heading
        since = f" since {claim.since}" if claim.since else ""
        heading, rest = first_sentence(claim.says)
        yield from ("", *_wrapped(f"{id} [{claim.verdict.value}{since}] {heading}", "  "))
        yield from _wrapped(rest, "    ", "    ")
        if claim.truth:
            yield from _wrapped(f"In fact: {claim.truth}", "      ")
        if claim.asks:
            yield from _wrapped(f"It answers: {claim.asks}", "      ")
        for line in sentences[id]:
            yield from _wrapped(f"- {line}", "      ")


def _wrapped(text: str, indent: str, further: str | None = None) -> list[str]:
    further = indent + "  " if further is None else further
    return textwrap.wrap(
        text, 98, initial_indent=indent, subsequent_indent=further, break_on_hyphens=False
    )
