"""Shifts keep what each category came to; recounts remember when they last moved.

Revision: 0002, after 0001. Shifts closed before have no lines, and their receipts show the sum alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "shift_lines",
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_shift_lines_shift_id_shifts")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_shift_lines_category_id_categories")
        ),
        sa.PrimaryKeyConstraint("shift_id", "category_id", name=op.f("pk_shift_lines")),
    )
    op.add_column("recounts", sa.Column("moved_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("recounts") as recounts:
        recounts.drop_column("moved_at")
    op.drop_table("shift_lines")
