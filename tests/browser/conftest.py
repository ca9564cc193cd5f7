"""A browser at a live server: Chromium from this machine, axe, and somebody signed in."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from mmn_registry.bundle import load_bundle
from tests.outcomes.stories import neurologist, store_patient

PROJECT = Path(__file__).parents[2]
LEGER = PROJECT / "mmn_registry" / "demo_data" / "leger_2008_synthetic"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, TABLET, DESK = 390, 768, 1440


def chromium_path() -> str:
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None:
        pytest.fail("The browser tests need Chromium: install the package chromium.", pytrace=False)
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests. Playwright's loop makes Django think it is called from one."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(browser, live_server, client):
    """Open pages as a signed-in neurologist (or a stranger); complaints of the browser fail."""
    contexts, complaints = [], []

    @contextmanager
    def opened(address, *, width=DESK, look="light", signed_in=True, **options):
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme=look,
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        if signed_in:
            cookie = {"name": "sessionid", "value": client.session.session_key}
            context.add_cookies([{**cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if _is_complaint(m) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        yield page
        assert complaints == []

    yield opened
    for context in contexts:
        context.close()
    _wait_for_the_server()


def _wait_for_the_server() -> None:
    """A page may leave while its request is answered: tables are emptied after that, not during."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(timeout=10)


@pytest.fixture
def reader(transactional_db, client):
    """The person who looks, and the patients there are: one of Léger's, one short, one empty."""
    user = neurologist("SALP", "C1", "C2")
    client.force_login(user)
    return user


@pytest.fixture
def patients(reader, tmp_path):
    load_bundle(leger_patients(tmp_path / "leger", "SYN-010", "SYN-003"))
    store_patient(tmp_path / "full", study_id="P-FULL", **EVERYTHING)
    store_patient(tmp_path / "empty", study_id="P-EMPTY", visits=0, infusions="")


def leger_patients(folder: Path, *study_ids: str) -> Path:
    """A bundle of some patients of the demonstration cohort."""
    folder.mkdir()
    for table in LEGER.glob("*.csv"):
        head, *rows = table.read_text(encoding="utf-8").splitlines()
        kept = [row for row in rows if row.split(",")[0] in study_ids]
        if kept:
            (folder / table.name).write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")
    return folder


EVERYTHING = {
    "regimens": """
study_id | started_on | route | product | planned_dose_g | planned_interval_days \
| ended_on | end_reason
P-FULL | 2020-01-15 | IV | Privigen | 70 | 30 | 2020-12-20 | switch
P-FULL | 2020-12-20 | SC | Hizentra | 15 | 7 ||
""",
    "grip_strengths": """
study_id | visited_on | side | device | value
P-FULL | 2020-01-10 | right | vigorimeter_kpa | 41.5
P-FULL | 2020-01-10 | left | vigorimeter_kpa | 60
P-FULL | 2021-01-20 | right | vigorimeter_kpa | 55
""",
    "dose_attempts": """
study_id | attempted_on | kind | outcome
P-FULL | 2020-10-01 | reduction | failed
""",
    "immunosuppressants": """
study_id | drug | started_on | ended_on
P-FULL | mycophenolate | 2020-03-01 |
""",
    "adverse_reactions": """
study_id | occurred_on | reaction | severity | serious
P-FULL | 2020-02-16 | aseptic_meningitis | severe | yes
P-FULL | 2020-03-16 | headache | mild | no
""",
    "laboratory": """
study_id | taken_on | test | value | unit | interpretation
P-FULL | 2019-12-01 | csf_protein | 0.62 | g/L | high
""",
    "findings": """
study_id | observed_on | finding | state
P-FULL | 2019-12-01 | reflexes_reduced_or_absent | present
""",
    "nerve_segments": """
study_id | studied_on | nerve | side | distal_site | proximal_site | distal_amplitude_mv \
| distal_area_mv_ms | proximal_area_mv_ms | distal_duration_ms | proximal_duration_ms
P-FULL | 2019-12-05 | median | right | wrist | elbow | 8 | 20 | 8 | 5 | 5.5
P-FULL | 2019-12-05 | ulnar | left | wrist | elbow | 8 | 20 | 8 | 5 | 5.5
P-FULL | 2021-01-05 | median | right | wrist | elbow | 8 | 20 | 18 | 5 | 5.5
""",
}


def accessibility_problems(page: Page, within: str = "html") -> list[str]:
    """What axe finds on a page or in a part of it, as sentences.

    Without its preload, which would look for imported style sheets beside the page.
    """
    results = Axe().run(page, context=within, options={"runOnly": WCAG, "preload": False})
    return [
        f"{found['id']}: {found['help']} ({node['html'][:160]})"
        for found in results.response["violations"]
        for node in found["nodes"]
    ]


# Colours are looked at on a desk, layout on both; a page is loaded once for all of them.
LOOKS = ((DESK, "light"), (DESK, "dark"), (PHONE, "light"))


def problems_in_every_look(page: Page) -> list[str]:
    """What axe finds on a page, and by how much it is wider than its window, wherever it is."""
    found = []
    for width, look in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=look, reduced_motion="reduce")
        wider = hidden_overflow(page)
        told = [*accessibility_problems(page), *([f"{wider} px too wide"] if wider > 0 else [])]
        found += [f"{width} px, {look}: {problem}" for problem in told]
    return found


def hidden_overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def _is_complaint(message) -> bool:
    """That a sign-in has ended is told to a script, and no fault."""
    return message.type == "error" and "401 (Unauthorized)" not in message.text
