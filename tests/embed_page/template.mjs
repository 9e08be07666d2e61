// The embed page as the gateway writes it, around the assets and the words that it has.

import fs from 'node:fs';
import { randomBytes } from 'node:crypto';

const asset = (name) => fs.readFileSync(new URL(`../../src/reply/assets/${name}`, import.meta.url), 'utf8');

const source = (name) => fs.readFileSync(new URL(`../../src/${name}`, import.meta.url), 'utf8');

/// The texts of pages in a language: English stands in the code, the others in tables.
export function wordsIn(language) {
  const [text, pattern] =
    language === 'en'
      ? [source('reply/words.rs'), /^ {4}\w+ "(\w+)" (".*");$/gm]
      : [source(`config/gateway/words/${language}.toml`).split('[reason.')[0], /^(\w+) = (".*")$/gm];
  return Object.fromEntries(Array.from(text.matchAll(pattern), ([, key, value]) => [key, JSON.parse(value)]));
}

/// Body and headers of the page for this configuration, in a language.
export function embedPage(settings, language = 'en') {
  const config = { ...settings, words: wordsIn(language) };
  const nonce = randomBytes(16).toString('base64');
  const title = config.title.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  const data = JSON.stringify(config).replace(/</g, '\\u003c');
  const body = `<!doctype html><html lang="${language}"><head><meta charset="utf-8">\
<meta name="robots" content="noindex">\
<meta name="turbo-visit-control" content="reload"><meta name="turbolinks-visit-control" content="reload">\
<title>${title}</title><style nonce="${nonce}">${asset('embed_page.css')}</style></head><body>\
<p role="status">This dashboard needs JavaScript and a current browser. \
<a href="" target="_blank">Open it in a tab</a></p>\
<script type="application/json" id="embed">${data}</script>\
<script nonce="${nonce}">${asset('embed_page.js')}</script></body></html>`;
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; \
frame-src http: https:; base-uri 'none'; form-action 'none'`;
  return [body, { 'content-security-policy': policy, 'referrer-policy': 'no-referrer' }];
}
