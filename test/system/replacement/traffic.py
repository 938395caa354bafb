"""Traffic that goes on while rules are replaced. Roles: serve, allowed, forbidden. Each prints one JSON object when the stop file appears."""

import json
import os
import select
import socket
import sys
import time

PORT = 8080


# Seconds that a step of the allowed traffic may take, retries of TCP included.
PATIENCE = float(os.environ.get("CSN_TRAFFIC_PATIENCE", "10"))


def stopped(path):
    return os.path.exists(path)


def ready(stop, role):
    """Tells the test that this traffic is under way."""
    open(f"{stop}.{role}", "w").close()


def serve(stop, address):
    """Echoes what comes by TCP and counts what comes by UDP, by the address it comes from."""
    seen = {"tcp": {}, "udp": {}}
    listener = socket.create_server((address, PORT), backlog=1024)
    listener.setblocking(False)
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind((address, PORT))
    datagrams.setblocking(False)
    poller = select.epoll()
    poller.register(listener, select.EPOLLIN)
    poller.register(datagrams, select.EPOLLIN)
    connections = {}
    ready(stop, "serve")
    while not stopped(stop):
        for descriptor, _ in poller.poll(0.05):
            if descriptor == listener.fileno():
                connection, (peer, _port) = listener.accept()
                seen["tcp"][peer] = seen["tcp"].get(peer, 0) + 1
                connection.setblocking(False)
                connections[connection.fileno()] = connection
                poller.register(connection, select.EPOLLIN)
            elif descriptor == datagrams.fileno():
                _data, (peer, _port) = datagrams.recvfrom(64)
                seen["udp"][peer] = seen["udp"].get(peer, 0) + 1
            else:
                connection = connections[descriptor]
                try:
                    data = connection.recv(4096)
                    if data:
                        connection.send(data)
                        continue
                except OSError:
                    pass
                poller.unregister(descriptor)
                connections.pop(descriptor).close()
    return seen


def allowed(stop, source, target):
    """One connection that is talked over all the time, and new ones one after the other; a step may take PATIENCE."""
    result = {"exchanges": 0, "connections": 0, "failures": []}
    lasting = socket.create_connection((target, PORT), timeout=PATIENCE, source_address=(source, 0))
    lasting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while not stopped(stop):
        try:
            lasting.sendall(b"x")
            if lasting.recv(1) != b"x":
                raise OSError("the connection was closed")
            result["exchanges"] += 1
            # Reset at the end: no ports are left waiting.
            fresh = socket.create_connection((target, PORT), timeout=PATIENCE, source_address=(source, 0))
            fresh.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            fresh.close()
            result["connections"] += 1
            if result["connections"] == 1:
                ready(stop, "allowed")
            time.sleep(0.001)
        except OSError as error:
            result["failures"].append(str(error))
            if len(result["failures"]) > 5:
                break
    return result


def forbidden(stop, source, target):
    """Datagrams and connection attempts without a pause; nobody ever answers."""
    result = {"datagrams": 0, "attempts": 0, "connected": 0}
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind((source, 0))
    while not stopped(stop):
        attempts = []
        for _ in range(10):
            attempt = socket.socket()
            attempt.setblocking(False)
            attempt.bind((source, 0))
            attempt.connect_ex((target, PORT))
            attempts.append(attempt)
            result["attempts"] += 1
            for _ in range(4):
                try:
                    # Another port each time: every datagram is a connection of its own to the rules.
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as single:
                        single.bind((source, 0))
                        single.sendto(b"x", (target, PORT))
                    result["datagrams"] += 1
                except OSError:
                    pass
        ready(stop, "forbidden")
        # Ten packets a millisecond: enough to meet any window, and the machine still has time for the commands.
        time.sleep(0.005)
        for attempt in attempts:
            if select.select([], [attempt], [], 0)[1] and attempt.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                result["connected"] += 1
            attempt.close()
    return result


def main():
    role, stop, *arguments = sys.argv[1:]
    print(json.dumps({"serve": serve, "allowed": allowed, "forbidden": forbidden}[role](stop, *arguments)))


main()
