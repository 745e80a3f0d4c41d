"""Text from elsewhere, such as messages and file names, made safe to print and to send."""

from __future__ import annotations

#: How many characters of one value are shown.
LONGEST = 2000


def encodable(text: str) -> str:
    """The text with lone surrogates written out, such as "\\udcff", so that UTF-8 can encode it.

    Python puts them in place of bytes that it cannot decode.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def all_encodable(data: object) -> object:
    """The same plain data (texts, lists, dicts) with every text in it encodable."""
    if isinstance(data, str):
        return encodable(data)
    if isinstance(data, dict):
        return {all_encodable(key): all_encodable(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return type(data)([all_encodable(it) for it in data])
    return data


def shown(text: str) -> str:
    """The text with what a terminal could act on escaped, cut if it is long."""
    left = len(text) - LONGEST
    text = "".join(it if it.isprintable() or it == "\n" else escaped(it) for it in text[:LONGEST])
    return text if left <= 0 else f"{text}... ({left:,} more characters)"


def one_line(text: object) -> str:
    """The same in one line, for titles, labels and file names."""
    return shown(str(text)).replace("\n", r"\n")


def escaped(character: str) -> str:
    """The character as in Python's source, such as "\\x1b"."""
    return ascii(character)[1:-1]
