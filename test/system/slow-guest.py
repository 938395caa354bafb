"""A guest that opens many connections, and on each sends its request one byte at a time and never to its end."""
import socket
import sys
import time

COUNT = 24
connections = [socket.create_connection((sys.argv[1], 80), timeout=5) for _ in range(COUNT)]
for connection in connections:
    connection.setblocking(False)


def stays(connection, byte):
    try:
        connection.send(byte)
    except OSError:
        return False
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


open_ones = connections
for byte in b"GET /latest/meta-data/ HTTP/1.1\r\nName: value":
    open_ones = [connection for connection in open_ones if stays(connection, bytes([byte]))]
    time.sleep(0.05)
print(f"{len(open_ones)} of {COUNT} connections stay")
