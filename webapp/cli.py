"""Commands: `flask gerbang setup|doctor|scheduler`, `flask admin create`, `flask demo`."""

import getpass
import secrets

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from flask_migrate import upgrade

from webapp import audit, config, demo, doctor, scheduler, vault
from webapp.accounts import queries, service
from webapp.accounts.models import Role
from webapp.api import openapi, postman
from webapp.database import transaction
from webapp.errors import Conflict, DomainError, Invalid
from webapp.gates import jobs as gate_jobs

gerbang = AppGroup("gerbang", help="Set up, check and run Gerbang.")
COMMAND = audit.Actor("command", name=getpass.getuser())
admin = AppGroup("admin", help="Accounts from the command line.")


def init_app(app: Flask) -> None:
    for group in (gerbang, admin):
        app.cli.add_command(group)
    app.cli.add_command(fill_demo)


@gerbang.command("setup")
def setup() -> None:
    """Bring the database up to date, make the first admin and, with DEMO=1, demo data. Safe to repeat."""
    upgrade()
    gate_jobs.make_partitions()
    make_first_admin()
    finish_rotation()
    if config.current().DEMO:
        with audit.acting(COMMAND):
            demo.fill()
            demo.fill_internet()


def make_first_admin() -> None:
    """User `admin`, when there is no account yet. A password made here is printed once and nowhere kept."""
    with audit.acting(COMMAND), transaction():
        if queries.count_users():
            return
        password = config.current().ADMIN_PASSWORD
        service.create_user(
            "admin", password or (made := secrets.token_urlsafe(12)), Role.ADMIN, email="admin@example.com"
        )
    if not password:
        click.echo(f"First admin: user 'admin', password '{made}' (shown only now).")


@gerbang.command("rotate-secret")
def rotate_secret() -> None:
    """Write every stored secret anew with the newest SECRET_KEY; makes that key itself when DATA_DIR keeps it.

    Where SECRET_KEY is set in the environment: put the old one into SECRET_KEY_PREVIOUS first and restart. Everybody
    has to sign in again, because sessions and tokens are signed with the old key. A kept key's predecessor stays
    readable until the next `setup`, because processes that still run go on writing with it.
    """
    settings = config.current()
    if not settings.SECRET_KEY and not settings.SECRET_KEY_PREVIOUS:
        settings.renew_kept_secret()
        vault.init_app(current_app)
    count = _reencrypt()
    click.echo(f"{count} stored secrets are encrypted with the new key. Restart every process now.")


def finish_rotation() -> None:
    """After a rotation, at the next start: what processes with the old kept key wrote meanwhile, and no more of it."""
    if config.current().has_previous_secret:
        _reencrypt()
        config.current().forget_previous_secret()


def _reencrypt() -> int:
    try:
        with audit.acting(COMMAND), transaction():
            count = vault.reencrypt()
            audit.note("secret_rotated", "secrets", count=count)
    except Conflict as error:
        raise click.ClickException(f"{error.message}. Put that key into SECRET_KEY_PREVIOUS.") from None
    return count


@gerbang.command("postman")
def print_postman_collection() -> None:
    """Print the Postman collection of every surface (docs/postman/DataLane_Collection.json is a copy)."""
    click.echo(postman.text(openapi.document(current_app)), nl=False)


@gerbang.command("doctor")
def check() -> None:
    """Say in words what is wrong here; exit with 1 when something is."""
    findings = list(doctor.findings())
    for finding in findings:
        click.echo(f"{'ok  ' if finding.good else 'BAD '} {finding.sentence}")
    if not all(finding.good for finding in findings):
        raise SystemExit(1)


@gerbang.command("scheduler")
def run_scheduler() -> None:
    """Enqueue scheduled jobs as they come due, for ever."""
    scheduler.run_forever()


@admin.command("create")
@click.argument("username")
@click.option("--email", default=None)
@click.password_option()
def create_admin(username: str, email: str | None, password: str) -> None:
    """Make an account with the role admin."""
    try:
        with audit.acting(COMMAND), transaction():
            service.create_user(username, password, Role.ADMIN, email=email)
    except DomainError as error:
        fields = error.fields if isinstance(error, Invalid) else {}
        raise click.ClickException(
            " ".join(f"{name}: {text}" for name, text in fields.items()) or error.message
        ) from None
    click.echo(f"{username} may sign in now.")


@click.command("demo")
def fill_demo() -> None:
    """Fill an empty installation with gates and five weeks of events, subscribers and four months of invoices."""
    with audit.acting(COMMAND):
        demo.fill()
        demo.fill_internet()
