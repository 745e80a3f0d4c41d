"""The history: what each release did, in one file, in which each fact has one line.

::

    {"cpu": {
     "releases": {"1.13.0": {"date": "2026-11-28", "torch": "1.13.0+cu117", ...}},
     "outcomes": {"1.1.1 cpu": "confirmed", ...},
     "snippets": {"1.1.1": {"torch.ones(1, dtype=DTYPE).item()": {
       "torch.float32 & torch.float64": "1.0",
       "torch.uint16": {"2.3.0": "1"}, ...
     "messages": {"TypeError: len() of a 0-d tensor": "1.1.8", ...}}}

A value holds from its release to the next one that is named; null says that it was not recorded
from there on, true that it is again what it was, and nothing is known before the first. A value
without a release was the same on all of them. Rows of a table that always gave the same stand on
one line. A message holds until the last release in which a
spec heard it. So a new snippet needs no old release, and a new release changes the lines of what it
changed. A release of which only the snippets were run has ``"specs": "not run"``. Another platform
has a part of its own, under the name of its device.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import compress, pairwise
from pathlib import Path

from harness.history.compare import Difference, Fact, differences, facts
from harness.history.output import write
from harness.history.record import ANY, BadRecord, Record, Result, load, numbers_of
from harness.history.wording import kind
from specs.observed.snippets import fill, snippet_of

HISTORY = Path(__file__).with_name("history.json")

PLATFORM = "cpu"

#: A value by the release since which it holds, or one that holds on all of them.
_Values = dict[str, str | bool | None] | str

_AND = " | "  # between the rows of several tables
_LIKE = " & "  # between rows that always gave the same value
_LACKS = "not recorded"  # the releases on which a snippet was not run, since the first that ran it

NOTES = "https://github.com/pytorch/pytorch/releases/tag/v"


# --- the file -----------------------------------------------------------------------------------


@cache
def shipped(platform: str = PLATFORM) -> tuple[Record, ...]:
    """What the history has of each release, the oldest first. Raises BadRecord if it cannot."""
    return tuple(_records(_parts().get(platform, {})))


def forget() -> None:
    """Read the file again when it is asked for next."""
    for cached in (_parts, shipped, _facts_by_step):
        cached.cache_clear()


def last_of_each_minor() -> list[Record]:
    """The last release of each minor, such as 2.4.1 of 2.4: what is read at one look."""
    records = {(minor(it.release), minor(_numpy(it))[0]): it for it in shipped()}
    return list(records.values())


@cache
def _parts() -> dict:
    try:
        return json.loads(HISTORY.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadRecord(f"{HISTORY.name} cannot be read: {error}") from None


def _records(part: dict) -> Iterator[Record]:
    """The records of one platform, taken out of what the file says of each fact."""
    if not part:
        return
    names = list(part["releases"])
    records: list[Record] = []
    ran: list[bool] = []  # whether the specs ran
    for environment in part["releases"].values():
        environment = dict(environment)
        date, devices = environment.pop("date"), environment.pop("devices").split(", ")
        ran.append(environment.pop("specs", "") != "not run")
        records.append(Record(date, environment, devices))

    def result(record: Record, key: str) -> Result:
        id, device = key.split(" ")
        return record.claims.setdefault(id, {}).setdefault(device, Result())

    for key, values in part["outcomes"].items():
        for record, has, value in zip(records, ran, _spread(values, names), strict=True):
            if has and value is not None:
                result(record, key).outcome = value
    for id, templates in part["snippets"].items():
        for text, values, lacking in _texts(templates, names):
            ran_it = [name for name in names if name not in lacking]
            value_of = dict(zip(ran_it, _spread(values, ran_it), strict=True))
            for record, name in zip(records, names, strict=True):
                if (value := value_of.get(name)) is not None:
                    result(record, f"{id} any").observations[text] = value
    for text, values in part["messages"].items():
        for record, has, value in zip(records, ran, _spread(values, names), strict=True):
            for id in (value or "").split() if has else ():
                result(record, f"{id} any").messages.append(text)
    yield from records


def _texts(templates: dict, names: Sequence[str]) -> Iterator[tuple[str, _Values, list[str]]]:
    """The text of each snippet, with its values and the releases that did not run it."""
    for template, found in templates.items():
        by_rows = {names[0]: found} if isinstance(found, str) else dict(found)
        lacking = by_rows.pop(_LACKS, "").split("; ")
        if by_rows.keys() <= set(names):  # a snippet without a table
            yield template, by_rows, lacking
            continue
        for alike, values in by_rows.items():
            for rows in alike.split(_LIKE):
                yield fill(template, rows.split(_AND)), values, lacking


def _spread(values: _Values, names: Sequence[str]) -> Iterator[str | None]:
    """The value of each release, from the values by the release since which they hold."""
    if isinstance(values, str):
        values = {names[0]: values}
    value = known = None
    for name in names:
        value = values.get(name, value)
        if value is True:
            value = known
        known = known if value is None else value
        yield value


def keep(record: Record) -> None:
    """Put the record into the history, in place of what it had of the same release and NumPy.

    A run of the snippets alone, or of the specs alone, leaves what it did not look at as it was.
    """
    with _alone():
        _keep(record)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Wait while another process changes the file."""
    lock = HISTORY.with_suffix(".lock")
    for _ in range(600):
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            time.sleep(0.1)
    else:
        raise OSError(f"{lock.name} is there; if nothing else writes the history, delete it")
    try:
        yield
    finally:
        lock.unlink()


def _keep(record: Record) -> None:
    forget()
    platform = record.devices[0]
    if platform != PLATFORM:  # what specs without a device hear is no word of this one
        for results in record.claims.values():
            results.get(ANY, Result()).messages = []
    parts = dict(_parts()) if HISTORY.exists() else {}
    known = list(_records(parts.get(platform, {})))
    others = [it for it in known if _order(it) != _order(record)]
    for former in known:
        if _order(former) == _order(record):
            _complete(record, former)
    parts[platform] = _part(sorted([*others, record], key=_order))
    if platform != PLATFORM:  # most messages are the same on any device
        known = {kind(it) for it in parts.get(PLATFORM, {}).get("messages", ())}
        said = parts[platform]["messages"]
        parts[platform]["messages"] = {it: said[it] for it in said if kind(it) not in known}
    write(_as_json(parts), HISTORY)
    forget()


def _complete(record: Record, former: Record) -> None:
    """Add what the former has and the record did not look at."""
    had_specs = bool(record.checked)
    had_snippets = any(it.observations for of in record.claims.values() for it in of.values())
    for id, results in former.claims.items():
        for device, it in results.items():
            result = record.claims.setdefault(id, {}).setdefault(device, Result())
            if not had_specs:
                result.outcome, result.messages = it.outcome, it.messages
            if not had_snippets:
                result.observations = it.observations


def _one_of_a_kind(messages: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Of those that say the same of other dtypes or numbers, one text for all claims and releases:
    the one that most of them heard.
    """
    heard = Counter(text for said in messages for text in said)
    chosen: dict[object, str] = {}
    for text in sorted(heard, key=lambda it: (-heard[it], it)):
        chosen.setdefault(kind(text), text)
    kept = []
    for said in messages:
        of: dict[str, set[str]] = {}
        for text, ids in said.items():
            of.setdefault(chosen[kind(text)], set()).update(ids.split())
        kept.append({text: " ".join(sorted(ids, key=numbers_of)) for text, ids in of.items()})
    return kept


def _without_gaps(messages: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The same, with each claim that heard a message in two releases in those between as well,
    which may have run older specs.
    """
    heard: dict[tuple[str, str], list[int]] = {}
    for i, said in enumerate(messages):
        for text, ids in said.items():
            for id in ids.split():
                heard.setdefault((text, id), []).append(i)
    filled: list[dict[str, list[str]]] = [{} for _ in messages]
    for text, id in sorted(heard, key=lambda it: numbers_of(it[1])):
        at = heard[text, id]
        for of in filled[at[0] : at[-1] + 1]:
            of.setdefault(text, []).append(id)
    return [{text: " ".join(ids) for text, ids in of.items()} for of in filled]


def _part(records: Sequence[Record]) -> dict:
    names = steps(records)
    outcomes: list[dict] = [{} for _ in records]
    snippets: list[dict] = [{} for _ in records]
    messages: list[dict] = [{} for _ in records]
    for i, record in enumerate(records):
        for id, results in record.claims.items():
            # What is heard where a claim fails does not explain it.
            fails = any(it.outcome in ("failed", "crashed") for it in results.values())
            for device, it in results.items():
                if it.outcome != "not checked":
                    outcomes[i][f"{id} {device}"] = it.outcome
                snippets[i].update(((id, text), value) for text, value in it.observations.items())
                for text in () if fails else it.messages:
                    messages[i].setdefault(text, set()).add(id)
        messages[i] = {
            text: " ".join(sorted(ids, key=numbers_of)) for text, ids in messages[i].items()
        }
        if i and not record.checked:  # as before, so that the lines stay as they are
            outcomes[i], messages[i] = outcomes[i - 1], messages[i - 1]
    messages = _without_gaps(_one_of_a_kind(messages))
    by_template: dict[tuple[str, str], list[tuple[str, tuple[str, ...]]]] = {}
    for id, text in dict.fromkeys(key for of in reversed(snippets) for key in of):
        snippet = snippet_of(text)
        by_template.setdefault((id, snippet.template), []).append((text, snippet.rows))
    by_claim: dict[str, dict] = {}
    for (id, template), of in by_template.items():
        by_claim.setdefault(id, {})[template] = _values(id, of, snippets, names)
    return {
        "releases": {
            name: {
                "date": it.date,
                "devices": ", ".join(it.devices),
                **it.environment,
                **({} if it.checked else {"specs": "not run"}),
            }
            for name, it in zip(names, records, strict=True)
        },
        "outcomes": _short(_joined(outcomes, names), names),
        "snippets": {id: by_claim[id] for id in sorted(by_claim, key=numbers_of)},
        "messages": dict(sorted(_short(_joined(messages, names), names).items())),
    }


def _values(
    id: str,
    of_template: Sequence[tuple[str, tuple[str, ...]]],
    snippets: Sequence[dict],
    names: Sequence[str],
) -> dict:
    """The values of a snippet, or of each row of its table, once for the rows that have the same;
    and the releases that did not run it, though one before them did.
    """
    keys = [(id, text) for text, _ in of_template]
    ran = [any(key in seen for key in keys) for seen in snippets]
    lacking = [name for name, it in zip(names, ran, strict=True) if not it][ran.index(True) :]
    there = [{key: seen[key] for key in keys if key in seen} for seen in compress(snippets, ran)]
    joined = _short(_joined(there, list(compress(names, ran))), names)
    if not of_template[0][1]:  # a snippet without a table
        found = joined[keys[0]]
        if lacking and isinstance(found, str):
            found = {names[0]: found}
    else:
        alike: dict[str, list[str]] = {}
        for text, rows in of_template:
            alike.setdefault(json.dumps(joined[id, text]), []).append(_AND.join(rows))
        found = {_LIKE.join(rows): json.loads(values) for values, rows in alike.items()}
    return {_LACKS: "; ".join(lacking), **found} if lacking else found


def _joined(values: Sequence[dict], names: Sequence[str]) -> dict:
    """For each key, its values by the release since which they hold."""
    joined: dict = {}
    for key in dict.fromkeys(key for of in reversed(values) for key in of):
        last = known = None
        for name, of in zip(names, values, strict=True):
            if (value := of.get(key)) != last:
                again = value is not None and value == known
                joined.setdefault(key, {})[name] = True if again else value
                last, known = value, known if value is None else value
    return joined


def _short(values: dict[str, dict], names: Sequence[str]) -> dict[str, _Values]:
    """The same, without the release of a value that holds on all of them."""
    return {key: of[names[0]] if [*of] == [*names[:1]] else of for key, of in values.items()}


def _as_json(parts: dict) -> str:
    """The text of the file: what a fact was stands on one line."""

    def lines(it: object) -> str:
        if not isinstance(it, dict) or not any(isinstance(of, dict) for of in it.values()):
            return json.dumps(it, ensure_ascii=False, separators=(",", ":"))
        inner = (f"{json.dumps(k, ensure_ascii=False)}:{lines(of)}" for k, of in it.items())
        return "{\n" + ",\n".join(inner) + "\n}"

    return lines(parts) + "\n"


# --- releases and what changed with them ----------------------------------------------------------


def find(name: str, folder: Path = Path(), platform: str = PLATFORM) -> Record:
    """The record in a file, or of a release such as "2.4" or "2.4.1".

    Raises BadRecord, with a sentence, if there is none.
    """
    path = folder / name
    if os.path.lexists(path) or not re.fullmatch(r"\d+\.\d+(\.\d+)?", name):
        return load(path)
    records = shipped(platform) or shipped()
    for record in reversed(records):  # of two records of a release, the one with NumPy 2
        if name in (record.release, minor(record.release)):
            return record
    known = ", ".join(dict.fromkeys(record.release for record in records))
    raise BadRecord(f"the history has no release {name}; it has {known}")


def minor(release: str) -> str:
    """The minor release: "2.13" for "2.13.0"."""
    return ".".join(release.split(".")[:2])


def numbers(release: str) -> list[int]:
    """Sort key for releases: [2, 13, 0] for "2.13.0"."""
    return [int(number) for number in re.findall(r"\d+", release)]


def steps(records: Sequence[Record]) -> list[str]:
    """What each record adds: "2.0.1", or "2.3.1, NumPy 2.4" if it is of the same PyTorch."""
    return [
        f"{record.release}, NumPy {minor(_numpy(record))}"
        if i and records[i - 1].release == record.release
        else record.release
        for i, record in enumerate(records)
    ]


def changes_by_release(records: Sequence[Record]) -> dict[str, list[Difference]]:
    """What changed, by the release that changed it, such as "2.0.0" or "2.3.1, NumPy 2.4".

    Each difference has two values: before and after. Records without the fact are skipped.
    """
    names = steps(records)
    found: dict[str, list[Difference]] = {name: [] for name in names}
    for it in differences(records):
        seen = [pair for pair in zip(names, it.values, strict=True) if pair[1] is not None]
        for (_, before), (name, after) in pairwise(seen):
            if before != after:
                found[name].append(Difference(it.fact, (before, after)))
    return found


def first_with(change: Difference, before: Record, after: Record) -> tuple[str, str] | None:
    """The first and the last release that may have brought the last value, or None.

    They are one release if the one before it ran the snippet. The release that brought an
    exception or a warning counts, not one that only put it into other words.
    """
    first, *_, last = (value for value in change.values if value is not None)
    reduced = str if _without_messages(first) == _without_messages(last) else _without_messages
    since, perhaps = None, None
    for name, said in reversed(_facts_by_step().items()):
        if not numbers(before.release) < numbers(name)[:3] <= numbers(after.release):
            continue
        value = said.get(change.fact)
        if value is not None and reduced(value) == reduced(last):
            since = perhaps = name
        elif value is None and since is not None:
            perhaps = name
        else:
            break
    return None if since is None else (perhaps, since)


def _without_messages(value: str) -> str:
    return re.sub(r"\b((?:raises|warns) \w+): .*?(?=; warns |$)", r"\1", value, flags=re.DOTALL)


@cache
def _facts_by_step() -> dict[str, dict[Fact, str]]:
    records = shipped()
    return dict(zip(steps(records), map(facts, records), strict=True))


def messages() -> dict[str, set[str]]:
    """What PyTorch said in the specs of any release, with the claims that these prove."""
    found: dict[str, set[str]] = {}
    for platform in _parts():
        for text, values in _parts()[platform]["messages"].items():
            said = [values] if isinstance(values, str) else values.values()
            ids = " ".join(it for it in said if isinstance(it, str)).split()
            found.setdefault(text, set()).update(ids)
    return found


def _order(record: Record) -> tuple[list[int], list[int]]:
    return numbers(record.release), numbers(minor(_numpy(record)))


def _numpy(record: Record) -> str:
    return record.environment.get("numpy", "unknown")
