"""The report in a browser, opened from the disk with no network: by mouse, by keyboard, and by a checker of access."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orgnet.report import render
from tests import reported

CHROMIUM = shutil.which("chromium")
WIDE, NARROW = 1280, 390
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium: apt-get install chromium")
Opened = Callable[..., playwright.Page]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    path = folder / "report.html"
    path.write_text(render(reported.publish(folder / "out", {"A": reported.HOSTILE})), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opened(chromium: playwright.Browser, path: Path, width: int, **context: bool) -> Iterator[playwright.Page]:
    """The page, opened from the disk with no network; at the end, it has asked for nothing and complained of nothing."""
    within = chromium.new_context(viewport={"width": width, "height": 800}, **context)
    within.set_offline(True)
    within.set_default_timeout(30_000)
    page, asked, said = within.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    yield page
    within.close()
    assert asked == [path.as_uri()]
    assert not said


@pytest.fixture
def wide(chromium, page_file) -> Iterator[playwright.Page]:
    with opened(chromium, page_file, WIDE) as page:
        yield page


def shown(page: playwright.Page, clock: str) -> list[str]:
    """The places in time of what is shown under a time control."""
    parts = page.locator(f"figure[data-of={clock}]:visible, #maps .layer:visible span[data-of={clock}]:visible")
    return [part.get_attribute("data-at") or "" for part in parts.all()]


class TestTimeControl:
    @pytest.mark.parametrize("clock", ["kiviat", "map"])
    def test_by_mouse(self, wide, clock):
        control = wide.locator(f"[data-clock={clock}]")
        assert shown(wide, clock) == ["2"] and control.locator("output").inner_text() == "2017"
        control.get_by_role("button", name="Earlier").click()
        assert shown(wide, clock) == ["1"] and control.locator("output").inner_text() == "2016"
        control.get_by_role("button", name="Later").click()
        control.get_by_role("button", name="Later").click(force=True)  # it stays at the end
        assert shown(wide, clock) == ["2"]

    @pytest.mark.parametrize("clock", ["kiviat", "map"])
    def test_by_keyboard(self, wide, clock):
        slider = wide.locator(f"#{clock}-at")
        slider.focus()
        slider.press("ArrowLeft")
        assert shown(wide, clock) == ["1"] and slider.get_attribute("aria-valuetext") == "2016"
        slider.press("Home")
        assert shown(wide, clock) == ["0"]
        slider.press("Tab")
        wide.keyboard.press("Enter")  # the button that stands behind it: later
        assert shown(wide, clock) == ["1"]

    def test_the_map_follows_with_ties_absent_organisations_and_the_table(self, wide):
        layer = wide.locator("[data-layer=combined].layer")
        assert layer.locator("g[data-of=map]:visible").count() == 1 and layer.locator(".absent").count() == 0
        layer.locator("summary").click()
        assert layer.locator("tbody tr").count() == 2
        wide.locator("#map-at").press("Home")
        assert layer.locator(".absent text").text_content() == "N"
        assert layer.locator("tbody tr").all_inner_texts() == ["A\tB\t2"]

    def test_another_kind_of_tie_is_chosen_by_keyboard(self, wide):
        wide.locator(".choose input").first.focus()
        wide.keyboard.press("ArrowDown")
        assert wide.locator(".layer:visible").get_attribute("data-layer") == "referrals"


class TestSorting:
    def names(self, page: playwright.Page) -> list[str]:
        return [row.split("\n")[0] for row in page.locator("#holding tbody th small").all_inner_texts()]

    def test_by_mouse_and_again_the_other_way_round(self, wide):
        heading = wide.locator("#holding th", has_text="Strength")
        assert self.names(wide) == ["B", "A", "N"] and heading.get_attribute("aria-sort") == "descending"
        heading.locator(".sort").click()
        assert self.names(wide) == ["N", "A", "B"] and heading.get_attribute("aria-sort") == "ascending"

    def test_by_keyboard_with_one_column_sorted_at_a_time(self, wide):
        wide.locator("#holding").get_by_role("button", name="Organisation").focus()
        wide.keyboard.press("Enter")
        assert wide.locator("#holding [aria-sort]").count() == 1
        assert wide.locator("#holding [aria-sort]").get_attribute("aria-sort") == "ascending"
        assert self.names(wide) == ["A", "B", "N"]

    def test_what_has_no_value_stays_last_either_way(self, wide):
        heading = wide.locator("#holding th", has_text="Page rank")
        for _ in range(2):
            heading.locator(".sort").click()
            assert wide.locator("#holding tbody tr").count() == 3
            assert all("✱" in row or "·" in row for row in wide.locator("#holding tbody tr").all_inner_texts())


class TestDefinitions:
    def test_by_mouse(self, wide):
        wide.locator("#holding [data-def=betweenness]").click()
        assert wide.locator("#definition[open]").inner_text().startswith("Betweenness")
        wide.locator("#definition").get_by_role("button", name="Close").click()
        assert wide.locator("#definition[open]").count() == 0

    def test_by_keyboard_and_back_to_where_one_was(self, wide):
        button = wide.locator("#holding [data-def=betweenness]")
        button.focus()
        wide.keyboard.press("Enter")
        assert "shortest chain of ties" in wide.locator("#definition[open]").inner_text()
        wide.keyboard.press("Escape")
        assert wide.locator("#definition[open]").count() == 0
        assert button.evaluate("each => each === document.activeElement")


def assert_accessible(chromium: playwright.Browser, path: Path, width: int) -> None:
    """Opened with everything unfolded, the checker finds nothing serious, and nothing makes the page scroll sideways."""
    with opened(chromium, path, width, bypass_csp=True) as page:
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        found = axe.Axe().run(page).response["violations"]
        assert not [(each["id"], each["nodes"]) for each in found if each["impact"] in ("serious", "critical")]
        assert page.evaluate("document.documentElement.scrollWidth") <= width


class TestAccess:
    @pytest.mark.parametrize("width", [WIDE, NARROW])
    def test_to_the_small_network(self, chromium, page_file, width):
        assert_accessible(chromium, page_file, width)

    def test_to_the_scenario(self, chromium, commanded):
        assert_accessible(chromium, commanded.out / "current" / "report.html", WIDE)

    def test_to_its_copy_for_sharing_on_a_small_screen(self, chromium, shared_copy):
        assert_accessible(chromium, shared_copy / "report.html", NARROW)


class TestKeyboard:
    def test_the_first_stop_leads_past_the_top(self, wide):
        wide.keyboard.press("Tab")
        assert wide.evaluate("document.activeElement.textContent") == "Skip to the report"
        wide.keyboard.press("Enter")
        assert wide.evaluate("document.activeElement.id") == "main"

    def test_every_region_that_scrolls_can_be_reached_and_has_a_name(self, wide):
        for region in wide.locator(".scroll").all():
            assert region.get_attribute("tabindex") == "0" and region.get_attribute("aria-label")

    def test_a_hostile_name_is_shown_and_not_run(self, wide):
        assert reported.HOSTILE in wide.locator("#holding tbody").inner_text()

    def test_print_shows_every_layer_and_no_controls(self, wide):
        wide.emulate_media(media="print")
        layers = wide.locator(".layer")
        assert layers.count() > 1 and all(layer.is_visible() for layer in layers.all())
        assert not wide.locator(".step").first.is_visible() and wide.locator(".stamp").is_visible()
