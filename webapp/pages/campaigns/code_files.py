"""An uploaded file of codes: what was recognised in it, corrected by whoever sent it, then taken or discarded."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.coupons.code_file.dates import DAY_FIRST, MONTH_FIRST
from engine.coupons.code_file.layout import Layout
from engine.coupons.code_file.split_rows import SEPARATORS
from webapp.http.access import Role, actor, allow, settings
from webapp.http.htmx import render
from webapp.http.numbers import whole_number
from webapp.pages.campaigns.coupons import EXPORT_PAGE, budgets_of
from webapp.pages.csv_files import csv_download
from webapp.pages.layout import database
from webapp.runtime.clock import now
from webapp.services.campaigns.campaign_brands import names_of_brands
from webapp.services.coupons import code_uploads as files
from webapp.services.coupons.code_uploads import UploadNotReady
from webapp.store.campaigns import code_uploads, pools
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.campaigns.code_uploads import CodeUpload, LeftOut
from webapp.store.campaigns.pools import CouponPool
from webapp.store.system import page_jobs
from webapp.store.system.connection import Connection
from webapp.store.system.page_jobs import PageJob

blueprint = Blueprint("code_files", __name__, url_prefix="/campaigns/<key>/games/<game>/codes/files/<int:number>")

UNUSED, CODE, GOOD_UNTIL = "unused", "code", "until"
COLUMN_USES = {UNUSED: "not used", CODE: "the code", GOOD_UNTIL: "good until"}
DATE_ORDERS = {DAY_FIRST: "day, month, year", MONTH_FIRST: "month, day, year"}
SAMPLES_SHOWN = 12
LINES_PER_REASON = 10
LINES_SHOWN = 200
ENDS_SHOWN = 6
SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class CodeSheet:
    """The first lines of a file as a sheet: (line, cells, is a heading), and what each column is used for."""

    rows: list[tuple[int, list[str], bool]]
    uses: list[str]
    has_heading: bool
    reason: str
    read_as: str

    @property
    def use_names(self) -> Mapping[str, str]:
        """What a column can be used for, in words."""
        return COLUMN_USES

    @property
    def has_code(self) -> bool:
        """Whether a column holds the codes."""
        return CODE in self.uses


@dataclass(frozen=True, slots=True)
class CodesEnd:
    """How many codes are good until a day (None: without an end), and whether that is soon."""

    day: datetime | None
    count: int
    is_soon: bool


@dataclass(frozen=True, slots=True)
class CodeFilePage:
    """A file of codes: what was recognised, what taking it into its pool would add or added, and what is left out."""

    campaign: Campaign
    game: str
    file: CodeUpload
    sheet: CodeSheet | None
    samples: list[str]
    shape: str | None
    others: list[tuple[int, str]]
    others_count: int
    left_out: list[LeftOut]
    duplicates: int
    headings: int
    ends: list[CodesEnd]
    end_column: int | None
    date_order: str | None
    zone: str
    pool: CouponPool
    brand: str
    job: PageJob | None

    @property
    def date_orders(self) -> Mapping[str, str]:
        """How dates can be read, in words."""
        return DATE_ORDERS

    @property
    def refused(self) -> int:
        """How many lines are left out for another reason than being duplicates."""
        return self.file.bad - self.duplicates

    @property
    def shares(self) -> list[tuple[str, float, float]]:
        """The bar of all lines: (class, where it begins, how wide it is), in percent."""
        counts = [("c-1", self.file.valid), ("c-4", self.duplicates), ("c-bar is-lost", self.refused)]
        total = max(1, self.file.lines + self.headings)
        begins, bar = 0.0, []
        for name, count in counts:
            width = 100 * count / total
            bar.append((name, round(begins, 2), round(width, 2)))
            begins += width
        return bar


@blueprint.get("")
@allow(role=Role.PUBLISHER)
def show(key: str, game: str, number: int) -> ResponseReturnValue:
    """What was recognised in a file, and what taking it would add."""
    return render("campaigns/file.html", "campaigns/_file.html", view=_view(key, game, number))


def _view(key: str, game: str, number: int) -> CodeFilePage:
    with database() as conn:
        campaign, file = _upload(conn, key, game, number)
        raw = file.layout or {}
        others = [(line, code) for line, code in raw.get("others") or []]
        still_good = code_uploads.lines_still_good(conn, number, [line for line, _ in others])
        zone = files.zone_of_upload(conn, number)
        pool = pools.pool_by_id(conn, file.pool)
        layout = Layout.from_json(raw) if raw else None
        return CodeFilePage(
            campaign=campaign,
            game=game,
            file=file,
            sheet=_sheet(layout, raw.get("rows") or []) if layout else None,
            samples=[code for _, code in code_uploads.sample_codes(conn, number, SAMPLES_SHOWN)],
            shape=raw.get("shape"),
            others=[(line, code) for line, code in others if line in still_good],
            others_count=raw.get("others_count", 0) - len(others) + len(still_good),
            left_out=code_uploads.left_out_lines(conn, number, LINES_PER_REASON, LINES_SHOWN),
            duplicates=code_uploads.duplicate_count(conn, number),
            headings=len(layout.headings) if layout else 0,
            ends=_ends(conn, number, zone) if layout and layout.good_until is not None else [],
            end_column=layout.good_until if layout else None,
            date_order=layout.date_order if layout and not layout.is_date_order_certain else None,
            zone=zone.key,
            pool=pool,
            brand=names_of_brands(conn, campaign, game).get(str(pool.brand), str(pool.brand)),
            job=_job(conn, file),
        )


def _sheet(layout: Layout, rows: list[tuple[int, list[str]]]) -> CodeSheet:
    uses = [
        CODE if column == layout.code else GOOD_UNTIL if column == layout.good_until else UNUSED
        for column in range(layout.columns)
    ]
    separated = f" with {SEPARATORS[layout.separator]}" if layout.columns > 1 else ""
    return CodeSheet(
        rows=[
            (line, (cells + [""] * layout.columns)[: layout.columns], line in layout.headings) for line, cells in rows
        ],
        uses=uses,
        has_heading=bool(layout.headings),
        reason=_reason(layout),
        read_as=f"read as {layout.encoding}{separated}",
    )


def _reason(layout: Layout) -> str:
    """Why the file is read like this, in words."""
    if not layout.headings:
        return layout.reason
    lines = [str(line) for line in layout.headings]
    if len(lines) == 1:
        heading = f"Line {lines[0]} does not look like the rest, so it is a heading and no coupon."
    else:
        heading = (
            f"Lines {', '.join(lines[:-1])} and {lines[-1]} do not look like the rest, so they are headings and no"
            " coupons."
        )
    return f"{layout.reason} {heading}".strip()


def _ends(conn: Connection, number: int, zone: ZoneInfo) -> list[CodesEnd]:
    """The last days of the good codes, as people count them: the day before the midnight at which they end."""
    soon = now() + SOON
    return [
        CodesEnd(
            end.astimezone(zone) - timedelta(days=1) if end else None, count, is_soon=end is not None and end < soon
        )
        for end, count in code_uploads.good_until_counts(conn, number, ENDS_SHOWN)
    ]


def _job(conn: Connection, upload: CodeUpload) -> PageJob | None:
    """The job that reads or takes a file now; None where none should."""
    kind = {"reading": files.READ, "taking": files.TAKE}.get(upload.status)
    return page_jobs.newest(conn, kind, files.upload_subject(upload.id)) if kind else None


@blueprint.post("/columns")
@allow(role=Role.PUBLISHER)
def choose_columns(key: str, game: str, number: int) -> ResponseReturnValue:
    """Have the file read once more with the columns that somebody chose."""
    with _change_of_upload(key, game, number) as file:
        if not file.layout:
            raise UploadNotReady(number)
        code, good_until = _chosen_columns(Layout.from_json(file.layout))
        if code is None:
            flash("One column has to hold the codes.", "bad")
        else:
            has_heading = request.form.get("heading") == "on"
            files.choose_columns(settings(), number, code, good_until, actor(), has_heading=has_heading)
    return _back(key, game, number)


def _chosen_columns(layout: Layout) -> tuple[int | None, int | None]:
    """The columns of codes and of last days; where two are chosen, the one that was not chosen before."""
    chosen: dict[str, list[int]] = {use: [] for use in COLUMN_USES}
    for column in range(layout.columns):
        chosen.get(request.form.get(f"column-{column}", UNUSED), []).append(column)

    def new_one(columns: list[int], before: int | None) -> int | None:
        return next((column for column in columns if column != before), before if before in columns else None)

    return new_one(chosen[CODE], layout.code), new_one(chosen[GOOD_UNTIL], layout.good_until)


@blueprint.post("/dates")
@allow(role=Role.PUBLISHER)
def choose_date_order(key: str, game: str, number: int) -> ResponseReturnValue:
    """Have the file read once more with days or months first."""
    with _change_of_upload(key, game, number):
        order = request.form.get("order", "")
        if order not in DATE_ORDERS:
            abort(422)
        files.choose_date_order(settings(), number, order, actor())
    return _back(key, game, number)


@blueprint.post("/leaving-out")
@allow(role=Role.PUBLISHER)
def leave_out(key: str, game: str, number: int) -> ResponseReturnValue:
    """Leave one line out."""
    with _change_of_upload(key, game, number):
        files.leave_out_line(settings(), number, whole_number(request.form.get("line", "")) or 0)
    return _back(key, game, number)


@blueprint.post("/taking")
@allow(role=Role.PUBLISHER)
def take(key: str, game: str, number: int) -> ResponseReturnValue:
    """Take the valid lines of a file into the pool."""
    with _change_of_upload(key, game, number):
        files.take_file(settings(), number, actor())
    return _back(key, game, number)


@blueprint.post("/discarding")
@allow(role=Role.PUBLISHER)
def discard(key: str, game: str, number: int) -> ResponseReturnValue:
    """Discard a file."""
    with _change_of_upload(key, game, number):
        files.discard_file(settings(), number)
    flash("File discarded. No coupons were added.", "good")
    return redirect(url_for("coupons.show", key=key, game=game), 303)


@contextmanager
def _change_of_upload(key: str, game: str, number: int) -> Iterator[CodeUpload]:
    """Give the file that is about to be changed, as it was read just now: 404 if this game has none such.

    The change is a transaction of its own. It answers 409 where the file is in no state for it any more.
    """
    with database() as conn:
        _, file = _upload(conn, key, game, number)
    try:
        yield file
    except UploadNotReady:
        abort(409)


@blueprint.get("/left-out.csv")
@allow(role=Role.PUBLISHER)
def export_left_out(key: str, game: str, number: int) -> Response:
    """The lines that are left out, with reasons, as CSV; what a spreadsheet would take for a formula is quoted."""
    with database() as conn:
        _upload(conn, key, game, number)
    return csv_download("left-out.csv", ("line", "says", "why"), _left_out_pages(number))


def _left_out_pages(number: int) -> Iterator[list[tuple[int, str, str]]]:
    after = 0
    while True:
        with database() as conn:
            rows = code_uploads.refused_lines(conn, number, after, EXPORT_PAGE)
        if not rows:
            break
        yield rows
        after = rows[-1][0]


def _back(key: str, game: str, number: int) -> ResponseReturnValue:
    return redirect(url_for(".show", key=key, game=game, number=number), 303)


def _upload(conn: Connection, key: str, game: str, number: int) -> tuple[Campaign, CodeUpload]:
    campaign, budgets = budgets_of(conn, key, game)
    upload = code_uploads.upload(conn, number)
    if upload is None or upload.pool not in {pool.id for pool in budgets.values()}:
        abort(404)
    return campaign, upload
