"""Text from elsewhere, made harmless: messages, records and file names may hold anything."""

from __future__ import annotations

import re
from typing import TextIO

#: Characters of one value that are shown.
LONGEST = 2000


def encodable(text: str) -> str:
    """The text with lone surrogates written out, such as "\\udcff", so that UTF-8 can carry it.

    Python makes such text of bytes that it cannot decode.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def all_encodable(data: object) -> object:
    """The same plain data (texts, lists, tables) with every text in it encodable."""
    if isinstance(data, str):
        return encodable(data)
    if isinstance(data, dict):
        return {all_encodable(key): all_encodable(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return type(data)([all_encodable(it) for it in data])
    return data


def shown(text: str) -> str:
    """The text less what could move a terminal's cursor, and not too much of it."""
    left = len(text) - LONGEST
    text = "".join(it if it.isprintable() or it == "\n" else escaped(it) for it in text[:LONGEST])
    return text if left <= 0 else f"{text}... ({left:,} more characters)"


def one_line(text: object) -> str:
    """The same for what stands within a line: a title, a label, a file's name."""
    return shown(str(text)).replace("\n", r"\n")


def code(text: str) -> str:
    """The text as code within a line of Markdown, of which no backtick in it makes an end."""
    text = shown(text).replace("\n", " ")
    fence = "`" * (backticks(text) + 1)
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def backticks(text: str) -> int:
    """How many of them stand in a row at most."""
    return max(map(len, re.findall("`+", text)), default=0)


def encode_anything(stream: TextIO) -> None:
    """Let the stream write out what its encoding has no character for, and not fail."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")


def escaped(character: str) -> str:
    return ascii(character)[1:-1]
