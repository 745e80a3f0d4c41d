"""What is observed is text that only PyTorch can change."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from specs.observed.dtypes import by_dtype, numpy_dtypes, torch_dtypes
from specs.observed.seen import check_name, result_of
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
def test_a_result_is_text(call, expected):
    assert result_of(call) == expected


@pytest.mark.parametrize("name", ["two\nlines", "\x1b[2J", "\udcff"])
def test_a_name_that_xml_could_not_contain_is_refused(name):
    with pytest.raises(ValueError, match=r"one printable line, not '[ -~]+'$"):
        check_name(name)


def test_a_warning_that_pytorch_gives_once_a_process_is_seen_each_time():
    array = np.ones(1)
    array.flags.writeable = False

    first, second = (result_of(torch.from_numpy, array) for _ in range(2))

    assert first == second
    assert "warns UserWarning: The given NumPy array is not writable" in first


def test_a_call_that_changes_grad_mode_changes_it_only_for_itself():
    assert result_of(torch.set_grad_enabled, False)
    assert torch.is_grad_enabled()
    assert not torch.is_warn_always_enabled()


def test_an_interrupt_is_not_observed_but_raised():
    with pytest.raises(KeyboardInterrupt):
        result_of(lambda: _raises(KeyboardInterrupt()))


def test_a_signature_has_names_and_defaults_but_no_annotations():
    assert signature("torch.nn.Linear") == (
        "Linear(in_features, out_features, bias=True, device=None, dtype=None)"
    )
    assert signature("torch.from_numpy") == "from_numpy(ndarray) -> Tensor"  # from its docstring


def test_what_a_release_lacks_is_not_there():
    assert signature("torch.nn.no_such") == NOT_THERE
    assert names("torch.nn.no_such") == [NOT_THERE]
    assert at("torch.no_such.no_such") is None
    assert not documents("torch.nn.no_such", "words")


def test_public_names_exclude_imports():
    public = set(names("torch.nn.init"))

    assert public >= {"normal_", "kaiming_normal_"}
    assert not public & {"torch", "math", "warnings", "Callable", "_no_grad_normal_"}


def test_documentation_is_searched_across_line_breaks():
    assert documents("torch.no_grad", "It will reduce memory consumption for computations")
    assert not documents("torch.no_grad", "It will enlarge memory consumption")


def test_every_dtype_has_a_row():
    assert torch_dtypes()["float32"] is torch.float32
    assert numpy_dtypes()["float32 (f)"] == np.float32
    assert all(dtype.itemsize for dtype in numpy_dtypes().values())
    table = by_dtype(lambda one: one.dtype)
    assert table["bool"]() is torch.bool
    assert {"float64", "int8", "complex64"} < set(table)
