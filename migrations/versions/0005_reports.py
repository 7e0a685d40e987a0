"""Report tasks, schedules and stations.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "stations",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stations")),
    )
    op.create_table(
        "report_schedules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("cron", sa.String(100), nullable=False),
        sa.Column("timezone", sa.String(60), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.Text()),
        sa.Column("email", sa.String(254)),
        sa.Column("email_on", sa.String(10), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("last_run", MOMENT),
        sa.Column("next_run", MOMENT),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_report_schedules_created_by_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_schedules")),
    )
    op.create_index(op.f("ix_report_schedules_next_run"), "report_schedules", ["next_run"])
    _create_tasks()
    _create_runs()


def _create_tasks() -> None:
    op.create_table(
        "report_tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid()),
        sa.Column("number", sa.String(30), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("alive_at", MOMENT),
        sa.Column("not_before", MOMENT),
        sa.Column("error", sa.Text()),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("output_name", sa.String(150)),
        sa.Column("output_size", sa.BigInteger()),
        sa.Column("sha256", sa.String(64)),
        sa.Column("pages", sa.Integer()),
        sa.Column("transactions", sa.Integer()),
        sa.Column("requested_by", sa.String(150), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT),
        sa.Column("finished_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["report_schedules.id"],
            name=op.f("fk_report_tasks_schedule_id_report_schedules"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_tasks")),
        sa.UniqueConstraint("number", name=op.f("uq_report_tasks_number")),
        sa.UniqueConstraint("output_name", name=op.f("uq_report_tasks_output_name")),
    )
    op.create_index(op.f("ix_report_tasks_schedule_id"), "report_tasks", ["schedule_id"])
    op.create_index(op.f("ix_report_tasks_status_created_at"), "report_tasks", ["status", "created_at"])
    op.create_index(op.f("ix_report_tasks_created_at"), "report_tasks", ["created_at"])
    op.create_index(op.f("ix_report_tasks_updated_at"), "report_tasks", ["updated_at"])


def _create_runs() -> None:
    op.create_table(
        "schedule_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("trigger", sa.String(10), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT),
        sa.Column("not_before", MOMENT),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Uuid()),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["report_schedules.id"],
            name=op.f("fk_schedule_runs_schedule_id_report_schedules"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["report_tasks.id"], name=op.f("fk_schedule_runs_task_id_report_tasks"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_runs")),
    )
    op.create_index(op.f("ix_schedule_runs_schedule_id_created_at"), "schedule_runs", ["schedule_id", "created_at"])
    op.create_index(op.f("ix_schedule_runs_status_not_before"), "schedule_runs", ["status", "not_before"])
    op.create_index(op.f("ix_schedule_runs_task_id"), "schedule_runs", ["task_id"])


def downgrade() -> None:
    for table in ("schedule_runs", "report_tasks", "report_schedules", "stations"):
        op.drop_table(table)
