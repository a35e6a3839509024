"""What must never be committed: plays, coupons, claims, redemptions and reservations that contradict each other."""

from typing import Any

from webapp.store.system.connection import Connection

STRANDED = """
SELECT 'a play won without its coupon', p.number, p.coupon FROM play p LEFT JOIN coupon c ON c.id = p.coupon
  WHERE p.status = 'won' AND (c.play IS DISTINCT FROM p.number OR c.state IN ('available', 'reserved'))
UNION ALL
SELECT 'a coupon is held by a play that did not win it', c.id, c.play
  FROM coupon c LEFT JOIN play p ON p.number = c.play
  WHERE c.play IS NOT NULL AND c.state <> 'reserved' AND p.coupon IS DISTINCT FROM c.id
UNION ALL
SELECT 'a play waits although it is decided', p.number, NULL FROM play_inbox i JOIN play p USING (number)
  WHERE p.status <> 'queued'
UNION ALL
SELECT 'a play neither waits nor is decided', p.number, NULL FROM play p
  WHERE p.status = 'queued' AND NOT EXISTS (SELECT FROM play_inbox i WHERE i.game = p.game AND i.number = p.number)
  AND NOT EXISTS (SELECT FROM coupon c WHERE c.play = p.number AND c.state = 'reserved')
UNION ALL
SELECT 'a coupon is reserved but no provider is asked for it', c.id, c.play FROM coupon c
  LEFT JOIN reservation r ON r.coupon = c.id WHERE c.state = 'reserved' AND r.play IS DISTINCT FROM c.play
UNION ALL
SELECT 'a requested coupon is not reserved', r.coupon, r.play FROM reservation r JOIN coupon c ON c.id = r.coupon
  JOIN play p ON p.number = r.play WHERE c.state <> 'reserved' OR c.pool <> r.pool OR p.status <> 'queued'
UNION ALL
SELECT 'a coupon is held by a claim that was not granted it', c.id, NULL FROM coupon c
  LEFT JOIN claim k ON k.id = c.claim LEFT JOIN redemption r ON r.coupon = c.id
  WHERE c.claim IS NOT NULL AND c.state <> 'reserved' AND k.coupon IS DISTINCT FROM c.id AND r.number IS NULL
UNION ALL
SELECT 'the stock taken of a reward is not what was redeemed', s.taken, NULL FROM reward_stock s
  WHERE s.taken <> (SELECT count(*) FROM redemption r WHERE r.reward = s.reward AND r.status <> 'refunded')
"""


def stranded_prizes(conn: Connection) -> list[tuple[str, int, Any]]:
    """Every contradiction: (what, id, id of the other). There should be none."""
    return [(row[0], row[1], row[2]) for row in conn.execute(STRANDED)]
