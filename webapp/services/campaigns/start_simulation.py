"""Starts and stops the simulation of a game: the slow job whose progress a page shows."""

from dataclasses import dataclass
from typing import Any

from webapp.config import Settings
from webapp.queue import slow_jobs
from webapp.services.campaigns.planned_campaigns import PlannedCampaign
from webapp.store.campaigns import game_figures
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.system import page_jobs
from webapp.store.system.connection import connect

SIMULATE = "simulate"


@dataclass(frozen=True, slots=True)
class SimulationRequest:
    """What is to be simulated: `runs` seeds from the first on; `traffic` has a shape, plays, players and a peak."""

    traffic: dict[str, Any]
    coupons: int
    first_seed: int
    runs: int


def start_simulation(
    settings: Settings, campaign: Campaign | PlannedCampaign, game: dict[str, Any], request: SimulationRequest, by: str
) -> None:
    """Have a game of a campaign simulated; a simulation of it that still runs is stopped."""
    key = game["key"]
    with connect(settings.database_url) as conn:
        counted = game_figures.plays_by_slice(conn, key) if request.traffic["shape"] == "replay" else []
        params = {
            "subject": simulation_subject(campaign.key, key),
            "game": game,
            "traffic": request.traffic | {"counted": counted},
            "coupons": request.coupons,
            "seed": request.first_seed,
            "runs": request.runs,
            "limits": campaign.document.get("limits"),
            "timezone": campaign.document.get("timezone"),
        }
        job = page_jobs.start(conn, SIMULATE, params, by)
        conn.commit()
    slow_jobs.enqueue_job(settings, job)


def stop_simulation(settings: Settings, campaign: str, game: str) -> None:
    """Stop the simulation of a game that runs, if one does; it stops when it next reports its progress."""
    with connect(settings.database_url) as conn:
        page_jobs.cancel(conn, SIMULATE, simulation_subject(campaign, game))
        conn.commit()


def simulation_subject(campaign: str, game: str) -> str:
    """The subject under which the simulations of a game are found."""
    return f"{campaign}/{game}"
