"""Changes to who allocates the memory of copies (claim 1.3.11)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from meta_tests.mutants import mutant

#: Arrays of fewer bytes are those of other claims.
LARGE = 2**21


@mutant("torch.tensor lets NumPy copy large arrays", kills="1.3.11", of=(torch, "tensor"))
def numpy_copies_for_torch_tensor(tensor, data, *args, **kwargs):
    if isinstance(data, np.ndarray) and data.nbytes >= LARGE:
        return torch.from_numpy(data.copy())
    return tensor(data, *args, **kwargs)


@mutant("clone() lets NumPy copy large tensors", kills="1.3.11", of=(Tensor, "clone"))
def numpy_copies_for_clone(clone, tensor, *args, **kwargs):
    if is_large(tensor) and not tensor.requires_grad:
        return torch.from_numpy(tensor.numpy().copy())
    return clone(tensor, *args, **kwargs)


@mutant("from_numpy lets PyTorch copy large arrays", kills="1.3.11", of=(torch, "from_numpy"))
def pytorch_copies_for_from_numpy(from_numpy, array):
    tensor = from_numpy(array)
    return tensor.clone() if array.nbytes >= LARGE else tensor


@mutant("a slice of a large tensor is a copy", kills="1.3.11", of=(Tensor, "__getitem__"))
def a_slice_copies(getitem, tensor, index):
    part = getitem(tensor, index)
    return part.clone() if isinstance(index, slice) and is_large(tensor) else part


@mutant("from_numpy frees no large array", kills="1.3.11", of=(torch, "from_numpy"))
def from_numpy_frees_no_array(from_numpy, array, kept=[]):  # noqa: B006
    if array.nbytes >= LARGE:
        kept.append(array)
    return from_numpy(array)


def is_large(tensor: Tensor) -> bool:
    return tensor.numel() * tensor.element_size() >= LARGE and tensor.device.type == "cpu"
