"""Debian's Python frameworks as judges. stdin: {"write": [value]} or {"read": {format: [base64]}}; stdout: by format."""
import asyncio, base64, json, sys, types, warnings

warnings.simplefilter("ignore")
from aiohttp import web
from aiohttp_session import Session as AioSession
from aiohttp_session.cookie_storage import EncryptedCookieStorage
from beaker.session import CookieSession
import bottle
from django.conf import settings
from flask import Flask
import itsdangerous
from pyramid.response import Response
from pyramid.session import SignedCookieSessionFactory
from pyramid.testing import DummyRequest
from starlette.middleware.sessions import SessionMiddleware
from tornado.web import create_signed_value, decode_signed_value

KEY = "judge-key-0123456789abcdef0123456789abcdef"
FERNET = base64.urlsafe_b64encode(KEY[:32].encode()).decode()
settings.configure(SECRET_KEY=KEY)
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.serializers import JSONSerializer, PickleSerializer
from django.core import signing

app = Flask("judge")
app.secret_key = KEY
signed_cookies = "django.contrib.sessions.backends.signed_cookies"


def value_of(header):
    return header.split("=", 1)[1].split(";", 1)[0].strip('"')


def flask_serializer():
    return app.session_interface.get_signing_serializer(app)


def django(serializer):
    return (
        lambda v: signing.dumps(v, salt=signed_cookies, serializer=serializer, compress=True),
        lambda raw: signing.loads(raw, salt=signed_cookies, serializer=serializer),
    )


def starlette(headers, change):
    got, seen = [], {}

    async def inner(scope, receive, send):
        change(scope["session"])
        seen.update(scope["session"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        got.append(message)

    asyncio.run(SessionMiddleware(inner, KEY)({"type": "http", "headers": headers}, None, send))
    return seen, [v.decode() for k, v in got[0]["headers"] if k == b"set-cookie"]


def starlette_write(v):
    return value_of(starlette([], lambda session: session.update(v))[1][0])


def starlette_read(raw):
    return starlette([(b"cookie", b"session=" + raw.encode())], lambda session: None)[0]


def pyramid_write(v):
    request, callbacks = DummyRequest(), []
    request.add_response_callback = callbacks.append
    session = SignedCookieSessionFactory(KEY)(request)
    session.update(v)
    response = Response()
    for callback in callbacks:
        callback(request, response)
    return value_of(response.headers["Set-Cookie"])


def pyramid_read(raw):
    request = DummyRequest(cookies={"session": raw})
    request.add_response_callback = lambda callback: None
    return dict(SignedCookieSessionFactory(KEY)(request))


def beaker(serializer, encrypt):
    def made(cookie):
        return CookieSession(
            {"cookie": cookie}, key="beaker.session.id", validate_key=KEY, data_serializer=serializer,
            encrypt_key=KEY[::-1] if encrypt else None, crypto_type="cryptography",
        )

    def write(v):
        session = made("")
        session.update(v)
        session.save()
        return value_of(session.request["cookie_out"].strip())

    def read(raw):
        return {k: v for k, v in made("beaker.session.id=" + raw).items() if not k.startswith("_")}

    return write, read


def aiohttp_write(v):
    session, response = AioSession(None, data=None, new=True, max_age=None), web.Response()
    session.update(v)
    asyncio.run(EncryptedCookieStorage(FERNET).save_session(None, response, session))
    return response.cookies["AIOHTTP_SESSION"].value


def aiohttp_read(raw):
    request = types.SimpleNamespace(cookies={"AIOHTTP_SESSION": raw})
    return dict(asyncio.run(EncryptedCookieStorage(FERNET).load_session(request)))


def bottle_read(raw):
    return bottle.cookie_decode(raw, KEY)[1]


timed = itsdangerous.URLSafeTimedSerializer(KEY, salt="activate")
FORMATS = {
    "flask": (lambda v: flask_serializer().dumps(v), lambda raw: flask_serializer().loads(raw)),
    "itsdangerous": (timed.dumps, timed.loads),
    "django": django(JSONSerializer),
    "django-pickle": django(PickleSerializer),
    "django-row": (lambda v: SessionStore().encode(v), lambda raw: SessionStore().decode(raw)),
    "starlette": (starlette_write, starlette_read),
    "pyramid": (pyramid_write, pyramid_read),
    "bottle": (lambda v: bottle.cookie_encode(("session", v), KEY).decode(), bottle_read),
    "tornado": (
        lambda v: create_signed_value(KEY, "session", json.dumps(v)).decode(),
        lambda raw: json.loads(decode_signed_value(KEY, "session", raw)),
    ),
    "aiohttp-session": (aiohttp_write, aiohttp_read),
    "beaker-json": beaker("json", False),
    "beaker-pickle": beaker("pickle", False),
    "beaker-json-encrypted": beaker("json", True),
}


def attempt(run):
    try:
        return {"value": run()}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


asked = json.load(sys.stdin)
if "write" in asked:
    encode = lambda text: base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()
    answer = {name: [{"raw": encode(write(v))} for v in asked["write"]] for name, (write, _) in FORMATS.items()}
else:
    answer = {
        name: [attempt(lambda: FORMATS[name][1](base64.b64decode(one["raw"]).decode())) for one in ones]
        for name, ones in asked["read"].items()
    }
json.dump(answer, sys.stdout)
