// The configuration of the run: everything is on, and each secret is a canary.

export const SIGMA = 'https://app.sigmacomputing.com';
export const WORKBOOK = `${SIGMA}/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe`;

/// `control` is the text that may be everywhere: it is part of an embed's name.
export function configuration({ ports, issuer, clientId, control, extra = '' }) {
  const site = (name, deliver, upstream) => `
[[site]]
url = "http://${name}.localhost:${ports.gateway}"
upstream = "http://127.0.0.1:${upstream}"
deliver = "${deliver}"
embeds = ["revenue", "${control}", "closed", "off", "any"]
upstream_timeout = "1s"
forget_cookies = ["JSESSIONID"]
[[site.insert]]
path = "/insert/"
select = "div#dashboard"
place = "append"
embed = "revenue"
[[site.json]]
path = "/api/widgets"
select = "$.widgets[*].url"
[[site.route]]
path = "/public/"
access = "public"
[[site.route]]
path = "/admin/"
access = { when = { groups = ["nobody"] } }
[[site.route]]
path = "/old-report"
embed = "revenue"
`;
  return `
[listen]
address = "127.0.0.1:${ports.gateway}"
admin = "127.0.0.1:${ports.admin}"
[session]
keys = [{ file = "session.key" }]
[sigma.acme]
client_id = "${clientId}"
secret = { file = "sigma.secret" }
names = true
[identity.corp]
type = "oidc"
issuer = "${issuer}"
client_id = "sigma-gateway"
client_secret = { env = "LEAKS_CLIENT_SECRET" }
email_domains = ["example.com"]
[embed.revenue]
url = "${WORKBOOK}"
allow = "mapped"
page_controls = ["Region"]
[embed.${control}]
url = "${SIGMA}/acme/workbook/Control-6qUg3RfSlMnO9tWxYzA1bC"
allow = "mapped"
open = "redirect"
[embed.closed]
url = "${SIGMA}/acme/workbook/Closed-7rVh4SgTmNoP0uXyZaB2cD"
allow = ["internal"]
[embed.off]
url = "${SIGMA}/acme/workbook/Off-8sWi5ThUnOpQ1vYzAbC3dE"
allow = "mapped"
enabled = false
[embed.any]
url = "${SIGMA}/acme/workbook/*"
allow = "mapped"
[[mapping]]
name = "finance"
when = { groups = ["finance"] }
teams = ["Finance"]
account_type = "View"
[[mapping]]
name = "internal"
when = { groups = ["sigma-internal"] }
user = "internal"
${site('signed', 'signed', ports.host)}
${site('link', 'link', ports.host)}
${site('down', 'link', ports.nobody)}
${extra}
`;
}

/// Configurations that are refused, each with a secret where an operator might put it by mistake.
export function badConfigurations(good, misplaced) {
  return {
    'a secret inline': good.replace('{ env = "LEAKS_CLIENT_SECRET" }', `"${misplaced}"`),
    'a secret under an unknown key': good.replace('[identity.corp]', `[identity.corp]\npassword = "${misplaced}"`),
    'a secret in a line that is not TOML': good.replace('{ env = "LEAKS_CLIENT_SECRET" }', `${misplaced} "`),
    'an inline secret without its quote': good.replace('{ env = "LEAKS_CLIENT_SECRET" }', `"${misplaced}`),
    'a secret as a table of another kind': good.replace('{ env = "LEAKS_CLIENT_SECRET" }', `{ value = "${misplaced}" }`),
    'an inline session key': good.replace('[{ file = "session.key" }]', `["${misplaced}"]`),
    'a secret twice': good.replace('names = true', `secret = "${misplaced}"`),
  };
}
