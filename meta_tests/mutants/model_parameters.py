"""Changes to a model's parameters and its state (chapter 2.3)."""

from __future__ import annotations

import torch
from torch import nn

from meta_tests.mutants import asked_by_pytorch, mutant

PARAMETERS = (nn.Module, "parameters")
NAMED = (nn.Module, "named_parameters")
BATCH_NORM = (nn.BatchNorm2d, "reset_parameters")


@mutant("parameters() comes in reverse", kills="2.3.1", also="2.3.4 2.4.2", of=PARAMETERS)
def parameters_are_reversed(parameters, module, *args, **kwargs):
    return iter(list(parameters(module, *args, **kwargs))[::-1])


@mutant(
    "parameters() comes in the alphabetical order of names",
    kills="2.3.1 2.3.4",
    also="2.4.2",
    of=NAMED,
)
def parameters_are_sorted(named_parameters, module, *args, **kwargs):
    return iter(sorted(named_parameters(module, *args, **kwargs), key=lambda named: named[0]))


@mutant("a net's own parameters come after those of its modules", kills="2.3.1", of=PARAMETERS)
def own_parameters_come_last(parameters, module, *args, **kwargs):
    own = {id(parameter) for parameter in module._parameters.values()}
    return iter(sorted(parameters(module, *args, **kwargs), key=lambda each: id(each) in own))


@mutant(
    "parameters() gives detached tensors",
    kills="2.3.1",
    also="2.1.1 2.3.4 2.4.2 3.7",
    of=PARAMETERS,
)
def parameters_are_detached(parameters, module, *args, **kwargs):
    for parameter in parameters(module, *args, **kwargs):
        yield parameter if asked_by_pytorch() else parameter.detach()


@mutant("the parameters of a batch norm are frozen", kills="2.3.1", also="2.4.1 3.7", of=BATCH_NORM)
def batch_norm_is_frozen(reset, layer):
    reset(layer)
    layer.weight.requires_grad_(False)


@mutant("the weight of a new batch norm is drawn", kills="2.3.1", also="3.4 3.5", of=BATCH_NORM)
def batch_norm_weight_is_drawn(reset, layer):
    reset(layer)
    nn.init.uniform_(layer.weight)


@mutant("the bias of a new batch norm is ones", kills="2.3.1", also="3.4 3.5 3.6", of=BATCH_NORM)
def batch_norm_bias_is_ones(reset, layer):
    reset(layer)
    nn.init.ones_(layer.bias)


@mutant(
    "a ReLU has a parameter",
    kills="2.3.1 5.2",
    also="2.3.3 2.3.4 2.4.1 3.7",
    of=(nn.ReLU, "__init__"),
)
def relu_has_a_parameter(init, relu, *args, **kwargs):
    init(relu, *args, **kwargs)
    relu.slope = nn.Parameter(torch.zeros(1))


@mutant("a Dropout has a parameter", kills="2.3.1", of=(nn.Dropout, "__init__"))
def dropout_has_a_parameter(init, dropout, *args, **kwargs):
    init(dropout, *args, **kwargs)
    dropout.rate = nn.Parameter(torch.zeros(1))


@mutant("a printed batch norm leaves out track_running_stats", kills="2.3.2")
def batch_norm_prints_less():
    nn.BatchNorm2d.extra_repr = lambda self: (
        f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}"
    )


@mutant("a printed net leaves out its ReLU", kills="2.3.2", also="5.4", of=(nn.Module, "__repr__"))
def printed_net_leaves_out_relu(show, module):
    lines = show(module).splitlines()
    return "\n".join(line for line in lines if len(lines) == 1 or "ReLU" not in line)


@mutant(
    "a printed net numbers its submodules", kills="2.3.2", also="5.4", of=(nn.Module, "__repr__")
)
def printed_net_numbers_submodules(show, module):
    text = show(module)
    for position, name in enumerate(module._modules):
        text = text.replace(f"({name}):", f"({position}):")
    return text


STATE = (nn.Module, "state_dict")


@mutant("state_dict() copies", kills="2.3.3", of=STATE)
def state_dict_copies(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    if not asked_by_pytorch():
        for name in state:
            state[name] = state[name].clone()
    return state


@mutant("state_dict() gives the parameters themselves", kills="2.3.3", of=STATE)
def state_dict_requires_grad(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    if not asked_by_pytorch():
        state.update(module.named_parameters())
    return state


@mutant("state_dict() flattens", kills="2.3.3", of=STATE)
def state_dict_flattens(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    if not asked_by_pytorch():
        for name in state:
            state[name] = state[name].reshape(-1)
    return state


@mutant("state_dict() leaves out num_batches_tracked", kills="2.3.3 2.3.4", of=STATE)
def state_dict_leaves_out_the_count(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    if not asked_by_pytorch():
        for name in [name for name in state if name.endswith("num_batches_tracked")]:
            del state[name]
    return state


@mutant("state_dict() puts buffers first", kills="2.3.3", of=STATE)
def state_dict_puts_buffers_first(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    if not asked_by_pytorch():
        for name, _ in module.named_parameters():
            state.move_to_end(name)
    return state


@mutant("state_dict() is a plain dict", kills="2.3.3", of=STATE)
def state_dict_is_a_plain_dict(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    return state if asked_by_pytorch() else dict(state)


@mutant(
    "named_parameters() names buffers as well",
    kills="2.3.4",
    also="2.3.1 2.4.1 3.7",
    of=NAMED,
)
def named_parameters_names_buffers(named_parameters, module, *args, **kwargs):
    yield from named_parameters(module, *args, **kwargs)
    yield from module.named_buffers(*args, **kwargs)


@mutant("named_parameters() gives copies", kills="2.2.1 2.3.4", also="2.3.3", of=NAMED)
def named_parameters_copies(named_parameters, module, *args, **kwargs):
    for name, parameter in named_parameters(module, *args, **kwargs):
        yield name, parameter if asked_by_pytorch() else nn.Parameter(parameter.detach().clone())


@mutant(
    "named_buffers() leaves out num_batches_tracked",
    kills="2.3.4 3.5",
    of=(nn.Module, "named_buffers"),
)
def named_buffers_leaves_out_the_count(named_buffers, module, *args, **kwargs):
    for name, buffer in named_buffers(module, *args, **kwargs):
        if asked_by_pytorch() or not name.endswith("num_batches_tracked"):
            yield name, buffer


@mutant("the running statistics of a batch norm are parameters", kills="2.3.4")
def running_mean_is_a_parameter():
    original = nn.Module.named_buffers

    def named_buffers(self, *args, **kwargs):
        for name, buffer in original(self, *args, **kwargs):
            if asked_by_pytorch() or not buffer.is_floating_point():
                yield name, buffer
            else:
                yield name, nn.Parameter(buffer, requires_grad=False)

    nn.Module.named_buffers = named_buffers


@mutant(
    "the running statistics of a batch norm require grad",
    kills="2.3.4",
)
def running_statistics_require_grad():
    original = nn.Module.named_buffers

    def named_buffers(self, *args, **kwargs):
        for name, buffer in original(self, *args, **kwargs):
            floating = buffer.is_floating_point() and not asked_by_pytorch()
            yield name, buffer.detach().requires_grad_() if floating else buffer

    nn.Module.named_buffers = named_buffers


@mutant(
    "a batch norm's buffers are among a net's parameters()",
    kills="2.3.4",
    also="2.3.1 2.4.1 2.4.2 3.7",
    of=PARAMETERS,
)
def parameters_include_buffers(parameters, module, *args, **kwargs):
    yield from parameters(module, *args, **kwargs)
    if not asked_by_pytorch():
        yield from module.buffers()


@mutant("a new batch norm has a running mean of ones", kills="2.3.4", also="3.4", of=BATCH_NORM)
def running_mean_is_ones(reset, layer):
    reset(layer)
    layer.running_mean.fill_(1)


@mutant(
    "a new batch norm has a running variance of zeros",
    kills="2.3.4",
    of=BATCH_NORM,
)
def running_variance_is_zeros(reset, layer):
    reset(layer)
    layer.running_var.fill_(0)


@mutant("a new batch norm has seen one batch", kills="2.3.4", also="3.4", of=BATCH_NORM)
def new_batch_norm_has_seen_a_batch(reset, layer):
    reset(layer)
    layer.num_batches_tracked.fill_(1)


@mutant("num_batches_tracked is an int32", kills="2.3.4", of=BATCH_NORM)
def count_is_an_int32(reset, layer):
    reset(layer)
    layer.num_batches_tracked = layer.num_batches_tracked.int()
