// anthropic.mjs messages|messages-stream MODEL PROMPT
import Anthropic from "@anthropic-ai/sdk";
import { kind, model, options, print, prompt, run } from "./proxied.mjs";

const client = new Anthropic(options);

await run(async () => {
  const request = { model, max_tokens: 64, messages: [{ role: "user", content: prompt }] };
  switch (kind) {
    case "messages": {
      const reply = await client.messages.create(request);
      print({ event: "reply", text: reply.content[0].text });
      return;
    }
    case "messages-stream": {
      const stream = client.messages.stream(request);
      stream.on("text", text => print({ event: "delta", text }));
      const reply = await stream.finalMessage();
      print({ event: "reply", text: reply.content[0].text });
      return;
    }
  }
  throw new Error("unknown kind " + kind);
});
