// Pages that people wrote or programs made, as Debian packages them: each in five framings, with a slot put in and
// without. What comes is the same, byte for byte, but for the slot.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { parse } from 'parse5';
import { NAVIGATION } from '../shared/agent.mjs';
import { decoded } from './answers.mjs';
import { Connection, requestOf } from './client.mjs';
import { LINK } from './config.mjs';
import { firstLine } from './judge.mjs';
import { shown } from './tags.mjs';
import { find } from './trees.mjs';

const CONNECTIONS = 8;
/// Pages without `--full`.
const SAMPLE = 200;
const TINY = 61;
const PAGE_BYTES_MAX = 4 << 20;
const FILLED = ' src="/sigma/embed/revenue"';
const SLOT = '<iframe data-sigma-embed=revenue></iframe>';

const chunks = (body, size) => {
  const pieces = [];
  for (let at = 0; at < body.length; at += size) {
    const piece = body.subarray(at, at + size);
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
};
const WAYS = {
  'a length': (body) => ({ lines: [`Content-Length: ${body.length}`], body }),
  chunks: (body) => ({ lines: ['Transfer-Encoding: chunked'], body: chunks(body, 8192) }),
  gzip: (body) => {
    const coded = zlib.gzipSync(body, { level: 1 });
    return { lines: ['Content-Encoding: gzip', `Content-Length: ${coded.length}`], body: coded };
  },
  'tiny chunks': (body) => ({ lines: ['Transfer-Encoding: chunked'], body: chunks(body, TINY) }),
  'to the end': (body) => ({ lines: ['Connection: close'], body, end: 'close' }),
};

export async function runCollections(setting, checks, { folder, isFull }) {
  const all = filesBelow(folder).filter((file) => /\.html?(\.[\w.-]+)?$/i.test(file) && !/\.gz$/.test(file));
  const step = isFull ? 1 : Math.max(1, Math.floor(all.length / SAMPLE));
  const files = all.filter((_, index) => index % step === 0);
  const problems = [];
  const counts = { filled: 0, hidden: 0 };
  const waiting = [...files.entries()];
  const work = async () => {
    const connection = new Connection(setting.port);
    for (let next = waiting.shift(); next; next = waiting.shift())
      await compare(setting, connection, next, { problems, counts });
    connection.close();
  };
  await checks.run(
    `collections: ${files.length} pages in ${Object.keys(WAYS).length} framings, with a slot and without`,
    async () => {
      assert.ok(files.length >= (isFull ? 2000 : SAMPLE), `${files.length} pages in ${folder}`);
      await Promise.all(Array.from({ length: CONNECTIONS }, work));
      assert.ok(problems.length === 0, `${problems.length} problems\n${problems.slice(0, 20).join('\n')}`);
      return `${counts.filled} answers with a filled slot, ${counts.hidden} with one that is text`;
    },
  );
}

async function compare(setting, connection, [index, file], { problems, counts }) {
  const page = fs.readFileSync(file);
  if (page.length > PAGE_BYTES_MAX) return;
  const slot = withSlot(page.toString('latin1'));
  for (const [way, framing] of Object.entries(WAYS)) {
    for (const sent of [page, ...(slot ? [Buffer.from(slot.text, 'latin1')] : [])]) {
      const isPlain = sent === page;
      try {
        const got = await ask(
          setting,
          connection,
          `/c/page/${index}/${way.replaceAll(' ', '-')}/${isPlain}`,
          framing(sent),
          typeOf(file),
        );
        assert.deepEqual([got.status, got.isWhole, got.faults], [200, true, []]);
        const wanted = isPlain || !slot.isFrame ? sent.toString('latin1') : slot.filled;
        const body = decoded(got.body, got.value('content-encoding'));
        assert.ok(body === wanted, `other bytes: ${difference(wanted, body)}`);
        if (!isPlain) counts[slot.isFrame ? 'filled' : 'hidden'] += 1;
      } catch (error) {
        problems.push(`${path.basename(file)}, ${way}, ${isPlain ? 'without' : 'with'} a slot: ${firstLine(error)}`);
      }
    }
  }
}

async function ask({ port, application, cookies }, connection, target, { lines, body, end = 'keep' }, type) {
  const head = ['HTTP/1.1 200 OK', ...(type ? [`Content-Type: ${type}`] : []), ...lines].join('\r\n');
  application.plays.set(target, { pieces: [Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body])], end });
  const asked = requestOf('GET', `${LINK}:${port}`, target, { ...NAVIGATION, cookie: cookies[LINK] });
  try {
    return await connection.ask(asked);
  } finally {
    application.plays.delete(target);
    application.heads.delete(target);
  }
}

/// Servers say no charset of files that they do not know, and pages then do.
const typeOf = () => 'text/html';

/// The page with a slot where its body begins, and how it is when that is filled; whether a browser sees a frame there.
function withSlot(text) {
  const at = /<body(?:\s(?:[^>"']|"[^"]*"|'[^']*')*)?>/i.exec(text);
  if (!at) return undefined;
  const end = at.index + at[0].length;
  const put = (slot) => text.slice(0, end) + slot + text.slice(end);
  const withIt = put(SLOT);
  const isFrame = Boolean(find(parse(withIt), (node) => node.attrs?.some(({ name }) => name === 'data-sigma-embed')));
  return { text: withIt, filled: put(SLOT.replace('<iframe', `<iframe${FILLED}`)), isFrame };
}

function filesBelow(folder) {
  return fs
    .readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((one) => one.isFile())
    .map((one) => path.join(one.parentPath ?? one.path, one.name))
    .sort();
}

function difference(one, other) {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return `at ${at}: ${shown(one, at)} → ${shown(other, at)}`;
}
