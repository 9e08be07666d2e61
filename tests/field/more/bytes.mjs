// Answers of our own, as bytes. Text is bytes here: one character for each.

import zlib from 'node:zlib';

/// `{ start, lines, body }` with its length.
export function answer(lines, body, start = 'HTTP/1.1 200 OK') {
  const head = [start, ...lines, `Content-Length: ${body.length}`, 'Connection: close'].join('\r\n');
  return Buffer.from(`${head}\r\n\r\n${body}`, 'latin1');
}

export const SLOT = '<iframe data-sigma-embed="revenue"></iframe>';
export const HTML = 'text/html; charset=utf-8';
/// A page around some markup, without anything that quirks mode is for.
export const around = (markup, head = '') =>
  `<!DOCTYPE html><html><head><title>t</title>${head}</head><body>${markup}</body></html>`;
export const page = (markup, type = HTML) => answer([`Content-Type: ${type}`], around(markup));
/// Exactly this body.
export const bare = (body, type = HTML, more = []) => answer([`Content-Type: ${type}`, ...more], body);
export const coded = (coding, body, type = HTML) =>
  answer([`Content-Type: ${type}`, `Content-Encoding: ${coding}`], body.toString('latin1'));

const latin1 = (text) => Buffer.from(text, 'latin1');
export const gzip = (text, more = {}) => zlib.gzipSync(latin1(text), more);
export const deflate = (text) => zlib.deflateSync(latin1(text));
export const rawDeflate = (text) => zlib.deflateRawSync(latin1(text));
export const brotli = (text) => zlib.brotliCompressSync(latin1(text));

/// Zstandard frames of blocks that are not compressed (RFC 8878 3.1.1.2).
export function zstd(text) {
  const bytes = latin1(text);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  const frames = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0]), size];
  for (let at = 0; at < bytes.length || at === 0; at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES);
    const isLast = at + BLOCK_BYTES >= bytes.length;
    const head = Buffer.alloc(3);
    head.writeUIntLE(block.length * 8 + (isLast ? 1 : 0), 0, 3);
    frames.push(head, block);
  }
  return Buffer.concat(frames);
}

const BLOCK_BYTES = 64 * 1024;

export const utf16 = (text) => `\xff\xfe${Buffer.from(text, 'utf16le').toString('latin1')}`;
export const utf16be = (text) => `\xfe\xff${Buffer.from(text, 'utf16le').swap16().toString('latin1')}`;

/// Cases of a kind from `{ name: [bytes, expect] }`.
export const cases = (kind, folder, table) =>
  Object.entries(table).map(([name, [bytes, expect]]) => ({
    kind: `${kind}-more`,
    name: `${kind}_more_${name}`,
    folder,
    bytes,
    expect,
  }));
