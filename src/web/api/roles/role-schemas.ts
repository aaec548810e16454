/** The JSON of roles in `/api/v1`. */
import { z } from 'zod'
import { roleNames } from '../../../broker/access/permission.ts'

const text = z.string()

const RoleSource = z
  .object({
    kind: z
      .enum(['default', 'everyone', 'email', 'group', 'assignment'])
      .describe("`default`: every user is a member. `everyone`, `email`, `group`: `access` of the tenant's YAML file."),
    email: text.optional(),
    group: text.optional(),
    connection: text.optional().describe('The connection that supplied the group.'),
    assignedBy: text.optional().describe('ID of a user, or `cli`.'),
    assignedAt: z.string().meta({ format: 'date-time' }).optional(),
  })
  .describe('Source of a role.')

const RoleList = z.object({
  roles: z
    .array(z.object({ role: z.enum(roleNames), source: RoleSource }))
    .describe('Roles, most powerful first. A role appears once for each of its sources.'),
})

export const roleSchemas = { RoleList } as const
