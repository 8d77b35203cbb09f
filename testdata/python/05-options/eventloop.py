"""Eventloop answers any number of phone calls at once, in one thread: it
waits for all of them together, and never for a single one."""
import argparse
import selectors
import signal
import socket
import sys
import time

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C without a traceback
ways = {"poll": "PollSelector", "epoll": "EpollSelector"}
ways = {name: getattr(selectors, ways[name], None) for name in ways}
flags = argparse.ArgumentParser()
flags.add_argument("-addr", default="127.0.0.1:8080")
flags.add_argument("-wait", choices=[name for name in ways if ways[name]])
args = flags.parse_args()
hear, speak = selectors.EVENT_READ, selectors.EVENT_WRITE


def name(sockaddr):
    host, port = sockaddr[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Call:
    """All that is known of a caller."""

    def __init__(self, caller):
        self.caller = name(caller)
        self.unsaid = b""  # what the caller has not taken yet


def answer():
    """Takes the calls that wait, but only some."""
    global full, said
    for _ in range(16):
        try:
            conn, caller = phone.accept()
        except BlockingIOError:  # EAGAIN: nobody waits
            return
        except ConnectionAbortedError:  # somebody did not wait
            continue
        except OSError as err:  # no descriptor is left: do not spin
            if not said:
                print("accept:", err.strerror.lower(), file=sys.stderr)
            said, full = True, time.monotonic()
            loop.unregister(phone)
            return
        conn.setblocking(False)
        print("call from", name(caller), flush=True)
        loop.register(conn, hear, Call(caller))


def talk(conn, call):
    """Says back what it hears, as far as that needs no waiting."""
    reply = call.unsaid
    if not reply:
        try:
            message = conn.recv(1 << 16)  # hear
        except BlockingIOError:
            return  # nothing there, after all
        if not message:
            raise EOFError("hung up")
        reply = message.upper()
    try:
        n = conn.send(reply)  # speak: all, or a part
    except BlockingIOError:
        n = 0
    if call.unsaid and n == len(reply):
        loop.modify(conn, hear, call)  # all is said
    elif not call.unsaid and n < len(reply):
        loop.modify(conn, speak, call)  # hear nothing before this is said
    call.unsaid = reply[n:]


try:
    host, colon, port = args.addr.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET

    phone = socket.socket(family, socket.SOCK_STREAM)  # buy a phone
    phone.setblocking(False)
    phone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    phone.bind((host, int(port)))  # put the card in
    phone.listen(socket.SOMAXCONN)  # stand by
except (OSError, OverflowError, ValueError) as err:
    sys.exit(f"listen {args.addr}: {str(err).lower()}")
print("listening on", name(phone.getsockname()), flush=True)

loop = (ways.get(args.wait) or selectors.DefaultSelector)()
loop.register(phone, hear)
full = said = False
while True:  # the event loop
    for key, _ in loop.select(0.05 if full else None):
        if key.fileobj is phone:
            answer()
            continue
        conn, call = key.fileobj, key.data
        try:
            talk(conn, call)
        except (OSError, EOFError) as why:
            loop.unregister(conn)
            conn.close()  # hang up
            why = why if isinstance(why, EOFError) else f"broke the call: {why}"
            print(call.caller, why, flush=True)
    if full and time.monotonic() - full >= 0.05:
        loop.register(phone, hear)
        full = False
