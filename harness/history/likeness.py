"""How alike two messages are: by their words, the rare ones before the frequent ones."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import pairwise

from harness.history.wording import words


@cache
def features(text: str) -> set[str]:
    """The words and the pairs of neighbouring words."""
    of = words(text)
    return {*of, *map(" ".join, pairwise(of))}


@cache
def letters(text: str) -> set[str]:
    """The words as they are, names and dtypes too."""
    return set(re.findall(r"\w+", text.lower()))


def spellings(text: str) -> set[str]:
    """The words, and the words as they are."""
    return {*words(text), *letters(text)}


def weights(counts: Counter[str], total: int) -> Callable[[str], float]:
    """A function that weighs a feature: the rarer it is, the more it tells."""
    return lambda feature: math.log((1 + total) / (1 + counts[feature])) + 0.1


def likeness(
    asked: set[str], said: set[str], weigh: Callable[[str], float] = lambda _: 1.0
) -> float:
    """From 0 to 1: how much of the shorter text is in the other, and a little of the reverse."""
    shared, *wholes = (sum(map(weigh, sorted(it))) for it in (asked & said, asked, said))
    shares = [shared / whole if whole else 0.0 for whole in wholes]
    return 0.7 * max(shares) + 0.3 * min(shares)
