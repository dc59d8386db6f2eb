"""The command line, `suifang` or `python -m bot`: exit 0 done, 1 failed, 2 wrong use or settings."""

import gc
import sys

import click

from bot.cli import (
    audit,
    backup,
    check,
    export,
    key,
    participant,
    protocol,
    roles,
    run,
    sandbox,
    simulate,
    staff,
    try_,
)
from bot.errors import ProtocolError, SettingsError, SuifangError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="suifang")
def cli() -> None:
    """Suifang 随访: follow-up of a clinical trial over Telegram."""


for command in (
    run.run,
    sandbox.sandbox,
    simulate.simulate,
    check.check,
    staff.staff,
    participant.participant,
    protocol.protocol,
    roles.roles,
    export.export,
    try_.try_,
    backup.backup,
    backup.restore,
    backup.resume,
    audit.audit,
    key.key,
):
    cli.add_command(command)


# How many more objects than now there must be before the collector looks at the young ones.
YOUNG_OBJECTS = 10_000


def spare_the_collector() -> None:
    """Let the collector of garbage pass over what was imported, and look at the rest less often.

    What was imported stays for good: looking through it again and again took a twentieth of the time.
    """
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 50)


def main() -> None:
    """Run the command line and leave with its exit code."""
    spare_the_collector()
    try:
        code = cli(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2 if isinstance(error, click.UsageError) else 1)
    except (SettingsError, ProtocolError) as error:
        click.echo(f"suifang: {error}", err=True)
        sys.exit(2)
    except SuifangError as error:
        click.echo(f"suifang: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
