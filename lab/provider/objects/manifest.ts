import { JsonObject, child, withoutNulls } from "../../json";
import { Reference } from "./reference";
import { encoded, isSecret } from "./secret";

/** What is sent to the API server for a resource's inputs. */
export function manifestOf(inputs: JsonObject, { namespace }: Reference): JsonObject {
  const metadata = { ...child(inputs, "metadata"), ...(namespace === undefined ? {} : { namespace }) };
  const manifest = withoutNulls({ ...inputs, metadata });
  return isSecret(inputs) ? encoded(manifest) : manifest;
}
