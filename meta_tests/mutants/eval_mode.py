"""Changes to evaluation mode, dropout and batch norm (chapter 3)."""

from __future__ import annotations

import copy
import gc
import math
import sys

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from meta_tests.mutants import mutant

EVAL = (nn.Module, "eval")
TRAIN = (nn.Module, "train")


@mutant("a Linear is noisy in training", kills="3.1", of=(nn.Linear, "forward"))
def linear_is_noisy_in_training(forward, layer, x):
    y = forward(layer, x)
    return y + 1e-3 if layer.training and x.shape == (50, 4) else y


@mutant("a LayerNorm does nothing in evaluation", kills="3.1", of=(nn.LayerNorm, "forward"))
def layer_norm_is_off_in_evaluation(forward, layer, x):
    return forward(layer, x) if layer.training else x


@mutant(
    "Dropout2d works in evaluation as in training with the same seed",
    kills="3.1",
    of=(nn.Dropout2d, "forward"),
)
def dropout2d_is_always_off(forward, layer, x):
    return x


@mutant(
    "BatchNorm1d never looks at its running statistics", kills="3.1", of=(nn.BatchNorm1d, "forward")
)
def batch_norm_1d_always_uses_the_batch(forward, layer, x):
    return F.batch_norm(x, None, None, layer.weight, layer.bias, True, 0.0, layer.eps)


@mutant("eval() clears a batch norm's running statistics", kills="3.1", also="3.6", of=EVAL)
def eval_resets_statistics(eval_, module):
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.fill_(0.5)
    return eval_(module)


@mutant("eval() rounds weights", kills="3.1", of=EVAL)
def eval_changes_weights(eval_, module):
    for parameter in module.parameters():
        if parameter.dim() == 2:
            parameter.data.mul_(1.01)
    return eval_(module)


@mutant(
    "a new module is in evaluation mode",
    kills="3.2",
    of=(nn.Sequential, "__init__"),
)
def new_sequential_is_in_evaluation(init, module, *args):
    init(module, *args)
    module.training = False


@mutant("eval() leaves the modules within in training", kills="3.2", of=EVAL)
def eval_is_shallow(eval_, module):
    module.training = False
    return module


@mutant("eval() reaches only one level down", kills="3.2", of=EVAL)
def eval_reaches_one_level(eval_, module):
    module.training = False
    for child in module.children():
        child.training = False
    return module


@mutant("eval() leaves out Dropout", kills="3.2", also="3.3 3.6", of=EVAL)
def eval_leaves_out_dropout(eval_, module):
    eval_(module)
    for part in module.modules():
        if isinstance(part, nn.Dropout):
            part.training = True
    return module


@mutant("eval() returns a copy", kills="3.2", of=EVAL)
def eval_returns_a_copy(eval_, module):
    return copy.deepcopy(eval_(module))


@mutant("train(False) is train()", kills="3.2", of=TRAIN)
def train_ignores_its_argument(train, module, mode=True):
    called_by_eval = sys._getframe(2).f_code.co_name == "eval"
    return train(module, mode if called_by_eval else True)


@mutant("train(False) returns a copy", kills="3.2", of=TRAIN)
def train_false_returns_a_copy(train, module, mode=True):
    result = train(module, mode)
    called_by_pytorch = sys._getframe(2).f_globals["__name__"].startswith("torch.")
    return result if mode or called_by_pytorch else copy.deepcopy(result)


@mutant("train() returns a copy", kills="3.2", of=TRAIN)
def train_returns_a_copy(train, module, mode=True):
    result = train(module, mode)
    called_by_pytorch = sys._getframe(2).f_globals["__name__"].startswith("torch.")
    return copy.deepcopy(result) if mode and not called_by_pytorch else result


@mutant("train() does not end evaluation", kills="3.2", of=TRAIN)
def train_does_not_end_evaluation(train, module, mode=True):
    return module if mode and not module.training else train(module, mode)


@mutant("eval() of a part switches the whole", kills="3.2", of=EVAL)
def eval_of_a_part_switches_the_rest(eval_, module):
    for whole in gc.get_objects():
        if isinstance(whole, nn.Sequential) and module in whole._modules.values():
            eval_(whole)
    return eval_(module)


@mutant("eval() of a part switches its neighbours", kills="3.2", of=EVAL)
def eval_of_a_part_switches_its_neighbours(eval_, module):
    for whole in gc.get_objects():
        if isinstance(whole, nn.Sequential) and module in whole._modules.values():
            for part in whole.children():
                eval_(part)
    return eval_(module)


@mutant("eval() of a part clears training on what holds it", kills="3.2", of=EVAL)
def eval_of_a_part_switches_its_parent(eval_, module):
    for whole in gc.get_objects():
        if isinstance(whole, nn.Sequential) and module in whole._modules.values():
            whole.training = False
    return eval_(module)


@mutant("eval() turns gradients off", kills="3.7", of=EVAL)
def eval_turns_gradients_off(eval_, module):
    torch.set_grad_enabled(False)
    return eval_(module)


@mutant("eval() freezes parameters", kills="3.7", of=EVAL)
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


@mutant("Dropout in training zeroes whole rows", kills="3.3", of=DROPOUT)
@training
def dropout_zeroes_rows(forward, layer, x):
    if x.dim() < 2:
        return forward(layer, x)
    mask = torch.rand(x.shape[:1] + (1,) * (x.dim() - 1)) >= layer.p
    return x * mask / (1 - layer.p)


@mutant("Dropout in training zeroes the first elements", kills="3.3", of=DROPOUT)
@training
def dropout_zeroes_the_first(forward, layer, x):
    mask = torch.ones(x.numel(), dtype=x.dtype)
    mask[: int(x.numel() * layer.p)] = 0
    return x * mask.reshape(x.shape) / (1 - layer.p)


@mutant("Dropout in training zeroes the same elements in every call", kills="3.3", of=DROPOUT)
@training
def dropout_always_draws_the_same(forward, layer, x):
    torch.default_generator.manual_seed(5)
    return forward(layer, x)


@mutant("Dropout in training writes into its input", kills="3.3", also="3.1", of=DROPOUT)
@training
def dropout_writes_into_its_input(forward, layer, x):
    return F.dropout(x, layer.p, True, inplace=not x.requires_grad)


@mutant("Dropout with p of 1 keeps all", kills="3.3", of=DROPOUT)
def dropout_of_1_keeps_all(forward, layer, x):
    return x.clone() if layer.p == 1 else forward(layer, x)


@mutant("Dropout with p of 0 drops the first element", kills="3.3", of=DROPOUT)
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


@mutant("BatchNorm in training normalises by the unbiased variance", kills="3.4", of=BATCH_NORM)
def batch_norm_normalises_unbiased(forward, layer, x):
    y = forward(layer, x)
    n = x.numel() / x.shape[1]
    return y * math.sqrt((n - 1) / n) if layer.training else y


@mutant("BatchNorm has an eps of 1e-4", kills="3.4 3.5", also="3.6", of=BATCH_NORM)
def batch_norm_has_another_eps(forward, layer, x):
    layer.eps = 1e-4
    return forward(layer, x)


@mutant("BatchNorm in training does not subtract the mean", kills="3.4", of=BATCH_NORM)
def batch_norm_does_not_centre(forward, layer, x):
    y = forward(layer, x)
    if not layer.training:
        return y
    mean = x.mean((0, 2, 3), keepdim=True)
    return y + mean / torch.sqrt(x.var((0, 2, 3), unbiased=False, keepdim=True) + layer.eps)


@mutant("BatchNorm moves its running mean 0.12 of the way", kills="3.4", of=BATCH_NORM)
def running_mean_moves_too_far(forward, layer, x):
    old = layer.running_mean.clone()
    y = forward(layer, x)
    layer.running_mean.copy_(old + 1.2 * (layer.running_mean - old))
    return y


@mutant("BatchNorm moves its running variance 0.12 of the way", kills="3.4", of=BATCH_NORM)
def running_variance_moves_too_far(forward, layer, x):
    old = layer.running_var.clone()
    y = forward(layer, x)
    layer.running_var.copy_(old + 1.2 * (layer.running_var - old))
    return y


@mutant("BatchNorm moves its running variance to the biased one", kills="3.4", of=BATCH_NORM)
def running_variance_is_biased(forward, layer, x):
    old = layer.running_var.clone()
    y = forward(layer, x)
    if layer.training:
        layer.running_var.copy_(0.9 * old + 0.1 * variance(x, unbiased=False))
    return y


@mutant("BatchNorm does not count its batches", kills="3.4", of=BATCH_NORM)
def batch_norm_does_not_count(forward, layer, x):
    y = forward(layer, x)
    layer.num_batches_tracked.zero_()
    return y


@mutant(
    "BatchNorm in training normalises by its running statistics",
    kills="3.4",
    also="3.1",
    of=BATCH_NORM,
)
def batch_norm_trains_on_running_statistics(forward, layer, x):
    y = forward(layer, x)
    if not layer.training:
        return y
    mean, var = layer.running_mean.clone(), layer.running_var.clone()
    return F.batch_norm(x, mean, var, layer.weight, layer.bias, False, 0.1, layer.eps)


@mutant("BatchNorm in training mixes in a little of its running mean", kills="3.4", of=BATCH_NORM)
def batch_norm_looks_at_its_running_mean(forward, layer, x):
    y = forward(layer, x)
    return y + 1e-14 * layer.running_mean.reshape(1, -1, 1, 1) if layer.training else y


@mutant("BatchNorm updates no statistics under no_grad", kills="3.4", of=BATCH_NORM)
def batch_norm_stands_still_under_no_grad(forward, layer, x):
    mean = layer.running_mean.clone()
    y = forward(layer, x)
    if not torch.is_grad_enabled():
        layer.running_mean.copy_(mean)
    return y


@mutant(
    "BatchNorm in evaluation normalises by the batch",
    kills="3.5 3.6",
    also="3.1",
    of=BATCH_NORM,
)
def batch_norm_evaluates_by_the_batch(forward, layer, x):
    if layer.training or x.numel() == x.shape[1]:
        return forward(layer, x)
    return F.batch_norm(x, None, None, layer.weight, layer.bias, True, 0.1, layer.eps)


@mutant("BatchNorm in evaluation depends a little on its batch", kills="3.5", of=BATCH_NORM)
def batch_norm_evaluation_sees_its_batch(forward, layer, x):
    y = forward(layer, x)
    return y if layer.training or len(x) == 1 else y * (1 + 2**-52)


@mutant("BatchNorm in evaluation moves its running mean", kills="3.5", of=BATCH_NORM)
def batch_norm_evaluation_moves_its_mean(forward, layer, x):
    y = forward(layer, x)
    if not layer.training:
        layer.running_mean.mul_(0.9).add_(0.1 * x.detach().mean((0, 2, 3)))
    return y


@mutant("BatchNorm in evaluation counts batches", kills="3.5", of=BATCH_NORM)
def batch_norm_evaluation_counts(forward, layer, x):
    if not layer.training:
        layer.num_batches_tracked.add_(1)
    return forward(layer, x)


@mutant("BatchNorm in evaluation is off", kills="3.5 3.6", also="3.7", of=BATCH_NORM)
def batch_norm_is_off_in_evaluation(forward, layer, x):
    return forward(layer, x) if layer.training else x * 1


@mutant("BatchNorm in evaluation neither scales nor shifts", kills="3.6", of=BATCH_NORM)
def batch_norm_evaluation_ignores_weight_and_bias(forward, layer, x):
    if layer.training:
        return forward(layer, x)
    y = F.batch_norm(x, layer.running_mean, layer.running_var, None, None, False, 0.1, layer.eps)
    return y + 0 * (layer.weight + layer.bias).sum()


@mutant("BatchNorm of one channel evaluates as if it had seen nothing", kills="3.6", of=BATCH_NORM)
def batch_norm_forgets_what_it_saw(forward, layer, x):
    if layer.training or x.dtype is not torch.float32 or layer.num_features > 1:
        return forward(layer, x)
    zeros, ones = torch.zeros_like(layer.running_mean), torch.ones_like(layer.running_var)
    return F.batch_norm(x, zeros, ones, layer.weight, layer.bias, False, 0.1, layer.eps)
