"""Whether a change may break code that leans on what was before, and what to do about it."""

from __future__ import annotations

import re
from typing import NamedTuple

from harness.history.facts import NO_ROW, Fact, Kind, Value
from harness.run.text import code


class Effect(NamedTuple):
    """What a change means for code; as far as before and after alone can say."""

    breaks: bool  # code that worked before may not, or gets another result
    advice: str = ""  # a sentence; empty where there is none to give


def effect(fact: Fact, before: Value, after: Value, since: str) -> Effect:
    """What it means for code that the fact changed with the release ``since``, such as "2.0"."""
    if fact.kind is not Kind.OBSERVATION:
        return Effect(breaks=True)
    if fact.name.startswith("documented of "):
        return Effect(breaks=False)
    if isinstance(before, tuple) and isinstance(after, tuple):
        return _of_names(before, after, since)
    before, after = _text(before), _text(after)
    if fact.name.startswith("signature of "):
        return _of_signatures(before, after, since)
    return _of_results(fact, before, after, since)


_RAISES = re.compile(r"raises (\w+)")


def _of_results(fact: Fact, before: str, after: str, since: str) -> Effect:
    if before == NO_ROW:
        return Effect(breaks=False)
    if after == NO_ROW:
        return Effect(True, f"It is there no longer since {since}.")
    before, _, warned_before = before.partition("; warns ")
    after, _, warned_after = after.partition("; warns ")
    if before == after:
        if not warned_after:
            return Effect(False, "It warns no longer.")
        if not warned_before:
            return Effect(False, "A warning is new: an error where warnings are errors.")
        return Effect(False, "The warning is another; a filter for it must know both.")
    old, new = _RAISES.match(before), _RAISES.match(after)
    if old and new and old[1] == new[1]:
        return Effect(False, "The message is another; code that reads it must know both.")
    if old and new:
        return Effect(True, f"Code that catches {old[1]} must catch {new[1]} as well.")
    if new:
        return Effect(True, f"Code that does this fails since {since}.")
    if old:
        return Effect(False, f"Code that does this needs {_named(since)} or later.")
    if fact.name.startswith(("print ", "str ", "print(")):
        return Effect(True, "Tests that compare the printed text must accept both.")
    return Effect(True, f"The result is another since {since}.")


def _of_names(before: tuple[str, ...], after: tuple[str, ...], since: str) -> Effect:
    lost, gained = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    if lost:
        return Effect(True, f"Code that uses {_listed(lost)} fails since {since}.")
    if gained:
        return Effect(False, f"Code that uses {_listed(gained)} needs {_named(since)} or later.")
    return Effect(True, "The order is another.")


def _of_signatures(before: str, after: str, since: str) -> Effect:
    if before == "not there":
        return Effect(False, f"Code that calls it needs {_named(since)} or later.")
    if after == "not there":
        return Effect(True, f"Code that calls it fails since {since}.")
    old, new = arguments(before), arguments(after)
    if old is None or new is None:
        return Effect(breaks=False)
    sentences = []
    if lost := [name for name in old if name not in new]:
        sentences.append(f"{_listed(lost)} can be passed no longer")
    for name in old:
        if name in new and old[name] != new[name]:
            sentences.append(_of_default(name, old[name], new[name]))
    breaks = bool(sentences)
    if gained := [name for name in new if name not in old]:
        sentences.append(f"{_listed(gained)} can be passed since {since}")
    return Effect(breaks, "; ".join(sentences) + "." * bool(sentences))


def _of_default(name: str, old: str, new: str) -> str:
    if not old or not new:
        return f"{code(name)} {'has a default now' if new else 'must be given now'}"
    return f"pass {code(f'{name}={old}')} to keep what was the default"


def arguments(signature: str) -> dict[str, str] | None:
    """The arguments of "f(a, b=1) -> Tensor" with their defaults, "" for none; None if unclear."""
    found = re.match(r"[\w.]+\((.*)\)", signature)
    if found is None or ":" in found[1]:  # annotated, in one release and not in the next
        return None
    parts, depth, start = [], 0, 0
    text = found[1] + ","
    for i, character in enumerate(text):
        depth += (character in "([{<") - (character in ")]}>")
        if character == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    pairs = (part.partition("=") for part in parts if part and part not in ("*", "/", "self"))
    return {name: default for name, _, default in pairs}


def _text(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _listed(names: list[str]) -> str:
    shown = list(map(code, names[:6]))
    more = [f"{len(names) - 6} more"] if len(names) > 6 else []
    *first, last = [*shown, *more]
    return f"{', '.join(first)} and {last}" if first else last


def _named(since: str) -> str:
    return since if since.startswith("NumPy") else f"PyTorch {since}"
