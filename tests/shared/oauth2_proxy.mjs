// How the suites start oauth2-proxy itself: at its defaults but for where it is, whose client it is, and plain http.

import { randomBytes } from 'node:crypto';

/// Its arguments: below `/front/`, for `client` (`{ id, secret }`), before the port `gateway`; `more` a suite adds.
export const oauth2ProxyArguments = ({ issuer, client, port, gateway, scope, more = [] }) => [
  '--provider=oidc',
  `--oidc-issuer-url=${issuer}`,
  `--client-id=${client.id}`,
  `--client-secret=${client.secret}`,
  '--email-domain=*',
  `--cookie-secret=${randomBytes(16).toString('hex')}`,
  '--cookie-secure=false',
  '--proxy-prefix=/front',
  '--skip-provider-button=true',
  `--http-address=127.0.0.1:${port}`,
  `--upstream=http://127.0.0.1:${gateway}/`,
  '--pass-host-header=true',
  '--code-challenge-method=S256',
  `--scope=${scope}`,
  ...more,
];
