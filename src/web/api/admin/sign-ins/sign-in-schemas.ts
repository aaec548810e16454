/** The JSON of `/api/v1/admin/sign-ins`. */
import { z } from 'zod'
import { type ErrorCode, errorTable } from '../../../../errors.ts'
import { linkLifetimeNames } from '../../../admin/sign-ins/link-lifetimes.ts'
import { instant } from '../../period.ts'

const time = z.string().meta({ format: 'date-time' })
const text = z.string()
const fixer = z.enum(['user', 'tenant admin', 'app developer', 'operator'])
const outcome = z.enum(['started', 'signed in', 'refused', 'sessions ended'])

const signIn = {
  reference: text.describe('Reference that error pages show.'),
  tenant: text,
  connection: text,
  startedAt: time,
  outcome: outcome.describe('`started`: the user has not come back from the upstream.'),
  title: text.describe('Event in plain words.'),
  fix: text.optional().describe('Change that fixes the cause, and its place.'),
  fixer: fixer.optional().describe('Person who can fix the cause.'),
  code: text.optional().describe('The error code of a refusal; docs/reference/errors.md lists all.'),
  cause: text.optional().describe('Groups refusals: the code, then the failed check or step.'),
  email: text.optional().describe('Email as typed, as hinted by the app, or of the identity.'),
  userId: text.optional(),
  app: text.optional().describe('ID of the app that asked for the sign-in.'),
}

const SignIn = z.object(signIn).describe('One sign-in, without its steps.')

const SignInPage = z.object({
  signIns: z.array(SignIn),
  next: text.optional().describe('The `cursor` of the next page. Absent: there are no more.'),
})

const SignInStep = z.object({
  name: text,
  atMs: z.number().describe('Milliseconds after the start of the sign-in.'),
  tookMs: z.number(),
  note: text.optional().describe('Why it failed.'),
  checks: z.array(z.object({ name: text, ok: z.boolean(), expected: text.optional(), got: text.optional() })),
})

const SignInTrace = z
  .object({
    ...signIn,
    setupGuide: text.optional().describe('File and section that explain failures of the provider.'),
    reasons: z.array(text).describe('Reasons for the choice of the user.'),
    steps: z.array(SignInStep),
  })
  .describe('One sign-in with its steps and checks.')

const SignInFailures = z.object({
  failures: z.array(
    z.object({
      tenant: text.describe('`*`: of all tenants together.'),
      connection: text.describe('`*`: of all tenants together.'),
      cause: text,
      code: text,
      title: text,
      fix: text,
      fixer,
      count: z.number(),
      firstAt: time,
      lastAt: time,
      lastReference: text.describe('Reference of the last sign-in.'),
    }),
  ),
})

const NewSharedLink = z.object({
  lifetime: z.enum(linkLifetimeNames).default('24h').describe('How long the link works.'),
})

const SharedLink = z.object({
  url: text.describe('Shows the trace without a sign-in and without personal data. Given only once.'),
  expiresAt: time,
})

export const signInSchemas = { SignIn, SignInPage, SignInTrace, SignInFailures, NewSharedLink, SharedLink } as const

const id = text.min(1).max(254).optional()
const codes = Object.keys(errorTable) as readonly ErrorCode[]

const span = {
  tenant: text.min(1).max(64).optional().describe('For operators: only this tenant. Default: all.'),
  connection: id.describe('Only of this connection.'),
  since: instant.optional().describe('Only of this time or later.'),
  until: instant.optional().describe('Only before this time.'),
}

export const signInsQuery = z.strictObject({
  ...span,
  email: id.describe('Only with this email.'),
  user: id.describe('Only of the user with this ID.'),
  app: id.describe('Only for the app with this ID.'),
  code: z.enum(codes).optional().describe('Only with this error code.'),
  cause: id.describe('Only with this cause.'),
  outcome: outcome.optional().describe('Only with this outcome.'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('At most this many; 1 to 200.'),
  cursor: text.max(200).optional().describe('`next` of the page before.'),
})

export const failuresQuery = z.strictObject({
  ...span,
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('At most this many causes; 1 to 200.'),
})
