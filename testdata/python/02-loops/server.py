"""Server answers phone calls for ever, one after the other: it says back
in capital letters what it hears, for as long as the caller likes."""
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

    phone = socket.socket(family, socket.SOCK_STREAM)  # buy a phone
    if sys.platform != "win32":  # start again at once
        phone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    phone.bind((host, int(port)))  # put the card in
    phone.listen(socket.SOMAXCONN)  # stand by
    print("listening on", name(phone.getsockname()), flush=True)

    while True:  # the link loop: one call after the other
        conn, caller = phone.accept()  # wait until it rings, and answer
        print("call from", name(caller), flush=True)

        while True:  # the communication loop: one message after the other
            try:
                message = conn.recv(1 << 20)  # hear
                if not message:
                    break  # the caller hung up
                heard = json.dumps(message.decode(errors="replace"))
                print("heard", heard, flush=True)
                conn.sendall(message.upper())  # speak
            except OSError:
                break  # the caller broke the call

        conn.close()  # hang up
        print(name(caller), "hung up", flush=True)
except (OSError, OverflowError, ValueError) as err:
    sys.exit(f"listen {addr}: {str(err).lower()}")
