"""Django with its own login and its session table in SQLite: /login, /whoami, /logout (flush) on a free port of 127.0.0.1.

    /usr/bin/python3 django_app.py '{"folder": "...", "idle": 1800}'

`idle`: SESSION_COOKIE_AGE in seconds, counted anew at each request. Prints "listening <port>".
"""
import json
import os
import sys
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

sys.dont_write_bytecode = True
config = json.loads(sys.argv[1])

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="for the tests of the policy lab only",
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware",
                "django.middleware.csrf.CsrfViewMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(config["folder"], "django.db"),
                           "OPTIONS": {"timeout": 20}}},
    SESSION_COOKIE_AGE=config["idle"],
    SESSION_SAVE_EVERY_REQUEST=True,
    LOGIN_URL="/login",
    USE_TZ=True,
)
django.setup()

from django.contrib.auth import login as log_in, logout as log_out
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.urls import path

call_command("migrate", verbosity=0)
User.objects.get_or_create(username="alice")


def login(request):
    log_in(request, User.objects.get(username="alice"), backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponse("hello")


@login_required
def whoami(request):
    # A form as pages have them: its token is another one each time.
    return HttpResponse("<p>logged in as %s</p><input type=hidden name=csrf value=%s>" % (request.user, get_token(request)))


def logout(request):
    log_out(request)
    return HttpResponse("bye")


urlpatterns = [path("login", login), path("whoami", whoami), path("logout", logout)]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=Server, handler_class=Quiet)
print("listening %d" % server.server_port, flush=True)
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
server.serve_forever()
