/**
 * URLs an app may register. They are compared as strings (OAuth 2.0 Security BCP 2.1), so each must
 * be in the browser's spelling. Functions return the fault, or undefined.
 */
import type { App } from './app.ts'
import type { AppKind } from './settings.ts'

export const maxAddresses = 20
const maxAddressLength = 2000

const loopback = /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/
export const isLoopbackHost = (hostname: string) => loopback.test(hostname)

/** RFC 8252 7.1: a domain name of the app's maker, reversed. */
const privateScheme = /^[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+:$/

/** Redirect URIs, for sign-in and sign-out. */
export function wrongReturnAddress(text: string, kind: AppKind): string | undefined {
  const wrong = wrongForm(text)
  if (wrong !== undefined) return wrong
  const url = new URL(text)
  if (kind === 'native' && privateScheme.test(url.protocol)) return wrongPath(text)
  return wrongScheme(url, kind) ?? wrongPath(text) ?? wrongSpelling(text, url)
}

/** An origin as WebViews send it. Not `null`: sandboxed frames and files send that too. */
export function wrongOrigin(text: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]{0,40}:\/\/[a-z0-9.-]{1,253}(:\d{1,5})?$/.test(text) || pseudoScheme.test(text))
    return 'must be an origin in lower case without a path, such as capacitor://localhost or https://localhost'
  const url = URL.parse(text)
  if (url === null) return 'must be an origin such as capacitor://localhost'
  if (!/^https?:$/.test(url.protocol)) return undefined
  if (url.protocol === 'http:' && !loopback.test(url.hostname)) return 'must be https (http only on localhost)'
  return url.origin === text ? undefined : `must be written as browsers write it: ${url.origin}`
}

const pseudoScheme = /^(about|blob|data|file|filesystem|javascript|view-source):/

/** Origins that may read our responses to the app: its redirect URIs' and its registered ones. */
export function pageOrigins({
  redirectUris,
  corsOrigins = [],
}: Pick<App, 'redirectUris' | 'corsOrigins'>): readonly string[] {
  const ofRedirects = redirectUris.map((uri) => URL.parse(uri)?.origin ?? 'null')
  return [...ofRedirects, ...corsOrigins].filter((origin) => origin !== 'null')
}

/** URLs we request (back-channel logout, JWKS), subject to the outbound guard. */
export function wrongCalledAddress(text: string): string | undefined {
  return wrongReturnAddress(text, 'web')
}

function wrongForm(text: string): string | undefined {
  if (text.length > maxAddressLength) return `must have at most ${maxAddressLength} characters`
  if (!/^[\x21-\x7e]+$/.test(text)) return 'must have no spaces, control or non-ASCII characters: encode them'
  if (text.includes('\\')) return 'must have no backslash'
  if (text.includes('*')) return 'must be one address: wildcards are not allowed'
  if (text.includes('#')) return 'must have no fragment (#)'
  if (!/^[a-z][a-z0-9+.-]*:\/[^/]|^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(text) || !URL.canParse(text))
    return 'must be a whole address, such as https://app.acme.test/callback'
  const { username, password } = new URL(text)
  return /^[^/]*\/\/[^/]*@/.test(text) || username !== '' || password !== '' ? 'must hold no user name (@)' : undefined
}

function wrongScheme({ protocol, hostname }: URL, kind: AppKind): string | undefined {
  if (protocol === 'https:' && hostname !== '') return undefined
  if (protocol === 'http:')
    return loopback.test(hostname) ? undefined : 'must be https (http only on localhost, 127.0.0.1 or [::1])'
  return kind === 'native'
    ? 'must be https, http on a loopback address, or a scheme of your own in reversed domain form, such as com.acme.app:/callback'
    : 'must be https (http only on localhost)'
}

/** Segments and encodings that change the path. */
function wrongPath(text: string): string | undefined {
  const path = text.replace(/\?.*$/s, '').replace(/^[^:]*:/, '')
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(path)) return 'must have no . or .. in its path'
  if (/%(2e|2f|5c|00|0a|0d)/i.test(path)) return 'must have no encoded dot, slash, backslash or control character'
  return /%(?![0-9a-f]{2})/i.test(text) ? 'has a % that begins no encoded character' : undefined
}

function wrongSpelling(text: string, { href }: URL): string | undefined {
  return text === href || `${text}/` === href ? undefined : `must be written as browsers write it: ${href}`
}
