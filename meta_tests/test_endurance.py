"""The search for false alarms finds those that exist."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from meta_tests.copies import copy_project, edit
from meta_tests.tools.endurance import draw

SPEC, OBSERVATION = "specs/test_1_1_item.py", "specs/observed/test_1_1_item.py"

#: Of a run with two threads of PyTorch.
SEED = next(seed for seed in range(1000) if "OMP_NUM_THREADS=2" in draw(seed))


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("file", "old", "new", "failures"),
    [
        (SPEC, "", "", 0),
        (SPEC, "assert tensor.item() == 1", "assert tensor.item() == torch.get_num_threads()", 1),
        (OBSERVATION, "lambda: hash(one) == id(one)", "lambda: id(one)", 1),
    ],
    ids=["no false alarm", "a spec that fails", "an observation that changes"],
)
def test_false_alarms_are_counted(tmp_path, file, old, new, failures):
    pytest.importorskip("xdist")
    pytest.importorskip("pytest_randomly")
    copy = copy_project(tmp_path)
    edit(copy / file, old, new)

    result = subprocess.run(
        [sys.executable, "-m", "meta_tests.tools.endurance", "--runs=1", f"--seed={SEED}"],
        cwd=copy,
        env={**os.environ, "PYTEST_ADDOPTS": f"{SPEC} {OBSERVATION}"},
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )

    assert result.returncode == failures, result.stdout
    assert f"{SEED} FAILED (1)" in result.stdout if failures else f"{SEED} passed" in result.stdout
    assert f"| OMP_NUM_THREADS=2 | 1 | {failures} |" in result.stdout
