"""How the command line shows a join link: the link, when it ends, and its QR code."""

import io
from pathlib import Path

import click
import segno

from bot.services.invitations import Invitation


def show_invitation(invitation: Invitation, png: Path | None = None) -> None:
    """Print link, expiry and QR code; with `png`, write the code into that file as well."""
    click.echo(invitation.link)
    click.echo(f"valid until {invitation.expires_at:%Y-%m-%d %H:%M} UTC, works once")
    if png is None:
        click.echo(_drawn(invitation.link))
        return
    png.write_bytes(invitation.png())
    click.echo(f"QR code: {png}")


def _drawn(link: str) -> str:
    out = io.StringIO()
    segno.make(link, error="m").terminal(out=out, compact=True)
    return out.getvalue()
