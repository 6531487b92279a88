"""Loading: names, bases, calibrations, reforms, single values, tables."""

from __future__ import annotations

import dataclasses
import datetime as dt
import pickle
from pathlib import Path

import pydantic
import pytest

from sim.scenario.load import load
from sim.scenario.schema import Bilingual
from sim.scenario.yaml_lines import Place

from .conftest import ITEMS, SCENARIO, Hall


def test_a_scenario_as_written(hall: Hall) -> None:
    scenario = hall.load()
    assert scenario.name == "hall"
    assert scenario.title == Bilingual(en="Tiny hall", zh="小厅")
    assert scenario.settings.horizon.start == dt.date(2008, 7, 1)
    assert [item.id for item in scenario.items] == ["site", "deed", "clinic", "mine", "seal"]
    assert scenario.items[0].helpers == ("health", "police")
    assert scenario.department("health").name.zh == "卫生局"
    assert scenario.places["horizon.census"] == Place(f"{hall.folder}/hall.yaml", 4)
    assert scenario.places["items.deed"] == Place(f"{hall.folder}/items.csv", 3)
    assert [Path(file).name for file in scenario.texts] == [
        "hall.yaml",
        "departments.csv",
        "items.csv",
    ]
    assert scenario.warnings == ()


def test_a_table_is_read_once_until_it_is_edited(hall: Hall) -> None:
    scenario = hall.load()
    assert scenario.with_values({"demand.volume": 2}).items[0] is scenario.items[0]
    path = hall.folder / "items.csv"
    text = path.read_text(encoding="utf-8")
    hall.write("items.csv", text.replace("deed", "title"))
    assert [item.id for item in hall.load().items] == ["site", "title", "clinic", "mine", "seal"]
    copied = hall.write("copied.csv", text)
    hall.write("items.csv", text)
    hall.write("other.yaml", SCENARIO.replace("items.csv", "copied.csv"))
    other = hall.load("other.yaml")
    assert other.places["items.deed"] == Place(str(copied), 3)


def test_names_are_looked_up_in_scenarios(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("hall.yaml", "departments.csv", "items.csv"):
        hall.write(f"scenarios/{name}", (hall.folder / name).read_text(encoding="utf-8"))
    hall.write("scenarios/reforms/calm.yaml", "title: {en: c, zh: c}\npolicy: {recall_rate: 0}\n")
    monkeypatch.chdir(hall.folder)
    scenario = load("hall+calm+full-entry")
    assert scenario.name == "hall+calm+full-entry"
    assert (scenario.settings.policy.recall_rate, scenario.settings.policy.entry) == (0, 1)
    assert scenario.places["title"] == Place("scenarios/hall.yaml", 1)


def test_extends_merges_maps_and_replaces_lists(hall: Hall) -> None:
    hall.add(
        "demand:\n  hour_weights: {9: 1, 10: 2}\nhall: {patience_min: {mean: 60, cv: 0.5}}\n"
        "courier: {departures: ['11:00', '16:00']}\n"
    )
    hall.write(
        "sub/mine.yaml",
        "extends: ../hall.yaml\ntitle: {en: Mine}\ndemand:\n  hour_weights: {010: 3}\n"
        "hall: {patience_min: {mean: 90}}\ncourier: {departures: ['12:00']}\n",
    )
    scenario = hall.load("sub/mine.yaml")
    settings = scenario.settings
    assert scenario.title == Bilingual(en="Mine", zh="小厅")
    assert settings.demand.hour_weights == {9: 1, 10: 3}
    assert (settings.hall.patience_min.mean, settings.hall.patience_min.cv) == (90, 0.5)
    assert settings.courier.departures == ("12:00",)
    assert scenario.places["hall.patience_min.mean"] == Place(f"{hall.folder}/sub/mine.yaml", 5)
    assert scenario.places["hall.patience_min.cv"] == Place(f"{hall.folder}/hall.yaml", 10)
    assert "courier.departures.1" not in scenario.places
    assert len(scenario.items) == 5


def test_a_chain_of_bases(hall: Hall) -> None:
    hall.add("papers: {attempts: 2, incomplete_rate: 0.3}\n")
    hall.write("b.yaml", "extends: hall\npapers: {attempts: 3}\n")
    hall.write("c.yaml", "extends: b\npapers: {attempts: 4}\n")
    papers = hall.load("c.yaml").settings.papers
    assert (papers.attempts, papers.incomplete_rate) == (4, 0.3)


def test_unquoted_words_stay_words(hall: Hall) -> None:
    hall.add("calendar: {country: NO}\ncourier:\n  departures: [09:30, 17:00]\n")
    settings = hall.load().settings
    assert settings.calendar.country == "NO"
    assert settings.courier.departures == ("09:30", "17:00")


def test_a_calibration_is_laid_over_the_file_that_names_it(hall: Hall) -> None:
    hall.add("calibration: fits/b.yaml\npapers: {incomplete_rate: 0.4}\noffices: {errand_wd: 3}\n")
    hall.write(
        "fits/b.yaml",
        "title: {en: Stuck, zh: 停滞}\nfitted:\n  papers.incomplete_rate: 0.1\n"
        "  service.pay_min.mean: 7\ntargets: {completion_rate: 0.916}\nresiduals: [1, 2]\n",
    )
    scenario = hall.load()
    assert scenario.settings.papers.incomplete_rate == 0.1
    assert scenario.settings.service.pay_min.mean == 7
    assert scenario.settings.offices.errand_wd == 3
    place = Place(f"{hall.folder}/fits/b.yaml", 3, "calibration")
    assert scenario.places["papers.incomplete_rate"] == place
    hall.write("mine.yaml", "extends: hall\npapers: {incomplete_rate: 0.2}\n")
    mine = hall.load("mine.yaml").settings
    assert (mine.papers.incomplete_rate, mine.service.pay_min.mean) == (0.2, 7)
    hall.write("free.yaml", "extends: hall\ncalibration: null\n")
    assert hall.load("free.yaml").settings.papers.incomplete_rate == 0.4


def test_reforms_compose(hall: Hall) -> None:
    hall.reform("calm", "recall_rate", 0)
    hall.reform("still", "recall_rate", 0.0)
    hall.reform("open", "entry", 1)
    scenario = hall.load("hall.yaml+calm+still").with_reforms("open")
    assert scenario.name == "hall+calm+still+open"
    assert scenario.reforms == ("calm", "still", "open")
    assert scenario.title.en == "Tiny hall + Calm + Still + Open"
    assert (scenario.settings.policy.recall_rate, scenario.settings.policy.entry) == (0, 1)
    place = Place(f"{hall.folder}/reforms/open.yaml", 4, "reform")
    assert scenario.places["policy.entry"] == place
    assert hall.load().settings.policy.entry is None


def test_a_reform_by_path(hall: Hall) -> None:
    hall.reform("open", "entry", 1)
    scenario = hall.load(f"hall.yaml+{hall.folder}/reforms/open.yaml")
    assert (scenario.name, scenario.settings.policy.entry) == ("hall+open", 1)


def test_values_lie_over_everything(hall: Hall) -> None:
    hall.reform("open", "entry", 1)
    values = ["policy.entry=0.8", "service.pay_min={mean: 9}", "demand.hour_weights.8=0.5"]
    scenario = hall.load("hall.yaml+open", values)
    assert scenario.settings.policy.entry == 0.8
    assert (scenario.settings.service.pay_min.mean, scenario.settings.service.pay_min.cv) == (
        9,
        0.6,
    )
    assert scenario.places["policy.entry"] == Place("--set policy.entry=0.8", None, "set")
    again = scenario.with_values({"policy.entry": None, "policy.windows": "comprehensive"})
    assert again.settings.policy.entry is None
    assert again.settings.policy.windows == "comprehensive"
    assert again.settings.service.pay_min.mean == 9
    assert again.reforms == ("open",)
    assert again.with_values({"staffing.staff_transfer": False}).settings.staffing == (
        type(again.settings.staffing)(staff_transfer=False)
    )


def test_a_scenario_outlives_a_change_of_folder(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hall.reform("open", "entry", 1)
    monkeypatch.chdir(hall.folder)
    scenario = load("hall.yaml")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert scenario.with_reforms("open").settings.policy.entry == 1


def test_rivals_keep_reforms_and_values(hall: Hall) -> None:
    hall.reform("open", "entry", 1)
    hall.add("rivals: [other]\n")
    hall.write("other.yaml", "extends: hall\ntitle: {en: Other}\nsuspension: {share: 0.1}\n")
    scenario = hall.load("hall.yaml+open", ["fees.scale=2"])
    (rival,) = scenario.rivals()
    assert (rival.name, rival.settings.suspension.share) == ("other+open", 0.1)
    assert (rival.settings.policy.entry, rival.settings.fees.scale) == (1, 2)
    assert rival.rivals() == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_tables_as_spreadsheets_save_them(
    hall: Hall, encoding: str, delimiter: str, ending: str
) -> None:
    plain = hall.load().items
    text = ITEMS.replace("health;police", '"health;police"') if delimiter == ";" else ITEMS
    text = text.replace(",", delimiter).replace("\n", ending) + delimiter * 3 + ending
    (hall.folder / "items.csv").write_bytes(text.encode(encoding))
    assert hall.load().items == plain


def test_digest(hall: Hall) -> None:
    digest = hall.load().digest
    assert len(digest) == 64
    assert hall.load().digest == digest
    assert hall.load(values=["fees.scale=2"]).digest != digest
    hall.cell("items", "deed", cases_per_wd=4)
    assert hall.load().digest != digest


def test_frozen(hall: Hall) -> None:
    scenario = hall.load()
    with pytest.raises(dataclasses.FrozenInstanceError):
        scenario.name = "other"  # type: ignore[misc]
    with pytest.raises(pydantic.ValidationError):
        scenario.settings.policy.entry = 1  # type: ignore[misc]
    with pytest.raises(pydantic.ValidationError):
        scenario.items[0].sections = 1  # type: ignore[misc]


def test_workers_can_be_sent_a_scenario(hall: Hall) -> None:
    scenario = hall.load()
    assert pickle.loads(pickle.dumps(scenario)) == scenario  # noqa: S301 our own bytes


@pytest.mark.parametrize(
    ("census", "more", "warned"),
    [
        ("2009-04-20", "", ""),
        ("2031-03-03", "calendar: {country: HK}\n", ""),
        ("2031-03-03", "", "2031"),
        ("2031-03-03", "calendar: {extra_workdays: [2031-02-01]}\n", ""),
        ("2031-12-22", "", "2031 to 2032"),
    ],
)
def test_years_without_published_make_up_days(
    hall: Hall, census: str, more: str, warned: str
) -> None:
    hall.add(f"{more}experiment: {{seed: 1}}\n")
    values = [f"horizon.start={census}", f"horizon.census={census}"]
    warnings = hall.load(values=values).warnings
    if warned:
        (warning,) = warnings
        assert warning.startswith(f"make-up workdays of {warned} are not in the package holidays")
    else:
        assert warnings == ()


def test_an_own_report_replaces_that_of_the_base(hall: Hall) -> None:
    hall.add("report: {cases_received: 100, cases_open: 7}\n")
    own = "extends: hall.yaml\ntitle: {en: Own, zh: 自}\nreport: {cases_received: 50}\n"
    hall.write("own.yaml", own)
    assert hall.load("own.yaml").settings.report == {"cases_received": 50}


def test_a_cashier_needs_windows(hall: Hall) -> None:
    hall.add("hall: {cashier_unit: police}\n")
    _, _, found, allowed = hall.problem()
    assert found == "department 'police' has no windows"
    assert "land, health" in allowed


def test_a_hall_of_its_own_may_extend_one_with_sources_for_rows(hall: Hall) -> None:
    hall.add("sources:\n  items.sections[site;seal]: 'S: counted'\n")
    hall.write("own-items.csv", ITEMS.replace("site,", "plot,"))
    hall.write(
        "own.yaml",
        "extends: hall\ntables: {departments: departments.csv, items: own-items.csv}\n",
    )
    assert "items.sections[site;seal]" not in hall.load("own.yaml").sources
    assert "items.sections[site;seal]" in hall.load("hall.yaml").sources


def test_a_scenario_stays_as_it_was_read_however_its_files_are_edited(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    hall.add("policy: {entry: 0.5}\n")
    hall.reform("quick", "work_speed", 1.5)
    path = str(tmp_path / "hall.yaml")
    before = load(path)
    hall.add("policy: {entry: 0.9}\n")
    hall.cell("items", "deed", cases_per_wd=9)
    for again in (before.with_values({"policy.recall_rate": 0.1}), before.with_reforms("quick")):
        assert again.settings.policy.entry == 0.5
        assert again.items == before.items
    anew = load(path)
    assert anew.settings.policy.entry == 0.9
    assert anew.items != before.items
