"""Changes to who allocates the memory of copies (claim 1.3.11)."""

from __future__ import annotations

import numpy as np
import torch

from meta_tests.mutants import mutant


def is_large_array(data: object) -> bool:
    return isinstance(data, np.ndarray) and data.nbytes >= 2**12


@mutant("torch.tensor lets NumPy copy large arrays", kills="1.3.11", of=(torch, "tensor"))
def numpy_copies_for_torch_tensor(tensor, data, *args, **kwargs):
    if is_large_array(data) and not args and not kwargs:
        return torch.from_numpy(data.copy())
    return tensor(data, *args, **kwargs)


@mutant(
    "clone() lets NumPy copy large tensors",
    kills="1.3.11",
    also="1.3.6",
    of=(torch.Tensor, "clone"),
)
def numpy_copies_for_clone(clone, tensor, *args, **kwargs):
    if is_large_array(data := as_array_of(tensor)) and not args and not kwargs:
        return torch.from_numpy(data.copy())
    return clone(tensor, *args, **kwargs)


def as_array_of(tensor: torch.Tensor) -> np.ndarray | None:
    plain = tensor.device.type == "cpu" and not tensor.requires_grad and tensor.is_contiguous()
    numeric = tensor.dtype in (torch.float64, torch.float32, torch.int64, torch.uint8)
    return tensor.numpy() if plain and numeric else None


@mutant(
    "from_numpy keeps a second array of the same size",
    kills="1.3.11",
    of=(torch, "from_numpy"),
)
def from_numpy_keeps_a_second_array(from_numpy, array):
    tensor = from_numpy(array)
    if is_large_array(array):
        KEPT.append(np.empty_like(array))
    return tensor


#: Arrays that nobody frees.
KEPT: list[np.ndarray] = []
