"""4 torch.no_grad() and torch.set_grad_enabled(): what a release chooses."""

from __future__ import annotations

import contextlib

import pytest
import torch

from specs.ledger import claim
from specs.observed.surface import documents, names, signature

_MODES = "no_grad enable_grad set_grad_enabled inference_mode".split()


@claim("4.1")
@pytest.mark.parametrize("mode", _MODES)
def test_signature_and_names_of_a_mode(observe, mode):
    observe(f"signature of torch.{mode}", signature, f"torch.{mode}")
    observe(f"signature of {mode}.__init__", signature, f"torch.{mode}.__init__")
    observe(f"signature of {mode}.clone", signature, f"torch.{mode}.clone")
    observe(f"public names of {mode}", names, f"torch.{mode}")
    observe(f"types above {mode}", lambda: getattr(torch, mode).__mro__)


@claim("4.1")
def test_which_sentences_of_the_article_no_grad_still_documents(observe):
    for words in (
        "Context-manager that disabled gradient calculation",
        "Context-manager that disables gradient calculation",
        "when you are sure that you will not call",
        "It will reduce memory consumption",
        "the result of every computation will have",
    ):
        observe(f"documented of no_grad: {words}", documents, "torch.no_grad", words)


@claim("4.8")
def test_which_sentences_of_the_article_set_grad_enabled_still_documents(observe):
    for words in (
        "Context-manager that sets gradient calculation",
        "When using enable_grad context manager",
        "has no effect",
        "This context manager is thread local",
    ):
        observe(
            f"documented of set_grad_enabled: {words}", documents, "torch.set_grad_enabled", words
        )


@claim("4.1")
def test_other_ways_to_ask_for_a_mode(observe):
    for function in "is_grad_enabled is_inference_mode_enabled is_inference".split():
        observe(f"signature of torch.{function}", signature, f"torch.{function}")
    observe("public names of torch.autograd", names, "torch.autograd")
    observe("public names of torch.autograd.grad_mode", names, "torch.autograd.grad_mode")


@claim("4.1")
@pytest.mark.parametrize("mode", ["no_grad", "inference_mode"])
def test_what_a_result_without_grad_refuses(observe, device, mode):
    x = torch.ones(2, device=device, requires_grad=True)
    with getattr(torch, mode)():
        result, view = x * 2, x[:1]

    observe(f"{mode}: view.add_ afterwards", lambda: view.add_(1))
    observe(f"{mode}: view * 2 afterwards", lambda: (view * 2).requires_grad)
    observe(f"{mode}: result.add_ afterwards", lambda: result.add_(1).requires_grad)
    observe(
        f"{mode}: result.requires_grad_ afterwards", lambda: result.requires_grad_().requires_grad
    )
    observe(f"{mode}: result * x afterwards", lambda: (result * x).requires_grad)
    observe(f"{mode}: view.requires_grad", lambda: view.requires_grad)
    observe(f"{mode}: view.grad_fn", lambda: view.grad_fn)
    observe(f"{mode}: view._version", lambda: view._version)
    observe(f"{mode}: print of the result", lambda: result.cpu())


@claim("4.2")
def test_how_a_mode_is_written(observe):
    observe("@no_grad without parentheses", lambda: torch.no_grad(_requires_grad)())
    observe("@no_grad()", lambda: torch.no_grad()(_requires_grad)())
    observe("@enable_grad without parentheses", lambda: torch.enable_grad(_requires_grad)())
    observe("@inference_mode without parentheses", lambda: torch.inference_mode(_requires_grad)())
    observe("@set_grad_enabled(False)", lambda: torch.set_grad_enabled(False)(_requires_grad)())
    observe("with no_grad: without parentheses", lambda: _within(torch.no_grad))
    observe("no_grad(1)", lambda: _within(torch.no_grad(1)))
    observe("no_grad on a generator", lambda: list(torch.no_grad()(_generator)()))
    observe(
        "no_grad on a class", lambda: torch.no_grad()(type("Kind", (), {}))().__class__.__name__
    )
    observe("name of a decorated function", lambda: torch.no_grad()(_requires_grad).__name__)
    observe("value of `as` in no_grad", lambda: _within(torch.no_grad()))
    observe("repr of no_grad()", lambda: repr(torch.no_grad()))
    observe("repr of set_grad_enabled(True)", lambda: repr(torch.set_grad_enabled(True)))
    observe("one no_grad entered twice", lambda: _twice(torch.no_grad()))


def _requires_grad() -> bool:
    return (torch.ones(1, requires_grad=True) * 2).requires_grad


def _generator():
    yield torch.is_grad_enabled()


def _within(mode) -> str:
    with mode as value:
        return str(value)


def _twice(mode) -> bool:
    with mode, mode:
        pass
    return torch.is_grad_enabled()


@claim("4.4")
def test_how_backward_of_such_a_result_is_refused(observe, device):
    x = torch.ones(1, device=device, requires_grad=True)
    with torch.no_grad():
        y = x * 2
    with torch.inference_mode():
        z = x * 2

    observe("backward() of a result of no_grad", y.backward)
    observe("backward() of a result of inference_mode", z.backward)
    observe("backward() within no_grad", lambda: torch.no_grad()((x * 2).backward)())


@claim("4.5")
def test_what_set_grad_enabled_takes(observe):
    for argument in (True, False, 1, 0, None, "no", [], torch.tensor(True)):
        observe(f"set_grad_enabled({argument!r})", lambda argument=argument: _with_mode(argument))
    observe("set_grad_enabled()", lambda: _kept(lambda: torch.set_grad_enabled()))
    observe(
        "set_grad_enabled(mode=False)", lambda: _kept(lambda: torch.set_grad_enabled(mode=False))
    )


def _with_mode(argument: object) -> bool:
    return _kept(lambda: torch.set_grad_enabled(argument) and torch.is_grad_enabled())


def _kept(call) -> object:
    """What the call returns; grad mode is afterwards as it was."""
    with torch.enable_grad():
        return str(call()).partition(" object")[0]


@claim("4.6")
def test_when_set_grad_enabled_takes_effect(observe):
    def sequence() -> list[bool]:
        with torch.enable_grad():
            seen = []
            mode = torch.set_grad_enabled(False)
            seen.append(torch.is_grad_enabled())
            with mode:
                seen.append(torch.is_grad_enabled())
            seen.append(torch.is_grad_enabled())
            torch.set_grad_enabled(False)(_requires_grad)
            seen.append(torch.is_grad_enabled())
            return [str(it) for it in seen]

    observe("a set_grad_enabled used as function and as context", sequence)


@claim("4.9")
def test_what_other_threads_see(observe):
    from concurrent.futures import ThreadPoolExecutor

    def elsewhere():
        with torch.no_grad(), ThreadPoolExecutor(1) as pool:
            return pool.submit(torch.is_grad_enabled).result()

    observe("grad mode of a new thread within no_grad", elsewhere)


@claim("4.1")
def test_what_leaves_of_inference_mode_do(observe):
    def made():
        with torch.inference_mode():
            return torch.ones(1, requires_grad=True)

    observe("requires_grad of a leaf made in inference_mode", lambda: made().requires_grad)
    observe("use of a leaf made in inference_mode", lambda: (made() * 2).requires_grad)
    observe("numpy() of an inference tensor", lambda: _inferred().numpy())
    observe("deepcopy of an inference tensor", lambda: __import__("copy").deepcopy(_inferred()))
    observe("_version of an inference tensor", lambda: _inferred()._version)
    observe(
        "inference tensor into a Linear", lambda: torch.nn.Linear(1, 1)(_inferred()).requires_grad
    )
    observe(
        "inference tensor saved for backward",
        lambda: _inferred() * torch.ones(1, requires_grad=True),
    )
    observe("nested: no_grad in inference_mode", _nested)


def _inferred() -> torch.Tensor:
    with torch.inference_mode():
        return torch.ones(1) * 2


def _nested() -> str:
    with torch.inference_mode(), contextlib.ExitStack() as stack:
        stack.enter_context(torch.enable_grad())
        return f"{torch.is_grad_enabled()} {_requires_grad()}"
