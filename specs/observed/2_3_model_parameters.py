"""A model's parameters."""

# 2.3.1
type(nn.Linear(1, 1).parameters())

len(nn.Linear(1, 1).parameters())

nn.Linear(1, 1).parameters()[0]

layer = nn.Linear(1, 1)
[name for name, _ in nn.Sequential(layer, layer).named_parameters()]

layer = nn.Linear(1, 1)
[name for name, _ in nn.Sequential(layer, layer).named_parameters(remove_duplicate=False)]

[name for name, _ in nn.Sequential(nn.Linear(1, 1)).named_modules()]

[name for name, _ in nn.BatchNorm2d(1).named_buffers()]

net = nn.Linear(1, 1)
net(torch.ones(1)).backward()
net.zero_grad()
net.weight.grad

net = nn.Linear(1, 1)
net(torch.ones(1)).backward()
net.zero_grad(set_to_none=False)
net.weight.grad

class Net(nn.Module):
    def __init__(self):
        self.layer = nn.Linear(1, 1)
Net()

class Net(nn.Module):
    pass
Net()(torch.ones(1))

nn.Module(1)

nn.Module(name='net')

nn.Module().register_parameter('a', torch.ones(1))

nn.Module().register_parameter('a', nn.Parameter(torch.ones(1)) * 2)

nn.Module().register_parameter('a.b', None)

nn.Module().register_buffer('a', [1.0])

nn.Module().register_buffer('a', nn.Parameter(torch.ones(1)))

nn.Module().add_module('a', torch.relu)

nn.Module().get_parameter('no_such')

nn.Module().get_submodule('no_such')

nn.Module().no_such

nn.Linear(1, 1).to(torch.int64)

nn.Linear(1, 1).to('no_such')

nn.Linear(1, 1, device='meta').to('cpu')

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 1)
    def _named_members(self, fn, prefix='', recurse=True):
        return super()._named_members(fn, prefix, recurse)
len(list(Net().parameters()))

class Net(nn.Linear):
    def _save_to_state_dict(self, destination, prefix, keep_vars):
        destination['only'] = self.weight
list(Net(1, 1).state_dict())

class Net(nn.Linear):
    def _load_from_state_dict(self, state, prefix, metadata, strict, missing, unexpected, errors):
        state.pop('extra', None)
        super()._load_from_state_dict(state, prefix, metadata, strict, missing, unexpected, errors)
Net(1, 1).load_state_dict({**nn.Linear(1, 1).state_dict(), 'extra': 1})

class Net(nn.Linear):
    def _apply(self, fn):
        return super()._apply(fn)
Net(1, 1).double().weight.dtype

class Net(nn.Linear):
    def _apply(self, fn):
        return super()._apply(fn)
Net(1, 1).to_empty(device='cpu').weight.shape

net = nn.Linear(1, 1)
net.register_full_backward_pre_hook(lambda module, grads: (grads[0] * 5,))
net(torch.ones(1, requires_grad=True)).backward()
net.bias.grad

class Net(nn.Module):
    def _call_impl(self, x):
        return x * 3
nn.Sequential(Net())(torch.ones(1))

class Net(nn.Linear):
    def state_dict(self, destination=None, prefix='', keep_vars=False):
        return super().state_dict(destination, prefix, keep_vars)
list(nn.Sequential(Net(1, 1)).state_dict())

import copy
class Net(nn.Linear):
    OVERRIDING
net, found = nn.Sequential(Net(1, 1)), []
for use in (
    lambda: [name for name, _ in net.named_parameters()],
    lambda: len([*net.buffers(), *net.modules()]),
    lambda: net.load_state_dict(net.state_dict()),
    lambda: net.double().eval().train().requires_grad_(True).zero_grad(),
    lambda: net(torch.ones(1, 1).double()).shape,
    lambda: type(copy.deepcopy(net)[0]).__name__,
):
    try:
        found.append(use())
    except Exception as error:
        found.append(type(error))
found

class Base:
    def __init__(self, **others):
        self.others = others
class Net(nn.Module, Base):
    call_super_init = True
    def __init__(self, **others):
        super().__init__(**others)
Net(a=1).others

class Net(nn.Linear):
    def load_state_dict(self, state_dict, strict=True):
        return super().load_state_dict(state_dict, strict)
Net(1, 1).load_state_dict(nn.Linear(1, 1).state_dict(), assign=True)

class Net(nn.Linear):
    def train(self, mode):
        return super().train(mode)
nn.Sequential(Net(1, 1)).eval().training

class Net(nn.Linear):
    def __setstate__(self, state):
        super().__setstate__(state)
import copy
copy.deepcopy(Net(1, 1)).weight.shape

class Net(nn.Linear):
    def named_parameters(self, prefix='', recurse=True):
        return super().named_parameters(prefix, recurse)
len(list(Net(1, 1).parameters())), len(list(nn.Sequential(Net(1, 1)).parameters()))

class Net(nn.Module):
    def __getattr__(self, name):
        return super().__getattr__(name)
Net().no_such

class Net(nn.Module):
    @property
    def broken(self):
        return self.no_such
Net().broken

class Net(nn.Module):
    def __dir__(self):
        return super().__dir__()
'training' in dir(Net())

class Net(nn.Module):
    def get_extra_state(self):
        return 5
    def set_extra_state(self, state):
        self.state = state
list(Net().state_dict())

class Net(nn.Module):
    a: int = 5
Net().a, 'forward' in dir(Net())

nn.Module.__call__.__name__, nn.Module.forward.__name__

nn.Module().T_destination

nn.Module.dump_patches

sorted(name for name in vars(nn.Module) if name.startswith('_') and not name.startswith('__'))

nn.Linear(1, 1).set_submodule('a', nn.ReLU())

net = nn.Sequential(nn.ReLU())
net.set_submodule('0', nn.Tanh())
net

net = nn.Linear(1, 1)
w = net.weight
net.double()
net.weight is w, w.dtype

torch.__future__.set_overwrite_module_params_on_conversion(True)
net = nn.Linear(1, 1)
w = net.weight
net.double()
torch.__future__.set_overwrite_module_params_on_conversion(False)
net.weight is w

torch.__future__.get_swap_module_params_on_conversion()

net = nn.Linear(1, 1)
net(torch.ones(1)).backward()
g = net.weight.grad
net.double()
net.weight.grad is g, net.weight.grad.dtype

net = nn.ModuleList([nn.ReLU()])
net.append(nn.Tanh()).insert(0, nn.GELU())
net

nn.ModuleList([nn.ReLU(), nn.Tanh()])[-1:], nn.ModuleList([nn.ReLU()]).pop(0)

nn.ModuleList([nn.ReLU()])(torch.ones(1))

nn.ModuleDict({'keys': nn.ReLU()})

nn.ModuleDict({'a': 1})

nn.ParameterList([torch.ones(1)])[0].requires_grad

nn.ParameterDict({'a': torch.ones(1)})['a'].requires_grad

nn.ParameterList([nn.Parameter(torch.ones(1))] * 2)

# 2.3.2
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 5, 2)
        self.bn = nn.BatchNorm2d(5)
        self.relus = [nn.ReLU()]
Net()

# 2.3.3
net = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1))
net.state_dict().keys()

type(nn.Linear(1, 1).state_dict())

nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1)).state_dict()._metadata

{k: (v.dtype, tuple(v.shape), v.requires_grad) for k, v in nn.BatchNorm1d(2).state_dict().items()}

[type(v) for v in nn.Linear(1, 1).state_dict(keep_vars=True).values()]

list(nn.Linear(1, 1).state_dict(prefix='a.'))

list(nn.Linear(1, 1).state_dict({}, 'a.'))

from collections import OrderedDict
list(nn.Linear(1, 1).state_dict(OrderedDict(), 'a.'))

net = nn.Linear(1, 1)
s = net.state_dict()
s['weight'].fill_(5)
net.weight

net = nn.Linear(1, 1)
net.load_state_dict(net.state_dict())

nn.Linear(1, 1).load_state_dict({})

nn.Linear(1, 1).load_state_dict({}, strict=False)

nn.Linear(1, 1).load_state_dict({**nn.Linear(1, 1).state_dict(), 'extra': 1})

nn.Linear(1, 1).load_state_dict({**nn.Linear(1, 1).state_dict(), 'weight.extra': 1})

nn.Linear(1, 1).load_state_dict({**nn.Linear(1, 1).state_dict(), 'weight_extra': 1})

nn.Linear(1, 1).load_state_dict(nn.Linear(2, 1).state_dict())

nn.Linear(1, 1).load_state_dict(nn.Linear(2, 1).state_dict(), strict=False)

nn.Linear(1, 1).load_state_dict([1])

nn.Linear(1, 1).load_state_dict({'weight': np.ones((1, 1)), 'bias': np.ones(1)})

nn.Linear(1, 1).load_state_dict({'weight': [[1.0]], 'bias': [1.0]})

net = nn.Linear(1, 1)
net.load_state_dict({'weight': torch.ones(1, 1).double(), 'bias': torch.ones(1).double()})
net.weight.dtype

net = nn.Linear(1, 1)
net.load_state_dict({'weight': torch.tensor(1.0), 'bias': torch.tensor(1.0)})
net.weight.shape

net = nn.Linear(2, 1)
try:
    net.load_state_dict({'weight': torch.full((1, 2), 7.0), 'bias': torch.ones(3)})
except RuntimeError:
    pass
net.weight

net = nn.Linear(1, 1)
net.load_state_dict(nn.Linear(1, 1, device='meta').state_dict())

net = nn.Linear(1, 1, device='meta')
net.load_state_dict(nn.Linear(1, 1).state_dict())
net.weight.device

net, given = nn.Linear(2, 2), LOADED
before = net.weight
try:
    net.load_state_dict({'weight': given, 'bias': torch.ones(2)}, LOADING)
    found = 'loaded'
except Exception as error:
    found = type(error).__name__
w = net.weight
found, w is before, w is given, w.dtype, w.requires_grad, w.is_leaf, w.stride()

net = nn.Linear(1, 1)
before = net.weight
s = {k: v.clone() for k, v in nn.Linear(1, 1).state_dict().items()}
net.load_state_dict(s, assign=True)
net.weight is before, net.weight.data_ptr() == s['weight'].data_ptr(), net.weight.requires_grad

net = nn.Linear(1, 1).requires_grad_(False)
net.load_state_dict(nn.Linear(1, 1).state_dict(), assign=True)
net.weight.requires_grad

net = nn.Linear(1, 1)
net.load_state_dict(nn.Linear(1, 1).double().state_dict(), assign=True)
net.weight.dtype

net, s = nn.Linear(1, 1), nn.Linear(1, 1).state_dict()
net.load_state_dict(s, assign=True)
s._metadata

net, s = nn.Linear(1, 1), nn.Linear(1, 1).state_dict()
net.load_state_dict(s, assign=True)
w = net.weight
net.load_state_dict(s)
net.weight is w

net = nn.Linear(1, 1)
s = net.state_dict(keep_vars=True)
net.load_state_dict(s)
net.weight.requires_grad

net = nn.BatchNorm1d(1)
net.load_state_dict({k: v for k, v in nn.BatchNorm1d(1).state_dict().items() if 'num' not in k})

net = nn.Linear(1, 1)
net.register_load_state_dict_post_hook(lambda module, keys: keys.missing_keys.clear())
net.load_state_dict({'weight': torch.ones(1, 1)})

net = nn.Linear(1, 1)
net.register_state_dict_pre_hook(lambda module, prefix, keep: None)
list(net.state_dict())

net = nn.Linear(1, 1)
net._register_load_state_dict_pre_hook(lambda state, *_: state.clear())
net.load_state_dict(nn.Linear(1, 1).state_dict(), strict=False)

net = nn.Module()
net.register_buffer('a', torch.ones(1), persistent=False)
list(net.state_dict()), len(list(net.buffers()))

# 2.3.10
import io
f = io.BytesIO()
torch.save(nn.Linear(1, 1).state_dict(), f)
f.seek(0)
type(torch.load(f))

import io
f = io.BytesIO()
torch.save(nn.Linear(1, 1), f)
f.seek(0)
type(torch.load(f))

import io
f = io.BytesIO()
torch.save(nn.Linear(1, 1), f)
f.seek(0)
type(torch.load(f, weights_only=False))

import io
f = io.BytesIO()
torch.save(np.ones(1), f)
f.seek(0)
torch.load(f)

import io
f = io.BytesIO()
torch.save({'lr': np.float64(0.1)}, f)
f.seek(0)
torch.load(f)

import io
f = io.BytesIO()
torch.save(optim.SGD([nn.Parameter(torch.ones(1))], lr=0.1).state_dict(), f)
f.seek(0)
type(torch.load(f))

import io
f = io.BytesIO()
torch.save({'args': __import__('argparse').Namespace(a=1), 'when': __import__('pathlib').PurePosixPath('a')}, f)
f.seek(0)
torch.load(f)

import io
f = io.BytesIO()
torch.save(SAVED, f)
f.seek(0)
try:
    found = type(torch.load(f, weights_only=True)).__name__
except Exception as error:
    found = type(error).__name__
found

import io, zipfile
f = io.BytesIO()
torch.save(torch.ones(1), f)
sorted(zipfile.ZipFile(f).namelist())

import pathlib, tempfile
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, 'a.pt')
    torch.save(torch.ones(1), path)
    found = torch.load(path, mmap=True, weights_only=True).item()
found

import io
f = io.BytesIO()
torch.save(torch.ones(1, dtype=FLOAT), f)
f.seek(0)
torch.load(f, weights_only=True)

import io
f = io.BytesIO()
x = torch.ones(4)
torch.save([x, x[:2]], f)
f.seek(0)
a, b = torch.load(f, weights_only=True)
a.data_ptr() == b.data_ptr()

import io
f = io.BytesIO()
p = nn.Parameter(torch.ones(1))
p.extra = 5
torch.save(p, f)
f.seek(0)
hasattr(torch.load(f), 'extra')

import io
f = io.BytesIO()
torch.save(torch.ones(1), f, _use_new_zipfile_serialization=False)
f.seek(0)
torch.load(f)

import io
f = io.BytesIO()
torch.save(torch.ones(2, requires_grad=True) * 2, f)
f.seek(0)
torch.load(f, weights_only=True).requires_grad

import io
torch.load(io.BytesIO(b''))

import io
torch.load(io.BytesIO(b'not a file of tensors'))

torch.load('/no/such/file')

import io
f = io.BytesIO()
torch.save(torch.ones(1), f)
f.seek(0)
torch.load(f, mmap=True)

import io
f = io.BytesIO()
torch.save(torch.ones(1), f)
f.seek(0)
torch.load(f, map_location='meta').device

import io, pickle
f = io.BytesIO()
torch.save(torch.ones(1), f, pickle_protocol=5)
f.seek(0)
torch.load(f, pickle_module=pickle)

import pickle
net = nn.Sequential(nn.Linear(1, 1))
type(pickle.loads(pickle.dumps(net))[0].weight)

import io
p = nn.Parameter(torch.ones(1))
p.extra = lambda: None
torch.save(p, io.BytesIO())

import io, weakref
x, y = torch.ones(1), torch.ones(1)
x.extra = weakref.ref(y)
torch.save({'x': x}, io.BytesIO())

import io
f = io.BytesIO()
torch.save(torch.tensor([1j]).conj(), f)
f.seek(0)
torch.load(f, weights_only=True)

import pickle
pickle.loads(pickle.dumps(torch.tensor([1j]).conj().imag))

import io
f = io.BytesIO()
torch.save(torch.ones(1, 2).to_sparse(), f)
f.seek(0)
torch.load(f, weights_only=True).is_sparse

# in a process of its own
torch.save(torch.ones(1), None)

import io
torch.load(io.BytesIO(b'hello'), weights_only=True)

# 2.3.1
type(HELD).__name__

# 2.3.3
n = nn.BatchNorm1d(1)
d = n.state_dict()
del d['num_batches_tracked']
d._metadata['']['version'] = 1
m = nn.BatchNorm1d(1, device='meta')
m.load_state_dict(d, assign=True)
m.num_batches_tracked.device
