"""Whether a change may break code that relies on the old behaviour, and what to do about it."""

from __future__ import annotations

import ast
import builtins
import re
from typing import NamedTuple


class Advice(NamedTuple):
    """What a change means for code, as far as the values before and after tell."""

    breaks: bool  # code that worked before may fail, or get another result
    sentence: str = ""  # empty if there is nothing to say
    is_of_results: bool = False  # neither is an exception, so that the values tell little


def advise(before: str, after: str) -> Advice:
    """Advice on a snippet that gave ``before`` and gives ``after``."""
    before, _, warned_before = before.partition("; warns ")
    after, _, warned_after = after.partition("; warns ")
    if before == after:
        if not warned_after:
            return Advice(False, "It no longer warns.")
        if not warned_before:
            return Advice(False, "It warns now, and fails where warnings are errors.")
        return Advice(False, "Only the warning changed; code that filters it must accept both.")
    old, new = (re.match(r"raises (\w+)", value) for value in (before, after))
    if old and new and old[1] == new[1]:
        return Advice(False, "Only the message changed; code that matches it must accept both.")
    if old and new and _is_kind_of(new[1], old[1]):
        return Advice(False, f"Code that catches {old[1]} catches {new[1]} too.")
    if old and new:
        return Advice(True, f"Code that catches {old[1]} must also catch {new[1]}.")
    if new:
        return Advice(True, "Code that does this fails now.")
    if old:
        return Advice(False, "It failed before.")
    return _on_lists(before, after)


def _is_kind_of(new: str, old: str) -> bool:
    """Whether one of Python's own exceptions is a subclass of another."""
    classes = [getattr(builtins, name, None) for name in (new, old)]
    return None not in classes and issubclass(*classes)


def _on_lists(before: str, after: str) -> Advice:
    """Advice on two results; of two lists of names it says which are gone and which are new."""
    old, new = map(_names, (before, after))
    if old is None or new is None:
        return Advice(True, "The result changed.", True)
    if not (former := [it for it in old if it not in new]):
        return Advice(False, f"New: {_listed([it for it in new if it not in old])}.", True)
    now = {_name(it): it for it in new}
    gone = [it for it in former if _name(it) not in now]
    said = [f"Gone: {_listed(gone)}."] if gone else []
    said += [f"`{it}` is `{now[_name(it)]}` now." for it in former if _name(it) in now]
    return Advice(True, " ".join(said), True)


def _name(parameter: str) -> str:
    """The name of a parameter with its default, such as "lr=0.1", or of anything else."""
    return parameter.partition("=")[0]


def _names(value: str) -> list[str] | None:
    """The texts of a list of texts, or the keys of a dict; None for anything else."""
    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return None
    if not isinstance(found, (list, dict)) or not all(isinstance(it, str) for it in found):
        return None
    if isinstance(found, dict):
        return [f"{key}={it!r}" for key, it in found.items()]
    return found


def _listed(names: list[str]) -> str:
    shown = [f"`{name}`" for name in names[:6]] + [f"{len(names) - 6} more"] * (len(names) > 6)
    *first, last = shown or ["only the order"]
    return f"{', '.join(first)} and {last}" if first else last
