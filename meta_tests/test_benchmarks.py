"""The benchmarks fail if PyTorch allocates other bytes, and report what they measured."""

from __future__ import annotations

import functools
import itertools
import json
import mmap
import re
from dataclasses import asdict, replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks import allocator, questions, report, timing
from benchmarks import test_compiled as compiled
from benchmarks import test_grad_modes as modes
from benchmarks import test_kept_memory as kept
from benchmarks import test_numpy_border as border
from benchmarks.fresh import measure_in_fresh_memory
from benchmarks.groups import Alternative, Cost, Group, Prediction
from benchmarks.measure import measure
from benchmarks.memory import Memory, measure_memory
from benchmarks.units import format_bytes, format_ratio, format_seconds
from harness.run.user_properties import COST
from meta_tests.copies import run

MODES = modes.MODES
DISABLED, INFERENCE = "set_grad_enabled(False)", "inference_mode"
NUMBER = (modes.operation_on_one_number, {})
LAYERS = (modes.forward_of_layers, {"layers": 2, "width": 256, "batch": 64})
NETS = (modes.forward_of_the_net, {"nets": 4, "phase": "eval"})
BLOCK = (modes.forward_of_a_block, {"batch": 2})
KEPT = (kept.keeping, {})
FROM_NUMPY = (border.tensor_from_array, {"nbytes": 2**18})
TO_NUMPY = (border.array_from_tensor, {"nbytes": 2**18})

#: Changes of PyTorch: what is replaced, by what, and the alternative whose bytes change.
CHANGES = {
    "no_grad keeps the graph": (MODES, "no_grad", torch.enable_grad, LAYERS, "no_grad"),
    "set_grad_enabled keeps the graph": (MODES, DISABLED, torch.enable_grad, LAYERS, DISABLED),
    "inference_mode keeps the graph": (MODES, INFERENCE, torch.enable_grad, NETS, INFERENCE),
    "a ReLU keeps its input too": (nn.ReLU, "forward", nn.SiLU.forward, LAYERS, "enable_grad"),
    "an operation allocates more": (Tensor, "__mul__", F.mse_loss, NUMBER, "enable_grad"),
    "softmax keeps more": (torch, "softmax", lambda x, dim: x.exp() / 2, BLOCK, "enable_grad"),
    "GELU allocates more": (F, "gelu", lambda x: x * (x * 2), BLOCK, "no_grad"),
    "item() keeps its tensor": (Tensor, "item", Tensor.detach, KEPT, kept.WAYS[0]),
    "clone keeps the base": (Tensor, "clone", Tensor.detach, KEPT, kept.CLONE),
    "backward() always keeps the graph": (
        *(Tensor, "backward", lambda t, retain_graph: None, KEPT),
        "a loss after backward()",
    ),
    "from_numpy copies": (torch, "from_numpy", torch.tensor, FROM_NUMPY, "from_numpy(a)"),
    "torch.tensor shares": (torch, "tensor", torch.from_numpy, FROM_NUMPY, "torch.tensor(a)"),
    "numpy copies": (Tensor, "numpy", lambda t: np.from_dlpack(t).copy(), TO_NUMPY, "t.numpy()"),
    "clone shares": (Tensor, "clone", Tensor.detach, TO_NUMPY, "t.clone().numpy()"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_pytorch_makes_a_prediction_wrong(change, monkeypatch):
    owner, name, replacement, (build, parameters), alternative = CHANGES[change]
    assert measure(build, "cpu", parameters)[alternative].cost.wrong_predictions() == []

    patch = monkeypatch.setitem if owner is MODES else monkeypatch.setattr
    patch(owner, name, replacement)

    assert measure(build, "cpu", parameters)[alternative].cost.wrong_predictions()


@pytest.mark.skipif(not compiled.COMPILES, reason="this PyTorch cannot compile on this Python")
def test_a_compiled_pass_that_records_despite_no_grad_makes_a_prediction_wrong(monkeypatch):
    monkeypatch.setitem(MODES, "no_grad", torch.enable_grad)

    measured = measure(compiled.compiled_forward, "cpu", {"backend": "eager"})

    assert measured["compiled, no_grad"].cost.wrong_predictions()
    assert measured["compiled, enable_grad"].cost.wrong_predictions() == []


def bytes_now_and_then(device, nbytes):
    """Alternatives that write fresh memory in each call, and in some calls one page of it."""
    sizes = itertools.cycle([0, mmap.PAGESIZE])
    unpredicted = Prediction("made up")
    return Group(
        "a question",
        {
            "in every call": Alternative(lambda: bytearray(b"1") * nbytes, unpredicted),
            "in one call of two": Alternative(lambda: np.ones(next(sizes), bool), unpredicted),
        },
    )


@pytest.mark.skipif(not allocator.is_glibc(), reason="malloc is not glibc's")
class TestFreshMemory:
    def test_pytorchs_copies_fault_once_for_each_page_and_sharing_for_none(self):
        fresh = measure_in_fresh_memory(border.tensor_from_array, {"nbytes": 2**25}, 0, 1)

        least, most = allocator.predicted_page_faults(2**25, by_numpy=False)
        assert least <= fresh["torch.tensor(a)"].page_faults <= most
        assert fresh["from_numpy(a)"].page_faults <= 1
        assert fresh[border.COPY].page_faults <= 1
        assert len(fresh["torch.tensor(a)"].times) == 1

    @pytest.mark.parametrize(("by_numpy", "least"), [(True, 16), (False, 2**13 - 1)])
    def test_numpy_alone_asks_for_huge_pages(self, by_numpy, least, tmp_path, monkeypatch):
        (tmp_path / "enabled").write_text("always [madvise] never\n")
        (tmp_path / "hpage_pmd_size").write_text("2097152\n")
        monkeypatch.setattr(allocator, "_HUGE_PAGES", tmp_path)
        monkeypatch.setattr("mmap.PAGESIZE", 4096)

        assert allocator.predicted_page_faults(2**25, by_numpy) == (least, 2**13 + 2)

    def test_a_page_fault_that_not_every_call_has_is_not_counted(self):
        fresh = measure_in_fresh_memory(bytes_now_and_then, {"nbytes": 2**18}, 0, 1)

        assert fresh["in one call of two"].page_faults == 0
        assert fresh["in every call"].page_faults >= 2**18 // mmap.PAGESIZE

    def test_more_page_faults_than_predicted_are_wrong(self):
        faulty = replace(cost("a", 1), page_faults=9, predicted_page_faults=(3, 5))

        assert faulty.wrong_predictions() == ["a: 9 page faults, predicted 3 to 5 (made up)"]


class TestRunning:
    @pytest.mark.exhaustive
    def test_a_quick_run_checks_the_bytes_and_takes_no_times(self, tmp_path):
        (tmp_path / "changed.py").write_text(
            "import torch\n"
            "no_grad = torch.no_grad\n"
            "torch.no_grad = lambda *args: no_grad(*args) if torch.ones(1) else None\n"
        )
        quick = ("benchmarks", "--device=cpu", "--benchmark-disable", "-k", "number or entering")
        result = run(*quick, "-p", "changed", PYTHONPATH=str(tmp_path))

        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        assert f"{questions.CONTEXT} [cpu] with no_grad: peak is 4 bytes" in result.stdout
        assert re.search(r"^enable_grad +4 +4 +1 +4 +- +-$", result.stdout, re.MULTILINE)
        assert "inference_mode: 1.00x the peak, 1.00x the retained bytes" in result.stdout

    @pytest.mark.exhaustive
    def test_a_plain_run_ends_with_the_answers_and_hides_pytest_benchmarks_tables(self):
        result = run("benchmarks", "-k", "one_number and cpu and inference_mode")

        assert result.returncode == 0
        assert re.search(r"inference_mode: .* the time of enable_grad\n", result.stdout)
        assert re.search(r"NumPy .*; 1 thread$", result.stdout, re.MULTILINE)
        assert "Name (time in" not in result.stdout

    @pytest.mark.exhaustive
    def test_options_of_pytest_benchmark_work_and_show_its_tables(self, tmp_path):
        result = run(
            *("benchmarks", "--device=cpu", "-k", "one_number", "--benchmark-max-time=0.01"),
            f"--benchmark-json={tmp_path / 'a.json'}",
            "--benchmark-min-rounds=1",
        )

        assert result.returncode == 0
        assert result.stdout.index("Name (time in") < result.stdout.index("Answers")
        kept = json.loads((tmp_path / "a.json").read_text())["benchmarks"]
        assert len(kept) == 5
        for benchmark in kept:
            info = benchmark["extra_info"]
            assert info["peak_bytes"] == info["predicted_peak_bytes"] == info["retained_bytes"] == 4
            assert info["time_ratio"] > 0
            assert info["torch"] == torch.__version__
            assert len(benchmark["stats"]["data"]) >= 3 * timing.REBUILDS


@pytest.mark.parametrize(
    ("function", "memory"),
    [
        (lambda: torch.ones(1000).sum(), Memory(4004, 4)),
        (lambda: (np.ones(100_000), torch.ones(1000)), Memory(804_000, 804_000)),
        (lambda: np.ones(100_000).sum(), Memory(pytest.approx(800_000, abs=16 * 1024), 0)),
        (functools.cache(lambda: torch.ones(1000)), Memory(0, 0)),
    ],
    ids=["a freed tensor", "an array and a tensor", "a freed array", "what is set up once"],
)
def test_memory_is_what_pytorch_and_numpy_allocate_in_the_second_call(function, memory):
    assert measure_memory(function, "cpu") == memory


class TestTiming:
    def test_each_round_times_every_alternative_and_each_rebuild_builds_the_group(self):
        built = []

        def build():
            built.append(True)
            functions = {"a": lambda: None, "b": lambda: sum(range(1000))}
            prediction = Prediction("made up")
            return Group("?", {name: Alternative(it, prediction) for name, it in functions.items()})

        times = timing.time_in_turns(build, "cpu", max_time=0.05, min_rounds=64)

        assert len(built) == timing.REBUILDS
        assert len(times["a"]) == len(times["b"]) >= 64
        assert 0 < np.median(times["a"]) < np.median(times["b"])

    def test_work_that_slows_down_some_rounds_changes_no_ratio(self):
        slow_first, slow_later = [9, 9, 1, 1, 1], [2, 2, 2, 18, 18]

        assert timing.time_ratio(slow_later, slow_first) == 2

    def test_the_range_is_of_ratios_within_each_round(self):
        slow_rounds = [1, 1, 10, 1, 100]

        assert timing.ratio_quartiles([2 * it for it in slow_rounds], slow_rounds) == (2, 2, 2)


def cost(way: str, peak: int, ratio=None, question=questions.LAYERS, **parameters) -> Cost:
    return Cost(
        question=question,
        parameters=parameters,
        alternative=way,
        baseline="enable_grad",
        device="cpu",
        peak_bytes=peak,
        retained_bytes=peak // 2,
        predicted_peak_bytes=peak,
        predicted_retained_bytes=peak // 2,
        reason="made up",
        memory_ratio=peak / 1000,
        seconds=ratio and ratio / 1000,
        time_ratio=ratio,
        time_ratio_quartiles=ratio and (ratio - 0.01, ratio + 0.01),
    )


def a_report(cost: Cost, when: str = "call") -> SimpleNamespace:
    return SimpleNamespace(user_properties=[("claim", "4.1"), (COST, asdict(cost))], when=when)


def test_a_table_begins_with_the_baseline_and_marks_wrong_predictions():
    case = {"layers": 8, "width": 512, "batch": 8}
    costs = [
        cost("no_grad", 220, 0.93, **case),
        replace(cost("enable_grad", 1000, 1.0, **case), predicted_peak_bytes=999),
        replace(cost("training step", 9, 2.0, **case), predicted_peak_bytes=None),
    ]
    reports = [a_report(it, when) for it in costs for when in ("setup", "call", "teardown")]

    lines = list(report.lines(reports))

    first, second, third, reason = lines[lines.index("8 layers, width 512, batch 8") + 1 :][:4]
    assert "1.0010 !" in first
    assert second.split() == "no_grad 220 220 1 110 930 us 0.93x (0.92-0.94)".split()
    assert third.split()[:5] == "training step 9 - -".split()
    assert reason == "The peak is not predicted: made up"


def test_a_table_shows_what_was_there_and_fresh_memory_where_they_were_measured():
    fresh = replace(
        cost("no_grad", 220, 0.93),
        there={"parameters": 780},
        ratio_in_all=1.0,
        page_faults=16385,
        predicted_page_faults=(16383, 16385),
        fresh_time_ratio=5.9,
        fresh_time_ratio_quartiles=(5.8, 6.0),
    )

    lines = list(report.lines([a_report(fresh), a_report(cost("enable_grad", 1000, 1.0))]))

    first, second = lines[3:5]
    assert first.split()[-4:] == ["1,000", "-", "-", "-"]
    assert second.endswith("1,000       16,385  16,383 to 16,385  5.90x (5.80-6.00)")


class TestAnswers:
    def test_grad_modes_are_compared_by_layers_width_and_batch_with_what_was_there(self):
        costs = [
            replace(
                cost(
                    mode, 400 + added * (layers - 1), ratio, layers=layers, width=512, batch=batch
                ),
                there={"parameters": 100 * layers},
                ratio_in_all=ratio / 2,
            )
            for mode, ratio, added in (("enable_grad", 1.0, 200), ("no_grad", 0.93, 0))
            for layers, batch in ((1, 8), (2, 8), (8, 8), (8, 64))
        ]

        assert list(questions.answer(questions.LAYERS, costs)) == [
            "no_grad: 0.40x the peak beyond what was there, 0.47x in all, 1.00x the retained "
            "bytes, 0.93x (0.92-0.94) the time of enable_grad (1 layer, width 512, batch 8)",
            "no_grad: 0.40x the peak beyond what was there, 0.47x in all, 0.22x the retained "
            "bytes, 0.93x (0.92-0.94) the time of enable_grad (8 layers, width 512, batch 8)",
            "each additional layer adds 200 bytes to the peak: enable_grad",
            "each additional layer adds 0 bytes to the peak: no_grad",
            "all memory at the peak of enable_grad (8 layers, width 512, batch 8): "
            "parameters 31%, allocated by the pass 69%",
            "all memory, no_grad to enable_grad, by layers (width 512, batch 8): "
            "0.47x at 1, 0.47x at 2, 0.47x at 8",
            "all memory, no_grad to enable_grad, by batch (8 layers, width 512): "
            "0.47x at 8, 0.47x at 64",
        ]

    def test_entering_is_compared_with_an_empty_context_manager_and_between_modes(self):
        ways = {modes.EMPTY: 1.0, "with no_grad": 15.0, "with set_grad_enabled(False)": 7.5}
        costs = [
            replace(cost(way, 0, ratio, questions.CONTEXT), baseline=modes.EMPTY)
            for way, ratio in ways.items()
        ]

        assert list(questions.answer(questions.CONTEXT, costs))[1:] == [
            "with no_grad: 0 bytes, 15.0 ms, 15.00x (14.99-15.01) the time of "
            "an empty context manager",
            "with set_grad_enabled(False): 0 bytes, 7.50 ms, 7.50x (7.49-7.51) the time of "
            "an empty context manager",
            "with set_grad_enabled(False) takes 0.50x the time of with no_grad; "
            "the difference is 7.50 ms per block",
        ]

    def test_the_first_call_of_a_compiled_pass_is_said_apart(self):
        costs = [
            replace(
                cost(f"{how}, no_grad", 1000, ratio, questions.COMPILED, backend="eager"),
                first_call_seconds=2.0,
            )
            for how, ratio in (("plain", 1.0), ("compiled", 1.5))
        ]

        assert list(questions.answer(questions.COMPILED, costs)) == [
            "eager, compiled, no_grad: 1.00x the peak of plain, 1.50x the time, "
            "which leaves out the first call; the first call takes 2.00 s"
        ]

    def test_what_is_kept_is_said_with_the_reason(self):
        assert list(questions.answer(questions.KEPT, [cost("a", 2**11, None, questions.KEPT)])) == [
            "a: keeps 1 KiB, as made up"
        ]

    def test_in_fresh_memory_the_fastest_copy_is_named_with_the_page_faults(self):
        costs = [
            replace(
                cost(way, 2**28, 1.0, questions.FROM_NUMPY, nbytes=2**28),
                page_faults=faults,
                fresh_time_ratio=ratio,
                fresh_time_ratio_quartiles=(ratio, ratio),
            )
            for way, faults, ratio in (("torch.tensor(a)", 65537, 6), ("a.copy()", 640, 1.5))
        ]

        answer = list(questions.answer(questions.FROM_NUMPY, costs))

        assert answer[0].endswith("in reused memory, 6.00x (6.00-6.00) in fresh memory")
        assert answer[2:] == [
            "an array of 256 MiB in fresh memory: 640 page faults with a.copy(), because NumPy "
            "asks for huge pages; 65,537 with torch.tensor(a)",
            "an array of 256 MiB: write to memory that is there (target.copy_()) where you can; "
            "the fastest new copy in fresh memory is a.copy()",
        ]

    @pytest.mark.parametrize(("ratio", "close"), [(0.94, 1), (0.99, 0)])
    def test_no_grad_and_set_grad_enabled_differ_only_beyond_noise(self, ratio, close):
        costs = [cost("no_grad", 4, 0.93), cost("set_grad_enabled(False)", 4, ratio)]

        assert list(questions.answer(questions.SMALL, costs))[-1] == (
            "no_grad and set_grad_enabled(False): the same bytes in 1 of 1 case, "
            f"the same time within noise in {close} of 1"
        )

    @pytest.mark.parametrize(
        ("way", "share", "times", "sentence"),
        [
            (*("sharing", 0, (414e-9, 457e-9)), "0 bytes, 414 ns to 457 ns at any size"),
            (
                *("copying", 1, (5e-7, 0.0166)),
                "1.00x the array's bytes, 500 ns at 1 KiB, 16.6 ms at 64 MiB, which is "
                "1.50x (1.49-1.51) the time of a enable_grad",
            ),
        ],
    )
    def test_conversions_are_compared_at_the_largest_size(self, way, share, times, sentence):
        costs = [
            replace(cost(way, share * nbytes, 1.5, nbytes=nbytes), seconds=seconds)
            for nbytes, seconds in zip((2**10, 2**26), times, strict=True)
        ]

        assert list(questions.answer(questions.FROM_NUMPY, costs)) == [f"{way}: {sentence}"]


@pytest.mark.parametrize(
    ("formatted", "text"),
    [
        (format_bytes(1), "1 byte"),
        (format_bytes(5000), "5,000 bytes"),
        (format_bytes(2**26), "64 MiB"),
        (format_seconds(9.999e-7), "1.00 us"),
        (format_seconds(12.34), "12.3 s"),
        (format_ratio(0), "0.00x"),
        (format_ratio(0.9312), "0.93x"),
        (format_ratio(0.00001234), "0.000012x"),
    ],
)
def test_units_are_formatted(formatted, text):
    assert formatted == text
