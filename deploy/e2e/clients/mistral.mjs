// mistral.mjs chat|chat-stream MODEL PROMPT
import { Mistral } from "@mistralai/mistralai";
import { everywhere, kind, model, options, print, prompt, run } from "./proxied.mjs";

everywhere();
const client = new Mistral({ apiKey: options.apiKey, serverURL: "https://codestral.mistral.ai" });

await run(async () => {
  const request = { model, messages: [{ role: "user", content: prompt }] };
  switch (kind) {
    case "chat": {
      const reply = await client.chat.complete(request);
      print({ event: "reply", text: reply.choices[0].message.content });
      return;
    }
    case "chat-stream": {
      for await (const event of await client.chat.stream(request)) {
        const text = event.data.choices[0].delta.content;
        if (text) print({ event: "delta", text });
      }
      return;
    }
  }
  throw new Error("unknown kind " + kind);
});
