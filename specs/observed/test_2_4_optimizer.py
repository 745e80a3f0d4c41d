"""2.4 The optimizer's parameters: what a release chooses."""

from __future__ import annotations

import pytest
import torch
from torch import nn, optim

from specs.ledger import claim
from specs.observed.surface import names, signature

_OPTIMIZERS = "SGD Adam AdamW".split()


@claim("2.4.1")
@pytest.mark.parametrize("optimizer", _OPTIMIZERS)
def test_signature_and_settings_of_an_optimizer(observe, optimizer):
    observe(f"signature of optim.{optimizer}", signature, f"torch.optim.{optimizer}")
    observe(f"settings in param_groups of {optimizer}", lambda: _settings(_made(optimizer)))
    observe(f"print of {optimizer}", lambda: repr(_made(optimizer)))
    observe(
        f"{optimizer} without a rate",
        lambda: getattr(optim, optimizer)([_parameter()]).defaults["lr"],
    )
    observe(f"state of {optimizer} after a step", lambda: _state_after_step(optimizer))


@claim("2.4.1")
def test_signatures_of_an_optimizers_methods(observe):
    for method in "step zero_grad add_param_group state_dict load_state_dict".split():
        observe(f"signature of Optimizer.{method}", signature, f"torch.optim.Optimizer.{method}")
        observe(f"signature of SGD.{method}", signature, f"torch.optim.SGD.{method}")
    observe("public names of torch.optim", names, "torch.optim")
    observe("public names of optim.SGD", names, "torch.optim.SGD")
    observe("types above optim.SGD", lambda: optim.SGD.__mro__)


@claim("2.4.1")
def test_what_zero_grad_leaves(observe):
    def after(**settings):
        parameter = _parameter()
        optimizer = optim.SGD([parameter], lr=0.1)
        parameter.sum().backward()
        optimizer.zero_grad(**settings)
        return parameter.grad

    observe("grad after Optimizer.zero_grad()", after)
    observe("grad after Optimizer.zero_grad(set_to_none=False)", after, set_to_none=False)


@claim("2.4.1")
def test_what_an_optimizer_refuses(observe):
    parameter = _parameter()

    def sgd(parameters, **settings):
        optim.SGD(parameters, **{"lr": 0.1, **settings})
        return "taken"

    observe("SGD of no parameters", sgd, [])
    observe("SGD of one parameter, not in a list", sgd, parameter)
    observe("SGD of a result", sgd, [parameter * 2])
    observe("SGD of a tensor without grad", sgd, [torch.ones(1)])
    observe("SGD of ints", sgd, [1])
    observe("SGD of a set", sgd, {parameter})
    observe("SGD of named parameters", lambda: sgd(nn.Linear(1, 1).named_parameters()))
    observe("SGD of a parameter twice", sgd, [parameter, parameter])
    observe(
        "SGD of a parameter in two groups", sgd, [{"params": [parameter]}, {"params": [parameter]}]
    )
    observe("SGD of lr=-1", sgd, [parameter], lr=-1)
    observe("SGD of lr=0", sgd, [parameter], lr=0)
    observe("SGD of lr='0.1'", sgd, [parameter], lr="0.1")
    observe("SGD of a tensor lr", sgd, [parameter], lr=torch.tensor(0.1))
    observe("SGD of a tensor lr of several", sgd, [parameter], lr=torch.ones(2))
    observe("SGD of momentum=-1", sgd, [parameter], momentum=-1)
    observe("SGD of weight_decay=-1", sgd, [parameter], weight_decay=-1)
    observe("SGD of nesterov without momentum", sgd, [parameter], nesterov=True)
    observe("SGD of an unknown setting", sgd, [parameter], no_such=1)
    observe("SGD of fused", sgd, [parameter], fused=True)
    observe("SGD of foreach", sgd, [parameter], foreach=True)
    observe("SGD of complex parameters", sgd, [nn.Parameter(torch.ones(1) * 1j)])
    observe("SGD of a generator that is used up", sgd, iter(()))
    observe("add_param_group of a list", lambda: _made("SGD").add_param_group([parameter]))
    observe(
        "load_state_dict of another net",
        lambda: _made("SGD").load_state_dict(
            optim.SGD([parameter, _parameter()], lr=0.1).state_dict()
        ),
    )


@claim("2.4.1")
def test_what_a_step_does(observe):
    def after_step(without_grad=False, closure=None, **settings):
        parameter = _parameter()
        optimizer = optim.SGD([parameter], lr=0.1, **settings)
        if not without_grad:
            parameter.sum().backward()
        result = optimizer.step(closure) if closure else optimizer.step()
        return f"{result} {parameter.tolist()}"

    observe("step()", after_step)
    observe("step() without a gradient", after_step, without_grad=True)
    observe("step() with a closure", after_step, closure=lambda: 3.0)
    observe("step() with momentum", after_step, momentum=0.9)
    observe("step() with maximize", after_step, maximize=True)
    observe("a scheduler's step before the optimizer's", _scheduled_too_early)
    observe(
        "a scheduler that speaks",
        lambda: optim.lr_scheduler.StepLR(_made("SGD"), 1, verbose=False) and "made",
    )
    observe("signature of lr_scheduler.StepLR", signature, "torch.optim.lr_scheduler.StepLR")


def _scheduled_too_early() -> str:
    optimizer = _made("SGD")
    optim.lr_scheduler.StepLR(optimizer, 1).step()
    return str(optimizer.param_groups[0]["lr"])


@claim("2.4.2")
def test_what_param_groups_holds(observe):
    optimizer = _made("SGD")

    observe("type of param_groups", lambda: type(optimizer.param_groups))
    observe("keys of param_groups[0]", lambda: list(optimizer.param_groups[0]))
    observe("print of param_groups", lambda: optimizer.param_groups)
    observe("defaults", lambda: optimizer.defaults)
    observe("keys of state_dict()", lambda: list(optimizer.state_dict()))
    observe("type of state", lambda: type(optimizer.state))
    observe("attributes of an optimizer", lambda: sorted(vars(optimizer)))
    observe("param_groups[0]['params'] is a", lambda: type(optimizer.param_groups[0]["params"]))


def _parameter() -> nn.Parameter:
    return nn.Parameter(torch.ones(2))


def _made(optimizer: str) -> optim.Optimizer:
    return getattr(optim, optimizer)([_parameter()], lr=1e-3)


def _settings(optimizer: optim.Optimizer) -> dict[str, str]:
    group = optimizer.param_groups[0]
    return {key: str(value) for key, value in group.items() if key != "params"}


def _state_after_step(name: str) -> list[str]:
    optimizer = _made(name)
    parameter = optimizer.param_groups[0]["params"][0]
    parameter.sum().backward()
    optimizer.step()
    state = optimizer.state[parameter]
    return [
        f"{key}: {type(value).__name__} {getattr(value, 'dtype', '')}"
        for key, value in state.items()
    ]
