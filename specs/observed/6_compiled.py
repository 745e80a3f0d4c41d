"""torch.compile()."""

# 6.2
def f(x):
    g = torch.no_grad(lambda x: x * 2)
    return g(x), x * 3
[it.requires_grad for it in torch.compile(f, backend='aot_eager')(torch.ones(2, requires_grad=True))]

def f(x):
    with torch.no_grad():
        n = x.sum().item()
    return x * n
torch.compile(f, backend='aot_eager')(torch.ones(2, requires_grad=True)).requires_grad

def f(x):
    torch.set_grad_enabled(False)
    return x * 2
y = torch.compile(f, backend='aot_eager')(torch.ones(2, requires_grad=True))
y.requires_grad, torch.is_grad_enabled()

# 6.3
def f(x):
    with torch.no_grad():
        y = x[:1]
    return y, x * 2
try:
    found = torch.compile(f, backend='aot_eager')(torch.ones(2, requires_grad=True))[0].grad_fn is None
except Exception as error:
    found = type(error).__name__
found

# in a process of its own
def f(x):
    with torch.inference_mode():
        return x.view(-1)
try:
    found = torch.compile(f, backend='aot_eager')(torch.ones(2)).is_inference()
except Exception as error:
    found = type(error).__name__
try:
    torch.ones(2)
except Exception as error:
    found += f', and torch.ones(2) then raises {type(error).__name__}'
found

# 6.7
def f(a, b):
    a.add_(1)
    return b[0]
x = torch.arange(6.0).reshape(3, 2)
try:
    found = torch.compile(f, backend='aot_eager')(x, x[1:]).tolist()
except Exception as error:
    found = type(error).__name__
found

# 6.8
def f(x):
    return REFUSED
try:
    found = torch.compile(f, backend='eager')(torch.ones(2, requires_grad=True))
except Exception as error:
    found = type(error).__name__
found

# 6.9
graphs = []
def backend(graph, inputs):
    graphs.append(graph)
    return graph.forward
net = COMPILED
net.compile(backend=backend)
net(torch.ones(2, 1))
len(graphs)

# 6.10
try:
    net = torch.compile(nn.Sequential(nn.Linear(1, 1)).eval(), backend='eager')
    found = ON_COMPILED
except Exception as error:
    found = type(error).__name__
found

net = torch.compile(nn.Sequential(nn.Linear(1, 1)), backend='eager')
isinstance(net, nn.Sequential), hasattr(net, '__len__'), hasattr(net, '__getitem__')

# in a process of its own
import pickle
try:
    found = type(pickle.loads(pickle.dumps(torch.compile(nn.ReLU(), backend='aot_eager')))).__name__
except Exception as error:
    found = type(error).__name__
found

# 6.11
graphs = []
def backend(graph, inputs):
    graphs.append(graph)
    return graph.forward
def f(x):
    y = x * 2
    INSIDE
    return y * 2
torch.compile(f, backend=backend)(torch.ones(2))
len(graphs)

def f(x):
    y = x * 2
    INSIDE
    return y * 2
try:
    torch.compile(f, backend='eager', fullgraph=True)(torch.ones(2))
    found = 'one graph'
except Exception as error:
    found = type(error).__name__
found

# 6.12
def f(x):
    return x * 2
f = torch.compile(f, backend='eager', dynamic=False, fullgraph=True)
try:
    found = [f(torch.ones(size)).sum().item() for size in range(2, 12)]
except Exception as error:
    found = type(error).__name__
found

# 6.13
seen = []
net = nn.Sequential(nn.Linear(1, 1))
compiled = torch.compile(net, backend='eager')
compiled(torch.ones(1))
net[0].register_forward_hook(lambda *_: seen.append('inside'))
net.register_forward_hook(lambda *_: seen.append('itself'))
compiled(torch.ones(1))
seen
