"""Changes to the optimizer (chapter 2.4)."""

from __future__ import annotations

import torch
from torch import nn
from torch.optim import SGD

from meta_tests.mutants import mutant

INIT = (SGD, "__init__")
STEP = (SGD, "step")


def every_parameter(optimizer: SGD) -> list[nn.Parameter]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


@mutant("step() of SGD climbs", kills="2.4.1", also="2.4.2", of=INIT)
def sgd_climbs(init, optimizer, params, *args, **kwargs):
    init(optimizer, params, *args, **kwargs)
    for group in optimizer.param_groups:
        group["maximize"] = True


@mutant("step() of SGD goes 1.001 times as far", kills="2.4.1", also="2.4.2", of=STEP)
def sgd_goes_too_far(step, optimizer, *args, **kwargs):
    for group in optimizer.param_groups:
        group["lr"] *= 1.001
    return step(optimizer, *args, **kwargs)


@mutant("SGD decays weights unless told otherwise", kills="2.4.1", also="2.4.2", of=INIT)
def sgd_decays(init, optimizer, params, *args, **kwargs):
    kwargs.setdefault("weight_decay", 0.01)
    init(optimizer, params, *args, **kwargs)


@mutant("step() of SGD skips biases", kills="2.4.1", of=STEP)
def sgd_skips_biases(step, optimizer, *args, **kwargs):
    for parameter in every_parameter(optimizer):
        if parameter.dim() == 1 and len(every_parameter(optimizer)) > 1:
            parameter.grad = None
    return step(optimizer, *args, **kwargs)


@mutant("step() of SGD changes parameters without gradient", kills="2.4.1", of=STEP)
def sgd_moves_without_gradient(step, optimizer, *args, **kwargs):
    for parameter in every_parameter(optimizer):
        if parameter.grad is None:
            parameter.grad = torch.ones_like(parameter)
    return step(optimizer, *args, **kwargs)


@mutant("step() of SGD changes every parameter that has a gradient", kills="2.4.1")
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


@mutant("step() of SGD clears gradients of others", kills="2.4.1")
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


@mutant("step() of SGD replaces the net's parameters", kills="2.4.1")
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


@mutant("an optimizer copies its parameters", kills="2.4.1 2.4.2", of=INIT)
def sgd_copies_parameters(init, optimizer, params, *args, **kwargs):
    def copied(parameters):
        return [nn.Parameter(parameter.detach().clone()) for parameter in parameters]

    groups = list(params)
    if groups and isinstance(groups[0], dict):
        groups = [{**group, "params": copied(group["params"])} for group in groups]
    else:
        groups = copied(groups)
    init(optimizer, groups, *args, **kwargs)


@mutant("an optimizer takes its parameters in reverse", kills="2.4.2", of=INIT)
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


@mutant("an optimizer puts each parameter in a group of its own", kills="2.4.2", of=INIT)
def sgd_splits_groups(init, optimizer, params, *args, **kwargs):
    params = list(params)
    if not isinstance(params[0], dict):
        params = [{"params": [parameter]} for parameter in params]
    init(optimizer, params, *args, **kwargs)


@mutant("param_groups is a tuple", kills="2.4.2", of=INIT)
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


@mutant("param_groups forgets momentum", kills="2.4.2", of=INIT)
def sgd_forgets_momentum(init, optimizer, params, *args, **kwargs):
    init(optimizer, params, *args, **kwargs)
    for group in optimizer.param_groups:
        group["momentum"] = 0


@mutant("param_groups forgets weight_decay", kills="2.4.2", of=INIT)
def sgd_forgets_weight_decay(init, optimizer, params, *args, **kwargs):
    init(optimizer, params, *args, **kwargs)
    for group in optimizer.param_groups:
        group["weight_decay"] = 0


@mutant("param_groups forgets nesterov", kills="2.4.2", of=INIT)
def sgd_forgets_nesterov(init, optimizer, params, *args, **kwargs):
    init(optimizer, params, *args, **kwargs)
    for group in optimizer.param_groups:
        group["nesterov"] = False


@mutant("param_groups has a dampening of a half unless told otherwise", kills="2.4.2", of=INIT)
def sgd_dampens(init, optimizer, params, *args, **kwargs):
    init(optimizer, params, *args, **kwargs)
    for group in optimizer.param_groups:
        group["dampening"] = 0.5


@mutant("a learning rate set in param_groups is ignored", kills="2.4.2", of=STEP)
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


@mutant("param_groups leaves out maximize", kills="2.4.2", of=INIT)
def sgd_leaves_out_maximize(init, optimizer, params, *args, **kwargs):
    init(optimizer, params, *args, **kwargs)
    for group in optimizer.param_groups:
        if group["momentum"]:  # else step() would miss it
            del group["maximize"]
