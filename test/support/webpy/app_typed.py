"""Typed data in and out: GET /data is the session as typed JSON, POST /data sets the keys of a typed JSON dict and gives
the session before and after as {"before": ..., "after": ...}."""
import importlib.util
import json
import os
import sys

import web
from typed import build

HERE = os.path.dirname(os.path.abspath(__file__))


def describer():
    path = os.path.join(HERE, "..", "..", "fixtures", "webpy", "make_fixtures.py")
    spec = importlib.util.spec_from_file_location("make_fixtures", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_fixtures"] = module
    spec.loader.exec_module(module)
    return module.describe


def make():
    held = {}
    describe = describer()

    class data:
        def GET(self):
            return json.dumps(describe(held["session"].copy()))

        def POST(self):
            session = held["session"]
            before = describe(session.copy())
            for key, value in build(json.loads(web.data().decode("utf-8"))).items():
                session[key] = value
            return json.dumps({"before": before, "after": describe(session.copy())})

    class count:
        def GET(self):
            session = held["session"]
            session.count += 1
            return str(session.count)

    class reset:
        def GET(self):
            held["session"].kill()
            return ""

    return ("/data", "data", "/count", "count", "/reset", "reset"), locals(), lambda s: held.update(session=s)
