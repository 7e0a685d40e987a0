"""The dashboard's figures are those of the totals, whatever the address asks."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.callers import Browser
from tests.support.factories import Make
from webapp.kit import clock

NOW = datetime(2026, 11, 20, 5, 30, tzinfo=UTC)  # Friday 12:30 in Jakarta
FRAGMENTS = ["cards", "quiet", "feed", "gates"]


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


def at(*, days: int = 0, hours: int = 0, minutes: int = 0) -> int:
    return clock.unix() - int(timedelta(days=days, hours=hours, minutes=minutes).total_seconds())


def figure(page: str, id: str) -> str:
    found = re.search(rf'id="{id}">(.*?)</p>', page, re.DOTALL)
    assert found
    return re.sub(r"<[^>]+>", "", found[1]).strip()


def test_it_counts_today_and_compares_with_last_week_by_this_time(
    viewer_browser: Browser, make: Make
) -> None:
    gate = make.open_gate()
    make.events(gate, at(minutes=5), at(minutes=6), at(minutes=7))
    make.events(gate, at(days=7, hours=2), at(days=7, hours=3))
    make.events(gate, at(days=7) + 3 * 3600)  # later that day: not yet comparable
    page = viewer_browser.open("/dashboard")
    assert figure(page, "passages") == "3"
    assert figure(page, "revenue") == "Rp 6.000"
    assert "50%" in page
    assert "dari Rp 4.000" in page


def test_a_past_day_is_compared_with_the_whole_day_a_week_before(viewer_browser: Browser, make: Make) -> None:
    gate = make.open_gate()
    make.events(gate, at(days=1), at(days=8) + 3 * 3600, at(days=8) - 3600)
    page = viewer_browser.open("/dashboard?date=2026-11-19")
    assert figure(page, "passages") == "1"
    assert "Dibandingkan dengan Kamis, 12 November 2026." in page
    assert "dari 2<" in page
    assert 'id="live"' not in page
    assert 'id="dashboard-feed"' not in page


def test_a_location_is_looked_at_alone(viewer_browser: Browser, make: Make) -> None:
    here, there = make.open_gate("kerkof_01"), make.open_gate("pasar_01")
    make.events(here, at(minutes=1))
    make.events(there, at(minutes=1), at(minutes=2))
    assert figure(viewer_browser.open("/dashboard"), "passages") == "3"
    page = viewer_browser.open("/dashboard?location=kerkof_01")
    assert figure(page, "passages") == "1"
    assert "/dashboard/cards?location=kerkof_01" in page


@pytest.mark.parametrize(
    "query",
    [
        "date=tomorrow",
        "date=0001-01-01",
        "date=9999-12-31",
        "date=2026-13-01",
        "location=nowhere",
        "date=2026-11-21",
    ],
)
def test_what_is_asked_wrongly_is_answered_with_today_and_a_word(viewer_browser: Browser, query: str) -> None:
    page = viewer_browser.open(f"/dashboard?{query}")
    assert "notice-warning" in page
    assert "20 November 2026" in page


@pytest.mark.parametrize("name", FRAGMENTS)
def test_each_fragment_is_the_same_on_the_page_and_alone(
    viewer_browser: Browser, make: Make, name: str
) -> None:
    make.events(make.open_gate(), at(minutes=1))
    fragment = viewer_browser.open(f"/dashboard/{name}", htmx=True)
    assert fragment.lstrip().startswith(("<section", "\n"))
    assert f'id="dashboard-{name}"' in fragment
    assert fragment.strip() in viewer_browser.open("/dashboard")


def test_an_empty_installation_says_what_to_do(viewer_browser: Browser) -> None:
    page = viewer_browser.open("/dashboard")
    assert figure(page, "passages") == "0"
    assert "Buat lokasi dan gerbangnya" in page
    assert "Belum ada lintasan" in page


def test_a_gate_that_has_gone_quiet_is_named_until_it_is_heard(
    viewer_browser: Browser, make: Make, noon: time_machine.Traveller
) -> None:
    gate = make.open_gate()
    for day in range(1, 15):
        make.events(gate, *(at(days=day, minutes=minute) for minute in range(60)))
    noon.shift(50 * 60)
    fragment = viewer_browser.open("/dashboard/quiet", htmx=True)
    assert "1 gerbang senyap" in fragment
    assert re.search(r"senyap selama 50 mnt; seharusnya sudah sekitar \d+ lintasan", fragment)
    make.events(gate, at())
    assert "1 gerbang senyap" not in viewer_browser.open("/dashboard/quiet", htmx=True)


def test_the_charts_have_a_day_a_week_before_and_thirty_days(viewer_browser: Browser, make: Make) -> None:
    gate = make.open_gate()
    make.events(gate, at(minutes=5), at(days=7))
    answer = viewer_browser.client.get("/dashboard/charts").json
    today, before = answer["hours"]["series"]
    assert (today["values"][12], today["values"][11]) == (1, 0)
    assert today["values"][13:] == [None] * 11
    assert sum(before["values"]) == 1
    assert answer["days"]["series"][0]["values"][-8:] == [2000, 0, 0, 0, 0, 0, 0, 2000]
    assert len(answer["days"]["labels"]) == 30
    assert answer["categories"] == {
        "labels": ["Sepeda motor"],
        "series": [{"name": "Lintasan", "values": [1], "style": "main"}],
    }


def test_names_are_shown_as_text(viewer_browser: Browser, make: Make) -> None:
    make.location("kerkof_01", name="<b>Kerkof</b>")
    assert "&lt;b&gt;Kerkof&lt;/b&gt;" in viewer_browser.open("/dashboard")
