"""Other threads, which PyTorch's functions must not tell from the first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def in_another_thread(function: Callable, *arguments: object) -> object:
    """What the function gives, or raises, there."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *arguments).result()
