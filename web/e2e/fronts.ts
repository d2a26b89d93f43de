/** Servers that stand before ours, as those of other sites do. */
import { createServer, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";

/** What a front answers itself: a type and a body. */
export type Own = (path: string) => Promise<[string, string | Buffer] | undefined>;

/** A running front. */
export interface Front {
  origin: string;
  close: () => Promise<void>;
}

/**
 * Answers what it has, and passes on the rest with the host's name as the browser sent it: to where `behind` says, or
 * nowhere. WebSockets too.
 */
export async function front(
  own: Own,
  behind: (path: string) => string | undefined = () => undefined,
): Promise<Front> {
  const server = createServer(async (asked, answer) => {
    const path = asked.url ?? "/";
    const page = await own(path);
    const to = behind(path);
    if (page || !to) {
      answer.writeHead(page ? 200 : 404, { "content-type": page?.[0] ?? "text/plain" });
      answer.end(page?.[1]);
      return;
    }
    const passed = request(to + path, { method: asked.method, headers: asked.headers });
    passed.on("response", (from) => {
      answer.writeHead(from.statusCode ?? 502, from.headers);
      from.pipe(answer);
    });
    passed.on("error", () => answer.writeHead(502).end());
    asked.pipe(passed);
  });
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (asked, socket, head) => {
    upgraded.add(socket);
    const to = behind(asked.url ?? "/");
    if (!to) {
      socket.destroy();
      return;
    }
    const { hostname, port } = new URL(to);
    const lines = [`GET ${asked.url} HTTP/1.1`];
    for (let at = 0; at < asked.rawHeaders.length; at += 2)
      lines.push(`${asked.rawHeaders[at]}: ${asked.rawHeaders[at + 1]}`);
    const other = connect(Number(port), hostname, () => {
      other.write(`${lines.join("\r\n")}\r\n\r\n`);
      other.write(head);
      other.pipe(socket);
      socket.pipe(other);
    });
    other.on("error", () => socket.destroy());
    socket.on("error", () => other.destroy());
    socket.on("close", () => other.destroy());
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const close = () => {
    for (const socket of upgraded) socket.destroy();
    return closed(server);
  };
  return { origin: `http://127.0.0.1:${port(server)}`, close };
}

function port(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function closed(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
