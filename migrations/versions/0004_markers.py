"""Markers in the field.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "markers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("short_code", sa.String(8), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("strain", sa.String(100), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("latitude", sa.Numeric(10, 8), nullable=False),
        sa.Column("longitude", sa.Numeric(11, 8), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("photo", sa.String(100)),
        sa.Column("owner_name", sa.String(100), nullable=False),
        sa.Column("owner_contact", sa.String(50), nullable=False),
        sa.Column("creator_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["creator_id"], ["users.id"], name=op.f("fk_markers_creator_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_markers")),
        sa.UniqueConstraint("short_code", name=op.f("uq_markers_short_code")),
    )
    op.create_index(op.f("ix_markers_cell"), "markers", ["cell"])
    op.create_index(op.f("ix_markers_created_at_id"), "markers", ["created_at", "id"])
    op.create_index(op.f("ix_markers_creator_id_created_at_id"), "markers", ["creator_id", "created_at", "id"])


def downgrade() -> None:
    op.drop_table("markers")
