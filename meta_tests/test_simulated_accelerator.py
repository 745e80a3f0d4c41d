"""The simulated accelerator behaves like one, and the specs hold on it."""

from __future__ import annotations

import re

import pytest
import torch

from meta_tests.copies import ITEM, run
from meta_tests.simulated_accelerator import NAME, _owners, why_not
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


class TestTensors:
    def test_a_tensor_says_where_it_is_and_refuses_to_become_an_array(self, tensor):
        assert tensor.device.type == NAME
        with pytest.raises(TypeError, match="can't convert simulated:0 device type tensor"):
            tensor.numpy()

    def test_devices_do_not_mix(self, tensor):
        with pytest.raises(RuntimeError, match="device"):
            tensor + torch.ones(2, 2)

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
