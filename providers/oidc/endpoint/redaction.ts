/** Removes credentials of our request from an upstream's error_description, which may quote it. */

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

/** Replaces each credential of the request, plain or encoded, with `[secret]`. */
export function withoutCredentials(text: string, { headers, body }: RequestInit): string {
  const [scheme = '', credential = ''] = (new Headers(headers).get('authorization') ?? '').split(' ', 2)
  const pair = scheme === 'Basic' ? Buffer.from(credential, 'base64').toString() : ''
  const form = body instanceof URLSearchParams ? body : new URLSearchParams()
  const posted = secretParameters.flatMap((name) => form.getAll(name))
  return [credential, pair.slice(pair.indexOf(':') + 1), ...posted]
    .flatMap((secret) => [secret, encodeURIComponent(secret), decoded(secret)])
    .filter((secret) => secret.length >= minLength)
    .toSorted((one, other) => other.length - one.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
