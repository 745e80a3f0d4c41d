"""``pytest --explain "an error message"``: the claims whose specs make PyTorch say it.

Which claim belongs to a message comes from what the specs saw PyTorch say, release by release, so
it cannot go out of date; failing that, from the questions that claims answer. Numbers, shapes,
names, dtypes and devices hardly matter. Of a pasted traceback the last exception counts. It needs
neither PyTorch nor a run, and takes under a second.
"""

from __future__ import annotations

import argparse
import builtins
import math
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from harness.history.likeness import features, letters, likeness, spellings, weights
from harness.history.record import numbers_of
from harness.history.releases import messages
from harness.run.text import shown
from specs.ledger import LEDGER, Claim

#: How alike two messages must be to count as the same, and to be worth showing: from 0 to 1.
SAME, NEAR = 0.68, 0.35

#: The class that a message is about.
_OF_A_CLASS = r"'([\w.]+)' object"

#: What any net, tensor, program, dict or function may lack: it must be the same.
_LACKS = (
    r"(?:'(?:Net|Tensor)' object has no attribute|NameError: name|KeyError:"
    r"|unexpected keyword argument) '(\w+)'"
)

#: A key such as "_orig_mod.fc.weight", and a name in it that PyTorch gave.
_KEY, _NAME = r'"([\w.]+)"', r"\b_[a-z]\w*"

#: What separates the parts of a question: a message that it quotes is one.
_BETWEEN_PARTS = r'[?"]|: '

#: A progress bar, which is often pasted together with a traceback.
_PROGRESS = r"(?m)^.*\d%\|.*$"

#: What stands in a traceback below the name of a file.
_LINE_OF_CODE = r'(?m)^ *File ".+\n +(.+)'

#: What to do next, which is said of whatever had happened.
_HINT = r"(?s)(?<=\S)\s+Hint: .*"

#: How many claims are shown whole.
MOST = 3


SAYS, ASKS = "PyTorch says: ", "A claim answers: "


@dataclass(frozen=True)
class Said:
    """A message of PyTorch, such as "RuntimeError: ...", and the claims whose specs provoke it."""

    text: str
    claims: tuple[str, ...]
    by: str = SAYS


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add ``--explain``, and answer it at once: most plugins that come later import PyTorch.

    Ends as argparse's ``--help`` does: the exit status is 0, or 1 if the message is unknown.
    """
    parser.getgroup("specification").addoption(
        "--explain",
        metavar="MESSAGE",
        help="say which claims explain an error message or a traceback (- reads it from stdin)",
    )
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--explain")
    arguments = pluginmanager.get_plugin("pytestconfig").invocation_params.args
    question = early.parse_known_args(list(map(str, arguments)))[0].explain
    if question is None:
        return
    if (capture := pluginmanager.get_plugin("capturemanager")) is not None:
        capture.suspend_global_capture(in_=True)
    sys.stdout.reconfigure(errors="backslashreplace")  # not every terminal is UTF-8
    lines, is_known = explain(sys.stdin.read() if question == "-" else question, known())
    print("\n".join(lines))
    raise SystemExit(not is_known)


def known() -> list[Said]:
    """Every message of the history, and the parts of the questions that claims answer.

    These quote messages that no release of the history says any more, or only on CUDA.
    """
    said = [Said(text, tuple(sorted(ids, key=numbers_of))) for text, ids in messages().items()]
    return said + [
        Said(part.strip(), (claim.id,), ASKS)
        for claim in LEDGER.values()
        for part in re.split(_BETWEEN_PARTS, claim.asks)
        if len(part.split()) > 3
    ]


def explain(question: str, known: Sequence[Said]) -> tuple[list[str], bool]:
    """The lines that answer the question, and whether a spec saw PyTorch say this."""
    found = nearest(question, known)
    if not found:
        return ["Unknown: no spec made PyTorch say anything like this."], False
    is_known = found[0][0] >= SAME
    if is_known:
        lines = [_wrapped(shown(found[0][1].text), found[0][1].by)]
    else:
        lines = ["Unknown: no spec made PyTorch say this. The nearest are:"]
        lines += [_wrapped(shown(said.text), "  ") for _, said in found[:2]]
    (most, first), *_ = found
    message = _last_message(question)
    plain = _without_hint(message)
    asked = features(plain)
    best = [
        said
        for score, said in found
        if (score >= most - 0.02 or asked <= features(said.text)) and said.by == first.by
    ]
    claims = rank(f"{plain} {_without_hint(best[0].text)}", best, _code(question))
    claims = list(dict.fromkeys([*_asked_about(message, best[0].text), *claims]))
    for claim in claims[:MOST]:
        lines += ["", *_lines(claim)]
    if rest := [claim.id for claim in claims[MOST:]]:
        lines += ["", f"See also {', '.join(rest)}: pytest --claims"]
    return lines, is_known


def nearest(question: str, known: Sequence[Said]) -> list[tuple[float, Said]]:
    """The known messages that are like the question, with how alike they are, the best first."""
    message = _without_hint(_as_if_of_net(_last_message(question), known))
    plain = {said: _without_hint(said.text) for said in known}
    texts = {said: features(text) for said, text in plain.items()}
    counts = Counter(it for of in texts.values() for it in of)
    asked, spelled = features(message), letters(message)
    weigh = weights(counts, len(known))
    lacks = re.search(_LACKS, message)
    raised = re.match(r"(\w+): ", message)
    is_own = raised and not hasattr(builtins, raised[1])  # an exception of PyTorch's own
    found = []
    for said, of in texts.items():
        like = likeness(asked, of, weigh)
        score = 0.9 * like + 0.1 * likeness(spelled, letters(plain[said]))
        if lacks and lacks[1] not in said.text:
            score = min(0.8 * score, SAME - 0.01)
        if is_own and said.text.startswith(raised[0]):
            score = max(score, NEAR)
        if score >= NEAR:
            found.append((score, said))
    return sorted(found, key=_order)


def _order(found: tuple[float, Said]) -> tuple[bool, float, str]:
    score, said = found
    return score < SAME, 0.2 * (said.by == ASKS) - score, said.text  # PyTorch's words go before


def rank(text: str, said: Iterable[Said], code: str = "") -> list[Claim]:
    """The claims of the messages, those with most words of the text and of the code first.

    What a claim answers counts twice. Compiled code comes last: plain code says the same.
    """
    claims = dict.fromkeys(id for it in said for id in it.claims if id in LEDGER)
    asked, shares = spellings(text), dict.fromkeys(claims, 0.0)
    of_code = spellings(code)
    for part in (_prose, lambda claim: claim.asks or claim.says):
        texts = {id: spellings(_unquoted(part(claim))) for id, claim in LEDGER.items()}
        weigh = weights(Counter(it for of in texts.values() for it in of), len(texts))
        for id in claims:
            shares[id] += _share(asked, texts[id], weigh)
            shares[id] += 2 * _share(of_code, texts[id], weigh)
    found = [LEDGER[id] for id in sorted(claims, key=lambda id: -shares[id])]
    return sorted(found, key=lambda claim: claim.chapter == "6")


def _asked_about(message: str, said: str) -> list[Claim]:
    """The claims that ask about a private name in a key of the message, but not in said."""
    keys = " ".join(re.findall(_KEY, message))
    names = set(re.findall(_NAME, keys)) - set(re.findall(_NAME, said))
    return [claim for claim in LEDGER.values() if names & set(re.findall(_NAME, claim.asks))]


def _share(asked: set[str], prose: set[str], weigh: Callable[[str], float]) -> float:
    """How much of the question is in the prose; in long prose more is by chance."""
    shared, whole = (sum(map(weigh, sorted(it))) for it in (asked & prose, prose))
    return shared / math.sqrt(whole)


def _prose(claim: Claim) -> str:
    return f"{claim.says} {claim.truth} {claim.asks} {claim.instead}"


def _unquoted(prose: str) -> str:
    """The prose without quotation marks: what it quotes are messages, not names."""
    return re.sub(r"(?<!\w)['\"]|['\"](?!\w)", " ", prose)


def _lines(claim: Claim) -> Iterator[str]:
    yield _wrapped(f"{claim.id} [{claim.verdict.value}] {claim.says}")
    if claim.truth:
        yield _wrapped(f"In fact: {claim.truth}", "  ")
    if claim.instead:
        yield "  Instead:"
        yield textwrap.indent(claim.instead.strip(), "      ")
    yield f"  {claim.docs}"


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, 98, initial_indent=indent, subsequent_indent="  ", break_on_hyphens=False
    )


def _as_if_of_net(message: str, known: Sequence[Said]) -> str:
    """The message, with the name of a user's class, which no message has, replaced by "Net"."""
    message = message.replace("'module' object has", "module 'torch' has")  # said Python 2
    name = re.search(_OF_A_CLASS, message)
    if (
        name is None
        or hasattr(builtins, name[1])
        or any(f"{name[1]}' object" in it.text for it in known)
    ):
        return message
    return message.replace(name[0], "'Net' object")


def _code(traceback: str) -> str:
    """The lines of code in a traceback: of what several claims provoke, they tell who met it."""
    return " ".join(re.findall(_LINE_OF_CODE, traceback))


def _without_hint(message: str) -> str:
    return re.sub(_HINT, "", message)


def _last_message(text: str) -> str:
    """The message of the last exception or warning of a traceback; else the whole text."""
    text = re.sub(_PROGRESS, "", text)
    starts = list(re.finditer(r"(?:^|[\s.])(\w+(?:Error|Exception|Warning)|Unsupported):\s", text))
    return text[starts[-1].start(1) :] if starts else text
