"""Accounts, gates, their events and totals.

Revision: 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None


def upgrade() -> None:
    op.create_table('catalogue_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogue_version'))
    )
    op.create_table('categories',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name_id', sa.String(length=60), nullable=False),
    sa.Column('name_en', sa.String(length=60), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_categories')),
    sa.UniqueConstraint('code', name=op.f('uq_categories_code'))
    )
    op.create_table('daily_totals',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('gate_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('category_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'gate_id', 'category_id', name=op.f('pk_daily_totals'))
    )
    op.create_table('event_keys',
    sa.Column('gate_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('key', sa.String(length=128), nullable=False),
    sa.PrimaryKeyConstraint('gate_id', 'key', name=op.f('pk_event_keys'))
    )
    _create_gate_events()
    op.create_table('gate_pulses',
    sa.Column('gate_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last_heard_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('gate_id', name=op.f('pk_gate_pulses'))
    )
    op.create_table('hourly_totals',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('gate_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('category_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('hour', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'gate_id', 'category_id', 'hour', name=op.f('pk_hourly_totals'))
    )
    op.create_table('locations',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=150), nullable=False),
    sa.Column('type', sa.String(length=50), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_locations')),
    sa.UniqueConstraint('code', name=op.f('uq_locations_code'))
    )
    op.create_table('scheduled_runs',
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('last_run_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_scheduled_runs'))
    )
    op.create_table('users',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.Uuid(), nullable=False),
    sa.Column('username', sa.String(length=64), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('password_hash', sa.String(length=72), nullable=False),
    sa.Column('role', sa.Integer(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('email', name=op.f('uq_users_email')),
    sa.UniqueConstraint('public_id', name=op.f('uq_users_public_id')),
    sa.UniqueConstraint('username', name=op.f('uq_users_username'))
    )
    op.create_table('gates',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('location_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=150), nullable=False),
    sa.Column('direction', sa.String(length=10), nullable=False),
    sa.Column('latitude', sa.Numeric(precision=10, scale=8), nullable=True),
    sa.Column('longitude', sa.Numeric(precision=11, scale=8), nullable=True),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_gates_location_id_locations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gates')),
    sa.UniqueConstraint('location_id', 'code', name=op.f('uq_gates_location_id_code'))
    )
    op.create_table('recounts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('steps', sa.Integer(), nullable=False),
    sa.Column('steps_done', sa.Integer(), nullable=False),
    sa.Column('rows_processed', sa.BigInteger(), nullable=False),
    sa.Column('drift', sa.BigInteger(), nullable=False),
    sa.Column('requested_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['requested_by_id'], ['users.id'], name=op.f('fk_recounts_requested_by_id_users'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recounts'))
    )
    op.create_index('ix_recounts_day', 'recounts', ['day'])

    op.create_table('sessions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('surface', sa.String(length=20), nullable=False),
    sa.Column('ip_address', sa.String(length=45), nullable=False),
    sa.Column('user_agent', sa.String(length=255), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sessions_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions'))
    )
    op.create_index('ix_sessions_expires_at', 'sessions', ['expires_at'])
    op.create_index('ix_sessions_user_id_expires_at', 'sessions', ['user_id', 'expires_at'])

    op.create_table('api_keys',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('hint', sa.String(length=24), nullable=False),
    sa.Column('scope', sa.String(length=40), nullable=False),
    sa.Column('gate_id', sa.Integer(), nullable=True),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['users.id'], name=op.f('fk_api_keys_created_by_id_users'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['gate_id'], ['gates.id'], name=op.f('fk_api_keys_gate_id_gates'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_keys')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_api_keys_key_hash'))
    )
    op.create_index('ix_api_keys_gate_id', 'api_keys', ['gate_id'])

    op.create_table('shifts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('gate_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.BigInteger(), nullable=False),
    sa.Column('ends_at', sa.BigInteger(), nullable=False),
    sa.Column('expected_count', sa.BigInteger(), nullable=False),
    sa.Column('expected_amount', sa.BigInteger(), nullable=False),
    sa.Column('counted_amount', sa.BigInteger(), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('closed_by_id', sa.Integer(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('signed_off_by_id', sa.Integer(), nullable=True),
    sa.Column('signed_off_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['closed_by_id'], ['users.id'], name=op.f('fk_shifts_closed_by_id_users')),
    sa.ForeignKeyConstraint(['gate_id'], ['gates.id'], name=op.f('fk_shifts_gate_id_gates')),
    sa.ForeignKeyConstraint(['signed_off_by_id'], ['users.id'], name=op.f('fk_shifts_signed_off_by_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shifts')),
    sa.UniqueConstraint('gate_id', 'starts_at', name=op.f('uq_shifts_gate_id_starts_at'))
    )
    op.create_index('ix_shifts_ends_at', 'shifts', ['ends_at'])

    op.create_table('tariffs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('gate_id', sa.Integer(), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=False),
    sa.Column('price', sa.BigInteger(), nullable=False),
    sa.Column('effective_from', sa.BigInteger(), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['category_id'], ['categories.id'], name=op.f('fk_tariffs_category_id_categories')),
    sa.ForeignKeyConstraint(['created_by_id'], ['users.id'], name=op.f('fk_tariffs_created_by_id_users'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['gate_id'], ['gates.id'], name=op.f('fk_tariffs_gate_id_gates')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tariffs')),
    sa.UniqueConstraint('gate_id', 'category_id', 'effective_from', name=op.f('uq_tariffs_gate_id_category_id_effective_from'))
    )
    _seed()


def _seed() -> None:
    categories = sa.table(
        "categories", *(sa.column(name) for name in ("id", "code", "name_id", "name_en", "position"))
    )
    rows = [
        {"id": 1, "code": "person_walk", "name_id": "Pejalan kaki", "name_en": "Pedestrian", "position": 1},
        {"id": 2, "code": "motor", "name_id": "Sepeda motor", "name_en": "Motorcycle", "position": 2},
        {"id": 3, "code": "car", "name_id": "Mobil", "name_en": "Car", "position": 3},
    ]
    op.bulk_insert(categories, rows)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval('categories_id_seq', 3)")
    op.execute("INSERT INTO catalogue_version (id, version) VALUES (1, 1)")


def _create_gate_events() -> None:
    """One table on SQLite; on PostgreSQL a partition for each month, made by the product as it needs them."""
    if op.get_bind().dialect.name == "sqlite":
        identifier = sa.Column("id", sa.Integer(), primary_key=True)
        options = {}
    else:
        op.execute("CREATE SEQUENCE gate_events_id_seq")
        identifier = sa.Column(
            "id", sa.BigInteger(), primary_key=True, server_default=sa.text("nextval('gate_events_id_seq')")
        )
        options = {"postgresql_partition_by": "RANGE (event_time)"}
    partitioned = bool(options)
    op.create_table(
        "gate_events",
        identifier,
        sa.Column("gate_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("event_time", sa.BigInteger(), nullable=False, primary_key=partitioned),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("api_key_id", sa.Integer()),
        **options,
    )
    op.create_index("ix_gate_events_event_time", "gate_events", ["event_time"])
    op.create_index("ix_gate_events_gate_id_event_time", "gate_events", ["gate_id", "event_time"])
    if partitioned:
        before_2000 = 946_684_800  # what is older lies together: devices whose clock was never set
        op.execute("ALTER SEQUENCE gate_events_id_seq OWNED BY gate_events.id")
        op.execute(
            f"CREATE TABLE gate_events_old PARTITION OF gate_events FOR VALUES FROM (MINVALUE) TO ({before_2000})"
        )


def downgrade() -> None:
    for table in (
        'tariffs',
        'shifts',
        'api_keys',
        'sessions',
        'recounts',
        'gates',
        'users',
        'scheduled_runs',
        'locations',
        'hourly_totals',
        'gate_pulses',
        'gate_events',
        'event_keys',
        'daily_totals',
        'categories',
        'catalogue_version',
    ):
        op.drop_table(table)
