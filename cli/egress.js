#!/usr/bin/env node
"use strict";
// Types are checked apart, by `npm run types`: a command must not wait for that.
require("ts-node").register({ transpileOnly: true, project: require("node:path").join(__dirname, "..", "tsconfig.json") });
require("./main");
