// Two gateways, one with TLS, in front of the same two host applications: everything is public, nobody signs in.

import * as toml from '../shared/configuration.mjs';

export const ATTACKER = 'attacker.localhost';
export const OTHER = 'other.localhost';

/// `port` is the one that browsers see; `tls`: it ends here.
export function configuration({ gateway, admin, port = gateway, tls = false, attacker, other }) {
  const [scheme, more] = tls
    ? ['https', 'tls = { certificate = "tls.pem", private_key = { file = "tls.key" } }']
    : ['http', ''];
  const site = (host, upstream, rest) =>
    toml.site({
      url: `${scheme}://${host}:${port}`,
      upstream,
      embeds: ['revenue'],
      more: rest + toml.publicRoute('/'),
    });
  return [
    toml.listen({ address: `127.0.0.1:${gateway}`, admin, more }),
    toml.organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f' }),
    toml.identity({ issuer: 'http://127.0.0.1:1', clientId: 'sigma-gateway' }),
    toml.embed('revenue', toml.SIGMA + toml.WORKBOOK),
    toml.finance(),
    site(ATTACKER, attacker, toml.widgetsJson('/api/')),
    site(OTHER, other, ''),
  ].join('');
}
