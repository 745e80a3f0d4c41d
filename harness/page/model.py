"""The page as plain data, without HTML."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from harness.history.compare import differences
from harness.history.record import ANY, Record
from harness.history.releases import numbers
from harness.page.source import Source, source_at
from harness.page.strips import Observed, Release, columns, observed
from harness.page.words import JAPANESE, Words
from harness.run.outcomes import outcome_of_claim
from harness.run.outline import first_sentence, sentence
from harness.run.text import escaped, shown
from specs.ledger import CHAPTERS, LEDGER, Claim

#: Characters of a failure that are shown, half of them from its end.
LONGEST_FAILURE = 6000


@dataclass
class ItemResult:
    """The result of one test item: setup, call and teardown together."""

    nodeid: str
    file: str = ""
    line: int = 0  # of the function; the first line is 1, and 0 is unknown
    claim: str = ""  # the id of the claim that it proves
    device: str = ANY
    outcome: str = "passed"  # or failed, crashed, skipped
    text: str = ""  # of the failure, or the reason to skip
    tried: int = 0  # examples of Hypothesis
    extreme: list[str] = field(default_factory=list)

    @property
    def test(self) -> str:
        """The node id without parameters: "specs/test_5_relu.py::TestModule::test_..."."""
        return self.nodeid.partition("[")[0]

    @property
    def parameters(self) -> str:
        return self.nodeid.partition("[")[2].removesuffix("]")

    @property
    def has_failed(self) -> bool:
        return self.outcome in ("failed", "crashed")


@dataclass(frozen=True)
class Spec:
    """A test of a claim, with its parameters."""

    sentence: str
    outcome: str
    cases: list[ItemResult]  # without those of a device that is not there
    most: ItemResult  # the case that tried most examples
    source: Source | None


@dataclass(frozen=True)
class OnDevice:
    """The outcome of a claim on one device."""

    device: str  # empty for specs that take none
    outcome: str
    reason: str  # to skip


@dataclass(frozen=True)
class Entry:
    """A claim and all that the page shows about it."""

    claim: Claim
    heading: Words  # the first sentence of what the claim says
    more: Words | None  # the others
    truth: Words | None
    asks: Words | None  # the question that it answers
    outcome: str
    devices: list[OnDevice]
    specs: list[Spec]
    observed: Observed
    messages: list[str]  # that PyTorch gave in its specs, in any release


@dataclass(frozen=True)
class Chapter:
    id: str
    title: Words
    entries: list[Entry]
    sections: list[Chapter] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    headline: Words
    not_checked: Words | None
    versions: str
    on: str  # the devices in words, and why some were not available
    devices: list[str]
    chapters: list[Chapter]
    releases: list[Release]  # of the history, then of this run; empty without a history
    others: list[ItemResult]  # failures of tests that prove no claim


def build(
    run: Record,
    history: Sequence[Record],
    before: Record | None,
    results: Iterable[ItemResult],
    versions: str,
    on: str,
) -> Page:
    """The page of a run.

    ``before`` is what the run is compared with: by default the release before it in the history.
    """
    # In the order of the source, whatever the order in which the tests ran.
    results = sorted(map(_harmless, results), key=lambda it: (it.file, it.line, it.nodeid))
    entries = list(_entries(run, history, results))
    earlier = [it for it in history if numbers(it.release) < numbers(run.release)]
    before = before or (earlier[-1] if earlier else None)
    return Page(
        _headline(run, entries, before),
        _not_checked(entries),
        shown(versions),
        shown(on),
        list(dict.fromkeys(it.device for of in entries for it in of.devices if it.device)),
        _chapters(entries),
        columns(history, run) if history else [],
        [it for it in results if not it.claim and it.has_failed],
    )


def _harmless(result: ItemResult) -> ItemResult:
    """The same result; its texts, which may hold anything, without control characters, and cut."""
    text = result.text
    if (left := len(text) - LONGEST_FAILURE) > 0:
        half = LONGEST_FAILURE // 2
        text = f"{text[:half]}\n... ({left:,} more characters) ...\n{text[-half:]}"
    return replace(
        result,
        nodeid=shown(result.nodeid),
        device=shown(result.device),
        text="".join(it if it.isprintable() or it in "\n\t" else escaped(it) for it in text),
        extreme=[shown(it) for it in result.extreme],
    )


def _entries(
    run: Record, history: Sequence[Record], results: Sequence[ItemResult]
) -> Iterator[Entry]:
    strips = observed(history, run)
    said: dict[str, list[str]] = defaultdict(list)
    for record in (*history, run):
        for id, results_of in record.claims.items():
            for result in results_of.values():
                said[id] += (it for it in map(shown, result.messages) if it not in said[id])
    for id, claim in LEDGER.items():
        proving = [it for it in results if it.claim == id]
        devices = list(_on_devices(proving))
        japanese = JAPANESE["claims"].get(id, {})
        yield Entry(
            claim,
            *_heading(claim.says, japanese.get("says")),
            Words(claim.truth, japanese.get("truth")) if claim.truth else None,
            Words(claim.asks, japanese.get("asks")) if claim.asks else None,
            outcome_of_claim(it.outcome for it in proving),
            devices,
            list(_specs(proving, devices)),
            strips.get(id, Observed()),
            said.get(id, []),
        )


def _heading(says: str, japanese: str | None) -> tuple[Words, Words | None]:
    """The first sentence, and the others, of which either language may have none."""
    heading, more = first_sentence(says)
    if japanese is None:
        return Words(heading, None), Words(more, more) if more else None
    in_japanese, more_in_japanese = first_sentence(japanese)
    both = Words(more, more_in_japanese) if more or more_in_japanese else None
    return Words(heading, in_japanese), both


def _on_devices(results: Sequence[ItemResult]) -> Iterator[OnDevice]:
    for device in dict.fromkeys(it.device for it in results):
        of = [it for it in results if it.device == device]
        outcome = outcome_of_claim(it.outcome for it in of)
        reason = of[0].text if outcome == "not checked" else ""
        yield OnDevice("" if device == ANY else device, outcome, reason)


def _specs(results: Sequence[ItemResult], devices: Sequence[OnDevice]) -> Iterator[Spec]:
    missing = {(on.device, on.reason) for on in devices if on.outcome == "not checked"}
    for test in dict.fromkeys(it.test for it in results):
        of = [it for it in results if it.test == test]
        most = max(of, key=lambda it: it.tried)
        outcome = outcome_of_claim(it.outcome for it in of)
        source = source_at(most.file, most.line)
        cases = [it for it in of if (it.device, it.text) not in missing] or of
        yield Spec(sentence(test.rpartition("::")[2]), outcome, cases, most, source)


def _chapters(entries: Sequence[Entry]) -> list[Chapter]:
    found: dict[str, Chapter] = {}
    for id, title in CHAPTERS.items():
        of = [it for it in entries if it.claim.chapter == id]
        found[id] = Chapter(id, Words(title, JAPANESE["chapters"].get(id)), of)
        if (parent := id.rpartition(".")[0]) in found:
            found[parent].sections.append(found[id])
    return [chapter for id, chapter in found.items() if "." not in id]


def _headline(run: Record, entries: Sequence[Entry], before: Record | None) -> Words:
    confirmed = sum(it.outcome == "confirmed" for it in entries)
    failed = sum(it.outcome in ("failed", "crashed") for it in entries)
    release = shown(run.release)
    en = f"PyTorch {release}: {_count(confirmed, 'claim')} confirmed, {failed}\xa0failed"
    ja = f"PyTorch {release}: {confirmed} 件の主張を確認、失敗は {failed} 件"
    if before is not None:
        changed, since = len(differences([before, run])), shown(before.release)
        en += f"; {_count(changed, 'change')} since\xa0{since}"
        ja += f"。{since} からの変化は {changed:,} 件"
    return Words(en, ja)


def _count(number: int, word: str) -> str:
    return f"{number:,}\xa0{word}" + "s" * (number != 1)  # a space that breaks no line


def _not_checked(entries: Sequence[Entry]) -> Words | None:
    """Which claims were not checked, or how many, and why."""
    ids: dict[Words, list[str]] = defaultdict(list)
    for it in entries:
        if it.outcome == "not checked":
            reason = it.devices[0].reason if it.devices else ""
            words = Words(reason or "not in this run", reason or "今回は対象外")
            ids[words].append(it.claim.id)
    if not ids:
        return None
    lists = [(why, ", ".join(of) if len(of) < 8 else len(of)) for why, of in ids.items()]
    return Words(
        "Not checked: " + "; ".join(f"{of} ({why.en})" for why, of in lists),
        "未確認: " + "、".join(f"{of} ({why.ja})" for why, of in lists),
    )
