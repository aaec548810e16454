/** Asks a container registry for the digest of a tag (OCI Distribution Specification 1.1). */
import { createHash } from 'node:crypto'
import { Failure } from '../say.mjs'

/** What `docker pull` asks for: the index of all platforms, or the manifest of a single one. */
const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

const timeoutMs = 20_000

/** Image names without a host belong to Docker Hub, and those without a folder to its library. */
export function parseImage(reference) {
  const [named] = reference.split('@')
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  const name = colon === -1 ? named : named.slice(0, colon)
  const tag = colon === -1 ? 'latest' : named.slice(colon + 1)
  const [first = '', ...rest] = name.split('/')
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  if (hasHost) return { name, tag, registry: originOf(first), repository: rest.join('/') }
  return {
    name,
    tag,
    registry: 'https://registry-1.docker.io',
    repository: rest.length === 0 ? `library/${name}` : name,
  }
}

function originOf(host) {
  return `${/^(localhost|127\.0\.0\.1)(:|$)/.test(host) ? 'http' : 'https'}://${host}`
}

/** The digest of the tag's content, `sha256:…`: computed here and compared with the registry's. */
export async function digestOf({ registry, repository, tag }) {
  const url = `${registry}/v2/${repository}/manifests/${tag}`
  const first = await request(url, {})
  const answer = first.status === 401 ? await request(url, await authorizationFor(first)) : first
  if (!answer.ok) throw new Failure(`${url} answers ${answer.status}: is the tag right?`)
  const digest = `sha256:${createHash('sha256')
    .update(Buffer.from(await answer.arrayBuffer()))
    .digest('hex')}`
  const stated = answer.headers.get('docker-content-digest')
  if (stated !== null && stated !== digest) throw new Failure(`${url} states ${stated}, but its content is ${digest}`)
  return digest
}

/** An anonymous token, from the address in the challenge. */
async function authorizationFor(refusal) {
  const challenge = refusal.headers.get('www-authenticate') ?? ''
  const {
    realm,
    service = '',
    scope = '',
  } = Object.fromEntries([...challenge.matchAll(/\b(\w{1,64})="([^"]*)"/g)].map(([, name, value]) => [name, value]))
  if (!/^Bearer /i.test(challenge) || realm === undefined) throw new Failure(`${refusal.url} needs a login`)
  const answer = await request(`${realm}?${new URLSearchParams({ service, scope })}`, {})
  const { token, access_token: accessToken } = answer.ok ? await answer.json() : {}
  const bearer = token ?? accessToken
  if (bearer === undefined) throw new Failure(`${realm} gives no token (${answer.status})`)
  return { authorization: `Bearer ${bearer}` }
}

async function request(url, headers) {
  try {
    return await fetch(url, { headers: { accept, ...headers }, signal: AbortSignal.timeout(timeoutMs) })
  } catch (error) {
    throw new Failure(`${url} cannot be reached: ${error.cause?.message ?? error.message}`)
  }
}
