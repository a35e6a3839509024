"""A test gets an application as good as new, whatever the test before it did to its own."""

from dataclasses import replace

import pytest

from tests.applications import Applications


@pytest.fixture
def applications() -> Applications:
    """Applications that no other test has had."""
    return Applications()


def test_the_next_test_gets_the_same_application_and_two_of_one_test_are_two(applications, settings):
    first, second = applications.lend(settings), applications.lend(settings)
    applications.take_back()
    assert first is not second
    assert {id(applications.lend(settings)), id(applications.lend(settings))} == {id(first), id(second)}


def test_other_settings_are_another_application(applications, settings):
    first = applications.lend(settings)
    applications.take_back()
    assert applications.lend(replace(settings, waiters_max=1)) is not first


def test_another_folder_of_data_is_known_to_the_same_application(applications, settings):
    app = applications.lend(settings)
    applications.take_back()
    elsewhere = replace(settings, data_dir=settings.data_dir / "elsewhere")
    assert applications.lend(elsewhere) is app
    assert app.config["LAUREL"] is elsewhere


def test_an_application_remembers_nothing_between_tests(applications, settings, api_key):
    app = applications.lend(settings)
    app.config["MAX_CONTENT_LENGTH"] = 1
    quotas, tries = app.extensions["laurel.quotas"], app.extensions["laurel.sign_in_tries"]
    app.test_client().get("/v1/players/ada", headers={"Authorization": f"Bearer {api_key('players:read')}"})
    applications.take_back()
    assert "laurel.keys" in app.extensions
    assert applications.lend(settings) is app
    assert "laurel.keys" not in app.extensions
    assert app.config["MAX_CONTENT_LENGTH"] > 1
    assert app.extensions["laurel.quotas"] is not quotas
    assert app.extensions["laurel.sign_in_tries"] is not tries


@pytest.mark.parametrize(
    "register",
    [
        lambda app: app.add_url_rule("/planted", "planted", lambda: ""),
        lambda app: app.before_request(lambda: None),
        lambda app: app.errorhandler(404)(lambda error: "planted"),
        lambda app: app.jinja_env.filters.update(planted=str),
    ],
)
def test_an_application_in_which_something_was_registered_is_dropped(applications, settings, register):
    app = applications.lend(settings)
    register(app)
    applications.take_back()
    assert applications.lend(settings) is not app
