"""3 model.eval(): which modules it changes, and how."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from specs.ledger import claim
from specs.nets import Net
from specs.oracles import as_array, frequency_agrees, rounding, same_bits, same_values, within
from specs.strategies import COMPUTING_FLOATS, NOT_EMPTY, tensors

#: Modules, each with the shape of an input, that do the same in both modes.
INDIFFERENT = {
    "Linear": (lambda: nn.Linear(4, 3), (50, 4)),
    "Conv2d": (lambda: nn.Conv2d(3, 5, 2), (2, 3, 5, 5)),
    "ReLU": (lambda: nn.ReLU(), (50, 4)),
    "MaxPool2d": (lambda: nn.MaxPool2d(2), (2, 3, 4, 4)),
    "LayerNorm": (lambda: nn.LayerNorm(4), (50, 4)),
}
#: Modules, each with the shape of an input, whose result depends on the mode.
AFFECTED = {
    "Dropout": (lambda: nn.Dropout(0.5), (50, 40)),
    "Dropout2d": (lambda: nn.Dropout2d(0.5), (50, 40, 2, 2)),
    "AlphaDropout": (lambda: nn.AlphaDropout(0.5), (50, 40)),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(4), (50, 4)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(3), (2, 3, 5, 5)),
}

#: Nested lists of module kinds: a list stands for a Sequential of what it holds.
TREES = st.recursive(
    st.sampled_from(sorted(INDIFFERENT | AFFECTED)),
    lambda children: st.lists(children, min_size=1, max_size=3),
    max_leaves=6,
).map(lambda tree: tree if isinstance(tree, list) else [tree])

#: Images (N, C, H, W) with at least two values a channel, and their dtype.
IMAGES = tensors(
    (torch.float64,),
    ((2, 1, 1, 1), (2, 3, 1, 2), (1, 2, 2, 2), (3, 2, 2, 2), (5, 1, 2, 1)),
    small=True,
)
PROBABILITIES = st.integers(1, 15).map(lambda k: k / 16)


def build(tree: str | list) -> nn.Module:
    """The module that a tree of kinds stands for."""
    if isinstance(tree, list):
        return nn.Sequential(*map(build, tree))
    return (INDIFFERENT | AFFECTED)[tree][0]()


class TestEval:
    """Module.eval: evaluation mode."""

    @claim("3.1")
    @pytest.mark.parametrize("name", sorted(INDIFFERENT))
    def test_eval_changes_no_result_of_other_modules(self, name, device):
        make, shape = INDIFFERENT[name]
        module, x = make().to(device), torch.randn(shape, device=device)

        in_training = module.train()(x)
        in_evaluation = module.eval()(x)

        assert same_bits(in_evaluation, in_training)

    @claim("3.1")
    @pytest.mark.parametrize("name", sorted(AFFECTED))
    def test_eval_changes_the_result_of_certain_modules(self, name, device):
        make, shape = AFFECTED[name]
        module, x = make().to(device), 3 + torch.randn(shape, device=device)

        in_training = module.train()(x)
        in_evaluation = module.eval()(x)

        assert not same_bits(in_evaluation, in_training)

    @claim("3.1")
    @pytest.mark.parametrize("name", sorted(INDIFFERENT | AFFECTED))
    def test_eval_changes_no_parameter_or_buffer(self, name):
        module = (INDIFFERENT | AFFECTED)[name][0]()
        before = {key: as_array(value) for key, value in module.state_dict().items()}

        module.eval()

        assert all(same_bits(value, before[key]) for key, value in module.state_dict().items())

    @claim("3.2")
    @given(tree=TREES)
    def test_a_new_module_is_in_training_mode(self, tree):
        assert all(module.training is True for module in build(tree).modules())

    @claim("3.2")
    @given(tree=TREES)
    def test_eval_clears_training_on_the_module_and_all_within(self, tree):
        net = build(tree)

        net.eval()

        assert all(module.training is False for module in net.modules())

    @claim("3.2")
    @given(tree=TREES)
    def test_train_false_does_the_same_as_eval(self, tree):
        net = build(tree)

        net.train(False)

        assert all(module.training is False for module in net.modules())

    @claim("3.2")
    @given(tree=TREES)
    def test_train_sets_training_again_on_the_module_and_all_within(self, tree):
        net = build(tree).eval()

        net.train()

        assert all(module.training is True for module in net.modules())

    @claim("3.2")
    @given(tree=TREES)
    def test_eval_and_train_return_the_module_itself(self, tree):
        net = build(tree)

        assert net.eval() is net
        assert net.train(False) is net
        assert net.train() is net

    @claim("3.2")
    @given(tree=TREES)
    def test_eval_of_a_part_leaves_the_rest_in_training(self, tree):
        part, rest = build(tree), build(tree)
        whole = nn.Sequential(part, rest)

        part.eval()

        assert whole.training
        assert all(module.training is False for module in part.modules())
        assert all(module.training is True for module in rest.modules())

    @claim("3.7")
    @given(tree=TREES, grad_mode=st.booleans())
    def test_eval_leaves_grad_mode_and_requires_grad_alone(self, tree, grad_mode):
        net = build(tree)
        for parameter in list(net.parameters())[::2]:
            parameter.requires_grad_(False)
        before = [parameter.requires_grad for parameter in net.parameters()]

        with torch.set_grad_enabled(grad_mode):
            net.eval()
            assert torch.is_grad_enabled() is grad_mode

        assert [parameter.requires_grad for parameter in net.parameters()] == before

    @claim("3.7")
    def test_backward_works_in_evaluation_mode(self, device):
        net = Net().to(device).eval()

        net(torch.ones(2, 3, 4, 4, device=device)).sum().backward()

        assert all(parameter.grad is not None for parameter in net.parameters())


class TestDropout:
    """nn.Dropout in both modes; for chance see specs/oracles.py."""

    @claim("3.3")
    @given(p=PROBABILITIES)
    def test_dropout_in_training_zeroes_each_element_with_probability_p(self, p, device):
        zeroed = as_array(nn.Dropout(p)(torch.ones(250, 200, device=device))) == 0

        # Also within each half and among every second column, so that it is no fixed pattern.
        for part in (zeroed, zeroed[:125], zeroed[125:], zeroed[:, ::2], zeroed[:, 1::2]):
            assert frequency_agrees(np.count_nonzero(part), part.size, p)

    @claim("3.3")
    @given(p=PROBABILITIES)
    def test_dropout_in_training_multiplies_the_others_by_one_over_one_minus_p(self, p, device):
        y = nn.Dropout(p)(torch.ones(50, 40, dtype=torch.float64, device=device))
        kept = as_array(y)[as_array(y) != 0]

        # 1 - p is exact; what remains is the rounding of a division and of a product.
        scale = 1 / (1 - p)
        assert np.all(np.abs(kept - scale) <= scale * rounding(2, torch.float32))

    @claim("3.3")
    @given(x=tensors((torch.float32,), small=True), p=PROBABILITIES)
    def test_dropout_in_training_gives_zero_or_the_scaled_element(self, x, p, device):
        y = as_array(nn.Dropout(p)(x.to(device))).astype(np.float64)
        scaled = as_array(x).astype(np.float64) / (1 - p)

        kept = np.abs(y - scaled) <= np.abs(scaled) * rounding(2, torch.float32)
        assert np.all(kept | (y == 0))

    @claim("3.3")
    @given(x=tensors((torch.float32,), small=True), p=PROBABILITIES)
    def test_dropout_leaves_its_input_alone(self, x, p, device):
        before = as_array(x)
        x = x.to(device)

        nn.Dropout(p)(x)

        assert same_bits(x, before)

    @claim("3.3")
    def test_dropout_draws_anew_for_every_call(self, device):
        dropout, x = nn.Dropout(0.5), torch.ones(50, 40, device=device)

        assert not same_bits(dropout(x), dropout(x))

    @claim("3.3")
    @given(x=tensors((torch.float32,), small=True))
    def test_dropout_with_p_of_0_keeps_all_and_with_p_of_1_none(self, x, device):
        assert same_values(nn.Dropout(0)(x.to(device)), as_array(x))
        assert same_values(nn.Dropout(1)(x.to(device)), np.zeros(x.shape))

    @claim("3.3")
    def test_dropout_has_p_of_a_half_unless_told_otherwise(self, device):
        y = as_array(nn.Dropout()(torch.ones(250, 200, device=device)))

        assert frequency_agrees(np.count_nonzero(y == 0), y.size, 0.5)
        assert set(y.flat) == {0.0, 2.0}

    @claim("3.3")
    @given(x=tensors(COMPUTING_FLOATS), p=st.sampled_from([0.0, 0.25, 0.5, 1.0]))
    def test_dropout_in_evaluation_returns_its_input_unchanged(self, x, p, device):
        assert same_bits(nn.Dropout(p).eval()(x.to(device)), x)

    @claim("3.3")
    def test_gradient_of_dropout_is_what_it_multiplied_by(self, device):
        x = torch.ones(50, 40, device=device, requires_grad=True)

        y = nn.Dropout(0.5)(x)
        y.sum().backward()

        assert same_values(x.grad, as_array(y))


def moments(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and biased variance of each channel, of shape (1, C, 1, 1)."""
    return (
        images.mean(axis=(0, 2, 3), keepdims=True),
        images.var(axis=(0, 2, 3), keepdims=True),
    )


def normalised(images: np.ndarray, mean: np.ndarray, var: np.ndarray) -> np.ndarray:
    """The images less their mean, over the square root of variance and eps."""
    return (images - mean) / np.sqrt(var + 1e-5)


def error(images: np.ndarray, var: np.ndarray) -> float:
    """How far rounding may take a normalised image of float64.

    A mean of n values m at most is off by at most m * gamma(n), so a deviation from it by twice
    that and a variance by 4 * m**2 * gamma(2n + 4); dividing by s = sqrt(var + eps) carries these
    over as d / s + m * v / s**3. PyTorch and NumPy may each err so.
    """
    n, m, s = images[:, 0].size, max(1.0, np.abs(images).max()), np.sqrt(var.min() + 1e-5)
    gamma = rounding(2 * n + 8, torch.float64)
    return 2 * gamma * (2 * m / s + np.sqrt(var.max()) * np.sqrt(n) * 4 * m**2 / s**3 + 4 * m)


def channel(values: torch.Tensor) -> np.ndarray:
    """A vector over channels as an array of shape (1, C, 1, 1)."""
    return as_array(values).reshape(1, -1, 1, 1)


def batch_norm(images: torch.Tensor, device: str) -> nn.BatchNorm2d:
    """A batch norm for these images whose running statistics are 1, 2, ... and 2, 3, ..."""
    bn = nn.BatchNorm2d(images.shape[1], dtype=torch.float64, device=device)
    for position in range(images.shape[1]):
        bn.running_mean[position] = position + 1
        bn.running_var[position] = position + 2
    return bn


class TestBatchNorm:
    """nn.BatchNorm2d in both modes."""

    @claim("3.4")
    @given(images=IMAGES)
    def test_batch_norm_in_training_normalises_by_the_batchs_mean_and_biased_variance(
        self, images, device
    ):
        x = as_array(images)
        mean, var = moments(x)

        y = batch_norm(images, device)(images.to(device))

        assert within(y, normalised(x, mean, var), error(x, var))

    @claim("3.4")
    @given(images=IMAGES)
    def test_batch_norm_in_training_moves_its_running_mean_a_tenth_of_the_way(self, images, device):
        x = as_array(images)
        bn = batch_norm(images, device)
        old = as_array(bn.running_mean)

        bn(images.to(device))

        expected = 0.9 * old + 0.1 * moments(x)[0].reshape(-1)
        assert within(bn.running_mean, expected, 10 * rounding(x.size + 4, torch.float64))

    @claim("3.4")
    @given(images=IMAGES)
    def test_batch_norm_in_training_moves_its_running_variance_to_the_unbiased_one(
        self, images, device
    ):
        x = as_array(images)
        n = x[:, 0].size
        bn = batch_norm(images, device)
        old = as_array(bn.running_var)

        bn(images.to(device))

        expected = 0.9 * old + 0.1 * moments(x)[1].reshape(-1) * n / (n - 1)
        assert within(bn.running_var, expected, 500 * rounding(2 * x.size + 8, torch.float64))

    @claim("3.4")
    @given(images=IMAGES, batches=st.integers(1, 3))
    def test_batch_norm_in_training_counts_its_batches(self, images, batches, device):
        bn = batch_norm(images, device)

        for _ in range(batches):
            bn(images.to(device))

        assert bn.num_batches_tracked.item() == batches

    @claim("3.4")
    @given(images=IMAGES)
    def test_batch_norm_in_training_does_not_look_at_its_running_statistics(self, images, device):
        x = images.to(device)
        fresh = nn.BatchNorm2d(images.shape[1], dtype=torch.float64, device=device)

        assert same_bits(batch_norm(images, device)(x), fresh(x))

    @claim("3.4")
    def test_batch_norm_in_training_updates_its_statistics_under_no_grad_too(self, device):
        bn = nn.BatchNorm2d(1).to(device)

        with torch.no_grad():
            bn(torch.tensor([10.0, 20.0], device=device).reshape(2, 1, 1, 1))

        assert bn.running_mean.item() == pytest.approx(1.5)

    @claim("3.5")
    @given(images=IMAGES)
    def test_batch_norm_in_evaluation_normalises_by_its_running_statistics(self, images, device):
        bn = batch_norm(images, device).eval()
        mean, var = channel(bn.running_mean), channel(bn.running_var)

        y = bn(images.to(device))

        assert within(y, normalised(as_array(images), mean, var), error(as_array(images), var))

    @claim("3.5")
    @given(images=IMAGES, batches=st.integers(1, 3))
    def test_batch_norm_in_evaluation_leaves_its_statistics_alone(self, images, batches, device):
        bn = batch_norm(images, device).eval()
        before = {name: as_array(buffer) for name, buffer in bn.named_buffers()}

        for _ in range(batches):
            bn(images.to(device))

        assert len(before) == 3
        assert all(same_bits(buffer, before[name]) for name, buffer in bn.named_buffers())

    @claim("3.5")
    @given(images=IMAGES)
    def test_an_images_result_in_evaluation_does_not_depend_on_its_batch(self, images, device):
        bn = batch_norm(images, device).eval()
        x = images.to(device)

        together, alone = as_array(bn(x)), as_array(bn(x[:1]))

        assert np.array_equal(together[:1], alone)


class TestEvalIsNoSwitchOff:
    """eval() does switch dropout off, but not batch norm."""

    @claim("3.6")
    @given(x=tensors((torch.float32,), NOT_EMPTY))
    def test_dropout_is_off_in_evaluation(self, x, device):
        assert same_bits(nn.Dropout(0.5).eval()(x.to(device)), x)

    @claim("3.6")
    @given(images=IMAGES)
    def test_a_batch_norm_in_evaluation_still_changes_its_input(self, images, device):
        y = batch_norm(images, device).eval()(images.to(device))

        # (x - 1) / sqrt(2) is x only at -1 - sqrt(2), which no float64 is.
        assert not np.any(as_array(y)[:, 0] == as_array(images)[:, 0])

    @claim("3.6")
    @given(images=IMAGES, weight=st.integers(2, 5), bias=st.integers(1, 5))
    def test_a_batch_norm_in_evaluation_still_scales_and_shifts(self, images, weight, bias, device):
        bn = batch_norm(images, device).eval()
        mean, var = channel(bn.running_mean), channel(bn.running_var)
        nn.init.constant_(bn.weight, weight)
        nn.init.constant_(bn.bias, bias)

        y = bn(images.to(device))

        x = as_array(images)
        expected = normalised(x, mean, var) * weight + bias
        assert within(y, expected, (weight + bias) * error(x, var))

    @claim("3.6")
    def test_batch_norms_that_saw_different_data_differ_in_evaluation(self, device):
        one, other = (nn.BatchNorm2d(1).to(device) for _ in range(2))
        x = torch.tensor([1.0, 2.0], device=device).reshape(2, 1, 1, 1)

        one(x)
        other(x + 100)

        assert not same_bits(one.eval()(x), other.eval()(x))
