"""Tasks, schedules and stations as contract 3 writes them."""

from typing import Any

from webapp.api.datalane.envelope import moment
from webapp.documents import schedules, tasks
from webapp.documents.models import ReportSchedule, ReportTask, ScheduleRun, Station


def queued_task(task: ReportTask) -> dict[str, Any]:
    return {
        "task_id": str(task.id),
        "status": task.status,
        "queue_position": tasks.position(task),
        "queue_size": tasks.count("queued"),
        "created_at": moment(task.created_at),
    }


def task(row: ReportTask) -> dict[str, Any]:
    """As a list shows it. From `progress` on it is beyond the document."""
    return {
        "id": str(row.id),
        "status": row.status,
        "output_file_size": row.output_size,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
        "progress": row.progress,
        "number": row.number,
    }


def task_detail(row: ReportTask) -> dict[str, Any]:
    """From `number` on it is beyond the document."""
    return {
        "id": str(row.id),
        "schedule_id": str(row.schedule_id) if row.schedule_id else None,
        "status": row.status,
        "metadata": row.payload,
        "output_file_path": f"output/{row.output_name}" if row.output_name else None,
        "output_file_size": row.output_size,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
        "number": row.number,
        "progress": row.progress,
        "stage": row.stage,
        "queue_position": tasks.position(row),
        "error": row.error,
        "warnings": row.warnings,
        "pages": row.pages,
        "transactions": row.transactions,
        "sha256": row.sha256,
        "requested_by": row.requested_by,
        "started_at": moment(row.started_at),
        "finished_at": moment(row.finished_at),
    }


def new_schedule(row: ReportSchedule) -> dict[str, Any]:
    return {
        "schedule_id": str(row.id),
        "cron": row.cron,
        "next_run": moment(row.next_run),
        "active": row.is_active,
    }


def schedule(row: ReportSchedule) -> dict[str, Any]:
    """From `name` on it is beyond the document."""
    return {
        "id": str(row.id),
        "cron": row.cron,
        "active": row.is_active,
        "last_run": moment(row.last_run),
        "next_run": moment(row.next_run),
        "name": row.name,
        "timezone": row.timezone,
        "email": row.email,
        "email_on": row.email_on,
        "task_payload": schedules.masked_payload(row),
    }


def run(row: ScheduleRun) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "trigger": row.trigger,
        "status": row.status,
        "planned_at": moment(row.planned_at),
        "started_at": moment(row.created_at),
        "finished_at": moment(row.finished_at),
        "detail": row.detail,
        "task_id": str(row.task_id) if row.task_id else None,
    }


def station(row: Station) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }
