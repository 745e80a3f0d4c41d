"""Keep freed memory in the process, so that no timing depends on what ran before.

glibc returns large blocks to the system when they are freed, and adjusts its idea of "large" with
each one. Getting memory back costs a page fault every 4 KiB. For 64 MiB that takes up to twice as
long as the copy itself, and varies between processes. It is the system's cost, not PyTorch's.

https://man7.org/linux/man-pages/man3/mallopt.3.html
"""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # from malloc.h
_INT_MAX = 2**31 - 1


def keep_memory() -> bool:
    """Make malloc reuse freed memory and never return it; False if malloc is not glibc's."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        return False
    return bool(mallopt(_M_MMAP_MAX, 0) and mallopt(_M_TRIM_THRESHOLD, _INT_MAX))
