"""Client makes one phone call: it says hello, prints what the server
replies, and hangs up."""
import argparse
import json
import signal
import socket
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C without a traceback
flags = argparse.ArgumentParser()
flags.add_argument("-addr", default="127.0.0.1:8080")
addr = flags.parse_args().addr

try:
    host, _, port = addr.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET

    conn = socket.socket(family, socket.SOCK_STREAM)  # buy a phone
    conn.connect((host, int(port)))  # dial
    peer = conn.getpeername()  # the number that was dialed

    message = b"hello"
    conn.sendall(message)  # speak

    reply = b""
    while len(reply) < len(message):  # hear
        data = conn.recv(1024)
        if not data:
            break
        reply += data
    if reply:
        print("server replied", json.dumps(reply.decode(errors="replace")), flush=True)
    if len(reply) < len(message):
        sys.exit(f"{peer[0]}:{peer[1]} hung up too soon")

    conn.close()  # hang up
except (OSError, OverflowError, ValueError) as err:
    sys.exit(f"dial {addr}: {str(err).lower()}")
