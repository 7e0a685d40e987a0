"""Money: invoices, the ledger, payments, the gateway, the monthly run, reminders (contract 2)."""
