"""2.4 The optimizer's parameters."""

from __future__ import annotations

import inspect

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn, optim

from specs.ledger import claim
from specs.nets import Net
from specs.oracles import as_array, same_bits, same_values
from specs.strategies import SIZES, tensors

#: Learning rates that are powers of two: with small values the step w - lr * g is exact.
RATES = st.integers(0, 6).map(lambda k: 2.0**-k)

#: The settings of SGD, each with its default.
DEFAULTS = {
    name: parameter.default
    for name, parameter in inspect.signature(optim.SGD).parameters.items()
    if name != "params"
}


class TestStep:
    """Optimizer.step: it updates the parameters that the optimizer was given."""

    @claim("2.4.1")
    @given(weight=tensors((torch.float32,), small=True), rate=RATES, slope=st.integers(-4, 4))
    def test_a_step_of_sgd_moves_a_parameter_against_its_gradient(
        self, weight, rate, slope, device
    ):
        before = as_array(weight)
        parameter = nn.Parameter(weight.to(device))
        optimizer = optim.SGD([parameter], lr=rate)

        (slope * parameter).sum().backward()
        optimizer.step()

        assert same_values(parameter, before - rate * slope)

    @claim("2.4.1")
    @given(inputs=SIZES, outputs=SIZES)
    def test_a_step_updates_every_parameter_of_the_net_in_place(self, inputs, outputs, device):
        net = Net(inputs, outputs).to(device)
        before = [(p, p.data_ptr(), as_array(p)) for p in net.parameters()]
        optimizer = optim.SGD(net.parameters(), lr=0.5)

        sum(p.sum() for p in net.parameters()).backward()
        optimizer.step()

        for (parameter, address, old), new in zip(before, net.parameters(), strict=True):
            assert new is parameter
            assert parameter.data_ptr() == address
            assert same_values(parameter, old - np.float32(0.5))

    @claim("2.4.1")
    @given(inputs=SIZES, outputs=SIZES)
    def test_a_step_leaves_every_other_parameter_alone(self, inputs, outputs, device):
        net, other = Net(inputs, outputs).to(device), Net(inputs, outputs).to(device)
        before = [as_array(p) for p in other.parameters()]
        optimizer = optim.SGD(net.parameters(), lr=0.5)

        sum(p.sum() for p in [*net.parameters(), *other.parameters()]).backward()
        optimizer.step()

        for parameter, old in zip(other.parameters(), before, strict=True):
            assert parameter.grad is not None
            assert same_bits(parameter, old)

    @claim("2.4.1")
    @given(weight=tensors((torch.float32,), small=True))
    def test_a_step_leaves_a_parameter_without_gradient_alone(self, weight, device):
        before = as_array(weight)
        parameter = nn.Parameter(weight.to(device))

        optim.SGD([parameter], lr=0.5).step()

        assert same_bits(parameter, before)


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
        assert {name: group[name] for name in group if name != "params"} == {**DEFAULTS, **given}

    @claim("2.4.2")
    @given(inputs=SIZES, outputs=SIZES)
    def test_param_groups_holds_the_parameters_themselves_in_order(self, inputs, outputs):
        net = Net(inputs, outputs)
        optimizer = optim.SGD(net.parameters(), lr=0.1)

        found = optimizer.param_groups[0]["params"]

        assert [id(p) for p in found] == [id(p) for p in net.parameters()]

    @claim("2.4.2")
    @given(rates=st.lists(RATES, min_size=2, max_size=3))
    def test_param_groups_has_a_dict_for_each_group_given(self, rates):
        layers = [nn.Linear(2, 2) for _ in rates]
        groups = [
            {"params": layer.parameters(), "lr": rate}
            for layer, rate in zip(layers, rates, strict=True)
        ]

        optimizer = optim.SGD(groups, lr=99.0)

        assert [group["lr"] for group in optimizer.param_groups] == rates
        for group, layer in zip(optimizer.param_groups, layers, strict=True):
            assert [id(p) for p in group["params"]] == [id(p) for p in layer.parameters()]

    @claim("2.4.2")
    @given(weight=tensors((torch.float32,), small=True), rate=RATES)
    def test_a_learning_rate_set_in_param_groups_counts_from_the_next_step(
        self, weight, rate, device
    ):
        before = as_array(weight)
        parameter = nn.Parameter(weight.to(device))
        optimizer = optim.SGD([parameter], lr=99.0)

        optimizer.param_groups[0]["lr"] = rate
        parameter.sum().backward()
        optimizer.step()

        assert same_values(parameter, before - rate)
