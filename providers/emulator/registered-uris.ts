/** Which URLs of an app an emulated upstream may send a browser to. */

export interface LocalApps {
  /** Accepts every URL on this machine too, such as those of new tenants. Default false. */
  readonly acceptsLocalUris?: boolean
}

const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** http or https at a loopback host, any port and path, without user name and fragment. */
export function isLocalUri(uri: string): boolean {
  if (!URL.canParse(uri)) return false
  const { protocol, hostname, username, password, hash } = new URL(uri)
  const isPlain = username === '' && password === '' && hash === '' && !uri.includes('#')
  return isPlain && ['http:', 'https:'].includes(protocol) && loopbackHosts.includes(hostname)
}

export function isRegistered(uri: string, registered: readonly string[], { acceptsLocalUris = false }: LocalApps) {
  return registered.includes(uri) || (acceptsLocalUris && isLocalUri(uri))
}
