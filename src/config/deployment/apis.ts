/** `apis:` of gatehouse.yaml: what access tokens are for, which apps and users may have them. */

import { z } from 'zod'
import { type Api, mayAskFor, servesUsersOf } from '../../app/app.ts'
import { identityScopeNames } from '../../app/scopes.ts'
import { duration } from '../schema/duration.ts'
import { portalAppId, tenantId } from '../schema/ids.ts'
import { options } from '../schema/shape.ts'
import { textWhere } from '../schema/text.ts'
import { report, type Source } from '../source/source.ts'

const resource = textWhere((text) =>
  /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(text) && URL.canParse(text) && !text.includes('#')
    ? undefined
    : 'must be an absolute URI without a fragment, such as https://api.acme.test/orders',
)

const scopeName = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,80}$/, 'the name of a scope has no spaces, quotes or backslashes')

export const apiSchema = options(
  {
    id: resource,
    name: z.string().min(1).max(60),
    scopes: z
      .record(scopeName, z.string().min(1).max(120))
      .refine((scopes) => !Object.keys(scopes).some((scope) => identityScopeNames.includes(scope)), {
        message: `must not take the names of OpenID Connect: ${identityScopeNames.join(', ')}`,
      }),
    accessTokens: z.enum(['opaque', 'jwt']).default('opaque'),
    resourceServerApps: z.array(z.string().min(1).max(64)).max(100).default([]),
    callableBy: z.array(z.string().min(1).max(64)).max(1000).default([]),
    tenants: z.union([z.literal('all'), z.array(tenantId).min(1)]).optional(),
    requestableBy: z
      .union([z.enum(['everyone', 'first-party']), z.array(z.string().min(1).max(64)).max(1000)])
      .optional(),
    lifetime: duration('1m', '24h').prefault('10m'),
  },
  {
    id: 'Resource indicator (RFC 8707): an absolute URI, which is the audience of its tokens. Required.',
    name: 'Name that users see. Required.',
    scopes:
      'Its scopes, each with the text of the consent page that says what the app will do, such as "see your orders". Required.',
    accessTokens:
      'opaque: looked up at Gatehouse, end with the session · jwt: verified by signature, valid until they expire. Default opaque.',
    resourceServerApps: 'IDs of the apps that serve the API and may introspect its tokens. Default: none.',
    callableBy:
      "IDs of developers' apps that may call it in their own name (client_credentials), without a user's approval. Apps declared here may call it if they declare its scopes. Default: none.",
    tenants:
      'Tenants whose users its access tokens may be for: a list of IDs, or all. Default: all; with one tenant in the configuration, that one.',
    requestableBy:
      'Apps that may request its scopes when users sign in: everyone, first-party, or a list of app IDs. Default: apps declared here, and apps of developers of the tenants that tenants lists.',
    lifetime: 'How long an access token lives, 1m to 24h. Default 10m.',
  },
)

export type WrittenApis = readonly z.output<typeof apiSchema>[]

/** Checks APIs against each other and against the declared apps. */
export function checkApis(source: Source, apis: WrittenApis, appIds: readonly string[]): void {
  const seen = new Set<string>()
  for (const [index, { id, callableBy, requestableBy = [] }] of apis.entries()) {
    if (seen.has(id)) report(source, ['apis', index, 'id'], 'is the ID of another API too')
    seen.add(id)
    const lists = { callableBy, requestableBy: typeof requestableBy === 'string' ? [] : requestableBy }
    for (const [key, list] of Object.entries(lists))
      for (const [at, app] of list.entries())
        if (!portalAppId.test(app) && !appIds.includes(app))
          report(
            source,
            ['apis', index, key, at],
            'is neither the ID of an app of the portal (app and 24 digits and letters a to f) nor of one declared here',
          )
  }
}

interface DeclaredApp {
  readonly id: string
  readonly tenants: readonly string[] | 'all'
  readonly firstParty: boolean
  readonly scopes?: readonly string[] | undefined
}

/** A declared scope that no API lets the app request, or for none of its tenants. */
export function checkRequestableScopes(source: Source, app: DeclaredApp, apis: WrittenApis): void {
  const { id, firstParty, tenants, scopes = [] } = app
  for (const [index, scope] of scopes.entries()) {
    const having = [...apis.entries()].filter(([, api]) => Object.hasOwn(api.scopes, scope))
    const open = having.filter(([, api]) => mayAskFor({ id, owner: undefined, firstParty }, api))
    const serves = (api: WrittenApis[number]) =>
      tenants === 'all' || tenants.some((tenant) => servesUsersOf(api, tenant))
    if (having.length === 0 || open.some(([, api]) => serves(api))) continue
    const places = having.map(([at]) => `apis[${at}]`).join(' and ')
    const why =
      open.length === 0
        ? `whose requestableBy does not allow this app: add ${id} there`
        : 'whose tenants name none of this app: name one there'
    report(source, ['apps', id, 'scopes', index], `belongs to ${places}, ${why}, or remove the scope here`)
  }
}

export function declaredApis(apis: WrittenApis): readonly Api[] {
  return apis.map(({ lifetime, ...api }) => ({ ...api, accessTokenSeconds: lifetime }))
}
