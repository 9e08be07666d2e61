// What must hold for every application behind the gateway, whatever it is.

import { BULK_BYTES, MEBIBYTE, hashOf, hashOfBoth } from './bulk.mjs';
import { equal, ok } from './check.mjs';
import { settingsOf } from '../shared/embed_page.mjs';
import { decode } from '../shared/form.mjs';
import { Socket, refusal } from './socket.mjs';
import { Visit } from './visit.mjs';

/// Checks for an application with a page `embedPage` that holds a slot, once somebody can see it.
export function commonChecks({ embedPage }) {
  return [
    { name: 'a stranger gets nothing of the application', run: strangers },
    { name: 'a frame of a page leads to a signed Sigma URL', run: (setting) => leadsToSigma(setting, embedPage) },
    {
      name: 'without a mapping the page is there, and its frame says no',
      run: (setting) => unmapped(setting, embedPage),
    },
    { name: 'signing out at the gateway ends the way in', run: (setting) => signOut(setting, embedPage) },
  ];
}

async function strangers({ stranger }) {
  const { origin } = stranger;
  const page = await stranger.ask('/');
  ok([302, 303].includes(page.status), `a page redirects to sign in, found ${page.status}`);
  equal((await stranger.ask('/', { kind: 'script' })).status, 401, 'an asset');
  equal((await stranger.ask('/', { method: 'POST', body: 'a=b', headers: { origin } })).status, 401, 'a form');
  equal(await refusal(Socket.open(stranger, '/')), '401 not_signed_in', 'a WebSocket');
}

async function leadsToSigma({ visit, where }, embedPage) {
  const page = await visit.ask(embedPage);
  const source = /<iframe[^>]*\ssrc="(\/sigma\/embed\/revenue)"/.exec(page.text)?.[1];
  ok(source, 'the page has a frame with the stable link');
  ok(!/sigma\/embed\.js|data-sigma-link|name="sg-/.test(page.text), 'the page has nothing else of the gateway');
  const tokens = [await mint(visit, source, where), await mint(visit, source, where)];
  ok(tokens[0] !== tokens[1], 'each visit of the link gets a token of its own');
}

async function mint(visit, source, where) {
  const answer = await visit.ask(decode(source), { kind: 'frame' });
  equal([answer.status, answer.headers['cache-control']], [200, 'no-store'], 'the page behind the stable link');
  const target = new URL(settingsOf(answer.text).minted.url);
  equal(
    target.origin + target.pathname,
    `${where.sigma}/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe`,
    'where it leads',
  );
  const token = target.searchParams.get(':jwt');
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  equal(
    [claims.sub, claims.teams, claims.account_type],
    ['ana@example.com', ['Finance'], 'View'],
    'what Sigma is told',
  );
  return token;
}

async function unmapped({ unmapped: visit, signInToApplication }, embedPage) {
  await signInToApplication(visit);
  const page = await visit.ask(embedPage);
  equal(page.status, 200, 'the page');
  ok(page.text.includes('/sigma/embed/revenue'), 'the page has the link');
  const frame = await visit.ask('/sigma/embed/revenue', { kind: 'frame' });
  equal([frame.status, frame.headers['sigma-gateway']], [403, 'not_mapped'], 'the frame');
}

async function signOut({ leaver, signInToApplication }, embedPage) {
  await signInToApplication(leaver);
  equal((await leaver.ask(embedPage)).status, 200, 'before');
  const answer = await leaver.ask('/oauth2/sign_out');
  ok([302, 303].includes(answer.status), 'the sign-out leads to the provider');
  equal(new URL(answer.headers.location).searchParams.get('prompt'), 'none', 'which is asked silently who signs out');
  equal((await leaver.ask('/', { kind: 'fetch' })).status, 401, 'after');
}

/// Breaks a download off, and asks for the rest as a browser does: by the validator that came with the first part.
export async function resumesDownload(visit, path, seed, validator) {
  const cut = await visit.ask(path, { keepBytes: 30 * MEBIBYTE });
  ok(cut.headers[validator], `${validator} to resume with`);
  const headers = { range: `bytes=${cut.size}-`, 'if-range': cut.headers[validator] };
  const rest = await visit.ask(path, { kind: 'fetch', headers });
  equal(
    [rest.status, rest.headers['content-range']],
    [206, `bytes ${cut.size}-${BULK_BYTES - 1}/${BULK_BYTES}`],
    'the rest',
  );
  equal(hashOfBoth(cut.bytes, rest.bytes), hashOf(BULK_BYTES, seed), 'both parts together');
}

/// A person who is signed in at the gateway's site.
export async function arrive({ site, port, person }) {
  const visit = new Visit({ origin: site, port });
  if (person) await visit.enter(person);
  return visit;
}
