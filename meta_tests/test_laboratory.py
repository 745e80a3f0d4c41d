"""The laboratory tells a crash and a hang from a finding."""

from __future__ import annotations

import os
import signal
import time

import pytest

from meta_tests import laboratory
from meta_tests.experiment import Experiment, Findings

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork, as on Unix")


class Specs:
    """Stands for the collected specs: running them calls a function."""

    def __init__(self, run):
        self.run = run


def findings_of(run) -> Findings:
    connection, child = laboratory._fork(Specs(run), Experiment())
    return laboratory._findings(connection, Experiment(), child)


def test_what_a_process_finds_comes_back():
    found = findings_of(lambda experiment: Findings(experiment, errors={"a spec": "an error"}))

    assert found.errors == {"a spec": "an error"}
    assert not found.trouble


def test_a_process_that_dies_is_told_with_its_signal():
    def die(experiment):
        os.kill(os.getpid(), signal.SIGKILL)

    assert "died (-9)" in findings_of(die).trouble


def test_a_process_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(laboratory, "TIME_LIMIT", 1)

    assert "ran longer than 1 s" in findings_of(lambda experiment: time.sleep(60)).trouble


def test_a_mutant_that_cannot_be_put_into_force_is_told_with_its_traceback():
    assert "ZeroDivisionError" in findings_of(lambda experiment: 1 / 0).trouble
