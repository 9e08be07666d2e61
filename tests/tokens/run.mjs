// Independent eyes on the token: every form of signed URL, through every surface, read by `jose` and by PyJWT.
//
//   node run.mjs --binary PATH --python PATH

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Agent } from '../shared/agent.mjs';
import { runAll } from '../shared/checks.mjs';
import { configuration, forms, organizations, people } from './forms.mjs';
import { newSessionKey, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { startHost } from './host.mjs';
import { freePorts } from '../shared/ports.mjs';
import { startProvider } from '../shared/provider.mjs';
import { checkMint, keyOf, takeApart, verify } from './rules.mjs';
import { eventsReachTheSdk } from './sdk.mjs';
import { surfaces, vectors } from './surfaces.mjs';

const RUN_SECONDS = 300;
const MINTS = 200;
const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const { values: options } = parseArgs({
  options: { binary: { type: 'string' }, python: { type: 'string', default: 'python3' } },
});
const now = () => Math.floor(Date.now() / 1000);

async function main(checks) {
  await publishedVectors(checks);
  const world = await begin();
  try {
    const minted = [];
    await signEverybodyIn(checks, world);
    await everyForm(checks, world, minted);
    await everyPerson(checks, world, minted);
    await manyMints(checks, world, minted);
    await pythonAgrees(checks, world, minted);
    await tamperedTokens(checks, world, minted);
    await eventsReachTheSdk(checks, world);
  } finally {
    await world.stop();
  }
}

/// A gateway between a provider and a host application, with new secrets.
async function begin() {
  const [gateway, admin, provider, host] = await freePorts(4);
  const ports = { gateway, admin, provider, host };
  const secrets = { acme: randomBytes(64).toString('hex'), wide: `ünlike ${randomBytes(16).toString('base64')}` };
  const clientSecret = randomBytes(24).toString('base64');
  const claims = Object.fromEntries(Object.entries(people).map(([name, person]) => [name, person.claims]));
  const login = await startProvider({ port: provider, clientId: 'sigma-gateway', clientSecret, people: claims });
  const application = await startHost(host);
  const folder = temporaryFolder('sigma-gateway-tokens', {
    'gateway.toml': configuration({ ports, issuer: login.issuer }),
    'session.key': newSessionKey(),
    'sigma.secret': `${secrets.acme}\n`,
    'wide.secret': `${secrets.wide}\r\n`,
    'oidc.secret': clientSecret,
  });
  const { binary } = options;
  const agents = Object.fromEntries(Object.keys(people).map((name) => [name, new Agent()]));
  const process = await startGateway({ binary, folder, admin });
  const stop = async () => {
    for (const one of [process, login, application]) await one.stop();
  };
  const site = `http://crm.localhost:${gateway}`;
  return { binary, folder, ports, secrets, agents, provider: login, gateway: process, site, signedInAt: {}, stop };
}

async function publishedVectors(checks) {
  const found = vectors(root);
  const past = await inPython(
    found.map(({ token, client_id, secret }) => ({ token, client_id, secret, is_past: true })),
  );
  for (const [index, vector] of found.entries()) {
    await checks.run(
      `published vector "${vector.name}": jose and PyJWT verify it and read the payload that was published`,
      async () => {
        const at = new Date((vector.payload.iat + 1) * 1000);
        const { payload } = await verify(vector.token, { clientId: vector.client_id, secret: vector.secret, at });
        assert.deepEqual(payload, vector.payload);
        assert.deepEqual(past[index].claims, vector.payload);
        assert.equal(takeApart(vector.url).token, vector.token);
      },
    );
  }
}

async function signEverybodyIn(checks, world) {
  for (const person of Object.keys(people)) {
    await checks.run(`${person} is signed in`, async () => {
      world.signedInAt[person] = now();
      const answer = await world.agents[person].signIn(world.site, person, '/notes');
      assert.equal(answer.headers.location, '/notes', answer.text);
    });
  }
}

async function everyForm(checks, world, minted) {
  for (const [surface, urlOf] of Object.entries(surfaces)) {
    for (const form of forms) await mintIsRight(checks, world, minted, { surface, urlOf, person: 'ana', form });
  }
}

async function everyPerson(checks, world, minted) {
  const ofInterest = forms.filter(({ embed }) => embed === 'whole' || embed === 'long');
  for (const [surface, urlOf] of Object.entries(surfaces)) {
    for (const person of Object.keys(people).filter((name) => name !== 'ana')) {
      for (const form of ofInterest) await mintIsRight(checks, world, minted, { surface, urlOf, person, form });
    }
  }
}

function mintIsRight(checks, world, minted, { surface, urlOf, person, form }) {
  return checks.run(`[${surface}] ${form.name} for ${person}: URL and token are as documented`, async () => {
    const mintedAt = now();
    const url = await urlOf(world, person, form);
    const signedInAt = surface === 'sign' ? mintedAt : world.signedInAt[person];
    minted.push(await checkMint({ url, form, person, secrets: world.secrets, signedInAt, mintedAt }));
  });
}

async function manyMints(checks, world, minted) {
  await checks.run(`${MINTS} mints in a row, and all before: every jti is another`, async () => {
    const form = forms[0];
    for (let count = 0; count < MINTS; count += 1) {
      const mintedAt = now();
      const url = await surfaces['stable link'](world, 'ana', form);
      minted.push(
        await checkMint({
          url,
          form,
          person: 'ana',
          secrets: world.secrets,
          signedInAt: world.signedInAt.ana,
          mintedAt,
        }),
      );
    }
    assert.equal(new Set(minted.map(({ jti }) => jti)).size, minted.length);
    return `${minted.length} tokens`;
  });
}

async function pythonAgrees(checks, world, minted) {
  await checks.run('PyJWT verifies every token of this run and reads what jose read', async () => {
    const read = await inPython(minted.map((mint) => caseOf(world, mint)));
    for (const [index, { claims }] of minted.entries()) assert.deepEqual(read[index].claims, claims, read[index].error);
    return `${minted.length} tokens`;
  });
}

/// The other side of the coin: both libraries refuse what is not quite the token.
async function tamperedTokens(checks, world, minted) {
  const good = caseOf(
    world,
    minted.find(({ organization }) => organization === 'acme'),
  );
  const [header, payload, signature] = good.token.split('.');
  const richer = Buffer.from(
    JSON.stringify({ ...JSON.parse(Buffer.from(payload, 'base64url')), account_type: 'Admin' }),
  ).toString('base64url');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  const bad = {
    'another secret': { ...good, secret: world.secrets.wide },
    'the secret in capitals': { ...good, secret: good.secret.toUpperCase() },
    'the secret as the bytes that its hex digits spell': { ...good, is_hex: true },
    'another account type': { ...good, token: `${header}.${richer}.${signature}` },
    'no algorithm': { ...good, token: `${none}.${payload}.` },
    'another issuer': { ...good, client_id: 'somebody-else' },
  };
  const read = await inPython(Object.values(bad));
  for (const [index, [name, { token, secret, is_hex, client_id: clientId }]] of Object.entries(bad).entries()) {
    await checks.run(`a token with ${name} is refused by both`, async () => {
      const key = is_hex ? Buffer.from(secret, 'hex') : keyOf(secret);
      const byJose = await verify(token, { clientId, key }).then(
        () => 'accepted',
        (error) => error.code,
      );
      assert.notEqual(byJose, 'accepted');
      assert.ok(read[index].error, 'PyJWT accepts it');
      return `${byJose}, ${read[index].error}`;
    });
  }
}

function caseOf({ secrets }, { token, organization }) {
  return { token, client_id: organizations[organization].clientId, secret: secrets[organization] };
}

async function inPython(cases) {
  const { status, stdout, stderr } = spawnSync(options.python, [path.join(here, 'verify.py')], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`verify.py: ${stderr}`);
  return JSON.parse(stdout);
}

runAll(main, RUN_SECONDS);
