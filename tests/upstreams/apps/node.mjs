// Writes down what a Node application reads of a request, and says it back.

import fs from 'node:fs';
import http from 'node:http';

http
  .createServer(async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('latin1')) body += piece;
    const env = Object.fromEntries(
      Object.entries(request.headersDistinct).map(([name, values]) => [name, values.join(',')]),
    );
    const line = JSON.stringify({ asks: `${request.method} ${request.url}`, env, body });
    fs.appendFileSync(process.env.APP_LOG, `${line}\n`);
    response
      .writeHead(200, { 'content-type': 'application/json', 'x-app': 'yes', 'content-length': Buffer.byteLength(line) })
      .end(line);
  })
  .listen(Number(process.argv[2]), '127.0.0.1');
