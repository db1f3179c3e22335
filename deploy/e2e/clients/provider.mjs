// An OpenID provider (npm oidc-provider, which is certified) on loopback, over TLS.
// Anybody signs in with any password; whoever is asked for an authentication context
// is shown a second form and has it afterwards, if the account may. Reads one command a
// line, answers with one line of JSON.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createInterface } from "node:readline";
import Provider, { interactionPolicy } from "oidc-provider";

const [cert, key, redirect] = process.argv.slice(2);
const secrets = [randomBytes(16).toString("hex")]; // of its cookies
const may = new Map(); // account: contexts that it can show
const shown = new Map(); // account: contexts that it has shown

let keys = [newKey()], handler;
const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (req, res) => handler(req, res));
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = "https://127.0.0.1:" + server.address().port;
start();

function newKey() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...privateKey.export({ format: "jwk" }), kid: randomBytes(4).toString("hex"), use: "sig", alg: "ES256" };
}

// start puts a provider with today's keys in the place of the last; what people have
// done at that one is kept.
function start() {
  const policy = interactionPolicy.base();
  policy.get("login").checks.add(new interactionPolicy.Check("acrs", "a context is asked for", ({ oidc }) => {
    const wanted = contexts(oidc.claims?.id_token?.acrs);
    const missing = wanted.length > 0 && !oidc.result?.login && !wanted.some((c) => shown.get(oidc.session.accountId)?.includes(c));
    return missing ? interactionPolicy.Check.REQUEST_PROMPT : interactionPolicy.Check.NO_NEED_TO_PROMPT;
  }));
  const client = { redirect_uris: [redirect], response_types: ["code"], grant_types: ["authorization_code"], id_token_signed_response_alg: "ES256" };
  const provider = new Provider(issuer, {
    clients: [
      { ...client, client_id: "sluice", client_secret: "e2e secret/+%", token_endpoint_auth_method: "client_secret_basic" },
      { ...client, client_id: "sluice-post", client_secret: "e2e secret/+%", token_endpoint_auth_method: "client_secret_post" },
      { ...client, client_id: "sluice-public", token_endpoint_auth_method: "none" },
    ],
    jwks: { keys },
    cookies: { keys: secrets },
    claims: { acr: null, acrs: null, auth_time: null, iss: null, sid: null, openid: ["sub", "acrs"], profile: ["name", "groups"], email: ["email", "email_verified"] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, claimsParameter: { enabled: true } },
    interactions: { policy, url: (_, interaction) => "/interaction/" + interaction.uid },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: id[0].toUpperCase() + id.slice(1), email: id + "@corp.example", email_verified: true, groups: ["staff"], acrs: shown.get(id) }),
    }),
    loadExistingGrant: async ({ oidc }) => { // nobody is asked for consent
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope("openid profile email");
      grant.addOIDCClaims(["acrs"]);
      await grant.save();
      return grant;
    },
    ttl: { Session: 3600, Interaction: 3600, Grant: 3600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
  });
  const standard = provider.callback();
  handler = (req, res) => {
    if (!req.url.startsWith("/interaction/")) return standard(req, res);
    interact(provider, req, res).catch((error) => { res.statusCode = 500; res.end(String(error)); });
  };
}

// contexts are those that a claims request names.
function contexts(claim) {
  return claim ? [...(claim.values ?? []), ...(claim.value ? [claim.value] : [])] : [];
}

async function interact(provider, req, res) {
  const { prompt, session, params } = await provider.interactionDetails(req, res);
  const more = prompt.reasons.includes("acrs") && session !== undefined;
  if (req.method === "GET") {
    res.setHeader("Content-Type", "text/html; charset=utf-8");
    res.end(`<!doctype html><title>Corporate sign-in</title><h1>${more ? "Confirm that it is you" : "Corporate sign-in"}</h1>
<form method="post">${more ? `<p><button name="confirm" value="yes">Confirm</button>` : `<p><label>Account <input name="login" required></label><p><label>Password <input name="password" type="password" required></label><p><button>Sign in</button>`}</form>`);
    return;
  }
  let body = "";
  for await (const chunk of req) body += chunk;
  const account = more ? session.accountId : new URLSearchParams(body).get("login");
  if (more) {
    const wanted = contexts(JSON.parse(params.claims).id_token.acrs);
    shown.set(account, [...new Set([...(shown.get(account) ?? []), ...wanted.filter((c) => may.get(account)?.includes(c))])]);
  }
  await provider.interactionFinished(req, res, { login: { accountId: account, ts: Math.floor(Date.now() / 1000) } }, { mergeWithLastSubmission: false });
}

const commands = {
  rotate() { keys = [newKey()]; start(); },
  may({ account, acrs }) { may.set(account, acrs); },
};

process.stdout.write(JSON.stringify({ issuer }) + "\n");
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  commands[command.do](command);
  process.stdout.write(JSON.stringify({ issuer }) + "\n");
}
server.closeAllConnections();
server.close();
