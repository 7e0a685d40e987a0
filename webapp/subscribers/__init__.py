"""People and their lines: brands, packages, customers, subscriptions, technical data, routers (contract 2)."""
