/** Texts of a certain form: each a schema whose fault says what is wrong and what is allowed. */
import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { z } from 'zod'
import { secretText } from '../../crypto/secret.ts'
import { canonicalDomain } from '../../profile/email-address.ts'

/** Text for which `wrong` finds nothing wrong. */
export function textWhere(wrong: (text: string) => string | undefined) {
  return z.string().superRefine((text, context) => {
    const message = wrong(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
}

export function isLoopback(hostname: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}

/** Why the text is no origin of ours or of an app; undefined when it is one. */
export function wrongOrigin(text: string): string | undefined {
  const example = `write it as ${correctedOrigin(text) ?? 'https://app.acme.test'}`
  if (text.includes('*')) return `must be one origin, wildcards are not allowed: ${example}`
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return `must be an https origin: ${example}`
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return `must not hold a user name: ${example}`
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) return `must be https (http only on localhost): ${example}`
  return /^https?:\/\/[^/?#\\]+$/i.test(text) ? undefined : `must have no path, query or fragment: ${example}`
}

/** The origin that was meant, if the text shows a host. */
function correctedOrigin(text: string): string | undefined {
  if (text.includes('*')) return undefined
  const isBareHost = /^[^/?#@:]+\.[^/?#@:]+(?::\d{1,5})?$/.test(text)
  const url = URL.parse(isBareHost ? `https://${text}` : text)
  if (url === null || !/^https?:$/.test(url.protocol) || !hostForm.test(url.hostname.replace(/\.$/, '')))
    return undefined
  const scheme = url.protocol === 'http:' && isLoopback(url.hostname) ? 'http' : 'https'
  return `${scheme}://${url.host}`
}

/** An origin such as `https://app.acme.test`. */
export const origin = textWhere(wrongOrigin).transform((text) => new URL(text).origin)

export const publicUrl = textWhere((text) => wrongOrigin(text.replace(/\/$/, ''))).transform((text) => new URL(text))

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const hostForm = new RegExp(`^(?:${label}\\.)*${label}$`)

/** A domain name of two labels or more, as A-labels in lower case. */
export const domain = textWhere((text) => {
  const example = 'must be a domain such as acme.com'
  if (text.includes('@')) return `${example}, without @`
  if (text.includes('*')) return `${example}; wildcards are not allowed, list each domain`
  if (text.includes('/')) return `${example}, without scheme and path`
  if (text.startsWith('.')) return `${example}, without a dot before it`
  return canonicalDomain(text) === null ? `${example}, its letters of one script` : undefined
}).transform((text) => canonicalDomain(text) ?? text)

function isRange(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || address.includes('%') || more.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
}

/** An address or a CIDR range. */
export const range = textWhere((text) =>
  isRange(text) ? undefined : 'must be an address or a CIDR range, such as 10.0.0.0/8 or 2001:db8::/32',
)

export const hostOrRange = textWhere((text) =>
  isRange(text) || (hostForm.test(text.toLowerCase()) && !/^[\d.]+$/.test(text))
    ? undefined
    : 'must be a host name, an address or a CIDR range, such as okta.internal or 10.1.0.0/16',
)

/** One or more certificates in PEM. */
export const caCertificates = textWhere((text) => {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  const isReadable = blocks.length > 0 && blocks.every((block) => isCertificate(block))
  return isReadable ? undefined : 'must be certificates in PEM (-----BEGIN CERTIFICATE-----), mostly file:ca.pem'
})

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}

/** A host or address to listen on; brackets around an IPv6 address come off. */
export const listenHost = textWhere((text) => {
  const bare = withoutBrackets(text)
  const example = 'must be an address or a host name, such as 0.0.0.0, [::1] or localhost'
  if (isIP(bare) !== 0 && (bare === text || isIP(bare) === 6)) return undefined
  if (text === '*') return `${example}; for every address write 0.0.0.0 or ::`
  if (text.includes('/')) return `${example}, without scheme and path`
  if (/^[^:]*:\d+$/.test(text) || /^\[.*\]:\d+$/.test(text)) return `${example}, without port: that is listen.port`
  return text.length <= 253 && hostForm.test(text.toLowerCase()) && !/^[\d.]+$/.test(text) ? undefined : example
}).transform(withoutBrackets)

function withoutBrackets(text: string): string {
  return text.replace(/^\[(.*)\]$/, '$1')
}

export const variableName = textWhere((text) =>
  /^[A-Za-z_]\w*$/.test(text) ? undefined : 'must be the name of an environment variable, such as OKTA_CLIENT_SECRET',
)

/** A key in hex, base64url or base64; undefined for fewer than 32 bytes. */
export function keyBytes(text: string): Uint8Array | undefined {
  if (/^(?:[0-9a-f]{2}){32,}$/i.test(text)) return Buffer.from(text, 'hex')
  if (!/^[\w+/-]+={0,2}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url') // reads both alphabets
  return bytes.length >= 32 ? bytes : undefined
}

export const keyText = secretText.superRefine((secret, context) => {
  const text = secret.reveal()
  if (keyBytes(text) === undefined) context.addIssue({ code: 'custom', message: keyFault(text) })
})

function keyFault(text: string): string {
  if (/^["'].*["']$/.test(text)) return 'is in quotes, which count as part of it: remove them'
  if (/[,;\s]/.test(text)) return 'holds several words: give each key as an entry of its own'
  return 'must be at least 32 bytes as base64url, base64 or hex; make one with: openssl rand -base64 32'
}
