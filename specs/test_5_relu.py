"""5 nn.ReLU and nn.functional.relu."""

from __future__ import annotations

import contextlib
import itertools
import operator
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from specs.grad_modes import UNDER_NO_GRAD
from specs.lacking import there
from specs.ledger import claim
from specs.nets import nets_around
from specs.oracles import as_array, same_bits, same_values, share_memory
from specs.releases import before, since
from specs.strategies import (
    BOOL,
    COMPLEX,
    COMPUTING_FLOATS,
    COMPUTING_INTEGERS,
    DTYPES,
    EACH_RANK,
    LAYOUTS,
    MIB,
    NOT_EMPTY,
    SEVERAL,
    STORED,
    UNSIGNED,
    WITH_EXPANDED,
    TensorSubclass,
    every_form,
    every_kind,
    more_than_a_mib,
    ones,
    tensors,
)

#: Every spelling, by how it is written.
FORMS = {
    "nn.ReLU()(x)": lambda x: nn.ReLU()(x),
    "nn.ReLU(inplace=False)(x)": lambda x: nn.ReLU(inplace=False)(x),
    "F.relu(x)": lambda x: F.relu(x),
    "F.relu(input=x, inplace=False)": lambda x: F.relu(input=x, inplace=False),
    "torch.relu(x)": lambda x: torch.relu(x),
    "x.relu()": lambda x: x.relu(),
}
IN_PLACE = {
    "nn.ReLU(inplace=True)(x)": lambda x: nn.ReLU(inplace=True)(x),
    "nn.ReLU(True)(x)": lambda x: nn.ReLU(True)(x),
    "F.relu(x, inplace=True)": lambda x: F.relu(x, inplace=True),
    "F.relu(x, True)": lambda x: F.relu(x, True),
    "F.relu_(x)": lambda x: F.relu_(x),
    "torch.relu_(x)": lambda x: torch.relu_(x),
    "x.relu_()": lambda x: x.relu_(),
}

#: What an operation saves for its gradient decides whether ReLU may work in place after it.
SAVES_NO_RESULT = {
    "Linear": lambda x: F.linear(x, x.detach()),
    "conv2d": lambda x: F.conv2d(x[None, None], torch.ones(1, 1, 1, 1).to(x)),
    "batch_norm": lambda x: F.batch_norm(x, None, None, training=True),
    "layer_norm": lambda x: F.layer_norm(x, x.shape[1:]),
    "* 2": lambda x: x * 2,
    "x * x": lambda x: x * x,
    "x ** 2": lambda x: x**2,
    "+ 1": lambda x: x + 1,
    "- 1": lambda x: x - 1,
    "/ 3": lambda x: x / 3,
    "@": lambda x: x @ x.detach().T,
    "abs": lambda x: x.abs(),
    "leaky_relu": lambda x: F.leaky_relu(x),
    "conv1d": lambda x: F.conv1d(x[None], torch.ones(1, 4, 1).to(x)),
    "conv_transpose2d": lambda x: F.conv_transpose2d(x[None, None], torch.ones(1, 1, 2, 2).to(x)),
    "group_norm": lambda x: F.group_norm(x, 1),
    "max_pool2d": lambda x: F.max_pool2d(x[None], 2),
    "avg_pool2d": lambda x: F.avg_pool2d(x[None], 2),
    "embedding": lambda x: F.embedding(torch.tensor([0, 2, 2], device=x.device), x),
    "gelu": lambda x: F.gelu(x),
}
SAVES_ITS_RESULT = {
    "exp": lambda x: x.exp(),
    "sqrt": lambda x: (x * x + 1).sqrt(),
    "sigmoid": lambda x: x.sigmoid(),
    "tanh": lambda x: x.tanh(),
    "softmax": lambda x: x.softmax(1),
    "nn.Softmax": lambda x: nn.Softmax(1)(x),
    "nn.Sigmoid": lambda x: nn.Sigmoid()(x),
    "nn.Tanh": lambda x: nn.Tanh()(x),
    "log_softmax": lambda x: x.log_softmax(1),
    "reciprocal": lambda x: (x * x + 1).reciprocal(),
    "rsqrt": lambda x: (x * x + 1).rsqrt(),
    "expm1": lambda x: x.expm1(),
    "tan": lambda x: x.tan(),
    "relu": lambda x: x.relu(),
    "relu_": lambda x: (x * 1).relu_(),
}
WITHOUT_GRAD = (torch.no_grad, torch.inference_mode)
SIX_BELOW_AND_ABOVE_ZERO = torch.linspace(-2, 2, 12).reshape(4, 3)

#: Functions of the same values, by name.
ALIKE = {
    "relu": F.relu,
    "clamp": lambda x: x.clamp(min=0),
    "torch.clamp": lambda x: torch.clamp(x, min=0),
    "torch.clamp by position": lambda x: torch.clamp(x, 0),
    "clamp by position": lambda x: x.clamp(0),
    "clamp_min": lambda x: x.clamp_min(0),
    "maximum": lambda x: torch.maximum(x, torch.tensor(0, device=x.device)),
    "x.maximum": lambda x: x.maximum(torch.zeros_like(x)),
}


def gradient(function, x: torch.Tensor) -> torch.Tensor | None:
    """The gradient of the sum of function(x) with respect to x, or None if there is none."""
    x = x.detach().requires_grad_()
    y = function(x).sum()
    if y.requires_grad:
        y.backward()
    return x.grad


def gradients(functions: dict, x: torch.Tensor) -> dict[str, torch.Tensor]:
    """The same of each function, by its name, in one backward pass."""
    leaves = {name: x.detach().requires_grad_() for name in functions}
    sums = [functions[name](leaf).sum() for name, leaf in leaves.items()]
    torch.autograd.backward([it for it in sums if it.requires_grad])
    return {name: leaf.grad for name, leaf in leaves.items()}


def on_a_copy(function):
    """The function, of what may be changed in place."""
    return lambda x: function(1 * x)


class Functional(nn.Module):
    """A net that calls F.relu in its forward."""

    def __init__(self, inputs: int = 3) -> None:
        super().__init__()
        self.dense = nn.Linear(inputs, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.dense(x))


class TestValuesAndGradient:
    """What every form computes."""

    @claim("5.1")
    @given(x=tensors(COMPUTING_FLOATS + COMPUTING_INTEGERS, layouts=WITH_EXPANDED))
    def test_relu_is_the_larger_of_element_and_zero(self, x, device):
        expected = np.maximum(as_array(x), 0)  # which keeps NaN, as relu does

        for form, relu in FORMS.items():
            y = relu(x.to(device))
            assert y.dtype is x.dtype, form
            assert same_values(y, expected), form

    @claim("5.1")
    @given(x=tensors(COMPUTING_FLOATS, layouts=WITH_EXPANDED))
    def test_gradient_of_relu_is_one_above_zero_and_zero_at_and_below_it(self, x, device):
        elements = as_array(x)
        of_nan = as_array(gradient(torch.relu, x.to(device)))  # the same of every form
        expected = np.where(np.isnan(elements), of_nan, elements > 0)

        for form, relu in FORMS.items():
            assert same_values(gradient(relu, x.to(device)), expected), form

    @claim("5.1")
    def test_gradient_of_relu_at_nan_is_one_on_the_cpu(self):
        forms = {**FORMS, **{f"{name} of 1 * x": on_a_copy(it) for name, it in IN_PLACE.items()}}
        numbers = itertools.cycle((torch.nan, -torch.nan))
        for dtype, shape in itertools.product(COMPUTING_FLOATS, (*EACH_RANK[:-1], (300,))):
            x = torch.full(shape, next(numbers), dtype=dtype)

            for form, slope in gradients(forms, x).items():
                assert same_values(slope, np.ones(shape)), (form, dtype)

    @claim("5.1")
    @pytest.mark.parametrize("dtype", COMPUTING_FLOATS, ids=str)
    def test_values_and_gradient_are_right_in_every_size_rank_and_layout(self, dtype, device):
        spellings, layouts = (nn.ReLU(), F.relu), ("contiguous",)
        if dtype is torch.float32:
            spellings, layouts = (*spellings, torch.relu, torch.Tensor.relu), WITH_EXPANDED

        inputs = [*every_form(dtype, layouts)]
        for turn, x in enumerate(inputs):
            if x.numel() > 5:
                x[(0,) * x.dim()] = torch.nan if turn % 2 else 0.0
        leaves = [x.to(device).detach().requires_grad_() for x in inputs]
        turns = itertools.cycle((*spellings, F.relu))  # an odd number: each meets zero and NaN
        results = [relu(leaf) for relu, leaf in zip(turns, leaves, strict=False)]
        torch.autograd.backward(results, [torch.ones_like(y) for y in results])

        for elements, leaf, y in zip(map(as_array, inputs), leaves, results, strict=True):
            assert same_values(y, np.maximum(elements, 0))
            slope = np.where(np.isnan(elements), as_array(leaf.grad), elements > 0)
            assert same_values(leaf.grad, slope)
        if dtype is torch.float32:
            elements = np.resize(np.array([-1, 0, 2, np.nan], np.float32), MIB)
            leaf = torch.from_numpy(elements).to(device).requires_grad_()
            y = F.relu(leaf)
            y.backward(torch.ones_like(y))
            assert same_values(y, np.maximum(elements, 0))
            assert np.all((as_array(leaf.grad) == (elements > 0)) | np.isnan(elements))

    @claim("5.1")
    def test_values_are_right_in_no_grad_and_in_evaluation_as_well(self, device):
        forms = {**FORMS, "nn.ReLU().eval()(x)": nn.ReLU().eval()}
        dtypes = COMPUTING_FLOATS + COMPUTING_INTEGERS
        for x in (*every_kind(dtypes, ("offset",)), *every_kind((torch.float32,), WITH_EXPANDED)):
            expected, x = np.maximum(as_array(x), 0), x.to(device)

            for mode, (form, relu) in itertools.product(WITHOUT_GRAD, forms.items()):
                assert same_values(mode()(relu)(x), expected), form

    @claim("5.1")
    def test_every_form_is_right_in_each_layout_of_every_dtype(self, device):
        for x in every_kind(COMPUTING_FLOATS + COMPUTING_INTEGERS):
            elements = as_array(x)
            expected, slope = np.maximum(elements, 0), elements > 0
            x = x.to(device)
            for form, relu in FORMS.items():
                assert same_values(relu(x), expected), form
            if x.is_floating_point():
                for form, found in gradients(FORMS, x).items():
                    assert np.all((as_array(found) == slope) | np.isnan(elements)), form

    @claim("5.1")
    def test_every_form_in_place_is_right_in_each_size_rank_layout_and_dtype(self, device):
        one, whole = itertools.cycle(IN_PLACE.items()), IN_PLACE.items()
        kinds = every_kind(COMPUTING_FLOATS + COMPUTING_INTEGERS, LAYOUTS)
        forms_of = [(x, [next(one)]) for x in every_form()] + [(x, whole) for x in kinds]
        for x, forms in forms_of:
            elements = as_array(x)
            expected, slope = np.maximum(elements, 0), elements > 0
            x = x.to(device)
            if x.is_floating_point():
                copying = {form: on_a_copy(relu) for form, relu in forms}
                for form, found in gradients(copying, x).items():
                    assert np.all((as_array(found) == slope) | np.isnan(elements)), form
            original = x.clone()
            for form, relu in forms:
                assert same_values(relu(x), expected), form
                x.copy_(original)

    @claim("5.1")
    def test_every_form_is_right_for_a_part_of_a_complex_tensor_and_a_lazy_negative(self, device):
        for x in every_kind(COMPLEX, LAYOUTS, whole=True):
            x = x.to(device)
            imaginary = as_array(x).imag
            imaginary = imaginary + np.arange(imaginary.size).reshape(imaginary.shape) % 3 - 1
            x = torch.complex(x.real, torch.from_numpy(imaginary).to(x.real))
            parts = ((x.imag, imaginary), (x.conj().imag, -imaginary))

            for part, elements in parts:
                slopes = gradients(FORMS, part)
                for form, relu in FORMS.items():
                    assert same_values(relu(part), np.maximum(elements, 0)), form
                    assert same_values(slopes[form], elements > 0), form

    @claim("5.1")
    def test_gradient_of_relu_adds_up_and_passes_on_what_comes_from_above(self, device):
        forms = itertools.cycle(FORMS.items())
        for x in every_kind(COMPUTING_FLOATS, LAYOUTS, whole=True):
            leaf, slope = x.to(device).requires_grad_(), as_array(x) > 0
            form, relu = next(forms)
            above = np.resize([-2, 3, 1, -1], x.shape[::-1]).T  # transposed in memory, too
            y = relu(1 * leaf)
            for times, result in enumerate((y, y, y, relu(1 * leaf)), 1):
                result.backward(torch.from_numpy(above).to(leaf), retain_graph=times < 3)
                assert same_values(leaf.grad, times * above * slope), form

    @claim("5.1")
    @pytest.mark.parametrize("dtype", COMPUTING_FLOATS, ids=str)
    def test_gradient_of_relu_at_zero_is_zero(self, dtype, device):
        for shape in (*EACH_RANK[:-1], (2, 0), (300,)):
            x = torch.zeros(shape, dtype=dtype, device=device)

            for form, slope in gradients(FORMS, x if x.dim() % 2 else -x).items():
                assert same_values(slope, np.zeros(shape)), form
        turns = itertools.cycle((nn.Parameter, TensorSubclass))
        if dtype is not torch.float32:
            next(turns)
        for relu, kind in zip(FORMS.values(), turns, strict=False):
            leaf = torch.tensor([-1, 0, 2], dtype=dtype, device=device).as_subclass(kind)
            relu(leaf.requires_grad_()).sum().backward()
            assert leaf.grad.tolist() == [0, 0, 1]

    @claim("5.1")
    @given(x=tensors(COMPUTING_FLOATS))
    def test_module_and_function_agree_in_every_bit_of_value_and_gradient(self, x, device):
        x = x.to(device)

        assert same_bits(nn.ReLU()(x), F.relu(x))
        assert same_bits(gradient(nn.ReLU(), x), gradient(F.relu, x))

    @claim("5.1")
    @given(x=tensors((torch.float32,)), times=st.integers(2, 4))
    def test_relu_gives_the_same_each_time_it_is_called(self, x, times, device):
        relu = nn.ReLU()
        expected = np.maximum(as_array(x), 0)

        for _ in range(times):
            assert same_values(relu(x.to(device)), expected)

    @claim("5.1")
    def test_every_form_is_right_in_another_thread(self, device):
        x = torch.tensor([-1.0, 0.0, 2.0, torch.nan], device=device)
        expected = np.maximum(as_array(x), 0)

        with ThreadPoolExecutor(1) as pool:
            for form, relu in {**FORMS, **IN_PLACE}.items():
                assert same_values(pool.submit(relu, x.clone()).result(), expected), form
                slope = pool.submit(gradient, lambda x, relu=relu: relu(1 * x), x[:3]).result()
                assert slope.tolist() == [0, 0, 1], form

    @claim("5.5")
    @given(x=tensors(BOOL + COMPLEX))
    def test_relu_refuses_bool_and_complex_tensors(self, x, device):
        for relu in (*FORMS.values(), *IN_PLACE.values()):
            with pytest.raises(RuntimeError, match=r"not supported for|not implemented for"):
                relu(x.to(device, copy=True))

    @claim("5.5")
    @pytest.mark.filterwarnings("ignore:ComplexHalf support")
    def test_it_refuses_them_in_every_rank(self, device):
        for dtype, shape in itertools.product(there(BOOL + COMPLEX + STORED), EACH_RANK):
            x = torch.ones(shape, device=device).to(dtype)
            for relu in (*FORMS.values(), *IN_PLACE.values()):
                with pytest.raises(RuntimeError, match=r"not supported for|not implemented for"):
                    relu(x)

    @claim("5.5")
    @before("2.1")
    def test_relu_refuses_float16_on_the_cpu(self):
        for shape, relu in itertools.product(EACH_RANK, (*FORMS.values(), *IN_PLACE.values())):
            with pytest.raises(RuntimeError, match="not implemented for 'Half'"):
                relu(torch.ones(shape, dtype=torch.float16))

    @claim("5.5")
    @before("2.15")
    def test_relu_refuses_unsigned_integers_of_more_than_a_byte(self, device):
        for dtype, shape in itertools.product(there(UNSIGNED), EACH_RANK):
            x = torch.zeros(shape, dtype=dtype, device=device)
            for relu in (*FORMS.values(), *IN_PLACE.values()):
                with pytest.raises(RuntimeError, match="not implemented for"):
                    relu(x)

    @claim("5.5")
    @since("2.15")
    @given(x=tensors(UNSIGNED))
    def test_relu_returns_unsigned_integers_as_they_are(self, x, device):
        for form, relu in {**FORMS, **IN_PLACE}.items():
            assert same_bits(relu(x.to(device, copy=True)), x), form


class TestModule:
    """nn.ReLU as a part of models."""

    @claim("5.2")
    def test_relu_is_a_module_without_parameters_or_buffers(self):
        def used() -> nn.Module:
            relu = nn.ReLU()
            relu(torch.ones(2, requires_grad=True)).sum().backward()
            return relu

        def deep() -> nn.Module:
            return nn.Sequential(nn.ModuleList([nn.ModuleDict({"act": nn.ReLU(True)})]), nn.ReLU())

        for make in (
            *(nn.ReLU, lambda: nn.ReLU(inplace=True), lambda: nn.ReLU().eval().double()),
            *(used, deep),
        ):
            relu = make()
            assert isinstance(relu, nn.Module)
            assert [*relu.parameters(), *relu.named_parameters()] == []
            assert [*relu.buffers(), *relu.named_buffers(), *relu.state_dict()] == []

    @claim("5.2")
    @given(x=tensors((torch.float32,), NOT_EMPTY), depth=st.integers(0, 3))
    def test_relu_fits_into_sequential_at_any_depth(self, x, depth, device):
        net = nn.Sequential(nn.ReLU(), nn.Identity())
        assert isinstance(net[0], nn.ReLU)

        for _ in range(depth):
            net = nn.Sequential(net, nn.ReLU())

        assert same_values(net(x.to(device)), np.maximum(as_array(x), 0))

    @claim("5.2")
    def test_it_fits_into_one_for_every_dtype_layout_size_and_setting(self, device):
        relu, in_place = nn.ReLU(), nn.ReLU(inplace=True)
        deep = nn.Sequential(nn.Sequential(nn.Sequential(nn.Sequential(in_place), relu)), relu)
        named = nn.Sequential()
        named.add_module("relu", nn.ReLU())
        nets = (*nets_around(relu), deep, named, nn.Sequential(nn.Identity()).append(relu))

        layouts = ("gaps", "channels_last")
        for x in (*ones(layouts=()), *every_kind(COMPUTING_FLOATS + COMPUTING_INTEGERS, layouts)):
            expected = np.maximum(as_array(x), 0)
            for net in nets:
                assert same_values(net(x.to(device, copy=True)), expected)

    @claim("5.2")
    def test_the_function_is_no_module(self):
        assert callable(F.relu)
        assert not isinstance(F.relu, nn.Module)

    @claim("5.2")
    @pytest.mark.parametrize("function", [F.relu, torch.relu, torch.nn.functional.relu_])
    def test_sequential_refuses_the_function(self, function):
        for refuse in (
            lambda net: nn.Sequential(function),
            lambda net: nn.Sequential(net, function, net),
            lambda net: net.append(function),
            lambda net: net.insert(0, function),
            lambda net: net.extend([function]),
            lambda net: net.__setitem__(0, function),
            lambda net: nn.Sequential({"net": net, "function": function}),
            lambda net: nn.Sequential(OrderedDict(net=net, function=function)),
            lambda net: nn.Sequential(net, net, function),
            lambda net: nn.ModuleList([net, function]),
        ):
            with pytest.raises((TypeError, AssertionError), match="Module"):
                refuse(nn.Sequential(nn.Linear(3, 2)))

    @claim("5.2")
    @given(x=tensors((torch.float32,), ((2, 3), (1, 3), (4, 100, 3), (3,)), small=True))
    def test_the_function_called_in_forward_does_what_the_module_does(self, x, device):
        net = Functional().to(device)
        sequential = nn.Sequential(net.dense, nn.ReLU())
        x = x.to(device)

        for _ in range(2):
            assert same_bits(net(x), sequential(x))
            assert net(x).min().item() >= 0

    @claim("5.3")
    def test_print_of_a_model_shows_the_module(self):
        net = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.ReLU(True), nn.ReLU(inplace=False))

        for printed in (str(net), repr(net), f"{net.double()}", str(net.requires_grad_(False))):
            assert printed.splitlines()[2:5] == [
                *("  (1): ReLU()", "  (2): ReLU(inplace=True)", "  (3): ReLU()")
            ]

    @claim("5.3")
    def test_print_of_a_model_shows_a_module_that_is_four_deep(self):
        net = nn.Sequential(nn.ModuleList([nn.Sequential(nn.ModuleDict({"act": nn.ReLU()}))]))

        for holder in (net, *nets_around(net), *nets_around(nn.ModuleDict({"act": nn.ReLU()}))):
            assert [line.strip() for line in str(holder).splitlines()].count("(act): ReLU()") == 1
        containers = (
            nn.Sequential,
            lambda it: nn.ModuleList([it]),
            lambda it: nn.ModuleDict({"a": it}),
        )
        for outer, inner in itertools.product(containers, repeat=2):
            assert str(outer(inner(nn.ReLU()))).count("ReLU()") == 1

    @claim("5.3")
    def test_print_shows_a_shared_relu_at_each_place_in_either_mode_and_each_time(self):
        relu = nn.ReLU()
        net = nn.Sequential(relu, nn.ModuleDict({"a": relu, "b": nn.ReLU()}), relu)

        for _ in range(2):
            assert str(net).count("ReLU()") == str(net.eval()).count("ReLU()") == 4

    @claim("5.3")
    def test_print_shows_every_relu_of_a_list(self):
        for count in (2, 3, 12):
            relus = [nn.ReLU() for _ in range(count)]
            for net in (
                *(nn.Sequential(nn.ModuleList(relus)), nn.Sequential(*relus)),
                nn.ModuleDict({f"relu{turn}": relu for turn, relu in enumerate(relus)}),
            ):
                printed = str(net)
                assert f"{count} x ReLU()" in printed or printed.count("ReLU()") == count

    @claim("5.3")
    def test_print_of_a_model_never_shows_the_function(self):
        net = Functional()
        for mode in (torch.enable_grad, torch.no_grad):
            mode()(net)(torch.ones(1, 3))
            net.function = F.relu

            for printed in (str(net.eval()), str(nn.ModuleList([nn.ModuleDict({"a": net})]))):
                assert "relu" not in printed.lower()

    @claim("5.3")
    def test_print_of_a_model_does_not_show_a_relu_in_a_plain_list(self):
        net = Functional()
        net.activations = [nn.ReLU()]

        assert "ReLU" not in str(net)

    @claim("5.6")
    def test_one_relu_may_stand_at_several_places(self, device):
        relu = nn.ReLU()
        first, second = nn.Linear(3, 3, device=device), nn.Linear(3, 3, device=device)
        shared = nn.Sequential(first, relu, second, relu)
        separate = nn.Sequential(first, nn.ReLU(), second, nn.ReLU())
        x = torch.linspace(-2, 2, 12, device=device).reshape(4, 3)

        for compute in (nn.Module.__call__, gradient) * 3:
            assert same_bits(compute(shared, x), compute(separate, x))
        inner, outer = nn.Sequential(nn.Sequential(relu)), nn.Sequential(nn.ModuleList([relu])[0])

        def twice(x):
            return outer(2 - inner(x))

        for x in every_kind(COMPUTING_FLOATS, LAYOUTS, whole=True):
            elements, x = as_array(x), x.to(device)
            slope = np.where((elements > 0) & (elements < 2), -1, 0)
            for found, expected in (
                (twice(x), np.maximum(2 - np.maximum(elements, 0), 0)),
                (gradient(twice, x), slope),
            ):
                assert same_values(found, expected)

    @claim("5.6")
    def test_a_forward_hook_sees_each_call_of_the_module(self, device):
        relu, seen = nn.ReLU(), []
        relu.register_forward_hook(lambda module, inputs, output: seen.append(output))
        x = torch.ones(3, device=device)

        before = []
        relu.register_forward_pre_hook(lambda module, inputs: before.append(inputs))

        results = [relu(x), relu(-x), torch.no_grad()(relu)(x), relu(input=x)]
        results += [*(net(x) for net in nets_around(relu)), relu.eval()(x)]
        results += [torch.inference_mode()(relu)(x), relu(x.reshape(1, 1, 1, 1, 3).half().float())]
        for function in (F.relu, torch.relu, torch.Tensor.relu):
            function(x)

        assert len(before) == len(results)
        assert [id(it) for it in seen] == [id(it) for it in results]
        in_place, given = nn.ReLU(inplace=True), []
        in_place.register_forward_hook(lambda module, inputs, result: given.extend(inputs))
        assert in_place(x.clone() - 1) is given[0]
        shared = nn.Sequential(relu, *nets_around(relu), *[relu] * 3)
        for _ in range(2):
            seen.clear()
            shared(x)
            assert len(seen) == len(shared)

    @claim("5.6")
    def test_a_full_backward_hook_and_a_relu_in_place_do_not_go_together(self, device):
        x = torch.tensor([-1.0, 2.0], device=device, requires_grad=True)
        in_place, later, relu, seen = nn.ReLU(inplace=True), nn.ReLU(), nn.ReLU(), []
        later.inplace = True
        for module in (in_place, later, relu):
            module.register_full_backward_hook(lambda module, given, got: seen.append(given))

        # See https://github.com/pytorch/pytorch/issues/61519.
        for refusing, inputs in itertools.product(
            (in_place, later), (2 * x, x.double() + 1, x[:1] * 1)
        ):
            for net in nets_around(refusing):
                with pytest.raises(RuntimeError, match="is a view and is being modified inplace"):
                    net(inputs)
        for module in (in_place, later):  # where nothing is recorded they do
            assert module(x.detach() + 1).tolist() == [0.0, 3.0]
            with torch.no_grad():
                assert module(2 * x).tolist() == [0.0, 4.0]
        for _ in range(3):
            relu(2 * x).sum().backward()

        assert [gradient.tolist() for (gradient,) in seen] == [[0.0, 1.0]] * 3


class TestInplace:
    """ReLU with inplace=True."""

    @claim("5.4")
    @given(x=tensors(COMPUTING_FLOATS + COMPUTING_INTEGERS))
    def test_relu_in_place_writes_into_its_input_and_returns_it(self, x, device):
        expected = np.maximum(as_array(x), 0)

        for form, relu in IN_PLACE.items():
            changed = x.to(device, copy=True)
            result = relu(changed)
            assert result is changed, form
            assert same_values(changed, expected), form

    @claim("5.4")
    def test_relu_in_place_returns_its_input_in_every_size_rank_and_layout(self, device):
        kinds = (*every_kind(COMPUTING_FLOATS + COMPUTING_INTEGERS, LAYOUTS), -torch.ones(MIB))
        for x, (form, relu) in (
            *itertools.product(kinds, IN_PLACE.items()),
            *zip(every_form(), itertools.cycle(IN_PLACE.items())),
        ):
            expected, changed = np.maximum(as_array(x), 0), x.to(device, copy=True)
            result = relu(changed)
            assert result is changed, form
            assert same_values(changed, expected), form

    @claim("5.4")
    def test_one_relu_in_place_works_in_place_each_time_and_for_every_dtype(self, device):
        relu = nn.ReLU()
        relu.inplace = True
        views = (lambda x: x, lambda x: x[2:], lambda x: x.reshape(2, 1, 1, 1, 3))

        for form, view, dtype in itertools.product(
            (relu, nn.ReLU(True), nn.ReLU(True).eval(), *IN_PLACE.values()),
            views,
            COMPUTING_FLOATS + COMPUTING_INTEGERS,
        ):
            whole = torch.tensor([0, 1, 2, 3, 4, 5], device=device)
            whole = (whole if dtype is torch.uint8 else whole - 3).to(dtype)
            x = view(whole)
            numbers, expected = x.clone(), np.maximum(as_array(x), 0)
            for _ in range(2):
                x.copy_(numbers)
                assert form(x) is x
                assert same_values(view(whole), expected)

    @claim("5.4")
    def test_so_what_is_added_to_its_result_is_its_result_and_not_its_input(self, device):
        for dtype, (form, relu) in itertools.product(COMPUTING_FLOATS, IN_PLACE.items()):
            x = SIX_BELOW_AND_ABOVE_ZERO.to(device, dtype, copy=True).requires_grad_()
            y = x * 1
            positive = np.maximum(as_array(y), 0)

            result = relu(y) + y

            result.backward(torch.ones_like(result))
            assert same_values(result, 2 * positive), form
            assert same_values(x.grad, np.where(positive > 0, 2.0, 0.0)), form

    @claim("5.4")
    def test_so_it_does_in_another_thread(self, device):
        with ThreadPoolExecutor(1) as pool:
            for form in (nn.ReLU(True), *IN_PLACE.values()):
                x = torch.tensor([-1.0, 0.0, 2.0], device=device)

                assert pool.submit(form, x).result() is x
                assert x.tolist() == [0, 0, 2]
            for form in FORMS.values():
                x = torch.tensor([-1.0, 0.0, 2.0], device=device)

                assert pool.submit(form, x).result().tolist() == [0, 0, 2]
                assert x.tolist() == [-1, 0, 2]

    @claim("5.4")
    @given(x=tensors(COMPUTING_FLOATS + COMPUTING_INTEGERS, NOT_EMPTY, layouts=WITH_EXPANDED))
    def test_relu_leaves_its_input_alone_unless_told_otherwise(self, x, device):
        expected = as_array(x)
        x = x.to(device)

        for form, relu in FORMS.items():
            y = relu(x)
            assert same_bits(x, expected), form
            assert not share_memory(y, x), form

    @claim("5.4")
    @given(x=tensors(COMPUTING_FLOATS, SEVERAL))
    def test_leaves_their_views_and_expanded_tensors_refuse_relu_in_place(self, x, device):
        expanded = x.to(device).flatten()[:1].expand(3)
        leaf = x.to(device, copy=True).requires_grad_()

        for relu in IN_PLACE.values():
            with pytest.raises(RuntimeError, match="leaf Variable"):
                relu(leaf)
            with pytest.raises(RuntimeError, match="leaf Variable"):
                relu(leaf.view(leaf.shape))
            with pytest.raises(RuntimeError, match="single memory location"):
                relu(expanded)

    @claim("5.4")
    def test_leaves_of_every_rank_refuse_relu_in_place(self, device):
        for leaf, relu in itertools.product(ones(), IN_PLACE.values()):
            leaf = leaf.to(device).requires_grad_()
            for x in (leaf, leaf[None], leaf.view_as(leaf)):
                with pytest.raises(RuntimeError, match="leaf Variable"):
                    relu(x)

    @claim("5.4")
    def test_within_no_grad_leaves_and_their_views_take_relu_in_place(self, device):
        ways = itertools.cycle(UNDER_NO_GRAD)
        for x, (form, relu) in itertools.product(
            every_kind(COMPUTING_FLOATS, LAYOUTS), IN_PLACE.items()
        ):
            expected, under = np.maximum(as_array(x), 0), next(ways)
            for view in (lambda leaf: leaf, lambda leaf: leaf[...]):
                leaf = x.to(device, copy=True).requires_grad_()
                with contextlib.suppress(RuntimeError):  # after which it is as it was
                    changed = under(lambda view=view, leaf=leaf: view(leaf))
                    assert under(lambda changed=changed, relu=relu: relu(changed)) is changed, form
                assert same_values(leaf, expected), form

    @claim("5.4")
    def test_expanded_tensors_of_every_dtype_and_rank_refuse_relu_in_place(self, device):
        for x in every_kind(COMPUTING_FLOATS + COMPUTING_INTEGERS, ("expanded",)):
            for relu in IN_PLACE.values():
                with pytest.raises(RuntimeError, match="single memory location"):
                    relu(x.to(device) if device == "cpu" else x.to(device)[:1].expand(x.shape))

    @claim("5.4")
    def test_print_shows_that_relu_works_in_place(self):
        assert str(nn.ReLU(inplace=True)) == "ReLU(inplace=True)"
        assert str(nn.ReLU()) == "ReLU()"

    @claim("5.7")
    @pytest.mark.parametrize("operation", SAVES_NO_RESULT)
    def test_relu_in_place_after_it_gives_the_same_gradient(self, operation, device):
        function = SAVES_NO_RESULT[operation]

        for dtype, forms in ((torch.float32, IN_PLACE), (torch.float64, {"F.relu_": F.relu_})):
            x = SIX_BELOW_AND_ABOVE_ZERO.to(device, dtype)
            expected = gradient(lambda x: F.relu(function(x)), x)
            after = {form: lambda x, relu=relu: relu(function(x)) for form, relu in forms.items()}
            for form, found in gradients(after, x).items():
                assert same_bits(found, expected), form

    @claim("5.7")
    def test_relu_in_place_after_it_makes_backward_refuse(self, device):
        for operation in SAVES_ITS_RESULT:
            for dtype, relu in zip(
                itertools.cycle((torch.float32, torch.float64)), IN_PLACE.values()
            ):
                x = SIX_BELOW_AND_ABOVE_ZERO.to(device, dtype, copy=True).requires_grad_()
                y = SAVES_ITS_RESULT[operation](x)
                relu(y)

                with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                    y.sum().backward()

    @claim("5.7")
    @pytest.mark.parametrize("operation", ["exp", "sigmoid", "relu", "* 2"])
    def test_it_does_so_in_every_size_rank_dtype_and_layout(self, operation, device):
        function = {**SAVES_ITS_RESULT, **SAVES_NO_RESULT}[operation]

        for x in ones(layouts=WITH_EXPANDED[1:]):
            x = x.to(device).requires_grad_()
            y = function(x)
            F.relu(y, inplace=True)

            if operation in SAVES_ITS_RESULT:
                with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                    y.sum().backward()
            else:
                y.sum().backward()
                assert same_values(x.grad, np.full(x.shape, 2.0))

    @claim("5.7")
    @given(x=tensors((torch.float32, torch.float64), SEVERAL, small=True))
    def test_a_result_of_relu_that_is_changed_in_place_makes_backward_refuse(self, x, device):
        x = x.to(device)  # pytorch#5687

        for relu in (nn.ReLU(), F.relu, lambda x: F.relu(x * 1, inplace=True)):
            for change in (
                *(operator.iadd, operator.isub, operator.imul, torch.Tensor.copy_),
                torch.Tensor.add_,
                *(lambda y, x: y.zero_(), lambda y, x: y.fill_(2), lambda y, x: y.clamp_(max=1)),
                lambda y, x: [operator.setitem(y, ..., x), y][1],
                lambda y, x: [operator.setitem(y, 0, 5), y][1],
                lambda y, x: [y[-1:].neg_(), y][1],
                lambda y, x: torch.no_grad()(y.add_)(x),
            ):
                y = relu(x.requires_grad_())
                z = change(y, x.detach())
                with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                    z.sum().backward()

    @claim("5.7")
    @given(x=tensors((torch.float32, torch.float64), small=True))
    def test_adding_to_a_result_of_relu_out_of_place_is_safe(self, x, device):
        expected = (as_array(x) > 0).astype(float)

        for form, relu in FORMS.items():
            found = gradient(lambda x, relu=relu: relu(x) + x.detach(), x.to(device))
            assert same_values(found, expected), form

    @claim("5.4")
    @given(inputs=st.integers(1, 100), rows=st.integers(1, 100))
    def test_relu_in_place_takes_no_memory_and_backward_keeps_as_much(self, inputs, rows, device):
        kept = {}
        for inplace in (False, True):
            net = nn.Sequential(nn.Linear(inputs, 2), nn.ReLU(inplace)).to(device)
            saved = []
            with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda it: it):
                hidden = net[0](torch.ones(rows, inputs, device=device))
                result = net[1](hidden)
            apart = [
                it
                for i, it in enumerate(saved)
                if not any(share_memory(it, other) for other in saved[:i])
            ]
            kept[inplace] = sorted(it.numel() for it in apart)
            assert share_memory(result, hidden) == inplace

        assert kept[True] == kept[False]


#: Losses whose first setting asks its first tensor for its truth.
LOSSES = [nn.CrossEntropyLoss, nn.NLLLoss, nn.MSELoss, nn.L1Loss, nn.BCELoss, nn.BCEWithLogitsLoss]


class TestWhatIsMistakenForRelu:
    """nn.ReLU(x), nn.ReLU without parentheses, clamp and maximum."""

    @claim("5.6")
    @given(x=tensors(DTYPES, SEVERAL))
    def test_relu_of_a_tensor_is_a_module_that_fails_when_it_is_called(self, x, device):
        x = x.to(device)

        module = nn.ReLU(x)

        assert type(module) is nn.ReLU
        assert module.inplace is x
        for use in (
            lambda: module(x),
            lambda: str(module),
            lambda: nn.Sequential(nn.Identity(), nn.ReLU(inplace=x))(x),
            lambda: module + 1,
            lambda: nn.Linear(2, 2)(module),
        ):
            message = "Boolean value of Tensor|unsupported operand|must be Tensor, not ReLU"
            with pytest.raises((RuntimeError, TypeError), match=message):
                use()

    @claim("5.6")
    def test_a_loss_is_refused_tensors_of_several_elements_when_it_is_made(self, device):
        for loss in LOSSES:
            classes = loss in (nn.CrossEntropyLoss, nn.NLLLoss)
            for rows in (2, 3, 40):
                y = torch.full((rows, 3), 0.5, device=device)
                target = torch.arange(rows, device=device) % 3 if classes else y

                with pytest.raises(
                    RuntimeError, match="Boolean value of Tensor with more than one"
                ):
                    loss(y, target)
                assert loss()(y, target).dim() == 0

    @claim("5.6")
    def test_layers_without_settings_are_refused_a_tensor_when_they_are_made(self, device):
        for layer, shape in itertools.product((nn.Sigmoid, nn.Tanh, nn.Softsign), EACH_RANK[:-1]):
            x = torch.ones(shape, device=device)

            with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
                layer(x)
            assert layer()(x).shape == x.shape

    @claim("5.6")
    def test_a_layer_that_was_not_called_is_refused_by_the_next(self):
        layers = (nn.Linear(2, 2), nn.ReLU(), nn.Sequential(nn.ReLU()))
        for layer, following in itertools.product(layers, layers):
            with pytest.raises(TypeError, match=f"must be Tensor, not {type(layer).__name__}"):
                following(layer)

    @claim("5.6")
    def test_sequential_refuses_relu_without_its_parentheses(self):
        for refuse in (
            lambda net: nn.Sequential(nn.ReLU),
            lambda net: nn.Sequential(net, nn.ReLU, net),
            lambda net: net.append(nn.ReLU),
            lambda net: net.add_module("relu", nn.ReLU),
            lambda net: nn.Sequential({"net": net, "relu": nn.ReLU}),
        ):
            with pytest.raises((TypeError, AssertionError), match="Module"):
                refuse(nn.Sequential(nn.Linear(3, 2)))

    @claim("5.6")
    def test_the_class_is_in_nn_and_the_function_in_functional_and_not_the_other_way_round(self):
        with pytest.raises(AttributeError, match="has no attribute 'ReLU'"):
            F.ReLU  # noqa: B018
        with pytest.raises(AttributeError, match="has no attribute 'relu'"):
            nn.relu  # noqa: B018

    @claim("5.5")
    @pytest.mark.parametrize("number", [0, 0.0], ids=str)
    def test_maximum_refuses_a_number(self, number, device):
        for x in ones(COMPUTING_FLOATS + COMPUTING_INTEGERS, ("contiguous", "channels_last")):
            x = x.to(device)
            for refuse in (
                lambda x: torch.maximum(x, number),
                lambda x: torch.maximum(input=x, other=number),
                lambda x: x.maximum(number),
            ):
                with pytest.raises(TypeError, match="must be Tensor"):
                    refuse(x)

    @claim("5.5")
    @given(x=tensors((torch.float32, torch.float64)))
    def test_relu_clamp_and_maximum_give_the_same_values(self, x, device):
        expected = np.maximum(as_array(x), 0)

        for name, function in ALIKE.items():
            assert same_values(function(x.to(device)), expected), name

    @claim("5.5")
    @pytest.mark.parametrize("dtype", COMPUTING_FLOATS, ids=str)
    def test_they_do_so_in_every_size_rank_and_layout(self, dtype, device):
        sizes = every_form(dtype, ("contiguous",)) if dtype is torch.float32 else ()
        sizes = (*sizes, -torch.ones(more_than_a_mib(dtype), dtype=dtype))
        integers = COMPUTING_INTEGERS if dtype is torch.float32 else ()
        for x in (*sizes, *every_kind((dtype, *integers))):
            expected, x = np.maximum(as_array(x), 0), x.to(device)

            for name, function in ALIKE.items():
                assert same_values(function(x), expected), name

    @claim("5.5")
    @pytest.mark.parametrize(
        ("name", "at_zero"),
        [
            pytest.param("relu", 0.0),
            pytest.param("maximum", 0.5),
            pytest.param("clamp", 1.0, marks=before("2.14")),
            pytest.param("clamp", 0.0, marks=since("2.14")),
        ],
    )
    def test_at_zero_their_gradients_differ(self, name, at_zero, device):
        spellings = {it: function for it, function in ALIKE.items() if name in it}
        for x in ones():
            numbers, slopes = [-1, 0, -0.0, 1], [0, at_zero, at_zero, 1]
            x.copy_(torch.from_numpy(np.resize(numbers, x.shape)))
            for spelling, slope in gradients(spellings, x.to(device)).items():
                assert same_values(slope, np.resize(slopes, x.shape)), (spelling, x.dtype)
