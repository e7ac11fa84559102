#!/usr/bin/env node
"use strict";
const fs = require("node:fs");
const path = require("node:path");

// In its repository a command runs from its sources, whatever was built there; the package has it compiled.
if (fs.existsSync(path.join(__dirname, "main.ts"))) {
  require("ts-node").register({ cwd: __dirname });
  require("./main");
} else {
  require("../dist/cli/main");
}
