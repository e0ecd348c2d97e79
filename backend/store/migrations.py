"""The tables, one function for each migration; a released one is never edited."""

from backend.store.sqlite import Database, Migrations

migrations = Migrations("model-studio")


@migrations()
def m001_first_tables(db: Database) -> None:
    """Designs with their history, numbered messages, and what makes repeated calls harmless."""
    for statement in (
        """CREATE TABLE designs (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, document TEXT NOT NULL, etag TEXT NOT NULL,
            created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
            seq INTEGER NOT NULL UNIQUE, deleted INTEGER NOT NULL DEFAULT 0)""",
        """CREATE TABLE revisions (
            id INTEGER PRIMARY KEY, design_id TEXT NOT NULL REFERENCES designs(id), etag TEXT NOT NULL,
            document TEXT NOT NULL, stored_at TEXT NOT NULL, seq INTEGER NOT NULL)""",
        "CREATE INDEX revisions_of_design ON revisions (design_id, id)",
        """CREATE TABLE messages (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT, design_id TEXT, payload TEXT NOT NULL)""",
        "CREATE INDEX messages_of_run ON messages (run_id, seq)",
        "CREATE TABLE run_offsets (run_id TEXT PRIMARY KEY, offset INTEGER NOT NULL)",
        """CREATE TABLE commands (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, design_id TEXT NOT NULL, created_at TEXT NOT NULL,
            status TEXT NOT NULL, run_id TEXT, answer TEXT)""",
        """CREATE TABLE pushes (
            design_id TEXT NOT NULL, client_id TEXT NOT NULL, change INTEGER NOT NULL,
            PRIMARY KEY (design_id, client_id))""",
        """CREATE TABLE idempotency_keys (
            key TEXT NOT NULL, design_id TEXT NOT NULL, run_id TEXT NOT NULL, created_at TEXT NOT NULL,
            PRIMARY KEY (design_id, key))""",
    ):
        db.execute(statement)


@migrations()
def m002_newest_of_each_step(db: Database) -> None:
    """The steps of each metric, and whether a later one has replaced it."""
    for statement in (
        "ALTER TABLE messages ADD COLUMN steps INTEGER",
        "ALTER TABLE messages ADD COLUMN series TEXT",
        "ALTER TABLE messages ADD COLUMN superseded INTEGER NOT NULL DEFAULT 0",
        """UPDATE messages SET steps = json_extract(payload, '$.steps'),
            series = json_extract(payload, '$.type') || coalesce(' ' || json_extract(payload, '$.policy'), '')
            WHERE json_extract(payload, '$.type') IN ('training_update', 'evaluation')""",
        "CREATE INDEX messages_by_steps ON messages (run_id, steps)",
    ):
        db.execute(statement)


@migrations()
def m003_unreadable_designs(db: Database) -> None:
    """Designs that could not be read, so that they are sent to phones once a newer server can read them."""
    db.execute("CREATE TABLE unreadable_designs (design_id TEXT PRIMARY KEY, problem TEXT NOT NULL)")


@migrations()
def m004_versions_of_clients(db: Database) -> None:
    """Version vectors and authors, tokens of changes, the content of received changes, and conflicts with their devices."""
    for statement in (
        "ALTER TABLE designs ADD COLUMN seen TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE revisions ADD COLUMN seen TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE revisions ADD COLUMN client TEXT",
        """UPDATE designs SET seen = coalesce((SELECT json_group_object(client_id, change) FROM pushes
            WHERE design_id = designs.id AND typeof(change) = 'integer'), '{}')""",
        """UPDATE revisions SET seen = (SELECT seen FROM designs WHERE id = design_id)
            WHERE id IN (SELECT max(id) FROM revisions GROUP BY design_id)""",
        "CREATE TABLE history (seq INTEGER PRIMARY KEY, token TEXT NOT NULL)",
        "INSERT OR IGNORE INTO history SELECT seq, etag FROM designs WHERE typeof(seq) = 'integer'",
        """CREATE TABLE client_changes (
            design_id TEXT NOT NULL, client_id TEXT NOT NULL, change INTEGER NOT NULL, digest TEXT,
            PRIMARY KEY (design_id, client_id, change))""",
        """INSERT OR IGNORE INTO client_changes SELECT design_id, client_id, change, NULL FROM pushes
            WHERE typeof(change) = 'integer'""",
        "CREATE TABLE clients (client_id TEXT PRIMARY KEY, device_id TEXT NOT NULL)",
        "CREATE TABLE devices (device_id TEXT PRIMARY KEY, name TEXT NOT NULL, seen_on TEXT NOT NULL)",
        "CREATE TABLE conflicts (id TEXT PRIMARY KEY, design_id TEXT NOT NULL, created_at TEXT NOT NULL, body TEXT NOT NULL)",
        """CREATE TABLE conflict_devices (
            conflict_id TEXT NOT NULL, device_id TEXT NOT NULL, acknowledged INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (conflict_id, device_id))""",
        "CREATE INDEX conflicts_of_device ON conflict_devices (device_id, acknowledged)",
    ):
        db.execute(statement)


@migrations()
def m005_named_and_thinned_versions(db: Database) -> None:
    """The names that people give to versions, and whether the document of a version was removed."""
    for statement in (
        "ALTER TABLE revisions ADD COLUMN name TEXT",
        "ALTER TABLE revisions ADD COLUMN thinned INTEGER NOT NULL DEFAULT 0",
    ):
        db.execute(statement)


@migrations()
def m006_days_of_contact(db: Database) -> None:
    """The days on which any device called, in the order they were first met, and the newest one of each device and conflict."""
    for statement in (
        "CREATE TABLE contact_days (number INTEGER PRIMARY KEY, day TEXT NOT NULL UNIQUE)",
        "ALTER TABLE devices ADD COLUMN contact INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE conflicts ADD COLUMN contact INTEGER NOT NULL DEFAULT 0",
    ):
        db.execute(statement)


@migrations()
def m007_sizes_and_thinned_runs(db: Database) -> None:
    """The size of each version, found without reading its document, and up to which number messages of a run were removed."""
    for statement in (
        "ALTER TABLE revisions ADD COLUMN bytes INTEGER",
        "UPDATE revisions SET bytes = length(CAST(document AS BLOB))",
        "CREATE INDEX kept_revisions ON revisions (design_id, thinned, id, bytes, stored_at, etag)",
        "CREATE TABLE removed_messages (run_id TEXT PRIMARY KEY, up_to INTEGER NOT NULL)",
    ):
        db.execute(statement)


@migrations()
def m008_telemetry(db: Database) -> None:
    """Events that devices record with consent; `paired_device` is empty where the server requires no pairing."""
    for statement in (
        """CREATE TABLE telemetry (
            number INTEGER PRIMARY KEY AUTOINCREMENT, device_id TEXT NOT NULL, event_id TEXT NOT NULL,
            paired_device TEXT NOT NULL DEFAULT '', received_at TEXT NOT NULL, event TEXT NOT NULL,
            UNIQUE (device_id, event_id))""",
        "CREATE INDEX telemetry_of_device ON telemetry (device_id, number)",
    ):
        db.execute(statement)


@migrations()
def m009_successors_of_devices(db: Database) -> None:
    """Which device a copied phone became, since a late call may still make a conflict for the id that it had before."""
    db.execute("CREATE TABLE successors (former TEXT NOT NULL, device_id TEXT NOT NULL, PRIMARY KEY (former, device_id))")


@migrations()
def m010_processor_time_of_evaluations(db: Database) -> None:
    """The processor time before each evaluation, for the leaderboard; older evaluations have none."""
    for statement in (
        "ALTER TABLE messages ADD COLUMN processor_s REAL",
        """CREATE INDEX evaluations ON messages (run_id, series, processor_s)
            WHERE series IN ('evaluation greedy', 'evaluation sampled')""",
    ):
        db.execute(statement)


@migrations()
def m011_sweeps(db: Database) -> None:
    """Sweeps, each with its trials as one JSON text."""
    db.execute(
        """CREATE TABLE sweeps (
            id TEXT PRIMARY KEY, design_id TEXT NOT NULL, created_at TEXT NOT NULL, status TEXT NOT NULL, body TEXT NOT NULL)"""
    )
    db.execute("CREATE INDEX sweeps_of_design ON sweeps (design_id, created_at)")
