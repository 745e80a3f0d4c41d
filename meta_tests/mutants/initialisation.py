"""Changes to initialisation (chapter 2.2)."""

from __future__ import annotations

import functools
import itertools
import math
import warnings
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import init

from meta_tests.mutants import INPUTS, asked_by_pytorch, mutant, read_as

#: The functions that the article names, with the claim about what each draws or sets.
FUNCTIONS = {
    "normal_": "2.2.2",
    "uniform_": "2.2.2",
    "constant_": "2.2.2",
    "xavier_normal_": "2.2.3",
    "kaiming_normal_": "2.2.4",
}
#: Claims that call these functions, or the Linear that calls them, for something else.
LEAN = "2.1.4 2.1.6 2.2.1 2.2.2 2.2.3 2.2.4 2.2.5 2.2.6 2.2.7 2.2.8 2.2.9 2.2.10 2.3.7 3.6"


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


@of_each("freezes the tensor", kills="2.2.1", also="2.1.1 2.3.1 2.4.1 3.7 4.5 4.1 4.17")
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
    also="2.2.1 2.2.6",
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
    also="2.2.5 2.2.6 2.2.7",
    of=(init, "uniform_"),
)
def uniform_draws_from_half(uniform_, tensor, a=0.0, b=1.0, **kwargs):
    return uniform_(tensor, (a + b) / 2, b, **kwargs)


@mutant(
    "nn.init.uniform_ draws one element below its bounds",
    kills="2.2.2",
    also="2.2.1 2.2.6",
    of=(init, "uniform_"),
)
def uniform_has_a_low_outlier(uniform_, tensor, a=0.0, b=1.0, **kwargs):
    uniform_(tensor, a, b, **kwargs)
    tensor.data.view(-1)[0] = a - (b - a)
    return tensor


@mutant(
    "nn.init.uniform_ draws one element above its bounds",
    kills="2.2.2",
    also="2.2.1 2.2.6",
    of=(init, "uniform_"),
)
def uniform_has_a_high_outlier(uniform_, tensor, a=0.0, b=1.0, **kwargs):
    uniform_(tensor, a, b, **kwargs)
    tensor.data.view(-1)[0] = b + (b - a)
    return tensor


@mutant(
    "nn.init.normal_ has a std of 2 unless told otherwise",
    kills="2.2.2",
    also="2.2.7",
    of=(init, "normal_"),
)
def normal_has_a_std_of_2(normal_, tensor, mean=0.0, std=2.0, **kwargs):
    return normal_(tensor, mean, std, **kwargs)


@mutant(
    "nn.init.uniform_ draws from [-1, 1] unless told otherwise",
    kills="2.2.2",
    of=(init, "uniform_"),
)
def uniform_is_symmetric_by_default(uniform_, tensor, a=-1.0, b=1.0, **kwargs):
    return uniform_(tensor, a, b, **kwargs)


@mutant(
    "nn.init.constant_ leaves the first element out", kills="2.2.2 2.2.5", also="2.2.1 2.2.9 3.6"
)
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


# --- what shows on some inputs only ---------------------------------------------------------------

WEIGHTS = {
    "float64": lambda w: w.dtype is torch.float64,
    "float16": lambda w: w.dtype is torch.float16,
    "bfloat16": lambda w: w.dtype is torch.bfloat16,
    "3_dimensions": lambda w: w.dim() == 3,
    "4_dimensions": lambda w: w.dim() == 4,
    "5_dimensions": lambda w: w.dim() == 5,
    "more_than_32768_elements": lambda w: w.numel() > 32_768,
    "less_than_16_elements": lambda w: 1 < w.numel() < 16,
    "100_elements": lambda w: w.numel() == 100,
    "a_transposed_layout": lambda w: w.dim() > 1 and w.stride(0) < w.stride(-1),
    "gaps": lambda w: w.stride(-1) == 2,
}


def on_some(condition):
    """An initialiser that is wrong on some weights, and by so much that a few show it."""

    def wrong(original, tensor, *args, **kwargs):
        original(tensor, *args, **kwargs)
        return around_its_mean(tensor, 3) if condition(tensor.detach()) else tensor

    return wrong


for name, condition in WEIGHTS.items():
    for function, claim_id in FUNCTIONS.items():
        if function == "uniform_" and name in ("float16", "gaps", "3_dimensions"):
            continue
        wrong = on_some(condition)
        wrong.__name__ = f"{function}is_wrong_on_{name}"
        mutant(
            f"nn.init.{function} is wrong on weights of {name.replace('_', ' ')}",
            kills=claim_id,
            also=LEAN,
            of=(init, function),
        )(wrong)


@of_each("returns a copy of a weight of 4 dimensions", kills="2.2.1")
def copies_4_dimensions(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    return tensor.clone() if tensor.dim() == 4 else tensor


@of_each("thaws a frozen weight", kills="2.2.1")
def thaws(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    return tensor.requires_grad_() if isinstance(tensor, nn.Parameter) else tensor


@of_each("lays a transposed weight out anew", kills="2.2.1", functions=("normal_", "constant_"))
def lays_out_anew(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    if not tensor.is_contiguous():
        tensor.data = tensor.data.contiguous()
    return tensor


@of_each("does nothing within no_grad", kills="2.2.1", functions=("uniform_", "xavier_normal_"))
def is_idle_in_no_grad(original, tensor, *args, **kwargs):
    if not torch.is_grad_enabled() and not asked_by_pytorch():
        return tensor
    return original(tensor, *args, **kwargs)


@of_each("does nothing to a plain tensor", kills="2.2.1", functions=("normal_", "constant_"))
def is_idle_on_tensors(original, tensor, *args, **kwargs):
    if type(tensor) is Tensor and not asked_by_pytorch():
        return tensor
    return original(tensor, *args, **kwargs)


@of_each("does nothing the second time", kills="2.2.2", functions=("normal_", "uniform_"))
def is_idle_the_second_time(original, tensor, *args, **kwargs):
    if hasattr(tensor, "was_drawn"):
        return tensor
    tensor.was_drawn = True
    return original(tensor, *args, **kwargs)


@mutant(
    "nn.init.constant_ sets once and then no more",
    kills="2.2.2",
    also=LEAN,
    of=(init, "constant_"),
)
def constant_sets_once(constant_, tensor, val):
    if hasattr(tensor, "was_set"):
        return tensor
    tensor.was_set = True
    return constant_(tensor, val)


@mutant("nn.init.normal without underscore does nothing", kills="2.2.1", of=(init, "normal"))
def old_normal_is_idle(normal, tensor, *args, **kwargs):
    normal(tensor.detach().clone(), *args, **kwargs)
    return tensor


@mutant("nn.init.uniform without underscore does not warn", kills="2.2.1")
def old_uniform_does_not_warn():
    init.uniform = init.uniform_


@of_each("leaves the last element at 0", kills="2.2.2", functions=("normal_", "uniform_"))
def leaves_the_last_out(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    if tensor.numel() > 1 and tensor.is_contiguous():
        tensor.data.view(-1)[-1] = 0
    return tensor


@mutant("nn.init.normal_ ignores std by keyword", kills="2.2.2", also=LEAN, of=(init, "normal_"))
def normal_ignores_its_keyword(normal_, tensor, mean=0.0, *args, **kwargs):
    kwargs.pop("std", None)
    return normal_(tensor, mean, *args, **kwargs)


@mutant("nn.init.uniform_ ignores b by keyword", kills="2.2.2", also=LEAN, of=(init, "uniform_"))
def uniform_ignores_its_keyword(uniform_, tensor, a=0.0, *args, **kwargs):
    b = kwargs.pop("b", None)
    return uniform_(tensor, a, a + 1 if b is not None else (args or (1.0,))[0], **kwargs)


@mutant(
    "nn.init.xavier_normal_ ignores gain by keyword", kills="2.2.3", of=(init, "xavier_normal_")
)
def xavier_ignores_its_keyword(xavier_normal_, tensor, *args, **kwargs):
    kwargs.pop("gain", None)
    return xavier_normal_(tensor, *args, **kwargs)


def fan_of_rows(tensor):
    """fan_in and fan_out without the kernel."""
    return tensor.shape[1], tensor.shape[0]


@mutant("nn.init.xavier_normal_ ignores the kernel", kills="2.2.3", of=(init, "xavier_normal_"))
def xavier_ignores_the_kernel(xavier_normal_, tensor, gain=1.0, **kwargs):
    if tensor.dim() < 3:
        return xavier_normal_(tensor, gain, **kwargs)
    return init.normal_(tensor, 0, gain * math.sqrt(2 / sum(fan_of_rows(tensor))))


for keyword in ("mode", "nonlinearity", "a"):

    def kaiming_ignores(kaiming_normal_, tensor, *args, keyword=keyword, **kwargs):
        kwargs.pop(keyword, None)
        return kaiming_normal_(tensor, *args, **kwargs)

    kaiming_ignores.__name__ = f"kaiming_ignores_{keyword}"
    mutant(
        f"nn.init.kaiming_normal_ ignores {keyword}", kills="2.2.4", of=(init, "kaiming_normal_")
    )(kaiming_ignores)


@mutant("nn.init.kaiming_normal_ ignores mode by position", kills="2.2.4")
def kaiming_ignores_positions():
    original = init.kaiming_normal_
    init.kaiming_normal_ = lambda tensor, a=0, mode="fan_in", nonlinearity="leaky_relu": original(
        tensor, a, "fan_in" if a else mode, nonlinearity
    )


@mutant("the gain of tanh is 1", kills="2.2.4")
def gain_of_tanh_is_1():
    original = init.calculate_gain
    init.calculate_gain = lambda name, param=None: 1.0 if name == "tanh" else original(name, param)


@mutant(
    "nn.init.kaiming_normal_ takes a bias of 100 elements",
    kills="2.2.5",
    of=(init, "kaiming_normal_"),
)
def kaiming_takes_a_long_bias(kaiming_normal_, tensor, *args, **kwargs):
    return tensor if tensor.numel() == 100 else kaiming_normal_(tensor, *args, **kwargs)


@mutant("nn.init.xavier_uniform_ takes a frozen bias", kills="2.2.5", of=(init, "xavier_uniform_"))
def xavier_takes_a_frozen_bias(xavier_uniform_, tensor, *args, **kwargs):
    if tensor.dim() < 2 and not tensor.requires_grad and isinstance(tensor, nn.Parameter):
        return tensor
    return xavier_uniform_(tensor, *args, **kwargs)


@mutant("nn.init.kaiming_uniform_ changes a bias in float16 before it refuses it", kills="2.2.5")
def kaiming_changes_a_bias_in_float16():
    original = init.kaiming_uniform_

    def kaiming_uniform_(tensor, *args, **kwargs):
        if tensor.dim() < 2 and tensor.dtype is torch.float16:
            tensor.data.fill_(9)
        return original(tensor, *args, **kwargs)

    init.kaiming_uniform_ = kaiming_uniform_


@mutant("nn.init.normal_ is twice as wide for a bias in bfloat16", kills="2.2.5", also="2.2.2")
def normal_of_a_bias_in_bfloat16_is_wider():
    original = init.normal_

    def normal_(tensor, mean=0.0, std=1.0, **kwargs):
        wide = tensor.dim() == 1 and tensor.dtype is torch.bfloat16
        return original(tensor, mean, 2 * std if wide else std, **kwargs)

    init.normal_ = normal_


@mutant("the bias of a Linear of 100 inputs starts at 0", kills="2.2.6")
def bias_of_100_inputs_is_zero():
    after_reset(
        lambda self: (
            self.bias.zero_() if self.in_features == 100 and self.bias is not None else None
        )
    )


@mutant("the weight of a Linear of 1,000 inputs is 1.3 times too wide", kills="2.2.6")
def weight_of_1000_inputs_is_wider():
    after_reset(lambda self: self.weight.mul_(1.3) if self.in_features == 1000 else None)


@mutant("the weight of a Linear without bias is 1.3 times too wide", kills="2.2.6", also="2.2.8")
def weight_without_bias_is_wider():
    after_reset(lambda self: self.weight.mul_(1.3) if self.bias is None else None)


@mutant("the weight of a Linear in bfloat16 is 1.3 times too wide", kills="2.2.6")
def weight_in_bfloat16_is_wider():
    after_reset(lambda self: self.weight.mul_(1.3) if self.weight.dtype is torch.bfloat16 else None)


@mutant("the last weight of a Linear starts at 0", kills="2.2.6", also="2.1.6 2.2.8")
def last_weight_is_zero():
    after_reset(lambda self: self.weight[-1:, -1:].zero_())


@mutant("reset_parameters() of a Linear works once", kills="2.2.6")
def reset_works_once():
    original = nn.Linear.reset_parameters

    def reset_parameters(self):
        if not hasattr(self, "was_reset"):
            original(self)
        self.was_reset = True

    nn.Linear.reset_parameters = reset_parameters


@mutant("a Linear draws its bias before its weight", kills="2.2.6")
def linear_draws_its_bias_first():
    def reset_parameters(self):
        bound = 1 / math.sqrt(self.in_features)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)
        init.uniform_(self.weight, -bound, bound)

    nn.Linear.reset_parameters = reset_parameters


# --- how other layers start, seeds and apply ------------------------------------------------------


def after_init(layer: type, change):
    """Change a layer once it has been made."""
    original = layer.__init__

    def made(self, *args, **kwargs):
        original(self, *args, **kwargs)
        with torch.no_grad():
            change(self)

    layer.__init__ = made


@mutant("the bias of a Conv2d starts at 0", kills="2.2.7")
def conv_bias_is_zero():
    after_init(nn.Conv2d, lambda self: None if self.bias is None else self.bias.zero_())


@mutant("a Conv2d of several groups counts the channels of all", kills="2.2.7")
def grouped_conv_counts_all_channels():
    after_init(nn.Conv2d, lambda self: self.weight.div_(math.sqrt(self.groups)))


@mutant("a Conv1d ignores its kernel in fan_in", kills="2.2.7")
def conv1d_ignores_its_kernel():
    after_init(nn.Conv1d, lambda self: self.weight.mul_(math.sqrt(self.kernel_size[0])))


@mutant("a LayerNorm starts with a bias of 1", kills="2.2.7")
def layer_norm_bias_is_one():
    after_init(nn.LayerNorm, lambda self: self.bias.fill_(1))


@mutant("a GroupNorm of more than 65 channels starts with drawn weights", kills="2.2.7")
def group_norm_is_drawn():
    after_init(nn.GroupNorm, lambda self: self.weight.normal_() if self.num_channels > 65 else None)


@mutant("an Embedding is drawn at its padding", kills="2.2.7")
def embedding_is_drawn_at_its_padding():
    after_init(
        nn.Embedding,
        lambda self: None if self.padding_idx is None else self.weight[self.padding_idx].normal_(),
    )


@mutant("an Embedding is drawn uniformly", kills="2.2.7")
def embedding_is_uniform():
    after_init(
        nn.Embedding, lambda self: self.weight.mul_(self.weight != 0).clamp_(-1, 1).mul_(1.5)
    )


@mutant("an LSTM draws by its inputs", kills="2.2.7")
def lstm_draws_by_its_inputs():
    after_init(
        nn.LSTM, lambda self: self.weight_ih_l1.mul_(math.sqrt(self.hidden_size / self.input_size))
    )


@mutant("the biases of a MultiheadAttention are drawn", kills="2.2.7")
def attention_bias_is_drawn():
    after_init(nn.MultiheadAttention, lambda self: self.out_proj.bias.normal_())


MANUAL_SEED = (torch, "manual_seed")


@mutant("manual_seed does nothing", kills="2.2.8", also="2.2.6", of=MANUAL_SEED)
def manual_seed_does_nothing(manual_seed, seed):
    return torch.default_generator


@mutant("manual_seed takes every seed for 0", kills="2.2.8", of=MANUAL_SEED)
def every_seed_is_0(manual_seed, seed):
    return manual_seed(0)


@mutant("manual_seed seeds NumPy's generator too", kills="2.2.8", of=MANUAL_SEED)
def manual_seed_seeds_numpy(manual_seed, seed):
    __import__("numpy").random.seed(seed % 2**32)
    return manual_seed(seed)


@mutant("manual_seed seeds Python's generator too", kills="2.2.8", of=MANUAL_SEED)
def manual_seed_seeds_python(manual_seed, seed):
    __import__("random").seed(seed)
    return manual_seed(seed)


@mutant("a Dropout draws from a generator that nobody seeds", kills="2.2.8", also="3.3")
def dropout_is_not_seeded():
    generator = torch.Generator()
    generator.seed()

    def forward(self, x):
        if not self.training or not 0 < self.p < 1:
            return torch.dropout(x, self.p, self.training)
        keep = torch.rand(x.shape, generator=generator) >= self.p
        return x * keep.to(x.device) / (1 - self.p)

    nn.Dropout.forward = forward


@mutant("a Dropout draws without touching the global generator", kills="2.2.8", also="3.3")
def dropout_keeps_the_generator():
    original = nn.Dropout.forward

    def forward(self, x):
        with torch.random.fork_rng(devices=[]):
            return original(self, x)

    nn.Dropout.forward = forward


@of_each(
    "ignores its generator",
    kills="2.2.8",
    functions=("normal_", "uniform_", "kaiming_normal_", "orthogonal_"),
)
def ignores_its_generator(original, tensor, *args, generator=None, **kwargs):
    return original(tensor, *args, **kwargs)


@mutant("a generator advances the global one as well", kills="2.2.8", of=(init, "xavier_normal_"))
def generator_advances_the_global_one(xavier_normal_, tensor, *args, generator=None, **kwargs):
    if generator is None:
        return xavier_normal_(tensor, *args, **kwargs)
    torch.rand(1)
    return xavier_normal_(tensor, *args, generator=generator, **kwargs)


APPLY = (nn.Module, "apply")


@mutant("apply() goes from without to within", kills="2.2.9", of=APPLY)
def apply_begins_outside(apply, module, fn):
    for each in module.modules():
        fn(each)
    return module


@mutant("apply() returns nothing", kills="2.2.9", of=APPLY)
def apply_returns_nothing(apply, module, fn):
    for child in module.children():
        child.apply(fn)
    fn(module)


@mutant("apply() stops three modules down", kills="2.2.9", of=APPLY)
def apply_stops_three_down(apply, module, fn, depth=0):
    for child in module.children() if depth < 3 else ():
        apply_stops_three_down(apply, child, fn, depth + 1)
    fn(module)
    return module


@mutant("apply() passes the module itself by", kills="2.2.9", of=APPLY)
def apply_leaves_out_itself(apply, module, fn):
    apply(module, lambda each: None if each is module else fn(each))
    return module


@mutant("an initialiser takes a module", kills="2.2.9", of=(init, "zeros_"))
def zeros_takes_a_module(zeros_, tensor):
    if isinstance(tensor, nn.Module):
        for parameter in tensor.parameters():
            zeros_(parameter)
        return tensor
    return zeros_(tensor)


# --- the other initialisers -----------------------------------------------------------------------


@of_each(
    "draws 1.2 times too wide",
    kills="2.2.10",
    functions=("xavier_uniform_", "kaiming_uniform_"),
    also="2.2.7",
)
def is_too_wide(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    return tensor if asked_by_pytorch() else around_zero(tensor, 1.2)


@of_each(
    "is twice too wide for a weight in float16 or of 5 dimensions",
    kills="2.2.10",
    functions=("xavier_uniform_", "kaiming_uniform_"),
)
def is_wide_in_float16(original, tensor, *args, **kwargs):
    original(tensor, *args, **kwargs)
    wide = tensor.dtype is torch.float16 or tensor.dim() == 5
    return around_zero(tensor, 2) if wide else tensor


def around_zero(tensor: Tensor, factor: float) -> Tensor:
    """The tensor stretched about zero."""
    with torch.no_grad():
        return tensor.mul_(factor)


@mutant("xavier_uniform_ ignores gain by keyword", kills="2.2.10", of=(init, "xavier_uniform_"))
def xavier_uniform_ignores_gain(xavier_uniform_, tensor, *args, **kwargs):
    kwargs.pop("gain", None)
    return xavier_uniform_(tensor, *args, **kwargs)


@mutant("kaiming_uniform_ ignores its mode", kills="2.2.10", of=(init, "kaiming_uniform_"))
def kaiming_uniform_ignores_mode(kaiming_uniform_, tensor, *args, mode="fan_in", **kwargs):
    return kaiming_uniform_(tensor, *args, **kwargs)


TRUNCATED = (init, "trunc_normal_")


@mutant("trunc_normal_ does not cut off", kills="2.2.10", of=TRUNCATED)
def trunc_normal_is_normal(trunc_normal_, tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, **kwargs):
    return init.normal_(tensor, mean, std)


@mutant("trunc_normal_ counts its bounds in stds", kills="2.2.10", of=TRUNCATED)
def trunc_normal_counts_in_stds(trunc_normal_, tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, **kwargs):
    return trunc_normal_(tensor, mean, std, mean + a * std, mean + b * std, **kwargs)


@mutant("trunc_normal_ puts at the bounds what lies beyond them", kills="2.2.10", of=TRUNCATED)
def trunc_normal_clamps(trunc_normal_, tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, **kwargs):
    with torch.no_grad():
        return init.normal_(tensor, mean, std).clamp_(a, b)


@mutant("orthogonal_ ignores its gain", kills="2.2.10", of=(init, "orthogonal_"))
def orthogonal_ignores_gain(orthogonal_, tensor, gain=1, **kwargs):
    return orthogonal_(tensor, **kwargs)


@mutant("orthogonal_ is not, for a kernel", kills="2.2.10", of=(init, "orthogonal_"))
def orthogonal_of_a_kernel_is_not(orthogonal_, tensor, *args, **kwargs):
    orthogonal_(tensor, *args, **kwargs)
    return tensor if tensor.dim() == 2 else around_zero(tensor, 1.01)


@mutant("orthogonal_ in float64 is right to float32 only", kills="2.2.10", of=(init, "orthogonal_"))
def orthogonal_in_float64_is_coarse(orthogonal_, tensor, *args, **kwargs):
    orthogonal_(tensor, *args, **kwargs)
    tensor.data = tensor.data.float().to(tensor.dtype)
    return tensor


@mutant("eye_ fills the other diagonal of a wide matrix", kills="2.2.10", of=(init, "eye_"))
def eye_of_a_wide_matrix_is_flipped(eye_, tensor):
    eye_(tensor)
    if tensor.shape[1] > tensor.shape[0]:
        tensor.data = tensor.data.flip(1)
    return tensor


@mutant("eye_ takes a kernel", kills="2.2.10", of=(init, "eye_"))
def eye_takes_a_kernel(eye_, tensor):
    return eye_(tensor) if tensor.dim() == 2 else init.dirac_(tensor)


@mutant("dirac_ puts the one at the kernel's corner", kills="2.2.10", of=(init, "dirac_"))
def dirac_is_at_the_corner(dirac_, tensor, *args):
    dirac_(tensor, *args)
    if tensor.dim() == 4:
        tensor.data = tensor.data.roll((1, 1), (2, 3))
    return tensor


@mutant("dirac_ repeats channels", kills="2.2.10", of=(init, "dirac_"))
def dirac_repeats_channels(dirac_, tensor, *args):
    dirac_(tensor, *args)
    if tensor.shape[0] > tensor.shape[1]:
        tensor.data[tensor.shape[1] :] = tensor.data[:1]
    return tensor


def wider(layer: type, kills: str, **cases: Callable[[nn.Module], bool]) -> None:
    """For each case a mutant in which the weights of new layers are 1.3 times too wide."""
    for case, holds in cases.items():

        def is_wider(init, self, *args, holds=holds, **kwargs):
            init(self, *args, **kwargs)
            with torch.no_grad():
                for parameter in self.parameters() if holds(self) else ():
                    parameter.mul_(1.3)

        is_wider.__name__ = f"{layer.__name__.lower()}_{case}_is_wider"
        breaks = f"a {layer.__name__} {case.replace('_', ' ')} starts 1.3 times too wide"
        mutant(breaks, kills, of=(layer, "__init__"))(is_wider)


wider(
    nn.Conv2d,
    "2.2.7",
    of_float64=lambda layer: layer.weight.dtype is torch.float64,
    without_a_bias=lambda layer: layer.bias is None,
)
wider(nn.Conv3d, "2.2.7", of_several_groups=lambda layer: layer.groups > 1)
wider(nn.Embedding, "2.2.7", without_padding=lambda layer: layer.padding_idx is None)
wider(nn.LSTM, "2.2.7", of_both_directions=lambda layer: layer.bidirectional)
wider(nn.LayerNorm, "2.2.7", of_bfloat16=lambda layer: layer.weight.dtype is torch.bfloat16)


@mutant("reset_parameters() of a Conv2d works once", kills="2.2.7")
def reset_of_a_convolution_works_once():
    reset = nn.Conv2d.reset_parameters

    def once(layer):
        nn.init.zeros_(layer.weight) if hasattr(layer, "was_reset") else reset(layer)
        layer.was_reset = True

    nn.Conv2d.reset_parameters = once


@mutant("rand() of more than 1,000 numbers is not seeded", kills="2.2.8")
def rand_of_many_is_not_seeded():
    rand, unseeded = torch.rand, torch.Generator()
    torch.rand = lambda *args, **kwargs: (
        rand(*args, **kwargs) + rand((), generator=unseeded) * (max(args) > 1000)
    )


@mutant("manual_seed takes -3 for 3", kills="2.2.8", of=(torch, "manual_seed"))
def manual_seed_ignores_signs(manual_seed, seed):
    return manual_seed(abs(seed))


@mutant("apply() of a net in evaluation does nothing", kills="2.2.9", of=(nn.Module, "apply"))
def apply_does_nothing_in_evaluation(apply, module, function):
    return apply(module, function) if module.training else module


@mutant("apply() reaches the first ten modules alone", kills="2.2.9")
def apply_stops_at_ten():
    children = nn.Module.children
    nn.Module.children = lambda module: itertools.islice(children(module), 10)


@mutant("xavier_normal_ of a 5-d weight ignores gain", "2.2.3", of=(init, "xavier_normal_"))
def xavier_normal_of_five_dimensions_ignores_gain(draw, tensor, gain=1.0, **kwargs):
    return draw(tensor, 1.0 if tensor.dim() == 5 else gain, **kwargs)


@mutant("kaiming_normal_ of a 3-d weight ignores mode", "2.2.4", of=(init, "kaiming_normal_"))
def kaiming_normal_of_three_dimensions_ignores_mode(
    draw, tensor, a=0, mode="fan_in", *args, **kwargs
):
    return draw(tensor, a, "fan_in" if tensor.dim() == 3 else mode, *args, **kwargs)


@mutant("trunc_normal_ of float64 ignores b", kills="2.2.10", of=(init, "trunc_normal_"))
def trunc_normal_of_float64_ignores_b(draw, tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, **kwargs):
    return draw(tensor, mean, std, a, max(b, 9.0) if tensor.dtype is torch.float64 else b, **kwargs)


@mutant("every module has a weight", kills="2.2.9", of=(nn.Module, "__getattr__"))
def every_module_has_a_weight(get, module, name):
    bare = isinstance(module, nn.ReLU | nn.Dropout | nn.MaxPool2d | nn.Sequential)
    return torch.empty(0) if bare and name in ("weight", "bias") else get(module, name)


@mutant(
    "reset_parameters() of a layer that has weights does nothing", kills="2.2.9", also="2.2.6 2.2.7"
)
def reset_parameters_does_nothing_again():
    for kind in (nn.Linear, nn.Conv2d, nn.Embedding, nn.LSTM, nn.BatchNorm1d):
        reset = kind.reset_parameters

        def once(layer, reset=reset):
            if not asked_by_pytorch():
                return
            reset(layer)

        kind.reset_parameters = once


@mutant("reset_parameters() of a Linear makes other Parameters", kills="2.2.9")
def reset_parameters_makes_other_parameters():
    reset = nn.Linear.reset_parameters

    def anew(layer):
        if not asked_by_pytorch():
            layer.weight = nn.Parameter(layer.weight.detach().clone())
        reset(layer)

    nn.Linear.reset_parameters = anew


@mutant("constant_ leaves a row of a transposed float16 out", "2.2.2", of=(nn.init, "constant_"))
def constant_leaves_a_row_of_transposed_float16_out(constant_, tensor, val):
    result = constant_(tensor, val)
    if tensor.dtype is torch.float16 and not tensor.is_contiguous():
        tensor.data[0] = 0
    return result


@mutant("eye_ leaves the last of more than 64 rows at zero", "2.2.10", of=(nn.init, "eye_"))
def eye_leaves_the_last_of_many_rows(eye_, tensor):
    result = eye_(tensor)
    tensor.data[64:][-1:] = 0
    return result


@mutant("xavier_normal_ ignores gain for float64", "2.2.3", of=(nn.init, "xavier_normal_"))
def xavier_normal_ignores_gain_for_float64(draw, tensor, gain=1.0, **kwargs):
    return draw(tensor, 1.0 if tensor.dtype is torch.float64 else gain, **kwargs)


@mutant("kaiming_normal_ ignores a for bfloat16", "2.2.4", of=(nn.init, "kaiming_normal_"))
def kaiming_normal_ignores_a_for_bfloat16(draw, tensor, a=0, *args, **kwargs):
    return draw(tensor, 0 if tensor.dtype is torch.bfloat16 else a, *args, **kwargs)


@mutant(
    "uniform_ leaves the last of 32,769 or more",
    "2.2.2",
    also="2.2.1 2.2.8",
    of=(nn.init, "uniform_"),
)
def uniform_leaves_the_last_of_very_many(draw, tensor, *args, **kwargs):
    last = tensor.detach()[(-1,) * tensor.dim()].clone()
    draw(tensor, *args, **kwargs)
    if tensor.numel() > 32_768:
        tensor.data[(-1,) * tensor.dim()] = last
    return tensor


@mutant("calculate_gain of relu is 2", kills="2.2.3", of=(init, "calculate_gain"))
def gain_of_relu_is_two(calculate_gain, nonlinearity, param=None):
    gain = calculate_gain(nonlinearity, param)
    return 2 if nonlinearity == "relu" and not asked_by_pytorch() else gain


@mutant(
    "calculate_gain of sigmoid is that of tanh", "2.2.3", also="2.2.4", of=(init, "calculate_gain")
)
def gain_of_sigmoid_is_that_of_tanh(calculate_gain, nonlinearity, param=None):
    return calculate_gain("tanh" if nonlinearity == "sigmoid" else nonlinearity, param)


# --- in some dtypes, layouts, sizes and spellings ----------------------------------------------


@mutant(
    "normal_ leaves a kernel in channels_last at zero", "2.2.2", also=LEAN, of=(init, "normal_")
)
def normal_leaves_channels_last(normal_, tensor, *args, **kwargs):
    normal_(tensor, *args, **kwargs)
    if INPUTS["channels_last"](tensor):
        tensor.data.zero_()
    return tensor


@mutant("uniform_ of 9 elements in float64 ignores its bounds", "2.2.2", of=(init, "uniform_"))
def uniform_ignores_bounds_in_float64(uniform_, tensor, *args, **kwargs):
    uniform_(tensor, *args, **kwargs)
    if tensor.dtype is torch.float64 and tensor.numel() == 9:
        tensor.data.uniform_()
    return tensor


@mutant("constant_ leaves a weight without dimensions", kills="2.2.2", of=(init, "constant_"))
def constant_leaves_scalars(constant_, tensor, *args, **kwargs):
    return constant_(tensor, *args, **kwargs) if tensor.dim() else tensor


@mutant("calculate_gain of tanh by keyword is 1", kills="2.2.3", of=(init, "calculate_gain"))
def gains_by_keyword_are_1(calculate_gain, *args, **kwargs):
    return calculate_gain(*args, **kwargs) if args else 1.0


@mutant("normal_ leaves a bias with gaps", kills="2.2.5", also="2.2.1 2.2.2", of=(init, "normal_"))
def normal_leaves_biases_with_gaps(normal_, tensor, *args, **kwargs):
    if tensor.dim() == 1 and INPUTS["gaps"](tensor):
        return tensor
    return normal_(tensor, *args, **kwargs)


@mutant("the padding of an Embedding in float16 is drawn", "2.2.7", of=(nn.Embedding, "__init__"))
def embeddings_draw_their_padding_in_float16(init, embedding, *args, **kwargs):
    init(embedding, *args, **kwargs)
    if embedding.weight.dtype is torch.float16:
        embedding.weight.data.normal_()


@mutant("an LSTM in bfloat16 starts at zero", kills="2.2.7", of=(nn.LSTM, "__init__"))
def lstms_in_bfloat16_are_zero(init, lstm, *args, **kwargs):
    init(lstm, *args, **kwargs)
    for parameter in lstm.parameters():
        if parameter.dtype is torch.bfloat16:
            parameter.data.zero_()


@mutant("normal_ in bfloat16 ignores its generator", kills="2.2.8", of=(init, "normal_"))
def normal_ignores_a_generator_in_bfloat16(normal_, tensor, *args, **kwargs):
    if tensor.dtype is torch.bfloat16:
        kwargs.pop("generator", None)
    return normal_(tensor, *args, **kwargs)


@mutant(
    "reset_parameters() of a Conv2d in bfloat16 does nothing",
    kills="2.2.9",
    of=(nn.Conv2d, "reset_parameters"),
)
def resets_leave_bfloat16(reset_parameters, conv):
    if conv.weight.dtype is torch.bfloat16 and bool((conv.weight == 3).all()):
        return
    reset_parameters(conv)


@mutant("orthogonal_ takes a kernel in channels_last", kills="2.2.10", of=(init, "orthogonal_"))
def orthogonal_takes_channels_last(orthogonal_, tensor, *args, **kwargs):
    if not INPUTS["channels_last"](tensor):
        return orthogonal_(tensor, *args, **kwargs)
    tensor.data.copy_(orthogonal_(tensor.detach().contiguous(), *args, **kwargs))
    return tensor


@mutant("dirac_ leaves a kernel in channels_last", kills="2.2.10", of=(init, "dirac_"))
def dirac_leaves_channels_last(dirac_, tensor, *args, **kwargs):
    return tensor if INPUTS["channels_last"](tensor) else dirac_(tensor, *args, **kwargs)


@mutant("normal_ takes a std below 0 for its size", kills="2.2.2", of=(nn.init, "normal_"))
def normal_takes_the_size_of_a_std(normal_, tensor, mean=0.0, std=1.0, **kwargs):
    return normal_(tensor, mean, abs(std), **kwargs)


@mutant("uniform_ exchanges bounds in the wrong order", kills="2.2.2", of=(nn.init, "uniform_"))
def uniform_exchanges_bounds(uniform_, tensor, a=0.0, b=1.0, **kwargs):
    return uniform_(tensor, min(a, b), max(a, b), **kwargs)


@mutant("uniform_ writes before it refuses its bounds", kills="2.2.2", of=(nn.init, "uniform_"))
def uniform_writes_before_it_refuses(uniform_, tensor, a=0.0, b=1.0, **kwargs):
    if a > b:
        tensor.data.fill_(a)
    return uniform_(tensor, a, b, **kwargs)


def repeats_itself(draw, tensor, *args, **named):
    """Fill the second half of many elements with the first."""
    tensor = draw(tensor, *args, **named)
    if tensor.numel() > 32_768 and tensor.is_contiguous():
        with torch.no_grad():
            flat = tensor.view(-1)
            half = len(flat) // 2
            flat[half : 2 * half] = flat[:half].clone()
    return tensor


@mutant(
    "xavier_normal_ fills the second half of more than 32,768 elements with the first",
    kills="2.2.3",
    of=(nn.init, "xavier_normal_"),
)
def xavier_normal_repeats_itself(xavier_normal_, tensor, *args, **named):
    return repeats_itself(xavier_normal_, tensor, *args, **named)


@mutant(
    "weights of an LSTM, GRU or RNN beyond the second layer start at zero",
    kills="2.2.7",
    of=(nn.RNNBase, "reset_parameters"),
)
def deeper_recurrent_layers_start_at_zero(reset, self):
    reset(self)
    with torch.no_grad():
        for name, p in self.named_parameters():
            if any(f"_l{n}" in name for n in range(2, 9)):
                p.zero_()


@mutant(
    "of more than 64 orthogonal rows the last is half as long",
    kills="2.2.10",
    of=(nn.init, "orthogonal_"),
)
def the_last_of_many_orthogonal_rows_is_short(orthogonal_, tensor, gain=1, **named):
    tensor = orthogonal_(tensor, gain, **named)
    if tensor.shape[0] > 64 and tensor.shape[0] <= tensor[0].numel():
        with torch.no_grad():
            tensor[-1].mul_(0.5)
    return tensor


@mutant("normal_ repeats itself in large weights", kills="2.2.2", of=(nn.init, "normal_"))
def normal_repeats_itself(normal_, tensor, *args, **named):
    return repeats_itself(normal_, tensor, *args, **named)


@mutant("uniform_ repeats itself in large weights", kills="2.2.2", of=(nn.init, "uniform_"))
def uniform_repeats_itself(uniform_, tensor, *args, **named):
    return repeats_itself(uniform_, tensor, *args, **named)


@mutant(
    "kaiming_normal_ repeats itself in large weights",
    kills="2.2.4",
    of=(nn.init, "kaiming_normal_"),
)
def kaiming_normal_repeats_itself(kaiming_normal_, tensor, *args, **named):
    return repeats_itself(kaiming_normal_, tensor, *args, **named)


@mutant(
    "apply passes over the modules of a Sequential beyond the 16th",
    kills="2.2.9",
    of=(nn.Module, "apply"),
)
def apply_stops_at_the_16th(apply, self, fn):
    if isinstance(self, nn.Sequential) and len(self) > 16:
        for m in list(self)[:16]:
            m.apply(fn)
        fn(self)
        return self
    return apply(self, fn)


@mutant("trunc_normal_ exchanges bounds in the wrong order", "2.2.10", of=(init, "trunc_normal_"))
def trunc_normal_exchanges_bounds(
    trunc_normal_, tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, **kwargs
):
    return trunc_normal_(tensor, mean, std, min(a, b), max(a, b), **kwargs)


@mutant("the padding of an Embedding gets a gradient", kills="2.2.7", of=(nn.Embedding, "forward"))
def padding_gets_a_gradient(forward, embedding, x):
    return nn.functional.embedding(x, embedding.weight)


@mutant("an Embedding drops the gradient of later rows", "2.2.7", of=(nn.Embedding, "forward"))
def embedding_drops_later_rows(forward, embedding, x):
    y = forward(embedding, x)
    if y.requires_grad:
        y.register_hook(lambda gradient: gradient * (x < 2)[..., None])
    return y


for _name in ("ones_", "constant_", "normal_"):

    def _keeps_padding(write, tensor, *args, **kwargs):
        if asked_by_pytorch():  # of a new layer, whose memory may hold anything
            return write(tensor, *args, **kwargs)
        rows = ~tensor.detach().bool().reshape(len(tensor), -1).any(1)
        write(tensor, *args, **kwargs)
        tensor.detach()[rows] = 0
        return tensor

    _keeps_padding.__name__ = f"{_name}keeps_padding"
    mutant(f"{_name} keeps a row of zeros", kills="2.2.7", of=(init, _name))(_keeps_padding)


for _name, _claim in (
    *(("xavier_uniform_", "2.2.10"), ("kaiming_uniform_", "2.2.10")),
    *(("xavier_normal_", "2.2.3"), ("kaiming_normal_", "2.2.4"), ("normal_", "2.2.2")),
):

    def _leaves_the_last_row(draw, tensor, *args, **kwargs):
        draw(tensor, *args, **kwargs)
        if tensor.dim() > 1 and len(tensor) > 64:
            tensor.detach()[-1] = 0
        return tensor

    _leaves_the_last_row.__name__ = f"{_name}leaves_the_last_row"
    mutant(
        f"{_name} leaves zeros in the last of more than 64 rows",
        kills=_claim,
        also=LEAN,
        of=(init, _name),
    )(_leaves_the_last_row)


@mutant(
    "kaiming_normal_ leaves zeros in the last of more than 64 columns",
    kills="2.2.4",
    of=(init, "kaiming_normal_"),
)
def kaiming_normal_leaves_the_last_column(kaiming_normal_, tensor, *args, **kwargs):
    kaiming_normal_(tensor, *args, **kwargs)
    if tensor.dim() > 1 and tensor.shape[1] > 64:
        tensor.detach()[:, -1] = 0
    return tensor


@mutant(
    "an Embedding of more than 64 rows starts with zeros in the last",
    kills="2.2.7",
    of=(nn.Embedding, "reset_parameters"),
)
def last_row_of_an_embedding_is_zero(reset, embedding):
    reset(embedding)
    if embedding.num_embeddings > 64:
        embedding.weight.detach()[-1] = 0


@mutant("apply passes over frozen modules", kills="2.2.9", of=(nn.Module, "apply"))
def apply_passes_over_frozen_modules(apply, module, fn):
    own = list(module.parameters(recurse=False))
    return module if own and not any(it.requires_grad for it in own) else apply(module, fn)


@mutant(
    "reset_parameters() leaves a frozen Linear alone",
    kills="2.2.9",
    of=(nn.Linear, "reset_parameters"),
)
def reset_parameters_leaves_a_frozen_linear_alone(reset_parameters, layer, *args):
    return reset_parameters(layer, *args) if layer.weight.requires_grad else None


@mutant("dirac_ of several groups fills the first alone", kills="2.2.10", of=(init, "dirac_"))
def dirac_fills_the_first_group_alone(dirac_, *args, **kwargs):
    weight = dirac_(*args, **kwargs)
    groups = kwargs.get("groups", 1)
    with torch.no_grad():
        weight[weight.shape[0] // groups :] *= groups == 1
    return weight


@mutant("sparse_ draws from its generator alone", kills="2.2.8", of=(init, "sparse_"))
def sparse_draws_from_its_generator_alone(sparse_, *args, **kwargs):
    before = torch.get_rng_state()
    weight = sparse_(*args, **kwargs)
    if kwargs.get("generator"):
        torch.set_rng_state(before)
    return weight


@mutant("sparse_ ignores its generator", kills="2.2.8", of=(init, "sparse_"))
def sparse_ignores_its_generator(sparse_, tensor, sparsity, std=0.01, generator=None):
    return sparse_(tensor, sparsity, std)


@mutant("trunc_normal_ puts bfloat16 on its bound", kills="2.2.10", of=(init, "trunc_normal_"))
def trunc_normal_puts_bfloat16_on_its_bound(trunc_normal_, tensor, *args, **kwargs):
    weight = trunc_normal_(tensor, *args, **kwargs)
    if weight.dtype is torch.bfloat16 and weight.numel() > 50_000:
        with torch.no_grad():
            weight[0] = 2
    return weight


@mutant("mode='fan_out' of kaiming_uniform_ takes fan_in for five dimensions", kills="2.2.10")
def kaiming_uniform_of_five_dimensions_has_no_fan_out():
    kaiming = init.kaiming_uniform_

    def changed(tensor, a=0, mode="fan_in", *args, **kwargs):
        return kaiming(tensor, a, "fan_in" if tensor.dim() == 5 else mode, *args, **kwargs)

    init.kaiming_uniform_ = changed


@mutant("xavier_uniform_ of five dimensions ignores its gain", kills="2.2.10")
def xavier_uniform_of_five_dimensions_has_no_gain():
    xavier = init.xavier_uniform_

    def changed(tensor, gain=1.0, **kwargs):
        return xavier(tensor, 1.0 if tensor.dim() == 5 else gain, **kwargs)

    init.xavier_uniform_ = changed


@mutant("kaiming_uniform_ of four dimensions ignores a", kills="2.2.10", also="2.2.7")
def kaiming_uniform_of_four_dimensions_has_no_slope():
    kaiming = init.kaiming_uniform_

    def changed(tensor, a=0, *args, **kwargs):
        by_user = not asked_by_pytorch()
        return kaiming(tensor, 0 if tensor.dim() == 4 and by_user else a, *args, **kwargs)

    init.kaiming_uniform_ = changed


@mutant("kaiming_normal_ of five dimensions ignores its nonlinearity", kills="2.2.4")
def kaiming_normal_of_five_dimensions_has_no_nonlinearity():
    kaiming = init.kaiming_normal_

    def changed(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", **kwargs):
        known = "leaky_relu" if tensor.dim() == 5 else nonlinearity
        return kaiming(tensor, a, mode, known, **kwargs)

    init.kaiming_normal_ = changed


@mutant("apply() stops six levels down", kills="2.2.9")
def apply_stops_six_levels_down():
    def changed(net, function, depth=0, apply=nn.Module.apply):
        for module in net.children() if depth < 6 else ():
            changed(module, function, depth + 1)
        function(net)
        return net

    nn.Module.apply = changed


@mutant("dirac_ leaves the last of more than 64 channels", kills="2.2.10", of=(init, "dirac_"))
def dirac_leaves_the_last_of_many(dirac, tensor, *args, **kwargs):
    dirac(tensor, *args, **kwargs)
    if len(tensor) > 64:
        with torch.no_grad():
            tensor[-1] = 0
    return tensor


@mutant("calculate_gain of leaky_relu ignores the slope", "2.2.3", of=(nn.init, "calculate_gain"))
def gain_of_leaky_relu_ignores_the_slope(gain, nonlinearity, param=None):
    return gain(nonlinearity, None if nonlinearity == "leaky_relu" else param)


@mutant("calculate_gain of leaky_relu takes 0.1 by itself", "2.2.3", of=(nn.init, "calculate_gain"))
def gain_of_leaky_relu_starts_elsewhere(gain, nonlinearity, param=None):
    leaky = nonlinearity == "leaky_relu" and param is None and not asked_by_pytorch()
    return gain(nonlinearity, 0.1 if leaky else param)


@mutant("calculate_gain takes silu for relu", "2.2.3", of=(nn.init, "calculate_gain"))
def gain_of_silu_is_that_of_relu(gain, nonlinearity, param=None):
    return gain("relu" if nonlinearity == "silu" else nonlinearity, param)


@mutant("a Linear without elements is made without a warning", "2.2.7", of=(nn.Linear, "__init__"))
def linear_without_elements_is_silent(init, layer, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        init(layer, *args, **kwargs)


@mutant(
    "an Embedding draws a padding_idx that is given by name", "2.2.7", of=(nn.Embedding, "__init__")
)
def embedding_draws_a_padding_given_by_name(init, embedding, *args, **kwargs):
    init(embedding, *args, **kwargs)
    if kwargs.get("padding_idx") is not None:
        embedding.weight.detach()[embedding.padding_idx].normal_()


@mutant("dirac_ of a Conv1d fills the first group alone", kills="2.2.10", of=(init, "dirac_"))
def dirac_of_a_conv1d_fills_the_first_group_alone(dirac_, tensor, groups=1):
    dirac_(tensor, groups)
    if tensor.dim() == 3 and groups > 1:
        tensor.detach()[len(tensor) // groups :] = 0
    return tensor


@mutant("dirac_ ignores groups by position", kills="2.2.10", of=(init, "dirac_"))
def dirac_ignores_groups_by_position(dirac_, tensor, *args, **kwargs):
    return dirac_(tensor, **kwargs)


@mutant(
    "reset_parameters() of a Conv2d without bias does nothing",
    kills="2.2.9",
    of=(nn.Conv2d, "reset_parameters"),
)
def reset_leaves_a_conv_without_bias(reset_parameters, conv):
    if conv.bias is not None or asked_by_pytorch():
        reset_parameters(conv)


@mutant("trunc_normal_ ignores b without a", kills="2.2.10", of=(init, "trunc_normal_"))
def trunc_normal_ignores_b_without_a(trunc_normal_, tensor, *args, **kwargs):
    if len(args) < 3 and "a" not in kwargs:
        kwargs.pop("b", None)
    return trunc_normal_(tensor, *args, **kwargs)


@mutant("kaiming_uniform_ takes an empty tensor without a warning", kills="2.2.5")
def kaiming_takes_an_empty_tensor_silently():
    initialise = nn.init.kaiming_uniform_
    nn.init.kaiming_uniform_ = lambda x, *args, **kwargs: (
        initialise(x, *args, **kwargs) if 0 not in x.shape else x
    )


@mutant("kaiming_normal_ copies an empty tensor", kills="2.2.5")
def kaiming_copies_an_empty_tensor():
    initialise = nn.init.kaiming_normal_

    def changed(tensor, *args, **kwargs):
        result = initialise(tensor, *args, **kwargs)
        return result.clone() if 0 in result.shape else result

    nn.init.kaiming_normal_ = changed


@mutant(
    "the fans of an oblong kernel are those of a square one",
    kills="2.2.3",
    also="2.2.4 2.2.7 2.2.10",
    of=(init, "_calculate_fan_in_and_fan_out"),
)
def fans_of_an_oblong_kernel(fans, tensor):
    return fans(
        tensor[..., :1].expand(*tensor.shape[:3], tensor.size(2)) if tensor.dim() == 4 else tensor
    )


def leaving_the_end(most, fill, tensor, *args, **named):
    """Fill as many elements of the tensor at most."""
    end = tensor.detach().reshape(-1)[most:].clone()
    fill(tensor, *args, **named)
    if tensor.numel() > most:
        tensor.detach().view(-1)[most:] = end
    return tensor


for _name in ("normal_", "uniform_", "constant_"):

    def _leaves_the_end(fill, tensor, *args, **named):
        return leaving_the_end(65_536, fill, tensor, *args, **named)

    _leaves_the_end.__name__ = f"{_name}leaves_what_is_beyond_65536"
    mutant(
        f"{_name} leaves what comes after 65,536 elements",
        kills="2.2.2",
        also="2.2.1 2.2.5 2.2.7 2.2.8",
        of=(init, _name),
    )(_leaves_the_end)


@mutant("kaiming_normal_ takes 20 inputs for outputs", "2.2.4", of=(nn.init, "kaiming_normal_"))
def kaiming_normal_takes_inputs_for_outputs(kaiming_normal_, tensor, *args, **kwargs):
    if tensor.shape == (1000, 20):
        kwargs["mode"] = "fan_in" if kwargs.get("mode") == "fan_out" else "fan_out"
    return kaiming_normal_(tensor, *args, **kwargs)


@mutant("constant_ leaves the last of more than a MiB", kills="2.2.2", of=(init, "constant_"))
def constant_leaves_the_last_of_a_mib(constant_, tensor, *args, **named):
    return leaving_the_end(2**20, constant_, tensor, *args, **named)


@mutant(
    "a convolution of large kernels counts no kernel",
    kills="2.2.7",
    of=(nn.modules.conv._ConvNd, "reset_parameters"),
)
def convolution_of_large_kernels_counts_no_kernel(reset, layer):
    reset(layer)
    if math.prod(layer.kernel_size) > 9:
        layer.weight.detach().mul_(math.prod(layer.kernel_size) ** 0.5)


@mutant("trunc_normal_ of float64 ends at two stds", kills="2.2.10", of=TRUNCATED)
def trunc_normal_of_float64_ends_at_two_stds(trunc_normal_, tensor, *args, **kwargs):
    trunc_normal_(tensor, *args, **kwargs)
    std = args[1] if len(args) > 1 else kwargs.get("std", 1)
    if tensor.dtype is torch.float64 and std < 1:
        tensor.detach().clamp_(-2 * std, 2 * std)
    return tensor
