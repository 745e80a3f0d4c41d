"""``pytest --claims``: the claims by chapter, each with its verdict and its specs' sentences."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

import pytest

from harness.run.claims import claim_of, is_spec
from specs.ledger import CHAPTERS, LEDGER

#: What a test's name cannot spell: names from code, with underscores, which else stand for spaces,
#: and dots, hyphens and apostrophes.
_NAMES = (
    "from_numpy grad_fn no_grad enable_grad set_grad_enabled is_grad_enabled "
    "state_dict named_parameters param_groups kamiming_normal_ kaiming_normal xavier_normal "
    "in_features out_features fan_in retain_graph retain_grad odict_keys"
).split()
_WRITTEN = {
    **{name: name for name in _NAMES},
    "torch_tensor": "torch.tensor",
    "weight_data": "weight.data",
    "no_requires_grad": "no requires_grad",
    "and_requires_grad": "and requires_grad",
    "in_place_operation": "in-place operation",
    "numpys": "NumPy's",
    "arrays_address": "array's address",
    "tensors_address": "tensor's address",
    "nets_own": "net's own",
    "batchs_mean": "batch's mean",
    "batch_norms_bias": "batch norm's bias",
    "images_result": "image's result",
    "threads_mode": "thread's mode",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("specification").addoption(
        "--claims", action="store_true", help="print the claims and their specs, and run nothing"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("claims") and config.getoption("numprocesses", None):
        raise pytest.UsageError("--claims runs nothing, so it takes no -n")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    if not session.config.getoption("claims"):
        return None
    writer = session.config.get_terminal_writer()
    specs = [item for item in session.items if is_spec(item)]
    for line in outline(sorted(specs, key=lambda item: item.location)):  # a plugin may shuffle them
        writer.line(line)
    return True  # in place of running the specs


def sentence(test: str) -> str:
    """A test's name as a sentence: "test_item_is_a_method[cpu]" gives "item is a method"."""
    name = re.sub(r"\[.*\]$", "", test).removeprefix("test_")
    for spelt, written in _WRITTEN.items():
        name = re.sub(rf"(?<![a-z\0]){spelt}(?![a-z\0])", written.replace("_", "\0"), name)
    return name.replace("_", " ").replace("\0", "_")


def outline(specs: list[pytest.Item]) -> Iterable[str]:
    """The lines of the outline of these specs' claims."""
    sentences: dict[str, dict[str, None]] = {}
    for spec in specs:
        guards = [
            f" ({mark.kwargs['reason'].partition(';')[0]})" for mark in spec.iter_markers("skipif")
        ]
        line = sentence(spec.name) + "".join(guards)
        sentences.setdefault(claim_of(spec).id, {})[line] = None
    chapter = None
    for id, claim in LEDGER.items():
        if id not in sentences:
            continue
        for heading in (claim.chapter.partition(".")[0], claim.chapter):
            if chapter is None or not f"{chapter}.".startswith(f"{heading}."):
                yield from ("", f"{heading} {CHAPTERS[heading]}")
                chapter = heading
        verdict = (
            f"{claim.verdict.value} since {claim.since}" if claim.since else claim.verdict.value
        )
        yield from ("", *_wrapped(f"{id} [{verdict}] {claim.says}", "  "))
        if claim.truth:
            yield from _wrapped(f"True is: {claim.truth}", "      ")
        for line in sentences[id]:
            yield from _wrapped(f"- {line}", "      ")


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        98,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
    )
