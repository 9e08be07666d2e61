// The upstream's files: a small answer, and pages of 200 KiB as business applications have them, with and without
// slots.

import { SIGMA, WORKBOOK } from '../shared/configuration.mjs';
import { EMBED } from './configurations.mjs';

export const SMALL_BYTES = 1024;
export const PAGE_BYTES = 200 * 1024;
export const SLOT_COUNTS = [0, 1, 20];

/// File name to text.
export function bodies() {
  const pages = SLOT_COUNTS.map((slots) => [`page-${slots}.html`, page(slots)]);
  return Object.fromEntries([['small.txt', 'x'.repeat(SMALL_BYTES)], ['widgets.json', widgets()], ...pages]);
}

/// An answer of an API with a Sigma URL in every tenth of a hundred entries.
function widgets() {
  const widget = (_, id) => ({
    id,
    name: `Widget ${id}`,
    url: id % 10 === 0 ? SIGMA + WORKBOOK : `/widgets/${id}`,
    width: 6,
    tags: ['sales', 'emea'],
  });
  return JSON.stringify({ widgets: Array.from({ length: 100 }, widget), page: 1 });
}

/// A table of customers, of exactly `PAGE_BYTES`; the slots are spread evenly over its rows.
function page(slots) {
  const slot = `<iframe data-sigma-embed="${EMBED}" width="600" height="400"></iframe>`;
  const frame = `<tr><td colspan="4">${slot}</td></tr>\n`;
  const head = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Customers</title></head>
<body><table class="grid">
`;
  const foot = '</table></body></html>\n';
  const room = PAGE_BYTES - head.length - foot.length - slots * frame.length;
  const lines = [];
  for (
    let bytes = 0;
    bytes + row(lines.length).length + '<!---->'.length <= room;
    bytes += row(lines.length - 1).length
  ) {
    lines.push(row(lines.length));
  }
  const gap = Math.floor(lines.length / (slots + 1));
  for (let slot = slots; slot > 0; slot -= 1) lines.splice(slot * gap, 0, frame);
  const whole = head + lines.join('');
  return `${whole}<!--${'.'.repeat(PAGE_BYTES - whole.length - foot.length - '<!---->'.length)}-->${foot}`;
}

function row(number) {
  const id = String(100_000 + number);
  return (
    `<tr class="r${number % 2}" id="c${id}"><td><a href="/customers/${id}">Customer ${id}</a></td><td>EMEA</td>` +
    `<td class="n">${(number * 7919) % 90_000}.00</td><td><input type="checkbox" name="s" value="${id}"></td></tr>\n`
  );
}
