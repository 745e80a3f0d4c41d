"""The search for false alarms finds those that there are."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from meta_tests.copies import copy_project, edit
from meta_tests.tools.endurance import CONDITIONS, draw

SPEC, OBSERVATION = "specs/test_1_1_item.py", "specs/observed/test_1_1_item.py"

#: Of a run on two threads of PyTorch's and on few examples.
SEED = next(
    seed
    for seed in range(1000)
    if draw(seed)["torch threads"] == "2" and draw(seed)["examples"] != "new and many"
)


@pytest.fixture
def copy(tmp_path):
    return copy_project(tmp_path)


def one_run(copy) -> subprocess.CompletedProcess:
    """One run, of one chapter of the copy."""
    return subprocess.run(
        [sys.executable, "-m", "meta_tests.tools.endurance", "--runs", "1", "--seed", str(SEED)],
        cwd=copy,
        env={**os.environ, "PYTEST_ADDOPTS": f"{SPEC} {OBSERVATION}"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )


def test_where_there_is_no_false_alarm_none_is_found(copy):
    result = one_run(copy)

    assert result.returncode == 0, result.stdout
    assert f"{SEED} passed" in result.stdout
    assert "| torch threads | 2 | 1 | 0 |" in result.stdout
    assert "0 of 1 runs failed" in result.stdout


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (SPEC, "assert tensor.item() == 1", "assert tensor.item() == torch.get_num_threads()"),
        (OBSERVATION, "lambda: hash(one) == id(one)", "lambda: id(one)"),
    ],
    ids=["a spec that fails", "an observation that changes"],
)
def test_a_false_alarm_is_found(copy, file, old, new):
    edit(copy / file, old, new)

    result = one_run(copy)

    assert result.returncode == 1
    assert f"{SEED} FAILED (1)" in result.stdout
    assert "| torch threads | 2 | 1 | 1 |" in result.stdout
    assert "1 of 1 runs failed" in result.stdout


def test_every_condition_is_drawn():
    pytest.importorskip("xdist")
    pytest.importorskip("pytest_randomly")
    drawn = [draw(seed) for seed in range(1000)]

    for name, options in CONDITIONS.items():
        assert {conditions[name] for conditions in drawn} == set(options)
