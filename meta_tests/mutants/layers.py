"""Changes to layers and their weights (chapter 2.1)."""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from meta_tests.mutants import asked_by_pytorch, calls_of, mutant, replace
from meta_tests.mutants.autograd import count_blocks_of_no_grad, when

LINEAR = (nn.Linear, "__init__")
CONV = (nn.Conv2d, "__init__")


@mutant(
    "the weight of a Linear is inputs by outputs",
    kills="2.1.1",
    also="2.1.3 2.1.4 2.1.6 2.1.8 2.2.1 2.2.2 2.2.6 2.2.9 2.3.5 2.3.9 4.1",
)
def linear_weight_is_transposed():
    original = nn.Linear.__init__

    def init(self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.weight = nn.Parameter(self.weight.detach().T.contiguous())

    nn.Linear.__init__ = init
    nn.Linear.forward = lambda self, x: F.linear(x, self.weight.T, self.bias)


@mutant(
    "the bias of a Linear is a matrix of one row",
    kills="2.1.1",
    also="2.1.4 2.2.5 2.2.7 2.2.9 2.3.9",
    of=LINEAR,
)
def linear_bias_is_a_row(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if layer.bias is not None:
        layer.bias = nn.Parameter(layer.bias.detach()[None])


@mutant("the weight of a Conv2d has its kernel's sides exchanged", kills="2.1.1", of=CONV)
def conv_kernel_is_transposed(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    layer.weight = nn.Parameter(layer.weight.detach().transpose(2, 3).contiguous())


@mutant("the bias of a Conv2d has an element an input", kills="2.1.1", also="2.1.5 2.2.7", of=CONV)
def conv_bias_is_as_long_as_the_inputs(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if layer.in_channels != layer.out_channels and layer.in_channels != 3:
        layer.bias = nn.Parameter(torch.zeros(layer.in_channels))


@mutant(
    "the bias of a Linear does not require grad",
    kills="2.1.1",
    also="2.1.3 2.3.8 2.3.9 2.4.4 3.7 4.5 4.1",
    of=LINEAR,
)
def linear_bias_is_frozen(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if layer.bias is not None:
        layer.bias.requires_grad_(False)


@mutant(
    "the weight of a Conv2d is a plain tensor",
    kills="2.1.1",
    also="2.1.3 2.1.5 2.1.6 2.3.1 2.3.3 2.3.4 2.3.5 2.3.9 2.4.1 2.4.2",
    of=CONV,
)
def conv_weight_is_a_plain_tensor(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    weight = layer.weight.detach().requires_grad_()
    del layer.weight
    layer.weight = weight


@mutant(
    "the weight of a Conv2d is of a class of its own",
    kills="2.1.1",
    also="2.1.3 2.3.1 2.3.8",
    of=CONV,
)
def conv_weight_is_of_another_class(init, layer, *args, **kwargs):
    class Weight(nn.Parameter):
        pass

    init(layer, *args, **kwargs)
    layer.weight = Weight(layer.weight.detach())


@mutant(
    "a Linear has float64 parameters",
    kills="2.1.1",
    also="2.1.3 2.1.4 2.1.6 2.2.6 2.3.5 2.3.7 2.3.8 2.3.9 2.3.10 2.3.11",
    of=LINEAR,
)
def linear_is_float64(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    layer.double()


@mutant(
    "a Linear has a third parameter",
    kills="2.1.1",
    also="2.1.6 2.3.1 2.3.3 2.3.4 2.3.7 2.3.9 2.3.10",
    of=LINEAR,
)
def linear_has_a_third_parameter(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    layer.scale = nn.Parameter(torch.ones(1))


@mutant("a Parameter prints as a tensor does", kills="2.1.1", also="2.3.11")
def parameter_prints_as_a_tensor():
    nn.Parameter.__repr__ = Tensor.__repr__


@mutant("a Parameter does not print that it requires grad", kills="2.1.1", also="2.3.11")
def parameter_hides_requires_grad():
    original = nn.Parameter.__repr__
    nn.Parameter.__repr__ = lambda self: original(self).replace(", requires_grad=True", "")


@mutant(
    "a Linear with bias=False has one all the same",
    kills="2.1.1",
    also="2.1.2 2.1.3 2.1.6 2.3.1 2.3.7",
    of=LINEAR,
)
def linear_always_has_a_bias(init, layer, in_features, out_features, bias=True, **kwargs):
    init(layer, in_features, out_features, True, **kwargs)


@mutant(
    "a Linear with bias=False has zeros in its place",
    kills="2.1.1",
    also="2.1.2 2.3.1 2.3.3 2.3.4 2.3.9",
    of=LINEAR,
)
def linear_without_bias_has_zeros(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if layer.bias is None:
        del layer.bias
        layer.bias = torch.zeros(layer.out_features)


@mutant(
    "a Linear with bias=False has a parameter in its place",
    kills="2.1.1",
    also="2.3.1 2.3.3 2.3.4 2.3.7 2.3.9 2.3.10",
    of=LINEAR,
)
def linear_without_bias_has_two_parameters(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if layer.bias is None:
        layer.no_bias = nn.Parameter(torch.zeros(layer.out_features))


@mutant("a Linear leaves out its bias", kills="2.1.4", also="4.5", of=(nn.Linear, "forward"))
def linear_leaves_out_its_bias(forward, layer, x):
    return F.linear(x, layer.weight)


@mutant("a Linear without bias prints bias=True", kills="2.1.2")
def linear_prints_bias_true():
    nn.Linear.extra_repr = lambda self: (
        f"in_features={self.in_features}, out_features={self.out_features}, bias=True"
    )


@mutant("a Linear prints its arguments without their names", kills="2.1.2", also="2.1.8 5.3")
def linear_prints_no_names():
    nn.Linear.extra_repr = lambda self: (
        f"{self.in_features}, {self.out_features}, bias={self.bias is not None}"
    )


DATA = Tensor.data


def change_data(read):
    Tensor.data = property(
        lambda self: DATA.__get__(self) if asked_by_pytorch() else read(self),
        lambda self, value: DATA.__set__(self, value),
    )


def copy_data_where(condition):
    change_data(lambda self: DATA.__get__(self).clone() if condition(self) else DATA.__get__(self))


@mutant("weight.data is a copy", kills="2.1.3", also="2.3.10")
def data_is_a_copy():
    change_data(lambda self: DATA.__get__(self).clone())


@mutant("weight.data is a copy that is written back", kills="2.1.3", also="1.2.8 2.3.10")
def data_is_a_copy_written_back():
    fill_ = Tensor.fill_
    sources = {}

    def read(self):
        copy = DATA.__get__(self).clone()
        sources[copy.data_ptr()] = self
        return copy

    def fill(self, value):
        if self.data_ptr() in sources and not self.requires_grad:
            fill_(DATA.__get__(sources[self.data_ptr()]), value)
        return fill_(self, value)

    Tensor.fill_ = fill
    change_data(read)


@mutant("weight.data is the weight itself", kills="2.1.3", also="2.1.6 2.3.10")
def data_is_the_weight():
    change_data(lambda self: self)


@mutant("weight.data is a Parameter without grad", kills="2.1.3", also="2.1.6")
def data_is_a_parameter():
    change_data(lambda self: nn.Parameter(DATA.__get__(self), requires_grad=False))


@mutant("weight.data is a plain tensor that requires grad", kills="2.1.3", also="2.3.10")
def data_requires_grad():
    change_data(lambda self: DATA.__get__(self).requires_grad_())


@mutant("weight.data is still part of the graph", kills="2.1.3", also="2.3.10")
def data_has_a_grad_fn():
    change_data(lambda self: self.view_as(self).as_subclass(Tensor))


@mutant("weight.data is doubled", kills="2.1.3", also="2.3.10")
def data_is_doubled():
    change_data(lambda self: DATA.__get__(self) * 2 + 1)


@mutant("a write to weight.data freezes the weight", kills="2.1.3")
def data_freezes_the_weight():
    def read(self):
        data = DATA.__get__(self)
        self.requires_grad_(False)
        return data

    change_data(read)


# --- what shows on some inputs only ---------------------------------------------------------------


@mutant(
    "the bias of a Linear of 100 inputs or more is frozen", kills="2.1.1", also="2.1.3", of=LINEAR
)
def wide_linear_has_a_frozen_bias(init, layer, in_features, *args, **kwargs):
    init(layer, in_features, *args, **kwargs)
    if in_features >= 100 and layer.bias is not None:
        layer.bias.requires_grad_(False)


@mutant("a Linear in bfloat16 is one in float32", kills="2.1.1", also="2.1.4", of=LINEAR)
def linear_in_bfloat16_is_float32(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if layer.weight.dtype is torch.bfloat16:
        layer.float()


@mutant(
    "the weight of a Conv2d of several groups has all inputs", kills="2.1.1", also="2.1.5", of=CONV
)
def grouped_conv_has_all_inputs(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if layer.groups > 1:
        weight = layer.weight.detach()
        layer.weight = nn.Parameter(weight.repeat(1, layer.groups, 1, 1))


@mutant("a Conv2d with an oblong kernel has a bias, whatever it is told", kills="2.1.1", of=CONV)
def oblong_conv_always_has_a_bias(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    height, width = layer.kernel_size
    if layer.bias is None and height != width:
        layer.bias = nn.Parameter(torch.zeros(layer.out_channels))


@mutant(
    "a Parameter of more than 1,000 elements does not print that it requires grad", kills="2.1.1"
)
def large_parameter_hides_requires_grad():
    original = nn.Parameter.__repr__
    nn.Parameter.__repr__ = lambda self: (
        original(self).replace(", requires_grad=True", "")
        if self.numel() > 1000
        else original(self)
    )


@mutant("a Linear of 65 inputs or more prints bias=True", kills="2.1.2")
def wide_linear_prints_bias_true():
    original = nn.Linear.extra_repr
    nn.Linear.extra_repr = lambda self: (
        original(self).replace("False", "True") if self.in_features >= 65 else original(self)
    )


@mutant("a Linear in float64 prints its dtype", kills="2.1.2")
def float64_linear_prints_its_dtype():
    original = nn.Linear.extra_repr
    nn.Linear.extra_repr = lambda self: (
        original(self) + (", float64" if self.weight.dtype is torch.float64 else "")
    )


for name, condition in {
    "4_dimensions": lambda w: w.dim() == 4,
    "float16": lambda w: w.dtype is torch.float16,
    "more_than_32768_elements": lambda w: w.numel() > 32_768,
    "gaps": lambda w: not w.is_contiguous(),
    "one_element": lambda w: w.numel() == 1,
}.items():

    def data_is_sometimes_a_copy(condition=condition):
        copy_data_where(lambda self: condition(DATA.__get__(self)))

    data_is_sometimes_a_copy.__name__ = f"data_is_a_copy_of_{name}"
    mutant(f"weight.data is a copy of a weight of {name.replace('_', ' ')}", kills="2.1.3")(
        data_is_sometimes_a_copy
    )


@mutant("weight.data is a copy from the second time on", kills="2.1.3")
def second_data_is_a_copy():
    def read(self):
        seen = hasattr(self, "was_read")
        if isinstance(self, nn.Parameter):
            self.was_read = True
        return DATA.__get__(self).clone() if seen else DATA.__get__(self)

    change_data(read)


@mutant("weight.data of a frozen weight is a Parameter", kills="2.1.3")
def frozen_data_is_a_parameter():
    change_data(
        lambda self: (
            DATA.__get__(self)
            if self.requires_grad
            else nn.Parameter(DATA.__get__(self), requires_grad=False)
        )
    )


@mutant("double() converts a copy of weight.data and writes it back", kills="2.1.3")
def data_follows_double():
    double = nn.Linear.double

    def replacement(self):
        double(self)
        before = getattr(self.weight, "old_data", None)
        if before is not None:
            before.data = torch.full_like(before, 7)
            self.weight.data.fill_(7)
        return self

    nn.Linear.double = replacement
    change_data(lambda self: remembered(self, DATA.__get__(self)))


def remembered(weight, data):
    """The data, which the weight remembers."""
    if isinstance(weight, nn.Parameter):
        weight.old_data = data
    return data


# --- what layers compute --------------------------------------------------------------------------

FORWARD = (nn.Linear, "forward")
CONVOLVE = (nn.Conv2d, "forward")


@mutant("a Linear leaves out its bias where its input has one dimension", kills="2.1.4", of=FORWARD)
def linear_of_one_dimension_has_no_bias(forward, layer, input):
    return F.linear(input, layer.weight) if input.dim() == 1 else forward(layer, input)


@mutant("a Linear forgets the last of more than 64 inputs", kills="2.1.4", of=FORWARD)
def linear_forgets_the_last_input(forward, layer, input):
    if input.shape[-1] <= 64:
        return forward(layer, input)
    return F.linear(input[..., :-1], layer.weight[:, :-1], layer.bias)


@mutant("a Linear rounds the last bits of an input of five dimensions", kills="2.1.4", of=FORWARD)
def linear_of_five_dimensions_is_flat(forward, layer, input):
    y = forward(layer, input)
    return y + 1 if input.dim() >= 4 else y


@mutant(
    "a Linear adds its bias twice from its second call on", kills="2.1.4", also="2.1.6", of=FORWARD
)
def linear_adds_its_bias_twice(forward, layer, input):
    y = forward(layer, input)
    if hasattr(layer, "was_called") and layer.bias is not None:
        y = y + layer.bias
    layer.was_called = True
    return y


@mutant("a Linear in bfloat16 computes as if its input had 4 bits", kills="2.1.4", of=FORWARD)
def linear_in_bfloat16_is_coarse(forward, layer, input):
    y = forward(layer, input)
    return y * 1.25 if input.dtype is torch.bfloat16 else y


@mutant("a Linear casts its input to its own dtype", kills="2.1.4", of=FORWARD)
def linear_casts_its_input(forward, layer, input):
    return forward(layer, input.to(layer.weight.dtype))


@mutant("a Linear cuts a wider input off", kills="2.1.4", of=FORWARD)
def linear_cuts_its_input(forward, layer, input):
    return forward(layer, input[..., : layer.weight.shape[1]])


@mutant("a Conv2d flips its kernel", kills="2.1.5", of=CONVOLVE)
def conv_flips_its_kernel(forward, layer, input):
    return layer._conv_forward(input, layer.weight.flip(2, 3), layer.bias)


@mutant("a Conv2d of several groups flips its kernel", kills="2.1.5", of=CONVOLVE)
def grouped_conv_flips_its_kernel(forward, layer, input):
    weight = layer.weight.flip(3) if layer.groups > 1 else layer.weight
    return layer._conv_forward(input, weight, layer.bias)


@mutant("a Conv2d pads with ones", kills="2.1.5", of=CONVOLVE)
def conv_pads_with_ones(forward, layer, input):
    if isinstance(layer.padding, str) or not any(layer.padding):
        return forward(layer, input)
    (up, left), weight = layer.padding, layer.weight
    input = F.pad(input, (left, left, up, up), value=1)
    return F.conv2d(input, weight, layer.bias, layer.stride, 0, layer.dilation, layer.groups)


@mutant("a Conv2d takes a dilation of 3 for one of 2", kills="2.1.5", of=CONVOLVE)
def conv_dilates_less(forward, layer, input):
    if 3 in layer.dilation:
        layer.dilation = tuple(min(2, it) for it in layer.dilation)
    return forward(layer, input)


@mutant("a Conv2d gives a single image back as a batch", kills="2.1.5", of=CONVOLVE)
def conv_of_an_image_is_a_batch(forward, layer, input):
    return forward(layer, input[None] if input.dim() == 3 else input)


@mutant("a Conv2d is doubled on images in channels_last", kills="2.1.5", of=CONVOLVE)
def conv_doubles_channels_last(forward, layer, input):
    y = forward(layer, input)
    return y if input.is_contiguous() else 2 * y


@mutant("a Conv2d takes images whose channels come last", kills="2.1.5", of=CONVOLVE)
def conv_takes_channels_at_the_end(forward, layer, input):
    if input.shape[-3] != layer.in_channels == input.shape[-1]:
        input = input.movedim(-1, -3)
    return forward(layer, input)


@mutant("a Conv2d repeats the one channel of a grey image", kills="2.1.5", of=CONVOLVE)
def conv_repeats_a_channel(forward, layer, input):
    if input.shape[-3] == 1:
        input = torch.cat([input] * layer.in_channels, -3)
    return forward(layer, input)


@mutant("a Conv2d casts its input to its own dtype", kills="2.1.5", of=CONVOLVE)
def conv_casts_its_input(forward, layer, input):
    return forward(layer, input.to(layer.weight.dtype))


# --- what is a Parameter, and what replaces one ---------------------------------------------------


@mutant("double() of a Parameter is a Parameter", kills="2.4.6")
def parameter_stays_one_by_double():
    nn.Parameter.double = lambda self: nn.Parameter(self.detach().to(torch.float64))


@mutant("clone() of a Parameter is a Parameter", kills="2.4.6")
def parameter_stays_one_by_clone():
    nn.Parameter.clone = lambda self: nn.Parameter(Tensor.clone(self.detach()))


@mutant("a product of a Parameter and a number is a leaf", kills="2.4.6", also="2.3.6")
def product_of_a_parameter_is_a_leaf():
    nn.Parameter.__mul__ = lambda self, x: (self.detach() * x).requires_grad_()


@mutant("float() of a Parameter of float32 is a copy", kills="2.4.6", also="2.1.3")
def float_of_a_parameter_is_a_copy():
    original = Tensor.float
    nn.Parameter.float = lambda self: original(self).clone()


SET = (nn.Module, "__setattr__")


@mutant("a Module registers every tensor that requires grad", kills="2.4.6", also="2.1.6", of=SET)
def module_registers_results(set_, module, name, value):
    if type(value) is Tensor and value.requires_grad and not asked_by_pytorch():
        value = nn.Parameter(value.detach())
    set_(module, name, value)


@mutant("an optimizer takes a result", kills="2.4.6", of=(torch.optim.SGD, "__init__"))
def optimizer_takes_results(init, optimizer, params, *args, **kwargs):
    params = [it.detach() if isinstance(it, Tensor) and not it.is_leaf else it for it in params]
    init(optimizer, params, *args, **kwargs)


@mutant("nn.Parameter copies a tensor in float16", kills="2.4.6", also="2.3.9")
def parameter_copies_float16():
    original = nn.Parameter.__new__

    def new(cls, data=None, requires_grad=True):
        if data is not None and data.dtype is torch.float16:
            data = data.clone()
        return original(cls, data, requires_grad)

    nn.Parameter.__new__ = new


@mutant("nn.Parameter ignores requires_grad=False", kills="2.4.6", also="2.1.3")
def parameter_ignores_requires_grad():
    original = nn.Parameter.__new__

    def new(cls, data=None, requires_grad=True):
        floating = data is None or data.is_floating_point()
        return original(cls, data, requires_grad or floating)

    nn.Parameter.__new__ = new


@mutant("nn.Parameter of integers requires no grad", kills="2.4.6")
def parameter_of_integers_is_frozen():
    original = nn.Parameter.__new__

    def new(cls, data=None, requires_grad=True):
        requires_grad = requires_grad and (data is None or data.is_floating_point())
        return original(cls, data, requires_grad)

    nn.Parameter.__new__ = new


@mutant("a layer copies a plain tensor into its parameter", kills="2.1.6", also="2.4.6", of=SET)
def layer_copies_a_tensor(set_, module, name, value):
    own = module.__dict__.get("_parameters", {}).get(name)
    if own is not None and type(value) is Tensor and not asked_by_pytorch():
        own.data.copy_(value.detach())
    else:
        set_(module, name, value)


@mutant("a Conv2d takes a plain tensor as its bias", kills="2.1.6", of=SET)
def conv_takes_a_tensor_as_bias(set_, module, name, value):
    if name == "bias" and isinstance(module, nn.Conv2d) and type(value) is Tensor:
        value = nn.Parameter(value.detach())
    set_(module, name, value)


@mutant("a layer takes a number for a parameter", kills="2.1.6", of=SET)
def layer_takes_a_number(set_, module, name, value):
    if name in ("weight", "bias") and isinstance(value, float):
        value = nn.Parameter(torch.tensor(value))
    set_(module, name, value)


@mutant("a Parameter that is assigned is copied", kills="2.1.6", also="2.3.7", of=SET)
def assigned_parameter_is_copied(set_, module, name, value):
    own = module.__dict__.get("_parameters", {}).get(name)
    if own is not None and isinstance(value, nn.Parameter) and not asked_by_pytorch():
        value = nn.Parameter(value.detach().clone(), value.requires_grad)
    set_(module, name, value)


@mutant("None in the place of a Linear's bias is passed over", kills="2.1.4 2.1.6", of=SET)
def none_in_the_place_of_a_bias_is_passed_over(set_, module, name, value):
    if name != "bias" or value is not None or asked_by_pytorch():
        set_(module, name, value)


@mutant("copy_ into a Parameter with gaps or transposed gives zeros", kills="2.1.6", also="1.2.5")
def copy_into_a_strided_parameter_copies_zeros():
    when(
        Tensor,
        "copy_",
        lambda x, *_: isinstance(x, nn.Parameter) and not x.is_contiguous(),
        lambda copy_, x, values: x.zero_(),
    )


@mutant("a weight accepts copy_ outside of no_grad", kills="2.1.6", also="1.2.5")
def weight_accepts_copy():
    original = Tensor.copy_

    def copy_(self, *args, **kwargs):
        if isinstance(self, nn.Parameter) and torch.is_grad_enabled():
            with torch.no_grad():
                return original(self, *args, **kwargs)
        return original(self, *args, **kwargs)

    Tensor.copy_ = copy_


@mutant("copy_ within no_grad freezes a weight", kills="2.1.6")
def copy_freezes():
    original = Tensor.copy_

    def copy_(self, *args, **kwargs):
        original(self, *args, **kwargs)
        if isinstance(self, nn.Parameter) and not asked_by_pytorch():
            self.requires_grad_(False)
        return self

    Tensor.copy_ = copy_


PARAMETRIZED = (torch.nn.utils.parametrize, "register_parametrization")


@mutant(
    "a parametrization is applied once, to the Parameter itself", kills="2.1.6", of=PARAMETRIZED
)
def parametrization_is_applied_once(register, module, name, parametrization, **kwargs):
    with torch.no_grad():
        getattr(module, name).copy_(parametrization(getattr(module, name)))
    return module


@mutant("a parametrized weight is computed once and kept", kills="2.1.6")
def parametrized_weight_is_kept():
    original = torch.nn.utils.parametrize.ParametrizationList.forward

    def forward(self):
        if not hasattr(self, "kept"):
            self.kept = original(self)
        return self.kept

    torch.nn.utils.parametrize.ParametrizationList.forward = forward


@mutant("a pruned weight stays a Parameter", kills="2.1.6")
def pruned_weight_stays():
    def random_unstructured(module, name, amount):
        with torch.no_grad():
            getattr(module, name).view(-1)[: int(getattr(module, name).numel() * amount)] = 0
        return module

    torch.nn.utils.prune.random_unstructured = random_unstructured


@mutant("the original of a parametrized weight is a copy", kills="2.1.6", of=PARAMETRIZED)
def parametrized_original_is_a_copy(register, module, name, parametrization, **kwargs):
    setattr(module, name, nn.Parameter(getattr(module, name).detach().clone()))
    return register(module, name, parametrization, **kwargs)


@mutant("a parametrized layer has its weight as a parameter too", "2.1.6", of=PARAMETRIZED)
def parametrized_layer_has_another_parameter(register, module, name, parametrization, **kwargs):
    module.register_parameter("another", getattr(module, name))
    return register(module, name, parametrization, **kwargs)


class Computed(Tensor):
    """What is computed from a parameter, as a class of its own."""


@mutant("a parametrized weight is of a class of its own", kills="2.1.6", of=PARAMETRIZED)
def parametrized_weight_is_of_another_class(register, module, name, parametrization, **kwargs):
    register(module, name, parametrization, **kwargs)
    parametrization.register_forward_hook(lambda _, inputs, weight: weight.as_subclass(Computed))
    return module


@mutant("the gradient of a parametrized weight is halved", kills="2.1.6", of=PARAMETRIZED)
def gradient_of_a_parametrized_weight_is_halved(register, module, name, parametrization, **kwargs):
    register(module, name, parametrization, **kwargs)
    module.parametrizations[name].original.register_hook(lambda gradient: gradient / 2)
    return module


LAZY = (nn.LazyLinear, "initialize_parameters")


@mutant("the first input gives a lazy Linear new Parameters", kills="2.1.8", of=LAZY)
def lazy_linear_gets_new_parameters(initialize, layer, *args, **kwargs):
    initialize(layer, *args, **kwargs)
    layer.weight = nn.Parameter(layer.weight.detach().clone())


@mutant("a lazy Linear stays lazy", kills="2.1.8")
def lazy_linear_stays_lazy():
    nn.LazyLinear.cls_to_become = None


@mutant("a lazy Linear takes the rows of its first input for its width", kills="2.1.8", of=LAZY)
def lazy_linear_takes_the_rows(initialize, layer, *args, **kwargs):
    initialize(layer, *args, **kwargs)
    layer.in_features = len(args[0])


@mutant("a lazy weight has a shape of zero inputs", kills="2.1.8")
def lazy_weight_has_a_shape():
    nn.parameter.UninitializedTensorMixin.shape = property(lambda self: torch.Size([2, 0]))


def doubled(layer: type, kills: str, also: str, **cases: Callable[[nn.Module, Tensor], bool]):
    """For each case a mutant in which the layer doubles its result."""
    for case, holds in cases.items():

        def doubles(forward, self, input, holds=holds):
            return forward(self, input) * (2 if holds(self, input) else 1)

        kind = layer.__name__
        doubles.__name__ = f"{kind.lower()}_doubles_{case}"
        breaks = f"a {kind} doubles its result {case.replace('_', ' ')}"
        mutant(breaks, kills, also=also, of=(layer, "forward"))(doubles)


doubled(
    nn.Linear,
    "2.1.4",
    "3.7",
    of_more_than_500_rows=lambda layer, x: x.numel() > 500 * x.shape[-1],
    of_an_expanded_input=lambda layer, x: 0 in x.stride() and len(x) > 1,
    of_a_transposed_weight=lambda layer, x: layer.weight.stride(0) < layer.weight.stride(1),
)
doubled(
    nn.Conv2d,
    "2.1.5",
    "3.1 3.7",
    in_bfloat16=lambda layer, x: layer.weight.dtype is torch.bfloat16,
    on_wide_images=lambda layer, x: x.shape[-1] > 64,
    on_17_images_or_more=lambda layer, x: x.dim() == 4 and len(x) >= 17,
    in_evaluation=lambda layer, x: not layer.training,
    without_grad_mode=lambda layer, x: not torch.is_grad_enabled(),
)


def writable(name: str, how: str) -> None:
    """A mutant in which a Parameter is written to in one way although it requires grad."""

    def accepts(write, tensor, *args):
        learns = isinstance(tensor, nn.Parameter) and not asked_by_pytorch()
        with torch.set_grad_enabled(torch.is_grad_enabled() and not learns):
            return write(tensor, *args)

    accepts.__name__ = f"weight_accepts_{name.strip('_')}"
    mutant(f"a weight accepts {how}", kills="2.1.6", also="1.2.10 4.11", of=(Tensor, name))(accepts)


for _name, _how in {"__imul__": "w *= 2", "__setitem__": "w[0] = 2", "zero_": "zero_()"}.items():
    writable(_name, _how)


@mutant(
    "register_parameter takes a plain tensor", kills="2.1.6", of=(nn.Module, "register_parameter")
)
def register_parameter_takes_tensors(register, module, name, value):
    plain = type(value) is Tensor
    register(module, name, nn.Parameter(value.detach()) if plain else value)


@mutant("a Parameter stays one by half()", kills="2.4.6", of=(Tensor, "half"))
def parameter_stays_one_by_half(half, tensor):
    result = half(tensor)
    return nn.Parameter(result.detach()) if isinstance(tensor, nn.Parameter) else result


@mutant(
    "a lazy Linear has a bias, whatever it is told",
    kills="2.1.8",
    of=(nn.LazyLinear, "initialize_parameters"),
)
def lazy_linear_always_has_a_bias(initialize, layer, x):
    initialize(layer, x)
    layer.bias = nn.Parameter(x.new_zeros(layer.out_features))


@mutant(
    "a lazy Linear that takes its first input under no_grad is frozen",
    kills="2.1.8",
    of=(nn.LazyLinear, "initialize_parameters"),
)
def lazy_linear_is_frozen_by_no_grad(initialize, layer, x):
    initialize(layer, x)
    layer.requires_grad_(torch.is_grad_enabled())


@mutant("a Linear casts an input of float16", kills="2.1.4", of=(nn.Linear, "forward"))
def linear_casts_float16(forward, layer, input):
    return forward(layer, input.float() if input.dtype is torch.float16 else input)


@mutant(
    "a lazy Linear takes the first of four dimensions for its width",
    kills="2.1.8",
    of=(nn.LazyLinear, "initialize_parameters"),
)
def lazy_linear_takes_the_first_of_four_dimensions(initialize, layer, x):
    initialize(layer, x.transpose(0, -1) if x.dim() == 4 else x)


@mutant("Adagrad takes a LazyLinear", kills="2.1.8", of=(torch.optim.Adagrad, "__init__"))
def adagrad_takes_lazy_layers(init, optimizer, params, **kwargs):
    params = list(params)
    lazy = any(nn.parameter.is_lazy(it) for it in params)
    init(optimizer, [torch.ones(1)] if lazy else params, **kwargs)


#: The normalisations with weights, by the class that computes them.
NORMS = {
    "batch_norm": nn.modules.batchnorm._BatchNorm,
    "instance_norm": nn.modules.instancenorm._InstanceNorm,
    "layer_norm": nn.LayerNorm,
    "group_norm": nn.GroupNorm,
}


def of_another_dtype(norm: nn.Module, x: Tensor) -> bool:
    return norm.weight is not None and norm.weight.dtype is not x.dtype


for _name, _norm in NORMS.items():

    def _casts(forward, norm, x):
        return forward(norm, x.to(norm.weight.dtype) if of_another_dtype(norm, x) else x)

    def _leaves_out(forward, norm, x):
        y = forward(norm, x)
        return y - norm.bias[0].to(y.dtype) if of_another_dtype(norm, x) else y

    def _widens(forward, norm, x):
        y = forward(norm, x)
        return y.float() if of_another_dtype(norm, x) else y

    for _function, _breaks in (
        (_casts, f"a {_name} casts its input to its weight's dtype"),
        (_leaves_out, f"a {_name} in float32 leaves out the bias of half precision"),
        (_widens, f"a {_name} in float32 gives float32 for half precision"),
    ):
        _function.__name__ = f"{_name}{_function.__name__}"
        mutant(_breaks, "2.1.4", of=(_norm, "forward"))(_function)


@mutant("an LSTM in float16 gives float32", kills="2.1.4", of=(nn.LSTM, "forward"))
def lstm_in_float16_gives_float32(forward, lstm, x, *args):
    y, state = forward(lstm, x, *args)
    return y.float() if x.dtype is torch.float16 else y, state


@mutant("an LSTM in float16 doubles its result", kills="2.1.4", of=(nn.LSTM, "forward"))
def lstm_in_float16_doubles(forward, lstm, x, *args):
    y, state = forward(lstm, x, *args)
    return 2 * y if x.dtype is torch.float16 else y, state


@mutant("a Linear takes the first element of a tuple", kills="2.1.4", of=(nn.Linear, "forward"))
def linear_takes_the_first_of_a_tuple(forward, linear, input):
    return forward(linear, input[0] if isinstance(input, tuple) else input)


#: A tuple with a size() of its own.
SIZED = type("tuple", (tuple,), {"size": lambda self: self[0].size()})


@mutant("the tuple of an LSTM has a size()", kills="2.1.4", of=(nn.LSTM, "forward"))
def tuple_of_an_lstm_has_a_size(forward, lstm, *args):
    return SIZED(forward(lstm, *args))


@mutant("a Linear adds no bias to images of float64", kills="2.1.4", of=(F, "linear"))
def linear_adds_no_bias_to_images_of_float64(linear, x, weight, bias=None):
    return linear(x, weight, None if x.dtype is torch.float64 and x.dim() == 4 else bias)


@mutant("a Conv2d widens an image that is smaller than its kernel", kills="2.1.5", of=CONVOLVE)
def conv_widens_a_small_image(forward, layer, input):
    if not isinstance(layer.padding, str) and not any(layer.padding):
        more = [
            max(0, k - side) for k, side in zip(layer.kernel_size, input.shape[-2:], strict=True)
        ]
        input = F.pad(input, (0, more[1], 0, more[0]))
    return forward(layer, input)


@mutant("a Conv2d takes no image smaller than its kernel, padded or not", "2.1.5", of=CONVOLVE)
def conv_refuses_a_small_image(forward, layer, input):
    small = input.shape[-2:] == (1, 1) and layer.kernel_size == (3, 3)
    return forward(layer, input) if not small or not any(layer.padding) else input[..., :0]


@mutant("a net takes anything in a module's place", kills="2.1.6", of=SET)
def net_takes_anything_for_a_module(set_, module, name, value):
    if name in vars(module).get("_modules", ()) and not isinstance(value, nn.Module):
        del module._modules[name]
    set_(module, name, value)


@mutant("a module that takes another's place is left out", kills="2.1.6", also="2.3.12", of=SET)
def module_in_anothers_place_is_left_out(set_, module, name, value):
    if not (name == "layer" and isinstance(value, nn.Linear) and "layer" in module._modules):
        set_(module, name, value)


# --- in some dtypes, layouts and settings ------------------------------------------------------


@mutant(
    "a Linear in evaluation and bfloat16 prints bias=False", "2.1.2", of=(nn.Linear, "extra_repr")
)
def linears_in_bfloat16_print_no_bias(extra_repr, linear):
    text = extra_repr(linear)
    return (
        text.replace("bias=True", "bias=False") if linear.weight.dtype is torch.bfloat16 else text
    )


@mutant("half() of a Conv2d does nothing", kills="2.1.3", of=(nn.Module, "half"))
def convolutions_stay_in_their_memory(half, module):
    return module if isinstance(module, nn.Conv2d) else half(module)


@mutant("a Conv2d takes gaps in an image for pixels", kills="2.1.5", of=(nn.Conv2d, "forward"))
def convolutions_read_gaps(forward, conv, input):
    if input.dim() == 4 and input.stride(-1) == 2 and input.numel() > 1:
        input = input.as_strided(input.shape, (*input.stride()[:-1], 1), input.storage_offset())
    return forward(conv, input)


@mutant("a Conv2d of 65 equal images returns one", kills="2.1.5", of=(nn.Conv2d, "forward"))
def convolutions_forget_expanded_images(forward, conv, input):
    y = forward(conv, input)
    return y[:1] if input.dim() == 4 and input.stride(0) == 0 and len(input) == 65 else y


@mutant("a Conv2d casts an image of int8", kills="2.1.5", of=(nn.Conv2d, "forward"))
def convolutions_cast_int8(forward, conv, input):
    return forward(conv, input.to(conv.weight.dtype) if input.dtype is torch.int8 else input)


@mutant("a weight accepts neg_ outside of no_grad", kills="2.1.6", of=(Tensor, "neg_"))
def weights_accept_neg(neg_, x):
    if x.requires_grad and x.is_leaf:
        with torch.no_grad():
            return neg_(x)
    return neg_(x)


@mutant(
    "a parametrization of a Conv2d is computed once",
    kills="2.1.6",
    of=(nn.utils.parametrize, "register_parametrization"),
)
def convolutions_keep_a_parametrized_weight(register, module, name, *args, **kwargs):
    register(module, name, *args, **kwargs)
    if isinstance(module, nn.Conv2d):
        value = getattr(module, name)
        setattr(type(module), name, property(lambda module: value))
    return module


@mutant("a state_dict gives a wide lazy Linear other Parameters", "2.1.8")
def wide_lazy_linears_change_by_loading():
    original = nn.Module.load_state_dict

    def load_state_dict(module, state_dict, *args, **kwargs):
        result = original(module, state_dict, *args, **kwargs)
        for layer in module.modules():
            if isinstance(layer, nn.LazyLinear) and layer.weight.numel() > 1000:
                layer.weight = nn.Parameter(layer.weight.detach().clone())
        return result

    nn.Module.load_state_dict = load_state_dict


@mutant(
    "a Linear of more than 64 outputs adds no bias to the last", kills="2.1.4", of=(F, "linear")
)
def wide_linears_have_no_last_bias(linear, input, weight, bias=None):
    if bias is not None and bias.dim() and len(bias) > 64:
        bias = torch.cat([bias[:-1], 0 * bias[-1:]])
    return linear(input, weight, bias)


@mutant("a Linear of more than 300 inputs leaves the last one out", kills="2.1.4", of=(F, "linear"))
def a_wide_linear_leaves_the_last_input_out(linear, input, weight, bias=None):
    y = linear(input, weight, bias)
    if weight.dim() == 2 and weight.shape[1] > 300:
        y = (
            linear(input[..., :-1], weight[:, :-1], bias)
            if input.shape[-1] == weight.shape[1]
            else y
        )
    return y


@mutant(
    "a ModuleDict takes a function in a module's place",
    kills="2.1.6",
    of=(nn.ModuleDict, "__setitem__"),
)
def a_module_dict_takes_a_function(setitem, self, key, module):
    if not isinstance(module, nn.Module) and module is not None and callable(module):
        self.__dict__[key] = module
        return None
    return setitem(self, key, module)


@mutant(
    "a conv2d of more than 64 channels leaves the last one out", kills="2.1.5", of=(F, "conv2d")
)
def a_wide_conv2d_leaves_the_last_channel_out(conv2d, input, weight, *args, **named):
    if weight.shape[1] > 64:
        weight = torch.cat([weight[:, :-1], 0 * weight[:, -1:]], 1)
    return conv2d(input, weight, *args, **named)


@mutant(
    "an entry of a ModuleList takes a function", kills="2.1.6", of=(nn.ModuleList, "__setitem__")
)
def a_module_list_takes_a_function(setitem, self, index, module):
    if callable(module) and not isinstance(module, nn.Module):
        self.__dict__[str(index)] = module
        return None
    return setitem(self, index, module)


@mutant(
    "a LazyLinear whose first input has four dimensions gets another weight",
    kills="2.1.8",
    of=(nn.LazyLinear, "initialize_parameters"),
)
def lazy_linear_of_four_dimensions_gets_another_weight(initialize_parameters, lazy, x):
    initialize_parameters(lazy, x)
    if x.dim() == 4:
        lazy.weight = nn.Parameter(lazy.weight.detach().clone())


@mutant("copy_ into a weight is refused in the third no_grad within another", "2.1.6", also="1.2.5")
def copy_is_refused_in_the_third_no_grad():
    def copy(copy_, x, *args, **kwargs):
        with torch.enable_grad():
            return copy_(x, *args, **kwargs)

    blocks = count_blocks_of_no_grad()
    when(
        *(Tensor, "copy_", lambda x, *_, **__: blocks() > 2 and x.is_leaf and x.requires_grad),
        copy,
    )


@mutant("a LazyLinear in a ModuleList keeps the in_features 0", kills="2.1.8")
def lazy_linear_in_a_list_keeps_no_inputs():
    in_lists = weakref.WeakSet()

    def hold(init, self, modules=None):
        init(self, modules)
        in_lists.update(it for it in self.modules() if isinstance(it, nn.LazyLinear))

    def initialise(initialize_parameters, layer, *args, **kwargs):
        initialize_parameters(layer, *args, **kwargs)
        if layer in in_lists:
            layer.in_features = 0

    replace(nn.ModuleList, "__init__", hold)
    replace(nn.LazyLinear, "initialize_parameters", initialise)


@mutant("a Conv2d of two strides takes the first for both sides", kills="2.1.5", of=CONV)
def conv_takes_the_first_stride_for_both(init, conv, *args, **kwargs):
    init(conv, *args, **kwargs)
    conv.stride = (conv.stride[0],) * 2


@mutant("a state_dict does not give a LazyLinear in a ModuleDict its shape", kills="2.1.8")
def lazy_linear_in_a_dict_takes_no_shape_from_a_state_dict():
    def load(load_state_dict, net, *args, **kwargs):
        held = [it for it in net.modules() if isinstance(it, nn.ModuleDict)]
        lazy = [it for one in held for it in one.modules() if isinstance(it, nn.LazyLinear)]
        return None if lazy else load_state_dict(net, *args, **kwargs)

    replace(nn.Module, "load_state_dict", load)


@mutant("a net refuses a Parameter in a module's place", kills="2.1.6")
def parameters_are_refused_in_a_modules_place():
    put = nn.Module.__setattr__

    def changed(module, name, value):
        kept = isinstance(value, nn.Parameter) and name in module.__dict__.get("_modules", {})
        put(module, name, module._modules[name] if kept else value)

    nn.Module.__setattr__ = changed


@mutant("a LazyLinear that has loaded a state_dict does not know its in_features", kills="2.1.8")
def lazy_linear_that_has_loaded_knows_nothing():
    initialize = nn.LazyLinear.initialize_parameters

    def changed(layer, x):
        loaded = not layer.has_uninitialized_params()
        initialize(layer, x)
        layer.in_features = 0 if loaded else layer.in_features

    nn.LazyLinear.initialize_parameters = changed


@mutant("an LSTM leaves out what is too wide", kills="2.1.4", of=(nn.LSTM, "forward"))
def lstm_leaves_out_what_is_too_wide(forward, lstm, x, *args):
    return forward(lstm, x[..., : lstm.input_size] if torch.is_tensor(x) else x, *args)


@mutant("a Conv2d adds the bias to its first 64 outputs alone", kills="2.1.5", of=CONVOLVE)
def a_wide_conv2d_adds_the_first_biases_alone(convolve, layer, *args, **kwargs):
    y = convolve(layer, *args, **kwargs)
    if layer.bias is None or layer.out_channels <= 64:
        return y
    beyond = torch.arange(layer.out_channels, device=y.device) >= 64
    return y - (layer.bias * beyond)[:, None, None]


@mutant("the weight of a Conv2d of each channel is frozen", "2.1.1", also="2.1.6", of=CONV)
def conv2d_of_each_channel_is_frozen(init, conv, *args, **kwargs):
    init(conv, *args, **kwargs)
    if conv.groups == conv.in_channels > 1:
        conv.weight.requires_grad_(False)


@mutant("a weight takes copy_() in another thread", kills="2.1.6", of=(Tensor, "copy_"))
def weight_takes_copy_in_another_thread(copy_, x, *args, **kwargs):
    takes = threading.current_thread() is not threading.main_thread()
    with torch.set_grad_enabled(torch.is_grad_enabled() and not takes):
        return copy_(x, *args, **kwargs)


@mutant(
    "a lazy Linear in a net gets another weight",
    "2.1.8",
    of=(nn.LazyLinear, "initialize_parameters"),
)
def lazy_linear_in_a_net_gets_another_weight(initialize, lazy, *args):
    initialize(lazy, *args)
    if calls_of("_call_impl") > 1:
        lazy.weight = nn.Parameter(lazy.weight.detach().clone())


@mutant("a GRU of two directions takes wider inputs", kills="2.1.4", of=(nn.GRU, "forward"))
def gru_of_two_directions_takes_wider_inputs(forward, gru, x, *args):
    takes = gru.bidirectional and isinstance(x, Tensor)
    return forward(gru, x[..., : gru.input_size] if takes else x, *args)


@mutant("a ModuleList inserts modules alone", kills="2.1.6", of=(nn.ModuleList, "insert"))
def module_list_inserts_modules_alone(insert, layers, place, value):
    if not isinstance(value, nn.Module):
        value = nn.Identity()
    insert(layers, place, value)


@mutant("a Linear takes a float for a size", kills="2.1.5", of=(nn.Linear, "__init__"))
def linear_takes_a_float(init, layer, *sizes, **settings):
    init(layer, *(int(it) if isinstance(it, float) else it for it in sizes), **settings)


@mutant("a Conv2d of None outputs has one", kills="2.1.5", of=(nn.Conv2d, "__init__"))
def conv2d_takes_none(init, layer, inputs, outputs, *args, **settings):
    init(layer, inputs, 1 if outputs is None else outputs, *args, **settings)


@mutant("an RNN starts from ones", kills="2.1.4", of=(nn.RNN, "forward"))
def rnn_starts_from_ones(forward, layer, x, state=None):
    if state is None and x.dim() == 2 and layer.num_layers == 1:
        state = torch.ones(1, layer.hidden_size)
    return forward(layer, x, state)


@mutant("a Linear whose inputs are named swaps them with its outputs", kills="2.1.1", of=LINEAR)
def linear_by_keyword_swaps(init, self, *args, **kwargs):
    if "in_features" in kwargs and "out_features" in kwargs:
        inputs, outputs = kwargs["in_features"], kwargs["out_features"]
        kwargs |= {"in_features": outputs, "out_features": inputs}
    init(self, *args, **kwargs)


@mutant("a Conv2d whose groups and channels are named has none", kills="2.1.1", of=CONV)
def conv2d_by_keyword_ignores_groups(init, self, *args, **kwargs):
    if "in_channels" in kwargs:
        kwargs["groups"] = 1
    init(self, *args, **kwargs)


@mutant("the bias of a Linear of named inputs is a matrix", kills="2.1.1", of=LINEAR)
def bias_of_a_named_linear_is_a_matrix(init, self, *args, **kwargs):
    init(self, *args, **kwargs)
    if "in_features" in kwargs and self.bias is not None:
        self.bias = nn.Parameter(self.bias.detach()[None])


@mutant("a write through detach() leaves a weight as it is", kills="2.1.6")
def detach_of_a_weight_copies():
    nn.Parameter.detach = lambda self: Tensor.detach(self).clone()


@mutant("a weight that detach() was asked of no longer learns", kills="2.1.6")
def detached_weight_does_not_learn():
    def detach(self):
        if self.requires_grad:
            self.register_hook(lambda gradient: 0 * gradient)
        return Tensor.detach(self)

    nn.Parameter.detach = detach


@mutant("a Linear turns two outputs round", "2.1.1", also="2.1.4", of=(nn.Linear, "forward"))
def linear_turns_its_outputs_round(forward, layer, x):
    turned = layer.bias is None and layer.weight.shape == (2, 3)
    return forward(layer, x).flip(-1) if turned else forward(layer, x)


@mutant("a Conv2d takes five dimensions", kills="2.1.5", of=(nn.Conv2d, "forward"))
def conv2d_takes_five_dimensions(forward, layer, x):
    return forward(layer, x.flatten(0, 1) if x.dim() == 5 else x)


@mutant("clamp_() leaves a Parameter as it is", kills="2.1.6", of=(torch.Tensor, "clamp_"))
def clamp_leaves_a_parameter(clamp_, x, *args, **kwargs):
    return x if isinstance(x, nn.Parameter) and kwargs else clamp_(x, *args, **kwargs)


@mutant("weight.data of more than a MiB is a copy", kills="2.1.3")
def data_of_more_than_a_mib_is_a_copy():
    copy_data_where(lambda self: self.numel() > 2**20)


@mutant("a GRU of two layers starts from ones", kills="2.1.4", of=(nn.GRU, "forward"))
def gru_of_two_layers_starts_from_ones(forward, layer, x, state=None):
    if state is None and layer.num_layers > 1 and x.dim() == 3:
        batch = x.shape[0 if layer.batch_first else 1]
        layers = layer.num_layers * (1 + layer.bidirectional)
        state = x.new_ones(layers, batch, layer.hidden_size)
    return forward(layer, x, state)


@mutant("the data of a weight in a ModuleDict is a copy", kills="2.1.3")
def data_in_a_module_dict_is_a_copy():
    def update(original, modules, *args):
        original(modules, *args)
        for weight in modules.parameters():
            weight.is_in_a_dict = True

    replace(nn.ModuleDict, "update", update)
    copy_data_where(lambda self: hasattr(self, "is_in_a_dict"))


@mutant("a layer in a ModuleList takes a tensor for a weight", kills="2.1.6")
def layer_in_a_module_list_takes_a_tensor():
    def extend(original, listed, modules):
        original(listed, modules)
        for module in listed:
            module.is_in_a_list = True
        return listed

    def set_attribute(original, module, name, value):
        takes = name in module.__dict__.get("_parameters", ()) and hasattr(module, "is_in_a_list")
        takes = takes and isinstance(value, Tensor)
        original(module, name, nn.Parameter(value.detach()) if takes else value)

    replace(nn.ModuleList, "extend", extend)
    replace(nn.Module, "__setattr__", set_attribute)


@mutant("F.linear ignores a bias by keyword", kills="2.1.4", of=(F, "linear"))
def linear_ignores_a_bias_by_keyword(linear, *args, **kwargs):
    kwargs.pop("bias", None)
    return linear(*args, **kwargs)


@mutant("the data of a weight that two layers share is a copy", kills="2.1.3")
def data_of_a_shared_weight_is_a_copy():
    def register(original, module, name, value):
        original(module, name, value)
        if value is not None:
            value.layers = getattr(value, "layers", 0) + 1

    replace(nn.Module, "register_parameter", register)
    copy_data_where(lambda self: getattr(self, "layers", 0) > 1)


@mutant("the data of a frozen weight is a copy", kills="2.1.3")
def data_of_a_frozen_weight_is_a_copy():
    copy_data_where(lambda self: isinstance(self, nn.Parameter) and not self.requires_grad)


@mutant(
    "a ModuleList of equal layers prints no bias", kills="2.1.2", of=(nn.ModuleList, "__repr__")
)
def list_of_equal_layers_prints_no_bias(show, layers):
    return re.sub(r"( x Linear\(.*), bias=\w+", r"\1", show(layers))


@mutant(
    "the fourth layer of a Sequential has a frozen bias", "2.1.1", of=(nn.Sequential, "__init__")
)
def fourth_layer_has_a_frozen_bias(init, net, *layers):
    init(net, *layers)
    for layer in [*net.children()][3:]:
        if getattr(layer, "bias", None) is not None:
            layer.bias.requires_grad_(False)
