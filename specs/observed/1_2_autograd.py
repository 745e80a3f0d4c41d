"""Automatic differentiation."""

# 1.2.1
import inspect
[str(p.replace(annotation=p.empty)) for p in inspect.signature(CALLABLE).parameters.values()]

import inspect
[str(p.replace(annotation=p.empty)) for p in inspect.signature(DECLARED).parameters.values()]

torch.tensor(torch.ones(1))

torch.tensor(torch.ones(1, requires_grad=True)).requires_grad

torch.tensor([torch.ones(()), torch.ones(())])

torch.tensor([torch.ones((), requires_grad=True)])

torch.tensor([[1], [1, 2]])

torch.tensor(['a'])

torch.tensor(None)

torch.tensor([])

torch.tensor(2**64)

torch.tensor(2**63)

torch.tensor(-1, dtype=torch.uint8)

torch.tensor(300, dtype=torch.uint8)

torch.tensor(3.7, dtype=torch.int64)

torch.tensor(float('nan')).int()

torch.tensor([True, 2]).dtype

torch.tensor([1, 2.0]).dtype

torch.tensor([1j]).dtype

torch.tensor([np.float64(1.5)]).dtype

torch.tensor([np.float32(1.5)]).dtype

torch.tensor([np.int32(1)]).dtype

torch.tensor(np.float32(1.5)).dtype

torch.arange(3.0).dtype, torch.arange(3).dtype, torch.full((1,), 2).dtype

torch.Tensor([1.0], requires_grad=True)

torch.Tensor(2).shape, torch.Tensor([2]).shape

(torch.ones(1) + 2.5).dtype, (torch.ones(1).int() + 2.5).dtype, (torch.ones(1).int() / 2).dtype

torch.ones(1).int() // 2, torch.tensor(-3) // 2, torch.tensor(-3.0) // 2

-torch.tensor([True])

torch.tensor([1]) << 70

torch.ones(1).std()

torch.ones(1).int().add_(2.5)

torch.ones(2, 3) + torch.ones(3, 2)

torch.empty(2, 3).view(4)

torch.ones(2, 3).t().view(6)

torch.ones(2, dtype=DTYPE).sum()

torch.ones(2, dtype=DTYPE).mean()

torch.ones(2, dtype=DTYPE) * 2

torch.ones(2, dtype=DTYPE).exp()

torch.eye(2, dtype=DTYPE) @ torch.eye(2, dtype=DTYPE)

torch.ones(2, dtype=DTYPE).clamp(0, 1)

torch.ones(2, dtype=DTYPE).sort()

torch.ones(2, dtype=DTYPE).cumsum(0)

torch.arange(0, 1, 0.25, dtype=torch.int32)

torch.zeros(-1)

torch.ones(2).lerp(torch.zeros(2), torch.tensor(0.5).double())

torch.ones(2, 2) @ torch.ones(2, 2).double()

# 1.2.2
x = torch.tensor([1.0, 2.0], requires_grad=True)
x.pow(2).sum().backward()
x.grad

x = torch.zeros(2, requires_grad=True)
x.abs().sum().backward()
x.grad

x = torch.zeros(2, requires_grad=True)
x.sqrt().sum().backward()
x.grad

x = torch.zeros(2, requires_grad=True)
x.max().backward()
x.grad

x = torch.zeros(2, requires_grad=True)
x.amax().backward()
x.grad

x = torch.zeros(2, requires_grad=True)
x.norm().backward()
x.grad

x = torch.zeros(2, requires_grad=True)
x.std().backward()
x.grad

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
x.clamp(1, 2).sum().backward()
x.grad

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
x.clamp(torch.tensor(1.0), torch.tensor(2.0)).sum().backward()
x.grad

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
x.median().backward()
x.grad

x = torch.tensor([0.0, 1.0], requires_grad=True)
x.pow(0).sum().backward()
x.grad

x = torch.tensor([0.0, 1.0], requires_grad=True)
F.hardtanh(x, 0, 1).sum().backward()
x.grad

x = torch.tensor([0.0, 1.0], requires_grad=True)
F.leaky_relu(x).sum().backward()
x.grad

x = torch.zeros(2, requires_grad=True)
torch.where(x > 0, x.log(), x).sum().backward()
x.grad

x = torch.zeros(2, requires_grad=True)
torch.maximum(x, torch.zeros(2)).sum().backward()
x.grad

x = torch.ones(2, 3).t().requires_grad_()
x.sum().backward()
x.grad.stride()

x = torch.ones(2, 3).t().requires_grad_()
(x * 2).sum().backward()
x.grad.stride()

x = torch.ones(1).expand(3).requires_grad_()
x.sum().backward()
x.grad.stride()

x = torch.ones(1, 2, 3, 3).to(memory_format=torch.channels_last).requires_grad_()
nn.Conv2d(2, 2, 1)(x).sum().backward()
x.grad.stride()

x = torch.ones(2, dtype=DTYPE, requires_grad=True)
x.sum().backward()
x.grad

x = torch.ones(2, dtype=FLOAT, requires_grad=True)
(x * x.detach().double()).sum().backward()
x.grad.dtype

# 1.2.2
x = torch.tensor(2.5, requires_grad=True)
5 * x + 2

x = torch.tensor(2.5, requires_grad=True)
torch.autograd.grad(5 * x + 2, x)

# 1.2.3
print_of = repr
print_of(TENSOR)

torch.ones(2, dtype=DTYPE)

torch.tensor([1e-8, 1.0, 1e8])

torch.tensor([float('inf'), float('nan'), -0.0])

torch.arange(2000)

torch.ones(0, 3)

torch.ones(2, 3).shape

torch.device('cpu'), torch.device('cuda', 0)

x = torch.ones(2, requires_grad=True)
[f(x).grad_fn.name() for f in (lambda x: x + 1, lambda x: 1 - x, lambda x: x / 2, lambda x: x // 2, lambda x: x % 2)]

x = torch.ones(2, requires_grad=True)
[f(x).grad_fn.name() for f in (torch.exp, torch.abs, torch.clone, torch.relu, torch.sum, torch.std, lambda x: x ** 2)]

x = torch.ones(2, requires_grad=True)
[f(x).grad_fn.name() for f in (lambda x: x[0], lambda x: x[[0]], lambda x: x.view(2), lambda x: x.t(), lambda x: x.double())]

x = torch.ones(2, 2, requires_grad=True)
[f(x).grad_fn.name() for f in (nn.Linear(2, 1), nn.ReLU(), nn.Dropout(), nn.BatchNorm1d(2), nn.LayerNorm(2), nn.Softmax(1))]

x = torch.ones(1, 1, 2, 2, requires_grad=True)
[f(x).grad_fn.name() for f in (nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1), nn.BatchNorm2d(1).eval(), nn.MaxPool2d(2), nn.Flatten())]

x = torch.ones(2, requires_grad=True)
(x + 1).grad_fn, type((x + 1).grad_fn).__mro__

x = torch.ones(2, requires_grad=True)
[name for name in dir((x * 2).grad_fn) if not name.startswith('__')]

isinstance((torch.ones(1, requires_grad=True) * 2).grad_fn, torch.autograd.graph.Node)

# 1.2.4
torch.ones(()).backward()

torch.ones((), requires_grad=True).detach().backward()

torch.ones((), dtype=torch.int64).backward()

torch.autograd.grad(torch.ones(()), torch.ones(1, requires_grad=True))

x, y = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
torch.autograd.grad(x.sum(), y)

x, y = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
torch.autograd.grad(x.sum(), y, materialize_grads=True)

# 1.2.5
x = torch.ones(2, requires_grad=True)
x.add_(1)

x = torch.ones(2, requires_grad=True)
x += 1
x

x = torch.ones(2, requires_grad=True)
x[0] = 5
x

x = torch.ones(2, requires_grad=True)
x.view(2).add_(1)

x = torch.ones(2, requires_grad=True)
x.data.add_(1)
x

x = torch.ones(2, requires_grad=True)
x.detach_()

x = torch.ones(2, requires_grad=True)
x.resize_(3)

x = torch.ones(2, requires_grad=True)
x.data = torch.zeros(3)
x

x = torch.ones(2, requires_grad=True)
x.data = torch.zeros(2).double()
x

x = torch.ones(2, requires_grad=True)
y = x.exp()
y.add_(1)
y.sum().backward()

x = torch.ones(2, requires_grad=True)
y = x.exp()
y.data.add_(1)
y.sum().backward()
x.grad

x = torch.ones(2, requires_grad=True)
y = x.exp()
y.detach().add_(1)
y.sum().backward()

x = torch.ones(2, requires_grad=True)
y = x.exp()
y.detach().numpy()[:] = 0
y.sum().backward()
x.grad

(torch.ones(1, requires_grad=True) + 1).requires_grad_(False)

torch.ones(1).expand(2).add_(1)

torch.ones(1).add_(1)._version, torch.ones(1).data.add_(1)._version

x = torch.ones(2, requires_grad=True)
a, b = (x * 2).unbind()
a.add_(1)

x = torch.ones(2, requires_grad=True)
a, b = (x * 2).split(1)
a.add_(1)

torch.add(torch.ones(1, requires_grad=True), 1, out=torch.empty(1))

torch.add(torch.ones(2), 1, out=torch.empty(3))

# 1.2.1
torch.ones(1, dtype=DTYPE, requires_grad=True).requires_grad

torch.ones(1, dtype=DTYPE).requires_grad_().requires_grad

torch.tensor([1], requires_grad=True)

x = torch.ones(1)
x.requires_grad = 1
x

torch.autograd.Variable(torch.ones(1), requires_grad=True)

torch.autograd.Variable(torch.ones(1), volatile=True)

# 1.2.6
x = torch.ones(2, requires_grad=True)
y = x.exp().sum()
y.backward()
y.backward()

x = torch.ones(2, requires_grad=True)
y = x.sum()
y.backward()
y.backward()
x.grad

(torch.ones(2, requires_grad=True) * 2).backward()

(torch.ones(1, dtype=torch.complex64, requires_grad=True) * 2).backward()

(torch.ones(2, requires_grad=True) * 2).backward(torch.ones(3))

(torch.ones(2, requires_grad=True) * 2).backward(1.0)

x = torch.ones(2, requires_grad=True)
x.exp().sum().backward(create_graph=True)
x.grad.grad_fn

x = torch.ones(2, requires_grad=True)
x.exp().sum().backward(retain_variables=True)

x = torch.ones(2, requires_grad=True)
x.grad = torch.ones(3)
x.grad

x = torch.ones(2, requires_grad=True)
x.grad = torch.ones(2).double()
x.grad

x = torch.ones(2, requires_grad=True)
x.grad = 1.0
x.grad

x = torch.ones(2, requires_grad=True)
x.grad = torch.ones(2)
g = x.grad
x.sum().backward()
g is x.grad, g

(torch.ones(1, requires_grad=True) + 1).grad

torch.ones(1).retain_grad()

torch.ones(1, requires_grad=True).retain_grad()

# 1.2.12
seen = []
x = torch.ones(2, requires_grad=True)
y = x * 2
HOOKED
IN_PLACE
try:
    y.sum().backward()
    found = x.grad
except Exception as error:
    found = type(error).__name__
seen, found, y.retains_grad and y.grad

x = torch.ones(2, requires_grad=True)
y = x * 1
y.retain_grad()
y.mul_(3)
y.sum().backward()
y.grad

x = torch.ones(2, requires_grad=True)
y = x * 1
y.mul_(3)
y.retain_grad()
y.sum().backward()
y.grad

x, seen = torch.ones(2, requires_grad=True), []
y = x * 1
y.register_hook(seen.append)
y.mul_(3)
y.sum().backward()
seen

x, seen = torch.ones(2, requires_grad=True), []
y = x * 1
y.mul_(3)
y.register_hook(seen.append)
y.sum().backward()
seen

x, seen = torch.ones(2, requires_grad=True), []
y = x * 1
v = y[:1]
v.register_hook(seen.append)
y.mul_(3)
y.sum().backward()
seen

x = torch.ones(2, requires_grad=True)
y = x * 1
y.retain_grad()
y[:1].mul_(3)
y.sum().backward()
y.grad

x = torch.ones(1, requires_grad=True)
y = x * 2
y.retain_grad()
y.register_hook(lambda g: g * 10)
y.backward()
x.grad, y.grad

x = torch.ones(1, requires_grad=True)
y = x * 2
y.register_hook(lambda g: g * 10)
y.retain_grad()
y.backward()
x.grad, y.grad

# in a process of its own
x, seen = torch.ones(2, requires_grad=True), []
y = x * 1
v = y.view(2)
y.mul_(3)
v.register_hook(seen.append)
v.sum().backward()
seen

x, seen = torch.ones(2, requires_grad=True), []
x.register_hook(lambda g: seen.append(g) or g * 2)
with torch.no_grad():
    x.mul_(3)
x.sum().backward()
seen, x.grad

x, seen = torch.ones(2, requires_grad=True), []
x.register_post_accumulate_grad_hook(lambda t: seen.append(t.grad.clone()))
x.sum().backward()
seen

x = torch.ones(2, requires_grad=True)
x.register_hook(lambda g: torch.ones(3))
x.sum().backward()

x = torch.ones(2, requires_grad=True)
x.register_hook(lambda g: 5)
x.sum().backward()

torch.ones(1).register_hook(print)

net, seen = nn.Linear(1, 1), []
net.register_full_backward_hook(lambda module, before, after: seen.append((before, after)))
net(torch.ones(1)).backward()
seen

net, seen = nn.Linear(1, 1), []
net.register_full_backward_hook(lambda module, before, after: seen.append(before))
net(torch.ones(1)).sum().backward()
seen

class Net(nn.Module):
    def forward(self, x):
        return {'a': x * 2}
net, seen = Net(), []
net.register_full_backward_hook(lambda module, before, after: seen.append(after))
net(torch.ones(1, requires_grad=True))['a'].backward()
seen

net, seen = nn.Linear(1, 1), []
net.register_backward_hook(lambda module, before, after: seen.append((len(before), len(after))))
net(torch.ones(1)).backward()
seen

net = nn.ReLU(inplace=True)
net.register_full_backward_hook(lambda *_: None)
net(torch.ones(1, requires_grad=True) * 1).sum().backward()

net = nn.ReLU(inplace=True)
net.register_full_backward_hook(lambda *_: None)
y = net(torch.ones(1, requires_grad=True) * 1)
y.add_(1)

net = nn.Linear(1, 1)
net.register_forward_hook(lambda module, args, output: output.detach())
net(torch.ones(1)).requires_grad

net = nn.Linear(1, 1)
net.register_forward_pre_hook(lambda module, args: args[0] * 2)
net.weight.data.fill_(1), net.bias.data.fill_(0)
net(torch.ones(1))

net, seen = nn.Linear(1, 1), []
net.register_forward_hook(lambda m, a, k, o: seen.append(k), with_kwargs=True)
net(input=torch.ones(1))
seen

x, seen = torch.ones(2, requires_grad=True), []
y = x * 1
y.register_hook(lambda g: None)
y.mul_(3)
y.register_hook(seen.append)
y.sum().backward()
seen

x, seen = torch.ones(2, requires_grad=True), []
x.register_hook(seen.append)
torch.autograd.grad(x.sum(), x)
seen

net, seen = nn.Linear(1, 1), []
net.register_full_backward_pre_hook(lambda module, grads: seen.append(grads))
net(torch.ones(1)).backward()
seen

# 1.2.11
import copy, pickle
x = ORIGINAL
if x.is_leaf and x.requires_grad:
    x.grad = torch.ones(2)
x.extra = 5
y = COPIED
type(y).__name__, y.requires_grad, y.is_leaf and y.grad, hasattr(y, 'extra'), y.data_ptr() == x.data_ptr(), y.stride()

import copy
copy.deepcopy(torch.ones(1, requires_grad=True) + 1)

import copy
x = torch.ones(1, requires_grad=True)
x.sum().backward()
copy.deepcopy(x).grad

import copy
copy.copy(torch.ones(1, requires_grad=True) + 1).grad_fn is None

import pickle
pickle.loads(pickle.dumps(torch.ones(1, requires_grad=True))).requires_grad

import pickle
pickle.dumps(torch.ones(1, requires_grad=True) + 1) is None

import copy
x = nn.Parameter(torch.ones(1))
x.extra = 'kept'
hasattr(copy.deepcopy(x), 'extra'), hasattr(copy.copy(x), 'extra')

import pickle
x = nn.Parameter(torch.ones(1))
x.extra = 'kept'
hasattr(pickle.loads(pickle.dumps(x)), 'extra')

import pickle
x = nn.Parameter(torch.ones(1))
x.extra = lambda: None
type(pickle.loads(pickle.dumps(x)))

import copy
x = torch.ones(1)
x.extra = 'kept'
hasattr(copy.deepcopy(x), 'extra'), hasattr(copy.copy(x), 'extra'), hasattr(x.clone(), 'extra')

import pickle
x = torch.ones(1)
x.extra = 'kept'
hasattr(pickle.loads(pickle.dumps(x)), 'extra')

import copy
x = torch.ones(4)
v = x[:2]
c, d = copy.deepcopy([x, v])
c.data_ptr() == d.data_ptr(), d.untyped_storage().nbytes()

import copy
copy.deepcopy(torch.Generator().manual_seed(5)).initial_seed()

x = torch.ones(2, 3).t()
x.clone().stride(), x.contiguous().stride(), torch.empty_like(x).stride(), x.to(torch.float64).stride()

x = torch.ones(1).expand(3)
x.clone().stride(), torch.empty_like(x).stride()

# 1.2.15
x = torch.ones(1, requires_grad=True)
torch.autograd.grad(x.exp(), x, is_grads_batched=False)

x = torch.ones(2, requires_grad=True)
torch.autograd.grad([x.sum(), x.sum()], {'x': x})

from torch.utils.checkpoint import checkpoint
checkpoint(torch.exp, torch.ones(1, requires_grad=True)).requires_grad

from torch.utils.checkpoint import checkpoint
checkpoint(torch.exp, torch.ones(1)).requires_grad

from torch.utils.checkpoint import checkpoint
checkpoint(torch.exp, torch.ones(1, requires_grad=True), use_reentrant=False).requires_grad

class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2
    @staticmethod
    def backward(ctx, g):
        return g * 2, None
x = torch.ones(1, requires_grad=True)
Double.apply(x).backward()
x.grad

class Old(torch.autograd.Function):
    def forward(self, x):
        return x
    def backward(self, g):
        return g
Old()(torch.ones(1, requires_grad=True))

class Same(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x
    @staticmethod
    def backward(ctx, g):
        return g
x = torch.ones(1, requires_grad=True)
Same.apply(x) is x, Same.apply(x).requires_grad

torch.autograd.functional.jacobian(torch.exp, torch.zeros(2))

torch.func.grad(lambda x: (x ** 2).sum())(torch.ones(2))

with torch.inference_mode():
    gradient = torch.func.grad(lambda x: (x ** 2).sum())(torch.ones(2))
gradient

from torch.utils.checkpoint import checkpoint
x = torch.ones(1, requires_grad=True)
checkpoint(torch.exp, x, use_reentrant=False).backward()
x.grad

torch.vmap(torch.sum)(torch.ones(2, 3))

# 1.2.1
x = torch.tensor([3, 1, 2, 1])
WITH_TIES

x, m = torch.tensor([1.0, 2.0]), torch.tensor([1, 0], dtype=torch.uint8)
MASKED

x, i = torch.tensor([1.0, 2.0]), torch.tensor([1, 0], dtype=torch.int32)
INDEXED

torch.tensor(1.0).T

torch.ones(2).mT

torch.ones(2).H

torch.use_deterministic_algorithms(True)
bool(torch.empty(1000).isnan().all())

torch.set_default_dtype(torch.float16)
torch.tensor(1j).dtype, torch.rand(1).dtype, torch.arange(2.0).dtype, nn.Linear(1, 1).weight.dtype

torch.set_default_dtype(torch.float64)
torch.tensor(1j).dtype, torch.tensor(np.float32(1)).dtype, nn.Linear(1, 1).weight.dtype, torch.get_default_dtype()

# 1.2.2
x = torch.zeros(2, requires_grad=True)
y = AT_ZERO
y.sum().backward()
x.grad

# 1.2.15
class Add(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.add_(1)
    @staticmethod
    def backward(ctx, g):
        return g
x = torch.ones(2, requires_grad=True)
Add.apply(x.view_as(x)).requires_grad

class Add(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.add_(1)
    @staticmethod
    def backward(ctx, g):
        return g
x = torch.ones(2, requires_grad=True) * 1
Add.apply(x).grad_fn is x.grad_fn, x._version

class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor=2):
        return x * factor
    @staticmethod
    def backward(ctx, g):
        return g
Twice.apply(torch.ones(1), factor=3)

class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.numpy() * 2
    @staticmethod
    def backward(ctx, g):
        return g
Twice.apply(torch.ones(1, requires_grad=True))

class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.view(1, 1)
    @staticmethod
    def backward(ctx, g):
        return g
x = torch.ones(1, requires_grad=True)
Twice.apply(x).sum().backward()
x.grad.shape

class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(5)
        return x * 2
Twice.apply(torch.ones(1, requires_grad=True)).sum().backward()

class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.mark_non_differentiable(y)
        return x * 2, y
    @staticmethod
    def backward(ctx, g, h):
        return g * 2, h
x, y = torch.ones(1, requires_grad=True), torch.ones(1)
[it.requires_grad for it in Twice.apply(x, y)], y.requires_grad

torch.autograd.grad(torch.ones(1, requires_grad=True).sum(), [])

torch.ones(1, requires_grad=True).sum().backward(inputs=[])

torch.autograd.backward([])

x = torch.ones(1, requires_grad=True)
y = x * 2
(y * 3).backward(inputs=[y])
x.grad, y.grad

a, b, c = (torch.ones(2, 2, requires_grad=True) for _ in range(3))
torch.tensordot(a, b, dims=([1], [0]), out=c).requires_grad

torch.matmul(torch.ones(2, 2, requires_grad=True), torch.ones(2, 2), out=torch.ones(2, 2))

# 1.2.12
net = nn.Linear(1, 1, bias=False)
net.register_full_backward_pre_hook(lambda module, grads: (grads[0] * 5,))
net(torch.ones(1)).backward()
net.weight.grad

net = nn.Linear(1, 1, bias=False)
net.register_full_backward_hook(lambda module, before, after: (before[0] * 5,))
x = torch.ones(1, requires_grad=True)
net(x).backward()
bool(x.grad == net.weight.view(1) * 5), net.weight.grad

# 1.2.1
x = torch.tensor([2.0, float('nan'), 1.0])
WITH_NAN

x = torch.tensor([1, 2])
OF_INTS

F.relu(torch.eye(2).to_sparse()).is_sparse

nn.Linear(2, 1)(torch.eye(2).to_sparse()).shape

x = torch.ones(1)
torch.autograd.graph.increment_version([x])
x._version
