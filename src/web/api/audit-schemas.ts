/** The JSON of `/api/v1/audit`. */
import { z } from 'zod'
import { type AuditAction, auditActions } from '../../broker/audit/actions.ts'
import { instant } from './period.ts'

const time = z.string().meta({ format: 'date-time' })
const text = z.string()
const values = z.record(text, z.unknown())

const AuditEvent = z
  .object({
    id: text,
    at: time,
    tenant: text,
    action: text.describe('Such as `sign_in.succeeded`; docs/operations/audit.md lists all.'),
    actor: text.describe('A user ID, `app:<id>`, `connection:<id>`, `cli`, `system` or `unknown`.'),
    target: text.describe('Changed object: the ID of a user or an app, or `connection:<id>`.'),
    address: text.optional().describe('IP address of the request.'),
    agent: text.optional().describe('User-Agent of the request.'),
    before: values.optional().describe('Changed settings, as they were. Never a secret.'),
    after: values.optional().describe('The same settings, as they are.'),
    details: z.record(text, text),
  })
  .describe('Event with actor, action, target, time and origin.')

const AuditPage = z.object({
  events: z.array(AuditEvent),
  next: text.optional().describe('The `cursor` of the next page. Absent: there are no more events.'),
})

export const auditSchemas = { AuditEvent, AuditPage } as const

const actionNames = Object.keys(auditActions) as readonly AuditAction[]

export const auditQuery = z.strictObject({
  user: text.min(1).max(128).optional().describe('Only events whose actor or target has this ID.'),
  action: z.enum(actionNames).optional().describe('Only events of this action.'),
  since: instant.optional().describe('Only events of this time or later.'),
  until: instant.optional().describe('Only events before this time.'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('At most this many events; 1 to 200.'),
  cursor: text.max(200).optional().describe('`next` of the page before.'),
  tenant: text
    .min(1)
    .max(64)
    .optional()
    .describe('For operators: another tenant than their own, or `*`: events of the deployment.'),
})
