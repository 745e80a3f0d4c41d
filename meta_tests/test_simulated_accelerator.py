"""The simulated accelerator behaves like one, and the specs hold on it."""

from __future__ import annotations

import re

import pytest
import torch

from harness.run.lacking import lacked
from meta_tests.copies import ITEM, run
from meta_tests.simulated_accelerator import NAME, _owners, why_not
from specs import lacking
from specs.ledger import LEDGER

reason = why_not()
pytestmark = pytest.mark.skipif(reason is not None, reason=str(reason))


@pytest.fixture
def tensor():
    return torch.tensor([[1.0, 2.0], [3.0, 4.0]], device=NAME)


@pytest.mark.exhaustive
def test_every_claim_is_confirmed_on_it():
    result = run("specs", "-p", "meta_tests.simulated_accelerator", "--device", NAME)

    assert result.returncode == 0, result.stdout
    assert f"{len(LEDGER)} of {len(LEDGER)} claims confirmed" in result.stdout
    lacks = re.search(r"^simulated: without (.*)$", result.stdout, re.MULTILINE)[1]
    assert "_thnn_fused_lstm_cell" in lacks  # found, as nothing else says so


def test_specs_run_on_it_and_the_cpu():
    result = run(ITEM, "-rp", "-p", "meta_tests.simulated_accelerator")

    assert result.returncode == 0, result.stdout
    for device in ("cpu", NAME):
        name = f"TestItem::test_item_of_a_one_by_one_matrix_is_its_number[{device}]"
        assert f"PASSED {ITEM}::{name}" in result.stdout


ON_IT = ("-p", "meta_tests.simulated_accelerator", f"--device={NAME}", "-p", "no:randomly")
RELU = (
    "specs/test_5_relu.py::TestValuesAndGradient::test_relu_gives_the_same_each_time_it_is_called"
)
NUMPY = "specs/test_1_4_tensor_to_numpy.py::TestAccelerator"


@pytest.mark.parametrize(
    ("build", "specs", "said"),
    [
        ("no-float64", f"{ITEM}::TestItem", f"{NAME}: without .*complex64 and float64"),
        ("no-exp", "specs/test_4_grad_mode.py::TestMemory", f"{NAME} lacks aten::exp"),
    ],
)
def test_what_a_device_lacks_is_left_out_and_named(build, specs, said):
    result = run(specs, *ON_IT, f"--simulate={build}", "-rs")

    assert result.returncode == 0, result.stdout
    assert re.search(said, result.stdout, re.DOTALL), result.stdout


def test_what_other_backends_lack_is_named():
    convolution = "convolution_overrideable not implemented. You are likely triggering this with"
    nested = "Could not run 'aten::_to_copy' with arguments from the 'NestedTensormine' backend"
    fused = "`fused=True` requires all the params to be floating point Tensors of supported devices"

    assert lacked(NotImplementedError(convolution)) == "convolution_overrideable"
    assert lacked(NotImplementedError(nested)) == "NestedTensor"
    assert lacked(RuntimeError(fused)) == "fused"
    assert lacked(RuntimeError("shapes differ")) is None


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2", "bfloat16", "bool"])
def test_a_device_that_does_what_the_cpu_does_lacks_no_dtype(name):
    if not hasattr(torch, name):
        pytest.skip(f"this PyTorch has no {name}")

    assert lacking._has_dtype("cpu", getattr(torch, name))


def test_a_spec_that_its_release_skips_leaves_nothing_out():
    test = f"{ITEM}::TestItem::test_item_of_a_floating_point_tensor_is_the_same_float"
    skipped = "TestTrainAndEval::test_training_of_the_compiled_module_used_to_be_its_own"
    result = run(test, f"specs/test_6_compiled.py::{skipped}", *ON_IT, "--simulate=no-float64")

    assert result.returncode == 0, result.stdout
    assert f"{NAME}: without" in result.stdout


@pytest.mark.parametrize(
    ("build", "specs", "claim"),
    [
        ("imprecise", RELU, "5.1"),
        ("numpy", NUMPY, "1.4.3"),
    ],
)
def test_a_device_that_is_wrong_fails_the_claim(build, specs, claim):
    result = run(specs, *ON_IT, f"--simulate={build}")

    assert result.returncode == 1
    assert f"\nFAILED {claim} (" in result.stdout


def test_known_deviations_pass_until_one_ends_or_another_begins(tmp_path):
    known = tmp_path / "deviations.json"
    run(NUMPY, *ON_IT, "--simulate=numpy", f"--record={known}")
    strictly = (NUMPY, *ON_IT, f"--against={known}", "--against-strict")

    same = run(*strictly, "--simulate=numpy")
    assert same.returncode == 0, same.stdout
    assert "What fails failed before too: --against-strict passes" in same.stdout

    ended = run(*strictly)
    assert ended.returncode == 1
    assert "Claims that now hold: 1\n  1.4.3 [simulated]" in ended.stdout

    run(NUMPY, *ON_IT, f"--record={tmp_path / 'none.json'}")
    began = run(
        *(NUMPY, *ON_IT, "--simulate=numpy"),
        *(f"--against={tmp_path / 'none.json'}", "--against-strict"),
    )
    assert began.returncode == 1
    assert "Claims that do not hold: 1\n  1.4.3 [simulated]" in began.stdout


class TestTensors:
    def test_a_tensor_says_where_it_is_and_refuses_to_become_an_array(self, tensor):
        assert tensor.device.type == NAME
        with pytest.raises(TypeError, match="can't convert simulated:0 device type tensor"):
            tensor.numpy()

    def test_devices_do_not_mix(self, tensor):
        with pytest.raises(RuntimeError, match="device"):
            tensor + torch.ones(2, 2)

    def test_a_tensor_can_be_resized(self, tensor):
        assert tensor.resize_(3).cpu().tolist() == [1, 2, 3]
        assert tensor.resize_(2, 5).cpu()[0, :3].tolist() == [1, 2, 3]

    def test_a_view_shares_memory_and_keeps_it(self, tensor):
        view = tensor[1]
        view.fill_(9)
        assert tensor.tolist() == [[1.0, 2.0], [9.0, 9.0]]

        del tensor
        assert view.tolist() == [9.0, 9.0]

    def test_memory_is_given_back(self, tensor):
        before = len(_owners)
        for _ in range(100):
            tensor = tensor * 2 - tensor

        assert len(_owners) <= before + 10
