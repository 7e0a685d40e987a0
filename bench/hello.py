"""The baseline: a Flask view that answers a constant as JSON, served with Gerbang's own gunicorn settings."""

from types import SimpleNamespace

from flask import Flask, Response, jsonify

app = Flask(__name__)
app.extensions["gates"] = SimpleNamespace(
    hub=SimpleNamespace()
)  # gunicorn.conf.py tells it when the worker stops


@app.get("/hello")
def hello() -> Response:
    return jsonify(hello="world")
