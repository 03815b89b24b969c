// Stands between a browser and the dashboard, passes on every byte, and knows which requests went through whole.
import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Relay {
  #server;
  #sockets = new Set();
  #posts = [];

  static async start(url) {
    const relay = new Relay();
    const { hostname, port } = new URL(url);
    relay.#server = createServer((browser) => relay.#join(browser, connect({ host: hostname, port: Number(port), allowHalfOpen: true })));
    relay.#server.listen(0, "127.0.0.1");
    await once(relay.#server, "listening");
    relay.url = `http://127.0.0.1:${relay.#server.address().port}`;
    return relay;
  }

  #join(browser, dashboard) {
    this.#sockets.add(browser);
    browser.on("close", () => {
      // The dashboard sees the browser leave as it does without us.
      dashboard.end();
      this.#sockets.delete(browser);
    });
    browser.on("error", () => {});
    dashboard.on("error", () => browser.destroy());
    const read = requests((path) => this.#posts.push(path));
    browser.on("data", (bytes) => {
      dashboard.write(bytes);
      read(bytes);
    });
    dashboard.on("data", (bytes) => browser.destroyed || browser.write(bytes));
    dashboard.on("end", () => browser.end());
  }

  /** The paths of the POSTs whose last byte arrived. */
  posts(pattern) {
    return this.#posts.filter((path) => pattern.test(path));
  }

  /** How many connections browsers have open. */
  get open() {
    return this.#sockets.size;
  }

  async end() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Follows the requests of one connection (HTTP/1.1, bodies of a known length, as browsers send them). */
function requests(posted) {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const end = rest.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = rest.subarray(0, end).toString("latin1");
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      if (rest.length < end + 4 + length) return;
      const [method, path] = head.split(" ");
      if (method === "POST") posted(path);
      rest = rest.subarray(end + 4 + length);
    }
  };
}
