// responses.mjs socket MODEL PROMPT: one turn over the socket of the Responses API,
// in the shape in which Codex sends it.
import { HttpsProxyAgent } from "https-proxy-agent";
import OpenAI from "openai";
import { ResponsesWS } from "openai/resources/responses/ws";
import { model, options, print, prompt, run } from "./proxied.mjs";

const agent = new HttpsProxyAgent(process.env.HTTPS_PROXY);

await run(() => new Promise((resolve, reject) => {
  const socket = new ResponsesWS(new OpenAI(options), { agent });
  const failed = (error) => {
    reject(Object.assign(new Error(error.message), { code: error.code, type: error.type }));
    socket.close();
  };
  socket.on("error", failed);
  socket.on("response.failed", (event) => failed(event.response.error));
  socket.on("response.output_text.delta", (event) => print({ event: "delta", text: event.delta }));
  socket.on("response.completed", (event) => {
    print({ event: "reply", text: event.response.output[0].content[0].text });
    socket.close();
    resolve();
  });
  socket.send({
    type: "response.create", model, stream: true, store: false, instructions: "You are an agent.",
    input: [
      { type: "message", role: "developer", content: [{ type: "input_text", text: "Be brief." }] },
      { type: "message", role: "user", content: [{ type: "input_text", text: prompt }] },
    ],
  });
}));
