"""Snippets are code that anybody can run; only PyTorch can change the text of their values."""

from __future__ import annotations

import ast
import json
import os
import random
import subprocess
import sys
import warnings
from collections import Counter
from dataclasses import replace

import pytest
import torch

from meta_tests.copies import PROJECT
from specs.ledger import LEDGER
from specs.observed.snippets import HEADER, all_snippets, fill, run, snippet_of, value_of
from specs.observed.tables import TABLES


def test_every_snippet_is_of_a_claim_ends_in_an_expression_and_stands_once():
    for snippet in all_snippets():
        assert snippet.claim in LEDGER, snippet.text
        assert isinstance(ast.parse(snippet.text).body[-1], ast.Expr), snippet.text
        assert fill(snippet.template, snippet.rows) == snippet.text
    counts = Counter(it.text for it in all_snippets())
    assert [text for text, count in counts.items() if count > 1] == []


def test_every_table_is_used():
    templates = "\n".join(it.template for it in all_snippets()) + str(TABLES)

    assert [name for name in TABLES if templates.count(name) < 2] == []


def test_no_row_of_a_table_holds_what_separates_rows_in_the_history():
    rows = [row for table in TABLES.values() for row in table]

    assert [row for row in rows if " & " in row or " | " in row] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.5", "1.5"),
        ("torch.ones(2, 3).shape", "torch.Size([2, 3])"),
        ("'a text'", "a text"),
        ("{'b', 'a'}", "[\"'a'\", \"'b'\"]"),
        ("x = 2\nx + 1", "3"),
        ("{}['a']", "raises KeyError: 'a'"),
        ("next(iter(()))", "raises StopIteration"),
        ("torch.no_such", "raises AttributeError: module 'torch' has no attribute 'no_such'"),
        ("object()", "<object object at 0x...>"),
        ("print('a')", "None; prints a"),
        ("import ast\nast", "<module 'ast'>"),
        ("'\\udcff'", r"\udcff"),
        ("\"one of {'b', 'a'}, but\"", "one of {'a', 'b'}, but"),
        ("'failed at \"../aten/Quantizer.cpp\":445, please'", "failed at Quantizer.cpp, please"),
        (
            "'only available for these backends: [CPU].\\n\\nCPU: registered at a.cpp [x]\\nA'",
            "only available for these backends: [...].\nA",
        ),
        (
            "import warnings\n[warnings.warn(it) for it in 'bab']",
            "[None, None, None]; warns UserWarning: a; warns UserWarning: b",
        ),
    ],
)
def test_a_value_is_text(text, expected):
    assert value_of(text) == expected


def test_a_warning_that_pytorch_gives_once_a_process_is_seen_each_time():
    text = "a = np.ones(1)\na.flags.writeable = False\ntorch.from_numpy(a)"

    first, second = value_of(text), value_of(text)

    assert first == second
    assert "warns UserWarning: The given NumPy array is not writable" in first


def test_a_message_is_kept_whole():
    message = "a long message " * 100

    assert value_of(f"raise_ = {{}}.__getitem__\nraise_({message!r})").count("long") == 100


@pytest.mark.parametrize(
    "text",
    [
        "torch.set_grad_enabled(False)",
        "torch.set_default_dtype(torch.float64)",
        "torch.set_num_threads(1)",
        "torch.manual_seed(5)",
        "torch.use_deterministic_algorithms(True)",
        "torch.autograd.set_detect_anomaly(True)",
        "torch.set_printoptions(precision=1)",
        "torch.inference_mode().__enter__()",
        "warnings = __import__('warnings')\nwarnings.simplefilter('error')",
        *["torch.set_default_device('meta')"] * hasattr(torch, "set_default_device"),
    ],
)
def test_what_a_snippet_sets_is_put_back(text):
    def state() -> list[object]:
        return [
            torch.is_grad_enabled(),
            torch.get_default_dtype(),
            torch.get_num_threads(),
            torch.random.get_rng_state().tolist(),
            torch.are_deterministic_algorithms_enabled(),
            torch.is_anomaly_enabled(),
            torch.is_inference_mode_enabled(),
            repr(torch.tensor(1 / 3)),
            torch.ones(1).device,
            warnings.filters[:],
        ]

    value_of("0")  # the first imports SymPy, which adds a filter of warnings for good
    before = state()
    assert not value_of(text).startswith("raises")
    assert state() == before


def test_a_distribution_checks_its_arguments_whatever_ran_before(monkeypatch):
    monkeypatch.setattr(torch.distributions.Distribution, "_validate_args", False)

    for _ in range(2):
        assert value_of("torch.distributions.Normal(0.0, -1.0)").startswith("raises ValueError")
    assert not torch.distributions.Distribution._validate_args


def test_an_interrupt_is_not_a_value():
    with pytest.raises(KeyboardInterrupt):
        value_of("def f(): raise KeyboardInterrupt\nf()")


def test_a_row_that_this_release_lacks_is_left_out():
    there = snippet_of("torch.ones(1, dtype=torch.float32).item()")

    assert run(there) == "1.0"
    assert run(replace(there, rows=("torch.no_such",))) is None


@pytest.mark.exhaustive
def test_every_snippet_gives_the_same_in_another_order_and_process_and_with_another_hash_seed():
    first, second = (_all_values(seed) for seed in ("5", "7"))

    assert {text: (it, second[text]) for text, it in first.items() if it != second[text]} == {}


def _all_values(seed: str) -> dict[str, str | None]:
    """What all snippets give in a new process, in an order and with a hash seed of this number."""
    code = (
        "import json, random, sys\n"
        "from specs.observed.snippets import all_snippets, run\n"
        "snippets = [it for it in all_snippets() if not it.alone]\n"
        "random.Random(sys.argv[1]).shuffle(snippets)\n"
        "print(json.dumps({it.text: run(it) for it in snippets}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, seed],
        cwd=PROJECT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_a_snippet_can_be_pasted_below_the_header_and_gives_what_was_recorded():
    """A sample, in a process that has not seen this project."""
    sample = [it for it in all_snippets() if not it.alone and "\n" not in it.text]
    sample = random.Random(0).sample(sample, 100)
    code = HEADER + "import json, warnings\nwarnings.simplefilter('ignore')\nseen = []\n"
    for snippet in sample:
        code += (
            "torch.manual_seed(0)\ntorch.set_grad_enabled(True)\n"
            "torch.set_default_dtype(torch.float32)\ntry:\n"
            f"    it = {snippet.text}\n    it = it if isinstance(it, str) else repr(it)\n"
            "except Exception as error:\n    it = f'raises {type(error).__name__}: {error}'\n"
            "    it = it.removesuffix(': ')\nseen.append(it.strip())\n"
        )
    code += "print(json.dumps(seen))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    for snippet, seen in zip(sample, json.loads(done.stdout), strict=True):
        recorded = run(snippet).partition("; warns")[0]
        assert recorded == value_of(repr(seen)), snippet.text  # without what varies by chance
