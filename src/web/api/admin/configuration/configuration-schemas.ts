/** The JSON of `/api/v1/admin/configuration`. */
import { z } from 'zod'

const text = z.string()
const count = z.number().int()

const ConfigurationSetting = z.object({
  path: text.describe('Such as `connections.okta.issuer`.'),
  value: text.describe('Value as written; for a masked one, its origin.'),
  origin: z
    .enum(['written', 'masked', 'default'])
    .describe('`masked`: a secret, or filled in from a variable or a file. `default`: not in the file.'),
  line: count.optional().describe('Absent for a default.'),
})

const ConfigurationRemark = z.object({
  severity: z.enum(['fault', 'warning', 'note']).describe('`fault`: sign-ins fail for it.'),
  line: count,
  column: count,
  path: text,
  message: text,
})

const Configuration = z
  .object({
    file: text.describe('Relative to the folder of gatehouse.yaml.'),
    isChanged: z.boolean().describe('The file differs from what the process loaded: restart to apply it.'),
    settings: z.array(ConfigurationSetting).describe('Settings of the file as it is now.'),
    remarks: z.array(ConfigurationRemark).describe('Remarks of `gatehouse check` at the start.'),
  })
  .describe('A configuration file, without any secret.')

const TenantPage = z.object({
  tenants: z.array(
    z.object({
      id: text,
      name: text,
      connections: count.describe('How many.'),
      remarks: count.describe('Faults and warnings of its file.'),
    }),
  ),
  next: text.optional().describe('The `cursor` of the next page. Absent: there are no more tenants.'),
})

export const configurationSchemas = { Configuration, TenantPage } as const

export const tenantsQuery = z.strictObject({
  search: text.max(100).optional().describe('Part of the ID or the name.'),
  cursor: text.max(64).optional().describe('`next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(200).default(100).describe('At most this many tenants; 1 to 200.'),
})
