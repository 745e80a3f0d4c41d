"""What stands in snippets for a word in capitals: DTYPE is torch.float32, then torch.float64, ...

A row that a release does not have, such as ``torch.uint16`` before 2.3, is left out there.
"""

from __future__ import annotations


def _each(pattern: str, names: str) -> tuple[str, ...]:
    return tuple(pattern.format(name) for name in names.split())


TABLES: dict[str, tuple[str, ...]] = {
    "DTYPE": _each(
        "torch.{}",
        "float32 float64 float16 bfloat16 complex64 complex128 int64 int32 int16 int8 "
        "uint8 uint16 uint32 uint64 bool float8_e4m3fn float8_e5m2",
    ),
    "FLOAT": _each("torch.{}", "float32 float64 float16 bfloat16 complex64"),
    "SIZE": ("1", "15", "16", "17", "100", "40_000"),
    "NUMPY": _each(
        "np.dtype('{}')",
        "? i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 g F D G O U1 S1 V2 M8[s] m8[s] >f4 >i8",
    ),
    "ARRAY": (
        "np.ones(2)",
        "np.array(1.5)",
        "np.ones((0, 3))",
        "np.float64(1.5)",
        "np.ones(3)[1:]",
        "np.ones(4)[::2]",
        "np.ones((2, 3)).T",
        "np.ones((2, 3), order='F')",
        "np.broadcast_to(1.0, 3)",
        "np.broadcast_to(np.ones(3), (2, 3))",
        "np.lib.stride_tricks.sliding_window_view(np.arange(4.0), 2)",
        "np.asmatrix([[1.0]])",
        "np.ma.array([1.0, 2.0], mask=[True, False])",
        "np.zeros(2, [('a', 'f4'), ('b', 'i2')])['a']",
        "np.zeros(2, [('a', 'f4'), ('b', 'f4')])['b']",
        "np.frombuffer(bytes(8), 'f4')",
        "np.frombuffer(bytearray(8), 'f4')",
        "np.ones((1,) * 32)",
        "[np.ones(2), np.ones(2)]",
        "[1.0, 2.0]",
        "(1, 2)",
        "range(3)",
        "memoryview(bytearray(2))",
        "bytearray(2)",
        "torch.ones(2)",
        "1.5",
        "None",
    ),
    "BACKWARDS": ("np.ones(2)[::-1]", "np.ones((2, 3))[:, ::-1]"),
    "TO_TENSOR": _each("torch.{}", "from_numpy tensor as_tensor asarray from_dlpack Tensor"),
    "TENSOR": (
        "torch.ones(2)",
        "torch.tensor(1.5)",
        "torch.ones(0, 2)",
        "torch.ones(2, 3).t()",
        "torch.ones(1).expand(3)",
        "torch.ones(3)[1:]",
        "torch.ones(1, 77)",
        "torch.ones(1, 2, 3, 3).to(memory_format=torch.channels_last)",
        "torch.ones(2, requires_grad=True)",
        "torch.ones(2, requires_grad=True) * 2",
        "nn.Parameter(torch.ones(2))",
        "nn.Parameter(torch.ones(2), requires_grad=False)",
        "torch.ones(2, requires_grad=True).detach()",
        "torch.tensor([1 + 2j]).conj()",
        "torch.tensor([1 + 2j]).conj().imag",
        "torch.tensor([1 + 2j]).conj().resolve_conj()",
        "torch.inference_mode()(torch.ones)(2)",
        "torch.ones(2, dtype=torch.bfloat16)",
        "torch.eye(2).to_sparse()",
        "torch.ones(2, device='meta')",
        "torch.ones(2).share_memory_()",
    ),
    "TO_NUMPY": (
        "torch.Tensor.numpy",
        "np.asarray",
        "np.from_dlpack",
        "(lambda t: t.numpy(force=True))",
    ),
    "MODE": _each("torch.{}", "no_grad enable_grad inference_mode"),
    "LAYER": (
        "nn.Linear(3, 2)",
        "nn.Linear(3, 2, bias=False)",
        "nn.Conv1d(3, 2, 2)",
        "nn.Conv2d(3, 5, kernel_size=2)",
        "nn.Conv2d(4, 4, 3, stride=2, padding=1, dilation=2, groups=2, bias=False)",
        "nn.Conv2d(1, 1, 3, padding='same', padding_mode='reflect')",
        "nn.ConvTranspose2d(1, 1, 2)",
        "nn.BatchNorm1d(3)",
        "nn.BatchNorm2d(3)",
        "nn.BatchNorm2d(3, affine=False)",
        "nn.BatchNorm2d(3, track_running_stats=False)",
        "nn.SyncBatchNorm(3)",
        "nn.LayerNorm(3)",
        "nn.GroupNorm(1, 3)",
        "nn.InstanceNorm2d(3)",
        "nn.RMSNorm(3)",
        "nn.ReLU()",
        "nn.ReLU(inplace=True)",
        "nn.LeakyReLU()",
        "nn.GELU()",
        "nn.Dropout(0.5)",
        "nn.Dropout(0.5, inplace=True)",
        "nn.Dropout2d()",
        "nn.Identity()",
        "nn.Flatten()",
        "nn.Softmax(dim=0)",
        "nn.MaxPool2d(2)",
        "nn.Embedding(3, 2)",
        "nn.RNN(3, 2)",
        "nn.LSTM(3, 2)",
        "nn.GRU(3, 2, num_layers=2, dropout=0.5)",
        "nn.MultiheadAttention(2, 1)",
        "nn.TransformerEncoderLayer(2, 1, 4)",
        "nn.LazyLinear(2)",
        "nn.Sequential(nn.Linear(3, 2), nn.ReLU())",
        "nn.ModuleList([nn.Linear(3, 2)] * 3)",
        "nn.ModuleDict({'a': nn.ReLU()})",
        "nn.ParameterList([torch.ones(2)])",
        "nn.MSELoss()",
        "nn.CrossEntropyLoss()",
    ),
    "DRAWING_LAYER": (
        "nn.Linear(3, 2)",
        "nn.Linear(16, 16)",
        "nn.Linear(100, 17)",
        "nn.Conv1d(3, 2, 2)",
        "nn.Conv2d(3, 2, 2)",
        "nn.Conv3d(1, 2, 2)",
        "nn.ConvTranspose2d(3, 2, 2)",
        "nn.Bilinear(3, 2, 2)",
        "nn.Embedding(3, 2)",
        "nn.RNN(3, 2)",
        "nn.LSTM(3, 2)",
        "nn.GRU(3, 2)",
        "nn.MultiheadAttention(4, 2)",
        "nn.TransformerEncoderLayer(4, 2, 8)",
        "nn.PReLU()",
    ),
    "INIT": (
        *_each(
            "nn.init.{}_",
            "normal uniform ones zeros eye dirac xavier_normal xavier_uniform kaiming_normal "
            "kaiming_uniform trunc_normal orthogonal",
        ),
        "(lambda w: nn.init.constant_(w, 0.5))",
        "(lambda w: nn.init.sparse_(w, 0.5))",
    ),
    "DRAW": (
        "torch.rand(SIZE)",
        "torch.randn(SIZE)",
        "torch.rand(SIZE, dtype=torch.float64)",
        "torch.randn(SIZE, dtype=torch.float64)",
        "torch.rand(SIZE, dtype=torch.float16)",
        "torch.randn(SIZE, dtype=torch.bfloat16)",
        "torch.randn(SIZE, dtype=torch.complex64)",
        "torch.randint(100, (SIZE,))",
        "torch.randperm(SIZE)",
        "torch.bernoulli(torch.full((SIZE,), 0.5))",
        "torch.multinomial(torch.ones(SIZE), 3, replacement=True)",
        "torch.normal(torch.zeros(SIZE), 1.0)",
        "torch.empty(SIZE).exponential_()",
        "torch.poisson(torch.ones(SIZE))",
        "F.dropout(torch.ones(SIZE), 0.5)",
        "F.dropout(torch.ones(SIZE, dtype=torch.float64), 0.3)",
        "F.alpha_dropout(torch.ones(SIZE), 0.5, training=True)",
        "F.rrelu(-torch.ones(SIZE), training=True)",
        "nn.init.normal_(torch.empty(SIZE))",
        "nn.init.uniform_(torch.empty(SIZE))",
        "nn.init.trunc_normal_(torch.empty(SIZE))",
        "nn.init.xavier_normal_(torch.empty(2, SIZE))",
        "nn.init.kaiming_normal_(torch.empty(2, SIZE))",
        "nn.init.kaiming_uniform_(torch.empty(2, SIZE))",
    ),
    "OPTIMIZER": _each(
        "optim.{}",
        "SGD Adam AdamW Adagrad Adadelta Adamax ASGD NAdam RAdam RMSprop Rprop LBFGS SparseAdam "
        "Adafactor Muon",
    ),
    "SCHEDULER": (
        "optim.lr_scheduler.StepLR(o, 2)",
        "optim.lr_scheduler.MultiStepLR(o, [1, 3])",
        "optim.lr_scheduler.ExponentialLR(o, 0.5)",
        "optim.lr_scheduler.LambdaLR(o, lambda epoch: 0.5**epoch)",
        "optim.lr_scheduler.MultiplicativeLR(o, lambda epoch: 0.5)",
        "optim.lr_scheduler.ConstantLR(o)",
        "optim.lr_scheduler.LinearLR(o)",
        "optim.lr_scheduler.PolynomialLR(o)",
        "optim.lr_scheduler.CosineAnnealingLR(o, 4)",
        "optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 2)",
        "optim.lr_scheduler.CyclicLR(o, 0.1, 1.0)",
        "optim.lr_scheduler.OneCycleLR(o, 1.0, total_steps=8)",
        "optim.swa_utils.SWALR(o, 0.05)",
        "optim.lr_scheduler.ChainedScheduler([optim.lr_scheduler.StepLR(o, 2)])",
        "optim.lr_scheduler.SequentialLR(o, [optim.lr_scheduler.ConstantLR(o), "
        "optim.lr_scheduler.StepLR(o, 2)], milestones=[2])",
    ),
    "SCHEDULER_CLASS": _each(
        "optim.lr_scheduler.{}",
        "StepLR MultiStepLR ExponentialLR LambdaLR CosineAnnealingLR ReduceLROnPlateau OneCycleLR "
        "LinearLR SequentialLR",
    ),
    "CALLABLE": (
        *_each(
            "torch.{}",
            "tensor ones zeros rand randn full arange empty as_tensor asarray from_numpy "
            "from_dlpack "
            "frombuffer save load no_grad enable_grad inference_mode set_grad_enabled manual_seed "
            "is_grad_enabled set_default_device set_default_dtype clamp where relu clone "
            "autograd.grad autograd.backward utils.checkpoint.checkpoint",
        ),
        *_each(
            "torch.Tensor.{}",
            "item tolist backward register_hook retain_grad requires_grad_ numpy __array__ "
            "__dlpack__ __dlpack_device__ cpu to detach clone copy_ type share_memory_",
        ),
        *_each(
            "nn.{}",
            "Parameter Linear Conv2d BatchNorm2d LayerNorm ReLU Dropout Sequential Embedding LSTM "
            "MultiheadAttention TransformerEncoder TransformerEncoderLayer",
        ),
        *_each(
            "nn.Module.{}",
            "parameters named_parameters named_modules buffers named_buffers zero_grad to float "
            "apply train eval requires_grad_ register_buffer register_parameter register_module "
            "state_dict load_state_dict register_forward_hook register_forward_pre_hook "
            "register_full_backward_hook register_state_dict_pre_hook "
            "register_load_state_dict_post_hook to_empty compile get_parameter set_submodule "
            "_named_members _load_from_state_dict _save_to_state_dict _apply _get_name",
        ),
        *_each(
            "nn.init.{}_",
            "normal uniform constant xavier_normal xavier_uniform kaiming_normal kaiming_uniform "
            "trunc_normal orthogonal",
        ),
        "nn.init.calculate_gain",
        "nn.utils.clip_grad_norm_",
        "nn.utils.skip_init",
        *_each(
            "F.{}",
            "relu dropout batch_norm linear conv2d softmax gelu sigmoid tanh mse_loss "
            "cross_entropy scaled_dot_product_attention",
        ),
        *_each("optim.{}", "SGD Adam AdamW RMSprop LBFGS"),
        *_each(
            "optim.Optimizer.{}",
            "__init__ step zero_grad add_param_group state_dict load_state_dict",
        ),
        *_each(
            "optim.lr_scheduler.{}",
            "StepLR MultiStepLR ExponentialLR LambdaLR CosineAnnealingLR ReduceLROnPlateau "
            "OneCycleLR LinearLR SequentialLR LRScheduler",
        ),
        "torch.utils.data.DataLoader",
        "torch.cuda.amp.GradScaler",
    ),
    "DECLARED": (
        *_each(
            "F.{}",
            "adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d_with_indices "
            "adaptive_max_pool2d_with_indices adaptive_max_pool3d_with_indices affine_grid "
            "alpha_dropout binary_cross_entropy binary_cross_entropy_with_logits celu "
            "cosine_embedding_loss ctc_loss dropout1d dropout2d dropout3d elu embedding "
            "embedding_bag feature_alpha_dropout fold fractional_max_pool2d_with_indices "
            "fractional_max_pool3d_with_indices gaussian_nll_loss glu grid_sample group_norm "
            "gumbel_softmax hardsigmoid hardswish hardtanh hinge_embedding_loss huber_loss "
            "instance_norm interpolate kl_div l1_loss layer_norm leaky_relu local_response_norm "
            "log_softmax lp_pool1d lp_pool2d margin_ranking_loss max_pool1d_with_indices "
            "max_pool2d_with_indices max_pool3d_with_indices max_unpool1d max_unpool2d "
            "max_unpool3d mish multi_head_attention_forward multi_margin_loss "
            "multilabel_margin_loss multilabel_soft_margin_loss nll_loss normalize "
            "poisson_nll_loss relu6 rrelu selu silu smooth_l1_loss soft_margin_loss softmin "
            "softsign tanhshrink threshold triplet_margin_loss "
            "triplet_margin_with_distance_loss unfold upsample upsample_bilinear "
            "upsample_nearest pad lp_pool3d rms_norm grouped_mm linear_cross_entropy "
            "scaled_grouped_mm scaled_mm scaled_addmm scaled_addmm_",
        ),
        *_each(
            "nn.init.{}",
            "dirac_ eye_ ones_ sparse_ zeros_",
        ),
        *_each(
            "optim.{}",
            "ASGD Adadelta Adagrad Adamax NAdam Optimizer RAdam Rprop SparseAdam Adafactor Muon",
        ),
        *_each(
            "optim.lr_scheduler.{}",
            "ChainedScheduler ConstantLR CosineAnnealingWarmRestarts CyclicLR MultiplicativeLR "
            "PolynomialLR",
        ),
        *_each(
            "optim.swa_utils.{}",
            "AveragedModel SWALR update_bn",
        ),
        *_each(
            "nn.Module.{}",
            "add_module bfloat16 children cpu cuda double extra_repr forward get_buffer "
            "get_extra_state get_submodule half ipu modules named_children "
            "register_backward_hook set_extra_state share_memory type xpu "
            "register_full_backward_pre_hook mtia register_load_state_dict_pre_hook "
            "register_state_dict_post_hook",
        ),
        *_each(
            "torch.Tensor.{}",
            "align_to eig is_shared lstsq lu norm refine_names reinforce rename rename_ "
            "resize resize_as solve split storage storage_type to_sparse_coo unflatten "
            "unique unique_consecutive symeig dim_order register_post_accumulate_grad_hook "
            "module_load index cholesky qr",
        ),
        *_each(
            "optim.lr_scheduler.LRScheduler.{}",
            "get_last_lr get_lr load_state_dict print_lr state_dict step",
        ),
        *_each(
            "nn.Sequential.{}",
            "append extend forward insert pop",
        ),
        *_each(
            "nn.utils.{}",
            "clip_grad_norm clip_grad_value_ convert_conv2d_weight_memory_format "
            "fuse_conv_bn_eval fuse_conv_bn_weights parameters_to_vector remove_spectral_norm "
            "remove_weight_norm spectral_norm vector_to_parameters weight_norm "
            "fuse_linear_bn_eval fuse_linear_bn_weights convert_conv3d_weight_memory_format "
            "clip_grads_with_norm_ get_total_norm",
        ),
        *_each(
            "nn.utils.rnn.{}",
            "bind invert_permutation pack_padded_sequence pack_sequence pad_packed_sequence "
            "pad_sequence unpack_sequence unpad_sequence",
        ),
        *_each(
            "nn.utils.parametrizations.{}",
            "orthogonal spectral_norm weight_norm",
        ),
        *_each(
            "nn.{}",
            "GroupNorm InstanceNorm2d RMSNorm Conv1d ConvTranspose2d GRU EmbeddingBag Transformer "
            "TransformerDecoderLayer CrossEntropyLoss",
        ),
        *_each(
            "optim.Optimizer.{}",
            "register_step_post_hook register_step_pre_hook register_load_state_dict_post_hook "
            "register_load_state_dict_pre_hook register_state_dict_post_hook "
            "register_state_dict_pre_hook",
        ),
    ),
    "OPTIMIZER_PART": tuple(
        "required params_t ParamsT _RequiredParameter _default_to_fused_or_foreach "
        "_foreach_supported_types _get_scalar_dtype _stack_if_compiling "
        "_use_grad_for_differentiable _view_as_real register_optimizer_step_pre_hook".split()
    ),
    "NAME": _each(
        "torch.{}",
        "Any Callable Tuple Union "
        "_six _six.inf _six.string_classes _C _C._set_grad_enabled _utils _dynamo _inductor "
        "_jit_internal _tensor _ops.ops _weights_only_unpickler _namedtensor_internals _VF _prims "
        "_subclasses.fake_tensor.FakeTensor _functorch _sources "
        "BoolStorage TypedStorage UntypedStorage storage.TypedStorage "
        "lstsq symeig eig solve qr cholesky svd matrix_rank chain_matmul triangular_solve "
        "norm ger inverse pinverse set_default_tensor_type get_default_device set_default_device "
        "accelerator compile compiler vmap func.functional_call func.grad nested sym_int "
        "float8_e4m3fn uint16 bits8 quint8 "
        "amp.GradScaler amp.custom_fwd amp.autocast_mode cuda.amp.autocast cuda.amp.GradScaler "
        "cuda.amp.custom_fwd cuda.amp.custom_bwd cuda.amp.common.amp_definitely_not_available "
        "cpu.amp.autocast amp.is_autocast_available is_autocast_enabled get_autocast_gpu_dtype "
        "get_autocast_dtype set_autocast_gpu_dtype "
        "autograd.Variable autograd.function.FunctionCtx autograd.functional.jacobian "
        "autograd.forward_ad autograd.profiler.profile autograd.variable autograd.graph.Node "
        "autograd.grad_mode.F utils._contextlib utils._pytree utils._pytree._register_pytree_node "
        "utils._pytree.register_pytree_node utils._python_dispatch utils.checkpoint "
        "utils.checkpoint.detach_variable utils.data.graph utils.data.datapipes "
        "utils.data._utils.collate.default_collate_err_msg_format utils.data.dataset.T_co "
        "utils.hooks.RemovableHandle hub.load_state_dict_from_url "
        "utils._foreach_utils utils.weak utils.dlpack.to_dlpack "
        "jit.script jit.ScriptModule jit._script.ScriptModule jit.annotations "
        "serialization.add_safe_globals serialization.default_restore_location "
        "serialization._get_restore_location nn.Module nn.Buffer nn.RMSNorm nn.Container "
        "nn.utils.weight_norm nn.utils.parametrizations.weight_norm nn.utils.fusion "
        "nn.utils.stateless.functional_call nn.utils.clip_grad_norm "
        "nn.utils.clip_grad._clip_grads_with_norm_ nn.utils.rnn.PackedSequence "
        "nn.parameter.UninitializedTensorMixin nn.parameter.Buffer nn.modules.utils._pair "
        "nn.modules.utils._ntuple nn.modules.conv._ConvNd nn.modules.conv._ConvTransposeMixin "
        "nn.modules.batchnorm._BatchNorm nn.modules.batchnorm._NormBase "
        "nn.modules.dropout._DropoutNd "
        "nn.modules.instancenorm._InstanceNorm nn.modules.linear.NonDynamicallyQuantizableLinear "
        "nn.modules.loss._Loss "
        "nn.modules.activation._is_make_fx_tracing nn.modules.module._addindent "
        "nn.modules.module._IncompatibleKeys nn.modules.module._global_forward_hooks "
        "nn.modules.module._EXTRA_STATE_KEY_SUFFIX nn.modules.transformer._get_clones "
        "nn.modules.rnn.apply_permutation nn.functional._in_projection_packed "
        "nn.functional._verify_batch_size nn.functional._Reduction "
        "nn.functional.multi_head_attention_forward nn.functional._scaled_dot_product_attention "
        "nn.functional.scaled_dot_product_attention nn.functional.has_torch_function "
        "nn.functional.boolean_dispatch nn.init._calculate_fan_in_and_fan_out "
        "nn.init._no_grad_trunc_normal_ nn.init._calculate_correct_fan nn.init.normal "
        "nn._reduction nn.intrinsic nn.quantized nn.qat ao.quantization quantization "
        "optim._functional optim._functional.adam optim._multi_tensor "
        "optim.lr_scheduler._LRScheduler "
        "optim.lr_scheduler.LRScheduler optim.lr_scheduler.EPOCH_DEPRECATION_WARNING "
        "optim.lr_scheduler._enable_get_lr_call "
        "optim.swa_utils.AveragedModel optim.Muon optim.Adafactor "
        "distributed._tensor distributed.tensor.DTensor distributed.algorithms.join "
        "distributed.fsdp.FullyShardedDataParallel fx.Tracer fx.experimental.symbolic_shapes "
        "overrides.is_tensor_like testing.assert_close testing.assert_allclose "
        "onnx.utils "
        "onnx._globals onnx._internal.exporter package backends.mps backends.opt_einsum "
        "multiprocessing.reductions special types.Device types.Number "
        "types._TensorOrTensors library.custom_op library.Library _library",
    ),
    "SAVED": (
        "{1, 2}",
        "slice(1, 2)",
        "bytearray(2)",
        "2 + 1j",
        "range(3)",
        "__import__('collections').OrderedDict(a=1)",
        "__import__('collections').defaultdict(int)",
        "__import__('collections').Counter('aab')",
        "__import__('collections').deque([1])",
        "__import__('datetime').date(2024, 1, 1)",
        "__import__('pathlib').PurePosixPath('a')",
        "__import__('types').SimpleNamespace(a=1)",
        "torch.Size([1])",
        "torch.float32",
        "torch.device('cpu')",
        "torch.Generator()",
        "torch.eye(2).to_sparse()",
        "torch.ones(2, dtype=torch.uint16)",
        "nn.Parameter(torch.ones(1))",
        "nn.ReLU()",
        "np.float32(1)",
        "np.ones(1)",
        "optim.SGD([nn.Parameter(torch.ones(1))], 0.1).state_dict()",
    ),
    "STORED": (
        "(lambda p: setattr(p, 'extra', 1) or p)(nn.Parameter(torch.ones(1)))",
        "frozenset({1})",
        "np.float64(1)",
        "np.bool_(True)",
        "np.dtype('f4')",
        "torch.finfo(torch.float32)",
        "torch.strided",
        "torch.ones(1).untyped_storage()",
        "torch.ones(2, dtype=torch.complex32)",
        "nn.utils.rnn.pack_sequence([torch.ones(1)])",
        "__import__('decimal').Decimal(1)",
        "__import__('enum').Enum('Kind', 'A').A",
        "__import__('functools').partial(max, 1)",
        "__import__('uuid').UUID(int=1)",
    ),
    "OF_DTYPE": (
        "F.max_pool1d(x[0], 2)",
        "F.max_pool2d(x, 2)",
        "F.max_pool3d(x, 2)",
        "F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2)",
        "F.avg_pool1d(x[0], 2)",
        "F.avg_pool2d(x, 2)",
        "F.avg_pool3d(x, 2)",
        "F.adaptive_avg_pool1d(x[0], 2)",
        "F.adaptive_avg_pool2d(x, 2)",
        "F.adaptive_avg_pool3d(x, 2)",
        "F.adaptive_max_pool2d(x, 2)",
        "F.adaptive_max_pool3d(x, 2)",
        "F.lp_pool2d(x, 2.0, 2)",
        "F.interpolate(x[0], scale_factor=2.0, mode='linear')",
        "F.interpolate(x, scale_factor=2.0, mode='nearest')",
        "F.interpolate(x, scale_factor=2.0, mode='nearest-exact')",
        "F.interpolate(x, scale_factor=2.0, mode='bilinear')",
        "F.interpolate(x, scale_factor=2.0, mode='bicubic')",
        "F.interpolate(x, scale_factor=2.0, mode='area')",
        "F.interpolate(x, scale_factor=0.5, mode='bilinear', antialias=True)",
        "F.interpolate(x, scale_factor=0.5, mode='bicubic', antialias=True)",
        "F.interpolate(x[None], scale_factor=2.0, mode='trilinear')",
        "F.grid_sample(x, x[..., :2], align_corners=False)",
        "F.grid_sample(x, x[..., :2], 'nearest', align_corners=False)",
        "F.grid_sample(x, x[..., :2], 'bicubic', align_corners=False)",
        "F.affine_grid(x[:, 0, :2, :3], (1, 1, 2, 2), align_corners=False)",
        "F.pad(x, (1, 1))",
        "F.pad(x[0], (1, 1), 'reflect')",
        "F.pad(x, (1, 1, 1, 1), 'reflect')",
        "F.pad(x, (1, 1, 1, 1), 'replicate')",
        "F.pad(x, (1, 1, 1, 1), 'circular')",
        "F.pixel_shuffle(x, 2)",
        "F.pixel_unshuffle(x, 2)",
        "F.channel_shuffle(x, 2)",
        "F.unfold(x, 2)",
        "F.fold(x[0], (2, 2), (1, 1))",
        "F.elu(x)",
        "F.celu(x)",
        "F.selu(x)",
        "F.gelu(x)",
        "F.gelu(x, approximate='tanh')",
        "F.silu(x)",
        "F.mish(x)",
        "F.relu(x)",
        "F.relu6(x)",
        "F.hardtanh(x)",
        "F.hardswish(x)",
        "F.hardsigmoid(x)",
        "F.hardshrink(x)",
        "F.softshrink(x)",
        "F.leaky_relu(x)",
        "F.prelu(x, x[0, 0, 0, :1])",
        "F.softplus(x)",
        "F.softsign(x)",
        "F.logsigmoid(x)",
        "F.threshold(x, 0, 0)",
        "F.glu(x)",
        "F.softmax(x, 1)",
        "F.log_softmax(x, 1)",
        "F.layer_norm(x, (4,))",
        "F.group_norm(x, 2)",
        "F.instance_norm(x)",
        "F.batch_norm(x, None, None, training=True)",
        "F.rms_norm(x, (4,))",
        "F.local_response_norm(x, 2)",
        "F.normalize(x)",
        "F.linear(x, x[0, 0])",
        "F.bilinear(x, x, x[0])",
        "F.conv1d(x[0], x[0])",
        "F.conv2d(x, x)",
        "F.conv3d(x[None], x[None])",
        "F.conv_transpose2d(x, x.transpose(0, 1))",
        "F.scaled_dot_product_attention(x, x, x)",
        "F.embedding(torch.tensor([0]), x[0, 0])",
        "F.embedding_bag(torch.tensor([[0]]), x[0, 0])",
        "F.cosine_similarity(x, x)",
        "F.pairwise_distance(x, x)",
        "torch.cdist(x, x)",
        "torch.matmul(x, x)",
        "F.dropout(x)",
        "F.alpha_dropout(x, training=True)",
        "F.gumbel_softmax(x)",
        "F.rrelu(x, training=True)",
        "nn.RNN(4, 2, dtype=x.dtype)(x[0])[0]",
        "nn.LSTM(4, 2, dtype=x.dtype)(x[0])[0]",
        "nn.GRU(4, 2, dtype=x.dtype)(x[0])[0]",
        "nn.MultiheadAttention(4, 2, dtype=x.dtype)(x[0], x[0], x[0])[0]",
        "F.l1_loss(x, x.detach())",
        "F.mse_loss(x, x.detach())",
        "F.huber_loss(x, x.detach())",
        "F.smooth_l1_loss(x, x.detach())",
        "F.binary_cross_entropy(x, x.detach())",
        "F.binary_cross_entropy_with_logits(x, x.detach())",
        "F.kl_div(x, x.detach(), reduction='sum')",
        "F.poisson_nll_loss(x, x.detach())",
        "F.gaussian_nll_loss(x, x.detach(), x)",
        "F.soft_margin_loss(x, x.detach())",
        "F.hinge_embedding_loss(x, x.detach())",
        "F.cosine_embedding_loss(x[0, 0], x[0, 0], x[0, 0, 0].detach())",
        "F.margin_ranking_loss(x, x, x.detach())",
        "F.triplet_margin_loss(x, x, x)",
        "F.multi_margin_loss(x[0, 0], torch.zeros(4).long())",
        "F.multilabel_margin_loss(x[0, 0], torch.zeros(4, 4).long())",
        "F.multilabel_soft_margin_loss(x[0, 0], x[0, 0].detach())",
        "F.nll_loss(x[0, 0], torch.zeros(4).long())",
        "F.cross_entropy(x[0, 0], torch.zeros(4).long())",
        "F.cross_entropy(x[0, 0], x[0, 0].detach())",
        "F.ctc_loss(x[0], torch.tensor([[1]] * 4), (4,) * 4, (1,) * 4)",
        "nn.utils.clip_grad_norm_(nn.Parameter(x.detach()), 1.0)",
        "torch.cumsum(x, 0)",
        "torch.logsumexp(x, 0)",
        "x.std()",
        "x.sort()[0]",
        "x.median()",
        "x.clamp(0, 1)",
    ),
    "DRAWN": (
        "torch.empty(17, dtype=torch.bfloat16).normal_()",
        "torch.empty(17, dtype=torch.bfloat16).uniform_()",
        "torch.empty(17).normal_()",
        "torch.empty(17).uniform_()",
        "torch.randn(17, dtype=torch.float16)",
        "torch.empty(17, dtype=torch.float64).exponential_()",
        "torch.empty(17).bernoulli_(0.3)",
        "torch.empty(17).geometric_(0.5)",
        "torch.empty(17).cauchy_()",
        "torch.empty(17).log_normal_()",
        "torch.empty(17).random_()",
        "torch.randint(2**40, (17,))",
        "torch.normal(torch.zeros(17), torch.ones(17))",
        "torch.multinomial(torch.ones(17), 5)",
        "torch.multinomial(torch.ones(17, dtype=torch.float16), 5)",
        "torch.multinomial(torch.ones(17, dtype=torch.bfloat16), 5)",
        "torch.empty(17, dtype=torch.float16).bernoulli_(0.3)",
        "torch.poisson(torch.ones(17, dtype=torch.float16))",
        "F.rrelu(-torch.ones(17, dtype=torch.bfloat16), training=True)",
        "F.scaled_dot_product_attention(*torch.ones(3, 1, 1, 4, 4), dropout_p=0.5)",
        "nn.LSTM(2, 3, 2, dropout=0.5)(torch.ones(4, 1, 2))[0]",
        "nn.TransformerEncoderLayer(4, 2, 8)(torch.ones(1, 3, 4))",
        "nn.init.trunc_normal_(torch.empty(17, dtype=torch.float64))",
        "F.dropout2d(torch.ones(1, 17, 2, 2))",
        "F.feature_alpha_dropout(torch.ones(1, 17, 2, 2), training=True)",
        "F.gumbel_softmax(torch.ones(17))",
        "nn.init.trunc_normal_(torch.empty(17), a=0.5, b=1.0)",
        "nn.init.orthogonal_(torch.empty(3, 5))",
        "nn.Linear(3, 2, dtype=torch.float16).weight",
        "nn.MultiheadAttention(4, 2, dropout=0.5)(*torch.ones(3, 2, 1, 4))[0]",
        "torch.distributions.VonMises(torch.tensor(0.0), torch.tensor(1.0)).sample((17,))",
        "torch.distributions.Gamma(torch.tensor(1.0), torch.tensor(1.0)).sample((17,))",
    ),
    "REFUSED": (
        "x.view(3)",
        "x.add_(1)",
        "x[5]",
        "x.item()",
        "torch.cat([x, x.view(1, 2)])",
        "nn.functional.linear(x, torch.ones(3, 3))",
        "nn.functional.batch_norm(x.view(1, 2), None, None, training=True)",
        "{}['a']",
        "1 // 0",
        "x.no_such",
    ),
    "OVERRIDING": (
        "call_super_init = True",
        "def parameters(self, recurse=True): return super().parameters(recurse)",
        "def named_parameters(self, prefix='', recurse=True): "
        "return super().named_parameters(prefix, recurse)",
        "def named_buffers(self, prefix='', recurse=True): "
        "return super().named_buffers(prefix, recurse)",
        "def named_modules(self, memo=None, prefix=''): return super().named_modules(memo, prefix)",
        "def named_children(self): return iter([('a', nn.ReLU())])",
        "def children(self): return iter([nn.ReLU()])",
        "def modules(self): return iter([self])",
        "def state_dict(self): return super().state_dict()",
        "def state_dict(self, destination=None, prefix='', keep_vars=False): "
        "return super().state_dict(destination, prefix, keep_vars)",
        "def _save_to_state_dict(self, destination, prefix, keep_vars): "
        "destination[prefix + 'weight'] = self.weight",
        "def _load_from_state_dict(self, state_dict, prefix, *args): "
        "state_dict.pop(prefix + 'bias')",
        "def get_extra_state(self): return 1",
        "def set_extra_state(self, state): self.state = state",
        "def _apply(self, fn): return super()._apply(fn)",
        "def to(self, *args): return None",
        "def train(self): return self",
        "def zero_grad(self): return None",
        "def requires_grad_(self): return None",
        "def __call__(self, x): return x",
        "def _call_impl(self, x): return x",
        "def __setattr__(self, name, value): object.__setattr__(self, name, value)",
        "def __getattr__(self, name): return super().__getattr__(name)",
        "def __setstate__(self, state): self.__dict__.update(state)",
        "def register_parameter(self, name, param): super().register_parameter(name, param)",
        "def register_buffer(self, name, tensor): super().register_buffer(name, tensor)",
        "def compile(self): return 'mine'",
        "forward = torch.no_grad()(nn.Linear.forward)",
    ),
    "HOOKED": (
        "y.register_hook(lambda g: seen.append(g.tolist()))",
        "y.retain_grad()",
        "y.grad_fn.register_hook(lambda g, _: seen.append(g[0] is None))",
        "y.grad_fn.register_prehook(lambda g: seen.append(g[0].tolist()))",
    ),
    "IN_PLACE": (
        "y.mul_(3)",
        "y += x",
        "y[:1].mul_(3)",
        "y.zero_()",
        "y.copy_(x)",
        "y.data.mul_(3)",
        "y.detach_()",
        "y.requires_grad_(False)",
        "y.set_(torch.ones(2))",
        "y.t_()",
    ),
    "LOADED": (
        "torch.ones(2, 2, dtype=torch.float64)",
        "torch.ones(2, 2, dtype=torch.bfloat16)",
        "torch.ones(2, 2, dtype=torch.int64)",
        "torch.ones(2, 2, dtype=torch.complex64)",
        "torch.ones(2, 2, requires_grad=True)",
        "torch.ones(2, 2, requires_grad=True) * 1",
        "nn.Parameter(torch.ones(2, 2), requires_grad=False)",
        "torch.ones(2, 2, device='meta')",
        "torch.inference_mode()(torch.ones)(2, 2)",
        "torch.eye(2).to_sparse()",
        "torch.ones(2, 1).expand(2, 2)",
        "torch.ones(2, 2).t()",
        "torch.ones(1, 2)",
        "torch.tensor(1.0)",
        "np.ones((2, 2))",
        "[[1.0] * 2] * 2",
        "None",
    ),
    "LOADING": ("strict=True", "assign=True"),
    "COPIED": (
        "copy.copy(x)",
        "copy.deepcopy(x)",
        "pickle.loads(pickle.dumps(x))",
        "x.clone()",
        "x.detach()",
    ),
    "ORIGINAL": (
        "nn.Parameter(torch.ones(2))",
        "nn.Parameter(torch.ones(2), requires_grad=False)",
        "torch.ones(2, requires_grad=True)",
        "torch.ones(2, 2)[:, 1]",
        "torch.tensor([1j, 1j]).conj()",
        "torch.inference_mode()(torch.ones)(2)",
        "torch.ones(2, device='meta')",
    ),
    "COMPILED": (
        "nn.Linear(1, 1)",
        "nn.Dropout()",
        "nn.Sequential(nn.Linear(1, 1))",
        "nn.BatchNorm1d(1)",
    ),
    "INSIDE": (
        "print(end='')",
        "y.sum().item()",
        "y.tolist()",
        "y.numpy()",
        "y.nonzero()",
        "y.data_ptr()",
        "id(y)",
        "y.requires_grad_()",
        "y.detach_()",
        "torch.manual_seed(0)",
        "torch.randn(2, generator=torch.Generator())",
        "if y.sum() > 0: y = y + 1",
        "assert y.sum() > 0",
        "with torch.no_grad(): y = y + 1",
        "with torch.inference_mode(): y = y + 1",
        "with torch.autograd.set_detect_anomaly(True): y = y + 1",
        "nn.Linear(2, 2)",
        "nn.Parameter(y)",
    ),
    "ACTIVATION": (
        *_each(
            "F.{}",
            "relu6 hardtanh hardswish hardsigmoid hardshrink softshrink tanhshrink leaky_relu elu "
            "selu celu gelu silu mish softplus softsign logsigmoid",
        ),
        "torch.sigmoid",
        "torch.tanh",
        "(lambda x: F.threshold(x, 0.5, 0.0))",
        "(lambda x: F.gelu(x, approximate='tanh'))",
    ),
    "AT_ZERO": (
        "torch.atan2(x, x.detach())",
        "torch.hypot(x, x.detach())",
        "x.prod()",
        "x.cumprod(0)",
        "torch.pow(0.0, x)",
        "x**0.5",
        "x / x.detach()",
        "x.var()",
        "F.normalize(x, dim=0)",
        "F.cosine_similarity(x, torch.ones(2), dim=0)",
        "F.pairwise_distance(x[None], torch.zeros(1, 2))",
        "torch.cdist(x[None], torch.zeros(1, 2))",
        "torch.dist(x, torch.zeros(2))",
        "torch.linalg.vector_norm(x, 1)",
        "torch.linalg.vector_norm(x, float('inf'))",
        "torch.linalg.matrix_norm(x[None])",
        "torch.sinc(x)",
        "torch.xlogy(x, x.detach())",
        "torch.xlogy(x.detach(), x)",
        "torch.special.entr(x)",
        "torch.logit(x)",
        "torch.acos(x + 1)",
        "torch.logsumexp(x + float('-inf'), 0)",
        "torch.logaddexp(x + float('-inf'), x + float('-inf'))",
        "F.softmax(x + float('-inf'), 0)",
        "torch.logcumsumexp(x, 0)",
        "torch.fmax(x, torch.zeros(2))",
        "x.amin()",
        "x.min(0)[0]",
        "x.aminmax()[1]",
        "x.cummax(0)[0]",
        "x.median()",
        "x.sort()[0]",
        "x.topk(1)[0]",
        "x.clamp(0, 0)",
        "x.clamp(min=x.detach())",
        "torch.where(x > 0, x, x.sqrt())",
        "torch.remainder(x, 1.0)",
        "torch.fmod(x, x.detach())",
        "torch.nan_to_num(x / 0)",
        "x.sign()",
        "torch.copysign(x, x.detach())",
        "torch.lerp(x, torch.ones(2), x)",
        "x.view(1, 2).renorm(2, 0, 1.0)",
        "F.l1_loss(x, torch.zeros(2))",
        "F.smooth_l1_loss(x, torch.zeros(2), beta=0.0)",
        "F.binary_cross_entropy(x, torch.ones(2))",
        "F.kl_div(x, torch.zeros(2), reduction='sum')",
        "F.layer_norm(x, (2,))",
        "F.batch_norm(x[:, None], None, None, training=True)",
    ),
    "OF_NOTHING": (
        *_each(
            "x.{}",
            "sum() mean() prod() max() max(0) argmax() amax() aminmax() median() nanmedian() std() "
            "norm() norm(float('inf')) norm(0) all() any() logsumexp(0) quantile(0.5) mode() "
            "unique() sort() topk(1) kthvalue(1) cummax(0) cumsum(0) histc(2) diff() nonzero() "
            "unbind() split(1) chunk(2)",
        ),
        "torch.linalg.vector_norm(x, float('inf'))",
        "torch.var_mean(x)",
        "torch.bincount(x.long())",
        "torch.multinomial(x, 1)",
        "torch.stack([])",
        "torch.einsum('i,i', x, x)",
        "F.mse_loss(x, x)",
        "F.cross_entropy(x.view(0, 2), x.long())",
        "F.softmax(x, 0)",
        "F.one_hot(x.long())",
        "F.embedding(x.long(), torch.ones(2, 2)).shape",
        "F.interpolate(x.view(0, 1, 1), 2).shape",
        "F.max_pool1d(x.view(0, 1, 1), 1).shape",
        "F.pad(x, (1, 0))",
        "nn.LSTM(1, 1)(x.view(0, 1))[0].shape",
        "nn.MultiheadAttention(2, 1)(*[x.view(0, 1, 2)] * 3)[0].shape",
        "nn.LayerNorm(2)(x.view(0, 2)).shape",
        "nn.GroupNorm(1, 2)(x.view(0, 2)).shape",
        "nn.utils.parameters_to_vector([])",
        "nn.utils.clip_grad_value_([], 1.0)",
        "nn.utils.rnn.pad_sequence([])",
    ),
    "WITH_TIES": (
        "x.unique(sorted=False)",
        "x.unique(sorted=False, return_inverse=True)",
        "x.unique(dim=0, return_counts=True)",
        "x.unique_consecutive()",
        "x.argmin()",
        "x.float().argmin()",
        "x.min(0)",
        "x.float().min(0)",
        "x.mode()",
        "x.median(0)",
        "x.sort()",
        "x.sort(descending=True)",
        "x.argsort(stable=True)",
        "x.float().argsort(descending=True)",
        "x.topk(3, largest=False)",
        "x.float().topk(4)",
        "x.kthvalue(2)",
        "x.cummin(0)",
        "torch.bincount(x)",
        "torch.searchsorted(x.sort()[0], x)",
        "torch.bucketize(x, x.sort()[0], right=True)",
        "torch.isin(x, x[:2])",
        "torch.quantile(x.double(), 0.4, interpolation='lower')",
    ),
    "MASKED": (
        "x.masked_fill(m, 5)",
        "x.masked_select(m)",
        "x.masked_scatter(m, x)",
        "torch.where(m, x, x)",
        "x[m]",
        "x.index_put((m,), x[:1])",
        "x.index_fill(0, m, 5)",
        "torch.count_nonzero(m)",
        "~m",
        "x * m",
        "x.logical_and(m)",
        "m.all()",
        "m.sum()",
    ),
    "INDEXED": (
        "x.gather(0, i)",
        "x.scatter(0, i, 5.0)",
        "x.scatter_add(0, i, x)",
        "x.scatter_reduce(0, i, x, 'sum')",
        "x.index_select(0, i)",
        "x.index_add(0, i, x)",
        "x.index_copy(0, i, x)",
        "x.index_fill(0, i, 5)",
        "x.index_reduce(0, i, x, 'amax')",
        "x.take(i)",
        "x.take_along_dim(i, 0)",
        "x.put(i, x)",
        "x[i]",
        "x.repeat_interleave(i)",
        "F.embedding(i, x.view(2, 1))",
        "F.embedding_bag(i[None], x.view(2, 1))",
        "F.one_hot(i)",
        "F.nll_loss(x.view(1, 2), i[:1])",
        "torch.bincount(i)",
        "torch.tensor_split(x, i[:1])",
        "torch.combinations(i)",
    ),
    "LOSS": (
        "F.cross_entropy(x, torch.tensor([-100, -100]))",
        "F.cross_entropy(x, torch.tensor([-1, 0]))",
        "F.cross_entropy(x, torch.tensor([0, 1], dtype=torch.uint8))",
        "F.cross_entropy(x, torch.tensor([0, 1]), label_smoothing=1.5)",
        "F.cross_entropy(x, torch.tensor([0, 1]), weight=torch.ones(3))",
        "F.cross_entropy(x, torch.tensor([0, 1]), weight=torch.zeros(2))",
        "F.cross_entropy(x, x, ignore_index=0)",
        "F.cross_entropy(x, x.long())",
        "F.cross_entropy(x, torch.tensor([0, 1]), reduction='no_such')",
        "F.nll_loss(x, torch.tensor([0]))",
        "F.nll_loss(x[0], torch.tensor(1))",
        "F.ctc_loss(x[:, None], torch.tensor([[1]]), torch.tensor([0]), torch.tensor([1]))",
        "F.ctc_loss(x[:, None], torch.tensor([[1]]), torch.tensor([2]), torch.tensor([0]))",
        "F.ctc_loss(x[:, None], torch.tensor([[1]]), torch.tensor([2]), torch.tensor([-1]))",
        "F.ctc_loss(x[:, None], torch.tensor([[1]]), (2,), (1,), zero_infinity=True)",
        "F.huber_loss(x, x + 2, delta=0.0)",
        "F.huber_loss(x, x + 2, delta=-1.0)",
        "F.smooth_l1_loss(x, x + 2, beta=-1.0)",
        "F.l1_loss(x, x, reduction='no_such')",
        "F.l1_loss(x, x[:1])",
        "F.l1_loss(x.long(), x.long())",
        "F.l1_loss(x * 1j, x * 0)",
        "F.mse_loss(x.long(), x.long())",
        "F.mse_loss(x * 1j, x * 0)",
        "F.mse_loss(x, x + 1, reduce=False)",
        "F.triplet_margin_loss(x, x, x, margin=0.0)",
        "F.triplet_margin_loss(x, x, x, p=0)",
        "F.multi_margin_loss(x, torch.tensor([0, 5]))",
        "F.multi_margin_loss(x, torch.tensor([0, 1]), p=3)",
        "F.multilabel_margin_loss(x, torch.tensor([[0, -1], [5, -1]]))",
        "F.margin_ranking_loss(x, x, torch.ones(2))",
        "F.cosine_embedding_loss(x, x, torch.ones(2, 1))",
        "F.cosine_embedding_loss(x, x * 0, torch.ones(2))",
        "F.hinge_embedding_loss(x, x * 0)",
        "F.soft_margin_loss(x * 200, -x)",
        "F.poisson_nll_loss(x, x, full=True)",
        "F.gaussian_nll_loss(x, x, -x)",
        "F.gaussian_nll_loss(x, x, x[:, :1])",
        "F.kl_div(x, x)",
        "F.kl_div(x, x, reduction='batchmean', log_target=True)",
        "F.kl_div(x, x * 0, reduction='none')",
        "F.binary_cross_entropy(x, x[:1])",
        "F.binary_cross_entropy(x, x.long())",
        "F.binary_cross_entropy(x * 0, x)",
        "F.binary_cross_entropy_with_logits(x, x, pos_weight=torch.ones(3))",
        "F.binary_cross_entropy_with_logits(x * float('inf'), x)",
        "F.cosine_similarity(x.long(), x.long())",
    ),
    "MADE": (
        "nn.RNN(3, 2, 1, 'relu').nonlinearity",
        "nn.RNN(3, 2, 1, 'tanh', False).bias",
        "nn.LSTM(3, 2, 1, False).bias",
        "nn.LSTM(3, 2, 0)",
        "nn.LSTM(3, 2, proj_size=2)",
        "nn.GRU(3, 2, proj_size=1)",
        "nn.RNNCell(3, 0)",
        "nn.MultiheadAttention(4, 0)",
        "nn.MultiheadAttention(4, 3)",
        "nn.Transformer(4, 3)",
        "nn.Embedding(3, 2, 5)",
        "nn.Embedding(3, 2, -1).padding_idx",
        "nn.Embedding(0, 2).weight.shape",
        "nn.EmbeddingBag(3, 2, mode='no_such')",
        "nn.LayerNorm(2.5)",
        "nn.LayerNorm(3, 1e-5, False, True).bias",
        "nn.GroupNorm(0, 4)",
        "nn.GroupNorm(2, 4, True).eps",
        "nn.PReLU(0)",
        "nn.Conv2d(1, 1, 1, 0).stride",
        "nn.Conv2d(1, 1, 1, dilation=0).dilation",
        "nn.Conv2d(1, 1, 1, padding=-1).padding",
        "nn.Conv2d(1, 1, (1, 1, 1)).weight.shape",
        "nn.Conv2d(0, 1, 1)",
        "nn.Conv2d(1, 1, 1, groups=-1)",
        "nn.ConvTranspose2d(1, 1, 1, padding='same')",
        "nn.Bilinear(1, 1, 0).weight.shape",
        "nn.MaxPool2d(0)(torch.ones(1, 1, 2, 2))",
        "nn.MaxPool2d(2, padding=2)(torch.ones(1, 1, 2, 2))",
        "nn.AvgPool2d(2, 0)(torch.ones(1, 1, 2, 2))",
        "nn.AvgPool2d(2, divisor_override=0)(torch.ones(1, 1, 2, 2))",
        "nn.AdaptiveAvgPool2d(-1)(torch.ones(1, 1, 2, 2))",
        "nn.FractionalMaxPool2d(-2, output_size=2)",
        "nn.Fold(2, 0)(torch.ones(1, 1, 1))",
        "nn.Unfold(2, stride=0)(torch.ones(1, 1, 2, 2))",
        "nn.Flatten(2, 1)(torch.ones(1, 2, 3))",
        "nn.Unflatten(1, 2)",
        "nn.PixelShuffle(0)(torch.ones(1, 1, 1, 1))",
        "nn.Upsample(2, mode='no_such')(torch.ones(1, 1, 1))",
        "nn.ZeroPad2d(-1)(torch.ones(1, 1, 3, 3)).shape",
        "nn.ReflectionPad1d(2)(torch.ones(1, 1, 2))",
        "nn.Softplus(0)(torch.ones(1))",
        "nn.ELU(-1.0)(-torch.ones(1))",
        "nn.CELU(0.0)(-torch.ones(1))",
        "nn.Hardtanh(1, 0)",
        "nn.RReLU(0.5, 0.1)(-torch.ones(1))",
        "nn.Threshold(0.5, 2)(torch.tensor([0, 1]))",
        "nn.GLU()(torch.ones(3))",
        "nn.LocalResponseNorm(0)(torch.ones(1, 1, 1))",
        "nn.BatchNorm1d(1, eps=-1.0)(torch.tensor([[0.0], [2.0]]))",
        "nn.TripletMarginLoss(margin=-1.0).margin",
        "nn.HuberLoss(delta=0.0).delta",
        "nn.CrossEntropyLoss(label_smoothing=2.0).label_smoothing",
        "nn.ModuleList([1])",
        "nn.ParameterList([1])",
        "nn.Sequential(nn.ReLU(), nn.Tanh(), nn.GELU()).__delitem__(0)",
        "nn.Sequential(nn.ReLU()).__iadd__(nn.Sequential(nn.Tanh()))",
        "nn.ParameterDict({'b': torch.ones(1), 'a': torch.ones(1)}).pop('b')",
    ),
    "HELD": (
        "nn.ModuleDict({'a': nn.ReLU()}).keys()",
        "nn.ModuleDict({'a': nn.ReLU()}).values()",
        "nn.ModuleDict({'a': nn.ReLU()}).items()",
        "nn.ParameterDict({'a': torch.ones(1)}).keys()",
        "nn.ParameterDict({'a': torch.ones(1)}).items()",
        *_each(
            "nn.Linear(1, 1).{}",
            "_parameters _buffers _modules _forward_hooks _backward_hooks "
            "_non_persistent_buffers_set state_dict().keys() named_parameters() children() "
            "modules() named_buffers()",
        ),
        "nn.Linear(1, 1).load_state_dict(nn.Linear(1, 1).state_dict())",
        "iter(nn.ModuleList())",
        *_each(
            "optim.SGD([nn.Parameter(torch.ones(1))], lr=0.1).{}",
            "state param_groups defaults state_dict()['state'] state_dict()['param_groups']",
        ),
        "torch.ones(2).max(0)",
        "torch.ones(2).unbind()",
    ),
    "WITH_NAN": (
        *_each(
            "x.{}",
            "max(0) min(0) argmax() argmin() sort() topk(2) median() nanmedian() mode() cummax(0) "
            "kthvalue(2) unique() sign() round() int() bool() relu() clamp(0,1) "
            "clamp(min=float('nan')) clamp(max=x) fmax(x.flip(0)) maximum(x.flip(0)) logsumexp(0) "
            "quantile(0.5) nanquantile(0.5) histc(2,0,2) nan_to_num() eq(x) isclose(x) "
            "pow(0) softmax(0) floor_divide(2)",
        ),
        "torch.isclose(x, x, equal_nan=True)",
        "torch.where(x > 0, x, x)",
        "torch.searchsorted(torch.tensor([1.0, 2.0]), x)",
        "F.max_pool1d(x[None], 2, 1)",
        "F.interpolate(x[None, None], 2)",
        "torch.aminmax(x)",
    ),
    "OF_INTS": (
        *_each(
            "x.{}",
            "mean() var() std() norm() quantile(0.5) median() softmax(0) logsumexp(0) sqrt() "
            "reciprocal() floor() round() sigmoid() cumprod(0).dtype dot(x) matmul(x) pow(-1) "
            "pow(0.5) div(0) remainder(0) lerp(x,x) exponential_() normal_() bernoulli() "
            "clamp(0.5) add_(0.5) mul_(0.5) div_(2) addcdiv(x,x) renorm(2,0,1)",
        ),
        "torch.linalg.norm(x)",
        "torch.cdist(x[None], x[None])",
        "torch.histc(x)",
        "F.linear(x, x[None])",
        "F.layer_norm(x, (2,))",
        "F.normalize(x, dim=0)",
        "F.dropout(x, 0.5)",
        "F.avg_pool1d(x[None], 2)",
        "F.elu(x)",
        "F.hardtanh(x)",
    ),
    "BY_NUMPY": (
        "np.float64(t[0])",
        "float(np.array(t[0]))",
        "np.linspace(t[0], t[1], 2)",
        *_each(
            "np.{}",
            "add(np.ones(2),t,out=np.ones(2)) clip(t,0,0.5) argmax(t) unique(t) vstack([t,t]) "
            "pad(t,1) allclose(t,1) array_equal(t,t) outer(t,t) dot(t,t) squeeze(t) tile(t,2) "
            "diff(t) histogram(t,1) nonzero(t) ones_like(t) broadcast_to(t,(1,2)) asarray(t,'i4') "
            "array([t[0],t[1]]) isin(t,t) random.default_rng(0).choice(t) percentile(t,50) "
            "interp(t,t,t)",
        ),
    ),
}
