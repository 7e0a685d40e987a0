"""What people of the house are told: kept per account, pushed to whoever is there (contract 2, Notifications)."""
