"""Folds a sample of real submissions by every rule of two packs and prints which engine did it and what it came to."""

import hashlib
import json
from itertools import islice

from engine import compiled
from engine.scoring.fold import fold
from engine.scoring.state import player_state
from engine.scoring.state.memory import Player
from engine.vocabulary.entry import TICK, Entry
from rules_library import demo, examples, pack
from tests.builders import DAY, make_entry
from webapp.runtime.zones import ZONES

SAMPLE = 4_000
SUBMISSIONS = islice(demo.submissions(), SAMPLE)


def main() -> None:
    """Print the engine's name and a digest of every outcome, state and memory."""
    documents = [document for name in ("starter", "assessments") for document in pack(name).documents]
    book = examples.book_of(documents, ZONES)
    players: dict[str, Player] = {}
    digest = hashlib.sha256()

    def take(player: Player, entry: Entry) -> None:
        outcome = fold(player, entry, book)
        digest.update(json.dumps(outcome.to_json(), sort_keys=True).encode())
        digest.update(repr([outcome.boards, outcome.ledger]).encode())

    for number, sent in enumerate(SUBMISSIONS, start=1):
        player = players.setdefault(sent.player, Player(len(players) + 1))
        at = int(sent.occurred_at.timestamp()) * 1_000_000
        take(player, make_entry(sent.type, at, seq=number, player=player.number, properties=sent.properties))
    for player in players.values():
        take(player, make_entry(TICK, at + 200 * DAY, player=player.number, app="laurel"))
        digest.update(player_state.encode(player.state))
        digest.update(repr([sorted(player.memory.keys), sorted(player.memory.past.items())]).encode())
    print(json.dumps([compiled.describe(), digest.hexdigest()]))


if __name__ == "__main__":
    main()
