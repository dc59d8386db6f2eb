"""`suifang protocol`: the protocol in plain words, and the PI's signature over it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bot.cli.base import awaited, opened_study, print_rows
from bot.domain.protocol import load_protocol
from bot.errors import SuifangError
from bot.screens.protocol.page import Part, page
from bot.screens.protocol.paper import as_html, as_text
from bot.services.protocol import dry_run, signing, versions
from bot.settings import load_settings
from bot.texts import LOCALES, Locale, load_texts


@click.group()
def protocol() -> None:
    """The protocol: read it, sign it."""


@protocol.command()
@click.option("--lang", type=click.Choice(LOCALES), help="One language; both where none is named.")
@click.option("--rules", "part", flag_value="rules", help="Only what is asked and what follows from it.")
@click.option("--schedule", "part", flag_value="schedule", help="Only visits, reminders and check-ins.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write one page to print and sign, the languages side by side.",
)
def show(lang: Locale | None, part: Part | None, html: Path | None) -> None:
    """Print the whole protocol in plain words: no database, no Telegram, no settings but PROTOCOL_FILE."""
    loaded, texts = load_protocol(load_settings().protocol_file), load_texts()
    chosen = (lang,) if lang else LOCALES
    asked = page(loaded, part or "all")
    if html is not None:
        _write(html, as_html(asked, texts, chosen))
        return
    click.echo("\n\n\n".join(as_text(asked, texts, locale) for locale in chosen))


def _write(file: Path, content: str) -> None:
    try:
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise SuifangError(f"cannot write {file}: {error.strerror}") from error
    click.echo(f"written: {file}")


@protocol.command()
@click.option("--by", required=True, help="The principal investigator's name.")
@awaited
async def sign(by: str) -> None:
    """Record that the PI has read and signed this very file; a later change needs a new signature."""
    async with opened_study() as study:
        given = await signing.sign(study, by)
    click.echo(f"signed: {given.protocol} {given.version}, follow_up_anchor {given.anchor}, by {given.by}")
    click.echo(f"at {given.at:%Y-%m-%d %H:%M} UTC over SHA-256 {given.digest}")


@protocol.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@awaited
async def compare(file: Path, as_json: bool) -> None:
    """Dry-run a new protocol FILE: what differs, and what it would change for each participant.

    Compared with the protocol of PROTOCOL_FILE; nothing is changed, nothing is sent.
    """
    async with opened_study() as study:
        new = load_protocol(file, anchor=study.protocol.follow_up_anchor)
        found = await dry_run.dry_run(study, new)
    if as_json:
        people = {code: [asdict(each) for each in each_one] for code, each_one in found.people.items()}
        keys = [{"key": key, "before": before, "after": after} for key, before, after in found.keys]
        _print_json({"keys": keys, "participants": people})
    else:
        _print_comparison(found)


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, default=str, indent=1))


def _print_comparison(found: dry_run.DryRun) -> None:
    click.echo(f"values of the file that differ: {len(found.keys)}")
    for key, before, after in found.keys:
        click.echo(f"  {key}: {_or_none(before)} → {_or_none(after)}")
    click.echo(f"participants for whom something changes: {len(found.people)} of {found.looked_at}")
    for code, changes in found.people.items():
        click.echo(f"{code}:")
        for each in changes:
            click.echo(f"  {each.kind} {each.what}: {_or_none(each.before)} → {_or_none(each.after)}")


# As a physician says a reading: what was kept is sorted by its letters.
_ORDER = ("value", "unit", "place", "sbp", "dbp", "pulse")


def _replayed(found: versions.Replayed) -> dict[str, object]:
    row = {name: value for name, value in asdict(found).items() if name != "case"}
    return {**row, "on": answers_in_short((found.case or {}).get("answers") or {})}


def answers_in_short(answers: Mapping[str, Any]) -> str:
    """Return answers in one line; what was written in own words stays out: a terminal is no private chat."""
    return "; ".join(f"{item} {_value(answer)}" for item, answer in answers.items())


def _value(answer: Any) -> str:
    if isinstance(answer, Mapping):
        rest = [name for name in answer if name not in _ORDER]
        named = [name for name in (*_ORDER, *rest) if name in answer and name != "text"]
        return " ".join(_value(answer[name]) for name in named)
    if isinstance(answer, list):
        return ", ".join(map(str, answer)) or "none"
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return "skipped" if answer is None else str(answer)


def _or_none(value: object) -> str:
    return "(none)" if value is None else str(value)


@protocol.command()
@click.argument("alert", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the case that `suifang try` takes.")
@awaited
async def replay(alert: int, as_json: bool) -> None:
    """Judge ALERT again under the version that raised it, and under today's; exit 1 where it differs."""
    async with opened_study() as study:
        found = await versions.replay(study, alert)
    if as_json:
        _print_json([asdict(each) for each in found])
    else:
        print_rows([_replayed(each) for each in found], as_json=False)
    if not all(each.same for each in found if each.again is not None):
        raise SuifangError("not every finding comes out the same under its own version")
