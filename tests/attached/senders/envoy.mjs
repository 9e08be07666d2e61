// The configuration of Envoy, as JSON: one listener where the oauth2 filter signs people in, and one for programs,
// where jwt_authn takes what they bring. Both pass the token on.

const type = (name) => ({ '@type': `type.googleapis.com/envoy.extensions.filters.${name}` });
const address = (port) => ({ socket_address: { address: '127.0.0.1', port_value: port } });

const cluster = (name, port) => ({
  name,
  type: 'STATIC',
  connect_timeout: '2s',
  load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address: address(port) } }] }] },
});

export function envoyConfiguration({ port, apiPort, gateway, provider, issuer, folder, resource }) {
  const secret = (name) => ({ name, sds_config: { path_config_source: { path: `${folder}/${name}.json` } } });
  const oauth2 = {
    name: 'oauth2',
    typed_config: {
      ...type('http.oauth2.v3.OAuth2'),
      config: {
        token_endpoint: { cluster: 'provider', uri: `${issuer}/token`, timeout: '5s' },
        authorization_endpoint: `${issuer}/auth`,
        redirect_uri: 'http://%REQ(:authority)%/front/callback',
        redirect_path_matcher: { path: { exact: '/front/callback' } },
        signout_path: { path: { exact: '/front/sign_out' } },
        credentials: { client_id: 'envoy', token_secret: secret('token'), hmac_secret: secret('hmac') },
        forward_bearer_token: true,
        // Else the application gets these two in cookies.
        disable_id_token_set_cookie: true,
        disable_refresh_token_set_cookie: true,
        auth_scopes: ['openid', 'email', 'groups'],
        resources: [resource],
      },
    },
  };
  // Without `audiences`, which many leave out: then a token for anybody passes here.
  const jwtAuthn = {
    name: 'jwt_authn',
    typed_config: {
      ...type('http.jwt_authn.v3.JwtAuthentication'),
      providers: {
        op: {
          issuer,
          forward: true,
          remote_jwks: {
            http_uri: { uri: `${issuer}/jwks`, cluster: 'provider', timeout: '5s' },
            cache_duration: '60s',
          },
        },
      },
      rules: [{ match: { prefix: '/' }, requires: { provider_name: 'op' } }],
    },
  };
  return {
    static_resources: {
      listeners: [listener(port, [oauth2, jwtAuthn]), listener(apiPort, [jwtAuthn])],
      clusters: [cluster('gateway', gateway), cluster('provider', provider)],
    },
  };
}

function listener(port, filters) {
  const router = { name: 'router', typed_config: type('http.router.v3.Router') };
  const manager = {
    ...type('network.http_connection_manager.v3.HttpConnectionManager'),
    stat_prefix: `at_${port}`,
    route_config: {
      virtual_hosts: [
        { name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'gateway' } }] },
      ],
    },
    http_filters: [...filters, router],
  };
  return { address: address(port), filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }] };
}

/// A secret, as Envoy reads one from a file.
export const secretFile = (name, text) =>
  JSON.stringify({
    resources: [
      {
        '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
        name,
        generic_secret: { secret: { inline_string: text } },
      },
    ],
  });
