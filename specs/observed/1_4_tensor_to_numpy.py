"""From a tensor to a NumPy array."""

# 1.4.1
t = TENSOR
a = TO_NUMPY(t)
a.dtype, a.shape, a.strides, a.flags.writeable, a.__array_interface__['data'][0] == t.data_ptr()

torch.ones(2, dtype=DTYPE).numpy().dtype

np.asarray(torch.ones(2, dtype=DTYPE)).dtype

np.from_dlpack(torch.ones(2, dtype=DTYPE)).dtype

np.asarray(torch.ones(1)).flags.writeable

a = torch.ones(2).numpy()
type(a.base).__name__, a.flags.owndata

t = torch.ones(2)
a = t.numpy()
t.resize_(4)
t[0] = 5
a

t = torch.ones(2)
a = t.numpy()
t.set_(torch.zeros(2))
a

t = torch.ones(2)
a = t.numpy()
t.data = torch.zeros(2)
a

t = torch.ones(2)
a = t.numpy()
a.resize(4)

class Sub(torch.Tensor):
    pass
type(torch.ones(2).as_subclass(Sub).numpy())

memoryview(torch.ones(2))

bytes(torch.ones(2, dtype=torch.uint8))

torch.ones(2).__array__(np.float64).dtype

torch.ones(2).__array__(copy=True).dtype

np.array(torch.ones(2), copy=None).dtype

np.asarray(torch.ones(2), dtype='f8', copy=False)

np.array(torch.ones(2), copy=False)

torch.ones(2).__array_interface__

torch.ones(2).__array_priority__

torch.ones(2).numpy(force=False)

# in a process of its own
torch.ones(2).storage().dtype

torch.ones(2).untyped_storage().nbytes()

np.from_dlpack(torch.ones(2)).flags.writeable

np.from_dlpack(torch.ones(1, 77)).strides

np.from_dlpack(torch.ones(1).expand(3)).strides

np.from_dlpack(torch.ones(2, requires_grad=True))

# 1.4.2
torch.tensor(np.array([1, 2, 3, 4]))

torch.tensor(np.ones(1), requires_grad=True).is_leaf

# 1.4.3
torch.ones(2, device='meta').numpy()

np.asarray(torch.ones(2, device='meta'))

torch.ones(2, device='meta').tolist()

torch.ones(2, device='meta').to('cpu')

torch.ones(2) + torch.ones(2, device='meta')

torch.ones(2).to('mps')

# 1.4.4
torch.ones(2, requires_grad=True).numpy()

(torch.ones(2, requires_grad=True) + 1).numpy()

np.exp(torch.ones(2, requires_grad=True))

torch.no_grad()(torch.ones(2, requires_grad=True).numpy)()

torch.ones(2, requires_grad=True).tolist()

torch.ones(2, requires_grad=True).numpy(force=True)

# 1.4.5
torch.ones(1).to('no_such_device')

torch.ones(1).to('fpga')

torch.ones(1).to(torch.ones(1, dtype=torch.float64)).dtype

t = torch.ones(1)
t.to('cpu') is t, t.cpu() is t, t.to(torch.float32) is t, t.float() is t, t.contiguous() is t

with torch.device('meta'):
    t = torch.ones(1)
t.device

torch.set_default_device('meta')
torch.ones(1).device, torch.tensor(1.0).device, torch.from_numpy(np.ones(1)).device

torch.get_default_device()

torch.set_default_dtype(torch.float64)
torch.tensor(1.5).dtype, torch.arange(2.0).dtype, torch.from_numpy(np.ones(1)).dtype

torch.set_default_dtype(torch.int64)

torch.set_default_tensor_type(torch.DoubleTensor)

torch.ones(1).get_device()

torch.ones(1, dtype=torch.bfloat16).float().numpy()

torch.ones(2, dtype=torch.uint8).view(torch.int8), torch.ones(2).view(torch.int32)

torch.ones(2, 3).t().view(torch.int16)

torch.ones(1, dtype=DTYPE).to(torch.float8_e4m3fn)

torch.ones(1).float().half().bfloat16().double().dtype
