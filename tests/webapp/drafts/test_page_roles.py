"""Who may do what around drafts: each role its own, and nobody meets a button or a link that refuses."""

import re

import pytest

from tests.webapp.drafts.deciding import CASES, REVIEW, VERSIONS
from webapp.store.people import audit, four_eyes


@pytest.mark.parametrize(
    ("role", "path", "allowed"),
    [
        ("viewer", "submission", False),
        ("viewer", "publication", False),
        ("viewer", "cases", False),
        ("viewer", "draft/discarding", False),
        ("author", "publication", False),
        ("author", "submission/return", False),
        ("author", "versions/1/return", False),
        ("author", "archiving", False),
        ("author", "takeover", True),
        ("author", "cases", True),
        ("author", "copy", True),
        ("publisher", "publication", True),
        ("publisher", "submission/return", True),
        ("publisher", "versions/1/return", True),
    ],
)
def test_each_role_may_do_its_own_actions(kept_golden, enter, role, path, allowed):
    browser = enter("mira", role)
    answer = browser.send(f"/rules/ten_lessons/{path}", "/account")
    assert (answer.status_code != 403) is allowed


def test_a_viewer_sees_no_buttons_that_would_be_refused(kept_golden, enter):
    viewer = enter("mira", "viewer")
    for address in (REVIEW, VERSIONS, CASES):
        assert 'method="post"' not in viewer.open(address).text.partition("<main")[2], address


def test_unknown_rules_have_no_pages(live, ada):
    for address in ("/rules/none/review", "/rules/none/versions", "/rules/none/cases"):
        assert ada.open(address).status_code == 404


def test_an_admin_switches_approval_off_and_it_is_audited(live, enter, conn):
    admin = enter("mira", "admin")
    assert "Allow publishing alone" in admin.open("/operators").text
    admin.send("/operators/four-eyes", "/operators", on="no", confirmed="one person")
    assert not four_eyes.is_on(conn)
    (entry,) = [entry for entry in audit.entries(conn) if entry.action == "four_eyes.switched"]
    assert (entry.before, entry.after) == ({"on": True}, {"on": False})
    assert enter("grace", "publisher").send("/operators/four-eyes", "/account", on="no").status_code == 403


def test_a_viewer_sees_no_links_that_would_be_refused(kept_golden, enter):
    viewer = enter("mira", "viewer")
    for address in (REVIEW, VERSIONS, CASES):
        main = viewer.open(address).text.partition("<main")[2]
        links = {link.partition("#")[0] for link in re.findall(r'<a [^>]*href="(/[^"]*)"', main)}
        assert {link for link in links if viewer.open(link).status_code == 403} == set(), address
