"""nn.ReLU and nn.functional.relu."""

# 5.1
F.relu(torch.ones(1, dtype=DTYPE)).dtype

x = torch.ones(1, dtype=DTYPE, requires_grad=True)
F.relu(x).sum().backward()
x.grad

F.relu(torch.tensor([float('nan'), float('inf'), float('-inf'), -0.0, 0.0]))

x = torch.tensor([float('nan'), float('inf'), float('-inf'), -0.0, 0.0], requires_grad=True)
F.relu(x).sum().backward()
x.grad

F.relu(torch.ones(0)).shape

F.relu([1.0])

nn.ReLU()([1.0])

F.relu(np.ones(1))

F.relu(1.0)

torch.relu(torch.ones(1), out=torch.ones(1))

F.relu(torch.ones(2, requires_grad=True)).grad_fn.name()

F.relu(torch.ones(2, device='meta')).device

F.relu(torch.ones(1).expand(3)).stride()

F.relu(torch.ones(2, 3).t()).stride()

F.relu6(torch.tensor([7.0])), F.leaky_relu(torch.tensor([-1.0])), F.elu(torch.tensor([-1.0]))

F.gelu(torch.tensor([1.0])), F.gelu(torch.tensor([1.0]), approximate='tanh')

F.silu(torch.ones(1, dtype=FLOAT)).dtype

F.gelu(torch.ones(1, dtype=DTYPE)).dtype

F.relu(torch.ones(1), True, 5)

# 5.2
list(nn.Sequential(nn.Linear(1, 1), nn.ReLU()).state_dict())

nn.Sequential(nn.ReLU())[5]

nn.Sequential(nn.ReLU())['a']

nn.Sequential(nn.ReLU(), nn.Tanh())[0:1]

nn.Sequential(nn.ReLU()) + nn.Sequential(nn.Tanh())

nn.Sequential(nn.ReLU()) * 2

nn.Sequential()(torch.ones(1))

nn.Sequential([nn.ReLU()])

nn.Sequential({'a': nn.ReLU()})

from collections import OrderedDict
nn.Sequential(OrderedDict(a=nn.ReLU()))

nn.Sequential().append(nn.ReLU()).extend([nn.Tanh()]).insert(0, nn.GELU())

nn.Sequential(nn.ReLU()).pop(0)

nn.Sequential(nn.ReLU())(torch.ones(1), torch.ones(1))

nn.Sequential(nn.ReLU(), None)

F.hardtanh(torch.ones(1), 1, 0)

F.softplus(torch.ones(1), beta=0)

F.softshrink(torch.ones(1), -1)

# 5.2
nn.Sequential(F.relu)

nn.Sequential(nn.ReLU)

nn.ReLU(torch.ones(1))

nn.ReLU(True, True)

nn.ReLU(inplace='yes').inplace

nn.Sequential().append(F.relu)

net = nn.Module()
net.relu = F.relu
net

F.tanh(torch.ones(1))

F.sigmoid(torch.ones(1))

F.softmax(torch.ones(2))

nn.Softmax()(torch.ones(2))

F.softmax(torch.ones(2), dim=0, dtype=torch.float64).dtype

F.log_softmax(torch.ones(2))

F.gumbel_softmax(torch.ones(2), eps=1e-9)

F.upsample(torch.ones(1, 1, 2), scale_factor=2)

F.interpolate(torch.ones(1, 1, 2), scale_factor=2)

F.mse_loss(torch.ones(2), torch.ones(2), size_average=False)

F.mse_loss(torch.ones(2), torch.ones(2), reduction='no_such')

F.nll_loss2d(torch.ones(1, 1), torch.tensor([0]))

# 5.3
nn.ReLU(), nn.ReLU(inplace=True)

F.relu.__name__, F.relu.__module__

# 5.4
nn.ReLU(inplace=True)(torch.ones(1, requires_grad=True))

F.relu(torch.ones(1, requires_grad=True), inplace=True)

x = torch.ones(1, requires_grad=True).exp()
F.relu(x, inplace=True).sum().backward()

F.relu(torch.ones(1).int(), inplace=True)

F.relu(torch.ones(1).expand(3), inplace=True)

x = torch.ones(2, requires_grad=True)
y = nn.ReLU()(x)
y.add_(1)
y.sum().backward()

# 5.1
values = [float('nan'), float('-inf'), -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0, float('inf')]
x = torch.tensor(values, requires_grad=True)
y = ACTIVATION(x)
y.sum().backward()
[round(it, 3) for it in y.tolist()], [round(it, 3) for it in x.grad.tolist()]
