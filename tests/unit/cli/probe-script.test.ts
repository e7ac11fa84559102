// The script that runs inside a workload's container, here in a shell of this machine's with a curl of ours.
// Does not prove: that a container's own shell and curl behave so; the lab's tests do.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { callsAtOnce, noCurl, parseReplies, probeScript } from "../../../cli/probe-script";

/** Answers by the URL it is called with, as curl does with the options that the script gives; keeps count of its copies. */
const curl = `#!/bin/sh
for url; do :; done
case "$* " in *--http2-prior-knowledge*) old=no ;; *) old=yes ;; esac
mkdir "$COUNT/$$"; ls "$COUNT" | wc -l >> "$COUNT.seen"
sleep 0.05
rmdir "$COUNT/$$"
case "$url" in
  *allowed*) printf 'HTTP/1.1 200 OK\\r\\nserver: envoy\\r\\nx-envoy-upstream-service-time: 3\\r\\n\\r\\nresult 200 276'; exit 0 ;;
  *grpc*) case $old in
    yes) printf 'HTTP/1.1 503 Service Unavailable\\r\\nserver: envoy\\r\\nx-envoy-upstream-service-time: 3\\r\\n\\r\\nresult 503 91' ;;
    no) printf 'HTTP/2 415 \\r\\nserver: envoy\\r\\nx-envoy-upstream-service-time: 3\\r\\n\\r\\nresult 415 0' ;;
    esac; exit 0 ;;
  *down*) printf 'HTTP/1.1 503 Service Unavailable\\r\\nserver: envoy\\r\\nx-envoy-upstream-service-time: 3\\r\\n\\r\\nresult 503 91'
    [ $old = no ] && exit 16; exit 0 ;;
  *denied*) printf 'HTTP/1.1 502 Bad Gateway\\r\\nServer: envoy\\r\\n\\r\\nresult 502 0'; exit 0 ;;
  *) printf 'result 000 0'; exit 35 ;;
esac
`;

describe("the probe script", () => {
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-probe-"));
    fs.mkdirSync(path.join(folder, "running"));
  });

  afterEach(() => fs.rmSync(folder, { recursive: true }));

  function run(urls: string[], PATH = `${folder}:/usr/bin:/bin`): string {
    const env = { PATH, COUNT: path.join(folder, "running") };
    const { stdout, stderr, status } = spawnSync("/bin/sh", ["-c", probeScript], {
      env,
      input: urls.map((url) => `${url}\n`).join(""),
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    return stdout;
  }

  it("calls every URL it reads, and prints what came of each", () => {
    fs.writeFileSync(path.join(folder, "curl"), curl, { mode: 0o755 });
    const replies = parseReplies(run(["http://allowed", "http://denied", "https://refused"]));
    assert.deepEqual(Object.fromEntries(replies), {
      "http://allowed": { exitCode: 0, status: 200, bodySize: 276, fromEnvoy: true, hasUpstreamTime: true },
      "http://denied": { exitCode: 0, status: 502, bodySize: 0, fromEnvoy: true, hasUpstreamTime: false },
      "https://refused": { exitCode: 35, status: 0, bodySize: 0, fromEnvoy: false, hasUpstreamTime: false },
    });
  });

  it("asks a host again in HTTP/2 that gives no answer in HTTP/1 behind the gateway, and keeps what it said where that fails", () => {
    fs.writeFileSync(path.join(folder, "curl"), curl, { mode: 0o755 });
    const replies = parseReplies(run(["http://grpc", "http://down", "https://grpc"]));
    const seen = (url: string) => [replies.get(url)!.exitCode, replies.get(url)!.status];
    assert.deepEqual(
      [seen("http://grpc"), seen("http://down"), seen("https://grpc")],
      [
        [0, 415],
        [0, 503],
        [0, 503],
      ],
    );
  });

  it("makes several calls at a time, but not too many", () => {
    fs.writeFileSync(path.join(folder, "curl"), curl, { mode: 0o755 });
    const urls = Array.from({ length: 3 * callsAtOnce - 1 }, (_, index) => `http://allowed-${index}`);
    assert.equal(parseReplies(run(urls)).size, urls.length);
    const counts = fs.readFileSync(path.join(folder, "running.seen"), "utf8").trim().split("\n").map(Number);
    assert.ok(Math.max(...counts) <= callsAtOnce, `${Math.max(...counts)} at once`);
    assert.ok(Math.max(...counts) > 1, "one after the other");
  });

  it("says so where there is no curl", () => assert.equal(run(["http://allowed"], folder).trim(), noCurl));
});

describe("parseReplies", () => {
  it("passes over lines that are no reply", () => {
    assert.equal(
      parseReplies("warning: something\n\nhttp://a 0 200 5 envoy yes\ndefaulted container a out of b c d e\n").size,
      1,
    );
  });

  it("takes the sizes of old curls, which have a fraction", () => {
    assert.equal(parseReplies("http://a 0 403 19.000 envoy yes\n").get("http://a")?.bodySize, 19);
  });
});
