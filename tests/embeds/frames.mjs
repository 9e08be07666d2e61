// HTML that somebody stored in a page of the application, without a script: it gets no frame to another origin.

import assert from 'node:assert/strict';
import { showsAfter } from './cases.mjs';
import { LINK } from './ways.mjs';

/// What the fragments name, as the page is told it.
const fragments = (stranger) => ({
  'a link beside the slot': `<iframe data-sigma-embed="revenue" data-sigma-link="${stranger}/empty"></iframe>`,
  'a name that scripts look for': `<a id="sigma" name="sigmaGatewayEmbed" href="${stranger}/empty">x</a>`,
  'a form in place of a global': `<form id="sigma-gateway"><input name="api" value="${stranger}/empty"></form>`,
  'a holder of ours': `<div data-sigma-frame="${stranger}/empty" data-title="x"></div>`,
  'a target in the query': `<iframe src="${LINK}?url=${stranger}/empty&api=${stranger}/empty"></iframe>`,
  'a target in the fragment': `<iframe src="${LINK}#${stranger}/empty"></iframe>`,
  'a target beside the path': `<iframe src="/sigma/embed//${stranger.slice(5)}/empty"></iframe>`,
  'a target of the mapping': `<iframe src="/sigma/to?url=${stranger}/empty"></iframe>`,
  'a way back of a sign-in': `<iframe src="/oauth2/start?rd=${stranger}/empty"></iframe>`,
});

export function frameCases() {
  return Object.keys(fragments('http://x')).map((name) => ({
    name: `stored HTML, ${name}: no frame of another origin, and the embed beside it lives`,
    isQuick: ['a target in the query', 'a holder of ours'].includes(name),
    run: (reader, setting) => staysHere(reader, setting, name),
  }));
}

async function staysHere(reader, setting, name) {
  const { where, stranger, application } = setting;
  const before = stranger.requests.length;
  application.stored = fragments(where.stranger)[name];
  await showsAfter(reader, () => reader.open(`${where.site}/stored`));
  await setting.sigma.quiet(500);
  const elsewhere = reader.page.frames().filter((frame) => frame.url().startsWith(where.stranger));
  assert.deepEqual(elsewhere, [], 'a frame went to another origin');
  assert.equal(stranger.requests.length, before, 'another origin was asked');
}
