"""Flask: sessions in the signed cookie itself (its own way), or in files by Flask-Session.

    /usr/bin/python3 flask_app.py '{"folder": "...", "server": true}'

/login, /whoami as JSON (401 without), /logout (session.clear()). Prints "listening <port>".
"""
import json
import os
import sys
import threading
from datetime import timedelta

sys.dont_write_bytecode = True
config = json.loads(sys.argv[1])

from flask import Flask, jsonify, session
from werkzeug.serving import make_server
import logging

logging.getLogger("werkzeug").setLevel(logging.ERROR)
app = Flask("lab")
app.config.update(SECRET_KEY="for the tests of the policy lab only", PERMANENT_SESSION_LIFETIME=timedelta(minutes=30))
if config["server"]:
    from flask_session import Session
    app.config.update(SESSION_TYPE="filesystem", SESSION_FILE_DIR=config["folder"])
    Session(app)


@app.get("/login")
def login():
    session.permanent = True
    session["user"] = "alice"
    return jsonify(ok=True)


@app.get("/whoami")
def whoami():
    user = session.get("user")
    if user is None:
        return jsonify(error="log in first"), 401
    return jsonify(user=user, nonce=os.urandom(8).hex())


@app.get("/logout")
def logout():
    session.clear()
    return jsonify(ok=True)


server = make_server("127.0.0.1", 0, app, threaded=True)
print("listening %d" % server.server_port, flush=True)
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
server.serve_forever()
