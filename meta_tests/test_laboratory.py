"""The laboratory tells a crash and a hang from a finding."""

from __future__ import annotations

import os
import pickle
import signal
import time
from types import SimpleNamespace

import pytest

from meta_tests import laboratory
from meta_tests.experiment import Experiment, Findings


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork, as on Unix")
@pytest.mark.parametrize(
    ("run", "trouble"),
    [
        (lambda experiment: Findings(errors={"a spec": "an error"}), ""),
        (lambda experiment: os.kill(os.getpid(), signal.SIGKILL), "its process died (-9)"),
        (lambda experiment: time.sleep(60), "its process ran longer than 1 s"),
        (lambda experiment: 1 / 0, "ZeroDivisionError"),
    ],
    ids=["findings", "crash", "hang", "mutant that cannot be applied"],
)
def test_findings_say_what_happened(run, trouble, tmp_path, monkeypatch):
    monkeypatch.setattr(laboratory, "TIME_LIMIT", 1)
    experiment = Experiment("name", {})

    child = laboratory._fork(SimpleNamespace(run=run), experiment, tmp_path)
    laboratory._wait_for_one({child: experiment}, tmp_path)

    findings = pickle.loads((tmp_path / "experiment name").read_bytes())
    assert trouble in findings.trouble
    assert bool(findings.errors) == (not trouble)
