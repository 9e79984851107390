"""`kairos dlq`: dead letters, looked at and sent again."""
