"""Running pytest as a user does: options, mistakes, reports, crashes."""

from __future__ import annotations

import itertools
import re
import sys
from types import SimpleNamespace
from unittest.mock import Mock
from xml.etree import ElementTree

import pytest
import torch

from harness.run import claims, devices, failures
from harness.run.user_properties import OBSERVED
from meta_tests.copies import IN_ITEM, ITEM, PROJECT, copy_project, edit, run
from specs.ledger import LEDGER


class TestDevices:
    """A PyTorch with a CPU and Apple's accelerator, which knows CUDA and Intel's as well."""

    @pytest.fixture(autouse=True)
    def two_devices(self, monkeypatch):
        reasons = {"cpu": None, "cuda": "there is none", "mps": None, "xpu": "there is none"}
        monkeypatch.setattr(devices, "known", lambda: tuple(reasons))
        monkeypatch.setattr(devices, "why_not", reasons.__getitem__)

    @staticmethod
    def parameters(argument, *asked):
        metafunc = Mock(fixturenames=[argument])
        metafunc.config.getoption.return_value = list(asked)
        devices.pytest_generate_tests(metafunc)
        _, found = metafunc.parametrize.call_args.args
        return {it.id: it.marks[0].kwargs["reason"] if it.marks else "" for it in found}

    def test_a_spec_runs_on_each_device_and_says_which_is_not_available(self):
        without = "no cuda: there is none"

        assert self.parameters("device") == {"cpu": "", "cuda": without, "mps": ""}
        assert self.parameters("accelerator") == {"cuda": without, "mps": ""}

    def test_a_device_asked_for_leaves_the_others_out(self):
        left_out = "no {}: not selected by --device cpu"

        assert self.parameters("device", "mps") == {"mps": ""}
        assert self.parameters("accelerator", "cpu") == {
            name: left_out.format(name) for name in ("cuda", "mps")
        }

    @pytest.mark.parametrize(
        ("folder", "argument", "kept"),
        [
            (claims.SPECS, "device", ["first"]),
            (claims.SPECS, "accelerator", ["first", "second"]),
            ("meta_tests", "device", ["first", "second"]),
        ],
        ids=["of a claim", "of each spec for accelerators alone", "of each other test"],
    )
    def test_one_case_says_that_a_device_is_missing(self, folder, argument, kept):
        items = []
        for name, device, dtype in itertools.product(
            ("first", "second"), ("cpu", "cuda"), ("float32", "float64")
        ):
            item = Mock(originalname=name)
            item.parent, item.path.parent = "file", folder
            item.callspec.params = {argument: device, "dtype": dtype}
            item.get_closest_marker.return_value = pytest.mark.claim("1.1.3")
            items.append(item)
        here = [item for item in items if item.callspec.params[argument] == "cpu"]

        config = SimpleNamespace(getoption=lambda option: [])
        devices.pytest_collection_modifyitems(config, items)

        assert [item for item in items if item in here] == here
        missing = [item for item in items if item not in here]
        assert [item.originalname for item in missing] == kept
        assert {item.callspec.params["dtype"] for item in missing} == {"float32"}

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            (
                "npu",
                "--device npu: unknown device; available are cpu, mps; "
                "PyTorch also knows cuda, xpu",
            ),
            ("xpu", "--device xpu: not available: there is none"),
            ("MPS", "--device MPS: PyTorch calls it mps"),
            ("cpu,mps", "--device cpu,mps: give --device once for each"),
            (
                "mps ",
                "--device 'mps ': unknown device; available are cpu, mps; "
                "PyTorch also knows cuda, xpu",
            ),
            (
                "mps:1",
                "--device mps:1: give the kind alone, mps; the specs run on its current device",
            ),
        ],
    )
    def test_a_device_that_cannot_be_used_is_a_usage_error(self, name, sentence):
        with pytest.raises(pytest.UsageError, match=f"^{sentence}$"):
            devices.pytest_configure(SimpleNamespace(getoption=lambda option: ["cpu", name]))


def test_claims_prints_every_claim_in_order_also_if_pytest_randomly_shuffles_the_specs():
    result = run("--claims")

    assert result.returncode == 0
    said = " ".join(result.stdout.split())
    position = -1
    for claim in LEDGER.values():
        assert said.index(f" {claim.id} [{claim.verdict.value}") > position
        position = said.index(f" {claim.id} [{claim.verdict.value}")
        assert claim.says in said
        assert claim.truth in said
    first = said.index("- item of a one by one matrix is its number")
    assert first < said.index("- item of an integer tensor is the same int")
    assert "- item without parentheses is a method and no number" in said
    assert "passed" not in said


class TestMistakes:
    @pytest.mark.parametrize(
        ("marker", "message"),
        [
            (None, "names no claim"),
            (pytest.mark.claim().mark, "names no claim"),
            (pytest.mark.claim("7.7").mark, "names claim '7.7', which is not in specs/ledger.py"),
        ],
    )
    def test_a_spec_of_no_claim_is_a_usage_error_that_names_it(self, marker, message):
        item = SimpleNamespace(nodeid="specs/a.py::test_it", get_closest_marker=lambda name: marker)

        with pytest.raises(pytest.UsageError, match=f"^specs/a.py::test_it {message}"):
            claims.claim_of(item)

    def test_a_claim_without_spec_is_a_usage_error_that_names_it(self):
        session = SimpleNamespace(testsfailed=0, config=SimpleNamespace(args=["specs"]))
        paths = itertools.cycle(claims.SPECS.glob("test_*.py"))
        items = [
            SimpleNamespace(
                path=next(paths),
                user_properties=[],
                get_closest_marker=lambda name, id=id: pytest.mark.claim(id).mark,
            )
            for id in LEDGER.keys() - {"1.1.2"}
        ]

        with pytest.raises(pytest.UsageError, match=r"^no spec proves claim 1\.1\.2 of specs"):
            claims.pytest_collection_modifyitems(session, items)
        some = [item for item in items if item.path != items[0].path]
        claims.pytest_collection_modifyitems(session, some)  # only some files were collected


class TestReports:
    def test_the_end_of_a_run_counts_the_claims_and_names_the_versions(self, small_run):
        assert f"PyTorch {torch.__version__}, NumPy" in small_run.said
        assert (
            f"{len(IN_ITEM)} of {len(LEDGER)} claims confirmed: 2 hold as written" in small_run.said
        )
        assert f"Not selected: the other {len(LEDGER) - len(IN_ITEM)} claims" in small_run.said

    def test_junit_xml_carries_the_claims_and_what_was_observed(self, small_run):
        root = ElementTree.parse(small_run.folder / "report.xml").getroot()
        found = [
            {it.get("name"): it.get("value") for it in case.iter("property")}
            for case in root.iter("testcase")
        ]

        assert {it["claim"] for it in found if "claim" in it} == {*IN_ITEM}
        assert all(it.keys() & {"claim", "observes"} for it in found)
        assert {it.get(f"{OBSERVED}len(torch.tensor(1.0))", "")[:16] for it in found} == {
            *("", "raises TypeError"),
        }

    def test_a_failure_says_its_claim_and_smallest_example_first(self, tmp_path):
        copy = copy_project(tmp_path)
        edit(copy / ITEM, "assert type(number) is float", "assert torch.equal(tensor, tensor + 1)")
        edit(copy / ITEM, "method = tensor.item\n", "torch.set_default_dtype(torch.float64)\n")

        result = run(f"{ITEM}::TestItem", "--device=cpu", "-p", "no:randomly", cwd=copy)

        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        assert "the test changed default dtype from torch.float32 to torch.float64" in result.stdout
        said = result.stdout[result.stdout.index("= FAILURES =") :]
        order = [
            "Claim 1.1.1 (holds): item() turns",
            f"Seen on: PyTorch {torch.__version__}",
            "Smallest counterexample: device='cpu', tensor=tensor(0.)",
            "Documentation: https://",
            ": in test_item_of_a_floating_point_tensor",
            "E   assert False",
            "E    +  where False = equal(tensor(0.), (tensor(0.) + 1))",
            "FAILED 1.1.1 (holds)",
        ]
        assert sorted(order, key=said.index) == order
        assert " at 0x" not in said

    @pytest.mark.parametrize(
        "line",
        [
            "Falsifying example",
            "Falsifying explicit example",
            "Failing test case",
            "Failing explicit example",
        ],
    )
    def test_the_smallest_example_is_taken_from_the_notes_of_hypothesis(self, line):
        error = AssertionError()
        arguments = (
            "    self=<TestIt object at 0x7f>,\n    x=tensor([1.,\n        2.]),\n    p=0.5,\n"
        )
        error.__notes__ = [f"{line}: test_it(\n{arguments})\nReproduce it so.", "And more."]

        assert failures.take_smallest_example(error) == "x=tensor([1., 2.]), p=0.5"
        assert error.__notes__ == ["Reproduce it so.", "And more."]
        assert failures.take_smallest_example(error) is None


class TestCrashes:
    """A PyTorch that crashes or hangs in the one spec of claim 1.1.2."""

    @pytest.mark.exhaustive
    def test_the_claim_fails_and_the_rest_is_reported(self, crashing_run):
        for words in (
            "It ended its process",
            "Claim 1.1.2 (holds): ",
            f"FAILED 1.1.2 (holds): {LEDGER['1.1.2'].says}",
            "is_a_method_and_no_number (its process crashed)",
            f"{len(IN_ITEM) - 2} of {len(LEDGER)} claims confirmed",
            "Claim 1.1.1 (holds): ",
            "Smallest counterexample: ",
        ):
            assert words in crashing_run.said

    @pytest.mark.exhaustive
    def test_what_a_spec_warns_of_is_said_although_another_process_ran_it(self, crashing_run):
        assert "UserWarning: one" in crashing_run.said

    @pytest.mark.exhaustive
    def test_a_spec_that_hangs_is_named_while_it_does(self, tmp_path):
        copy = copy_project(tmp_path)
        edit(copy / ITEM, "method = tensor.item\n", "__import__('time').sleep(2)\n")

        result = run(ITEM, "--device=cpu", "-o", "faulthandler_timeout=1", cwd=copy)

        assert "Timeout (0:00:01)!" in result.stdout
        assert "in test_item_without_parentheses_is_a_method" in result.stdout

    def test_the_claim_of_a_crash_is_found_by_its_node_id(self):
        test = "specs/test_1_1_item.py::TestItem::test_item_without_parentheses_is_a_method"

        assert failures.claim_at(f"{test}_and_no_number[cpu]").id == "1.1.2"
        assert failures.claim_at("meta_tests/test_running.py::test_it") is None


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is one process")


class TestProcesses:
    @on_linux
    def test_two_processes_report_each_test_as_one_process_does(self):
        said = [run(ITEM, "-vv", "-p", "no:randomly", f"--processes={number}") for number in (1, 2)]

        one, two = (
            re.findall(r"^(\S+::.+ (?:PASSED|SKIPPED))", it.stdout, re.MULTILINE) for it in said
        )
        assert sorted(one) == sorted(two)
        assert len(one) > 70

    @on_linux
    def test_processes_may_compute_on_several_threads(self):
        files = "specs/test_3_eval_mode.py", "specs/test_5_relu.py"  # both with large tensors
        result = run(*files, "-k", "TestInplace", "--processes=2", OMP_NUM_THREADS="2")

        assert result.returncode == 0, result.stdout

    @on_linux
    def test_processes_leave_no_lock_in_the_temporary_folder(self, tmp_path):
        result = run(
            "specs/test_2_3_model_parameters.py", "-k", "torch_load", "--processes=2",
            PYTEST_DEBUG_TEMPROOT=str(tmp_path),
        )  # fmt: skip

        assert result.returncode == 0, result.stdout
        assert list(tmp_path.glob("*/pytest-*/test_torch_load*"))
        assert list(tmp_path.glob("*/pytest-*/.lock")) == []

    @on_linux
    def test_what_a_test_prints_is_kept_apart_from_what_others_print(self, tmp_path):
        (tmp_path / "prints.py").write_text(
            "import os\n"
            "def pytest_runtest_call(item):\n"
            "    os.write(1, (item.nodeid + '!').encode())\n"
            "def pytest_runtest_logreport(report):\n"
            "    assert report.when != 'call' or report.capstdout == report.nodeid + '!'\n"
        )

        result = run(ITEM, "-p", "prints", "--processes=2", PYTHONPATH=str(tmp_path))

        assert result.returncode == 0, result.stdout

    @on_linux
    def test_the_first_failure_ends_all_processes_with_x(self, tmp_path):
        copy = copy_project(tmp_path)
        edit(copy / ITEM, "assert type(number) is float", "assert False")

        result = run(ITEM, "specs/test_4_grad_mode.py", "--processes=2", "-x", cwd=copy)

        assert result.returncode == pytest.ExitCode.TESTS_FAILED
        assert "stopping after 1 failures" in result.stdout
        assert "FAILED 1.1.1" in result.stdout

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            ("--processes=0", "--processes 0: give a number from 1 on"),
            ("--processes=2 --pdb", "--processes 2: --pdb needs one process"),
        ],
    )
    def test_a_number_that_cannot_be_is_a_usage_error(self, options, sentence):
        result = run(ITEM, *options.split())

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert sentence in result.stdout


@pytest.mark.parametrize(
    ("file", "command"),
    [("README.md", "specs meta_tests"), ("docs/costs.md", "benchmarks --benchmark-disable")],
)
def test_ci_runs_the_commands_of_the_docs(file, command):
    assert f"pytest {command}" in (PROJECT / file).read_text(encoding="utf-8")
    assert f'pytest" {command}' in (PROJECT / ".ci/run").read_text(encoding="utf-8")
