(() => {
  const body = document.getElementById("executions");
  const cell = (text, name, inner) => {
    const td = document.createElement("td");
    if (name) td.className = name;
    const target = inner ? td.appendChild(document.createElement(inner)) : td;
    target.textContent = text ?? "";
    return td;
  };
  const refresh = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch("/_emulator/executions?limit=15");
      const { executions } = await answer.json();
      body.replaceChildren(...executions.map((e) => {
        const row = document.createElement("tr");
        row.append(
          cell(e.execution_id, "", "code"), cell(e.workflow), cell(e.environment),
          cell(e.status, e.status), cell(e.created_at),
          cell(e.duration == null ? "" : `${e.duration} ms`, "n"),
        );
        return row;
      }));
    } catch { /* the emulator is being restarted: try again */ }
  };
  setInterval(refresh, 1500);
})();
