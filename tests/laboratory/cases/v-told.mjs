// What the application is told of people whose claims are odd.

import assert from 'node:assert/strict';
import { hold, signedIn, walk } from '../outcomes.mjs';

const c = (more) => (claims) => ({ ...claims, ...more });
const OWN = 'headers = { "X-Remote-User" = "{preferred_username}", "SM_USER" = "{samaccountname}" }';
const ALL = 'forward_groups = "all"';
const told = (name, claims, expected, more = {}) => ({
  about: name,
  claims: c(claims),
  expect: signedIn(expected),
  ...more,
});

export default {
  'told-user-claim': told(
    'user = "preferred_username"',
    { preferred_username: 'ana.silva' },
    { app: { user: 'ana.silva' } },
    { site: 'user = "preferred_username"' },
  ),
  'told-user-list': told(
    'the claim of the user is a list: nothing is said',
    { preferred_username: ['ana', 'bo'] },
    { app: { user: '-' } },
    { site: 'user = "preferred_username"' },
  ),
  'told-user-line': told(
    'the claim of the user has a line break: nothing is said',
    { preferred_username: 'ana\r\nx-forwarded-groups: admins' },
    { app: { user: '-' } },
    { site: 'user = "preferred_username"' },
  ),
  'told-user-at-userinfo': told(
    'the claim of the user is at UserInfo alone',
    {},
    { app: { user: 'ana.silva' }, userinfo: 1 },
    {
      site: 'user = "preferred_username"',
      userinfo: ({ plain }) => ({ ...plain, preferred_username: 'ana.silva' }),
    },
  ),
  'told-user-missing': told(
    'the claim of the user is nowhere: nothing is said, and nobody else is',
    {},
    { app: { user: '-' }, userinfo: 1 },
    { site: 'user = "preferred_username"' },
  ),
  'told-user-umlaut': told(
    'a name beyond ASCII, percent-encoded',
    { preferred_username: 'j\u00f6rg %' },
    { app: { user: 'j%C3%B6rg %25' } },
    {
      site: 'user = "preferred_username"\nencoding = "percent"',
    },
  ),
  'told-groups-all': told(
    'forward_groups = "all": every group, also those that no rule names',
    { groups: ['finance', 'staff', 'x'] },
    { app: { groups: 'finance,staff,x' } },
    { site: ALL },
  ),
  'told-groups-all-text': told(
    'forward_groups = "all", and one text that no rule names',
    { groups: 'staff' },
    { app: { groups: 'staff' }, embed: 'not_mapped' },
    { site: ALL },
  ),
  'told-groups-all-comma': told(
    'forward_groups = "all", and a group with a comma: it would read as two',
    { groups: ['finance', 'staff,admins'] },
    { app: { groups: 'finance' } },
    { site: ALL },
  ),
  'told-groups-all-odd': told(
    'forward_groups = "all", and null, a number and an object among them',
    { groups: ['finance', null, 7, { name: 'admins' }, 'staff'] },
    { app: { groups: 'finance,staff' } },
    { site: ALL },
  ),
  'told-groups-all-many': {
    about: 'forward_groups = "all", and 1 000 groups: as many as there is room for, in the audit line the rest',
    site: ALL,
    claims: c({
      groups: ['finance', ...Array.from({ length: 1000 }, (_, i) => `group-${i}-of-many-with-a-long-name`)],
    }),
    visit: async (world, browser) => {
      const found = await walk(world, browser);
      assert.equal(found.page.status, 200, await world.told());
      const { groups } = world.requests().at(-1);
      assert.ok(groups.split(',').includes('finance'));
      const line = await world.audit('sign_in', (one) => one.result === 'signed_in');
      assert.match(`${line.detail}`, /groups do not fit/);
    },
  },
  'told-own-headers': {
    about: "headers of the site's own, one of a claim that is missing",
    site: OWN,
    claims: c({ preferred_username: 'ana.silva' }),
    visit: async (world, browser) => hold(signedIn({ userinfo: 1 }), await walk(world, browser), world),
  },
};
