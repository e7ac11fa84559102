import * as fs from "node:fs";
import * as grpc from "@grpc/grpc-js";

/**
 * A collector of OpenTelemetry's logs, as far as the test needs one: it takes OTLP over gRPC, and writes each record as a line
 * of JSON to a file.
 *
 * Usage: otlp-server.ts FILE PORT; it says `listening` when it does.
 */

/** A record of a log: the attributes of its resource, and its body, where both are maps of texts. */
export interface LogRecord {
  resource: Record<string, string>;
  body: Record<string, string>;
}

type Field = [number: number, value: Buffer];

/** The fields of a message by their numbers, of wire types that have bytes; numbers are left out. */
function fieldsOf(message: Buffer): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        return value;
      }
    }
  };
  while (at < message.length) {
    const tag = varint();
    const wire = tag % 8;
    if (wire === 0) {
      varint();
    } else if (wire === 1 || wire === 5) {
      at += wire === 1 ? 8 : 4;
    } else {
      const length = varint();
      found.push([Math.floor(tag / 8), message.subarray(at, at + length)]);
      at += length;
    }
  }
  return found;
}

const inside = (messages: Buffer[], number: number): Buffer[] =>
  messages.flatMap((message) => fieldsOf(message).flatMap(([field, value]) => (field === number ? [value] : [])));

/** Repeated `KeyValue`s whose values are texts. */
function textsOf(keyValues: Buffer[]): Record<string, string> {
  return Object.fromEntries(
    keyValues.map((each) => [
      inside([each], 1).map(String)[0] ?? "",
      inside(inside([each], 2), 1).map(String)[0] ?? "not a text",
    ]),
  );
}

/** Source of the numbers: opentelemetry-proto, `logs_service.proto`, `logs.proto`, `common.proto`. */
function recordsOf(request: Buffer): LogRecord[] {
  return inside([request], 1).flatMap((resourceLogs) => {
    const resource = textsOf(inside(inside([resourceLogs], 1), 1));
    const records = inside(inside([resourceLogs], 2), 2);
    return records.map((record) => ({ resource, body: textsOf(inside(inside(inside([record], 5), 6), 1)) }));
  });
}

function main([file = "", port = ""]: string[]): void {
  const server = new grpc.Server();
  const same = (bytes: Buffer) => bytes;
  server.addService(
    {
      export: {
        path: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    {
      export: (call: grpc.ServerUnaryCall<Buffer, Buffer>, answer: grpc.sendUnaryData<Buffer>) => {
        fs.appendFileSync(
          file,
          recordsOf(call.request)
            .map((record) => `${JSON.stringify(record)}\n`)
            .join(""),
        );
        answer(null, Buffer.alloc(0));
      },
    },
  );
  server.bindAsync(`0.0.0.0:${port}`, grpc.ServerCredentials.createInsecure(), (error) => {
    if (error !== null) {
      throw error;
    }
    process.stdout.write("listening\n");
  });
}

if (require.main === module) {
  main(process.argv.slice(2));
}
