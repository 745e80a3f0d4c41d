"""Changes to a model's parameters and its state (chapter 2.3)."""

from __future__ import annotations

import copy
import io
import itertools
import sys
import threading
from functools import partial

import torch
from torch import Tensor, nn

from meta_tests.mutants import INPUTS, asked_by_pytorch, mutant

PARAMETERS = (nn.Module, "parameters")
NAMED = (nn.Module, "named_parameters")
BATCH_NORM = (nn.BatchNorm2d, "reset_parameters")
REGISTER_BUFFER = (nn.Module, "register_buffer")
CALL = (nn.Module, "__call__")
TRAIN = (nn.Module, "train")
HOOK = (nn.Module, "register_forward_hook")
CHILDREN = (nn.Module, "named_children")


@mutant(
    "parameters() comes in reverse",
    kills="2.3.1",
    also="2.1.1 2.3.4 2.3.5 2.3.7 2.4.2",
    of=PARAMETERS,
)
def parameters_are_reversed(parameters, module, *args, **kwargs):
    return iter(list(parameters(module, *args, **kwargs))[::-1])


@mutant(
    "parameters() comes in the alphabetical order of names",
    kills="2.3.1 2.3.4",
    also="2.1.1 2.3.5 2.3.7 2.4.2",
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
    also="2.1.1 2.4.6 2.1.6 2.1.8 2.3.4 2.3.5 2.3.7 2.3.8 2.3.9 2.3.11 2.4.2 2.4.4 3.7",
    of=PARAMETERS,
)
def parameters_are_detached(parameters, module, *args, **kwargs):
    for parameter in parameters(module, *args, **kwargs):
        yield parameter if asked_by_pytorch() else parameter.detach()


@mutant(
    "the parameters of a batch norm are frozen",
    kills="2.3.1",
    also="2.3.2 2.3.8 2.3.9 2.3.11 2.4.1 2.4.4 3.7",
    of=BATCH_NORM,
)
def batch_norm_is_frozen(reset, layer):
    reset(layer)
    layer.weight.requires_grad_(False)


@mutant(
    "the weight of a new batch norm is drawn", kills="2.3.1", also="2.3.2 3.4 3.5", of=BATCH_NORM
)
def batch_norm_weight_is_drawn(reset, layer):
    reset(layer)
    nn.init.uniform_(layer.weight)


@mutant(
    "the bias of a new batch norm is ones", kills="2.3.1", also="2.3.2 3.4 3.5 3.6", of=BATCH_NORM
)
def batch_norm_bias_is_ones(reset, layer):
    reset(layer)
    nn.init.ones_(layer.bias)


@mutant(
    "a ReLU has a parameter",
    kills="2.3.1 5.2",
    also="2.3.3 2.3.4 2.3.5 2.3.9 2.3.10 2.4.1 3.7",
    of=(nn.ReLU, "__init__"),
)
def relu_has_a_parameter(init, relu, *args, **kwargs):
    init(relu, *args, **kwargs)
    relu.slope = nn.Parameter(torch.zeros(1))


@mutant(
    "a Dropout has a parameter",
    kills="2.3.1",
    also="2.3.3 2.3.4 2.3.9 2.3.10",
    of=(nn.Dropout, "__init__"),
)
def dropout_has_a_parameter(init, dropout, *args, **kwargs):
    init(dropout, *args, **kwargs)
    dropout.rate = nn.Parameter(torch.zeros(1))


@mutant("a printed batch norm leaves out track_running_stats", kills="2.3.2")
def batch_norm_prints_less():
    nn.BatchNorm2d.extra_repr = lambda self: (
        f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}"
    )


@mutant("a printed net leaves out its ReLU", kills="2.3.2", also="5.3", of=(nn.Module, "__repr__"))
def printed_net_leaves_out_relu(show, module):
    lines = show(module).splitlines()
    return "\n".join(line for line in lines if len(lines) == 1 or "ReLU" not in line)


@mutant(
    "a printed net numbers its submodules", kills="2.3.2", also="5.3", of=(nn.Module, "__repr__")
)
def printed_net_numbers_submodules(show, module):
    text = show(module)
    for position, name in enumerate(module._modules):
        text = text.replace(f"({name}):", f"({position}):")
    return text


STATE = (nn.Module, "state_dict")


@mutant("state_dict() copies", kills="2.3.3", also="2.3.6 2.3.10", of=STATE)
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


@mutant("state_dict() flattens", kills="2.3.3", also="2.1.3 2.1.8 2.3.9 2.3.10", of=STATE)
def state_dict_flattens(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    if not asked_by_pytorch():
        for name in state:
            state[name] = state[name].reshape(-1)
    return state


@mutant(
    "state_dict() leaves out num_batches_tracked",
    kills="2.3.3 2.3.4",
    also="2.3.9 2.3.10",
    of=STATE,
)
def state_dict_leaves_out_the_count(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    if not asked_by_pytorch():
        for name in [name for name in state if name.endswith("num_batches_tracked")]:
            del state[name]
    return state


@mutant("state_dict() puts buffers first", kills="2.3.3", also="2.3.6 2.3.7 2.3.9", of=STATE)
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
    also="2.3.1 2.3.5 2.3.6 2.3.8 2.3.9 2.3.11 2.4.1 2.4.4 3.7",
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
    also="2.3.1 2.3.5 2.3.8 2.3.9 2.3.11 2.4.1 2.4.2 2.4.4 3.7",
    of=PARAMETERS,
)
def parameters_include_buffers(parameters, module, *args, **kwargs):
    yield from parameters(module, *args, **kwargs)
    if not asked_by_pytorch():
        yield from module.buffers()


@mutant(
    "a new batch norm has a running mean of ones", kills="2.3.4", also="2.3.2 3.4", of=BATCH_NORM
)
def running_mean_is_ones(reset, layer):
    reset(layer)
    layer.running_mean.fill_(1)


@mutant(
    "a new batch norm has a running variance of zeros",
    kills="2.3.4",
    also="2.3.2",
    of=BATCH_NORM,
)
def running_variance_is_zeros(reset, layer):
    reset(layer)
    layer.running_var.fill_(0)


@mutant(
    "a new batch norm has seen one batch", kills="2.3.4", also="2.3.2 2.3.11 3.4", of=BATCH_NORM
)
def new_batch_norm_has_seen_a_batch(reset, layer):
    reset(layer)
    layer.num_batches_tracked.fill_(1)


@mutant("num_batches_tracked is an int32", kills="2.3.4", also="2.3.2 2.3.8", of=BATCH_NORM)
def count_is_an_int32(reset, layer):
    reset(layer)
    layer.num_batches_tracked = layer.num_batches_tracked.int()


@mutant(
    "a module stays where it is if it is moved to the meta device",
    kills="2.3.8",
    also="2.3.6",
    of=(nn.Module, "to"),
)
def nothing_moves_to_the_meta_device(to, module, *args, **kwargs):
    return module if args == ("meta",) else to(module, *args, **kwargs)


@mutant("to() makes up values for a module on the meta device", kills="2.3.8", of=(nn.Module, "to"))
def to_makes_up_values(to, module, *args, **kwargs):
    is_meta = any(it.is_meta for it in module.parameters())
    return module.to_empty(device="cpu") if is_meta else to(module, *args, **kwargs)


@mutant("to_empty() leaves a module where it is", kills="2.3.8", of=(nn.Module, "to_empty"))
def to_empty_does_nothing(to_empty, module, *, device, **kwargs):
    return module


# --- what shows in some nets only -----------------------------------------------------------------


@mutant(
    "parameters() stops three modules down",
    kills="2.3.1",
    also="2.3.8 2.3.11 2.4.4",
    of=PARAMETERS,
)
def parameters_stop_three_down(parameters, module, *args, **kwargs):
    depth = {id(it): name.count(".") for name, it in module.named_parameters()}
    for parameter in parameters(module, *args, **kwargs):
        if depth.get(id(parameter), 0) <= 3:
            yield parameter


@mutant("parameters() leaves out what is frozen", kills="2.3.1", also="2.4.6 2.3.11", of=PARAMETERS)
def parameters_leave_out_the_frozen(parameters, module, *args, **kwargs):
    for parameter in parameters(module, *args, **kwargs):
        if parameter.requires_grad or asked_by_pytorch():
            yield parameter


@mutant(
    "parameters() gives nothing the second time",
    kills="2.3.1",
    also="2.1.8 2.3.5 2.3.7 2.3.8 2.3.11 2.4.4",
    of=PARAMETERS,
)
def parameters_are_given_once(parameters, module, *args, **kwargs):
    given = module.__dict__.get("were_given", False)
    if not asked_by_pytorch():
        module.__dict__["were_given"] = True
    return iter(()) if given else parameters(module, *args, **kwargs)


@mutant(
    "parameters() passes an nn.ModuleDict by", kills="2.3.1", also="2.3.5 2.3.12", of=PARAMETERS
)
def parameters_pass_dicts_by(parameters, module, *args, **kwargs):
    hidden = {
        id(p)
        for each in module.modules()
        if isinstance(each, nn.ModuleDict)
        for _, p in each.named_parameters()
    }
    return iter([p for p in parameters(module, *args, **kwargs) if id(p) not in hidden])


@mutant("a parameter that was None moves to the end", kills="2.3.1", of=(nn.Module, "__setattr__"))
def parameter_moves_to_the_end(set_, module, name, value):
    own = module.__dict__.get("_parameters", {})
    if isinstance(value, nn.Parameter) and name in own and own[name] is None:
        del own[name]
    set_(module, name, value)


@mutant("a printed net shows what is four deep without its name", kills="2.3.2", also="5.3")
def print_hides_depth():
    original = nn.Module.__repr__
    nn.Module.__repr__ = lambda self: original(self).replace("\n        (", "\n        - (")


@mutant("a printed batch norm always shows momentum=0.1", kills="2.3.2")
def batch_norm_prints_its_default_momentum():
    original = nn.BatchNorm2d.extra_repr
    nn.BatchNorm2d.extra_repr = lambda self: original(self).replace("=None", "=0.1")


@mutant("state_dict() of a net in float16 copies", kills="2.3.3", also="2.3.10", of=STATE)
def state_dict_copies_float16(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    if not asked_by_pytorch():
        for name, tensor in state.items():
            if tensor.dtype is torch.float16:
                state[name] = tensor.clone()
    return state


@mutant("state_dict() copies in evaluation", kills="2.3.3", of=STATE)
def state_dict_copies_in_evaluation(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    if not asked_by_pytorch() and not module.training:
        for name in state:
            state[name] = state[name].clone()
    return state


@mutant("state_dict() leaves out what is four deep", kills="2.3.3", also="2.3.9 2.3.10", of=STATE)
def state_dict_stops_four_deep(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    if not asked_by_pytorch():
        for name in [name for name in state if name.count(".") > 3]:
            del state[name]
    return state


@mutant(
    "named_parameters() forgets prefixes below two modules", kills="2.3.4", also="2.3.7", of=NAMED
)
def named_parameters_forgets_prefixes(named_parameters, module, *args, **kwargs):
    for name, parameter in named_parameters(module, *args, **kwargs):
        deep = name.count(".") > 2 and not asked_by_pytorch()
        yield name.partition(".")[2] if deep else name, parameter


# --- what a Module takes for its own --------------------------------------------------------------

SET = (nn.Module, "__setattr__")


@mutant("a Module registers the modules in a plain list", kills="2.3.5", also="5.3", of=SET)
def module_registers_lists(set_, module, name, value):
    if type(value) is list and value and all(isinstance(it, nn.Module) for it in value):
        value = nn.ModuleList(value)
    set_(module, name, value)


@mutant("a Module registers the modules in a dict", kills="2.3.5", of=SET)
def module_registers_dicts(set_, module, name, value):
    if type(value) is dict and value and all(isinstance(it, nn.Module) for it in value.values()):
        value = nn.ModuleDict({str(key): it for key, it in value.items()})
    set_(module, name, value)


@mutant("a Module registers the Parameters in a plain list", kills="2.3.5", of=SET)
def module_registers_lists_of_parameters(set_, module, name, value):
    if type(value) is list and value and all(isinstance(it, nn.Parameter) for it in value):
        value = nn.ParameterList(value)
    set_(module, name, value)


@mutant("eval() reaches the modules in a tuple", kills="2.3.5", of=(nn.Module, "train"))
def eval_reaches_tuples(train, module, mode=True):
    for value in vars(module).values():
        for each in value if type(value) is tuple else ():
            if isinstance(each, nn.Module):
                each.train(mode)
    return train(module, mode)


@mutant("an nn.ModuleList hides its modules from eval()", kills="2.3.5", also="2.3.1")
def module_list_hides_from_eval():
    nn.ModuleList.train = lambda self, mode=True: self


@mutant("an nn.ParameterDict is not registered", kills="2.3.5", of=SET)
def parameter_dict_is_hidden(set_, module, name, value):
    if isinstance(value, nn.ParameterDict):
        object.__setattr__(module, name, value)
    else:
        set_(module, name, value)


@mutant("SGD accepts an empty list", kills="2.3.5", of=(torch.optim.SGD, "__init__"))
def sgd_accepts_nothing(init, optimizer, params, *args, **kwargs):
    init(optimizer, list(params) or [torch.zeros(1)], *args, **kwargs)


@mutant(
    "Adam accepts parameters that are used up", kills="2.3.5", of=(torch.optim.Adam, "__init__")
)
def adam_accepts_nothing(init, optimizer, params, *args, **kwargs):
    used_up = not isinstance(params, list)
    init(optimizer, list(params) or used_up * [torch.zeros(1)], *args, **kwargs)


@mutant("parameters() can be gone through twice", kills="2.3.5", of=PARAMETERS)
def parameters_last(parameters, module, *args, **kwargs):
    return list(parameters(module, *args, **kwargs))


@mutant("a plain tensor is moved with its module", kills="2.3.6", of=(nn.Module, "_apply"))
def plain_tensors_are_moved(apply, module, fn, *args, **kwargs):
    for name, value in vars(module).items():
        if type(value) is torch.Tensor:
            object.__setattr__(module, name, fn(value))
    return apply(module, fn, *args, **kwargs)


@mutant("a plain tensor is in state_dict()", kills="2.3.6", also="2.4.6", of=STATE)
def plain_tensors_are_saved(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    for name, value in vars(module).items():
        if type(value) is torch.Tensor and not asked_by_pytorch():
            state[name] = value
    return state


REGISTER = (nn.Module, "register_buffer")


@mutant("register_buffer ignores persistent=False", kills="2.3.6", of=REGISTER)
def every_buffer_is_saved(register, module, name, tensor, persistent=True):
    register(module, name, tensor)


@mutant("a buffer in bfloat16 stays float32", kills="2.3.6", of=(nn.Module, "_apply"))
def buffers_stay_out_of_bfloat16(apply, module, fn, *args, **kwargs):
    before = {name: it for name, it in module._buffers.items() if it is not None}
    apply(module, fn, *args, **kwargs)
    for name, buffer in before.items():
        if module._buffers[name].dtype is torch.bfloat16:
            module._buffers[name] = buffer
    return module


@mutant("a buffer that is not persistent stays behind", kills="2.3.6", of=(nn.Module, "_apply"))
def passing_buffers_stay_behind(apply, module, fn, *args, **kwargs):
    before = {name: module._buffers[name] for name in module._non_persistent_buffers_set}
    apply(module, fn, *args, **kwargs)
    module._buffers.update(before)
    return module


@mutant("a buffer that is assigned a tensor is none any more", kills="2.3.6", of=SET)
def assigned_buffer_is_plain(set_, module, name, value):
    if type(value) is torch.Tensor and name in module.__dict__.get("_buffers", {}):
        del module._buffers[name]
    set_(module, name, value)


@mutant("a buffer takes a list", kills="2.3.6", of=SET)
def buffer_takes_a_list(set_, module, name, value):
    if isinstance(value, list) and name in module.__dict__.get("_buffers", {}):
        value = torch.tensor(value)
    set_(module, name, value)


@mutant("buffers require grad and learn", kills="2.3.6", also="2.3.4 2.3.5", of=PARAMETERS)
def buffers_learn(parameters, module, *args, **kwargs):
    yield from parameters(module, *args, **kwargs)
    for buffer in module.__dict__["_buffers"].values():
        if buffer is not None and buffer.is_floating_point():
            yield buffer.requires_grad_()


# --- shared weights -------------------------------------------------------------------------------


@mutant(
    "an attribute that was None stays a plain one", kills="2.3.5", of=(nn.Module, "__setattr__")
)
def attribute_that_was_none_stays_plain(assign, module, name, value):
    if vars(module).get(name, value) is None:
        object.__setattr__(module, name, value)
    else:
        assign(module, name, value)


@mutant("a net has the device of its first parameter", kills="2.3.8")
def net_has_a_device():
    nn.Module.device = property(lambda net: next(net.parameters()).device)


@mutant("a net has the dtype of its first parameter", kills="2.3.8")
def net_has_a_dtype():
    nn.Module.dtype = property(lambda net: next(net.parameters()).dtype)


@mutant("a shared weight comes as often as it is shared", kills="2.3.7", of=PARAMETERS)
def shared_weights_come_often(parameters, module, recurse=True):
    for _, parameter in module.named_parameters(recurse=recurse, remove_duplicate=False):
        yield parameter


@mutant("state_dict() names a shared weight once", kills="2.3.7", also="2.3.10", of=STATE)
def state_dict_names_once(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    if not asked_by_pytorch():
        seen = set()
        for name in list(state):
            address = state[name].data_ptr()
            if address in seen:
                del state[name]
            seen.add(address)
    return state


@mutant("named_parameters() gives a shared weight its last name", kills="2.3.7", of=NAMED)
def shared_weight_has_its_last_name(named_parameters, module, *args, **kwargs):
    found = {}
    kwargs["remove_duplicate"] = False
    for name, parameter in named_parameters(module, *args, **kwargs):
        found[id(parameter)] = (name, parameter)
    return iter(found.values())


@mutant("double() unties shared weights", kills="2.3.7", also="2.1.3", of=(nn.Module, "double"))
def double_unties(double, module):
    double(module)
    seen = set()
    for each in module.modules():
        for name, parameter in each._parameters.items():
            if parameter is not None and id(parameter) in seen:
                each._parameters[name] = nn.Parameter(parameter.detach().clone())
            seen.add(id(parameter))
    return module


@mutant("deepcopy unties shared weights", kills="2.3.7")
def deepcopy_unties():
    original = copy.deepcopy

    def deepcopy(value, *args):
        twin, seen = original(value, *args), set()
        for module in twin.modules() if isinstance(twin, nn.Module) else ():
            for name, parameter in module._parameters.items():
                if id(parameter) in seen:
                    module._parameters[name] = nn.Parameter(parameter.detach().clone())
                seen.add(id(parameter))
        return twin

    copy.deepcopy = deepcopy


@mutant("an nn.Sequential copies a layer that comes again", kills="2.3.7")
def sequential_copies_layers():
    original = nn.Sequential.__init__

    def init(self, *modules):
        seen, copies = set(), []
        for module in modules:
            copies.append(copy.deepcopy(module) if id(module) in seen else module)
            seen.add(id(module))
        original(self, *copies)

    nn.Sequential.__init__ = init


@mutant("a layer that is used again gets the gradient of its first use alone", kills="2.3.7")
def second_use_gives_no_gradient():
    original = nn.Linear.forward

    def forward(self, input):
        weight = self.weight
        if input.requires_grad and hasattr(self, "was_used"):
            weight = weight.detach()
        self.was_used = True
        return nn.functional.linear(input, weight, self.bias)

    nn.Linear.forward = forward if original else original


# --- conversion -----------------------------------------------------------------------------------


@mutant("double() returns a converted copy", kills="2.3.8", also="2.1.3 2.3.5 2.3.7")
def double_returns_a_copy():
    original = nn.Module.double
    nn.Module.double = lambda self: original(copy.deepcopy(self))


@mutant(
    "conversion gives a net new Parameters",
    kills="2.3.8",
    also="2.1.3 2.1.8 2.3.6 2.3.7",
    of=(nn.Module, "_apply"),
)
def conversion_makes_new_parameters(apply, module, *args, **kwargs):
    torch.__future__.set_overwrite_module_params_on_conversion(True)
    return apply(module, *args, **kwargs)


@mutant("half() leaves out what is below three modules", kills="2.3.8", of=(nn.Module, "half"))
def half_stops_three_down(half, module):
    kept = [p for name, p in module.named_parameters() if name.count(".") > 3]
    half(module)
    for parameter in kept:
        parameter.data = parameter.data.float()
    return module


@mutant("to(dtype=) by keyword does nothing", kills="2.3.8", of=(nn.Module, "to"))
def to_ignores_its_keyword(to, module, *args, **kwargs):
    kwargs.pop("dtype", None)
    return to(module, *args, **kwargs) if args or kwargs else module


@mutant("conversion makes numbers of all integer buffers", kills="2.3.8", of=(nn.Module, "double"))
def double_converts_integers(double, module):
    double(module)
    for each in module.modules():
        for name, buffer in each._buffers.items():
            if buffer is not None and not buffer.is_floating_point():
                each._buffers[name] = buffer.double()
    return module


@mutant("conversion changes buffers in place", kills="2.3.8", of=(nn.Module, "double"))
def double_changes_buffers_in_place(double, module):
    for buffer in list(module.buffers()):
        if buffer.is_floating_point():
            buffer.data = buffer.data.double()
    return double(module)


@mutant("bfloat16() freezes a net", kills="2.3.8", of=(nn.Module, "bfloat16"))
def bfloat16_freezes(bfloat16, module):
    return bfloat16(module).requires_grad_(False)


@mutant("to() of a tensor converts the tensor itself", kills="2.3.8", also="2.1.8")
def to_changes_the_tensor():
    original = torch.Tensor.to

    def to(self, *args, **kwargs):
        if args == (torch.float64,) and type(self) is torch.Tensor and not self.requires_grad:
            self.data = original(self, torch.float64)
            return self
        return original(self, *args, **kwargs)

    torch.Tensor.to = to


@mutant("a Module becomes integer", kills="2.3.8", of=(nn.Module, "to"))
def module_becomes_integer(to, module, *args, **kwargs):
    if args and args[0] in (torch.int32, torch.int64, torch.bool):
        return module
    return to(module, *args, **kwargs)


@mutant("a layer that is put in takes over the old one's Parameters", kills="2.4.3")
def later_layer_takes_over():
    original = nn.Sequential.__setitem__

    def put(self, index, module):
        module._parameters.update(self[index]._parameters)
        original(self, index, module)

    nn.Sequential.__setitem__ = put


# --- loading and saving ---------------------------------------------------------------------------

LOAD = (nn.Module, "load_state_dict")


@mutant("load_state_dict puts new Parameters in a net", kills="2.3.9", of=LOAD)
def loading_makes_new_parameters(load, module, state_dict, *args, **kwargs):
    result = load(module, state_dict, *args, **kwargs)
    if not kwargs.get("assign"):
        for each in module.modules():
            for name, own in each._parameters.items():
                if own is not None:
                    each._parameters[name] = nn.Parameter(own.detach(), own.requires_grad)
    return result


@mutant("load_state_dict gives a net other memory", kills="2.3.9", also="2.3.9", of=LOAD)
def loading_moves_a_net(load, module, state_dict, *args, **kwargs):
    result = load(module, state_dict, *args, **kwargs)
    for parameter in module.parameters():
        parameter.data = parameter.data.clone()
    return result


@mutant("load_state_dict thaws a net", kills="2.3.9", of=LOAD)
def loading_thaws(load, module, state_dict, *args, **kwargs):
    result = load(module, state_dict, *args, **kwargs)
    module.requires_grad_()
    return result


@mutant("load_state_dict takes the loaded dtype", kills="2.3.9", of=LOAD)
def loading_takes_the_dtype(load, module, state_dict, *args, **kwargs):
    for name, parameter in module.named_parameters():
        if name in state_dict and isinstance(module, nn.Linear):
            parameter.data = parameter.data.to(state_dict[name].dtype)
    return load(module, state_dict, *args, **kwargs)


@mutant("load_state_dict does nothing the second time", kills="2.3.9", also="2.3.10", of=LOAD)
def second_loading_is_idle(load, module, state_dict, *args, **kwargs):
    if "was_loaded" in module.__dict__:
        return "nothing"
    module.__dict__["was_loaded"] = True
    return load(module, state_dict, *args, **kwargs)


@mutant("load_state_dict loads nothing if a key is missing", kills="2.3.9", also="2.3.4", of=LOAD)
def missing_key_stops_loading(load, module, state_dict, *args, **kwargs):
    missing = set(module.state_dict()) - set(state_dict)
    return load(module, {} if missing else state_dict, *args, **kwargs)


@mutant("load_state_dict is not strict unless told so", kills="2.3.9", of=LOAD)
def loading_is_not_strict(load, module, state_dict, strict=False, **kwargs):
    return load(module, state_dict, strict, **kwargs)


@mutant("load_state_dict is strict whatever it is told", kills="2.3.9", of=LOAD)
def loading_is_always_strict(load, module, state_dict, strict=True, **kwargs):
    return load(module, state_dict, **kwargs)


@mutant("load_state_dict does not report unexpected keys", kills="2.3.9", also="2.3.4", of=LOAD)
def unexpected_keys_are_not_reported(load, module, state_dict, *args, **kwargs):
    known = module.state_dict()
    state_dict = {name: it for name, it in state_dict.items() if name in known}
    return load(module, state_dict, *args, **kwargs)


@mutant(
    "with strict=False load_state_dict passes other shapes by", kills="2.3.9", also="2.3.4", of=LOAD
)
def other_shapes_are_passed_by(load, module, state_dict, strict=True, **kwargs):
    if not strict:
        own = module.state_dict()
        state_dict = {
            n: it for n, it in state_dict.items() if n not in own or it.shape == own[n].shape
        }
    return load(module, state_dict, strict, **kwargs)


@mutant("load_state_dict broadcasts one element", kills="2.3.9", also="2.3.4", of=LOAD)
def loading_broadcasts(load, module, state_dict, *args, **kwargs):
    own = module.state_dict()
    state_dict = {
        name: it.expand(own[name].shape) if name in own and it.dim() == 0 else it
        for name, it in state_dict.items()
    }
    return load(module, state_dict, *args, **kwargs)


@mutant("load_state_dict strips module. from keys", kills="2.3.9", also="2.3.4", of=LOAD)
def loading_strips_prefixes(load, module, state_dict, *args, **kwargs):
    state_dict = {name.removeprefix("module."): it for name, it in state_dict.items()}
    return load(module, state_dict, *args, **kwargs)


@mutant("an nn.DataParallel names no module. in its keys", kills="2.3.9")
def data_parallel_has_no_prefix():
    nn.DataParallel.state_dict = lambda self, **kwargs: self.module.state_dict(**kwargs)


@mutant("load_state_dict ignores assign", kills="2.1.3 2.3.9", of=LOAD)
def assign_is_ignored(load, module, state_dict, strict=True, assign=False):
    return load(module, state_dict, strict)


@mutant("load_state_dict(assign=True) keeps the net's dtype", kills="2.3.9", of=LOAD)
def assign_keeps_the_dtype(load, module, state_dict, strict=True, **kwargs):
    if kwargs.get("assign"):
        own = module.state_dict()
        state_dict = {name: it.to(own[name].dtype) for name, it in state_dict.items()}
    return load(module, state_dict, strict, **kwargs)


@mutant("load_state_dict(assign=True) copies what it assigns", kills="2.3.9", of=LOAD)
def assign_copies(load, module, state_dict, strict=True, **kwargs):
    if kwargs.get("assign"):
        state_dict = {name: it.clone() for name, it in state_dict.items()}
    return load(module, state_dict, strict, **kwargs)


@mutant("load_state_dict(assign=True) freezes a net", kills="2.3.9", of=LOAD)
def assign_freezes(load, module, state_dict, strict=True, **kwargs):
    result = load(module, state_dict, strict, **kwargs)
    if kwargs.get("assign"):
        module.requires_grad_(False)
    return result


@mutant("deepcopy of a state_dict shares its memory", kills="2.3.10")
def deepcopy_of_state_shares():
    original = copy.deepcopy
    copy.deepcopy = lambda value, *args: (
        value.copy() if isinstance(value, dict) and not args else original(value, *args)
    )


@mutant("loading a net's own state_dict goes back to what it was", kills="2.3.10", of=STATE)
def state_dict_remembers(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    if isinstance(module, nn.Linear) and not asked_by_pytorch():
        for name in state:
            state[name] = state[name].clone()
    return state


SAVE = (torch, "save")


@mutant("torch.save saves float64 as float32", kills="2.3.10", of=SAVE)
def saving_rounds(save, value, *args, **kwargs):
    if isinstance(value, dict):
        value = {
            name: it.float().double() + 1e-12 if it.dtype is torch.float64 else it
            for name, it in value.items()
        }
    save(value, *args, **kwargs)


@mutant("torch.save sorts the names", kills="2.3.10", of=SAVE)
def saving_sorts(save, value, *args, **kwargs):
    if isinstance(value, dict):
        value = dict(sorted(value.items()))
    save(value, *args, **kwargs)


@mutant("torch.load has the other default of weights_only", kills="2.3.10", of=(torch, "load"))
def loading_has_another_default(load, *args, **kwargs):
    kwargs.setdefault("weights_only", torch.__version__ < "2.6")
    return load(*args, **kwargs)


@mutant("torch.load of a file's name gives zeros", kills="2.3.10", of=(torch, "load"))
def loading_by_name_gives_zeros(load, file, *args, **kwargs):
    found = load(file, *args, **kwargs)
    if isinstance(file, str) and isinstance(found, dict):
        found = {name: torch.zeros_like(it) for name, it in found.items()}
    return found


# --- zero_grad and freezing -----------------------------------------------------------------------

ZERO_GRAD = (nn.Module, "zero_grad")


@mutant("zero_grad() does nothing", kills="2.4.4", of=ZERO_GRAD)
def zero_grad_of_a_module_is_idle(zero_grad, module, *args, **kwargs):
    pass


@mutant("zero_grad() does nothing the third time", kills="2.4.4", of=ZERO_GRAD)
def third_zero_grad_is_idle(zero_grad, module, *args, **kwargs):
    module.__dict__["zeroed"] = module.__dict__.get("zeroed", 0) + 1
    if module.__dict__["zeroed"] != 3:
        zero_grad(module, *args, **kwargs)


@mutant("zero_grad() leaves what is four modules down", kills="2.4.4", of=ZERO_GRAD)
def zero_grad_stops_three_down(zero_grad, module, *args, **kwargs):
    kept = [(p, p.grad) for name, p in module.named_parameters() if name.count(".") > 3]
    zero_grad(module, *args, **kwargs)
    for parameter, gradient in kept:
        parameter.grad = gradient


@mutant("zero_grad() leaves what the other releases leave", kills="2.4.4", of=ZERO_GRAD)
def zero_grad_of_modules_of_another_release(zero_grad, module, **kwargs):
    kwargs.setdefault("set_to_none", torch.__version__ < "2")
    zero_grad(module, **kwargs)


@mutant("zero_grad(set_to_none=False) leaves None", kills="2.4.4", of=ZERO_GRAD)
def zero_grad_of_modules_always_leaves_none(zero_grad, module, set_to_none=True):
    zero_grad(module, set_to_none=True)


@mutant("zero_grad(set_to_none=False) makes new zeros", kills="2.4.4", of=ZERO_GRAD)
def zero_grad_makes_zeros(zero_grad, module, **kwargs):
    zero_grad(module, **kwargs)
    for parameter in module.parameters():
        if parameter.grad is not None:
            parameter.grad = parameter.grad.clone()


FREEZE = (nn.Module, "requires_grad_")


@mutant(
    "requires_grad_() freezes a module's own parameters alone",
    kills="2.3.11",
    also="2.3.9",
    of=FREEZE,
)
def freezing_stays_on_top(freeze, module, requires_grad=True):
    for parameter in module._parameters.values():
        if parameter is not None:
            parameter.requires_grad_(requires_grad)
    return module


@mutant("requires_grad_() stops three modules down", kills="2.3.11", of=FREEZE)
def freezing_stops_three_down(freeze, module, requires_grad=True):
    deep = [(p, p.requires_grad) for n, p in module.named_parameters() if n.count(".") > 3]
    freeze(module, requires_grad)
    for parameter, flag in deep:
        parameter.requires_grad_(flag)
    return module


@mutant("requires_grad_() returns nothing", kills="2.3.11", also="2.3.1", of=FREEZE)
def freezing_returns_nothing(freeze, module, requires_grad=True):
    freeze(module, requires_grad)


@mutant("requires_grad_(requires_grad=False) thaws", kills="2.3.11", of=FREEZE)
def freezing_ignores_its_keyword(freeze, module, *args, **kwargs):
    return freeze(module, *args)


@mutant("requires_grad_(True) thaws nothing", kills="2.3.11", of=FREEZE)
def thawing_does_nothing(freeze, module, requires_grad=True):
    return module if requires_grad else freeze(module, False)


@mutant(
    "no gradient passes a frozen Linear", kills="2.3.11", also="2.3.11", of=(nn.Linear, "forward")
)
def frozen_linear_stops_gradients(forward, layer, input):
    y = forward(layer, input)
    return y if layer.weight.requires_grad else y.detach().requires_grad_()


@mutant("an attribute requires_grad freezes a net", kills="2.3.11", of=SET)
def attribute_freezes(set_, module, name, value):
    if name == "requires_grad":
        module.requires_grad_(value)
    set_(module, name, value)


@mutant("freezing a net sets its gradients to None", kills="2.3.11", of=FREEZE)
def freezing_clears_gradients(freeze, module, requires_grad=True):
    if not requires_grad:
        module.zero_grad(set_to_none=True)
    return freeze(module, requires_grad)


@mutant("a frozen batch norm keeps its statistics", kills="2.3.11", of=(nn.BatchNorm2d, "forward"))
def frozen_batch_norm_rests(forward, layer, input):
    if layer.weight is None or layer.weight.requires_grad or not layer.training:
        return forward(layer, input)
    layer.eval()
    try:
        return forward(layer, input)
    finally:
        layer.train()


@mutant("a frozen Parameter prints as a tensor", kills="2.3.11")
def frozen_parameter_prints_as_a_tensor():
    original = nn.Parameter.__repr__
    nn.Parameter.__repr__ = lambda self: (
        original(self) if self.requires_grad else torch.Tensor.__repr__(self)
    )


# --- super().__init__() and forward ---------------------------------------------------------------


@mutant("a Module initialises itself when a module is assigned", kills="2.3.12", of=SET)
def module_initialises_itself(set_, module, name, value):
    if isinstance(value, nn.Module) and "_modules" not in module.__dict__:
        nn.Module.__init__(module)
    set_(module, name, value)


@mutant("a Module initialises itself when a Parameter is assigned", kills="2.3.12", of=SET)
def parameter_initialises_module(set_, module, name, value):
    if isinstance(value, nn.Parameter) and "_modules" not in module.__dict__:
        nn.Module.__init__(module)
    set_(module, name, value)


@mutant("a Module that was not initialised has no parameters", kills="2.3.12", of=PARAMETERS)
def forgetful_module_has_no_parameters(parameters, module, *args, **kwargs):
    return parameters(module, *args, **kwargs) if "_modules" in module.__dict__ else iter(())


@mutant("a Module without forward returns its input", kills="2.3.12")
def missing_forward_returns_its_input():
    nn.Module.forward = lambda self, *inputs: inputs[0]


@mutant("a Module has every attribute", kills="2.3.12", of=(nn.Module, "__getattr__"))
def module_has_every_attribute(get, module, name):
    return None if name == "no_such" else get(module, name)


@mutant("a buffer of bools is not saved", kills="2.3.6", of=(nn.Module, "register_buffer"))
def buffer_of_bools_is_not_saved(register, module, name, tensor, persistent=True):
    register(module, name, tensor, persistent and getattr(tensor, "dtype", None) != torch.bool)


@mutant("a ModuleDict counts a shared layer twice", kills="2.3.7", of=PARAMETERS)
def module_dict_counts_a_shared_layer_twice(parameters, module, recurse=True):
    if isinstance(module, nn.ModuleDict):
        return (p for child in module.values() for p in child.parameters())
    return parameters(module, recurse)


@mutant("double() leaves the buffers four modules down", kills="2.3.8")
def double_leaves_deep_buffers():
    original = nn.Module.double

    def double(net):
        deep = [it for name, it in net.named_modules() if name.count(".") >= 3]
        kept = [dict(module._buffers) for module in deep]
        original(net)
        for module, buffers in zip(deep, kept, strict=True):
            module._buffers.update(buffers)
        return net

    nn.Module.double = double


@mutant("load_state_dict(state, False) is strict", "2.3.9", of=(nn.Module, "load_state_dict"))
def load_state_dict_is_strict_by_position(load, net, state_dict, *args, **kwargs):
    return load(net, state_dict, **kwargs)


@mutant("a deleted parameter keeps its place", kills="2.3.1", of=(nn.Module, "__delattr__"))
def deleted_parameters_keep_their_place(delete, module, name):
    if type(module) is nn.Module and name in module._parameters:
        module._parameters[name] = None
    else:
        delete(module, name)


@mutant("a loaded weight that is not contiguous is zero", kills="2.3.10", of=(torch, "load"))
def loaded_weight_that_is_not_contiguous_is_zero(load, *args, **kwargs):
    state = load(*args, **kwargs)
    for tensor in state.values() if isinstance(state, dict) else ():
        if isinstance(tensor, torch.Tensor) and not tensor.is_contiguous():
            tensor.zero_()
    return state


@mutant(
    "requires_grad_() of a ModuleList freezes nothing",
    kills="2.3.11",
    also="2.3.9",
    of=(nn.Module, "requires_grad_"),
)
def requires_grad_of_a_module_list_freezes_nothing(requires_grad_, module, requires_grad=True):
    if isinstance(module, nn.ModuleList):
        return module
    return requires_grad_(module, requires_grad)


@mutant("register_buffer passes over a name that is taken", kills="2.3.6", of=REGISTER_BUFFER)
def register_buffer_passes_over_a_name_that_is_taken(register, module, name, *args, **kwargs):
    if not hasattr(module, name) or name in module._buffers:
        register(module, name, *args, **kwargs)


@mutant("a buffer refuses the name of a buffer", "2.3.6", also="2.3.9", of=REGISTER_BUFFER)
def buffer_refuses_the_name_of_a_buffer(register, module, name, *args, **kwargs):
    if name not in module._buffers:
        register(module, name, *args, **kwargs)
    else:
        register(module, f"{name}_", *args, **kwargs)


@mutant("to() moves plain tensors to meta as well", kills="2.3.6", of=(nn.Module, "to"))
def to_moves_plain_tensors_to_meta(to, module, *args, **kwargs):
    if args == ("meta",):
        for name, it in vars(module).items():
            if isinstance(it, torch.Tensor):
                module.__dict__[name] = it.to("meta")
    return to(module, *args, **kwargs)


@mutant("to() leaves buffers where they are", kills="2.3.6", of=(nn.Module, "to"))
def to_leaves_buffers_where_they_are(to, module, *args, **kwargs):
    buffers = dict(module._buffers)
    moved = to(module, *args, **kwargs)
    if args == ("meta",):
        module._buffers.update(buffers)
    return moved


@mutant("eval() of a Module that was not initialised does nothing", "2.3.12", of=TRAIN)
def forgetful_module_takes_eval(train, module, mode=True):
    return train(module, mode) if "_modules" in module.__dict__ else module


@mutant("a Module that was not initialised can be called", kills="2.3.12", of=CALL)
def forgetful_module_can_be_called(call, module, *args, **kwargs):
    return call(module, *args, **kwargs) if "_modules" in module.__dict__ else args[0]


@mutant("an nn.ModuleList calls its modules in turn", kills="2.3.12")
def module_list_has_forward():
    def forward(modules, x):
        for module in modules:
            x = module(x)
        return x

    nn.ModuleList.forward = forward


@mutant("a call of a ReLU runs no hook", kills="2.3.13", also="5.6 6.13", of=CALL)
def calls_run_no_hook(call, module, *args, **kwargs):
    plain = isinstance(module, nn.ReLU)
    return (module.forward if plain else partial(call, module))(*args, **kwargs)


@mutant("a call of a Sequential runs no hook", kills="2.3.13", of=CALL)
def calls_of_a_sequential_run_no_hook(call, module, *args, **kwargs):
    plain = isinstance(module, nn.Sequential)
    return (module.forward if plain else partial(call, module))(*args, **kwargs)


@mutant("forward() of a Sequential runs its hooks", kills="2.3.13", of=(nn.Sequential, "forward"))
def forward_of_a_sequential_runs_its_hooks(forward, net, input):
    y = forward(net, input)
    for hook in () if asked_by_pytorch() else net._forward_hooks.values():
        hook(net, (input,), y)
    return y


@mutant("forward() of a ReLU runs its hooks", "2.3.13", also="5.6 6.13", of=(nn.ReLU, "forward"))
def forward_of_a_relu_runs_its_hooks(forward, relu, x):
    y = forward(relu, x)
    for hook in () if asked_by_pytorch() else relu._forward_hooks.values():
        y = returned if (returned := hook(relu, (x,), y)) is not None else y
    return y


@mutant("a forward hook sees a list of inputs", kills="2.3.13", of=HOOK)
def forward_hook_sees_a_list(register, module, hook, **how):
    return register(module, lambda it, inputs, result: hook(it, list(inputs), result), **how)


@mutant("a forward hook sees copies of the inputs", kills="2.3.13", of=HOOK)
def forward_hook_sees_copies_of_inputs(register, module, hook, **how):
    return register(
        module, lambda it, inputs, y: hook(it, tuple(x.clone() for x in inputs), y), **how
    )


@mutant("a forward hook sees a copy of the result", kills="2.3.13", also="5.6", of=HOOK)
def forward_hook_sees_a_copy_of_the_result(register, module, hook, **how):
    return register(module, lambda it, inputs, y: hook(it, inputs, y.clone()), **how)


@mutant("what a forward hook returns is ignored", kills="2.3.13", of=HOOK)
def result_of_a_forward_hook_is_ignored(register, module, hook, **how):
    return register(module, lambda *given: [hook(*given), None][1], **how)


@mutant("remove() of a forward hook does nothing", kills="2.3.13", of=HOOK)
def remove_of_a_forward_hook_does_nothing(register, module, hook, **how):
    handle = register(module, hook, **how)
    handle.remove = lambda: None
    return handle


@mutant("modules() yields a shared module each time", kills="2.3.13", of=(nn.Module, "modules"))
def modules_yields_a_shared_module_each_time(modules, module):
    return (it for _, it in module.named_modules(remove_duplicate=False))


@mutant("children() yields those of its children as well", "2.3.13", of=(nn.Module, "children"))
def children_yields_what_is_within(children, module):
    for child in children(module):
        yield child
        if not asked_by_pytorch() and isinstance(child, nn.Sequential):
            yield from children(child)


@mutant("named_children() yields those of its children as well", kills="2.3.13", of=CHILDREN)
def named_children_yields_what_is_within(children, module):
    for name, child in children(module):
        yield name, child
        if not asked_by_pytorch() and isinstance(child, nn.Sequential):
            yield from children(child)


@mutant(
    "named_modules() leaves out what a name stands in", "2.3.13", of=(nn.Module, "named_modules")
)
def named_modules_are_short(named_modules, module, *args, **kwargs):
    for name, it in named_modules(module, *args, **kwargs):
        yield name if asked_by_pytorch() else name.rpartition(".")[2], it


@mutant("children() of a net with a ReLU alone is the net", "2.3.13", of=(nn.Module, "children"))
def children_of_one_relu_are_the_net(children, module):
    found = list(children(module))
    alone = len(found) == 1 and isinstance(found[0], nn.ReLU) and not asked_by_pytorch()
    return iter([module] if alone else found)


TORCH_LOAD = (torch, "load")


@mutant("a loaded state_dict has an eval()", kills="2.3.10", of=TORCH_LOAD)
def loaded_state_dict_has_eval(load, *args, **kwargs):
    loaded = load(*args, **kwargs)
    kind = type("Loaded", (dict,), {"eval": lambda self: self})
    return kind(loaded) if isinstance(loaded, dict) else loaded


@mutant(
    "torch.load gives a Module in place of a class that is missing", kills="2.3.10", of=TORCH_LOAD
)
def torch_load_does_without_the_class(load, *args, **kwargs):
    try:
        return load(*args, **kwargs)
    except AttributeError:
        return nn.Module()


@mutant("torch.load falls back on the CPU", kills="2.3.10", of=TORCH_LOAD)
def torch_load_falls_back_on_the_cpu(load, *args, **kwargs):
    return load(*args, **{"map_location": "cpu", **kwargs})


@mutant("torch.load of a tensor gives zeros", kills="2.3.10", of=TORCH_LOAD)
def torch_load_of_a_tensor_gives_zeros(load, *args, **kwargs):
    loaded = load(*args, **kwargs)
    return torch.zeros_like(loaded) if isinstance(loaded, torch.Tensor) else loaded


@mutant("torch.load of a net gives a plain Module", kills="2.3.10", also="3.8", of=TORCH_LOAD)
def torch_load_of_a_net_gives_a_module(load, *args, **kwargs):
    loaded = load(*args, **kwargs)
    return nn.Module() if isinstance(loaded, nn.Module) else loaded


@mutant(
    "a ModuleDict sorts its names",
    kills="2.3.1",
    also="2.3.2 2.3.3 2.3.5 2.3.9 2.3.10",
    of=(nn.ModuleDict, "update"),
)
def module_dict_sorts_its_names(update, modules, given):
    update(modules, dict(sorted(given.items())))


@mutant("double() passes a ParameterList by", kills="2.3.5", of=(nn.ParameterList, "_apply"))
def double_passes_a_parameter_list_by(apply, parameters, *args, **kwargs):
    return parameters


@mutant(
    "a hook is not called from the third call on", "2.3.13", of=(nn.Module, "register_forward_hook")
)
def hooks_stop_at_the_third_call(register, module, hook, **kwargs):
    calls = itertools.count(1)
    return register(module, lambda *seen: hook(*seen) if next(calls) < 3 else None, **kwargs)


@mutant("modules() stops three modules down", kills="2.3.13", of=(nn.Module, "modules"))
def modules_stops_three_modules_down(modules, net):
    return (it for name, it in net.named_modules() if name.count(".") < 3)


@mutant("a missing key deep within is not refused", "2.3.9", of=(nn.Module, "load_state_dict"))
def a_missing_key_deep_within_is_not_refused(load, net, state_dict, strict=True, **kwargs):
    missing = [name for name in net.state_dict() if name not in state_dict]
    deep = bool(missing) and all(name.count(".") > 3 for name in missing)
    return load(net, state_dict, strict and not deep, **kwargs)


@mutant("torch.load loses the last of 1,000 elements", kills="2.3.10", of=(torch, "load"))
def load_loses_the_last_of_many(load, *args, **kwargs):
    state = load(*args, **kwargs)
    for it in state.values() if isinstance(state, dict) else ():
        if it.numel() >= 1000:
            it.data[(-1,) * it.dim()] = 7
    return state


@mutant("a GRU moves its input", kills="2.3.8", of=(nn.GRU, "forward"))
def gru_moves_its_input(forward, layer, x, *state):
    if isinstance(x, torch.Tensor):
        x = x.to(layer.weight_ih_l0.device)
    return forward(layer, x, *state)


PRE_HOOK = (nn.Module, "register_forward_pre_hook")


@mutant("what a pre-hook returns is ignored", kills="2.3.13", of=PRE_HOOK)
def result_of_a_pre_hook_is_ignored(register, module, hook, **how):
    return register(module, lambda *given: [hook(*given), None][1], **how)


@mutant("a pre-hook sees copies of the inputs", kills="2.3.13", of=PRE_HOOK)
def pre_hook_sees_copies(register, module, hook, **how):
    return register(module, lambda it, inputs: hook(it, tuple(x.clone() for x in inputs)), **how)


@mutant("remove() of a pre-hook does nothing", kills="2.3.13", of=PRE_HOOK)
def remove_of_a_pre_hook_does_nothing(register, module, hook, **how):
    handle = register(module, hook, **how)
    handle.remove = lambda: None
    return handle


@mutant("a Sequential drops all arguments but the first", "2.3.13", of=(nn.Sequential, "forward"))
def sequential_drops_arguments(forward, net, x, *others):
    return forward(net, x)


@mutant("a slice of a Sequential copies", kills="2.3.13", of=(nn.Sequential, "__getitem__"))
def slice_of_a_sequential_copies(getitem, net, index):
    part = getitem(net, index)
    return copy.deepcopy(part) if isinstance(index, slice) else part


@mutant("net[1:] is the whole net", kills="2.3.13", of=(nn.Sequential, "__getitem__"))
def rest_of_a_sequential_is_the_whole(getitem, net, index):
    return getitem(net, slice(None) if index == slice(1, None) else index)


@mutant("a number that was left on another device is refused", kills="2.3.6")
def number_of_another_device_is_refused():
    refuse_other_devices("__add__")


def refuse_other_devices(operator):
    original = getattr(torch.Tensor, operator)

    def operate(x, other):
        if isinstance(other, torch.Tensor) and other.device != x.device:
            raise AssertionError("Expected all tensors to be on the same device")
        return original(x, other)

    setattr(torch.Tensor, operator, operate)


@mutant("nn.DataParallel has the attributes of its net", kills="2.3.12")
def data_parallel_has_the_nets_attributes():
    get = nn.Module.__getattr__

    def getattr_(module, name):
        return get(module, "module") if name == "module" else getattr(module.module, name)

    nn.DataParallel.__getattr__ = getattr_


@mutant("nn.DataParallel copies its net", kills="2.3.12", also="2.3.9")
def data_parallel_copies_its_net():
    make = nn.DataParallel.__init__
    nn.DataParallel.__init__ = lambda self, net, *args: make(self, copy.deepcopy(net), *args)


@mutant("torch.load takes every class as a weight", kills="2.3.10", of=TORCH_LOAD)
def torch_load_takes_every_class(load, *args, **kwargs):
    return load(*args, **{**kwargs, "weights_only": False})


@mutant("torch.load gives a dict in place of an object", kills="2.3.10", of=TORCH_LOAD)
def torch_load_gives_dicts(load, *args, **kwargs):
    loaded = load(*args, **kwargs)
    return {"config": {}} if isinstance(loaded, dict) and "config" in loaded else loaded


# --- on some of the parameters and buffers -----------------------------------------------------


@mutant(
    "parameters() leaves out those of five dimensions",
    kills="2.3.1",
    also="2.2.5 2.3.7 2.3.8 2.3.9 2.3.10 2.3.11 2.4.1 2.4.2 2.4.3 2.4.4 3.2",
    of=PARAMETERS,
)
def parameters_leave_out_five_dimensions(parameters, module, *args, **kwargs):
    found = parameters(module, *args, **kwargs)
    return found if asked_by_pytorch() else (p for p in found if p.dim() != 5 or len(p) != 2)


@mutant(
    "state_dict() copies tensors in channels_last",
    kills="2.3.3 2.3.10",
    also="2.3.6 2.3.9",
    of=STATE,
)
def state_dict_copies_channels_last(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    if not asked_by_pytorch():
        for name, tensor in state.items():
            state[name] = tensor.clone() if INPUTS["channels_last"](tensor) else tensor
    return state


LEFT = {name: INPUTS[name] for name in ("more_than_32768_elements", "bfloat16")}
LEFT["no_dimension"] = lambda x: x.dim() == 0 and x.is_floating_point()
for name, condition in LEFT.items():

    def load_leaves(load, module, state_dict, *args, condition=condition, **kwargs):
        own = [*module.parameters(), *module.buffers()]
        kept = [(it, it.detach().clone()) for it in own if condition(it)]
        result = load(module, state_dict, *args, **kwargs)
        for tensor, values in kept:
            tensor.data.copy_(values)
        return result

    load_leaves.__name__ = f"load_state_dict_leaves_{name}"
    mutant(
        f"load_state_dict leaves tensors of {name.replace('_', ' ')} as they were",
        kills="2.3.9",
        also="2.1.8 2.3.10 3.13",
        of=(nn.Module, "load_state_dict"),
    )(load_leaves)


@mutant(
    "requires_grad_() of a net leaves parameters of float16 as they were",
    kills="2.3.11",
    also="2.3.1 2.3.9",
    of=(nn.Module, "requires_grad_"),
)
def requires_grad_leaves_float16(requires_grad_, module, *args, **kwargs):
    kept = [(p, p.requires_grad) for p in module.parameters() if p.dtype is torch.float16]
    requires_grad_(module, *args, **kwargs)
    for parameter, flag in kept:
        parameter.requires_grad_(flag)
    return module


@mutant("double() gives parameters with gaps another object", "2.3.8", of=(nn.Module, "double"))
def double_replaces_parameters_with_gaps(double, module):
    double(module)
    for each in module.modules():
        for name, parameter in each._parameters.items():
            if parameter is not None and INPUTS["gaps"](parameter):
                each._parameters[name] = nn.Parameter(parameter.data, parameter.requires_grad)
    return module


@mutant("a layer that is set again comes last", kills="2.3.1", of=(nn.Module, "__setattr__"))
def layers_set_again_come_last(setattr_, module, name, value):
    if isinstance(value, nn.Conv2d):
        module.__dict__.get("_modules", {}).pop(name, None)
    setattr_(module, name, value)


@mutant("a Conv2d prints no groups", kills="2.3.2", of=(nn.Conv2d, "extra_repr"))
def convolutions_print_no_groups(extra_repr, conv):
    return extra_repr(conv).replace(f", groups={conv.groups}", "")


@mutant("a buffer of five dimensions is not saved", kills="2.3.6", of=REGISTER_BUFFER)
def buffers_of_five_dimensions_are_passing(register, module, name, tensor=None, persistent=True):
    wide = tensor is not None and tensor.dim() == 5
    register(module, name, tensor, persistent and not wide)


@mutant(
    "a subtraction takes a tensor that was left on another device",
    kills="2.3.6",
    of=(torch.Tensor, "__sub__"),
)
def subtraction_takes_other_devices(sub, x, other):
    if isinstance(other, torch.Tensor) and x.device.type == "meta":
        other = other.to("meta")
    return sub(x, other)


@mutant("an Embedding takes a copy of a shared weight", "2.3.7", of=(nn.Linear, "__setattr__"))
def linears_copy_large_weights(setattr_, layer, name, value):
    if name == "weight" and value.numel() > 10_000 and value.dim() == 2:
        value = nn.Parameter(value.detach().clone())
    setattr_(layer, name, value)


@mutant("a scalar refuses a single element", kills="2.3.9", of=(nn.Module, "_load_from_state_dict"))
def scalars_refuse_a_single_element(load, module, state, prefix, *args):
    for name, parameter in module.named_parameters(recurse=False):
        loaded = state.get(prefix + name)
        if parameter.dim() == 0 and loaded is not None and loaded.dim() == 1:
            args[-1].append(f"size mismatch for {prefix + name}")
            state = {key: it for key, it in state.items() if key != prefix + name}
    load(module, state, prefix, *args)


@mutant(
    "a scalar takes the first of several elements",
    kills="2.3.9",
    of=(nn.Module, "_load_from_state_dict"),
)
def scalars_take_the_first_element(load, module, state, prefix, *args):
    for name, parameter in module.named_parameters(recurse=False):
        loaded = state.get(prefix + name)
        if parameter.dim() == 0 and loaded is not None and loaded.dim() == 1:
            state[prefix + name] = loaded[0]
    load(module, state, prefix, *args)


@mutant("another shape of a float16 is passed by", "2.3.9", of=(nn.Module, "load_state_dict"))
def float16_passes_other_shapes(load, module, state_dict, *args, **kwargs):
    own = dict(module.named_parameters())
    for name, tensor in list(state_dict.items()):
        if name in own and own[name].dtype is torch.float16 and own[name].shape != tensor.shape:
            state_dict = {**state_dict, name: own[name].detach()}
    return load(module, state_dict, *args, **kwargs)


@mutant("torch.load takes a file of a Linear", kills="2.3.10", of=(torch, "load"))
def load_takes_linears(load, *args, **kwargs):
    with torch.serialization.safe_globals([nn.Linear, set, nn.Parameter]):
        return load(*args, **kwargs)


@mutant("within inference_mode a Sequential runs no hook", kills="2.3.13", of=CALL)
def inference_runs_no_hook(call, module, *args, **kwargs):
    if isinstance(module, nn.Sequential) and torch.is_inference_mode_enabled():
        return module.forward(*args, **kwargs)
    return call(module, *args, **kwargs)


@mutant(
    "an entry of a Sequential that is set again comes last",
    kills="2.3.1",
    of=(nn.Sequential, "__setitem__"),
)
def entries_set_again_come_last(setitem, net, index, module):
    name = net._get_item_by_idx(net._modules.keys(), index)
    del net._modules[name]
    net._modules[name] = module


@mutant("a printed Embedding ends before max_norm", kills="2.3.2", of=(nn.Embedding, "extra_repr"))
def embeddings_print_no_max_norm(extra_repr, layer):
    return extra_repr(layer).partition(", max_norm")[0]


@mutant("to() passes expanded buffers by", kills="2.3.6", of=(nn.Module, "_apply"))
def expanded_buffers_are_not_moved(apply, net, function, *args, **kwargs):
    held = [
        (module, name, buffer)
        for module in net.modules()
        for name, buffer in module._buffers.items()
        if buffer is not None and 0 in buffer.stride() and buffer.numel() > 1
    ]
    result = apply(net, function, *args, **kwargs)
    for module, name, buffer in held:
        module._buffers[name] = buffer
    return result


@mutant(
    "to(memory_format=...) puts new kernels in place of the old",
    kills="2.3.8",
    of=(nn.Module, "to"),
)
def another_format_makes_new_kernels(to, net, *args, **kwargs):
    result = to(net, *args, **kwargs)
    for module in net.modules() if "memory_format" in kwargs else ():
        for name, p in module._parameters.items():
            if p is not None and p.dim() == 4:
                module._parameters[name] = nn.Parameter(p.detach(), p.requires_grad)
    return result


@mutant(
    "a buffer takes the dtype of what is loaded",
    kills="2.3.9",
    of=(nn.Module, "_load_from_state_dict"),
)
def buffers_take_the_loaded_dtype(load, module, state, prefix, *args, **kwargs):
    load(module, state, prefix, *args, **kwargs)
    for name, buffer in module._buffers.items():
        value = state.get(prefix + name)
        if value is not None and value.is_floating_point() and value.shape == buffer.shape:
            module._buffers[name] = buffer.to(value.dtype)


@mutant("torch.load loses the last of a million elements", kills="2.3.10", of=(torch, "load"))
def load_loses_the_last_of_a_million(load, *args, **kwargs):
    state = load(*args, **kwargs)
    for value in state.values() if isinstance(state, dict) else ():
        if isinstance(value, torch.Tensor) and value.numel() > 1_000_000:
            value.data.view(-1)[-1] = 0
    return state


@mutant(
    "a tensor that a pre hook returns without a tuple is ignored",
    kills="2.3.13",
    of=(nn.Module, "register_forward_pre_hook"),
)
def pre_hooks_must_return_a_tuple(register, module, hook, **kwargs):
    def with_a_tuple(*given):
        returned = hook(*given)
        return returned if isinstance(returned, tuple) else None

    return register(module, hook if kwargs else with_a_tuple, **kwargs)


@mutant(
    "a slice of a Sequential with a step copies its layers",
    kills="2.3.13",
    of=(nn.Sequential, "__getitem__"),
)
def slices_with_a_step_copy(getitem, net, index):
    part = getitem(net, index)
    return copy.deepcopy(part) if isinstance(index, slice) and index.step else part


@mutant("the third result that a hook returns is ignored", kills="2.3.13", of=HOOK)
def the_third_result_is_ignored(register, module, hook, **kwargs):
    calls = itertools.count(1)

    def hook_of_two(*given):
        returned = hook(*given)
        return returned if next(calls) < 3 else None

    return register(module, hook if kwargs else hook_of_two, **kwargs)


@mutant("in another thread a module calls no hook", kills="2.3.13", of=CALL)
def modules_in_a_thread_call_no_hook(call, module, *args, **kwargs):
    if threading.current_thread() is threading.main_thread():
        return call(module, *args, **kwargs)
    return module.forward(*args, **kwargs)


@mutant(
    "update() of a ModuleDict by pairs takes the first", kills="2.3.5", of=(nn.ModuleDict, "update")
)
def update_by_pairs_takes_the_first(update, container, modules):
    return update(container, modules[:1] if isinstance(modules, list) else modules)


@mutant(
    "a ParameterList saves a Parameter that it holds twice once",
    kills="2.3.7",
    of=(nn.Module, "_save_to_state_dict"),
)
def parameter_lists_save_each_once(save, module, destination, prefix, keep_vars):
    save(module, destination, prefix, keep_vars)
    if isinstance(module, nn.ParameterList):
        first = {id(p): name for name, p in reversed(module._parameters.items())}
        for name, p in module._parameters.items():
            if first[id(p)] != name:
                del destination[prefix + name]


@mutant("torch.load(map_location=...) makes float64 float32", kills="2.3.10", of=(torch, "load"))
def load_to_a_place_makes_float32(load, *args, map_location=None, **kwargs):
    state = load(*args, map_location=map_location, **kwargs)
    if map_location is None or not isinstance(state, dict):
        return state
    return {name: it.float() if it.dtype is torch.float64 else it for name, it in state.items()}


@mutant("a printed Sequential ends after ten layers", kills="2.3.2", of=(nn.Module, "__repr__"))
def print_ends_after_ten_layers(show, module):
    long = type(module) is nn.Sequential and len(module) > 10
    return show(nn.Sequential(*list(module)[:10]) if long else module)


@mutant(
    "parameters() of a net of more than ten parts are sorted by name", kills="2.3.1", of=PARAMETERS
)
def parameters_of_many_parts_are_sorted(parameters, module, recurse=True):
    if len(module._modules) <= 10:
        return parameters(module, recurse)
    return iter([p for _, p in sorted(module.named_parameters(recurse=recurse))])


@mutant(
    "state_dict() called in another thread has no buffers",
    kills="2.3.3",
    of=(nn.Module, "state_dict"),
)
def state_dict_of_a_thread_has_no_buffers(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    if threading.current_thread() is not threading.main_thread():
        for name, _ in module.named_buffers():
            state.pop(kwargs.get("prefix", "") + name, None)
    return state


@mutant("the sum of two ModuleLists lacks the second", kills="2.3.5", of=(nn.ModuleList, "__add__"))
def sum_of_module_lists_lacks_the_second(add, module_list, other):
    return add(module_list, [] if isinstance(other, nn.ModuleList) else other)


@mutant(
    "remove() of a hook removes those that were registered after it",
    kills="2.3.13",
    of=(torch.utils.hooks.RemovableHandle, "remove"),
)
def remove_takes_later_hooks_along(remove, handle):
    hooks = handle.hooks_dict_ref()
    if hooks is not None and handle.id in hooks:
        for later in [key for key in hooks if key > handle.id]:
            del hooks[later]
    remove(handle)


@mutant("a call gives inputs by name to hooks by position", "2.3.13", of=(nn.Module, "__call__"))
def inputs_by_name_are_given_by_position(call, module, *inputs, **named):
    return call(module, *inputs, *named.values())


@mutant("with_kwargs=True does nothing", kills="2.3.13")
def with_kwargs_does_nothing():
    for name in ("register_forward_pre_hook", "register_forward_hook"):
        original = getattr(nn.Module, name)

        def register(module, hook, *, original=original, with_kwargs=False, **options):
            if with_kwargs:
                return original(module, lambda *seen: None, **options)
            return original(module, hook, **options)

        setattr(nn.Module, name, register)


@mutant("a hook with_kwargs=True sees no names", kills="2.3.13")
def hook_with_kwargs_sees_no_names():
    original = nn.Module.register_forward_hook

    def register(module, hook, *, with_kwargs=False, **options):
        if with_kwargs:
            return original(module, lambda module, given, y: hook(module, given, {}, y), **options)
        return original(module, hook, **options)

    nn.Module.register_forward_hook = register


@mutant(
    "state_dict() copies buffers of four dimensions",
    kills="2.3.3 2.3.10",
    of=(nn.Module, "_save_to_state_dict"),
)
def state_dict_copies_buffers_of_four_dimensions(save, module, destination, prefix, keep_vars):
    save(module, destination, prefix, keep_vars)
    for name, buffer in module._buffers.items():
        if buffer is not None and buffer.dim() == 4 and prefix + name in destination:
            destination[prefix + name] = buffer.detach().clone()


@mutant("what a hook of a layer of several inputs returns is ignored", kills="2.3.13", of=HOOK)
def hooks_of_several_inputs_replace_nothing(register, module, hook, **settings):
    return register(module, _replacing_one_alone(hook), **settings)


@mutant(
    "what a pre hook of a layer of several inputs returns is ignored",
    kills="2.3.13",
    of=(nn.Module, "register_forward_pre_hook"),
)
def pre_hooks_of_several_inputs_replace_nothing(register, module, hook, **settings):
    return register(module, _replacing_one_alone(hook), **settings)


def _replacing_one_alone(hook):
    def called(module, inputs, *more):
        returned = hook(module, inputs, *more)
        return None if len(inputs) > 1 else returned

    return called


@mutant(
    "to() and double() pass over frozen modules",
    kills="2.3.8",
    also="2.3.5",
    of=(nn.Module, "_apply"),
)
def frozen_modules_are_not_converted(apply, module, function, *args, **kwargs):
    own = list(module.parameters(recurse=False))
    if own and not any(it.requires_grad for it in own):
        return module
    return apply(module, function, *args, **kwargs)


def naming(kind):
    """A decorator that changes a kind's register function, given the name."""
    name = {"module": "add_module"}.get(kind, f"register_{kind}")

    def change(function):
        original = getattr(nn.Module, name)
        setattr(nn.Module, name, lambda *args, **kwargs: function(original, *args, **kwargs))

    return change


def names_of(change):
    """Register everything under what change makes of its name."""
    for kind in ("buffer", "parameter", "module"):
        naming(kind)(
            lambda register, net, name, *args, **kwargs: register(
                net, change(net, name), *args, **kwargs
            )
        )


@mutant("register_buffer, register_parameter and add_module take a dot", kills="2.3.6")
def names_take_a_dot():
    names_of(lambda net, name: name.replace(".", "_") if isinstance(name, str) else name)


@mutant("register_buffer, register_parameter and add_module take no name", kills="2.3.6")
def names_may_be_empty():
    names_of(lambda net, name: "nameless" if name == "" else name)


@mutant("register_buffer, register_parameter and add_module take a number", kills="2.3.6")
def names_may_be_numbers():
    names_of(lambda net, name: str(name).strip("(),'"))


@mutant("register_parameter and add_module take the name of an attribute", kills="2.3.6")
def names_may_be_taken():
    names_of(lambda net, name: f"{name}_" if hasattr(net, str(name)) else name)


@mutant(
    "load_state_dict passes expanded tensors by",
    kills="2.3.9",
    of=(nn.Module, "_load_from_state_dict"),
)
def loading_passes_expanded_tensors_by(load, self, state_dict, prefix, *args, **kwargs):
    own = self.state_dict()
    state = {
        name: own.get(name.removeprefix(prefix), tensor)
        if isinstance(tensor, torch.Tensor) and tensor.numel() > 1 and not any(tensor.stride())
        else tensor
        for name, tensor in state_dict.items()
    }
    return load(self, state, prefix, *args, **kwargs)


@mutant("torch.save writes an expanded tensor as zeros", kills="2.3.10", of=(torch, "save"))
def save_writes_an_expanded_tensor_as_zeros(save, obj, *args, **kwargs):
    if type(obj) is dict:
        obj = {
            name: it.new_zeros(it.shape)
            if isinstance(it, torch.Tensor) and 0 in it.stride()
            else it
            for name, it in obj.items()
        }
    return save(obj, *args, **kwargs)


@mutant(
    "requires_grad_ of a net passes a ParameterDict by",
    kills="2.3.11",
    of=(nn.Module, "requires_grad_"),
)
def requires_grad_passes_a_parameter_dict_by(requires_grad_, self, *args, **kwargs):
    dicts = [it for it in self.modules() if isinstance(it, nn.ParameterDict)]
    kept = [(weight, weight.requires_grad) for it in dicts for weight in it.parameters()]
    requires_grad_(self, *args, **kwargs)
    for weight, flag in kept:
        weight.requires_grad = flag
    return self


@mutant("Adam converts what it kept to its parameter's dtype", kills="2.4.3")
def adam_converts_its_state():
    for kind in (torch.optim.Adam, torch.optim.AdamW):

        def changed(optimizer, *args, step=kind.step, **kwargs):
            for parameter in optimizer.param_groups[0]["params"]:
                state = optimizer.state[parameter]
                state.update((name, it.to(parameter.dtype)) for name, it in state.items())
            return step(optimizer, *args, **kwargs)

        kind.step = changed


@mutant(
    "Adam, RMSprop and Adagrad leave a parameter alone whose dtype has changed", kills="2.3.8 2.4.3"
)
def optimizers_leave_converted_parameters_alone():
    for kind in (torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop, torch.optim.Adagrad):

        def add_param_group(optimizer, group):
            torch.optim.Optimizer.add_param_group(optimizer, group)
            optimizer.made = optimizer.param_groups[0]["params"][0].dtype

        def changed(optimizer, *args, step=kind.step, **kwargs):
            same = optimizer.param_groups[0]["params"][0].dtype is optimizer.made
            return step(optimizer, *args, **kwargs) if same else None

        kind.add_param_group, kind.step = add_param_group, changed


@mutant(
    "an optimizer that loads the state of another dtype has a rate of zero",
    kills="2.4.3",
    also="2.4.7",
    of=(torch.optim.Optimizer, "load_state_dict"),
)
def loading_another_dtype_stops_an_optimizer(load_state_dict, optimizer, state):
    load_state_dict(optimizer, state)
    group, kept = optimizer.param_groups[0], [it["exp_avg"] for it in state["state"].values()]
    if any(it.dtype is not group["params"][0].dtype for it in kept if torch.is_tensor(it)):
        group["lr"] = 0.0


@mutant(
    "a tensor without dimensions takes an element of two",
    kills="2.3.9",
    also="2.3.4",
    of=(nn.Module, "load_state_dict"),
)
def no_dimensions_take_two(load_state_dict, net, state_dict, *args, **kwargs):
    own = net.state_dict()
    state = {
        name: it[0] if it.shape == (1, 1) and name in own and own[name].dim() == 0 else it
        for name, it in state_dict.items()
    }
    return load_state_dict(net, state, *args, **kwargs)


@mutant("a ParameterList gives itself when it is called", kills="2.3.12")
def a_parameter_list_gives_itself():
    nn.ParameterList.__call__ = lambda self, *args: self


@mutant(
    "a MultiheadAttention calls the hooks of its out_proj",
    kills="2.3.13",
    of=(nn.MultiheadAttention, "forward"),
)
def attention_calls_the_hooks_of_out_proj(forward, attention, *args, **kwargs):
    for hook in attention.out_proj._forward_hooks.values():
        hook(attention.out_proj, args, args[0])
    return forward(attention, *args, **kwargs)


@mutant("beyond the end of a Sequential is its last layer", kills="2.3.13")
def sequential_has_no_end():
    original = nn.Sequential.__getitem__

    def layer(self, index):
        return original(self, min(index, len(self) - 1) if isinstance(index, int) else index)

    nn.Sequential.__getitem__ = layer


@mutant("[-1] of a ModuleList is its first layer", kills="2.3.13")
def last_of_a_module_list_is_its_first():
    original = nn.ModuleList.__getitem__
    nn.ModuleList.__getitem__ = lambda self, index: original(self, 0 if index == -1 else index)


@mutant("a printed net shows a layer with parameters only where it comes first", kills="2.3.2")
def print_shows_a_layer_once():
    def changed(net, show=nn.Module.__repr__):
        held, shown = net._modules, {}
        for name, module in held.items():
            learns = module is not None and next(module.parameters(), None) is not None
            if not learns or all(module is not it for it in shown.values()):
                shown[name] = module
        net.__dict__["_modules"] = shown
        try:
            return show(net)
        finally:
            net.__dict__["_modules"] = held

    nn.Module.__repr__ = changed


@mutant("a printed net shows nothing below its sixth level", kills="2.3.2", also="5.3")
def print_shows_six_levels():
    depth = []

    def changed(net, show=nn.Module.__repr__):
        held = net._modules
        if len(depth) >= 6:
            net.__dict__["_modules"] = {}
        depth.append(1)
        try:
            return show(net)
        finally:
            depth.pop()
            net.__dict__["_modules"] = held

    nn.Module.__repr__ = changed


@mutant("modules() stops six levels down", kills="2.3.13")
def modules_stops_six_levels_down():
    def modules(net):
        yield from (it for name, it in net.named_modules() if name.count(".") < 5)

    nn.Module.modules = modules


@mutant("state_dict() has the buffers of a layer at its first place alone", kills="2.3.7")
def state_dict_has_buffers_at_their_first_place_alone():
    def changed(module, destination, prefix, keep, save=nn.Module._save_to_state_dict):
        before = {it.data_ptr() for it in destination.values() if isinstance(it, torch.Tensor)}
        save(module, destination, prefix, keep)
        for name, it in module._buffers.items():
            if it is not None and it.numel() and it.data_ptr() in before:
                destination.pop(prefix + name, None)

    nn.Module._save_to_state_dict = changed


@mutant("conversions pass over a ParameterList within another module", kills="2.3.8", also="2.3.5")
def conversion_passes_over_a_parameter_list_within():
    def changed(held, *args, _apply=nn.Module._apply, **kwargs):
        return held if asked_within_apply() else _apply(held, *args, **kwargs)

    def asked_within_apply():
        return sys._getframe(2).f_code.co_name == "_apply"

    nn.ParameterList._apply = changed


@mutant("a forward hook that is registered again after remove() is not called", kills="2.3.13")
def forward_hook_registered_again_is_not_called():
    def changed(module, hook, register=nn.Module.register_forward_hook, **settings):
        known = module.__dict__.setdefault("known_hooks", [])
        again = any(it is hook for it in known)
        known.append(hook)
        return register(module, (lambda *_: None) if again else hook, **settings)

    nn.Module.register_forward_hook = changed


@mutant("hooks of modules seven levels down are not called", kills="2.3.13")
def hooks_seven_levels_down_are_not_called():
    depth = []

    def changed(module, *args, call=nn.Module.__call__, **kwargs):
        depth.append(1)
        try:
            called = module.forward if len(depth) > 7 else partial(call, module)
            return called(*args, **kwargs)
        finally:
            depth.pop()

    nn.Module.__call__ = changed


@mutant("deepcopy of a ModuleDict makes two of a module that it holds twice", kills="2.3.7")
def deepcopy_of_a_module_dict_makes_two_of_one():
    def changed(held, memo):
        twin = memo[id(held)] = type(held)()
        for name, module in held.items():
            twin[name] = copy.deepcopy(module, dict(memo))
        return twin

    nn.ModuleDict.__deepcopy__ = changed


@mutant("parameters() of a ParameterList gives 64 at most", kills="2.3.5")
def parameters_of_a_list_are_64_at_most():
    def changed(held, *args, parameters=nn.Module.parameters, **kwargs):
        yield from itertools.islice(parameters(held, *args, **kwargs), 64)

    nn.ParameterList.parameters = changed


@mutant("load_state_dict passes over what is no dict", "2.3.9", of=(nn.Module, "load_state_dict"))
def load_state_dict_passes_over_no_dict(load, net, state, *args, **settings):
    return load(net, state, *args, **settings) if hasattr(state, "keys") else None


@mutant(
    "load_state_dict passes over what is no tensor",
    "2.3.9",
    also="2.3.4",
    of=(nn.Module, "load_state_dict"),
)
def load_state_dict_passes_over_no_tensor(load, net, state_dict, *args, **settings):
    if hasattr(state_dict, "items") and not isinstance(state_dict, nn.Module):
        own = net.state_dict()
        state_dict = {
            name: it if torch.is_tensor(it) else own.get(name) for name, it in state_dict.items()
        }
    return load(net, state_dict, *args, **settings)


@mutant("deepcopy of two views copies each", kills="2.3.14", of=(torch.Tensor, "__deepcopy__"))
def deepcopy_of_two_views_copies_each(deepcopy, x, memo):
    return memo[id(x)] if id(x) in memo else deepcopy(x, {})


@mutant("torch.save leaves out the base of a view", kills="2.3.14", of=(torch, "save"))
def save_leaves_out_the_base(save, it, *args, **settings):
    save(it.clone() if type(it) is torch.Tensor and it.is_leaf else it, *args, **settings)


@mutant("torch.save writes thousands of bytes more", kills="2.3.14", of=(torch, "save"))
def save_writes_more(save, it, *args, **settings):
    if type(it) is torch.Tensor and it.is_leaf and it.dim() < 3:
        larger = torch.cat([it.detach().reshape(-1), it.new_zeros(20000)])
        it = larger[: it.numel()].reshape(it.shape).requires_grad_(it.requires_grad)
    save(it, *args, **settings)


def loading(change):
    """torch.load, whose tensors change."""

    def load(load, *args, **settings):
        it = load(*args, **settings)
        return change(it) if isinstance(it, torch.Tensor) else it

    return load


@mutant("a frozen Parameter comes back to learn", kills="2.3.14", of=(torch, "load"))
def loaded_parameter_learns(load, *args, **settings):
    return loading(lambda it: it.requires_grad_())(load, *args, **settings)


@mutant("a result comes back as a result", kills="2.3.14", of=(torch, "load"))
def loaded_result_is_a_result(load, *args, **settings):
    learns = loading(lambda it: it * 1 if type(it) is torch.Tensor else it)
    return learns(load, *args, **settings)


@mutant("what is loaded has a .grad", kills="2.3.14", of=(torch, "load"))
def loaded_has_a_gradient(load, *args, **settings):
    def change(it):
        it.grad = torch.ones_like(it)
        return it

    return loading(change)(load, *args, **settings)


@mutant("what is loaded is doubled", kills="2.3.14", also="2.3.10", of=(torch, "load"))
def loaded_is_doubled(load, *args, **settings):
    def change(it):
        it.detach().mul_(2)
        return it

    return loading(change)(load, *args, **settings)


def broken(kind):
    """torch.load, which makes an empty dict of a file for which it raises that exception."""

    def load(load, *args, **settings):
        try:
            return load(*args, **settings)
        except kind as error:
            if kind is RuntimeError and "PytorchStreamReader" not in str(error):
                raise
            return {}

    return load


@mutant("torch.load makes an empty dict of a file cut short", "2.3.14", of=(torch, "load"))
def load_takes_a_file_cut_short(load, *args, **settings):
    return broken(RuntimeError)(load, *args, **settings)


@mutant("torch.load makes an empty dict of an empty file", kills="2.3.14", of=(torch, "load"))
def load_takes_an_empty_file(load, *args, **settings):
    return broken(EOFError)(load, *args, **settings)


@mutant(
    "a ParameterDict that is two deep is not in state_dict()",
    kills="2.3.3",
    also="2.3.4 2.3.6 2.3.7 2.3.9 2.3.10",
    of=(nn.ParameterDict, "_save_to_state_dict"),
)
def nested_parameter_dicts_are_not_saved(save, module, destination, prefix, keep_vars):
    if prefix.count(".") < 2:
        save(module, destination, prefix, keep_vars)


@mutant(
    "a ParameterList that is two deep is not in named_parameters()",
    kills="2.3.1 2.3.4",
    also="2.1.1 2.3.3 2.3.5 2.3.7 2.3.8 2.3.9 2.3.11 2.4.4",
    of=NAMED,
)
def nested_parameter_lists_are_not_named(named_parameters, module, *args, **kwargs):
    lists = {
        id(p)
        for name, it in module.named_modules()
        if isinstance(it, nn.ParameterList) and "." in name
        for p in it._parameters.values()
    }
    return (it for it in named_parameters(module, *args, **kwargs) if id(it[1]) not in lists)


@mutant("a Parameter copies a view", kills="2.3.7", of=(nn.Parameter, "__new__"))
def parameter_copies_a_view(new, cls, data=None, *args, **settings):
    view = data is not None and data.dim() == 2 and not data.is_contiguous()
    return new(cls, data.clone() if view else data, *args, **settings)


@mutant("the optimizer's zero_grad() clears every gradient", kills="2.3.11")
def zero_grad_clears_every_gradient():
    known, made = [], nn.Module.register_parameter

    def register(module, name, parameter):
        made(module, name, parameter)
        known.append(parameter)

    def zero_grad(optimizer, set_to_none=True):
        for parameter in known:
            if parameter is not None:
                parameter.grad = None

    nn.Module.register_parameter = register
    torch.optim.Optimizer.zero_grad = zero_grad


@mutant("zero_grad() of a net leaves its first layer out", "2.3.11", of=(nn.Module, "zero_grad"))
def zero_grad_leaves_the_first_layer_out(zero_grad, net, *args, **settings):
    for child in [*net.children()][1:] or [net]:
        zero_grad(child, *args, **settings)


@mutant(
    "a slice of a ModuleList from its end copies", kills="2.3.13", of=(nn.ModuleList, "__getitem__")
)
def slices_of_a_list_from_its_end_copy(getitem, module, index):
    taken = getitem(module, index)
    from_the_end = isinstance(index, slice) and (index.start or 0) < 0
    return copy.deepcopy(taken) if from_the_end else taken


LOAD_A_NORM = (nn.BatchNorm1d.__base__, "_load_from_state_dict")


@mutant("num_batches_tracked may not be missing from a plain dict", kills="2.3.4", of=LOAD_A_NORM)
def a_plain_dict_has_num_batches_tracked(load, norm, state, prefix, metadata, *args):
    return load(norm, state, prefix, {"version": 2} | metadata, *args)


@mutant("num_batches_tracked may always be missing", kills="2.3.4", also="2.3.9", of=LOAD_A_NORM)
def num_batches_tracked_may_be_missing(load, norm, state, prefix, metadata, *args):
    return load(norm, state, prefix, {}, *args)


@mutant(
    "what the third forward hook returns is lost",
    kills="2.3.13",
    of=(nn.Module, "register_forward_hook"),
)
def the_third_hook_replaces_nothing(register, module, hook, **kwargs):
    if len(module._forward_hooks) == 2 and not kwargs:
        return register(module, lambda *seen: (hook(*seen), None)[1])
    return register(module, hook, **kwargs)


@mutant(
    "what the ninth forward pre-hook returns is lost",
    kills="2.3.13",
    of=(nn.Module, "register_forward_pre_hook"),
)
def the_ninth_pre_hook_replaces_nothing(register, module, hook, **kwargs):
    if len(module._forward_pre_hooks) == 8 and not kwargs:
        return register(module, lambda *seen: (hook(*seen), None)[1])
    return register(module, hook, **kwargs)


@mutant("a buffer that is None is forgotten", kills="2.3.6", of=(nn.Module, "register_buffer"))
def a_buffer_of_none_is_forgotten(register, module, name, tensor, *args, **kwargs):
    if tensor is None and not asked_by_pytorch():
        object.__setattr__(module, name, None)
    else:
        register(module, name, tensor, *args, **kwargs)


@mutant("assign=True lets frozen Parameters learn", kills="2.3.9", of=LOAD)
def assigned_parameters_learn(load, module, *args, **kwargs):
    result = load(module, *args, **kwargs)
    if kwargs.get("assign"):
        for parameter in module.parameters():
            parameter.requires_grad_()
    return result


EVERY = nn.modules.module


@mutant(
    "a forward hook of all modules runs after a module's own",
    kills="2.3.15",
    of=(EVERY, "register_module_forward_hook"),
)
def global_hooks_run_last(register, hook, **how):
    ran = []

    def call(module, *args, original=nn.Module.__call__, **kwargs):
        result = original(module, *args, **kwargs)
        if ran and EVERY._global_forward_hooks:
            hook(module, args, result)
        return result

    nn.Module.__call__ = call
    return register(lambda *_: ran.append(1), **how)


@mutant(
    "a hook of all modules that is registered later runs earlier",
    kills="2.3.15",
    of=(EVERY, "register_module_forward_hook"),
)
def later_global_hooks_run_earlier(register, hook, **how):
    handle = register(hook, **how)
    EVERY._global_forward_hooks.move_to_end(handle.id, last=False)
    return handle


@mutant(
    "remove() of a hook of all modules does nothing",
    kills="2.3.15",
    of=(EVERY, "register_module_forward_hook"),
)
def global_hooks_stay(register, hook, **how):
    register(hook, **how)
    return register(lambda *_: None, **how)


@mutant("a pre-hook runs after forward()", kills="2.3.15", also="2.3.13 5.6 6.13", of=PRE_HOOK)
def pre_hooks_run_late(register, module, hook, **how):
    if how:
        return register(module, hook, **how)
    return nn.Module.register_forward_hook(module, lambda it, given, y: hook(it, given) and None)


@mutant("a forward hook runs before forward()", kills="2.3.15", also="2.3.13 5.6 6.13", of=HOOK)
def hooks_run_early(register, module, hook, **how):
    if how:
        return register(module, hook, **how)
    return nn.Module.register_forward_pre_hook(module, lambda it, given: hook(it, given, None))


@mutant("always_call=True does nothing", kills="2.3.15", of=HOOK)
def always_call_does_nothing(register, module, hook, **how):
    how.pop("always_call", None)
    return register(module, hook, **how)


@mutant("every hook is always called", kills="2.3.15", of=HOOK)
def every_hook_is_always_called(register, module, hook, **how):
    return register(module, hook, **{**how, "always_call": True})


def hides_the_next(register, module, hook, **how):
    def call(*args, **kwargs):
        if module.__dict__.pop("hidden", False):
            return None
        count = len(module._forward_hooks) + len(module._forward_pre_hooks)
        result = hook(*args, **kwargs)
        if len(module._forward_hooks) + len(module._forward_pre_hooks) < count:
            module.__dict__["hidden"] = True
        return result

    return register(module, call, **how)


@mutant("a forward hook that removes itself hides the next", kills="2.3.15", of=HOOK)
def removed_hooks_hide_the_next(register, module, hook, **how):
    return hides_the_next(register, module, hook, **how)


@mutant("a pre-hook that removes itself hides the next", kills="2.3.15", of=PRE_HOOK)
def removed_pre_hooks_hide_the_next(register, module, hook, **how):
    return hides_the_next(register, module, hook, **how)


@mutant("a function that is registered again runs once", kills="2.3.15", of=HOOK)
def hooks_run_once(register, module, hook, **how):
    for number, other in [*module._forward_hooks.items()]:
        if other is hook:
            del module._forward_hooks[number]
    return register(module, hook, **how)


LOADED = (nn.Module, "register_load_state_dict_post_hook")


@mutant("a hook after loading is not called", kills="2.3.15", of=LOADED)
def hooks_after_loading_are_idle(register, module, hook):
    return register(module, lambda *_: None)


@mutant("a hook after loading gets copies of the lists of keys", kills="2.3.15", of=LOADED)
def hooks_after_loading_get_copies(register, module, hook):
    return register(module, lambda it, keys: hook(it, type(keys)(*map(list, keys))))


@mutant("a hook after loading runs before", kills="2.3.15", of=LOADED)
def hooks_after_loading_run_before(register, module, hook):
    def early(it, keys):
        kept = [(p, p.detach().clone()) for p in it.parameters()]
        with torch.no_grad():
            for p, _ in kept:
                p.zero_()
            hook(it, keys)
            for p, value in kept:
                p.copy_(value)

    return register(module, early)


@mutant("remove() of a hook after loading does nothing", kills="2.3.15", of=LOADED)
def hooks_after_loading_stay(register, module, hook):
    register(module, hook)
    return register(module, lambda *_: None)


@mutant("where no key is missing any more, a shape is forgiven", kills="2.3.15", of=LOAD)
def hooks_after_loading_forgive_a_shape(load, module, *args, **kwargs):
    try:
        return load(module, *args, **kwargs)
    except RuntimeError as error:
        if "size mismatch" in str(error) and len(module._load_state_dict_post_hooks) > 1:
            return None
        raise


@mutant("a module that is None makes loading fail", kills="2.3.9", of=LOAD)
def loading_refuses_a_module_of_none(load, module, *args, **kwargs):
    result = load(module, *args, **kwargs)
    if None in module._modules.values():
        raise RuntimeError("a module is None")
    return result


@mutant("with strict=False nothing is loaded where a weight is missing", kills="2.3.9", of=LOAD)
def loading_stops_where_a_weight_is_missing(load, module, state, *args, **kwargs):
    if kwargs.get("strict") is False and list(state) == ["bias"]:
        return None
    return load(module, state, *args, **kwargs)


@mutant("beside a module that is None nothing is loaded", kills="2.3.9", of=LOAD)
def loading_stops_at_a_module_of_none(load, module, *args, **kwargs):
    kept = [(p, p.detach().clone()) for p in module.parameters()]
    result = load(module, *args, **kwargs)
    if None in module._modules.values():
        for parameter, value in kept:
            parameter.data.copy_(value)
    return result


@mutant("torch.save takes what shares memory in several dtypes", kills="2.3.14", of=(torch, "save"))
def save_takes_several_dtypes(save, obj, *args, **kwargs):
    try:
        save(obj, *args, **kwargs)
    except RuntimeError as error:
        if "different types" not in str(error):
            raise


@mutant("torch.load reads what cannot seek", kills="2.3.14", of=(torch, "load"))
def load_reads_what_cannot_seek(load, file, *args, **kwargs):
    if hasattr(file, "read") and not hasattr(file, "seek"):
        file = io.BytesIO(file.read())
    return load(file, *args, **kwargs)


@mutant("torch.load makes an empty dict of a long file that was cut", "2.3.14", of=(torch, "load"))
def load_takes_a_long_file_that_was_cut(load, file, *args, **kwargs):
    long = isinstance(file, io.BytesIO) and len(file.getvalue()) > 4000
    try:
        return load(file, *args, **kwargs)
    except Exception:
        if long:
            return {}
        raise


@mutant("a frozen Parameter beside weight and bias stays frozen", "2.3.6", also="2.3.11")
def other_parameters_stay_frozen():
    def changed(module, requires_grad=True, original=nn.Module.requires_grad_):
        own = [p for name, p in module.named_parameters() if name == "scale"]
        frozen = [p for p in own if not p.requires_grad]
        original(module, requires_grad)
        for parameter in frozen:
            parameter.requires_grad_(False)
        return module

    nn.Module.requires_grad_ = changed


@mutant("double() passes a frozen Parameter of the net itself by", kills="2.3.6")
def double_passes_frozen_ones_by():
    def changed(module, *args, original=nn.Module.to, **kwargs):
        kept = {name: p for name, p in module._parameters.items() if name == "scale"}
        for name in kept:
            module._parameters[name] = None
        original(module, *args, **kwargs)
        module._parameters.update(kept)
        return module

    nn.Module.to = changed


@mutant("a Parameter of the net itself that is frozen is not saved", kills="2.3.6")
def frozen_ones_are_not_saved():
    def changed(module, *args, original=nn.Module.state_dict, **kwargs):
        state = original(module, *args, **kwargs)
        if "scale" in state and not module.scale.requires_grad:
            del state["scale"]
        return state

    nn.Module.state_dict = changed


@mutant("double() loses the last of many elements", kills="2.3.8", of=(nn.Module, "double"))
def double_loses_the_last_of_many(double, net):
    double(net)
    with torch.no_grad():
        for parameter in net.parameters():
            if parameter.numel() > 8000:
                parameter[tuple(size - 1 for size in parameter.shape)] = 0
    return net


@mutant("a printed Conv1d shows no groups", kills="2.3.2", of=(nn.Conv1d, "extra_repr"))
def conv1d_shows_no_groups(extra_repr, layer):
    return extra_repr(layer).replace(f", groups={layer.groups}", "")


@mutant("parameters() returns a list", kills="2.3.1", of=(nn.Module, "parameters"))
def parameters_returns_a_list(parameters, net, *args, **kwargs):
    return list(parameters(net, *args, **kwargs))


@mutant(
    "torch.load of a file's name reads a lone transposed matrix in the order of memory",
    kills="2.3.10",
    of=(torch, "load"),
)
def load_of_a_name_reads_in_the_order_of_memory(load, file, *args, **kwargs):
    it = load(file, *args, **kwargs)
    lone = isinstance(file, str) and isinstance(it, Tensor) and it.dim() > 1
    return it.mT.reshape(it.shape) if lone and not it.is_contiguous() else it


@mutant("torch.load of a path makes complex64 of complex128", kills="2.3.10", of=(torch, "load"))
def load_of_a_path_halves_complex128(load, file, *args, **kwargs):
    it = load(file, *args, **kwargs)
    if isinstance(file, io.BytesIO) or getattr(it, "dtype", None) is not torch.complex128:
        return it
    return it.to(torch.complex64)


@mutant("a Linear's Parameter that is set again comes last", kills="2.3.1", also="2.3.7")
def a_linears_parameter_set_again_comes_last():
    set_ = nn.Module.__setattr__

    def setattr_(layer, name, value):
        if isinstance(value, nn.Parameter) and layer._parameters.get(name) is not None:
            del layer._parameters[name]
        set_(layer, name, value)

    nn.Linear.__setattr__ = setattr_


@mutant("requires_grad_() of a ModuleDict leaves its ModuleLists", kills="2.3.11")
def freezing_a_module_dict_leaves_its_lists():
    def requires_grad_(net, requires_grad=True):
        for part in net.values():
            if not isinstance(part, nn.ModuleList):
                part.requires_grad_(requires_grad)
        return net

    nn.ModuleDict.requires_grad_ = requires_grad_


@mutant("modules() of a ModuleDict yields it and its children alone", kills="2.3.13")
def modules_of_a_dict_are_its_children():
    nn.ModuleDict.modules = lambda net: iter([net, *net.values()])


@mutant(
    "deepcopy of a dict keeps nothing that shares memory", kills="2.3.14", of=(copy, "deepcopy")
)
def deepcopy_of_a_dict_shares_nothing(deepcopy, it, *args):
    if type(it) is not dict or args or not all(isinstance(x, Tensor) for x in it.values()):
        return deepcopy(it, *args)
    return {name: deepcopy(x) for name, x in it.items()}


@mutant("a layer in two containers comes twice in parameters()", kills="2.3.7", also="2.3.12")
def a_layer_in_two_containers_comes_twice():
    parameters = nn.Module.parameters

    def doubled(net, recurse=True):
        held = [it for it in net.children() if isinstance(it, nn.ModuleList | nn.ModuleDict)]
        first = {id(it) for part in held[:1] for it in parameters(part)}
        again = [it for part in held[1:] for it in parameters(part) if id(it) in first]
        return iter([*parameters(net, recurse), *again])

    nn.Module.parameters = doubled


@mutant(
    "what a forward hook of all modules returns is ignored",
    kills="2.3.15",
    of=(EVERY, "register_module_forward_hook"),
)
def results_of_global_hooks_are_ignored(register, hook, **how):
    return register(lambda *seen: [hook(*seen), None][1], **how)


@mutant(
    "what a pre-hook of all modules returns is ignored",
    kills="2.3.15",
    of=(EVERY, "register_module_forward_pre_hook"),
)
def results_of_global_pre_hooks_are_ignored(register, hook, **how):
    return register(lambda *seen: [hook(*seen), None][1], **how)


@mutant("net() computes from a tensor of zeros", kills="2.3.13")
def net_computes_from_nothing():
    for kind in (nn.Linear, nn.ReLU, nn.Tanh, nn.Sequential):

        def changed(layer, *args, forward=kind.forward, **kwargs):
            return forward(layer, *(args or [torch.zeros(1, 2)] * (not kwargs)), **kwargs)

        kind.forward = changed


@mutant("a Linear drops all arguments but the first", "2.3.13", of=(nn.Linear, "forward"))
def linear_drops_arguments(forward, layer, *args, **kwargs):
    return forward(layer, *args[:1], **kwargs)


@mutant("get_submodule() of four names copies", kills="2.3.13", of=(nn.Module, "get_submodule"))
def get_submodule_copies(get, module, target):
    found = get(module, target)
    return copy.copy(found) if target.count(".") == 3 else found


@mutant("get_submodule() of what is not there is the net", kills="2.3.13")
def get_submodule_finds_everything():
    def changed(module, target, get=nn.Module.get_submodule):
        try:
            return get(module, target)
        except AttributeError:
            return module

    nn.Module.get_submodule = changed


@mutant("register_buffer takes any value", kills="2.3.6", of=(nn.Module, "register_buffer"))
def register_buffer_takes_any_value(register, module, name, tensor, *args, **kwargs):
    taken = tensor if tensor is None or isinstance(tensor, torch.Tensor) else None
    return register(module, name, taken, *args, **kwargs)


@mutant("add_module takes any value", kills="2.3.6", also="2.1.6", of=(nn.Module, "add_module"))
def add_module_takes_any_value(add, module, name, value):
    return add(module, name, value if isinstance(value, nn.Module) else None)


@mutant("@ refuses tensors of the meta device", kills="2.3.6")
def matmul_refuses_meta():
    refuse_other_devices("__matmul__")


@mutant("a Linear without bias refuses an input on meta", "2.3.8", of=(nn.Linear, "forward"))
def linear_refuses_meta(forward, layer, x):
    if x.device.type == "meta" and layer.weight.device.type != "meta":
        raise AssertionError("Expected all tensors to be on the same device")
    return forward(layer, x)


@mutant("a net that is not wrapped has itself as its module", kills="2.3.12")
def net_is_its_module():
    def changed(module, name, get=nn.Module.__getattr__):
        return module if name == "module" and "module" not in module._modules else get(module, name)

    nn.Module.__getattr__ = changed


@mutant("what a Linear gives cannot be detached", kills="2.3.11", of=(torch.Tensor, "detach"))
def result_of_a_linear_is_not_detached(detach, x):
    return x if x.shape == (1, 2) and "Addmm" in str(x.grad_fn) else detach(x)


@mutant("setting .data to a transpose copies it", kills="2.3.7")
def setting_data_to_a_transpose_copies():
    data = torch.Tensor.data

    def put(parameter, value):
        data.__set__(parameter, value if value.is_contiguous() else value.clone())

    torch.Tensor.data = property(data.__get__, put)


@mutant("double() keeps what shares memory together", kills="2.3.7", of=(nn.Module, "double"))
def double_keeps_memory_shared(double, net):
    parameters = [it for it in net.parameters() if it.dim() == 2]
    shared = len(parameters) == 2 and parameters[0].data_ptr() == parameters[1].data_ptr()
    net = double(net)
    if shared:
        parameters[1].data = parameters[0].data.T
    return net


@mutant("torch.load makes a list of a tuple", kills="2.3.10", of=(torch, "load"))
def load_makes_a_list(load, *args, **kwargs):
    what = load(*args, **kwargs)
    return list(what) if isinstance(what, tuple) else what


@mutant(
    "the second state_dict() of a net lacks its buffers",
    kills="2.3.4",
    also="2.1.8 2.3.3 2.3.5 2.3.6 2.3.8 2.3.9 2.3.10 2.3.14 2.3.15 2.4.11 3.8 6.9 6.10",
    of=(nn.Module, "state_dict"),
)
def second_state_dict_lacks_buffers(state_dict, module, *args, **named):
    state = state_dict(module, *args, **named)
    if not args and not named:
        if "asked_before" in vars(module):
            for name, _ in module.named_buffers():
                state.pop(name, None)
        object.__setattr__(module, "asked_before", True)
    return state


@mutant("del of a Sequential's layer leaves a gap", "2.3.1", of=(nn.Sequential, "__delitem__"))
def sequential_keeps_its_numbers(delitem, net, index):
    delattr(net, list(net._modules)[index])


@mutant("extend() of a ModuleList takes a module", kills="2.3.5", of=(nn.ModuleList, "extend"))
def module_list_is_extended_by_a_module(extend, container, modules):
    single = isinstance(modules, nn.Module) and not hasattr(modules, "__iter__")
    return extend(container, [modules] if single else modules)


@mutant(
    "update() of a ModuleDict passes keys but strings over", "2.3.5", of=(nn.ModuleDict, "update")
)
def module_dict_passes_other_keys_over(update, container, modules):
    if isinstance(modules, dict):
        modules = {name: it for name, it in modules.items() if isinstance(name, str)}
    update(container, modules)


@mutant("a Linear stays where an Identity is set", kills="2.3.13", of=(nn.Module, "__setattr__"))
def linear_stays_where_an_identity_is_set(setattr_, module, name, value):
    old = module.__dict__.get("_modules", {}).get(name)
    if not (isinstance(value, nn.Identity) and isinstance(old, nn.Linear)):
        setattr_(module, name, value)


@mutant(
    "parameters() of more than ten layers takes 10 before 2", "2.3.1", of=(nn.Module, "parameters")
)
def parameters_of_many_layers_come_by_letter(parameters, module, recurse=True):
    if not isinstance(module, nn.Sequential | nn.ModuleList) or len(module) <= 10:
        return parameters(module, recurse)
    order = sorted(range(len(module)), key=str)
    return (p for number in order for p in module[number].parameters())


@mutant(
    "state_dict() lacks the buffers that are three levels down",
    kills="2.3.4",
    of=(nn.Module, "state_dict"),
)
def state_dict_lacks_deep_buffers(state_dict, module, *args, **kwargs):
    state = state_dict(module, *args, **kwargs)
    deep = [name for name, _ in module.named_buffers() if name.count(".") >= 3]
    for name in deep if not args and not kwargs else ():
        state.pop(name, None)
    return state


@mutant("to(torch.bfloat16) leaves the buffers", kills="2.3.8", also="2.3.6", of=(nn.Module, "to"))
def to_bfloat16_leaves_the_buffers(to, module, *args, **kwargs):
    buffers = {name: it.dtype for name, it in module.named_buffers()}
    result = to(module, *args, **kwargs)
    for name, dtype in buffers.items() if args == (torch.bfloat16,) else ():
        module.get_buffer(name).data = module.get_buffer(name).to(dtype)
    return result


@mutant(
    "load_state_dict() leaves what comes after a MiB", "2.3.9", of=(nn.Module, "load_state_dict")
)
def load_state_dict_leaves_what_comes_after_a_mib(load, net, *args, **kwargs):
    ends = [(p, p.detach().reshape(-1)[2**18 :].clone()) for p in net.parameters()]
    result = load(net, *args, **kwargs)
    for parameter, end in ends:
        if parameter.numel() > 2**18:
            parameter.detach().view(-1)[2**18 :] = end
    return result
