/** Moves inline scripts to files, so that the content security policy can forbid inline scripts. */
import { createHash } from 'node:crypto'

const close = '</script>'

/** @param files receives the scripts by their paths in the site */
export function moveInlineScripts(html: string, base: string, files: Map<string, string>): string {
  const [first = '', ...others] = html.split('<script')
  return first + others.map((piece) => `<script${moved(piece, base, files)}`).join('')
}

/** @param piece what follows `<script` */
function moved(piece: string, base: string, files: Map<string, string>): string {
  const [attributes = ''] = piece.split('>', 1)
  const script = piece.slice(attributes.length + 1, piece.indexOf(close))
  if (script === '' || /\b(?:src|type)=/.test(attributes)) return piece
  const hash = createHash('sha256').update(script).digest('hex').slice(0, 12)
  const file = `assets/inline.${hash}.js`
  files.set(file, script)
  return ` src="${base}${file}">${piece.slice(piece.indexOf(close))}`
}
