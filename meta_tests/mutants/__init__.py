"""The mutants: small changes of PyTorch's behaviour, which the specification must notice.

A mutant says in a sentence what it breaks, and which claims must notice. Most replace a function of
PyTorch, and get the original as their first argument::

    @mutant("from_numpy copies", kills="1.3.3", of=(torch, "from_numpy"))
    def from_numpy_copies(from_numpy, array):
        return from_numpy(array.copy())

Without ``of``, the function is called once and changes PyTorch itself. A mutant is applied in a
process of its own (``meta_tests.laboratory``), so nothing has to be restored. It breaks one
behaviour and leaves the rest working; PyTorch's own code should not notice it.

A mutant may depend on its input or count its calls, to check that a spec tries large tensors,
unusual layouts, or a third step::

    @mutant("relu of 300 elements or more is zero", kills="5.1", of=(F, "relu"))
    def relu_of_many_elements_is_zero(relu, x, *args):
        return relu(x, *args) * (x.numel() < 300)

    @mutant("from_numpy copies from the third call on", kills="1.3.3", of=(torch, "from_numpy"))
    def from_numpy_copies_from_the_third_call(from_numpy, array, calls=itertools.count(1)):
        return from_numpy(array if next(calls) < 3 else array.copy())

``x.is_contiguous(memory_format=torch.channels_last)``, ``x.stride()``, ``x.storage_offset()`` and
``threading.current_thread()`` are other conditions. A condition that holds for few examples may
not be met in the first ones of every seed; then ``--prove`` names the checks that it cannot prove.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Mutant:
    """One changed behaviour of PyTorch."""

    name: str
    breaks: str  # what this PyTorch does, in a sentence
    kills: tuple[str, ...]  # the claims that must notice
    also: tuple[str, ...]  # claims that may notice as well, as they depend on the behaviour
    apply: Callable[[], None]


#: Every mutant by name.
CATALOGUE: dict[str, Mutant] = {}


def mutant(
    breaks: str, kills: str, *, also: str = "", of: tuple[object, str] | None = None
) -> Callable[[Callable], Callable]:
    """Enter the decorated function into the catalogue; claims are separated by spaces."""

    def enter(function: Callable) -> Callable:
        name = function.__name__
        if name in CATALOGUE:
            raise ValueError(f"two mutants are called {name}")
        apply = function if of is None else lambda: replace(*of, function)
        CATALOGUE[name] = Mutant(name, breaks, tuple(kills.split()), tuple(also.split()), apply)
        return function

    return enter


def replace(owner: object, name: str, function: Callable) -> None:
    """Replace an attribute by ``function``, which gets the original before its arguments."""
    original = getattr(owner, name)

    def replacement(*args: object, **kwargs: object) -> object:
        return function(original, *args, **kwargs)

    setattr(owner, name, replacement)


def calls_of(name: str) -> int:
    """How many calls of functions of this name are under way."""
    frame, calls = sys._getframe(1), 0
    while frame is not None:
        calls += frame.f_code.co_name == name
        frame = frame.f_back
    return calls


#: What PyTorch calls the functions through which it calls those that wear a mode.
WEARER, GENERATING_WEARER = "decorate_context", "generator_context"


def asked_by_pytorch() -> bool:
    """Whether PyTorch's own code called the changed function, and not a user's."""
    frame = sys._getframe(1)
    while frame.f_globals["__name__"].startswith(__name__):
        frame = frame.f_back
    return frame.f_globals["__name__"].partition(".")[0] == "torch"


def read_as(name: str, change: Callable) -> None:
    """Make an attribute of tensors, such as "grad_fn", read as ``change(tensor, value)``.

    PyTorch's own code still reads the value.
    """
    attribute = getattr(torch.Tensor, name)

    def read(tensor: torch.Tensor) -> object:
        value = attribute.__get__(tensor)
        return value if asked_by_pytorch() else change(tensor, value)

    setattr(torch.Tensor, name, property(read, lambda t, value: attribute.__set__(t, value)))


#: What inputs may be like, by name, for mutants that show on such inputs only.
INPUTS: dict[str, Callable[[torch.Tensor], bool]] = {
    "more_than_64_elements": lambda x: x.numel() > 64,
    "more_than_32768_elements": lambda x: x.numel() > 32_768,
    "4_dimensions": lambda x: x.dim() == 4,
    "5_dimensions": lambda x: x.dim() == 5,
    "channels_last": lambda x: (
        x.dim() == 4
        and not x.is_contiguous()
        and x.is_contiguous(memory_format=torch.channels_last)
    ),
    "gaps": lambda x: x.dim() and x.stride(-1) > 1 and x.numel() > 1,
    "an_offset": lambda x: x.storage_offset() > 0,
    "bfloat16": lambda x: x.dtype is torch.bfloat16,
}


for _chapter in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_chapter.name}")
