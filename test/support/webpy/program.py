"""The applications that tests run on the real web.py: configured by one JSON document, served by web.py's own server.

    /usr/bin/python3 program.py '{"store": {...}, "parameters": {...}, "initializer": {...}, "app": "count"}'

Prints "listening <port>" when it accepts connections and ends when its standard input closes.
"""
import json
import os
import sys
import threading

sys.dont_write_bytecode = True
import web

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from stores import open_store

config = json.loads(sys.argv[1])


def main():
    web.config.debug = False
    if config.get("fakeTime") is not None:
        fake_clock(config["fakeTime"])
    parameters = dict(config.get("parameters") or {})
    if parameters.get("timeout") == "tuple":
        parameters["timeout"] = (86400,)
    web.config.session_parameters.update(parameters)
    urls, classes, bind = __import__("app_" + config.get("app", "count")).make()
    app = web.application(urls, classes)
    store = open_store(config["store"])
    session = web.session.Session(app, store, initializer=config.get("initializer", {"count": 0}))
    bind(session)

    from cheroot import wsgi
    server = wsgi.Server((config.get("host", "127.0.0.1"), config.get("port", 0)), app.wsgifunc(), server_name="localhost",
                         numthreads=config.get("threads", 10), request_queue_size=128)
    server.prepare()
    print("listening %d" % server.bind_addr[1], flush=True)

    def watch():
        sys.stdin.buffer.read()
        os._exit(0)
    threading.Thread(target=watch, daemon=True).start()
    server.serve()


def fake_clock(spec):
    """The clock web.py sees: starts at spec seconds since 1970 and stands there until POST /_clock moves it."""
    import datetime
    import time
    import clock
    clock.now = float(spec)
    time.time = lambda: clock.now

    class FakeDateTime(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.datetime.fromtimestamp(clock.now, tz)

    fake = type(sys)("fake_datetime")
    fake.__dict__.update(datetime.__dict__)
    fake.datetime = FakeDateTime
    import web.session
    web.session.datetime = fake


main()
