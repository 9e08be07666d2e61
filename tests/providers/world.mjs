// One case's surroundings: a gateway and a host application, and what a case asks of them.

import { settingsOf } from '../shared/embed_page.mjs';
import { startApplication } from './application.mjs';
import { startGateway } from './gateway.mjs';
import { PEOPLE, emailOf } from './people.mjs';
import { claimsOf } from './sigma_token.mjs';
import { Visitor, describe } from './visitor.mjs';

export class World {
  /// `settings` is what a case wants otherwise in the configuration.
  static async start({ binary, folder, where, provider }, settings) {
    const world = new World();
    Object.assign(world, { binary, folder, where, provider, settings });
    world.application = await startApplication(where.application);
    await world.startGateway();
    return world;
  }

  async startGateway() {
    this.gateway = await startGateway(this);
  }

  async stop() {
    await this.gateway?.stop();
    await this.application?.stop();
  }

  visitor() {
    return new Visitor(this);
  }

  /// The page is the application's, for this person; gives what it says.
  sees(page, person) {
    const isApplication = page.status === 200 && !page.headers['sigma-gateway'];
    if (!isApplication) throw new Error(`expected the application, got ${describe(page)}`);
    const said = JSON.parse(page.text);
    // An address that nobody vouches for is not told.
    const email = PEOPLE[person].emailVerified ? emailOf(person) : undefined;
    if (!said.user || said.email !== email)
      throw new Error(`the application was told of ${said.email}, not of ${person}`);
    return said;
  }

  /// The page is the gateway's, with this status and reason.
  refuses(page, status, reason) {
    if (page.status !== status || page.headers['sigma-gateway'] !== reason) {
      throw new Error(`expected ${status} ${reason}, got ${describe(page)}`);
    }
  }

  /// The visitor's frame gets a signed URL for exactly this person, teams and account type.
  async mints(visitor, { person, teams, accountType }) {
    const answer = await visitor.frame('/sigma/embed/revenue');
    this.refuses(answer, 200, 'minted');
    const { sub, teams: given, account_type: type } = claimsOf(settingsOf(answer.text).minted.url);
    const found = JSON.stringify([sub, [...(given ?? [])].sort(), type]);
    const wanted = JSON.stringify([emailOf(person), [...teams].sort(), accountType]);
    if (found !== wanted) throw new Error(`Sigma would be told ${found}, not ${wanted}`);
  }

  /// The frame gets no URL, and says why; the application is there all the same.
  async mintsNothing(visitor, person, reason) {
    this.refuses(await visitor.frame('/sigma/embed/revenue'), 403, reason);
    this.sees(await visitor.open('/dashboard'), person);
  }

  /// What `/readyz` says of the provider.
  async readiness() {
    const { status, text } = await this.gateway.admin('/readyz');
    return { status, provider: JSON.parse(text).providers?.corp };
  }
}
