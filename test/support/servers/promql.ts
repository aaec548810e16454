/** The names that a PromQL query uses, as far as our dashboards and rules write it. */

export interface Selector {
  readonly metric: string
  readonly labels: readonly string[]
}

export interface QueryNames {
  readonly selectors: readonly Selector[]
  /** Labels of `by`, `on` and the like, which some selector has to have. */
  readonly groupings: readonly string[]
  readonly functions: readonly string[]
}

const groupingWords = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right'])
const words = new Set(['and', 'or', 'unless', 'offset', 'bool'])
/** Strings, ranges such as [5m], numbers with a unit, names, and single characters. */
const tokenForm = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\[[^\]]*\]|\d[\w.]*|[a-zA-Z_:][\w:]*|[^\s]/g

export function namesIn(query: string): QueryNames {
  const tokens: readonly string[] = query.match(tokenForm) ?? []
  const selectors: Selector[] = []
  const groupings: string[] = []
  const functions: string[] = []
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? ''
    if (!/^[a-zA-Z_:]/.test(token) || words.has(token)) continue
    if (groupingWords.has(token)) {
      const end = tokens.indexOf(')', at)
      groupings.push(...tokens.slice(at + 2, end).filter((each) => each !== ','))
      at = end
    } else if (tokens[at + 1] === '(' || groupingWords.has(tokens[at + 1] ?? '')) functions.push(token)
    else if (tokens[at + 1] === '{') {
      const end = tokens.indexOf('}', at)
      const labels = tokens.slice(at + 2, end).filter((each) => /^[a-zA-Z_]\w*$/.test(each))
      selectors.push({ metric: token, labels })
      at = end
    } else selectors.push({ metric: token, labels: [] })
  }
  return { selectors, groupings, functions }
}

/** Label names of each sample name of a scrape. */
export function samplesIn(scrape: string): ReadonlyMap<string, ReadonlySet<string>> {
  const samples = new Map<string, Set<string>>()
  for (const line of scrape.split('\n')) {
    const [, name, labels = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line) ?? []
    if (name === undefined) continue
    const known = samples.get(name) ?? new Set<string>()
    for (const [, label = ''] of labels.matchAll(/([a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"/g)) known.add(label)
    samples.set(name, known)
  }
  return samples
}
