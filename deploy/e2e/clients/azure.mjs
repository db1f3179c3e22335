// azure.mjs chat|chat-stream DEPLOYMENT PROMPT
import { AzureOpenAI } from "openai";
import { kind, model, options, print, prompt, run } from "./proxied.mjs";

const client = new AzureOpenAI({ ...options, endpoint: "https://team-four.openai.azure.com", apiVersion: "2024-10-21", deployment: model });

await run(async () => {
  const messages = [{ role: "user", content: prompt }];
  switch (kind) {
    case "chat": {
      const reply = await client.chat.completions.create({ model, messages });
      print({ event: "reply", text: reply.choices[0].message.content });
      return;
    }
    case "chat-stream": {
      for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
        const text = chunk.choices[0].delta.content;
        if (text) print({ event: "delta", text });
      }
      return;
    }
  }
  throw new Error("unknown kind " + kind);
});
