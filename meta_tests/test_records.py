"""A record is read only if it is one, and written whole or not at all."""

from __future__ import annotations

import json
import os

import pytest

from harness.history.output import real, why_not_written
from harness.history.record import BadRecord, Record, RecordedCost, Result, load, save


def a_record(torch: str = "2.13.0+cpu", **changes: object) -> Record:
    """A small record; ``changes`` replace its fields."""
    fields = {
        "date": "2026-11-25",
        "environment": {"torch": torch, "numpy": "2.4.6", "python": "3.11.7", "system": "Linux"},
        "devices": ["cpu"],
        "claims": {
            "1.1.3": {"cpu": Result("confirmed", {"item() of two elements": "raises ValueError"})},
            "2.3.3": {"any": Result("confirmed", {}, [], ["RuntimeError: Error(s) in loading"])},
        },
        "costs": [RecordedCost("What?", "8 layers", "no_grad", "cpu", 1024, 1024, 512, 0.93)],
    }
    return Record(**{**fields, **changes})


def test_a_record_is_the_same_after_it_was_saved_and_loaded(tmp_path):
    save(a_record(), tmp_path / "a.json")

    assert load(tmp_path / "a.json") == a_record()


def test_a_write_that_fails_leaves_the_former_record_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    save(a_record(), path)
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))

    with pytest.raises(OSError, match="full"):
        save(a_record("2.15.0"), path)

    assert load(path) == a_record()
    assert list(tmp_path.iterdir()) == [path]


def _changed(*path: object, to: object) -> str:
    """The JSON of a record with the value at this path replaced."""
    whole = json.loads(a_record().as_json())
    at = whole
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = to
    return json.dumps(whole)


_SEEN = ("claims", "1.1.3", "cpu", "observations", "item() of two elements")

_BAD = [
    ("", "only part of one"),
    (a_record().as_json()[:300], "only part of one"),
    ("[" * 100_000, "it is not JSON"),
    ('{"name": "left-pad"}', "not a record of this specification"),
    (_changed("schema", to=1), "has schema 1, but this specification reads only schema 2"),
    (_changed("schema", to="\x1b[2J\n"), r"has schema \x1b[2J\n, but"),
    (_changed("date", to=1), "its date"),
    (_changed("environment", to=[]), "its environment"),
    (_changed("environment", "torch", to="9" * 5000 + ".1"), "its version of PyTorch"),
    (_changed("devices", to=[]), "it has no devices"),
    (_changed("claims", "1.1.3", "cpu", "outcome", to="perhaps"), "its claims"),
    (_changed("claims", "1.1.3", "cpu", "other", to="b"), "its claims"),
    (_changed(*_SEEN, to={"a": "b"}), "its claims"),
    (_changed("costs", 0, to={"question": "What?"}), "its costs"),
    (_changed("costs", 0, "peak_bytes", to=1.5), "its costs"),
]


@pytest.mark.parametrize(("text", "says"), _BAD, ids=range(len(_BAD)))
def test_a_bad_file_is_refused_in_one_sentence_that_names_it(tmp_path, text, says):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(BadRecord) as error:
        load(path)

    assert str(path) in str(error.value)
    assert says in str(error.value)
    assert str(error.value).isprintable()


def test_a_missing_file_a_folder_and_another_encoding_are_refused(tmp_path):
    (tmp_path / "latin.json").write_bytes('{"schema": "é"}'.encode("latin-1"))

    for name, says in (
        ("none.json", "does not exist"),
        ("", "directory|denied"),
        ("latin.json", "not JSON"),
        ("x" * 5000, "too long"),
        ("a\n\x1b[2J", r"a\\n\\x1b\[2J does not exist"),
    ):
        with pytest.raises(BadRecord, match=says):
            load(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (".", "is a folder"),
        ("none/record.json", "there is no folder"),
        ("letter.txt", "is a letter"),
        ("x" * 5000, "too long"),
        ("\x1b[2J\n/a", r"\x1b[2J\n/a: there is no folder"),
        ("/dev/null", "/dev/null is not a regular file"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_in_one_sentence(tmp_path, name, says):
    (tmp_path / "letter.txt").write_text("Dear reader,")

    problem = why_not_written(tmp_path / name, lambda path: f"{path} is a letter")

    assert says in problem
    assert problem.isprintable()


def test_a_link_stays_and_the_file_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "link.json").symlink_to("file.json")

    assert why_not_written(tmp_path / "link.json", lambda _: None) is None
    assert real(tmp_path / "link.json") == tmp_path / "file.json"
    assert list(tmp_path.iterdir()) == [tmp_path / "link.json"]
