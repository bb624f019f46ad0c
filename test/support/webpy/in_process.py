"""The real web.py without a server: requests in process, by a clock that each of them sets.

    /usr/bin/python3 in_process.py '{"store": {...}}'

Reads one JSON document per line and answers each with one:

{"do": "prepare", "records": [{"id", "data" (base64), "atime", "mtime"}]}: the store holds these records and nothing else.
{"do": "run", "parameters": {...}, "timeout": "86400,", "initializer": {...} or null, "cookieName", "requests": [{"clock",
"address", "cookie"}]}: a fresh process of web.py, so to say, gets the requests one after the other. `timeout` is Python.
"""
import base64
import datetime
import hashlib
import json
import os
import shutil
import sys
import time
import types

sys.dont_write_bytecode = True
import web
import web.session

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stores import open_store

web.config.debug = False
config = json.loads(sys.argv[1])
place = config["store"]
real_time = time.time
clock = {"now": 0.0, "random": 0}


class FakeDateTime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromtimestamp(clock["now"], tz)


def numbered(size):
    """Random bytes that repeat with each run: SHA-1 of how many were asked before."""
    clock["random"] += 1
    return hashlib.sha1(str(clock["random"]).encode()).digest()[:size]


class FakeOs(types.ModuleType):
    def __getattr__(self, name):
        return getattr(os, name)


fake_os = FakeOs("os")
fake_os.path = os.path
fake_os.urandom = numbered
fake_datetime = types.ModuleType("datetime")
fake_datetime.__dict__.update(datetime.__dict__)
fake_datetime.datetime = FakeDateTime
web.session.os = fake_os
web.session.datetime = fake_datetime
store = open_store(place)
if hasattr(store, "db"):
    # As with a pool: logging in for each request would take most of the time.
    web.utils.ThreadedDict._instances.discard(store.db._ctx)


def connection():
    kind = place["kind"]
    if kind == "sqlite":
        import sqlite3
        return sqlite3.connect(place["file"], timeout=30, isolation_level=None)
    if kind == "postgres":
        import psycopg2
        c = psycopg2.connect(dbname=place["database"], user=place["user"], password=place["password"],
                             host=place["host"], port=int(place["port"]))
        c.autocommit = True
        return c
    import pymysql
    return pymysql.connect(db=place["database"], user=place["user"], passwd=place["password"], host=place["host"],
                           port=int(place["port"]), autocommit=True)


own = None if place["kind"] == "disk" else connection()


def prepare(message):
    if own is None:
        for name in os.listdir(place["dir"]):
            path = os.path.join(place["dir"], name)
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
        for r in message["records"]:
            path = os.path.join(place["dir"], r["id"])
            with open(path, "wb") as f:
                f.write(base64.b64decode(r["data"]))
            os.utime(path, (r["atime"], r["mtime"]))
        return {}
    c = own.cursor()
    table = place.get("table", "sessions")
    mark = "?" if place["kind"] == "sqlite" else "%s"
    c.execute("delete from " + table)
    for r in message["records"]:
        at = datetime.datetime.fromtimestamp(r["atime"])
        at = str(at) if place["kind"] == "sqlite" else at
        c.execute("insert into %s (session_id, atime, data) values (%s, %s, %s)" % (table, mark, mark, mark),
                  (r["id"], at, base64.b64decode(r["data"]).decode("latin1")))
    c.close()
    return {}


def run(message):
    parameters = web.utils.storage(message["parameters"])
    parameters.timeout = eval(message["timeout"], {"inf": float("inf"), "nan": float("nan")})
    saved = web.config.session_parameters
    web.config.session_parameters = web.utils.storage(saved, **parameters)
    state = {"ran": False, "made": 0}

    class page:
        def GET(self):
            state["ran"] = True
            return ""

    app = web.application(("/.*", "page"), {"page": page})
    given = message.get("initializer")
    initializer = None
    if given is not None:
        initializer = given["values"] if given["kind"] == "dict" else lambda: session.update(given["values"])
    session = web.session.Session(app, store, initializer=initializer)
    web.config.session_parameters = saved
    # Session has slots: the method of the class is wrapped for the time of the run.
    original = web.session.Session._generate_session_id

    def counted(self):
        state["made"] += 1
        return original(self)
    web.session.Session._generate_session_id = counted
    wsgi = app.wsgifunc()
    answers = []
    clock["random"] = 0

    def one(request):
        clock["now"] = float(request["clock"])
        state.update(ran=False, made=0)
        head = {}
        env = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "QUERY_STRING": "", "HTTP_HOST": "localhost", "wsgi.url_scheme": "http"}
        if request["address"] is not None:
            env["REMOTE_ADDR"] = request["address"]
        if request["cookie"] is not None:
            env["HTTP_COOKIE"] = request["cookie"]
        parts, escaped = [], None
        time.time = lambda: clock["now"]
        try:
            for part in wsgi(env, lambda status, headers: head.update(status=status, headers=headers)):
                parts.append(part)
        except Exception as e:
            escaped = repr(e)
        finally:
            time.time = real_time
        answers.append({"status": head.get("status"), "headers": head.get("headers"), "ran": state["ran"],
                        "made": state["made"], "escaped": escaped, "body": b"".join(parts).decode("utf-8", "replace")})

    def all_requests():
        for request in message["requests"]:
            began = real_time()
            one(request)
            if own is None and request is not message["requests"][-1]:
                # The system keeps access times by its own clock: what was just written gets the time of this request.
                for name in os.listdir(place["dir"]):
                    path = os.path.join(place["dir"], name)
                    if os.stat(path).st_mtime >= began - 0.1:
                        os.utime(path, (request["clock"], request["clock"]))

    all_requests()
    web.session.Session._generate_session_id = original
    web.utils.ThreadedDict._instances.discard(session._data)
    return {"answers": answers}


for line in sys.stdin:
    message = json.loads(line)
    print(json.dumps({"prepare": prepare, "run": run}[message["do"]](message)), flush=True)
