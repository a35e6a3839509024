"""What `laurel status` and `laurel settle` read: how much waits, for how long, and what needs attention."""

from dataclasses import dataclass
from datetime import datetime

from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class StatusSummary:
    """The state of the whole at one moment, by the database's clock; ages in seconds."""

    postgres: str
    pending: int
    oldest_pending: float
    outbox: int
    oldest_outbox: float
    applied: int
    applied_last_minute: int
    players: int
    parked: int
    faults_last_hour: int
    rulebook: int
    live_rules: int
    counting_rules: int
    beat_holder: str | None
    beat_at: datetime | None
    jobs_open: int
    plays_waiting: int
    claims_waiting: int
    wins_waiting: int
    oldest_win: float
    redemptions_by_hand: int
    redemptions_by_webhook: int
    messages_due: int
    oldest_message: float
    messages_put_off: int
    messages_failed: int


SUMMARY = """
SELECT current_setting('server_version'),
  (SELECT count(*) FROM inbox),
  (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0)::float8 FROM inbox),
  (SELECT count(*) FROM outbox),
  (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 FROM outbox),
  (SELECT sum(n)::bigint FROM shard),
  (SELECT count(*) FROM applied WHERE applied_at > clock_timestamp() - interval '1 minute'),
  (SELECT count(*) FROM player WHERE erased_at IS NULL),
  (SELECT count(*) FROM parked WHERE replayed_at IS NULL),
  (SELECT count(*) FROM rule_fault WHERE at > clock_timestamp() - interval '1 hour'),
  (SELECT max(number) FROM rulebook),
  (SELECT count(*) FROM rule WHERE status = 'live'),
  (SELECT count(*) FROM rule WHERE status = 'counting'),
  (SELECT holder FROM lease WHERE name = 'beat'),
  (SELECT until FROM lease WHERE name = 'beat'),
  (SELECT count(*) FROM job WHERE status IN ('queued', 'running')),
  (SELECT count(*) FROM play_inbox),
  (SELECT count(*) FROM claim WHERE status = 'queued'), wins.many, wins.oldest, redemptions.by_hand,
  redemptions.by_webhook, messages.due, messages.oldest, messages.put_off, messages.failed
FROM
  (SELECT count(*) AS many, coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0)::float8 AS oldest
    FROM reservation JOIN play ON play.number = reservation.play) AS wins,
  (SELECT count(*) FILTER (WHERE fulfilment <> 'webhook') AS by_hand,
    count(*) FILTER (WHERE fulfilment = 'webhook') AS by_webhook
    FROM redemption WHERE status = 'pending') AS redemptions,
  (SELECT count(*) FILTER (WHERE status = 'waiting' AND next_at <= clock_timestamp()) AS due,
    count(*) FILTER (WHERE status = 'waiting' AND next_at > clock_timestamp()) AS put_off,
    count(*) FILTER (WHERE status = 'failed') AS failed,
    coalesce(extract(epoch FROM clock_timestamp() - min(next_at)
      FILTER (WHERE status = 'waiting' AND next_at <= clock_timestamp())), 0)::float8 AS oldest
    FROM webhook_delivery WHERE status IN ('waiting', 'failed')) AS messages
"""


def summary(conn: Connection) -> StatusSummary:
    """Read everything at one moment."""
    row = conn.execute(SUMMARY).fetchone()
    assert row is not None
    return StatusSummary(*row)


def is_settled(conn: Connection) -> bool:
    """Whether no event, play, claim or relay message waits; quick however much does."""
    row = conn.execute(
        "SELECT NOT EXISTS (SELECT FROM inbox) AND NOT EXISTS (SELECT FROM outbox)"
        " AND NOT EXISTS (SELECT FROM play_inbox) AND NOT EXISTS (SELECT FROM reservation)"
        " AND NOT EXISTS (SELECT FROM claim WHERE status = 'queued')"
    ).fetchone()
    return bool(row and row[0])
