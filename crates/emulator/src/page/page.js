(() => {
  const by = (id) => document.getElementById(id);
  const cell = (text, name) => {
    const td = document.createElement("td");
    if (name) td.className = name;
    td.textContent = text ?? "";
    return td;
  };
  const read = async (path) => (await fetch(path)).json();
  const row = (e) => {
    const link = document.createElement("a");
    link.href = `/_emulator/executions/${e.execution_id}`;
    link.appendChild(document.createElement("code")).textContent = e.execution_id;
    const id = document.createElement("td");
    id.append(link);
    const tr = document.createElement("tr");
    tr.append(
      cell(e.status, `status ${e.status}`), cell(e.workflow), cell(e.environment),
      cell(e.created_at.replace("T", " ").replace(/\.\d+Z$/, " UTC")),
      cell(e.duration == null ? "" : `${e.duration} ms`, "n"), id,
    );
    return tr;
  };
  let shown = "";
  const show = (executions) => {
    const now = JSON.stringify(executions);
    if (now === shown) return;
    shown = now;
    // Whoever stands on a link stays there.
    const href = document.activeElement.getAttribute("href");
    by("executions").replaceChildren(...executions.map(row));
    if (href) by("executions").querySelector(`a[href="${CSS.escape(href)}"]`)?.focus({ preventScroll: true });
  };
  const refresh = async () => {
    if (document.hidden) return;
    try {
      const [{ executions }, { counts }, { faults }] = await Promise.all([
        read("/_emulator/executions?limit=15"), read("/_emulator/ledger?limit=0"), read("/_emulator/faults"),
      ]);
      show(executions);
      by("none").hidden = executions.length > 0;
      by("triggers").textContent = counts.triggers;
      by("polls").textContent = counts.polls;
      by("faults").textContent = faults.filter((fault) => fault.waiting).length;
      by("live").textContent = "live";
    } catch {
      by("live").textContent = "the emulator does not answer";
    }
    by("live").classList.toggle("off", by("live").textContent !== "live");
  };
  document.querySelectorAll("button[data-url]").forEach((button) => {
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        const headers = { "Content-Type": "application/json", "X-API-Key": button.dataset.key };
        const answer = await fetch(button.dataset.url, { method: "POST", headers, body: button.dataset.body });
        button.textContent = answer.ok ? "Started" : `Refused (${answer.status})`;
      } catch {
        button.textContent = "No answer";
      }
      await refresh();
      setTimeout(() => { button.textContent = "Run"; button.disabled = false; }, 1200);
    });
  });
  setInterval(refresh, 1000);
})();
