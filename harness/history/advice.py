"""Whether a change may break code that relies on the old behaviour, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from harness.history.compare import NO_ROW, Difference, Kind


class Advice(NamedTuple):
    """What a change means for code, as far as the values before and after tell."""

    breaks: bool  # code that worked before may fail, or get another result
    sentence: str = ""  # empty if there is nothing to say


def advise(change: Difference, since: str) -> Advice:
    """Advice on a change from the first value to the last, made by ``since``: "PyTorch 2.0"."""
    before, *_, after = [value for value in change.values if value is not None]
    name = change.fact.name
    if change.fact.kind is not Kind.OBSERVATION or before == after:  # after another value between
        return Advice(breaks=True)
    if name.startswith("documented of "):
        return Advice(breaks=False)
    if isinstance(before, tuple) and isinstance(after, tuple):
        return _on_names(before, after, since, "uses")
    before, after = (", ".join(it) if isinstance(it, tuple) else it for it in (before, after))
    if name.startswith("signature of "):
        return _on_signatures(before, after, since)
    return _on_results(name, before, after, since)


def _on_results(name: str, before: str, after: str, since: str) -> Advice:
    if before == NO_ROW:
        return Advice(breaks=False)
    if after == NO_ROW:
        return Advice(True, f"Removed in {since}.")
    before, _, warned_before = before.partition("; warns ")
    after, _, warned_after = after.partition("; warns ")
    if before == after:
        if not warned_after:
            return Advice(False, "No longer warns.")
        if not warned_before:
            return Advice(False, "Now warns, and fails if warnings are errors.")
        return Advice(False, "Only the warning changed; code that filters it must accept both.")
    old, new = (re.match(r"raises (\w+)", value) for value in (before, after))
    if old and new and old[1] == new[1]:
        return Advice(False, "Only the message changed; code that matches it must accept both.")
    if old and new:
        return Advice(True, f"Code that catches {old[1]} must also catch {new[1]}.")
    if new:
        return Advice(True, f"Code that does this fails in {since} and later.")
    if old:
        return Advice(False, f"Code that does this needs {since} or later.")
    if name.startswith(("print ", "str ", "print(")):
        return Advice(True, "Tests that compare the printed text must accept both.")
    return Advice(True, f"The result changed in {since}.")


def _on_names(before: Iterable[str], after: Iterable[str], since: str, verb: str) -> Advice:
    lost, gained = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    if lost:
        return Advice(True, f"Code that {verb} {_listed(lost)} fails in {since} and later.")
    if gained:
        return Advice(False, f"Code that {verb} {_listed(gained)} needs {since} or later.")
    return Advice(True, "Only the order changed.")


def _on_signatures(before: str, after: str, since: str) -> Advice:
    if before == "not there":
        return Advice(False, f"Code that calls it needs {since} or later.")
    if after == "not there":
        return Advice(True, f"Code that calls it fails in {since} and later.")
    old, new = arguments(before), arguments(after)
    if old is None or new is None:
        return Advice(breaks=False)
    changed = [f"{name}={it}" for name, it in old.items() if it and new.get(name, it) != it]
    if changed and old.keys() <= new.keys():
        return Advice(True, f"Pass {_listed(changed)} to keep the old default.")
    return _on_names(old, new, since, "passes") if old.keys() != new.keys() else Advice(False)


def arguments(signature: str) -> dict[str, str] | None:
    """The named arguments of "f(a, b=1)" with their defaults, "" for none; None if unclear."""
    found = re.match(r"[\w.]+\((.*)\)", signature)
    if found is None or ":" in found[1]:  # some releases annotate it, others do not
        return None
    outside_brackets = r",\s*(?![^(\[{<]*[)\]}>])"
    parts = [part.strip() for part in re.split(outside_brackets, found[1])]
    named = (part for part in parts if part not in ("", "/", "self") and part[0] != "*")
    pairs = [part.partition("=") for part in named]
    return {name: "" if default.startswith("<required") else default for name, _, default in pairs}


def _listed(names: list[str]) -> str:
    shown = [f"`{name}`" for name in names[:6]] + [f"{len(names) - 6} more"] * (len(names) > 6)
    *first, last = shown
    return f"{', '.join(first)} and {last}" if first else last
