"""`suifang protocol`: the PI reads all of it in words and signs it; a live start wants that signature."""

import re
import shutil
import tomllib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import cli
from bot.cli.protocol import answers_in_short
from bot.cli.run import refuse_unsigned
from bot.clock import PushedClock
from bot.domain.conditions import Condition, Earlier
from bot.domain.lexicon import Grammar
from bot.domain.outcomes import OUTCOMES
from bot.domain.protocol import Protocol, load_protocol, protocol_from, protocol_of
from bot.domain.rules import walk
from bot.domain.site import load_site
from bot.errors import SettingsError, SuifangError
from bot.sandbox.setting import SITE_FILE
from bot.screens.protocol.conditions import outlined
from bot.screens.protocol.outline import Outline, number
from bot.screens.protocol.page import page
from bot.screens.protocol.paper import as_html, as_text
from bot.screens.protocol.sentences import GRAMMAR
from bot.screens.protocol.style import footed
from bot.services.protocol import signing
from bot.settings import SHIPPED_PROTOCOL
from bot.storage import audit
from bot.storage.db import Db
from bot.storage.vault import Vault
from bot.study import Study
from bot.texts import LOCALES, Locale, Phrase, Texts, load_texts, say

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
SETTINGS = ("TELEGRAM_BOT_TOKEN", "SECRET_KEY", "DATABASE_URL", "PROTOCOL_FILE", "SITE_FILE")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def shipped() -> Protocol:
    return load_protocol(anchor="rituximab")


@pytest.fixture(scope="module")
def texts() -> Texts:
    return load_texts()


def typed(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["protocol", *arguments])


# --- reading --------------------------------------------------------------------------------------------


def entries(text: str) -> set[str]:
    """Return the ids with which the entries of a printed page begin."""
    return set(re.findall(r"(?m)^([A-Za-z0-9_]+)(?: \[[^\]]+\])?  \S", text))


def every_id(protocol: Protocol) -> set[str]:
    parts = (
        protocol.arms,
        protocol.visits,
        protocol.reminders,
        protocol.cadence.slots,
        protocol.items,
        protocol.forms,
        protocol.rules,
        protocol.chains,
        protocol.words.hazards,
        protocol.words.readings,
        OUTCOMES,
        {period.rule for period in protocol.missed.values()},
        {protocol.combination.id, "quiet_hours", "first_hours", "meeting"},
    )
    return {name for part in parts for name in part}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_part_of_the_shipped_protocol_is_printed(
    locale: Locale, shipped: Protocol, texts: Texts
) -> None:
    printed = as_text(page(shipped), texts, locale)
    assert every_id(shipped) - entries(printed) == set()
    assert {f"R{n}" for n in range(1, 14)} <= entries(printed)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_source_stands_with_its_tag(locale: Locale, shipped: Protocol, texts: Texts) -> None:
    printed = as_text(page(shipped), texts, locale)
    sourced = [*shipped.visits.values(), *shipped.items.values(), *shipped.rules.values()]
    sourced += [*shipped.chains.values(), *shipped.missed.values(), *shipped.cadence.slots.values()]
    sourced += [*(visit.window for visit in shipped.visits.values()), shipped.quiet_hours, shipped.words]
    assert sourced
    for part in sourced:
        assert f"[{part.tag}] {part.source}" in printed


def told(outline: Outline, texts: Texts, locale: Locale) -> str:
    return "\n".join(
        (texts.plain(locale, outline.head), *(told(below, texts, locale) for below in outline.below))
    )


def numbers_of(condition: Condition) -> Iterator[float]:
    """Yield the numbers that stand in one condition, those inside others left out."""
    for name in type(condition).model_fields:
        value = getattr(condition, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Earlier):
                yield from (one.at_least_hours, one.within_hours)
            elif isinstance(one, int | float) and not isinstance(one, bool):
                yield one


def is_said(value: float, said: str) -> bool:
    shown = {number(value), number(value, 1)} | ({number(value / 24)} if value % 24 == 0 else set())
    return any(re.search(rf"(?<![\d.]){re.escape(one)}(?![\d.])", said) for one in shown)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_number_of_every_rule_is_said(locale: Locale, shipped: Protocol, texts: Texts) -> None:
    looked_at = 0
    for rule in shipped.rules.values():
        said = told(outlined(rule.when, shipped), texts, locale)
        for condition in walk(rule.when):
            for value in numbers_of(condition):
                looked_at += 1
                if getattr(condition, "reports", None) != value or value != 1:
                    assert is_said(value, said), (rule.id, value, said)
    assert looked_at > 60


def test_a_rule_reads_as_a_physician_would_write_it(shipped: Protocol, texts: Texts) -> None:
    printed = as_text(page(shipped, "rules"), texts, "en")
    r1 = printed[printed.index("\nR1 [RED]") : printed.index("\nR2 [RED]")]
    assert r1.splitlines()[2:7] == [
        "    · Where all of these:",
        "        · Q1 Temperature ≥ limit “fever”: Armpit, Forehead, Not sure 37.5 °C; Ear, Mouth 38.0 °C",
        "        · any of these:",
        "            · within 14 days after the end of an infusion of NK cells",
        "            · within 24 hours after the end of an infusion of rituximab",
    ]
    assert "R4 [RED · says to call 120]" in printed
    assert "R1 [红色]" in as_text(page(shipped, "rules"), texts, "zh_CN")


def test_the_follow_up_alone_is_counted_from_the_anchor(shipped: Protocol, texts: Texts) -> None:
    printed = as_text(page(shipped, "schedule"), texts, "en").splitlines()
    assert "    · Day 14, counted from the follow-up anchor, at 08:30" in printed
    assert "    · Day 8, at 08:30" in printed


def test_what_a_page_never_names_is_named_to_the_pi(shipped: Protocol, texts: Texts) -> None:
    printed = as_text(page(shipped, "rules"), texts, "zh_CN")
    (rule,) = re.findall(r"(?s)\nA_JAUNDICE_SOON .*?\n\n", printed)
    assert "乙肝核心抗体阳性" in rule


def test_the_parts_are_the_whole_without_the_words(shipped: Protocol, texts: Texts) -> None:
    whole, rules, schedule = (
        entries(as_text(page(shipped, part), texts, "en")) for part in ("all", "rules", "schedule")
    )
    assert not rules & schedule - {"morning"}
    assert whole - rules - schedule == {
        "words",
        "places",
        "below",
        "spelling",
        *shipped.words.hazards,
        *shipped.words.readings,
        *(f"grammar_{name}" for name in GRAMMAR),
    } - {"temperature"}  # which is a form, too


def small_words(protocol: Protocol) -> Iterator[str]:
    words = protocol.words
    for grammar in (words.grammar.zh, words.grammar.en):
        for name in type(grammar).model_fields:
            yield from getattr(grammar, name)
    for spelling in (words.spelling.zh, words.spelling.en):
        yield from (f"{wrong} → {right}" for wrong, right in spelling.items())
    yield from (*words.spelling.distinct, *words.below.words)
    for said in words.places.values():
        yield from said
    for reading in words.readings.values():
        yield from (*reading.words, *reading.after, *reading.not_)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_small_word_by_which_a_sentence_is_read_is_printed(
    locale: Locale, shipped: Protocol, texts: Texts
) -> None:
    assert set(Grammar.model_fields) == set(GRAMMAR)
    printed = as_text(page(shipped), texts, locale)
    listed = {word for line in printed.splitlines() for word in line.partition(": ")[2].split(" · ")}
    assert set(small_words(shipped)) - listed == set()


def test_the_page_to_sign_holds_the_small_words_too(shipped: Protocol, texts: Texts) -> None:
    read = _Words()
    read.feed(as_html(page(shipped), texts, LOCALES))
    said = "".join(read.said)
    missing = [word for word in small_words(shipped) if word not in said]
    assert missing == []
    assert "一句话怎样理解" in said
    assert "How a sentence is read" in said


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.said: list[str] = []
        self.places: set[str] = set()
        self.marks: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.places |= {str(value) for name, value in attrs if name in ("src", "href")}
        self.marks |= {f"#{value}" for name, value in attrs if name == "id"}
        if tag not in ("meta", "col", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.said.append(" " * (tag in ("th", "td")))

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def test_the_page_is_whole_stands_alone_and_has_a_place_to_sign(shipped: Protocol, texts: Texts) -> None:
    html = as_html(page(shipped), texts, LOCALES)
    read = _Words()
    read.feed(html)
    said = "".join(read.said)
    # The contents lead to every section and nowhere else.
    assert (read.open, read.places) == ([], read.marks)
    assert len(read.marks) == html.count("<h2>")
    assert not re.search(r"url\(|@import|<script", html)
    assert every_id(shipped) - set(re.findall(r"[A-Za-z0-9_]+", said)) == set()
    for words in (shipped.digest, "版本 2026.1", "version 2026.1", "the rituximab day", "利妥昔单抗输注日"):
        assert words in said
    for words in ("签名", "Signature", "日期", "Date", "主要研究者姓名"):
        assert words in said[said.index("签字") :]


@pytest.mark.parametrize("locale", LOCALES)
def test_the_page_says_what_participants_are_told_and_all_that_staff_can_set(
    locale: Locale, shipped: Protocol, texts: Texts
) -> None:
    printed = as_text(page(shipped), texts, locale)
    numbers = {"emergency": "120"}
    for told in (say("emergency.call", **numbers), Phrase(shipped.tell_helpers), say("checkin.end_green")):
        assert texts.plain(locale, told) in printed
    set_by_staff = [f"flag.{each}" for each in shipped.flags] + [
        f"baseline.{each}" for each in shipped.baselines
    ]
    for name in set_by_staff:
        assert f"· {texts.plain(locale, Phrase(name))}\n" in printed
    assert "infection, cytokine release" in printed


def test_every_printed_page_says_which_file_it_is_of(shipped: Protocol, texts: Texts) -> None:
    html = as_html(page(shipped), texts, LOCALES)
    assert f"content: 'nct06676631 · 2026.1 · SHA-256 {shipped.digest[:16]}'" in html
    assert "counter(page)" in html
    assert re.findall("content: '([^']*)'", footed("a'; } b { x: url(//evil)"))[0] == "a  b  x urlevil"


@pytest.mark.parametrize("locale", LOCALES)
def test_the_text_ends_with_a_place_to_sign_and_what_to_do_then(
    locale: Locale, shipped: Protocol, texts: Texts
) -> None:
    signing = as_text(page(shipped), texts, locale).rpartition("══ ")[2]
    assert signing.count("____") == 3 * 4
    assert shipped.digest in signing
    assert "suifang protocol sign --by" in signing
    assert "____" not in as_text(page(shipped, "rules"), texts, locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_number_without_a_unit_leaves_no_gap(locale: Locale, shipped: Protocol, texts: Texts) -> None:
    lines = as_text(page(shipped, "rules"), texts, locale).splitlines()
    said = [line.strip() for line in lines if line.startswith(" ")]
    assert [line for line in said if "  " in line or " ;" in line or " ；" in line] == []


def test_what_a_file_says_is_never_markup(shipped: Protocol, texts: Texts) -> None:
    table = tomllib.loads(SHIPPED_PROTOCOL.read_text(encoding="utf-8"))
    table["quiet_hours"]["source"] = "a <b>bold</b> source"
    html = as_html(page(protocol_from(table, "other.toml")), texts, ("en",))
    assert "a &lt;b&gt;bold&lt;/b&gt; source" in html


def test_show_needs_no_settings_and_prints_both_languages() -> None:
    result = typed("show")
    assert result.exit_code == 0, result.output
    assert "══ 红色规则 ══" in result.stdout
    assert "══ RED rules ══" in result.stdout
    assert "尚未选定" in result.stdout


def test_show_writes_a_page_in_the_language_that_is_named(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    assert typed("show", "--lang", "en", "--schedule", "--html", str(file)).exit_code == 0
    html = file.read_text(encoding="utf-8")
    assert "Reminders" in html
    assert "提醒" not in html
    assert "RED rules" not in html
    assert "Name of the principal investigator" not in html, "only the whole is signed"


def test_a_page_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    result = typed("show", "--html", str(tmp_path / "nowhere" / "page.html"))
    assert isinstance(result.exception, SuifangError)
    assert re.fullmatch(r"cannot write .*page\.html: No such file or directory", str(result.exception))


def smaller() -> dict[str, Any]:
    """Return another trial: two visits, two items, and rules that say what no shipped one says."""
    table = tomllib.loads(SHIPPED_PROTOCOL.read_text(encoding="utf-8"))
    table |= {"id": "other", "version": "1", "flags": ["FRAIL"], "participants": 3}
    table["anchors"] = {"rituximab": "D1"}
    for name in ("words_file", "monthly", "extras"):
        del table[name]
    table["visits"] = {name: table["visits"][name] for name in ("D1", "M2")}
    table["items"] = {name: table["items"][name] for name in ("Q2", "Q5")}
    table["forms"] = {"full": {"items": ["Q2", "Q5"]}}
    table["cadence"]["meeting"] |= {"fullest_first": ["full"], "together": []}
    table["cadence"]["slots"] = {"weekly": table["cadence"]["slots"]["weekly"]}
    first = {"tier": "red", "when": {"item": "Q5", "is": True}, "tag": "D", "source": "invented"}
    first["when"] = {"item": "Q5", "above": 2, "earlier": {"within_hours": 48}}
    texts = {"reason": "rule.A_CHILLS", "rationale": "rule.A_CHILLS.why"}
    second = {"tier": "amber", "hours": 2, "tag": "D", "source": "invented", **texts}
    second["when"] = {
        "all": [{"rule": "X1"}, {"flag": "FRAIL"}, {"not": {"all": [{"item": "Q2", "is": False}]}}]
    }
    table["rules"] = {"X1": {**first, **texts}, "X2": second}
    table["combination"]["one_item"] = {}
    table["missed"] = {"later": table["missed"]["later"]}
    return table


@pytest.mark.parametrize("locale", LOCALES)
def test_another_trial_is_printed_without_a_line_of_python(locale: Locale, texts: Texts) -> None:
    other = protocol_from(smaller(), "other.toml")
    printed = as_text(page(other), texts, locale)
    assert every_id(other) - entries(printed) == set()
    assert "Q6" not in printed
    rule = printed[printed.index("\nX2 ") :]
    assert {"FRAIL", "X1"} <= set(re.findall(r"\w+", rule[: rule.index("\n\n")]))


def test_chinese_and_english_hold_the_same_outline(shipped: Protocol, texts: Texts) -> None:
    zh, en = (as_text(page(shipped), texts, locale).splitlines() for locale in LOCALES)
    assert len(zh) == len(en)
    indents = [[len(line) - len(line.lstrip()) for line in lines] for lines in (zh, en)]
    assert indents[0] == indents[1]
    assert all(texts.plain("en", Phrase(rule.reason_key)) in "\n".join(en) for rule in shipped.rules.values())


# --- signing --------------------------------------------------------------------------------------------


@pytest.fixture
async def study(shipped: Protocol, texts: Texts) -> AsyncIterator[Study]:
    db = await Db.open("sqlite+aiosqlite://", Vault("a pass phrase for tests"), durable=False)
    await db.migrate()
    yield Study(db, shipped, texts, PushedClock(NOW), load_site(SITE_FILE), "")
    await db.close()


def with_protocol(study: Study, protocol: Protocol) -> Study:
    return Study(study.db, protocol, study.texts, study.clock, study.site, study.bot_username)


async def test_a_live_start_is_refused_until_the_protocol_is_signed(study: Study) -> None:
    with pytest.raises(SettingsError, match=r"is not signed: .*`suifang protocol sign --by NAME`") as refused:
        await refuse_unsigned(study)
    assert "\n" not in str(refused.value)
    await signing.sign(study, "Dr Fang")
    await refuse_unsigned(study)


async def test_a_changed_protocol_is_refused_until_it_is_signed_anew(study: Study) -> None:
    await signing.sign(study, "Dr Fang")
    raised = SHIPPED_PROTOCOL.read_bytes().replace(b'version = "2026.1"', b'version = "2026.2"')
    source = replace(study.protocol.source, definition=raised)
    changed = with_protocol(study, protocol_of(source, "x.toml", anchor="rituximab"))
    with pytest.raises(
        SettingsError, match=r"has changed since Dr Fang signed .* on 2026-11-02: .*sign --by"
    ):
        await refuse_unsigned(changed)
    await signing.sign(changed, "Dr Fang")
    await refuse_unsigned(changed)
    with pytest.raises(SettingsError, match="has changed"):
        await refuse_unsigned(study)


async def test_a_signature_is_kept_with_who_when_and_over_what(study: Study) -> None:
    given = await signing.sign(study, " Dr Fang ")
    assert (given.by, given.at, given.anchor) == ("Dr Fang", NOW, "rituximab")
    async with study.db.begin() as tx:
        assert await signing.signature(tx) == given
        (row,) = [entry for entry in await audit.page(tx) if entry.action == "protocol.signed"]
        assert await audit.verify(tx) == []
    assert (row.actor_kind, row.actor_name, row.at, row.before) == ("operator", "Dr Fang", NOW, None)
    assert row.after["digest"] == study.protocol.digest
    assert row.after["version"] == study.protocol.version


async def test_an_unset_anchor_is_neither_signed_nor_started(study: Study) -> None:
    unset = with_protocol(study, load_protocol())
    for attempt in (signing.sign(unset, "Dr Fang"), refuse_unsigned(unset)):
        with pytest.raises(SettingsError, match=r"^follow_up_anchor is not chosen") as refused:
            await attempt
        assert "\n" not in str(refused.value)


async def test_nobody_cannot_sign(study: Study) -> None:
    with pytest.raises(SettingsError, match="needs a name"):
        await signing.sign(study, "  ")


def test_check_asks_for_the_signature_and_notices_one_changed_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "trial.toml"
    file.write_text(
        'follow_up_anchor = "first_nk"\n' + SHIPPED_PROTOCOL.read_text(encoding="utf-8"), encoding="utf-8"
    )
    words = shutil.copy(SHIPPED_PROTOCOL.with_name("nct06676631-words.toml"), tmp_path)
    for name, value in zip(SETTINGS, ("1:abc", "a secret", None, str(file), str(SITE_FILE)), strict=True):
        if value:
            monkeypatch.setenv(name, value)
    # Those who watch are another test's concern.
    monkeypatch.setenv("WITHOUT", "second_channel,heartbeat")

    def checked() -> tuple[Exception | None, list[str]]:
        result = CliRunner().invoke(cli, ["check"], standalone_mode=False)
        return result.exception, result.stderr.splitlines()  # type: ignore[return-value]

    error, printed = checked()
    assert isinstance(error, SettingsError)
    assert len(printed) == 1
    assert "is not signed" in printed[0]
    signed = typed("sign", "--by", "Dr Fang")
    assert signed.exit_code == 0, signed.output
    assert "first_nk, by Dr Fang" in signed.stdout
    assert checked() == (None, [])
    with Path(words).open("a", encoding="utf-8") as appended:
        appended.write("#")
    error, printed = checked()
    assert isinstance(error, SettingsError)
    assert len(printed) == 1
    assert "has changed since Dr Fang signed" in printed[0]


# --- a new version --------------------------------------------------------------------------------------


def test_compare_prints_what_differs_and_replay_of_nothing_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("SECRET_KEY", "a secret"), ("SITE_FILE", str(SITE_FILE))):
        monkeypatch.setenv(name, value)
    shutil.copy(SHIPPED_PROTOCOL.with_name("nct06676631-words.toml"), tmp_path)
    new = tmp_path / "new.toml"
    text = SHIPPED_PROTOCOL.read_text(encoding="utf-8").replace('version = "2026.1"', 'version = "2026.2"')
    new.write_text('follow_up_anchor = "rituximab"\n' + text, encoding="utf-8")
    compared = typed("compare", str(new))
    assert compared.exit_code == 0, compared.output
    assert "values of the file that differ: 2\n" in compared.stdout
    assert "  version: 2026.1 → 2026.2\n" in compared.stdout
    assert "participants for whom something changes: 0 of 0\n" in compared.stdout
    replayed = CliRunner().invoke(cli, ["protocol", "replay", "99"], standalone_mode=False)
    assert "no findings of an alert 99" in str(replayed.exception)


def test_a_replay_says_on_what_without_what_was_written() -> None:
    answers = {
        "Q1": {"place": "axillary", "unit": "C", "value": 38.9},
        "Q2": True,
        "Q5": 1,
        "Q4": [],
        "Q9": None,
        "Q22": {"value": True, "tags": ["vaccine"], "text": "a secret of hers"},
    }
    said = answers_in_short(answers)
    assert said == "Q1 38.9 C axillary; Q2 yes; Q5 1; Q4 none; Q9 skipped; Q22 yes vaccine"
