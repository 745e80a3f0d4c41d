"""What a call was seen to do, as text that is the same in every run on the same release."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable

import torch

#: How many words of a message are kept: enough to tell it, and before most of its details.
WORDS = 10


#: Plain data: a text, a list of texts, or a table of texts by name.
Seen = str | list[str] | dict[str, str]


def seen(call: Callable[..., object], *arguments: object, **keywords: object) -> Seen:
    """What the call returned or raised, and what it warned of.

    A list stays a list of texts, and a dict a table; all else becomes one text, such as
    ``raises RuntimeError: a Tensor with 2 elements cannot be converted to Scalar``.
    """
    always = torch.is_warn_always_enabled()
    torch.set_warn_always(True)  # some are given once a process, which would tell the order of runs
    try:
        with warnings.catch_warnings(record=True) as caught, torch.enable_grad():
            warnings.simplefilter("always")
            try:
                found = as_text(call(*arguments, **keywords))
            except Exception as error:
                found = f"raises {in_words(error)}"
    finally:
        torch.set_warn_always(always)
    if not caught:
        return found
    warned = sorted({f"warns {in_words(warning.message)}" for warning in caught})
    return "; ".join([in_one_line(found), *warned])


def check_name(name: str) -> None:
    """Refuse a name that JUnit's XML or a record could not carry."""
    if not name.isprintable():
        raise ValueError(f"the name of an observation is one line of printable text, not {name!a}")


def in_words(error: BaseException | str) -> str:
    """The exception's or warning's type, and the first words of its message."""
    words = without_chance(str(error)).split()
    start = " ".join(words[:WORDS]) + " ..." * (len(words) > WORDS)
    return f"{type(error).__name__}: {start}" if start else type(error).__name__


def as_text(value: object) -> Seen:
    """A value as it is compared between releases."""
    if isinstance(value, dict):
        return {without_chance(str(key)): in_one_line(as_text(it)) for key, it in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)) and not isinstance(value, torch.Size):
        texts = [in_one_line(as_text(it)) for it in value]
        return sorted(texts) if isinstance(value, (set, frozenset)) else texts
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    return without_chance(str(value))


def in_one_line(found: Seen) -> str:
    """A list or table as one text."""
    if isinstance(found, dict):
        return ", ".join(f"{key}: {it}" for key, it in found.items())
    return found if isinstance(found, str) else ", ".join(found)


def without_chance(text: str) -> str:
    """The text less what changes by chance: addresses, files and their lines, a set's order."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")  # a lone surrogate as "\\udcff"
    text = re.sub(r"0x[0-9a-fA-F]+", "0x...", text)
    text = re.sub(r"<module '([\w.]+)' from '[^']*'>", r"<module '\1'>", text)
    text = re.sub(r"""["'][^"']*/([\w.]+)["']:\d+""", r"\1", text)
    return re.sub(r"\{('[^{}:]*')\}", lambda found: f"{{{_sorted(found[1])}}}", text)


def _sorted(items: str) -> str:
    return ", ".join(sorted(items.split(", ")))
