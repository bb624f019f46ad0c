"""The tutorial's program: /count adds one, /reset kills."""
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

    class clock_page:
        def POST(self):
            import clock
            clock.now = float(web.data())
            return ""

    return ("/count", "count", "/reset", "reset", "/_clock", "clock_page"), locals(), lambda s: held.update(session=s)
