// The cases: each is a sentence. `run` gets a world of its own, with the provider running and nobody signed in.

import { sleep } from '../shared/wait.mjs';
import { PASSWORD } from './people.mjs';
import { describe, isCallback } from './visitor.mjs';
import { leavers } from './cases_leaving.mjs';
import { keyRotation, outage, startDuringOutage } from './cases_outage.mjs';

const ANA = { person: 'ana', teams: ['Finance'], accountType: 'View' };
const BEN = { person: 'ben', teams: ['Sales'], accountType: 'Build' };
const CARA = { person: 'cara', teams: ['Finance', 'Sales'], accountType: 'Build' };
const SHORT_SECONDS = 3;

/// Every case, in an order in which the first failures tell most. `settings` is what its world has otherwise, `needs`
/// what the provider must have, `lacks` what it must not have. What a case gives is told with its line.
export function cases() {
  return [...people(), ...signIns(), ...endings(), ...leavers(), ...clocks(), ...outages()];
}

function people() {
  const nothing = 'uses the application and gets no embed';
  return [
    { name: 'who signs in gets the page that was asked for, and the application is told who it is', run: signIn },
    { name: 'groups in an array give teams', needs: 'groups', run: (world) => gets(world, ANA) },
    {
      name: 'roles inside an object give teams (/realm_access/roles)',
      needs: 'groups',
      run: (world) => gets(world, BEN),
    },
    { name: 'who has both gets the teams of both, and the first account type', run: (world) => gets(world, CARA) },
    { name: `who has neither ${nothing}`, run: (world) => getsNothing(world, 'dan', 'not_mapped') },
    { name: 'who has an unverified address is refused at sign-in', run: refusedForTheirAddress },
    {
      name: `with outsiders = "no-embed", who has an unverified address ${nothing}`,
      settings: { outsiders: 'no-embed' },
      run: (world) => getsNothing(world, 'eve', 'email_unverified'),
    },
  ];
}

function signIns() {
  const clientSecret = 'wrong';
  return [
    { name: 'a wrong password signs nobody in, and the right one after it does', run: wrongPassword },
    { name: 'a second answer to the same sign-in is refused', run: replayedCallback },
    { name: 'the answer to a sign-in of another browser is refused', run: foreignCallback },
    { name: 'a wrong client secret is refused as token_exchange', settings: { clientSecret }, run: wrongSecret },
  ];
}

function endings() {
  const maxAge = `${SHORT_SECONDS}s`;
  return [
    {
      name: 'a second person in the same browser gets a new session of the application',
      needs: 'session',
      run: secondPerson,
    },
    {
      name: 'a session ends after max_age: fetches get 401, pages sign in again',
      settings: { maxAge },
      needs: 'session',
      run: expiry,
    },
  ];
}

function clocks() {
  const off = (clockSeconds) => ({ clockSeconds });
  const works = (world) => gets(world, ANA);
  return [
    {
      name: 'a provider whose clock is 90 s ahead is refused as token_time',
      settings: off(90),
      needs: 'clock',
      run: refusedForItsClock,
    },
    { name: 'a provider whose clock is 30 s ahead is not', settings: off(30), needs: 'clock', run: works },
    {
      name: 'a provider whose clock is 90 s behind is not, while its tokens last',
      settings: off(-90),
      needs: 'clock',
      run: works,
    },
  ];
}

function outages() {
  return [
    {
      name: 'keys are exchanged while people work: the next sign-in takes the new key',
      needs: 'keys',
      run: keyRotation,
    },
    { name: 'while the provider is down sessions go on, and who comes back from it gets 503', run: outage },
    {
      name: 'a gateway that starts while the provider is down serves sessions, others get 503',
      run: startDuringOutage,
    },
  ];
}

async function signIn(world) {
  const visitor = world.visitor();
  const said = world.sees(await visitor.signIn('ana', '/reports/q3?region=emea'), 'ana');
  const { path, headers } = world.application.seen.at(-1);
  if (path !== '/reports/q3?region=emea') throw new Error(`the application was asked for ${path}`);
  if (/__Host-sg/.test(headers.cookie ?? '')) throw new Error('the application got a cookie of the gateway');
  if (!said.user) throw new Error('the application was not told the subject');
  const { text } = await visitor.fetch('/oauth2/userinfo');
  if (JSON.parse(text).user !== said.user) throw new Error(`userinfo and the application differ: ${text}`);
}

async function wrongPassword(world) {
  const visitor = world.visitor();
  const form = await visitor.askToSignIn();
  const again = await visitor.send(form, { username: 'ana', password: 'not it' });
  if (!visitor.isAsked(again)) throw new Error(`expected to be asked again, got ${describe(again)}`);
  world.refuses(await visitor.fetch('/dashboard'), 401, 'not_signed_in');
  world.sees(await visitor.send(again, { username: 'ana', password: PASSWORD }), 'ana');
}

async function gets(world, expected) {
  const visitor = world.visitor();
  world.sees(await visitor.signIn(expected.person), expected.person);
  await world.mints(visitor, expected);
}

async function getsNothing(world, person, reason) {
  const visitor = world.visitor();
  world.sees(await visitor.signIn(person), person);
  await world.mintsNothing(visitor, person, reason);
}

async function refusedForTheirAddress(world) {
  const visitor = world.visitor();
  world.refuses(await visitor.signIn('eve'), 403, 'email_unverified');
  world.refuses(await visitor.fetch('/dashboard'), 401, 'not_signed_in');
}

async function replayedCallback(world) {
  const visitor = world.visitor();
  const { url } = await visitor.signIn('ana', '/dashboard', { until: isCallback });
  const before = visitor.jar.copy();
  world.sees(await visitor.open(url), 'ana');
  // Back, or a second click: the attempt is used, the person is signed in.
  world.sees(await visitor.open(url), 'ana');
  // Somebody kept the address and the cookies of the attempt: the provider takes no code twice.
  visitor.jar = before;
  world.refuses(await visitor.open(url), 502, 'token_exchange');
}

async function foreignCallback(world) {
  const { url } = await world.visitor().signIn('ben', '/dashboard', { until: isCallback });
  const victim = world.visitor();
  world.refuses(await victim.follow(url), 400, 'attempt_missing');
  world.refuses(await victim.fetch('/dashboard'), 401, 'not_signed_in');
}

async function wrongSecret(world) {
  const visitor = world.visitor();
  world.refuses(await visitor.signIn('ana'), 502, 'token_exchange');
  world.refuses(await visitor.fetch('/dashboard'), 401, 'not_signed_in');
}

async function secondPerson(world) {
  const visitor = world.visitor();
  world.sees(await visitor.signIn('ana'), 'ana');
  const session = visitor.cookie('JSESSIONID');
  // The same person again: the provider knows her, the application's session stays.
  world.sees(await visitor.follow('/oauth2/start?rd=/dashboard'), 'ana');
  if (!session || visitor.cookie('JSESSIONID') !== session) throw new Error('ana lost her session at the application');
  visitor.forgetProvider();
  const form = await visitor.follow('/oauth2/start?rd=/dashboard');
  const said = world.sees(await visitor.send(form, { username: 'ben', password: PASSWORD }), 'ben');
  if (said.sessionOf !== 'ben@example.com') throw new Error(`ben works in the session of ${said.sessionOf}`);
  await world.mints(visitor, BEN);
}

async function expiry(world) {
  const visitor = world.visitor();
  world.sees(await visitor.signIn('ana'), 'ana');
  // A browser whose clock is wrong, or that keeps what it should not: the gateway itself must know the end.
  const before = visitor.jar.copy({ forever: true });
  await sleep((SHORT_SECONDS + 1) * 1000);
  visitor.jar = before;
  world.refuses(await visitor.fetch('/dashboard'), 401, 'not_signed_in');
  world.refuses(await visitor.frame('/sigma/embed/revenue'), 401, 'not_signed_in');
  // The provider still knows her: no password.
  world.sees(await visitor.open('/dashboard'), 'ana');
  await world.mints(visitor, ANA);
}

async function refusedForItsClock(world) {
  const visitor = world.visitor();
  world.refuses(await visitor.signIn('ana'), 403, 'token_time');
  world.refuses(await visitor.fetch('/dashboard'), 401, 'not_signed_in');
}
