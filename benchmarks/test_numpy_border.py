"""What it costs to convert between NumPy arrays and tensors: sharing against copying.

https://docs.pytorch.org/docs/stable/generated/torch.from_numpy.html
https://docs.pytorch.org/docs/stable/generated/torch.Tensor.numpy.html

The baseline is a plain copy of the same bytes to memory that is already allocated.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from benchmarks.groups import Alternative, Group, Prediction
from benchmarks.questions import FROM_NUMPY, TO_NUMPY
from benchmarks.replayed_times import timer
from benchmarks.units import format_bytes

pytestmark = pytest.mark.benchmark(timer=timer)

#: Sizes that fit the caches of today's processors, and one far too large. Sizes of a few MiB are
#: left out: whether they stay in a cache depends on other processes, which changes times by half.
SIZES = (2**10, 2**16, 2**18, 2**26)
COPY = "plain memory copy"

FROM = ("from_numpy(a)", "from_numpy(a.copy())", "torch.tensor(a)", "from_numpy(a).float()")
TO_CPU = "t.to('cpu').detach().clone().numpy()"
TO = ("t.numpy()", "t.clone().numpy()", TO_CPU, "t.float().numpy()")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("nbytes", SIZES, ids=format_bytes)
@pytest.mark.parametrize("way", [COPY, *FROM])
def test_from_numpy_allocates_nothing_and_a_copy_allocates_the_bytes_of_the_array(
    check_cost, nbytes, dtype, way
):
    check_cost(tensor_from_array, way, nbytes=nbytes, dtype=dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("nbytes", SIZES, ids=format_bytes)
@pytest.mark.parametrize("way", [COPY, *TO])
def test_numpy_allocates_nothing_and_a_copy_allocates_the_bytes_of_the_tensor(
    check_cost, nbytes, dtype, way, device
):
    if device != "cpu" and way not in (COPY, TO_CPU):
        pytest.skip("numpy() raises TypeError for a tensor that is not on the CPU")
    check_cost(array_from_tensor, way, nbytes=nbytes, dtype=dtype)


def tensor_from_array(device: str, nbytes: int, dtype: str) -> Group:
    """Ways to make a tensor from an array; on other devices ``to(device)`` follows."""
    a = _array(nbytes, dtype)
    source, target = torch.from_numpy(a), torch.from_numpy(a).to(device, copy=True)
    ways = {
        "from_numpy(a)": (lambda: torch.from_numpy(a), 0),
        "from_numpy(a.copy())": (lambda: torch.from_numpy(a.copy()), nbytes),
        "torch.tensor(a)": (lambda: torch.tensor(a), nbytes),
        "from_numpy(a).float()": (lambda: torch.from_numpy(a).float(), _cast(a)),
    }
    if device == "cpu":
        alternatives = {way: _on_the_cpu(function, size) for way, (function, size) in ways.items()}
    else:
        alternatives = {
            way: _moved(function, size, function().nbytes, device)
            for way, (function, size) in ways.items()
        }
    return _with_plain_copy(FROM_NUMPY, lambda: target.copy_(source), alternatives)


def array_from_tensor(device: str, nbytes: int, dtype: str) -> Group:
    """Ways to make an array from a tensor; on other devices only one works."""
    a = _array(nbytes, dtype)
    t, target = torch.from_numpy(a).to(device), torch.from_numpy(a.copy())
    if device == "cpu":
        alternatives = {
            "t.numpy()": _on_the_cpu(lambda: t.numpy(), 0),
            "t.clone().numpy()": _on_the_cpu(lambda: t.clone().numpy(), nbytes),
            TO_CPU: _on_the_cpu(lambda: t.to("cpu").detach().clone().numpy(), nbytes),
            "t.float().numpy()": _on_the_cpu(lambda: t.float().numpy(), _cast(a)),
        }
    else:
        prediction = Prediction("to() copies, and clone() copies again", 2 * nbytes, nbytes)
        to_cpu = Alternative(lambda: t.to("cpu").detach().clone().numpy(), prediction)
        alternatives = {TO_CPU: to_cpu}
    return _with_plain_copy(TO_NUMPY, lambda: target.copy_(t), alternatives)


def _array(nbytes: int, dtype: str) -> np.ndarray:
    """An array of this many bytes; all are written, so that the system has provided its pages."""
    return np.ones(nbytes // np.dtype(dtype).itemsize, dtype)


def _cast(a: np.ndarray) -> int:
    """The bytes that float() allocates: none if the dtype is float32 already."""
    return 0 if a.dtype == np.float32 else a.astype(np.float32).nbytes


def _on_the_cpu(function: Callable[[], object], nbytes: int) -> Alternative:
    reason = "the numbers are copied once" if nbytes else "nothing is copied"
    return Alternative(function, Prediction(reason, nbytes, nbytes))


def _moved(
    function: Callable[[], torch.Tensor], nbytes: int, result: int, device: str
) -> Alternative:
    prediction = Prediction("the CPU's copy and the device's", nbytes + result, result)
    return Alternative(lambda: function().to(device), prediction)


def _with_plain_copy(
    question: str, copy: Callable[[], object], alternatives: dict[str, Alternative]
) -> Group:
    baseline = Alternative(copy, Prediction("the memory is already allocated", 0, 0))
    return Group(question, {COPY: baseline, **alternatives})
