// What the operator writes: an `[identity]` for each stand-in, and two sites, one without a sign-in of its own.

import * as toml from '../shared/configuration.mjs';

const text = JSON.stringify;

/// Where the vendor says of no address whether it is verified.
const TRUSTED = { email_verified: 'trusted-issuer' };

/// The lines of an identity by its stand-in: what the reference (gateway.toml) asks for each type.
const LINES = {
  alb: ({ signer, client, issuer }) => ({ issuer, client_id: client, signer: [signer] }),
  iap: ({ audience, hd }) => ({ audience, hosted_domain: hd }),
  'iap-external': ({ audience, project, tenant }) => ({ audience, tenant: `${project}/${tenant}` }),
  cloudflare: ({ issuer, audience }) => ({ issuer, audience, max_age: '1h' }),
  azure: ({ issuer, audience }) => ({ issuer, client_id: audience, ...TRUSTED }),
  pomerium: ({ issuer, audience }) => ({ issuer, audience, ...TRUSTED }),
  rfc9068: ({ issuer, audience }) => ({ issuer, audience }),
  keycloak: ({ issuer, audience, mark }) => ({ issuer, audience, token_mark: mark }),
  entra: ({ issuer, audience, mark }) => ({ issuer, audience, token_mark: mark, ...TRUSTED }),
  'oauth2-proxy': ({ issuer, audience }) => ({ issuer, client_id: audience }),
  custom: ({ issuer, audience, alg, header }) => ({
    issuer,
    audience,
    header,
    algorithms: [alg],
    jwks: `${issuer}/keys`,
  }),
};

const tomlOf = (value) =>
  typeof value === 'object' && !Array.isArray(value)
    ? `{ ${Object.entries(value)
        .map(([name, one]) => `${name} = ${text(one)}`)
        .join(', ')} }`
    : text(value);

const linesOf = (lines) =>
  Object.entries(lines)
    .map(([name, value]) => `${name} = ${tomlOf(value)}`)
    .join('\n');

/// The identity of a stand-in under a name; `more` are further keys.
export const attached = (standIn, { name = standIn.name, more = {} } = {}) => `
[identity.${name}]
type = "${standIn.type}"
email_domains = ["example.com"]
ca = "ca.pem"
${linesOf({ ...LINES[standIn.name](standIn), ...more })}
`;

const site = ({ name, places, lines }) =>
  toml.site({
    url: `http://${name}.localhost:${places.gateway}`,
    upstream: places.application,
    embeds: ['revenue'],
    more: `${lines}\n${toml.publicRoute('/public/')}`,
  });

/// All of it. `more` are further tables.
export function configurationOf({ standIns, places, issuer, more = '' }) {
  const { gateway, admin, proxy } = places;
  const sites = standIns.flatMap(({ name }) => [
    site({ name, places, lines: `accept = ["${name}"]` }),
    site({ name: `${name}-both`, places, lines: `accept = ["${name}"]\nsign_in = "corp"` }),
  ]);
  return [
    toml.listen({ address: `127.0.0.1:${gateway}`, admin }),
    `[outbound]\nproxy = "http://127.0.0.1:${proxy}"\n`,
    toml.organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f' }),
    toml.identity({ issuer, clientId: 'sigma-gateway' }),
    ...standIns.map((standIn) => attached(standIn)),
    toml.embed('revenue', toml.SIGMA + toml.WORKBOOK),
    toml.finance('{ any = [{ groups = ["finance"] }, { email = { glob = "*@example.com" } }] }'),
    ...sites,
    more,
  ].join('');
}
