"""Text from elsewhere, such as messages and file names, made safe to print and to send."""

from __future__ import annotations

#: How many characters of one value are shown.
LONGEST = 2000


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
