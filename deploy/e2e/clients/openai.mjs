// openai.mjs chat|chat-stream|responses|responses-stream MODEL PROMPT
import OpenAI from "openai";
import { kind, model, options, print, prompt, run } from "./proxied.mjs";

const client = new OpenAI(options);

await run(async () => {
  const messages = [{ role: "user", content: prompt }];
  switch (kind) {
    case "chat": {
      const reply = await client.chat.completions.create({ model, messages });
      print({ event: "reply", text: reply.choices[0].message.content });
      return;
    }
    case "chat-stream": {
      const stream = await client.chat.completions.create({ model, messages, stream: true });
      for await (const chunk of stream) {
        const text = chunk.choices[0].delta.content;
        if (text) print({ event: "delta", text });
      }
      return;
    }
    case "responses": {
      const reply = await client.responses.create({ model, input: prompt });
      print({ event: "reply", text: reply.output_text });
      return;
    }
    case "responses-stream": {
      const stream = await client.responses.create({ model, input: prompt, stream: true });
      for await (const event of stream) {
        if (event.type === "response.output_text.delta") print({ event: "delta", text: event.delta });
        if (event.type === "response.completed") print({ event: "reply", text: event.response.output[0].content[0].text });
      }
      return;
    }
  }
  throw new Error("unknown kind " + kind);
});
