// A small cookie jar: host-only cookies with path and expiry (RFC 6265 5.3, 5.4), as far as these applications use them.
// `Secure` cookies are kept: under .localhost browsers keep them on plain http, too.

export class Jar {
  #cookies = [];

  /// Takes the `Set-Cookie` lines of an answer to `url`.
  store(url, lines) {
    for (const line of lines) this.#take(new URL(url), line);
  }

  /// The `Cookie` header for `url`; the longest paths first.
  header(url) {
    const { hostname, pathname } = new URL(url);
    const fitting = this.#cookies.filter((cookie) => cookie.host === hostname && isUnder(pathname, cookie.path));
    fitting.sort((a, b) => b.path.length - a.path.length);
    return fitting.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /// The value of a cookie that some path of the host has.
  value(host, name) {
    return this.#cookies.find((cookie) => cookie.host === host && cookie.name === name)?.value;
  }

  /// Forgets what a host has set, but for names with this beginning.
  keepOnly(host, beginning) {
    this.#cookies = this.#cookies.filter((cookie) => cookie.host !== host || cookie.name.startsWith(beginning));
  }

  #take({ hostname, pathname }, line) {
    const [pair, ...rest] = line.split(';');
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    const attributes = Object.fromEntries(rest.map((attribute) => {
      const [key, ...value] = attribute.split('=');
      return [key.trim().toLowerCase(), value.join('=').trim()];
    }));
    const path = attributes.path?.startsWith('/') ? attributes.path : defaultPath(pathname);
    this.#cookies = this.#cookies.filter((old) => !(old.host === hostname && old.name === name && old.path === path));
    if (!isExpired(attributes)) this.#cookies.push({ host: hostname, path, name, value: pair.slice(at + 1).trim() });
  }
}

function isExpired(attributes) {
  if ('max-age' in attributes) return Number(attributes['max-age']) <= 0;
  return 'expires' in attributes && Date.parse(attributes.expires) <= Date.now();
}

function isUnder(path, folder) {
  return path === folder || (path.startsWith(folder) && (folder.endsWith('/') || path[folder.length] === '/'));
}

function defaultPath(path) {
  const folder = path.slice(0, path.lastIndexOf('/'));
  return folder === '' ? '/' : folder;
}
