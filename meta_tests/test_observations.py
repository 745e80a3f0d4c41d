"""What is observed is text that only PyTorch can change."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

from harness.run.properties import OBSERVED
from meta_tests.copies import run
from specs.observed.dtypes import by_dtype, numpy_dtypes, torch_dtypes
from specs.observed.seen import check_name, seen
from specs.observed.surface import NOT_THERE, at, documents, names, signature


def _raises(error: Exception):
    raise error


def _warns(*messages: str) -> int:
    for message in messages:
        warnings.warn(message, stacklevel=1)
    return 1


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda: 1.5, "1.5"),
        (lambda: None, "None"),
        (lambda: torch.float32, "torch.float32"),
        (lambda: torch.Size([2, 3]), "torch.Size([2, 3])"),
        (lambda: torch.tensor([1.0]), "tensor([1.])"),
        (lambda: dict, "builtins.dict"),
        (lambda: [torch.int8, 1], ["torch.int8", "1"]),
        (lambda: {"b", "a"}, ["a", "b"]),
        (lambda: {"a": [1, 2], "b": {"c": 3}}, {"a": "1, 2", "b": "c: 3"}),
        (lambda: _raises(KeyError()), "raises KeyError"),
        (lambda: _raises(ValueError("no")), "raises ValueError: no"),
        (lambda: _raises(ValueError("a " * 10)), "raises ValueError: a a a a a a a a a a"),
        (lambda: _raises(ValueError("a " * 11)), "raises ValueError: a a a a a a a a a a ..."),
        (lambda: _warns("b", "a", "a"), "1; warns UserWarning: a; warns UserWarning: b"),
        (lambda: object(), "<object object at 0x...>"),
        (lambda: warnings, "<module 'warnings'>"),
        (lambda: "\udcff", r"\udcff"),
        (lambda: {"\udcff": ["\ud800"]}, {r"\udcff": r"\ud800"}),
        (lambda: _warns("\udcff"), r"1; warns UserWarning: \udcff"),
        (lambda: "one of {'b', 'a'}, but", "one of {'a', 'b'}, but"),
        (
            lambda: 'failed at "../aten/Quantizer.cpp":445, please',
            "failed at Quantizer.cpp, please",
        ),
    ],
)
def test_a_call_is_seen_as_text(call, expected):
    assert seen(call) == expected


@pytest.mark.parametrize("name", ["two\nlines", "\x1b[2J", "\x01", "\udcff"])
def test_a_name_that_no_xml_could_carry_is_refused(name):
    with pytest.raises(ValueError, match=r"one line of printable text, not '[ -~]+'$"):
        check_name(name)


def test_a_warning_that_is_given_once_a_process_is_seen_each_time():
    array = np.ones(1)
    array.flags.writeable = False

    first, second = seen(torch.from_numpy, array), seen(torch.from_numpy, array)

    assert first == second
    assert "warns UserWarning: The given NumPy array is not writable" in first


def test_what_a_call_changes_of_grad_mode_is_put_back():
    assert seen(torch.set_grad_enabled, False)
    assert torch.is_grad_enabled()
    assert not torch.is_warn_always_enabled()


def test_an_interrupt_is_no_observation():
    with pytest.raises(KeyboardInterrupt):
        seen(lambda: _raises(KeyboardInterrupt()))


def test_a_signature_is_names_and_defaults_without_annotations():
    assert signature("torch.nn.Linear") == (
        "Linear(in_features, out_features, bias=True, device=None, dtype=None)"
    )


def test_the_signature_of_what_is_written_in_cpp_is_the_first_line_of_its_documentation():
    assert signature("torch.from_numpy") == "from_numpy(ndarray) -> Tensor"


def test_what_is_not_there_is_said_not_to_be():
    assert signature("torch.nn.no_such") == NOT_THERE
    assert names("torch.nn.no_such") == [NOT_THERE]
    assert at("torch.no_such.no_such") is None
    assert not documents("torch.nn.no_such", "words")


def test_names_are_those_that_are_offered_and_no_imports():
    offered = names("torch.nn.init")

    assert {"normal_", "kaiming_normal_"} <= set(offered)
    assert not {"torch", "math", "warnings", "Callable", "_no_grad_normal_"} & set(offered)


def test_documentation_is_searched_across_its_line_breaks():
    assert documents("torch.no_grad", "It will reduce memory consumption for computations")
    assert not documents("torch.no_grad", "It will enlarge memory consumption")


def test_every_dtype_has_a_row():
    assert torch_dtypes()["float32"] is torch.float32
    assert numpy_dtypes()["float32 (f)"] == np.float32
    assert all(dtype.itemsize for dtype in numpy_dtypes().values())
    table = by_dtype(lambda one: one.dtype)
    assert table["bool"]() is torch.bool
    assert {"float64", "int8", "complex64"} < set(table)


def test_observations_reach_junits_xml_under_their_names(tmp_path):
    report = tmp_path / "report.xml"

    result = run(
        "specs/observed/test_5_relu.py", "--device=cpu", "-W", "error", f"--junitxml={report}"
    )

    assert result.returncode == 0, result.stdout
    assert f'name="{OBSERVED}print of nn.ReLU()" value="ReLU()"' in report.read_text("utf-8")
