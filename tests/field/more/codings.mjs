// t1: content codings. What a browser does not know changes nothing; what it knows and cannot decode it does not show.

import { constants } from 'node:zlib';
import { SLOT, around, brotli, cases, coded, deflate, gzip, rawDeflate, zstd } from './bytes.mjs';

const PAGE = around(SLOT);
const FILLED = { slots: 'F' };
const BROKEN = { same: true, notes: 'some' };
/// Past the bound of decoded bytes for each encoded one nothing is looked for, and nothing is cut.
const WHOLE = { slots: '?', notes: 'any' };
/// The body is whole, and its coding has no end: browsers show it. Held, it passes; streamed, it goes out as it came.
const ENDLESS = {
  either: [
    { same: true, notes: ['broken_coding'] },
    { slots: 'F', notes: ['broken_coding'] },
  ],
};
const plain = (coding) => [coded(coding, Buffer.from(PAGE)), FILLED];
const SPACES = around(`${' '.repeat(6 << 20)}${SLOT}`);
const named = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]),
  Buffer.from('page.html\0'),
  rawDeflate(PAGE),
  gzip(PAGE).subarray(-8),
]);
const half = PAGE.length >> 1;

export const CODINGS = cases('t1', '/c', {
  ...Object.fromEntries(
    [
      'utf8',
      '8bit',
      '7bit',
      'binary',
      'chunked',
      'text',
      'plain',
      'compress',
      'x-compress',
      'aws-chunked',
      'iso-8859-15',
      'None',
      'IDENTITY',
      'identity, identity',
      ',',
      'none, utf-8',
      'gzip;q=1.0',
      '*',
      'unknown',
    ].map((word) => [`coding-word-${word.replaceAll(' ', '_')}`, plain(word)]),
  ),
  'coding-Gzip': [coded('Gzip', gzip(PAGE)), FILLED],
  'coding-X-GZIP': [coded('X-GZIP', gzip(PAGE)), FILLED],
  'coding-BR': [coded('BR', brotli(PAGE)), FILLED],
  'coding-Zstd': [coded('Zstd', zstd(PAGE)), FILLED],
  'coding-deflate': [coded('deflate', deflate(PAGE)), FILLED],
  'coding-Deflate-raw': [coded('Deflate', rawDeflate(PAGE)), FILLED],
  'coding-gzip-identity': [coded('gzip, identity', gzip(PAGE)), FILLED],
  'coding-identity-gzip': [coded('identity,gzip', gzip(PAGE)), FILLED],
  'coding-gzip-utf8': [coded('gzip, utf-8', gzip(PAGE)), FILLED],
  'coding-gzip-gzip': [coded('gzip, gzip', gzip(gzip(PAGE).toString('latin1'))), FILLED],
  'coding-gzip-br': [coded('gzip, br', brotli(gzip(PAGE).toString('latin1'))), FILLED],
  'coding-br-gzip': [coded('br, gzip', gzip(brotli(PAGE).toString('latin1'))), FILLED],
  'coding-deflate-gzip': [coded('deflate, gzip', gzip(deflate(PAGE).toString('latin1'))), FILLED],
  'gzip-stored': [coded('gzip', gzip(PAGE, { level: 0 })), FILLED],
  'gzip-file-name': [coded('gzip', named), FILLED],
  'gzip-two-members': [coded('gzip', Buffer.concat([gzip(PAGE.slice(0, half)), gzip(PAGE.slice(half))])), FILLED],
  'gzip-empty-member': [coded('gzip', Buffer.concat([gzip(''), gzip(PAGE)])), FILLED],
  'gzip-newline-behind': [
    coded('gzip', Buffer.concat([gzip(PAGE), Buffer.from('\r\n')])),
    { slots: 'F', notes: 'any' },
  ],
  'gzip-zeros-behind': [coded('gzip', Buffer.concat([gzip(PAGE), Buffer.alloc(40)])), { slots: 'F', notes: 'any' }],
  'gzip-no-checksum': [coded('gzip', gzip(PAGE).subarray(0, -8)), ENDLESS],
  'gzip-half-checksum': [coded('gzip', gzip(PAGE).subarray(0, -5)), ENDLESS],
  'gzip-never-ended': [
    coded('gzip', gzip(PAGE, { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH })),
    ENDLESS,
  ],
  'gzip-nothing': [coded('gzip', Buffer.alloc(0)), { same: true, notes: 'any' }],
  'br-nothing': [coded('br', Buffer.alloc(0)), { same: true, notes: 'any' }],
  'br-plain': [coded('br', Buffer.from(PAGE)), BROKEN],
  'zstd-plain': [coded('zstd', Buffer.from(PAGE)), BROKEN],
  'deflate-plain': [coded('deflate', Buffer.from(PAGE)), BROKEN],
  'gzip-is-br': [coded('gzip', brotli(PAGE)), BROKEN],
  'br-is-gzip': [coded('br', gzip(PAGE)), BROKEN],
  'zstd-two-frames': [coded('zstd', Buffer.concat([zstd(PAGE.slice(0, half)), zstd(PAGE.slice(half))])), FILLED],
  'gzip-ratio': [coded('gzip', gzip(SPACES)), WHOLE],
  'br-ratio': [coded('br', brotli(SPACES)), WHOLE],
  'deflate-ratio': [coded('deflate', deflate(SPACES)), WHOLE],
});
