"""The coupons of a game: the list, files of codes with what is wrong with them, single coupons taken back."""

import csv
import io
from collections.abc import Iterator

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from webapp.http.access import Role, actor, allow, settings
from webapp.http.form_base import choices
from webapp.http.htmx import render
from webapp.pages.campaigns.forms import UploadForm
from webapp.pages.campaigns.terms import games_of, names_of
from webapp.pages.layout import database, may
from webapp.queue import slow_jobs
from webapp.services.coupons import code_uploads as files
from webapp.services.coupons.coupon_redemption import CouponNotRedeemable, void_issued_coupon
from webapp.store.campaigns import campaign_rows, code_uploads, coupons, pools
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.campaigns.code_uploads import CodeUpload
from webapp.store.campaigns.coupons import Coupon
from webapp.store.campaigns.pools import CouponPool
from webapp.store.people import audit
from webapp.store.system import page_jobs
from webapp.store.system.connection import Connection
from webapp.store.system.page_jobs import PageJob

blueprint = Blueprint("coupons", __name__, url_prefix="/campaigns/<key>/games/<game>/codes")

PAGE = 50
EXPORT_PAGE = 2_000
PROBLEMS_SHOWN = 100
UPLOADS_SHOWN = 10
FILE_BYTES_MAX = 20 * 1024 * 1024
RISKY = "=+-@\t\r"


@blueprint.get("")
@allow(role=Role.VIEWER)
def show(key: str, game: str) -> ResponseReturnValue:
    """The coupons of one brand, page by page, and the files they came from."""
    with database() as conn:
        return _page(conn, key, game, UploadForm(formdata=None))


def _page(conn: Connection, key: str, game: str, form: UploadForm) -> str:
    campaign, budgets = _budgets(conn, key, game)
    names = _names(campaign, game)
    form.brand.choices = choices({brand: names.get(brand, brand) for brand in budgets})
    brand = request.args.get("brand", "")
    pool = budgets.get(brand) or next(iter(budgets.values()))
    after = request.args.get("after", "0")
    rows = coupons.pool_coupons(conn, pool.id, int(after) if after.isdecimal() else 0, PAGE + 1)
    sent = code_uploads.uploads_of_pools(conn, [each.id for each in budgets.values()], UPLOADS_SHOWN)
    return render_template(
        "campaigns/coupons.html",
        campaign=campaign,
        game=game,
        budgets=budgets,
        names=names,
        pool=pool,
        rows=rows[:PAGE],
        more=rows[PAGE - 1].id if len(rows) > PAGE else None,
        files=sent,
        form=form,
        may_change=may(Role.PUBLISHER),
    )


@blueprint.post("")
@allow(role=Role.PUBLISHER)
def send(key: str, game: str) -> ResponseReturnValue:
    """Take a file of codes to be read; nothing is changed by that yet."""
    form = UploadForm()
    with database() as conn:
        _, budgets = _budgets(conn, key, game)
        form.brand.choices = choices({brand: brand for brand in budgets})
        if not form.validate_on_submit():
            return _page(conn, key, game, form), 422
        content = form.file.data.read(FILE_BYTES_MAX + 1)
        if len(content) > FILE_BYTES_MAX:
            form.add_error(form.file, f"At most {FILE_BYTES_MAX // 1024 // 1024} MiB; split the file.")
            return _page(conn, key, game, form), 422
        number = code_uploads.insert_upload(
            conn, budgets[form.brand.data].id, form.file.data.filename, content, actor()
        )
        job = files.start_upload_job(conn, files.READ, number, actor())
        conn.commit()
    slow_jobs.call(settings(), job)
    return redirect(url_for(".show_file", key=key, game=game, number=number), 303)


@blueprint.get("/files/<int:number>")
@allow(role=Role.VIEWER)
def show_file(key: str, game: str, number: int) -> ResponseReturnValue:
    """What would come of a file, line by line where something is wrong."""
    with database() as conn:
        campaign, found = _file(conn, key, game, number)
        refused = code_uploads.refused_lines(conn, number, PROBLEMS_SHOWN)
        job = _job(conn, found)
        pool = pools.pool_by_id(conn, found.pool)
    brand = _names(campaign, game).get(str(pool.brand), str(pool.brand))
    values = {"campaign": campaign, "game": game, "file": found, "refused": refused, "pool": pool, "brand": brand}
    values |= {"job": job}
    return render("campaigns/file.html", "campaigns/_file.html", **values, may_change=may(Role.PUBLISHER))


def _job(conn: Connection, file: CodeUpload) -> PageJob | None:
    """Who reads or takes a file now; None where nobody should."""
    kind = {"reading": files.READ, "taking": files.TAKE}.get(file.status)
    return page_jobs.newest(conn, kind, files.upload_subject(file.id)) if kind else None


@blueprint.post("/files/<int:number>/taking")
@allow(role=Role.PUBLISHER)
def take_file(key: str, game: str, number: int) -> ResponseReturnValue:
    """Take the good lines of a file into the pool."""
    with database() as conn:
        _file(conn, key, game, number)
        if not code_uploads.set_status(conn, number, "ready", "taking"):
            abort(409)
        job = files.start_upload_job(conn, files.TAKE, number, actor())
        conn.commit()
    slow_jobs.call(settings(), job)
    return redirect(url_for(".show_file", key=key, game=game, number=number), 303)


@blueprint.post("/files/<int:number>/discarding")
@allow(role=Role.PUBLISHER)
def discard_file(key: str, game: str, number: int) -> ResponseReturnValue:
    """Throw a file away."""
    with database() as conn:
        _file(conn, key, game, number)
        if not code_uploads.set_status(conn, number, "ready", "discarded"):
            abort(409)
        conn.commit()
    flash("The file is thrown away; no coupon was added.", "good")
    return redirect(url_for(".show", key=key, game=game), 303)


@blueprint.post("/voids")
@allow(role=Role.PUBLISHER)
def void(key: str, game: str) -> ResponseReturnValue:
    """Take one issued coupon back from its player."""
    code = request.form.get("code", "").strip()
    with database() as conn:
        _budgets(conn, key, game)
        found = coupons.by_code(conn, code)
        refused = _void(conn, found, game)
        if refused or found is None:
            flash(f"{code}: {refused}.", "bad")
        else:
            audit.note(conn, actor(), "coupon.void", f"{game}/{found.brand}", after={"code": code})
            conn.commit()
            flash(f"{code} is taken back; the outcome of its play stays.", "good")
    return redirect(url_for(".show", key=key, game=game), 303)


@blueprint.get("/codes.csv")
@allow(role=Role.PUBLISHER)
def export(key: str, game: str) -> Response:
    """All coupons of a game as CSV; cells that a spreadsheet would calculate are quoted."""
    with database() as conn:
        _, budgets = _budgets(conn, key, game)
    head = {"Content-Disposition": f"attachment; filename={game}-coupons.csv"}
    lines = stream_with_context(_lines([pool.id for pool in budgets.values()]))
    return Response(lines, content_type="text/csv; charset=utf-8", headers=head)


def _lines(ids: list[int]) -> Iterator[str]:
    yield "brand,code,state,player,issued_at,expires_at\r\n"
    for pool in ids:
        after = 0
        while True:
            with database() as conn:
                rows = coupons.pool_coupons(conn, pool, after, EXPORT_PAGE)
            if not rows:
                break
            written = io.StringIO()
            csv.writer(written).writerows(
                [_safe(row.brand), _safe(row.code), row.state, _safe(row.player), row.issued_at, row.expires_at]
                for row in rows
            )
            yield written.getvalue()
            after = rows[-1].id


def _safe(text: str | None) -> str:
    return f"'{text}" if text and text[0] in RISKY else text or ""


def _budgets(conn: Connection, key: str, game: str) -> tuple[Campaign, dict[str, CouponPool]]:
    campaign = campaign_rows.campaign(conn, key)
    if campaign is None or campaign_rows.campaign_of_game(conn, game) != key:
        abort(404)
    return campaign, pools.pools_of_game(conn, game)


def _names(campaign: Campaign, game: str) -> dict[str, str]:
    return names_of([raw for raw in games_of(campaign) if raw["key"] == game])


def _file(conn: Connection, key: str, game: str, number: int) -> tuple[Campaign, CodeUpload]:
    campaign, budgets = _budgets(conn, key, game)
    found = code_uploads.upload(conn, number)
    if found is None or found.pool not in {pool.id for pool in budgets.values()}:
        abort(404)
    return campaign, found


def _void(conn: Connection, found: Coupon | None, game: str) -> str:
    """Take a coupon of the game back; gives why not, or nothing."""
    if found is None or found.game != game:
        return "this game has no coupon of that code"
    try:
        void_issued_coupon(conn, found.code)
    except CouponNotRedeemable as error:
        return str(error)
    return ""
