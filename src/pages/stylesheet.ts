/** The stylesheet of every page. Its path contains its hash, so browsers may cache it forever. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const content = readFileSync(new URL('./gatehouse.css', import.meta.url), 'utf8')
const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)

export const stylesheet = { path: `/static/gatehouse-${hash}.css`, content } as const
