"""Commands: `flask gerbang setup|doctor|scheduler`, `flask admin create`, `flask demo`."""

import secrets

import click
from flask import Flask
from flask.cli import AppGroup
from flask_migrate import upgrade

from webapp import config, demo, doctor, scheduler
from webapp.accounts import queries, service
from webapp.accounts.models import Role
from webapp.database import transaction
from webapp.errors import DomainError, Invalid
from webapp.gates import jobs as gate_jobs

gerbang = AppGroup("gerbang", help="Set up, check and run Gerbang.")
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
    if config.current().DEMO:
        demo.fill()


def make_first_admin() -> None:
    """User `admin`, when there is no account yet. A password made here is printed once and nowhere kept."""
    with transaction():
        if queries.count_users():
            return
        password = config.current().ADMIN_PASSWORD
        service.create_user(
            "admin", password or (made := secrets.token_urlsafe(12)), Role.ADMIN, email="admin@example.com"
        )
    if not password:
        click.echo(f"First admin: user 'admin', password '{made}' (shown only now).")


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
        with transaction():
            service.create_user(username, password, Role.ADMIN, email=email)
    except DomainError as error:
        fields = error.fields if isinstance(error, Invalid) else {}
        raise click.ClickException(
            " ".join(f"{name}: {text}" for name, text in fields.items()) or error.message
        ) from None
    click.echo(f"{username} may sign in now.")


@click.command("demo")
def fill_demo() -> None:
    """Fill an empty installation with locations, gates, tariffs and four weeks of events."""
    demo.fill()
