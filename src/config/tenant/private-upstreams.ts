import { allowListOf, isPublicAddress, withoutBrackets } from '../../primitives/network-address.ts'
import { type Source, valuesAt, warn } from '../source/source.ts'

/** URLs that Gatehouse calls itself; a browser opens the others. */
const calledKeys: readonly (readonly string[])[] = [
  ['issuer'],
  ['discoveryUrl'],
  ['metadataUrl'],
  ['baseUrl'],
  ['apiUrl'],
  ['endpoints', 'token'],
  ['endpoints', 'userinfo'],
  ['endpoints', 'jwks'],
]

/**
 * Warns of upstreams at private addresses that `outbound.allowPrivate` does not list; once a
 * connection.
 */
export function warnAboutPrivateUpstreams(sources: readonly Source[], allowPrivate: readonly string[]): void {
  const { allowsHost } = allowListOf(allowPrivate)
  for (const source of sources)
    for (const [[, id = '']] of valuesAt(source, 'connections', '*')) {
      const urls = calledKeys.flatMap((key) => valuesAt(source, 'connections', String(id), ...key))
      const [found] = urls.filter(([, url]) => {
        const host = hostOf(url)
        return host !== undefined && isPrivateHost(host) && !allowsHost(host)
      })
      if (found === undefined) continue
      const message = 'is on a private network, which Gatehouse does not call'
      warn(source, found[0], `${message}: list its host in outbound.allowPrivate of gatehouse.yaml`)
    }
}

function hostOf(url: unknown): string | undefined {
  return typeof url === 'string' ? URL.parse(url)?.hostname : undefined
}

/** Names other than localhost are not known before they are resolved. */
function isPrivateHost(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  const isAddress = host.startsWith('[') || /^[\d.]+$/.test(host)
  return isAddress && !isPublicAddress(withoutBrackets(host))
}
