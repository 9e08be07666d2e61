// Two identities at once: what is attached beside a session, and beside another. Those that disagree never act.

import assert from 'node:assert/strict';
import { Agent, FETCH, NAVIGATION } from '../shared/agent.mjs';
import { alb, cloudflare } from './stand_ins.mjs';
import { custom, rfc9068 } from './bearers.mjs';
import { draft, good, stranger, written } from './assertion.mjs';
import { attached } from './configuration.mjs';
import { expectationOf } from './names.mjs';
import * as toml from '../shared/configuration.mjs';

/// A name that no table has: only the operator knows that it brings an assertion.
const FRONT_HEADER = 'x-front-office';

/// Identities and sites beside those of each stand-in.
export function furtherTables({ gateway, application, issuer }) {
  const site = (name, more) =>
    toml.site({ url: `http://${name}.localhost:${gateway}`, upstream: application, embeds: ['revenue'], more });
  return [
    `[identity.same]
type = "oauth2-proxy"
issuer = "${issuer}"
client_id = "sigma-gateway"
email_domains = ["example.com"]
`,
    attached(rfc9068, { name: 'open', more: { outsiders: 'no-embed' } }),
    attached(custom, { name: 'passed', more: { forward: true } }),
    site('same-both', 'accept = ["same"]\nsign_in = "corp"'),
    site('open-both', 'accept = ["open"]\nsign_in = "corp"'),
    site('passed', `accept = ["passed"]${toml.publicRoute('/public/')}`),
    site('plain', `sign_in = "corp"${toml.publicRoute('/public/')}`),
    attached(custom, { name: 'fronted', more: { header: FRONT_HEADER } }),
    site('fronted', 'accept = ["fronted"]'),
    site('two', 'accept = ["cloudflare", "alb"]'),
  ].join('');
}

export async function people(checks, world, standIns) {
  for (const standIn of standIns) {
    const run = (name, check) => checks.run(`[${standIn.name} beside a session] ${name}`, check);
    await run('absent, the session counts', () => absent(world, standIn));
    await run('of the same person, it acts', () => samePerson(world, standIn));
    await run('of another person, nobody acts and the session ends', () => otherPerson(world, standIn));
    await run('that does not verify is refused, and never passed over', () => bad(world, standIn));
  }
  const run = (name, check) => checks.run(`[two identities] ${name}`, check);
  await run('addresses are one without letter case', () => byAddress(world));
  await run('of one issuer, `sub` alone counts', () => bySubject(world));
  await run('what cannot be compared disagrees', () => incomparable(world));
  await run('two that are attached must agree', () => twoAttached(world));
  await run('with forward = true the line arrives as it came, once it is verified', () => passedOn(world));
  await run('an assertion reaches no application of another site', () => elsewhere(world));
  await run('a bearer that does not verify is 401 on a public path too', () => publicBearer(world));
}

/// A browser with a session of this person, as lines of a request.
async function session(world, site, person) {
  const agent = new Agent();
  try {
    const landed = await agent.signIn(world.site(site), person);
    assert.ok(landed.status < 400, `${landed.status} ${landed.headers['sigma-gateway']}`);
    const cookies = [...agent.cookies(`${site}.localhost`)].map(([name, value]) => `${name}=${value}`);
    return [['cookie', cookies.join('; ')]];
  } finally {
    agent.close();
  }
}

let paths = 0;

/// One request for a path that nobody else asks for: the answer, and what the application heard of it.
async function visit(world, site, lines, headers = FETCH) {
  paths += 1;
  const path = `/visit/${paths}`;
  const answer = await world.ask(site, path, [...lines, ...Object.entries(headers)]);
  return { ...answer, path, heard: world.app.of(path).map(({ email }) => email) };
}

const told = ({ status, reason, heard }) => [status, reason, heard];
const SERVED = (name) => [200, '', [`${name}@example.com`]];

const endsSession = ({ cookies }) => cookies.some((line) => /max-age=0|1970/i.test(line));

async function absent(world, { name }) {
  const site = `${name}-both`;
  const nobody = await visit(world, site, [], NAVIGATION);
  assert.deepEqual([nobody.status, nobody.heard], [303, []], 'who has none signs in');
  const lines = await session(world, site, 'ana');
  assert.deepEqual(told(await visit(world, site, lines)), SERVED('ana'));
}

async function samePerson(world, standIn) {
  const site = `${standIn.name}-both`;
  const lines = [...(await session(world, site, 'ana')), ...standIn.lines(good(standIn))];
  const answer = await visit(world, site, lines);
  assert.deepEqual(told(answer), SERVED('ana'));
  assert.ok(!endsSession(answer), 'the session goes on');
  const line = await world.line('the access', (one) => one.path === answer.path && one.kind === 'access');
  assert.deepEqual([line.provider, line.by], [standIn.name, 'assertion'], 'by which source');
}

async function otherPerson(world, standIn) {
  const site = `${standIn.name}-both`;
  const lines = await session(world, site, 'ana');
  const bo = standIn.lines(good(standIn, standIn.people.bo));
  for (const headers of [FETCH, NAVIGATION]) {
    const answer = await visit(world, site, [...lines, ...bo], headers);
    assert.deepEqual(told(answer), [401, 'identity_conflict', []]);
    assert.ok(endsSession(answer), 'the session ends');
  }
  const api = await world.ask(site, '/sigma/api/embeds/revenue', [...lines, ...bo, ...Object.entries(FETCH)]);
  assert.deepEqual([api.status, api.reason], [401, 'identity_conflict'], 'nor is an embed made');
  const line = await world.line(
    'the conflict',
    (one) => one.kind === 'audit' && one.reason === 'identity_conflict' && `${one.site}`.startsWith(`${site}.`),
  );
  assert.deepEqual([line.by, line.provider], ['assertion', standIn.name]);
  assert.deepEqual(told(await visit(world, site, bo)), SERVED('bo'), 'without the session it is Bo');
}

async function bad(world, standIn) {
  const site = `${standIn.name}-both`;
  const lines = await session(world, site, 'ana');
  const it = draft(standIn);
  it.pair = stranger(standIn.alg);
  const refused = (reason) => {
    const { status, name } = expectationOf(reason, standIn);
    return [status, name, []];
  };
  const answer = await visit(world, site, [...lines, ...standIn.lines(written(it))]);
  assert.deepEqual(told(answer), refused('signature'));
  const twice = await visit(world, site, [...lines, ...standIn.lines(good(standIn)), ...standIn.lines(good(standIn))]);
  assert.deepEqual(told(twice), refused(standIn.isBearer ? 'twice' : 'malformed'));
  const bo = standIn.lines(good(standIn, standIn.people.bo));
  const ofTheHop = await visit(world, site, [...lines, ['connection', standIn.header], ...bo]);
  assert.deepEqual(told(ofTheHop), refused('malformed'), 'a line that `Connection` names is not absent');
  assert.deepEqual(told(await visit(world, site, lines)), SERVED('ana'), 'the session is as it was');
}

async function byAddress(world) {
  const lines = await session(world, 'alb-both', 'anaInCapitals');
  const answer = await visit(world, 'alb-both', [...lines, ...alb.lines(good(alb))]);
  assert.equal(answer.status, 200, answer.reason);
}

async function bySubject(world) {
  const site = 'same-both';
  const bearer = async (person) => [['authorization', `Bearer ${await world.idToken(person)}`]];
  const lines = await session(world, site, 'ana');
  assert.deepEqual(told(await visit(world, site, [...lines, ...(await bearer('ana'))])), SERVED('ana'));
  const renamed = await visit(world, site, [...lines, ...(await bearer('anaRenamed'))]);
  assert.deepEqual(told(renamed), SERVED('ana.silva'), 'another address of the same `sub`');
  const twin = await visit(world, site, [...lines, ...(await bearer('anaTwin'))]);
  assert.deepEqual(told(twin), [401, 'identity_conflict', []], 'the same address of another `sub`');
}

async function incomparable(world) {
  const lines = await session(world, 'open-both', 'ana');
  const it = draft(rfc9068);
  delete it.claims.email;
  const bearer = rfc9068.lines(written(it));
  const alone = await visit(world, 'open-both', bearer);
  assert.equal(alone.status, 200, `alone it counts: ${alone.reason}`);
  assert.deepEqual(told(await visit(world, 'open-both', [...lines, ...bearer])), [401, 'identity_conflict', []]);
}

async function twoAttached(world) {
  const both = (one, other) => [
    ...cloudflare.lines(good(cloudflare, cloudflare.people[one])),
    ...alb.lines(good(alb, alb.people[other])),
  ];
  assert.deepEqual(told(await visit(world, 'two', both('ana', 'ana'))), SERVED('ana'));
  assert.deepEqual(told(await visit(world, 'two', both('ana', 'bo'))), [401, 'identity_conflict', []]);
  assert.deepEqual(told(await visit(world, 'two', both('bo', 'ana'))), [401, 'identity_conflict', []]);
  const it = draft(alb);
  it.head.signer = it.head.signer.replace('123456789012', '666666666666');
  const mixed = [...cloudflare.lines(good(cloudflare)), ...alb.lines(written(it))];
  assert.deepEqual(
    told(await visit(world, 'two', mixed)),
    [403, 'assertion_signer', []],
    'one that is bad is one too many',
  );
  assert.deepEqual(told(await visit(world, 'two', alb.lines(good(alb)))), SERVED('ana'), 'either is enough');
}

async function passedOn(world) {
  const token = good(custom);
  const answer = await visit(world, 'passed', custom.lines(token));
  assert.deepEqual(told(answer), SERVED('ana'));
  const of = (path) => world.app.of(path)[0].lines.filter(([name]) => /oidc.id.token/i.test(name));
  assert.deepEqual(of(answer.path), [['oidc_id_token', token]]);
  await world.ask('passed', '/public/passed', custom.lines(token));
  assert.deepEqual(of('/public/passed'), [], 'on a public path nobody has verified it');
}

/// Whoever has it could act by it elsewhere.
async function elsewhere(world) {
  const token = good(custom);
  const own = [[FRONT_HEADER, token]];
  assert.equal((await world.ask('fronted', '/plain', own)).status, 200);
  await world.ask('plain', '/public/plain', own);
  const [{ lines }] = world.app.of('/public/plain');
  assert.ok(!JSON.stringify(lines).includes(token), 'at the application of a site that takes no such thing');
}

async function publicBearer(world) {
  const it = draft(rfc9068);
  it.pair = stranger(rfc9068.alg);
  const before = world.app.heard.length;
  const answer = await world.ask('rfc9068', '/public/bearer', rfc9068.lines(written(it)));
  assert.deepEqual([answer.status, answer.reason], [401, 'assertion_signature']);
  assert.match(`${answer.headers['www-authenticate']}`, /^Bearer.*error="invalid_token"/);
  assert.equal(world.app.heard.length, before);
  const open = await world.ask('rfc9068', '/public/nobody', []);
  assert.equal(open.status, 200, 'without one it is open');
}
