// Large bodies that are nowhere held whole: the same bytes from the same seed, and their hash.

import { createCipheriv, createHash } from 'node:crypto';
import fs from 'node:fs';

export const MEBIBYTE = 1024 * 1024;
export const BULK_BYTES = 100 * MEBIBYTE;
const PIECE_BYTES = 64 * 1024;

/// `bytes` bytes that do not compress, in pieces.
export function* pieces(bytes, seed) {
  const key = createHash('md5').update(seed).digest();
  const stream = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  for (let left = bytes; left > 0; left -= PIECE_BYTES) yield stream.update(Buffer.alloc(Math.min(left, PIECE_BYTES)));
}

export function hashOf(bytes, seed) {
  const hash = createHash('sha256');
  for (const piece of pieces(bytes, seed)) hash.update(piece);
  return hash.digest('hex');
}

export function hashOfBoth(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/// A file of `BULK_BYTES` bytes, always of the same age.
export function writeBulk(file, seed) {
  const open = fs.openSync(file, 'w');
  for (const piece of pieces(BULK_BYTES, seed)) fs.writeSync(open, piece);
  fs.closeSync(open);
  fs.utimesSync(file, 1_700_000_000, 1_700_000_000);
}

/// A `multipart/form-data` body (RFC 7578): plain fields, then one file of `bytes` bytes.
export function multipart(fields, { name, filename, bytes, seed, type = 'application/zip' }) {
  const boundary = '----application-test-boundary';
  const plain = fields.map(
    ([field, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
  );
  const disposition = `Content-Disposition: form-data; name="${name}"; filename="${filename}"`;
  const file = `--${boundary}\r\n${disposition}\r\nContent-Type: ${type}\r\n\r\n`;
  const head = Buffer.from(plain.join('') + file);
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    length: head.length + bytes + tail.length,
    *pieces() {
      yield head;
      yield* pieces(bytes, seed);
      yield tail;
    },
  };
}
