"""6 torch.compile().

Each spec runs with the backends "eager", which is TorchDynamo alone, and "aot_eager", which adds
AOTAutograd; with "inductor" too where a C++ compiler is found and all is to be tried
(``--hypothesis-profile=explore``). It counts its graphs, which tells that code was compiled.
"""

from __future__ import annotations

import copy
import pickle
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
from specs.oracles import as_array, same_bits
from specs.releases import before, since
from specs.strategies import tensors

#: The first release whose TorchDynamo runs on this Python.
_FIRST = {(3, 10): "2.0", (3, 11): "2.1", (3, 12): "2.4", (3, 13): "2.6"}
pytestmark = since(_FIRST.get(sys.version_info[:2], "2.10"))

#: Tensors of one dimension: a graph of a dynamic size takes them all.
LINES = tensors((torch.float32,), ((2,), (3,), (8,), (17,), (300,)), small=True)


class Compiler:
    """torch.compile with one backend, and how many graphs it was given."""

    def __init__(self, backend: str) -> None:
        from torch._dynamo.testing import CompileCounterWithBackend

        self.backend = backend
        self.counter = CompileCounterWithBackend(backend)

    def __call__(self, it, **settings):
        return torch.compile(it, backend=self.counter, **settings)

    @property
    def graphs(self) -> int:
        return self.counter.frame_count


def _why_no_inductor() -> str | None:
    if settings.default.max_examples < 1000:
        return "inductor is slow: --hypothesis-profile=explore tries it"
    if shutil.which("g++") is None and shutil.which("clang++") is None:
        return "inductor needs a C++ compiler"
    return None


@pytest.fixture(params=["eager", "aot_eager", "inductor"])
def compiler(request, tmp_path, monkeypatch):
    """torch.compile with a backend; nothing need be compiled."""
    if request.param == "inductor" and (reason := _why_no_inductor()):
        pytest.skip(reason)
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    torch._dynamo.reset()
    yield Compiler(request.param)
    torch._dynamo.reset()


@pytest.fixture
def compiled(compiler):
    """The same; a spec that compiled nothing, but fell back on plain code, fails."""
    yield compiler
    assert compiler.graphs >= 1


def many(x):
    branch = x * 2 if x.shape[0] > 2 else x - 1
    return torch.stack([x * 3 - x / 2 + 1, F.relu(x) * 2, x**2 - x, (x * x).mean() * x, branch])


@claim("6.1")
class TestSameResults:
    def test_a_compiled_function_gives_the_same_values_and_gradients(self, compiled):
        f = compiled(many, dynamic=True)
        alike = same_bits if compiled.backend != "inductor" else np.allclose
        alike_in_gradients = same_bits if compiled.backend == "eager" else np.allclose

        @given(x=LINES)
        def check(x):
            leaf, other = x.clone().requires_grad_(), x.clone().requires_grad_()
            y, plain = f(leaf), many(other)
            y.sum().backward()
            plain.sum().backward()
            assert alike(as_array(y), as_array(plain))
            assert alike_in_gradients(as_array(leaf.grad), as_array(other.grad))

        check()
        for size in (65, 300, 33_000):
            x = torch.linspace(-2, 2, size)
            assert alike(as_array(f(x)), as_array(many(x)))

    def test_a_compiled_net_gives_the_same_values_and_gradients(self, compiled):
        net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
        x = torch.linspace(-1, 1, 6).reshape(2, 3)
        found = []
        for it in (compiled(net), net):
            net.zero_grad()
            y = it(x)
            y.sum().backward()
            found.append([as_array(y), *(as_array(p.grad) for p in net.parameters())])

        for ours, theirs in zip(*found, strict=True):
            assert np.allclose(ours, theirs, rtol=1e-6)

    def test_an_input_may_have_another_dtype_rank_or_layout_at_each_call(self, compiled):
        f = compiled(lambda x: x * 2 + 1)

        for x in (
            torch.ones(3),
            torch.arange(6).reshape(2, 3).t(),
            torch.ones(1, 1).double().expand(4, 2),
        ):
            assert same_bits(as_array(f(x)), as_array(x * 2 + 1))
        assert compiled.graphs >= 2

    def test_dropout_draws_the_same_numbers_after_the_same_seed(self, compiled):
        if compiled.backend == "inductor":
            pytest.skip("inductor draws numbers of its own")
        drop, x = nn.Dropout(0.5), torch.ones(100)
        torch.manual_seed(0)
        plain = drop(x)
        torch.manual_seed(0)

        assert same_bits(as_array(compiled(drop)(x)), as_array(plain))


MODES = {
    "no_grad": torch.no_grad,
    "enable_grad": torch.enable_grad,
    "set_grad_enabled(True)": lambda: torch.set_grad_enabled(True),
    "set_grad_enabled(False)": lambda: torch.set_grad_enabled(False),
}


def in_blocks(modes):
    """A function that computes before, in and after each of these blocks, one in the other."""

    def f(x):
        seen = [x * 2]
        with modes[0]():
            seen.append(x * 3)
            with modes[1]():
                seen.append(x * 4)
                with modes[2]():
                    seen.append(x * 5)
                seen.append(x * 6)
            seen.append(x * 7)
        return [*seen, x * 8]

    return f


@claim("6.2")
class TestGradModes:
    @since("2.5")
    def test_results_of_nested_blocks_require_grad_as_in_plain_code(self, compiled):
        x = torch.ones(3, requires_grad=True)

        @given(st.lists(st.sampled_from(list(MODES.values())), min_size=4, max_size=4))
        @settings(max_examples=max(3, settings.default.max_examples // 10))
        def check(modes):
            torch._dynamo.reset()
            plain, outside = in_blocks(modes), modes[3]
            f = compiled(plain)
            with outside():
                expected = [it.requires_grad for it in plain(x)]
                assert [it.requires_grad for it in f(x)] == expected
            assert torch.is_grad_enabled()

        check()

    @pytest.mark.parametrize("mode", ["no_grad", "set_grad_enabled(False)"])
    def test_a_block_without_grad_records_nothing_and_ends_with_the_block(self, compiled, mode):
        def f(x):
            with MODES[mode]():
                y = x * 2
            return y, x * 3

        y, z = compiled(f)(torch.ones(3, requires_grad=True))

        assert not y.requires_grad
        assert z.requires_grad
        assert torch.is_grad_enabled()

    def test_a_compiled_function_follows_the_mode_of_each_call(self, compiled):
        f, x = compiled(lambda x: x * 2), torch.ones(3, requires_grad=True)

        for _ in range(2):
            assert f(x).requires_grad
            with torch.no_grad():
                assert not f(x).requires_grad
            with torch.inference_mode():
                assert not f(x).requires_grad
        assert compiled.graphs >= 2

    def test_a_function_decorated_with_no_grad_records_nothing(self, compiled):
        f = compiled(torch.no_grad()(lambda x: x * 2))
        bare = compiled(torch.no_grad(lambda x: x * 3))
        x = torch.ones(3, requires_grad=True)

        assert not f(x).requires_grad
        assert not bare(x).requires_grad
        assert torch.is_grad_enabled()

    @since("2.12")
    def test_set_grad_enabled_called_inside_stays_as_it_does_in_plain_code(self, compiled):
        def f(x):
            torch.set_grad_enabled(False)
            return x * 2

        y = compiled(f)(torch.ones(3, requires_grad=True))
        mode = torch.is_grad_enabled()
        torch.set_grad_enabled(True)

        assert not y.requires_grad
        assert not mode

    @before("2.12")
    def test_set_grad_enabled_called_inside_used_to_end_with_the_call_under_aot(self, compiled):
        def f(x):
            torch.set_grad_enabled(False)
            return x * 2

        compiled(f)(torch.ones(3, requires_grad=True))
        mode = torch.is_grad_enabled()
        torch.set_grad_enabled(True)

        assert mode == (compiled.backend != "eager")

    @before("2.5")
    def test_enable_grad_inside_used_to_be_lost_where_the_call_is_under_no_grad(self, compiled):
        def f(x):
            with torch.enable_grad():
                return x * 2

        with torch.no_grad():
            y = compiled(f)(torch.ones(3, requires_grad=True))

        assert y.requires_grad == (compiled.backend == "eager")


@claim("6.3")
class TestDifferencesOfModes:
    def test_a_view_of_no_grad_that_is_returned_has_a_grad_fn_under_aot(self, compiled):
        def f(x):
            with torch.no_grad():
                return x[:1]

        x = torch.ones(3, requires_grad=True)
        plain, view = f(x), compiled(f)(x)

        assert plain.grad_fn is None
        assert (view.grad_fn is None) == (compiled.backend == "eager")

    @since("2.3")
    def test_a_result_of_inference_mode_inside_is_an_inference_tensor_only_without_aot(
        self, compiled
    ):
        def f(x):
            with torch.inference_mode():
                return x * 2

        y = compiled(f)(torch.ones(3, requires_grad=True))

        assert f(torch.ones(3)).is_inference()
        assert y.is_inference() == (compiled.backend == "eager")
        assert not y.requires_grad

    def test_a_gradient_cannot_be_differentiated_again_under_aot(self, compiled):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        (gradient,) = torch.autograd.grad(compiled(lambda x: (x**3).sum())(x), x, create_graph=True)

        assert gradient.tolist() == [3.0, 12.0]
        if compiled.backend == "eager":
            assert torch.autograd.grad(gradient.sum(), x)[0].tolist() == [6.0, 12.0]
        else:
            with pytest.raises(RuntimeError, match="double backward"):
                torch.autograd.grad(gradient.sum(), x)

    def test_one_backward_frees_the_graph_of_all_results_under_aot(self, compiled):
        x = torch.ones(2, requires_grad=True)
        a, b = compiled(lambda x: (x * 2, x * 3))(x)
        a.sum().backward()

        if compiled.backend == "eager":
            b.sum().backward()
            assert x.grad.tolist() == [5.0, 5.0]
        else:
            with pytest.raises(RuntimeError, match="a second time"):
                b.sum().backward()

    def test_an_argument_that_a_result_does_not_need_gets_zeros_under_aot(self, compiled):
        x, z = (torch.ones(2, requires_grad=True) for _ in range(2))
        a, _ = compiled(lambda x, z: ((x * 2).sum(), (z * 3).sum()))(x, z)
        a.backward()

        assert x.grad.tolist() == [2.0, 2.0]
        assert (z.grad is None) == (compiled.backend == "eager")


@claim("6.4")
class TestNumpy:
    def test_numpy_of_a_tensor_that_requires_grad_gives_an_array_without_a_word(self, compiled):
        x = torch.tensor([1.0, -2.0], requires_grad=True)
        with pytest.raises(RuntimeError, match="requires grad"):
            x.numpy()

        array = compiled(lambda x: (x * 2).numpy())(x)

        assert isinstance(array, np.ndarray)
        assert array.tolist() == [2.0, -4.0]

    @since("2.2")
    def test_the_gradient_flows_through_numpys_functions(self, compiled):
        x = torch.tensor([1.0, -2.0], requires_grad=True)
        y = compiled(lambda x: torch.from_numpy(x.numpy() ** 2))(x)
        y.sum().backward()

        assert x.grad.tolist() == [2.0, -4.0]

    def test_the_array_of_a_compiled_numpy_shares_the_tensors_memory(self, compiled):
        tensor = torch.ones(3)
        array = compiled(lambda x: x.numpy())(tensor)

        array[0] = 5
        assert tensor.tolist() == [5.0, 1.0, 1.0]
        tensor[1] = 7
        assert array.tolist() == [5.0, 7.0, 1.0]

    def test_the_tensor_of_a_compiled_from_numpy_shares_the_arrays_memory(self, compiled):
        array = np.ones(3)
        tensor = compiled(lambda a: torch.from_numpy(a))(array)

        array[0] = 5
        assert tensor.tolist() == [5.0, 1.0, 1.0]
        assert tensor.dtype is torch.float64

    def test_numpy_functions_in_compiled_code_become_part_of_the_graph(self, compiled):
        f = compiled(lambda a: np.sum(a * 2, axis=0), fullgraph=True)

        array = f(np.arange(6.0).reshape(2, 3))

        assert isinstance(array, np.ndarray)
        assert array.tolist() == [6.0, 10.0, 14.0]
        assert compiled.graphs == 1


@claim("6.5")
class TestTrainAndEval:
    def test_train_and_eval_of_the_module_take_effect_at_the_next_call(self, compiled):
        drop = nn.Dropout(0.5)
        f, x = compiled(drop), torch.ones(100)

        for _ in range(2):
            drop.train()
            assert set(f(x).tolist()) == {0.0, 2.0}
            drop.eval()
            assert set(f(x).tolist()) == {1.0}

    def test_train_and_eval_of_the_compiled_module_reach_the_module(self, compiled):
        net = nn.Sequential(nn.Sequential(nn.Dropout(0.5)))
        f, x = compiled(net), torch.ones(100)

        f.eval()
        assert not net[0][0].training
        assert set(f(x).tolist()) == {1.0}
        f.train()
        assert net[0][0].training
        assert set(f(x).tolist()) == {0.0, 2.0}

    def test_running_statistics_move_in_training_alone(self, compiled):
        norm, plain = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
        f = compiled(norm)
        batches = torch.arange(24.0).reshape(3, 4, 2)

        for batch in batches:
            assert np.allclose(as_array(f(batch)), as_array(plain(batch)), atol=1e-6)
        for name, buffer in plain.named_buffers():
            assert np.allclose(as_array(getattr(norm, name)), as_array(buffer)), name
        kept = norm.running_mean.clone()
        norm.eval()
        f(batches[0] * 5)
        assert norm.running_mean.tolist() == kept.tolist()
        assert norm.num_batches_tracked == 3

    def test_f_dropout_follows_the_flag_that_it_is_given(self, compiled):
        f = compiled(lambda x, training: F.dropout(x, 0.5, training))

        assert set(f(torch.ones(100), True).tolist()) == {0.0, 2.0}
        assert set(f(torch.ones(100), False).tolist()) == {1.0}


@claim("6.6")
class TestInPlace:
    def test_a_write_to_an_input_shows_in_the_callers_tensor(self, compiled):
        tensor = torch.ones(3)
        view, array = tensor[1:], tensor.numpy()

        result = compiled(lambda x: x.mul_(2))(tensor)

        assert result is tensor
        assert view.tolist() == [2.0, 2.0]
        assert array.tolist() == [2.0, 2.0, 2.0]

    def test_a_write_through_one_argument_shows_in_another_of_the_same_memory(self, compiled):
        def f(a, b):
            a.add_(1)
            return b * 2

        tensor = torch.ones(3)

        assert compiled(f)(tensor, tensor).tolist() == [4.0, 4.0, 4.0]
        assert compiled(f)(tensor, tensor.view(3)).tolist() == [6.0, 6.0, 6.0]

    def test_a_leaf_that_requires_grad_refuses_it_with_another_runtime_error(self, compiler):
        def f(x):
            x += 1
            return x

        leaf = torch.ones(2, requires_grad=True)

        with pytest.raises(RuntimeError, match="a leaf Variable that requires grad") as caught:
            compiler(f)(leaf)
        assert type(caught.value) is not RuntimeError
        assert leaf.tolist() == [1.0, 1.0]

    def test_an_overwritten_value_that_was_saved_is_refused_at_the_call_under_aot(self, compiled):
        def f(x):
            y = x.exp()
            y.add_(1)
            return y.sum()

        x, g = torch.ones(2, requires_grad=True), compiled(f)

        if compiled.backend == "eager":
            loss = g(x)
            with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                loss.backward()
        else:
            with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                g(x)

    @before("2.14")
    def test_a_write_through_what_dropout_in_evaluation_returned_was_lost_under_aot(self, compiled):
        def f(x):
            y = F.dropout(x, 0.5, False)
            y += y
            return y

        tensor = torch.ones(2)
        compiled(f)(tensor)

        assert tensor.tolist() == ([2.0, 2.0] if compiled.backend == "eager" else [1.0, 1.0])

    def test_arguments_that_overlap_in_part_must_do_so_at_the_first_call_under_aot(self, compiled):
        def f(a, b):
            a.mul_(2)
            return a + b

        g, memory = compiled(f), torch.ones(8)
        g(torch.ones(4), torch.ones(4))

        found = g(memory[:4], memory[2:6]).tolist()

        assert (found == [4.0, 4.0, 3.0, 3.0]) == (compiled.backend == "eager")

    def test_requires_grad_is_kept_by_detach_and_clone_as_in_plain_code(self, compiled):
        f = compiled(lambda x: (x.detach(), x.clone(), x.detach().clone() * 2))
        x = torch.ones(3, requires_grad=True)

        assert [it.requires_grad for it in f(x)] == [False, True, False]
        assert f(x)[0].data_ptr() == x.data_ptr()


class Doubling(nn.Module):
    def __init__(self):
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(2.0))

    def forward(self, x):
        return x * self.factor


@claim("6.7")
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

    def test_the_net_itself_keeps_its_keys_and_loads_for_both(self, compiled):
        net, other = nn.Linear(2, 1), nn.Linear(2, 1)
        f = compiled(net)
        before_loading = f(torch.ones(1, 2)).item()

        assert list(net.state_dict()) == ["weight", "bias"]
        net.load_state_dict(other.state_dict())

        assert f(torch.ones(1, 2)).item() == pytest.approx(other(torch.ones(1, 2)).item())
        assert f(torch.ones(1, 2)).item() != before_loading
        assert f._orig_mod is net

    def test_print_of_a_compiled_module_shows_orig_mod(self, compiler):
        assert str(compiler(nn.ReLU())) == "OptimizedModule(\n  (_orig_mod): ReLU()\n)"

    @since("2.2")
    def test_compile_of_a_module_in_place_leaves_keys_print_and_type(self, compiled):
        net = Doubling()
        net.compile(backend=compiled.counter)

        assert net(torch.ones(1)).item() == 2.0
        assert list(net.state_dict()) == ["factor"]
        assert str(net) == "Doubling()"
        assert type(net) is Doubling


@claim("6.8")
class TestParameters:
    def test_a_compiled_module_has_the_parameters_of_the_module(self, compiler):
        net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
        f = compiler(net)

        assert [id(it) for it in f.parameters()] == [id(it) for it in net.parameters()]
        assert isinstance(f, nn.Module)
        assert f.get_parameter("_orig_mod.0.weight") is net[0].weight

    def test_a_step_of_an_optimizer_shows_in_both_and_compiles_nothing_anew(self, compiled):
        net = nn.Linear(2, 1)
        f, x = compiled(net), torch.ones(1, 2)
        optimizer = optim.SGD(f.parameters(), lr=0.5)

        for _ in range(3):
            optimizer.zero_grad()
            f(x).sum().backward()
            before_step = net.weight.tolist()
            optimizer.step()
            assert net.weight.tolist() != before_step
            assert f(x).item() == pytest.approx(net(x).item(), rel=1e-5)
        assert compiled.graphs == 1

    def test_requires_grad_false_after_compiling_freezes(self, compiled):
        net = nn.Linear(2, 1)
        f = compiled(net)
        f(torch.ones(1, 2)).sum().backward()
        net.requires_grad_(False)

        assert not f(torch.ones(1, 2)).requires_grad

    def test_to_after_compiling_reaches_the_next_call(self, compiled):
        net = nn.Linear(2, 1)
        f = compiled(net)
        f(torch.ones(1, 2))
        net.double()

        assert f(torch.ones(1, 2).double()).dtype is torch.float64

    def test_a_deepcopy_is_compiled_and_has_parameters_of_its_own(self, compiler):
        f = torch.compile(nn.Linear(2, 1), backend=compiler.backend)
        other = copy.deepcopy(f)
        other._orig_mod.weight.data.fill_(5)

        assert type(other) is type(f)
        assert f._orig_mod.weight.max() < 1
        assert other(torch.ones(1, 2)).item() == pytest.approx(10 + f._orig_mod.bias.item())

    @since("2.6")
    def test_a_compiled_module_can_be_pickled(self, compiler):
        f = torch.compile(nn.Linear(2, 1), backend=compiler.backend)

        other = pickle.loads(pickle.dumps(f))

        assert other._orig_mod.weight.tolist() == f._orig_mod.weight.tolist()


def with_print(x):
    y = x * 2
    print(end="")
    return y + 1


@claim("6.9")
class TestGraphBreaks:
    def test_a_print_breaks_the_graph_and_the_result_is_the_same(self, compiled):
        x = torch.arange(3.0)

        assert compiled(with_print)(x).tolist() == [1.0, 3.0, 5.0]
        assert compiled.graphs == 2

    def test_fullgraph_refuses_a_print_when_the_function_is_called(self, compiler):
        f = compiler(with_print, fullgraph=True)

        with pytest.raises(RuntimeError):
            f(torch.arange(3.0))
        assert compiler.graphs == 0

    @before("2.10")
    def test_item_used_to_break_the_graph(self, compiler):
        f = compiler(lambda x: x.sum().item() + 1, fullgraph=True)

        with pytest.raises(RuntimeError, match="item"):
            f(torch.ones(3))
        assert compiler.graphs == 0

    def test_item_gives_the_number_that_it_gives_in_plain_code(self, compiled):
        f = compiled(lambda x: (x * 2).sum().item() + 1)

        assert f(torch.ones(3)) == 7.0
        assert f(torch.ones(3) * 2) == 13.0

    def test_a_branch_on_values_breaks_the_graph_and_takes_the_right_side(self, compiled):
        def f(x):
            return x * 2 if x.sum() > 0 else x - 1

        with pytest.raises(RuntimeError):
            compiled(f, fullgraph=True)(torch.ones(2))
        torch._dynamo.reset()
        g = compiled(f)

        assert g(torch.ones(2)).tolist() == [2.0, 2.0]
        assert g(-torch.ones(2)).tolist() == [-2.0, -2.0]
        assert compiled.graphs >= 2

    def test_backward_inside_gives_the_leaf_its_gradient(self, compiled):
        x = torch.tensor([1.0, 2.0], requires_grad=True)

        compiled(lambda x: (x**2).sum().backward())(x)

        assert x.grad.tolist() == [2.0, 4.0]

    def test_an_error_of_a_shape_is_a_runtime_error_of_another_class(self, compiler):
        with pytest.raises(RuntimeError, match=r"shape '\[3\]' is invalid") as caught:
            compiler(lambda x: x.view(3))(torch.ones(2))
        assert type(caught.value) is not RuntimeError


@claim("6.10")
class TestRecompiling:
    def test_nothing_is_compiled_before_the_first_call_and_once_for_equal_calls(self, compiled):
        f = compiled(lambda x: x * 2)
        assert compiled.graphs == 0

        for number in range(3):
            assert f(torch.full((3,), float(number))).tolist() == [2.0 * number] * 3
        assert compiled.graphs == 1

    def test_what_the_graph_depends_on_compiles_it_anew(self, compiled):
        drop = nn.Dropout(0.5)
        f, x = compiled(lambda x: drop(x) * 2), torch.ones(3)

        f(x)
        assert compiled.graphs == 1
        with torch.no_grad():
            f(x)
        assert compiled.graphs == 2
        f(torch.ones(3, requires_grad=True))
        assert compiled.graphs == 3
        f(torch.ones(3).double())
        assert compiled.graphs == 4
        f(torch.ones(1, 3))
        assert compiled.graphs == 5
        drop.eval()
        f(x)
        assert compiled.graphs == 6

    def test_the_second_size_makes_the_size_dynamic_and_further_sizes_compile_nothing(
        self, compiled
    ):
        f = compiled(lambda x: x * 2)

        for size in (5, 7, 2, 300, 3):
            assert f(torch.ones(size)).shape == (size,)
        assert compiled.graphs == 2
        for size in (1, 0):
            assert f(torch.ones(size)).shape == (size,)
        assert compiled.graphs == 4

    @since("2.4")
    def test_a_changed_number_of_the_module_is_seen(self, compiled):
        net = nn.Linear(1, 1)
        net.factor = 2.0

        f = compiled(lambda x: x * net.factor)

        assert f(torch.ones(1)).item() == 2.0
        net.factor = 5.0
        assert f(torch.ones(1)).item() == 5.0


@pytest.mark.filterwarnings("ignore:The .grad attribute")  # Dynamo asks for it
class TestHooks:
    @since("2.4")
    @claim("6.11")
    def test_a_hook_that_is_there_at_the_first_call_runs(self, compiled):
        net, seen = nn.Sequential(nn.Linear(1, 1)), []
        net[0].register_forward_hook(lambda module, args, output: seen.append(1))
        f = compiled(net)

        f(torch.ones(1))
        f(torch.ones(1))

        assert seen == [1, 1]

    @since("2.5")
    @claim("6.11")
    def test_a_hook_that_an_inner_module_gets_later_is_ignored_until_a_reset(self, compiled):
        net, seen = nn.Sequential(nn.Linear(1, 1)), []
        f = compiled(net)
        f(torch.ones(1))
        net[0].register_forward_hook(lambda module, args, output: seen.append(1))

        f(torch.ones(1))
        assert seen == []
        assert compiled.graphs == 1
        torch._dynamo.reset()
        f(torch.ones(1))
        assert seen == [1]

    @claim("6.11")
    def test_a_hook_of_a_parameter_runs_also_if_it_comes_later(self, compiled):
        net, seen = Doubling(), []
        f = compiled(net)
        f(torch.ones(1)).sum().backward()
        net.factor.register_hook(lambda gradient: seen.append(gradient.item()))

        f(torch.ones(1)).sum().backward()

        assert seen == [1.0]
