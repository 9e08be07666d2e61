// Redmine as Debian packages it, on Puma and SQLite: forms with tokens against forgery, a session in a cookie, a wiki
// that knows links but no frames, attachments.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from '../shared/application.mjs';
import { hashOf, pieces } from './bulk.mjs';
import { equal, ok } from './check.mjs';
import { sigmaUrl } from './gateway.mjs';
import { attributeAt } from './visit.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const SETUP = path.join(here, 'parts/redmine/setup.rb');
const PROGRAM = '/usr/share/redmine';
const MADE = path.join(here, '../../target/tools/redmine'); // the data that every visit begins with
const WIKI = '/projects/sales/wiki/Revenue';
const FILE_BYTES = 3_000_000; // Redmine takes 5 MB unless it is told otherwise

export const redmine = {
  name: 'redmine',
  embedPage: WIKI,
  place: (where) => where.redmine,
  start: startRedmine,
  signIn: (visit) => signIn(visit, 'rita-password'),
  walk,
  screen: {
    signIn: signInOnScreen,
    away: '/projects/sales/activity',
    form: {
      path: '/projects/sales/issues/new',
      fields: { '#issue_subject': 'Zahlen für März', '#issue_description': 'The fourth quarter is missing.' },
      refused: { '#issue_subject': ' ' },
      button: '#issue-form input[name=commit]',
      sent: (page) => page.$eval('.subject h3', (found) => found.textContent.trim()),
    },
  },
  checks: [
    { name: 'a form without its token is refused by Redmine itself', run: forged },
    { name: 'a page comes whole, whatever the browser knows of it', run: revalidated },
    { name: 'an inserted frame is the last child of its element', run: inserted },
  ],
  /// What Redmine makes anew in every visit.
  normalise: [
    { name: 'session cookie', where: 'header', pattern: /^set-cookie: Redmine=[^;]+/, as: 'set-cookie: Redmine=ID' },
    { name: 'number and time of a request', where: 'header', pattern: /^(x-request-id|x-runtime): .*/, as: '$1: ID' },
    {
      name: 'form token',
      where: 'body',
      pattern: /(name="(?:authenticity_token|csrf-token)" (?:value|content)=")[^"]+/g,
      as: '$1TOKEN',
    },
    { name: 'name of a form', where: 'body', pattern: /\bname="([\w-]*form)-[0-9a-f]{8}"/g, as: 'name="$1"' },
    {
      name: 'validator of a page with one of these',
      where: 'header',
      pattern: /^etag: W\/"[0-9a-f]{32}"$/,
      as: 'etag: HASH',
    },
    { name: 'file of an upload', pattern: /\b(\d+\.)[0-9a-f]{64}\b/g, as: '$1TOKEN' },
    { name: 'time of day', pattern: /\b\d\d\/\d\d\/20\d\d \d\d:\d\d [AP]M\b/g, as: 'TIME' },
    { name: 'time of day, of its own', where: 'body', pattern: /\b\d\d:\d\d [AP]M\b/g, as: 'TIME' },
    { name: 'time of day, ISO', pattern: /\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, as: 'TIME' },
    { name: 'time of a change', where: 'header', pattern: /^last-modified: .*/, as: 'last-modified: TIME' },
    { name: "key of a person's feeds", pattern: /\bkey=[0-9a-f]{40}\b/g, as: 'key=KEY' },
  ],
};

async function startRedmine({ folder, where }) {
  const home = path.join(folder, 'redmine');
  fs.rmSync(home, { recursive: true, force: true });
  copyProgram(home);
  if (!fs.existsSync(madeFile())) make(home);
  fs.copyFileSync(madeFile(), path.join(home, 'data.sqlite'));
  const { port } = where.redmine;
  const args = ['--environment', 'production', '--bind', `tcp://127.0.0.1:${port}`, '--threads', '1:4'];
  return start({
    name: 'Redmine',
    command: 'puma',
    args,
    cwd: path.join(home, 'site'),
    env: ENV,
    port,
    page: '/login',
  });
}

const ENV = { RAILS_ENV: 'production', RAILS_LOG_TO_STDOUT: '1', TZ: 'UTC' };

/// Debian's folder for instances is for the machine's own; so the program gets another one.
function copyProgram(home) {
  const site = path.join(home, 'site');
  const isKept = (from) => ![`${PROGRAM}/instances`, `${PROGRAM}/config/database.yml`].includes(from);
  fs.cpSync(PROGRAM, site, { recursive: true, dereference: true, preserveTimestamps: true, filter: isKept });
  const instance = path.join(site, 'instances/default');
  for (const name of ['config', 'files', 'log', 'tmp']) fs.mkdirSync(path.join(instance, name), { recursive: true });
  const database = { production: { adapter: 'sqlite3', database: path.join(home, 'data.sqlite'), timeout: 5000 } };
  fs.writeFileSync(path.join(instance, 'config/database.yml'), JSON.stringify(database)); // YAML too
  fs.writeFileSync(path.join(instance, 'config/secret_key.txt'), 'only for this test '.repeat(4));
}

/// The data, as this version of Redmine and the set-up make it: once, since it takes a quarter of a minute.
function madeFile() {
  const made = createHash('sha256');
  for (const file of [SETUP, `${PROGRAM}/lib/redmine/version.rb`]) made.update(fs.readFileSync(file));
  return path.join(MADE, `${made.digest('hex').slice(0, 16)}.sqlite`);
}

function make(home) {
  execFileSync('ruby', ['bin/rails', 'runner', SETUP], {
    cwd: path.join(home, 'site'),
    env: { ...process.env, ...ENV },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  fs.mkdirSync(MADE, { recursive: true });
  fs.copyFileSync(path.join(home, 'data.sqlite'), `${madeFile()}.new`);
  fs.renameSync(`${madeFile()}.new`, madeFile());
}

async function walk(visit, where) {
  await visit.go('front page', '/');
  const refused = await signIn(visit, 'wrong');
  ok(refused.text.includes('Invalid user or password'), 'Redmine refuses a wrong password');
  const home = await signIn(visit, 'rita-password');
  ok(home.text.includes('Logged in as'), 'Redmine knows who it is');
  await writePage(visit, sigmaUrl(where));
  await issues(visit);
  await attach(visit);
  await assets(visit);
  await readAround(visit);
  await signOut(visit);
}

async function signIn(visit, password) {
  const login = await visit.go('sign-in form', '/login');
  return visit.submit('sign-in', login, 'name="password"', { username: 'rita', password });
}

async function signInOnScreen(page, origin) {
  await page.goto(`${origin}/login`, { waitUntil: 'load' });
  await page.type('#username', 'rita');
  await page.type('#password', 'rita-password');
  await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), page.click('#login-submit')]);
  await page.waitForSelector('#loggedas');
}

/// The text has Sigma's URL as a link, and in words. The frame is inserted where the page is shown.
async function writePage(visit, url) {
  const form = await visit.go('edit form', WIKI);
  const text = `h1. Umsätze 2026\n\nQuartalszahlen: "all of them":${url}\n\n${'Zeile um Zeile. '.repeat(300)}\n`;
  const preview = {
    method: 'POST',
    kind: 'fetch',
    body: new URLSearchParams({ 'content[text]': text, authenticity_token: tokenOf(form) }).toString(),
    headers: { ...XHR, 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8', origin: visit.origin },
  };
  const seen = await visit.go('preview', `${WIKI}/preview`, { ...preview, slots: 1 });
  ok(seen.text.includes('Umsätze 2026'), 'the preview');
  const page = await visit.submit('save', form, 'id="wiki_form"', { 'content[text]': text }, { slots: 2 });
  ok(page.text.includes('Quartalszahlen'), 'the page is there');
  await visit.go('page', WIKI, { slots: 2 });
  await visit.go('history', `${WIKI}/history`);
  await visit.go('page as a file to keep', `${WIKI}.html`);
  await visit.go('page as text', `${WIKI}.txt`, { kind: 'tool' });
}

const XHR = { accept: '*/*', 'x-requested-with': 'XMLHttpRequest' };

const tokenOf = (page) => attributeAt(page.text, 'name="csrf-token"', 'content');

async function issues(visit) {
  await visit.go('list of issues', '/projects/sales/issues', { slots: 1 });
  const form = await visit.go('form of an issue', '/projects/sales/issues/new', { slots: 1 });
  const text = { 'issue[subject]': '', 'issue[description]': 'größer als zuvor' };
  const refused = await visit.submit('issue without a subject', form, 'id="issue-form"', text, { slots: 1 });
  equal(refused.status, 200, 'the form again');
  ok(refused.text.includes('größer als zuvor'), 'what was typed is still there');
  const made = await visit.submit('issue', refused, 'id="issue-form"', { 'issue[subject]': 'Zahlen für März' });
  ok(made.text.includes('Zahlen für März'), 'the issue');
  await visit.go('issues as a table', '/projects/sales/issues.csv', { kind: 'tool' });
  await visit.go('feed', '/projects/sales/activity.atom', { kind: 'tool' });
}

/// As its script sends a file: by itself, then by name with the form.
async function attach(visit) {
  const form = await visit.go('the issue', '/issues/1');
  const body = { length: FILE_BYTES, pieces: () => pieces(FILE_BYTES, 'redmine') };
  const stored = await visit.go(
    'upload',
    '/uploads.js?attachment_id=1&filename=figures.zip&content_type=application%2Fzip',
    {
      method: 'POST',
      kind: 'fetch',
      body,
      headers: {
        ...XHR,
        'content-type': 'application/octet-stream',
        'x-csrf-token': tokenOf(form),
        origin: visit.origin,
      },
    },
  );
  const token = /\b\d+\.[0-9a-f]{64}\b/.exec(stored.text)?.[0];
  ok(token, 'the upload has a name');
  const typed = {
    'attachments[1][filename]': 'figures.zip',
    'attachments[1][token]': token,
    'issue[notes]': 'See there.',
  };
  const changed = await visit.submit('note with a file', form, 'id="issue-form"', typed);
  ok(changed.text.includes('figures.zip'), 'the file is listed');
  const file = await visit.go('download', '/attachments/download/1/figures.zip');
  equal(file.sha256, hashOf(FILE_BYTES, 'redmine'), 'the bytes of a download');
}

async function assets(visit) {
  const style = '/stylesheets/application.css';
  const first = await visit.go('style sheet', style, { kind: 'script' });
  const known = { kind: 'script', headers: { 'if-modified-since': first.headers['last-modified'] } };
  equal((await visit.go('style sheet that is known', style, known)).status, 304, 'an unchanged style sheet');
  await visit.go('script', '/javascripts/application.js', { kind: 'script' });
  await visit.go('picture', '/favicon.ico', { kind: 'image' });
}

async function readAround(visit) {
  const found = await visit.go('search', '/projects/sales/search?q=Quartalszahlen');
  ok(found.text.includes('Revenue'), 'the search finds the page');
  await visit.go('activity', '/projects/sales/activity');
  await visit.go('not there', '/projects/nothing');
}

async function signOut(visit) {
  const page = await visit.go('front page before signing out', '/');
  const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: visit.origin };
  const body = new URLSearchParams({ authenticity_token: tokenOf(page) }).toString();
  const left = await visit.go('sign-out', '/logout', { method: 'POST', body, headers });
  ok(!left.text.includes('Logged in as'), 'Redmine has forgotten who it was');
}

async function forged({ visit }) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: visit.origin };
  const body = 'issue%5Bsubject%5D=forged&authenticity_token=wrong';
  const answer = await visit.ask('/projects/sales/issues', { method: 'POST', body, headers });
  equal([answer.status, answer.headers['sigma-gateway']], [422, undefined], 'what Redmine says');
}

async function inserted({ visit }) {
  const page = await visit.ask(WIKI);
  ok(
    /<iframe src="\/sigma\/embed\/revenue"[^>]*><\/iframe><\/div>/.test(page.text),
    'the frame before the end of a div',
  );
}

/// Directly it is a 304. Behind the gateway that could bring back a page as links were written into it long ago.
async function revalidated({ visit }) {
  const page = await visit.ask('/projects/sales/activity');
  const again = await visit.ask('/projects/sales/activity', { headers: { 'if-none-match': page.headers.etag } });
  equal(again.status, 200, 'the page again');
}
