"""From a NumPy array to a tensor."""

# 1.3.1
a = ARRAY
t = TO_TENSOR(a)
t.dtype, tuple(t.shape), t.stride(), t.requires_grad

# 1.3.1
TO_TENSOR(np.zeros(2, NUMPY)).dtype

torch.tensor(np.zeros(2, NUMPY)[0]).dtype

torch.asarray(np.array(1.5), dtype=torch.int32)

torch.asarray(np.float64(1.5), dtype=torch.int32)

torch.asarray(np.ones(2), dtype=torch.int32)

torch.asarray(np.ones(2), copy=True, requires_grad=True).requires_grad

torch.as_tensor(np.array(1.5), dtype=torch.float32)

torch.as_tensor([np.ones(2), np.ones(2)])

q = torch.ones(2, requires_grad=True)
torch.asarray(q)
q.requires_grad

q = torch.ones(2, requires_grad=True)
torch.asarray(q).requires_grad

q = torch.ones(2, requires_grad=True)
torch.as_tensor(q) is q

q = torch.ones(2, requires_grad=True) * 2
torch.asarray(q).grad_fn

q = torch.ones(2, requires_grad=True)
torch.asarray(q, dtype=torch.float64).requires_grad, q.requires_grad

# 1.3.2
type(torch.from_numpy(np.ones(2)).float()), torch.from_numpy(np.ones(2)).type()

(torch.from_numpy(np.ones(2)) + torch.ones(2)).dtype

(torch.ones(2) * np.float64(2)).dtype, (np.float64(2) * torch.ones(2)).dtype

torch.ones(2) + np.ones(2)

np.ones(2) + torch.ones(2)

np.ones(2) * torch.ones(2, requires_grad=True)

torch.ones(2, requires_grad=True) * np.ones(2)

a = np.ones(2)
a += torch.ones(2)
a

a = np.ones(2)
a *= torch.ones(2, requires_grad=True)
a

torch.add(torch.ones(2), np.ones(2))

torch.ones(2) == np.ones(2)

np.ones(2) == torch.ones(2)

np.ones(2) @ torch.ones(2)

torch.ones(2) @ np.ones(2)

nn.Linear(2, 1)(torch.from_numpy(np.ones(2)))

nn.LSTM(2, 1)(torch.from_numpy(np.ones((1, 2))))

nn.Conv2d(1, 1, 1)(torch.from_numpy(np.ones((1, 1, 2, 2))))

F.mse_loss(torch.ones(2), torch.from_numpy(np.ones(2))).dtype

F.linear(torch.ones(2), torch.from_numpy(np.ones((2, 2))))

np.float32(2) * torch.ones(2, dtype=torch.float16)

torch.tensor(np.bool_(True))

torch.tensor(np.uint64(2**63))

torch.zeros(3)[np.array([0, 1], dtype='u2')]

torch.zeros(3)[np.bool_(True)].shape

torch.tensor(1.0) * np.array(2.0)

np.array(2.0) * torch.tensor(1.0)

np.sqrt(torch.ones(2))

np.sum(torch.ones(2))

np.mean(torch.ones(2, 2), axis=0)

np.concatenate([torch.ones(1), torch.ones(1)])

np.stack([torch.ones(1), torch.ones(1)])

np.array([torch.ones(1), torch.ones(1)])

np.array([torch.ones(()), torch.ones(())])

np.array([torch.ones(2), torch.ones(2)])

np.array([torch.ones(1, requires_grad=True)])

np.where(torch.tensor([True, False]), 1, 0)

np.maximum(torch.ones(2), 0)

np.dot(torch.ones(2), np.ones(2))

np.isnan(torch.ones(1))

np.random.default_rng(0).permutation(torch.arange(3))

np.save('/dev/null', torch.ones(1))

np.testing.assert_allclose(torch.ones(2), np.ones(2))

# 1.3.3
a = np.ones(4)
t = TO_TENSOR(a)
a[0] = 5
t[0].item()

a = np.ones(4)[1:]
t = TO_TENSOR(a)
t.data_ptr() == a.__array_interface__['data'][0], t.storage_offset()

a = np.ones(2)
a.flags.writeable = False
t = TO_TENSOR(a)
t[0] = 5
a

a = np.ones(2)
t = torch.from_numpy(a)
t.resize_(4)
tuple(t.shape), a.shape

a = np.ones(2)
t = torch.from_numpy(a)
a.resize(4)

t = torch.from_numpy(np.ones(2))
t.untyped_storage().nbytes(), t.untyped_storage().resizable(), t.is_shared()

a = np.ones(2)
t = torch.from_numpy(a)
t.set_(torch.zeros(3))
a

a = np.ones(2)
t = torch.from_numpy(a)
t.share_memory_()
t[0] = 5
a

# 1.3.5
# in a process of its own
torch.from_dlpack(BACKWARDS).stride()

torch.from_numpy(BACKWARDS)

torch.tensor(BACKWARDS).stride()

torch.as_tensor(BACKWARDS)

torch.asarray(BACKWARDS, copy=True).stride()

torch.from_dlpack(np.ones((2, 3))[:, 1:]).stride()

torch.from_dlpack(np.ones((1, 77))).stride()

torch.from_dlpack(np.asfortranarray(np.ones((2, 3)))).stride()

torch.from_dlpack(np.broadcast_to(1.0, 3)).stride()

a = np.ones(2)
a.flags.writeable = False
torch.from_dlpack(a)

torch.from_dlpack(torch.ones(1, 77)).stride()

torch.from_dlpack(torch.ones(2, requires_grad=True))

torch.from_dlpack(torch.tensor([1 + 2j]).conj())

torch.from_dlpack(torch.ones(2, dtype=DTYPE)).dtype

torch.utils.dlpack.from_dlpack(torch.utils.dlpack.to_dlpack(torch.ones(2)))

torch.utils.dlpack.to_dlpack(torch.ones(2, requires_grad=True)) is None

c = torch.ones(2).__dlpack__()
torch.from_dlpack(c), torch.from_dlpack(c)

torch.ones(2).__dlpack__(max_version=(1, 0)) is None

torch.ones(2).__dlpack__(copy=True) is None

torch.ones(2).__dlpack__(None) is None

torch.ones(2).__dlpack__(stream=1) is None

torch.ones(2, device='meta').__dlpack__() is None

torch.from_dlpack(torch.eye(2).to_sparse())

torch.ones(2).__dlpack_device__()

torch.from_dlpack(np.ones(2), copy=True)

torch.from_dlpack(object())

torch.from_numpy()

torch.from_numpy(np.ones(1), dtype=torch.float32)

torch.frombuffer(b'1234', dtype=torch.uint8)

torch.frombuffer(bytearray(8), dtype=DTYPE)

torch.frombuffer(bytearray(8), dtype=torch.float32, offset=3)

torch.frombuffer(bytearray(8), dtype=torch.float32, count=3)

torch.frombuffer(bytearray(0), dtype=torch.float32)

torch.frombuffer(np.ones(2), dtype=torch.float64)

torch.asarray(BACKWARDS)

torch.ones(1).copy()

torch.ones(1).no_such_attribute

torch.no_such_function

# 1.3.2
t = torch.tensor([1.0, 2.0])
BY_NUMPY
