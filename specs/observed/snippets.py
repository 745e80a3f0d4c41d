"""Snippets: what a release may choose, as code that anybody can paste and run.

They stand in the files beside this one, such as ``1_3_numpy_to_tensor.py``, which are read as text
and not imported. A heading such as ``# 1.3.4`` names the claim that the snippets below it belong
to. An empty line ends a snippet. Its last line is an expression, whose value is what is observed;
the text is its name in every record. The value must not depend on the machine, on whether PyTorch
was built for CUDA, nor on what ran or was imported before. For a word in capitals stands each row
of its table in ``tables.py``, one after the other. ``# in a process of its own`` stands above a
snippet that ends its process on some releases, whose warning comes once in a process, or which
sees what ran before.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest import mock

from specs.observed.tables import TABLES

FOLDER = Path(__file__).parent

#: What a snippet is run below.
HEADER = """\
import numpy as np, torch
from torch import nn, optim
import torch.nn.functional as F
"""
_HEADER = compile(HEADER, "<header>", "exec")

ALONE = "# in a process of its own"

#: After how many seconds a snippet in a process of its own hangs; they take two.
LIMIT = 120

#: The snippet that asks whether a release has a name, so that none is left out.
ASKS_FOR_NAME = "NAME is not None"

#: The end of the message of a function that a backend lacks.
_BACKENDS = (
    r"(only available for these backends: )\[[^]]*\]\."
    r"(\s+\w+: (fallthrough )?registered at \S+ \[[^]]*\])*"
)

_CAPITALS = re.compile(rf"\b(?:{'|'.join(TABLES)})\b")


@dataclass(frozen=True)
class Snippet:
    """One snippet of one claim."""

    claim: str
    text: str
    template: str  # the text with its words in capitals
    rows: tuple[str, ...] = ()  # what stands for them here
    alone: bool = False  # in a process of its own


@cache
def all_snippets() -> tuple[Snippet, ...]:
    """Every snippet, in the order of the files; needs no PyTorch."""
    files = sorted(FOLDER.glob("[0-9]*.py"), key=lambda path: _numbers(path.stem))
    return tuple(it for path in files for it in _read(path.read_text(encoding="utf-8")))


def _numbers(name: str) -> list[int]:
    return [int(it) for it in re.findall(r"\d+", name)]


def _read(text: str) -> Iterator[Snippet]:
    _, _, body = text.partition('"""\n')  # after the docstring, which has one line
    claim = ""
    for block in re.split(r"\n\n+", body.strip()):
        lines = block.split("\n")
        if heading := re.fullmatch(r"# (\d[\d.]+)", lines[0]):
            claim = heading[1]
            lines = lines[1:]
        alone = lines[:1] == [ALONE]
        template = "\n".join(lines[alone:])
        if template:
            for rows in _rows_of(template):
                yield Snippet(claim, fill(template, rows), template, rows, alone)


def _rows_of(text: str) -> Iterator[tuple[str, ...]]:
    """What may stand for the words in capitals, the first of them first."""
    if (word := _CAPITALS.search(text)) is None:
        yield ()
        return
    for row in TABLES[word[0]]:
        yield from ((row, *rest) for rest in _rows_of(fill(text, (row,))))


def fill(template: str, rows: Iterable[str]) -> str:
    """The template with a row in place of each word in capitals."""
    for row in rows:
        word = _CAPITALS.search(template)[0]
        template = re.sub(rf"\b{word}\b", lambda _, row=row: row, template)
    return template


def snippet_of(text: str) -> Snippet:
    """The snippet with this text; one of an older specification is its own template."""
    return _by_text().get(text) or Snippet("", text, text)


@cache
def _by_text() -> dict[str, Snippet]:
    return {it.text: it for it in all_snippets()}


def run(snippet: Snippet) -> str | None:
    """The value of the last line as text, or the exception, and the warnings.

    None if a row of a table is not there in this release.
    """
    if snippet.alone:
        return _run_alone(snippet.text)
    if snippet.template != ASKS_FOR_NAME and any(_is_missing(row) for row in snippet.rows):
        return None
    return value_of(snippet.text)


@cache
def _is_missing(row: str) -> bool:
    """Whether the row names what this release does not have."""
    if not re.match(r"(torch|nn|optim|F|np)\.", row):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        namespace: dict[str, object] = {}
        exec(HEADER, namespace)
        path = re.match(r"[\w.]+", row)[0]
        try:
            eval(path, namespace)
        except AttributeError:
            return True
    return False


def value_of(text: str) -> str:
    """What the text gives, prints and warns of, in a fresh namespace with PyTorch's defaults."""
    printed = io.StringIO()
    with (
        _no_cache() if "compile" in text else contextlib.nullcontext(),
        _settings(),
        contextlib.redirect_stdout(printed),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        namespace: dict[str, object] = {"__name__": "__main__"}
        exec(_HEADER, namespace)
        *before, last = ast.parse(text).body
        try:
            exec(compile(ast.Module(before, []), "<snippet>", "exec"), namespace)
            found = _as_text(
                eval(compile(ast.Expression(last.value), "<snippet>", "eval"), namespace)
            )
        except Exception as error:
            found = f"raises {_in_words(error)}"
    warned = sorted({f"warns {_in_words(it.message)}" for it in caught})
    prints = [f"prints {reproducible(printed.getvalue().strip())}"] if printed.getvalue() else []
    return "; ".join([found, *prints, *warned])


@contextlib.contextmanager
def _no_cache() -> Iterator[None]:
    """Let torch.compile write to a temporary folder, and not to the user's caches."""
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.dict("os.environ", TORCHINDUCTOR_CACHE_DIR=folder),
    ):
        yield


@contextlib.contextmanager
def _settings() -> Iterator[None]:
    """PyTorch's default settings for one snippet; afterwards those that were before."""
    import torch

    if "torch._dynamo" in sys.modules:
        torch._dynamo.reset()  # else 2.1 warns of another backend
    threads, dtype = torch.get_num_threads(), torch.get_default_dtype()
    always = torch.is_warn_always_enabled()
    modes = getattr(torch._C, "_len_torch_function_stack", int)  # a default device is one
    device = torch.get_default_device() if modes() else None
    torch.set_warn_always(True)  # else some warnings come only once in a process
    distribution = torch.distributions.Distribution
    checks = distribution._validate_args  # which torch.compile turns off for good
    distribution.set_default_validate_args(__debug__)
    try:
        with torch.random.fork_rng(), torch.inference_mode(False), torch.enable_grad():
            torch.manual_seed(0)
            yield
    finally:
        torch.set_warn_always(always)
        distribution.set_default_validate_args(checks)
        torch.set_default_dtype(dtype)
        torch.set_num_threads(threads)
        torch.set_printoptions(profile="default")
        torch.autograd.set_detect_anomaly(False)
        torch.use_deterministic_algorithms(False)
        if hasattr(torch, "set_default_device"):  # since 2.0
            torch.set_default_device(device)


def _run_alone(text: str) -> str:
    code = "import sys; from specs.observed.snippets import value_of; print(value_of(sys.argv[1]))"
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, text],
            cwd=FOLDER.parents[1],
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT,
        )
    except subprocess.TimeoutExpired:
        return "does not end"
    if done.returncode < 0:
        return f"ends the process: {signal.Signals(-done.returncode).name}"
    return done.stdout.removesuffix("\n") or f"ends the process: exit status {done.returncode}"


def _as_text(value: object) -> str:
    if isinstance(value, (set, frozenset)):
        value = sorted(map(repr, value))
    return reproducible(value if isinstance(value, str) else repr(value))


def _in_words(error: BaseException | str) -> str:
    message = reproducible(str(error)).strip()
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def reproducible(text: str) -> str:
    """The text without what varies by chance: addresses, paths, line numbers, a set's order."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")  # a lone surrogate as "\\udcff"
    text = re.sub(r"0x[0-9a-fA-F]+", "0x...", text)
    text = re.sub(r"<module '([\w.]+)' from '[^']*'>", r"<module '\1'>", text)
    text = re.sub(r"""["']?(?:\.\.|/)[^"'\s:]*/([\w.]+)["']?:\d+""", r"\1", text)
    text = re.sub(r" \((?:/[^()]*\.py|unknown location)\)", "", text)  # where a module lies
    text = re.sub(r" \(Triggered internally at [^)]*\)", "", text)  # a file of PyTorch's source
    text = re.sub(_BACKENDS, r"\1[...].", text)  # which of them there are depends on the build
    return re.sub(
        r"\{('[^{}:]*')\}", lambda it: f"{{{', '.join(sorted(it[1].split(', ')))}}}", text
    )
