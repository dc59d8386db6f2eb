"""The site file: both languages, phones that can be called, and errors that name file and key."""

from datetime import date
from pathlib import Path

import pytest

from bot.domain.definition import ProtocolErrors
from bot.domain.site import Bilingual, load_site
from bot.errors import ProtocolError

SANDBOX = Path(__file__).parents[2] / "bot" / "sandbox" / "site.toml"


def test_the_site_of_the_sandbox_is_in_both_languages_and_says_that_it_is_invented() -> None:
    site = load_site(SANDBOX)
    assert "虚构" in site.name.zh_CN
    assert "invented" in site.name.en
    assert (site.zone, site.phones.emergency) == ("Asia/Shanghai", "120")


def test_the_phone_of_the_sandbox_reaches_nobody() -> None:
    """A number behind a Chinese area code never begins with 0."""
    assert load_site(SANDBOX).phones.site.split("-")[1].startswith("0")


def test_a_day_closed_is_one_of_the_sites_own_list(tmp_path: Path) -> None:
    site = load_site(
        _written(tmp_path, '\n[[holidays]]\non = 2027-02-06\nname = { zh_CN = "春节", en = "New Year" }\n')
    )
    assert site.holidays[-1].on == date(2027, 2, 6)
    assert site.holidays[-1].name == Bilingual(zh_CN="春节", en="New Year")


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ('en = "Monday to Friday, 8:00 to 17:00"', "", "hours.en: is missing"),
        ('site = "021-0000-0142"', 'site = "ask at the desk"', "phones.site: string should match pattern"),
        ('"Asia/Shanghai"', '"Shanghai"', "zone: is not a time zone: 'Shanghai'"),
        ("[phones]", "[phones]\nfax = '1'", "phones.fax: unknown key"),
        (
            'zh_CN = "云桥路 8 号，门诊楼 3 楼，临床研究中心"',
            'zh_CN = " "',
            "address.zh_CN: string should have at least 1",
        ),
    ],
)
def test_a_wrong_site_file_names_the_key(tmp_path: Path, old: str, new: str, error: str) -> None:
    text = SANDBOX.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "site.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ProtocolErrors) as caught:
        load_site(path)
    assert str(caught.value).startswith(f"site.toml: {error}")


def test_a_day_closed_twice_is_refused(tmp_path: Path) -> None:
    holiday = '\n[[holidays]]\non = 2027-02-06\nname = { zh_CN = "春节", en = "New Year" }\n'
    with pytest.raises(ProtocolErrors, match="holidays: 2027-02-06 stands there twice"):
        load_site(_written(tmp_path, holiday * 2))


def test_a_day_both_closed_and_worked_is_refused(tmp_path: Path) -> None:
    path = _written(tmp_path, "")
    text = path.read_text(encoding="utf-8").replace('country = "CN"', "works_on = [2027-03-18]")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProtocolErrors, match="works_on: 2027-03-18 is one of the holidays, too"):
        load_site(path)


def test_a_site_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"gone\.toml: file: cannot be read"):
        load_site(tmp_path / "gone.toml")


def _written(folder: Path, more: str) -> Path:
    path = folder / "site.toml"
    path.write_text(SANDBOX.read_text(encoding="utf-8") + more, encoding="utf-8")
    return path
