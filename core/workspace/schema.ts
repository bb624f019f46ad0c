import { migrateCookieIdentity } from './migrate-cookie-identity.ts';
import type { Database } from './sqlite.ts';

/** Written into the file's header, so that other programs (and we) know whose it is: "Sesc". */
export const APPLICATION_ID = 0x53657363;

/*
 * Migrations, in order: entry n brings a file of version n to n + 1. Never edit one that was released; add another.
 *
 * What is long and repeats is kept once and named by a number (hosts, URLs, sets of cookie names, bytes by hash), so
 * that a row of `flow` stays short and a filter walks 100,000 of them quickly. The heads lie in a table of their own
 * for the same reason.
 */
const MIGRATIONS: readonly (string | ((db: Database) => void))[] = [
  `
  CREATE TABLE host (h INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE url (u INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE);
  CREATE TABLE cookie_set (c INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE);

  CREATE TABLE flow (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    started_at REAL NOT NULL,
    ended_at REAL,
    method TEXT NOT NULL,
    h INTEGER NOT NULL,
    u INTEGER NOT NULL,
    c INTEGER NOT NULL,
    status INTEGER,
    request_bytes INTEGER NOT NULL,
    response_bytes INTEGER NOT NULL,
    content_type TEXT,
    error TEXT,
    kind TEXT NOT NULL,
    edited_by TEXT,
    origin TEXT
  );
  CREATE INDEX flow_host ON flow (h, n);
  CREATE INDEX flow_url ON flow (u, n);
  CREATE INDEX flow_cookies ON flow (c, n);
  CREATE INDEX flow_status ON flow (status, n);
  CREATE INDEX flow_method ON flow (method, n);
  CREATE TABLE flow_head (n INTEGER PRIMARY KEY, head TEXT NOT NULL);

  CREATE TABLE blob (hash TEXT PRIMARY KEY, bytes BLOB NOT NULL, uses INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE body (ref TEXT PRIMARY KEY, n INTEGER, hash TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX body_flow ON body (n);
  CREATE TRIGGER body_gone AFTER DELETE ON body BEGIN
    UPDATE blob SET uses = uses - 1 WHERE hash = old.hash;
    DELETE FROM blob WHERE hash = old.hash AND uses <= 0;
  END;

  CREATE TABLE session (
    s INTEGER PRIMARY KEY,
    host TEXT NOT NULL,
    carrier TEXT NOT NULL,
    name TEXT NOT NULL,
    id TEXT NOT NULL,
    state TEXT NOT NULL,
    score INTEGER NOT NULL,
    shown INTEGER NOT NULL,
    last_activity REAL NOT NULL,
    flows INTEGER NOT NULL,
    store_id TEXT,
    record_id TEXT,
    text TEXT NOT NULL,
    summary TEXT NOT NULL,
    memo TEXT NOT NULL
  );
  CREATE INDEX session_active ON session (shown, last_activity);
  CREATE INDEX session_id ON session (host, carrier, name, id);
  CREATE INDEX session_record ON session (store_id, record_id);
  CREATE TABLE session_data (s INTEGER NOT NULL, path TEXT NOT NULL COLLATE NOCASE, value TEXT NOT NULL, PRIMARY KEY (s, path)) WITHOUT ROWID;
  CREATE INDEX session_data_path ON session_data (path, value);

  CREATE TABLE sighting (s INTEGER NOT NULL, f INTEGER NOT NULL, direction INTEGER NOT NULL, at REAL NOT NULL, raw TEXT, PRIMARY KEY (s, f, direction)) WITHOUT ROWID;
  CREATE INDEX sighting_flow ON sighting (f, s);

  CREATE TABLE timeline (seq INTEGER PRIMARY KEY, s INTEGER NOT NULL, at REAL NOT NULL, flow TEXT, kind TEXT NOT NULL, more TEXT NOT NULL);
  CREATE INDEX timeline_session ON timeline (s, seq);
  CREATE TABLE snapshot (id TEXT PRIMARY KEY, store_id TEXT NOT NULL, record_id TEXT NOT NULL, at REAL NOT NULL, last_used REAL, hash TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX snapshot_record ON snapshot (store_id, record_id, at);
  CREATE INDEX snapshot_at ON snapshot (at);
  CREATE TRIGGER snapshot_gone AFTER DELETE ON snapshot BEGIN
    UPDATE blob SET uses = uses - 1 WHERE hash = old.hash;
    DELETE FROM blob WHERE hash = old.hash AND uses <= 0;
  END;

  CREATE TABLE edit (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at REAL NOT NULL, session_key TEXT, store_id TEXT, record_id TEXT, phase TEXT NOT NULL, entry TEXT NOT NULL);
  CREATE INDEX edit_session ON edit (session_key, seq);
  CREATE INDEX edit_record ON edit (store_id, record_id, seq);
  CREATE INDEX edit_phase ON edit (phase);

  CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE overrule (host TEXT NOT NULL, carrier TEXT NOT NULL, name TEXT NOT NULL, verdict TEXT NOT NULL, PRIMARY KEY (host, carrier, name)) WITHOUT ROWID;
  CREATE TABLE rule (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, rule TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE carrier (host TEXT NOT NULL, carrier TEXT NOT NULL, name TEXT NOT NULL, at REAL NOT NULL, memo TEXT NOT NULL, PRIMARY KEY (host, carrier, name)) WITHOUT ROWID;
  `,
  // One row for a session in a flow, whichever way its id went.
  `
  CREATE TABLE seen (s INTEGER NOT NULL, f INTEGER NOT NULL, direction INTEGER NOT NULL, at REAL NOT NULL, raw TEXT, PRIMARY KEY (s, f)) WITHOUT ROWID;
  INSERT INTO seen SELECT s, f, sum(direction), min(at), max(raw) FROM sighting GROUP BY s, f;
  DROP TABLE sighting;
  ALTER TABLE seen RENAME TO sighting;
  CREATE INDEX sighting_flow ON sighting (f, s);
  `,
  /*
   * Flows in pages of some hundred (page-layout.ts) instead of a text each, and fewer indexes: each costs as much as the row
   * itself. The flow itself says which sessions and bodies it has.
   */
  `
  CREATE TABLE flow_page (
    p INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    ints BLOB NOT NULL,
    floats BLOB NOT NULL,
    lengths BLOB NOT NULL,
    lists BLOB NOT NULL,
    text NOT NULL
  );
  CREATE INDEX flow_page_last ON flow_page (last);
  ALTER TABLE flow ADD COLUMN p INTEGER;
  ALTER TABLE flow ADD COLUMN place INTEGER;
  ALTER TABLE flow ADD COLUMN sessions TEXT;
  UPDATE flow SET sessions = (SELECT group_concat(s) FROM sighting WHERE f = n);
  DROP INDEX sighting_flow;
  ALTER TABLE sighting DROP COLUMN at;
  ALTER TABLE sighting DROP COLUMN raw;
  DROP INDEX flow_status;
  DROP INDEX flow_method;
  CREATE INDEX flow_answer ON flow (status, method);
  DROP INDEX body_flow;
  CREATE INDEX body_loose ON body (ref) WHERE n IS NULL;
  `,
  migrateCookieIdentity,
];

/** The version this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings an open file to the present version, all or nothing. */
export function migrate(db: Database): void {
  const from = db.pragma('user_version', { simple: true }) as number;
  if (from >= SCHEMA_VERSION) return;
  db.transaction(() => {
    for (const step of MIGRATIONS.slice(from)) {
      if (typeof step === 'string') db.exec(step);
      else step(db);
    }
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
    db.pragma(`application_id = ${APPLICATION_ID}`);
  }).immediate();
}
