// Sends the requests of an SDK through the proxy of HTTPS_PROXY and prints what the
// SDK saw, one JSON value a line. NODE_EXTRA_CA_CERTS names the proxy's authority.
import { ProxyAgent, fetch, setGlobalDispatcher } from "undici";

const dispatcher = new ProxyAgent(process.env.HTTPS_PROXY);

// everywhere sends all that the process fetches through the proxy, for SDKs that
// take no fetch of their own.
export function everywhere() {
  setGlobalDispatcher(dispatcher);
}

// options are what SDKs take. Their own retries stay as they are.
export const options = {
  apiKey: process.env.API_KEY,
  fetch: (url, init) => fetch(url, { ...init, dispatcher }),
};

export const [kind, model, prompt] = process.argv.slice(2);

export function print(value) {
  process.stdout.write(JSON.stringify(value) + "\n");
}

// run prints how long it took and, where the SDK threw, its typed error.
export async function run(main) {
  const began = Date.now();
  try {
    await main();
    print({ event: "end", ms: Date.now() - began });
  } catch (error) {
    print({
      event: "error", ms: Date.now() - began,
      name: error.constructor.name, status: error.status ?? error.statusCode ?? error.status_code, message: error.message,
      code: error.code, type: error.type ?? error.error?.error?.type,
      request_id: error.requestID,
    });
  }
  await dispatcher.close();
}
