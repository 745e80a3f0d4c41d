"""The wording of a message: what is left without its numbers, names, dtypes and devices."""

from __future__ import annotations

import re

_DEVICES = r"\b(?:cpu|cuda|mps|xpu|xla|meta|hip|privateuseone|simulated)(?::\d+)?\b"
_DTYPES = (
    r"\b(?:torch\.|numpy\.|c10::|at::)?(?:cuda\.)?(?:cpu|cuda|mps|xla|xpu)?"
    r"(?:b?float|double|half|long|int|short|char|byte|bool|u?int|complex)"
    r"(?:\d+)?(?:tensor|type)?\b"
)

#: The type of a tensor. If one message has those of several devices, the devices matter.
_TYPES = r"\btorch\.(\w+\.)?\w+tensor\b"

_PATH = r"\bat \S*[/\\]\S+"
#: A name in quotation marks, and PyTorch's own part of it, such as "_orig_mod". A quotation of
#: several words is none.
_NAME = r"(?<!\w)(['\"])((_\w+\.)?\S+?)\1(?!\w)"
#: The class of what was given, without quotation marks.
_CLASS = r"[\w.]+(?= is not an? )"
_BOLD = r"\x1b\[\d+m"

#: Messages of Python that say little but names, so that these count.
_OF_NAMES = (
    r"has no attribute|is not defined|unexpected keyword|not implemented for|can't pickle"
    r"|unsupported operand"
    r"|object is not|positional argument:|keyerror: '\w+'"
)


def words(text: str) -> list[str]:
    """The words of a message, with the same word for every number, name, dtype and device."""
    text = re.sub(f"{_BOLD}|{_PATH}", " ", text.replace("`", "").lower())
    if len(set(re.findall(_TYPES, text))) > 1:
        text = re.sub(_TYPES, " @device ", text)
    text = re.sub(_CLASS, " @name ", text)
    text = re.sub(_NAME, r" \2 " if re.search(_OF_NAMES, text) else r" @name \3 ", text)
    text = re.sub(_DEVICES, " @device ", text)
    text = re.sub(_DTYPES, " @dtype ", text)
    text = re.sub(r"0x[0-9a-f]+|[-+]?\b\d[\d.,e+-]*", " @number ", text)
    found = re.findall(r"@?[a-z]+(?:'[a-z]+)?", text)
    return [it for i, it in enumerate(found) if it != "@number" or found[i - 1 : i] != [it]]


def kind(text: str) -> tuple[str, ...]:
    """What messages have in common that differ in dtypes or numbers: without a long one's end.

    Messages are cut after some characters, so that their last words differ with the length of
    what stands before them.
    """
    return tuple(words(text)[:40])
