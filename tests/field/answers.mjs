// Answers as bytes: split, put together anew, decoded. Text is bytes here: one character for each.

import zlib from 'node:zlib';
import { decompress } from 'fzstd';

/// `{ head, status, headers, body }` of what an application sends: the last head of it (after interim ones), and the
/// body without its chunks.
export function readSent(bytes) {
  let text = bytes.toString('latin1');
  let end = headEnd(text);
  let before = '';
  while (/^HTTP\/1\.1 1\d\d /.test(text)) {
    before += text.slice(0, end);
    text = text.slice(end);
    end = headEnd(text);
  }
  const head = text.slice(0, end);
  const [start, ...lines] = head.trimEnd().split(/\r?\n/);
  const headers = lines.map((line) => {
    const at = line.indexOf(':');
    return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
  });
  const value = (name) => headers.find(([other]) => other === name)?.[1];
  const rest = text.slice(end);
  const body = /chunked/i.test(value('transfer-encoding') ?? '') ? unchunked(rest) : rest;
  return { before, head, status: Number(start.split(' ')[1]), headers, value, body };
}

const headEnd = (text) => /\r?\n\r?\n/.exec(text).index + /\r?\n\r?\n/.exec(text)[0].length;

function unchunked(text) {
  let body = '';
  for (let at = 0; ; ) {
    const line = text.indexOf('\n', at);
    const size = Number.parseInt(text.slice(at, line), 16);
    if (line < 0 || Number.isNaN(size) || size === 0) return body;
    body += text.slice(line + 1, line + 1 + size);
    at = text.indexOf('\n', line + 1 + size) + 1;
  }
}

/// The same answer with another framing: `pieces` of the body with pauses, by chunks, or to the end of the connection
/// where the application speaks HTTP/1.0.
export function inPieces({ before, head, body }, count, pause) {
  const isOld = head.startsWith('HTTP/1.0');
  const kept = head
    .trimEnd()
    .split(/\r\n/)
    .filter((line) => !/^(content-length|transfer-encoding|connection)\s*:/i.test(line));
  if (!isOld) kept.push('Transfer-Encoding: chunked');
  const pieces = [Buffer.from(`${before}${kept.join('\r\n')}\r\n\r\n`, 'latin1')];
  const size = Math.max(1, Math.ceil(body.length / count));
  for (let at = 0; at < body.length; at += size) {
    const piece = body.slice(at, at + size);
    if (at > 0) pieces.push(pause);
    pieces.push(Buffer.from(isOld ? piece : `${piece.length.toString(16)}\r\n${piece}\r\n`, 'latin1'));
  }
  if (!isOld) pieces.push(Buffer.from('0\r\n\r\n'));
  return { pieces, end: isOld ? 'close' : 'keep' };
}

/// A body as a browser reads it under this `Content-Encoding`: words that it does not know change nothing.
export function decoded(body, coding = '') {
  const names = coding.split(',').map((name) => name.trim().toLowerCase());
  let bytes = Buffer.from(body, 'latin1');
  for (const name of names.reverse()) bytes = decodedOnce(bytes, name);
  return bytes.toString('latin1');
}

function decodedOnce(bytes, name) {
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return gunzipped(bytes);
    case 'br':
      return zlib.brotliDecompressSync(bytes);
    case 'zstd':
      return Buffer.from(decompress(bytes));
    case 'deflate':
      return (bytes[0] & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0
        ? zlib.inflateSync(bytes)
        : zlib.inflateRawSync(bytes);
    default:
      return bytes;
  }
}

/// What stands behind the last member is no part of the body; of one without its end it is what there is.
function gunzipped(bytes) {
  for (let end = bytes.length; end > 0 && end >= bytes.length - GARBAGE_BYTES_MAX; end -= 1) {
    try {
      return zlib.gunzipSync(bytes.subarray(0, end));
    } catch {
      // Perhaps its last byte is none of it.
    }
  }
  return zlib.gunzipSync(bytes, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
}

const GARBAGE_BYTES_MAX = 64;
