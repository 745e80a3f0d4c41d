"""The wording of a message: what is left without its numbers, names, dtypes and devices."""

from __future__ import annotations

import re

_DEVICES = r"\b(?:cpu|cuda|mps|xpu|xla|meta|hip|privateuseone|simulated)(?::\d+)?\b"
_DTYPES = (
    r"\b(?:torch\.|numpy\.|c10::|at::)?(?:cuda\.)?(?:cpu|cuda)?"
    r"(?:b?float|double|half|long|int|short|char|byte|bool|u?int|complex)"
    r"(?:\d+)?(?:tensor|type)?\b"
)


#: The one message that says nothing but two names.
_NO_ATTRIBUTE = r"'([\w.]+)' object has no attribute '(\w+)'"
#: Python quotes what a KeyError says.
_OF_A_KEY_ERROR = r"^(KeyError: )(['\"])(.*)\2$"


def words(text: str) -> list[str]:
    """The words of a message, with the same word for every number, name, dtype and device."""
    text = re.sub(_OF_A_KEY_ERROR, r"\1\3", text)  # which is no name
    text = re.sub(_NO_ATTRIBUTE, r"\1 object has no attribute \2", text).lower()
    text = re.sub(r"(?<![\w])(['\"`]).*?\1(?!\w)", " @name ", text)
    text = re.sub(_DEVICES, " @device ", text)
    text = re.sub(_DTYPES, " @dtype ", text)
    text = re.sub(r"0x[0-9a-f]+|[-+]?\b\d[\d.,e+-]*", " @number ", text)
    found = re.findall(r"@?[a-z_]+(?:'[a-z]+)?", text)
    return [it for i, it in enumerate(found) if it != "@number" or found[i - 1 : i] != [it]]


def kind(text: str) -> tuple[str, ...]:
    """What messages have in common that differ in dtypes or numbers: without a long one's end.

    Messages are cut after some characters, so that their last words differ with the length of
    what stands before them.
    """
    return tuple(words(text)[:40])
