"""Client sends each line you type as one datagram, and prints what the
server replies, until your input ends."""
import argparse
import errno
import json
import signal
import socket
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C without a traceback
flags = argparse.ArgumentParser()
flags.add_argument("-addr", default="127.0.0.1:8080")
addr = flags.parse_args().addr


def ask(message):
    try:
        sock.send(message)
    except OSError as err:
        print(f"{addr}: {str(err).lower()}", file=sys.stderr)
        return
    try:
        reply = sock.recv(65535)
    except OSError as err:
        if err.errno != errno.EMSGSIZE:
            raise
        print(f"{addr}: {str(err).lower()}", file=sys.stderr)  # on its way
        return
    quoted = json.dumps(reply.decode(errors="replace"))
    print("server replied", quoted, flush=True)


try:
    host, _, port = addr.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET

    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.connect((host, int(port)))

    while True:  # the communication loop: one line after the other
        print(">>: ", end="", flush=True)
        line = sys.stdin.buffer.readline()
        message = line.strip()
        if message:
            ask(message)
        if not line.endswith(b"\n"):
            break

    print()
    sock.close()
except (OSError, OverflowError, ValueError) as err:
    sys.exit(f"{addr}: {str(err).lower()}")
