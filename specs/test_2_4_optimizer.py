"""2.4 The optimizer's parameters."""

from __future__ import annotations

import copy
import inspect
import io
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn, optim

from specs.lacking import there
from specs.ledger import claim
from specs.nets import HOLDERS, Net
from specs.oracles import as_array, rounding, same_bits, same_values, share_memory, within
from specs.releases import RELEASE, before, since
from specs.strategies import (
    COMPLEX,
    COMPUTING_FLOATS,
    FLOATS,
    LAYOUTS,
    MIB,
    SIZES,
    every_form,
    every_kind,
    one_of_each,
    ones,
    relaid,
    tensors,
)

#: With small values and rates that are powers of two the step w - lr * g is exact.
EXACT = (torch.float32, torch.float64)
RATES = st.integers(0, 6).map(lambda k: 2.0**-k)

#: Optimizers with their settings, each with its default.
DEFAULTS = {
    optimizer: {
        name: parameter.default
        for name, parameter in inspect.signature(optimizer).parameters.items()
        if name != "params"
    }
    for optimizer in (optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop)
}
#: Which of them may be given by position, in order.
BY_POSITION = {
    optimizer: [
        name
        for name, parameter in inspect.signature(optimizer).parameters.items()
        if name != "params" and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    for optimizer in DEFAULTS
}

#: Optimizers that people use, each with a learning rate of a half.
OPTIMIZERS = {
    "SGD": lambda params: optim.SGD(params, lr=0.5),
    "SGD with momentum": lambda params: optim.SGD(params, lr=0.5, momentum=0.5),
    "Adam": lambda params: optim.Adam(params, lr=0.5),
    "AdamW": lambda params: optim.AdamW(params, lr=0.5),
    "RMSprop": lambda params: optim.RMSprop(params, lr=0.5),
    "Adagrad": lambda params: optim.Adagrad(params, lr=0.5),
    "Adam with amsgrad": lambda params: optim.Adam(params, lr=0.5, amsgrad=True),
    "AdamW for each": lambda params: optim.AdamW(params, lr=0.5, amsgrad=True, foreach=True),
    "centered RMSprop": lambda params: optim.RMSprop(params, lr=0.5, momentum=0.5, centered=True),
}
#: Others, for the claims that speak of every optimizer.
OTHERS = {
    "Adadelta": lambda params: optim.Adadelta(params, lr=0.5, eps=0.01),
    "NAdam": lambda params: optim.NAdam(params, lr=0.5),
}
#: Optimizers that fewer people use, for the claim that each updates what it was given.
FEWER_USE = {
    "RAdam": lambda params: optim.RAdam(params, lr=0.5),
    "Adamax": lambda params: optim.Adamax(params, lr=0.5),
    "ASGD": lambda params: optim.ASGD(params, lr=0.5),
    "Rprop": lambda params: optim.Rprop(params, lr=0.5),
    "SGD with nesterov": lambda params: optim.SGD(params, lr=0.5, momentum=0.5, nesterov=True),
    "SGD to a maximum": lambda params: optim.SGD(params, lr=0.5, maximize=True),
}
if RELEASE >= (2, 5):
    FEWER_USE["Adafactor"] = lambda params: optim.Adafactor(params, lr=0.5)
EVERY = {**OPTIMIZERS, **OTHERS, **FEWER_USE}
#: Those whose steps heed a rate that is set between them at once; see 2.4.2.
HEED_A_RATE = [name for name in EVERY if name not in ("ASGD", "Rprop")]
#: Those that keep something of the shape of each parameter, and need it in each step.
KEEP_ONE_OF_EACH_SHAPE = [*OPTIMIZERS, *OTHERS, "RAdam", "Adamax"][1:]
#: Where a step moves what has a positive gradient: down, or up.
UP = ("SGD to a maximum",)
#: The five that people use most.
USUAL = tuple(OPTIMIZERS[name] for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad"))

#: Schedulers that halve the learning rate in each step.
SCHEDULERS = {
    "StepLR": lambda it: optim.lr_scheduler.StepLR(it, 1, gamma=0.5),
    "ExponentialLR": lambda it: optim.lr_scheduler.ExponentialLR(it, 0.5),
    "MultiStepLR": lambda it: optim.lr_scheduler.MultiStepLR(it, range(1, 9), gamma=0.5),
    "LambdaLR": lambda it: optim.lr_scheduler.LambdaLR(
        it, [lambda step: 0.5**step for _ in it.param_groups]
    ),
    "MultiplicativeLR": lambda it: optim.lr_scheduler.MultiplicativeLR(it, lambda step: 0.5),
    "ChainedScheduler": lambda it: optim.lr_scheduler.ChainedScheduler(
        [optim.lr_scheduler.ExponentialLR(it, 0.5)]
    ),
    "SequentialLR": lambda it: optim.lr_scheduler.SequentialLR(
        it,
        [
            optim.lr_scheduler.LambdaLR(it, lambda step: 0.5 ** min(step, 3)),
            optim.lr_scheduler.LambdaLR(it, lambda step: 0.5 ** (step + 4)),
        ],
        milestones=[4],
    ),
}
#: Schedulers that change the rate in other ways, each with the rates that it makes of a rate of 1.
OTHER_SCHEDULERS = {
    "CosineAnnealingLR": ((8,), [(1 + np.cos(np.pi * step / 8)) / 2 for step in range(8)]),
    "CosineAnnealingWarmRestarts": ((2,), [1, 0.5] * 4),
    "LinearLR": ((0.5, 1, 4), [0.5, 0.625, 0.75, 0.875, 1, 1, 1, 1]),
    "ConstantLR": ((0.5, 2), [0.5, 0.5, 1, 1, 1, 1, 1, 1]),
    "PolynomialLR": ((8,), [1 - step / 8 for step in range(8)]),
    "StepLR": ((2, 0.25), [1, 1, 0.25, 0.25, 1 / 16, 1 / 16, 1 / 64, 1 / 64]),
}
#: Those that depend on the step and the rate at the start alone, which may take turns.
IN_TURN = OTHER_SCHEDULERS | {
    "ExponentialLR": ((0.5,), [0.5**step for step in range(8)]),
    "LambdaLR": ((lambda step: 1 / (step + 1),), [1 / (step + 1) for step in range(8)]),
}
#: Those that are told the rates of each group, here multiples of one, eight and two.
CYCLES = {
    "CyclicLR": (
        ([1, 8, 2], [3, 24, 6], 2, None, "triangular", 1.0, None, "cycle", False),
        [1, 2, 3, 2, 1, 2, 3, 2, 1],
    ),
    "OneCycleLR": (
        ([8, 64, 16], 6, None, None, 0.5, "linear", False, 0.85, 0.95, 8, 0.5),
        [1, 4.5, 8, 6, 4, 2],
    ),
}

#: Gradients of several shapes and sizes, the norm of all being 13.
GRADIENTS = (np.array(3.0), np.array([[4.0, 0.0, -12.0]]), np.zeros((2, 0)))


#: How SGD goes through the parameters, and which it takes: one by one, many at once, or fused.
DENSE = tuple(layout for layout in LAYOUTS if layout != "gaps")
IMPLEMENTATIONS = {
    "one by one": ({"foreach": False}, FLOATS, LAYOUTS),
    "many at once": ({"foreach": True}, FLOATS, LAYOUTS),
}
if RELEASE >= (2, 4):
    fused_dtypes = FLOATS if RELEASE >= (2, 14) else EXACT
    IMPLEMENTATIONS["fused"] = ({"fused": True}, fused_dtypes, DENSE)


def some_ones(dtypes: tuple[torch.dtype, ...] = COMPUTING_FLOATS) -> Iterator[torch.Tensor]:
    """Ones of each size, rank, layout and dtype, for specs that try every optimizer."""
    return (x.fill_(1) for x in one_of_each(dtypes, more=((3,),)))


def deep_net() -> nn.Module:
    """Layers four modules deep, in a ModuleList and a ModuleDict, one of them used twice."""
    shared = nn.Linear(2, 2)
    inner = nn.ModuleDict({"a": nn.Sequential(nn.Linear(2, 3), shared), "b": shared})
    return nn.Sequential(nn.ModuleList([inner, nn.Conv1d(2, 2, 1)]), nn.BatchNorm1d(2))


def with_gradient(gradient: np.ndarray, device: str) -> nn.Parameter:
    weight = nn.Parameter(torch.zeros(gradient.shape, dtype=torch.float64, device=device))
    weight.grad = torch.tensor(gradient, device=device)
    return weight


def parameter(value: float = 1.0) -> nn.Parameter:
    return nn.Parameter(torch.full((2,), value))


class TestStep:
    """Optimizer.step: it updates the parameters that the optimizer was given."""

    @claim("2.4.1")
    def test_one_optimizer_takes_the_parameters_of_two_nets_in_a_list(self, device):
        for optimizer in [optim.SGD, optim.Adam, optim.RMSprop, optim.Adagrad]:
            one, other = nn.Linear(3, 2, device=device), nn.Conv2d(1, 2, 3, device=device)
            with pytest.raises(TypeError, match="unsupported operand"):
                one.parameters() + other.parameters()
            both = [*one.parameters(), *other.parameters()]
            before = [it.detach().clone() for it in both]
            for parameter in both:
                parameter.grad = torch.ones_like(parameter)

            optimizer(both, lr=0.5).step()

            assert all((it < old).all() for it, old in zip(both, before, strict=True))

    @claim("2.4.1")
    @given(weight=tensors(EXACT, small=True), rates=st.lists(RATES, min_size=1, max_size=4))
    def test_each_step_of_sgd_moves_a_parameter_against_its_gradient(self, weight, rates, device):
        expected = as_array(weight)
        weight = nn.Parameter(weight.to(device))
        optimizer = optim.SGD([weight], lr=99.0)

        for rate in rates:
            optimizer.zero_grad()
            (-3 * weight).sum().backward()
            optimizer.param_groups[0]["lr"] = rate
            optimizer.step()

            expected = expected + 3 * rate
            assert same_values(weight, expected)

    @claim("2.4.1")
    @pytest.mark.parametrize("dtype", FLOATS, ids=str)
    def test_a_step_moves_parameters_of_every_size_rank_and_layout(self, dtype, device):
        few = dtype is not torch.float32
        forms = list(every_form(dtype, ("contiguous",) if few else LAYOUTS))
        forms = forms[::2] if few else [*forms, torch.ones(MIB)]  # the others differ in signs
        weights = [nn.Parameter(x.to(device)) for x in forms]
        old = [as_array(weight) for weight in weights]
        optimizer = optim.SGD(weights, lr=0.5)
        for weight in weights:
            weight.grad = torch.full_like(weight, 4.0)

        optimizer.step()
        for weight, value in zip(weights, old, strict=True):
            assert same_values(weight, value - 2)

        with torch.no_grad():
            optimizer.step()
        for weight, value in zip(weights, old, strict=True):
            assert same_values(weight, value - 4)
            assert weight.requires_grad

    @claim("2.4.1")
    def test_so_does_a_step_in_another_thread(self, device):
        with ThreadPoolExecutor(1) as pool:
            for name, make in EVERY.items():
                weights = [nn.Parameter(torch.ones(3, device=device)) for _ in range(2)]
                here, there = (make([weight]) for weight in weights)
                for _ in range(3):
                    for weight in weights:
                        weight.grad = torch.full_like(weight, 2.0)
                    before = as_array(weights[1])
                    here.step()
                    pool.submit(there.step).result()

                    assert same_bits(weights[1], weights[0]), name
                    assert (as_array(weights[1]) != before).all(), name

    @claim("2.4.1")
    @given(inputs=SIZES, outputs=SIZES)
    def test_a_step_updates_every_parameter_of_the_net_in_place(self, inputs, outputs, device):
        net = nn.Sequential(Net(inputs, outputs), deep_net()).to(device)
        old = [(p, p.data, as_array(p)) for p in net.parameters()]
        optimizer = optim.SGD(net.parameters(), lr=0.5)

        sum(p.sum() for p in net.parameters()).backward()
        optimizer.step()

        for (parameter, alias, value), new in zip(old, net.parameters(), strict=True):
            assert new is parameter
            assert share_memory(parameter, alias)
            assert same_values(parameter, value - np.float32(0.5))

    @claim("2.4.1")
    def test_three_steps_update_the_parameters_given_and_no_others(self, device):
        net, other = deep_net().to(device), deep_net().to(device)
        net.extend([nn.ParameterList(nn.Parameter(x.to(device)) for x in some_ones())])
        parameters, others = list(net.parameters()), list(other.parameters())
        sum(p.sum() for p in others).backward()
        of_others = [as_array(p) for p in others]
        aliases = [p.data for p in parameters]
        gradients = [
            relaid(
                (torch.arange(p.numel()).reshape(p.shape) % 3 - 0.5).to(device, p.dtype), turn % 4
            )
            for turn, p in enumerate(parameters, 3)
        ]
        uphill = [np.sign(as_array(gradient)) for gradient in gradients]

        for name, make in EVERY.items():
            given, optimizer = gradients, make(parameters)
            if device != "cpu" and name == "SGD with nesterov":
                given = [it.clone() for it in gradients]  # there it adds to them in place
            for alias in aliases:
                alias.fill_(1)
            for _ in range(3):
                of_net = [as_array(p) for p in parameters]
                for parameter, gradient in zip(parameters, given, strict=True):
                    parameter.grad = gradient
                optimizer.step()

                for parameter, value, up in zip(parameters, of_net, uphill, strict=True):
                    moved = (as_array(parameter) - value) * up
                    assert ((moved > 0) if name in UP else (moved < 0)).all(), name
                assert all(map(share_memory, parameters, aliases)), name
                for parameter, value in zip(others, of_others, strict=True):
                    assert parameter.grad is not None, name
                    assert same_bits(parameter, value), name

    @claim("2.4.1")
    @pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
    def test_a_complex_parameter_moves_as_its_real_and_imaginary_parts_would(self, name, device):
        for dtype in there(COMPLEX):
            start = torch.tensor([[1 - 2j, 0.5j, -3]], device=device, dtype=dtype)
            whole = nn.Parameter(start.clone())
            parts = nn.Parameter(torch.view_as_real(start).clone())
            for weight in (whole, parts):
                optimizer = getattr(optim, name)([weight], lr=0.1)
                for _ in range(3):
                    optimizer.zero_grad()
                    z = weight if weight is whole else torch.view_as_complex(weight)
                    (z - 1 - 1j).abs().square().sum().backward()
                    optimizer.step()
            moved = torch.view_as_complex(parts.detach())
            assert np.allclose(as_array(whole), as_array(moved), rtol=1e-5)
            assert not np.allclose(as_array(moved), as_array(start), rtol=1e-2)

    @claim("2.4.1")
    def test_a_step_of_lbfgs_needs_a_closure(self, device):
        for x in some_ones():
            weight = nn.Parameter(x.to(device))
            weight.grad = torch.ones_like(weight)
            optimizer = optim.LBFGS([weight])

            with pytest.raises(
                TypeError, match="missing 1 required positional argument: 'closure'"
            ):
                optimizer.step()
            assert same_values(weight, np.ones(weight.shape))

    @claim("2.4.1")
    def test_a_step_passes_over_a_parameter_without_gradient(self, device):
        frozen, unused, used = ([nn.Parameter(x.to(device)) for x in some_ones()] for _ in range(3))
        for weight in frozen:
            weight.requires_grad_(False)
        for weight in used:
            weight.grad = torch.ones_like(weight)

        for name, make in EVERY.items():
            mixed = [it for several in zip(unused, used, frozen, strict=True) for it in several]
            optimizer = make([{"params": it} for it in (mixed[:9], mixed[9:])])
            for weight in used:
                weight.data.fill_(1)

            for _ in range(2):
                optimizer.step()

            assert all((as_array(weight) == 1).all() for weight in (*frozen, *unused)), name
            assert all((as_array(weight) != 1).all() for weight in used), name

    @claim("2.4.1")
    @since("2.0")
    def test_hooks_are_called_before_and_after_each_step_until_they_are_removed(self):
        for make in USUAL:
            weight, seen = parameter(), []
            optimizer = make([weight])
            weight.grad = torch.ones_like(weight)
            handles = [
                register(lambda it, *_, w=weight, seen=seen: seen.append((it, w.tolist())))
                for register in (
                    optimizer.register_step_post_hook,
                    optimizer.register_step_pre_hook,
                )
            ]
            for count in (2, 4):
                old = weight.tolist()
                optimizer.step()

                assert seen[count - 2 :] == [(optimizer, old), (optimizer, weight.tolist())]
                assert weight.tolist() < old
            for handle in handles:
                handle.remove()
            optimizer.step()
            assert len(seen) == 4

    @claim("2.4.3")
    def test_a_layer_put_in_later_is_not_updated_until_its_parameters_are_added(self, device):
        net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)).to(device)
        optimizer = optim.SGD(net.parameters(), lr=0.5)
        net[1] = nn.Linear(2, 1, device=device)
        old = as_array(net[1].weight)

        net(torch.ones(1, 2, device=device)).sum().backward()
        optimizer.step()
        assert same_bits(net[1].weight, old)

        optimizer.add_param_group({"params": net[1].parameters()})
        optimizer.step()
        assert (as_array(net[1].weight) == old - 0.5 * as_array(net[1].weight.grad)).all()

        for _ in range(3):
            another = nn.Parameter(torch.ones(2, device=device))
            another.grad = torch.ones_like(another)
            optimizer.add_param_group({"params": another})
            optimizer.step()
            assert another.tolist() == [0.5, 0.5]

    @claim("2.4.3")
    def test_a_layer_that_forward_makes_is_not_updated(self, device):
        class Making(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.Linear(2, 2)

            def forward(self, x):
                self.layer = nn.Linear(2, 2, device=x.device)
                return self.layer(x)

        net = Making().to(device)
        optimizer = optim.SGD(net.parameters(), lr=0.5)

        for _ in range(3):
            net(torch.ones(1, 2, device=device)).sum().backward()
            old = [as_array(weight) for weight in net.parameters()]
            optimizer.step()

            assert all(weight.grad.all() for weight in net.parameters())
            assert all(map(same_bits, net.parameters(), old))

    @claim("2.4.3")
    @pytest.mark.parametrize("make", USUAL[::2] if RELEASE >= (2, 12) else USUAL[:-1:2])
    def test_what_is_put_into_a_net_later_is_not_updated_until_it_is_added(self, make, device):
        net = deep_net().to(device)
        optimizer = make(net.parameters())
        later = [nn.Parameter(x.to(device)) for x in some_ones()]
        net[0][0]["a"][0] = nn.Linear(2, 3, device=device)
        net[0].extend([nn.ParameterList(later), nn.ModuleDict({"c": nn.Conv1d(2, 2, 1)})])
        later += net[0][0]["a"][0].parameters()
        old = [as_array(weight) for weight in later]

        for _ in range(3):
            sum(weight.sum() for weight in net.to(device).parameters()).backward()
            optimizer.step()
        assert all(map(same_bits, later, old))

        optimizer.add_param_group({"params": later[::2]})
        optimizer.add_param_group(param_group={"params": nn.ParameterList(later[1::2])})
        optimizer.step()
        assert all((as_array(it) != was).all() for it, was in zip(later, old, strict=True))

    @claim("2.4.3")
    @before("2.12")
    def test_adagrad_failed_in_the_step_after_a_group_was_added(self):
        optimizer, later = OPTIMIZERS["Adagrad"]([parameter()]), parameter()
        optimizer.add_param_group({"params": [later]})
        later.grad = torch.ones_like(later)

        with pytest.raises(KeyError, match="sum"):
            optimizer.step()

    @claim("2.4.3")
    def test_a_parameter_that_replaces_another_is_not_updated(self, device):
        layer = nn.Linear(2, 2, device=device)
        optimizer = optim.SGD(layer.parameters(), lr=0.5)
        layer.weight = nn.Parameter(torch.ones(2, 2, device=device))

        for _ in range(3):
            layer(torch.ones(1, 2, device=device)).sum().backward()
            optimizer.step()

        assert layer.weight.tolist() == [[1.0, 1.0], [1.0, 1.0]]

    #: What a step does to a parameter of 1 after a step with a gradient of 1.
    MOVES_WITH_A_GRADIENT_OF_ZERO = pytest.mark.parametrize(
        ("make", "moves"),
        [
            (lambda p: optim.SGD(p, lr=0.5), False),
            (lambda p: optim.SGD(p, lr=0.5, momentum=0.5), True),
            (lambda p: optim.SGD(p, lr=0.5, weight_decay=0.5), True),
            (lambda p: optim.Adam(p, lr=0.5), True),
            (lambda p: optim.AdamW(p, lr=0.5), True),
            (lambda p: optim.RMSprop(p, lr=0.5), False),
        ],
        ids=["SGD", "momentum", "weight_decay", "Adam", "AdamW", "RMSprop"],
    )

    @claim("2.4.4")
    def test_a_tensor_has_no_zero_grad_of_its_own(self):
        with pytest.raises(AttributeError, match="object has no attribute 'zero_grad'"):
            torch.ones(2, requires_grad=True).zero_grad()

    @claim("2.4.4")
    @MOVES_WITH_A_GRADIENT_OF_ZERO
    def test_a_gradient_of_zero_still_moves_where_there_is_momentum_or_decay(
        self, make, moves, device
    ):
        weights = [nn.Parameter(x.to(device)) for x in some_ones()]
        optimizer = make(weights)
        for weight in weights:
            weight.grad = torch.ones_like(weight)
        optimizer.step()
        once = [weight.detach().clone() for weight in weights]

        for weight in weights:
            weight.grad = None
        optimizer.step()
        assert all(map(same_bits, weights, once))

        for weight in weights:
            weight.grad = torch.zeros_like(weight)
        optimizer.step()
        assert {same_bits(weight, old) for weight, old in zip(weights, once, strict=True)} == {
            not moves
        }

    @claim("2.4.5")
    @given(
        weight=tensors((torch.float64,), small=True),
        rate=st.sampled_from([0.5, 0.25]),
        momentum=st.sampled_from([0, 0.5, 0.25]),
        dampening=st.sampled_from([0, 0.5]),
        decay=st.sampled_from([0, 0.5]),
        nesterov=st.booleans(),
        maximize=st.booleans(),
    )
    @example(
        weight=torch.ones(2, 3, dtype=torch.float64),
        **{"rate": 0.5, "momentum": 0.9375, "dampening": 0, "decay": 0.5},
        **{"nesterov": False, "maximize": True},
    )
    def test_sgd_follows_its_formula(
        self, weight, rate, momentum, dampening, decay, nesterov, maximize, device
    ):
        w, velocity = as_array(weight), None
        nesterov = nesterov and bool(momentum) and not dampening  # else SGD refuses it
        weight = nn.Parameter(weight.to(device))
        optimizer = optim.SGD(
            [weight], rate, momentum, dampening, decay, nesterov, maximize=maximize
        )  # by position; the next spec gives them by name

        for step, gradient in enumerate((1.0, -2.0, 3.0, -4.0)):
            if step == 2:
                rate, momentum, decay = rate / 2, momentum / 2, decay / 2
                settings = {"lr": rate, "momentum": momentum, "weight_decay": decay}
                optimizer.param_groups[0].update(settings)
            weight.grad = torch.full_like(weight, gradient)
            optimizer.step()

            g = (-gradient if maximize else gradient) + decay * w
            velocity = g if velocity is None else momentum * velocity + (1 - dampening) * g
            w = w - rate * (g + momentum * velocity if nesterov else velocity if momentum else g)
            assert same_values(weight, w)

    @claim("2.4.5")
    @pytest.mark.parametrize("kind", [optim.Adam, optim.AdamW])
    def test_adam_adds_the_decay_to_the_gradient_and_adamw_shrinks_the_weight(self, kind, device):
        dtypes = tuple(it for it in FLOATS if it is not torch.float16)  # which has no eps of 1e-8
        for value, rate, decay in ((4.0, 0.3, 0.25), (-8.0, 0.25, 0.3), (2.0, 0.5, 0.5)):
            weights = [nn.Parameter(value * x.to(device)) for x in some_ones(dtypes)]
            settings = [{}, {"amsgrad": True}, {"maximize": True}, {"betas": (0.5, 0.75)}]
            settings += [{"amsgrad": True, "foreach": foreach} for foreach in (False, True)]
            settings += [{"maximize": True, "amsgrad": True, "foreach": True}]  # seven take turns
            groups = [
                {"params": weight}
                | settings[turn % len(settings)]
                | ({"weight_decay": 2 * decay} if turn % 2 else {})
                for turn, weight in enumerate(weights)
            ]
            if value < 0:
                optimizer = kind(groups, rate, (0.9, 0.99), 1e-8, decay)
            else:
                how = {"foreach": True} if value == 2 else {}
                optimizer = kind(groups, lr=rate, weight_decay=decay, **how)

            for step in range(1, 2 if kind is optim.Adam else 4):
                for weight in weights:
                    weight.grad = torch.zeros_like(weight)
                optimizer.step()

                for turn, weight in enumerate(weights):
                    shrunk = value * (1 - rate * decay * (1 + turn % 2)) ** step
                    moved = value - np.copysign(rate, value) if kind is optim.Adam else shrunk
                    expected = np.full(weight.shape, moved)
                    assert within(weight, expected, 1e-8 + 8 * rounding(4 * step, weight.dtype))

    @claim("2.4.5")
    def test_the_gradient_stays_as_it_was_but_for_foreach(self, device):
        nesterov = {"momentum": 0.5, "nesterov": True}
        for kind, settings in (
            *((optim.SGD, nesterov), (optim.SGD, {"momentum": 0.5, "maximize": True})),
            *((optim.Adam, {}), (optim.AdamW, {"maximize": True}), (optim.Adam, {"amsgrad": True})),
        ):
            weights = [nn.Parameter(x.to(device)) for x in one_of_each((torch.float32,))]
            settings = {"weight_decay": 0.5, **settings, "foreach": False}
            optimizer = kind(weights, lr=0.5, **settings)
            gradients = [torch.full_like(it, -3.0) for it in weights]
            for _ in range(3):
                for weight, gradient in zip(weights, gradients, strict=True):
                    weight.grad = gradient
                optimizer.step()

                assert all(it.grad is g for it, g in zip(weights, gradients, strict=True))
                assert all((as_array(it) == -3).all() for it in gradients)

        weight = nn.Parameter(torch.ones(2, device=device))
        weight.grad = torch.ones_like(weight)
        optim.SGD([weight], lr=0.5, foreach=True, **nesterov).step()
        assert weight.grad.tolist() == [1.5, 1.5]

    @claim("2.4.5")
    @pytest.mark.parametrize(
        ("how", "dtypes", "layouts"), IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS
    )
    def test_it_does_so_in_every_dtype_layout_and_implementation(
        self, how, dtypes, layouts, device
    ):
        for momentum, dampening, nesterov, decay, maximize in (
            *((0, 0, False, 0, False), (0, 0, False, 0.5, True), (0.5, 0, False, 0.5, False)),
            *((0.5, 3, False, 0, True), (0.5, 3, False, 0.5, False), (0.5, 0, True, 0.5, True)),
        ):
            groups = [
                {
                    "params": [
                        nn.Parameter((x + (dtype is torch.float64) * x / 2**30).to(device))
                        for x in every_kind((dtype,), layouts, True)
                    ]
                }
                for dtype in dtypes  # the numbers of float64 need more bits than float32 has
            ]
            weights = [weight for group in groups for weight in group["params"]]
            names = ("momentum", "dampening", "weight_decay", "nesterov", "maximize")
            settings = dict(
                zip(names, (momentum, dampening, decay, nesterov, maximize), strict=True)
            )
            if maximize:  # as settings of each group
                optimizer = optim.SGD([{**group, **settings} for group in groups], 2, **how)
            else:
                optimizer = optim.SGD(groups, 2, **settings, **how)
            expected = [(as_array(weight), 0) for weight in weights]

            for step, gradient in enumerate((1, -2, 3)):  # exact in eight bits
                for weight in weights:
                    weight.grad = torch.full_like(weight, gradient)
                optimizer.step()

                for i, (w, v) in enumerate(expected):
                    g = (-gradient if maximize else gradient) + decay * w
                    v = momentum * v + (1 - dampening) * g if step else g
                    w = w - 2 * (g + momentum * v if nesterov else v if momentum else g)
                    expected[i] = w, v
            for weight, (w, _) in zip(weights, expected, strict=True):
                assert same_values(weight, w)

    @claim("2.4.5")
    @since("2.4")
    @before("2.14")
    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
    def test_fused_left_most_of_half_precision_as_it_was_before(self, dtype):
        # https://github.com/pytorch/pytorch/issues/191763
        weight = nn.Parameter(torch.zeros(4097, dtype=dtype))
        weight.grad = torch.ones_like(weight)

        optim.SGD([weight], lr=1, fused=True).step()

        assert weight[:4096].count_nonzero() == 0
        assert weight[4096] == -1

    @claim("2.4.5")
    @since("2.4")
    def test_fused_takes_a_parameter_with_gaps_for_one_without(self):
        weight = nn.Parameter(torch.zeros(4, 6)[:, ::2])
        weight.grad = torch.ones_like(weight)

        optim.SGD([weight], lr=1, fused=True).step()

        assert weight.tolist() == [[-1.0] * 3] * 2 + [[0.0] * 3] * 2

    @claim("2.4.1")
    def test_step_calls_a_closure_before_it_moves_and_returns_its_loss(self, device):
        for name, make in EVERY.items():
            weight = nn.Parameter(torch.ones(2, device=device))
            optimizer = make([weight])

            def closure(weight=weight, optimizer=optimizer):
                optimizer.zero_grad()
                loss = weight.sum()
                with suppress(RuntimeError):  # after which the weight stays
                    loss.backward()
                return loss

            for mode in (torch.no_grad, torch.enable_grad):
                for args, named in (((closure,), {}), ((), {"closure": closure})):
                    before = as_array(weight)
                    with mode():
                        loss = optimizer.step(*args, **named)

                    assert loss is not None, name
                    assert loss.item() == before.sum(), name  # of the weight as it was
                    moved = as_array(weight) - before
                    assert ((moved > 0) if name in UP else (moved < 0)).all(), name
            assert optimizer.step() is None, name

    @claim("2.4.1")
    def test_a_step_runs_under_no_grad(self):
        class Group(dict):
            def __getitem__(self, name: str) -> object:
                modes.append(torch.is_grad_enabled())
                return super().__getitem__(name)

        for name, make in EVERY.items():
            weight, modes = parameter(), []
            optimizer = make([weight])
            weight.grad = torch.ones_like(weight)
            optimizer.param_groups = [Group(it) for it in optimizer.param_groups]

            optimizer.step()

            assert set(modes) == {False}, name

        weight, modes = parameter() * 1, []
        optimizer = optim.SGD([weight], lr=0.5, differentiable=True)
        weight.grad = torch.ones(2)
        optimizer.param_groups = [Group(it) for it in optimizer.param_groups]
        optimizer.step()
        assert set(modes) == {True}


class TestParamGroups:
    """Optimizer.param_groups: settings and parameters."""

    @claim("2.4.2")
    def test_param_groups_for_the_rate_of_the_article(self):
        net = Net()
        optimizer = optim.SGD(net.parameters(), lr=1e-3)

        assert optimizer.param_groups[0]["lr"] == 1e-3
        assert optimizer.param_groups[0]["params"][0] is net.conv1.weight

    @claim("2.4.2")
    @given(rate=st.floats(1e-6, 10), momentum=st.floats(0.1, 0.99), decay=st.floats(0.1, 1))
    def test_param_groups_is_a_list_of_one_dict_with_every_setting(self, rate, momentum, decay):
        optimizer = optim.SGD(
            Net().parameters(), lr=rate, momentum=momentum, weight_decay=decay, nesterov=True
        )

        assert type(optimizer.param_groups) is list
        assert len(optimizer.param_groups) == 1
        group = optimizer.param_groups[0]
        assert type(group) is dict
        given = {"lr": rate, "momentum": momentum, "weight_decay": decay, "nesterov": True}
        assert {name: group[name] for name in group if name != "params"} == {
            **DEFAULTS[optim.SGD],
            **given,
        }

    @claim("2.4.2")
    @pytest.mark.parametrize("kind", DEFAULTS)
    def test_every_setting_is_in_param_groups_and_each_group_may_have_its_own(self, kind):
        defaults = {"lr": 0.5} | {
            name: default
            for name, default in DEFAULTS[kind].items()
            if type(default) in (int, float, tuple, bool)
            and name not in ("lr", "foreach", "fused", "capturable", "differentiable")
        }
        given = {
            name: {int: 0.5, float: 0.25, tuple: (0.5, 0.75), bool: name != "nesterov"}[type(it)]
            for name, it in defaults.items()
        }

        def groups(*settings):
            return [{"params": [parameter()], **own} for own in settings]

        by_name, by_position = dict(given), []
        for name in itertools.takewhile(by_name.__contains__, BY_POSITION[kind]):
            by_position.append(by_name.pop(name))
        for optimizer in (
            kind(groups(given, given, given), lr=0.5),
            kind(groups({}, {}, {}), **given),
            kind(groups({}, {}, {}), *by_position, **by_name),
            kind(params=groups({}, {}, {}), **given),
        ):
            for group in optimizer.param_groups:
                assert given.items() <= group.items()
        first, second, third = kind(groups({}, given, {}), lr=0.5).param_groups
        assert defaults.items() <= first.items()
        assert given.items() <= second.items()
        assert defaults.items() <= third.items()

    @claim("2.4.2")
    def test_param_groups_holds_the_parameters_themselves_in_order(self):
        nets = (Net(), deep_net(), nn.Linear(100, 3), nn.ParameterList(some_ones()))
        for make in EVERY.values():
            for net in nets:
                optimizer = make(net.parameters())

                (group,) = optimizer.param_groups

                assert type(optimizer.param_groups) is list
                assert group["lr"] == 0.5
                assert [id(p) for p in group["params"]] == [id(p) for p in net.parameters()]

    @claim("2.4.2")
    def test_a_printed_optimizer_shows_the_settings_of_every_group_and_no_parameters(self):
        for make in EVERY.values():
            optimizer = make([{"params": [parameter()]}, {"params": [parameter()], "lr": 0.125}])
            optimizer.param_groups[0]["lr"] = 0.75

            texts = str(optimizer).split("Parameter Group")[1:]

            for text, group in zip(texts, optimizer.param_groups, strict=True):
                shown = {f"{name}: {it}" for name, it in group.items() if name != "params"}
                assert {line.strip() for line in text.splitlines()[1:]} - {"", ")"} == shown

    @claim("2.4.2")
    def test_a_rate_set_in_any_group_counts_from_the_next_step(self, device):
        for name in HEED_A_RATE:
            weights = [nn.Parameter(torch.ones(2, 3, device=device)) for _ in range(3)]
            optimizer = EVERY[name]([{"params": [weight]} for weight in weights])

            for still in (0, 1, 2, None, 0):  # so that each rate changes twice
                for position, group in enumerate(optimizer.param_groups):
                    group["lr"] = 0.0 if position == still else 0.25
                before = [as_array(weight) for weight in weights]
                for weight in weights:
                    weight.grad = torch.ones_like(weight)
                optimizer.step()

                for position, (weight, value) in enumerate(zip(weights, before, strict=True)):
                    moved = (as_array(weight) - value) * (1 if name in UP else -1)
                    assert (moved == 0).all() == (position == still)
                    assert (moved > 0).all() == (position != still)

    @claim("2.4.2")
    def test_with_asgd_it_counts_from_the_step_after_and_with_rprop_no_more(self, device):
        for make, moves in ((optim.ASGD, [True, True, False]), (optim.Rprop, [True] * 3)):
            weight = nn.Parameter(torch.ones(2, device=device))
            weight.grad = torch.ones_like(weight)
            optimizer = make([weight], lr=0.5)
            optimizer.param_groups[0]["lr"] = 0.0
            optimizer.step()
            assert (weight > 1 - 1e-5).all()  # it counts before the first step

            optimizer = make([weight], lr=0.5)
            for moved in moves:
                before = as_array(weight)
                weight.grad = torch.ones_like(weight)
                optimizer.step()
                assert (as_array(weight) != before).all() == moved
                optimizer.param_groups[0]["lr"] = 0.0

    @claim("2.4.2")
    @given(rates=st.lists(st.none() | RATES, min_size=2, max_size=4))
    def test_param_groups_has_a_dict_for_each_group_given(self, rates):
        layers = [nn.Linear(2, 2) for _ in rates]
        groups = [
            {"params": layer.parameters(), **({} if rate is None else {"lr": rate})}
            for layer, rate in zip(layers, rates, strict=True)
        ]

        optimizer = optim.SGD(groups, lr=99.0)

        expected = [99.0 if rate is None else rate for rate in rates]
        assert [group["lr"] for group in optimizer.param_groups] == expected
        for group, layer in zip(optimizer.param_groups, layers, strict=True):
            assert [id(p) for p in group["params"]] == [id(p) for p in layer.parameters()]

        with pytest.raises(ValueError, match="LBFGS doesn't support per-parameter options"):
            optim.LBFGS([{"params": it["params"]} for it in optimizer.param_groups])

    @claim("2.4.2")
    def test_a_group_of_one_parameter_in_no_list_takes_the_settings_as_well(self):
        for make in EVERY.values():
            listed, given, added = (nn.Parameter(torch.ones(2)) for _ in range(3))
            optimizer = make([{"params": [listed]}, {"params": given}])
            optimizer.add_param_group({"params": added})

            groups = [dict(group) for group in optimizer.param_groups]
            held = [id(it) for group in groups for it in group.pop("params")]
            assert held == [id(listed), id(given), id(added)]
            assert groups == [groups[0]] * 3

    @claim("2.4.2")
    @given(rates=st.lists(RATES, min_size=2, max_size=4), weight=tensors(EXACT, small=True))
    def test_each_group_takes_its_own_learning_rate(self, rates, weight, device):
        expected = as_array(weight)
        weights = [nn.Parameter(weight.to(device, copy=True)) for _ in rates]
        optimizer = optim.SGD([{"params": [weights[0]], "lr": rates[0]}], lr=99.0)
        for weight, rate in zip(weights[1:], rates[1:], strict=True):
            optimizer.add_param_group({"params": [weight], "lr": rate})

        sum(weight.sum() for weight in weights).backward()
        optimizer.step()

        for weight, rate in zip(weights, rates, strict=True):
            assert same_values(weight, expected - rate)

    @claim("2.4.2")
    @pytest.mark.parametrize("own", [{}, {"weight_decay": 0}], ids=str)
    def test_weight_decay_counts_for_biases_too_unless_their_group_has_none(self, own, device):
        for layer in (
            *(nn.Linear(2, 2), nn.Linear(100, 300), nn.Conv2d(2, 3, 2)),
            *(nn.BatchNorm1d(5), nn.LayerNorm(5)),
        ):
            for dtype in FLOATS:
                layer.to(device, dtype)
                for parameter in layer.parameters():
                    nn.init.ones_(parameter)
                    parameter.grad = torch.ones_like(parameter)
                groups = [{"params": [layer.weight]}, {"params": [layer.bias], **own}]

                optim.SGD(groups if own else layer.parameters(), lr=1.0, weight_decay=0.5).step()

                assert same_values(layer.weight, np.full(layer.weight.shape, -0.5))
                assert same_values(layer.bias, np.full(layer.bias.shape, 0.0 if own else -0.5))

    @claim("2.4.2")
    def test_a_negative_rate_and_other_settings_out_of_range_are_refused(self):
        for name in ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"]:
            for rate in (-0.5, -1, -1e-9):
                with pytest.raises(ValueError, match="Invalid learning rate"):
                    getattr(optim, name)([nn.Parameter(torch.ones(1))], lr=rate)
                with pytest.raises(ValueError, match="Invalid learning rate"):
                    getattr(optim, name)([{"params": [nn.Parameter(torch.ones(2, 3))]}], rate)

            settings = {"momentum": -1, "betas": (1.0, 0.9), "lr_decay": -1.0, "alpha": -0.1}
            has = {"SGD": ["momentum"], "RMSprop": ["momentum", "alpha"], "Adagrad": ["lr_decay"]}
            for setting in ("weight_decay", *has.get(name, ["betas"])):
                value = settings.get(setting, -0.1)
                with pytest.raises(ValueError, match=r"Invalid .* (value|parameter at index 0)"):
                    getattr(optim, name)([nn.Parameter(torch.ones(1))], lr=0.1, **{setting: value})

            group = {"params": [nn.Parameter(torch.ones(1))], "lr": -0.5}
            assert getattr(optim, name)([group], lr=0.5).param_groups[0]["lr"] == -0.5

    @claim("2.4.2")
    @given(weight=tensors(EXACT, small=True), rates=st.lists(RATES, min_size=2, max_size=3))
    def test_a_learning_rate_set_in_param_groups_counts_from_the_next_step(
        self, weight, rates, device
    ):
        expected = as_array(weight)
        weight = nn.Parameter(weight.to(device))
        optimizer = optim.SGD([weight], lr=99.0)
        weight.grad = torch.ones_like(weight)

        for rate in rates:
            optimizer.param_groups[0]["lr"] = rate
            optimizer.step()

            expected = expected - rate
            assert same_values(weight, expected)

    @claim("2.4.2")
    def test_a_weight_decay_set_in_param_groups_counts_from_the_next_step(self, device):
        for kind in (
            *(optim.SGD, optim.AdamW, optim.Adam, optim.RMSprop, optim.Adagrad),
            *(optim.Adadelta, optim.Adamax, optim.NAdam, optim.RAdam, optim.ASGD),
        ):
            weights = [
                nn.Parameter(torch.full((2, 3), 4.0, device=device, dtype=dtype))
                for dtype in (*FLOATS[:2], torch.float32, torch.float32)
            ]
            optimizer = kind([{"params": [it]} for it in weights], lr=0.25, weight_decay=0.0)
            for weight in weights:
                weight.grad = torch.zeros_like(weight)

            for decays in ((0.0,) * 4, (0.5, 0.0, 0.0, 0.5), (1.0, 0.5, 0.0, 0.5)):
                before = [as_array(weight) for weight in weights]
                for group, decay in zip(optimizer.param_groups, decays, strict=True):
                    group["weight_decay"] = decay
                optimizer.step()

                for weight, value, decay in zip(weights, before, decays, strict=True):
                    if kind in (optim.SGD, optim.AdamW):
                        assert same_values(weight, value * (1 - 0.25 * decay))
                    assert (as_array(weight) < value - 1e-4).all() == (decay > 0)


class TestWhatAnOptimizerRefuses:
    """Tensors that were computed, no parameters, a parameter in two groups."""

    @claim("2.4.6")
    def test_an_optimizer_refuses_a_tensor_that_was_computed(self, device):
        computations = itertools.cycle(
            [
                *(lambda x: x * 0.01, lambda x: x.to(torch.float64, copy=True)),
                *(lambda x: x.clone(), lambda x: x.reshape(-1, 1), lambda x: x[..., None]),
            ]
        )
        for x, compute in zip((*some_ones(), torch.ones(2, 0)), computations, strict=False):
            x = x.to(device).requires_grad_()
            computed = compute(x)
            assert not computed.is_leaf
            for wrong in ([computed], [x, computed], [{"params": computed}]):
                for make in EVERY.values():
                    with pytest.raises(ValueError, match="non-leaf"):  # pytorch#4957
                        make(wrong)

    @claim("2.4.6")
    def test_an_optimizer_refuses_what_a_leaf_became_on_another_device(self, accelerator):
        moved = torch.ones(2, requires_grad=True).to(accelerator)

        with pytest.raises(ValueError, match="non-leaf"):
            optim.SGD([moved], lr=0.5)

    @claim("2.4.6")
    def test_what_to_returns_unchanged_is_a_leaf_still(self, device):
        x = torch.ones(2, device=device, requires_grad=True)

        assert x.to(torch.float32) is x
        assert optim.SGD([x.to(device)], lr=0.5).param_groups[0]["params"][0] is x

    @claim("2.4.6")
    def test_an_optimizer_takes_a_tensor_without_grad_and_moves_it_by_its_grad_alone(self, device):
        for make in EVERY.values():
            weight, plain = nn.Parameter(torch.ones(2, device=device)), [*some_ones()]
            optimizer = make([weight, *plain])
            assert optimizer.param_groups[0]["params"][-1] is plain[-1]

            for _ in range(2):
                weight.sum().backward()
                optimizer.step()

            assert all((as_array(x) == 1).all() for x in plain)
            for x in plain[::3]:
                x.grad = torch.ones_like(x)
            optimizer.step()
            assert all((x != 1).all() for x in plain[::3])

    @claim("2.4.6")
    def test_it_takes_a_result_that_retains_its_grad_and_any_if_it_is_differentiable(self, device):
        weight = nn.Parameter(torch.ones(2, device=device))
        retained, computed = 2 * weight, 2 * weight
        retained.retain_grad()
        with torch.no_grad():
            view = weight[:1]

        for make in (optim.SGD, optim.Adam, optim.RMSprop):
            for taken, settings in (
                (retained, {}),
                (view, {}),
                (computed, {"differentiable": True}),
            ):
                optimizer = None
                with suppress(ValueError):
                    optimizer = make([taken], lr=0.5, **settings)
                assert optimizer is not None

    @claim("2.4.6")
    def test_an_optimizer_moves_a_frozen_tensor_once_it_requires_grad_again(self, device):
        for name, make in EVERY.items():
            frozen = [x.to(device).requires_grad_(False) for x in some_ones()]
            optimizer = make(frozen)
            optimizer.step()
            assert all((as_array(x) == 1).all() for x in frozen)

            for x in frozen:
                x.requires_grad_()
            sum((x * x).sum() for x in frozen).backward()
            optimizer.step()

            assert all(((x > 1) if name in UP else (x < 1)).all() for x in frozen), name

    @claim("2.4.6")
    def test_an_optimizer_refuses_an_empty_list(self):
        for make in EVERY.values():
            with pytest.raises(ValueError, match="empty parameter list"):
                make(nn.ReLU().parameters())

    @claim("2.4.6")
    def test_an_optimizer_refuses_what_is_no_tensor(self):
        for make in EVERY.values():
            for wrong in ([1.0], [[parameter()]], ["weight"], [parameter(), np.ones(2)]):
                with pytest.raises(TypeError, match="can only optimize Tensors"):
                    make(wrong)
            for alone in (parameter(), torch.ones(2)):
                with pytest.raises(TypeError, match="should be an iterable of Tensors or dicts"):
                    make(alone)

    @claim("2.4.6")
    @pytest.mark.parametrize("name", ["SGD", "Adam"])
    def test_an_optimizer_refuses_the_net_itself(self, name):
        for net in (nn.Linear(3, 2), Net(), nn.Conv2d(1, 2, 3).double()):
            with pytest.raises(TypeError, match=f"'{type(net).__name__}' object is not iterable"):
                OPTIMIZERS[name](net)
        for net in (deep_net(), nn.ModuleList([Net()]), [nn.Linear(3, 2)]):
            with pytest.raises(TypeError, match="can only optimize Tensors"):
                OPTIMIZERS[name](net)
        weights = nn.ParameterList([parameter()])
        assert OPTIMIZERS[name](weights).param_groups[0]["params"][0] is weights[0]

    @claim("2.4.6")
    def test_an_optimizer_refuses_a_parameter_in_two_groups(self):
        for make in EVERY.values():
            for weight in (
                parameter(),
                nn.Parameter(torch.ones(2, 3, 1, 65, dtype=torch.bfloat16)),
            ):
                other, last = {"params": [parameter()]}, {"params": [parameter(), weight]}

                with pytest.raises(ValueError, match="more than one parameter group"):
                    make([{"params": weight}, other, last])
                optimizer = make([{"params": iter([weight])}, other])
                with pytest.raises(ValueError, match="more than one parameter group"):
                    optimizer.add_param_group(last)
                assert len(optimizer.param_groups) == 2

    @claim("2.4.6")
    def test_an_optimizer_warns_of_a_parameter_twice_in_a_list_and_moves_it_twice(self, device):
        for weight in some_ones():
            weight, other = weight.to(device).requires_grad_(), parameter()
            for count, twice in enumerate(
                ([weight, weight], [other, weight, weight], [{"params": [weight, other, weight]}]),
                1,
            ):
                with pytest.warns(UserWarning, match="duplicate parameters"):
                    optimizer = optim.SGD(twice, lr=2.0)
                weight.grad = torch.ones_like(weight)
                optimizer.step()

                assert same_values(weight, np.full(weight.shape, 1.0 - 4 * count))


class TestZeroGrad:
    """Optimizer.zero_grad: the end of adding gradients."""

    @claim("2.4.4")
    @given(weight=tensors(EXACT, small=True), passes=st.integers(1, 3))
    def test_gradients_add_up_until_zero_grad(self, weight, passes, device):
        weight = nn.Parameter(weight.to(device))
        optimizer = optim.SGD([weight], lr=0.5)

        for _ in range(2):
            for count in range(1, passes + 1):
                (2 * weight).sum().backward()
                assert same_values(weight.grad, np.full(weight.shape, 2.0 * count))
            optimizer.zero_grad()

    @claim("2.4.4")
    @given(rows=tensors(EXACT, ((8, 1), (8, 3)), small=True), target=st.integers(-3, 3))
    def test_mean_losses_divided_by_their_number_add_up_to_the_gradient_of_the_whole(
        self, rows, target, device
    ):
        expected = -2 * target * as_array(rows).mean(axis=0)  # at a weight of 0

        for parts in (1, 2, 4, 8):
            weight = nn.Parameter(torch.zeros_like(rows[0], device=device))
            for part in rows.to(device).chunk(parts):
                (((part * weight).sum(1) - target).square().mean() / parts).backward()
            assert same_values(weight.grad, expected)

    @claim("2.4.4")
    @since("2.0")
    def test_zero_grad_leaves_none(self, device):
        weights = [nn.Parameter(x.to(device)) for x in every_kind(FLOATS + COMPLEX, LAYOUTS)]
        for make in EVERY.values():
            for weight in weights:
                weight.grad = torch.ones_like(weight)

            make(weights).zero_grad()

            assert all(weight.grad is None for weight in weights)

    @claim("2.4.4")
    @before("2.0")
    def test_zero_grad_leaves_zeros(self, device):
        weight = nn.Parameter(torch.ones(2, device=device))
        weight.sum().backward()

        optim.SGD([weight], lr=0.5).zero_grad()

        assert weight.grad.tolist() == [0.0, 0.0]

    @claim("2.4.4")
    def test_set_to_none_chooses_between_none_and_zeros(self, device):
        weights = [nn.Parameter(x.to(device)) for x in ones()]
        *parts, added = (weights[:9], weights[9:15], weights[15:])
        optimizer = optim.SGD([{"params": part} for part in parts], lr=0.5)
        optimizer.add_param_group({"params": added})

        for _ in range(3):
            for clear in (
                lambda: optimizer.zero_grad(set_to_none=False),
                lambda: optimizer.zero_grad(False),
            ):
                sum(weight.sum() for weight in weights).backward()
                clear()
                assert all(same_values(it.grad, np.zeros(it.shape)) for it in weights)

            optimizer.zero_grad(set_to_none=True)
            assert all(weight.grad is None for weight in weights)
            sum(weight.sum() for weight in weights).backward()
            optimizer.zero_grad(True)
            assert all(weight.grad is None for weight in weights)

    @claim("2.4.4")
    def test_it_may_stand_anywhere_but_between_backward_and_step(self, device):
        def compute(weight, losses):
            losses.append(2 * weight.sum())

        def walk(losses):
            losses.pop().backward()

        for place, expected in enumerate((-3.0, -3.0, 3.0, -3.0)):
            weight, losses = nn.Parameter(torch.full((2,), 3.0, device=device)), []
            optimizer = optim.SGD([weight], lr=1.0)
            steps = [partial(compute, weight, losses), partial(walk, losses), optimizer.step]
            steps.insert(place, optimizer.zero_grad)

            for step in 3 * steps:
                step()

            assert same_values(weight, np.full(2, expected)), place

    @claim("2.4.4")
    def test_zero_grad_clears_the_gradients_of_its_own_parameters_alone(self, device):
        first, other, *many = (nn.Parameter(torch.ones(2, device=device)) for _ in range(102))
        listed, named = (
            nn.ParameterList(many),
            nn.ParameterDict({f"w{i}": it for i, it in enumerate(many)}),
        )
        for own in (
            [{"params": [first]}, {"params": many}],
            [{"params": first}, {"params": listed}],
            [first, *named.values()],
            nn.ParameterList([first, *many]),
            iter(nn.ModuleList([nn.ParameterList([first]), listed, listed]).parameters()),
            [first],
        ):
            optimizer = optim.SGD(own, lr=0.5)
            if own == [first]:
                optimizer.add_param_group({"params": many})
            for _ in range(2):
                for it in (first, *many, other):
                    it.grad = torch.ones_like(it)

                optimizer.zero_grad(set_to_none=True)

                assert all(it.grad is None for it in (first, *many))
                assert other.grad is not None
                assert other.grad.tolist() == [1.0, 1.0]

    @claim("2.4.4")
    def test_zero_grad_of_a_net_clears_every_parameter_within_frozen_ones_too(self, device):
        listed, named = ([nn.Parameter(x) for x in some_ones()] for _ in range(2))
        held = nn.ParameterDict({str(i): it for i, it in enumerate(named)})
        net = nn.ModuleList([deep_net(), nn.ParameterList(listed), nn.ModuleDict({"a": held})])
        net, other = HOLDERS[-1](net).to(device), nn.Linear(2, 2).to(device)
        parameters = [*net.parameters(), *other.parameters()]
        for it in (parameters[0], listed[0], named[-1]):
            it.requires_grad_(False)

        for clear, cleared in [
            (lambda: net.zero_grad(set_to_none=True), None),
            (lambda: net.zero_grad(True), None),
            (lambda: net.zero_grad(set_to_none=False), 0),
            (lambda: net.zero_grad(False), 0),
            (net.zero_grad, None if RELEASE >= (2, 0) else 0),
        ]:
            for it in parameters:
                it.grad = torch.ones_like(it)
            clear()
            for it in net.parameters():
                assert (it.grad is None) is (cleared is None)
                assert it.grad is None or not as_array(it.grad).any()
            assert all(as_array(it.grad).all() for it in other.parameters())

    @claim("2.4.4")
    def test_a_first_gradient_of_zero_moves_a_parameter_where_there_is_decay_alone(self, device):
        for make, moves in (
            (partial(optim.SGD, momentum=0.5), False),
            (partial(optim.SGD, weight_decay=0.5), True),
            (partial(optim.SGD, momentum=0.5, weight_decay=0.5), True),
            (optim.Adam, False),
            (partial(optim.Adam, weight_decay=0.5), True),
            (optim.AdamW, True),
        ):
            weights = [x.to(device).requires_grad_() for x in ones(EXACT)]
            for weight in weights:
                weight.grad = torch.zeros_like(weight)
            make(weights, lr=0.5).step()

            assert {bool((weight == 1).all()) for weight in weights} == {not moves}, make


class TestStateDict:
    """Optimizer.state_dict and load_state_dict: going on later."""

    @claim("2.4.7")
    def test_an_optimizer_that_loads_a_state_goes_on_exactly_as_the_other(self, device):
        for turn, name in enumerate(EVERY):
            exact = (torch.float32,) if name == "NAdam" else COMPUTING_FLOATS
            weights = [[nn.Parameter(x.to(device)) for x in one_of_each(exact)] for _ in range(2)]
            for held in weights:
                held.append(nn.Parameter(torch.arange(6.0, device=device).reshape(2, 3).T))
            first, second = (
                EVERY[name]([{"params": part} for part in (its[:2], its[2:5], its[5:])])
                for its in weights
            )
            for position, group in enumerate(first.param_groups):
                group["lr"] = 0.25 + position / 4

            def step(optimizer, weights, scale=1):
                for weight in weights:
                    weight.grad = scale * (weight.detach() + 1)
                optimizer.step()

            step(first, weights[0], scale=64)  # which amsgrad remembers
            for _ in range(1 + turn % 2):
                step(first, weights[0])
                for mine, its in zip(*weights, strict=True):
                    its.data.copy_(mine)
                second.load_state_dict(state_dict=copy.deepcopy(first.state_dict()))
                step(first, weights[0])
                step(second, weights[1])

                assert [group["lr"] for group in second.param_groups] == [0.25, 0.5, 0.75], name
                assert second.param_groups[0]["params"][0] is weights[1][0]
                assert all(map(same_bits, *weights)), name

    @claim("2.4.7")
    def test_it_loads_the_buffers_of_every_parameter_and_the_rate_of_every_group(self, device):
        weights, moved = ([nn.Parameter(torch.ones(2, device=device)) for _ in "123"] for _ in "12")
        first, second = (
            optim.SGD([{"params": its[:2]}, {"params": its[2:], "lr": lr / 2}], lr=lr, momentum=0.5)
            for its, lr in ((weights, 0.5), (moved, 0.125))
        )
        for it, gradient in zip((*weights, *moved), (1.0, 2.0, 3.0) * 2, strict=True):
            it.grad = torch.full_like(it, gradient)
        first.step()

        second.load_state_dict(copy.deepcopy(first.state_dict()))
        second.step()

        assert [group["lr"] for group in second.param_groups] == [0.5, 0.25]
        # 1 - rate * (0.5 * gradient + gradient)
        assert [it.tolist() for it in moved] == [[0.25] * 2, [-0.5] * 2, [-0.125] * 2]

    @claim("2.4.7")
    def test_the_buffers_take_the_dtype_and_device_of_its_own_parameters(self):
        for name in ("SGD with momentum", "Adam", "centered RMSprop", "Adagrad"):
            weights = [nn.Parameter(x) for x in some_ones()]
            first = OPTIMIZERS[name](weights)
            for weight in weights:
                weight.grad = torch.ones_like(weight)
            first.step()

            for dtype, to in (*((dtype, "cpu") for dtype in FLOATS), (torch.float64, "meta")):
                moved = [
                    nn.Parameter(torch.ones(it.shape, dtype=dtype, device=to)) for it in weights
                ]
                second = OPTIMIZERS[name](moved)

                second.load_state_dict(first.state_dict())

                for mine, theirs in zip(moved, weights, strict=True):
                    for key in first.state[theirs].keys() - {"step"}:
                        assert second.state[mine][key].dtype is dtype
                        assert second.state[mine][key].device.type == to
                        assert first.state[theirs][key].dtype is theirs.dtype

    @claim("2.4.7")
    @since("2.1")
    def test_both_optimizers_then_share_their_buffers(self, device):
        assert self.share_buffers(device, lambda state: state)

    @claim("2.4.7")
    @before("2.1")
    def test_both_optimizers_then_have_buffers_of_their_own(self, device):
        assert not self.share_buffers(device, lambda state: state)

    @claim("2.4.7")
    def test_after_a_deep_copy_each_optimizer_has_buffers_of_its_own(self, device):
        assert not self.share_buffers(device, copy.deepcopy)

    def share_buffers(self, device, prepare) -> bool:
        """Whether the buffers of two optimizers, of which one loads the other's, share memory."""
        weights = [nn.Parameter(torch.ones(2, device=device)) for _ in range(2)]
        first, second = (optim.SGD([weight], lr=0.5, momentum=0.5) for weight in weights)
        weights[0].grad = torch.ones(2, device=device)
        first.step()
        second.load_state_dict(prepare(first.state_dict()))

        mine = second.state[weights[1]]["momentum_buffer"]
        return share_memory(mine, first.state[weights[0]]["momentum_buffer"])

    @claim("2.4.7")
    def test_an_optimizer_refuses_the_state_of_one_with_another_number_of_parameters(self):
        for make in EVERY.values():
            for count, other in ((2, 1), (1, 2)):
                state = make([parameter() for _ in range(count)]).state_dict()

                with pytest.raises(ValueError, match="doesn't match the size"):
                    make([parameter() for _ in range(other)]).load_state_dict(state)
                groups = [
                    {"params": [parameter()]},
                    {"params": [parameter() for _ in range(other)]},
                ]
                state["param_groups"].insert(0, state["param_groups"][0] | {"params": [0]})
                with pytest.raises(ValueError, match="doesn't match the size"):
                    make(groups).load_state_dict(state)

    @claim("2.4.7")
    def test_an_optimizer_refuses_the_state_of_one_with_another_number_of_groups(self):
        for make in EVERY.values():
            for count, other in ((2, 1), (1, 2), (3, 2)):
                theirs, mine = (
                    make([{"params": [parameter()]} for _ in range(groups)])
                    for groups in (count, other)
                )

                with pytest.raises(ValueError, match="different number of parameter groups"):
                    mine.load_state_dict(theirs.state_dict())

    @claim("2.4.7")
    def test_a_state_of_other_shapes_is_loaded_and_refused_in_step(self):
        for name in KEEP_ONE_OF_EACH_SHAPE:
            for one, other in (
                *(([(2,)], [(3,)]), ([(3,)], [(1,)]), ([(2, 3)], [(3,)])),
                ([(2, 2), (3,)], [(3,), (2, 2)]),
            ):
                weights = [[nn.Parameter(torch.ones(it)) for it in its] for its in (one, other)]
                first, second = map(EVERY[name], weights)
                for weight in itertools.chain(*weights):
                    weight.grad = torch.ones_like(weight)
                first.step()

                second.load_state_dict(first.state_dict())

                with pytest.raises(RuntimeError, match=r"size|shape|same number of dim"):
                    second.step()

    @claim("2.4.7")
    def test_an_optimizer_cannot_go_on_from_the_state_of_another_class(self):
        for pair in itertools.permutations(("SGD", "RMSprop", "Adagrad", "Adam"), 2):
            for steps in (0, 2):
                with pytest.raises(KeyError):
                    self.go_on(*pair, steps)

    @claim("2.4.7")
    def test_adam_and_adamax_cannot_go_on_from_one_another_after_a_step(self):
        for pair, steps in itertools.product((("Adam", "Adamax"), ("Adamax", "Adam")), (1, 2)):
            with pytest.raises(KeyError, match="exp_"):
                self.go_on(*pair, steps)

    @claim("2.4.7")
    def test_a_loaded_capturable_refuses_to_step_on_the_cpu(self):
        for name in ("Adam", "AdamW"):
            first, second = (getattr(optim, name)([parameter()]) for _ in range(2))
            first.param_groups[0]["capturable"] = True

            second.load_state_dict(first.state_dict())

            (weight,) = second.param_groups[0]["params"]
            weight.grad = torch.ones_like(weight)
            with pytest.raises(AssertionError, match="If capturable=True"):
                second.step()
            second.param_groups[0]["capturable"] = False
            second.step()
            assert (weight < 1).all()

    def go_on(self, one: str, other: str, steps: int) -> None:
        weight = parameter()
        weight.grad = torch.ones_like(weight)
        first, second = ((OPTIMIZERS | FEWER_USE)[name]([weight]) for name in (one, other))
        for _ in range(steps):
            first.step()
        second.load_state_dict(first.state_dict())
        second.step()


class TestResuming:
    """Going on in another process: what must be saved."""

    #: Optimizers, each with another scheduler.
    TRAINED_BY = (
        (OPTIMIZERS["SGD with momentum"], lambda it: optim.lr_scheduler.StepLR(it, 3)),
        (OPTIMIZERS["Adam"], lambda it: optim.lr_scheduler.LambdaLR(it, lambda n: 1 / (1 + n))),
    )

    def made(self, make, schedule):
        """A net that no other is like, and what trains it."""
        net = nn.Sequential(nn.Linear(2, 64), nn.BatchNorm1d(64), nn.Dropout(), nn.Linear(64, 2))
        optimizer = make(net.parameters())
        return net, optimizer, schedule(optimizer)

    def trained(self, net, optimizer, scheduler):
        """The net after two steps."""
        for _ in range(2):
            optimizer.zero_grad()
            net(torch.tensor([[1.0, 2.0], [3.0, -4.0]])).square().sum().backward()
            optimizer.step()
            scheduler.step()
        return net

    @claim("2.4.11")
    def test_training_goes_on_exactly_only_from_the_states_of_all_of_its_parts(self):
        for kinds in self.TRAINED_BY:
            parts = self.made(*kinds)
            self.trained(*parts)
            names = ("net", "optimizer", "scheduler")
            checkpoint = {name: it.state_dict() for name, it in zip(names, parts, strict=True)}
            file = io.BytesIO()
            torch.save({**checkpoint, "random": torch.get_rng_state()}, file)
            expected = self.trained(*parts)
            file.seek(0)
            saved = torch.load(file, weights_only=RELEASE >= (2, 4))

            for lacking in ("nothing", *names, "random"):
                others = self.made(*kinds)
                if lacking != "random":
                    torch.set_rng_state(saved["random"])
                for name, it in zip(names, others, strict=True):
                    if name != lacking:
                        it.load_state_dict(copy.deepcopy(saved[name]))
                found = self.trained(*others)

                goes_on = all(map(same_bits, found.parameters(), expected.parameters()))
                assert goes_on == (lacking == "nothing"), lacking

    @claim("2.4.11")
    def test_a_net_saved_as_a_whole_or_as_a_state_holds_no_optimizer(self):
        for kinds in self.TRAINED_BY:
            sizes = []
            for steps in (0, 2):
                net, optimizer, scheduler = self.made(*kinds)
                for _ in range(steps):
                    self.trained(net, optimizer, scheduler)
                for what in (net, net.state_dict()):
                    file = io.BytesIO()
                    torch.save(what, file)
                    sizes.append(file.tell())
            assert sizes[:2] == sizes[2:]

    @claim("2.4.11")
    def test_an_optimizer_refuses_a_state_that_is_not_one_and_step_lr_takes_it(self):
        net = nn.Linear(2, 2)
        for make in EVERY.values():
            optimizer = make(net.parameters())
            scheduler = optim.lr_scheduler.StepLR(optimizer, 3)
            whole = {"net": net.state_dict(), "optimizer": optimizer.state_dict()}

            for other in (whole, net.state_dict(), scheduler.state_dict()):
                with pytest.raises(KeyError, match="param_groups"):
                    optimizer.load_state_dict(other)
                scheduler.load_state_dict(dict(other))
                assert scheduler.step_size == 3

    @claim("2.4.11")
    def test_a_new_learning_rate_counts_only_if_it_is_set_after_loading(self):
        for name in HEED_A_RATE:
            weights = [parameter() for _ in range(4)]
            first, *others = (EVERY[name]([weight]) for weight in weights)
            for weight in weights:
                weight.grad = torch.ones_like(weight)
            first.step()
            for weight, other in zip(weights[1:], others, strict=True):
                weight.data.copy_(weights[0])
                if other is others[0]:
                    other.param_groups[0]["lr"] = 64.0
                other.load_state_dict(copy.deepcopy(first.state_dict()))
                if other is others[1]:
                    other.param_groups[0]["lr"] = 64.0
                other.step()

            assert not same_bits(weights[2], weights[3]), name
            assert same_bits(weights[1], weights[3]), name

    @claim("2.4.11")
    def test_the_counts_of_steps_in_old_files_which_are_plain_numbers_are_taken(self):
        for name in ("Adam", "AdamW", "Adagrad", "Adamax"):
            weights = [parameter() for _ in range(2)]
            first, second = (EVERY[name]([weight]) for weight in weights)
            for weight in weights:
                weight.grad = torch.ones_like(weight)
            first.step()
            weights[1].data.copy_(weights[0])
            state = copy.deepcopy(first.state_dict())
            state["state"][0]["step"] = int(state["state"][0]["step"])

            second.load_state_dict(state)
            first.step()
            second.step()

            assert same_bits(*weights), name

    @claim("2.4.11")
    def test_a_file_without_newer_settings_is_taken(self):
        newer = ("maximize", "foreach", "capturable", "differentiable", "fused")
        for name, make in {**OPTIMIZERS, **OTHERS}.items():
            weights = [parameter() for _ in range(2)]
            first, second = (make([weight]) for weight in weights)
            for weight in weights:
                weight.grad = torch.ones_like(weight)
            first.step()
            weights[1].data.copy_(weights[0])
            state = copy.deepcopy(first.state_dict())
            for setting in newer:
                state["param_groups"][0].pop(setting, None)

            second.load_state_dict(state)
            first.step()
            second.step()

            assert same_bits(*weights), name


class TestClipping:
    """nn.utils.clip_grad_norm_ and clip_grad_value_, between backward() and step()."""

    @claim("2.4.8")
    def test_the_norm_of_all_is_limited_and_the_one_from_before_returned(self, device):
        for most in [0.5, 7.0, 1e9]:
            for gradients in (GRADIENTS, *([it] for it in GRADIENTS)):
                weights = [with_gradient(it, device) for it in gradients]
                kept = [weight.grad for weight in weights]
                norm = np.sqrt(sum(np.sum(it**2) for it in gradients))

                returned = nn.utils.clip_grad_norm_([parameter(), *weights, parameter()], most)

                assert np.isclose(returned.item(), norm, rtol=1e-12)
                for weight, gradient, its in zip(weights, gradients, kept, strict=True):
                    expected = gradient * min(1, most / (norm + 1e-6))
                    assert np.allclose(as_array(weight.grad), expected, rtol=1e-12)
                    assert weight.grad is its

    @claim("2.4.8")
    def test_clip_grad_value_clamps_each_element(self, device):
        for most in (0.5, 7.0):
            weights = [with_gradient(it, device) for it in GRADIENTS]
            kept = [weight.grad for weight in weights]

            nn.utils.clip_grad_value_([parameter(), *weights, parameter()], most)

            for weight, gradient, its in zip(weights, GRADIENTS, kept, strict=True):
                assert same_values(weight.grad, np.clip(gradient, -most, most))
                assert weight.grad is its

    @claim("2.4.8")
    @pytest.mark.parametrize("dtype", COMPUTING_FLOATS, ids=str)
    def test_both_clip_gradients_of_every_size_rank_and_layout(self, dtype, device):
        gradients = [as_array(x) for x in one_of_each((dtype,))]
        weights = [nn.Parameter(torch.zeros_like(x.to(device))) for x in one_of_each((dtype,))]
        norm = np.sqrt(sum(np.sum(it.astype(float) ** 2) for it in gradients))

        for sign in (1, -1, 1):
            for weight, gradient in zip(weights, one_of_each((dtype,)), strict=True):
                weight.grad = gradient.to(device).mul_(sign)
            returned = nn.utils.clip_grad_norm_(parameters=iter(weights), max_norm=norm / 4)
            assert abs(returned.item() / norm - 1) <= 2 * rounding(8, dtype)
            for weight, gradient in zip(weights, gradients, strict=True):
                expected = sign * gradient.astype(float) * (norm / 4 / (norm + 1e-6))
                assert within(weight.grad, expected, 5 * rounding(8, dtype))

            each = (weight for weight in weights)
            nn.utils.clip_grad_value_(parameters=each, clip_value=1 / 3)
            for weight, gradient in zip(weights, gradients, strict=True):
                expected = sign * gradient.astype(float) * (norm / 4 / (norm + 1e-6))
                expected = np.clip(expected, -1 / 3, 1 / 3)
                assert within(weight.grad, expected, 5 * rounding(8, dtype))

        if dtype is torch.float32:
            weights.append(nn.Parameter(torch.zeros(MIB, device=device)))
        for weight in weights:  # alone
            weight.grad = torch.full_like(weight, -4.0)
            nn.utils.clip_grad_value_(weight, 8.0)
            nn.utils.clip_grad_norm_(weight, 1e6)
            assert same_values(weight.grad, np.full(weight.shape, -4.0))
            nn.utils.clip_grad_value_(weight, 0.5)
            assert same_values(weight.grad, np.full(weight.shape, -0.5))
            norm = np.sqrt(weight.numel()) / 2
            nn.utils.clip_grad_norm_(weight, norm / 2)
            expected = np.full(weight.shape, -0.25 * norm / (norm + 1e-6))
            assert within(weight.grad, expected, 5 * rounding(8, dtype))

    @claim("2.4.8")
    def test_both_clip_gradients_of_several_dtypes_together(self, device):
        few = there(COMPUTING_FLOATS)
        for dtypes in (*(few[i:] + few[:i] for i in range(len(few))), few * 25):
            weights = [nn.Parameter(torch.zeros(4, dtype=it, device=device)) for it in dtypes]
            for weight in weights:
                weight.grad = torch.full_like(weight, 3)
            norm, bound = 6 * np.sqrt(len(dtypes)), 9 * torch.finfo(torch.bfloat16).eps

            returned = nn.utils.clip_grad_norm_(weights, norm / 3)
            assert abs(returned.item() / norm - 1) <= bound
            for weight in weights:
                assert within(weight.grad, np.ones(4), bound)

            nn.utils.clip_grad_value_(weights, 0.5)
            assert all(same_values(weight.grad, np.full(4, 0.5)) for weight in weights)

    @claim("2.4.8")
    def test_an_infinite_or_nan_norm_spoils_every_gradient_unless_it_is_refused(self, device):
        for spoiled in (float("nan"), float("inf")):
            weights = [nn.Parameter(torch.ones(2, device=device)) for _ in range(2)]
            for weight, value in zip(weights, (1.0, spoiled), strict=True):
                weight.grad = torch.full_like(weight, value)

            with pytest.raises(RuntimeError, match="non-finite"):
                nn.utils.clip_grad_norm_(weights, 1.0, error_if_nonfinite=True)
            with pytest.raises(RuntimeError, match="non-finite"):
                nn.utils.clip_grad_norm_(weights, 1.0, 2.0, True)
            assert weights[0].grad.tolist() == [1.0, 1.0]

            nn.utils.clip_grad_norm_(weights, 1.0)
            assert not (weights[0].grad > 0).any()

    @claim("2.4.8")
    def test_clipping_between_gradients_that_add_up_shrinks_the_earlier_ones(self, device):
        first, second = np.array([4.0, 4.0]), np.array([-4.0, 0.0])
        for clip, clipped in (
            (nn.utils.clip_grad_norm_, lambda g: g * min(1, 1 / (np.linalg.norm(g) + 1e-6))),
            (nn.utils.clip_grad_value_, lambda g: np.clip(g, -1, 1)),
        ):
            once, each = (with_gradient(np.zeros(2), device) for _ in range(2))
            for gradient in (first, second):
                for weight in (once, each):
                    (weight * torch.tensor(gradient, device=device)).sum().backward()
                clip([each], 1.0)
            clip([once], 1.0)

            both = [*as_array(once.grad), *as_array(each.grad)]
            expected = [*clipped(first + second), *clipped(clipped(first) + second)]
            assert np.allclose(both, expected, rtol=1e-12)

    @claim("2.4.8")
    def test_clipping_after_step_comes_too_late(self, device):
        clipped, late = (nn.Parameter(torch.zeros(1, device=device)) for _ in range(2))
        for weight in (clipped, late):
            weight.grad = torch.full_like(weight, 64.0)

        nn.utils.clip_grad_norm_([clipped], 1.0)
        optim.SGD([clipped, late], lr=1.0).step()
        nn.utils.clip_grad_norm_([late], 1.0)

        assert abs(clipped.item() + 1) < 1e-6
        assert late.item() == -64.0


class TestScheduler:
    """torch.optim.lr_scheduler: a learning rate that changes."""

    @claim("2.4.9")
    def test_a_scheduler_refuses_what_is_no_optimizer(self):
        net, kinds = nn.Linear(2, 1), optim.lr_scheduler
        state = optim.SGD(net.parameters(), lr=1.0).state_dict()
        for make in (
            *(lambda it: kinds.StepLR(it, 30), lambda it: kinds.ExponentialLR(it, 0.5)),
            *(kinds.ReduceLROnPlateau, lambda it: kinds.CosineAnnealingLR(it, 5)),
        ):
            for other in (net, [*net.parameters()], state):
                with pytest.raises(TypeError, match="is not an Optimizer"):
                    make(other)

    @claim("2.4.9")
    @pytest.mark.filterwarnings("ignore:The epoch parameter")  # SequentialLR, in older releases
    def test_each_step_of_a_scheduler_sets_the_rate_of_every_group(self, device):
        for name in SCHEDULERS:
            weights = [nn.Parameter(torch.zeros(1, device=device)) for _ in range(3)]
            for weight in weights:
                weight.grad = torch.ones_like(weight)
            rates = zip(weights, (1.0, 8.0, 2.0), strict=True)
            sgd = optim.SGD([{"params": [it], "lr": rate} for it, rate in rates], lr=64.0)
            scheduler = SCHEDULERS[name](sgd)
            moved = 0.0

            for rate in (1.0, 0.5, 0.25, 0.125, 0.0625, 2.0**-5, 2.0**-6, 2.0**-7):
                assert scheduler.get_last_lr() == [rate, 8 * rate, 2 * rate]
                assert [group["lr"] for group in sgd.param_groups] == scheduler.get_last_lr()
                sgd.step()
                scheduler.step()
                moved -= rate
                assert [weight.item() for weight in weights] == [moved, 8 * moved, 2 * moved]

    @claim("2.4.9")
    def test_other_schedulers_set_the_rate_of_every_group_too_and_move_nothing(self):
        weights = [nn.Parameter(x) for x in ones(layouts=())]
        parts = (weights[:2], weights[2:3], weights[3:])
        for name, (settings, rates) in (OTHER_SCHEDULERS | CYCLES).items():
            for make in (optim.SGD, optim.Adam):
                optimizer = make(
                    [{"params": it, "lr": lr} for it, lr in zip(parts, (1, 8, 2), strict=True)],
                    lr=64,
                )
                scheduler = getattr(optim.lr_scheduler, name)(optimizer, *settings)

                for rate in rates:
                    found = scheduler.get_last_lr()
                    assert np.allclose(found, [rate, 8 * rate, 2 * rate], rtol=1e-12)
                    assert [group["lr"] for group in optimizer.param_groups] == found
                    optimizer.step()
                    scheduler.step()
        assert all(same_values(it, np.ones(it.shape)) for it in weights)

    @claim("2.4.9")
    def test_so_does_reduce_lr_on_plateau_where_the_loss_stays(self):
        for mode, factor, patience in (("min", 0.5, 0), ("max", 0.25, 1)):
            groups = [{"params": [parameter()], "lr": lr} for lr in (1, 8, 2)]
            sgd, rate = optim.SGD(groups, lr=64.0), 1.0
            scheduler = optim.lr_scheduler.ReduceLROnPlateau(sgd, mode, factor, patience)
            for step in range(6):
                sgd.step()
                scheduler.step(3.0)
                if step and step % (patience + 1) == 0:
                    rate *= factor
                rates = [group["lr"] for group in sgd.param_groups]
                assert rates == [rate, 8 * rate, 2 * rate]
                if RELEASE >= (2, 2):
                    assert scheduler.get_last_lr() == rates

    @claim("2.4.9")
    def test_step_lr_changes_the_rate_in_its_last_step_of_each_span(self):
        for span in (1, 2, 30):
            sgd = optim.SGD([parameter()], lr=1.0)
            scheduler, rates = optim.lr_scheduler.StepLR(sgd, span, gamma=0.5), []
            for _ in range(2 * span + 1):
                rates.append(scheduler.get_last_lr()[0])
                sgd.param_groups[0]["lr"] *= 1 + (len(rates) == 2 * span)
                assert scheduler.get_last_lr() == rates[-1:]
                sgd.step()
                scheduler.step()

            assert rates == [1.0] * span + [0.5] * span + [0.5]

    @claim("2.4.9")
    def test_a_scheduler_that_steps_first_warns_and_the_first_rate_is_never_used(self):
        for name in SCHEDULERS:
            weight = parameter(0.0)
            weight.grad = torch.ones_like(weight)
            sgd = optim.SGD([weight], lr=1.0)
            scheduler = SCHEDULERS[name](sgd)

            with pytest.warns(UserWarning, match="Detected call of `lr_scheduler.step"):
                scheduler.step()
            sgd.step()

            assert weight.tolist() == [-0.5, -0.5]

    @claim("2.4.9")
    @pytest.mark.filterwarnings("error")
    def test_two_schedulers_that_step_first_do_not_warn(self):
        for name, settings in (
            ("CosineAnnealingWarmRestarts", {"T_0": 4}),
            ("ReduceLROnPlateau", {"patience": 0}),
        ):
            weight = parameter(0.0)
            weight.grad = torch.ones_like(weight)
            sgd = optim.SGD([weight], lr=1.0)
            scheduler = getattr(optim.lr_scheduler, name)(sgd, **settings)

            for loss in (1.0, 2.0):
                scheduler.step(loss)
            sgd.step()

            assert all(-1 < value < 0 for value in weight.tolist())

    @claim("2.4.9")
    def test_last_epoch_alone_is_refused_for_a_new_optimizer(self):
        sgd = optim.SGD([parameter()], lr=1.0)

        for name, (settings, _) in OTHER_SCHEDULERS.items():
            with pytest.raises(KeyError, match="param 'initial_lr' is not specified"):
                getattr(optim.lr_scheduler, name)(sgd, *settings, last_epoch=5)

        first = optim.SGD([parameter()], lr=1.0)
        optim.lr_scheduler.StepLR(first, 2)
        sgd.load_state_dict(first.state_dict())
        assert optim.lr_scheduler.StepLR(sgd, 2, last_epoch=5).last_epoch == 6
        optim.lr_scheduler.LambdaLR(sgd, lambda epoch: 1 / epoch, last_epoch=3)
        assert sgd.param_groups[0]["lr"] == 1 / 4

    @claim("2.4.9")
    def test_step_of_an_epoch_and_get_lr_warn(self):
        for name, (settings, rates) in OTHER_SCHEDULERS.items():
            sgd = optim.SGD([parameter()], lr=1.0)
            scheduler = getattr(optim.lr_scheduler, name)(sgd, *settings)
            sgd.step()
            if name != "CosineAnnealingWarmRestarts":
                with pytest.warns(UserWarning, match="epoch parameter in `scheduler.step"):
                    scheduler.step(2)
                assert np.allclose(scheduler.get_last_lr(), rates[2])
            with pytest.warns(UserWarning, match="please use `get_last_lr"):
                scheduler.get_lr()

    @claim("2.4.9")
    @pytest.mark.filterwarnings("ignore:The epoch parameter")  # SequentialLR, in older releases
    def test_one_that_was_made_before_both_states_were_loaded_goes_on(self):
        others = {
            f"{name}{settings}": lambda it, n=name, a=settings: getattr(optim.lr_scheduler, n)(
                it, *a
            )
            for name, (settings, _) in OTHER_SCHEDULERS.items()
        }
        for name, make in (SCHEDULERS | others).items():
            first, second = (optim.SGD([parameter()], lr=lr) for lr in (1.0, 64.0))
            one, other = make(first), make(second)
            rates = []
            for step in range(6):
                if step == 3:
                    states = copy.deepcopy((first.state_dict(), one.state_dict()))
                rates.append(first.param_groups[0]["lr"])
                first.step()
                one.step()

            for _ in range(2):
                second.load_state_dict(states[0])
                other.load_state_dict(states[1])
                for rate in rates[3:]:
                    assert second.param_groups[0]["lr"] == rate, name
                    second.step()
                    other.step()

    @claim("2.4.9")
    def test_some_that_were_made_after_the_optimizer_was_loaded_set_another_rate(self):
        for make in (
            lambda it: optim.lr_scheduler.LambdaLR(it, lambda step: 1 / (step + 1)),
            lambda it: optim.lr_scheduler.LinearLR(it, 0.5, 1, 8),
            lambda it: optim.lr_scheduler.CosineAnnealingWarmRestarts(it, 8),
            lambda it: optim.lr_scheduler.OneCycleLR(it, 2.0, total_steps=20),
        ):
            first, second = (optim.SGD([parameter()], lr=1.0, momentum=0.5) for _ in range(2))
            scheduler = make(first)
            for _ in range(3):
                first.step()
                scheduler.step()

            second.load_state_dict(first.state_dict())
            rate = second.param_groups[0]["lr"]
            make(second).load_state_dict(scheduler.state_dict())

            assert rate == first.param_groups[0]["lr"] != second.param_groups[0]["lr"]

    @claim("2.4.10")
    def test_a_cosine_made_anew_stays_where_one_ended_until_the_rate_is_set_back(self):
        for span, lowest in ((4, 0.0), (1, 0.125), (7, -0.5)):
            groups = [{"params": [parameter()], "lr": rate} for rate in (1.0, 8.0)]
            sgd = optim.SGD(groups, lr=64.0)
            way = (1 + np.cos(np.pi * np.arange(span + 1) / span)) / 2
            cosines = np.array([lowest + (rate - lowest) * way for rate in (1, 8)])

            def rates(name, *settings, steps=span, sgd=sgd):
                scheduler = getattr(optim.lr_scheduler, name)(sgd, *settings)
                found = [scheduler.get_last_lr()]
                for _ in range(steps):
                    sgd.step()
                    scheduler.step()
                    found.append([group["lr"] for group in sgd.param_groups])
                return np.array(found).T

            for _ in range(2):
                first = rates("CosineAnnealingLR", span, lowest)
                assert np.allclose(first, cosines, atol=1e-12)
                for group in sgd.param_groups:
                    group["lr"] = group["initial_lr"]
            rates("CosineAnnealingLR", span, lowest)
            second = rates("CosineAnnealingLR", span, lowest)
            assert np.allclose(second, lowest, atol=1e-12)
            restarted = rates("CosineAnnealingWarmRestarts", span, 1, lowest, steps=2 * span - 1)
            assert np.allclose(restarted, np.tile(cosines[:, :-1], 2), atol=1e-12)

    @claim("2.4.10")
    def test_so_do_others_go_on_from_the_rate_that_they_find(self):
        for name in ("StepLR", "CosineAnnealingLR", "ExponentialLR"):
            settings, rates = IN_TURN[name]
            for found in (0.25, 64.0):
                sgd = optim.SGD([parameter()], lr=1.0)
                getattr(optim.lr_scheduler, name)(sgd, *settings)
                sgd.param_groups[0]["lr"] = found
                scheduler = getattr(optim.lr_scheduler, name)(sgd, *settings)

                for rate in rates:
                    assert abs(sgd.param_groups[0]["lr"] - found * rate) < 1e-12
                    sgd.step()
                    scheduler.step()

    @claim("2.4.10")
    @pytest.mark.filterwarnings("ignore:The epoch parameter")  # SequentialLR, in older releases
    def test_sequential_lr_gives_in_turn_what_each_of_its_schedulers_gives_alone(self):
        for turn, one in itertools.product((1, 2, 3), IN_TURN):
            names = [*IN_TURN, *IN_TURN]
            parts = names[names.index(one) :: turn][:3]
            sgd = optim.SGD([{"params": [parameter()], "lr": 8.0}], lr=1.0)
            schedulers = [getattr(optim.lr_scheduler, it)(sgd, *IN_TURN[it][0]) for it in parts]
            scheduler = optim.lr_scheduler.SequentialLR(sgd, schedulers, [turn, turn + 4])

            for rate in itertools.chain(
                *(IN_TURN[it][1][:n] for it, n in zip(parts, (turn, 4, 8), strict=True))
            ):
                assert abs(sgd.param_groups[0]["lr"] - 8 * rate) < 1e-11, parts
                sgd.step()
                scheduler.step()

    @claim("2.4.10")
    @pytest.mark.filterwarnings("ignore:The epoch parameter")  # SequentialLR, in older releases
    def test_after_its_milestone_multiplicative_lr_goes_on_from_the_rate_that_it_finds(self):
        sgd = optim.SGD([parameter()], lr=1.0)
        last = optim.lr_scheduler.MultiplicativeLR(sgd, lambda step: 0.5)
        first = optim.lr_scheduler.ExponentialLR(sgd, 0.25)
        scheduler = optim.lr_scheduler.SequentialLR(sgd, [first, last], [2])
        for _ in range(3):
            sgd.step()
            scheduler.step()

        rate = sgd.param_groups[0]["lr"]
        sgd.step()
        scheduler.step()

        assert rate <= 0.25
        assert sgd.param_groups[0]["lr"] == rate / 2

    @claim("2.4.10")
    def test_chained_scheduler_steps_all_of_its_schedulers_each_time(self):
        for names in itertools.permutations(("ConstantLR", "ExponentialLR", "StepLR")):
            sgd = optim.SGD([parameter()], lr=1.0)
            parts = [getattr(optim.lr_scheduler, it)(sgd, *IN_TURN[it][0]) for it in names]
            scheduler = optim.lr_scheduler.ChainedScheduler(parts)

            for rates in zip(*(IN_TURN[it][1] for it in names), strict=True):
                assert abs(sgd.param_groups[0]["lr"] - np.prod(rates)) < 1e-12
                sgd.step()
                scheduler.step()

    @claim("2.4.10")
    def test_factors_outside_zero_to_one_are_refused(self):
        sgd = optim.SGD([parameter()], lr=1.0)
        zero = (0, 0.0) if RELEASE >= (2, 0) else ()
        for name, settings in (
            *(("ConstantLR", {"factor": it}) for it in (-0.5, 1.5, float("inf"))),
            *(("LinearLR", {"start_factor": it}) for it in (-0.5, 1.5, *zero)),
            *(("LinearLR", {"end_factor": it}) for it in (-0.5, 1.5)),
        ):
            with pytest.raises(ValueError, match="multiplicative factor expected"):
                getattr(optim.lr_scheduler, name)(sgd, **settings)
        for name, settings in (
            *(("ConstantLR", {"factor": it}) for it in (0, 1)),
            *(("LinearLR", {"start_factor": 1, "end_factor": it}) for it in (0, 1)),
        ):
            assert getattr(optim.lr_scheduler, name)(sgd, **settings).last_epoch == 0

    @claim("2.4.10")
    def test_constant_lr_and_linear_lr_without_settings_begin_with_a_third_of_the_rate(self):
        for make, rates in (
            (optim.lr_scheduler.ConstantLR, [1 / 3] * 5 + [1] * 3),
            (optim.lr_scheduler.LinearLR, [1 / 3 + step * 2 / 15 for step in range(5)] + [1] * 3),
            (partial(optim.lr_scheduler.ConstantLR, total_iters=2), [1 / 3] * 2 + [1] * 2),
            (partial(optim.lr_scheduler.LinearLR, total_iters=2), [1 / 3, 2 / 3, 1, 1]),
        ):
            sgd = optim.SGD([parameter()], lr=1.0)
            scheduler = make(sgd)

            for rate in rates:
                assert abs(sgd.param_groups[0]["lr"] - rate) < 1e-12
                sgd.step()
                scheduler.step()

    @claim("2.4.10")
    def test_two_cycles_set_the_momentum_too_unless_told_not_to(self):
        cycles = {
            "CyclicLR": ((1, 3, 2), {}, [0.9, 0.85, 0.8, 0.85, 0.9]),
            "OneCycleLR": (
                (3, 5),
                {"anneal_strategy": "linear", "pct_start": 0.6},
                [0.95, 0.9, 0.85, 0.9, 0.95],
            ),
        }
        for (name, (settings, named, momenta)), cycled in itertools.product(
            cycles.items(), (True, False)
        ):
            for make, own in (
                (lambda it: optim.SGD(it, lr=1.0), 0.0),
                (lambda it: optim.SGD(it, lr=1.0, momentum=0.5), 0.5),
                (lambda it: optim.RMSprop(it, lr=1.0, momentum=0.25), 0.25),
                (lambda it: optim.AdamW(it, lr=1.0, betas=(0.5, 0.75)), 0.5),
            ):
                optimizer = make([parameter()])
                group = optimizer.param_groups[0]
                if "betas" in group and cycled and name == "CyclicLR" and RELEASE < (2, 3):
                    with pytest.raises(ValueError, match="must support momentum"):
                        optim.lr_scheduler.CyclicLR(optimizer, *settings)
                    continue
                kwargs = named if cycled else {**named, "cycle_momentum": False}
                scheduler = getattr(optim.lr_scheduler, name)(optimizer, *settings, **kwargs)

                for step, momentum in enumerate(momenta):
                    if step:
                        optimizer.step()
                        scheduler.step()
                    found = group["betas"][0] if "betas" in group else group["momentum"]
                    assert abs(found - (momentum if cycled else own)) < 1e-12

    @claim("2.4.10")
    def test_two_cycles_refuse_an_optimizer_that_has_no_momentum(self):
        for make in (optim.Adagrad, optim.Adadelta, optim.Rprop, optim.ASGD):
            for name, settings in (("CyclicLR", (1, 3)), ("OneCycleLR", (3, 5))):
                optimizer = make([parameter()], lr=1.0)
                with pytest.raises(ValueError, match="must support momentum"):
                    getattr(optim.lr_scheduler, name)(optimizer, *settings)

    @claim("2.4.9")
    @pytest.mark.filterwarnings("ignore:The epoch parameter")
    def test_step_of_each_epoch_in_turn_gives_the_rates_that_step_gives(self):
        for name, (settings, rates) in IN_TURN.items():
            sgd = optim.SGD([parameter()], lr=1.0)
            scheduler = getattr(optim.lr_scheduler, name)(sgd, *settings)
            sgd.step()
            for epoch in range(1, 8):
                scheduler.step(epoch)

                assert np.isclose(sgd.param_groups[0]["lr"], rates[epoch]), name


class TestWhenARateFalls:
    """What the settings of schedulers mean."""

    @claim("2.4.12")
    def test_reduce_lr_on_plateau_lowers_the_rates_after_steps_without_a_better_loss(self):
        nan = float("nan")
        for settings, losses, falls in (
            ({"patience": 0}, [1] * 3, [2, 3]),
            ({"patience": 2}, [1] * 17, [4, 7, 10, 13, 16]),
            ({}, [1] * 13, [12]),
            ({"patience": 2}, [1, 1, 1, 0.5, 0.5, 0.5, 0.5], [7]),
            ({"patience": 2}, [1, 0.99995, 0.99994, 0.99993], [4]),
            ({"patience": 2}, [1, 0.9998, 0.9996, 0.9994, 0.9992, 0.999], []),
            ({"patience": 2, "threshold": 0.5}, [8, 5, 5, 5, 3, 3, 3, 3], [4, 8]),
            ({"patience": 1, "mode": "max"}, [1, 2, 1.9, 2.0001, 3, 2, 2], [4, 7]),
            ({"patience": 1, "cooldown": 2}, [1] * 8, [3, 7]),
            ({"patience": 1}, [nan] * 3, [2]),
            ({"patience": 1}, [-1] * 5, []),
        ):
            for convert in (float, torch.tensor):
                groups = [{"params": [parameter()], "lr": lr} for lr in (1.0, 8.0)]
                sgd = optim.SGD(groups, lr=64.0)
                scheduler = optim.lr_scheduler.ReduceLROnPlateau(sgd, **settings)
                rates = [1.0, 8.0]
                for step, loss in enumerate(losses, 1):
                    scheduler.step(convert(loss))

                    rates = [rate * 0.1 for rate in rates] if step in falls else rates
                    assert [group["lr"] for group in sgd.param_groups] == rates

        sgd = optim.SGD([{"params": [parameter()]} for _ in range(2)], lr=1.0)
        lowest = [0.4, 0.3]
        scheduler = optim.lr_scheduler.ReduceLROnPlateau(sgd, patience=0, min_lr=lowest)
        for _ in range(2):
            scheduler.step(1.0)
        assert [group["lr"] for group in sgd.param_groups] == lowest

        for lr, lowest, rate in ((1.0, 0.5, 0.5), (1e-8, 0, 1e-8), (2e-8, 0, 0.1 * 2e-8)):
            sgd = optim.SGD([parameter()], lr=lr)
            scheduler = optim.lr_scheduler.ReduceLROnPlateau(sgd, patience=0, min_lr=lowest)
            for _ in range(2):
                scheduler.step(1.0)
            assert sgd.param_groups[0]["lr"] == rate

    @claim("2.4.12")
    def test_step_of_reduce_lr_on_plateau_wants_a_loss(self):
        with pytest.raises(TypeError, match="'metrics'"):
            optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([parameter()], lr=1.0)).step()

    @claim("2.4.12")
    def test_multi_step_lr_multiplies_the_rates_in_the_step_of_each_milestone(self):
        for milestones in ([3, 5], [5, 3], [3, 3, 5], [1], [30, 80]):
            groups = [{"params": [parameter()], "lr": lr} for lr in (1.0, 8.0)]
            sgd = optim.SGD(groups, lr=64.0)
            scheduler = optim.lr_scheduler.MultiStepLR(sgd, milestones, gamma=0.5)
            for step in range(1, 2 + max(milestones)):
                sgd.step()
                scheduler.step()

                rate = 0.5 ** sum(it <= step for it in milestones)
                assert [group["lr"] for group in sgd.param_groups] == [rate, 8 * rate]
        assert optim.lr_scheduler.MultiStepLR(sgd, [1]).gamma == 0.1

    @claim("2.4.12")
    def test_one_cycle_lr_refuses_more_than_total_steps(self):
        for steps in (3, 9, 70):
            sgd = optim.SGD([parameter()], lr=1.0, momentum=0.5)
            scheduler = optim.lr_scheduler.OneCycleLR(sgd, 2.0, total_steps=steps)
            sgd.step()
            for _ in range(steps):
                scheduler.step()

            with pytest.raises(ValueError, match=r"Tried to step \d+ times"):
                scheduler.step()

    def given_verbose(self):
        """Functions that each make another scheduler with verbose=."""
        others = *OTHER_SCHEDULERS.items(), ("ReduceLROnPlateau", ((), None))
        for verbose, (name, (settings, _)) in itertools.product((True, False), others):
            sgd = optim.SGD([parameter()], lr=1.0)
            yield partial(getattr(optim.lr_scheduler, name), sgd, *settings, verbose=verbose)

    @claim("2.4.12")
    @since("2.7")
    def test_verbose_is_refused(self):
        for make in self.given_verbose():
            with pytest.raises(TypeError, match="unexpected keyword argument 'verbose'"):
                make()

    @claim("2.4.12")
    @since("2.2")
    @before("2.7")
    def test_verbose_warned_before(self):
        for make in self.given_verbose():
            with pytest.warns(UserWarning, match="verbose parameter is deprecated"):
                make()
