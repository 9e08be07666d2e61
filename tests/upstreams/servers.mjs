// Real servers, each with a small application of its own language that writes down what it reads of every request.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from '../shared/application.mjs';

const apps = path.join(path.dirname(fileURLToPath(import.meta.url)), 'apps');
const APACHE_MODULES = '/usr/lib/apache2/modules';
/// Debian's own, where it is there: it starts once for each request, and Apache's user may run it.
const CGI_PYTHON = fs.existsSync('/usr/bin/python3') ? '/usr/bin/python3' : '/usr/bin/env python3';
const TOMCAT = '/usr/share/tomcat10';

/// `folds`: whether the application gets CGI's names, `X-Forwarded-User` as `HTTP_X_FORWARDED_USER`. `readsNoChunks`:
/// whether it gets no body that comes in chunks.
export const SERVERS = [
  // the slowest first
  {
    name: 'apache-cgi',
    folds: true,
    readsNoChunks: true,
    what: 'Python as CGI of Apache',
    command: (place) => apache(place, 'cgi_module @MODULES@/mod_cgi.so', 'app.py'),
  },
  {
    name: 'php',
    folds: true,
    what: 'PHP, its own server',
    command: ({ port }) => ['php', '-q', '-S', `127.0.0.1:${port}`, path.join(apps, 'app.php')],
  },
  { name: 'apache-php', folds: true, what: 'PHP in Apache', command: (place) => apache(place, phpModule(), 'app.php') },
  {
    name: 'wsgiref',
    folds: true,
    readsNoChunks: true,
    what: 'WSGI, standard library',
    command: ({ port, python }) => [python, path.join(apps, 'app.py'), 'wsgiref', port],
  },
  { name: 'gunicorn', folds: true, what: 'WSGI, gunicorn', command: ({ port, python }) => gunicorn(port, python) },
  {
    name: 'gunicorn-folding',
    folds: true,
    what: 'WSGI, gunicorn that takes underscores',
    command: ({ port, python }) => [...gunicorn(port, python), '--header-map', 'dangerous'],
  },
  {
    name: 'waitress',
    folds: true,
    what: 'WSGI, waitress',
    command: ({ port, python }) => [python, path.join(apps, 'app.py'), 'waitress', port],
  },
  {
    name: 'uwsgi',
    folds: true,
    readsNoChunks: true,
    what: 'WSGI, uWSGI',
    command: ({ port, python }) => [...uwsgi('--http-socket', port, python), '--add-header', 'Connection: close'],
  },
  {
    name: 'http-server',
    folds: false,
    readsNoChunks: true,
    what: 'Python, http.server',
    command: ({ port, python }) => [python, path.join(apps, 'app.py'), 'http.server', port],
  },
  { name: 'node', folds: false, what: 'Node', command: ({ port }) => ['node', path.join(apps, 'node.mjs'), port] },
  { name: 'tomcat', folds: false, what: 'a servlet in Tomcat', command: tomcat },
];

/// Starts a server; gives `{ since, output, stop }`, where `since()` is what its application has written down since the
/// last call.
export async function startServer(server, { folder, port, python }) {
  const home = path.join(folder, server.name);
  fs.mkdirSync(home, { mode: 0o755 });
  const log = path.join(home, 'requests.log');
  fs.writeFileSync(log, '');
  fs.chmodSync(log, 0o666); // Apache gives its rights away
  const env = {
    APP_LOG: log,
    CATALINA_HOME: TOMCAT,
    CATALINA_BASE: home,
    CATALINA_OPTS: '-Xmx128m -XX:TieredStopAtLevel=1',
  };
  const [command, ...args] = server.command({ home, port, python }).map(String);
  const running = await start({ name: server.what, command, args, cwd: home, env, port, page: '/' });
  let taken = 0;
  const since = () => {
    const piece = Buffer.alloc(fs.statSync(log).size - taken);
    const file = fs.openSync(log);
    fs.readSync(file, piece, 0, piece.length, taken);
    fs.closeSync(file);
    taken += piece.length;
    return piece
      .toString('utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  };
  since(); // the question whether it is there
  return { ...running, since };
}

function gunicorn(port, python) {
  return [
    python,
    '-m',
    'gunicorn',
    '--chdir',
    apps,
    '--bind',
    `127.0.0.1:${port}`,
    '--threads',
    4,
    '--log-level',
    'critical',
    'app:application',
  ];
}

/// Keeps connections, and leaves chunks on them that its application has not read: a server with a fault, for a
/// control.
export const FAULTY = {
  name: 'uwsgi-kept',
  folds: true,
  what: 'uWSGI with kept connections',
  command: ({ port, python }) => uwsgi('--http11-socket', port, python),
};

function uwsgi(socket, port, python) {
  const binary = path.join(path.dirname(python), 'uwsgi');
  return [
    binary,
    socket,
    `127.0.0.1:${port}`,
    '--chdir',
    apps,
    '--module',
    'app',
    '--enable-threads',
    '--threads',
    4,
    '--disable-logging',
    '--virtualenv',
    path.dirname(path.dirname(python)),
    '--die-on-term',
  ];
}

function phpModule() {
  const file = fs.readdirSync(APACHE_MODULES).find((name) => /^libphp.*\.so$/.test(name));
  return `php_module @MODULES@/${file}`;
}

function apache({ home, port }, kind, script) {
  for (const name of ['app.php', 'app.py']) {
    const text = fs.readFileSync(path.join(apps, name), 'utf8');
    fs.writeFileSync(path.join(home, name), name.endsWith('.py') ? `#!${CGI_PYTHON}\n${text}` : text, { mode: 0o755 });
  }
  const filled = fs
    .readFileSync(path.join(apps, 'apache.conf'), 'utf8')
    .replaceAll('@KIND@', kind)
    .replaceAll('@SCRIPT@', script)
    .replaceAll('@APPS@', home)
    .replaceAll('@FOLDER@', home)
    .replaceAll('@PORT@', port)
    .replaceAll('@MODULES@', APACHE_MODULES);
  const user = process.getuid() === 0 ? 'User www-data\nGroup www-data\n' : '';
  fs.writeFileSync(path.join(home, 'apache.conf'), filled + user);
  return ['apache2', '-f', path.join(home, 'apache.conf'), '-D', 'FOREGROUND'];
}

function tomcat({ home, port }) {
  for (const name of ['conf', 'logs', 'temp', 'work', 'webapps/ROOT/WEB-INF'])
    fs.mkdirSync(path.join(home, name), { recursive: true });
  for (const name of ['web.xml', 'context.xml', 'catalina.properties'])
    fs.copyFileSync(`/etc/tomcat10/${name}`, path.join(home, 'conf', name));
  fs.copyFileSync(path.join(apps, 'web.xml'), path.join(home, 'webapps/ROOT/WEB-INF/web.xml'));
  fs.copyFileSync(path.join(apps, 'app.jsp'), path.join(home, 'webapps/ROOT/app.jsp'));
  fs.writeFileSync(
    path.join(home, 'conf/server.xml'),
    `<Server port="-1"><Service name="Catalina">
    <Connector address="127.0.0.1" port="${port}" protocol="HTTP/1.1"/>
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost" appBase="webapps" autoDeploy="false"/>
    </Engine>
  </Service></Server>`,
  );
  return [path.join(TOMCAT, 'bin/catalina.sh'), 'run'];
}
