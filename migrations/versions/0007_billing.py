"""Invoices, payments, the ledger; the monthly run, callbacks, reminders.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)
LONG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LEDGER = ("ledger_lines", "ledger_entries")


def upgrade() -> None:
    _create_billing_runs()
    _create_daily_collections()
    _create_daily_invoices()
    _create_ledger_findings()
    _create_message_templates()
    _create_number_series()
    _create_bulk_prints()
    _create_dunning_rules()
    _create_customer_accounts()
    _create_payments()
    _create_invoices()
    _create_allocations()
    _create_credit_notes()
    _create_gateway_callbacks()
    _create_invoice_items()
    _create_ledger_entries()
    _create_outbox_messages()
    _create_payment_links()
    _create_payment_promises()
    _create_ledger_lines()
    _close_the_ledger()
    _fill()


def _create_billing_runs() -> None:
    op.create_table(
        "billing_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("due_from", sa.Date(), nullable=False),
        sa.Column("due_to", sa.Date(), nullable=False),
        sa.Column("trigger", sa.String(10), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("reached_id", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("alive_at", MOMENT),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(150), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_runs")),
    )
    op.create_index(op.f("ix_billing_runs_period_created_at"), "billing_runs", ["period", "created_at"])
    op.create_index(op.f("ix_billing_runs_status_created_at"), "billing_runs", ["status", "created_at"])


def _create_daily_collections() -> None:
    op.create_table(
        "daily_collections",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("brand_code", sa.String(30), nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "brand_code", "method", name=op.f("pk_daily_collections")),
    )


def _create_daily_invoices() -> None:
    op.create_table(
        "daily_invoices",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("brand_code", sa.String(30), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("credited", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "brand_code", "status", name=op.f("pk_daily_invoices")),
    )


def _create_ledger_findings() -> None:
    op.create_table(
        "ledger_findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("expected", sa.String(100), nullable=False),
        sa.Column("found", sa.String(100), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("resolved_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_findings")),
    )
    op.create_index(op.f("ix_ledger_findings_kind_subject"), "ledger_findings", ["kind", "subject"])
    op.create_index(op.f("ix_ledger_findings_resolved_at_id"), "ledger_findings", ["resolved_at", "id"])


def _create_message_templates() -> None:
    op.create_table(
        "message_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(30), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_templates")),
    )
    op.create_index(
        op.f("ix_message_templates_key_channel_language"),
        "message_templates",
        ["key", "channel", "language"],
        unique=True,
    )


def _create_number_series() -> None:
    op.create_table(
        "number_series",
        sa.Column("prefix", sa.String(80), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_number_series")),
    )


def _create_bulk_prints() -> None:
    op.create_table(
        "bulk_prints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("as_files", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("storage_name", sa.String(150), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("alive_at", MOMENT),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_bulk_prints_created_by_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_prints")),
    )
    op.create_index(op.f("ix_bulk_prints_status_created_at"), "bulk_prints", ["status", "created_at"])


def _create_dunning_rules() -> None:
    op.create_table(
        "dunning_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_code", sa.String(30)),
        sa.Column("offset_days", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("template", sa.String(30), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["brand_code"], ["brands.code"], name=op.f("fk_dunning_rules_brand_code_brands")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_rules")),
    )
    op.create_index(
        op.f("ix_dunning_rules_brand_code_offset_days_channel"),
        "dunning_rules",
        ["brand_code", "offset_days", "channel"],
        unique=True,
    )


def _create_customer_accounts() -> None:
    op.create_table(
        "customer_accounts",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.Column("oldest_due_on", sa.Date()),
        sa.Column("paid_late", sa.Boolean(), nullable=False),
        sa.Column("expired", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_accounts_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_accounts")),
    )
    op.create_index(op.f("ix_customer_accounts_oldest_due_on"), "customer_accounts", ["oldest_due_on"])
    op.create_index(op.f("ix_customer_accounts_paid_late"), "customer_accounts", ["paid_late"])


def _create_payments() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("brand_code", sa.String(30), nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(100)),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("reversed_at", MOMENT),
        sa.Column("reversal_reason", sa.String(200), nullable=False),
        sa.Column("created_by", sa.String(150), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["brand_code"], ["brands.code"], name=op.f("fk_payments_brand_code_brands")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_payments_customer_id_customers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
    )
    op.create_index(op.f("ix_payments_customer_id_id"), "payments", ["customer_id", "id"])
    op.create_index(op.f("ix_payments_method_reference"), "payments", ["method", "reference"], unique=True)
    op.create_index(op.f("ix_payments_received_on_id"), "payments", ["received_on", "id"])


def _create_invoices() -> None:
    op.create_table(
        "invoices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("token", sa.String(40), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer()),
        sa.Column("brand_code", sa.String(30), nullable=False),
        sa.Column("run_id", sa.Uuid()),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("subtotal", sa.BigInteger(), nullable=False),
        sa.Column("tax_percent", sa.Numeric(5, 2), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("credited", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("paid_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["brand_code"], ["brands.code"], name=op.f("fk_invoices_brand_code_brands")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_invoices_customer_id_customers")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["billing_runs.id"], name=op.f("fk_invoices_run_id_billing_runs"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_invoices_subscription_id_subscriptions"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("number", name=op.f("uq_invoices_number")),
        sa.UniqueConstraint("token", name=op.f("uq_invoices_token")),
    )
    op.create_index(op.f("ix_invoices_brand_code_issued_on_id"), "invoices", ["brand_code", "issued_on", "id"])
    op.create_index(op.f("ix_invoices_customer_id_id"), "invoices", ["customer_id", "id"])
    op.create_index(op.f("ix_invoices_period_id"), "invoices", ["period", "id"])
    op.create_index(op.f("ix_invoices_run_id"), "invoices", ["run_id"])
    op.create_index(op.f("ix_invoices_status_due_on_id"), "invoices", ["status", "due_on", "id"])
    op.create_index(op.f("ix_invoices_status_id"), "invoices", ["status", "id"])
    op.create_index(op.f("ix_invoices_subscription_id_period"), "invoices", ["subscription_id", "period"], unique=True)


def _create_allocations() -> None:
    op.create_table(
        "allocations",
        sa.Column("id", LONG_ID, nullable=False),
        sa.Column("payment_id", sa.Integer()),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_allocations_invoice_id_invoices")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_allocations_payment_id_payments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocations")),
    )
    op.create_index(op.f("ix_allocations_invoice_id"), "allocations", ["invoice_id"])
    op.create_index(op.f("ix_allocations_payment_id"), "allocations", ["payment_id"])


def _create_credit_notes() -> None:
    op.create_table(
        "credit_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("created_by", sa.String(150), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_credit_notes_invoice_id_invoices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_notes")),
        sa.UniqueConstraint("number", name=op.f("uq_credit_notes_number")),
    )
    op.create_index(op.f("ix_credit_notes_invoice_id"), "credit_notes", ["invoice_id"])


def _create_gateway_callbacks() -> None:
    op.create_table(
        "gateway_callbacks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_code", sa.String(30), nullable=False),
        sa.Column("external_id", sa.String(100), nullable=False),
        sa.Column("gateway_id", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("detail", sa.String(300), nullable=False),
        sa.Column("invoice_id", sa.Integer()),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("applied_at", MOMENT),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_gateway_callbacks_invoice_id_invoices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_callbacks")),
    )
    op.create_index(op.f("ix_gateway_callbacks_external_id_id"), "gateway_callbacks", ["external_id", "id"])
    op.create_index(op.f("ix_gateway_callbacks_received_at"), "gateway_callbacks", ["received_at"])
    op.create_index(op.f("ix_gateway_callbacks_status_id"), "gateway_callbacks", ["status", "id"])


def _create_invoice_items() -> None:
    op.create_table(
        "invoice_items",
        sa.Column("id", LONG_ID, nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_items_invoice_id_invoices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_items")),
    )
    op.create_index(op.f("ix_invoice_items_invoice_id"), "invoice_items", ["invoice_id"])


def _create_ledger_entries() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("id", LONG_ID, nullable=False),
        sa.Column("kind", sa.String(15), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("brand_code", sa.String(30), nullable=False),
        sa.Column("invoice_id", sa.Integer()),
        sa.Column("payment_id", sa.Integer()),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("memo", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(150), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_ledger_entries_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_ledger_entries_invoice_id_invoices")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_ledger_entries_payment_id_payments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
    )
    op.create_index(op.f("ix_ledger_entries_booked_on_id"), "ledger_entries", ["booked_on", "id"])
    op.create_index(op.f("ix_ledger_entries_customer_id_id"), "ledger_entries", ["customer_id", "id"])
    op.create_index(op.f("ix_ledger_entries_invoice_id"), "ledger_entries", ["invoice_id"])
    op.create_index(op.f("ix_ledger_entries_payment_id"), "ledger_entries", ["payment_id"])


def _create_outbox_messages() -> None:
    op.create_table(
        "outbox_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("once", sa.String(120), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("attach_invoice", sa.Boolean(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer()),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", MOMENT, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_outbox_messages_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_outbox_messages_invoice_id_invoices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_messages")),
        sa.UniqueConstraint("once", name=op.f("uq_outbox_messages_once")),
    )
    op.create_index(op.f("ix_outbox_messages_customer_id_id"), "outbox_messages", ["customer_id", "id"])
    op.create_index(op.f("ix_outbox_messages_invoice_id"), "outbox_messages", ["invoice_id"])
    op.create_index(op.f("ix_outbox_messages_status_next_try_at"), "outbox_messages", ["status", "next_try_at"])


def _create_payment_links() -> None:
    op.create_table(
        "payment_links",
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("gateway_id", sa.String(100)),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", MOMENT),
        sa.Column("expires_at", MOMENT),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_payment_links_invoice_id_invoices")),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_payment_links")),
        sa.UniqueConstraint("gateway_id", name=op.f("uq_payment_links_gateway_id")),
    )
    op.create_index(op.f("ix_payment_links_status_next_try_at"), "payment_links", ["status", "next_try_at"])


def _create_payment_promises() -> None:
    op.create_table(
        "payment_promises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("created_by", sa.String(150), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_payment_promises_invoice_id_invoices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_promises")),
    )
    op.create_index(op.f("ix_payment_promises_invoice_id_until"), "payment_promises", ["invoice_id", "until"])


def _create_ledger_lines() -> None:
    op.create_table(
        "ledger_lines",
        sa.Column("id", LONG_ID, nullable=False),
        sa.Column("entry_id", LONG_ID, nullable=False),
        sa.Column("account", sa.String(12), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entries.id"], name=op.f("fk_ledger_lines_entry_id_ledger_entries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_lines")),
    )
    op.create_index(op.f("ix_ledger_lines_entry_id"), "ledger_lines", ["entry_id"])


def _close_the_ledger() -> None:
    """What is booked stays: a mistake is reversed by a further entry."""
    if op.get_bind().dialect.name == "sqlite":
        for table in LEDGER:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_keeps_{verb.lower()} BEFORE {verb} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
    )
    for table in LEDGER:
        op.execute(
            f"CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()"
        )


def _fill() -> None:
    """Reminders as most operators send them: three days before, on the day, three and seven days after."""
    columns = ("offset_days", "channel", "template", "is_active")
    rules = sa.table("dunning_rules", *(sa.column(name) for name in columns))
    days = ((-3, "reminder_before"), (0, "reminder_due"), (3, "reminder_after"), (7, "reminder_last"))
    op.bulk_insert(
        rules,
        [
            {"offset_days": day, "channel": channel, "template": template, "is_active": True}
            for day, template in days
            for channel in ("email", "whatsapp")
        ],
    )


def downgrade() -> None:
    for table in (
        "ledger_lines",
        "payment_promises",
        "payment_links",
        "outbox_messages",
        "ledger_entries",
        "invoice_items",
        "gateway_callbacks",
        "credit_notes",
        "allocations",
        "invoices",
        "payments",
        "customer_accounts",
        "dunning_rules",
        "bulk_prints",
        "number_series",
        "message_templates",
        "ledger_findings",
        "daily_invoices",
        "daily_collections",
        "billing_runs",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_is_append_only()")
