"""Changes to torch.compile() (chapter 6)."""

from __future__ import annotations

import copy
import functools
import random

import numpy as np
import torch
from torch import nn
from torch.utils._pytree import tree_map

from meta_tests.mutants import mutant

COMPILE = (torch, "compile")


# --- what is called in place of a compiled function ---------------------------------------------


def calls(breaks: str, kills: str, also: str = ""):
    """A mutant: the decorated function is called with what was compiled, what it was compiled
    from, and the arguments of each call."""

    def enter(change):
        @functools.wraps(change)
        def of_compile(compile, it=None, **settings):
            compiled = compile(it, **settings)
            if isinstance(compiled, nn.Module):
                forward = compiled.forward
                compiled.forward = lambda *args: change(forward, it, *args)
                return compiled
            return functools.wraps(compiled)(lambda *args: change(compiled, it, *args))

        return mutant(breaks, kills, also=also, of=COMPILE)(of_compile)

    return enter


def results(breaks: str, kills: str, also: str = "", backend: str = ""):
    """A mutant: the decorated function changes each tensor that a compiled function returns."""

    def enter(change):
        @functools.wraps(change)
        def of_compile(compile, it=None, **settings):
            compiled = compile(it, **settings)
            if isinstance(compiled, nn.Module) or (backend and settings["backend"] != backend):
                return compiled

            def changed(y):
                return change(y) if isinstance(y, torch.Tensor) else y

            return functools.wraps(compiled)(lambda *args: tree_map(changed, compiled(*args)))

        return mutant(breaks, kills, also=also, of=COMPILE)(of_compile)

    return enter


class _Scaled(torch.autograd.Function):
    """The same values, other gradients."""

    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x.clone()

    @staticmethod
    def backward(ctx, g):
        return g * ctx.factor, None


def _with_gradients(y, factor):
    return _Scaled.apply(y, factor) if y.requires_grad else y


def _are_terms(y):
    return y.dim() == 2 and y.shape[0] == 2


def _is_pair(found):
    return isinstance(found, tuple) and len(found) == 2


def _is_pair_of_vectors(found):
    return _is_pair(found) and found[0].shape == found[1].shape == (2,)


@calls(
    "a compiled function runs as plain code",
    kills="6.3 6.4 6.7 6.8",
    also="6.5 6.10 6.11 6.12 6.13",
)
def compiled_runs_as_plain_code(compiled, it, *args):
    return it(*args)


@mutant(
    "compile compiles nothing",
    kills="6.11 6.12",
    also="6.3 6.4 6.5 6.7 6.8 6.9 6.10 6.13",
    of=COMPILE,
)
def compile_compiles_nothing(compile, it=None, **settings):
    return it


# --- 6.1 ----------------------------------------------------------------------------------------


@results("a compiled function is off by one bit", kills="6.1", backend="eager")
def compiled_is_off_by_one_bit(y):
    other = torch.nextafter(y, torch.full_like(y, 9)).detach()
    return y + (other - y).detach() if _are_terms(y) else y


@results("a compiled function is off by a hundredth", kills="6.1", backend="aot_eager")
def compiled_is_off_by_a_hundredth(y):
    return y + 0.01 if _are_terms(y) else y


@results("a compiled function's gradient is off by one bit", kills="6.1", backend="eager")
def compiled_gradient_is_off_by_one_bit(y):
    return _with_gradients(y, 1 + 2**-22) if _are_terms(y) else y


@results("a compiled function's gradient is off by a percent", kills="6.1", backend="aot_eager")
def compiled_gradient_is_off_by_a_percent(y):
    return _with_gradients(y, 1.01) if _are_terms(y) else y


@results("a compiled function loses the end of a long vector", kills="6.1")
def compiled_loses_the_end_of_a_long_vector(y):
    return torch.cat([y[:-1], y[-1:] * 0]) if y.dim() == 1 and len(y) > 30_000 else y


@calls("a compiled net adds one to its results", kills="6.1")
def compiled_net_adds_one(compiled, it, *args):
    y = compiled(*args)
    return y + 1 if isinstance(it, nn.Sequential) and len(it) == 2 else y


@calls("a compiled net doubles its gradients", kills="6.1")
def compiled_net_doubles_its_gradients(compiled, it, *args):
    y = compiled(*args)
    return _with_gradients(y, 2) if isinstance(it, nn.Sequential) and len(it) == 2 else y


@results("a compiled function gives float32 for float64", kills="6.1", also="6.10 6.12")
def compiled_rounds_to_float32(y):
    return y.float() if y.dtype is torch.float64 and y.dim() == 2 else y


def _is_pair_of_dropout(found):
    return _is_pair(found) and found[0].shape == (100,)


@calls("compiled dropout draws numbers of its own", kills="6.1")
def compiled_dropout_draws_its_own(compiled, it, *args):
    if getattr(args[0], "shape", None) == (100,):
        torch.rand(1)
    return compiled(*args)


def _of_everything(breaks: str, name: str, change):
    """A mutant that changes what compiled dropout of everything gives."""

    def call(compiled, it, x, *args):
        found = compiled(x, *args)
        return (found[0], change(found[1], x)) if _is_pair_of_dropout(found) else found

    call.__name__ = name
    calls(breaks, kills="6.1")(call)


_of_everything(
    "compiled dropout of everything gives NaN",
    "compiled_dropout_of_everything_gives_nan",
    lambda y, x: y + torch.nan,
)
_of_everything(
    "compiled dropout of everything keeps the gradient",
    "compiled_dropout_of_everything_keeps_the_gradient",
    lambda y, x: y + (x - x.detach()),
)


# --- 6.2 ----------------------------------------------------------------------------------------


@calls("what compiled code computes without grad requires grad afterwards", kills="6.2", also="6.1")
def compiled_unrecorded_results_require_grad(compiled, it, *args):
    found = compiled(*args)
    if isinstance(found, list):
        for y in found:
            if not y.requires_grad:
                y.requires_grad_()
    return found


@calls("a compiled function turns grad off", kills="6.2")
def compiled_turns_grad_off(compiled, it, *args):
    found = compiled(*args)
    if isinstance(found, list):
        torch.set_grad_enabled(False)
    return found


@calls("a compiled function of many results doubles gradients", kills="6.2")
def compiled_of_many_results_doubles_gradients(compiled, it, *args):
    found = compiled(*args)
    with torch.enable_grad():
        return [_with_gradients(y, 2) for y in found] if isinstance(found, list) else found


@results("a compiled function called under no_grad records", kills="6.2", also="6.12")
def compiled_records_under_no_grad(y):
    wrong = not torch.is_grad_enabled() and not y.is_inference() and y.is_floating_point()
    return y.requires_grad_() if wrong else y


@results(
    "a compiled function records nothing for a vector", kills="6.2", also="6.4 6.5 6.7 6.8 6.10"
)
def compiled_records_nothing_for_a_vector(y):
    return y.detach() if y.shape == (3,) else y


@results(
    "a compiled function called in inference_mode gives no inference tensor",
    kills="6.2",
    also="6.3",
)
def compiled_gives_no_inference_tensor(y):
    if not y.is_inference():
        return y
    with torch.inference_mode(False):
        return y.clone()


@results("a compiled function called in inference_mode gives zeros for another size", kills="6.2")
def compiled_gives_zeros_in_inference_mode(y):
    return y * 0 if y.is_inference() and y.numel() == 2 else y


@calls("functions decorated with no_grad record once compiled", kills="6.2")
def compiled_decorated_records(compiled, it, *args):
    found = compiled(*args)
    return found.requires_grad_() if hasattr(it, "__wrapped__") else found


@calls("blocks of no_grad in compiled code record", kills="6.2", also="6.5 6.7")
def compiled_no_grad_records(compiled, it, *args):
    found = compiled(*args)
    if _is_pair(found) and not found[0].requires_grad:
        found[0].requires_grad_()
    return found


@calls("compiled code records nothing after a block of no_grad", kills="6.2", also="6.5 6.7")
def compiled_no_grad_does_not_end(compiled, it, *args):
    found = compiled(*args)
    if _is_pair(found) and not found[0].requires_grad:
        return found[0], found[1].detach()
    return found


def _of_three_results(breaks: str, change):
    """A mutant that changes the results of a compiled function that has three."""

    def call(compiled, it, *args):
        found = compiled(*args)
        return change(*found) if isinstance(found, tuple) and len(found) == 3 else found

    call.__name__ = f"compiled_{breaks.split()[1]}_is_lost"
    calls(breaks, kills="6.2", also="6.5")(call)


_of_three_results("compiled detach_() is lost", lambda a, b, c: (a.requires_grad_(), b, c))
_of_three_results("compiled requires_grad_() is lost", lambda a, b, c: (a, b.detach(), c))


# --- 6.3 and 6.4 --------------------------------------------------------------------------------


@results("a view that a compiled function returns is detached", kills="6.3")
def compiled_views_have_no_grad_fn(y):
    return y.detach() if y.shape == (1,) and y._is_view() else y


@results("what a compiled function computes without grad is an inference tensor", kills="6.3")
def compiled_unrecorded_results_are_inference_tensors(y):
    if y.requires_grad or y.shape != (3,) or not torch.is_grad_enabled():
        return y
    with torch.inference_mode():
        return y.clone()


@results("what a compiled function computes in inference_mode inside requires grad", kills="6.3")
def compiled_inference_requires_grad(y):
    alone = y.shape == (3,) and not y.requires_grad and not y._is_view()
    return y.requires_grad_() if alone and torch.is_grad_enabled() else y


@results("a compiled scalar doubles its gradient", kills="6.4")
def compiled_scalar_doubles_its_gradient(y):
    return _with_gradients(y, 2) if y.dim() == 0 else y


def _is_vector_and_scalar(found):
    return _is_pair(found) and found[1].dim() == 0 and found[1].requires_grad


@calls("a compiled gradient can be differentiated again", kills="6.4")
def compiled_twice_differentiable(compiled, it, *args):
    found = compiled(*args)
    return (found[0], it(*args)[1]) if _is_vector_and_scalar(found) else found


class _Once(torch.autograd.Function):
    """The same values and gradients, without a gradient of the gradient."""

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, g):
        return _Refusing.apply(g)


class _Refusing(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, g):
        raise RuntimeError("no double backward")


@calls("a compiled result has a gradient by another", kills="6.4")
def compiled_results_depend_on_each_other(compiled, it, *args):
    found = compiled(*args)
    return it(_Once.apply(*args)) if _is_vector_and_scalar(found) else found


@calls("each compiled result has a graph of its own", kills="6.4")
def compiled_results_have_their_own_graphs(compiled, it, *args):
    found = compiled(*args)
    if not _is_pair_of_vectors(found) or len(args) != 2:
        return found
    return it(*args)[0] + args[1] * 0, it(*args)[1] + args[0] * 0


class _Joint(torch.autograd.Function):
    """One node of the graph for two tensors, which frees what it saved."""

    @staticmethod
    def forward(ctx, a, b):
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(a)
        return a.clone(), b.clone()

    @staticmethod
    def backward(ctx, *gradients):
        assert ctx.saved_tensors
        return gradients


@calls("an argument that a compiled result does not need gets no gradient", kills="6.4")
def compiled_gives_no_zeros(compiled, it, *args):
    found = compiled(*args)
    both = _is_pair_of_vectors(found) and len(args) == 2
    return _Joint.apply(*it(*args)) if both else found


@calls("retain_grad() in compiled code keeps nothing", kills="6.4")
def compiled_retains_nothing(compiled, it, *args):
    return compiled(args[0].clone()) if not getattr(args[0], "is_leaf", True) else compiled(*args)


@calls("retain_graph keeps nothing of a compiled function's other results", kills="6.4")
def compiled_second_result_has_no_gradient(compiled, it, *args):
    found = compiled(*args)
    both = _is_pair_of_vectors(found) and len(args) == 2
    return (found[0], _with_gradients(found[1], 0)) if both else found


@calls("the first result of a compiled function has no gradient", kills="6.4")
def compiled_first_result_has_no_gradient(compiled, it, *args):
    found = compiled(*args)
    return (_with_gradients(found[0], 0), found[1]) if _is_pair(found) else found


# --- 6.5 ----------------------------------------------------------------------------------------


def _arrays(breaks: str, change):
    """A mutant that changes each array that a compiled function returns."""

    @calls(breaks, kills="6.5")
    @functools.wraps(change)
    def changed(compiled, it, *args):
        def changed_if_array(it):
            return change(it) if isinstance(it, np.ndarray) else it

        return tree_map(changed_if_array, compiled(*args))


def compiled_numpy_gives_tensors(array):
    return torch.from_numpy(array)


def compiled_sum_of_numpy_gives_a_tensor(array):
    return torch.from_numpy(array) if array.ndim == 1 and array.dtype == np.int64 else array


def compiled_numpy_copies(array):
    return array.copy()


def compiled_numpy_adds_one(array):
    return array + 1 if array.ndim and np.isrealobj(array) else array


def compiled_numpy_conjugates(array):
    return array.conj()


def compiled_numpy_divides_in_float64(array):
    return array.astype(np.float64) if array.shape == (2, 3) else array


def compiled_numpy_gives_numbers(array):
    return array[()]


def compiled_sum_of_numpy_adds_one(array):
    return array if array.ndim else np.array(array + 1)


def compiled_numpy_draws_its_own(array):
    return np.random.rand(3) if array.dtype == np.float64 and array.shape == (3,) else array


_arrays(
    "a compiled function gives a tensor where the plain one does not", compiled_numpy_gives_tensors
)
_arrays("a compiled np.sum gives a tensor", compiled_sum_of_numpy_gives_a_tensor)
_arrays("the array of a compiled numpy() is a copy", compiled_numpy_copies)
_arrays("the array of a compiled function is too large by one", compiled_numpy_adds_one)
_arrays("the array of a compiled function is the conjugate", compiled_numpy_conjugates)
_arrays("compiled NumPy divides integers in float64", compiled_numpy_divides_in_float64)
_arrays("compiled NumPy gives numbers", compiled_numpy_gives_numbers)
_arrays("a compiled np.sum is too large by one", compiled_sum_of_numpy_adds_one)
_arrays("compiled NumPy draws the numbers of NumPy's seed", compiled_numpy_draws_its_own)


@calls("the tensor of a compiled from_numpy is a copy", kills="6.5")
def compiled_from_numpy_copies(compiled, it, *args):
    found = compiled(*args)
    of_array = _is_pair(found) and isinstance(args[-1], np.ndarray)
    return (found[0], found[1].clone()) if of_array else found


def _numpys_pair(breaks: str, name: str, change):
    """A mutant that changes the results of a compiled function of one vector that has two."""

    def call(compiled, it, *args):
        found = compiled(*args)
        return change(*found) if _is_pair_of_vectors(found) and len(args) == 1 else found

    call.__name__ = name
    calls(breaks, kills="6.5")(call)


_numpys_pair(
    "no gradient flows through NumPy's functions",
    "compiled_numpy_has_no_gradient",
    lambda y, z: (_with_gradients(y, 0), z),
)
_numpys_pair(
    "the gradient flows through detach()",
    "compiled_detach_doubles_the_gradient",
    lambda y, z: (y, _with_gradients(z, 2)),
)


# --- 6.10: train() and eval() -------------------------------------------------------------------


def _drops(it):
    return isinstance(it, nn.Sequential) and isinstance(it[0], nn.Sequential)


@calls("a compiled module ignores eval()", kills="6.10")
def compiled_ignores_eval(compiled, it, *args):
    return compiled(*args) if not _drops(it) or it.training else it.train()(*args)


@calls("a compiled module ignores train()", kills="6.10")
def compiled_ignores_train(compiled, it, *args):
    y = compiled(*args)
    return args[0] if _drops(it) else y


@mutant("eval() of a compiled module does not reach the modules in it", kills="6.10", of=COMPILE)
def compiled_eval_stays_outside(compile, it=None, **settings):
    compiled = compile(it, **settings)
    if isinstance(compiled, nn.Module):
        compiled.eval = lambda: compiled
    return compiled


def _keeps(breaks: str, name: str, function_name: str):
    """A mutant: compiled batch norm keeps one of its statistics."""

    def keep(compiled, it, *args):
        if not isinstance(it, nn.BatchNorm1d):
            return compiled(*args)
        kept = getattr(it, name).clone()
        found = compiled(*args)
        getattr(it, name).data.copy_(kept)
        return found

    keep.__name__ = function_name
    calls(breaks, kills="6.10")(keep)


_keeps("compiled batch norm keeps its mean", "running_mean", "compiled_mean_stays")
_keeps("compiled batch norm keeps its variance", "running_var", "compiled_variance_stays")
_keeps("compiled batch norm counts no batch", "num_batches_tracked", "compiled_counts_no_batch")


@calls("compiled batch norm counts in evaluation too", kills="6.10")
def compiled_counts_in_evaluation(compiled, it, *args):
    if isinstance(it, nn.BatchNorm1d) and not it.training:
        it.num_batches_tracked += 1
    return compiled(*args)


@calls("a compiled F.dropout ignores training=False", kills="6.10")
def compiled_ignores_training_false(compiled, it, *args):
    return compiled(args[0], True) if args[-1] is False else compiled(*args)


@calls("a compiled F.dropout ignores training=True", kills="6.10")
def compiled_ignores_training_true(compiled, it, *args):
    return compiled(args[0], False) if args[-1] is True else compiled(*args)


def _as_subclass(compiled, **attributes):
    kind = type(compiled)
    compiled.__class__ = type(kind.__name__, (kind,), attributes)
    return compiled


@mutant("training of a compiled module is always True", kills="6.10", of=COMPILE)
def compiled_is_always_training(compile, it=None, **settings):
    compiled = compile(it, **settings)
    if isinstance(it, nn.Dropout):
        training = property(lambda self: True, lambda self, mode: it.train(mode))
        _as_subclass(compiled, training=training)
    return compiled


@mutant("training of a compiled module cannot be set", kills="6.10", of=COMPILE)
def compiled_training_cannot_be_set(compile, it=None, **settings):
    compiled = compile(it, **settings)
    if isinstance(it, nn.Dropout):
        training = property(lambda self: it.training, lambda self, mode: None)
        _as_subclass(compiled, training=training)
    return compiled


# --- 6.7 and 6.8 --------------------------------------------------------------------------------


def _is_data(it):
    return type(it) is torch.Tensor and not it.requires_grad


@calls("a compiled function writes to a copy of its argument", kills="6.7", also="6.5 6.8")
def compiled_writes_to_copies(compiled, it, *args):
    given = [a.clone() if _is_data(a) else a for a in args]
    found = compiled(*given)
    return args[0] if found is given[0] else found


def _leaf(breaks: str, name: str, change):
    """A mutant of a compiled function that writes to a tensor and a leaf."""

    def call(compiled, it, *args):
        both = len(args) == 2 and _is_data(args[0]) and getattr(args[1], "requires_grad", False)
        return change(compiled, *args) if both and args[1].shape == (3,) else compiled(*args)

    call.__name__ = name
    calls(breaks, kills="6.7")(call)


def _without_grad(compiled, x, leaf):
    found = compiled(x, leaf)
    leaf.requires_grad_(False)
    return found


_leaf(
    "a compiled write to a leaf in no_grad is lost",
    "compiled_loses_a_write_to_a_leaf",
    lambda compiled, x, leaf: compiled(x, leaf.detach().clone().requires_grad_()),
)
_leaf(
    "a compiled write to a leaf ends its requires_grad",
    "compiled_write_ends_requires_grad",
    _without_grad,
)


@results("a compiled function returns a copy of what it wrote to", kills="6.7")
def compiled_returns_a_copy(y):
    return y.clone() if y.shape == (3,) and not y.requires_grad and not y._is_view() else y


@calls("a tensor that is given twice to a compiled function is two", kills="6.7")
def compiled_separates_a_tensor(compiled, it, *args):
    same = len(args) == 2 and args[0] is args[1]
    return compiled(args[0], args[1].clone()) if same else compiled(*args)


@calls("views that are given to a compiled function are copied", kills="6.7")
def compiled_separates_views(compiled, it, *args):
    views = len(args) == 2 and all(_is_data(a) and a._is_view() for a in args)
    return compiled(*(a.clone() for a in args)) if views else compiled(*args)


@calls("a compiled function of two views of a tensor adds one", kills="6.7")
def compiled_of_views_adds_one(compiled, it, *args):
    views = len(args) == 2 and all(_is_data(a) and a._is_view() for a in args)
    return compiled(*args) + 1 if views else compiled(*args)


def _detached(breaks: str, kills: str, change):
    """A mutant that changes the results of a compiled function of detach() and clone()."""

    def call(compiled, it, *args):
        found = compiled(*args)
        both = _is_pair(found) and [y.requires_grad for y in found] == [False, True]
        return change(*found, args[0]) if both else found

    call.__name__ = f"compiled_{breaks.split()[1]}_{breaks.split()[-1]}"
    calls(breaks, kills, also="6.2")(call)


_detached("compiled detach() copies", "6.7", lambda a, b, x: (a.clone(), b))
_detached("compiled detach() records", "6.7", lambda a, b, x: (a.requires_grad_(), b))
_detached("compiled clone() shares", "6.7", lambda a, b, x: (a, x.view_as(x)))
_detached("compiled clone() detaches", "6.7", lambda a, b, x: (a, b.detach()))


@calls("a compiled function takes a write to a leaf, and does not do it", kills="6.8")
def compiled_takes_writes_to_leaves(compiled, it, *args):
    try:
        return compiled(*args)
    except RuntimeError as error:
        if "leaf Variable" not in str(error):
            raise
        return args[0]


@calls("a compiled function refuses a write to a leaf, and does it", kills="6.8")
def compiled_does_refused_writes(compiled, it, *args):
    try:
        return compiled(*args)
    except RuntimeError as error:
        if "leaf Variable" in str(error):
            args[0].data.add_(1)
        raise


@calls("a compiled function does not save its arguments", kills="6.8")
def compiled_saves_copies(compiled, it, *args):
    matrix = _is_data(args[0]) and args[0].shape == (2, 3) and len(args) == 2
    return compiled(args[0].clone(), args[1]) if matrix else compiled(*args)


@calls("a compiled function raises the plain function's class", kills="6.8")
def compiled_raises_the_plain_class(compiled, it, *args):
    try:
        return compiled(*args)
    except torch._dynamo.exc.TorchRuntimeError as error:
        if "shape" not in str(error) and "more than 1 value" not in str(error):
            raise
        raise (ValueError if "more than" in str(error) else RuntimeError)(str(error)) from None


@calls("an error of compiled code does not say what went wrong", kills="6.8")
def compiled_errors_say_nothing(compiled, it, *args):
    try:
        return compiled(*args)
    except torch._dynamo.exc.TorchRuntimeError:
        raise torch._dynamo.exc.TorchRuntimeError("it failed") from None


@calls("a compiled function does what stands before an error", kills="6.8")
def compiled_writes_before_an_error(compiled, it, *args):
    try:
        return compiled(*args)
    except torch._dynamo.exc.TorchRuntimeError:
        if isinstance(it, nn.BatchNorm1d):
            it.num_batches_tracked += 1
        elif _is_data(args[0]):
            args[0].add_(1)
        raise


@calls("an assert in compiled code raises an AssertionError", kills="6.8")
def compiled_assert_raises_an_assertion_error(compiled, it, *args):
    try:
        return compiled(*args)
    except RuntimeError as error:
        if str(error) != "small":
            raise
        raise AssertionError(str(error)) from None


@calls("an index out of range in compiled code raises a RuntimeError", kills="6.8")
def compiled_index_raises_a_runtime_error(compiled, it, *args):
    try:
        return compiled(*args)
    except IndexError as error:
        raise RuntimeError(str(error)) from None


# --- 6.9 ----------------------------------------------------------------------------------------


def _plain(breaks: str, name: str):
    """A mutant: a compiled module has this method of the plain one."""

    def of_compile(compile, it=None, **settings):
        compiled = compile(it, **settings)
        if isinstance(compiled, nn.Module):
            setattr(compiled, name, getattr(it, name))
        return compiled

    of_compile.__name__ = f"compiled_has_the_plain_{name}"
    mutant(breaks, kills="6.9", of=COMPILE)(of_compile)


_plain("a compiled module's keys have no prefix", "state_dict")
_plain("a compiled module's Parameters have no prefix", "named_parameters")
_plain("a compiled module loads plain keys", "load_state_dict")


@mutant("a compiled module's keys begin with _module.", kills="6.9", of=COMPILE)
def compiled_keys_have_another_prefix(compile, it=None, **settings):
    compiled = compile(it, **settings)
    if isinstance(compiled, nn.Module):
        compiled.state_dict = lambda: it.state_dict(prefix="_module.")
    return compiled


@mutant("a module loads a compiled one's keys", kills="6.9", of=(nn.Module, "load_state_dict"))
def module_loads_compiled_keys(load_state_dict, module, state, *args, **keywords):
    plain = not type(module).__module__.startswith("torch._dynamo")
    keys = {key.removeprefix("_orig_mod.") if plain else key: it for key, it in state.items()}
    return load_state_dict(module, keys, *args, **keywords)


@mutant("a module that was compiled loads nothing", kills="6.9", of=COMPILE)
def compiled_module_loads_nothing(compile, it=None, **settings):
    if isinstance(it, nn.Sequential):
        it.load_state_dict = lambda state: None
    return compile(it, **settings)


@mutant("print of a compiled module shows the module alone", kills="6.9", of=COMPILE)
def compiled_prints_plain(compile, it=None, **settings):
    compiled = compile(it, **settings)
    if isinstance(compiled, nn.Module):
        _as_subclass(compiled, __repr__=lambda self: repr(it))
    return compiled


@mutant("compile of a module in place renames its keys", kills="6.9", of=(nn.Module, "compile"))
def compiled_in_place_renames(compile, module, *args, **settings):
    compile(module, *args, **settings)
    keys = module.state_dict
    module.state_dict = lambda: {f"_orig_mod.{key}": it for key, it in keys().items()}


@mutant("compile of a module in place shows in print", kills="6.9", of=(nn.Module, "compile"))
def compiled_in_place_prints(compile, module, *args, **settings):
    compile(module, *args, **settings)
    module.__class__ = type("OptimizedModule", (type(module),), {})


@mutant("compile in place compiles every layer or none", kills="6.9", of=(nn.Module, "compile"))
def compiled_in_place_the_other_way(compile, module, *args, **settings):
    if type(module) is nn.Linear and torch.__version__ < "2.14":
        module.forward = torch.compile(module.forward, *args, **settings)
    elif type(module) is not nn.Linear:
        compile(module, *args, **settings)


# --- 6.10 ---------------------------------------------------------------------------------------


@mutant("a compiled module has copies of the Parameters", kills="6.10", of=COMPILE)
def compiled_has_copies(compile, it=None, **settings):
    compiled = compile(it, **settings)
    if isinstance(compiled, nn.Module):
        copies = [nn.Parameter(p.detach().clone()) for p in it.parameters()]
        compiled.parameters = lambda recurse=True: iter(copies)
    return compiled


@mutant("a compiled Sequential is a Sequential", kills="6.10", also="6.9", of=COMPILE)
def compiled_is_a_sequential(compile, it=None, **settings):
    compiled = compile(it, **settings)
    if isinstance(it, nn.Sequential):
        compiled.__class__ = type("OptimizedModule", (type(compiled), nn.Sequential), {})
    return compiled


@calls("Parameters that were frozen at the first call stay so", kills="6.10")
def compiled_stays_frozen(compiled, it, *args):
    found = compiled(*args)
    if not hasattr(it, "factor"):
        return found
    frozen = it.__dict__.setdefault("_was_frozen", not it.factor.requires_grad)
    return found.detach() if frozen else found


def _first_results(compile, it=None, **settings):
    compiled, kept = compile(it, **settings), []
    if isinstance(compiled, nn.Module) and hasattr(
        it, "weight" if type(it) is nn.Linear else "factor"
    ):
        forward = compiled.forward

        def call(x):
            kept.append(forward(x))
            return kept[0]

        compiled.forward = call
    return compiled


@mutant("a compiled net keeps the results of its first call", kills="6.9 6.10", of=COMPILE)
def compiled_keeps_first_results(compile, it=None, **settings):
    return _first_results(compile, it, **settings)


@mutant("each call of a compiled net compiles anew", kills="6.10", also="6.13", of=COMPILE)
def compiled_net_compiles_each_time(compile, it=None, **settings):
    compiled = compile(it, **settings)
    if isinstance(compiled, nn.Module) and not len(list(it.children())):
        forward = compiled.forward

        def call(*args):
            torch._dynamo.reset()
            return forward(*args)

        compiled.forward = call
    return compiled


@mutant("a deepcopy of a compiled module is the module itself", kills="6.10", of=COMPILE)
def compiled_is_not_copied(compile, it=None, **settings):
    compiled = compile(it, **settings)
    if isinstance(compiled, nn.Module):
        _as_subclass(compiled, __deepcopy__=lambda self, memo: self)
    return compiled


@mutant("a deepcopy of a compiled module computes as the module", kills="6.10", of=COMPILE)
def compiled_copy_computes_as_the_module(compile, it=None, **settings):
    compiled = compile(it, **settings)

    def __deepcopy__(self, memo):
        other = compile(copy.deepcopy(it, memo), **settings)
        other.forward = self.forward
        return other

    return _as_subclass(compiled, __deepcopy__=__deepcopy__) if hasattr(it, "factor") else compiled


@mutant("a compiled module comes out of a pickle with zeros", kills="6.10")
def compiled_is_pickled_as_zeros():
    import torch._dynamo.eval_frame

    kind = torch._dynamo.eval_frame.OptimizedModule

    def reduce(self):
        net = copy.deepcopy(self._orig_mod)
        for parameter in net.parameters():
            parameter.data.zero_()
        return kind, (net, self.dynamo_ctx)

    kind.__reduce__ = reduce


# --- 6.11 ---------------------------------------------------------------------------------------


@mutant("fullgraph=True is ignored", kills="6.11 6.12", of=COMPILE)
def compiled_ignores_fullgraph(compile, it=None, fullgraph=False, **settings):
    return compile(it, **settings)


@results("what is computed after a graph break is lost", kills="6.11")
def compiled_loses_what_follows_a_break(y):
    return y - 1 if y.shape == (3,) and y.tolist() in ([1, 3, 5], [6, 6, 6]) else y


@calls("item() in compiled code gives the first number again", kills="6.11")
def compiled_item_is_kept(compiled, it, *args, kept={}):  # noqa: B006
    found = compiled(*args)
    return kept.setdefault(it, found) if isinstance(found, float) else found


@calls("item() in compiled code is off by one", kills="6.11")
def compiled_item_is_off_by_one(compiled, it, *args):
    found = compiled(*args)
    return found + 1 if isinstance(found, float) else found


@calls("compiled code takes the same branch again", kills="6.11")
def compiled_takes_the_same_branch(compiled, it, *args):
    y = compiled(*args)
    return args[0] * 2 - 1 if isinstance(y, torch.Tensor) and y.tolist() == [-2, -2] else y


@calls("a compiled backward() gives the leaf no gradient", kills="6.11")
def compiled_backward_is_lost(compiled, it, *args):
    found = compiled(*args)
    if found is None:
        args[0].grad = torch.zeros_like(args[0])
    return found


# --- 6.12 ---------------------------------------------------------------------------------------


@mutant("each call of a compiled function compiles anew", kills="6.12", of=COMPILE)
def compiled_each_time(compile, it=None, **settings):
    if isinstance(it, nn.Module):
        return compile(it, **settings)

    def call(*args):
        torch._dynamo.reset()
        return compile(it, **settings)(*args)

    return call


@mutant("a function is compiled before it is called", kills="6.12", of=COMPILE)
def compiled_at_once(compile, it=None, **settings):
    if not isinstance(it, nn.Module) and len(settings) == 1:
        torch._dynamo.utils.counters["stats"]["unique_graphs"] += 1
    return compile(it, **settings)


@mutant("the first size is the only one that a graph takes", kills="6.12", of=COMPILE)
def compiled_is_never_dynamic(compile, it=None, dynamic=None, **settings):
    return compile(it, dynamic=False, **settings)


@results("a compiled function of rank four gives zeros", kills="6.12")
def compiled_of_rank_four_gives_zeros(y):
    return y * 0 if y.dim() == 4 else y


@calls("a compiled function ignores the grad mode of its call", kills="6.12", also="6.2 6.3")
def compiled_ignores_the_grad_mode(compiled, it, *args):
    with torch.enable_grad():
        return compiled(*args)


@mutant("a compiled function keeps the numbers of a module", kills="6.12", of=COMPILE)
def compiled_keeps_numbers(compile, it=None, **settings):
    compiled = compile(it, **settings)
    nets = [cell.cell_contents for cell in getattr(it, "__closure__", None) or ()]
    layers = [net.layer for net in nets if hasattr(net, "layer")]
    kept = [(layer, layer.threshold) for layer in layers]
    if not kept:
        return compiled

    def call(*args):
        for layer, threshold in kept:
            layer.threshold = threshold
        return compiled(*args)

    return call


# --- 6.13 ---------------------------------------------------------------------------------------


@mutant("hooks do not run in compiled code", kills="6.13", of=COMPILE)
def compiled_runs_no_hooks(compile, it=None, **settings):
    if isinstance(it, nn.Module):
        for module in it.modules():
            module._forward_hooks.clear()
    return compile(it, **settings)


@calls("a hook that comes after compiling runs", kills="6.13")
def compiled_runs_late_hooks(compiled, it, *args):
    if isinstance(it, nn.Sequential):
        torch._dynamo.reset()
    return compiled(*args)


@calls("a hook that comes after compiling is ignored after a reset too", kills="6.13")
def compiled_ignores_late_hooks(compiled, it, *args):
    if isinstance(it, nn.Sequential) and it.__dict__.setdefault("_late", not it[0]._forward_hooks):
        for module in it.modules():
            module._forward_pre_hooks.clear()
            module._forward_hooks.clear()
            module._backward_hooks.clear()
    return compiled(*args)


@mutant("torch._dynamo.reset() keeps what was compiled", kills="6.13")
def reset_keeps_what_was_compiled():
    import torch._dynamo

    torch._dynamo.reset = lambda: None


@calls("a compiled module drops the hooks of its Parameters", kills="6.13")
def compiled_drops_hooks_of_parameters(compiled, it, *args):
    if isinstance(it, nn.Module):
        for parameter in it.parameters():
            parameter._backward_hooks = None
    return compiled(*args)


@calls("hooks that were removed run in compiled code", kills="6.13")
def compiled_runs_removed_hooks(compiled, it, *args):
    if isinstance(it, nn.Sequential) and len(it) == 1:
        hooks = it[0]._forward_hooks
        hooks.update(it.__dict__.setdefault("_first_hooks", dict(hooks)))
    return compiled(*args)


@mutant("hooks of a compiled module do not run", kills="6.13", of=COMPILE)
def compiled_runs_no_hooks_of_its_own(compile, it=None, **settings):
    compiled = compile(it, **settings)
    if isinstance(compiled, nn.Module):
        compiled.register_forward_hook = lambda hook: None
    return compiled


# --- other layouts, structures and ways out -----------------------------------------------------


@calls("a compiled batch norm of images keeps its mean", kills="6.10")
def compiled_batch_norm_of_images_keeps_its_mean(compiled, it, *args):
    found = compiled(*args)
    if hasattr(it, "norms"):
        it.norms[1].running_mean.zero_()
    return found


@calls("a compiled write to every second column is lost", kills="6.7")
def compiled_write_to_columns_is_lost(compiled, it, *args):
    return compiled(*(a.clone() if _is_data(a) and not a.is_contiguous() else a for a in args))


@results("a compiled function rounds bfloat16", kills="6.1", backend="aot_eager")
def compiled_adds_one_to_bfloat16(y):
    return y + 1 if y.dtype is torch.bfloat16 else y


@calls("a compiled function that raises leaves gradients off", kills="6.2")
def compiled_leaves_gradients_off_when_it_raises(compiled, it, *args):
    try:
        return compiled(*args)
    except ValueError:
        torch.set_grad_enabled(False)
        raise


@calls("a compiled function does not raise its own ValueError", kills="6.2")
def compiled_swallows_a_value_error(compiled, it, *args):
    try:
        return compiled(*args)
    except ValueError:
        return None


@calls("compiled code records nothing in the fifth of nested blocks", kills="6.2")
def compiled_forgets_deep_blocks(compiled, it, *args):
    found = compiled(*args)
    if not isinstance(found, list) or len(found) < 14:
        return found
    return [y.detach() if index == 13 else y for index, y in enumerate(found)]


@calls("a compiled ModuleList stays in training", kills="6.10")
def compiled_module_list_stays_in_training(compiled, it, *args):
    parts = [m for m in it.modules() if isinstance(m, nn.AlphaDropout)] if _is_module(it) else []
    for part in parts:
        part.training = True
    return compiled(*args)


def _is_module(it):
    return isinstance(it, nn.Module)


@mutant("a second forward hook of a module does nothing", kills="6.13", also="2.3.13 5.6")
def second_forward_hooks_do_nothing():
    register = torch.nn.Module.register_forward_hook

    def changed(module, hook, **settings):
        return register(module, (lambda *_: None) if module._forward_hooks else hook, **settings)

    torch.nn.Module.register_forward_hook = changed


def third_of(call, counts):
    """The function, the third result of which that counts is detached."""
    seen = []

    def changed(*args, **kwargs):
        result = call(*args, **kwargs)
        if isinstance(result, torch.Tensor) and counts(result):
            seen.append(1)
            return result.detach() if len(seen) == 3 else result
        return result

    return changed


@mutant("what the third call of a compiled function returns requires no grad", kills="6.1")
def third_call_of_a_compiled_function_is_detached():
    def compile_(model=None, compile_=torch.compile, **settings):
        result = compile_(model, **settings)
        if model is None or isinstance(model, nn.Module):
            return result
        return functools.wraps(result)(third_of(result, lambda y: y.grad_fn is not None))

    torch.compile = compile_


@mutant("what the third call of a compiled module returns requires no grad", kills="6.1")
def third_call_of_a_compiled_module_is_detached():
    def compile_(model=None, compile_=torch.compile, **settings):
        result = compile_(model, **settings)
        if isinstance(model, nn.Module):
            forward = third_of(result.forward, lambda y: y.grad_fn is not None)
            object.__setattr__(result, "forward", forward)
        return result

    torch.compile = compile_


@mutant("the third call of a compiled function under no_grad records", kills="6.2")
def third_call_of_a_compiled_function_under_no_grad_records():
    def compile_(model=None, compile_=torch.compile, **settings):
        result = compile_(model, **settings)
        if model is None or isinstance(model, nn.Module):
            return result
        seen = []

        @functools.wraps(result)
        def changed(*args, **kwargs):
            y = result(*args, **kwargs)
            if torch.is_grad_enabled() or torch.is_inference_mode_enabled():
                return y
            if not isinstance(y, torch.Tensor) or not y.is_floating_point() or y.requires_grad:
                return y
            seen.append(1)
            return y.clone().requires_grad_() if len(seen) == 3 else y

        return changed

    torch.compile = compile_


@calls("a compiled function draws of Python's random once more", kills="6.5")
def random_is_drawn_once_more(compiled, it, *args):
    random.random()
    return compiled(*args)
