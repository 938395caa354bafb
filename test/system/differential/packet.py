"""Sends an IP packet no socket of the harness can send: packet.py FROM TO PROTOCOL [TYPE CODE SECONDS]

ICMP (protocol 1): asks again until it is answered or the time is over; prints "answered" or "blocked".
Any other protocol: sends a few packets; whether they arrive is seen at the other end.
FROM may be "-": the kernel chooses.
"""

import os
import socket
import struct
import sys
import time

ANSWERS = {8: 0, 13: 14}


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    total += total >> 16
    return ~total & 0xFFFF


def question(kind, code, identity, sequence):
    # A timestamp message has three times in the place of an echo's payload; zeros are valid.
    rest = struct.pack("!HH", identity, sequence) + bytes(12)
    value = checksum(struct.pack("!BBH", kind, code, 0) + rest)
    return struct.pack("!BBH", kind, code, value) + rest


def ask(sock, to, kind, code, seconds):
    identity = struct.unpack("!H", os.urandom(2))[0]
    deadline = time.monotonic() + seconds
    sequence = 0
    while time.monotonic() < deadline:
        sequence += 1
        sock.sendto(question(kind, code, identity, sequence), (to, 0))
        again = min(deadline, time.monotonic() + 0.2)
        while (wait := again - time.monotonic()) > 0:
            sock.settimeout(wait)
            try:
                data, peer = sock.recvfrom(2048)
            except (TimeoutError, socket.timeout):
                break
            start = (data[0] & 15) * 4
            answer, _, _, number = struct.unpack("!BBHH", data[start : start + 6])
            if answer == ANSWERS[kind] and number == identity and peer[0] == to:
                return "answered"
    return "blocked"


def main():
    source, to, protocol = sys.argv[1], sys.argv[2], int(sys.argv[3])
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol)
    if source != "-":
        sock.bind((source, 0))
    if protocol == socket.IPPROTO_ICMP:
        print(ask(sock, to, int(sys.argv[4]), int(sys.argv[5]), float(sys.argv[6])))
        return
    for _ in range(3):
        sock.sendto(bytes(2) + struct.pack("!H", 0x0800) + bytes(20), (to, 0))


main()
