"""What a player's page says of coupons and rewards."""

from tests.webapp.campaigns.friday_weekend import publish
from tests.webapp.coupons.test_fill_claims import RULES
from webapp.services.coupons.fill_claims import fill_all_claims


def test_the_page_of_a_player_shows_the_coupon_and_the_state_of_the_claim(conn, settings, post, drain, sign_in):
    publish(conn, *RULES)
    for number, player in enumerate(("ada", "grace", "linus")):
        post(f"e{number}", player, "visit")
    drain()
    browser = sign_in("viewer")
    assert "Waits for <strong>a coupon from Vouchers" in browser.open("/players/ada").text
    fill_all_claims(settings)
    pages = [browser.open(f"/players/{player}").text for player in ("ada", "grace", "linus")]
    assert sum("Coupons and rewards" in page for page in pages) == 2
    assert sum("Came too late for <strong>a coupon from Vouchers" in page for page in pages) == 1
