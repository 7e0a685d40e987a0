"""E-mail about how a schedule's run ended. Like the documents, it is in Indonesian."""

import smtplib
import ssl
import uuid
from email.message import EmailMessage
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from webapp import config
from webapp.documents.models import ReportSchedule, ReportTask, ScheduleRun
from webapp.extensions import db, log

SECONDS = 20.0
ENDINGS = {"completed": "berhasil", "failed": "gagal", "cancelled": "dibatalkan"}


class Letter(NamedTuple):
    to: str
    subject: str
    text: str


def about(run_id: uuid.UUID) -> Letter | None:
    """What to write about a run; None when nobody is to hear of it any more."""
    run = db.session.get(ScheduleRun, run_id)
    schedule = db.session.get(ReportSchedule, run.schedule_id) if run else None
    if run is None or schedule is None or not schedule.email:
        return None
    ending = ENDINGS.get(run.status, run.status)
    zone = config.current().timezone
    lines = [
        f"Jadwal {schedule.label} {ending}.",
        "",
        f"Rencana: {run.planned_at.astimezone(zone):%d-%m-%Y %H:%M:%S %Z}",
        f"Mulai: {run.created_at.astimezone(zone):%d-%m-%Y %H:%M:%S %Z}",
    ]
    if run.finished_at:
        lines.append(f"Selesai: {run.finished_at.astimezone(zone):%d-%m-%Y %H:%M:%S %Z}")
    if run.detail:
        lines.append(f"Keterangan: {run.detail}")
    subject = " ".join(f"Gerbang: jadwal {schedule.label} {ending}".split())  # a header has no second line
    return Letter(schedule.email, subject, "\n".join(lines + _of_task(run)))


def _of_task(run: ScheduleRun) -> list[str]:
    task = db.session.get(ReportTask, run.task_id) if run.task_id else None
    if task is None:
        return []
    lines = [f"Nomor laporan: {task.number}"]
    if task.output_name:
        lines.append(f"Berkas: {task.output_name} ({task.transactions} transaksi, {task.pages} halaman)")
    return lines + [f"Peringatan: {warning}" for warning in task.warnings]


def post(letter: Letter) -> None:
    """Hand it to the mail server; without SMTP_URL nothing is sent. Raises smtplib.SMTPException or OSError."""
    settings = config.current()
    if not settings.SMTP_URL:
        log.info("mail_not_configured", to=letter.to)
        return
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.MAIL_FROM, letter.to, letter.subject
    message.set_content(letter.text)
    deliver(message)


def deliver(message: EmailMessage) -> None:
    """Hand a message to the mail server, which SMTP_URL must name. Raises smtplib.SMTPException or OSError."""
    with _server(config.current().SMTP_URL) as server:
        server.send_message(message)


def _server(url: str) -> smtplib.SMTP:
    """Signed in where the URL has a user."""
    parts = urlsplit(url)
    host, trusted = parts.hostname or "localhost", ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=trusted)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=SECONDS)
    if parts.scheme.endswith("+starttls"):
        server.starttls(context=trusted)
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server
