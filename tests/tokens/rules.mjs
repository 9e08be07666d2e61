// Sigma's documented rules for a signed URL, with `jose` for the token. What is not documented is a fault here.

import assert from 'node:assert/strict';
import { jwtVerify } from 'jose';
import { SESSION_SECONDS, SIGMA, organizations, wantedClaims } from './forms.mjs';

const EMBED_ONLY = ['first_name', 'last_name', 'user_attributes', 'account_type', 'teams'];
const DOCUMENTED = ['sub', 'jti', 'iat', 'exp', 'iss', 'ver', 'aud', ...EMBED_ONLY];
const SECONDS_MAX = 30 * 86400;

/// The signing key is the secret as text.
export const keyOf = (secret) => new TextEncoder().encode(secret);

/// Signature, algorithm, times, issuer, audience by `jose`.
export function verify(token, { clientId, secret, key = keyOf(secret), at }) {
  const options = {
    algorithms: ['HS256'],
    issuer: clientId,
    requiredClaims: ['sub', 'jti', 'iat', 'exp'],
    currentDate: at,
  };
  return jwtVerify(token, key, options);
}

/// Takes a signed URL apart, byte for byte: nothing is decoded.
export function takeApart(url) {
  assert.ok(url.startsWith(`${SIGMA}/`), 'the URL leads elsewhere');
  assert.match(url, /^[\x21-\x7e]+$/, 'the URL has bytes that a URL cannot have');
  const [path, query, ...more] = url.slice(SIGMA.length).split('?');
  assert.equal(more.length, 0, 'a second question mark');
  assert.ok(!url.includes('#') && !url.includes('+'), 'a fragment, or a plus for a space');
  const pairs = query.split('&').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  const parameters = Object.fromEntries(pairs);
  assert.equal(Object.keys(parameters).length, pairs.length, 'a parameter twice');
  for (const text of pairs.flat()) decodeURIComponent(text); // throws where it cannot be decoded
  const { ':jwt': token, ':embed': embed, ...others } = parameters;
  assert.match(token ?? '', /^[\w-]+\.[\w-]+\.[\w-]+$/, 'no compact JWT');
  assert.equal(embed, 'true', ':embed');
  return { path, token, parameters: others };
}

/// The whole of one mint: the URL as the form wants it, the token as Sigma's claims reference wants it for the person.
export async function checkMint({ url, form, person, secrets, signedInAt, mintedAt }) {
  const organization = form.organization ?? 'acme';
  const { clientId, sessionLength } = organizations[organization];
  const { path, token, parameters } = takeApart(url);
  assert.equal(path, form.path);
  assert.deepEqual(parameters, form.parameters ?? {});
  const { payload, protectedHeader } = await verify(token, { clientId, secret: secrets[organization] });
  assert.deepEqual({ ...protectedHeader }, { alg: 'HS256', typ: 'JWT', kid: clientId });
  checkShapes(payload);
  const { jti, iat, exp, teams, ...others } = payload;
  const { teams: wantedTeams, ...wanted } = wantedClaims(person, form);
  assert.deepEqual(others, wanted);
  assert.deepEqual(teams && [...teams].sort(), wantedTeams && [...wantedTeams].sort(), 'teams');
  near(iat, mintedAt, 'iat');
  const end = Math.min(iat + Math.min(sessionLength, SECONDS_MAX), signedInAt + SESSION_SECONDS);
  near(exp, end, 'exp');
  assert.ok(exp <= iat + sessionLength, 'exp is beyond session_length');
  return { token, organization, claims: payload, jti };
}

function checkShapes(claims) {
  for (const name of Object.keys(claims)) assert.ok(DOCUMENTED.includes(name), `the claim ${name} is not documented`);
  assert.ok(Number.isInteger(claims.iat) && Number.isInteger(claims.exp), 'iat and exp are whole seconds');
  assert.ok(claims.exp > claims.iat && claims.exp - claims.iat <= SECONDS_MAX, 'at most 30 days');
  assert.match(
    claims.jti,
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    'jti is a UUID v4, as in the samples',
  );
  assert.match(claims.sub, /^[^\s@]+@[^\s@_]+$/, 'sub is an address');
  const isEmbedUser = EMBED_ONLY.some((name) => name in claims);
  if (!isEmbedUser) return;
  assert.ok(
    typeof claims.account_type === 'string' && claims.account_type !== '',
    'without account_type Sigma gives the highest',
  );
  assert.ok(
    Array.isArray(claims.teams) && claims.teams.length > 0 && claims.teams.every((team) => typeof team === 'string'),
    'teams',
  );
  assert.equal(new Set(claims.teams).size, claims.teams.length, 'a team twice');
  for (const value of Object.values(claims.user_attributes ?? {}))
    assert.equal(typeof value, 'string', 'attributes are texts');
}

/// Clocks of two processes, and a whole second that may just have passed.
function near(found, wanted, what) {
  assert.ok(Math.abs(found - wanted) <= 3, `${what} is ${found}, not about ${wanted}`);
}
