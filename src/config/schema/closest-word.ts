/** The known word that a misspelled one most likely stands for. */
export function closestWord(given: string, known: readonly string[]): string | undefined {
  const bare = (word: string) => word.toLowerCase().replace(/[^a-z0-9]/g, '')
  const wanted = bare(given.slice(0, 40))
  const scored = known.map((word) => ({ word, distance: editDistance(wanted, bare(word)) }))
  const [best] = scored.sort((a, b) => a.distance - b.distance)
  return best !== undefined && best.distance <= Math.max(1, Math.min(3, Math.floor(wanted.length / 2)))
    ? best.word
    : undefined
}

/** The end of a message about an unknown word: the closest known word and all known words. */
export function suggestion(given: string, known: readonly string[]): string {
  const nearest = closestWord(given, known)
  const hint = nearest === undefined ? '' : `did you mean ${nearest}? `
  return `${hint}known: ${known.length === 0 ? 'none' : known.join(', ')}`
}

/** Levenshtein's. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
