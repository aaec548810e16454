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
/** Far more than a message shows. An upstream may send megabytes. */
const maxLength = 65_536

/**
 * Replaces each credential of the request with `[secret]`: as sent, percent-encoded, form-encoded
 * or decoded. Searches the Authorization header and, of bodies, only URLSearchParams. Returns the
 * beginning of a long text.
 */
export function withoutCredentials(text: string, { headers, body }: RequestInit): string {
  const [scheme = '', credential = ''] = (new Headers(headers).get('authorization') ?? '').split(' ', 2)
  const basicPair = scheme === 'Basic' ? Buffer.from(credential, 'base64').toString() : ''
  const form = body instanceof URLSearchParams ? body : new URLSearchParams()
  const posted = secretParameters.flatMap((name) => form.getAll(name))
  const forms = [credential, basicPair.slice(basicPair.indexOf(':') + 1), ...posted]
    .flatMap((secret) => [secret, decoded(secret)])
    .filter((secret) => encodeURIComponent(secret).length >= minLength)
    .flatMap(formsOf)
  // compares text, without an expression: an upstream chooses codes and answers
  return [...new Set(forms)]
    .toSorted((one, other) => other.length - one.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text.slice(0, maxLength))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/** Encoders differ in which of `!'()*~` they encode, and in the case of digits. */
function formsOf(secret: string): readonly string[] {
  const usual = encodeURIComponent(secret)
  const strict = percentEncoded(usual, /[!'()*]/g)
  const posted = new URLSearchParams({ secret }).toString().slice('secret='.length)
  const all = percentEncoded(usual, /[!'()*~]/g)
  const encoded = [usual, strict, posted, posted.replaceAll('+', '%20'), all]
  const lower = encoded.map((text) => text.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase()))
  return [secret, ...encoded, ...lower]
}

function percentEncoded(text: string, characters: RegExp): string {
  return text.replace(characters, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)
}
