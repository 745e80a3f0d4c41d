"""A layer's weight and bias."""

# 2.1.1
nn.Parameter(torch.ones(2))

nn.Parameter([1.0])

nn.Parameter()

nn.Parameter(torch.ones(1, dtype=torch.int64))

p = nn.Parameter(torch.ones(2))
nn.Parameter(p * 2).is_leaf

p = nn.Parameter(torch.ones(2))
type(p + 1), type(p.clone()), type(p[0]), type(p.detach()), type(p.data), type(p.to(torch.float64))

p = nn.Parameter(torch.ones(2))
p.data_ptr() == nn.Parameter(p).data_ptr(), nn.Parameter(p) is p

class Special(torch.Tensor):
    pass
type(nn.Parameter(torch.ones(1).as_subclass(Special)))

isinstance(torch.ones(1), nn.Parameter)

nn.Parameter.__mro__

[c.__name__ for c in type(LAYER).__mro__]

sorted(vars(LAYER).keys() - vars(nn.Module()).keys())

sorted(vars(nn.Module()))

[name for name, _ in LAYER.named_parameters()]

list(LAYER.state_dict())

layer = nn.Linear(1, 1)
layer.weight = torch.ones(1, 1)
layer.weight

layer = nn.Linear(1, 1)
layer.weight = None
layer(torch.ones(1))

layer = nn.Linear(1, 1)
del layer.weight
layer.weight

layer = nn.Linear(1, 1)
layer.register_buffer('weight', torch.ones(1))

layer = nn.Linear(1, 1)
layer.no_such_attribute

nn.ReLU().weight

nn.Linear(1, 1, bias=False).bias

nn.Linear(3, 2)(torch.ones(1, 4))

nn.Linear(3, 2)([1.0, 2.0, 3.0])

nn.Linear(3, 2)()

nn.Linear(3, 2)(torch.tensor(1.0))

nn.Linear(3, 2)(torch.ones(0, 3)).shape

nn.Linear(3, 2)(torch.ones(1, 3, dtype=DTYPE)).dtype

nn.Linear(0, 2).weight.shape

nn.Linear(-1, 2)

nn.Linear('3', 2)

nn.Linear(3)

nn.Linear(3.0, 2)

nn.Conv2d(1, 1, 1)(torch.ones(2, 2))

nn.Conv2d(1, 1, 1)(torch.ones(1, 2, 2)).shape

nn.Conv2d(3, 1, 1)(torch.ones(1, 2, 2, 2))

nn.Conv2d(1, 1, 3)(torch.ones(1, 1, 2, 2))

nn.Conv2d(3, 4, 1, groups=2)

nn.Conv2d(2, 2, 1, groups=0)

nn.Conv2d(1, 1, 1, padding='no_such')

nn.Conv2d(1, 1, 1, padding_mode='no_such')

nn.Conv2d(1, 1, 1, 2, padding='same')

nn.Conv2d(1, 1, 0)

nn.Conv2d(1, 1, 1)(torch.ones(0, 1, 2, 2)).shape

nn.Embedding(3, 2)(torch.tensor([3]))

nn.Embedding(3, 2)(torch.tensor([1.0]))

nn.Linear(3, 2, dtype=DTYPE)(torch.ones(1, 3, dtype=DTYPE)).dtype

nn.Conv2d(1, 1, 1, dtype=DTYPE)(torch.ones(1, 1, 2, 2, dtype=DTYPE)).dtype

nn.BatchNorm2d(1, dtype=DTYPE)(torch.ones(2, 1, 2, 2, dtype=DTYPE)).dtype

nn.LayerNorm(3, dtype=DTYPE)(torch.ones(1, 3, dtype=DTYPE)).dtype

nn.LSTM(3, 2, dtype=DTYPE)(torch.ones(1, 3, dtype=DTYPE))[0].dtype

nn.Embedding(3, 2, dtype=DTYPE)(torch.tensor([1])).dtype

nn.Linear(3, 2, dtype=FLOAT)(torch.ones(1, 3, dtype=FLOAT)).sum().backward()

nn.Conv2d(1, 1, 1, dtype=FLOAT)(torch.ones(1, 1, 2, 2, dtype=FLOAT)).sum().backward()

nn.BatchNorm2d(1).to(FLOAT)(torch.ones(2, 1, 2, 2)).dtype

nn.BatchNorm2d(1)(torch.ones(2, 1, 2, 2, dtype=FLOAT)).dtype

nn.LayerNorm(3).to(FLOAT)(torch.ones(1, 3)).dtype

nn.LayerNorm(3)(torch.ones(1, 3, dtype=FLOAT)).dtype

found = []
for dtype in torch.float16, torch.bfloat16:
    x, y = torch.full((4, 4), 256.0, dtype=dtype), torch.tensor([1, -1, 1, -1], dtype=dtype)
    try:
        found.append(IN_HALF.flatten()[0].item())
    except Exception as error:
        found.append(type(error).__name__)
found

found = []
for name in 'float16', 'bfloat16', 'complex64', 'int64', 'uint8', 'bool':
    x = torch.ones(1, 4, 4, 4, dtype=getattr(torch, name))
    try:
        x.requires_grad_(x.is_floating_point() or x.is_complex())
        y = OF_DTYPE
        found.append(name)
        y.sum().abs().backward()
        found.append(name + ' backward')
    except Exception:
        pass
found

x = torch.ones(1, 4, 4, 4, dtype=torch.bfloat16, requires_grad=True)
nn.PReLU().to(x.dtype)(x).sum().backward()

x = torch.ones(1, 4, 4, 4, dtype=torch.bfloat16, requires_grad=True)
nn.GroupNorm(2, 4).to(x.dtype)(x).sum().backward()

x = torch.ones(1, 4, 4, 4, dtype=torch.bfloat16, requires_grad=True)
F.hardtanh(x).sum().backward()

x = torch.ones(1, 4, 4, 4, dtype=torch.bfloat16, requires_grad=True)
F.mish(x).sum().backward()

x = torch.ones(1, 4, 4, 4, dtype=torch.bfloat16, requires_grad=True)
(lambda x: F.pad(x, (1, 1, 1, 1), 'reflect'))(x).sum().backward()

x = torch.ones(4, dtype=torch.complex64, requires_grad=True)
torch.fft.fft(x).sum().abs().backward()

F.mse_loss(torch.ones(2, dtype=DTYPE), torch.zeros(2, dtype=DTYPE)).dtype

F.mse_loss(torch.ones(2), torch.ones(2, 1))

F.mse_loss(torch.ones(2), torch.ones(3))

F.cross_entropy(torch.zeros(1, 2), torch.tensor([2]))

F.cross_entropy(torch.zeros(1, 2), torch.tensor([1.0]))

F.cross_entropy(torch.zeros(1, 2), torch.tensor([1], dtype=torch.int32))

F.binary_cross_entropy(torch.tensor([2.0]), torch.tensor([1.0]))

F.scaled_dot_product_attention(torch.ones(1, 1, 2, 2), torch.ones(1, 1, 2, 2), torch.ones(1, 1, 2, 2)).sum()

nn.MultiheadAttention(2, 1).eval()(torch.ones(1, 1, 2), torch.ones(1, 1, 2), torch.ones(1, 1, 2))[1]

nn.TransformerEncoder(nn.TransformerEncoderLayer(2, 1), 1)(torch.ones(1, 1, 2)).shape

nn.TransformerEncoder(nn.TransformerEncoderLayer(2, 1, batch_first=True), 1).enable_nested_tensor

class Layer(nn.TransformerEncoderLayer):
    def forward(self, src, src_mask=None, src_key_padding_mask=None):
        return src
nn.TransformerEncoder(Layer(4, 2, 8), 1)(torch.ones(1, 1, 4)).shape

class Layer(nn.TransformerDecoderLayer):
    def forward(self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None):
        return tgt
nn.TransformerDecoder(Layer(4, 2, 8), 1)(torch.ones(1, 1, 4), torch.ones(1, 1, 4)).shape

class Attention(nn.MultiheadAttention):
    def forward(self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None):
        return super().forward(query, key, value, key_padding_mask, need_weights, attn_mask)
layer = nn.TransformerEncoderLayer(4, 2, 8)
layer.self_attn = Attention(4, 2)
layer(torch.ones(1, 1, 4)).shape

x = torch.ones(2, 1, 4)
nn.MultiheadAttention(4, 2)(x, x, x, key_padding_mask=torch.zeros(1, 2), attn_mask=torch.zeros(2, 2, dtype=torch.bool))[0].shape

x = torch.ones(2, 1, 4)
nn.MultiheadAttention(4, 2)(x, x, x, attn_mask=torch.zeros(2, 2, dtype=torch.uint8))[0].shape

nn.MultiheadAttention(0, 1)

x = torch.full((1, 1, 2, 2), float('nan'))
F.scaled_dot_product_attention(x, x, x)

x = torch.ones(1, 1, 2, 2)
F.scaled_dot_product_attention(x, x, x, attn_mask=torch.zeros(2, 2, dtype=torch.bool))

x = torch.ones(1, 1, 2, 2)
F.scaled_dot_product_attention(x, x, x, attn_mask=torch.zeros(2, 2), is_causal=True)

x = torch.ones(2, 1, 2)
nn.MultiheadAttention(2, 1).eval()(x, x, x, need_weights=False, key_padding_mask=torch.ones(1, 2, dtype=torch.bool))[0]

net = nn.TransformerEncoder(nn.TransformerEncoderLayer(2, 2, 4, batch_first=True), 1).eval()
with torch.no_grad():
    y = net(torch.ones(1, 3, 2), src_key_padding_mask=torch.tensor([[False, False, True]]))
y.shape

class Layer(nn.Module):
    def forward(self, src, src_mask=None, src_key_padding_mask=None):
        return src
nn.TransformerEncoder(Layer(), 1)(torch.ones(1)).shape

F.triplet_margin_loss(torch.ones(1, 1), torch.ones(1, 1), torch.ones(1, 1), margin=-1)

F.gaussian_nll_loss(torch.ones(1), torch.ones(1), 1.0)

nn.Bilinear(0, 1, 1)

nn.Softmax2d()(torch.ones(2, 2))

F.max_pool2d(torch.ones(1, 1, 2, 2).int(), 2)

F.interpolate(torch.ones(1, 1, 1, 2, dtype=torch.uint8), (1, 3), mode='bilinear')

F.pad(torch.ones(2), (-3, 0))

F.normalize(torch.ones(2).int())

# 2.1.2
print_of = repr
print_of(LAYER)

nn.Sequential(nn.ReLU(), nn.ReLU(), nn.ReLU())

nn.Linear(3, 2).extra_repr()

# 2.1.3
w = nn.Linear(1, 1).weight
before = w._version
w.data.add_(1)
w._version - before

w = nn.Linear(1, 1).weight
w.data = torch.ones(2, 2)
tuple(w.shape)

w = nn.Linear(1, 1).weight
w.data = torch.ones(1, 1).double()
w.dtype

w = nn.Linear(1, 1).weight
w.data = [1.0]
w

w = nn.Linear(1, 1).weight
w.data = torch.ones(1, 1, device='meta')
w.device

# 2.4.6
import copy
net = nn.Linear(1, 1)
net(torch.ones(1)).backward()
copy.deepcopy(net).weight.grad

import copy, pickle
net = nn.Linear(1, 1)
net(torch.ones(1)).backward()
pickle.loads(pickle.dumps(net)).weight.grad

import copy
net = nn.Linear(1, 1)
c = copy.copy(net)
c.weight is net.weight, c._parameters is net._parameters

import copy
net = nn.Sequential(nn.Linear(1, 1))
net.register_forward_hook(lambda *_: None)
len(copy.deepcopy(net)._forward_hooks)

import copy
net = nn.Linear(1, 1)
net.eval().requires_grad_(False)
c = copy.deepcopy(net)
c.training, c.weight.requires_grad

# 2.1.4
nn.Linear(2, 2)(torch.ones(3))

nn.Linear(2, 2)(torch.ones(2, dtype=torch.float64))

nn.Linear(2, 2)(torch.ones(2, dtype=torch.int64))

nn.Transformer(4, 2, 1, 1, 4) is None

# 2.1.6
net = nn.utils.weight_norm(nn.Linear(2, 1))
sorted(net.state_dict()), type(net.weight)

net = nn.utils.parametrizations.weight_norm(nn.Linear(2, 1))
sorted(net.state_dict()), type(net.weight)

net = nn.utils.spectral_norm(nn.Linear(2, 1))
sorted(net.state_dict())

net = nn.utils.parametrizations.spectral_norm(nn.Linear(2, 1))
sorted(net.state_dict())

from torch.nn.utils import prune
net = prune.l1_unstructured(nn.Linear(2, 1), 'weight', 1)
sorted(net.state_dict())

import copy
copy.deepcopy(nn.utils.weight_norm(nn.Linear(2, 1))) is None

# 2.1.8
nn.LazyLinear(2).weight

nn.LazyLinear(2).weight.shape

repr(nn.LazyLinear(2))

sum(p.numel() for p in nn.LazyLinear(2).parameters())

# 2.1.1
MADE

x = torch.tensor([[0.5, 1.0], [1.0, 0.5]])
LOSS
