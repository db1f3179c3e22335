// The linear model of what a word looks like: logistic regression over its parts of
// two to four letters, each hashed to one of a fixed number of weights.
const SIZE = 8192, EPOCHS = 12, RATE = 0.15, SCALE = 16

// features are the weights that a word, with its edges, sums up; classifiers/pii/names
// has the same function.
export function features (word) {
  const letters = [94, ...[...word].map(c => c.codePointAt(0)), 36] // ^word$
  const all = []
  for (let i = 0; i < letters.length; i++) {
    let h = 2166136261
    for (let n = 0; n < 4 && i + n < letters.length; n++) {
      h = Math.imul(h ^ letters[i + n], 16777619) >>> 0
      if (n > 0) all.push(((h ^ h >>> 15) >>> 0) % SIZE)
    }
  }
  return all
}

// weights trains and returns SIZE bytes: signed weights in units of 1/SCALE, the last
// one the bias.
export function weights (yes, no) {
  let seed = 1
  const random = () => (seed = Math.imul(seed, 1103515245) + 12345 & 0x7fffffff) / 0x7fffffff
  const examples = [...yes.map(w => [features(w), 1]), ...no.map(w => [features(w), 0])]
  const w = new Float64Array(SIZE)
  let bias = 0
  const balance = no.length / yes.length
  const test = []
  for (let i = examples.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [examples[i], examples[j]] = [examples[j], examples[i]]
  }
  test.push(...examples.splice(0, examples.length / 20 | 0))
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (const [f, y] of examples) {
      let sum = bias
      for (const i of f) sum += w[i]
      const step = RATE / (1 + epoch) * (y - 1 / (1 + Math.exp(-sum))) * (y ? Math.min(balance, 3) : 1)
      for (const i of f) w[i] += step - 1e-5 * w[i]
      bias += step * 0.1
    }
  }
  const bytes = Int8Array.from(w, x => Math.max(-127, Math.min(127, Math.round(x * SCALE))))
  bytes[SIZE - 1] = Math.max(-127, Math.min(127, Math.round(bias * SCALE)))
  for (const cut of [0, 1, 2, 3, 4]) {
    let tp = 0, fp = 0, fn = 0
    for (const [f, y] of test) {
      let sum = bytes[SIZE - 1]
      for (const i of f) if (i < SIZE - 1) sum += bytes[i]
      const says = sum / SCALE >= cut
      if (says && y) tp++; else if (says) fp++; else if (y) fn++
    }
    console.log(`model at ${cut}: precision ${(tp / (tp + fp)).toFixed(3)}, recall ${(tp / (tp + fn)).toFixed(3)} on ${test.length} words kept back`)
  }
  return bytes
}
