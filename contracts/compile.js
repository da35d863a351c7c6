// Compiles the standard-JSON input on stdin with the pinned compiler and writes its answer to stdout.
// Imports that the input does not carry are read from node_modules beside this file, and from nowhere else.
"use strict";

const fs = require("fs");
const path = require("path");
const solc = require("solc");

const modules = path.join(__dirname, "node_modules") + path.sep;

function readImport(name) {
  const file = path.resolve(modules, name);
  if (!file.startsWith(modules)) return { error: `${name} is outside node_modules` };
  try {
    return { contents: fs.readFileSync(file, "utf8") };
  } catch (problem) {
    return { error: problem.message };
  }
}

const answer = JSON.parse(solc.compile(fs.readFileSync(0, "utf8"), { import: readImport }));
// The process ends by itself once the pipe has taken everything; ending it here would cut the answer at 64 KiB.
process.stdout.write(JSON.stringify({ version: solc.version(), output: answer }));
