// Reads an AsyncAPI document from standard input and prints what the official parser says against
// it, a line each. Exit 1 if there is an error.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf8"));
for (const { severity, path, message } of diagnostics) {
  console.log(`${severity} ${path.join("/")}: ${message}`);
}
const operations = document ? document.operations().all().length : 0;
console.log(`operations: ${operations}`);
process.exit(document && diagnostics.every(({ severity }) => severity > 0) ? 0 : 1);
