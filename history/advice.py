"""What to do about a drift, as far as the records can say."""

from __future__ import annotations

import re

from history.facts import NO_ROW, Kind
from history.timeline import Drift

_RAISES = re.compile(r"raises (\w+)")


def advice(drift: Drift) -> str:
    """A sentence for those whose code leans on what changed; empty where there is none to give."""
    if drift.fact.kind is not Kind.OBSERVATION:
        return ""
    before, after = drift.before, drift.after
    if isinstance(before, tuple) and isinstance(after, tuple):
        return _of_names(before, after, drift.since)
    before, after = _text(before), _text(after)
    if drift.fact.name.startswith("signature of "):
        return _of_signatures(before, after, drift.since)
    return _of_results(before, after, drift)


def _of_results(before: str, after: str, drift: Drift) -> str:
    old, new = _RAISES.match(before), _RAISES.match(after)
    if old and new:
        if old[1] == new[1]:
            return "The message is another; code that reads it must know both."
        return f"Code that catches {old[1]} must catch {new[1]} as well."
    if NO_ROW in (before, after):
        return ""
    if new:
        return f"Code that does this fails since {drift.since}."
    if old:
        return f"Code that does this needs {_named(drift.since)} or later."
    if "; warns " in after and after.startswith(before):
        return "It works as before, with a warning: an error where warnings are errors."
    if "; warns " in before and before.startswith(after):
        return "It warns no longer."
    if drift.fact.name.startswith(("print ", "str ", "print(")):
        return "Tests that compare the printed text must accept both."
    return ""


def _of_names(before: tuple[str, ...], after: tuple[str, ...], since: str) -> str:
    lost, gained = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    if lost:
        return f"Code that uses {_listed(lost)} fails since {since}."
    if gained:
        return f"Code that uses {_listed(gained)} needs {_named(since)} or later."
    return "The order is another."


def _of_signatures(before: str, after: str, since: str) -> str:
    if before == "not there":
        return f"Code that calls it needs {_named(since)} or later."
    if after == "not there":
        return f"Code that calls it fails since {since}."
    old, new = arguments(before), arguments(after)
    if old is None or new is None or "=" not in f"{before}{after}":
        return ""
    sentences = []
    if lost := [name for name in old if name not in new]:
        sentences.append(f"{_listed(lost)} can be passed no longer")
    for name in old:
        if name in new and old[name] != new[name]:
            sentences.append(_of_default(name, old[name], new[name]))
    if gained := [name for name in new if name not in old]:
        sentences.append(f"{_listed(gained)} can be passed since {since}")
    return "; ".join(sentences) + "." * bool(sentences)


def _of_default(name: str, old: str, new: str) -> str:
    if not old or not new:
        return f"`{name}` {'has a default now' if new else 'must be given now'}"
    return f"pass `{name}={old}` to keep what was the default"


def arguments(signature: str) -> dict[str, str] | None:
    """The arguments of "f(a, b=1) -> Tensor" with their defaults, "" for none; None if unclear."""
    found = re.match(r"[\w.]+\((.*)\)", signature)
    if found is None or ":" in found[1]:  # annotated, in one release and not in the next
        return None
    parts, depth, start = [], 0, 0
    for i, character in enumerate(found[1] + ","):
        depth += (character in "([{<") - (character in ")]}>")
        if character == "," and depth == 0:
            parts.append((found[1] + ",")[start:i].strip())
            start = i + 1
    pairs = (part.partition("=") for part in parts if part and part not in ("*", "/", "self"))
    return {name: default for name, _, default in pairs}


def _text(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _listed(names: list[str]) -> str:
    shown = [f"`{name}`" for name in names[:6]]
    more = [f"{len(names) - 6} more"] if len(names) > 6 else []
    *first, last = [*shown, *more]
    return f"{', '.join(first)} and {last}" if first else last


def _named(since: str) -> str:
    return since if since.startswith("NumPy") else f"PyTorch {since}"
