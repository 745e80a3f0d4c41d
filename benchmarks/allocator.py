"""Say where malloc gets memory from: freed memory of this process, or fresh memory of the system.

By default glibc decides by the size of a block and by what was freed before. A block of 32 MiB or
more comes from the system, unless as much is free, and returns to it when it is freed.

Fresh memory costs a page fault for every page that is written first, which takes longer than the
copy itself. From 4 MiB on, NumPy asks the system for huge pages (madvise), so it has fewer faults.

https://man7.org/linux/man-pages/man3/mallopt.3.html
https://docs.kernel.org/admin-guide/mm/transhuge.html
https://numpy.org/doc/stable/reference/global_state.html
"""

from __future__ import annotations

import ctypes
import math
import mmap
import re
import sys
from pathlib import Path

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_MMAP_MAX = -1, -3, -4  # from malloc.h
_INT_MAX = 2**31 - 1
_MMAP_THRESHOLD = 2**17  # malloc's own when a process starts

_HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage")
_NUMPY_ASKS_FROM = 2**22  # bytes


def is_glibc() -> bool:
    return sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim")


def keep_memory() -> bool:
    """Make malloc reuse freed memory and never return it; False if malloc is not glibc's."""
    if not is_glibc():
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_M_MMAP_MAX, 0) and mallopt(_M_TRIM_THRESHOLD, _INT_MAX))


def trim_memory() -> None:
    """Return all freed memory to the system, once; nothing happens if malloc is not glibc's."""
    if is_glibc():
        ctypes.CDLL(None).malloc_trim(0)


def return_memory() -> None:
    """Return all freed memory to the system, and from now on each large block when it is freed."""
    ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _MMAP_THRESHOLD)
    trim_memory()


def predicted_page_faults(nbytes: int, by_numpy: bool) -> tuple[int, int]:
    """The least and the most faults when so many fresh bytes are written.

    At most, malloc's header takes one page more, and the call's small objects another.
    """
    pages = math.ceil(nbytes / mmap.PAGESIZE)
    settings = {
        re.search(r"\[(.*)\]", path.read_text())[1] for path in _HUGE_PAGES.glob("**/enabled")
    }
    asked = by_numpy and nbytes >= _NUMPY_ASKS_FROM and "madvise" in settings
    if asked or "always" in settings:  # the system may have none left, and uses small pages
        huge_page = int((_HUGE_PAGES / "hpage_pmd_size").read_text())
        return nbytes // huge_page, pages + 2
    return max(0, pages - 1), pages + 2
