// DokuWiki as Debian packages it, on PHP's own server: form login with a token, pages with forms, search, media files.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from '../shared/application.mjs';
import { BULK_BYTES, hashOf, multipart } from './bulk.mjs';
import { equal, ok } from './check.mjs';
import { resumesDownload } from './common.mjs';
import { attributeAt } from './visit.mjs';

const parts = path.join(path.dirname(fileURLToPath(import.meta.url)), 'parts/dokuwiki');
const FRAME = '<html><iframe data-sigma-embed="revenue" title="Revenue" width="100%" height="500"></iframe></html>';
const TEXT = `====== Umsätze 2026 ======

Quartalszahlen für alle — ${'Zeile um Zeile. '.repeat(40)}

${FRAME}

===== Notes =====

  * one
  * two
`;
const BULK_SEED = 'dokuwiki';

export const dokuwiki = {
  name: 'dokuwiki',
  embedPage: '/doku.php?id=reports:revenue',
  place: (where) => where.wiki,
  start: startWiki,
  walk,
  screen: { away: '/doku.php?id=start' },
  checks: [
    { name: 'an upload of 100 MiB arrives whole, and comes back whole', run: bigUpload },
    { name: 'a download that broke off is resumed where it stopped', run: resume },
    { name: 'a HEAD tells the length of a download', run: head },
  ],
  /// What DokuWiki makes anew in every visit.
  normalise: [
    { name: 'session cookie', pattern: /\b(DokuWiki|DW[0-9a-f]{32})=[^;\s]+/g, as: '$1=ID' },
    { name: 'expiry of a cookie', where: 'header', pattern: /expires=[^;]+; Max-Age=\d+/g, as: 'expires=TIME' },
    { name: 'form token', pattern: /(name="sectok" value="|[?&;]sectok=|"sectok":")[0-9a-f]{32}/g, as: '$1TOKEN' },
    { name: 'time in seconds', where: 'body', pattern: /\b1[789]\d{8}\b/g, as: 'TIME' },
    { name: 'age', where: 'body', pattern: /\b\d+ seconds? ago\b/g, as: 'AGE' },
    { name: 'validator made of a time', where: 'header', pattern: /^etag: "[0-9a-f]{32}"$/, as: 'etag: TIME' },
    { name: 'time of a change', where: 'header', pattern: /^(last-modified|expires): .*/, as: '$1: TIME' },
    {
      name: 'time of day',
      pattern: /\b20\d\d(?:\\?\/|-)\d\d(?:\\?\/|-)\d\d[ T]\d\d:\d\d(:\d\d)?(\+\d\d:\d\d|Z)?/g,
      as: 'TIME',
    },
  ],
};

async function startWiki({ folder, where }) {
  const home = path.join(folder, 'dokuwiki');
  fs.rmSync(home, { recursive: true, force: true });
  const copy = (from, to) =>
    fs.cpSync(from, path.join(home, to), { recursive: true, dereference: true, preserveTimestamps: true });
  copy('/usr/share/dokuwiki', 'site');
  copy('/etc/dokuwiki', 'conf');
  copy('/var/lib/dokuwiki/data', 'data');
  const write = (name, text) => {
    fs.writeFileSync(path.join(home, name), text);
    fs.utimesSync(path.join(home, name), 1_700_000_000, 1_700_000_000);
  };
  write('conf/local.php', fs.readFileSync(path.join(parts, 'local.php')));
  write('conf/acl.auth.php', '*\t@ALL\t1\n*\t@user\t16\n');
  const hash = execFileSync('php', [
    '-r',
    'echo password_hash("wanda-pw", PASSWORD_BCRYPT, ["cost" => 4]);',
  ]).toString();
  write('conf/users.auth.php', `wanda:${hash}:Wanda Example:wanda@example.com:admin,user\n`);
  const settings = [
    'upload_max_filesize=200M',
    'post_max_size=210M',
    'memory_limit=512M',
    'max_execution_time=120',
    `auto_prepend_file=${path.join(parts, 'pre.php')}`,
  ].flatMap((setting) => ['-d', setting]);
  const { port } = where.wiki;
  const args = ['-q', ...settings, '-S', `127.0.0.1:${port}`, '-t', path.join(home, 'site')];
  return start({
    name: 'DokuWiki',
    command: 'php',
    args,
    cwd: home,
    env: { WIKI_FOLDER: home },
    port,
    page: '/doku.php',
  });
}

async function walk(visit) {
  await visit.go('front page', '/');
  const login = await visit.go('sign-in form', '/doku.php?id=start&do=login');
  const refused = await visit.submit('sign-in with a wrong password', login, 'name="p"', { u: 'wanda', p: 'wrong' });
  ok(refused.text.includes('wrong'), 'the wiki refuses a wrong password');
  const home = await visit.submit('sign-in', refused, 'name="p"', { u: 'wanda', p: 'wanda-pw' });
  ok(home.text.includes('Wanda Example'), 'the wiki knows who it is');
  await writePage(visit);
  await readAround(visit);
  await search(visit);
  await assets(visit);
  await smallUpload(visit);
  await signOut(visit);
}

async function writePage(visit) {
  const empty = await visit.go('page that is not there yet', '/doku.php?id=reports:revenue');
  ok(empty.status === 200 || empty.status === 404, 'an answer for a missing page');
  const form = await visit.go('edit form', '/doku.php?id=reports:revenue&do=edit');
  const preview = await visit.submit(
    'preview',
    form,
    'name="wikitext"',
    { wikitext: TEXT, 'do[preview]': '1' },
    { slots: 1 },
  );
  const saved = await visit.submit(
    'save',
    preview,
    'name="wikitext"',
    { wikitext: TEXT, summary: 'first', 'do[save]': '1' },
    { slots: 1 },
  );
  ok(saved.text.includes('Umsätze 2026'), 'the page is saved');
  await visit.go('page with a frame', '/doku.php?id=reports:revenue', { slots: 1 });
  await visit.go('its export', '/doku.php?id=reports:revenue&do=export_xhtml', { slots: 1 });
  await visit.go('its raw text', '/doku.php?id=reports:revenue&do=export_raw');
}

async function readAround(visit) {
  for (const [title, action] of [
    ['revisions', 'revisions'],
    ['recent changes', 'recent'],
    ['site map', 'index'],
    ['backlinks', 'backlink'],
    ['media of a page', 'media'],
  ]) {
    await visit.go(title, `/doku.php?id=reports:revenue&do=${action}`);
  }
  await visit.go('feed', '/feed.php');
}

async function search(visit) {
  await visit.go('indexer', '/lib/exe/taskrunner.php?id=reports:revenue', { kind: 'image' });
  const found = await visit.go('full-text search', '/doku.php?do=search&id=start&q=Quartalszahlen');
  ok(found.text.includes('reports:revenue'), 'the search finds the page');
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-requested-with': 'XMLHttpRequest' };
  const quick = await visit.go('search while typing', '/lib/exe/ajax.php', {
    method: 'POST',
    kind: 'fetch',
    body: 'call=qsearch&q=revenue',
    headers,
  });
  ok(quick.text.includes('revenue'), 'the quick search finds the page');
}

async function assets(visit) {
  const page = await visit.go('front page again', '/doku.php?id=start');
  const style = new URL(attributeAt(page.text, 'rel="stylesheet"', 'href'), page.url);
  await visit.go('style sheet, as it is made', style.pathname + style.search, { kind: 'script' });
  const first = await visit.go('style sheet', style.pathname + style.search, { kind: 'script' });
  ok(first.headers.etag, 'the style sheet has a validator');
  const again = { kind: 'script', headers: { 'if-none-match': first.headers.etag } };
  const known = await visit.go('style sheet that is known', style.pathname + style.search, again);
  equal(known.status, 304, 'an unchanged style sheet');
  await visit.go('picture', '/lib/tpl/dokuwiki/images/logo.png', { kind: 'image' });
}

async function smallUpload(visit) {
  const form = await visit.go('media manager', '/lib/exe/mediamanager.php?ns=reports');
  const stored = await upload(visit, form, { filename: 'small.zip', bytes: 300_000, seed: 'small' });
  ok(stored.text.includes('small.zip'), 'the upload is listed');
  const file = await visit.go('download', '/lib/exe/fetch.php?media=reports:small.zip');
  equal(file.sha256, hashOf(300_000, 'small'), 'the bytes of a download');
  const range = { kind: 'tool', headers: { range: 'bytes=1000-1999' } };
  equal(
    (await visit.go('part of a download', '/lib/exe/fetch.php?media=reports:small.zip', range)).status,
    206,
    'a range',
  );
}

async function signOut(visit) {
  const page = await visit.go('front page before signing out', '/doku.php?id=start');
  const link = new URL(attributeAt(page.text, 'do=logout', 'href'), page.url);
  const left = await visit.go('sign-out', link.pathname + link.search);
  ok(!left.text.includes('Wanda Example'), 'the wiki has forgotten who it was');
  await visit.go('page without rights', '/doku.php?id=reports:revenue&do=edit');
}

/// The media manager's own form, with its hidden fields.
async function upload(visit, form, file) {
  const found = /<form[^>]*id="dw__upload"[\s\S]*?<\/form>/.exec(form.text)?.[0];
  ok(found, 'an upload form');
  const hidden = [...found.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [
    name,
    value,
  ]);
  const body = multipart([...hidden, ['mediaid', file.filename], ['ow', '1']], { name: 'upload', ...file });
  return visit.go(`upload of ${file.filename}`, '/lib/exe/mediamanager.php?ns=reports', {
    method: 'POST',
    body,
    headers: { origin: visit.origin },
  });
}

async function bigUpload({ visit }) {
  const login = await visit.go('sign-in form', '/doku.php?id=start&do=login');
  await visit.submit('sign-in', login, 'name="p"', { u: 'wanda', p: 'wanda-pw' });
  const form = await visit.go('media manager', '/lib/exe/mediamanager.php?ns=reports');
  await upload(visit, form, { filename: 'big.zip', bytes: BULK_BYTES, seed: BULK_SEED });
  const whole = await visit.ask(BIG, { onPiece: () => {} });
  equal(whole.size, BULK_BYTES, 'its length');
  equal(whole.sha256, hashOf(BULK_BYTES, BULK_SEED), 'its bytes');
}

const BIG = '/lib/exe/fetch.php?media=reports:big.zip';

function resume({ visit }) {
  return resumesDownload(visit, BIG, BULK_SEED, 'etag');
}

async function head({ visit }) {
  const answer = await visit.ask(BIG, { method: 'HEAD', kind: 'tool' });
  equal(answer.status, 200, 'the status');
  equal(answer.headers['content-length'], String(BULK_BYTES), 'the length');
}
