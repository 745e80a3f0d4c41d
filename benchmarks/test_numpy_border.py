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

from benchmarks.allocator import predicted_page_faults
from benchmarks.groups import Alternative, Group, Prediction
from benchmarks.questions import FROM_NUMPY, TO_NUMPY
from benchmarks.replayed_times import timer
from benchmarks.units import format_bytes

pytestmark = pytest.mark.benchmark(timer=timer)

#: Sizes that fit the caches of today's processors, and some far too large. Sizes of a few MiB are
#: left out: whether they stay in a cache depends on other processes, which changes times by half.
SIZES = (2**10, 2**16, 2**18, 2**26, 2**28)
COPY = "plain memory copy"

FROM = ("from_numpy(a)", "from_numpy(a.copy())", "torch.tensor(a)", "from_numpy(a).float()")
TO_CPU = "t.to('cpu').detach().clone().numpy()"
TO = ("t.numpy()", "t.numpy().copy()", "t.clone().numpy()", TO_CPU, "t.float().numpy()")

each_size = pytest.mark.parametrize("nbytes", SIZES, ids=format_bytes)


@each_size
@pytest.mark.parametrize("way", [COPY, *FROM])
def test_from_numpy_allocates_nothing_and_a_copy_allocates_the_bytes_of_the_array(
    check_cost, nbytes, way
):
    check_cost(tensor_from_array, way, nbytes=nbytes)


@each_size
@pytest.mark.parametrize("way", [COPY, *TO])
def test_numpy_allocates_nothing_and_a_copy_allocates_the_bytes_of_the_tensor(
    check_cost, nbytes, way, device
):
    if device != "cpu" and way not in (COPY, TO_CPU):
        pytest.skip("numpy() raises TypeError for a tensor that is not on the CPU")
    check_cost(array_from_tensor, way, nbytes=nbytes)


def tensor_from_array(device: str, nbytes: int) -> Group:
    """Ways to make a tensor from an array; on other devices ``to(device)`` follows."""
    a = _array(nbytes)
    source, target = torch.from_numpy(a), torch.from_numpy(a).to(device, copy=True)
    ways = {
        "from_numpy(a)": _shared(lambda: torch.from_numpy(a)),
        "from_numpy(a.copy())": _copied(lambda: torch.from_numpy(a.copy()), nbytes, by_numpy=True),
        "torch.tensor(a)": _copied(lambda: torch.tensor(a), nbytes),
        "from_numpy(a).float()": _copied(lambda: torch.from_numpy(a).float(), nbytes // 2),
    }
    if device != "cpu":
        ways = {name: _moved(way, device) for name, way in ways.items()}
    return _with_plain_copy(FROM_NUMPY, lambda: target.copy_(source), ways)


def array_from_tensor(device: str, nbytes: int) -> Group:
    """Ways to make an array from a tensor; on other devices only one works."""
    a = _array(nbytes)
    t, target = torch.from_numpy(a).to(device), torch.from_numpy(a).clone()

    def to_cpu() -> np.ndarray:
        return t.to("cpu").detach().clone().numpy()

    if device == "cpu":
        ways = {
            "t.numpy()": _shared(lambda: t.numpy()),
            "t.numpy().copy()": _copied(lambda: t.numpy().copy(), nbytes, by_numpy=True),
            "t.clone().numpy()": _copied(lambda: t.clone().numpy(), nbytes),
            TO_CPU: _copied(to_cpu, nbytes),
            "t.float().numpy()": _copied(lambda: t.float().numpy(), nbytes // 2),
        }
    else:
        prediction = Prediction("to() copies, and clone() copies again", 2 * nbytes, nbytes)
        ways = {TO_CPU: Alternative(to_cpu, prediction)}
    return _with_plain_copy(TO_NUMPY, lambda: target.copy_(t), ways)


def _array(nbytes: int) -> np.ndarray:
    """A float64 array of this many bytes; all are written, so that it has its memory."""
    return np.ones(nbytes // 8)


def _shared(function: Callable[[], object]) -> Alternative:
    # The objects around the data take some memory too, but less than a page.
    return Alternative(function, Prediction("nothing is copied", 0, 0, page_faults=(0, 1)))


def _copied(function: Callable[[], object], nbytes: int, by_numpy: bool = False) -> Alternative:
    faults = predicted_page_faults(nbytes, by_numpy)
    return Alternative(function, Prediction("the numbers are copied once", nbytes, nbytes, faults))


def _moved(way: Alternative, device: str) -> Alternative:
    result = way.function().nbytes
    prediction = Prediction("the CPU's and the device's", way.prediction.peak + result, result)
    return Alternative(lambda: way.function().to(device), prediction)


def _with_plain_copy(
    question: str, copy: Callable[[], object], ways: dict[str, Alternative]
) -> Group:
    baseline = Alternative(copy, Prediction("the memory is already allocated", 0, 0, (0, 1)))
    return Group(question, {COPY: baseline, **ways}, in_fresh_memory=True)
