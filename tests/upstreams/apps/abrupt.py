"""Answers over TLS that end with their connection, and a connection that ends without close_notify, as many servers of
old end theirs (and Python's own): `abrupt.py PORT CERTIFICATE KEY`. `/cut` says more than it sends."""

import socket
import ssl
import sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    plain, _ = listener.accept()
    try:
        secure = context.wrap_socket(plain, server_side=True)
        head = b""
        while b"\r\n\r\n" not in head:
            head += secure.recv(65536) or b"\r\n\r\n"
        length = b"Content-Length: 99\r\n" if b" /public/cut " in head else b""
        lines = b"Content-Type: text/plain\r\n" + length + b"Connection: close\r\n"
        secure.sendall(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\nOK-BODY")
        secure.close()
    except OSError:
        plain.close()
