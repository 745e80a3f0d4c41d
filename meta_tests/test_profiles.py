"""How many examples a property gets, by profile."""

from __future__ import annotations

import re

from hypothesis import settings

from meta_tests.copies import copy_project, edit, run

ITEM = "specs/test_1_1_item.py"
PROPERTY = "test_item_of_an_integer_tensor_is_the_same_int"


def ends(*arguments: str, **options: object) -> dict[str, str]:
    """Why Hypothesis stopped trying each property: enough examples, or none that are new."""
    said = run("--hypothesis-show-statistics", "--device=cpu", *arguments, **options).stdout
    return dict(re.findall(r"^(\S+::\S+):$.*?Stopped because (.*?)$", said, re.MULTILINE | re.S))


def test_the_profiles_have_the_examples_that_the_readme_promises():
    assert settings.get_profile("specification").max_examples >= 20
    assert settings.get_profile("explore").max_examples >= 1000


def test_every_property_tries_all_examples_of_the_profile():
    stopped = ends("specs")

    assert len(stopped) > 150
    enough = {
        f"settings.max_examples={settings.get_profile('specification').max_examples}",
        "nothing left to do",
    }
    assert {name: why for name, why in stopped.items() if why not in enough} == {}


def test_a_spec_with_fewer_examples_of_its_own_is_seen(tmp_path):
    copy = copy_project(tmp_path)
    edit(copy / ITEM, "from hypothesis import given", "from hypothesis import given, settings")
    edit(
        copy / ITEM,
        "    @given(tensor=tensors(INTEGERS, ONE_ELEMENT))",
        "    @settings(max_examples=1)\n    @given(tensor=tensors(INTEGERS, ONE_ELEMENT))",
    )

    stopped = ends(ITEM, cwd=copy)

    assert stopped[f"{ITEM}::TestItem::{PROPERTY}[cpu]"] == "settings.max_examples=1"
