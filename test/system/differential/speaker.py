"""Listens on a TCP port and speaks on its own: speaker.py PORT

The harness's listeners answer only when they are asked. A server that has something to say (a shell, a feed) sends while
its client's packets are dropped already, and that is another way for a connection to go on. Greets with the addresses it
sees, as the harness's listeners do, then says a line two hundred times a second and echoes whatever comes.
"""

import json
import select
import socket
import sys
import threading
import time

# Far more often than a client delays its acknowledgements: after a cut the next packet is the server's.
EVERY = 0.005


def serve(connection, peer):
    # Else it would wait for the client's acknowledgement of the line before.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    local = connection.getsockname()
    greeting = {"peer": peer[0], "peerPort": peer[1], "local": local[0], "localPort": local[1]}
    said = json.dumps(greeting).encode() + b"\n"
    try:
        while True:
            connection.sendall(said)
            said = b"still here\n"
            until = time.monotonic() + EVERY
            while (wait := until - time.monotonic()) > 0:
                if select.select([connection], [], [], wait)[0]:
                    heard = connection.recv(4096)
                    if not heard:
                        return
                    connection.sendall(heard)
    except OSError:
        pass
    finally:
        connection.close()


def main():
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("0.0.0.0", int(sys.argv[1])))
    listener.listen(16)
    while True:
        connection, peer = listener.accept()
        threading.Thread(target=serve, args=(connection, peer), daemon=True).start()


main()
