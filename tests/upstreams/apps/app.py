"""Writes down what a WSGI application reads of a request, and says it back."""

import json
import os
import sys


def application(environ, start_response):
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdecimal():
        body = environ["wsgi.input"].read(int(length))
    elif environ.get("wsgi.input_terminated"):
        body = environ["wsgi.input"].read()
    else:
        body = b""
    names = ("HTTP_", "REMOTE_USER", "AUTH_", "CONTENT_")
    env = {key: value for key, value in environ.items() if key.startswith(names) and isinstance(value, str)}
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    target = target or environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]  # of which CGI may have none
    line = write(f"{environ['REQUEST_METHOD']} {target}", env, body)
    headers = [("Content-Type", "application/json"), ("X-App", "yes"), ("Content-Length", str(len(line)))]
    start_response("200 OK", headers)
    return [line]


def write(asks, env, body):
    line = json.dumps({"asks": asks, "env": env, "body": body.decode("latin-1")}).encode()
    log = os.open(os.environ["APP_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, line + b"\n")
    os.close(log)
    return line


def serve_wsgiref(port):
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_):
            pass

    make_server("127.0.0.1", port, application, handler_class=Quiet).serve_forever()


def serve_plain(port):
    """`http.server` with kept connections: knows no transfer coding, and folds nothing."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def answer(self):
            length = self.headers.get("Content-Length", "")
            body = self.rfile.read(int(length)) if length.isdecimal() else b""
            env = {}
            for name, value in self.headers.items():
                env[name] = f"{env[name]},{value}" if name in env else value
            line = write(f"{self.command} {self.path}", env, body)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-App", "yes")
            self.send_header("Content-Length", str(len(line)))
            self.end_headers()
            self.wfile.write(line)

        do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = answer

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


def serve_waitress(port):
    from waitress import serve

    # Else it drops the forwarding headers, of which this suite wants to see whose they are.
    serve(application, host="127.0.0.1", port=port, threads=4, clear_untrusted_proxy_headers=False, _quiet=True)


def as_cgi():
    from wsgiref.handlers import CGIHandler

    CGIHandler().run(application)


if __name__ == "__main__":
    if "GATEWAY_INTERFACE" in os.environ:
        as_cgi()
    else:
        servers = {"wsgiref": serve_wsgiref, "http.server": serve_plain, "waitress": serve_waitress}
        servers[sys.argv[1]](int(sys.argv[2]))
