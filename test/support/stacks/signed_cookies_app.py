"""Sessions that stand in a signed cookie, by the framework itself: Flask, or Django with its signed_cookies.

    /usr/bin/python3 signed_cookies_app.py '{"kind": "flask", "key": "..."}'

/login makes the session, /whoami gives its user as text. Prints "listening <port>".
"""
import json
import os
import sys
import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

sys.dont_write_bytecode = True
config = json.loads(sys.argv[1])


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


if config["kind"] == "flask":
    from flask import Flask, session

    application = Flask("signed")
    application.secret_key = config["key"]

    @application.get("/login")
    def login():
        session["user"] = "alice"
        session["roles"] = ["staff"]
        return "in"

    @application.get("/whoami")
    def whoami():
        return session.get("user", "nobody")

else:
    import django
    from django.conf import settings

    settings.configure(
        ALLOWED_HOSTS=["*"],
        SECRET_KEY=config["key"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=["django.contrib.sessions"],
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    )
    django.setup()
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpResponse
    from django.urls import path

    def login(request):
        request.session["user"] = "alice"
        request.session["roles"] = ["staff"]
        return HttpResponse("in")

    def whoami(request):
        return HttpResponse(request.session.get("user", "nobody"))

    urlpatterns = [path("login", login), path("whoami", whoami)]
    application = get_wsgi_application()

server = make_server("127.0.0.1", 0, application, handler_class=Quiet)
print("listening %d" % server.server_port, flush=True)
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
server.serve_forever()
