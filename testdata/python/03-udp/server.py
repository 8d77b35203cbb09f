"""Server answers text messages for ever, whoever sends them: it sends each
one back in capital letters."""
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

    phone = socket.socket(family, socket.SOCK_DGRAM)  # buy a phone
    phone.bind((host, int(port)))  # put the card in
    print("listening on", name(phone.getsockname()), flush=True)

    while True:  # the communication loop: one message after the other
        message, sender = phone.recvfrom(65535)  # hear, from anybody
        said = json.dumps(message.decode(errors="replace"))
        print(name(sender), "said", said, flush=True)
        try:
            phone.sendto(message.upper(), sender)  # speak
        except OSError as err:
            print(f"{name(sender)}: {str(err).lower()}", file=sys.stderr)
except (OSError, OverflowError, ValueError) as err:
    sys.exit(f"listen {addr}: {str(err).lower()}")
