// The approval page's behaviour: collect one decision a command, send it with the digest of what was shown, show what is wrong in
// place, follow executions. The page is readable without it.
"use strict";

const POLL_MILLISECONDS = 2000;

async function post(address, body) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    credentials: "same-origin",
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const error = new Error(answer.error || answer.detail || `The server answered ${response.status}.`);
  error.fields = Array.isArray(answer.detail) ? answer.detail : [];
  error.status = response.status;
  throw error;
}

function show(element, text) {
  element.textContent = text;
  element.hidden = text === "";
}

const commandsOf = (form) => [...form.querySelectorAll(".command")];
const chosen = (command) => command.querySelector("input[type=radio]:checked")?.value;
const field = (command, name) => command.querySelector(`[id^="${name}-"]`);

function complain(command, text) {
  show(command.querySelector(".error"), text);
}

// The decision of one command, or what is missing of it.
function decisionOf(command) {
  const index = Number(command.dataset.index);
  const decision = chosen(command);
  const reason = field(command, "reason").value.trim();
  const confirm = command.querySelector(".confirm input");
  if (!decision) return { missing: "Decide this command." };
  const explained = document.querySelector("#reason-kind")?.value;
  if (decision === "reject" && !reason && !explained) return { missing: "Say why: the agent learns from it.", focus: field(command, "reason") };
  if (decision === "approve" && confirm && !confirm.checked) return { missing: "Confirm that you know it cannot be undone.", focus: confirm };
  const line = field(command, "edit").value.trim();
  if (decision === "edit" && !line) return { missing: "Write the command to run instead.", focus: field(command, "edit") };
  const entry = { index, decision };
  if (reason && decision !== "approve") entry.reason = reason;
  if (decision === "edit") entry.command = line;
  return { entry };
}

function collect(form) {
  const decisions = [];
  let first = null;
  for (const command of commandsOf(form)) {
    const { entry, missing, focus } = decisionOf(command);
    complain(command, missing || "");
    if (entry) decisions.push(entry);
    else first = first || focus || command.querySelector("input[type=radio]");
  }
  if (first) {
    first.focus();
    first.closest(".command").scrollIntoView({ block: "center" });
    return null;
  }
  return decisions;
}

function placeErrors(form, decisions, error) {
  for (const wrong of error.fields) {
    const place = Array.isArray(wrong.loc) ? wrong.loc : [];
    const decision = place[1] === "decisions" ? decisions[place[2]] : undefined;
    const command = decision && form.querySelector(`#command-${decision.index}`);
    if (command) complain(command, wrong.msg);
  }
  const stale = error.status === 409 ? " Reload the page to see its state." : "";
  const box = form.querySelector("#decide-error");
  show(box, `Nothing was decided: ${error.message}.${stale}`);
  box.focus();
}

async function submit(form) {
  const decisions = collect(form);
  if (!decisions) return;
  const button = form.querySelector("button[type=submit]");
  const approver = form.querySelector("#approver").value.trim();
  button.disabled = true;
  try {
    const body = { plan_digest: form.dataset.digest, decisions };
    if (approver) body.approver = approver;
    const rejects = decisions.some((entry) => entry.decision === "reject");
    for (const [key, id] of rejects ? [["reason_kind", "#reason-kind"], ["prefer", "#prefer"]] : []) {
      const choice = form.querySelector(id);
      if (choice && choice.value) body[key] = choice.value;
    }
    await post(`/api/approvals/${encodeURIComponent(form.dataset.approval)}/decide`, body);
    if (approver) localStorage.setItem("approver", approver);
    location.reload();
  } catch (error) {
    placeErrors(form, decisions, error);
    button.disabled = false;
  }
}

function progress(form) {
  const commands = commandsOf(form);
  const approved = commands.filter((command) => ["approve", "edit"].includes(chosen(command))).length;
  const rejected = commands.filter((command) => chosen(command) === "reject").length;
  const open = commands.length - approved - rejected;
  const done = `${approved} to run, ${rejected} rejected`;
  form.querySelector("#progress").textContent = open ? `${done}, ${open} still to decide.` : `${done}. Ready to submit.`;
}

function startDeciding() {
  const form = document.querySelector("#decide");
  if (!form || !form.querySelector("#approve-reads")) return;
  form.noValidate = true;
  form.querySelector("#approver").value = localStorage.getItem("approver") || "";
  form.addEventListener("change", (event) => {
    const command = event.target.closest(".command");
    if (command) complain(command, "");
    progress(form);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form);
  });
  form.querySelector("#approve-reads").addEventListener("click", () => {
    for (const option of form.querySelectorAll('.command[data-risk="SAFE"] input[value="approve"]')) option.checked = true;
    progress(form);
  });
  progress(form);
}

function ratingOf(form) {
  const body = { feedback_id: form.dataset.feedbackId };
  const stars = form.querySelector("input[name=rating]:checked");
  const helpful = form.querySelector("input[name=was_helpful]:checked");
  const comment = form.querySelector("#comment").value.trim();
  const improve = form.querySelector("#improve").value.trim();
  const approver = localStorage.getItem("approver");
  if (stars) body.rating = Number(stars.value);
  if (helpful) body.was_helpful = helpful.value === "true";
  if (comment) body.feedback_comments = comment;
  if (improve) body.improvements_suggested = improve;
  if (Object.keys(body).length === 1) return null;
  if (approver) body.rater = approver;
  return body;
}

function startRating() {
  const form = document.querySelector("#rating");
  if (!form) return;
  const wrong = form.querySelector(".error");
  const done = form.querySelector(".done");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = ratingOf(form);
    done.hidden = true;
    show(wrong, body ? "" : "Give stars, an answer or a comment.");
    if (!body) return;
    try {
      await post("/api/feedback", body);
      done.hidden = false;
    } catch (error) {
      show(wrong, `It was not recorded: ${error.message}.`);
    }
  });
}

// Replaces a part of the page with its newest form while something is still under way.
function follow(selector, isLive) {
  const part = document.querySelector(selector);
  if (!part || !isLive(part)) return;
  setTimeout(async () => {
    try {
      const response = await fetch(location.href, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = response.ok && page.querySelector(selector);
      if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceWith(document.adoptNode(fresh));
    } catch {
      // The server restarts or the network is away: the next round tries again.
    }
    follow(selector, isLive);
  }, POLL_MILLISECONDS);
}

startDeciding();
startRating();
follow("#decide", (part) => part.querySelector("[data-live]"));
follow("#live", () => true);
