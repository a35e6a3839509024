"""A player's state: one JSON document, the same byte for byte wherever it is folded.

Keys of the document (absent where empty): `v` entries applied · `tz`, `attributes`, `cut` newest day cut short by a
move east · `xp`, `coins`, `level`, `top`, `paid` levels paid · `life` [state, since] · `last` newest activity ·
`total` metric → value · `days` metric → its days · `weeks`, `months` the same for distinct values · `caps` rule → XP
by day · `streaks` · `missions` mission → [progress, done] by period · `badges` badge → how often held (0: taken back)
· `periods` badge → how often for a period · `cool` rule → last grant · `boards` board → run → [score, reached] ·
`closed` board → newest run that left the document · `seg` board → segment · `in` segments · `rates` events by
minute and day · `gen` key → generation of its values, but for the first. Values of metrics are whole millionths, but
for counts. How days and periods are kept, and what leaves the document when, is explained in `series`.
Nothing here depends on how entries came in batches.
"""

from hashlib import blake2b
from typing import Any

import msgspec

from engine.scoring.state.memory import State

KEY_BYTES = 16
BYTES_MAX = 8192
ATTRIBUTES_BYTES_MAX = 2048

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(dict[str, Any])


def encode(state: State) -> bytes:
    """The canonical form: sorted keys, no blanks, at most `BYTES_MAX` bytes long."""
    return _encoder.encode(state)


def decode(stored: bytes | None) -> State:
    """The inverse of `encode`; a player without a state yet has an empty one."""
    return _decoder.decode(stored) if stored else {}


def without_entry_numbers(state: State) -> bytes:
    """The canonical form without the numbers of entries: the same in every installation that saw the same events."""
    boards = state.get("boards")
    if not boards:
        return encode(state)
    scores_alone = {key: {run: score[0] for run, score in runs.items()} for key, runs in boards.items()}
    return encode({**state, "boards": scores_alone})


def bucket_without_entry_number(series: str, value: Any) -> Any:
    """A bucket of a series, to go with `without_entry_numbers`."""
    return value[0] if series.startswith("b:") and isinstance(value, list) else value


def digest(*values: Any) -> bytes:
    """The short form of some JSON values, as kept in a player's sets; 1 and 1.0 are one value."""
    plain = [int(value) if type(value) is float and value.is_integer() else value for value in values]
    return blake2b(_encoder.encode(plain), digest_size=KEY_BYTES).digest()
