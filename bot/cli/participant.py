"""`suifang participant`: enrol, invite and list those who take part."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, get_args

import click

from bot.cli.base import COMMAND_LINE, as_json, awaited, opened_study, print_rows, require_username
from bot.cli.codes import show_invitation, write_card
from bot.domain.people import LANGUAGES, Language
from bot.domain.telephone import normal_phone
from bot.errors import BadInput, SuifangError
from bot.services.participation import enrolment, importing
from bot.services.participation.enrolment import EnrolRequest
from bot.services.participation.handing import card_of
from bot.services.participation.importing import DryRun
from bot.storage import participants as store
from bot.study import Study
from bot.texts import Phrase

FILE = click.Path(dir_okay=False, path_type=Path)
DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def participant() -> None:
    """Those who take part in the trial."""


@participant.command()
@click.option("--code", required=True, help="Participant code, for example 001.")
@click.option("--arm", required=True, help="As the protocol names it, for example NK010.")
@click.option("--dose", type=float, required=True, help="Cells, for example 2.5e9.")
@click.option("--day1", type=DATE, required=True, help="The rituximab day, YYYY-MM-DD.")
@click.option("--icf", type=DATE, required=True, help="The date of the signed paper consent, YYYY-MM-DD.")
@click.option("--lang", type=click.Choice(get_args(Language)), default="zh_CN", show_default=True)
@click.option("--flag", "flags", multiple=True, help="A flag of the protocol; may be given several times.")
@click.option("--phone", help="How to reach them; kept sealed, shown in the chat to whoever is on duty.")
@awaited
async def enrol(
    code: str,
    arm: str,
    dose: float,
    day1: datetime,
    icf: datetime,
    lang: str,
    flags: tuple[str, ...],
    phone: str | None,
) -> None:
    """Enrol somebody who has signed the paper consent, and print the join link."""
    async with opened_study() as study:
        require_username(study)
        try:
            request = EnrolRequest(
                code=code,
                arm=arm,
                dose=dose,
                day1_on=_on(day1),
                icf_on=_on(icf),
                language=_language(lang),
                flags=frozenset(flags),
                phone=normal_phone(phone) if phone else None,
            )
            enrolled = await enrolment.enrol(study, COMMAND_LINE, request)
        except BadInput as problem:
            raise SuifangError(_in_words(study, problem)) from problem
        invitation = await enrolment.invite(study, COMMAND_LINE, enrolled)
    click.echo(f"enrolled: {code}")
    show_invitation(invitation)


@participant.command()
@click.argument("code")
@click.option("--png", type=FILE, help="Write the card to hand over, with the QR code, as a picture.")
@click.option("--pdf", type=FILE, help="The same card as PDF, to print (A5).")
@awaited
async def invite(code: str, png: Path | None, pdf: Path | None) -> None:
    """Print a new join link for somebody who is enrolled; older links end."""
    async with opened_study() as study:
        require_username(study)
        async with study.db.begin() as tx:
            found = await store.by_code(tx, code)
        if found is None:
            raise SuifangError(f"no participant with code {code}")
        invitation = await enrolment.invite(study, COMMAND_LINE, found)
        show_invitation(invitation)
        if png or pdf:
            write_card(await card_of(study, found, invitation), png, pdf)


@participant.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--commit", is_flag=True, help="Enrol them; without it the file is only checked.")
@as_json
@awaited
async def import_(file: BinaryIO, commit: bool, as_json: bool) -> None:
    """Enrol everyone in a CSV file: all of them, or nobody where a line is wrong."""
    async with opened_study() as study:
        try:
            text = importing.decoded(file.read())
        except BadInput as problem:
            raise SuifangError(_in_words(study, problem)) from problem
        found = await (
            importing.commit(study, COMMAND_LINE, text) if commit else importing.dry_run(study, text)
        )
        errors = [{"line": each.line, "error": _in_words(study, each.why)} for each in found.errors]
    done = commit and not errors
    if as_json:
        told = {"new": found.codes, "known": found.known, "errors": errors, "enrolled": done}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _tell(found, errors, done=done)
    if errors:
        raise SuifangError(f"{len(errors)} error(s): nobody was enrolled")


def _tell(found: DryRun, errors: list[dict[str, Any]], *, done: bool) -> None:
    verb = "enrolled" if done else "would be enrolled" if not errors else "are in order"
    click.echo(f"{verb}: {' '.join(found.codes) or '-'}")
    if found.known:
        click.echo(f"enrolled before, just the same: {' '.join(found.known)}")
    for each in errors:
        click.echo(f"line {each['line']}: {each['error']}" if each["line"] else f"file: {each['error']}")
    if found.new and not done and not errors:
        click.echo("nothing was written: say --commit to enrol them")


@participant.command("list")
@as_json
@awaited
async def list_(as_json: bool) -> None:
    """List everyone enrolled, with where they stand."""
    async with opened_study() as study, study.db.begin() as tx:
        everyone = await store.all_(tx)
    rows = [
        {
            "code": p.code,
            "arm": p.arm,
            "dose": f"{p.dose:g}",
            "day1": p.day1_on.isoformat(),
            "language": p.language,
            "status": p.status.value,
            "flags": " ".join(sorted(p.flags)),
        }
        for p in everyone
    ]
    print_rows(rows, as_json=as_json)


def _in_words(study: Study, problem: BadInput) -> str:
    return study.texts.plain("en", Phrase(problem.key, problem.values))  # type: ignore[arg-type]


def _on(moment: datetime) -> date:
    return moment.date()


def _language(text: str) -> Language:
    return next(language for language in LANGUAGES if language == text)
