// Pages out of a seed: elements that are nested as HTML allows, some without end tags, with stray end tags between; one
// of them is the dashboard. What browsers move elsewhere (content of tables that is in no cell, formatting across
// blocks) is left out: the rewriter does not follow it.

import { Random } from './random.mjs';

const OPTIONAL = [
  'p',
  'li',
  'dt',
  'dd',
  'td',
  'th',
  'tr',
  'tbody',
  'thead',
  'tfoot',
  'caption',
  'colgroup',
  'rt',
  'rp',
];
const CHILDREN = {
  table: ['caption', 'colgroup', 'thead', 'tbody', 'tbody', 'tr', 'tr', 'tfoot'],
  thead: ['tr'],
  tbody: ['tr'],
  tfoot: ['tr'],
  tr: ['td', 'td', 'th'],
  colgroup: ['col'],
  ul: ['li'],
  ol: ['li'],
  dl: ['dt', 'dd'],
  ruby: ['rt', 'rp', 'rtc', 'rb'],
};
const FLOW = (
  'div p p ul ol dl table table section h1 h3 blockquote pre form form center fieldset span label ins ruby button ' +
  'object marquee details li dd x-a'
).split(' ');
const PHRASING = ['span', 'ins', 'button', 'label', 'object'];
const HOLDS_PHRASING = ['pre', 'h1', 'h3', 'p', 'span', 'label', 'button'];
const LEAVES = [
  '<br>',
  '<hr>',
  '<img src=x>',
  '<input>',
  '<!-- </div> -->',
  '<script>"</div>"</script>',
  '<style>p{}</style>',
  '<textarea></p></textarea>',
  '<template><p></div></template>',
  '<svg><foreignObject><p>a</p></foreignObject></svg>',
  '</br>',
];
const STRAY = ['p', 'div', 'span', 'td', 'table', 'li', 'form', 'section', 'tr', 'h1', 'tbody', 'body', 'html', 'ul'];
const DOCTYPES = ['<!DOCTYPE html>', '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">'];
const DEPTH_MAX = 8;

/// The same pages for the same seed.
export class RandomPages {
  #random;
  #left = 0;
  #dashboard = 0;

  constructor(seed) {
    this.#random = new Random(seed);
  }

  next() {
    this.#left = 4 + this.#below(16);
    this.#dashboard = this.#below(this.#left);
    let body = '';
    while (this.#left > 0) body += this.#element(this.#oneOf(FLOW), 0);
    return `${this.#oneOf(DOCTYPES)}<title>t</title><body>${body}${this.#oneOf(['', '</body></html>'])}`;
  }

  #element(name, depth) {
    if (this.#left <= 0) return '';
    this.#left -= 1;
    if (name === 'col') return '<col>';
    // A form that ends within its content goes on in that: no place is its end.
    if (name === 'form' && this.#left === this.#dashboard) this.#dashboard -= 1;
    const isDashboard = this.#left === this.#dashboard;
    const tag = this.#below(8) === 0 ? name.toUpperCase() : name;
    const start = `<${tag}${isDashboard ? ' id=dashboard' : ''}>${isDashboard ? this.#oneOf(['old', '', ' ']) : ''}`;
    const isLeftOut = OPTIONAL.includes(name) && this.#below(3) > 0;
    const stray = this.#below(8) === 0 ? `</${this.#oneOf(STRAY)}>` : '';
    return `${start}${this.#content(name, depth)}${isLeftOut ? '' : `</${tag}>`}${stray}`;
  }

  #content(name, depth) {
    const children = CHILDREN[name];
    const count = depth < DEPTH_MAX ? this.#below(4) : 0;
    let content = children || count > 0 ? '' : 'z';
    for (let index = 0; index < count; index += 1) {
      const isElement = this.#below(3) > 0;
      if (children) content += this.#element(this.#oneOf(children), depth + 1) + this.#oneOf(['', '\n']);
      else if (!isElement)
        content += HOLDS_PHRASING.includes(name) ? 'text' : this.#oneOf(['text ', this.#oneOf(LEAVES)]);
      else content += this.#element(this.#oneOf(HOLDS_PHRASING.includes(name) ? PHRASING : FLOW), depth + 1);
    }
    return content;
  }

  #oneOf(list) {
    return this.#random.oneOf(list);
  }

  #below(bound) {
    return this.#random.below(bound);
  }
}
