/** The schemas of the API by their names in the OpenAPI document and the SDK. */

import { accountSchemas } from './account/account-schemas.ts'
import { ownAccountSchemas } from './account/own-account-schemas.ts'
import { adminAppSchemas } from './admin/apps/app-schemas.ts'
import { configurationSchemas } from './admin/configuration/configuration-schemas.ts'
import { connectionsSchemas } from './admin/connections/connections-schemas.ts'
import { keySchemas } from './admin/keys/key-schemas.ts'
import { overviewSchemas } from './admin/overview/overview-schemas.ts'
import { signInSchemas } from './admin/sign-ins/sign-in-schemas.ts'
import { adminUserSchemas } from './admin/users/user-schemas.ts'
import { appSchemas } from './apps/app-schemas.ts'
import { appUserSchemas } from './apps/app-user-schemas.ts'
import { auditSchemas } from './audit-schemas.ts'
import { factorSchemas } from './factors/factor-schemas.ts'
import { passkeySchemas } from './factors/passkey-schemas.ts'
import { roleSchemas } from './roles/role-schemas.ts'
import { sessionSchemas } from './sessions/session-schemas.ts'
import { reportedSchemas } from './tokens/reported-schemas.ts'
import { tokenSchemas } from './tokens/token-schemas.ts'

export const schemas = {
  ...sessionSchemas,
  ...accountSchemas,
  ...factorSchemas,
  ...passkeySchemas,
  ...ownAccountSchemas,
  ...appSchemas,
  ...appUserSchemas,
  ...tokenSchemas,
  ...reportedSchemas,
  ...roleSchemas,
  ...auditSchemas,
  ...overviewSchemas,
  ...connectionsSchemas,
  ...signInSchemas,
  ...keySchemas,
  ...adminUserSchemas,
  ...adminAppSchemas,
  ...configurationSchemas,
} as const

/** File of src/sdk → the schemas whose types it has; `responses.ts` exports the other files too. */
export const sdkFiles = {
  'responses.ts': sessionSchemas,
  'account/account-responses.ts': { ...accountSchemas, ...factorSchemas, ...passkeySchemas, ...ownAccountSchemas },
  'apps/app-responses.ts': appSchemas,
  'apps/app-user-responses.ts': appUserSchemas,
  'token-responses.ts': { ...tokenSchemas, ...reportedSchemas },
  'admin/role-responses.ts': roleSchemas,
  'admin/audit-responses.ts': auditSchemas,
  'admin/overview-responses.ts': overviewSchemas,
  'admin/connection-responses.ts': connectionsSchemas,
  'admin/sign-in-responses.ts': signInSchemas,
  'admin/key-responses.ts': keySchemas,
  'admin/user-responses.ts': adminUserSchemas,
  'admin/app-responses.ts': adminAppSchemas,
  'admin/configuration-responses.ts': configurationSchemas,
} as const
