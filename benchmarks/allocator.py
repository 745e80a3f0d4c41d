"""Memory stays with the process that had it, so that no timing depends on what came before.

glibc gives large blocks back to the system when they are freed; which are large, it decides anew
with each that is freed. To get one back costs a page fault every 4 KiB: for 64 MiB, up to twice
the time of the copy itself, and by how much differs from process to process. That is the system's
cost, and none of PyTorch's.

https://man7.org/linux/man-pages/man3/mallopt.3.html
"""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # of malloc.h
_GREATEST_INT = 2**31 - 1


def keep_memory() -> bool:
    """Let malloc use freed memory again and never give it back; False where it is not glibc's."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        return False
    return bool(mallopt(_M_MMAP_MAX, 0) and mallopt(_M_TRIM_THRESHOLD, _GREATEST_INT))
