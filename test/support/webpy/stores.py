"""The store of a test's application, made from its description in JSON (see webpy.ts)."""
import web


def open_store(s):
    kind = s["kind"]
    if kind == "disk":
        return web.session.DiskStore(s["dir"])
    if kind == "memory":
        return web.session.MemoryStore()
    if kind == "shelf":
        import shelve
        return web.session.ShelfStore(shelve.open(s["file"]))
    table = s.get("table", "sessions")
    if kind == "sqlite":
        import sqlite3
        db = web.database(dbn="sqlite", db=s["file"], timeout=30)
        ddl = "create table if not exists %s (session_id char(128) UNIQUE NOT NULL, atime timestamp NOT NULL default current_timestamp, data text)" % table
        c = sqlite3.connect(s["file"], timeout=30)
        c.execute(ddl)
        c.commit()
        c.close()
        return web.session.DBStore(db, table)
    dbn = {"postgres": "postgres", "mysql": "mysql"}[kind]
    db = web.database(dbn=dbn, db=s["database"], user=s["user"], pw=s["password"], host=s["host"], port=int(s["port"]))
    db.printing = False
    db.query("create table if not exists %s (session_id char(128) UNIQUE NOT NULL, atime timestamp NOT NULL default current_timestamp, data text)" % table)
    return web.session.DBStore(db, table)
