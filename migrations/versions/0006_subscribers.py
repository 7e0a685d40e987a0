"""Brands, packages, customers, subscriptions, lines, routers; notifications; webhooks.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

MOMENT = sa.DateTime(timezone=True)
PRESENT = {"sqlite_where": sa.text("deleted_at IS NULL"), "postgresql_where": sa.text("deleted_at IS NULL")}


def upgrade() -> None:
    _create_brands()
    _create_notifications()
    _create_routers()
    _create_webhook_messages()
    _create_customer_imports()
    _create_notification_receipts()
    _create_packages()
    _create_router_states()
    _create_webhook_endpoints()
    _create_customers()
    _create_webhook_deliveries()
    _create_webhook_health()
    _create_customer_notes()
    _create_subscriptions()
    _create_technical_data()
    _create_line_syncs()
    _create_subscription_changes()
    _make_searchable()
    _fill()


def _create_brands() -> None:
    op.create_table(
        "brands",
        sa.Column("code", sa.String(30), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("tax_percent", sa.Numeric(5, 2), nullable=False),
        sa.Column("gateway_key", sa.String(40), nullable=False),
        sa.Column("invoice_pattern", sa.String(60), nullable=False),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("bank_account", sa.String(200), nullable=False),
        sa.Column("logo", sa.String(150)),
        sa.Column("grace_days", sa.Integer()),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_brands")),
    )


def _create_notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("role_level", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index(op.f("ix_notifications_created_at"), "notifications", ["created_at"])


def _create_routers() -> None:
    op.create_table(
        "routers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("host", sa.String(253), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("use_tls", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.String(95), nullable=False),
        sa.Column("username", sa.String(100), nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("pools", sa.String(500), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routers")),
        sa.UniqueConstraint("name", name=op.f("uq_routers_name")),
    )


def _create_webhook_messages() -> None:
    op.create_table(
        "webhook_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_messages")),
    )
    op.create_index(op.f("ix_webhook_messages_created_at"), "webhook_messages", ["created_at"])


def _create_customer_imports() -> None:
    op.create_table(
        "customer_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(150), nullable=False),
        sa.Column("storage_name", sa.String(150), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("fault_count", sa.Integer(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("alive_at", MOMENT),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_customer_imports_created_by_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_imports")),
    )
    op.create_index(op.f("ix_customer_imports_created_at"), "customer_imports", ["created_at"])


def _create_notification_receipts() -> None:
    op.create_table(
        "notification_receipts",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.Column("read_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("fk_notification_receipts_notification_id_notifications"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notification_receipts_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "notification_id", name=op.f("pk_notification_receipts")),
    )
    op.create_index(op.f("ix_notification_receipts_notification_id"), "notification_receipts", ["notification_id"])
    op.create_index(
        op.f("ix_notification_receipts_user_id_read_at_notification_id"),
        "notification_receipts",
        ["user_id", "read_at", "notification_id"],
    )


def _create_packages() -> None:
    op.create_table(
        "packages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_code", sa.String(30), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("speed_mbps", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("profile", sa.String(100), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["brand_code"], ["brands.code"], name=op.f("fk_packages_brand_code_brands")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packages")),
    )
    op.create_index(op.f("ix_packages_brand_code_name"), "packages", ["brand_code", "name"], unique=True)


def _create_router_states() -> None:
    op.create_table(
        "router_states",
        sa.Column("router_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("checked_at", MOMENT),
        sa.Column("seen_at", MOMENT),
        sa.Column("reconciled_at", MOMENT),
        sa.Column("next_try_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["router_id"], ["routers.id"], name=op.f("fk_router_states_router_id_routers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("router_id", name=op.f("pk_router_states")),
    )


def _create_webhook_endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("description", sa.String(150), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("secret", sa.Text()),
        sa.Column("previous_secret", sa.Text()),
        sa.Column("previous_until", MOMENT),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(200), nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_webhook_endpoints_created_by_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
    )


def _create_customers() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(150), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("national_id", sa.String(16)),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("address_2", sa.String(150), nullable=False),
        sa.Column("block", sa.String(30), nullable=False),
        sa.Column("unit", sa.String(30), nullable=False),
        sa.Column("installed_on", sa.Date()),
        sa.Column("brand_code", sa.String(30), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("no_messages", sa.Boolean(), nullable=False),
        sa.Column("never_suspend", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Uuid()),
        sa.Column("deleted_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["brand_code"], ["brands.code"], name=op.f("fk_customers_brand_code_brands")),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["customer_imports.id"],
            name=op.f("fk_customers_import_id_customer_imports"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )
    op.create_index(op.f("ix_customers_brand_code_id"), "customers", ["brand_code", "id"])
    op.create_index(op.f("ix_customers_deleted_at"), "customers", ["deleted_at"])
    op.create_index(op.f("ix_customers_import_id"), "customers", ["import_id"])
    op.create_index(op.f("ix_customers_name_id"), "customers", ["name", "id"])
    op.create_index(op.f("ix_customers_status_id"), "customers", ["status", "id"])
    op.create_index("uq_customers_email_present", "customers", ["email"], unique=True, **PRESENT)
    op.create_index("uq_customers_national_id_present", "customers", ["national_id"], unique=True, **PRESENT)


def _create_webhook_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", MOMENT),
        sa.Column("answer_status", sa.Integer()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoints.id"],
            name=op.f("fk_webhook_deliveries_endpoint_id_webhook_endpoints"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["webhook_messages.id"],
            name=op.f("fk_webhook_deliveries_message_id_webhook_messages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index(
        op.f("ix_webhook_deliveries_endpoint_id_created_at"), "webhook_deliveries", ["endpoint_id", "created_at"]
    )
    op.create_index(op.f("ix_webhook_deliveries_message_id"), "webhook_deliveries", ["message_id"])
    op.create_index(op.f("ix_webhook_deliveries_status_next_try_at"), "webhook_deliveries", ["status", "next_try_at"])


def _create_webhook_health() -> None:
    op.create_table(
        "webhook_health",
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("failing_since", MOMENT),
        sa.Column("last_success_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoints.id"],
            name=op.f("fk_webhook_health_endpoint_id_webhook_endpoints"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("endpoint_id", name=op.f("pk_webhook_health")),
    )


def _create_customer_notes() -> None:
    op.create_table(
        "customer_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(150), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_notes_customer_id_customers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_notes")),
    )
    op.create_index(op.f("ix_customer_notes_customer_id_id"), "customer_notes", ["customer_id", "id"])


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.Column("due_day", sa.Integer(), nullable=False),
        sa.Column("payment_method", sa.String(10), nullable=False),
        sa.Column("suspended_by", sa.String(10)),
        sa.Column("suspended_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_subscriptions_customer_id_customers"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name=op.f("fk_subscriptions_package_id_packages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(op.f("ix_subscriptions_customer_id_id"), "subscriptions", ["customer_id", "id"])
    op.create_index(op.f("ix_subscriptions_package_id"), "subscriptions", ["package_id"])
    op.create_index(op.f("ix_subscriptions_status_due_day_id"), "subscriptions", ["status", "due_day", "id"])
    op.create_index(
        "uq_subscriptions_customer_id_current",
        "subscriptions",
        ["customer_id"],
        unique=True,
        sqlite_where=sa.text("status != 'Berhenti'"),
        postgresql_where=sa.text("status != 'Berhenti'"),
    )


def _create_technical_data() -> None:
    op.create_table(
        "technical_data",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("router_id", sa.Integer()),
        sa.Column("pppoe_name", sa.String(100), nullable=False),
        sa.Column("pppoe_password", sa.Text()),
        sa.Column("ip_address", sa.String(39)),
        sa.Column("vlan", sa.Integer()),
        sa.Column("ont_serial", sa.String(50)),
        sa.Column("odp_port", sa.String(50)),
        sa.Column("olt_port", sa.String(50)),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("sync_exempt", sa.Boolean(), nullable=False),
        sa.Column("deleted_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_technical_data_customer_id_customers"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["router_id"], ["routers.id"], name=op.f("fk_technical_data_router_id_routers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technical_data")),
    )
    op.create_index(op.f("ix_technical_data_customer_id"), "technical_data", ["customer_id"])
    op.create_index(op.f("ix_technical_data_router_id_id"), "technical_data", ["router_id", "id"])
    op.create_index("uq_technical_data_customer_id_present", "technical_data", ["customer_id"], unique=True, **PRESENT)
    op.create_index("uq_technical_data_ip_address_present", "technical_data", ["ip_address"], unique=True, **PRESENT)
    op.create_index("uq_technical_data_odp_port_present", "technical_data", ["odp_port"], unique=True, **PRESENT)
    op.create_index("uq_technical_data_ont_serial_present", "technical_data", ["ont_serial"], unique=True, **PRESENT)
    op.create_index("uq_technical_data_pppoe_name_present", "technical_data", ["pppoe_name"], unique=True, **PRESENT)


def _create_line_syncs() -> None:
    op.create_table(
        "line_syncs",
        sa.Column("technical_data_id", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("wanted_at", MOMENT, nullable=False),
        sa.Column("synced_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["technical_data_id"],
            ["technical_data.id"],
            name=op.f("fk_line_syncs_technical_data_id_technical_data"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("technical_data_id", name=op.f("pk_line_syncs")),
    )
    op.create_index(op.f("ix_line_syncs_pending_technical_data_id"), "line_syncs", ["pending", "technical_data_id"])


def _create_subscription_changes() -> None:
    op.create_table(
        "subscription_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(150), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["package_id"], ["packages.id"], name=op.f("fk_subscription_changes_package_id_packages")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_subscription_changes_subscription_id_subscriptions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_changes")),
    )
    op.create_index(
        op.f("ix_subscription_changes_subscription_id_effective_on_id"),
        "subscription_changes",
        ["subscription_id", "effective_on", "id"],
    )


def _make_searchable() -> None:
    """Parts of names, numbers and addresses are found by their trigrams: an extension there, a virtual table here."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        op.execute(
            "CREATE INDEX ix_customers_search_trigrams ON customers USING gin (search_text gin_trgm_ops) "
            "WHERE deleted_at IS NULL"
        )
        return
    op.execute(
        "CREATE VIRTUAL TABLE customer_search USING fts5("
        "search_text, content='customers', content_rowid='id', tokenize='trigram')"
    )
    forget = (
        "INSERT INTO customer_search (customer_search, rowid, search_text) VALUES ('delete', old.id, old.search_text)"
    )
    learn = "INSERT INTO customer_search (rowid, search_text) VALUES (new.id, new.search_text)"
    for name, when, what in (
        ("learn", "AFTER INSERT ON customers", f"{learn};"),
        ("forget", "AFTER DELETE ON customers", f"{forget};"),
        ("relearn", "AFTER UPDATE OF search_text ON customers", f"{forget}; {learn};"),
    ):
        op.execute(f"CREATE TRIGGER customer_search_{name} {when} BEGIN {what} END")


def _fill() -> None:
    """The documents' own brand and package, on every installation."""
    now = sa.func.now()
    brand = sa.table(
        "brands",
        *(
            sa.column(name)
            for name in (
                "code",
                "name",
                "tax_percent",
                "gateway_key",
                "invoice_pattern",
                "address",
                "bank_account",
                "is_active",
                "created_at",
                "updated_at",
            )
        ),
    )
    op.execute(
        brand.insert().values(
            code="JAKINET",
            name="Jakinet",
            tax_percent=0,
            gateway_key="JAKINET",
            invoice_pattern="INV-{year}-{sequence}",
            address="",
            bank_account="",
            is_active=True,
            created_at=now,
            updated_at=now,
        )
    )
    package = sa.table(
        "packages",
        *(
            sa.column(name)
            for name in (
                "brand_code",
                "name",
                "speed_mbps",
                "price",
                "profile",
                "is_active",
                "created_at",
                "updated_at",
            )
        ),
    )
    op.execute(
        package.insert().values(
            brand_code="JAKINET",
            name="Internet 50Mbps",
            speed_mbps=50,
            price=500000,
            profile="",
            is_active=True,
            created_at=now,
            updated_at=now,
        )
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE customer_search")
    for table in (
        "subscription_changes",
        "line_syncs",
        "technical_data",
        "subscriptions",
        "customer_notes",
        "webhook_health",
        "webhook_deliveries",
        "customers",
        "webhook_endpoints",
        "router_states",
        "packages",
        "notification_receipts",
        "customer_imports",
        "webhook_messages",
        "routers",
        "notifications",
        "brands",
    ):
        op.drop_table(table)
