# Calls hosts as an application does, and says how long that took. It reads a JSON object from each line of its standard
# input, and answers each by one: the seconds of every call, or what went wrong. It runs in any container of the lab.
import http.client, json, socket, ssl, struct, sys, time

patience = 8
contexts = {}
found = {}


def context(protocol):
    """Verified TLS, as an application has it: made once."""
    if protocol not in contexts:
        contexts[protocol] = ssl.create_default_context()
        contexts[protocol].set_alpn_protocols([protocol])
    return contexts[protocol]


def address(host):
    """A name is looked up once: how long that takes is a measure of its own."""
    if host not in found:
        found[host] = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)[0][4][0]
    return found[host]


def opened(call):
    """A connection to the host, or to a proxy that is asked for it."""
    place = "%s:%d" % (call["host"], call["port"])
    to = call.get("proxy", place).split(":")
    wire = socket.create_connection((address(to[0]), int(to[1])), patience)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if "proxy" in call:
        wire.sendall(("CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (place, place)).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += some(wire)
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise OSError("the proxy says %s" % head.split(b"\r\n")[0].decode())
    return wire


def some(wire, size=16384):
    data = wire.recv(size)
    if not data:
        raise OSError("the connection was closed")
    return data


class Web:
    """HTTP/1.1, in TLS or not."""

    def __init__(self, call):
        secure = call["how"] == "https"
        self.path = call.get("path", "/")
        self.connection = http.client.HTTPConnection(call["host"], call["port"])
        # What the host or a proxy has closed is an error, and no new connection to wherever the name leads.
        self.connection.auto_open = 0
        wire = opened(call)
        self.connection.sock = context("http/1.1").wrap_socket(wire, server_hostname=call["host"]) if secure else wire

    def ask(self):
        self.connection.request("GET", self.path)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise OSError("status %d: %s" % (answer.status, body[:200].decode("latin-1")))
        return len(body)

    def close(self):
        self.connection.close()


class Lines:
    """Bytes over TCP: a line, which is answered by one."""

    def __init__(self, call):
        self.wire = opened(call)

    def ask(self):
        self.wire.sendall(b"hello\r\n")
        line = b""
        while not line.endswith(b"\n"):
            line += some(self.wire)
        if not line.startswith(b"250 "):
            raise OSError("said %s" % line[:200].decode("latin-1"))
        return len(line)

    def close(self):
        self.wire.close()


class Grpc:
    """Unary gRPC calls over HTTP/2 (RFC 9113), in plain text from the first byte or in TLS; no more of it than they need."""

    data, headers, reset, settings, ping, going, window = 0, 1, 3, 4, 6, 7, 8

    def __init__(self, call):
        self.wire = opened(call)
        scheme = "http"
        if call["how"] == "grpcs":
            scheme = "https"
            self.wire = context("h2").wrap_socket(self.wire, server_hostname=call["host"])
            if self.wire.selected_alpn_protocol() != "h2":
                raise OSError("no HTTP/2 was agreed on")
        fields = [(":method", "POST"), (":scheme", scheme), (":path", "/lab.Lines/Say"), (":authority", call["host"])]
        fields += [("content-type", "application/grpc"), ("te", "trailers")]
        # Each as a literal that nobody has to remember (RFC 7541, section 6.2.2): all are shorter than 127 bytes.
        self.block = b"".join(b"\0" + self.text(name) + self.text(value) for name, value in fields)
        self.rest = b""
        self.stream = -1
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + self.frame(self.settings, 0, 0, b"")
        # Room for all answers at once, so that none waits for more.
        self.wire.sendall(preface + self.frame(self.window, 0, 0, struct.pack(">I", 1 << 30)))

    @staticmethod
    def text(value):
        return bytes([len(value)]) + value.encode()

    @staticmethod
    def frame(kind, flags, stream, payload):
        return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload

    def read(self):
        while len(self.rest) < 9 or len(self.rest) < 9 + int.from_bytes(self.rest[:3], "big"):
            self.rest += some(self.wire)
        end = 9 + int.from_bytes(self.rest[:3], "big")
        frame, self.rest = self.rest[:end], self.rest[end:]
        return frame[3], frame[4], int.from_bytes(frame[5:9], "big") & 0x7FFFFFFF, frame[9:]

    def ask(self):
        self.stream += 2
        message = b"\0" + struct.pack(">I", 5) + b"hello"
        sent = self.frame(self.headers, 4, self.stream, self.block) + self.frame(self.data, 1, self.stream, message)
        self.wire.sendall(sent)
        heard = b""
        while True:
            kind, flags, stream, payload = self.read()
            if kind in (self.settings, self.ping) and not flags & 1:
                self.wire.sendall(self.frame(kind, 1, 0, payload if kind == self.ping else b""))
            elif kind == self.going or (kind == self.reset and stream == self.stream):
                raise OSError("the call was broken off")
            elif stream == self.stream and kind in (self.data, self.headers):
                heard += payload if kind == self.data else b""
                if flags & 1:
                    break
        # A refusal is an answer as well, but not this one.
        if heard != message:
            raise OSError("said %r" % heard[:200])
        return len(heard)

    def close(self):
        self.wire.close()


clients = {"http": Web, "https": Web, "lines": Lines, "grpc": Grpc, "grpcs": Grpc}


def timed(act):
    begun = time.perf_counter()
    result = act()
    return time.perf_counter() - begun, result


def calls(call):
    """New connections, each with its first answer; and more requests on the last of them."""
    make = clients[call["how"]]
    opening, asking, size = [], [], 0
    address(call.get("proxy", call["host"]).split(":")[0])

    def begin():
        client = make(call)
        return client, client.ask()

    for index in range(call["connections"]):
        seconds, (client, size) = timed(begin)
        opening.append(seconds)
        if index + 1 == call["connections"]:
            asking = [timed(client.ask)[0] for _ in range(call["requests"])]
        client.close()
    return {"connections": opening, "requests": asking, "size": size}


def look_ups(call):
    asked = lambda: socket.getaddrinfo(call["host"], 443, type=socket.SOCK_STREAM)
    return {"lookUps": [timed(asked)[0] for _ in range(call["times"])]}


for line in sys.stdin:
    command = json.loads(line)
    try:
        answer = look_ups(command) if command["how"] == "look-up" else calls(command)
    except (OSError, http.client.HTTPException) as error:
        answer = {"error": "%s: %s" % (type(error).__name__, error)}
    print(json.dumps(answer), flush=True)
