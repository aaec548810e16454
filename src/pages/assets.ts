/** What pages load. Paths contain a hash of the content, so browsers may cache them forever. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

export type Asset = ReturnType<typeof asset>

export function asset(name: string, type: string, content: string) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
  return { path: `/static/${name.replace('.', `-${hash}.`)}`, type: `${type}; charset=utf-8`, content }
}

const textOf = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8')

export const stylesheet = asset('gatehouse.css', 'text/css', textOf('./gatehouse.css'))

export const secretsScript = asset('secrets.js', 'text/javascript', textOf('./secrets.js'))

/** Submits a page's form; by the prototype, as a field named `submit` would hide the method. */
export const submitScript = asset(
  'submit.js',
  'text/javascript',
  'HTMLFormElement.prototype.submit.call(document.forms[0])\n',
)
