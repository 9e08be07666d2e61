// The cases in which somebody leaves: they sign out, or the provider does not vouch for them any more
// (`session.recheck`). The lines of those say how long it took.

import { sleep, until } from '../shared/wait.mjs';
import { STREAM } from './application.mjs';
import { PASSWORD } from './people.mjs';
import { claimsOf } from './sigma_token.mjs';
import { settingsOf } from '../shared/embed_page.mjs';
import { describe } from './visitor.mjs';

const RECHECK_SECONDS = 5;
/// What is not a page counts for as long after that (`RECHECK_GRACE` in src/limits).
const GRACE_SECONDS = 60;
/// What is open is looked at every few seconds.
const LOOK_SECONDS = 6;
const ANA = { person: 'ana', teams: ['Finance'], accountType: 'View' };
const CARA = { person: 'cara', teams: ['Finance', 'Sales'], accountType: 'Build' };

export function leavers() {
  const settings = { recheck: `${RECHECK_SECONDS}s` };
  return [
    { name: 'sign-out ends everywhere, on our page, and signs nobody in again unasked', run: signOut },
    {
      name: 'sign-out with method = "get" ends the session at the provider too',
      needs: 'session',
      settings: { signOutMethod: 'get' },
      run: signOut,
    },
    {
      name: 'a page with a session older than recheck goes silently through the provider, and lands where it pointed',
      settings,
      needs: 'session',
      run: silentRound,
    },
    {
      name: 'a copy of a session cookie counts after a sign-out, and no longer than recheck and its grace',
      settings,
      needs: 'session',
      run: copiedCookie,
    },
    { name: 'after recheck, a provider without sessions asks again', settings, lacks: 'session', run: asksAgain },
    { name: 'a round that finds the provider down waits for it, and takes nobody away', settings, run: roundWhileDown },
    { name: 'who is disabled is out with the next page after recheck', settings, needs: 'admin', run: disabled },
    { name: 'who leaves a group loses its embeds with that page', settings, needs: 'admin', run: leavesGroup },
    { name: 'whose session an administrator ends is asked again', settings, needs: 'admin', run: sessionEnded },
    { name: 'pages left open stop a minute after recheck', settings, needs: 'admin', run: pagesLeftOpen },
  ];
}

/// Signs out; gives the page in the end.
async function leave(world, visitor) {
  const handed = await visitor.follow('/oauth2/sign_out');
  for (const name of ['__Host-sg', 'JSESSIONID']) {
    if (visitor.cookie(name)) throw new Error(`${name} is still there after the sign-out`);
  }
  // Without a session at the provider nobody is there to be signed out.
  if (world.provider.lacks.includes('session')) return handed;
  const { provider } = world;
  const isByForm = provider.takesSignOutByForm && world.settings?.signOutMethod !== 'get';
  if (isByForm) {
    world.refuses(handed, 200, 'signed_out');
    if (!handed.text.includes('name="id_token_hint"')) throw new Error(`no token is handed over: ${describe(handed)}`);
  }
  const isInAddress = visitor.trail.some((url) => url.includes('id_token_hint'));
  if (isInAddress === isByForm) throw new Error(`the token is in an address: ${isInAddress}`);
  const there = isByForm ? await visitor.send(handed, {}) : handed;
  return provider.confirmSignOut ? visitor.send(there, provider.confirmSignOut) : there;
}

/// Nobody is signed in here or at the provider, and the page says so.
async function isOut(world, visitor, page) {
  world.refuses(page, 200, 'signed_out');
  if (!page.url.startsWith(world.where.site)) throw new Error(`the sign-out ends at ${describe(page)}`);
  world.refuses(await visitor.fetch('/dashboard'), 401, 'not_signed_in');
  const said = world.sees(await visitor.signIn('ben'), 'ben');
  if (said.sessionOf !== 'ben@example.com') throw new Error(`ben works in the session of ${said.sessionOf}`);
}

async function signOut(world) {
  const visitor = world.visitor();
  world.sees(await visitor.signIn('ana'), 'ana');
  const before = visitor.jar.copy();
  const page = await leave(world, visitor);
  await isOut(world, visitor, page);
  if (world.provider.lacks.includes('session')) return 'the provider has no session to end';
  if (!(await endedAtProvider(world, before))) throw new Error('the session at the provider has not ended');
  return '';
}

/// Whether the provider knows nobody by the cookies of before.
async function endedAtProvider(world, jar) {
  const visitor = world.visitor();
  visitor.jar = jar;
  jar.forgetHost(new URL(world.where.site).hostname);
  return visitor.isAsked(await visitor.open('/dashboard'));
}

/// Somebody has copied the cookie, and knows nothing at the provider.
async function copiedCookie(world) {
  const [visitor, thief] = [world.visitor(), world.visitor()];
  world.sees(await visitor.signIn('ana'), 'ana');
  thief.jar = visitor.jar.copy({ forever: true });
  thief.forgetProvider();
  await leave(world, visitor);
  world.sees(await thief.fetch('/dashboard'), 'ana');
  await sleep((RECHECK_SECONDS + 1) * 1000);
  await thief.askToSignIn('/dashboard');
  if (thief.cookie('__Host-sg')) throw new Error('the session is still there');
}

async function silentRound(world) {
  const visitor = world.visitor();
  world.sees(await visitor.signIn('cara'), 'cara');
  const [session, ends] = [visitor.cookie('JSESSIONID'), await sessionEnd(visitor)];
  await sleep((RECHECK_SECONDS + 1) * 1000);
  const begun = Date.now();
  world.sees(await visitor.open('/reports/q3?region=emea&of=%2520'), 'cara');
  const took = Date.now() - begun;
  const { path } = world.application.seen.at(-1);
  if (path !== '/reports/q3?region=emea&of=%2520') throw new Error(`the application was asked for ${path}`);
  const asked = visitor.trail.find((url) => url.startsWith(new URL(world.provider.issuer).origin)) ?? '';
  if (visitor.roundsOfTrail() !== 1 || new URL(asked).searchParams.get('prompt') !== 'none') {
    throw new Error(`expected one silent round, went ${visitor.trail.map((url) => new URL(url).pathname).join(' ')}`);
  }
  world.sees(await visitor.open('/dashboard'), 'cara');
  if (visitor.roundsOfTrail() !== 0) throw new Error('the page after the round goes through another one');
  if (visitor.cookie('JSESSIONID') !== session) throw new Error('the application lost its session');
  if ((await sessionEnd(visitor)) !== ends) throw new Error('the round has moved the end of the session');
  await world.mints(visitor, CARA);
  return `the round took ${took} ms`;
}

async function asksAgain(world) {
  const visitor = world.visitor();
  world.sees(await visitor.signIn('ana'), 'ana');
  await sleep((RECHECK_SECONDS + 1) * 1000);
  const form = await visitor.askToSignIn('/reports/q3');
  world.refuses(await visitor.fetch('/dashboard'), 401, 'not_signed_in');
  world.sees(await visitor.send(form, { username: 'ana', password: PASSWORD }), 'ana');
}

async function roundWhileDown(world) {
  const visitor = world.visitor();
  world.sees(await visitor.signIn('ana'), 'ana');
  await world.provider.stop();
  try {
    await sleep((RECHECK_SECONDS + 1) * 1000);
    const isThere = (url) => url.startsWith(new URL(world.provider.issuer).origin);
    const sent = await visitor.open('/dashboard', { until: isThere });
    if (sent.status !== 0) throw new Error(`expected to be sent to the provider, got ${describe(sent)}`);
    // What is open works on for the grace.
    world.sees(await visitor.fetch('/dashboard'), 'ana');
    await world.mints(visitor, ANA);
  } finally {
    await world.provider.start();
  }
  const page = await visitor.open('/dashboard');
  // One that keeps its sessions in its memory has forgotten her.
  if (visitor.isAsked(page)) return 'the provider has lost its sessions, and asks';
  world.sees(page, 'ana');
  return 'once it is back, nobody is asked';
}

async function disabled(world) {
  const { admin } = world.provider;
  const visitor = world.visitor();
  world.sees(await visitor.signIn('ana'), 'ana');
  const acted = Date.now();
  await admin.enable('ana', false);
  try {
    const { page, seconds } = await worksUntilAsked(world, visitor, acted);
    const refused = await visitor.send(page, { username: 'ana', password: PASSWORD });
    if (!refused.url.startsWith(world.provider.issuer)) throw new Error(`a leaver is in: ${describe(refused)}`);
    return `out after ${seconds} s`;
  } finally {
    await admin.enable('ana', true);
  }
}

async function sessionEnded(world) {
  const visitor = world.visitor();
  world.sees(await visitor.signIn('ana'), 'ana');
  const acted = Date.now();
  if ((await world.provider.admin.endSessions('ana')) < 1) throw new Error('Keycloak has no session of ana');
  const { page, seconds } = await worksUntilAsked(world, visitor, acted);
  world.sees(await visitor.send(page, { username: 'ana', password: PASSWORD }), 'ana');
  await world.mints(visitor, ANA);
  return `asked again after ${seconds} s`;
}

async function leavesGroup(world) {
  const { admin } = world.provider;
  const visitor = world.visitor();
  world.sees(await visitor.signIn('cara'), 'cara');
  await world.mints(visitor, CARA);
  const session = visitor.cookie('JSESSIONID');
  const acted = Date.now();
  await admin.leaveGroup('cara', 'finance');
  try {
    const without = { person: 'cara', teams: ['Sales'], accountType: 'Build' };
    const bounds = { seconds: RECHECK_SECONDS + LOOK_SECONDS, every: 300 };
    const isChanged = async () => {
      world.sees(await visitor.open('/dashboard'), 'cara');
      await world.mints(visitor, without);
      return true;
    };
    await until('the group to be gone', isChanged, bounds);
    if (visitor.cookie('JSESSIONID') !== session) throw new Error('the application lost its session');
    return `teams change after ${since(acted)} s`;
  } finally {
    await admin.joinGroup('cara', 'finance');
  }
}

/// Opens page after page until the provider asks who it is; every one before is the application's.
async function worksUntilAsked(world, visitor, acted) {
  const bounds = { seconds: RECHECK_SECONDS + LOOK_SECONDS, every: 300 };
  const { page, error } = await until('the provider to ask', () => pageOrAsked(world, visitor), bounds);
  if (error) throw error;
  const seconds = since(acted);
  if (visitor.cookie('__Host-sg')) throw new Error('the session is still there');
  world.refuses(await visitor.fetch('/dashboard'), 401, 'not_signed_in');
  world.refuses(await visitor.frame('/sigma/embed/revenue'), 401, 'not_signed_in');
  return { page, seconds };
}

async function pageOrAsked(world, visitor) {
  const page = await visitor.open('/dashboard');
  if (visitor.isAsked(page)) return { page };
  try {
    world.sees(page, 'ana');
    return null;
  } catch (error) {
    return { error };
  }
}

/// Nobody opens a page: what is open ends by itself. Cara has not left.
async function pagesLeftOpen(world) {
  const { admin } = world.provider;
  const [ana, cara] = [world.visitor(), world.visitor()];
  // Cara first: what is over for ana is over for her.
  world.sees(await cara.signIn('cara'), 'cara');
  world.sees(await ana.signIn('ana'), 'ana');
  const checked = Date.now();
  const stream = await ana.stream(STREAM);
  if (stream.status !== 200) throw new Error(`the stream is ${stream.status}`);
  const acted = Date.now();
  await admin.enable('ana', false);
  try {
    const ended = {};
    const bounds = { seconds: RECHECK_SECONDS + GRACE_SECONDS + LOOK_SECONDS, every: 500 };
    let last = 0;
    const isOver = async () => {
      if (stream.hasEnded()) ended.stream ??= since(acted);
      const answer = await ana.frame('/sigma/embed/revenue');
      if (answer.status === 200) last = claimsOf(settingsOf(answer.text).minted.url).exp;
      else ended.frame ??= since(acted);
      if ((await ana.fetch('/dashboard')).status === 401) ended.fetch ??= since(acted);
      return ended.stream && ended.frame && ended.fetch;
    };
    await until('what is open to end', isOver, bounds);
    const allowed = checked / 1000 + RECHECK_SECONDS + GRACE_SECONDS + 1;
    if (last === 0 || last > allowed) throw new Error(`the last URL is good until ${last}, not ${allowed}`);
    await pagesSayWhy(world, ana);
    await goesOn(world, cara);
    return `fetches ${ended.fetch} s, frames ${ended.frame} s, the stream ${ended.stream} s`;
  } finally {
    stream.close();
    await admin.enable('ana', true);
  }
}

async function pagesSayWhy(world, visitor) {
  world.refuses(await visitor.fetch('/dashboard'), 401, 'recheck_due');
  world.refuses(await visitor.post('/dashboard', { note: 'kept' }), 401, 'recheck_due');
  const frame = await visitor.frame('/sigma/embed/revenue');
  world.refuses(frame, 401, 'recheck_due');
  if (!frame.text.includes('Continue')) throw new Error(`the embed page offers no way on: ${describe(frame)}`);
  await visitor.askToSignIn('/dashboard');
}

/// Who has not left goes on by the link, and nobody asks.
async function goesOn(world, visitor) {
  world.refuses(await visitor.frame('/sigma/embed/revenue'), 401, 'recheck_due');
  world.sees(await visitor.follow('/oauth2/start?rd=/dashboard'), 'cara');
  await world.mints(visitor, CARA);
}

async function sessionEnd(visitor) {
  return JSON.parse((await visitor.fetch('/oauth2/userinfo')).text).session_ends_at;
}

const since = (moment) => ((Date.now() - moment) / 1000).toFixed(1);
