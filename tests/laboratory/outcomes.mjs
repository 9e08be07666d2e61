// What a sign-in came to, and what it should have come to.

import assert from 'node:assert/strict';
import { FRAME } from '../shared/agent.mjs';
import { reasonOf, wordsOf } from './browser.mjs';
import { REASONS } from './names.mjs';

/// A page that a person wanted when the sign-in began.
export const WANTED = '/reports/q3?region=emea';
const ANA = { user: 'u-ana', email: 'ana@example.com', groups: 'finance' };

/// Signed in, on the page that was wanted, with an embed. `app` is what the application is told of the person (`-`:
/// nothing), `embed` a reason where there is none, `teams` those of the mint, `userinfo` how often UserInfo is asked,
/// `note` what an event line says.
export const signedIn = ({ app = {}, embed = 'minted', teams = ['Finance'], userinfo = 0, ...more } = {}) => ({
  isSignedIn: true,
  app: { ...ANA, ...app },
  embed,
  teams,
  userinfo,
  ...more,
});

/// Refused by this name; `detail` is what the audit line says, `email` the address that it names,
/// `page` what the page says, `notOnPage` what it does not.
export const refused = (reason, detail, more = {}) => {
  assert.ok(REASONS[reason], `${reason} is not in names.mjs`);
  return { isSignedIn: false, reason, detail, ...more };
};

/// The walk that most cases are about: a page is wanted, the person signs in, then the page's frame asks for its embed.
export async function walk(world, browser, path = WANTED) {
  const page = await browser.open(world.site + path);
  const isPage = reasonOf(page) !== '';
  const embed = isPage ? undefined : await browser.ask(`${world.site}/sigma/embed/revenue`, { headers: FRAME });
  return { browser, page, embed, path };
}

/// Holds what was found to what is expected.
export async function hold(expected, found, world) {
  if (expected.isSignedIn) await holdSignedIn(expected, found, world);
  else await holdRefused(expected, found, world);
  if (expected.note) await world.event(expected.note);
}

async function holdSignedIn({ app, embed, teams, userinfo, landed }, found, world) {
  const { page, browser } = found;
  const told = `${reasonOf(page) || 'the application'}: ${wordsOf(page).slice(0, 300)}\n${await world.told()}`;
  assert.equal(`${page.status} ${reasonOf(page)}`.trim(), '200', `nobody is signed in: ${told}\n${browser.told()}`);
  assert.equal(page.url, world.site + (landed ?? found.path), 'the page that was wanted');
  const { user, email, groups } = world.requests().at(-1) ?? {};
  assert.deepEqual({ user, email, groups }, app, 'what the application is told');
  const line = await world.audit('sign_in', (one) => one.result === 'signed_in');
  assert.ok(line.user, 'the audit line names the person');
  assert.equal(world.asked('/userinfo').length, userinfo, 'how often UserInfo is asked');
  await holdEmbed(embed, teams, found, world);
}

async function holdEmbed(expected, teams, { embed }, world) {
  const isMinted = expected === 'minted';
  const { reason = expected, detail } = typeof expected === 'string' ? {} : expected;
  const status = isMinted ? 200 : REASONS[reason].status;
  assert.equal(`${embed.status} ${reasonOf(embed)}`, `${status} ${isMinted ? 'minted' : reason}`, await world.told());
  if (isMinted) {
    const mint = await world.audit('mint');
    assert.deepEqual(mint.teams, teams, 'the teams of the embed');
  } else {
    const line = await world.audit('refusal', (one) => one.reason === reason);
    if (detail)
      assert.match(`${line.detail}`, detail, `the audit line of the embed: ${line.detail}, and not ${detail}`);
  }
}

async function holdRefused({ reason, detail, email, page: words, notOnPage }, { page, browser }, world) {
  const { status } = REASONS[reason];
  const found = `${page.status} ${reasonOf(page)}`;
  assert.equal(found, `${status} ${reason}`, `${wordsOf(page).slice(0, 200)}\n${await world.told()}`);
  assert.ok(!browser.hasSession(world.site), 'a refused sign-in leaves no session');
  const named = world.requests().filter(({ user, email }) => user !== '-' || email !== '-');
  assert.deepEqual(named, [], 'no request with a name reaches the application');
  const line = await world.audit('sign_in', (one) => one.result === reason);
  assert.equal(line.user, null, 'nobody is named as signed in');
  if (detail) assert.match(`${line.detail}`, detail, `the audit line: ${line.detail}, and not ${detail}`);
  if (email) assert.equal(line.email, email, 'the address that the claims name');
  if (isUnverified(reason) && world.asked('/userinfo').length === 0)
    assert.equal(line.email, null, 'no address of a token that did not verify');
  assert.match(wordsOf(page), /Request: [0-9a-f-]{36}/, 'the page carries the id of its request');
  if (words) assert.match(wordsOf(page), words, 'what the page says');
  if (notOnPage) assert.doesNotMatch(page.text, notOnPage, 'what the page does not say');
}

/// Whether it says that a token is none of the provider's, for us, now.
const isUnverified = (reason) => /^token_(?!sub|exchange)/.test(reason);

/// A page of ours or of the application, with nobody signed in, and the provider's session ended where it can be.
export function holdSignedOut(world, browser, end, { providerEnds = true } = {}) {
  assert.equal(new URL(end.url).origin, world.site, `it ends elsewhere: ${end.status} ${end.url}\n${browser.told()}`);
  assert.ok(end.status < 400, `it ends on an error page: ${wordsOf(end)}`);
  assert.ok(!browser.hasSession(world.site), `somebody is signed in again\n${browser.told()}`);
  assert.equal(browser.isKnownAt(world.tenant), !providerEnds, `the session at the provider\n${browser.told()}`);
}
