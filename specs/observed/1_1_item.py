"""Taking a value out of a tensor."""

# 1.1.1
torch.ones(1, dtype=DTYPE).item()

float(torch.tensor([2.5]))

int(torch.tensor([2.5]))

complex(torch.tensor([2.5]))

bool(torch.tensor([2.5]))

torch.tensor([2.5], requires_grad=True).item()

float(torch.tensor([2.5], requires_grad=True))

int(torch.tensor([2.5], requires_grad=True))

import math
math.sqrt(torch.ones(1, requires_grad=True))

x = torch.zeros(2)
x[0] = torch.ones((), requires_grad=True)
x.requires_grad

a = np.zeros(2)
a[0] = torch.ones(())
a

a = np.zeros(2)
a[0] = torch.ones((), requires_grad=True)
a

a = np.zeros(2)
a[0] = torch.ones(1)
a

format(torch.tensor(2.5), '.1f')

'%.1f' % torch.ones(1, requires_grad=True)

f'{torch.tensor([2.5]):.1f}'

round(torch.tensor(2.5))

'abc'[torch.tensor(1)]

list(range(torch.tensor(3)))

torch.tensor([2.5]).tolist()

torch.tensor(2.5).tolist()

torch.ones(1, dtype=DTYPE).tolist()

torch.tensor(0.1).item(), torch.tensor(0.1, dtype=torch.float16).item()

torch.tensor(2.5).is_nonzero()

# 1.1.2
torch.ones(1).item

type(torch.ones(1).item)

# 1.1.3
torch.ones(2).item()

torch.ones(2, 2).item()

torch.ones(0).item()

float(torch.ones(2))

float(torch.ones(0))

int(torch.ones(2))

complex(torch.ones(2))

bool(torch.ones(2))

bool(torch.ones(0))

torch.ones(2) and torch.ones(2)

not torch.ones(2)

'abc'[torch.ones(2)]

'abc'[torch.ones(1)]

np.float32(torch.ones(2))

len(torch.tensor(1.0))

list(torch.tensor(1.0))

torch.tensor(1.0)[0]

torch.ones(2)[2]

torch.ones(2)[1.0]

'a' in torch.ones(2)

torch.tensor(1.0).item(0)

torch.ones(2)[torch.tensor([0, 1], dtype=torch.uint8)]

torch.ones(2)[[[0, 1]]]

torch.ones(2, 2)[[0], [1]]

torch.ones(2)[None, ..., True].shape

x = torch.ones(2)
x[torch.tensor([1, 0], dtype=torch.uint8)] = 0
x

torch.ones(2)[torch.tensor([0], dtype=torch.int32)]

torch.gather(torch.ones(2), 0, torch.tensor([0], dtype=torch.int32))

torch.ones(2, names=('a',))

torch.ones(2).names

torch.ones(1, 1, 2).squeeze((0, 1)).shape

torch.ones(2, 2).all(dim=(0, 1))

torch.cat([])

torch.ones(1).int() << -1

# 1.1.3
x = torch.ones(0)
OF_NOTHING

torch.ones(1, device='meta').item()

bool(torch.ones(1, device='meta'))
