"""Client makes one phone call through a file: it says each line you type, and
prints what the server replies, until you have nothing more to say."""
import argparse
import json
import signal
import socket
import sys
import threading

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C without a traceback
flags = argparse.ArgumentParser()
flags.add_argument("-addr", default="phone.sock")
addr = flags.parse_args().addr


def speak(message):
    try:
        phone.sendall(message)
    except OSError:
        pass  # the reply does not come then, and that is reported


try:
    phone = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)  # buy a phone
    phone.connect(addr)  # dial

    replies = phone.makefile("rb")
    while True:  # the communication loop: one line after the other
        print(">>: ", end="", flush=True)
        line = sys.stdin.buffer.readline()
        message = line.strip()
        if message:
            # Speak, and at the same time hear, until the end of a line.
            message += b"\n"
            speaker = threading.Thread(target=speak, args=(message,), daemon=True)
            speaker.start()
            reply = replies.readline()
            if reply:
                quoted = json.dumps(reply.decode(errors="replace"))
                print("server replied", quoted, flush=True)
            if not reply.endswith(b"\n"):
                sys.exit(f"{addr} hung up")
            speaker.join()
        if not line.endswith(b"\n"):
            break

    print()
    phone.close()  # hang up
except OSError as err:
    sys.exit(f"{addr}: {str(err).lower()}")
