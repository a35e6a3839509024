"""Every page there is: opens for whom it should, says its title, and is well made."""

import re
from collections import Counter

from flask import Flask

from tests.webapp.campaigns.friday_weekend import friday, publish
from tests.webapp.rewards.shop import MUG
from webapp.http.access import permission_of
from webapp.http.headers import SECURITY_HEADERS
from webapp.pages import blueprints
from webapp.pages.layout import GROUPS

PAGES = (
    "/", "/home/figures", "/home/feed", "/home/care", "/events", "/events?type=assessment_submitted&player=ada",
    "/rules/new-rule", "/rules/strong_finish/edit", "/rules/strong_finish/edit?panel=checks&opened=c1.fact",
    "/rules/levels/edit", "/rules/strong_finish/edit/facts", "/rules/pass_xp/edit?opened=c1.note",
    "/rules", "/rules?kind=badge&status=live&q=first", "/rules/first_step", "/rules/weekly_xp", "/rules/pass_xp",
    "/players", "/players?q=a", "/players/ada", "/players/ada?rule=module_marathon", "/players/ada/ledger",
    "/players/ada/timeline", "/players/ada/why?rule=first_step", "/leaderboards", "/leaderboards/weekly_xp",
    "/leaderboards/weekly_xp?around=grace", "/leaderboards/weekly_xp?window=previous", "/leaderboards/all_time_xp",
    "/parked", "/parked?settled=yes", "/audit", "/audit?actor=test&subject=first", "/apps", "/operators", "/account",
    "/campaigns", "/campaigns/friday", "/campaigns/friday/games/reel/codes", "/campaigns/friday/games/reel/simulation",
    "/campaigns/friday/draws",
    "/rewards", "/rewards/mug", "/help", "/help/facts", "/help/operators", "/help/api", "/jump", "/jump?q=ada",
    "/help/pacing", "/help/security", "/help/speed", "/help/webhooks",
    "/jump/palette", "/jump/keys", "/library", "/library/packs/starter", "/library/templates", "/rules/import-file",
    "/library/templates/k_of_n", "/rules/first_step/json", "/rules/first_step/json?view=logic",
    "/rules/first_step/review", "/rules/first_step/cases", "/rules/first_step/cases/new", "/rules/first_step/versions",
    "/chosen-rules/pausing?key=first_step&key=weekly_xp", "/chosen-rules/archiving?key=activity",
)  # fmt: skip
EMPTY = (
    "/", "/events", "/rules", "/players", "/leaderboards", "/parked", "/audit", "/apps", "/help/facts",
    "/campaigns", "/rewards", "/library", "/library/packs/assessments", "/library/templates/n_in_m_days",
)  # fmt: skip
BESIDE_THE_LINKS = {"account", "icons", "jump", "play", "sign_in"}
FRAGMENT = re.compile(r"\A\s*<(?!!doctype)", re.IGNORECASE)


def test_every_page_of_a_small_world_is_well_made(world, conn, sign_in):
    publish(conn, friday(), MUG)
    browser = sign_in("admin")
    assert {address: flaws for address in PAGES if (flaws := flaws_of(browser.open(address)))} == {}


def test_every_page_is_well_made_before_there_is_anything(sign_in):
    browser = sign_in("admin")
    assert {address: flaws for address in EMPTY if (flaws := flaws_of(browser.open(address)))} == {}


def test_the_side_bar_marks_a_link_on_every_page_that_belongs_to_one():
    links = [link for group in GROUPS for link in group.links]
    areas = {area for link in links for area in (link.endpoint.partition(".")[0], *link.areas)}
    assert {blueprint.name for blueprint in blueprints} == areas | BESIDE_THE_LINKS
    assert not areas & BESIDE_THE_LINKS


def flaws_of(answer) -> list[str]:
    text = answer.text
    ids = Counter(re.findall(r'\sid="([^"]*)"', text))
    is_page = not FRAGMENT.match(text)
    flaws = {
        f"status {answer.status_code}": answer.status_code != 200,
        f"ids {[name for name, count in ids.items() if count > 1]} twice": max(ids.values(), default=0) > 1,
        "an id with a blank": any(" " in name for name in ids),
        "not one heading": is_page and len(re.findall(r"<h1[\s>]", text)) != 1,
        "kept by caches": answer.headers.get("Cache-Control") != "no-store",
        "a header is missing": not SECURITY_HEADERS.items() <= set(answer.headers),
        "no title": is_page and not re.search(r"<title>\S.* · Laurel</title>", text),
    }
    return [flaw for flaw, is_there in flaws.items() if is_there]


def test_a_stranger_is_redirected_to_sign_in(stranger):
    for address in PAGES:
        answer = stranger.client.get(address)
        assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in"), address


def changing_routes(app: Flask) -> list[str]:
    names = {blueprint.name for blueprint in blueprints}
    return [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in names and "POST" in (rule.methods or ()) and not is_for_players(app, rule)
    ]


def is_for_players(app: Flask, rule) -> bool:
    """Players send their token with every request and have no cookie that somebody else's page could misuse."""
    return permission_of(app.view_functions[rule.endpoint]).player


def test_no_form_is_accepted_without_its_token(app, sign_in):
    browser = sign_in("admin")
    with app.test_request_context():
        unprotected = [
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if rule.endpoint in changing_routes(app) and browser.client.post(example(rule)).status_code != 400
        ]
    assert unprotected == []


def example(rule):
    return re.sub(r"<(?:int:)?[a-z_]+>", "1", rule.rule)


def test_a_viewer_may_change_nothing_but_their_own_account(app):
    own = {"sign_in", "account", "home"}
    for endpoint in changing_routes(app):
        permission = permission_of(app.view_functions[endpoint])
        assert endpoint.partition(".")[0] in own or permission.role in {"author", "publisher", "admin"}
