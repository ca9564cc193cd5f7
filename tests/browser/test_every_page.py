"""Every page that opens by its address: accessible, and no wider than a telephone."""

import pytest
from playwright.sync_api import Error

from tests.browser.conftest import PHONE, accessibility_problems, hidden_overflow
from tests.isolation.permission_matrix import People, addresses, path_of, pointed_at, read_policy
from tests.isolation.two_centres import store_two_centres

# Who sees most of the pages that show patients, and who the others.
READERS = ("coordinator", "administrator")
# Looked at in every look by journeys of their own, or no page of ours.
ELSEWHERE = ("api:docs",)


@pytest.fixture
def people(transactional_db, tmp_path):
    store_two_centres(tmp_path)
    return People()


def pages(people, reader):
    """The addresses that answer this reader with a page, by the policy."""
    policy = read_policy()
    for name, parts in addresses():
        for whose, values in pointed_at(people, parts).items():
            told = policy[name, whose, "GET"]
            others = [told[r] for r in READERS[: READERS.index(reader)]]
            if whose in ("", "own") and told[reader] == "200" and "200" not in others:
                yield name, path_of(name, values)


def is_shown(page, address) -> bool:
    """Open it; files are saved and not shown, and what programs ask for is no page."""
    try:
        answer = page.goto(address)
    except Error as not_opened:
        if "Download is starting" not in str(not_opened):
            raise
        return False
    return answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("reader", READERS)
def test_each_is_accessible_and_fits_a_telephone_in_the_dark(people, browser, live_server, reader):
    client = people.browser(reader)
    context = browser.new_context(
        base_url=live_server.url,
        viewport={"width": PHONE, "height": 900},
        color_scheme="dark",
        reduced_motion="reduce",
    )
    cookie = {"name": "sessionid", "value": client.session.session_key, "url": live_server.url}
    context.add_cookies([cookie])
    page, problems, seen = context.new_page(), [], 0
    for name, address in pages(people, reader):
        if name in ELSEWHERE or not is_shown(page, address):
            continue
        seen += 1
        wider = hidden_overflow(page)
        told = [*accessibility_problems(page), *([f"{wider} px too wide"] if wider > 0 else [])]
        problems += [f"{name}: {problem}" for problem in told]
    context.close()

    assert problems == []
    assert seen
