"""2.1 A layer's weight and bias."""

from __future__ import annotations

import contextlib
import itertools
import math
import operator
from collections.abc import Iterator

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from torch import nn, optim
from torch.nn.utils import parametrizations, parametrize, prune

from specs.grad_modes import GRAD_ON, UNDER_NO_GRAD, at_once
from specs.ledger import claim
from specs.nets import HOLDERS
from specs.oracles import (
    as_array,
    refusal,
    rounding,
    same_bits,
    same_values,
    share_memory,
    within,
)
from specs.releases import RELEASE, before, since
from specs.strategies import (
    COMPLEX,
    COMPUTING_FLOATS,
    DTYPES,
    FLOATS,
    LAYOUTS,
    MIB,
    NOT_EMPTY,
    SIZES,
    UNSIGNED,
    WITH_EXPANDED,
    every_form,
    every_kind,
    tensors,
)

#: How PyTorch and its backends refuse an input of another dtype.
WRONG_DTYPE = (
    "same dtype|expected scalar type|different element types|not support dtype|not implemented for"
)

#: Normalisations with weights, each with the shape of an input.
NORMS = {
    "BatchNorm1d": (lambda: nn.BatchNorm1d(4), (3, 4)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(4), (3, 4, 5, 2)),
    "BatchNorm2d in evaluation": (lambda: nn.BatchNorm2d(4).eval(), (3, 4, 5, 2)),
    "BatchNorm3d": (lambda: nn.BatchNorm3d(4), (3, 4, 2, 2, 2)),
    "LayerNorm": (lambda: nn.LayerNorm(6), (3, 6)),
    "LayerNorm of images": (lambda: nn.LayerNorm([4, 5, 2]), (3, 4, 5, 2)),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), (3, 4, 6)),
    "InstanceNorm1d": (lambda: nn.InstanceNorm1d(4, affine=True), (3, 4, 6)),
    "InstanceNorm2d": (lambda: nn.InstanceNorm2d(4, affine=True), (3, 4, 5, 2)),
}

#: Layers that compute nothing in float16 on the CPU of old, each with the shape of an input.
IN_FLOAT16 = {
    "Linear": (lambda: nn.Linear(3, 2), (5, 3)),
    "Conv2d": (lambda: nn.Conv2d(3, 2, 2), (2, 3, 5, 4)),
    "LSTM": (lambda: nn.LSTM(3, 2), (5, 2, 3)),
    **{name: it for name, it in NORMS.items() if name.startswith("BatchNorm")},
}

GRAD_MODES = (torch.enable_grad, torch.no_grad, torch.inference_mode)

#: Linears and Conv2ds, small and wide, in every dtype, by keyword and by position.
LAYERS = {
    "Linear(3, 2)": lambda: nn.Linear(3, 2),
    "Linear(1, 1)": lambda: nn.Linear(1, 1),
    "Linear(100, 300)": lambda: nn.Linear(in_features=100, out_features=300),
    "Linear in float64": lambda: nn.Linear(3, 2, True, None, torch.float64),
    "Linear in float16": lambda: nn.Linear(3, 2, dtype=torch.float16),
    "Linear in bfloat16": lambda: nn.Linear(3, 2, dtype=torch.bfloat16),
    "Conv2d(3, 5, 2)": lambda: nn.Conv2d(3, 5, 2),
    "Conv2d(33, 65, (3, 1))": lambda: nn.Conv2d(33, 65, kernel_size=(3, 1), stride=2, padding=1),
    "Conv2d of groups": lambda: nn.Conv2d(4, 6, 3, groups=2, dilation=2),
    "Conv2d of each channel": lambda: nn.Conv2d(4, 4, 3, groups=4, padding="same"),
    "Conv2d round the edge": lambda: nn.Conv2d(3, 65, 1, padding=1, padding_mode="circular"),
    "Conv2d in float64": lambda: nn.Conv2d(3, 5, 2, dtype=torch.float64),
    "Conv2d in bfloat16": lambda: nn.Conv2d(3, 5, 2, dtype=torch.bfloat16),
    "Conv2d in float16": lambda: nn.Conv2d(3, 5, (7, 1), 2, padding=3, dtype=torch.float16),
}

#: Inputs, outputs, kernel and settings of a Conv2d, with the shape of an image for it.
CONVOLUTIONS = [
    (1, 1, 1, {}, (1, 1)),
    (3, 5, 2, {}, (5, 4)),
    (1, 2, (3, 1), {"stride": 2}, (8, 3)),
    (2, 3, (2, 3), {"padding": (2, 1), "stride": (1, 3)}, (4, 9)),
    (2, 2, 2, {"dilation": 2, "bias": False}, (5, 6)),
    (4, 6, 3, {"groups": 2, "padding": 1}, (5, 5)),
    (3, 3, (1, 3), {"groups": 3, "dilation": (1, 2), "padding": "same"}, (2, 7)),
    (17, 9, 3, {"padding": 1, "stride": 2}, (9, 33)),
    (2, 33, 5, {}, (17, 8)),
    (1, 2, 2, {"dilation": 3, "padding": 3, "stride": 3}, (6, 7)),
    (2, 3, (7, 11), {"padding": "same", "bias": False}, (8, 12)),
    (8, 8, 1, {"stride": (9, 4), "groups": 8}, (65, 9)),
]


@st.composite
def operands_of_a_linear(draw) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """An input of one to five dimensions, a weight and a bias that fit each other."""
    inputs, outputs = draw(SIZES), draw(SIZES)
    before = draw(st.sampled_from([(), (1,), (3,), (2, 3), (100,), (2, 1, 3), (2, 1, 2, 2)]))
    dtype = draw(st.sampled_from([torch.float32, torch.float64]))
    x, weight, bias = (
        draw(tensors((dtype,), (shape,), small=True))
        for shape in [(*before, inputs), (outputs, inputs), (outputs,)]
    )
    return x, weight, bias


def linear_of(weight: torch.Tensor, bias: torch.Tensor, device: str) -> nn.Linear:
    """A Linear with this weight and bias, in their dtype."""
    outputs, inputs = weight.shape
    dense = nn.Linear(inputs, outputs, device=device, dtype=weight.dtype)
    with torch.no_grad():
        dense.weight.copy_(weight)
        dense.bias.copy_(bias)
    return dense


def alone_and_in_nets() -> Iterator[nn.Module]:
    """Each layer, and another one that is in a net."""
    for make, hold in zip(LAYERS.values(), itertools.cycle(HOLDERS), strict=False):
        yield make()
        layer, other = make(), make()
        other.weight, other.bias = layer.weight, layer.bias  # which the net has twice
        net = nn.Sequential(hold(layer), other)
        yield next(module for module in net.modules() if hasattr(module, "weight"))


def slid(image: np.ndarray, conv: nn.Conv2d) -> np.ndarray:
    """The channels of ``image`` under the kernel wherever it fits, weighted and summed."""
    outputs, channels, height, width = conv.weight.shape
    (up, left), groups = conv.dilation, conv.groups
    kernel = as_array(conv.weight).reshape(groups, -1, channels, height, width)
    padding = (up * (height - 1) // 2, left * (width - 1) // 2)  # which keeps the sides
    padding = padding if conv.padding == "same" else conv.padding
    image = np.pad(image, [(0, 0), *((side, side) for side in padding)])
    rows = range(0, image.shape[1] - up * (height - 1), conv.stride[0])
    columns = range(0, image.shape[2] - left * (width - 1), conv.stride[1])
    result = np.zeros((outputs, len(rows), len(columns)))
    for i, j in np.ndindex(result.shape[1:]):
        window = image[:, rows[i] :: up, columns[j] :: left][:, :height, :width]
        window = window.reshape(groups, channels, height, width)
        result[:, i, j] = np.einsum("gchw,gochw->go", window, kernel).reshape(-1)
    return result if conv.bias is None else result + as_array(conv.bias)[:, None, None]


def one_or_two(least: int, most: int) -> st.SearchStrategy:
    """A number for both sides, or one for each, as the settings of a Conv2d are."""
    return st.integers(least, most) | st.tuples(*[st.integers(least, most)] * 2)


def two(setting: int | tuple[int, int]) -> tuple[int, int]:
    return setting if isinstance(setting, tuple) else (setting, setting)


class TestWeightAndBias:
    """layer.weight and layer.bias: the parameters of a layer."""

    @claim("2.1.1")
    def test_linear_of_3_and_2_has_a_weight_of_2_by_3_and_a_bias_of_2(self, device):
        dense = nn.Linear(3, 2).to(device)

        assert dense.weight.shape == (2, 3)
        assert dense.bias.shape == (2,)

    @claim("2.1.1")
    @example(inputs=1000, outputs=300)
    @given(inputs=SIZES, outputs=SIZES)
    def test_weight_of_a_linear_is_outputs_by_inputs_and_its_bias_outputs(self, inputs, outputs):
        for dense in (
            nn.Linear(inputs, outputs),
            nn.Linear(in_features=inputs, out_features=outputs),
        ):
            assert dense.weight.shape == (outputs, inputs)
            assert dense.bias.shape == (outputs,)

    @claim("2.1.1")
    def test_weight_of_a_conv2d_is_outputs_by_inputs_of_a_group_by_kernel(self):
        for inputs, outputs, kernel, groups in [
            *((1, 1, (1, 1), 1), (3, 5, (2, 2), 1), (2, 4, (3, 1), 1), (5, 129, (1, 3), 1)),
            *((129, 2, (1, 1), 1), (3, 2, (17, 33), 1), (4, 6, (3, 2), 2), (8, 8, (5, 5), 8)),
        ]:
            settings = {"stride": 2, "padding": 1, "dilation": 3, "padding_mode": "circular"}
            conv = nn.Conv2d(inputs, outputs, kernel_size=kernel, groups=groups)
            another = nn.Conv2d(inputs, outputs, kernel, groups=groups, bias=False, **settings)
            named = {"in_channels": inputs, "out_channels": outputs, "groups": groups}
            third = nn.Conv2d(kernel_size=kernel, **named)

            shapes = {it.weight.shape for it in (conv, another, third)}
            assert shapes == {(outputs, inputs // groups, *kernel)}
            assert conv.bias.shape == (outputs,)
            assert nn.Conv2d(inputs, outputs, kernel[0]).weight.shape[2:] == (kernel[0], kernel[0])

    @claim("2.1.1")
    def test_weight_and_bias_are_parameters_that_require_grad(self, device):
        names, ways = itertools.cycle(LAYERS), itertools.cycle((at_once, *UNDER_NO_GRAD))
        alone = [next(ways)(make) for make in LAYERS.values()]
        net = nn.Sequential(*[make() for make in LAYERS.values()])
        for name, layer in zip(names, (*alone, *net), strict=False):
            dtype = getattr(torch, name.partition(" in ")[2] or "float32")
            layer.to(device)

            for parameter in (layer.weight, layer.bias):
                assert type(parameter) is nn.Parameter
                assert (parameter.requires_grad, parameter.is_leaf, parameter.grad) == (
                    True,
                    True,
                    None,
                )
                assert parameter.dtype is dtype
            assert [id(p) for p in layer.parameters()] == [id(layer.weight), id(layer.bias)]

    @claim("2.1.1")
    def test_weight_and_bias_print_as_parameter_containing(self):
        parameters = [p for layer in alone_and_in_nets() for p in (layer.weight, layer.bias)]

        for show, parameter in zip(itertools.cycle((str, repr, repr)), parameters, strict=False):
            shown = show(parameter)
            assert shown.startswith("Parameter containing:\ntensor([")
            assert shown.endswith("requires_grad=True)")

    @claim("2.1.1")
    def test_the_bias_of_a_layer_made_without_one_is_none(self):
        for make in [
            *(lambda: nn.Linear(3, 2, bias=False), lambda: nn.Linear(3, 2, False)),
            *(lambda: nn.Linear(100, 300, bias=False), lambda: nn.Conv2d(3, 5, 2, bias=False)),
            lambda: nn.Conv2d(4, 6, (3, 1), groups=2, bias=False),
        ]:
            layer = make()

            assert layer.bias is None
            assert [id(p) for p in layer.parameters()] == [id(layer.weight)]

    @claim("2.1.2")
    def test_print_of_the_linear_of_the_article(self):
        assert str(nn.Linear(3, 2)) == "Linear(in_features=3, out_features=2, bias=True)"

    @claim("2.1.2")
    def test_print_of_a_linear_shows_in_features_out_features_and_bias(self):
        for inputs, outputs in [(1, 1), (2, 5), (17, 33), (65, 100), (129, 1), (1000, 4)]:
            for bias, dtype in itertools.product((True, False), (torch.float32, torch.float64)):
                expected = f"Linear(in_features={inputs}, out_features={outputs}, bias={bias})"

                layer = nn.Linear(inputs, outputs, bias, dtype=dtype)
                shown = [
                    str(layer),
                    str(layer.half()),
                    repr(layer.bfloat16().requires_grad_(False)),
                ]
                shown.append(repr(nn.Linear(inputs, outputs, bias=bias, dtype=dtype).eval()))
                net = nn.Sequential(nn.ModuleList([nn.ModuleDict({"net": nn.Sequential(layer)})]))
                shown.append(str(net).splitlines()[4].strip().removeprefix("(0): "))
                listed = str(nn.ModuleList([layer] * 4)).splitlines()[1].strip()
                shown.append(listed.removeprefix("(0-3): 4 x ").removeprefix("(0): "))
                assert shown == [expected] * 6

    @claim("2.1.1")
    def test_each_row_of_a_linears_weight_makes_one_output(self, device):
        layer = nn.Linear(3, 2, bias=False).to(device)
        layer.weight.data[0], layer.weight.data[1] = 1, 2

        assert layer(torch.ones(1, 3, device=device)).tolist() == [[3.0, 6.0]]


class TestWeightData:
    """weight.data: the weight as a plain tensor."""

    @claim("2.1.3")
    @given(weight=tensors(FLOATS, NOT_EMPTY), frozen=st.booleans())
    def test_weight_data_is_a_plain_tensor_without_grad(self, weight, frozen, device):
        weight = nn.Parameter(weight.to(device), requires_grad=not frozen)

        for data in (weight.data, weight.data):
            assert type(data) is torch.Tensor
            assert (data.requires_grad, data.grad_fn) == (False, None)
            assert same_bits(data, weight)

    @claim("2.1.3")
    def test_weight_data_of_a_layer_shares_its_memory(self, device):
        for layer in alone_and_in_nets():
            layer.to(device)

            for parameter, learns in itertools.product((layer.weight, layer.bias), (True, False)):
                parameter.requires_grad_(learns).data.fill_(7)
                parameter.data -= 2
                parameter.data[...] *= 3
                assert same_values(parameter, np.full(parameter.shape, 15.0))
                assert (type(parameter), parameter.requires_grad) == (nn.Parameter, learns)

    @claim("2.1.3")
    def test_a_write_to_the_weight_or_its_data_shows_in_the_other_in_every_form(self, device):
        forms = (*every_form(), *every_kind(FLOATS, LAYOUTS), torch.ones(2, 0), torch.ones(MIB))
        for weight in forms:
            weight = nn.Parameter(weight.to(device))
            data = weight.data

            data.fill_(7)
            with torch.no_grad():
                weight.add_(1)

            for written in (weight, data):
                assert same_values(written, np.full(weight.shape, 8.0))

    @claim("2.1.3")
    def test_weight_data_stays_behind_when_double_gives_the_weight_other_memory(self, device):
        for make, change in itertools.product(
            LAYERS.values(),
            (
                operator.methodcaller("double"),
                operator.methodcaller("half"),
                operator.methodcaller("to", torch.float64),
            ),
        ):
            layer = make().float().to(device)
            data = layer.weight.data

            layer.float()
            assert share_memory(data, layer.weight)
            change(layer)

            data.fill_(7)
            assert not (layer.weight == 7).any()

    @claim("2.1.3")
    @since("2.1")
    def test_weight_data_stays_behind_when_a_loaded_weight_takes_the_place(self, device):
        layer = nn.Linear(3, 2).to(device)
        data = layer.weight.data
        state = nn.Linear(3, 2).to(device).state_dict()

        layer.load_state_dict(state, assign=True)

        data.fill_(7)
        assert not (layer.weight == 7).any()


class TestLinear:
    """What an nn.Linear computes, and from what."""

    @claim("2.1.4")
    @given(operands=operands_of_a_linear())
    def test_a_linear_multiplies_the_last_dimension_by_its_weight_and_adds_its_bias(
        self, operands, device
    ):
        x, weight, bias = operands
        dense = linear_of(weight, bias, device)
        product = as_array(x) @ as_array(weight).T

        for _ in range(2):
            assert same_values(dense(x.to(device)), product + as_array(bias))
        dense.bias = None
        assert same_values(dense(input=x.to(device)), product)

    @claim("2.1.4")
    def test_a_linear_takes_an_input_of_one_to_five_dimensions(self, device):
        for inputs, dtype in itertools.product((1, 3, 17, 65), COMPUTING_FLOATS):
            dense = nn.Linear(inputs, 4).to(device, dtype)
            nn.init.constant_(dense.weight, 2)
            nn.init.constant_(dense.bias, 5)

            for sides in ((), (1,), (7,), (2, 3), (2, 1, 3), (2, 1, 2, 2)):
                x = torch.ones(*sides, inputs, dtype=dtype, device=device)
                y, by_keyword = dense(x), F.linear(input=x, weight=dense.weight, bias=dense.bias)

                assert same_values(y, np.full((*sides, 4), 2.0 * inputs + 5))
                assert same_values(by_keyword, as_array(y))

    @claim("2.1.4")
    def test_a_linear_takes_rows_of_any_number_and_layout_in_every_mode(self, device):
        dense = linear_of(torch.arange(6.0).reshape(2, 3), torch.tensor([5, 6]), device)
        row, columns_first = torch.arange(1.0, 4.0, device=device), torch.arange(6.0).reshape(3, 2)
        columns_first = nn.Parameter(columns_first.to(device).T)

        for weight in (dense.weight, columns_first):
            dense.weight = weight
            for x in (
                *(row.repeat(rows, 1) for rows in (0, 1, 17, 1000, 20_000)),
                *(row.expand(4, 3), row.expand(2, 4, 3), row.repeat(4, 1).T.contiguous().T),
                *(row.repeat(4, 2)[:, ::2], row.repeat(4, 2)[1:, 3:]),
                row.repeat(100, 1).T.contiguous().T,
            ):
                expected = as_array(x) @ as_array(weight).T + [5, 6]
                for mode, training in itertools.product(GRAD_MODES, (True, False)):
                    dense.train(training)
                    with mode():
                        for y in (dense(x), dense.forward(input=x)):
                            assert same_values(y, expected)

    @claim("2.1.4")
    def test_a_linear_reads_an_input_of_every_dtype_and_layout_element_by_element(self, device):
        wide = (torch.arange(1000) % 7).repeat(2, 1)
        for x in (*every_kind(COMPUTING_FLOATS, whole=True), *map(wide.to, COMPUTING_FLOATS)):
            expected = as_array(x)[..., [0, -1]] + [1, 2]  # its weight picks the first and last
            dense = nn.Linear(x.shape[-1], 2).to(device, x.dtype)
            nn.init.zeros_(dense.weight)
            with torch.no_grad():
                dense.weight[0, 0] = dense.weight[1, -1] = 1
                dense.bias.copy_(torch.tensor([1, 2]))

            assert same_values(dense(x.to(device)), expected)

    @claim("2.1.4")
    @pytest.mark.parametrize("dtype", COMPUTING_FLOATS, ids=str)
    def test_a_linear_computes_within_the_rounding_of_its_dtype(self, dtype, device):
        for inputs, outputs in ((1, 5), (2, 5), (3, 5), (8, 5), (17, 65), (33, 129), (2, 1001)):
            x, weight, bias = (
                torch.linspace(-2, 2, count).to(dtype)
                for count in (7 * inputs, outputs * inputs, outputs)
            )
            dense = linear_of(weight.reshape(outputs, inputs), bias, device)

            y = dense(x.reshape(7, inputs).to(device))

            x, weight, bias = (
                as_array(it).astype(float) for it in (x.reshape(7, inputs), dense.weight, bias)
            )
            bound = rounding(inputs + 2, dtype) * (abs(x) @ abs(weight).T + abs(bias))
            assert (y.dtype, within(y, x @ weight.T + bias, bound)) == (dtype, True)

    @claim("2.1.4")
    @given(inputs=SIZES, outputs=SIZES, other=SIZES)
    def test_a_linear_refuses_an_input_of_another_width(self, inputs, outputs, other, device):
        dense = nn.Linear(inputs, outputs).to(device)
        width = other if other != inputs else other + 1

        for shape in [(width,), (3, width), (2, 3, width), (2, 1, 1, 3, width)]:
            with pytest.raises(
                RuntimeError, match=r"cannot (be multiplied|matrix-multiply)|not compatible"
            ):
                dense(torch.ones(shape, device=device))

    @claim("2.1.4")
    def test_a_linear_refuses_an_input_of_another_dtype(self, device):
        rows = itertools.cycle([(), (5,), (2, 5), (2, 1, 5), (300,)])  # each dtype meets each
        for dense in (nn.Linear(3, 2), nn.Linear(100, 300, bias=False)):
            for of_weight in COMPUTING_FLOATS:
                dense.to(device, of_weight)
                for dtype in (it for it in DTYPES if it not in (*UNSIGNED, of_weight)):
                    x = torch.ones(*next(rows), dense.in_features, dtype=dtype, device=device)
                    with pytest.raises(RuntimeError, match=WRONG_DTYPE):
                        dense(input=x)

    @claim("2.1.4")
    def test_a_normalisation_refuses_an_input_of_another_dtype_on_the_cpu(self):
        for make, shape in NORMS.values():
            for of_weight, of_input in itertools.permutations(COMPUTING_FLOATS, 2):
                if of_weight is not torch.float32 or of_input is torch.float64:
                    module, x = make().to(of_weight), torch.ones(shape)
                    with pytest.raises(RuntimeError, match=rf"mixed dtype|{WRONG_DTYPE}"):
                        module(x.to(of_input))

    @claim("2.1.4")
    @pytest.mark.parametrize(
        "half",
        [
            pytest.param(torch.bfloat16, marks=since("2.0")),
            pytest.param(torch.float16, marks=since("2.3")),
        ],
        ids=str,
    )
    def test_but_one_in_float32_takes_half_precision_on_the_cpu(self, half):
        for (make, shape), scale in itertools.product(NORMS.values(), (1, 3)):
            module, x = make(), scale * torch.linspace(-2, 2, math.prod(shape)).reshape(shape)
            nn.init.constant_(module.weight, 3.0)
            nn.init.constant_(module.bias, 5.0)

            y = module(x.to(half))

            expected = as_array(module(x.to(half).float()))
            assert y.dtype is half, module
            assert np.allclose(as_array(y), expected, atol=12 * torch.finfo(half).eps), module

    @claim("2.1.4")
    @before("2.2")
    def test_a_layer_in_float16_computed_nothing_on_the_cpu(self):
        for make, shape in IN_FLOAT16.values():
            with pytest.raises(RuntimeError, match="not implemented for 'Half'"):
                make().half()(torch.ones(shape, dtype=torch.float16))

    @claim("2.1.4")
    @before("2.3")
    def test_nor_did_a_layer_norm(self):
        for shape in ((6,), (3, 6), (2, 3, 6)):
            with pytest.raises(RuntimeError, match='"LayerNormKernelImpl" not implemented for'):
                nn.LayerNorm(6).half()(torch.ones(shape, dtype=torch.float16))

    @claim("2.1.4")
    @pytest.mark.parametrize(
        "layers",
        [
            pytest.param(IN_FLOAT16, marks=since("2.2"), id="others"),
            pytest.param({"LayerNorm": NORMS["LayerNorm"]}, marks=since("2.3"), id="LayerNorm"),
        ],
    )
    def test_today_a_layer_in_float16_computes_what_it_does_in_float32(self, layers):
        for make, shape in layers.values():
            module, x = make(), torch.linspace(-2, 2, math.prod(shape)).reshape(shape)

            for _ in range(2):
                results = module.half()(x.half()), module.float()(x.half().float())
                y, expected = (it[0] if isinstance(it, tuple) else it for it in results)
                assert y.dtype is torch.float16, module
                assert np.allclose(as_array(y), as_array(expected), atol=0.02), module

    @claim("2.1.4")
    def test_the_tensor_of_a_float64_array_fits_after_float(self, device):
        x = torch.from_numpy(np.ones((5, 3))).to(device)
        dense = nn.Linear(3, 2).to(device)

        with pytest.raises(RuntimeError, match=WRONG_DTYPE):
            dense(x)

        assert dense(x.float()).shape == (5, 2)

    @claim("2.1.4")
    def test_a_linear_refuses_the_tuple_that_a_recurrent_layer_returns_which_starts_from_zeros(
        self, device
    ):
        for recurrent in (nn.LSTM, nn.GRU, nn.RNN):
            net = nn.Sequential(recurrent(3, 4), nn.Linear(4, 2)).to(device)
            x, zeros = torch.ones(5, 3, device=device), torch.zeros(1, 4, device=device)
            for _ in range(2):
                given = (zeros, zeros) if recurrent is nn.LSTM else zeros
                assert same_bits(net[0](x)[0], net[0](x, given)[0])

            other = recurrent(3, 2, 2, bidirectional=True, batch_first=True).to(device)
            zeros = torch.zeros(4, 1, 2, device=device)
            given = (zeros, zeros) if recurrent is nn.LSTM else zeros
            assert same_bits(other(x[None])[0], other(x[None], given)[0])
            for refused in (net, nn.Sequential(other, net[1])):
                with pytest.raises(TypeError, match="must be Tensor, not tuple"):
                    refused(x[None])
                for wider in (torch.ones(5, 4, device=device), torch.ones(5, 2, 7, device=device)):
                    if recurrent is nn.LSTM and (2, 1) <= RELEASE < (2, 3):
                        assert refused[0](wider)[0].shape[:-1] == wider.shape[:-1]
                        continue
                    with pytest.raises(RuntimeError, match="must be equal to input_size"):
                        refused[0](wider)
            both = net[0](x)
            for name in ("size", "shape", "dim", "view", "to", "detach"):
                with pytest.raises(
                    AttributeError, match=f"'tuple' object has no attribute '{name}'"
                ):
                    getattr(both, name)
            assert net[1](net[0](x)[0]).shape == (5, 2)


class TestConv2d:
    """What an nn.Conv2d computes, and from what."""

    @claim("2.1.5")
    @pytest.mark.parametrize("convolution", CONVOLUTIONS, ids=str)
    def test_a_conv2d_slides_its_kernel_as_it_is_over_images_of_a_batch_or_one(
        self, convolution, device
    ):
        inputs, outputs, kernel, settings, sides = convolution
        dtype = torch.float64 if "padding" in settings else torch.float32
        conv = nn.Conv2d(inputs, outputs, kernel, **settings, device=device, dtype=dtype)
        with torch.no_grad():
            for parameter in conv.parameters():
                numbers = torch.arange(parameter.numel()).reshape(parameter.shape)
                parameter.copy_(numbers % 7 - 2)
        images = torch.arange(2 * inputs * sides[0] * sides[1]) % 11 - 3
        images = images.reshape(2, inputs, *sides).to(device, dtype)

        expected = np.stack([slid(as_array(image), conv) for image in images])

        apart = torch.empty(3, inputs, sides[0], 2 * sides[1], device=device, dtype=dtype)
        apart = apart[1:, ..., ::2].copy_(images)  # which starts later, and has gaps
        channels_last = images.contiguous(memory_format=torch.channels_last)
        for x in (images, channels_last, apart):
            assert same_values(conv(x), expected)
        assert same_values(conv(images[1]), expected[1])
        repeated = images[:1].expand(65, *images.shape[1:])
        assert same_values(conv(repeated), np.broadcast_to(expected[0], (65, *expected[0].shape)))
        assert conv(images[:0]).shape == (0, *expected[0].shape)
        columns_first = images.transpose(2, 3).contiguous().transpose(2, 3)
        conv = conv.requires_grad_(False).eval().to(memory_format=torch.channels_last)
        assert same_values(conv(input=columns_first), expected)

    @claim("2.1.5")
    @pytest.mark.parametrize("dtype", COMPUTING_FLOATS, ids=str)
    def test_a_conv2d_does_so_in_every_dtype_and_mode_on_large_images_and_batches(
        self, dtype, device
    ):
        conv = nn.Conv2d(3, 2, 2).to(device, dtype)
        kernel = torch.arange(24).reshape(2, 3, 2, 2) % 5 - 2
        with torch.no_grad():
            conv.weight.copy_(kernel)
            conv.bias.fill_(5)

        for batch, height, width in ((1, 9, 70), (2, 130, 3), (17, 3, 3), (65, 2, 2)):
            x = torch.arange(batch * 3 * height * width).reshape(batch, 3, height, width)
            x = x.remainder(4).to(device, dtype)
            windows = sliding_window_view(as_array(x), (2, 2), (2, 3))
            expected = np.tensordot(windows, kernel.numpy(), ((1, 4, 5), (1, 2, 3))) + 5
            expected = np.moveaxis(expected, -1, 1)
            for mode, training in itertools.product(GRAD_MODES, (True, False)):
                conv.train(training)
                with mode():
                    assert same_values(conv(x), expected)
                    assert same_values(conv(input=x[0]), expected[0])

    @claim("2.1.5")
    @pytest.mark.parametrize("dtype", COMPUTING_FLOATS, ids=str)
    def test_a_conv2d_of_many_channels_reads_each_of_them(self, dtype, device):
        x = (torch.arange(300 * 6) % 11).to(device, dtype).reshape(300, 2, 3)
        conv, bias = nn.Conv2d(300, 300, 1).to(device, dtype), 1 + torch.arange(300) % 13
        with torch.no_grad():
            conv.weight[:, :, 0, 0] = torch.eye(300).flip(0)
            conv.bias.copy_(bias)

        assert same_values(conv(x), as_array(x)[::-1] + bias.numpy()[:, None, None])

    @claim("2.1.5")
    @given(
        height=SIZES,
        width=SIZES,
        kernel=one_or_two(1, 4),
        stride=one_or_two(1, 3),
        dilation=one_or_two(1, 3),
        more=one_or_two(0, 3),
    )
    def test_sides_of_a_result_follow_from_padding_dilation_kernel_and_stride(
        self, height, width, kernel, stride, dilation, more
    ):
        kernels, strides, dilations, mores = map(two, (kernel, stride, dilation, more))
        paddings = tuple(
            (dilation * (kernel - 1) + 1) // 2 + more
            for kernel, dilation, more in zip(kernels, dilations, mores, strict=True)
        )
        conv = nn.Conv2d(1, 1, kernel, stride, paddings, dilation)

        y = conv(torch.ones(1, height, width))

        assert y.shape == (
            1,
            *(
                (side + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
                for side, kernel, stride, dilation, padding in zip(
                    (height, width), kernels, strides, dilations, paddings, strict=True
                )
            ),
        )

    @claim("2.1.5")
    def test_a_conv2d_refuses_images_whose_channels_are_not_first_or_not_as_many(self, device):
        for shape in [(5, 4, 3), (2, 5, 4, 3), (2, 1, 5, 4), (5, 4), (3,), (1, 2, 3, 5, 4)]:
            conv = nn.Conv2d(3, 1, 1).to(device)

            with pytest.raises(RuntimeError, match=r"to have 3 channels|Expected 3D \(unbatched\)"):
                conv(torch.ones(shape, device=device))

    @claim("2.1.5")
    def test_a_conv2d_refuses_an_image_smaller_than_its_kernel(self, device):
        conv, padded = (nn.Conv2d(1, 1, 3, padding=it).to(device) for it in (0, 1))

        for dtype in COMPUTING_FLOATS:
            wide = nn.Conv2d(1, 3, (2, 17), padding=(3, 1), dilation=2, bias=False)
            for layer in (conv, wide, nn.Conv2d(1, 2, 3, stride=2, dilation=2)):
                layer.to(device, dtype)
                for sides in ((2, 3), (3, 2), (1, 1)):
                    for batch in ((), (1,), (65,)):
                        x = torch.ones(*batch, 1, *sides, device=device, dtype=dtype)
                        with pytest.raises(RuntimeError, match="greater than actual input size"):
                            layer(x)

        assert padded(torch.ones(1, 1, 1, 1, device=device)).shape == (1, 1, 1, 1)

    @claim("2.1.5")
    def test_a_size_that_is_no_int_is_refused(self):
        for make in (
            *(lambda size: nn.Linear(size, 3), lambda size: nn.Linear(3, size)),
            *(lambda size: nn.Conv2d(size, 3, 1), lambda size: nn.Conv2d(3, size, 1)),
            lambda size: nn.Conv2d(3, 3, size),
        ):
            for size, message in (
                (4 / 2, r"empty\(\)"),
                (np.float64(2), r"empty\(\)"),
                (None, "."),
            ):
                with pytest.raises(TypeError, match=message):
                    make(size)
            make(np.int64(2))

    @claim("2.1.5")
    def test_a_conv2d_refuses_an_image_of_another_dtype(self, device):
        said = f"should be the same|{WRONG_DTYPE}"

        for conv in (nn.Conv2d(3, 1, 1), nn.Conv2d(3, 6, 2, groups=3, bias=False)):
            for of_weight in (torch.float32, torch.float64, torch.bfloat16):
                conv.to(device, of_weight)
                for dtype in {it for it in DTYPES if it not in UNSIGNED} - {of_weight}:
                    for shape in ((2, 3, 5, 4), (3, 5, 4)):
                        with pytest.raises(RuntimeError, match=said):
                            conv(torch.ones(shape, dtype=dtype, device=device))


class TestParameter:
    """nn.Parameter: what is one, and what replaces one."""

    @claim("2.4.6")
    def test_what_is_computed_from_a_parameter_is_a_plain_tensor(self, device):
        p = nn.Parameter(torch.ones(3, 2, device=device))
        module = nn.Module()

        for computed in (  # pytorch#17484
            *(p.to(torch.float64), p.double(), p.half(), p.bfloat16(), p.type(torch.float64)),
            *(p.to(torch.float32, copy=True), p.clone(), p * 0.01, 2 * p, p + 1, 1 - p, p - 1),
            *(p / 2, p**2, p @ torch.ones_like(p).mT, p.exp(), -p, p[0], p.view(-1), p.mT),
            *(p.reshape(1, -1), p.flatten()),
        ):
            assert (type(computed), computed.is_leaf) == (torch.Tensor, False)
            module.weight = computed
            assert [*module.parameters(), *module.state_dict()] == []
            with pytest.raises(ValueError, match="non-leaf"):
                optim.SGD([computed], lr=0.1)

    @claim("2.4.6")
    def test_what_to_makes_of_a_frozen_parameter_is_a_plain_tensor_and_a_leaf(self, device):
        parameter = nn.Parameter(torch.ones(3, device=device), requires_grad=False)

        learning = nn.Parameter(torch.ones(3, device=device))

        for plain in (parameter.to(torch.float64), 2 * parameter, learning.detach()):
            described = (type(plain), plain.is_leaf, plain.requires_grad)
            assert described == (torch.Tensor, True, False)

    @claim("2.4.6")
    def test_to_of_its_own_dtype_and_device_is_the_parameter_itself(self, device):
        parameter = nn.Parameter(torch.ones(3, device=device))

        for same in (parameter.to(device), parameter.to(torch.float32), parameter.float()):
            assert same is parameter

    @claim("2.4.6")
    @given(x=tensors(FLOATS), frozen=st.booleans())
    def test_a_parameter_of_any_tensor_is_a_leaf_that_a_module_registers(self, x, frozen, device):
        module = nn.Module()

        module.weight = nn.Parameter(x.to(device), requires_grad=not frozen)

        assert (type(module.weight), module.weight.is_leaf) == (nn.Parameter, True)
        assert module.weight.requires_grad is not frozen
        assert [id(p) for p in module.parameters()] == [id(module.weight)]
        assert same_bits(module.weight, x)
        assert share_memory(module.weight, x.to(device)) or device != "cpu"

    @claim("2.4.6")
    def test_in_every_dtype_and_layout_it_shares_the_memory_of_its_tensor(self, device):
        for x in every_kind(FLOATS + COMPLEX):
            tensor = x.to(device)
            for parameter in (nn.Parameter(tensor), nn.Parameter(data=tensor, requires_grad=False)):
                assert share_memory(parameter, tensor)
                assert same_bits(parameter, x)

    @claim("2.4.6")
    def test_a_parameter_of_integers_must_not_require_grad(self, device):
        numbers = torch.arange(3, device=device)

        with pytest.raises(RuntimeError, match="floating point and complex dtype"):
            nn.Parameter(numbers)

        assert not nn.Parameter(numbers, requires_grad=False).requires_grad

    @claim("2.1.6")
    @pytest.mark.parametrize("name", ["weight", "bias"])
    def test_a_layer_refuses_a_plain_tensor_in_a_parameters_place(self, name):
        others = (nn.BatchNorm2d(300), nn.LayerNorm(5), nn.Conv3d(1, 2, 3), nn.Bilinear(2, 3, 4))
        for layer in (*alone_and_in_nets(), *others):
            parameter = getattr(layer, name)

            for value in (torch.ones(parameter.shape), parameter * 2, parameter.data, [1.0], 0.0):
                for put in (layer.__setattr__, layer.register_parameter):
                    for mode in (torch.enable_grad, torch.no_grad):
                        with mode(), pytest.raises(TypeError, match="cannot assign"):
                            put(name, value)

    @claim("2.1.6")
    def test_a_net_refuses_what_is_no_module_in_a_modules_place(self):
        for value in [torch.relu, torch.ones(1), 1.0]:
            net = nn.Sequential(nn.Linear(1, 1))
            net.layer = nn.ReLU()

            with pytest.raises(TypeError, match="as child module 'layer'"):
                net.layer = value

            net.layer = net[0]
            assert net.layer is net[0]

    @claim("2.1.6")
    def test_a_parameter_takes_the_place_of_a_module(self, device):
        for module in (nn.ReLU(), nn.Linear(3, 2)):
            net = nn.Sequential(nn.Linear(1, 1))
            net.layer, parameter = module, nn.Parameter(torch.ones(2, device=device))

            net.layer = parameter

            names = [name for name, _ in net.named_children()]
            assert (names, next(net.parameters()) is parameter) == (["0"], True)

    @claim("2.1.6")
    def test_so_does_whatever_holds_modules(self):
        for value in [torch.relu, torch.ones(1), 1.0]:
            for put in [
                lambda value: nn.Sequential(nn.ReLU(), value),
                lambda value: nn.ModuleList([value]),
                lambda value: nn.ModuleList().append(value),
                lambda value: nn.ModuleList([nn.ReLU()]).extend([value]),
                lambda value: operator.setitem(nn.ModuleList([nn.ReLU()]), 0, value),
                lambda value: operator.setitem(nn.Sequential(nn.ReLU()), 0, value),
                lambda value: nn.ModuleDict({"layer": value}),
                lambda value: nn.ModuleDict().update({"layer": value}),
                lambda value: operator.setitem(nn.ModuleDict(), "layer", value),
                lambda value: nn.Module().add_module("layer", value),
                lambda value: nn.Module().register_module("layer", value),
            ]:
                with pytest.raises(TypeError, match=r"is not a Module subclass|as child module"):
                    put(value)

    @claim("2.1.6")
    def test_a_module_list_inserts_anything(self):
        for value in [torch.relu, torch.ones(1), nn.Linear(1, 1)]:
            for place in (0, 1):
                layers = nn.ModuleList([nn.ReLU()])
                layers.insert(place, value)

                assert layers[place] is value

    @claim("2.1.6")
    def test_a_weight_is_set_in_place_within_no_grad_alone(self, device):
        for turn, make in enumerate(LAYERS.values()):
            layer, on = make().to(device), GRAD_ON[1:][turn % len(GRAD_ON[1:])]
            weight, values = layer.weight, torch.full_like(layer.weight, 2)
            changes = (
                *(lambda w, v=values: w.copy_(v), lambda w: w.fill_(2), lambda w: w.zero_()),
                *(lambda w: w.normal_(), lambda w: w.add_(1), lambda w: w[0].fill_(2)),
                *(lambda w: operator.iadd(w, 1), lambda w, v=values: operator.isub(w, v)),
                *(lambda w: operator.imul(w, 2), lambda w: operator.itruediv(w, 2)),
                *(lambda w: operator.setitem(w, 0, 2), lambda w: operator.setitem(w, ..., 2)),
                *(lambda w: w.mul_(2), lambda w: w.sub_(1), lambda w: w.div_(2)),
                *(lambda w: w.uniform_(), lambda w: w.clamp_(0), lambda w: w.neg_()),
                *(lambda w: w.masked_fill_(w > 0, 2), lambda w: w.view(-1).add_(1)),
            )

            for way in (at_once, on):
                said = way(lambda w=weight, changes=changes: [refusal(it, w) for it in changes])

                assert all("leaf Variable" in it for it in said), (way.__name__, said)
            expected = np.full(weight.shape, 2.0)
            expected[0] = 3
            for under in UNDER_NO_GRAD[turn % 3 :: 3]:
                with torch.no_grad():
                    weight.zero_()
                with contextlib.suppress(RuntimeError):  # after which it is zero
                    under(lambda w=weight, values=values: w.copy_(values))
                    under(lambda w=weight: operator.setitem(w, 0, 3))

                assert same_values(weight, expected), under.__name__
                assert (weight.requires_grad, weight.grad_fn) == (True, None)

    @claim("2.1.6")
    def test_a_write_through_detach_sets_a_weight_that_still_learns(self, device):
        for make, on in zip(LAYERS.values(), itertools.cycle(GRAD_ON)):
            layer = make().to(device)

            on(lambda layer=layer: layer.weight.detach().zero_())
            (3 * layer.weight).sum().backward()
            optim.SGD(layer.parameters(), lr=1.0).step()

            assert same_values(layer.weight, np.full(layer.weight.shape, -3.0))

    @claim("2.1.6")
    def test_copy_sets_the_values_of_a_weight_of_every_dtype_and_layout(self, device):
        for x in every_kind(FLOATS, LAYOUTS, whole=True):
            values = x.to(device)

            for source in (values, values.cpu().double().contiguous()):
                weight = nn.Parameter(torch.zeros_like(values))
                with torch.no_grad():
                    weight.copy_(source)
                assert same_values(weight, as_array(x))

    @claim("2.1.6")
    def test_another_parameter_takes_the_place_of_a_weight_and_none_empties_it(self, device):
        layer = nn.Linear(3, 2).to(device)
        other = nn.Parameter(torch.ones(2, 3, device=device))

        layer.weight = other
        layer.bias = None

        assert layer(torch.ones(1, 3, device=device)).tolist() == [[3.0, 3.0]]
        for make, values in zip(
            itertools.cycle(LAYERS.values()), every_kind(FLOATS, WITH_EXPANDED)
        ):
            layer, other = make(), nn.Parameter(values, requires_grad=values.dim() != 1)
            layer.weight = layer.bias = other
            put = [layer.weight, layer.bias, *layer.parameters()]
            assert [id(it) for it in put] == [id(other)] * 3

    @claim("2.1.6")
    def test_a_parametrized_weight_is_computed_from_another_parameter(self, device):
        for make in LAYERS.values():
            layer = make().to(device)
            weight = layer.weight

            parametrize.register_parametrization(layer, "weight", Doubled())

            assert {name: id(p) for name, p in layer.named_parameters()} == {
                "bias": id(layer.bias),
                "parametrizations.weight.original": id(weight),
            }
            for passes in (1, 2, 3):
                with torch.no_grad():
                    weight.fill_(passes)
                for _ in range(2):
                    assert (type(layer.weight), layer.weight.is_leaf) == (torch.Tensor, False)
                    assert same_values(layer.weight, np.full(weight.shape, 2.0 * passes))
                layer.weight.sum().backward()
                assert same_values(weight.grad, np.full(weight.shape, 2.0 * passes))

    @claim("2.1.6")
    @pytest.mark.parametrize(
        "change",
        [
            lambda layer: parametrize.register_parametrization(layer, "weight", Doubled()),
            lambda layer: parametrizations.spectral_norm(layer.eval()),
            lambda layer: prune.random_unstructured(layer, "weight", amount=0.5),
            lambda layer: prune.l1_unstructured(layer, name="weight", amount=1),
            lambda layer: prune.ln_structured(layer, "weight", amount=1, n=2, dim=0),
        ],
    )
    def test_what_is_written_to_a_parametrized_weight_is_lost(self, change, device):
        for layer, shape in (  # pytorch#180968
            (nn.Linear(3, 2), (1, 3)),
            (nn.Linear(100, 65, bias=False, dtype=torch.float64), (2, 5, 100)),
            (nn.Conv2d(3, 4, 2), (2, 3, 5, 5)),
        ):
            x = torch.ones(shape, device=device, dtype=layer.weight.dtype)
            change(layer.to(device))
            layer.eval()
            y = layer(x)

            for write in (
                lambda weight: nn.init.constant_(weight, 7.0),
                lambda weight: nn.init.normal_(weight, 7.0),
                lambda weight: torch.no_grad()(weight.copy_)(torch.full(weight.shape, 7.0)),
            ):
                write(layer.weight)

                assert same_bits(layer(x), y)

    @claim("2.1.6")
    def test_what_a_parametrized_weight_is_computed_from_can_be_initialised(self, device):
        for make in LAYERS.values():
            layer = make().to(device)
            parametrize.register_parametrization(layer, "weight", Doubled())

            for value in (7.0, 3.0):
                nn.init.constant_(layer.parametrizations.weight.original, value)

                assert same_values(layer.weight, np.full(layer.weight.shape, 2 * value))

    @claim("2.1.6")
    def test_clamp_after_each_step_keeps_a_weight_that_learns_in_a_range(self, device):
        layer = nn.Linear(3, 2).to(device)
        sgd = optim.SGD(layer.parameters(), lr=1.0)
        for slope in (1, -1):
            (slope * layer.weight).sum().backward()
            sgd.step()
            with torch.no_grad():
                layer.weight.clamp_(min=0)
            sgd.zero_grad()

        assert same_values(layer.weight, np.ones((2, 3)))


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
class TestLazyLinear:
    """nn.LazyLinear: a Linear that takes its in_features from its first input."""

    @claim("2.1.8")
    def test_the_weight_of_a_lazy_linear_has_no_shape_before_the_first_input(self):
        lazy = nn.LazyLinear(2)

        assert str(lazy) == "LazyLinear(in_features=0, out_features=2, bias=True)"
        with pytest.raises(RuntimeError, match="shape of an uninitialized parameter"):
            lazy.weight.shape  # noqa: B018

    @claim("2.1.8")
    @given(rows=SIZES, inputs=SIZES, outputs=SIZES)
    def test_the_first_input_makes_it_a_linear(self, rows, inputs, outputs, device):
        lazy = nn.LazyLinear(outputs, device=device)
        parameters = [id(p) for p in lazy.parameters()]

        y = lazy(torch.ones(rows, inputs, device=device))

        assert (y.shape, lazy.weight.shape) == ((rows, outputs), (outputs, inputs))
        assert str(lazy) == f"Linear(in_features={inputs}, out_features={outputs}, bias=True)"
        assert [id(p) for p in lazy.parameters()] == parameters

    @claim("2.1.8")
    def test_the_last_dimension_of_the_first_input_counts(self, device):
        for rows in [(), (5,), (5, 2), (5, 2, 4), (5, 2, 4, 1)]:
            lazy = nn.LazyLinear(2, device=device)
            parameters = [id(p) for p in lazy.parameters()]

            with contextlib.suppress(RuntimeError):
                lazy(torch.ones(*rows, 3, device=device))

            assert lazy.in_features == 3
            assert [id(p) for p in lazy.parameters()] == parameters

    @claim("2.1.8")
    def test_it_keeps_its_dtype_and_bias_and_learns_whatever_the_mode(self, device):
        for bias, dtype, mode in itertools.product(
            (True, False), COMPUTING_FLOATS, (torch.enable_grad, torch.no_grad)
        ):
            for hold in HOLDERS:
                lazy = nn.LazyLinear(2, bias, device, dtype).eval()
                kept = [id(it) for it in lazy.parameters()]

                with mode():
                    hold(lazy)(torch.ones(4, 3, device=device, dtype=dtype))

                assert [id(it) for it in lazy.parameters()] == kept
                assert (lazy.weight.dtype, lazy.bias is not None) == (dtype, bias)
                assert (lazy.in_features, lazy.weight.shape) == (3, (2, 3))
                assert all(type(p) is nn.Parameter and p.requires_grad for p in lazy.parameters())

    @claim("2.1.8")
    def test_a_loaded_state_dict_gives_the_weight_of_a_lazy_linear_its_shape(self, device):
        hows = ((3, 2, {}), (300, 65, {"bias": False}), (1, 1, {"dtype": torch.float64}))
        for (inputs, outputs, how), hold in itertools.product(hows, HOLDERS):
            lazy = nn.LazyLinear(outputs, device=device, **how)
            dense = nn.Linear(inputs, outputs, device=device, **how)
            kept = [id(p) for p in lazy.parameters()]

            hold(lazy).load_state_dict(hold(dense).state_dict())

            assert type(lazy) is nn.LazyLinear
            x = torch.ones(2, 1, inputs, device=device, dtype=dense.weight.dtype)
            assert same_bits(lazy(x), dense(x))
            assert type(lazy) is nn.Linear
            assert [id(p) for p in lazy.parameters()] == kept

    @claim("2.1.8")
    def test_the_first_input_after_a_state_dict_sets_in_features_since_2_8(self, device):
        for inputs in (1, 3, 300):
            lazy = nn.LazyLinear(2, device=device)
            lazy.load_state_dict(nn.Linear(inputs, 2).state_dict())

            lazy(torch.ones(1, inputs, device=device))

            assert lazy.in_features == (inputs if RELEASE >= (2, 8) else 0)

    @claim("2.1.8")
    def test_an_optimizer_made_before_the_first_input_updates_it(self, device):
        for make in (optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop):
            for inputs, outputs, bias in ((3, 2, True), (300, 65, False)):
                lazy = nn.LazyLinear(outputs, bias, device=device)
                net = nn.Sequential(nn.ModuleDict({"a": nn.Sequential(lazy)}))
                groups = [{"params": [it]} for it in net.parameters()]
                optimizer = make(groups if bias else net.parameters(), lr=1.0)

                lazy(torch.ones(4, 1, inputs, device=device))
                for _ in range(3):
                    optimizer.zero_grad()
                    lazy(torch.ones(1, inputs, device=device)).sum().backward()
                    before = as_array(lazy.weight)
                    optimizer.step()

                    assert (as_array(lazy.weight) < before).all()

    @claim("2.1.8")
    def test_adagrad_refuses_a_lazy_linear_before_its_first_input(self):
        for lazy in (nn.LazyLinear(2), nn.LazyLinear(300, bias=False, dtype=torch.float64)):
            net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(lazy))
            groups = [{"params": net[0].parameters()}, {"params": net[1].parameters()}]
            for them in (lazy.parameters(), net.parameters(), groups):
                with pytest.raises(ValueError, match="uninitialized parameter"):
                    optim.Adagrad(them, lr=0.5)
            lazy(torch.ones(1, 3, dtype=lazy.weight.dtype))
            optim.Adagrad(net.parameters())


class Doubled(nn.Module):
    """A parametrization: twice what it is given."""

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return 2 * weight
