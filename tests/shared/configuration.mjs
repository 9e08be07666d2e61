// The parts of a `gateway.toml` that every suite needs; what a suite is about, it writes itself.

export const SIGMA = 'https://app.sigmacomputing.com';
/// A workbook of the organization `acme`, below Sigma's origin.
export const WORKBOOK = '/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe';

/// `[listen]` and `[session]`; the key is in `session.key`. `more` are further lines of a table.
export const listen = ({ address, admin, more = '', session = '' }) => `
[listen]
address = "${address}"
admin = "127.0.0.1:${admin}"
${more}
[session]
keys = [{ file = "session.key" }]
${session}
`;

/// `[sigma.acme]`; the secret is in `sigma.secret`.
export const organization = ({ clientId, more = '' }) => `
[sigma.acme]
client_id = "${clientId}"
secret = { file = "sigma.secret" }
${more}
`;

/// `[identity.corp]`; the secret is in `oidc.secret` unless told.
export const identity = ({ issuer, clientId, secret = '{ file = "oidc.secret" }', scopes }) => `
[identity.corp]
type = "oidc"
issuer = "${issuer}"
client_id = "${clientId}"
client_secret = ${secret}
email_domains = ["example.com"]
${scopes ? `scopes = ${JSON.stringify(scopes)}` : ''}
`;

/// An embed that everybody with a mapping may see.
export const embed = (name, url, more = '') => `
[embed.${name}]
url = "${url}"
allow = "mapped"
${more}
`;

/// Who is in the group (or fits `when`) gets a team of its own name.
export const finance = (when = '{ groups = ["finance"] }') => `
[[mapping]]
name = "finance"
when = ${when}
teams = ["Finance"]
account_type = "View"
`;

/// A host application on a port of this machine.
export const site = ({ url, upstream, embeds, more = '' }) => `
[[site]]
url = "${url}"
upstream = "http://127.0.0.1:${upstream}"
embeds = ${JSON.stringify(embeds)}
${more}
`;

/// A part of the site above that everybody may have.
export const publicRoute = (path) => `
[[site.route]]
path = "${path}"
access = "public"
`;

/// The Sigma URLs of an answer with widgets, as the host applications of these suites have it.
export const widgetsJson = (path) => `
[[site.json]]
path = "${path}"
select = "$.widgets[*].url"
`;
