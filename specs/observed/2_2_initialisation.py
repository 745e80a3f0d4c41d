"""Initialisation."""

# 2.2.1
tuple(INIT(torch.ones(3, 3)).shape)

INIT(torch.ones(2)).shape

INIT(torch.ones(())).shape

INIT(torch.ones(0, 2)).shape

INIT(torch.ones(2, 2, dtype=torch.int64)).dtype

w = INIT(torch.ones(32, 32, dtype=FLOAT))
round(w.abs().double().sum().item(), 2)

nn.init.normal_([1.0])

nn.init.normal_(torch.ones(2), 0, -1)

nn.init.uniform_(torch.ones(2), 1, 0)

nn.init.kaiming_normal_(torch.ones(2, 2), mode='no_such')

nn.init.kaiming_normal_(torch.ones(2, 2), nonlinearity='no_such')

nn.init.kamiming_normal_

nn.init.normal(torch.zeros(1)).shape

nn.init.xavier_normal(torch.zeros(1, 1)).shape

w = torch.ones(2, 2, requires_grad=True)
nn.init.normal_(w) is w, w._version

torch.manual_seed(1)
w = nn.init.trunc_normal_(torch.empty(4_000_000), std=0.001)
bool(w.abs().max() < 0.01)

w = nn.init.trunc_normal_(torch.empty(1_000_000), std=1.0)
bool(w.abs().max() <= 2.0), bool(w.min() == -2.0)

w = nn.init.trunc_normal_(torch.empty(100_000, dtype=FLOAT), std=0.02)
bool(w.abs().max() <= 0.2)

nn.init.trunc_normal_(torch.empty(3), a=1, b=-1)

nn.init.trunc_normal_(torch.empty(3), mean=5.0)

torch.rand(10_000_000).max() < 1

torch.rand(100_000, dtype=torch.float16).max() < 1

torch.rand(100_000, dtype=torch.bfloat16).max() < 1

# 2.2.2
x = DRAW
round(x.abs().double().sum().item(), 3), round(x.flatten()[-1].real.item(), 4)

x = DRAWN
round(x.abs().double().sum().item(), 3), round(x.flatten()[-1].item(), 4)

layer = DRAWING_LAYER
[round(p.double().abs().sum().item(), 3) for p in layer.parameters()]

torch.rand(3)

torch.randn(3)

torch.rand(2, generator=torch.Generator().manual_seed(0))

torch.initial_seed()

torch.manual_seed(-1).initial_seed()

torch.manual_seed(2**64)

torch.manual_seed('0')

torch.manual_seed(1.5)

len(torch.get_rng_state())

with torch.random.fork_rng():
    torch.rand(1)
torch.rand(1)

nn.Linear(3, 2)
torch.rand(1)

nn.Linear(3, 2, device='meta')
torch.rand(1)

F.dropout(torch.ones(2), 0.0)
torch.rand(1)

F.dropout(torch.ones(2), 1.0)
torch.rand(1)

F.dropout(torch.ones(2), 0.5, training=False)
torch.rand(1)

torch.utils.data.RandomSampler(range(4), generator=torch.Generator().manual_seed(0))
list(torch.utils.data.RandomSampler(range(4)))

[x.tolist() for x in torch.utils.data.DataLoader(range(4), shuffle=True)]

[len(s) for s in torch.utils.data.random_split(range(4), [2, 2])]

torch.utils.data.random_split(range(4), [0.5, 0.5])[0].indices

torch.ones(1).exponential_(0)

torch.ones(1).cauchy_(0, -1)

torch.ones(1).geometric_(0)

torch.ones(1).log_normal_(0, 0)

torch.ones(1).random_(0, 2**30)

torch.multinomial(torch.zeros(2), 1)

torch.bernoulli(torch.tensor([2.0]))

# 2.2.3
nn.init.calculate_gain('linear'), nn.init.calculate_gain('relu'), nn.init.calculate_gain('tanh')

nn.init.calculate_gain('selu'), nn.init.calculate_gain('leaky_relu', 0.2)

nn.init.calculate_gain('gelu')

nn.init.calculate_gain('no_such')

nn.init.calculate_gain('leaky_relu', True)

# 2.2.6
nn.utils.skip_init(nn.Linear, 2, 1).weight.shape

torch.nn.Linear.reset_parameters.__qualname__, hasattr(nn.MultiheadAttention, 'reset_parameters')

# 2.2.1
INIT(torch.ones(2, 2, dtype=torch.complex64)).dtype

INIT(torch.ones(2, 2, requires_grad=True) * 1).grad_fn

INIT(torch.ones(2, 2, device='meta')).shape

nn.init.trunc_normal_(torch.empty(3), std=-1.0).shape

nn.init.trunc_normal_(torch.empty(3), std=0.0)

nn.init.normal_(torch.empty(3), 0.0, float('nan')).shape

nn.init.sparse_(torch.ones(2, 2), 1.5)

nn.init.eye_(torch.ones(2, 3)), nn.init.dirac_(torch.ones(2, 1, 1), groups=2)
