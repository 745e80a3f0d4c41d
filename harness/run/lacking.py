"""A device need not have everything: specs leave out what it lacks, and say so.

Dtypes and layouts are tried once (specs/lacking.py). A spec that needs an operation which the
device lacks, or only dtypes which it lacks, is skipped, so that it neither confirms its claim nor
fails.
"""

from __future__ import annotations

import re
from collections.abc import Generator

import pytest
import torch

from harness.run.claims import device_of
from harness.run.user_properties import LEFT_OUT
from specs import lacking

#: How PyTorch and its backends say that they lack something; a group is what they lack.
_LACKS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"could not run '[\w:.]+' .+ '(NestedTensor|SparseCsr|Sparse|Quantized)",
        r"could not run '([\w:.]+)'",
        r"operator '?([\w:.]+)'? is not (?:currently |yet )?(?:implemented|supported)",
        r"\"(\w+)\" not implemented for '\w+'",
        r"^(\w+) not implemented",  # convolution_overrideable
        r"invalid type for (\w+ \(\w+\))",
        r"`(fused)=True` requires all the params",
        r"(?:doesn't|does not|no) support (?:for )?"
        r"(float64|float16|bfloat16|complex\w*|u?int\d+|nested tensors)",
    )
]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Begin with nothing left out, also a spec that a mark skips before its setup."""
    lacking.begin(device_of(item) or "cpu")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for value in item.callspec.params.values() if hasattr(item, "callspec") else ():
        if isinstance(value, torch.dtype):
            lacking.there((value,))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)  # before a failure is put into words
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, object, None]:
    if lacking.device != "cpu":
        if call.excinfo is not None and (what := lacked(call.excinfo.value)) is not None:
            lacking.left_out[what] = None
            try:
                pytest.skip(f"{lacking.device} lacks {what}")
            except pytest.skip.Exception:
                call.excinfo = pytest.ExceptionInfo.from_current()
        if lacking.left_out and call.when != "teardown":
            item.user_properties.append((LEFT_OUT, list(lacking.left_out)))
    yield


def lacked(error: BaseException | None) -> str | None:
    """What the device lacks, if the error says that it lacks something.

    The error may be the reason why pytest.raises found another than it expected.
    """
    if isinstance(error, AssertionError | pytest.fail.Exception):
        error = error.__context__
    if not isinstance(error, NotImplementedError | RuntimeError | TypeError):
        return None
    line = str(error).strip().partition("\n")[0]
    for pattern in _LACKS:
        if (found := pattern.search(line)) is not None:
            return found[1].strip()
    return type(error).__name__ if isinstance(error, NotImplementedError) else None
