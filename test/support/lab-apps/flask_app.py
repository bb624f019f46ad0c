"""Flask applications with known session policies: python3 flask_app.py PORT '{...}'.

server: a folder for Flask-Session's files (absent: the session is in the signed cookie); lifetime; refresh
logout: clear | pop | cookie; page: redirect | json | same; bound: the address; believes: a header for the address
"""
import json
import random
import sys
from datetime import timedelta

sys.dont_write_bytecode = True
from flask import Flask, jsonify, redirect, request, session

PORT, C = int(sys.argv[1]), json.loads(sys.argv[2])
app = Flask("lab")
app.config.update(SECRET_KEY="for the tests of the policy lab", PERMANENT_SESSION_LIFETIME=timedelta(seconds=C.get("lifetime", 1800)),
                  SESSION_REFRESH_EACH_REQUEST=C.get("refresh", True))
if C.get("server"):
    from flask_session import Session
    app.config.update(SESSION_TYPE="filesystem", SESSION_FILE_DIR=C["server"])
    Session(app)


def address():
    return request.headers.get(C["believes"], request.remote_addr) if C.get("believes") else request.remote_addr


@app.post("/login")
def login():
    session.permanent = True
    session["user"] = request.form["user"]
    if C.get("bound"):
        session["from"] = address()
    return redirect("/account")


@app.get("/account")
def account():
    who = session.get("user")
    if who and C.get("bound") and session["from"] != address():
        who = None
    page = C.get("page", "redirect")
    if page == "json":
        return jsonify(user=who) if who else (jsonify(error="no"), 401)
    if page == "same":
        ad = random.choice(["Buy shoes", "Visit Norway", "Learn to sail", "Cheap flights"])
        return "<header>Shop</header><aside>%s</aside><p>%s</p><footer>Imprint</footer>" % (ad, "Hello, " + who if who else "Please sign in")
    return "Account of " + who if who else redirect("/sign-in")


@app.post("/logout")
def logout():
    how = C.get("logout", "clear")
    answer = redirect("/sign-in")
    if how == "clear":
        session.clear()
    elif how == "pop":
        session.pop("user", None)
    else:
        answer.delete_cookie("session")
    return answer


app.run("127.0.0.1", PORT, threaded=True)
