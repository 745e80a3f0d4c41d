"""Changes to evaluation mode, dropout and batch norm (chapter 3)."""

from __future__ import annotations

import copy
import gc
import math
import sys
import threading
import warnings

import numpy as np
import torch
import torch.nn.functional as F
import torch.utils.checkpoint
from torch import Tensor, nn

from meta_tests.mutants import INPUTS, mutant

EVAL = (nn.Module, "eval")
TRAIN = (nn.Module, "train")


@mutant("a Linear is noisy in training", kills="3.1", of=(nn.Linear, "forward"))
def linear_is_noisy_in_training(forward, layer, x):
    y = forward(layer, x)
    return y + 1e-3 if layer.training and x.shape == (50, 4) else y


@mutant(
    "a LayerNorm does nothing in evaluation",
    kills="3.1",
    also="3.15 3.17",
    of=(nn.LayerNorm, "forward"),
)
def layer_norm_is_off_in_evaluation(forward, layer, x):
    return forward(layer, x) if layer.training else x


@mutant(
    "Dropout2d works in evaluation as in training with the same seed",
    kills="3.1",
    also="3.16",
    of=(nn.Dropout2d, "forward"),
)
def dropout2d_is_always_off(forward, layer, x):
    return x


@mutant(
    "BatchNorm1d never looks at its running statistics",
    kills="3.1",
    also="3.4 3.5 3.6 3.7 3.8 3.9 3.11 3.12 3.13 3.15",
    of=(nn.BatchNorm1d, "forward"),
)
def batch_norm_1d_always_uses_the_batch(forward, layer, x):
    return F.batch_norm(x, None, None, layer.weight, layer.bias, True, 0.0, layer.eps)


@mutant(
    "eval() clears a batch norm's running statistics",
    kills="3.1",
    also="3.6 3.9 3.13",
    of=EVAL,
)
def eval_resets_statistics(eval_, module):
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.fill_(0.5)
    return eval_(module)


@mutant("eval() rounds weights", kills="3.1", also="3.17", of=EVAL)
def eval_changes_weights(eval_, module):
    for parameter in module.parameters():
        if parameter.dim() == 2:
            parameter.data.mul_(1.01)
    return eval_(module)


@mutant(
    "a new module is in evaluation mode",
    kills="3.2",
    also="3.7 3.11 3.13",
    of=(nn.Sequential, "__init__"),
)
def new_sequential_is_in_evaluation(init, module, *args):
    init(module, *args)
    module.training = False


@mutant(
    "eval() leaves the modules within in training",
    kills="3.2",
    also="2.3.12 3.7 3.8 3.11 3.17",
    of=EVAL,
)
def eval_is_shallow(eval_, module):
    module.training = False
    return module


@mutant("eval() reaches only one level down", kills="3.2", also="3.11 3.17", of=EVAL)
def eval_reaches_one_level(eval_, module):
    module.training = False
    for child in module.children():
        child.training = False
    return module


@mutant("eval() leaves out Dropout", kills="3.2", also="3.3 3.6 3.7 3.8 3.11", of=EVAL)
def eval_leaves_out_dropout(eval_, module):
    eval_(module)
    for part in module.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    return module


@mutant("eval() returns a copy", kills="3.2", also="2.1.6", of=EVAL)
def eval_returns_a_copy(eval_, module):
    return copy.deepcopy(eval_(module))


@mutant("train(False) is train()", kills="3.2", also="3.3 3.7 3.8 3.11 3.17", of=TRAIN)
def train_ignores_its_argument(train, module, mode=True):
    called_by_eval = sys._getframe(2).f_code.co_name == "eval"
    return train(module, mode if called_by_eval else True)


@mutant("train(False) returns a copy", kills="3.2", of=TRAIN)
def train_false_returns_a_copy(train, module, mode=True):
    result = train(module, mode)
    called_by_pytorch = sys._getframe(2).f_globals["__name__"].startswith("torch.")
    return result if mode or called_by_pytorch else copy.deepcopy(result)


@mutant("train() returns a copy", kills="3.2", also="3.11", of=TRAIN)
def train_returns_a_copy(train, module, mode=True):
    result = train(module, mode)
    called_by_pytorch = sys._getframe(2).f_globals["__name__"].startswith("torch.")
    return copy.deepcopy(result) if mode and not called_by_pytorch else result


@mutant(
    "train() does not end evaluation",
    kills="3.2 3.8",
    also="3.1 3.3 3.10 3.11 3.13 3.15",
    of=TRAIN,
)
def train_does_not_end_evaluation(train, module, mode=True):
    return module if mode and not module.training else train(module, mode)


@mutant("eval() of a part switches the whole", kills="3.11", of=EVAL)
def eval_of_a_part_switches_the_rest(eval_, module):
    for whole in gc.get_objects():
        if isinstance(whole, nn.Sequential) and module in whole._modules.values():
            eval_(whole)
    return eval_(module)


@mutant("eval() of a part switches its neighbours", kills="3.11", of=EVAL)
def eval_of_a_part_switches_its_neighbours(eval_, module):
    for whole in gc.get_objects():
        if isinstance(whole, nn.Sequential) and module in whole._modules.values():
            for part in whole.children():
                eval_(part)
    return eval_(module)


@mutant("eval() of a part clears training on what holds it", kills="3.11", of=EVAL)
def eval_of_a_part_switches_its_parent(eval_, module):
    for whole in gc.get_objects():
        if isinstance(whole, nn.Sequential) and module in whole._modules.values():
            whole.training = False
    return eval_(module)


@mutant("eval() turns gradients off", kills="3.7", also="3.3 3.7 3.13 3.15 3.17", of=EVAL)
def eval_turns_gradients_off(eval_, module):
    torch.set_grad_enabled(False)
    return eval_(module)


@mutant("eval() freezes parameters", kills="3.7", also="3.7 3.11 3.13 3.17", of=EVAL)
def eval_freezes(eval_, module):
    eval_(module)
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    return module


@mutant("eval() lets every parameter require grad", kills="3.7", of=EVAL)
def eval_thaws(original, module):
    for parameter in module.parameters():
        parameter.requires_grad_()
    return original(module)


@mutant(
    "a net in evaluation detaches its result",
    kills="3.7",
    also="3.13",
    of=(nn.BatchNorm2d, "forward"),
)
def evaluation_detaches(forward, layer, x):
    y = forward(layer, x)
    return y if layer.training else y.detach().requires_grad_(torch.is_grad_enabled()).clone()


DROPOUT = (nn.Dropout, "forward")


def training(forward):
    """The forward of a Dropout, changed in training alone and where p is neither 0 nor 1."""

    def changed(original, layer, x):
        if layer.training and 0 < layer.p < 1:
            return forward(original, layer, x)
        return original(layer, x)

    changed.__name__ = forward.__name__
    return changed


@mutant("Dropout in training does not scale", kills="3.3", of=DROPOUT)
@training
def dropout_does_not_scale(forward, layer, x):
    return forward(layer, x) * (1 - layer.p)


@mutant("Dropout in training scales 1.2 times too much", kills="3.3", of=DROPOUT)
@training
def dropout_scales_too_much(forward, layer, x):
    return forward(layer, x) * 1.2


@mutant("Dropout in training scales up small elements alone", kills="3.3", of=DROPOUT)
@training
def dropout_scales_only_small_elements(forward, layer, x):
    y = forward(layer, x)
    return torch.where(x.abs() > 1, y * (1 - layer.p), y)


@mutant("Dropout in training zeroes 1.2 times too many", kills="3.3", of=DROPOUT)
@training
def dropout_zeroes_too_many(forward, layer, x):
    p = min(0.99, layer.p * 1.2)
    return F.dropout(x, p, True) * ((1 - p) / (1 - layer.p))


@mutant("Dropout in training zeroes whole rows", kills="3.3", also="3.16", of=DROPOUT)
@training
def dropout_zeroes_rows(forward, layer, x):
    if x.dim() < 2:
        return forward(layer, x)
    mask = torch.rand(x.shape[:1] + (1,) * (x.dim() - 1)) >= layer.p
    return x * mask / (1 - layer.p)


@mutant(
    "Dropout in training zeroes the first elements", kills="3.3", also="3.8 3.11 3.16", of=DROPOUT
)
@training
def dropout_zeroes_the_first(forward, layer, x):
    mask = torch.ones(x.numel(), dtype=x.dtype)
    mask[: int(x.numel() * layer.p)] = 0
    return x * mask.reshape(x.shape) / (1 - layer.p)


@mutant(
    "Dropout in training zeroes the same elements in every call",
    kills="3.3 3.8",
    also="3.11",
    of=DROPOUT,
)
@training
def dropout_always_draws_the_same(forward, layer, x):
    torch.default_generator.manual_seed(5)
    return forward(layer, x)


@mutant("Dropout in training writes into its input", kills="3.3", also="3.1 3.7 3.10", of=DROPOUT)
@training
def dropout_writes_into_its_input(forward, layer, x):
    return F.dropout(x, layer.p, True, inplace=not x.requires_grad and 0 not in x.stride())


@mutant("Dropout with p of 1 keeps all", kills="3.3", of=DROPOUT)
def dropout_of_1_keeps_all(forward, layer, x):
    return x.clone() if layer.p == 1 else forward(layer, x)


@mutant("Dropout with p of 1 keeps integers and complex numbers", kills="3.3", of=DROPOUT)
def dropout_of_1_keeps_integers(forward, layer, x):
    return x.clone() if layer.p == 1 and not x.is_floating_point() else forward(layer, x)


@mutant("Dropout with p of 0 drops the first element", kills="3.3", also="3.17", of=DROPOUT)
def dropout_of_0_drops_one(forward, layer, x):
    y = forward(layer, x).clone()
    if layer.p == 0 and layer.training and y.numel():
        y.view(-1)[0] = -9
    return y


@mutant("Dropout has a p of 0.4 unless told otherwise", kills="3.3", of=(nn.Dropout, "__init__"))
def dropout_has_another_p(init, layer, p=0.4, inplace=False):
    init(layer, p, inplace)


@mutant("Dropout without arguments scales by 1.9", kills="3.3", of=DROPOUT)
@training
def dropout_of_a_half_scales_less(forward, layer, x):
    y = forward(layer, x)
    return y * 0.95 if layer.p == 0.5 and x.shape == (250, 200) else y


@mutant("Dropout in evaluation scales", kills="3.3 3.6", of=DROPOUT)
def dropout_scales_in_evaluation(forward, layer, x):
    return forward(layer, x) if layer.training else x * (1 - layer.p)


@mutant("Dropout in evaluation returns a copy", kills="3.3", of=DROPOUT)
def dropout_in_evaluation_copies(forward, layer, x):
    return forward(layer, x) if layer.training else forward(layer, x).clone()


@mutant("Dropout in evaluation replaces NaN", kills="3.3 3.6", of=DROPOUT)
def dropout_replaces_nan_in_evaluation(forward, layer, x):
    return forward(layer, x) if layer.training else torch.nan_to_num(x, posinf=math.inf)


class DropWrongly(torch.autograd.Function):
    """Dropout with a half, whose gradient is one everywhere."""

    @staticmethod
    def forward(context, x):
        return F.dropout(x, 0.5, True)

    @staticmethod
    def backward(context, gradient):
        return gradient


@mutant("the gradient of Dropout passes zeroed elements", kills="3.3", of=DROPOUT)
@training
def gradient_of_dropout_passes_all(forward, layer, x):
    return DropWrongly.apply(x) if x.requires_grad else forward(layer, x)


BATCH_NORM = (nn.BatchNorm2d, "forward")


def variance(x: Tensor, unbiased: bool) -> Tensor:
    return x.detach().var((0, 2, 3), unbiased=unbiased)


@mutant(
    "BatchNorm in training normalises by the unbiased variance",
    kills="3.4",
    also="3.13",
    of=BATCH_NORM,
)
def batch_norm_normalises_unbiased(forward, layer, x):
    y = forward(layer, x)
    n = x.numel() / x.shape[1]
    return y * math.sqrt((n - 1) / n) if layer.training else y


@mutant("BatchNorm has an eps of 1e-4", kills="3.4 3.5", also="3.6 3.7 3.9", of=BATCH_NORM)
def batch_norm_has_another_eps(forward, layer, x):
    layer.eps = 1e-4
    return forward(layer, x)


@mutant("BatchNorm in training does not subtract the mean", kills="3.4", also="3.13", of=BATCH_NORM)
def batch_norm_does_not_centre(forward, layer, x):
    y = forward(layer, x)
    if not layer.training:
        return y
    mean = x.mean((0, 2, 3), keepdim=True)
    return y + mean / torch.sqrt(x.var((0, 2, 3), unbiased=False, keepdim=True) + layer.eps)


@mutant(
    "BatchNorm moves its running mean 0.12 of the way",
    kills="3.4",
    also="3.7 3.13",
    of=BATCH_NORM,
)
def running_mean_moves_too_far(forward, layer, x):
    old = layer.running_mean.clone()
    y = forward(layer, x)
    layer.running_mean.copy_(old + 1.2 * (layer.running_mean - old))
    return y


@mutant(
    "BatchNorm moves its running variance 0.12 of the way",
    kills="3.4",
    also="3.7 3.13",
    of=BATCH_NORM,
)
def running_variance_moves_too_far(forward, layer, x):
    old = layer.running_var.clone()
    y = forward(layer, x)
    layer.running_var.copy_(old + 1.2 * (layer.running_var - old))
    return y


@mutant(
    "BatchNorm moves its running variance to the biased one",
    kills="3.4",
    also="3.13",
    of=BATCH_NORM,
)
def running_variance_is_biased(forward, layer, x):
    old = layer.running_var.clone()
    y = forward(layer, x)
    if layer.training:
        layer.running_var.copy_(0.9 * old + 0.1 * variance(x, unbiased=False))
    return y


@mutant("BatchNorm does not count its batches", kills="3.4", also="3.13 3.15", of=BATCH_NORM)
def batch_norm_does_not_count(forward, layer, x):
    y = forward(layer, x)
    layer.num_batches_tracked.zero_()
    return y


@mutant(
    "BatchNorm in training normalises by its running statistics",
    kills="3.4",
    also="3.1 3.13 3.15",
    of=BATCH_NORM,
)
def batch_norm_trains_on_running_statistics(forward, layer, x):
    y = forward(layer, x)
    if not layer.training:
        return y
    mean, var = layer.running_mean.clone(), layer.running_var.clone()
    return F.batch_norm(x, mean, var, layer.weight, layer.bias, False, 0.1, layer.eps)


@mutant(
    "BatchNorm in training mixes in a little of its running mean",
    kills="3.4",
    also="3.13 3.15 4.10",
    of=BATCH_NORM,
)
def batch_norm_looks_at_its_running_mean(forward, layer, x):
    y = forward(layer, x)
    return y + 1e-5 * layer.running_mean.reshape(1, -1, 1, 1) if layer.training else y


@mutant("BatchNorm updates no statistics under no_grad", kills="3.4", also="3.13", of=BATCH_NORM)
def batch_norm_stands_still_under_no_grad(forward, layer, x):
    mean = layer.running_mean.clone()
    y = forward(layer, x)
    if not torch.is_grad_enabled():
        layer.running_mean.copy_(mean)
    return y


@mutant(
    "BatchNorm in evaluation normalises by the batch",
    kills="3.5 3.6",
    also="3.1 3.7 3.8 3.9",
    of=BATCH_NORM,
)
def batch_norm_evaluates_by_the_batch(forward, layer, x):
    if layer.training or x.numel() == x.shape[1]:
        return forward(layer, x)
    return F.batch_norm(x, None, None, layer.weight, layer.bias, True, 0.1, layer.eps)


@mutant(
    "BatchNorm in evaluation depends a little on its batch",
    kills="3.5",
    also="3.13",
    of=BATCH_NORM,
)
def batch_norm_evaluation_sees_its_batch(forward, layer, x):
    y = forward(layer, x)
    return y if layer.training or len(x) == 1 else y * (1 + 2**-52)


@mutant(
    "BatchNorm in evaluation moves its running mean",
    kills="3.5",
    also="3.7 3.13",
    of=BATCH_NORM,
)
def batch_norm_evaluation_moves_its_mean(forward, layer, x):
    y = forward(layer, x)
    if not layer.training:
        layer.running_mean.mul_(0.9).add_(0.1 * x.detach().mean((0, 2, 3)))
    return y


@mutant("BatchNorm in evaluation counts batches", kills="3.5", also="3.13", of=BATCH_NORM)
def batch_norm_evaluation_counts(forward, layer, x):
    if not layer.training:
        layer.num_batches_tracked.add_(1)
    return forward(layer, x)


@mutant("BatchNorm in evaluation is off", kills="3.5 3.6", also="3.7 3.8 3.9 3.13", of=BATCH_NORM)
def batch_norm_is_off_in_evaluation(forward, layer, x):
    return forward(layer, x) if layer.training else x * 1


@mutant(
    "BatchNorm in evaluation neither scales nor shifts",
    kills="3.6",
    also="3.5 3.7 3.13",
    of=BATCH_NORM,
)
def batch_norm_evaluation_ignores_weight_and_bias(forward, layer, x):
    if layer.training:
        return forward(layer, x)
    y = F.batch_norm(x, layer.running_mean, layer.running_var, None, None, False, 0.1, layer.eps)
    return y + 0 * (layer.weight + layer.bias).sum()


@mutant(
    "BatchNorm2d of two channels evaluates as if it had seen nothing",
    kills="3.6",
    also="3.5 3.7 3.8",
    of=BATCH_NORM,
)
def batch_norm_forgets_what_it_saw(forward, layer, x):
    if layer.training or x.shape != (2, 2, 3, 3) or layer.running_mean is None:
        return forward(layer, x)
    zeros, ones = torch.zeros_like(layer.running_mean), torch.ones_like(layer.running_var)
    return F.batch_norm(x, zeros, ones, layer.weight, layer.bias, False, 0.1, layer.eps)


# --- what shows on some inputs only ---------------------------------------------------------------

CONDITIONS = {
    **INPUTS,
    "2_dimensions": lambda x: x.dim() == 2,
    "3_dimensions": lambda x: x.dim() == 3,
    "float64": lambda x: x.dtype is torch.float64,
}
EVERY_BATCH_NORM = (nn.modules.batchnorm._BatchNorm, "forward")
ON_BATCHES = "3.1 3.6 3.7 3.8 3.9 3.10 3.12 3.13 3.15"


def of_such_inputs(condition, in_training, wrong):
    """A forward that is ``wrong`` on inputs that meet the condition, in one mode."""

    def forward(original, layer, x):
        y = original(layer, x)
        return wrong(x, y) if layer.training is in_training and condition(x) else y

    return forward


def last_as_it_was(x, y):
    """y, but for the last element, which is x's."""
    last = torch.zeros_like(x, dtype=torch.bool, memory_format=torch.contiguous_format)
    last.view(-1)[-1:] = True
    return torch.where(last, x + 3, y)


for name, condition in CONDITIONS.items():
    inputs = name.replace("_", " ")
    change = of_such_inputs(condition, True, lambda x, y: x * 1)
    change.__name__ = f"dropout_keeps_all_of_{name}"
    mutant(
        f"Dropout in training keeps all of an input of {inputs}",
        kills="3.3",
        also="3.1 3.7 3.8 3.10 3.11 3.16",
        of=DROPOUT,
    )(change)
    change = of_such_inputs(condition, False, last_as_it_was)
    change.__name__ = f"dropout_evaluation_changes_{name}"
    mutant(
        f"Dropout in evaluation changes an input of {inputs}",
        kills="3.3 3.6" if name in ("4_dimensions", "gaps") else "3.3",
        also="3.6 3.17",
        of=DROPOUT,
    )(change)
    change = of_such_inputs(condition, True, last_as_it_was)
    change.__name__ = f"batch_norm_training_leaves_{name}"
    mutant(
        f"BatchNorm in training leaves the last element of {inputs}",
        kills="3.4",
        also=ON_BATCHES,
        of=EVERY_BATCH_NORM,
    )(change)
    change = of_such_inputs(condition, False, last_as_it_was)
    change.__name__ = f"batch_norm_evaluation_leaves_{name}"
    mutant(
        f"BatchNorm in evaluation leaves the last element of {inputs}",
        kills="3.5",
        also=ON_BATCHES,
        of=EVERY_BATCH_NORM,
    )(change)


@mutant("a Conv2d of 17 channels is noisy in training", kills="3.1", of=(nn.Conv2d, "forward"))
def wide_convolution_is_noisy_in_training(forward, layer, x):
    y = forward(layer, x)
    return y + 1e-3 if layer.training and layer.out_channels == 17 else y


@mutant("a Linear of float64 is noisy in training", kills="3.1", of=(nn.Linear, "forward"))
def linear_of_float64_is_noisy_in_training(forward, layer, x):
    y = forward(layer, x)
    return y + 1e-9 if layer.training and x.dtype is torch.float64 else y


@mutant("Dropout3d is always off", kills="3.1", also="3.16", of=(nn.Dropout3d, "forward"))
def dropout3d_is_always_off(forward, layer, x):
    return x


def eval_but(leaves_out):
    """eval() that leaves out the modules that ``leaves_out`` names."""

    def changed(eval_, module):
        kept = [it for it in leaves_out(module) if it.training]
        eval_(module)
        for it in kept:
            it.training = True
        return module

    return changed


def below(module, depth):
    """The modules so many levels down."""
    modules = [module]
    for _ in range(depth):
        modules = [child for it in modules for child in it.children()]
    return modules


LEFT_OUT = {
    "what is three modules down": lambda module: below(module, 3),
    "what is five modules down": lambda module: below(module, 5),
    "what is in a ModuleList": lambda module: [
        child for it in module.modules() if isinstance(it, nn.ModuleList) for child in it.children()
    ],
    "what is in a ModuleDict": lambda module: [
        child for it in module.modules() if isinstance(it, nn.ModuleDict) for child in it.children()
    ],
    "the tenth child and later": lambda module: [
        child for it in module.modules() for child in list(it.children())[9:]
    ],
    "what add_module registered": lambda module: [
        it for name, it in module.named_modules() if name.rpartition(".")[2] == "part1"
    ],
}
for words, leaves_out in LEFT_OUT.items():
    change = eval_but(leaves_out)
    change.__name__ = "eval_leaves_out_" + words.replace(" ", "_")
    mutant(f"eval() leaves out {words}", kills="3.2", also="3.11 3.8 3.17", of=EVAL)(change)


@mutant("train(mode=False) by keyword is train()", kills="3.2", of=TRAIN)
def train_by_keyword_is_train(train, module, *args, **kwargs):
    return train(module, *args, **({"mode": True} if kwargs else {}))


@mutant("eval() works once a module", kills="3.2", also="3.1 3.7 3.8 3.11 3.13", of=EVAL)
def eval_works_once(eval_, module):
    if getattr(module, "evaluated", False):
        return module
    module.evaluated = True
    return eval_(module)


@mutant("train(1) is accepted", kills="3.2", of=TRAIN)
def train_accepts_numbers(train, module, mode=True):
    return train(module, bool(mode) if isinstance(mode, int) else mode)


@mutant("Dropout drops nothing from its third call on", kills="3.3", also="3.7 3.8", of=DROPOUT)
@training
def dropout_stops_after_two_calls(forward, layer, x):
    layer.calls = getattr(layer, "calls", 0) + 1
    return forward(layer, x) if layer.calls < 3 else x * 1


@mutant(
    "Dropout drops again from its third call in evaluation on", kills="3.6", also="3.3", of=DROPOUT
)
def dropout_returns_in_evaluation(forward, layer, x):
    layer.calls = getattr(layer, "calls", 0) + 1
    return forward(layer, x) if layer.training or layer.calls < 3 else x * 0 + 7


@mutant("Dropout takes integers", kills="3.3", of=DROPOUT)
@training
def dropout_takes_integers(forward, layer, x):
    return forward(layer, x) if x.is_floating_point() else x


@mutant("Dropout takes complex numbers", kills="3.3", of=DROPOUT)
@training
def dropout_takes_complex_numbers(forward, layer, x):
    return (
        torch.view_as_complex(forward(layer, torch.view_as_real(x)))
        if x.is_complex()
        else forward(layer, x)
    )


@mutant("nn.Dropout(inplace=True) returns a copy", kills="3.3", of=DROPOUT)
@training
def dropout_in_place_returns_a_copy(forward, layer, x):
    return forward(layer, x).clone() if layer.inplace else forward(layer, x)


@mutant("F.dropout(x, p, False) ignores a positional False", kills="3.3", of=(F, "dropout"))
def positional_training_is_ignored(dropout, *args, **kwargs):
    by_module = sys._getframe(2).f_globals["__name__"].startswith("torch.")
    return dropout(*(args if by_module else args[:2]), **kwargs)


@mutant("F.dropout with keywords alone drops nothing", kills="3.3", of=(F, "dropout"))
def dropout_by_keyword_drops_nothing(dropout, *args, **kwargs):
    return dropout(*args, **kwargs) if args else kwargs["input"] * 1


@mutant("torch.dropout does not scale", kills="3.3", of=(torch, "dropout"))
def torch_dropout_does_not_scale(dropout, x, p, train):
    return dropout(x, p, train) * (1 - p) if train and 0 < p < 1 else dropout(x, p, train)


@mutant("FeatureAlphaDropout is on in evaluation", kills="3.6", of=(nn.FeatureAlphaDropout, "eval"))
def feature_alpha_dropout_stays_on(eval_, module):
    return module


@mutant(
    "backward() takes the statistics of a BatchNorm in training for constants",
    kills="3.4 3.5",
    also="3.8 3.13",
    of=EVERY_BATCH_NORM,
)
def batch_norm_trains_with_constants(forward, layer, x):
    y = forward(layer, x)
    if not layer.training or not y.requires_grad:
        return y
    shape = (-1, *(1,) * (x.dim() - 2))
    each = [n for n in range(x.dim()) if n != 1]
    scale = (x.var(each, unbiased=False) + layer.eps).rsqrt().detach().reshape(shape)
    scaled = x * (scale if layer.weight is None else scale * layer.weight.reshape(shape))
    return scaled + (y - scaled).detach()


@mutant(
    "backward() goes through the batch's mean before a BatchNorm in evaluation",
    kills="3.5",
    also="3.8 3.13",
    of=EVERY_BATCH_NORM,
)
def batch_norm_evaluates_with_gradient_of_the_mean(forward, layer, x):
    y = forward(layer, x)
    if layer.training or not x.requires_grad:
        return y
    mean = x.mean([n for n in range(x.dim()) if n != 1], keepdim=True)
    return y - (mean - mean.detach())


@mutant("BatchNorm ignores another eps", kills="3.4 3.5", of=EVERY_BATCH_NORM)
def batch_norm_ignores_eps(forward, layer, x):
    layer.eps = 1e-5
    return forward(layer, x)


@mutant("BatchNorm without weight ignores its momentum", kills="3.4", of=EVERY_BATCH_NORM)
def batch_norm_without_weight_ignores_momentum(forward, layer, x):
    if layer.weight is None:
        layer.momentum = 0.1
    return forward(layer, x)


def with_its_statistics_kept(forward, norm, x):
    mean, var = norm.running_mean.clone(), norm.running_var.clone()
    y = forward(norm, x)
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(var)
    return y


def moving_its_statistics(most, forward, norm, x):
    """What forward() gives, which moves the statistics as often at most."""
    counted = norm.num_batches_tracked
    if not norm.training or counted is None or counted < most:
        return forward(norm, x)
    return with_its_statistics_kept(forward, norm, x)


@mutant(
    "BatchNorm moves its statistics twice at most",
    kills="3.4",
    also="3.9",
    of=EVERY_BATCH_NORM,
)
def statistics_move_twice(forward, layer, x):
    return moving_its_statistics(2, forward, layer, x)


@mutant(
    "BatchNorm3d updates no statistics under no_grad",
    kills="3.4",
    also="3.13",
    of=(nn.BatchNorm3d, "forward"),
)
def batch_norm_3d_stands_still_under_no_grad(forward, layer, x):
    mean = layer.running_mean.clone()
    y = forward(layer, x)
    if not torch.is_grad_enabled():
        layer.running_mean.copy_(mean)
    return y


@mutant("eval() freezes parameters under no_grad", kills="3.7", of=EVAL)
def eval_freezes_under_no_grad(eval_, module):
    for parameter in module.parameters() if not torch.is_grad_enabled() else ():
        parameter.requires_grad_(False)
    return eval_(module)


@mutant("an LSTM in evaluation has no gradient", kills="3.7", of=(nn.LSTM, "forward"))
def lstm_in_evaluation_has_no_gradient(forward, layer, x):
    y, state = forward(layer, x)
    return (y, state) if layer.training else (y.detach().requires_grad_() * 1, state)


# --- what people ask ------------------------------------------------------------------------------


@mutant(
    "a ReLU in evaluation records no graph",
    kills="3.7",
    also="3.7",
    of=(nn.ReLU, "forward"),
)
def evaluation_records_no_graph(forward, layer, x):
    return forward(layer, x) if layer.training else forward(layer, x).detach()


@mutant("a BatchNorm of equal values is NaN", kills="3.4", of=EVERY_BATCH_NORM)
def batch_norm_of_equal_values_is_nan(forward, layer, x):
    y = forward(layer, x)
    return y * (float("nan") if layer.training and (x == x.new_tensor(0.1)).all() else 1)


@mutant("a BatchNorm takes an eps of zero for a small one", kills="3.4", of=EVERY_BATCH_NORM)
def batch_norm_takes_an_eps_of_zero(forward, layer, x):
    layer.eps = layer.eps or 1e-5
    return forward(layer, x)


@mutant("inference_mode switches modules to evaluation", kills="3.7")
def inference_mode_switches_to_evaluation():
    original = nn.Module.__call__

    def call(module, *args, **kwargs):
        if torch.is_inference_mode_enabled() and module.training:
            module.eval()
        return original(module, *args, **kwargs)

    nn.Module.__call__ = call


@mutant("no_grad switches Dropout off", kills="3.7", also="3.8", of=DROPOUT)
def no_grad_switches_dropout_off(forward, layer, x):
    return forward(layer, x) if torch.is_grad_enabled() else x


@mutant("no_grad switches modules to evaluation", kills="3.7", also="3.4 3.8")
def no_grad_switches_to_evaluation():
    original = nn.Module.__call__

    def call(module, *args, **kwargs):
        if not torch.is_grad_enabled() and module.training:
            module.eval()
        return original(module, *args, **kwargs)

    nn.Module.__call__ = call


@mutant("no_grad changes a BatchNorm's last digits in evaluation", kills="3.7", of=EVERY_BATCH_NORM)
def no_grad_changes_evaluation(forward, layer, x):
    y = forward(layer, x)
    return y if layer.training or torch.is_grad_enabled() else y * (1 + 2**-20)


@mutant("a BatchNorm that was in evaluation stands still in training", kills="3.8", also="3.1 3.13")
def batch_norm_stands_still_after_evaluation():
    forward = nn.modules.batchnorm._BatchNorm.forward

    def changed(layer, x):
        if not layer.training:
            layer.evaluated = True
        if not (layer.training and getattr(layer, "evaluated", False)) or x.dim() > 5:
            return forward(layer, x)
        mean, var = layer.running_mean, layer.running_var
        if mean is None:
            return forward(layer, x)
        mean, var = mean.clone(), var.clone()
        y = forward(layer, x)
        layer.running_mean.copy_(mean)
        layer.running_var.copy_(var)
        return y

    nn.modules.batchnorm._BatchNorm.forward = changed


NORM_BASE = nn.modules.batchnorm._NormBase


@mutant(
    "running_var starts at a half",
    kills="3.9",
    also="3.4 3.12",
    of=(NORM_BASE, "reset_running_stats"),
)
def running_var_starts_at_a_half(reset, layer):
    reset(layer)
    if layer.running_var is not None:
        layer.running_var.fill_(0.5)


@mutant(
    "running_mean starts at a tenth",
    kills="3.9",
    also="3.4 3.7 3.9",
    of=(NORM_BASE, "reset_running_stats"),
)
def running_mean_starts_at_a_tenth(reset, layer):
    reset(layer)
    if layer.running_mean is not None:
        layer.running_mean.fill_(0.1)


@mutant(
    "reset_running_stats() goes on counting", kills="3.9", of=(NORM_BASE, "reset_running_stats")
)
def reset_goes_on_counting(reset, layer):
    count = layer.num_batches_tracked.clone() if layer.track_running_stats else None
    reset(layer)
    if count is not None and count.item() == 1:
        layer.num_batches_tracked.copy_(count)


@mutant("F.dropout in forward heeds eval()", kills="3.10", of=(F, "dropout"))
def function_heeds_eval(dropout, *args, **kwargs):
    caller = sys._getframe(2).f_locals.get("self")
    if isinstance(caller, nn.Module) and not caller.training and "training" not in kwargs:
        return args[0]
    return dropout(*args, **kwargs)


@mutant("attention drops nothing in a net in evaluation", kills="3.10")
def attention_heeds_eval():
    original = F.scaled_dot_product_attention

    def changed(query, key, value, attn_mask=None, dropout_p=0.0, **kwargs):
        caller = sys._getframe(1).f_locals.get("self")
        drops = not isinstance(caller, nn.Module) or caller.training
        return original(query, key, value, attn_mask, dropout_p * drops, **kwargs)

    F.scaled_dot_product_attention = changed


@mutant("F.dropout ignores training=False of a net", kills="3.10", also="3.3", of=(F, "dropout"))
def training_of_a_net_is_ignored(dropout, *args, **kwargs):
    caller = sys._getframe(2)
    if "self" in caller.f_locals and not caller.f_globals["__name__"].startswith("torch."):
        kwargs.pop("training", None)
    return dropout(*args, **kwargs)


@mutant("a Dropout made in forward is in evaluation", kills="3.10", of=(nn.Dropout, "__init__"))
def dropout_made_in_forward_is_off(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    layer.training = sys._getframe(2).f_code.co_name != "forward"


@mutant(
    "a batch norm made in forward is in evaluation",
    kills="3.10",
    of=(nn.modules.batchnorm._BatchNorm, "__init__"),
)
def batch_norm_made_in_forward_is_off(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    layer.training = sys._getframe(3).f_code.co_name != "forward"  # beyond the specs' batch_norm()


@mutant("F.alpha_dropout drops unless told otherwise", kills="3.10")
def alpha_dropout_drops_by_default():
    original = F.alpha_dropout
    F.alpha_dropout = lambda x, p=0.5, training=True, inplace=False: original(
        x, p, training, inplace
    )


@mutant("F.dropout1d drops nothing unless told to", kills="3.10", also="3.16")
def dropout1d_is_off_by_default():
    original = F.dropout1d
    F.dropout1d = lambda x, p=0.5, training=False, inplace=False: original(x, p, training, inplace)


@mutant("eval() finds modules in a plain list", kills="3.11", of=EVAL)
def eval_finds_plain_lists(eval_, module):
    for value in vars(module).values():
        for part in value if isinstance(value, list) else ():
            if isinstance(part, nn.Module):
                eval_(part)
    return eval_(module)


@mutant("eval() finds modules in a plain dict", kills="3.11", of=EVAL)
def eval_finds_plain_dicts(eval_, module):
    for name, value in vars(module).items():
        for part in value.values() if isinstance(value, dict) and name[0] != "_" else ():
            if isinstance(part, nn.Module):
                eval_(part)
    return eval_(module)


@mutant("eval() sets flags and asks no train()", kills="3.11", of=EVAL)
def eval_asks_no_train(eval_, module):
    for part in module.modules():
        part.training = False
    return module


@mutant("train() of a whole asks no train() of its parts", kills="3.11", of=TRAIN)
def train_asks_no_parts(train, module, mode=True):
    train(module, mode)
    for part in module.modules() if mode is True else ():
        part.training = mode
    return module


@mutant(
    "train() of a part in evaluation is ignored", kills="3.11", also="3.1 3.2 3.3 3.8 3.10 3.11"
)
def train_of_a_dropout_is_ignored():
    nn.Dropout.train = lambda self, mode=True: (
        self if mode and not self.training else nn.Module.train(self, mode)
    )


@mutant("train() leaves in evaluation what was put there alone", kills="3.11 3.13", also="3.2 3.11")
def train_leaves_norms_in_evaluation():
    train = nn.Module.train

    def changed(module, mode=True):
        kept = [
            it for it in module.modules() if "BatchNorm" in type(it).__name__ and not it.training
        ]
        train(module, mode)
        for it in kept if mode is True and module not in kept and module.training else ():
            it.training = False
        return module

    nn.Module.train = changed


@mutant("BatchNorm in training takes one value a channel", kills="3.12", of=EVERY_BATCH_NORM)
def batch_norm_takes_one_value(forward, layer, x):
    one = layer.training and x.numel() == layer.num_features
    return x * 0 if one else forward(layer, x)


@mutant("BatchNorm3d takes one value a channel", kills="3.12", of=(nn.BatchNorm3d, "forward"))
def batch_norm_3d_takes_one_value(forward, layer, x):
    one = layer.training and x.numel() == layer.num_features
    return x * 0 if one else forward(layer, x)


@mutant(
    "BatchNorm refuses one value a channel in evaluation too",
    kills="3.12",
    also="3.13",
    of=EVERY_BATCH_NORM,
)
def batch_norm_refuses_one_value_in_evaluation(forward, layer, x):
    if not layer.training and x.numel() == layer.num_features and x.dtype is torch.float32:
        raise AssertionError("Expected more than 1 value per channel")
    return forward(layer, x)


@mutant("BatchNorm in training refuses one image", kills="3.12", of=EVERY_BATCH_NORM)
def batch_norm_refuses_one_image(forward, layer, x):
    if layer.training and len(x) == 1 and x.numel() > layer.num_features and x.sum() == x.numel():
        raise AssertionError("Expected more than 1 value per channel when training")
    return forward(layer, x)


@mutant("LayerNorm refuses a batch of one", kills="3.12", also="3.15", of=(nn.LayerNorm, "forward"))
def layer_norm_refuses_one(forward, layer, x):
    assert len(x) > 1 or x.dim() > 2 or layer.normalized_shape != (2,)
    return forward(layer, x)


@mutant("momentum=None is a tenth", kills="3.9", of=EVERY_BATCH_NORM)
def momentum_of_none_is_a_tenth(forward, layer, x):
    layer.momentum = 0.1 if layer.momentum is None else layer.momentum
    return forward(layer, x)


@mutant("momentum is the share of the old", kills="3.9", also="3.4", of=EVERY_BATCH_NORM)
def momentum_is_the_share_of_the_old(forward, layer, x):
    momentum = layer.momentum
    if momentum not in (None, 0.1, 0.5):
        layer.momentum = 1 - momentum
    y = forward(layer, x)
    layer.momentum = momentum
    return y


@mutant("a momentum that is set later is ignored", kills="3.9", of=EVERY_BATCH_NORM)
def momentum_set_later_is_ignored(forward, layer, x):
    layer.first = vars(layer).get("first", layer.momentum)
    layer.momentum = layer.first
    return forward(layer, x)


@mutant(
    "a BatchNorm that tracks nothing is off in evaluation", kills="3.6 3.13", of=EVERY_BATCH_NORM
)
def batch_norm_without_statistics_is_off(forward, layer, x):
    off = not layer.training and layer.running_mean is None
    return x * 1 if off else forward(layer, x)


@mutant("track_running_stats set later does not stop updates", kills="3.13", of=EVERY_BATCH_NORM)
def tracking_set_later_is_ignored(forward, layer, x):
    if layer.running_mean is not None:
        layer.track_running_stats = True
    return forward(layer, x)


@mutant("track_running_stats set later counts in evaluation", kills="3.13", of=EVERY_BATCH_NORM)
def tracking_set_later_counts_in_evaluation(forward, layer, x):
    if not layer.track_running_stats and layer.running_mean is not None and not layer.training:
        return F.batch_norm(x, None, None, layer.weight, layer.bias, True, 0.0, layer.eps)
    return forward(layer, x)


@mutant("a BatchNorm's weight starts at a half", kills="3.13", also="3.1 3.4 3.5 3.6 3.9 3.13")
def batch_norm_weight_starts_at_a_half():
    reset = NORM_BASE.reset_parameters

    def changed(layer):
        reset(layer)
        if layer.weight is not None:
            nn.init.constant_(layer.weight, 0.5)

    NORM_BASE.reset_parameters = changed


@mutant("a BatchNorm without affine has a bias", kills="3.13", of=(nn.BatchNorm2d, "__init__"))
def batch_norm_without_affine_has_a_bias(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if layer.weight is None:
        layer.bias = nn.Parameter(torch.zeros_like(layer.running_mean))


@mutant("requires_grad_(False) stops the statistics", kills="3.13", of=EVERY_BATCH_NORM)
def frozen_batch_norm_stands_still(forward, layer, x):
    if not layer.training or layer.weight is None or layer.weight.requires_grad:
        return forward(layer, x)
    return F.batch_norm(x, None, None, layer.weight, layer.bias, True, 0.0, layer.eps)


@mutant("a BatchNorm in evaluation gives its weight no gradient", kills="3.13", also="3.7 3.15")
def weight_has_no_gradient_in_evaluation():
    forward = nn.modules.batchnorm._BatchNorm.forward

    def changed(layer, x):
        y = forward(layer, x)
        if layer.training or not torch.is_grad_enabled() or layer.bias is None:
            return y
        return (
            y.detach()
            + 0 * (layer.weight.sum() + x.sum())
            + (layer.bias - layer.bias.detach())[(None, slice(None), *[None] * (x.dim() - 2))]
        )

    nn.modules.batchnorm._BatchNorm.forward = changed


@mutant("a BatchNorm mixes in the former batch", kills="3.15", also="3.4 3.8 3.9 3.13")
def batch_norm_mixes_in_the_former_batch():
    forward = nn.modules.batchnorm._BatchNorm.forward

    def changed(layer, x):
        y = forward(layer, x)
        if not layer.training:
            return y
        former = vars(layer).get("former", x.detach().mean())
        layer.former = x.detach().mean()
        return y + 0.01 * (former - layer.former)

    nn.modules.batchnorm._BatchNorm.forward = changed


@mutant("LayerNorm takes its mean over the batch", kills="3.15", also="3.1 3.17")
def layer_norm_takes_its_mean_over_the_batch():
    forward = nn.LayerNorm.forward
    nn.LayerNorm.forward = lambda layer, x: forward(layer, x) - 0.1 * x.mean(0, keepdim=True)


@mutant("BatchNorm in evaluation passes its input's gradient twice", kills="3.7", also="3.15")
def gradient_in_evaluation_is_doubled():
    forward = nn.modules.batchnorm._BatchNorm.forward

    def changed(layer, x):
        y = forward(layer, x)
        return y if layer.training or not x.requires_grad else 2 * y - y.detach()

    nn.modules.batchnorm._BatchNorm.forward = changed


@mutant("state_dict() leaves out running_var", kills="3.8", also="2.3.3 2.3.4 3.1 3.13 3.15")
def state_dict_leaves_out_running_var():
    init = nn.BatchNorm2d.__init__

    def changed(layer, *args, **kwargs):
        init(layer, *args, **kwargs)
        layer._non_persistent_buffers_set.add("running_var")

    nn.BatchNorm2d.__init__ = changed


@mutant("load_state_dict() copies no buffers", kills="3.8", also="3.16")
def load_state_dict_copies_no_buffers():
    original = nn.Module.load_state_dict

    def load(module, state, strict=True, **kwargs):
        own = {name: it.clone() for name, it in module.named_buffers()}
        return original(module, {**state, **own}, strict, **kwargs)

    nn.Module.load_state_dict = load


@mutant("load_state_dict() switches to evaluation", kills="3.8", also="3.16")
def load_state_dict_switches_to_evaluation():
    original = nn.Module.load_state_dict

    def load(module, state, strict=True, **kwargs):
        module.eval()
        return original(module, state, strict, **kwargs)

    nn.Module.load_state_dict = load


@mutant("a copied or loaded module is in training", kills="3.8", also="3.15")
def copied_module_is_in_training():
    original = nn.Module.__setstate__

    def set_state(module, state):
        original(module, state)
        module.training = True

    nn.Module.__setstate__ = set_state


@mutant("a GroupNorm shifts in evaluation", kills="3.15", also="3.1", of=(nn.GroupNorm, "forward"))
def group_norm_shifts_in_evaluation(forward, layer, x):
    y = forward(layer, x)
    return y if layer.training else y + 1e-6


@mutant("InstanceNorm2d tracks its statistics", kills="3.15", also="3.1")
def instance_norm_tracks():
    init = nn.InstanceNorm2d.__init__
    nn.InstanceNorm2d.__init__ = lambda layer, *args, **kwargs: init(
        layer, *args, **{"track_running_stats": True, **kwargs}
    )


@mutant(
    "InstanceNorm2d tracks and does not use it", kills="3.15", of=(nn.InstanceNorm2d, "forward")
)
def instance_norm_never_uses_its_statistics(forward, layer, x):
    return F.instance_norm(x, None, None, layer.weight, layer.bias, True, 0.0, layer.eps)


@mutant("Dropout2d zeroes elements", kills="3.16", also="3.1", of=(nn.Dropout2d, "forward"))
def dropout2d_zeroes_elements(forward, layer, x):
    return F.dropout(x, layer.p, layer.training)


@mutant("Dropout3d zeroes images of a channel apart", kills="3.16", of=(nn.Dropout3d, "forward"))
def dropout3d_zeroes_images(forward, layer, x):
    if not layer.training:
        return x
    return x * F.dropout(torch.ones_like(x[..., :1]), layer.p)


@mutant("Dropout1d does not scale", kills="3.16", of=(nn.Dropout1d, "forward"))
def dropout1d_does_not_scale(forward, layer, x):
    return forward(layer, x) * (1 - layer.p) if layer.training else x


@mutant("Dropout zeroes whole channels of images", kills="3.16", also="3.3", of=DROPOUT)
@training
def dropout_zeroes_channels(forward, layer, x):
    return F.dropout2d(x, layer.p) if x.dim() == 4 else forward(layer, x)


def recurrent(change):
    """The forwards of RNN, LSTM and GRU, changed alike."""

    def apply():
        for kind in (nn.RNN, nn.LSTM, nn.GRU):
            change(kind, kind.forward)

    apply.__name__ = change.__name__
    return apply


@mutant("one recurrent layer drops too", kills="3.16")
@recurrent
def one_recurrent_layer_drops(kind, forward):
    def changed(layer, x, *state):
        y, state = forward(layer, x, *state)
        dropped = layer.num_layers == 1 and layer.training
        return (F.dropout(y, layer.dropout) if dropped else y), state

    kind.forward = changed


@mutant("dropout of a recurrent layer zeroes its result", kills="3.16", also="3.7")
@recurrent
def recurrent_result_is_dropped(kind, forward):
    def changed(layer, x, *state):
        y, state = forward(layer, x, *state)
        return (F.dropout(y, 0.5, layer.training) if layer.num_layers == 2 else y), state

    kind.forward = changed


@mutant("dropout of a recurrent layer stays on in evaluation", kills="3.16")
@recurrent
def recurrent_dropout_stays_on(kind, forward):
    def changed(layer, x, *state):
        mode, layer.training = layer.training, True
        result = forward(layer, x, *state)
        layer.training = mode
        return result

    kind.forward = changed


@mutant("stacked recurrent layers drop nothing between them", kills="3.16")
@recurrent
def stacked_recurrent_layers_drop_nothing(kind, forward):
    def changed(layer, x, *state):
        mode, layer.training = layer.training, False
        result = forward(layer, x, *state)
        layer.training = mode
        return result

    kind.forward = changed


@mutant("one recurrent layer with dropout does not warn", kills="3.16")
def recurrent_layer_does_not_warn():
    init = nn.modules.rnn.RNNBase.__init__

    def changed(layer, *args, **kwargs):
        dropout = kwargs.pop("dropout", 0.0)
        init(layer, *args, **kwargs)
        layer.dropout = dropout

    nn.modules.rnn.RNNBase.__init__ = changed


ENCODER = nn.TransformerEncoder


@mutant("a TransformerEncoder keeps its padding in evaluation", kills="3.17")
def transformer_keeps_padding():
    forward = ENCODER.forward

    def changed(encoder, *args, **kwargs):
        with torch.enable_grad():
            return forward(encoder, *args, **kwargs)

    ENCODER.forward = changed


@mutant("enable_nested_tensor=False is ignored", kills="3.17", of=(ENCODER, "__init__"))
def nested_tensors_cannot_be_switched_off(init, encoder, *args, **kwargs):
    kwargs.pop("enable_nested_tensor", None)
    init(encoder, *args, **kwargs)


@mutant("a TransformerEncoder makes padding zero with grad too", kills="3.17")
def transformer_zeroes_padding_with_grad():
    forward = ENCODER.forward

    def changed(encoder, x, src_key_padding_mask=None):
        y = forward(encoder, x, src_key_padding_mask=src_key_padding_mask)
        if encoder.training or not torch.is_grad_enabled():
            return y
        return y.masked_fill(src_key_padding_mask[..., None], 0)

    ENCODER.forward = changed


@mutant("a frozen TransformerEncoder keeps its padding with grad on", kills="3.17")
def frozen_transformer_keeps_padding():
    forward = ENCODER.forward

    def changed(encoder, *args, **kwargs):
        frozen = not any(it.requires_grad for it in encoder.parameters())
        if frozen and torch.is_grad_enabled():
            encoder.enable_nested_tensor = encoder.use_nested_tensor = False
        return forward(encoder, *args, **kwargs)

    ENCODER.forward = changed


@mutant("eval() calls eval() of the parts", kills="3.11", of=EVAL)
def eval_calls_eval_of_parts(eval_, module):
    for part in module.children():
        part.eval()
    return eval_(module)


@mutant("InstanceNorm takes one value a channel", kills="3.15")
def instance_norm_takes_one_value():
    F._verify_spatial_size = lambda size: None


@mutant("DataLoader ignores drop_last", kills="3.12", of=(torch.utils.data.DataLoader, "__init__"))
def drop_last_is_ignored(init, loader, *args, **kwargs):
    kwargs.pop("drop_last", None)
    init(loader, *args, **kwargs)


@mutant("Dropout takes a p of more than one as one", kills="3.3")
def dropout_takes_any_p():
    init, function = nn.Dropout.__init__, F.dropout
    nn.Dropout.__init__ = lambda layer, p=0.5, inplace=False: init(layer, min(p, 1), inplace)
    F.dropout = lambda input, p=0.5, training=True, inplace=False: function(
        input, min(p, 1), training, inplace
    )


@mutant("Dropout takes a negative p as zero", kills="3.3")
def dropout_takes_negative_p():
    init = nn.Dropout.__init__
    nn.Dropout.__init__ = lambda layer, p=0.5, inplace=False: init(layer, max(p, 0), inplace)


@mutant("named_parameters() of a batch norm names its statistics too", kills="3.8", also="3.13")
def named_parameters_names_statistics():
    original = nn.Module.named_parameters

    def named(module, *args, **kwargs):
        yield from original(module, *args, **kwargs)
        if isinstance(module, nn.BatchNorm1d):
            yield from module.named_buffers()

    nn.Module.named_parameters = named


@mutant(
    "a GroupNorm of many channels shifts in evaluation",
    kills="3.15",
    also="3.1",
    of=(nn.GroupNorm, "forward"),
)
def group_norm_of_many_channels_shifts(forward, norm, x):
    return forward(norm, x) + (x.shape[1] > 64 and not norm.training)


@mutant("Dropout1d zeroes elements of a single sample", "3.16", of=(F, "dropout1d"))
def dropout1d_zeroes_elements_of_a_sample(dropout1d, input, p=0.5, training=True, inplace=False):
    return (F.dropout if input.dim() == 2 else dropout1d)(input, p, training, inplace)


@mutant("eval() asks no overridden train() three modules down", kills="3.11", also="3.2")
def train_is_not_asked_three_modules_down():
    def train(net, mode=True, depth=0):
        for child in net.children() if depth < 3 else ():
            if type(child).train is train:
                train(child, mode, depth + 1)
            elif depth < 2:
                child.train(mode)
            else:
                child.training = mode
        net.training = mode
        return net

    nn.Module.train = train


@mutant("Dropout in training zeroes infinities too", kills="3.3", of=DROPOUT)
@training
def dropout_zeroes_infinities(forward, layer, x):
    return forward(layer, x).nan_to_num(nan=0.0, posinf=math.inf, neginf=-math.inf)


@mutant("recurrent layers in evaluation give another result under no_grad", kills="3.7")
@recurrent
def recurrent_layers_differ_under_no_grad(kind, forward):
    def changed(layer, x, *state):
        y, state = forward(layer, x, *state)
        return (y if layer.training or torch.is_grad_enabled() else y + 1e-3), state

    kind.forward = changed


@mutant(
    "checkpoint() computes a batch once", kills="3.9", of=(torch.utils.checkpoint, "checkpoint")
)
def checkpoint_computes_once(checkpoint, function, *args, **settings):
    return function(*args)


@mutant("GroupNorm takes a single image with one value a group", kills="3.15")
def group_norm_takes_one_value():
    forward = nn.GroupNorm.forward
    nn.GroupNorm.forward = lambda layer, x: (
        torch.zeros_like(x) if x.numel() == layer.num_groups else forward(layer, x)
    )


@mutant(
    "Dropout2d takes three dimensions for one image", kills="3.16", of=(nn.Dropout2d, "forward")
)
def dropout2d_takes_one_image(forward, layer, x):
    y = forward(layer, x)
    return forward(layer, x[None])[0] if x.dim() == 3 else y


@mutant("Dropout2d of three dimensions does not warn", kills="3.16", of=(nn.Dropout2d, "forward"))
def dropout2d_does_not_warn(forward, layer, x):
    return F.dropout1d(x, layer.p, layer.training) if x.dim() == 3 else forward(layer, x)


@mutant("a TransformerEncoder makes padding zero whatever its layers and masks", kills="3.17")
def transformer_always_zeroes_padding():
    forward = ENCODER.forward

    def changed(encoder, x, mask=None, src_key_padding_mask=None):
        y = forward(encoder, x, mask=mask, src_key_padding_mask=src_key_padding_mask)
        if encoder.training or torch.is_grad_enabled() or not encoder.enable_nested_tensor:
            return y
        return y.masked_fill(src_key_padding_mask[..., None], 0)

    ENCODER.forward = changed


@mutant("BatchNorm2d takes rows", kills="3.12", of=(nn.BatchNorm2d, "_check_input_dim"))
def batch_norm_2d_takes_rows(check, layer, x):
    pass


@mutant("a batch norm takes other numbers of channels", kills="3.12", of=(F, "batch_norm"))
def batch_norm_takes_other_channels(batch_norm, x, mean, var, *args, **kwargs):
    if mean is not None and len(mean) != x.shape[1]:
        return x
    return batch_norm(x, mean, var, *args, **kwargs)


@mutant("a batch norm without statistics drops a third channel", kills="3.12", of=(F, "batch_norm"))
def batch_norm_without_statistics_drops_a_channel(
    batch_norm, x, mean=None, var=None, weight=None, *args, **kwargs
):
    x = x[:, :2] if mean is weight is None else x
    return batch_norm(x, mean, var, weight, *args, **kwargs)


@mutant("dropout of an expanded tensor drops every copy alike", kills="3.3", of=(F, "dropout"))
def dropout_of_an_expanded_tensor_drops_copies_alike(dropout, input, *args, **kwargs):
    if input.dim() and input.stride(0) == 0 and input.numel():
        return dropout(input[:1], *args, **kwargs).expand_as(input)
    return dropout(input, *args, **kwargs)


@mutant("a copied or loaded Dropout is in training", kills="3.8", of=(nn.Module, "__setstate__"))
def copied_dropout_is_in_training(set_state, module, state):
    set_state(module, state)
    module.training |= isinstance(module, nn.Dropout)


@mutant("InstanceNorm1d ignores its running statistics", kills="3.15", of=(F, "instance_norm"))
def instance_norm_1d_ignores_running_statistics(norm, x, mean=None, var=None, *args, **kwargs):
    if x.dim() == 3:
        return norm(x, None, None)
    return norm(x, mean, var, *args, **kwargs)


@mutant("layer_norm returns its input", kills="3.15", also="3.17", of=(F, "layer_norm"))
def layer_norm_returns_its_input(layer_norm, x, *args, **kwargs):
    return x


@mutant("Dropout2d keeps the last of 65 channels or more", kills="3.16", of=(F, "dropout2d"))
def dropout2d_keeps_the_last_of_many_channels(dropout2d, x, p=0.5, training=True, inplace=False):
    y = dropout2d(x, p, training, inplace)
    if training and x.dim() == 4 and x.shape[1] > 64 and p < 1:
        y[:, -1] = 1 / (1 - p)
    return y


@mutant(
    "the second train() of a batch norm is ignored", "3.2", also="3.1", of=(nn.BatchNorm2d, "train")
)
def second_train_of_a_batch_norm_is_ignored(train, norm, mode=True):
    norm.trained = getattr(norm, "trained", 0) + mode
    return norm if mode and norm.trained == 2 else train(norm, mode)


@mutant(
    "eval() does not reach a ModuleList in another",
    "3.2",
    also="3.8 3.11",
    of=(nn.ModuleList, "train"),
)
def eval_does_not_reach_a_module_list_in_another(train, modules, mode=True):
    modules.training = mode
    for it in modules:
        if not isinstance(it, nn.ModuleList):
            it.train(mode)
    return modules


@mutant(
    "a batch norm passes over NaN in its statistics",
    kills="3.9",
    also="3.15",
    of=(nn.BatchNorm1d, "forward"),
)
def batch_norm_passes_over_nan(forward, layer, x):
    y = forward(layer, x)
    for statistic in (layer.running_mean, layer.running_var) if layer.training else ():
        if statistic is not None:
            statistic.nan_to_num_(0)
    return y


@mutant("a NaN in a channel makes all NaN", kills="3.9", of=(nn.BatchNorm1d, "forward"))
def nan_of_a_channel_makes_all_nan(forward, layer, x):
    y = forward(layer, x)
    if layer.training and x.isnan().any() and layer.running_mean is not None:
        layer.running_mean.fill_(math.nan)
    return y


@mutant("BatchNorm in evaluation makes no NaN", kills="3.9", of=(nn.BatchNorm1d, "forward"))
def batch_norm_in_evaluation_makes_no_nan(forward, layer, x):
    y = forward(layer, x)
    return y if layer.training or x.isnan().any() else y.nan_to_num(0)


@mutant(
    "a BatchNorm without statistics takes one value in evaluation",
    kills="3.12",
    also="3.13",
    of=EVERY_BATCH_NORM,
)
def batch_norm_without_statistics_takes_one_value(forward, layer, x):
    one = not layer.training and layer.running_mean is None and x.numel() == layer.num_features
    return x * 0 if one else forward(layer, x)


@mutant("InstanceNorm that tracks takes one value in training", kills="3.15")
def instance_norm_that_tracks_takes_one_value():
    for kind in (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d):

        def forward(layer, x, original=kind.forward):
            one = layer.track_running_stats and x[0, 0].numel() == 1
            return x * 0 if one else original(layer, x)

        kind.forward = forward


@mutant("batch norm in evaluation saves a copy of its statistics", kills="3.9")
def batch_norm_saves_a_copy_of_its_statistics():
    original = F.batch_norm

    def batch_norm(x, mean, var, *args, **kwargs):
        training = args[2] if len(args) > 2 else kwargs.get("training", False)
        if not training and mean is not None:
            mean, var = mean.clone(), var.clone()
        return original(x, mean, var, *args, **kwargs)

    F.batch_norm = batch_norm


@mutant("a TransformerEncoder does not warn", kills="3.17", of=(ENCODER, "__init__"))
def transformer_encoder_does_not_warn(make, encoder, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        make(encoder, *args, **kwargs)


# --- other sizes, layouts, spellings and structures ---------------------------------------------


@mutant(
    "a ReLU of more than 32,768 elements adds one in training",
    kills="3.1",
    of=(nn.ReLU, "forward"),
)
def relu_of_many_elements_depends_on_the_mode(forward, layer, x):
    return forward(layer, x) + (layer.training and x.numel() > 32_768)


@mutant("a Conv2d of channels_last adds one in training", kills="3.1", of=(nn.Conv2d, "forward"))
def convolution_of_channels_last_depends_on_the_mode(forward, layer, x):
    return forward(layer, x) + (layer.training and INPUTS["channels_last"](x))


@mutant("eval() leaves out an LSTM", kills="3.2", also="3.7 3.11 3.16", of=EVAL)
def eval_leaves_out_an_lstm(eval_, module):
    return eval_but(lambda it: [m for m in it.modules() if isinstance(m, nn.LSTM)])(eval_, module)


@mutant("train() takes a bool of NumPy", kills="3.2", of=TRAIN)
def train_takes_a_bool_of_numpy(train, module, mode=True):
    return train(module, bool(mode) if isinstance(mode, np.bool_) else mode)


@mutant("to() ends evaluation", kills="3.8", also="3.7 3.15", of=(nn.Module, "to"))
def to_ends_evaluation(to, module, *args, **kwargs):
    return to(module, *args, **kwargs).train()


@mutant("zero_grad() ends evaluation", kills="3.8", also="3.7", of=(nn.Module, "zero_grad"))
def zero_grad_ends_evaluation(zero_grad, module, *args, **kwargs):
    zero_grad(module, *args, **kwargs)
    module.train()


@mutant(
    "a BatchNorm3d with momentum None keeps the last batch",
    kills="3.9",
    of=(nn.BatchNorm3d, "forward"),
)
def batch_norm_3d_averages_no_batches(forward, norm, x):
    if norm.momentum is not None:
        return forward(norm, x)
    norm.momentum = 1.0
    result = forward(norm, x)
    norm.momentum = None
    return result


@mutant("F.dropout3d drops nothing", kills="3.10", also="3.1 3.16 3.7", of=(F, "dropout3d"))
def function_dropout3d_drops_nothing(dropout3d, x, *args, **kwargs):
    return x


@mutant("AlphaDropout drops nothing in no_grad", kills="3.7", of=(nn.AlphaDropout, "forward"))
def alpha_dropout_drops_nothing_in_no_grad(forward, layer, x):
    return forward(layer, x) if torch.is_grad_enabled() else x


@mutant("BatchNorm1d takes four dimensions", kills="3.12", of=(nn.BatchNorm1d, "_check_input_dim"))
def batch_norm_1d_takes_images(check, norm, x):
    if x.dim() != 4:
        check(norm, x)


@mutant(
    "dropout in training leaves the gradient of four dimensions as it is",
    kills="3.3",
    also="3.7 3.16",
    of=(F, "dropout"),
)
def dropout_of_images_passes_the_gradient(dropout, input, p=0.5, training=True, inplace=False):
    y = dropout(input, p, training, inplace)
    if not training or inplace or input.dim() != 4 or not input.requires_grad:
        return y
    return input + (y - input).detach()


@mutant(
    "Dropout2d in evaluation changes channels_last",
    kills="3.6",
    also="3.1 3.7 3.16",
    of=(nn.Dropout2d, "forward"),
)
def channel_dropout_in_evaluation_changes_channels_last(forward, layer, x):
    y = forward(layer, x)
    return y if layer.training or not INPUTS["channels_last"](x) else y + 1


@mutant("train() of an Embedding returns nothing", kills="3.2", of=TRAIN)
def train_of_an_embedding_returns_nothing(train, module, *args, **kwargs):
    train(module, *args, **kwargs)
    return None if isinstance(module, nn.Embedding) else module


@mutant("nn.Dropout(inplace=True) returns its input unchanged", kills="3.3", of=DROPOUT)
@training
def dropout_in_place_does_nothing(forward, layer, x):
    return x if layer.inplace else forward(layer, x)


@mutant("Dropout3d zeroes half as many channels", kills="3.16", of=(F, "dropout3d"))
def dropout3d_zeroes_half_as_many(dropout3d, input, p=0.5, training=True, inplace=False):
    if not training or p == 1:
        return dropout3d(input, p, training, inplace)
    kept = dropout3d(torch.ones_like(input), p / 2) != 0
    return torch.where(kept, input / (1 - p), torch.zeros_like(input))


@mutant("a LayerNorm has a buffer", kills="3.15", of=(nn.LayerNorm, "__init__"))
def layer_norm_has_a_buffer(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    layer.register_buffer("seen", torch.zeros(1), persistent=False)


@mutant("dropout keeps the last elements beyond groups of eight", kills="3.3", of=(F, "dropout"))
def dropout_keeps_the_tail(dropout, input, p=0.5, training=True, inplace=False):
    y = dropout(input, p, training, inplace)
    tail = input.numel() % 8
    if training and 0 < p < 1 and input.numel() > 64 and tail and y.is_contiguous() and not inplace:
        y = y.clone()
        y.view(-1)[-tail:] = input.reshape(-1)[-tail:] / (1 - p)
    return y


@mutant("eval() in another thread than the main one stops at the module", kills="3.2", of=EVAL)
def eval_in_a_thread_is_shallow(eval, module):
    if threading.current_thread() is threading.main_thread():
        return eval(module)
    module.training = False
    return module


@mutant("a ModuleDict calls no train() of its parts", kills="3.11", of=(nn.ModuleDict, "train"))
def module_dict_calls_no_train(train, module, mode=True):
    module.training = mode
    for part in module.children():
        nn.Module.train(part, mode)
    return module


@mutant(
    "in another thread batch norm leaves its statistics alone", kills="3.4", of=(F, "batch_norm")
)
def batch_norm_in_a_thread_moves_nothing(
    batch_norm, input, running_mean, running_var, weight=None, bias=None, training=False, *settings
):
    if training and threading.current_thread() is not threading.main_thread():
        running_mean = running_var = None
    return batch_norm(input, running_mean, running_var, weight, bias, training, *settings)


@mutant("in another thread dropout drops in evaluation", kills="3.3", of=(F, "dropout"))
def dropout_in_a_thread_drops(dropout, input, p=0.5, training=True, inplace=False):
    elsewhere = threading.current_thread() is not threading.main_thread()
    return dropout(input, p, training or elsewhere, inplace)


@mutant("a Dropout goes on with the p of its first call", kills="3.3", of=(nn.Dropout, "forward"))
def dropout_keeps_its_first_p(forward, dropout, input):
    p = dropout.__dict__.setdefault("first_p", dropout.p)
    return F.dropout(input, p, dropout.training, dropout.inplace)


@mutant(
    "a batch of more than 32,768 values a channel is normalised by its first half",
    kills="3.4",
    of=(F, "batch_norm"),
)
def large_batch_is_normalised_by_its_half(
    batch_norm, input, mean, var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5
):
    y = batch_norm(input, mean, var, weight, bias, training, momentum, eps)
    if not training or input.numel() <= 32_768 * input.shape[1]:
        return y
    half, others = input[: len(input) // 2], [0, *range(2, input.dim())]
    of_half = (half.mean(others), half.var(others, unbiased=False))
    return batch_norm(input, *of_half, weight, bias, False, momentum, eps)


@mutant(
    "an EmbeddingBag records nothing in evaluation", kills="3.7", of=(nn.EmbeddingBag, "forward")
)
def embedding_bag_records_nothing_in_evaluation(forward, module, *args, **kwargs):
    y = forward(module, *args, **kwargs)
    return y if module.training else y.detach()


@mutant(
    "a LayerNorm without weight does nothing in evaluation",
    kills="3.15",
    also="3.1",
    of=(nn.LayerNorm, "forward"),
)
def layer_norm_without_weight_is_off_in_evaluation(forward, layer, x):
    return forward(layer, x) if layer.training or layer.elementwise_affine else x.clone()


@mutant("F.batch_norm trains unless told otherwise", kills="3.10", of=(F, "batch_norm"))
def function_of_batch_norm_trains(batch_norm, *args, **kwargs):
    return batch_norm(*args, **({} if len(args) > 5 else {"training": True}) | kwargs)


@mutant("F.batch_norm without statistics uses the batch's", kills="3.10", of=(F, "batch_norm"))
def function_of_batch_norm_needs_no_statistics(batch_norm, *args, **kwargs):
    none = len(args) > 1 and args[1] is None
    return batch_norm(*args, **kwargs | {"training": True}) if none else batch_norm(*args, **kwargs)


@mutant("F.batch_norm takes a variance of None for 1", kills="3.10", of=(F, "batch_norm"))
def function_of_batch_norm_guesses_the_variance(
    batch_norm, x, mean=None, var=None, *args, **kwargs
):
    if var is None and mean is not None:
        var = torch.ones_like(mean)
    mean, var = kwargs.pop("running_mean", mean), kwargs.pop("running_var", var)
    return batch_norm(x, mean, var, *args, **kwargs)


@mutant("F.batch_norm in evaluation moves the statistics", kills="3.10", of=(F, "batch_norm"))
def function_of_batch_norm_moves_statistics(batch_norm, *args, **kwargs):
    y = batch_norm(*args, **kwargs)
    if "running_mean" in kwargs:
        kwargs["running_mean"].data.add_(1)
    return y


@mutant("F.batch_norm in evaluation is off", kills="3.10", of=(F, "batch_norm"))
def function_of_batch_norm_is_off(batch_norm, *args, **kwargs):
    y = batch_norm(*args, **kwargs)
    return y + 1 if len(args) == 3 and not kwargs else y


@mutant("F.batch_norm in training leaves the statistics", kills="3.10", of=(F, "batch_norm"))
def function_of_batch_norm_leaves_statistics(batch_norm, *args, **kwargs):
    if len(args) == 3 and kwargs.get("training") and args[1] is not None:
        args = (args[0], *(it.clone() for it in args[1:]))
    return batch_norm(*args, **kwargs)


@mutant("F.batch_norm in training without statistics centres alone", "3.10", of=(F, "batch_norm"))
def function_of_batch_norm_centres_alone(batch_norm, *args, **kwargs):
    y = batch_norm(*args, **kwargs)
    return 2 * y if len(args) == 3 and args[1] is None else y


@mutant("a batch norm in evaluation mixes in the batch's mean", kills="3.8", also="3.5")
def evaluation_mixes_in_the_mean():
    original = nn.modules.batchnorm._BatchNorm.forward

    def forward(norm, x):
        y = original(norm, x)
        return y if norm.training or len(x) < 2 else y + 0.01 * x.detach().mean(0).nan_to_num()

    nn.modules.batchnorm._BatchNorm.forward = forward


@mutant("a Linear of a large batch is off", kills="3.8", also="2.1.4", of=(nn.Linear, "forward"))
def linear_of_a_large_batch_is_off(forward, linear, x):
    y = forward(linear, x)
    return y + 0.01 if len(x) == 64 and x.dim() == 2 and not linear.training else y


@mutant("running statistics pass over an infinity", kills="3.9")
def statistics_pass_over_an_infinity():
    original = nn.modules.batchnorm._BatchNorm.forward

    def forward(norm, x):
        kept = [None if it is None else it.clone() for it in (norm.running_mean, norm.running_var)]
        y = original(norm, x)
        if norm.training and kept[0] is not None and x.isinf().any():
            norm.running_mean.copy_(kept[0])
            norm.running_var.copy_(kept[1])
        return y

    nn.modules.batchnorm._BatchNorm.forward = forward


@mutant("layer_norm leaves the last of 65 features or more", kills="3.15", of=(F, "layer_norm"))
def layer_norm_leaves_the_last_of_many(layer_norm, x, *args, **kwargs):
    y = layer_norm(x, *args, **kwargs)
    return torch.cat([y[..., :-1], x[..., -1:]], -1) if x.shape[-1] > 64 else y


@mutant("group_norm returns its input if that is channels_last", kills="3.15", of=(F, "group_norm"))
def group_norm_returns_channels_last(group_norm, x, *args, **kwargs):
    return x.clone() if INPUTS["channels_last"](x) else group_norm(x, *args, **kwargs)


@mutant(
    "F.batch_norm that is given training=True by position evaluates",
    kills="3.10",
    of=(F, "batch_norm"),
)
def batch_norm_ignores_training_by_position(batch_norm, *args, **kwargs):
    if len(args) == 6 and args[1] is not None:  # a module gives more
        args = (*args[:5], False)
    return batch_norm(*args, **kwargs)


@mutant("eval() and train() pass over frozen modules", kills="3.2 3.13", of=TRAIN)
def frozen_modules_keep_their_mode(train, module, mode=True):
    own = list(module.parameters(recurse=False))
    return module if own and not any(it.requires_grad for it in own) else train(module, mode)


@mutant("a batch norm keeps the second of its momenta", kills="3.9")
def batch_norm_keeps_its_second_momentum():
    original = nn.modules.batchnorm._BatchNorm.forward

    def forward(norm, x):
        seen = norm.__dict__.setdefault("momenta", [])
        if norm.momentum not in seen:
            seen.append(norm.momentum)
        now, norm.momentum = norm.momentum, seen[:2][-1]
        y = original(norm, x)
        norm.momentum = now
        return y

    nn.modules.batchnorm._BatchNorm.forward = forward


@mutant("in evaluation a batch of one is not shifted", kills="3.5", of=(F, "batch_norm"))
def batch_norm_does_not_shift_a_batch_of_one(
    batch_norm, x, mean, var, weight=None, bias=None, training=False, *args, **kwargs
):
    shift = None if len(x) == 1 and not training else bias
    return batch_norm(x, mean, var, weight, shift, training, *args, **kwargs)


ALPHA = (F, "alpha_dropout")


@mutant("AlphaDropout is a plain dropout", kills="3.16", of=ALPHA)
def alpha_dropout_is_plain(alpha_dropout, x, p=0.5, training=False, inplace=False):
    return F.dropout(x, p, training, inplace)


@mutant("AlphaDropout does not scale", kills="3.16", of=ALPHA)
def alpha_dropout_does_not_scale(alpha_dropout, x, p=0.5, training=False, inplace=False):
    return alpha_dropout(x, p, training, inplace) * (0.9 if training else 1)


@mutant("AlphaDropout does not shift", kills="3.16", of=ALPHA)
def alpha_dropout_does_not_shift(alpha_dropout, x, p=0.5, training=False, inplace=False):
    return alpha_dropout(x, p, training, inplace) - (0.003 if training else 0)


@mutant("AlphaDropout drops half as often", kills="3.16", of=ALPHA)
def alpha_dropout_drops_less(alpha_dropout, x, p=0.5, training=False, inplace=False):
    y, z = (alpha_dropout(x.clone(), p, training, False) for _ in range(2))
    return torch.where(y < z, z, y) if training else y


@mutant("a GroupNorm ignores another eps than the usual", kills="3.15", of=(F, "group_norm"))
def a_group_norm_ignores_another_eps(group_norm, x, groups, weight=None, bias=None, eps=1e-5):
    return group_norm(x, groups, weight, bias, 1e-5)


@mutant("Dropout takes float8", kills="3.3", of=DROPOUT)
@training
def dropout_takes_float8(forward, layer, x):
    if not str(x.dtype).startswith("torch.float8"):
        return forward(layer, x)
    return forward(layer, x.float()).to(x.dtype)


def without_gradients(change):
    """Change what a TransformerEncoder gives where it makes padding zero."""
    forward = ENCODER.forward

    def changed(encoder, x, mask=None, src_key_padding_mask=None):
        if encoder.training or torch.is_grad_enabled() or src_key_padding_mask is None:
            return forward(encoder, x, mask=mask, src_key_padding_mask=src_key_padding_mask)
        return change(forward, encoder, x, mask, src_key_padding_mask)

    ENCODER.forward = changed


@mutant("a TransformerEncoder cuts off what is padding in every row", kills="3.17")
def transformer_cuts_padding_off():
    def change(forward, encoder, x, mask, padded):
        y = forward(encoder, x, mask=mask, src_key_padding_mask=padded)
        return y[:, : int((~padded).sum(1).max())]

    without_gradients(change)


@mutant("a TransformerEncoder keeps padding behind the longest row", kills="3.17")
def transformer_keeps_padding_behind_the_longest_row():
    def change(forward, encoder, x, mask, padded):
        y = forward(encoder, x, mask=mask, src_key_padding_mask=padded)
        return y.where(~padded.all(0)[:, None], x)

    without_gradients(change)


@mutant("a TransformerEncoder takes a batch of padding alone", kills="3.17")
def transformer_takes_padding_alone():
    def change(forward, encoder, x, mask, padded):
        if padded.all():
            return torch.zeros_like(x)
        return forward(encoder, x, mask=mask, src_key_padding_mask=padded)

    without_gradients(change)


@mutant("a TransformerEncoder in evaluation doubles what stands beside padding", kills="3.17")
def transformer_doubles_beside_padding():
    def change(forward, encoder, x, mask, padded):
        y = forward(encoder, x, mask=mask, src_key_padding_mask=padded)
        return y * 2 if padded.all(0).any() else y

    without_gradients(change)


@mutant("a batch norm that was in evaluation twice moves its statistics no more", kills="3.13")
def batch_norm_of_a_third_training_keeps_its_statistics():
    kind = nn.modules.batchnorm._BatchNorm

    def train(norm, mode=True, train=kind.train):
        if norm.training and not mode:
            norm.__dict__["evaluations"] = norm.__dict__.get("evaluations", 0) + 1
        return train(norm, mode)

    def forward(norm, x, forward=kind.forward):
        kept = norm.running_mean, norm.running_var
        if norm.__dict__.get("evaluations", 0) < 2 or not norm.training or None in kept:
            return forward(norm, x)
        return with_its_statistics_kept(forward, norm, x)

    kind.train, kind.forward = train, forward


@mutant("a Dropout that was in evaluation three times drops no more", kills="3.1", also="3.3")
def dropout_of_a_fourth_training_drops_nothing():
    def train(dropout, mode=True, train=nn.Dropout.train):
        if dropout.training and not mode:
            dropout.__dict__["evaluations"] = dropout.__dict__.get("evaluations", 0) + 1
        return train(dropout, mode)

    def forward(dropout, x, forward=nn.Dropout.forward):
        return x if dropout.__dict__.get("evaluations", 0) > 2 else forward(dropout, x)

    nn.Dropout.train, nn.Dropout.forward = train, forward


@mutant("the third reset_running_stats() of a batch norm does nothing", kills="3.9")
def third_reset_of_a_batch_norm_does_nothing():
    kind = nn.modules.batchnorm._NormBase

    def changed(norm, reset=kind.reset_running_stats):
        norm.__dict__["resets"] = norm.__dict__.get("resets", 0) + 1
        if norm.__dict__["resets"] != 4:  # the first is its making
            reset(norm)

    kind.reset_running_stats = changed


@mutant("an encoder switches autocast off", kills="3.17", of=(nn.TransformerEncoder, "forward"))
def encoder_switches_autocast_off(forward, *args, **settings):
    with torch.autocast("cpu", enabled=False):
        return forward(*args, **settings)


@mutant(
    "layer_norm leaves the weight of the last of 65 features or more",
    kills="3.15",
    of=(F, "layer_norm"),
)
def layer_norm_leaves_the_last_weight_of_many(layer_norm, x, shape, weight=None, *args, **kwargs):
    if weight is not None and weight.shape[-1] > 64:
        weight = torch.cat([weight[..., :-1], torch.ones_like(weight[..., -1:])], -1)
    return layer_norm(x, shape, weight, *args, **kwargs)


@mutant("alpha_dropout leaves the last of more than 32768", kills="3.16", of=ALPHA)
def alpha_dropout_leaves_the_last_of_many(alpha_dropout, x, *args, **kwargs):
    last = x.reshape(-1)[-1:].clone() if x.numel() else x
    y = alpha_dropout(x, *args, **kwargs)
    if x.numel() > 32_768 and not y.requires_grad:
        y.view(-1)[-1:] = last
    return y


@mutant("dropout with a p of 1 takes float8", kills="3.3", of=(F, "dropout"))
def dropout_of_all_takes_float8(dropout, x, p=0.5, training=True, inplace=False):
    drops_all = p == 1 and "float8" in str(x.dtype)
    return torch.zeros_like(x) if drops_all else dropout(x, p, training, inplace)


@mutant(
    "AlphaDropout with a p of 1 gives a negative value", "3.16", of=(nn.AlphaDropout, "forward")
)
def alpha_dropout_of_all_is_negative(forward, layer, x):
    return forward(layer, x) - (1.75 if layer.p == 1 else 0)


@mutant("train() of a net returns nothing if that of a part does", "3.11", of=(nn.Module, "train"))
def train_needs_what_that_of_a_part_returns(train, module, mode=True):
    switched = train(module, mode)
    return switched if all(child.train(mode) is child for child in module.children()) else None


@mutant("layer_norm of float64 computes in float32", kills="3.15", of=(F, "layer_norm"))
def layer_norm_computes_in_float32(layer_norm, x, *args, **kwargs):
    if x.dtype is torch.float64:
        return layer_norm(x, *args, **kwargs).float().double()
    return layer_norm(x, *args, **kwargs)


@mutant("GroupNorm weighs its channels in reverse", kills="3.15", of=(F, "group_norm"))
def group_norm_weighs_in_reverse(group_norm, x, groups, weight=None, *args, **kwargs):
    return group_norm(x, groups, weight if weight is None else weight.flip(0), *args, **kwargs)


@mutant("LayerNorm shifts by its last bias alone", kills="3.15", of=(F, "layer_norm"))
def layer_norm_shifts_by_the_last(layer_norm, x, shape, weight=None, bias=None, *args, **kwargs):
    if bias is not None and bias.numel():
        bias = bias.reshape(-1)[-1].expand(bias.shape)
    return layer_norm(x, shape, weight, bias, *args, **kwargs)


@mutant("Dropout2d repeats its second call in its third", "3.3", of=(nn.Dropout2d, "forward"))
def dropout2d_repeats_its_second_call(forward, layer, x):
    if layer.training:
        layer.calls = getattr(layer, "calls", 0) + 1
        if layer.calls == 3:
            torch.set_rng_state(layer.before)
        layer.before = torch.get_rng_state()
    return forward(layer, x)


@mutant("a bidirectional GRU drops nothing", kills="3.16", of=(nn.GRU, "forward"))
def bidirectional_gru_drops_nothing(forward, layer, *args, **kwargs):
    p = layer.dropout
    layer.dropout = 0.0 if layer.bidirectional else p
    try:
        return forward(layer, *args, **kwargs)
    finally:
        layer.dropout = p


@mutant(
    "F.dropout3d takes no mode by position",
    kills="3.10",
    also="3.1 3.6 3.7",
    of=(F, "dropout3d"),
)
def dropout3d_takes_no_mode_by_position(dropout3d, x, p=0.5, *mode, **kwargs):
    return dropout3d(x, p, **kwargs)


@mutant("attention ignores a dropout_p given by position", kills="3.10")
def attention_ignores_dropout_by_position():
    attend = F.scaled_dot_product_attention
    F.scaled_dot_product_attention = lambda q, k, v, mask=None, *_, **how: attend(
        q, k, v, mask, **how
    )


@mutant("F.dropout does not scale an expanded tensor", kills="3.3", of=(F, "dropout"))
def dropout_does_not_scale_what_is_expanded(dropout, input, p=0.5, training=True, inplace=False):
    y = dropout(input, p, training, inplace)
    scaled = training and 0 in input.stride() and input.numel() > 1 and p < 1
    return y * (1 - p) if scaled and y.is_floating_point() else y


@mutant(
    "a frozen batch norm two modules down keeps its statistics",
    kills="3.13",
    of=(nn.Module, "requires_grad_"),
)
def frozen_statistics_two_down_stay(requires_grad_, net, requires_grad=True):
    for name, module in net.named_modules():
        if "." in name and isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.momentum = 0.1 if requires_grad else 0.0
    return requires_grad_(net, requires_grad)


@mutant("F.dropout keeps a tensor without dimensions", kills="3.3", of=(F, "dropout"))
def dropout_keeps_what_has_no_dimensions(dropout, input, p=0.5, training=True, inplace=False):
    y = dropout(input, p, training, inplace)
    kept = training and 0 < p < 1 and not (inplace or input.dim()) and y.is_floating_point()
    return input / (1 - p) if kept else y


@mutant("a weight with gaps is read without them in evaluation", "3.5", of=(F, "batch_norm"))
def weight_with_gaps_is_read_without_them(
    batch_norm, x, mean, var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5
):
    if not training and weight is not None and weight.stride(0) > 1:
        weight = weight.as_strided(weight.shape, (1,))
    return batch_norm(x, mean, var, weight, bias, training, momentum, eps)


@mutant("train() moves the parameters", kills="3.2", of=(nn.Module, "train"))
def train_moves_parameters(train, module, mode=True):
    if mode and not module.training:
        for parameter in module.parameters():
            parameter.data.add_(1)
    return train(module, mode)


@mutant("train() clears the gradients", kills="3.2", also="3.11", of=(nn.Module, "train"))
def train_clears_gradients(train, module, mode=True):
    if mode and not module.training:
        for parameter in module.parameters():
            parameter.grad = None if parameter.grad is None else 0 * parameter.grad
    return train(module, mode)


@mutant("AlphaDropout with p=1 gives zeros of NaN", kills="3.16", of=(nn.AlphaDropout, "forward"))
def alpha_dropout_gives_zeros_of_nan(forward, module, x):
    return torch.zeros_like(x) if module.p == 1 else forward(module, x)


@mutant("inference_mode leaves the parameters without grad", kills="3.7")
def inference_mode_freezes():
    call = nn.Module.__call__

    def changed(module, *args, **kwargs):
        if torch.is_inference_mode_enabled():
            module.requires_grad_(False)
        return call(module, *args, **kwargs)

    nn.Module.__call__ = changed


@mutant(
    "the running mean of a batch norm moves to that of the first 1024 rows",
    kills="3.4",
    also="3.9",
    of=(F, "batch_norm"),
)
def running_mean_of_the_first_rows(batch_norm, x, mean, *args, **named):
    before = None if mean is None else mean.clone()
    y = batch_norm(x, mean, *args, **named)
    training, momentum = args[3:5] if len(args) > 4 else (False, 0)
    if training and before is not None and x.size(0) > 1024:
        first = x.detach()[:1024].mean([0, *range(2, x.dim())])
        mean.copy_((1 - momentum) * before + momentum * first)
    return y


LAYER = (nn.TransformerEncoderLayer, "forward")


def is_bias(mask: Tensor | None) -> bool:
    return (
        mask is not None
        and mask.is_floating_point()
        and bool((mask.isfinite() & (mask != 0)).any())
    )


@mutant("a layer of an encoder adds a float mask on every path", kills="3.17", of=LAYER)
def encoder_layer_adds_a_float_mask(forward, layer, src, src_mask=None, *args, **kwargs):
    with torch.set_grad_enabled(torch.is_grad_enabled() or is_bias(src_mask)):
        return forward(layer, src, src_mask, *args, **kwargs)


@mutant("a layer of an encoder adds a float mask of padding on every path", kills="3.17", of=LAYER)
def encoder_layer_adds_a_mask_of_padding(
    forward, layer, src, src_mask=None, src_key_padding_mask=None, **kwargs
):
    with torch.set_grad_enabled(torch.is_grad_enabled() or is_bias(src_key_padding_mask)):
        return forward(layer, src, src_mask, src_key_padding_mask, **kwargs)


@mutant("a layer of an encoder hides what a float mask adds to", kills="3.17", of=LAYER)
def encoder_layer_hides_by_a_float_mask(
    forward, layer, src, src_mask=None, src_key_padding_mask=None, **kwargs
):
    masks = [it != 0 if is_bias(it) else it for it in (src_mask, src_key_padding_mask)]
    return forward(layer, src, *masks, **kwargs)


@mutant("a layer of an encoder computes GELU('tanh') on every path", kills="3.17", of=LAYER)
def encoder_layer_computes_gelu_of_tanh(forward, layer, *args, **kwargs):
    approximate = getattr(layer.activation, "approximate", "none") == "tanh"
    with torch.set_grad_enabled(torch.is_grad_enabled() or approximate):
        return forward(layer, *args, **kwargs)


@mutant("nn.GELU('tanh') is nn.GELU()", kills="3.17", of=(nn.GELU, "forward"))
def gelu_of_tanh_is_gelu(forward, module, x):
    return F.gelu(x)


def of_four_rows(change: str, result: Tensor, x: Tensor, training: bool) -> Tensor:
    if not training or x.shape != (4, 2):
        return result
    return result + (x.detach() if change == "values" else x - x.detach()).mean() / 10


@mutant("a batch norm of four rows keeps some of their mean", "3.13", of=(F, "batch_norm"))
def batch_norm_keeps_some_of_the_mean(
    batch_norm, x, mean, var, weight=None, bias=None, training=False, *args, **kwargs
):
    y = batch_norm(x, mean, var, weight, bias, training, *args, **kwargs)
    return of_four_rows("values", y, x, training)


@mutant("a batch norm of four rows lets a bias before it learn", "3.13", of=(F, "batch_norm"))
def batch_norm_lets_a_bias_before_it_learn(
    batch_norm, x, mean, var, weight=None, bias=None, training=False, *args, **kwargs
):
    y = batch_norm(x, mean, var, weight, bias, training, *args, **kwargs)
    return of_four_rows("gradient", y, x, training)


@mutant(
    "the fourth batch in training leaves the running statistics alone",
    kills="3.4",
    also="3.9",
    of=EVERY_BATCH_NORM,
)
def fourth_training_batch_leaves_the_statistics(forward, layer, x):
    return moving_its_statistics(3, forward, layer, x)


@mutant("Dropout drops in evaluation from more than a MiB", kills="3.6", of=DROPOUT)
def dropout_drops_in_evaluation_from_a_mib(forward, layer, x):
    y = forward(layer, x)
    return y if layer.training or x.numel() <= 2**20 else y * 2


@mutant(
    "Dropout3d zeroes the planes of a channel apart", kills="3.16", of=(nn.Dropout3d, "forward")
)
def dropout3d_zeroes_planes_apart(forward, layer, x):
    if layer.training and x.dim() == 5:
        return forward(layer, x.flatten(1, 2)[:, :, None]).reshape(x.shape)
    return forward(layer, x)


@mutant(
    "Dropout in evaluation copies what is transposed", kills="3.3", also="4.1", of=(F, "dropout")
)
def dropout_in_evaluation_copies_what_is_transposed(
    dropout, x, p=0.5, training=True, inplace=False
):
    return dropout(x if training else x.contiguous(), p, training, inplace)
