// What an administrator does in Keycloak, by its Admin API.

import { request } from '../shared/http.mjs';
import { REALM } from './realm.mjs';

export const ADMIN = { username: 'admin', password: 'only for this test' };

export class KeycloakAdmin {
  constructor(origin) {
    this.origin = origin;
    this.realm = `${origin}/admin/realms/${REALM}`;
  }

  /// Nobody signs in as this person any more, or they do again.
  async enable(person, isEnabled) {
    const id = await this.#idOf(person);
    const user = await this.get(`/users/${id}`);
    await this.send(204, 'PUT', `/users/${id}`, { ...user, enabled: isEnabled });
  }

  async leaveGroup(person, group) {
    await this.send(204, 'DELETE', await this.#membership(person, group));
  }

  async joinGroup(person, group) {
    await this.send(204, 'PUT', await this.#membership(person, group));
  }

  /// Ends what sessions a person has; gives how many there were.
  async endSessions(person) {
    const sessions = await this.get(`/users/${await this.#idOf(person)}/sessions`);
    for (const { id } of sessions) await this.send(204, 'DELETE', `/sessions/${id}`);
    return sessions.length;
  }

  async get(path) {
    return JSON.parse((await this.send(200, 'GET', path)).text);
  }

  async send(status, method, path, json) {
    const headers = { authorization: `Bearer ${await this.#token()}` };
    return expect(status, await request(this.realm + path, { method, headers, json }));
  }

  async #membership(person, group) {
    const groups = await this.get('/groups');
    return `/users/${await this.#idOf(person)}/groups/${groups.find(({ name }) => name === group).id}`;
  }

  async #idOf(person) {
    const [user] = await this.get(`/users?exact=true&username=${person}`);
    return user.id;
  }

  async #token() {
    const form = { grant_type: 'password', client_id: 'admin-cli', ...ADMIN };
    const url = `${this.origin}/realms/master/protocol/openid-connect/token`;
    return JSON.parse(expect(200, await request(url, { method: 'POST', form })).text).access_token;
  }
}

function expect(status, answer) {
  const { status: found, text } = answer;
  if (found !== status) throw new Error(`expected ${status} from Keycloak, got ${found} ${text.slice(0, 200)}`);
  return answer;
}
