"""A simulated accelerator: its tensors report another device and live in CPU memory.

It lets the specs run on a second device without a GPU, and says nothing about CUDA. Only those who
load it as a plugin have the device::

    pytest specs -p meta_tests.simulated_accelerator --device=simulated

``--simulate=imprecise`` and the like choose another accelerator.

It registers as PyTorch's PrivateUse1 backend, which is meant for new devices
(https://docs.pytorch.org/tutorials/advanced/privateuseone.html). Its tensors refuse what a GPU's
tensors refuse. An operation on them runs on CPU tensors that share their memory.
"""

from __future__ import annotations

import ctypes
import itertools
import weakref
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from torch._ops import OpOverload
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

NAME = "simulated"

#: What --simulate takes: devices that lack something, and devices that are wrong.
BUILDS = ("complete", "no-float64", "no-exp", "imprecise", "numpy")
build = "complete"


# --- one memory, two devices ------------------------------------------------------------------
#
# DLPack (https://dmlc.github.io/dlpack/latest/c_api.html) describes a tensor over given memory on a
# given device; its "extension device" is PyTorch's PrivateUse1.

_CPU, _EXTENSION = 1, 12
_CODES = {"int": 0, "uint": 1, "float": 2, "bfloat": 4, "complex": 5, "bool": 6}


class _Description(ctypes.Structure):
    """DLPack's DLManagedTensor, followed by the sizes and strides that it points to."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        *((name, ctypes.c_int32) for name in ("device_type", "device_id", "ndim")),
        *((name, ctypes.c_uint8) for name in ("code", "bits")),
        ("lanes", ctypes.c_uint16),
        *((name, ctypes.c_void_p) for name in ("shape", "strides")),
        ("byte_offset", ctypes.c_uint64),
        *((name, ctypes.c_void_p) for name in ("context", "deleter")),
        ("numbers", ctypes.c_int64 * 32),
    )


_c = ctypes.CDLL(None)
_c.malloc.restype, _c.malloc.argtypes = ctypes.c_void_p, (ctypes.c_size_t,)
_free = ctypes.cast(_c.free, ctypes.c_void_p).value
_capsule = ctypes.pythonapi.PyCapsule_New
_capsule.restype = ctypes.py_object
_capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)

_owners: dict[int, torch.Tensor] = {}
_numbers = itertools.count()


def _over(tensor: torch.Tensor, device: int) -> torch.Tensor:
    """A tensor on another device that shares the memory, and keeps it alive."""
    if build == "no-float64" and tensor.dtype in (torch.float64, torch.complex64, torch.complex128):
        raise TypeError(f"{NAME} does not support {str(tensor.dtype).removeprefix('torch.')}")
    # Memory from malloc(), released by free(): a Python function must not run when a tensor is
    # deleted, as an exception may be propagating.
    address = _c.malloc(ctypes.sizeof(_Description))
    kind = str(tensor.dtype).removeprefix("torch.").rstrip("0123456789")
    dims = tensor.dim()
    shape = address + _Description.numbers.offset
    description = _Description(
        *(tensor.data_ptr(), device, 0, dims, _CODES[kind], 8 * tensor.element_size(), 1),
        *(shape, shape + 8 * dims, 0, None, _free, (*tensor.shape, *tensor.stride())),
    )
    ctypes.memmove(address, ctypes.addressof(description), ctypes.sizeof(description))
    with torch.inference_mode(tensor.is_inference()):  # a view is what its base is
        result = torch.utils.dlpack.from_dlpack(_capsule(address, b"dltensor", None))
        result = result.conj() if tensor.is_conj() else result
        result = torch._neg_view(result) if tensor.is_neg() else result
    number = next(_numbers)
    _owners[number] = tensor
    weakref.finalize(result.untyped_storage(), _owners.pop, number).atexit = False
    return result


def _to_cpu(value: object) -> object:
    """The value, with a simulated tensor replaced by a CPU tensor that shares its memory."""
    if isinstance(value, torch.Tensor) and value.device.type == NAME:
        return _over(value, _CPU)
    if isinstance(value, torch.device) and value.type == NAME:
        return torch.device("cpu")
    return value


def _to_simulated(value: object) -> object:
    if not isinstance(value, torch.Tensor):
        return value
    if value.is_nested:
        raise NotImplementedError(f"{NAME} does not support nested tensors")
    if build == "imprecise" and value.dtype is torch.float32:
        value = value.bfloat16().float()
    return _over(value, _EXTENSION)


# --- operations -------------------------------------------------------------------------------


def _run(operation: OpOverload, *args: object, **kwargs: object) -> object:
    """Run the operation on the CPU, and return its result on the simulated device."""
    for value in (*args, *kwargs.values()):
        if isinstance(value, torch.Tensor) and value.device.type == "cpu" and value.dim():
            raise RuntimeError(
                f"{operation}: expected all tensors on the same device, but found {NAME} and cpu"
            )
    if build == "no-exp" and operation.overloadpacket is torch.ops.aten.exp:
        raise NotImplementedError(f"Could not run 'aten::exp' on {NAME}")
    outs = {a.name: kwargs[a.name] for a in operation._schema.arguments if a.is_out}
    given, structure = tree_flatten((args, kwargs))
    on_cpu = [_to_cpu(value) for value in given]
    cpu_args, cpu_kwargs = tree_unflatten(on_cpu, structure)
    # Simulated tensors cannot be resized, so out= arguments are replaced by fresh tensors.
    cpu_kwargs |= {name: torch.empty(0, dtype=out.dtype) for name, out in outs.items()}
    arguments = zip(operation._schema.arguments, args, strict=False)
    if any(str(a.type) == "Tensor" and isinstance(it, int | float) for a, it in arguments):
        operation = operation.overloadpacket  # of its overloads, the one that takes the number
    result = operation(*cpu_args, **cpu_kwargs)
    for name, out in outs.items():
        _write(out, cpu_kwargs[name])
    known = {id(ours): theirs for ours, theirs in zip(on_cpu, given, strict=True)}
    known |= {id(cpu_kwargs[name]): out for name, out in outs.items()}
    return tree_map(
        lambda value: known[id(value)] if id(value) in known else _to_simulated(value), result
    )


def _write(target: torch.Tensor, source: torch.Tensor) -> None:
    if target.shape == source.shape:
        _to_cpu(target).copy_(source)
    else:
        target.data = _to_simulated(source)


def _copy(target: torch.Tensor, source: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    """Copy between the devices, or within the simulated one."""
    _to_cpu(target).copy_(_to_cpu(source))
    return target


def _resize(target: torch.Tensor, size: list[int], **options: object) -> torch.Tensor:
    """Resize a copy, whose memory PyTorch made and can grow."""
    target.data = _to_simulated(_to_cpu(target).clone().resize_(size, **options))
    return target


def _convolve(*args: object) -> object:
    """Convolutions on new devices dispatch to an operation of their own."""
    return _run(torch.ops.aten.convolution.default, *args)


def _convolve_backward(gradient, x, weight, *args: object) -> object:
    *args, mask = args
    backward = torch.ops.aten.convolution_backward.default
    return _run(backward, gradient, x, weight, [weight.shape[0]], *args, mask)


#: What makes one tensor look at the memory of another.
_VIEWS = (
    *(torch.ops.aten.as_strided.default, torch.ops.aten.view.default),
    *(torch.ops.aten._reshape_alias.default, torch.ops.aten.unfold.default),
    *(torch.ops.aten.set_.source_Storage, torch.ops.aten.set_.source_Storage_storage_offset),
)


def _view(operation: OpOverload) -> Callable[..., torch.Tensor]:
    """The CPU's kernel for a view, which looks at sizes and strides alone, not at the memory."""
    return partial(operation._op_dk, torch._C.DispatchKey.CPU)


_clone_storage = torch.UntypedStorage.clone


def _clone(storage: torch.UntypedStorage) -> torch.UntypedStorage:
    """copy.deepcopy copies storages, which only backends in C++ can allocate."""
    if storage.device.type != NAME:
        return _clone_storage(storage)
    return torch.empty(0, dtype=torch.uint8, device=NAME).set_(storage).clone().untyped_storage()


class _Module:
    """The counterpart of torch.cuda; its random numbers are the CPU's."""

    is_available = is_initialized = staticmethod(lambda: True)
    device_count = staticmethod(lambda: 1)
    current_device = staticmethod(lambda: 0)
    get_rng_state = staticmethod(lambda device: torch.get_rng_state())
    set_rng_state = staticmethod(lambda state, device: torch.set_rng_state(state))
    _is_in_bad_fork = staticmethod(lambda: False)
    get_amp_supported_dtype = staticmethod(lambda: [torch.bfloat16])


_libraries: list[torch.library.Library] = []  # a library takes its kernels with it when it goes


def why_not() -> str | None:
    """Why this device cannot be used here, or None if it can."""
    try:
        from torch.utils.backend_registration import _setup_privateuseone_for_python_backend
    except ImportError:
        return f"PyTorch {torch.__version__} does not support backends written in Python"
    if not _libraries:
        _setup_privateuseone_for_python_backend(NAME, backend_module=_Module())
        everything = torch.library.Library("_", "IMPL")
        everything.fallback(_run, "PrivateUse1")
        named = torch.library.Library("aten", "IMPL")
        named.impl("copy_", _copy, "PrivateUse1")
        named.impl("resize_", _resize, "PrivateUse1")
        named.impl("convolution_overrideable", _convolve, "PrivateUse1")
        named.impl("convolution_backward_overrideable", _convolve_backward, "PrivateUse1")
        for operation in _VIEWS:
            named.impl(operation, _view(operation), "PrivateUse1")
        _libraries.extend([everything, named])
        torch.UntypedStorage.clone = _clone
    return None


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "which accelerator to simulate: one that lacks something, or one that is wrong"
    parser.addoption("--simulate", choices=BUILDS, default="complete", help=text)


@pytest.hookimpl(tryfirst=True)  # before the harness looks at --device
def pytest_configure(config: pytest.Config) -> None:
    global build
    if (reason := why_not()) is not None:
        raise pytest.UsageError(f"no {NAME} accelerator: {reason}")
    build = config.getoption("simulate")
    if build == "numpy":
        torch.Tensor.numpy = _numpy_of_any


_numpy = torch.Tensor.numpy


def _numpy_of_any(tensor: torch.Tensor, **options: bool) -> np.ndarray:
    """numpy() of a device that forgets to refuse it."""
    return _numpy(tensor.cpu() if tensor.device.type == NAME else tensor, **options)
