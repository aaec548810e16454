/** What a brand of OpenID Connect is made of, and what a tenant writes in YAML about its use of one. */
import { z } from 'zod'
import type { Brand, LogoutName, LogoutNotice, LogoutOrder } from '../../src/provider.ts'
import { fillable, plainText, type Secret, secretText } from '../../src/secret.ts'
import { isLoopbackHttp } from './discovery.ts'
import type { RequiredEvidence } from './evidence.ts'
import type { Upstream } from './upstream.ts'

/** What makes one brand of OpenID Connect different from another. */
export interface Quirks {
  readonly kind: string
  readonly brand: Brand
  /** A sentence with an example, for the schema and the editor. */
  readonly issuerSentence?: string
  /** Default ['openid', 'profile', 'email']. */
  readonly scopes?: readonly string[]
  readonly scopesSentence?: string
  /** The claim that holds the names of a person's groups. Default 'groups'. */
  readonly groupsClaim?: string
  /** Sent along to the authorization endpoint. */
  readonly authorizationParameters?: Readonly<Record<string, string>>
  /** What a connection says unless its YAML does: see `OidcConfig`. Default false. */
  readonly tellsSignInTime?: boolean
  /** Ways to end sessions besides back-channel logout tokens; one judge for each connection. */
  readonly revocations?: {
    readonly way: LogoutNotice['way']
    readonly names: readonly LogoutName[]
    open(upstream: Upstream): (notice: LogoutNotice) => Promise<LogoutOrder>
  }
}

export interface OidcConfig extends RequiredEvidence {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: Secret
  readonly scopes: readonly string[]
  readonly groupsClaim: string
  readonly prompt?: 'login' | 'select_account' | 'consent' | undefined
  /** The upstream always tells `auth_time` when it is asked for a new sign-in; without it such a login fails. */
  readonly tellsSignInTime: boolean
  /** Signing out here ends the upstream's session too. */
  readonly endUpstreamSession: boolean
  /** The upstream may end our sessions, which are indexed for that. */
  readonly receiveLogouts: boolean
  /** Client ids of native apps whose ID tokens may be exchanged for a session. */
  readonly audiences: readonly string[]
}

const name = z.string().regex(/^[\x21-\x7e]+$/, 'must be a name without spaces')
const names = z.array(name).max(50).default([])
const clientIds = z.array(fillable(name)).max(50).default([])

export function configOf(quirks: Quirks) {
  const scopes = quirks.scopes ?? ['openid', 'profile', 'email']
  return z
    .strictObject({
      issuer: fillable(z.string())
        .refine(isIssuer, 'must be an https URL (http only on localhost), without query and fragment')
        .describe(quirks.issuerSentence ?? 'Issuer URL of the upstream, exactly as it spells it itself. Required.'),
      clientId: plainText.describe('Client ID that the upstream gave to this connection. Required.'),
      clientSecret: secretText.describe(
        'Client secret that belongs to it, as an environment variable or file: reference. Required.',
      ),
      scopes: z
        .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope name without spaces'))
        .refine((names) => names.includes('openid'), 'must contain openid')
        .default([...scopes])
        .describe(`${quirks.scopesSentence ?? 'What is asked of the upstream.'} Default: ${scopes.join(', ')}.`),
      groupsClaim: z
        .string()
        .min(1)
        .default(quirks.groupsClaim ?? 'groups')
        .describe(`Claim that lists the names of a person's groups. Default: ${quirks.groupsClaim ?? 'groups'}.`),
      prompt: z
        .enum(['login', 'select_account', 'consent'])
        .optional()
        .describe('What the upstream shows although it knows the person already. Default: it decides.'),
      requiredAcr: names.describe(
        'Authentication contexts (acr) of which the upstream must confirm one; they are asked for too. Default: none.',
      ),
      requiredAmr: names.describe(
        'Authentication methods (amr, RFC 8176) that the upstream must confirm, all of them, such as mfa. Default: none.',
      ),
      tellsSignInTime: z
        .boolean()
        .default(quirks.tellsSignInTime ?? false)
        .describe(
          `The upstream always says in auth_time when the person signed in; a sign-in asked for anew is refused without it. Default ${quirks.tellsSignInTime ?? false}.`,
        ),
      endUpstreamSession: z
        .boolean()
        .default(false)
        .describe(
          'Signing out here signs out of the upstream too, where it has an end_session_endpoint. Default false.',
        ),
      receiveLogouts: z
        .boolean()
        .default(true)
        .describe(
          'The upstream may end sessions here by back-channel logout; costs a small index entry a session. Default true.',
        ),
      audiences: clientIds.describe(
        'Client IDs of native apps whose ID tokens of this upstream may be exchanged for a session. Default: none.',
      ),
    })
    .readonly()
}

function isIssuer(value: string): boolean {
  if (!URL.canParse(value) || /[?#\s]/.test(value)) return false
  const { protocol, username, password } = new URL(value)
  return username === '' && password === '' && (protocol === 'https:' || isLoopbackHttp(value))
}
