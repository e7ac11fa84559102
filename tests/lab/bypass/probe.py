# Tries what it reads from its standard input, a JSON list of probes in the form of probes.ts, some at a time, and prints a
# JSON object of what came of each by its id, in one word or a few. It runs in any container of the lab, as its user.
import json, re, socket, ssl, struct, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

patience = 4
certificates = "/var/lib/istio/data"
types = {"A": 1, "NS": 2, "CNAME": 5, "NULL": 10, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "HTTPS": 65, "ANY": 255}


def status(answer):
    """Of an HTTP answer its status, with what only a gateway's policy says."""
    if not answer:
        return "closed"
    head = re.match(r"HTTP/\S+ (\d+)", answer.decode("latin-1"))
    if head is None:
        return "bytes"
    return head.group(1) + (" by policy" if b"RBAC: access denied" in answer else "")


def read(wire, enough=1):
    """All answers of a connection, as far as they come within the time there is."""
    data = b""
    while len(re.findall(rb"HTTP/1\.\d \d", data)) < enough or b"\r\n\r\n" not in data:
        part = wire.recv(16384)
        if not part:
            break
        data += part
    return data


def opened(probe):
    wire = socket.create_connection((probe["address"], probe["port"]), patience)
    wire.settimeout(patience)
    return wire


def tcp(probe):
    with opened(probe) as wire:
        if "send" not in probe:
            return "connected"
        wire.sendall(probe["send"].encode("latin-1"))
        return "answered" if wire.recv(4096) else "closed"


def datagrams(address, port, *protocols):
    """A socket for the address's family, with the protocol of that one, and the address as it takes it."""
    family, _, _, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM)[0]
    of_family = dict(zip((socket.AF_INET, socket.AF_INET6), protocols))
    wire = socket.socket(family, socket.SOCK_DGRAM, of_family.get(family, 0))
    wire.settimeout(patience)
    return wire, place


def udp(probe):
    wire, place = datagrams(probe["address"], probe["port"])
    with wire:
        wire.sendto(bytes.fromhex(probe["hex"]) if "hex" in probe else b"ping" * (probe.get("size", 4) // 4), place)
        wire.recv(65535)
        return "answered"


def icmp(probe):
    """An echo with data, which an answer has to bring back. The kernel puts the checksum in."""
    data = probe.get("send", "ping").encode()
    data += b"." * (probe.get("size", 0) - len(data))
    wire, place = datagrams(probe["address"], 0, socket.IPPROTO_ICMP, socket.IPPROTO_ICMPV6)
    with wire:
        wire.sendto(struct.pack(">BBHHH", 8 if wire.family == socket.AF_INET else 128, 0, 0, 1, 1) + data, place)
        return "answered" if wire.recv(65535)[8:] == data else "bytes"


def dns(probe):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in probe["name"].split("."))
    query = struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0"
    query += struct.pack(">HH", types[probe.get("type", "A")], probe.get("class", 1))
    if probe.get("over") == "tcp":
        with opened(dict(probe, port=53)) as wire:
            wire.sendall(struct.pack(">H", len(query)) + query)
            data = wire.recv(4096)[2:]
    else:
        wire, place = datagrams(probe["address"], 53)
        with wire:
            wire.sendto(query, place)
            data = wire.recv(4096)
    if len(data) < 12:
        return "closed"
    return {0: "found" if data[6:8] != b"\0\0" else "no answer", 3: "no such name", 5: "refused"}.get(data[3] & 15, "failed")


def http(probe):
    with opened(probe) as wire:
        for part in probe["raw"]:
            wire.sendall(part.encode("latin-1"))
        return status(read(wire, probe.get("answers", 1)))


def context(certificate="none", alpn=("http/1.1",)):
    made = ssl._create_unverified_context()
    made.set_alpn_protocols(list(alpn))
    if certificate == "own":
        made.load_cert_chain(certificates + "/cert-chain.pem", certificates + "/key.pem")
    if certificate == "forged":
        with tempfile.TemporaryDirectory(dir=certificates) as folder:
            key, chain = folder + "/key.pem", folder + "/chain.pem"
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                 "-subj", "/O=cluster.local", "-addext", "subjectAltName=URI:spiffe://cluster.local/ns/test-app/sa/app-a",
                 "-keyout", key, "-out", chain], check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            made.load_cert_chain(chain, key)
    return made


def https(probe):
    with opened(probe) as plain:
        with context().wrap_socket(plain, server_hostname=probe.get("sni")) as wire:
            for part in probe["raw"]:
                wire.sendall(part.encode("latin-1"))
            return status(read(wire, probe.get("answers", 1)))


def mtls(probe):
    """To a gateway, in its mutual TLS: an HTTP request, or with `inner` the application's own TLS and a request in it."""
    certificate = probe.get("certificate", "own")
    with outer(probe, certificate) as wire:
        wire.settimeout(2 * patience)
        if "inner" not in probe:
            for part in probe["raw"]:
                wire.sendall(part.encode("latin-1"))
            return status(read(wire))
        coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
        application = context().wrap_bio(coming, going, server_hostname=probe["inner"] or None)

        def turn(act):
            for _ in range(40):
                try:
                    return act()
                except ssl.SSLWantReadError:
                    wire.sendall(going.read())
                    data = wire.recv(16384)
                    if not data:
                        raise ConnectionResetError("closed")
                    coming.write(data)
            raise OSError("unfinished")

        turn(application.do_handshake)
        wire.sendall(going.read())
        for part in probe["raw"]:
            application.write(part.encode("latin-1"))
        wire.sendall(going.read())
        return status(turn(lambda: application.read(4096)))


def outer(probe, certificate):
    # Python takes no name that begins with a dot, as the outer one of a wildcard does; openssl does.
    if not probe["sni"].startswith("."):
        return context(certificate, ("istio", "http/1.1") if "inner" in probe else ("http/1.1",)).wrap_socket(
            opened(probe), server_hostname=probe["sni"])
    wire, other = socket.socketpair()
    chain = certificates + "/cert-chain.pem"
    own = ["-cert", chain, "-cert_chain", chain, "-key", certificates + "/key.pem"] if certificate == "own" else []
    subprocess.Popen(
        ["openssl", "s_client", "-quiet", "-connect", "%s:%d" % (probe["address"], probe["port"]), "-servername",
         probe["sni"], "-alpn", "istio"] + own, stdin=other, stdout=other, stderr=subprocess.DEVNULL)
    other.close()
    return wire


def curl(probe):
    ended = subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", str(2 * patience), "--output", "/dev/null", "--write-out", "%{http_code}"]
        + probe["args"], capture_output=True, text=True)
    if ended.returncode == 0:
        return ended.stdout
    return {6: "no such name", 7: "refused", 28: "silent", 35: "reset", 52: "closed", 56: "reset"}.get(ended.returncode, "curl %d" % ended.returncode)


kinds = {"tcp": tcp, "udp": udp, "icmp": icmp, "dns": dns, "http": http, "https": https, "mtls": mtls, "curl": curl}


def tried(probe):
    try:
        return kinds[probe["kind"]](probe)
    except socket.gaierror:
        return "no such name"
    except (socket.timeout, TimeoutError):
        return "silent"
    except ConnectionRefusedError:
        return "refused"
    except (ConnectionError, BrokenPipeError, ssl.SSLError):
        return "reset"
    except OSError as error:
        return "refused" if error.errno in (1, 13, 101, 113) else "failed: %s" % error


probes = json.load(sys.stdin)
with ThreadPoolExecutor(24) as pool:
    print(json.dumps(dict(zip([probe["id"] for probe in probes], pool.map(tried, probes)))))
