// The people of this suite, as oidc-provider knows them. dan may use every application and nothing of Sigma.

const GROUPS = { ana: ['finance'], ben: ['finance'], dan: [] };

export const PROFILE = ['preferred_username'];

export function claimsOf(id) {
  return {
    email: `${id}@example.com`,
    email_verified: true,
    name: id,
    preferred_username: id,
    groups: GROUPS[id] ?? [],
  };
}
