// The demo's five people, for a provider that is not the demo's own.

const GROUPS = { ana: ['finance'], ben: ['sales'], cara: ['finance', 'sales'], dan: [], eve: ['sigma-internal'] };
const REGIONS = { ana: 'EMEA', ben: 'AMER', cara: 'APAC', dan: 'EMEA', eve: 'APAC' };

export const PROFILE = ['given_name', 'family_name', 'preferred_username', 'region'];

export function claimsOf(id) {
  if (!GROUPS[id]) return {};
  const name = id[0].toUpperCase() + id.slice(1);
  return {
    email: `${id}@example.com`,
    email_verified: true,
    name,
    given_name: name,
    preferred_username: id,
    groups: GROUPS[id],
    region: REGIONS[id],
  };
}
