/** The JSON of `/api/v1/admin/connections`. */
import { z } from 'zod'
import { stateNames } from '../../../../broker/health/connection-state.ts'
import { setupLinkLifetimeNames } from '../../../../broker/health/setup-link.ts'

const time = (description: string) => z.iso.datetime().describe(description)
const state = z.enum(stateNames)
const fixer = z.enum(['user', 'tenant admin', 'app developer', 'operator'])

const Finding = z
  .object({
    state: state.describe('State that this problem alone gives the connection.'),
    cause: z.string().describe('Stable text: an error code and the failed check, such as `upstream_invalid: iat`.'),
    title: z.string(),
    fix: z.string(),
    fixer: fixer.describe('Person who can fix the problem.'),
    since: time('Since when.').optional(),
    source: z.enum(['probe', 'sign-ins', 'configuration']).describe('Source that showed the problem.'),
    evidence: z.string(),
    reference: z.string().optional().describe('Reference of the trace of a failed sign-in.'),
  })
  .meta({ description: 'Problem of a connection with its fix.' })

const HealthCheck = z.object({
  name: z.string(),
  ok: z.boolean(),
  detail: z.string(),
  warning: z.literal(true).optional().describe('The connection works, but an admin should act.'),
  fixer: fixer.optional(),
  cause: z.string().optional(),
  tookMs: z.number().optional(),
})

const Probe = z
  .object({
    status: z.enum(['up', 'degraded', 'down']),
    checks: z.array(HealthCheck),
    checkedAt: time('When it was probed.'),
    changedAt: time('Since when status and failed checks are what they are.'),
    tookMs: z.number(),
    probedBy: z.string().describe('ID of the process that probed.'),
    isStale: z.boolean().describe('No process has probed it for three intervals.'),
  })
  .meta({ description: 'The last probe of a connection, by any process.' })

const ConnectionState = z
  .object({
    tenant: z.string(),
    connection: z.string(),
    kind: z.string(),
    label: z.string().describe('Name of the identity provider.'),
    state,
    findings: z.array(Finding).describe('All that is wrong, the worst first.'),
    lastSignInAt: time('Last successful sign-in.').optional(),
    lastFailure: z.object({ at: time('When.'), cause: z.string(), reference: z.string() }).optional(),
    probe: Probe.optional().describe('Absent before the first probe.'),
  })
  .meta({ description: 'A connection with its state.' })

const ConnectionStatePage = z
  .object({
    connections: z.array(ConnectionState),
    readAt: time('When the states were read: for all of very many tenants, up to 30 seconds ago.'),
    next: z.string().optional().describe('Cursor of the next page. Absent on the last.'),
  })
  .meta({ description: 'One page of connections, the worst first, then by tenant.' })

const outcomes = z.object({ signedIn: z.number(), refused: z.number() })
const quantiles = z.object({ p50: z.number(), p95: z.number() })

const ConnectionDetail = ConnectionState.extend({
  signIns: z
    .object({
      hour: outcomes,
      day: outcomes,
      steps: z
        .array(z.object({ step: z.string(), hour: quantiles.optional(), day: quantiles.optional() }))
        .describe('Milliseconds of each step, the slowest first.'),
      failures: z
        .array(
          z.object({
            cause: z.string(),
            fixer,
            count: z.number(),
            lastAt: time('The last one.'),
            lastReference: z.string(),
          }),
        )
        .describe('Failures of the last day, most frequent first.'),
    })
    .optional()
    .describe('Absent while the store of sign-ins is unavailable.'),
  expiries: z
    .array(z.object({ kind: z.string(), name: z.string(), expiresAt: time('When it expires.') }))
    .describe('Client secret, certificates and metadata, the soonest first.'),
  urls: z
    .array(z.object({ name: z.string().describe("In the vendor's words."), url: z.string() }))
    .describe('URLs to register at the upstream.'),
  setupLink: z
    .object({ createdBy: z.string().describe('ID of the user, or `cli`.'), expiresAt: time('When it expires.') })
    .optional()
    .describe('The link to the setup page, if there is one. Its URL is stored nowhere.'),
}).meta({ description: 'A connection with its figures and what to register at the upstream.' })

const NewSetupLink = z
  .strictObject({
    lifetime: z.enum(setupLinkLifetimeNames).default('7d').describe('How long the link works. Default `7d`.'),
  })
  .meta({ description: 'A link to create to the setup page of a connection.' })

const SetupLink = z
  .object({ url: z.string().describe('URL of the link, in this response only.'), expiresAt: time('When it expires.') })
  .meta({ description: 'A link to the setup page of a connection, which works without a sign-in.' })

export const connectionsSchemas = {
  ConnectionState,
  ConnectionStatePage,
  ConnectionDetail,
  NewSetupLink,
  SetupLink,
} as const

export const connectionsQuery = z.strictObject({
  tenant: z.string().max(64).optional().describe('For operators: only this tenant. Default: all.'),
  state: state.optional().describe('Only connections in this state.'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Default 50.'),
  cursor: z.string().max(300).optional().describe('`next` of an earlier page.'),
})

export const connectionParams = z.object({
  tenant: z.string().max(64).describe('ID of the tenant.'),
  connection: z.string().max(64).describe('ID of the connection.'),
})
