"""Installing a pack in a real browser, on a Laurel of its own: it changes what all other pages list."""

from playwright.sync_api import expect

from tests.journeys.test_library import laurel, open_page, state  # noqa: F401  (fixtures)


def test_a_pack_is_installed_from_its_sentences(open_page):  # noqa: F811  (the fixture)
    page = open_page("/library")
    page.get_by_role("link", name="Look inside and install").click()
    page.get_by_role("button", name="Install live").click()
    expect(page.get_by_role("status").first).to_contain_text("22 rules are live")
    expect(open_page("/library").get_by_text("Installed")).to_have_count(2)
