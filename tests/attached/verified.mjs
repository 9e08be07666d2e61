// The stand-ins before independent verifiers: what is good passes, what they refuse is a lie that we refuse too
// (presets.mjs), and what they are known to let through is a lie of ours.

import assert from 'node:assert/strict';
import { draft, good, written } from './assertion.mjs';
import { liesOf } from './presets.mjs';
import { verifiers } from './verifiers.mjs';

/// What a verifier was seen to let through: with each, the check that the gateway adds is no empty one.
const LETS_THROUGH = {
  'aws-jwt-verify': { alb: ['head-iss-other', 'head-iss-missing', 'head-exp-past', 'head-exp-missing', 'exp-missing'] },
  'google-auth-library': { iap: ['just-expired', 'long-life', 'alg-name-der', 'nbf-future', 'padded'] },
  'google-auth': { iap: ['iss-other', 'iss-missing', 'ISSUER', 'exp-far', 'kid-missing', 'padded'] },
  jose: {
    cloudflare: ['exp-missing', 'type-org', 'service-token', 'too-old', 'padded'],
    rfc9068: ['id-token', 'typ-missing', 'logout-token', 'sub-client'],
    'oauth2-proxy': ['access-token', 'azp-other'],
    'iap-external': ['tenant-other', 'gcip-missing'],
  },
  'go-oidc': {
    cloudflare: ['nbf-future', 'iat-future', 'sub-empty', 'type-org', 'claims-twice', 'inner-space', 'json-form'],
    keycloak: ['id-token-ours', 'refresh-token', 'mark-missing'],
    azure: ['tid-other'],
  },
  PyJWT: {
    alb: ['signer-other', 'client-other', 'head-exp-past', 'exp-missing', 'kid-path'],
    pomerium: ['exp-missing', 'long-life', 'head-twice', 'claims-issuers'],
  },
};

export async function verified(checks, standIns, programs) {
  const all = verifiers(programs);
  for (const standIn of standIns) {
    for (const verifier of all.filter((one) => one.for.includes(standIn.name))) {
      await checks.run(
        `[${standIn.name}] ${verifier.name} takes what is good, and what it refuses is a lie of ours`,
        () => heldTo(verifier, standIn),
      );
    }
  }
}

async function heldTo(verifier, standIn) {
  const lies = liesOf(standIn).filter(({ tell }) => tell);
  const tokens = lies.map(({ tell }) => {
    const it = draft(standIn);
    tell(it, standIn);
    return written(it);
  });
  const people = Object.values(standIn.people).map((person) => good(standIn, person));
  const verdicts = await verifier.verdicts(standIn, [...people, ...tokens]);
  assert.equal(verdicts.length, people.length + tokens.length, 'a verdict for each');
  assert.deepEqual(
    verdicts.slice(0, people.length),
    people.map(() => ''),
    'what is good passes',
  );
  const passed = lies.filter((_, index) => verdicts[people.length + index] === '').map(({ id }) => id);
  const known = LETS_THROUGH[verifier.name][standIn.name] ?? [];
  const unseen = known.filter((id) => !passed.includes(id));
  assert.deepEqual(unseen, [], `it refuses what it was known to let through; of ${lies.map(({ id }) => id).join(' ')}`);
  return `${lies.length - passed.length} lies refused, ${passed.length} let through`;
}
