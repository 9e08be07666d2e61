// Pages out of a seed: tags in any order, closed or not, with slots of each kind between, in the spellings that
// browsers take. Each slot has an id: `m0`, `m1`, …

import { REVENUE } from '../config.mjs';
import { Random } from './random.mjs';

const words = (text) => text.split(' ');
const ELEMENTS = words(
  'div p span b i a form table tbody tr td th caption colgroup ul li dl dt dd h1 h2 center font nobr button label ' +
    'fieldset pre section blockquote marquee object ruby rb rt rtc svg math mi mtext mglyph foreignObject desc g ' +
    'path option optgroup input img br hr details dialog video canvas map x-a u tt strong code applet listing',
);
/// No `frameset`: where one may still come, browsers take the body out that was there, links and all.
const RARE = words(
  'template textarea script style title xmp iframe noembed noframes noscript plaintext head body html frame ' +
    'annotation-xml',
);
const BETWEEN = [
  '<!-- a -->',
  '<!-->',
  '<!-- -- > -->',
  '<!x>',
  '<?php a ?>',
  '</ x>',
  '</>',
  '<>',
  '< b>',
  '<![CDATA[ a > b ]]>',
  '<!doctype html>',
  '<script>var a = "<!--"; </script>',
  '<script><!-- <script> </script> --></script>',
  '<script>if (a<b) c("</div>")</script>',
  '<style>a>b{}</style>',
  '<textarea></div></textarea>',
  '<xmp><b></xmp>',
  '\0',
  '\r\n',
  'text',
  ' ',
  '&nbsp;',
  '<br/>',
  '<svg/>',
  '<div/>',
  '<input type=hidden>',
  '-->',
];
const MORE = ['class=x', 'title="a>b"', "title='<b>'", 'hidden', 'encoding="text/html"', 'color=red', 'a=b c', '/'];
const STARTS = [
  '',
  '<html>',
  '<html><head><title>t</title></head><body>',
  '<body>',
  '<head></head>',
  '<frameset rows=*>',
];
const DOCTYPES = ['', '<!DOCTYPE html>', '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">'];

/// Sigma's URL of the embed, as attributes spell it, and URLs that are none of it.
const URLS = [
  REVENUE,
  REVENUE.replace('http', 'HTTP'),
  REVENUE.slice('http:'.length),
  REVENUE.replace('http:', '/'),
  REVENUE.replace('sigma.', 'sigma&#46;'),
  REVENUE.replace('sigma.', 's&#x69;gma&period;'),
  REVENUE.replaceAll('/', '&sol;'),
  `${REVENUE}?Region=EMEA`,
  `${REVENUE}?a=1&Region=EMEA&copy=2`,
  `${REVENUE}?x=1&amp;Region=EMEA#f`,
  REVENUE.replace('http://', 'http:\\\\'),
  ` ${REVENUE}`,
];
const OTHERS = [
  '/x',
  'http://other.localhost/a',
  '',
  '#top',
  REVENUE.replace('39102', '39103'),
  REVENUE.replace('/acme', '/other'),
  REVENUE.replace('http://', 'http:/'),
  `${REVENUE}/edit`,
];
const NAMES = [
  'data-sigma-embed=revenue',
  'data-sigma-embed="revenue"',
  "data-sigma-embed='revenue'",
  'DATA-Sigma-Embed=revenue',
  'data-sigma-embed = "revenue"',
  'data-sigma-embed="rev&#101;nue"',
];
/// The attribute with the URL of what a name may fill.
export const NAMED = { iframe: 'src', frame: 'src', embed: 'src', object: 'data', a: 'href', area: 'href' };
const KINDS = words('iframe iframe iframe a a frame embed object area form meta button input base');

export class SlotPages {
  #random;
  #slots = 0;

  constructor(seed) {
    this.#random = new Random(seed);
  }

  next() {
    const { below, oneOf } = methodsOf(this.#random);
    this.#slots = 0;
    let page = oneOf(DOCTYPES) + oneOf(STARTS);
    for (let left = 3 + below(22); left > 0; left -= 1) {
      const kind = below(100);
      if (kind < 38) page += this.#tag(this.#name());
      else if (kind < 55) page += `</${this.#cased(this.#name())}${oneOf(['', '', ' ', ' x=y'])}>`;
      else if (kind < 66) page += oneOf(BETWEEN);
      else page += this.#slot();
    }
    return page;
  }

  #name() {
    return this.#random.oneOf(this.#random.once(12) ? RARE : ELEMENTS);
  }

  #cased(name) {
    return this.#random.once(7) ? name.toUpperCase() : name;
  }

  #tag(name) {
    const more = this.#random.once(5) ? ` ${this.#random.oneOf(MORE)}` : '';
    return `<${this.#cased(name)}${more}${this.#random.once(16) ? '/' : ''}>`;
  }

  #slot() {
    const { once, oneOf } = methodsOf(this.#random);
    const kind = oneOf(KINDS);
    if (kind === 'base') return once(4) ? '<base href="/x/">' : '<base target=_top>';
    const id = `id=m${this.#slots}`;
    this.#slots += 1;
    const url = oneOf(once(4) ? OTHERS : URLS);
    if (kind === 'meta') {
      const quote = oneOf(['"', "'"]);
      return `<meta ${id} http-equiv=${oneOf(['refresh', '"Refresh"'])} content=${quote}${oneOf(TIMES)}${url}${quote}>`;
    }
    if (kind === 'form') return `<form ${id} ${once(3) ? 'method=post ' : ''}action="${url}">`;
    if (kind === 'button' || kind === 'input') {
      const method = once(3) ? ` formmethod=${oneOf(['post', 'get', 'GET', 'dialog'])}` : '';
      return `<${kind} ${id} type=submit${method} formaction="${url}">`;
    }
    return this.#named(kind, id, url);
  }

  /// One that its name may fill, with attributes in any order.
  #named(kind, id, url) {
    const { below, once, oneOf } = methodsOf(this.#random);
    const attributes = [id];
    if (!once(3)) attributes.push(oneOf(NAMES));
    if (attributes.length === 1 || once(3)) attributes.push(this.#attribute(this.#cased(NAMED[kind]), url));
    if (once(20)) attributes.push(this.#attribute(NAMED[kind], '/second'));
    if (kind === 'iframe' && once(25)) attributes.push('srcdoc=x');
    if (once(5)) attributes.push('class="a>b"');
    for (let at = attributes.length - 1; at > 0; at -= 1) {
      const other = below(at + 1);
      [attributes[at], attributes[other]] = [attributes[other], attributes[at]];
    }
    const text = attributes.map((attribute) => oneOf([' ', ' ', '\n', ' / ', '\t ']) + attribute).join('');
    const isClosed = kind === 'iframe' ? !once(7) : ['object', 'a'].includes(kind) && once(2);
    return `<${this.#cased(kind)}${text}${oneOf(['', '', ' ', ' /'])}>${isClosed ? `</${kind}>` : ''}`;
  }

  #attribute(name, value) {
    const isPlain = value !== '' && !/[\s"'<>=`]/.test(value);
    const spellings = [`${name}="${value}"`, `${name}='${value}'`, `${name} = "${value}"`];
    if (isPlain) spellings.push(`${name}=${value}`);
    if (value === '') spellings.push(name);
    return this.#random.oneOf(spellings);
  }
}

const TIMES = ['0;url=', '5; URL=', '0, '];

const methodsOf = (random) => ({
  below: (bound) => random.below(bound),
  oneOf: (list) => random.oneOf(list),
  once: (times) => random.once(times),
});
