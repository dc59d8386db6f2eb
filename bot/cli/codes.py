"""How the command line shows a join link: the link, when it ends, and its QR code."""

import io
from pathlib import Path

import click
import segno

from bot.services.participation.invitations import Invitation


def show_invitation(invitation: Invitation) -> None:
    """Print link, expiry and QR code."""
    click.echo(invitation.link)
    click.echo(f"valid until {invitation.expires_at:%Y-%m-%d %H:%M} UTC, works once")
    click.echo(_drawn(invitation.link))


def write_card(card: tuple[bytes, bytes], png: Path | None, pdf: Path | None) -> None:
    """Write the card to hand over into the files that were asked for."""
    for content, path in zip(card, (png, pdf), strict=True):
        if path is not None:
            path.write_bytes(content)
            click.echo(f"card: {path}")


def _drawn(link: str) -> str:
    out = io.StringIO()
    segno.make(link, error="m").terminal(out=out, compact=True)
    return out.getvalue()
