"""Server answers calls through a Unix domain socket, one after the other. Only
its owner may connect, and at its end the socket's file is gone."""
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


def stop(number, _):
    signal.signal(number, signal.SIG_DFL)  # a second one ends the server at once
    if file and os.path.lexists(addr) and os.path.samestat(file, os.lstat(addr)):
        os.remove(addr)
    os._exit(0)  # the kernel closes the connections


def lock(path):
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OSError(errno.EADDRINUSE, "address already in use", path)
    return descriptor


def remove_stale(path):
    """Removes a socket that nobody listens on."""
    if not os.path.lexists(path):
        return
    if not stat.S_ISSOCK(os.lstat(path).st_mode):
        raise ValueError("address already in use by a file that is not a socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        if probe.connect_ex(path) == errno.ECONNREFUSED:
            os.remove(path)


def caller(conn):
    """Says which process has connected, and which user's it is."""
    if sys.platform != "linux":
        return ""
    peer = conn.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid, uid, _ = struct.unpack("3i", peer)
    return f" from pid {pid}, uid {uid}"


try:
    file = None
    signals = [signal.SIGINT, signal.SIGTERM]
    for number in signals:
        signal.signal(number, stop)
    lock_file = lock(addr + ".lock")
    remove_stale(addr)
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # until the file is known
    os.umask(0o177)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(addr)
    listener.listen(socket.SOMAXCONN)
    file = os.lstat(addr)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    os.close(lock_file)
    print("listening on", listener.getsockname(), flush=True)

    while True:  # the link loop: one connection after the other
        conn, _ = listener.accept()
        print("call" + caller(conn), flush=True)

        while True:  # the communication loop: one message after the other
            try:
                buf = conn.recv(4096)
                if not buf:
                    break  # end of file
                heard = json.dumps(buf.decode(errors="replace"))
                print("heard", heard, flush=True)
                conn.sendall(buf.upper())
            except OSError:
                break  # a reset

        conn.close()
        print("the caller hung up", flush=True)
except (OSError, ValueError) as err:
    sys.exit(f"listen {addr}: {str(err).lower()}")
