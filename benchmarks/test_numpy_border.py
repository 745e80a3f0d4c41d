"""What crossing the border between NumPy and PyTorch costs: sharing against copying.

https://docs.pytorch.org/docs/stable/generated/torch.from_numpy.html
https://docs.pytorch.org/docs/stable/generated/torch.Tensor.numpy.html

The limit is a plain memory copy of the same bytes, into memory that is there already.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from benchmarks.comparison import Alternative, Comparison, Prediction
from benchmarks.questions import FROM_NUMPY, TO_NUMPY
from benchmarks.replay import clock
from benchmarks.units import in_bytes

pytestmark = pytest.mark.benchmark(timer=clock)

#: Within the caches of today's processors, and far beyond. Whether a MiB or two stay in a cache is
#: up to other processes too: a copy takes half as long again in one run, and not in the next.
SIZES = (2**10, 2**16, 2**18, 2**26)
COPY = "plain memory copy"

FROM = ("from_numpy(a)", "from_numpy(a.copy())", "torch.tensor(a)", "from_numpy(a).float()")
LEAVING = "t.to('cpu').detach().clone().numpy()"
TO = ("t.numpy()", "t.clone().numpy()", LEAVING, "t.float().numpy()")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("nbytes", SIZES, ids=in_bytes)
@pytest.mark.parametrize("way", [COPY, *FROM])
def test_from_numpy_allocates_nothing_and_a_copy_as_many_bytes_as_the_array_has(
    cost, nbytes, dtype, way
):
    cost(tensor_from_array, way, nbytes=nbytes, dtype=dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("nbytes", SIZES, ids=in_bytes)
@pytest.mark.parametrize("way", [COPY, *TO])
def test_numpy_allocates_nothing_and_a_copy_as_many_bytes_as_the_tensor_has(
    cost, nbytes, dtype, way, device
):
    if device != "cpu" and way not in (COPY, LEAVING):
        pytest.skip("numpy() raises TypeError for a tensor that is not on the CPU")
    cost(array_from_tensor, way, nbytes=nbytes, dtype=dtype)


def tensor_from_array(device: str, nbytes: int, dtype: str) -> Comparison:
    """Ways from an array to a tensor on the CPU; to another device, followed by ``to(device)``."""
    a = _array(nbytes, dtype)
    source, target = torch.from_numpy(a), torch.from_numpy(a).to(device, copy=True)
    ways = {
        "from_numpy(a)": (lambda: torch.from_numpy(a), 0),
        "from_numpy(a.copy())": (lambda: torch.from_numpy(a.copy()), nbytes),
        "torch.tensor(a)": (lambda: torch.tensor(a), nbytes),
        "from_numpy(a).float()": (lambda: torch.from_numpy(a).float(), _cast(a)),
    }
    if device == "cpu":
        alternatives = {way: _on_the_cpu(work, held) for way, (work, held) in ways.items()}
    else:
        alternatives = {
            way: _moved(work, held, work().nbytes, device) for way, (work, held) in ways.items()
        }
    return _beside_a_copy(FROM_NUMPY, lambda: target.copy_(source), alternatives)


def array_from_tensor(device: str, nbytes: int, dtype: str) -> Comparison:
    """Ways from a tensor to an array; from another device than the CPU only one leads there."""
    a = _array(nbytes, dtype)
    t, target = torch.from_numpy(a).to(device), torch.from_numpy(a.copy())
    if device == "cpu":
        alternatives = {
            "t.numpy()": _on_the_cpu(lambda: t.numpy(), 0),
            "t.clone().numpy()": _on_the_cpu(lambda: t.clone().numpy(), nbytes),
            LEAVING: _on_the_cpu(lambda: t.to("cpu").detach().clone().numpy(), nbytes),
            "t.float().numpy()": _on_the_cpu(lambda: t.float().numpy(), _cast(a)),
        }
    else:
        prediction = Prediction("to() copies to the CPU, and clone() again", 2 * nbytes, nbytes)
        leave = Alternative(lambda: t.to("cpu").detach().clone().numpy(), prediction)
        alternatives = {LEAVING: leave}
    return _beside_a_copy(TO_NUMPY, lambda: target.copy_(t), alternatives)


def _array(nbytes: int, dtype: str) -> np.ndarray:
    """An array of so many bytes, all of them written, so that no page of it is still to come."""
    return np.ones(nbytes // np.dtype(dtype).itemsize, dtype)


def _cast(a: np.ndarray) -> int:
    """The bytes that float() allocates: none if it has nothing to do."""
    return 0 if a.dtype == np.float32 else a.astype(np.float32).nbytes


def _on_the_cpu(work: Callable[[], object], nbytes: int) -> Alternative:
    because = (
        "a copy has as many bytes as it has numbers to hold" if nbytes else "nothing is copied"
    )
    return Alternative(work, Prediction(because, nbytes, nbytes))


def _moved(work: Callable[[], torch.Tensor], nbytes: int, result: int, device: str) -> Alternative:
    prediction = Prediction("what the CPU holds, and the device's copy", nbytes + result, result)
    return Alternative(lambda: work().to(device), prediction)


def _beside_a_copy(
    question: str, copy: Callable[[], object], alternatives: dict[str, Alternative]
) -> Comparison:
    limit = Alternative(copy, Prediction("the memory to copy into is there already", 0, 0))
    return Comparison(question, {COPY: limit, **alternatives})
