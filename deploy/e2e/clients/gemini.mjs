// gemini.mjs generate|generate-stream MODEL PROMPT
import { GoogleGenAI } from "@google/genai";
import { everywhere, kind, model, options, print, prompt, run } from "./proxied.mjs";

everywhere();
const client = new GoogleGenAI({ apiKey: options.apiKey });

await run(async () => {
  const request = { model, contents: prompt, config: { systemInstruction: "Be brief." } };
  switch (kind) {
    case "generate": {
      const reply = await client.models.generateContent(request);
      print({ event: "reply", text: reply.text });
      return;
    }
    case "generate-stream": {
      for await (const chunk of await client.models.generateContentStream(request)) {
        if (chunk.text) print({ event: "delta", text: chunk.text });
      }
      return;
    }
    case "embed-content": {
      const reply = await client.models.embedContent({ model, contents: [prompt] });
      print({ event: "reply", text: String(reply.embeddings[0].values.length) });
      return;
    }
  }
  throw new Error("unknown kind " + kind);
});
