"""The coupons of a game: the list, uploaded files of codes with their problems, voiding single coupons."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.http.access import Role, actor, allow, settings
from webapp.http.form_base import choices
from webapp.http.numbers import number_in_query
from webapp.pages.campaigns.code_reveal import masked
from webapp.pages.campaigns.forms import UploadForm
from webapp.pages.csv_files import csv_download
from webapp.pages.layout import database, may
from webapp.services.campaigns.campaign_brands import names_of_brands
from webapp.services.coupons import code_uploads as files
from webapp.services.coupons.code_reveal import note_export
from webapp.services.coupons.issued_coupons import CouponNotRedeemable, void_issued_coupon
from webapp.store.campaigns import campaign_rows, code_uploads, coupons, pools
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.campaigns.code_uploads import CodeUpload
from webapp.store.campaigns.coupons import Coupon
from webapp.store.campaigns.pools import CouponPool
from webapp.store.system.connection import Connection

blueprint = Blueprint("coupons", __name__, url_prefix="/campaigns/<key>/games/<game>/codes")

PAGE = 50
EXPORT_PAGE = 2_000
UPLOADS_SHOWN = 10
FILE_BYTES_MAX = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CouponsPage:
    """The coupons of one brand, page by page, and the files they came from; `next_after` is the next page's cursor."""

    campaign: Campaign
    game: str
    budgets: dict[str, CouponPool]
    brand_names: dict[str, str]
    pool: CouponPool
    coupons: list[Coupon]
    next_after: int | None
    files: list[CodeUpload]
    form: UploadForm
    may_change: bool


@blueprint.get("")
@allow(role=Role.VIEWER)
def show(key: str, game: str) -> ResponseReturnValue:
    """The coupons of one brand, page by page, and the files they came from."""
    with database() as conn:
        return _page(conn, key, game, UploadForm(formdata=None))


def _page(conn: Connection, key: str, game: str, form: UploadForm) -> str:
    campaign, budgets = budgets_of(conn, key, game)
    names = names_of_brands(conn, campaign, game)
    form.brand.choices = choices({brand: names.get(brand, brand) for brand in budgets})
    pool = budgets.get(request.args.get("brand", "")) or next(iter(budgets.values()))
    rows = coupons.pool_coupons(conn, pool.id, number_in_query("after") or 0, PAGE + 1)
    view = CouponsPage(
        campaign=campaign,
        game=game,
        budgets=budgets,
        brand_names=names,
        pool=pool,
        coupons=masked(rows[:PAGE]),
        next_after=rows[PAGE - 1].id if len(rows) > PAGE else None,
        files=code_uploads.uploads_of_pools(conn, [budget.id for budget in budgets.values()], UPLOADS_SHOWN),
        form=form,
        may_change=may(Role.PUBLISHER),
    )
    return render_template("campaigns/coupons.html", view=view)


@blueprint.post("")
@allow(role=Role.PUBLISHER)
def send(key: str, game: str) -> ResponseReturnValue:
    """Accept a file of codes to be read; no coupon is added yet."""
    form = UploadForm()
    with database() as conn:
        _, budgets = budgets_of(conn, key, game)
        form.brand.choices = choices({brand: brand for brand in budgets})
        if not form.validate_on_submit():
            return _page(conn, key, game, form), 422
        content = form.file.data.read(FILE_BYTES_MAX + 1)
        if len(content) > FILE_BYTES_MAX:
            form.add_error(form.file, f"The file may have at most {FILE_BYTES_MAX // 1024 // 1024} MiB; split it.")
            return _page(conn, key, game, form), 422
    number = files.receive_file(settings(), budgets[form.brand.data].id, form.file.data.filename, content, actor())
    return redirect(url_for("code_files.show", key=key, game=game, number=number), 303)


@blueprint.post("/voids")
@allow(role=Role.PUBLISHER)
def void(key: str, game: str) -> ResponseReturnValue:
    """Void one issued coupon."""
    code = request.form.get("code", "").strip()
    with database() as conn:
        budgets_of(conn, key, game)
    try:
        void_issued_coupon(settings(), game, code, actor())
    except CouponNotRedeemable as refused:
        flash(f"{code}: {refused}.", "bad")
    else:
        flash(f"{code} voided. The outcome of its play is unchanged.", "good")
    return redirect(url_for(".show", key=key, game=game), 303)


@blueprint.get("/codes.csv")
@allow(role=Role.PUBLISHER)
def export(key: str, game: str) -> Response:
    """All coupons of a game as CSV; cells that a spreadsheet would take for a formula are quoted."""
    with database() as conn:
        _, budgets = budgets_of(conn, key, game)
    note_export(settings(), game, actor())  # the one GET that writes: to have looked is what is to be noted
    columns = ("brand", "code", "state", "player", "issued_at", "expires_at")
    return csv_download(f"{game}-coupons.csv", columns, _export_pages([pool.id for pool in budgets.values()]))


def _export_pages(pool_ids: list[int]) -> Iterator[list[tuple[object, ...]]]:
    """The coupons of these pools; no connection is held between two pages."""
    for pool_id in pool_ids:
        after = 0
        while True:
            with database() as conn:
                rows = coupons.pool_coupons(conn, pool_id, after, EXPORT_PAGE)
            if not rows:
                break
            yield [(row.brand, row.code, row.state, row.player, row.issued_at, row.expires_at) for row in rows]
            after = rows[-1].id


def budgets_of(conn: Connection, key: str, game: str) -> tuple[Campaign, dict[str, CouponPool]]:
    """A campaign and the pools of one of its games, by brand; 404 if there is none."""
    campaign = campaign_rows.campaign(conn, key)
    if campaign is None or campaign_rows.campaign_of_game(conn, game) != key:
        abort(404)
    return campaign, pools.pools_of_game(conn, game)
