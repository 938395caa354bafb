"""A web server that says who it is, and a client that counts what it is told. One connection is one request."""

import collections
import json
import os
import socket
import sys
import threading


def serve(address, port):
    """Answers with its address, and with what came before the request: the line of the PROXY protocol, if any."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(1024)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection, address), daemon=True).start()


def answer(connection, address):
    with connection:
        connection.settimeout(60)
        try:
            request = b""
            while not request.endswith(b"\r\n\r\n"):
                piece = connection.recv(4096)
                if not piece:
                    return
                request += piece
            proxy = request.split(b"\r\n", 1)[0].decode() if request.startswith(b"PROXY ") else ""
            body = f"{address} {proxy}\n".encode()
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        except OSError:
            pass


def load(to, requests, source, end=None, workers=8):
    """Asks so often, and on until there is a file `end`, if that is given."""
    address, port = to.split(":")
    lock = threading.Lock()
    begun = 0
    answers = collections.Counter()
    failures = collections.Counter()

    def ask():
        with socket.create_connection((address, int(port)), timeout=30, source_address=(source, 0)) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            pieces = []
            while piece := connection.recv(4096):
                pieces.append(piece)
        status, _, rest = b"".join(pieces).partition(b"\r\n")
        if b" 200 " not in status:
            raise OSError("cut off" if status == b"" else status.decode())
        return rest.partition(b"\r\n\r\n")[2].decode().split(" ")[0]

    def work():
        nonlocal begun
        while True:
            with lock:
                if begun >= requests and (end is None or os.path.exists(end)):
                    return
                begun += 1
            try:
                told = ask()
                with lock:
                    answers[told] += 1
            except OSError as error:
                with lock:
                    failures[str(error)] += 1

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"requests": begun, "failures": failures, "answers": answers}))


if sys.argv[1] == "serve":
    serve(sys.argv[2], int(sys.argv[3]))
else:
    load(sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
