// One site for each server and each preset of identity headers.

import * as toml from '../shared/configuration.mjs';
import { PRESETS } from './spellings.mjs';

export function configuration({ gateway, admin, issuer, servers }) {
  const sites = servers.flatMap(({ name, port }) =>
    Object.keys(PRESETS).map((preset) => site({ name, port, preset, gateway })),
  );
  return [
    toml.listen({ address: `127.0.0.1:${gateway}`, admin }),
    toml.organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f' }),
    toml.identity({ issuer, clientId: 'sigma-gateway' }),
    toml.embed('revenue', toml.SIGMA + toml.WORKBOOK),
    toml.finance(),
    ...sites,
  ].join('');
}

const site = ({ name, port, preset, gateway }) =>
  toml.site({
    url: `http://${name}-${preset}.localhost:${gateway}`,
    upstream: port,
    embeds: ['revenue'],
    more: `identity_headers = "${preset}"${toml.publicRoute('/public/')}`,
  });
