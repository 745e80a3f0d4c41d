"""The page as plain data: what stands where, in which words. Nothing here knows HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from harness.history.compare import differences
from harness.history.record import ANY, Record
from harness.history.releases import numbers
from harness.page import japanese
from harness.page.gathering import Seen
from harness.page.sources import Source, source
from harness.page.strips import Observed, Release, columns, observed
from harness.page.words import Words
from harness.run.outline import sentence
from harness.run.text import escaped, shown
from specs.ledger import CHAPTERS, LEDGER, Claim

#: Characters of a failure's text that are shown, half of them from its end.
LONGEST_FAILURE = 6000

#: Lines of an observation's source up to which it is shown.
LONGEST_OBSERVATION = 24

#: The outcomes of specs and claims, the worst first.
_WORST = ("crashed", "failed", "passed", "confirmed", "skipped", "not checked")


@dataclass(frozen=True)
class Case:
    """A spec with one set of parameters: "cpu", or "cpu-nn.ReLU"."""

    parameters: str
    outcome: str
    text: str  # of the failure, or why it was skipped


@dataclass(frozen=True)
class Spec:
    sentence: str
    outcome: str
    cases: list[Case]
    source: Source | None
    tried: int  # examples, of the case that tried most
    extreme: list[str]

    @property
    def failures(self) -> list[Case]:
        return [case for case in self.cases if case.outcome in ("failed", "crashed")]


@dataclass(frozen=True)
class OnDevice:
    device: str  # empty for what takes none
    outcome: str
    reason: str


@dataclass(frozen=True)
class ClaimShown:
    claim: Claim
    says: Words
    truth: Words | None
    outcome: str
    devices: list[OnDevice]
    specs: list[Spec]
    observed: Observed
    sources: list[Source]  # of the observations, where they are short


@dataclass(frozen=True)
class Chapter:
    id: str
    title: Words
    claims: list[ClaimShown]
    sections: list[Chapter] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    headline: Words
    rest: Words | None  # what the headline leaves out
    versions: str
    on: str  # the devices in words, and why one was not there
    devices: list[str]
    chapters: list[Chapter]
    releases: list[Release]  # the history's and, last, this run; empty without a history
    others: list[Case]  # failures of tests that prove no claim


def page(
    run: Record,
    history: Sequence[Record],
    before: Record | None,
    seen: Iterable[Seen],
    versions: str,
    on: str,
) -> Page:
    """The page of a run.

    ``before`` is what the run is compared with: by default the history's release before it.
    """
    seen = sorted(seen, key=_place)
    claims = _claims(run, history, seen)
    before = before or _release_before(run, history)
    return Page(
        _headline(run, claims, before),
        _rest(claims),
        shown(versions),
        shown(on),
        list(dict.fromkeys(it.device for of in claims for it in of.devices if it.device)),
        _chapters(claims),
        columns(history, run) if history else [],
        [
            Case(shown(it.nodeid), it.outcome, _shortened(it.text))
            for it in seen
            if not it.claim and it.outcome in ("failed", "crashed")
        ],
    )


def _place(seen: Seen) -> tuple[str, int, str]:
    """Where the test is written, so that no order in which tests run changes the page."""
    written = source(seen.test)
    return seen.nodeid.partition("::")[0], written.line if written else 0, seen.nodeid


def _claims(run: Record, history: Sequence[Record], seen: Sequence[Seen]) -> list[ClaimShown]:
    strips = observed(history, run)
    specs: dict[str, list[Seen]] = {}
    observing: dict[str, dict[str, None]] = {}
    for it in seen:
        specs.setdefault(it.claim, []).append(it)
        observing.setdefault(it.observes, {})[it.test] = None
    found = []
    for id, claim in LEDGER.items():
        of = specs.get(id, [])
        devices = list(_on_devices(of))
        found.append(
            ClaimShown(
                claim,
                Words(claim.says, japanese.CLAIMS.get(id, claim.says)),
                Words(claim.truth, japanese.TRUTHS.get(id, claim.truth)) if claim.truth else None,
                _worst(it.outcome for it in devices),
                devices,
                list(_specs(of)),
                strips.get(id, Observed()),
                list(_short(map(source, observing.get(id, ())))),
            )
        )
    return found


def _on_devices(seen: Sequence[Seen]) -> Iterator[OnDevice]:
    """The outcome on each device, as a record has it; what takes none beside it where it fails."""
    devices = list(dict.fromkeys(it.device for it in seen))
    for device in devices:
        of = [it for it in seen if it.device == device]
        outcome = _worst(it.outcome for it in of)
        outcome = {"passed": "confirmed", "skipped": "not checked"}.get(outcome, outcome)
        reason = shown(of[0].text) if outcome == "not checked" else ""
        yield OnDevice("" if device == ANY else shown(device), outcome, reason)


def _specs(seen: Sequence[Seen]) -> Iterator[Spec]:
    for test in dict.fromkeys(it.test for it in seen):
        of = [it for it in seen if it.test == test]
        most = max(of, key=lambda it: it.tried)
        yield Spec(
            sentence(test.rpartition("::")[2]),
            _worst(it.outcome for it in of),
            [Case(shown(it.parameters), it.outcome, _shortened(it.text)) for it in of],
            source(test),
            most.tried,
            [shown(it) for it in most.extreme],
        )


def _short(sources: Iterable[Source | None]) -> Iterator[Source]:
    return (it for it in sources if it is not None and it.lines <= LONGEST_OBSERVATION)


def _worst(outcomes: Iterable[str]) -> str:
    return min(outcomes, key=_WORST.index, default="not checked")


def _shortened(text: str) -> str:
    half = LONGEST_FAILURE // 2
    if len(text) > LONGEST_FAILURE:
        left = len(text) - LONGEST_FAILURE
        return f"{_plain(text[:half])}\n... ({left:,} more characters) ...\n{_plain(text[-half:])}"
    return _plain(text)


def _plain(text: str) -> str:
    """The text with what a browser could not show, or would act on, written out."""
    return "".join(it if it.isprintable() or it in "\n\t" else escaped(it) for it in text)


def _chapters(claims: Sequence[ClaimShown]) -> list[Chapter]:
    found: dict[str, Chapter] = {}
    for id in CHAPTERS:
        of = [it for it in claims if it.claim.chapter == id]
        found[id] = Chapter(id, Words(CHAPTERS[id], japanese.CHAPTERS.get(id, CHAPTERS[id])), of)
        if (parent := id.rpartition(".")[0]) in found:
            found[parent].sections.append(found[id])
    return [chapter for id, chapter in found.items() if "." not in id]


# --- the sentences at the top ---------------------------------------------------------------------


_FAST = "\N{NO-BREAK SPACE}"  # between a number and what it counts


def _headline(run: Record, claims: Sequence[ClaimShown], before: Record | None) -> Words:
    confirmed = sum(it.outcome == "confirmed" for it in claims)
    failed = sum(it.outcome in ("failed", "crashed") for it in claims)
    release = shown(run.release)
    en = f"PyTorch {release}: {_count(confirmed, 'claim')} confirmed, {failed}{_FAST}failed"
    ja = f"PyTorch {release}: {confirmed} 件の主張を確認、失敗は {failed} 件"
    if before is not None:
        changed, since = len(differences([before, run])), shown(before.release)
        en += f"; {_count(changed, 'thing')} changed since{_FAST}{since}"
        ja += f"。{since} から {changed:,} 件が変化"
    return Words(en, ja)


def _count(number: int, word: str) -> str:
    return f"{number:,}{_FAST}{word}" + "s" * (number != 1)


def _rest(claims: Sequence[ClaimShown]) -> Words | None:
    """Why the claims that were not checked were not, with their numbers."""
    reasons: dict[Words, list[str]] = {}
    for it in claims:
        if it.outcome == "not checked":
            reason = it.devices[0].reason if it.devices else ""
            words = Words(reason, reason) if reason else Words("not in this run", "今回は対象外")
            reasons.setdefault(words, []).append(it.claim.id)
    if not reasons:
        return None
    lists = [(why, ", ".join(ids) if len(ids) < 8 else len(ids)) for why, ids in reasons.items()]
    return Words(
        "Not checked: " + "; ".join(f"{ids} ({why.en})" for why, ids in lists),
        "未確認: " + "、".join(f"{ids} ({why.ja})" for why, ids in lists),
    )


def _release_before(run: Record, history: Sequence[Record]) -> Record | None:
    earlier = [it for it in history if numbers(it.release) < numbers(run.release)]
    return earlier[-1] if earlier else None
