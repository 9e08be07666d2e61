// What all providers are: a child process with an issuer, that can be stopped, started, and given another clock.

import { ready, startChild } from '../shared/child.mjs';
import { request } from '../shared/http.mjs';
import { CLIENT } from './people.mjs';

export class ProviderProcess {
  client = CLIENT;
  /// What cases may need that this provider does not have.
  lacks = [];
  /// What a person answers where it asks whether they want to sign out; none: it does not ask.
  confirmSignOut = null;
  /// Whether the ID token goes there by form: oidc-provider answers one with 404, and its `Lax` cookies stay behind.
  takesSignOutByForm = true;
  clockSeconds = 0;
  child = null;

  constructor(where) {
    this.port = where.provider;
    this.site = where.site;
    this.origin = `http://localhost:${this.port}`;
  }

  /// Who gets which teams: roles come as an array inside an object, groups as an array.
  rules() {
    return {
      sales: '{ "/realm_access/roles" = ["sales"] }',
      finance: `{ groups = ["${this.groupName('finance')}"] }`,
    };
  }

  /// From now on its clock is this far ahead.
  async setClock(seconds) {
    if (seconds === this.clockSeconds) return;
    await this.stop();
    this.clockSeconds = seconds;
    await this.start();
  }

  /// Runs the program until its documents are there; `bounds` as in wait.mjs.
  async run(program, args, options, bounds) {
    this.child = startChild(program, args, options);
    const document = `${this.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const answers = async () => (await request(document)).status === 200;
    await ready(this.child, `${this.name} to answer`, answers, bounds);
  }

  async stop() {
    await this.child?.stop();
  }

  output() {
    return this.child?.output() ?? '';
  }
}
