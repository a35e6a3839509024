"""Every kind is listed, offered and tested."""

from importlib.util import find_spec

from engine.kinds import GROUPS, KINDS


def test_every_kind_has_a_module_with_its_name_and_a_test():
    assert all(find_spec(f"engine.kinds.{key}") and find_spec(f"tests.engine.kinds.test_{key}") for key in KINDS)


def test_authors_are_offered_each_kind_once():
    assert sorted(kind.key for kinds in GROUPS.values() for kind in kinds) == sorted(KINDS)
