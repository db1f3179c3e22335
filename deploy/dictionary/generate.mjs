// generate.mjs DIR writes DIR/words.bin, the dictionary, and DIR/shape.bin, the model
// of words that it does not have. The formats stand in classifiers/pii/people.
import * as sources from './sources.mjs'
import { weights } from './shape.mjs'
import fs from 'node:fs'
import path from 'node:path'

// The bits of a word, as classifiers/pii/people has them.
const GIVEN = 1, SURNAME = 2, COMMON = 4, PLACE = 8, FREQUENT = 16

// hashWord is classifiers.HashWord.
export function hashWord (word) {
  let h = 2166136261
  const step = b => { h = Math.imul(h ^ b, 16777619) }
  for (const c of word) {
    const r = c.codePointAt(0)
    if (r < 128) step(r)
    else { step(r & 0xff); step(r >> 8) }
  }
  return h >>> 0
}

const given = sources.given(), surnames = sources.surnames(), names = new Set([...given, ...surnames])
const frequent = sources.frequent(), common = sources.common(names), places = sources.places(names)
const persons = sources.read('persons.txt')
for (const w of persons) { common.delete(w); places.delete(w) }
for (const w of sources.read('words.txt')) common.add(w)

const bits = new Map()
const mark = (words, bit) => {
  for (const word of words) {
    for (const w of [word, ...(bit & (GIVEN | SURNAME | PLACE) ? sources.folded(word) : [])]) {
      if ([...w].length > 1 && /^\p{L}/u.test(w)) bits.set(w, (bits.get(w) ?? 0) | bit)
    }
  }
}
mark(given, GIVEN)
mark(surnames, SURNAME)
mark(common, COMMON)
mark(places, PLACE)
for (const w of sources.read('never.txt')) if (w.length > 1) bits.set(w, COMMON)
for (const w of persons) if (bits.has(w)) bits.set(w, bits.get(w) & ~(COMMON | PLACE))
for (const w of frequent) if (bits.get(w) & (GIVEN | SURNAME)) bits.set(w, bits.get(w) | FREQUENT)

const cased = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}]/u
const byHash = new Map()
for (const [w, b] of bits) if (cased.test(w)) byHash.set(hashWord(w), (byHash.get(hashWord(w)) ?? 0) | b)
const sorted = [...byHash].sort((a, b) => a[0] - b[0])
const out = []
let last = 0
for (const [h, b] of sorted) { // the distance from the word before, as a varint, and the bits
  let d = h - last
  last = h
  for (; d >= 128; d = Math.floor(d / 128)) out.push(d % 128 | 128)
  out.push(d, b)
}
const dir = process.argv[2]
fs.writeFileSync(path.join(dir, 'words.bin'), Buffer.from(out))

const latin = w => /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{M}]{3,}$/u.test(w)
const yes = [...names].filter(w => latin(w) && !common.has(w) && !places.has(w))
const no = [...common, ...places, ...sources.streets()].filter(w => latin(w) && !names.has(w))
fs.writeFileSync(path.join(dir, 'shape.bin'), Buffer.from(weights(yes, no)))

// Pairs of names that are no personal data, as the hash of the first times the
// prime of FNV plus that of the second.
const pairs = sources.pairs('famous.txt').map(([a, b]) => (Math.imul(hashWord(a), 16777619) + hashWord(b)) >>> 0)
const known = Buffer.alloc(4 * pairs.length)
pairs.sort((a, b) => a - b).forEach((h, i) => known.writeUInt32LE(h, 4 * i))
fs.writeFileSync(path.join(dir, 'famous.bin'), known)
console.log(`${sorted.length} words in ${out.length} bytes, ${pairs.length} pairs, model of ${yes.length} names and ${no.length} others`)
