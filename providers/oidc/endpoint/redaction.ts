/**
 * Removes credentials of our request from any error text of an upstream (error_description,
 * `detail`, plain text), which may quote the request.
 */

/** Parameters whose values are secrets or identify a login. */
const secretParameters = [
  'client_secret',
  'client_assertion',
  'code',
  'code_verifier',
  'refresh_token',
  'state',
  'nonce',
]
const minLength = 4 // shorter values could match part of any word

/**
 * Replaces each credential of the request with `[secret]`: as sent, percent-encoded, form-encoded
 * or decoded. Searches the Authorization header and, of bodies, only URLSearchParams.
 */
export function withoutCredentials(text: string, { headers, body }: RequestInit): string {
  const [scheme = '', credential = ''] = (new Headers(headers).get('authorization') ?? '').split(' ', 2)
  const basicPair = scheme === 'Basic' ? Buffer.from(credential, 'base64').toString() : ''
  const form = body instanceof URLSearchParams ? body : new URLSearchParams()
  const posted = secretParameters.flatMap((name) => form.getAll(name))
  return [credential, basicPair.slice(basicPair.indexOf(':') + 1), ...posted]
    .flatMap((secret) => [secret, decoded(secret)])
    .filter((secret) => encodeURIComponent(secret).length >= minLength)
    .toSorted((one, other) => other.length - one.length)
    .reduce((rest, secret) => rest.replaceAll(patternOf(secret), '[secret]'), text)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/** Encoders differ in what they leave as it is (`!'()*~`), so each character matches both ways. */
function patternOf(secret: string): RegExp {
  const parts = Array.from(secret, (character) => {
    if (/[A-Za-z0-9]/.test(character)) return character
    const bytes = Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`)
    const encoded = bytes.join('').replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)
    const literal = `\\u{${character.codePointAt(0)?.toString(16)}}`
    return `(?:${literal}|${encoded}${character === ' ' ? '|\\+' : ''})`
  })
  return new RegExp(parts.join(''), 'gu')
}
