/** `mfa:` of a tenant, and `mfaEvidence` of a connection. */
import { z } from 'zod'
import { defaultMfaPolicy, type EvidenceRule, enrollableMethods, type MfaPolicy } from '../../tenant.ts'
import { day } from '../schema/day.ts'
import { duration } from '../schema/duration.ts'
import { options } from '../schema/shape.ts'

const roles = options(
  { roles: z.array(z.enum(['operator', 'admin', 'developer', 'member'])).min(1) },
  { roles: 'Roles whose users need a second factor: operator, admin, developer, member. Required.' },
)

const recovery = options(
  { delay: z.union([z.literal('off'), duration('1h', '30d')]) },
  {
    delay:
      'How long a recovery waits, in which every address of the user can cancel it: 1h to 30d; or off: only admins reset second factors. Default 24h.',
  },
)

export const mfaSchema = options(
  {
    required: z.union([z.enum(['none', 'all']), roles]).default('none'),
    methods: z
      .array(z.enum(enrollableMethods))
      .min(1)
      .default([...enrollableMethods]),
    graceUntil: day.exactOptional(),
    rememberDevices: z.union([z.literal('never'), duration('1h', '365d')]).prefault('30d'),
    recovery: recovery.exactOptional(),
  },
  {
    required:
      'Who needs a second factor to sign in: none, all, or a map of roles, such as roles: [admin, developer]. Users whose identity provider proved one are not asked again. Default none.',
    methods: 'What users may set up and use: passkey, totp (an authenticator app). Default: both.',
    graceUntil:
      'A day, such as 2026-12-31: before it (UTC), users without a second factor see a notice and may postpone the setup. Default: no postponing.',
    rememberDevices:
      'How long a browser is remembered in which the user asks for it, so that sign-in needs no second factor there; 1h to 365d, or never. Default 30d.',
    recovery: 'How users recover who lost their second factors. Default: after a day.',
  },
)

export function mfaPolicy(given: z.output<typeof mfaSchema>): MfaPolicy {
  const { required, methods, graceUntil, rememberDevices, recovery: recoveryPolicy } = given
  return {
    required,
    methods: defaultMfaPolicy.methods.filter((method) => methods.includes(method)),
    ...(graceUntil !== undefined && { graceUntil }),
    rememberSeconds: rememberDevices === 'never' ? 0 : rememberDevices,
    ...(recoveryPolicy !== undefined && {
      recoveryDelaySeconds: recoveryPolicy.delay === 'off' ? 0 : recoveryPolicy.delay,
    }),
  }
}

const values = z.array(z.string().min(1).max(256)).max(50)

export const evidenceRule: z.ZodType<EvidenceRule> = z.union([
  z.literal('none'),
  options(
    { acr: values.exactOptional(), amr: values.exactOptional() },
    {
      acr: 'Authentication contexts, any of which suffices. Default: the well-known ones.',
      amr: 'Authentication methods (RFC 8176), any of which suffices. Default: mfa, or two kinds, as pwd and otp.',
    },
  ),
])
