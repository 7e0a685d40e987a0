"""Refresh tokens, second factors, settings, keys that can be shown, the activity log.

Revision: 0003, after 0002. Keys made before were kept as a digest alone: they go on working and can't be shown.
"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _extend_users()
    _extend_api_keys()
    _create_refresh_tokens()
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", MOMENT),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_user_id"), "recovery_codes", ["user_id"])
    op.create_table(
        "settings",
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    _create_activity_log()


def _extend_users() -> None:
    op.add_column("users", sa.Column("language", sa.String(5)))
    op.add_column("users", sa.Column("theme", sa.String(10)))
    op.add_column("users", sa.Column("totp_secret", sa.Text()))
    op.add_column("users", sa.Column("totp_enabled_at", MOMENT))
    op.add_column("users", sa.Column("totp_last_step", sa.Integer()))
    op.add_column("users", sa.Column("deleted_at", MOMENT))


def _extend_api_keys() -> None:
    op.add_column("api_keys", sa.Column("public_id", sa.Uuid()))
    op.add_column("api_keys", sa.Column("encrypted_key", sa.Text()))
    op.add_column("api_keys", sa.Column("replaces_id", sa.Integer()))
    keys = sa.table("api_keys", sa.column("id", sa.Integer()), sa.column("public_id", sa.Uuid()))
    connection = op.get_bind()
    for [key_id] in connection.execute(sa.select(keys.c.id)).all():
        connection.execute(sa.update(keys).where(keys.c.id == key_id).values(public_id=uuid.uuid4()))
    with op.batch_alter_table("api_keys") as batch:
        batch.alter_column("public_id", existing_type=sa.Uuid(), nullable=False)
        batch.create_unique_constraint(op.f("uq_api_keys_public_id"), ["public_id"])
        batch.create_foreign_key(
            op.f("fk_api_keys_replaces_id_api_keys"), "api_keys", ["replaces_id"], ["id"], ondelete="SET NULL"
        )


def _create_refresh_tokens() -> None:
    op.create_table(
        "refresh_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("user_agent", sa.String(255), nullable=False),
        sa.Column("ip_address", sa.String(45), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.public_id"], name=op.f("fk_refresh_tokens_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_refresh_tokens_session_id_sessions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_tokens_token_hash")),
    )
    op.create_index(op.f("ix_refresh_tokens_user_id"), "refresh_tokens", ["user_id"])
    op.create_index(op.f("ix_refresh_tokens_session_id"), "refresh_tokens", ["session_id"])


def _create_activity_log() -> None:
    op.create_table(
        "activity_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("door", sa.String(20), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("key_id", sa.Integer()),
        sa.Column("actor_name", sa.String(150), nullable=False),
        sa.Column("ip_address", sa.String(45), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("object_type", sa.String(40), nullable=False),
        sa.Column("object_id", sa.String(80), nullable=False),
        sa.Column("object_label", sa.String(150), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_log")),
    )
    op.create_index(op.f("ix_activity_log_at"), "activity_log", ["at"])
    op.create_index(op.f("ix_activity_log_user_id_id"), "activity_log", ["user_id", "id"])
    op.create_index(op.f("ix_activity_log_key_id_id"), "activity_log", ["key_id", "id"])
    op.create_index(op.f("ix_activity_log_object_type_id"), "activity_log", ["object_type", "id"])
    op.create_index(op.f("ix_activity_log_object_type_object_id_id"), "activity_log", ["object_type", "object_id", "id"])
    op.create_index(op.f("ix_activity_log_action_id"), "activity_log", ["action", "id"])
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER activity_log_keeps_{verb.lower()} BEFORE {verb} ON activity_log "
                "BEGIN SELECT RAISE(ABORT, 'activity_log is append-only'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION activity_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'activity_log is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER activity_log_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON activity_log "
            "FOR EACH STATEMENT EXECUTE FUNCTION activity_log_is_append_only()"
        )


def downgrade() -> None:
    op.drop_table("activity_log")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION activity_log_is_append_only()")
    op.drop_table("settings")
    op.drop_table("recovery_codes")
    op.drop_table("refresh_tokens")
    with op.batch_alter_table("api_keys") as batch:
        batch.drop_constraint(op.f("fk_api_keys_replaces_id_api_keys"), type_="foreignkey")
        batch.drop_constraint(op.f("uq_api_keys_public_id"), type_="unique")
        for column in ("public_id", "encrypted_key", "replaces_id"):
            batch.drop_column(column)
    with op.batch_alter_table("users") as batch:
        for column in ("language", "theme", "totp_secret", "totp_enabled_at", "totp_last_step", "deleted_at"):
            batch.drop_column(column)
