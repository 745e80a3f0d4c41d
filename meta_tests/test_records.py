"""A record is read only if it is one, and written whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from harness.history import record as record_module
from harness.history.record import SCHEMA, BadRecord, CostSeen, Record, Result, load, save


def a_record(torch: str = "2.13.0+cpu", **changes: object) -> Record:
    """A small record; ``changes`` replace its fields."""
    fields = {
        "date": "2026-11-25",
        "environment": {"torch": torch, "numpy": "2.4.6", "python": "3.11.7", "system": "Linux"},
        "devices": ["cpu"],
        "claims": {
            "1.1.3": {"cpu": Result("confirmed", {"item() of two elements": "raises ValueError"})},
            "2.3.3": {"any": Result("confirmed", {"keys": ["a", "b"], "dtypes": {"a": "float32"}})},
        },
        "costs": [CostSeen("What?", "8 layers", "no_grad", "cpu", 1024, 1024, 512, 0.93)],
    }
    return Record(**{**fields, **changes})


def test_a_record_is_the_same_after_it_was_saved_and_loaded(tmp_path):
    save(a_record(), tmp_path / "a.json")

    assert load(tmp_path / "a.json") == a_record()


def test_the_same_record_gives_the_same_bytes_in_whatever_order_it_was_filled(tmp_path):
    other = a_record()
    other.claims = dict(reversed(other.claims.items()))
    other.environment = dict(reversed(other.environment.items()))

    assert other.as_json() == a_record().as_json()


def test_claims_stand_in_the_order_of_their_numbers():
    claims = {id: {"cpu": Result("confirmed")} for id in ("4.10", "4.9", "1.2.10", "1.2.9")}

    text = a_record(claims=claims).as_json()

    assert [text.index(f'"{id}"') for id in ("1.2.9", "1.2.10", "4.9", "4.10")] == sorted(
        text.index(f'"{id}"') for id in claims
    )


def test_the_release_is_the_version_without_its_build():
    assert a_record("2.13.0+cu132").release == "2.13.0"


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


ESC = "\x1b]0;\u202e"  # a title of a terminal's window, written from right to left
_SEEN = ("claims", "1.1.3", "cpu", "observations", "item() of two elements")


_DAMAGED = [
    ("", "is empty"),
    (" \n", "is empty"),
    (a_record().as_json()[:300], "only a part of one"),
    ("\0\1\2", "it is not JSON"),
    ("[" * 100_000, "it is not JSON"),
    ("9" * 10_000, "it is not JSON"),
    ("[1, 2]", "no record of this specification"),
    ('{"name": "left-pad"}', "no record of this specification"),
    (_changed("schema", to=SCHEMA + 1), "of a newer kind"),
    (_changed("schema", to="one"), "of an unknown kind"),
    (_changed("schema", to=True), "of an unknown kind"),
    (_changed("schema", to=0), "of an unknown kind"),
    (_changed("date", to=1), "its date"),
    (_changed("environment", to=[]), "its environment"),
    (_changed("environment", to={"numpy": "1"}), "its environment"),
    (_changed("environment", "torch", to="none"), "its version of PyTorch"),
    (_changed("devices", to=[]), "its devices"),
    (_changed("devices", to=["cpu", 1]), "its devices"),
    (_changed("claims", to=[]), "its claims"),
    (_changed("claims", "one", to={}), "claim 'one'"),
    (_changed("claims", "1" * 5000, to={}), "claim '1111"),
    (_changed("claims", "1.1.3", to=1), "claim '1.1.3'"),
    (_changed("claims", "1.1.3", "cpu", to={}), "claim '1.1.3'"),
    (_changed("claims", "1.1.3", "cpu", "outcome", to="perhaps"), "claim '1.1.3'"),
    (_changed("claims", "1.1.3", "cpu", "observations", to=[]), "claim '1.1.3'"),
    (_changed(*_SEEN, to=10**400), "claim '1.1.3'"),
    (_changed(*_SEEN, to={"a": {"b": {}}}), "claim '1.1.3'"),
    (_changed("claims", "1.1.3", "cpu", "failed", to=[1]), "claim '1.1.3'"),
    (_changed("costs", to={}), "its costs"),
    (_changed("costs", 0, to=1), "a cost"),
    (_changed("costs", 0, "case", to=1), "a cost"),
    (_changed("costs", 0, "peak_bytes", to=1.5), "a cost"),
    (_changed("costs", 0, "peak_bytes", to=2**70), "a cost"),
    (_changed("costs", 0, "predicted_peak_bytes", to="1"), "a cost"),
    (_changed("costs", 0, "time_ratio", to="fast"), "a cost"),
    # What stands in a line of its own is one line, and cannot act on a terminal.
    *((_changed("date", to=it), "its date") for it in (f"2026-11-25{ESC}", "²", "2026-11-25\n")),
    (_changed("environment", "torch", to=f"2.13.0{ESC}"), "its version of PyTorch"),
    (_changed("environment", "torch", to="2.13.0\n"), "its version of PyTorch"),
    (_changed("environment", "torch", to="²³.1"), "its version of PyTorch"),
    (_changed("environment", "torch", to="9" * 150 + ".1"), "its version of PyTorch"),
    (_changed("environment", "torch", to="9" * 10_000 + ".1"), "its version of PyTorch"),
    (_changed("environment", "numpy", to=f"2{ESC}"), "a version"),
    (_changed("devices", to=["cpu", f"c{ESC}"]), "its devices"),
    (_changed("devices", to=["c" * 50]), "its devices"),
    (_changed("claims", "1.1.3", f"c{ESC}", to={"outcome": "failed"}), "a device of claim"),
    (_changed("claims", "1.1.3", "cpu", "failed", to=["a\nb"]), "a spec of claim '1.1.3'"),
    (_changed("claims", "1.1.3", "cpu", "failed", to=[ESC]), "a spec of claim '1.1.3'"),
    (_changed("costs", 0, "device", to=ESC), "a cost"),
    (_changed(*_SEEN, to="\udcff"), "half a character"),
    (_changed("date", to="\ud800"), "half a character"),
    # Of two entries of one name the second would hide the first.
    (a_record().as_json()[:-3] + ', "claims": {}}', "has 'claims' twice in one place"),
    (a_record().as_json().replace('"2.3.3"', '"1.1.3"'), "has '1.1.3' twice in one place"),
    (_changed("schema", to=10**4000), "of a newer kind (schema 1000"),
    # No record says so much that its comparison would take long, or fill the screen.
    (_changed(*_SEEN, to={str(i): "" for i in range(50_000)}), "more than any record"),
    (_changed(*_SEEN[:-1], to={str(i): "" for i in range(50_000)}), "more than any record"),
    (_changed("devices", to=["cpu"] * 50_000), "more than any record"),
    (_changed("claims", "1.1.3", "cpu", "failed", to=["a"] * 50_000), "more than any record"),
    (
        _changed("claims", "1.1.3", to={f"d{i}": {"outcome": "failed"} for i in range(50_000)}),
        "more than any record",
    ),
]


@pytest.mark.parametrize(("text", "says"), _DAMAGED, ids=range(len(_DAMAGED)))
def test_what_is_no_record_is_refused_in_one_sentence_that_names_the_file(tmp_path, text, says):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(BadRecord) as error:
        load(path)

    assert str(path) in str(error.value)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300


def test_a_file_that_is_not_there_a_folder_and_one_in_another_encoding_are_refused(tmp_path):
    (tmp_path / "latin.json").write_bytes('{"schema": "é"}'.encode("latin-1"))

    for name, says in (("none.json", "does not exist"), ("", "folder"), ("latin.json", "JSON")):
        with pytest.raises(BadRecord, match=says):
            load(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")

    with pytest.raises(BadRecord, match=r"pipe\.json is no ordinary file"):
        load(tmp_path / "pipe.json")


def test_a_name_that_is_no_files_is_refused_in_a_sentence_that_is_one_line_and_not_long(tmp_path):
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")

    for name in ("loop.json", "x" * 5000, "a\n\x1b[2J"):
        with pytest.raises(BadRecord) as error:
            load(tmp_path / name)
        assert str(error.value).isprintable()
        assert len(str(error.value)) < 2500


@pytest.mark.parametrize(
    ("value", "says"), [("x" * record_module.LARGEST, "larger than any"), ("\udcff", "half a char")]
)
def test_what_could_not_be_read_again_is_not_written(tmp_path, value, says):
    claims = {"1.1.3": {"cpu": Result("confirmed", {"name": value})}}

    with pytest.raises(BadRecord, match=says):
        save(a_record(claims=claims), tmp_path / "a.json")

    assert list(tmp_path.iterdir()) == []


def test_a_file_too_large_for_a_record_is_not_even_parsed(tmp_path, monkeypatch):
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
        file.seek(0)
        file.write(b"[")
    monkeypatch.setattr(record_module.json, "loads", lambda _: pytest.fail("it was parsed"))

    with pytest.raises(BadRecord, match="larger than any record"):
        load(path)


def test_a_pickle_is_not_executed(tmp_path):
    path = Path(tmp_path, "a.json")
    path.write_bytes(b"cos\nsystem\n(S'touch " + str(tmp_path / "pwned").encode() + b"'\ntR.")

    with pytest.raises(BadRecord):
        load(path)

    assert not (tmp_path / "pwned").exists()
