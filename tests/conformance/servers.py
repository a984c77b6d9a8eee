"""A redis-server of the driver's own, on a socket file in a temporary folder, and as much of its protocol as cases need."""
import ctypes
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time


def end_with_parent():
    """In a child: it gets SIGKILL when its parent dies, whatever ends that."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Server:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="exoref-conformance.")
        self.path = f"{self.folder}/redis.sock"
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.path, "--save", "", "--appendonly", "no", "--dir", self.folder,
             "--logfile", f"{self.folder}/log"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, preexec_fn=end_with_parent)
        self.connection = self.stream = None
        self._connect()

    def url(self):
        return f"redis+unix://{self.path}"

    def command(self, *words):
        """The reply: bytes, a number, None or a list; RuntimeError with the server's words if it refused."""
        words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self.connection.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
        return self._reply()

    def close(self):
        self.connection.close()
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _connect(self):
        deadline = time.monotonic() + 30
        while True:
            try:
                self.connection = socket.socket(socket.AF_UNIX)
                self.connection.connect(self.path)
                self.stream = self.connection.makefile("rb")
                return
            except OSError:
                self.connection.close()
                if self.process.poll() is not None or time.monotonic() > deadline:
                    log = pathlib.Path(f"{self.folder}/log")
                    raise RuntimeError(f"redis-server does not start: {log.read_text() if log.exists() else ''}") from None
                try:
                    self.process.wait(0.02)
                except subprocess.TimeoutExpired:
                    pass

    def _reply(self):
        line = self.stream.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.stream.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self._reply() for _ in range(int(rest))]
        raise RuntimeError(f"the server answered {line!r}")
