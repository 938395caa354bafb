"""A guest that means harm: hostile-guest.py <mode> <server> <file> <patience> <enough>. It goes on until <file>.stop exists, and makes <file>
once it has opened <enough> connections, or done about as much. Says at the end what it got, for which it waits <patience> seconds at most."""
import os
import socket
import sys
import time

MODE, SERVER, FILE = sys.argv[1:4]
ENOUGH = int(sys.argv[5])
ALLOWED = 16
REQUEST = b"GET /latest/user-data HTTP/1.1\r\nHost: x\r\n\r\n"


def goes_on():
    return not os.path.exists(FILE + ".stop")


def report_enough():
    with open(FILE, "w"):
        pass


def connect(port=80):
    connection = socket.socket()
    connection.settimeout(2)
    connection.connect((SERVER, port))
    return connection


def connections():
    """Opens as many as it can, and keeps them; says how many of the last are its own when all is quiet."""
    kept = []
    opened = 0
    while goes_on():
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex((SERVER, (80, 8080)[opened % 2]))
        kept.append(connection)
        opened += 1
        if len(kept) >= 1000:
            # Who is cut can be read from, and there is nothing.
            kept = [one for one in kept if is_open(one)][-500:]
        if opened == ENOUGH:
            report_enough()
    # Those that the server has not come to yet look open.
    deadline = time.monotonic() + float(sys.argv[4])
    while len(kept) > ALLOWED and time.monotonic() < deadline:
        kept = [one for one in kept if is_open(one)]
    print(f"{opened} connections, {len(kept)} stay")


def is_open(connection):
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        try:
            return connection.getpeername() is not None
        except OSError:
            return False
    except OSError:
        return False


def headers():
    """Sends one request whose headers do not end, again and again."""
    sent = most = requests = 0
    while goes_on():
        requests += 1
        sent = 0
        try:
            with connect() as connection:
                connection.sendall(b"GET / HTTP/1.1\r\n")
                while goes_on() and sent < 10_000_000:
                    sent += connection.send(b"X: " + b"y" * 4000 + b"\r\n")
        except OSError:
            pass
        most = max(most, sent)
        if requests == 50:
            report_enough()
    print(f"{requests} requests, {most} bytes of headers")


def pipeline():
    """Sends very many requests without waiting for an answer, and takes the answers when there is nothing more to send."""
    sent = 0
    while goes_on():
        try:
            with connect() as connection:
                connection.sendall(REQUEST * 1000)
                while connection.recv(65536):
                    pass
        except OSError:
            pass
        sent += 1000
        if sent == 3_000:
            report_enough()
    print(f"{sent} requests")


def reader():
    """Asks for something large and does not take it."""
    waiting = []
    while goes_on():
        try:
            connection = connect()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(REQUEST)
            waiting.append(connection)
        except OSError:
            pass
        # How fast it connects is not the harm here, and its processor is the server's.
        time.sleep(0.01)
        if len(waiting) >= 100:
            report_enough()
            waiting = waiting[50:]
    print("did not read")


{"connections": connections, "headers": headers, "pipeline": pipeline, "reader": reader}[MODE]()
