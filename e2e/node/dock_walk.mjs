// The dock as a person uses it: from the one-time address to a tool that answers, and back.
//
//     node dock_walk.mjs      the first line of input is the order; a line of output names what is to
//                             be looked at outside, and a line of input says to go on. The last line
//                             is {"problems": [...]}

import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { open } from "./browser.mjs";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const order = JSON.parse((await lines.next()).value);
const walker = await open({ ...order, base_url: new URL(order.url).origin });
const { page, problems } = walker;
const english = order.language === "en";
let step = "start";

/** Lets whoever runs this look at the machine. */
async function outside(what) {
  console.log(JSON.stringify({ look: what }));
  await lines.next();
}

const main = () => page.locator("main").innerText();
const shows = (text) => page.locator("main", { hasText: text }).waitFor();

const steps = {
  async "nobody comes in without the code"() {
    walker.expected.add("401");
    await walker.visit("/");
    await page.locator("form[data-code]").waitFor();
    await walker.lookAll("gate", "/");
    walker.expected.clear();
    // Another document first: a new fragment alone loads nothing.
    await walker.visit("about:blank");
    walker.expected.add("401");
    await walker.visit(order.url);
    await page.locator(".tools").waitFor();
    walker.expected.clear();
    assert.equal(new URL(page.url()).hash, "");
    await walker.lookAll("tools-empty", "/");
    await walker.lookAll("accounts-empty", "/accounts");
    await walker.lookAll("nodes-empty", "/nodes");
    await walker.lookAll("backups-empty", "/backups");
    await walker.lookAll("tool-empty", `/tools/${order.tool}`);
  },

  async "an account"() {
    await walker.visit("/accounts");
    await page.fill("#name", "walked");
    await page.selectOption("#site", "url");
    await page.fill("#url", order.site_url);
    await page.fill("#secret", "not this one");
    await page.fill("#user_id", String(order.user_id));
    walker.expected.add("422");
    await page.click("form[action='/accounts'] [type=submit]");
    await page.locator("[role=alert]").waitFor();
    await walker.look("account-refused");
    walker.expected.clear();
    assert.equal(await page.inputValue("#url"), order.site_url);
    assert.equal(await page.inputValue("#secret"), "");
    await page.fill("#secret", order.access_token);
    await page.click("form[action='/accounts'] [type=submit]");
    await page.waitForURL("**/accounts/walked");
    await walker.toast();
    assert.equal(await page.locator(".grid tbody tr").count(), 3);
    await page.click("form[action$=refresh] button");
    await walker.toast();
    await page.click("form[action$=check-in] button");
    await walker.toast();
    await walker.lookAll("account", "/accounts/walked");
    await walker.lookAll("accounts", "/accounts");
  },

  async "a node"() {
    await walker.visit("/nodes");
    await page.fill("#name", "gateway");
    await page.fill("#url", order.node_url);
    await page.click("form[action='/nodes'] [type=submit]");
    await walker.toast();
    await page.click("form[action='/nodes/test'] button");
    await shows(english ? "quickest" : "最快");
    await walker.look("nodes-measured");
    await walker.lookAll("nodes", "/nodes");
  },

  async "the change as one chooses"() {
    await walker.visit("/accounts/walked");
    await page.locator(`a[href*='/tools/${order.tool}']`).first().click();
    await page.locator("[data-line=more]").first().waitFor();
    assert.ok(!(await page.content()).includes(order.secret), "the whole key is on the page");
    await page.selectOption("#node", "gateway");
    await page.locator("[data-line=more]", { hasText: order.node_url }).waitFor();
    await page.fill("#model", order.model);
    await page.locator("#model").press("Tab");
    await page.locator("[data-line=more]", { hasText: order.model }).first().waitFor();
    await walker.look("preview");
    await page.check("[name=no_secret]");
    await page.locator("[data-line=more]", { hasText: order.without_secret }).waitFor();
    await page.uncheck("[name=no_secret]");
    await page.locator("[data-line=more]", { hasText: order.with_secret }).waitFor();
    await page.click("[value=quickest]");
    await page.locator("#node option", { hasText: " ms" }).first().waitFor({ state: "attached" });
    await walker.look("quickest");
    // A tool without a choice of its own takes the token's first model.
    await walker.visit("/tools/opencode?account=walked&token=1");
    await page.locator("[data-line=more]", { hasText: "sim-small" }).first().waitFor();
    await walker.look("opencode");
    await walker.lookAll("tool", `/tools/${order.tool}?account=walked&token=1&node=gateway&model=${order.model}`);
  },

  async "applied, and verified"() {
    await walker.visit(`/tools/${order.tool}?account=walked&token=1&node=gateway&model=${order.model}`);
    await page.click("[value=apply]");
    await page.locator("#configure .empty-state").waitFor();
    assert.match(await main(), /\d+ ms/);
    assert.ok(!(await page.content()).includes(order.secret), "the whole key is on the page");
    await walker.look("applied");
    await outside("configured");
    await walker.lookAll("tools", "/");
    await walker.lookAll("backups", "/backups");
    await walker.lookAll("clear", `/tools/${order.tool}/clear`);
    await walker.lookAll("undo", "/undo");
    await walker.lookAll("account-later", "/accounts/walked");
    await walker.lookAll("forget", "/accounts/walked/remove");
    await walker.lookAll("remove-node", `/nodes/remove?provider=${encodeURIComponent(order.site_url)}&name=gateway`);
    await walker.visit("/backups");
    await page.locator(".grid tbody a").first().click();
    await page.locator("main form").waitFor();
    await walker.look("restore");
  },

  async "and back"() {
    await walker.visit("/");
    await page.locator(`a[href='/tools/${order.tool}/clear']`).click();
    await page.click("main form [type=submit]");
    await walker.toast();
    assert.equal(await page.locator("a[href$='/clear']").count(), 0);
    await outside("cleared");
    await walker.visit("/accounts/walked/remove");
    await page.click("main form .danger");
    await walker.toast();
  },

  async "an address that was not found"() {
    walker.expected.add("404");
    await walker.lookAll("lost", "/nothing");
    walker.expected.clear();
  },

  async "the other language, and dark"() {
    await walker.visit("/");
    await page.click("#menu-appearance-button");
    await walker.look("menu");
    await page.click(`#menu-appearance-menu [value=${english ? "zh-CN" : "en"}]`);
    await page.locator(`html[lang=${english ? "zh-CN" : "en"}]`).waitFor();
    await page.click("#menu-appearance-button");
    await page.click("#menu-appearance-menu [value=dark]");
    await page.locator("html.dark, html[data-theme=dark]").first().waitFor({ state: "attached" });
  },

  async "the address works once"() {
    await walker.context.clearCookies();
    await walker.visit("about:blank");
    for (const status of ["401", "403"]) walker.expected.add(status);
    await walker.visit(order.url);
    await page.locator("form[data-refused]").waitFor();
    await walker.look("gate-refused");
    walker.expected.clear();
  },
};

try {
  for (const [name, walk] of Object.entries(steps)) {
    step = name;
    await walk();
  }
} catch (error) {
  await page.screenshot({ path: `${order.pictures}/failed.png` }).catch(() => {});
  problems.push(`${step}: ${error.stack} at ${page.url()}`);
} finally {
  await walker.close();
}
console.log(JSON.stringify({ problems }));
process.exit(0);
