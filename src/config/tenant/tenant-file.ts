/** `tenants/<id>.yaml`: one tenant. */

import { z } from 'zod'
import { wrongReturnAddress } from '../../app/redirect-uri.ts'
import { fillable } from '../../crypto/secret.ts'
import type { Provider } from '../../provider/provider.ts'
import {
  type ConnectionSettings,
  defaultTokenPolicy,
  type SessionPolicy,
  type Tenant,
  type TokenPolicy,
} from '../../tenant.ts'
import type { Shared } from '../deployment/deployment-file.ts'
import { duration } from '../schema/duration.ts'
import { connectionId, tenantId } from '../schema/ids.ts'
import { parseParts } from '../schema/parse.ts'
import { options } from '../schema/shape.ts'
import { origin, textWhere } from '../schema/text.ts'
import { keyText } from '../source/fault.ts'
import { report, type Source, valuesAt } from '../source/source.ts'
import { accessPolicy, accessSchema } from './access.ts'
import { accountPolicy, accountsSchema } from './accounts.ts'
import { brandingSchema } from './branding.ts'
import { connectionOf, linkingRule } from './connection.ts'
import { mfaPolicy, mfaSchema } from './mfa.ts'
import { noteDomains, notePermissions } from './notes.ts'
import { notificationsSchema } from './notifications.ts'
import { passkeyPolicy, passkeysSchema } from './passkeys.ts'
import { ssoOnlyPolicy, ssoOnlySchema } from './sso-only.ts'

const cookieName = textWhere((text) => {
  if (!/^[\w.-]{1,64}$/.test(text)) return 'must be a name of 1 to 64 letters, digits, dots, hyphens and underscores'
  return /^(__(host|secure)-)?gatehouse_/i.test(text) ? 'must not begin with gatehouse_: these are our own' : undefined
})

const sessions = options(
  {
    lifetime: duration('1m', '365d').prefault('30d'),
    idleTimeout: duration('1m', '365d').optional(),
    tokenInQuery: z.boolean().default(false),
    tokenCookie: z.union([z.boolean(), cookieName]).default(false),
    crossSite: z.boolean().default(false),
    groupsFromOtherConnections: z.union([z.literal('never'), duration('1m', '30d')]).default('never'),
  },
  {
    lifetime: 'A session ends this long after sign-in, whatever happens; 1m to 365d. Default 30d.',
    idleTimeout: 'A session ends after this long without use; 1m to 365d, at most lifetime. Default: lifetime.',
    tokenInQuery:
      'Accept session and API tokens as ?token= too; addresses end up in logs and histories, so leave it off where you can. Default false.',
    tokenCookie:
      'Accept session and API tokens in a cookie as they are: true for one named token, or its name. An app sets it; any host of its site could set another, so leave it off where you can. Default false.',
    crossSite:
      'Pages of returnOrigins on other sites may ask for the session cookie, which then is SameSite=None and Partitioned there; needs HTTPS, and browsers may block it. Default false.',
    groupsFromOtherConnections:
      'How long groups and roles that a connection supplied at sign-in also count in sessions of other connections: never, or 1m to 30d after it supplied them. Default never: they count only in sessions of the connection that supplied them.',
  },
).superRefine(({ lifetime, idleTimeout }, context) => {
  if (idleTimeout !== undefined && idleTimeout > lifetime)
    context.addIssue({ code: 'custom', path: ['idleTimeout'], message: 'must not be longer than sessions.lifetime' })
})

const audit = options(
  { retention: duration('30d', '36500d').prefault('400d') },
  { retention: 'How long audit events are kept; 30d to 36500d. Default 400d.' },
)

const tokens = options(
  {
    max: z.int().min(0).max(1000).default(defaultTokenPolicy.max),
    maxLifetime: duration('1h', '3650d').prefault('3650d'),
    rotateAfter: duration('1d', '3650d').prefault('365d'),
    confirmWithin: z.union([z.literal('never'), duration('1h', '3650d')]).prefault('30d'),
  },
  {
    max: 'How many API tokens a user may have; 0 to 1000. Default 100.',
    maxLifetime: 'How long an API token may live; 1h to 3650d. Default 3650d, which is 10 years.',
    rotateAfter: 'Owners of older API tokens are asked by email to rotate them; 1d to 3650d. Default 365d.',
    confirmWithin:
      'API tokens of users of connections with recheck stop working until the next sign-in there if the upstream has not confirmed the user, by a sign-in or a re-check, for this long: 1h to 3650d, or never. Default 30d.',
  },
)

const supportUrl = textWhere((text) => {
  const allowed = 'must be an https:// or mailto: address'
  if (!URL.canParse(text)) return allowed
  const { protocol, username, password } = new URL(text)
  return username === '' && password === '' && /^(https|mailto):$/.test(protocol) ? undefined : allowed
})

const legalUrl = textWhere((text) => {
  const url = URL.parse(text)
  return url?.protocol === 'https:' && url.username === '' && url.password === '' ? undefined : 'must be an https URL'
})

const mailLink = textWhere((text) => wrongReturnAddress(text, 'web'))

export const tenantSchema = options(
  {
    tenant: tenantId,
    name: z.string().min(1).max(100),
    connections: z
      .record(connectionId, z.unknown())
      .refine(
        (connections) => Object.keys(connections).length > 0,
        'must have at least one connection, such as okta or password',
      ),
    returnOrigins: z.array(fillable(origin)).max(200).default([]),
    mailLinks: z.array(fillable(mailLink)).max(20).default([]),
    sessions: sessions.prefault({}),
    tokens: tokens.prefault({}),
    domainProof: z.enum(['advisory', 'required']).default('advisory'),
    linking: linkingRule.default('any'),
    audit: audit.prefault({}),
    supportUrl: supportUrl.optional(),
    termsUrl: legalUrl.optional(),
    privacyUrl: legalUrl.optional(),
    branding: brandingSchema.prefault({}),
    notifications: notificationsSchema.prefault({}),
    access: accessSchema.prefault({}),
    ssoOnly: ssoOnlySchema.optional(),
    mfa: mfaSchema.optional(),
    accounts: accountsSchema.prefault({}),
    passkeys: passkeysSchema.optional(),
  },
  {
    tenant:
      'ID of the tenant, which is the name of this file without .yaml: lower-case letters, digits and hyphens. Required.',
    name: 'Name that users see, at most 100 characters. Required.',
    connections:
      'Ways to sign in, by ID, in the order of their buttons; each a map of keys, or the word shared. Required.',
    returnOrigins:
      "Origins on Gatehouse's own site that a login may return to (return_to, forward auth), such as https://wiki.example.com; and origins of pages that exchange an upstream's ID token. An app on another site uses /oauth2/auth. Default: none but our own.",
    mailLinks:
      'Pages of apps that an emailed link for sign-up or password reset may lead to, with the code in the fragment (#code=…), such as https://app.example.com/finish; requests at the API name one of them exactly. Default: none but our own page.',
    sessions: 'How long sessions live.',
    tokens: 'API tokens: how many, and how long they live.',
    domainProof:
      'required: a connection speaks for its domains only once each is proven by its DNS TXT record (gatehouse domains check); advisory: what this file says counts, and the record is needed only where the upstream never says whether an email is verified. Default advisory.',
    linking:
      'Who may add further sign-in methods: any user; verified: only where both methods have the same proven email; none. The stricter rule of the two connections counts. Default any.',
    audit: 'What the audit log keeps.',
    supportUrl: 'Where people get help with signing in: an https:// or mailto: address. Default: none.',
    termsUrl: 'Terms of service, linked below the pages for signing in and up: an https URL. Default: none.',
    privacyUrl: 'Privacy policy, linked below the pages for signing in and up: an https URL. Default: none.',
    branding: 'How emails look.',
    notifications: 'Emails to users that can be turned off.',
    access: 'Users with the roles admin and developer. Every user is a member; operators are assigned by command only.',
    ssoOnly: 'Email domains whose users sign in by their connection alone. Default: none.',
    accounts: 'What users may do with their accounts.',
    mfa: 'Second factors: which users need one, and which kinds. Default: none is required; users may set them up.',
    passkeys: 'Signing in with a passkey alone, and the offer to create one.',
  },
)

/** Undefined when it is faulty; the faults are reported. */
export function readTenant(
  source: Source,
  fileId: string,
  providers: readonly Provider[],
  shared: Shared,
): Tenant | undefined {
  const { parts, whole } = parseParts(tenantSchema, source)
  if (parts.tenant !== undefined && parts.tenant !== fileId)
    report(
      source,
      ['tenant'],
      `must be ${keyText(fileId)}, as the file is called, or call the file ${parts.tenant}.yaml`,
    )
  const connections: ConnectionSettings[] = []
  for (const [[, id], given] of valuesAt(source, 'connections', '*')) {
    const settings = connectionOf({ source, id: String(id), given, providers, shared })
    if (settings !== null) connections.push(settings)
  }
  notePermissions(source, connections)
  noteDomains(source, connections, providers)
  if (whole === undefined) return undefined
  return {
    id: whole.tenant,
    name: whole.name,
    connections,
    returnOrigins: [...new Set(whole.returnOrigins)],
    ...(whole.mailLinks.length > 0 && { mailLinks: [...new Set(whole.mailLinks)] }),
    sessions: sessionPolicy(whole.sessions),
    tokens: tokenPolicy(whole.tokens),
    domainProof: whole.domainProof,
    ...(whole.linking !== 'any' && { linking: whole.linking }),
    auditRetentionSeconds: whole.audit.retention,
    supportUrl: whole.supportUrl,
    ...(whole.termsUrl !== undefined && { termsUrl: whole.termsUrl }),
    ...(whole.privacyUrl !== undefined && { privacyUrl: whole.privacyUrl }),
    ...(whole.branding.color !== undefined && { branding: { color: whole.branding.color } }),
    ...(!whole.notifications.newDevice && { notifications: { newDevice: false } }),
    access: accessPolicy(source, whole.access, connections),
    ...(whole.ssoOnly !== undefined && { ssoOnly: ssoOnlyPolicy(source, whole.ssoOnly, connections) }),
    accounts: accountPolicy(whole.accounts),
    ...(whole.mfa !== undefined && { mfa: mfaPolicy(whole.mfa) }),
    ...(whole.passkeys !== undefined && { passkeys: passkeyPolicy(whole.passkeys) }),
  }
}

function tokenPolicy({ max, maxLifetime, rotateAfter, confirmWithin }: z.output<typeof tokens>): TokenPolicy {
  const confirmWithinSeconds = confirmWithin === 'never' ? undefined : confirmWithin
  return { max, maxLifetimeSeconds: maxLifetime, rotateAfterSeconds: rotateAfter, confirmWithinSeconds }
}

function sessionPolicy(settings: z.output<typeof sessions>): SessionPolicy {
  const { lifetime, idleTimeout, tokenInQuery, tokenCookie, groupsFromOtherConnections: others } = settings
  return {
    lifetimeSeconds: lifetime,
    idleSeconds: idleTimeout ?? lifetime,
    tokenInQuery,
    ...(tokenCookie !== false && { tokenCookie: tokenCookie === true ? 'token' : tokenCookie }),
    ...(settings.crossSite && { crossSite: true }),
    ...(others !== 'never' && { groupsFromOthersSeconds: others }),
  }
}
