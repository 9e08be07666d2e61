// Who works here, as both providers know them. Groups and roles are two claims of different shape.

export const PASSWORD = 'correct horse';

export const PEOPLE = {
  ana: { groups: ['finance'], roles: [], emailVerified: true },
  ben: { groups: [], roles: ['sales'], emailVerified: true },
  cara: { groups: ['finance'], roles: ['sales'], emailVerified: true },
  dan: { groups: [], roles: [], emailVerified: true },
  eve: { groups: ['finance'], roles: [], emailVerified: false },
};

/// The secret's punctuation must be form-encoded in `client_secret_basic` (RFC 6749 2.3.1).
export const CLIENT = { id: 'sigma-gateway', secret: 'for this test:+%&' };

export const emailOf = (person) => `${person}@example.com`;
