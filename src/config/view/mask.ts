/**
 * Masks values that are written in a file. Pure. A secret written out is masked by its schema; the
 * rest here is for files that no schema fits, such as those of a missing plugin.
 */

const dots = '••••'
const nameOfSecret = /secret|password|passphrase|credential|^keys?$|private.?key/i
const nameOfToken = /(^|[a-z])token$/i
const startOfUrl = /^https?:\/\//i
/** A private key in PEM, a credential of Gatehouse, or a JWT. */
const textWithSecret = /-----BEGIN [A-Z ]*PRIVATE KEY|\bgth_[a-z]_|^eyJ[\w-]+\./
const variablePattern = /(\$?)\$\{([A-Za-z_]\w*)[^}]*\}/g

/** The text to show in place of a value, or undefined if it may be shown. */
export function maskOf(value: unknown, names: readonly (string | number)[], isSecret: boolean): string | undefined {
  if (typeof value !== 'string') return isSecret && value !== null ? dots : undefined
  if (value.startsWith('file:')) return `${dots} from ${value}`
  const variables = [...value.matchAll(variablePattern)].filter(([, dollar]) => dollar === '')
  // names the variables alone: their defaults and the text around them may be secret
  if (variables.length > 0) return `${dots} from ${variables.map(([, , name]) => `\${${name}}`).join(', ')}`
  const name = String(names.findLast((step) => typeof step === 'string'))
  // with a URL it is the token endpoint
  const isToken = nameOfToken.test(name) && !startOfUrl.test(value)
  return isSecret || isToken || textWithSecret.test(value) || nameOfSecret.test(name) ? dots : undefined
}

/** The text with user and password of URLs masked. */
export const withoutUserinfo = (text: string) => text.replace(/(\w:\/\/)[^/\s]*@/g, `$1${dots}@`)
