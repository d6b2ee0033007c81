# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The style and the script of the HTML report."""

from __future__ import annotations

STYLE = """
:root { --back: #fff; --card: #f6f7f9; --line: #d0d4da; --text: #1b1f24; --dim: #4d5661;
  --pass: #13632c; --fail: #a3161b; --skip: #6b4e00; --bar: #2458a6; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14171b; --card: #1e2329; --line: #3b434d; --text: #e8eaed; --dim: #b3bac3;
    --pass: #6fd08c; --fail: #ff8f8a; --skip: #e6c15a; --bar: #7aa9f0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 72rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 0 0 .5rem; }
code { font: .875em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
.status { padding: .5rem .75rem; border-left: .4rem solid; background: var(--card); font-weight: 600; }
.passed { color: var(--pass); } .failed { color: var(--fail); } .skipped, .differs { color: var(--skip); }
.written { color: var(--dim); }
.label { font-weight: 700; font-family: ui-monospace, monospace; }
article, details { border: 1px solid var(--line); border-radius: .4rem; padding: .75rem; margin: .5rem 0;
  background: var(--card); color: var(--text); }
article.failed { border-left: .4rem solid var(--fail); color: var(--text); }
summary { cursor: pointer; font-weight: 600; }
.facts { margin: .25rem 0; }
.facts div { display: grid; grid-template-columns: 10.5rem minmax(0, 1fr); gap: .75rem; padding: .15rem 0; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
.command { display: flex; gap: .5rem; align-items: start; justify-content: space-between; }
.copy { font: inherit; font-size: .8rem; color: var(--text); background: var(--back); border: 1px solid var(--line);
  border-radius: .3rem; padding: .1rem .5rem; cursor: pointer; flex: none; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
caption { text-align: left; color: var(--dim); padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; }
th { color: var(--dim); font-weight: 600; }
svg { width: 100%; min-width: 6rem; height: .8rem; background: var(--card); } rect { fill: var(--bar); }
.images { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: .5rem 0; } figure img { width: 9rem; height: auto; display: block; border: 1px solid var(--line); }
figcaption { color: var(--dim); font-size: .85rem; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); color: var(--dim); }
@media (max-width: 40rem) {
  .facts div { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .command { flex-direction: column; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  td { display: block; border: 0; padding: .1rem 0; }
  td::before { content: attr(data-label) ": "; color: var(--dim); }
}
@media print { body { max-width: none; } .copy { display: none; } article, tr { break-inside: avoid; } }
"""

SCRIPT = """
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const code = button.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(code);
    button.textContent = "Selected";
  }
});
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => (part.open = true)));
"""
