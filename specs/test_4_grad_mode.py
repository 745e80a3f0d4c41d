"""4 torch.no_grad() and torch.set_grad_enabled()."""

from __future__ import annotations

import asyncio
import builtins
import copy
import functools
import io
import itertools
import operator
import pickle
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.pool import ThreadPool

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from specs.grad_modes import UNDER_NO_GRAD, under_no_grad
from specs.lacking import there
from specs.ledger import claim
from specs.oracles import as_array, refusal, same_bits, same_values
from specs.releases import RELEASE, before, since
from specs.strategies import (
    COMPLEX,
    COMPUTING_FLOATS,
    EACH_RANK,
    NOT_EMPTY,
    WITH_EXPANDED,
    each_of,
    ones,
    tensors,
)


def assigned(target: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """The target, into which the value was written."""
    target[...] = value
    return target


class Double(torch.autograd.Function):
    """A function of a user's own."""

    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, gradient):
        return 2 * gradient


#: Computations of many kinds, of two tensors of one shape, whose results have memory of their own.
OF_NUMBERS = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x * 2": lambda x, y: x * 2,
    "x / y": lambda x, y: x / y,
    "-x": lambda x, y: -x,
    "x ** 2": lambda x, y: x**2,
    "x.exp()": lambda x, y: x.exp(),
    "x.pow(2)": lambda x, y: x.pow(2),
    "torch.tanh(x)": lambda x, y: torch.tanh(x),
    "x.sum()": lambda x, y: x.sum(),
    "x.mean()": lambda x, y: x.mean(),
    "x.clone()": lambda x, y: x.clone(),
    "x.to(x.dtype, copy=True)": lambda x, y: x.to(x.dtype, copy=True),
    "torch.stack": lambda x, y: torch.stack([x, y]),
    "torch.cat": lambda x, y: torch.cat([x.reshape(-1), y.reshape(-1)]),
    "torch.where": lambda x, y: torch.where(x == y, x, y),
    "x[mask]": lambda x, y: x[x == x],
    "matmul": lambda x, y: x.reshape(1, -1) @ y.reshape(-1, 1),
    "matmul of four dimensions": lambda x, y: x.reshape(1, 1, 1, -1) @ y.reshape(1, 1, -1, 1),
    "F.linear": lambda x, y: F.linear(x.reshape(1, -1), y.reshape(1, -1)),
    "x.abs()": lambda x, y: x.abs(),
    "zeros.add_(x)": lambda x, y: torch.zeros_like(x).add_(x),
    "zeros -= x": lambda x, y: operator.isub(torch.zeros_like(x), x),
    "zeros.copy_(x)": lambda x, y: torch.zeros_like(x).copy_(x),
    "Double.apply(x)": lambda x, y: Double.apply(x),
    "zeros[...] = x": lambda x, y: assigned(torch.zeros_like(x), x),
}
OF_REAL_NUMBERS = {
    "torch.maximum(x, y)": lambda x, y: torch.maximum(x, y),
    "x.max()": lambda x, y: x.max(),
    "x.sort()": lambda x, y: x.reshape(-1).sort().values,
    "x.clamp(min=0)": lambda x, y: x.clamp(min=0),
    "F.relu(x)": lambda x, y: F.relu(x),
    "x.sigmoid()": lambda x, y: x.sigmoid(),
    "F.softmax": lambda x, y: F.softmax(x.reshape(1, -1), dim=1),
    "torch.einsum": lambda x, y: torch.einsum("i,j->ij", x.reshape(-1)[:5], y.reshape(-1)),
    "torch.lerp": lambda x, y: torch.lerp(x, y, 0.5),
    "x.cumsum(0)": lambda x, y: x.reshape(-1).cumsum(0),
    "F.pad": lambda x, y: F.pad(x.reshape(1, -1), (1, 1)),
    "x.to(complex)": lambda x, y: x.to(torch.complex64),
}


def written(*codes: str) -> dict[str, Callable]:
    """Functions of x, or of x and y, by the code of what they return."""
    return {code: eval(f"lambda x, y=None: {code}") for code in codes}


def twice_the_first(x: torch.Tensor) -> torch.Tensor:
    """An index."""
    return torch.zeros(2, dtype=torch.int64, device=x.device)


def rows(x: torch.Tensor, shape: tuple[int, ...] = ()) -> torch.Tensor:
    """An index of each row, or in a larger shape of the first."""
    if shape:
        return torch.zeros(shape, dtype=torch.int64, device=x.device)
    return torch.arange(len(x) if x.dim() else 1, device=x.device)


#: More operations and spellings, which are tried in a few forms only.
MORE_OF_NUMBERS = written(
    *("torch.add(x, y)", "torch.sub(x, y, alpha=2)", "torch.mul(input=x, other=y)"),
    *("torch.div(x, y)", "x.add(y)", "x.add(other=y)", "x.sub(1)", "x.mul(y)", "x.div(2)"),
    *("1 + x", "1 - x", "2 * x", "1 / x", "2**x", "x * y", "x**y", "x.neg()", "torch.neg(x)"),
    *("torch.exp(x)", "x.log()", "torch.log(x)", "x.sqrt()", "torch.sqrt(x)", "x.square()"),
    *("torch.pow(x, 3)", "x.pow(y)", "x.sin()", "x.cos()", "x.tanh()", "x.reciprocal()"),
    *("torch.abs(x)", "torch.sum(x)", "x.sum(-1)", "x.sum(dim=-1, keepdim=True)", "x.norm()"),
    *("torch.mean(x)", "x.mean(dim=-1)", "torch.clone(x)", "torch.clone(input=x)"),
    *("torch.hstack([x, y])", "torch.vstack([x, y])", "torch.cat((x[None], y[None]), dim=0)"),
    *("torch.stack((x, y), dim=-1)", "x.repeat(*[2] * (x.dim() or 1))", "x.tile(2)", "x.roll(1)"),
    *("x.flip(-1)", "x[None][[0, 0]]", "x.masked_fill(x == x, 1)", "x.masked_select(x == x)"),
    *("x.reshape(-1).index_select(0, twice_the_first(x))", "x.take(twice_the_first(x))"),
    *("x.reshape(-1).gather(0, twice_the_first(x))", "torch.where(x == 0, x, 1)"),
    *(
        "torch.matmul(x[..., None, None], y[..., None, None])",
        "x.reshape(1, -1).mm(y.reshape(-1, 1))",
    ),
    *("x.reshape(1, 1, -1).bmm(y.reshape(1, -1, 1))", "x.reshape(-1).dot(y.reshape(-1))"),
    *("x.reshape(-1)[:5].outer(y.reshape(-1)[:5])", "torch.addcmul(x, x, y)"),
    "torch.addmm(x.reshape(-1)[:1], x.reshape(1, -1), y.reshape(-1, 1))",
    *("torch.zeros_like(x).sub_(x)", "torch.ones_like(x).mul_(x)", "torch.ones_like(x).div_(x)"),
    *("operator.iadd(torch.zeros_like(x), x)", "operator.imul(torch.ones_like(x), x)"),
    *("operator.itruediv(torch.ones_like(x), x)",),
)
MORE_OF_REAL_NUMBERS = written(
    *("torch.relu(x)", "x.relu()", "torch.sigmoid(x)", "x.softmax(-1)", "torch.softmax(x, dim=-1)"),
    *("F.log_softmax(x, dim=-1)", "F.gelu(x)", "F.silu(x)", "F.elu(x)", "F.leaky_relu(x)"),
    *("F.softplus(x)", "F.hardtanh(x)", "F.l1_loss(x, y)"),
    "F.normalize(x.reshape(1, -1))",
    *("F.conv1d(x.reshape(1, 1, -1), y.reshape(-1)[:1].reshape(1, 1, 1))",),
    *("F.conv2d(x.reshape(1, 1, 1, -1), y.reshape(-1)[:1].reshape(1, 1, 1, 1))",),
    *(
        "F.layer_norm(x.reshape(1, -1), (x.numel(),))",
        "F.embedding(twice_the_first(x), x.reshape(1, -1))",
    ),
    *("torch.max(x, y)", "torch.minimum(x, y)", "x.maximum(y)", "x.amax()", "x.min()"),
    *("x.max(-1).values", "x.reshape(-1).topk(1).values", "x.clip(0, 1)", "torch.clamp(x, 0, 1)"),
    *("x.logsumexp(-1)", "x % 2", "x.fmod(2)", "torch.atan2(x, y)", "x.erf()", "x.log1p()"),
    *(
        "x.expm1()",
        "x.rsqrt()",
        "x.std(unbiased=False)",
        "x.var(unbiased=False)",
        "x.lerp(y, 0.5)",
        "torch.nan_to_num(x)",
    ),
    *("x.cumsum(dim=-1)", "x.double() * 1", "x.to(dtype=torch.float64, copy=True)"),
    *("F.scaled_dot_product_attention(*[x.reshape(1, 1, -1)] * 3)",) * (RELEASE >= (2, 0)),
    *("F.rms_norm(x.reshape(1, -1), (x.numel(),))",) * (RELEASE >= (2, 4)),
    *("F.glu(torch.stack([x, x]), 0)", "F.prelu(x, x.reshape(-1)[:1])", "F.selu(x)"),
    *("F.avg_pool1d(x.reshape(1, 1, -1), 1)", "F.cosine_similarity(x, y, -1)"),
    *("torch.einsum('...,...->...', x, y)", "torch.linalg.norm(x)", "torch.dist(x, y)"),
    *("torch.cdist(*[x.float().reshape(1, -1)] * 2)", "x.reshape(-1).diff()", "torch.hypot(x, y)"),
    *("x.reshape(-1).cumprod(0)", "x.reshape(-1).sort().values"),
)

#: Computations that integers and bool have too, and casts.
WHOLE = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
OF_WHOLE_NUMBERS = written(
    *("x + x", "torch.add(x, x)", "x.add(x)", "x * x", "torch.mul(x, x)", "x == x", "x < 2"),
    *("x & x", "x | x", "x ^ x", "~x", "x.logical_not()", "x.sum()", "x.prod()", "x.any()"),
    *("x.clone()", "torch.stack([x, x])", "torch.cat([x.reshape(-1)] * 2)", "x[x == x]"),
    *("torch.where(x == x, x, x)", "x.to(x.dtype, copy=True)", "x.float().int()", "x.long() + 1"),
    *("x.flip(-1) if x.dim() else x.clone()", "torch.zeros_like(x)", "x.nonzero()", "x.float()"),
    *("torch.arange(3)", "torch.zeros(2, dtype=x.dtype)", "x.double().argmax()", "x.unique()"),
)


class First(nn.Module):
    """Gives the result of a layer that returns its state beside it."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, *x: torch.Tensor) -> torch.Tensor:
        return self.layer(*x)[0]


class Attention(First):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x, x, x)


class ByName(nn.Module):
    """Modules in a ModuleDict within a ModuleList, one of which is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList([nn.ModuleDict({"first": nn.Linear(3, 3)}), nn.Linear(3, 2)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first = self.parts[0]["first"]
        return self.parts[1](first(first(x)))


#: Layers of many kinds, some without parameters, and the shape of what they take.
LAYERS = {
    "RNN": (lambda: First(nn.RNN(3, 2)), (4, 1, 3)),
    "LSTM": (lambda: First(nn.LSTM(3, 2, 2)), (4, 1, 3)),
    "GRU": (lambda: First(nn.GRU(3, 2)), (4, 1, 3)),
    "MultiheadAttention": (lambda: Attention(nn.MultiheadAttention(4, 2)), (3, 1, 4)),
    "TransformerEncoderLayer": (lambda: nn.TransformerEncoderLayer(4, 2, 8, 0.0), (3, 1, 4)),
    "ByName": (ByName, (4, 3)),
    "a wide Linear": (lambda: nn.Linear(129, 300), (65, 129)),
    "Linear without bias": (lambda: nn.Linear(3, 2, bias=False), (2, 2, 1, 1, 3)),
    "a Conv2d of groups": (lambda: nn.Conv2d(4, 6, 3, 2, 1, groups=2, bias=False), (1, 4, 9, 9)),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(3), (70, 3)),
    "BatchNorm3d": (lambda: nn.BatchNorm3d(2, affine=False), (3, 2, 2, 2, 2)),
    "BatchNorm2d in evaluation": (lambda: nn.BatchNorm2d(2).eval(), (3, 2, 4, 4)),
    "ReLU": (lambda: nn.ReLU(), (4, 3)),
    "Sigmoid": (lambda: nn.Sigmoid(), (4, 3)),
    "Tanh": (lambda: nn.Tanh(), (4, 3)),
    "MaxPool1d": (lambda: nn.MaxPool1d(2), (3, 2, 4)),
    "AdaptiveAvgPool2d": (lambda: nn.AdaptiveAvgPool2d(2), (3, 2, 4, 4)),
    "Linear": (lambda: nn.Linear(3, 2), (4, 3)),
    "Conv1d": (lambda: nn.Conv1d(2, 3, 2), (1, 2, 5)),
    "Conv2d": (lambda: nn.Conv2d(2, 3, 2), (1, 2, 5, 5)),
    "Conv3d": (lambda: nn.Conv3d(2, 3, 2), (1, 2, 3, 3, 3)),
    "ConvTranspose2d": (lambda: nn.ConvTranspose2d(2, 3, 2), (1, 2, 4, 4)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(2), (3, 2, 4, 4)),
    "LayerNorm": (lambda: nn.LayerNorm(3), (4, 3)),
    "GroupNorm": (lambda: nn.GroupNorm(1, 2), (3, 2, 4, 4)),
    "InstanceNorm2d": (lambda: nn.InstanceNorm2d(2), (3, 2, 4, 4)),
    "MaxPool2d": (lambda: nn.MaxPool2d(2), (3, 2, 4, 4)),
    "AvgPool2d": (lambda: nn.AvgPool2d(2), (3, 2, 4, 4)),
    "Upsample": (lambda: nn.Upsample(scale_factor=2), (3, 2, 4, 4)),
    "GELU": (lambda: nn.GELU(), (4, 3)),
    "Softmax": (lambda: nn.Softmax(dim=1), (4, 3)),
    "PReLU": (lambda: nn.PReLU(), (4, 3)),
    "GRUCell": (lambda: nn.GRUCell(3, 2), (4, 3)),
    "four deep": (
        lambda: nn.Sequential(nn.Sequential(nn.Sequential(nn.Sequential(nn.Linear(3, 2))))),
        (4, 3),
    ),
}
#: Inputs that have between them each size, rank, layout and dtype that a kernel may depend on.
FORMS = (
    ((), torch.float32, "contiguous"),
    ((65,), torch.float64, "offset"),
    ((300,), torch.bfloat16, "gaps"),
    ((4, 3), COMPUTING_FLOATS[2], "expanded"),
    ((3, 50), torch.complex64, "transposed"),
    ((2, 3, 4, 5), torch.float32, "channels_last"),
    ((2, 1, 3, 2, 3), torch.complex128, "transposed"),
    ((2, 3, 1, 2, 2), torch.float32, "contiguous"),
    ((3, 4, 5), torch.float64, "gaps"),
    ((3, 90_001), torch.float32, "contiguous"),  # more than a MiB
)
#: Views, whose results have the memory of x, which must have a dimension.
VIEWS = {
    "x[0]": lambda x: x[0],
    "x[:1]": lambda x: x[:1],
    "x[..., None]": lambda x: x[..., None],
    "x.view_as(x)": lambda x: x.view_as(x),
    "x.unsqueeze(0)": lambda x: x.unsqueeze(0),
    "x.squeeze()": lambda x: x.squeeze(),
    "x.transpose(0, -1)": lambda x: x.transpose(0, -1),
    "x.movedim(0, -1)": lambda x: x.movedim(0, -1),
    "x.expand_as(x)": lambda x: x.expand_as(x),
    "x.narrow(0, 0, 1)": lambda x: x.narrow(0, 0, 1),
    "x.select(0, 0)": lambda x: x.select(0, 0),
    "x.permute": lambda x: x.permute(*reversed(range(x.dim()))),
    "x.diagonal()": lambda x: (x if x.dim() > 1 else x[None]).diagonal(),
    "x.unfold(0, 1, 1)": lambda x: x.unfold(0, 1, 1),
    "x.swapaxes(0, -1)": lambda x: x.swapaxes(0, -1),
    "x.reshape(x.shape)": lambda x: x.reshape(x.shape),
    "x.view(x.shape)": lambda x: x.view(x.shape),
    "x[:2].split(1)[0]": lambda x: x[:2].split(1)[0],
    "x[None].flatten(0, 1)": lambda x: x[None].flatten(0, 1),
    "x.unflatten(0, (1, -1))": lambda x: x.unflatten(0, (1, -1)),
    "x[None].squeeze(0)": lambda x: x[None].squeeze(0),
    "x.tensor_split(2)[0]": lambda x: x.tensor_split(2)[0],
    "torch.transpose(x, 0, -1)": lambda x: torch.transpose(x, 0, -1),
    "torch.unsqueeze(x, 0)": lambda x: torch.unsqueeze(x, 0),
    "x.chunk(2)[0]": lambda x: x.chunk(2)[0],
    "x.unbind()[0]": lambda x: x.unbind()[0],
}
#: More views and spellings, which are tried in a few forms only.
MORE_VIEWS = written(
    *("x[1:]", "x[-1:]", "x[::2]", "x[...]", "x[:, None]", "x.expand(2, *x.shape)"),
    *(
        "x.broadcast_to(x.shape)",
        "torch.squeeze(x)",
        "torch.narrow(x, 0, 0, 1)",
        "next(iter(x))",
    ),
    *(
        "torch.select(x, 0, 0)",
        "torch.split(x, 1)[0]",
        "torch.chunk(x, 2)[0]",
        "x.hsplit(1)[0]",
    ),
    *("torch.unbind(x)[0]", "torch.flatten(x[None], 0, 1)", "torch.reshape(x, x.shape)"),
    *("torch.movedim(x, 0, -1)", "torch.swapaxes(x, 0, -1)", "x.moveaxis(0, -1)"),
    *(
        "torch.permute(x, tuple(range(x.dim())))",
        "torch.diagonal(x if x.dim() > 1 else x[None])",
        "x.swapdims(0, -1)",
    ),
    *("x.as_strided(x.shape, x.stride())", "x.view(size=x.shape)", "x.view_as(other=x)"),
    *("x.transpose(dim0=0, dim1=-1)", "x.unsqueeze(dim=0)", "torch.unsqueeze(input=x, dim=0)"),
    *("x[None].squeeze(dim=0)", "torch.tensor_split(x, 2)[0]", "nn.Flatten(0, 1)(x[None])"),
    *("nn.Unflatten(0, (1, len(x)))(x)", "x.t() if x.dim() < 3 else x.mT"),
    "torch.view_as_real(x) if x.is_complex() else x.split_with_sizes([len(x)])[0]",
    "x.vsplit(1)[0] if x.dim() > 1 else x.view_as(x)",
)
#: Ways to write into x.
WRITES = written(
    *("x.add_(1)", "x.sub_(1)", "x.mul_(2)", "x.div_(2)", "x.fill_(3)", "x.zero_()", "x.neg_()"),
    *("x.copy_(torch.ones_like(x))", "x.pow_(2)", "x.exp_()", "torch.exp_(x)", "x.sqrt_()"),
    *("operator.iadd(x, 1)", "operator.isub(x, 1)", "operator.imul(x, 2)", "x.add_(other=1)"),
    *("operator.itruediv(x, 2)", "operator.setitem(x, ..., 2) or x", "x.masked_fill_(x == x, 1)"),
    *(
        "operator.setitem(x, x == x if x.dim() else ..., 2) or x",
        "x.addcmul_(torch.ones_like(x), x.detach())",
    ),
    *("x.index_copy_(0, rows(x), torch.ones_like(x))", "x.index_fill_(0, rows(x), 2)"),
    *("x.index_add_(0, rows(x), torch.ones_like(x))", "x.put_(rows(x)[:1], torch.ones(1).to(x))"),
    *("x.masked_scatter_(x == x, torch.ones_like(x))", "x.scatter_(0, rows(x, x.shape), 2)"),
)
#: More ways, which are tried in a few forms of real numbers only.
MORE_WRITES = written(
    *("x.clamp_(0, 1)", "x.clip_(min=0)", "x.abs_()", "x.relu_()", "torch.relu_(x)"),
    *("x.sigmoid_()", "F.leaky_relu_(x)", "F.elu(x, inplace=True)", "operator.ipow(x, 2)"),
    *("x.tanh_()", "x.sin_()", "x.log_()", "x.reciprocal_()", "x.square_()", "x.floor_()"),
    *("x.round_()", "x.lerp_(torch.zeros_like(x), 0.5)", "x.addcdiv_(x.detach(), x.detach())"),
    *("x.uniform_()", "x.normal_()", "x.bernoulli_(0.5)", "x.sub_(other=1)", "torch.neg_(x)"),
    *("F.relu(x, inplace=True)", "F.dropout(x, 0.5, True, True)", "operator.imod(x, 2)"),
    *("x.tril_() if x.dim() > 1 else x.ceil_()", "x.triu_() if x.dim() > 1 else x.trunc_()"),
    *("torch.clamp_(x, 0, 1)", "x.eq_(1)", "x.cos_()", "x.cumsum_(0)", "x.erf_()"),
    "x.index_put_((x == x,), torch.ones(1).to(x)) if x.dim() else x.fill_(2)",
    "x.scatter_add_(0, rows(x, x.shape), torch.ones_like(x))",
)
#: What returns x itself.
ITSELF = {
    "x.to(x.dtype)": lambda x: x.to(x.dtype),
    "+x": lambda x: +x,
    "x.cpu()": lambda x: x.to(x.device),
    "nn.Identity": lambda x: nn.Identity()(x),
    "Dropout in evaluation": lambda x: nn.Dropout().eval()(x),
    "x.mul_(2)": lambda x: x.mul_(2),
    "x.copy_(x)": lambda x: x.copy_(torch.zeros_like(x)),
    **written(
        *("x.type(x.dtype)", "x.type_as(x)", "x.to(x)", "x.to(device=x.device)", "x.squeeze_()"),
        *("x.requires_grad_()", "F.dropout(x, training=False)", "torch.as_tensor(x)"),
        "torch.add(x, 1, out=x)",
    ),
}
#: Functions that make a tensor.
MAKERS = {
    "tensor": lambda **options: torch.tensor([1.0, 2.0], **options),
    "empty": lambda **options: torch.empty(2, **options),
    "zeros": lambda **options: torch.zeros(2, **options),
    "full": lambda **options: torch.full((2,), 1.0, **options),
    "rand": lambda **options: torch.rand(2, **options),
    "randn": lambda **options: torch.randn(2, **options),
    "arange": lambda **options: torch.arange(2.0, **options),
    "linspace": lambda **options: torch.linspace(0, 1, 2, **options),
    "eye": lambda **options: torch.eye(2, **options),
    "ones": lambda **options: torch.ones(65, 5, **options),
    "zeros of many": lambda **options: torch.zeros(40_000, **options),
    "logspace": lambda **options: torch.logspace(0, 1, 2, **options),
    "tensor of one": lambda **options: torch.tensor(1.0, **options),
    "ones_like": lambda **options: torch.ones_like(torch.ones(2), **options),
    "empty_like": lambda **options: torch.empty_like(torch.ones(2), **options),
    "full_like": lambda **options: torch.full_like(torch.ones(2), 1, **options),
    "rand_like": lambda **options: torch.rand_like(torch.ones(2), **options),
    "randn_like": lambda **options: torch.randn_like(torch.ones(2), **options),
    "new_ones": lambda **options: torch.ones(2).new_ones(2, **options),
    "new_zeros": lambda **options: torch.ones(2).new_zeros(2, **options),
    "new_empty": lambda **options: torch.ones(2).new_empty(2, **options),
    "new_full": lambda **options: torch.ones(2).new_full((2,), 1, **options),
    "new_tensor": lambda **options: torch.ones(2).new_tensor([1.0], **options),
    "randint": lambda **options: torch.randint(2, (2,), dtype=torch.float64, **options),
}
#: The integers that take as many bytes.
AS_INTEGERS = {
    torch.float64: torch.int64,
    torch.float32: torch.int32,
    torch.float16: torch.int16,
    torch.bfloat16: torch.int16,
}
DTYPES = COMPUTING_FLOATS + COMPLEX
#: Large ones more often than elsewhere, since what they show may show on them alone.
SHAPES = (*NOT_EMPTY, *((4097,), (40_000,)) * 4)
OPERANDS = tensors(DTYPES, SHAPES, small=True, layouts=WITH_EXPANDED)
WRITABLE = tensors(DTYPES, SHAPES, small=True)
COMPARED = tensors(
    (torch.float32, torch.float64, torch.complex64), NOT_EMPTY, small=True, layouts=WITH_EXPANDED
)
VIEWED = tensors(DTYPES, tuple(shape for shape in SHAPES if shape), small=True)

CONTEXTS: dict[str, tuple[Callable, bool]] = {
    "no_grad()": (lambda: torch.no_grad(), False),
    "enable_grad()": (lambda: torch.enable_grad(), True),
    "set_grad_enabled(False)": (lambda: torch.set_grad_enabled(False), False),
    "set_grad_enabled(True)": (lambda: torch.set_grad_enabled(True), True),
    "set_grad_enabled(mode=False)": (lambda: torch.set_grad_enabled(mode=False), False),
    "set_grad_enabled(mode=True)": (lambda: torch.set_grad_enabled(mode=True), True),
}


class Stop(Exception):
    """Raised within a block on purpose."""


def _without_arguments(kind: object) -> bool:
    if not isinstance(kind, type) or not issubclass(kind, BaseException):
        return False
    try:
        return kind() is not None
    except TypeError:
        return False


#: What a block may be left by, some of which are no Exceptions, and some steer loops: all that
#: Python has built in.
RAISED = (
    Stop,
    asyncio.CancelledError,
    *dict.fromkeys(kind for kind in vars(builtins).values() if _without_arguments(kind)),
)


def computations(x: torch.Tensor) -> dict[str, Callable]:
    """The computations that x, by its dtype, can take part in."""
    return OF_NUMBERS if x.is_complex() else OF_NUMBERS | OF_REAL_NUMBERS


def more_computations(x: torch.Tensor) -> dict[str, Callable]:
    """The same, and the other operations and spellings; of more than a MiB, a few quick ones."""
    if x.numel() > 40_001:
        return OF_NUMBERS
    more = MORE_OF_NUMBERS if x.is_complex() else MORE_OF_NUMBERS | MORE_OF_REAL_NUMBERS
    return computations(x) | more


def leaves(device: str) -> Iterator[torch.Tensor]:
    """New leaves of ones, in each of the forms."""
    return (x.to(device).requires_grad_() for x in each_of(FORMS))


def operations_in_turn(device: str) -> Iterator[tuple[str, Callable, torch.Tensor]]:
    """Every operation and spelling, with three of the leaves, which take turns."""
    turns = itertools.cycle([(x, more_computations(x)) for x in leaves(device)])
    for name in more_computations(torch.ones(1)):
        for x, known in itertools.islice(turns, 3):
            if compute := known.get(name):
                yield name, compute, x


def each_layer(device: str) -> Iterator[tuple[str, nn.Module, torch.Tensor]]:
    """A new layer of each kind, and what it takes."""
    for kind, (make, shape) in LAYERS.items():
        yield kind, make().to(device), torch.ones(shape, device=device, requires_grad=True)


@functools.cache
def each_computation(device: str) -> list[tuple[str, Callable[[], torch.Tensor]]]:
    """Every operation and spelling, and every layer, to call without arguments."""
    computed = operations_in_turn(device)
    return [
        *((name, functools.partial(compute, x, x)) for name, compute, x in computed),
        *((kind, functools.partial(layer, x)) for kind, layer, x in each_layer(device)),
    ]


def each_view_once(device: str) -> Iterator[tuple]:
    """Every view that can be written to, with a way to write and a leaf; these take turns."""
    forms = [form for form in FORMS if form[0] and form[2] != "expanded"]
    views = (VIEWS | MORE_VIEWS).items()
    for turn, view in enumerate(it for it in views if not it[0].startswith("x.expand(2")):
        (x,) = each_of((forms[turn % len(forms)],))
        write = [*WRITES.items()][turn % len(WRITES)]
        yield view, write, x.to(device).requires_grad_()


def ways_to_write(x: torch.Tensor) -> dict[str, Callable]:
    """The ways to write into x; into many numbers, each fifth."""
    if x.numel() > 1000:
        return dict(itertools.islice(WRITES.items(), 0, None, 5))
    return WRITES | (MORE_WRITES if x.dtype is torch.float32 else {})


def recording() -> bool:
    """Whether a computation on a tensor that requires grad is being recorded."""
    return (2 * torch.ones(1, requires_grad=True)).requires_grad


def ways_out(context: Callable) -> list[Callable[[], bool]]:
    """Functions that each leave a block in another way, and say what was recorded in it."""

    def generate():
        with context():
            yield recording()

    def at_its_end():
        seen = []
        with context():
            seen.append(recording())
        return seen[0]

    def by_return():
        with context():
            return recording()

    def by_return_from_a_loop_within_a_loop():
        while True:
            for _ in range(3):
                with context():
                    return recording()

    def by_return_in_finally():
        try:
            with context():
                raise Stop
        except Stop:
            with context():
                return recording()
        finally:
            pass

    def by_break():
        while True:
            with context():
                seen = recording()
                break
        return seen

    def by_continue():
        for _ in range(2):
            with context():
                seen = recording()
                continue
        return seen

    def with_an_exception_caught_in_it():
        with context():
            with suppress(Stop):
                raise Stop
            return recording()

    def of_an_exit_stack():
        with ExitStack() as stack:
            stack.enter_context(context())
            return recording()

    def by_closing_an_exit_stack():
        stack = ExitStack()
        stack.enter_context(context())
        seen = recording()
        stack.close()
        return seen

    def by_closing_what_an_exit_stack_handed_on():
        with ExitStack() as stack:
            stack.enter_context(context())
            handed_on = stack.pop_all()
        seen = recording()
        handed_on.close()
        return seen

    def of_a_context_manager_around_it():
        with contextmanager(generate)() as seen:
            return seen

    def by_return_from_five():
        with context(), context(), context(), context(), context():
            return recording()

    def after_a_backward_pass():
        with context():
            seen = recording()
            with torch.enable_grad():
                torch.ones(1, requires_grad=True).sum().backward()
            nn.Linear(1, 1)(torch.ones(1, 1))
        return seen

    def by_an_error_of_pytorch():
        with suppress(RuntimeError), context():
            seen = recording()
            torch.ones(2) @ torch.ones(3)
        return seen

    def by_the_end_of_a_generator():
        (seen,) = generate()
        return seen

    def by_closing_a_generator():
        generator = generate()
        seen = next(generator)
        generator.close()
        return seen

    def by_forgetting_a_generator():
        return next(generate())

    def by_throwing_into_a_generator():
        generator = generate()
        seen = next(generator)
        with suppress(KeyboardInterrupt):
            generator.throw(KeyboardInterrupt())
        return seen

    return [it for name, it in locals().items() if name not in ("context", "generate")]


# A program nests grad modes: a list of steps, each either a bool, the call set_grad_enabled(bool),
# or a block (context, steps within, whether it ends by raising).

PROGRAMS = st.recursive(
    st.lists(st.booleans(), max_size=2),
    lambda programs: st.lists(
        st.booleans() | st.tuples(st.sampled_from(sorted(CONTEXTS)), programs, st.booleans()),
        min_size=1,
        max_size=3,
    ),
    max_leaves=5,
)


def run(program: list, seen: list[bool]) -> None:
    """Run the program, and note after each step, and at the start of a block, what is recorded."""
    for step in program:
        if isinstance(step, bool):
            torch.set_grad_enabled(step)
        else:
            context, body, raises = step
            try:
                with CONTEXTS[context][0]():
                    seen.append(recording())
                    run(body, seen)
                    if raises:
                        raise Stop
            except Stop:
                pass
        seen.append(recording())


def model(program: list, mode: bool, seen: list[bool]) -> None:
    """What ``run`` should see: a call sets the mode, a block sets it and puts it back."""
    for step in program:
        if isinstance(step, bool):
            mode = step
        else:
            context, body, _ = step
            seen.append(CONTEXTS[context][1])
            model(body, CONTEXTS[context][1], seen)
        seen.append(mode)


def in_thread(function: Callable) -> object:
    """What the function returns in a new thread."""
    results: list = []
    thread = threading.Thread(target=lambda: results.append(function()), daemon=True)
    thread.start()
    thread.join(timeout=30)
    return results[0]


def left_in_a_thread(ways: list[Callable], around: Callable) -> list[tuple[bool, bool]]:
    """What is recorded in a block, and after it, if it is left in each of these ways."""
    seen = []

    def leave_each() -> None:
        with suppress(RuntimeError):  # of a backward pass of what was not recorded
            for leave in ways:
                seen.append((leave(), recording()))

    in_thread(around(leave_each))
    return seen


class TestNoGrad:
    """torch.no_grad: a block in which nothing is recorded."""

    @claim("4.1")
    @given(x=OPERANDS, y_requires_grad=st.booleans())
    def test_a_result_computed_in_no_grad_does_not_require_grad(self, x, y_requires_grad, device):
        x = x.to(device).requires_grad_()
        y = torch.ones_like(x).requires_grad_(y_requires_grad)

        for name, compute in computations(x).items():
            with torch.no_grad():
                result = compute(x, y)

            assert not result.requires_grad, name
            assert result.grad_fn is None, name

    @claim("4.1")
    def test_neither_does_one_of_other_operations_and_spellings(self, device):
        for x in (*leaves(device), torch.ones(40_001, device=device, requires_grad=True)):
            for name, compute in more_computations(x).items():
                with torch.no_grad():
                    result = compute(x, x)

                assert not result.requires_grad, name
                assert result.grad_fn is None, name
                if x.numel() < 1000:
                    recorded = compute(x, x.detach())
                    assert recorded.requires_grad, name
                    assert recorded.grad_fn is not None, name

    @claim("4.1")
    def test_a_layer_used_in_no_grad_gives_a_result_without_grad(self, device):
        for kind, layer, x in each_layer(device):
            for dtype, times in ((torch.float32, 3), (torch.float64, 1)):
                layer, x = layer.to(dtype), x.detach().to(dtype).requires_grad_()

                for _ in range(times):
                    with torch.no_grad():
                        result = layer(x)

                    assert not result.requires_grad, kind
                assert all(parameter.requires_grad for parameter in layer.parameters()), kind
                assert layer(x).requires_grad, kind

    @claim("4.1")
    @given(x=OPERANDS)
    def test_no_grad_leaves_its_inputs_requiring_grad(self, x, device):
        x = x.to(device).requires_grad_()

        with torch.no_grad():
            x * 2
            assert x.requires_grad

        assert x.requires_grad

    @claim("4.1")
    @given(x=VIEWED)
    def test_a_view_taken_in_no_grad_still_says_that_it_requires_grad(self, x, device):
        x = x.to(device).requires_grad_()

        for name, take in VIEWS.items():
            with torch.no_grad():
                view = take(x)

            # It answers for x. See https://github.com/pytorch/pytorch/issues/11390.
            assert view.requires_grad, name
            assert view.grad_fn is None, name

    @claim("4.1")
    def test_so_does_one_of_every_kind_and_no_gradient_flows_through_it(self, device):
        for x in leaves(device):
            for name, take in (VIEWS | MORE_VIEWS).items() if x.dim() else ():
                with torch.no_grad():
                    view = take(x)

                if x.dim() == 1 and x.numel() < 300:
                    with suppress(RuntimeError):
                        (2 * view).backward(torch.ones_like(view))
                assert (view.requires_grad, view.grad_fn, x.grad) == (True, None, None), name

    @claim("4.1")
    def test_a_view_of_a_leaf_that_is_itself_a_view_does_not_and_may_be_written_to(self, device):
        for x in leaves(device):
            leaf = x.detach()[None][0].requires_grad_()
            if 0 in x.stride():
                continue

            for name, take in (VIEWS | MORE_VIEWS).items() if x.dim() else ():
                with torch.no_grad():
                    assert not take(leaf).requires_grad, name
            with torch.no_grad():
                view = leaf.view_as(leaf)
            view.fill_(7)
            assert same_values(leaf, np.full(x.shape, 7))

    @claim("4.1")
    @given(x=VIEWED)
    def test_no_gradient_flows_through_a_view_taken_in_no_grad(self, x, device):
        x = x.to(device).requires_grad_()
        with torch.no_grad():
            views = [take(x) for take in VIEWS.values()]

        torch.autograd.backward([2 * view for view in views], [torch.ones_like(v) for v in views])

        assert x.grad is None
        assert all(view.grad is None for view in views)

    @claim("4.1")
    @given(x=tensors(tuple(AS_INTEGERS), NOT_EMPTY))
    def test_detach_and_a_view_as_integers_do_not_require_grad_in_no_grad(self, x, device):
        x = x.to(device).requires_grad_()

        with torch.no_grad():
            detached, integers = x.detach(), x.view(AS_INTEGERS[x.dtype])
            alike = x.data, x.view(x.dtype)

        assert (detached.requires_grad, integers.requires_grad) == (False, False)
        assert [it.requires_grad for it in alike] == [False, False]
        integers.zero_()  # so it may be written to outside
        assert not x.any()

    @claim("4.1")
    @pytest.mark.parametrize(
        ("dtype", "other"),
        [
            (torch.float16, torch.bfloat16),
            (torch.float32, torch.float16),
            (torch.complex64, torch.float32),
        ],
        ids=str,
    )
    def test_neither_does_a_view_as_other_floats(self, dtype, other, device):
        for shape in ((2,), (65,), (300,), (40_000,), (2, 3), (2, 3, 4, 5), (2, 1, 3, 2, 3)):
            x = torch.ones(shape, dtype=dtype, device=device, requires_grad=True)

            with torch.no_grad():
                view = x.view(other)

            assert (view.data_ptr(), view.requires_grad) == (x.data_ptr(), False)

    @claim("4.1")
    @given(x=WRITABLE)
    def test_what_returns_its_input_itself_leaves_it_requiring_grad_in_no_grad(self, x, device):
        x = x.to(device).requires_grad_()

        for name, compute in ITSELF.items():
            with torch.no_grad():
                result = compute(x)

            assert result is x, name
            assert (result.requires_grad, result.is_leaf) == (True, True), name

    @claim("4.1")
    def test_so_does_whatever_writes_into_it(self, device):
        for x in leaves(device):
            for name, write in (ITSELF | ways_to_write(x)).items() if 0 not in x.stride() else ():
                with torch.no_grad():
                    result = write(x)

                assert result is x, name
                assert (x.requires_grad, x.is_leaf) == (True, True), name

    @claim("4.1")
    @pytest.mark.filterwarnings("ignore:torch.asarray. unspecified requires_grad")
    def test_a_copy_of_a_leaf_and_a_gradient_of_create_graph_require_grad(self, device):
        layers = nn.ModuleList(make() for make, _ in LAYERS.values())
        kept = [torch.ones(2, requires_grad=True), nn.Parameter(torch.ones(2))]
        torch.save(kept, file := io.BytesIO())
        file.seek(0)
        with torch.no_grad():
            copies = [*copy.deepcopy(layers).parameters(), *torch.load(file, weights_only=True)]
            copies += pickle.loads(pickle.dumps(kept))
        for x in leaves(device):
            parameter, y = nn.Parameter(x.detach()), (x**3).sum()

            with torch.no_grad():
                copies += [copy.copy(x), *copy.deepcopy([x, parameter])]
                if RELEASE >= (2, 12):
                    copies += [torch.asarray(x, copy=True)]
                (gradient,) = torch.autograd.grad(y, x, torch.ones_like(y), create_graph=True)

            assert gradient.requires_grad
        assert all(copied.requires_grad for copied in copies)

    @claim("4.1")
    def test_is_grad_enabled_is_false_in_no_grad(self):
        assert torch.is_grad_enabled()
        with torch.no_grad():
            assert not torch.is_grad_enabled()

    @claim("4.2")
    @given(mode=st.booleans(), times=st.integers(1, 4))
    def test_no_grad_puts_the_former_mode_back_at_the_end_of_its_block(self, mode, times):
        with torch.set_grad_enabled(mode):
            for _ in range(times):
                with torch.no_grad():
                    assert not recording()

                assert recording() is mode

    @claim("4.2")
    @pytest.mark.parametrize("mode", [True, False])
    def test_no_grad_puts_the_former_mode_back_when_its_block_raises(self, mode):
        with torch.set_grad_enabled(mode):
            for raised in RAISED:
                with pytest.raises(raised), torch.no_grad():
                    raise raised

                assert recording() is mode, raised

    @claim("4.2")
    def test_no_grad_ends_however_its_block_is_left(self):
        ways = ways_out(torch.no_grad)
        for outside in (True, False):
            with torch.set_grad_enabled(outside):
                for leave in ways:
                    for _ in range(3):
                        assert leave() is False
                        assert recording() is outside, leave.__name__
        assert left_in_a_thread(ways, torch.enable_grad()) == [(False, True)] * len(ways)

    @claim("4.2")
    def test_no_grad_ends_when_an_exception_is_thrown_into_a_generator_in_its_block(self):
        def generate():
            with torch.no_grad():
                yield recording()

        for raised in RAISED:
            if issubclass(raised, StopIteration):  # which becomes a RuntimeError
                continue
            generator = generate()
            assert not next(generator)
            with pytest.raises(raised):
                generator.throw(raised())
            assert recording(), raised

    @claim("4.2")
    @given(levels=st.integers(1, 8))
    def test_each_of_nested_no_grad_blocks_puts_the_mode_around_it_back(self, levels):
        def nest(level: int) -> list[bool]:
            if level == 0:
                return [recording()]
            with torch.set_grad_enabled(level % 2 == 0):
                with torch.no_grad():
                    within = nest(level - 1)
                return [*within, recording()]

        assert nest(levels) == [False, *(level % 2 == 0 for level in range(1, levels + 1))]

    @claim("4.3")
    @given(x=OPERANDS)
    def test_nothing_is_saved_for_backward_in_no_grad(self, x, device):
        x = x.to(device).requires_grad_()
        y = torch.full_like(x, 3).requires_grad_()

        for name, compute in computations(x).items():
            saved = []
            with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda packed: packed):
                with torch.no_grad():
                    compute(x, y)

            assert saved == [], name

    @claim("4.3")
    def test_other_operations_and_spellings_save_and_keep_nothing_in_no_grad(self, device):
        saved = []
        for leaf in leaves(device):
            with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda packed: packed):
                for name, compute in more_computations(leaf).items():
                    with torch.no_grad():
                        compute(leaf, leaf)
                    assert saved == [], name
        for shape in ((3,), (2, 1, 2, 3, 1), (40_001,)):
            leaf = torch.ones(shape, device=device, requires_grad=True)
            for name, compute in more_computations(leaf).items():
                source = 2 * leaf
                freed = weakref.ref(source)
                with torch.no_grad():
                    result = compute(source, source)
                del source
                assert freed() is None, (name, result)

    @claim("4.3")
    @given(depth=st.integers(1, 6))
    def test_a_stack_of_layers_saves_more_with_depth_and_nothing_in_no_grad(self, depth, device):
        layers = [module for _ in range(depth) for module in (nn.Linear(3, 3), nn.ReLU())]
        net = nn.Sequential(*layers).to(device)
        x = torch.ones(2, 3, device=device)
        saved, saved_in_no_grad = [], []

        with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda packed: packed):
            net(x)
        with torch.autograd.graph.saved_tensors_hooks(
            saved_in_no_grad.append, lambda packed: packed
        ):
            with torch.no_grad():
                net(x)

        assert len(saved) >= 2 * depth  # an input of each Linear, a result of each ReLU
        assert saved_in_no_grad == []

    @claim("4.3")
    def test_detach_comes_after_the_computation_has_saved_and_lets_go_of_that(self, device):
        for size in (1, 3, 70):
            net = nn.Sequential(nn.Linear(size, 5), nn.ReLU(), nn.Linear(5, 2)).to(device)
            source = 2 * torch.ones(4, size, device=device, requires_grad=True)
            freed, saved = weakref.ref(source), []

            with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda packed: packed):
                net(source).detach()
            assert saved
            saved.clear()

            result = net(source)
            detached = result.detach()
            del source
            assert freed() is not None
            result = detached
            assert freed() is None
            assert not result.requires_grad

    @claim("4.3")
    def test_a_layer_saves_nothing_for_backward_in_no_grad(self, device):
        for kind, layer, x in each_layer(device):
            saved = []

            with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda packed: packed):
                with torch.no_grad():
                    layer(x)

            assert saved == [], kind
            source = 2 * x
            freed = weakref.ref(source)
            with torch.no_grad():
                result = layer(source)
            del source
            assert freed() is None, (kind, result)

    @claim("4.3")
    def test_what_a_result_was_computed_from_is_freed_in_no_grad_alone(self, device):
        x = torch.ones(3, device=device, requires_grad=True)
        source, source_in_no_grad = 2 * x, 2 * x
        kept, freed = weakref.ref(source), weakref.ref(source_in_no_grad)

        results = [source**2]
        with torch.no_grad():
            results.append(source_in_no_grad**2)
        del source, source_in_no_grad

        assert (kept() is None, freed() is None) == (False, True), results

    @claim("4.4")
    def test_backward_refuses_what_a_layer_computed_in_no_grad(self, device):
        for _, layer, x in each_layer(device):
            with torch.no_grad():
                result = layer(x)

            with pytest.raises(RuntimeError, match="does not require grad"):
                result.sum().backward()

    @claim("4.4")
    def test_backward_in_each_spelling_refuses_a_result_of_any_operation(self, device):
        x = torch.ones(2, 3, device=device, requires_grad=True)
        spellings = {
            "backward(gradient)": lambda y: y.backward(torch.ones_like(y)),
            "backward(gradient=...)": lambda y: y.backward(gradient=torch.ones_like(y)),
            "backward(retain_graph=True)": lambda y: y.sum().backward(retain_graph=True),
            "backward(inputs=...)": lambda y: y.sum().backward(inputs=[x]),
            "autograd.backward": lambda y: torch.autograd.backward([y.sum()]),
            "autograd.grad": lambda y: torch.autograd.grad(y.sum(), [x]),
        }

        turns = itertools.cycle(spellings.items())
        for (name, compute), (spelling, walk) in zip(
            more_computations(x).items(), turns, strict=False
        ):
            with torch.no_grad():
                result = compute(x, x)

            with pytest.raises(RuntimeError, match="does not require grad"):
                walk(result)
            assert x.grad is None, (name, spelling)

    @claim("4.4")
    @given(x=OPERANDS)
    def test_backward_refuses_a_result_computed_in_no_grad(self, x, device):
        x = x.to(device).requires_grad_()

        for compute in (torch.exp, lambda x: x * 2, lambda x: x - 1, lambda x: -x):
            with torch.no_grad():
                result = compute(x)

            with pytest.raises(RuntimeError, match="does not require grad"):
                result.backward(torch.ones_like(result))
            assert x.grad is None

    @claim("4.4")
    def test_backward_refuses_a_view_taken_in_no_grad_and_takes_what_is_computed_from_it(
        self, device
    ):
        x = torch.ones(3, device=device, requires_grad=True)

        for name, take in VIEWS.items():
            with torch.no_grad():
                view = take(x)

            with pytest.raises(RuntimeError, match="does not require grad"):
                view.backward(torch.ones_like(view))
            (2 * view).backward(torch.ones_like(view))
            assert (view.grad, x.grad) == (None, None), name

    @claim("4.4")
    def test_a_result_of_no_grad_counts_as_a_constant_afterwards(self, device):
        x = torch.tensor(3.0, device=device, requires_grad=True)
        with torch.no_grad():
            square = x * x

        (square * x).backward()

        assert x.grad.item() == 9  # and not 27, the slope of x**3

    @claim("4.4")
    def test_so_does_one_in_every_form_and_a_view(self, device):
        for x in leaves(device):
            for make in (torch.exp, lambda x: x / 2, lambda x: 3 - x, lambda x: x.view_as(x)):
                x.grad = None
                with torch.no_grad():
                    constant = make(x)

                (constant * x).backward(torch.ones_like(x))

                assert same_values(x.grad, as_array(constant))

    @claim("4.4")
    @given(x=OPERANDS, factor=st.integers(2, 9))
    def test_what_no_grad_changed_in_a_recorded_result_is_not_in_its_gradient(
        self, x, factor, device
    ):
        x = x.to(device).requires_grad_()
        result = 2 * x
        with torch.no_grad():
            result.mul_(factor)

        result.backward(torch.ones_like(result))

        assert same_bits(result, x.detach() * (2 * factor))
        assert same_bits(x.grad, torch.full_like(x, 2))  # and not 2 * factor

    @claim("4.4")
    @given(x=OPERANDS)
    def test_backward_refuses_if_no_grad_overwrote_a_value_that_was_saved(self, x, device):
        x = x.to(device).requires_grad_()
        result = x.exp()  # whose gradient is itself
        with torch.no_grad():
            result.zero_()

        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            result.backward(torch.ones_like(result))

    @claim("4.4")
    def test_in_place_of_every_spelling_counts_as_a_change_and_leaves_the_gradient_alone(
        self, device
    ):
        for x in leaves(device):
            for name, write in ways_to_write(x).items():
                x.grad, result, saved = None, 2 * x, x.exp()
                with torch.no_grad():
                    write(result)
                    write(saved)

                ones = torch.ones_like(result)
                result.backward(ones)

                assert (as_array(x.grad) == 2).all(), name
                assert "modified by an inplace operation" in refusal(saved.backward, ones), name

    @claim("4.4")
    @given(x=OPERANDS)
    def test_backward_called_in_no_grad_differentiates_what_was_recorded_before(self, x, device):
        x = x.to(device).requires_grad_()
        ones = torch.ones_like(x)

        for spelling, walk in {
            "backward(gradient)": lambda y: y.backward(ones),
            "backward(gradient=...)": lambda y: y.backward(gradient=ones),
            "backward(inputs=...)": lambda y: y.backward(ones, inputs=[x]),
            "autograd.backward": lambda y: torch.autograd.backward([y], [ones]),
            "sum().backward()": lambda y: y.backward(ones, retain_graph=True),
        }.items():
            x.grad, result = None, 2 * x
            with torch.no_grad(), suppress(RuntimeError):
                walk(result)

            assert same_values(x.grad, np.full(x.shape, 2)), spelling


class TestSetGradEnabled:
    """torch.set_grad_enabled: gradients on or off, by argument."""

    @claim("4.5")
    @given(x=OPERANDS)
    def test_results_in_its_block_require_grad_as_its_argument_says(self, x, device):
        x = x.to(device).requires_grad_()

        for name, compute in computations(x).items():
            with torch.no_grad(), torch.set_grad_enabled(True):
                on = compute(x, torch.ones_like(x))
            with torch.set_grad_enabled(mode=False):
                off = compute(x, torch.ones_like(x))

            assert (on.requires_grad, on.grad_fn is None) == (True, False), name
            assert not off.requires_grad, name
            assert off.grad_fn is None, name

    @claim("4.5")
    def test_so_do_those_of_other_operations_and_spellings_and_of_layers(self, device):
        for name, compute in each_computation(device):
            with torch.set_grad_enabled(False):
                off = compute()
            with torch.no_grad(), torch.set_grad_enabled(mode=True):
                on = compute()

            assert on.requires_grad, name
            assert not off.requires_grad, name

    @claim("4.5")
    @given(phases=st.lists(st.booleans(), min_size=1, max_size=4))
    def test_one_block_serves_training_and_validation(self, phases, device):
        layer = nn.Linear(3, 1).to(device)
        x = torch.ones(2, 3, device=device)

        for training in phases:
            layer.zero_grad()
            with torch.set_grad_enabled(not training), torch.set_grad_enabled(training):
                loss = layer(x).sum()
                if training:
                    loss.backward()

            assert loss.requires_grad is training
            assert (layer.bias.grad is not None and layer.bias.grad.item() == 2) is training

    @claim("4.5")
    def test_an_argument_that_is_no_bool_is_refused(self):
        wrong = (0, 1, 1.0, None, "no", "", b"", [], (), {}, object(), np.True_, np.False_)
        tensors = (torch.tensor(True), torch.tensor(False), torch.tensor([1.0]))
        for outside, argument in itertools.product((True, False), (*wrong, *tensors, np.ones(1))):
            with torch.set_grad_enabled(outside):
                for positional, named in (((argument,), {}), ((), {"mode": argument})):
                    with pytest.raises(TypeError, match="bool"):
                        torch.set_grad_enabled(*positional, **named)
                assert recording() is outside

    @claim("4.6")
    @given(former=st.booleans(), mode=st.booleans(), times=st.integers(1, 4))
    def test_as_a_context_manager_it_puts_the_former_mode_back(self, former, mode, times):
        with torch.enable_grad() if former else torch.no_grad():
            for _ in range(times):
                with torch.set_grad_enabled(mode):
                    assert recording() is mode

                assert recording() is former

    @claim("4.6")
    @pytest.mark.parametrize("outermost", [True, False])
    def test_each_of_six_within_one_another_puts_the_former_mode_back(self, outermost):
        modes, blocks, seen = [outermost, not outermost] * 3, [], []

        with torch.set_grad_enabled(outermost):
            for mode in modes:
                blocks.append(torch.set_grad_enabled(not mode))
                blocks[-1].__enter__()
                seen.append(recording())
            while blocks:
                blocks.pop().__exit__(None, None, None)
                seen.append(recording())

        assert seen == [*(not mode for mode in modes), *reversed(modes)]

    @claim("4.6")
    @pytest.mark.parametrize("mode", [True, False])
    def test_as_a_context_manager_it_puts_the_former_mode_back_when_its_block_raises(self, mode):
        with torch.set_grad_enabled(not mode):
            for raised in RAISED:
                with suppress(raised), torch.set_grad_enabled(mode):
                    raise raised

                assert recording() is not mode, raised

    @claim("4.6")
    @pytest.mark.parametrize("mode", [True, False])
    def test_however_its_block_is_left_it_puts_the_former_mode_back(self, mode):
        ways = ways_out(lambda: torch.set_grad_enabled(mode=mode))
        with torch.set_grad_enabled(not mode):
            for leave in ways:
                for _ in range(3):
                    assert (leave(), recording()) == (mode, not mode), leave.__name__
            assert left_in_a_thread(ways, lambda it: it) == [(mode, True)] * len(ways)

    @claim("4.6")
    @given(modes=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=7))
    def test_as_a_function_it_takes_effect_at_once_and_outlasts_what_calls_it(self, modes):
        def call(mode: bool, by_keyword: bool) -> None:
            torch.set_grad_enabled(mode=mode) if by_keyword else torch.set_grad_enabled(mode)
            raise Stop

        with torch.enable_grad():  # ends what the calls leave
            for mode, by_keyword in modes:
                with suppress(Stop):
                    call(mode, by_keyword)
                nn.Linear(1, 1)(torch.ones(1, 1))
                with torch.enable_grad():
                    torch.ones(1, requires_grad=True).sum().backward()
                assert recording() is mode
                assert torch.is_grad_enabled() is mode

    @claim("4.6")
    @pytest.mark.parametrize("outside", [True, False])
    def test_a_call_within_a_block_ends_with_the_block(self, outside):
        for name, (context, _) in CONTEXTS.items():
            for mode in (True, False):
                with torch.set_grad_enabled(outside):
                    with context():
                        torch.set_grad_enabled(mode)
                        seen = [recording()]
                    seen.append(recording())
                    with suppress(Stop), context():
                        torch.set_grad_enabled(mode)
                        raise Stop
                    seen.append(recording())
                    if RELEASE >= (2, 2):  # before, set_grad_enabled acts when it decorates
                        context()(lambda mode=mode: torch.set_grad_enabled(mode))()
                    seen.append(recording())

                    assert seen == [mode, outside, outside, outside], name

    @claim("4.7")
    @given(x=OPERANDS)
    def test_the_sequence_of_the_article_gives_false_true_false(self, x, device):
        x = x.to(device).requires_grad_()
        seen = []

        with torch.enable_grad():
            with torch.set_grad_enabled(False):
                seen.append((x * 2).requires_grad)
            torch.set_grad_enabled(True)
            seen.append((x * 2).requires_grad)
            torch.set_grad_enabled(False)
            seen.append((x * 2).requires_grad)

        assert seen == [False, True, False]

    @claim("4.7")
    def test_it_gives_them_for_every_operation_and_layer_and_with_keywords(self, device):
        for name, compute in each_computation(device):
            with torch.enable_grad():
                with torch.set_grad_enabled(mode=False):
                    results = [compute()]
                torch.set_grad_enabled(mode=True)
                results.append(compute())
                torch.set_grad_enabled(mode=False)
                results.append(compute())

            assert [it.requires_grad for it in results] == [False, True, False], name


class TestNesting:
    """Grad modes within grad modes."""

    @claim("4.8")
    def test_set_grad_enabled_false_does_have_an_effect_within_enable_grad(self):
        with torch.enable_grad():
            with torch.set_grad_enabled(False):
                assert not recording()
            assert recording()

            torch.set_grad_enabled(False)
            assert not recording()

    @claim("4.8")
    def test_the_innermost_of_nested_blocks_decides(self):
        def seen_in(names: tuple[str, ...]) -> list[bool]:
            """Whether gradients are on, on the way in and out of the nested blocks."""
            first, *others = names
            with CONTEXTS[first][0]():
                before = recording()
                return [before, *(seen_in(others) if others else ()), recording()]

        pairs = itertools.product(CONTEXTS, repeat=2)
        for names in [*itertools.product(CONTEXTS, repeat=3), *(pair * 5 for pair in pairs)]:
            modes = [CONTEXTS[name][1] for name in names]
            assert seen_in(names) == [*modes, *reversed(modes)], names

    @claim("4.8")
    @given(program=PROGRAMS, mode=st.booleans())
    @example(program=[("enable_grad()", [False, ("no_grad()", [True], True)], False)], mode=True)
    def test_the_innermost_block_or_latest_call_decides_in_every_nesting(self, program, mode):
        seen, expected = [], []

        with torch.set_grad_enabled(mode):
            run(program, seen)
        model(program, mode, expected)

        assert seen == expected

    @claim("4.8")
    def test_it_decides_in_every_thread(self):
        every = []
        for (outer, _), (inner, mode) in itertools.product(CONTEXTS.values(), repeat=2):

            def nested(outer=outer, inner=inner) -> list[bool]:
                with outer():
                    before = recording()
                    with inner():
                        return [before, recording()]

            every.append(nested)
            assert nested()[1] is mode
        assert in_thread(lambda: [it() for it in every]) == [it() for it in every]
        assert in_thread(torch.no_grad()(torch.enable_grad()(recording)))

    @claim("4.8")
    def test_enable_grad_in_no_grad_puts_no_grad_back_when_its_block_raises(self):
        with torch.no_grad():
            for raised in RAISED:
                with suppress(raised), torch.enable_grad():
                    raise raised

                assert not recording(), raised

    @claim("4.8")
    def test_however_enable_grad_is_left_it_puts_the_mode_around_it_back(self):
        ways = ways_out(torch.enable_grad)
        for outside in (False, True):
            with torch.set_grad_enabled(outside):
                for leave in ways:
                    for _ in range(3):
                        assert leave() is True
                        assert recording() is outside, leave.__name__
        assert left_in_a_thread(ways, torch.no_grad()) == [(True, False)] * len(ways)

    @claim("4.8")
    @since("2.2")
    def test_the_innermost_decides_also_among_decorated_functions(self):
        for names in itertools.product(CONTEXTS, repeat=2):
            outer, inner = (CONTEXTS[name] for name in names)

            decorated = outer[0]()(lambda inner=inner: (inner[0]()(recording)(), recording()))

            assert decorated() == (inner[1], outer[1]), names

    @claim("4.8")
    def test_the_innermost_decides_for_every_operation_and_layer(self, device):
        for name, compute in each_computation(device):
            with torch.enable_grad(), torch.set_grad_enabled(False):
                off = compute()
            with torch.no_grad(), torch.enable_grad():
                on = compute()

            assert (on.requires_grad, off.requires_grad) == (True, False), name

    @claim("4.8")
    def test_a_block_holds_in_the_functions_that_are_called_in_it(self):
        def outer() -> bool:
            return inner()

        def inner() -> bool:
            return recording()

        with torch.no_grad():
            assert not outer()
        assert outer()

    @claim("4.8")
    @pytest.mark.filterwarnings("ignore:Using backward")
    @pytest.mark.parametrize("create_graph", [True, False])
    def test_a_hook_runs_without_grad_unless_backward_creates_a_graph(self, create_graph):
        for outside, shape in itertools.product((True, False), ((1,), (2, 3, 1), (300, 1))):
            x, net, modes = torch.ones(shape, requires_grad=True), nn.Linear(1, 1), {}

            def noting(hook: str, modes=modes) -> Callable:
                modes[hook] = "not run"
                return lambda *_: modes.update({hook: torch.is_grad_enabled()})

            net.register_full_backward_hook(noting("of a module"))
            y = net(x * 2)
            y.register_hook(noting("of a result"))
            x.register_hook(noting("of a leaf"))
            net.weight.register_hook(noting("of a Parameter"))
            y.grad_fn.register_hook(noting("of a grad_fn"))
            if RELEASE >= (2, 0):
                y.grad_fn.register_prehook(noting("before a grad_fn"))
                torch.autograd.graph.register_multi_grad_hook([y, x], noting("of several"))
            if RELEASE >= (2, 1):
                x.register_post_accumulate_grad_hook(noting("after a leaf's grad"))
            with torch.set_grad_enabled(outside):
                y.backward(torch.ones_like(y), create_graph=create_graph)

            assert set(modes.values()) == {create_graph}, modes

    @claim("4.8")
    @pytest.mark.parametrize("create_graph", [True, False])
    def test_the_forward_of_a_custom_function_runs_without_grad_and_its_backward_like_a_hook(
        self, create_graph
    ):
        class Noting(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                modes.append(recording())
                with torch.enable_grad():
                    modes.append(recording())
                return 2 * x

            @staticmethod
            def backward(ctx, gradient):
                modes.append(recording())
                return 2 * gradient

        for shape in EACH_RANK:
            modes, x = [], torch.ones(shape, requires_grad=True)
            y = Noting.apply(x)
            torch.autograd.grad(y, x, torch.ones_like(y), create_graph=create_graph)
            with torch.enable_grad():
                Noting.apply(x).backward(torch.ones_like(x))

            assert modes == [False, True, create_graph, False, True, False]


class TestThreads:
    """Grad mode belongs to its thread."""

    @claim("4.9")
    @given(program=PROGRAMS, mode=st.booleans())
    def test_what_another_thread_does_leaves_this_threads_mode_alone(self, program, mode):
        def work() -> list[bool]:
            seen: list[bool] = []
            run(program, seen)
            return seen

        expected: list[bool] = []
        model(program, True, expected)

        with torch.set_grad_enabled(mode):
            assert in_thread(work) == expected
            assert recording() is mode

    @claim("4.9")
    def test_a_block_in_another_thread_puts_back_the_mode_of_that_thread(self):
        for mode, (context, within) in itertools.product((True, False), CONTEXTS.values()):
            with torch.set_grad_enabled(mode):
                left = left_in_a_thread(ways_out(context), lambda it: it)

                assert set(left) == {(within, True)}
                assert recording() is mode

    @claim("4.9")
    def test_a_new_thread_records_whatever_the_mode_of_its_maker(self):
        def makes_another() -> bool:
            with torch.no_grad():
                return in_thread(recording)

        class Worker(threading.Thread):
            def run(self) -> None:
                self.seen = recording()

        def of_a_subclass() -> bool:
            worker = Worker(daemon=True)
            worker.start()
            worker.join(timeout=30)
            return worker.seen

        def of_a_timer() -> bool:
            seen = []
            timer = threading.Timer(0, lambda: seen.append(recording()))
            timer.start()
            timer.join(timeout=30)
            return seen[0]

        def of_pools() -> bool:
            with ThreadPoolExecutor(2) as pool, ThreadPool(2) as other:
                return all([*pool.map(lambda _: recording(), range(4)), other.apply(recording)])

        async def of_an_event_loop() -> bool:
            in_executor = asyncio.get_running_loop().run_in_executor
            return all([await asyncio.to_thread(recording), await in_executor(None, recording)])

        def of_asyncio() -> bool:
            return asyncio.run(of_an_event_loop())

        for name, (context, mode) in CONTEXTS.items():
            with context():
                seen = [it() for it in (of_a_subclass, of_a_timer, of_pools, of_asyncio)]
                seen += [in_thread(recording), recording()]

                assert in_thread(makes_another) is True, name
                assert seen == [True, True, True, True, True, mode], name

    @claim("4.9")
    def test_a_thread_within_no_grad_leaves_another_thread_recording_meanwhile(self):
        entered, seen = threading.Event(), threading.Event()
        within: list[bool] = []

        def stay_in_no_grad() -> None:
            with torch.no_grad():
                within.append(recording())
                entered.set()
                seen.wait(timeout=30)

        thread = threading.Thread(target=stay_in_no_grad, daemon=True)
        thread.start()
        entered.wait(timeout=30)
        recorded = recording()
        seen.set()
        thread.join(timeout=30)

        assert recorded
        assert within == [False]

    @claim("4.9")
    @pytest.mark.parametrize("mode", [True, False])
    def test_of_many_threads_at_once_each_starts_recording_and_keeps_its_own_mode(self, mode):
        together = threading.Barrier(9, timeout=30)
        seen: dict[int, tuple[bool, bool]] = {}

        def work(number: int) -> None:
            together.wait()
            first = recording()
            torch.set_grad_enabled(number % 3 > 0)
            together.wait()
            seen[number] = first, recording()

        with torch.set_grad_enabled(mode):
            threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(9)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(timeout=30)
            assert recording() is mode

        assert seen == {number: (True, number % 3 > 0) for number in range(9)}

    @claim("4.9")
    def test_a_thread_of_a_pool_keeps_its_mode_from_one_task_to_the_next(self):
        with ThreadPoolExecutor(1) as pool, torch.no_grad():
            assert pool.submit(recording).result()
            pool.submit(torch.set_grad_enabled, False).result()
            assert not pool.submit(recording).result()
            pool.submit(torch.set_grad_enabled, True).result()
            assert pool.submit(recording).result()

        assert recording()


class TestNoGradAgainstSetGradEnabled:
    """The chapter's question: what tells the two apart."""

    @claim("4.10")
    @given(x=COMPARED)
    def test_no_grad_and_set_grad_enabled_false_give_the_same_results_as_recording(self, x, device):
        x = x.to(device).requires_grad_()
        y = torch.full_like(x, 3).requires_grad_()

        for name, compute in computations(x).items():
            recorded = compute(x, y)
            with torch.no_grad():
                one = compute(x, y)
            with torch.set_grad_enabled(False):
                other = compute(x, y)

            for result in (one, other):
                assert same_bits(result, recorded), name
                assert not result.requires_grad, name
                assert result.grad_fn is None, name

    @claim("4.10")
    def test_they_do_so_for_other_operations_spellings_views_and_layers(self, device):
        for name, compute in each_computation(device):
            with torch.no_grad():
                one = compute()
            with torch.set_grad_enabled(False):
                other = compute()

            assert one.numel() > 20_000 or same_bits(one, other), name
            assert (one.requires_grad, other.requires_grad) == (False, False), name
        for x in leaves(device):
            for name, take in (VIEWS | MORE_VIEWS).items() if x.dim() else ():
                with torch.no_grad():
                    one = take(x)
                with torch.set_grad_enabled(mode=False):
                    other = take(x)

                mine, its = ((v.requires_grad, v.data_ptr(), v.stride()) for v in (one, other))
                assert mine == its, name
                assert (one.grad_fn, other.grad_fn) == (None, None), name

    @claim("4.10")
    @given(x=VIEWED)
    def test_no_grad_and_set_grad_enabled_false_give_the_same_views(self, x, device):
        x = x.to(device).requires_grad_()

        for name, take in VIEWS.items():
            with torch.no_grad():
                one = take(x)
            with torch.set_grad_enabled(False):
                other = take(x)

            assert one.requires_grad == other.requires_grad, name
            assert one.grad_fn is None, name
            assert other.grad_fn is None, name


class TestLeavesMadeInNoGrad:
    """What no_grad leaves alone: leaves that ask for grad."""

    @claim("4.1")
    @pytest.mark.parametrize("context", [name for name in CONTEXTS if not CONTEXTS[name][1]])
    def test_a_tensor_made_without_grad_mode_may_require_grad(self, context, device):
        for dtype, shape in itertools.product(there(DTYPES), EACH_RANK):
            with CONTEXTS[context][0]():
                plain = torch.ones(shape, dtype=dtype, device=device)
                asked = torch.ones(shape, dtype=dtype, device=device, requires_grad=True)
                switched = torch.zeros(shape, dtype=dtype, device=device).requires_grad_()
                assigned = torch.zeros(shape, dtype=dtype, device=device)
                assigned.requires_grad = True
                like = torch.zeros_like(plain, requires_grad=True)
                parameter = nn.Parameter(plain)

            assert not plain.requires_grad
            for leaf in (asked, switched, assigned, like, parameter):
                assert leaf.requires_grad
                assert (leaf * 2).requires_grad

    @claim("4.1")
    def test_a_function_that_makes_a_tensor_heeds_requires_grad_in_no_grad(self, device):
        for name, make in MAKERS.items():
            with torch.no_grad():
                assert make(device=device, requires_grad=True).requires_grad, name
                assert not make(device=device).requires_grad, name

    @claim("4.1")
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_a_layer_made_in_no_grad_requires_grad_and_gets_gradients(self, dtype, device):
        for kind, (make, shape) in LAYERS.items():
            with torch.no_grad():
                layer = make().to(device, dtype)
                x = torch.ones(shape, dtype=dtype, device=device, requires_grad=True)
                parameter = nn.Parameter(torch.ones(shape, dtype=dtype, device=device))

            layer(x * parameter).sum().backward()

            for leaf in (x, parameter, *layer.parameters()):
                assert (leaf.requires_grad, leaf.grad is None) == (True, False), kind

    @claim("4.1")
    def test_a_layer_made_in_no_grad_gets_the_right_gradients(self, device):
        with torch.no_grad():
            layer = nn.Linear(3, 2, device=device)

        layer(torch.ones(1, 3, device=device)).sum().backward()

        gradients = [parameter.grad.tolist() for parameter in layer.parameters()]
        assert gradients == [[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]], [1.0, 1.0]]


class TestViewsTakenInNoGrad:
    """A view that autograd was not told of, and writes to its memory."""

    @claim("4.11")
    @given(x=VIEWED)
    def test_such_a_view_refuses_a_write_outside_and_takes_one_within_no_grad(self, x, device):
        x = x.to(device).requires_grad_()

        for value, (name, take) in enumerate(VIEWS.items(), 10):
            with torch.no_grad():
                view = take(x)

            # See https://github.com/pytorch/pytorch/issues/103185.
            with pytest.raises(RuntimeError, match="view was created in no_grad mode"):
                view.mul_(0)
            with torch.no_grad():
                view.fill_(value)
            assert (x.detach() == value).any(), name

    @claim("4.11")
    def test_it_refuses_and_takes_each_way_to_write(self, device):
        for (_, take), (_, write), x in each_view_once(device):
            with torch.no_grad():
                view = take(x)

            with pytest.raises(RuntimeError, match="was created in no_grad mode"):
                write(view)
            with torch.no_grad():
                write(view)
        for name, write in MORE_WRITES.items():
            x = torch.ones(2, 3, 4, device=device, requires_grad=True)
            with torch.no_grad():
                view = x.transpose(0, 1)

            with pytest.raises(RuntimeError, match="was created in no_grad mode"):
                write(view)
            with torch.no_grad():
                assert write(view) is view, name

    @claim("4.11")
    def test_after_a_write_of_any_kind_no_computation_takes_it(self, device):
        turns = itertools.cycle(
            [torch.exp, torch.sum, lambda x: x + 1, lambda x: x[0], torch.clone]
        )
        for _, (_, write), x in each_view_once(device):
            with torch.no_grad():
                view, detached, cloned = x[:1], x[:1].detach(), x[:1].clone()
                write(x)

            for compute in itertools.islice(turns, 2):
                assert "view was created in no_grad mode" in refusal(compute, view)
                compute(detached)
                compute(cloned)
            write(detached)
            write(cloned)

    @claim("4.11")
    @given(x=VIEWED)
    def test_a_view_of_a_recorded_result_refuses_a_write_outside_too(self, x, device):
        result = 2 * x.to(device).requires_grad_()

        with torch.no_grad():
            view = result[:1]

        assert (view.requires_grad, view.grad_fn) == (True, None)
        with pytest.raises(RuntimeError, match="view was created in no_grad mode"):
            view.mul_(0)

    @claim("4.11")
    @pytest.mark.parametrize("written", ["base", "view"])
    def test_after_a_write_within_no_grad_such_a_view_can_only_be_detached(self, written, device):
        for x in ones(DTYPES):
            x = x.to(device).requires_grad_()
            with torch.no_grad():
                view = x[None][:1]
                (view if written == "view" else x).mul_(3)

            with pytest.raises(RuntimeError, match="view was created in no_grad mode"):
                view * 2
            assert same_values(view, np.full((1, *x.shape), 3))

    @claim("4.11")
    def test_a_write_to_the_base_outside_no_grad_has_the_same_effect(self, device):
        base = 2 * torch.ones(3, device=device, requires_grad=True)
        with torch.no_grad():
            view = base[:2]

        base[2] = 7

        with pytest.raises(RuntimeError, match="view was created in no_grad mode"):
            view * 2
        assert view.detach().tolist() == [2.0, 2.0]

    @claim("4.11")
    def test_a_step_of_an_optimizer_is_such_a_write_to_a_view_of_a_weight(self, device):
        optim = torch.optim
        for make in (
            optim.SGD,
            lambda them, lr: optim.SGD(them, lr, momentum=0.9, foreach=True),
            *(optim.Adam, optim.AdamW, optim.RMSprop, optim.Adagrad, optim.Adamax, optim.Rprop),
        ):
            weight = nn.Parameter(torch.ones(3, device=device))
            with torch.no_grad():
                view = weight[:2]
            weight.sum().backward()
            make([weight], lr=1).step()

            with pytest.raises(RuntimeError, match="view was created in no_grad mode"):
                view + 1

    @claim("4.11")
    @given(x=VIEWED)
    def test_a_view_of_a_plain_tensor_may_be_written_to_until_a_gradient_comes_in(self, x, device):
        x = x.to(device)
        with torch.no_grad():
            view = x[:1]

        view.fill_(5)

        assert (x[:1] == 5).all()
        with pytest.raises(RuntimeError, match="view was created in no_grad mode"):
            view.mul_(torch.ones_like(view, requires_grad=True))

    @claim("4.11")
    def test_so_may_one_of_any_kind_and_in_any_way(self, device):
        for (name, take), (spelling, write), x in each_view_once(device):
            with torch.no_grad():
                view = take(x.detach())

            assert write(view) is view, (name, spelling)
            with pytest.raises(RuntimeError, match="was created in no_grad mode"):
                view.mul_(torch.ones_like(view, requires_grad=True))

    @claim("4.11")
    def test_a_step_that_is_fused_or_a_write_through_data_goes_unnoticed(self, device):
        weight = nn.Parameter(torch.ones(3, device=device))
        with torch.no_grad():
            view = weight[:2]

        weight.data.add_(1)
        if RELEASE >= (2, 4) and device == "cpu":
            weight.grad = torch.full_like(weight, -1)
            torch.optim.SGD([weight], lr=1, fused=True).step()

        assert not refusal(lambda it: it * 2, view)


class TestInferenceMode:
    """torch.inference_mode: no_grad for results that will never meet autograd again."""

    @claim("4.12")
    @given(x=COMPARED)
    def test_inference_mode_gives_the_values_of_no_grad(self, x, device):
        x = x.to(device).requires_grad_()
        y = torch.full_like(x, 3).requires_grad_()

        for name, compute in computations(x).items():
            with torch.no_grad():
                expected = compute(x, y)
            with torch.inference_mode():
                result = compute(x, y)

            assert same_bits(result, expected), name
            assert (result.requires_grad, result.is_inference()) == (False, True), name
            assert not expected.is_inference(), name

    @claim("4.12")
    def test_it_does_so_for_other_operations_and_spellings(self, device):
        for name, compute, x in operations_in_turn(device):
            with torch.no_grad():
                expected = compute(x, x)
            with torch.inference_mode():
                result = compute(x, x)
                with torch.enable_grad():
                    enabled = compute(x, x) if "apply" not in name else result
                with torch.inference_mode(False):
                    recorded = compute(x, x)

            assert x.numel() > 300 or same_bits(result, expected), name
            assert (result.requires_grad, enabled.requires_grad) == (False, False), name
            assert result.is_inference(), name
            assert recorded.requires_grad, name
            assert not expected.is_inference(), name
        assert in_thread(torch.inference_mode()(lambda: 2 * torch.ones(1))).is_inference()

    @claim("4.12")
    def test_layers_of_all_kinds_give_inference_tensors_in_it(self, device):
        for kind, layer, x in each_layer(device):
            formats = [x, x.to(memory_format=torch.channels_last)] if x.dim() == 4 else [x]
            for it in formats:
                with torch.inference_mode():
                    result = layer(it)

                assert (result.is_inference(), result.requires_grad) == (True, False), kind

    @claim("4.12")
    def test_its_results_refuse_every_write_and_use_that_no_grads_and_clones_take(self, device):
        uses = {
            "requires_grad = True": lambda x: setattr(x, "requires_grad", True) or x,
            "requires_grad_(True)": lambda x: x.requires_grad_(True),
            "out=": lambda x: torch.add(weight.detach(), 1, out=x),
            "nn.Parameter": lambda x: nn.Parameter(x),
            "a product": lambda x: weight * x,
            "a power": lambda x: x**weight,
            "a quotient": lambda x: weight / x,
            "torch.mul": lambda x: torch.mul(weight, x),
        }
        for x in leaves(device):
            weight = torch.ones_like(x, requires_grad=True)
            for name, use in (ways_to_write(x) | uses).items():
                with torch.inference_mode():
                    result = x * 2
                with torch.no_grad():
                    plain = x * 2

                for taken in (plain, result.clone(), torch.clone(result)):
                    assert not taken.is_inference(), name
                    use(taken)
                assert "nference tensor" in refusal(use, result), name

    @claim("4.12")
    def test_so_do_its_results_of_integers_and_bool(self, device):
        shapes = itertools.cycle(((), (70,), (2, 1, 3, 2, 2)))
        for dtype, shape in zip((*WHOLE, torch.bool), shapes, strict=False):
            x = torch.ones(shape, device=device).to(dtype)
            with torch.inference_mode():
                results = [compute(x) for compute in OF_WHOLE_NUMBERS.values()]

            for name, result in zip(OF_WHOLE_NUMBERS, results, strict=True):
                assert result.is_inference(), name
                for write in (lambda it: it.zero_(), lambda it: it.copy_(it.clone())):
                    write(result.clone())
                    assert "nference tensor" in refusal(write, result), name

    @claim("4.12")
    def test_a_layer_that_learns_refuses_a_result_of_inference_mode(self, device):
        layer = nn.Linear(3, 2).to(device)
        with torch.inference_mode():
            features = torch.ones(1, 3, device=device) * 2

        with pytest.raises(RuntimeError, match=r"[Ii]nference tensor"):
            layer(features)
        layer.requires_grad_(False)(features)

    @claim("4.12")
    @given(x=VIEWED)
    def test_a_view_of_an_ordinary_tensor_is_ordinary_in_inference_mode_too(self, x, device):
        x = x.to(device)

        for name, take in VIEWS.items():
            with torch.inference_mode():
                view = take(x)

            assert not view.is_inference(), name

    @claim("4.12")
    def test_such_a_view_of_what_requires_grad_refuses_a_write_outside(self, device):
        for (name, take), (_, write), x in each_view_once(device):
            with torch.inference_mode():
                view = take(x)

            assert (view.requires_grad, view.is_inference()) == (True, False), name
            with pytest.raises(RuntimeError, match="was created in inference mode"):
                write(view)
            before = view._version
            with torch.no_grad(), suppress(RuntimeError):
                write(view)
            assert view._version > before, name
            with torch.inference_mode():
                view = take(x)
            before = view._version
            view.logical_not_()  # 1.2.5
            assert view._version > before, name

    @claim("4.12")
    @pytest.mark.parametrize("on", ["enable_grad()", "set_grad_enabled(True)"])
    def test_in_inference_mode_nothing_is_recorded_though_grad_mode_is_on(self, on):
        x = torch.ones(1, requires_grad=True)

        with torch.inference_mode():
            modes = [torch.is_grad_enabled()]
            with CONTEXTS[on][0]():
                modes.append(torch.is_grad_enabled())
                result, of_a_users_own = x * 2, Double.apply(x)

        assert modes == [False, True]
        assert (result.requires_grad, result.is_inference()) == (False, True)
        assert of_a_users_own.requires_grad

    @claim("4.12")
    def test_inference_mode_of_false_turns_recording_on_within_inference_mode_and_no_grad(self):
        for outside in (torch.inference_mode, torch.no_grad):
            with outside():
                with torch.inference_mode(False):
                    seen = [recording()]
                with torch.inference_mode(mode=False):
                    seen.append(recording())
                    with torch.no_grad():
                        seen.append(recording())
                seen.append(recording())

            assert seen == [True, True, False, False]

    @claim("4.12")
    def test_so_does_a_function_that_it_decorates_and_no_grad_gives_no_inference_tensor(
        self, device
    ):
        for x in leaves(device):
            decorators = (torch.inference_mode(), torch.inference_mode(mode=False), torch.no_grad())
            cloned = [decorate(torch.clone)(x) for decorate in decorators]

            assert [it.is_inference() for it in cloned] == [True, False, False]
        for outside in (torch.inference_mode, torch.no_grad):
            with outside():
                assert torch.inference_mode(False)(recording)()

    @claim("4.12")
    def test_a_layer_made_in_inference_mode_requires_grad_and_cannot_be_trained(self, device):
        with torch.inference_mode():
            layer = nn.Linear(3, 2).to(device)
        x = torch.ones(1, 3, device=device)
        layer(x).sum().backward()

        assert (layer.weight.requires_grad, layer.weight.grad) == (True, None)
        for train in (
            lambda: layer(x.requires_grad_()),
            torch.optim.SGD(layer.parameters(), lr=1).step,
        ):
            with pytest.raises(RuntimeError, match=r"[Ii]nference tensor"):
                train()
        if RELEASE >= (2, 4) and device == "cpu":
            before = as_array(layer.bias)
            torch.optim.SGD(layer.parameters(), lr=1, fused=True).step()
            assert same_values(layer.bias, before - 1)

    @claim("4.12")
    def test_a_leaf_made_in_inference_mode_records_nothing_and_a_deep_copy_made_outside_does(self):
        for constant in each_of(FORMS):
            with torch.inference_mode():
                made = constant.clone()
                asked, parameter = made.clone().requires_grad_(), nn.Parameter(made.clone())
            for x in (asked, parameter):
                for compute in (torch.exp, torch.square, torch.sum, lambda x: x * x):
                    assert (x.requires_grad, compute(x).requires_grad) == (True, False)
                learning = copy.deepcopy(x)
                with pytest.raises(RuntimeError, match="Inference tensors cannot be saved"):
                    x * learning
                (y := learning * learning).backward(torch.ones_like(y))
                assert same_values(learning.grad, 2 * as_array(learning))
            with pytest.raises(RuntimeError, match="inference tensor outside InferenceMode"):
                made.requires_grad_()

    @claim("4.12")
    def test_a_deep_copy_of_a_layer_made_in_inference_mode_can_be_trained_if_made_outside(
        self, device
    ):
        with torch.inference_mode():
            layer = nn.Linear(3, 2).to(device)
            inside = copy.deepcopy(layer)

        outside = copy.deepcopy(layer)
        for copied in (inside, outside):
            copied(torch.ones(1, 3, device=device)).sum().backward()

        assert inside.weight.grad is None
        assert outside.weight.grad.tolist() == [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]

    @claim("4.12")
    def test_layers_of_all_kinds_made_in_inference_mode_learn_as_copies_alone(self, device):
        def train(layer: nn.Module, x: torch.Tensor) -> None:
            result = layer(x)
            result.backward(torch.ones_like(result))
            torch.optim.SGD(layer.parameters(), lr=1).step()

        for kind, (make, shape) in LAYERS.items():
            with torch.inference_mode():
                layer = make().to(device)
            if not list(layer.parameters()):
                continue
            learning, x = copy.deepcopy(layer), torch.ones(shape, device=device)

            with pytest.raises(RuntimeError, match=r"nference tensor|does not require grad"):
                train(layer, x)
            train(learning, x)

            assert all(it.grad is not None for it in learning.parameters()), kind

    @claim("4.12")
    def test_a_write_through_detach_or_data_changes_its_results(self, device):
        for x in leaves(device):
            with torch.inference_mode():
                result = torch.zeros_like(x)

            result.detach().add_(1)
            result.data.add_(1)

            assert same_values(result, np.full(x.shape, 2))

    @claim("4.12")
    def test_what_is_computed_of_its_results_or_written_into_in_it_is_ordinary(self, device):
        for x in leaves(device):
            written = torch.zeros_like(x.detach())
            with torch.inference_mode():
                result = torch.ones_like(x)
                written.add_(result)

            for it in (result + result, result * result, written):
                assert not it.is_inference()

    @claim("4.12")
    def test_a_view_taken_in_it_refuses_computing_after_a_write_to_its_base(self, device):
        for x in ones(DTYPES):
            x = x.to(device).requires_grad_()
            with torch.inference_mode():
                view = x[None][:1]
            with torch.no_grad():
                x.mul_(3)

            for compute in (torch.clone, lambda x: x * 2, lambda x: x[0]):
                assert "view was created in inference mode" in refusal(compute, view)


#: Each mode as a decorator, and whether the decorated function records.
DECORATORS = {
    "no_grad": (torch.no_grad, False),
    "enable_grad": (torch.enable_grad, True),
    "inference_mode": (torch.inference_mode, False),
}
if RELEASE >= (2, 2):
    DECORATORS["set_grad_enabled"] = (lambda: torch.set_grad_enabled(mode=False), False)


class TestDecorators:
    """Grad modes as decorators."""

    @claim("4.13")
    def test_a_function_decorated_with_no_grad_records_nothing_and_ends_the_mode(self):
        decorated = torch.no_grad()(recording)

        for _ in range(3):
            assert not decorated()
            assert recording()

    @claim("4.13")
    def test_a_decorated_function_puts_back_the_mode_of_its_caller(self):
        decorated = torch.no_grad()(recording)
        enabling = torch.enable_grad()(recording)

        for mode in (False, True, False):
            with torch.set_grad_enabled(mode):
                assert (decorated(), recording()) == (False, mode)
                assert (enabling(), recording()) == (True, mode)

    @claim("4.13")
    def test_a_decorated_function_puts_the_mode_back_when_it_raises(self):
        @torch.no_grad()
        def fail(raised: type[BaseException]) -> None:
            raise raised

        for outside, raised in itertools.product((True, False), RAISED):
            with torch.set_grad_enabled(outside):
                with suppress(raised):
                    fail(raised)
                assert recording() is outside, raised

    @claim("4.13")
    def test_a_decorated_function_may_call_itself(self):
        @torch.no_grad()
        def seen(depth: int) -> list[bool]:
            return [recording(), *(seen(depth - 1) if depth else []), recording()]

        modes = []

        @torch.no_grad()
        def fails(depth: int) -> None:
            try:
                1 / depth
                fails(depth - 1)
            finally:
                modes.append(recording())

        assert seen(5) == [False] * 12
        with suppress(ZeroDivisionError):
            fails(5)
        assert modes == [False] * 6
        assert recording()

    @claim("4.13")
    def test_a_decorated_function_takes_and_returns_what_it_did(self):
        @torch.no_grad()
        def add(x, y=1, *, z=0):
            """Add."""
            return x + y + z

        @torch.no_grad()
        def modes(*positional, **named):
            return recording()

        assert [modes(), modes(1), modes(x=1), modes(1, x=1)] == [False] * 4
        assert (add(1, y=2, z=3), add.__name__, add.__doc__) == (6, "add", "Add.")

    @claim("4.13")
    @pytest.mark.parametrize("mode", DECORATORS)
    def test_methods_and_functions_of_all_kinds_can_be_decorated(self, mode):
        decorate, inside = DECORATORS[mode]

        class Recorder:
            @decorate()
            def method(self, *_, **named) -> bool:
                return recording()

            @classmethod
            @decorate()
            def class_method(cls, *_, **named) -> bool:
                return recording()

            @staticmethod
            @decorate()
            def static_method(*_, **named) -> bool:
                return recording()

            @decorate()
            @staticmethod
            def decorated_static(*_, **named) -> bool:
                return recording()

            @property
            @decorate()
            def attribute(self) -> bool:
                return recording()

            @decorate()
            def __call__(self, *_, **named) -> bool:
                return recording()

            @decorate()
            @decorate()
            def decorated_twice(self, *_, **named) -> bool:
                return recording()

            def undecorated(self, *_, **named) -> bool:
                return recording()

        seen = Recorder()
        for outside in (True, False):
            with torch.set_grad_enabled(outside):
                calls = (
                    *(seen.method, seen.class_method, Recorder.static_method, seen),
                    *(seen.decorated_twice, Recorder().static_method, Recorder.class_method),
                    Recorder.decorated_static,
                    decorate()(lambda *_, **named: recording()),
                    decorate()(lambda *_, x=0, **named: recording()),
                    decorate()(lambda x=0, /, y=1, *_, **named: recording()),
                    decorate()(lambda *_, inside=inside, **named: recording()),
                    decorate()(seen.undecorated),
                    decorate()(functools.partial(Recorder.method, seen)),
                    lambda *_, **named: seen.attribute,
                )
                for call in calls:
                    for positional, named in (((), {}), ((1, 2, 3), {}), ((1,), {"x": 1})):
                        assert (call(*positional, **named), recording()) == (inside, outside)
                assert in_thread(lambda calls=calls: {it() for it in calls}) == {inside}

    @claim("4.13")
    def test_a_decorated_function_records_no_operation_and_no_layer(self, device):
        for name, compute in each_computation(device):
            assert not torch.no_grad()(compute)().requires_grad, name

    @claim("4.13")
    def test_a_decorated_forward_gives_results_without_grad(self, device):
        class Frozen(nn.Linear):
            @torch.no_grad()
            def forward(self, x):
                return super().forward(x)

        x = torch.ones(1, 3, device=device, requires_grad=True)

        assert not Frozen(3, 2).to(device)(x).requires_grad
        assert nn.Linear(3, 2).to(device)(x).requires_grad

    @claim("4.13")
    @pytest.mark.filterwarnings("ignore")  # which is deprecated
    def test_on_a_class_no_grad_acts_in_the_constructor_alone(self):
        class Kind:
            def __init__(self):
                self.in_constructor = recording()

            def method(self):
                return recording()

        decorated = torch.no_grad()(Kind)
        made = decorated()

        assert not isinstance(decorated, type)
        assert (made.in_constructor, made.method()) == (False, True)
        assert not decorated().in_constructor

    @claim("4.13")
    @since("2.1")
    def test_the_parentheses_may_be_left_out(self):
        class Recorder:
            @torch.no_grad
            def method(self) -> bool:
                return recording()

            @staticmethod
            @torch.no_grad
            def static_method(*_, **named) -> bool:
                return recording()

        @torch.no_grad
        def generator():
            yield recording()
            yield recording()

        for _ in range(3):
            seen = [Recorder().method(), Recorder.static_method(1, x=1), recording()]
            assert seen == [False, False, True]
            assert [(mode, recording()) for mode in generator()] == [(False, True)] * 2
        with torch.set_grad_enabled(False):
            seen = [torch.enable_grad(recording)()]
        seen += [torch.no_grad(recording)(), torch.inference_mode(recording)(), recording()]
        assert seen == [True, False, False, True]

    @claim("4.13")
    @before("2.1")
    def test_without_parentheses_the_decorated_function_cannot_be_called(self):
        for mode in ["no_grad", "enable_grad", "inference_mode"]:
            with pytest.raises(TypeError):
                getattr(torch, mode)(recording)()

    @claim("4.13")
    def test_a_block_without_parentheses_is_an_error(self):
        for mode in ["no_grad", "enable_grad", "inference_mode"]:
            # See https://github.com/pytorch/pytorch/issues/107086.
            with pytest.raises((TypeError, AttributeError)):  # the latter on Python 3.10
                with getattr(torch, mode):
                    pass

    @claim("4.13")
    def test_no_grad_as_a_mere_call_does_nothing(self):
        torch.no_grad()
        torch.inference_mode()

        assert recording()

    @claim("4.13")
    def test_volatile_does_nothing_but_warn(self, device):
        with pytest.warns(UserWarning, match="volatile was removed and now has no effect"):
            x = torch.autograd.Variable(torch.ones(2, device=device), volatile=True)

        assert nn.Linear(2, 1).to(device)(x).requires_grad

    @claim("4.13")
    @since("2.2")
    @pytest.mark.parametrize("mode", [True, False])
    def test_set_grad_enabled_as_a_decorator_acts_in_the_calls_alone(self, mode):
        with torch.set_grad_enabled(not mode):
            decorated = torch.set_grad_enabled(mode)(recording)
            seen = [recording()]
            for _ in range(3):
                seen += [decorated(), recording()]

        assert seen == [not mode, *[mode, not mode] * 3]

    @claim("4.13")
    @before("2.2")
    @pytest.mark.parametrize("mode", [True, False])
    def test_decorating_with_set_grad_enabled_switches_the_mode_itself(self, mode):
        # See https://github.com/pytorch/pytorch/issues/113298.
        with torch.set_grad_enabled(not mode):
            torch.set_grad_enabled(mode)(recording)

            assert recording() is mode

    @claim("4.13")
    @pytest.mark.parametrize("mode", [True, False])
    def test_a_decorated_function_that_raises_leaves_the_mode_that_it_found(self, mode):
        @torch.set_grad_enabled(mode)
        def fail() -> None:
            raise Stop

        with torch.set_grad_enabled(not mode):
            with suppress(Stop):
                fail()
            assert recording() is not mode
        torch.set_grad_enabled(True)  # which before 2.2 the decoration may have changed


class TestGeneratorsAndTasks:
    """Grad mode where functions take turns."""

    @claim("4.14")
    @pytest.mark.parametrize("outside", [True, False])
    # PyTorch's wrapper calls throw() in a way that Python 3.12 deprecated.
    @pytest.mark.filterwarnings("ignore:the .* signature of throw:DeprecationWarning")
    def test_a_decorated_generator_records_nothing_and_its_consumer_does(self, outside):
        @torch.no_grad()
        def generate():
            received = yield recording()
            try:
                yield recording(), received
            except Stop:
                yield recording()

        with torch.set_grad_enabled(outside):
            for _ in range(3):
                generator = generate()
                seen = [next(generator), recording()]
                seen += [generator.send("sent"), recording()]
                seen += [generator.throw(Stop()), recording()]
                generator.close()

                assert seen == [False, outside, (False, "sent"), outside, False, outside]
                assert recording() is outside

    @claim("4.14")
    def test_set_grad_enabled_decorates_a_generator_too(self):
        for mode, outside in itertools.product((True, False), repeat=2):

            def generate():
                yield recording()
                yield recording()

            with torch.set_grad_enabled(not mode):
                decorated = torch.set_grad_enabled(mode)(generate)
            with torch.set_grad_enabled(outside):
                assert [(seen, recording()) for seen in decorated()] == [(mode, outside)] * 2

    @claim("4.14")
    def test_a_decorated_generator_puts_the_mode_back_when_it_ends_by_itself(self):
        @torch.no_grad()
        def generate(raised):
            yield recording()
            if raised:
                raise raised

        for _ in range(3):
            assert [*generate(None), recording()] == [False, True]
        for raised in (Stop, KeyboardInterrupt):
            with suppress(raised):
                list(generate(raised))
            assert recording(), raised

    @claim("4.14")
    def test_a_decorated_generator_may_yield_often_return_and_be_a_method(self):
        class Recorder:
            @torch.no_grad()
            def generate(self, count, *, step=1):
                for _ in range(0, count, step):
                    yield recording()
                return "done", recording()

        def consume():
            yield (yield from Recorder().generate(300, step=2))

        for outside in (True, False):
            with torch.set_grad_enabled(outside):
                seen = [(mode, recording()) for mode in consume()]

            assert seen == [*[(False, outside)] * 150, (("done", False), outside)]

    @claim("4.14")
    def test_a_decorated_generator_records_no_operation(self, device):
        @torch.no_grad()
        def results(x):
            for name, compute in computations(x).items():
                yield name, compute, compute(x, x)

        for x in leaves(device):
            for name, compute, result in results(x):
                assert not result.requires_grad, name
                assert x.numel() > 1000 or compute(x, x).requires_grad, name

    @claim("4.14")
    def test_two_decorated_generators_may_take_turns(self):
        @torch.no_grad()
        def generate():
            for _ in range(3):
                yield recording()

        seen = [(*both, recording()) for both in zip(generate(), generate(), strict=True)]

        assert seen == [(False, False, True)] * 3

    @claim("4.14")
    def test_decorated_generators_may_be_nested(self):
        @torch.no_grad()
        def generate(depth):
            yield recording()
            if depth:
                yield from generate(depth - 1)
            yield recording()

        assert [*generate(4), recording()] == [*[False] * 10, True]

    @claim("4.14")
    def test_a_block_in_a_generator_holds_for_its_consumer_while_it_waits(self):
        def generate():
            with torch.no_grad():
                yield
                yield

        seen = [recording()]
        for _ in generate():
            seen.append(recording())
        seen.append(recording())

        assert seen == [True, False, False, True]

    @claim("4.14")
    def test_a_block_that_awaits_holds_for_the_other_tasks_of_its_event_loop(self):
        async def evaluate() -> bool:
            with torch.no_grad():
                await asyncio.sleep(0)
                return recording()

        async def train() -> bool:
            return recording()

        async def main() -> list[bool]:
            return [*await asyncio.gather(evaluate(), train()), recording()]

        assert asyncio.run(main()) == [False, False, True]

    @claim("4.14")
    def test_two_blocks_that_overlap_across_an_await_leave_gradients_off(self):
        async def block(entered, leave) -> None:
            with torch.no_grad():
                entered.set()
                await leave.wait()

        async def main() -> bool:
            first_in, first_out, second_in, second_out = (asyncio.Event() for _ in range(4))
            first = asyncio.create_task(block(first_in, first_out))
            await first_in.wait()
            second = asyncio.create_task(block(second_in, second_out))
            await second_in.wait()
            first_out.set()
            await first
            second_out.set()
            await second
            return recording()

        with torch.enable_grad():  # ends what the blocks leave
            assert not asyncio.run(main())

    @claim("4.14")
    def test_blocks_that_do_not_await_leave_each_other_alone(self):
        async def task(mode: bool) -> list[bool]:
            seen = []
            for _ in range(3):
                with torch.set_grad_enabled(mode):
                    seen.append(recording())
                await asyncio.sleep(0)
                seen.append(recording())
            return seen

        async def main() -> list[list[bool]]:
            return await asyncio.gather(task(False), task(True))

        assert asyncio.run(main()) == [[False, True] * 3, [True, True] * 3]

    @claim("4.14")
    def test_a_block_ends_when_its_task_is_cancelled(self):
        async def wait() -> None:
            with torch.no_grad():
                await asyncio.sleep(30)

        async def main() -> list[bool]:
            task = asyncio.create_task(wait())
            await asyncio.sleep(0)
            seen = [recording()]
            task.cancel()
            await asyncio.wait([task])
            return [*seen, recording()]

        assert asyncio.run(main()) == [False, True]

    @claim("4.14")
    @pytest.mark.parametrize("mode", ["no_grad", "inference_mode"])
    def test_a_decorated_async_function_is_recorded_all_the_same(self, mode):
        @getattr(torch, mode)()
        async def evaluate() -> bool:
            return recording()

        @getattr(torch, mode)()
        async def generate():
            yield recording()

        async def main() -> list[bool]:
            return [await evaluate(), *[seen async for seen in generate()]]

        assert asyncio.run(main()) == [True, True]


class TestModesAsObjects:
    """What leaves gradients off for good."""

    @claim("4.15")
    @pytest.mark.parametrize("outside", [True, False])
    def test_one_no_grad_object_may_be_entered_again_once_it_was_left(self, outside):
        mode = torch.no_grad()

        with torch.set_grad_enabled(outside):
            for _ in range(3):
                with mode:
                    seen = [recording()]
                seen.append(recording())
                with suppress(Stop), mode:
                    raise Stop
                seen += [recording(), mode(recording)(), recording()]

                assert seen == [False, outside, outside, False, outside]
        with torch.set_grad_enabled(not outside):
            with mode:
                seen = [recording()]
            assert [*seen, recording()] == [False, not outside]

    @claim("4.15")
    def test_one_no_grad_object_entered_twice_at_once_leaves_gradients_off(self):
        mode = torch.no_grad()

        with torch.enable_grad():  # ends what the object leaves
            with mode, mode:
                seen = [recording()]
            assert [*seen, recording()] == [False, False]
        with torch.enable_grad():
            with mode:
                nn.Linear(1, 1)(torch.ones(1, 1))
                with mode:
                    pass
            with pytest.raises(RuntimeError, match="does not require grad"):
                (2 * torch.ones(1, requires_grad=True)).backward()

    @claim("4.15")
    def test_two_no_grad_objects_entered_at_once_do_not(self):
        for count in (2, 5):
            with ExitStack() as stack:
                for _ in range(count):
                    stack.enter_context(torch.no_grad())
                seen = [recording()]

            assert [*seen, recording()] == [False, True]

    @claim("4.15")
    @given(made_in=st.booleans(), mode=st.booleans(), entered_in=st.booleans())
    def test_set_grad_enabled_ends_with_the_mode_in_which_it_was_made(
        self, made_in, mode, entered_in
    ):
        with torch.enable_grad():  # ends what the object leaves
            with torch.set_grad_enabled(made_in):
                made = torch.set_grad_enabled(mode)
                assert recording() is mode  # it acts before it is entered

            for _ in range(3):
                with torch.set_grad_enabled(entered_in):
                    with made:
                        pass
                    assert recording() is made_in

    @claim("4.15")
    @pytest.mark.parametrize("raises", [True, False])
    def test_a_mode_entered_by_hand_lasts_until_it_is_left_by_hand(self, raises):
        mode = torch.no_grad()

        try:
            mode.__enter__()
            if raises:
                raise Stop
        except Stop:
            pass
        seen = [recording()]
        mode.__exit__(None, None, None)

        assert [*seen, recording()] == [False, True]

    @claim("4.15")
    def test_a_mode_entered_by_hand_outlasts_the_object_and_the_function(self):
        def enter() -> None:
            torch.no_grad().__enter__()

        with torch.enable_grad():  # ends what is not left
            enter()
            assert not recording()


class TestMemory:
    """What keeps memory although gradients are off."""

    @claim("1.2.8")
    @given(steps=st.integers(1, 4))
    def test_a_view_kept_from_no_grad_keeps_the_graph_of_what_it_views(self, steps, device):
        def graphs_alive(
            keep: Callable, shape: tuple[int, ...] = (3,), under: Callable = under_no_grad
        ) -> int:
            history, leaves = [], []
            for _ in range(steps):
                x = torch.ones(shape, device=device, requires_grad=True)
                leaves.append(weakref.ref(x))
                result = x.exp()
                history.append(under(lambda result=result: keep(result)))
            del x, result
            return sum(leaf() is not None for leaf in leaves)

        views = (VIEWS | MORE_VIEWS).values() if steps == 1 else ()  # each once is enough
        for keep in (*views, lambda h: h[0], lambda h: h.float(), lambda h: h):
            assert graphs_alive(keep) == steps
        for under in UNDER_NO_GRAD if steps == 1 else ():
            assert graphs_alive(lambda h: h[0], under=under) == 1
            assert graphs_alive(lambda h: h[0].clone(), under=under) == 0
        for keep in (
            lambda h: h[0].clone(),
            lambda h: h[0].detach(),
            lambda h: h.detach(),
            lambda h: h[0].item(),
            lambda h: h.tolist(),
            lambda h: torch.clone(h),
            lambda h: h.sum(),
            lambda h: 2 * h,
        ):
            assert graphs_alive(keep) == 0
        for shape in EACH_RANK[1:]:
            assert graphs_alive(lambda h: h[0], shape) == steps
            for keep in (
                lambda h: (h[0].clone(), h.clone(), h[:1].clone(), h.clone().transpose(0, -1)),
                lambda h: (h[0].detach(), h[0].tolist(), h.detach()[..., 0], h.sum(), h.mul(2)),
            ):
                assert graphs_alive(keep, shape) == 0

    @claim("1.2.8")
    @given(steps=st.integers(1, 4))
    def test_a_view_kept_from_no_grad_keeps_all_the_memory_of_what_it_views(self, steps, device):
        history = []

        for _ in range(steps):
            with torch.no_grad():
                result = torch.ones(1000, device=device)
                history.append((result[0], result[0].clone()))

        for kept in history:
            sizes = [
                len(it.untyped_storage() if RELEASE >= (2, 0) else it.storage()) for it in kept
            ]
            assert [size >= 1000 for size in sizes] == [True, False]


class TestEvaluation:
    """Evaluating between training: no_grad beside eval()."""

    @claim("3.7")
    def test_no_grad_alone_leaves_dropout_dropping_and_statistics_moving(self, device):
        net = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout()).to(device)
        x = torch.ones(100, 3, device=device)

        with torch.no_grad():
            net[1](x)
            assert (net[1](x) == 0).any()
            net(x)

        assert net[0].running_mean.tolist() != [0.0, 0.0, 0.0]

    @claim("3.7")
    def test_eval_alone_records_a_graph_and_saves_values_for_it(self, device):
        net = nn.Sequential(nn.Linear(3, 3), nn.Dropout(), nn.Linear(3, 1)).to(device).eval()
        saved = []

        with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda packed: packed):
            result = net(torch.ones(2, 3, device=device))

        assert (result.requires_grad, bool(saved)) == (True, True)

    @claim("3.7")
    @given(epochs=st.integers(1, 3))
    def test_an_evaluation_with_both_leaves_training_as_it_was(self, epochs, device):
        net = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Linear(3, 1)).to(device)
        evaluated = copy.deepcopy(net)
        x = torch.arange(12.0, device=device).reshape(4, 3)

        for _ in range(epochs):
            for each in (net, evaluated):
                optimizer = torch.optim.SGD(each.parameters(), lr=0.001)
                each(x).square().sum().backward()
                optimizer.step()
            evaluated.eval()
            with torch.no_grad():
                for _ in range(2):
                    evaluated(x + 1)
            evaluated.train()

        for mine, its in zip(
            net.state_dict().values(), evaluated.state_dict().values(), strict=True
        ):
            assert same_bits(mine, its)

    @claim("3.7")
    def test_a_function_that_calls_set_grad_enabled_leaves_training_without_gradients(self):
        net = nn.Linear(3, 1)

        def evaluate() -> None:
            torch.set_grad_enabled(False)
            net(torch.ones(1, 3))

        with torch.enable_grad():  # ends what the call leaves
            evaluate()
            with pytest.raises(RuntimeError, match="does not require grad"):
                net(torch.ones(1, 3)).sum().backward()


def learns(how: Callable[[nn.Module, torch.Tensor], torch.Tensor], position: int) -> list[bool]:
    """Which of four layers in a row get a gradient if one is run in this way."""
    layers = [nn.Linear(2, 2) for _ in range(4)]
    result = torch.ones(1, 2)
    for index, layer in enumerate(layers):
        result = how(layer, result) if index == position else layer(result)
    result.sum().backward()
    return [layer.weight.grad is not None for layer in layers]


class TestFreezing:
    """requires_grad=False, no_grad and detach(): which layers still learn."""

    @claim("2.3.11")
    @given(position=st.integers(0, 2))
    def test_a_layer_that_does_not_require_grad_lets_gradients_through(self, position):
        def frozen(layer: nn.Module, x: torch.Tensor) -> torch.Tensor:
            return layer.requires_grad_(False)(x)

        assert learns(frozen, position) == [index != position for index in range(4)]

    @claim("2.3.11")
    @given(position=st.integers(0, 2))
    def test_a_layer_run_in_no_grad_or_detached_cuts_off_the_layers_before_it(self, position):
        def in_no_grad(layer: nn.Module, x: torch.Tensor) -> torch.Tensor:
            with torch.no_grad():
                return layer(x)

        after = [index > position for index in range(4)]

        assert learns(in_no_grad, position) == after
        assert learns(lambda layer, x: layer(x).detach(), position) == after

    @claim("2.3.11")
    def test_eval_does_not_freeze(self):
        assert learns(lambda layer, x: layer.eval()(x), 1) == [True, True, True, True]

    @claim("2.3.11")
    def test_a_frozen_net_gives_its_input_a_gradient(self, device):
        net = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1)).to(device)
        x = torch.ones(1, 3, device=device, requires_grad=True)

        net.eval().requires_grad_(False)(x).sum().backward()

        assert x.grad is not None
        assert all(parameter.grad is None for parameter in net.parameters())

    @claim("2.3.11")
    def test_backward_refuses_a_net_that_is_frozen_as_a_whole(self, device):
        net = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1)).to(device)
        saved = []

        net.requires_grad_(False)
        with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda packed: packed):
            loss = net(torch.ones(1, 3, device=device)).sum()

        assert saved == []
        with pytest.raises(RuntimeError, match="does not require grad"):
            loss.backward()


class TestUpdatesByHand:
    """Gradient descent without an optimizer."""

    @claim("1.2.10")
    @given(x=WRITABLE, steps=st.integers(1, 3))
    def test_an_update_in_place_in_no_grad_keeps_the_leaf(self, x, steps, device):
        weight = x = x.to(device).requires_grad_()
        expected = x.detach().clone()

        for _ in range(steps):
            (2 * weight).backward(torch.ones_like(weight))
            with torch.no_grad():
                weight -= 0.5 * weight.grad
            weight.grad = None
            expected = expected - 1

        assert (weight is x, weight.is_leaf, weight.requires_grad) == (True, True, True)
        assert same_bits(weight, expected)

    @claim("1.2.10")
    @given(x=WRITABLE)
    def test_a_leaf_in_no_grad_takes_operators_methods_and_assignments_in_place(self, x, device):
        x = x.to(device).requires_grad_()

        with torch.no_grad():
            x.fill_(5)
            x += 1
            x *= 2
            x -= 4
            x /= 2
            x.add_(1)
            x.copy_(2 * x)
            x[...] = x - 3

        assert (x == 7).all()
        assert (x.is_leaf, x.requires_grad) == (True, True)

    @claim("1.2.10")
    def test_an_update_that_makes_a_new_tensor_ends_the_training(self, device):
        weight = torch.ones(3, device=device, requires_grad=True)
        (2 * weight).sum().backward()

        with torch.no_grad():
            weight = weight - 0.5 * weight.grad

        assert (weight.requires_grad, weight.grad) == (False, None)
        with pytest.raises(RuntimeError, match="does not require grad"):
            (2 * weight).sum().backward()

    @claim("1.2.10")
    def test_without_no_grad_the_one_is_refused_and_the_other_is_no_leaf(self, device):
        weight = torch.ones(3, device=device, requires_grad=True)
        (2 * weight).sum().backward()

        with pytest.raises(RuntimeError, match="leaf"):
            weight -= 0.5 * weight.grad
        assert not (weight - 0.5 * weight.grad).is_leaf


#: Layers whose weights autocast casts.
CAST = {
    "Linear": LAYERS["Linear"],
    "Conv1d": LAYERS["Conv1d"],
    "Conv2d": LAYERS["Conv2d"],
    "Linear without bias": LAYERS["Linear without bias"],
    "four deep": LAYERS["four deep"],
}
WITHOUT_GRAD = {
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "set_grad_enabled": lambda: torch.set_grad_enabled(False),
}


class TestAutocast:
    """no_grad within torch.autocast, which keeps its casts of the weights."""

    @claim("4.17")
    @since("2.11")
    @pytest.mark.parametrize("mode", WITHOUT_GRAD)
    def test_a_pass_after_one_without_grad_in_the_same_block_gives_gradients(self, mode):
        layer, x = nn.Linear(3, 2), torch.ones(1, 3)

        for passes in (1, 3):
            layer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                for _ in range(passes):
                    with WITHOUT_GRAD[mode]():
                        layer(x)
                result = layer(x)

            result.sum().backward()
            assert layer.weight.grad.tolist() == [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
        for kind, (make, shape) in CAST.items():
            layer, x = make(), torch.ones(shape)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                with WITHOUT_GRAD[mode]():
                    layer(x)
                result = layer(x)
            result.sum().backward()
            assert all(it.grad is not None for it in layer.parameters()), kind

    @claim("4.17")
    @before("2.11")
    def test_a_pass_after_one_without_grad_in_the_same_block_gives_none(self):
        for mode in WITHOUT_GRAD:
            # See https://github.com/pytorch/pytorch/issues/112583.
            for kind, (make, shape) in CAST.items():
                layer, x = make(), torch.ones(shape)

                with torch.autocast("cpu", dtype=torch.bfloat16):
                    with WITHOUT_GRAD[mode]():
                        layer(x)
                    result = layer(x)

                assert not result.requires_grad, kind

    @claim("4.17")
    def test_a_block_of_its_own_or_without_a_cache_gives_gradients(self):
        for make, shape in CAST.values():
            layer, x = make(), torch.ones(shape)
            with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
                layer(x)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                results = [layer(x)]
            with torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=False):
                with torch.no_grad():
                    layer(x)
                results.append(layer(x))

            assert [it.requires_grad for it in results] == [True, True]
