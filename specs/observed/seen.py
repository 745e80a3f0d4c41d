"""What a call does, as text that is the same in every run on the same release."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable

import torch

#: How many words of a message are kept: enough to recognise it, but few of its details.
WORDS = 10

#: What is recorded: a text, a list of texts, or a table of texts by name.
Observation = str | list[str] | dict[str, str]


def result_of(call: Callable[..., object], *arguments: object, **keywords: object) -> Observation:
    """What the call returned or raised, and what it warned of.

    Lists and dicts keep their structure; everything else becomes one text, such as
    ``raises RuntimeError: a Tensor with 2 elements cannot be converted to Scalar``.
    """
    always = torch.is_warn_always_enabled()
    torch.set_warn_always(True)  # else some warnings appear only once in a process
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
    """Raise ValueError if JUnit's XML or a record could not contain the name."""
    if not name.isprintable():
        raise ValueError(f"the name of an observation must be one printable line, not {name!a}")


def in_words(error: BaseException | str) -> str:
    """The type of the exception or warning, and the first words of its message."""
    words = reproducible(str(error)).split()
    start = " ".join(words[:WORDS]) + " ..." * (len(words) > WORDS)
    return f"{type(error).__name__}: {start}" if start else type(error).__name__


def as_text(value: object) -> Observation:
    """The value in the form that is compared between releases."""
    if isinstance(value, dict):
        return {reproducible(str(key)): in_one_line(as_text(it)) for key, it in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)) and not isinstance(value, torch.Size):
        texts = [in_one_line(as_text(it)) for it in value]
        return sorted(texts) if isinstance(value, (set, frozenset)) else texts
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    return reproducible(str(value))


def in_one_line(found: Observation) -> str:
    """A list or table as one text."""
    if isinstance(found, dict):
        return ", ".join(f"{key}: {it}" for key, it in found.items())
    return found if isinstance(found, str) else ", ".join(found)


def reproducible(text: str) -> str:
    """The text without what varies by chance: addresses, paths, line numbers, a set's order."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")  # a lone surrogate as "\\udcff"
    text = re.sub(r"0x[0-9a-fA-F]+", "0x...", text)
    text = re.sub(r"<module '([\w.]+)' from '[^']*'>", r"<module '\1'>", text)
    text = re.sub(r"""["'][^"']*/([\w.]+)["']:\d+""", r"\1", text)
    return re.sub(r"\{('[^{}:]*')\}", lambda found: f"{{{_sorted(found[1])}}}", text)


def _sorted(items: str) -> str:
    return ", ".join(sorted(items.split(", ")))
