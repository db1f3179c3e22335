// openai-more.mjs embeddings|file|batch|transcription|image MODEL PROMPT
import OpenAI, { toFile } from "openai";
import { everywhere, kind, model, options, print, prompt, run } from "./proxied.mjs";

everywhere(); // files are forms of the platform's own fetch
const client = new OpenAI({ apiKey: options.apiKey });
const upload = (text, name) => toFile(Buffer.from(text), name);

await run(async () => {
  switch (kind) {
    case "embeddings": {
      const reply = await client.embeddings.create({ model, input: ["One.", prompt], encoding_format: "float" });
      print({ event: "reply", text: reply.data.length + " vectors" });
      return;
    }
    case "file": {
      const reply = await client.files.create({ file: await upload(prompt + "\n", "notes.txt"), purpose: "assistants" });
      print({ event: "reply", text: reply.id });
      return;
    }
    case "batch": {
      const line = JSON.stringify({ custom_id: "r-1", method: "POST", url: "/v1/chat/completions", body: { model, messages: [{ role: "user", content: prompt }] } });
      const reply = await client.files.create({ file: await upload(line + "\n", "batch.jsonl"), purpose: "batch" });
      print({ event: "reply", text: reply.id });
      return;
    }
    case "transcription": {
      const file = await toFile(Buffer.from([0x52, 0x49, 0x46, 0x46, 0, 0, 0, 0]), "call.wav", { type: "audio/wav" });
      const reply = await client.audio.transcriptions.create({ model, file, prompt });
      print({ event: "reply", text: reply.text });
      return;
    }
    case "image": {
      const reply = await client.images.generate({ model, prompt });
      print({ event: "reply", text: reply.data[0].revised_prompt });
      return;
    }
  }
  throw new Error("unknown kind " + kind);
});
