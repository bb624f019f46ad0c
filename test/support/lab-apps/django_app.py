"""Django applications with known session policies: python3 django_app.py PORT '{...}'.

folder; engine: db | signed_cookies | file; age; every (SESSION_SAVE_EVERY_REQUEST); logout: flush | cookie; rotate: false
keeps the session's key at login
"""
import json
import os
import sys

sys.dont_write_bytecode = True
PORT, C = int(sys.argv[1]), json.loads(sys.argv[2])
import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"], SECRET_KEY="for the tests of the policy lab", ROOT_URLCONF=__name__, LOGIN_URL="/login", USE_TZ=True,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(C["folder"], "app.db"), "OPTIONS": {"timeout": 20}}},
    SESSION_ENGINE="django.contrib.sessions.backends." + C.get("engine", "db"), SESSION_FILE_PATH=C["folder"],
    SESSION_COOKIE_AGE=C.get("age", 1800), SESSION_SAVE_EVERY_REQUEST=C.get("every", False))
django.setup()
from django.contrib.auth import login as log_in, logout as log_out
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import path

call_command("migrate", verbosity=0)
User.objects.get_or_create(username="alice")
FORM = '<form method="post" action="%s"><input type="hidden" name="csrfmiddlewaretoken" value="%s"></form>'


def login(r):
    if r.method == "GET":
        return HttpResponse("Sign in " + FORM % ("/login", get_token(r)))
    log_in(r, User.objects.get(username=r.POST["user"]), backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponseRedirect("/account")


@login_required
def account(r):
    return HttpResponse("<h1>Account of %s</h1>" % r.user + FORM % ("/logout", get_token(r)))


def logout(r):
    answer = HttpResponseRedirect("/login")
    if C.get("logout", "flush") == "flush":
        log_out(r)
    else:
        answer.delete_cookie("sessionid")
    return answer


urlpatterns = [path("login", login), path("account", account), path("logout", logout)]
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


make_server("127.0.0.1", PORT, get_wsgi_application(), server_class=Server, handler_class=Quiet).serve_forever()
