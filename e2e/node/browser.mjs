// A headless Chromium that notes whatever a page should not do, and keeps a picture of each page.

import { createHmac } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

/**
 * Texts of a Chinese page with four English words in a row. Code, and what stands in English because
 * a person, a model or a provider wrote it so, is marked: code, pre, .mono, .answer, lang="en".
 */
function englishOnChinese() {
  if (!document.documentElement.lang.startsWith("zh")) return [];
  const sentence = /[a-z]{2,}(?: [a-z]{2,}){3}/;
  const foreign = "code, pre, textarea, script, style, noscript, template, .mono, [lang=en], .answer, .try-answer";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim().replace(/\s+/g, " ");
    if (sentence.test(text) && !walker.currentNode.parentElement.closest(foreign)) found.push(text.slice(0, 200));
  }
  return found;
}

/** Starts the browser. Everything that is wrong is in `problems` at the end. */
export async function open({ base_url, language, pictures }) {
  mkdirSync(pictures, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
  });
  const context = await browser.newContext({ baseURL: base_url, locale: language, viewport: SIZES.desk, permissions: ["clipboard-read", "clipboard-write"] });
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`the policy forbids ${event.violatedDirective} of ${event.blockedURI}`);
    });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const problems = [];
  page.on("console", (message) => {
    const status = /status of (\d+)/.exec(message.text())?.[1];
    if (message.type() === "error" && !walker.expected.has(status)) problems.push(`console: ${message.text()} at ${page.url()}`);
  });
  page.on("pageerror", (error) => problems.push(`script: ${error.message} at ${page.url()}`));
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== new URL(base_url).origin && !["data:", "blob:"].includes(url.protocol)) {
      problems.push(`a request to ${url.host} from ${page.url()}`);
    }
  });
  const walker = new Walker(browser, context, page, problems, pictures);
  return walker;
}

class Walker {
  constructor(browser, context, page, problems, pictures) {
    Object.assign(this, { browser, context, page, problems, pictures });
    /** Statuses of failures that a step causes on purpose. */
    this.expected = new Set();
  }

  /** Goes to an address, once the page that is on its way has come: the browser would give one up. */
  async visit(address) {
    await this.page.waitForLoadState("load");
    await this.page.goto(address);
  }

  /** A picture of what is open now, and what axe finds serious in it. */
  async look(name) {
    await this.page.screenshot({ path: `${this.pictures}/${name}.png` });
    await this.examine(name);
    await this.readWords(name);
  }

  /** On a Chinese page, sentences that are English. */
  async readWords(name) {
    const found = await this.page.evaluate(englishOnChinese);
    for (const text of found) this.problems.push(`English on a Chinese page, ${name}: ${text}`);
  }

  /** A page in both themes and on both sizes. */
  async lookAll(name, address) {
    for (const theme of ["light", "dark"]) {
      await this.page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      for (const [size, viewport] of Object.entries(SIZES)) {
        await this.page.setViewportSize(viewport);
        await this.visit(address);
        const what = `${name}-${theme}-${size}`;
        await this.page.screenshot({ path: `${this.pictures}/${what}.png`, fullPage: true });
        await this.examine(what);
        const wide = await this.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        if (wide) this.problems.push(`${what} is wider than the screen`);
      }
    }
    await this.readWords(name);
    await this.page.setViewportSize(SIZES.desk);
    await this.page.emulateMedia({ colorScheme: "light" });
  }

  async examine(name) {
    // Colours that fade in are judged when they are there.
    await this.page.evaluate(() => Promise.allSettled(document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished)));
    if (!(await this.page.evaluate(() => "axe" in window))) await this.page.evaluate(axe);
    const found = await this.page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
    for (const violation of found.violations) {
      if (!["serious", "critical"].includes(violation.impact)) continue;
      const places = violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160));
      this.problems.push(`axe, ${name}: ${violation.id}: ${places.join(" | ")}`);
    }
  }

  /** Opens a dialog by clicking on what leads to it. */
  async dialog(selector) {
    await this.page.locator(selector).first().click();
    const dialog = this.page.locator("dialog[open][data-shown]");
    // The element itself has no size; what it holds has. Until htmx has seen it all, it hears nothing.
    await this.page.locator("dialog[open][data-shown]:not(.htmx-added) h2").first().waitFor();
    return dialog;
  }

  async toast() {
    const note = this.page.locator("#toasts .note").last();
    await note.waitFor();
    return note.innerText();
  }

  async close() {
    await this.browser.close();
  }
}

/** The code of an authenticator app at this moment. */
export function oneTimeCode(secret) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac("sha1", key).update(step).digest();
  const at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
