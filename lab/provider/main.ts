import { engineAddress, serve } from "../plugin/serve";
import { Provider } from "./provider";
import { engineLog, silentLog } from "./rpc/engine";
import { service } from "./rpc/service";

const engine = engineAddress();
const provider = new Provider(engine === undefined ? silentLog : engineLog(engine));
serve(service(provider), () => provider.cancel());
