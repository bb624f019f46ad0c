"""A Django site with its own login (users, passwords, CSRF): python3 django_login.py PORT FOLDER"""
import os
import sys

sys.dont_write_bytecode = True
PORT, FOLDER = int(sys.argv[1]), sys.argv[2]
import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"], SECRET_KEY="for the tests of recorded policies", ROOT_URLCONF=__name__, USE_TZ=True,
    LOGIN_URL="/accounts/login/", LOGIN_REDIRECT_URL="/account", LOGOUT_REDIRECT_URL="/accounts/login/",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"loaders": [(
        "django.template.loaders.locmem.Loader",
        {"registration/login.html": '<h1>Sign in</h1><form method="post">{% csrf_token %}{{ form.as_p }}<button>Sign in</button></form>'})]}}],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(FOLDER, "app.db"), "OPTIONS": {"timeout": 20}}},
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
django.setup()
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView, LogoutView
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.urls import path
from django.views.decorators.http import require_POST

call_command("migrate", verbosity=0)
if not User.objects.exists():
    User.objects.create_user("alice", password="correct horse")


@login_required
def account(request):
    return HttpResponse(
        "<h1>Account of %s</h1><form method='post' action='/accounts/logout/'><input type='hidden' name='csrfmiddlewaretoken' value='%s'>"
        "<button>Sign out</button></form>" % (request.user.username, get_token(request)))


urlpatterns = [path("account", account), path("accounts/login/", LoginView.as_view()),
               path("accounts/logout/", require_POST(LogoutView.as_view()))]
application = get_wsgi_application()
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *words):
        pass


make_server("127.0.0.1", PORT, application, Server, Quiet).serve_forever()
