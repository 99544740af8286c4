"""A small interface with faults planted in it, and its description: what searches for wrong input are compared on.

    python3 api.py PORT

Standard library alone; it listens on loopback, keeps everything in memory, and reads no file of the machine.
"""

import http.server
import json
import re
import sqlite3
import sys
import time
import urllib.parse

TOKEN = "planted-token"
ACCOUNTS = "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/:/bin/false\n"
DATA = sqlite3.connect(":memory:", check_same_thread=False)
DATA.execute("CREATE TABLE users (name TEXT, shown TEXT)")
DATA.execute("INSERT INTO users VALUES ('ada', 'Ada L.')")
LEVEL = {"level": 3, "mode": "eco"}
PLAN = {"on": "06:30"}


def text(name, place="query", required=True, example=None, **schema):
    found = {"name": name, "in": place, "required": required, "schema": {"type": "string", **schema}}
    return {**found, "example": example} if example is not None else found


def takes(method, parameters=(), body=None, media="application/json", answers=("200", "400"), **more):
    operation = {"responses": {answer: {"description": "as named"} for answer in answers}, **more}
    if parameters:
        operation["parameters"] = list(parameters)
    if body:
        operation["requestBody"] = {"required": True, "content": {media: body}}
    return {method: operation}


def fields(**properties):
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


NUMBER = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}, "example": 1}
LEVELS = fields(level={"type": "integer", "minimum": 0, "maximum": 10}, mode={"type": "string", "enum": ["eco", "max"]})
DESCRIPTION = {
    "openapi": "3.0.3",
    "info": {"title": "Planted", "version": "1"},
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/items/{id}": takes("get", [NUMBER], answers=("200", "400", "404")),
        "/search": takes("get", [text("q", maxLength=50, example="lamp")]),
        "/levels": {
            **takes("get"),
            **takes("put", body={"schema": LEVELS, "example": {"level": 3, "mode": "eco"}}),
        },
        "/greet": takes("get", [text("name", maxLength=80, example="ada")]),
        "/files": takes("get", [text("name", maxLength=80, example="a.txt")], answers=("200", "400", "404")),
        "/users": takes("get", [text("name", maxLength=80, example="ada")], answers=("200", "400", "404")),
        "/admin": takes("get", answers=("200", "401"), security=[{"token": []}]),
        "/kinds": takes("get", [text("kind", enum=["a", "b"], example="a")]),
        "/config": takes("post", body={"schema": fields(host={"type": "string", "maxLength": 60}), "example": {"host": "a"}}),
        "/go": takes("get", [text("to", maxLength=80, example="home")], answers=("302", "400")),
        "/form": takes(
            "post",
            body={"schema": fields(a={"type": "string", "maxLength": 9}), "example": {"a": "1"}},
            media="application/x-www-form-urlencoded",
        ),
        "/plan": {
            **takes("get"),
            **takes(
                "put",
                body={"schema": {"type": "object"}, "example": "<plan><on>06:30</on></plan>"},
                media="application/xml",
            ),
        },
        "/tree": takes("post", body={"schema": fields(tree={"type": "array", "items": {}}), "example": {"tree": []}}),
        "/ping": takes("get", [text("host", maxLength=60, example="localhost")]),
        "/text": takes("post", body={"schema": fields(t={"type": "string", "maxLength": 40}), "example": {"t": "x"}}),
    },
}


class Wrong(Exception):
    """Input that is turned away."""


def short(value, most):
    if not isinstance(value, str) or not 0 < len(value) <= most or any(ord(c) < 32 for c in value):
        raise Wrong("a short text is expected")
    return value


class Interface(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Says nothing."""

    def answer(self, status, value, headers=()):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for line in headers:
            self._headers_buffer.append(line.encode("latin-1", "replace") + b"\r\n")
        self.end_headers()
        self.wfile.write(body)

    def handle_any(self):
        path, _, query = self.path.partition("?")
        given = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        length = self.headers.get("Content-Length", "0")
        body = self.rfile.read(int(length)) if length.isdigit() else b""
        name = f"{self.command.lower()} {re.sub('^/items/.*', '/items/{id}', path)}"
        handler = HANDLERS.get(name)
        if handler is None:
            self.answer(405 if any(key.endswith(" " + path) for key in HANDLERS) else 404, {"error": "no such route"})
            return
        try:
            handler(self, path, given, body)
        except Wrong as wrong:
            self.answer(400, {"error": str(wrong)})
        except Exception as error:  # What nobody thought of is a failure of the service.
            self.answer(500, {"error": type(error).__name__})

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = do_TRACE = handle_any


def home(self, *_):
    self.answer(200, {"title": "Planted"})


def description(self, *_):
    self.answer(200, DESCRIPTION)


def item(self, path, given, body):  # Fault: a text in place of a number is not caught.
    number = int(path.rsplit("/", 1)[1])
    self.answer(200 if number == 1 else 404, {"item": number})


def search(self, path, given, body):  # Fault: a text above 200 characters does not fit.
    if len(given.get("q", "")) > 200:
        raise OverflowError
    short(given.get("q"), 200)
    self.answer(200, {"found": []})


def levels(self, path, given, body):
    self.answer(200, LEVEL)


def set_levels(self, path, given, body):  # Fault: the range is not looked at.
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise Wrong("no JSON") from None
    if not isinstance(message, dict) or set(message) != {"level", "mode"} or message["mode"] not in ("eco", "max"):
        raise Wrong("level and mode are expected")
    if type(message["level"]) is not int:
        raise Wrong("level is a number")
    LEVEL.update(message)
    self.answer(200, LEVEL)


def greet(self, path, given, body):  # Fault: the name is put through a template.
    name = short(given.get("name"), 80)
    shown = re.sub(r"\{\{(\d{1,9})\*(\d{1,9})\}\}", lambda m: str(int(m[1]) * int(m[2])), name)
    self.answer(200, {"hello": shown})


def files(self, path, given, body):  # Fault: the name may leave its folder.
    name = short(given.get("name"), 80)
    if name.startswith("../") and name.endswith("etc/passwd"):
        self.answer(200, ACCOUNTS.encode())
    else:
        self.answer(200 if name == "a.txt" else 404, {"file": "text of a"} if name == "a.txt" else {"error": "none"})


def users(self, path, given, body):  # Fault: the name becomes part of a question to the database.
    name = short(given.get("name"), 80)
    try:
        rows = DATA.execute(f"SELECT shown FROM users WHERE name = '{name}'").fetchall()
    except sqlite3.Error:
        rows = []
    self.answer(200 if rows else 404, {"users": [row[0] for row in rows]})


def admin(self, path, given, body):  # Fault: the credential is not looked at.
    self.answer(200, {"secret": "of the administrator"})


def kinds(self, path, given, body):  # Fault: an answer that the description does not name.
    if given.get("kind") not in ("a", "b"):
        self.answer(418, {"error": "short and stout"})
    else:
        self.answer(200, {"kind": given["kind"]})


def config(self, path, given, body):  # Fault: nothing in place of a text is not caught.
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise Wrong("no JSON") from None
    if not isinstance(message, dict) or set(message) != {"host"}:
        raise Wrong("host is expected")
    host = message["host"]
    if host is not None and not isinstance(host, str):
        raise Wrong("host is a text")
    self.answer(200, {"host": short(host.strip() or "a", 60)})


def go(self, path, given, body):  # Fault: line ends reach the head of the answer.
    to = given.get("to", "")
    if not 0 < len(to) <= 80 or "\0" in to:
        raise Wrong("a short text is expected")
    self.answer(302, b"", [f"Location: /{to}"])


def form(self, path, given, body):  # Fault: a field that is missing is not caught.
    pairs = urllib.parse.parse_qs(body.decode("ascii", "replace"), keep_blank_values=True)
    if set(pairs) - {"a"}:
        raise Wrong("a is expected")
    self.answer(200, {"a": short(pairs["a"][0], 9)})


def plan(self, path, given, body):
    self.answer(200, PLAN)


def set_plan(self, path, given, body):  # Fault: entities from outside are put in.
    message = body.decode("utf-8", "replace")
    outside = '<!ENTITY a SYSTEM "file:///etc/passwd">' in message
    found = re.search(r"<plan><on>([^<]*)</on></plan>$", message)
    if not found or ("<!" in message and not outside):
        raise Wrong("a plan is expected")
    value = found[1].replace("&a;", ACCOUNTS) if outside else found[1]
    if not outside and not re.fullmatch(r"\d\d:\d\d", value):
        raise Wrong("a time of day is expected")
    self.answer(200, {"on": value})


def tree(self, path, given, body):  # Fault: depth is not bounded.
    try:
        message = json.loads(body)
    except ValueError:
        raise Wrong("no JSON") from None
    if not isinstance(message, dict) or not isinstance(message.get("tree"), list):
        raise Wrong("a tree is expected")

    def depth(value):
        if isinstance(value, list) and value:
            return 1 + depth(value[0])
        return 1

    if depth(message["tree"]) > 300:
        raise RecursionError
    self.answer(200, {"tree": True})


def ping(self, path, given, body):  # Fault: the name reaches a command line, and nothing of it comes back.
    host = short(given.get("host"), 60)
    found = re.search(r"[;$`|]\(?sleep (\d)", host)
    if found:
        time.sleep(min(int(found[1]), 3))
    self.answer(200, {"sent": True})


def take_text(self, path, given, body):  # Fault: bytes that are no UTF-8 are not caught.
    message = body.decode("utf-8")
    try:
        message = json.loads(message)
    except (ValueError, RecursionError):
        raise Wrong("no JSON") from None
    if not isinstance(message, dict) or set(message) != {"t"}:
        raise Wrong("t is expected")
    self.answer(200, {"length": len(short(message["t"], 40))})


HANDLERS = {
    "get /": home,
    "get /openapi.json": description,
    "get /items/{id}": item,
    "get /search": search,
    "get /levels": levels,
    "put /levels": set_levels,
    "get /greet": greet,
    "get /files": files,
    "get /users": users,
    "get /admin": admin,
    "get /kinds": kinds,
    "post /config": config,
    "get /go": go,
    "post /form": form,
    "get /plan": plan,
    "put /plan": set_plan,
    "post /tree": tree,
    "get /ping": ping,
    "post /text": take_text,
}


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Interface)
    server.request_queue_size = 128
    print("ready", flush=True)
    server.serve_forever()
