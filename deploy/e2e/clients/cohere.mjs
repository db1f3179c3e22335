// cohere.mjs chat|chat-stream MODEL PROMPT
import { CohereClientV2 } from "cohere-ai";
import { everywhere, kind, model, options, print, prompt, run } from "./proxied.mjs";

everywhere();
const client = new CohereClientV2({ token: options.apiKey });

await run(async () => {
  const request = { model, messages: [{ role: "user", content: prompt }] };
  switch (kind) {
    case "chat": {
      const reply = await client.chat(request);
      print({ event: "reply", text: reply.message.content[0].text });
      return;
    }
    case "chat-stream": {
      for await (const event of await client.chatStream(request)) {
        if (event.type === "content-delta") print({ event: "delta", text: event.delta.message.content.text });
      }
      return;
    }
  }
  throw new Error("unknown kind " + kind);
});
