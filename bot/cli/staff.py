"""`suifang staff`: invite, list and revoke those who look after participants."""

from typing import Literal

import click

from bot.cli.base import COMMAND_LINE, as_json, awaited, opened_study, print_rows, require_username
from bot.cli.codes import show_invitation
from bot.domain.people import Role
from bot.errors import SuifangError
from bot.services.participation import enrolment
from bot.storage import staff as store


@click.group()
def staff() -> None:
    """Those who look after participants."""


@staff.command()
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", required=True, help="As the others at the site shall read it.")
@click.option("--lang", type=click.Choice(["zh_CN", "en"]), default="zh_CN", show_default=True)
@awaited
async def invite(role: str, name: str, lang: Literal["zh_CN", "en"]) -> None:
    """Print a join link that works once, with its QR code."""
    async with opened_study() as study:
        require_username(study)
        _, invitation = await enrolment.invite_staff(study, COMMAND_LINE, name, Role(role), lang)
    show_invitation(invitation)


@staff.command("list")
@as_json
@awaited
async def list_(as_json: bool) -> None:
    """List everyone at the site, with role and state."""
    async with opened_study() as study, study.db.begin() as tx:
        members = await store.all_(tx)
    rows = [
        {
            "id": m.id,
            "name": m.name,
            "role": m.role.value,
            "language": m.language,
            "status": m.status,
            "on_call": m.on_call,
        }
        for m in members
    ]
    print_rows(rows, as_json=as_json)


@staff.command()
@click.argument("staff_id", type=int)
@awaited
async def revoke(staff_id: int) -> None:
    """End everything that this member may do, at once."""
    async with opened_study() as study:
        if not await enrolment.revoke_staff(study, COMMAND_LINE, staff_id):
            raise SuifangError(f"no active or invited member with id {staff_id}")
    click.echo(f"revoked: {staff_id}")
