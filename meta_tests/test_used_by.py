"""The upgrade check names the lines of somebody's code that a change touches, and no others."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from harness.history.used_by import NothingToRead, touches, uses

VERBOSE = SimpleNamespace(
    snippets=("o = optim.SGD([], 0.1); optim.lr_scheduler.StepLR(o, 1, verbose=True) is None",),
    before="False",
    after="raises TypeError: StepLR.__init__() got an unexpected keyword argument 'verbose'",
)
SAME = ("o = optim.SGD([], 0.1); optim.lr_scheduler.StepLR(o, 1) is None", "torch.ones(1).item()")


def lines(path, code):
    (path / "code.py").write_text(code)
    return [it.line for it in touches([VERBOSE], SAME, uses(path))[0]]


@pytest.mark.parametrize(
    "call",
    [
        "StepLR(opt, 1, verbose=False)",
        "StepLR(opt, **options)",
        "make(sch=StepLR)\nclass A:\n def f(self):\n  self.sch(opt, **options)",
    ],
)
def test_a_keyword_that_is_gone_touches_calls_that_pass_or_may_pass_it(tmp_path, call):
    code = f"from torch.optim.lr_scheduler import StepLR\n{call}"

    assert lines(tmp_path, code) == [len(code.splitlines())]


def test_other_lines_are_not_named(tmp_path):
    code = "import torch\nfrom torch.optim.lr_scheduler import StepLR\nStepLR(opt, 1)\nloss.item()"

    assert lines(tmp_path, code) == []


def test_a_file_that_cannot_be_read_is_named_and_passed_over(tmp_path):
    (tmp_path / "bad.py").write_text("import torch\ndef (")

    assert lines(tmp_path, "import torch") == []
    assert (
        uses(tmp_path)
        .passed_over[0]
        .endswith("bad.py: it is not valid Python: invalid syntax, line 2")
    )


def test_a_path_without_python_is_refused(tmp_path):
    with pytest.raises(NothingToRead, match="no Python files"):
        uses(tmp_path)
