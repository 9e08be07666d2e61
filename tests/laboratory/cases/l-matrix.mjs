// Every standard claim with every JSON type: none of them is read here, so none of them ends a sign-in. `azp` is read.

import assert from 'node:assert/strict';
import { Browser, reasonOf } from '../browser.mjs';

const CLAIMS =
  'name given_name family_name middle_name nickname preferred_username profile picture website email email_verified ' +
  'gender birthdate zoneinfo locale phone_number phone_number_verified address updated_at auth_time acr amr c_hash ' +
  'jti sid roles name#de address.locality email_other s_hash at_use_nbr events cnf act may_act scope client_id ' +
  '_claim_names2 entitlements';
const VALUES = {
  number: 5,
  text: 'x',
  'empty text': '',
  array: ['x'],
  object: { a: 1 },
  boolean: true,
  null: null,
  float: 1.5,
  nested: [[[]]],
};
const IDENTITY = 'email = "mail"\nemail_verified = "trusted-issuer"';

/// A row for a claim: each type in a fresh browser.
const row = (claim, expected) => ({
  about: `${claim} with every type`,
  identity: IDENTITY,
  claims: (all, { state }) => ({ ...all, mail: 'ana@example.com', [claim]: state.value }),
  visit: async (world) => {
    const ends = {};
    for (const [type, value] of Object.entries(VALUES)) {
      world.state.value = value;
      const end = await new Browser().open(`${world.site}/a`);
      ends[type] = `${end.status} ${reasonOf(end)}`.trim();
    }
    const all = Object.keys(VALUES).map((type) => [type, expected?.[type] ?? expected?.other ?? '200']);
    assert.deepEqual(ends, Object.fromEntries(all));
  },
});

const label = (claim) => `matrix-${claim.replaceAll(/[^a-z0-9]+/g, '-')}`;
const rows = CLAIMS.split(' ').map((claim) => [label(claim), row(claim)]);

export default {
  ...Object.fromEntries(rows),
  'matrix-azp': row('azp', { null: '200', other: '403 token_aud' }),
};
