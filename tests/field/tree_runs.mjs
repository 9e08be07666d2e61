// The tree construction tests of html5lib, with a slot before every tag of each page and at its end: a slot that is a
// frame in parse5's tree is filled, one that is text or a comment there is not. What differs is counted by class.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'parse5';
import { NAVIGATION } from '../shared/agent.mjs';
import { Connection, requestOf } from './client.mjs';
import { LINK } from './config.mjs';

const CONNECTIONS = 8;
/// Of the pages without `--full`: one of so many.
const SAMPLE = 6;
const SLOTS_MAX = 90;
const XHTML = 'http://www.w3.org/1999/xhtml';

/// Differences that are known, by class, and how many there are with `--full`: docs/TESTING.md says where they come
/// from.
const KNOWN = {
  'not filled, and it is a frame': 1,
  'filled, and the parser drops the tag': 226,
};

export async function runTrees(setting, checks, { folder, isFull }) {
  const all = fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.dat'))
    .flatMap((name) => pagesOf(path.join(folder, name)));
  const pages = all.filter((_, index) => isFull || index % SAMPLE === 0);
  const found = new Map();
  let slots = 0;
  const waiting = [...pages.entries()];
  const work = async () => {
    const connection = new Connection(setting.port);
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const count = await compare(setting, connection, next, found);
      slots += count;
    }
    connection.close();
  };
  await checks.run('html5lib: what is filled is what parse5 sees as a frame', async () => {
    await Promise.all(Array.from({ length: CONNECTIONS }, work));
    for (const [name, examples] of found) console.log(`       ${name}: ${examples.length}`);
    const unknown = [...found].filter(([name, examples]) => examples.length > (KNOWN[name] ?? 0));
    const lines = unknown.map(([name, examples]) => `${name}: ${examples.length}\n${examples.slice(0, 12).join('\n')}`);
    assert.ok(unknown.length === 0, lines.join('\n'));
    return `${pages.length} pages, ${slots} slots, ${[...found.values()].flat().length} differences`;
  });
}

/// The pages of a file; those of fragments are no pages.
function pagesOf(file) {
  const blocks = `\n${fs.readFileSync(file, 'utf8')}`.split(/\n#data\n/).slice(1);
  const name = path.basename(file);
  return blocks
    .filter((block) => !/^#document-fragment$/m.test(block) && !/^#script-off$/m.test(block))
    .map((block, index) => ({ name: `${name} ${index}`, text: block.split(/\n#errors/)[0] }));
}

async function compare({ port, application, cookies }, connection, [index, { name, text }], found) {
  const pieces = text.split(/(?=<)/).slice(0, SLOTS_MAX);
  const rest = text.slice(pieces.join('').length);
  const slot = (at) => `<iframe id=m${at} data-sigma-embed=revenue></iframe>`;
  const page = `${pieces.map((piece, at) => slot(at) + piece).join('')}${rest}${slot(pieces.length)}`;
  const body = Buffer.from(page);
  const target = `/c/tree/${index}`;
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: ${body.length}\r\n\r\n`;
  application.plays.set(target, { pieces: [Buffer.concat([Buffer.from(head), body])], end: 'keep' });
  const got = await connection.ask(
    requestOf('GET', `${LINK}:${port}`, target, { ...NAVIGATION, cookie: cookies[LINK] }),
  );
  application.plays.delete(target);
  assert.deepEqual([got.status, got.faults], [200, []], name);
  const answer = Buffer.from(got.body, 'latin1').toString();
  assert.ok(answer.replaceAll(/ src="\/sigma\/embed\/revenue"/g, '') === page, `${name}: other bytes`);
  const seen = framesOf(page);
  for (let at = 0; at <= pieces.length; at += 1) {
    const isFilled = /\ssrc=/.test(
      new RegExp(`<iframe[^>]* id=m${at} [^>]*>|<iframe id=m${at} [^>]*>`).exec(answer)?.[0] ?? '',
    );
    const difference = differenceOf(seen.get(`m${at}`), isFilled);
    if (difference)
      found.set(difference, [
        ...(found.get(difference) ?? []),
        `${name}, slot ${at}: ${JSON.stringify(page).slice(0, 700)}`,
      ]);
  }
  return pieces.length + 1;
}

function differenceOf(seen, isFilled) {
  if (seen === 'frame') return isFilled ? undefined : 'not filled, and it is a frame';
  if (!isFilled) return undefined;
  switch (seen) {
    case 'noscript':
      return 'filled in <noscript>';
    case 'template':
      return 'filled, in a template that the parser ends elsewhere';
    case 'text':
      return 'filled, and it is text';
    case 'foreign':
      return 'filled, and it is an element of SVG or MathML';
    default:
      return 'filled, and the parser drops the tag';
  }
}

/// What a browser makes of each slot: a frame, text (comments and attributes too), in a template, foreign.
function framesOf(page) {
  const seen = new Map();
  const text = (value, where) => {
    for (const [, id] of (value ?? '').matchAll(/<iframe id=(m\d+) data-sigma/g)) seen.set(id, where);
  };
  const walk = (node, isTemplate, isNoscript) => {
    const id = node.attrs?.find(({ name }) => name === 'id')?.value;
    if (node.tagName === 'iframe' && /^m\d+$/.test(id ?? ''))
      seen.set(id, isTemplate ? 'template' : node.namespaceURI === XHTML ? 'frame' : 'foreign');
    const where = isNoscript ? 'noscript' : 'text';
    for (const one of [
      node.value,
      node.data,
      node.name,
      node.publicId,
      node.systemId,
      ...(node.attrs ?? []).flatMap(({ name, value }) => [name, value]),
    ])
      text(one, where);
    const inner = node.tagName === 'noscript' || isNoscript;
    for (const child of node.childNodes ?? []) walk(child, isTemplate, inner);
    if (node.content) walk(node.content, true, inner);
  };
  walk(parse(page), false, false);
  return seen;
}
