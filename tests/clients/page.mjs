// What a page of an application does with images, and what a page of another site must not be able to do. Each outcome goes
// back to the page's own server.

import { read, show, upload } from "/browser.js";

const outcomes = {};

async function attempt(name, action) {
  try {
    outcomes[name] = await action();
  } catch (error) {
    outcomes[name] = `${error.name}: ${error.message}`;
  }
}

function plain(url) {
  const image = new Image();
  image.src = url;
  return image.decode().then(() => image.naturalWidth, () => "refused");
}

async function drawn(url) {
  const image = new Image();
  await show(image, url);
  const canvas = document.createElement("canvas");
  canvas.getContext("2d").drawImage(image, 0, 0);
  canvas.getContext("2d").getImageData(0, 0, 1, 1); // throws for an image that was read without CORS
  return image.naturalWidth;
}

const post = async (path) => (await fetch(path, { method: "POST" })).json();
const { urls, forms } = await post("/setup");
const size = async (url) => (await read(url)).size;

if (forms) {
  const file = await (await fetch("/image.jpg")).blob();
  await attempt("before the cookies", () => plain(urls.ready));
  await post("/session");
  let progress = 0;
  await attempt("upload", () => upload(forms.uploaded, file, (loaded) => { progress = loaded; }));
  outcomes["progress"] = progress > file.size;
  await attempt("image with credentials", () => drawn(urls.uploaded));
  await attempt("read with credentials", () => size(urls.uploaded));
  await attempt("plain image", () => plain(urls.plain));
  await attempt("read after a plain image", () => size(urls.plain));
  await attempt("read with another request header", async () =>
    (await fetch(urls.ready, { credentials: "include", headers: { "X-Own": "1" } })).status);
} else {
  await attempt("plain image", () => plain(urls.ready));
  await attempt("read with credentials", () => size(urls.ready));
}
await fetch("/outcomes", { method: "POST", body: JSON.stringify(outcomes) });
