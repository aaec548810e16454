/**
 * Writes src/broker/apps/confusables.ts: letters that look like ASCII letters and digits (Unicode
 * UTS 39), without those that NFKD maps. The source is the mapping of the npm package unhomoglyph:
 *
 *     npm pack unhomoglyph@1.0.6 && tar xzf unhomoglyph-1.0.6.tgz
 *     node scripts/confusables.ts package/data.json
 */
import { readFileSync, writeFileSync } from 'node:fs'

const [, , path] = process.argv
if (path === undefined) throw new Error('give the path of data.json')
const mapping = Object.entries<string>(JSON.parse(readFileSync(path, 'utf8')))

const bare = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '')
const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '')

const groups = new Map<string, number[]>()
for (const [source, prototype] of mapping) {
  const target = bare(prototype)
  const point = source.codePointAt(0) ?? 0
  const isOne = [...source].length === 1 && point > 0x7e
  if (!isOne || !/^[\x20-\x7e]+$/.test(target) || plain(target) === '' || plain(bare(source)) === plain(target))
    continue
  groups.set(plain(target), [...(groups.get(plain(target)) ?? []), point])
}

const width = 110
const lines = [...groups]
  .toSorted(([one], [other]) => (one < other ? -1 : 1))
  .flatMap(([target, points]) => {
    const packed = points.toSorted((one, other) => one - other).map((point) => point.toString(36))
    const rows: string[] = []
    for (const next of packed) {
      const last = rows.pop() ?? target
      if (last.length + next.length <= width) rows.push(`${last} ${next}`)
      else rows.push(last, `${target} ${next}`)
    }
    return rows
  })

const text = `/**
 * Made by scripts/confusables.ts from Unicode's confusables.txt (UTS 39, version 13; Unicode License V3). Each line: what it looks like, in
 * lower case, then code points in base 36.
 */
export const confusableLines: readonly string[] = [
${lines.map((line) => `  '${line}',`).join('\n')}
]
`
writeFileSync(new URL('../src/broker/apps/confusables.ts', import.meta.url), text)
console.log(`written: src/broker/apps/confusables.ts, ${[...groups.values()].flat().length} code points`)
