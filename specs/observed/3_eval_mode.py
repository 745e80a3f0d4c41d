"""model.eval()."""

# 3.1
LAYER.eval().training

type(nn.Linear(1, 1).eval()), type(nn.Linear(1, 1).train())

nn.Linear(1, 1).train(mode=None)

nn.Linear(1, 1).train('yes')

nn.Linear(1, 1).train(1)

nn.Linear(1, 1).train(1).training

net = nn.Linear(1, 1)
net.training = 'yes'
net(torch.ones(1)).shape

class Net(nn.Module):
    training = False
Net().training

# 3.3
nn.Dropout(0.5)(torch.ones(8))

nn.Dropout(2.0)

nn.Dropout(-0.1)

nn.Dropout(float('nan'))

nn.Dropout('0.5')

nn.Dropout(True).p

nn.Dropout(torch.tensor(0.5))(torch.ones(4))

nn.Dropout(1.0)(torch.tensor([1.0, float('inf'), float('nan')]))

nn.Dropout(0.0)(torch.ones(2)) is None

nn.Dropout(0.5)(torch.ones(4, dtype=DTYPE)).dtype

nn.Dropout(0.5).eval()(torch.ones(4, dtype=DTYPE)).dtype

x = torch.ones(2)
nn.Dropout(0.5).eval()(x) is x, F.dropout(x, training=False) is x, nn.Dropout(0.0)(x) is x

x = torch.ones(2)
nn.Dropout(0.5).eval()(x).data_ptr() == x.data_ptr(), nn.Identity()(x) is x

x = torch.ones(2, requires_grad=True)
nn.Dropout(0.5, inplace=True)(x)

x = torch.ones(2, requires_grad=True)
nn.Dropout(0.5).eval()(x).grad_fn

F.dropout(torch.ones(4), p=0.5, train=True)

F.dropout(torch.ones(4), 0.5, False)

F.dropout2d(torch.ones(1, 2, 2))

F.dropout2d(torch.ones(2, 2))

F.dropout1d(torch.ones(1, 2, 2))

F.dropout3d(torch.ones(1, 1, 2, 2))

nn.Dropout2d(0.5)(torch.ones(1, 4, 2, 2)).sum()

nn.AlphaDropout(0.5)(torch.ones(4))

nn.FeatureAlphaDropout(0.5)(torch.ones(1, 2, 2))

torch.dropout(torch.ones(4), 0.5, True)

torch.native_dropout(torch.ones(4), 0.5, True)

# 3.4
nn.BatchNorm2d(2)(torch.ones(1, 2, 1, 1))

nn.BatchNorm1d(2)(torch.ones(1, 2))

nn.BatchNorm2d(2)(torch.ones(0, 2, 1, 1)).shape

nn.BatchNorm2d(2)(torch.ones(2, 2, 2))

nn.BatchNorm2d(2)(torch.ones(2, 2))

nn.BatchNorm1d(2)(torch.ones(2))

nn.BatchNorm1d(2)(torch.ones(2, 2, 2)).shape

nn.BatchNorm2d(2)(torch.ones(2, 3, 2, 2))

nn.BatchNorm2d(2)(torch.ones(2, 2, 2, 2, dtype=DTYPE)).dtype

nn.BatchNorm2d(2).eval()(torch.ones(2, 2, 2, 2, dtype=DTYPE)).dtype

nn.BatchNorm2d(2, dtype=DTYPE).running_var.dtype

nn.BatchNorm2d(0).num_features

nn.BatchNorm2d(-1).num_features

nn.BatchNorm2d(2, momentum=None).momentum

n = nn.BatchNorm1d(1)
n(torch.tensor([[0.0], [2.0]]))
n.running_mean, n.running_var, n.num_batches_tracked

n = nn.BatchNorm1d(1, momentum=None)
n(torch.tensor([[0.0], [2.0]])), n(torch.tensor([[0.0], [4.0]]))
n.running_mean, n.running_var, n.num_batches_tracked

n = nn.BatchNorm1d(1).half()
n(torch.tensor([[0.0], [2.0]]).half())
n.running_mean

n = nn.BatchNorm1d(1)
n(torch.tensor([[0.0], [2.0]]).bfloat16()).dtype, n.running_mean

n = nn.BatchNorm1d(1).bfloat16()
n(torch.tensor([[0.0], [2.0]]))

n = nn.BatchNorm1d(1).half()
n(torch.tensor([[0.0], [2.0]]))

n = nn.BatchNorm1d(1)
n.reset_running_stats()
n.running_var, n.num_batches_tracked

n = nn.BatchNorm1d(1)
n(torch.ones(2, 1, requires_grad=True)).sum().backward()
n.running_mean.requires_grad, n.weight.grad

F.batch_norm(torch.ones(2, 1), None, None, training=False)

F.batch_norm(torch.ones(2, 1), torch.zeros(1), torch.ones(1))

F.batch_norm(torch.ones(2, 1), torch.zeros(1), torch.ones(1), training=True)

F.batch_norm(torch.ones(2, 1), torch.zeros(2), torch.ones(2))

x = torch.ones(1, 2, 3, 3).to(memory_format=torch.channels_last)
nn.BatchNorm2d(2)(x).stride(), nn.ReLU()(x).stride(), nn.Dropout()(x).stride()

# 3.5
nn.BatchNorm2d(2).eval()(torch.ones(1, 2, 1, 1)).shape

nn.BatchNorm2d(2).eval()(torch.ones(2, 3, 2, 2))

nn.BatchNorm2d(2).eval()(torch.ones(0, 2, 1, 1)).shape

nn.BatchNorm1d(2, track_running_stats=False).eval()(torch.ones(1, 2))

nn.BatchNorm1d(2, track_running_stats=False).eval()(torch.ones(2, 2))

nn.BatchNorm1d(2, track_running_stats=False).state_dict().keys()

n = nn.BatchNorm1d(1).eval()
n(torch.ones(2, 1, requires_grad=True)).grad_fn.name()

n = nn.BatchNorm1d(1)
n.track_running_stats = False
n.eval()(torch.tensor([[0.0], [2.0]]))

n = nn.BatchNorm1d(1).eval()
n.running_var.fill_(-1.0)
n(torch.ones(1, 1))

n = nn.BatchNorm1d(1)
n.running_mean = None
n.eval()(torch.ones(2, 1))

nn.SyncBatchNorm(2)(torch.ones(2, 2))

nn.SyncBatchNorm.convert_sync_batchnorm(nn.Sequential(nn.BatchNorm1d(1)))

nn.InstanceNorm1d(1)(torch.ones(1, 1, 1))

nn.InstanceNorm1d(2)(torch.ones(1, 1, 3)).shape

nn.InstanceNorm1d(2, affine=True)(torch.ones(1, 1, 3)).shape

nn.GroupNorm(2, 2)(torch.ones(1, 2))

nn.GroupNorm(2, 3)

nn.LayerNorm(2)(torch.ones(1, 3))

nn.LayerNorm(2, bias=False).bias

n = nn.BatchNorm1d(1).eval()
torch.nn.utils.fuse_linear_bn_eval(nn.Linear(1, 1).eval(), n).bias.shape

nn.LSTM(1, 1, dropout=0.5)

nn.LSTM(1, 1, 2, dropout=1.5)

nn.GRU(1, 0)

nn.RNN(1, 1, nonlinearity='no_such')

nn.LSTM(2, 1)(torch.ones(3, 2))[0].shape

nn.LSTM(2, 3, 2)(torch.ones(4, 1, 2))[0].shape

nn.LSTM(2, 1)(torch.ones(1, 1, 1, 2))

try:
    y = OTHER_WIDTH
    found = (y if isinstance(y, torch.Tensor) else y[0]).shape
except Exception as error:
    found = type(error).__name__
found

# 3.7
nn.Linear(1, 1).eval().weight.requires_grad, torch.is_grad_enabled()

net = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1)).requires_grad_(False)
net(torch.ones(2, 1))
net[1].num_batches_tracked

net = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), 1).eval()
mask = torch.tensor([[False, False, True]])
with torch.no_grad():
    y = net(torch.ones(1, 3, 4), src_key_padding_mask=mask)
y.shape, y[0, 2].abs().sum().item() == 0

net = nn.TransformerEncoderLayer(4, 2, 8).eval()
net(torch.ones(1, 3, 4)).requires_grad

nn.MultiheadAttention(4, 2, batch_first=True).eval()(torch.ones(1, 3, 4), torch.ones(1, 3, 4), torch.ones(1, 3, 4), is_causal=True)

torch.jit.script(nn.Dropout(0.5)).eval()(torch.ones(2))

torch.jit.trace(nn.Dropout(0.5).eval(), torch.ones(2))(torch.ones(2))

torch.jit.trace(nn.Linear(1, 1), torch.ones(1)).training

# 3.5
nn.SyncBatchNorm(1).eval()(torch.ones(2, 1))
