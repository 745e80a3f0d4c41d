"""A record: what one run of the specification saw, in one JSON file.

::

    {"schema": 1, "date": "2026-11-25",
     "environment": {"torch": "2.13.0+cpu", "numpy": "2.4.6", "python": "3.11.7", ...},
     "devices": ["cpu"],
     "claims": {"1.1.3": {"cpu": {"outcome": "confirmed", "observations": {"len() of ...": ...}}}},
     "costs": [{"question": ..., "case": ..., "alternative": ..., "device": ..., "peak_bytes": 0,
                "predicted_peak_bytes": 0, "retained_bytes": 0, "time_ratio": null}]}

What took no device stands under ``any``. A record is data: it is read as JSON of limited size and
checked against this shape before anything looks at it, and so before it is written.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from harness.run.text import one_line

SCHEMA = 1
LARGEST = 4 * 2**20  # bytes; a record has about a twentieth of it
MOST = 50_000  # things that a record says; a real one about 2,000
ANY = "any"  # in place of a device, for what takes none
OUTCOMES = ("confirmed", "failed", "crashed", "not checked")

#: Plain data: a text, a list of texts, or a table of texts by name.
Seen = str | list[str] | dict[str, str]


class BadRecord(ValueError):
    """A file that is no record that can be used; the message is a sentence that says why."""


@dataclass
class Result:
    """What became of one claim on one device."""

    outcome: str = "not checked"  # one of OUTCOMES
    observations: dict[str, Seen] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)  # the specs that did


@dataclass(frozen=True)
class CostSeen:
    """The bytes and the ratio of one alternative of a benchmark; never absolute times."""

    question: str
    case: str
    alternative: str
    device: str
    peak_bytes: int
    predicted_peak_bytes: int | None  # None where the processor has a say in the peak
    retained_bytes: int
    time_ratio: float | None = None


@dataclass
class Record:
    """What one run saw."""

    date: str  # ISO 8601
    environment: dict[str, str]  # versions and platform; "torch" is there always
    devices: list[str]
    claims: dict[str, dict[str, Result]] = field(default_factory=dict)  # by id and device
    costs: list[CostSeen] = field(default_factory=list)

    @property
    def release(self) -> str:
        """PyTorch's release, without what names the build: "2.13.0"."""
        return self.environment["torch"].partition("+")[0]

    @property
    def checked(self) -> set[tuple[str, str]]:
        """The claims that the run checked, each with the device."""
        return {
            (id, device)
            for id, results in self.claims.items()
            for device, result in results.items()
            if result.outcome != "not checked"
        }

    def as_json(self) -> str:
        """The text of the file: the same for the same record, and one line a fact."""
        claims = {
            id: {device: _as_dict(result) for device, result in sorted(results.items())}
            for id, results in sorted(self.claims.items(), key=lambda it: numbers_of(it[0]))
        }
        costs = sorted(
            (asdict(it) for it in self.costs),
            key=lambda it: (it["question"], it["device"], it["case"], it["alternative"]),
        )
        whole = {
            "schema": SCHEMA,
            "date": self.date,
            "environment": dict(sorted(self.environment.items())),
            "devices": sorted(self.devices),
            "claims": claims,
            "costs": costs,
        }
        return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _as_dict(result: Result) -> dict:
    found: dict = {"outcome": result.outcome}
    if result.observations:
        found["observations"] = dict(sorted(result.observations.items()))
    if result.failed:
        found["failed"] = sorted(result.failed)
    return found


def numbers_of(id: str) -> list[int]:
    """To have claims in the order of the ledger: 2.10 after 2.9."""
    return [int(part) for part in id.split(".") if part.isdigit()]


# --- files --------------------------------------------------------------------------------------


def save(record: Record, path: Path) -> None:
    """Write the record whole, or leave the file as it was.

    Raises BadRecord if it could not be read again, OSError if it cannot be written.
    """
    text = record.as_json()
    _parsed(text.encode("utf-8", "backslashreplace"))
    write(text, path)


def write(text: str, path: Path) -> None:
    """Write the text whole, or leave the file as it was. Raises OSError if it cannot."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)  # as open() would; mkstemp keeps it from others
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def load(path: Path) -> Record:
    """The record in the file. Raises BadRecord, with a sentence, if there is none to be used."""
    try:
        return _parsed(_read(path))
    except BadRecord as error:
        raise BadRecord(f"{one_line(path)} {error}") from None
    except FileNotFoundError:
        raise BadRecord(f"{one_line(path)} does not exist") from None
    except OSError as error:
        raise BadRecord(f"{one_line(path)} cannot be read: {error.strerror}") from None


def _read(path: Path) -> bytes:
    """What an ordinary file holds; opened so that none of another kind, such as a pipe, waits."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if path.is_dir():
        raise BadRecord("is a folder, and no record")
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise BadRecord("is no ordinary file")
        return file.read(LARGEST + 1)


def _parsed(data: bytes) -> Record:
    if not data.strip():
        raise BadRecord("is empty")
    if len(data) > LARGEST:
        raise BadRecord(f"is larger than any record: over {LARGEST // 2**20} MiB")
    try:
        whole = json.loads(data.decode("utf-8"), object_pairs_hook=_table)
        json.dumps(whole, ensure_ascii=False).encode("utf-8")
    except BadRecord:
        raise
    except UnicodeEncodeError:
        raise BadRecord("is damaged: it holds half a character (a lone surrogate)") from None
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise BadRecord("is no record, or only a part of one: it is not JSON") from None
    return _record(whole)


def _table(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A table of JSON's. Of two entries of one name the second would hide the first."""
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name, count in Counter(names).items() if count > 1)
        raise BadRecord(f"is damaged: it has {_short(twice)} twice in one place")
    return table


def _record(whole: object) -> Record:
    if not isinstance(whole, dict) or "schema" not in whole:
        raise BadRecord("is JSON, but no record of this specification")
    schema = whole["schema"]
    if type(schema) is int and schema > SCHEMA:
        raise BadRecord(
            f"is of a newer kind (schema {_short(schema)}) than this version reads ({SCHEMA}): "
            "update the specification"
        )
    if schema != SCHEMA or isinstance(schema, bool):
        raise BadRecord(f"is of an unknown kind (schema {_short(schema)})")
    date, environment, devices = whole.get("date"), whole.get("environment"), whole.get("devices")
    _check(_is_text(date, r"\d{4}-\d\d-\d\d"), "its date")
    _check(_is_table(environment) and "torch" in environment, "its environment")
    _check(_is_text(environment["torch"], _VERSION), "its version of PyTorch")
    _check(all(it.isprintable() and len(it) <= 200 for it in environment.values()), "a version")
    _check(_is_list(devices) and devices and all(map(_is_device, devices)), "its devices")
    _check(isinstance(whole.get("claims"), dict), "its claims")
    claims = {id: _results(id, results) for id, results in whole["claims"].items()}
    _check(isinstance(whole.get("costs", []), list), "its costs")
    costs = [_cost(it) for it in whole.get("costs", [])]
    record = Record(date, environment, devices, claims, costs)
    if (size := _size(record)) > MOST:
        raise BadRecord(f"says {size:,} things, more than any record ({MOST:,})")
    return record


#: What these are in every record; they stand in lines of their own, where nobody looks for tricks.
_VERSION, _DEVICE = r"\d{1,4}\.\d{1,4}[\w.+-]{0,80}", r"[\w.:-]{1,40}"


def _size(record: Record) -> int:
    """How many things the record says, each of which may become a line."""
    results = [result for of in record.claims.values() for result in of.values()]
    rows = (
        len(seen) if isinstance(seen, dict) else 1
        for result in results
        for seen in result.observations.values()
    )
    failed = sum(len(result.failed) for result in results)
    claims = len(record.claims) + len(results)
    return claims + sum(rows) + failed + len(record.costs) + len(record.devices)


def _results(id: str, results: object) -> dict[str, Result]:
    what = f"claim {_short(id)}"
    _check(_is_text(id, r"\d{1,3}(\.\d{1,3}){1,2}"), f"the number of {what}")
    _check(isinstance(results, dict), what)
    found = {}
    for device, result in results.items():
        _check(_is_device(device), f"a device of {what}")
        _check(isinstance(result, dict) and result.get("outcome") in OUTCOMES, what)
        observations, failed = result.get("observations", {}), result.get("failed", [])
        _check(isinstance(observations, dict), what)
        _check(all(map(_is_seen, observations.values())) and _is_list(failed), what)
        _check(all(spec.isprintable() for spec in failed), f"a spec of {what}")
        found[device] = Result(result["outcome"], observations, failed)
    return found


def _cost(it: object) -> CostSeen:
    _check(isinstance(it, dict), "a cost")
    texts = [it.get(name) for name in ("question", "case", "alternative", "device")]
    peak, predicted, retained = (
        it.get(name) for name in ("peak_bytes", "predicted_peak_bytes", "retained_bytes")
    )
    numbers = [peak, retained, *([] if predicted is None else [predicted])]
    ratio = it.get("time_ratio")
    _check(all(isinstance(text, str) for text in texts) and _is_device(texts[-1]), "a cost")
    _check(all(type(number) is int and abs(number) < 2**63 for number in numbers), "a cost")
    _check(ratio is None or type(ratio) in (int, float), "a cost")
    return CostSeen(*texts, peak, predicted, retained, ratio)


def _check(is_right: object, what: str) -> None:
    if not is_right:
        raise BadRecord(f"is damaged: {what} cannot be read")


def _is_text(it: object, pattern: str) -> bool:
    return isinstance(it, str) and re.fullmatch(pattern, it, re.ASCII) is not None


def _is_device(it: object) -> bool:
    return _is_text(it, _DEVICE)


def _is_list(it: object) -> bool:
    return isinstance(it, list) and all(isinstance(text, str) for text in it)


def _is_table(it: object) -> bool:
    return isinstance(it, dict) and all(isinstance(text, str) for text in it.values())


def _is_seen(it: object) -> bool:
    return isinstance(it, str) or _is_list(it) or _is_table(it)


def _short(it: object) -> str:
    text = ascii(it)
    return text if len(text) < 30 else text[:27] + "..."
