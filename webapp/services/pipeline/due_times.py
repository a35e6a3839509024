"""When players are next due is worked out anew, page by page, where a rulebook lets time pass in another way.

Whoever plays is looked at by the drain. This is for all others: a lifecycle that is new, changed or resumed applies to
players of whom nothing is heard any more.
"""

from engine.kinds import KINDS
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.player_state import decode
from engine.scoring.views.due import due_at
from webapp.config import Settings
from webapp.store.events import shards
from webapp.store.players import due_players
from webapp.store.rules import rulebooks
from webapp.store.system.connection import Connection, connect

PAGES_AT_ONCE = 100
PAGE = 500


def renew_dues(settings: Settings) -> int:
    """Go on with the live rulebook, some pages at a time; gives how many players were looked at."""
    seen = 0
    with connect(settings.database_url) as conn:
        for _ in range(PAGES_AT_ONCE):
            found = _renew_page(conn)
            conn.commit()
            if found is None:
                break
            seen += found
    return seen


def _renew_page(conn: Connection) -> int | None:
    """One page; None where all is done. A newer rulebook begins anew, unless time passes in it as before."""
    live = rulebooks.live(conn)
    place = due_players.place(conn)
    if place.rulebook != live.number:
        is_same = place.is_done and _timed(conn, place.rulebook) == _timed(conn, live.number)
        place = due_players.Place(live.number, len(shards.ALL) if is_same else 0, 0)
    elif place.is_done:
        return None
    found = 0 if place.is_done else _renew_players(conn, place, live)
    is_over = found < PAGE and not place.is_done
    due_players.keep(conn, place.next_shard() if is_over else place)
    return found


def _renew_players(conn: Connection, place: due_players.Place, book: Rulebook) -> int:
    shards.lock(conn, place.shard)
    rows = due_players.states(conn, place.shard, place.after, PAGE)
    due_players.save(conn, [(number, due_at(decode(state), book)) for number, state in rows])
    if rows:
        place.after = rows[-1][0]
    return len(rows)


def _timed(conn: Connection, number: int) -> dict[str, object]:
    documents = rulebooks.documents(conn, number)
    return {key: each for key, each in documents.items() if KINDS[each["kind"]].changes_with_time}
