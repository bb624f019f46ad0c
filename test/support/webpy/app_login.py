"""The tutorial's program with a login: /login?user=NAME, /logout, /whoami, and a new id at login with &rotate=1."""
import web


def make():
    held = {}

    class count:
        def GET(self):
            session = held["session"]
            session.count += 1
            return str(session.count)

    class reset:
        def GET(self):
            held["session"].kill()
            return ""

    class login:
        def GET(self):
            return self.POST()

        def POST(self):
            i = web.input(user="alice", rotate="")
            session = held["session"]
            if i.rotate:
                del session.store[session.session_id]
                session.session_id = session._generate_session_id()
            session.user = i.user
            session.logged_in = True
            return "hello " + i.user

    class logout:
        def GET(self):
            held["session"].kill()
            return "bye"

    class whoami:
        def GET(self):
            web.header("Content-Type", "text/plain; charset=utf-8")
            return str(held["session"].get("user", "anonymous"))

    return (("/count", "count", "/reset", "reset", "/login", "login", "/logout", "logout", "/whoami", "whoami"),
            locals(), lambda s: held.update(session=s))
