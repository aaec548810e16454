/** The schemas of the API by their names in the OpenAPI document and the SDK. */
import { accountSchemas } from './account/account-schemas.ts'
import { appSchemas } from './apps/app-schemas.ts'
import { auditSchemas } from './audit-schemas.ts'
import { roleSchemas } from './roles/role-schemas.ts'
import { sessionSchemas } from './sessions/session-schemas.ts'
import { reportedSchemas } from './tokens/reported-schemas.ts'
import { tokenSchemas } from './tokens/token-schemas.ts'

export const schemas = {
  ...sessionSchemas,
  ...accountSchemas,
  ...appSchemas,
  ...tokenSchemas,
  ...reportedSchemas,
  ...roleSchemas,
  ...auditSchemas,
} as const

/** File of src/sdk → the schemas whose types it has; `responses.ts` exports the other files too. */
export const sdkFiles = {
  'responses.ts': sessionSchemas,
  'account-responses.ts': accountSchemas,
  'app-responses.ts': appSchemas,
  'token-responses.ts': { ...tokenSchemas, ...reportedSchemas },
  'admin-responses.ts': roleSchemas,
  'audit-responses.ts': auditSchemas,
} as const
