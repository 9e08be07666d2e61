// Turns the Sigma URLs that a page's own code gives to frames and windows into stable links, before anything is loaded.
//
// It stands first in the page and replaces the browser's functions by which code makes frames: an observer sees a frame
// only when the browser has asked Sigma already. Turned is a URL at one of Sigma's origins that an embed of the site
// matches and that nobody has signed (no `:jwt`); everything else goes on as it came. What was written is what is read
// again: a page that compares the two notices nothing, and one that saves its own HTML saves none of our links. No
// error of this script's reaches the page.
(() => {
  'use strict';
  const tag = document.currentScript;
  if (!tag?.dataset.embeds) return;

  // The page may replace all of these later.
  const { apply } = Reflect;
  const { defineProperty, getOwnPropertyDescriptor } = Object;
  const { setTimeout, URL, encodeURIComponent: encoded, decodeURIComponent: unescaped } = window;
  const { getAttribute, setAttribute } = Element.prototype;
  const innerHTML = getOwnPropertyDescriptor(Element.prototype, 'innerHTML');

  // Whole, so that no `<base>` bends them.
  const TO = tag.src.replace(/links\.js[^/]*$/, 'to?url=');
  const origins = tag.dataset.origins.split(' ');
  const prints = new Set(tag.dataset.embeds.split(' '));
  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const HOSTS = new RegExp(origins.map((origin) => escaped(origin.replace(/^.*:\/\//, ''))).join('|'), 'i');
  const LINKS = new RegExp(`${escaped(TO)}[\\w.!~*()%-]+`, 'g');

  // Elements that load a document, and where its URL stands.
  const LOADERS = new Map([
    ['iframe', 'src'],
    ['frame', 'src'],
    ['embed', 'src'],
    ['object', 'data'],
  ]);
  const LOADED = 'iframe[src],frame[src],embed[src],object[data]';

  const DOCUMENT = new RegExp(
    '^/([\\w-]+)/(?:(ask)|workbook/(?:[^/]+/(?!(?:tag|page|element|edit)(?:/|$)))?([^/]+)' +
      '(?:/tag/([^/]+))?(?:/(page|element)/([\\w-]+))?)/?$',
  );
  const UUID = /(?:^|-)([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i;

  /// FNV-1a, as the gateway prints its embeds (`src/embed/embed_print.rs`).
  const print = (text) => {
    let hash = 0x811c9dc5;
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    return (hash >>> 0).toString(16);
  };

  const isEmbed = (text) => {
    // Absolute or scheme-relative, as the gateway takes it.
    if (text.length > 4000 || !/^\s*(?:https?:)?\/\//i.test(text)) return false;
    const url = new URL(text, document.baseURI);
    if (!origins.includes(url.origin) || url.username || url.password || url.searchParams.has(':jwt')) return false;
    const [found, slug, ask, segment, version, kind, part] = DOCUMENT.exec(url.pathname) ?? [];
    if (!found) return false;
    if (ask) return prints.has(print(`${slug}/ask`));
    const id = (UUID.exec(segment) ?? [])[1] ?? segment.split('-').pop();
    const node = kind ? null : url.searchParams.get(':nodeId');
    if (!/^[\w-]+$/.test(id) || (node && !/^[\w-]+$/.test(node))) return false;
    let path = `${slug}/workbook/${id}`;
    if (version) path += `/tag/${unescaped(version)}`;
    if (kind) path += `/${kind}/${part}`;
    else if (node) path += `/page/${node}`;
    return prints.has(print(path)) || prints.has(print(`${slug}/workbook/*`));
  };

  /// The stable link of a URL; whatever is none comes back as it is.
  const turned = (value) => {
    const text = typeof value === 'string' || value instanceof URL ? String(value) : '';
    // `encodeURIComponent` leaves `'`, which could end an attribute.
    return HOSTS.test(text) && isEmbed(text) ? TO + encoded(text).replace(/'/g, '%27') : value;
  };

  /// What was written where our link stands.
  const written = (value) =>
    typeof value === 'string' && value.startsWith(TO) ? unescaped(value.slice(TO.length)) : value;
  const resolved = (value) => (written(value) === value ? value : new URL(written(value), document.baseURI).href);

  // Comments, elements whose content is text, and tags. Only a value changes, between its own quotes, and into
  // characters that end none: however a browser reads the text, its structure stays.
  const PIECES = new RegExp(
    '<!--[^]*?-->|<(script|style|textarea|title|xmp)\\b[^>]*>[^]*?</\\1\\b|' +
      '<([a-z][^\\s/>]*)((?:"[^"]*"|\'[^\']*\'|[^"\'>])*)',
    'gi',
  );
  const PAIRS = /([^\s"'>/=]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>][^\s>]*)/g;

  let inert = null;
  const decoded = (value) => {
    if (!value.includes('&')) return value;
    inert ??= document.implementation.createHTMLDocument('');
    apply(innerHTML.set, inert.body, [`<p title="${value.replace(/"/g, '&quot;')}">`]);
    return apply(getAttribute, inert.body.firstChild, ['title']);
  };

  const turnedTag = (piece, name, pairs) => {
    const loads = LOADERS.get(name?.toLowerCase());
    if (!loads || !HOSTS.test(pairs)) return piece;
    let isFirst = true;
    const changed = pairs.replace(PAIRS, (pair, key, equals, value) => {
      // Of two attributes with one name the first counts.
      if (key.toLowerCase() !== loads || !isFirst) return pair;
      isFirst = false;
      const quote = /^["']/.test(value) ? value[0] : '';
      const text = decoded(quote ? value.slice(1, -1) : value);
      const link = turned(text);
      return link === text ? pair : key + equals + quote + link + quote;
    });
    return `<${name}${changed}`;
  };

  const turnedMarkup = (text) =>
    typeof text === 'string' && HOSTS.test(text)
      ? text.replace(PIECES, (piece, _raw, name, pairs) => turnedTag(piece, name, pairs))
      : text;

  const writtenMarkup = (text) =>
    typeof text === 'string' && text.includes(TO)
      ? text.replace(LINKS, (link) => written(link).replace(/&/g, '&amp;').replace(/"/g, '&quot;'))
      : text;

  const safely = (change, value, where) => {
    try {
      return change(value, where);
    } catch {
      return value;
    }
  };
  const same = (value) => value;

  const accessor = (owner, name, { read = same, write = same }) => {
    try {
      const found = getOwnPropertyDescriptor(owner, name);
      const replaced = {
        get() {
          return safely(read, apply(found.get, this, []), this);
        },
        set(value) {
          apply(found.set, this, [safely(write, value, this)]);
        },
      };
      defineProperty(owner, name, { ...found, ...(found.set ? replaced : { get: replaced.get }) });
    } catch {
      // This browser has no such property, or nobody may change it.
    }
  };

  /// `before` gives the arguments that the browser's own function gets, `after` what is made of its answer.
  const method = (owner, name, { before = same, after = same }) => {
    try {
      const found = getOwnPropertyDescriptor(owner, name);
      const native = found.value;
      const { [name]: value } = {
        [name](...given) {
          return safely(after, apply(native, this, safely(before, given, this)), this);
        },
      };
      defineProperty(value, 'length', { value: native.length, configurable: true });
      defineProperty(owner, name, { ...found, value });
    } catch {
      // As above.
    }
  };

  const turnedAttribute = (element, name, value) => {
    const loads = LOADERS.get(element.localName);
    if (!loads) return value;
    const key = String(name).toLowerCase();
    return key === loads ? turned(value) : key === 'srcdoc' ? turnedMarkup(value) : value;
  };

  /// Anchors keep their `href`, by which pages also take URLs apart: they have our link only while they are followed.
  const lend = (anchor) => {
    const text = apply(getAttribute, anchor, ['href']);
    const link = turned(text);
    if (link === text) return;
    apply(setAttribute, anchor, ['href', link]);
    setTimeout(() => {
      if (apply(getAttribute, anchor, ['href']) === link) apply(setAttribute, anchor, ['href', text]);
    });
  };
  const isAnchor = (node) => node.localName === 'a' || node.localName === 'area';
  const follow = (event) => safely(() => event.composedPath().filter(isAnchor).forEach(lend));

  /// Whatever is made of a template is taken out of its content.
  const turnedContent = (content) => {
    for (const element of content.querySelectorAll(LOADED)) {
      const name = LOADERS.get(element.localName);
      apply(setAttribute, element, [name, turned(apply(getAttribute, element, [name]))]);
    }
    return content;
  };

  const instead = (event, location) => {
    const { url } = event.destination;
    const link = turned(url);
    if (link === url || !event.cancelable || event.formData) return;
    event.preventDefault();
    location[event.navigationType === 'replace' ? 'replace' : 'assign'](link);
  };

  /// A document without a page of its own has no script of ours: code that writes into it is met from outside.
  const entered = new WeakSet();
  const enter = (view) =>
    safely(() => view?.location.href === 'about:blank' && !entered.has(view.Element) && install(view));

  const changing = (index, change) => ({
    before: (given, element) => given.map((value, at) => (at === index ? change(value, given, element) : value)),
  });

  const install = (view) => {
    entered.add(view.Element);
    const of = (name) => view[name]?.prototype;
    const url = { write: turned, read: resolved };
    const markup = { write: turnedMarkup, read: writtenMarkup };
    const inside = {
      read: (child) => {
        enter(child?.defaultView ?? child);
        return child;
      },
    };
    const ofElement = (name, change) => method(of('Element'), name, change);

    for (const name of ['HTMLIFrameElement', 'HTMLFrameElement', 'HTMLEmbedElement']) accessor(of(name), 'src', url);
    accessor(of('HTMLObjectElement'), 'data', url);
    accessor(of('HTMLIFrameElement'), 'srcdoc', markup);
    for (const name of ['HTMLAnchorElement', 'HTMLAreaElement']) accessor(of(name), 'href', { read: resolved });
    for (const name of ['HTMLIFrameElement', 'HTMLFrameElement', 'HTMLObjectElement']) {
      for (const part of ['contentWindow', 'contentDocument']) accessor(of(name), part, inside);
    }

    const named = (at) => changing(at, (value, given, element) => turnedAttribute(element, given[at - 1], value));
    ofElement('setAttribute', named(1));
    ofElement('setAttributeNS', named(2));
    const takenOver = (attr, _, element) => {
      if (!attr.ownerElement) attr.value = turnedAttribute(element, attr.name, attr.value);
      return attr;
    };
    for (const name of ['setAttributeNode', 'setAttributeNodeNS']) ofElement(name, changing(0, takenOver));
    for (const name of ['getAttribute', 'getAttributeNS']) ofElement(name, { after: written });
    const ofOwner = (value, attr) => (attr.ownerElement ? turnedAttribute(attr.ownerElement, attr.name, value) : value);
    accessor(of('Attr'), 'value', { read: written, write: ofOwner });

    for (const name of ['innerHTML', 'outerHTML']) accessor(of('Element'), name, markup);
    accessor(of('ShadowRoot'), 'innerHTML', markup);
    ofElement('insertAdjacentHTML', changing(1, turnedMarkup));
    for (const name of ['Element', 'ShadowRoot']) method(of(name), 'setHTMLUnsafe', changing(0, turnedMarkup));
    method(of('Range'), 'createContextualFragment', changing(0, turnedMarkup));
    method(of('DOMParser'), 'parseFromString', changing(0, turnedMarkup));
    method(view.Document, 'parseHTMLUnsafe', changing(0, turnedMarkup));
    // Browsers put the texts together too.
    const isText = (text) => typeof text === 'string';
    const together = (texts) => (texts.every(isText) ? [turnedMarkup(texts.join(''))] : texts);
    for (const name of ['write', 'writeln']) method(of('Document'), name, { before: together });
    accessor(of('HTMLTemplateElement'), 'content', { read: turnedContent });

    method(view, 'open', { ...changing(0, turned), after: inside.read });
    method(of('HTMLElement'), 'click', {
      before: (given, element) => {
        if (isAnchor(element)) lend(element);
        return given;
      },
    });
    for (const name of ['click', 'auxclick']) view.addEventListener(name, follow, true);
    // `location` itself lets nobody in between.
    view.navigation?.addEventListener('navigate', (event) => safely(() => instead(event, view.location)));
  };
  install(window);
})();
