"use strict";
// Required before a program: whoever asks for @pulumi/pulumi, the repository's sources or a package beside them,
// is given the one that is installed here. What that one needs itself is found where it is, as ever.
const { registerHooks } = require("node:module");
const { pathToFileURL } = require("node:url");

const here = pathToFileURL(__filename).href;

registerHooks({
  resolve(specifier, context, next) {
    const sdk = specifier === "@pulumi/pulumi" || specifier.startsWith("@pulumi/pulumi/");
    return next(sdk && context.parentURL !== here ? require.resolve(specifier) : specifier, context);
  },
});
