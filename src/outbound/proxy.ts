/** The forward proxy of a call: outbound.proxy, or the variables as curl reads them. */
import { isIP } from 'node:net'
import { allowListOf, withoutBrackets } from '../primitives/network-address.ts'

export interface ProxySettings {
  /** `environment`, `off`, or the URL. */
  readonly proxy: string
  /** Hosts that are called directly, in addition to loopback and, with `environment`, NO_PROXY. */
  readonly noProxy: readonly string[]
}

/** Undefined for a direct call. */
export type ProxyFor = (url: URL) => URL | undefined

type Environment = Readonly<Record<string, string | undefined>>

/** Throws for an invalid proxy URL. */
export function proxies({ proxy, noProxy }: ProxySettings, environment: Environment): ProxyFor {
  if (proxy === 'off') return () => undefined
  const variable = (name: string) => environment[name.toLowerCase()] || environment[name] || undefined
  const fromEnvironment = (name: string) => {
    const text = variable(name)
    return text === undefined ? undefined : proxyUrl(text, name)
  }
  const [https, http] =
    proxy === 'environment'
      ? [fromEnvironment('HTTPS_PROXY'), fromEnvironment('HTTP_PROXY')]
      : [proxyUrl(proxy, 'outbound.proxy'), proxyUrl(proxy, 'outbound.proxy')]
  const listed = proxy === 'environment' ? (variable('NO_PROXY') ?? '').split(/[\s,]+/) : []
  const isDirect = directHosts([...noProxy, ...listed].filter((entry) => entry !== ''))
  return (url) => (isDirect(url) ? undefined : url.protocol === 'https:' ? https : http)
}

function proxyUrl(text: string, name: string): URL {
  const full = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}` // as curl
  const url = URL.canParse(full) ? new URL(full) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '')
    throw new Error(`${name} must be the URL of an HTTP proxy, such as http://proxy.example:3128`)
  return url
}

/** @param entries `*`, `domain`, `.domain`, `*.domain`, with an optional port; addresses, CIDRs */
function directHosts(entries: readonly string[]): (url: URL) => boolean {
  const [ranges, names] = [entries.filter(isRange), entries.filter((entry) => !isRange(entry))]
  const { allowsAddress } = allowListOf(ranges.map(withoutBrackets))
  const rules = names.map((entry) => {
    const [, host = '', port] = /^(?:\*?\.)?(\[.*\]|[^:]*)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? []
    return { name: withoutBrackets(host), port }
  })
  return ({ hostname, port, protocol }) => {
    const host = withoutBrackets(hostname.toLowerCase())
    const usedPort = port || (protocol === 'https:' ? '443' : '80')
    const isNamed = ({ name, port: only }: (typeof rules)[number]) =>
      (only === undefined || only === usedPort) &&
      (name === '*' || host === name || (name !== '' && host.endsWith(`.${name}`)))
    return isLoopback(host) || allowsAddress(host) || rules.some(isNamed)
  }
}

function isRange(entry: string): boolean {
  const [address = '', prefix, ...more] = withoutBrackets(entry).split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32))
}

/** Always direct: a proxy's loopback is another machine. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
