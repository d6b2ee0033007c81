// Opens a report (argv 2) in light, dark, on a phone and on paper; prints what was found as JSON, and writes a picture of each
// to a folder (argv 3).

import { faults, launch, open, overflows } from "./chromium.mjs";

const [url, folder] = process.argv.slice(2);
const desktop = { width: 1100, height: 900 };
const LOOKS = {
  light: { size: desktop, scheme: "light" },
  dark: { size: desktop, scheme: "dark" },
  phone: { size: { width: 360, height: 740, isMobile: true, deviceScaleFactor: 2 }, scheme: "light" },
};

const browser = await launch();
const found = {};
try {
  const { page, complaints } = await open(browser, url);
  for (const [name, { size, scheme }] of Object.entries(LOOKS)) {
    await page.setViewport(size);
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.evaluate(() => document.querySelectorAll("details").forEach((part) => (part.open = true)));
    found[name] = { faults: await faults(page), overflows: await overflows(page) };
    await page.evaluate(() => document.querySelectorAll("details").forEach((part) => (part.open = false)));
    await page.screenshot({ path: `${folder}/report-${name}.png`, fullPage: true });
  }
  await page.setViewport(desktop);
  const pdf = await page.pdf({ path: `${folder}/report-paper.pdf` });
  found.paper = { bytes: pdf.length };
  found.complaints = complaints;
  found.text = await page.evaluate(() => document.body.innerText);
  found.scripts = await page.evaluate(() => document.querySelectorAll("script").length);
  found.images = await page.evaluate(() => [...document.images].map((image) => image.naturalWidth));
  found.links = await page.evaluate(() => [...document.querySelectorAll("[href], img, iframe")].map((e) => e.href ?? e.src));
  const button = await page.$("button.copy");
  await button.click();
  await page.waitForFunction((one) => one.textContent !== "Copy", { timeout: 5000 }, button);
  found.copied = await button.evaluate((one) => one.textContent);
} finally {
  await browser.close();
}
console.log(JSON.stringify(found));
