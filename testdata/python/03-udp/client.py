"""Client sends each line you type as a text message, and prints what the
server replies, until you have nothing more to say."""
import argparse
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
        phone.send(message)  # speak, all of it in one message
    except OSError as err:
        print(f"{addr}: {str(err).lower()}", file=sys.stderr)
        return
    reply = phone.recv(65535)  # hear: one message is the reply
    quoted = json.dumps(reply.decode(errors="replace"))
    print("server replied", quoted, flush=True)


try:
    host, _, port = addr.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET

    phone = socket.socket(family, socket.SOCK_DGRAM)  # buy a phone
    phone.connect((host, int(port)))  # choose a number

    while True:  # the communication loop: one line after the other
        print(">>: ", end="", flush=True)
        line = sys.stdin.buffer.readline()
        message = line.strip()
        if message:
            ask(message)
        if not line.endswith(b"\n"):
            break

    print()
    phone.close()  # hang up
except (OSError, OverflowError, ValueError) as err:
    sys.exit(f"{addr}: {str(err).lower()}")
