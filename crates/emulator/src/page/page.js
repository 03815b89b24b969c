(() => {
  const by = (id) => document.getElementById(id);
  const cell = (text, name, inner) => {
    const td = document.createElement("td");
    if (name) td.className = name;
    const target = inner ? td.appendChild(document.createElement(inner)) : td;
    target.textContent = text ?? "";
    return td;
  };
  const read = async (path) => (await fetch(path)).json();
  const refresh = async () => {
    if (document.hidden) return;
    try {
      const [{ executions }, { counts }, { faults }] = await Promise.all([
        read("/_emulator/executions?limit=15"), read("/_emulator/ledger?limit=0"), read("/_emulator/faults"),
      ]);
      by("executions").replaceChildren(...executions.map((e) => {
        const row = document.createElement("tr");
        row.append(
          cell(e.status, `status ${e.status}`), cell(e.workflow), cell(e.environment),
          cell(e.created_at.replace("T", " ").replace(/\.\d+Z$/, " UTC")),
          cell(e.duration == null ? "" : `${e.duration} ms`, "n"), cell(e.execution_id, "", "code"),
        );
        return row;
      }));
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
