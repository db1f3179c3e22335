// Drives Debian's chromium: reads one command a line, answers with one line of
// JSON. The browser finds the proxy by its PAC file and trusts what the NSS
// database in HOME trusts; names that the PAC file sends directly resolve nowhere.
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [pac] = process.argv.slice(2);
const timeout = 25_000;

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  env: process.env,
  timeout,
  args: [
    "--proxy-pac-url=" + pac,
    "--disable-quic", "--disable-component-update", "--disable-domain-reliability", "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
  ],
});
const context = await browser.newContext({ viewport: { width: 1000, height: 700 } });
context.setDefaultTimeout(timeout);
const page = await context.newPage();

const commands = {
  // open goes to a URL. A refused navigation is an answer, not a failure.
  async open({ url }) {
    let response = null, error = "";
    try {
      response = await page.goto(url);
    } catch (e) {
      error = e.message.split("\n")[0];
    }
    const security = await response?.securityDetails();
    return { ...await state(), status: response?.status() ?? 0, issuer: security?.issuer ?? "", error };
  },
  async fill({ selector, value }) { await page.fill(selector, value); },
  async click({ selector }) { await page.click(selector); },
  // until waits for an expression of the page to be true.
  async until({ value }) {
    await page.waitForFunction(value);
    return state();
  },
  async evaluate({ value }) { return { value: await page.evaluate(value) }; },
  async screenshot({ value }) { await page.screenshot({ path: value, fullPage: true }); },
  // look changes how the page is shown.
  async look({ width, scheme }) {
    await page.setViewportSize({ width: Number(width), height: 700 });
    await page.emulateMedia({ colorScheme: scheme });
  },
  // frames are the addresses of what the page frames; of what it may not, the error's.
  async frames() { return { value: page.frames().slice(1).map((frame) => frame.url()) }; },
};

// state is what a person sees, and how it came.
async function state() {
  return {
    url: page.url(),
    title: await page.title(),
    text: await page.evaluate("document.body?.innerText ?? ''"),
    protocol: await page.evaluate("performance.getEntriesByType('navigation')[0]?.nextHopProtocol ?? ''"),
  };
}

function answer(value) { process.stdout.write(JSON.stringify(value) + "\n"); }

answer({ ok: true, value: browser.version() });
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  try {
    answer({ ok: true, ...await commands[command.do](command) });
  } catch (error) {
    answer({ ok: false, error: error.message, ...await state().catch(() => ({})) });
  }
}
await browser.close();
