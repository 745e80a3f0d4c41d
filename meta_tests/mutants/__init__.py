"""The mutants: small changes of PyTorch's behaviour, which the specification must notice.

A mutant says in a sentence what it breaks, and which claims must notice that. Most replace one
function of PyTorch, whose former self they get as their first argument::

    @mutant("from_numpy copies", kills="1.3.4", of=(torch, "from_numpy"))
    def from_numpy_copies(from_numpy, array):
        return from_numpy(array.copy())

One that has no such function changes PyTorch itself when called. A mutant is put into force in a
process of its own (``meta_tests.laboratory``), so nothing has to be put back. It breaks one
behaviour and leaves PyTorch otherwise working: what PyTorch does within itself stays as it was.
"""

from __future__ import annotations

import importlib
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
    also: tuple[str, ...]  # claims that may notice as well, since they lean on the behaviour
    apply: Callable[[], None]


#: Every mutant by name, in the order of the chapters.
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
    """Put ``function``, called with the original before its arguments, in the original's place."""
    original = getattr(owner, name)

    def replacement(*args: object, **kwargs: object) -> object:
        return function(original, *args, **kwargs)

    setattr(owner, name, replacement)


def asked_by_pytorch() -> bool:
    """Whether it is PyTorch's own code that called the changed function, and not a user's."""
    frame = sys._getframe(1)
    while frame.f_globals["__name__"].startswith(__name__):
        frame = frame.f_back
    return frame.f_globals["__name__"].partition(".")[0] == "torch"


def read_as(name: str, change: Callable) -> None:
    """Let an attribute of tensors, such as "grad_fn", read as ``change(tensor, what it is)``.

    PyTorch's own code reads what it is.
    """
    attribute = getattr(torch.Tensor, name)

    def read(tensor: torch.Tensor) -> object:
        value = attribute.__get__(tensor)
        return value if asked_by_pytorch() else change(tensor, value)

    setattr(torch.Tensor, name, property(read, lambda t, value: attribute.__set__(t, value)))


for _chapter in (
    "item",
    "autograd",
    "numpy_to_tensor",
    "tensor_to_numpy",
    "layers",
    "initialisation",
    "model_parameters",
    "optimizer",
    "eval_mode",
    "grad_mode",
    "relu",
):
    importlib.import_module(f"{__name__}.{_chapter}")
