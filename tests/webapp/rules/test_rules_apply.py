"""`laurel rules apply` and `export`: the whole file or nothing, and back again."""

import json

import pytest

from tests.webapp.rules.conftest import CONTRACT
from tests.webapp.rules.documents import LESSON_XP, LESSONS, TEN_LESSONS
from webapp.store.people import audit
from webapp.store.rules import rule_versions


def test_the_documents_of_the_contract_are_applied_and_exported_unchanged(laurel):
    assert laurel("rules", "apply", CONTRACT, "--publish").exit_code == 0
    exported = {document["key"]: document for document in json.loads(laurel("rules", "export").stdout)}
    assert exported == {document["key"]: document for document in json.loads(CONTRACT.read_text())}


def test_applying_an_export_changes_nothing(laurel, written, database):
    laurel("rules", "apply", CONTRACT, "--publish")
    before = rule_versions.live_number(database)
    applied_again = laurel("rules", "apply", written(*json.loads(laurel("rules", "export").stdout)), "--publish")
    assert (applied_again.exit_code, rule_versions.live_number(database)) == (0, before)
    assert {rule.latest_version for rule in rule_versions.all_rules(database)} == {1}


def test_without_publish_rules_are_drafts(laurel, written, status, database):
    assert laurel("rules", "apply", written(LESSONS, LESSON_XP)).exit_code == 0
    assert (status("lessons"), status("lesson_xp"), rule_versions.live_number(database)) == ("draft", "draft", 0)


def test_a_published_rule_is_in_the_rulebook_with_its_audit_entry(laurel, written, database):
    laurel("rules", "apply", written(LESSON_XP), "--publish")
    assert [
        version.key for version in rule_versions.rulebook_versions(database, rule_versions.live_number(database))
    ] == ["lesson_xp"]
    assert [entry.action for entry in audit.entries(database, subject="lesson_xp")] == ["rule.published"]


def test_one_problem_refuses_all_files_and_names_file_path_and_reason(laurel, written, status):
    good = written(LESSONS, LESSON_XP, name="good.json")
    bad = written(TEN_LESSONS | {"tier": "tin"}, TEN_LESSONS | {"key": "Ten"}, name="bad.json")
    done = laurel("rules", "apply", good, bad, "--publish")
    assert done.exit_code == 1
    assert f"{bad}: /0/tier: " in done.stderr
    assert f"{bad}: /1/key: " in done.stderr
    assert (status("lessons"), status("ten_lessons")) == (None, None)


REFUSED = [
    (LESSON_XP | {"surprise": 1}, "/0/surprise"),
    (LESSON_XP | {"grant": {"xp": -1}}, "/0/grant/xp"),
    (LESSON_XP | {"condition": {"method": [{"var": "event.type"}, "upper"]}}, "/0/condition/method"),
    (LESSON_XP | {"condition": {"==": [{"var": "event.properties.x"}, None]}}, "/0/condition/=="),
    (LESSON_XP | {"condition": {">": [{"var": "metric.none.total"}, 1]}}, "/0/condition/>/0"),
    (LESSON_XP | {"limits": {"once_per": ["metric.lessons.total"]}}, "/0/limits/once_per/0"),
    (LESSONS | {"aggregate": "sum"}, "/0/property"),
    (LESSONS | {"filter": {">": [{"var": "player.xp"}, 1]}}, "/0/filter/>/0"),
    ({"kind": "magic", "key": "m", "name": "M"}, "/0/kind"),
    ("no object", "/0"),
]


@pytest.mark.parametrize(("document", "path"), REFUSED, ids=[path for _, path in REFUSED])
def test_each_refusal_points_at_what_is_wrong(laurel, written, document, path):
    done = laurel("rules", "apply", written(document))
    assert done.exit_code == 1
    assert any(f": {path}" in line for line in done.stderr.splitlines()), done.stderr


def test_a_key_in_two_files_is_refused(laurel, written):
    first, second = written(LESSONS, name="a.json"), written(LESSONS, name="b.json")
    done = laurel("rules", "apply", first, second)
    assert done.exit_code == 1
    assert f"{second}: /0/key: duplicate key 'lessons'" in done.stderr


def test_a_key_belongs_to_one_kind_for_ever(laurel, written):
    laurel("rules", "apply", written(LESSON_XP), "--publish")
    laurel("rules", "archive", "lesson_xp")
    done = laurel("rules", "apply", written(LESSONS | {"key": "lesson_xp"}))
    assert done.exit_code == 1
    assert "/0/key: 'lesson_xp' is already the key of another kind of rule: earning" in done.stderr


def test_a_published_rule_may_not_read_a_draft(laurel, written):
    assert laurel("rules", "apply", written(LESSONS)).exit_code == 0
    assert laurel("rules", "apply", written(TEN_LESSONS)).exit_code == 0
    done = laurel("rules", "apply", written(TEN_LESSONS), "--publish")
    assert done.exit_code == 1
    assert "unknown metric 'lessons'" in done.stderr


@pytest.mark.parametrize("text", ["{}", "[", '[{"kind": "metric", "kind": "badge"}]', "\udcff"])
def test_a_file_that_is_not_a_list_of_documents_is_refused(laurel, tmp_path, text):
    path = tmp_path / "rules.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    done = laurel("rules", "apply", path)
    assert done.exit_code == 1
    assert str(path) in done.stderr


def test_a_changed_document_becomes_a_new_version_and_the_old_one_stays(laurel, written, database):
    laurel("rules", "apply", written(LESSON_XP), "--publish")
    laurel("rules", "apply", written(LESSON_XP | {"grant": {"xp": 20}}), "--publish")
    assert [document["grant"]["xp"] for _, document, _, _ in rule_versions.versions_of(database, "lesson_xp")] == [
        20,
        10,
    ]
    assert [version.version for version in rule_versions.rulebook_versions(database, 1)] == [1]
    assert [version.version for version in rule_versions.rulebook_versions(database, 2)] == [2]


def test_a_draft_beside_a_live_version_changes_nothing_that_is_live(laurel, written, database, status):
    laurel("rules", "apply", written(LESSON_XP), "--publish")
    laurel("rules", "apply", written(LESSON_XP | {"name": "Later"}))
    rule = rule_versions.rule(database, "lesson_xp")
    assert (rule.status, rule.name, rule.live_version, rule.latest_version) == ("live", "XP for a lesson", 1, 2)


def test_export_names_what_it_does_not_know(laurel):
    done = laurel("rules", "export", "nothing")
    assert done.exit_code == 1
    assert "no such rule: nothing" in done.stderr


def test_only_rules_that_go_live_award_the_past(laurel, written):
    assert laurel("rules", "apply", written(LESSON_XP), "--past", "award").exit_code == 2
