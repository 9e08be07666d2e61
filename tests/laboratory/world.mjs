// A gateway, a provider and an application for some cases, and what each case sees of them.

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { request } from '../shared/http.mjs';
import {
  command,
  folderWith,
  newSessionKey,
  newSigmaSecret,
  startGateway,
  temporaryFolder,
} from '../shared/gateway.mjs';
import { listen } from '../shared/servers.mjs';
import { until } from '../shared/wait.mjs';
import { configurationOf, secretsOf, tenantsOf } from './configuration.mjs';
import { startProvider } from './provider.mjs';

/// Every world has a folder below this one.
const root = temporaryFolder('laboratory');
let worlds = 0;

/// Starts the three; `cases` are all that share them.
export async function startWorld({ binary, cases, ports }) {
  const [idp, app, gateway, admin] = ports;
  const provider = await startProvider(tenantsOf(cases), idp);
  const places = { idp, app, gateway, admin, base: provider.base };
  const refusals = refusedConfigurations(binary, cases, places);
  const accepted = Object.fromEntries(Object.entries(cases).filter(([name]) => !refusals.has(name)));
  const application = await startApplication(app);
  const stopAll = async () => {
    await application.stop();
    await provider.stop();
  };
  if (Object.keys(accepted).length === 0) return { refusals, stop: stopAll };
  const folder = newFolder(filesOf(accepted, places));
  const files = ['out.log', 'err.log'].map((name) => path.join(folder, name));
  const running = await startGateway({ binary, folder, admin, files }).catch(async (error) => {
    await stopAll();
    throw error;
  });
  const log = new Log(files[0]);
  const errors = () => fs.readFileSync(files[1], 'utf8');
  const shared = { provider, places, running, log, errors, folder, application };
  const viewOf = (name) => new World(name, cases[name], shared);
  const stop = async () => {
    await running.stop();
    await stopAll();
  };
  return { refusals, viewOf, stop, log, errors, issued: provider.issued };
}

/// What one case sees.
class World {
  constructor(name, it, { provider, places, running, log, errors, folder, application }) {
    Object.assign(this, { name, it, provider, places, running, log, errors, folder });
    this.host = `${name}.localhost`;
    this.site = `http://${this.host}:${places.gateway}`;
    this.base = provider.base;
    this.tenant = `${provider.base}/${name}`;
    this.application = application;
  }

  /// What the case's provider was asked, at one endpoint or at all.
  asked(at) {
    return this.provider.asked(this.name, at);
  }

  /// What its hooks keep.
  get state() {
    if (!this.provider.states.has(this.name)) this.provider.states.set(this.name, {});
    return this.provider.states.get(this.name);
  }

  /// What the application was asked for, of this case's site.
  requests() {
    return this.application.seen.filter(({ host }) => host.split(':')[0] === this.host);
  }

  /// The case's lines of the log.
  lines() {
    return this.log
      .lines()
      .filter(({ site, host, provider }) => [site, host].includes(this.host) || provider === this.name);
  }

  /// The last line of the audit for an event; waits for it.
  audit(event, fits = () => true) {
    const found = () => this.lines().filter((line) => line.kind === 'audit' && line.event === event && fits(line));
    return until(`an audit line ${event}`, () => found().at(-1), { seconds: 2, every: 20 });
  }

  /// An event line of the case's provider that fits; waits for it.
  event(pattern) {
    const fits = (line) => line.kind === 'event' && pattern.test(JSON.stringify(line));
    const found = () => this.log.lines().find((line) => fits(line) && JSON.stringify(line).includes(this.name));
    return until(`an event line ${pattern}`, found, { seconds: 3, every: 50 });
  }

  /// The last word of the log on a sign-in, for a failure.
  async told() {
    const line = await this.audit('sign_in').catch(() => undefined);
    return line ? `the log: ${line.result}: ${line.detail}` : 'the log says nothing of a sign-in';
  }

  admin(where) {
    return request(`http://127.0.0.1:${this.places.admin}${where}`);
  }

  /// Writes the configuration anew and has it read.
  reload() {
    this.running.reload();
  }
}

/// The gateway's lines, read as they come.
class Log {
  #parsed = [];
  #rest = '';
  #at = 0;

  constructor(file) {
    this.open = fs.openSync(file, 'r');
  }

  lines() {
    const size = fs.fstatSync(this.open).size;
    if (size > this.#at) {
      const piece = Buffer.alloc(size - this.#at);
      this.#at += fs.readSync(this.open, piece, 0, piece.length, this.#at);
      const all = (this.#rest + piece.toString()).split('\n');
      this.#rest = all.pop();
      this.#parsed.push(...all.filter(Boolean).map((text) => JSON.parse(text)));
    }
    return this.#parsed;
  }
}

/// An application that says nothing and remembers who was named to it.
async function startApplication(port) {
  const seen = [];
  const server = http.createServer((req, res) => {
    const told = (name) => req.headers[`x-forwarded-${name}`] ?? '-';
    seen.push({
      host: req.headers.host,
      method: req.method,
      path: req.url,
      user: told('user'),
      email: told('email'),
      groups: told('groups'),
      cookie: req.headers.cookie ?? '',
    });
    res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html><title>application</title>');
  });
  return { seen, stop: await listen(server, port) };
}

function newFolder(files) {
  worlds += 1;
  return folderWith(path.join(root, `${worlds}`), files);
}

function filesOf(cases, places) {
  return {
    'gateway.toml': configurationOf(cases, places),
    'session.key': newSessionKey(),
    'sigma.secret': newSigmaSecret(),
    ...secretsOf(cases),
  };
}

/// The cases whose configuration this binary does not take, with its words: a key that is not built yet must not keep
/// the others from running.
function refusedConfigurations(binary, cases, places) {
  const refusals = new Map();
  const folder = newFolder({});
  for (const [name, it] of Object.entries(cases)) {
    if (!it.identity && !it.site && !it.mapping && !it.top && !it.session && !it.signIn) continue;
    const own = folderWith(path.join(folder, name), filesOf({ [name]: it }, places));
    const file = path.join(own, 'gateway.toml');
    const { status, stdout, stderr } = command(binary, ['check', '--config', file]);
    if (status !== 0) refusals.set(name, `${stdout}${stderr}`.replaceAll(own, '').trim());
  }
  return refusals;
}
