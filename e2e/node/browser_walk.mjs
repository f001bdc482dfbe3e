// The console as people use it: from a one-time link to a first call, a limit that is reached, a
// rotation, a leak and a finding; as owner or as member, in one language.
//
//     node browser_walk.mjs < order.json      prints {"problems": [...]}

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { oneTimeCode, open } from "./browser.mjs";

const order = JSON.parse(await new Response(process.stdin).text());
const { base_url, model, role } = order;
const walker = await open(order);
const { page, problems } = walker;
const password = "correct horse 9";
const owner = role === "owner";
let step = "start";

/** A call with a token, as a client makes it. */
async function call(secret, called = model) {
  const answer = await fetch(`${base_url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    body: JSON.stringify({ model: called, max_tokens: 50, messages: [{ role: "user", content: "Hello" }] }),
  });
  await answer.text();
  return answer.status;
}

/** Something of the API, from the page and with its session. */
const api = (method, path, body) =>
  page.evaluate(async ([method, path, body]) => {
    const answer = await fetch(path, { method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body) });
    return answer.status === 204 ? {} : answer.json();
  }, [method, path, body]);

/** What an operator does meanwhile, through the API. */
async function operate(method, path, body) {
  const headers = { authorization: `Bearer ${order.management_key}`, "content-type": "application/json" };
  const answer = await fetch(`${base_url}${path}`, { method, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.json();
}

const shown = async (dialog) => (await dialog.locator(".once code").first().innerText()).trim();
const openToken = (id) => walker.visit(`/console/token/${id}`);
/** The open token's badge gets this tone. */
const badge = (tone) => page.locator(`h1 .status[data-tone=${tone}]`).waitFor();

const steps = {
  async "one-time link"() {
    await walker.visit(order.link);
    await walker.look("link");
    await page.fill("#password", password);
    if (owner && order.link.includes("/setup")) {
      await page.fill("#field-name", "Wei Lin");
      await page.fill("#field-email", order.login);
    }
    await page.click("button.wide");
    await page.waitForURL("**/console");
    // Once calls came through, an owner is not told how to begin.
    if (!owner || order.first) await page.locator(".steps").waitFor();
    await walker.look("first-steps");
    // A link works once.
    await walker.visit(order.link);
    await page.fill("#password", password);
    walker.expected.add("404");
    await page.click("button.wide");
    await page.locator("[role=alert]").waitFor();
    walker.expected.clear();
  },

  async "create, copy, call"() {
    await walker.visit("/console");
    let dialog = await walker.dialog("a[data-key=n]");
    await walker.look("create");
    dialog = await walker.dialog("dialog .choices a[href*=development]");
    await dialog.locator(".choices a[href*=development][aria-current]").waitFor();
    await page.waitForLoadState("networkidle");
    assert.equal(await dialog.locator("[name='monthly_limit.amount']").inputValue(), "10");
    await dialog.locator("[name='monthly_limit.amount']").fill("a lot");
    await dialog.locator("#field-name").fill("walked-web-app");
    await dialog.locator("footer [type=submit]").click();
    await page.locator("dialog [aria-invalid]").waitFor();
    dialog = page.locator("dialog[open]");
    await dialog.locator("[name='monthly_limit.amount']").fill("10");
    await dialog.locator("footer [type=submit]").click();
    await page.locator("dialog .once").waitFor();
    order.secret = await shown(dialog);
    await dialog.locator(".once [data-copy]").click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), order.secret);
    await walker.look("created");
    await dialog.locator("[data-try]").click();
    await page.locator(".try-answer[data-tone=good]").waitFor();
    await walker.look("first-call");
    await dialog.locator("footer a[href*='key_']").click();
    await page.waitForURL("**/console/token/key_*");
    order.id = page.url().split("/").pop();
  },

  async "see the bill"() {
    await openToken(order.id);
    await page.locator(".grid tbody tr").first().waitFor();
    const cost = await page.locator(".grid tbody tr td:last-child").first().innerText();
    assert.match(cost, /\$0\.0+[1-9]/);
    await page.locator(".ranks .mono").first().waitFor();
    await walker.look("token");
  },

  async "a limit is reached, and raised"() {
    const dialog = await walker.dialog("a[data-key=e]");
    await dialog.locator("[name='monthly_limit.amount']").fill("0.0000001");
    await dialog.locator("footer [type=submit]").click();
    await walker.toast();
    await badge("warn");
    assert.ok([402, 403, 429].includes(await call(order.secret)));
    await walker.look("exhausted");
    const raised = await walker.dialog("a[data-key=e]");
    await raised.locator("[name='monthly_limit.amount']").fill("25");
    await raised.locator("footer [type=submit]").click();
    await walker.toast();
    await badge("good");
    assert.equal(await call(order.secret), 200);
  },

  async "a balance runs out, and is topped up"() {
    if (owner) return;
    let status = 200;
    for (let calls = 0; status === 200 && calls < 200; calls += 1) status = await call(order.secret);
    assert.ok([402, 429].includes(status), `the balance never ran out: ${status}`);
    await walker.visit("/console");
    await walker.look("no-balance");
    const codes = await operate("POST", "/api/v1/redemption-codes", { amount: "5", count: 1, note: "walked" });
    await walker.visit("/console/wallet");
    await page.fill("#field-code", codes.data[0].code);
    await page.click(".redeem [type=submit]");
    assert.match(await walker.toast(), /\$5\.00/);
    assert.equal(await call(order.secret), 200);
  },

  async "a channel, a price, a user, a top-up"() {
    if (!owner) return;
    const [channel, walked] = [`walked-${order.language.toLowerCase()}`, `walked-model-${order.language.toLowerCase()}`];
    await walker.visit("/console/price");
    const price = await walker.dialog("a[data-key=n]");
    await price.locator("#field-model").fill(walked);
    await price.locator("[name=input]").fill("2");
    await price.locator("[name=output]").fill("8");
    await walker.look("price");
    await price.locator("footer [type=submit]").click();
    await walker.toast();
    await walker.visit("/console/channel");
    await walker.dialog("a[data-key=n]");
    await walker.look("presets");
    await walker.dialog("dialog a[href$='preset=other']");
    const made = page.locator("dialog[open]", { has: page.locator("#channel") });
    await made.locator("#field-name").fill(channel);
    await made.locator("#field-base_url").fill(order.provider.base_url);
    await made.locator("#field-secrets").fill(order.provider.secret);
    await made.locator("[name=models]").fill(walked);
    await walker.look("channel-form");
    await made.locator("footer [type=submit]").click();
    await page.waitForURL("**/console/channel/ch*");
    await page.click("form[action$=test] button");
    await page.locator("#test-result [data-tone=good]").waitFor();
    await walker.look("channel");
    assert.equal(await call(order.secret, walked), 200);
    await walker.visit("/console/user");
    const user = await walker.dialog("a[data-key=n]");
    await user.locator("#field-name").fill(`Walked ${order.language}`);
    await user.locator("footer [type=submit]").click();
    await page.locator("dialog .once").waitFor();
    assert.match(await shown(page.locator("dialog[open]")), /\/console\/invite/);
    await walker.look("invited");
    await page.locator("dialog footer a").click();
    await page.waitForURL("**/console/user/usr_*");
    const topUp = await walker.dialog("a[href$=topup]");
    await topUp.locator("[name=amount]").fill("12.5");
    await walker.look("top-up");
    await topUp.locator("footer [type=submit]").click();
    assert.match(await walker.toast(), /12\.50/);
    await walker.look("user");
  },

  async "a template, and several tokens after it"() {
    await walker.visit("/console/token/template");
    const form = await walker.dialog("a[data-key=n]");
    await form.locator("#field-name").fill("walked");
    await form.locator("[name='monthly_limit.amount']").fill("3");
    await form.locator("footer [type=submit]").click();
    await walker.toast();
    await walker.lookAll("templates", "/console/token/template");
    await walker.visit("/console/token");
    await page.click("#menu-tokens-button");
    let dialog = await walker.dialog("#menu-tokens-menu a[href$=bulk]");
    await dialog.locator("label.choice", { has: page.locator("[value=table]") }).click();
    await dialog.locator("#field-table").fill("name,quota\nwalked-one,1\nwalked-two,much");
    await dialog.locator("#field-template").selectOption("walked");
    await walker.look("several-made-form");
    await dialog.locator("footer [type=submit]").click();
    await page.locator("dialog #error-table").waitFor();
    dialog = page.locator("dialog[open]");
    await dialog.locator("#field-table").fill("name,quota\nwalked-one,1\nwalked-two,2");
    await dialog.locator("footer [type=submit]").click();
    await page.locator("#tokens-made").waitFor();
    await walker.look("several-made");
    const started = page.waitForEvent("download");
    await page.click("dialog a[download]");
    const rows = readFileSync(await (await started).path(), "utf8").trim().split("\r\n");
    assert.equal(rows.length, 3);
    assert.equal(await call(rows[1].split(",")[2]), 200);
    const list = await api("GET", "/v1/api-keys?q=walked-two");
    assert.equal(list.data[0].monthly_limit.amount, 3);
    await walker.visit("/console/token/template");
    const end = await walker.dialog("a[href*='delete?name=walked']");
    await end.locator(".danger").click();
    await walker.toast();
  },

  async "an alert's rule is edited"() {
    await walker.visit("/console/settings/alerts");
    const form = await walker.dialog("a[href$='rules/new']");
    await form.locator("footer [type=submit]").click();
    await walker.toast();
    const edit = await walker.dialog("a[href*='rules/'][href$=edit]");
    await edit.locator("#field-threshold").fill("65");
    // One token of very many: it is typed, and what is offered fits.
    await edit.locator("#field-scope").selectOption("key");
    await edit.locator("#field-key").pressSequentially("walked-web");
    const offered = edit.locator("#rule-keys option[value^='walked-web-app (sk-']");
    await offered.first().waitFor({ state: "attached" });
    await edit.locator("#field-key").fill("nothing is called so");
    await edit.locator("footer [type=submit]").click();
    await page.locator("dialog #error-key").waitFor();
    const { masked } = await api("GET", `/v1/api-keys/${order.id}`);
    await page.locator("#field-key").fill(`walked-web-app (${masked})`);
    await walker.look("rule");
    await edit.locator("footer [type=submit]").click();
    await page.locator("td", { hasText: "65%" }).waitFor();
    const end = await walker.dialog("a[href*='rules/'][href$=delete]");
    await end.locator("dd", { hasText: "65%" }).waitFor();
    await walker.look("rule-delete");
    await end.locator("footer [type=submit]").click();
    await walker.toast();
    await page.locator("td", { hasText: "65%" }).waitFor({ state: "detached" });
  },

  async rotate() {
    await openToken(order.id);
    const dialog = await walker.dialog("a[data-key=r]");
    await walker.look("rotate");
    await dialog.locator("label.choice", { has: page.locator("[value='3600']") }).click();
    await dialog.locator("[type=submit]").first().click();
    await page.locator("dialog .once").waitFor();
    order.old = order.secret;
    order.secret = await shown(page.locator("dialog[open]"));
    assert.notEqual(order.secret, order.old);
    assert.deepEqual([await call(order.secret), await call(order.old)], [200, 200]);
    await openToken(order.id);
    await page.locator(".grace .mono").waitFor();
    await walker.look("two-values");
    const end = await walker.dialog(".grace a[data-dialog]");
    await end.locator("[type=submit].danger").click();
    await walker.toast();
    assert.deepEqual([await call(order.secret), await call(order.old)], [200, 401]);
  },

  async "show the value again"() {
    await openToken(order.id);
    await page.click("#menu-token-button");
    let dialog = await walker.dialog("#menu-token-menu a[href$=reveal]");
    await dialog.locator("#field-password").fill("not this one");
    await dialog.locator("[type=submit]").first().click();
    await page.locator("dialog [role=alert]").waitFor();
    dialog = page.locator("dialog[open]");
    await dialog.locator("#field-password").fill(password);
    await dialog.locator("[type=submit]").first().click();
    await page.locator("dialog .once").waitFor();
    assert.equal(await shown(page.locator("dialog[open]")), order.secret);
  },

  async "a finding is fixed"() {
    await walker.visit("/console/audit");
    const before = await page.locator(".findings li").count();
    assert.ok(before > 0);
    await walker.look("findings");
    const fix = page.locator(".findings li", { has: page.locator(`a[href$='${order.id}']`) }).locator("form[action$=fix] button").first();
    await fix.click();
    await walker.toast();
    assert.equal(await page.locator(".findings li").count(), before - 1);
    if (before > 1) {
      await page.locator(".findings form[action$=dismiss] button").first().click();
      // The page from before says something too: it is the next one when one more is gone.
      await page.waitForFunction((left) => document.querySelectorAll(".findings li").length === left, before - 2);
      await page.locator("[name=dismissed]").check();
      await page.locator("[data-dismissed]").first().waitFor();
    }
  },

  async "several at once, and the list"() {
    for (const name of ["batch-one", "batch-two"]) await api("POST", "/v1/api-keys", { name });
    await walker.visit("/console/token?q=batch-");
    await page.locator("[data-tick-all]").check();
    await walker.look("several");
    await page.click(".several [value=disable]");
    await walker.toast();
    await walker.visit("/console/token?q=batch-&status=disabled");
    assert.equal(await page.locator(".tokens tbody tr").count(), 2);
    const csv = await page.evaluate(() => fetch(document.querySelector("a[download]").href).then((answer) => answer.text()));
    assert.equal(csv.trim().split("\n").length, 3);
    await page.locator("[data-tick-all]").check();
    await page.click(".several [value=delete]");
    await page.locator("dialog .danger").click();
    await walker.toast();
    await walker.visit("/console/token?q=batch-");
    assert.equal(await page.locator(".tokens tbody tr").count(), 0);
  },

  // `focus.js`: what had the focus has it again when its part of the page came new.
  async "the focus stays where the hands are"() {
    const names = ["focus-one", "focus-two", "focus-three"];
    for (const name of names) await api("POST", "/v1/api-keys", { name, tags: ["focus"] });
    await walker.visit("/console/token?q=focus-&sort=name");
    const row = page.locator("#list tbody tr", { hasText: "focus-two" });
    const id = await row.getAttribute("id");
    // Counts and bells settle too, each when it comes: it is this part of the page that is waited for.
    const settled = (part) => page.evaluate((part) => new Promise((done) => {
      document.body.addEventListener("htmx:afterSettle", function settles({ target }) {
        if (target.id !== part) return;
        document.body.removeEventListener("htmx:afterSettle", settles);
        setTimeout(done);
      });
    }), part);
    for (const checked of ["false", "true"]) {
      await row.locator("[role=switch]").focus();
      const after = settled(id);
      await page.keyboard.press("Enter");
      await after;
      assert.deepEqual(await page.evaluate(() => {
        const { activeElement: it } = document;
        return [it.closest("tr")?.id, it.getAttribute("role"), it.getAttribute("aria-checked")];
      }), [id, "switch", checked]);
    }
    // A link that sorts: the whole list comes new, and the page's address with it.
    await page.locator("th a[data-order=ascending]").focus();
    await page.keyboard.press("Enter");
    await page.waitForURL("**sort=-name*");
    await page.locator("th a[data-order=descending]:focus").waitFor();
    // A filter lies outside of what is replaced, and keeps the focus.
    await page.locator("[name=status]").focus();
    const filtered = settled("list");
    await page.locator("[name=status]").selectOption("not_used");
    await filtered;
    assert.equal(await page.evaluate(() => document.activeElement.name), "status");
    // A dialog gives it back to what opened it.
    await page.locator(`#${id} .edit`).focus();
    await page.keyboard.press("Enter");
    await page.locator("dialog[open] h2").first().waitFor();
    await page.keyboard.press("Escape");
    await page.locator(`#${id} .edit:focus`).waitFor();
    const list = await api("GET", "/v1/api-keys?tag=focus");
    await api("POST", "/v1/api-keys/actions", { action: "delete", ids: list.data.map((key) => key.id) });
  },

  async "the list on a phone, and the palette"() {
    await page.setViewportSize({ width: 390, height: 844 });
    await walker.visit("/console/token");
    assert.equal(await page.locator(".filters [name=tag]").isVisible(), false);
    await page.locator(".filters-more").click();
    await page.fill(".filters [name=tag]", "nowhere");
    await page.locator(".filters [name=tag]").press("Enter");
    await page.locator(".empty-state").waitFor();
    await page.setViewportSize({ width: 1440, height: 900 });
    await walker.visit("/console");
    await page.keyboard.press("Control+k");
    await page.locator("#palette-input").fill(order.language === "en" ? "dark" : "深色");
    await page.keyboard.press("Enter");
    // The page comes anew: keys are its own once it is all there.
    await page.locator("html.dark").waitFor();
    await page.waitForLoadState("load");
    await page.keyboard.press("Control+k");
    await page.locator("#palette-input").fill(order.language === "en" ? "system" : "跟随");
    await page.locator("#palette [value=auto]").click();
    await page.locator("html:not(.dark)").waitFor();
  },

  async "a refused call asks for no bill"() {
    await walker.visit("/console/playground");
    await page.fill("#play-key", "sk-nobodyhasthis");
    await page.fill("#play-message", "Hello");
    walker.expected.add("401");
    await page.locator("[data-play-send]").click();
    await page.locator("[data-play-answer][data-bad]").waitFor();
    await page.waitForLoadState("networkidle");
    walker.expected.clear();
  },

  async "money back"() {
    if (!owner) return;
    await openToken(order.id);
    await page.click("#menu-token-button");
    const dialog = await walker.dialog("#menu-token-menu a[href$=refund]");
    await dialog.locator("#field-reason").fill("walked");
    await walker.look("refund");
    await dialog.locator("[type=submit]").first().click();
    assert.match(await walker.toast(), /\$0\.0+[1-9]/);
  },

  async "one token's calls, found by its name"() {
    await api("POST", "/v1/api-keys", { name: "zz-never-called", tags: ["sought"] });
    await walker.visit("/console/usage?range=30d&by=hour");
    const chosen = page.locator("#filter-key");
    await chosen.focus();
    await page.keyboard.press("Enter");
    await page.locator("dialog[open]:not(.htmx-added) #field-q:focus").waitFor();
    await page.keyboard.type("zz-never");
    await page.waitForFunction(() => document.querySelectorAll("#found li").length === 1);
    await walker.look("choose");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL("**key_id=key_*");
    // What else was filtered stays, and the hands are where they were.
    assert.match(page.url(), /range=30d.*by=hour|by=hour.*range=30d/);
    assert.match(await chosen.innerText(), /zz-never-called/);
    await page.locator("#filter-key:focus").waitFor();
    assert.equal(await page.locator("#calls tbody tr").count(), 0);
    const list = await api("GET", "/v1/api-keys?tag=sought");
    await api("POST", "/v1/api-keys/actions", { action: "delete", ids: list.data.map((key) => key.id) });
  },

  async "into a chart, and back"() {
    await page.goto("/console");
    await page.locator(".day-chart svg a").last().click();
    await page.waitForURL("**/console/usage?*by=hour*");
    await page.locator(".way [aria-current]").waitFor();
    await walker.look("zoomed");
    await page.locator(".day-chart svg a[tabindex='0']").first().focus();
    for (const keys of ["ArrowLeft", "Shift+ArrowLeft", "Enter"]) await page.keyboard.press(keys);
    await page.waitForURL((url) => Date.parse(url.searchParams.get("until")) - Date.parse(url.searchParams.get("since")) === 7_200_000);
    await page.locator(".way a").first().click();
    await page.waitForURL("**/console/usage?range=30d*");
  },

  async "a backup comes down"() {
    if (!owner) return;
    await page.goto("/console/system");
    const fill = async (...values) => {
      for (const [at, id] of ["field-passphrase", "field-again", "backup-password"].entries()) await page.fill(`#${id}`, values[at]);
    };
    walker.expected.add("422");
    await fill("too short", "too short", password);
    await page.click("#backup button.btn");
    await page.locator("#error-passphrase").waitFor();
    await walker.look("backup");
    walker.expected.clear();
    await fill("long enough for this", "long enough for this", password);
    const started = page.waitForEvent("download");
    await page.click("#backup button.btn");
    const file = readFileSync(await (await started).path());
    assert.equal(file.subarray(0, 17).toString(), "TOLLKEEPER BACKUP");
  },

  async leaked() {
    await openToken(order.id);
    await page.click("#menu-token-button");
    const dialog = await walker.dialog("#menu-token-menu a[href$=leaked]");
    await walker.look("leaked");
    await dialog.locator("[type=submit].danger").click();
    await page.locator("dialog .once").waitFor();
    const replacement = await shown(page.locator("dialog[open]"));
    await walker.look("leak-report");
    assert.deepEqual([await call(order.secret), await call(replacement)], [401, 200]);
    await openToken(order.id);
    await badge("bad");
  },

  async "the audit log"() {
    await walker.visit("/console/audit/log");
    if (!owner) {
      assert.ok((await page.locator("details.entry").count()) > 0);
      assert.equal(await page.locator("[name=actor], a[href$=verify]").count(), 0);
      return;
    }
    assert.ok((await page.locator("details.entry").count()) > 5);
    await page.locator("details.entry summary").first().click();
    await page.locator("details.entry[open] .entry-facts").waitFor();
    await page.fill("[name=object]", "nothing.such");
    await page.locator("[name=object]").press("Enter");
    await page.locator(".empty-state").waitFor();
    await walker.dialog("a[href$=verify]");
    await page.locator("dialog [data-tone=good]").waitFor();
    await walker.look("verified");
  },

  async "every page, light and dark, wide and narrow"() {
    await walker.lookAll("overview", "/console");
    await walker.lookAll("tokens", "/console/token");
    await walker.lookAll("one-token", `/console/token/${order.id}`);
    await walker.lookAll("findings", "/console/audit");
    if (owner) await walker.lookAll("system", "/console/system");
    await walker.lookAll("create-page", "/console/token/new");
    await walker.lookAll("leaked-page", `/console/token/${order.id}/leaked`);
    await walker.lookAll("log", "/console/audit/log");
  },

  async "out and in again, with a code"() {
    await walker.visit("/console");
    const secret = (await api("POST", "/api/v1/me/totp")).secret;
    await api("POST", "/api/v1/me/totp/confirm", { code: oneTimeCode(secret) });
    await page.click("#menu-user-button");
    await page.click("#menu-user-menu button[role=menuitem]");
    await page.waitForURL("**/console/login*");
    await walker.visit("/console/audit");
    await page.waitForURL("**/console/login?next=*");
    await walker.look("login");
    await page.fill("#login", order.login);
    await page.fill("#password", "not this one");
    await page.click("button.wide");
    await page.locator("#login-more [role=alert]").waitFor();
    await page.fill("#password", password);
    await page.click("button.wide");
    await page.locator("#code").waitFor();
    await walker.look("code");
    await page.fill("#code", "000000");
    await page.click("button.wide");
    await page.locator("#login-more [role=alert]").waitFor();
    await page.fill("#code", order.recovery_code ?? (await nextCode(secret)));
    await page.click("button.wide");
    await page.waitForURL("**/console/audit");
  },

  async "too many wrong passwords"() {
    if (!order.first) return;
    await page.click("#menu-user-button");
    await page.click("#menu-user-menu button[role=menuitem]");
    await page.waitForURL("**/console/login*");
    const wait = order.language === "en" ? "Too many attempts" : "次数过多";
    const told = page.locator("#login-more [role=alert]", { hasText: wait });
    // How long one waits grows with each failure; a slow machine is slower than the first waits.
    for (let tries = 0; tries < 40 && (await told.count()) === 0; tries += 1) {
      await page.fill("#login", "nobody@example.com");
      await page.fill("#password", `wrong ${tries}`);
      const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
      await page.click("button.wide");
      await (await answered).finished();
    }
    await told.waitFor();
    await walker.look("back-off");
  },
};

/** A code that was not used yet: the one that confirmed the app counts as used. */
async function nextCode(secret) {
  const used = oneTimeCode(secret);
  while (oneTimeCode(secret) === used) await page.waitForTimeout(500);
  return oneTimeCode(secret);
}

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
