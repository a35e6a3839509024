"""What one shard's history says of a draft, as plain JSON."""

from typing import Any

from webapp.services.backtest.backtest_context import Lens
from webapp.services.backtest.follow_up_awards import paid_now
from webapp.services.backtest.replay_shard import Replay, replay
from webapp.services.publishing.publish import AWARDING_KINDS
from webapp.store.system.connection import Connection

CASES = ("hits", "near", "lost")
Found = dict[str, Any]


def look_through(conn: Connection, lens: Lens, shard: int) -> Found:
    """What the draft would have given in one shard; nothing is written."""
    found, draft = replay(conn, lens, shard), lens.draft
    payable = found.payable if draft.document["kind"] in AWARDING_KINDS else []
    paid = paid_now(conn, draft.key, payable, lens.paying)
    counts = {**_counts(found), "payable": paid.awards.to_json(), "follows": paid.follows()}
    return {"entries": found.entries, "counts": counts, "cases": {name: list(getattr(found, name)) for name in CASES}}


def _counts(found: Replay) -> Found:
    mine, theirs = found.found.players, found.rival.players
    return {
        "seen": {"players": len(found.seen.players), "events": found.seen.sums["events"]},
        "draft": found.found.to_json(),
        "live": found.rival.to_json(),
        "gained": len(mine - theirs),
        "lost": len(theirs - mine),
    }
