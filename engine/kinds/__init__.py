"""One module for each kind of rule document, which describes it completely; `KINDS` lists them.

A new kind is a module here, a line in `KINDS` and in `GROUPS`, and its test.
"""

from engine.kinds.badge import BADGE
from engine.kinds.boost import BOOST
from engine.kinds.brand import BRAND
from engine.kinds.campaign import CAMPAIGN
from engine.kinds.coupon_pool import COUPON_POOL
from engine.kinds.earning import EARNING
from engine.kinds.event_type import EVENT_TYPE
from engine.kinds.kind import Kind
from engine.kinds.leaderboard import LEADERBOARD
from engine.kinds.levels import LEVELS
from engine.kinds.lifecycle import LIFECYCLE
from engine.kinds.metric import METRIC
from engine.kinds.mission import MISSION
from engine.kinds.player_limits import PLAYER_LIMITS
from engine.kinds.reward import REWARD
from engine.kinds.segment import SEGMENT
from engine.kinds.streak import STREAK

__all__ = ["GROUPS", "KINDS", "Kind"]

GROUPS: dict[str, tuple[Kind, ...]] = {
    "Players get something": (BADGE, MISSION, EARNING, REWARD, CAMPAIGN, BOOST),
    "Something is counted": (METRIC, STREAK, LEADERBOARD, LEVELS),
    "Players and what they bring": (SEGMENT, LIFECYCLE, PLAYER_LIMITS, EVENT_TYPE, BRAND, COUPON_POOL),
}
"""The kinds in the order in which authors are offered them, under headings."""

_IN_ORDER = (
    EVENT_TYPE,
    METRIC,
    STREAK,
    LEVELS,
    EARNING,
    BADGE,
    MISSION,
    LEADERBOARD,
    BOOST,
    LIFECYCLE,
    SEGMENT,
    PLAYER_LIMITS,
    BRAND,
    COUPON_POOL,
    REWARD,
    CAMPAIGN,
)
KINDS: dict[str, Kind] = {kind.key: kind for kind in _IN_ORDER}
"""Every kind by its key, in the order in which exports list their documents."""
