#!/usr/bin/env python3
"""Writes the golden files' bytes anew from the real ip, nft and conntrack programs.

    capture.py --show BUILD/native/test/codec_show [--check] FILE...

Each FILE names commands; they run one after the other in a fresh network namespace (with a /run/netns of its own) under
strace, and what they send is written below them. The format is described in native/test/golden.h. Trees are left as they
are, except that a message without one gets the decoder's, to be *read and compared with the command* before it is kept.
--check writes nothing and fails when bytes differ from what the programs send today.

Needs root, strace and the programs. nlmsg_seq, which is a clock in ip, and padding, which is garbage in nft and conntrack, are written as 0.
"""
import argparse
import os
import re
import struct
import subprocess
import sys
import tempfile

NLA_F_NESTED = 0x8000
PROBE = struct.pack("=IHH24x", 32, 16, 5)


def clear_padding(message, at, end):
    """nft and conntrack send whatever lay in the padding of their attributes."""
    while at + 4 <= end:
        length, kind = struct.unpack_from("=HH", message, at)
        padded = (length + 3) & ~3
        message[at + length : at + padded] = bytes(padded - length)
        if kind & NLA_F_NESTED:
            clear_padding(message, at + 4, at + length)
        at += padded or end


def sent(command):
    """The netlink messages that a shell command sends, as (type, bytes)."""
    with tempfile.NamedTemporaryFile("r") as log:
        trace = ["strace", "-f", "-o", log.name, "-e", "trace=sendto,sendmsg", "-e", "write=all", "-s", "0"]
        subprocess.run(trace + ["bash", "-c", command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        blocks, current = [], None
        for line in log:
            dump = re.match(r" \| [0-9a-f]+  ((?:[0-9a-f]{2} +)+)", line)
            if dump and current is not None:
                current += bytes.fromhex(dump.group(1))
            elif re.search(r"\b(sendto|sendmsg)\(", line):
                blocks.append(current := bytearray())
    messages = []
    for block in blocks:
        while len(block) >= 16:
            length, kind = struct.unpack_from("=IH", block)
            if length < 16 or length > len(block):
                break
            message = block[:length]
            message[8:12] = bytes(4)
            if kind >> 8 != 0:  # nfnetlink
                clear_padding(message, 20, length)
            # What ip asks before it creates a link, to learn whether the kernel knows RTM_NEWLINK.
            if message != PROBE:
                messages.append((kind, bytes(message)))
            block = block[(length + 3) & ~3 :]
    return messages


def hex_lines(message):
    for start in range(0, len(message), 32):
        row = message[start : start + 32]
        yield "  | " + "  ".join(row[at : at + 4].hex(" ") for at in range(0, len(row), 4))


def tree_lines(show, name, message):
    output = subprocess.run([show], input=f"{name} {message.hex()}\n", capture_output=True, text=True, check=True).stdout
    return ["  " + line for line in output.splitlines()[:-1]]


def renew(path, show, numbers):
    lines = open(path).read().splitlines()
    result, queue, at = [], [], 0
    while at < len(lines):
        line = lines[at]
        at += 1
        result.append(line)
        if line.startswith("setup: "):
            if subprocess.run(["bash", "-c", line[7:]], check=False).returncode != 0:
                print(f"{path}: failed: {line}", file=sys.stderr)
        elif line.startswith("$ "):
            queue = sent(line[2:])
        elif line.startswith("> "):
            name = line[2:].strip()
            while queue and queue[0][0] != numbers[name]:
                queue.pop(0)
            if not queue:
                command = [line for line in result if line.startswith("$ ")][-1]
                print(f"{path}: this sent no (more) {name}: {command}", file=sys.stderr)
                continue
            message = queue.pop(0)[1]
            while at < len(lines) and lines[at].startswith("  ! "):
                result.append(lines[at])
                at += 1
            while at < len(lines) and lines[at].startswith("  | "):
                at += 1
            result += hex_lines(message)
            if at == len(lines) or not lines[at].startswith("  "):
                result += tree_lines(show, name, message)
    return "\n".join(result) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", required=True)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    failed = False
    if not options.inside:
        for path in options.files:
            command = ["unshare", "--net", "--mount", sys.executable, __file__, "--inside", "--show", options.show]
            failed |= subprocess.run(command + ["--check"] * options.check + [path], check=False).returncode != 0
        sys.exit(failed)
    # ip netns makes /run/netns shared and writes into it: none of that may leave this mount namespace.
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    os.makedirs("/run/netns", exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run/netns"], check=True)
    types = subprocess.run([options.show, "--types"], capture_output=True, text=True, check=True).stdout
    numbers = {name: int(number) for name, number in (line.split() for line in types.splitlines())}
    path = options.files[0]
    text = renew(path, options.show, numbers)
    if options.check:
        if text != open(path).read():
            sys.exit(f"{path}: the programs send something else now")
        return
    with open(path, "w") as file:
        file.write(text)


main()
