// Uses the page to try as a visitor does, and reads images in each way that docs/consumers.md speaks of. Prints what was seen as
// JSON, and writes pictures to a folder. argv: the application's host, another site's host, hosts and ports as JSON, pins as
// JSON, the folder.

import { faults, launch, open, overflows } from "./chromium.mjs";

const [application, elsewhere, hosts, pins, folder] = process.argv.slice(2);
const browser = await launch(JSON.parse(hosts), JSON.parse(pins));
const seen = {};

/** In the page: the width of an image that is read without CORS, or that it was refused. */
const plain = (url) => {
  const image = new Image();
  image.src = url;
  return image.decode().then(() => image.naturalWidth, () => "refused");
};

/** In the page: how many bytes a script reads, or the error. */
const size = async (url) => {
  const { read } = await import("/browser.js");
  return read(url).then((blob) => blob.size, (error) => `${error.name}: ${error.message}`);
};

/** In the page: upload an image; its URL, and what S3 and the progress have told. */
const uploaded = async () => {
  const { upload } = await import("/browser.js");
  const canvas = new OffscreenCanvas(64, 64);
  canvas.getContext("2d").fillRect(0, 0, 64, 64);
  const file = await canvas.convertToBlob({ type: "image/jpeg" });
  const { form, url } = await (await fetch("/form", { method: "POST", body: '{"type": "image/jpeg"}' })).json();
  let progress = 0;
  const etag = await upload(form, file, (loaded) => { progress = loaded; });
  return { url, etag, bytes: file.size, progress: progress > file.size };
};

const text = (page, id) => page.$eval(`#${id}`, (element) => element.textContent);
const until = (page, id, expected) =>
  page.waitForFunction(
    (name, pattern) => new RegExp(pattern).test(document.getElementById(name).textContent),
    { timeout: 120000 },
    id,
    expected,
  );

try {
  const { page, complaints } = await open(browser, `https://${application}/`);
  await page.waitForSelector("html[data-ready]");
  await page.setViewport({ width: 1000, height: 1100 });

  // As a visitor.
  await page.click("#sample");
  await until(page, "uploaded", "ETag");
  await page.waitForSelector("#shown:not([hidden])");
  seen.image = await page.$eval("#image", (image) => image.naturalWidth);
  await page.click("#rotate");
  await until(page, "rotation", "^(done|failed)");
  seen.rotation = await text(page, "rotation");
  await until(page, "reads", "[1-9]\\d reads");
  seen.reads = await text(page, "reads");
  seen.complaints = [...complaints];

  for (const item of await page.$$("#refusals li")) {
    await (await item.$("button")).click();
    await page.waitForFunction((one) => one.querySelector("span").textContent, { timeout: 20000 }, item);
  }
  seen.refusals = await page.$$eval("#refusals li", (items) =>
    Object.fromEntries(items.map((item) => [item.firstChild.textContent, item.lastChild.textContent.trim()])),
  );
  for (const scheme of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    seen[scheme] = await faults(page);
    await page.screenshot({ path: `${folder}/demo-${scheme}.png`, fullPage: true });
  }
  await page.setViewport({ width: 360, height: 740, isMobile: true });
  seen.overflows = await overflows(page);

  // As a script of the application.
  const one = await page.evaluate(uploaded);
  const two = await page.evaluate(uploaded);
  seen.upload = one;
  seen.script = {
    "read with credentials": (await page.evaluate(size, one.url)) === one.bytes,
    "plain image": await page.evaluate(plain, two.url),
    "read after a plain image": (await page.evaluate(size, two.url)) === two.bytes,
    "image with credentials, drawn": await page.evaluate(async (url) => {
      const { show } = await import("/browser.js");
      const image = new Image();
      await show(image, url);
      const context = document.createElement("canvas").getContext("2d");
      context.drawImage(image, 0, 0);
      return context.getImageData(0, 0, 1, 1).data.length; // throws for an image that was read without CORS
    }, one.url),
    "read with another request header": await page.evaluate(
      (url) =>
        fetch(url, { credentials: "include", headers: { "X-Own": "1" } }).then(
          (answer) => answer.status,
          (error) => `${error.name}: ${error.message}`,
        ),
      one.url,
    ),
  };

  // As a page of another site in the same browser, and in a browser that has no cookies.
  const other = await open(browser, `https://${elsewhere}/style.css`);
  seen.elsewhere = { "plain image": await other.page.evaluate(plain, one.url) };
  const private_ = await (await browser.createBrowserContext()).newPage();
  await private_.goto(`https://${application}/style.css`);
  seen["before the cookies"] = await private_.evaluate(plain, one.url);
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
