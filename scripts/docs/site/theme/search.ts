/** How the site searches. The words of a question that say nothing of its subject are left out. */

const fillers = new Set(
  'a an and are at be by can do does for from get has have how i if in into is it its me my of on or our s that the their this to use used using what when where which who why will with you your'.split(
    ' ',
  ),
)

/**
 * Lists that mention everything come after pages that explain it. The first pattern that matches
 * counts.
 */
const weights: readonly (readonly [RegExp, number])[] = [
  [/^\/docs\/reference\/api\b/, 0.35],
  [/^\/docs\/(changelog|comparison|reference|security|contributing|examples)\b/, 0.45],
  [/^\/docs\/(getting-started|concepts)\b/, 0.7],
]

export const searchOptions = {
  boost: { title: 5, titles: 3, text: 1 },
  prefix: (term: string) => term.length > 2,
  fuzzy: (term: string) => (term.length > 4 ? 0.2 : false),
  processTerm: (term: string) => {
    const word = term.toLowerCase()
    return fillers.has(word) ? null : word
  },
  boostDocument: (id: string) => weights.find(([pages]) => pages.test(id))?.[1] ?? 1,
}
