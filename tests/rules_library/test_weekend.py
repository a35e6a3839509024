"""The demo's campaign is sound, open now, and has editions that stand beside each other."""

from datetime import UTC, datetime, timedelta

from engine.documents.document import Document
from engine.rules.parse_documents import parse_documents
from rules_library import weekend
from webapp.runtime.zones import ZONES

NOW = datetime(2026, 11, 21, 7, 40, 12, tzinfo=UTC)


def test_the_first_game_is_open_since_the_last_full_minute_and_the_others_follow():
    games = weekend.documents(NOW)[0]["games"]
    starts = [datetime.fromisoformat(game["starts_at"]) for game in games]
    assert starts[0] == datetime(2026, 11, 21, 7, 40, tzinfo=UTC)
    assert starts[1] - starts[0] == timedelta(days=1)
    assert datetime.fromisoformat(games[0]["ends_at"]) - starts[0] == timedelta(hours=5)


def test_a_campaign_that_is_over_is_followed_by_one_with_keys_of_its_own():
    documents = [weekend.documents(NOW, edition)[0] for edition in (1, 2)]
    keys = [{document["key"], *(game["key"] for game in document["games"])} for document in documents]
    assert not keys[0] & keys[1]
    assert documents[1]["key"] == weekend.key_of(2) == "friday_weekend_2"


def test_both_editions_are_admitted_beside_each_other():
    first, second = weekend.documents(NOW), weekend.documents(NOW, 2)
    parsed = parse_documents([*first, second[0]], zones=ZONES)
    assert [parsed_document for parsed_document in parsed if not isinstance(parsed_document, Document)] == []
