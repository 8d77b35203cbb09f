"""Server answers datagrams forever, whoever sends them: it sends each one
back in capital letters."""
import argparse
import json
import signal
import socket
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C without a traceback
flags = argparse.ArgumentParser()
flags.add_argument("-addr", default="127.0.0.1:8080")
addr = flags.parse_args().addr


def name(sockaddr):
    host, port = sockaddr[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


try:
    host, _, port = addr.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET

    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.bind((host, int(port)))
    print("listening on", name(sock.getsockname()), flush=True)

    while True:  # the communication loop: one message after the other
        buf, sender = sock.recvfrom(65535)
        said = json.dumps(buf.decode(errors="replace"))
        print(name(sender), "said", said, flush=True)
        try:
            sock.sendto(buf.upper(), sender)
        except OSError as err:
            print(f"{name(sender)}: {str(err).lower()}", file=sys.stderr)
except (OSError, OverflowError, ValueError) as err:
    sys.exit(f"listen {addr}: {str(err).lower()}")
