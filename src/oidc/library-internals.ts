/**
 * Members of oidc-provider that its documentation does not promise, because no option does what we
 * need. Verified with 9.13.3: a test compares their source text with the one reviewed here.
 */
import { type Client, type ClientMetadata, type Grant, Provider, type Session } from 'oidc-provider'
import { HiddenProperty } from '../primitives/hidden-property.ts'

/** Version, and SHA-256 (first 12 digits) of the replaced or called functions. */
export const verified = {
  version: '9.13.3',
  functions: {
    'AccessToken.prototype.generateTokenId': '276db83c35b7',
    'RefreshToken.prototype.generateTokenId': '23989c95cb71',
    'ClientCredentials.prototype.generateTokenId': '276db83c35b7',
    'ReplayDetection.unique': '26f0872a55e3',
    'Client.find': 'f9e7ecd05f5f',
    'Client.prototype.compareClientSecret': '7a404f9c2599',
    'Client.prototype.clientAuthMethod': '9d8081686844',
    'Session.get': 'eed32d535b29',
    'Session.findByUid': 'd8771442f106',
    'Session.prototype.past': '5b4c0ed58900',
    'Session.prototype.loginAccount': '24d3e2a31978',
    'Session.prototype.resetIdentifier': '56d90f96be9c',
    'Session.prototype.authorizationFor': '460944ecff88',
    'Grant.prototype.rejectOIDCClaims': '98337fcffa84',
  },
} as const

export interface IssuedToken {
  readonly kind: string
  readonly format?: string | undefined
}

/** Values of opaque tokens: `formats` has an option for their length only. */
export function replaceTokenValues(
  { AccessToken, RefreshToken, ClientCredentials }: Provider,
  tokenValue: (token: IssuedToken, random: string) => string,
): void {
  for (const model of [AccessToken, RefreshToken, ClientCredentials]) {
    const original: unknown = Reflect.get(model.prototype, 'generateTokenId')
    if (typeof original !== 'function') throw new Error(`oidc-provider: ${model.name} has no generateTokenId`)
    Object.assign(model.prototype, {
      generateTokenId(this: IssuedToken): string {
        return tokenValue(this, String(original.call(this)))
      },
    })
  }
}

/** Single use of assertions and proofs: the original reads, then writes, which is not atomic. */
export function replaceReplayDetection(
  { ReplayDetection }: Provider,
  unique: (issuer: string, jti: string, expiresAt: number) => Promise<boolean>,
): void {
  Object.assign(ReplayDetection, { unique })
}

type Body = Readonly<Record<string, unknown>>

/** Changes parsed forms: a body parsed before oidc-provider is discouraged, with a warning. */
export function normalizeFormBodies(provider: Provider, normalize: (body: Body) => Body): void {
  const bodies = new HiddenProperty<object, Body | undefined>()
  Object.defineProperty(provider.OIDCContext.prototype, 'body', {
    configurable: true,
    get(this: object) {
      return bodies.get(this)
    },
    set(this: object, body: Body | undefined) {
      bodies.set(this, body && normalize(body))
    },
  })
}

export interface ClientRules {
  readonly find: (id: string) => Promise<Client | undefined>
  /** The original compares with one secret in plain text. */
  readonly hasSecret: (client: Client, secret: string) => boolean
  /** @param registered by the metadata, which has one method */
  readonly authMethodOf: (client: Client, registered: string | undefined) => string | undefined
}

/** How clients are found and authenticated: the adapter's clients are rebuilt from JSON. */
export function replaceClients({ Client }: Provider, { find, hasSecret, authMethodOf }: ClientRules): void {
  Object.assign(Client, { find: async (id: unknown) => (typeof id === 'string' && id !== '' ? find(id) : undefined) })
  Object.assign(Client.prototype, {
    async compareClientSecret(this: Client, secret: string): Promise<boolean> {
      return hasSecret(this, secret)
    },
  })
  Object.defineProperty(Client.prototype, 'clientAuthMethod', {
    get(this: Client) {
      return authMethodOf(this, this.tokenEndpointAuthMethod)
    },
  })
}

/** A client that no adapter stores. @param keysOf the `asymmetricKeyStore` of one request */
export function buildClient({ Client }: Provider, metadata: ClientMetadata, keysOf: () => object): Client {
  const client: unknown = Reflect.construct(Client, [metadata])
  if (!(client instanceof Client)) throw new Error('oidc-provider built no client')
  Object.defineProperty(client, 'asymmetricKeyStore', { get: keysOf })
  return client
}

export interface SessionFinders {
  /** The session of the browser's cookie. */
  readonly get: (ctx: SessionContext) => Promise<Session>
  /** The session whose `uid` a token holds. */
  readonly findByUid: (uid: string) => Promise<Session | undefined>
}

export interface SessionContext {
  readonly req: { readonly headers: { readonly cookie?: string } }
  readonly oidc?: { entity(name: string, value: unknown): void }
}

/** How sessions are found: the original has its own cookie and record. */
export function replaceSessions(provider: Provider, finders: SessionFinders): void {
  Object.assign(provider.Session, finders)
}

/** http/same-origin.ts protects our forms; the proof of oidc-provider is not used. */
export const formProof = 'same-origin'

const ignore = () => {}

/** Whatever oidc-provider writes to a session is ignored: no store, no cookie, no sign-in. */
const notStored: PropertyDescriptorMap = {
  touched: { get: () => false, set: ignore },
  state: { get: () => ({ secret: formProof }), set: ignore },
  loginAccount: { value: ignore },
  resetIdentifier: { value: ignore },
}

/** Builds sessions without the constructor: a session is built for every token that is used. */
export function sessionBuilder(provider: Provider): (content: object) => Session {
  const prototype: Session = Object.create(provider.Session.prototype, notStored)
  return (content) => Object.assign(Object.create(prototype), { kind: 'Session' }, content)
}

export function noSession(provider: Provider): Session {
  return Object.defineProperties(new provider.Session(), notStored)
}

/** Claims rejected before may be allowed now; a grant has no method for it. */
export function clearRejections(grant: Grant): void {
  Object.assign(grant, { rejected: undefined })
}

type ResponseMode = Parameters<Provider['registerResponseMode']>[1]

/** A provider whose response modes are wrapped: its constructor registers them by this method. */
export function providerWithModes(wrap: (name: string, send: ResponseMode) => ResponseMode): typeof Provider {
  return class extends Provider {
    override registerResponseMode(name: string, handler: ResponseMode): void {
      super.registerResponseMode(name, wrap(name, handler.bind(this)))
    }
  }
}
