"""Leaderboards as sorted sets: absolute scores with the version that brought them. Ties: engine/scoring/BOARDS.md.

A run has one hash `v` (player's number → version|member|segment) and one sorted set `z`, plus one for each
segment. A member begins with a number that falls as the log grows, so that among equal scores Redis itself
lists first who reached it first. Nothing of a player but the number is in Redis.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache as memo
from typing import Any

import msgspec
from redis.exceptions import NoScriptError

from webapp.projections.redis import BulkSender, Redis, packed, packed_command

SEQ_MAX = 2**53
CHUNK = 500  # Redis does nothing else while the script runs

# Writes an absolute score only where its version is newer than the stored one; an empty member takes the player out.
WRITE = """#!lua
local hash, all = KEYS[1], KEYS[2]
local written = 0
for i = 1, #ARGV, 5 do
  local who, version, member, score, segment = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local kept = redis.call('HGET', hash, who)
  local old_version, old_member, old_segment = '-1', '', ''
  if kept then old_version, old_member, old_segment = string.match(kept, '^(%-?%d+)|([^|]*)|(.*)$') end
  if tonumber(version) > tonumber(old_version) then
    if old_member ~= '' and old_member ~= member then redis.call('ZREM', all, old_member) end
    if old_member ~= '' and old_segment ~= '' then redis.call('ZREM', all .. ':' .. old_segment, old_member) end
    if member ~= '' then redis.call('ZADD', all, score, member) end
    if member ~= '' and segment ~= '' then redis.call('ZADD', all .. ':' .. segment, score, member) end
    redis.call('HSET', hash, who, version .. '|' .. member .. '|' .. segment)
    written = written + 1
  end
end
return written
"""


class PlayerScore(msgspec.Struct, frozen=True, gc=False):
    """A player's absolute score in a run, as of a version of the player."""

    player: int
    version: int
    score: float
    reached: int
    segment: str | None

    @property
    def member(self) -> str:
        return f"{SEQ_MAX - self.reached:016d}:{self.player}"


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One row of a board: equal scores share a rank."""

    rank: int
    place: int
    player: int
    score: float
    member: str


def hash_key(epoch: str, board: str, run: str) -> str:
    return f"lb:{{{board}:{run}}}:{epoch}:v"


def set_key(epoch: str, board: str, run: str, segment: str | None = None) -> str:
    key = f"lb:{{{board}:{run}}}:{epoch}:z"
    return key if segment is None else f"{key}:{segment}"


def runs_key(epoch: str) -> str:
    return f"lb:runs:{epoch}"


def write(cache: Redis, epoch: str, runs: Mapping[tuple[str, str], Sequence[PlayerScore]]) -> None:
    """Write absolute scores of several runs; versions older than the stored ones change nothing."""
    calls = [
        (hash_key(epoch, *run), set_key(epoch, *run), *_arguments(scores[start : start + CHUNK]))
        for run, scores in runs.items()
        for start in range(0, len(scores), CHUNK)
    ]
    _call(cache, calls, [(runs_key(epoch), f"{board}:{run}") for board, run in runs])


def fill(sender: BulkSender, epoch: str, runs: Mapping[tuple[str, str], Sequence[PlayerScore]]) -> None:
    """Write scores of an epoch that has not begun: nobody else writes there, and each player comes once.

    So nothing is compared with what is stored, and no script runs.
    """
    if not runs:
        return
    commands = [packed_command("SADD", runs_key(epoch), [packed(f"{board}:{run}") for board, run in runs], len(runs))]
    for run, scores in runs.items():
        for start in range(0, len(scores), CHUNK):
            commands += _filling(epoch, run, scores[start : start + CHUNK])
    sender.send(commands)


def _filling(epoch: str, run: tuple[str, str], scores: Sequence[PlayerScore]) -> Iterator[bytes]:
    """The commands that write a chunk: its hash, its sorted set, and the sorted sets of its segments."""
    stored, ranked = [], []
    by_segment: dict[str, list[str]] = {}
    for score in scores:
        field, member, shown, segment = str(score.player), score.member, repr(score.score), score.segment
        pair = f"${len(shown)}\r\n{shown}\r\n${len(member)}\r\n{member}\r\n"
        ranked.append(pair)
        standing = f"{score.version}|{member}|{segment or ''}"
        stored.append(f"${len(field)}\r\n{field}\r\n{packed(standing)}")
        if segment:
            by_segment.setdefault(segment, []).append(pair)
    yield packed_command("HSET", hash_key(epoch, *run), stored, 2 * len(stored))
    yield packed_command("ZADD", set_key(epoch, *run), ranked, 2 * len(ranked))
    for segment, pairs in by_segment.items():
        yield packed_command("ZADD", set_key(epoch, *run, segment), pairs, 2 * len(pairs))


def _call(cache: Redis, calls: Sequence[tuple[Any, ...]], members: Iterable[tuple[str, str]] = ()) -> None:
    """Run the script once a call, in one trip, or two where Redis does not know it yet. Running it twice is safe."""
    members, sha = list(members), _sha(WRITE)
    while True:
        pipe = cache.pipeline(transaction=False)
        for name, member in members:
            pipe.sadd(name, member)
        for call in calls:
            pipe.evalsha(sha, 2, *call)
        try:
            pipe.execute()
        except NoScriptError:
            cache.script_load(WRITE)
        else:
            return


@memo
def _sha(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()


def _arguments(scores: Iterable[PlayerScore]) -> list[Any]:
    arguments: list[Any] = []
    for score in scores:
        arguments += [score.player, score.version, score.member, repr(score.score), score.segment or ""]
    return arguments


def forget(cache: Redis, epoch: str, players: Iterable[tuple[int, int]]) -> None:
    """Take erased players, each with the version that erased it, out of every run."""
    args = [part for number, version in players for part in (number, version, "", "0", "")]
    if not args:
        return
    runs = [name.decode().partition(":") for name in cache.smembers(runs_key(epoch))]
    _call(cache, [(hash_key(epoch, board, run), set_key(epoch, board, run), *args) for board, _, run in runs])


def total(cache: Redis, key: str) -> int:
    """How many players a run has."""
    return int(cache.zcard(key))


def page(cache: Redis, key: str, start: int, count: int) -> list[BoardRow]:
    """The standings from a place (0 is the first) on."""
    rows = cache.zrevrange(key, start, start + count - 1, withscores=True) if count > 0 else []
    if not rows:
        return []
    higher = int(cache.zcount(key, f"({rows[0][1]!r}", "+inf"))
    board_rows: list[BoardRow] = []
    for offset, (member, score) in enumerate(rows):
        is_tie = bool(board_rows) and board_rows[-1].score == score
        rank = board_rows[-1].rank if is_tie else (higher + 1 if offset == 0 else start + offset + 1)
        text = member.decode()
        board_rows.append(BoardRow(rank, start + offset, int(text.partition(":")[2]), score, text))
    return board_rows


def place_of(cache: Redis, epoch: str, board: str, run: str, player: int, segment: str | None = None) -> int | None:
    """A player's place from 0, None where the player has no score in the run."""
    stored = cache.hget(hash_key(epoch, board, run), str(player))
    member = stored.decode().split("|")[1] if isinstance(stored, bytes) else ""
    if not member:
        return None
    place = cache.zrevrank(set_key(epoch, board, run, segment), member)
    return None if place is None else int(place)


def place_after(cache: Redis, key: str, score: float, member: str) -> int:
    """The place that follows a row that was read before, even if that row has moved since."""
    place = cache.zrevrank(key, member)
    if place is not None and cache.zscore(key, member) == score:
        return int(place) + 1
    higher = int(cache.zcount(key, f"({score!r}", "+inf"))
    ties = cache.zrevrangebyscore(key, score, score)
    return higher + sum(1 for tied in ties if tied.decode() > member)
