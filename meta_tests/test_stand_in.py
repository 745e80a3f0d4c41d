"""The stand-in accelerator behaves as one, and the specs hold on it."""

from __future__ import annotations

import re

import pytest
import torch

from meta_tests import stand_in
from meta_tests.copies import run
from specs.ledger import LEDGER

reason = stand_in.why_not()
pytestmark = pytest.mark.skipif(reason is not None, reason=str(reason))


@pytest.fixture
def tensor():
    return torch.tensor([[1.0, 2.0], [3.0, 4.0]], device=stand_in.NAME)


def test_the_specification_holds_on_two_devices_in_one_run():
    result = run("specs", "-p", "meta_tests.stand_in")

    assert f"{len(LEDGER)} of {len(LEDGER)} claims confirmed" in result.stdout
    assert result.returncode == 0


class TestTensors:
    def test_a_tensor_says_where_it_is_and_refuses_to_become_an_array(self, tensor):
        assert tensor.device.type == stand_in.NAME
        with pytest.raises(TypeError, match="can't convert stand_in:0 device type tensor"):
            tensor.numpy()

    def test_a_tensor_goes_to_the_cpu_and_back_by_copy(self, tensor):
        on_cpu = tensor.to("cpu")
        back = on_cpu.to(stand_in.NAME)
        on_cpu.fill_(0)

        assert tensor.tolist() == back.tolist() == [[1.0, 2.0], [3.0, 4.0]]

    def test_devices_do_not_mix(self, tensor):
        with pytest.raises(RuntimeError, match="device"):
            tensor + torch.ones(2, 2)

    def test_a_view_shares_memory_and_keeps_it(self, tensor):
        view = tensor[1]
        view.fill_(9)
        assert tensor.tolist() == [[1.0, 2.0], [9.0, 9.0]]

        del tensor
        assert view.tolist() == [9.0, 9.0]

    def test_autograd_computes_gradients_on_it(self, tensor):
        tensor.requires_grad_().pow(2).sum().backward()

        assert tensor.grad.device.type == stand_in.NAME
        assert tensor.grad.tolist() == [[2.0, 4.0], [6.0, 8.0]]

    def test_memory_is_given_back(self, tensor):
        before = len(stand_in._owners)
        for _ in range(100):
            tensor = tensor * 2 - tensor

        assert len(stand_in._owners) <= before + 10

    @pytest.mark.parametrize("dtype", [torch.bool, torch.bfloat16, torch.complex64, torch.uint8])
    def test_every_kind_of_dtype_goes_there_and_back(self, dtype):
        tensor = torch.tensor([0, 1], dtype=dtype)

        assert torch.equal(tensor.to(stand_in.NAME).cpu(), tensor)


class TestSpecs:
    def test_every_claim_is_confirmed_on_it(self):
        result = run("specs", "-p", "meta_tests.stand_in", "--device", stand_in.NAME)

        assert result.returncode == 0, result.stdout
        assert f"{len(LEDGER)} of {len(LEDGER)} claims confirmed" in result.stdout
        assert not re.search("Not checked|xfailed", result.stdout)

    def test_users_see_nothing_of_it(self):
        result = run("--device", stand_in.NAME, "specs/test_1_1_item.py")

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert "unknown device; the known ones are cpu, cuda\n" in result.stdout
