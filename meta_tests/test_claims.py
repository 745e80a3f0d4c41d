"""The claim of a spec, from its item or from its node id alone."""

from __future__ import annotations

import pytest

from harness.run.claims import claim_at

ITEM = "specs/test_1_1_item.py"


def test_a_node_id_tells_the_claim_that_the_item_tells(laboratory):
    assert len(laboratory.specs) > 150
    for name, spec in laboratory.specs.items():
        for case in spec.cases:
            nodeid = f"specs/{name}[{case}]" if case else f"specs/{name}"
            assert claim_at(nodeid).id == spec.claim


@pytest.mark.parametrize(
    "nodeid",
    [
        "",
        "specs",
        ITEM,
        f"{ITEM}::TestItem",
        f"{ITEM}::TestItem::test_that_is_not_there",
        "specs/test_that_is_not_there.py::test_it",
        "meta_tests/test_claims.py::test_a_node_id_tells_the_claim_that_the_item_tells",
    ],
)
def test_what_is_no_spec_has_no_claim(nodeid):
    assert claim_at(nodeid) is None


def test_the_claim_of_a_class_is_that_of_its_specs_that_name_none(tmp_path, monkeypatch):
    (tmp_path / "test_some.py").write_text(
        '@claim("1.1.1")\nclass TestSome:\n'
        "    def test_one(self): ...\n"
        '    @claim("1.1.2")\n    def test_two(self): ...\n',
        encoding="utf-8",
    )
    monkeypatch.setattr("harness.run.claims.SPECS", tmp_path)

    assert claim_at("specs/test_some.py::TestSome::test_one").id == "1.1.1"
    assert claim_at("specs/test_some.py::TestSome::test_two[cpu-a::b]").id == "1.1.2"
