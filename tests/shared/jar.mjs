// The cookies of one browser (RFC 6265bis 5.6 to 5.8), as far as these suites meet them.
//
// Every origin here is on loopback, which browsers hold for trustworthy: `Secure` cookies are kept and sent over http.
// `SameSite` counts for forms that go to another site: all other visits here are top-level, or of the site itself.

export class Jar {
  #cookies = new Map();

  /// Keeps what an answer from `url` sets; what has ended is gone.
  keep(url, setCookies = []) {
    for (const line of setCookies) {
      const cookie = parse(new URL(url), line);
      const key = [cookie.name, cookie.domain, cookie.isHostOnly, cookie.path].join(';');
      if (cookie.endsAt <= Date.now()) this.#cookies.delete(key);
      else this.#cookies.set(key, cookie);
    }
  }

  /// The `Cookie` header for `url`; a form of another site brings no `Lax` and no `Strict` cookie along.
  header(url, { isForeignForm = false } = {}) {
    return this.#sentTo(new URL(url))
      .filter(({ sameSite }) => !isForeignForm || sameSite === undefined || sameSite === 'none')
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  /// The value of a cookie that `url` would get.
  value(url, name) {
    return this.#sentTo(new URL(url)).find((cookie) => cookie.name === name)?.value;
  }

  /// Forgets the cookies of one host, as a person can in the browser's settings.
  forgetHost(hostname) {
    for (const [key, { domain }] of this.#cookies) if (domain === hostname) this.#cookies.delete(key);
  }

  /// Forgets what a host has set, but for names with this beginning.
  keepOnly(hostname, beginning) {
    for (const [key, { name, domain }] of this.#cookies) {
      if (domain === hostname && !name.startsWith(beginning)) this.#cookies.delete(key);
    }
  }

  /// What is kept now, for a browser of its own; `forever` is one that forgets nothing by itself.
  copy({ forever = false } = {}) {
    const copy = new Jar();
    for (const [key, cookie] of this.#cookies)
      copy.#cookies.set(key, forever ? { ...cookie, endsAt: Infinity } : cookie);
    return copy;
  }

  #sentTo({ hostname, pathname }) {
    const found = [...this.#cookies.values()].filter((cookie) => {
      const isItsHost = cookie.domain === hostname || (!cookie.isHostOnly && hostname.endsWith(`.${cookie.domain}`));
      return cookie.endsAt > Date.now() && isItsHost && pathMatches(pathname, cookie.path);
    });
    return found.sort((one, other) => other.path.length - one.path.length);
  }
}

function parse({ hostname, pathname }, line) {
  const [pair, ...rest] = line.split(';').map((part) => part.trim());
  const [name, value] = split(pair);
  const attributes = Object.fromEntries(rest.map(split).map(([key, text]) => [key.toLowerCase(), text]));
  const domain = attributes.domain?.replace(/^\./, '').toLowerCase();
  const isForeign = domain && domain !== hostname && !hostname.endsWith(`.${domain}`);
  if (isForeign) throw new Error(`${hostname} sets a cookie of ${domain}`);
  const ownPath = pathname.slice(0, Math.max(pathname.lastIndexOf('/'), 1));
  return {
    name,
    value,
    domain: domain ?? hostname,
    isHostOnly: domain === undefined,
    sameSite: attributes.samesite?.toLowerCase(),
    path: attributes.path?.startsWith('/') ? attributes.path : ownPath,
    endsAt: endOf(attributes),
  };
}

function endOf({ 'max-age': maxAge, expires }) {
  if (maxAge !== undefined) return Date.now() + Number(maxAge) * 1000;
  return expires === undefined ? Infinity : Date.parse(expires);
}

function split(text) {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function pathMatches(pathname, path) {
  return pathname === path || (pathname.startsWith(path) && (path.endsWith('/') || pathname[path.length] === '/'));
}
