// What the emulator needs of an n8n: a webhook that wants a header, a step that computes, and an HTTP request that
// tells the platform how it went. Usage: node stand-in.mjs PORT "Header: value"
import { createServer } from "node:http";

const [port, credential] = process.argv.slice(2);
const [name, value] = credential.split(": ");

/** Where to report, and what. */
function work({ executionMetadata, ...fields }) {
  const { executionId, executionSecret, callbackUrl, errorCallbackUrl } = executionMetadata;
  const report = { executionId, executionSecret, n8nExecutionId: "1" };
  return fields.name
    ? [callbackUrl, { ...report, resultData: { greeting: `Hello ${fields.name}!` } }]
    : [errorCallbackUrl, { ...report, errorType: "validation_error", errorMessage: "Nobody to greet", failedNodeName: "Greet" }];
}

const server = createServer(async (request, response) => {
  let text = "";
  for await (const chunk of request) text += chunk;
  if (request.headers[name.toLowerCase()] !== value) return response.writeHead(403).end();
  // As n8n does where the webhook answers immediately.
  response.writeHead(200, { "Content-Type": "application/json" }).end('{"message":"Workflow was started"}');
  const [url, report] = work(JSON.parse(text));
  const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(report) });
  console.log(`${request.url} → ${url}: ${answer.status}`);
});
server.listen(Number(port), "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
