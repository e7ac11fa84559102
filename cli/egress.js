#!/usr/bin/env node
"use strict";
require("ts-node").register({ cwd: __dirname });
require("./main");
