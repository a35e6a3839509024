"""Checks one draw of a campaign that is over, from its public seed, as anybody can with HMAC-SHA-256 alone."""

from dataclasses import dataclass
from shlex import quote

from engine.coupons.draws import DRAW_RANGE, draw_number
from engine.coupons.play import NO_LUCK, WON
from webapp.config import Settings
from webapp.services.campaigns.campaign_seeds import seed_of
from webapp.store.campaigns import game_figures
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class CheckedDraw:
    """A decided play: what its log says, and what follows from the seed.

    Where nothing was drawn, because the play could not win whatever was drawn, `written` and `derived` are None.
    """

    game: str
    play: str
    outcome: str
    reason: str
    chance: tuple[int, int]
    written: int | None
    derived: int | None

    @property
    def share(self) -> float:
        """The draw as a number from 0 to 1."""
        return (self.derived or 0) / DRAW_RANGE

    @property
    def probability(self) -> float:
        """The chance that the play had, from 0 to 1."""
        return self.chance[0] / self.chance[1]

    @property
    def is_below_chance(self) -> bool:
        """Whether the draw wins; compared without rounding."""
        numerator, denominator = self.chance
        return self.derived is not None and self.derived * denominator < numerator * DRAW_RANGE

    @property
    def is_right(self) -> bool:
        """Whether the draw follows from the seed, and the outcome from the draw."""
        if self.derived is None:
            return self.outcome != WON
        return self.derived == self.written and self.is_below_chance == (self.outcome == WON)


def check_draw(conn: Connection, settings: Settings, campaign: Campaign, name: str) -> CheckedDraw | None:
    """Check the draw of a play by its name, `app:play_id`; None where the campaign decided no such play.

    The campaign's seed has to be public.
    """
    assert campaign.is_closed, "a draw could be foreseen from what this tells"
    decided = game_figures.decided_play(conn, campaign.key, name)
    if decided is None:
        return None
    game, content = decided
    is_drawn = content["reason"] in {WON, NO_LUCK}
    return CheckedDraw(
        game=game,
        play=name,
        outcome=content["outcome"],
        reason=content["reason"],
        chance=(content["chance"][0], content["chance"][1]),
        written=content["draw"] if is_drawn else None,
        derived=draw_number(seed_of(conn, settings, campaign), "play", game, name) if is_drawn else None,
    )


def shell_command(seed: str, game: str, play: str) -> str:
    """What prints the draw of a play with nothing but OpenSSL: the first 16 digits, in hexadecimal."""
    return (
        f"printf 'play\\037%s\\037%s' {quote(game)} {quote(play)}"
        f" | openssl dgst -sha256 -mac HMAC -macopt hexkey:{seed} | sed 's/.*= *//' | cut -c 1-16"
    )
