// Windows sign-in as express-ntlm does it: who is asking belongs to the connection. No domain controller: every
// password is good. Each answer says on which connection it went out, and how many sign-in messages had come on it.
//
//   node app.mjs PORT

import express from 'express';
import ntlm from 'express-ntlm';

const KEEP_SECONDS = 120; // as IIS keeps them
const seen = new WeakMap();
let connections = 0;

const app = express();
app.use((request, answer, next) => {
  if (!seen.has(request.socket)) {
    connections += 1;
    seen.set(request.socket, { number: connections, messages: 0 });
  }
  const one = seen.get(request.socket);
  if (request.headers.authorization) one.messages += 1;
  answer.set({ 'x-connection': one.number, 'x-messages': one.messages });
  next();
});
app.use(ntlm({ debug() {} }));
app.all(/.*/, (request, answer) => answer.type('text').send(`${request.ntlm.DomainName}\\${request.ntlm.UserName}\n`));
const server = app.listen(Number(process.argv[2]), '127.0.0.1');
server.keepAliveTimeout = KEEP_SECONDS * 1000;
