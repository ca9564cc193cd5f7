"""Signing in, and what stands where nothing can be shown."""

from playwright.sync_api import expect

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from tests.browser.conftest import accessibility_problems, problems_in_every_look


def test_axe_finds_nothing(open_page, transactional_db):
    with open_page("/sign-in/", signed_in=False) as page:
        assert problems_in_every_look(page) == []


def test_a_wrong_password_is_answered_and_a_right_one_leads_in(open_page, transactional_db):
    user = open_account("anne@hospital.example", "Anne Example", password="a long enough one")
    grant_role(user, Role.NEUROLOGIST, centre=Centre.objects.create(code="C1"))

    with open_page("/patients/", signed_in=False) as page:
        page.keyboard.press("Tab")
        page.get_by_label("E-mail address").fill("anne@hospital.example")
        page.get_by_label("Password").fill("not this one")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
        assert accessibility_problems(page) == []
        assert page.input_value("[name=login]") == "anne@hospital.example"

        page.get_by_label("Password").fill("a long enough one")
        page.keyboard.press("Enter")
        page.wait_for_url("**/patients/")
        page.get_by_text("Anne Example").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/sign-in/")


def test_what_is_not_there_says_so(browser, live_server, reader, client):
    context = browser.new_context(base_url=live_server.url)
    cookie = {"name": "sessionid", "value": client.session.session_key}
    context.add_cookies([{**cookie, "url": live_server.url}])
    page = context.new_page()

    answer = page.goto("/patients/NOBODY/")

    assert answer.status == 404
    assert page.get_by_role("heading", name="Not found").is_visible()
    assert accessibility_problems(page) == []
    context.close()
