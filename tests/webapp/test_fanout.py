"""The live server's one ear on Redis: who listens hears, and nothing stays behind of who has left."""

import redis

from webapp.config import Settings
from webapp.live.fanout import Fanout, next_message


def test_a_channel_without_listeners_leaves_nothing_behind(settings: Settings) -> None:
    fanout = Fanout(settings)
    for number in range(5):
        with fanout.listen(f"live:play:shop:p{number}"), fanout.listen(f"live:play:shop:p{number}"):
            assert len(fanout._listeners) == 1
    assert not fanout._listeners


def test_a_listener_still_hears_after_another_has_left(settings: Settings) -> None:
    fanout, cache = Fanout(settings), redis.Redis.from_url(settings.cache_url)
    with fanout.listen("live:play:shop:p1") as staying:
        with fanout.listen("live:play:shop:p1"):
            pass
        while (heard := next_message(staying, 0.05)) is None:  # until its ear is open
            cache.publish("live:play:shop:p1", b"{}")
        assert heard == b"{}"
