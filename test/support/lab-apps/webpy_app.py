"""web.py applications with known session policies, for judging the policy lab: python3 webpy_app.py PORT '{...}'.

store: {"kind": "disk", "dir"} or {"kind": "sqlite", "file"}; timeout; parameters: more of session_parameters
logout: kill | forget (the user only) | cookie (deletes the cookie, keeps everything else)
believes: a header that is taken for the visitor's address; absolute: seconds after the login
page: redirect | json | same (200 for everybody) | mini (the same on one line with a clock and a token)
errors: each so-manieth GET is a 502; rate: requests per second, then 429; slow: ms; adverts; agent (bound to User-Agent)
csrf: the logout wants a token of the page; remember: a second cookie recognises the user
"""
import json
import os
import random
import sys
import time

sys.dont_write_bytecode = True
import web

PORT, C = int(sys.argv[1]), json.loads(sys.argv[2])
web.config.debug = False
web.config.session_parameters.update(timeout=C.get("timeout", 86400), **C.get("parameters", {}))
PAGE = C.get("page", "redirect")
ADS = ["Buy shoes", "Visit Norway", "Learn to sail", "Cheap flights", "New phones", "Old books"]


def store():
    s = C["store"]
    if s["kind"] == "disk":
        os.makedirs(s["dir"], exist_ok=True)
        return web.session.DiskStore(s["dir"])
    import sqlite3
    c = sqlite3.connect(s["file"])
    c.execute("create table if not exists sessions (session_id char(128) UNIQUE NOT NULL, "
              "atime timestamp NOT NULL default current_timestamp, data text)")
    c.commit()
    c.close()
    return web.session.DBStore(web.database(dbn="sqlite", db=s["file"], timeout=30), "sessions")


def user():
    if s.get("user") and C.get("agent") and s.agent != web.ctx.env.get("HTTP_USER_AGENT"):
        return None
    if s.get("user") and C.get("absolute") and time.time() - s.begun > C["absolute"]:
        return None
    if s.get("user"):
        return s.user
    return web.cookies().get("remember") if C.get("remember") else None


def body(words):
    ad = "<aside>%s</aside>\n" % random.choice(ADS) if C.get("adverts") else ""
    if PAGE == "mini":
        return "<!doctype html><title>Shop</title><p>%s</p><meta name=t content=%032x>%s<p>%s</p>" % (
            time.time(), random.getrandbits(128), ad, words)
    nav = "".join("<li><a href=/d%d>Department %d</a></li>\n" % (i, i) for i in range(20))
    return "<!doctype html>\n<ul>\n%s</ul>\n%s<p>%s</p>\n<footer>Imprint</footer>\n" % (nav, ad, words)


class login:
    def POST(self):
        s.user = web.input().user
        s.begun = time.time()
        if C.get("agent"):
            s.agent = web.ctx.env.get("HTTP_USER_AGENT")
        if C.get("remember"):
            web.setcookie("remember", s.user, path="/")
        return "welcome"


class account:
    def GET(self):
        time.sleep(C.get("slow", 0) / 1000)
        who = user()
        if PAGE == "json":
            web.header("Content-Type", "application/json")
            if not who:
                web.ctx.status = "401 Unauthorized"
                return json.dumps({"error": "unauthenticated"})
            return json.dumps({"user": who, "now": time.time()})
        if PAGE == "redirect":
            if not who:
                raise web.seeother("/sign-in")
            token = ""
            if C.get("csrf"):
                s.token = s.get("token") or "%032x" % random.getrandbits(128)
                token = '<form action="/logout" method=post><input type=hidden name="csrf_token" value="%s"></form>' % s.token
            return body("Account of " + who + token)
        return body("Hello, %s <a href=/logout>Log out</a>" % who if who else "<a href=/sign-in>Log in</a>")


class logout:
    def POST(self):
        if C.get("csrf") and web.input(csrf_token="").csrf_token != s.get("token"):
            web.ctx.status = "403 Forbidden"
            return "token?"
        how = C.get("logout", "kill")
        if how == "kill":
            s.kill()
        elif how == "forget":
            s.user = None
        else:
            web.setcookie(web.config.session_parameters["cookie_name"], "", expires=-1, path="/")
        raise web.seeother("/bye")


class counter:
    def POST(self):
        n = s.get("n", 0)
        time.sleep(.1)
        s.n = n + 1
        return "counted"


class bye:
    def GET(self):
        return "bye"


app = web.application(("/login", "login", "/account", "account", "/logout", "logout", "/bye", "bye", "/count", "counter"), globals())
s = web.session.Session(app, store(), {"user": None, "begun": 0})
count, times = 0, []


def wrapped(inner):
    def f(env, start):
        global count
        if C.get("believes"):
            env["REMOTE_ADDR"] = env.get("HTTP_" + C["believes"].upper().replace("-", "_"), env["REMOTE_ADDR"]).split(",")[0].strip()
        if env["PATH_INFO"] == "/account":
            count += 1
            if C.get("errors") and count % C["errors"] == 0:
                start("502 Bad Gateway", [("Content-Type", "text/html")])
                return [b"<h1>502 Bad Gateway</h1>"]
            if C.get("rate"):
                now = time.time()
                times[:] = [t for t in times if now - t < 1]
                if len(times) >= C["rate"]:
                    start("429 Too Many Requests", [("Retry-After", "1"), ("Content-Type", "text/plain")])
                    return [b"slower"]
                times.append(now)
        return inner(env, start)
    return f


web.httpserver.runsimple(wrapped(app.wsgifunc()), ("127.0.0.1", PORT))
