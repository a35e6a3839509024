"""The pages of a campaign: its budget, its coupons, the simulator, and who may change what."""

import io
import re
from collections.abc import Callable

import pytest

from tests.webapp.campaigns.friday_weekend import HOUR, Player, budget, drain, friday, moment, publish
from webapp.config import Settings
from webapp.queue import slow_jobs
from webapp.services.campaigns import synthetic_traffic
from webapp.services.coupons import code_uploads
from webapp.services.coupons.issued_coupons import expire_overdue_coupons
from webapp.store.campaigns import coupons, pools
from webapp.store.people import audit
from webapp.store.system import slow_job_rows
from webapp.store.system.connection import connect

PAGE = "/campaigns/friday"
CODES = "/campaigns/friday/games/reel/codes"
SIMULATION = "/campaigns/friday/games/reel/simulation"


@pytest.fixture
def campaign(conn):
    publish(conn, friday())


@pytest.fixture
def run_jobs(settings, monkeypatch) -> Callable[[], None]:
    """Let a worker do every slow job that waits."""
    monkeypatch.setattr(Settings, "from_environment", lambda: settings)

    def run() -> None:
        with connect(settings.database_url) as conn:
            waiting = [row[0] for row in conn.execute("SELECT id::text FROM job WHERE status = 'queued'")]
        for job in waiting:
            slow_jobs.run_job(job)

    return run


@pytest.fixture
def send_file(sign_in):
    """Send a file of codes as a publisher; gives the browser and the address where it is read."""

    def send(content: bytes, brand: str = "coffee"):
        browser = sign_in("publisher")
        answer = browser.send(CODES, file=(io.BytesIO(content), "codes.csv"), brand=brand)
        assert answer.status_code == 303, answer.text
        return browser, answer.location

    return send


def test_there_is_no_campaign_at_first(sign_in):
    assert "No campaign yet" in sign_in("viewer").open("/campaigns").text


def test_the_list_says_what_is_left(campaign, sign_in):
    text = sign_in("viewer").open("/campaigns").text
    assert "Friday Weekend" in text
    assert "15 of 15 left" in text


def test_the_page_shows_the_sum(campaign, client, api_key, settings, sign_in):
    Player(client, api_key("plays:write")).play("p1")
    drain(settings)
    text = sign_in("viewer").open(PAGE).text
    assert "15 = 14 + 0 + 1 + 0 + 0 + 0" in text
    assert "ada" in text


def test_the_budget_is_exported_as_csv(campaign, sign_in):
    lines = sign_in("viewer").open(f"{PAGE}/budget.csv").text.splitlines()
    assert lines[0].startswith("\ufeffgame,brand,initial,available")
    assert "reel,coffee,10,10,0,0,0,0,0" in lines


def test_a_brand_ahead_of_its_plan_comes_first(conn, client, api_key, settings, sign_in):
    publish(conn, friday(game={"ends_at": moment(20 * HOUR), "budgets": [budget("coffee", 10)]}))
    player = Player(client, api_key("plays:write"))
    for number in range(5):
        player.play(f"p{number}", f"player{number}")
    drain(settings)
    assert re.search(r"Coffee is \d+ points ahead of plan", sign_in("viewer").open(PAGE).text, re.IGNORECASE)


def test_pausing_is_shown_and_resuming_accepts_plays_again(campaign, client, api_key, sign_in):
    browser, player = sign_in("publisher"), Player(client, api_key("plays:write"))
    assert browser.send(f"{PAGE}/pause", PAGE).status_code == 303
    assert player.play("p1").status_code == 409
    assert "Resume plays" in browser.open(PAGE).text
    browser.send(f"{PAGE}/resumption", PAGE)
    assert player.play("p2").status_code == 202


def test_a_top_up_adds_coupons_and_is_noted(campaign, conn, sign_in):
    browser = sign_in("publisher")
    browser.send(f"{PAGE}/games/reel/coupons", PAGE, brand="coffee", count="7", pattern="")
    assert pools.pools_of_game(conn, "reel")["coffee"].initial == 17
    assert audit.entries(conn, subject="reel/coffee")[0].action == "coupons.top_up"


def test_no_codes_are_invented_for_a_brand_whose_shop_would_not_know_them(campaign, conn, sign_in):
    conn.execute("UPDATE coupon_pool SET document = document - 'coupons' WHERE game = 'reel' AND brand = 'coffee'")
    conn.commit()
    browser = sign_in("publisher")
    browser.send(f"{PAGE}/games/reel/coupons", PAGE, brand="coffee", count="5", pattern="")
    assert pools.pools_of_game(conn, "reel")["coffee"].initial == 10
    assert "Upload a file of them" in browser.open(PAGE).text


@pytest.mark.parametrize(("count", "pattern", "says"), [("0", "", "Enter a number"), ("10", "C-#", "C-#")])
def test_an_impossible_top_up_says_why(campaign, conn, sign_in, count, pattern, says):
    browser = sign_in("publisher")
    browser.send(f"{PAGE}/games/reel/coupons", PAGE, brand="coffee", count=count, pattern=pattern)
    assert says in browser.open(PAGE).text
    assert pools.pools_of_game(conn, "reel")["coffee"].initial == 10


def test_available_coupons_are_removed(campaign, conn, sign_in):
    sign_in("publisher").send(f"{PAGE}/games/reel/voids", PAGE, brand="bikes", count="2", confirmed="bikes")
    assert pools.pools_of_game(conn, "reel")["bikes"].counts()["voided"] == 2


def test_ending_publishes_the_seed(campaign, sign_in):
    browser = sign_in("publisher")
    browser.send(f"{PAGE}/end", PAGE, confirmed="Friday Weekend")
    assert "was published on" in browser.open(PAGE).text


@pytest.mark.parametrize("path", ["/pause", "/end", "/games/reel/coupons", "/games/reel/voids", "/games/reel/codes"])
def test_an_author_cannot_change_budgets(campaign, sign_in, path):
    assert sign_in("author").send(f"{PAGE}{path}", "/rules").status_code == 403


def test_a_clean_file_is_previewed_and_then_imported(campaign, conn, send_file, run_jobs):
    browser, address = send_file(b"code\nNEW-1\nNEW-2\n")
    run_jobs()
    assert "Add 2 coupons" in browser.open(address).text
    assert pools.pools_of_game(conn, "reel")["coffee"].initial == 10
    browser.send(f"{address}/taking", address)
    run_jobs()
    assert "2 coupons added" in browser.open(address).text
    assert pools.pools_of_game(conn, "reel")["coffee"].initial == 12


@pytest.mark.parametrize(("asks_to_take", "says"), [(0, "50 %, 3 of 6 lines"), (1, "50 %, 3 of 6 codes")])
def test_the_progress_of_a_file_is_shown_as_a_bar(campaign, conn, send_file, run_jobs, asks_to_take, says):
    browser, address = send_file(b"".join(b"NEW-%d\n" % number for number in range(6)))
    if asks_to_take:
        run_jobs()
        browser.send(f"{address}/taking", address)
    assert "Starting in a moment" in browser.open(address).text
    job = slow_job_rows.take(conn, conn.execute("SELECT id::text FROM job WHERE status = 'queued'").fetchone()[0])
    slow_job_rows.progress(conn, job.id, 3, 6)
    conn.commit()
    text = browser.open(address).text
    assert says in text
    assert 'max="100" value="50"' in text
    assert f'<noscript><a class="btn" href="{address}">' in text


def test_reading_and_importing_report_their_progress(campaign, conn, send_file, run_jobs, monkeypatch):
    progress: list[tuple[int, int]] = []
    real = slow_job_rows.progress
    monkeypatch.setattr(code_uploads, "LINES_AT_ONCE", 2)
    monkeypatch.setattr(
        slow_job_rows,
        "progress",
        lambda conn, job, done, total: progress.append((done, total)) or real(conn, job, done, total),
    )
    browser, address = send_file(b"code\nA-1\n\nA-2\nA-3")
    run_jobs()
    browser.send(f"{address}/taking", address)
    run_jobs()
    assert progress == [(4, 5), (5, 5), (2, 3), (3, 3)]


@pytest.mark.parametrize(("status", "says"), [("reading", "could not be read"), ("taking", "imported completely")])
def test_a_failed_job_is_reported_and_not_waited_for(campaign, conn, send_file, run_jobs, status, says):
    browser, address = send_file(b"NEW-1\n")
    if status == "taking":
        run_jobs()
        browser.send(f"{address}/taking", address)
    conn.execute("UPDATE job SET status = 'failed', detail = 'the disk is full' WHERE status = 'queued'")
    conn.commit()
    text = browser.open(address).text
    assert says in text
    assert "the disk is full" in text
    assert "aria-busy" not in text


def left_out(text: str) -> dict[str, str]:
    """Line → why it is left out, from the page of a file."""
    return {
        line: " ".join(why.split())
        for line, why in re.findall(
            r'<td class="num">(\d+)</td>\s*<td>(?:(?!<tr>).)*?<td class="soft">([^<]*)', text, re.DOTALL
        )
    }


def test_every_invalid_line_is_reported_with_its_number(campaign, conn, send_file, run_jobs):
    pool = pools.pools_of_game(conn, "reel")["coffee"]
    known = coupons.pool_coupons(conn, pool.id, 0, 1)[0].code
    conn.rollback()
    lines = ["code", "NEW-1", "NEW-1", "=HYPERLINK(1)", "", known, "X" * 300, '"NEW-2', "1.23E+11"]
    browser, address = send_file("\n".join(lines).encode())
    run_jobs()
    text = browser.open(address).text
    reasons = left_out(text)
    assert reasons.keys() == {"3", "4", "6", "7", "8", "9"}
    assert "line 2" in reasons["3"]
    assert "is a coupon already, of Friday reel" in reasons["6"]
    assert "Add 1 coupon" in text


def test_equal_reasons_are_one_row_with_a_count(campaign, send_file, run_jobs):
    browser, address = send_file(b"code\nNEW-1\n" + b"=1\n" * 40)
    run_jobs()
    text = browser.open(address).text
    assert len(left_out(text)) == 10
    assert "30 more lines for this reason" in " ".join(text.split())
    assert len(browser.open(f"{address}/left-out.csv").text.splitlines()) == 41


def test_another_column_is_chosen_and_the_file_read_again(campaign, conn, send_file, run_jobs):
    browser, address = send_file(b"A1B2,C3D4\nE5F6,G7H8\nJ1K2,L1M2\n")
    run_jobs()
    text = browser.open(address).text
    assert "Which column holds the codes?" in text
    assert "Add " not in text
    browser.send(f"{address}/columns", address, **{"column-0": "unused", "column-1": "code"})
    run_jobs()
    browser.send(f"{address}/taking", address)
    run_jobs()
    assert coupons.known_codes(conn, ["C3D4", "G7H8", "L1M2", "A1B2"]) == {"C3D4", "G7H8", "L1M2"}


def test_a_heading_that_is_none_is_a_coupon_once_somebody_says_so(campaign, conn, send_file, run_jobs):
    browser, address = send_file(b"FREE\nA-1\nA-2\nA-3\n")
    run_jobs()
    assert "Add 3 coupons" in browser.open(address).text
    browser.send(f"{address}/columns", address, **{"column-0": "code"})
    run_jobs()
    assert "Add 4 coupons" in browser.open(address).text


def test_a_code_of_another_shape_is_named_and_left_out(campaign, send_file, run_jobs):
    browser, address = send_file(b"".join(b"BOLT-%04d\n" % number for number in range(8)) + b"BOLT-WKND\n")
    run_jobs()
    text = browser.open(address).text
    assert "BOLT-####" in text
    assert "Leave out BOLT-WKND" in text
    browser.send(f"{address}/leaving-out", address, line="9")
    assert "Add 8 coupons" in browser.open(address).text
    assert browser.send(f"{address}/leaving-out", address, line="9").status_code == 409


def test_codes_with_a_last_day_are_given_only_until_then(campaign, conn, settings, send_file, run_jobs):
    browser, address = send_file(b"code;valid until\nOLD-1;31.12.2020\nNEW-1;31.12.2099\nNEW-2;never\n")
    run_jobs()
    text = browser.open(address).text
    assert "31 December 2099" in text
    assert left_out(text) == {"2": "was good until 2020-12-31", "4": "is good until “never”, which is not a date"}
    browser.send(f"{address}/taking", address)
    run_jobs()
    conn.execute("UPDATE coupon SET good_until = clock_timestamp() + interval '30 seconds' WHERE code = 'NEW-1'")
    conn.commit()
    assert expire_overdue_coupons(settings) == 1
    assert coupons.by_code(conn, "NEW-1").state == "expired"
    assert pools.pools_of_game(conn, "reel")["coffee"].is_conserved


def test_dates_that_can_be_meant_in_two_ways_are_asked_about(campaign, conn, send_file, run_jobs):
    browser, address = send_file(b"code,valid until\nA-1,03/04/2099\nA-2,05/06/2099\n")
    run_jobs()
    assert "3 April 2099" in browser.open(address).text
    browser.send(f"{address}/dates", address, order="mdy")
    run_jobs()
    assert "4 March 2099" in browser.open(address).text


def test_only_a_publisher_sees_the_codes_of_a_file(campaign, send_file, sign_in):
    _, address = send_file(b"NEW-1\n")
    assert sign_in("author").open(address).status_code == 403


def test_a_file_that_is_not_a_table_is_refused(campaign, send_file, run_jobs):
    browser, address = send_file(b"code\nA\x00B\n")
    run_jobs()
    assert "line 2 contains a zero byte" in browser.open(address).text


def test_a_discarded_file_changes_nothing(campaign, conn, send_file, run_jobs):
    browser, address = send_file(b"NEW-1\n")
    run_jobs()
    browser.send(f"{address}/discarding", address)
    assert browser.send(f"{address}/taking", CODES).status_code == 409
    assert pools.pools_of_game(conn, "reel")["coffee"].initial == 10


def test_codes_are_exported_without_formulas(conn, sign_in):
    publish(conn, friday(game={"budgets": [budget("coffee", 0) | {"coupons": {"codes": ["@risky", "plain"]}}]}))
    text = sign_in("publisher").open(f"{CODES}/codes.csv").text
    assert ",'@risky," in text
    assert "plain" in text


def test_an_issued_coupon_is_voided(campaign, client, api_key, settings, conn, sign_in):
    player = Player(client, api_key("plays:write"))
    player.play("p1")
    drain(settings)
    code = conn.execute("SELECT code FROM coupon WHERE state = 'issued'").fetchone()[0]
    conn.rollback()
    browser = sign_in("publisher")
    browser.send(f"{CODES}/voids", CODES, code=code)
    assert " voided. The outcome" in browser.open(CODES).text
    browser.send(f"{CODES}/voids", CODES, code="nothing like it")
    assert "has no coupon with that code" in browser.open(CODES).text


def test_a_simulation_shows_every_strategy(campaign, sign_in, run_jobs):
    browser = sign_in("author")
    form = {
        "shape": "burst",
        "plays": "2000",
        "players": "500",
        "peak": "20",
        "coupons": "14",
        "seed": "41",
        "runs": "3",
    }
    assert browser.send(SIMULATION, **form).status_code == 303
    assert 'aria-busy="true"' in browser.open(SIMULATION).text
    run_jobs()
    text = browser.open(SIMULATION).text
    assert [name for name in ("Moments", "Adaptive", "Fixed odds", "Remaining ÷ slots") if f">{name}</h2>" in text] == [
        "Moments", "Adaptive", "Fixed odds", "Remaining ÷ slots",
    ]  # fmt: skip
    assert "2,000 plays with each strategy and 3 seeds" in text
    assert text.count("Worst of 3") == 4
    assert re.search(r'name="coupons"[^>]*value="14"', text)


def test_an_impossible_simulation_is_refused_at_its_field(campaign, sign_in):
    form = {"shape": "steady", "plays": "0", "players": "1", "peak": "1", "coupons": "1", "seed": "1", "runs": "1"}
    answer = sign_in("author").send(SIMULATION, **form)
    assert answer.status_code == 422
    assert "is-invalid" in answer.text


def test_a_simulation_has_a_limit_on_all_its_plays(campaign, sign_in):
    form = {"shape": "steady", "plays": "1000000", "players": "1", "peak": "1", "coupons": "1", "seed": "1"}
    assert "At most 5 with that many plays" in sign_in("author").send(SIMULATION, **form, runs="6").text


def test_a_strategy_is_chosen_from_its_card(campaign, conn, sign_in):
    sign_in("publisher").send(f"{SIMULATION}/strategy", SIMULATION, strategy="moments")
    document = conn.execute("SELECT document FROM campaign WHERE key = 'friday'").fetchone()[0]
    assert document["games"][0]["pacing"]["strategy"] == "moments"


def test_an_unknown_campaign_is_not_found(campaign, sign_in):
    browser = sign_in("publisher")
    for address in ("/campaigns/none", "/campaigns/friday/games/none/codes", f"{CODES}/files/77"):
        assert browser.open(address).status_code == 404


def test_the_traffic_of_the_demo_is_started_changed_and_stopped(campaign, conn, sign_in):
    synthetic_traffic.start_traffic(conn, "friday", 2)
    conn.commit()
    browser = sign_in("publisher")
    browser.send(f"{PAGE}/traffic", PAGE, per_second="30")
    assert (synthetic_traffic.traffic_state(conn).status, synthetic_traffic.traffic_state(conn).per_second) == (
        "running",
        30,
    )
    conn.rollback()
    browser.send(f"{PAGE}/traffic/stop", PAGE)
    assert synthetic_traffic.traffic_state(conn).status == "stopped"
    assert "Nobody is playing" in browser.open(PAGE).text


def test_synthetic_traffic_is_refused_for_real_coupons(campaign, conn, sign_in):
    browser = sign_in("publisher")
    assert "Synthetic traffic" not in browser.open(PAGE).text
    assert browser.send(f"{PAGE}/traffic", PAGE, per_second="30").status_code == 404
    assert synthetic_traffic.traffic_state(conn).status == "stopped"
