import * as fs from "node:fs";
import * as path from "node:path";
import { serve } from "../plugin/serve";
import { service } from "./service";
import { DeclaredTypes, tableFile } from "./table/shapes";

/** The table stands beside the program in the plugin's folder. */
const table = path.join(path.dirname(process.argv[1]!), tableFile);
serve(service(JSON.parse(fs.readFileSync(table, "utf8")) as DeclaredTypes));
