"""The optimizer's parameters."""

# 2.4.1
[c.__name__ for c in OPTIMIZER.__mro__]

p = nn.Parameter(torch.ones(2, 2))
{k: v for k, v in OPTIMIZER([p]).defaults.items()}

p = nn.Parameter(torch.ones(2, 2))
o = OPTIMIZER([p], lr=0.1)
sorted(o.defaults)

p = nn.Parameter(torch.ones(2, 2))
OPTIMIZER([p], **OPTIMIZER([p]).defaults) is None

p = nn.Parameter(torch.ones(2, 2))
repr(OPTIMIZER([p], lr=0.1))

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

p = nn.Parameter(torch.ones(1))
optim.Adam([p], lr=torch.tensor(0.1), foreach=True)

p = nn.Parameter(torch.ones(1))
optim.Adam([p], lr=torch.tensor(0.1)).param_groups[0]['lr']

p = nn.Parameter(torch.ones(1))
optim.SGD([p], lr=torch.tensor(0.1)).param_groups[0]['lr']

p = nn.Parameter(torch.ones(1))
optim.SGD([p], lr=torch.ones(2))

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

# 2.4.8
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

optim.swa_utils.AveragedModel(nn.Linear(1, 1)).n_averaged

list(optim.swa_utils.AveragedModel(nn.Linear(1, 1)).state_dict())

torch.cuda.amp.GradScaler(enabled=False).scale(torch.ones(1))

torch.cuda.amp.GradScaler().is_enabled()

torch.amp.GradScaler('cpu').get_scale()

# 2.4.6
NAME is not None
