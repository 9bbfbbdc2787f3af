// Parses PowerShell scripts with tree-sitter.
//
//     node powershell.mjs MODULES FILE…
//
// For each file, it prints the name, the first error or `none`, and the same for the file without its last closing brace.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, ...files] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(modules, 'package.json')));
const { Parser, Language } = require('web-tree-sitter');

await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(require.resolve('tree-sitter-powershell/tree-sitter-powershell.wasm')));

function firstError(text) {
  const root = parser.parse(text).rootNode;
  if (!root.hasError) return 'none';
  const find = (node) => {
    if (node.isError || node.isMissing) return node;
    for (const child of node.children) {
      const found = child.hasError || child.isMissing ? find(child) : null;
      if (found) return found;
    }
    return null;
  };
  const { row, column } = (find(root) ?? root).startPosition;
  return `error at line ${row + 1}, column ${column + 1}`;
}

for (const file of files) {
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  const brace = text.lastIndexOf('}');
  // A script without a brace gets an open one.
  const control = brace < 0 ? `if ($true) {\n${text}` : text.slice(0, brace) + text.slice(brace + 1);
  console.log([file, firstError(text), firstError(control)].join('\t'));
}
