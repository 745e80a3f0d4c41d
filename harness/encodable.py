"""Text that every file, and pytest-xdist, can carry: a lone surrogate is written out as "\\udcff".

Python makes such text of bytes that it cannot decode, so a message or a test's name may hold it.
"""

from __future__ import annotations


def encodable(text: str) -> str:
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
