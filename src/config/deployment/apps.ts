/** Apps in gatehouse.yaml: what developers may set too, and what only operators may. */

import { z } from 'zod'
import { type App, type AppKey, isConfirmedEachTime } from '../../app/app.ts'
import { type AppDraft, faultsOf } from '../../app/draft.ts'
import { logoOf, readLogo } from '../../app/logo.ts'
import { readPublicKey } from '../../app/public-key.ts'
import { wrongCalledAddress } from '../../app/redirect-uri.ts'
import { identityScopeNames } from '../../app/scopes.ts'
import { writtenSettings } from '../../app/settings.ts'
import { secretText } from '../../crypto/secret.ts'
import { secretHash } from '../../crypto/token.ts'
import { withDescriptions } from '../../provider/options.ts'
import { portalAppId, tenantId } from '../schema/ids.ts'
import { parseSilently } from '../schema/parse.ts'
import { options } from '../schema/shape.ts'
import { textWhere } from '../schema/text.ts'
import { note, report, type Source, valuesAt } from '../source/source.ts'
import { checkApis, checkRequestableScopes, type WrittenApis } from './apis.ts'
import { checkAccess, checkAlgorithms, checkCredentials, noteChanges, warnAboutApp } from './app-checks.ts'
import { settingsShape } from './app-settings.ts'

const minSecretLength = 32

export const appId = textWhere((text) => {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(text))
    return 'the ID of an app must be 1 to 63 lower-case letters, digits and hyphens, beginning with a letter or digit'
  return portalAppId.test(text) ? 'looks like the ID of an app of the portal: choose another one' : undefined
})

const secret = secretText.refine(
  (given) => given.reveal().length >= minSecretLength && given.reveal().length <= 512,
  `must have at least ${minSecretLength} characters, and at most 512; make one with: openssl rand -base64 32`,
)

const key = options(
  {
    publicKey: textWhere((text) => {
      const read = readPublicKey(text)
      return read.ok ? undefined : read.wrong
    }).optional(),
    jwksUrl: textWhere(wrongCalledAddress).optional(),
  },
  {
    publicKey: 'Public key as PEM or JWK, mostly file:keys/shop.pem. RSA of 2048 bits or more, EC, Ed25519.',
    jwksUrl: 'Address of the key set the app publishes: https, called like an upstream (outbound).',
  },
).superRefine(({ publicKey, jwksUrl }, context) => {
  if ((publicKey === undefined) === (jwksUrl === undefined))
    context.addIssue({ code: 'custom', message: 'needs either publicKey or jwksUrl' })
})

/** `file:` replaces an SVG by its text. */
const logoFrom = (text: string) => (text.startsWith('data:') ? readLogo(text) : logoOf(Buffer.from(text)))

const logo = textWhere((text) => {
  if (/^https?:/i.test(text)) return 'must be file:path or a data: URL: nothing is loaded from elsewhere'
  const read = logoFrom(text)
  return read.ok ? undefined : read.wrong
}).transform((text) => {
  const read = logoFrom(text)
  return read.ok ? read.logoUri : text
})

export const appSchema = z.strictObject({
  ...withDescriptions(
    {
      name: z.string().min(1),
      kind: z.enum(['web', 'single-page', 'native', 'service']),
      logoUri: logo.optional(),
      redirectUris: z.array(z.string()).default([]),
      postLogoutRedirectUris: z.array(z.string()).default([]),
      backchannelLogoutUri: z.string().optional(),
    },
    {
      name: 'Name that users see on the consent page. Required.',
      kind: 'web: it has a server that keeps a secret or key · single-page: it runs in the browser · native: on a phone or desktop · service: acts for itself, without users. Required.',
      logoUri:
        'Its logo, a square PNG, JPEG, WebP or SVG image of at most 64 kB: mostly file:logos/shop.svg, or a data: URL. Default: its initials.',
      redirectUris:
        'Addresses to which users return after signing in, compared character by character; at most 20. Required, except for native and service.',
      postLogoutRedirectUris: 'Addresses to which users may be sent after signing out; at most 20. Default: none.',
      backchannelLogoutUri:
        'URL that Gatehouse calls when a session ends (OpenID Connect Back-Channel Logout). Default: none.',
    },
  ),
  ...settingsShape,
  ...withDescriptions(
    {
      tenants: z.union([z.literal('all'), z.array(tenantId).min(1)]),
      scopes: z.array(z.string()).optional(),
      firstParty: z.boolean().default(false),
      secrets: z.array(secret).max(2).default([]),
      keys: z.array(key).max(10).default([]),
    },
    {
      tenants: 'IDs of the tenants whose users it may sign in, or all. Required.',
      scopes: `What it may ask for: ${identityScopeNames.join(', ')}, and the scopes of apis. Default: openid, profile, email; none for a service.`,
      firstParty:
        "The organization's own app: users are not asked for consent, and it may exchange its codes for session tokens, which act as the user. Users still confirm each sign-in of a native app, except on an https redirect URI. Default false.",
      secrets:
        'Client secrets, each at least 32 characters; two while one is rotated. Only web and service. Default: none.',
      keys: 'Keys by which it authenticates (private_key_jwt): publicKey or jwksUrl each. Only web and service. Default: none.',
    },
  ),
})

type WrittenApp = z.output<typeof appSchema>
type WrittenApps = Readonly<Record<string, WrittenApp>>

/** Checks apps against APIs and each other. A faulty app does not stop the checks of others. */
export function checkApps(source: Source, apis: WrittenApis | undefined): void {
  const given = valuesAt(source, 'apps', '*').map(([[, id], written]) => [String(id), written] as const)
  const ids = given.map(([id]) => id)
  checkApis(source, apis ?? [], ids)
  const scopes = [...new Set([...identityScopeNames, ...(apis ?? []).flatMap((api) => Object.keys(api.scopes))])]
  const hashes = new Map<string, string>()
  for (const [id, written] of given) {
    const app = parseSilently(appSchema, source, ['apps', id], written)
    if (app === undefined) continue
    // when an API is faulty, its scopes are not known, and apps that name them are not to blame
    for (const { field, index, message } of faultsOf(draftOf(app), apis === undefined ? (app.scopes ?? []) : scopes))
      if (apis !== undefined || field !== 'scopes')
        report(source, ['apps', id, field, ...(index === undefined ? [] : [index])], message)
    if (app.kind !== 'service') checkRequestableScopes(source, { id, ...app }, apis ?? [])
    checkCredentials(source, id, app, hashes)
    checkAlgorithms(source, id, app)
    checkAccess(source, id, app)
    warnAboutApp(source, id, app)
    noteChanges(source, id, app)
    noteConfirmedEachTime(source, id, app)
  }
}

function noteConfirmedEachTime(source: Source, id: string, { kind, firstParty, redirectUris }: WrittenApp): void {
  const confirmed = redirectUris.flatMap((uri, at) => (isConfirmedEachTime(kind, uri) ? [`redirectUris[${at}]`] : []))
  if (!firstParty || confirmed.length === 0) return
  note(
    source,
    ['apps', id, 'firstParty'],
    `users confirm each sign-in ("Continue as …") at ${confirmed.join(', ')}, and prompt=none is answered with interaction_required, because any program on the device can receive that address (RFC 8252 8.6). A claimed https redirect URI needs no confirmation.`,
  )
}

function draftOf(app: WrittenApp): AppDraft {
  const { name, kind, logoUri: logo, redirectUris, postLogoutRedirectUris, backchannelLogoutUri, scopes } = app
  const otherwise = kind === 'service' ? [] : ['openid', 'profile', 'email']
  return {
    name,
    kind,
    logoUri: logo,
    redirectUris,
    postLogoutRedirectUris,
    backchannelLogoutUri,
    ...writtenSettings(app),
    scopes: scopes ?? otherwise,
  }
}

const declaredAt = new Date(0)

export function declaredApps(apps: WrittenApps): readonly App[] {
  return Object.entries(apps).map(([id, app]) => ({
    id,
    ...draftOf(app),
    tenants: app.tenants,
    firstParty: app.firstParty,
    owner: undefined,
    secrets: app.secrets.map((given, index) => ({
      id: `${index + 1}`,
      sealed: '', // not shown again: the operator has it
      hash: secretHash(given.reveal()),
      createdAt: declaredAt,
      expiresAt: undefined,
    })),
    keys: app.keys.flatMap(declaredKey),
    createdAt: declaredAt,
    revision: 0,
  }))
}

function declaredKey({ publicKey, jwksUrl }: z.output<typeof key>, index: number): readonly AppKey[] {
  const about = { name: `Key ${index + 1}`, createdAt: declaredAt }
  if (jwksUrl !== undefined) return [{ ...about, id: `set-${index + 1}`, source: { kind: 'jwks', url: jwksUrl } }]
  const read = readPublicKey(publicKey ?? '')
  return read.ok ? [{ ...about, id: read.jwk.kid, source: { kind: 'public key', jwk: read.jwk } }] : []
}
