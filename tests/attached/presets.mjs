// Every stand-in over the wire: what is good is served as that person, and every lie is refused by its name, with
// nothing at the application.

import assert from 'node:assert/strict';
import { FRAME, NAVIGATION } from '../shared/agent.mjs';
import { settingsOf } from '../shared/embed_page.mjs';
import { draft, good, written } from './assertion.mjs';
import { commonLies } from './lies.mjs';
import { oddLies } from './lies_odd.mjs';
import { ownLies } from './lies_own.mjs';
import { expectationOf } from './names.mjs';
import { variantsOf } from './variants.mjs';

const listed = (headers) => Object.entries(headers);

export const liesOf = (standIn) => [...commonLies(standIn), ...oddLies(standIn), ...ownLies(standIn)];

/// The subject and the address that the application is told.
const personOf = (standIn, name) => {
  const { sub } = standIn.claims(standIn.people[name], 0);
  return { user: sub, email: `${name}@example.com` };
};

export async function presets(checks, world, standIns) {
  for (const standIn of standIns) {
    const run = (name, check) => checks.run(`[${standIn.name}] ${name}`, check);
    await run('what is good is served as that person, with an embed, and without a cookie', () =>
      served(world, standIn),
    );
    await run('it is asked of every request', () => everyRequest(world, standIn));
    await run('what is beside it is read by nobody, on public paths neither', () => companions(world, standIn));
    for (const variant of variantsOf(standIn))
      await run(`served, ${variant.id}: ${variant.about}`, () => odd(world, standIn, variant));
    for (const lie of liesOf(standIn)) await run(`${lie.id}: ${lie.about}`, () => refused(world, standIn, lie));
  }
}

async function served(world, standIn) {
  const wanted = personOf(standIn, 'ana');
  const lines = standIn.lines(good(standIn));
  const path = `/good/${standIn.name}`;
  const page = await world.ask(standIn.name, path, [...lines, ...listed(NAVIGATION)]);
  assert.equal(page.status, 200, `${page.status} ${page.reason}: ${await toldOf(world, path)}`);
  assert.deepEqual(page.cookies, [], 'an assertion seals no cookie');
  const [heard] = world.app.of(path);
  assert.deepEqual({ user: heard.user, email: heard.email }, wanted, 'what the application is told');
  assert.equal(heard.groups ?? '', standIn.groups.join(), 'the groups');
  noTrace(heard, standIn);
  assert.match(page.text, /\/sigma\/embed\/revenue/, 'the slot of the page has its link');
  const frame = await world.ask(standIn.name, '/sigma/embed/revenue', [...lines, ...listed(FRAME)]);
  assert.equal(frame.status, 200, `the embed: ${frame.status} ${frame.reason}`);
  assert.deepEqual(frame.cookies, [], 'nor does its embed');
  assert.equal(subjectIn(settingsOf(frame.text)), wanted.email, 'whose embed it is');
  const mint = await world.line(
    'the mint',
    ({ event, site }) => event === 'mint' && `${site}`.includes(`${standIn.name}.`),
  );
  assert.equal(mint.provider, standIn.name, 'the mint says by which source');
  return wanted.user;
}

/// The `sub` of the token that opens the embed.
function subjectIn(settings) {
  const token = /[?&]:jwt=([^&"]+)/.exec(decodeURIComponent(JSON.stringify(settings)))[1];
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub;
}

/// Neither the assertion nor what the vendor sends beside it.
function noTrace({ lines }, standIn) {
  const names = [standIn.header, ...Object.keys(standIn.unsigned ?? {})].map(folded);
  const found = lines.filter(([name, value]) => names.includes(folded(name)) || /eyJ/.test(value));
  assert.deepEqual(found, [], 'no assertion and nothing unsigned at the application');
}

const valuesOf = ({ lines }, wanted) => lines.filter(([name]) => name === wanted).map(([, value]) => value);

const folded = (name) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '_');

/// The next request without it is nobody's; with another's, another's.
async function everyRequest(world, standIn) {
  const { name } = standIn;
  const path = `/every/${name}`;
  const seen = [];
  for (const person of ['ana', 'bo', undefined, 'ana']) {
    const lines = person ? standIn.lines(good(standIn, standIn.people[person])) : [];
    const { status, reason, cookies } = await world.ask(name, path, lines);
    assert.deepEqual(cookies, []);
    seen.push(person ? status : `${status} ${reason}`);
  }
  const { status, name: missing } = expectationOf('missing', standIn);
  assert.deepEqual(seen, [200, 200, `${status} ${missing}`, 200]);
  const told = world.app.of(path).map(({ email }) => email);
  assert.deepEqual(told, ['ana@example.com', 'bo@example.com', 'ana@example.com']);
}

async function companions(world, standIn) {
  const path = `/beside/${standIn.name}`;
  const forged = [...listed(standIn.unsigned ?? {}), ['x-forwarded-email', 'mallory@example.com']];
  const token = good(standIn);
  const brought = [...forged, ['cookie', `a=1; CF_Authorization=${token}; b=2`], ...standIn.lines(token)];
  const page = await world.ask(standIn.name, path, brought);
  assert.equal(page.status, 200, page.reason);
  assert.equal(world.app.of(path)[0].email, 'ana@example.com');
  noTrace(world.app.of(path)[0], standIn);
  const open = `/public/${standIn.name}`;
  const answer = await world.ask(standIn.name, open, brought);
  assert.equal(answer.status, 200, answer.reason);
  const [heard] = world.app.of(open);
  noTrace(heard, standIn);
  assert.deepEqual(valuesOf(heard, 'cookie'), ['a=1; b=2'], "the other cookies are the application's");
  assert.deepEqual([heard.user, heard.email], [undefined, undefined], 'nobody is named on a public path');
}

async function odd(world, standIn, { id, tell, lines }) {
  const it = draft(standIn);
  tell?.(it, standIn);
  const path = `/odd/${standIn.name}/${id}`;
  const token = written(it);
  const answer = await world.ask(standIn.name, path, lines ? lines(token) : standIn.lines(token));
  assert.equal(answer.status, 200, `${answer.status} ${answer.reason}: ${await toldOf(world, path)}`);
  assert.equal(world.app.of(path)[0].email, 'ana@example.com');
}

/// Refused by its name: in the answer and in the log, without a cookie, and nothing of it at the application.
async function refused(world, standIn, lie) {
  const it = draft(standIn);
  lie.tell?.(it, standIn);
  const token = written(it);
  const target = lie.path?.(token) ?? `/lie/${standIn.name}/${lie.id}`;
  const lines = lie.lines ? lie.lines(token, standIn) : standIn.lines(token);
  const before = world.app.heard.length;
  const answer = await world.ask(standIn.name, target, lines);
  const { status, name } = expectationOf(lie.reason, standIn);
  const path = target.split('?')[0];
  const told = () => toldOf(world, path);
  assert.equal(`${answer.status} ${answer.reason}`, `${status} ${name}`, await told());
  assert.deepEqual(answer.cookies, [], 'a cookie is set');
  assert.equal(answer.headers.location, undefined, 'it leads nowhere');
  assert.equal(world.app.heard.length, before, 'something reached the application');
  if (status === 401 && standIn.type === 'bearer')
    assert.match(`${answer.headers['www-authenticate']}`, /^Bearer/, 'how a client is told');
  await world.line(name, (line) => line.reason === name || line.result === name);
  return name;
}

async function toldOf(world, path) {
  await new Promise((done) => setTimeout(done, 50));
  const lines = world.lines().filter((line) => line.path === path || line.kind === 'event' || line.kind === 'audit');
  return JSON.stringify(lines.slice(-2));
}
