"""`suifang participant`: enrol, invite and list those who take part."""

from datetime import date, datetime
from pathlib import Path
from typing import get_args

import click

from bot.cli.base import COMMAND_LINE, as_json, awaited, opened_study, print_rows, require_username
from bot.cli.codes import show_invitation
from bot.domain.people import LANGUAGES, Language
from bot.errors import BadInput, SuifangError
from bot.services import enrolment
from bot.services.enrolment import EnrolRequest
from bot.storage import participants as store
from bot.study import Study
from bot.texts import Phrase

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
@awaited
async def enrol(
    code: str, arm: str, dose: float, day1: datetime, icf: datetime, lang: str, flags: tuple[str, ...]
) -> None:
    """Enrol somebody who has signed the paper consent, and print the join link."""
    request = EnrolRequest(
        code=code,
        arm=arm,
        dose=dose,
        day1_on=_on(day1),
        icf_on=_on(icf),
        language=_language(lang),
        flags=frozenset(flags),
    )
    async with opened_study() as study:
        require_username(study)
        try:
            enrolled = await enrolment.enrol(study, COMMAND_LINE, request)
        except BadInput as problem:
            raise SuifangError(_in_words(study, problem)) from problem
        invitation = await enrolment.invite(study, COMMAND_LINE, enrolled)
    click.echo(f"enrolled: {code}")
    show_invitation(invitation)


@participant.command()
@click.argument("code")
@click.option("--png", type=click.Path(dir_okay=False, path_type=Path), help="Write the QR code into a file.")
@awaited
async def invite(code: str, png: Path | None) -> None:
    """Print a new join link for somebody who is enrolled; older links end."""
    async with opened_study() as study:
        require_username(study)
        async with study.db.begin() as tx:
            found = await store.by_code(tx, code)
        if found is None:
            raise SuifangError(f"no participant with code {code}")
        invitation = await enrolment.invite(study, COMMAND_LINE, found)
    show_invitation(invitation, png)


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
