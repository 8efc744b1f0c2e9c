"""What admins do to the catalog and its slots."""
