"""Changes to torch.compile() (chapter 6)."""

from __future__ import annotations

import functools

import numpy as np
import torch
from torch import nn
from torch.utils._pytree import tree_map

from meta_tests.mutants import mutant

COMPILE = (torch, "compile")


def _wrapped(compiled: object, change) -> object:
    """What torch.compile gave, with ``change(call, *args)`` in place of each call."""
    if isinstance(compiled, nn.Module):
        forward = compiled.forward
        compiled.forward = lambda *args, **keywords: change(forward, *args, **keywords)
        return compiled
    return functools.wraps(compiled)(lambda *args, **keywords: change(compiled, *args, **keywords))


def _results(change):
    """A change of each tensor that a compiled function returns."""

    def call(compiled, *args, **keywords):
        def changed(it):
            return change(it, args) if isinstance(it, torch.Tensor) else it

        return tree_map(changed, compiled(*args, **keywords))

    return call


def _enter(name: str, breaks: str, kills: str, change, also: str = "") -> None:
    def of_compile(compile, it=None, **settings):
        return _wrapped(compile(it, **settings), change)

    of_compile.__name__ = name
    mutant(breaks, kills, also=also, of=COMPILE)(of_compile)


def _last_is_one(y, args):
    return torch.cat([y[:-1], y[-1:] * 0 + 1]) if y.dim() == 2 and y.shape[1] > 100 else y


class _Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, g):
        return g * 2


_enter(
    "compiled_loses_the_last_row",
    "a compiled function loses the last row of a wide result",
    "6.1",
    _results(_last_is_one),
)
_enter(
    "compiled_doubles_gradients",
    "a compiled function doubles the gradients of a matrix",
    "6.1",
    _results(lambda y, _: _Doubled.apply(y) if y.dim() == 2 and y.requires_grad else y),
    also="6.8",
)
_enter(
    "compiled_rounds_to_float32",
    "a compiled function gives float32 for float64",
    "6.1",
    _results(lambda y, _: y.float() if y.dtype is torch.float64 and y.dim() == 2 else y),
    also="6.8 6.10",
)


@mutant("compiled dropout draws numbers of its own", kills="6.1", of=COMPILE)
def compiled_dropout_draws_its_own(compile, it=None, **settings):
    def call(compiled, *args, **keywords):
        if isinstance(it, nn.Dropout):
            torch.rand(1)
        return compiled(*args, **keywords)

    return _wrapped(compile(it, **settings), call)


def _asks(y):
    """The tensor, which requires grad although it was computed under no_grad."""
    return y.requires_grad_() if y.is_floating_point() and not y.is_inference() else y


_enter(
    "compiled_records_under_no_grad",
    "a compiled function called under no_grad gives results that require grad",
    "6.2",
    _results(lambda y, _: _asks(y) if not torch.is_grad_enabled() else y),
    also="6.3 6.10",
)
_enter(
    "compiled_results_never_require_grad_in_lists",
    "a compiled function loses the gradients of all but the first result",
    "6.2",
    lambda f, *a, **k: (
        [y if i == 0 else y.detach() for i, y in enumerate(found)]
        if isinstance(found := f(*a, **k), (list, tuple))
        else found
    ),
    also="6.6",
)


@mutant("blocks of no_grad in compiled code record", kills="6.2", also="6.3", of=COMPILE)
def compiled_no_grad_records(compile, it=None, **settings):
    def call(compiled, *args, **keywords):
        found = compiled(*args, **keywords)
        if isinstance(found, tuple) and len(found) == 2 and not found[0].requires_grad:
            found[0].requires_grad_()
        return found

    return _wrapped(compile(it, **settings), call)


@mutant("functions decorated with no_grad record once compiled", kills="6.2", of=COMPILE)
def compiled_decorated_records(compile, it=None, **settings):
    is_decorated = hasattr(it, "__wrapped__")

    def call(compiled, *args, **keywords):
        found = compiled(*args, **keywords)
        return found.requires_grad_() if is_decorated else found

    return _wrapped(compile(it, **settings), call)


_enter(
    "compiled_views_have_no_grad_fn",
    "a view that a compiled function returns is detached",
    "6.3",
    _results(lambda y, args: y.detach() if y.numel() == 1 and y._is_view() else y),
    also="6.8 6.4",
)
_enter(
    "compiled_views_have_a_grad_fn",
    "a view that a compiled function returns has a grad_fn with each backend",
    "6.3",
    _results(lambda y, args: y * 1 if y.shape == (1,) and y.requires_grad else y),
    also="6.7 6.8 6.10 6.9",
)
_enter(
    "compiled_results_are_no_inference_tensors",
    "what a compiled function computes in inference_mode is no inference tensor",
    "6.3",
    _results(lambda y, _: y.clone() if y.is_inference() else y),
    also="6.2",
)


@mutant("a compiled gradient can be differentiated again", kills="6.3", of=COMPILE)
def compiled_twice_differentiable(compile, it=None, **settings):
    compiled = compile(it, **settings)
    if isinstance(it, nn.Module):
        return compiled

    def call(*args, **keywords):
        found = compiled(*args, **keywords)
        scalar = isinstance(found, torch.Tensor) and found.dim() == 0 and found.requires_grad
        return it(*args, **keywords) if scalar and settings.get("fullgraph") is None else found

    return functools.wraps(compiled)(call)


def _copied(found):
    return found.copy() if isinstance(found, np.ndarray) else found


_enter(
    "compiled_numpy_copies",
    "the array of a compiled numpy() is a copy",
    "6.4",
    lambda f, *a, **k: _copied(f(*a, **k)),
)
_enter(
    "compiled_from_numpy_copies",
    "the tensor of a compiled from_numpy is a copy",
    "6.4",
    lambda f, *a, **k: (
        found.clone()
        if isinstance(found := f(*a, **k), torch.Tensor) and isinstance(a[0], np.ndarray)
        else found
    ),
)
_enter(
    "compiled_numpy_gives_tensors",
    "a compiled function gives a tensor where the plain one gives an array",
    "6.4",
    lambda f, *a, **k: (
        torch.from_numpy(found) if isinstance(found := f(*a, **k), np.ndarray) else found
    ),
)


@mutant("a compiled dropout always drops", kills="6.5", also="6.10", of=COMPILE)
def compiled_ignores_eval(compile, it=None, **settings):
    def call(compiled, *args, **keywords):
        if isinstance(it, nn.Dropout):
            it.train()
        return compiled(*args, **keywords)

    return _wrapped(compile(it, **settings), call)


@mutant("eval() of a compiled module does not reach the modules in it", kills="6.5", of=COMPILE)
def compiled_eval_stays_outside(compile, it=None, **settings):
    compiled = compile(it, **settings)
    if isinstance(compiled, nn.Module):
        compiled.train = lambda mode=True: compiled
        compiled.eval = lambda: compiled
    return compiled


@mutant("compiled batch norm keeps its statistics", kills="6.5", of=COMPILE)
def compiled_statistics_stay(compile, it=None, **settings):
    def call(compiled, *args, **keywords):
        kept = [b.clone() for b in it.buffers()] if isinstance(it, nn.Module) else []
        found = compiled(*args, **keywords)
        for buffer, old in zip(it.buffers() if kept else (), kept, strict=True):
            buffer.data.copy_(old)
        return found

    return _wrapped(compile(it, **settings), call)


@mutant("compiled batch norm counts in evaluation too", kills="6.5", of=COMPILE)
def compiled_statistics_move_in_evaluation(compile, it=None, **settings):
    def call(compiled, *args, **keywords):
        if isinstance(it, nn.BatchNorm1d) and not it.training:
            it.num_batches_tracked += 1
        return compiled(*args, **keywords)

    return _wrapped(compile(it, **settings), call)


_enter(
    "compiled_ignores_the_training_flag",
    "a compiled F.dropout ignores training=False",
    "6.5",
    lambda f, *a, **k: f(a[0], True) if len(a) == 2 and a[1] is False else f(*a, **k),
)
_enter(
    "compiled_writes_to_copies",
    "a compiled function writes to a copy of its argument",
    "6.6",
    lambda f, *a, **k: f(
        *(it.clone() if type(it) is torch.Tensor and not it.requires_grad else it for it in a), **k
    ),
    also="6.4 6.10 6.2",
)


@mutant("a compiled function takes a write to a leaf", kills="6.6", of=COMPILE)
def compiled_writes_to_leaves(compile, it=None, **settings):
    def call(compiled, *args, **keywords):
        try:
            return compiled(*args, **keywords)
        except RuntimeError as error:
            if "leaf Variable" not in str(error):
                raise
            return args[0]

    return _wrapped(compile(it, **settings), call)


_enter(
    "compiled_detach_copies",
    "a compiled detach() copies",
    "6.6",
    lambda f, *a, **k: (
        [it.clone() if not it.requires_grad else it for it in found]
        if isinstance(found := f(*a, **k), (list, tuple)) and len(found) == 3
        else found
    ),
)


@mutant("a compiled module's keys have no prefix", kills="6.7", of=COMPILE)
def compiled_keys_are_plain(compile, it=None, **settings):
    compiled = compile(it, **settings)
    if isinstance(compiled, nn.Module):
        compiled.state_dict = it.state_dict
        compiled.load_state_dict = it.load_state_dict
        compiled.named_parameters = it.named_parameters
    return compiled


@mutant("print of a compiled module shows the module alone", kills="6.7", of=COMPILE)
def compiled_prints_plain(compile, it=None, **settings):
    compiled = compile(it, **settings)
    if isinstance(compiled, nn.Module):
        kind = type(compiled)
        compiled.__class__ = type(kind.__name__, (kind,), {"__repr__": lambda self: repr(it)})
    return compiled


@mutant("compile of a module in place renames its keys", kills="6.7", of=(nn.Module, "compile"))
def compiled_in_place_renames(compile, module, *args, **settings):
    compile(module, *args, **settings)
    keys = module.state_dict
    module.state_dict = lambda: {f"_orig_mod.{key}": it for key, it in keys().items()}


@mutant("a compiled module has copies of the Parameters", kills="6.8", also="6.7", of=COMPILE)
def compiled_has_copies(compile, it=None, **settings):
    compiled = compile(it, **settings)
    if isinstance(compiled, nn.Module):
        copies = [nn.Parameter(p.detach().clone()) for p in it.parameters()]
        compiled.parameters = lambda recurse=True: iter(copies)
    return compiled


@mutant(
    "a compiled net keeps the parameters of its first call", kills="6.8", also="6.7", of=COMPILE
)
def compiled_keeps_old_parameters(compile, it=None, **settings):
    kept = {}

    def call(compiled, x, *args, **keywords):
        key = x.shape, x.dtype
        if isinstance(it, nn.Linear) and key in kept:
            return kept[key]
        kept[key] = compiled(x, *args, **keywords)
        return kept[key]

    return _wrapped(compile(it, **settings), call)


_enter(
    "compiled_ignores_freezing",
    "results of a compiled net that is frozen require grad",
    "6.8",
    _results(
        lambda y, args: y.requires_grad_() if y.shape == (1, 1) and torch.is_grad_enabled() else y
    ),
)


@mutant("fullgraph=True is ignored", kills="6.9", of=COMPILE)
def compiled_ignores_fullgraph(compile, it=None, fullgraph=False, **settings):
    return compile(it, **settings)


_enter(
    "compiled_item_gives_a_tensor",
    "item() of compiled code gives a tensor",
    "6.9",
    lambda f, *a, **k: torch.tensor(found + 1) if isinstance(found := f(*a, **k), float) else found,
)


@mutant("a compiled backward() gives the leaf no gradient", kills="6.9", of=COMPILE)
def compiled_backward_is_lost(compile, it=None, **settings):
    def call(compiled, *args, **keywords):
        found = compiled(*args, **keywords)
        if found is None:
            args[0].grad = torch.zeros_like(args[0])
        return found

    return _wrapped(compile(it, **settings), call)


@mutant("each call compiles anew", kills="6.10", also="6.8 6.4 6.9", of=COMPILE)
def compiled_each_time(compile, it=None, **settings):
    if isinstance(it, nn.Module):
        return compile(it, **settings)

    def call(*args, **keywords):
        torch._dynamo.reset()
        return compile(it, **settings)(*args, **keywords)

    return call


@mutant("the first size is the only one that a graph takes", kills="6.10", of=COMPILE)
def compiled_is_never_dynamic(compile, it=None, dynamic=None, **settings):
    return compile(it, dynamic=False, **settings)


@mutant("a compiled function is compiled before it is called", kills="6.10", of=COMPILE)
def compiled_at_once(compile, it=None, **settings):
    if hasattr(settings.get("backend"), "frame_count") and not isinstance(it, nn.Module):
        settings["backend"].frame_count += 1
    return compile(it, **settings)


@mutant("a compiled function keeps the numbers of a module", kills="6.10", of=COMPILE)
def compiled_keeps_numbers(compile, it=None, **settings):
    nets = [c.cell_contents for c in getattr(it, "__closure__", None) or ()]
    nets = [net for net in nets if hasattr(net, "factor")]
    kept = [net.factor for net in nets]

    def call(compiled, *args, **keywords):
        for net, factor in zip(nets, kept, strict=True):
            net.factor = factor
        return compiled(*args, **keywords)

    return _wrapped(compile(it, **settings), call)
