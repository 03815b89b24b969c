// The vendor's command line tool must not notice that it speaks to the emulator: every command a dashboard's
// operator uses, and what each error looks like at the other end. The sentences are the tool's own.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ARCHIVED, BROKEN, DEV, FOREIGN, PAUSED, PROD, start } from "./cli.mjs";

let emulator, org, manager;
before(async () => {
  emulator = await start();
  org = emulator.keys["dashboard dev"];
  manager = emulator.keys.manager;
});
after(() => emulator?.stop());

const at = (instance) => ["--process-instance-id", instance];
const trigger = (workflow, ...more) => ["trigger", workflow, ...at(DEV), ...more];
const payload = ["--payload-file", "-"];

/** Runs a command that must fail with this code and these words. */
async function refused(key, args, words, code = 1) {
  const run = await emulator.codika(key, args);
  assert.equal(run.code, code, run.text);
  assert.ok(run.text.includes(words), `"${words}" is missing in: ${run.text}`);
}

/** Runs a command that must succeed and returns its JSON. */
async function answered(key, args, input) {
  const run = await emulator.codika(key, [...args, "--json"], input);
  assert.equal(run.code, 0, run.text);
  return run.json();
}

describe("whoami", () => {
  test("names organization, key and scopes", async () => {
    const run = await emulator.codika(org, ["whoami"]);
    assert.equal(run.code, 0, run.text);
    for (const words of ["Acme (demo)", "dashboard dev", "workflows:trigger, executions:read, instances:read, skills:read"])
      assert.ok(run.text.includes(words), run.text);
    const who = await answered(org, ["whoami"]);
    assert.equal(who.loggedIn, true);
    assert.equal(who.type, "org-api-key");
    assert.equal(who.organizationName, "Acme (demo)");
  });
  test("a key that is unknown, expired or revoked prints why", async () => {
    for (const [key, words] of [["cko_nonsense", "Invalid API key"], [emulator.keys.expired, "expired"], [emulator.keys.revoked, "revoked"]]) {
      await refused(key, ["whoami"], "Could not verify API key");
      const run = await emulator.codika(key, ["whoami", "--json"]);
      assert.equal(run.code, 1);
      assert.ok(run.json().error.includes(words), run.text);
    }
  });
});

describe("trigger", () => {
  test("prints the five members, and no two ids are the same", async () => {
    const ids = new Set();
    for (let n = 0; n < 2; n++) {
      const answer = await answered(org, trigger("always-fails"));
      assert.deepEqual(Object.keys(answer).sort(), ["executionId", "message", "processInstanceId", "success", "workflowId"]);
      assert.equal(answer.success, true);
      assert.match(answer.executionId, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
      ids.add(answer.executionId);
    }
    assert.equal(ids.size, 2);
  });
  test("--poll: success", async () => {
    const answer = await answered(org, trigger("text-summary", "--poll", ...payload), '{"text":"One. Two."}');
    assert.equal(answer.success, true);
    assert.equal(answer.status, "success");
    assert.equal(answer.resultData.statistics.words, 2);
    assert.ok(answer.duration > 0);
  });
  test("--poll: failed, exit code 1", async () => {
    const run = await emulator.codika(org, trigger("always-fails", "--poll", "--json", ...payload), '{"message":"Out of paper"}');
    assert.equal(run.code, 1, run.text);
    const answer = run.json();
    assert.equal(answer.success, false);
    assert.equal(answer.status, "failed");
    assert.equal(answer.errorDetails.message, "Out of paper");
    assert.equal(typeof answer.errorDetails.type, "string");
  });
  test("--poll: time-out, exit code 1", async () => {
    await refused(org, trigger("never-answers", "--poll", "--timeout", "4"), "Polling timed out after 4s");
  });
  test("a scheduled workflow runs by hand, without input", async () => {
    const answer = await answered(org, trigger("weekly-digest", "--poll"));
    assert.equal(answer.status, "success");
  });
  test("unknown instance or workflow, and workflows that nobody can trigger", async () => {
    await refused(org, ["trigger", "text-summary", ...at("nope")], "Trigger failed: Process instance not found");
    for (const workflow of ["nope", "enrich-company", "inbox-triage"])
      await refused(org, trigger(workflow), "Trigger failed: Workflow not found");
  });
  test("paused, archived and failed instances", async () => {
    for (const instance of [PAUSED, ARCHIVED, BROKEN])
      await refused(org, ["trigger", "text-summary", ...at(instance)], "Trigger failed: Process instance is not active");
  });
  test("another organization's instance, and somebody else's instance key", async () => {
    for (const key of [org, emulator.instanceKey])
      await refused(key, ["trigger", "text-summary", ...at(FOREIGN)], "Trigger failed: API key does not have access");
  });
  test("a payload that is no object never leaves the tool", async () => {
    const { counts } = await emulator.ledger();
    for (const input of ["[1]", '"text"', "{"]) {
      const run = await emulator.codika(org, trigger("text-summary", ...payload), input);
      assert.notEqual(run.code, 0, run.text);
    }
    assert.equal((await emulator.ledger()).counts.triggers, counts.triggers);
  });
  test("an error is an object with the same words in --json", async () => {
    const run = await emulator.codika(org, trigger("nope", "--json"));
    assert.equal(run.code, 1);
    assert.deepEqual(run.json(), { success: false, error: { message: "Trigger failed: Workflow not found" } });
  });
  test("an answer that is no JSON, and a connection that breaks", async () => {
    await emulator.fault({ endpoint: "trigger", status: 502, body: "<h1>busy</h1>", content_type: "text/html" });
    await refused(org, trigger("text-summary"), "is not valid JSON");
    await emulator.fault({ endpoint: "trigger", drop_reply: true });
    await refused(org, trigger("text-summary"), "fetch failed");
  });
  test("a status that is refused ends the polling", async () => {
    const body = { success: false, error: "Execution not found", code: "EXECUTION_NOT_FOUND" };
    await emulator.fault({ endpoint: "status", status: 404, body });
    await refused(org, trigger("weekly-digest", "--poll"), "Status fetch failed: Execution not found");
  });
  test("--api-url replaces address and path together", async () => {
    const answer = await answered(org, trigger("always-fails", "--api-url", `${emulator.base}/webhook`));
    assert.equal(answer.success, true);
  });
  test("no instance id: exit code 2", () => refused(org, ["trigger", "text-summary"], "Process instance ID is required", 2));
});

describe("list executions", () => {
  const list = async (...filters) => {
    const { data } = await answered(org, ["list", "executions", DEV, ...filters]);
    assert.equal(data.count, data.executions.length);
    return data.executions;
  };
  test("newest first, with filters that combine, and the limit", async () => {
    for (let n = 0; n < 3; n++) await answered(org, trigger("always-fails"));
    await emulator.codika(org, trigger("always-fails", "--poll"));
    const all = await list();
    assert.ok(all.length >= 4 && all.length <= 20);
    const times = all.map(({ createdAt }) => createdAt);
    assert.deepEqual(times, times.toSorted().toReversed());
    for (const execution of all)
      for (const name of ["executionId", "workflowId", "triggerId", "status", "createdAt"]) assert.equal(typeof execution[name], "string");

    const failed = await list("--failed-only", "--workflow-id", "always-fails", "--limit", "2");
    assert.equal(failed.length, 2);
    assert.ok(failed.every(({ workflowId, status, errorDetails }) => workflowId === "always-fails" && status === "failed" && errorDetails.message));
    assert.ok((await list("--workflow-id", "never-answers")).every(({ workflowId }) => workflowId === "never-answers"));
    assert.deepEqual(await list("--workflow-id", "nope"), []);
  });
  test("the table shows a failed execution with node and message", async () => {
    const run = await emulator.codika(org, ["list", "executions", DEV, "--failed-only", "--limit", "1"]);
    assert.equal(run.code, 0, run.text);
    assert.match(run.text, /└─ \[.+\] .+/);
    assert.ok(run.text.includes("Showing 1 execution"), run.text);
  });
  test("unknown instance, and an answer that is no JSON", async () => {
    await refused(org, ["list", "executions", "nope"], "INSTANCE_NOT_FOUND — Process instance not found");
    await emulator.fault({ endpoint: "lists", status: 503, body: "<h1>busy</h1>", content_type: "text/html" });
    await refused(org, ["list", "executions", DEV], "HTTP_503");
  });
  test("another organization's instance", () =>
    refused(org, ["list", "executions", FOREIGN], "ACCESS_DENIED — API key does not have access to this process instance"));
  test("a limit out of range: exit code 2", async () => {
    for (const limit of ["0", "101"]) await refused(org, ["list", "executions", DEV, "--limit", limit], "between 1 and 100", 2);
  });
});

describe("list instances", () => {
  const list = async (key, ...filters) => (await answered(key, ["list", "instances", ...filters])).data;
  test("environment, archived and limit", async () => {
    const all = await list(org);
    assert.deepEqual(all.instances.map(({ archived }) => archived), all.instances.map(() => false));
    const paused = all.instances.find(({ processInstanceId }) => processInstanceId === PAUSED);
    assert.equal(paused.inactiveReason, "user_paused");
    assert.ok((await list(org, "--environment", "dev")).instances.every(({ environment }) => environment === "dev"));
    assert.deepEqual((await list(org, "--archived")).instances.map(({ processInstanceId }) => processInstanceId), [ARCHIVED]);
    assert.equal((await list(org, "--limit", "2")).count, 2);
  });
  test("a key sees its own organization, a member what is shared", async () => {
    const foreign = await list(emulator.keys["other organization"]);
    assert.deepEqual(foreign.instances.map(({ processInstanceId }) => processInstanceId), [FOREIGN]);
    const member = await list(emulator.keys.member);
    assert.deepEqual(member.instances.map(({ processInstanceId }) => processInstanceId), [DEV]);
  });
  test("the table names why an instance is off", async () => {
    const run = await emulator.codika(org, ["list", "instances"]);
    assert.ok(run.text.includes("deploy_failed") && run.text.includes("Showing 4 instances"), run.text);
  });
});

describe("get instance", () => {
  test("three members of a workflow, seven with --workflows", async () => {
    const brief = await answered(org, ["get", "instance", DEV]);
    for (const workflow of brief.data.deployment.workflows)
      assert.deepEqual(Object.keys(workflow).sort(), ["n8nWorkflowId", "workflowId", "workflowName"]);
    const full = await answered(org, ["get", "instance", DEV, "--workflows"]);
    const workflows = new Map(full.data.deployment.workflows.map((workflow) => [workflow.workflowId, workflow]));
    for (const workflow of workflows.values())
      assert.deepEqual(Object.keys(workflow).sort(), ["cost", "integrationUids", "n8nWorkflowId", "n8nWorkflowIsActive", "triggers", "workflowId", "workflowName"]);
    assert.equal(workflows.get("text-summary").triggers[0].inputSchema[0].key, "text");
    assert.equal(workflows.get("weekly-digest").triggers[0].cronExpression, "0 9 * * 1");
  });
  test("the page shows triggers and cost", async () => {
    const run = await emulator.codika(org, ["get", "instance", DEV, "--workflows"]);
    assert.equal(run.code, 0, run.text);
    for (const words of ["deployed (active)", "http (POST)", "schedule (0 9 * * 1)", "5 credits", "subworkflow", "email:message_received"])
      assert.ok(run.text.includes(words), `${words}: ${run.text}`);
  });
  test("schemas can be withheld", async () => {
    await emulator.switches({ input_schema: false });
    const { data } = await answered(org, ["get", "instance", DEV, "--workflows"]);
    await emulator.switches({ input_schema: true });
    assert.ok(data.deployment.workflows.every(({ triggers }) => triggers.every((one) => !("inputSchema" in one))));
  });
  test("unknown, foreign and missing ids", async () => {
    await refused(org, ["get", "instance", "nope"], "not found");
    await refused(org, ["get", "instance", FOREIGN], "does not have access to this process instance");
    await refused(org, ["get", "instance"], "Process instance ID is required", 2);
  });
});

describe("get skills", () => {
  test("organization key and instance key read the same", async () => {
    const read = async (key) => (await answered(key, ["get", "skills", DEV])).skills;
    const skills = await read(org);
    assert.ok(skills.length > 5);
    for (const skill of skills) for (const name of ["name", "description", "workflowTemplateId", "contentMarkdown"]) assert.ok(skill[name]);
    assert.deepEqual(await read(emulator.instanceKey), skills);
  });
  test("they are written as files", async () => {
    const run = await emulator.codika(org, ["get", "skills", DEV]);
    assert.equal(run.code, 0, run.text);
    assert.match(run.text, /Downloaded \d+ skill\(s\)/);
    assert.ok(run.text.includes("demo-text-summary/SKILL.md"), run.text);
  });
  test("an instance without skills", async () => {
    await emulator.fault({ endpoint: "skills", body: { success: true, data: { processInstanceId: DEV, skills: [] } } });
    assert.deepEqual((await answered(org, ["get", "skills", DEV])).skills, []);
  });
  test("both families of errors", async () => {
    await refused(org, ["get", "skills", FOREIGN], "Failed to fetch skills: API key does not have access to this process instance");
    await refused(org, ["get", "skills", "nope"], "Failed to fetch skills: Process instance not found");
    await emulator.switches({ skills_errors: "flat" });
    await refused(org, ["get", "skills", "nope"], 'Failed to fetch skills: "Process instance not found"');
    await emulator.switches({ skills_errors: "nested" });
  });
});

describe("get execution", () => {
  let execution;
  before(async () => {
    const input = '{"email":"ann@acme.example","segment":"smb"}';
    execution = (await answered(org, trigger("lead-score", "--poll", ...payload), input)).executionId;
  });
  const details = async (...flags) => {
    const answer = await answered(org, ["get", "execution", execution, ...at(DEV), ...flags]);
    assert.deepEqual(Object.keys(answer).sort(), ["execution", "requestId", "success"]);
    return JSON.stringify(answer.execution);
  };
  test("the summary counts the nodes", async () => {
    const run = await emulator.codika(org, ["get", "execution", execution, ...at(DEV)]);
    assert.equal(run.code, 0, run.text);
    assert.match(run.text, /Nodes Executed:\s+7/);
    assert.match(run.text, /Started At:\s+20\d\d-/);
  });
  test("--deep adds the sub-workflow, --slim leaves out the noise", async () => {
    const [full, deep, slim, both] = [await details(), await details("--deep"), await details("--slim"), await details("--deep", "--slim")];
    assert.ok(full.includes("pairedItem") && full.includes("workflowData") && !full.includes("_subExecutions"));
    assert.ok(deep.includes("_subExecutions") && deep.includes("Look up company"));
    assert.ok(!slim.includes("pairedItem") && !slim.includes("workflowData") && slim.length <= full.length);
    assert.ok(both.includes("_subExecutions") && !both.includes("pairedItem") && !both.includes("workflowData"));
  });
  test("an execution that still runs has no trace", async () => {
    const { executionId } = await answered(org, trigger("never-answers"));
    const run = await emulator.codika(org, ["get", "execution", executionId, ...at(DEV)]);
    assert.equal(run.code, 0, run.text);
    assert.ok(run.text.includes("pending"), run.text);
  });
  test("an execution that failed", async () => {
    const failed = await emulator.codika(org, trigger("always-fails", "--poll", "--json"));
    const { execution: shown } = await answered(org, ["get", "execution", failed.json().executionId, ...at(DEV)]);
    assert.equal(shown.status, "failed");
    assert.equal(shown.n8nExecution.data.resultData.runData["Fetch contacts"][0].executionStatus, "error");
  });
  test("unknown executions, and those of another instance", async () => {
    const words = "Execution details fetch failed: ";
    await refused(org, ["get", "execution", "nope", ...at(DEV)], `${words}Execution not found`);
    await refused(org, ["get", "execution", execution, ...at(PROD)], `${words}Execution not found`);
    await refused(org, ["get", "execution", execution, ...at(FOREIGN)], `${words}API key does not have access`);
  });
});

describe("keys, scopes, activation, projects", () => {
  test("every command says why a key is refused", async () => {
    const { expired, revoked } = emulator.keys;
    for (const [key, why] of [["cko_nonsense", "Invalid API key"], [expired, "API key has expired"], [revoked, "API key has been revoked"]])
      for (const [args, words] of [
        [trigger("text-summary"), `Trigger failed: ${why}`],
        [["list", "executions", DEV], `UNAUTHORIZED — ${why}`],
        [["list", "instances"], why],
        [["get", "instance", DEV], why],
        [["get", "skills", DEV], `Failed to fetch skills: ${why}`],
        [["get", "execution", "x", ...at(DEV)], `Execution details fetch failed: ${why}`],
      ])
        await refused(key, args, words);
  });
  test("every missing scope is named", async () => {
    const none = emulator.keys["no scope"];
    for (const [args, scope] of [
      [trigger("text-summary"), "workflows:trigger"],
      [["list", "executions", DEV], "executions:read"],
      [["get", "execution", "x", ...at(DEV)], "executions:read"],
      [["list", "instances"], "instances:read"],
      [["get", "instance", DEV], "instances:read"],
      [["get", "skills", DEV], "skills:read"],
      [["instance", "deactivate", DEV], "instances:manage"],
      [["list", "projects"], "projects:read"],
    ])
      await refused(none, args, scope);
  });
  test("deactivate, once more, activate", async () => {
    assert.equal((await answered(manager, ["instance", "deactivate", DEV])).data.isActive, false);
    await refused(manager, ["instance", "deactivate", DEV], "already inactive");
    await refused(org, trigger("text-summary"), "Process instance is not active");
    assert.equal((await answered(manager, ["instance", "activate", DEV])).data.isActive, true);
    await refused(manager, ["instance", "activate", DEV], "already active");
    await refused(manager, ["instance", "activate", BROKEN], "failed or archived");
    await refused(manager, ["instance", "activate", "nope"], "not found");
  });
  test("projects", async () => {
    const { data } = await answered(manager, ["list", "projects"]);
    assert.equal(data.count, 1);
    const one = await answered(manager, ["get", "project", data.projects[0].id]);
    assert.equal(one.data.id, data.projects[0].id);
    await refused(manager, ["get", "project", "nope"], "Project not found");
  });
});
