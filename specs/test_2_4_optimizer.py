"""2.4 The optimizer's parameters."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn, optim

from specs.ledger import claim
from specs.nets import Net
from specs.oracles import as_array, rounding, same_bits, same_values, share_memory, within
from specs.releases import RELEASE, before, since
from specs.strategies import (
    COMPLEX,
    COMPUTING_FLOATS,
    FLOATS,
    LAYOUTS,
    SIZES,
    every_form,
    every_kind,
    ones,
    tensors,
)

#: With small values and rates that are powers of two the step w - lr * g is exact.
EXACT = (torch.float32, torch.float64)
RATES = st.integers(0, 6).map(lambda k: 2.0**-k)

#: The settings of SGD, each with its default.
DEFAULTS = {
    name: parameter.default
    for name, parameter in inspect.signature(optim.SGD).parameters.items()
    if name != "params"
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

#: Schedulers that halve the learning rate in each step.
SCHEDULERS = {
    "StepLR": lambda it: optim.lr_scheduler.StepLR(it, 1, gamma=0.5),
    "ExponentialLR": lambda it: optim.lr_scheduler.ExponentialLR(it, 0.5),
    "MultiStepLR": lambda it: optim.lr_scheduler.MultiStepLR(it, [1, 2, 3], gamma=0.5),
    "LambdaLR": lambda it: optim.lr_scheduler.LambdaLR(it, lambda step: 0.5**step),
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


def some_ones() -> Iterator[torch.Tensor]:
    """Ones of each rank, and of each dtype in two layouts, for specs that try every optimizer."""
    return ones(layouts=("channels_last", "gaps"))


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
        forms = every_form(dtype, LAYOUTS if dtype is torch.float32 else ("contiguous",))
        weights = [nn.Parameter(tensor.to(device)) for tensor in forms]
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
    @pytest.mark.parametrize("name", OPTIMIZERS)
    def test_three_steps_update_the_parameters_given_and_no_others(self, name, device):
        net, other = deep_net().to(device), deep_net().to(device)
        net.extend([nn.ParameterList(nn.Parameter(x.to(device)) for x in some_ones())])
        optimizer = OPTIMIZERS[name](net.parameters())
        of_others = [as_array(p) for p in other.parameters()]

        for _ in range(3):
            of_net = [as_array(p) for p in net.parameters()]
            sum(p.sum() for p in [*net.parameters(), *other.parameters()]).backward()
            optimizer.step()

            for parameter, value in zip(net.parameters(), of_net, strict=True):
                assert (as_array(parameter) != value).all()
            for parameter, value in zip(other.parameters(), of_others, strict=True):
                assert parameter.grad is not None
                assert same_bits(parameter, value)

    @claim("2.4.1")
    @pytest.mark.parametrize("name", OPTIMIZERS)
    def test_a_step_passes_over_a_parameter_without_gradient(self, name, device):
        frozen, unused, used = ([nn.Parameter(x.to(device)) for x in some_ones()] for _ in range(3))
        for weight in frozen:
            weight.requires_grad_(False)
        optimizer = OPTIMIZERS[name]([*frozen, *unused, *used])

        for _ in range(3):
            sum(weight.sum() for weight in used).backward()
            optimizer.step()

        assert all((as_array(weight) == 1).all() for weight in (*frozen, *unused))
        assert all((as_array(weight) != 1).all() for weight in used)

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
    def test_a_parameter_that_replaces_another_is_not_updated(self, device):
        layer = nn.Linear(2, 2, device=device)
        optimizer = optim.SGD(layer.parameters(), lr=0.5)
        layer.weight = nn.Parameter(torch.ones(2, 2, device=device))

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
        weights = [nn.Parameter(x.to(device)) for x in ones()]
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
    def test_sgd_follows_its_formula(
        self, weight, rate, momentum, dampening, decay, nesterov, maximize, device
    ):
        w, velocity = as_array(weight), None
        nesterov = nesterov and bool(momentum) and not dampening  # else SGD refuses it
        weight = nn.Parameter(weight.to(device))
        optimizer = optim.SGD(
            [weight],
            lr=rate,
            momentum=momentum,
            dampening=dampening,
            weight_decay=decay,
            nesterov=nesterov,
            maximize=maximize,
        )

        for gradient in (1.0, -2.0, 3.0):
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
        for value in (4.0, -8.0):
            weights = [nn.Parameter(value * x.to(device)) for x in ones(dtypes)]
            for weight in weights:
                weight.grad = torch.zeros_like(weight)

            kind(weights, lr=0.5, weight_decay=0.25).step()

            moved = value - np.copysign(0.5, value) if kind is optim.Adam else value * 0.875
            for weight in weights:
                expected = np.full(weight.shape, moved)
                assert within(weight, expected, 1e-8 + 8 * rounding(4, weight.dtype))

    @claim("2.4.5")
    @pytest.mark.parametrize(
        ("how", "dtypes", "layouts"), IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS
    )
    def test_it_does_so_in_every_dtype_layout_and_implementation(
        self, how, dtypes, layouts, device
    ):
        for momentum, dampening, nesterov, decay, maximize in (
            *((0, 0, False, 0, False), (0, 0, False, 1, True), (1, 0, False, 1, False)),
            *((1, 2, False, 0, True), (1, 2, False, 1, False), (1, 0, True, 1, True)),
        ):
            groups = [
                {
                    "params": [
                        nn.Parameter(x.to(device)) for x in every_kind((dtype,), layouts, True)
                    ]
                }
                for dtype in dtypes
            ]
            weights = [weight for group in groups for weight in group["params"]]
            optimizer = optim.SGD(
                groups, 1, momentum, dampening, decay, nesterov, maximize=maximize, **how
            )
            expected = [(as_array(weight), 0) for weight in weights]

            for step, gradient in enumerate((1, -2, 3)):  # of whole numbers below 256
                for weight in weights:
                    weight.grad = torch.full_like(weight, gradient)
                optimizer.step()

                for i, (weight, (w, v)) in enumerate(zip(weights, expected, strict=True)):
                    g = (-gradient if maximize else gradient) + decay * w
                    v = momentum * v + (1 - dampening) * g if step else g
                    w = w - (g + momentum * v if nesterov else v if momentum else g)
                    expected[i] = w, v
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


class TestParamGroups:
    """Optimizer.param_groups: settings and parameters."""

    @claim("2.4.1")
    @pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop"])
    def test_step_calls_a_closure_before_it_moves_and_returns_its_loss(self, name, device):
        weight = nn.Parameter(torch.ones(2, device=device))
        optimizer = OPTIMIZERS[name]([weight])

        def closure():
            optimizer.zero_grad()
            loss = weight.sum()
            loss.backward()
            return loss

        with torch.no_grad():
            loss = optimizer.step(closure)

        assert loss.item() == 2.0  # of the weight as it was
        assert as_array(weight).max() < 1
        assert optimizer.step() is None

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
    @pytest.mark.parametrize("make_net", [Net, deep_net, lambda: nn.Linear(100, 3)])
    @pytest.mark.parametrize("name", OPTIMIZERS)
    def test_param_groups_holds_the_parameters_themselves_in_order(self, name, make_net):
        net = make_net()
        optimizer = OPTIMIZERS[name](net.parameters())

        (group,) = optimizer.param_groups

        assert group["lr"] == 0.5
        assert [id(p) for p in group["params"]] == [id(p) for p in net.parameters()]

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
        layer = nn.Linear(2, 2).to(device)
        for parameter in layer.parameters():
            nn.init.ones_(parameter)
            parameter.grad = torch.ones_like(parameter)
        groups = [{"params": [layer.weight]}, {"params": [layer.bias], **own}]

        optim.SGD(groups if own else layer.parameters(), lr=1.0, weight_decay=0.5).step()

        assert same_values(layer.weight, np.full((2, 2), -0.5))
        assert same_values(layer.bias, np.full(2, 0.0 if own else -0.5))

    @claim("2.4.2")
    @pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"])
    def test_a_negative_rate_is_refused(self, name):
        with pytest.raises(ValueError, match="Invalid learning rate"):
            getattr(optim, name)([nn.Parameter(torch.ones(1))], lr=-0.5)

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


class TestWhatAnOptimizerRefuses:
    """Tensors that were computed, no parameters, a parameter in two groups."""

    COMPUTED = pytest.mark.parametrize(
        "compute",
        [
            lambda x: x * 0.01,
            lambda x: x.to(torch.float64),
            lambda x: x.clone(),
            lambda x: x.reshape(2, 1),
            lambda x: x[:1],
        ],
        ids=["x * 0.01", "x.to(float64)", "x.clone()", "x.reshape(2, 1)", "x[:1]"],
    )

    @claim("2.4.6")
    @COMPUTED
    @pytest.mark.parametrize("name", OPTIMIZERS)
    def test_an_optimizer_refuses_a_tensor_that_was_computed(self, name, compute, device):
        x = torch.ones(2, device=device, requires_grad=True)

        assert not compute(x).is_leaf
        with pytest.raises(ValueError, match="non-leaf"):  # pytorch#4957
            OPTIMIZERS[name]([compute(x)])

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
    def test_an_optimizer_takes_a_tensor_without_grad_and_never_moves_it(self, device):
        x, weight = torch.ones(2, device=device), torch.ones(2, device=device, requires_grad=True)
        optimizer = optim.SGD([weight, x], lr=0.5)
        assert optimizer.param_groups[0]["params"][-1] is x

        optimizer.step()

        assert x.tolist() == [1.0, 1.0]

    @claim("2.4.6")
    @pytest.mark.parametrize("name", OPTIMIZERS)
    def test_an_optimizer_refuses_an_empty_list(self, name):
        with pytest.raises(ValueError, match="empty parameter list"):
            OPTIMIZERS[name](nn.ReLU().parameters())

    @claim("2.4.6")
    @pytest.mark.parametrize("name", OPTIMIZERS)
    @pytest.mark.parametrize("wrong", [[1.0], [[parameter()]], ["weight"]])
    def test_an_optimizer_refuses_what_is_no_tensor(self, name, wrong):
        with pytest.raises(TypeError, match="can only optimize Tensors"):
            OPTIMIZERS[name](wrong)

    @claim("2.4.6")
    def test_an_optimizer_refuses_the_net_itself(self):
        with pytest.raises(TypeError, match="'Linear' object is not iterable"):
            optim.SGD(nn.Linear(3, 2), lr=0.5)

    @claim("2.4.6")
    def test_an_optimizer_refuses_a_parameter_in_two_groups(self):
        weight = parameter()

        with pytest.raises(ValueError, match="more than one parameter group"):
            optim.SGD([{"params": [weight]}, {"params": [weight]}], lr=0.5)

    @claim("2.4.6")
    def test_an_optimizer_warns_of_a_parameter_twice_in_a_list_and_moves_it_twice(self, device):
        weight = torch.ones(2, device=device, requires_grad=True)
        weight.sum().backward()

        with pytest.warns(UserWarning, match="duplicate parameters"):
            optimizer = optim.SGD([weight, weight], lr=2.0)
        optimizer.step()

        assert weight.tolist() == [-3.0, -3.0]


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
    @since("2.0")
    def test_zero_grad_leaves_none(self, device):
        for make in OPTIMIZERS.values():
            weights = [nn.Parameter(x.to(device)) for x in every_kind(FLOATS + COMPLEX, LAYOUTS)]
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
        optimizer = optim.SGD([{"params": weights[:9]}, {"params": weights[9:]}], lr=0.5)

        for _ in range(3):
            sum(weight.sum() for weight in weights).backward()
            optimizer.zero_grad(set_to_none=False)
            assert all(same_values(it.grad, np.zeros(it.shape)) for it in weights)

            optimizer.zero_grad(set_to_none=True)
            assert all(weight.grad is None for weight in weights)

    @claim("2.4.4")
    def test_zero_grad_clears_the_gradients_of_its_own_parameters_alone(self, device):
        first, second, other = (nn.Parameter(torch.ones(2, device=device)) for _ in range(3))
        optimizer = optim.SGD([{"params": [first]}, {"params": [second]}], lr=0.5)
        (first + second + other).sum().backward()

        optimizer.zero_grad(set_to_none=True)

        assert first.grad is None
        assert second.grad is None
        assert other.grad is not None
        assert other.grad.tolist() == [1.0, 1.0]

    @claim("2.4.4")
    def test_zero_grad_of_a_net_clears_every_parameter_within_frozen_ones_too(self, device):
        net, other = deep_net().to(device), nn.Linear(2, 2).to(device)
        parameters = [*net.parameters(), *other.parameters()]
        parameters[0].requires_grad_(False)

        for clear, cleared in [
            (lambda: net.zero_grad(set_to_none=True), None),
            (lambda: net.zero_grad(True), None),
            (lambda: net.zero_grad(set_to_none=False), 0),
            (net.zero_grad, None if RELEASE >= (2, 0) else 0),
        ]:
            for it in parameters:
                it.grad = torch.ones_like(it)
            clear()
            for it in net.parameters():
                assert (it.grad is None) is (cleared is None)
                assert it.grad is None or not as_array(it.grad).any()
            assert all(as_array(it.grad).all() for it in other.parameters())


class TestStateDict:
    """Optimizer.state_dict and load_state_dict: going on later."""

    @claim("2.4.7")
    @pytest.mark.parametrize("name", OPTIMIZERS)
    def test_an_optimizer_that_loads_a_state_goes_on_exactly_as_the_other(self, name, device):
        weights = [[nn.Parameter(x.to(device)) for x in some_ones()] for _ in range(2)]
        first, second = (OPTIMIZERS[name](its) for its in weights)
        first.param_groups[0]["lr"] = 0.25

        def step(optimizer, weights, scale=1):
            for weight in weights:
                weight.grad = scale * (weight.detach() + 1)
            optimizer.step()

        for _ in range(2):
            step(first, weights[0], scale=64)  # which amsgrad remembers
        for mine, its in zip(*weights, strict=True):
            its.data.copy_(mine)
        second.load_state_dict(copy.deepcopy(first.state_dict()))
        for _ in range(3):
            step(first, weights[0])
            step(second, weights[1])

        assert second.param_groups[0]["params"][0] is weights[1][0]
        assert all(map(same_bits, *weights))

    @claim("2.4.7")
    def test_it_loads_the_buffers_of_every_parameter_and_the_rate_of_every_group(self, device):
        weights, moved = ([nn.Parameter(torch.ones(2, device=device)) for _ in "123"] for _ in "12")
        first, second = (
            optim.SGD([{"params": its[:2]}, {"params": its[2:], "lr": lr}], lr=lr, momentum=0.5)
            for its, lr in ((weights, 0.5), (moved, 0.125))
        )
        for it in (*weights, *moved):
            it.grad = torch.ones_like(it)
        first.step()

        second.load_state_dict(copy.deepcopy(first.state_dict()))
        second.step()

        assert [group["lr"] for group in second.param_groups] == [0.5, 0.5]
        assert [it.tolist() for it in moved] == [[0.25, 0.25]] * 3  # 1 - 0.5 * (0.5 * 1 + 1)

    @claim("2.4.7")
    @pytest.mark.parametrize("name", ["SGD with momentum", "Adam"])
    @pytest.mark.parametrize("to", ["cpu", "meta"])
    def test_the_buffers_take_the_dtype_and_device_of_its_own_parameters(self, name, to):
        weights = [nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2).double().to(to))]
        first, second = (OPTIMIZERS[name]([weight]) for weight in weights)
        weights[0].grad = torch.ones(2)
        first.step()

        second.load_state_dict(first.state_dict())

        mine, theirs = second.state[weights[1]], first.state[weights[0]]
        for key in theirs.keys() - {"step"}:
            assert mine[key].dtype is torch.float64
            assert mine[key].device.type == to
            assert theirs[key].dtype is torch.float32

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
    @pytest.mark.parametrize("name", OPTIMIZERS)
    def test_an_optimizer_refuses_the_state_of_one_with_another_number_of_parameters(self, name):
        state = OPTIMIZERS[name]([parameter(), parameter()]).state_dict()

        with pytest.raises(ValueError, match="doesn't match the size"):
            OPTIMIZERS[name]([parameter()]).load_state_dict(state)


class TestClipping:
    """nn.utils.clip_grad_norm_ and clip_grad_value_, between backward() and step()."""

    @claim("2.4.8")
    @pytest.mark.parametrize("most", [0.5, 7.0, 1e9])
    def test_the_norm_of_all_is_limited_and_the_one_from_before_returned(self, most, device):
        for gradients in (GRADIENTS, *([it] for it in GRADIENTS)):
            weights = [with_gradient(it, device) for it in gradients]
            kept = [weight.grad for weight in weights]
            norm = np.sqrt(sum(np.sum(it**2) for it in gradients))

            returned = nn.utils.clip_grad_norm_([*weights, parameter()], most)

            assert np.isclose(returned.item(), norm, rtol=1e-12)
            for weight, gradient, its in zip(weights, gradients, kept, strict=True):
                expected = gradient * min(1, most / (norm + 1e-6))
                assert np.allclose(as_array(weight.grad), expected, rtol=1e-12)
                assert weight.grad is its

    @claim("2.4.8")
    @pytest.mark.parametrize("most", [0.5, 7.0])
    def test_clip_grad_value_clamps_each_element(self, most, device):
        weights = [with_gradient(it, device) for it in GRADIENTS]
        kept = [weight.grad for weight in weights]

        nn.utils.clip_grad_value_([*weights, parameter()], most)

        for weight, gradient, its in zip(weights, GRADIENTS, kept, strict=True):
            assert same_values(weight.grad, np.clip(gradient, -most, most))
            assert weight.grad is its

    @claim("2.4.8")
    @pytest.mark.parametrize("dtype", COMPUTING_FLOATS, ids=str)
    def test_both_clip_gradients_of_every_size_rank_and_layout(self, dtype, device):
        weights = [nn.Parameter(torch.zeros_like(x.to(device))) for x in ones((dtype,))]
        norm = np.sqrt(sum(weight.numel() for weight in weights))

        for _ in range(3):
            for weight, gradient in zip(weights, ones((dtype,)), strict=True):
                weight.grad = gradient.to(device)
            nn.utils.clip_grad_norm_(parameters=iter(weights), max_norm=norm / 4)
            for weight in weights:
                expected = np.full(weight.shape, norm / 4 / (norm + 1e-6))
                assert within(weight.grad, expected, rounding(8, dtype))

            nn.utils.clip_grad_value_(parameters=iter(weights), clip_value=0.125)
            assert all(same_values(it.grad, np.full(it.shape, 0.125)) for it in weights)

    @claim("2.4.8")
    @pytest.mark.parametrize("spoiled", [float("nan"), float("inf")])
    def test_an_infinite_or_nan_norm_spoils_every_gradient_unless_it_is_refused(
        self, spoiled, device
    ):
        weights = [nn.Parameter(torch.ones(2, device=device)) for _ in range(2)]
        for weight, value in zip(weights, (1.0, spoiled), strict=True):
            weight.grad = torch.full_like(weight, value)

        with pytest.raises(RuntimeError, match="non-finite"):
            nn.utils.clip_grad_norm_(weights, 1.0, error_if_nonfinite=True)
        assert weights[0].grad.tolist() == [1.0, 1.0]

        nn.utils.clip_grad_norm_(weights, 1.0)
        assert not (weights[0].grad > 0).any()

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
    @pytest.mark.parametrize("name", SCHEDULERS)
    def test_each_step_of_a_scheduler_sets_the_rate_of_every_group(self, name, device):
        weights = [nn.Parameter(torch.zeros(1, device=device)) for _ in range(2)]
        for weight in weights:
            weight.grad = torch.ones_like(weight)
        sgd = optim.SGD([{"params": weights[:1]}, {"params": weights[1:], "lr": 8.0}], lr=1.0)
        scheduler = SCHEDULERS[name](sgd)
        moved = 0.0

        for rate in (1.0, 0.5, 0.25, 0.125):
            assert scheduler.get_last_lr() == [rate, 8 * rate]
            sgd.step()
            scheduler.step()
            moved -= rate
            assert [weight.item() for weight in weights] == [moved, 8 * moved]

    @claim("2.4.9")
    @pytest.mark.parametrize("name", SCHEDULERS)
    def test_a_scheduler_that_steps_first_warns_and_the_first_rate_is_never_used(self, name):
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
    @pytest.mark.parametrize("name", ["CosineAnnealingWarmRestarts", "ReduceLROnPlateau"])
    def test_two_schedulers_that_step_first_do_not_warn(self, name):
        weight = parameter(0.0)
        weight.grad = torch.ones_like(weight)
        sgd = optim.SGD([weight], lr=1.0)
        scheduler = getattr(optim.lr_scheduler, name)(
            sgd, **({"patience": 0} if name == "ReduceLROnPlateau" else {"T_0": 4})
        )

        for loss in (1.0, 2.0):
            scheduler.step(loss)
        sgd.step()

        assert all(-1 < value < 0 for value in weight.tolist())

    @claim("2.4.9")
    def test_it_goes_on_from_its_own_state_and_the_optimizers(self):
        first, second = (optim.SGD([parameter()], lr=lr) for lr in (1.0, 64.0))
        schedulers = [optim.lr_scheduler.StepLR(it, 2, gamma=0.5) for it in (first, second)]
        first.step()
        schedulers[0].step()

        second.load_state_dict(first.state_dict())
        schedulers[1].load_state_dict(schedulers[0].state_dict())
        second.step()
        schedulers[1].step()

        assert second.param_groups[0]["lr"] == 0.5
