"""2.3 A model's parameters."""

from __future__ import annotations

import contextlib
import copy
import io
import itertools
import operator
import pickle
import re
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn, optim

from specs.ledger import claim
from specs.nets import Net, nets_around
from specs.oracles import as_array, same_bits, same_values, share_memory
from specs.releases import RELEASE, before, since
from specs.strategies import (
    BOOL,
    DTYPES,
    EACH_RANK,
    FLOATS,
    INTEGERS,
    MIB,
    SIZES,
    UNSIGNED,
    WITH_EXPANDED,
    one_of_each,
    ones,
    relaid,
)
from specs.threads import in_another_thread

PARAMETERS = ["conv1.weight", "conv1.bias", "bn.weight", "bn.bias"]
BUFFERS = ["bn.running_mean", "bn.running_var", "bn.num_batches_tracked"]

#: Layers with weight and bias, with a weight alone, and with neither.
LAYERS = {
    "Linear": lambda: nn.Linear(2, 2),
    "Linear without bias": lambda: nn.Linear(2, 2, bias=False),
    "Linear of many": lambda: nn.Linear(129, 65),
    "Linear frozen": lambda: nn.Linear(2, 2).requires_grad_(False),
    "Conv2d": lambda: nn.Conv2d(2, 2, 1),
    "Conv2d of channels last": lambda: nn.Conv2d(2, 3, 2).to(memory_format=torch.channels_last),
    "Conv3d": lambda: nn.Conv3d(2, 3, 2),
    "BatchNorm2d": lambda: nn.BatchNorm2d(2),
    "ReLU": lambda: nn.ReLU(),
    "Dropout": lambda: nn.Dropout(),
}
#: Containers of parameters, which are no layers.
PARAMETERS_IN = {
    "ParameterList": lambda: nn.ParameterList(nn.Parameter(torch.ones(n)) for n in (2, 3)),
    "ParameterDict": lambda: nn.ParameterDict({it: nn.Parameter(torch.ones(2)) for it in "ab"}),
}
#: The names of what has other parameters than weight and bias.
NAMED = {"ReLU": "", "Dropout": "", "ParameterList": "01", "ParameterDict": "ab"}
#: Names in a ModuleDict, in an order that is not the alphabet's.
NAMES = ("2", "0", "1", "5", "3", "4", "8", "7", "6", "9")
#: Modules that hold modules, each with how it names them.
CONTAINERS = {
    "Sequential": lambda held: nn.Sequential(*held),
    "ModuleList": lambda held: nn.ModuleList(held),
    "ModuleDict": lambda held: nn.ModuleDict(dict(zip(NAMES, held, strict=False))),
    "Module": lambda held: module_of({str(i): it for i, it in enumerate(held)}),
}
#: A net as what it is of: the kind of a layer, or that of a container and what it holds.
TREES = st.recursive(
    st.sampled_from(sorted(LAYERS | PARAMETERS_IN)),
    lambda inner: st.tuples(
        st.sampled_from(sorted(CONTAINERS)), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
).map(lambda tree: tree if isinstance(tree, tuple) else ("Module", [tree]))
#: A layer below four containers.
FOUR_DEEP = (
    "Module",
    ["Conv2d", ("Sequential", [("ModuleList", [("ModuleDict", ["BatchNorm2d", "Linear"])])])],
)
_INNERMOST = ("Module", ["Parts", "BatchNorm2d", "ParameterList", "Dropout", "ParameterDict"])
_IN_FOUR = ("ModuleDict", [("Sequential", [("ModuleList", [_INNERMOST])])])
#: Parameters and buffers of every kind below nine containers, the first of which has 12 parts.
#: They are tried in every run.
OF_EVERY_KIND = (
    "Module",
    [
        "Linear of many",
        *["Linear", "Linear frozen"] * 5,  # so that "10" comes after "9"
        ("Sequential", [("ModuleList", [("ModuleDict", [("Module", [_IN_FOUR])])])]),
    ],
)


def module_of(held: dict[str, object]) -> nn.Module:
    """A module that holds these under their names, and then a parameter of its own."""
    module = nn.Module()
    for name, value in held.items():
        setattr(module, name, value)
    module.own = nn.Parameter(torch.ones(2))
    return module


def parts() -> nn.Module:
    """Parameters of each rank, and of each dtype in each layout, and buffers of each of either.

    Every third parameter is frozen, and the first has two names.
    """
    module, held = nn.Module(), [*ones(FLOATS), torch.ones(2, 0)]
    for turn, values in enumerate(held):
        parameter = nn.Parameter(values, requires_grad=turn % 3 != 1)
        module.register_parameter(f"part{turn}", parameter)
    module.again = module.part0
    dtypes = FLOATS + INTEGERS + BOOL
    for turn, dtype in enumerate(dtypes):
        shape = EACH_RANK[turn % 6]  # not that of many elements
        module.register_buffer(f"buffer{turn}", torch.ones(shape, dtype=dtype))
    module.names = [*(f"part{turn}" for turn in range(len(held))), "again"]
    module.names += [f"buffer{turn}" for turn in range(len(dtypes))]
    return module


def built(tree: str | tuple) -> nn.Module:
    """The net that a tree describes."""
    if tree == "Parts":
        return parts()
    if isinstance(tree, str):
        return (LAYERS | PARAMETERS_IN)[tree]()
    return CONTAINERS[tree[0]]([built(part) for part in tree[1]])


def state_of(net: nn.Module, tree: str | tuple, at: str = "") -> dict[str, torch.Tensor]:
    """What a net that was built so has of parameters and buffers, by name and in order."""
    if tree == "Parts":
        return {at + name: getattr(net, name) for name in net.names}
    if isinstance(tree, str):
        names = list(NAMED.get(tree, ("weight", "bias")))
        names += [name.removeprefix("bn.") for name in BUFFERS] if tree == "BatchNorm2d" else []
        return {at + name: getattr(net, name) for name in names if getattr(net, name) is not None}
    found = {at + "own": net.own} if tree[0] == "Module" else {}
    names = NAMES if tree[0] == "ModuleDict" else map(str, range(len(tree[1])))
    for name, part in zip(names, tree[1], strict=False):
        found |= state_of(net.get_submodule(name), part, f"{at}{name}.")
    return found


def once(found: dict[str, torch.Tensor]) -> dict[str, nn.Parameter]:
    """The parameters among these, each under its first name alone."""
    first = {id(it): name for name, it in reversed(found.items())}
    parameters = {name: it for name, it in found.items() if isinstance(it, nn.Parameter)}
    return {name: it for name, it in parameters.items() if first[id(it)] == name}


def numbered(net: nn.Module) -> list[np.ndarray]:
    """What each tensor of the state_dict then holds: whole numbers, of bools that of one."""
    state = net.state_dict().values()
    numbers = [np.arange(it.numel()).reshape(it.shape) % 5 for it in state]
    numbers = [
        it == 1 if held.dtype is torch.bool else it for it, held in zip(numbers, state, strict=True)
    ]
    for held, it in zip(state, numbers, strict=True):
        held.copy_(torch.from_numpy(np.asarray(it)))
    return numbers


def here_and_in_a_thread(function) -> list:
    """What a function gives in this thread, and what in another."""
    return [function(), in_another_thread(function)]


class Doubled(nn.Module):
    """A module whose forward() is twice that of the layer within."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2 * self.layer(x)


class TestParameters:
    """Module.parameters: every Parameter of a net."""

    @claim("2.3.1")
    @given(inputs=SIZES, outputs=SIZES)
    def test_parameters_are_the_convolutions_then_the_batch_norms(self, inputs, outputs):
        net = Net(inputs, outputs)

        found = list(net.parameters())
        expected = [net.conv1.weight, net.conv1.bias, net.bn.weight, net.bn.bias]

        assert [id(p) for p in found] == [id(p) for p in expected]
        assert all(type(p) is nn.Parameter and p.requires_grad for p in found)

    @claim("2.3.1")
    @given(outputs=SIZES, dtype=st.sampled_from(FLOATS))
    def test_weight_of_a_new_batch_norm_is_ones_and_its_bias_zeros(self, outputs, dtype, device):
        for bn in (Net(3, outputs).to(device).bn, nn.BatchNorm2d(outputs, dtype=dtype)):
            assert same_values(bn.weight, np.ones(outputs))
            assert same_values(bn.bias, np.zeros(outputs))

    @claim("2.3.1")
    def test_a_modules_own_parameters_come_alone_without_recurse(self):
        net = built(FOUR_DEEP)

        assert [id(p) for p in net.parameters(recurse=False)] == [id(net.own)]

    @claim("2.3.1")
    def test_one_pass_empties_what_it_returns_which_has_no_index(self):
        for tree in (FOUR_DEEP, OF_EVERY_KIND):
            parameters = built(tree).parameters()

            assert len([*parameters]) > 1
            assert [*parameters] == []
            with pytest.raises(TypeError, match="not subscriptable"):
                parameters[0]

    @claim("2.3.1")
    def test_a_relu_adds_no_parameter(self):
        assert list(Net().relu.parameters()) == []

    @claim("2.3.1")
    @example(tree=("Sequential", ["Linear"] * 12))  # "10" comes after "9"
    @example(tree=("ModuleList", ["Linear"] * 12))
    @example(tree=OF_EVERY_KIND)
    @given(tree=TREES)
    def test_parameters_come_in_the_order_of_definition_a_modules_own_first(self, tree):
        net = built(tree)
        expected = [id(it) for it in once(state_of(net, tree)).values()]

        for mode in (torch.enable_grad, torch.no_grad):
            with mode():
                for found in (net.parameters(), net.parameters(recurse=True)):
                    assert [id(p) for p in found] == expected
            net.eval().requires_grad_(False)

    @claim("2.3.1")
    def test_parameters_of_a_layer_below_four_containers_are_found(self):
        net = built(FOUR_DEEP)
        inner = getattr(net, "1")[0][0]

        expected = [net.own, *getattr(net, "0").parameters()]
        expected += [inner["2"].weight, inner["2"].bias, inner["0"].weight, inner["0"].bias]
        for found in here_and_in_a_thread(lambda: list(net.parameters())):
            assert [id(p) for p in found] == [id(p) for p in expected]

    @claim("2.3.1")
    def test_a_parameter_that_was_none_for_a_while_keeps_its_place(self):
        module = nn.Module()
        for name in ("first", "second"):
            setattr(module, name, nn.Parameter(torch.ones(1)))

        module.first = None
        module.first = nn.Parameter(torch.ones(1))

        assert [name for name, _ in module.named_parameters()] == ["first", "second"]

    @claim("2.3.1")
    def test_a_layer_that_is_set_again_keeps_its_place_and_one_deleted_before_comes_last(self):
        net = Net()

        net.conv1, net.bn.weight = nn.Conv2d(3, 5, 2), nn.Parameter(torch.ones(5))
        assert [id(p) for p in net.parameters()][:3] == [
            *(id(net.conv1.weight), id(net.conv1.bias), id(net.bn.weight))
        ]

        del net.conv1
        net.conv1 = nn.Conv2d(3, 5, 2)
        assert [name for name, _ in net.named_parameters()] == PARAMETERS[2:] + PARAMETERS[:2]

        for net in (built(FOUR_DEEP), built(("Sequential", list(LAYERS)))):
            names = [name for name, _ in net.named_parameters()]
            for layer in net.modules():
                for name, old in list(layer.named_parameters(recurse=False)):
                    setattr(layer, name, nn.Parameter(old.detach()))
                    assert [name for name, _ in net.named_parameters()] == names

    @claim("2.3.1")
    def test_so_does_an_entry_of_a_container(self):
        def make() -> nn.Module:
            return nn.Linear(1, 1, bias=False)

        made = [make() for _ in range(3)]
        nets = [
            nn.Sequential(*made),
            nn.ModuleList(made),
            nn.ModuleDict(zip("cab", made, strict=True)),
        ]
        for net, turn in itertools.product(nets, range(3)):
            new = make()
            name = list(net._modules)[turn] if isinstance(net, nn.ModuleDict) else turn
            before = list(net.parameters())

            net[name] = new

            before[turn] = new.weight
            assert [id(p) for p in net.parameters()] == [id(p) for p in before]
            if isinstance(net, nn.ModuleDict):
                del net[name]
                net[name] = new
                assert next(reversed([*net.parameters()])) is new.weight

        listed = nn.ParameterList(nn.Parameter(torch.ones(1)) for _ in range(3))
        named = nn.ParameterDict({name: nn.Parameter(torch.ones(1)) for name in "cab"})
        for held, name in ((listed, 0), (listed, -1), (named, "c"), (named, "a")):
            before = [id(p) for p in held.parameters()]
            old, new = id(held[name]), nn.Parameter(torch.ones(2))
            held[name] = new
            assert [id(p) for p in held.parameters()] == [
                id(new) if it == old else it for it in before
            ]

    @claim("2.3.1")
    def test_a_parameter_that_was_deleted_comes_last(self):
        module = nn.Module()
        for name in ("first", "second"):
            setattr(module, name, nn.Parameter(torch.ones(1)))

        del module.first
        module.first = nn.Parameter(torch.ones(1))

        assert [name for name, _ in module.named_parameters()] == ["second", "first"]

    @claim("2.3.1")
    def test_deleting_a_layer_of_a_sequential_renumbers_the_rest(self):
        net = nn.Sequential(nn.Linear(1, 1), nn.ReLU(), nn.Linear(1, 1))
        last = net[2]

        del net[0]

        assert [name for name, _ in net.named_parameters()] == ["1.weight", "1.bias"]
        assert net[1] is last


class TestPrintedNet:
    """What print(net) shows."""

    @claim("2.3.2")
    @since("2.12")
    def test_print_of_the_net_shows_each_module_and_the_argument_bias_of_its_batch_norm(self):
        assert str(Net()).splitlines() == [
            "Net(",
            "  (conv1): Conv2d(3, 5, kernel_size=(2, 2), stride=(1, 1))",
            "  (bn): BatchNorm2d(5, eps=1e-05, momentum=0.1, affine=True, bias=True, "
            "track_running_stats=True)",
            "  (relu): ReLU(inplace=True)",
            ")",
        ]

    @claim("2.3.2")
    @before("2.12")
    def test_print_of_the_net_shows_each_module_as_in_the_article(self):
        assert str(Net()).splitlines() == [
            "Net(",
            "  (conv1): Conv2d(3, 5, kernel_size=(2, 2), stride=(1, 1))",
            "  (bn): BatchNorm2d(5, eps=1e-05, momentum=0.1, affine=True, "
            "track_running_stats=True)",
            "  (relu): ReLU(inplace=True)",
            ")",
        ]

    @claim("2.3.2")
    @given(kinds=st.lists(st.sampled_from(sorted(LAYERS)), min_size=1, max_size=5))
    def test_print_of_any_net_shows_each_module_by_name(self, kinds):
        net = nn.Module()
        for position, kind in enumerate(kinds):
            setattr(net, f"layer{position}", LAYERS[kind]())
        net.again = net.layer0

        for changed in (net, net.eval(), net.double(), net.requires_grad_(False)):
            lines = repr(changed).splitlines()[1:-1]
            assert [line.partition("(")[2].partition("(")[0] for line in lines] == [
                *(f"layer{position}): {kind.split()[0]}" for position, kind in enumerate(kinds)),
                f"again): {kinds[0].split()[0]}",
            ]

    @claim("2.3.2")
    def test_print_of_a_net_shows_a_module_below_four_containers(self):
        net = built(FOUR_DEEP)
        net.listed = nn.ModuleList([nn.ReLU(), nn.Dropout(), getattr(net, "1")])

        lines = [line.partition(": ")[0] for line in str(net).splitlines()]

        assert lines == [
            *("Module(", "  (0)", "  (1)", "    (0)", "      (0)", "        (2)", "        (0)"),
            *(
                "      )",
                "    )",
                "  )",
                "  (listed)",
                "    (0)",
                "    (1)",
                "    (2)",
                "      (0)",
            ),
            *("        (0)", "          (2)", "          (0)", "        )", "      )", "    )"),
            *("  )", ")"),
        ]
        for holder in nets_around(nn.Softmax(1)):
            assert "Softmax(dim=1)" in str(holder)

    @claim("2.3.2")
    def test_print_of_a_layer_shows_the_arguments_that_it_was_given(self):
        conv = (
            "Conv2d(4, 64, kernel_size=(3, 1), stride=(2, 2), padding=(1, 1), groups=2, bias=False)"
        )
        assert str(nn.Conv2d(4, 64, (3, 1), 2, 1, groups=2, bias=False)) == conv
        usual = nn.BatchNorm2d(300)
        other = nn.BatchNorm2d(17, 0.5, None, affine=False, track_running_stats=False)
        assert [re.sub(r"bias=\w+, ", "", str(it)) for it in (usual, other)] == [  # new in 2.12
            "BatchNorm2d(300, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
            "BatchNorm2d(17, eps=0.5, momentum=None, affine=False, track_running_stats=False)",
        ]
        for layer in (
            "Conv1d(2, 4, kernel_size=(3,), stride=(2,), groups=2)",
            "Conv3d(2, 4, kernel_size=(1, 2, 3), stride=(1, 1, 1), padding=(0, 1, 1))",
            "ConvTranspose2d(2, 4, kernel_size=(3, 3), stride=(2, 2), output_padding=(1, 1))",
            *("Linear(in_features=300, out_features=2, bias=False)", "Embedding(300, 65)"),
            *("LSTM(2, 3, num_layers=2, batch_first=True)", "Dropout(p=0.25, inplace=True)"),
            *("Softmax(dim=-1)", "LeakyReLU(negative_slope=0.25)", "GELU(approximate='tanh')"),
            "MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)",
        ):
            assert repr(eval(f"nn.{layer}")) == layer
        net = nn.Sequential(*(nn.Linear(width, 2) for width in range(1, 41)))
        assert str(net).splitlines() == [
            "Sequential(",
            *(f"  ({turn}): {layer}" for turn, layer in enumerate(net)),
            ")",
        ]
        for layer, shown in (
            (nn.Linear(300, 65, False), "Linear(in_features=300, out_features=65, bias=False)"),
            (nn.Embedding(300, 2, 0, 1.5), "Embedding(300, 2, padding_idx=0, max_norm=1.5)"),
            (nn.Embedding(3, 2, sparse=True), "Embedding(3, 2, sparse=True)"),
            (nn.Dropout(0.25, inplace=True), "Dropout(p=0.25, inplace=True)"),
            (nn.LeakyReLU(0.5), "LeakyReLU(negative_slope=0.5)"),
            (nn.Softmax(dim=1), "Softmax(dim=1)"),
            (nn.AvgPool2d(3, 2, 1), "AvgPool2d(kernel_size=3, stride=2, padding=1)"),
            (
                nn.MaxPool2d(3, 2, 1, ceil_mode=True),
                "MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=True)",
            ),
            (
                nn.Conv1d(2, 4, 3, dilation=2, padding_mode="circular"),
                "Conv1d(2, 4, kernel_size=(3,), stride=(1,), dilation=(2,), padding_mode=circular)",
            ),
            (nn.LSTM(3, 2, 2, batch_first=True), "LSTM(3, 2, num_layers=2, batch_first=True)"),
            (nn.Flatten(2), "Flatten(start_dim=2, end_dim=-1)"),
        ):
            assert str(layer) == shown


class TestStateDict:
    """Module.state_dict: parameters and buffers by name."""

    @claim("2.3.3")
    @given(inputs=SIZES, outputs=SIZES)
    def test_state_dict_has_seven_keys_in_order(self, inputs, outputs):
        assert list(Net(inputs, outputs).state_dict().keys()) == PARAMETERS + BUFFERS

    @claim("2.3.3")
    def test_keys_of_a_state_dict_print_as_odict_keys(self):
        assert str(Net().state_dict().keys()) == f"odict_keys({PARAMETERS + BUFFERS})"

    @claim("2.3.3")
    @given(inputs=SIZES, outputs=SIZES, dtype=st.sampled_from(FLOATS))
    def test_state_dict_holds_the_nets_own_memory_without_grad(
        self, inputs, outputs, dtype, device
    ):
        net = Net(inputs, outputs).to(device, dtype)

        for state in (net.state_dict(), net.eval().state_dict()):
            for name, tensor in [*net.named_parameters(), *net.named_buffers()]:
                assert same_bits(state[name], tensor)
                assert share_memory(state[name], tensor)
                assert not state[name].requires_grad

    @claim("2.3.3")
    @example(tree=OF_EVERY_KIND)
    @given(tree=TREES)
    def test_state_dict_names_what_is_in_any_net_a_modules_parameters_before_its_buffers(
        self, tree
    ):
        net = built(tree)

        state, expected = net.state_dict(), state_of(net, tree)

        assert list(state) == list(expected)
        for name, tensor in expected.items():
            assert state[name].data_ptr() == tensor.data_ptr()

    @claim("2.3.3")
    def test_state_dict_names_a_layer_below_four_containers(self):
        for state in here_and_in_a_thread(built(FOUR_DEEP).state_dict):
            assert [name for name in state if name.startswith("1")] == [
                *("1.0.0.2.weight", "1.0.0.2.bias", "1.0.0.2.running_mean", "1.0.0.2.running_var"),
                *("1.0.0.2.num_batches_tracked", "1.0.0.0.weight", "1.0.0.0.bias"),
            ]

    @claim("2.3.4")
    @given(inputs=SIZES, outputs=SIZES)
    def test_state_dict_names_buffers_which_are_no_parameters(self, inputs, outputs):
        net = Net(inputs, outputs)
        parameters = {id(p) for p in net.parameters()}

        for _ in range(3):
            assert set(BUFFERS) <= set(net.state_dict())
        assert [name for name, _ in net.named_buffers()] == BUFFERS
        for _, buffer in net.named_buffers():
            assert id(buffer) not in parameters
            assert not isinstance(buffer, nn.Parameter)
            assert not buffer.requires_grad

    @claim("2.3.4")
    @given(inputs=SIZES, outputs=SIZES)
    def test_named_parameters_names_the_four_parameters_alone(self, inputs, outputs):
        net = Net(inputs, outputs)
        named = list(net.named_parameters())

        assert [name for name, _ in named] == PARAMETERS
        assert [id(p) for _, p in named] == [id(p) for p in net.parameters()]

    @claim("2.3.4")
    @example(tree=OF_EVERY_KIND)
    @given(tree=TREES)
    def test_named_parameters_and_named_buffers_share_the_names_of_state_dict(self, tree):
        net = built(tree)
        expected = state_of(net, tree)
        buffers = [name for name, it in expected.items() if not isinstance(it, nn.Parameter)]

        for _ in range(3):
            assert [name for name, _ in net.named_parameters()] == list(once(expected))
            assert all(it is expected[name] for name, it in net.named_parameters())
            assert [name for name, _ in net.named_buffers()] == buffers
            assert all(it is expected[name] for name, it in net.named_buffers())

    @claim("2.3.4")
    def test_names_of_parameters_and_buffers_tell_the_way_through_four_containers(self):
        net = built(FOUR_DEEP)
        expected = state_of(net, FOUR_DEEP)

        for named in here_and_in_a_thread(
            lambda: {**dict(net.named_parameters()), **dict(net.named_buffers())}
        ):
            assert sorted(named) == sorted(expected)
            assert all(it is expected[name] for name, it in named.items())
            assert sorted(net.state_dict()) == sorted(expected)

    @claim("2.3.4")
    def test_buffers_of_a_new_batch_norm_are_zeros_ones_and_no_batches(self, device):
        for outputs in [1, 5, 17, 300]:
            for bn in (Net(3, outputs).to(device).bn, nn.BatchNorm2d(outputs, dtype=torch.float64)):
                assert same_values(bn.running_mean, np.zeros(outputs))
                assert same_values(bn.running_var, np.ones(outputs))
                assert bn.num_batches_tracked.item() == 0
                assert bn.num_batches_tracked.dtype is torch.int64


class TestRegistration:
    """What a Module takes for its own: modules, Parameters and buffers."""

    @claim("2.3.5")
    def test_modules_in_a_plain_container_are_not_found(self):
        for hidden in [
            list,
            tuple,
            set,
            lambda held: dict(enumerate(held)),
            lambda held: {"inner": [held]},
        ]:
            layers = [layer() for layer in (*LAYERS.values(), lambda: built(FOUR_DEEP))]
            net = nn.Module()
            net.layers = hidden(layers)
            outer = nn.Sequential(nn.ModuleList([nn.ModuleDict({"net": net})]))

            for whole in (net, outer):
                whole.eval().double()
                whole.to(torch.float64)

                assert [*whole.parameters(), *whole.buffers(), *whole.state_dict()] == []
            assert str(net) == "Module()"
            unchanged = {p.dtype for layer in layers for p in layer.parameters()}
            assert unchanged | {layer.training for layer in layers} == {torch.float32, True}

    @claim("2.3.5")
    def test_modules_in_a_container_of_modules_are_found(self):
        for container in CONTAINERS:
            layers = [layer() for layer in LAYERS.values()]
            net = nn.Module()
            net.layers = CONTAINERS[container](layers)
            outer = nn.Sequential(nn.ModuleList([nn.ModuleDict({"net": net})]))

            outer.eval().to(torch.float64)

            expected = [id(p) for layer in layers for p in layer.parameters()]
            assert [id(p) for p in net.parameters()][-len(expected) :] == expected
            changed = {p.dtype for p in net.parameters()}
            assert changed | {layer.training for layer in layers} == {torch.float64, False}

    @claim("2.3.5")
    def test_parameters_in_a_plain_list_are_not_found_and_those_in_a_parameter_list_are(self):
        weights = [nn.Parameter(torch.ones(2)) for _ in range(103)]
        net = nn.Module()

        net.hidden = weights
        assert list(net.parameters()) == []

        net.listed = nn.ParameterList(weights[:102])
        net.named = nn.ParameterDict({"last": weights[102]})
        for found in (net.parameters(), [*net.listed.parameters(), *net.named.parameters()]):
            assert [id(p) for p in found] == [id(p) for p in weights]
        assert list(net.state_dict()) == [*(f"listed.{i}" for i in range(102)), "named.last"]
        nn.Sequential(net).double()
        assert {p.dtype for p in weights} == {torch.float64}

    @claim("2.3.5")
    def test_an_attribute_that_was_none_holds_what_is_found(self):
        for make in LAYERS.values():
            layer, weight, net = make(), nn.Parameter(torch.ones(2)), nn.Module()
            net.add_module("added", None)
            net.register_parameter("registered", None)
            net.module = net.parameter = None

            net.added = net.module = layer  # pytorch#977
            net.registered = net.parameter = weight

            names = [
                f"{held}.{name}" for held in ("added", "module") for name in layer.state_dict()
            ]
            assert sorted(net.state_dict()) == sorted(["parameter", "registered", *names])

    @claim("2.3.5")
    def test_whatever_way_a_container_gets_them_they_are_found(self):
        layers = [layer() for layer in LAYERS.values()]
        pairs = [(f"part{turn}", layer) for turn, layer in enumerate(layers)]
        first, *others = layers
        containers = [nn.ModuleList([first]), nn.ModuleList([first]), nn.ModuleList(layers[1:])]
        sums = [nn.ModuleList([first]) + others, nn.ModuleList([first]) + nn.ModuleList(others)]
        containers[0].extend(iter(others))
        containers[1] += others
        containers[2].insert(0, first)
        containers += [nn.ModuleList(), nn.Sequential(), nn.ModuleDict(), nn.ModuleDict(pairs)]
        for layer in layers:
            containers[3].append(layer)
            containers[4].append(layer)
        for held in (pairs, dict(pairs), nn.ModuleDict(pairs)):
            containers.append(nn.ModuleDict())
            containers[-1].update(held)
        for name, layer in pairs:
            containers[5][name] = layer
        containers.append(nn.Module())
        for name, layer in pairs:
            containers[-1].add_module(name, layer)
        expected = [id(p) for layer in layers for p in layer.parameters()]
        for container in (*containers, *sums):
            assert [id(p) for p in nn.Sequential(container).parameters()] == expected

        weights = [nn.Parameter(torch.ones(2)) for _ in range(5)]
        named = [(f"part{turn}", weight) for turn, weight in enumerate(weights)]
        lists = [nn.ParameterList(weights[:n]) for n in (5, 1, 1, 4)]
        lists[1].extend(weights[1:])
        lists[2] += weights[1:]
        lists[3].append(weights[4])
        dicts = [nn.ParameterDict(dict(named)), nn.ParameterDict(), nn.ParameterDict()]
        dicts[1].update(dict(named))
        for name, weight in named:
            dicts[2][name] = weight
        for container in (*lists, *dicts):
            assert [id(p) for p in nn.Sequential(container).parameters()] == list(map(id, weights))

    @claim("2.3.5")
    def test_a_module_list_refuses_to_add_a_single_module_and_a_module_dict_keys_but_strings(self):
        for container, add, added, why in (
            (nn.ModuleList(), nn.ModuleList.extend, nn.ReLU(), "iterable, but got ReLU"),
            (nn.ModuleList(), operator.iadd, nn.Linear(1, 1), "iterable, but got Linear"),
            (nn.ModuleDict(), nn.ModuleDict.update, {1: nn.ReLU()}, "be a string. Got int"),
        ):
            with pytest.raises(TypeError, match=why):
                add(container, added)
            assert len(container) == 0

    @claim("2.3.5")
    def test_an_optimizer_refuses_an_empty_list_or_parameters_that_are_used_up(self):
        for optimizer in [optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop, optim.Adagrad]:
            parameters = Net().parameters()
            list(parameters)

            for empty in ([], parameters, nn.Module().parameters()):
                with pytest.raises(ValueError, match="empty parameter list"):
                    optimizer(empty, lr=0.1)

    @claim("2.3.5")
    def test_parameters_that_are_used_up_clip_no_gradient(self, device):
        layer = nn.Linear(3, 2).to(device)
        layer(torch.full((1, 3), 100.0, device=device)).sum().backward()
        parameters = layer.parameters()
        optim.SGD(parameters, lr=0.1)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # newer releases say so
            nn.utils.clip_grad_norm_(parameters, 1.0)
        assert same_values(layer.weight.grad, np.full((2, 3), 100.0))

        nn.utils.clip_grad_norm_(layer.parameters(), 1.0)
        assert layer.weight.grad.norm().item() <= 1

    @claim("2.3.6")
    @given(inputs=SIZES, dtype=st.sampled_from((torch.float64, torch.float16, torch.bfloat16)))
    def test_buffers_are_moved_and_saved_and_plain_tensors_are_not(self, inputs, dtype, device):
        net = nn.Module()
        net.plain = torch.ones(inputs)
        net.register_buffer("buffer", torch.ones(inputs))
        net.register_buffer("passing", torch.ones(inputs), persistent=False)
        net.parameter = nn.Parameter(torch.ones(inputs))
        inner = nn.Sequential(nn.ModuleDict({"net": net}))
        outer = nn.Sequential(nn.ModuleList([inner]))

        outer.to(device, dtype)

        assert (net.plain.dtype, net.plain.device.type) == (torch.float32, "cpu")
        for moved in (net.buffer, net.passing, net.parameter):
            assert (moved.dtype, moved.device.type) == (dtype, torch.device(device).type)
        assert list(net.state_dict()) == ["parameter", "buffer"]
        assert [name for name, _ in net.named_buffers()] == ["buffer", "passing"]

    @claim("2.3.6")
    def test_a_buffer_of_every_dtype_and_rank_is_saved_unless_it_is_not_persistent(self):
        for dtype in DTYPES:
            net = nn.Module()
            for shape in EACH_RANK[:-1]:
                net.register_buffer(f"saved{len(shape)}", torch.ones(shape, dtype=dtype))
                net.register_buffer(f"passing{len(shape)}", torch.ones(shape, dtype=dtype), False)

            saved = nn.Sequential(net).state_dict()

            expected = [(f"0.saved{rank}", dtype) for rank in range(6)]
            assert [(name, it.dtype) for name, it in saved.items()] == expected
            net.plain = torch.ones(2, 1, 3, dtype=dtype)
            for cast, to in ((nn.Module.double, torch.float64), (nn.Module.half, torch.float16)):
                cast(nn.Sequential(net))
                expected = to if dtype.is_floating_point else dtype
                assert {buffer.dtype for buffer in net.buffers()} == {expected}
                assert net.plain.dtype is dtype

    @claim("2.3.6")
    def test_buffers_of_every_size_and_layout_are_moved_and_saved(self, device):
        net, held = nn.Module(), [*one_of_each(FLOATS, WITH_EXPANDED), torch.ones(0, 2)]
        numbers = [as_array(values) for values in held]
        for turn, values in enumerate(held):
            net.register_buffer(f"saved{turn}", values)
            net.register_buffer(name=f"passing{turn}", tensor=values, persistent=False)
            setattr(net, f"plain{turn}", values)
        inner = nn.Sequential(nn.ModuleList([nn.ModuleDict({"net": net})]))

        for dtype in (torch.float64, torch.float16, torch.float32):
            inner.to(device, dtype)

            state = inner.state_dict()
            assert list(state) == [f"0.0.net.saved{turn}" for turn in range(len(held))]
            for turn, values in enumerate(held):
                for moved in (getattr(net, f"passing{turn}"), state[f"0.0.net.saved{turn}"]):
                    as_they_are = same_values(moved, numbers[turn])
                    assert (moved.dtype, as_they_are) == (dtype, True)
                assert getattr(net, f"plain{turn}") is values

    @claim("2.3.6")
    def test_a_buffer_that_is_assigned_a_tensor_stays_one_and_refuses_all_else(self):
        net = nn.Module()
        net.register_buffer("buffer", torch.ones(2))
        other = torch.zeros(3)

        net.buffer = other

        saved = {name: it.data_ptr() for name, it in net.state_dict().items()}
        assert saved == {"buffer": other.data_ptr()}
        with pytest.raises(TypeError, match="cannot assign 'list' as buffer"):
            net.buffer = [1.0]

    @claim("2.3.6")
    def test_a_buffer_that_was_none_is_saved_once_set_and_refused_where_it_is_none(self):
        for dtype, shape in itertools.product(DTYPES, ((), (3,), (2, 1, 3, 2))):
            net, new = nn.Module(), nn.Sequential(nn.ModuleDict({"in": nn.Module()}))
            for module in (net, new[0]["in"]):
                module.register_buffer("mean", None)
            assert list(net.state_dict()) == []

            net.mean = torch.ones(shape).to(dtype)

            state = {f"0.in.{name}": it for name, it in net.state_dict().items()}
            assert list(state) == ["0.in.mean"]
            with pytest.raises(RuntimeError, match="Unexpected key"):
                new.load_state_dict(state)
            new[0]["in"].mean = torch.zeros(shape).to(dtype)
            new.load_state_dict(state)
            assert same_values(new[0]["in"].mean, np.ones(shape))

    @claim("2.3.6")
    def test_a_frozen_parameter_is_saved_and_learns_once_the_net_requires_grad(self, device):
        net = nn.Linear(3, 2).requires_grad_(False).to(device)
        net.scale = nn.Parameter(torch.ones(2), requires_grad=False)
        optimizer = optim.SGD(net.to(device, torch.float64).parameters(), lr=1.0)

        assert net.scale.dtype is torch.float64
        assert "scale" in net.state_dict()
        net.requires_grad_()
        with contextlib.suppress(RuntimeError):  # after which it stays
            net.scale.sum().backward()
        optimizer.step()
        assert same_values(net.scale, np.zeros(2))

    @claim("2.3.6")
    def test_a_buffer_refuses_the_name_of_another_attribute(self):
        for name in ["plain", "weight", "layer", "forward"]:
            net = nn.Linear(2, 2)
            net.plain, net.layer = torch.ones(2), nn.ReLU()
            net.register_buffer("buffer", torch.ones(2))

            with pytest.raises(KeyError, match=f"attribute '{name}' already exists"):
                net.register_buffer(name, torch.ones(2))
            net.register_buffer("buffer", torch.zeros(2))

            assert [name for name, _ in net.named_buffers()] == ["buffer"]

    @claim("2.3.6")
    def test_what_registers_refuses_names_that_are_taken_or_none_and_values_of_another_kind(self):
        for kind in ["buffer", "parameter", "module"]:
            register, value = {
                "buffer": (nn.Module.register_buffer, torch.ones(2)),
                "parameter": (nn.Module.register_parameter, nn.Parameter(torch.ones(2))),
                "module": (nn.Module.add_module, nn.ReLU()),
            }[kind]
            net = nn.Module()
            net.buffer, net.parameter, net.module = torch.ones(2), torch.ones(2), torch.ones(2)

            for name, error, message in (
                *((it, KeyError, f"attribute '{it}' already exists") for it in (kind, "forward")),
                ("", KeyError, f"{kind} name can.*t be empty"),
                ("a.b", KeyError, f"{kind} name can.*t contain"),
                (1, TypeError, f"{kind} name should be a string"),
            ):
                with pytest.raises(error, match=message):
                    register(net, name, value)
                assert list(net.state_dict()) == list(net.children()) == []
            for wrong in (5, [1.0], np.ones(2), "b"):
                with pytest.raises(TypeError, match=r"cannot assign|is not a Module"):
                    register(net, "a", wrong)

            register(net, "a", value)
            assert net.a is value

    @claim("2.3.6")
    def test_a_plain_tensor_that_was_left_on_another_device_cannot_be_computed_with(self):
        net = nn.Linear(2, 2)
        net.plain = torch.ones(2, 2)
        net.register_buffer("buffer", torch.ones(2))

        net.to("meta")

        assert net.buffer.device.type == "meta"
        for compute in (
            *(operator.add, operator.sub, operator.mul, operator.truediv, operator.pow),
            *(torch.maximum, torch.add, torch.Tensor.mul, operator.lt),
        ):
            with pytest.raises(RuntimeError, match="device"):
                compute(net.weight, net.plain)
        for compute in (operator.add, operator.sub, operator.mul, operator.truediv):
            assert compute(net.weight, torch.tensor(2.0)).device.type == "meta"
        assert (net.plain @ net.weight).shape == (2, 2)

    @claim("2.3.6")
    def test_an_optimizer_and_backward_leave_buffers_alone(self, device):
        net = nn.Module()
        net.register_buffer("buffer", torch.ones(2))
        net.parameter = nn.Parameter(torch.ones(2))
        net.to(device)

        for make in (optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop, optim.Adagrad):
            optimizer = make(net.parameters(), lr=1.0)
            for _ in range(3):
                optimizer.zero_grad()
                (net.parameter * net.buffer).sum().backward()
                optimizer.step()

                assert (net.buffer.grad, net.buffer.tolist()) == (None, [1.0, 1.0])

    @claim("2.3.7")
    @given(inputs=SIZES, sharers=st.integers(2, 4), deep=st.booleans())
    def test_a_shared_weight_comes_once_in_parameters_and_everywhere_in_state_dict(
        self, inputs, sharers, deep
    ):
        layers = [nn.Linear(inputs, inputs, bias=False) for _ in range(sharers)]
        for layer in layers:
            layer.weight = layers[0].weight
        inner = layers
        if deep:
            inner = [nn.ModuleDict({"a": nn.ModuleList([nn.Sequential(it)])}) for it in layers]
        net = nn.Sequential(*inner)
        path = ".a.0.0.weight" if deep else ".weight"

        assert [name for name, _ in net.named_parameters()] == ["0" + path]
        assert list(net.state_dict()) == [f"{i}{path}" for i in range(sharers)]
        assert [id(p) for p in net.parameters()] == [id(layers[0].weight)]
        net.double()
        assert all(layer.weight is layers[0].weight for layer in layers)

    #: Ways to give a layer a Parameter of its own in the memory of another's.
    TRANSPOSED = (
        lambda other, w: setattr(other, "weight", nn.Parameter(w.T)),
        lambda other, w: setattr(other, "weight", nn.Parameter(w.t()[:, :2])),
        lambda other, w: setattr(other.weight, "data", w.T),
        lambda other, w: setattr(other.weight, "data", w.data.T),
    )

    @claim("2.3.7")
    def test_a_parameter_of_a_parameters_transpose_shares_memory_but_no_gradient(self, device):
        for tie in self.TRANSPOSED:
            one, other = nn.Linear(3, 2).to(device), nn.Linear(2, 3, bias=False).to(device)
            tie(other, one.weight)

            (3 * one(torch.ones(1, 3, device=device))).sum().backward()
            assert other.weight.grad is None
            other(torch.ones(1, 2, device=device)).sum().backward()
            optim.SGD([other.weight], lr=1.0).step()

            assert same_values(one.weight.grad, np.full((2, 3), 3.0))
            assert same_bits(one.weight, as_array(other.weight).T)
            assert len(list(nn.ModuleList([one, other]).parameters())) == 3

    @claim("2.3.7")
    def test_double_gives_each_of_them_memory_of_its_own(self, device):
        for tie in self.TRANSPOSED:
            one, other = nn.Linear(3, 2).to(device), nn.Linear(2, 3, bias=False).to(device)
            tie(other, one.weight)

            nn.ModuleList([one, other]).double()

            assert not share_memory(one.weight, other.weight)

    @claim("2.3.7")
    def test_so_does_one_that_a_module_holds_under_several_names(self):
        weight, other = (nn.Parameter(torch.ones(2)) for _ in range(2))
        named = nn.Module()
        named.a, named.b, named.c = weight, other, weight
        for held, names in (
            (nn.ParameterList([weight, other, weight]), "012"),
            (nn.ParameterDict({"a": weight, "b": other, "c": weight}), "abc"),
            (named, "abc"),
        ):
            net = nn.Sequential(nn.ModuleDict({"held": held}))

            assert [id(p) for p in net.parameters()] == [id(weight), id(other)]
            assert [*dict(net.named_parameters())] == [f"0.held.{it}" for it in names[:2]]
            assert [*net.state_dict()] == [f"0.held.{it}" for it in names]

    @claim("2.3.7")
    @given(sharers=st.integers(2, 4))
    def test_a_layer_that_is_used_several_times_is_one_layer(self, sharers):
        for layer, held in ((nn.Linear(3, 3), 2), (nn.BatchNorm1d(3), 5)):
            net = nn.Sequential(*[layer] * sharers)

            for it in (
                net,
                nn.Sequential(nn.ModuleList([net])),
                nn.ModuleList([layer] * sharers),
                nn.ModuleDict({str(n): layer for n in range(sharers)}),
                nn.Sequential(nn.ModuleList([layer] * (sharers - 1)), nn.ModuleDict({"a": layer})),
            ):
                assert [id(p) for p in it.parameters()] == [id(layer.weight), id(layer.bias)]
                assert len(it.state_dict()) == held * sharers

    @claim("2.3.7")
    @given(inputs=SIZES, outputs=SIZES, sharers=st.integers(1, 3), bias=st.booleans())
    def test_numel_of_all_parameters_counts_every_number_once(self, inputs, outputs, sharers, bias):
        shared = nn.Linear(inputs, outputs, bias=bias)
        net = nn.ModuleDict({"conv": nn.Conv2d(3, 4, 5), "norm": nn.BatchNorm2d(4)})
        net["shared"] = nn.ModuleList([shared] * sharers)
        net["norm"].requires_grad_(False)

        counted = sum(p.numel() for p in net.parameters())
        learning = sum(p.numel() for p in net.parameters() if p.requires_grad)

        expected = (3 * 5 * 5 + 1) * 4 + 2 * 4 + (inputs + bias) * outputs
        assert (counted, learning) == (expected, expected - 2 * 4)

    @claim("2.3.7")
    @given(sharers=st.integers(1, 4), value=st.integers(-4, 4))
    def test_a_shared_weight_gets_the_sum_of_all_gradients(self, sharers, value, device):
        layer = nn.Linear(1, 1, bias=False).to(device)
        nn.init.constant_(layer.weight, value)

        nn.Sequential(*[layer] * sharers)(torch.ones(1, 1, device=device)).backward()

        assert layer.weight.grad.item() == sharers * value ** (sharers - 1)

    @claim("2.3.7")
    def test_it_gets_the_sum_whatever_shares_it_and_how_deep(self, device):
        for values in (*ones(FLOATS, ("channels_last", "gaps")), torch.ones(2, 0)):
            weight = nn.Parameter(values.to(device))
            sharers = [module_of({"weight": weight}) for _ in range(3)]
            deep = nn.ModuleDict({"a": nn.ModuleList([nn.Sequential(sharers[1])])})
            net = nn.ModuleList([sharers[0], deep, sharers[2]])
            names = ["0.weight", "1.a.0.0.weight", "2.weight"]

            assert sum(p is weight for p in net.parameters()) == 1
            assert [name for name, it in net.named_parameters() if it is weight] == names[:1]
            assert [name for name in net.state_dict() if "weight" in name] == names
            for passes in (1, 2):
                sum((it.weight * n).sum() for n, it in enumerate(sharers)).backward()
                assert same_values(weight.grad, np.full(values.shape, 3 * passes))

    @claim("2.3.7")
    def test_an_embedding_and_a_linear_share_their_weight(self, device):
        net = nn.ModuleDict({"embedding": nn.Embedding(300, 65), "linear": nn.Linear(65, 300)})
        net.to(device)  # a Parameter of its own for each, on some devices
        net.linear.weight = net.embedding.weight
        net.double()

        assert [name for name, _ in net.named_parameters()] == ["embedding.weight", "linear.bias"]
        assert list(net.state_dict()) == ["embedding.weight", "linear.weight", "linear.bias"]
        nn.init.ones_(net.linear.weight)
        net.linear(net.embedding(torch.tensor([2], device=device))).sum().backward()
        expected = np.ones((300, 65))  # of the Linear, for each output
        expected[2] += 300  # of the Embedding
        assert same_values(net.embedding.weight.grad, expected)

    @claim("2.3.7")
    def test_deepcopy_of_a_net_keeps_what_it_shares_and_shares_nothing_with_it(self, device):
        first, second = nn.Linear(2, 2, device=device), nn.Linear(2, 2, device=device)
        second.weight = first.weight
        net = nn.Sequential(first, second, built(FOUR_DEEP).to(device))
        twice = nn.Linear(2, 2, device=device)
        net.append(nn.Sequential(nn.ModuleDict({"a": twice, "b": first, "c": twice})))

        twin = copy.deepcopy(net)

        assert twin[1].weight is twin[0].weight
        held = twin[3][0]
        assert (held["a"], held["b"]) == (held["c"], twin[0])
        for copied, parameter in zip(twin.parameters(), net.parameters(), strict=True):
            assert not share_memory(copied, parameter)
            assert same_bits(copied, parameter)


class TestConversion:
    """Module.to and its kin."""

    @claim("2.3.8")
    def test_conversion_changes_the_module_itself_and_keeps_its_parameters(self):
        net = built(OF_EVERY_KIND)
        net.listed = nn.ModuleList([nn.ParameterList([nn.Parameter(torch.ones(2))])])
        parameters = [(id(p), p.requires_grad) for p in net.parameters()]
        dtypes, numbers = [buffer.dtype for buffer in net.buffers()], numbered(net)

        for convert, dtype in (
            (lambda net: net.to(torch.float64), torch.float64),
            (lambda net: net.to(dtype=torch.float16), torch.float16),
            (lambda net: net.to(torch.bfloat16), torch.bfloat16),
            (lambda net: net.to(torch.zeros((), dtype=torch.bfloat16)), torch.bfloat16),
            (lambda net: net.double(), torch.float64),
            (lambda net: net.half(), torch.float16),
            (lambda net: net.bfloat16(), torch.bfloat16),
            (lambda net: net.double().float(), torch.float32),
            (lambda net: net.to(torch.float32), torch.float32),
            (lambda net: net.to("cpu", torch.float64, non_blocking=True), torch.float64),
        ):
            for _ in range(2):
                assert convert(net) is net

                assert [(id(p), p.requires_grad) for p in net.parameters()] == parameters
                described = {(type(p), p.is_leaf, p.dtype) for p in net.parameters()}
                assert described == {(nn.Parameter, True, dtype)}
                assert [buffer.dtype for buffer in net.buffers()] == [
                    dtype if it.is_floating_point else it for it in dtypes
                ]
                assert all(map(same_values, net.state_dict().values(), numbers))
                net.float()

    @claim("2.3.8")
    def test_so_does_one_to_another_memory_format(self, device):
        net = built(("Module", [FOUR_DEEP, "Conv2d of channels last", "Linear"])).to(device)
        parameters, values = list(net.parameters()), [as_array(p) for p in net.parameters()]
        optimizer = optim.SGD(net.parameters(), lr=1.0)

        for memory_format in (torch.channels_last, torch.contiguous_format, torch.channels_last):
            for dtype in (torch.float32, torch.float64):
                assert net.to(dtype=dtype, memory_format=memory_format) is net
                assert net.to(memory_format=memory_format) is net

                assert [id(p) for p in net.parameters()] == [id(p) for p in parameters]
                assert all(map(same_values, parameters, values))
                kernels = [p for p in parameters if p.dim() == 4]
                assert all(p.is_contiguous(memory_format=memory_format) for p in kernels)
        for p in net.parameters():
            p.grad = torch.ones_like(p)
        optimizer.step()
        assert all(map(same_values, net.parameters(), [it.astype(float) - 1 for it in values]))

    @claim("2.3.8")
    @given(inputs=SIZES, outputs=SIZES)
    def test_conversion_replaces_buffers_and_leaves_counts_integers(self, inputs, outputs, device):
        net = Net(inputs, outputs).to(device)
        net.register_buffer("flags", torch.ones(3, device=device) > 0)
        mean = net.bn.running_mean
        whole = nn.Sequential(nn.ModuleList([nn.Sequential(nn.ModuleDict({"net": net}))]))

        whole.double()

        assert mean.dtype is torch.float32
        now = [it.dtype for it in (net.bn.running_mean, net.bn.num_batches_tracked, net.flags)]
        assert now == [torch.float64, torch.int64, torch.bool]

    @claim("2.3.8")
    def test_an_optimizer_made_before_updates_the_converted_net(self, device):
        net = nn.Sequential(nn.Linear(3, 2), nn.Sequential(nn.Linear(2, 2))).to(device)
        optimizer = optim.SGD(net.parameters(), lr=1.0)

        for convert, dtype in [(net.double, torch.float64), (net.float, torch.float32)]:
            convert()
            optimizer.zero_grad()
            sum(p.sum() for p in net.parameters()).backward()
            expected = [as_array(p) - 1 for p in net.parameters()]
            optimizer.step()
            for parameter, moved in zip(net.parameters(), expected, strict=True):
                assert parameter.grad.dtype is dtype
                assert same_bits(parameter, moved)

    @claim("2.3.8")
    @pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16], ids=str)
    def test_so_does_one_of_another_kind_that_has_not_stepped(self, dtype, device):
        kinds = [optim.Adam, optim.AdamW, optim.RMSprop]
        for kind in kinds + [optim.Adagrad] * (RELEASE >= (2, 2)):
            net = nn.Linear(3, 2).to(device)
            optimizer, before = kind(net.parameters(), lr=1.0), as_array(net.weight)

            net.to(dtype)
            net.weight.grad = torch.ones_like(net.weight)
            optimizer.step()

            assert np.all(as_array(net.weight) < before - 0.5)

    @claim("2.4.3")
    @pytest.mark.parametrize("kind", [optim.Adam, optim.AdamW])
    def test_adam_that_has_stepped_takes_another_dtype_once_it_loads_its_own_state(
        self, kind, device
    ):
        dtypes = (torch.float64, torch.bfloat16)
        for dtype, foreach, amsgrad in itertools.product(dtypes, (None, False), (False, True)):
            net = nn.Linear(3, 2).to(device)
            optimizer = kind(net.parameters(), lr=1.0, foreach=foreach, amsgrad=amsgrad)
            net.weight.grad = torch.ones_like(net.weight)
            optimizer.step()
            net.zero_grad()
            net.to(dtype)
            net.weight.grad = torch.ones_like(net.weight)

            with pytest.raises(RuntimeError, match=r"dtype|dynamic_casting"):
                optimizer.step()
            before = as_array(net.weight)
            optimizer.load_state_dict(optimizer.state_dict())
            optimizer.step()

            assert np.all(as_array(net.weight) < before - 0.5)

    @claim("2.4.3")
    @before("2.2")
    def test_a_new_adagrad_took_another_dtype_only_once_it_loaded_its_own_state_before(self):
        for dtype in (torch.float64, torch.bfloat16):
            net = nn.Linear(3, 2)
            optimizer = optim.Adagrad(net.parameters(), lr=1.0)
            net.to(dtype)
            net.weight.grad = torch.ones_like(net.weight)
            before = as_array(net.weight)

            with pytest.raises(RuntimeError, match="dynamic_casting"):
                optimizer.step()
            optimizer.load_state_dict(optimizer.state_dict())
            optimizer.step()

            assert np.all(as_array(net.weight) < before - 0.5)

    @claim("2.4.3")
    def test_an_optimizer_made_before_does_not_see_a_layer_that_is_put_in_later(self, device):
        net = nn.Sequential(nn.Sequential(nn.Linear(3, 3)), nn.Linear(3, 2)).to(device)
        optimizer = optim.SGD(net.parameters(), lr=1.0)
        later = nn.Linear(3, 3).to(device)
        net[0][0] = later
        before = as_array(later.weight)

        for _ in range(3):
            net(torch.ones(1, 3, device=device)).sum().backward()
            optimizer.step()

        assert same_bits(later.weight, before)

    @claim("2.3.8")
    @pytest.mark.parametrize("dtype", FLOATS, ids=str)
    def test_a_net_has_no_device_or_dtype_but_its_parameters_have(self, dtype, device):
        for net in (nn.Linear(2, 2), nn.Sequential(nn.Conv2d(2, 2, 1), nn.ReLU()), Net()):
            net.to(device, dtype)

            for name in ("device", "dtype"):
                with pytest.raises(AttributeError, match=f"no attribute '{name}'"):
                    getattr(net, name)
            first = next(net.parameters())
            assert (first.device.type, first.dtype) == (torch.device(device).type, dtype)

    @claim("2.3.8")
    def test_to_of_a_tensor_leaves_the_tensor_as_it_is(self, device):
        for x in ones(FLOATS):
            x, dtype = x.to(device), x.dtype
            other = torch.float64 if x.dtype is torch.float32 else torch.float32
            for to in (x.to(other), x.to(dtype=other), x.to(device, other)):
                assert (to.dtype, x.dtype) == (other, dtype)
                assert not share_memory(to, x)
            for same in (x.to(x.dtype), x.to(dtype=x.dtype), x.to(device), x.to(device, x.dtype)):
                assert same is x

    @claim("2.3.8")
    def test_a_layer_refuses_an_input_that_was_not_moved(self):
        # In 2.0 an LSTM on the meta device takes any input.
        for layer in (nn.GRU, nn.RNN, *[nn.LSTM] * (not (2, 0) <= RELEASE < (2, 1))):
            for net in (layer(2, 2), layer(2, 3, num_layers=2, bidirectional=True)):
                with pytest.raises(RuntimeError, match="device"):
                    net.to("meta")(torch.ones(3, 2, 2))
        for taking in (nn.Linear(2, 2, bias=False), nn.Conv1d(2, 2, 1)):  # from meta
            assert taking(torch.ones(3, 2, 2, device="meta")).shape == (3, 2, 2)

    @claim("2.3.8")
    def test_other_parameters_take_their_place_on_the_meta_device_and_when_they_come_back(self):
        net = built(FOUR_DEEP)
        parameters = list(net.parameters())

        on_meta = list(net.to("meta").parameters())
        with pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor"):
            net.to("cpu")
        back = list(net.to_empty(device="cpu").parameters())

        for old, there, new in zip(parameters, on_meta, back, strict=True):
            assert [it.device.type for it in (old, there, new)] == ["cpu", "meta", "cpu"]

    @claim("2.3.8")
    def test_a_module_refuses_to_become_integer(self):
        for dtype in [torch.int64, torch.int32, torch.bool]:
            with pytest.raises(TypeError, match="only accepts floating point"):
                Net().to(dtype)


def file_of(it) -> io.BytesIO:
    """A file in memory, with what torch.save wrote."""
    file = io.BytesIO()
    torch.save(it, file)
    file.seek(0)
    return file


def saved(it):
    """What torch.load makes of what torch.save wrote."""
    return torch.load(file_of(it), weights_only=True)


class TestLoadStateDict:
    """Module.load_state_dict, torch.save and torch.load."""

    @claim("2.3.9")
    @example(tree=OF_EVERY_KIND, frozen=False)
    @given(tree=TREES, frozen=st.booleans())
    def test_loading_copies_the_values_into_the_nets_own_parameters(self, tree, frozen, device):
        net, other = built(tree).to(device), built(tree).to(device)
        net.requires_grad_(not frozen)
        own = state_of(net, tree)
        aliases = [it.data for it in own.values()]

        for first in range(4):
            for start, tensor in enumerate(state_of(other, tree).values(), first):
                numbers = torch.arange(start, start + tensor.numel(), device=device) % 7
                tensor.data.copy_(numbers.reshape(tensor.shape))
            state = {name: relaid(it, first) for name, it in other.state_dict().items()}
            result = net.load_state_dict(state_dict=state, strict=first > 1)
            assert all(same_bits(it, own[name]) for name, it in state.items())

        assert str(result) == "<All keys matched successfully>"
        assert all(it is own[name] for name, it in state_of(net, tree).items())
        assert all(map(share_memory, own.values(), aliases))
        assert all(p.requires_grad is not frozen for p in net.parameters())

    @claim("2.3.9")
    @given(dtype=st.sampled_from(FLOATS), other=st.sampled_from(FLOATS))
    def test_loading_keeps_the_nets_dtype_and_rounds_to_it(self, dtype, other, device):
        net = nn.Linear(2, 3).to(device, dtype)
        values = torch.tensor([[1 / 3, 2], [-1, 257], [0, 1]], dtype=other, device=device)

        net.load_state_dict({"weight": values, "bias": values[:, 0]})

        assert same_bits(net.weight, values.to(dtype))
        held, thirds = nn.BatchNorm2d(3).to(device, dtype), values[:, 0]
        buffers = list(held.buffers())

        state = {"running_mean": thirds, "running_var": thirds, "num_batches_tracked": thirds[2]}
        held.load_state_dict(held.state_dict() | state)

        assert [id(it) for it in held.buffers()] == [id(it) for it in buffers]
        assert same_bits(held.running_mean, thirds.to(dtype))
        assert same_bits(held.running_var, thirds.to(dtype))
        assert same_bits(held.num_batches_tracked, np.array(0))

    @claim("2.3.4")
    def test_a_plain_dict_may_lack_num_batches_tracked(self, device):
        for make in (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm):
            net = nn.Sequential(nn.Linear(2, 2), nn.ModuleDict({"norm": make(3)})).to(device)
            state, name = net.state_dict(), "1.norm.num_batches_tracked"
            del state[name]

            assert net.load_state_dict(state, strict=False).missing_keys == [name]
            assert net.load_state_dict(dict(state), strict=False).missing_keys == []

    @claim("2.3.9")
    def test_a_missing_or_unexpected_key_is_refused_or_reported_and_the_others_are_loaded(
        self, device
    ):
        deep, outer = ["inner.1.0.0.0.weight"], ["module.conv1.bias"]  # as DataParallel names it
        net = Net().to(device)
        net.inner = built(FOUR_DEEP).to(device)
        for strict, (missing, unexpected) in itertools.product(
            (True, False),
            ((["conv1.bias", *deep], []), (deep, []), ([], outer), (["conv1.bias", *deep], outer)),
        ):
            kept = {name: as_array(net.state_dict()[name]) for name in missing}
            for value, settings, named in (
                (3, (), {"strict": strict}),
                (4, (strict,), {}),
                (5, (), {} if strict else {"strict": False}),
            ):
                state = {name: torch.full_like(it, value) for name, it in net.state_dict().items()}
                state = {name: it for name, it in state.items() if name not in missing}
                state |= {name: torch.ones(1) for name in unexpected}
                if strict:
                    with pytest.raises(RuntimeError, match=r"key\(s\) in state_dict"):
                        net.load_state_dict(state, *settings, **named)
                else:
                    result = None
                    with contextlib.suppress(RuntimeError):
                        result = net.load_state_dict(state, *settings, **named)
                    assert result == (missing, unexpected)
                for name, tensor in net.state_dict().items():
                    assert same_values(tensor, kept.get(name, np.full(tensor.shape, value)))

    @claim("2.3.9")
    @pytest.mark.parametrize("strict", [True, False])
    def test_another_shape_is_refused_strict_or_not_and_the_others_are_loaded(self, strict, device):
        for shape in [(2,), (2, 3, 1), (3, 2), (2, 4), (1, 3), ()]:
            net = nn.Linear(3, 2).to(device)
            before = as_array(net.weight)

            with pytest.raises(RuntimeError, match="size mismatch for weight"):
                net.load_state_dict({"weight": torch.ones(shape), "bias": torch.ones(2)}, strict)

            assert same_bits(net.weight, before)
            assert same_values(net.bias, np.ones(2))
        net = built(OF_EVERY_KIND).to(device)
        state = {name: torch.zeros(7, 7, *it.shape) for name, it in net.state_dict().items()}
        with pytest.raises(RuntimeError) as refusal:
            net.load_state_dict(state_dict=state, strict=strict)
        assert all(f"size mismatch for {name}:" in str(refusal.value) for name in state)

    @claim("2.3.9")
    def test_a_tensor_without_dimensions_takes_a_single_element(self, device):
        net = module_of({"scalar": nn.Parameter(torch.ones((), device=device))})

        with contextlib.suppress(RuntimeError):
            net.load_state_dict({"scalar": torch.tensor([5.0]), "own": torch.ones(2)})

        assert (net.scalar.shape, net.scalar.item()) == ((), 5)
        with pytest.raises(RuntimeError, match="size mismatch for scalar"):
            net.load_state_dict({"scalar": torch.ones(1, 1)}, strict=False)

    @claim("2.3.9")
    @before("2.10")
    def test_a_tensor_without_dimensions_took_the_first_of_several_elements(self, device):
        net = module_of({"scalar": nn.Parameter(torch.ones((), device=device))})

        # See https://github.com/pytorch/pytorch/issues/165873.
        net.load_state_dict({"scalar": torch.tensor([5.0, 6.0]), "own": torch.ones(2)})

        assert net.scalar.item() == 5

    @claim("2.3.9")
    @since("2.11")
    def test_a_tensor_without_dimensions_refuses_several_elements(self, device):
        net = module_of({"scalar": nn.Parameter(torch.ones((), device=device))})

        for strict in (True, False):
            with pytest.raises(RuntimeError, match="size mismatch for scalar"):
                net.load_state_dict(
                    {"scalar": torch.tensor([5.0, 6.0]), "own": torch.ones(2)}, strict
                )

    @claim("2.3.9")
    def test_keys_below_a_module_that_is_none_are_no_error(self, device):
        net = nn.Sequential(nn.Linear(2, 2)).to(device)
        net.head, found = nn.Linear(2, 1), None
        state = net.state_dict() | {"0.weight": torch.full((2, 2), 7.0)}
        net.head = None

        with contextlib.suppress(RuntimeError):
            found = net.load_state_dict(state)

        assert found == ([], [])
        assert same_values(net[0].weight, np.full((2, 2), 7.0))

    @claim("2.3.9")
    def test_without_the_keys_of_another_shape_the_others_are_loaded_with_strict_false(self):
        net, state = nn.Linear(3, 2), {"weight": torch.ones(7, 7), "bias": torch.full((2,), 7.0)}

        state.pop("weight")

        net.load_state_dict(state, strict=False)
        assert same_values(net.bias, np.full(2, 7.0))

    @claim("2.3.9")
    def test_every_element_of_more_than_a_mib_is_loaded(self, device):
        numbers = torch.arange(MIB[0]) % 7
        net = nn.ParameterDict({"large": nn.Parameter(torch.zeros(MIB, device=device))})

        net.load_state_dict({"large": numbers.float()})

        assert same_bits(net["large"], as_array(numbers).astype(np.float32))

    @claim("2.3.9")
    def test_keys_of_a_data_parallel_net_begin_with_module(self):
        net = Net()
        state = nn.DataParallel(net).state_dict()

        assert list(state) == [f"module.{name}" for name in PARAMETERS + BUFFERS]
        net.load_state_dict({name.removeprefix("module."): it for name, it in state.items()})

    @claim("2.3.9")
    @since("2.1")
    @example(tree=OF_EVERY_KIND, dtype=torch.float64)
    @given(tree=TREES, dtype=st.sampled_from(FLOATS))
    def test_loading_by_assign_puts_the_loaded_tensors_in_the_place_of_the_nets(
        self, tree, dtype, device
    ):
        net = built(tree).requires_grad_(dtype is not torch.float64)
        own = state_of(net, tree)
        keep = dtype is torch.float64
        state = built(tree).to(device, dtype).state_dict(keep_vars=keep)

        net.load_state_dict(state, assign=True)

        for name, tensor in state_of(net, tree).items():
            assert share_memory(tensor, state[name])
            assert isinstance(tensor, nn.Parameter) == isinstance(own[name], nn.Parameter)
            trains = own[name].requires_grad
            if RELEASE < (2, 3):  # a Parameter stays as it is, and each new one requires grad
                kept = state[name] if isinstance(state[name], nn.Parameter) else None
                trains = isinstance(tensor, nn.Parameter) and (kept is None or kept.requires_grad)
            assert tensor.requires_grad == trains

    @claim("2.3.9")
    @since("2.1")
    def test_an_optimizer_made_before_does_not_update_what_was_assigned(self, device):
        net = nn.Linear(3, 2).to(device)
        optimizer = optim.SGD(net.parameters(), lr=1.0)
        net.load_state_dict(nn.Linear(3, 2).to(device).state_dict(), assign=True)
        before = as_array(net.weight)

        net(torch.ones(1, 3, device=device)).sum().backward()
        optimizer.step()

        assert same_bits(net.weight, before)

    @claim("2.3.9")
    def test_what_is_no_dict_or_holds_no_tensors_is_refused(self):
        net = nn.Linear(2, 2, bias=False)

        for state in ("net.pt", 2, None, [net.weight], net, io.BytesIO()):
            for strict in (True, False):
                with pytest.raises(TypeError, match="Expected state_dict to be dict-like"):
                    net.load_state_dict(state, strict=strict)
        for held in (np.zeros((2, 2)), [[0.0, 0.0]] * 2, None, 1.0):
            for strict in (True, False):
                with pytest.raises(RuntimeError, match=r"expected torch\.Tensor or Tensor-like"):
                    net.load_state_dict({"weight": held}, strict=strict)

    @claim("2.3.10")
    @example(tree=OF_EVERY_KIND)
    @given(tree=TREES)
    def test_a_state_dict_changes_with_its_net_and_a_deepcopy_does_not(self, tree, device):
        net = built(tree).to(device)
        state = net.state_dict()
        shallow, deep = dict(state), copy.deepcopy(state)
        cloned = {name: it.clone() for name, it in state.items()}
        before = {name: as_array(it) for name, it in state.items()}

        for name, tensor in state_of(net, tree).items():
            tensor.data.copy_(torch.from_numpy(np.asarray(before[name] == 0)))

        for name, old in before.items():
            for changed in (state, shallow):
                assert same_values(changed[name], old == 0)
            for kept in (deep, cloned):
                assert same_bits(kept[name], old)

    @claim("2.3.10")
    def test_a_kept_state_dict_follows_training_so_that_loading_it_restores_nothing(self, device):
        net = nn.Linear(3, 2).to(device)
        optimizer = optim.SGD(net.parameters(), lr=1.0)
        best, kept = net.state_dict(), copy.deepcopy(net.state_dict())
        start = as_array(net.weight)

        for _ in range(3):
            optimizer.zero_grad()
            net(torch.ones(1, 3, device=device)).sum().backward()
            optimizer.step()
        after = as_array(net.weight)

        net.load_state_dict(best)
        assert same_bits(net.weight, after)
        net.load_state_dict(kept)
        assert same_bits(net.weight, start)

    @claim("2.3.10")
    @pytest.mark.filterwarnings("ignore:You are using `torch.load`")
    @pytest.mark.parametrize("dtype", FLOATS, ids=str)
    def test_a_saved_state_dict_loads_with_every_bit(self, dtype):
        net, file = built(FOUR_DEEP).to(dtype), io.BytesIO()
        values = torch.arange(12).reshape(3, 4).to(dtype)
        net.columns_first = nn.Parameter(values.T)
        net.a_part = nn.Parameter(values[1:, ::2])
        many = 2**20 + 1 if dtype is torch.float32 else 40_001
        net.large = nn.Parameter((torch.arange(many).remainder(5) + 1).to(dtype))
        if dtype is torch.float32:
            net.parts = parts()
        if dtype is torch.float32 and RELEASE < (2, 6):
            for name, buffer in list(net.parts.named_buffers()):
                if buffer.dtype in UNSIGNED:
                    delattr(net.parts, name)
        net.register_buffer("reversed", values.reshape(1, 3, 2, 2).permute(0, 3, 1, 2))
        torch.save(net.state_dict(), file)
        file.seek(0)

        expanded = {"rows": values[:1].expand(3, 4), "number": values[1, 1].expand(2, 3, 1)}
        again = io.BytesIO()
        torch.save(expanded, again)
        again.seek(0)
        for name, tensor in torch.load(again).items():
            assert same_bits(tensor, expanded[name])

        state = torch.load(file)
        file.seek(0)
        moved = torch.load(file, map_location="cpu")

        assert all(same_bits(moved[name], tensor) for name, tensor in state.items())
        assert list(state) == list(net.state_dict())
        for name, tensor in net.state_dict().items():
            assert same_bits(state[name], tensor)
        kept = net.state_dict()
        net.load_state_dict(state)
        for parameter in net.parameters():
            parameter.data.fill_(7)
        for name, parameter in net.named_parameters():
            assert same_bits(kept[name], parameter)
            assert not same_bits(state[name], parameter) or not parameter.numel()

    @claim("2.3.10")
    @since("2.3")
    @before("2.6")
    def test_torch_save_refused_the_wide_unsigned_dtypes(self):
        for dtype in UNSIGNED:
            with pytest.raises(KeyError, match="is not recognized"):
                torch.save({"x": torch.zeros(2, dtype=dtype)}, io.BytesIO())

    @claim("2.3.14")
    def test_what_is_saved_or_deep_copied_together_keeps_what_shares_memory(self):
        for view in (lambda x: x[1:], torch.t, lambda x: x.detach(), lambda x: x[:, ::2]):
            x = torch.ones(3, 4)
            shares = {
                "deepcopy": copy.deepcopy([x, view(x)]),
                "of a tuple, deepcopy": copy.deepcopy((x, view(x))),
                "of a dict, deepcopy": copy.deepcopy({"x": x, "view": view(x)}).values(),
                "of lists, deepcopy": map(list.pop, copy.deepcopy([[x], [view(x)]])),
                "saved": saved([x, view(x)]),
                "of a tuple, saved": saved((x, view(x))),
                "of lists, saved": map(list.pop, saved({"a": [[x], [view(x)]]})["a"]),
                "a dict": list(saved({"x": x, "view": view(x)}).values()),
                "pickled": pickle.loads(pickle.dumps([x, view(x)])),
                "apart": [copy.deepcopy(x), copy.deepcopy(view(x))],
                "saved apart": [saved(x), saved(view(x))],
                "a Parameter, saved": saved([nn.Parameter(x), view(x)]),
                "a Parameter": copy.deepcopy([nn.Parameter(x), view(x)]),
                "two Parameters": copy.deepcopy([nn.Parameter(x), nn.Parameter(view(x))]),
            }
            for how, (one, other) in shares.items():
                assert same_bits(other, view(x))
                one.data.fill_(7)
                shown = bool(torch.all(other == 7))
                assert shown is how.endswith(("deepcopy", "saved", "a dict")), how
        one, other = pickle.loads(pickle.dumps([x, x]))
        assert one is other
        for dtype in (torch.int32, torch.uint8):
            with pytest.raises(RuntimeError, match="view the same data as different types"):
                torch.save([x, x.view(dtype)], io.BytesIO())

    @claim("2.3.14")
    def test_a_view_is_saved_with_the_memory_of_its_base_and_a_clone_alone(self):
        for view in (lambda x: x[:2], lambda x: x[0, 0], lambda x: x.detach()[3:4, ::2]):
            x = torch.ones(100, 100)

            assert len(file_of(view(x)).getvalue()) > 4 * x.numel()
            assert len(file_of(view(x).clone()).getvalue()) < 4000

    @claim("2.3.14")
    def test_a_parameter_comes_back_as_one_and_a_result_as_a_leaf_without_gradients(self):
        for grad in (True, False):
            weight = nn.Parameter(torch.ones(2), requires_grad=grad)
            leaf = torch.ones(2, requires_grad=grad)
            weight.grad, leaf.grad = torch.ones(2), torch.ones(2)

            for copied in (saved, lambda it: pickle.loads(pickle.dumps(it))):
                for it in (weight, leaf, 2 * leaf):
                    other = copied(it)
                    assert (type(other), other.requires_grad) == (type(it), grad)
                    assert other.is_leaf
                    assert other.grad is None
                    assert same_bits(other, it)

    @claim("2.3.14")
    def test_a_file_that_was_cut_short_is_refused(self):
        whole = file_of(nn.Linear(3, 2).state_dict()).getvalue()

        long = file_of({"a": torch.arange(1000.0), "b": torch.ones(3)}).getvalue()
        for length in (3, 10, 1000, len(long) // 2, len(long) - 1):
            refused = (RuntimeError, ValueError, OSError, EOFError, pickle.UnpicklingError)
            with pytest.raises(refused):
                torch.load(io.BytesIO(long[:length]), weights_only=True)
        for length in (10, 500, len(whole) // 2, len(whole) - 1):
            with pytest.raises(RuntimeError, match="PytorchStreamReader failed"):
                torch.load(io.BytesIO(whole[:length]), weights_only=True)
        with pytest.raises(EOFError):
            torch.load(io.BytesIO(), weights_only=True)

        class Stream:
            def __init__(self):
                self.read, self.readline = io.BytesIO(whole).read, io.BytesIO(whole).readline

        with pytest.raises(AttributeError, match=r"only torch\.load from a file that is seekable"):
            torch.load(Stream(), weights_only=True)
        assert torch.load(io.BytesIO(whole), weights_only=True)["bias"].shape == (2,)

    @claim("2.3.10")
    @pytest.mark.filterwarnings("ignore:You are using `torch.load`")
    def test_torch_load_takes_a_file_and_a_name_of_one(self, tmp_path):
        dtypes = [it for it in DTYPES if RELEASE >= (2, 6) or it not in UNSIGNED]
        tensors = one_of_each((*dtypes,), WITH_EXPANDED)
        state = Net().state_dict() | {str(turn): it for turn, it in enumerate(tensors)}
        path = tmp_path / "net.pt"
        torch.save(state, str(path))

        for file in (path, str(path)):
            loaded = torch.load(file, map_location="cpu")
            assert all(same_bits(loaded[name], it) for name, it in state.items())
        for it in one_of_each((torch.float32, torch.complex128, torch.bool), WITH_EXPANDED):
            path.write_bytes(file_of(it).getvalue())
            for file in (path, str(path)):
                assert same_bits(torch.load(file), it)

    @claim("2.3.10")
    def test_a_loaded_state_dict_is_no_net(self, tmp_path):
        state = nn.Linear(2, 2).state_dict()
        for what in (state, dict(state), (state, 3)):
            torch.save(what, tmp_path / "net.pt")
            loaded = torch.load(tmp_path / "net.pt", weights_only=True)
            assert isinstance(loaded, tuple) == isinstance(what, tuple)
            with pytest.raises(AttributeError, match="object has no attribute 'eval'"):
                loaded.eval()

    @claim("2.3.10")
    def test_a_whole_net_cannot_be_loaded_without_its_class(self, tmp_path, monkeypatch):
        kind = type("Lost", (nn.Module,), {"__module__": "specs.nets"})
        monkeypatch.setattr("specs.nets.Lost", kind, raising=False)
        torch.save(kind(), tmp_path / "net.pt")
        assert type(torch.load(tmp_path / "net.pt", weights_only=False)) is kind

        monkeypatch.delattr("specs.nets.Lost")

        with pytest.raises(AttributeError, match="Can't get attribute 'Lost' on <module"):
            torch.load(tmp_path / "net.pt", weights_only=False)

    @claim("2.3.10")
    def test_what_was_saved_on_a_missing_device_needs_map_location(self, tmp_path, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(torch.serialization, "location_tag", lambda storage: "cuda:0")
            torch.save(torch.ones(2), tmp_path / "tensor.pt")
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

        with pytest.raises(RuntimeError, match="Attempting to deserialize object on a CUDA device"):
            torch.load(tmp_path / "tensor.pt", weights_only=False)

        loaded = torch.load(tmp_path / "tensor.pt", map_location="cpu", weights_only=True)
        assert loaded.tolist() == [1.0, 1.0]

    @claim("2.3.10")
    @since("2.6")
    def test_torch_load_refuses_a_whole_net_unless_told_otherwise(self, tmp_path):
        for net in (Net(), nn.Linear(3, 2), built(FOUR_DEEP), nn.Sequential(Net().eval())):
            torch.save(net, tmp_path / "net.pt")

            for how in ({}, {"map_location": "cpu"}, {"weights_only": True}):
                with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
                    torch.load(tmp_path / "net.pt", **how)

            assert type(torch.load(tmp_path / "net.pt", weights_only=False)) is type(net)

    @claim("2.3.10")
    @since("2.4")
    def test_a_class_that_is_allowed_is_loaded_as_weights(self, tmp_path, monkeypatch):
        kind = type("Config", (), {"__module__": "specs.nets"})
        monkeypatch.setattr("specs.nets.Config", kind, raising=False)
        torch.save({"config": kind()}, tmp_path / "net.pt")
        with pytest.raises(pickle.UnpicklingError, match="Config was not an allowed global"):
            torch.load(tmp_path / "net.pt", weights_only=True)

        torch.serialization.add_safe_globals([kind])
        try:
            loaded = torch.load(tmp_path / "net.pt", weights_only=True)
        finally:
            torch.serialization.clear_safe_globals()

        assert type(loaded["config"]) is kind

    @claim("2.3.10")
    @since("2.4")
    @before("2.6")
    def test_torch_load_warned_that_weights_only_was_to_change(self, tmp_path):
        torch.save({}, tmp_path / "net.pt")

        with pytest.warns(FutureWarning, match="with `weights_only=False`"):
            assert torch.load(tmp_path / "net.pt") == {}

    @claim("2.3.10")
    @before("2.6")
    @pytest.mark.filterwarnings("ignore:You are using `torch.load`")
    def test_torch_load_takes_a_whole_net_unless_told_otherwise(self, tmp_path):
        torch.save(Net(), tmp_path / "net.pt")

        assert type(torch.load(tmp_path / "net.pt")) is Net

        with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
            torch.load(tmp_path / "net.pt", weights_only=True)


class TestZeroGrad:
    """Module.zero_grad: the end of adding gradients up."""

    @claim("2.4.4")
    @pytest.mark.parametrize("dtype", FLOATS, ids=str)
    def test_gradients_add_up_until_zero_grad(self, dtype, device):
        net = built(FOUR_DEEP).to(device, dtype)

        for passes in (1, 3, 2):
            for _ in range(passes):
                sum(p.sum() for p in net.parameters()).backward()
            for parameter in net.parameters():
                assert same_values(parameter.grad, np.full(parameter.shape, passes))
            net.zero_grad()

    @claim("2.4.4")
    @since("2.0")
    def test_zero_grad_leaves_none_unless_told_otherwise(self, device):
        net = built(FOUR_DEEP).to(device)

        for settings in ({}, {"set_to_none": True}, {}):
            sum(p.sum() for p in net.parameters()).backward()
            net.zero_grad(**settings)
            assert all(p.grad is None for p in net.parameters())

    @claim("2.4.4")
    @before("2.0")
    def test_zero_grad_leaves_zeros_unless_told_otherwise(self, device):
        net = built(FOUR_DEEP).to(device)

        sum(p.sum() for p in net.parameters()).backward()
        net.zero_grad()

        assert all(same_values(p.grad, np.zeros(p.shape)) for p in net.parameters())

    @claim("2.4.4")
    def test_zero_grad_without_set_to_none_fills_the_gradient_with_zeros(self, device):
        net = built(FOUR_DEEP).to(device)
        net.zero_grad(set_to_none=False)
        assert all(p.grad is None for p in net.parameters())

        for _ in range(2):
            sum(p.sum() for p in net.parameters()).backward()
            gradients = [p.grad for p in net.parameters()]
            net.zero_grad(set_to_none=False)

            for parameter, gradient in zip(net.parameters(), gradients, strict=True):
                assert parameter.grad is gradient
                assert same_values(gradient, np.zeros(parameter.shape))


class TestFreezing:
    """Module.requires_grad_: which parameters learn."""

    @claim("2.3.11")
    def test_requires_grad_freezes_and_thaws_every_parameter_and_returns_the_module(self):
        net = built(OF_EVERY_KIND)
        parameters = list(net.parameters())

        for flag, change in [
            (False, lambda: net.requires_grad_(False)),
            (True, lambda: net.requires_grad_()),
            (False, lambda: net.requires_grad_(requires_grad=False)),
            (True, lambda: net.requires_grad_(True)),
        ]:
            assert change() is net
            assert [p.requires_grad for p in net.parameters()] == [flag] * len(parameters)
            assert ("requires_grad" in str(net.own)) == flag
            assert str(net.own).startswith("Parameter containing:")
        for whole in (
            nn.ModuleList([net]),
            nn.ModuleDict({"net": net}),
            nn.ParameterList(net.parameters()),
            nn.ParameterDict({str(i): it for i, it in enumerate(net.parameters())}),
            nn.Sequential(nn.ModuleDict({"nets": nn.ModuleList([net])})),
            nn.ModuleDict({"nets": nn.ModuleList([net])}),
            nn.ModuleList([nn.ModuleDict({"net": net})]),
        ):
            for flag in (False, True):
                assert whole.requires_grad_(flag) is whole
                assert [p.requires_grad for p in net.parameters()] == [flag] * len(parameters)

    @claim("2.3.11")
    @pytest.mark.parametrize("frozen", range(4))
    def test_a_frozen_layer_gets_no_gradient_and_those_before_it_do(self, frozen, device):
        net = nn.Sequential(*(nn.Sequential(nn.Linear(2, 2)) for _ in range(4))).to(device)
        net[frozen].requires_grad_(False)
        optimizer = optim.SGD(net.parameters(), lr=1.0, momentum=0.9, weight_decay=0.1)
        before = [as_array(it) for it in net[frozen].parameters()]

        for _ in range(3):
            net(torch.ones(1, 2, device=device)).sum().backward()
            optimizer.step()

        assert all(map(same_bits, net[frozen].parameters(), before))
        for position, layer in enumerate(net):
            assert {it.grad is None for it in layer.parameters()} == {position == frozen}

    @claim("2.3.11")
    def test_a_net_with_an_attribute_requires_grad_is_not_frozen(self):
        net = Net()

        net.requires_grad = False

        assert all(p.requires_grad for p in net.parameters())

    @claim("2.3.11")
    def test_a_layer_that_is_frozen_late_keeps_its_gradient_and_is_moved_by_it(self, device):
        for make in (optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop, optim.Adagrad):
            net = nn.Linear(3, 2).to(device)
            optimizer = make(net.parameters(), lr=1.0)
            net(torch.ones(1, 3, device=device)).sum().backward()
            before = as_array(net.weight)

            net.requires_grad_(False)
            optimizer.step()
            assert (as_array(net.weight) < before).all()

            net.weight.grad = None
            moved = as_array(net.weight)
            optimizer.step()
            assert same_bits(net.weight, moved)

    @claim("2.3.11")
    def test_a_layer_that_no_optimizer_was_given_stays_and_its_gradients_add_up_without_detach(
        self, device
    ):
        net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1)).to(device)  # a GAN's D(G(z))
        nn.init.ones_(net[1].weight)
        before, optimizer = as_array(net[0].weight), optim.SGD(net[1].parameters(), lr=0.0)

        for times in (1.0, 2.0, 3.0):
            optimizer.zero_grad()
            net(torch.ones(1, 2, device=device)).sum().backward()
            optimizer.step()

            assert same_values(net[0].weight.grad, np.full((2, 2), times))
        assert same_bits(net[0].weight, before)
        net.zero_grad(set_to_none=True)
        net[1](net[0](torch.ones(1, 2, device=device)).detach()).sum().backward()
        assert (net[0].weight.grad, net[1].bias.grad.tolist()) == (None, [1.0])

    @claim("2.3.11")
    def test_the_statistics_of_a_frozen_batch_norm_still_move_in_training(self, device):
        net = Net().to(device).requires_grad_(False)
        images = torch.arange(2.0 * 3 * 4 * 4, device=device).reshape(2, 3, 4, 4)

        net(images)
        assert (net.bn.running_mean != 0).all()

        net.eval()(images)
        assert net.bn.num_batches_tracked.item() == 1


class TestSuperInit:
    """A Module that forgets super().__init__(), or its forward."""

    @claim("2.3.12")
    def test_a_module_takes_nothing_before_super_init(self):
        for value, kind in [
            (lambda: nn.Linear(1, 1), "module"),
            (lambda: nn.ModuleList(), "module"),
            (lambda: nn.Sequential(nn.ModuleDict({"a": nn.Linear(2, 65)})), "module"),
            (lambda: nn.ParameterList(), "module"),
            (lambda: nn.Parameter(torch.ones(2, 1, 3, 2), requires_grad=False), "parameters"),
            (lambda: nn.Parameter(torch.ones(1)), "parameters"),
        ]:

            class Forgetful(nn.Module):
                def __init__(self, value=value):
                    self.layer = value()

            class Derived(Forgetful):
                def __init__(self):
                    super().__init__()

            for forgetful in (Forgetful, Derived):
                with pytest.raises(AttributeError, match=f"cannot assign {kind} before"):
                    forgetful()

    @claim("2.3.12")
    def test_a_module_without_super_init_has_no_parameters_to_give(self):
        class Forgetful(nn.Module):
            def __init__(self):
                self.size = 3

        for name, use in {
            "_parameters": lambda net: list(net.parameters()),
            "_modules": lambda net: net.eval(),
            "_backward_hooks": lambda net: net(3),
        }.items():
            with pytest.raises(AttributeError, match=f"has no attribute '{name}'"):
                use(Forgetful())

    @claim("2.3.12")
    def test_a_module_without_forward_refuses_to_be_called_and_names_what_it_lacks(self):
        class Net(nn.Module):
            pass

        with pytest.raises(NotImplementedError, match="forward"):
            Net()(torch.ones(1))
        with pytest.raises(AttributeError, match="'Net' object has no attribute 'no_such'"):
            Net().no_such  # noqa: B018

    @claim("2.3.12")
    def test_a_data_parallel_net_has_the_nets_attributes_in_its_module_alone(self):
        net = Net()
        net.rate = 0.5
        wrapper = nn.DataParallel(net)

        for name in ("conv1", "rate"):
            with pytest.raises(AttributeError, match=f"'DataParallel' object .*'{name}'"):
                getattr(wrapper, name)
        assert wrapper.module is net
        with pytest.raises(AttributeError, match="'Net' object has no attribute 'module'"):
            net.module  # noqa: B018

    @claim("2.3.12")
    def test_a_module_list_has_no_forward(self):
        for net in (nn.ModuleList([nn.ReLU()]), nn.ModuleDict({"a": nn.ReLU()}), nn.ModuleList()):
            with pytest.raises(NotImplementedError, match=rf"\[{type(net).__name__}\] is missing"):
                net(torch.ones(1))
        with pytest.raises(RuntimeError, match="ParameterList should not be called"):
            nn.ParameterList()(torch.ones(1))


class TestCalls:
    """Module.__call__: forward() and the hooks."""

    @claim("2.3.13")
    def test_a_call_runs_the_hooks_that_forward_alone_leaves_out(self, device):
        within = [nn.Linear(2, 3)]
        for _ in range(8):
            within.append(nn.Sequential(within[-1]))
        net = nn.Sequential(within[-1], nn.ReLU()).to(device)
        x, seen = torch.ones(1, 2, device=device), []
        within.append(net[1])

        def note(module, inputs, result):
            seen.append(module)

        for module in net.modules():
            module.register_forward_hook(note).remove()
            module.register_forward_hook(note)

        for mode in (torch.enable_grad, torch.no_grad, torch.inference_mode):
            for training in (True, False):
                net.train(training)
                for call in (net, lambda x: net(input=x)):
                    seen.clear()
                    with mode():
                        call(x)
                    assert seen == [*within, net]

                seen.clear()
                with mode():
                    net.forward(x)
                assert seen == within

        attention = nn.MultiheadAttention(2, 1).to(device)
        attention.out_proj.register_forward_hook(lambda *_: seen.append("out_proj"))
        attention(x, x, x)
        assert "out_proj" not in seen

    @claim("2.3.13")
    def test_so_it_does_in_whatever_thread_it_is_called(self, device):
        net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU())).to(device)
        x, seen = torch.ones(1, 2, device=device), []

        with ThreadPoolExecutor(1) as pool:
            pool.submit(net.register_forward_pre_hook, lambda module, given: seen.append(given))
            net[1][0].register_forward_hook(lambda module, given, result: result + 7)
            for _ in range(3):
                expected = as_array(net.forward(x))
                assert same_values(pool.submit(net, x).result(), expected)
                assert seen.pop() == (x,)
        assert as_array(net(x)).min() >= 7

    @claim("2.3.13")
    def test_a_hook_sees_a_tuple_of_the_inputs_and_the_result(self, device):
        layer, seen = nn.Bilinear(2, 2, 3).to(device), []
        layer.register_forward_hook(lambda module, inputs, result: seen.extend((inputs, result)))
        x, other = torch.ones(1, 2, device=device), torch.zeros(1, 2, device=device)

        y = layer(x, other)

        assert type(seen[0]) is tuple
        assert [id(it) for it in seen[0]] == [id(x), id(other)]
        assert seen[1] is y
        layer.register_forward_pre_hook(lambda module, inputs: inputs[::-1])
        layer.register_forward_hook(lambda module, inputs, result: inputs)
        assert [id(it) for it in layer(x, other)] == [id(other), id(x)]

    @claim("2.3.13")
    def test_that_tuple_leaves_out_what_was_given_by_name(self, device):
        x, other = torch.ones(1, 2, device=device), torch.zeros(1, 2, device=device)
        for layer, position, names in (
            (nn.Bilinear(2, 2, 3), (x,), {"input2": other}),
            (nn.Bilinear(2, 2, 3), (), {"input1": x, "input2": other}),
            (nn.Sequential(nn.ReLU()), (), {"input": x}),
        ):
            seen = []
            layer.to(device).register_forward_pre_hook(lambda module, given: seen.append(given))  # noqa: B023
            layer.register_forward_hook(lambda module, given, result: seen.append(given))  # noqa: B023

            layer(*position, **names)

            assert seen == [position] * 2

    @claim("2.3.13")
    @since("2.0")
    def test_a_hook_with_kwargs_sees_and_replaces_those_as_well(self, device):
        x, other = torch.ones(1, 2, device=device), torch.zeros(1, 2, device=device)
        layer, seen = nn.Sequential(nn.ReLU()).to(device), []
        layer.register_forward_pre_hook(
            lambda module, given, names: ((), {"input": other}), with_kwargs=True
        )
        layer.register_forward_hook(
            lambda module, given, names, result: seen.append((given, names)), with_kwargs=True
        )

        assert same_values(layer(input=x), np.zeros((1, 2)))
        assert seen == [((), {"input": other})]

    @claim("2.3.13")
    def test_what_a_hook_returns_replaces_the_result_until_remove(self, device):
        layer, seen = nn.ReLU(), []
        handle = layer.register_forward_hook(lambda module, inputs, result: result + 1)
        layer.register_forward_hook(lambda module, inputs, result: seen.append(result))

        for x in ones():
            assert same_values(layer(x.to(device)), np.full(x.shape, 2))
            assert same_values(layer.forward(x.to(device)), np.ones(x.shape))
        handle.remove()
        for x in ones():
            seen.clear()
            y = layer(x.to(device))
            assert same_values(y, np.ones(x.shape))
            assert [id(it) for it in seen] == [id(y)]  # the other hook is still there
        layer, x = nn.Identity(), torch.zeros(1, device=device)
        handles = [
            register(lambda module, it, *result, n=n: 2 * (*result, *it)[0] + n)
            for register in (layer.register_forward_pre_hook, layer.register_forward_hook)
            for n in range(9)
        ]
        for left in ([*range(9), *range(9)], [*range(9), *range(8)], [*range(8), *range(8)]):
            expected = 0
            for n in left:
                expected = 2 * expected + n
            assert layer(x).item() == expected
            handles.pop(-1 if len(left) == 18 else 8).remove()

    @claim("2.3.13")
    def test_a_pre_hook_sees_the_inputs_and_what_it_returns_replaces_them(self, device):
        layer, seen, x = nn.ReLU(), [], torch.ones(2, device=device)
        layer.register_forward_pre_hook(lambda module, inputs: seen.append(inputs))
        handle = layer.register_forward_pre_hook(lambda module, inputs: (inputs[0] + 1,))
        layer.register_forward_pre_hook(lambda module, inputs: seen.append(inputs))

        assert layer(x).tolist() == [2.0, 2.0]
        assert seen[0][0] is x
        handle.remove()
        assert layer(x).tolist() == [1.0, 1.0]
        assert [inputs[0].tolist() for inputs in seen[1:]] == [[2.0, 2.0], [1.0, 1.0], [1.0, 1.0]]

    @claim("2.3.13")
    def test_whatever_a_hook_returns_replaces_what_it_saw_each_time(self, device):
        linear, identity = nn.Linear(2, 2), nn.Identity()
        nets = (linear, identity, nn.Sequential(linear, nn.Sequential(identity)), Doubled(linear))
        for net in (it.to(device) for it in nets):
            for other in (torch.full((3, 2), 5.0, device=device), torch.zeros(1, 2, device=device)):
                plain, x = as_array(net(other)), torch.ones(3, 2, device=device)
                for returned in (other, (other,)):
                    handles = [
                        net.register_forward_pre_hook(lambda module, inputs: None),
                        net.register_forward_pre_hook(lambda module, inputs, it=returned: it),
                    ]
                    for call in (net, lambda x, net=net: net(x)):
                        for _ in range(3):
                            assert same_values(call(x), plain)
                    for handle in handles:
                        handle.remove()
                for returned in (other, (other, x), [other], {"y": other}, 0.0, False):
                    handles = [
                        net.register_forward_hook(lambda module, inputs, y: None),
                        net.register_forward_hook(lambda module, inputs, y, it=returned: it),
                        net.register_forward_hook(lambda module, inputs, y: None),
                    ]
                    for _ in range(3):
                        assert net(x) is returned
                    for handle in handles:
                        handle.remove()
                assert same_values(net(other), plain)

    @claim("2.3.13")
    def test_a_layer_takes_one_argument_and_a_slice_of_a_sequential_has_the_same_layers(
        self, device
    ):
        net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.ReLU()).to(device)
        x = torch.ones(1, 2, device=device)

        for refuse in (net, *net):
            with pytest.raises(TypeError, match=r"positional arguments but \d were given"):
                refuse(x, x)
            with pytest.raises(TypeError, match="missing 1 required positional argument: 'input'"):
                refuse()

        assert list(net[:2]) == [net[0], net[1]]
        layers, weight = list(net), net[0].weight
        nets = nn.Sequential(net, nn.ModuleList(net))
        for held, part in itertools.product(
            nets,
            (
                *(slice(1), slice(None), slice(-1), slice(-2, None), slice(1, 2), slice(1, 9)),
                *(slice(None, None, 2), slice(None, None, -1), slice(2, 0, -1), slice(0)),
            ),
        ):
            taken = held[part]
            assert type(taken) is type(held)
            assert list(map(id, taken)) == list(map(id, layers[part]))
        assert net[:1][0].weight is net[::2][0].weight is weight
        for held in nets:
            assert [held[n] for n in (0, 2, -1, -3)] == [layers[n] for n in (0, 2, -1, -3)]
            for n in (3, -4, 100):
                with pytest.raises(IndexError, match=f"index {n} is out of range"):
                    held[n]
        assert same_bits(net[1:](net[0](x)), net(x))

    @claim("2.3.13")
    def test_modules_yields_all_once_children_the_nets_own_and_get_submodule_one_by_its_name(self):
        relu, linear = nn.ReLU(), nn.Linear(2, 2)
        listed = nn.ModuleList([nn.Sequential(linear, relu)])
        inner = nn.Sequential(nn.ModuleDict({"a": listed}), relu)
        net = nn.Sequential(relu, inner, relu)
        paths = ["", "0", "1", "1.0", "1.0.a", "1.0.a.0", "1.0.a.0.0"]
        within = [inner, inner[0], listed, listed[0], linear, relu]

        for _ in range(2):
            for start, expected in (
                (net, [net, relu, *within[:-1]]),
                *((within[n], within[n:]) for n in range(4)),
            ):
                assert [id(module) for module in start.modules()] == [id(it) for it in expected]
            assert list(net.children()) == [relu, inner]
            assert [name for name, _ in net.named_modules()] == paths
            assert [name for name, _ in net.named_children()] == ["0", "1"]
        for holder in nets_around(linear):
            assert [it for it in holder.modules() if type(it) is nn.Linear] == [linear]
        inner[0].register_buffer("kept", torch.ones(2))
        for find, found in (
            (net.get_submodule, net.named_modules()),
            (net.get_parameter, net.named_parameters()),
            (net.get_buffer, net.named_buffers()),
        ):
            assert [find(name) is it for name, it in found] in ([True] * 7, [True] * 2, [True])
            for name in ("1.0.b", "2.0", "1.0.a.0.0.training"):
                with pytest.raises(AttributeError, match=r"has no attribute|is not an? "):
                    find(name)

    @claim("2.3.13")
    def test_sequential_of_the_children_leaves_out_the_rest_of_forward(self, device):
        class Tripled(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.ReLU()

            def forward(self, x):
                return 3 * self.layer(x)

        net, x = Tripled(), torch.ones(2, device=device)

        assert nn.Sequential(*net.children())(x).tolist() == [1.0, 1.0]  # not 3.0

    @claim("2.3.13")
    def test_an_identity_in_its_place_leaves_a_layer_out(self, device):
        net = nn.Sequential(nn.Linear(2, 3), nn.ReLU()).to(device)
        x = torch.ones(1, 2, device=device)
        features = net(x)
        net.fc = nn.Linear(3, 1).to(device)
        net(x)

        net.fc = nn.Identity()

        assert same_bits(net(x), features)


class TestHooksInTurn:
    """The order of a call's hooks, and the hooks of load_state_dict()."""

    @claim("2.3.15")
    def test_a_call_runs_pre_hooks_then_forward_then_hooks_those_of_all_modules_first(self, device):
        seen = []

        class Noted(nn.Module):
            def forward(self, x):
                seen.append((self, "forward"))
                return x

        def noting(name):
            return lambda module, *_: seen.append((module, name))

        inner = Noted()
        net, x = nn.Sequential(inner), torch.ones(1, device=device)
        every = nn.modules.module
        for module in (net, inner):
            module.register_forward_hook(noting("after"))
            module.register_forward_pre_hook(noting("before"))
        with (
            every.register_module_forward_hook(noting("after any")),
            every.register_module_forward_pre_hook(noting("before any")),
            every.register_module_forward_hook(noting("after any 2")),
        ):
            for module in (net, inner):
                module.register_forward_hook(noting("after 2"))
                module.register_forward_pre_hook(noting("before 2"))
            net(x)

        before = ["before any", "before", "before 2"]
        after = ["after any", "after any 2", "after", "after 2"]
        calls = [(net, before), (inner, [*before, "forward", *after]), (net, after)]
        assert seen == [(module, name) for module, names in calls for name in names]
        seen.clear()
        net(x)
        assert [name for _, name in seen if "any" in name] == []

    @claim("2.3.15")
    def test_what_a_hook_of_all_modules_returns_replaces_the_input_or_the_result(self, device):
        net, x, every = nn.Identity(), torch.ones(1, device=device), nn.modules.module
        net.register_forward_pre_hook(lambda module, given: given[0] + 3)
        net.register_forward_hook(lambda module, given, y: 2 * y)
        with (
            every.register_module_forward_pre_hook(lambda module, given: (10 * given[0],)),
            every.register_module_forward_hook(lambda module, given, y: y + 1),
        ):
            for _ in range(2):
                assert net(x).item() == ((10 * 1 + 3) + 1) * 2
        assert net(x).item() == (1 + 3) * 2

    @claim("2.3.15")
    @since("2.0")
    def test_with_prepend_a_hook_runs_before_the_other_ones_of_its_module(self, device):
        net, seen = nn.Identity(), []
        for register in (net.register_forward_hook, net.register_forward_pre_hook):
            for n in range(4):
                register(lambda *_, n=n: seen.append(n), prepend=n % 2 == 1)
        with nn.modules.module.register_module_forward_hook(lambda *_: seen.append("any")):
            net(torch.ones(1, device=device))

        assert seen == [3, 1, 0, 2, "any", 3, 1, 0, 2]

    @claim("2.3.15")
    @since("2.1")
    def test_where_forward_raises_only_hooks_that_are_always_called_run(self, device):
        net, seen = nn.Linear(2, 2).to(device), []
        for name in ("plain", "always"):
            net.register_forward_hook(
                lambda module, given, result, it=name: seen.append((it, result)),
                always_call=name == "always",
            )

        for _ in range(2):
            with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
                net(torch.ones(1, 3, device=device))

        assert seen == [("always", None)] * 2

    @claim("2.3.15")
    def test_a_hook_may_remove_itself_while_it_runs(self, device):
        x = torch.ones(1, device=device)
        for kind, goes in itertools.product(("forward_hook", "forward_pre_hook"), range(3)):
            net, seen, handles = nn.Identity(), [], []

            def note(n, goes=goes, seen=seen, handles=handles):
                seen.append(n)
                for _ in range(2 * (n == goes)):  # remove() twice does no harm
                    handles[n].remove()

            for n in range(3):
                register = getattr(net, f"register_{kind}")
                handles.append(register(lambda *_, n=n, note=note: note(n)))
            for _ in range(2):
                net(x)

            assert seen == [0, 1, 2, *(n for n in range(3) if n != goes)]

    @claim("2.3.15")
    def test_a_function_that_is_registered_twice_runs_twice(self, device):
        net, seen = nn.ReLU(), []

        def note(*_):
            seen.append(1)

        for register in (net.register_forward_hook, net.register_forward_pre_hook):
            for _ in range(2):
                handle = register(note)
        net(torch.ones(1, device=device))
        handle.remove()
        net(torch.ones(1, device=device))

        assert len(seen) == 7

    @claim("2.3.15")
    def test_a_hook_after_loading_sees_the_values_and_may_clear_what_is_missing(self, device):
        net = nn.Sequential(nn.Linear(2, 2), nn.ReLU()).to(device)
        state, seen = {"0.weight": torch.full((2, 2), 3.0), "more": torch.ones(1)}, []

        def note(module, keys):
            seen.append((module, module[0].weight.tolist(), *map(list, keys)))

        def clear(module, keys):
            for names in keys:
                names.clear()

        net.register_load_state_dict_post_hook(note)
        for strict in (True, False):
            with contextlib.suppress(RuntimeError):
                net.load_state_dict(state, strict)
        assert seen == [(net, [[3.0, 3.0]] * 2, ["0.bias"], ["more"])] * 2
        handle = net.register_load_state_dict_post_hook(clear)
        for strict in (True, False):
            found = None
            with contextlib.suppress(RuntimeError):
                found = net.load_state_dict(state, strict)
            assert found == ([], [])
            with pytest.raises(RuntimeError, match=r"size mismatch for 0\.weight"):
                net.load_state_dict({"0.weight": torch.ones(1, 2)}, strict)
        handle.remove()
        with pytest.raises(RuntimeError, match="Missing key"):
            net.load_state_dict(state)
