// realtime.mjs realtime MODEL PROMPT: one turn over the socket of the Realtime API.
import { HttpsProxyAgent } from "https-proxy-agent";
import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import { model, options, print, prompt, run } from "./proxied.mjs";

const agent = new HttpsProxyAgent(process.env.HTTPS_PROXY);

await run(() => new Promise((resolve, reject) => {
  const session = new OpenAIRealtimeWS({ model, options: { agent } }, new OpenAI(options));
  session.on("error", (error) => {
    reject(Object.assign(error, error.error));
    session.close();
  });
  session.on("session.created", () => {
    session.send({ type: "conversation.item.create", item: { type: "message", role: "user", content: [{ type: "input_text", text: prompt }] } });
    session.send({ type: "response.create" });
  });
  session.on("response.output_text.delta", (event) => event.delta && print({ event: "delta", text: event.delta }));
  session.on("response.output_text.done", (event) => print({ event: "reply", text: event.text }));
  session.on("response.done", () => {
    session.close();
    resolve();
  });
}));
