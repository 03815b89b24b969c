// Collects everything a page should not have done: errors in the console, uncaught exceptions, CSP violations,
// requests that failed. A test names what it expects; anything else fails it.
export class Problems {
  #found = [];
  #allowed = [];

  /** Expects answers of this status from addresses that match, and what the browser says about them. */
  allowStatus(status, address = /./) {
    this.#allowed.push((problem) => problem.status === status && address.test(problem.address));
  }

  /** Expects problems whose text matches. */
  allow(pattern) {
    this.#allowed.push((problem) => pattern.test(problem.text));
  }

  found() {
    return this.#found.filter((problem) => !this.#allowed.some((allows) => allows(problem))).map((problem) => problem.text);
  }

  async watch(context) {
    // The console does not say which element it was; the event does.
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        if (event.disposition === "enforce")
          console.error(`CSP violation: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    context.on("console", (message) => {
      if (message.type() !== "error" || message.text().startsWith("[Report Only]")) return;
      const address = message.location().url;
      const status = Number(/status of (\d{3})/.exec(message.text())?.[1]);
      this.#found.push({ text: `console: ${message.text()} (${address})`, address, status });
    });
    context.on("weberror", (error) => this.#found.push({ text: `uncaught: ${error.error().stack ?? error.error()}` }));
    context.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText ?? "failed";
      // Leaving a page ends its requests; what a page needs to show itself must arrive.
      const kinds = ["eventsource", "fetch", "document"];
      // So is no loss: a tab's icon that is replaced while it loads, and the preloaded bundle of a page that is left.
      const left = reason === "net::ERR_ABORTED" && (kinds.includes(request.resourceType()) || /\/(pkg\/.*|favicon[a-z-]*\.svg)$/.test(request.url()));
      if (!left) this.#found.push({ text: `request: ${reason} ${request.url()}`, address: request.url() });
    });
    context.on("response", (response) => {
      if (response.status() >= 400)
        this.#found.push({
          text: `answer: ${response.status()} ${response.url()}`,
          address: response.url(),
          status: response.status(),
        });
    });
  }
}
