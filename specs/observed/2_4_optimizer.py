"""The optimizer's parameters."""

# 2.4.1
[c.__name__ for c in OPTIMIZER.__mro__]

p = nn.Parameter(torch.ones(2, 2))
{k: v for k, v in OPTIMIZER([p]).defaults.items()}

p = nn.Parameter(torch.ones(2, 2))
OPTIMIZER([p], **OPTIMIZER([p]).defaults) is None

p = nn.Parameter(torch.ones(2, 2))
repr(optim.SGD([p], lr=0.1))

p = nn.Parameter(torch.ones(2, 2))
o = OPTIMIZER([p], lr=0.1)
p.sum().backward()
o.step()
{k: type(v).__name__ for k, v in o.state[p].items()}

p = nn.Parameter(torch.ones(2, 2))
o = OPTIMIZER([p], lr=0.1)
for _ in range(3):
    o.zero_grad()
    (p ** 2).sum().backward()
    o.step(lambda: (p ** 2).sum())
round(p.sum().item(), 4)

p = nn.Parameter(torch.ones(2, 2))
o = OPTIMIZER([p], lr=0.1)
p.sum().backward()
o.step()
o.load_state_dict(o.state_dict())
{k: type(v).__name__ for k, v in o.state[p].items()}

p = nn.Parameter(torch.ones(2, 2, dtype=FLOAT))
o = optim.SGD([p], lr=0.1, momentum=0.9)
p.sum().backward()
o.step()
p, o.state[p]['momentum_buffer'].dtype

p = nn.Parameter(torch.ones(2, 2, dtype=FLOAT))
o = optim.Adam([p], lr=0.1)
p.sum().backward()
o.step()
p.dtype, o.state[p]['exp_avg'].dtype, o.state[p]['step'].dtype

p = nn.Parameter(torch.ones(2, 2, dtype=FLOAT))
o = optim.AdamW([p], lr=0.1)
p.sum().backward()
o.step()
p

p = nn.Parameter(torch.ones(2))
o = optim.Adam([p], lr=0.1)
p.sum().backward()
o.step()
o.state[p]['step']

p = nn.Parameter(torch.ones(2))
o = optim.SGD([p], lr=0.1)
p.sum().backward()
o.zero_grad()
p.grad

p = nn.Parameter(torch.ones(2))
o = optim.SGD([p], lr=0.1)
p.sum().backward()
o.zero_grad(set_to_none=False)
p.grad

p = nn.Parameter(torch.ones(2))
o = optim.SGD([p], lr=0.1)
o.step()

p = nn.Parameter(torch.ones(1))
optim.SGD([p], lr=0.1).step(lambda: 5)

p = nn.Parameter(torch.ones(1))
optim.SGD([p])

p = nn.Parameter(torch.ones(1))
optim.SGD([p], 0.1, 0.9, 0, 0, True).defaults['nesterov']

p = nn.Parameter(torch.ones(1))
optim.SGD([p], lr=0.1, foreach=True, fused=True)

p = nn.Parameter(torch.ones(1, 1))
o = OPTIMIZER([p], lr=torch.tensor(0.1))
p.sum().backward()
o.step(lambda: p.sum())
round(p.item(), 4), o.param_groups[0]['lr']

found = []
for name in 'float64', 'float16', 'bfloat16', 'complex64':
    p = nn.Parameter(torch.ones(2, 2, dtype=getattr(torch, name)))
    p.grad = torch.ones_like(p)
    try:
        OPTIMIZER([p]).step(lambda: p.abs().sum())
        found.append(name)
    except Exception:
        pass
found

p = nn.Parameter(torch.ones(1))
optim.Adam([p], lr=torch.tensor(0.1), foreach=True)

p = nn.Parameter(torch.ones(1))
optim.Adam([p], lr=torch.tensor(0.1)).param_groups[0]['lr']

p = nn.Parameter(torch.ones(1))
optim.SGD([p], lr=torch.tensor(0.1)).param_groups[0]['lr']

p = nn.Parameter(torch.ones(1))
optim.SGD([p], lr=torch.ones(2))

p = nn.Parameter(torch.ones(1))
p.grad = torch.ones(1)
HYPER.step()
round(p.item(), 4)

p = nn.Parameter(torch.ones(1))
optim.SGD([p], lr='0.1')

p = nn.Parameter(torch.ones(1))
optim.SGD([p], lr=-1)

p = nn.Parameter(torch.ones(1))
optim.SGD([p], lr=0.1, momentum=-1)

p = nn.Parameter(torch.ones(1))
optim.SGD([p], lr=0.1, nesterov=True)

p = nn.Parameter(torch.ones(1))
optim.Adam([p], betas=(1.0, 0.9))

p = nn.Parameter(torch.ones(1))
optim.AdamW([p], amsgrad=True, maximize=True, capturable=True)

p = nn.Parameter(torch.ones(1))
optim.Adam([p], decoupled_weight_decay=True).defaults['decoupled_weight_decay']

p = nn.Parameter(torch.ones(2, 2, dtype=torch.float16))
o = OPTIMIZER([p], lr=0.1)
p.grad = torch.ones_like(p)
o.step(lambda: 0)
p.dtype

p = nn.Parameter(torch.ones(2, 2))
o = optim.AdamW([p])
p.grad = torch.eye(2).to_sparse()
o.step()

p = nn.Parameter(torch.ones(2, 2))
o = optim.Adagrad([p])
p.grad = torch.eye(2).to_sparse()
o.step()

p = nn.Parameter(torch.ones(2, dtype=torch.complex64))
optim.SparseAdam([p]) is None

p = nn.Parameter(torch.ones(2, dtype=torch.complex64))
o = optim.LBFGS([p], lr=0.1)
p.grad = torch.ones_like(p)
o.step(lambda: 0)

p = nn.Parameter(torch.ones(1))
optim.LBFGS([p], lr=-1.0) is None

p = nn.Parameter(torch.ones(1))
o = optim.Adam([p], fused=True)
p.grad = torch.ones(1)
o.step()
p

class Mine(optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {})
Mine([nn.Parameter(torch.ones(1))]).step()

optim.SGD([nn.Parameter(torch.ones(1))], lr=torch.ones(2))

# 2.4.2
optim.SGD([], lr=0.1)

optim.SGD(nn.Parameter(torch.ones(1)), lr=0.1)

optim.SGD([nn.Parameter(torch.ones(1)) * 2], lr=0.1)

len(optim.SGD([torch.ones(1)], lr=0.1).param_groups)

optim.SGD([1], lr=0.1)

optim.SGD({nn.Parameter(torch.ones(1))}, lr=0.1)

optim.SGD([[nn.Parameter(torch.ones(1))]], lr=0.1)

len(optim.SGD(nn.Linear(1, 1).named_parameters(), lr=0.1).param_groups)

optim.SGD(nn.Linear(1, 1).named_parameters(), lr=0.1).param_groups[0].keys()

optim.SGD(nn.Linear(1, 1), lr=0.1)

p = nn.Parameter(torch.ones(1))
len(optim.SGD([p, p], lr=0.1).param_groups[0]['params'])

p = nn.Parameter(torch.ones(1))
optim.SGD([{'params': [p]}, {'params': [p]}], lr=0.1)

p = nn.Parameter(torch.ones(1))
sorted(optim.SGD([{'params': [p], 'mine': 1}], lr=0.1).param_groups[0])

p = nn.Parameter(torch.ones(1))
o = optim.SGD([p], lr=0.1)
o.add_param_group({'params': [p]})

p = nn.Parameter(torch.ones(1))
o = optim.SGD([p], lr=0.1)
o.add_param_group([p])

sorted(vars(optim.SGD([nn.Parameter(torch.ones(1))], lr=0.1)))

optim.Optimizer([nn.Parameter(torch.ones(1))], {}).param_groups

optim.Optimizer([nn.Parameter(torch.ones(1))], {}).step()

class Mine(optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, dict(lr=lr))
    def step(self, closure=None):
        return 5
Mine([nn.Parameter(torch.ones(1))]).step()

class Mine(optim.SGD):
    def __setstate__(self, state):
        super().__setstate__(state)
import copy
copy.deepcopy(Mine([nn.Parameter(torch.ones(1))], lr=0.1)).defaults['lr']

import copy, pickle
o = optim.SGD([nn.Parameter(torch.ones(1))], lr=0.1)
pickle.loads(pickle.dumps(o)).param_groups[0]['params']

p = nn.Parameter(torch.ones(1))
o, seen = optim.SGD([p], lr=0.1), []
o.register_step_post_hook(lambda *_: seen.append('after'))
o.step()
seen

class Mine(optim.Optimizer):
    def __init__(self, params):
        self.defaults = {}
Mine([nn.Parameter(torch.ones(1))]).zero_grad()

from torch.optim.optimizer import required
optim.Optimizer([nn.Parameter(torch.ones(1))], {'lr': required})

optim.Optimizer([nn.Parameter(torch.ones(1))], {'lr': 0.1}).param_groups[0].keys()

w = [nn.Parameter(torch.ones(1))]
sorted(optim.SGD(w).state_dict()['param_groups'][0])

w = [nn.Parameter(torch.ones(1))]
sorted(optim.Adam(w).state_dict()['param_groups'][0])

w = [nn.Parameter(torch.ones(1))]
sorted(optim.AdamW(w).state_dict()['param_groups'][0])

w = [nn.Parameter(torch.ones(1))]
o = optim.SGD(w, lr=0.1)
o._step_count, hasattr(o, '_opt_called')

w = [nn.Parameter(torch.ones(1, dtype=torch.complex64))]
o = optim.Adam(w)
w[0].sum().abs().backward()
o.step()
w[0].dtype

# 2.4.7
p, q = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
a, b = optim.SGD([p], lr=0.1, momentum=0.9), optim.SGD([q], lr=0.1, momentum=0.9)
p.grad, q.grad = torch.ones(1), torch.full((1,), 5.0)
a.step()
b.load_state_dict(a.state_dict())
b.step()
a.state[p]['momentum_buffer']

p = nn.Parameter(torch.ones(1))
o = optim.SGD([p], lr=0.1, momentum=0.9)
p.grad = torch.ones(1)
o.step()
kept = o.state_dict()
o.step()
kept['state'][0]['momentum_buffer']

p = nn.Parameter(torch.ones(1))
o = optim.SGD([p], lr=0.1)
kept = o.state_dict()
o.param_groups[0]['lr'] = 5
kept['param_groups'][0]['lr']

p = nn.Parameter(torch.ones(1))
o = optim.Adam([p])
o.state_dict()['param_groups']

p = nn.Parameter(torch.ones(1))
o = optim.SGD([p], lr=0.1)
o.load_state_dict({'state': {}, 'param_groups': []})

p, q = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
o = optim.SGD([p], lr=0.1)
o.load_state_dict(optim.SGD([p, q], lr=0.5).state_dict())

p, q = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(3))
a, b = optim.SGD([p], lr=0.1, momentum=0.9), optim.SGD([q], lr=0.1, momentum=0.9)
p.sum().backward()
a.step()
b.load_state_dict(a.state_dict())
b.state[q]['momentum_buffer'].shape

p, q = nn.Parameter(torch.ones(2).double()), nn.Parameter(torch.ones(2))
a, b = optim.Adam([p]), optim.Adam([q])
p.sum().backward()
a.step()
b.load_state_dict(a.state_dict())
b.state[q]['exp_avg'].dtype, b.state[q]['step'].dtype

p = nn.Parameter(torch.ones(1))
o = optim.SGD([p], lr=0.1)
o.load_state_dict(optim.Adam([p]).state_dict())
sorted(o.param_groups[0])

p = nn.Parameter(torch.ones(1))
o = optim.Adam([p])
d = o.state_dict()
del d['param_groups'][0]['foreach']
o.load_state_dict(d)
o.param_groups[0].get('foreach', 'gone')

p = nn.Parameter(torch.ones(1))
o = optim.Adam([p])
d = o.state_dict()
d['state'] = {0: {'step': 3, 'exp_avg': torch.ones(1), 'exp_avg_sq': torch.ones(1)}}
o.load_state_dict(d)
p.sum().backward()
o.step()
o.state[p]['step']

p = nn.Parameter(torch.ones(1))
o = optim.Adam([p])
o.state['mine'] = 5
o.load_state_dict(o.state_dict())
o.state['mine']

# 2.4.5
p = nn.Parameter(torch.ones(1))
o = optim.SGD([p], lr=1.0)
s = SCHEDULER
rates = []
for _ in range(5):
    rates.append(round(o.param_groups[0]['lr'], 4))
    o.step()
    s.step()
rates

p = nn.Parameter(torch.ones(1))
o = optim.SGD([p], lr=1.0)
s = SCHEDULER
s.get_last_lr()

p = nn.Parameter(torch.ones(1))
o = optim.SGD([p], lr=1.0)
s = SCHEDULER
sorted(s.state_dict())

p = nn.Parameter(torch.ones(1))
o = optim.SGD([p], lr=1.0)
s = SCHEDULER
o.step()
s.step(2)
round(o.param_groups[0]['lr'], 4)

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=torch.tensor(1.0))
s = SCHEDULER
last = s.get_last_lr()[0]
o.step(), s.step(), o.step(), s.step()
[round(float(it), 4) for it in (last, o.param_groups[0]['initial_lr'], o.param_groups[0]['lr'])]

[c.__name__ for c in SCHEDULER_CLASS.__mro__]

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.StepLR(o, 2, verbose=True).gamma

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.StepLR(o, 2, verbose=False).gamma

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.ReduceLROnPlateau(o, verbose=True).factor

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.StepLR(o, 2, 0.1, -1, False).gamma

class Mine(optim.lr_scheduler.LRScheduler):
    def __init__(self, optimizer):
        super().__init__(optimizer, -1, False)
    def get_lr(self):
        return [0.5]
o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
Mine(o).get_last_lr()

class Mine(optim.lr_scheduler._LRScheduler):
    def get_lr(self):
        return [0.5]
o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
Mine(o).get_last_lr()

class Mine(optim.lr_scheduler._LRScheduler):
    def __init__(self, optimizer, last_epoch=-1, verbose=False):
        super().__init__(optimizer, last_epoch, verbose)
    def get_lr(self):
        return [0.5]
o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
Mine(o).get_last_lr()

issubclass(optim.lr_scheduler.StepLR, optim.lr_scheduler._LRScheduler)

issubclass(optim.lr_scheduler.ReduceLROnPlateau, optim.lr_scheduler._LRScheduler)

issubclass(optim.lr_scheduler.ReduceLROnPlateau, optim.lr_scheduler.LRScheduler)

isinstance(torch.optim.lr_scheduler.CyclicLR, type), hasattr(optim.lr_scheduler.ReduceLROnPlateau, 'get_last_lr')

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
s = optim.lr_scheduler.StepLR(o, 2)
s.step()

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
s = optim.lr_scheduler.StepLR(o, 2)
s.get_lr()

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
s = optim.lr_scheduler.StepLR(o, 2)
s.print_lr(True, 0, 0.1)

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.StepLR(o, 2, last_epoch=3)

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
s = optim.lr_scheduler.ReduceLROnPlateau(o, patience=0)
o.step()
s.step(1.0), s.step(2.0), s.step(torch.tensor(3.0))
o.param_groups[0]['lr']

rate = torch.tensor(1.0)
o = optim.SGD([nn.Parameter(torch.ones(1))], lr=rate)
s = SCHEDULER
o.step(), s.step(), o.step(), s.step()
round(rate.item(), 4), type(o.param_groups[0]['lr']).__name__

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
s = SCHEDULER
o.add_param_group({'params': [nn.Parameter(torch.ones(1))], 'lr': 5.0})
o.step(), s.step()
[round(group['lr'], 4) for group in o.param_groups]

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=torch.tensor(1.0))
s = optim.lr_scheduler.ReduceLROnPlateau(o, patience=0)
s.step(1.0), s.step(2.0)
type(o.param_groups[0]['lr'])

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
s = optim.lr_scheduler.ReduceLROnPlateau(o, min_lr=0.1, patience=0)
o.add_param_group({'params': [nn.Parameter(torch.ones(1))]})
s.step(1.0), s.step(2.0)
[group['lr'] for group in o.param_groups]

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
sorted(optim.lr_scheduler.ReduceLROnPlateau(o).state_dict())

o = optim.SGD([{'params': [nn.Parameter(torch.ones(1))], 'initial_lr': 1.0}], lr=0.5)
optim.lr_scheduler.CosineAnnealingLR(o, 4, last_epoch=3).get_last_lr()

o = optim.Adam([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.CyclicLR(o, 0.1, 1.0).get_last_lr()

import pickle
o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
pickle.dumps(optim.lr_scheduler.CyclicLR(o, 0.1, 1.0)) is None

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.LinearLR(o, start_factor=0).get_last_lr()

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 2, eta_min='0').eta_min

optim.lr_scheduler.ChainedScheduler([])

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.ReduceLROnPlateau(o).get_last_lr()

o = optim.Adam([nn.Parameter(torch.ones(1))], lr=torch.tensor(1.0))
s = optim.lr_scheduler.StepLR(o, 1)
o.step(), s.step()
o.param_groups[0]['lr']

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.LambdaLR(o, [lambda e: 1, lambda e: 2]).last_epoch

import pickle
o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
type(pickle.loads(pickle.dumps(optim.lr_scheduler.StepLR(o, 2)))).__name__

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
s = optim.lr_scheduler.StepLR(o, 1)
o.step.__self__ is o, hasattr(o.step, '_with_counter'), hasattr(o.step, '_wrapped_by_lr_sched')

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.SequentialLR(o, [optim.lr_scheduler.ConstantLR(o)], milestones=[2])

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.ChainedScheduler([optim.lr_scheduler.StepLR(o, 2)], optimizer=o).get_last_lr()

optim.swa_utils.AveragedModel(nn.Linear(1, 1)).n_averaged

net = nn.BatchNorm1d(1)
averaged = optim.swa_utils.AveragedModel(net)
net(torch.tensor([[0.0], [2.0]]))
averaged.update_parameters(net)
averaged.module.running_mean

list(optim.swa_utils.AveragedModel(nn.Linear(1, 1)).state_dict())

torch.cuda.amp.GradScaler(enabled=False).scale(torch.ones(1))

torch.cuda.amp.GradScaler().is_enabled()

torch.amp.GradScaler('cpu').get_scale()

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.StepLR(o, **{'step_size': 1, 'verbose': True}).gamma

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.CosineAnnealingLR(o, 4, verbose=True).T_max

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.LambdaLR(o, lambda e: 1, verbose=True).last_epoch

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.OneCycleLR(o, 1.0, total_steps=8, verbose=True).total_steps

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.StepLR(o, 2).verbose

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
isinstance(optim.lr_scheduler.StepLR(o, 2), optim.lr_scheduler._LRScheduler)

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
isinstance(optim.lr_scheduler.ReduceLROnPlateau(o), optim.lr_scheduler._LRScheduler)

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
isinstance(optim.lr_scheduler.ReduceLROnPlateau(o), optim.lr_scheduler.LRScheduler)

class Mine(optim.lr_scheduler.LRScheduler):
    def step(self, epoch=None):
        return epoch
o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
Mine(o).last_epoch

import copy
o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
type(copy.deepcopy(optim.lr_scheduler.OneCycleLR(o, 1.0, total_steps=8))).__name__

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
s = optim.lr_scheduler.CosineAnnealingLR(o, 2)
for _ in range(6):
    o.step(), s.step()
round(o.param_groups[0]['lr'], 4)

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.StepLR('o', 2)

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
s = optim.lr_scheduler.StepLR(o, 2)
s.load_state_dict(optim.lr_scheduler.StepLR(o, 5).state_dict())
s.step_size

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
type(optim.lr_scheduler.ReduceLROnPlateau(o, min_lr=[0.1]).min_lrs[0]).__name__

class Wrapper(optim.Optimizer):
    def __init__(self, optimizer):
        self.optimizer, self.param_groups = optimizer, optimizer.param_groups
        self.defaults, self.state = optimizer.defaults, optimizer.state
    def step(self, closure=None):
        return self.optimizer.step(closure)
o = Wrapper(optim.SGD([nn.Parameter(torch.ones(1))], lr=0.1))
o.zero_grad()
o.step()

issubclass(optim.AdamW, optim.Adam)

[name for name in dir(optim) if name[:1].isupper()]

p = nn.Parameter(torch.ones(1))
isinstance(optim.AdamW([p]), optim.Adam)

optim.Adam([nn.Parameter(torch.ones(1))], betas=(torch.tensor(0.9), 0.999)) is None

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.ReduceLROnPlateau(o)._last_lr

optim.Optimizer._hook_for_profile is not None

optim.Optimizer._patch_step_function is not None

# 2.4.6
NAME is not None

from torch._six import inf
inf

from torch._six import string_classes
string_classes

from torch._six import container_abcs
container_abcs

from torch.optim.optimizer import OPTIMIZER_PART
OPTIMIZER_PART is not None

from torch.optim.adam import adam, _single_tensor_adam
adam is not None

from torch.optim.adamw import adamw, _single_tensor_adamw
adamw is not None

from torch.optim.sgd import sgd, _single_tensor_sgd
sgd is not None

from torch.optim.optimizer import _params_t
_params_t is not None

from torch.optim.optimizer import _get_value, _dispatch_sqrt, _stack_if_compiling
_get_value is not None

from torch.storage import _LegacyStorage
_LegacyStorage is not None

from torch._utils import _accumulate
list(_accumulate([1, 2]))

from torch._utils import _flatten_dense_tensors, _rebuild_tensor_v2, _get_device_index, ExceptionWrapper
_rebuild_tensor_v2 is not None

from torch.utils._pytree import _register_pytree_node
class Node:
    pass
_register_pytree_node(Node, lambda n: ([], None), lambda v, c: Node())

from torch.utils._pytree import tree_flatten
str(tree_flatten({'b': 1, 'a': [2, None]})[1])

from torch.utils._pytree import _dict_flatten, LeafSpec, tree_map_only, SUPPORTED_NODES
LeafSpec is not None

torch.has_mps

isinstance(torch.has_cuda, bool)

torch.symeig(torch.eye(2))

torch.lu(torch.eye(2)) is None

torch.qr(torch.eye(2)) is None

torch.cholesky(torch.eye(2))

torch.chain_matmul(torch.eye(2), torch.eye(2))

torch.range(0, 2)

torch.norm(torch.ones(4))

torch.cross(torch.ones(2, 3), torch.ones(2, 3))

torch.meshgrid(torch.arange(2), torch.arange(2))[0]

torch.ones(2, 2, 2).T.shape

torch.stft(torch.ones(8), 4).shape

torch.triangular_solve(torch.ones(1, 1), torch.ones(1, 1)) is None

torch.set_autocast_enabled(False)

torch.get_autocast_gpu_dtype()

torch.is_autocast_cpu_enabled()

@torch.cuda.amp.custom_fwd
def f(ctx, x):
    return x
f.__name__

torch.cuda.amp.custom_fwd(lambda ctx, x: x).__name__

torch.cuda.amp.custom_bwd(lambda ctx, g: g).__name__

from torch.cuda.amp.grad_scaler import OptState
OptState.READY.value

torch.testing.assert_allclose(torch.ones(1), torch.ones(1))

torch.testing.assert_close(torch.ones(1), torch.zeros(1))

torch.testing.make_tensor(2, device='cpu', dtype=torch.float32, low=1, high=1)

nn.utils.clip_grad_norm([nn.Parameter(torch.ones(1))], 1.0)

nn.utils.stateless.functional_call(nn.Linear(1, 1), {}, torch.ones(1)).shape

torch.func.functional_call(nn.Linear(1, 1), {}, torch.ones(1)).shape

from torch.nn.modules.linear import _LinearWithBias
_LinearWithBias is not None

from torch.nn.modules.rnn import apply_permutation
apply_permutation is not None

from torch.nn.modules.transformer import _get_clones, _get_activation_fn
len(_get_clones(nn.ReLU(), 2))

class Layer(nn.TransformerEncoderLayer):
    def _sa_block(self, x, attn_mask, key_padding_mask):
        return x
Layer(4, 2, 8)(torch.ones(1, 1, 4)).shape

nn.RNNBase('LSTM', 1, 1)._flat_weights_names

nn.Conv2d(1, 1, 1)._conv_forward(torch.ones(1, 1, 2, 2), torch.ones(1, 1, 1, 1), None).shape

nn.Embedding.from_pretrained(torch.ones(2, 2)).weight.requires_grad

from torch.autograd import Variable
Variable(torch.ones(1)).requires_grad

from torch.autograd.function import once_differentiable, FunctionCtx
once_differentiable is not None

torch.autograd.profiler.profile(use_cuda=False) is None

torch.jit.script(nn.Linear(1, 1)).code is None

torch.jit.trace(nn.Linear(1, 1), torch.ones(1)).code is None

from torch._jit_internal import boolean_dispatch, BroadcastingList2
boolean_dispatch is not None

from torch.overrides import has_torch_function, handle_torch_function
has_torch_function((torch.ones(1),))

class Sub(torch.Tensor):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        return 5
torch.ones(1).as_subclass(Sub) + 1

from torch.utils.checkpoint import checkpoint_sequential
checkpoint_sequential([nn.ReLU(), nn.ReLU()], 2, torch.ones(1, requires_grad=True)).requires_grad

from torch.utils.data import Sampler
Sampler(data_source=None) is None

from torch.utils.data import Sampler
class Mine(Sampler):
    def __init__(self, source):
        super().__init__(source)
Mine([1]) is None

next(iter(torch.utils.data.DataLoader([{'a': 1.0}, {'a': 2.0}], batch_size=2)))

next(iter(torch.utils.data.DataLoader([np.float64(1.0), np.float64(2.0)], batch_size=2)))

from torch.utils.data._utils.collate import default_collate
default_collate([torch.ones(2), torch.ones(3)])

torch.utils.data.TensorDataset(torch.ones(2), torch.ones(3))

torch.serialization.add_safe_globals([])

torch.Generator().manual_seed(0).initial_seed()

torch.onnx.export.__module__

from torch.onnx import symbolic_helper
symbolic_helper is not None

torch._C._TensorBase.__name__

torch._C.TensorBase.__name__

torch.compiler.is_compiling()

torch._dynamo.config.suppress_errors

from functorch import vmap
vmap(torch.sum)(torch.ones(2, 2))

from torch._vmap_internals import vmap
vmap is not None

torch.backends.cuda.sdp_kernel() is None

torch.distributions.Normal(0.0, -1.0)

torch.distributions.Categorical(torch.tensor([0.5, 0.6])).probs

torch.distributions.Categorical(probs=torch.tensor([-0.5, 0.6]))

torch.linalg.inv(torch.zeros(2, 2))

torch.where(torch.tensor([True]), 1, 0.0).dtype

torch.where(torch.tensor([1], dtype=torch.uint8), torch.ones(1), torch.zeros(1))

torch.ones(2)[torch.tensor([1, 0], dtype=torch.uint8)]

1 - torch.tensor([True])

torch.floor_divide(torch.tensor(-3.0), 2)

torch.add(torch.ones(1), 1, torch.ones(1))

torch.std(torch.ones(2), unbiased=False)

torch.Size([1]) + (2,)

torch.Size([1]) + [2]

(1,) + torch.Size([2])

torch.float32.itemsize

str(torch.finfo(torch.float16))

torch.__version__ > '1.9', torch.__version__ >= (1, 9), type(torch.__version__).__name__

torch.device('cpu', 0), torch.device('cpu') == torch.device('cpu', 0)

torch.set_num_threads(0)

torch.ones(1).new(2).shape, torch.ones(1).new_tensor([1]).dtype

isinstance(torch.ones(1), torch.FloatTensor)

torch.cuda.OutOfMemoryError.__mro__[1].__name__

torch.OutOfMemoryError.__name__

issubclass(torch.linalg.LinAlgError, RuntimeError)

torch.empty(10**15)

torch.from_numpy(np.ones(1, dtype='u2')).dtype

nn.GELU('no_such')(torch.ones(1))

nn.Upsample(scale_factor=2)(torch.ones(1, 1, 2))

nn.MultiheadAttention(2, 1)(torch.ones(1, 2), torch.ones(1, 2), torch.ones(1, 2), average_attn_weights=False)[1].shape

nn.init.normal_(torch.empty(2), generator=torch.Generator().manual_seed(0))

F.grid_sample(torch.ones(1, 1, 2, 2), torch.zeros(1, 1, 1, 2))

F.interpolate(torch.ones(1, 1, 2), scale_factor=2, recompute_scale_factor=True).shape

F.gumbel_softmax(torch.ones(2), hard=True).sum()

# 2.4.1
p = nn.Parameter(torch.ones(2, dtype=torch.complex64))
o = OPTIMIZER([p], lr=0.1)
for _ in range(2):
    p.grad = p.detach() * (1 + 1j)
    o.step(lambda: 0)
round(p.real.sum().item(), 4), round(p.imag.sum().item(), 4)

torch.set_default_dtype(torch.float64)
p = nn.Parameter(torch.ones(2, 2))
o = OPTIMIZER([p], lr=0.1)
p.grad = torch.ones_like(p)
o.step(lambda: 0)
{k: v.dtype for k, v in o.state[p].items() if torch.is_tensor(v)}

p = nn.Parameter(torch.ones(2, dtype=torch.complex64))
o = optim.Adam([p], lr=0.1, amsgrad=True)
p.grad = p.detach() * (1 + 1j)
o.step()
p

optim.Adam([nn.Parameter(torch.ones(1))], betas=(0, 0.9)).defaults['betas']

optim.AdamW([nn.Parameter(torch.ones(1))], betas=(0, 0)).defaults['betas']

optim.Adam([nn.Parameter(torch.ones(1))], betas=[0.9, 0.99]).defaults['betas']

optim.Adam([nn.Parameter(torch.ones(1))], betas=(torch.tensor(0.9), torch.tensor(0.99))) is None

optim.SGD([nn.Parameter(torch.ones(1))], lr=0.1, momentum=True).defaults['momentum']

# 2.4.5
p = nn.Parameter(torch.ones(1))
o = optim.SGD([p], lr=1.0)
s = SCHEDULER
for _ in range(3):
    o.step(), s.step()
kept = s.state_dict(), o.state_dict()
o = optim.SGD([p], lr=1.0)
s = SCHEDULER
s.load_state_dict(kept[0]), o.load_state_dict(kept[1])
o.step(), s.step()
round(o.param_groups[0]['lr'], 4)

p = nn.Parameter(torch.ones(1))
o = optim.SGD([p], lr=1.0)
s = SCHEDULER
for _ in range(20):
    o.step(), s.step()
round(o.param_groups[0]['lr'], 4), s.last_epoch

p = nn.Parameter(torch.ones(1))
o = optim.SGD([p], lr=1.0)
s = SCHEDULER
s = SCHEDULER
o.step(), s.step()
round(o.param_groups[0]['lr'], 4), round(o.param_groups[0]['initial_lr'], 4)

o, S = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0), optim.lr_scheduler
s = S.SequentialLR(o, [S.ConstantLR(o, 0.1), S.ExponentialLR(o, 0.5)], milestones=[0])
o.step(), s.step()
round(o.param_groups[0]['lr'], 4)

o, S = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0), optim.lr_scheduler
S.SequentialLR(o, [S.ReduceLROnPlateau(o), S.StepLR(o, 1)], milestones=[1]).last_epoch

o = optim.SGD([{'params': [nn.Parameter(torch.ones(1))], 'initial_lr': 1.0}], lr=1.0)
S = optim.lr_scheduler
s = S.SequentialLR(o, [S.ConstantLR(o, 0.1), S.ExponentialLR(o, 0.5)], milestones=[3], last_epoch=4)
round(o.param_groups[0]['lr'], 4), s.last_epoch

o = optim.SGD([{'params': [nn.Parameter(torch.ones(1))], 'initial_lr': 1.0}], lr=1.0)
s = optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 4, last_epoch=1)
round(o.param_groups[0]['lr'], 4), s.T_cur

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
s = optim.lr_scheduler.OneCycleLR(o, 1.0, total_steps=1)
o.step(), s.step(), s.step()

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.OneCycleLR(o, 1.0, total_steps=4.0).total_steps

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.ConstantLR(o, factor=1.5)

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
optim.lr_scheduler.LinearLR(o, total_iters=0).get_last_lr()

import pickle
o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
len(pickle.dumps(optim.lr_scheduler.CyclicLR(o, 0.1, 1.0, cycle_momentum=False).state_dict())) > 0

o = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
s = optim.lr_scheduler.StepLR(o, 1)
o.add_param_group({'params': [nn.Parameter(torch.ones(1))], 'lr': 5.0})
o.step(), s.step()
[group['lr'] for group in o.param_groups]

# 2.4.1
p = nn.Parameter(torch.ones(1, 1))
o = OPTIMIZER([p], lr=0.1, weight_decay=0.5)
for _ in range(7):
    p.grad = p.detach().clone()
    o.step(lambda: 0)
round(p.item(), 4)

p = nn.Parameter(torch.ones(1, 1))
o = OPTIMIZER([p], lr=0.1, maximize=True)
p.grad = torch.ones(1, 1)
o.step(lambda: 0)
round(p.item(), 4), p.grad.item()

# 2.4.8
nn.utils.clip_grad_norm_([nn.Parameter(torch.ones(1))], 1.0)

p = nn.Parameter(torch.ones(2, dtype=torch.float16))
p.grad = torch.full_like(p, 300.0)
nn.utils.clip_grad_norm_([p], 1.0)

p = nn.Parameter(torch.ones(1))
p.grad = torch.tensor([float('nan')])
nn.utils.clip_grad_norm_([p], 1.0, error_if_nonfinite=True)

p = nn.Parameter(torch.ones(2))
p.grad = torch.full((2,), 3.0)
nn.utils.clip_grad_norm_(p, 1.0), p.grad

nn.utils.clip_grad_norm_(iter([]), 1.0)

nn.utils.clip_grad_norm_((p for p in []), 1.0)

nn.utils.clip_grad_value_((p for p in []), 1.0)

p = nn.Parameter(torch.ones(0))
p.grad = torch.ones(0)
nn.utils.clip_grad_norm_([p], 1.0, norm_type=float('inf'))

p = nn.Parameter(torch.ones(1))
p.grad = torch.full((1,), 3.0)
nn.utils.clip_grad_value_([p], -1.0)
p.grad
