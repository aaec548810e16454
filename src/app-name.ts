/** Names that look alike on a consent page are one name: whoever bears the second wants to be taken for the first. */

/** Letters of other scripts, and digits, that stand for Latin ones; what is not here and not Latin stands for itself. */
const lookAlikes: Readonly<Record<string, string>> = {
  ...pairs('аᴀɑαа', 'a'),
  ...pairs('вьβß', 'b'),
  ...pairs('сϲ', 'c'),
  ...pairs('ԁ', 'd'),
  ...pairs('еєεҽ', 'e'),
  ...pairs('ցɡ', 'g'),
  ...pairs('нһ', 'h'),
  ...pairs('ііιıїj1|lɩӏ', 'i'),
  ...pairs('кκ', 'k'),
  ...pairs('м', 'm'),
  ...pairs('ηпո', 'n'),
  ...pairs('оοσօ0', 'o'),
  ...pairs('рρ', 'p'),
  ...pairs('ԛ', 'q'),
  ...pairs('гᴦ', 'r'),
  ...pairs('ѕ5$', 's'),
  ...pairs('тτ', 't'),
  ...pairs('υսц', 'u'),
  ...pairs('νѵ', 'v'),
  ...pairs('ԝωш', 'w'),
  ...pairs('хχ', 'x'),
  ...pairs('уγү', 'y'),
  ...pairs('з', 'z'),
}

function pairs(letters: string, latin: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...letters].map((letter) => [letter, latin]))
}

/** What is left of a name for someone who does not look closely: no case, accents, spaces or signs. */
export function looksOf(name: string): string {
  const bare = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const letters = [...bare].map((letter) => lookAlikes[letter] ?? letter).join('')
  return letters
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
}

/** The one of `taken` that a name would be mistaken for. */
export function mistakenFor(name: string, taken: readonly string[]): string | undefined {
  const looks = looksOf(name)
  return looks === '' ? undefined : taken.find((other) => looksOf(other) === looks)
}
