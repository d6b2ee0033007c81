// Chromium for the tests of pages: opens a page, collects what a browser complains about, and runs axe.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Start Chromium; `hosts` maps host names to ports of this machine, `pins` are the public keys that answer there. */
export function launch(hosts = {}, pins = []) {
  const rules = Object.entries(hosts).map(([host, port]) => `MAP ${host} 127.0.0.1:${port}`);
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", // the tests may run as root
      "--disable-background-networking",
      ...(rules.length ? [`--host-resolver-rules=${rules.join(", ")}`] : []),
      ...(pins.length ? [`--ignore-certificate-errors-spki-list=${pins.join(",")}`] : []),
    ],
  });
}

/** A new tab, and the list that gets every error that its page reports. */
export async function open(browser, url) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("console", (message) => ["error", "warn"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure().errorText}`));
  await page.goto(url);
  return { page, complaints };
}

/** What axe finds, a line each. */
export async function faults(page) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}

/** Whether the page is wider than its window. */
export const overflows = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
