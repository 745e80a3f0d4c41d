"""A record: what one run of the specification saw, in one JSON file.

::

    {"schema": 2, "date": "2026-11-25",
     "environment": {"torch": "2.13.0+cpu", "numpy": "2.4.6", "python": "3.11.7", ...},
     "devices": ["cpu"],
     "claims": {"1.1.3": {"any": {"outcome": "confirmed", "observations": {"len(...)": "2"}}}},
     "costs": [{"question": ..., "case": ..., "alternative": ..., "device": ..., "peak_bytes": 0,
                "predicted_peak_bytes": 0, "retained_bytes": 0, "time_ratio": null}]}

Results that depend on no device are stored under ``any``. ``load`` checks the whole structure, so
the rest of the code can rely on it. Texts in a record may hold anything; escape them to show them.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field, is_dataclass
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Literal, get_args, get_origin, get_type_hints

from harness.history.output import write
from harness.run.text import one_line

SCHEMA = 2
ANY = "any"  # in place of a device, for what depends on none


class BadRecord(ValueError):
    """A file that cannot be used as a record; the message is a sentence that says why."""


@dataclass
class Result:
    """The outcome of one claim on one device, what its snippets gave, and what PyTorch said."""

    outcome: Literal["not checked", "confirmed", "failed", "crashed"] = "not checked"
    observations: dict[str, str] = field(default_factory=dict)  # by the text of the snippet
    failed: list[str] = field(default_factory=list)  # the specs that failed
    messages: list[str] = field(default_factory=list)  # that PyTorch gave in the specs


@dataclass(frozen=True)
class RecordedCost:
    """The bytes and the time ratio of one alternative of a benchmark; never absolute times."""

    question: str
    case: str
    alternative: str
    device: str
    peak_bytes: int
    predicted_peak_bytes: int | None  # None where the peak depends on the processor
    retained_bytes: int
    time_ratio: float | None = None


@dataclass
class Record:
    """What one run saw."""

    date: str  # ISO 8601
    environment: dict[str, str]  # versions and platform; "torch" is always there
    devices: list[str]
    claims: dict[str, dict[str, Result]] = field(default_factory=dict)  # by id and device
    costs: list[RecordedCost] = field(default_factory=list)

    @property
    def release(self) -> str:
        """PyTorch's release without its build: "2.13.0"."""
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
        """The text of the file, with one fact per line, so that Git shows what changed."""
        whole = {"schema": SCHEMA, **asdict(self)}
        for results in whole["claims"].values():
            for device, result in results.items():
                results[device] = {name: value for name, value in result.items() if value}
        return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def numbers_of(id: str) -> list[int]:
    """Sort key for claim ids: 2.10 comes after 2.9."""
    return [int(part) for part in re.findall("[0-9]{1,9}", id)]


def save(record: Record, path: Path) -> None:
    """Write the whole record, or leave the file as it was. Raises OSError if it cannot."""
    write(record.as_json(), path)


def load(path: Path) -> Record:
    """The record in the file. Raises BadRecord, with a sentence, if it cannot be used."""
    try:
        return _record(path.read_text(encoding="utf-8"))
    except BadRecord as error:
        raise BadRecord(f"{one_line(path)} {error}") from None
    except FileNotFoundError:
        raise BadRecord(f"{one_line(path)} does not exist") from None
    except OSError as error:
        raise BadRecord(f"{one_line(path)} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):  # also text that is not UTF-8
        raise BadRecord(
            f"{one_line(path)} is not a record, or only part of one: it is not JSON"
        ) from None


def _record(text: str) -> Record:
    whole = json.loads(text)
    if not isinstance(whole, dict) or "schema" not in whole:
        raise BadRecord("is JSON, but not a record of this specification")
    if whole["schema"] != SCHEMA:
        schema = one_line(whole["schema"])[:20]
        raise BadRecord(f"has schema {schema}, but this specification reads only schema {SCHEMA}")
    parts = {}
    for name, kind in _field_types(Record).items():
        try:
            parts[name] = _typed(whole[name], kind)
        except (AttributeError, KeyError, TypeError):
            raise BadRecord(f"is damaged: its {name} cannot be read") from None
    record = Record(**parts)
    if not re.match(r"\d{1,4}\.\d{1,4}\b", record.environment.get("torch", ""), re.ASCII):
        raise BadRecord("is damaged: its version of PyTorch cannot be read")
    if not record.devices:
        raise BadRecord("is damaged: it has no devices")
    return record


def _typed(it: object, kind: object) -> object:
    """The JSON as a value of this type; raises an AttributeError, KeyError or TypeError."""
    origin, arguments = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        types = _field_types(kind)
        return kind(**{name: _typed(value, types[name]) for name, value in it.items()})
    if origin is list and isinstance(it, list):
        return [_typed(value, arguments[0]) for value in it]
    if origin is dict and isinstance(it, dict):
        return {key: _typed(value, arguments[1]) for key, value in it.items()}
    if origin is UnionType:  # of types that differ without their arguments
        return _typed(it, {get_origin(one) or one: one for one in arguments}[type(it)])
    if (origin is Literal and it in arguments) or type(it) is kind:
        return it
    raise TypeError


_field_types = cache(get_type_hints)
