// The comparison is tried before it is trusted: what it must see, and what it must let pass.

import { compareVisits } from './compare.mjs';

const FRAME = '<iframe data-sigma-embed="revenue"></iframe>';
const FILLED = '<iframe src="/sigma/embed/revenue" data-sigma-embed="revenue"></iframe>';
const PAGE = {
  status: 200,
  lines: [
    ['content-type', 'text/html'],
    ['content-length', '9'],
    ['x-own', '1'],
  ],
  body: `<p>${FRAME}</p>`,
  slots: 1,
};
const BEHIND = { ...PAGE, lines: [['cache-control', 'private'], ...PAGE.lines], body: `<p>${FILLED}</p>` };

/// `[{name, run}]`: each throws where the comparison is blind, or sees what is not there.
export const comparisonChecks = [
  check('a page whose slot is filled is the same page', BEHIND, 0),
  check('a slot that is not filled is seen', { ...BEHIND, body: PAGE.body }, 1),
  check('a changed byte is seen', { ...BEHIND, body: `<q>${FILLED}</p>` }, 1),
  check('a script is seen', { ...BEHIND, body: `<p>${FILLED}</p><script src="/sigma/embed.js"></script>` }, 1),
  check('a name of ours is seen', { ...BEHIND, body: BEHIND.body.replace('data-', 'name="sg-1" data-') }, 1),
  check('another status is seen', { ...BEHIND, status: 201 }, 1),
  check('a header that is gone is seen', { ...BEHIND, lines: BEHIND.lines.slice(0, -1) }, 1),
  check('a page that became no-store is seen', { ...BEHIND, lines: [['cache-control', 'no-store'], ...PAGE.lines] }, 2),
  check('a header that is new is seen', { ...BEHIND, lines: [...BEHIND.lines, ['x-new', '1']] }, 1),
  check('a silent answer is private behind the gateway', cached('private'), 0, cached()),
  check('a public answer is private behind the gateway', cached('max-age=5, private'), 0, cached('public, max-age=5')),
  check('an answer that stays public is seen', cached('public'), 2, cached('public')),
  check('an answer that stays silent is seen', cached(), 1, cached()),
  check('a private answer stays as it is', cached('Private,max-age=5'), 0, cached('Private,max-age=5')),
  check('a private answer that was changed is seen', cached('private'), 2, cached('no-store')),
];

function cached(value) {
  const lines = [['content-type', 'image/png'], ...(value ? [['cache-control', value]] : [])];
  return { status: 200, lines, body: 'x', slots: 0 };
}

function check(name, behind, differences, direct = PAGE) {
  const run = async () => {
    const [{ differences: found }] = compareVisits(visit(direct), visit(behind), {
      normalise: [],
      sigmaUrl: 'http://sigma.example/x',
      hosts: {},
    });
    if (found.length !== differences)
      throw new Error(`${found.length} differences, not ${differences}: ${found.join('; ')}`);
  };
  return { name, run };
}

function visit({ status, lines, body, slots }) {
  const answer = { status, lines, headers: Object.fromEntries(lines), trailers: {}, bytes: Buffer.from(body) };
  return { steps: [{ title: 'page', answer, slots }] };
}
