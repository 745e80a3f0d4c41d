"""The benchmarks: they fail if what PyTorch allocates changes, and say in words what was seen."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from benchmarks import answers, questions, timing
from benchmarks.comparison import Alternative, Comparison, Cost, Prediction
from benchmarks.memory import Memory, measure
from benchmarks.units import in_bytes, in_ratio, in_seconds
from harness.run.properties import COST
from meta_tests.copies import PROJECT, run

QUICK = ("benchmarks", "--device", "cpu", "--benchmark-disable")
TIMED = ("benchmarks", "--device", "cpu", "--benchmark-max-time=0.01", "--benchmark-min-rounds=1")

#: What a change of PyTorch begins with: changes meet the benchmarks alone, and PyTorch within not.
BEGINNING = """
import sys
import torch

def for_benchmarks(changed, former):
    def chosen(*args, **kwargs):
        caller = sys._getframe(1).f_globals["__name__"]
        return (changed if caller.startswith("benchmarks.") else former)(*args, **kwargs)
    return chosen
"""

#: Changes of PyTorch, the cases that are tried, and the question whose answer is another then.
CHANGES = {
    "no_grad keeps the graph": (
        "torch.no_grad = for_benchmarks(torch.enable_grad, torch.no_grad)",
        "2 and 256 and no_grad",
        questions.LAYERS,
    ),
    "set_grad_enabled(False) keeps the graph": (
        "torch.set_grad_enabled = for_benchmarks(\n"
        "    lambda mode: torch.enable_grad(), torch.set_grad_enabled\n"
        ")",
        "2 and 256 and False",
        questions.LAYERS,
    ),
    "inference_mode keeps the graph": (
        "torch.inference_mode = torch.enable_grad",
        "4 and net and eval and inference_mode",
        questions.NET,
    ),
    "a ReLU keeps its activation twice": (
        "torch.nn.ReLU.forward = lambda self, x: (y := torch.relu(x)) * y",
        "2 and 256 and enable_grad and not set",
        questions.LAYERS,
    ),
    "entering no_grad allocates": (
        "class no_grad(torch.no_grad):\n"
        "    def __enter__(self):\n"
        "        self.memory = torch.empty(1)\n"
        "        super().__enter__()\n"
        "torch.no_grad = no_grad",
        "entering and no_grad",
        questions.CONTEXT,
    ),
    "an operation allocates twice": (
        "former = torch.Tensor.__mul__\n"
        "torch.Tensor.__mul__ = lambda x, y: former(former(x, y), 1)",
        "one_number and enable_grad and not set",
        questions.SMALL,
    ),
    "from_numpy copies": (
        "former = torch.from_numpy\ntorch.from_numpy = lambda a: former(a.copy())",
        "from_numpy and 256 and KiB and float32",
        questions.FROM_NUMPY,
    ),
    "torch.tensor shares": (
        "torch.tensor = torch.from_numpy",
        "tensor and array_has and 256 and KiB and float32",
        questions.FROM_NUMPY,
    ),
    "numpy copies": (
        "former = torch.Tensor.numpy\ntorch.Tensor.numpy = lambda t: former(t).copy()",
        "tensor_has and 256 and KiB and float32",
        questions.TO_NUMPY,
    ),
    "clone shares": (
        "torch.Tensor.clone = lambda t: t.detach()",
        "tensor_has and clone and 256 and KiB and float32",
        questions.TO_NUMPY,
    ),
}


class TestAChangedPyTorch:
    @pytest.mark.parametrize("change", CHANGES)
    def test_fails_the_benchmarks_which_name_the_question(self, change, tmp_path):
        code, cases, question = CHANGES[change]
        (tmp_path / "changed_pytorch.py").write_text(f"{BEGINNING}\n{code}\n")

        result = run(*QUICK, "-p", "changed_pytorch", "-k", cases, PYTHONPATH=str(tmp_path))

        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        assert re.search(rf"AssertionError: {re.escape(question)} .*bytes, and not", result.stdout)


class TestRunning:
    def test_disabled_checks_the_memory_and_takes_no_time(self):
        result = run(*QUICK, "-k", "one_number or entering")

        assert result.returncode == 0
        assert f"{questions.SMALL} [cpu]" in result.stdout
        assert re.search(r"^no_grad +4 +4 +1 +4 +- +-$", result.stdout, re.MULTILINE)
        assert "no_grad needs 1.00x the memory (1.00x once done) of enable_grad" in result.stdout
        assert "cpu ..." not in result.stdout  # as which is said what is being timed

    def test_a_plain_run_says_what_it_times_and_ends_with_the_answers_alone(self):
        result = run("benchmarks", "-v", "-k", "one_number and cpu and inference_mode")

        assert result.returncode == 0
        progress, _, costs = result.stdout.partition("what it costs")
        assert "operation on one number, cpu ..." in progress
        assert re.search(r"inference_mode needs .* the time of enable_grad\n", costs)
        assert re.search(r"NumPy .*; 1 thread$", costs, re.MULTILINE)
        assert "Name (time in" not in result.stdout

    def test_an_option_of_pytest_benchmark_works_and_shows_its_tables_above_the_answers(
        self, tmp_path
    ):
        saving = (*TIMED, f"--benchmark-storage={tmp_path / 'kept'}", "-k", "one_number")

        before = run(*saving, "--benchmark-save=before", f"--benchmark-json={tmp_path / 'a.json'}")
        after = run(*saving, "--benchmark-compare", "--benchmark-compare-fail=median:900000%")

        assert before.returncode == 0
        assert after.returncode == 0
        assert before.stdout.index("Name (time in") < before.stdout.index("In words")
        assert "(0001_before)" in after.stdout
        assert "(NOW)" in after.stdout
        kept = json.loads((tmp_path / "a.json").read_text())["benchmarks"]
        assert len(kept) == 5
        for benchmark in kept:
            info = benchmark["extra_info"]
            assert info["peak_bytes"] == info["predicted_peak_bytes"] == info["retained_bytes"] == 4
            assert info["time_ratio"] > 0
            assert info["threads"] == 1
            assert info["torch"] == torch.__version__
            assert len(benchmark["stats"]["data"]) >= 3 * timing.HEATS

    def test_histograms_are_drawn(self, tmp_path):
        pytest.importorskip("pygal")

        run(*TIMED, f"--benchmark-histogram={tmp_path / 'plot'}", "-k", "one_number")

        assert list(tmp_path.glob("plot*.svg"))

    def test_an_unknown_device_is_a_usage_error(self):
        result = run("benchmarks", "--device", "tpu")

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert "--device tpu: unknown device" in result.stdout

    def test_ci_runs_the_readmes_quick_mode(self):
        command = "benchmarks --benchmark-disable"
        assert f"pytest {command}" in (PROJECT / "README.md").read_text()
        assert f'pytest" {command}' in (PROJECT / ".ci/run").read_text()


class TestMemory:
    def test_counts_what_pytorch_gives_back_in_the_peak_alone(self):
        def work():
            torch.ones(1000)
            return torch.ones(10)

        assert measure(work, "cpu") == Memory(peak=4000, retained=40)

    def test_counts_numpys_arrays_beside_pytorchs_tensors(self):
        found = measure(lambda: (np.ones(100_000), torch.ones(1000)), "cpu")

        assert found == Memory(peak=804_000, retained=804_000)

    def test_counts_an_array_that_numpy_gives_back_in_the_peak_alone(self):
        found = measure(lambda: np.ones(100_000).sum(), "cpu")

        assert found.retained == 0
        assert found.peak == pytest.approx(800_000, abs=16 * 1024)

    def test_does_not_count_what_is_set_up_on_first_use(self):
        kept = []

        def work():
            if not kept:
                kept.append(torch.ones(1000))

        assert measure(work, "cpu") == Memory(peak=0, retained=0)


class TestTiming:
    def test_every_alternative_is_timed_in_every_round(self):
        works = {"a": lambda: None, "b": lambda: sum(range(1000))}

        times = timing.race(lambda: works, "cpu", seconds=0.05, rounds=40)

        assert len(times["a"]) == len(times["b"]) >= 40
        assert 0 < np.median(times["a"]) < np.median(times["b"])

    def test_the_alternatives_are_built_anew_for_each_heat(self):
        built = []

        def build():
            built.append(True)
            return {"a": lambda: None}

        timing.race(build, "cpu", seconds=0.01, rounds=1)

        assert len(built) == timing.HEATS

    def test_the_ratio_is_the_median_of_the_rounds(self):
        slow_rounds = [1, 1, 10, 1, 100]

        lower, ratio, upper = timing.ratios([2 * it for it in slow_rounds], slow_rounds)

        assert (lower, ratio, upper) == (2, 2, 2)

    def test_the_number_of_threads_is_put_back(self):
        before = torch.get_num_threads()

        with timing.stated_threads():
            assert torch.get_num_threads() == timing.THREADS

        assert torch.get_num_threads() == before


def cost(alternative: str, peak: int, ratio: float | None = None, **parameters: object) -> Cost:
    return Cost(
        question=questions.LAYERS,
        parameters=parameters,
        alternative=alternative,
        baseline="enable_grad",
        device="cpu",
        peak_bytes=peak,
        retained_bytes=peak // 2,
        predicted_peak_bytes=peak,
        predicted_retained_bytes=peak // 2,
        because="it was made up",
        memory_ratio=peak / 1000,
        seconds=ratio and ratio / 1000,
        time_ratio=ratio,
        time_ratio_quartiles=ratio and (ratio - 0.01, ratio + 0.01),
    )


def report(cost: Cost, when: str = "call") -> SimpleNamespace:
    return SimpleNamespace(user_properties=[(COST, asdict(cost))], when=when)


class TestAnswers:
    def test_a_prediction_that_was_not_met_is_a_sentence_with_both_numbers(self):
        assert cost("no_grad", 1000).problems() == []
        assert replace(cost("no_grad", 2000), predicted_peak_bytes=1000).problems() == [
            "no_grad peaked at 2,000 bytes, and not 1,000: it was made up"
        ]

    def test_no_prediction_is_no_problem_and_says_why(self):
        unpredicted = replace(cost("no_grad", 9), predicted_peak_bytes=None)

        assert unpredicted.problems() == []
        assert "No prediction of a peak: it was made up" in list(
            answers.lines([report(unpredicted)])
        )

    def test_a_table_has_the_baseline_first_and_marks_what_was_not_predicted(self):
        seen = [
            cost("no_grad", 220, 0.93, layers=8, width=512),
            replace(cost("enable_grad", 1000, 1.0, layers=8, width=512), predicted_peak_bytes=999),
        ]

        lines = list(answers.lines(map(report, seen)))

        (first,) = (line for line in lines if re.match(" +enable_grad +1,000", line))
        (second,) = (line for line in lines if re.match(" +no_grad +220", line))
        assert lines.index("8 layers, width 512") < lines.index(first) < lines.index(second)
        assert "1.0010 !" in first
        assert second.split() == "no_grad 220 220 1 110 930 us 0.93x (0.92-0.94)".split()

    def test_words_compare_with_the_baseline_at_the_extremes(self):
        seen = [
            cost(mode, peak, ratio, layers=layers, width=512)
            for mode, ratio in (("enable_grad", 1.0), ("no_grad", 0.93))
            for layers, peak in ((1, 1000), (2, 1500), (8, 220))
        ]

        words = list(questions.answer(questions.LAYERS, seen))

        assert (
            "no_grad needs 0.22x the memory (1.00x once done) and 0.93x (0.92-0.94) the time "
            "of enable_grad, for 8 layers, width 512" in words
        )
        assert any(it.endswith("for 1 layer, width 512") for it in words)
        assert not any("2 layers" in it for it in words)

    def test_words_say_what_a_further_layer_adds(self):
        seen = [
            cost(mode, first + added * (layers - 1), layers=layers, width=512)
            for mode, first, added in (("enable_grad", 1000, 500), ("no_grad", 1000, 0))
            for layers in (1, 2, 4)
        ]

        words = list(questions.answer(questions.LAYERS, seen))

        assert "each further layer of width 512 adds 500 bytes to the peak: enable_grad" in words
        assert "each further layer of width 512 adds 0 bytes to the peak: no_grad" in words

    @pytest.mark.parametrize(("ratio", "close"), [(0.94, 1), (0.99, 0)])
    def test_words_say_whether_no_grad_and_set_grad_enabled_differ_by_more_than_noise(
        self, ratio, close
    ):
        seen = [cost("no_grad", 4, 0.93), cost("set_grad_enabled(False)", 4, ratio)]

        assert list(questions.answer(questions.SMALL, seen))[-1] == (
            "no_grad and set_grad_enabled(False): the same bytes in 1 of 1 case, "
            f"the same time within noise in {close} of 1"
        )

    def test_words_say_that_sharing_takes_as_long_at_any_size(self):
        seen = [
            replace(
                cost("from_numpy(a)", 0, 0.1, nbytes=nbytes, dtype="float32"),
                seconds=seconds * 1e-9,
            )
            for nbytes, seconds in ((2**10, 414), (2**26, 457))
        ]

        assert list(questions.answer(questions.FROM_NUMPY, seen)) == [
            "from_numpy(a): 0 bytes, 414 ns to 457 ns at any size"
        ]

    def test_words_compare_a_copy_with_the_limit_at_the_largest_size(self):
        seen = [
            replace(cost("copy", nbytes, 1.5, nbytes=nbytes, dtype="float32"), seconds=seconds)
            for nbytes, seconds in ((2**10, 5e-7), (2**26, 0.0166))
        ]

        assert list(questions.answer(questions.FROM_NUMPY, seen)) == [
            "copy: 1.00x the array's bytes, 500 ns at 1 KiB and 16.6 ms at 64 MiB, "
            "there 1.50x (1.49-1.51) the time of a enable_grad"
        ]

    def test_only_reports_of_the_call_count_so_that_none_counts_twice(self):
        reports = [report(cost("no_grad", 9), when) for when in ("setup", "call", "teardown")]

        assert answers.costs_of(reports) == [cost("no_grad", 9)]

    def test_a_run_without_benchmarks_says_nothing(self):
        assert list(answers.lines([SimpleNamespace(user_properties=[("claim", "1.1.1")])])) == []

    def test_the_first_alternative_is_the_baseline(self):
        alternative = Alternative(int, Prediction("it was made up"))

        assert Comparison("Why?", {"b": alternative, "a": alternative}).baseline == "b"


class TestUnits:
    @pytest.mark.parametrize(
        ("number", "words"),
        [(0, "0 bytes"), (1, "1 byte"), (1024, "1 KiB"), (5000, "5,000 bytes"), (2**26, "64 MiB")],
    )
    def test_bytes_are_never_rounded(self, number, words):
        assert in_bytes(number) == words

    @pytest.mark.parametrize(
        ("seconds", "words"),
        [(4.57e-7, "457 ns"), (0.00123, "1.23 ms"), (9.999e-7, "1.00 us"), (12.34, "12.3 s")],
    )
    def test_seconds_have_three_digits(self, seconds, words):
        assert in_seconds(seconds) == words

    @pytest.mark.parametrize(
        ("ratio", "words"),
        [(1.0, "1.00x"), (0.9312, "0.93x"), (0, "0.00x"), (0.00001234, "0.000012x")],
    )
    def test_ratios_have_two_digits_at_least_and_no_exponent(self, ratio, words):
        assert in_ratio(ratio) == words
