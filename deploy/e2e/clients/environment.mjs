// Fetches a URL as a program does that takes its proxy from the environment, and
// prints the status and the body. The first argument is by what.
const [by, url] = process.argv.slice(2);

const ways = {
  async fetch() { // Node's own, with NODE_USE_ENV_PROXY
    const resp = await fetch(url);
    return [resp.status, await resp.text()];
  },
  async undici() {
    const { EnvHttpProxyAgent, fetch } = await import("undici");
    const dispatcher = new EnvHttpProxyAgent();
    const resp = await fetch(url, { dispatcher });
    const body = await resp.text();
    await dispatcher.close();
    return [resp.status, body];
  },
  async axios() {
    const { default: axios } = await import("axios");
    const resp = await axios.get(url, { responseType: "text", validateStatus: () => true });
    return [resp.status, resp.data];
  },
};

try {
  const [status, body] = await ways[by]();
  console.log(status, body);
} catch (error) {
  for (let e = error; e; e = e.cause) console.log("failed:", e.message); // undici tells in the cause
  process.exitCode = 1;
}
