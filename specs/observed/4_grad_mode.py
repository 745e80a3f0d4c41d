"""torch.no_grad() and torch.set_grad_enabled()."""

# 4.1
[c.__name__ for c in MODE.__mro__]

x = torch.ones(2, requires_grad=True)
with MODE():
    y, v = x * 2, x[:1]
y.requires_grad, v.requires_grad, v.grad_fn is None, y.is_leaf, y.is_inference()

x = torch.ones(2, requires_grad=True)
with MODE():
    v = x[:1]
v.add_(1)

x = torch.ones(2, requires_grad=True)
with MODE():
    v = x[:1]
    v.add_(1)
x

x = torch.ones(2, requires_grad=True)
with MODE():
    x.add_(1)
x

x = torch.ones(2, requires_grad=True)
with MODE():
    y = x * 2
y.add_(1).requires_grad

x = torch.ones(2, requires_grad=True)
with MODE():
    y = x * 2
y.requires_grad_().requires_grad

x = torch.ones(2, requires_grad=True)
with MODE():
    y = x * 2
(y * x).requires_grad

x = torch.ones(2, requires_grad=True)
with MODE():
    y = x * 2
y._version

x = torch.ones(2, requires_grad=True)
with MODE():
    y = x * 2
y

x = torch.ones(2, requires_grad=True)
with MODE():
    y = nn.Parameter(x * 2)
y.requires_grad

with MODE():
    layer = nn.Linear(1, 1)
layer.weight.requires_grad, layer(torch.ones(1)).requires_grad

with MODE():
    y = torch.ones(1, requires_grad=True)
(y * 2).requires_grad

x = torch.ones(1, requires_grad=True)
y = x * 2
with MODE():
    y.backward()
x.grad

x = torch.ones(1, requires_grad=True)
with MODE():
    y = (x * 2).requires_grad_()
y.requires_grad, y.is_leaf

x = torch.ones(1, requires_grad=True)
y = x * 2
with MODE():
    y.mul_(2)
y.grad_fn

x = torch.ones(1, requires_grad=True)
y = x.exp()
with MODE():
    y.mul_(2)
y.backward()

x = torch.ones(1, requires_grad=True)
y = x * 2
with MODE():
    z = y.detach(), y.data, y.view(1), y.clone()
[t.requires_grad for t in z]

x = torch.ones(1, requires_grad=True)
with MODE():
    y = x.to(torch.float64), x.to(torch.float32), x.float()
[t.requires_grad for t in y]

class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2, torch.is_grad_enabled()
    @staticmethod
    def backward(ctx, g, _):
        return g * 2
with MODE():
    y = Twice.apply(torch.ones(1, requires_grad=True))
y

from torch.utils.checkpoint import checkpoint
with MODE():
    y = checkpoint(torch.exp, torch.ones(1, requires_grad=True), use_reentrant=False)
y.requires_grad

# 4.2
@MODE()
def f():
    return torch.is_grad_enabled(), torch.is_inference_mode_enabled()
f(), f.__name__

@MODE
def f():
    return torch.is_grad_enabled(), torch.is_inference_mode_enabled()
f()

@MODE()
def f():
    yield torch.is_grad_enabled()
g = f()
next(g), torch.is_grad_enabled(), list(f())

@MODE()
def f():
    got = yield torch.is_grad_enabled()
    yield got
g = f()
next(g), g.send(5), torch.is_grad_enabled()

@MODE()
def f():
    try:
        yield 1
    finally:
        seen.append(torch.is_grad_enabled())
seen, g = [], f()
next(g), g.close(), seen

@MODE()
class Kind:
    def __init__(self):
        self.mode = torch.is_grad_enabled()
    def method(self):
        return torch.is_grad_enabled()
Kind().mode, Kind().method(), type(Kind).__name__

@MODE()
async def f():
    return torch.is_grad_enabled(), torch.is_inference_mode_enabled()
import asyncio
asyncio.run(f())

@MODE()
async def f():
    yield torch.is_grad_enabled()
import asyncio
async def main():
    return [it async for it in f()]
asyncio.run(main())

import asyncio
seen = []
async def inside():
    with MODE():
        await asyncio.sleep(0)
        seen.append(('inside', torch.is_grad_enabled()))
async def outside():
    seen.append(('outside', torch.is_grad_enabled()))
async def main():
    await asyncio.gather(inside(), outside())
asyncio.run(main())
seen, torch.is_grad_enabled(), torch.is_inference_mode_enabled()

MODE().__enter__()
torch.is_grad_enabled(), torch.is_inference_mode_enabled()

mode = MODE()
mode.__enter__()
before = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
mode.__exit__(None, None, None)
before, torch.is_grad_enabled()

mode = MODE()
with mode, mode:
    pass
torch.is_grad_enabled(), torch.is_inference_mode_enabled()

mode = MODE()
with mode:
    pass
with mode:
    seen = torch.is_grad_enabled()
seen, torch.is_grad_enabled()

with MODE:
    pass
torch.is_grad_enabled()

MODE(1)

with MODE() as value:
    pass
value

repr(MODE())

import copy
copy.deepcopy(MODE()) is None

import pickle
pickle.dumps(MODE()) is None

f = MODE()(lambda: torch.is_grad_enabled())
import functools
f(), hasattr(f, '__wrapped__')

class Kind:
    @staticmethod
    @MODE()
    def a():
        return torch.is_grad_enabled()
    @classmethod
    @MODE()
    def b(cls):
        return torch.is_grad_enabled()
    @property
    @MODE()
    def c(self):
        return torch.is_grad_enabled()
Kind.a(), Kind.b(), Kind().c

def f():
    with MODE():
        yield torch.is_grad_enabled()
g = f()
next(g), torch.is_grad_enabled(), g.close(), torch.is_grad_enabled()

from concurrent.futures import ThreadPoolExecutor
with MODE(), ThreadPoolExecutor(1) as pool:
    seen = pool.submit(torch.is_grad_enabled).result(), pool.submit(torch.is_inference_mode_enabled).result()
seen

with torch.no_grad(), MODE():
    seen = torch.is_grad_enabled()
seen, torch.is_grad_enabled()

with torch.inference_mode(), MODE():
    seen = torch.is_grad_enabled(), (torch.ones(1, requires_grad=True) * 2).requires_grad
seen

with MODE(), torch.set_grad_enabled(True):
    seen = torch.is_grad_enabled(), (torch.ones(1, requires_grad=True) * 2).requires_grad
seen

# 4.4
x = torch.ones(1, requires_grad=True)
with MODE():
    y = x * 2
y.backward()

# 4.5
torch.set_grad_enabled(True), torch.set_grad_enabled(False)

torch.set_grad_enabled(1)

torch.set_grad_enabled(0)

torch.set_grad_enabled(None)

torch.set_grad_enabled('no')

torch.set_grad_enabled([])

torch.set_grad_enabled(torch.tensor(True))

torch.set_grad_enabled()

torch.set_grad_enabled(mode=False).mode, torch.is_grad_enabled()

torch.set_grad_enabled(np.bool_(False))
torch.is_grad_enabled()

m = torch.set_grad_enabled(False)
a = torch.is_grad_enabled()
with m:
    b = torch.is_grad_enabled()
a, b, torch.is_grad_enabled()

def f():
    return torch.is_grad_enabled()
g = torch.set_grad_enabled(False)(f)
torch.is_grad_enabled(), g(), torch.is_grad_enabled()

@torch.set_grad_enabled(False)
def f():
    return torch.is_grad_enabled()
torch.is_grad_enabled(), f()

torch.inference_mode(mode=False), torch.inference_mode(0)

torch.autograd.set_grad_enabled is torch.set_grad_enabled, torch.autograd.no_grad is torch.no_grad

torch._C._set_grad_enabled(False)
torch.is_grad_enabled()

torch.autograd.set_multithreading_enabled(False)

torch.autograd.inference_mode(True)

# 4.1
with torch.inference_mode():
    y = torch.ones(1)
y.numpy(), y.clone().is_inference(), y.detach().is_inference()

import copy
with torch.inference_mode():
    y = torch.ones(1)
copy.deepcopy(y).is_inference()

with torch.inference_mode():
    y = torch.ones(1)
nn.Linear(1, 1)(y).requires_grad

with torch.inference_mode():
    y = torch.ones(1)
y * torch.ones(1, requires_grad=True)

with torch.inference_mode():
    y = torch.ones(1)
(y + torch.ones(1, requires_grad=True)).requires_grad

with torch.inference_mode():
    y = torch.ones(1)
y.add_(1)

with torch.inference_mode():
    y = torch.ones(1)
y.requires_grad_()

with torch.inference_mode():
    y = torch.ones(1)
nn.Parameter(y).requires_grad

with torch.inference_mode():
    y = torch.ones(1)
y.view(1).is_inference(), y[0].is_inference()

with torch.inference_mode():
    net = nn.Linear(1, 1)
net(torch.ones(1)).sum().backward()

with torch.inference_mode():
    net = nn.Linear(1, 1)
net.weight.is_inference(), net.double().weight.is_inference()

with torch.inference_mode():
    net = nn.Linear(1, 1)
net.load_state_dict(nn.Linear(1, 1).state_dict())

net = nn.BatchNorm1d(1)
with torch.inference_mode():
    net(torch.ones(2, 1))
net.num_batches_tracked.is_inference(), net.running_mean.is_inference()

p = nn.Parameter(torch.ones(1))
o = optim.SGD([p], lr=0.1, momentum=0.9)
p.grad = torch.ones(1)
with torch.inference_mode():
    o.step()
o.state[p]['momentum_buffer'].is_inference()

p = nn.Parameter(torch.ones(1))
with torch.inference_mode():
    p.add_(1)
p.is_inference()

torch.ones(1).is_inference(), torch.is_inference(torch.ones(1))

with torch.autocast('cpu'):
    y = nn.Linear(2, 2)(torch.ones(1, 2))
y.dtype

net = nn.Linear(2, 2)
with torch.autocast('cpu'):
    with torch.no_grad():
        net(torch.ones(1, 2))
    y = net(torch.ones(1, 2))
y.sum().backward()
net.weight.grad is None

with torch.autocast('cpu', dtype=torch.float16):
    y = nn.Linear(2, 2)(torch.ones(1, 2))
y.dtype

with torch.cuda.amp.autocast():
    y = nn.Linear(2, 2)(torch.ones(1, 2))
y.dtype

with torch.cpu.amp.autocast():
    y = nn.Linear(2, 2)(torch.ones(1, 2))
y.dtype

with torch.autocast('no_such'):
    pass
torch.is_autocast_enabled()

# 4.2
@MODE
class Kind:
    pass
type(Kind()).__name__

# 4.1
with torch.autocast('cpu', dtype=torch.float32):
    y = nn.Linear(2, 2)(torch.ones(1, 2))
y.dtype
