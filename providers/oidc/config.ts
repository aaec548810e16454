/** What a brand of OpenID Connect is made of, and what a tenant writes in YAML about its use of one. */
import { z } from 'zod'
import type { Brand } from '../../src/provider.ts'
import { type Secret, secretText } from '../../src/secret.ts'
import { isLoopbackHttp } from './discovery.ts'

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
}

export interface OidcConfig {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: Secret
  readonly scopes: readonly string[]
  readonly groupsClaim: string
  readonly prompt?: 'login' | 'select_account' | 'consent' | undefined
}

export function configOf(quirks: Quirks) {
  const scopes = quirks.scopes ?? ['openid', 'profile', 'email']
  return z
    .strictObject({
      issuer: z
        .string()
        .refine(isIssuer, 'must be an https URL (http only on localhost), without query and fragment')
        .describe(quirks.issuerSentence ?? 'Issuer URL of the upstream, exactly as it spells it itself. Required.'),
      clientId: z.string().min(1).describe('Client ID that the upstream gave to this connection. Required.'),
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
    })
    .readonly()
}

function isIssuer(value: string): boolean {
  if (!URL.canParse(value) || /[?#\s]/.test(value)) return false
  const { protocol, username, password } = new URL(value)
  return username === '' && password === '' && (protocol === 'https:' || isLoopbackHttp(value))
}
