"""A WebSocket of old over TLS, with a small buffer, whose reader takes its time: `slow_socket.py PORT CERTIFICATE KEY`.
`/public/BYTES` answers with how many of so many bytes came within 3 s of the last."""

import socket
import ssl
import sys
import threading
import time

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])


def serve(plain):
    with context.wrap_socket(plain, server_side=True) as secure:
        secure.settimeout(3)
        head = b""
        while b"\r\n\r\n" not in head:
            head += secure.recv(65536) or b"\r\n\r\n"
        wanted = int(head.split()[1].rsplit(b"/", 1)[1])
        switch = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        secure.sendall(switch if wanted else b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
        time.sleep(1 if wanted else 0)
        came = 0
        while came < wanted:
            try:
                piece = secure.recv(65536)
            except TimeoutError:
                break
            came += len(piece)
            if not piece:
                break
        secure.sendall(f"{came} came;".encode())


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
# Those that it accepts have it, too.
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
while True:
    threading.Thread(target=serve, args=[listener.accept()[0]], daemon=True).start()
