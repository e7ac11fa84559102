import * as grpc from "@grpc/grpc-js";
import { Path } from "../../json";
import { failure } from "./status";

type Handler<Request, Response> = grpc.handleUnaryCall<Request, Response>;

/**
 * A handler that answers with what the action returns, or with the failure that it throws.
 * @param secretsOf parts that are secret in outputs that come with a failure
 */
export function unary<Request, Response>(
  action: (request: Request) => Promise<Response> | Response,
  secretsOf: (request: Request) => Path[] = () => [],
): Handler<Request, Response> {
  return (call, callback) => {
    Promise.resolve(call.request)
      .then(action)
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(failure(error, secretsOf(call.request))),
      );
  };
}
