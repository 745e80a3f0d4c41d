"""3 model.eval(): which modules it changes, and how."""

from __future__ import annotations

import copy
import io
import itertools
import math
import pickle
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import torch.utils.checkpoint
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from specs.lacking import there
from specs.ledger import claim
from specs.nets import HOLDERS, Net
from specs.oracles import (
    as_array,
    chance,
    frequency_agrees,
    rounding,
    same_bits,
    same_values,
    within,
)
from specs.releases import RELEASE, before, since
from specs.strategies import (
    BOOL,
    COMPLEX,
    COMPUTING_FLOATS,
    DTYPES,
    INTEGERS,
    LAYOUTS,
    MIB,
    NOT_EMPTY,
    STORED,
    WITH_EXPANDED,
    every_form,
    every_kind,
    filled,
    one_of_each,
    tensors,
)

#: Before 2.6 layers in half precision are few, or sum in it: large batches of float16 overflow.
OF_LAYERS = COMPUTING_FLOATS if RELEASE >= (2, 6) else (torch.float32, torch.float64)

#: Modules, each with the shape of an input, that do the same in both modes.
INDIFFERENT = {
    "Linear": (lambda: nn.Linear(4, 3), (50, 4)),
    "a wide Linear": (lambda: nn.Linear(129, 65), (3, 129)),
    "Conv1d": (lambda: nn.Conv1d(3, 5, 2), (2, 3, 9)),
    "Conv2d": (lambda: nn.Conv2d(3, 5, 2), (2, 3, 5, 5)),
    "a wide Conv2d": (lambda: nn.Conv2d(33, 17, 3, padding=1), (1, 33, 20, 20)),
    "a Conv2d of groups": (lambda: nn.Conv2d(4, 6, 3, groups=2, dilation=2), (2, 4, 7, 7)),
    "a depthwise Conv2d": (lambda: nn.Conv2d(4, 4, 3, 2, groups=4, bias=False), (2, 4, 7, 7)),
    "Conv2d of one image": (lambda: nn.Conv2d(3, 5, 3, padding="same"), (3, 5, 5)),
    "Conv2d around the edges": (
        lambda: nn.Conv2d(3, 5, 3, padding=1, padding_mode="circular"),
        (2, 3, 5, 5),
    ),
    "Linear without bias": (lambda: nn.Linear(4, 3, bias=False), (2, 1, 5, 4)),
    "Linear of one row": (lambda: nn.Linear(4, 3), (4,)),
    "ReLU in place": (lambda: nn.Sequential(nn.Identity(), nn.Linear(4, 3), nn.ReLU(True)), (5, 4)),
    "Conv3d": (lambda: nn.Conv3d(2, 3, 2), (1, 2, 3, 4, 3)),
    "ConvTranspose2d": (lambda: nn.ConvTranspose2d(3, 5, 2), (2, 3, 5, 5)),
    "ReLU": (lambda: nn.ReLU(), (50, 4)),
    "GELU": (lambda: nn.GELU(), (50, 4)),
    "Softmax": (lambda: nn.Softmax(1), (50, 4)),
    "MaxPool2d": (lambda: nn.MaxPool2d(2), (2, 3, 4, 4)),
    "AvgPool2d": (lambda: nn.AvgPool2d(2), (2, 3, 4, 4)),
    "Flatten": (lambda: nn.Flatten(), (2, 3, 4, 4)),
    "Identity": (lambda: nn.Identity(), (5, 4)),
    "Sigmoid": (lambda: nn.Sigmoid(), (70, 5)),
    "Tanh": (lambda: nn.Tanh(), (300,)),
    "LeakyReLU": (lambda: nn.LeakyReLU(0.5), (2, 3, 4, 5)),
    "PReLU": (lambda: nn.PReLU(), (5, 4)),
    "ELU": (lambda: nn.ELU(), (5, 4)),
    "LogSoftmax": (lambda: nn.LogSoftmax(-1), (5, 4)),
    "MaxPool1d": (lambda: nn.MaxPool1d(2), (2, 3, 8)),
    "AdaptiveAvgPool2d": (lambda: nn.AdaptiveAvgPool2d(1), (2, 3, 4, 4)),
    "ConvTranspose1d": (lambda: nn.ConvTranspose1d(3, 5, 2), (2, 3, 9)),
    "Upsample": (lambda: nn.Upsample(scale_factor=2), (2, 3, 4, 4)),
    "four deep": (
        lambda: nn.Sequential(nn.Sequential(nn.Sequential(nn.Sequential(nn.Linear(4, 3))))),
        (5, 4),
    ),
}
#: Inputs of each rank and layout, of few elements, of many and of none.
FORMS = (
    *(((), "contiguous"), ((65,), "offset"), ((300,), "gaps"), ((3, 50), "transposed")),
    *(((3, 4, 5), "offset"), ((2, 3, 4, 5), "channels_last"), ((2, 3, 2, 4, 5), "transposed")),
    *(((4, 3), "expanded"), ((5, 8000), "contiguous"), ((3, 0), "contiguous")),
)
NORMS_OF_ONE_IMAGE = {
    "LayerNorm": (lambda: nn.LayerNorm(4), (50, 4)),
    "LayerNorm of images": (lambda: nn.LayerNorm([3, 5, 4], 0.1, False), (2, 3, 5, 4)),
    "LayerNorm of many": (lambda: nn.LayerNorm(300), (2, 3, 1, 2, 300)),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), (3, 4, 5)),
    "GroupNorm of many channels": (lambda: nn.GroupNorm(4, 100, affine=False), (2, 100, 3, 2)),
    "GroupNorm of five dimensions": (lambda: nn.GroupNorm(1, 2), (3, 2, 2, 3, 2)),
    "InstanceNorm1d": (lambda: nn.InstanceNorm1d(3), (2, 3, 8)),
    "InstanceNorm2d": (lambda: nn.InstanceNorm2d(3, affine=True), (2, 3, 75, 75)),
    "InstanceNorm3d": (lambda: nn.InstanceNorm3d(3), (2, 3, 2, 3, 2)),
}
if RELEASE >= (2, 4):
    NORMS_OF_ONE_IMAGE["RMSNorm"] = (lambda: nn.RMSNorm(4), (50, 4))
#: Modules, each with the shape of an input, whose result depends on the mode.
DROPOUTS = {
    "Dropout": (lambda: nn.Dropout(0.5), (50, 40)),
    "Dropout1d": (lambda: nn.Dropout1d(0.5), (50, 40, 2)),
    "Dropout2d": (lambda: nn.Dropout2d(0.5), (50, 40, 2, 2)),
    "Dropout3d": (lambda: nn.Dropout3d(0.5), (50, 40, 2, 1, 2)),
    "AlphaDropout": (lambda: nn.AlphaDropout(0.5), (50, 40)),
    "FeatureAlphaDropout": (lambda: nn.FeatureAlphaDropout(0.5), (50, 40, 2)),
}
AFFECTED = DROPOUTS | {
    "BatchNorm1d": (lambda: nn.BatchNorm1d(4), (50, 4)),
    "BatchNorm1d of sequences": (lambda: nn.BatchNorm1d(4), (5, 4, 3)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(3), (2, 3, 5, 5)),
    "BatchNorm3d": (lambda: nn.BatchNorm3d(3), (2, 3, 2, 5, 2)),
    "RReLU": (lambda: nn.RReLU(), (50, 40)),
}


class Attributes(nn.Module):
    """A module that holds others as most nets do: as attributes, or registered by name."""

    def __init__(self, *parts: nn.Module) -> None:
        super().__init__()
        for position, part in enumerate(parts):
            if position % 2:
                self.add_module(f"part{position}", part)
            else:
                setattr(self, f"part{position}", part)


CONTAINERS = {
    "Sequential": nn.Sequential,
    "ModuleList": lambda *parts: nn.ModuleList(parts),
    "ModuleDict": lambda *parts: nn.ModuleDict({f"p{i}": it for i, it in enumerate(parts)}),
    "Attributes": Attributes,
    "the same module twice": lambda *parts: nn.Sequential(parts[0], *parts),
}
#: A tree is a module's kind, or a container's with what it holds. All are at least one deep.
TREES = st.recursive(
    st.sampled_from(sorted(INDIFFERENT | AFFECTED)),
    lambda part: st.tuples(
        st.sampled_from(sorted(CONTAINERS)), st.lists(part, min_size=1, max_size=3)
    ),
    max_leaves=6,
).map(lambda tree: tree if isinstance(tree, tuple) else ("Sequential", [tree]))

IN_TRAINING = {
    "train()": lambda net: net.train(),
    "train(True)": lambda net: net.train(True),
    "train(mode=True)": lambda net: net.train(mode=True),
}
IN_EVALUATION = {
    "eval()": lambda net: net.eval(),
    "train(False)": lambda net: net.train(False),
    "train(mode=False)": lambda net: net.train(mode=False),
}
SWITCHES = IN_TRAINING | IN_EVALUATION

PROBABILITIES = st.integers(1, 15).map(lambda k: k / 16)


def build(tree: str | tuple) -> nn.Module:
    """The module that a tree stands for."""
    if isinstance(tree, tuple):
        return CONTAINERS[tree[0]](*map(build, tree[1]))
    return (INDIFFERENT | AFFECTED)[tree][0]()


def deep_net() -> nn.Module:
    """Every container within itself and others, so that modules are deep, and a wide one."""
    net: nn.Module = nn.Sequential(*(nn.Dropout() for _ in range(12)))
    for container in (*CONTAINERS.values(), *reversed(CONTAINERS.values())):
        net = container(net)
        net = container(net, nn.BatchNorm2d(2), nn.Linear(2, 2))
    return net


class TestEval:
    """Module.eval: evaluation mode."""

    @claim("3.1")
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
    def test_eval_changes_the_result_of_certain_modules(self, dtype, device):
        for name, (make, shape) in AFFECTED.items():
            module, x = make().to(device, dtype), 1 - torch.randn(shape, dtype=dtype, device=device)

            for _ in range(3):
                assert not same_bits(module.eval()(x), module.train()(x)), name

    @claim("3.1")
    def test_eval_changes_no_result_of_other_modules(self, device):
        others = itertools.cycle(OF_LAYERS[1:])
        for name, (make, shape) in (INDIFFERENT | NORMS_OF_ONE_IMAGE).items():
            module = make().to(device)
            for dtype in (torch.float32, next(others), next(others)):
                module, x = module.to(dtype), torch.randn(shape, device=device).to(dtype)

                in_training = module.train()(x)

                for switch in (module.eval, module.eval, module.train):
                    assert same_bits(switch()(x), in_training), (name, dtype)

    @claim("3.1")
    def test_nor_of_one_in_any_form(self, device):
        convolutions = {2: nn.Conv1d, 3: nn.Conv1d, 4: nn.Conv2d, 5: nn.Conv3d}
        switches = itertools.cycle(zip(IN_EVALUATION.values(), IN_TRAINING.values(), strict=True))
        for dtype, (shape, layout) in itertools.product(OF_LAYERS[:2], FORMS):
            x = filled(-3, shape, dtype, layout)
            if layout != "expanded":
                x.copy_(torch.linspace(-3, 3, x.numel()).reshape(shape))
            x, modules = x.to(device), [nn.ReLU(), nn.GELU(), nn.Softmax(-1), nn.Sigmoid()]
            if x.dim() and x.numel():
                modules.append(nn.Linear(shape[-1], 7))
            if x.dim() > 1 and x.numel():
                modules.append(convolutions[x.dim()](shape[-x.dim() + (x.dim() > 2)], 7, 2))
            for module in modules:
                in_training = module.to(device, dtype)(x)
                for switch in next(switches):
                    assert same_bits(switch(module)(x), in_training), module

    @claim("3.1")
    def test_eval_changes_no_parameter_or_buffer(self):
        for name in sorted(INDIFFERENT | AFFECTED):
            module = (INDIFFERENT | AFFECTED)[name][0]()
            for value in module.state_dict().values():
                value.add_(2)  # no longer those that it was made with
            before = {key: as_array(value) for key, value in module.state_dict().items()}

            module.eval().train().eval()

            after = module.state_dict()
            assert all(same_bits(after[key], value) for key, value in before.items()), name

    @claim("3.2")
    @given(tree=TREES, calls=st.lists(st.sampled_from(sorted(SWITCHES)), min_size=1, max_size=5))
    def test_eval_and_train_switch_a_new_module_and_all_within(self, tree, calls):
        net = build(tree)
        assert all(module.training is True for module in net.modules())

        for call in calls:
            SWITCHES[call](net)
            assert all(module.training is (call in IN_TRAINING) for module in net.modules())

    @claim("3.2")
    def test_the_mode_reaches_modules_five_levels_down_in_every_container(self):
        net = deep_net()
        modules = list(net.modules())
        for call, step in itertools.product(SWITCHES, (2, 1, 1)):
            for module in modules[::step]:
                module.training = call not in IN_TRAINING

            SWITCHES[call](net)

            assert all(module.training is (call in IN_TRAINING) for module in modules), call

    @claim("3.2")
    def test_they_do_so_in_whatever_thread_they_are_called(self):
        net = deep_net()

        with ThreadPoolExecutor(1) as pool:
            for call in (*SWITCHES, *reversed(SWITCHES)):
                assert pool.submit(SWITCHES[call], net).result() is net
                assert all(module.training is (call in IN_TRAINING) for module in net.modules())

    @claim("3.2")
    @pytest.mark.filterwarnings("ignore:dropout option adds dropout after all but last")
    def test_they_switch_every_kind_of_module_in_every_spelling(self):
        kinds = [make for make, _ in (INDIFFERENT | NORMS_OF_ONE_IMAGE | AFFECTED).values()]
        kinds += [
            *(Net, deep_net, nn.Module, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.MSELoss),
            *(lambda it=it: it(3, 2, 2, dropout=0.5) for it in (nn.RNN, nn.LSTM, nn.GRU)),
            *(lambda it=it: it(3, 2) for it in (nn.RNNCell, nn.LSTMCell, nn.Embedding)),
            lambda: nn.MultiheadAttention(4, 2, dropout=0.5),
            lambda: nn.Transformer(4, 2, 1, 1, 8, batch_first=True),
            lambda: nn.utils.parametrizations.orthogonal(nn.Linear(2, 2)),
            lambda: nn.ModuleList(nn.Dropout() for _ in range(300)),
        ]
        off = (*IN_EVALUATION.values(), nn.Module.eval, lambda net: nn.Module.train(net, False))
        on = (*IN_TRAINING.values(), nn.Module.train, lambda net: net.apply(nn.Module.train))
        turns = itertools.cycle(enumerate(zip(off, on, strict=True)))
        for make in kinds:
            net = make()
            modules = [*net.modules()]
            assert all(module.training is True for module in modules), net
            for turn, pair in itertools.islice(turns, 3):
                net.requires_grad_(turn % 2 == 0)
                for switch, mode in zip(pair, (False, True), strict=True):
                    assert switch(net) is net
                    assert all(module.training is mode for module in modules), net

    @claim("3.2")
    def test_train_moves_no_parameter_and_leaves_every_gradient(self):
        for name, (make, _) in (INDIFFERENT | NORMS_OF_ONE_IMAGE | AFFECTED).items():
            net = make()
            held = [*net.parameters(), *net.buffers()]
            for parameter in net.parameters():
                parameter.grad = torch.ones_like(parameter)
            before = [as_array(it) for it in held]
            for switch in (*IN_EVALUATION.values(), *IN_TRAINING.values()):
                switch(net)

            assert all(map(same_bits, held, before)), name
            assert all((it.grad == 1).all() for it in net.parameters()), name

    @claim("3.2")
    def test_eval_reaches_what_was_added_after_an_earlier_eval(self):
        net = nn.Sequential(nn.ReLU()).eval()
        net.append(nn.Dropout())
        net[0] = nn.BatchNorm2d(2)
        net.head = nn.Linear(2, 2)

        net.eval()

        assert [module.training for module in net.modules()] == [False] * 4

    @claim("3.2")
    def test_train_refuses_a_mode_that_is_no_bool(self):
        nets = (nn.Linear(1, 1), nn.Sequential(nn.Dropout()), Net(), nn.ModuleList(), deep_net())
        wrong = (None, 1, 0, 1.0, "eval", "", [], {}, np.True_, np.False_, torch.tensor(True))
        for net, mode in itertools.product(nets, wrong):
            for positional, named in (((mode,), {}), ((), {"mode": mode})):
                with pytest.raises(ValueError, match="expected to be boolean"):
                    net.train(*positional, **named)
            assert net.training

    @claim("3.7")
    @given(tree=TREES, grad_mode=st.booleans())
    def test_eval_leaves_grad_mode_and_requires_grad_alone(self, tree, grad_mode):
        net = build(tree)
        for parameter in list(net.parameters())[::2]:
            parameter.requires_grad_(False)
        before = [parameter.requires_grad for parameter in net.parameters()]

        with torch.set_grad_enabled(grad_mode):
            for switch in SWITCHES.values():
                switch(net)
                assert torch.is_grad_enabled() is grad_mode
                assert [parameter.requires_grad for parameter in net.parameters()] == before

    @claim("3.7")
    def test_backward_works_in_evaluation_mode(self, device):
        net = nn.Sequential(Net(), nn.Dropout(), nn.Flatten(), nn.Linear(45, 2)).to(device).eval()

        for _ in range(2):
            net.zero_grad()
            net(torch.ones(2, 3, 4, 4, device=device)).sum().backward()
            assert all(parameter.grad is not None for parameter in net.parameters())

    @claim("3.7")
    def test_modules_of_all_kinds_record_in_evaluation_and_no_grad_changes_nothing(self, device):
        kinds = INDIFFERENT | NORMS_OF_ONE_IMAGE | AFFECTED
        results, inputs = [], []
        for (name, (make, shape)), dtype in itertools.product(kinds.items(), OF_LAYERS[:2]):
            module = make().to(device, dtype).eval()
            x = torch.randn(shape, dtype=dtype, device=device, requires_grad=True)

            for _ in range(2):
                y = module(x)
                with torch.no_grad():
                    without = module(x)

                assert same_bits(without, y.detach()), name
            results.append(y)
            inputs += [(name, it) for it in (x, *module.parameters())]
        torch.autograd.backward(results, [torch.ones_like(y) for y in results])
        for name, it in inputs:
            assert it.grad is not None, name

    @claim("3.7")
    def test_so_do_modules_of_other_inputs(self, device):
        numbers = torch.tensor([[0, 1], [2, 2]], device=device)
        x = torch.ones(2, 2, 4, device=device)
        for module, inputs in (
            *((nn.Embedding(3, 2), (numbers,)), (nn.EmbeddingBag(3, 2), (numbers,))),
            *((nn.EmbeddingBag(3, 2, mode="sum"), (numbers[0], numbers[0] * 0)),),
            *((nn.Bilinear(4, 4, 3), (x, x)), (nn.MultiheadAttention(4, 2), (x, x, x))),
            *(
                (nn.LSTMCell(4, 2), (x[0],)),
                (nn.GRUCell(4, 2), (x[0],)),
                (nn.RNNCell(4, 2), (x[0],)),
            ),
            *((nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), (x,)),),
            *((nn.TransformerDecoderLayer(4, 2, 8), (x, x)),),
        ):
            y = module.to(device).eval()(*inputs)
            y = y[0] if isinstance(y, tuple) else y

            assert y.requires_grad, module
            y.sum().backward()
            assert all(parameter.grad is not None for parameter in module.parameters()), module

    @claim("3.7")
    def test_backward_works_in_evaluation_through_recurrent_layers_on_the_cpu(self):
        for recurrent in [nn.RNN, nn.LSTM, nn.GRU]:
            layer = recurrent(2, 3, num_layers=2, dropout=0.5).eval()

            layer(torch.ones(4, 1, 2))[0].sum().backward()

            assert all(parameter.grad is not None for parameter in layer.parameters())


class TestWhatEvalDoesNotReach:
    """Functions, modules that nobody registered, and modules with a train() of their own."""

    @claim("3.10")
    @given(p=PROBABILITIES)
    def test_dropout_called_as_a_function_in_forward_ignores_eval(self, p, device):
        class FunctionInForward(nn.Module):
            def forward(self, x):
                return F.dropout(x, p)

        net, x = FunctionInForward().eval(), torch.ones(50, 40, device=device)

        for called in (net, nn.Sequential(net).eval()):
            assert not same_bits(called(x), x)  # pytorch#26338

    @claim("3.10")
    def test_every_function_and_spelling_of_dropout_ignores_eval(self, device):
        class FunctionInForward(nn.Module):
            def __init__(self, function):
                super().__init__()
                self.function = function

            def forward(self, x):
                return self.function(x)

        for drop in (
            *(F.dropout, F.dropout1d, lambda x: F.dropout(x, 0.5)),
            lambda x: F.dropout3d(x[None, ..., None])[0, ..., 0],
            *(lambda x: F.dropout(x, p=0.25), lambda x: F.dropout(x.clone(), inplace=True)),
            *(lambda x: torch.dropout(x, 0.5, True), lambda x: F.dropout2d(x[None])[0]),
            *(lambda x: nn.Dropout(0.5)(x), lambda x: nn.Dropout1d()(x), lambda x: nn.RReLU()(-x)),
            *(lambda x: nn.AlphaDropout()(x), lambda x: F.alpha_dropout(x, training=True)),
        ):
            net = nn.Sequential(nn.Sequential(FunctionInForward(drop))).eval()
            for dtype, shape in zip((*FEW, FEW[0]), (*[(70, 5, 4)] * 3, (60, 40, 14)), strict=True):
                x = filled(1, shape, dtype, "contiguous").to(device)
                for _ in range(2):
                    assert not same_bits(net(x), x)

    @claim("3.10")
    @since("2.0")
    def test_attention_drops_in_evaluation_too_unless_its_dropout_p_heeds_the_mode(self, device):
        class Attention(nn.Module):
            def forward(self, x, *by_position, **by_name):  # pytorch#124464
                return F.scaled_dot_product_attention(x, x, x, *by_position, **by_name)

        net, p, x = Attention().eval(), 0.5, torch.ones(1, 2, 70, 4, device=device)

        for call in (
            lambda p: net(x, dropout_p=p),
            lambda p: net(x, None, p),
            lambda p: net(x[0], None, dropout_p=p, is_causal=True),
        ):
            unchanged = [same_bits(call(it), call(0.0)) for it in (p, p * net.training)]
            assert unchanged == [False, True]

    @claim("3.10")
    def test_dropout_given_training_of_the_module_heeds_eval(self, device):
        class TellsItsMode(nn.Module):
            def forward(self, x, drop, named):
                return drop(x, training=self.training) if named else drop(x, 0.75, self.training)

        net, kinds = TellsItsMode(), itertools.product(COMPUTING_FLOATS, LAYOUTS, (True, False))
        drops = itertools.cycle(
            [
                *(F.dropout, lambda x, *p, **it: F.dropout1d(x.flatten(2), *p, **it), F.dropout2d),
                *(lambda x, *p, **it: F.dropout3d(x[..., None], *p, **it), F.alpha_dropout),
                F.feature_alpha_dropout,
                F.dropout,
            ]
        )
        for drop, (dtype, layout, named) in zip(drops, kinds, strict=False):
            x = filled(1, (20, 8, 5, 2), dtype, layout).to(device)
            unchanged = [
                same_bits(switch()(x, drop, named).reshape(x.shape), x)
                for switch in (net.train, net.eval, net.train)
            ]
            assert unchanged == [False, True, False]

    @claim("3.10")
    def test_a_dropout_made_in_forward_is_new_and_so_in_training(self, device):
        class MadeInForward(nn.Module):
            def forward(self, x):
                return nn.Dropout(0.5)(x)

        x = torch.ones(50, 40, device=device)

        assert not same_bits(MadeInForward().eval()(x), x)

    @claim("3.10")
    def test_a_batch_norm_made_in_forward_normalises_by_its_batch(self, device):
        class MadeInForward(nn.Module):
            def forward(self, x):
                return batch_norm(x, device)(x)

        for x in ONE_OF_EACH:
            batch = as_array(x)
            mean, var, _ = moments(batch)

            y = MadeInForward().eval()(x.to(device))

            assert within(y, normalised(batch, mean, var), bound(batch, mean, var, x.dtype))

    @claim("3.10")
    def test_functions_drop_unless_told_otherwise_but_for_alpha_dropout(self, device):
        x = torch.ones(70, 40, 4, device=device)

        for drops in (F.dropout, F.dropout1d, lambda x: F.dropout2d(x[None])):
            assert not same_bits(drops(x).reshape(x.shape), x)
        for does_not in (F.alpha_dropout, F.feature_alpha_dropout):
            assert same_bits(does_not(x), x)

    @claim("3.10")
    def test_batch_norm_as_a_function_evaluates_unless_told_to_train(self, device):
        for turn, x in enumerate(forms_of_batches()):
            mean = np.arange(x.shape[1]) - 1.0
            mean, var = (torch.tensor(it, dtype=x.dtype) for it in (mean, mean + 2))
            expected = normalised(as_array(x), as_array(mean), as_array(var), 1e-5)
            off = bound(as_array(x), as_array(mean), as_array(var), x.dtype, 1e-5)
            kept = [it.to(device).clone() for it in (mean, var)]
            x, mean, var = (it.to(device) for it in (x, mean, var))

            for y in (
                *(F.batch_norm(x, mean, var), F.batch_norm(x, mean, var, training=False)),
                F.batch_norm(running_var=var, running_mean=mean, input=x),
            ):
                assert within(y, expected, off)
            assert all(map(same_bits, (mean, var), kept))
            if turn % 2:
                F.batch_norm(x, mean, var, training=True)
            else:
                F.batch_norm(x, mean, var, None, None, True)
            assert not any(map(same_bits, (mean, var), kept))

    @claim("3.10")
    def test_batch_norm_as_a_function_refuses_to_evaluate_without_statistics(self, device):
        for x in ONE_OF_EACH:
            norm, x = BATCH_NORMS[x.dim()](x.shape[1], dtype=x.dtype).to(device), x.to(device)

            with pytest.raises(RuntimeError, match="must be defined in evaluation mode"):
                F.batch_norm(x, None, None)
            with pytest.raises(RuntimeError, match="must be defined in evaluation mode"):
                F.batch_norm(x, norm.running_mean, None, training=False)
            assert same_bits(F.batch_norm(x, None, None, training=True), norm(x).detach())

    @claim("3.11")
    def test_modules_in_a_plain_list_or_dict_stay_in_training(self):
        net = nn.Module()
        net.hidden = [nn.Dropout(), nn.BatchNorm2d(2)]
        net.named = {"dropout": nn.Dropout()}
        net.found = nn.ModuleList([nn.Dropout()])
        net.found_too = nn.ModuleDict({"dropout": nn.Dropout()})

        net.eval()

        modules = (*net.hidden, net.named["dropout"], *net.modules())
        assert [module.training for module in modules] == [*[True] * 3, *[False] * 5]

    @claim("3.11")
    def test_eval_asks_a_train_that_was_overridden(self):
        class KeepsItsNormInEvaluation(nn.Module):
            def __init__(self):
                super().__init__()
                self.dropout, self.norm = nn.Dropout(), nn.BatchNorm2d(2)

            def train(self, mode=True):
                super().train(mode)
                self.norm.eval()
                return self

        part = KeepsItsNormInEvaluation()
        whole = nn.Sequential(nn.ModuleList([part]))
        holding = [container(part) for container in CONTAINERS.values()]

        for net in (part, whole, nn.Sequential(nn.ModuleDict({"whole": whole})), *holding):
            net.train()
            assert (part.training, part.dropout.training, part.norm.training) == (True, True, False)
            net.eval()
            assert not any(module.training for module in net.modules())

    @claim("3.11")
    def test_eval_returns_what_an_overridden_train_returns(self):
        class ForgetsToReturn(nn.Module):
            def train(self, mode=True):
                super().train(mode)

        net = ForgetsToReturn()

        assert (net.eval(), net.training) == (None, False)
        whole = nn.Sequential(net, nn.Dropout())
        assert (whole.eval(), whole[1].training) == (whole, False)

    @claim("3.11")
    def test_eval_of_the_whole_does_not_call_an_overridden_eval_of_a_part(self):
        called = []

        class OverridesEval(nn.Module):
            def eval(self):
                called.append(self)
                return super().eval()

        net = nn.Sequential(OverridesEval()).eval()

        assert (net[0].training, called) == (False, [])

    @claim("3.11")
    @given(tree=TREES)
    def test_eval_of_a_part_leaves_the_rest_in_training(self, tree):
        part, rest = build(tree), build(tree)
        whole = nn.Sequential(part, rest)

        part.eval()

        assert whole.training
        assert all(module.training is True for module in rest.modules())

    @claim("3.11")
    def test_dropout_alone_can_be_switched_back_on_in_evaluation(self, device):
        net = nn.Sequential(nn.BatchNorm1d(40), nn.Sequential(nn.Dropout(0.5))).to(device).eval()
        x = torch.ones(50, 40, device=device)
        before = as_array(net[0].running_mean)

        for module in net.modules():
            if isinstance(module, nn.Dropout):
                module.train()

        repeats, stays = same_bits(net(x), net(x)), same_bits(net[0].running_mean, before)
        assert (repeats, stays) == (False, True)

    @claim("3.11")
    def test_the_call_that_came_last_decides(self):
        net = nn.Sequential(nn.Dropout(), nn.BatchNorm2d(2))

        net[1].eval()
        net.train()
        assert [module.training for module in net.modules()] == [True, True, True]

        net.eval()
        net[0].train()
        assert [module.training for module in net.modules()] == [False, True, False]


#: Floats that every release drops elements of.
FEW = (torch.float32, torch.float64, torch.bfloat16)
FLOAT8 = [it for it in STORED if not it.is_complex]
#: Dropout in training, by how it is written; p is 0.5 unless given.
DROPPING = {
    "nn.Dropout(p)(x)": lambda x, p: nn.Dropout(p)(x),
    "nn.Dropout(p=p).train()(x)": lambda x, p: nn.Dropout(p=p).eval().train()(x),
    "nn.Dropout(p, True)(x)": lambda x, p: nn.Dropout(p, True)(x.clone()),
    "F.dropout(x, p)": lambda x, p: F.dropout(x, p),
    "F.dropout(input=x, p=p, training=True)": lambda x, p: F.dropout(input=x, p=p, training=True),
    "F.dropout(x, p, inplace=True)": lambda x, p: F.dropout(x.clone(), p, inplace=True),
    "torch.dropout(x, p, True)": lambda x, p: torch.dropout(x, p, True),
}
NOT_DROPPING = {
    "nn.Dropout(p).eval()(x)": lambda x, p: nn.Dropout(p).eval()(x),
    "nn.Dropout(p).train(False)(x)": lambda x, p: nn.Dropout(p).train(False)(x),
    "nn.Dropout(p, inplace=True).eval()(x)": lambda x, p: nn.Dropout(p, inplace=True).eval()(x),
    "F.dropout(x, p, training=False)": lambda x, p: F.dropout(x, p, training=False),
    "F.dropout(x, p, False)": lambda x, p: F.dropout(x, p, False),
    "torch.dropout(x, p, False)": lambda x, p: torch.dropout(x, p, False),
}


class TestDropout:
    """nn.Dropout in both modes; for chance see specs/oracles.py."""

    @claim("3.3")
    @given(p=PROBABILITIES)
    def test_dropout_in_training_zeroes_each_element_with_probability_p(self, p, device):
        y = as_array(nn.Dropout(p)(torch.ones(250, 200, device=device)))
        zeroed = y == 0

        # Also within each half and among every second column, so that it is no fixed pattern.
        for part in (zeroed, zeroed[:125], zeroed[125:], zeroed[:, ::2], zeroed[:, 1::2]):
            assert frequency_agrees(np.count_nonzero(part), part.size, p)
        assert abs(y.mean() - 1) <= chance(y.size) / (1 - p)

    @claim("3.3")
    @given(
        x=tensors(COMPUTING_FLOATS, small=True, layouts=WITH_EXPANDED),
        p=PROBABILITIES,
        form=st.sampled_from(sorted(DROPPING)),
    )
    def test_dropout_in_training_gives_zero_or_the_element_over_one_minus_p(
        self, x, p, form, device
    ):
        y = DROPPING[form](x.to(device), p)

        # 1 - p is exact; what remains is the rounding of a division and of a product.
        scaled = as_array(x).astype(np.float64) / (1 - p)
        off = np.abs(as_array(y).astype(np.float64) - scaled)
        assert np.all((off <= np.abs(scaled) * rounding(2, x.dtype)) | (as_array(y) == 0))

    @claim("3.3")
    @pytest.mark.parametrize("dtype", COMPUTING_FLOATS, ids=str)
    def test_dropout_in_training_is_right_in_every_size_rank_and_layout(
        self, dtype, device, settle_generators
    ):
        dropout, most = nn.Dropout(0.5), dtype is torch.float32
        forms = every_form(dtype, WITH_EXPANDED if most else ("contiguous",))

        for x in itertools.islice(forms, 0, None, 1 if most else 2):  # the others differ in signs
            elements, x = as_array(x), x.to(device)
            y = dropout(x)
            settle_generators()
            found, double = as_array(y).astype(np.float64), 2 * elements.astype(np.float64)
            assert (np.all((found == 0) | (found == double)), y.dtype) == (True, dtype)
            assert same_bits(x, elements)
            if x.numel() > 500:
                for part in np.array_split(found.reshape(-1) == 0, 12):
                    assert frequency_agrees(np.count_nonzero(part), part.size, 0.5)

    @claim("3.3")
    @pytest.mark.parametrize("form", DROPPING)
    def test_dropout_drops_and_keeps_each_element_of_any_number_now_and_then(
        self, form, device, settle_generators
    ):
        shapes = [(67,), (2, 3, 5, 5)]
        more = [(), (1,), (7,), (8,), (3, 5), (1, 2, 3, 5, 7), (301,), (9, 457), (32_771,)]

        for shape in shapes + more if form == "F.dropout(x, p)" else shapes:
            x, times_dropped = torch.ones(shape, device=device), np.zeros(shape, np.uint8)
            for _ in range(64):
                times_dropped += as_array(DROPPING[form](x, 0.5)) == 0
                settle_generators()
            assert times_dropped.min() > 0, shape  # 2**-64 is the chance of none for each
            assert times_dropped.max() < 64, shape

    @claim("3.3")
    def test_dropout_of_more_than_a_mib_is_right_in_every_mode(self, device):
        x, dropout = torch.ones(2**18 + 1, device=device), nn.Dropout(0.25)

        for context in (torch.enable_grad, torch.no_grad, torch.inference_mode):
            with context():
                y = as_array(dropout(x))
            for part in np.array_split(y, 5):
                assert frequency_agrees(np.count_nonzero(part == 0), part.size, 0.25)
            assert np.all((y == 0) | (np.abs(y - 4 / 3) < 1e-6))
        assert same_bits(dropout.eval()(x), x)

    @claim("3.3")
    @given(x=tensors(COMPUTING_FLOATS, small=True), p=PROBABILITIES)
    def test_dropout_writes_into_its_input_in_place_alone(self, x, p, device):
        before = as_array(x)
        x = x.to(device, copy=True)

        nn.Dropout(p)(x)
        F.dropout(x, p)
        assert same_bits(x, before)

        result = nn.Dropout(p, inplace=True)(x)
        assert result is x
        assert np.all((as_array(x) == 0) | (np.abs(as_array(x)) > np.abs(before)))

    @claim("3.3")
    def test_dropout_draws_anew_for_every_call(self, device):
        ones = torch.ones(50, 40, device=device)

        for x in (ones, ones[:1].expand(50, 40), ones[:, :1].expand(50, 40), ones[0].double()):
            results = [as_array(nn.Dropout(0.5)(x)) for _ in range(4)]

            with ThreadPoolExecutor(1) as pool:
                results += [as_array(pool.submit(nn.Dropout(0.5), x).result()) for _ in range(2)]
                assert same_bits(pool.submit(nn.Dropout(0.5).eval(), x).result(), x)

            assert len({result.tobytes() for result in results}) == 6
            for result in results if x.dim() == 2 else ():  # nor is a row or column as the others
                assert (result != result[0]).any()
                assert (result != result[:, :1]).any()
        for make, shape in DROPOUTS.values():
            dropout, x = make().to(device), torch.ones(shape, device=device)
            assert len({as_array(dropout(x)).tobytes() for _ in range(6)}) == 6, dropout

    @claim("3.3")
    @given(x=tensors(COMPUTING_FLOATS + COMPLEX + INTEGERS + BOOL, small=True))
    def test_dropout_with_p_of_0_keeps_all_and_with_p_of_1_none(self, x, device):
        for form, drop in DROPPING.items():
            assert same_values(drop(x.to(device), 0), as_array(x)), form
            assert same_values(drop(x.to(device), 1), np.zeros(x.shape)), form

        dropout = nn.Dropout(0)
        for p, expected in ((0, as_array(x)), (1, np.zeros(x.shape)), (0, as_array(x))):
            dropout.p = p
            assert same_values(dropout(x.to(device)), expected), "set later"

    @claim("3.3")
    def test_dropout_has_p_of_a_half_unless_told_otherwise(self, device):
        for dropout in (nn.Dropout(), nn.Dropout(inplace=True), F.dropout):
            y = as_array(dropout(torch.ones(250, 200, device=device)))

            assert frequency_agrees(np.count_nonzero(y == 0), y.size, 0.5)
            assert np.all((y == 0) | (y == 2))

    @claim("3.3")
    @pytest.mark.parametrize("p", [-0.1, 1.1])
    def test_dropout_refuses_a_p_that_is_no_probability(self, p):
        for refuses in (nn.Dropout, lambda p: F.dropout(torch.ones(2), p)):
            with pytest.raises(ValueError, match="probability has to be between 0 and 1"):
                refuses(p)

    @claim("3.3")
    def test_dropout_in_training_makes_an_infinite_element_nan(self, device):
        for name, drop in DROPPING.items():
            y = as_array(drop(torch.full((200,), math.inf, device=device), 0.5))

            assert {str(it) for it in y} == {"nan", "inf"}, name

    @claim("3.3")
    def test_dropout_in_training_refuses_integers_and_bool(self, device):
        for dtype, drop in itertools.product(INTEGERS + BOOL, DROPPING.values()):
            x = torch.ones(3, dtype=dtype, device=device)

            with pytest.raises(
                RuntimeError,
                match=r"can't be cast to the desired output|not (implemented|supported)",
            ):
                drop(x, 0.5)

    @claim("3.3")
    @since("2.15")
    def test_dropout_in_training_zeroes_or_doubles_complex_numbers(self, device):
        for dtype, (form, drop) in itertools.product(there(COMPLEX), DROPPING.items()):
            y = as_array(drop(torch.full((200,), 1 + 3j, dtype=dtype, device=device), 0.5))

            assert set(y.flat) == {0, 2 + 6j}, form

    @claim("3.3")
    @before("2.15")
    def test_dropout_in_training_refused_complex_numbers_on_the_cpu_before(self):
        for dtype, drop in itertools.product(COMPLEX, DROPPING.values()):
            with pytest.raises(RuntimeError, match="not implemented for 'Complex"):
                drop(torch.ones(3, dtype=dtype), 0.5)

    @claim("3.3")
    @before("2.2")
    def test_dropout_in_training_refused_float16_on_the_cpu_before(self):
        for drop in DROPPING.values():
            with pytest.raises(RuntimeError, match="not implemented for 'Half'"):
                drop(torch.ones(3, dtype=torch.float16), 0.5)

    @claim("3.3")
    @since("2.1")
    def test_dropout_in_training_refuses_float8_on_the_cpu(self):
        for dtype, drop in itertools.product(FLOAT8, DROPPING.values()):
            x = torch.ones(3).to(dtype)

            for p in (0.5, 1.0):
                with pytest.raises(RuntimeError, match="not implemented for 'Float8"):
                    drop(x, p)
            assert same_bits(drop(x, 0.0), x)

    @claim("3.3")
    @given(
        x=tensors(COMPUTING_FLOATS, layouts=WITH_EXPANDED),
        p=st.sampled_from([0.0, 0.25, 0.5, 1.0]),
    )
    def test_dropout_in_evaluation_returns_its_input_unchanged(self, x, p, device):
        for form, keep in NOT_DROPPING.items():
            assert same_bits(keep(x.to(device), p), x), form

    @claim("3.3")
    def test_dropout_in_evaluation_keeps_nan_infinities_and_every_size_rank_and_layout(
        self, device
    ):
        dropout = nn.Dropout(0.5).eval()

        for x in (torch.tensor([math.nan, math.inf, -math.inf, -0.0]), *every_form()):
            assert same_bits(dropout(x.to(device)), x)

    @claim("3.3")
    def test_dropout_in_evaluation_returns_its_input_itself_in_every_dtype_and_spelling(
        self, device
    ):
        for dtype, (form, keep) in itertools.product(DTYPES, NOT_DROPPING.items()):
            before = torch.tensor([0, 1, 3]).to(dtype)
            x = before.to(device, copy=True)

            for same in (x, x[::2], x.expand(2, 3).T, x.expand(1, 2, 1, 3)):
                assert keep(same, 0.5) is same, (dtype, form)
            assert same_bits(x, before), (dtype, form)

    @claim("3.3")
    def test_dropout_drops_alike_in_every_spelling(self, device):
        for (form, drop), dtype in itertools.product(DROPPING.items(), COMPUTING_FLOATS):
            y = as_array(drop(torch.ones(50, 40, dtype=dtype, device=device), 0.75))

            assert np.all((y == 0) | (y == 4)), form
            assert frequency_agrees(np.count_nonzero(y == 0), y.size, 0.75), form

    @claim("3.3")
    def test_gradient_of_dropout_is_what_it_multiplied_by(self, device):
        ones = [filled(1, shape, dtype, layout) for shape, layout in FORMS for dtype in FEW]
        for (form, drop), x in zip(itertools.cycle(DROPPING.items()), ones, strict=False):
            x = x.to(device).detach().requires_grad_()

            y = drop(x, 0.5)
            y.backward(torch.ones_like(y))

            assert same_values(x.grad, as_array(y)), form

    @claim("3.6")
    @given(x=tensors(COMPUTING_FLOATS, NOT_EMPTY))
    def test_dropout_is_off_in_evaluation(self, x, device):
        dropout = nn.Dropout(0.5).eval()

        for _ in range(3):
            assert same_bits(dropout(x.to(device)), x)

    @claim("3.6")
    def test_every_kind_of_dropout_is_off_in_evaluation(self, device):
        for name, (make, shape) in DROPOUTS.items():
            dropouts = (make().eval(), nn.Sequential(nn.ModuleList([make()])).eval()[0][0])
            for dtype, layout in itertools.product(COMPUTING_FLOATS, WITH_EXPANDED):
                x = filled(3, shape, dtype, layout).to(device)
                for dropout in dropouts:
                    assert same_bits(dropout(x), x), name
        for x in one_of_each(COMPUTING_FLOATS, WITH_EXPANDED, (MIB,)):
            assert same_bits(nn.Dropout(0.5).eval()(x.to(device)), x)

    @claim("3.16")
    @pytest.mark.parametrize(
        ("dropout", "shape"),
        [
            (nn.Dropout1d, (60, 100, 2)),
            (nn.Dropout1d, (60 * 100, 2)),  # a single sample
            (nn.Dropout2d, (60, 100, 2, 2)),
            (nn.Dropout3d, (60, 100, 2, 1, 2)),
            (nn.Dropout3d, (60 * 100, 2, 2, 1)),
        ],
    )
    @given(
        p=PROBABILITIES,
        inplace=st.booleans(),
        dtype=st.sampled_from(COMPUTING_FLOATS),
        layout=st.sampled_from(LAYOUTS),
    )
    def test_dropout_of_dimensions_zeroes_whole_channels(
        self, dropout, shape, p, inplace, dtype, layout, device
    ):
        drop = dropout(p, inplace) if inplace else dropout(p=p)
        x = filled(1, shape, dtype, layout).to(device)

        y = as_array(drop(x)).astype(np.float64).reshape(60 * 100, -1)

        assert np.all(y == y[:, :1])
        assert np.all((y == 0) | (np.abs(y - 1 / (1 - p)) <= rounding(2, dtype) / (1 - p)))
        assert frequency_agrees(np.count_nonzero(y[:, 0] == 0), len(y), p)
        assert p < 0.5 or not y[99::100].all()  # the last channel may be zero as well

    @claim("3.16")
    def test_dropout2d_takes_three_dimensions_for_a_batch_and_warns(self, device):
        with pytest.warns(UserWarning, match="Received a 3-?D input to dropout2d"):
            y = as_array(nn.Dropout2d(0.5)(torch.ones(20, 30, 2, device=device)))

        assert (np.all(y[..., 0] == y[..., 1]), np.any(y[:, 0] != y[:, 1])) == (True, True)

    @claim("3.16")
    @given(
        p=PROBABILITIES,
        dtype=st.sampled_from((torch.float32, torch.float64)),
        inplace=st.booleans(),
        rows=st.sampled_from((500, 1000, 8_250)),
    )
    def test_alpha_dropout_keeps_a_mean_of_zero_and_a_std_of_one(
        self, p, dtype, inplace, rows, device
    ):
        x = torch.ones(2, rows, 2, dtype=dtype, device=device)
        x[0] = -1  # mean 0, std 1

        drop = nn.AlphaDropout(p, inplace) if inplace else nn.AlphaDropout(p=p)
        y = as_array(drop(x.clone())).astype(np.float64)

        dropped = y.min()  # below both of the others
        low, high = (it[it > dropped].flat[0] for it in y)
        assert dropped < 0
        assert np.all((y == dropped) | (y == np.reshape([low, high], (2, 1, 1))))
        assert frequency_agrees(np.count_nonzero(y == dropped), y.size, p)
        mean, square = (
            p * dropped**power + (1 - p) * (low**power + high**power) / 2 for power in (1, 2)
        )
        assert abs(mean) <= 1e-4
        assert abs(square - 1) <= 1e-4

    @claim("3.16")
    def test_alpha_dropout_with_a_p_of_1_gives_zeros(self, device):
        for x in (*ONE_OF_EACH, torch.tensor([np.inf, -np.inf, np.nan, 1.0])):
            expected = np.where(np.isfinite(as_array(x)), 0, np.nan)
            assert same_values(nn.AlphaDropout(1.0)(x.to(device)), expected)

    @claim("3.16")
    def test_plain_dropout_zeroes_elements_of_one_channel_apart(self, device):
        y = as_array(nn.Dropout(0.5)(torch.ones(60, 50, 3, 2, device=device)))

        assert np.any(y.min(axis=(2, 3)) != y.max(axis=(2, 3)))

    @claim("3.16")
    @pytest.mark.filterwarnings("ignore:dropout option adds dropout after all but last")
    @pytest.mark.parametrize("recurrent", [nn.RNN, nn.LSTM, nn.GRU])
    def test_dropout_of_a_recurrent_layer_acts_between_layers_only(self, recurrent, device):
        for p, length, several, settings in (
            *((0.1, 1, 2, {}), (0.5, 5, 3, {"bias": False})),
            (0.9, 2, 2, {"bidirectional": True, "batch_first": True}),
        ):
            x = torch.ones(length, 12, 2, device=device)
            one, two = (
                recurrent(2, 20, layers, dropout=p, **settings).to(device)
                for layers in (1, several)
            )
            without = recurrent(2, 20, 1, **settings).to(device)
            without.load_state_dict(one.state_dict())

            assert same_bits(one(x)[0], without(x)[0])
            several = [as_array(two(x)[0]) for _ in range(2)]
            assert not same_bits(*several)
            assert np.all(np.array(several) != 0)
            assert same_bits(two.eval()(x)[0], two(x)[0])

    @claim("3.16")
    def test_a_recurrent_layer_warns_that_one_layer_drops_nothing(self):
        for recurrent in [nn.RNN, nn.LSTM, nn.GRU]:
            with pytest.warns(UserWarning, match="dropout after all but last recurrent layer"):
                recurrent(2, 3, dropout=0.5)


# --- batch norm -----------------------------------------------------------------------------------

#: By the number of dimensions of what it normalises.
BATCH_NORMS = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}
#: Batches (N, C), (N, C, L), (N, C, H, W) and (N, C, D, H, W) of at least two values a channel.
SHAPES = (
    *((2, 1), (2, 3), (5, 2), (1, 2, 2), (3, 2, 1), (2, 1, 3)),
    *((2, 1, 1, 1), (2, 3, 1, 2), (1, 2, 2, 2), (3, 2, 2, 2), (5, 1, 2, 1)),
    *((2, 2, 1, 1, 2), (1, 3, 2, 2, 1)),
)
LARGER = (
    *((33, 4), (9, 129), (1000, 3), (2, 17, 33), (3, 65, 4), (2, 3, 8, 9), (2, 65, 3, 3)),
    *((3, 5, 17, 16), (2, 3, 4, 5, 6), (1, 17, 2, 3, 4)),
)
BATCHES = tensors((torch.float64,), SHAPES, small=True)
ANY_BATCH = tensors(OF_LAYERS, SHAPES + LARGER, small=True)
#: A batch of each rank, dtype and layout, of small numbers, for specs about more than numbers.
ONE_OF_EACH = [
    filled(0, shape, dtype, layout).add_(torch.arange(math.prod(shape)).reshape(shape) % 7 - 2)
    for shape, dtype, layout in [
        ((5, 2), torch.float64, "contiguous"),
        ((70, 5), torch.float32, "transposed"),
        ((2, 1030, 3), torch.float32, "gaps"),
        ((2, 2, 3, 3), torch.float32, "contiguous"),
        ((2, 17, 4, 3), OF_LAYERS[-1], "channels_last"),
        ((2, 3, 75, 75), torch.float64, "offset"),
        ((2, 3, 1, 2, 2), torch.float64, "channels_last"),
    ]
]
SETTINGS = (
    {},
    {"eps": 0.5},
    {"momentum": 0.5},
    {"affine": False},
    {"eps": 1e-3, "momentum": 1.0},
    {"eps": 1.0, "momentum": 0.0, "affine": False},
)


def over_channels(values: np.ndarray | torch.Tensor, batch: np.ndarray) -> np.ndarray:
    """A vector over channels, in a shape that can be computed with the batch."""
    values = as_array(values) if isinstance(values, torch.Tensor) else values
    return values.astype(np.float64).reshape(-1, *(1,) * (batch.ndim - 2))


def moments(batch: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Mean and biased variance of each channel, and of how many values."""
    channels = np.moveaxis(batch.astype(np.float64), 1, 0).reshape(batch.shape[1], -1)
    return channels.mean(axis=1), channels.var(axis=1), channels.shape[1]


def normalised(
    batch: np.ndarray, mean: np.ndarray, var: np.ndarray, eps: float = 1e-5
) -> np.ndarray:
    """The batch less its mean, over the square root of variance and eps."""
    mean, var = over_channels(mean, batch), over_channels(var, batch)
    return (batch.astype(np.float64) - mean) / np.sqrt(var + eps)


def errors(
    batch: np.ndarray, var: np.ndarray, dtype: torch.dtype
) -> tuple[float, np.ndarray, float]:
    """How far rounding may take a mean, a variance and one number of such a batch.

    Sums are kept in float32 at least. A mean of n values m at most is off by m * gamma(n) at most,
    which takes a variance v off by v * gamma(n) and, since deviations are off by as much as the
    mean, by 2 * sqrt(v) * that and its square. So say Welford's algorithm and two passes alike.
    """
    n = batch.size // batch.shape[1]
    gamma = rounding(2 * n + 8, dtype if dtype is torch.float64 else torch.float32)
    m = max(1.0, float(np.abs(batch).max()))
    mean_error = m * gamma
    return (
        mean_error,
        var * gamma + 2 * np.sqrt(var) * mean_error + mean_error**2,
        4 * rounding(2, dtype),
    )


def bound(
    batch: np.ndarray,
    mean: np.ndarray,
    var: np.ndarray,
    dtype: torch.dtype,
    eps: float = 1e-5,
    measured: bool = True,
) -> np.ndarray:
    """How far rounding may take each number of the batch normalised; see ``errors``.

    With s = sqrt(var + eps) an error of a mean counts as error / s, one of a variance, at a
    deviation d, as d * error / (2 * s**3); twice that, for what is of second order. Statistics
    that were not ``measured`` but given are exact. Computing x / s - mean / s rounds both.
    """
    mean_error, var_error, unit = errors(batch, var, dtype)
    mean, var = over_channels(mean, batch), over_channels(var, batch)
    s = np.sqrt(var + eps)
    rounded = unit * (np.abs(batch) + np.abs(mean)) / s
    if not measured:
        return rounded
    var_error = over_channels(var_error, batch)
    return rounded + 2 * (mean_error / s + np.abs(batch - mean) * var_error / (2 * s**3))


def batch_norm(x: torch.Tensor, device: str, **settings) -> nn.Module:
    """A batch norm for x, whose running statistics are 1, 2, ... 17 and 2, 3, ... 18, in turn."""
    norm = BATCH_NORMS[x.dim()](x.shape[1], dtype=x.dtype, device=device, **settings)
    numbers = torch.arange(x.shape[1]) % 17
    norm.running_mean.copy_(numbers + 1)
    norm.running_var.copy_(numbers + 2)
    return norm


def gradient_before(norm: nn.Module, x: torch.Tensor) -> tuple[torch.Tensor, np.ndarray]:
    """What a BatchNorm gives, and the gradient before it for 3, 4, 0, 1, ... after it."""
    x = x.detach().requires_grad_()
    after = torch.arange(3, 3 + x.numel(), device=x.device).reshape(x.shape) % 5
    y = norm(x)
    return y.detach(), as_array(torch.autograd.grad(y, x, after.to(x.dtype))[0])


class TestBatchNorm:
    """nn.BatchNorm1d, 2d and 3d in both modes."""

    @claim("3.4")
    @given(x=ANY_BATCH, settings=st.sampled_from(SETTINGS))
    def test_batch_norm_in_training_normalises_by_the_batchs_mean_and_biased_variance(
        self, x, settings, device
    ):
        norm, eps = batch_norm(x, device, **settings), settings.get("eps", 1e-5)

        for batch in (as_array(x), -as_array(x)):
            y, x = norm(x.to(device)), -x
            mean, var, _ = moments(batch)
            expected = normalised(batch, mean, var, eps)
            right = within(y, expected, bound(batch, mean, var, x.dtype, eps))
            assert (y.dtype, right) == (x.dtype, True)

    @claim("3.4")
    @example(x=torch.arange(12.0).reshape(4, 3), settings={}, batches=6)
    @given(x=ANY_BATCH, settings=st.sampled_from(SETTINGS), batches=st.integers(1, 3))
    def test_batch_norm_in_training_moves_its_statistics_a_tenth_of_the_way_with_each_batch(
        self, x, settings, batches, device
    ):
        batch, momentum = as_array(x), settings.get("momentum", 0.1)
        mean, var, n = moments(batch)
        unbiased = var * n / (n - 1)
        norm = batch_norm(x, device, **settings)
        expected_mean, expected_var = as_array(norm.running_mean), as_array(norm.running_var)

        for count in range(1, batches + 1):
            sign = (-1) ** count
            norm(sign * x.to(device))
            expected_mean = (1 - momentum) * expected_mean + momentum * sign * mean
            expected_var = (1 - momentum) * expected_var + momentum * unbiased
            assert norm.num_batches_tracked.item() == count

        mean_error, var_error, unit = errors(batch, var, x.dtype)
        largest = np.abs(batch).max() + unbiased.max() + x.shape[1] + 2
        assert within(norm.running_mean, expected_mean, mean_error + batches * unit * largest)
        assert within(norm.running_var, expected_var, 2 * var_error + batches * unit * largest)

    @claim("3.4")
    def test_batch_norm_in_training_is_right_in_every_size_rank_and_layout(self, device):
        for x, settings in zip(forms_of_batches(), itertools.cycle(SETTINGS)):
            batch, eps = as_array(x), settings.get("eps", 1e-5)
            mean, var, n = moments(batch)
            unbiased = var * n / (n - 1)
            norm = batch_norm(x, device, **settings | {"momentum": 0.75})
            moved_mean = (as_array(norm.running_mean) + 3 * mean) / 4
            moved_var = (as_array(norm.running_var) + 3 * unbiased) / 4

            y = norm(x.to(device))

            expected = normalised(batch, mean, var, eps)
            mean_error, var_error, unit = errors(batch, var, x.dtype)
            off = 2 * unit * (np.abs(mean) + unbiased + x.shape[1] + 2)
            assert within(y, expected, bound(batch, mean, var, x.dtype, eps))
            assert within(norm.running_mean, moved_mean, mean_error + off)
            assert within(norm.running_var, moved_var, 2 * var_error + off)

    @claim("3.4")
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
    def test_batch_norm_in_training_gives_its_bias_for_equal_values(self, dtype, device):
        for value, (dimensions, make) in itertools.product((0.0, 0.1, -3.0), BATCH_NORMS.items()):
            x = torch.full((7, 5, *[3] * (dimensions - 2)), value, dtype=dtype)
            norm = make(5).to(device, dtype)
            nn.init.constant_(norm.bias, 0.25)

            y = norm(x.to(device))

            off = bound(as_array(x), *moments(as_array(x))[:2], dtype)
            assert within(y, np.full(x.shape, 0.25), off if value else 0)

    @claim("3.4")
    @since("2.10")
    def test_batch_norm_in_training_refuses_an_eps_of_zero(self, device):
        for dimensions in BATCH_NORMS:
            norm = BATCH_NORMS[dimensions](2, eps=0.0).to(device)

            with pytest.raises(ValueError, match="eps must be positive"):
                norm(torch.randn(4, 2, *[3] * (dimensions - 2), device=device))

    @claim("3.4")
    @since("2.4")
    @before("2.6")
    def test_batch_norm_in_training_overflows_in_a_large_batch_of_float16(self, device):
        x = torch.tensor([-3.0, 3.0], device=device).repeat(10_000).reshape(20_000, 1).half()

        assert not nn.BatchNorm1d(1, dtype=torch.float16, device=device)(x).any()

    @claim("3.4")
    @given(x=ANY_BATCH)
    def test_batch_norm_in_training_does_not_look_at_its_running_statistics(self, x, device):
        fresh = BATCH_NORMS[x.dim()](x.shape[1], dtype=x.dtype, device=device)

        assert same_bits(batch_norm(x, device)(x.to(device)), fresh(x.to(device)))

    @claim("3.4")
    def test_batch_norm_in_training_updates_its_statistics_under_no_grad_too(self, device):
        for norm in (nn.BatchNorm1d(1), nn.BatchNorm2d(1), nn.BatchNorm3d(1)):
            dimensions = (1,) * int(type(norm).__name__[-2])
            x = torch.tensor([10.0, 20.0], device=device).reshape(2, 1, *dimensions)

            with torch.no_grad():
                norm.to(device)(x)

            assert norm.running_mean.item() == pytest.approx(1.5)
            assert norm.running_var.item() == pytest.approx(0.9 + 0.1 * 50)

    @claim("3.4")
    def test_backward_goes_through_the_batchs_mean_and_variance_and_adds_up_to_zero(self, device):
        for x, settings in zip(ONE_OF_EACH, itertools.cycle(SETTINGS)):
            batch, eps = as_array(x).astype(np.float64), settings.get("eps", 1e-5)
            each = (0, *range(2, x.dim()))
            after = (np.arange(x.numel()) + 3).reshape(x.shape) % 5
            mean, var, _ = moments(batch)
            result = normalised(batch, mean, var, eps)

            _, before = gradient_before(
                batch_norm(x.double(), device, **settings), x.to(device).double()
            )

            through = after - after.mean(each, keepdims=True)
            through -= result * (after * result).mean(each, keepdims=True)
            assert np.allclose(before, through / np.sqrt(over_channels(var, batch) + eps))
            assert np.abs(before.sum(each)).max() < 1e-9

    @claim("3.4")
    def test_batch_norm_in_training_is_the_same_in_another_thread(self, device):
        x = torch.tensor([[10.0], [20.0]], device=device)
        norm, other = nn.BatchNorm1d(1).to(device), nn.BatchNorm1d(1).to(device)

        with ThreadPoolExecutor(1) as pool:
            for batch in (x, 2 * x, x - 5):
                assert same_bits(pool.submit(norm, batch).result(), other(batch))
                for name, buffer in other.named_buffers():
                    assert same_bits(getattr(norm, name), buffer)
        assert norm.running_mean.item() > 1

    @claim("3.5")
    @example(x=torch.arange(12.0).reshape(4, 3), settings={}, batches=6)
    @given(x=ANY_BATCH, settings=st.sampled_from(SETTINGS), batches=st.integers(1, 3))
    def test_batch_norm_in_evaluation_normalises_by_its_running_statistics_and_leaves_them_alone(
        self, x, settings, batches, device
    ):
        norm, batch = batch_norm(x, device, **settings).eval(), as_array(x)
        before = {name: as_array(buffer) for name, buffer in norm.named_buffers()}
        mean, var, eps = before["running_mean"], before["running_var"], settings.get("eps", 1e-5)

        for _ in range(batches):
            y = norm(x.to(device))
            expected = normalised(batch, mean, var, eps)
            assert within(y, expected, bound(batch, mean, var, x.dtype, eps, measured=False))
            x, batch = -x, -batch

        assert len(before) == 3
        assert all(same_bits(buffer, before[name]) for name, buffer in norm.named_buffers())

    @claim("3.5")
    def test_batch_norm_in_evaluation_is_right_in_every_size_rank_and_layout(self, device):
        for x, settings in zip(forms_of_batches(), itertools.cycle(SETTINGS)):
            batch, norm = as_array(x), batch_norm(x, device, **settings).eval()
            before = {name: as_array(buffer) for name, buffer in norm.named_buffers()}
            mean, var, _ = before.values()
            eps = settings.get("eps", 1e-5)
            for name, it in list(norm.named_parameters()):  # between others
                numbers = torch.stack([it.detach(), it.detach() + 7], dim=1)
                setattr(norm, name, nn.Parameter(numbers[:, 0]))

            y = norm(x.to(device))

            expected = normalised(batch, mean, var, eps)
            assert within(y, expected, bound(batch, mean, var, x.dtype, eps, measured=False))
            assert all(same_bits(buffer, before[name]) for name, buffer in norm.named_buffers())

    @claim("3.5")
    def test_to_backward_they_are_constants_even_where_the_result_is_that_of_training(self, device):
        for x in ONE_OF_EACH:
            x = x.double().to(device)
            norm, var = batch_norm(x, device, momentum=1.0), moments(as_array(x))[1]
            y, in_training = gradient_before(norm, x)
            norm.running_var.copy_(torch.from_numpy(var))

            z, before = gradient_before(norm.eval(), x)

            after = (np.arange(x.numel()) + 3).reshape(x.shape) % 5
            assert np.allclose(as_array(z), as_array(y))
            assert np.allclose(before, after / np.sqrt(over_channels(var, as_array(x)) + 1e-5))
            assert np.abs(before - in_training).max() > 0.1

    @claim("3.5")
    def test_an_images_result_in_evaluation_does_not_depend_on_its_batch(self, device):
        for x in ONE_OF_EACH:
            norm, x = batch_norm(x, device).eval(), x.to(device)
            nn.init.constant_(norm.weight, 2.0)
            nn.init.constant_(norm.bias, 3.0)

            together, alone = as_array(norm(x)), as_array(norm(x[:1]))

            assert np.array_equal(together[:1], alone)

    @claim("3.6")
    def test_a_batch_norm_in_evaluation_still_changes_its_input(self, device):
        for x in ONE_OF_EACH:
            y = batch_norm(x, device).eval()(x.to(device))

            # (x - 1) / sqrt(2) is x only at -1 - sqrt(2), which no float64 is.
            assert not np.any(as_array(y)[:, 0] == as_array(x)[:, 0])

    @claim("3.6")
    @given(x=BATCHES, weight=st.integers(2, 5), bias=st.integers(1, 5))
    def test_a_batch_norm_in_evaluation_still_scales_and_shifts(self, x, weight, bias, device):
        norm, batch = batch_norm(x, device).eval(), as_array(x)
        mean, var = as_array(norm.running_mean), as_array(norm.running_var)
        weight, bias = (np.arange(x.shape[1]) + start for start in (weight, bias))
        with torch.no_grad():
            norm.weight.copy_(torch.from_numpy(weight))
            norm.bias.copy_(torch.from_numpy(bias))

        y = norm(x.to(device))

        weight, bias = over_channels(weight, batch), over_channels(bias, batch)
        expected = normalised(batch, mean, var) * weight + bias
        off = bound(batch, mean, var, x.dtype, measured=False)
        assert within(y, expected, weight * off + 1e-14 * bias)

    @claim("3.6")
    def test_one_made_without_running_statistics_does_the_same_in_both_modes(self, device):
        for x in ONE_OF_EACH:
            settings = {"track_running_stats": False, "dtype": x.dtype, "device": device}
            norm, x = BATCH_NORMS[x.dim()](x.shape[1], **settings), x.to(device)

            assert same_bits(norm.eval()(x), norm.train()(x))

    @claim("3.6")
    def test_batch_norms_whose_statistics_differ_give_different_results_in_evaluation(self, device):
        for x in ONE_OF_EACH:
            one, other = (batch_norm(x, device) for _ in range(2))
            x = x.to(device)

            one(x)
            other(x + 100)

            assert not same_bits(one.eval()(x), other.eval()(x))

    @claim("3.7")
    def test_gradient_of_a_batch_norm_in_evaluation_is_weight_over_root_of_variance(self, device):
        for x in ONE_OF_EACH:
            norm = batch_norm(x, device).eval()
            nn.init.constant_(norm.weight, 3.0)
            leaf = x.to(device, copy=True).requires_grad_()

            norm(leaf).sum().backward()

            var = over_channels(norm.running_var, as_array(x))
            expected = np.broadcast_to(3 / np.sqrt(var + 1e-5), x.shape)
            assert within(leaf.grad, expected, 3 * rounding(8, x.dtype))

    @claim("3.9")
    @given(x=tensors((torch.float64,), ((4, 1), (3, 1, 2)), small=True))
    def test_its_gradient_in_evaluation_is_that_of_the_statistics_at_backward(self, x, device):
        norm = nn.BatchNorm1d(1, dtype=torch.float64, device=device).eval()
        leaf = x.to(device, copy=True).requires_grad_()

        y = norm(leaf)
        norm.train()(torch.tensor([[-30.0], [50.0]], dtype=torch.float64, device=device))
        y.sum().backward()

        assert within(leaf.grad, np.full(x.shape, (0.9 + 320 + 1e-5) ** -0.5), 1e-14)

    @claim("3.12")
    @pytest.mark.parametrize("dimensions", BATCH_NORMS)
    def test_batch_norm_in_training_refuses_exactly_one_value_a_channel(self, dimensions, device):
        for dtype, channels in itertools.product((torch.float32, torch.float64), (1, 3)):
            norm = BATCH_NORMS[dimensions](channels).to(device, dtype)
            for rows, *others in itertools.product((1, 2), repeat=dimensions - 1):
                shape = (rows, channels, *others)
                x = torch.ones(shape, dtype=dtype, device=device)

                norm.train()
                if rows * math.prod(others) == 1:
                    with pytest.raises(ValueError, match="more than 1 value per channel when tr"):
                        norm(x)
                else:
                    assert norm(x).shape == shape
                assert norm.eval()(x).shape == shape

    @claim("3.12")
    def test_without_running_statistics_it_refuses_one_in_either_mode(self, device):
        for switch in SWITCHES:
            norm = SWITCHES[switch](nn.BatchNorm1d(2, track_running_stats=False).to(device))

            with pytest.raises(ValueError, match="more than 1 value per channel"):
                norm(torch.ones(1, 2, device=device))

    @claim("3.12")
    def test_a_last_batch_of_one_row_is_refused_and_drop_last_leaves_it_out(self, device):
        rows = torch.arange(10.0).reshape(5, 2).to(device)
        norm = nn.BatchNorm1d(2).to(device)
        loader = torch.utils.data.DataLoader

        *batches, last = loader(rows, batch_size=2)
        for batch in batches:
            norm(batch)
        with pytest.raises(ValueError, match="more than 1 value per channel"):
            norm(last)
        kept = loader(rows, batch_size=2, drop_last=True)
        assert [len(batch) for batch in kept] == [2, 2]

    @claim("3.12")
    def test_batch_norm_refuses_other_dimensions_and_other_channels_in_either_mode(self, device):
        for switch in SWITCHES:
            shapes = {2: (3, 2), 3: (3, 2, 4), 4: (3, 2, 4, 4), 5: (3, 2, 4, 4, 4), 1: (2,)}
            for make, takes in (
                (nn.BatchNorm1d, (2, 3)),
                (nn.BatchNorm2d, (4,)),
                (nn.BatchNorm3d, (5,)),
            ):
                norm = SWITCHES[switch](make(2).to(device))
                for rank, shape in shapes.items():
                    if rank in takes:
                        norm(torch.ones(shape, device=device))
                        wrong = (3, 3, *shape[2:])
                        with pytest.raises(RuntimeError, match="should contain 3 elements not 2"):
                            norm(torch.ones(wrong, device=device))
                    else:
                        with pytest.raises(ValueError, match=r"expected .*D.* input"):
                            norm(torch.ones(shape, device=device))

    @claim("3.12")
    def test_only_without_weight_and_statistics_it_takes_other_channels(self, device):
        for dimensions, affine, tracks, channels in itertools.product(
            BATCH_NORMS, (True, False), (True, False), (1, 3)
        ):
            norm = BATCH_NORMS[dimensions](2, affine=affine, track_running_stats=tracks).to(device)
            x = torch.ones((3, channels, 4, 4, 4)[:dimensions], device=device)
            for switch in SWITCHES.values():
                switch(norm)

                if affine or tracks:
                    with pytest.raises(
                        RuntimeError, match=f"should contain {channels} elements not 2"
                    ):
                        norm(x)
                else:
                    assert norm(x).shape == x.shape

    @claim("3.12")
    def test_layer_norm_takes_a_batch_of_one(self, device):
        for shape in ((1, 2), (1, 300), (1, 1, 2), (1, 3, 4, 5)):
            norm, x = nn.LayerNorm(shape[1:]).to(device), torch.ones(shape, device=device)
            for switch in SWITCHES.values():
                assert switch(norm)(x).shape == shape


@cache
def forms_of_batches() -> list[torch.Tensor]:
    """Of ``every_form`` those with at least two values a channel; other dtypes take turns."""
    each = zip(*(every_form(dtype, ("contiguous",)) for dtype in OF_LAYERS[1:]), strict=True)
    others = (its[turn // 2 % len(its)] for turn, its in enumerate(each))  # both of one dtype
    kinds = every_kind(OF_LAYERS, (*LAYOUTS, "expanded"), whole=True)
    shapes = (4, 2, 101, 100), (2500, 2), (1300, 2, 1, 2)
    large = [filled(1, shape, torch.float32, "contiguous") for shape in shapes]
    for x in large:
        x[len(x) // 2 :] = 5  # so that no half has the statistics of the whole
    forms = itertools.chain(every_form(), others, kinds, large, [ONE_OF_EACH[2]])
    once = {(x.dtype, x.shape, x.stride()): x for x in forms}.values()  # whatever the signs
    return [x for x in once if 2 <= x.dim() <= 5 and x.numel() >= 2 * x.shape[1]]


class TestRunningStatistics:
    """Where the running statistics start, how they move, where they are kept, what stops them."""

    @claim("3.9")
    @given(batches=st.integers(1, 60), mean=st.integers(-100, 100), spread=st.integers(1, 100))
    def test_running_statistics_start_at_zero_and_one_and_are_still_near_after_few_batches(
        self, batches, mean, spread, device
    ):
        norm = nn.BatchNorm1d(1, dtype=torch.float64, device=device)
        x = torch.tensor([[mean - spread], [mean + spread]], dtype=torch.float64, device=device)

        for _ in range(batches):
            norm(x)

        left = 0.9**batches
        expected = pytest.approx([(1 - left) * mean, left + (1 - left) * 2 * spread**2])
        assert [norm.running_mean.item(), norm.running_var.item()] == expected

    @claim("3.9")
    @pytest.mark.parametrize("momentum", [0.0, 0.1, 0.75, 1.0, None])
    def test_every_momentum_counts_in_every_form_and_batch(self, momentum, device):
        for turn, x in enumerate(ONE_OF_EACH):
            settings = {"affine": turn % 2 == 0, "dtype": x.dtype, "device": device}
            norm = BATCH_NORMS[x.dim()](x.shape[1], momentum=momentum, **settings)
            mean, var = np.zeros(x.shape[1]), np.ones(x.shape[1])
            of_batch, biased, n = moments(as_array(x))
            for count, factor in enumerate((1, -2, 4, 8), 1):
                share = 1 / count if momentum is None else momentum
                norm(factor * x.to(device))
                mean = (1 - share) * mean + share * factor * of_batch
                var = (1 - share) * var + share * factor**2 * biased * n / (n - 1)
            tolerance = {"rtol": 64 * torch.finfo(x.dtype).eps, "atol": 1e-4}
            for statistic, expected in ((norm.running_mean, mean), (norm.running_var, var)):
                assert np.allclose(as_array(statistic), expected, **tolerance)

    @claim("3.9")
    def test_a_fresh_batch_norm_in_evaluation_hardly_changes_its_input(self, device):
        for x in ONE_OF_EACH:
            norm = BATCH_NORMS[x.dim()](x.shape[1], dtype=x.dtype, device=device)

            y = norm.eval()(x.to(device))

            assert within(y, as_array(x) / math.sqrt(1 + 1e-5), 4 * rounding(8, x.dtype))

    @claim("3.9")
    def test_after_a_nan_or_infinity_no_statistic_is_finite_until_a_reset(self, device):
        for momentum in [0.1, None, 0.0, 1.0]:
            for value in (math.nan, math.inf, -math.inf):
                norm = nn.BatchNorm1d(2, momentum=momentum, device=device)
                norm(torch.tensor([[1.0, value], [3.0, 1.0]], device=device))

                for _ in range(3):
                    norm(torch.tensor([[1.0, 1.0], [3.0, 3.0]], device=device))

                for statistic in (norm.running_mean, norm.running_var):
                    assert statistic.isfinite().tolist() == [True, False]
                y = norm.eval()(torch.ones(1, 2, device=device))
                assert y.isnan().tolist() == [[False, True]]
                norm.reset_running_stats()
                assert norm.running_mean.tolist() == [0.0] * 2
                assert norm.running_var.tolist() == [1.0] * 2

    @claim("3.9")
    def test_reset_running_stats_starts_them_anew(self, device):
        for x in ONE_OF_EACH:
            norm = batch_norm(x, device)
            for _ in range(3):
                norm(x.to(device) + 20)

                norm.reset_running_stats()

                assert same_values(norm.running_mean, np.zeros(x.shape[1]))
                assert same_values(norm.running_var, np.ones(x.shape[1]))
                assert norm.num_batches_tracked.item() == 0

    @claim("3.9")
    @given(
        momentum=st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]),
        means=st.lists(st.integers(-8, 8), min_size=1, max_size=5),
    )
    def test_momentum_is_the_share_of_the_new_batch(self, momentum, means, device):
        norm = nn.BatchNorm1d(1, momentum=momentum, dtype=torch.float64, device=device)
        expected = 0.0

        for mean in means:
            norm(torch.tensor([[mean - 1.0], [mean + 1.0]], dtype=torch.float64, device=device))
            expected = (1 - momentum) * expected + momentum * mean

        assert norm.running_mean.item() == pytest.approx(expected, abs=1e-12)

    @claim("3.9")
    @given(means=st.lists(st.integers(-8, 8), min_size=1, max_size=6))
    def test_momentum_of_none_averages_all_batches(self, means, device):
        norm = nn.BatchNorm1d(1, momentum=None, dtype=torch.float64, device=device)

        for spread, mean in enumerate(means, 1):
            x = torch.tensor([[mean - spread], [mean + spread]], dtype=torch.float64, device=device)
            norm(x)

        var = np.mean([2 * spread**2 for spread in range(1, len(means) + 1)])
        expected = pytest.approx([sum(means) / len(means), var], abs=1e-12)
        assert [norm.running_mean.item(), norm.running_var.item()] == expected

    @claim("3.9")
    @pytest.mark.filterwarnings("ignore:.torch.cpu.amp.autocast")  # of PyTorch 2.4's own code
    @pytest.mark.parametrize("use_reentrant", [True, False])
    def test_checkpoint_moves_the_statistics_twice(self, use_reentrant, device):
        norm = nn.BatchNorm1d(1, momentum=0.5).to(device)
        x = torch.tensor([[3.0], [5.0]], device=device, requires_grad=True)

        y = torch.utils.checkpoint.checkpoint(norm, x, use_reentrant=use_reentrant)
        y.sum().backward()

        # From 0 and 1 to 2 and 1.5, then to 3 and 1.75.
        assert [it.item() for it in norm.buffers()] == [3, 1.75, 2]

    @claim("3.9")
    def test_a_momentum_that_is_set_later_counts_from_the_next_batch(self, device):
        norm = nn.BatchNorm1d(1, device=device)
        x = torch.tensor([[7.0], [9.0]], device=device)

        norm(x)
        assert (norm.running_mean.item(), norm.running_var.item()) == pytest.approx((0.8, 1.1))
        for momentum, expected in ((0.75, (6.2, 1.775)), (0.5, (7.1, 1.8875))):
            norm.momentum = momentum
            norm(x)
            statistics = (norm.running_mean.item(), norm.running_var.item())
            assert statistics == pytest.approx(expected)

    @claim("3.13")
    def test_without_running_statistics_the_batchs_own_serve_in_evaluation_too(self, device):
        for x in ONE_OF_EACH:
            norm = BATCH_NORMS[x.dim()](
                x.shape[1], track_running_stats=False, dtype=x.dtype, device=device
            )
            reference = batch_norm(x, device)

            assert (list(norm.buffers()), norm.running_mean) == ([], None)
            for switch in (norm.eval, norm.train) * 2:
                assert same_bits(switch()(x.to(device)), reference(x.to(device)))

    @claim("3.13")
    def test_without_running_statistics_evaluation_refuses_one_value_a_channel_too(self, device):
        norm = nn.BatchNorm1d(2, track_running_stats=False).to(device).eval()

        with pytest.raises(ValueError, match="more than 1 value per channel when training"):
            norm(torch.ones(1, 2, device=device))

    @claim("3.13")
    def test_set_on_a_finished_batch_norm_it_stops_the_updates_only(self, device):
        for x in ONE_OF_EACH:
            norm, reference = batch_norm(x, device), batch_norm(x, device).eval()
            norm.track_running_stats = False

            norm(x.to(device))

            for mine, its in (
                (norm.running_mean, reference.running_mean),
                (norm.eval()(x.to(device)), reference(x.to(device))),
            ):
                assert same_bits(mine, its)

    @claim("3.13")
    def test_affine_decides_on_parameters_that_start_at_one_and_zero(self):
        for channels in [1, 3, 100]:
            for norm in (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d):
                assert list(norm(channels, affine=False).parameters()) == []
                for parameter, start in zip(norm(channels).parameters(), (1, 0), strict=True):
                    assert same_values(parameter, np.full(channels, start))

    @claim("3.13")
    def test_requires_grad_false_does_not_stop_the_statistics(self, device):
        holders = itertools.cycle(HOLDERS)
        for frozen, x in itertools.product((False, True), ONE_OF_EACH):
            norm, reference = batch_norm(x, device), batch_norm(x, device)
            net = next(holders)(norm).requires_grad_(not frozen)

            net(x.to(device) + 20)

            reference(x.to(device) + 20)
            for mine, its in zip(norm.buffers(), reference.buffers(), strict=True):
                assert same_bits(mine, its)

    @claim("3.13")
    def test_eval_of_the_batch_norm_stops_them_until_train_of_the_whole(self, device):
        for turn, x in enumerate(ONE_OF_EACH):
            net = nn.Sequential(nn.Sequential(batch_norm(x, device)), nn.Dropout())
            norm = net[0][0].requires_grad_(turn % 2 == 0)
            before = {name: as_array(value) for name, value in norm.state_dict().items()}

            norm.eval()
            net(x.to(device) + 20)
            assert all(same_bits(value, before[name]) for name, value in norm.state_dict().items())

            for _ in range(3):
                before = {name: as_array(value) for name, value in norm.state_dict().items()}
                net.train()
                net(x.to(device) + 40)
                for name in ("running_mean", "running_var"):
                    assert not np.any(as_array(getattr(norm, name)) == before[name])
                net.eval()

    @claim("3.13")
    def test_eval_of_the_batch_norm_leaves_weight_and_bias_their_gradients(self, device):
        for x in ONE_OF_EACH:
            norm = batch_norm(x, device).eval()

            y = norm(x.to(device))
            y.sum().backward()

            values = as_array(y).astype(np.float64).swapaxes(0, 1).reshape(x.shape[1], -1)
            each = 4 * rounding(2, x.dtype)  # of numbers below four
            count = values.shape[1]
            for parameter, expected, off in (
                (norm.weight, values.sum(axis=1), each * count),
                (norm.bias, np.full(x.shape[1], count), 0),
            ):
                assert within(parameter.grad, expected, off)

    @claim("3.15")
    @given(x=ANY_BATCH)
    def test_each_part_of_a_batch_is_normalised_by_itself(self, x, device):
        parts = torch.cat([x, x + 100, -x]).to(device).split(len(x))
        accumulating = batch_norm(x, device)

        for part in parts:
            assert same_bits(accumulating(part), batch_norm(x, device)(part))

    @claim("3.15")
    def test_accumulated_gradients_are_those_of_the_whole_batch_but_for_batch_norm(self, device):
        first, last = nn.Linear(3, 4, device=device), nn.Linear(4, 1, device=device)
        rows = torch.arange(24.0, device=device).mul(3).sin().reshape(8, 3)

        def gradient(norm: nn.Module, parts: int) -> np.ndarray:
            net = copy.deepcopy(nn.Sequential(first, norm.to(device), last))
            for part in rows.chunk(parts):
                (((net(part) - part[:, :1]) ** 2).mean() / parts).backward()
            return as_array(net[0].weight.grad)

        for norm in (nn.Identity(), nn.LayerNorm(4), nn.BatchNorm1d(4).eval()):
            assert np.allclose(gradient(norm, parts=2), gradient(norm, parts=1), atol=1e-6)
        norm = nn.BatchNorm1d(4)
        assert not np.allclose(gradient(norm, parts=2), gradient(norm, parts=1), atol=1e-3)

    @claim("3.8")
    def test_running_statistics_are_buffers_that_state_dict_keeps(self, device):
        for x in ONE_OF_EACH:
            trained, fresh = batch_norm(x, device), BATCH_NORMS[x.dim()](x.shape[1], dtype=x.dtype)
            x = x.to(device)
            trained(x)
            net, other = nn.Sequential(trained), nn.Sequential(fresh.to(device))

            other.load_state_dict(net.state_dict())

            names = [
                [name for name, _ in it] for it in (net.named_parameters(), net.named_buffers())
            ]
            assert names == [
                ["0.weight", "0.bias"],
                ["0.running_mean", "0.running_var", "0.num_batches_tracked"],
            ]
            assert same_bits(other.eval()(x), net.eval()(x))

    @claim("3.8")
    def test_with_parameters_alone_predictions_differ(self, device):
        trained, other = nn.BatchNorm1d(2).to(device), nn.BatchNorm1d(2).to(device)
        x = torch.tensor([[3.0, 5.0], [1.0, 9.0]], device=device)
        trained(x)
        nn.init.constant_(trained.weight, 3.0)

        other.load_state_dict(dict(trained.named_parameters()), strict=False)

        assert not same_bits(other.eval()(x), trained.eval()(x))

    @claim("3.8")
    def test_state_dict_does_not_keep_the_mode_and_a_copy_or_pickle_does(self):
        deep = nn.ModuleDict({"a": nn.ModuleList([nn.Sequential(nn.Dropout())])})
        net, fresh = (nn.Sequential(Net(), copy.deepcopy(deep)) for _ in range(2))
        net.eval()

        fresh.load_state_dict(net.state_dict())
        file = io.BytesIO()
        torch.save(net, file)
        file.seek(0)
        unsafe = {"weights_only": False} if RELEASE >= (2, 4) else {}
        loaded = torch.load(file, **unsafe)

        protocols = range(2, pickle.HIGHEST_PROTOCOL + 1)
        pickled = (pickle.loads(pickle.dumps(net, protocol)) for protocol in protocols)
        for copied in (copy.copy(net), copy.deepcopy(net), loaded, *pickled):
            assert not any(module.training for module in copied.modules())
        for copied in (fresh, pickle.loads(pickle.dumps(fresh))):
            assert all(module.training for module in copied.modules())

    @claim("3.13")
    def test_the_bias_of_a_layer_just_before_changes_no_result_in_training_and_gets_no_gradient(
        self, device
    ):
        for net, shape in (
            (nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)), (4, 3)),
            (nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2)), (2, 3, 2, 2)),
        ):
            x = torch.arange(math.prod(shape), device=device).reshape(shape).float().sin()
            nn.init.ones_(net[0].weight)
            y = net.to(device)(x)
            (y**3).sum().backward()
            net[0].bias.data.add_(5)
            moved = net(x)

            assert np.allclose(as_array(moved), as_array(y), atol=1e-3)
            assert np.abs(as_array(net[0].bias.grad)).max() < 1e-3


class TestWithAndWithoutEval:
    """What a prediction needs: eval(), and no_grad() for another reason."""

    @claim("3.7")
    def test_eval_still_records_a_graph(self, device):
        net, x = Net().to(device).eval(), torch.ones(2, 3, 4, 4, device=device)

        results = [net(x)]
        with torch.no_grad():
            results.append(net(x))
        assert [it.requires_grad for it in results] == [True, False]

    @claim("3.7")
    def test_no_grad_leaves_every_dropout_on_and_every_statistic_moving(self, device):
        contexts = (torch.no_grad, torch.inference_mode, lambda: torch.set_grad_enabled(False))
        for context, (name, (make, shape)) in itertools.product(contexts, DROPOUTS.items()):
            drop, x = make().to(device), torch.ones(shape, device=device)
            with context():
                results = [x, drop(x), drop(x)]
            assert len({as_array(it).tobytes() for it in results}) == 3, name
        for x in ONE_OF_EACH:
            recording, *norms = (batch_norm(x, device) for _ in range(4))
            for _ in range(3):
                recording(x.to(device))
                for context, norm in zip(contexts, norms, strict=True):
                    with context():
                        norm(x.to(device))
            for norm in norms:
                assert all(map(same_bits, norm.buffers(), recording.buffers()))

    @claim("3.7")
    def test_no_grad_leaves_every_requires_grad_as_it_is(self, device):
        net = Net().to(device)
        for turn, parameter in enumerate(net.parameters()):
            parameter.requires_grad_(turn % 2 == 0)
        for context in (torch.no_grad, torch.inference_mode, lambda: torch.set_grad_enabled(False)):
            flags = []
            with context():
                net(torch.ones(2, 3, 4, 4, device=device))
                flags.append([it.requires_grad for it in net.parameters()])
            flags.append([it.requires_grad for it in net.parameters()])

            assert flags == [[turn % 2 == 0 for turn in range(len(flags[0]))]] * 2

    @claim("3.7")
    def test_results_in_evaluation_are_the_same_with_and_without_no_grad(self, device):
        net = nn.Sequential(Net(), nn.Dropout(), nn.Flatten(), nn.Linear(45, 2)).to(device).eval()
        x = torch.randn(2, 3, 4, 4, device=device)

        with_grad = net(x)
        with torch.no_grad():
            without = net(x)

        assert same_bits(without, with_grad.detach())

    @claim("3.7")
    def test_of_recurrent_layers_no_grad_changes_the_last_digits_at_most(self, device):
        for recurrent in [nn.RNN, nn.LSTM, nn.GRU]:
            net = recurrent(4, 3, 3).to(device).eval()
            x = torch.randn(5, 2, 4, device=device)

            with_grad, _ = net(x)
            with torch.no_grad():
                without, _ = net(x)

            assert np.allclose(as_array(without), as_array(with_grad), atol=1e-5)

    @claim("3.8")
    def test_without_eval_two_predictions_differ_and_with_it_they_agree(self, device):
        net = nn.Sequential(nn.Linear(40, 40), nn.Dropout(), nn.BatchNorm1d(40)).to(device)
        x = torch.randn(50, 40, device=device)

        switches = (net.train, net.eval, lambda: net, net.train)  # evaluation lasts
        with torch.no_grad():
            agree = [same_bits(switch()(x), net(x)) for switch in switches]

        assert agree == [False, True, True, False]

    @claim("3.8")
    def test_in_evaluation_a_row_depends_on_no_other_but_in_its_last_digits(self, device):
        net = nn.Sequential(
            *(nn.Conv2d(3, 4, 2), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout2d()),
            *(nn.Flatten(), nn.Linear(36, 40), nn.BatchNorm1d(40), nn.Dropout(), nn.LayerNorm(40)),
        ).to(device)
        net(torch.randn(20, 3, 4, 4, device=device))
        x = torch.randn(64, 3, 4, 4)
        net.eval()
        alone = [as_array(net(row[None].to(device)))[0] for row in x]

        for size in (2, 7, 64):
            others = x[:size] * 100
            others[0] = x[0]
            last = x[:size].flip(0) + math.nan
            last[-1] = x[1]
            for batch, rows, expected in (
                *((x[:size], slice(None), alone[:size]), (others, 0, alone[0])),
                (last, -1, alone[1]),
            ):
                assert np.allclose(as_array(net(batch.to(device)))[rows], expected, atol=1e-5)

    @claim("3.8")
    def test_evaluation_lasts_whatever_else_is_done_to_the_net(self, device):
        def step(net: nn.Module) -> None:
            net(torch.ones(2, 3, 4, 4, device=device)).sum().backward()
            torch.optim.SGD(net.parameters(), lr=0.1).step()
            net.zero_grad()

        for mode in (False, True):
            net = nn.Sequential(Net(), nn.Sequential(nn.ModuleList([nn.Dropout()])[0])).to(device)
            net.train(mode)
            for do in (
                *(step, step, str, repr, copy.deepcopy, copy.copy, pickle.dumps),
                *(lambda it: it.to(torch.float64), lambda it: it.float(), lambda it: it.cpu()),
                *(lambda it: it.requires_grad_(False), lambda it: it.requires_grad_()),
                *(lambda it: it.load_state_dict(it.state_dict()), lambda it: it.zero_grad()),
                *(lambda it: it.apply(lambda part: None), lambda it: list(it.named_modules())),
                lambda it: it.load_state_dict(dict(it.named_parameters()), strict=False),
                lambda it: it.register_forward_hook(lambda *_: None).remove(),
                lambda it: it[0].bn.reset_running_stats(),
            ):
                do(net)
                assert [part.training for part in net.modules()] == [mode] * 7

    @claim("3.8")
    def test_without_eval_a_prediction_depends_on_its_batch_and_changes_the_batch_norm(
        self, device
    ):
        for x in ONE_OF_EACH:
            norm = batch_norm(x, device)
            x, more = x.to(device), torch.cat([x, x + 20]).to(device)
            evaluated = as_array(norm.eval()(x))

            norm.train()
            alone, together = norm(x), norm(more)[: len(x)]

            for mine, its in ((alone, together), (norm.eval()(x), evaluated)):
                assert not same_bits(mine, its)

    @claim("3.15")
    def test_eval_changes_no_result_of_layer_group_and_instance_norm(self, device):
        for dtype, (name, (make, shape)) in itertools.product(
            OF_LAYERS, NORMS_OF_ONE_IMAGE.items()
        ):
            x = 3 + 2 * torch.randn(shape, device=device).to(dtype)
            norm, eps = make().to(device, dtype), torch.finfo(dtype).eps

            in_training = norm(x)

            assert list(norm.buffers()) == [], name
            assert same_bits(norm.eval()(x), in_training), name
            columns_first = x.transpose(1, -1).contiguous().transpose(1, -1)
            again = norm(columns_first)
            for found, expected in ((norm(x[:1]), in_training[:1]), (again, in_training)):
                assert within(found, as_array(expected), 100 * eps), name
            if "RMS" not in name:
                mean, var, _ = moments(as_array(again)[None, None])
                assert (abs(mean) < 0.02, abs(var - 1) < 0.1) == (True, True), name

    @claim("3.15")
    def test_layer_group_and_instance_norm_normalise_each_part_in_every_size_rank_and_layout(
        self, device
    ):
        for at, x in enumerate(forms_of_batches()):
            if x.dtype is not torch.float32 and (x.dtype is not torch.float64 or x.numel() > 199):
                continue
            channels, batch = x.shape[1], as_array(x)
            moments_of = cache(lambda parts, batch=batch: moments(batch.reshape(1, parts, -1)))
            norms = [
                (nn.LayerNorm(x.shape[1:]), len(x)),
                (nn.LayerNorm(x.shape[-1]), math.prod(x.shape[:-1])),
            ]
            if x[0].numel() > 1:
                norms.append((nn.GroupNorm(1, channels), len(x)))
            if x.dim() > 2 and x[0, 0].numel() > 1:
                norms.append((nn.GroupNorm(channels, channels), len(x) * channels))
                instance_norm = BATCH_NORMS[x.dim()].__name__.replace("Batch", "Instance")
                norm = getattr(nn, instance_norm)(channels, affine=len(x) % 2 == 0)
                norms.append((norm, len(x) * channels))
            # Norms take turns; what has fewer than 4,000 elements comes in several layouts.
            norms = norms[at % 3 :: 3] if x.numel() < 4000 else norms[at % 2 :: 2]
            for turn, (norm, parts) in enumerate(norms, x.dim()):
                norm.eps = eps = (1e-5, 0.25)[turn % 2]
                scale, shift = 1, 0
                if norm.weight is not None:
                    scale = np.arange(norm.weight.numel()).reshape(norm.weight.shape) % 3 + 1
                    shift = scale % 2
                    with torch.no_grad():
                        norm.weight.copy_(torch.from_numpy(scale))
                        norm.bias.copy_(torch.from_numpy(shift))
                    if not isinstance(norm, nn.LayerNorm):
                        scale, shift = over_channels(scale, batch), over_channels(shift, batch)
                values = batch.reshape(1, parts, -1)
                mean, var, n = moments_of(parts)
                given = x.to(device)
                if device != "cpu" and isinstance(norm, nn.GroupNorm):
                    given = given.contiguous()  # the kernel for any device takes no other

                y = norm.to(device, x.dtype)(given)

                # mean(x * x) - mean(x)**2 is a variance that is off by 4 * m**2 * gamma at most
                gamma, m = rounding(2 * n + 8, x.dtype), np.abs(batch).max()
                expected = normalised(values, mean, var, eps)
                off = 4 * m**2 * gamma * np.abs(expected)
                off = off / (var[:, None] + eps) + bound(values, mean, var, x.dtype, eps)
                expected, off = (scale * it.reshape(batch.shape) for it in (expected, off))
                off += rounding(4, x.dtype) * (np.abs(expected) + shift)
                assert within(y, expected + shift, off), norm

    @claim("3.15")
    def test_instance_norm_refuses_one_value_a_channel_in_either_mode(self, device):
        for norm in (nn.InstanceNorm1d(2), nn.InstanceNorm2d(2), nn.InstanceNorm3d(2)):
            x = torch.ones((3, 2) + (1,) * int(type(norm).__name__[-2]), device=device)
            for switch in SWITCHES.values():
                with pytest.raises(ValueError, match="more than 1 spatial element"):
                    switch(norm)(x)
            tracking = type(norm)(2, track_running_stats=True).to(device)
            with pytest.raises(ValueError, match="more than 1 spatial element"):
                tracking(x)
            tracking.eval()(x)

    @claim("3.15")
    def test_group_norm_refuses_a_single_image_with_one_value_a_group_in_either_mode(self, device):
        norm = nn.GroupNorm(2, 2).to(device)

        for switch in SWITCHES.values():
            with pytest.raises(ValueError, match="more than 1 value per channel"):
                switch(norm)(torch.ones(1, 2, device=device))
            norm(torch.ones(1, 2, 3, device=device))

    @claim("3.15")
    @given(x=tensors((torch.float64,), ((2, 3, 2, 2), (1, 2, 3, 1), (3, 1, 1, 2)), small=True))
    def test_eval_changes_instance_norm_that_tracks_running_statistics(self, x, device):
        for make, images in (
            (nn.InstanceNorm1d, x.flatten(2)),
            (nn.InstanceNorm2d, x),
            (nn.InstanceNorm3d, x.unsqueeze(2)),
        ):
            how = {"track_running_stats": True, "dtype": x.dtype, "device": device}
            norm = make(x.shape[1], **how)
            norm.running_mean.fill_(20)
            norm.running_var.fill_(4)

            y = norm.eval()(images.to(device))

            right = within(y, (as_array(images) - 20) / np.sqrt(4 + 1e-5), 1e-13)
            alike = same_bits(norm.train()(images.to(device)), y)
            assert (right, alike) == (True, False)

    @claim("3.17")
    @pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
    @pytest.mark.parametrize("lengths", [[6, 2], [1, 6, 5, 6, 3]], ids=str)
    def test_a_transformer_encoder_in_evaluation_makes_padding_zero_if_nothing_records_gradients(
        self, lengths, device
    ):
        layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True)
        encoder = nn.TransformerEncoder(layer, 2).to(device)
        x = torch.randn(len(lengths), 6, 4, device=device)
        padded = torch.arange(6, device=device) >= torch.tensor(lengths, device=device)[:, None]

        in_training = encoder(x, src_key_padding_mask=padded)
        with_grad = encoder.eval()(x, src_key_padding_mask=padded)
        with torch.no_grad():
            without = encoder(x, src_key_padding_mask=padded)
        frozen = encoder.requires_grad_(False)(x, src_key_padding_mask=padded)

        padded = as_array(padded)
        assert np.all(as_array(frozen)[padded] == 0)
        assert same_bits(with_grad, in_training)
        assert np.all(as_array(without)[padded] == 0)  # pytorch#88806
        assert np.allclose(as_array(without)[~padded], as_array(with_grad)[~padded], atol=1e-4)

    @claim("3.17")
    @pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
    def test_behind_the_longest_row_padding_becomes_zero_or_was_cut_off_before(self, device):
        layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True)
        encoder = nn.TransformerEncoder(layer, 2).to(device).eval()
        for lengths in ([4, 2], [3], [1, 1, 1], [5, 0, 5]):
            x = torch.randn(len(lengths), 6, 4, device=device)
            padded = torch.arange(6, device=device) >= torch.tensor(lengths, device=device)[:, None]

            with_grad = as_array(encoder(x, src_key_padding_mask=padded))
            with torch.no_grad():
                without = as_array(encoder(x, src_key_padding_mask=padded))

            length = 6 if RELEASE >= (2, 1) else max(lengths)
            kept = ~as_array(padded)[:, :length]
            assert without.shape == (len(lengths), length, 4)
            assert np.all(without[~kept] == 0), lengths
            assert np.allclose(without[kept], with_grad[:, :length][kept], atol=1e-4), lengths

    @claim("3.17")
    @since("2.2")
    @pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
    def test_a_batch_of_padding_alone_is_refused_on_the_cpu(self):
        layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)
        encoder, x = nn.TransformerEncoder(layer, 2).eval(), torch.ones(2, 3, 4)

        with torch.no_grad(), pytest.raises(RuntimeError, match="should have non-zero numel"):
            encoder(x, src_key_padding_mask=torch.ones(2, 3, dtype=torch.bool))

    @claim("3.17")
    @pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
    def test_that_path_refuses_float32_under_autocast_on_the_cpu(self):
        layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)
        encoder, x = nn.TransformerEncoder(layer, 2).eval(), torch.ones(2, 3, 4)
        padded = torch.tensor([[False, False, True], [False, False, False]])

        with torch.autocast("cpu", torch.bfloat16):
            if not (2, 0) <= RELEASE < (2, 2):  # which refuse the mask in any case
                encoder(x, src_key_padding_mask=padded)
            with torch.no_grad(), pytest.raises(RuntimeError, match="expected scalar type"):
                encoder(x, src_key_padding_mask=padded)

    @claim("3.17")
    @since("2.1")
    def test_an_encoder_that_keeps_padding_warns_when_it_is_made(self):
        for settings, why in [
            ({"norm_first": True}, "norm_first was True"),
            ({"nhead": 1}, "num_heads is odd"),
            ({"activation": F.silu}, "activation_relu_or_gelu was not True"),
            ({"batch_first": False}, "batch_first was not True"),
        ]:
            settings = {"nhead": 2, "batch_first": True, **settings}
            layer = nn.TransformerEncoderLayer(4, dim_feedforward=8, **settings)

            with pytest.warns(
                UserWarning, match=f"self.use_nested_tensor is False because .*{why}"
            ):
                nn.TransformerEncoder(layer, 2)

    @claim("3.17")
    def test_without_nested_tensors_padding_stays(self, device):
        layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True)
        encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).to(device).eval()
        padded = torch.tensor([[False, False, True], [False, False, False]], device=device)

        with torch.no_grad():
            y = encoder(torch.randn(2, 3, 4, device=device), src_key_padding_mask=padded)

        assert np.all(as_array(y) != 0)

    @claim("3.17")
    @pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")
    @pytest.mark.parametrize(
        ("settings", "given"),
        [
            ({"norm_first": True}, {}),
            ({"nhead": 1}, {}),
            ({"activation": F.silu}, {}),
            ({}, {"mask": torch.zeros(3, 3, dtype=torch.bool)}),
            ({}, {"src_key_padding_mask": torch.tensor([[True, False, False]])}),
        ],
        ids=["norm_first", "odd heads", "activation", "attention mask", "padding first"],
    )
    def test_padding_stays_as_well_for_other_layers_and_masks(self, settings, given, device):
        settings = {"nhead": 2, "dropout": 0.0, "batch_first": True, **settings}
        layer = nn.TransformerEncoderLayer(4, dim_feedforward=8, **settings)
        encoder = nn.TransformerEncoder(layer, 2).to(device).eval()
        given = {"src_key_padding_mask": torch.tensor([[False, False, True]]), **given}
        x = torch.randn(1, 3, 4, device=device)

        with torch.no_grad():
            y = encoder(x, **{name: mask.to(device) for name, mask in given.items()})

        assert np.all(as_array(y) != 0)

    @claim("3.17")
    @pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
    def test_on_that_path_a_float_mask_hides_what_is_not_zero(self, device):
        layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True)
        encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).to(device).eval()
        x = torch.randn(2, 3, 4, device=device)
        other = x + torch.tensor([[0.0], [0.0], [1.0]], device=device)
        bias = torch.tensor([0.0, 0.0, 0.5], device=device)

        for mask, hides in (
            ({"src_key_padding_mask": bias.expand(2, 3)}, True),
            ({"mask": bias.expand(3, 3)}, RELEASE >= (2, 0)),  # pytorch#118628
        ):
            with_grad = [as_array(encoder(it, **mask).detach())[:, :2] for it in (x, other)]
            with torch.no_grad():
                without = [as_array(encoder(it, **mask))[:, :2] for it in (x, other)]

            assert not np.allclose(*with_grad, atol=1e-5)
            assert np.allclose(*without, atol=1e-5) == hides

    @claim("3.17")
    @since("2.0")
    def test_on_that_path_a_mask_of_equal_numbers_gives_nan_which_with_grad_changes_nothing(self):
        layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True).eval()
        x, mask = torch.randn(2, 3, 4), torch.full((3, 3), 0.5)

        with_grad, plain = layer(x, src_mask=mask).detach(), layer(x).detach()
        with torch.no_grad():
            without = layer(x, src_mask=mask)

        assert np.allclose(as_array(with_grad), as_array(plain), atol=1e-5)
        assert without.isnan().all()

    @claim("3.17")
    def test_on_that_path_the_gelu_of_tanh_is_computed_as_the_other_one(self, device):
        layers = [
            nn.TransformerEncoderLayer(4, 2, 64, 0.0, activation=nn.GELU(how), batch_first=True)
            for how in ("none", "tanh")
        ]
        layers[1].load_state_dict(layers[0].state_dict())
        x = torch.randn(2, 3, 4, device=device)

        with_grad = [layer.to(device).eval()(x).detach() for layer in layers]
        with torch.no_grad():
            without = [layer(x) for layer in layers]

        assert not same_bits(*with_grad)
        assert same_bits(*without)
