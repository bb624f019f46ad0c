"""Logins whose ends are right and wrong, for the policy lab: /login, /whoami, /logout (kills), /logout-cookie (only asks the
browser to forget the cookie), /logout-flag (forgets the user, keeps the session)."""
import web


def make():
    held = {}

    class login:
        def GET(self):
            held["session"].user = web.input(user="alice").user
            return "hello"

    class whoami:
        def GET(self):
            web.header("Content-Type", "text/plain; charset=utf-8")
            user = held["session"].get("user")
            return "anonymous: please log in" if user is None else "logged in as " + str(user)

    class logout:
        def GET(self):
            held["session"].kill()
            return "bye"

    class logout_cookie:
        def GET(self):
            web.setcookie(held["session"]._config.cookie_name, "", expires=-1)
            return "bye"

    class logout_flag:
        def GET(self):
            held["session"].user = None
            return "bye"

    return (("/login", "login", "/whoami", "whoami", "/logout", "logout", "/logout-cookie", "logout_cookie",
             "/logout-flag", "logout_flag"), locals(), lambda s: held.update(session=s))
