"""Server answers phone calls through a file, one after the other. The file
is its owner's alone, and is taken away at the end."""
import argparse
import errno
import fcntl
import json
import os
import signal
import socket
import stat
import struct
import sys

flags = argparse.ArgumentParser()
flags.add_argument("-addr", default="phone.sock")
addr = flags.parse_args().addr


def lock():
    """Waits for its turn to change something in the folder."""
    folder = os.open(os.path.dirname(addr) or ".", os.O_DIRECTORY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    return folder


def clear():
    """Takes away a file that a dead server left."""
    if not os.path.lexists(addr):
        return
    if not stat.S_ISSOCK(os.lstat(addr).st_mode):
        raise ValueError("this file is not a socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        if probe.connect_ex(addr) == errno.ECONNREFUSED:
            os.remove(addr)  # nobody holds the phone


def stop(*_):
    """Takes the file away, unless another one is in its place."""
    if file is None:
        os._exit(0)  # there is none yet
    lock()
    if os.path.lexists(addr) and os.path.samestat(file, os.lstat(addr)):
        os.remove(addr)
    os._exit(0)


def caller(conn):
    """Says who calls, where the system tells."""
    if sys.platform != "linux":
        return ""
    who = conn.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid, uid, _ = struct.unpack("3i", who)
    return f" from pid {pid}, uid {uid}"


file = None
signals = [signal.SIGINT, signal.SIGTERM]
for number in signals:
    signal.signal(number, stop)

try:
    phone = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)  # buy a phone
    folder = lock()
    clear()
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # until the file is known
    before = os.umask(0o177)
    phone.bind(addr)  # put the card in
    os.umask(before)
    phone.listen(socket.SOMAXCONN)  # stand by
    file = os.lstat(addr)
    os.close(folder)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    print("listening on", phone.getsockname(), flush=True)

    while True:  # the link loop: one call after the other
        conn, _ = phone.accept()  # wait until it rings, and answer
        print("call" + caller(conn), flush=True)

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
        print("the caller hung up", flush=True)
except (OSError, ValueError) as err:
    sys.exit(f"listen {addr}: {str(err).lower()}")
