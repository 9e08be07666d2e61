// What a proxy in front would attach: assertions of both common algorithms, and where their keys are.

import crypto from 'node:crypto';
import http from 'node:http';

const ISSUER = 'https://front.example.com';
const AUDIENCE = 'bench';
const LIFE_SECONDS = 7200;

const ALGORITHMS = {
  RS256: { generate: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }), options: {} },
  ES256: {
    generate: () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    options: { dsaEncoding: 'ieee-p1363' },
  },
};

/// The header in which an assertion of an algorithm is attached.
const headerOf = (algorithm) => `x-front-${algorithm.toLowerCase()}`;

/// A server of keys; gives the tables of `gateway.toml`, the sources' names, and the header of a request for each
/// algorithm.
export async function startFront(port, person) {
  const keys = Object.entries(ALGORITHMS).map(([name, { generate, options }]) => ({ name, options, ...generate() }));
  const jwks = keys.map(({ name, publicKey }) => ({
    ...publicKey.export({ format: 'jwk' }),
    kid: name,
    alg: name,
    use: 'sig',
  }));
  const body = JSON.stringify({ keys: jwks });
  const server = http.createServer((_, answer) => answer.setHeader('content-type', 'application/json').end(body));
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  const sources = keys.map(({ name }) => name.toLowerCase());
  return {
    sources,
    tables: keys.map(({ name }) => table(name, port)).join(''),
    headers: Object.fromEntries(keys.map((key) => [key.name, { [headerOf(key.name)]: assertion(key, person) }])),
    stop: () => new Promise((done) => server.close(done)),
  };
}

function table(name, port) {
  return `
[identity.${name.toLowerCase()}]
type = "custom"
header = "${headerOf(name)}"
issuer = "${ISSUER}"
audience = "${AUDIENCE}"
algorithms = ["${name}"]
jwks = "http://127.0.0.1:${port}/jwks"
email_domains = ["example.com"]
`;
}

function assertion({ name, options, privateKey }, person) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'ana', iat: now, exp: now + LIFE_SECONDS, ...person };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: name, kid: name, typ: 'JWT' })}.${part(claims)}`;
  const signature = crypto.sign('sha256', Buffer.from(signed), { key: privateKey, ...options });
  return `${signed}.${signature.toString('base64url')}`;
}
