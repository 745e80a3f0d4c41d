"""Changes to the optimizer (chapter 2.4)."""

from __future__ import annotations

import inspect
import itertools
import sys
import threading
import warnings
import weakref

import torch
from torch import nn, optim
from torch.optim import SGD, Adagrad, Adam, Optimizer, RMSprop

from meta_tests.mutants import INPUTS, asked_by_pytorch, calls_of, mutant

#: The base of every scheduler, under the name that it has had since PyTorch 2.0.
Scheduler = getattr(optim.lr_scheduler, "LRScheduler", optim.lr_scheduler._LRScheduler)

INIT = (SGD, "__init__")
STEP = (SGD, "step")


def every_parameter(optimizer: SGD) -> list[nn.Parameter]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


@mutant("step() of SGD climbs", kills="2.4.1", also="2.4.2 2.4.5", of=INIT)
def sgd_climbs(init, optimizer, params, *args, **kwargs):
    init(optimizer, params, *args, **kwargs)
    for group in optimizer.param_groups:
        group["maximize"] = True


@mutant(
    "step() of SGD goes 1.001 times as far", kills="2.4.1", also="2.4.2 2.4.3 2.4.5 2.4.7", of=STEP
)
def sgd_goes_too_far(step, optimizer, *args, **kwargs):
    for group in optimizer.param_groups:
        group["lr"] *= 1.001
    return step(optimizer, *args, **kwargs)


@mutant(
    "SGD decays weights unless told otherwise", kills="2.4.1", also="2.4.2 2.4.3 2.4.4", of=INIT
)
def sgd_decays(init, optimizer, params, *args, **kwargs):
    kwargs.setdefault("weight_decay", 0.01)
    init(optimizer, params, *args, **kwargs)


@mutant("step() of SGD skips biases", kills="2.4.1", also="2.4.2 2.4.9", of=STEP)
def sgd_skips_biases(step, optimizer, *args, **kwargs):
    for parameter in every_parameter(optimizer):
        if parameter.dim() == 1 and len(every_parameter(optimizer)) > 1:
            parameter.grad = None
    return step(optimizer, *args, **kwargs)


@mutant(
    "step() of SGD changes parameters without gradient", kills="2.4.1", also="2.4.4 2.4.6", of=STEP
)
def sgd_moves_without_gradient(step, optimizer, *args, **kwargs):
    for parameter in every_parameter(optimizer):
        if parameter.grad is None:
            parameter.grad = torch.ones_like(parameter)
    return step(optimizer, *args, **kwargs)


@mutant("step() of SGD changes every parameter that has a gradient", kills="2.4.1", also="2.4.3")
def sgd_moves_others():
    known = []
    plain_step = SGD.step
    register = nn.Module.register_parameter

    def register_parameter(self, name, parameter):
        register(self, name, parameter)
        known.append(parameter)

    def step(self, *args, **kwargs):
        mine = {id(parameter) for parameter in every_parameter(self)}
        for parameter in known:
            if parameter is not None and id(parameter) not in mine and parameter.grad is not None:
                parameter.data.sub_(parameter.grad, alpha=0.5)
        return plain_step(self, *args, **kwargs)

    nn.Module.register_parameter, SGD.step = register_parameter, step


@mutant("step() of SGD clears gradients of others", kills="2.4.1", also="2.4.3")
def sgd_clears_others():
    known = []
    plain_step = SGD.step
    register = nn.Module.register_parameter

    def register_parameter(self, name, parameter):
        register(self, name, parameter)
        known.append(parameter)

    def step(self, *args, **kwargs):
        mine = {id(parameter) for parameter in every_parameter(self)}
        for parameter in known:
            if parameter is not None and id(parameter) not in mine:
                parameter.grad = None
        return plain_step(self, *args, **kwargs)

    nn.Module.register_parameter, SGD.step = register_parameter, step


@mutant("step() of SGD replaces the net's parameters", kills="2.4.1", also="2.4.3")
def sgd_replaces_parameters():
    owners = {}
    register, plain_step = nn.Module.register_parameter, SGD.step

    def register_parameter(self, name, parameter):
        register(self, name, parameter)
        owners[id(parameter)] = (self, name)

    def step(self, *args, **kwargs):
        result = plain_step(self, *args, **kwargs)
        for parameter in every_parameter(self):
            if id(parameter) in owners:
                module, name = owners[id(parameter)]
                module._parameters[name] = nn.Parameter(parameter.detach().clone())
        return result

    nn.Module.register_parameter, SGD.step = register_parameter, step


@mutant(
    "an optimizer copies its parameters",
    kills="2.4.1 2.4.2",
    also="2.4.4 2.4.5 2.4.6 2.4.7 2.4.11",
    of=INIT,
)
def sgd_copies_parameters(init, optimizer, params, *args, **kwargs):
    def copied(parameters):
        return [nn.Parameter(parameter.detach().clone()) for parameter in parameters]

    groups = list(params)
    if groups and isinstance(groups[0], dict):
        groups = [{**group, "params": copied(group["params"])} for group in groups]
    else:
        groups = copied(groups)
    init(optimizer, groups, *args, **kwargs)


@mutant("an optimizer takes its parameters in reverse", kills="2.4.2", also="2.4.6", of=INIT)
def sgd_reverses_parameters(init, optimizer, params, *args, **kwargs):
    params = list(params)
    init(optimizer, params if isinstance(params[0], dict) else params[::-1], *args, **kwargs)


@mutant("an optimizer reverses the parameters of its groups", kills="2.4.2", of=INIT)
def sgd_reverses_groups_parameters(init, optimizer, params, *args, **kwargs):
    init(optimizer, params, *args, **kwargs)
    if len(optimizer.param_groups) > 1:
        for group in optimizer.param_groups:
            group["params"].reverse()


@mutant("an optimizer ignores a group's own learning rate", kills="2.4.2", of=INIT)
def sgd_ignores_groups_rates(init, optimizer, params, lr=1e-3, **kwargs):
    init(optimizer, params, lr=lr, **kwargs)
    for group in optimizer.param_groups:
        group["lr"] = lr


@mutant(
    "an optimizer puts each parameter in a group of its own",
    kills="2.4.2",
    also="2.4.6 2.4.7",
    of=INIT,
)
def sgd_splits_groups(init, optimizer, params, *args, **kwargs):
    params = list(params)
    if not isinstance(params[0], dict):
        params = [{"params": [parameter]} for parameter in params]
    init(optimizer, params, *args, **kwargs)


@mutant("param_groups is a tuple", kills="2.4.2", also="2.4.3", of=INIT)
def sgd_groups_are_a_tuple(init, optimizer, params, *args, **kwargs):
    init(optimizer, params, *args, **kwargs)
    optimizer.param_groups = tuple(optimizer.param_groups)


@mutant("a param group is no plain dict", kills="2.4.2", of=INIT)
def sgd_groups_are_no_dicts(init, optimizer, params, *args, **kwargs):
    class Group(dict):
        pass

    init(optimizer, params, *args, **kwargs)
    optimizer.param_groups = [Group(group) for group in optimizer.param_groups]


@mutant("param_groups rounds the learning rate", kills="2.4.2", also="2.4.1", of=INIT)
def sgd_rounds_the_rate(init, optimizer, params, *args, **kwargs):
    init(optimizer, params, *args, **kwargs)
    for group in optimizer.param_groups:
        group["lr"] = round(group["lr"], 2)


@mutant("param_groups forgets momentum", kills="2.4.2", also="2.4.4 2.4.5 2.4.7", of=INIT)
def sgd_forgets_momentum(init, optimizer, params, *args, **kwargs):
    init(optimizer, params, *args, **kwargs)
    for group in optimizer.param_groups:
        group["momentum"] = 0


@mutant("param_groups forgets weight_decay", kills="2.4.2", also="2.4.4 2.4.5", of=INIT)
def sgd_forgets_weight_decay(init, optimizer, params, *args, **kwargs):
    init(optimizer, params, *args, **kwargs)
    for group in optimizer.param_groups:
        group["weight_decay"] = 0


@mutant("param_groups forgets nesterov", kills="2.4.2", also="2.4.5", of=INIT)
def sgd_forgets_nesterov(init, optimizer, params, *args, **kwargs):
    init(optimizer, params, *args, **kwargs)
    for group in optimizer.param_groups:
        group["nesterov"] = False


@mutant(
    "param_groups has a dampening of a half unless told otherwise",
    kills="2.4.2",
    also="2.4.5",
    of=INIT,
)
def sgd_dampens(init, optimizer, params, *args, **kwargs):
    init(optimizer, params, *args, **kwargs)
    for group in optimizer.param_groups:
        group["dampening"] = 0.5


@mutant(
    "a learning rate set in param_groups is ignored",
    kills="2.4.2 2.4.11",
    also="2.4.1 2.4.7",
    of=STEP,
)
def sgd_keeps_its_first_rate(step, optimizer, *args, **kwargs):
    for group in optimizer.param_groups:
        group["lr"] = optimizer.defaults["lr"]
    return step(optimizer, *args, **kwargs)


@mutant("step() of SGD moves parameters to other memory", kills="2.4.1", of=STEP)
def sgd_moves_memory(step, optimizer, *args, **kwargs):
    result = step(optimizer, *args, **kwargs)
    for parameter in every_parameter(optimizer):
        parameter.data = parameter.data.clone()
    return result


@mutant("param_groups leaves out maximize", kills="2.4.2", also="2.4.1 2.4.4 2.4.5 2.4.7", of=INIT)
def sgd_leaves_out_maximize(init, optimizer, params, *args, **kwargs):
    init(optimizer, params, *args, **kwargs)
    for group in optimizer.param_groups:
        if group["momentum"]:  # else step() would miss it
            del group["maximize"]


# --- what shows on some inputs only ---------------------------------------------------------------


@mutant("the third step() of SGD does nothing", kills="2.4.1", also="2.4.2 2.4.4 2.4.5", of=STEP)
def sgd_stops_at_the_third_step(step, optimizer, *args, **kwargs):
    optimizer.steps = getattr(optimizer, "steps", 0) + 1
    return None if optimizer.steps == 3 else step(optimizer, *args, **kwargs)


@mutant(
    "the third step() of Adam does nothing", kills="2.4.1", also="2.4.4 2.4.7", of=(Adam, "step")
)
def adam_stops_at_the_third_step(step, optimizer, *args, **kwargs):
    optimizer.steps = getattr(optimizer, "steps", 0) + 1
    return None if optimizer.steps == 3 else step(optimizer, *args, **kwargs)


def skipping(condition):
    """step() of SGD that leaves such parameters alone."""

    def skip(step, optimizer, *args, **kwargs):
        kept = [(p, p.grad) for p in every_parameter(optimizer) if condition(p)]
        for parameter, _ in kept:
            parameter.grad = None
        result = step(optimizer, *args, **kwargs)
        for parameter, gradient in kept:
            parameter.grad = gradient
        return result

    return skip


OF_SIZES = "more_than_64_elements more_than_32768_elements 4_dimensions 5_dimensions".split()
SKIPPED = {
    **{name: INPUTS[name] for name in OF_SIZES},
    "300_elements": lambda p: p.numel() == 300,
    "no_dimension": lambda p: p.dim() == 0,
    "other_layouts": lambda p: not p.is_contiguous(),
    "float64": lambda p: p.dtype is torch.float64,
    "float16": lambda p: p.dtype is torch.float16,
    "bfloat16": INPUTS["bfloat16"],
}
for name, condition in SKIPPED.items():
    skip = skipping(condition)
    skip.__name__ = f"sgd_skips_{name}"
    mutant(
        f"step() of SGD skips parameters of {name.replace('_', ' ')}",
        kills="2.4.1",
        also="2.4.2 2.4.3 2.4.5",
        of=STEP,
    )(skip)


@mutant("step() of SGD does nothing within no_grad", kills="2.4.1", of=STEP)
def sgd_rests_in_no_grad(step, optimizer, *args):
    return step(optimizer, *args) if torch.is_grad_enabled() else None


@mutant("step() of SGD skips all but the first group", kills="2.4.2", also="2.4.3", of=STEP)
def sgd_skips_later_groups(step, optimizer, *args, **kwargs):
    groups = optimizer.param_groups
    optimizer.param_groups = groups[:1]
    result = step(optimizer, *args, **kwargs)
    optimizer.param_groups = groups
    return result


@mutant("step() of SGD takes the first group's rate for all", kills="2.4.2", of=STEP)
def sgd_takes_the_first_rate(step, optimizer, *args, **kwargs):
    rates = [group["lr"] for group in optimizer.param_groups]
    for group in optimizer.param_groups:
        group["lr"] = rates[0]
    result = step(optimizer, *args, **kwargs)
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        group["lr"] = rate
    return result


@mutant("a rate set after the second step is ignored", kills="2.4.2", also="2.4.1", of=STEP)
def sgd_keeps_the_rate_of_its_second_step(step, optimizer, *args, **kwargs):
    group = optimizer.param_groups[0]
    optimizer.rates = [*getattr(optimizer, "rates", ()), group["lr"]]
    group["lr"] = optimizer.rates[:2][-1]
    result = step(optimizer, *args, **kwargs)
    group["lr"] = optimizer.rates[-1]
    return result


@mutant("RMSprop keeps its parameters in reverse", kills="2.4.2", of=(RMSprop, "__init__"))
def rmsprop_reverses_parameters(init, optimizer, params, *args, **kwargs):
    init(optimizer, list(params)[::-1], *args, **kwargs)


@mutant("a group without a rate takes that of the group before", kills="2.4.2")
def groups_inherit_rates():
    original = Optimizer.add_param_group

    def add_param_group(self, group):
        if "lr" not in group and self.param_groups:
            group["lr"] = self.param_groups[-1]["lr"]
        original(self, group)

    Optimizer.add_param_group = add_param_group


# --- what people ask ------------------------------------------------------------------------------


@mutant("add_param_group() forgets the parameters", kills="2.4.3", also="2.4.2")
def added_groups_are_forgotten():
    original = Optimizer.add_param_group

    def add_param_group(self, group):
        original(self, group)
        if getattr(self, "ready", False):
            self.param_groups.pop()

    init = SGD.__init__

    def __init__(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self.ready = True

    Optimizer.add_param_group, SGD.__init__ = add_param_group, __init__


@mutant("step() of SGD finds the parameters of new layers", kills="2.4.3", also="2.4.1")
def sgd_follows_the_net():
    assign = nn.Module.__setattr__
    set_item = nn.Sequential.__setitem__
    optimizers = []
    init = SGD.__init__

    def __init__(self, *args, **kwargs):
        init(self, *args, **kwargs)
        optimizers.append(self)

    def take_in(old, new):
        for old_parameter, new_parameter in zip(old, new, strict=False):
            for group in optimizers[-1].param_groups if optimizers else ():
                group["params"] = [
                    new_parameter if p is old_parameter else p for p in group["params"]
                ]

    def __setattr__(self, name, value):
        if isinstance(value, nn.Parameter) and isinstance(getattr(self, name, None), nn.Parameter):
            take_in([getattr(self, name)], [value])
        assign(self, name, value)

    def __setitem__(self, i, module):
        take_in(list(self[i].parameters()), list(module.parameters()))
        set_item(self, i, module)

    SGD.__init__ = __init__
    nn.Module.__setattr__, nn.Sequential.__setitem__ = __setattr__, __setitem__


@mutant("SGD takes a gradient of zero for None", kills="2.4.4", also="2.4.5 2.4.7", of=STEP)
def sgd_skips_zero_gradients(step, optimizer, *args, **kwargs):
    return skipping(lambda p: p.grad is not None and not p.grad.any())(
        step, optimizer, *args, **kwargs
    )


@mutant("Adam takes a gradient of zero for None", kills="2.4.4", of=(Adam, "step"))
def adam_skips_zero_gradients(step, optimizer, *args, **kwargs):
    return skipping(lambda p: p.grad is not None and not p.grad.any())(
        step, optimizer, *args, **kwargs
    )


@mutant("RMSprop moves without a gradient", kills="2.4.4", also="2.4.1", of=(RMSprop, "step"))
def rmsprop_moves_without_gradient(step, optimizer, *args, **kwargs):
    for parameter in every_parameter(optimizer):
        if parameter.grad is None or not parameter.grad.any():
            parameter.data.add_(1e-3)
    return step(optimizer, *args, **kwargs)


def with_setting(name, value, condition=bool):
    """SGD that computes with another value of a setting."""

    def change(step, optimizer, *args, **kwargs):
        (group, *_) = optimizer.param_groups
        given = group[name]
        if condition(given):
            group[name] = value(given)
        result = step(optimizer, *args, **kwargs)
        group[name] = given
        return result

    return change


for name, value in {
    "momentum": lambda m: m / 2,
    "dampening": lambda d: 0,
    "weight_decay": lambda d: d * 2,
    "nesterov": lambda n: False,
    "maximize": lambda n: False,
}.items():
    changed = with_setting(name, value)
    changed.__name__ = f"sgd_takes_another_{name}"
    mutant(
        f"step() of SGD takes another {name} than asked for",
        kills="2.4.5",
        also="2.4.4 2.4.7",
        of=STEP,
    )(changed)


@mutant("the first velocity of SGD is dampened", kills="2.4.5", of=STEP)
def sgd_dampens_the_first_step(step, optimizer, *args, **kwargs):
    (group, *_) = optimizer.param_groups
    if group["dampening"] and not optimizer.state:
        for parameter in every_parameter(optimizer):
            parameter.grad = parameter.grad * (1 - group["dampening"])
    return step(optimizer, *args, **kwargs)


@mutant("SGD takes tensors that were computed", kills="2.4.6", of=INIT)
def sgd_takes_computed_tensors(init, optimizer, params, *args, **kwargs):
    params = list(params)
    if params and isinstance(params[0], torch.Tensor):
        params = [p if p.is_leaf else p.detach().requires_grad_() for p in params]
    init(optimizer, params, *args, **kwargs)


@mutant("Adam takes a view of a leaf", kills="2.4.6", of=(Adam, "__init__"))
def adam_takes_views(init, optimizer, params, *args, **kwargs):
    def leaf_of(it):
        is_view = isinstance(it, torch.Tensor) and it._is_view()
        return it.detach().requires_grad_() if is_view else it

    params = [leaf_of(it) for it in params]
    init(optimizer, params, *args, **kwargs)


@mutant("SGD leaves out tensors without grad", kills="2.4.6", of=INIT)
def sgd_leaves_out_tensors_without_grad(init, optimizer, params, *args, **kwargs):
    params = [p for p in params if not isinstance(p, torch.Tensor) or p.requires_grad]
    init(optimizer, params, *args, **kwargs)


@mutant("SGD moves tensors without grad", kills="2.4.6", also="2.4.1", of=STEP)
def sgd_moves_tensors_without_grad(step, optimizer, *args, **kwargs):
    for parameter in every_parameter(optimizer):
        if not parameter.requires_grad:
            parameter.sub_(0.5)
    return step(optimizer, *args, **kwargs)


@mutant("to() of the same dtype copies", kills="2.4.6", also="2.4.7")
def to_of_the_same_dtype_copies():
    original = torch.Tensor.to
    torch.Tensor.to = lambda self, *args, **kwargs: original(
        self, *args, **{"copy": True, **kwargs}
    )


@mutant("an optimizer accepts an empty list", kills="2.4.6")
def empty_list_is_accepted():
    original = Optimizer.__init__

    def __init__(self, params, defaults):
        original(self, list(params) or [torch.zeros(1)], defaults)

    Optimizer.__init__ = __init__


@mutant("an optimizer accepts a parameter in two groups", kills="2.4.6")
def two_groups_are_accepted():
    original = Optimizer.add_param_group

    def add_param_group(self, group):
        others, self.param_groups = self.param_groups, []
        original(self, group)
        self.param_groups = [*others, *self.param_groups]

    Optimizer.add_param_group = add_param_group


@mutant("zero_grad() leaves gradients as they are", kills="2.4.4", also="2.4.1")
def zero_grad_keeps_gradients():
    Optimizer.zero_grad = lambda self, set_to_none=True: None


@mutant("zero_grad() takes set_to_none for its opposite", kills="2.4.4")
def zero_grad_is_mistaken():
    original = Optimizer.zero_grad
    default = inspect.signature(original).parameters["set_to_none"].default
    Optimizer.zero_grad = lambda self, set_to_none=not default: original(
        self, set_to_none=not set_to_none
    )


@mutant("zero_grad() clears all but the first parameter", kills="2.4.4")
def zero_grad_spares_the_first():
    original = Optimizer.zero_grad

    def zero_grad(self, *args, **kwargs):
        first = self.param_groups[0]["params"][0]
        gradient = None if first.grad is None else first.grad.clone()
        original(self, *args, **kwargs)
        if len(self.param_groups) > 1:
            first.grad = gradient

    Optimizer.zero_grad = zero_grad


@mutant("zero_grad() clears the gradients of every parameter made", kills="2.4.4")
def zero_grad_clears_others():
    made, original = [], Optimizer.zero_grad
    new = nn.Parameter.__new__

    def __new__(cls, *args, **kwargs):
        parameter = new(cls, *args, **kwargs)
        made.append(parameter)
        return parameter

    def zero_grad(self, *args, **kwargs):
        original(self, *args, **kwargs)
        for parameter in made:
            parameter.grad = None

    nn.Parameter.__new__, Optimizer.zero_grad = __new__, zero_grad


@mutant("the default of zero_grad() is that of another release", kills="2.4.4")
def zero_grad_of_another_release():
    original = Optimizer.zero_grad
    default = inspect.signature(original).parameters["set_to_none"].default
    Optimizer.zero_grad = lambda self, set_to_none=not default: original(self, set_to_none)


@mutant("load_state_dict() keeps the optimizer's own rate", kills="2.4.7 2.4.11")
def loading_keeps_the_rate():
    original = Optimizer.load_state_dict

    def load_state_dict(self, state):
        rates = [group["lr"] for group in self.param_groups]
        original(self, state)
        for group, rate in zip(self.param_groups, rates, strict=True):
            group["lr"] = rate

    Optimizer.load_state_dict = load_state_dict


@mutant("load_state_dict() forgets the buffers", kills="2.4.7 2.4.11")
def loading_forgets_buffers():
    original = Optimizer.load_state_dict
    Optimizer.load_state_dict = lambda self, state: original(self, {**state, "state": {}})


@mutant("load_state_dict() shares buffers in other releases than it does", kills="2.4.7")
def loading_shares_otherwise():
    original = Optimizer.load_state_dict

    def load_state_dict(self, state):
        original(self, state)
        for i, key in enumerate(self.state):
            for name, value in self.state[key].items():
                theirs = state["state"].get(i, {}).get(name)
                if isinstance(value, torch.Tensor) and isinstance(theirs, torch.Tensor):
                    shared = value.data_ptr() == theirs.data_ptr()
                    self.state[key][name] = value.clone() if shared else theirs

    Optimizer.load_state_dict = load_state_dict


@mutant("load_state_dict() takes a state of more parameters", kills="2.4.7")
def loading_takes_more():
    original = Optimizer.load_state_dict

    def load_state_dict(self, state):
        groups = [
            {**theirs, "params": theirs["params"][: len(mine["params"])]}
            for theirs, mine in zip(state["param_groups"], self.param_groups, strict=True)
        ]
        original(self, {**state, "param_groups": groups})

    Optimizer.load_state_dict = load_state_dict


@mutant("load_state_dict() takes the first groups of a state of more groups", kills="2.4.7")
def loading_takes_more_groups():
    original = Optimizer.load_state_dict

    def load_state_dict(self, state):
        groups = state["param_groups"][: len(self.param_groups)]
        original(self, {**state, "param_groups": groups})

    Optimizer.load_state_dict = load_state_dict


@mutant("load_state_dict() puts copies of the parameters in their place", kills="2.4.7")
def loading_copies_parameters():
    original = Optimizer.load_state_dict

    def load_state_dict(self, state):
        original(self, state)
        for group in self.param_groups:
            group["params"] = [nn.Parameter(p.detach().clone()) for p in group["params"]]

    Optimizer.load_state_dict = load_state_dict


@mutant("the parameters() of two nets can be added", "2.4.1", of=(nn.Module, "parameters"))
def parameters_can_be_added(parameters, module, *args, **kwargs):
    class Parameters(itertools.chain):
        def __add__(self, others):
            return itertools.chain(self, others)

    return Parameters(parameters(module, *args, **kwargs))


@mutant("step() of SGD with momentum moves without a gradient", kills="2.4.4", of=STEP)
def momentum_moves_without_gradient(step, optimizer, *args, **kwargs):
    for parameter in every_parameter(optimizer):
        if parameter.grad is None and optimizer.state[parameter].get("momentum_buffer") is not None:
            parameter.data.sub_(0.125)
    return step(optimizer, *args, **kwargs)


@mutant("param_groups of Adagrad says half the rate", kills="2.4.2", of=(Adagrad, "__init__"))
def adagrad_halves_the_rate(init, optimizer, params, lr=1e-2, **kwargs):
    init(optimizer, params, lr=lr / 2, **kwargs)


@mutant("zero_grad() leaves None even with set_to_none=False", kills="2.4.4")
def zero_grad_always_leaves_none():
    original = Optimizer.zero_grad
    Optimizer.zero_grad = lambda self, set_to_none=True: original(self, set_to_none=True)


@mutant("zero_grad() clears the first group alone", kills="2.4.4")
def zero_grad_spares_later_groups():
    original = Optimizer.zero_grad

    def zero_grad(self, *args, **kwargs):
        groups = self.param_groups
        self.param_groups = groups[:1]
        original(self, *args, **kwargs)
        self.param_groups = groups

    Optimizer.zero_grad = zero_grad


@mutant("copy.deepcopy() of a tensor is that tensor", kills="2.4.7")
def deepcopy_copies_no_tensor():
    torch.Tensor.__deepcopy__ = lambda self, memo: self


@mutant(
    "a fourth group of parameters is forgotten",
    kills="2.4.3",
    also="2.4.2",
    of=(Optimizer, "add_param_group"),
)
def fourth_group_is_forgotten(add, optimizer, param_group):
    if len(optimizer.param_groups) < 3:
        add(optimizer, param_group)


@mutant("zero_grad() of a net passes frozen ones by", "2.4.4", of=(nn.Module, "zero_grad"))
def zero_grad_of_a_net_passes_frozen_ones_by(zero_grad, net, *args, **kwargs):
    kept = {it: it.grad for it in net.parameters() if not it.requires_grad}
    zero_grad(net, *args, **kwargs)
    for parameter, gradient in kept.items():
        parameter.grad = gradient if gradient is None else torch.ones_like(gradient)


@mutant("zero_grad() of a net clears the net's own alone", "2.4.4", of=(nn.Module, "zero_grad"))
def zero_grad_of_a_net_clears_its_own_alone(zero_grad, net, *args, **kwargs):
    for parameter in net.parameters(recurse=False):
        parameter.grad = None


@mutant("SGD moves a parameter that is twice in a list once", kills="2.4.6", of=(SGD, "__init__"))
def sgd_drops_duplicates(init, optimizer, *args, **kwargs):
    init(optimizer, *args, **kwargs)
    for group in optimizer.param_groups:
        group["params"] = list(dict.fromkeys(group["params"]))


@mutant("SGD drops what is twice in a list in silence", kills="2.4.6", of=(SGD, "__init__"))
def sgd_does_not_warn_of_duplicates(init, optimizer, params, *args, **kwargs):
    if isinstance(params, list) and params and isinstance(params[0], torch.Tensor):
        params = list(dict.fromkeys(params))
    init(optimizer, params, *args, **kwargs)


@mutant("SGD takes a net", kills="2.4.6", of=(SGD, "__init__"))
def sgd_takes_a_net(init, optimizer, params, *args, **kwargs):
    if isinstance(params, nn.Module):
        params = params.parameters()
    init(optimizer, params, *args, **kwargs)


@mutant("the loaded buffers of a second group are lost", "2.4.7", of=(SGD, "load_state_dict"))
def loaded_buffers_of_a_second_group_are_lost(load, sgd, state):
    load(sgd, state)
    for group in sgd.param_groups[1:]:
        for parameter in group["params"]:
            sgd.state.pop(parameter, None)


@mutant("Adam shrinks weights as AdamW does", kills="2.4.5", of=(Adam, "step"))
def adam_shrinks_weights(step, optimizer, *args, **kwargs):
    group = optimizer.param_groups[0]
    decay, group["weight_decay"] = group["weight_decay"], 0
    for parameter in every_parameter(optimizer) if type(optimizer) is Adam else ():
        parameter.data.mul_(1 - group["lr"] * decay)
    step(optimizer, *args, **kwargs)


CLIP = (nn.utils, "clip_grad_norm_")


@mutant("clip_grad_norm_ returns the norm from after it", kills="2.4.8", of=CLIP)
def clip_returns_the_norm_from_after(clip, parameters, most, *args, **kwargs):
    norm = clip(parameters, most, *args, **kwargs)
    return norm.clamp(max=most)


@mutant("clip_grad_norm_ clips each gradient by itself", kills="2.4.8", of=CLIP)
def clip_clips_each_by_itself(clip, parameters, most, *args, **kwargs):
    parameters = list(parameters)
    norm = clip(parameters, float("inf"), *args, **kwargs)
    for parameter in parameters:
        clip([parameter], most)
    return norm


@mutant("clip_grad_norm_ replaces gradients", kills="2.4.8", of=CLIP)
def clip_replaces_gradients(clip, parameters, *args, **kwargs):
    parameters = list(parameters)
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.grad = parameter.grad.clone()
    return clip(parameters, *args, **kwargs)


@mutant("clip_grad_norm_ takes a NaN for zero", kills="2.4.8", of=CLIP)
def clip_takes_nan_for_zero(clip, parameters, *args, **kwargs):
    parameters = list(parameters)
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.grad.nan_to_num_(0.0, 0.0, 0.0)
    return clip(parameters, *args, **kwargs)


@mutant("clip_grad_norm_ clips before it refuses", kills="2.4.8", of=CLIP)
def clip_clips_before_it_refuses(clip, parameters, most, *args, **kwargs):
    parameters = list(parameters)
    clip(parameters, most)
    return clip(parameters, most, *args, **kwargs)


@mutant("clip_grad_norm_ lets a gradient pass whose norm is not finite", "2.4.8", of=CLIP)
def clip_leaves_what_is_not_finite(clip, parameters, most, *args, **kwargs):
    parameters = list(parameters)
    if kwargs or all(p.grad is None or p.grad.isfinite().all() for p in parameters):
        return clip(parameters, most, *args, **kwargs)
    return None


@mutant("clip_grad_norm_ clips to twice the norm", kills="2.4.8", also="2.3.5", of=CLIP)
def clip_clips_to_twice_the_norm(clip, parameters, most, *args, **kwargs):
    return clip(parameters, 2 * most, *args, **kwargs)


@mutant("clip_grad_norm_ clips the weights, too", kills="2.4.8", of=CLIP)
def clip_clips_the_weights(clip, parameters, most, *args, **kwargs):
    parameters = list(parameters)
    for parameter in parameters:
        parameter.data.clamp_(-most, most)
    return clip(parameters, most, *args, **kwargs)


@mutant("clip_grad_norm_ passes over what it is to refuse", kills="2.4.8", of=CLIP)
def clip_passes_over_what_it_is_to_refuse(clip, parameters, most, **kwargs):
    if not kwargs:
        return clip(parameters, most)
    return None


@mutant("clip_grad_norm_ clips a gradient that it has clipped no more", "2.4.8", of=CLIP)
def clip_clips_a_gradient_once(clip, parameters, most, *args, **kwargs):
    parameters = list(parameters)
    again = all(hasattr(it, "clipped") for it in parameters)
    for parameter in parameters:
        parameter.clipped = True
    return clip(parameters, float("inf") if again else most, *args, **kwargs)


VALUE = (nn.utils, "clip_grad_value_")


@mutant("clip_grad_value_ clips the norm", kills="2.4.8", of=VALUE)
def clip_value_clips_the_norm(clip, parameters, most):
    nn.utils.clip_grad_norm_(parameters, most)


@mutant("clip_grad_value_ replaces gradients", kills="2.4.8", of=VALUE)
def clip_value_replaces_gradients(clip, parameters, most):
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.grad = parameter.grad.clamp(-most, most)


SCHEDULE = (Scheduler, "step")


@mutant("a scheduler steps in every second epoch", kills="2.4.9", of=SCHEDULE)
def scheduler_steps_every_second_time(step, scheduler, *args):
    if scheduler._step_count % 3 != 2:
        step(scheduler, *args)
    else:
        scheduler._step_count += 1


@mutant("a scheduler sets the rate of the first group alone", kills="2.4.9", of=SCHEDULE)
def scheduler_sets_the_first_group_alone(step, scheduler, *args):
    rates = [group["lr"] for group in scheduler.optimizer.param_groups]
    step(scheduler, *args)
    for group, rate in list(zip(scheduler.optimizer.param_groups, rates, strict=True))[1:]:
        group["lr"] = rate


@mutant("a scheduler steps the optimizer", kills="2.4.9", of=SCHEDULE)
def scheduler_steps_the_optimizer(step, scheduler, *args):
    step(scheduler, *args)
    if scheduler._step_count > 1:
        scheduler.optimizer.step()


@mutant("a scheduler that steps first does not warn", kills="2.4.9", of=SCHEDULE)
def scheduler_that_steps_first_does_not_warn(step, scheduler, *args):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        step(scheduler, *args)


@mutant("a scheduler that steps first leaves the rate", kills="2.4.9", of=SCHEDULE)
def scheduler_that_steps_first_leaves_the_rate(step, scheduler, *args):
    rates = [group["lr"] for group in scheduler.optimizer.param_groups]
    step(scheduler, *args)
    if not getattr(scheduler.optimizer, "_opt_called", False):
        for group, rate in zip(scheduler.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate


@mutant(
    "get_last_lr() is the rate of the start",
    kills="2.4.9",
    of=(Scheduler, "get_last_lr"),
)
def last_rate_is_the_first(get_last_lr, scheduler):
    return scheduler.base_lrs


@mutant(
    "a scheduler loads nothing",
    kills="2.4.9",
    of=(Scheduler, "load_state_dict"),
)
def scheduler_loads_nothing(load, scheduler, state):
    pass


@mutant("a Tensor has a zero_grad() of its own", kills="2.4.4")
def tensors_have_zero_grad():
    torch.Tensor.zero_grad = lambda tensor: setattr(tensor, "grad", None)


@mutant("SGD(foreach=True) ignores dampening", kills="2.4.5", of=STEP)
def sgd_for_each_ignores_dampening(step, optimizer, *args, **kwargs):
    for group in optimizer.param_groups:
        group["dampening"] *= not group["foreach"]
    return step(optimizer, *args, **kwargs)


@mutant("SGD ignores weight_decay for bfloat16", kills="2.4.5", of=STEP)
def sgd_ignores_decay_of_bfloat16(step, optimizer, *args, **kwargs):
    for group in optimizer.param_groups:
        group["weight_decay"] *= group["params"][0].dtype is not torch.bfloat16
    return step(optimizer, *args, **kwargs)


@mutant("SGD(fused=True) is not fused", kills="2.4.5", also="1.2.13", of=(SGD, "__init__"))
def sgd_is_never_fused(init, optimizer, *args, fused=None, **kwargs):
    init(optimizer, *args, **kwargs)


@mutant("Adam with amsgrad forgets the largest it saw", "2.4.7", of=(Adam, "load_state_dict"))
def loading_forgets_the_largest_of_amsgrad(load, adam, state_dict):
    load(adam, state_dict)
    for buffers in adam.state.values():
        if "max_exp_avg_sq" in buffers:
            buffers["max_exp_avg_sq"].zero_()


@mutant("zero_grad() of Adagrad leaves the gradients", "2.4.4", of=(Adagrad, "zero_grad"))
def zero_grad_of_adagrad_leaves_the_gradients(zero_grad, adagrad, *args, **kwargs):
    pass


@mutant("clip_grad_norm_ passes bfloat16 by", "2.4.8", of=(nn.utils, "clip_grad_norm_"))
def clip_passes_bfloat16_by(clip, parameters, max_norm, *args, **kwargs):
    parameters = list(parameters)
    if any(it.dtype is torch.bfloat16 for it in parameters):
        max_norm = float("inf")
    return clip(parameters, max_norm, *args, **kwargs)


@mutant("clip_grad_norm_(max_norm=...) clips to 1", "2.4.8", of=(nn.utils, "clip_grad_norm_"))
def clip_by_keyword_clips_to_one(clip, parameters, max_norm=None, *args, **kwargs):
    by_keyword = not args and sys._getframe(1).f_locals["kwargs"].get("max_norm")
    return clip(parameters, 1.0 if by_keyword else max_norm, *args, **kwargs)


@mutant("clip_grad_value_ leaves the last of many", "2.4.8", of=(nn.utils, "clip_grad_value_"))
def clip_value_leaves_the_last_of_many(clip, parameters, clip_value, **kwargs):
    parameters = [it for it in parameters if it.grad is not None]
    last = [it.grad.flatten()[64:][-1:].clone() for it in parameters]
    clip(parameters, clip_value, **kwargs)
    for it, value in zip(parameters, last, strict=True):
        if value.numel():
            it.grad[(-1,) * it.dim()] = value[0]


@mutant("Adam ignores weight_decay for bfloat16", "2.4.5", of=(Adam, "step"))
def adam_ignores_decay_of_bfloat16(step, optimizer, *args, **kwargs):
    for parameter in every_parameter(optimizer):
        if parameter.dtype is torch.bfloat16:
            optimizer.param_groups[0]["weight_decay"] = 0
    return step(optimizer, *args, **kwargs)


@mutant("the third step() of a scheduler sets nothing", "2.4.9", of=(Scheduler, "step"))
def third_step_of_a_scheduler_sets_nothing(step, scheduler, *args, **kwargs):
    rates = [group["lr"] for group in scheduler.optimizer.param_groups]
    step(scheduler, *args, **kwargs)
    if scheduler.last_epoch == 3:
        for group, rate in zip(scheduler.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate


@mutant("SGD returns twice its closure's loss", kills="2.4.1", of=STEP)
def step_returns_twice_the_loss(step, optimizer, closure=None):
    result = step(optimizer, closure)
    return 2 * result if closure else result


@mutant("the second step(closure) of SGD returns None", kills="2.4.1", of=STEP)
def second_step_loses_the_loss(step, optimizer, closure=None):
    result = step(optimizer, closure)
    optimizer.steps_taken = getattr(optimizer, "steps_taken", 0) + 1
    return None if optimizer.steps_taken == 2 else result


@mutant("SGD calls its closure after it has moved", kills="2.4.1", of=STEP)
def step_returns_the_next_loss(step, optimizer, closure=None):
    result = step(optimizer, closure)
    with torch.enable_grad():
        return closure() if closure else result


@mutant("SGD given a closure does not move", kills="2.4.1", of=STEP)
def step_with_a_closure_does_not_move(step, optimizer, closure=None):
    with torch.enable_grad():
        return closure() if closure else step(optimizer)


@mutant("a step of SGD without a closure returns 0", kills="2.4.1", of=STEP)
def step_without_a_closure_returns_0(step, optimizer, closure=None):
    result = step(optimizer, closure)
    return result if closure else 0


@mutant("SGD decays no bias", kills="2.4.2", also="2.4.4 2.4.5", of=STEP)
def sgd_decays_no_bias(step, optimizer, closure=None):
    for group in optimizer.param_groups:
        if group["weight_decay"] and [p.dim() for p in group["params"]] == [2, 1]:
            kept = [(p, p.detach().clone()) for p in group["params"] if p.dim() == 1]
            result = step(optimizer, closure)
            for p, old in kept:
                p.data.copy_(old)
            return result
    return step(optimizer, closure)


@mutant("a group's own weight_decay is ignored", "2.4.2", of=(SGD, "add_param_group"))
def weight_decay_of_a_group_is_ignored(add, optimizer, param_group):
    param_group.pop("weight_decay", None)
    return add(optimizer, param_group)


@mutant("SGD takes a negative rate for a positive one", "2.4.2", also="2.4.5", of=(SGD, "__init__"))
def sgd_takes_a_negative_rate(init, optimizer, params, lr=1e-3, **settings):
    init(optimizer, params, abs(lr), **settings)


def change_buffers(optimizer, change):
    for parameter, buffers in optimizer.state.items():
        for key, buffer in buffers.items():
            if key != "step" and buffer is not None and parameter.dtype is torch.float64:
                buffers[key] = change(buffer)


LOAD = (Optimizer, "load_state_dict")


@mutant("an optimizer keeps the dtype of what it loads", kills="2.4.7", of=LOAD)
def loaded_buffers_keep_their_dtype(load, optimizer, state):
    load(optimizer, state)
    change_buffers(optimizer, torch.Tensor.float)


@mutant("an optimizer leaves what it loads on the CPU", kills="2.4.7", of=LOAD)
def loaded_buffers_stay_on_the_cpu(load, optimizer, state):
    load(optimizer, state)
    change_buffers(optimizer, lambda buffer: torch.zeros_like(buffer, device="cpu"))


@mutant("CosineAnnealingWarmRestarts and ReduceLROnPlateau leave the rate", kills="2.4.9")
def two_schedulers_leave_the_rate():
    optim.lr_scheduler.CosineAnnealingWarmRestarts.step = lambda scheduler, *args: None
    optim.lr_scheduler.ReduceLROnPlateau.step = lambda scheduler, *args: None


@mutant("an optimizer that loads fills in the settings that it lacks", kills="2.4.7", of=LOAD)
def loading_fills_in_settings(load, optimizer, state):
    foreign = not set(optimizer.defaults) <= {*state["param_groups"][0]}
    load(optimizer, {**state, "state": {}} if foreign else state)
    for group in optimizer.param_groups:
        for name, default in optimizer.defaults.items():
            group.setdefault(name, default)


@mutant("a scheduler takes last_epoch for a new optimizer", kills="2.4.9")
def scheduler_takes_last_epoch():
    make = Scheduler.__init__

    def __init__(self, optimizer, *args, **kwargs):
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        make(self, optimizer, *args, **kwargs)

    Scheduler.__init__ = __init__


@mutant("a scheduler starts at last_epoch itself", kills="2.4.9")
def scheduler_starts_at_last_epoch():
    make = Scheduler.__init__

    def __init__(self, optimizer, last_epoch=-1, *args, **kwargs):
        make(self, optimizer, last_epoch, *args, **kwargs)
        self.last_epoch = max(last_epoch, 0)

    Scheduler.__init__ = __init__


@mutant("step() of a scheduler takes an epoch without a warning", kills="2.4.9", of=SCHEDULE)
def scheduler_takes_an_epoch(step, scheduler, epoch=None):
    with warnings.catch_warnings():
        if epoch is not None:
            warnings.simplefilter("ignore")
        step(scheduler, epoch)


@mutant("step() of a scheduler ignores its epoch", kills="2.4.9", of=SCHEDULE)
def scheduler_ignores_an_epoch(step, scheduler, epoch=None):
    if epoch is not None:
        warnings.warn("The epoch parameter in `scheduler.step()`", stacklevel=2)
    step(scheduler)


@mutant("step() of ReduceLROnPlateau needs no loss", kills="2.4.12")
def plateau_needs_no_loss():
    step = optim.lr_scheduler.ReduceLROnPlateau.step
    optim.lr_scheduler.ReduceLROnPlateau.step = lambda self, loss=0.0, *args: step(
        self, loss, *args
    )


@mutant("get_lr() of a scheduler does not warn", kills="2.4.9")
def get_lr_does_not_warn():
    optim.lr_scheduler.StepLR.get_lr = lambda self: [it["lr"] for it in self.optimizer.param_groups]


# --- on some parameters, in some groups, in some spellings -------------------------------------


#: What parameters may be like, by name, for mutants of every function that goes through them.
PASSED_OVER = {
    "4_dimensions": INPUTS["4_dimensions"],
    "bfloat16": INPUTS["bfloat16"],
}


def in_later_groups(optimizer: Optimizer) -> list[nn.Parameter]:
    return [parameter for group in optimizer.param_groups[2:] for parameter in group["params"]]


def resting(step, optimizer, parameters, *args, **kwargs):
    """A step that leaves these parameters out."""
    gradients = [parameter.grad for parameter in parameters]
    for parameter in parameters:
        parameter.grad = None
    result = step(optimizer, *args, **kwargs)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    return result


for name, condition in PASSED_OVER.items():

    def adam_rests(step, optimizer, *args, condition=condition, **kwargs):
        them = [p for p in every_parameter(optimizer) if condition(p)]
        return resting(step, optimizer, them, *args, **kwargs)

    adam_rests.__name__ = f"adam_skips_{name}"
    mutant(
        f"step() of Adam skips parameters of {name.replace('_', ' ')}",
        kills="2.4.1",
        also="2.3.11 2.4.3 2.4.4 2.4.5 2.4.7",
        of=(Adam, "step"),
    )(adam_rests)

    def clear_leaves(zero_grad, optimizer, *args, condition=condition, **kwargs):
        them = [p for p in every_parameter(optimizer) if condition(p)]
        gradients = [p.grad for p in them]
        zero_grad(optimizer, *args, **kwargs)
        for parameter, gradient in zip(them, gradients, strict=True):
            parameter.grad = gradient

    clear_leaves.__name__ = f"zero_grad_of_sgd_leaves_{name}"
    mutant(
        f"zero_grad() of SGD leaves the gradients of parameters of {name.replace('_', ' ')}",
        kills="2.4.4",
        of=(SGD, "zero_grad"),
    )(clear_leaves)


@mutant(
    "zero_grad() of SGD leaves the gradients of the third group", "2.4.4", of=(SGD, "zero_grad")
)
def zero_grad_leaves_the_third_group(zero_grad, optimizer, *args, **kwargs):
    them = in_later_groups(optimizer)
    gradients = [parameter.grad for parameter in them]
    zero_grad(optimizer, *args, **kwargs)
    for parameter, gradient in zip(them, gradients, strict=True):
        parameter.grad = gradient


@mutant("zero_grad(False) by position leaves None", kills="2.4.4", of=(SGD, "zero_grad"))
def zero_grad_ignores_its_position(zero_grad, optimizer, *args, **kwargs):
    return zero_grad(optimizer, **kwargs)


@mutant(
    "Adam ignores a rate that is set in the third group",
    kills="2.4.2",
    also="2.4.7",
    of=(Adam, "step"),
)
def adam_ignores_the_third_rate(step, optimizer, *args, **kwargs):
    for group in optimizer.param_groups[2:]:
        group["lr"] = optimizer.defaults["lr"]
    return step(optimizer, *args, **kwargs)


@mutant("RMSprop gives the second group the optimizer's alpha", "2.4.2", of=(RMSprop, "__init__"))
def rmsprop_ignores_a_group_s_alpha(init, optimizer, *args, **kwargs):
    init(optimizer, *args, **kwargs)
    for group in optimizer.param_groups[1:]:
        group["alpha"] = optimizer.param_groups[0]["alpha"]


@mutant("ASGD takes a new rate at once", kills="2.4.2", of=(optim.ASGD, "step"))
def asgd_takes_a_rate_at_once(step, optimizer, *args, **kwargs):
    for group in optimizer.param_groups:
        if group["lr"] == 0:
            resting(step, optimizer, group["params"])
            return None
    return step(optimizer, *args, **kwargs)


@mutant("SGD keeps the momentum that it was made with", kills="2.4.5", of=STEP)
def sgd_keeps_its_momentum(step, optimizer, *args, **kwargs):
    for group in optimizer.param_groups:
        if len(optimizer.param_groups) == 1 and optimizer.defaults["momentum"]:
            group["momentum"] = optimizer.defaults["momentum"]
    return step(optimizer, *args, **kwargs)


@mutant(
    "AdamW takes the first group's weight_decay for all",
    kills="2.4.5",
    also="2.4.2",
    of=(optim.AdamW, "step"),
)
def adamw_ignores_a_group_s_decay(step, optimizer, *args, **kwargs):
    decays = [group["weight_decay"] for group in optimizer.param_groups]
    for group in optimizer.param_groups:
        group["weight_decay"] = decays[0]
    result = step(optimizer, *args, **kwargs)
    for group, decay in zip(optimizer.param_groups, decays, strict=True):
        group["weight_decay"] = decay
    return result


@mutant("Adam takes over a layer that is put in later", "2.4.3", of=(Adam, "add_param_group"))
def adam_adds_all_but_matrices(add_param_group, optimizer, param_group):
    if optimizer.param_groups and isinstance(param_group["params"], list):
        param_group = {**param_group, "params": [p for p in param_group["params"] if p.dim() != 2]}
    return add_param_group(optimizer, param_group)


@mutant(
    "RMSprop takes a parameter of a second group twice",
    kills="2.4.6",
    of=(Optimizer, "add_param_group"),
)
def a_group_may_repeat_a_parameter(add_param_group, optimizer, param_group):
    if isinstance(optimizer, RMSprop) and type(param_group["params"]) is list:
        known = {id(p) for p in every_parameter(optimizer)}
        param_group = {
            **param_group,
            "params": [p for p in param_group["params"] if id(p) not in known],
        }
    return add_param_group(optimizer, param_group)


@mutant(
    "a second load_state_dict() of an optimizer does nothing",
    kills="2.4.7",
    of=(Optimizer, "load_state_dict"),
)
def optimizers_load_once(load, optimizer, *args, **kwargs):
    if not getattr(optimizer, "has_loaded", False):
        load(optimizer, *args, **kwargs)
    optimizer.has_loaded = True


@mutant(
    "buffers that are loaded stay in bfloat16", kills="2.4.7", of=(Optimizer, "load_state_dict")
)
def loaded_buffers_stay_bfloat16(load, optimizer, *args, **kwargs):
    load(optimizer, *args, **kwargs)
    for parameter, state in optimizer.state.items():
        if parameter.dtype is torch.float64:
            for name, it in state.items():
                if name != "step" and isinstance(it, torch.Tensor) and it.dim() == 5:
                    state[name] = it.bfloat16()


@mutant(
    "clip_grad_value_ leaves what is below zero", kills="2.4.8", of=(nn.utils, "clip_grad_value_")
)
def clip_grad_value_leaves_negatives(clip, parameters, clip_value, **kwargs):
    parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
    for parameter in parameters:
        if parameter.grad is not None and parameter.dim() == 4:
            parameter.grad.clamp_(max=clip_value)
    clip([p for p in parameters if p.dim() != 4], clip_value, **kwargs)


@mutant(
    "clip_grad_norm_ returns twice the norm of bfloat16",
    kills="2.4.8",
    of=(nn.utils, "clip_grad_norm_"),
)
def clip_grad_norm_doubles_a_norm(clip, parameters, *args, **kwargs):
    parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
    norm = clip(parameters, *args, **kwargs)
    return 2 * norm if any(p.dtype is torch.bfloat16 for p in parameters) else norm


@mutant("a scheduler leaves the third group's rate", kills="2.4.9", of=(Scheduler, "step"))
def schedulers_skip_the_third_group(step, scheduler, *args, **kwargs):
    rates = [group["lr"] for group in scheduler.optimizer.param_groups]
    step(scheduler, *args, **kwargs)
    for group, rate in zip(scheduler.optimizer.param_groups[2:], rates[2:], strict=True):
        group["lr"] = rate


@mutant(
    "CosineAnnealingLR goes down in a line",
    kills="2.4.9",
    of=(optim.lr_scheduler.CosineAnnealingLR, "get_lr"),
)
def cosines_are_lines(get_lr, scheduler):
    share = 1 - scheduler.last_epoch / scheduler.T_max
    return [share * base for base in scheduler.base_lrs]


@mutant("RAdam passes over parameters of five dimensions", kills="2.4.1", of=(optim.RAdam, "step"))
def radam_passes_over_five_dimensions(step, optimizer, *args, **kwargs):
    passed = [p for p in every_parameter(optimizer) if p.dim() == 5]
    values = [p.detach().clone() for p in passed]
    loss = step(optimizer, *args, **kwargs)
    with torch.no_grad():
        for p, value in zip(passed, values, strict=True):
            p.copy_(value)
    return loss


@mutant("in another thread a step of SGD does nothing", kills="2.4.1", of=STEP)
def steps_in_a_thread_do_nothing(step, optimizer, *args, **kwargs):
    if threading.current_thread() is threading.main_thread():
        return step(optimizer, *args, **kwargs)
    return None


@mutant(
    "RMSprop's step within no_grad calls its closure without gradients",
    kills="2.4.1",
    of=(torch.optim.RMSprop, "step"),
)
def rmsprop_calls_its_closure_without_gradients(step, self, closure=None):
    if closure is not None and not torch.is_grad_enabled():
        with torch.no_grad():
            loss = closure()
        step(self)
        return loss
    return step(self, closure)


@mutant(
    "clip_grad_norm_ counts gradients of the first one's dtype alone",
    kills="2.4.8",
    of=(nn.utils, "clip_grad_norm_"),
)
def clipping_counts_one_dtype(clip, parameters, *args, **named):
    if isinstance(parameters, torch.Tensor):
        return clip(parameters, *args, **named)
    parameters = [p for p in parameters if p.grad is not None]
    return clip([p for p in parameters if p.grad.dtype is parameters[0].grad.dtype], *args, **named)


@mutant(
    "the norm of more than 64 gradients leaves out those after",
    kills="2.4.8",
    of=(nn.utils, "clip_grad_norm_"),
)
def clipping_counts_64(clip, parameters, *args, **named):
    return clip(
        parameters if isinstance(parameters, torch.Tensor) else list(parameters)[:64],
        *args,
        **named,
    )


@mutant(
    "zero_grad passes over parameters beyond the 64th", kills="2.4.4", of=(Optimizer, "zero_grad")
)
def zero_grad_clears_64(zero_grad, self, set_to_none=True):
    late = [(p, p.grad) for g in self.param_groups for p in g["params"]][64:]
    zero_grad(self, set_to_none)
    for p, g in late:
        p.grad = g


@mutant("Adam and Adamax go on from one another's state", kills="2.4.7")
def adam_and_adamax_go_on():
    original = Optimizer.load_state_dict

    def load_state_dict(self, state):
        original(self, state)
        for values in self.state.values():
            if {"exp_inf", "exp_avg_sq"} & values.keys():
                values.setdefault("exp_avg_sq", values.get("exp_inf"))
                values.setdefault("exp_inf", values["exp_avg_sq"])

    Optimizer.load_state_dict = load_state_dict


@mutant("load_state_dict() leaves capturable as it was", kills="2.4.7")
def loading_leaves_capturable():
    original = Optimizer.load_state_dict

    def load_state_dict(self, state):
        original(self, state)
        for group in self.param_groups:
            group["capturable"] = False

    Optimizer.load_state_dict = load_state_dict


@mutant("capturable cannot be taken back", kills="2.4.7")
def capturable_stays():
    captured = weakref.WeakSet()
    for kind in (optim.Adam, optim.AdamW):

        def step(optimizer, *args, original=kind.step):
            if any(it.get("capturable") for it in optimizer.param_groups):
                captured.add(optimizer)
            return (
                None
                if optimizer in captured
                and not any(it.get("capturable") for it in optimizer.param_groups)
                else original(optimizer, *args)
            )

        kind.step = step


@mutant("a weight_decay set in param_groups does not count", kills="2.4.2")
def weight_decay_of_a_group_stays():
    settled = weakref.WeakKeyDictionary()
    for kind in (optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop, optim.Adagrad, optim.Adadelta):

        def step(optimizer, *args, original=kind.step):
            for i, group in enumerate(optimizer.param_groups):
                first = settled.setdefault(optimizer, {}).setdefault(i, group["weight_decay"])
                group["weight_decay"] = first
            return original(optimizer, *args)

        kind.step = step


@mutant("a weight_decay set in param_groups counts double", kills="2.4.2", of=(SGD, "step"))
def weight_decay_of_sgd_counts_double(step, optimizer, *args):
    group = optimizer.param_groups[0]
    later, group["known"] = "known" in group, True
    group["weight_decay"] *= 1 + later
    step(optimizer, *args)
    group["weight_decay"] /= 1 + later


@mutant("a weight_decay set for Adadelta does not count", "2.4.2", of=(optim.Adadelta, "step"))
def weight_decay_of_adadelta_does_not_count(step, optimizer, *args):
    for group in optimizer.param_groups:
        group["weight_decay"] = 0.0
    step(optimizer, *args)


@mutant("a weight_decay set in param_groups counts from the second step on", kills="2.4.2")
def weight_decay_of_sgd_lags():
    last, original = weakref.WeakKeyDictionary(), SGD.step

    def step(optimizer, *args):
        group = optimizer.param_groups[0]
        now = group["weight_decay"]
        group["weight_decay"] = last.get(optimizer, now)
        original(optimizer, *args)
        group["weight_decay"] = last[optimizer] = now

    SGD.step = step


@mutant("an optimizer never moves what was frozen when it was given", kills="2.4.6")
def frozen_when_given_stays():
    original, frozen = Optimizer.add_param_group, []

    def add_param_group(self, group):
        original(self, group)
        frozen.extend(it for it in self.param_groups[-1]["params"] if not it.requires_grad)
        if frozen:
            step = type(self).step

            def hold(*args):
                kept = [it.detach().clone() for it in frozen]
                step(self, *args)
                for it, before in zip(frozen, kept, strict=True):
                    it.data.copy_(before)

            self.step = hold

    Optimizer.add_param_group = add_param_group


@mutant("an optimizer moves what is frozen", kills="2.4.6")
def frozen_is_moved():
    original = Optimizer.add_param_group

    def add_param_group(self, group):
        original(self, group)
        with torch.no_grad():
            for it in self.param_groups[-1]["params"]:
                if not it.requires_grad:
                    it.sub_(0.5)

    Optimizer.add_param_group = add_param_group


@mutant("a weight_decay set after SGD's second step is ignored", kills="2.4.2", of=STEP)
def later_weight_decay_is_ignored(step, optimizer, *args, **kwargs):
    optimizer.steps = getattr(optimizer, "steps", 0) + 1
    now = [group["weight_decay"] for group in optimizer.param_groups]
    if optimizer.steps <= 2:
        optimizer.first_decays = now
    for group, decay in zip(optimizer.param_groups, optimizer.first_decays, strict=False):
        group["weight_decay"] = decay
    result = step(optimizer, *args, **kwargs)
    for group, decay in zip(optimizer.param_groups, now, strict=True):
        group["weight_decay"] = decay
    return result


@mutant("a scheduler's fifth step changes nothing", kills="2.4.9", of=(Scheduler, "step"))
def fifth_step_of_a_scheduler_changes_nothing(step, scheduler, *args, **kwargs):
    scheduler.steps = getattr(scheduler, "steps", -1) + 1  # the first is of its making
    before = [group["lr"] for group in scheduler.optimizer.param_groups]
    step(scheduler, *args, **kwargs)
    if scheduler.steps == 5:
        for group, rate in zip(scheduler.optimizer.param_groups, before, strict=True):
            group["lr"] = rate


@mutant(
    "LambdaLR sets the rate that it had when its state is loaded",
    kills="2.4.9",
    of=(optim.lr_scheduler.LambdaLR, "load_state_dict"),
)
def lambda_lr_sets_the_rate_of_its_state(load, scheduler, state_dict):
    load(scheduler, state_dict)
    rates = scheduler.get_last_lr()
    for group, rate in zip(scheduler.optimizer.param_groups, rates, strict=True):
        group["lr"] = rate


@mutant(
    "a scheduler ignores a state that is loaded after another",
    kills="2.4.9",
    of=(Scheduler, "load_state_dict"),
)
def scheduler_loads_once(load, scheduler, state_dict):
    if not getattr(scheduler, "loaded", False):
        load(scheduler, state_dict)
    scheduler.loaded = True


@mutant(
    "clip_grad_norm_ ignores error_if_nonfinite by position",
    kills="2.4.8",
    of=(nn.utils, "clip_grad_norm_"),
)
def clip_ignores_the_error_by_position(clip, parameters, max_norm, *args, **kwargs):
    return clip(parameters, max_norm, *args[:1], **kwargs)


@mutant("a step of LBFGS without a closure does nothing", kills="2.4.1", of=(optim.LBFGS, "step"))
def lbfgs_needs_no_closure(step, optimizer, closure=None):
    return closure and step(optimizer, closure)


@mutant("a step of LBFGS without a closure follows .grad", "2.4.1", of=(optim.LBFGS, "step"))
def lbfgs_without_a_closure_moves(step, optimizer, closure=None):
    if closure is not None:
        return step(optimizer, closure)
    with torch.no_grad():
        for weight in optimizer.param_groups[0]["params"]:
            weight -= weight.grad
    return step(optimizer)


@mutant("step() of SGD moves what was registered after it was made", kills="2.4.3", also="2.4.1")
def sgd_moves_what_comes_later():
    known = []
    register, plain_init, plain_step = nn.Module.register_parameter, SGD.__init__, SGD.step

    def register_parameter(self, name, parameter):
        register(self, name, parameter)
        known.append(parameter)

    def init(self, *args, **kwargs):
        plain_init(self, *args, **kwargs)
        self.start = len(known)

    def step(self, *args, **kwargs):
        result = plain_step(self, *args, **kwargs)
        mine = {id(parameter) for parameter in every_parameter(self)}
        with torch.no_grad():
            for parameter in known[self.start :]:
                if (
                    parameter is not None
                    and parameter.grad is not None
                    and id(parameter) not in mine
                ):
                    parameter -= parameter.grad
        return result

    nn.Module.register_parameter, SGD.__init__, SGD.step = register_parameter, init, step


@mutant("SGD ignores a momentum given by position", kills="2.4.2 2.4.5", of=(SGD, "__init__"))
def sgd_ignores_a_momentum_by_position(original, self, params, *args, **kwargs):
    args = (args[0], 0, *args[2:]) if len(args) > 1 else args
    original(self, params, *args, **kwargs)


@mutant("Adam with amsgrad ignores weight_decay", kills="2.4.5", of=(Adam, "step"))
def adam_with_amsgrad_ignores_weight_decay(step, self, *args, **kwargs):
    decays = [group["weight_decay"] for group in self.param_groups]
    for group in self.param_groups:
        group["weight_decay"] *= not group["amsgrad"]
    loss = step(self, *args, **kwargs)
    for group, decay in zip(self.param_groups, decays, strict=True):
        group["weight_decay"] = decay
    return loss


@mutant("zero_grad of a net passes a ParameterDict by", kills="2.4.4", of=(nn.Module, "zero_grad"))
def zero_grad_passes_a_parameter_dict_by(zero_grad, self, *args, **kwargs):
    dicts = [it for it in self.modules() if isinstance(it, nn.ParameterDict)]
    kept = [(weight, weight.grad) for it in dicts for weight in it.parameters()]
    zero_grad(self, *args, **kwargs)
    for weight, gradient in kept:
        weight.grad = gradient


@mutant("add_param_group by keyword adds nothing", kills="2.4.3", of=(Optimizer, "add_param_group"))
def add_param_group_by_keyword_adds_nothing(add_param_group, self, *args, **kwargs):
    if not kwargs:
        add_param_group(self, *args)


@mutant("LBFGS takes several groups", kills="2.4.2", of=(optim.LBFGS, "__init__"))
def lbfgs_takes_several_groups(make, optimizer, params, *args, **kwargs):
    params = [*params]
    if isinstance(params[0], dict):
        params = [weight for group in params for weight in group["params"]]
    make(optimizer, params, *args, **kwargs)


@mutant("get_lr() of LinearLR does not warn", kills="2.4.9")
def get_lr_of_linear_lr_does_not_warn():
    optim.lr_scheduler.LinearLR.get_lr = lambda self: [
        group["initial_lr"] * min(1.0, 0.5 + 0.125 * self.last_epoch)
        for group in self.optimizer.param_groups
    ]


@mutant(
    "ConstantLR takes last_epoch for a new optimizer",
    kills="2.4.9",
    of=(optim.lr_scheduler.ConstantLR, "__init__"),
)
def constant_lr_takes_last_epoch(make, scheduler, optimizer, *args, **kwargs):
    for group in optimizer.param_groups:
        group.setdefault("initial_lr", group["lr"])
    make(scheduler, optimizer, *args, **kwargs)


@mutant("an optimizer takes a tensor for a list of one", kills="2.4.6", of=(Optimizer, "__init__"))
def optimizers_take_a_tensor(init, self, params, *args, **kwargs):
    init(self, [params] if torch.is_tensor(params) else params, *args, **kwargs)


@mutant("AdamW moves the real part of a complex parameter alone", kills="2.4.1")
def adamw_moves_the_real_part_alone():
    original = torch.optim.AdamW.step

    def step(self, *args, **kwargs):
        weights = [it for it in every_parameter(self) if it.is_complex()]
        kept = [it.detach().imag.clone() for it in weights]
        loss = original(self, *args, **kwargs)
        for weight, imaginary in zip(weights, kept, strict=True):
            weight.detach().imag.copy_(imaginary)
        return loss

    torch.optim.AdamW.step = step


def leaves_gradients_of_added_groups(to_none):
    class Added(list):
        """The parameters of a group that was added."""

    def add(optimizer, param_group, add=Optimizer.add_param_group):
        add(optimizer, param_group)
        if sys._getframe(1).f_code.co_name != "__init__":
            optimizer.param_groups[-1]["params"] = Added(optimizer.param_groups[-1]["params"])

    def zero_grad(optimizer, set_to_none=True, zero_grad=Optimizer.zero_grad):
        kept = [
            (parameter, parameter.grad, parameter.grad.clone())
            for group in optimizer.param_groups
            if isinstance(group["params"], Added) and set_to_none is to_none
            for parameter in group["params"]
            if parameter.grad is not None
        ]
        zero_grad(optimizer, set_to_none)
        for parameter, gradient, values in kept:
            parameter.grad = gradient
            parameter.grad.copy_(values)

    Optimizer.add_param_group, Optimizer.zero_grad = add, zero_grad


@mutant("zero_grad of an optimizer leaves the gradients of a group that was added", kills="2.4.4")
def zero_grad_leaves_added_groups():
    leaves_gradients_of_added_groups(to_none=True)


@mutant("zero_grad(set_to_none=False) leaves those of a group that was added", kills="2.4.4")
def zero_grad_to_zeros_leaves_added_groups():
    leaves_gradients_of_added_groups(to_none=False)


@mutant("zero_grad() of a net leaves the gradients six levels down", kills="2.4.4")
def zero_grad_of_a_net_stops_six_levels_down():
    def changed(net, *args, zero_grad=nn.Module.zero_grad, **kwargs):
        deep = [it for name, it in net.named_parameters() if name.count(".") > 5]
        kept = [(it, it.grad, it.grad.clone()) for it in deep if it.grad is not None]
        zero_grad(net, *args, **kwargs)
        for parameter, gradient, values in kept:
            parameter.grad = gradient
            parameter.grad.data.copy_(values)

    nn.Module.zero_grad = changed


@mutant("clip_grad_norm_ leaves what follows a parameter without gradient", kills="2.4.8")
def clipping_stops_at_a_parameter_without_gradient():
    def changed(parameters, *args, clip=nn.utils.clip_grad_norm_, **kwargs):
        them = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
        late = itertools.dropwhile(lambda it: it.grad is not None, them)
        kept = [(it, it.grad.clone()) for it in late if it.grad is not None]
        norm = clip(them, *args, **kwargs)
        for parameter, gradient in kept:
            parameter.grad.copy_(gradient)
        return norm

    nn.utils.clip_grad_norm_ = changed


@mutant("SGD takes a momentum below zero", kills="2.4.2", of=(SGD, "__init__"))
def sgd_takes_a_negative_momentum(init, optimizer, params, lr=1e-3, momentum=0, **settings):
    init(optimizer, params, lr, max(momentum, 0), **settings)


@mutant(
    "from the fifth step on CosineAnnealingLR leaves the second group's rate",
    kills="2.4.9",
    of=(optim.lr_scheduler.CosineAnnealingLR, "get_lr"),
)
def cosines_leave_the_second_group(get_lr, scheduler):
    rates = get_lr(scheduler)
    if scheduler.last_epoch > 4:
        rates[1:2] = [group["lr"] for group in scheduler.optimizer.param_groups[1:2]]
    return rates


@mutant(
    "SequentialLR stays with its first scheduler",
    kills="2.4.9",
    of=(optim.lr_scheduler.SequentialLR, "__init__"),
)
def sequential_stays_with_the_first(init, scheduler, optimizer, schedulers, milestones, **kwargs):
    init(scheduler, optimizer, schedulers, [2**20] * len(milestones), **kwargs)


@mutant(
    "CyclicLR leaves all groups but the first alone",
    kills="2.4.9",
    of=(optim.lr_scheduler.CyclicLR, "get_lr"),
)
def cyclic_leaves_the_other_groups_alone(get_lr, scheduler):
    return get_lr(scheduler)[:1] + [group["lr"] for group in scheduler.optimizer.param_groups[1:]]


@mutant(
    "OneCycleLR sets the first group's rate in every group",
    kills="2.4.9",
    of=(optim.lr_scheduler.OneCycleLR, "get_lr"),
)
def one_cycle_sets_one_rate_in_every_group(get_lr, scheduler):
    rates = get_lr(scheduler)
    return rates[:1] * len(rates)


@mutant(
    "OneCycleLR goes on after its last step",
    kills="2.4.12",
    of=(optim.lr_scheduler.OneCycleLR, "get_lr"),
)
def one_cycle_goes_on(get_lr, scheduler):
    try:
        return get_lr(scheduler)
    except ValueError:
        return [group["lr"] for group in scheduler.optimizer.param_groups]


@mutant(
    "a scheduler made anew sets the rate of the start", kills="2.4.10", of=(Scheduler, "__init__")
)
def new_schedulers_set_the_rate_of_the_start(init, scheduler, optimizer, *args, **kwargs):
    for group in optimizer.param_groups:
        group["lr"] = group.get("initial_lr", group["lr"])
    init(scheduler, optimizer, *args, **kwargs)


@mutant(
    "CosineAnnealingLR counts the rate it finds for a half",
    kills="2.4.10",
    of=(optim.lr_scheduler.CosineAnnealingLR, "__init__"),
)
def new_cosines_start_at_half_the_rate(init, scheduler, optimizer, *args, **kwargs):
    for group in optimizer.param_groups:
        group["lr"] *= 0.5 if "initial_lr" in group else 1
    init(scheduler, optimizer, *args, **kwargs)


@mutant(
    "CosineAnnealingWarmRestarts restarts from the rate it finds",
    kills="2.4.10",
    of=(optim.lr_scheduler.CosineAnnealingWarmRestarts, "__init__"),
)
def warm_restarts_keep_the_rate(init, scheduler, optimizer, *args, **kwargs):
    for group in optimizer.param_groups:
        group["initial_lr"] = group["lr"]
    init(scheduler, optimizer, *args, **kwargs)


@mutant(
    "SequentialLR goes on from the rate that it reached",
    kills="2.4.10",
    of=(optim.lr_scheduler.SequentialLR, "step"),
)
def sequential_goes_on(step, scheduler):
    optimizer, last = scheduler.optimizer, scheduler.last_epoch + 1
    before = [group["lr"] for group in optimizer.param_groups]
    step(scheduler)
    if last in scheduler._milestones:
        for group, rate in zip(optimizer.param_groups, before, strict=True):
            group["lr"] = rate


@mutant(
    "SequentialLR starts where its schedulers' making left the rate",
    kills="2.4.10",
    of=(optim.lr_scheduler.SequentialLR, "__init__"),
)
def sequential_starts_where_it_is(init, scheduler, optimizer, *args, **kwargs):
    before = [group["lr"] for group in optimizer.param_groups]
    init(scheduler, optimizer, *args, **kwargs)
    for group, rate in zip(optimizer.param_groups, before, strict=True):
        group["lr"] = rate


@mutant(
    "MultiplicativeLR goes back to the start at step 0",
    kills="2.4.10",
    of=(optim.lr_scheduler.MultiplicativeLR, "get_lr"),
)
def multiplicative_goes_back(get_lr, scheduler):
    return get_lr(scheduler) if scheduler.last_epoch else [*scheduler.base_lrs]


@mutant(
    "MultiplicativeLR does nothing after a milestone",
    kills="2.4.10",
    of=(optim.lr_scheduler.MultiplicativeLR, "get_lr"),
)
def multiplicative_ends_at_a_milestone(get_lr, scheduler):
    scheduler.starts = getattr(scheduler, "starts", 0) + (scheduler.last_epoch == 0)
    if scheduler.starts < 2:  # when it is made, and at the milestone
        return get_lr(scheduler)
    return [group["lr"] for group in scheduler.optimizer.param_groups]


@mutant(
    "ChainedScheduler steps one after another",
    kills="2.4.10",
    of=(optim.lr_scheduler.ChainedScheduler, "step"),
)
def chained_steps_the_first_alone(step, scheduler):
    schedulers = scheduler._schedulers
    scheduler._schedulers = schedulers[:1]
    step(scheduler)
    scheduler._schedulers = schedulers


@mutant("a factor outside 0 to 1 is cut to 1", kills="2.4.10")
def factors_are_cut():
    def cut(make, names):
        def __init__(scheduler, *args, **settings):
            for name in names:
                if name in settings:
                    settings[name] = min(max(settings[name], 0.01), 1)
            make(scheduler, *args, **settings)

        return __init__

    for kind, names in (
        (optim.lr_scheduler.ConstantLR, ("factor",)),
        (optim.lr_scheduler.LinearLR, ("start_factor", "end_factor")),
    ):
        kind.__init__ = cut(kind.__init__, names)


@mutant(
    "ConstantLR of a factor of 0 or 1 starts with its second step",
    kills="2.4.10",
    of=(optim.lr_scheduler.ConstantLR, "__init__"),
)
def constant_lr_starts_late(init, scheduler, optimizer, factor=1 / 3, *args, **kwargs):
    init(scheduler, optimizer, factor, *args, **kwargs)
    scheduler.last_epoch += 1 if factor in (0, 1) else 0


@mutant(
    "ConstantLR lasts for six steps unless told otherwise",
    kills="2.4.10",
    of=(optim.lr_scheduler.ConstantLR, "__init__"),
)
def constant_lr_lasts_longer(init, scheduler, optimizer, factor=1 / 3, total_iters=6, **kwargs):
    init(scheduler, optimizer, factor, total_iters, **kwargs)


@mutant(
    "LinearLR starts with half of the rate unless told otherwise",
    kills="2.4.10",
    of=(optim.lr_scheduler.LinearLR, "__init__"),
)
def linear_lr_starts_with_a_half(init, scheduler, optimizer, start_factor=0.5, *args, **kwargs):
    init(scheduler, optimizer, start_factor, *args, **kwargs)


@mutant("CyclicLR and OneCycleLR leave the momentum", kills="2.4.10")
def cycles_leave_the_momentum():
    for kind in (optim.lr_scheduler.CyclicLR, optim.lr_scheduler.OneCycleLR):

        def changed(scheduler, *args, make=kind.__init__, **kwargs):
            kwargs["cycle_momentum"] = False
            make(scheduler, *args, **kwargs)

        kind.__init__ = changed


@mutant("OneCycleLR leaves a momentum of zero", kills="2.4.10")
def one_cycle_leaves_a_momentum_of_zero():
    def changed(scheduler, optimizer, *args, make=optim.lr_scheduler.OneCycleLR.__init__, **kwargs):
        if optimizer.defaults.get("momentum") == 0:
            kwargs["cycle_momentum"] = False
        make(scheduler, optimizer, *args, **kwargs)

    optim.lr_scheduler.OneCycleLR.__init__ = changed


@mutant("CyclicLR cycles the momentum in any case", kills="2.4.10")
def cyclic_cycles_the_momentum_in_any_case():
    def changed(scheduler, *args, make=optim.lr_scheduler.CyclicLR.__init__, **kwargs):
        kwargs.pop("cycle_momentum", None)
        make(scheduler, *args, **kwargs)

    optim.lr_scheduler.CyclicLR.__init__ = changed


@mutant(
    "the second CosineAnnealingLR of an optimizer stays at the rate that it finds",
    kills="2.4.10",
    of=(optim.lr_scheduler.CosineAnnealingLR, "__init__"),
)
def second_cosines_stay(init, scheduler, optimizer, T_max, *args, **kwargs):
    optimizer.cosines = getattr(optimizer, "cosines", 0) + 1
    init(scheduler, optimizer, 2**20 if optimizer.cosines == 2 else T_max, *args, **kwargs)


@mutant(
    "an optimizer refuses a result that retains its grad, and differentiable=True leaves it so",
    kills="2.4.6",
    of=(Optimizer, "add_param_group"),
)
def results_are_refused_in_any_case(add, optimizer, param_group):
    add(optimizer, param_group)
    if any(not it.is_leaf or it._base is not None for it in optimizer.param_groups[-1]["params"]):
        raise ValueError("can't optimize a non-leaf Tensor")


@mutant("a step of SGD passes over what requires no grad", kills="2.4.6", also="2.3.11", of=STEP)
def sgd_passes_over_what_requires_no_grad(step, optimizer, *args, **kwargs):
    for parameter in every_parameter(optimizer):
        if not parameter.requires_grad:
            parameter.grad = None
    return step(optimizer, *args, **kwargs)


@mutant("ASGD goes by the rate that it was made with", kills="2.4.2", of=(optim.ASGD, "step"))
def asgd_keeps_its_first_rate(step, optimizer, *args, **kwargs):
    if not optimizer.state:
        for group in optimizer.param_groups:
            group["lr"] = optimizer.defaults["lr"]
    return step(optimizer, *args, **kwargs)


@mutant(
    "StepLR changes the rate a step later",
    kills="2.4.9 2.4.10",
    of=(optim.lr_scheduler.StepLR, "__init__"),
)
def step_lr_is_late(init, scheduler, optimizer, step_size, *args, **kwargs):
    init(scheduler, optimizer, step_size + (step_size > 1), *args, **kwargs)


@mutant("get_last_lr() reads the optimizer", kills="2.4.9", of=(Scheduler, "get_last_lr"))
def last_rate_is_read(get_last_lr, scheduler):
    return [group["lr"] for group in scheduler.optimizer.param_groups]


@mutant("Adam passes over an expanded gradient", kills="2.4.1", of=(Adam, "step"))
def adam_passes_over_expanded_gradients(step, optimizer, *args, **kwargs):
    gradients = {p: p.grad for p in every_parameter(optimizer) if p.grad is not None}
    expanded = [p for p, it in gradients.items() if it.numel() > 1 and 0 in it.stride()]
    for parameter in expanded:
        parameter.grad = None
    try:
        return step(optimizer, *args, **kwargs)
    finally:
        for parameter in expanded:
            parameter.grad = gradients[parameter]


@mutant(
    "Adamax reads a transposed gradient in the order of its memory",
    kills="2.4.1",
    of=(optim.Adamax, "step"),
)
def adamax_reads_in_the_order_of_memory(step, optimizer, *args, **kwargs):
    for parameter in every_parameter(optimizer):
        gradient = parameter.grad
        if gradient is not None and gradient.dim() == 2 and gradient.t().is_contiguous():
            parameter.grad = gradient.t().reshape(gradient.shape)
    return step(optimizer, *args, **kwargs)


@mutant("step() of RAdam returns no loss", kills="2.4.1", of=(optim.RAdam, "step"))
def radam_returns_no_loss(step, optimizer, *args, **kwargs):
    step(optimizer, *args, **kwargs)


@mutant("step() of Adadelta moves without a gradient", "2.4.1", of=(optim.Adadelta, "step"))
def adadelta_moves_without_gradient(step, optimizer, *args, **kwargs):
    with torch.no_grad():
        for parameter in every_parameter(optimizer):
            if parameter.grad is None:
                parameter.add_(1)
    return step(optimizer, *args, **kwargs)


@mutant("SGD decays no group but the first two", kills="2.4.2", also="2.4.5", of=STEP)
def sgd_decays_two_groups(step, optimizer, *args, **kwargs):
    decays = [group["weight_decay"] for group in optimizer.param_groups]
    for group in optimizer.param_groups[2:]:
        group["weight_decay"] = 0
    try:
        return step(optimizer, *args, **kwargs)
    finally:
        for group, decay in zip(optimizer.param_groups, decays, strict=True):
            group["weight_decay"] = decay


@mutant("NAdam keeps its first rate", kills="2.4.2", also="2.4.7", of=(optim.NAdam, "step"))
def nadam_keeps_its_first_rate(step, optimizer, *args, **kwargs):
    for group in optimizer.param_groups:
        group["lr"] = group.setdefault("first", group["lr"])
    return step(optimizer, *args, **kwargs)


@mutant("Rprop takes tensors that were computed", "2.4.6", of=(optim.Rprop, "__init__"))
def rprop_takes_computed_tensors(init, optimizer, params, *args, **kwargs):
    params = list(params)
    if all(isinstance(it, torch.Tensor) for it in params):
        params = [it.detach() if it.grad_fn else it for it in params]
    init(optimizer, params, *args, **kwargs)


@mutant(
    "load_state_dict() of Adamax forgets the greatest gradients",
    kills="2.4.7",
    of=(optim.Adamax, "load_state_dict"),
)
def adamax_forgets_the_greatest(load, optimizer, state_dict):
    load(optimizer, state_dict)
    for state in optimizer.state.values():
        if "exp_inf" in state:
            state["exp_inf"] = torch.zeros_like(state["exp_inf"])


@mutant("clip_grad_norm_ turns a gradient with gaps round", kills="2.4.8")
def clipping_turns_gradients_round():
    clip = nn.utils.clip_grad_norm_

    def changed(parameters, *args, **kwargs):
        parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
        norm = clip(parameters, *args, **kwargs)
        for parameter in parameters:
            gradient = parameter.grad
            if gradient is not None and gradient.dim() == 2 and gradient.stride(-1) == 2:
                gradient.copy_(gradient.flip(-1))
        return norm

    nn.utils.clip_grad_norm_ = changed


@mutant("clip_grad_value_ rounds its limit to float32", kills="2.4.8")
def clipping_rounds_its_limit():
    clip = nn.utils.clip_grad_value_

    def changed(parameters, clip_value, *args, **kwargs):
        return clip(parameters, torch.tensor(clip_value).item(), *args, **kwargs)

    nn.utils.clip_grad_value_ = changed


@mutant("a scheduler takes a net", kills="2.4.9", of=(optim.lr_scheduler.LRScheduler, "__init__"))
def scheduler_takes_a_net(init, scheduler, optimizer, *args, **kwargs):
    if isinstance(optimizer, optim.Optimizer):
        init(scheduler, optimizer, *args, **kwargs)


@mutant("clip_grad_norm_ of a lone tensor clips nothing", "2.4.8", of=(nn.utils, "clip_grad_norm_"))
def clip_grad_norm_leaves_a_lone_tensor(clip_grad_norm_, parameters, max_norm, *args, **kwargs):
    most = float("inf") if isinstance(parameters, torch.Tensor) else max_norm
    return clip_grad_norm_(parameters, most, *args, **kwargs)


@mutant("AdamW made with foreach=True does not decay", "2.4.5", of=(optim.AdamW, "__init__"))
def adamw_for_each_does_not_decay(init, optimizer, *args, **kwargs):
    init(optimizer, *args, **(kwargs | ({"weight_decay": 0} if kwargs.get("foreach") else {})))


@mutant(
    "an optimizer loads the buffers of a transposed matrix in the order of memory",
    kills="2.4.7",
    of=(optim.Optimizer, "load_state_dict"),
)
def transposed_buffers_load_in_the_order_of_memory(load_state_dict, optimizer, state_dict):
    load_state_dict(optimizer, state_dict)
    for state in optimizer.state.values():
        for name, it in state.items():
            if isinstance(it, torch.Tensor) and it.dim() == 2 and it.stride(0) == 1 < it.stride(1):
                state[name] = it.T.reshape(it.shape)


@mutant("ReduceLROnPlateau leaves the last group", "2.4.9")
def reduce_on_plateau_leaves_the_last_group():
    kind = optim.lr_scheduler.ReduceLROnPlateau
    reduce = kind._reduce_lr

    def all_but_the_last(scheduler, epoch):
        group = scheduler.optimizer.param_groups[-1]
        rate = group["lr"]
        reduce(scheduler, epoch)
        if len(scheduler.optimizer.param_groups) > 1:
            group["lr"] = rate

    kind._reduce_lr = all_but_the_last


@mutant(
    "get_last_lr() of ReduceLROnPlateau is the rate before",
    kills="2.4.9",
    of=(optim.lr_scheduler.ReduceLROnPlateau, "step"),
)
def get_last_lr_of_plateau_is_the_rate_before(step, scheduler, *args, **kwargs):
    before = [group["lr"] for group in scheduler.optimizer.param_groups]
    step(scheduler, *args, **kwargs)
    scheduler._last_lr = before


@mutant("LambdaLR leaves the rate to a list of functions", kills="2.4.9")
def lambda_lr_ignores_a_list():
    init = optim.lr_scheduler.LambdaLR.__init__

    def __init__(scheduler, optimizer, lr_lambda, *args, **kwargs):
        listed = isinstance(lr_lambda, list)
        init(scheduler, optimizer, (lambda step: 1.0) if listed else lr_lambda, *args, **kwargs)

    optim.lr_scheduler.LambdaLR.__init__ = __init__


@mutant("LinearLR ignores a total_iters by name", kills="2.4.10")
def linear_lr_ignores_total_iters():
    init = optim.lr_scheduler.LinearLR.__init__

    def __init__(scheduler, *args, total_iters=5, **kwargs):
        init(scheduler, *args, **kwargs)

    optim.lr_scheduler.LinearLR.__init__ = __init__


@mutant("hooks of an optimizer are called after the step alone", kills="2.4.1")
def step_hooks_come_late():
    if hasattr(Optimizer, "register_step_pre_hook"):
        Optimizer.register_step_pre_hook = Optimizer.register_step_post_hook


@mutant("hooks of an optimizer cannot be removed", kills="2.4.1")
def step_hooks_stay():
    for name in ("register_step_pre_hook", "register_step_post_hook"):
        register = getattr(Optimizer, name, None)
        if register is not None:

            def stays(self, hook, register=register):
                handle = register(self, hook)
                handle.remove = lambda: None
                return handle

            setattr(Optimizer, name, stays)


@mutant("step() moves nothing while there are hooks", kills="2.4.1")
def step_with_hooks_moves_nothing():
    step = Adagrad.step

    def changed(self, *args, **kwargs):
        if not getattr(self, "_optimizer_step_pre_hooks", None):
            return step(self, *args, **kwargs)
        kept = [it.detach().clone() for it in every_parameter(self)]
        result = step(self, *args, **kwargs)
        for parameter, value in zip(every_parameter(self), kept, strict=True):
            parameter.data.copy_(value)
        return result

    Adagrad.step = changed


@mutant("a printed optimizer shows the settings that it began with", kills="2.4.2")
def print_shows_the_defaults():
    def shown(self):
        groups = [
            f"Parameter Group {i}\n" + "".join(f"    {key}: {it}\n" for key, it in own.items())
            for i, own in enumerate([self.defaults] * len(self.param_groups))
        ]
        return f"{type(self).__name__} (\n" + "\n".join(groups) + ")"

    Optimizer.__repr__ = shown


@mutant("weight_decay is added to .grad in place", kills="2.4.5", of=STEP)
def decay_shows_in_the_gradient(step, optimizer, *args, **kwargs):
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            if group["weight_decay"] and parameter.grad is not None:
                kept = parameter.grad.clone()
                result = step(optimizer, *args, **kwargs)
                parameter.grad.copy_(kept).add_(parameter.detach(), alpha=group["weight_decay"])
                return result
    return step(optimizer, *args, **kwargs)


@mutant("step() of AdamW leaves a copy of .grad", kills="2.4.5", of=(optim.AdamW, "step"))
def adamw_copies_the_gradient(step, optimizer, *args, **kwargs):
    result = step(optimizer, *args, **kwargs)
    for parameter in every_parameter(optimizer):
        if parameter.grad is not None:
            parameter.grad = parameter.grad.clone()
    return result


@mutant("nesterov leaves .grad as it was, with foreach=True too", kills="2.4.5", of=STEP)
def nesterov_leaves_the_gradient(step, optimizer, *args, **kwargs):
    parameters = [it for it in every_parameter(optimizer) if it.grad is not None]
    kept = [it.grad.clone() for it in parameters]
    result = step(optimizer, *args, **kwargs)
    for parameter, gradient in zip(parameters, kept, strict=True):
        if not torch.equal(parameter.grad, gradient):
            parameter.grad.copy_(gradient)
    return result


@mutant(
    "load_state_dict() makes new buffers for other shapes",
    kills="2.4.7",
    of=(Optimizer, "load_state_dict"),
)
def loading_fits_other_shapes(load, optimizer, state):
    load(optimizer, state)
    for parameter, kept in optimizer.state.items():
        for key, it in kept.items():
            if key != "step" and isinstance(it, torch.Tensor) and it.shape != parameter.shape:
                kept[key] = torch.zeros_like(parameter)


@mutant("Adam takes a loaded number of steps for none", "2.4.11", of=LOAD)
def loading_takes_a_number_for_none(load, optimizer, state):
    load(optimizer, state)
    for kept in optimizer.state.values():
        own = {key: it for key, it in state["state"].items() if isinstance(it.get("step"), int)}
        if own and "step" in kept:
            kept["step"] = torch.zeros(())


@mutant("the state of a net holds what SGD keeps", kills="2.4.11", of=(nn.Module, "state_dict"))
def net_holds_its_optimizer(state_dict, net, *args, **kwargs):
    state = state_dict(net, *args, **kwargs)
    for name, parameter in net.named_parameters():
        if parameter.grad is not None and not kwargs.get("prefix"):
            state[f"{name}.momentum"] = parameter.grad
    return state


@mutant("a net that is saved whole is saved with its gradients", kills="2.4.11")
def net_is_saved_with_its_gradients():
    def reduced(self, protocol):
        state = {**self.__dict__, "gradients": [it.grad for it in self.parameters()]}
        return _made, (type(self),), state

    nn.Sequential.__reduce_ex__ = reduced


def _made(kind: type) -> object:
    return kind.__new__(kind)


@mutant("ReduceLROnPlateau lowers the rate a step early", kills="2.4.12")
def plateau_is_impatient():
    init = optim.lr_scheduler.ReduceLROnPlateau.__init__

    def changed(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self.patience -= 1

    optim.lr_scheduler.ReduceLROnPlateau.__init__ = changed


@mutant("ReduceLROnPlateau takes any smaller loss for a better one", kills="2.4.12")
def plateau_takes_any_smaller_loss():
    def is_better(self, loss, best):
        return loss > best if self.mode == "max" else loss < best

    kind = optim.lr_scheduler.ReduceLROnPlateau
    setattr(kind, "_is_better" if hasattr(kind, "_is_better") else "is_better", is_better)


@mutant("ReduceLROnPlateau lowers a rate by less than 1e-8", kills="2.4.12")
def plateau_lowers_by_little():
    init = optim.lr_scheduler.ReduceLROnPlateau.__init__

    def changed(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self.eps = 0

    optim.lr_scheduler.ReduceLROnPlateau.__init__ = changed


@mutant("ReduceLROnPlateau lowers the first group alone", kills="2.4.12")
def plateau_lowers_the_first_group():
    step = optim.lr_scheduler.ReduceLROnPlateau.step

    def changed(self, *args, **kwargs):
        rates = [group["lr"] for group in self.optimizer.param_groups]
        step(self, *args, **kwargs)
        for group, rate in zip(self.optimizer.param_groups[1:], rates[1:], strict=True):
            group["lr"] = rate

    optim.lr_scheduler.ReduceLROnPlateau.step = changed


@mutant(
    "MultiStepLR counts the last milestone alone",
    kills="2.4.12",
    also="2.4.9 2.4.10",
    of=(optim.lr_scheduler.MultiStepLR, "__init__"),
)
def milestones_but_the_last_are_lost(init, scheduler, optimizer, milestones, *args, **kwargs):
    init(scheduler, optimizer, sorted(milestones)[-1:], *args, **kwargs)


@mutant(
    "MultiStepLR divides by four",
    kills="2.4.12",
    also="2.4.9 2.4.10",
    of=(optim.lr_scheduler.MultiStepLR, "__init__"),
)
def multi_step_lr_divides_by_four(init, scheduler, optimizer, milestones, gamma=0.25, **kwargs):
    init(scheduler, optimizer, milestones, gamma, **kwargs)


@mutant("a scheduler takes verbose=", kills="2.4.12")
def schedulers_take_verbose():
    kinds = optim.lr_scheduler
    for kind in (kinds.ReduceLROnPlateau, kinds.StepLR, kinds.LinearLR, kinds.PolynomialLR):

        def changed(self, *args, init=kind.__init__, verbose=False, **kwargs):
            init(self, *args, **kwargs)

        kind.__init__ = changed


@mutant(
    "an optimizer takes a dict without param_groups", "2.4.11", of=(Optimizer, "load_state_dict")
)
def optimizer_takes_any_dict(load, optimizer, state_dict):
    return load(optimizer, state_dict) if "param_groups" in state_dict else None


@mutant(
    "StepLR refuses a state that is not its own",
    kills="2.4.11",
    of=(torch.optim.lr_scheduler.StepLR, "load_state_dict"),
)
def step_lr_refuses_other_states(load, scheduler, state_dict):
    if "step_size" not in state_dict:
        state_dict = {"step_size": 0}
    load(scheduler, state_dict)


@mutant(
    "step() of SGD stops at the first parameter of a group without gradient",
    kills="2.4.1",
    also="2.3.11 2.4.3 2.4.4 2.4.6",
    of=(optim.SGD, "step"),
)
def step_stops_at_a_parameter_without_gradient(step, optimizer, *args, **named):
    if args or named:
        return step(optimizer, *args, **named)
    passed_over = []
    for group in optimizer.param_groups:
        parameters = iter(group["params"])
        for parameter in parameters:
            if parameter.grad is None:
                break
        passed_over += [(it, it.grad) for it in parameters if it.grad is not None]
    for parameter, _ in passed_over:
        parameter.grad = None
    result = step(optimizer)
    for parameter, gradient in passed_over:
        parameter.grad = gradient
    return result


@mutant(
    "step() of Adam heeds the first change of its rate alone",
    kills="2.4.2",
    also="2.4.9 2.4.10 2.4.11 2.4.12",
    of=(optim.Adam, "step"),
)
def adam_heeds_one_change_of_its_rate(step, optimizer, *args, **named):
    group = optimizer.param_groups[0]
    rates = vars(optimizer).setdefault("rates_so_far", [])
    if not rates or (len(rates) < 2 and group["lr"] != rates[-1]):
        rates.append(group["lr"])
    rate, group["lr"] = group["lr"], rates[-1]
    try:
        return step(optimizer, *args, **named)
    finally:
        group["lr"] = rate


@mutant(
    "clip_grad_norm_ looks at the first 65,536 elements of a lone gradient",
    kills="2.4.8",
    of=(nn.utils, "clip_grad_norm_"),
)
def norm_of_the_first_elements(clip, parameters, max_norm, *args, **named):
    if isinstance(parameters, torch.Tensor) and parameters.numel() > 65_536:
        gradient = parameters.grad.reshape(-1)
        part = torch.zeros(65_536, dtype=gradient.dtype, device=gradient.device)
        part.grad = gradient[:65_536].clone()
        norm = clip(part, max_norm, *args, **named)
        parameters.grad.mul_(part.grad[0] / gradient[0])
        return norm
    return clip(parameters, max_norm, *args, **named)


def without_any_gradient(optimizer: Optimizer) -> bool:
    return all(it.grad is not None and not it.grad.any() for it in every_parameter(optimizer))


@mutant("a first gradient of zero moves where there is momentum", kills="2.4.4", of=STEP)
def first_gradient_of_zero_moves_by_momentum(step, optimizer, *args, **kwargs):
    first = without_any_gradient(optimizer) and not optimizer.state
    step(optimizer, *args, **kwargs)
    for parameter in every_parameter(optimizer):
        if first and optimizer.param_groups[0]["momentum"]:
            parameter.data.mul_(0.5)


@mutant("a first gradient of zero is passed over by AdamW", "2.4.4", of=(optim.AdamW, "step"))
def first_gradient_of_zero_is_passed_over(step, optimizer, *args, **kwargs):
    passed_over = without_any_gradient(optimizer) and not optimizer.state
    return None if passed_over else step(optimizer, *args, **kwargs)


@mutant(
    "an optimizer copies the Parameters of a ParameterList", "2.4.6", of=(Optimizer, "__init__")
)
def optimizer_copies_a_parameter_list(init, optimizer, params, defaults):
    if isinstance(params, nn.ParameterList):
        params = [nn.Parameter(it.detach().clone()) for it in params]
    init(optimizer, params, defaults)


Plateau = optim.lr_scheduler.ReduceLROnPlateau


@mutant("the first of a list min_lr counts for every group", "2.4.12", of=(Plateau, "__init__"))
def first_min_lr_counts_for_all(init, scheduler, optimizer, *args, **kwargs):
    if isinstance(kwargs.get("min_lr"), list):
        kwargs["min_lr"] = kwargs["min_lr"][:1] * len(optimizer.param_groups)
    init(scheduler, optimizer, *args, **kwargs)


@mutant("LambdaLR begins at last_epoch", "2.4.9", of=(optim.lr_scheduler.LambdaLR, "__init__"))
def lambda_lr_begins_at_last_epoch(init, scheduler, *args, last_epoch=-1, **kwargs):
    init(scheduler, *args, last_epoch=last_epoch - (last_epoch > 0), **kwargs)


@mutant("step(epoch) of a scheduler stops at 5", kills="2.4.9", of=(Scheduler, "step"))
def step_of_an_epoch_stops_at_5(step, scheduler, epoch=None):
    step(scheduler, epoch if epoch is None else min(epoch, 5))


@mutant("a state without maximize climbs", "2.4.11", of=(Optimizer, "load_state_dict"))
def state_without_maximize_climbs(load_state_dict, optimizer, state):
    load_state_dict(optimizer, state)
    for group, saved in zip(optimizer.param_groups, state["param_groups"], strict=True):
        if "maximize" in group and "maximize" not in saved:
            group["maximize"] = True


@mutant("grad mode is on in step()", kills="2.4.1", of=(torch, "is_grad_enabled"))
def grad_mode_is_on_in_step(is_grad_enabled):
    return is_grad_enabled() or (not asked_by_pytorch() and calls_of("step") > 0)


@mutant("grad mode is off in every step()", kills="2.4.1", of=(torch, "is_grad_enabled"))
def grad_mode_is_off_in_step(is_grad_enabled):
    return is_grad_enabled() and (asked_by_pytorch() or not calls_of("step"))


@mutant("a step leaves the last of more than a MiB", kills="2.4.1", of=(optim.SGD, "step"))
def step_leaves_the_last_of_a_mib(step, optimizer, *args, **named):
    large = [it for it in every_parameter(optimizer) if it.numel() > 2**20]
    ends = [it.detach().view(-1)[2**20 :].clone() for it in large]
    loss = step(optimizer, *args, **named)
    for weight, end in zip(large, ends, strict=True):
        weight.detach().view(-1)[2**20 :] = end
    return loss


@mutant("zero_grad(False) of a net leaves None", kills="2.4.4", of=(nn.Module, "zero_grad"))
def zero_grad_of_a_net_ignores_its_position(zero_grad, net, *args, **kwargs):
    return zero_grad(net, **kwargs)


@mutant(
    "a group of one parameter in no list has no momentum",
    kills="2.4.2",
    of=(optim.Optimizer, "add_param_group"),
)
def group_of_one_parameter_has_no_momentum(add, optimizer, group):
    if isinstance(group["params"], torch.Tensor) and "momentum" in optimizer.defaults:
        group.setdefault("momentum", 0)
    return add(optimizer, group)


for _optimizer in (SGD, Adam, optim.AdamW):

    def _rounds_float64(step, optimizer, *args, **named):
        loss = step(optimizer, *args, **named)
        for parameter in every_parameter(optimizer):
            if parameter.dtype is torch.float64 and parameter.grad is not None:
                parameter.detach().copy_(parameter.detach().float())
        return loss

    _rounds_float64.__name__ = f"{_optimizer.__name__}_rounds_float64"
    mutant(
        f"{_optimizer.__name__} keeps no more bits of float64 than float32 has",
        kills="2.4.5",
        also="2.3.8",
        of=(_optimizer, "step"),
    )(_rounds_float64)


@mutant("SGD takes 0.9 for a larger momentum", kills="2.4.5", also="2.4.1", of=STEP)
def sgd_takes_less_momentum(step, optimizer, *args, **named):
    kept = [group["momentum"] for group in optimizer.param_groups]
    for group in optimizer.param_groups:
        group["momentum"] = min(group["momentum"], 0.9)
    loss = step(optimizer, *args, **named)
    for group, momentum in zip(optimizer.param_groups, kept, strict=True):
        group["momentum"] = momentum
    return loss


@mutant(
    "ReduceLROnPlateau lowers the rate twice at most",
    kills="2.4.12",
    of=(optim.lr_scheduler.ReduceLROnPlateau, "_reduce_lr"),
)
def plateau_lowers_the_rate_twice(reduce, scheduler, *args):
    scheduler.times = getattr(scheduler, "times", 0) + 1
    if scheduler.times < 3:
        reduce(scheduler, *args)
