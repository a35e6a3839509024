"""No route without a declared permission, and no reading route that writes."""

from pathlib import Path

import pytest
from flask import Flask

from engine.documents.shape import KEY
from webapp import create_app
from webapp.config import Settings
from webapp.http import access


@pytest.fixture(scope="module")
def whole_app() -> Flask:
    """The application with servers that are nowhere: walking its routes asks nobody."""
    database, queue = "postgresql://nobody@127.0.0.1:1/none", "redis://127.0.0.1:1"
    return create_app(Settings(Path(), 8000, 1, "127.0.0.1", database, database, queue, queue, "key"))


def test_every_route_declares_who_may_call_it(whole_app):
    assert access.endpoints_without_permission(whole_app) == []


def test_a_route_that_declares_nothing_would_be_found(whole_app):
    whole_app.view_functions["planted"] = lambda: ""
    assert access.endpoints_without_permission(whole_app) == ["planted"]
    del whole_app.view_functions["planted"]


def test_public_routes_are_few_and_known(whole_app):
    public = {name for name, view in whole_app.view_functions.items() if is_public(view)}
    assert {name.partition(".")[0] for name in public} <= {"ops", "v1_fallback", "v1_openapi", "sign_in", "errors"}


def is_public(view):
    permission = access.permission_of(view)
    return permission is not None and permission.public


def test_every_answer_carries_the_strict_policy(whole_app):
    policy = whole_app.test_client().get("/healthz").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_no_page_has_the_address_of_a_rule_with_a_matching_key(whole_app):
    addresses = {rule.rule for rule in whole_app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert [(page, other) for page in addresses for other in addresses if hides(page, other)] == []


@pytest.mark.parametrize(("page", "other"), [("/rules/new", "/rules/<key>"), ("/a/b/edit", "/a/<key>/edit")])
def test_an_address_that_a_key_can_match_would_be_found(page, other):
    assert hides(page, other)
    assert not hides(page.replace("b", "b-c").replace("new", "new-rule"), other)


def hides(page, other):
    """Whether `page` is the address of a rule that has the key which stands in its place in `other`."""
    steps = list(zip(page.split("/"), other.split("/"), strict=False))
    is_alike = page.count("/") == other.count("/") and page != other
    return is_alike and all(
        step == other_step or (other_step == "<key>" and KEY.fullmatch(step)) for step, other_step in steps
    )
