// Verifiers that others wrote, called as their documents say: what each has against a token of a stand-in, or nothing.

import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlbJwtVerifier } from 'aws-jwt-verify';
import { OAuth2Client } from 'google-auth-library';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { jwk } from '../shared/jws.mjs';

const OUTPUT_BYTES_MAX = 1 << 26;
const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'verify.py');

const said = async (verdict) => {
  try {
    await verdict();
    return '';
  } catch (error) {
    return error.message || error.constructor.name;
  }
};

const each = (verify) => async (standIn, tokens) => {
  const verdicts = [];
  for (const token of tokens) verdicts.push(await said(() => verify(standIn, token)));
  return verdicts;
};

/// A program that reads jobs as lines, and answers each with one.
function lines(command, args, jobs) {
  const input = jobs.map((job) => `${JSON.stringify(job)}\n`).join('');
  const output = execFileSync(command, args, { input, maxBuffer: OUTPUT_BYTES_MAX, timeout: 60_000 });
  const answers = output.toString().trim().split('\n');
  return answers.map((line) => JSON.parse(line).refusal);
}

function aws(standIn, token) {
  const { signer: albArn, issuer, client: clientId } = standIn;
  const verifier = AlbJwtVerifier.create({ albArn, issuer, clientId });
  const keys = standIn.kids.map((kid) => jwk(standIn.pairOf(kid), { kid, alg: 'ES256', use: 'sig' }));
  verifier.cacheJwks({ keys });
  verifier.verifySync(token); // what is not in the cache is not fetched
}

async function google(standIn, token) {
  const pems = Object.fromEntries(standIn.kids.map((kid) => [kid, standIn.pem(kid)]));
  await new OAuth2Client().verifySignedJwtWithCertsAsync(token, pems, standIn.audience, [standIn.issuer]);
}

async function jose(standIn, token) {
  const { issuer, audience } = standIn;
  await jwtVerify(token, createLocalJWKSet(standIn.jwks()), { issuer, audience });
}

const goOidc = (binary) => async (standIn, tokens) => {
  const { issuer, audience, alg } = standIn;
  const { keys } = standIn.jwks();
  return lines(
    binary,
    [],
    tokens.map((token) => ({ issuer, audience, algorithms: [alg], keys, token })),
  );
};

const pyjwt = (python) => async (standIn, tokens) => {
  const { issuer, audience = null, alg: algorithm } = standIn;
  const key = standIn.jwks().keys[0];
  const job = { by: 'pyjwt', issuer, audience, algorithm, jwk: key };
  return lines(
    python,
    [script],
    tokens.map((token) => ({ ...job, token })),
  );
};

const googleAuth = (python) => async (standIn, tokens) => {
  const keys = Object.fromEntries(standIn.kids.map((kid) => [kid, standIn.pem(kid)]));
  const job = { by: 'google-auth', audience: standIn.audience, keys };
  return lines(
    python,
    [script],
    tokens.map((token) => ({ ...job, token })),
  );
};

const GOOGLE = ['iap', 'iap-external'];
const JOSE = ['cloudflare', 'azure', 'pomerium', 'rfc9068', 'keycloak', 'entra', 'oauth2-proxy', 'custom', ...GOOGLE];

/// Each with the stand-ins whose assertions it is for.
export const verifiers = ({ python, goOidc: binary }) => [
  { name: 'aws-jwt-verify', verdicts: each(aws), for: ['alb'] },
  { name: 'google-auth-library', verdicts: each(google), for: GOOGLE },
  { name: 'google-auth', verdicts: googleAuth(python), for: GOOGLE },
  { name: 'jose', verdicts: each(jose), for: JOSE },
  { name: 'go-oidc', verdicts: goOidc(binary), for: JOSE },
  { name: 'PyJWT', verdicts: pyjwt(python), for: ['alb', ...JOSE] },
];
