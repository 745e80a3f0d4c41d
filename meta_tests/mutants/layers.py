"""Changes to layers and their weights (chapter 2.1)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from meta_tests.mutants import asked_by_pytorch, mutant

LINEAR = (nn.Linear, "__init__")
CONV = (nn.Conv2d, "__init__")


@mutant(
    "the weight of a Linear is inputs by outputs",
    kills="2.1.1",
    also="2.1.3 2.2.1 2.2.2 4.11",
)
def linear_weight_is_transposed():
    original = nn.Linear.__init__

    def init(self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.weight = nn.Parameter(self.weight.detach().T.contiguous())

    nn.Linear.__init__ = init
    nn.Linear.forward = lambda self, x: F.linear(x, self.weight.T, self.bias)


@mutant("the bias of a Linear is a matrix of one row", kills="2.1.1", also="2.2.5", of=LINEAR)
def linear_bias_is_a_row(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if layer.bias is not None:
        layer.bias = nn.Parameter(layer.bias.detach()[None])


@mutant("the weight of a Conv2d has its kernel's sides exchanged", kills="2.1.1", of=CONV)
def conv_kernel_is_transposed(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    layer.weight = nn.Parameter(layer.weight.detach().transpose(2, 3).contiguous())


@mutant("the bias of a Conv2d has an element an input", kills="2.1.1", of=CONV)
def conv_bias_is_as_long_as_the_inputs(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if layer.in_channels != layer.out_channels and layer.in_channels != 3:
        layer.bias = nn.Parameter(torch.zeros(layer.in_channels))


@mutant("the bias of a Linear does not require grad", kills="2.1.1", also="3.7 4.5 4.11", of=LINEAR)
def linear_bias_is_frozen(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if layer.bias is not None:
        layer.bias.requires_grad_(False)


@mutant(
    "the weight of a Conv2d is a plain tensor",
    kills="2.1.1",
    also="2.3.1 2.3.3 2.3.4 2.4.1 2.4.2",
    of=CONV,
)
def conv_weight_is_a_plain_tensor(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    weight = layer.weight.detach().requires_grad_()
    del layer.weight
    layer.weight = weight


@mutant("the weight of a Conv2d is of a class of its own", kills="2.1.1", also="2.3.1", of=CONV)
def conv_weight_is_of_another_class(init, layer, *args, **kwargs):
    class Weight(nn.Parameter):
        pass

    init(layer, *args, **kwargs)
    layer.weight = Weight(layer.weight.detach())


@mutant("a Linear has float64 parameters", kills="2.1.1", of=LINEAR)
def linear_is_float64(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    layer.double()


@mutant("a Linear has a third parameter", kills="2.1.1", also="2.3.1", of=LINEAR)
def linear_has_a_third_parameter(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    layer.scale = nn.Parameter(torch.ones(1))


@mutant("a Parameter prints as a tensor does", kills="2.1.1")
def parameter_prints_as_a_tensor():
    nn.Parameter.__repr__ = Tensor.__repr__


@mutant("a Parameter does not print that it requires grad", kills="2.1.1")
def parameter_hides_requires_grad():
    original = nn.Parameter.__repr__
    nn.Parameter.__repr__ = lambda self: original(self).replace(", requires_grad=True", "")


@mutant(
    "a Linear with bias=False has one all the same", kills="2.1.1", also="2.1.2 2.3.1", of=LINEAR
)
def linear_always_has_a_bias(init, layer, in_features, out_features, bias=True, **kwargs):
    init(layer, in_features, out_features, True, **kwargs)


@mutant(
    "a Linear with bias=False has zeros in its place", kills="2.1.1", also="2.1.2 2.3.1", of=LINEAR
)
def linear_without_bias_has_zeros(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if layer.bias is None:
        del layer.bias
        layer.bias = torch.zeros(layer.out_features)


@mutant(
    "a Linear with bias=False has a parameter in its place", kills="2.1.1", also="2.3.1", of=LINEAR
)
def linear_without_bias_has_two_parameters(init, layer, *args, **kwargs):
    init(layer, *args, **kwargs)
    if layer.bias is None:
        layer.no_bias = nn.Parameter(torch.zeros(layer.out_features))


@mutant("a Linear leaves out its bias", kills="2.1.1", also="4.5", of=(nn.Linear, "forward"))
def linear_leaves_out_its_bias(forward, layer, x):
    return F.linear(x, layer.weight)


@mutant("a Linear without bias prints bias=True", kills="2.1.2")
def linear_prints_bias_true():
    nn.Linear.extra_repr = lambda self: (
        f"in_features={self.in_features}, out_features={self.out_features}, bias=True"
    )


@mutant("a Linear prints its arguments without their names", kills="2.1.2", also="5.4")
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


@mutant("weight.data is a copy", kills="2.1.3")
def data_is_a_copy():
    change_data(lambda self: DATA.__get__(self).clone())


@mutant("weight.data is a copy that is written back", kills="2.1.3")
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


@mutant("weight.data is the weight itself", kills="2.1.3")
def data_is_the_weight():
    change_data(lambda self: self)


@mutant("weight.data is a Parameter without grad", kills="2.1.3")
def data_is_a_parameter():
    change_data(lambda self: nn.Parameter(DATA.__get__(self), requires_grad=False))


@mutant("weight.data is a plain tensor that requires grad", kills="2.1.3")
def data_requires_grad():
    change_data(lambda self: DATA.__get__(self).requires_grad_())


@mutant("weight.data is still part of the graph", kills="2.1.3")
def data_has_a_grad_fn():
    change_data(lambda self: self.view_as(self).as_subclass(Tensor))


@mutant("weight.data is doubled", kills="2.1.3")
def data_is_doubled():
    change_data(lambda self: DATA.__get__(self) * 2 + 1)


@mutant("a write to weight.data freezes the weight", kills="2.1.3")
def data_freezes_the_weight():
    def read(self):
        data = DATA.__get__(self)
        self.requires_grad_(False)
        return data

    change_data(read)
