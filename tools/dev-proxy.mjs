// The proxy of `make dev`: passes everything on to the server and adds a small script to every page, under the page's
// own CSP nonce, that shows a failing build and reloads after a successful one.
import { createServer, request } from "node:http";
import { hostAndPort } from "./processes.mjs";

const EVENTS = "/_dev/events";

export function devProxy({ listen, server }) {
  const listeners = new Set();
  // What a page that connects now has to know.
  let standing = { kind: "building" };

  const tell = (event) => {
    standing = event.kind === "style" || event.kind === "reload" ? { kind: "ready" } : event;
    for (const response of listeners) response.write(`data: ${JSON.stringify(event)}\n\n`);
  };

  const subscribe = (response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(`retry: 500\ndata: ${JSON.stringify(standing)}\n\n`);
    listeners.add(response);
    response.on("close", () => listeners.delete(response));
  };

  const pass = (incoming, outgoing) => {
    // Pages must arrive uncompressed to be added to.
    const headers = { ...incoming.headers, "accept-encoding": "identity" };
    const { host, port } = hostAndPort(server);
    const inner = request({ host, port, method: incoming.method, path: incoming.url, headers }, (answer) => {
      const html = answer.headers["content-type"]?.startsWith("text/html");
      // With the same names and new content, a browser must not keep anything.
      const out = { ...answer.headers, "cache-control": "no-store" };
      delete out.etag;
      if (!html) {
        outgoing.writeHead(answer.statusCode, out);
        answer.pipe(outgoing);
        return;
      }
      delete out["content-length"];
      delete out["transfer-encoding"];
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => {
        outgoing.writeHead(answer.statusCode, out);
        outgoing.end(withScript(Buffer.concat(parts).toString("utf8"), answer.headers["content-security-policy"]));
      });
      answer.on("error", () => outgoing.destroy());
    });
    inner.on("error", () => notYet(outgoing));
    outgoing.on("close", () => inner.destroy());
    incoming.pipe(inner);
  };

  const { host, port } = hostAndPort(listen);
  createServer((incoming, outgoing) => {
    if (incoming.url === EVENTS) subscribe(outgoing);
    else pass(incoming, outgoing);
  }).listen(port, host);
  return { tell };
}

function withScript(html, policy = "") {
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
  const script = `<script nonce="${nonce}">(${inThePage})(${JSON.stringify(EVENTS)})</script>`;
  return html.includes("</body>") ? html.replace("</body>", () => `${script}</body>`) : html + script;
}

/** While there is no server yet. */
function notYet(response) {
  if (response.headersSent) return response.destroy();
  response.writeHead(503, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
  response.end(withScript("<!doctype html><title>Building…</title><body><p>Building… this page comes by itself.</p></body>"));
}

// Runs in the browser. Styles are set through the CSSOM, which the page's CSP allows.
function inThePage(events) {
  let overlay = null;
  const show = (text, colour) => {
    overlay ??= document.documentElement.appendChild(document.createElement("pre"));
    Object.assign(overlay.style, {
      position: "fixed", inset: "auto 0 0 0", zIndex: 2147483647, margin: 0, padding: "12px 16px", maxHeight: "70vh", overflow: "auto",
      font: "13px/1.45 ui-monospace, monospace", whiteSpace: "pre-wrap", color: "#fff", background: colour,
    });
    overlay.textContent = text;
  };
  const hide = () => {
    overlay?.remove();
    overlay = null;
  };
  const restyle = async () => {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const fresh = page.querySelector('link[rel="stylesheet"]');
    const old = document.querySelector('link[rel="stylesheet"]');
    if (!fresh || !old) return location.reload();
    const address = new URL(fresh.getAttribute("href"), location.href);
    address.searchParams.set("dev", Date.now());
    old.href = address.href;
  };
  new EventSource(events).onmessage = ({ data }) => {
    const { kind, text } = JSON.parse(data);
    if (kind === "failed") show(text, "#7f1d1d");
    else if (kind === "building") show("Building…", "#1e293b");
    else if (kind === "style") hide(), restyle();
    else if (kind === "reload") location.reload();
    else if (document.title === "Building…") setTimeout(() => location.reload(), 500);
    else hide();
  };
}
