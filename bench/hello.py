"""The baseline: a Flask view that answers a constant as JSON, served with Gerbang's own gunicorn settings."""

from flask import Flask, Response, jsonify

app = Flask(__name__)


@app.get("/hello")
def hello() -> Response:
    return jsonify(hello="world")
