"""6 torch.compile().

The backends are "eager", which is TorchDynamo alone, "aot_eager", which adds AOTAutograd, and
"inductor", which adds code of its own. Compiling takes time, so a spec runs with "eager" alone if
all is done by TorchDynamo, and without "eager" if AOTAutograd takes part. "inductor", which takes
minutes, is tried in the profile ``explore`` and where the environment variable ``TRY_INDUCTOR`` is
set, if a C++ compiler is found. TorchDynamo's counters tell how many graphs were compiled.
"""

from __future__ import annotations

import contextlib
import copy
import os
import pickle
import random
import shutil
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn, optim

from specs.ledger import claim
from specs.oracles import rounding, same_bits, within
from specs.releases import RELEASE, before, since
from specs.strategies import each_of, tensors

#: The first release whose TorchDynamo runs on this Python.
_FIRST = {(3, 10): "2.1", (3, 11): "2.1", (3, 12): "2.4", (3, 13): "2.6"}
pytestmark = [
    since(_FIRST.get(sys.version_info[:2], "2.10")),
    pytest.mark.filterwarnings("ignore:Guards may run slower on Python 3.13.0"),
]


class Compiler:
    """torch.compile with one backend."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self._kept: dict[object, object] = {}

    def __call__(self, it, **settings):
        return torch.compile(it, backend=self.backend, **settings)

    def once(self, it, **settings):
        """The function compiled, the same for every example of a property."""
        if it not in self._kept:
            self._kept[it] = self(it, **settings)
        return self._kept[it]

    @property
    def graphs(self) -> int:
        """How many graphs TorchDynamo compiled in this spec."""
        return torch._dynamo.utils.counters["stats"]["unique_graphs"]


def _explores() -> bool:
    return settings.default.max_examples >= settings.get_profile("explore").max_examples


def _why_no_inductor() -> str | None:
    if not _explores() and not os.environ.get("TRY_INDUCTOR"):
        return "inductor is slow: --hypothesis-profile=explore tries it, or TRY_INDUCTOR=1"
    if shutil.which("g++") is None and shutil.which("clang++") is None:
        return "inductor needs a C++ compiler"
    return None


@pytest.fixture(params=["eager", "aot_eager", "inductor"], scope="module")
def compiler(request):
    """torch.compile with a backend; the spec need not compile anything."""
    if request.param == "inductor" and (reason := _why_no_inductor()):
        pytest.skip(reason)
    return Compiler(request.param)


@pytest.fixture(scope="module")
def compiled(compiler):
    """The same, for a spec that must not fall back on plain code: it fails if nothing compiles."""
    return compiler


with_dynamo = pytest.mark.parametrize("compiler", ["eager"], indirect=True)
with_aot_eager = pytest.mark.parametrize("compiler", ["aot_eager"], indirect=True)
with_aot = pytest.mark.parametrize("compiler", ["aot_eager", "inductor"], indirect=True)


#: Settings that cost time, and one that puts a header of 150 MB into the user's caches.
_OFF = (
    ("torch._dynamo.config", "run_gc_after_compile"),
    ("torch._inductor.config", "cpp_cache_precompile_headers"),
)
#: It computes equal terms once, and imports much of inductor for that. The profile explore keeps
#: it on, and so do all before PyTorch 2.5, where it changed requires_grad.
_CSE = (("torch._functorch.config", "cse"),)
#: What each compile measures and logs, or prepares for an option that is off.
_IN_VAIN = {
    "torch._decomp.decompositions_for_rng.PhiloxState.reset": lambda self: None,
    "torch._dynamo.guards.profile_guard_manager": lambda *_: 0.0,  # empties the processor's cache
    "torch._dynamo.symbolic_convert.get_funcname": lambda *_: None,
    "torch._dynamo.utils._get_dynamo_config_for_logging": lambda: None,
    "torch._dynamo.utils._scrubbed_inductor_config_for_logging": lambda: None,
}


@pytest.fixture(autouse=True)
def nothing_compiled(request, tmp_path_factory, monkeypatch):
    """Begin with no compiled code, and leave no file in the user's caches."""
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path_factory.getbasetemp()))
    monkeypatch.setenv("TORCHINDUCTOR_CPP_CACHE_PRECOMPILE_HEADERS", "0")  # read by its import
    for name, instead in _IN_VAIN.items():
        monkeypatch.setattr(name, instead, raising=False)
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    with contextlib.ExitStack() as settings:
        for module, name in _OFF + (_CSE if RELEASE >= (2, 5) and not _explores() else ()):
            if hasattr(config := sys.modules.get(module), name):
                settings.enter_context(config.patch({name: False}))
        yield
    if "compiled" in request.fixturenames:
        assert request.getfixturevalue("compiled").graphs >= 1


def many(x):
    return torch.stack([F.relu(x) - x / 2, (x * x).mean() * x])


def difference_of_many(x):
    """How far values or gradients of ``many`` may lie apart that were computed in two ways.

    Each is a sum of terms whose magnitudes add up to at most 4 * largest**3, and which at most
    2 * n + 10 operations compute.
    """
    largest = 1 + x.abs().max().item()
    return 2 * rounding(2 * len(x) + 10, x.dtype) * 4 * largest**3


#: Arguments of each rank, several dtypes and layouts, and more elements than one thread takes.
FORMS = (
    *(((), torch.float32, "contiguous"), ((65,), torch.float16, "offset")),
    *(((300,), torch.bfloat16, "gaps"), ((2, 3), torch.int32, "transposed")),
    *(((4, 2), torch.float64, "expanded"), ((2, 1, 3), torch.complex64, "contiguous")),
    *(((2, 3, 4, 5), torch.float32, "channels_last"), ((1, 2, 3, 1, 2), torch.int64, "offset")),
    ((4, 10_000), torch.float32, "contiguous"),
)


@claim("6.1")
class TestSameResults:
    @given(x=tensors((torch.float32,), ((3,), (300,)), small=True))
    def test_a_compiled_function_gives_the_same_values_and_gradients(self, compiled, x):
        leaf, other = ((x / 3).requires_grad_() for _ in range(2))
        y, plain = compiled.once(many, dynamic=True)(leaf), many(other)
        assert y.requires_grad
        y.sum().backward()
        plain.sum().backward()

        if compiled.backend == "eager":
            assert same_bits(y, plain)
            assert same_bits(leaf.grad, other.grad)
        else:
            allowed = difference_of_many(other)
            assert within(y, plain.detach().numpy(), allowed)
            assert within(leaf.grad, other.grad.numpy(), allowed)

    @with_dynamo
    def test_long_vectors_give_the_same_bits_with_eager(self, compiled):
        x = torch.linspace(-2, 2, 33_000)

        assert same_bits(compiled(lambda x: x * x.mean())(x), x * x.mean())

    @with_aot
    def test_a_compiled_net_gives_the_same_values_and_gradients(self, compiled):
        """The numbers are whole and small, so that every sum is exact in any order."""
        net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
        x = torch.arange(6.0).reshape(2, 3) - 2
        for parameter in net.parameters():
            parameter.data = torch.arange(float(parameter.numel())).view_as(parameter) % 5 - 2
        results, gradients = [], []
        for it in (compiled(net), net):
            for _ in range(3):
                net.zero_grad()
                y = it(x)
                assert y.requires_grad
                y.sum().backward()
            results.append(y.tolist())
            gradients.append([p.grad.tolist() for p in net.parameters()])

        assert results[0] == results[1]
        assert gradients[0] == gradients[1]

    @with_aot
    def test_arguments_may_have_any_dtype_rank_and_layout(self, compiled):
        def f(*arguments):
            return [x * 2 + 1 for x in arguments]

        them = list(each_of(FORMS, 3))

        assert all(map(same_bits, compiled(f)(*them), f(*them)))

    @with_aot
    def test_dropout_draws_the_same_numbers_after_the_same_seed_but_with_inductor(self, compiled):
        """That of everything gives zeros: https://github.com/pytorch/pytorch/issues/107942"""
        some, everything = nn.Dropout(0.5), nn.Dropout(1.0)
        x = torch.ones(100, requires_grad=True)
        torch.manual_seed(0)
        plain = some(x)
        torch.manual_seed(0)

        y, zeros = compiled(lambda x: (some(x), everything(x)))(x)
        zeros.sum().backward()

        assert same_bits(y, plain) == (compiled.backend != "inductor")
        assert zeros.tolist() == [0.0] * 100
        assert x.grad.tolist() == [0.0] * 100


MODES = {
    "no_grad": torch.no_grad,
    "enable_grad": torch.enable_grad,
    "set_grad_enabled(True)": lambda: torch.set_grad_enabled(True),
    "set_grad_enabled(False)": lambda: torch.set_grad_enabled(False),
}


def programs(depth=2):
    """Blocks and decorated functions in each other, and calls of set_grad_enabled() among them."""
    inner = programs(depth - 1) if depth else st.just(())
    steps = st.tuples(st.sampled_from(["block", "function"]), st.sampled_from([*MODES]), inner)
    if RELEASE >= (2, 12):  # before, a call ended with the function
        steps |= st.tuples(st.just("call"), st.booleans(), st.just(()))
    return st.lists(steps, min_size=depth, max_size=max(depth, 1)).map(tuple)


def follow(program, x):
    """What a function computes that has the steps of the program."""
    seen = [x * 2]
    for step, mode, inner in program:
        if step == "block":
            with MODES[mode]():
                seen += follow(inner, x)
        elif step == "function":
            seen += MODES[mode]()(follow)(inner, x)
        else:
            torch.set_grad_enabled(mode)
        seen.append(x * 3)
    return seen


@claim("6.2")
class TestGradModes:
    @since("2.5")
    @given(program=programs(), outside=st.sampled_from([*MODES]))
    @(with_aot_eager if _explores() else with_dynamo)  # each program is compiled
    def test_blocks_decorators_and_calls_do_what_they_do_in_plain_code(
        self, compiled, program, outside
    ):
        torch._dynamo.reset()
        flags, modes, gradients = [], [], []
        for f in (follow, compiled(follow, fullgraph=True)):
            x = torch.ones(3, requires_grad=True)
            with MODES[outside]():
                results = f(program, x)
                modes.append(torch.is_grad_enabled())
            if any(recorded := [it.requires_grad for it in results]):
                torch.autograd.backward([it.sum() for it in results if it.requires_grad])
            flags.append(recorded)
            gradients.append(x.grad if x.grad is None else x.grad.tolist())

        assert flags[0] == flags[1]
        assert modes[0] == modes[1]
        assert gradients[0] == gradients[1]

    @since("2.5")
    @with_aot
    def test_each_mode_is_the_innermost_ones_in_a_call_under_no_grad(self, compiled):
        """https://github.com/pytorch/pytorch/issues/114338"""
        program = tuple(zip(["block", "function"] * 2, MODES, [()] * 4, strict=True))
        nested = ()
        for step, mode in zip(["block", "function"] * 3, [*MODES, *MODES], strict=False):
            nested = ((step, mode, nested),)
        program += nested
        flags, gradients = [], []
        for f in (follow, compiled(follow, fullgraph=True)):
            x = torch.ones(3, requires_grad=True)
            with torch.no_grad():
                results = f(program, x)
            sum(it.sum() for it in results if it.requires_grad).backward()
            flags.append([it.requires_grad for it in results])
            gradients.append(x.grad.tolist())

        assert flags[0] == flags[1]
        assert gradients[0] == gradients[1]

    @since("2.6")
    @with_dynamo
    def test_a_block_is_left_as_in_plain_code_by_return_break_and_an_exception(self, compiled):
        def returned(x):
            with torch.no_grad():
                return x * 2

        def f(x):
            results = [returned(x), x * 3]
            for _ in range(2):
                with torch.no_grad():
                    results.append(x * 4)
                    break
            results.append(x * 5)
            try:
                with torch.no_grad():
                    results.append(x * 6)
                    raise KeyError
            except KeyError:
                results.append(x * 7)
            return results

        def fail(x):
            with torch.no_grad():
                x * 2
                raise ValueError("of its own")

        x = torch.ones(3, requires_grad=True)
        for mode in (True, False):
            with torch.set_grad_enabled(mode):
                flags = [it.requires_grad for it in compiled.once(f)(x)]
                modes = [torch.is_grad_enabled()]
                with pytest.raises(ValueError, match="of its own"):
                    compiled(fail)(x)
                modes.append(torch.is_grad_enabled())

            assert flags == [False, mode] * 3
            assert modes == [mode, mode]

    @before("2.5")  # later ones are tried above
    @with_aot
    def test_a_block_without_grad_records_nothing_and_ends_with_the_block(self, compiled):
        def f(x):
            with torch.no_grad():
                y = x * 2
            with torch.set_grad_enabled(False):
                z = x * 3
            return y, z, x * 4

        results = compiled(f)(torch.ones(3, requires_grad=True))

        assert [it.requires_grad for it in results] == [False, False, True]

    @with_aot
    def test_a_compiled_function_follows_the_mode_of_each_call(self, compiled):
        """https://github.com/pytorch/pytorch/issues/103132, also 161191"""
        f, x = compiled(lambda x: x * 2, dynamic=True), torch.ones(3, requires_grad=True)

        for _ in range(3):
            results = [f(x)]
            with torch.no_grad():
                results.append(f(x))
            with torch.inference_mode():
                results.append(f(x[1:]))

            assert [it.requires_grad for it in results] == [True, False, False]
            assert [it.is_inference() for it in results] == [False, False, True]
            assert results[2].tolist() == [2.0, 2.0]

    @with_dynamo
    def test_a_decorated_function_and_one_decorated_without_parentheses_record_nothing(
        self, compiled
    ):
        x = torch.ones(3, requires_grad=True)

        for f in (torch.no_grad()(lambda x: x * 2), torch.no_grad(lambda x: x * 3)):
            assert not compiled(f)(x).requires_grad

    @since("2.5")
    @with_dynamo
    def test_a_function_decorated_inside_without_parentheses_records_nothing(self, compiled):
        """https://github.com/pytorch/pytorch/issues/111528"""

        def f(x):
            @torch.no_grad
            def g(x):
                return x * 2

            return g(x), x * 3

        results = compiled(f)(torch.ones(3, requires_grad=True))

        assert [it.requires_grad for it in results] == [False, True]

    @since("2.5")
    @with_dynamo
    def test_item_within_no_grad_changes_nothing_after_the_block(self, compiled):
        def f(x):
            with torch.no_grad():
                number = x.sum().item()
                y = x * number
            return y, x * number

        results = compiled(f)(torch.ones(3, requires_grad=True))

        assert [it.requires_grad for it in results] == [False, True]

    @since("2.2")
    @with_aot
    def test_detach_and_requires_grad_in_place_and_a_new_leaf_do_what_they_do_in_plain_code(
        self, compiled
    ):
        """https://github.com/pytorch/pytorch/issues/123713, also 99455, 176854"""

        def f(x):
            ended, begun = (x * 2).detach_(), x.detach().requires_grad_()
            return ended, begun, torch.ones(3, requires_grad=True)

        results = compiled(f)(torch.ones(3, requires_grad=True))

        assert [it.requires_grad for it in results] == [False, True, True]

    @before("2.2")
    @with_aot
    def test_requires_grad_in_place_used_to_be_lost(self, compiled):
        y = compiled(lambda x: (x * 2).requires_grad_() * 3)(torch.ones(3))

        assert not y.requires_grad

    @before("2.5")
    @with_aot
    def test_a_term_that_no_grad_had_computed_used_to_lose_its_gradient(self, compiled):
        def f(x):
            with torch.no_grad():
                y = x * 3
            return y, x * 3

        _, z = compiled(f)(torch.ones(3, requires_grad=True))

        assert not z.requires_grad

    @before("2.12")
    @with_aot
    def test_set_grad_enabled_called_inside_used_to_end_with_the_call(self, compiled):
        def f(x):
            torch.set_grad_enabled(False)
            return x * 2

        compiled(f)(torch.ones(3, requires_grad=True))
        mode = torch.is_grad_enabled()
        torch.set_grad_enabled(True)

        assert mode

    @before("2.5")
    @with_aot
    def test_enable_grad_used_to_be_lost_in_a_call_under_no_grad(self, compiled):
        """https://github.com/pytorch/pytorch/issues/114338"""

        def f(x):
            with torch.enable_grad():
                return x * 2

        with torch.no_grad():
            y = compiled(f)(torch.ones(3, requires_grad=True))

        assert not y.requires_grad


@claim("6.3")
@with_aot
class TestDifferencesOfModes:
    @since("2.12")
    def test_views_of_no_grad_that_are_returned_have_a_grad_fn(self, compiled):
        """https://github.com/pytorch/pytorch/issues/173926"""
        of_argument, of_result = compiled(views)(torch.ones(3, requires_grad=True))

        assert None not in (of_argument.grad_fn, of_result.grad_fn)

    @before("2.12")
    def test_a_view_of_no_grad_that_is_returned_had_a_grad_fn_or_was_refused(self, compiled):
        x = torch.ones(3, requires_grad=True)

        assert compiled(lambda x: views(x)[0])(x).grad_fn is not None
        with pytest.raises(RuntimeError, match="does not require grad"):
            compiled(views)(x)

    @since("2.3")
    def test_a_result_of_inference_mode_inside_is_no_inference_tensor(self, compiled):
        """https://github.com/pytorch/pytorch/issues/195418"""

        def f(x):
            with torch.inference_mode():
                return x * 2

        y = compiled(f)(torch.ones(3, requires_grad=True))

        assert not y.is_inference()
        assert not y.requires_grad

    @since("2.3")
    def test_inference_mode_false_inside_an_outer_inference_mode_is_lost(self, compiled):
        def f(x):
            with torch.inference_mode(False):
                return x * 2

        with torch.inference_mode():
            y = compiled(f)(torch.ones(3))

        assert y.is_inference()


def views(x):
    """Of an argument, and of a result that requires grad."""
    y = x * 2
    with torch.no_grad():
        return x[:1], y[:1]


@claim("6.4")
@with_aot
class TestGraphOfTheGradient:
    def test_a_gradient_has_no_gradient_and_one_result_has_none_by_another(self, compiled):
        """https://github.com/pytorch/pytorch/issues/132929"""

        def f(x):
            y = x * 2
            return y, (y**2).sum()

        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y, z = compiled(f)(x)
        (gradient,) = torch.autograd.grad(z, x, create_graph=True)

        assert gradient.tolist() == [8.0, 16.0]
        with pytest.raises(RuntimeError, match="double backward"):
            torch.autograd.grad(gradient.sum(), x)
        with pytest.raises(RuntimeError, match="not have been used in the graph"):
            torch.autograd.grad(z, y)

    def test_backward_gives_all_arguments_a_gradient_and_frees_the_graph_of_all_results(
        self, compiled
    ):
        x, z = (torch.ones(2, requires_grad=True) for _ in range(2))
        f = compiled(lambda x, z: (x * 2, z * 3))

        a, b = f(x, z)
        a.sum().backward(retain_graph=True)
        assert x.grad.tolist() == [2.0, 2.0]
        assert str(z.grad) == "tensor([0., 0.])"
        b.sum().backward()
        assert z.grad.tolist() == [3.0, 3.0]

        a, b = f(x, z)
        a.sum().backward()
        with pytest.raises(RuntimeError, match="a second time"):
            b.sum().backward()

    @since("2.8")
    @pytest.mark.filterwarnings("ignore:The .grad attribute")  # Dynamo asks for it
    def test_retain_grad_inside_keeps_the_gradient(self, compiler):
        """Such a function is not compiled: https://github.com/pytorch/pytorch/issues/146212"""
        x = torch.ones(2, requires_grad=True) * 1
        compiler(retaining)(x).sum().backward()

        assert str(x.grad) == "tensor([3., 3.])"

    @before("2.7")
    def test_retain_grad_inside_used_to_keep_nothing(self, compiled):
        x = torch.ones(2, requires_grad=True) * 1
        compiled(retaining)(x).sum().backward()

        assert not x.retains_grad


def retaining(x):
    y = x * 3
    x.retain_grad()
    return y


@claim("6.5")
class TestNumpy:
    @since("2.2")
    @with_dynamo
    def test_numpy_gives_an_array_where_plain_code_raises_an_error(self, compiled):
        """For a tensor that requires grad, and for one with the conjugate bit."""
        x, z = torch.tensor([1.0, -2.0], requires_grad=True), torch.tensor([1 + 2j])

        array, conjugate = compiled(lambda x, z: ((x * 2).numpy(), z.conj().numpy()))(x, z)

        assert isinstance(array, np.ndarray)
        assert array.tolist() == [2.0, -4.0]
        assert conjugate.tolist() == [1 - 2j]

    @since("2.2")
    @with_aot
    def test_the_gradient_flows_through_numpys_functions_but_not_through_detach(self, compiled):
        def f(x):
            y = torch.from_numpy(x.numpy() ** 2)
            return y, x * torch.from_numpy(x.detach().numpy() * 2)

        x = torch.tensor([1.0, -2.0], requires_grad=True)
        y, z = compiled(f)(x)

        (gradient,) = torch.autograd.grad(y.sum(), x, retain_graph=True)
        assert gradient.tolist() == [2.0, -4.0]
        (gradient,) = torch.autograd.grad(z.sum(), x)
        assert gradient.tolist() == [2.0, -4.0]

    @before("2.2")
    @with_aot
    def test_the_gradient_used_to_end_at_numpy(self, compiled):
        x = torch.tensor([1.0, -2.0], requires_grad=True)
        y = compiled(lambda x: torch.from_numpy(x.numpy() ** 2))(x)

        assert not y.requires_grad

    @with_aot
    def test_arrays_and_tensors_share_memory_as_in_plain_code(self, compiled):
        x, a = torch.ones(3), np.ones(3)
        array, tensor = compiled(lambda x, a: (x.numpy(), torch.from_numpy(a)))(x, a)

        array[0] = 5
        x[1] = 7
        a[0] = 5

        assert array.tolist() == x.tolist() == [5.0, 7.0, 1.0]
        assert tensor.tolist() == [5.0, 1.0, 1.0]

    @with_dynamo
    def test_numpys_functions_become_part_of_the_graph_and_differ_in_dtypes_and_ranks(
        self, compiled
    ):
        """https://github.com/pytorch/pytorch/issues/141343, also 141258"""
        f = compiled(lambda a: (np.sum(a * 2, axis=0), a / 2, np.sum(a)), fullgraph=True)

        array, quotient, total = f(np.arange(6).reshape(2, 3))

        assert isinstance(array, np.ndarray)
        assert array.tolist() == [6, 10, 14]
        assert quotient.dtype == np.float32  # in plain code float64
        assert isinstance(total, np.ndarray)  # in plain code a number, np.int64
        assert total == 15

    @with_dynamo
    def test_numpys_random_numbers_follow_the_seed_of_pytorch(self, compiled):
        f, drawn = compiled(lambda a: a + np.random.rand(3)), []

        for seed in (0, 0, 1):
            torch.manual_seed(seed)
            drawn.append(f(np.zeros(3)).tolist())

        assert drawn[0] == drawn[1] != drawn[2]

    @with_dynamo
    @pytest.mark.filterwarnings(
        "ignore:(Graph break due to unsupported|Dynamo does not know how to trace the) builtin"
    )
    def test_pythons_random_numbers_are_those_of_plain_code(self, compiled):
        f, x = compiled(lambda x: x * random.random()), torch.ones(1, dtype=torch.float64)

        random.seed(3)
        drawn = [f(x).item() for _ in range(3)]

        random.seed(3)
        rounded = float if RELEASE >= (2, 3) else np.float32
        assert drawn == [rounded(random.random()) for _ in range(3)]


class Dropouts(nn.Module):
    """Every dropout, in containers of several kinds, and the function."""

    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleDict({"some": nn.ModuleList([nn.Dropout(), nn.AlphaDropout()])})
        self.channels = nn.Sequential(nn.Dropout2d())

    def forward(self, x):
        parts = [part(x) for part in self.parts["some"]]
        return [*parts, self.channels(x), F.dropout(x, 0.5, self.training)]


class Norms(nn.Module):
    """The batch norms of images."""

    def __init__(self):
        super().__init__()
        kinds = (nn.BatchNorm2d, nn.BatchNorm3d)
        self.norms = nn.ModuleList(kind(2, momentum=0.5, affine=False) for kind in kinds)

    def forward(self, x):
        images = x[..., None, None]
        return self.norms[0](images), self.norms[1](images[..., None])


@claim("6.10")
class TestTrainAndEval:
    @with_dynamo
    def test_train_and_eval_of_either_module_take_effect_at_the_next_call(self, compiled):
        """https://github.com/pytorch/pytorch/issues/132986"""
        net = nn.Sequential(nn.Sequential(Dropouts()))
        f, x = compiled(net), torch.ones(1, 100, 2, 2)

        for either in (net, f, net):
            either.train()
            dropped = [not same_bits(y, x) for y in f(x)]
            either.eval()
            kept = [same_bits(y, x) for y in f(x)]
            assert (dropped, kept) == ([True] * 4, [True] * 4)

    @with_aot
    def test_running_statistics_move_in_training_alone(self, compiled):
        """The numbers are such that half of the old mean and of the new one are exact."""
        norm = nn.BatchNorm1d(2, momentum=0.5, affine=False)
        f, batch = compiled(norm), torch.tensor([[0.0, 2.0], [4.0, 6.0]])

        f(batch)
        f(batch)
        norm.eval()
        f(batch)

        assert norm.running_mean.tolist() == [1.5, 3.0]
        assert norm.running_var.tolist() == [6.25, 6.25]
        assert norm.num_batches_tracked == 2

    @with_dynamo
    def test_so_do_those_of_the_batch_norms_of_images_with_eager(self, compiled):
        net = Norms()
        f, batch = compiled(net), torch.tensor([[0.0, 2.0], [4.0, 6.0]])

        f(batch)
        net.eval()
        f(batch)
        net.train()
        f(batch)

        for norm in net.norms:
            moved = [it.tolist() for it in norm.buffers()]
            assert moved == [[1.5, 3.0], [6.25, 6.25], 2]

    @with_dynamo
    def test_f_dropout_follows_the_flag_that_it_is_given(self, compiled):
        f = compiled(lambda x, training: F.dropout(x, 0.5, training))

        assert set(f(torch.ones(100), True).tolist()) == {0.0, 2.0}
        assert set(f(torch.ones(100), False).tolist()) == {1.0}

    @since("2.5")
    @with_dynamo
    def test_training_of_the_compiled_module_is_that_of_the_module(self, compiler):
        net = nn.Dropout(0.5)
        f = compiler(net)

        net.eval()
        assert not f.training
        f.training = True
        assert net.training

    @before("2.5")
    @with_dynamo
    def test_training_of_the_compiled_module_used_to_be_its_own(self, compiler):
        net = nn.Dropout(0.5)
        f = compiler(net)
        net.eval()

        assert f.training


@claim("6.7")
class TestInPlace:
    @with_aot
    def test_a_write_to_an_argument_shows_in_all_that_shares_its_memory(self, compiled):
        """In no_grad to a leaf, too: https://github.com/pytorch/pytorch/issues/90844"""

        @torch.no_grad()
        def f(x, leaf):
            leaf.mul_(2)
            x[1:] += 1
            x.mul_(2)
            x[0] = 5
            return x

        tensor, leaf = torch.ones(3), torch.ones(3, requires_grad=True)
        view, array = tensor[1:], tensor.numpy()

        result = compiled(f)(tensor, leaf)

        assert result is tensor
        seen = [it.tolist() for it in (tensor, array, view)]
        assert seen == [[5.0, 4.0, 4.0], [5.0, 4.0, 4.0], [4.0, 4.0]]
        assert leaf.tolist() == [2.0, 2.0, 2.0]
        assert leaf.requires_grad

    @(with_aot if _explores() else with_dynamo)
    def test_every_way_to_write_and_every_layout_show_in_the_memory(self, compiled):
        def f(*them):
            for x in them:
                x.zero_()
                x.copy_(x + 3).fill_(5)
                x.mul_(2).add_(1).sub_(3).div_(2)
                x += 7
                x *= 2
                x[..., 0] = 9
                x[...] = x + 2
                x.neg_()

        mine, plain = (
            [torch.arange(24.0).reshape(4, 6).to(dtype) for dtype in (torch.float32, torch.float64)]
            for _ in range(2)
        )
        views = [[x.t(), y[1:, ::2]] for x, y in (mine, plain)]

        compiled(f)(*views[0])
        f(*views[1])

        assert all(map(same_bits, mine, plain))

    @since("2.2")
    @with_aot_eager
    def test_a_view_taken_before_data_is_replaced_shows_the_new_data(self, compiled):
        """https://github.com/pytorch/pytorch/issues/94773"""

        def f(x):
            view = x[:]
            x.data = torch.zeros(3)
            return view

        assert compiled(f)(torch.ones(3)).tolist() == [0.0, 0.0, 0.0]  # in plain code ones

    @with_aot
    def test_a_tensor_given_twice_is_one_but_views_are_what_they_were_at_the_first_call(
        self, compiled
    ):
        """https://github.com/pytorch/pytorch/issues/181146, also 139789"""
        f, memory, tensor = compiled(add_to_first_double_second), torch.ones(6), torch.ones(4)
        f(torch.ones(4), torch.ones(4))

        if compiled.backend == "aot_eager":
            seen = f(memory[:4], memory[2:]).tolist()
            assert seen == [2.0] * 4  # of plain code [4.0, 4.0, 2.0, 2.0]
        assert f(tensor, tensor).tolist() == [4.0] * 4

    @with_aot_eager
    def test_views_of_one_tensor_at_the_first_call_stand_for_the_same(self, compiled):
        f, memory = compiled(add_to_first_double_second), torch.ones(6)

        first = f(memory[:4], memory[2:]).tolist()
        try:
            seen = f(torch.ones(6)[:4], torch.ones(6)[2:]).tolist()
        except (RuntimeError, AssertionError):
            seen = None

        assert first == [4.0, 4.0, 2.0, 2.0]
        assert seen != [2.0] * 4

    @before("2.14")
    @with_aot
    def test_a_write_through_what_dropout_in_evaluation_returned_was_lost(self, compiled):
        tensor = torch.ones(2)
        compiled(double_result_of_dropout)(tensor)

        assert tensor.tolist() == [1.0, 1.0]

    @since("2.14")
    @with_aot
    def test_a_write_through_what_dropout_in_evaluation_returned_shows(self, compiled):
        """https://github.com/pytorch/pytorch/issues/195422"""
        tensor = torch.ones(2)
        compiled(double_result_of_dropout)(tensor)

        assert tensor.tolist() == [2.0, 2.0]

    @with_aot
    def test_the_result_of_detach_shares_memory_and_that_of_clone_does_not(self, compiled):
        x = torch.ones(3, requires_grad=True)
        detached, cloned = compiled(lambda x: (x.detach(), x.clone()))(x)

        assert detached.data_ptr() == x.data_ptr()
        assert not detached.requires_grad
        assert cloned.data_ptr() != x.data_ptr()
        assert cloned.requires_grad


def add_to_first_double_second(a, b):
    a.add_(1)
    return b * 2


def double_result_of_dropout(x):
    y = F.dropout(x, 0.5, False)
    y += y
    return y


@claim("6.8")
class TestErrors:
    @with_aot
    def test_a_write_to_a_leaf_that_requires_grad_raises_another_class(self, compiler):
        leaf = torch.ones(2, requires_grad=True)

        error = error_of(compiler(lambda x: x.add_(1)), leaf)

        assert isinstance(error, torch._dynamo.exc.TorchRuntimeError), error
        assert "leaf Variable that requires" in str(error)
        assert leaf.tolist() == [1.0, 1.0]

    @before("2.10")
    @with_aot
    def test_a_write_to_an_element_of_such_a_leaf_used_to_be_done(self, compiler):
        leaf = torch.ones(2, requires_grad=True)

        compiler(write_five_to_first_element)(leaf)

        assert leaf.tolist() == [5.0, 1.0]

    @since("2.11")
    @with_aot
    def test_a_write_to_an_element_of_such_a_leaf_is_refused(self, compiler):
        leaf = torch.ones(2, requires_grad=True)

        with pytest.raises(RuntimeError):
            compiler(write_five_to_first_element)(leaf)
        assert leaf.tolist() == [1.0, 1.0]

    @pytest.mark.filterwarnings("ignore:Error detected in Exp")  # AOTAutograd traces in that mode
    @with_aot
    def test_an_overwritten_value_that_was_saved_is_refused_at_the_call(self, compiler):
        def f(x):
            y = x.exp()
            y.add_(1)
            return y.sum()

        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            compiler(f)(torch.ones(2, requires_grad=True))

    @with_aot
    def test_an_argument_overwritten_before_backward_is_refused_but_with_inductor(self, compiled):
        """https://github.com/pytorch/pytorch/issues/197887"""
        x, w = torch.arange(6.0).reshape(2, 3), torch.ones(3, 1, requires_grad=True)
        y = compiled(lambda x, w: x @ w)(x, w)
        x.add_(100)

        try:
            y.sum().backward()
            seen = w.grad.tolist()
        except RuntimeError as error:
            seen = "modified by an inplace operation" in str(error)

        of_x_as_it_is_now = [[203.0], [205.0], [207.0]]
        assert seen == (of_x_as_it_is_now if compiled.backend == "inductor" else True)

    @with_dynamo
    def test_a_write_before_an_error_of_a_shape_is_not_done(self, compiler):
        def f(x):
            x.add_(1)
            return x.view(3)

        tensor = torch.ones(2)

        error = error_of(compiler(f), tensor)

        assert isinstance(error, torch._dynamo.exc.TorchRuntimeError), error
        assert "shape '[3]' is invalid" in str(error)
        assert tensor.tolist() == [1.0, 1.0]

    @with_dynamo
    def test_a_value_error_of_a_layer_is_a_runtime_error_and_counts_no_batch(self, compiler):
        norm = nn.BatchNorm1d(2)

        error = error_of(compiler(norm), torch.ones(1, 2))

        assert isinstance(error, RuntimeError), error
        assert "more than 1 value" in str(error)
        assert norm.num_batches_tracked == 0

    @since("2.14")
    @with_dynamo
    def test_an_except_clause_inside_catches_the_error_of_an_operator(self, compiled):
        assert compiled(double_if_not_four)(torch.ones(3)).tolist() == [2.0, 2.0, 2.0]

    @before("2.14")
    @with_dynamo
    def test_an_except_clause_inside_used_to_miss_the_error_of_an_operator(self, compiler):
        with pytest.raises(torch._dynamo.exc.TorchRuntimeError):
            compiler(double_if_not_four)(torch.ones(3))

    @since("2.13")
    @with_dynamo
    def test_an_index_out_of_range_raises_an_index_error_past_an_except_clause_inside(
        self, compiler
    ):
        """https://github.com/pytorch/pytorch/issues/198192, also 184340"""
        error = error_of(compiler(double_if_short), torch.ones(2))

        assert type(error) is IndexError, error

    @before("2.13")
    @with_dynamo
    def test_an_index_out_of_range_used_to_raise_a_runtime_error(self, compiler):
        with pytest.raises(RuntimeError, match="out of bounds"):
            compiler(double_if_short)(torch.ones(2))

    @with_dynamo
    def test_an_assert_on_values_raises_a_runtime_error(self, compiler):
        """https://github.com/pytorch/pytorch/issues/147282"""
        code = "def f(x):\n    assert x.sum() > 9, 'small'\n    return x"
        exec(code, names := {})  # pytest would rewrite an assert that stands here

        error = error_of(compiler(names["f"]), torch.ones(2))

        assert type(error) is RuntimeError, error


def error_of(f, x):
    """What a call raises."""
    try:
        f(x)
    except Exception as error:
        return error


def double_if_short(x):
    try:
        return x[5]
    except IndexError:
        return x * 2


def double_if_not_four(x):
    try:
        return x.view(4)
    except RuntimeError:
        return x * 2


def write_five_to_first_element(x):
    x[0] = 5
    return x * 2


class Doubling(nn.Module):
    def __init__(self):
        super().__init__()
        self.factor = nn.Parameter(torch.tensor([2.0]))

    def forward(self, x):
        return x * self.factor


@claim("6.9")
@with_dynamo
class TestStateDict:
    def test_keys_of_a_compiled_module_begin_with_orig_mod(self, compiler):
        net = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1))
        f = compiler(net)

        assert list(f.state_dict()) == [f"_orig_mod.{key}" for key in net.state_dict()]
        names = [name for name, _ in net.named_parameters()]
        assert [name for name, _ in f.named_parameters()] == [f"_orig_mod.{it}" for it in names]
        with pytest.raises(RuntimeError, match="Missing key"):
            f.load_state_dict(net.state_dict())
        with pytest.raises(RuntimeError, match="Unexpected key"):
            net.load_state_dict(f.state_dict())

    def test_removeprefix_mends_the_keys_of_a_saved_one(self, compiler):
        net = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1))
        saved = {key: it + 1 for key, it in compiler(net).state_dict().items()}

        net.load_state_dict({key.removeprefix("_orig_mod."): it for key, it in saved.items()})

        assert net[1].weight.item() == 2

    def test_keys_of_a_compiled_module_within_another_have_it_in_the_middle(self, compiler):
        outer = nn.Sequential(compiler(nn.Linear(1, 1, bias=False)))

        assert list(outer.state_dict()) == ["0._orig_mod.weight"]

    def test_a_state_dict_that_the_module_defines_is_not_called(self, compiler):
        """https://github.com/pytorch/pytorch/issues/123625"""

        class Net(Doubling):
            def state_dict(self, *args, **keywords):
                return {"of": "Net"}

        assert "of" not in compiler(Net()).state_dict()

    def test_loading_with_strict_false_loads_nothing_without_a_word(self, compiler):
        net, other = nn.Linear(1, 1), nn.Linear(1, 1)
        f = compiler(net)
        weight = net.weight.item()

        f.load_state_dict(other.state_dict(), strict=False)

        assert net.weight.item() == weight

    def test_what_the_module_loads_shows_at_the_next_call(self, compiled):
        net = Doubling()
        f, x = compiled(net), torch.ones(1)
        f(x)

        net.load_state_dict({"factor": torch.tensor([5.0])})

        assert f(x).item() == 5.0

    def test_print_of_a_compiled_module_shows_orig_mod(self, compiler):
        assert str(compiler(nn.ReLU())) == "OptimizedModule(\n  (_orig_mod): ReLU()\n)"

    @since("2.2")
    def test_compile_of_a_module_in_place_leaves_its_keys_and_print(self, compiled):
        net = Doubling()
        net.compile(backend=compiled.backend)

        net(torch.ones(1))

        assert list(net.state_dict()) == ["factor"]
        assert str(net) == "Doubling()"

    @since("2.2")
    @before("2.14")
    def test_compile_in_place_of_pytorchs_own_layers_used_to_compile_nothing(self, compiler):
        net = nn.Linear(1, 1)
        net.compile(backend=compiler.backend)
        net(torch.ones(1, 1))

        assert compiler.graphs == 0

    @since("2.14")
    def test_compile_in_place_compiles_pytorchs_own_layers(self, compiler):
        net = nn.Linear(1, 1)
        net.compile(backend=compiler.backend)
        net(torch.ones(1, 1))

        assert compiler.graphs == 1


@claim("6.10")
class TestParameters:
    @with_dynamo
    def test_a_compiled_module_has_the_parameters_of_the_module(self, compiler):
        net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
        f = compiler(net)

        assert [id(it) for it in f.parameters()] == [id(it) for it in net.parameters()]
        assert not isinstance(f, nn.Sequential)

    @with_aot
    def test_a_step_of_an_optimizer_shows_in_both_and_compiles_nothing_anew(self, compiled):
        net = Doubling()
        f, x = compiled(net), torch.ones(1)
        optimizer = optim.SGD(f.parameters(), lr=0.5)

        for factor in (1.5, 1.0, 0.5):
            optimizer.zero_grad()
            f(x).sum().backward()
            optimizer.step()
            assert f(x).item() == net(x).item() == factor
        assert compiled.graphs == 1

    @with_dynamo
    def test_requires_grad_false_reaches_the_next_call(self, compiled):
        net = Doubling()
        f = compiled(net)
        f(torch.ones(1))
        net.requires_grad_(False)

        assert not f(torch.ones(1)).requires_grad

    @since("2.12")
    @with_aot
    def test_requires_grad_true_reaches_the_next_call(self, compiled):
        """https://github.com/pytorch/pytorch/issues/139476"""
        assert thawed(compiled)(torch.ones(1)).requires_grad

    @since("2.2")
    @before("2.12")
    @with_aot
    def test_requires_grad_true_used_to_be_ignored_after_a_call_without(self, compiled):
        assert not thawed(compiled)(torch.ones(1)).requires_grad

    @with_dynamo
    def test_to_reaches_the_next_call(self, compiled):
        """https://github.com/pytorch/pytorch/issues/145529"""
        net = Doubling()
        f = compiled(net)
        f(torch.ones(1))
        net.to(torch.float64)

        assert f(torch.ones(1)).dtype is torch.float64

    @with_dynamo
    def test_a_deepcopy_is_compiled_and_has_parameters_of_its_own(self, compiled):
        f = compiled(Doubling())
        other = copy.deepcopy(f)
        other._orig_mod.factor.data.fill_(5)

        assert other(torch.ones(1)).item() == 5.0
        assert f._orig_mod.factor.item() == 2.0

    @since("2.6")
    def test_a_compiled_module_can_be_pickled(self, compiler):
        f = compiler(nn.Linear(2, 1))

        other = pickle.loads(pickle.dumps(f))

        assert other._orig_mod.weight.tolist() == f._orig_mod.weight.tolist()

    @before("2.4")
    def test_a_compiled_module_could_not_be_pickled(self, compiler):
        with pytest.raises(AttributeError):
            pickle.dumps(compiler(nn.Linear(2, 1)))


def thawed(compiled):
    """A compiled net whose Parameter requires grad since its first call."""
    net = Doubling().requires_grad_(False)
    f = compiled(net)
    f(torch.ones(1))
    net.requires_grad_()
    return f


def with_print(x):
    y = x * 2
    print(end="")
    return y + 1


def branch_on_values(x):
    return x * 2 if x.sum() > 0 else x - 1


@claim("6.11")
@with_dynamo
class TestGraphBreaks:
    def test_a_print_breaks_the_graph_and_the_result_is_the_same(self, compiled):
        y = compiled(with_print)(torch.arange(3.0))

        assert y.tolist() == [1.0, 3.0, 5.0]
        assert compiled.graphs == 2

    def test_fullgraph_refuses_a_print_when_the_function_is_called(self, compiler):
        f = compiler(with_print, fullgraph=True)

        with pytest.raises(RuntimeError):
            f(torch.arange(3.0))

    def test_item_breaks_the_graph(self, compiled):
        y = compiled(lambda x: x * 2 * x.sum().item())(torch.ones(3))

        assert y.tolist() == [6.0, 6.0, 6.0]
        assert compiled.graphs == 2

    @before("2.10")
    def test_fullgraph_used_to_refuse_item(self, compiler):
        f = compiler(lambda x: x.sum().item() + 1, fullgraph=True)

        with pytest.raises(RuntimeError, match="item"):
            f(torch.ones(3))

    @since("2.11")
    def test_fullgraph_compiles_item(self, compiled):
        number = compiled(lambda x: x.sum().item() + 1, fullgraph=True)(torch.ones(3))

        assert number == 4.0
        assert compiled.graphs == 1

    def test_item_gives_the_number_that_it_gives_in_plain_code(self, compiled):
        f = compiled(lambda x: (x * 2).sum().item() + 1)

        for number in (1, 2):
            assert f(torch.ones(3) * number) == 6 * number + 1

    def test_a_branch_on_values_takes_the_right_side_each_time(self, compiled):
        f = compiled(branch_on_values)

        sides = [f(torch.ones(2)).tolist(), f(-torch.ones(2)).tolist()]

        assert sides == [[2.0, 2.0], [-2.0, -2.0]]
        assert compiled.graphs == 3  # the sum, and each side

    def test_fullgraph_refuses_a_branch_on_values(self, compiler):
        with pytest.raises(RuntimeError):
            compiler(branch_on_values, fullgraph=True)(torch.ones(2))

    def test_backward_inside_gives_the_leaf_its_gradient(self, compiled):
        x = torch.tensor([1.0, 2.0], requires_grad=True)

        compiled(lambda x: (x**2).sum().backward())(x)

        assert x.grad.tolist() == [2.0, 4.0]


@claim("6.12")
@with_dynamo
class TestRecompiling:
    def test_equal_calls_compile_once_and_a_second_size_of_a_dimension_is_dynamic_but_for_0_and_1(
        self, compiled
    ):
        f = compiled(lambda x: x * 2)

        counts = [compiled.graphs]
        for shape in ((5, 5), (5, 5), (7, 5), (2, 5), (2, 3), (300, 8), (1, 8), (0, 8)):
            f(torch.full(shape, 2.0))
            counts.append(compiled.graphs)

        assert counts == [0, 1, 1, 2, 2, 3, 3, 4, 5]

    def test_what_the_graph_depends_on_compiles_it_anew_up_to_eight_times(self, compiled):
        drop = nn.Dropout(0.5)
        f, x, counts = compiled(lambda x: x * (1 + drop.training)), torch.ones(3), []

        def call(x):
            y = f(x)
            counts.append(compiled.graphs)
            return y

        call(x)
        with torch.no_grad():
            call(x)
        call(torch.ones(3, requires_grad=True))
        drop.eval()
        for other in (x, x.double(), x.half(), x[None], x[None, None]):
            call(other)
        assert counts == [1, 2, 3, 4, 5, 6, 7, 8]
        if RELEASE >= (2, 2):
            assert call(x[None, None, None]).tolist() == [[[[1.0, 1.0, 1.0]]]]
            assert counts[-1] == 8

    def test_fullgraph_raises_instead_of_running_plain_code(self, compiled):
        f = compiled(lambda x: x * 2, dynamic=False, fullgraph=True)

        with torch._dynamo.config.patch("cache_size_limit", 1):  # now called recompile_limit
            f(torch.ones(2))
            with pytest.raises(Exception, match=r"limit|fullgraph=True"):
                f(torch.ones(3))

    @since("2.5")
    def test_a_changed_number_parameter_or_layer_of_a_module_is_seen(self, compiled):
        net = Doubling()
        net.layer = nn.Threshold(2.5, 1.0)
        f, x = compiled(lambda x: net.layer(net(x))), torch.ones(1)
        results = [f(x).item()]

        net.factor = nn.Parameter(torch.tensor([3.0]))
        results.append(f(x).item())
        net.layer.threshold = 9.0
        results.append(f(x).item())
        net.layer = nn.Identity()
        results.append(f(x).item())

        assert results == [1.0, 3.0, 1.0, 3.0]


@pytest.mark.filterwarnings("ignore:The .grad attribute")  # Dynamo asks for it
@claim("6.13")
class TestHooks:
    @since("2.4")
    @with_dynamo
    def test_hooks_that_are_there_at_the_first_call_run_until_they_are_removed(self, compiled):
        net, seen = nn.Sequential(Doubling()), []
        handles = [it(seen) for it in hooks(net[0])]
        f = compiled(net)

        for _ in range(2):
            f(torch.ones(1, requires_grad=True)).sum().backward()
        assert seen == ["before", "after", "backward"] * 2
        for handle in handles:
            handle.remove()
        seen.clear()
        f(torch.ones(1, requires_grad=True)).sum().backward()
        assert seen == []

    @since("2.6")
    @with_dynamo
    def test_hooks_that_a_module_gets_later_are_ignored_until_a_reset(self, compiled):
        """https://github.com/pytorch/pytorch/issues/117758, also 115750, 117265"""
        net, seen = nn.Sequential(Doubling()), []
        f = compiled(net)
        f(torch.ones(1, requires_grad=True))
        for module in (net, net[0]):
            for it in hooks(module):
                it(seen)

        f(torch.ones(1, requires_grad=True)).sum().backward()
        assert seen == []
        seen.clear()
        torch._dynamo.reset()
        f(torch.ones(1, requires_grad=True)).sum().backward()
        assert sorted(seen) == ["after", "after", "backward", "backward", "before", "before"]

    @since("2.13")
    @with_dynamo
    def test_a_later_hook_beside_one_of_its_kind_that_was_there_runs(self, compiled):
        net, seen = nn.Sequential(Doubling()), []
        net[0].register_forward_hook(lambda *_: seen.append("first"))
        f = compiled(net)
        f(torch.ones(1))
        net[0].register_forward_hook(lambda *_: seen.append("second"))

        f(torch.ones(1))

        assert seen == ["first", "first", "second"]

    @with_dynamo
    def test_a_hook_of_the_compiled_module_runs_also_if_it_comes_later(self, compiled):
        f, seen = compiled(nn.ReLU()), []
        f(torch.ones(1))
        f.register_forward_hook(lambda module, args, output: seen.append("after"))

        f(torch.ones(1))

        assert seen == ["after"]

    @with_dynamo
    def test_a_hook_of_a_parameter_runs_also_if_it_comes_later(self, compiled):
        net, seen = Doubling(), []
        f = compiled(net)
        f(torch.ones(1)).sum().backward()
        net.factor.register_hook(lambda gradient: seen.append(gradient.item()))

        f(torch.ones(1)).sum().backward()

        assert seen == [1.0]


def hooks(module):
    """Functions that register a hook of each kind, which appends its kind to a list."""
    return (
        lambda seen: module.register_forward_pre_hook(lambda *_: seen.append("before")),
        lambda seen: module.register_forward_hook(lambda *_: seen.append("after")),
        lambda seen: module.register_full_backward_hook(lambda *_: seen.append("backward")),
    )
