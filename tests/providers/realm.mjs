// The realm that Keycloak imports. A realm file with client scopes gets none of the built-in ones: all are here.

import { CLIENT, PASSWORD, PEOPLE, emailOf } from './people.mjs';

export const REALM = 'corp';

/// The realm for a gateway at `site`.
export function realm(site) {
  return {
    realm: REALM,
    enabled: true,
    sslRequired: 'none',
    groups: [{ name: 'finance' }],
    roles: { realm: [{ name: 'sales' }] },
    clientScopes: [basic, profile, email, groups, roles],
    clients: [client(site)],
    users: Object.entries(PEOPLE).map(user),
  };
}

function client(site) {
  return {
    clientId: CLIENT.id,
    secret: CLIENT.secret,
    publicClient: false,
    redirectUris: [`${site}/oauth2/callback`],
    defaultClientScopes: ['basic', 'profile', 'email', 'groups', 'roles'],
    attributes: { 'pkce.code.challenge.method': 'S256', 'post.logout.redirect.uris': `${site}/` },
  };
}

function user([username, { groups, roles, emailVerified }]) {
  return {
    username,
    enabled: true,
    email: emailOf(username),
    emailVerified,
    firstName: username,
    lastName: 'Example',
    groups: groups.map((group) => `/${group}`),
    realmRoles: roles,
    credentials: [{ type: 'password', value: PASSWORD }],
  };
}

function scope(name, ...mappers) {
  const protocolMappers = mappers.map(([protocolMapper, config], index) => ({
    name: `${name}-${index}`,
    protocol: 'openid-connect',
    protocolMapper,
    config: { 'id.token.claim': 'true', 'userinfo.token.claim': 'true', ...config },
  }));
  return { name, protocol: 'openid-connect', protocolMappers };
}

const basic = scope(
  'basic',
  ['oidc-sub-mapper', { 'access.token.claim': 'true' }],
  [
    'oidc-usersessionmodel-note-mapper',
    { 'user.session.note': 'AUTH_TIME', 'claim.name': 'auth_time', 'jsonType.label': 'long' },
  ],
);
const profile = scope('profile', ['oidc-full-name-mapper', {}]);
const email = scope(
  'email',
  ['oidc-usermodel-attribute-mapper', { 'user.attribute': 'email', 'claim.name': 'email' }],
  [
    'oidc-usermodel-property-mapper',
    { 'user.attribute': 'emailVerified', 'claim.name': 'email_verified', 'jsonType.label': 'boolean' },
  ],
);
const groups = scope('groups', ['oidc-group-membership-mapper', { 'claim.name': 'groups', 'full.path': 'true' }]);
const roles = scope('roles', [
  'oidc-usermodel-realm-role-mapper',
  { 'claim.name': 'realm_access.roles', 'jsonType.label': 'String', multivalued: 'true' },
]);
