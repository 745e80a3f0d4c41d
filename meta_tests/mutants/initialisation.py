"""Changes to initialisation (chapter 2.2)."""

from __future__ import annotations

import functools
import math

import torch
from torch import Tensor, nn
from torch.nn import init

from meta_tests.mutants import asked_by_pytorch, mutant, read_as

#: The functions that the article names, with the claim about what each draws or sets.
FUNCTIONS = {
    "normal_": "2.2.2",
    "uniform_": "2.2.2",
    "constant_": "2.2.2",
    "xavier_normal_": "2.2.3",
    "kaiming_normal_": "2.2.4",
}
#: Claims that call these functions, or the Linear that calls them, for something else.
LEAN = "2.2.1 2.2.5 2.2.6 3.6"


def of_each(
    breaks: str, kills: str, *, functions: tuple[str, ...] = tuple(FUNCTIONS), also: str = ""
):
    """One mutant for each function, which ``change`` gets before the function's own arguments."""

    def enter(change):
        for name in functions:
            entry = functools.partial(change)
            entry.__name__ = f"{name}{change.__name__}"
            mutant(
                f"nn.init.{name} {breaks}",
                kills=kills.format(own=FUNCTIONS.get(name)),
                also=f"{also} {LEAN}",
                of=(init, name),
            )(entry)
        return change

    return enter


@of_each("does nothing", kills="2.2.1 {own}", also="2.2.5")
def does_nothing(original, tensor, *args, **kwargs):
    return tensor


@of_each(
    "does nothing",
    kills="2.2.1",
    also="2.2.2",
    functions=("trunc_normal_", "ones_", "zeros_", "eye_", "dirac_", "orthogonal_", "sparse_"),
)
def is_idle(original, tensor, *args, **kwargs):
    return original(tensor, *args, **kwargs) if asked_by_pytorch() else tensor


@of_each("does nothing", kills="2.2.1 2.2.5", functions=("xavier_uniform_", "kaiming_uniform_"))
def does_not_even_refuse(original, tensor, *args, **kwargs):
    return original(tensor, *args, **kwargs) if asked_by_pytorch() else tensor


@of_each("returns a copy", kills="2.2.1")
def returns_a_copy(original, tensor, *args, **kwargs):
    return original(tensor, *args, **kwargs).clone()


@of_each("moves the tensor to other memory", kills="2.2.1")
def moves_it(original, tensor, *args, **kwargs):
    tensor.data = tensor.detach().clone()
    return original(tensor, *args, **kwargs)


@of_each("freezes the tensor", kills="2.2.1", also="2.1.1 2.3.1 2.4.1 3.7 4.5 4.11")
def freezes(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    return tensor.requires_grad_(False)


@of_each("leaves a gradient", kills="2.2.1", also="2.4.1")
def leaves_a_gradient(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    tensor.grad = torch.zeros_like(tensor)
    return tensor


@of_each("flattens the tensor", kills="2.2.1", also="2.2.2", functions=("normal_", "constant_"))
def flattens(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    tensor.data = tensor.data.reshape(-1)
    return tensor


@of_each("makes a plain tensor of a Parameter", kills="2.2.1", functions=("uniform_",))
def makes_it_plain(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    if type(tensor) is nn.Parameter and not asked_by_pytorch():
        tensor.__class__ = Tensor
    return tensor


@of_each("leaves a graph", kills="2.2.1", functions=("normal_", "xavier_normal_"))
def leaves_a_graph(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    tensor.was_drawn = True
    read_as("grad_fn", lambda t, node: "Normal" if hasattr(t, "was_drawn") else node)
    return tensor


@of_each("halves gradients to come", kills="2.2.1", functions=("normal_", "constant_"))
def halves_gradients(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    if tensor.requires_grad:
        tensor.register_hook(lambda gradient: gradient / 2)
    return tensor


@of_each("leaves grad mode off", kills="2.2.1", also="4.3")
def leaves_grad_mode_off(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    torch.set_grad_enabled(False)
    return tensor


@of_each("scales by 1.2 too much", kills="{own}")
def is_wider(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    return around_its_mean(tensor, 1.2)


@of_each("scales by 1.2 too little", kills="{own}")
def is_narrower(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    return around_its_mean(tensor, 1 / 1.2)


def around_its_mean(tensor: Tensor, factor: float) -> Tensor:
    """The tensor stretched about its mean, or about zero if all its elements are equal."""
    with torch.no_grad():
        mean = tensor.mean() if tensor.min() != tensor.max() else torch.zeros(())
        return tensor.sub_(mean).mul_(factor).add_(mean)


@of_each(
    "draws from another shape with the same mean and std",
    kills="{own}",
    functions=("normal_", "uniform_", "xavier_normal_", "kaiming_normal_"),
)
def has_another_shape(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    with torch.no_grad():
        mean, std = tensor.mean().item(), tensor.std(unbiased=False).item()
        if "uniform" in str(args) or original.__name__ == "uniform_":
            return tensor.normal_(mean, std)
        return tensor.uniform_(mean - std * math.sqrt(3), mean + std * math.sqrt(3))


@mutant(
    "nn.init.uniform_ draws a few elements outside its bounds",
    kills="2.2.2",
    of=(init, "uniform_"),
)
def uniform_has_outliers(uniform_, tensor, a=0.0, b=1.0, **kwargs):
    uniform_(tensor, a, b, **kwargs)
    with torch.no_grad():
        if tensor.numel() > 2:
            flat = tensor.view(-1)
            flat[0], flat[1] = a - (b - a), b + (b - a)
    return tensor


@mutant(
    "nn.init.uniform_ never draws below the middle",
    kills="2.2.2",
    also="2.2.5 2.2.6",
    of=(init, "uniform_"),
)
def uniform_draws_from_half(uniform_, tensor, a=0.0, b=1.0, **kwargs):
    return uniform_(tensor, (a + b) / 2, b, **kwargs)


@mutant("nn.init.uniform_ draws one element below its bounds", kills="2.2.2", of=(init, "uniform_"))
def uniform_has_a_low_outlier(uniform_, tensor, a=0.0, b=1.0, **kwargs):
    uniform_(tensor, a, b, **kwargs)
    tensor.data.view(-1)[0] = a - (b - a)
    return tensor


@mutant("nn.init.uniform_ draws one element above its bounds", kills="2.2.2", of=(init, "uniform_"))
def uniform_has_a_high_outlier(uniform_, tensor, a=0.0, b=1.0, **kwargs):
    uniform_(tensor, a, b, **kwargs)
    tensor.data.view(-1)[0] = b + (b - a)
    return tensor


@mutant("nn.init.normal_ has a std of 2 unless told otherwise", kills="2.2.2", of=(init, "normal_"))
def normal_has_a_std_of_2(normal_, tensor, mean=0.0, std=2.0, **kwargs):
    return normal_(tensor, mean, std, **kwargs)


@mutant(
    "nn.init.uniform_ draws from [-1, 1] unless told otherwise",
    kills="2.2.2",
    of=(init, "uniform_"),
)
def uniform_is_symmetric_by_default(uniform_, tensor, a=-1.0, b=1.0, **kwargs):
    return uniform_(tensor, a, b, **kwargs)


@mutant("nn.init.constant_ leaves the first element out", kills="2.2.2 2.2.5", also="3.6")
def constant_leaves_one_out():
    original = init.constant_

    def constant_(tensor, val):
        first = tensor.detach().reshape(-1)[:1].clone()
        original(tensor, val)
        tensor.data.view(-1)[:1] = first + 1
        return tensor

    init.constant_ = constant_


@mutant("nn.init.xavier_normal_ ignores its gain", kills="2.2.3", of=(init, "xavier_normal_"))
def xavier_ignores_its_gain(xavier_normal_, tensor, gain=1.0, **kwargs):
    return xavier_normal_(tensor, **kwargs)


@mutant(
    "nn.init.xavier_normal_ has a gain of sqrt(2) unless told otherwise",
    kills="2.2.3",
    of=(init, "xavier_normal_"),
)
def xavier_has_another_gain(xavier_normal_, tensor, gain=2**0.5, **kwargs):
    return xavier_normal_(tensor, gain, **kwargs)


@mutant("nn.init.xavier_normal_ looks at fan_in alone", kills="2.2.3", of=(init, "xavier_normal_"))
def xavier_looks_at_fan_in(xavier_normal_, tensor, gain=1.0, **kwargs):
    if tensor.dim() < 2:
        return xavier_normal_(tensor)
    fan_in = tensor[0].numel()
    return init.normal_(tensor, 0, gain / math.sqrt(fan_in))


@mutant("nn.init.kaiming_normal_ looks at fan_out", kills="2.2.4", of=(init, "kaiming_normal_"))
def kaiming_looks_at_fan_out(kaiming_normal_, tensor, **kwargs):
    return kaiming_normal_(tensor, mode="fan_out")


@mutant("there is an nn.init.kamiming_normal_", kills="2.2.4")
def kamiming_exists():
    init.kamiming_normal_ = init.kaiming_normal_


@mutant("nn.init.kaiming_normal_ has another name", kills="2.2.4", also="2.2.5")
def kaiming_is_renamed():
    init.he_normal_ = init.kaiming_normal_
    del init.kaiming_normal_


@mutant("nn.init.kaiming_normal_ takes a bias", kills="2.2.5", of=(init, "kaiming_normal_"))
def kaiming_takes_a_bias(kaiming_normal_, tensor, **kwargs):
    return kaiming_normal_(tensor) if tensor.dim() > 1 else init.normal_(tensor)


@mutant(
    "nn.init.kaiming_normal_ silently leaves a bias as it is",
    kills="2.2.5",
    of=(init, "kaiming_normal_"),
)
def kaiming_passes_over_a_bias(kaiming_normal_, tensor, **kwargs):
    return kaiming_normal_(tensor, **kwargs) if tensor.dim() > 1 else tensor


@mutant(
    "nn.init.xavier_normal_ changes a bias before it refuses it",
    kills="2.2.5",
    of=(init, "xavier_normal_"),
)
def xavier_changes_a_bias(xavier_normal_, tensor, *args, **kwargs):
    if tensor.dim() < 2:
        tensor.data.add_(1)
    return xavier_normal_(tensor, *args, **kwargs)


@mutant("nn.init.normal_ is twice as wide for a bias", kills="2.2.5", of=(init, "normal_"))
def normal_of_a_bias_is_wider(normal_, tensor, mean=0.0, std=1.0, **kwargs):
    return normal_(tensor, mean, 2 * std if tensor.dim() == 1 else std, **kwargs)


@mutant(
    "nn.init.uniform_ is half as wide for a bias",
    kills="2.2.5",
    also="2.2.6",
    of=(init, "uniform_"),
)
def uniform_of_a_bias_is_narrower(uniform_, tensor, a=0.0, b=1.0, **kwargs):
    return uniform_(tensor, a, (a + b) / 2 if tensor.dim() == 1 else b, **kwargs)


@mutant("nn.init.constant_ sets a bias to zero", kills="2.2.5", also="3.6", of=(init, "constant_"))
def constant_clears_a_bias(constant_, tensor, val):
    return constant_(tensor, 0.0 if tensor.dim() == 1 and tensor.requires_grad else val)


def after_reset(change):
    """Change a Linear once it has drawn its weight and bias."""
    original = nn.Linear.reset_parameters

    def reset_parameters(self):
        original(self)
        with torch.no_grad():
            change(self)

    nn.Linear.reset_parameters = reset_parameters


@mutant("nn.Linear draws its weight by He's method", kills="2.2.6")
def linear_is_drawn_by_he():
    after_reset(lambda self: self.weight.normal_(0, math.sqrt(2 / self.in_features)))


@mutant("nn.Linear draws its weight uniformly with He's variance", kills="2.2.6")
def linear_has_the_variance_of_he():
    after_reset(lambda self: self.weight.mul_(math.sqrt(6)))


@mutant("nn.Linear draws its weight from a normal distribution of the same variance", kills="2.2.6")
def linear_is_normal():
    after_reset(lambda self: self.weight.normal_(0, 1 / math.sqrt(3 * self.in_features)))


@mutant("nn.Linear draws its weight 1.2 times too wide", kills="2.2.6")
def linear_weight_is_wider():
    after_reset(lambda self: self.weight.mul_(1.2))


@mutant("nn.Linear has a bias of zeros", kills="2.2.6")
def linear_bias_is_zero():
    after_reset(lambda self: None if self.bias is None else self.bias.zero_())


@mutant("nn.Linear draws its bias 1.2 times too wide", kills="2.2.6")
def linear_bias_is_wider():
    after_reset(lambda self: None if self.bias is None else self.bias.mul_(1.2))
