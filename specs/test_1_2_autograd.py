"""1.2 Automatic differentiation."""

from __future__ import annotations

import copy
import functools
import itertools
import math
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from operator import iadd, imul, isub, itruediv, methodcaller, setitem
from threading import Thread

import numpy as np
import pytest
import torch
import torch.utils.checkpoint
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F
from torch.utils.hooks import RemovableHandle

from specs.grad_modes import GRAD_OFF, GRAD_ON, UNDER_NO_GRAD, at_once, under_no_grad
from specs.lacking import there
from specs.ledger import claim
from specs.nets import HOLDERS, nets_around
from specs.oracles import as_array, refusal, same_bits, same_values, share_memory
from specs.releases import RELEASE, before, since
from specs.settings import default_dtype
from specs.strategies import (
    AT_MOST_27,
    BOOL,
    COMPLEX,
    COMPUTING_FLOATS,
    COMPUTING_INTEGERS,
    DTYPES,
    EACH_RANK,
    EMPTY,
    FLOATS,
    INTEGERS,
    LAYOUTS,
    MIB,
    NOT_EMPTY,
    ONE_ELEMENT,
    POSITIONS,
    SEVERAL,
    STORED,
    WITH_EXPANDED,
    every_form,
    every_kind,
    filled,
    one_of_each,
    ones,
    relaid,
    tensors,
)
from specs.threads import in_another_thread

DIFFERENTIABLE = COMPUTING_FLOATS + COMPLEX
EXACT = (torch.float32, torch.float64)  # small sums and products in these are exact
#: Those that losses and convolutions on the CPU take as well; old releases lack half precision.
OF_LOSSES = FLOATS if RELEASE >= (2, 13) else EXACT

#: Every way to make a tensor of a given shape that takes requires_grad=True.
MAKERS = {
    "torch.tensor(list)": lambda shape, **how: torch.tensor(np.ones(shape).tolist(), **how),
    "torch.asarray": lambda shape, **how: torch.asarray(np.ones(shape).tolist(), **how),
    "torch.ones": lambda shape, **how: torch.ones(*shape or [()], **how),
    "torch.ones(tuple)": lambda shape, **how: torch.ones(shape, **how),
    "torch.ones(size=...)": lambda shape, **how: torch.ones(size=shape, **how),
    "torch.empty_strided": lambda shape, **how: torch.empty_strided(
        shape, (1, *shape[:-1]) if shape else (), **how
    ),
    "torch.scalar_tensor": lambda _, **how: torch.scalar_tensor(1, **how),
    "torch.zeros": lambda shape, **how: torch.zeros(shape, **how),
    "torch.full": lambda shape, **how: torch.full(shape, 1.0, **how),
    "torch.full(fill_value=...)": lambda shape, **how: torch.full(shape, fill_value=1.0, **how),
    "torch.empty": lambda shape, **how: torch.empty(shape, **how),
    "torch.ones_like": lambda shape, **how: torch.ones_like(torch.ones(shape), **how),
    "torch.ones_like(transposed)": lambda shape, **how: torch.ones_like(
        torch.ones(shape).transpose(0, -1) if shape else torch.ones(()), **how
    ),
    "torch.zeros_like": lambda shape, **how: torch.zeros_like(torch.ones(shape), **how),
    "torch.full_like": lambda shape, **how: torch.full_like(torch.ones(shape), 1.0, **how),
    "torch.empty_like": lambda shape, **how: torch.empty_like(torch.ones(shape), **how),
    "x.new_tensor": lambda shape, **how: torch.ones(2).new_tensor(np.ones(shape).tolist(), **how),
    "x.new_full": lambda shape, **how: torch.ones(2).new_full(shape, 1.0, **how),
    "x.new_empty": lambda shape, **how: torch.ones(2).new_empty(shape, **how),
    "x.new_ones": lambda shape, **how: torch.ones(2).new_ones(shape, **how),
    "x.new_zeros": lambda shape, **how: torch.ones(2).new_zeros(shape, **how),
}
MORE_MAKERS = MAKERS | {
    "torch.linspace": lambda shape, **how: torch.linspace(0, 1, math.prod(shape), **how),
    "torch.rand": lambda shape, **how: torch.rand(shape, **how),
    "torch.randn": lambda shape, **how: torch.randn(shape, **how),
    "torch.rand_like": lambda shape, **how: torch.rand_like(torch.ones(shape), **how),
    "torch.randn_like": lambda shape, **how: torch.randn_like(torch.ones(shape), **how),
}
FLOAT_MAKERS = MORE_MAKERS | {
    "torch.arange": lambda shape, **how: torch.arange(float(math.prod(shape)), **how),
    "torch.normal": lambda shape, **how: torch.normal(0.0, 1.0, shape, **how),
}
#: What makes integers or bools if it is given no dtype.
WHOLE = (
    *(("full", (2,), 1), ("full", (), True), ("full", (2, 3), 2), ("tensor", np.int64(1))),
    *(("arange", 3), ("arange", 1, 9, 2), ("randperm", 3), ("randint", 3, (2,))),
    ("randint", 0, 3, (2, 3)),
)
#: What they make: one of each rank, and more than a vector register or one thread takes.
MADE = ((), (3,), (2, 3), (2, 1, 3), (2, 1, 2, 3), (1, 2, 1, 2, 2), (0,), (300,), (33_000,))

#: Spellings of x**2, and of the sum and the backward() that follow.
SQUARES = {
    "x.pow(2).sum().backward()": lambda x: x.pow(2).sum().backward(),
    "(x**2).sum().backward()": lambda x: (x**2).sum().backward(),
    "(x**2.0).sum().backward()": lambda x: (x**2.0).sum().backward(),
    "x.pow(exponent=2).sum().backward()": lambda x: x.pow(exponent=2).sum().backward(),
    "x.square().sum().backward()": lambda x: x.square().sum().backward(),
    "torch.pow(x, tensor)": lambda x: torch.pow(x, torch.full_like(x, 2)).sum().backward(),
    "(x * x).sum().backward()": lambda x: (x * x).sum().backward(),
    "torch.square(x).sum().backward()": lambda x: torch.square(x).sum().backward(),
    "torch.sum(torch.pow(x, 2)).backward()": lambda x: torch.sum(torch.pow(x, 2)).backward(),
    "torch.pow(input=x, exponent=2)": lambda x: torch.sum(
        input=torch.pow(input=x, exponent=2)
    ).backward(),
    "torch.mul(x, x)": lambda x: torch.mul(x, x).sum().backward(None),
    "x.clone().pow_(2)": lambda x: x.clone().pow_(2).sum().backward(),
    "torch.autograd.backward": lambda x: torch.autograd.backward(x.pow(2).sum()),
    "torch.autograd.backward(tensors=...)": lambda x: torch.autograd.backward(
        tensors=[(x**2).sum()]
    ),
    "backward(gradient)": lambda x: x.pow(2).backward(gradient=torch.ones_like(x)),
}

#: Spellings of a * x + b.
LINES = {
    "a * x + b": lambda x, a, b: a * x + b,
    "b + x * a": lambda x, a, b: b + x * a,
    "a * x - -b": lambda x, a, b: a * x - -b,
    "torch.add(torch.mul(x, a), b)": lambda x, a, b: torch.add(torch.mul(x, a), b),
    "x.mul(a).add(b)": lambda x, a, b: x.mul(a).add(b),
    "y = x * a; y += b": lambda x, a, b: iadd(x * a, b),
    "torch.mul(input=x, other=a) + b": lambda x, a, b: torch.mul(input=x, other=a) + b,
    "x.mul(tensor of a) + b": lambda x, a, b: x.mul(x.detach().new_tensor(a)) + b,
    "tensor of a * x + b": lambda x, a, b: x.detach().new_full(x.shape, a) * x + b,
}

#: Operations on two tensors of two rows and columns, of greater values than zero.
OPERATIONS = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x * y": lambda x, y: x * y,
    "x / y": lambda x, y: x / y,
    "x ** y": lambda x, y: x**y,
    "x @ y": lambda x, y: x @ y,
    "x[0] @ y[0]": lambda x, y: x[0] @ y[0],
    "x @ y[0]": lambda x, y: x @ y[0],
    "torch.mv": lambda x, y: torch.mv(x, y[0]),
    "torch.stack": lambda x, y: torch.stack([x, y]),
    "torch.cat": lambda x, y: torch.cat([x, y]),
    "torch.cat of more": lambda x, y: torch.cat((x, y, x, y), dim=1),
    "torch.maximum": lambda x, y: torch.maximum(x, y),
    "torch.minimum": lambda x, y: torch.minimum(x, y),
    "torch.outer": lambda x, y: torch.outer(x[0], y[0]),
    "torch.addcmul": lambda x, y: torch.addcmul(x, y, y),
    "x.masked_scatter": lambda x, y: x.masked_scatter(x > 1, y),
    "torch.where": lambda x, y: torch.where(x > 1, x, y),
    "torch.lerp": lambda x, y: torch.lerp(x, y, 0.5),
    "torch.einsum": lambda x, y: torch.einsum("ij,jk->ik", x, y),
    "torch.addmm": lambda x, y: torch.addmm(x, y, y),
    "torch.bmm": lambda x, y: torch.bmm(x[None], y[None]),
    "x.dot(y)": lambda x, y: x[0].dot(y[0]),
    "F.linear": lambda x, y: F.linear(x, y),
    "F.conv1d": lambda x, y: F.conv1d(x[None], y[None]),
    "F.conv2d": lambda x, y: F.conv2d(x[None, None], y[None, None]),
    "F.batch_norm": lambda x, y: F.batch_norm(x, None, None, y[0], training=True),
    "F.layer_norm": lambda x, y: F.layer_norm(x, (2,), y[0]),
    "F.mse_loss": lambda x, y: F.mse_loss(x, y),
    "x += y": lambda x, y: iadd(x.clone(), y),
    "x -= y": lambda x, y: isub(x.clone(), y),
    "x *= y": lambda x, y: imul(x.clone(), y),
    "x /= y": lambda x, y: itruediv(x.clone(), y),
    "x[0] = y[0]": lambda x, y: assigned(x.clone(), 0, y[0]),
    "x[0].copy_(y[0])": lambda x, y: (x := x.clone(), x[0].copy_(y[0]))[0],
}

#: What gives the elements of a tensor of any rank from one on another shape, or joins them.
SHAPING = {
    "permute": lambda x: x.permute(*reversed(range(x.dim()))),
    "torch.permute": lambda x: torch.permute(x, (*range(1, x.dim()), 0)),
    "transpose": lambda x: x.transpose(0, -1),
    "torch.transpose": lambda x: torch.transpose(x, -1, 0),
    "swapaxes": lambda x: x.swapaxes(0, -1),
    "movedim": lambda x: x.movedim(0, -1),
    "reshape": lambda x: x.reshape(-1),
    "view": lambda x: x.view(1, *x.shape),
    "view_as": lambda x: x.view_as(x),
    "flatten": lambda x: x.flatten(),
    "ravel": lambda x: x.ravel(),
    "squeeze": lambda x: x.squeeze(),
    "unsqueeze": lambda x: x.unsqueeze(-1),
    "expand": lambda x: x.expand(2, *x.shape),
    "repeat": lambda x: x.repeat(2, *[1] * x.dim()),
    "narrow": lambda x: x.narrow(-1, 0, 1),
    "select": lambda x: x.select(0, -1),
    "x[0]": lambda x: x[0],
    "x[..., 0]": lambda x: x[..., 0],
    "x[..., None]": lambda x: x[..., None],
    "x[..., :1]": lambda x: x[..., :1],
    "x[[0]]": lambda x: x[[0]],
    "unbind": lambda x: x.unbind(-1)[0],
    "split": lambda x: x.split(1, dim=-1)[0],
    "chunk": lambda x: x.chunk(2, -1)[0],
    "unfold": lambda x: x.unfold(0, 1, 1),
    "flip": lambda x: x.flip(0),
    "roll": lambda x: x.roll(1, -1),
    "stack": lambda x: torch.stack([x, x], -1),
    "cat": lambda x: torch.cat([x, x], -1),
    "sum": lambda x: x.sum(-1),
    "mean": lambda x: x.mean(0, keepdim=True),
    "amax": lambda x: x.amax(-1),
    "cumsum": lambda x: x.cumsum(-1),
    "softmax": lambda x: x.softmax(-1),
    "index_select": lambda x: x.index_select(-1, torch.tensor([0], device=x.device)),
    "contiguous": lambda x: torch.stack([x, x], -1)[..., 0].contiguous(),
    "@": lambda x: x @ x.transpose(-1, -min(x.dim(), 2)),
    "matmul": lambda x: torch.matmul(x, x.transpose(-1, -min(x.dim(), 2))),
    "linear": lambda x: F.linear(x, x.new_ones(2, x.shape[-1])),
    "layer_norm": lambda x: F.layer_norm(x, x.shape[-1:]),
}

#: Operations on any number of such tensors.
OPERATIONS_ON_MANY = (
    lambda tensors: torch.cat(tensors),
    lambda tensors: torch.stack(tensors, dim=1),
    lambda tensors: torch.hstack(tensors),
    lambda tensors: torch.vstack(tensors),
    lambda tensors: torch.dstack(tensors),
    lambda tensors: sum(tensors),
    lambda tensors: torch.block_diag(*tensors),
    lambda tensors: torch.stack(torch.broadcast_tensors(*tensors)),
    lambda tensors: nn.utils.rnn.pad_sequence(tensors),
)

#: Operations on one such tensor.
OPERATIONS_ON_ONE = {
    "-x": lambda x: -x,
    "x + 1": lambda x: x + 1,
    "1 - x": lambda x: 1 - x,
    "x / 2": lambda x: x / 2,
    "2 / x": lambda x: 2 / x,
    "x ** 2": lambda x: x**2,
    "x.exp()": lambda x: x.exp(),
    "x.log()": lambda x: x.log(),
    "x.sqrt()": lambda x: x.sqrt(),
    "x.abs()": lambda x: x.abs(),
    "x.sin()": lambda x: x.sin(),
    "x.sigmoid()": lambda x: x.sigmoid(),
    "x.clamp(min=0)": lambda x: x.clamp(min=0),
    "x.sum(0)": lambda x: x.sum(0),
    "x.sum((0, 1))": lambda x: x.sum((0, 1)),
    "torch.mean(x, dim=1, keepdim=True)": lambda x: torch.mean(x, dim=1, keepdim=True),
    "x.mean()": lambda x: x.mean(),
    "x.prod()": lambda x: x.prod(),
    "x.var()": lambda x: x.var(),
    "x.norm()": lambda x: x.norm(),
    "x.max()": lambda x: x.max(),
    "x.min(0).values": lambda x: x.min(0).values,
    "x.max(1).values": lambda x: x.max(1).values,
    "x.median(0).values": lambda x: x.median(0).values,
    "x.kthvalue(1).values": lambda x: x.kthvalue(1).values,
    "x.cummax(0).values": lambda x: x.cummax(0).values,
    "x.sort().values": lambda x: x.sort().values,
    "x.cumsum(0)": lambda x: x.cumsum(0),
    "x[0]": lambda x: x[0],
    "x[x > 1]": lambda x: x[x > 1],
    "x.T": lambda x: x.T,
    "x.view(2, 2, 1)": lambda x: x.view(2, 2, 1),
    "x.expand(3, 2, 2)": lambda x: x.expand(3, 2, 2),
    "x.flip(0)": lambda x: x.flip(0),
    "x.repeat(2, 2)": lambda x: x.repeat(2, 2),
    "x.clone()": lambda x: x.clone(),
    "x.to(torch.float64)": lambda x: x.to(torch.float64),
    "torch.relu": lambda x: torch.relu(x),
    "F.gelu": lambda x: F.gelu(x),
    "F.softmax": lambda x: F.softmax(x, 0),
    "F.softmax(dtype=...)": lambda x: F.softmax(x, 0, dtype=torch.float64),
    "F.log_softmax(dtype=...)": lambda x: F.log_softmax(x, 0, dtype=torch.float64),
    "x.softmax(0)": lambda x: x.softmax(0),
    "nn.Softmax": lambda x: nn.Softmax(0)(x),
    "x.sum(dtype=...)": lambda x: x.sum(dtype=torch.float64),
    "x.mean(0, dtype=...)": lambda x: x.mean(0, dtype=torch.float64),
    "x.prod(0, dtype=...)": lambda x: x.prod(0, dtype=torch.float64),
    "x.cumsum(0, dtype=...)": lambda x: x.cumsum(0, dtype=torch.float64),
    "x.to(dtype=...)": lambda x: x.to(dtype=torch.float64),
    "x.double()": lambda x: x.double(),
    "x.half()": lambda x: x.half(),
    "x.bfloat16()": lambda x: x.bfloat16(),
    "F.dropout": lambda x: F.dropout(x, 0.25),
    "F.max_pool1d": lambda x: F.max_pool1d(x, 2),
    "F.max_pool2d": lambda x: F.max_pool2d(x[None], 2),
    "F.avg_pool2d": lambda x: F.avg_pool2d(x[None], 2),
    "F.embedding": lambda x: F.embedding(torch.tensor([1, 0, 1], device=x.device), x),
    "F.pad": lambda x: F.pad(x, (1, 1)),
    "x.gather": lambda x: x.gather(0, torch.tensor([[0, 1]], device=x.device)),
    "x.index_select": lambda x: x.index_select(0, torch.tensor([1], device=x.device)),
    "x.masked_fill": lambda x: x.masked_fill(x > 1, 0),
    "x.tril()": lambda x: x.tril(),
    "x.contiguous() of a transposed x": lambda x: x.T.contiguous(),
    "x.reshape(4)": lambda x: x.reshape(4),
    "x.flatten()": lambda x: x.flatten(),
    "x.permute(1, 0)": lambda x: x.permute(1, 0),
    "x.squeeze()": lambda x: x.squeeze(),
    "x.unsqueeze(0)": lambda x: x.unsqueeze(0),
    "x.chunk(2)[0]": lambda x: x.chunk(2)[0],
    "x.split(1)[0]": lambda x: x.split(1)[0],
    "x.unbind()[0]": lambda x: x.unbind()[0],
    "x.diagonal()": lambda x: x.diagonal(),
    "x.roll(1)": lambda x: x.roll(1),
    "x.scatter": lambda x: x.scatter(0, torch.tensor([[0, 1]], device=x.device), 5),
    "x.index_add": lambda x: x.index_add(0, torch.tensor([0, 1], device=x.device), x),
    "x.tanh()": lambda x: x.tanh(),
    "x.cos()": lambda x: x.cos(),
    "x.erf()": lambda x: x.erf(),
    "x.rsqrt()": lambda x: x.rsqrt(),
    "x % 2": lambda x: x % 2,
    "2 ** x": lambda x: 2**x,
    "x.std()": lambda x: x.std(),
    "x.logsumexp(0)": lambda x: x.logsumexp(0),
    "x.cumprod(0)": lambda x: x.cumprod(0),
    "x.topk(1).values": lambda x: x.topk(1).values,
    "x.median()": lambda x: x.median(),
    "x.mm(x)": lambda x: x.mm(x),
    "x.matmul(x)": lambda x: x.matmul(x),
    "x[None] @ x[None]": lambda x: x[None] @ x[None],
    "torch.baddbmm": lambda x: torch.baddbmm(x[None], x[None], x[None]),
    "torch.tensordot": lambda x: torch.tensordot(x, x),
    "torch.kron": lambda x: torch.kron(x, x),
    "torch.vstack": lambda x: torch.vstack([x, x]),
    "torch.hypot": lambda x: torch.hypot(x, x),
    "torch.logaddexp": lambda x: torch.logaddexp(x, x),
    "torch.cdist": lambda x: torch.cdist(x, x + 1),
    "torch.cross": lambda x: torch.cross(x[:, [0, 1, 0]], x[:, [1, 1, 0]], dim=1),
    "x.float() + x.double()": lambda x: x.float() + x.double(),
    "F.silu": lambda x: F.silu(x),
    "F.elu": lambda x: F.elu(x),
    "F.leaky_relu": lambda x: F.leaky_relu(x),
    "F.softplus": lambda x: F.softplus(x),
    "F.log_softmax": lambda x: F.log_softmax(x, 0),
    "F.normalize": lambda x: F.normalize(x),
    "F.cosine_similarity": lambda x: F.cosine_similarity(x, x + 1),
    "F.group_norm": lambda x: F.group_norm(x, 1),
    "F.conv3d": lambda x: F.conv3d(x[None, None, None], x[None, None, None]),
    "F.conv_transpose2d": lambda x: F.conv_transpose2d(x[None, None], x[None, None]),
    "F.bilinear": lambda x: F.bilinear(x, x, x[None]),
    "F.interpolate": lambda x: F.interpolate(x[None], 3),
    "F.nll_loss": lambda x: F.nll_loss(x, torch.tensor([0, 1], device=x.device)),
    "F.l1_loss": lambda x: F.l1_loss(x, x.detach() + 1),
    "F.smooth_l1_loss": lambda x: F.smooth_l1_loss(x, x.detach() + 1),
    "F.binary_cross_entropy_with_logits": lambda x: F.binary_cross_entropy_with_logits(
        x, (x.detach() > 1).to(x.dtype)
    ),
    "F.cross_entropy": lambda x: F.cross_entropy(x, torch.tensor([0, 1], device=x.device)),
    "torch.linalg.norm": lambda x: torch.linalg.norm(x),
    "torch.linalg.norm(dim=...)": lambda x: torch.linalg.norm(x, dim=0),
    "torch.linalg.vector_norm": lambda x: torch.linalg.vector_norm(x),
    "torch.linalg.det": lambda x: torch.linalg.det(x),
    "torch.linalg.inv": lambda x: torch.linalg.inv(x),
    "torch.linalg.solve": lambda x: torch.linalg.solve(x, x),
    "torch.linalg.svdvals": lambda x: torch.linalg.svdvals(x),
    "torch.linalg.cholesky": lambda x: torch.linalg.cholesky(x @ x.T + x.T @ x),
    "torch.fft.fft": lambda x: torch.fft.fft(x).real,
    "torch.fft.rfft": lambda x: torch.fft.rfft(x).real,
    "torch.hstack": lambda x: torch.hstack([x, x]),
    "torch.column_stack": lambda x: torch.column_stack([x, x]),
    "torch.dist": lambda x: torch.dist(x, x + 1),
    "torch.block_diag": lambda x: torch.block_diag(x, x),
    "x.trace()": lambda x: x.trace(),
    "x.triu()": lambda x: x.triu(),
    "x.take": lambda x: x.take(torch.tensor([3, 0], device=x.device)),
    "x.nansum()": lambda x: x.nansum(),
    "x.movedim(0, 1)": lambda x: x.movedim(0, 1),
    "x.unflatten(1, (2, 1))": lambda x: x.unflatten(1, (2, 1)),
    "F.instance_norm": lambda x: F.instance_norm(x[None]),
    "F.glu": lambda x: F.glu(x),
    "F.selu": lambda x: F.selu(x),
    "F.mish": lambda x: F.mish(x),
    "F.hardswish": lambda x: F.hardswish(x),
    "F.logsigmoid": lambda x: F.logsigmoid(x),
    "F.unfold": lambda x: F.unfold(x[None, None], 2),
    "F.adaptive_avg_pool2d": lambda x: F.adaptive_avg_pool2d(x[None], 1),
    "F.avg_pool1d": lambda x: F.avg_pool1d(x, 2),
    "F.adaptive_avg_pool1d": lambda x: F.adaptive_avg_pool1d(x, 1),
    "F.lp_pool1d": lambda x: F.lp_pool1d(x, 2, 2),
    "F.pixel_shuffle": lambda x: F.pixel_shuffle(x.reshape(1, 4, 1, 1), 2),
    "F.grid_sample": lambda x: F.grid_sample(
        x[None, None], x.detach().new_zeros(1, 1, 1, 2), align_corners=False
    ),
    "F.softmin": lambda x: F.softmin(x, 0),
    "F.poisson_nll_loss": lambda x: F.poisson_nll_loss(x, x.detach()),
    "F.soft_margin_loss": lambda x: F.soft_margin_loss(x, x.detach().sign()),
    "F.pairwise_distance": lambda x: F.pairwise_distance(x, x + 1),
    "F.kl_div": lambda x: F.kl_div(x, x.detach(), reduction="sum"),
    "F.huber_loss": lambda x: F.huber_loss(x, x.detach() + 1),
    "F.triplet_margin_loss": lambda x: F.triplet_margin_loss(x, x + 1, x - 1),
    "F.embedding_bag": lambda x: F.embedding_bag(torch.tensor([[1, 0]], device=x.device), x),
}

#: Operations on three tensors, of two elements each, any of which may be the one with grad.
OPERATIONS_ON_THREE = {
    "F.linear": lambda x, y, z: F.linear(x[None], y[None].expand(2, 2), z),
    "F.conv1d": lambda x, y, z: F.conv1d(x.view(1, 1, 2), y.view(2, 1, 1), z),
    "F.conv2d": lambda x, y, z: F.conv2d(x.view(1, 1, 1, 2), y.view(2, 1, 1, 1), z),
    "F.conv_transpose2d": lambda x, y, z: F.conv_transpose2d(
        x.view(1, 1, 1, 2), y.view(1, 2, 1, 1), z
    ),
    "F.layer_norm": lambda x, y, z: F.layer_norm(x[None] + x[:, None], (2,), y, z),
    "F.batch_norm": lambda x, y, z: F.batch_norm(
        x[None] * x[:, None], None, None, y, z, training=True
    ),
    "F.batch_norm in evaluation": lambda x, y, z: F.batch_norm(
        x[None], torch.zeros_like(x), torch.ones_like(x), y, z
    ),
    "F.group_norm": lambda x, y, z: F.group_norm(x[None] * x[:, None], 1, y, z),
    "F.instance_norm": lambda x, y, z: F.instance_norm(
        x.view(1, 2, 1) * x, weight=y, bias=z, use_input_stats=True
    ),
    "F.bilinear": lambda x, y, z: F.bilinear(
        x[None], y[None], torch.ones(2, 2, 2, dtype=x.dtype, device=x.device), z
    ),
    "torch.addmm": lambda x, y, z: torch.addmm(x, y[:, None], z[None]),
    "torch.addmv": lambda x, y, z: torch.addmv(x, y[None].expand(2, 2), z),
    "torch.addbmm": lambda x, y, z: torch.addbmm(x, y.view(1, 2, 1), z.view(1, 1, 2)),
    "torch.baddbmm": lambda x, y, z: torch.baddbmm(x, y.view(1, 2, 1), z.view(1, 1, 2)),
    "torch.addr": lambda x, y, z: torch.addr(x, y, z),
    "torch.addcmul": lambda x, y, z: torch.addcmul(x, y, z, value=2),
    "x.addcdiv": lambda x, y, z: x.addcdiv(y, z),
    "torch.lerp": lambda x, y, z: torch.lerp(x, y, z),
    "torch.clamp": lambda x, y, z: x.clamp(y, z),
    "torch.einsum": lambda x, y, z: torch.einsum("i,i,i->", x, y, z),
    "torch.cat": lambda x, y, z: torch.cat([x, y, z]),
    "torch.stack": lambda x, y, z: torch.stack((x, y, z), -1),
    "F.triplet_margin_loss": lambda x, y, z: F.triplet_margin_loss(x, y, z, 9.0),
    "x.scatter": lambda x, y, z: torch.stack([x, y]).scatter(0, (z[None] < 0).long(), z[None]),
    "x.index_add": lambda x, y, z: (x * y).index_add(0, (z < 0).long(), z),
    "x[0] = z[0]": lambda x, y, z: assigned(x * y, 0, z[0]),
}

#: Those that take two tensors of any one shape.
ELEMENTWISE = (
    *("x + y", "x - y", "x * y", "x / y", "x ** y", "torch.stack", "torch.maximum"),
    *("torch.minimum", "torch.addcmul", "x.masked_scatter", "torch.where", "torch.lerp"),
    *("F.mse_loss", "x += y", "x -= y", "x *= y", "x /= y"),
)
#: And those that take one.
#: Operations on a tensor of three dimensions, spelled by keywords.
BY_KEYWORDS = (
    *((name, {"dim": -1}) for name in ("cumsum", "cumprod", "logcumsumexp", "cummax", "cummin")),
    *((name, {"dim": -1}) for name in ("sum", "mean", "prod", "var", "std", "amax", "logsumexp")),
    *((name, {"dim": -1}) for name in ("max", "min", "median", "sort", "softmax", "log_softmax")),
    *((name, {"dim": (0, -1), "keepdim": True}) for name in ("sum", "mean", "var", "amin")),
    *((name, {"dim": -2}) for name in ("unbind", "unsqueeze", "squeeze", "diff")),
    *(("norm", {"p": 2, "dim": -1}), ("topk", {"k": 2, "dim": -1}), ("flip", {"dims": (-1,)})),
    *(("roll", {"shifts": 1, "dims": -1}), ("transpose", {"dim0": -1, "dim1": 0})),
    *(("permute", {"dims": (2, 0, 1)}), ("select", {"dim": -1, "index": 0})),
    *(("narrow", {"dim": -1, "start": 1, "length": 2}), ("flatten", {"start_dim": -2})),
    *(("chunk", {"chunks": 2, "dim": -1}), ("repeat_interleave", {"repeats": 2, "dim": -1})),
    *(("clamp", {"max": 1.0}), ("nan_to_num", {"nan": 0.0}), ("add", {"other": 1, "alpha": 2})),
)
ELEMENTWISE_ON_ONE = {
    name: OPERATIONS_ON_ONE[name]
    for name in (
        *("-x", "x + 1", "1 - x", "x / 2", "2 / x", "x ** 2", "x.exp()", "x.log()", "x.sqrt()"),
        *(
            "x.abs()",
            "x.sin()",
            "x.sigmoid()",
            "x.clamp(min=0)",
            "x.mean()",
            "x.prod()",
            "x.norm()",
        ),
        *("x[x > 1]", "x.clone()", "x.to(torch.float64)", "torch.relu", "F.gelu", "x.double()"),
        *("x.sum(dtype=...)", "x.half()", "x.bfloat16()", "F.dropout", "x.masked_fill"),
        *("x.flatten()", "x.squeeze()", "x.unsqueeze(0)", "x.tanh()", "x.cos()", "x.erf()"),
        *(
            "x.rsqrt()",
            "x % 2",
            "2 ** x",
            "torch.hypot",
            "torch.logaddexp",
            "x.float() + x.double()",
        ),
        *("F.silu", "F.elu", "F.leaky_relu", "F.softplus", "F.l1_loss", "F.smooth_l1_loss"),
    )
} | {
    "x.sum()": lambda x: x.sum(),
    "x[None]": lambda x: x[None],
    "x.reshape(-1)": lambda x: x.reshape(-1),
    "x.transpose(0, -1)": lambda x: x.transpose(0, -1) if x.dim() else x.view(1),
    "x.flip": lambda x: x.flip(tuple(range(x.dim()))),
    "x.softmax(-1)": lambda x: x.softmax(-1),
    "x.cumsum(-1)": lambda x: x.cumsum(-1),
    "x.sort().values": lambda x: x.sort().values,
    "x[..., :1]": lambda x: x[..., :1] if x.dim() else x[...],
    "F.dropout(p=...)": lambda x: F.dropout(x, p=0.25, training=True),
    "torch.sum(input=...)": lambda x: torch.sum(input=x),
    "torch.add(alpha=...)": lambda x: torch.add(x, 1, alpha=2),
    "x.add_(1)": lambda x: x.clone().add_(1),
    "x.copy_": lambda x: torch.zeros_like(x).copy_(x),
    "x[...] =": lambda x: assigned(torch.zeros_like(x), ..., x),
}
#: Layers with a weight, and the shape of what they take.
LAYERS = (
    (lambda: nn.Linear(2, 3), 2),
    (lambda: nn.Linear(100, 65), 4, 100),
    (lambda: nn.Linear(2, 3, bias=False), 2, 1, 2, 2),
    (lambda: nn.Conv1d(2, 3, 3), 1, 2, 5),
    (lambda: nn.Conv2d(2, 4, 3, stride=2, groups=2), 2, 2, 9, 9),
    (lambda: nn.Conv3d(2, 3, 2), 1, 2, 3, 3, 3),
    (lambda: nn.ConvTranspose2d(2, 3, 2), 1, 2, 3, 3),
    (lambda: nn.BatchNorm1d(2), 5, 2),
    (lambda: nn.BatchNorm2d(2), 2, 2, 3, 3),
    (lambda: nn.BatchNorm3d(2), 2, 2, 2, 2, 2),
    (lambda: nn.BatchNorm2d(2).eval(), 2, 2, 3, 3),
    (lambda: nn.LayerNorm(5), 2, 3, 5),
    (lambda: nn.GroupNorm(1, 2), 2, 2, 3, 3),
    (lambda: nn.InstanceNorm2d(2, affine=True), 2, 2, 3, 3),
    (lambda: nn.PReLU(), 2, 1, 3, 3),
)

#: Operations of which there is no derivative.
NOT_DIFFERENTIABLE = {
    "x > 0": lambda x: x > 0,
    "x >= 0": lambda x: x >= 0,
    "x < 0": lambda x: x < 0,
    "x <= 0": lambda x: x <= 0,
    "x == x": lambda x: x == x,
    "x != x": lambda x: x != x,
    "torch.eq": lambda x: torch.eq(x, x),
    "x.isnan()": lambda x: x.isnan(),
    "x.logical_not()": lambda x: x.logical_not(),
    "x.argmax()": lambda x: x.argmax(),
    "x.argmin()": lambda x: x.argmin(),
    "x.argsort()": lambda x: x.argsort(),
    "x.max(0).indices": lambda x: x.max(0).indices,
    "x.nonzero()": lambda x: x.nonzero(),
    "x.to(torch.int64)": lambda x: x.to(torch.int64),
    "x.long()": lambda x: x.long(),
    "x.int()": lambda x: x.int(),
    "x.bool()": lambda x: x.bool(),
    "x.short()": lambda x: x.short(),
    "x.byte()": lambda x: x.byte(),
    "x.type(torch.int64)": lambda x: x.type(torch.int64),
    "x.to(torch.int32)": lambda x: x.to(torch.int32),
    "x.gt(0)": lambda x: x.gt(0),
    "x.ne(0)": lambda x: x.ne(0),
    "x.any()": lambda x: x.any(),
    "x.isfinite()": lambda x: x.isfinite(),
    "x.isinf()": lambda x: x.isinf(),
    "x.signbit()": lambda x: x.signbit(),
    "x.count_nonzero()": lambda x: x.count_nonzero(),
    "torch.gt": lambda x: torch.gt(x, 0),
    "torch.argmax(dim=...)": lambda x: torch.argmax(x, dim=0),
    "x.argmax(-1)": lambda x: x.argmax(-1),
    "x.argmax(dim=0, keepdim=True)": lambda x: x.argmax(dim=0, keepdim=True),
    "x.to(dtype=torch.int64)": lambda x: x.to(dtype=torch.int64),
    "x.to(device, torch.uint8)": lambda x: x.to(x.device, torch.uint8),
    "x.char()": lambda x: x.char(),
    "x.eq(0)": lambda x: x.eq(0),
    "x.lt(1)": lambda x: x.lt(1),
    "torch.isclose": lambda x: torch.isclose(x, x),
    "torch.zeros_like": lambda x: torch.zeros_like(x),
    "x.topk(1).indices": lambda x: x.topk(1).indices,
    "x.sort().indices": lambda x: x.sort().indices,
}

#: What returns a contiguous x of float32 itself.
RETURN_THEIR_INPUT = {
    "x.float()": lambda x: x.float(),
    "x.to(x.dtype)": lambda x: x.to(x.dtype),
    "x.to(x.device)": lambda x: x.to(x.device),
    "x.to(x)": lambda x: x.to(x),
    "x.type(x.dtype)": lambda x: x.type(x.dtype),
    "x.contiguous()": lambda x: x.contiguous(),
    "+x": lambda x: +x,
    "x.real": lambda x: x.real,
    "x.conj()": lambda x: x.conj(),
    "F.dropout in evaluation": lambda x: F.dropout(x, training=False),
    "F.alpha_dropout in evaluation": lambda x: F.alpha_dropout(x, training=False),
    "nn.Dropout in evaluation": lambda x: nn.Dropout().eval()(x),
    "nn.Identity": lambda x: nn.Identity()(x),
}

#: Steps have a derivative, of zeros.
STEPS = {
    "round": lambda y: y.round(),
    "floor": lambda y: y.floor(),
    "ceil": lambda y: y.ceil(),
    "trunc": lambda y: y.trunc(),
    "sign": lambda y: y.sign(),
    "torch.round": lambda y: torch.round(y),
    "torch.sign": lambda y: torch.sign(y),
    "round_": lambda y: y.round_(),
    "gt_": lambda y: y.gt_(0),
    "ge_": lambda y: y.ge_(other=0),
    "lt_": lambda y: y.lt_(0),
    "eq_": lambda y: y.eq_(y.detach().clone()),
}

VIEWS = {
    "x[...]": lambda x: x[...],
    "x[None]": lambda x: x[None],
    "x.unsqueeze(0)": lambda x: x.unsqueeze(0),
    "x.squeeze()": lambda x: x.squeeze(),
    "x.view_as(x)": lambda x: x.view_as(x),
    "x.transpose(0, -1)": lambda x: x.transpose(0, -1),
    "x.expand_as(x)": lambda x: x.expand_as(x),
    "x.unsqueeze(0)[0]": lambda x: x.unsqueeze(0)[0],
}

#: Changes in place: what they do, what becomes of the values, and the slope of that.
CHANGES = {
    "x.add_(1)": (lambda x: x.add_(1), lambda a: a + 1, 1),
    "x += 1": (lambda x: iadd(x, 1), lambda a: a + 1, 1),
    "x.sub_(1)": (lambda x: x.sub_(1), lambda a: a - 1, 1),
    "x -= 1": (lambda x: isub(x, 1), lambda a: a - 1, 1),
    "x.mul_(2)": (lambda x: x.mul_(2), lambda a: a * 2, 2),
    "x *= 2": (lambda x: imul(x, 2), lambda a: a * 2, 2),
    "x /= 2": (lambda x: itruediv(x, 2), lambda a: a / 2, 0.5),
    "x.neg_()": (lambda x: x.neg_(), lambda a: -a, -1),
    "x.zero_()": (lambda x: x.zero_(), lambda a: a * 0, 0),
    "x.fill_(3)": (lambda x: x.fill_(3), lambda a: a * 0 + 3, 0),
    "x.copy_(ones)": (lambda x: x.copy_(torch.ones_like(x)), lambda a: a * 0 + 1, 0),
    "x[...] = 5": (lambda x: setitem(x, ..., 5), lambda a: a * 0 + 5, 0),
    "x[None][0] = 5": (lambda x: setitem(x[None], 0, 5), lambda a: a * 0 + 5, 0),
    "x[x == x] = 5": (lambda x: setitem(x, x == x, 5), lambda a: a * 0 + 5, 0),
    "x.unsqueeze(0)[0] *= 2": (lambda x: imul(x.unsqueeze(0)[0], 2), lambda a: a * 2, 2),
}

#: More that a leaf refuses.
MORE_CHANGES = {
    "x **= 2": lambda x: x.__ipow__(2),
    "x.add_(tensor)": lambda x: x.add_(torch.ones_like(x)),
    "x[0] = 5": lambda x: setitem(x, 0, 5),
    "x[:, 0] = 5": lambda x: setitem(x, (slice(None), 0), 5),
    "x[-1, -1] = 5": lambda x: setitem(x, (-1, -1), 5),
    "x[[0]] = 5": lambda x: setitem(x, [0], 5),
    "x[..., 0] = 5": lambda x: setitem(x, (..., 0), 5),
    "x[0, ...] = tensor": lambda x: setitem(x, (0, ...), x.detach()[0] + 5),
    "x[::2] = 5": lambda x: setitem(x, slice(None, None, 2), 5),
    "x[tensor] = 5": lambda x: setitem(x, torch.tensor([0], device=x.device), 5),
    "x[0] += 5": lambda x: setitem(x, 0, iadd(x[0], 5)),
    "x.exp_()": lambda x: x.exp_(),
    "x.sqrt_()": lambda x: x.sqrt_(),
    "x.round_()": lambda x: x.round_(),
    "x.relu_()": lambda x: x.relu_(),
    "torch.relu_(x)": lambda x: torch.relu_(x),
    "F.relu(x, inplace=True)": lambda x: F.relu(x, inplace=True),
    "nn.ReLU(inplace=True)(x)": lambda x: nn.ReLU(inplace=True)(x),
    "F.dropout(x, inplace=True)": lambda x: F.dropout(x, inplace=True),
    "x.clamp_(0, 1)": lambda x: x.clamp_(0, 1),
    "x.masked_fill_(x != 0, 1)": lambda x: x.masked_fill_(x != 0, 1),
    "x.uniform_()": lambda x: x.uniform_(),
    "x.normal_()": lambda x: x.normal_(),
    "x.index_fill_": lambda x: x.index_fill_(0, torch.tensor([0], device=x.device), 5),
    "x.random_()": lambda x: x.random_(),
    "x.unsqueeze_(0)": lambda x: x.unsqueeze_(0),
    "x.t_()": lambda x: x.t_(),
    "x.squeeze_()": lambda x: x.squeeze_(),
    "x.swapaxes_(0, 1)": lambda x: x.swapaxes_(0, 1),
    "x.sigmoid_()": lambda x: x.sigmoid_(),
    "x.tanh_()": lambda x: x.tanh_(),
    "x.abs_()": lambda x: x.abs_(),
    "x.sin_()": lambda x: x.sin_(),
    "x.floor_()": lambda x: x.floor_(),
    "x.pow_(2)": lambda x: x.pow_(2),
    "x.fmod_(2)": lambda x: x.fmod_(2),
    "x.clamp_min_(2)": lambda x: x.clamp_min_(2),
    "x.cumsum_(0)": lambda x: x.cumsum_(0),
    "x.triu_()": lambda x: x.triu_(),
    "x.addcmul_": lambda x: x.addcmul_(torch.ones_like(x), torch.ones_like(x)),
    "x.lerp_": lambda x: x.lerp_(torch.zeros_like(x), 0.5),
    "x.bernoulli_()": lambda x: x.bernoulli_(0.5),
    "x.exponential_()": lambda x: x.exponential_(),
    "x.index_add_": lambda x: x.index_add_(0, torch.tensor([0], device=x.device), x.detach()[:1]),
    "x.index_copy_": lambda x: x.index_copy_(0, torch.tensor([0], device=x.device), x.detach()[1:]),
    "x.scatter_": lambda x: x.scatter_(0, torch.tensor([[0]], device=x.device), 5.0),
    "x.put_": lambda x: x.put_(torch.tensor([0], device=x.device), x.detach().flatten()[:1] + 5),
    "x.index_put_": lambda x: x.index_put_(
        (torch.tensor([0], device=x.device),), x.detach()[0] + 5
    ),
    "x.masked_scatter_": lambda x: x.masked_scatter_(x != 0, x.detach() + 5),
    "x.transpose(0, -1)[0] = 5": lambda x: setitem(x.transpose(0, -1), 0, 5),
    "x.view(x.shape)[0] = 5": lambda x: setitem(x.view(x.shape), 0, 5),
    "x.diagonal().add_(1)": lambda x: x.diagonal().add_(1),
    "F.hardtanh(x, inplace=True)": lambda x: F.hardtanh(x, inplace=True),
    "F.leaky_relu(x, inplace=True)": lambda x: F.leaky_relu(x, inplace=True),
    "x.add_(tensor, alpha=2)": lambda x: x.add_(torch.ones_like(x), alpha=2),
    "x.sub_(tensor, alpha=2)": lambda x: x.sub_(torch.ones_like(x), alpha=2),
    "x.mul_(other=2)": lambda x: x.mul_(other=2),
    "x.div_(2, rounding_mode='floor')": lambda x: x.div_(2, rounding_mode="floor"),
    "x.fill_(value=2)": lambda x: x.fill_(value=2),
    "x.copy_(tensor, non_blocking=True)": lambda x: x.copy_(torch.ones_like(x), non_blocking=True),
    "x.clamp_(min=2)": lambda x: x.clamp_(min=2),
    "x.masked_fill_(mask=..., value=1)": lambda x: x.masked_fill_(mask=x != 0, value=1),
    "x.addcmul_(value=2)": lambda x: x.addcmul_(torch.ones_like(x), torch.ones_like(x), value=2),
    "x.addcdiv_(value=2)": lambda x: x.addcdiv_(torch.ones_like(x), torch.ones_like(x), value=2),
    "x.uniform_(a, b)": lambda x: x.uniform_(1, 2),
    "torch.mul(x, 2, out=x)": lambda x: torch.mul(x, 2, out=x),
    "torch.add(x, 1, out=x)": lambda x: torch.add(x, 1, out=x),
    "x.T[0] += 5": lambda x: setitem(x.transpose(0, -1), 0, iadd(x.transpose(0, -1)[0], 5)),
    "x.mul_(x)": lambda x: x.mul_(x),
    "x.div_(tensor)": lambda x: x.div_(torch.ones_like(x)),
    "torch.exp(x, out=x)": lambda x: torch.exp(x, out=x),
    "torch.neg_(x)": lambda x: torch.neg_(x),
    "x.squeeze_(0)": lambda x: x.squeeze_(0),
    "x.transpose_(0, -1)": lambda x: x.transpose_(0, -1),
    "x.log_()": lambda x: x.log_(),
    "x.square_()": lambda x: x.square_(),
    "x.reciprocal_()": lambda x: x.reciprocal_(),
    "x.erf_()": lambda x: x.erf_(),
    "x.sign_()": lambda x: x.sign_(),
    "x.copy_(torch.where(...))": lambda x: x.copy_(torch.where(x != 0, x.detach(), x.detach())),
    "x[x != 0] = tensor": lambda x: setitem(x, x != 0, x.detach()[x != 0]),
    "x[...] *= 2": lambda x: setitem(x, ..., imul(x[...], 2)),
    "F.elu(x, inplace=True)": lambda x: F.elu(x, inplace=True),
    "F.silu(x, inplace=True)": lambda x: F.silu(x, inplace=True),
    "nn.Dropout(inplace=True)": lambda x: nn.Dropout(inplace=True)(x),
    **{
        f"F.{name}(x, inplace=True)": lambda x, it=name: getattr(F, it)(x, inplace=True)
        for name in "celu hardsigmoid hardswish mish relu6 rrelu selu".split()
    },
    "F.threshold(x, inplace=True)": lambda x: F.threshold(x, 0.5, 2, inplace=True),
    "F.threshold_(x)": lambda x: F.threshold_(x, 0.5, 2),
    **{
        f"F.{name}(x)": lambda x, it=name: getattr(F, it)(x)
        for name in "celu_ elu_ hardtanh_ leaky_relu_ relu_ rrelu_ selu_".split()
    },
    **{
        f"nn.{name}(inplace=True)": lambda x, it=name: getattr(nn, it)(inplace=True)(x)
        for name in "CELU ELU Hardswish Hardtanh LeakyReLU Mish ReLU6 SELU SiLU".split()
    },
    "x.view(x.shape).fill_(1)": lambda x: x.view(x.shape).fill_(1),
}
#: Methods of other operations that a leaf refuses, alone and with another tensor.
_ALONE = (
    *("absolute_ acos_ acosh_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctanh_ asin_".split()),
    *("asinh_ atan_ atanh_ ceil_".split()),
    *("conj_physical_ cos_ cosh_ deg2rad_ digamma_ erfc_ erfinv_ exp2_ expm1_ fix_ frac_".split()),
    *("i0_ lgamma_ log10_ log1p_ log2_ log_normal_ cauchy_ logit_ nan_to_num_ negative_".split()),
    *("rad2deg_ rsqrt_ sgn_ sinc_ sinh_ tan_ tril_ trunc_".split()),
)
_WITH_ANOTHER = (
    *("arctan2_ greater_equal_ igamma_ igammac_ less_equal_ not_equal_".split()),
    *("atan2_ copysign_ divide_ eq_ floor_divide_ ge_ greater_ gt_ heaviside_ hypot_ le_".split()),
    *("less_ lt_ multiply_ ne_ nextafter_ remainder_ subtract_ true_divide_ xlogy_".split()),
)
MORE_METHODS = {
    **{f"x.{name}()": methodcaller(name) for name in _ALONE},
    **{f"x.{it}(y)": lambda x, it=it: getattr(x, it)(x.detach() + 1) for it in _WITH_ANOTHER},
    "x.fill_diagonal_(0)": lambda x: x.fill_diagonal_(0),
    "x.cumprod_(0)": lambda x: x.cumprod_(0),
    "x.swapdims_(0, 1)": lambda x: x.swapdims_(0, 1),
    "x.renorm_(1, 0, 1)": lambda x: x.renorm_(1, 0, 1),
    "x.clip_(0, 1)": lambda x: x.clip_(0, 1),
    "x.clamp_max_(1)": lambda x: x.clamp_max_(1),
    "x.scatter_add_": lambda x: x.scatter_add_(
        0, torch.tensor([[0]], device=x.device), x.detach()[:1, :1]
    ),
    "x.addmm_": lambda x: x.addmm_(x.detach(), x.detach()),
    "x.addmv_": lambda x: x[0].addmv_(x.detach(), x.detach()[0]),
    "x.addr_": lambda x: x.addr_(x.detach()[0], x.detach()[0]),
    "x.addbmm_": lambda x: x.addbmm_(x.detach()[None], x.detach()[None]),
    "x.baddbmm_": lambda x: x[None].baddbmm_(x.detach()[None], x.detach()[None]),
    "x.geometric_(0.5)": lambda x: x.geometric_(0.5),
    "x.mvlgamma_(1)": lambda x: x.mvlgamma_(1),
    "x.polygamma_(1)": lambda x: x.polygamma_(1),
    "x.scatter_reduce_": lambda x: x.scatter_reduce_(
        0, torch.tensor([[0]], device=x.device), x.detach()[:1, :1], "sum"
    ),
}
#: And functions that a leaf refuses.
FUNCTIONS = (
    *"abs_ acos_ acosh_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctanh_ asin_".split(),
    *"asinh_ atan_ atanh_ ceil_ celu_ conj_physical_ cos_ cosh_ deg2rad_ erf_ erfc_".split(),
    *"exp2_ exp_ expm1_ fix_ floor_ frac_ i0_ log10_ log1p_ log2_ log_ logit_".split(),
    *"nan_to_num_ negative_ rad2deg_ reciprocal_ round_ rrelu_ rsqrt_ selu_ sigmoid_".split(),
    *"sin_ sinc_ sinh_ sqrt_ square_ tan_ tanh_ trunc_ zero_".split(),
)

#: How many dimensions those take that do not take none.
DIMENSIONS = dict.fromkeys(
    [
        *("x[0] = 5", "x[[0]] = 5", "x[0] += 5", "x.index_add_", "x.index_copy_", "x.index_put_"),
        *("x.transpose(0, -1)[0] = 5", "x.T[0] += 5", "x.view(x.shape)[0] = 5"),
        *("x[..., 0] = 5", "x[0, ...] = tensor", "x[::2] = 5", "x[tensor] = 5"),
    ],
    1,
) | dict.fromkeys(["x[:, 0] = 5", "x[-1, -1] = 5", "x.diagonal().add_(1)"], 2)

SAVE_THEIR_RESULT = {
    "torch.exp(x)": lambda x: torch.exp(x),
    "x.sigmoid()": lambda x: x.sigmoid(),
    "x.tanh()": lambda x: x.tanh(),
    "x.sqrt()": lambda x: x.sqrt(),
    "F.relu(x)": lambda x: F.relu(x),
    "x.reciprocal()": lambda x: x.reciprocal(),
    "x.rsqrt()": lambda x: x.rsqrt(),
    "x.softmax(-1)": lambda x: x.softmax(-1),
}
SAVE_THEIR_INPUT = {
    "y * y": lambda y: y * y,
    "y / y": lambda y: y / y,
    "y ** 2": lambda y: y**2,
    "y.sin()": lambda y: y.sin(),
    "y.log()": lambda y: y.log(),
    "y.abs()": lambda y: y.abs(),
    "F.gelu(y)": lambda y: F.gelu(y),
}
SAVE_NOTHING = {
    "y + y": lambda y: y + y,
    "3 * y": lambda y: 3 * y,
    "-y": lambda y: -y,
    "y.sum()": lambda y: y.sum(),
    "y.clone()": lambda y: y.clone(),
}

#: Of at least four rows, and of each rank and layout.
FOUR_ROWS = [
    filled(1, shape, dtype, layout)
    for shape, dtype, layout in zip(
        [(4,), (100, 2), (4, 2, 3), (4, 1, 2, 1, 2), (4, 3, 2, 2)],
        [torch.float32, *COMPUTING_FLOATS, torch.bfloat16],
        LAYOUTS,
        strict=False,
    )
]

#: Writes of zeros that backward() notices, and that it does not.
NOTICED = {
    "y.detach().zero_()": lambda y: y.detach().zero_(),
    "y.detach()[...] = 0": lambda y: setitem(y.detach(), ..., 0),
    "y.detach()[None].mul_(0)": lambda y: y.detach()[None].mul_(0),
    "y.detach().fill_(0)": lambda y: y.detach().fill_(0),
    "y.detach().copy_(zeros)": lambda y: y.detach().copy_(torch.zeros_like(y)),
    "y.detach().sub_(y)": lambda y: y.detach().sub_(y.detach().clone()),
    "y.detach().clamp_(0, 0)": lambda y: y.detach().clamp_(0, 0),
    "torch.sub(y, y, out=y.detach())": lambda y: torch.sub(y.detach(), y.detach(), out=y.detach()),
    "y.zero_() in inference_mode": lambda y: torch.inference_mode()(y.zero_)(),
    **{
        f"{name} under no_grad": lambda y, change=change: under_no_grad(lambda: change(y))
        for name, (change, *_) in CHANGES.items()
    },
}
UNNOTICED = {
    "y.data.zero_()": lambda y: y.data.zero_(),
    "y.data[...] = 0": lambda y: setitem(y.data, ..., 0),
    "y.data[None].mul_(0)": lambda y: y.data[None].mul_(0),
    "y.data.copy_(zeros)": lambda y: y.data.copy_(torch.zeros_like(y)),
}

#: Writes of sevens into a part of a tensor, with the index of that part.
PARTS = {
    "y[0] = 7": (lambda y: setitem(y, 0, 7), 0),
    "y[-1] = 7": (lambda y: setitem(y, -1, 7), -1),
    "y[::2] = 7": (lambda y: setitem(y, slice(None, None, 2), 7), slice(None, None, 2)),
    "y[..., 0] = 7": (lambda y: setitem(y, (..., 0), 7), (..., 0)),
    "y[[0]] = 7": (lambda y: setitem(y, [0], 7), [0]),
    "y[tensor] = 7": (lambda y: setitem(y, torch.tensor([0], device=y.device), 7), [0]),
    "index_fill_": (lambda y: y.index_fill_(0, torch.tensor([0], device=y.device), 7), [0]),
    "index_copy_": (
        lambda y: y.index_copy_(
            0, torch.tensor([0], device=y.device), torch.full_like(y[:1], 7).detach()
        ),
        [0],
    ),
    "y[0] = 1; y[0] = 7": (lambda y: (setitem(y, 0, 1), setitem(y, 0, 7)), 0),
    "y[0].fill_(7)": (lambda y: y[0].fill_(7), 0),
    "y[:1].copy_(sevens)": (lambda y: y[:1].copy_(torch.full_like(y[:1], 7)), slice(1)),
    "y.select(0, 0).mul_(0).add_(7)": (lambda y: y.select(0, 0).mul_(0).add_(7), 0),
}

#: Writes of what is at the same place in a tensor v, with the index of that place.
ASSIGNMENTS = {
    "y[0] = v[0]": (lambda y, v: setitem(y, 0, v[0]), 0),
    "y[-1:] = v[-1:]": (lambda y, v: setitem(y, slice(-1, None), v[-1:]), slice(-1, None)),
    "y[..., 0] = v[..., 0]": (lambda y, v: setitem(y, (..., 0), v[..., 0]), (..., 0)),
    "y[...] = v": (lambda y, v: setitem(y, ..., v), ...),
    "y[[0]] = v[[0]]": (lambda y, v: setitem(y, [0], v[[0]]), [0]),
    "y[mask] = v[mask]": (lambda y, v: setitem(y, in_the_first(y), v[in_the_first(y)]), 0),
    "y[0].copy_(v[0])": (lambda y, v: y[0].copy_(v[0]), 0),
    "y.copy_(v)": (lambda y, v: y.copy_(v), ...),
    "y.mul_(0).add_(v)": (lambda y, v: y.mul_(0).add_(v), ...),
    "y *= 0; y += v": (lambda y, v: iadd(imul(y, 0), v), ...),
    "y *= 0; y -= -v": (lambda y, v: isub(imul(y, 0), -v), ...),
    "y.zero_().addcmul_": (lambda y, v: y.zero_().addcmul_(v, torch.ones_like(v)), ...),
    "y.masked_scatter_": (lambda y, v: y.masked_scatter_(in_the_first(y), v), 0),
    "y.index_copy_": (
        lambda y, v: y.index_copy_(0, torch.tensor([0], device=y.device), v[:1]),
        [0],
    ),
}

#: What is no leaf any more if w is one of float32.
COMPUTED = {
    "w.to(torch.float64)": lambda w: w.to(torch.float64),
    "w.double()": lambda w: w.double(),
    "0.01 * w": lambda w: 0.01 * w,
    "w / 2": lambda w: w / 2,
    "w + 0": lambda w: w + 0,
    "w.clone()": lambda w: w.clone(),
    "-w": lambda w: -w,
    "w.half()": lambda w: w.half(),
    "w.double().float()": lambda w: w.double().float(),
    "w[None].flatten()": lambda w: w[None].flatten(),
    "w.squeeze()": lambda w: w.squeeze(),
    "w[None].permute(-1, *range(w.dim()))": lambda w: w[None].permute(-1, *range(w.dim())),
    "w[None, None].mT.contiguous()": lambda w: w[None, None].mT.contiguous(),
    "w.sum(-1)": lambda w: w.sum(-1),
    "w.reshape(-1)": lambda w: w.reshape(-1),
    "w.view(w.shape)": lambda w: w.view(w.shape),
    "w.transpose(0, -1)": lambda w: w.transpose(0, -1),
    "w[...]": lambda w: w[...],
    "w.unsqueeze(0)": lambda w: w.unsqueeze(0),
    "nn.Parameter(w.detach()).clone()": lambda w: nn.Parameter(w.detach()).clone(),
    "w.to(dtype=torch.float64)": lambda w: w.to(dtype=torch.float64),
    "w * 0.01": lambda w: w * 0.01,
    "torch.mul(w, 0.01)": lambda w: torch.mul(w, 0.01),
    "torch.reshape(w, (-1,))": lambda w: torch.reshape(w, (-1,)),
    "w.reshape(shape=(-1,))": lambda w: w.reshape(shape=(-1,)),
    "w.bfloat16()": lambda w: w.bfloat16(),
    "w.type(torch.float64)": lambda w: w.type(torch.float64),
    "w.to(w.device, torch.float64)": lambda w: w.to(w.device, torch.float64),
    "torch.clone(w)": lambda w: torch.clone(w),
    "w.expand(2, *w.shape)": lambda w: w.expand(2, *w.shape),
    "torch.stack([w, w])": lambda w: torch.stack([w, w]),
}

ignore_grad_of_a_result = pytest.mark.filterwarnings(
    "ignore:The .grad attribute of a Tensor that is not a leaf"
)


def after_a_hundred_operations(x: torch.Tensor) -> torch.Tensor:
    """What a hundred operations make of x; they save values, and give ones a gradient of 1."""
    for _ in range(50):
        x = (x * x).sqrt()
    return x


class TestRequiresGrad:
    """requires_grad=True: the tensor takes part in automatic differentiation."""

    @claim("1.2.1")
    def test_whatever_makes_a_tensor_takes_requires_grad(self, device):
        for dtype, shape in itertools.product(there(FLOATS + COMPLEX), MADE[:-1]):
            for name, make in (MORE_MAKERS if dtype.is_complex else FLOAT_MAKERS).items():
                x = make(shape, dtype=dtype, device=device, requires_grad=True)

                assert x.requires_grad, name
                assert x.is_leaf, name

    @claim("1.2.1")
    def test_what_a_recorded_operation_computes_or_writes_into_is_no_leaf_and_all_else_is(
        self, device
    ):
        for constant in one_of_each(FLOATS, WITH_EXPANDED):
            constant = constant.to(device)
            x, other = nn.Parameter(constant), EXACT[constant.dtype is EXACT[0]]
            written, untold = torch.zeros_like(x), torch.zeros_like(x)
            written.copy_(x)

            computed = [2 * x, x[..., None], x[None], x.to(other), x.to("cpu", other), x.clone()]
            with torch.no_grad():
                within = [2 * x, x[..., None], x.to(other), untold.copy_(x), x.detach()]
            leaves = [x, x.to(x.dtype), x.to(device), x.detach(), x > 0, x.argmax(), x.to(int)]
            leaves += [constant, 2 * constant, constant[None], constant.to(other), *within]

            assert not any(it.is_leaf for it in (*computed, written))
            assert all(it.is_leaf for it in leaves)

    @claim("1.2.1")
    def test_so_do_eye_and_logspace(self, device):  # which were not there in half precision
        for dtype in there(EXACT):
            how = {"dtype": dtype, "device": device, "requires_grad": True}
            for x in (torch.eye(2, **how), torch.logspace(0, 1, 3, **how)):
                assert x.requires_grad

    @claim("1.2.1")
    def test_without_a_device_as_well(self):
        ways = itertools.cycle((at_once, *UNDER_NO_GRAD))
        for (name, make), default in itertools.product(FLOAT_MAKERS.items(), FLOATS[:2]):
            with default_dtype(default):
                for shape in MADE:
                    x = next(ways)(lambda make=make, shape=shape: make(shape, requires_grad=True))
                    assert (x.requires_grad, x.is_leaf) == (True, True), name
            for constant in (make((2, 3)), make((2, 3), requires_grad=False), make((2, 3)) + 1):
                assert not constant.requires_grad, name

    @claim("1.2.1")
    @given(tensor=tensors(EXACT, small=True, layouts=WITH_EXPANDED))
    def test_only_the_inputs_that_require_grad_get_a_gradient(self, tensor, device):
        x = tensor.to(device, copy=True).requires_grad_()
        constant = tensor.to(device)

        (x + constant).sum().backward()

        assert same_values(x.grad, np.ones(tensor.shape))
        assert constant.grad is None

    @claim("1.2.1")
    def test_so_may_those_of_every_rank_and_layout(self, device):
        for x in (*each_rank_and_layout_of(FLOATS + COMPLEX), torch.ones(MIB)):
            x = x.to(device).requires_grad_()

            for y in (x, nn.Parameter(x.detach()), x + x, x + 1, x.sum()):
                assert y.requires_grad

    @claim("1.2.1")
    def test_a_parameter_of_integers_or_bools_is_refused(self, device):
        for x in each_rank_and_layout_of(INTEGERS + BOOL):
            x = x.to(device)

            with pytest.raises(RuntimeError, match="floating point and complex"):
                nn.Parameter(x)
            for ask in (
                *(x.requires_grad_, lambda x=x: x.requires_grad_(True)),
                lambda x=x: x.requires_grad_(requires_grad=True),
            ):
                with pytest.raises(RuntimeError, match="floating point"):
                    ask()
            with pytest.raises(RuntimeError, match="floating point"):
                x.requires_grad = True
            assert not x.requires_grad

    @claim("1.2.1")
    @pytest.mark.parametrize("dtype", STORED)
    @pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental")
    def test_so_may_those_that_only_store_numbers(self, dtype, device):
        made = torch.empty(2, 3, dtype=dtype, device=device, requires_grad=True)
        for x in (made, torch.empty(2, 3, dtype=dtype, device=device).requires_grad_()):
            assert x.requires_grad

    @claim("1.2.1")
    def test_whatever_makes_a_tensor_of_integers_or_bools_refuses_requires_grad(self, device):
        for dtype, make in itertools.product(there(COMPUTING_INTEGERS + BOOL), MAKERS.values()):
            for shape in MADE[:-1] if dtype is torch.int64 else MADE[2:4]:
                with pytest.raises(RuntimeError, match="floating point and complex"):
                    make(shape, dtype=dtype, device=device, requires_grad=True)

    @claim("1.2.1")
    def test_a_tensor_of_pythons_integers_or_bools_refuses_requires_grad(self):
        whole = torch.ones(2, dtype=torch.int64)
        makers = torch.tensor, torch.asarray, whole.new_tensor
        data = 1, [1, 2], [[1], [2]], True, [True, False], np.ones(2, int)
        likes = torch.zeros_like, torch.ones_like, torch.empty_like
        for make, *arguments in (
            *((getattr(torch, name), *arguments) for name, *arguments in WHOLE),
            *itertools.chain(itertools.product(makers, data), itertools.product(likes, [whole])),
        ):
            with pytest.raises(RuntimeError, match="floating point and complex"):
                make(*arguments, requires_grad=True)


class TestBackward:
    """Tensor.backward: it computes the gradients that .grad holds."""

    @claim("1.2.2")
    def test_gradient_of_a_sum_of_squares_for_the_values_of_the_article(self, device):
        x = torch.tensor([[1.0, -1.0], [1.0, 1.0]], device=device, requires_grad=True)

        x.pow(2).sum().backward()

        assert x.grad.tolist() == [[2.0, -2.0], [2.0, 2.0]]

    @claim("1.2.2")
    def test_gradient_of_a_sum_of_squares_of_a_million_elements(self, device):
        x = torch.arange(2**20 + 1, dtype=torch.float32, device=device).requires_grad_()

        x.pow(2).sum().backward()
        squares, x.grad = x.grad, None
        (3 * x + 1).sum().backward()

        assert same_values(squares, np.arange(0, 2**21 + 1, 2, dtype=np.float32))
        assert same_values(x.grad, np.broadcast_to(np.float32(3), 2**20 + 1))

    @claim("1.2.2")
    @given(tensor=tensors(COMPUTING_FLOATS, layouts=WITH_EXPANDED))
    def test_gradient_of_a_sum_of_squares_is_exactly_twice_the_tensor(self, tensor, device):
        x = tensor.to(device).requires_grad_()
        expected = doubled(tensor)

        for spelling, compute_and_go_back in SQUARES.items():
            x.grad = None
            compute_and_go_back(x)

            assert x.grad.dtype is tensor.dtype, spelling
            assert same_values(x.grad, expected), spelling

    @claim("1.2.2")
    def test_it_is_twice_the_tensor_in_every_rank_and_layout(self, device):
        for turn, x in enumerate(
            (*one_of_each(COMPUTING_FLOATS, WITH_EXPANDED, ((0,),)), *every_form())
        ):
            expected = doubled(x)
            spellings = list(SQUARES.items())
            for spelling, square in spellings if turn < 12 else [spellings[turn % len(spellings)]]:
                leaf = x.to(device).requires_grad_()
                leaf.grad = None
                square(leaf)
                assert same_values(leaf.grad, expected), spelling

    @claim("1.2.2")
    @given(tensor=tensors(COMPUTING_FLOATS))
    def test_there_is_no_gradient_before_backward_which_leaves_the_values_alone(
        self, tensor, device
    ):
        x = tensor.to(device, copy=True).requires_grad_()
        result = x.pow(2).sum()

        assert x.grad is None
        result.backward()
        assert not x.grad.requires_grad
        assert same_bits(x, tensor)

    @claim("1.2.2")
    def test_backward_works_under_no_grad_as_well(self, device):
        for x in one_of_each():
            x = x.to(device).requires_grad_()
            result = x.pow(2).sum()

            with torch.no_grad():
                result.backward()

            assert same_values(x.grad, doubled(x))

    @claim("1.2.2")
    def test_value_and_gradient_of_a_line_for_the_numbers_of_the_article(self, device):
        x = torch.tensor(2.5, device=device, requires_grad=True)

        y = 5 * x + 2
        y.backward()

        assert y.item() == 14.5
        assert x.grad.item() == 5

    @claim("1.2.2")
    @given(
        x=tensors(COMPUTING_FLOATS, layouts=WITH_EXPANDED),
        a=st.integers(-128, 128) | st.integers(-128, 128).map(lambda n: n / 4),
        b=st.integers(-1000, 1000),
    )
    def test_gradient_of_a_line_is_its_slope_everywhere(self, x, a, b, device):
        x = x.to(device).requires_grad_()

        for spelling, line in LINES.items():
            x.grad = None
            line(x, a, b).sum().backward()

            assert x.grad.dtype is x.dtype, spelling
            assert same_values(x.grad, np.full(x.shape, float(a))), spelling

    @claim("1.2.2")
    def test_gradient_of_a_line_is_its_slope_in_every_size_rank_and_layout(self, device):
        kinds = one_of_each(COMPUTING_FLOATS, WITH_EXPANDED)
        for x, (spelling, line) in itertools.product(kinds, LINES.items()):
            x = x.to(device).detach().requires_grad_()

            line(x, -3, 2).sum().backward()

            assert same_values(x.grad, np.full(x.shape, -3.0)), spelling
        for step in (lambda y: 1 - y, lambda y: 2 * y * 0.5):
            y = x = torch.ones(3, device=device, requires_grad=True)
            for _ in range(100):
                y = step(y)
            (2 * y).sum().backward()
            assert same_values(x.grad, np.full(3, 2.0))

    @claim("1.2.2")
    @given(x=tensors(EXACT, small=True), a=st.integers(-999, 999), b=st.integers(-999, 999))
    def test_value_of_a_line_is_a_times_x_plus_b(self, x, a, b, device):
        leaf = x.to(device).requires_grad_()
        expected = a * as_array(x) + b

        for spelling, line in LINES.items():
            assert same_values(line(leaf, a, b), expected), spelling

    @claim("1.2.2")
    @given(
        x=tensors(COMPLEX, layouts=WITH_EXPANDED),
        a=st.integers(-9, 9),
        b=st.integers(-9, 9),
    )
    def test_gradient_of_a_complex_line_is_the_conjugate_of_its_slope(self, x, a, b, device):
        x = x.to(device).requires_grad_()

        y = complex(a, b) * x + 1
        y.backward(torch.ones_like(y))

        assert same_values(x.grad, np.full(x.shape, complex(a, -b)))

    @claim("1.2.2")
    def test_it_is_so_however_the_line_is_spelled_in_every_rank_and_layout(self, device):
        real, others = one_of_each(COMPUTING_FLOATS[:2]), one_of_each(COMPLEX, WITH_EXPANDED)
        for x, (spelling, line) in itertools.product((*real, *others), LINES.items()):
            x = x.to(device).detach().requires_grad_()
            if "tensor of a" in spelling and not x.is_complex():
                continue  # which makes a real tensor of a complex number

            y = line(x, 2 - 3j, 1)
            y.backward(torch.ones_like(y))

            expected = np.full(x.shape, 2 + 3j)
            assert same_values(x.grad, expected if x.is_complex() else expected.real), spelling

    @claim("1.2.2")
    @given(x=tensors(EXACT, small=True), a=st.integers(-9, 9), b=st.integers(-9, 9))
    def test_gradient_of_a_real_x_is_the_real_part_of_a_complex_slope(self, x, a, b, device):
        x = x.to(device).requires_grad_()

        y = complex(a, b) * x + 1
        y.backward(torch.ones_like(y))

        assert same_values(x.grad, np.full(x.shape, float(a)))

    @claim("1.2.2")
    @pytest.mark.parametrize(
        ("dtype", "slope", "expected"),
        [
            (torch.bfloat16, 257, 256.0),
            (torch.bfloat16, 259, 260.0),
            (torch.float32, 2**24 + 1, 2.0**24),
            (torch.float64, 2**24 + 1, 2.0**24 + 1),
        ],
        ids=str,
    )
    def test_gradient_of_a_line_is_the_slope_as_the_dtype_rounds_it(
        self, dtype, slope, expected, device
    ):
        x = torch.ones(3, dtype=dtype, device=device, requires_grad=True)

        (slope * x + 1).sum().backward()

        assert x.grad.tolist() == [expected] * 3

    @claim("1.2.6")
    @given(tensor=tensors(EXACT, small=True, layouts=WITH_EXPANDED), asked=st.booleans())
    @ignore_grad_of_a_result
    def test_only_leaves_get_a_gradient_unless_retain_grad_asks_for_it(self, tensor, asked, device):
        x = tensor.to(device).requires_grad_()
        y = 3 * x
        z = 5 * y
        if asked:
            y.retain_grad()

        z.sum().backward()

        assert (x.is_leaf, y.is_leaf, z.is_leaf) == (True, False, False)
        assert same_values(x.grad, np.full(x.shape, 15.0))
        assert (y.grad is not None) is asked
        assert y.grad is None or same_values(y.grad, np.full(y.shape, 5.0))
        assert z.grad is None

    @claim("1.2.6")
    @given(
        tensor=tensors(EXACT, small=True, layouts=WITH_EXPANDED),
        slopes=st.lists(st.integers(-9, 9), min_size=2, max_size=5),
    )
    def test_every_further_backward_adds_to_the_gradient(self, tensor, slopes, device):
        x = tensor.to(device).requires_grad_()

        for slope in slopes:
            (slope * x).sum().backward()

        assert same_values(x.grad, np.full(x.shape, float(sum(slopes))))

    @claim("1.2.6")
    def test_so_does_every_backward_of_one_result(self, device):
        for x in one_of_each(COMPUTING_FLOATS, WITH_EXPANDED):
            x = x.to(device).requires_grad_()
            y = total(x * x)

            for times in range(1, 6):
                y.backward(retain_graph=True)
                assert same_values(x.grad, 2 * times * as_array(x))

    @claim("1.2.6")
    def test_backward_adds_in_place_so_that_a_gradient_kept_must_be_cloned(self, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX, LAYOUTS, ((0,), MIB)):
            x = x.to(device).requires_grad_()
            (2 * x).real.sum().backward()
            kept, cloned = x.grad, x.grad.clone()

            (5 * x).real.sum().backward()
            torch.autograd.backward(x.real.sum())

            for gradient, expected in ((kept, 8.0), (cloned, 2.0), (x.grad, 8.0)):
                assert same_values(gradient, np.broadcast_to(np.float32(expected), x.shape))

    @claim("1.2.6")
    def test_backward_adds_to_the_grad_of_a_result_in_another_tensor(self, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX):
            y = 2 * x.to(device).requires_grad_()
            y.retain_grad()
            y.real.sum().backward(retain_graph=True)
            kept = y.grad

            y.real.sum().backward(retain_graph=True)
            (2 * y).real.sum().backward(retain_graph=True)

            assert same_values(kept, np.ones(y.shape))
            assert same_values(y.grad, np.full(y.shape, 4.0))
            weight = torch.ones_like(y)
            for _ in range(3):
                y.backward(weight, retain_graph=True)
            assert same_values(y.grad, np.full(y.shape, 7.0))

    @claim("1.2.6")
    def test_backward_of_no_element_needs_a_gradient_argument(self, device):
        for dtype, shape in itertools.product(COMPUTING_FLOATS, EMPTY):
            x = torch.ones(shape, dtype=dtype, device=device, requires_grad=True)

            with pytest.raises(RuntimeError, match="only for scalar outputs"):
                (2 * x).backward()
            (2 * x).backward(torch.ones_like(x))

            assert same_values(x.grad, np.ones(shape))

    @claim("1.2.6")
    @pytest.mark.filterwarnings("error")
    def test_a_grad_that_was_set_on_a_result_stays_or_is_added_to(self, device):
        for tensor in ones():
            x = tensor.to(device).requires_grad_()
            for retain, after in ((False, 5), (True, 8)):
                y, own = 2 * x, torch.full_like(x, 5)
                if retain:
                    y.retain_grad()
                y.grad = own
                (3 * y).sum().backward()

                assert same_values(y.grad, np.full(x.shape, after))
                assert same_values(own, np.full(x.shape, 5))
            y = 2 * x
            y.grad = torch.full_like(x, 5)
            (3 * y).sum().backward(inputs=[y])
            assert same_values(y.grad, np.full(x.shape, 8))

    @claim("1.2.6")
    def test_inputs_asks_for_a_results_gradient_in_every_later_backward_too(self, device):
        for x, (asked, walk) in itertools.product(
            one_of_each(COMPUTING_FLOATS + COMPLEX),
            enumerate(
                (
                    lambda y, z: z.backward(inputs=[y], retain_graph=True),
                    lambda y, z: z.backward(inputs=(y,), retain_graph=True),
                    lambda y, z: z.backward(None, True, False, [y]),
                    lambda y, z: torch.autograd.backward(z, inputs=[y], retain_graph=True),
                )
            ),
        ):
            y = 2 * x.to(device).detach().requires_grad_()

            walk(y, y.real.sum())
            (3 * y).real.sum().backward()

            assert same_values(y.grad, np.full(y.shape, 4.0)), asked
        leaves = [torch.ones((), device=device, requires_grad=True) for _ in range(70)]
        y = torch.arange(70.0, device=device) @ torch.stack(leaves)
        y.backward(inputs=leaves[1:], retain_graph=True)
        assert leaves[0].grad is None
        y.backward(inputs=tuple(leaves), retain_graph=True)
        torch.autograd.backward(y, inputs=leaves)
        assert [leaf.grad for leaf in leaves] == [0, *range(3, 210, 3)]

    @claim("1.2.6")
    @ignore_grad_of_a_result
    def test_retain_grad_and_a_gradient_argument_work_in_every_rank_and_layout(self, device):
        expands = itertools.cycle((False, True))
        for x, expanded in zip(ones(COMPUTING_FLOATS + COMPLEX), expands, strict=False):
            x = x.to(device).requires_grad_()
            y, z = 2 * x, (3 * x)[...]
            for result in (y, z, y):  # to ask twice changes nothing
                result.retain_grad()
            gradient = x.new_full((), 5).expand(x.shape)

            (y + z).backward(gradient if expanded else gradient.clone())

            for tensor, expected in ((y, 5.0), (z, 5.0), (x, 25.0)):
                assert same_values(tensor.grad, np.full(x.shape, expected))

    @claim("1.2.6")
    @pytest.mark.filterwarnings("ignore:Using backward")  # of a cycle of references, here ended
    def test_backward_with_create_graph_adds_to_the_gradient_and_leaves_what_was_kept_alone(
        self, device
    ):
        for x in one_of_each(DIFFERENTIABLE):
            x = x.to(device).requires_grad_()
            total(2 * x).backward()
            kept = x.grad

            total(5 * x).backward(create_graph=True)
            added, x.grad = x.grad, None

            assert same_values(kept, np.full(x.shape, 2.0))
            assert same_values(added, np.full(x.shape, 7.0))

    @claim("1.2.6")
    def test_retain_grad_refuses_a_tensor_without_grad(self, device):
        for x in one_of_each(FLOATS + COMPLEX):
            with pytest.raises(RuntimeError, match="can't retain_grad"):
                x.to(device).retain_grad()

    @claim("1.2.6")
    def test_backward_adds_in_whatever_thread_it_is_called(self, device):
        for x in (torch.ones(3), torch.ones(2, 3, 2, 2), torch.ones(300)):
            x = x.to(device).requires_grad_()
            results = [(n * x).sum() for n in range(1, 5)]

            for result in results:
                thread = Thread(target=result.backward)
                thread.start()
                thread.join()

            assert same_values(x.grad, np.full(x.shape, 10.0))

    @claim("1.2.6")
    @given(tensor=tensors(EXACT + COMPLEX, SEVERAL))
    def test_backward_of_several_elements_needs_a_gradient_argument(self, tensor, device):
        y = 2 * tensor.to(device).requires_grad_()

        for walk in (torch.Tensor.backward, torch.autograd.backward):
            with pytest.raises(RuntimeError, match="only for scalar outputs"):
                walk(y)

    @claim("1.2.6")
    def test_so_does_that_of_every_rank_and_layout(self, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX, WITH_EXPANDED):
            x = x.to(device).requires_grad_()
            y = 2 * x

            for walk in (y.backward, lambda y=y: torch.autograd.backward([y])):
                if y.numel() > 1:
                    with pytest.raises(RuntimeError, match="only for scalar outputs"):
                        walk()
            y.backward(torch.ones_like(y))

            assert same_values(x.grad, np.full(x.shape, 2.0))

    @claim("1.2.6")
    @pytest.mark.parametrize("dtype", COMPUTING_FLOATS)
    def test_backward_of_one_element_needs_no_gradient_argument(self, dtype, device):
        for shape, walk in itertools.product(
            ONE_ELEMENT, (torch.Tensor.backward, torch.autograd.backward)
        ):
            x = torch.ones(shape, dtype=dtype, device=device, requires_grad=True)

            walk(2 * x)

            assert same_values(x.grad, np.full(shape, 2.0))

    @claim("1.2.6")
    @since("2.1")
    @pytest.mark.parametrize("dtype", COMPLEX)
    def test_backward_of_one_complex_element_needs_a_gradient_argument(self, dtype, device):
        for shape, walk in itertools.product(
            ONE_ELEMENT, (torch.Tensor.backward, torch.autograd.backward)
        ):
            x = torch.ones(shape, dtype=dtype, device=device, requires_grad=True)

            with pytest.raises(RuntimeError, match="real scalar outputs"):
                walk(2 * x)

    @claim("1.2.6")
    @before("2.1")
    def test_backward_of_one_complex_element_needed_none_before(self, device):
        x = torch.ones((), dtype=torch.complex64, device=device, requires_grad=True)

        (2 * x).backward()

        assert x.grad.item() == 2

    @claim("1.2.6")
    @given(tensor=tensors(EXACT, SEVERAL, small=True, layouts=WITH_EXPANDED))
    def test_gradient_argument_weighs_the_elements(self, tensor, device):
        x = tensor.to(device).requires_grad_()
        weights = np.arange(x.numel()).reshape(x.shape)
        gradient = torch.arange(x.numel(), dtype=x.dtype, device=device).reshape(x.shape)

        (2 * x).backward(gradient)
        (2 * x).backward(gradient=gradient)
        torch.autograd.backward([2 * x, 3 * x], [gradient, gradient])
        torch.autograd.backward(tensors=2 * x, grad_tensors=gradient)

        assert same_values(x.grad, 11 * weights)

    @claim("1.2.6")
    def test_several_results_give_the_gradient_of_their_sum(self, device):
        for tensor in one_of_each(COMPUTING_FLOATS + COMPLEX, WITH_EXPANDED, ((0,),)):
            x = tensor.to(device).detach().requires_grad_()
            y = total(2 * x)
            for results, expected in (
                ([y, 3 * y], 2.0 + 6.0),
                ((3 * y, y), 2.0 + 6.0),
                ([y, y], 2.0 + 2.0),
                ([total(5 * x), total(7 * x)], 5.0 + 7.0),
                ([z := 3 * y, y, 5 * z, total(x)], 6.0 + 2.0 + 30.0 + 1.0),
            ):
                x.grad = None

                torch.autograd.backward(results, retain_graph=True)
                (found,) = torch.autograd.grad(results, x, retain_graph=True)

                for gradient in (x.grad, found):
                    assert same_values(gradient, np.full(x.shape, expected))
        x = torch.ones((), device=device, requires_grad=True)
        for together in (list, tuple):
            torch.autograd.backward(together(n * x for n in range(70)))
        assert x.grad == 70 * 69

    @claim("1.2.6")
    def test_several_results_are_refused_if_one_of_them_needs_no_grad(self, device):
        for tensor in one_of_each():
            x = tensor.to(device).detach().requires_grad_()
            y, constant = total(2 * x), total(2 * x).detach()
            for place, results in ((1, [y, constant]), (0, (constant, y)), (2, [y, y, constant])):
                for walk in (torch.autograd.backward, lambda it, x=x: torch.autograd.grad(it, x)):
                    with pytest.raises(RuntimeError, match=f"element {place} of tensors does not"):
                        walk(results)

    @claim("1.2.6")
    def test_gradient_argument_must_have_the_shape_of_the_result(self, device):
        for x in one_of_each(DIFFERENTIABLE):
            y = 2 * x.to(device).requires_grad_()

            for wrong in (y.detach()[None], y.detach().flatten()[1:], y.new_ones(2, *y.shape)):
                for walk in (torch.Tensor.backward, torch.autograd.backward):
                    with pytest.raises(RuntimeError, match="Mismatch in shape"):
                        walk(y, wrong)

    @claim("1.2.7")
    @given(tensor=tensors(EXACT, layouts=WITH_EXPANDED), again=st.integers(1, 3))
    def test_a_graph_that_saved_values_is_freed_by_its_first_backward(self, tensor, again, device):
        x = tensor.to(device).requires_grad_()
        for compute in (torch.exp, torch.square, lambda x: x * x, lambda x: x / x):
            y = compute(x).sum()
            for _ in range(again):
                y.backward(retain_graph=True)

            y.backward(retain_graph=None if again % 2 else False)

            with pytest.raises(RuntimeError, match="a second time"):
                y.backward()
            with pytest.raises(RuntimeError, match="a second time"):
                y.backward(retain_graph=True)

    @claim("1.2.7")
    def test_so_is_one_of_a_hundred_operations(self, device):
        x = torch.ones(3, device=device, requires_grad=True)
        y = after_a_hundred_operations(x).sum()
        y.backward(retain_graph=True)
        y.backward()

        for _ in range(2):
            with pytest.raises(RuntimeError, match="a second time"):
                y.backward()
        assert same_values(x.grad, np.full(3, 2.0))

    @claim("1.2.7")
    def test_however_it_is_spelled_a_backward_that_keeps_no_graph_frees_it(self, device):
        walks = (
            lambda y: y.backward(retain_graph=False),
            lambda y: y.backward(None, False),
            lambda y: torch.autograd.backward(y, retain_graph=False),
            lambda y: torch.autograd.backward(y),
            lambda y: torch.autograd.backward(tensors=[y]),
            lambda y: y.backward(torch.ones_like(y)),
            lambda y: in_another_thread(y.backward),
            lambda y: in_another_thread(torch.autograd.backward, y),
        )
        for turn, walk in enumerate(walks):
            for x in itertools.islice(one_of_each(DIFFERENTIABLE), turn % 4, None, 4):
                y = total(x.to(device).requires_grad_().exp())
                walk(y)

                for _ in range(3):
                    with pytest.raises(RuntimeError, match="a second time"):
                        walk(y)

    @claim("1.2.7")
    @given(tensor=tensors(EXACT, small=True), times=st.integers(1, 4))
    def test_a_graph_kept_by_retain_graph_can_be_walked_again(self, tensor, times, device):
        x = tensor.to(device).requires_grad_()
        y = x.pow(2).sum()

        with suppress(RuntimeError):  # without which the gradient is less
            for _ in range(times):
                y.backward(retain_graph=True)
                y.backward(None, True)
                torch.autograd.backward(y, retain_graph=True)
            y.backward()

        assert same_values(x.grad, (3 * times + 1) * 2 * as_array(tensor))

    @claim("1.2.7")
    def test_two_losses_in_turn_give_the_gradient_of_their_sum(self, device):
        for tensor in ones():
            x, both = (tensor.to(device).clone().requires_grad_() for _ in range(2))
            shared = x.square()
            losses = shared.sum(), 3 * shared.square().sum()
            with suppress(RuntimeError):  # without which the gradient is less
                losses[0].backward(retain_graph=True)
                losses[1].backward()
            shared = both.square()
            (shared.sum() + 3 * shared.square().sum()).backward()

            assert [same_values(it.grad, np.full(it.shape, 14)) for it in (x, both)] == [True] * 2

    @claim("1.2.7")
    @given(tensor=tensors(EXACT, small=True))
    def test_create_graph_keeps_the_graph_as_well(self, tensor, device):
        x = tensor.to(device).requires_grad_()
        y = x.pow(2).sum()

        torch.autograd.grad(y, x, create_graph=True)
        y.backward()

        assert same_values(x.grad, 2 * as_array(tensor))

    @claim("1.2.7")
    @pytest.mark.filterwarnings("ignore:Using backward")
    def test_however_it_is_spelled_a_backward_that_keeps_the_graph_does_so_each_time(self, device):
        walks = (
            lambda y, x: y.backward(retain_graph=True),
            lambda y, x: y.backward(None, True),
            lambda y, x: y.backward(create_graph=True),
            lambda y, x: torch.autograd.backward(y, None, True),
            lambda y, x: torch.autograd.backward(y, retain_graph=True),
            lambda y, x: torch.autograd.backward([y], create_graph=True),
            lambda y, x: torch.autograd.grad(y, x, retain_graph=True),
            lambda y, x: torch.autograd.grad(y, x, create_graph=True),
            lambda y, x: in_another_thread(y.backward, None, True),
            lambda y, x: in_another_thread(torch.autograd.grad, y, x, None, True),
        )
        for turn, walk in enumerate(walks):
            kinds = one_of_each(DIFFERENTIABLE, WITH_EXPANDED, ((0,),))
            for x in itertools.islice(kinds, turn % 4, None, 4):
                x = x.to(device).requires_grad_()
                y = total(x * x)

                with suppress(RuntimeError):  # after which there is no gradient
                    for _ in range(3):
                        walk(y, x)
                        x.grad = None
                    y.backward()

                assert same_values(x.grad, doubled(x))

    @claim("1.2.7")
    @given(tensor=tensors(EXACT), times=st.integers(2, 4))
    def test_a_graph_that_saved_nothing_survives_its_first_backward(self, tensor, times, device):
        x = tensor.to(device).requires_grad_()
        y = x.sum()

        for _ in range(times):
            y.backward()

        assert same_values(x.grad, np.full(x.shape, float(times)))


class TestPrintedTensor:
    """What a tensor shows of its part in automatic differentiation when printed."""

    @claim("1.2.3")
    def test_print_of_the_result_and_leaf_of_the_article(self):
        x = torch.tensor(2.5, requires_grad=True)

        assert str(5 * x + 2) == "tensor(14.5000, grad_fn=<AddBackward0>)"
        assert str(x) == "tensor(2.5000, requires_grad=True)"

    @claim("1.2.3")
    @given(tensor=tensors(COMPUTING_FLOATS + COMPLEX, AT_MOST_27))
    def test_print_of_a_sum_names_its_grad_fn_and_that_of_a_leaf_shows_requires_grad(self, tensor):
        without_grad = str(tensor)
        leaf, of_sum = str(tensor.requires_grad_()), repr(tensor + 1)

        assert leaf.endswith("requires_grad=True)")
        assert of_sum.endswith("grad_fn=<AddBackward0>)")
        assert not [words for words in ("requires_grad", "grad_fn") if words in without_grad]
        assert "requires_grad" not in of_sum

    @claim("1.2.3")
    def test_so_do_those_of_parameters_and_in_no_grad_in_every_rank(self):
        ranks = [torch.ones(shape) for shape in (*EACH_RANK, (0,))]
        layouts = [filled(1, (2, 1, 2, 2), torch.float32, layout) for layout in WITH_EXPANDED]
        dtypes = [torch.ones(2, 2, dtype=dtype) for dtype in COMPUTING_FLOATS + COMPLEX]
        for grad_mode, x in itertools.product((True, False), (*ranks, *layouts, *dtypes)):
            leaf = x.detach().requires_grad_()
            result = leaf + 1

            with torch.set_grad_enabled(grad_mode):
                assert repr(leaf if grad_mode else nn.Parameter(x)).endswith("requires_grad=True)")
                assert f"{result!s}".endswith("grad_fn=<AddBackward0>)")

    @claim("1.2.3")
    def test_so_they_do_whatever_the_print_options_and_the_size(self):
        leaves = [torch.full(shape, 1e5, requires_grad=True) for shape in ((2, 3), (3, 33_000))]
        results = [after_a_hundred_operations(leaf) + 1 for leaf in leaves]

        for options in (
            *({"precision": 2}, {"threshold": 4}, {"edgeitems": 1}, {"linewidth": 20}),
            *({"sci_mode": True}, {"profile": "short"}, {"profile": "full"}),
        ):
            torch.set_printoptions(**options)
            try:
                small = slice(1) if options == {"profile": "full"} else slice(None)
                leaf_texts = [repr(leaf) for leaf in leaves[small]]
                result_texts = [repr(result) for result in results[small]]
            finally:
                torch.set_printoptions(profile="default")

            assert all(text.endswith("requires_grad=True)") for text in leaf_texts), options
            assert all(text.endswith("grad_fn=<AddBackward0>)") for text in result_texts), options

    @claim("1.2.3")
    def test_print_of_a_result_names_the_operation_that_it_came_from(self):
        shapes = itertools.cycle(EACH_RANK)
        for compute, name in [
            (lambda x: x - 1, "SubBackward0"),
            (lambda x: 5 * x, "MulBackward0"),
            (lambda x: x / 2, "DivBackward0"),
            (lambda x: x**2, "PowBackward0"),
            (lambda x: x.sum().expand(2, 2) @ torch.ones(2, 2), "MmBackward0"),
            (lambda x: x.sum(), "SumBackward0"),
            (lambda x: x.mean(), "MeanBackward0"),
            (lambda x: x.exp(), "ExpBackward0"),
            (lambda x: x.clone(), "CloneBackward0"),
            (lambda x: x.relu(), "ReluBackward0"),
            (lambda x: iadd(x.clone(), 1), "AddBackward0"),
            (lambda x: torch.add(x, 1), "AddBackward0"),
            (lambda x: 1 + x, "AddBackward0"),
        ]:
            for shape in itertools.islice(shapes, 3):
                x = torch.ones(shape, requires_grad=True)

                assert str(compute(x)).endswith(f"grad_fn=<{name}>)")

    @claim("1.2.3")
    def test_so_does_that_of_every_other_operation(self):
        for name, compute in (*OPERATIONS_ON_ONE.items(), *SHAPING.items()):
            result = compute(1 * torch.tensor([[2.0, 1.0], [1.0, 3.0]], requires_grad=True))

            kind = type(result.grad_fn).__name__
            assert str(result).endswith(f"grad_fn=<{kind}>)"), name


class TestGradFn:
    """Tensor.grad_fn: the step of the graph that a result came from."""

    @claim("1.2.4")
    @pytest.mark.parametrize("grad_mode", [True, False])
    @pytest.mark.parametrize("y_requires_grad", [True, False])
    @pytest.mark.parametrize("x_requires_grad", [True, False])
    def test_grad_fn_is_there_when_an_input_requires_grad_and_grad_mode_is_on(
        self, x_requires_grad, y_requires_grad, grad_mode, device
    ):
        x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], device=device, requires_grad=x_requires_grad)
        y = torch.tensor([[5.0, 1.0], [2.0, 3.0]], device=device, requires_grad=y_requires_grad)
        recorded, sums = grad_mode and (x_requires_grad or y_requires_grad), []

        for name, compute in OPERATIONS.items():
            with torch.set_grad_enabled(grad_mode):
                result = compute(x, y)

            assert (result.grad_fn is not None) == recorded, name
            assert result.requires_grad == recorded, name
            if recorded:
                sums.append(result.sum())
            else:
                with pytest.raises(RuntimeError, match="does not require grad"):
                    result.sum().backward()

        if recorded:
            torch.autograd.backward(sums)
        for leaf, requires_grad in ((x, x_requires_grad), (y, y_requires_grad)):
            assert (leaf.grad is not None) == (grad_mode and requires_grad)

    @claim("1.2.4")
    @pytest.mark.parametrize("x_requires_grad", [True, False])
    @pytest.mark.parametrize("y_requires_grad", [True, False])
    def test_so_it_is_in_every_size_rank_layout_and_dtype(
        self, x_requires_grad, y_requires_grad, device
    ):
        recorded = x_requires_grad or y_requires_grad
        for kind in one_of_each(OF_LOSSES, LAYOUTS, ((0,),)):
            kind, other, leaves, results = kind.to(device), kind.to(device) + 1, {}, []
            for name in ELEMENTWISE:
                x = kind.detach().requires_grad_(x_requires_grad)
                y = other.detach().requires_grad_(y_requires_grad)
                leaves[name] = x, y
                results.append(OPERATIONS[name](x, y))

                assert (results[-1].grad_fn is not None) == recorded, name
                assert results[-1].requires_grad == recorded, name
            if recorded:
                torch.autograd.backward(results, [torch.ones_like(it) for it in results])
                for name, (x, y) in leaves.items():
                    got = (x.grad is not None, y.grad is not None)
                    assert got == (x_requires_grad, y_requires_grad), name

    @claim("1.2.4")
    def test_so_it_is_for_operations_on_one_tensor(self, device):
        for kind, (name, compute) in itertools.product(
            one_of_each(OF_LOSSES, WITH_EXPANDED, ((0,),)), ELEMENTWISE_ON_ONE.items()
        ):
            x = kind.to(device).detach().requires_grad_()

            result = compute(x)

            assert result.requires_grad, name
            result.backward(torch.ones_like(result))
            assert x.grad is not None, name
        for dtype, (name, settings) in itertools.product(FLOATS[:2], BY_KEYWORDS):
            x = torch.full((2, 3, 4), 0.5, dtype=dtype, device=device, requires_grad=True)
            for compute in (functools.partial(getattr(torch, name), x), getattr(x, name)):
                result = compute(**settings)
                result = result if isinstance(result, torch.Tensor) else result[0]
                assert result.requires_grad, name

    @claim("1.2.4")
    @pytest.mark.parametrize("dtype", [torch.float64, OF_LOSSES[-1]], ids=str)
    @pytest.mark.parametrize("x_requires_grad", [True, False])
    def test_so_it_is_for_products_convolutions_and_norms_of_many_elements(
        self, x_requires_grad, dtype, device
    ):
        numbers = torch.arange(20 * 20, dtype=torch.float32, device=device).reshape(20, 20) / 400
        x = (numbers + 1).to(dtype).requires_grad_(x_requires_grad)
        y, sums = (numbers.T + 2).to(dtype).requires_grad_(not x_requires_grad), []

        for name, compute in OPERATIONS.items():
            if name == "F.layer_norm":
                continue  # whose weight has two elements
            sums.append(compute(x, y).sum())

            assert sums[-1].requires_grad, name
        torch.autograd.backward(sums)

    @claim("1.2.4")
    def test_so_it_is_if_one_input_of_three_requires_grad(self, device):
        for (name, compute), which in itertools.product(OPERATIONS_ON_THREE.items(), range(3)):
            inputs = [torch.tensor([1.0 + n, 2.0 + n], device=device) for n in range(3)]
            inputs[which].requires_grad_()

            result = compute(*inputs)

            if result.grad_fn is not None:
                result.sum().backward()
            assert [x.grad is not None for x in inputs] == [n == which for n in range(3)], name

    @claim("1.2.4")
    def test_so_it_is_for_what_reshapes_or_joins_the_elements_of_every_rank(self, device):
        for shape, (name, compute) in itertools.product(EACH_RANK[1:], SHAPING.items()):
            x = 1 * torch.ones(shape, device=device, requires_grad=True)
            constant, result = compute(x.detach()), compute(x)

            assert (constant.grad_fn is None, result.grad_fn is None) == (True, False), name

    @claim("1.2.4")
    def test_so_it_is_after_a_hundred_operations(self, device):
        for step in (
            *(lambda y: y + 1, lambda y: 1 - y, lambda y: y * 1, lambda y: y / 1, F.relu),
            *(lambda y: y.view_as(y), torch.tanh, lambda y: y @ torch.eye(2, device=device)),
        ):
            y = x = torch.ones(2, 2, device=device, requires_grad=True)
            for _ in range(100):
                y = step(y)
                assert y.grad_fn is not None

            y.sum().backward()
            assert x.grad is not None

    @claim("1.2.4")
    def test_so_it_is_if_the_last_of_many_inputs_requires_grad(self, device):
        for compute, many in itertools.product(OPERATIONS_ON_MANY, (5, 9, 40)):
            inputs = [torch.ones(1, 2, device=device) for _ in range(many)]
            last = inputs[-1].requires_grad_()

            result = compute(inputs)

            assert result.grad_fn is not None
            result.sum().backward()
            assert last.grad is not None

    @claim("1.2.4")
    def test_so_it_is_in_every_way_to_turn_grad_mode_on_and_off_also_after_backward(self, device):
        x, y = (torch.ones(2, 2, device=device, requires_grad=True) for _ in range(2))
        computing = (torch.add, torch.mul, *OPERATIONS.values())
        for on, way in (
            *itertools.product((True,), GRAD_ON),
            *itertools.product((False,), GRAD_OFF),
            (True, at_once),  # where x and y have a gradient
        ):
            results = way(lambda: [compute(x, y) for compute in computing])

            assert [it.grad_fn is not None for it in results] == [on] * len(results), way.__name__
            assert [it.requires_grad for it in results] == [on] * len(results), way.__name__
            if on:
                torch.autograd.backward([it.sum() for it in results])

    @claim("1.2.4")
    def test_so_it_is_for_layers_of_every_rank(self, device):
        for (make, *shape), dtype in zip(LAYERS, itertools.cycle(EXACT), strict=False):
            layer = make().to(device, dtype)
            for of_weights, of_input in itertools.product((True, False), repeat=2):
                layer.requires_grad_(of_weights)
                x = torch.ones(shape, dtype=dtype, device=device, requires_grad=of_input)

                result = layer(x)

                assert (result.grad_fn is not None) == (of_weights or of_input), layer
                assert result.requires_grad == (of_weights or of_input), layer
                if of_weights or of_input:
                    result.sum().backward()
                    got = (layer.weight.grad is not None, x.grad is not None)
                    assert got == (of_weights, of_input), layer
                layer.weight.grad = None

    @claim("1.2.4")
    @pytest.mark.parametrize("requires_grad", [True, False])
    def test_grad_fn_and_backward_belong_together_for_operations_on_one_tensor(
        self, requires_grad, device
    ):
        numbers = torch.tensor([[1.0, 2.0], [3.0, 4.0]], device=device)
        forms, sums = (numbers, numbers.T, numbers.double().T), []
        each = itertools.product(OPERATIONS_ON_ONE.items(), forms)
        if not requires_grad:
            each = zip(OPERATIONS_ON_ONE.items(), itertools.cycle(forms), strict=False)
        for (name, compute), x in each:
            x = x.detach().requires_grad_(requires_grad)
            result = compute(x)
            if result is x:  # a cast to its own dtype
                continue

            assert (result.grad_fn is not None) == requires_grad, name
            assert result.requires_grad == requires_grad, name
            if requires_grad:
                sums.append(result.sum())
            else:
                with pytest.raises(RuntimeError, match="does not require grad"):
                    result.sum().backward()
        if requires_grad:
            torch.autograd.backward(sums)

    @claim("1.2.4")
    def test_gradients_of_sums_differences_and_products_are_exact(self, device):
        for tensor in one_of_each(layouts=WITH_EXPANDED):
            x = tensor.to(device).detach().requires_grad_()
            y = (x.detach() + 1).requires_grad_()
            ones, a, b = np.ones(x.shape), as_array(tensor), as_array(tensor) + 1

            for name, (expected_x, expected_y) in {
                "x + y": (ones, ones),
                "x - y": (ones, -ones),
                "x * y": (b, a),
                "x += y": (ones, ones),
                "x -= y": (ones, -ones),
                "x *= y": (b, a),
                "torch.stack": (ones, ones),
            }.items():
                x.grad = y.grad = None
                OPERATIONS[name](x, y).sum().backward()

                for leaf, expected in ((x, expected_x), (y, expected_y)):
                    assert same_values(leaf.grad, expected), name
            for name, slope in {
                "-x": -1,
                "x + 1": 1,
                "1 - x": -1,
                "x / 2": 0.5,
                "x.clone()": 1,
            }.items():
                x.grad = None
                OPERATIONS_ON_ONE[name](x).sum().backward()

                assert same_values(x.grad, slope * ones), name

    @claim("1.2.4")
    def test_a_result_has_a_grad_fn_exactly_if_there_is_a_derivative(self, device):
        for x in one_of_each(COMPUTING_FLOATS, WITH_EXPANDED):
            x = x.to(device).requires_grad_()

            for name, compute in NOT_DIFFERENTIABLE.items():
                result = compute(x)
                assert result.grad_fn is None, name
                assert not result.requires_grad, name
            for name, compute in STEPS.items():
                x.grad = None
                result = compute(x.clone())
                result.sum().backward()
                assert same_values(x.grad, np.zeros(x.shape)), name

    @claim("1.2.4")
    def test_a_floor_division_has_a_grad_fn_but_backward_refuses(self, device):
        for x in one_of_each():
            x = x.to(device).requires_grad_()
            for result in (x // 2, x.floor_divide(2), torch.floor_divide(x, 2), x // x):
                with pytest.raises(RuntimeError, match="derivative for aten::floor_divide"):
                    result.sum().backward()

    @claim("1.2.4")
    @pytest.mark.parametrize("name", ["unique", "unique_consecutive"])
    def test_so_have_unique_values_and_backward_refuses_them(self, name, device):
        for x in one_of_each(EXACT):
            x = x.to(device).requires_grad_()
            for result in (
                *(getattr(torch, name)(x), getattr(x, name)()),
                getattr(x, name)(return_counts=True)[0],
            ):
                with pytest.raises(NotImplementedError, match=r"derivative for '_?unique"):
                    result.sum().backward()

    @claim("1.2.4")
    @given(tensor=tensors(COMPUTING_FLOATS + COMPLEX))
    def test_a_leaf_has_no_grad_fn(self, tensor, device):
        assert tensor.to(device).requires_grad_().grad_fn is None

    @claim("1.2.4")
    def test_what_returns_its_input_adds_no_grad_fn(self, device):
        for name in RETURN_THEIR_INPUT:
            for shape in EACH_RANK:
                x = torch.ones(shape, device=device, requires_grad=True)

                for tensor in (x, 2 * x):
                    assert RETURN_THEIR_INPUT[name](tensor) is tensor

    @claim("1.2.4")
    def test_so_does_a_cast_to_its_own_dtype_in_every_layout(self, device):
        casts = {
            torch.float32: torch.Tensor.float,
            torch.float64: torch.Tensor.double,
            torch.float16: torch.Tensor.half,
            torch.bfloat16: torch.Tensor.bfloat16,
        }
        for x in every_kind(tuple(casts), LAYOUTS):
            y = x.to(device).requires_grad_()[...]

            for cast in (
                *(casts[y.dtype], lambda y: y.to(y.dtype), lambda y: y.type_as(y)),
                lambda y: y.to(dtype=y.dtype, device=y.device),
            ):
                assert cast(y) is y

    @claim("1.2.4")
    @pytest.mark.parametrize("dtype", COMPUTING_FLOATS)
    def test_backward_of_a_leaf_of_one_element_gives_it_a_gradient_of_one(self, dtype, device):
        for shape in ONE_ELEMENT:
            x = torch.zeros(shape, dtype=dtype, device=device, requires_grad=True)

            x.backward()

            assert same_values(x.grad, np.ones(shape))


class TestInPlaceOperations:
    """In-place operations and automatic differentiation."""

    @claim("1.2.5")
    def test_a_leaf_that_requires_grad_refuses_every_change_in_place(self, device):
        kinds = one_of_each(COMPUTING_FLOATS + COMPLEX, WITH_EXPANDED, ((0,), MIB))
        for turn, x in enumerate(kinds):
            original = as_array(x)
            leaves = x.to(device).requires_grad_(), nn.Parameter(x.to(device).detach())
            for number, (change, *_) in enumerate(CHANGES.values(), turn):
                with pytest.raises(RuntimeError, match=r"a (view of a )?leaf Variable"):
                    change(leaves[number % 2])
            assert [same_bits(as_array(leaf), original) for leaf in leaves] == [True] * 2

    @claim("1.2.5")
    def test_a_leaf_that_requires_grad_refuses_an_in_place_operation(self, device):
        kinds = [x.to(device) for x in one_of_each(COMPUTING_FLOATS + COMPLEX)]
        leaves = [nn.Parameter(x) for x in kinds[::2]]
        leaves += [x.requires_grad_() for x in kinds[1::2]]

        for x in leaves:
            original = as_array(x)
            for name, change in MORE_CHANGES.items():
                if x.dim() < DIMENSIONS.get(name, 0) or (x.is_complex() and "ropout" in name):
                    continue
                said = refusal(change, x)
                assert "leaf Variable" in said or "automatic differentiation" in said, name
            assert same_bits(as_array(x), original)
        functions = {f"torch.{name}": getattr(torch, name) for name in FUNCTIONS}
        functions["torch.fill_"] = lambda x: torch.fill_(x, 2)
        functions["torch.clamp_"] = lambda x: torch.clamp_(x, 1, 2)
        functions["torch.clamp_max_"] = lambda x: torch.clamp_max_(x, 2)
        functions["torch.dropout_"] = lambda x: torch.dropout_(x, 0.5, True)
        functions["torch.xlogy_"] = lambda x: torch.xlogy_(x, x.detach())
        for name, change in (MORE_METHODS | functions).items():
            x = torch.full((2, 2), 3.0, device=device, requires_grad=True)
            assert "leaf Variable" in refusal(change, x), name
            assert x.sum().item() == 12, name

    @claim("1.2.5")
    def test_all_take_logical_not_and_its_kin_which_no_gradient_counts(self, device):
        """In a view taken under no_grad too, which refuses all else (4.11)."""
        changes = {
            "logical_not_": (methodcaller("logical_not_"), 0),
            "logical_and_": (lambda x: x.logical_and_(x.detach() * 0), 0),
            "logical_or_": (lambda x: x.logical_or_(x.detach() * 0), 1),
            "logical_xor_": (lambda x: x.logical_xor_(x.detach() * 0), 1),
        }
        for (name, (change, value)), form in itertools.product(
            changes.items(), one_of_each(COMPUTING_FLOATS + COMPLEX)
        ):
            x = form.to(device).clone().requires_grad_()
            y = 3 * x
            for it in (x, y):
                assert refusal(change, it) == "", name
                assert same_values(it, np.full(x.shape, value)), name
            y.backward(torch.ones_like(y))
            assert same_values(x.grad, np.full(x.shape, 3.0)), name
            for take in (lambda x=x: x[None], lambda x=x: under_no_grad(lambda: x[None])):
                x.data.fill_(2)
                change(take())
                assert same_values(x, np.full(x.shape, value)), name

    @claim("1.2.5")
    def test_out_refuses_what_requires_grad_unless_under_no_grad(self, device):
        leaf = torch.ones(2, device=device, requires_grad=True)
        for tensor in (leaf, 2 * leaf):
            for compute in (torch.exp, torch.neg, lambda x, out: torch.mul(x, 2, out=out)):
                for x, out in ((tensor, torch.zeros_like(leaf)), (torch.ones_like(leaf), tensor)):
                    with pytest.raises(RuntimeError, match=r"functions with out=\.\.\. arguments"):
                        compute(x, out=out)
                    before = out._version
                    with torch.no_grad():
                        assert compute(x, out=out) is out
                    assert out._version > before

    @claim("1.2.5")
    def test_a_view_of_a_leaf_that_requires_grad_refuses_an_in_place_operation(self, device):
        changes = itertools.cycle(CHANGES.values())
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX):
            x, original = x.to(device).requires_grad_(), as_array(x)

            for take in VIEWS.values():
                for change, *_ in itertools.islice(changes, 2):
                    with pytest.raises(RuntimeError, match="a view of a leaf Variable"):
                        change(take(x))
            assert same_bits(as_array(x), original)

    @claim("1.2.5")
    def test_a_leaf_takes_one_under_no_grad_and_a_result_counts_it_in_its_gradient(self, device):
        for form in one_of_each(DIFFERENTIABLE, more=((0,),)):
            form, a, ones = form.to(device), as_array(form), np.ones(form.shape)
            for name, (change, value, slope) in CHANGES.items():
                x = form.clone().requires_grad_()
                y = 3 * x

                change(y)
                y.backward(torch.ones_like(y))
                under_no_grad(lambda x=x, change=change: change(x))
                constant = y.detach().clone()
                change(constant)

                assert same_values(constant, value(as_array(y))), name
                assert same_values(y, value(3 * a)), name
                assert same_values(x.grad, 3.0 * slope * ones), name
                assert same_values(x, value(a)), name
                assert x.is_leaf, name
                assert x.requires_grad, name

    @claim("1.2.5")
    def test_so_does_one_in_every_way_to_be_under_no_grad_and_refuses_after_it(self, device):
        for under in UNDER_NO_GRAD:
            leaves = [torch.ones(2, device=device, requires_grad=True) for _ in CHANGES]
            each = [(x, *how) for x, how in zip(leaves, CHANGES.values(), strict=True)]

            assert not any(under(lambda each=each: [refusal(change, x) for x, change, *_ in each]))
            for x, change, value, _ in each:
                assert same_values(x, value(np.ones(2))), under.__name__
                assert "leaf Variable" in refusal(change, x), under.__name__

    @claim("1.2.5")
    def test_it_refuses_wherever_grad_mode_is_on_again(self, device):
        x = torch.full((2, 2), 3.0, device=device, requires_grad=True)
        common = {name: change for name, (change, *_) in CHANGES.items()}
        every = common | MORE_CHANGES | MORE_METHODS
        for on in GRAD_ON:
            changes = every if "another_thread" in on.__name__ else common
            refused = on(
                lambda it=changes: {name: refusal(change, x) for name, change in it.items()}
            )

            for name, said in refused.items():
                assert "leaf Variable" in said or "automatic differentiation" in said, name
            assert x.tolist() == [[3.0, 3.0]] * 2, on.__name__

    @claim("1.2.5")
    def test_under_no_grad_a_leaf_takes_whatever_a_constant_does(self, device):
        every, said = MORE_CHANGES | MORE_METHODS, {}
        x = torch.full((2, 2), 0.75, device=device)
        for grad in (False, True):
            torch.manual_seed(0)  # some draw numbers
            said[grad] = [
                (it, under_no_grad(lambda change=change, it=it: refusal(change, it)))
                for change in every.values()
                for it in [x.clone().requires_grad_(grad)]
            ]

        for name, (constant, one), (leaf, other) in zip(every, *said.values(), strict=True):
            assert one == other, name
            assert same_bits(leaf, constant), name
            assert (leaf.is_leaf, leaf.requires_grad, leaf.grad_fn) == (True, True, None), name

    @claim("1.2.5")
    @pytest.mark.parametrize(
        ("change", "ways"),
        [(lambda x: iadd(x, 1), UNDER_NO_GRAD[1::2]), (lambda x: x.mul_(2), UNDER_NO_GRAD[::2])],
        ids=["+=", "mul_"],
    )
    def test_some_views_of_a_result_refuse_an_in_place_operation_unless_under_no_grad(
        self, change, ways, device
    ):
        each = zip(itertools.cycle(ways), itertools.cycle(FOUR_ROWS), strict=False)
        for name, take in {
            "split": lambda y: y.split(2)[0],
            "split of one": lambda y: torch.split(y, 1)[-1],
            "chunk": lambda y: y.chunk(2)[1],
            "unbind": lambda y: y.unbind()[0],
            "split of the last dimension": lambda y: y.split(1, dim=-1)[0],
            "chunk of the last": lambda y: torch.chunk(y, 2, dim=y.dim() - 1)[0],
            "unbind of the last": lambda y: y.unbind(-1)[0],
            "iteration": lambda y: next(iter(y)),
            "no_grad": taken_under_no_grad,
        }.items():
            for under, x in itertools.islice(each, 3):
                x = x.to(device).detach().requires_grad_()
                y, twos = 2 * x, np.full(x.shape, 2.0)

                with pytest.raises(RuntimeError, match="modified inplace"):
                    change(take(y))
                assert same_values(y, twos), name
                with suppress(RuntimeError):  # after which it is as it was
                    under(lambda y=y, take=take: change(take(y)))
                y.sum().backward()

                assert not same_values(y, twos), name
                assert same_values(x.grad, twos), name

    @claim("1.2.5")
    @pytest.mark.parametrize(
        "expand",
        [
            lambda y: y.expand(2, 4),
            lambda y: y.expand_as(torch.empty(3, 4)),
            lambda y: y.tensor_split(2)[0].expand(2, 2),
        ],
        ids=["expand", "expand_as", "expand of tensor_split"],
    )
    def test_an_expanded_tensor_refuses_addition_in_place_everywhere(self, expand, device):
        grad_modes = itertools.cycle((True, False))
        for dtype in COMPUTING_FLOATS + COMPLEX + COMPUTING_INTEGERS:
            plain = torch.ones(4, dtype=dtype, device=device)
            for y in (plain, 2 * plain.clone().requires_grad_(is_differentiable(plain))):
                for add in (lambda y: iadd(y, 1), lambda y: y.add_(1), lambda y: iadd(y, y)):
                    with (
                        torch.set_grad_enabled(next(grad_modes)),
                        pytest.raises(RuntimeError, match="more than one element"),
                    ):
                        add(expand(y))

    @claim("1.2.5")
    def test_so_does_one_of_every_rank_and_size(self, device):
        for shape in ((2, 1, 3), (2, 3, 1, 2), (1, 2, 1, 3, 2), (1, 300), (33_000, 1), (1, 2**20)):
            for grad in (False, True):
                y = torch.ones(shape, device=device, requires_grad=grad) * 1
                y = y.expand([5 if n == 1 else n for n in shape])
                with pytest.raises(RuntimeError, match="more than one element"):
                    y += 1

    @claim("1.2.5")
    def test_backward_notices_every_change_of_a_result_it_saved(self, device):
        for x in one_of_each(DIFFERENTIABLE):
            x = x.to(device).requires_grad_()
            for change, *_ in CHANGES.values():
                y = x.exp()

                change(y)

                with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                    total(y).backward()

    @claim("1.2.5")
    def test_backward_refuses_when_a_result_or_an_input_it_saved_was_overwritten(self, device):
        for x in one_of_each(layouts=WITH_EXPANDED):
            x = x.to(device).requires_grad_()

            for save in SAVE_THEIR_RESULT.values():
                y = save(x)
                y.mul_(2)
                with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                    y.sum().backward()
            for save in SAVE_THEIR_INPUT.values():
                y = 2 * x
                z = save(y)
                y += 1
                with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                    z.sum().backward()

    @claim("1.2.5")
    def test_backward_notices_a_change_of_what_a_layer_or_a_product_saved(self, device):
        for save in [
            lambda y: y @ y,
            lambda y: y.mm(y),
            lambda y: F.linear(y, y),
            lambda y: F.conv2d(y[None, None], y[None, None]),
            lambda y: F.layer_norm(y, y.shape[-1:]),
            lambda y: F.mse_loss(y, y.detach() + 1),
            lambda y: y.std(),
        ]:
            for dtype, size in ((torch.float32, 2), (torch.float64, 2), (OF_LOSSES[-1], 20)):
                y = 2 * torch.ones(size, size, dtype=dtype, device=device, requires_grad=True)
                z = save(y).sum()

                y.mul_(3)

                with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                    z.backward()

    @claim("1.2.5")
    def test_every_further_change_of_a_result_counts_in_its_gradient(self, device):
        for x in ones():
            x = x.to(device).requires_grad_()
            y = 2 * x

            for _ in range(3):
                y.mul_(3)
                y -= 1
            y.sum().backward()

            assert same_values(x.grad, np.full(x.shape, 54.0))

    @claim("1.2.5")
    def test_what_was_not_saved_may_be_overwritten(self, device):
        for x, (name, compute) in itertools.product(
            one_of_each(DIFFERENTIABLE), SAVE_NOTHING.items()
        ):
            x = x.to(device).detach().requires_grad_()
            y = 2 * x
            z = compute(y)
            y.mul_(3)
            total(z).backward()

            slope = {"y + y": 4.0, "3 * y": 6.0, "-y": -2.0}.get(name, 2.0)
            assert same_values(x.grad, np.full(x.shape, slope)), name

    @claim("1.2.5")
    def test_what_unfold_repeats_takes_addition_in_place_as_often_as_it_is_repeated(self):
        adds = itertools.cycle((iadd, torch.Tensor.add_))
        for dtype, count in itertools.product(COMPUTING_FLOATS + COMPUTING_INTEGERS, (3, 100)):
            x = torch.zeros(count, dtype=dtype)

            next(adds)(x.unfold(0, 2, 1), 1)

            assert x.tolist() == [1, *[2] * (count - 2), 1]


class TestUnnoticedWrites:
    """Writes that autograd does not record: some are noticed by backward(), others are not."""

    @claim("1.2.12")
    def test_it_notices_a_write_to_any_part_of_a_result(self, device):
        parts = (lambda y: y[1:], lambda y: y.T, lambda y: y[:, ::2], lambda y: y[None])
        for part, write in itertools.product(parts, NOTICED.values()):
            y = torch.ones(2, 3, device=device, requires_grad=True).exp()
            write(part(y))

            with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                y.sum().backward()

    @claim("1.2.12")
    def test_backward_notices_a_write_through_detach_or_under_no_grad(self, device):
        for x, write in itertools.product(one_of_each(more=((2**18 + 1,),)), NOTICED.values()):
            y = x.to(device).detach().requires_grad_().sqrt()
            write(y)

            with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                y.sum().backward()

    @claim("1.2.12")
    def test_it_notices_one_in_every_way_to_be_under_no_grad(self, device):
        changes = [change for change, *_ in CHANGES.values()]
        trials = [(under, changes) for under in UNDER_NO_GRAD]
        trials += [(in_another_thread, NOTICED.values())]
        ways = itertools.cycle((*GRAD_ON, *GRAD_OFF))
        trials += [(next(ways), [write]) for write in NOTICED.values() for _ in range(2)]
        for way, writes in trials:
            one = torch.ones(2, device=device, requires_grad=True)
            each = [(write, one.sigmoid()) for write in writes]
            way(lambda each=each: [write(y) for write, y in each])

            for _, y in each:
                refused = refusal(lambda y: y.sum().backward(), y)
                assert "modified by an inplace operation" in refused, way.__name__

    @claim("1.2.12")
    def test_a_write_through_data_goes_unnoticed_and_the_gradient_is_wrong(self, device):
        for x, (name, write) in itertools.product(one_of_each(DIFFERENTIABLE), UNNOTICED.items()):
            x = x.to(device).detach().requires_grad_()
            y = x.exp()
            write(y)
            total(y).backward()

            assert same_values(x.grad, np.zeros(x.shape)), name
        for dtype in (torch.int64, torch.bool):
            with pytest.raises(RuntimeError, match="must be floating point or complex dtype"):
                x.data = torch.ones(x.shape, dtype=dtype, device=device)

    @claim("1.2.12")
    def test_so_does_a_write_through_an_array_or_dlpack(self):
        for x in (*one_of_each(FLOATS[:2] if RELEASE < (2, 4) else FLOATS), *one_of_each(COMPLEX)):
            writes = [lambda y: torch.from_dlpack(y.detach()).zero_()]
            if x.dtype is not torch.bfloat16:
                writes += [lambda y: y.detach().numpy().fill(0)]
                writes += [lambda y: np.asarray(y.detach()).fill(0)]
                writes += [lambda y: setitem(y.detach().numpy(), ..., 0)]
            for write in writes:
                x = x.detach().requires_grad_()
                y = x.exp()
                write(y)
                y.backward(torch.ones_like(y))

                assert same_values(x.grad, np.zeros(x.shape))

    @claim("1.2.12")
    def test_a_write_to_the_array_behind_a_leaf_goes_unnoticed_as_well(self):
        array = np.array([1.0, 2.0])
        x = torch.from_numpy(array).requires_grad_()
        y = (x * x).sum()

        array[:] = 10
        y.backward()

        assert x.grad.tolist() == [20.0, 20.0]

    @claim("1.2.12")
    def test_what_such_a_write_does_the_gradient_does_not_count(self, device):
        for tensor, write in itertools.product(
            one_of_each(DIFFERENTIABLE, more=((0,),)),
            (
                lambda y: under_no_grad(lambda: y.mul_(10)),
                lambda y: under_no_grad(lambda: imul(y, 10)),
                lambda y: y.detach().mul_(10),
                lambda y: y.data.mul_(10),
            ),
        ):
            x = tensor.to(device).detach().requires_grad_()
            y = 2 * x

            write(y)
            total(y).backward()

            assert same_values(y, 20 * as_array(tensor))
            assert same_values(x.grad, np.full(x.shape, 2.0))

    @claim("1.2.12")
    def test_data_gives_a_parameter_the_memory_of_another_tensor_without_its_graph(self, device):
        for tensor in one_of_each(DIFFERENTIABLE, WITH_EXPANDED):
            a = tensor.to(device).detach().requires_grad_()
            weight, c = nn.Parameter(torch.zeros_like(a)), 2 * a
            weight.data = c

            total(3 * weight).backward()

            assert share_memory(weight, c)
            assert a.grad is None
            assert same_values(weight.grad, np.full(a.shape, 3.0))

    @claim("1.2.12")
    @since("2.0")
    def test_functional_call_gives_a_net_another_weight_with_its_graph(self, device):
        for net, name in (
            (nn.Linear(3, 2), "weight"),
            (nn.Sequential(nn.Linear(3, 2)), "0.weight"),
        ):
            a = torch.ones(2, 3, device=device, requires_grad=True)
            weight = net.to(device).get_parameter(name)
            x = torch.full((1, 3), 5.0, device=device)

            torch.func.functional_call(net, {name: 2 * a}, x).sum().backward()

            assert same_values(a.grad, np.full((2, 3), 10.0))
            assert weight.grad is None

    @claim("1.2.12")
    def test_apply_and_map_go_unnoticed_also_through_detach(self):
        for write in (
            lambda y: y.detach().apply_(lambda value: 0.0),
            lambda y: y.detach().map_(y.detach(), lambda value, other: 0.0),
        ):
            x = torch.ones(3, requires_grad=True)
            y = x.exp()
            write(y)

            assert refusal(lambda y: y.sum().backward(), y) == ""
            assert x.grad.tolist() == [0.0] * 3


class TestStepBetween:
    """optimizer.step() between a forward pass and its backward()."""

    @claim("1.2.13")
    @pytest.mark.parametrize(
        "optimizer",
        ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", *("NAdam", "RAdam", "Adadelta", "Adamax")],
    )
    def test_backward_refuses_a_graph_from_before_the_step(self, optimizer, device):
        make = getattr(torch.optim, optimizer)
        net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)).to(device)
        optimizer = make(net.parameters(), lr=0.1)
        loss = net(torch.ones(4, 2, device=device)).sum()
        loss.backward(retain_graph=True)

        optimizer.step()

        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            loss.backward()
        net(torch.ones(4, 2, device=device)).sum().backward()  # a new graph

        weights = [x.to(device).requires_grad_() for x in one_of_each(EXACT)]
        optimizer = make([{"params": weights[::2]}, {"params": weights[1::2], "lr": 0.5}], lr=0.1)
        for _ in range(3):
            losses = [(weight * weight).sum() for weight in weights]
            torch.autograd.backward(losses, retain_graph=True)
            optimizer.step()
            for loss in losses:
                with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                    loss.backward()

    @claim("1.2.13")
    @pytest.mark.parametrize(
        "settings",
        [
            *({"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}, {"weight_decay": 0.1}),
            *({"maximize": True}, {"foreach": True}, {"foreach": False}),
        ],
        ids=str,
    )
    def test_it_refuses_after_every_step_whatever_the_settings(self, settings, device):
        weights = [x.to(device).requires_grad_() for x in one_of_each()]
        optimizer = torch.optim.SGD(weights, lr=0.1, **settings)

        for _ in range(3):
            losses = [(weight * weight).sum() for weight in weights]
            for loss in losses:
                loss.backward(retain_graph=True)
            optimizer.step()
            for loss in losses:
                with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                    loss.backward()

    @claim("1.2.13")
    def test_anomaly_mode_shows_where_the_overwritten_value_was_saved(self, device):
        v, w = (torch.ones(2, device=device, requires_grad=True) for _ in range(2))
        torch.autograd.set_detect_anomaly(True)
        try:
            loss = (v * w).sum()  # here
            under_no_grad(lambda: w.add_(1))
            with (
                pytest.warns(UserWarning, match=r"(?s)Error detected in MulBackward0.*# here"),
                pytest.raises(RuntimeError, match="the backtrace further above shows"),
            ):
                loss.backward()
        finally:
            torch.autograd.set_detect_anomaly(False)

    @claim("1.2.13")
    @since("2.4")  # the first with fused optimizers for the CPU
    @pytest.mark.parametrize("optimizer", ["SGD", "Adam", "AdamW"])
    def test_a_fused_step_goes_unnoticed_and_the_gradient_is_wrong(self, optimizer):
        forms = [*one_of_each()]
        leaves = [[x.clone().requires_grad_() for _ in range(2)] for x in forms]
        losses = [(v * w).sum() for v, w in leaves]  # whose gradients are w and v
        torch.autograd.backward(losses, retain_graph=True)

        fused = getattr(torch.optim, optimizer)([w for _, w in leaves], lr=0.5, fused=True)
        for _ in range(2):
            fused.step()
            for v, _ in leaves:
                v.grad = None
            for loss in losses:
                loss.backward(retain_graph=True)

            for x, (v, w) in zip(forms, leaves, strict=True):
                assert same_values(v.grad, as_array(w))
                assert not same_values(w, as_array(x))

    @claim("1.2.13")
    def test_a_discriminator_may_step_once_the_generator_has_its_gradients(self, device):
        for order in [
            order
            for order in itertools.permutations(["backward G", "step G", "backward D", "step D"])
            if order.index("backward G") < order.index("step G")
            and order.index("backward D") < order.index("step D")
        ]:
            g, d = nn.Linear(2, 2).to(device), nn.Linear(2, 1).to(device)
            fake = g(torch.ones(3, 2, device=device))
            loss_of_d, loss_of_g = d(fake.detach()).sum(), -d(fake).sum()
            calls = {
                "backward G": loss_of_g.backward,
                "step G": torch.optim.SGD(g.parameters(), lr=0.1).step,
                "backward D": loss_of_d.backward,
                "step D": torch.optim.SGD(d.parameters(), lr=0.1).step,
            }

            for call in order:
                if call == "backward G" and "step D" in order[: order.index(call)]:
                    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                        calls[call]()
                else:
                    calls[call]()

    @claim("1.2.13")
    def test_a_layer_that_did_not_save_its_weight_goes_back_after_the_step(self, device):
        for size in (2, 100):
            layer = nn.Linear(size, 3).to(device)
            loss = layer(torch.ones(4, size, device=device)).sum()  # whose input needs no gradient
            loss.backward(retain_graph=True)

            torch.optim.SGD(layer.parameters(), lr=0.1).step()
            loss.backward()

            assert same_values(layer.weight.grad, np.full((3, size), 8.0))

    @claim("1.2.13")
    def test_an_addition_with_its_factor_first_warns_and_does_what_alpha_does(
        self, device, warn_always
    ):
        for x in one_of_each():
            w = x.to(device, copy=True)

            with pytest.warns(UserWarning, match="This overload of add_ is deprecated"):
                w.add_(-0.5, torch.ones_like(w))

            assert same_values(w, as_array(x) - 0.5)


class TestAssignment:
    """y[i] = v, a += b and other writes into a part of a tensor."""

    @claim("1.2.14")
    def test_an_assignment_cuts_the_gradient_of_what_it_overwrites(self, device):
        for x, (name, (assign, index)) in itertools.product(
            one_of_each(COMPUTING_FLOATS + COMPLEX, WITH_EXPANDED), PARTS.items()
        ):
            if x.dim():
                x = x.to(device).detach().requires_grad_()
                gradient = np.full(x.shape, 2.0)
                gradient[index] = 0
                y = 2 * x
                assign(y)
                total(y).backward()

                assert same_values(x.grad, gradient), name

    @claim("1.2.14")
    def test_and_what_is_assigned_gets_its_gradient_there(self, device):
        for form in one_of_each(COMPUTING_FLOATS + COMPLEX, WITH_EXPANDED):
            form = form.to(device)
            for name, (assign, index) in ASSIGNMENTS.items() if form.dim() else ():
                x, v = (form.clone().requires_grad_() for _ in range(2))
                of_v, of_x = np.zeros(x.shape), np.full(x.shape, 2.0)
                of_v[index], of_x[index] = 3, 0
                y = 2 * x
                assign(y, 3 * v)
                y.backward(torch.ones_like(y))
                constant = torch.zeros_like(x)
                assign(constant, 3 * v)

                assert constant.grad_fn is not None, name
                for leaf, expected in ((v, of_v), (x, of_x)):
                    assert same_values(leaf.grad, expected), name

    @claim("1.2.14")
    @given(tensor=tensors(EXACT, small=True))
    def test_an_assignment_by_a_mask_cuts_the_gradient_where_the_mask_is_true(self, tensor, device):
        for assign in (
            lambda y, mask: setitem(y, mask, 7),
            lambda y, mask: setitem(y, mask, torch.full_like(y[mask], 7)),
            lambda y, mask: y.masked_fill_(mask, 7),
            lambda y, mask: y.masked_scatter_(mask, torch.full_like(y, 7)),
        ):
            x = tensor.to(device).detach().requires_grad_()
            y = 2 * x

            assign(y, x > 0)
            y.sum().backward()

            assert same_values(x.grad, np.where(as_array(tensor) > 0, 0.0, 2.0))

    @claim("1.2.14")
    @given(tensor=tensors(EXACT, NOT_EMPTY, small=True), position=POSITIONS)
    def test_what_is_assigned_gets_a_gradient_and_the_tensor_requires_grad_from_then_on(
        self, tensor, position, device
    ):
        target = tensor.to(device, copy=True).reshape(-1)
        v = torch.tensor(5.0, device=device, requires_grad=True)

        target[position % target.numel()] = 3 * v
        assert target.requires_grad
        target[position % target.numel()].backward()

        assert same_values(v.grad, np.array(3.0))

    @claim("1.2.14")
    def test_whatever_the_index_what_is_assigned_gets_the_gradient_and_the_rest_keeps_its(
        self, device
    ):
        for index in [
            *(0, -1, slice(1), slice(None, None, 2), ..., (slice(None), 0), [0, 2]),
            *((..., 1), (2, ...), (0, slice(1)), (slice(None), [0, 2]), (None, 1)),
            *(torch.tensor([0, 2]), torch.tensor([True, False, True]), torch.eye(3) > 0),
        ]:
            x, v = (
                filled(1, (3, 3), torch.float32, "transposed").to(device).requires_grad_()
                for _ in range(2)
            )
            index = index.to(device) if isinstance(index, torch.Tensor) else index
            assigned_to = torch.zeros(3, 3, device=device)
            assigned_to[index] = 1
            y = 2 * x

            y[index] = 5 * v[index]
            y.sum().backward()

            for leaf, expected in ((x, 2 * (1 - assigned_to)), (v, 5 * assigned_to)):
                assert same_values(leaf.grad, as_array(expected))

    @claim("1.2.14")
    def test_so_do_the_first_and_last_of_many(self, device):
        for many in (65, 300, 33_001):
            numbers = torch.arange(many, device=device)
            for index in (numbers, numbers >= 0, slice(many), ..., numbers.flip(0)):
                x, v = (torch.ones(many, device=device, requires_grad=True) for _ in range(2))
                y = 2 * x

                y[index] = 3 * v
                (y * numbers).sum().backward()

                in_order = not (isinstance(index, torch.Tensor) and index[0])
                in_order = in_order or index.dtype is torch.bool
                expected = as_array(3 * (numbers if in_order else numbers.flip(0)))
                for leaf, gradient in ((v, expected), (x, np.zeros(many))):
                    assert same_values(leaf.grad, gradient)

    @claim("1.2.14")
    def test_a_tensor_without_grad_requires_it_once_one_with_grad_is_written_into_it(self, device):
        forms = [x.to(device).fill_(1) for x in one_of_each(layouts=("contiguous", "offset"))]
        for change, slope in [
            (iadd, 1.0),
            (isub, -1.0),
            (imul, 4.0),
            (lambda a, b: itruediv(a, b), -4.0),
            (lambda a, b: a.add_(b, alpha=3), 3.0),
            (lambda a, b: a.copy_(b), 1.0),
            (lambda a, b: setitem(a, ..., b), 1.0),
            (lambda a, b: a[...].copy_(b), 1.0),
            (lambda a, b: a.view(-1)[:].mul_(b.view(-1)), 4.0),
            (
                lambda a, b: a.view(-1).index_put_(
                    (torch.arange(a.numel(), device=a.device),), b.view(-1)
                ),
                1.0,
            ),
            (
                lambda a, b: a.view(-1).index_copy_(
                    0, torch.arange(a.numel(), device=a.device), b.view(-1)
                ),
                1.0,
            ),
            (
                lambda a, b: a.view(-1).index_add_(
                    0, torch.arange(a.numel(), device=a.device), b.view(-1)
                ),
                1.0,
            ),
            (lambda a, b: a.masked_scatter_(a == a, b), 1.0),
            (lambda a, b: a.addcmul_(b, torch.ones_like(b), value=3), 3.0),
            (lambda a, b: a.lerp_(b, 0.5), 0.5),
        ]:
            for x in forms:
                b = x.detach().requires_grad_()
                a = torch.full_like(x, 4.0)

                change(a, b)
                assert a.grad_fn is not None
                a.sum().backward()

                assert same_values(b.grad, np.full(b.shape, slope))

    @claim("1.2.14")
    def test_so_do_the_views_that_were_taken_before_and_pass_the_gradient_on(self, device):
        for take, counted in (
            (lambda y: y[:2], [4.0, 4.0, 0.0]),
            (lambda y: y.view(-1), [4.0] * 3),
            (lambda y: y[1].view(1), [0.0, 4.0, 0.0]),
            (lambda y: y[:2].detach(), None),
        ):
            x = torch.ones(3, device=device, requires_grad=True)
            y = torch.zeros(3, device=device)
            view = take(y)
            y.copy_(4 * x)
            if view.requires_grad:
                view.sum().backward()

            assert (None if x.grad is None else x.grad.tolist()) == counted

    @claim("1.2.14")
    def test_a_write_to_a_view_of_a_result_counts_in_its_gradient(self, device):
        for take, index in [
            (lambda y: y[0], (0,)),
            (lambda y: y[:, 1], (slice(None), 1)),
            (lambda y: y.narrow(1, 1, 2), (slice(None), slice(1, 3))),
            (lambda y: y.t()[0], (slice(None), 0)),
            (lambda y: y.select(1, 2), (slice(None), 2)),
            (lambda y: y.diagonal(), ([0, 1, 2], [0, 1, 2])),
            (lambda y: y.unsqueeze(0)[0, 1:], (slice(1, None),)),
            (lambda y: y.view(9)[3:6], (1,)),
            (lambda y: y.tensor_split(3)[1], (1,)),
            (lambda y: y.permute(1, 0)[0], (slice(None), 0)),
            (lambda y: y.unfold(0, 2, 2), (slice(2),)),
            (lambda y: y.as_strided((3,), (1,)), (0,)),
        ]:
            for dtype in COMPUTING_FLOATS + COMPLEX:
                x = torch.ones(3, 3, dtype=dtype, device=device, requires_grad=True)
                y = 2 * x
                expected = np.full((3, 3), 2.0)
                expected[index] = 10

                take(y).mul_(5)
                y.backward(torch.ones_like(y))

                assert same_values(x.grad, expected)

    @claim("1.2.14")
    def test_so_does_one_in_every_size_rank_layout_and_dtype(self, device):
        for x, take in itertools.product(
            one_of_each(COMPUTING_FLOATS + COMPLEX, WITH_EXPANDED),
            (
                *(lambda y: y[:1], lambda y: y[..., -1:], lambda y: y[0], lambda y: y[-1]),
                *(lambda y: y.narrow(0, 0, 1), lambda y: y.transpose(0, -1)[:1]),
                *(lambda y: y.select(-1, 0), lambda y: y[None][0, :1], lambda y: y[::2]),
            ),
        ):
            if x.dim():
                x = x.to(device).detach().requires_grad_()
                y = 2 * x
                expected = torch.full(x.shape, 2.0)
                take(expected).fill_(10)

                for factor in (2.5, -1, -2):
                    take(y).mul_(factor)
                y.backward(torch.ones_like(y))

                assert same_values(x.grad, as_array(expected))

    @claim("1.2.14")
    def test_a_tensor_of_integers_takes_the_values_and_drops_the_gradient(self, device):
        for dtype, x in zip(itertools.cycle(COMPUTING_INTEGERS), one_of_each(), strict=False):
            if x.dim():
                target = torch.zeros_like(x, dtype=dtype, device=device)
                b = x.to(device).fill_(1).requires_grad_()

                target[...] = 2 * b
                target[0] = 5 * b[0]
                target[-1:].copy_(3 * b[-1:])

                expected = np.full(x.shape, 2)
                expected[0], expected[-1] = 5, 3
                assert same_values(target, expected)
                assert not target.requires_grad

    @claim("1.2.14")
    def test_but_a_number_on_the_cpu_with_grad_that_fills_its_dimensions_makes_it_require_grad(
        self, device
    ):
        fills = itertools.cycle(
            (
                *(lambda t, v: setitem(t, slice(None), v), lambda t, v: setitem(t, 0, v)),
                *(lambda t, v: setitem(t, ..., v), lambda t, v: setitem(t, (0, slice(1)), v)),
                *(lambda t, v: setitem(t, t == 0, v), lambda t, v: t.fill_(v)),
            )
        )
        for dtype, shape in itertools.product(COMPUTING_INTEGERS + BOOL, ((2, 3), (1, 1, 2))):
            t = torch.zeros(shape, dtype=dtype, device=device)
            v = torch.tensor(1.5, requires_grad=True)

            next(fills)(t, v)

            assert (t.detach().flatten()[0].item(), t.requires_grad) == (1, True)
            for result in (lambda t: t.sum(), lambda t: (1.5 * t).sum()):
                with pytest.raises(RuntimeError, match=r"not support dtype|isDifferentiableType"):
                    result(t).backward()

    @claim("1.2.14")
    def test_a_tensor_of_integers_refuses_in_place_arithmetic_and_writes_by_indices(self):
        for write in [
            lambda a, b: iadd(a, b),
            lambda a, b: imul(a, b),
            lambda a, b: setitem(a, [0], b[:1]),
            lambda a, b: setitem(a, torch.tensor([0]), b[:1]),
            lambda a, b: setitem(a, a == 0, b.flatten()),
        ]:
            for dtype, x in zip(itertools.cycle(COMPUTING_INTEGERS), one_of_each(), strict=False):
                if x.numel() > 1:  # one element that a mask writes is taken for a number
                    target = torch.zeros_like(x, dtype=dtype)
                    with pytest.raises(RuntimeError, match=r"can't be cast|dtypes match"):
                        write(target, x.detach().requires_grad_())

                    assert same_values(target, np.zeros(x.shape))

    @claim("1.2.14")
    def test_backward_refuses_a_loop_that_writes_what_its_steps_saved(self, device):
        kinds = one_of_each(DIFFERENTIABLE), one_of_each(DIFFERENTIABLE)
        for steps, x in zip(itertools.cycle((1, 2, 3, 4)), itertools.chain(*kinds), strict=False):
            w = x.to(device).requires_grad_()
            h = torch.ones((steps + 1, *w.shape), dtype=w.dtype, device=device)

            for i in range(steps):
                h[i + 1] = h[i] * w

            with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                total(h).backward()

    @claim("1.2.14")
    def test_backward_takes_such_a_loop_if_the_factor_requires_no_grad(self, device):
        for factor in [2.0, 2, torch.tensor(2.0)]:
            start = torch.ones((), device=device, requires_grad=True)
            h = torch.zeros(4, device=device)

            h[0] = start
            for i in range(3):
                h[i + 1] = h[i] * factor
            h.sum().backward()

            assert start.grad.item() == 1 + 2 + 4 + 8

    @claim("1.2.14")
    def test_a_list_of_the_steps_that_stack_joins_has_their_gradient(self, device):
        for steps, x in itertools.product((1, 2, 3, 4), one_of_each()):
            w = x.to(device).detach().fill_(2).requires_grad_()
            h = [torch.ones_like(w)]

            for _ in range(steps):
                h.append(h[-1] * w)
            torch.stack(h).sum().backward()

            expected = sum(n * 2.0 ** (n - 1) for n in range(1, steps + 1))
            assert same_values(w.grad, np.full(x.shape, expected))

    @claim("1.2.14")
    def test_under_no_grad_only_the_values_are_written(self, device):
        for off in GRAD_OFF:
            x = torch.ones(3, device=device, requires_grad=True)
            y = 2 * x
            if "inference" not in off.__name__:
                off(lambda y=y: setitem(y, 0, 5))
                y.sum().backward()
                assert (y.tolist(), x.grad.tolist()) == ([5, 2, 2], [2.0] * 3), off.__name__
        for under, x in zip(
            UNDER_NO_GRAD,
            (*one_of_each(DIFFERENTIABLE), *one_of_each(DIFFERENTIABLE)),
            strict=False,
        ):
            b = x.to(device).requires_grad_()
            target = torch.zeros_like(b.detach())

            under(lambda target=target, b=b: setitem(target, ..., b))
            under(lambda target=target, b=b: iadd(target, b))
            under(lambda target=target, b=b: target.copy_(target + b))

            assert same_values(target, 3 * as_array(x))
            assert target.is_leaf

    @claim("1.2.14")
    def test_a_sum_of_integers_and_floats_has_floats_with_their_gradient(self, device):
        for dtype, x in zip(itertools.cycle(COMPUTING_INTEGERS), one_of_each(), strict=False):
            v = x.to(device).requires_grad_()

            t = torch.ones_like(v, dtype=dtype) + v
            total(t).backward()

            assert (t.dtype, same_values(t, as_array(x) + 1)) == (x.dtype, True)
            assert same_values(v.grad, np.ones(x.shape))


class TestRequiresGradFlag:
    """requires_grad_ and the attribute requires_grad: switching a tensor."""

    @claim("1.2.9")
    @given(tensor=tensors(FLOATS + COMPLEX), flags=st.lists(st.booleans(), min_size=1, max_size=4))
    def test_requires_grad_switches_a_leaf_in_place_and_returns_it(self, tensor, flags, device):
        x = tensor.to(device)

        for flag in flags:
            assert x.requires_grad_(flag) is x
            assert (x[...].grad_fn is not None) is flag
            x.requires_grad = not flag
            assert x.requires_grad is not flag

    @claim("1.2.9")
    def test_it_does_so_in_every_rank_layout_and_spelling_and_to_a_parameter(self, device):
        ranks = [torch.ones(shape, device=device) for shape in EACH_RANK]
        kinds = [x.to(device) for x in every_kind(FLOATS + COMPLEX)]
        ways = itertools.cycle((at_once, *UNDER_NO_GRAD))
        for x in (*ranks, *kinds, *map(nn.Parameter, ranks), *map(nn.Parameter, kinds)):
            x.requires_grad = True
            x.requires_grad = False
            assert not x.requires_grad
            for flag in (True, False):
                assert next(ways)(lambda x=x, flag=flag: x.requires_grad_(flag)) is x
                assert x.requires_grad is flag
            assert x.requires_grad_(requires_grad=True).requires_grad

    @claim("1.2.9")
    @given(tensor=tensors(EXACT))
    def test_a_computed_result_refuses_to_stop_requiring_grad(self, tensor, device):
        x = tensor.to(device).requires_grad_()

        for y in (2 * x, x.sum(), x[...], x.clone(), x.detach().requires_grad_() + 1):
            for stop in (lambda y: y.requires_grad_(False), frozen):
                with pytest.raises(RuntimeError, match="requires_grad flags of leaf variables"):
                    stop(y)
            assert y.requires_grad

    @claim("1.2.9")
    def test_a_computed_result_ignores_that_it_shall_require_grad(self, device):
        for x in one_of_each(DIFFERENTIABLE, WITH_EXPANDED, ((0,),)):
            x = x.to(device).requires_grad_()
            y = 2 * x

            for ask in (y.requires_grad_, lambda y=y: y.requires_grad_(requires_grad=True)):
                assert ask() is y
            total(y).backward()

            assert same_values(x.grad, np.full(x.shape, 2.0))

    @claim("1.2.9")
    def test_a_computed_result_refuses_the_attribute_requires_grad_as_true(self, device):
        y = 2 * torch.ones(3, device=device, requires_grad=True)

        with pytest.raises(RuntimeError, match="requires_grad flags of leaf variables"):
            y.requires_grad = True

    @claim("1.2.9")
    def test_a_view_taken_in_no_grad_ignores_both(self, device):
        for x in one_of_each(DIFFERENTIABLE, WITH_EXPANDED, ((0,),)):
            x = x.to(device).requires_grad_()
            with torch.no_grad():
                views = x[...], x.view_as(x), x[None]

            for view in views:
                assert view.requires_grad_(False) is view
                assert view.requires_grad
                frozen(view)
                assert (view.is_leaf, view.requires_grad) == (True, True)

    @claim("1.2.9")
    def test_detach_in_place_makes_the_result_itself_a_leaf_and_a_view_refuses_it(self, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX, WITH_EXPANDED, ((0,),)):
            x = x.to(device).requires_grad_()

            for detach in (torch.Tensor.detach_, torch.detach_):
                y = 2 * x
                assert detach(y) is y
                assert not y.requires_grad
                for view in ((2 * x)[...], x[...], x.detach()[...], (2 * x)[None]):
                    with pytest.raises(RuntimeError, match="Can't detach views in-place"):
                        detach(view)

    @claim("1.2.9")
    def test_a_leaf_that_was_frozen_after_it_was_used_gets_no_gradient(self, device):
        for x, freeze in itertools.product(
            one_of_each(DIFFERENTIABLE),
            (lambda x: x.requires_grad_(False), lambda x: frozen(x)),
        ):
            x = x.to(device).detach().requires_grad_()
            y = x.detach().clone().requires_grad_()
            result = total(x * y)

            freeze(x)
            result.backward()

            assert x.grad is None

    @claim("1.2.9")
    def test_a_result_of_every_rank_layout_and_dtype_refuses_to_stop(self, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX, WITH_EXPANDED, ((0,), MIB)):
            x = x.to(device).requires_grad_()

            for y in (2 * x, x.sum(), x[...]):
                for stop in (
                    lambda y: y.requires_grad_(False),
                    lambda y: y.requires_grad_(requires_grad=False),
                    frozen,
                ):
                    with pytest.raises(RuntimeError, match="requires_grad flags of leaf"):
                        stop(y)
                assert y.requires_grad


class TestNoGradient:
    """.grad that is None, though backward() was called."""

    @claim("1.2.10")
    @pytest.mark.parametrize("cut", [lambda y: y.detach(), lambda y: torch.tensor(y.item())])
    def test_a_loss_that_is_told_to_require_grad_gives_the_weights_none(self, cut, device):
        for x in one_of_each():
            weight = x.to(device).requires_grad_()
            loss = cut((2 * weight).sum())

            loss.requires_grad_().backward()

            assert weight.grad is None

    @claim("1.2.10")
    def test_what_is_computed_from_a_leaf_is_no_leaf_and_gets_no_gradient(self, device):
        leaves = [x.to(device).requires_grad_() for x in one_of_each(EXACT[:1], WITH_EXPANDED)]
        given = [*itertools.product(COMPUTED.values(), leaves)]
        for dtype in DIFFERENTIABLE:
            leaf = torch.ones(2, 3, dtype=dtype, device=device, requires_grad=True)
            given += [(lambda w: w.clone(), leaf), (lambda w: w.reshape(-1), leaf)]
        computed = [compute(leaf) for compute, leaf in given]
        torch.autograd.backward([total(2 * w) for w in computed])

        with pytest.warns(UserWarning, match="not a leaf Tensor") as warned:
            gradients = [w.grad for w in computed]
        assert (gradients, len(warned)) == ([None] * len(given), len(given))

    @claim("1.2.10")
    def test_what_is_asked_to_require_grad_last_is_a_leaf_and_gets_one(self, device):
        for make in [
            lambda x: x.double().requires_grad_(),
            lambda x: x.to(torch.float64).requires_grad_(),
            lambda x: (0.01 * x).requires_grad_(),
            lambda x: x.reshape(-1).requires_grad_(),
            lambda x: x.clone().requires_grad_(requires_grad=True),
            lambda x: (2 * x.requires_grad_()).detach().requires_grad_(),
            lambda x: x.requires_grad_().to(x.device),
        ]:
            for x in one_of_each():
                w = make(x.to(device))

                total(2 * w).backward()

                assert same_values(w.grad, np.full(w.shape, 2.0))

    @claim("1.2.10")
    @given(tensor=tensors(EXACT, small=True))
    def test_a_leaf_that_the_result_does_not_depend_on_gets_none(self, tensor, device):
        x, unused = tensor.to(device).requires_grad_(), torch.ones(3, requires_grad=True)
        cut = tensor.to(device).detach().requires_grad_()

        (x + cut.detach() + (cut > 0)).sum().backward()

        assert unused.grad is cut.grad is None
        assert same_values(x.grad, np.ones(x.shape))

    @claim("1.2.10")
    def test_a_tensor_made_without_requires_grad_gets_none(self, device):
        for x in one_of_each(DIFFERENTIABLE, WITH_EXPANDED, ((0,),)):
            x, weight = x.to(device), torch.ones((), dtype=x.dtype, device=device)
            weight.requires_grad_()

            total(x * weight).backward()

            assert x.grad is None
            assert weight.grad is not None

    @claim("1.2.10")
    def test_so_does_one_of_any_kind_however_often_backward_is_called(self, device):
        ways = itertools.cycle(UNDER_NO_GRAD)
        for x in one_of_each(DIFFERENTIABLE, LAYOUTS, ((0,),)):
            x = x.to(device).requires_grad_()
            leaves = [x.detach().clone().requires_grad_() for _ in range(5)]
            used, detached, compared, unused, held = leaves

            for _ in range(3):
                constants = [next(ways)(lambda held=held: held + 1)]
                constants += [detached.detach(), compared.real > 0, detached.data]
                total(sum(constants, start=used)).backward()

            assert [leaf.grad is None for leaf in leaves] == [False, True, True, True, True]
            assert same_values(used.grad, np.full(x.shape, 3.0))
            with pytest.raises(AttributeError, match="'NoneType' object has no attribute"):
                unused.grad.zero_()

    @claim("1.2.10")
    def test_gradient_descent_by_hand_writes_to_the_weight_under_no_grad(self, device):
        for under, x in zip(
            UNDER_NO_GRAD,
            (*one_of_each(DIFFERENTIABLE), *one_of_each(DIFFERENTIABLE)),
            strict=False,
        ):
            w = x.to(device).mul_(8).requires_grad_()

            for _ in range(3):
                total(w * w).backward()
                for step in (isub, torch.Tensor.sub_):
                    with pytest.raises(RuntimeError, match="a leaf Variable"):
                        step(w, 0.25 * w.grad)
                assert under(lambda w=w: refusal(lambda w: isub(w, 0.25 * w.grad), w)) == ""
                w.grad = None

            assert same_values(w, 1.0 + np.arange(x.numel()).reshape(x.shape) % 5)

    @claim("1.2.10")
    @ignore_grad_of_a_result
    def test_a_weight_that_was_computed_anew_has_lost_its_gradient(self, device):
        for x in one_of_each(DIFFERENTIABLE):
            first = x.to(device).requires_grad_()
            total(first * first).backward()

            for step in (
                lambda w: w - 0.25 * w.grad,
                lambda w: w.sub(0.25 * w.grad),
                lambda w: torch.sub(w, w.grad, alpha=0.25),
            ):
                w = step(first)
                total(w * w).backward()

                assert w.grad is None

    @claim("1.2.10")
    def test_a_weight_that_was_computed_under_no_grad_does_not_require_grad(self, device):
        for x in one_of_each(DIFFERENTIABLE):
            w = x.to(device).requires_grad_()
            total(w * w).backward()

            for under in UNDER_NO_GRAD:
                computed = under(lambda w=w: w - 0.25 * w.grad)

                assert not computed.requires_grad, under.__name__
            assert same_values(computed, (1.0 + np.arange(x.numel()).reshape(x.shape) % 5) / 2)
            with pytest.raises(RuntimeError, match="does not require grad"):
                total(computed * computed).backward()

    @claim("1.2.10")
    def test_there_is_no_gradient_to_clear_before_the_first_backward(self, device):
        w = nn.Linear(2, 2).to(device).weight

        for clear in (lambda: w.grad.data.zero_(), lambda: w.grad.zero_()):
            with pytest.raises(AttributeError, match="'NoneType' object has no attribute"):
                clear()

        w.sum().backward()
        w.grad.zero_()

        assert w.grad.tolist() == [[0.0, 0.0]] * 2

    @claim("1.2.10")
    def test_there_is_none_to_write_a_part_of_before_the_first_backward(self, device):
        w = nn.Linear(2, 2).to(device).weight

        for part in (0, (0, 1), slice(None), ...):
            with pytest.raises(TypeError, match="'NoneType' object does not support item"):
                w.grad[part] = 0.0
        for step in (lambda: 0.1 * w.grad, lambda: w.grad * 0.1, lambda: w - w.grad):
            with pytest.raises(
                TypeError, match=r"unsupported operand|must be Tensor, not NoneType"
            ):
                step()

    @claim("1.2.10")
    @pytest.mark.filterwarnings("ignore:.*autocast")  # PyTorch 2.4 warns of itself
    def test_a_reentrant_checkpoint_records_nothing_if_no_input_requires_grad(self, device):
        checkpoint = torch.utils.checkpoint.checkpoint
        layer, x = nn.Linear(2, 2).to(device), torch.ones(1, 2, device=device)

        with pytest.warns(UserWarning, match="None of the inputs have requires_grad=True"):
            y = checkpoint(layer, x, use_reentrant=True)
        assert not y.requires_grad

        checkpoint(layer, x.requires_grad_(), use_reentrant=True).sum().backward()

        assert layer.bias.grad.tolist() == [1.0, 1.0]

    @claim("1.2.10")
    def test_a_batch_gets_a_gradient_on_request_which_del_removes(self, device):
        for shape in ((3,), (5, 3), (2, 1, 3), (200, 3)):
            batch, layer = torch.ones(shape, device=device), nn.Linear(3, 2).to(device)
            layer(batch).sum().backward()
            assert batch.grad is None
            batch.requires_grad_()
            for _ in range(2):
                layer(batch).sum().backward()
                assert np.allclose(as_array(batch.grad), as_array(layer.weight).sum(0), rtol=1e-5)
                del batch.grad
                assert batch.grad is None


class TestCloneAndDetach:
    """clone(), detach() and copy.deepcopy: copies, constants and both."""

    @claim("1.2.11")
    @given(tensor=tensors(EXACT, small=True, layouts=WITH_EXPANDED))
    def test_what_detach_gives_shares_the_memory_and_counts_as_a_constant(self, tensor, device):
        x = tensor.to(device).requires_grad_()

        for detach in (
            *(x.detach, lambda: torch.detach(x), lambda: torch.detach(input=x), lambda: x.data),
            *(x[...].detach, lambda: x.detach().detach()),
        ):
            x.grad = None
            constant = detach()
            (constant * x).sum().backward()

            assert share_memory(constant, x)
            assert not constant.requires_grad
            assert same_values(x.grad, as_array(tensor))

    @claim("1.2.11")
    @given(tensor=tensors(EXACT + COMPLEX, layouts=WITH_EXPANDED))
    def test_clone_copies_the_values_and_passes_the_gradient_on(self, tensor, device):
        x = tensor.to(device).requires_grad_()

        for clone in (
            x.clone,
            lambda: torch.clone(x),
            lambda: x.clone(memory_format=torch.contiguous_format),
            lambda: torch.clone(x, memory_format=torch.preserve_format),
            lambda: x.clone().clone(),
        ):
            x.grad = None
            y = clone()
            assert y.requires_grad
            y.backward(torch.full_like(y, 2))

            assert same_bits(y, tensor)
            assert same_values(x.grad, np.full(x.shape, 2.0))

    @claim("1.2.11")
    def test_what_detach_gives_may_be_a_leaf_of_its_own(self, device):
        for x in one_of_each(DIFFERENTIABLE, WITH_EXPANDED, ((0,),)):
            x = x.to(device).requires_grad_()
            for source in (x, 2 * x):
                leaf = source.detach().requires_grad_()
                total(3 * leaf).backward()

                assert same_values(leaf.grad, np.full(x.shape, 3.0))
                assert x.grad is None

    @claim("1.2.11")
    def test_detach_and_clone_in_either_order_give_a_copy_apart(self, device):
        for tensor in ones(FLOATS + COMPLEX):
            x = tensor.to(device).requires_grad_()

            for copied in (x.detach().clone(), x.clone().detach()):
                assert same_bits(copied, tensor)
                assert not share_memory(copied, x)
                assert not copied.requires_grad

    @claim("1.2.11")
    def test_deepcopy_copies_a_leaf_with_its_gradient(self, device):
        x = torch.tensor([1.0, 2.0], device=device, requires_grad=True)
        (3 * x).sum().backward()

        y = copy.deepcopy(x)
        (3 * y).sum().backward()

        assert [y.tolist(), y.grad.tolist()] == [[1.0, 2.0], [6.0, 6.0]]
        assert x.grad.tolist() == [3.0, 3.0]

    @claim("1.2.11")
    def test_deepcopy_copies_a_parameter_without_its_gradient(self, device):
        layer = nn.Linear(2, 1).to(device)
        layer(torch.ones(3, 2, device=device)).sum().backward()

        for holder in (
            *(layer, *nets_around(layer), nn.ModuleList([layer])),
            *(nn.ModuleDict({"layer": layer}), [layer]),
            *(nn.ParameterList([layer.weight, layer.bias]), list(layer.parameters())),
            nn.ParameterDict({"a": layer.weight, "b": layer.bias}),
        ):
            copied = copy.deepcopy(holder)
            parameters = [*copied.parameters()] if isinstance(copied, nn.Module) else copied
            if not isinstance(copied, nn.Module) and not isinstance(parameters[0], torch.Tensor):
                parameters = [*parameters[0].parameters()]

            for parameter, original in zip(parameters, layer.parameters(), strict=True):
                assert parameter.grad is None
                assert parameter.requires_grad
                assert same_bits(parameter, original)
                assert not share_memory(parameter, original)

    @claim("1.2.11")
    def test_deepcopy_copies_leaves_of_every_kind_and_rank(self, device):
        kinds = every_kind(FLOATS + COMPLEX)
        copies = itertools.cycle(  # seven, for six leaves of each kind
            (
                *(copy.deepcopy, lambda x: x.__deepcopy__({})),
                lambda x: copy.deepcopy([x])[0],
                lambda x: copy.deepcopy({"kept": x})["kept"],
                lambda x: copy.deepcopy((1, x))[1],
                lambda x: copy.deepcopy({"kept": [x]})["kept"][0],
                lambda x: copy.deepcopy([x, x])[1],
            )
        )
        for x in (*(torch.ones(shape) for shape in EACH_RANK), *kinds):
            plain = x.to(device)
            for x, freezes in itertools.product(
                (plain, plain.detach().requires_grad_(), nn.Parameter(plain)), (False, True)
            ):
                x.grad = torch.full_like(plain, 5) if x.requires_grad else None
                x.requires_grad_(x.requires_grad and not freezes)
                y = next(copies)(x)
                if type(x) is nn.Parameter or x is plain:
                    assert y.grad is None
                else:
                    assert same_values(y.grad, np.full(x.shape, 5))
                    assert not share_memory(y.grad, x.grad)

                assert type(y) is type(x)
                assert y.requires_grad is x.requires_grad
                assert same_bits(y, x)
                assert not share_memory(y, x)

    @claim("1.2.11")
    def test_in_every_rank_and_layout_detach_shares_and_clone_copies_and_passes_the_gradient_on(
        self, device
    ):
        for x in one_of_each(FLOATS + COMPLEX, WITH_EXPANDED, ((2**20 + 1,),)):
            x = x.to(device).requires_grad_()
            y = x.clone()

            assert share_memory(x.detach(), x)
            for copied in (y, x.detach().clone(), torch.clone(x.detach())):
                assert not share_memory(x, copied)
            assert torch.as_tensor(x) is x
            assert y.requires_grad
            formats = [torch.preserve_format, torch.contiguous_format]
            formats += [torch.channels_last] if x.dim() == 4 else []
            formats += [torch.channels_last_3d] if x.dim() == 5 else []
            for layout in formats if x.numel() < 10_000 else ():
                y = x.clone(memory_format=layout)
                assert y.requires_grad
                y = torch.clone(y, memory_format=layout)
                y.backward(torch.ones_like(y))
            torch.clone(x).backward(torch.ones_like(x))
            times = 1.0 + len(formats) * (x.numel() < 10_000)
            assert same_values(x.grad, np.broadcast_to(times, x.shape))

    @claim("1.2.11")
    @pytest.mark.parametrize("options", [{"dtype": torch.float64}, {"device": "cpu"}], ids=str)
    def test_torch_tensor_of_a_tensor_warns_with_every_option(self, options):
        for x in one_of_each(FLOATS + COMPLEX, WITH_EXPANDED, ((0,),)):
            for source in (x, x.detach().requires_grad_()):
                if "dtype" in options and x.is_complex():
                    continue  # whose imaginary parts are dropped, with a warning of its own
                with pytest.warns(UserWarning, match="To copy construct from a tensor"):
                    copied = torch.tensor(source, **options)
                assert not copied.requires_grad
                assert copied.numel() == 0 or not share_memory(copied, source)

    @claim("1.2.11")
    @pytest.mark.parametrize(
        "compute",
        [
            *(lambda x: 2 * x, lambda x: x[...], lambda x: x.sum(), lambda x: [x.exp()]),
            *(lambda x: {"a": (x.clone(),)}, lambda x: x.reshape(-1)[:1]),
        ],
        ids=["product", "view", "sum", "in a list", "in a dict", "slice"],
    )
    def test_deepcopy_refuses_a_computed_result(self, compute, device):
        for turn, x in enumerate(one_of_each(COMPUTING_FLOATS + COMPLEX, WITH_EXPANDED)):
            result = compute(x.to(device).requires_grad_())

            net = nn.ReLU()
            net.kept = result
            hold = (lambda net: net, *HOLDERS)[turn % (1 + len(HOLDERS))]
            for holder in (result, hold(net)):
                with pytest.raises(RuntimeError, match="graph leaves"):
                    copy.deepcopy(holder)

    @claim("1.2.11")
    @given(tensor=tensors(DTYPES), grad=st.booleans())
    def test_torch_tensor_of_a_tensor_copies_it_without_its_graph_and_warns_each_time(
        self, tensor, grad, device
    ):
        x = tensor.to(device).requires_grad_(grad and is_differentiable(tensor))

        for source in (x, x.clone(), x[...], x):
            with pytest.warns(UserWarning, match="To copy construct from a tensor"):
                copied = torch.tensor(source)

            assert same_bits(copied, tensor)
            assert copied.numel() == 0 or not share_memory(copied, source)
            assert not copied.requires_grad

    @claim("1.2.11")
    def test_so_it_does_of_every_kind_and_rank(self, device):
        for x in one_of_each(DTYPES, WITH_EXPANDED):
            x = x.to(device)
            for source in (x, x.clone().requires_grad_()) if is_differentiable(x) else (x,):
                for make in (
                    torch.tensor,
                    lambda x: torch.tensor(data=x),
                    lambda x: torch.tensor(x, dtype=x.dtype),
                    lambda x: torch.tensor(x, device=x.device, dtype=x.dtype),
                ):
                    with pytest.warns(UserWarning, match="To copy construct from a tensor"):
                        copied = make(source)

                    assert same_bits(copied, x)
                    assert not share_memory(copied, source)
                    assert not copied.requires_grad

    @claim("1.2.11")
    def test_as_tensor_is_it_in_every_spelling_and_copies_for_another_dtype(self, device):
        for x in one_of_each(DTYPES, WITH_EXPANDED, ((0,),)):
            x = x.to(device)
            for source in (x, x.clone().requires_grad_()) if is_differentiable(x) else (x,):
                for same in (
                    torch.as_tensor(source),
                    torch.as_tensor(data=source),
                    torch.as_tensor(source, dtype=source.dtype, device=source.device),
                ):
                    assert same is source
                other = torch.complex64 if x.dtype is not torch.complex64 else torch.complex128
                cast = torch.as_tensor(source, dtype=other)
                assert cast.dtype is other
                assert cast.requires_grad is source.requires_grad
                assert cast.numel() == 0 or not share_memory(cast, source)

    @claim("1.2.11")
    @given(tensor=tensors(DTYPES), grad=st.booleans())
    def test_as_tensor_of_a_tensor_is_that_tensor(self, tensor, grad, device):
        x = tensor.to(device).requires_grad_(grad and is_differentiable(tensor))

        for source in (x, x.clone()):
            assert torch.as_tensor(source) is source
            assert torch.as_tensor(source, dtype=x.dtype, device=x.device) is source

    @claim("1.2.11")
    @since("2.12")
    @pytest.mark.filterwarnings("ignore:torch.asarray. unspecified requires_grad")
    @given(tensor=tensors(DTYPES), grad=st.booleans())
    def test_asarray_of_a_tensor_is_that_tensor(self, tensor, grad):
        differentiable = tensor.is_floating_point() or tensor.is_complex()
        x = tensor.requires_grad_(grad and differentiable)

        for source in (x, x.clone()):
            assert torch.asarray(source) is source
            assert source.requires_grad is (grad and differentiable)

    @claim("1.2.11")
    @before("2.12")
    @given(tensor=tensors(FLOATS + COMPLEX))
    def test_asarray_took_the_gradient_away_before(self, tensor):
        leaf = tensor.requires_grad_()
        result = leaf.clone()

        assert not torch.asarray(result).requires_grad
        assert not torch.asarray(obj=result).requires_grad
        assert result.requires_grad
        assert torch.asarray(leaf) is leaf
        assert not leaf.requires_grad


class TestSharedGraph:
    """A graph that two calls of backward() walk."""

    @claim("1.2.7")
    @given(tensor=tensors(EXACT, small=True))
    def test_two_losses_of_one_computation_are_added_or_keep_the_graph(self, tensor, device):
        x = tensor.to(device).requires_grad_()
        shared = x * x
        shared.sum().backward()
        with pytest.raises(RuntimeError, match="a second time"):
            (3 * shared).sum().backward()
        x.grad = None

        shared = x * x
        (shared.sum() + (3 * shared).sum()).backward()
        shared = x * x
        shared.sum().backward(retain_graph=True)
        (3 * shared).sum().backward()

        assert same_values(x.grad, 16 * as_array(tensor))

    @claim("1.2.7")
    def test_a_state_carried_to_the_next_step_makes_the_second_backward_refuse(self, device):
        for kind in [nn.RNNCell, nn.GRUCell, nn.LSTMCell]:
            cell = kind(2, 3).to(device)
            x = torch.ones(4, 2, device=device)
            state = cell(x)
            loss_of(state).backward()

            with pytest.raises(RuntimeError, match="a second time"):
                loss_of(cell(x, state)).backward()

    @claim("1.2.7")
    @given(steps=st.lists(st.integers(-4, 4), min_size=1, max_size=5))
    def test_a_state_carried_by_detach_is_a_constant_in_the_next_step(self, steps, device):
        w = torch.tensor(2.0, device=device, requires_grad=True)
        state, gradient, expected = torch.ones((), device=device), 0.0, 1.0

        for step in steps:
            carried = state.detach()
            assert not carried.requires_grad
            state = w * carried + step * w * w
            state.backward()
            gradient += expected + 4 * step  # of each step alone
            expected = 2 * expected + 4 * step

        assert [state.item(), w.grad.item()] == [expected, gradient]


class TestKeptGraphs:
    """What keeps a graph, and with it all that was saved for the gradient, in memory."""

    @claim("1.2.8")
    def test_a_sum_of_losses_keeps_every_graph_unless_of_item_or_detach(self, device):
        for keep, keeps in [
            (lambda loss: loss, True),
            (lambda loss: 0.5 * loss, True),
            (lambda loss: loss.clone(), True),
            (lambda loss: loss.view(1), True),
            (lambda loss: loss.item(), False),
            (lambda loss: loss.detach(), False),
            (lambda loss: loss.data, False),
            (lambda loss: loss.tolist(), False),
        ]:
            for walked in [True, False]:
                total, leaves = 0, []

                for x in one_of_each():
                    leaf = x.to(device).detach().requires_grad_()
                    loss = leaf.exp().sum()
                    if walked:
                        loss.backward()
                    total += keep(loss)
                    leaves.append(weakref.ref(leaf))
                    del x, leaf, loss

                alive = [leaf() is not None for leaf in leaves]
                assert alive == [keeps] * len(leaves)

    @claim("1.2.8")
    @pytest.mark.parametrize("keeps", [True, False])
    def test_a_list_of_losses_keeps_them_as_well(self, keeps, device):
        losses, leaves = [], []

        for x in one_of_each():
            leaf = x.to(device).detach().requires_grad_()
            loss = leaf.exp().sum()
            loss.backward()
            losses.append(loss if keeps else loss.item())
            leaves.append(weakref.ref(leaf))
            del x, leaf, loss

        assert [leaf() is not None for leaf in leaves] == [keeps] * len(leaves)
        losses.clear()
        assert not any(leaf() is not None for leaf in leaves)

    @claim("1.2.8")
    def test_however_it_is_added_up_a_sum_of_losses_keeps_their_graphs(self, device):
        for add, keeps in [
            (lambda total, loss: total + loss, True),
            (lambda total, loss: loss + total, True),
            (lambda total, loss: iadd(total, loss), True),
            (lambda total, loss: torch.add(total, loss), True),
            (lambda total, loss: total.add_(loss), True),
            (lambda total, loss: sum([total, loss]), True),
            (lambda total, loss: torch.stack([total, loss]).sum(), True),
            (lambda total, loss: total + loss.detach(), False),
            (lambda total, loss: iadd(total, loss.detach()), False),
            (lambda total, loss: total + torch.detach(loss), False),
            (lambda total, loss: total + loss.item(), False),
            (lambda total, loss: torch.no_grad()(torch.add)(total, loss), False),
        ]:
            total, leaves = torch.zeros((), device=device), []

            for shape in ((3,), (2, 3, 2, 2), (300,)):
                leaf = torch.ones(shape, device=device, requires_grad=True)
                loss = leaf.exp().sum()
                loss.backward()
                total = add(total, loss)
                leaves.append(weakref.ref(leaf))
                del leaf, loss

            assert [leaf() is not None for leaf in leaves] == [keeps] * 3


class TestAutogradGrad:
    """torch.autograd.grad and backward(inputs=...): gradients of what is asked for alone."""

    @claim("1.2.15")
    @given(tensor=tensors(EXACT, small=True, layouts=WITH_EXPANDED))
    @ignore_grad_of_a_result
    def test_autograd_grad_returns_gradients_of_results_too_and_writes_none_to_grad(
        self, tensor, device
    ):
        x, w = tensor.to(device).requires_grad_(), tensor.to(device).detach().requires_grad_()
        y = 2 * x
        z = (3 * y + w).sum()

        for _ in range(3):
            of_all = torch.autograd.grad(z, [x, y, w], retain_graph=True)
        of_one = torch.autograd.grad(outputs=z, inputs=y)

        of_tuple = torch.autograd.grad(((2 * x).sum(), (3 * x).sum()), (x,))

        assert {type(it) for it in (of_one, of_all, of_tuple)} == {tuple}
        gradients = (*of_all, *of_one, *of_tuple)
        for gradient, expected in zip(gradients, (6.0, 3.0, 1.0, 3.0, 5.0), strict=True):
            assert same_values(gradient, np.full(x.shape, expected))
        assert x.grad is y.grad is w.grad is None

    @claim("1.2.15")
    def test_of_several_elements_autograd_grad_needs_a_weight_for_each(self, device):
        for x in one_of_each(DIFFERENTIABLE):
            if x.numel() == 1:
                continue
            x = x.to(device).detach().requires_grad_()
            y, weights = 3 * x, torch.arange(x.numel()).reshape(x.shape).to(device, x.dtype)

            with pytest.raises(RuntimeError, match="only for scalar outputs"):
                torch.autograd.grad(y, x)
            for wrong in (weights[None], weights.reshape(-1, 1, 1, 1, 1, 1)):
                with pytest.raises(RuntimeError, match="Mismatch in shape"):
                    torch.autograd.grad(y, x, wrong)

            for ask in (
                lambda y, x, of: torch.autograd.grad(y, x, grad_outputs=of, retain_graph=True),
                lambda y, x, of: torch.autograd.grad([y], [x], [of], True),
            ):
                for turn in range(4):
                    given = relaid(weights, turn)
                    assert same_values(ask(y, x, given)[0], 3 * as_array(given))
                assert same_values(ask(y, x, torch.ones_like(y))[0], np.full(x.shape, 3.0))

    @claim("1.2.15")
    def test_autograd_grad_frees_the_graph_as_backward_does(self, device):
        for x in one_of_each(DIFFERENTIABLE):
            x = x.to(device).requires_grad_()
            y = total(x.exp())
            torch.autograd.grad(y, x)

            with pytest.raises(RuntimeError, match="a second time"):
                torch.autograd.grad(y, x)

    @claim("1.2.15")
    @ignore_grad_of_a_result
    def test_it_does_so_in_every_spelling_size_rank_layout_and_dtype(self, device):
        for x in one_of_each(DIFFERENTIABLE, WITH_EXPANDED, ((0,),)):
            x, w = (x.to(device).detach().clone().requires_grad_() for _ in range(2))
            x.grad = torch.full_like(x, 7).detach()
            y = 2 * x
            z = total(3 * y + w)

            for ask in (
                lambda z, *asked: torch.autograd.grad(z, asked, None, True),
                lambda z, *asked: torch.autograd.grad([z], [*asked], retain_graph=True),
                lambda z, *asked: torch.autograd.grad(outputs=z, inputs=asked, retain_graph=True),
                lambda z, *asked: torch.autograd.grad(z, asked, torch.ones_like(z), True),
            ):
                gradients = ask(z, x, y, w)

                assert isinstance(gradients, tuple)
                for gradient, expected in zip(gradients, (6.0, 3.0, 1.0), strict=True):
                    assert not gradient.requires_grad
                    assert same_values(gradient, np.full(x.shape, expected))

            z.backward(inputs=[x])
            assert same_values(x.grad, np.full(x.shape, 13.0))
            assert y.grad is w.grad is None

        leaves = [torch.ones((), device=device, requires_grad=True) for _ in range(70)]
        y = torch.stack([n * leaf for n, leaf in enumerate(leaves)]).sum()
        for asked in (leaves, tuple(leaves[::2])):
            gradients = torch.autograd.grad(y, asked, retain_graph=True)
            assert [it.item() for it in gradients] == list(range(0, 70, 70 // len(asked)))
        y.backward(inputs=leaves[1::2])
        assert [it.grad for it in leaves] == [n if n % 2 else None for n in range(70)]

    @claim("1.2.15")
    @given(tensor=tensors(EXACT, SEVERAL, small=True))
    def test_autograd_grad_of_several_elements_needs_grad_outputs(self, tensor, device):
        x = tensor.to(device).requires_grad_()
        y = 2 * x

        with pytest.raises(RuntimeError, match="only for scalar outputs"):
            torch.autograd.grad(y, x)
        (gradient,) = torch.autograd.grad(y, x, grad_outputs=tensor.to(device))
        ones = torch.ones_like(x)
        (of_two,) = torch.autograd.grad((2 * x, 3 * x), (x,), grad_outputs=(ones, ones))

        assert same_values(gradient, 2 * as_array(tensor))
        assert same_values(of_two, np.full(x.shape, 5.0))

    @claim("1.2.15")
    def test_an_input_that_was_not_used_is_refused_or_none_on_request(self, device):
        for x in one_of_each(DIFFERENTIABLE, LAYOUTS, ((0,),)):
            x = x.to(device)
            constant, unused = x.detach().clone(), x.detach().clone().requires_grad_()
            x.requires_grad_()
            y = total(2 * x)

            for _ in range(2):
                for asked, options in (([x, unused], {}), (unused, {"allow_unused": False})):
                    with pytest.raises(RuntimeError, match="not have been used in the graph"):
                        torch.autograd.grad(y, asked, retain_graph=True, **options)
                for options in ({}, {"allow_unused": True}):
                    with pytest.raises(RuntimeError, match="does not require grad"):
                        torch.autograd.grad(y, constant, retain_graph=True, **options)
                with pytest.raises(RuntimeError, match="requires_grad=False"):
                    y.backward(inputs=[constant], retain_graph=True)
                gradient, none = torch.autograd.grad(
                    y, [x, unused], allow_unused=True, retain_graph=True
                )

                assert same_values(gradient, np.full(x.shape, 2.0))
                assert none is None
                y.backward(inputs=[unused], retain_graph=True)
                assert x.grad is unused.grad is None
        leaves = [torch.ones((), device=device, requires_grad=True) for _ in range(70)]
        y = 3 * leaves[0] + 5 * leaves[35]
        for placed, named in (((y, leaves), {}), ((), {"outputs": y, "inputs": leaves})):
            gradients = torch.autograd.grad(*placed, **named, allow_unused=True, retain_graph=True)
            assert gradients == (3, *[None] * 34, 5, *[None] * 34)

    @claim("1.2.15")
    @since("2.1")
    def test_an_input_that_was_not_used_gives_zeros_on_request(self, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX, LAYOUTS, ((0,),)):
            unused = x.to(device).detach().clone().requires_grad_()
            x = x.to(device).requires_grad_()
            y = 2 * x

            for options in ({}, {"allow_unused": True}, {"create_graph": True}):
                _, zeros = torch.autograd.grad(
                    *(y, [x, unused], torch.ones_like(y), True), materialize_grads=True, **options
                )

                assert same_bits(zeros, 0 * x)

    @claim("1.2.15")
    @before("2.1")
    def test_an_input_that_was_not_used_gave_no_zeros_before(self):
        x = torch.ones(3, requires_grad=True)

        with pytest.raises(TypeError, match="materialize_grads"):
            torch.autograd.grad(x.sum(), x, materialize_grads=True)

    @claim("1.2.15")
    @ignore_grad_of_a_result
    def test_backward_fills_the_grad_of_its_inputs_alone(self, device):
        for names in ["x", "y", "w", "xw", "xyw"]:
            expected = {"x": 6.0, "y": 3.0, "w": 1.0}

            for go_back in (
                lambda z, asked: z.backward(inputs=asked),
                lambda z, asked: z.backward(inputs=tuple(asked)),
                lambda z, asked: z.backward(inputs=asked[0] if len(asked) == 1 else asked),
                lambda z, asked: torch.autograd.backward(z, inputs=asked),
            ):
                x, w = (torch.ones(3, device=device, requires_grad=True) for _ in range(2))
                y = 2 * x
                tensors = {"x": x, "y": y, "w": w}
                go_back((3 * y + w).sum(), [tensors[name] for name in names])

                for name, tensor in tensors.items():
                    gradient = None if tensor.grad is None else tensor.grad.tolist()
                    assert gradient == ([expected[name]] * 3 if name in names else None), name

    @claim("1.2.15")
    def test_backward_passes_over_an_input_that_was_not_used(self, device):
        x, unused = (torch.ones(3, device=device, requires_grad=True) for _ in range(2))

        (2 * x).sum().backward(inputs=[unused])
        assert x.grad is unused.grad is None

    @claim("1.2.15")
    def test_backward_refuses_an_empty_list_of_inputs(self, device):
        with pytest.raises(RuntimeError, match="cannot be empty"):
            torch.ones((), device=device, requires_grad=True).exp().backward(inputs=[])


class TestCreateGraph:
    """create_graph=True: the gradient of a gradient."""

    @claim("1.2.15")
    def test_backward_with_create_graph_warns_of_a_cycle_of_references(self, device, warn_always):
        x = torch.ones(2, device=device, requires_grad=True)

        with pytest.warns(UserWarning, match="create_graph=True will create a reference cycle"):
            total(x**2).backward(create_graph=True)

        x.grad = None  # ends it

    @claim("1.2.15")
    @given(tensor=tensors(EXACT, small=True, layouts=WITH_EXPANDED))
    def test_a_gradient_with_create_graph_can_be_differentiated_again_and_again(
        self, tensor, device
    ):
        x = tensor.to(device).requires_grad_()
        a = as_array(tensor)

        (first,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
        assert first.requires_grad
        (second,) = torch.autograd.grad(first.sum(), x, create_graph=True)
        (third,) = torch.autograd.grad(second.sum(), x)

        assert not third.requires_grad
        for gradient, expected in ((first, 3 * a**2), (second, 6 * a), (third, 0 * a + 6)):
            assert same_values(gradient, expected)

    @claim("1.2.15")
    def test_create_graph_works_again_and_again_in_every_rank(self, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX):
            x = x.to(device).fill_(1).requires_grad_()
            gradient = x**4

            for expected in (4.0, 12.0, 24.0, 24.0):
                assert gradient.requires_grad
                (gradient,) = torch.autograd.grad(
                    gradient, x, torch.ones_like(gradient), create_graph=True
                )
                assert same_values(gradient, np.full(x.shape, expected))

    @claim("1.2.15")
    @pytest.mark.parametrize("dtype", COMPLEX, ids=str)
    def test_autograd_grad_gives_what_backward_gives_of_complex_numbers(self, dtype, device):
        for x in ones((dtype,)):
            x = x.to(device).requires_grad_()
            y = (2 + 3j) * x

            (gradient,) = torch.autograd.grad(y, x, grad_outputs=torch.ones_like(y))

            assert same_values(gradient, np.full(x.shape, 2 - 3j))

    @claim("1.2.15")
    def test_a_gradient_without_create_graph_is_a_constant(self, device):
        for x in one_of_each(DIFFERENTIABLE, WITH_EXPANDED):
            x = x.to(device).requires_grad_()

            for options in ({}, {"create_graph": False}, {"retain_graph": True}):
                (gradient,) = torch.autograd.grad(total(x**3), x, **options)

                with pytest.raises(RuntimeError, match="does not require grad"):
                    total(gradient).backward()

    @claim("1.2.15")
    @given(tensor=tensors(EXACT, small=True), slope=st.integers(-9, 9))
    def test_the_gradient_of_a_line_is_a_constant_even_with_create_graph(
        self, tensor, slope, device
    ):
        x = tensor.to(device).requires_grad_()

        (gradient,) = torch.autograd.grad((slope * x).sum(), x, create_graph=True)

        with pytest.raises(RuntimeError, match="does not require grad"):
            torch.autograd.grad(gradient.sum(), x)

    @claim("1.2.15")
    def test_ctc_loss_and_hardsigmoid_have_no_second_derivative(self):
        x = torch.tensor([[[0.25, 0.75]], [[0.5, 0.5]]], requires_grad=True)
        loss = F.ctc_loss(x.log(), torch.tensor([[1]]), torch.tensor([2]), torch.tensor([1]))
        for y, name in ((loss, "_ctc_loss"), (F.hardsigmoid(x).square().sum(), "hardsigmoid")):
            (gradient,) = torch.autograd.grad(y, x, create_graph=True)

            with pytest.raises(RuntimeError, match=f"derivative for aten::{name}_backward"):
                gradient.sum().backward()

    @claim("1.2.15")
    @since("2.1")
    def test_the_fast_kernel_of_attention_on_the_cpu_has_no_second_derivative(self):
        x = torch.ones(1, 1, 2, 4, requires_grad=True)

        masked = ({"attn_mask": torch.ones(2, 2)},) if RELEASE >= (2, 3) else ()
        for how in ({}, {"is_causal": True}, *masked):
            result = F.scaled_dot_product_attention(x, x, x, **how)
            (gradient,) = torch.autograd.grad(result.sum(), x, create_graph=True)
            with pytest.raises(RuntimeError, match="derivative for aten::_scaled_dot_product"):
                gradient.sum().backward()

        for five, p in ((x[None], 0.0), (x, 0.5)):  # which other kernels compute
            result = F.scaled_dot_product_attention(five, five, five, dropout_p=p)
            (gradient,) = torch.autograd.grad(result.sum(), x, create_graph=True)
            assert refusal(torch.Tensor.backward, gradient.sum()) == ""

    @claim("1.2.15")
    def test_a_penalty_on_a_gradient_reaches_the_weights(self, device):
        for x in one_of_each(layouts=WITH_EXPANDED):
            x = x.to(device).requires_grad_()

            for _ in range(2):
                (gradient,) = torch.autograd.grad(x.square().sum(), x, create_graph=True)
                gradient.square().sum().backward()  # the sum of (2x)**2

            assert same_values(x.grad, 16 * as_array(x))

    @claim("1.2.15")
    @pytest.mark.filterwarnings("ignore:Using backward")
    def test_backward_with_create_graph_leaves_a_grad_that_requires_grad(self, device):
        for x in one_of_each(DIFFERENTIABLE, WITH_EXPANDED):
            x = x.to(device).requires_grad_()

            total(x**3).backward(create_graph=True)
            first, x.grad = x.grad, None  # which ends the cycle of references
            assert first.requires_grad
            total(first).backward()

            for gradient, expected in ((first, 3 * as_array(x) ** 2), (x.grad, 6 * as_array(x))):
                assert same_values(gradient, expected)


class TestHooks:
    """Tensor.register_hook: a function that backward() calls with a gradient."""

    @claim("1.2.16")
    @given(tensor=tensors(EXACT, small=True))
    def test_a_hook_sees_the_gradient_before_grad_and_replaces_it_until_removed(
        self, tensor, device
    ):
        x = tensor.to(device).requires_grad_()
        seen = []

        def triple(gradient):
            seen.append((as_array(gradient), x.grad))
            return 3 * gradient

        handle = x.register_hook(triple)
        (2 * x).sum().backward()
        with_hook, x.grad = x.grad, None
        handle.remove()
        (2 * x).sum().backward()
        without, x.grad = x.grad, None
        x.register_hook(triple)
        (2 * x).sum().backward()

        assert len(seen) == 2
        gradient, before = seen[0]
        assert np.array_equal(gradient, np.full(x.shape, 2.0))
        assert before is None
        for found, expected in ((with_hook, 6.0), (without, 2.0), (x.grad, 6.0)):
            assert same_values(found, np.full(x.shape, expected))

    @claim("1.2.16")
    @pytest.mark.parametrize(
        "change",
        [
            lambda gradient: gradient[None],
            lambda gradient: gradient.to(
                torch.complex128 if gradient.is_complex() else torch.float64
            ),
        ],
        ids=["shape", "dtype"],
    )
    @pytest.mark.parametrize("computed", [False, True], ids=["leaf", "result"])
    def test_a_hook_that_changes_the_shape_or_dtype_is_refused(self, change, computed, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX):
            if x.dtype in (torch.float64, torch.complex128):
                continue  # which the change of dtype leaves alone
            x = x.to(device).requires_grad_()
            y = 2 * x if computed else x
            y.register_hook(change)

            for _ in range(2):
                with pytest.raises(RuntimeError, match="has changed the"):
                    total(y).backward()

    @claim("1.2.16")
    def test_a_hook_on_a_result_changes_what_lies_before_it(self, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX, LAYOUTS, ((0,),)):
            other = x.to(device).detach().clone().requires_grad_()
            x = x.to(device).requires_grad_()
            y = 2 * x
            y.register_hook(hook=lambda gradient: 10 * gradient)

            total(y + other).backward()

            for leaf, expected in ((x, 20.0), (other, 1.0)):
                assert same_values(leaf.grad, np.full(x.shape, expected))

    @claim("1.2.16")
    def test_what_a_hook_sees_replaces_and_leaves_in_every_size_rank_layout_and_dtype(self, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX, WITH_EXPANDED, ((0,),)):
            x = x.to(device).requires_grad_()
            y, seen = 2 * x, []
            for tensor in (x, y):
                tensor.register_hook(lambda gradient, seen=seen: seen.append(gradient.clone()))
            handles = [
                tensor.register_hook(lambda gradient, factor=factor: gradient * factor)
                for tensor in (x, y)
                for factor in (3, 5)
            ]

            for times in (15, 15, 1):
                if times == 1:
                    for handle in handles:
                        handle.remove()
                x.grad = None
                total(y).backward(retain_graph=True)

                expected = (1.0, 2.0 * times, 2.0 * times**2)
                for gradient, number in zip((*seen, x.grad), expected, strict=True):
                    assert same_values(gradient, np.full(x.shape, number))
                seen.clear()

    @claim("1.2.16")
    def test_what_a_hook_returns_replaces_the_gradient_in_whatever_layout(self, device):
        for form, turn in itertools.product(one_of_each(DIFFERENTIABLE), (1, 2, 3)):
            gradient = relaid(form.to(device), turn)
            for take in (lambda x: x, lambda x: 3 * x):
                x = form.to(device).detach().requires_grad_()
                y = take(x)
                y.register_hook(lambda _, it=gradient: it)

                for _ in range(2):
                    total(y).backward(retain_graph=True)

                slope = 2 if y is x else 6
                assert same_values(x.grad, slope * as_array(gradient))

    @claim("1.2.16")
    def test_hooks_of_leaves_results_and_views_run_each_time_in_every_rank(self, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX):
            x = x.to(device).requires_grad_()
            y = 2 * x
            for tensor in (x, y, z := y[...]):
                for _ in range(3):
                    tensor.register_hook(lambda gradient: 2 * gradient)

            for _ in range(3):
                z.backward(torch.ones_like(z), retain_graph=True)

            assert same_values(x.grad, np.full(x.shape, 3 * 2 * 8.0**3))

    @claim("1.2.16")
    def test_hooks_run_whatever_thread_registers_them_or_goes_back(self, device):
        x = torch.ones(3, device=device).requires_grad_()
        y = 2 * x

        with ThreadPoolExecutor(1) as pool:
            pool.submit(x.register_hook, lambda gradient: 3 * gradient).result()
            y.register_hook(lambda gradient: 5 * gradient)
            for _ in range(3):
                pool.submit(y.sum().backward, retain_graph=True).result()
        y.sum().backward()

        assert x.grad.tolist() == [4 * 30.0] * 3

    @claim("1.2.16")
    def test_a_backward_for_the_inputs_of_others_calls_no_hook(self, device):
        one, other = (torch.ones(2, device=device, requires_grad=True) for _ in range(2))
        seen = []
        one.register_hook(lambda gradient: seen.append("one"))
        other.register_hook(lambda gradient: seen.append("other"))

        for inputs in ([other], other, (other,)):
            (one * other).sum().backward(inputs=inputs)

        assert seen == ["other"] * 3

    @claim("1.2.16")
    def test_hooks_run_in_the_order_they_were_registered_in_every_backward(self, device):
        x = torch.ones(3, device=device, requires_grad=True)
        y = 2 * x
        y.register_hook(lambda gradient: 10 * gradient)
        y.register_hook(lambda gradient: gradient + 1)
        y.register_hook(lambda gradient: 3 * gradient)
        z = y.sum()

        for _ in range(3):
            z.backward(retain_graph=True)

        assert x.grad.tolist() == [198.0] * 3  # three times 2 * 3 * (10 + 1)

    @claim("1.2.16")
    def test_whatever_can_be_called_may_be_a_hook(self, device):
        class Twice:
            def __call__(self, gradient):
                return 2 * gradient

        for hook in (Twice(), functools.partial(torch.mul, 2), Twice().__call__):
            x = torch.ones(3, device=device, requires_grad=True)
            x.register_hook(hook)

            (3 * x).sum().backward()

            assert x.grad.tolist() == [6.0] * 3

    @claim("1.2.16")
    def test_so_do_many(self, device):
        x = torch.ones(3, device=device, requires_grad=True)
        y = 2 * x
        for tensor in (y, x):
            called = []
            for number in range(100):
                tensor.register_hook(lambda _, number=number, called=called: called.append(number))

            for _ in range(2):
                y.sum().backward(retain_graph=True)

            assert called == [*range(100)] * 2

    @claim("1.2.16")
    def test_remove_of_one_of_several_hooks_leaves_the_others(self, device):
        def leave_its_block(handle):
            with handle:
                y.sum().backward(retain_graph=True)
            called.clear()

        ways = (RemovableHandle.remove, leave_its_block)
        for removed, remove in itertools.product(range(4), ways):
            x = torch.ones(3, device=device, requires_grad=True)
            y, called = 2 * x, []
            for tensor in (x, y):
                handles = [
                    tensor.register_hook(lambda _, it=number, called=called: called.append(it))
                    for number in range(4)
                ]
                remove(handles[removed])

            y.sum().backward()

            assert called == [number for number in range(4) if number != removed] * 2

    @claim("1.2.16")
    def test_a_hook_that_returns_none_leaves_the_gradient_alone(self, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX):
            x = x.to(device).requires_grad_()
            seen = []
            x.register_hook(lambda gradient, seen=seen: seen.append(gradient.sum().item()))

            total(2 * x).backward()
            total(2 * x).backward()

            assert seen == [2.0 * x.numel()] * 2
            assert same_values(x.grad, np.full(x.shape, 4.0))

    @claim("1.2.16")
    @since("2.1")
    def test_a_post_accumulate_grad_hook_sees_what_grad_has_become(self, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX, WITH_EXPANDED, ((0,),)):
            x = x.to(device).requires_grad_()
            seen = []
            handle = x.register_post_accumulate_grad_hook(
                lambda x, seen=seen: seen.append(as_array(x.grad))
            )

            for _ in range(3):
                total(2 * x).backward()
            handle.remove()
            total(2 * x).backward()

            expected = [np.full(x.shape, 2.0 * times) for times in (1, 2, 3)]
            assert np.array_equal(seen, expected)
            assert same_values(x.grad, np.full(x.shape, 8.0))

    @claim("1.2.16")
    @since("2.1")
    def test_a_computed_result_refuses_a_post_accumulate_grad_hook(self, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX):
            result = 2 * x.to(device).requires_grad_()

            with pytest.raises(RuntimeError, match="non-leaf"):
                result.register_post_accumulate_grad_hook(print)

    @claim("1.2.16")
    @before("2.1")
    def test_there_was_no_post_accumulate_grad_hook_before(self):
        assert not hasattr(torch.Tensor, "register_post_accumulate_grad_hook")

    @claim("1.2.22")
    def test_a_full_backward_hook_sees_and_replaces_the_gradients_of_a_layers_inputs(self, device):
        class Sum(nn.Module):
            def forward(self, x, other, third=None):
                y = 2 * x + 3 * other
                return (y, 5 * y) if third is None else y + third

        for tensor in one_of_each(COMPUTING_FLOATS, WITH_EXPANDED, ((0,),)):
            x, third = (tensor.to(device).detach().clone().requires_grad_() for _ in range(2))
            layer, seen = Sum().to(device), []
            layer.register_full_backward_hook(lambda *given, seen=seen: seen.append(given))
            handle = layer.register_full_backward_hook(
                lambda module, inputs, results: (7 * inputs[0], *inputs[1:])
            )

            for results, times in (
                (layer(x, third.detach()), 6),
                ((layer(x, third.detach(), third=third),), 1),
                ((layer(2 * x, third.detach(), third),), 1),
            ):
                sum(it.sum() for it in results).backward()

                assert len(seen) == 1
                module, inputs, outputs = seen[0]
                assert (module is layer, type(inputs), type(outputs)) == (True, tuple, tuple)
                assert same_values(inputs[0], np.full(x.shape, 2.0 * times))
                assert inputs[1] is None or not inputs[1].any()
                assert [same_values(it, np.ones(x.shape)) for it in outputs] == [True] * len(
                    results
                )
                seen.clear()
                if len(results) > 1:
                    assert same_values(x.grad, np.full(x.shape, 7 * 2.0 * times))
            handle.remove()
            x.grad = None
            layer(x, third.detach())[0].sum().backward()
            assert same_values(x.grad, np.full(x.shape, 2.0))

    @claim("1.2.22")
    def test_so_does_one_of_a_layer_in_a_net_and_of_the_net_each_time(self, device):
        def scale(module, inputs, results):
            gradients.append(results[0].tolist())
            return (inputs[0] * (2 if module is layer else 5),)

        for hold in HOLDERS:
            layer, gradients = nn.Linear(3, 3).to(device), []
            net, x = hold(layer), torch.ones(5, 3, device=device, requires_grad=True)
            nn.init.eye_(layer.weight)
            for module in (layer, net):
                module.register_full_backward_hook(scale)

            for times in (1, 2, 3):
                total(3 * net(x)).backward()

                assert same_values(x.grad, np.full((5, 3), 3 * 2 * 5.0 * times))
            assert gradients == [[[3.0] * 3] * 5] * 6

    @claim("1.2.22")
    def test_a_hook_that_was_removed_or_whose_block_ended_is_not_called(self, device):
        for register, made, called in each_kind_of_hook(device):
            kept, *others = (
                register(lambda *_, number=number, made=made: made.append(number))
                for number in range(3)
            )
            others[0].remove()
            with others[1]:
                called()

            called()

            assert made == [0, 2, 0]
            kept.remove()

    @claim("1.2.22")
    def test_a_full_backward_hook_that_returns_another_number_is_refused(self):
        for number in (0, 2, 3):
            layer, x = nn.Linear(3, 2), torch.ones(1, 3, requires_grad=True)
            layer.register_full_backward_hook(lambda *given, n=number: given[1][:1] * n)
            y = layer(x).sum()

            for _ in range(2):
                with pytest.raises(RuntimeError, match=f"grad_input, got {number}, but expected 1"):
                    y.backward(retain_graph=True)

    @claim("1.2.22")
    @since("2.0")
    def test_what_a_pre_hook_returns_is_the_gradient_of_the_result_that_others_see(self, device):
        for several in (False, True):
            layer = (nn.LSTM if several else nn.Linear)(3, 2).to(device)
            x, seen = torch.ones(1, 3, device=device, requires_grad=True), []
            layer.register_full_backward_hook(lambda *given, seen=seen: seen.append(given[2]))
            handle = layer.register_full_backward_pre_hook(
                lambda _, gradients: tuple(it if it is None else 2 * it for it in gradients)
            )
            layer.register_full_backward_pre_hook(lambda *_: None)

            for factor in (2.0, 1.0):
                y = layer(x)
                (y[0] if several else y).sum().backward()

                assert same_values(seen.pop()[0], np.full((1, 2), factor))
                handle.remove()

    @claim("1.2.22")
    @pytest.mark.filterwarnings("ignore:Full backward hook is firing")
    def test_the_first_layers_gradient_is_none_unless_its_batch_requires_grad(self, device):
        for requires in (False, True):
            net, seen = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1)).to(device), []
            for layer in (net[0], net[2]):
                layer.register_full_backward_hook(lambda *given, seen=seen: seen.append(given[1]))

            net(torch.ones(4, 3, device=device, requires_grad=requires)).sum().backward()

            assert [it is None for (it,) in seen] == [False, not requires]

    @claim("1.2.22")
    @pytest.mark.filterwarnings("ignore:Full backward hook is firing")
    def test_so_is_one_that_returns_a_gradient_where_no_input_requires_grad(self):
        x = torch.ones(5, 3)
        for returned in ((torch.ones(5, 3),), (None,), None):
            layer = nn.Linear(3, 2)
            layer.register_full_backward_hook(lambda *_, returned=returned: returned)
            y = layer(x).sum()

            if returned == (None,) or returned is None:
                y.backward()
                assert same_values(layer.weight.grad, np.full((2, 3), 5.0))
            else:
                with pytest.raises(RuntimeError, match="where no input requires gradient"):
                    y.backward()

    @claim("1.2.22")
    def test_a_modules_hooks_run_in_the_order_of_their_registration(self, device):
        for register, made, called in each_kind_of_hook(device):
            for number in range(20):
                register(lambda *_, number=number, made=made: made.append(number))

            for _ in range(2):
                called()

            assert made == [*range(20)] * 2

    @claim("1.2.22")
    @since("2.0")
    def test_those_with_prepend_run_before_the_earlier_ones(self, device):
        for register, made, called in each_kind_of_hook(device):
            for number, prepend in enumerate((False, True, False, True, False)):
                register(lambda *_, number=number, made=made: made.append(number), prepend=prepend)

            for _ in range(2):
                called()

            assert made == [3, 1, 0, 2, 4] * 2

    @claim("1.2.22")
    def test_the_old_backward_hook_of_several_operations_warns_and_sees_the_last_one(self, device):
        for last in (nn.ReLU(), nn.Tanh(), nn.Sigmoid()):
            net, seen = nn.Sequential(nn.Linear(3, 2), last).to(device), []
            net.register_backward_hook(lambda *given, seen=seen: seen.append(given))

            with pytest.warns(
                (UserWarning, FutureWarning), match="when the forward contains multiple autograd"
            ):
                y = net(torch.ones(5, 3, device=device, requires_grad=True))
            total(y).backward()

            assert [it.shape for it in seen[0][1]] == [(5, 2)]

    @claim("1.2.16")
    def test_what_a_hook_writes_into_its_gradient_shows_in_other_gradients(self, device):
        for change, expected in ((lambda g: g.mul_(3), 15), (lambda g: 3 * g, 5)):
            for x in one_of_each(COMPUTING_FLOATS, LAYOUTS, ((0,),)):
                x = x.to(device).requires_grad_()
                other = x.detach().clone().requires_grad_()

                five, two = 5 * other, 2 * x
                two.register_hook(change)
                total(five + two).backward()

                assert same_values(x.grad, np.full(x.shape, 6.0))
                assert same_values(other.grad, np.full(x.shape, expected * 1.0))

    @claim("1.2.16")
    def test_a_tensor_without_grad_refuses_a_hook(self, device):
        for x in one_of_each(DTYPES):
            with pytest.raises(RuntimeError, match="doesn't require gradient"):
                x.to(device).register_hook(print)

    @claim("1.2.16")
    def test_a_hook_freezes_a_part_of_a_weight_of_which_no_part_can_be_frozen_alone(self, device):
        for x in one_of_each():
            weight, before = x.to(device, copy=True).requires_grad_(), as_array(x)
            learns = before > 1
            if x.dim():
                with pytest.raises(RuntimeError, match="leaf variables"):
                    weight[0].requires_grad_(False)
            mask = torch.from_numpy(np.asarray(learns)).to(device)
            weight.register_hook(lambda gradient, mask=mask: gradient * mask)
            sgd = torch.optim.SGD([weight], lr=0.5)

            for _ in range(2):
                sgd.zero_grad()
                (2 * weight).sum().backward()
                sgd.step()

            assert same_values(weight, before - 2 * learns)

    @claim("1.2.16")
    def test_hooks_are_called_in_every_mode_in_which_backward_is(self, device):
        for way in (*GRAD_ON, *UNDER_NO_GRAD):
            x, seen = torch.ones(2, device=device, requires_grad=True), []
            y, ones = 3 * x, torch.ones(2, device=device)
            way(lambda x=x, y=y, do=seen.append: (x.register_hook(do), y.register_hook(torch.neg)))

            for times in (1, 2, 3):
                way(lambda y=y, ones=ones: y.backward(ones, retain_graph=True))

                assert [it.tolist() for it in seen] == [[-3.0, -3.0]] * times
                assert same_values(x.grad, np.full(2, -3.0 * times))


def each_rank_and_layout_of(dtypes: tuple[torch.dtype, ...]) -> Iterator[torch.Tensor]:
    """A new tensor of each rank and layout, an empty one too, of each of these dtypes."""
    return (x for it in there(dtypes) for x in one_of_each((it,), WITH_EXPANDED, ((0,),)))


def each_kind_of_hook(device) -> Iterator[tuple]:
    """For each kind a layer's register function, a list, and a function that calls its hooks."""
    for kind in ("forward_pre_hook", "forward_hook", "full_backward_hook"):
        layer = nn.Linear(3, 2).to(device)
        x = torch.ones(1, 3, device=device, requires_grad=True)
        yield (
            getattr(layer, f"register_{kind}"),
            [],
            lambda layer=layer, x=x: layer(x).sum().backward(),
        )


class TestShapeOfAGradient:
    """A gradient is as its tensor is: contributions are added up to its shape."""

    @claim("1.2.17")
    @given(tensor=tensors(EXACT, small=True, layouts=WITH_EXPANDED), times=st.integers(2, 5))
    def test_uses_of_a_tensor_add_up_in_its_gradient(self, tensor, times, device):
        x = tensor.to(device).requires_grad_()

        sum(n * x for n in range(1, times + 1)).sum().backward()

        assert same_values(x.grad, np.full(x.shape, times * (times + 1) / 2))

    @claim("1.2.17")
    def test_uses_of_a_layer_add_up_in_the_gradients_of_its_weights(self, device):
        for layer, x in (
            (nn.Linear(3, 2), torch.ones(5, 3)),
            (nn.Conv1d(3, 2, 1), torch.ones(5, 3, 1)),
            (nn.Embedding(1, 3), torch.zeros(5, dtype=torch.int64)),
            (nn.PReLU(), -torch.ones(5)),
        ):
            layer, x = layer.to(device), x.to(device)
            for times in range(1, 7):
                layer.zero_grad(set_to_none=True)
                sum(n * layer(x) for n in range(1, times + 1)).sum().backward()

                for weight in layer.parameters():
                    of_one_use = -5.0 if isinstance(layer, nn.PReLU) else 5.0
                    expected = np.full(weight.shape, of_one_use * times * (times + 1) / 2)
                    assert same_values(weight.grad, expected), layer

    @claim("1.2.17")
    def test_a_gradient_passes_a_thousand_steps(self, device):
        x = torch.ones(3, device=device, requires_grad=True)
        y = x

        for _ in range(1000):
            y = y + x
        y.sum().backward()

        assert x.grad.tolist() == [1001.0] * 3

    @claim("1.2.17")
    def test_uses_copies_and_parts_add_up_in_every_size_rank_layout_and_dtype(self, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX, WITH_EXPANDED, ((0,),)):
            x = x.to(device).requires_grad_()
            of_first = np.zeros(x.shape)
            of_first[(slice(1),) * x.dim()] = 1

            for name, (compute, expected) in {
                "x + x": (lambda x: x + x, 2.0),
                "2x + 3x": (lambda x: 2 * x + 3 * x, 5.0),
                "a sum": (lambda x: sum([x, x, x]), 3.0),
                "stack": (lambda x: torch.stack([x, x, x]), 3.0),
                "cat": (lambda x: torch.cat([x[None], x[None]]), 2.0),
                "broadcast": (lambda x: x * x.new_ones(2, *[1] * x.dim()), 2.0),
                "broadcast from the right": (lambda x: x.new_ones(2, *[1] * x.dim()) + x, 2.0),
                "expand": (lambda x: x.expand(3, *x.shape), 3.0),
                "repeat": (lambda x: x.repeat(2, *[1] * x.dim()), 2.0),
                "a part": (lambda x: x[(slice(1),) * x.dim()], of_first),
                "where": (lambda x: torch.where(x != x, x, 0 * x.detach()), 0.0),
            }.items():
                x.grad = None
                result = compute(x)
                result.backward(torch.ones_like(result))

                assert x.grad.dtype is x.dtype, name
                assert same_values(x.grad, np.broadcast_to(expected, x.shape)), name

    @claim("1.2.17")
    @given(tensor=tensors(EXACT, small=True, layouts=WITH_EXPANDED), rows=st.integers(1, 4))
    def test_gradient_of_a_tensor_that_was_broadcast_is_the_sum_over_its_copies(
        self, tensor, rows, device
    ):
        x = tensor.to(device).requires_grad_()
        factors = torch.arange(1.0, rows + 1, device=device, dtype=x.dtype)
        factors = factors.reshape(rows, *[1] * x.dim())

        (x * factors).sum().backward()

        assert same_values(x.grad, np.full(x.shape, rows * (rows + 1) / 2))

    @claim("1.2.17")
    def test_sizes_that_differ_and_are_not_one_are_refused(self, device):
        for shape, other in [((3,), (2,)), ((2, 3), (2,)), ((0,), (2,)), ((2, 1, 3), (4, 2))]:
            x = torch.ones(shape, device=device, requires_grad=True)
            y = torch.ones(other, device=device)

            for compute in (torch.add, torch.mul, torch.maximum, torch.where):
                with pytest.raises(
                    RuntimeError, match=r"The size of tensor \w .* must match the size"
                ):
                    compute(*((x > 0, x, y) if compute is torch.where else (x, y)))

    @claim("1.2.17")
    def test_gradient_has_the_shape_of_its_tensor(self, device):
        shapes = (
            *(((3,), (70, 3)), ((2, 1), (2, 3)), ((), (2, 3)), ((1, 1), (4,))),
            *(((1, 3, 1, 2), (5, 1)), ((2, 1, 3, 1, 2), (4, 1, 5, 1)), ((100, 1), (1, 64))),
        )
        dtypes = itertools.cycle(there((torch.float32, torch.bfloat16, torch.complex64)))
        for dtype, (shape, other) in zip(dtypes, shapes * 2, strict=False):
            x = torch.ones(shape, dtype=dtype, device=device, requires_grad=True)
            y = torch.full(other, 2.0, dtype=dtype, device=device, requires_grad=True)
            whole = np.broadcast_shapes(shape, other)
            copies_of_x, copies_of_y = (
                np.prod(whole) / np.prod(shape),
                np.prod(whole) / np.prod(other),
            )

            for name, (compute, of_x, of_y) in {
                "x * y": (lambda x, y: x * y, 2, 1),
                "y * x": (lambda x, y: y * x, 2, 1),
                "x + y": (lambda x, y: x + y, 1, 1),
                "x - y": (lambda x, y: x - y, 1, -1),
                "y - x": (lambda x, y: y - x, -1, 1),
                "y / x": (lambda x, y: y / x, -2, 1),
                "x.expand": (lambda x, y, whole=whole: x.expand(whole) + 0 * y, 1, 0),
            }.items():
                x.grad = y.grad = None
                result = compute(x, y)
                result.backward(torch.ones_like(result))
                for leaf, expected in ((x, of_x * copies_of_x), (y, of_y * copies_of_y)):
                    assert same_values(leaf.grad, np.full(leaf.shape, expected)), name

    @claim("1.2.17")
    def test_gradient_of_a_cast_is_cast_back(self, device):
        casts = [lambda x: x.double(), lambda x: x.float(), lambda x: x.half().float()]
        casts += [lambda x: x.bfloat16(), lambda x: x.half()]
        for dtype in COMPUTING_FLOATS:
            casts += [
                lambda x, to=dtype: x.to(to),
                lambda x, to=dtype: x.to(dtype=to),
                lambda x, to=dtype: x.to(x.device, to),
                lambda x, to=dtype: x.to(torch.ones((), dtype=to, device=x.device)),
                lambda x, to=dtype: x.type(to),
            ]
        for form in one_of_each(COMPUTING_FLOATS, WITH_EXPANDED, ((0,),)):
            leaves = [form.to(device).detach().requires_grad_() for _ in casts]
            expected = np.full(form.shape, 2.0)

            results = [2 * cast(x) for cast, x in zip(casts, leaves, strict=True)]
            torch.autograd.backward(results, [torch.ones_like(y) for y in results])

            for x in leaves:
                assert x.grad.dtype is x.dtype
                assert same_values(x.grad, expected)

    @claim("1.2.17")
    def test_grad_refuses_a_gradient_of_another_shape_or_dtype(self, device):
        for change in [
            *(lambda x: x[None], lambda x: x.expand(2, *x.shape), lambda x: x.new_ones(7)),
            lambda x: x.double(),
        ]:
            for x in one_of_each(layouts=WITH_EXPANDED):
                if x.dtype is torch.float64:
                    continue  # which double() leaves alone
                x = x.to(device).requires_grad_()

                for had, y in itertools.product((None, torch.ones_like(x)), (x, nn.Parameter(x))):
                    y.grad = had
                    with pytest.raises(RuntimeError, match="assign"):
                        y.grad = change(torch.ones_like(x))
                    assert y.grad is had

    @claim("1.2.17")
    @since("2.10")
    @pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
    def test_grad_dtype_asks_for_a_gradient_of_another_dtype(self, dtype, device):
        for x in one_of_each((dtype,)):
            x = x.to(device).requires_grad_()
            assert x.grad_dtype is dtype

            x.grad_dtype = torch.float32
            for times in (1, 2):
                (2 * x).sum().backward()

                assert same_bits(x.grad, torch.full(x.shape, 2.0 * times))

    @claim("1.2.17")
    @before("2.10")
    def test_there_was_no_grad_dtype_before(self):
        assert not hasattr(torch.Tensor, "grad_dtype")

    @claim("1.2.17")
    @pytest.mark.parametrize("dtype", FLOATS + COMPLEX, ids=str)
    def test_the_gradient_of_no_dtype_may_be_of_another_one(self, dtype, device):
        for other in set(FLOATS + COMPLEX) - {dtype}:
            x = torch.ones(3, dtype=dtype, device=device, requires_grad=True)
            with pytest.raises(RuntimeError, match="assign"):
                x.grad = torch.ones(3, dtype=other, device=device)

    @claim("1.2.17")
    def test_elements_that_took_no_part_get_zero(self, device):
        for take in [
            *(lambda x: x[1], lambda x: x.unbind()[1], lambda x: x.split(1)[1], lambda x: x[[1]]),
            *(
                lambda x: x.amax(0),
                lambda x: x.where(x > 1, 0 * x.detach()),
                lambda x: (x * (x > 1)).sum(),
            ),
        ]:
            shapes = ((), (1,), (100,), (2, 3), (2, 1, 3), (2, 1, 3, 2))
            for dtype, shape in zip(itertools.cycle(COMPUTING_FLOATS), shapes, strict=False):
                rows = [torch.full(shape, it, dtype=dtype, device=device) for it in (0.5, 2.0, 1.0)]
                x = torch.stack(rows).requires_grad_()
                zeros, ones = np.zeros(shape), np.ones(shape)

                take(x).sum().backward()

                assert same_values(x.grad, np.stack([zeros, ones, zeros]))

    @claim("1.2.17")
    def test_an_element_that_was_indexed_twice_gets_both_gradients(self, device):
        x = torch.ones(3, device=device, requires_grad=True)

        factors = torch.tensor([1.0, 2.0, 3.0, 4.0] * 500, device=device)
        index = torch.tensor([0, 2, 2, 2] * 500, device=device)

        for name, take in {
            "x[list]": lambda: x[[0, 2, 2, 2] * 500],
            "x[tensor]": lambda: x[index],
            "x[tensor from the end]": lambda: x[index - 3],
            "x[tensor of int32]": lambda: x[index.int() if RELEASE >= (2, 0) else index],
            "x[array]": lambda: x[index.cpu().numpy()],
            "x[..., tensor]": lambda: x[..., index],
            "x[None][:, tensor]": lambda: x[None][:, index][0],
            "x[tensor, tensor]": lambda: x[:, None][index, 0 * index],
            "x.index_select of int32": lambda: x.index_select(0, index.int()),
            "x.index_select": lambda: x.index_select(0, index),
            "x.gather": lambda: x.gather(0, index),
            "x.take": lambda: x.take(index),
            "F.embedding": lambda: F.embedding(index, x[:, None])[:, 0],
        }.items():
            x.grad = None
            (take() * factors).sum().backward()
            assert x.grad.tolist() == [500.0, 0.0, 4500.0], name

    @claim("1.2.17")
    def test_so_does_one_of_every_rank_and_dtype(self, device):
        index = torch.tensor([0, 2, 2] * 25, device=device)
        shapes = ((), (2,), (2, 1, 3), (2, 1, 2, 2))
        for dtype, shape in zip(itertools.cycle(COMPUTING_FLOATS), shapes, strict=False):
            x = torch.ones((3, *shape), dtype=dtype, device=device, requires_grad=True)
            expected = np.stack([np.full(shape, times) for times in (25.0, 0.0, 50.0)])

            for name, take in {
                "x[list]": lambda x: x[[0, 2, 2] * 25],
                "x[tensor]": lambda x: x[index],
                "x[tensor, ...]": lambda x: x[index, ...],
                "x.index_select": lambda x: x.index_select(0, index),
                "torch.index_select": lambda x: torch.index_select(x, dim=0, index=index),
                "x[-1]": lambda x: torch.stack([x[0], x[-1], x[2]] * 25),
            }.items():
                x.grad = None
                take(x).sum().backward()
                assert same_values(x.grad, expected), name

    @claim("1.2.17")
    def test_where_passes_its_gradient_to_what_it_chose(self, device):
        for x in one_of_each(COMPUTING_FLOATS, WITH_EXPANDED, ((0,),)):
            a, b = (x.to(device).detach().requires_grad_() for _ in range(2))
            chosen = as_array(x) > 2
            condition = torch.from_numpy(np.asarray(chosen)).to(device)

            for result in (torch.where(condition, a, b), a.where(condition, b)):
                result.backward(torch.full_like(result, 3))

            assert same_values(a.grad, 6.0 * chosen)
            assert same_values(b.grad, 6.0 * ~chosen)


class TestNanGradient:
    """NaN in a gradient from values that were not chosen."""

    # pytorch#52248, pytorch#68425
    @claim("1.2.18")
    def test_gradient_is_nan_where_an_infinite_slope_was_not_chosen(self, device):
        dtypes = itertools.cycle(there(EXACT))
        for compute, bad, good in [
            (lambda x: torch.where(x > 0, x.sqrt(), x), 0.0, 4.0),
            (lambda x: torch.where(x > 0, x.log(), x), 0.0, 4.0),
            (lambda x: torch.where(x < 1, x.exp(), x), 1000.0, -1.0),
            (lambda x: torch.where(x > 0, 1 / x, x), 0.0, 4.0),
            (lambda x: torch.where(x > 0, x.sqrt(), 0.0), 0.0, 4.0),
            (lambda x: torch.where((x > 0)[None], x.sqrt()[None], x[None]), 0.0, 4.0),
            (lambda x: x.sqrt().where(x > 0, x), 0.0, 4.0),
            (lambda x: x.sqrt().masked_fill(x <= 0, 0.0), -1.0, 4.0),
            (lambda x: (x > 0) * x.sqrt(), 0.0, 4.0),
            (lambda x: x.sqrt()[x > 0], 0.0, 4.0),
            (lambda x: x.sqrt().clamp(min=1), 0.0, 4.0),
        ]:
            for shape in ((2,), (100,), (2, 1, 2), (2, 3, 2, 2), (2, 1, 2, 1, 3)):
                numbers = torch.tensor([bad, good] * (math.prod(shape) // 2), dtype=next(dtypes))
                x = numbers.reshape(shape).transpose(0, -1).to(device).requires_grad_()

                y = compute(x)
                y.sum().backward()

                assert y.isfinite().all()
                assert np.array_equal(np.isnan(as_array(x.grad)), as_array(x) == bad)

    @claim("1.2.18")
    def test_gradient_is_finite_if_the_input_is_chosen_first(self, device):
        for compute in [
            lambda x: x[x > 0].sqrt(),
            lambda x: torch.where(x > 0, x, 1).sqrt(),
            lambda x: torch.where(x > 0, x, torch.ones_like(x)).sqrt(),
            lambda x: x.masked_fill(x <= 0, 1.0).sqrt(),
            lambda x: x.clamp(min=1).sqrt(),
        ]:
            shapes = ((2,), (100,), (2, 3), (2, 3, 2, 2), (2, 1, 2, 1, 3))
            for dtype, shape in zip(itertools.cycle(COMPUTING_FLOATS), shapes, strict=False):
                numbers = torch.tensor([0.0, 4.0] * (math.prod(shape) // 2), dtype=dtype)
                x = numbers.reshape(shape).transpose(0, -1).to(device).requires_grad_()

                compute(x).sum().backward()

                assert same_values(x.grad, as_array(x) / 16)

    @claim("1.2.18")
    @pytest.mark.parametrize(
        "detect",
        [
            lambda: torch.autograd.detect_anomaly(),
            functools.cache(lambda: torch.autograd.detect_anomaly()),
            lambda: torch.autograd.set_detect_anomaly(True),
        ],
        ids=["detect_anomaly", "the same again", "set_detect_anomaly"],
    )
    @pytest.mark.filterwarnings("ignore:Anomaly Detection", "ignore:Error detected in Sqrt")
    def test_detect_anomaly_names_the_function_that_returned_nan(self, detect, device):
        shapes = ((2,), (100,), (2, 3, 2, 2))
        for dtype, shape in zip(itertools.cycle(EXACT), shapes, strict=False):
            numbers = torch.tensor([0.0, 4.0] * (math.prod(shape) // 2), dtype=dtype)
            x = numbers.reshape(shape).to(device).requires_grad_()

            with detect():
                with torch.autograd.detect_anomaly():
                    pass
                with pytest.raises(RuntimeError, match="SqrtBackward0' returned nan"):
                    torch.where(x > 0, x.sqrt(), x).sum().backward()


class TestKinks:
    """The gradient where there is no derivative."""

    @claim("1.2.18")
    def test_gradient_is_zero_at_zero_for_what_has_a_corner_there(self, device):
        zeros = [(0 * one).to(device) for one in one_of_each(layouts=WITH_EXPANDED)]
        for name, compute in {
            "abs": lambda x: x.abs().sum(),
            "relu": lambda x: x.relu().sum(),
            "norm": lambda x: x.norm(),
            "norm of a matrix": lambda x: x[None].norm(),
            "torch.abs": lambda x: torch.abs(x).sum(),
            "abs(x)": lambda x: abs(x).sum(),
            "linalg.norm": lambda x: torch.linalg.norm(x),
            "linalg.vector_norm": lambda x: torch.linalg.vector_norm(x),
            "sign": lambda x: x.sign().sum(),
            "l1_loss": lambda x: F.l1_loss(x, torch.zeros_like(x)),
            "F.relu": lambda x: F.relu(x).sum(),
            "torch.relu": lambda x: torch.relu(x).sum(),
            "nn.ReLU": lambda x: nn.ReLU()(x).sum(),
            "relu_": lambda x: x.clone().relu_().sum(),
            "torch.norm": lambda x: torch.norm(x),
            "norm(p=2)": lambda x: x.norm(p=2),
            "norm(dim=-1)": lambda x: x.norm(dim=-1).sum(),
            "absolute": lambda x: x.absolute().sum(),
            "pow(0)": lambda x: x.pow(0).sum(),
        }.items():
            for zero in zeros:
                x = zero.detach().requires_grad_()

                compute(x).backward()

                assert same_values(x.grad, np.zeros(x.shape)), name
        x = torch.zeros(2, 2, device=device, requires_grad=True)
        x.norm("nuc").backward()
        assert x.grad.any()

    @claim("1.2.18")
    def test_gradient_is_infinite_where_the_slope_is(self, device):
        kinds = one_of_each(COMPUTING_FLOATS, WITH_EXPANDED)
        zeros = [(0 * one).to(device) for one in kinds]
        for name, compute in {
            "sqrt": lambda x: x.sqrt(),
            "torch.sqrt": lambda x: torch.sqrt(x),
            "sqrt of a matrix": lambda x: x[None].sqrt(),
            "x**0.5": lambda x: x**0.5,
            "log": lambda x: x.log(),
            "torch.log": lambda x: torch.log(x),
            "torch.pow(x, 0.5)": lambda x: torch.pow(x, 0.5),
        }.items():
            for zero in zeros:
                x = zero.detach().requires_grad_()

                compute(x).sum().backward()
                assert same_values(x.grad, np.full(x.shape, np.inf)), name

                x.grad = None
                torch.where(x == 0, compute(x), x).sum().backward()
                assert not x.grad.isnan().any(), name  # as f(x) was chosen

    @claim("1.2.18")
    def test_gradient_of_a_distance_of_zero_is_nan_without_norm(self, device):
        for one in one_of_each(layouts=WITH_EXPANDED):
            x = (0 * one).to(device).requires_grad_()

            for distance in (
                lambda x: x.square().sum().sqrt(),
                lambda x: (x**2).sum() ** 0.5,
                lambda x: torch.sqrt(torch.sum(x * x)),
            ):
                x.grad = None
                distance(x).backward()

                assert same_values(x.grad, np.full(x.shape, np.nan))

    @claim("1.2.18")
    @pytest.mark.parametrize("dtype", COMPUTING_FLOATS)
    def test_equals_share_the_gradient_of_max_and_min(self, dtype, device):
        turn = COMPUTING_FLOATS.index(dtype) % 2
        for ties in [1, 4, 64, 512][turn::2]:
            for name, sign in {"max": 1, "amax": 1, "min": -1, "amin": -1}.items():
                values = [sign * 7.0] * ties + [0.0, 1.0, -1.0]
                x = torch.tensor(values, dtype=dtype, device=device, requires_grad=True)

                results = [getattr(x, name)(), getattr(x[None], name)(), getattr(torch, name)(x)]
                results += [getattr(x[index], name)() for index in ((None,) * 3, (None,) * 4)]
                if name in ("amax", "amin"):
                    choose = getattr(x[None], name)
                    results += [getattr(x, name)(0), choose(dim=-1)[0], choose((0, 1))]
                for result in results:
                    x.grad = None
                    result.backward()
                    assert x.grad.tolist() == [1 / ties] * ties + [0.0] * 3, name

    @claim("1.2.18")
    def test_both_share_the_gradient_of_maximum_where_they_are_equal(self, device):
        for one, choose in itertools.product(one_of_each(), ("maximum", "minimum")):
            x, y = (one.to(device).detach().clone().requires_grad_() for _ in range(2))

            getattr(torch, choose)(x, y).sum().backward()
            getattr(x, choose)(y).sum().backward()
            getattr(torch, choose)(input=x, other=y).sum().backward()

            for leaf in (x, y):
                assert same_values(leaf.grad, np.full(x.shape, 1.5)), choose

    @claim("1.2.18")
    @pytest.mark.parametrize("name", ["max", "min"])
    def test_one_of_equals_gets_the_gradient_of_max_along_a_dimension(self, name, device):
        for one in one_of_each(layouts=WITH_EXPANDED):
            if one.dim():
                x = (0 * one).add_(2).to(device).requires_grad_()

                for choose in (
                    lambda x: getattr(x, name)(dim=0).values,
                    lambda x: getattr(x, name)(0)[0],
                    lambda x: getattr(torch, name)(x, dim=0, keepdim=True).values,
                ):
                    x.grad = None
                    choose(x).sum().backward()

                    expected = np.zeros(x.shape)
                    expected[-1] = 1
                    assert same_values(x.grad.sort(0).values, expected)


class Own(torch.autograd.Function):
    """2x, whose gradients are what ``give`` makes of the result's."""

    @staticmethod
    def forward(ctx, x, give):
        ctx.give = give
        return 2 * x

    @staticmethod
    def backward(ctx, gradient):
        return ctx.give(gradient)


def giving(give, marks: bool = False) -> type[torch.autograd.Function]:
    """The Function whose result is what ``give`` makes of its argument, and whose gradient is 1."""

    class Giving(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            if marks:
                ctx.mark_dirty(x)
            ctx.shape = x.shape
            return give(x)

        @staticmethod
        def backward(ctx, gradient):
            return gradient.expand(ctx.shape) if gradient.dim() < 2 else gradient

    return Giving


class TestOwnFunction:
    """torch.autograd.Function: an operation with a gradient of one's own."""

    @claim("1.2.20")
    def test_a_gradient_is_what_backward_returned(self, device):
        for x in one_of_each(COMPUTING_FLOATS + COMPLEX, WITH_EXPANDED, ((0,),)):
            x = x.to(device).requires_grad_()

            for give in (
                lambda g: (3 * g, None),
                lambda g: (5 * g, None, None),
                lambda g: (g, None),
            ):
                y = Own.apply(x, give)
                total(y).backward()
                assert same_values(y, 2 * as_array(x))

            assert same_values(x.grad, np.full(x.shape, 3.0 + 5.0 + 1.0))

    @claim("1.2.20")
    def test_it_is_so_in_whatever_layout_backward_returns_it(self, device):
        for x, turn in itertools.product(one_of_each(DIFFERENTIABLE), (1, 2, 3)):
            gradient = relaid(x.to(device), turn)
            leaf = x.to(device).detach().requires_grad_()

            for _ in range(2):
                total(Own.apply(leaf, lambda g, it=gradient: (it, None))).backward()

            assert same_values(leaf.grad, 2 * as_array(gradient))

    @claim("1.2.20")
    def test_each_of_many_arguments_gets_its_own(self, device):
        class Sum(torch.autograd.Function):
            @staticmethod
            def forward(ctx, *arguments):
                ctx.numbers = arguments[1::2]
                ctx.save_for_backward(*arguments[::2])
                return sum(n * x for x, n in zip(arguments[::2], arguments[1::2], strict=True))

            @staticmethod
            def backward(ctx, gradient):
                asked.append(ctx.needs_input_grad)
                saved = zip(ctx.saved_tensors, ctx.numbers, strict=True)
                return tuple(it for x, n in saved for it in (n * x * gradient, None))

        for many in (3, 20, 70):
            asked = []
            leaves = [torch.full((2,), 1.0 * n, device=device) for n in range(many)]
            for leaf in leaves[1:]:
                leaf.requires_grad_()

            for _ in range(2):
                given = (it for n, leaf in enumerate(leaves) for it in (leaf, n))
                Sum.apply(*given).sum().backward()

            assert asked == [(False, False, *(True, False) * (many - 1))] * 2
            gradients = [leaf.grad.tolist() for leaf in leaves[1:]]
            assert gradients == [[2.0 * n * n] * 2 for n in range(1, many)]

    @claim("1.2.20")
    def test_none_adds_nothing_and_what_was_broadcast_is_summed(self, device):
        for x in one_of_each():
            unused = x.to(device).detach().clone().requires_grad_()
            x = x.to(device).requires_grad_()

            for _ in range(2):
                Own.apply(unused, lambda g: (None, None)).sum().backward()
                Own.apply(x, lambda g: (torch.stack([g, 2 * g]), None)).sum().backward()

            assert unused.grad is None
            assert same_values(x.grad, np.full(x.shape, 6.0))

    @claim("1.2.20")
    def test_what_backward_writes_into_its_gradient_shows_in_other_gradients(self, device):
        for give, expected in ((lambda g: (g.mul_(3), None), 15), (lambda g: (3 * g, None), 5)):
            for x in one_of_each(COMPUTING_FLOATS, LAYOUTS, ((0,),)):
                x = x.to(device).requires_grad_()
                other = x.detach().clone().requires_grad_()

                five = 5 * other
                total(five + Own.apply(x, give)).backward()

                assert same_values(x.grad, np.full(x.shape, 3.0))
                assert same_values(other.grad, np.full(x.shape, expected * 1.0))

    @claim("1.2.20")
    @pytest.mark.parametrize(
        ("give", "message"),
        [
            (lambda g: g, r"incorrect number of gradients \(expected 2, got 1\)"),
            (lambda g: (g, None, g), r"incorrect number of gradients \(expected 2, got 3\)"),
            (lambda g: (g, g), "gradient different than None at position 2"),
            (lambda g: (g.new_ones(7), None), "invalid gradient at index 0"),
        ],
        ids=["few", "many", "of what is no tensor", "another shape"],
    )
    def test_other_gradients_are_refused(self, give, message, device):
        for x in one_of_each(DIFFERENTIABLE):
            if x.numel() > 1:  # to one element any shape is summed
                y = Own.apply(x.to(device).requires_grad_(), give)

                for _ in range(2):
                    with pytest.raises(RuntimeError, match=message):
                        total(y).backward()

    @claim("1.2.20")
    def test_a_function_without_backward_is_refused_by_that_of_its_result(self):
        class Forward(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return 2 * x

        for x in one_of_each():
            y = Forward.apply(x.requires_grad_())

            for walk in (
                lambda y=y: y.sum().backward(),
                lambda y=y: torch.autograd.backward(y.sum()),
            ):
                with pytest.raises(NotImplementedError, match=r"must implement .*backward"):
                    walk()
            assert same_values(y, 2 * as_array(x))

    @claim("1.2.20")
    @pytest.mark.parametrize("once", [False, True], ids=["again", "once_differentiable"])
    def test_what_backward_computes_can_be_differentiated_again_unless_once(self, once, device):
        def backward(ctx, gradient):
            modes.append(torch.is_grad_enabled())
            return 3 * ctx.saved_tensors[0] ** 2 * gradient

        class Cube(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x * x

        Cube.backward = staticmethod(once_differentiable(backward) if once else backward)
        modes = []
        for x in one_of_each(EXACT, LAYOUTS, ((0,),)):
            x = x.to(device).requires_grad_()

            loss = (5 * Cube.apply(x)).square().sum() / 2
            (first,) = torch.autograd.grad(loss, x, create_graph=True)

            values = as_array(x)
            assert same_values(first, 75 * values**5)
            if once:
                with pytest.raises(RuntimeError, match="differentiate twice a function"):
                    first.sum().backward()
            else:
                first.sum().backward()
                assert same_values(x.grad, 375 * values**4)
                assert first.requires_grad
        assert modes[0] is not once

    @claim("1.2.20")
    def test_needs_input_grad_says_which_arguments_want_a_gradient(self, device):
        seen = []

        class Sum(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x, y, name):
                seen.append(ctx.needs_input_grad)
                return x + y

            @staticmethod
            def backward(ctx, gradient):
                return gradient, gradient, None

        for asked in itertools.product((True, False), repeat=2):
            for x in one_of_each(DIFFERENTIABLE):
                x = x.to(device)
                Sum.apply(*(x.detach().clone().requires_grad_(it) for it in asked), "sum")

            assert set(seen) == {(*asked, False)}
            seen.clear()

    @claim("1.2.21")
    @pytest.mark.filterwarnings("ignore:.*should not be instantiated")
    def test_it_saves_tensors_alone_and_is_called_by_apply(self, device):
        class Saving(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x, *others):
                ctx.save_for_backward(x, *others)
                return x.exp()

            @staticmethod
            def backward(ctx, gradient):
                return gradient * ctx.saved_tensors[0], None

        for x in one_of_each():
            x = x.to(device).requires_grad_()

            Saving.apply(x, None).sum().backward()
            assert same_values(x.grad, as_array(x))
            saved = [x, None, x.detach() + 1, None, x.detach() + 2]
            y = Saving.apply(*saved)
            for tensor, kept in zip(saved, y.grad_fn.saved_tensors, strict=True):
                assert kept is None if tensor is None else same_bits(kept, tensor)
            for other in (2, 2.5, "two", [x], (x,), {"x": x}, np.ones(2)):
                with pytest.raises(TypeError, match="save_for_backward can only save"):
                    Saving.apply(x, other)
                with torch.no_grad():  # nothing is saved
                    assert not refusal(functools.partial(Saving.apply, x), other)
                assert not refusal(functools.partial(Saving.apply, x.detach()), other)
            with pytest.raises(RuntimeError, match="Legacy autograd function"):
                Saving()(x)

    @claim("1.2.21")
    def test_a_result_that_is_an_argument_or_a_view_refuses_to_be_changed_in_place(self, device):
        returned = {
            "the argument": lambda x: x,
            "one row": lambda x: x[0],
            "its transpose": lambda x: x.mT,
            "itself again": lambda x: x.contiguous(),
            "a view of another": lambda x: (2 * x).view(-1),
            "a clone": lambda x: x.clone(),
            "a product": lambda x: 2 * x,
        }
        changes = (lambda y: y.add_(1), lambda y: assigned(y, 0, 5), F.relu_)
        functions = {name: giving(give) for name, give in returned.items()}
        for (name, function), dtype in itertools.product(functions.items(), COMPUTING_FLOATS):
            x = torch.ones(2, 2, dtype=dtype, device=device)
            leaf = x.clone().requires_grad_()

            for argument, change in itertools.product((leaf, 2 * leaf), changes):
                y = function.apply(argument)
                if name in ("a clone", "a product"):
                    change(y)
                else:
                    with pytest.raises(RuntimeError, match="created inside a custom Function"):
                        change(y)
                change(function.apply(argument).clone())
                with torch.no_grad():
                    change(function.apply(2 * leaf))
            change(function.apply(x))
            for kin in ("logical_not_", "logical_and_", "logical_or_", "logical_xor_"):
                others = [] if kin == "logical_not_" else [x[0, 0]]
                change = getattr(function.apply(leaf), kin)
                assert not refusal(lambda it, change=change: change(*it), others), (name, kin)

    @claim("1.2.21")
    @pytest.mark.parametrize("zeros", [True, False], ids=["zeros", "None"])
    def test_a_result_marked_so_requires_no_grad_and_one_not_used_gives_zeros(self, zeros, device):
        seen = []

        class Five(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                results = 2 * x, 3 * x, 4 * x, 5 * x, 6 * x
                ctx.mark_non_differentiable(*results[2:])
                if not zeros:
                    ctx.set_materialize_grads(False)
                return results

            @staticmethod
            def backward(ctx, *gradients):
                seen.append(gradients)
                return sum(it for it in gradients if it is not None)

        for x in one_of_each(DIFFERENTIABLE):
            leaf = x.to(device).requires_grad_()
            one, other, *marked = Five.apply(leaf)
            assert [it.requires_grad for it in (one, other, *marked)] == [True] * 2 + [False] * 3
            for result, place in ((one, 0), (other, 1)):
                leaf.grad = None
                result.backward(torch.ones_like(result))
                gradients = seen.pop()
                assert same_values(gradients[place], np.ones(x.shape))
                for unused in {0, 1, 2, 3, 4} - {place}:
                    if zeros:
                        assert same_values(gradients[unused], np.zeros(x.shape))
                    else:
                        assert gradients[unused] is None

    @claim("1.2.21")
    def test_its_backward_may_call_that_of_another_graph(self, device):
        class Square(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                with torch.enable_grad():
                    ctx.x = x.detach().requires_grad_()
                    ctx.y = ctx.x**2
                return ctx.y.detach()

            @staticmethod
            def backward(ctx, gradient):
                ctx.y.backward(gradient)
                return ctx.x.grad

        for x in one_of_each(layouts=LAYOUTS):
            x = x.to(device).requires_grad_()

            total(3 * Square.apply(x)).backward()

            assert same_values(x.grad, 6 * as_array(x))

    @claim("1.2.21")
    def test_a_marked_argument_may_be_changed(self, device):
        for dtype in COMPUTING_FLOATS:
            leaf = torch.ones(2, 2, dtype=dtype, device=device, requires_grad=True)
            y = giving(lambda x: x.add_(1), marks=True).apply(3 * leaf)
            y.mul_(5)
            y.sum().backward()

            assert same_values(y, np.full((2, 2), 20.0))
            assert same_values(leaf.grad, np.full((2, 2), 15.0))

    @claim("1.2.21")
    def test_an_argument_that_is_returned_becomes_another_tensor_with_its_own_gradient(
        self, device
    ):
        class Same(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x

            @staticmethod
            def backward(ctx, gradient):
                return 3 * gradient

        for x in one_of_each(DIFFERENTIABLE, WITH_EXPANDED, ((0,),)):
            leaf = x.to(device).requires_grad_()

            y = Same.apply(leaf)
            total(y).backward()

            assert y is not leaf
            assert share_memory(y, leaf)
            assert same_values(leaf.grad, np.full(x.shape, 3.0))


def assigned(tensor: torch.Tensor, index, value) -> torch.Tensor:
    """The tensor, after ``tensor[index] = value``."""
    tensor[index] = value
    return tensor


def in_the_first(y: torch.Tensor) -> torch.Tensor:
    """A mask that is true in y[0] alone."""
    return assigned(torch.zeros(y.shape, dtype=torch.bool, device=y.device), 0, True)


def is_differentiable(tensor: torch.Tensor) -> bool:
    return tensor.is_floating_point() or tensor.is_complex()


def frozen(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor, after ``tensor.requires_grad = False``."""
    tensor.requires_grad = False
    return tensor


def taken_under_no_grad(y: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return y[:2]


def loss_of(state: torch.Tensor | tuple[torch.Tensor, ...]) -> torch.Tensor:
    """The sum of a cell's state, or of the first of two."""
    return (state if isinstance(state, torch.Tensor) else state[0]).sum()


def total(tensor: torch.Tensor) -> torch.Tensor:
    """The sum of its real part, whose gradient is ones in the tensor's own layout.

    backward() of it needs no gradient as an argument, for which PyTorch imports SymPy.
    """
    tensor = tensor.real if tensor.is_complex() else tensor
    return (tensor * torch.ones_like(tensor)).sum()


def doubled(tensor: torch.Tensor) -> np.ndarray:
    """2x as NumPy rounds it; bfloat16's in float32, where doubling is exact as well."""
    return as_array(tensor) * as_array(tensor).dtype.type(2)
