"""The database (SQLite); the only place with SQL."""
