"""`suifang try`: what the bot would do with a sentence or with answers; no database, no Telegram."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from bot.domain import freetext
from bot.domain.protocol import Protocol, load_protocol
from bot.domain.trying import Tried, read_case, try_case
from bot.domain.words import Words
from bot.errors import BadInput, SuifangError
from bot.screens.common import phrase
from bot.settings import load_settings
from bot.texts import LOCALES, Texts, load_texts

Answer = Mapping[str, Any]


@click.command("try")
@click.option("--text", help="One sentence, as a participant would write it.")
@click.option(
    "--cases",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help="A case a line.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
def try_(text: str | None, cases: Path | None, as_json: bool) -> None:
    """Say what the bot would do: the protocol as it stands, questioned."""
    if (text is None) == (cases is None):
        raise click.UsageError("give --text or --cases, one of them")
    protocol, texts = load_protocol(load_settings().protocol_file), load_texts()
    given: Iterator[Mapping[str, Any]] = iter([{"text": text}]) if cases is None else _read(cases)
    for case in given:
        answer = answer_to(case, protocol, texts)
        click.echo(json.dumps(answer, ensure_ascii=False) if as_json else "\n".join(_lines(answer)))


def answer_to(case: Mapping[str, Any], protocol: Protocol, texts: Texts) -> Answer:
    """Return the answer to one case as the interface describes it; BadInput where it is no case."""
    named = {"id": case["id"]} if "id" in case else {}
    if case.get("text") is not None:
        heard = freetext.read(str(case["text"]), protocol, read_case(case).context)
        return {**named, **freetext.as_json(heard)}
    return {**named, **_judged(try_case(case, protocol), texts)}


def _judged(tried: Tried, texts: Texts) -> Answer:
    found = tried.assessment
    reasons = [finding.reason for finding in found.findings]
    answer = {
        "tier": found.tier,
        "amber_hours": found.amber_hours,
        "rules": list(tried.rules),
        "call_120": found.call_120,
        "remeasure": list(found.remeasure),
        "reasons": {locale: _told(reasons, texts, locale) for locale in sorted(LOCALES)},
    }
    return answer | ({"refused": list(tried.refused)} if tried.refused else {})


def _told(reasons: list[Words], texts: Texts, locale: Any) -> list[str]:
    return list(dict.fromkeys(texts.plain(locale, phrase(reason)) for reason in reasons))


def _read(cases: Path) -> Iterator[Mapping[str, Any]]:
    with click.open_file(str(cases), encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _case(line, f"{cases.name}, line {number}")


def _case(line: str, where: str) -> Mapping[str, Any]:
    try:
        case = json.loads(line)
    except json.JSONDecodeError as error:
        raise SuifangError(f"{where}: is not JSON: {error.msg}") from error
    if not isinstance(case, dict):
        raise SuifangError(f"{where}: a case is a JSON object")
    try:
        read_case(case)
    except BadInput as error:
        raise SuifangError(f"{where}: {error.values.get('reason', error)}") from error
    return case


def _lines(answer: Answer) -> Iterator[str]:
    name = f"{answer['id']}: " if "id" in answer else ""
    rules = ", ".join(answer["rules"])
    if "act" in answer:
        yield f"{name}{answer['act']}" + (f" ({rules})" if rules else "")
        for found in answer["findings"]:
            yield f"  {found['hazard']}: {found['phrase']} ({found['status']} → {found['act']})"
        return
    hours = f" {answer['amber_hours']} h" if answer["amber_hours"] else ""
    yield f"{name}{answer['tier']}{hours}" + (f" ({rules})" if rules else "")
    if answer["call_120"]:
        yield "  call 120"
    for one in answer["reasons"].values():
        yield from (f"  {reason}" for reason in one)
    if answer["remeasure"]:
        yield f"  measured again: {', '.join(answer['remeasure'])}"
