// The page: an upload with progress, the image through the CDN, a rotation meanwhile, and each refusal.

import { read, show, upload } from "/browser.js";

const READ_EVERY = 250; // milliseconds
const RENEW_BEFORE = 60; // seconds before the cookies end
const find = (id) => document.getElementById(id);

/** Ask the back end. */
async function ask(path, body = {}) {
  const answer = await fetch(path, { method: "POST", body: JSON.stringify(body) });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error);
  return found;
}

/** On a machine where the hosts are mapped by name only, they listen on the port of this page. */
function reachable(url) {
  const found = new URL(url);
  found.port = location.port;
  return String(found);
}

function say(id, text, good = true) {
  find(id).textContent = text;
  find(id).className = good ? "good" : "bad";
}

async function begin() {
  const { cdn, seconds } = await ask("/session");
  setTimeout(begin, (seconds - RENEW_BEFORE) * 1000);
  find("origin").textContent = location.host;
  find("cdn").textContent = cdn;
}

let current; // the URL of the image that is shown

async function send(file) {
  find("progress").value = 0;
  try {
    const { form, url } = await ask("/form", { type: file.type });
    const etag = await upload({ ...form, url: reachable(form.url) }, file, (loaded, total) => {
      find("progress").value = (100 * loaded) / total;
    });
    say("uploaded", `S3 has stored ${file.size} bytes, ETag ${etag}.`);
    current = reachable(url);
    await show(find("image"), current);
    find("url").textContent = url;
    find("shown").hidden = false;
    find("rotate").disabled = false;
  } catch (error) {
    say("uploaded", error.message, false);
  }
}

/** An image that needs no file: a photo of nothing, different each time. */
function sample() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 320 });
  const context = canvas.getContext("2d");
  for (let circle = 0; circle < 60; circle += 1) {
    context.fillStyle = `hsl(${Math.random() * 360} 70% 55% / 0.7)`;
    context.beginPath();
    context.arc(Math.random() * 480, Math.random() * 320, 10 + Math.random() * 60, 0, 2 * Math.PI);
    context.fill();
  }
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
}

const reads = { good: 0, refused: 0 };

async function readOn() {
  if (current) {
    try {
      await read(current, { cache: "no-store" });
      reads.good += 1;
    } catch {
      reads.refused += 1;
    }
    say("reads", `${reads.good} reads, ${reads.refused} refused`, reads.refused === 0);
  }
  setTimeout(readOn, READ_EVERY);
}

async function rotate() {
  find("rotate").disabled = true;
  find("log").hidden = false;
  await ask("/rotate");
  for (;;) {
    const { state, lines, key } = await ask("/rotation");
    find("log").textContent = lines.join("\n");
    find("log").scrollTop = find("log").scrollHeight;
    say("rotation", `${state}; the current key pair id is ${key}`, state !== "failed");
    if (state !== "running") break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await ask("/session"); // cookies of the new key
  find("rotate").disabled = false;
}

/** An upload that S3 must refuse: the answer's status and code. */
async function refusedUpload(change) {
  const { form } = await ask("/form", { type: "image/jpeg" });
  const fields = { ...form.fields };
  const file = change(fields) ?? new Blob(["x"], { type: "image/jpeg" });
  try {
    await upload({ fields, url: reachable(form.url) }, file);
    return { status: 204, code: "" };
  } catch (error) {
    return { status: Number(/answers (\d+)/.exec(error.message)?.[1]), code: /<Code>(\w+)/.exec(error.message)?.[1] ?? error.message };
  }
}

const REFUSALS = {
  "Read without cookies": () => ask("/refusal", { kind: "no cookies" }),
  "Read with expired cookies": () => ask("/refusal", { kind: "expired" }),
  "Read with the cookies of another tenant": () => ask("/refusal", { kind: "another tenant" }),
  "Read with an unknown key": () => ask("/refusal", { kind: "unknown key" }),
  "Read with a changed policy": () => ask("/refusal", { kind: "changed policy" }),
  "Upload a text": () => refusedUpload((fields) => { fields["Content-Type"] = "text/plain"; }),
  "Upload to another tenant": () => refusedUpload((fields) => { fields.key = fields.key.replace(/^[^/]+/, "other"); }),
  "Upload nothing": () => refusedUpload(() => new Blob([])),
  "Upload more than 10 MiB": () => refusedUpload(() => new Blob([new Uint8Array(10 * 1024 * 1024 + 1)])),
};

for (const [name, action] of Object.entries(REFUSALS)) {
  const item = document.createElement("li");
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
  const answer = document.createElement("span");
  answer.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      const { status, code } = await action();
      const refused = status >= 400;
      answer.textContent = ` ${status} ${code}`;
      answer.className = refused ? "good" : "bad";
    } catch (error) {
      answer.textContent = ` ${error.message}`;
      answer.className = "bad";
    }
  });
  item.append(button, answer);
  find("refusals").append(item);
}

find("file").addEventListener("change", ({ target }) => target.files[0] && send(target.files[0]));
find("sample").addEventListener("click", async () => send(await sample()));
find("rotate").addEventListener("click", rotate);
await begin();
readOn();
document.documentElement.dataset.ready = "true";
