"""The one subscription to Redis: who listens gets the messages, and nothing stays behind of who has left."""

import redis

from tests.asgi import run
from webapp.config import Settings
from webapp.live.fanout import WAITING_MAX, Fanout, Listener
from webapp.projections.live_messages import publish


def test_of_a_channel_that_nobody_listens_to_nothing_stays(settings: Settings) -> None:
    async def listen() -> None:
        fanout = Fanout(settings)
        for number in range(5):
            with fanout.listen(f"live:play:shop:p{number}"), fanout.listen(f"live:play:shop:p{number}"):
                assert len(fanout._listeners) == 1
        assert not fanout._listeners
        await fanout.close()

    run(listen())


def test_who_stays_on_a_channel_still_gets_messages_after_another_has_left(settings: Settings) -> None:
    async def listen() -> bytes:
        fanout, cache = Fanout(settings), redis.Redis.from_url(settings.cache_url)
        with fanout.listen("live:play:shop:p1") as staying:
            with fanout.listen("live:play:shop:p1"):
                pass
            while (message := await staying.next_message(0.05)) is None:  # until the subscription stands
                cache.publish("live:play:shop:p1", b"{}")
        await fanout.close()
        return message

    assert run(listen()) == b"{}"


def test_a_listener_that_does_not_keep_up_loses_messages_and_blocks_nobody() -> None:
    async def overflow() -> list[bytes | None]:
        listener = Listener()
        for number in range(WAITING_MAX + 5):
            listener.put(str(number).encode())
        return [await listener.next_message(0.01) for _ in range(WAITING_MAX + 1)]

    messages = run(overflow())
    assert messages == [*(str(number).encode() for number in range(WAITING_MAX)), None]


def test_messages_that_travel_together_arrive_on_their_channels(settings: Settings) -> None:
    async def listen() -> tuple[bytes | None, bytes | None]:
        fanout, cache = Fanout(settings), redis.Redis.from_url(settings.cache_url)
        with fanout.listen("live:player:ada") as ada, fanout.listen("live:player:grace") as grace:
            while (first := await ada.next_message(0.05)) is None:  # until the subscription stands
                publish(cache, {"live:player:ada": "7", "live:player:grace": "8", "live:feed": "[]"})
            second = await grace.next_message(0.05)
        await fanout.close()
        return first, second

    assert run(listen()) == (b"7", b"8")
