"""The slow part of a publication: history is counted, then the rules go live, then history is awarded."""

from collections.abc import Callable
from typing import Any

from webapp import projections
from webapp.config import Settings
from webapp.services.history.award_history import award_history
from webapp.services.history.seed_states import seed_states
from webapp.services.publishing.publish import AWARD_SILENTLY, FROM_NOW, check_documents, take_up
from webapp.store.rules import publication_facts, rule_versions
from webapp.store.system import slow_job_rows
from webapp.store.system.connection import connect
from webapp.store.system.slow_job_rows import SlowJob

WENT_LIVE = "went_live"
"""The parameter of the job that holds the number of the rulebook which made the rules live, once there is one."""


class PublicationRefused(Exception):  # noqa: N818  (told to whoever published; no error of ours)
    """Documents that passed the checks no longer fit what went live in the meantime."""


def run_publication_job(settings: Settings, job: SlowJob) -> dict[str, Any]:
    """Carry out the publication of a job; run again, it continues where it stopped, and does nothing twice.

    Raises `PublicationRefused` if the documents no longer fit the live rules.
    """
    params, on_progress = job.params, _keep_lease(settings, job)
    if params["counting"]:
        seed_states(settings, [*params["counting"], *params["recounting"]], params["since"], on_progress)
    if params["recounting"]:  # leaderboards on which some players no longer have a score
        projections.rebuild(settings)
    number = _go_live(settings, job)
    awarded = 0
    if params["past"] != FROM_NOW and params["awarding"]:
        silently = params["past"] == AWARD_SILENTLY
        awarded = award_history(settings, params["awarding"], number, on_progress, silently=silently)
    return {"rulebook": number, "awarded": awarded}


def finish_now(settings: Settings, job_id: str) -> dict[str, Any] | None:
    """Run a publication job here and now; None if a worker has it already. If this fails, a worker takes it over."""
    with connect(settings.database_url) as conn:
        job = slow_job_rows.take(conn, job_id)
        conn.commit()
    if job is None:
        return None
    result = run_publication_job(settings, job)
    with connect(settings.database_url) as conn:
        slow_job_rows.finish(conn, job.id, result)
        conn.commit()
    return result


def _go_live(settings: Settings, job: SlowJob) -> int:
    """Write the second rulebook and return its number; run again, it is the same number.

    Where everything is live as it is, that is the live rulebook: a rule that comes back unchanged has been in older
    ones, but what happened since has not been judged by it.
    """
    if WENT_LIVE in job.params:
        number: int = job.params[WENT_LIVE]
        return number
    versions: dict[str, int] = job.params["versions"]
    with connect(settings.database_url) as conn:
        rule_versions.lock(conn)
        if any(publication_facts.is_not_live_yet(conn, key, version) for key, version in versions.items()):
            problems, _ = check_documents(conn, publication_facts.documents_of(conn, versions), publish=True)
            if problems:
                raise PublicationRefused("; ".join(f"{problem.path}: {problem.message}" for problem in problems))
            number = take_up(conn, versions, job.created_by)
        else:
            number = rule_versions.live_number(conn)
        slow_job_rows.add_params(conn, job.id, {WENT_LIVE: number})
        conn.commit()
        return number


def _keep_lease(settings: Settings, job: SlowJob) -> Callable[[int, int], None]:
    def on_progress(done: int, total: int) -> None:
        with connect(settings.database_url) as conn:
            slow_job_rows.progress(conn, job.id, done, total)
            conn.commit()

    return on_progress
