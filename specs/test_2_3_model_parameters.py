"""2.3 A model's parameters."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from specs.ledger import claim
from specs.nets import Net
from specs.oracles import same_bits, same_values
from specs.releases import before, since
from specs.strategies import SIZES

PARAMETERS = ["conv1.weight", "conv1.bias", "bn.weight", "bn.bias"]
BUFFERS = ["bn.running_mean", "bn.running_var", "bn.num_batches_tracked"]

#: Layers with weight and bias, with a weight alone, and with neither.
LAYERS = {
    "Linear": lambda: nn.Linear(2, 2),
    "Linear without bias": lambda: nn.Linear(2, 2, bias=False),
    "Conv2d": lambda: nn.Conv2d(2, 2, 1),
    "BatchNorm2d": lambda: nn.BatchNorm2d(2),
    "ReLU": lambda: nn.ReLU(),
    "Dropout": lambda: nn.Dropout(),
}


def net_of(kinds: list[str]) -> nn.Module:
    """A net of new layers, under the names layer0, layer1, ..."""
    net = nn.Module()
    for position, kind in enumerate(kinds):
        setattr(net, f"layer{position}", LAYERS[kind]())
    return net


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
    @given(outputs=SIZES)
    def test_weight_of_a_new_batch_norm_is_ones_and_its_bias_zeros(self, outputs, device):
        net = Net(3, outputs).to(device)

        assert same_values(net.bn.weight, np.ones(outputs))
        assert same_values(net.bn.bias, np.zeros(outputs))

    @claim("2.3.1")
    def test_a_relu_adds_no_parameter(self):
        assert list(Net().relu.parameters()) == []

    @claim("2.3.1")
    @given(kinds=st.lists(st.sampled_from(sorted(LAYERS)), max_size=5))
    def test_parameters_come_in_the_order_of_definition_for_any_layers(self, kinds):
        net = nn.Module()
        expected = []
        for position, kind in enumerate(kinds):
            layer = LAYERS[kind]()
            setattr(net, f"layer{position}", layer)
            own = [getattr(layer, name, None) for name in ("weight", "bias")]
            expected += [parameter for parameter in own if parameter is not None]

        assert [id(p) for p in net.parameters()] == [id(p) for p in expected]

    @claim("2.3.1")
    @given(kinds=st.lists(st.sampled_from(sorted(LAYERS)), min_size=1, max_size=5))
    def test_a_nets_own_parameters_come_before_those_of_its_layers(self, kinds):
        net = net_of(kinds)
        net.scale, net.shift = nn.Parameter(torch.ones(1)), nn.Parameter(torch.zeros(1))

        assert [id(p) for p in net.parameters()][:2] == [id(net.scale), id(net.shift)]


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
        net = net_of(kinds)

        lines = str(net).splitlines()[1:-1]

        assert [line.partition("(")[2].partition("(")[0] for line in lines] == [
            f"layer{position}): {kind.split()[0]}" for position, kind in enumerate(kinds)
        ]


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
    @given(inputs=SIZES, outputs=SIZES)
    def test_state_dict_holds_the_nets_own_memory_without_grad(self, inputs, outputs, device):
        net = Net(inputs, outputs).to(device)
        state = net.state_dict()

        for name, tensor in [*net.named_parameters(), *net.named_buffers()]:
            assert same_bits(state[name], tensor)
            assert state[name].data_ptr() == tensor.data_ptr()
            assert not state[name].requires_grad

    @claim("2.3.4")
    @given(inputs=SIZES, outputs=SIZES)
    def test_state_dict_names_buffers_which_are_no_parameters(self, inputs, outputs):
        net = Net(inputs, outputs)
        parameters = {id(p) for p in net.parameters()}

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
    def test_buffers_of_a_new_batch_norm_are_zeros_ones_and_no_batches(self, device):
        bn = Net(3, 5).to(device).bn

        assert same_values(bn.running_mean, np.zeros(5))
        assert same_values(bn.running_var, np.ones(5))
        assert bn.num_batches_tracked.item() == 0
        assert bn.num_batches_tracked.dtype is torch.int64
