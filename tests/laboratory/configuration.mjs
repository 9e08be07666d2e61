// The `gateway.toml` of some cases: a provider and a site each, one organization, one embed.

import { SIGMA, WORKBOOK, embed, finance, listen, organization, site } from '../shared/configuration.mjs';
import { issuerOf } from './provider.mjs';

const text = JSON.stringify;

/// All tenants of the provider: a case has one of its own name, and those of `tenants`.
export function tenantsOf(cases) {
  const found = {};
  for (const [name, it] of Object.entries(cases)) {
    found[name] = it;
    for (const [other, tenant] of Object.entries(it.tenants ?? {})) found[`${name}-${other}`] = tenant;
  }
  return found;
}

export function configurationOf(cases, places) {
  const session = Object.values(cases).find((it) => it.session)?.session ?? '';
  const parts = [
    listen({ address: `127.0.0.1:${places.gateway}`, admin: places.admin, session }),
    organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f' }),
    embed('revenue', SIGMA + WORKBOOK),
    finance(),
  ];
  for (const [name, it] of Object.entries(cases)) {
    parts.push(it.top ?? '', mappingOf(name, it), siteOf(name, it, places));
  }
  for (const [name, tenant] of Object.entries(tenantsOf(cases))) parts.push(identityOf(name, tenant, places));
  return parts.join('\n');
}

/// A file for every secret that the configuration names.
export function secretsOf(cases) {
  const files = {};
  for (const [name, tenant] of Object.entries(tenantsOf(cases))) {
    if (tenant.secret !== null) files[`${name}.secret`] = tenant.secret ?? 'client-secret';
    Object.assign(files, tenant.files?.() ?? {});
  }
  return files;
}

function identityOf(name, tenant, { base }) {
  const more = typeof tenant.identity === 'function' ? tenant.identity(`${base}/${name}`) : (tenant.identity ?? '');
  return `
[identity.${name}]
type = "oidc"
issuer = ${text(tenant.configuredIssuer?.(base) ?? issuerOf(name, tenant, base))}
client_id = ${text(tenant.clientId ?? 'gw')}
${tenant.secret === null ? '' : `client_secret = { file = "${name}.secret" }`}
email_domains = ${text(tenant.domains ?? ['example.com'])}
${more}
`;
}

function mappingOf(name, { mapping }) {
  if (!mapping) return '';
  return `
[[mapping]]
name = "${name}"
when = ${mapping.replace('{', `{ provider = "${name}",`)}
teams = ["Own"]
account_type = "View"
`;
}

function siteOf(name, it, places) {
  const signIn = it.signIn ? it.signIn(name) : name;
  return site({
    url: `http://${name}.localhost:${places.gateway}`,
    upstream: places.app,
    embeds: ['revenue'],
    more: `sign_in = ${text(signIn)}\n${it.site ?? ''}`,
  });
}
