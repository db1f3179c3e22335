// ollama.mjs chat|chat-stream MODEL PROMPT
import { Ollama } from "ollama";
import { everywhere, kind, model, options, print, prompt, run } from "./proxied.mjs";

everywhere();
const client = new Ollama({ host: "https://ollama.com", headers: { Authorization: "Bearer " + options.apiKey } });

await run(async () => {
  const request = { model, messages: [{ role: "user", content: prompt }] };
  switch (kind) {
    case "chat": {
      const reply = await client.chat(request);
      print({ event: "reply", text: reply.message.content });
      return;
    }
    case "chat-stream": {
      for await (const part of await client.chat({ ...request, stream: true })) {
        if (part.message.content) print({ event: "delta", text: part.message.content });
      }
      return;
    }
  }
  throw new Error("unknown kind " + kind);
});
