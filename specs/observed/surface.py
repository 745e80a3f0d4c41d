"""Signatures, names and settings of what PyTorch offers, as text."""

from __future__ import annotations

import importlib
import inspect
import types

import torch

NOT_THERE = "not there"


def signature(path: str) -> str:
    """The arguments and defaults of the callable at ``path``, such as "torch.nn.Linear".

    Without annotations, which change and which no call depends on. Of what is written in C++ and
    tells Python no signature, the first line of its documentation.
    """
    function = at(path)
    if function is None:
        return NOT_THERE
    try:
        found = inspect.signature(function)
    except (TypeError, ValueError):
        lines = (inspect.getdoc(function) or "no documentation").strip().splitlines()
        return lines[0]
    bare = [it.replace(annotation=it.empty) for it in found.parameters.values()]
    name = path.rpartition(".")[2]
    return f"{name}{found.replace(parameters=bare, return_annotation=found.empty)}"


def documents(path: str, words: str) -> bool:
    """Whether the documentation of what stands at ``path`` has these words, one after the other."""
    return words in " ".join((inspect.getdoc(at(path)) or "").split())


def names(path: str) -> list[str]:
    """The public names of the class or module at ``path``; of a module those from PyTorch."""
    owner = at(path)
    if owner is None:
        return [NOT_THERE]
    if isinstance(owner, types.ModuleType):
        return sorted(name for name, it in vars(owner).items() if _is_offered(name, it))
    return sorted(name for name in dir(owner) if not name.startswith("_"))


def at(path: str) -> object | None:
    """What stands at a dotted path that begins with torch; None if it is not there."""
    found: object = torch
    walked = "torch"
    for name in path.split(".")[1:]:
        walked = f"{walked}.{name}"
        if not hasattr(found, name):
            try:
                importlib.import_module(walked)
            except ImportError:
                return None
        found = getattr(found, name)
    return found


def _is_offered(name: str, it: object) -> bool:
    """Whether it is a public function or class of PyTorch, and no import from elsewhere."""
    if name.startswith("_") or not callable(it):
        return False
    return isinstance(it, types.BuiltinFunctionType) or str(
        getattr(it, "__module__", "")
    ).startswith("torch")
