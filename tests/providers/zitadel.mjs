// The example server of zitadel/oidc, a Go program: an issuer that ends in a slash, and nothing but `sub` in its ID
// tokens: who somebody is, is at UserInfo. It has no groups, so the rules go by the name; and no session of its own: it
// asks each time.

import fs from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../shared/gateway.mjs';
import { PASSWORD, PEOPLE, emailOf } from './people.mjs';
import { ProviderProcess } from './process.mjs';

export class Zitadel extends ProviderProcess {
  name = 'zitadel';
  scopes = ['openid', 'email', 'profile'];
  client = { id: 'web', secret: 'secret' };
  lacks = ['admin', 'groups', 'clock', 'session', 'keys'];

  constructor({ program, where }) {
    super(where);
    this.program = program;
    this.issuer = `${this.origin}/`;
    this.users = path.join(temporaryFolder('sigma-gateway-zitadel'), 'users.json');
  }

  rules() {
    const those = (is) => JSON.stringify(Object.keys(PEOPLE).filter((name) => is(PEOPLE[name])));
    return {
      sales: `{ preferred_username = ${those(({ roles }) => roles.includes('sales'))} }`,
      finance: `{ preferred_username = ${those(({ groups }) => groups.includes('finance'))} }`,
    };
  }

  prepare() {
    const users = Object.entries(PEOPLE).map(([name, { emailVerified }]) => [idOf(name), userOf(name, emailVerified)]);
    fs.writeFileSync(this.users, JSON.stringify(Object.fromEntries(users)));
    return this.start();
  }

  /// Starts it; its key is new.
  async start() {
    const env = { PORT: `${this.port}`, REDIRECT_URI: `${this.site}/oauth2/callback`, USERS_FILE: this.users };
    await this.run(this.program, [], { env }, { seconds: 20 });
  }
}

const idOf = (name) => `id-${name}`;

const userOf = (name, emailVerified) => ({
  ID: idOf(name),
  Username: name,
  Password: PASSWORD,
  FirstName: name,
  LastName: 'Example',
  Email: emailOf(name),
  EmailVerified: emailVerified,
  PreferredLanguage: 'en',
});
