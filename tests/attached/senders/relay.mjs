// Between the senders and the gateway: remembers what each attached, and passes it on as it came.

import http from 'node:http';
import { listen } from '../../shared/servers.mjs';

/// Gives `{ attached, stop }`; `attached(host, header)` are the values of a header at a host, in their order.
export async function startRelay({ port, gateway }) {
  const heard = [];
  const server = http.createServer((request, response) => {
    const { method, url: path, rawHeaders } = request;
    heard.push({ host: request.headers.host.split(':')[0], rawHeaders });
    const options = { host: '127.0.0.1', port: gateway, method, path, headers: rawHeaders, agent: false };
    const call = http.request(options, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
    });
    call.on('error', (error) => response.destroy(error));
    request.pipe(call);
  });
  const attached = (host, header) =>
    heard
      .filter((one) => one.host === host)
      .flatMap(({ rawHeaders }) =>
        rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1].toLowerCase() === header),
      );
  return { attached, stop: await listen(server, port) };
}
